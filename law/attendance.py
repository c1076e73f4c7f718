"""Who came, over many sittings: told of each seat and of each person, judged of nobody.

What is counted is what the ledger of each sitting tells, once replayed:

- a seat is due at each sitting at which its titular was in office, were it for one item; it was
  held when he came, or when a substitute sat in it; a proxy voted for it and did not hold it;
- a substitute is called only where he sat: where he did not, nothing is counted of him;
- who has a consultative voice is counted apart, since no quorum needs him;
- who withdraws from an item (`déport`) is there all the same;
- who came late or left early came: of how many items is told beside.

A sitting without a quorum is one to which everybody was called, and so is the second call that
follows it: each is a column, and neither stands for the other.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from law import sitting
from law.assembly import Capacity, Member
from law.sitting import Fate, Sitting, State


class Mark(StrEnum):
    """What became of one person at one sitting."""

    PRESENT = "present"
    REPLACED = "supplee"  # a substitute sat in his seat
    REPRESENTED = "represente"  # a living proxy voted for him
    EXCUSED = "excuse"
    ABSENT = "absent"
    LISTENED = "assiste"  # a substitute who was there, and sat in no seat
    UNCALLED = "non_appele"  # a substitute whom nobody asked to sit
    OUT = "sans_mandat"

    @property
    def letter(self) -> str:
        """What a picture writes besides its shape."""
        return _LETTERS[self]


_LETTERS = {
    Mark.PRESENT: "P",
    Mark.REPLACED: "S",
    Mark.REPRESENTED: "R",
    Mark.EXCUSED: "E",
    Mark.ABSENT: "A",
    Mark.LISTENED: "p",
    Mark.UNCALLED: "·",
    Mark.OUT: "–",
}
HELD = frozenset({Mark.PRESENT, Mark.REPLACED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A sitting that was held: its story, and which items of its agenda may be discussed (no
    section is). `who` gives the person of each key, the same from one sitting to another; `place`,
    for whom he sits, where the name of then is not that of now."""

    story: Sitting
    items: frozenset[str]
    who: Mapping[str, str]
    place: Mapping[str, str] = field(default_factory=dict)

    def place_of(self, member: Member) -> str:
        """The community (`collectivité`) that he sits for, else his college, else ""."""
        return self.place.get(member.key) or member.community or member.constituency


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One person at one sitting. Of the `items` discussed while he was in office, he was there at
    `there`, his seat was held at `held`, and had a vote, a proxy included, at `heard`. `by` is the
    key of who sat, or voted, for him; of a substitute, that of the titular whose seat he took."""

    mark: Mark
    items: int = 0
    there: int = 0
    held: int = 0
    heard: int = 0
    by: str = ""

    @property
    def told(self) -> int:
        """At how many items he was what is told of him: there, or with somebody in his seat, or
        with a vote."""
        return {Mark.PRESENT: self.there, Mark.REPLACED: self.held}.get(self.mark, self.heard)

    @property
    def is_partial(self) -> bool:
        """Whether that was so of some of the items only."""
        is_of_items = self.mark in (Mark.PRESENT, Mark.REPLACED, Mark.REPRESENTED)
        return is_of_items and self.told < self.items

    @property
    def is_due(self) -> bool:
        """Whether anything was expected of him."""
        return self.mark not in (Mark.OUT, Mark.UNCALLED, Mark.LISTENED)


OUT = Cell(mark=Mark.OUT)


def discussed(held: Held) -> tuple[str, ...]:
    """The items that were put before the assembly: neither withdrawn nor put off unheard, nor
    left when a sitting closed for want of a quorum or called its items one by one."""
    story = held.story
    decided = {
        sitting.own_item(event)
        for event in story.events
        if isinstance(event, sitting.BallotHeld | sitting.ElectionHeld)
    }
    called = {event.item for event in story.of_kind(sitting.ItemOpened)}
    is_short = any(event.for_want_of_quorum for event in story.of_kind(sitting.Closed))
    found = []
    for key in story.agenda:
        fate = story.fate(key)
        is_unheard = fate is not None and fate.fate in (Fate.WITHDRAWN, Fate.POSTPONED)
        if key not in held.items or (is_unheard and key not in decided):
            continue
        if key in decided or key in called or fate or not (called or is_short):
            found.append(key)
    return tuple(found)


def _moments(story: Sitting, item: str) -> list[State]:
    """When an item was put before the assembly, and each time it was voted."""
    voted = [
        story.at_ballot[event.seq]
        for event in story.events
        if event.seq in story.at_ballot and sitting.own_item(event) == item
    ]
    return [story.at_item[item], *voted]


def cells(held: Held) -> dict[str, Cell]:
    """Each member of the sitting, by his key."""
    story = held.story
    moments = [_moments(story, item) for item in discussed(held)]
    known = [state for bound in story.bounds for state in (bound.called, bound.put, bound.left)]
    known = [story.at_opening, *(state for each in moments for state in each), *known, story.at_end]
    came = {event.member for event in story.of_kind(sitting.Arrived)}
    gave = {event.giver for event in story.of_kind(sitting.ProxyGiven)}
    excused = gave | {event.member for event in story.of_kind(sitting.Excused)}

    def told(member: Member) -> Cell:
        key = member.key
        if all(key in state.vacant for state in known):
            return OUT
        during = [
            states
            for each in moments
            if (states := [state for state in each if key not in state.vacant])
        ]

        def count(is_so: Callable[[State], object]) -> int:
            return sum(any(is_so(state) for state in states) for states in during)

        there = count(lambda state: key in state.room)
        if member.capacity is Capacity.SUBSTITUTE:
            sat = (t for state in known for t, who in state.occupants.items() if who == key)
            seat = next(sat, "")
            if not seat:
                return Cell(mark=Mark.LISTENED if key in came else Mark.UNCALLED)
            at = count(lambda state: key in state.attending)
            return Cell(mark=Mark.PRESENT, items=len(during), there=at, held=at, heard=at, by=seat)
        seated = [s.occupants[key] for s in known if s.occupants.get(key, key) != key]
        voted = [s.living_proxies[key] for s in known if key in s.living_proxies]
        if key in came:
            mark = Mark.PRESENT
        elif seated:
            mark = Mark.REPLACED
        elif voted:
            mark = Mark.REPRESENTED
        else:
            mark = Mark.EXCUSED if key in excused else Mark.ABSENT
        return Cell(
            mark=mark,
            items=len(during),
            there=there,
            held=count(lambda state: key in state.occupants),
            heard=count(lambda state: key in state.occupants or key in state.living_proxies),
            by=next(iter(seated or voted), ""),
        )

    return {member.key: told(member) for member in story.composition.members}


# --- Over the year ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person in one capacity at one place, over all the sittings, in their order; `member` as
    he was at the last one."""

    who: str
    place: str
    member: Member
    cells: tuple[Cell, ...]

    @cached_property
    def counts(self) -> Mapping[Mark, int]:
        """How many sittings of each mark."""
        return Counter(cell.mark for cell in self.cells)

    @property
    def due(self) -> int:
        """The sittings that expected him: those of his mandate; of a substitute, where he sat."""
        return sum(cell.is_due for cell in self.cells)

    @property
    def came(self) -> int:
        """Those where he came himself."""
        return self.counts[Mark.PRESENT]

    @property
    def seat_held(self) -> int:
        """Those where his seat was held, by him or by a substitute."""
        return sum(self.counts[mark] for mark in HELD)

    @property
    def attended(self) -> tuple[int, int]:
        """Of the items discussed in the sittings where he came, at how many he was there."""
        came = [cell for cell in self.cells if cell.mark is Mark.PRESENT]
        return sum(cell.there for cell in came), sum(cell.items for cell in came)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Those who sit for one community (`collectivité`), or in one college where the composition
    names none, titulars before substitutes; "" for the others."""

    name: str
    lines: tuple[Line, ...]

    @cached_property
    def titulars(self) -> tuple[Line, ...]:
        """Those whose seats are counted."""
        return tuple(each for each in self.lines if each.member.capacity is Capacity.TITULAR)

    @cached_property
    def counts(self) -> Mapping[Mark, int]:
        """What became of its seats, over all the sittings."""
        return sum((Counter(each.counts) for each in self.titulars), Counter())

    @property
    def due(self) -> int:
        """How many times one of its seats was to be held."""
        return sum(each.due for each in self.titulars)

    @property
    def seat_held(self) -> int:
        """How many times one was."""
        return sum(each.seat_held for each in self.titulars)


@dataclass(frozen=True, kw_only=True)
class Year:
    """Everybody over these sittings: by community, and apart those whose voice is consultative."""

    groups: tuple[Group, ...]
    consultative: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everybody."""
        return (*(each for group in self.groups for each in group.lines), *self.consultative)


