"""Elections and nominations: rounds, majorities, lists, seats, and who wins a tie.

Sources: art. L2121-21 (secret ballot, two rounds at the absolute majority, the third at the
relative one, the eldest on a tie; unanimous waiver of secrecy; a sole candidature takes effect
without a vote), L2122-7 and L2122-7-2 (chair and vice-chairs: secrecy cannot be waived; lists),
L2121-22 (proportional representation). Blank and null papers are not votes cast.

An `Election` is what happened, as read out by the tellers; `decide` says what it means.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from law import french
from law.assembly import Composition
from law.findings import Finding, Severity

ROUNDS = 3  # two at the absolute majority, one at the relative majority
LAST_ABSOLUTE_ROUND = 2

NOMINATION = "art. L2121-21 du CGCT"
PROPORTIONAL = "art. L2121-22 du CGCT"
# Of any local body, an open syndicate included.
SERVICES = "art. L1411-5, II du CGCT"
TENDERS = "art. L1411-5, II et L1414-2 du CGCT"


class Method(StrEnum):
    """How seats are won."""

    BY_NAME = "uninominal"  # one seat or several, each voter naming persons
    MAJORITY_LIST = "liste_majoritaire"  # the winning list takes every seat
    LARGEST_REMAINDER = "plus_fort_reste"  # proportional: quotient, then remainders
    HIGHEST_AVERAGE = "plus_forte_moyenne"  # proportional: quotient, then averages
    UNOPPOSED = "candidature_unique"  # takes effect when read out, no vote (art. L2121-21)


class Secrecy(StrEnum):
    """Whether the ballot is secret, and whether that may be waived (art. L2121-21)."""

    SECRET = "secret"  # noqa: S105 - a manner of voting; the rule of art. L2121-21
    WAIVED = "leve"  # the assembly waived it unanimously
    IMPOSED = "impose"  # a text imposes it: it cannot be waived (art. L2122-7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Someone who may be elected. A member needs no more than his `key`; an outsider is given
    the key his `name` makes. `born_on` settles ties, `civility` agrees the proclamation."""

    key: str
    name: str = ""
    civility: str = ""
    born_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """A list of candidates, in its order."""

    key: str
    title: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round, as the tellers read it: `votes` joins a candidate or a list to its votes.

    `voters` is the number of papers found in the urn; 0 lets the other figures tell it. Where votes
    are weighed, every figure is in votes (`voix`), this one too.
    """

    votes: Mapping[str, int] = field(default_factory=dict)
    blank: int = 0
    null: int = 0
    voters: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """An election as it was held on an item; several may be held on one.

    `title` is what the winner becomes, in the masculine singular: "président", "membre de la
    commission d’appel d’offres". `substitutes` are seats of `suppléants` won by the same lists.
    `opposed` is how many did not vote to waive secrecy, `None` when that vote is not told.
    `tellers` are the keys of the `scrutateurs`. `stated` is the result in the
    words of the source, kept beside ours.
    """

    item: str
    key: str = ""
    title: str = ""
    method: Method = Method.BY_NAME
    secrecy: Secrecy = Secrecy.SECRET
    seats: int = 1
    substitutes: int = 0
    candidates: tuple[Candidate, ...] = ()
    lists: tuple[List, ...] = ()
    rounds: tuple[Round, ...] = ()
    opposed: int | None = None
    tellers: tuple[str, ...] = ()
    stated: str = ""

    @property
    def is_by_list(self) -> bool:
        """Whether lists stand, and not persons."""
        return self.method in (
            Method.MAJORITY_LIST,
            Method.LARGEST_REMAINDER,
            Method.HIGHEST_AVERAGE,
        )

    @property
    def is_proportional(self) -> bool:
        """Whether the seats are shared among the lists (art. L2121-22)."""
        return self.method in (Method.LARGEST_REMAINDER, Method.HIGHEST_AVERAGE)

    def continues(self, before: "Election") -> bool:
        """Whether these are more rounds of the same election."""
        return (
            (before.item, before.key, before.title, before.method)
            == (self.item, self.key, self.title, self.method)
            and len(before.rounds) < len(self.rounds)
            and before.rounds == self.rounds[: len(before.rounds)]
        )

    @property
    def unopposed(self) -> tuple[str, ...]:
        """Who would be elected without a vote: the sole list, or as many names as seats."""
        if self.lists:
            return self.lists[0].candidates if len(self.lists) == 1 else ()
        names = tuple(candidate.key for candidate in self.candidates)
        return names if len(names) <= self.seats else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`Dépouillement` of one round. `elected` holds those whom this round elected."""

    number: int
    voters: int
    blank: int
    null: int
    cast: int
    absolute_majority: int  # 0 when the relative majority suffices
    votes: Mapping[str, int]
    elected: tuple[str, ...] = ()
    because: str = ""
    is_weighted: bool = False  # its figures are votes, and not papers


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an election decided, and the reasons that can be read out.

    `elected` are keys of candidates in the order of their election, `substitutes` those of the
    `suppléants`. `seats_won` joins a list to its seats. `vacant` counts the seats left to fill:
    another round is due while there may be one, or an age is missing (`ties`).
    """

    elected: tuple[str, ...] = ()
    substitutes: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    seats_won: Mapping[str, int] = field(default_factory=dict)
    vacant: int = 0
    ties: tuple[str, ...] = ()
    explanation: tuple[str, ...] = ()
    article: str = NOMINATION


# What is said of an election as it stands: its next round says it anew.
UNFINISHED = frozenset({"siege_non_pourvu", "age_inconnu"})

# Of a body that the assembly makes or sends to, and not of itself.
_ELSEWHERE = (
    r"(?!(?:\s(?:suppléante?|déléguée?))?\s(?:de\sla\s|du\s|d['’]une?\s)(?:sous-)?"
    r"(?:commission|jury|groupe|régie|conseil\sd['’]|comité\s(?!syndical)))"
)
_VICE = re.compile(rf"(?>\bvice(?:[-\s]\w+)?|\badjointe?\b){_ELSEWHERE}", re.IGNORECASE)
_PRESIDENT = re.compile(
    rf"(?<!\bdu\s)(?<!\bde\sla\s)(?:\bprésidente?\b{_ELSEWHERE}|\bmaire\b)", re.IGNORECASE
)


def office_of(election: Election) -> str:
    """The office of the executive that its title names: "president" (the mayor too),
    "vice-president", or "" for anything else, such as the president of a commission; whether it
    is of the executive, its item or its secrecy says."""
    if _VICE.search(election.title):
        return "vice-president"
    return "president" if _PRESIDENT.search(election.title) else ""


_TENDERS = re.compile(r"\bcommission d[’' ]appels? d[’' ]offres?|\bC\.?A\.?O\b", re.IGNORECASE)
_SERVICES = re.compile(
    r"\bcommission (?:d[’' ]ouverture des plis"
    r"|(?:des? |pour les? |de la )?(?:délégations? de services? publics?|concessions?))",
    re.IGNORECASE,
)


def member_of_tenders(title: str) -> str:
    """What one becomes who is elected to the commission of tenders that a title names, or to that
    of the concessions of a service; "" of any other.

    >>> member_of_tenders("Élection de la CAO")
    'membre de la commission d’appel d’offres'
    """
    if _TENDERS.search(title.replace(french.NBSP, " ")):
        return "membre de la commission d’appel d’offres"
    if _SERVICES.search(title.replace(french.NBSP, " ")):
        return "membre de la commission de délégation de service public"
    return ""


def _proportional_by(title: str) -> str:
    """What wants the seats that this title gives shared in proportion."""
    if not member_of_tenders(title):
        return PROPORTIONAL
    return TENDERS if _TENDERS.search(title.replace(french.NBSP, " ")) else SERVICES


def seats_of_tenders(form: str) -> int:
    """How many members that commission has, beside whoever presides it, and how many substitutes:
    three in the smallest communes, five everywhere else (art. L1411-5, II)."""
    return 3 if form == "commune_moins_3500" else 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the code asks of an election before it is held: to what office (`title`), by which
    method, of how many; the same in `words`, and its article."""

    title: str
    method: Method
    seats: int
    substitutes: int
    words: str
    article: str


