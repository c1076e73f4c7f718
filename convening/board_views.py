"""The board of the answers, for the secretariat: what it shows, what is done from it, the roll."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from convening import answers, board, foreseen, outbox
from convening.access import get_answered
from convening.actions import answering, asking, calling, reminding
from convening.answer_forms import AnswerForm, ReminderForm, ReplyForm
from convening.answer_views import saved
from convening.dispatch import sent
from convening.models import Answer
from documents import compile, printing
from law import assembly, french
from law.findings import Finding, Refused
from meetings.access import can_write, get_meeting
from meetings.models import Meeting
from members.access import edits, posts, reads

# --- The board --------------------------------------------------------------------------------


def _context(meeting: Meeting, *, at: datetime, **extra: object) -> dict:
    shown, is_unhanded = board.of(meeting), sent.is_unhanded(meeting)
    # Whoever was convened today has had no day to answer.
    is_early = meeting.sent_on == timezone.localdate(at) and not shown.answered
    may_remind = not is_early and shown.answered < shown.expected
    may_remind = may_remind and reminding.objection(meeting, at=at) is None
    reminded = reminding.count(meeting, at=at) if may_remind else 0
    closing = answers.closing(meeting, at)
    return {
        "meeting": meeting,
        "may_write": True,
        "is_read": closing is not None,
        "board": shown,
        "may_remind": reminded > 0,
        "has_come": timezone.localdate(at) >= meeting.held_on,  # its day, when the roll is called
        "reminded": reminded,
        "is_kept": outbox.is_kept(),
        "closing": closing,
        "is_unhanded": is_unhanded,
        "may_be_remote": meeting.may_be_remote,
        "reminders": tuple(reminding.told(meeting, is_unhanded=is_unhanded)),
        "reminder": ReminderForm(),
    } | extra


def _answered(
    request: HttpRequest, meeting: Meeting, *, at: datetime, status: int = 200, **extra: object
) -> HttpResponse:
    """The changed part of the board for htmx, the whole of it otherwise."""
    meeting.forget()
    if request.htmx:
        context = _context(meeting, at=at, **extra)
        return render(request, "convening/_board.html", context, status=status)
    if status == 200:
        return redirect("convening:board", meeting.pk)
    return render(request, "convening/board.html", _context(meeting, at=at, **extra), status=status)


@reads
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Who comes, what quorum that makes, whom to call, what to print; who presides over the sitting
    reads the first two."""
    meeting = get_answered(request, pk)
    context = _context(meeting, at=timezone.now())
    if not can_write(request.user, meeting):
        context |= {"may_write": False, "may_remind": False, "is_read": True}
    return render(request, "convening/board.html", context)


@posts
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """One key: this person said, by telephone, that he comes or that he does not."""
    meeting, now = get_meeting(request, pk, to="write"), timezone.now()
    said = answers.standing(meeting)
    form = AnswerForm(request.POST, said=said)
    mandate = said.people.get(request.POST.get("member", ""))
    if not form.is_valid() or mandate is None:
        finding = Finding(code="saisie", message="Cette personne ou cette réponse n’existe pas.")
        return _answered(request, meeting, at=now, status=422, findings=(finding,))
    try:
        answering.answer(
            meeting,
            mandate=mandate,
            word=form.cleaned_data["word"],
            via=Answer.Via.SECRETARIAT,
            by=request.user,
            at=now,
        )
    except Refused as refusal:
        return _answered(request, meeting, at=now, status=409, findings=refusal.findings)
    return _answered(request, meeting, at=now)


