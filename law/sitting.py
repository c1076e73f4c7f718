"""The story of a sitting in, its state out.

A sitting (`séance`) is told by an append-only list of events. Nothing that can be counted is
stored: who sits, whose proxy is alive, who may vote on item 7 are *computed* here, by replaying
the events. A mistake is corrected by a `Voided` event, so that replaying after a correction
equals never having made the mistake.

Order. Real minutes place a movement by the clock, by the item, or not at all; old ones are typed
in any order, long after. So the order of the story is not the order of telling:

- what belongs to an item (its withdrawals, college, requests, chair, votes, fate) happens there,
  as it is called; who withdraws or takes the chair after a first vote on it, by the clock, changes
  nothing of that vote;
- an event that carries `before` falls just before that item is put to discussion;
- otherwise the clock places it, where items were opened with their hour;
- otherwise it follows what was told before it: live, the item under discussion; afterwards, the
  last item whose vote was told, as far as the hours told elsewhere agree. Only what the attendance
  table tells (presences, proxies, seats), without an hour, belongs to the roll call.

In one place, clocks come first, then the order of telling; so does what falls in the very minute
or second when an item was opened. The same code serves an old paper and a live sitting, whose
hours carry their seconds: told again to the minute, it is the same story.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import NamedTuple, TypeVar, cast

from law import french
from law.acts import Nature
from law.assembly import Capacity, Composition, Member
from law.ballots import Ballot, Mode, Voice
from law.elections import Election, Secrecy, decide, office_of
from law.regime import Regime


class Ground(StrEnum):
    """Why a member withdraws (`déport`) from an item; it decides the effect on the quorum."""

    PERSONAL = "interet_personnel"  # art. L2131-11: out of the present, still in office
    OUTSIDE_BODY = "organisme_exterieur"  # art. L1111-6 II: out of the present and of the office
    ACCOUNTS = "comptes"  # art. L2121-14: the ordonnateur at the vote of his accounts
    OTHER = "autre"  # leaves the room for the item without saying why


class Standing(StrEnum):
    """Where a member of the composition stands at a moment of the sitting."""

    PRESENT = "present"
    REPRESENTED = "represente"  # absent, a living proxy speaks for him
    REPLACED = "supplee"  # absent, a substitute sits in his seat
    EXCUSED = "excuse"
    ABSENT = "absent"


# --- Events ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `at` is the wall clock of the room (naive), `None` if unknown.

    `before` is the key of the item it precedes, `None` when the order of telling is enough.
    """

    seq: int = 0
    at: datetime | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed(Event):
    """Who made up the body that day and under which rules: the first line of every ledger.

    The last one that stands is the one that counts.
    """

    composition: Composition
    regime: Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Event):
    """The chair opens the sitting."""

    chair: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(Event):
    """A member enters (or was there at the roll call); `remote` by video-conference."""

    member: str
    remote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Event):
    """A member leaves the room; `definitive` when he will not return."""

    member: str
    definitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Excused(Event):
    """A member let it be known that he would not come."""

    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatTaken(Event):
    """A substitute (`suppléant`) sits in the seat of an absent titular, with his vote."""

    substitute: str
    titular: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatReturned(Event):
    """The substitute gives the seat back."""

    substitute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyGiven(Event):
    """A written proxy (`pouvoir`). `nth` counts consecutive sittings of the same document.

    `holder` is "" where an old paper does not say who carries it: it votes as long as its giver
    is away, and nobody knows by whom.
    """

    giver: str
    holder: str = ""
    written_on: date | None = None
    nth: int = 1
    illness: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRevoked(Event):
    """The giver takes his proxy back."""

    giver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recused(Event):
    """A member withdraws (`se déporte`) for one item."""

    member: str
    item: str
    ground: Ground = Ground.PERSONAL


@dataclass(frozen=True, slots=True, kw_only=True)
class CollegeSet(Event):
    """Only these seats vote on an item that concerns part of the members (art. L5212-16).

    `members` are keys of titulars; the president of the body votes besides, whatever his seat.
    """

    item: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotRequested(Event):
    """Members ask for a public or a secret ballot on an item (art. L2121-21)."""

    item: str
    mode: Mode
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed(Event):
    """A member of the composition takes office during the sitting: he had none before."""

    member: str


class Ending(StrEnum):
    """Why a mandate ends during a sitting."""

    RESIGNED = "demission"
    DIED = "deces"
    REPLACED = "remplacement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacated(Event):
    """A member's mandate ends during the sitting: his seat is vacant from then on."""

    member: str
    ending: Ending = Ending.RESIGNED