def asked_of(title: str, form: str) -> Asked | None:
    """How the commission that the title of an item names is elected; `None` of another election."""
    office = member_of_tenders(title)
    if not office:
        return None
    seats = seats_of_tenders(form)
    return Asked(
        title=office,
        method=Method.LARGEST_REMAINDER,
        seats=seats,
        substitutes=seats,
        words="Cette commission s’élit au scrutin de liste, à la représentation proportionnelle au "
        f"plus fort reste\u00a0: {seats}\u00a0titulaires et {seats}\u00a0suppléants, outre qui la "
        "préside.",
        article=_proportional_by(title),
    )


def faults_of_tenders(election: Election, form: str, *, title: str) -> Iterator[Finding]:
    """In what the commission of tenders that this item names is elected otherwise than the code
    wants: in proportion, at the largest remainder, by lists of members and of as many
    substitutes."""
    seats, article = seats_of_tenders(form), _proportional_by(title)
    is_by_one_list = election.method is Method.UNOPPOSED and len(election.lists) == 1
    if election.method is not Method.LARGEST_REMAINDER and not is_by_one_list:
        yield Finding(
            code="cao_sans_liste",
            message="Les membres de cette commission s’élisent au scrutin de liste, à la "
            "représentation proportionnelle au plus fort reste.",
            field="method",
            article=article,
            remedy="Tenez une élection de liste, au plus fort reste.",
            severity=Severity.WARNING,
        )
    if election.seats != seats:
        yield Finding(
            code="cao_sieges",
            message=f"Cette commission a {seats} membres élus, outre qui la préside, et "
            f"{election.seats} {'sont élus' if election.seats > 1 else 'est élu'} ici.",
            field="seats",
            article=article,
            remedy=f"Élisez-en {seats}.",
            severity=Severity.WARNING,
        )
    if election.substitutes != election.seats:
        told = french.count(election.substitutes, "suppléant") if election.substitutes else "aucun"
        yield Finding(
            code="cao_suppleants",
            message="Cette commission a autant de suppléants que de titulaires, élus de même"
            f"\u00a0: ici {french.count(election.seats, 'titulaire')}, {told}.",
            field="substitutes",
            article=article,
            remedy="Élisez-les des mêmes listes.",
            severity=Severity.WARNING,
        )


