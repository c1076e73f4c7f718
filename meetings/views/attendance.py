"""Who was there: the roll, the conduct, movements."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from law import assembly, sitting
from law.findings import Finding, Refused, Severity
from meetings import access, composition, reading
from meetings.actions import attendance, conduct, ledger
from meetings.forms import ConductForm, MovementForm
from meetings.models import Meeting
from meetings.views import shared
from members.access import edits, posted, posts, reads


def _attendance_context(meeting: Meeting, *, corrects: bool = True, **extra) -> dict:
    """`corrects`: whether one points, or only reads what was noted of a roll that is over."""
    state, movements = meeting.sitting.at_end, reading.movements(meeting)
    live = meeting.ledger and isinstance(meeting.ledger[0], sitting.Composed)
    today = composition.of(meeting.body, meeting.held_on) if live else None
    columns = extra.pop("columns", None) or reading.roll(meeting)
    # Once it was held with its quorum the roll is over: who was forgotten is pointed alone.
    quorum = reading.quorum_at_opening(meeting)
    is_called = reading.is_called(meeting)
    seats = [row.member.capacity for column in columns for row in column.rows]
    return {
        "meeting": meeting,
        "columns": columns,
        "substitutes": seats.count(assembly.Capacity.SUBSTITUTE),
        "quorum": quorum,
        "later": reading.since_opening(meeting),
        "state": state,
        "conduct": ConductForm(meeting=meeting),
        "movements": movements,
        "held": ledger.held_fast(meeting, [each["seq"] for each in movements]),
        "movement_groups": [
            (title, [(kind, MovementForm.KINDS[kind]) for kind in kinds])
            for title, kinds in MovementForm.GROUPS
        ],
        # Of a day to come nobody is offered to be pointed by the whole.
        "may_point_all": (meeting.held_on <= timezone.localdate() or bool(state.room))
        and not any(reading.roll_over(meeting))
        and bool(reading.unpointed(columns)),
        "is_called": is_called,
        "is_over": is_called and bool(quorum.present),
        "is_read": is_called and bool(quorum.present) and not corrects,
        "is_to_come": meeting.held_on > timezone.localdate() and not meeting.ledger,
        "is_recomposed": today is not None and _is_other(today, meeting.basis),
        "may_write": True,
    } | extra


def _is_other(today: sitting.Composed, basis: sitting.Composed) -> bool:
    return (today.composition, today.regime) != (basis.composition, basis.regime)


CORRECT = "corriger"


@reads
def show_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """The roll by constituency, the quorum that explains itself, who chairs, what moves; of a
    sitting that is over, what was noted, until one asks to correct it."""
    meeting = access.get_meeting(request, pk, to="write")
    context = _attendance_context(meeting, corrects=CORRECT in request.GET)
    return render(request, "meetings/attendance.html", context)


def _attendance_answer(
    request: HttpRequest, meeting: Meeting, *, status: int = 200, **extra
) -> HttpResponse:
    """The changed part of the page for htmx, the page itself otherwise."""
    if request.htmx:
        context = _attendance_context(meeting, **extra)
        return render(request, "meetings/_attendance.html", context, status=status)
    if status == 200:
        asked = f"?{CORRECT}=1" if meeting.sitting.at_end.closed_at else ""
        return redirect(f"{reverse('meetings:attendance', args=[meeting.pk])}{asked}")
    context = _attendance_context(meeting, **extra)
    return render(request, "meetings/attendance.html", context, status=status)


@posts
def point_roll(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: this person (or everybody at once) was present, excused or absent."""
    meeting = access.get_meeting(request, pk, to="write")
    standing = request.POST.get("standing", "")
    members = meeting.basis.composition
    is_whole = request.POST.get("member") == "tous"
    away = request.POST.get("away", "").split()
    if is_whole:
        chosen = [key for key in reading.unpointed(reading.roll(meeting)) if key not in away]
        if not chosen:  # by another window, or before the page was read again
            told = Finding(
                code="appel", message="Chacun est déjà pointé.", severity=Severity.WARNING
            )
            return _attendance_answer(request, meeting, findings=(told,))
    else:
        chosen = [request.POST.get("member", "")]
    offered = {"present"} if is_whole else {"present", "excuse", "absent"}
    if standing not in offered or any(k not in members for k in chosen):
        finding = Finding(
            code="appel", message="Cette personne ou cet état n’est pas dans la composition."
        )
        return _attendance_answer(request, meeting, status=422, findings=(finding,))
    if standing == "present" and not meeting.sitting.at_end.room:
        sure = request.POST.get("sure", "").split()
        if doubt := next((each for each in _doubts(meeting) if each.code not in sure), None):
            asked = {"member": request.POST["member"], "standing": standing}
            if is_whole:
                asked["away"] = " ".join(key for key in away if key in members)
            asked["sure"] = " ".join((*sure, doubt.code))
            told = {"findings": (doubt,), "asked": asked, "answer": _ANYWAY[doubt.code]}
            return _attendance_answer(request, meeting, status=409, **told)
    try:
        if is_whole:
            warnings = attendance.point_all(meeting, besides=away, by=request.user)
        else:
            standings = dict.fromkeys(chosen, standing)
            warnings = attendance.set_roll(meeting, standings=standings, by=request.user)
    except Refused as refusal:
        return _attendance_answer(request, meeting, status=409, findings=refusal.findings)
    if not request.htmx:
        shared.warn(request, warnings)  # told after the redirection
    columns = reading.roll(meeting, is_begun=True)
    return _attendance_answer(request, meeting, findings=warnings, columns=columns)


