"""Reminders to those who have not answered: when, to whom, once.

The times are set for each sitting. The sender calls `run_due`; an answer that came meanwhile
takes the person out, and no reason is ever mailed twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from convening import answers, notices, outbox
from convening.dispatch import sent
from convening.models import Notice, Reminder
from law import findings, french, holidays
from meetings import journal
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import Mandate, User

# Days before the sitting, and the hour: when one reads one's mail.
USUAL = ((3, time(9)), (1, time(9)))
_SUNDAY = 6


def usual_times(meeting: Meeting) -> Iterator[datetime]:
    """When one is reminded of this sitting unless somebody says otherwise: of a day on which nobody
    reads the mail of the office, the day before."""
    for days, clock in USUAL:
        day = meeting.held_on - timedelta(days=days)
        while day.weekday() == _SUNDAY or holidays.name_of(
            day, alsace_moselle=meeting.regime.alsace_moselle
        ):
            day -= timedelta(days=1)
        yield timezone.make_aware(datetime.combine(day, clock))


@transaction.atomic
def plan(meeting: Meeting, *, by: User, at: datetime) -> list[Reminder]:
    """The usual reminders that are still to come, in place of those that have not left.

    Called when the convocation leaves, and again when the sitting is moved.
    """
    ledger.lock(meeting)
    meeting.reminders.filter(done_at=None).delete()
    left = set(meeting.reminders.values_list("due_at", flat=True))
    coming = sorted({due for due in usual_times(meeting) if due > at and due not in left})
    journal.note(meeting, "reminders-planned", "Relances prévues aux heures habituelles", by=by)
    return Reminder.objects.bulk_create(Reminder(meeting=meeting, due_at=due) for due in coming)


@transaction.atomic
def add(meeting: Meeting, *, due_at: datetime, by: User, at: datetime) -> Reminder:
    """One more reminder. Raises `Refused` in the past and after the opening."""
    ledger.lock(meeting)

    def wrong(code: str, message: str) -> findings.Refused:
        return findings.refusal(code, message, field="due_at")

    if finding := answers.closing(meeting, at):
        raise findings.Refused([finding])
    if due_at <= at:
        raise wrong("relance_passee", "Cette heure est passée.")
    if due_at >= timezone.make_aware(meeting.scheduled_for):
        raise wrong("relance_tardive", "Une relance part avant la séance.")
    reminder, is_new = meeting.reminders.get_or_create(due_at=due_at)
    if not is_new:
        raise wrong("relance_double", "Une relance est déjà prévue à cette heure.")
    journal.note(meeting, "reminder-added", f"Relance prévue le {hour_of(reminder)}", by=by)
    return reminder


def objection(meeting: Meeting, *, at: datetime) -> findings.Finding | None:
    """Why nobody can be reminded at this hour: the sitting is over or open, nothing of its
    convocation was handed over, or a reminder left within the day."""
    if finding := answers.closing(meeting, at):
        return finding
    if meeting.convened_on is None or sent.is_unhanded(meeting):
        return findings.Finding(
            code="relance_sans_convocation",
            message="Rien de la convocation n’est parti\u00a0: il n’y a rien à relancer.",
            remedy="Remettez-la d’abord.",
        )
    if meeting.reminders.filter(done_at__gt=at - timedelta(days=1)).exists():
        return findings.Finding(
            code="relance_recente",
            message="Une relance a été faite il y a moins d’un jour.",
            remedy="Attendez demain, ou téléphonez.",
        )
    return None


@transaction.atomic
def remind(meeting: Meeting, *, by: User, at: datetime) -> int:
    """Ask at once those who have not answered; how many mails that made. Raises `Refused` with the
    `objection` there is."""
    ledger.lock(meeting)
    if finding := objection(meeting, at=at):
        raise findings.Refused([finding])
    meeting.reminders.get_or_create(due_at=at)
    journal.note(meeting, "reminder-sent", "Relance demandée aussitôt", by=by)
    return _run(meeting, at=at)


@transaction.atomic
def remove(reminder: Reminder, *, by: User) -> None:
    """Take back a reminder that has not left."""
    reminder = Reminder.objects.select_for_update(of=("self",)).get(pk=reminder.pk)
    if reminder.done_at is not None:
        raise findings.refusal("relance_faite", "Cette relance est déjà partie.")
    words = f"Relance du {hour_of(reminder)} retirée"
    journal.note(reminder.meeting, "reminder-removed", words, by=by)
    reminder.delete()


def hour_of(reminder: Reminder) -> str:
    """« mercredi 3 juin à 9 h »."""
    due = timezone.localtime(reminder.due_at)
    weekday = french.WEEKDAYS[due.weekday()]
    return french.nbsp(f"{weekday} {french.day(due.date())} à {french.clock(due)}")


def told(meeting: Meeting, *, is_unhanded: bool) -> Iterator[tuple[Reminder, str, str]]:
    """Its reminders, the hour of each and what became of it: "" of one that is still to come. What
    followed no convocation (`is_unhanded`), or stayed here itself, reminded nobody."""
    reminders = list(meeting.reminders.all())
    states = {} if is_unhanded else _states(meeting, reminders)
    without = ""
    if is_unhanded and reminders:
        without = f"sans objet\u00a0: {sent.not_handed(sent.what_is_handed(meeting))}"
    stayed = _STAYED | (_ON_THE_WAY if outbox.is_kept() else set())
    for each in reminders:
        said = ""
        if is_unhanded:
            said = without
        elif each.done_at:
            said = "faite"
            if (known := states.get(each.pk)) and known <= stayed:
                said = "préparée, non partie"
        yield each, hour_of(each), said


def _states(meeting: Meeting, reminders: Iterable[Reminder]) -> Mapping[int, set[str]]:
    """By reminder that was made, where its mails are; a query if there is any."""
    found: dict[int, set[str]] = {}
    if any(each.done_at for each in reminders):
        rows = Notice.objects.filter(meeting=meeting, once__startswith=notices.REMINDER)
        for once, state in rows.values_list("once", "state"):
            pk = once.removeprefix(notices.REMINDER).partition("-")[0]
            found.setdefault(int(pk), set()).add(state)
    # Those that fell due together made the mails of one.
    at = {each.done_at: found[each.pk] for each in reminders if each.pk in found}
    return {each.pk: at[each.done_at] for each in reminders if each.done_at in at}


_STAYED = {Notice.State.KEPT, Notice.State.REFUSED}
_ON_THE_WAY = {Notice.State.QUEUED, Notice.State.HANDING}


def run_due(at: datetime) -> int:
    """Queue the reminders that are due; how many mails that made.

    Several that fell due while nobody was looking make one mail. Killed in the middle, nothing
    is half done: the mails and the mark that they were made are one transaction.
    """
    meetings = Meeting.objects.filter(reminders__in=due(at)).select_related("body__organisation")
    return sum(_run(meeting, at=at) for meeting in meetings.distinct())


def due(at: datetime) -> QuerySet[Reminder]:
    """Those whose hour is past, and whose mails nobody made."""
    return Reminder.objects.filter(done_at=None, due_at__lte=at)


@transaction.atomic
def _run(meeting: Meeting, *, at: datetime) -> int:
    ledger.lock(meeting)
    reminders = list(due(at).filter(meeting=meeting).order_by("due_at"))
    if not reminders:  # another worker was quicker
        return 0
    reach = sent.reach(meeting)
    # Who was never convened owes no answer; nor does he whose convocation is still on its way.
    if reach and (reach.is_none or (reach.is_leaving and not reach.handed)):
        meeting.reminders.filter(pk__in=[reminder.pk for reminder in reminders]).delete()
        words = "Relance retirée\u00a0: rien de la convocation n’est parti"
        journal.note(meeting, "reminder-removed", words, by=None)
        return 0
    mails: list[Notice] = []
    if meeting.convened_on is not None and answers.closing(meeting, at) is None:
        mails = list(_mails(meeting, f"{notices.REMINDER}{reminders[-1].pk}-", at=at))
    Notice.objects.bulk_create(mails, ignore_conflicts=True)
    meeting.reminders.filter(pk__in=[reminder.pk for reminder in reminders]).update(done_at=at)
    return len(mails)


def count(meeting: Meeting, *, at: datetime) -> int:
    """How many mails `remind` would make now."""
    return sum(1 for _ in _mails(meeting, notices.REMINDER, at=at))


def _mails(meeting: Meeting, reason: str, *, at: datetime) -> Iterator[Notice]:
    # Of what was convened from elsewhere, who has it is not known here: whoever owes an answer.
    said = answers.standing(meeting)
    reached = None if meeting.sent_on is None else sent.reached(meeting)
    for line in said.lines.values():
        mandate: Mandate = said.people[line.member.key]
        # A substitute whom a titular sends was asked to by a mail of its own.
        is_theirs = reached is None or line.stands_for or mandate.person_id in reached
        if not (line.is_expected and is_theirs):
            continue
        text = (
            "Vous n’avez pas encore dit si vous venez. Un geste suffit, par votre lien personnel."
        )
        if line.stands_for is not None:
            text = (
                f"{notices.named(line.stands_for)} vous demande de siéger à sa place. "
                "Dites, par votre lien personnel, si vous venez."
            )
        mail = notices.draft(
            meeting,
            to=mandate,
            reason=f"{reason}{mandate.pk}",
            about="votre réponse est attendue",
            text=text,
            at=at,
        )
        if mail is not None:
            yield mail