def absolute_majority(cast: int) -> int:
    """More than half of the votes cast: 9 of 16, 9 of 17."""
    return cast // 2 + 1


def voters_of(round_: Round) -> int:
    """How many papers were found, given or added up."""
    return round_.voters or sum(round_.votes.values()) + round_.blank + round_.null


def cast_of(round_: Round) -> int:
    """`Suffrages exprimés`: papers found, less the blank and the null ones."""
    return max(0, voters_of(round_) - round_.blank - round_.null)


def awaits_round(election: Election, composition: Composition | None = None) -> bool:
    """Whether another round is due: seats are left, and no age is missing that would fill them."""
    if election.is_proportional or not 0 < len(election.rounds) < ROUNDS:
        return False
    result = decide(election, composition)
    return bool(result.vacant) and not result.ties


# --- Who is meant ---------------------------------------------------------------------------


class _People:
    """Names and ages, from the candidates, then from the composition of the body."""

    def __init__(self, election: Election, composition: Composition | None) -> None:
        self.candidates = {candidate.key: candidate for candidate in election.candidates}
        self.composition = composition
        self.is_weighted = composition is not None and composition.is_weighted

    def name(self, key: str) -> str:
        candidate = self.candidates.get(key)
        if candidate is not None and candidate.name:
            return f"{candidate.civility} {candidate.name}".strip()
        return key if self.composition is None else self.composition.someone(key).titled

    def born_on(self, key: str) -> date | None:
        candidate = self.candidates.get(key)
        if candidate is not None and candidate.born_on is not None:
            return candidate.born_on
        if self.composition is not None and key in self.composition:
            return self.composition[key].born_on
        return None

    def eldest(self, keys: Sequence[str]) -> tuple[str, ...]:
        """Those of them born first, the same day; () when an age is missing."""
        ages = {key: self.born_on(key) for key in keys}
        first = min((born for born in ages.values() if born is not None), default=None)
        if None in ages.values():
            return ()
        return tuple(key for key, born in ages.items() if born == first)

    def oldest_list(self, lists: Sequence[List]) -> str:
        """The list whose candidates are the oldest on average (art. L2122-7-2)."""
        averages = []
        for each in lists:
            ages = [self.born_on(key) for key in each.candidates]
            known = [born.toordinal() for born in ages if born is not None]
            if not known or len(known) < len(ages):
                return ""
            averages.append((Fraction(sum(known), len(known)), each.key))
        averages.sort()
        if not averages or (len(averages) > 1 and averages[0][0] == averages[1][0]):
            return ""
        return averages[0][1]


