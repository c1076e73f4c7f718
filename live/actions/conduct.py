"""Opening, suspending, closing; who presides, who keeps the minutes, whether the doors are open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from law import french, sitting, voting
from law.checks import guard
from law.findings import Finding, Severity, refusal
from live import reading
from live.actions import held
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import User


@held.holds
def open_meeting(
    meeting: Meeting,
    *,
    chair: str,
    clerks: Sequence[str] = (),
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """The chair opens the sitting; a quorum that is missing is told, and forbids only to vote."""
    at = held.begin(meeting, at=at, since=since)
    story: list[sitting.Event] = [sitting.Opened(chair=chair, at=at)]
    if clerks:
        story.append(sitting.ClerksNamed(clerks=tuple(clerks)))
    warnings = held.tell(meeting, *story, by=by)
    return (*warnings, *_another_day(meeting, at), *held.want_of_quorum(meeting))


def _another_day(meeting: Meeting, at: datetime) -> tuple[Finding, ...]:
    """Sittings of one body look alike: opening that of next month is soon done."""
    if abs(at - meeting.scheduled_for) < timedelta(hours=12):
        return ()
    return (
        Finding(
            code="autre_jour",
            message=f"Cette séance était prévue le {french.long_date(meeting.held_on)}, "
            f"à {french.clock(meeting.scheduled_for)}.",
            remedy="Annulez l’ouverture si ce n’est pas la bonne.",
            severity=Severity.WARNING,
        ),
    )


@held.holds
def name_clerks(
    meeting: Meeting, *, clerks: Sequence[str], by: User, at: datetime
) -> tuple[Finding, ...]:
    """The assembly names its secretaries. Whoever went out kept the minutes until then; those named
    before who are still there give way."""
    at, state = held.begin(meeting, at=at, voting=True), reading.state(meeting)
    came = {event.member for event in meeting.sitting.of_kind(sitting.Arrived)}
    if state.is_open and came.intersection(state.clerks) - state.room:
        return held.tell(meeting, sitting.ClerksNamed(clerks=tuple(clerks), at=at), by=by)
    named = sitting.ClerksNamed(clerks=tuple(clerks))
    before = ledger.replacing(meeting, lambda event: isinstance(event, sitting.ClerksNamed))
    return held.tell(meeting, *before, named, by=by)


@held.holds
def take_chair(
    meeting: Meeting, *, member: str, item: str = "", by: User, at: datetime
) -> tuple[Finding, ...]:
    """Somebody else takes the chair, for one item or for good."""
    at = held.begin(meeting, at=at)
    return held.tell(meeting, sitting.ChairTaken(member=member, item=item, at=at), by=by)


@held.holds
def lead_out(
    meeting: Meeting, *, member: str, votes_for: int | None = None, by: User, at: datetime
) -> tuple[Finding, ...]:
    """On the accounts whoever kept them withdraws, and the assembly elects this member to preside
    that item: one act (art. L2121-14). `votes_for` is `None` when nobody counted."""
    at = held.begin(meeting, at=at)
    item, state = held.item_of(meeting), reading.state(meeting)
    story: list[sitting.Event] = []
    for keeper in guard.withdrawing(meeting.outline.docket, item, state):
        ground = sitting.Ground.ACCOUNTS
        story.append(sitting.Recused(member=keeper, item=item, ground=ground, at=at))
    if not member == state.presiding == state.elected_chair:
        story.append(
            sitting.ChairTaken(member=member, item=item, elected=True, votes_for=votes_for, at=at)
        )
    return held.tell(meeting, *story, by=by)


@held.holds
def close_meeting(
    meeting: Meeting,
    *,
    for_want_of_quorum: bool = False,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """The chair closes the sitting."""
    at = held.begin(meeting, at=at, since=since)
    now = reading.quorum_now(meeting)
    if for_want_of_quorum and now.reached:
        raise refusal(
            "quorum_atteint",
            f"Le quorum est atteint : la séance ne peut pas être levée faute de quorum. {now}.",
            field="for_want_of_quorum",
            remedy="Notez d’abord les départs, ou levez la séance simplement.",
        )
    closed = sitting.Closed(at=at, for_want_of_quorum=for_want_of_quorum)
    return held.tell(meeting, closed, by=by)


@held.holds
def suspend(
    meeting: Meeting, *, reason: str = "", by: User, at: datetime, since: datetime | None = None
) -> tuple[Finding, ...]:
    """The chair suspends the sitting, for this reason if one is given."""
    at = held.begin(meeting, at=at, since=since)
    return held.tell(meeting, sitting.Suspended(reason=reason, at=at), by=by)


@held.holds
def resume(
    meeting: Meeting, *, by: User, at: datetime, since: datetime | None = None
) -> tuple[Finding, ...]:
    """The sitting goes on; the quorum is assessed again."""
    at = held.begin(meeting, at=at, since=since)
    return held.tell(meeting, sitting.Resumed(at=at), by=by)


@held.holds
def close_doors(
    meeting: Meeting,
    *,
    requesters: int = 0,
    votes_for: int | None = None,
    by: User,
    at: datetime,
) -> tuple[Finding, ...]:
    """The assembly goes into `huis clos`, by a vote of its members without debate; with too few
    votes it does not, and that is told too."""
    at = held.begin(meeting, at=at)
    if votes_for is not None and votes_for < voting.closed_doors_majority(reading.state(meeting)):
        kept = sitting.DoorsKeptOpen(requesters=requesters, votes_for=votes_for, at=at)
        return held.tell(meeting, kept, by=by)
    closed = sitting.DoorsClosed(requesters=requesters, votes_for=votes_for, at=at)
    return held.tell(meeting, closed, by=by)


@held.holds
def open_doors(meeting: Meeting, *, by: User, at: datetime) -> tuple[Finding, ...]:
    """The public comes in again."""
    at = held.begin(meeting, at=at)
    return held.tell(meeting, sitting.DoorsOpened(at=at), by=by)
