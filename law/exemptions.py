"""May an act stay unsent, and by which case of the law?

Every deliberation, every decision taken by delegation, every regulatory act goes to the prefect,
but for the cases of one article (art. L2131-2 of a commune, of an EPCI and of a closed syndicate;
L3131-2 of an open one); of what one decides of somebody, and of contracts, only what that article
lists goes. Whoever keeps an act back chooses his case, or says why in his own words.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from law import acts
from law.acts import Nature
from law.findings import Finding, Severity
from law.masking import folded
from law.regime import Regime, budgetary, cited

_LIST, _PRIVATE = "art. L2131-2 du CGCT", "art. L2131-4 du CGCT"


class Case(StrEnum):
    """Why an act is not sent."""

    ROADS = "voirie"
    CAREERS = "promotion"
    TRAFFIC = "circulation"
    CONTRACT = "seuil"
    TEMPORARY = "temporaire"
    UNLISTED = "hors_liste"
    INTERNAL = "interne"
    PRIVATE = "prive"
    OTHER = "autre"

    @property
    def words(self) -> str:
        """What it is, as a sentence begins."""
        return _CASES[self][0]

    @property
    def natures(self) -> tuple[Nature, ...]:
        """The natures of the acts that it may be said of."""
        return _CASES[self][1]

    def reason(self, regime: Regime) -> str:
        """What a sheet keeps of it, with its article; "" of what is said in one's own words."""
        if self is Case.OTHER:
            return ""
        return f"{self.words} ({cited(regime, _PRIVATE if self is Case.PRIVATE else _LIST)})"

    @classmethod
    def of(cls, reason: str) -> "Case":
        """That of a reason that a sheet keeps: `OTHER` of what was said in one's own words."""
        head = reason.partition(" (art. ")[0]
        return next((case for case in cls if case.words == head), cls.OTHER)


_CASES = {
    Case.ROADS: (
        "Tarif des droits de voirie ou de stationnement, classement ou alignement d’une voie",
        (Nature.DELIBERATION, Nature.RULE, Nature.OTHER),
    ),
    Case.CAREERS: (
        "Taux de promotion des agents, ou affiliation au centre de gestion",
        (Nature.DELIBERATION,),
    ),
    Case.TRAFFIC: (
        "Police de la circulation ou du stationnement",
        (Nature.RULE, Nature.INDIVIDUAL),
    ),
    Case.CONTRACT: (
        "Marché, ou avenant, d’un montant inférieur au seuil de transmission",
        (Nature.CONTRACT,),
    ),
    Case.TEMPORARY: (
        "Agent recruté pour un besoin temporaire ou saisonnier",
        (Nature.INDIVIDUAL, Nature.CONTRACT),
    ),
    Case.UNLISTED: (
        "Décision individuelle qui n’est pas de celles que la loi fait transmettre",
        (Nature.INDIVIDUAL,),
    ),
    Case.INTERNAL: ("Mesure d’ordre intérieur, ou préparatoire", (Nature.OTHER,)),
    Case.PRIVATE: ("Acte de droit privé", (Nature.CONTRACT, Nature.OTHER)),
    Case.OTHER: (
        "Autre cas, à dire",
        (Nature.DELIBERATION, Nature.INDIVIDUAL, Nature.CONTRACT, Nature.OTHER),
    ),
}


def is_sent(*, nature: str, matter: str, reason: str) -> bool:
    """Whether an act is to be sent, whatever `reason` is given that it is not: "" is none."""
    return not reason or next(_barred(nature, matter, Case.of(reason)), None) is not None


def objections(*, nature: str, matter: str, reason: str, regime: Regime) -> tuple[Finding, ...]:
    """Why an act may not be kept from the prefect so; empty when it may be."""
    return tuple(
        Finding(
            code=code,
            message=message,
            article=budgetary(regime, article) if "L1612" in article else cited(regime, article),
            remedy="Laissez-le partir, ou corrigez sa nature ou sa matière, si elle est fausse.",
            field="case",
        )
        for code, message, article in _barred(nature, matter, Case.of(reason))
    )