# --- Decide ---------------------------------------------------------------------------------


def decide(election: Election, composition: Composition | None = None) -> Result:
    """What the election decided. Figures that contradict themselves are for `objections`."""
    people = _People(election, composition)
    if election.method is Method.UNOPPOSED:
        return _without_vote(election, people)
    if election.is_proportional:
        return _proportional(election, people)
    if election.method is Method.MAJORITY_LIST:
        return _majority_list(election, people)
    return _by_name(election, people)


def _without_vote(election: Election, people: _People) -> Result:
    names = election.unopposed
    elected = names[: election.seats]
    told = []
    if elected:
        who = french.join(people.name(key) for key in elected)
        if election.lists:
            why = "une seule liste a été présentée"
        elif len(elected) == 1:
            why = "une seule candidature a été déposée"
        else:
            why = "il n’y a pas plus de candidatures que de sièges à pourvoir"
        told.append(french.sentence(f"{why} : {who}"))
        effect = "la nomination prend" if len(elected) == 1 else "les nominations prennent"
        told.append(french.sentence(f"{effect} effet immédiatement ; il en est donné lecture"))
    return Result(
        elected=elected,
        substitutes=names[election.seats : election.seats + election.substitutes],
        vacant=election.seats - len(elected),
        explanation=tuple(told),
    )


def _by_name(election: Election, people: _People) -> Result:
    elected: list[str] = []
    counts: list[Count] = []
    ties: tuple[str, ...] = ()
    for number, round_ in enumerate(election.rounds, start=1):
        vacant = election.seats - len(elected)
        if vacant <= 0:
            break
        needed = _needed(number, round_)
        votes = {key: n for key, n in round_.votes.items() if key not in elected}
        winners, ties = _winners(votes, vacant, needed, people)
        elected += winners
        counts.append(
            _count(
                number,
                round_,
                needed,
                tuple(winners),
                _why(votes, winners, ties, needed, people),
                people,
            )
        )
    return Result(
        elected=tuple(elected),
        counts=tuple(counts),
        vacant=max(0, election.seats - len(elected)),
        ties=ties,
        explanation=_told(counts, people.name),
    )


def _needed(number: int, round_: Round) -> int:
    """The absolute majority of this round, 0 when the relative majority suffices."""
    return absolute_majority(cast_of(round_)) if number <= LAST_ABSOLUTE_ROUND else 0


def _winners(
    votes: Mapping[str, int], vacant: int, needed: int, people: _People
) -> tuple[list[str], tuple[str, ...]]:
    """Who is elected, and who is level without a known age to part them."""
    winners: list[str] = []
    in_order = sorted({n for n in votes.values() if n >= max(1, needed)}, reverse=True)
    for total in in_order:
        level = [key for key, n in votes.items() if n == total]
        while level and len(winners) < vacant:
            if len(level) <= vacant - len(winners):
                winners += level
                break
            eldest = people.eldest(level)
            if not 0 < len(eldest) <= vacant - len(winners):
                return winners, tuple(level)
            winners += eldest
            level = [key for key in level if key not in eldest]
    return winners, ()


def _why(
    votes: Mapping[str, int],
    winners: Sequence[str],
    ties: Sequence[str],
    needed: int,
    people: _People,
) -> str:
    rule = "la majorité absolue" if needed else "la majorité relative"
    if ties:
        names = french.join(people.name(key) for key in ties)
        return f"égalité entre {names} : il manque une date de naissance pour désigner le plus âgé"
    if not winners:
        return f"personne n’obtient {rule}"
    level = [key for key, n in votes.items() if n == votes[winners[-1]] and key not in winners]
    if level:
        others = french.join(people.name(key) for key in level)
        return (
            f"à égalité de suffrages avec {others}, {people.name(winners[-1])} l’emporte au "
            f"bénéfice de l’âge"
        )
    verb = "obtiennent" if len(winners) > 1 else "obtient"
    return f"{french.join(people.name(key) for key in winners)} {verb} {rule}"