@posts
def suggest(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to who does not come: who may sit or vote for him."""
    meeting, now = get_meeting(request, pk, to="write"), timezone.now()
    try:
        answering.suggest(
            meeting,
            absent=request.POST.get("absent", ""),
            chosen=request.POST.get("by", ""),
            by=request.user,
            at=now,
        )
    except Refused as refusal:
        return _answered(request, meeting, at=now, status=409, findings=refusal.findings)
    return _answered(request, meeting, at=now)


@reads
def signed_proxy(request: HttpRequest, pk: int, answer: int) -> HttpResponse:
    """The signed proxy that came back, to be saved."""
    meeting = get_meeting(request, pk, to="write")
    row = get_object_or_404(Answer, pk=answer, meeting=meeting)
    if not row.proxy_form:
        raise Http404
    name = row.proxy_form.name.rpartition(".")[2]
    kinds = {"pdf": "application/pdf", "png": "image/png"}
    kind = kinds.get(name, "image/jpeg")
    return saved(row.proxy_form, f"pouvoir-{row.pk}.{name}", kind, row.proxy_sha256)


# --- Questions --------------------------------------------------------------------------------


@posts
def reply(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """Reply to a question; the delegate gets it by mail."""
    meeting, now = get_meeting(request, pk, to="write"), timezone.now()
    asked = get_object_or_404(
        meeting.questions.select_related("mandate__person", "meeting__body__organisation"),
        pk=question,
    )
    form = ReplyForm(request.POST)
    if not form.is_valid():
        context = _context(meeting, at=now, replying=asked.pk, reply=form)
        return render(request, "convening/board.html", context, status=422)
    asking.reply(asked, text=form.cleaned_data["text"], by=request.user, at=now)
    if outbox.is_kept() or not asked.mandate.person.email:
        told = f"La réponse est notée\u00a0; elle n’est pas partie vers {asked.mandate.person}."
        messages.warning(request, told)
    else:
        messages.success(request, f"Réponse envoyée à {asked.mandate.person}.")
    return redirect("convening:board", meeting.pk)


# --- Reminders --------------------------------------------------------------------------------


@posts
def add_reminder(request: HttpRequest, pk: int) -> HttpResponse:
    """One more time at which those who have not answered are asked again."""
    meeting, now = get_meeting(request, pk, to="write"), timezone.now()
    form = ReminderForm(request.POST)
    form.does(
        lambda: reminding.add(meeting, due_at=form.cleaned_data["due_at"], by=request.user, at=now)
    )
    if form.errors:
        context = _context(meeting, at=now, reminder=form)
        return render(request, "convening/board.html", context, status=422)
    return redirect("convening:board", meeting.pk)


@posts
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Write at once to those who have not answered."""
    meeting, now = get_meeting(request, pk, to="write"), timezone.now()
    try:
        count = reminding.remind(meeting, by=request.user, at=now)
    except Refused as refusal:
        return _answered(request, meeting, at=now, status=409, findings=refusal.findings)
    told = french.count(count, "relance")
    if outbox.is_kept():
        stays, none = ("gardées", "aucune n’est partie") if count > 1 else ("gardée", "non partie")
        messages.warning(
            request, french.nbsp(f"{told} {stays} dans la boîte d’envoi\u00a0: {none}.")
        )
    else:
        messages.success(request, f"{told} à envoyer.")
    return redirect("convening:board", meeting.pk)


@posts
def usual_reminders(request: HttpRequest, pk: int) -> HttpResponse:
    """The usual times, in place of those that have not left."""
    meeting = get_meeting(request, pk, to="write")
    if not reminding.plan(meeting, by=request.user, at=timezone.now()):
        messages.info(request, "Les heures habituelles des relances sont déjà passées.")
    return redirect("convening:board", meeting.pk)


@posts
def remove_reminder(request: HttpRequest, pk: int, reminder: int) -> HttpResponse:
    """Take back a reminder that has not left."""
    meeting, now = get_meeting(request, pk, to="write"), timezone.now()
    try:
        reminding.remove(get_object_or_404(meeting.reminders, pk=reminder), by=request.user)
    except Refused as refusal:
        return _answered(request, meeting, at=now, status=409, findings=refusal.findings)
    return redirect("convening:board", meeting.pk)


# --- The roll ---------------------------------------------------------------------------------

STANDINGS = ("present", "distance", "excuse", "absent")


def _roll_context(meeting: Meeting, findings: Iterable[Finding] = ()) -> dict:
    said = answers.standing(meeting)
    rows = foreseen.rows(said)
    columns: dict[str, list[foreseen.RollRow]] = {}
    for row in rows.values():
        name = said.composition.heading_of(row.member)
        columns.setdefault(name, []).append(row)
    return {
        "meeting": meeting,
        "may_write": True,
        "columns": list(columns.items()),
        "may_be_remote": meeting.may_be_remote,
        "findings": findings,
        "forecast": said.forecast,
        "is_open": meeting.stage != Meeting.Stage.PREPARED,
    }


def _posted_roll(request: HttpRequest, meeting: Meeting) -> foreseen.RollCall:
    """The roll as the page was sent; what it does not name is left as it was proposed."""
    rows = foreseen.rows(answers.standing(meeting))
    standings = {}
    for key in rows:
        wanted = request.POST.get(f"standing-{key}", "")
        standings[key] = wanted if wanted in STANDINGS else "absent"
    return foreseen.RollCall(
        standings=standings,
        seats=dict(_ticked(request, rows, "seat", lambda row: row.stand_in, is_seat=True)),
        proxies=dict(_ticked(request, rows, "proxy", lambda row: row.holder, is_seat=False)),
    )


def _ticked(request, rows, name: str, other, *, is_seat: bool) -> Iterator[tuple[str, str]]:
    for key, row in rows.items():
        member: assembly.Member | None = other(row)
        if member is not None and request.POST.get(f"{name}-{key}"):
            yield (member.key, key) if is_seat else (key, member.key)


@edits
def roll(request: HttpRequest, pk: int) -> HttpResponse:
    """« Reprendre les réponses »: the proposed roll, corrected by keys, told in one act."""
    meeting = get_meeting(request, pk, to="write")
    if request.method == "GET":
        return render(request, "convening/board_roll.html", _roll_context(meeting))
    try:
        warnings = calling.roll_from_answers(
            meeting, by=request.user, at=timezone.now(), corrected=_posted_roll(request, meeting)
        )
    except Refused as refusal:
        meeting.forget()
        context = _roll_context(meeting, refusal.findings)
        return render(request, "convening/board_roll.html", context, status=409)
    for finding in warnings:
        messages.warning(request, str(finding))
    messages.success(request, "L’appel est enregistré d’après les réponses.")
    return redirect("meetings:attendance", meeting.pk)


# --- What to print ------------------------------------------------------------------------------


@reads
def attendance_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The `feuille d’émargement` to print, with what is foreseen of each member."""
    meeting = get_meeting(request, pk, to="write")
    paper = compile.compile_attendance_sheet(
        meeting, answers=answers.standing(meeting).said.values()
    )
    return printing.answer(request, paper, back=meeting.get_absolute_url())


@reads
def name_plates(request: HttpRequest, pk: int) -> HttpResponse:
    """The `chevalets`, a sheet each."""
    meeting = get_meeting(request, pk, to="write")
    said = answers.standing(meeting).said.values()
    paper = compile.compile_name_plates(meeting, answers=said)
    return printing.answer(request, paper, back=meeting.get_absolute_url())
