"""Items put before the assembly, what is asked about them, what becomes of them; lines undone."""

from collections.abc import Sequence
from datetime import datetime

from law import sitting
from law.ballots import Mode
from law.findings import Finding, refusal
from live import reading
from live.actions import held
from meetings.actions import decisions, ledger
from meetings.models import Meeting
from members.models import User


@held.holds
def open_item(meeting: Meeting, *, item: str, by: User, at: datetime) -> tuple[Finding, ...]:
    """The chair puts an item before the assembly; one passed over earlier is put again, and so is
    the current one once the quorum that it lacked is there."""
    at = held.begin(meeting, at=at)
    if item == reading.current_item(meeting) and not reading.may_be_called_again(meeting):
        raise refusal(
            "point_deja_ouvert",
            "Ce point est déjà en discussion.",
            field="item",
            remedy="On l’appelle de nouveau quand le quorum, qui lui manquait, est atteint.",
        )
    story = reading.put(meeting, [item], at=at) or (sitting.ItemOpened(item=item, at=at),)
    warnings = held.tell(meeting, *story, by=by)
    return (*warnings, *held.want_of_quorum(meeting))


@held.holds
def open_next(meeting: Meeting, *, after: str = "", by: User, at: datetime) -> tuple[Finding, ...]:
    """The next item, provided that the current one is still `after` ("" before the first)."""
    held.begin(meeting, at=at)
    current = reading.current_item(meeting)
    if current != after:
        titles = meeting.agenda.titles
        raise refusal(
            "etat_change",
            f"Le point en discussion est déjà « {titles.get(current, current)} »."
            if current
            else "Aucun point n’est plus en discussion.",
            remedy="Regardez l’écran, qui vient de changer, et recommencez s’il y a lieu.",
        )
    item = reading.next_item(meeting)
    if not item:
        raise refusal(
            "ordre_du_jour_epuise",
            "L’ordre du jour est épuisé.",
            remedy="Levez la séance, ou revenez à un point par l’ordre du jour.",
        )
    return open_item(meeting, item=item, by=by, at=at)


@held.holds
def request_ballot(
    meeting: Meeting,
    *,
    item: str,
    mode: str,
    members: Sequence[str],
    by: User,
    at: datetime,
) -> tuple[Finding, ...]:
    """Members ask for a public or a secret ballot; they join those who asked before."""
    at = held.begin(meeting, at=at)
    before = [
        event
        for event in meeting.sitting.of_kind(sitting.BallotRequested)
        if event.item == item and event.mode == mode
    ]
    asking = [key for event in before for key in event.members] + list(members)
    story: list[sitting.Event] = [
        sitting.Voided(target=event.seq, reason="complété") for event in before
    ]
    story.append(
        sitting.BallotRequested(
            item=item, mode=Mode(mode), members=tuple(dict.fromkeys(asking)), at=at
        )
    )
    return held.tell(meeting, *story, by=by)


@held.holds
def set_college(
    meeting: Meeting, *, item: str, members: Sequence[str] = (), by: User, at: datetime
) -> tuple[Finding, ...]:
    """Only these seats vote on an item that concerns part of the members; () lifts it."""
    at = held.begin(meeting, at=at)
    story = ledger.replacing(
        meeting, lambda event: isinstance(event, sitting.CollegeSet) and event.item == item
    )
    if members:
        story.append(sitting.CollegeSet(item=item, members=tuple(members), at=at))
    return held.tell(meeting, *story, by=by)


@held.holds
def note_fate(
    meeting: Meeting, *, item: str, fate: str = "", note: str = "", by: User, at: datetime
) -> tuple[Finding, ...]:
    """What becomes of an item without a vote; an earlier word gives way, "" takes it back."""
    at = held.begin(meeting, at=at)
    return decisions.note_fate(meeting, item=item, fate=fate, note=note, at=at, by=by)


@held.holds
def undo(
    meeting: Meeting, *, seq: int, whole: bool = False, by: User, at: datetime
) -> tuple[Finding, ...]:
    """Cancel a line of the ledger that still stands, or the `whole` act that told it; an undoing
    that is undone brings back all that it took.

    The law refuses what would leave the rest of the story without sense.
    """
    ledger.lock(meeting)
    if meeting.stage == Meeting.Stage.ISSUED:
        raise refusal(
            "proces_verbal_etabli", "Le procès-verbal est établi : le registre ne s’y reprend plus."
        )
    if reading.current_poll(meeting) is not None:
        raise refusal(
            "scrutin_ouvert",
            "Un scrutin est ouvert : rien ne s’annule d’ici là.",
            remedy="Proclamez-le ou abandonnez-le d’abord.",
        )
    lines = [event for event in reading.act_of(meeting, seq) if whole or event.seq == seq]
    targets = [event.seq for event in lines] or [seq]
    undone = [sitting.Voided(target=each, reason=reading.UNDONE) for each in reversed(targets)]
    return held.tell(meeting, *undone, by=by)