def _majority_list(election: Election, people: _People) -> Result:
    lists = {each.key: each for each in election.lists}
    counts: list[Count] = []
    winner = ""
    ties: tuple[str, ...] = ()
    for number, round_ in enumerate(election.rounds, start=1):
        needed = _needed(number, round_)
        best = max(round_.votes.values(), default=0)
        level = [key for key, n in round_.votes.items() if n == best and n >= max(1, needed)]
        because = "aucune liste n’obtient la majorité absolue"
        if len(level) == 1:
            winner = level[0]
            rule = "la majorité absolue" if needed else "la majorité relative"
            because = f"{_list_name(lists, winner)} obtient {rule}"
        elif level:
            winner = people.oldest_list([lists[key] for key in level if key in lists])
            because = (
                f"à égalité de suffrages, {_list_name(lists, winner)} l’emporte : la moyenne d’âge "
                f"de ses candidats est la plus élevée"
                if winner
                else "égalité de suffrages : il manque une date de naissance pour comparer les "
                "moyennes d’âge"
            )
            ties = () if winner else tuple(level)
        counts.append(_count(number, round_, needed, (winner,) if winner else (), because, people))
        if winner or ties:
            break
    names = lists[winner].candidates if winner in lists else ()
    elected = names[: election.seats]
    return Result(
        elected=elected,
        substitutes=names[election.seats : election.seats + election.substitutes],
        counts=tuple(counts),
        seats_won={winner: election.seats} if winner else {},
        vacant=election.seats - len(elected),
        ties=ties,
        explanation=_told(counts, lambda key: _list_name(lists, key)),
        article="art. L2122-7-2 du CGCT",
    )


def _proportional(election: Election, people: _People) -> Result:
    lists = {each.key: each for each in election.lists}
    if not election.rounds:
        return Result(vacant=election.seats, article=_proportional_by(election.title))
    round_ = election.rounds[0]
    seats, told, ties = _allot(election, election.seats, lists, people)
    # A list's substitutes are the names that follow its elected ones.
    rest = {
        key: replace(each, candidates=each.candidates[seats.get(key, 0) :])
        for key, each in lists.items()
    }
    # Who is a substitute is not known before who is not.
    spare, told_of_spare, ties_of_spare = (
        ({}, [], ()) if ties else _allot(election, election.substitutes, rest, people)
    )
    elected: list[str] = []
    substitutes: list[str] = []
    for key, each in lists.items():
        elected += each.candidates[: seats.get(key, 0)]
        substitutes += rest[key].candidates[: spare.get(key, 0)]
    winners = tuple(key for key, won in seats.items() if won)
    count = _count(1, round_, 0, winners, "", people)
    if election.substitutes:
        told += [f"Suppléants. {told_of_spare[-1]}"] if told_of_spare else []
    return Result(
        elected=tuple(elected),
        substitutes=tuple(substitutes),
        counts=(count,),
        seats_won=seats,
        vacant=max(0, election.seats - len(elected)),
        ties=ties or ties_of_spare,
        explanation=(*_told([count], lambda key: _list_name(lists, key)), *told),
        article=_proportional_by(election.title),
    )


