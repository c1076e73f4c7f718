"""Noting what is to be carried out, saying what came of it, and telling the next sitting."""

from datetime import date

from django.db import transaction

from law import findings
from meetings import journal
from meetings.actions import carrying, items, texts, undoing
from meetings.models import AgendaItem, Meeting
from members import faults
from members.models import User
from registry.follow_ups import reading
from registry.models import FollowUp
from trail import recording as trail
from trail.models import Act


@transaction.atomic
def note(follow_up: FollowUp, *, by: User) -> FollowUp:
    """Note what is to be carried out of an item. Raises `Refused` before its sitting opens."""
    meeting = follow_up.item.meeting
    if not meeting.was_opened:
        raise findings.refusal(
            "seance_a_venir",
            "La séance n’est pas ouverte\u00a0: rien n’y est encore décidé.",
            remedy="Notez ce qui en suivra une fois la séance tenue.",
        )
    if follow_up._state.adding:
        follow_up.made_by = by
    faults.check(follow_up)
    follow_up.save()
    _told(follow_up, "follow-up-noted", f"{follow_up}, par {follow_up.who}", by=by)
    return follow_up


@transaction.atomic
def settle(follow_up: FollowUp, *, outcome: str, on: date, reason: str, by: User) -> None:
    """Say that it was done, or given up and why. Raises `Refused` without a reason then, for a day
    before its sitting, and once it is settled."""
    row = _taken(follow_up)
    if row.outcome:
        raise findings.refusal(
            "deja_close",
            f"Cette suite est déjà dite\u00a0: {reading.state_of(row, on=on).words}.",
            remedy="Rouvrez-la d’abord.",
        )
    if outcome == FollowUp.Outcome.DROPPED and not reason.strip():
        raise findings.refusal(
            "sans_motif",
            "Une suite que l’on abandonne dit pourquoi.",
            remedy="Écrivez la raison\u00a0: elle se lit à la séance suivante.",
            field="reason",
        )
    if on < row.item.meeting.held_on:
        raise findings.refusal(
            "avant_la_seance",
            "Ce jour est d’avant la séance qui l’a décidée.",
            remedy="Corrigez la date.",
            field="settled_on",
        )
    row.outcome, row.settled_on, row.reason, row.settled_by = outcome, on, reason.strip(), by
    faults.check(row)
    row.save()
    _told(row, "follow-up-settled", f"{row}\u00a0: {reading.state_of(row, on=on).words}", by=by)


@transaction.atomic
def reopen(follow_up: FollowUp, *, by: User) -> None:
    """It is to be done after all."""
    row = _taken(follow_up)
    row.outcome, row.settled_on, row.reason, row.settled_by = "", None, "", None
    row.save()
    _told(row, "follow-up-reopened", f"{row}\u00a0: de nouveau à faire", by=by)


@transaction.atomic
def drop(follow_up: FollowUp, *, by: User) -> None:
    """Take out what was noted by mistake."""
    row = _taken(follow_up)
    _told(row, "follow-up-dropped", f"{row}\u00a0: retirée", by=by)
    meeting = row.item.meeting
    trail.note(
        Act.REMOVED,
        f"suite à donner retirée : {row} (« {row.item} », {meeting})",
        by=by,
        organisation=meeting.organisation,
    )
    row.delete()


def put_on_agenda(meeting: Meeting, *, by: User, on: date) -> AgendaItem:
    """Add to this sitting an item that tells what came of the decisions before it. Raises `Refused`
    when there is nothing to tell, when it is told already, and when the sitting is over."""
    with undoing.kept(meeting, "Suites données aux décisions mises à l’ordre du jour", by=by):
        if meeting.stage not in (Meeting.Stage.PREPARED, Meeting.Stage.OPEN):
            raise findings.refusal(
                "seance_passee", "Cette séance est passée\u00a0: on n’y ajoute plus de point."
            )
        if meeting.items.filter(title=reading.TITLE).exists():
            raise findings.refusal(
                "suites_deja_la",
                f"«\u00a0{reading.TITLE}\u00a0» est déjà à l’ordre du jour.",
                remedy="Pour le refaire, retirez d’abord ce point.",
            )
        told = reading.to_tell(meeting)
        if not told:
            raise findings.refusal(
                "aucune_suite", "Aucune suite n’est à dire\u00a0: rien n’attend, rien n’est clos."
            )
        text = reading.composed(told, on=on)
        item = items.add_item(
            meeting,
            title=reading.TITLE,
            kind=AgendaItem.Kind.INFORMATION,
            text=text,
            after=carrying.last_before_closing(meeting.agenda),
            by=by,
        )
        parts = texts.brief_parts(texts.brief_of(item))
        texts.save_brief(item, parts=parts | {"note": text}, base=texts.brief_base(parts), by=by)
    return item


def _taken(follow_up: FollowUp) -> FollowUp:
    """As it is now, under its lock."""
    locked = FollowUp.objects.select_for_update(of=("self",))
    return locked.select_related("item__meeting__body").get(pk=follow_up.pk)


def _told(follow_up: FollowUp, verb: str, words: str, *, by: User) -> None:
    """A deed of the body: nothing of its sitting changed."""
    journal.note(follow_up.item.meeting.body, verb, f"Suite à donner\u00a0: {words}", by=by)