@dataclass(frozen=True, slots=True, kw_only=True)
class ChairTaken(Event):
    """Someone else takes the chair: for one `item`, or for good when `item` is "".

    `elected` by the assembly, as the accounts want it (art. L2121-14), with how many `votes_for`,
    `None` when the paper does not tell the vote.
    """

    member: str
    item: str = ""
    elected: bool = False
    votes_for: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerksNamed(Event):
    """The assembly names its secretary or secretaries (`secrétaires de séance`)."""

    clerks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended(Event):
    """The chair suspends the sitting (art. L2121-16)."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The sitting goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorsClosed(Event):
    """The assembly goes into `huis clos`.

    `requesters` counts the members who asked for it, 0 when the chair did or nobody says;
    `votes_for` is `None` when the paper does not tell the vote.
    """

    requesters: int = 0
    votes_for: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorsOpened(Event):
    """The sitting is public again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorsKeptOpen(Event):
    """`Huis clos` was asked for and the assembly did not decide it: the sitting stays public."""

    requesters: int = 0
    votes_for: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSet(Event):
    """The items are discussed in this order, whatever their printed numbers."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOpened(Event):
    """The chair puts an item before the assembly: the legal moment of its quorum."""

    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotHeld(Event):
    """A vote was taken on an item."""

    ballot: Ballot


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionHeld(Event):
    """An election or a nomination was held on an item, as the tellers read it out."""

    election: Election


class Fate(StrEnum):
    """What became of an item without, or besides, a vote."""

    TOOK_NOTE = "prend_acte"
    WITHDRAWN = "retire"
    ADJOURNED = "ajourne"
    POSTPONED = "reporte"
    UNFAVOURABLE = "avis_defavorable"
    FAVOURABLE = "avis_favorable"
    NO_VOTE = "sans_vote"


# What the assembly decides without a count.
OPINIONS = frozenset({Fate.FAVOURABLE, Fate.UNFAVOURABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class FateNoted(Event):
    """What became of an item without, or besides, a vote."""

    item: str
    fate: Fate
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActTaken(Event):
    """An authority decides alone, on the day `on`: nobody is convened, nothing is voted. `nature`
    says whether it is a rule or is notified to somebody.

    `source` says in words by which delegation, from which day (`delegated_on`) and in which
    `subject`; they are empty of who decides by powers of his own. He `stands_in` when whoever heads
    the assembly is prevented, and those who would replace him first (`also_prevented`) too: he then
    has all his powers.
    """

    item: str
    author: str
    on: date
    nature: Nature
    source: str = ""
    delegated_on: date | None = None
    subject: str = ""
    stands_in: bool = False
    also_prevented: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Event):
    """The chair closes the sitting; `for_want_of_quorum` when it could not go on."""

    for_want_of_quorum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided(Event):
    """Cancels event `target`; the ledger keeps both, the story keeps neither."""

    target: int
    reason: str = ""


EVENTS: tuple[type[Event], ...] = tuple(
    kind
    for kind in globals().values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
)


E = TypeVar("E", bound=Event)


# --- State ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class State:
    """The sitting at one moment: a value, computed, never stored.

    `room` holds everyone physically or remotely there, substitutes and consultative members
    included; `seats` maps a substitute to the titular whose seat he took; `proxies` maps giver
    to holder as written; whether a proxy is *alive* is a question, `living_proxies`. `vacant` are
    the members of the composition who hold no office at this moment: not installed yet, or whose
    mandate ended.
    `elected_president` and `elected_vices` took these offices by an election of the sitting, which
    ends those of the other vice-presidents but where `vices_stay` (art. L2122-10, L5211-2).
    `recused`, `college` and `requests` are of the item under discussion only; `asked` is how many
    of those present asked, and how many were present, when a ballot was asked for; `college` is the
    seats that it concerns, `None` when it concerns everybody.
    """

    composition: Composition
    room: frozenset[str] = frozenset()
    remote: frozenset[str] = frozenset()
    excused: frozenset[str] = frozenset()
    vacant: frozenset[str] = frozenset()
    seats: Mapping[str, str] = field(default_factory=dict)
    proxies: Mapping[str, ProxyGiven] = field(default_factory=dict)
    recused: Mapping[str, Ground] = field(default_factory=dict)
    college: frozenset[str] | None = None
    requests: Mapping[Mode, frozenset[str]] = field(default_factory=dict)
    asked: Mapping[Mode, tuple[int, int]] = field(default_factory=dict)
    elected_president: str = ""
    elected_vices: tuple[str, ...] = ()
    vices_stay: bool = False  # its statutes decide: no article ends their offices
    chair: str = ""
    acting_chair: str = ""  # for the item under discussion only
    elected_chair: str = ""  # whom the assembly elected to preside the accounts
    clerks: tuple[str, ...] = ()
    item: str = ""
    doors_closed: bool = False
    suspended: bool = False
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    is_open: bool = False

    @property
    def usual_chair(self) -> str:
        """Key of who chairs when nothing is said: the president if he is there, otherwise the
        first vice-president who is, in the order of nomination (art. L2122-17); "" if none is.
        """
        return next((k for k in self.officers if k in self.room and k not in self.recused), "")

    @cached_property
    def officers(self) -> tuple[str, ...]:
        """Keys of the president then of the vice-presidents in office, in the order of their
        nomination; a president elected in the sitting has none but those elected after him
        (art. L2122-10), unless they stay."""
        in_office = {member.key for member in self.in_office}
        usual = sorted(
            (member for member in self.in_office if member.office),
            key=lambda member: (not member.is_president, member.office_rank),
        )
        elected = self.elected_president
        before = tuple(member.key for member in usual)
        if elected:
            stay = (m.key for m in usual if self.vices_stay and not m.is_president)
            before = (elected, *stay)
        return tuple(dict.fromkeys(k for k in (*before, *self.elected_vices) if k in in_office))

    @property
    def presiding(self) -> str:
        """Key of whoever chairs the item under discussion."""
        return self.acting_chair or self.chair

    @cached_property
    def in_office(self) -> tuple[Member, ...]:
        """The titulars who hold their seat now (`membres en exercice`)."""
        titulars = self.composition.titulars
        return tuple(m for m in titulars if m.key not in self.vacant) if self.vacant else titulars

    @cached_property
    def president(self) -> str:
        """Key of the president of the body, whoever presides, also when he was elected in the
        sitting; "" when the office is vacant."""
        in_office = {member.key: member for member in self.in_office}
        if self.elected_president:
            return self.elected_president if self.elected_president in in_office else ""
        return next((key for key, member in in_office.items() if member.is_president), "")

    @property
    def president_before(self) -> str:
        """Key of who was president when the sitting began, in office or not since; "" when the
        office was vacant, whoever was elected in the sitting."""
        return next((m.key for m in self.composition.titulars if m.is_president), "")

    def concerns(self, seat: str) -> bool:
        """Whether the item under discussion concerns the holder of this seat."""
        return self.college is None or seat in self.college

    @cached_property
    def occupants(self) -> Mapping[str, str]:
        """Titular key → key of whoever sits in that seat now; empty seats are left out.

        The titular in the room always has his own seat: the substitute then only listens, so
        there are never two votes for one seat.
        """
        may_sit = self.room & self.composition.substitutes - self.vacant
        taken = {titular: sub for sub, titular in self.seats.items() if sub in may_sit}
        room = self.room
        return {
            key: key if key in room else taken[key]
            for key in self.composition.own_voices
            if (key in room or key in taken) and key not in self.vacant
        }

    @cached_property
    def attending(self) -> frozenset[str]:
        """Deliberative members who sit in a seat, before any withdrawal."""
        return frozenset(self.occupants.values())

    @property
    def is_remote(self) -> bool:
        """Whether a member sits at a distance, even if he takes no part in this item: it is then
        the meeting that is held by video (art. L5211-11-1)."""
        return bool(self.remote & self.attending)

    @cached_property
    def sitting(self) -> frozenset[str]:
        """Deliberative members who take part in the item under discussion."""
        withdrawn = self.recused.keys()
        return frozenset(
            occupant
            for seat, occupant in self.occupants.items()
            if seat not in withdrawn and occupant not in withdrawn
        )

    @cached_property
    def living_proxies(self) -> Mapping[str, str]:
        """Giver → holder, for the proxies that can be used now.

        A proxy sleeps while its giver's seat is occupied and while its holder is away or has
        withdrawn (art. L2121-20): it dies when the holder leaves and lives when he returns. One
        whose holder nobody named has "" for him.
        """
        return {
            giver: proxy.holder
            for giver, proxy in self.proxies.items()
            if giver not in self.occupants
            and giver not in self.recused
            and giver not in self.vacant
            and (not proxy.holder or proxy.holder in self.sitting)
            and giver in self.composition
            and self.composition[giver].capacity is Capacity.TITULAR
        }

    @property
    def always_votes(self) -> str:
        """Key of who votes whatever the item concerns: the president, or who acts for him."""
        return self.president if self.president in self.sitting else self.presiding

    @cached_property
    def voices(self) -> tuple[Voice, ...]:
        """Every vote that can be cast now: one per seat, with who casts it and its weight.

        On an item that concerns part of the members, theirs and that of the president of the
        body, or of whoever acts for him: he takes part in every vote (art. L5212-16).
        """
        usual = self.composition.own_voices
        own = [
            usual[seat]
            if occupant == seat
            else Voice(seat=seat, caster=occupant, weight=self.composition[seat].weight)
            for seat, occupant in self.occupants.items()
            if occupant not in self.recused
            and seat not in self.recused
            and (self.concerns(seat) or seat == occupant == self.always_votes)
        ]
        carried = [
            Voice(seat=giver, caster=holder, weight=self.composition[giver].weight, by_proxy=True)
            for giver, holder in self.living_proxies.items()
            if self.concerns(giver)
        ]
        return tuple(own + carried)

    @property
    def entitled(self) -> frozenset[str]:
        """The seats that might vote on the item under discussion, were everybody there: those in
        office that it concerns, but for those whose holder, or who sits for him, withdrew."""
        seats = {member.key for member in self.in_office if self.concerns(member.key)}
        seats -= self.recused.keys()
        seats -= {seat for seat, occupant in self.occupants.items() if occupant in self.recused}
        return frozenset(seats | {voice.seat for voice in self.voices})

    def standing(self, key: str) -> Standing:
        """Where a member stands, as a roll prints it."""
        if key in self.room:
            return Standing.PRESENT
        if key in self.occupants:
            return Standing.REPLACED
        if key in self.living_proxies:
            return Standing.REPRESENTED
        return Standing.EXCUSED if key in self.excused else Standing.ABSENT

    def holder_of(self, giver: str) -> str:
        """Key of whoever carries the living proxy of `giver`, "" if nobody or nobody named."""
        return self.living_proxies.get(giver, "")


# --- Replay ---------------------------------------------------------------------------------


def voided_seqs(events: Iterable[Event]) -> frozenset[int]:
    """The events that a standing voiding cancels.

    A voiding that is itself voided no longer voids; several links of that chain are followed.
    """
    voided: set[int] = set()
    for event in sorted(events, key=lambda event: event.seq, reverse=True):
        if isinstance(event, Voided) and event.seq not in voided:
            voided.add(event.target)
    return frozenset(voided)


def standing_events(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events that still stand, as told: voided ones and the voidings themselves left out."""
    ordered = sorted(events, key=lambda event: event.seq)
    voided = voided_seqs(ordered)
    return tuple(e for e in ordered if e.seq not in voided and not isinstance(e, Voided))