def _allot(
    election: Election, seats: int, lists: Mapping[str, List], people: _People
) -> tuple[dict[str, int], list[str], tuple[str, ...]]:
    """Seats of each list, the reasons, and the lists that could not be parted."""
    votes = {key: n for key, n in election.rounds[0].votes.items() if n > 0}
    cast = sum(votes.values())
    if not cast or seats < 1:
        return {}, [], ()
    quotient = Fraction(cast, seats)
    won = {key: int(n / quotient) for key, n in votes.items()}
    told = [
        f"Quotient électoral : {_decimal(quotient)} ({french.count(cast, 'suffrage exprimé')} pour "
        f"{french.count(seats, 'siège')})."
    ]
    if any(won.values()):
        parts = [f"{_list_name(lists, key)} {n}" for key, n in won.items() if n]
        told.append(f"Au quotient : {', '.join(parts)}.")
    ties: tuple[str, ...] = ()
    by_remainder = election.method is Method.LARGEST_REMAINDER
    rule = "Au plus fort reste" if by_remainder else "À la plus forte moyenne"
    while sum(won.values()) < seats:
        scores = {
            # Below zero once its remainder has been served.
            key: n - won[key] * quotient if by_remainder else Fraction(n, won[key] + 1)
            for key, n in votes.items()
        }
        best = max(scores.values())
        level = [key for key, score in scores.items() if score == best]
        left, how = seats - sum(won.values()), ""
        if len(level) > left:
            most = max(votes[key] for key in level)
            level = [key for key in level if votes[key] == most]
            how = ", à égalité, la liste qui a le plus de suffrages"
        if len(level) > left:
            eldest = _eldest(level, won, lists, people)
            how = ", à égalité, le plus âgé des candidats"
            if not 0 < len(eldest) <= left:
                ties = tuple(level)
                told.append(
                    f"{rule} : égalité entre "
                    f"{french.join(_list_name(lists, key) for key in level)} ; il manque une date "
                    "de naissance pour désigner le plus âgé."
                )
                break
            level = eldest
        for key in level:
            won[key] += 1
            told.append(f"{rule} ({_decimal(best)}{how}) : {_list_name(lists, key)} 1.")
    parts = [f"{_list_name(lists, key)} {french.count(n, 'siège')}" for key, n in won.items()]
    told.append(f"Résultat : {', '.join(parts)}.")
    return won, [french.nbsp(line) for line in told], ties


def _eldest(
    level: Sequence[str], won: Mapping[str, int], lists: Mapping[str, List], people: _People
) -> list[str]:
    """Of these lists, those whose candidate next up is the eldest; none when an age is missing."""
    next_up = {
        lists[key].candidates[won[key]]: key
        for key in level
        if key in lists and won[key] < len(lists[key].candidates)
    }
    return [next_up[key] for key in people.eldest(list(next_up))]


def _count(
    number: int,
    round_: Round,
    needed: int,
    elected: tuple[str, ...],
    because: str,
    people: _People,
) -> Count:
    return Count(
        number=number,
        voters=voters_of(round_),
        blank=round_.blank,
        null=round_.null,
        cast=cast_of(round_),
        absolute_majority=needed,
        votes=dict(sorted(round_.votes.items(), key=lambda entry: -entry[1])),
        elected=elected,
        because=because,
        is_weighted=people.is_weighted,
    )


def figures(count: Count) -> str:
    """The figures of a round: "19 votants, 2 bulletins blancs, 16 suffrages exprimés"; votes are
    called so where they are weighed: "26 voix, 2 voix en blanc, 24 suffrages exprimés"."""
    parts = [french.count(count.voters, "voix" if count.is_weighted else "votant")]
    parts += french.blank_and_null(count.blank, count.null, weighted=count.is_weighted)
    parts.append(french.count(count.cast, "suffrage exprimé"))
    if count.absolute_majority:
        parts.append(f"majorité absolue {count.absolute_majority}")
    return ", ".join(parts)


def _told(counts: Sequence[Count], name: Callable[[str], str]) -> tuple[str, ...]:
    """Each round in one sentence."""
    lines = []
    for count in counts:
        obtained = [f"{name(key)} {french.count(n, 'voix')}" for key, n in count.votes.items()]
        line = f"{french.ordinal(count.number)} tour : {figures(count)}"
        if obtained:
            line += f" ; {', '.join(obtained)}"
        if count.because:
            line += f" ; {count.because}"
        lines.append(french.sentence(line))
    return tuple(lines)


def _list_name(lists: Mapping[str, List], key: str) -> str:
    title = lists[key].title if key in lists else ""
    return f"liste « {title or key} »"


def _decimal(value: Fraction) -> str:
    """At most two decimals, with a comma; only for reading, the count is exact."""
    if value.denominator == 1:
        return french.figure(value.numerator)
    return f"{float(value):.2f}".rstrip("0").rstrip(".").replace(".", ",")


# --- Objections -----------------------------------------------------------------------------


