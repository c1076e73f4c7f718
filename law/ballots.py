"""Votes: who cast what, what the law counts, what was decided.

Sources: art. L2121-20 (majority of the votes cast, casting vote), L2121-21 (ordinary, public and
secret ballots), L1612-12 (accounts), statutes for special majorities. Totals are in votes
(`voix`): integers, never floats. Abstentions, blank and null papers are not votes cast
(`suffrages exprimés`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from law import french
from law.french import NBSP
from law.regime import Regime, article_of


class Mode(StrEnum):
    """How a ballot is taken."""

    ORDINARY = "ordinaire"  # show of hands: entered by its exceptions, printed without names
    PUBLIC = "public"  # names and votes in the register
    SECRET = "secret"  # counts only; nothing joins a voter to a choice


class Choice(StrEnum):
    """What a voter does with his vote."""

    FOR = "pour"
    AGAINST = "contre"
    ABSTAIN = "abstention"
    NOT_VOTING = "ne_prend_pas_part"
    BLANK = "blanc"
    NULL = "nul"


_IN_FIGURES = re.compile(r"\bdes? ([1-9]/[1-9])\b")


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

    @property
    def named(self) -> str:
        """Its label as it is said; older ledgers wrote « majorité des 2/3 »."""
        return _IN_FIGURES.sub(
            lambda told: french.contract("de", french.fraction(Fraction(told[1]))), self.label
        )


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
    put to the vote (an amendment, a line). `reason` is why it is secret when nobody asked for
    it. `stated` is the result in the words of the source, kept beside ours. `is_counted` is
    false when nobody counted: then `default` says what became of it, and `stated` in which words.
    `amended` is what was changed in the text before it was put to the vote.
    """

    item: str
    key: str = ""
    question: str = ""
    reason: str = ""
    mode: Mode = Mode.ORDINARY
    default: Choice = Choice.FOR
    choices: Mapping[str, Choice] = field(default_factory=dict)
    counts: Mapping[Choice, int] = field(default_factory=dict)
    majority: Majority = Majority()
    stated: str = ""
    is_counted: bool = True
    amended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """`Décompte` of a ballot, in votes. `named` joins each choice to the seats that made it.

    `named` is filled for public ballots and for the exceptions of ordinary ones; it is empty
    for a secret ballot. `abstainers` is how many abstain where votes are weighed, 0 when they are
    not all named; `None` where each has one vote.
    """

    for_: int = 0
    against: int = 0
    abstentions: int = 0
    not_voting: int = 0
    blank: int = 0
    null: int = 0
    named: Mapping[Choice, tuple[str, ...]] = field(default_factory=dict)
    abstainers: int | None = None

    @property
    def cast(self) -> int:
        """Votes cast (`suffrages exprimés`)."""
        return self.for_ + self.against

    @property
    def took_part(self) -> int:
        """Votes of those who took part, abstentions and papers set aside included."""
        return self.cast + self.abstentions + self.blank + self.null

    @property
    def is_weighted(self) -> bool:
        """Whether its figures are votes, and not people."""
        return self.abstainers is not None

    @property
    def aside(self) -> list[str]:
        """What is not a vote cast: abstentions, blank and null papers."""
        papers = french.blank_and_null(self.blank, self.null, weighted=self.is_weighted)
        return [*([self._abstaining] if self.abstentions else []), *papers]

    @property
    def _abstaining(self) -> str:
        """Abstentions are those of members: their votes are said apart where they weigh more."""
        if self.abstainers is None:
            return french.count(self.abstentions, "abstention")
        if not self.abstainers:
            return f"{self.abstentions} voix d’abstention"
        heads = french.count_in_words(self.abstainers, "abstention", feminine=True)
        return f"{heads} ({self.abstentions} voix)"


