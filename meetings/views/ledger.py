"""What was told, line by line, and what is cancelled of it."""

from collections.abc import Sequence
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from law import codec, sitting, wording
from law.findings import Refused
from meetings import access, reading
from meetings.actions import ledger
from meetings.views import shared
from members.access import CLERKS, edits, has_role, reads


@reads
def show_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line ever told, voided ones struck through, the latest first; or else (`liste=gestes`)
    what the secretariat did to prepare the sitting, which no line tells."""
    meeting = access.get_meeting(request, pk)
    if not has_role(request.user, meeting.organisation, *CLERKS):
        raise PermissionDenied
    may_write = access.can_write(request.user, meeting)
    if request.GET.get("liste") == "gestes":
        page = Paginator(meeting.deeds.select_related("by"), 100).get_page(request.GET.get("page"))
        context = {"meeting": meeting, "may_write": may_write, "page_obj": page}
        return render(request, "meetings/deeds.html", context)
    page = Paginator(meeting.events.select_related("recorded_by").order_by("-seq"), 100).get_page(
        request.GET.get("page")
    )
    standing = {event.seq: event for event in sitting.standing_events(meeting.ledger)}
    loose = {
        row.seq for row in page if not isinstance(standing.get(row.seq), sitting.Composed | None)
    }
    held = ledger.held_fast(meeting, loose) if may_write else ()
    telling, lines = reading.telling(meeting), []
    for row in page:
        event = codec.load(row.kind, row.seq, row.payload)
        lines.append(
            {
                "row": row,
                "event": event,
                "title": wording.title(event),
                "summary": telling.line(event),
                "stands": row.seq in standing or isinstance(event, sitting.Voided),
                "may_void": row.seq in loose,
                "is_held": row.seq in held,
            }
        )
    context = {
        "meeting": meeting,
        "groups": _grouped(lines),
        "page_obj": page,
        "may_write": may_write,
    }
    return render(request, "meetings/ledger.html", context)


_MANY = 3  # from which what was noted alike in one breath is folded


def _grouped(lines: Sequence[dict]) -> list[list[dict]]:
    """Each line alone, but who was pointed at the roll call, one name after the other, together."""
    groups: list[list[dict]] = []
    for title, found in groupby(lines, key=_of_roll):
        told = list(found)
        groups += [told] if title and len(told) >= _MANY else [[line] for line in told]
    return groups


def _of_roll(line: dict) -> str:
    event = line["event"]
    is_one = isinstance(event, sitting.Arrived | sitting.Excused) and line["stands"]
    return line["title"] if is_one and not sitting.is_in_its_course(event) else ""


@edits
def void(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """Cancel a line: first what would change, then the reason, then the act."""
    meeting = access.get_meeting(request, pk, to="write")
    event = next((e for e in meeting.ledger if e.seq == seq), None)
    if event is None or isinstance(event, sitting.Composed):
        raise Http404
    held = ledger.why_held(meeting, seq)
    context = {
        "meeting": meeting,
        "findings": held,
        "is_held": bool(held),
        "event": event,
        "title": wording.title(event),
        "summary": reading.telling(meeting).line(event),
        "changes": reading.changes(meeting, sitting.Voided(target=seq)),
    }
    if request.method == "POST":
        try:
            findings = ledger.void(
                meeting, seq=seq, reason=request.POST.get("reason", "")[:300], by=request.user
            )
        except Refused as refusal:
            context["findings"] = refusal.findings
            return render(request, "meetings/void.html", context, status=409)
        shared.warn(request, findings)
        messages.success(request, "La ligne est annulée ; le registre garde les deux.")
        back = request.POST.get("next", "")
        safe = {"attendance": "meetings:attendance", "agenda": "meetings:agenda"}.get(
            back, "meetings:ledger"
        )
        return redirect(safe, meeting.pk)
    context["next"] = request.GET.get("next", "")
    return render(request, "meetings/void.html", context)