def objections(
    election: Election,
    *,
    voices: int | None = None,
    composition: Composition | None = None,
    begun: int = 0,
) -> tuple[Finding, ...]:
    """Everything wrong with an election as typed; `voices` is how many votes could be cast in
    the rounds that follow the `begun` first ones.

    `field` is the path of the fault inside the election ("rounds[0].voters").
    """
    people = _People(election, composition)
    found = (
        *_of_seats(election, people),
        *_of_lists(election, people),
        *_of_rounds(election, voices, begun, composition),
        *_of_method(election),
    )
    # Nothing is concluded from figures that cannot be true.
    return found or tuple(_of_result(election, composition))


def _of_seats(election: Election, people: _People) -> Iterator[Finding]:
    if election.seats < 1:
        yield _fault("aucun_siege", "Il faut au moins un siège à pourvoir.", "seats")
    if election.substitutes < 0:
        yield _fault("nombre_negatif", "Le nombre de suppléants est négatif.", "substitutes")
    for key in _repeated([candidate.key for candidate in election.candidates]):
        twice = f"{people.name(key)} figure deux fois parmi les candidats."
        yield _fault("candidat_en_double", twice, "candidates")
    for key in _repeated(election.tellers):
        twice = f"{people.name(key)} figure deux fois parmi les scrutateurs."
        yield _fault("scrutateur_en_double", twice, "tellers")


def _of_lists(election: Election, people: _People) -> Iterator[Finding]:
    if election.is_by_list and not election.lists:
        yield _fault("aucune_liste", "Un scrutin de liste demande au moins une liste.", "lists")
    for key in _repeated([each.key for each in election.lists]):
        yield _fault("liste_en_double", f"Deux listes portent le nom « {key} ».", "lists")
    for key in _repeated([key for each in election.lists for key in set(each.candidates)]):
        yield _fault(
            "candidat_sur_deux_listes",
            f"{people.name(key)} figure sur deux listes.",
            "lists",
            article=NOMINATION,
        )
    most = election.seats + election.substitutes
    for index, each in enumerate(election.lists):
        path = f"lists[{index}].candidates"
        for key in _repeated(each.candidates):
            twice = f"{people.name(key)} figure deux fois sur la liste."
            yield _fault("candidat_en_double", twice, path)
        if len(each.candidates) > most:
            yield _fault(
                "liste_trop_longue",
                f"La liste « {each.title or each.key} » compte {len(each.candidates)} noms pour "
                f"{french.count(most, 'siège')}.",
                path,
            )
        if not each.candidates:
            yield _fault("liste_vide", f"La liste « {each.title or each.key} » est vide.", path)


def _of_rounds(
    election: Election, voices: int | None, begun: int, composition: Composition | None
) -> Iterator[Finding]:
    is_weighted = composition is not None and composition.is_weighted
    most_rounds = 1 if election.is_proportional else ROUNDS
    if len(election.rounds) > most_rounds:
        yield _fault(
            "trop_de_tours",
            f"{french.count(most_rounds, 'tour')} au plus pour ce mode de scrutin.",
            f"rounds[{most_rounds}]",
            article=PROPORTIONAL if election.is_proportional else NOMINATION,
        )
    known = {each.key for each in election.lists}
    for index, round_ in enumerate(election.rounds):
        path = f"rounds[{index}]"
        tour = f"Au {french.ordinal(index + 1)} tour"
        if min([*round_.votes.values(), round_.blank, round_.null, round_.voters, 0]) < 0:
            yield _fault("nombre_negatif", f"{tour}, un nombre est négatif.", path)
            continue
        if election.is_by_list:
            for key in round_.votes.keys() - known:
                yield _fault(
                    "liste_inconnue", f"{tour}, « {key} » n’est pas une liste.", f"{path}.votes"
                )
        for fault in _of_figures(election, round_, path, tour):
            yield replace(fault, remedy=_IN_VOTES) if is_weighted else fault
        if voices is not None and index >= begun and voters_of(round_) > voices:
            found = french.count(voters_of(round_), "voix" if is_weighted else "bulletin")
            yield _fault(
                "trop_de_votants",
                f"{tour}, {found} pour {voices} voix présentes ou représentées.",
                f"{path}.voters",
                article=NOMINATION,
                remedy="Recomptez les bulletins ou complétez les présents et les pouvoirs.",
            )


