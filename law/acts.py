"""The act once it is decided: what it is to the prefecture, from when it binds, until when it may
be contested.

An act binds once the public knows it and, where the law wants it sent, the prefect has it (art.
L2131-1 and L2131-2, of an open syndicate L3131-1 and L3131-2). What binds on which day is answered
with the rule that says so, since a judge asks for both. Days of appeal are clear months (`délai
franc`), prolonged over a day on which no court is open.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from law import deadlines, french, holidays
from law.findings import Finding
from law.regime import Regime, cited

# What @CTES takes: see actesv1_1.xsd.
OBJECT_MAX = 500
MATTER = re.compile(r"[1-9]\d?(?:\.[1-9]\d?){1,4}")

_KNOWN = "art. L2131-1 du CGCT"
_SENT = "art. L2131-2 du CGCT"
_CONTROL = "art. L2131-6 du CGCT"
APPEAL = "art. R421-1 du code de justice administrative"
MONTHS = 2  # to contest an act, before the judge or by the prefect


class Nature(StrEnum):
    """What an act is, by the code that @CTES gives it."""

    DELIBERATION = "1"
    RULE = "2"
    INDIVIDUAL = "3"
    CONTRACT = "4"
    BUDGET = "5"
    OTHER = "6"

    @property
    def letters(self) -> str:
        """Those that end the identifier of the act: "DE"."""
        return _NATURES[self][0]

    @property
    def label(self) -> str:
        """What people call it."""
        return _NATURES[self][1]

    @property
    def typology(self) -> str:
        """The kind of document that the act itself is, where the prefecture says no other."""
        return _NATURES[self][2]


_NATURES = {
    Nature.DELIBERATION: ("DE", "délibération", "99_DE"),
    Nature.RULE: ("AR", "arrêté ou décision réglementaire", "99_AR"),
    Nature.INDIVIDUAL: ("AI", "arrêté ou décision individuelle", "99_AI"),
    Nature.CONTRACT: ("CC", "contrat, convention, avenant", "99_DC"),
    Nature.BUDGET: ("BF", "document budgétaire ou financier", "99_BU"),
    Nature.OTHER: ("AU", "autre acte", "99_AU"),
}


# --- The matter --------------------------------------------------------------------------------


def levels(matter: str) -> tuple[int, ...]:
    """The numbers of a matter, one a level: `7.10` is (7, 10), which is not `7.1`. A matter is
    text everywhere else. Raises `ValueError` for what is none."""
    if not MATTER.fullmatch(matter):
        raise ValueError(f"{matter!r} n’est pas une matière : « 7.10 »")
    return tuple(int(level) for level in matter.split("."))


# --- From when it binds ------------------------------------------------------------------------


class Rule(StrEnum):
    """By which rule an act binds, or does not."""

    PUBLISHED = "publie"  # it need not be sent
    SENT = "publie_et_recu"
    NOTIFIED = "notifie"
    NOTIFIED_AND_SENT = "notifie_et_recu"
    URGENT = "affiche_en_urgence"
    GONE = "disparu"  # annulled or withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """Whether an act binds: since when (`None`: not yet, or no more), by which rule and article,
    and what is still missing."""

    since: date | None
    rule: Rule
    article: str
    lacks: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.since is not None:
            return f"Exécutoire depuis le {french.long_date(self.since)} ({self.article})."
        if self.rule is Rule.GONE:
            return f"N’est plus un acte ({self.article})."
        lacks = french.join(self.lacks)
        return f"Pas encore exécutoire\u00a0: il lui manque {lacks} ({self.article})."


def force(
    regime: Regime,
    *,
    nature: Nature = Nature.DELIBERATION,
    published_on: date | None = None,
    received_on: date | None = None,
    notified_on: date | None = None,
    posted_on: date | None = None,
    is_transmissible: bool = True,
    is_gone: bool = False,
) -> Force:
    """Since when an act binds (art. L2131-1).

    An individual decision is notified, every other act is published. In urgency it binds from its
    posting at the seat (`posted_on`, V of the article), with its transmission; publication follows.
    `is_gone`: a judge annulled it, or a later act withdrew it: it never was.
    """
    article = cited(regime, _KNOWN)
    if is_gone:
        return Force(since=None, rule=Rule.GONE, article=article)
    known_on = published_on
    rule = Rule.SENT if is_transmissible else Rule.PUBLISHED
    missing = "d’être publié"
    if nature is Nature.INDIVIDUAL:
        known_on, missing = notified_on, "d’être notifié"
        rule = Rule.NOTIFIED_AND_SENT if is_transmissible else Rule.NOTIFIED
    elif posted_on is not None and (published_on is None or posted_on < published_on):
        known_on, rule = posted_on, Rule.URGENT
    lacks = [
        *([missing] if known_on is None else []),
        *(["d’être reçu par la préfecture"] if is_transmissible and received_on is None else []),
    ]
    since = deadlines.enforceable_on(known_on, received_on, transmissible=is_transmissible)
    return Force(since=since, rule=rule, article=article, lacks=tuple(lacks))


# --- Until when it may be contested ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The last day to do something, and the article that says so."""

    on: date
    article: str


