"""Who comes in, goes out, sits for another, votes for another, withdraws from an item."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from convening.actions import calling
from law import sitting
from law.findings import Finding, refusal
from live import reading
from live.actions import held
from meetings.actions import attendance
from meetings.models import Meeting
from members.models import User


@held.holds
def arrive(
    meeting: Meeting,
    *,
    member: str,
    remote: bool = False,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """Somebody is there; before the opening this is the roll call, afterwards an arrival."""
    at = held.begin(meeting, at=at, since=since)
    arrived = sitting.Arrived(member=member, remote=remote, at=held.hour(meeting, at))
    return attendance.arrive(meeting, arrived, live=True, by=by)


@held.holds
def call_roll(
    meeting: Meeting, *, present: Iterable[str], by: User, at: datetime
) -> tuple[Finding, ...]:
    """Several members answer the roll call at once; those already there are left alone.

    Until a first item is put before the assembly, no hour is told.
    """
    at = held.begin(meeting, at=at)
    hour = at if reading.current_item(meeting) else None
    room = reading.state(meeting).room
    story = [
        sitting.Arrived(member=member, at=hour)
        for member in dict.fromkeys(present)
        if member not in room
    ]
    return held.tell(meeting, *story, by=by)


@held.holds
def take_answers(meeting: Meeting, *, by: User, at: datetime) -> tuple[Finding, ...]:
    """The roll as the convocation was answered: who comes, who does not, who sits or votes for
    whom. What was pointed at the door is left alone."""
    held.begin(meeting, at=at)
    return calling.roll_from_answers(
        meeting, by=by, at=timezone.make_aware(at), said=reading.answers(meeting)
    )


@held.holds
def leave(
    meeting: Meeting,
    *,
    member: str,
    definitive: bool = False,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """Somebody goes out. Before the opening, he is as if he had not come."""
    at = held.begin(meeting, at=at, since=since)
    if meeting.sitting.at_end.is_open:
        left = sitting.Left(member=member, definitive=definitive, at=at)
        return held.tell(meeting, left, by=by)
    undone = _not_there(meeting, member)
    if not undone:
        raise refusal(
            "depart_d_un_absent", "Cette personne n’est pas dans la salle.", field="member"
        )
    return held.tell(meeting, *undone, by=by)


def _not_there(meeting: Meeting, member: str) -> list[sitting.Voided]:
    """What takes back that somebody had come, before the opening."""
    came = [e for e in meeting.sitting.of_kind(sitting.Arrived) if e.member == member]
    return [sitting.Voided(target=e.seq, reason="parti avant l’ouverture") for e in came]


@held.holds
def excuse(meeting: Meeting, *, member: str, by: User, at: datetime) -> tuple[Finding, ...]:
    """Somebody is said to be excused; that changes no vote. Before the opening, whoever was pointed
    as there was not."""
    at = held.begin(meeting, at=at, voting=True)
    excused = sitting.Excused(member=member, at=held.hour(meeting, at))
    if meeting.sitting.at_end.is_open:
        return held.tell(meeting, excused, by=by)
    return held.tell(meeting, *_not_there(meeting, member), excused, by=by)


@held.holds
def take_seat(
    meeting: Meeting,
    *,
    substitute: str,
    titular: str,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """A substitute sits in the seat of a titular; he comes in if he was not there yet."""
    at = held.begin(meeting, at=at, since=since)
    hour = held.hour(meeting, at)
    story: list[sitting.Event] = [
        sitting.SeatTaken(substitute=substitute, titular=titular, at=hour)
    ]
    if substitute not in reading.state(meeting).room:
        story.insert(0, sitting.Arrived(member=substitute, at=hour))
    return held.tell(meeting, *story, by=by)


@held.holds
def return_seat(
    meeting: Meeting, *, substitute: str, by: User, at: datetime, since: datetime | None = None
) -> tuple[Finding, ...]:
    """A substitute gives the seat back to its titular, and stays in the room."""
    at = held.begin(meeting, at=at, since=since)
    returned = sitting.SeatReturned(substitute=substitute, at=held.hour(meeting, at))
    return held.tell(meeting, returned, by=by)


@held.holds
def give_proxy(
    meeting: Meeting,
    *,
    giver: str,
    holder: str,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """A written proxy is handed over."""
    at = held.begin(meeting, at=at, since=since)
    given = sitting.ProxyGiven(giver=giver, holder=holder, at=held.hour(meeting, at))
    return held.tell(meeting, given, by=by)


@held.holds
def revoke_proxy(
    meeting: Meeting, *, giver: str, by: User, at: datetime, since: datetime | None = None
) -> tuple[Finding, ...]:
    """A proxy is taken back by who gave it."""
    at = held.begin(meeting, at=at, since=since)
    return held.tell(meeting, sitting.ProxyRevoked(giver=giver, at=held.hour(meeting, at)), by=by)


@held.holds
def recuse(
    meeting: Meeting,
    *,
    member: str,
    ground: str = sitting.Ground.PERSONAL,
    by: User,
    at: datetime,
) -> tuple[Finding, ...]:
    """Somebody withdraws from the item under discussion."""
    at = held.begin(meeting, at=at)
    item = held.item_of(meeting)
    withdrawn = sitting.Recused(member=member, item=item, ground=sitting.Ground(ground), at=at)
    return held.tell(meeting, withdrawn, by=by)


@held.holds
def come_back(meeting: Meeting, *, member: str, by: User, at: datetime) -> tuple[Finding, ...]:
    """Somebody who withdrew from the current item takes part in it after all."""
    held.begin(meeting, at=at)
    item = held.item_of(meeting)
    told = [
        event
        for event in meeting.sitting.of_kind(sitting.Recused)
        if event.item == item and event.member == member
    ]
    if not told:
        raise refusal(
            "pas_en_deport", "Cette personne ne s’est pas retirée de ce point.", field="member"
        )
    undone = [sitting.Voided(target=event.seq, reason="revient au débat") for event in told]
    return held.tell(meeting, *undone, by=by)


INSTALLATION = "installation"


@held.holds
def change_mandate(
    meeting: Meeting,
    *,
    member: str,
    change: str,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """Somebody takes office during the sitting, or a mandate ends: `change` is `INSTALLATION`, or
    why it ends."""
    at = held.begin(meeting, at=at, since=since)
    if change == INSTALLATION:
        installed = sitting.Installed(member=member, at=at)
        return attendance.install(meeting, installed, by=by, live=True)
    ended = sitting.Vacated(member=member, ending=sitting.Ending(change), at=at)
    return held.tell(meeting, ended, by=by)