_IN_VOTES = french.nbsp(
    "Les voix sont pondérées : « votants », blancs et nuls se comptent aussi en voix, et non en "
    "personnes. Laissez « votants » vide : il se calcule."
)


def _of_figures(election: Election, round_: Round, path: str, tour: str) -> Iterator[Finding]:
    """Whether the papers found, set aside and counted add up."""
    total, cast = sum(round_.votes.values()), cast_of(round_)
    one_name_each = election.is_by_list or election.seats <= 1
    if not round_.voters:
        if not one_name_each:
            yield _fault(
                "votants_manquants",
                f"{tour}, chaque bulletin porte plusieurs noms : indiquez le nombre de votants.",
                f"{path}.voters",
            )
        return
    if round_.blank + round_.null > round_.voters:
        yield _fault(
            "decompte_incoherent",
            f"{tour}, plus de bulletins blancs et nuls que de votants.",
            f"{path}.voters",
        )
    elif one_name_each and total != cast:
        what = "plus" if total > cast else "moins"
        yield _fault(
            "decompte_incoherent",
            f"{tour}, {total} voix pour {french.count(cast, 'suffrage exprimé')} : {what} de voix "
            f"que de suffrages.",
            f"{path}.votes",
        )
    elif total > cast * election.seats or max(round_.votes.values(), default=0) > cast:
        yield _fault(
            "decompte_incoherent",
            f"{tour}, plus de voix que n’en permettent {french.count(cast, 'bulletin')}.",
            f"{path}.votes",
        )


def _of_method(election: Election) -> Iterator[Finding]:
    if election.method is not Method.UNOPPOSED:
        if not election.rounds:
            yield _fault("aucun_tour", "Aucun tour de scrutin n’est noté.", "rounds")
        return
    if election.secrecy is Secrecy.IMPOSED:
        yield _fault(
            "vote_obligatoire",
            "Un texte impose le scrutin secret : même seul, un candidat doit être élu.",
            "method",
            article="art. L2122-7 du CGCT",
        )
    if election.rounds:
        yield _fault("vote_inutile", "Une candidature unique ne donne lieu à aucun tour.", "rounds")
    if not election.unopposed:
        yield _fault(
            "candidatures_multiples",
            "Il y a plus de candidatures que de sièges : un vote est nécessaire."
            if election.candidates or election.lists
            else "Aucune candidature n’est notée.",
            "candidates",
            article=NOMINATION,
        )


def _of_result(election: Election, composition: Composition | None) -> Iterator[Finding]:
    if not election.rounds:
        return
    result = decide(election, composition)
    if len(result.counts) < len(election.rounds) and not election.is_proportional:
        yield _fault(
            "tour_inutile",
            f"L’élection était acquise au {french.ordinal(len(result.counts))} tour.",
            f"rounds[{len(result.counts)}]",
            article=NOMINATION,
        )
    if result.ties:
        yield _fault(
            "age_inconnu",
            "Une égalité se règle à l’âge, et une date de naissance manque.",
            "candidates",
            remedy=french.nbsp(
                "Annulez ce tour et notez-le de nouveau avec les dates, « Nom (12/05/1958) : 12 », "
                "ou donnez-les à la composition de l’instance, « Dates de naissance », puis "
                "« Reprendre la composition actuelle » à la page des présences."
            ),
            severity=Severity.WARNING,
        )
    elif result.vacant:
        another = awaits_round(election, composition)
        yield _fault(
            "siege_non_pourvu",
            f"{french.count(result.vacant, 'siège')} à pourvoir encore.",
            "rounds",
            article=PROPORTIONAL if election.is_proportional else NOMINATION,
            remedy="Un autre tour est nécessaire." if another else "",
            severity=Severity.WARNING,
        )


def _fault(
    code: str,
    message: str,
    path: str,
    *,
    article: str = "",
    remedy: str = "",
    severity: Severity = Severity.REFUSAL,
) -> Finding:
    return Finding(
        code=code,
        message=french.nbsp(message),
        article=article,
        remedy=remedy,
        field=path,
        severity=severity,
    )


def _repeated(keys: Collection[str]) -> list[str]:
    keys = list(keys)
    return sorted({key for key in keys if keys.count(key) > 1})
