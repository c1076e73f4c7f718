"""May an act be undone still, and by which case of the law?

An act that creates rights is withdrawn or repealed only if it is illegal, within four months of the
day it was taken (art. L242-1 of the CRPA); one that creates none is withdrawn under the same two
conditions (art. L243-3), and repealed at any time (art. L243-1). Past these months, a case without
delay is left. Nothing here tells whether an act creates rights: who undoes it says so.
"""

from datetime import date
from enum import StrEnum

from law import deadlines, french
from law.acts import Nature
from law.delegations import Kind
from law.findings import Finding

MONTHS = 4


class Way(StrEnum):
    """What one does to an earlier act, as its register says it."""

    MODIFIES = "modifie"
    REPEALS = "abroge"
    REPLACES = "remplace"
    WITHDRAWS = "retire"


class Ground(StrEnum):
    """By what an act is undone once four months are over."""

    FRAUD = "fraude"
    REQUEST = "demande"
    CONDITION = "condition"
    SUBSIDY = "subvention"
    SANCTION = "sanction"
    NO_RIGHTS = "sans_droits"
    SPECIAL = "special"

    @property
    def words(self) -> str:
        """What it is, with its article, as a sentence begins."""
        said, article, _ = _GROUNDS[self]
        return f"{said} ({article})"

    def lets(self, way: Way) -> bool:
        """Whether it lets one do so."""
        return way in _GROUNDS[self][2]


_ENDS = (Way.REPEALS, Way.REPLACES)
_BOTH = (*_ENDS, Way.WITHDRAWS)
_GROUNDS = {
    Ground.FRAUD: ("Il a été obtenu par fraude", "art. L241-2 du CRPA", _BOTH),
    Ground.REQUEST: (
        "Son bénéficiaire le demande, pour une décision plus favorable, sans atteinte aux droits "
        "des tiers",
        "art. L242-4 du CRPA",
        _BOTH,
    ),
    Ground.CONDITION: (
        "Son maintien dépendait d’une condition qui n’est plus remplie",
        "art. L242-2, 1° du CRPA",
        _ENDS,
    ),
    Ground.SUBSIDY: (
        "Il accorde une subvention dont les conditions n’ont pas été respectées",
        "art. L242-2, 2° du CRPA",
        (Way.WITHDRAWS,),
    ),
    Ground.SANCTION: ("C’est une sanction", "art. L243-4 du CRPA", (Way.WITHDRAWS,)),
    Ground.NO_RIGHTS: ("Il ne crée de droits pour personne", "art. L243-1 du CRPA", _ENDS),
    Ground.SPECIAL: (
        "Une loi ou un règlement propre à cet acte, ou le droit de l’Union, le permet",
        "art. L241-1 du CRPA",
        _BOTH,
    ),
}


def other_power(by: Kind, of: Kind) -> Finding | None:
    """That an act is undone by one of another power: what was decided in the name of the assembly
    is undone in its name, or by itself; an order, by an order. `None` of two of one power."""
    if by is of:
        return None
    said = "au nom de l’assemblée, par délégation"
    own = "par un pouvoir propre, ou que la présidence délègue"
    takes, was = (own, said) if by is Kind.ORDER else (said, own)
    target = "une décision" if of is Kind.DECISION else "un arrêté"
    return Finding(
        code="autre_pouvoir",
        message=f"{by.this} est {french.agree('pris', feminine=by.is_feminine)} {takes}\u00a0; "
        f"l’acte visé, {target}, l’a été {was}. Qui défait un acte doit pouvoir le prendre.",
        remedy="Prenez-le par le même pouvoir, ou cochez la case si son texte le fait quand même.",
        field="verified",
    )


def grounds(
    way: Way, nature: Nature | None, *, decided_on: date | None, on: date
) -> tuple[Ground, ...]:
    """Those among which one chooses to undo that day an act of this nature, taken on that one;
    empty when nothing is asked. What is not known here (`None`) is asked of a withdrawal alone."""
    if way is Way.MODIFIES or (way in _ENDS and nature in (None, Nature.RULE)):
        return ()
    if decided_on is not None and on <= deadlines.add_months(decided_on, MONTHS):
        return ()
    return tuple(each for each in Ground if each.lets(way))


def objection(
    way: Way, nature: Nature | None, *, decided_on: date | None, on: date, ground: str
) -> Finding | None:
    """That an act is undone past four months and nobody says by which case; `None` otherwise."""
    offered = grounds(way, nature, decided_on=decided_on, on=on)
    if not offered or ground in offered:
        return None
    is_withdrawn = way is Way.WITHDRAWS
    since = (
        f"Cet acte est du {french.long_date(decided_on)}\u00a0: plus de quatre mois ont passé."
        if decided_on is not None
        else "Le jour de cet acte n’est pas connu ici\u00a0: quatre mois ont pu passer."
    )
    rule = (
        " Au-delà, il ne se retire que dans un cas sans délai."
        if is_withdrawn
        else " S’il crée des droits, il ne se défait, au-delà, que dans un cas sans délai."
    )
    return Finding(
        code="quatre_mois",
        message=since + rule,
        article="art. L242-1 et L243-3 du CRPA" if is_withdrawn else "art. L242-1 du CRPA",
        remedy="Choisissez lequel\u00a0; si aucun ne convient, abrogez-le s’il ne crée pas de "
        "droits, ou laissez-le."
        if is_withdrawn
        else "Choisissez lequel, ou dites qu’il ne crée de droits pour personne.",
        field="ground",
    )