def anchor(event: Event) -> str | None:
    """The item an event belongs to or precedes, `None` for one that only follows the telling."""
    return own_item(event) or event.before


def own_item(event: Event) -> str | None:
    """The item an event is about: it happens there, whatever its `before` says."""
    match event:
        case Recused(item=item) | ItemOpened(item=item) | FateNoted(item=item):
            return item
        case ActTaken(item=item):
            return item
        case CollegeSet(item=item) | BallotRequested(item=item):
            return item
        case BallotHeld(ballot=ballot):
            return ballot.item
        case ElectionHeld(election=election):
            return election.item
        case ChairTaken(item=item) if item:
            return item
    return None


def is_in_its_course(event: Event) -> bool:
    """Whether it was told with its hour or its place, and not simply of the roll call."""
    return event.at is not None or event.before is not None


# The accounts are called, the assembly elects who presides them, and somebody notes it.
_TO_ELECT = timedelta(minutes=5)


def comes_late(event: Event, called_at: datetime | None) -> bool:
    """Whether the assembly elects who presides the accounts, or their keeper withdraws, well after
    they were called: the debate was then another's (art. L2121-14). Both hours must be known."""
    match event:
        case ChairTaken(elected=True, at=at) | Recused(ground=Ground.ACCOUNTS, at=at):
            return at is not None and called_at is not None and at - called_at > _TO_ELECT
    return False


