"""The console: one page, the news of it, and the one door of its acts."""

from functools import lru_cache
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from law.findings import Finding
from live import access, board, door, reading, refresh
from live.board.gestures import tables
from live.board.lines import Notes
from live.board.roll import Person, Roll
from live.models import Press
from meetings.forms import BallotForm, DebateForm, ElectionForm, MajorityMixin
from meetings.models import Meeting
from members.access import posts, reads

# --- Regions ----------------------------------------------------------------------------------

REGIONS = {
    "header": "live/_console_header.html",
    "item": "live/_console_item.html",
    "agenda": "live/_console_agenda.html",
    "ledger": "live/_console_ledger.html",
    "bar": "live/_console_bar.html",
    "notes": "live/_console_notes.html",
    "roll": "live/_console_roll.html",
}


def draw(shown: board.Board) -> dict[str, SafeString]:
    """The HTML of each region. A region is drawn again only when what it shows has changed."""
    return {name: _drawn(name, part) for name, part in shown.parts.items()}


@lru_cache(maxsize=128)
def _drawn(name: str, part: object) -> SafeString:
    # A region is the same for everybody: autosave.js puts the token of the cookie in its form.
    context: dict[str, object] = {"it": part, "csrf_token": "cookie"}
    if isinstance(part, Roll):
        context["columns"] = [
            (column, mark_safe("".join(map(_cell, column.people))))  # noqa: S308 drawn by Django
            for column in part.columns
        ]
    elif isinstance(part, Notes):
        context["form"] = DebateForm(initial={"text": part.text, "version": part.version})
    return render_to_string(REGIONS[name], context)


@lru_cache(maxsize=4096)
def _cell(person: Person) -> SafeString:
    """One person of the roll: a vote changes one of them, not three hundred."""
    return render_to_string("live/_console_person.html", {"it": person})


def _news(meeting: Meeting, stamp: int) -> dict[str, object]:
    """What the console shows at this stamp, drawn once for every console of this process;
    `meeting` as it was read at this stamp or since."""

    def build() -> dict[str, object]:
        return {"stamp": stamp, "regions": draw(board.of(meeting))}

    return refresh.cached("console", meeting.pk, stamp, build)


# --- Pages ------------------------------------------------------------------------------------


@reads
def console(request: HttpRequest, pk: int) -> HttpResponse:
    """The screen with which one person carries the whole sitting."""
    meeting = access.get_console(request, pk)
    shown = board.of(meeting)
    now = timezone.now()
    equipment = getattr(meeting, "equipment", None)
    return render(
        request,
        "live/console.html",
        {
            "meeting": meeting,
            "board": shown,
            "regions": draw(shown),
            "tables": tables(),
            "now": int(now.timestamp()),
            "hour": f"{timezone.localtime(now):%H:%M}",
            "debate": DebateForm(),
            "election": ElectionForm(state=reading.state(meeting), item=""),
            "majority": MajorityMixin(),
            "counts": [(choice.value, words) for choice, words in BallotForm.COUNTS],
            "has_tablets": equipment is not None and equipment.tablets,
        },
    )


@require_GET
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed, for a console that asks each second: one query when nothing did."""
    viewer = refresh.viewer_of(request, "console")
    unchanged = refresh.unchanged(request, pk, viewer=viewer)
    return unchanged if unchanged is not None else _state(request, pk)


@login_required
def _state(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = access.get_console(request, pk)
    return refresh.marked(request, JsonResponse(_news(meeting, request.live_stamp)))


@posts
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One act under its key, and the screen that follows from it. 409: refused, nothing done."""
    meeting = access.get_console(request, pk)
    key = _uuid(request.POST.get("key", ""))
    if key is None:
        return JsonResponse(_without_key().as_json(), status=422)
    reply = door.perform(
        meeting,
        key=key,
        verb=request.POST.get("verb", ""),
        data=request.POST,
        by=request.user,
        at=reading.wall_clock(),
    )
    news = _news(meeting, meeting.stamp)
    return JsonResponse(reply.as_json() | news, status=200 if reply.ok else 409)


@reads
def act_done(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """Whether the act of this key was done, for a console that got no answer."""
    meeting = access.get_console(request, pk)
    done = Press.objects.filter(meeting=meeting, key=key).order_by("pk").first()
    return JsonResponse({"done": done is not None, "reply": done.reply if done else None})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _without_key() -> door.Reply:
    finding = Finding(
        code="sans_cle",
        message="Cette action n’a pas de clé\u00a0: rien n’a été fait.",
        remedy="Rechargez la page et recommencez.",
        field="key",
    )
    return door.Reply(ok=False, message=finding.message, findings=(finding,))
