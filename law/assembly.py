"""Who makes up a body on the day of a sitting, and in what capacity each one comes."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from operator import attrgetter

from law import french
from law.ballots import Voice

# Who carries a proxy that an old paper gives to nobody by name.
UNNAMED = "un membre non nommé"


class Capacity(StrEnum):
    """In what capacity a member sits in the body."""

    TITULAR = "titulaire"
    SUBSTITUTE = "suppleant"
    CONSULTATIVE = "consultatif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constituency:
    """A `collège` of the body: a name and the number of seats the statutes give it."""

    name: str
    seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Someone entitled to come, as the composition stood on the day of the sitting.

    `key` is stable inside the sitting and readable ("philippe-varlet"). `weight` counts votes
    (`voix`) when the statutes weigh them. `replaces` is the key of the titular a named
    substitute stands for, "" for a pooled substitute. `born_on` breaks ties in elections.
    """

    key: str
    civility: str  # "M." or "Mme", "" when the source does not say
    first_name: str
    last_name: str
    capacity: Capacity = Capacity.TITULAR
    constituency: str = ""
    community: str = ""
    office: str = ""
    office_rank: int = 0
    weight: int = 1
    replaces: str = ""
    born_on: date | None = None
    mandate: int | None = None  # the row it was read from; not part of the story
    # What tells him from those of the same name in his composition, which says it: never stored.
    apart: str = field(default="", compare=False, metadata={"is_derived": True})

    @property
    def plain_name(self) -> str:
        """First name then last name in capitals, whoever else is called so."""
        return f"{self.first_name} {self.last_name.upper()}".strip()

    @property
    def filed(self) -> tuple[str, str]:
        """What puts him in a list of names: Évrard before Faure, « de LA TOUR » at its « d »."""
        return french.folded(self.last_name), french.folded(self.first_name)

    @property
    def name(self) -> str:
        """The name as minutes write it, with what tells it from others: "Jean MARTIN (Ault)"."""
        return f"{self.plain_name} ({self.apart})" if self.apart else self.plain_name

    @property
    def titled(self) -> str:
        """The name after the civility: "M. Philippe COCQ"."""
        return f"{self.civility} {self.name}".strip()

    @property
    def is_feminine(self) -> bool:
        """Whether what is said of this member agrees in the feminine; an unknown is masculine."""
        return french.is_feminine([self.civility])

    def agreed(self, phrase: str) -> str:
        """A masculine word or phrase, agreed with this member: "suppléante"."""
        return french.agree(phrase, feminine=self.is_feminine)

    @property
    def is_president(self) -> bool:
        """Whether he presides the body itself, whoever chairs this sitting."""
        return self.office == "president"

    @property
    def deliberates(self) -> bool:
        """Whether the member may ever vote: consultative members never do."""
        return self.capacity is not Capacity.CONSULTATIVE


@dataclass(frozen=True, kw_only=True)
class Composition:
    """Who made up the body on the day of the sitting; frozen with the sitting. Members of one name
    are told apart, by the least that does it, wherever one is named."""

    constituencies: tuple[Constituency, ...] = ()
    members: tuple[Member, ...] = ()

    def __post_init__(self) -> None:
        names = Counter(member.plain_name.casefold() for member in self.members)
        if len(names) < len(self.members):
            object.__setattr__(self, "members", tuple(_told_apart(self.members, names)))

    @cached_property
    def by_key(self) -> Mapping[str, Member]:
        """The members, each under his key."""
        return {member.key: member for member in self.members}

    @cached_property
    def titulars(self) -> tuple[Member, ...]:
        """Members in office (`membres en exercice`): filled seats, vacancies left out."""
        return tuple(m for m in self.members if m.capacity is Capacity.TITULAR)

    @property
    def by_name(self) -> tuple[Member, ...]:
        """The members as a list of names has them."""
        return tuple(sorted(self.members, key=attrgetter("filed")))

    @cached_property
    def substitutes(self) -> frozenset[str]:
        """Keys of those who may sit in the seat of somebody else."""
        return frozenset(m.key for m in self.members if m.capacity is Capacity.SUBSTITUTE)

    @cached_property
    def own_voices(self) -> Mapping[str, Voice]:
        """The vote of each titular cast by himself."""
        return {m.key: Voice(seat=m.key, caster=m.key, weight=m.weight) for m in self.titulars}

    @cached_property
    def is_weighted(self) -> bool:
        """Whether the statutes give some member more than one vote (`voix`)."""
        return any(member.weight != 1 for member in self.titulars)

    def heading_of(self, member: Member) -> str:
        """Under what a roll lists him: of a body without colleges, nobody is « sans collège »."""
        if not member.deliberates:
            return "Voix consultative"
        return member.constituency or ("Sans collège" if self.constituencies else "Membres")

    @property
    def seats(self) -> int:
        """Seats the statutes create, filled or not."""
        return max(sum(c.seats for c in self.constituencies), len(self.titulars))

    @property
    def vacancies(self) -> int:
        """Seats that nobody fills."""
        return self.seats - len(self.titulars)

    def someone(self, key: str) -> Member:
        """The member of this key; a bare key, as a name, when nobody here has it, and somebody
        unnamed when there is no key."""
        if key in self:
            return self[key]
        return Member(key=key, civility="", first_name=key or UNNAMED, last_name="")

    def __contains__(self, key: object) -> bool:
        return key in self.by_key

    def __getitem__(self, key: str) -> Member:
        return self.by_key[key]


def _told_apart(members: Sequence[Member], names: Mapping[str, int]) -> Iterator[Member]:
    """The same members, those of one name each with what tells him from the others."""
    twins: dict[str, list[Member]] = {}
    for member in members:
        if names[name := member.plain_name.casefold()] > 1:
            twins.setdefault(name, []).append(member)
    marks = {each.key: mark for same in twins.values() for each, mark in _marks(same)}
    for member in members:
        mark = member.apart or marks.get(member.key, "")
        yield replace(member, apart=mark) if mark else member


_CAPACITIES = {
    Capacity.TITULAR: "titulaire",
    Capacity.SUBSTITUTE: "suppléant",
    Capacity.CONSULTATIVE: "voix consultative",
}
_OFFICES = {"president": "président", "vice-president": "vice-président"}

# What tells members of one name apart, the first that does: never their age, which is their own.
_TELLING: tuple[Callable[[Member], str], ...] = (
    lambda member: member.community,
    lambda member: member.agreed(_CAPACITIES[member.capacity]),
    lambda member: member.constituency,
    lambda member: member.agreed(_OFFICES.get(member.office, "")),
)


def _marks(twins: Sequence[Member]) -> Iterator[tuple[Member, str]]:
    for tell in _TELLING:
        told = [tell(member) for member in twins]
        if len(set(told)) == len(told):
            return iter(zip(twins, told, strict=True))
    return ((member, f"n°\N{NO-BREAK SPACE}{rank}") for rank, member in enumerate(twins, start=1))