# Ranks inside one item: what came before it, what opens it, what happened under it.
_BEFORE, _OPENING, _UNDER = 0, 1, 2
_ROLL, _AFTER_ROLL = 0, 1  # ranks inside the opening, which has position -1
_Place = tuple[int, int]


# What the attendance table tells: without an hour, it is so from the roll call on.
_TABLE = (
    Composed,
    Arrived,
    Excused,
    SeatTaken,
    SeatReturned,
    ProxyGiven,
    ProxyRevoked,
    ClerksNamed,
    OrderSet,
)
# What is often told before the items: it does not mean that the assembly reached them.
_UNHEARD = frozenset({Fate.WITHDRAWN, Fate.ADJOURNED, Fate.POSTPONED})


class Layout(NamedTuple):
    """The order of discussion, and the standing events of each place, in order.

    An item that is called again after another one stands in `order` each time.
    """

    order: tuple[str, ...]
    groups: Mapping[_Place, list[Event]]

    @property
    def events(self) -> tuple[Event, ...]:
        """The standing events, as they happened."""
        return tuple(event for place in sorted(self.groups) for event in self.groups[place])

    def from_rank(self, rank: int) -> tuple[Event, ...]:
        """What happens from that item on; the opening has rank -1."""
        places = sorted(place for place in self.groups if place[0] >= rank)
        return tuple(event for place in places for event in self.groups[place])

    @property
    def newcomers(self) -> frozenset[str]:
        """Who takes office during the sitting, hence had none before."""
        return frozenset(event.member for event in self.events if isinstance(event, Installed))

    def same_until(self, other: "Layout") -> int:
        """The rank before which two layouts tell the same story; the opening has rank -1."""
        if self.newcomers != other.newcomers:
            return -1
        moved = [
            rank
            for rank, (mine, its) in enumerate(zip(self.order, other.order, strict=False))
            if mine != its
        ]
        shorter = min(len(self.order), len(other.order))
        changed = [
            place[0]
            for place in self.groups.keys() | other.groups.keys()
            if self.groups.get(place) != other.groups.get(place)
        ]
        return min([shorter, *moved, *changed])


def lay_out(events: Iterable[Event], agenda: Sequence[str]) -> Layout:
    """Where each standing event falls: roll, then item by item, then closing.

    `agenda` lists the item keys in printed order; a standing `OrderSet` takes precedence, then
    the order in which items were opened live.
    """
    standing = standing_events(events)
    order, calls = _calls(standing, _discussion_order(standing, agenda))
    position = {item: index for index, item in reversed([*enumerate(order)])}
    end = len(order)
    clock = sorted(
        (event.at, event.seq, calls[event.seq])
        for event in standing
        if isinstance(event, ItemOpened) and event.at is not None
    )
    hours = [(at, seq) for at, seq, _ in clock]
    opened_at = next((e.at for e in standing if isinstance(e, Opened)), None)
    is_live = any(isinstance(event, ItemOpened) for event in standing)
    typed = _Typed(decided=(), hours=[]) if is_live else _Typed.of(events, standing, position)
    current: _Place | None = None
    groups: dict[_Place, list[Event]] = {}
    called: set[int] = set()
    for event in standing:
        item = own_item(event)
        place: _Place
        if isinstance(event, ItemOpened):
            position[event.item] = calls[event.seq]
            current = (position[event.item], _UNDER)
        if isinstance(event, Closed):
            place = (end + 1, _UNDER)
        elif isinstance(event, Opened):
            place = (-1, _ROLL)
        elif item is not None:
            rank = position.get(item, end)
            # Called again where it is, after what happened since it was called.
            again = isinstance(event, ItemOpened) and rank in called
            decided = again or isinstance(event, BallotHeld | ElectionHeld | FateNoted)
            place = (rank, _UNDER if decided else _OPENING)
            if isinstance(event, ItemOpened):
                called.add(rank)
        elif event.before is not None:
            place = (position.get(event.before, end), _BEFORE)
        elif event.at is not None and hours:
            begun = bisect_right(hours, (event.at, event.seq))
            place = (clock[begun - 1][2], _UNDER) if begun else _around_roll(event, opened_at)
            place = typed.after_own(event, place)
        elif current is not None:
            place = current
        elif not is_live and not _is_of_roll(event, opened_at, typed):
            place = typed.place(event)
        else:
            place = _around_roll(event, opened_at)
        typed.follow(event, place)
        groups.setdefault(place, []).append(event)
    _between_votes(groups)
    return Layout(order, {place: _by_clock(told) for place, told in groups.items()})