class Verdict(StrEnum):
    """What becomes of what was put to the vote."""

    ADOPTED = "adopte"
    REJECTED = "rejete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a ballot decided, with the count and the rule that decided it.

    When nobody counted (`is_counted`), the tally is empty and `stated` is all that is known.
    """

    verdict: Verdict
    tally: Tally
    mode: Mode
    majority: Majority
    required: int
    casting_vote_of: str = ""
    because: str = ""
    is_counted: bool = True
    stated: str = ""

    @property
    def adopted(self) -> bool:
        """Whether it is adopted."""
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


# --- The majorities the law knows -----------------------------------------------------------

ACCOUNTS = Majority(
    unless_against=True,
    label="pas de majorité contre",
    article="art. L1612-12 du CGCT",
)

BASE_NAMES = {
    Base.CAST: "suffrages exprimés",
    Base.PRESENT: "membres présents",
    Base.PRESENT_OR_REPRESENTED: "membres présents ou représentés",
    Base.COMPOSING: "membres composant l’assemblée",
}


def ordinary_majority(regime: Regime) -> Majority:
    """The majority of a body when nothing special is asked: half is "more than half"."""
    article = article_of(regime, "majority_fraction", "majority_base")
    return special_majority(regime.majority_fraction, Base(regime.majority_base), article)


# By what the rule may say of it: the votes of the members are what a ballot counts of them.
_STATUTES_BASES = {**{str(base): base for base in Base}, "voix_composant": Base.COMPOSING}


def statutes_majority(regime: Regime) -> Majority:
    """The majority that changes the statutes: two thirds of the members (art. L5721-2-1). A ballot
    counts their votes: whether the statutes say so is what tells `voix_composant`."""
    article = article_of(regime, "statutes_majority_fraction", "statutes_majority_base")
    base = _STATUTES_BASES[regime.statutes_majority_base]
    return special_majority(regime.statutes_majority_fraction, base, article)


def special_majority(fraction: Fraction, base: Base, article: str) -> Majority:
    """A share of a base that a text asks for: more than half, or at least any other share."""
    strict = fraction == Fraction(1, 2)
    of = french.contract("de", french.fraction(fraction))
    share = "majorité" if strict else f"majorité {of}"
    return Majority(
        fraction=fraction,
        base=base,
        strict=strict,
        label=f"{share} des {BASE_NAMES[base]}",
        article=article,
    )


def is_plain(majority: Majority) -> bool:
    """Whether it is the ordinary one: more than half of the votes cast."""
    return (
        majority.base is Base.CAST
        and majority.fraction == Fraction(1, 2)
        and not majority.unless_against
    )


def is_special(majority: Majority) -> bool:
    """Whether more is asked than the law asks of an ordinary vote, or of the accounts."""
    return not is_plain(majority) and not majority.unless_against


def requesters(mode: Mode, present: int, regime: Regime) -> int:
    """How many of the members present must ask for this mode; 0 when nobody has to.

    Heads, proxies left out (art. L2121-21): a quarter for a public ballot, a third for a secret
    one, rounded up.
    """
    fraction = {
        Mode.PUBLIC: regime.public_ballot_fraction,
        Mode.SECRET: regime.secret_ballot_fraction,
    }.get(mode)
    return 0 if fraction is None else max(1, -int(-(present * fraction) // 1))


# --- Counting -------------------------------------------------------------------------------


def count(ballot: Ballot, voices: Sequence[Voice]) -> Tally:
    """The count of a ballot, in votes. A seat without a voice counts for nothing.

    Ordinary: named exceptions, unnamed exceptions, everybody else votes `default`. Public: what
    is named; whoever has a voice and is not named takes no part. Secret: the counts; the papers
    that are missing were not put in the box.
    """
    weights = {voice.seat: voice.weight for voice in voices}
    available = sum(weights.values())
    votes: Counter[Choice] = Counter()
    named: dict[Choice, list[str]] = {}
    if ballot.mode is not Mode.SECRET:
        for seat in weights:
            choice = ballot.choices.get(seat)
            if choice is None and ballot.mode is Mode.PUBLIC:
                choice = Choice.NOT_VOTING
            if choice is None or (ballot.mode is Mode.ORDINARY and choice is ballot.default):
                continue
            votes[choice] += weights[seat]
            named.setdefault(choice, []).append(seat)
    if ballot.mode is not Mode.PUBLIC:
        secret = ballot.mode is Mode.SECRET
        rest = Choice.NOT_VOTING if secret else ballot.default
        for choice, number in ballot.counts.items():
            if choice is not rest:
                votes[choice] += number
        votes[rest] += max(0, available - votes.total())
    abstainers = None
    if any(weight != 1 for weight in weights.values()):
        known = named.get(Choice.ABSTAIN, ())
        all_known = sum(weights[seat] for seat in known) == votes[Choice.ABSTAIN]
        abstainers = len(known) if all_known else 0
    return Tally(
        for_=votes[Choice.FOR],
        against=votes[Choice.AGAINST],
        abstentions=votes[Choice.ABSTAIN],
        not_voting=votes[Choice.NOT_VOTING],
        blank=votes[Choice.BLANK],
        null=votes[Choice.NULL],
        named={choice: tuple(named[choice]) for choice in Choice if choice in named},
        abstainers=abstainers,
    )


def heads_for(ballot: Ballot, voices: Sequence[Voice]) -> int | None:
    """How many members vote for, whatever their weight; `None` when their names are not known."""
    rest = Choice.NOT_VOTING if ballot.mode is Mode.PUBLIC else ballot.default
    unnamed = {choice for choice, number in ballot.counts.items() if number} - {rest}
    if ballot.mode is Mode.SECRET or unnamed:
        return None
    return sum(ballot.choices.get(voice.seat, rest) is Choice.FOR for voice in voices)


# --- Deciding -------------------------------------------------------------------------------


def decide(
    ballot: Ballot,
    voices: Sequence[Voice],
    *,
    regime: Regime,
    chair: str,
    present: int,
    represented: int,
    composing: int,
) -> Outcome:
    """What a ballot decided, and why.

    On a tie the chair's own voice prevails (art. L2121-20), never one carried by proxy, never
    in a secret ballot. When a show of hands names nobody ("dix voix contre") and the chair may
    be one of them, nobody knows which way his voice went: the tie then adopts nothing, and
    `because` says that naming his vote would settle it.
    """
    if not ballot.is_counted:
        return _as_told(ballot)
    tally = count(ballot, voices)
    majority = ballot.majority
    base = {
        Base.CAST: tally.cast,
        Base.PRESENT: present,
        Base.PRESENT_OR_REPRESENTED: present + represented,
        Base.COMPOSING: composing,
    }[majority.base]
    share = base * majority.fraction
    # The least number of votes that makes the fraction; whole numbers all along.
    threshold = int(share // 1) + 1 if majority.strict else -int(-share // 1)
    casting_vote_of, remark = "", ""
    if majority.unless_against:
        adopted = tally.against < max(1, threshold)
        required = max(0, tally.cast - max(1, threshold) + 1)
    else:
        required = max(1, threshold)
        adopted = tally.for_ >= required
        if not adopted and _is_tie(tally, majority):
            adopted, casting_vote_of, remark = _break_tie(ballot, voices, regime, chair)
    return Outcome(
        verdict=Verdict.ADOPTED if adopted else Verdict.REJECTED,
        tally=tally,
        mode=ballot.mode,
        majority=majority,
        required=required,
        casting_vote_of=casting_vote_of,
        because=_because(tally, majority, base, required, remark),
    )


def _as_told(ballot: Ballot) -> Outcome:
    """A result that was told without its figures: nothing is computed from who was there."""
    return Outcome(
        verdict=Verdict.ADOPTED if ballot.default is Choice.FOR else Verdict.REJECTED,
        tally=Tally(),
        mode=ballot.mode,
        majority=ballot.majority,
        required=0,
        because="Les voix n’ont pas été comptées\u00a0: le résultat est celui qui a été dit.",
        is_counted=False,
        stated=ballot.stated,
    )


def _is_tie(tally: Tally, majority: Majority) -> bool:
    """A `partage` of the votes cast, under the ordinary majority: no other one can be tied."""
    ordinary = majority.base is Base.CAST and majority.fraction == Fraction(1, 2)
    return ordinary and tally.for_ == tally.against > 0


def _break_tie(
    ballot: Ballot, voices: Sequence[Voice], regime: Regime, chair: str
) -> tuple[bool, str, str]:
    """Whether a tie adopts, whose voice prevailed, and why."""
    if ballot.mode is Mode.SECRET:
        return False, "", "partage des voix, sans voix prépondérante au scrutin secret"
    if not regime.casting_vote:
        return False, "", "partage des voix, sans voix prépondérante selon les statuts"
    own = next((v for v in voices if v.caster == chair and not v.by_proxy), None)
    if own is None:
        return False, "", "partage des voix, et qui préside ne prend pas part au vote"
    choices = _choices_of(own, ballot, voices)
    if len(choices) != 1:
        return (
            False,
            "",
            "partage des voix, et le sens du vote de qui préside n’est pas connu"
            f"{NBSP}: le nommer trancherait",
        )
    (choice,) = choices
    if choice in (Choice.FOR, Choice.AGAINST):
        return choice is Choice.FOR, chair, f"partage des voix, qui préside a voté {choice.value}"
    return False, "", "partage des voix, et qui préside ne s’est pas prononcé"


def _choices_of(own: Voice, ballot: Ballot, voices: Iterable[Voice]) -> frozenset[Choice]:
    """The ways this voice may have gone: one when it is known, several when nobody was named,
    none when no figure is as large as its weight."""
    if own.seat in ballot.choices:
        return frozenset({ballot.choices[own.seat]})
    if ballot.mode is Mode.PUBLIC:
        return frozenset({Choice.NOT_VOTING})
    unnamed = sum(voice.weight for voice in voices if voice.seat not in ballot.choices)
    others = unnamed - sum(ballot.counts.values())
    ways = {choice for choice, number in ballot.counts.items() if number >= own.weight}
    if others >= own.weight:
        ways.add(ballot.default)
    return frozenset(ways)


def _because(tally: Tally, majority: Majority, base: int, required: int, remark: str) -> str:
    """The count and the rule in one French sentence."""
    sentence = f"{tally.for_} voix pour et {tally.against} contre"
    if majority.unless_against:
        against = tally.cast - required + 1
        rule = f"il fallait {against} voix contre, une majorité, pour le rejeter"
    elif majority.base is Base.CAST:
        rule = f"sur {french.count(base, 'suffrage exprimé')}, il en fallait {required} pour"
    else:
        rule = f"il fallait {required} voix pour, de {base} ({BASE_NAMES[majority.base]})"
    source = ", ".join(part for part in (majority.named, majority.article) if part)
    parts = [f"{sentence}{NBSP}: {rule} ({source})" if source else f"{sentence}{NBSP}: {rule}"]
    if tally.aside:
        parts.append(f"hors suffrages exprimés{NBSP}: {', '.join(tally.aside)}")
    if remark:
        parts.append(remark)
    return f"{NBSP}; ".join(parts) + "."
