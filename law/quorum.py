"""Quorum: how many must be there, how many are, who was not counted and why.

Sources: art. L2121-17 (majority of the members in office *present*; second call without
condition), CE, 19 January 1983, Chauré (who withdraws for a personal interest is not present),
L2131-11 (who represents the body outside, L1111-6 II, is not even in office for that item),
L2121-14 (accounts), L5211-11-1 (remote presence). An open syndicate follows its statutes, which
may count proxies, or votes instead of heads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from law import french
from law.assembly import Capacity
from law.regime import Regime, article_of, cited
from law.sitting import Ground, State

_NBSP = "\u00a0"
_FRACTIONS = {
    Fraction(1, 2): "la moitié",
    Fraction(1, 3): "le tiers",
    Fraction(2, 3): "les deux tiers",
    Fraction(1, 4): "le quart",
    Fraction(3, 4): "les trois quarts",
    Fraction(1, 5): "le cinquième",
    Fraction(3, 5): "les trois cinquièmes",
    Fraction(1, 1): "la totalité",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """A quorum as it was computed, with its reasons; prints itself as one French sentence.

    `in_office`, `present` and `required` are heads, or votes when `basis` is "voix". When both
    must hold ("tetes_et_voix") the `votes_…` fields carry the second condition. `titulars`,
    `substitutes` and `proxies` are the heads that were counted; `uncounted` says in French who
    was not, and why. `rule` is the rule in words.
    """

    in_office: int
    present: int
    required: int
    basis: str = "tetes"
    votes_in_office: int = 0
    votes_present: int = 0
    votes_required: int = 0
    titulars: int = 0
    substitutes: int = 0
    proxies: int = 0
    uncounted: tuple[str, ...] = ()
    second_call: bool = False
    rule: str = ""
    article: str = ""

    @property
    def holds(self) -> bool:
        """Whether the numbers suffice, second call or not."""
        return self.present >= self.required and self.votes_present >= self.votes_required

    @property
    def reached(self) -> bool:
        """Whether the assembly may deliberate; a second call needs no quorum."""
        return self.second_call or self.holds

    @property
    def asked(self) -> int:
        """How many must be there; 0 on a second call, which asks for none."""
        return 0 if self.second_call else self.required

    @property
    def missing(self) -> int:
        """How many more would have been needed, in the unit of `basis`; 0 when none."""
        return max(0, self.required - self.present)

    def __str__(self) -> str:
        unit = " voix" if self.basis == "voix" else ""
        text = f"Quorum {self.present}{unit} sur {self.in_office}{self._needed(self.required)}"
        if self.basis == "tetes_et_voix":
            text += (
                f", {self.votes_present} voix sur {self.votes_in_office}"
                f"{self._needed(self.votes_required)}"
            )
        if told := self._reasons("seconde convocation, sans condition de quorum"):
            text += f"{_NBSP}: {told}"
        return f"{text} ({self.article})" if self.article else text

    @property
    def counted(self) -> str:
        """Who makes it, and by which article, for who reads its figures and its verdict beside:
        "6 titulaires présents ; 1 siège vacant, hors de l’effectif (statuts)"."""
        told = self._reasons("seconde convocation")
        if self.basis == "tetes_et_voix":
            votes = f"{self.votes_present} voix sur {self.votes_in_office}"
            told = f"{votes}{self._needed(self.votes_required)}" + (
                f"{_NBSP}; {told}" if told else ""
            )
        if not self.article:
            return told
        return f"{told} ({self.article})" if told else self.article

    def _reasons(self, second_call: str) -> str:
        reasons = [self._counted(), *self.uncounted]
        if self.second_call:
            reasons.append(second_call)
        return f"{_NBSP}; ".join(reason for reason in reasons if reason)

    def _needed(self, required: int) -> str:
        return "" if self.second_call else f" (il en faut {required})"

    def _counted(self) -> str:
        heads = _join(
            _count(number, one, many)
            for number, one, many in (
                (self.titulars, "titulaire", "titulaires"),
                (self.substitutes, "suppléant", "suppléants"),
            )
            if number
        )
        if heads:
            heads += " présent" if self.titulars + self.substitutes == 1 else " présents"
        carried = _count(self.proxies, "pouvoir compté", "pouvoirs comptés")
        return _join(part for part in (heads, carried if self.proxies else "") if part)


def required(in_office: int, regime: Regime) -> int:
    """How many of `in_office` must be present: 16 of 31, 16 of 30, for more than half."""
    share = in_office * regime.quorum_fraction
    needed = share // 1 + 1 if regime.quorum_strict else -(-share // 1)
    return max(1, int(needed))


def assess(
    *,
    in_office: int,
    present: int,
    regime: Regime,
    second_call: bool = False,
    votes_in_office: int | None = None,
    votes_present: int | None = None,
    titulars: int = 0,
    substitutes: int = 0,
    proxies: int = 0,
    uncounted: Sequence[str] = (),
) -> Quorum:
    """The quorum of these numbers: heads, or votes where the regime counts votes.

    Under "tetes_et_voix" the votes are a second condition; without them, one head is one vote.
    """
    both = regime.quorum_basis == "tetes_et_voix"
    all_votes = in_office if votes_in_office is None else votes_in_office
    return Quorum(
        in_office=in_office,
        present=present,
        required=required(in_office, regime),
        basis=regime.quorum_basis,
        votes_in_office=all_votes if both else 0,
        votes_present=(present if votes_present is None else votes_present) if both else 0,
        votes_required=required(all_votes, regime) if both else 0,
        titulars=titulars,
        substitutes=substitutes,
        proxies=proxies,
        uncounted=tuple(uncounted),
        second_call=second_call,
        rule=rule(regime),
        article=article_of(
            regime, "quorum_fraction", "quorum_strict", "quorum_basis", "quorum_counts_proxies"
        ),
    )


def of(state: State, regime: Regime, *, second_call: bool = False) -> Quorum:
    """The quorum at a moment of a sitting, withdrawals of the item under discussion included."""
    titulars = [titular.key for titular in state.in_office]
    everybody = regime.quorum_of_restricted_items == "tous"
    seats = [seat for seat in titulars if everybody or state.concerns(seat)]
    barred = {
        seat
        for seat in seats
        if Ground.OUTSIDE_BODY in (state.recused.get(seat), _ground_of_occupant(state, seat))
    }
    in_office = frozenset(seat for seat in seats if seat not in barred)
    withdrawn = [
        seat
        for seat, occupant in state.occupants.items()
        if seat in in_office and (seat in state.recused or occupant in state.recused)
    ]
    seated = {
        seat: occupant
        for seat, occupant in state.occupants.items()
        if seat in in_office and seat not in withdrawn
    }
    remote = [
        seat
        for seat, occupant in seated.items()
        if occupant in state.remote and not regime.quorum_counts_remote
    ]
    counted = [seat for seat in seated if seat not in remote]
    carried = [giver for giver in state.living_proxies if giver in in_office]
    proxies = carried if regime.quorum_counts_proxies else []

    heads, all_heads = len(counted) + len(proxies), len(in_office)
    votes, all_votes = _votes(state, [*counted, *proxies]), _votes(state, in_office)
    in_votes = regime.quorum_basis == "voix"
    own = sum(1 for seat in counted if seated[seat] == seat)
    return assess(
        in_office=all_votes if in_votes else all_heads,
        present=votes if in_votes else heads,
        votes_in_office=all_votes,
        votes_present=votes,
        titulars=own,
        substitutes=len(counted) - own,
        proxies=len(proxies),
        uncounted=_uncounted(
            state,
            regime,
            carried=0 if regime.quorum_counts_proxies else len(carried),
            remote=len(remote),
            withdrawn=withdrawn,
            barred=len(barred),
            unconcerned=len(titulars) - len(seats),
        ),
        regime=regime,
        second_call=second_call,
    )


def rule(regime: Regime) -> str:
    """ "plus de la moitié des membres en exercice", as the regime has it."""
    share = _FRACTIONS.get(regime.quorum_fraction, str(regime.quorum_fraction))
    told = f"plus {french.contract('de', share)}" if regime.quorum_strict else f"au moins {share}"
    of_what = {
        "tetes": "des membres en exercice",
        "voix": "des voix",
        "tetes_et_voix": "des membres en exercice et des voix",
    }
    return f"{told} {of_what[regime.quorum_basis]}"


# --- Who was not counted --------------------------------------------------------------------


def _ground_of_occupant(state: State, seat: str) -> Ground | None:
    return state.recused.get(state.occupants.get(seat, ""))


def _votes(state: State, seats: Iterable[str]) -> int:
    return sum(state.composition[seat].weight for seat in seats)


def _uncounted(
    state: State,
    regime: Regime,
    *,
    carried: int,
    remote: int,
    withdrawn: Sequence[str],
    barred: int,
    unconcerned: int,
) -> tuple[str, ...]:
    listening = sum(
        1
        for key in state.room - state.attending
        if key in state.composition and state.composition[key].capacity is Capacity.SUBSTITUTE
    )
    consultative = sum(
        1
        for key in state.room
        if key in state.composition and not state.composition[key].deliberates
    )
    grounds = [
        state.recused.get(seat) or state.recused[state.occupants[seat]] for seat in withdrawn
    ]
    by_accounts = grounds.count(Ground.ACCOUNTS)
    by_interest = grounds.count(Ground.PERSONAL)
    elsewhere = len(grounds) - by_accounts - by_interest
    vacancies = state.composition.seats - len(state.in_office)
    accounts, partial = cited(regime, "art. L2121-14"), cited(regime, "art. L5212-16")
    apart = cited(regime, "art. L2131-11")
    told = (
        (carried, "pouvoir non compté", "pouvoirs non comptés"),
        (remote, "présent à distance non compté", "présents à distance non comptés"),
        (
            by_interest,
            "membre intéressé, non compté présent (CE, 19 janvier 1983)",
            "membres intéressés, non comptés présents (CE, 19 janvier 1983)",
        ),
        (
            by_accounts,
            f"ordonnateur retiré au vote des comptes ({accounts})",
            f"ordonnateurs retirés au vote des comptes ({accounts})",
        ),
        (elsewhere, "membre sorti pour ce point", "membres sortis pour ce point"),
        (
            barred,
            f"représentant dans un organisme extérieur, hors de l’effectif ({apart})",
            f"représentants dans un organisme extérieur, hors de l’effectif ({apart})",
        ),
        (
            unconcerned,
            f"délégué non concerné, hors de l’effectif ({partial})",
            f"délégués non concernés, hors de l’effectif ({partial})",
        ),
        (
            listening,
            "suppléant présent qui ne siège pas",
            "suppléants présents qui ne siègent pas",
        ),
        (consultative, "membre à voix consultative", "membres à voix consultative"),
        (
            vacancies,
            "siège vacant, hors de l’effectif",
            "sièges vacants, hors de l’effectif",
        ),
    )
    return tuple(_count(number, one, many) for number, one, many in told if number)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _join(parts: Iterable[str]) -> str:
    return " et ".join(parts)