def _between_votes(groups: dict[_Place, list[Event]]) -> None:
    """Move who withdraws or takes the chair between two votes of an item out of its opening: a
    member who voted an amendment may withdraw from the text (art. L2131-11), and the president who
    was just elected presides what follows (art. L2122-8)."""
    for place in [(rank, _OPENING) for rank, part in groups if part == _UNDER]:
        under = groups[place[0], _UNDER]
        votes = [e for e in under if isinstance(e, BallotHeld | ElectionHeld)]
        late = [
            event
            for event in groups.get(place, ())
            if isinstance(event, Recused | ChairTaken)
            and (before := [vote for vote in votes if _follows(event, vote)])
            and not any(isinstance(v, BallotHeld) and not v.ballot.question for v in before)
        ]
        if late:
            groups[place] = [event for event in groups[place] if event not in late]
            under[:] = sorted([*under, *late], key=lambda event: event.seq)


def _follows(event: Event, vote: Event) -> bool:
    """Whether it came after this vote, both hours being known."""
    if event.at is None or vote.at is None:
        return False
    return (event.at, event.seq) > (vote.at, vote.seq)


def _by_clock(told: list[E]) -> list[E]:
    """Events by the hour, those without one right after what was told before."""
    if len(told) == 1:
        return told
    hour = datetime.min
    timed = []
    for event in told:
        hour = event.at or hour
        timed.append((hour, event))
    timed.sort(key=lambda pair: pair[0])
    return [event for _, event in timed]


def is_before(one: datetime, other: datetime) -> bool:
    """Whether an hour certainly comes before another: told to the minute, it may be any moment
    of that minute.
    """
    return to_the_minute(one) < to_the_minute(other) if to_the_minute(one) == one else one < other


def to_the_minute(moment: datetime) -> datetime:
    """As papers tell it."""
    return moment.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """A sitting told afterwards, whose items have no hour: where a movement told by its hour, or
    by nothing, falls. The order of telling places it after the last item voted before it, and the
    hours of what is placed already keep it between them.

    A vote told again counts where it was first told: to correct it moves nobody.
    """

    decided: Sequence[tuple[int, int]]  # when it was first told and the rank of its item
    hours: list[tuple[datetime, _Place]]
    moved: dict[str, tuple[Event, _Place]] = field(default_factory=dict)
    came: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, events: Iterable[Event], standing: Sequence[Event], position: Mapping[str, int]
    ) -> "_Typed":
        """What the votes and the hours tell of the order, before anything is placed by them."""
        stand = {key for event in standing if (key := _decision(event)) is not None}
        first: dict[tuple[str, ...], int] = {}
        for event in sorted(events, key=lambda event: event.seq):
            if (key := _decision(event)) and key in stand:
                first.setdefault(key, event.seq)
        decided = [(seq, position[key[0]]) for key, seq in first.items() if key[0] in position]
        hours = [
            (event.at, (position[item], _UNDER if own_item(event) else _BEFORE))
            for event in standing
            if event.at is not None and (item := anchor(event)) is not None and item in position
        ]
        return cls(decided=decided, hours=hours)

    def place(self, event: Event) -> _Place:
        """Where it falls."""
        before = [rank for seq, rank in self.decided if seq < event.seq]
        place: _Place = (-1, _AFTER_ROLL)
        if before:
            last = max(before)
            goes_on = any(rank == last for seq, rank in self.decided if seq > event.seq)
            place = (last, _UNDER) if goes_on else (last + 1, _BEFORE)
        if event.at is not None:
            later = [where for at, where in self.hours if at > event.at]
            place = max([min([place, *later]), *(w for at, w in self.hours if at <= event.at)])
        place = self.after_own(event, place)
        told, where = self.moved.get(getattr(event, "member", ""), (event, place))
        # Who left before an item comes back after it was called.
        return (place[0], _UNDER) if told.before and place == where else place

    def after_own(self, event: Event, place: _Place) -> _Place:
        """This place, or that of what was told before of the same member, when it is later and no
        hour says the contrary: nobody comes back before he left."""
        if not isinstance(event, Arrived | Left) or event.member not in self.moved:
            return place
        told, where = self.moved[event.member]
        if told.at and event.at and event.at < told.at:
            return place
        return max(place, where)

    def follow(self, event: Event, place: _Place) -> None:
        """Take up what was placed."""
        if isinstance(event, Arrived | Left):
            self.moved[event.member] = event, place
        if isinstance(event, Arrived):
            self.came.add(event.member)
        if event.at is not None and anchor(event) is None:
            self.hours.append((event.at, place))

    def has_left(self, event: Event) -> bool:
        """Whether it is the arrival of somebody who came and left."""
        if not isinstance(event, Arrived) or event.member not in self.came:
            return False
        return isinstance(self.moved[event.member][0], Left)


def _decision(event: Event) -> tuple[str, ...] | None:
    """What parts a decision from the others on its item; `None` for what decides nothing."""
    match event:
        case BallotHeld(ballot=ballot):
            return ballot.item, ballot.question
        case ElectionHeld(election=election):
            return election.item, election.title, str(len(election.rounds))
        case FateNoted(item=item, fate=fate) if fate not in _UNHEARD:
            return (item,)
    return None


def _is_of_roll(event: Event, opened_at: datetime | None, typed: _Typed) -> bool:
    """Whether it was so when the roll was called, in a sitting told afterwards."""
    if event.at is not None:
        return opened_at is not None and event.at <= opened_at
    return isinstance(event, _TABLE) and not typed.has_left(event)


def _around_roll(event: Event, opened_at: datetime | None) -> _Place:
    """At the roll call, or after it for what the clock says came later."""
    late = event.at is not None and opened_at is not None and event.at > opened_at
    return (-1, _AFTER_ROLL if late else _ROLL)