def over(sittings: Sequence[Held]) -> Year:
    """The year of everybody who was of one of these sittings, told in their order.

    Who sat in two capacities, or for two communities, has a line for each: none makes up for the
    other.
    """
    known: dict[tuple[str, Capacity, str], tuple[Member, dict[int, Cell]]] = {}
    for rank, held in enumerate(sittings):
        found = cells(held)
        for member in held.story.composition.members:
            line = held.who[member.key], member.capacity, held.place_of(member)
            _, told = known.get(line, (member, {}))
            told[rank] = found[member.key]
            known[line] = member, told
    lines = [
        Line(
            who=who,
            place=place,
            member=member,
            cells=tuple(told.get(rank, OUT) for rank in range(len(sittings))),
        )
        for (who, _, place), (member, told) in known.items()
    ]
    sitting_for = [each for each in lines if each.member.deliberates]
    return Year(
        groups=tuple(
            Group(name=name, lines=_in_order(each for each in sitting_for if each.place == name))
            for name in _places(sitting_for)
        ),
        consultative=tuple(each for each in lines if not each.member.deliberates),
    )


def _places(lines: Iterable[Line]) -> Collection[str]:
    """In the order of the roll; who sits for none comes last."""
    names = dict.fromkeys(each.place for each in lines)
    return sorted(names, key=lambda name: not name)


def _in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda each: each.member.capacity is Capacity.SUBSTITUTE))
