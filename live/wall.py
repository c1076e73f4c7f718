"""What a room may read while a sitting is held: frozen values for the wall, the public, a tablet.

A `Wall` holds words and figures, never a row of the database, so that a template can show
nothing that is not in it. When the doors are closed it is `HUIS_CLOS`, which holds nothing at
all: whoever prints it prints those two words, whatever the template does.

Names. An ordinary ballot shows its figures only, for the whole assembly: the split of a
constituency of two would say who raised his hand (art. L2121-21 du CGCT names voters in public
ballots alone). A public ballot shows each seat, grouped by constituency, once proclaimed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.utils import timezone

from law import assembly, ballots, elections, french, sentences, sitting, voting
from law.quorum import Quorum
from live import hemicycle, refresh
from live import reading as live
from live.hemicycle import Bar, Hemicycle, Mark
from live.models import Equipment, Poll
from meetings import briefs, public, reading
from meetings.models import Meeting

# --- What it is ------------------------------------------------------------------------------


class Phase(StrEnum):
    """The moment of the sitting; also the CSS class of the screen."""

    BEFORE = "avant"
    OPEN = "ouverte"  # opened, no item before the assembly
    ITEM = "point"
    POLL = "scrutin"
    RESULT = "resultat"
    SUSPENDED = "suspendue"
    HUIS_CLOS = "huis-clos"
    CLOSED = "levee"
    CANCELLED = "annulee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A point of the agenda as it is announced."""

    number: str = ""
    title: str = ""
    section: str = ""
    rapporteur: str = ""

    @property
    def size(self) -> str:
        """How large the title may be set: "" as large as the room allows."""
        length = len(self.title)
        return "" if length <= 70 else "long" if length <= 180 else "very-long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voting:
    """A ballot being taken: how many have answered, never what."""

    mode: str
    question: str = ""
    items: tuple[Item, ...] = ()  # those voted en bloc
    on_tablets: bool = False
    is_secret: bool = False
    answered: int = 0
    expected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A figure of the result, in votes."""

    mark: Mark
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table beside the picture, its numbers under `Result.counts`."""

    name: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Who made a choice in a public ballot."""

    mark: Mark
    names: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A ballot proclaimed. `hemicycle` is `None` where only bars can tell it truly."""

    verdict: str
    detail: str  # how, in a few words
    because: str  # the count and the rule
    is_adopted: bool
    mode: str
    counts: tuple[Count, ...]
    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    hemicycle: Hemicycle | None = None
    question: str = ""
    items: tuple[Item, ...] = ()  # those voted en bloc, or one that is not under discussion
    named: tuple[Named, ...] = ()

    @property
    def summary(self) -> str:
        """The picture in one sentence."""
        figures = ", ".join(f"{each.mark.words.lower()} {each.number}" for each in self.counts)
        return f"{self.verdict} {self.detail}".strip() + f" ({figures})."


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """An election as it stands: who is proclaimed, and the figures of the last round."""

    proclaimed: tuple[str, ...]
    round: str = ""
    figures: str = ""
    bars: tuple[Bar, ...] = ()

    @property
    def summary(self) -> str:
        """Who is proclaimed, in one line."""
        return " ".join(self.proclaimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A line of the agenda with what became of it."""

    item: Item
    depth: int
    is_section: bool
    is_current: bool
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """Everything a screen shows. Every field is empty unless the phase calls for it."""

    phase: Phase
    organisation: str = ""
    body: str = ""
    day: str = ""
    hour: str = ""
    place: str = ""
    represented: int = 0
    quorum: Quorum | None = None
    item: Item | None = None
    voting: Voting | None = None
    results: tuple[Result, ...] = ()
    contests: tuple[Contest, ...] = ()
    fates: tuple[str, ...] = ()  # what became of the item without a vote
    reason: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether the public must see nothing."""
        return self.phase is Phase.HUIS_CLOS

    @property
    def awaits(self) -> int:
        """How many more must come for the quorum, before the opening."""
        return self.quorum.missing if self.quorum else 0

    @property
    def announcement(self) -> str:
        """What a screen reader says when the screen changes."""
        match self.phase:
            case Phase.HUIS_CLOS:
                return "Huis clos"
            case Phase.BEFORE:
                return f"La séance est prévue à {self.hour}."
            case Phase.SUSPENDED:
                return "La séance est suspendue."
            case Phase.CLOSED:
                return "La séance est levée."
            case Phase.CANCELLED:
                return "La séance est annulée."
            case Phase.OPEN:
                return "La séance est ouverte."
        title = f"{self.item.number} {self.item.title}".strip() if self.item else ""
        if self.phase is Phase.POLL:
            return f"Scrutin ouvert. {title}"
        told = [each.summary for each in (*self.results, *self.contests)]
        return " ".join([title, *told, *self.fates])


HUIS_CLOS = Wall(phase=Phase.HUIS_CLOS)


# --- How it is made ---------------------------------------------------------------------------


def of(meeting: Meeting, *, inside: bool = False) -> Wall:
    """The wall of this sitting, now. `inside`: for a member who is in the room in huis clos.

    A flat number of queries: the ledger, the items, the open poll and how many answered.
    """
    if not inside and is_blank(meeting, live.state(meeting)):
        return HUIS_CLOS
    return _wall(meeting, _polling(meeting), {} if inside else public.lines(meeting))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Polling:
    """The vote being taken: of a poll that is not secret, seat → what was received; of a secret
    one, the seats whose paper is in the urn. Both empty when it is not held on the tablets."""

    poll: Poll
    choices: Mapping[str, str]
    used: frozenset[str]


def _polling(meeting: Meeting) -> _Polling | None:
    poll = live.current_poll(meeting)
    if poll is None:
        return None
    is_public = poll.on_tablets and not poll.is_secret
    return _Polling(
        poll=poll,
        choices=poll.votes if is_public else {},
        used=poll.used if poll.is_secret and poll.on_tablets else frozenset(),
    )


def _wall(meeting: Meeting, polling: _Polling | None, kept: Mapping[int, sitting.Event]) -> Wall:
    """The wall for whoever is in the room; `kept` are the lines of which not all is told."""
    state = live.state(meeting)
    phase = _phase(meeting, state)
    wall = Wall(
        phase=phase,
        organisation=meeting.organisation.name,
        body=meeting.body.name,
        day=french.nbsp(french.long_date(meeting.held_on, weekday=True)),
        hour=french.clock(meeting.hour) if meeting.hour else "",
        place=meeting.place,
        represented=len(state.living_proxies),
        quorum=meeting.quorum_of(state),
    )
    match phase:
        case Phase.SUSPENDED:
            suspended = [*meeting.sitting.of_kind(sitting.Suspended)]
            last = suspended and kept.get(suspended[-1].seq, suspended[-1])
            return replace(wall, reason=last.reason if last else "")
        case Phase.CLOSED:
            closed_at = state.closed_at
            return replace(wall, hour=french.clock(closed_at) if closed_at else "")
        case Phase.BEFORE | Phase.CANCELLED:
            return wall
    if polling is not None:
        return replace(
            wall,
            phase=Phase.POLL,
            item=_item(meeting, polling.poll.items[0]),
            voting=_voting(meeting, polling),
        )
    if not state.item:
        return wall
    told = [kept.get(event.seq, event) for event in _since_opened(meeting)]
    held = [event for event in told if isinstance(event, sitting.BallotHeld)]
    decided = replace(
        wall,
        item=_item(meeting, state.item),
        results=tuple(_result(meeting, group, state.item) for group in _blocs(held)),
        contests=tuple(
            _contest(meeting, each) for each in told if isinstance(each, sitting.ElectionHeld)
        ),
        fates=tuple(
            sentences.fate(each, reading.words(meeting))
            for each in told
            if isinstance(each, sitting.FateNoted)
        ),
    )
    is_decided = decided.results or decided.contests or decided.fates
    return replace(decided, phase=Phase.RESULT) if is_decided else decided


def _last_opened(meeting: Meeting) -> sitting.ItemOpened | None:
    """The opening of the item under discussion: the last one told."""
    return max(
        meeting.sitting.of_kind(sitting.ItemOpened), key=lambda event: event.seq, default=None
    )


def is_blank(meeting: Meeting, state: sitting.State) -> bool:
    """Whether the public must see nothing: the story says so, or the last word told does.

    Both are asked, because a door told in the wrong place must never open a screen.
    """
    if not state.is_open:
        return False
    doors = [
        event
        for event in meeting.sitting.events
        if isinstance(event, sitting.DoorsClosed | sitting.DoorsOpened)
    ]
    last = max(doors, key=lambda event: event.seq, default=None)
    return state.doors_closed or isinstance(last, sitting.DoorsClosed)


def _phase(meeting: Meeting, state: sitting.State) -> Phase:
    if meeting.stage == Meeting.Stage.CANCELLED:
        return Phase.CANCELLED
    if live.is_closed(meeting):
        return Phase.CLOSED
    if not state.is_open:
        return Phase.BEFORE
    if state.suspended:
        return Phase.SUSPENDED
    return Phase.ITEM if state.item else Phase.OPEN


# --- Items and ballots -----------------------------------------------------------------------

BULLET = "•"


def _item(meeting: Meeting, key: str) -> Item:
    if key not in meeting.agenda:
        return Item()
    node = meeting.agenda[key]
    holders = (each for each in meeting.agenda.nodes if node in each.children)
    rapporteur = meeting.basis.composition.by_key.get(node.item.rapporteur)
    return Item(
        number=node.number.replace(BULLET, ""),
        title=node.item.title,
        section=next((each.item.title for each in holders), ""),
        rapporteur=french.nbsp(sentences.named(rapporteur)) if rapporteur else "",
    )


def _items(meeting: Meeting, keys: Sequence[str]) -> tuple[Item, ...]:
    """The items of a vote en bloc; none for a vote on one."""
    return tuple(_item(meeting, key) for key in keys) if len(keys) > 1 else ()


def _voting(meeting: Meeting, polling: _Polling) -> Voting:
    poll = polling.poll
    return Voting(
        mode=MODES[ballots.Mode(poll.mode)],
        question=poll.question,
        items=_items(meeting, poll.items),
        on_tablets=poll.on_tablets,
        is_secret=poll.is_secret,
        answered=len(polling.choices) + len(polling.used),
        expected=len(poll.voters) if poll.on_tablets else 0,
    )


MODES = {
    ballots.Mode.ORDINARY: "Vote à main levée",
    ballots.Mode.PUBLIC: "Scrutin public",
    ballots.Mode.SECRET: "Scrutin secret",
}


def _since_opened(meeting: Meeting) -> list[sitting.Event]:
    """What was told since the current item was opened, in the order of telling."""
    opened = _last_opened(meeting)
    since = opened.seq if opened else 0
    told = (event for event in meeting.sitting.events if event.seq > since)
    return sorted(told, key=lambda event: event.seq)


def _blocs(told: Iterable[sitting.BallotHeld]) -> Iterator[list[sitting.BallotHeld]]:
    """Ballots proclaimed together: the same vote on several items, in one breath."""
    bloc: list[sitting.BallotHeld] = []
    for event in told:
        if bloc and _vote_of(event) != _vote_of(bloc[0]):
            yield bloc
            bloc = []
        bloc.append(event)
    if bloc:
        yield bloc


def _vote_of(event: sitting.BallotHeld) -> tuple[object, ...]:
    told = event.ballot
    return (event.at, replace(told, item="", key=""))


def _result(meeting: Meeting, bloc: Sequence[sitting.BallotHeld], item: str) -> Result:
    ballot = bloc[0].ballot
    state = meeting.sitting.at_ballot[bloc[0].seq]
    outcome = voting.of(ballot, state, meeting.regime)
    keys = tuple(event.ballot.item for event in bloc)
    verdict, detail = _decision(meeting, keys, ballot, outcome)
    # In huis clos a public ballot is counted and not shown: names come with the minutes.
    shows_seats = ballot.mode is ballots.Mode.PUBLIC and not state.doors_closed
    groups = _seats(ballot, state) if shows_seats else {}
    whole = _whole(outcome.tally)
    counts = _counts(whole, ballot.mode) if outcome.is_counted else ()
    rows = {name: _votes(ballot, state, seats) for name, seats in groups.items()}
    rows = rows or {"": whole}
    return Result(
        verdict=verdict,
        detail=detail,
        because=french.capitalise(french.nbsp(outcome.because)),
        is_adopted=outcome.adopted,
        mode=MODES[ballot.mode],
        counts=counts,
        rows=tuple(
            Row(
                name=name or "Assemblée",
                numbers=tuple(votes.get(each.mark, 0) for each in counts),
            )
            for name, votes in rows.items()
        ),
        bars=_bars(rows) if outcome.is_counted else (),
        hemicycle=_hemicycle(ballot, state, groups, whole) if outcome.is_counted else None,
        question=ballot.question,
        items=tuple(_item(meeting, key) for key in keys) if keys != (item,) else (),
        named=_named(outcome.tally, state) if shows_seats else (),
    )


def _decision(
    meeting: Meeting, keys: Sequence[str], ballot: ballots.Ballot, outcome: ballots.Outcome
) -> tuple[str, str]:
    """The verdict in a word or two that agree with what was voted, and how in a few."""
    is_bloc = len(keys) > 1
    subject = sentences.PROPOSAL
    if not ballot.question and keys[0] in meeting.agenda:
        subject = reading.subject(meeting.agenda[keys[0]].item)
    if is_bloc:
        subject = replace(subject, feminine=False, plural=True)
    verdict = french.capitalise(sentences.verdict(outcome, subject))
    if outcome.casting_vote_of:
        return verdict, "Partage des voix\u00a0: celle de qui préside l’emporte."
    if outcome.is_counted and not outcome.adopted:
        return verdict, _why_not(outcome)
    return verdict, sentences.manner(outcome)


def _bars(rows: Mapping[str, Mapping[Mark, int]]) -> tuple[Bar, ...]:
    """One bar a constituency; one bar a choice where there is only the whole assembly."""
    if len(rows) > 1:
        return hemicycle.bars([*rows.items()])
    (votes,) = rows.values()
    return hemicycle.bars([(mark.words, {mark: number}) for mark, number in votes.items()])


def _why_not(outcome: ballots.Outcome) -> str:
    """Why it was rejected, in a few words; `Outcome.because` tells the whole."""
    tally = outcome.tally
    if not tally.cast:
        return "Aucun suffrage n’a été exprimé."
    if tally.for_ == tally.against:
        return "Les voix sont également partagées."
    return french.nbsp(f"Il fallait {french.count(outcome.required, 'voix')} pour.")


def _seats(ballot: ballots.Ballot, state: sitting.State) -> dict[str, list[str]]:
    """Constituency → keys of its titulars, in the order of the roll."""
    seats: dict[str, list[str]] = {c.name: [] for c in state.composition.constituencies}
    for titular in state.composition.titulars:
        seats.setdefault(state.composition.heading_of(titular), []).append(titular.key)
    return {name: keys for name, keys in seats.items() if keys}


def _mark(ballot: ballots.Ballot, seat: str, voters: Mapping[str, int]) -> Mark:
    if seat not in voters:
        return Mark.ABSENT
    return Mark(ballot.choices.get(seat, ballots.Choice.NOT_VOTING).value)


def _weights(state: sitting.State) -> dict[str, int]:
    return {voice.seat: voice.weight for voice in state.voices}


def _votes(ballot: ballots.Ballot, state: sitting.State, seats: Iterable[str]) -> Counter[Mark]:
    """The votes of these seats, by what they were."""
    voters = _weights(state)
    votes: Counter[Mark] = Counter()
    for seat in seats:
        if seat in voters:
            votes[_mark(ballot, seat, voters)] += voters[seat]
    return votes


def _whole(tally: ballots.Tally) -> dict[Mark, int]:
    return {
        Mark.FOR: tally.for_,
        Mark.AGAINST: tally.against,
        Mark.ABSTAIN: tally.abstentions,
        Mark.BLANK: tally.blank,
        Mark.NULL: tally.null,
        Mark.NOT_VOTING: tally.not_voting,
    }


def _counts(votes: Mapping[Mark, int], mode: ballots.Mode) -> tuple[Count, ...]:
    """For, against and, unless the ballot is secret, abstentions always; others when any."""
    always = {Mark.FOR, Mark.AGAINST}
    if mode is not ballots.Mode.SECRET:
        always.add(Mark.ABSTAIN)
    return tuple(
        Count(mark=mark, number=votes.get(mark, 0))
        for mark in Mark
        if votes.get(mark) or mark in always
    )


def _hemicycle(
    ballot: ballots.Ballot,
    state: sitting.State,
    groups: Mapping[str, Sequence[str]],
    whole: Mapping[Mark, int],
) -> Hemicycle | None:
    """One dot a seat: by constituency when seats may be told apart, otherwise by choice.

    `None` when a dot would lie: votes that weigh, figures beyond the seats, too many seats.
    """
    titulars = state.composition.titulars
    told = sum(whole.values())
    if (
        state.composition.is_weighted
        or told > len(titulars)
        or len(titulars) > hemicycle.MOST_SEATS
    ):
        return None
    voters = _weights(state)
    if not groups and len(cast := [mark for mark, number in whole.items() if number]) == 1:
        # Everybody voted alike: a seat says no more than the verdict does.
        return hemicycle.hemicycle(
            [
                (name, [cast[0] if seat in voters else Mark.ABSENT for seat in seats])
                for name, seats in _seats(ballot, state).items()
            ]
        )
    if groups:
        return hemicycle.hemicycle(
            [
                (name, [_mark(ballot, seat, voters) for seat in seats])
                for name, seats in groups.items()
            ]
        )
    order = (Mark.FOR, Mark.ABSTAIN, Mark.BLANK, Mark.NULL, Mark.AGAINST, Mark.NOT_VOTING)
    marks = [mark for mark in order for _ in range(whole.get(mark, 0))]
    return hemicycle.hemicycle([("", marks + [Mark.ABSENT] * (len(titulars) - told))])


def _named(tally: ballots.Tally, state: sitting.State) -> tuple[Named, ...]:
    return tuple(
        Named(
            mark=Mark(choice.value),
            names=french.nbsp(sentences.names(state.composition[seat] for seat in seats)),
        )
        for choice, seats in tally.named.items()
    )


def _contest(meeting: Meeting, event: sitting.ElectionHeld) -> Contest:
    """Who is elected, and how many votes each obtained in the last round: papers, not voters."""
    composition = meeting.basis.composition
    election = sitting.ranked(event.election, meeting.sitting.at_ballot[event.seq])
    result = elections.decide(election, composition)
    proclaimed = sentences.proclaimed(election, result, composition)
    if not result.counts:
        return Contest(proclaimed=proclaimed)
    last = result.counts[-1]
    names = _candidates(election, composition)
    return Contest(
        proclaimed=proclaimed,
        round=f"{french.ordinal(last.number)} tour" if len(result.counts) > 1 else "Élection",
        figures=french.sentence(elections.figures(last)),
        bars=hemicycle.bars(
            [(names.get(key, key), {Mark.PAPER: number}) for key, number in last.votes.items()]
        ),
    )


def _candidates(election: elections.Election, composition: assembly.Composition) -> dict[str, str]:
    """Key of a candidate or of a list → its name."""
    names = {
        each.key: each.name or composition[each.key].name
        for each in election.candidates
        if each.name or each.key in composition
    }
    return names | {each.key: each.title or each.key for each in election.lists}


# --- The agenda and what became of it ---------------------------------------------------------


def agenda(meeting: Meeting, *, inside: bool = False) -> tuple[Point, ...]:
    """Every point with the figures of its votes; () in huis clos, like the wall."""
    state = live.state(meeting)
    if is_blank(meeting, state) and not inside:
        return ()
    # Votes being cast do not change what was decided: it is kept until another line is told.
    last = meeting.told.sha256 if meeting.told else ""
    told = refresh.cached(f"decided:{last}", meeting.pk, 0, lambda: _told_by_item(meeting))
    return tuple(
        Point(
            item=_item(meeting, node.item.key),
            depth=node.depth,
            is_section=node.item.is_section,
            is_current=node.item.key == state.item,
            told=told.get(node.item.key, ()),
        )
        for node in briefs.announced(meeting, on=timezone.localdate()).nodes
    )


def _told_by_item(meeting: Meeting) -> dict[str, tuple[str, ...]]:
    """Item → what was decided."""
    told: dict[str, tuple[str, ...]] = {}
    kept = public.lines(meeting)
    for event in (kept.get(each.seq, each) for each in meeting.sitting.events):
        if isinstance(event, sitting.BallotHeld):
            decided = (_in_short(meeting, event),)
        elif isinstance(event, sitting.ElectionHeld):
            decided = _contest(meeting, event).proclaimed
        elif isinstance(event, sitting.FateNoted):
            decided = (sentences.fate(event, reading.words(meeting)),)
        else:
            continue
        key = sitting.anchor(event) or ""
        told[key] = told.get(key, ()) + decided
    return told


def _in_short(meeting: Meeting, event: sitting.BallotHeld) -> str:
    """The decision and its figures; never a name, whatever the ballot was."""
    ballot = event.ballot
    outcome = voting.of(ballot, meeting.sitting.at_ballot[event.seq], meeting.regime)
    verdict, detail = _decision(meeting, [ballot.item], ballot, outcome)
    told = f"{verdict} {detail}".strip().rstrip(".")
    if outcome.is_counted:
        told += f" ({sentences.counts(outcome.tally)})"
    if ballot.question:
        told = f"«\u00a0{ballot.question}\u00a0»\u00a0: {told[0].lower()}{told[1:]}"
    return french.sentence(told)


# --- A tablet ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Room:
    """What all the tablets of a sitting have in common, read once for all of them.

    `choices` joins a seat to what was received for it in a poll that is not secret; `used` are
    the seats whose paper is in the urn. Neither leaves this value but for the seats of one member.
    """

    wall: Wall
    agenda: tuple[Point, ...]
    is_huis_clos: bool
    state: sitting.State
    equipment: Equipment
    poll: Poll | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    used: frozenset[str] = frozenset()

    @property
    def composition(self) -> assembly.Composition:
        """Who makes up the assembly."""
        return self.state.composition

    @property
    def outside(self) -> Wall:
        """The wall for whoever is not in the room."""
        return HUIS_CLOS if self.is_huis_clos else self.wall


def room(meeting: Meeting) -> Room:
    """A flat number of queries: the ledger, the items, the poll, its votes, the equipment."""
    state, polling = live.state(meeting), _polling(meeting)
    return Room(
        wall=_wall(meeting, polling, {}),
        agenda=agenda(meeting, inside=True),
        is_huis_clos=is_blank(meeting, state),
        state=state,
        equipment=getattr(meeting, "equipment", None) or Equipment(),
        poll=polling.poll if polling else None,
        choices=polling.choices if polling else {},
        used=polling.used if polling else frozenset(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One seat a delegate votes for: his own, or one whose proxy he carries."""

    seat: str
    for_whom: str
    choice: str = ""  # what was received, never of a secret ballot
    is_used: bool = False  # a secret paper is in the urn
    unsaid: str = ""  # what no answer will mean

    @property
    def recorded(self) -> str:
        """What was received, in words; "" while nothing was."""
        return Mark(self.choice).words if self.choice else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tablet:
    """What one delegate reads on his tablet."""

    name: str
    standing: str
    notes: tuple[str, ...]
    wall: Wall
    may_check_in: bool = False
    is_off: bool = False  # the secretary did not open tablets for this sitting
    poll: int | None = None
    is_secret: bool = False
    papers: tuple[Paper, ...] = ()
    why_no_vote: str = ""

    @property
    def call(self) -> str:
        """What a screen reader adds when a vote waits for an answer."""
        waiting = [paper for paper in self.papers if not paper.choice and not paper.is_used]
        return "À vous de voter." if waiting else self.why_no_vote


def tablet(room: Room, key: str) -> Tablet:
    """The tablet of this member. In huis clos, one who is not in the room sees nothing of it."""
    member, state = room.composition[key], room.state
    is_here = key in state.room
    shown = room.wall if is_here or not room.is_huis_clos else HUIS_CLOS
    if not room.equipment.tablets:
        return Tablet(name=member.name, standing="", notes=(), wall=HUIS_CLOS, is_off=True)
    own = Tablet(
        name=member.name,
        standing=_standing(room, key),
        notes=tuple(_notes(room, key)),
        wall=shown,
        may_check_in=_may_check_in(room, key),
    )
    poll = room.poll
    if shown.phase is not Phase.POLL or poll is None:
        return own
    if not poll.on_tablets:
        return replace(own, why_no_vote="Ce vote se tient dans la salle, pas sur les tablettes.")
    papers = tuple(_paper(room, poll, key, seat) for seat in poll.seats_of(key))
    return replace(
        own,
        poll=poll.pk,
        is_secret=poll.is_secret,
        papers=papers,
        why_no_vote="" if papers else "Vous ne prenez pas part à ce scrutin.",
    )


def _paper(room: Room, poll: Poll, key: str, seat: str) -> Paper:
    voice = poll.voters[seat]
    titular = _name(room, seat)
    if voice.by_proxy:
        for_whom = f"Pour {titular}, qui vous a donné pouvoir"
    else:
        for_whom = "Votre vote" if seat == key else f"Au siège de {titular}, que vous suppléez"
    return Paper(
        seat=seat,
        for_whom=for_whom,
        choice=room.choices.get(seat, ""),
        is_used=seat in room.used,
        unsaid=UNSAID[live.silence(poll)],
    )


UNSAID = {
    ballots.Choice.FOR: "sans réponse, ce siège est compté pour",
    ballots.Choice.NOT_VOTING: "sans réponse, ce siège ne prend pas part au vote",
}


def _may_check_in(room: Room, key: str) -> bool:
    """Nobody comes in during a vote: who can vote is settled until it ends."""
    return (
        room.equipment.check_in
        and key not in room.state.room
        and room.poll is None
        and room.wall.phase not in (Phase.CLOSED, Phase.CANCELLED)
    )


def _standing(room: Room, key: str) -> str:
    """ "Vous êtes présente", "Vous n’êtes pas pointé"."""
    member, state = room.composition[key], room.state
    is_woman = member.civility == "Mme"
    if key in state.remote:
        return f"Vous êtes {french.agree('présent', feminine=is_woman)} à distance."
    if key in state.room:
        return f"Vous êtes {french.agree('présent', feminine=is_woman)}."
    if holder := state.holder_of(key):
        return (
            f"Vous êtes {french.agree('représenté', feminine=is_woman)} par {_name(room, holder)}."
        )
    return f"Vous n’êtes pas encore {french.agree('pointé', feminine=is_woman)}."


def _notes(room: Room, key: str) -> Iterator[str]:
    """What a delegate should know of his own vote."""
    state = room.state
    for titular, occupant in state.occupants.items():
        if occupant == key != titular:
            yield f"Vous siégez à la place {french.contract('de', _name(room, titular))}."
    for giver, holder in state.living_proxies.items():
        if holder == key:
            yield f"Vous portez le pouvoir {french.contract('de', _name(room, giver))}."
    if key in state.recused:
        is_woman = room.composition[key].civility == "Mme"
        withdrawn = french.agree("retiré", feminine=is_woman)
        yield f"Vous vous êtes {withdrawn} de ce point\u00a0: vous n’y prenez pas part."


def _name(room: Room, key: str) -> str:
    return french.nbsp(sentences.named(room.composition.someone(key)))