def _discussion_order(standing: Sequence[Event], agenda: Sequence[str]) -> tuple[str, ...]:
    """The order chosen by the assembly, else that of the agenda with what was opened live.

    Items opened live exchange their places among themselves; the others keep theirs, so that
    opening one item late in the telling does not send it to the head of the sitting.
    """
    opened = list(dict.fromkeys(e.item for e in standing if isinstance(e, ItemOpened)))
    chosen = [event.items for event in standing if isinstance(event, OrderSet)]
    if chosen:
        return tuple(dict.fromkeys([*chosen[-1], *agenda, *opened]))
    live, printed = set(opened), set(agenda)
    turns = iter([item for item in opened if item in printed])
    order = [next(turns) if item in live else item for item in agenda]
    return tuple(dict.fromkeys([*order, *opened]))


def _calls(
    standing: Sequence[Event], order: Sequence[str]
) -> tuple[tuple[str, ...], dict[int, int]]:
    """The order of discussion with what is called again, and where each call stands in it, by
    the `seq` of the call.

    An item called again while it is under discussion keeps its place; after another one, it has
    a place of its own, right after the item that it follows.
    """
    places: list[tuple[str, int]] = [(item, 0) for item in order]
    times: dict[str, int] = {}
    at: dict[int, tuple[str, int]] = {}
    last = ""
    for event in _by_clock([event for event in standing if isinstance(event, ItemOpened)]):
        item = event.item
        if item not in times:
            times[item] = 0
        elif item != last:
            times[item] += 1
            places.insert(places.index((last, times[last])) + 1, (item, times[item]))
        at[event.seq] = item, times[item]
        last = item
    rank = {place: index for index, place in enumerate(places)}
    return tuple(item for item, _ in places), {seq: rank[place] for seq, place in at.items()}


def apply(state: State, event: Event) -> State:
    """The state after one event. Unknown keys change nothing: `checks` reports them."""
    state = entered(state, event)
    match event:
        case Opened(at=at, chair=chair):
            return replace(state, is_open=True, opened_at=at, chair=chair or state.chair)
        case Arrived(member=key, remote=remote):
            return replace(
                state,
                room=state.room | {key},
                remote=state.remote | {key} if remote else state.remote - {key},
                excused=state.excused - {key},
            )
        case Left(member=key):
            return replace(state, room=state.room - {key}, remote=state.remote - {key})
        case Excused(member=key):
            return replace(state, excused=state.excused | {key})
        case SeatTaken(substitute=substitute, titular=titular):
            return replace(state, seats={**state.seats, substitute: titular})
        case SeatReturned(substitute=substitute):
            return replace(state, seats={s: t for s, t in state.seats.items() if s != substitute})
        case ProxyGiven(giver=giver):
            return replace(state, proxies={**state.proxies, giver: event})
        case ProxyRevoked(giver=giver):
            return replace(state, proxies={g: p for g, p in state.proxies.items() if g != giver})
        case Recused(member=key, ground=ground):
            return replace(state, recused={**state.recused, key: ground})
        case CollegeSet(members=members):
            return replace(state, college=frozenset(members))
        case BallotRequested(mode=mode, members=members):
            asking = state.requests.get(mode, frozenset()) | frozenset(members)
            counted = len(asking & state.sitting), len(state.sitting)
            return replace(
                state,
                requests={**state.requests, mode: asking},
                asked={**state.asked, mode: counted},
            )
        case Installed(member=key):
            return replace(state, vacant=state.vacant - {key})
        case Vacated(member=key):
            return replace(state, vacant=state.vacant | {key})
        case ChairTaken(member=key, item=item, elected=is_elected):
            by_vote = key if is_elected else state.elected_chair
            if item:
                return replace(state, acting_chair=key, elected_chair=by_vote)
            return replace(state, chair=key, acting_chair="", elected_chair=by_vote)
        case ClerksNamed(clerks=clerks):
            return replace(state, clerks=clerks)
        case Suspended():
            return replace(state, suspended=True)
        case Resumed():
            return replace(state, suspended=False)
        case DoorsClosed():
            return replace(state, doors_closed=True)
        case DoorsOpened():
            return replace(state, doors_closed=False)
        case Composed(regime=rules):
            return replace(state, vices_stay=rules.by_statutes)
        case ElectionHeld(election=election) if election.secrecy is Secrecy.IMPOSED:
            return _with_officers(state, election)
        case ActTaken(author=key):
            return replace(state, chair=key)
        case Closed(at=at):
            return replace(state, is_open=False, closed_at=at)
    return state


def _with_officers(state: State, election: Election) -> State:
    """The state once the executive is elected: a new president, or more vice-presidents."""
    office = office_of(election)
    elected = decide(election, state.composition).elected if office else ()
    if not elected:
        return state
    if office == "president":
        return replace(state, elected_president=elected[0], elected_vices=())
    return replace(state, elected_vices=tuple(dict.fromkeys((*state.elected_vices, *elected))))


def _with_office(member: Member, state: State, given: Collection[str]) -> Member:
    """The member with the office he holds in this state of a sitting that gives offices to the
    `given` keys."""
    key, elected = member.key, state.elected_president
    if key == elected:
        return replace(member, office="president", office_rank=0)
    if key in state.elected_vices:
        is_new = elected and not state.vices_stay
        rank = state.elected_vices.index(key) + 1 if is_new else member.office_rank
        return replace(member, office="vice-president", office_rank=rank)
    is_of_executive = member.office in ("president", "vice-president")
    ends = elected and (member.is_president or not state.vices_stay)
    if is_of_executive and (ends or key in given):
        return replace(member, office="", office_rank=0)
    return member


