"""What happens to a sitting once convened: completed, moved, called off, called a second time."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.db import transaction

from convening.actions import dispatching, drafting
from convening.dispatch import sent, timing
from convening.models import Convocation
from law import findings
from law.findings import Finding, Refused
from law.regime import article_of
from meetings import journal
from meetings.actions import carrying, items, ledger, preparing
from meetings.models import AgendaItem, Meeting
from members.models import User


@transaction.atomic
def move_meeting(
    meeting: Meeting,
    *,
    held_on: date,
    starts_at: time,
    place: str,
    reason: str,
    by: User,
    urgent_reason: str = "",
    message: str = "",
) -> Convocation:
    """The draft that moves a convened sitting; the sitting itself moves when it is dispatched."""
    ledger.lock(meeting)
    if (held_on, starts_at, place.strip()) == (meeting.held_on, meeting.starts_at, meeting.place):
        raise findings.refusal("rien_ne_change", "La date, l’heure et le lieu sont les mêmes.")
    others = Meeting.objects.filter(body=meeting.body_id, held_on=held_on, starts_at=starts_at)
    if others.exclude(pk=meeting.pk).exists():
        raise findings.refusal(
            "une_autre_seance",
            "Cette instance a déjà une séance à cette date et heure.",
            field="held_on",
        )
    draft = drafting.prepare(meeting, by=by, kind=Convocation.Kind.MOVED)
    draft.held_on, draft.starts_at, draft.place = held_on, starts_at, place.strip()
    draft.reason, draft.urgent_reason, draft.message = reason, urgent_reason, message
    draft.save()
    return draft


def cancel_meeting(
    meeting: Meeting, *, reason: str, by: User, at: datetime, site: str = "", message: str = ""
) -> Convocation | None:
    """Call a sitting off. Whoever was convened is told at once; `None` when nobody was."""
    if not reason.strip():
        raise findings.refusal("motif_manquant", "Dites pourquoi.", field="reason")
    if sent.last_sent(meeting) is None:
        _cancel_quietly(meeting, reason=reason.strip(), by=by)
        return None
    draft = drafting.prepare(meeting, by=by, kind=Convocation.Kind.CANCELLED)
    drafting.edit(draft, reason=reason.strip(), message=message.strip(), by=by)
    try:
        dispatching.dispatch(draft, by=by, at=at, site=site)
    except Refused:
        drafting.drop(draft, by=by)
        raise
    return draft


@transaction.atomic
def _cancel_quietly(meeting: Meeting, *, reason: str, by: User) -> None:
    """Nobody was convened: nobody need be told."""
    ledger.lock(meeting)
    if meeting.ledger:
        raise findings.refusal(
            "seance_commencee",
            "Le registre de cette séance est commencé : elle ne s’annule plus.",
            remedy="Levez-la, faute de quorum s’il manque.",
        )
    meeting.convocations.filter(stage=Convocation.Stage.DRAFT).delete()
    meeting.stage = Meeting.Stage.CANCELLED
    meeting.save(update_fields=["stage"])
    journal.note(meeting, "cancelled", f"{sent.QUIETLY}{reason}", by=by)
    ledger.touch(meeting)


@transaction.atomic
def second_call(
    meeting: Meeting, *, held_on: date, starts_at: time, place: str, by: User
) -> Meeting:
    """A new sitting on the same items, after the quorum was missing (art. L2121-17).

    It is prepared, not sent. What the first sitting did decide is left out: only what it could
    not vote for want of a quorum is called again.
    """
    ledger.lock(meeting)
    findings.refuse(_of_second_call(meeting, held_on))
    again = preparing.create_meeting(
        body=meeting.body,
        held_on=held_on,
        starts_at=starts_at,
        place=place.strip(),
        by=by,
        second_call_of=meeting,
    )
    # A second call holds the items of the first and no other, the approval of minutes included.
    for item in again.items.all():
        item.meeting = again
        items.remove_item(item, by=by)
    _copy_undecided(meeting, again, by=by)
    return again


def _of_second_call(meeting: Meeting, held_on: date) -> Iterator[Finding]:
    if not timing.lacked_quorum(meeting):
        yield Finding(
            code="quorum_non_manque",
            message="Le quorum n’a manqué ni à cette séance ni à un de ses points, ou elle n’est "
            "pas levée.",
            article=article_of(meeting.regime, "reconvene_clear_days"),
            remedy="Une seconde convocation reprend ce que le manque de quorum empêcha de voter.",
        )
    if held_on <= meeting.held_on:
        yield Finding(
            code="avant_la_premiere",
            message="La seconde séance suit la première.",
            field="held_on",
        )
    if meeting.second_calls.exclude(stage=Meeting.Stage.CANCELLED).exists():
        yield Finding(
            code="deja_reconvoquee",
            message="Une seconde convocation de cette séance existe déjà.",
        )


def _copy_undecided(first: Meeting, again: Meeting, *, by: User) -> None:
    """What the first sitting could not decide, with its number, its file and its attachments."""
    kept = timing.to_call_again(first)
    copies: dict[int | None, AgendaItem] = {}
    for node in first.agenda.nodes:
        item = node.item
        if not any(each.item.key in kept for each in node.walk()):
            continue
        copies[item.pk] = copy = items.add_item(
            again,
            key=item.key,
            kind=item.kind,
            effect=item.effect,
            title=item.title,
            label=item.label,
            rapporteur=item.rapporteur,
            approves=item.approves,
            also_approves=item.also_approves.all(),
            parent=copies.get(item.parent_id),
            resumes=item,
            by=by,
        )
        carrying.share_file(item, to=copy, by=by)