def _doubts(meeting: Meeting) -> Iterator[Finding]:
    """What is asked, one thing at a time, before anybody is pointed ahead of the hour."""
    at = timezone.localtime().replace(tzinfo=None)
    if early := tuple(reading.too_early(meeting, at)):
        yield from (*early, *reading.unconvened(meeting, at))


_ANYWAY = {
    "seance_a_venir": "Pointer avant l’heure",
    "ouverture_sans_convocation": "Pointer sans convocation",
}


@posts
def save_conduct(request: HttpRequest, pk: int) -> HttpResponse:
    """Chair, clerks, opening and closing."""
    meeting = access.get_meeting(request, pk, to="write")
    form = ConductForm(request.POST, meeting=meeting)
    if form.is_valid() and (doubt := _unconvened(meeting, form)):
        told = {"conduct": form, "findings": (doubt,), "opens_anyway": True}
        return render(
            request, "meetings/attendance.html", _attendance_context(meeting, **told), status=409
        )
    if form.does(lambda: conduct.set_conduct(meeting, **form.values(), by=request.user)):
        shared.warn(request, form.done)
        messages.success(request, "La conduite de la séance est enregistrée.")
        return redirect("meetings:attendance", meeting.pk)
    context = _attendance_context(meeting, conduct=form)
    return render(request, "meetings/attendance.html", context, status=422)


def _unconvened(meeting: Meeting, form: ConductForm) -> Finding | None:
    """That the hour just told opens a sitting to which nobody was convened, until one says that it
    is so: the console asks the same."""
    opens = form.cleaned_data["opened_at"] and meeting.sitting.at_end.opened_at is None
    if not opens or "open_anyway" in form.data:
        return None
    return next(reading.unconvened(meeting, timezone.localtime().replace(tzinfo=None)), None)


@edits
def movement(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Tell one movement: arrival, departure, proxy, withdrawal, suspension, huis clos…"""
    meeting = access.get_meeting(request, pk, to="write")
    if kind not in MovementForm.KINDS:
        raise Http404
    form = MovementForm(posted(request), meeting=meeting, kind=kind)
    if form.does(lambda: attendance.tell(meeting, form.event(), by=request.user)):
        shared.warn(request, form.done)
        messages.success(request, "C’est noté au registre de la séance.")
        return redirect("meetings:attendance", meeting.pk)
    return _movement_page(request, form)


def _movement_page(request: HttpRequest, form: MovementForm) -> HttpResponse:
    context = {
        "meeting": form.meeting,
        "form": form,
        "kind": form.kind,
        "kinds": MovementForm.KINDS,
        "what": MovementForm.KINDS[form.kind],
    }
    return render(request, "meetings/movement.html", context, status=422 if form.is_bound else 200)


@reads
def hours(request: HttpRequest, pk: int, member: str) -> HttpResponse:
    """Shortcut from a name of the roll to the arrival or departure of that person."""
    meeting = access.get_meeting(request, pk, to="write")
    if member not in meeting.basis.composition:
        raise Http404
    row = next(
        row for column in reading.roll(meeting) for row in column.rows if row.member.key == member
    )
    kind = request.GET.get("mouvement", "left" if row.pointed == "present" else "arrived")
    if kind not in {"arrived", "left"}:
        raise Http404
    form = MovementForm(meeting=meeting, kind=kind, initial={"member": member})
    return _movement_page(request, form)


@edits
def recompose(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up the composition as the mandates tell it today, after one was corrected; first what
    that would change."""
    meeting = access.get_meeting(request, pk, to="write")
    refused: tuple[Finding, ...] = ()
    if request.method == "POST":
        try:
            shared.warn(request, attendance.recompose(meeting, by=request.user))
        except Refused as refusal:
            refused = refusal.findings
        else:
            messages.success(request, "La composition de la séance est à jour.")
            return redirect("meetings:attendance", meeting.pk)
    foreseen = attendance.foresee_recomposed(meeting)
    if foreseen is None:
        return redirect("meetings:attendance", meeting.pk)
    context = {
        "meeting": meeting,
        "foreseen": foreseen,
        "findings": refused or foreseen.findings,
    }
    status = 409 if refused else 200
    return render(request, "meetings/recompose.html", context, status=status)