def ranked(election: Election, state: State) -> Election:
    """The election of a vice-president under the title that its rank gives: that of nomination,
    after the president that the sitting elected (art. L2122-17), where no other stays; any other
    as it is."""
    is_plain = re.match("vice-présidente?$|adjointe?$", election.title, re.IGNORECASE)
    is_one = election.seats == 1 and election.secrecy is Secrecy.IMPOSED
    if not (is_plain and is_one and state.elected_president):
        return election
    mine = {*state.elected_vices, *decide(election, state.composition).elected}
    if {*state.officers} - mine - {state.president}:
        return election
    rank = french.ordinal(len(state.elected_vices) + 1, feminine=is_plain[0].endswith("e"))
    return replace(election, title=f"{rank} {election.title}")


def entered(state: State, event: Event) -> State:
    """The state that an event finds: that of the item it is about, when it is about another."""
    item = own_item(event)
    return state if item is None or item == state.item else enter_item(state, item)


def enter_item(state: State, item: str) -> State:
    """What is told for one item, its withdrawals, college, requests and chair, ends with it."""
    return replace(
        state, item=item, recused={}, college=None, requests={}, asked={}, acting_chair=""
    )


def _last_rounds(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Without the elections that a later line tells again with more rounds."""
    held = [event for event in events if isinstance(event, ElectionHeld)]
    before = {
        event.seq
        for rank, event in enumerate(held)
        if any(later.election.continues(event.election) for later in held[rank + 1 :])
    }
    return tuple(event for event in events if event.seq not in before)


def _resume_item(state: State, left: State) -> State:
    """An item that is called again finds what was told for it."""
    return replace(
        state,
        recused=left.recused,
        college=left.college,
        requests=left.requests,
        asked=left.asked,
        acting_chair=left.acting_chair,
    )


class Bound(NamedTuple):
    """An item as it was discussed: the states when it was called, when its quorum was last
    verified, and when it was left; `by` is the line that made its quorum be verified then."""

    item: str
    called: State
    put: State
    by: Event | None
    left: State


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """A sitting replayed once: its events in order, an election once with all its rounds, and
    its state at every boundary.

    `at_item[key]` is the state when the item was last put before the assembly (its withdrawals
    included), or when the sitting was resumed on it: the legal moment of its quorum;
    `at_call[key]` is the state when it was first put. `at_ballot[seq]` is the state in which that
    vote was taken, or that fate noted, `put_before[seq]` its legal moment, `verified_by[seq]` the
    call or the resumption that made it so, `None` when no line tells it. `after_item[key]` is the
    state in which the next ballot on that item would be; `at_opening` follows the roll call;
    `at_end` is the last state known.
    """

    composition: Composition
    events: tuple[Event, ...]
    agenda: tuple[str, ...]
    at_opening: State
    at_item: Mapping[str, State]
    at_ballot: Mapping[int, State]
    put_before: Mapping[int, State]
    at_call: Mapping[str, State]
    verified_by: Mapping[int, Event | None]
    after_item: Mapping[str, State]
    at_end: State
    # How it was told: what `extended` begins from.
    told: tuple[Event, ...] = field(compare=False)
    printed: tuple[str, ...]
    layout: Layout
    bounds: tuple[Bound, ...]

    @cached_property
    def told_again(self) -> frozenset[int]:
        """The lines of elections that a later one tells again with more rounds: each judged in its
        own time, none of them the last word."""
        kept = {event.seq for event in self.events}
        return frozenset(event.seq for event in self.layout.events if event.seq not in kept)

    def ballots(self, item: str) -> tuple[Ballot, ...]:
        """The ballots held on an item, in order."""
        return tuple(e.ballot for e in self.of_kind(BallotHeld) if e.ballot.item == item)

    def elections(self, item: str) -> tuple[Election, ...]:
        """The elections held on an item, in order, each with all its rounds."""
        return tuple(e.election for e in self.of_kind(ElectionHeld) if e.election.item == item)

    def fate(self, item: str) -> FateNoted | None:
        """What was noted of an item besides its votes; the last word counts."""
        noted = [event for event in self.of_kind(FateNoted) if event.item == item]
        return noted[-1] if noted else None

    @cached_property
    def is_over(self) -> bool:
        """Whether it decides nothing more: it was closed, or an authority alone took its act."""
        return any(isinstance(event, Closed | ActTaken) for event in self.events)

    @property
    def taken(self) -> ActTaken | None:
        """The act that an authority took alone; `None` of what an assembly deliberates."""
        return next(self.of_kind(ActTaken), None)

    @cached_property
    def clerks_in_turn(self) -> tuple[tuple[str, ...], ...]:
        """Those who kept the minutes together, then whoever was named after them in the course of
        the sitting; a naming without hour nor place tells the roll anew."""
        turns: tuple[tuple[str, ...], ...] = ()
        for event in self.of_kind(ClerksNamed):
            turns = (*(turns if is_in_its_course(event) else ()), event.clerks)
        return turns

    @cached_property
    def clerks(self) -> tuple[str, ...]:
        """Keys of all of them: each signs the minutes (art. L2121-15)."""
        return tuple(dict.fromkeys(chain.from_iterable(self.clerks_in_turn)))

    @cached_property
    def signing_chair(self) -> str:
        """Key of who signs the minutes as their president (art. L2121-15): the president of the
        body where he had the chair at some moment of the sitting, else who had it at the end."""
        chairs = [self.at_opening.chair, self.at_end.chair]
        chairs += [event.member for event in self.of_kind(ChairTaken) if not event.item]
        head = self.at_end.president
        return head if head in chairs else self.at_end.chair

    @cached_property
    def extract_chairs(self) -> Mapping[str, str]:
        """Item → key of who signs its deliberation (art. L2121-23): who presided when it was last
        decided, were it for that item alone; else who had the chair when it was put."""
        moments = dict(self.at_item)
        for event in self.events:
            if isinstance(event, BallotHeld | ElectionHeld | FateNoted) and (i := own_item(event)):
                moments[i] = self.at_ballot[event.seq]
        return {item: state.presiding or self.signing_chair for item, state in moments.items()}

    @cached_property
    def signing(self) -> tuple[tuple[str, str], ...]:
        """Who signs what the sitting leaves, each by what it is of and by name: to be compared."""
        clerks = self.at_opening.clerks or self.at_end.clerks
        keys = [("pv", self.signing_chair), ("liste", self.at_end.president)]
        keys += sorted(self.extract_chairs.items())
        keys += [(f"secretaire-{rank}", key) for rank, key in enumerate(clerks)]
        return tuple((what, self.composition.someone(key).name) for what, key in keys)

    def offices_at(self, state: State) -> Composition:
        """The composition with the offices held at that moment: mandates tell those of the
        evening, and what an election of the sitting gives is held from it on. Once a president is
        elected, who held an office before holds none (art. L2122-10), unless vices stay."""
        given = {self.at_end.elected_president, *self.at_end.elected_vices}
        if not any(given):
            return self.composition
        members = tuple(_with_office(each, state, given) for each in self.composition.members)
        return replace(self.composition, members=members)

    def of_kind(self, kind: type[E]) -> Iterator[E]:
        """The standing events of this kind, as they happened."""
        if kind not in self._kinds:
            self._kinds[kind] = tuple(event for event in self.events if isinstance(event, kind))
        return cast(Iterator[E], iter(self._kinds[kind]))

    @cached_property
    def _kinds(self) -> dict[type, tuple[Event, ...]]:
        """What was sought among the events: a screen asks the same of each item of the agenda."""
        return {}


Observer = Callable[[Event, State], None]


def replay(
    composition: Composition,
    events: Iterable[Event],
    agenda: Sequence[str] = (),
    *,
    observe: Observer | None = None,
) -> Sitting:
    """Tell the whole story once, linear in events plus items.

    `observe` is called with each standing event, in order, and the state it found.
    """
    told, printed = tuple(events), tuple(agenda)
    return tell(composition, told, printed, lay_out(told, printed), observe=observe)


def extended(story: Sitting, new: Iterable[Event]) -> Sitting:
    """The same sitting with these events told after: what replaying all of them would give.

    Only what they change is told again, so that the usual next event of a sitting costs little.
    """
    told = (*story.told, *new)
    layout = lay_out(told, story.printed)
    rank = layout.same_until(story.layout)
    return tell(story.composition, told, story.printed, layout, head=story, rank=rank)


def tell(
    composition: Composition,
    told: tuple[Event, ...],
    printed: tuple[str, ...],
    layout: Layout,
    *,
    observe: Observer | None = None,
    head: Sitting | None = None,
    rank: int = 0,
) -> Sitting:
    """The story of these events, laid out. What comes before the item of that `rank` is taken
    from `head`, which tells the same until there, and is not observed again.
    """
    order, groups = layout
    if rank <= 0:
        head = None
    at_ballot: dict[int, State] = {}
    put_before: dict[int, State] = {}
    verified_by: dict[int, Event | None] = {}
    bounds: list[Bound] = []
    put: State = State(composition=composition)
    by: Event | None = None
    decided: tuple[State, Event | None] | None = None  # the legal moment of the last vote on it

    def run(state: State, *places: _Place) -> State:
        nonlocal put, by, decided
        for place in places:
            for event in groups.get(place, ()):
                if observe is not None:
                    observe(event, state)
                if isinstance(event, BallotHeld | ElectionHeld | FateNoted):
                    at_ballot[event.seq] = state
                    put_before[event.seq], verified_by[event.seq] = decided = put, by
                state = apply(state, event)
                if isinstance(event, ItemOpened | Resumed):
                    put, by = state, event
                elif isinstance(event, Recused):
                    put = apply(put, event)  # whenever it is said, out of the item's quorum
        return state

    if head is None:
        begun = State(composition=composition, vacant=layout.newcomers)
        state = at_opening = run(begun, (-1, _ROLL))
        state = run(state, (-1, _AFTER_ROLL))
        rank = 0
    else:
        again = {event.seq for event in head.layout.from_rank(rank)}
        at_ballot.update((seq, was) for seq, was in head.at_ballot.items() if seq not in again)
        put_before.update((seq, was) for seq, was in head.put_before.items() if seq not in again)
        verified_by.update((seq, e) for seq, e in head.verified_by.items() if seq not in again)
        bounds += head.bounds[:rank]
        at_opening, state = head.at_opening, bounds[-1].left
    left = {bound.item: bound.left for bound in bounds}
    for index in range(rank, len(order)):
        item = order[index]
        state = enter_item(run(state, (index, _BEFORE)), item)
        if item in left:
            state = _resume_item(state, left[item])
        by = None
        called = put = run(state, (index, _OPENING))
        decided = None
        state = run(put, (index, _UNDER))
        bounds.append(Bound(item, called, *(decided or (put, by)), state))
        left[item] = state
    end = len(order)
    at_end = run(state, (end, _BEFORE), (end, _OPENING), (end, _UNDER), (end + 1, _UNDER))
    return Sitting(
        composition=composition,
        events=_last_rounds(layout.events),
        agenda=tuple(reversed(dict.fromkeys(reversed(order)))),
        at_opening=at_opening,
        at_item={bound.item: bound.put for bound in bounds},
        at_call={bound.item: bound.called for bound in reversed(bounds)},
        at_ballot=at_ballot,
        put_before=put_before,
        verified_by=verified_by,
        after_item=left,
        at_end=at_end,
        told=told,
        printed=printed,
        layout=layout,
        bounds=tuple(bounds),
    )
