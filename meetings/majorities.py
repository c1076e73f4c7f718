"""The majorities that a vote may need, by the key that a screen sends and an open poll keeps.

Most votes need the ordinary one, and two others are known by their name; whatever else a text
asks for is said with that text (art. L2121-20).
"""

from fractions import Fraction

from law import ballots
from law.ballots import Base, Majority
from law.regime import Regime

ORDINARY, OTHER = "ordinaire", "autre"

USUAL = {
    ORDINARY: "majorité ordinaire",
    "statuts": "modification des statuts",
    "comptes": "vote des comptes : adopté sauf majorité contre",
}
FRACTIONS = {
    "1/2": "plus de la moitié",
    "3/5": "les trois cinquièmes",
    "2/3": "les deux tiers",
    "3/4": "les trois quarts",
    "4/5": "les quatre cinquièmes",
}
BASES = {base.value: f"des {name}" for base, name in ballots.BASE_NAMES.items()}


def key(fraction: str, base: str, article: str) -> str:
    """The key of a majority that a text asks for."""
    return f"{fraction} {base} {article}"


def of(regime: Regime, key: str) -> Majority:
    """The majority of this key, as the rules of the body or its own text set it."""
    match key:
        case "statuts":
            return ballots.statutes_majority(regime)
        case "comptes":
            return ballots.ACCOUNTS
        case "ordinaire":
            return ballots.ordinary_majority(regime)
    fraction, base, article = key.split(" ", 2)
    return ballots.special_majority(Fraction(fraction), Base(base), article)