def appeal(known_on: date) -> Deadline:
    """The last day on which a third party, or whom it was notified to, contests an act before the
    administrative court: two clear months from the day it was known."""
    return Deadline(on=_last_day(known_on), article=APPEAL)


def control(regime: Regime, received_on: date, *, answered_on: date | None = None) -> Deadline:
    """The last day on which the prefect refers an act to the court (`déféré`): two clear months
    from the day he had it, or from the day (`answered_on`) he had the answer to what he asked
    within them: what was missing from it (CE, 13 janvier 1988, n° 68166), or that it be looked at
    again (CE, 18 avril 1986, n° 62470)."""
    return Deadline(on=_last_day(answered_on or received_on), article=cited(regime, _CONTROL))


def _last_day(since: date) -> date:
    """Neither the first day nor the last counts, and a court is open on the one that is given."""
    last = deadlines.add_months(since, MONTHS) + timedelta(days=1)
    while last.weekday() >= 5 or holidays.name_of(last):
        last += timedelta(days=1)
    return last


def transmission(regime: Regime, nature: Nature, signed_on: date) -> Deadline | None:
    """The last day to send an act; `None` of those of which the law says no day."""
    if nature not in (Nature.CONTRACT, Nature.INDIVIDUAL):
        return None
    return Deadline(on=deadlines.transmission_due(signed_on), article=cited(regime, _SENT))


# --- What is told of it ------------------------------------------------------------------------


def objections(
    *,
    nature: str,
    matter: str,
    object: str,
    decided_on: date,
    on: date,
) -> tuple[Finding, ...]:
    """Why an act is not sent as it is told: its nature, matter, object or day."""
    found = []
    if nature not in list(Nature):
        found.append(_told("nature_inconnue", "Dites la nature de l’acte.", "nature"))
    if not MATTER.fullmatch(matter):
        found.append(
            _told(
                "matiere_manquante",
                f"«\u00a0{matter}\u00a0» n’est pas une matière de la classification."
                if matter
                else "Choisissez la matière de l’acte\u00a0: la préfecture classe par elle.",
                "matter",
            )
        )
    if not object.strip():
        found.append(_told("objet_vide", "Dites l’objet de l’acte.", "object"))
    elif len(object) > OBJECT_MAX:
        found.append(
            _told(
                "objet_trop_long",
                f"L’objet a {french.figure(len(object))} caractères\u00a0: la préfecture en lit "
                f"{OBJECT_MAX}.",
                "object",
                "Dites-le plus court\u00a0; l’acte lui-même ne change pas.",
            )
        )
    if decided_on > on:
        found.append(
            _told(
                "date_a_venir",
                f"Cet acte est daté du {french.long_date(decided_on)}, qui n’est pas venu.",
                "",
            )
        )
    return tuple(found)


def _told(code: str, message: str, field: str, remedy: str = "") -> Finding:
    return Finding(code=code, message=message, field=field, remedy=remedy)