def _barred(nature: str, matter: str, case: Case) -> Iterator[tuple[str, str, str]]:
    if nature == Nature.BUDGET or (_within(matter, 7, 1) and case is not Case.ROADS):
        yield "budget_transmis", "Un acte budgétaire est toujours transmis.", "L1612-8"
    elif nature == Nature.RULE and nature not in case.natures:
        yield (
            "reglementaire_transmis",
            "Un acte réglementaire est toujours transmis, sauf de voirie, de taux de promotion, "
            "d’affiliation au centre de gestion, ou de police de la circulation et du "
            "stationnement.",
            _LIST,
        )
    elif nature not in case.natures:
        label = Nature(nature).label if nature in list(Nature) else "sans nature"
        yield (
            "dispense_impropre",
            f"«\u00a0{case.words}\u00a0» ne se dit pas d’un acte de cette nature ({label}).",
            _LIST,
        )
    elif _within(matter, 6, 1) and case in (Case.UNLISTED, Case.OTHER):
        yield (
            "police_transmise",
            "Une décision de police est transmise, sauf de circulation et de stationnement.",
            _LIST,
        )


def doubts(
    *, nature: str, matter: str, reason: str, regime: Regime, object: str = ""
) -> tuple[Finding, ...]:
    """What somebody answers for before an act is kept back so: the law does not say it from its
    nature alone, and its matter or its `object` may belie it. Empty of what may not be kept back at
    all: `objections` says it."""
    if is_sent(nature=nature, matter=matter, reason=reason):
        return ()
    return tuple(
        Finding(
            code=code,
            message=message,
            article=cited(regime, _LIST),
            field="case",
            severity=Severity.WARNING,
        )
        for code, message in _doubtful(nature, matter, Case.of(reason), folded(object))
    )


# What the law has sent of those who work there, as the object of an act betrays it.
_HIRED = re.compile(r"\b(?:nomination|nommant|recrutement|recrutant|titularisation|licenci\w+)\b")


def _doubtful(nature: str, matter: str, case: Case, words: str) -> Iterator[tuple[str, str]]:
    if case is Case.CONTRACT or (_within(matter, 1, 1) and case is not Case.TEMPORARY):
        yield (
            "seuil_a_verifier",
            "Un marché qui atteint le seuil de l’article D2131-5-1 est transmis\u00a0: "
            "vérifiez son montant.",
        )
    if case is Case.OTHER and nature == Nature.DELIBERATION:
        yield (
            "deliberation_transmise",
            "Une délibération est transmise, sauf de voirie, de stationnement, de promotion ou "
            "de centre de gestion\u00a0: ce motif n’est pas de ceux-là.",
        )
    elif case is Case.OTHER:
        yield "motif_libre", "Ce motif n’est pas de ceux que la loi dit\u00a0: vérifiez-le."
    if case is Case.TRAFFIC and not (_within(matter, 6, 1) or _within(matter, 8, 3)):
        yield (
            "police_hors_matiere",
            "Sa matière n’est ni la police (6.1), ni la voirie (8.3)\u00a0: cet acte est-il bien "
            "de la police de la circulation, du maire ou de qui en a reçu le transfert\u00a0?",
        )
    is_hiring = bool(_HIRED.search(words)) and not _within(matter, 4, 2)
    if (_within(matter, 4, 1) or is_hiring) and case is Case.UNLISTED:
        yield (
            "nomination_a_verifier",
            "Nommer, recruter, titulariser ou licencier un agent se transmet\u00a0; une sanction, "
            "un avancement, non.",
        )
    if _within(matter, 4, 2) and case is Case.UNLISTED:
        yield (
            "contractuel_a_verifier",
            "Nommer, recruter ou licencier un agent contractuel se transmet.",
        )
    if _within(matter, 7, 1) and case is Case.ROADS:
        yield (
            "tarif_a_verifier",
            "Sa matière est budgétaire\u00a0: seul un tarif de voirie ou de stationnement est "
            "dispensé.",
        )


def _within(matter: str, *above: int) -> bool:
    """Whether a matter is this one, or below it: 7.10 is not below 7.1."""
    return bool(acts.MATTER.fullmatch(matter)) and acts.levels(matter)[: len(above)] == above
