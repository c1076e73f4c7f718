"""Votes: who cast what, what the law counts, what was decided.

Sources: art. L2121-20 (majority of the votes cast, casting vote), L2121-21 (ordinary, public and
secret ballots), L1612-12 (accounts), statutes for special majorities. Totals are in votes
(`voix`): integers, never floats. Abstentions, blank and null papers are not votes cast
(`suffrages exprimés`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from law.regime import Regime


class Mode(StrEnum):
    """How a ballot is taken."""

    ORDINARY = "ordinaire"  # show of hands: entered by its exceptions, printed without names
    PUBLIC = "public"  # names and votes in the register
    SECRET = "secret"  # counts only; nothing joins a voter to a choice


class Choice(StrEnum):
    FOR = "pour"
    AGAINST = "contre"
    ABSTAIN = "abstention"
    NOT_VOTING = "ne_prend_pas_part"
    BLANK = "blanc"
    NULL = "nul"


class Base(StrEnum):
    """What a majority is a fraction of."""

    CAST = "exprimes"
    PRESENT = "presents"
    PRESENT_OR_REPRESENTED = "presents_ou_representes"
    COMPOSING = "membres_composant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Majority:
    """`strict`: more than the fraction of the base (1/2 → absolute majority); else at least.

    `unless_against` is the rule of the accounts: adopted unless a majority is against.
    """

    fraction: Fraction = Fraction(1, 2)
    base: Base = Base.CAST
    strict: bool = True
    unless_against: bool = False
    label: str = "majorité des suffrages exprimés"
    article: str = "art. L2121-20 du CGCT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One vote that can be cast: the seat it belongs to, who casts it, what it weighs."""

    seat: str
    caster: str
    weight: int = 1
    by_proxy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A vote as it was taken, before anything is counted.

    `choices` joins a seat to a choice: exceptions only in an ordinary ballot, whoever is not
    named votes `default`; everybody in a public one; empty in a secret one. `counts` holds
    unnamed totals in votes: the exceptions a paper does not name ("deux abstentions"), or the
    whole result of a secret ballot. `question` is "" for the item itself, otherwise what was
    put to the vote (an amendment, a line). `stated` is the result in the words of the source,
    kept beside ours.
    """

    item: str
    key: str = ""
    question: str = ""
    mode: Mode = Mode.ORDINARY
    default: Choice = Choice.FOR
    choices: Mapping[str, Choice] = field(default_factory=dict)
    counts: Mapping[Choice, int] = field(default_factory=dict)
    majority: Majority = Majority()
    stated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """`Décompte` of a ballot, in votes. `named` joins each choice to the seats that made it.

    `named` is filled for public ballots and for the exceptions of ordinary ones; it is empty
    for a secret ballot.
    """

    for_: int = 0
    against: int = 0
    abstentions: int = 0
    not_voting: int = 0
    blank: int = 0
    null: int = 0
    named: Mapping[Choice, tuple[str, ...]] = field(default_factory=dict)

    @property
    def cast(self) -> int:
        """Votes cast (`suffrages exprimés`)."""
        return self.for_ + self.against

    @property
    def took_part(self) -> int:
        return self.cast + self.abstentions + self.blank + self.null


class Verdict(StrEnum):
    ADOPTED = "adopte"
    REJECTED = "rejete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a ballot decided, with the count and the rule that decided it."""

    verdict: Verdict
    tally: Tally
    mode: Mode
    majority: Majority
    required: int
    casting_vote_of: str = ""
    because: str = ""

    @property
    def adopted(self) -> bool:
        return self.verdict is Verdict.ADOPTED

    @property
    def is_unanimous(self) -> bool:
        """Nobody able to vote did otherwise: no abstention, no blank, no opposite vote."""
        return self.is_unanimous_of_cast and not (
            self.tally.abstentions or self.tally.blank or self.tally.null
        )

    @property
    def is_unanimous_of_cast(self) -> bool:
        """All the votes cast went one way; there may be abstentions."""
        return self.tally.cast > 0 and (self.tally.against == 0 or self.tally.for_ == 0)
