"""The draft of what will be sent: made, written, given up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from convening.dispatch import sent, timing
from convening.models import Convocation
from law import findings
from law.findings import Finding
from meetings import journal
from meetings.actions import items, ledger
from meetings.models import AgendaItem, Meeting
from members.models import User


@transaction.atomic
def prepare(meeting: Meeting, *, by: User, kind: str = Convocation.Kind.SUMMONS) -> Convocation:
    """The draft of what will be sent; the one that exists, or a new one.

    Refused where it makes no sense: a second first convocation, a change to a sitting that nobody
    was convened to. A draft of another kind gives way.
    """
    ledger.lock(meeting)
    findings.refuse(_of_kind(meeting, kind))
    draft = meeting.convocations.filter(stage=Convocation.Stage.DRAFT).first()
    if draft is not None and draft.kind == kind:
        draft.meeting = meeting
        return draft
    if draft is not None:
        draft.delete()
    label = Convocation.Kind(kind).label
    journal.note(meeting, "draft-made", f"Brouillon ouvert\u00a0: {label}", by=by)
    last = meeting.convocations.aggregate(last=Max("number"))["last"] or 0
    return Convocation.objects.create(meeting=meeting, number=last + 1, kind=kind)


def _of_kind(meeting: Meeting, kind: str) -> Iterable[Finding]:
    last = sent.last_sent(meeting)
    if kind == Convocation.Kind.SUMMONS and last is not None:
        yield Finding(
            code="deja_convoquee",
            message="Cette séance est déjà convoquée.",
            remedy="Complétez-la par une convocation rectificative, changez sa date ou annulez-la.",
        )
    if kind in (Convocation.Kind.RECTIFYING, Convocation.Kind.MOVED) and last is None:
        yield Finding(
            code="pas_encore_convoquee",
            message="Cette séance n’est pas encore convoquée.",
            remedy="Modifiez-la directement.",
        )


@transaction.atomic
def edit(convocation: Convocation, *, by: User, **values: Any) -> None:
    """Write what the draft says besides the agenda: message, urgency, who asked for it.

    An urgency that would shorten the notice puts the vote on it first on the agenda; taken back,
    the vote goes too.
    """
    meeting = ledger.lock(convocation.meeting)
    still_a_draft(convocation)
    for name, value in values.items():
        setattr(convocation, name, value)
    convocation.save(update_fields=list(values))
    put_urgency_first(convocation, at=timezone.now(), by=by)
    ledger.touch(meeting)


@transaction.atomic
def drop(convocation: Convocation, *, by: User) -> None:
    """Give up a draft; what it would have said was said to nobody."""
    meeting = ledger.lock(convocation.meeting)
    still_a_draft(convocation)
    label = Convocation.Kind(convocation.kind).label
    journal.note(meeting, "draft-dropped", f"Brouillon abandonné\u00a0: {label}", by=by)
    convocation.delete()
    ledger.touch(meeting)


def still_a_draft(convocation: Convocation) -> None:
    """Raise `Refused` once it has left; whoever sends it meanwhile waits for us."""
    stage = Convocation.objects.select_for_update(of=("self",)).get(pk=convocation.pk).stage
    if stage != Convocation.Stage.DRAFT:
        raise findings.refusal("deja_envoyee", "Cette convocation est déjà partie.")


def put_urgency_first(convocation: Convocation, *, at: datetime, by: User) -> None:
    """Have the assembly vote on the urgency before anything else (art. L2121-12)."""
    if timing.is_absurd(convocation):
        return
    meeting = convocation.meeting
    votes = list(meeting.items.filter(kind=AgendaItem.Kind.URGENCY))
    # Who gives no reason asks for none: the notice, which is long to know, is not asked.
    urgent = bool(convocation.urgent_reason.strip())
    needed = urgent and timing.notice(convocation, at=at).needs_urgency_vote
    if needed and not votes:
        items.add_item(meeting, kind=AgendaItem.Kind.URGENCY, title="Décision sur l’urgence", by=by)
    elif votes and not needed and convocation.kind == Convocation.Kind.SUMMONS:
        for item in votes:
            item.meeting = meeting
            items.remove_item(item, by=by)
