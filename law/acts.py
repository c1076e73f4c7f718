"""The act once it is decided: what it is to the prefecture, from when it binds, until when it may
be contested.

An act binds once the public knows it and, where the law wants it sent, the prefect has it (art.
L2131-1 and L2131-2, of an open syndicate L3131-1 and L3131-2). What binds on which day is answered
with the rule that says so, since a judge asks for both. Days of appeal are clear months (`délai
franc`), prolonged over a day on which no court is open.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from law import deadlines, french, holidays
from law.findings import Finding, Severity
from law.regime import Regime, budgetary, cited

# What @CTES takes: see actesv1_1.xsd.
OBJECT_MAX = 500
MATTER = re.compile(r"[1-9]\d?(?:\.[1-9]\d?){1,4}")

_KNOWN, _URGENT = "art. L2131-1 du CGCT", "art. L2131-1, V du CGCT"
_WITHDRAWN = "art. L242-1 et L243-3 du code des relations entre le public et l’administration"
_SENT = "art. L2131-2 du CGCT"
_SIGNED = "art. L2121-23 du CGCT"
_CONTROL = "art. L2131-6 du CGCT"
APPEAL = "art. R421-1 du code de justice administrative"
_ELECTORAL = "art. R119 du code électoral"  # an election is contested in its own delay:
_ELECTORAL_DELAY = "au plus tard à 18\u00a0heures le cinquième jour qui suit le vote"
# What makes that of a municipal council the delay of an election of another assembly.
_ELECTED_AS = {
    "epci": "des art. L2122-13 et L5211-2 du CGCT",
    "smf": "des art. L2122-13, L5211-2 et L5711-1 du CGCT",
}
# What makes the articles of communes, or of a département, those of its acts.
_BY_REFERENCE = {
    "epci": "de l’art. L5211-3",
    "smf": "des art. L5211-3 et L5711-1",
    "smo": "de l’art. L5721-4",
}
_ELECTORAL_DAYS = 15
_WISH = re.compile(r"(?:vœu|voeu|motion)s?x?\b", re.IGNORECASE)
_WISHES = "9.4"  # « vœux et motions », in the classification of the prefectures
# None may contest one, even for a fault of its own, but the prefect.
WISH = "CE, 29 décembre 1997, n° 157623"
LISTS_UNSIGNED = frozenset({"smo"})  # forms of which no text wants a list of deliberations signed
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


class Handing(StrEnum):
    """How an individual act came to whom it is about: what proves it is of that way."""

    OWN_HANDS = "main"
    REGISTERED = "recommande"
    ELECTRONIC = "electronique"
    SWORN = "agent"

    @property
    def words(self) -> str:
        """As a certificate says it."""
        return _HANDINGS[self]


_HANDINGS = {
    Handing.OWN_HANDS: "en main propre, contre récépissé",
    Handing.REGISTERED: "par lettre recommandée avec avis de réception",
    Handing.ELECTRONIC: "par un procédé électronique qui en atteste (art. L112-15 du CRPA)",
    Handing.SWORN: "par un agent assermenté ou un commissaire de justice",
}


def faults_of_making_known(
    regime: Regime, *, is_individual: bool, is_handed: bool, handing: str, knowing: bool
) -> Iterator[Finding]:
    """Why an act is not said to be posted, or handed over (`is_handed`), so: how it was handed is
    said; one that is about somebody is posted if whoever does it is `knowing`."""
    article = quoted(regime, _KNOWN)
    if is_handed and handing not in list(Handing):
        yield Finding(
            code="remise_non_dite",
            message="Dites comment il a été remis à qui il concerne\u00a0: la preuve n’est pas la "
            "même.",
            article=article,
            field="way",
        )
    if is_individual and not is_handed and not knowing:
        yield Finding(
            code="individuel_affiche",
            message="Cet acte individuel se notifie à qui il concerne\u00a0: l’afficher ne le rend "
            "pas exécutoire, et dit de cette personne à tous ce que nul n’a à lire.",
            article=article,
            remedy="Notez sa notification\u00a0; cochez la case s’il fut affiché quand même.",
            field="verified",
        )


# --- The matter --------------------------------------------------------------------------------


def levels(matter: str) -> tuple[int, ...]:
    """The numbers of a matter, one a level: `7.10` is (7, 10), which is not `7.1`. A matter is
    text everywhere else. Raises `ValueError` for what is none."""
    if not MATTER.fullmatch(matter):
        raise ValueError(f"{matter!r} n’est pas une matière : « 7.10 »")
    return tuple(int(level) for level in matter.split("."))


# Bodies to which one is sent, and whose members nobody elects by that.
_OUTSIDE = re.compile(
    r"\b(?:associations?|sociétés?|S\.?E\.?M\.?L?|S\.?P\.?L|S\.?C\.?I\.?C|G\.?I\.?P"
    r"|groupement d[’']intérêt public|fondations?|missions? locales?"
    r"|conseils? d[’']administration)\b",
    re.IGNORECASE,
)
# Whom one elects, whichever way it is voted: to a body of communes, to what opens the tenders.
_ELECTED_TO = re.compile(
    r"\s*(?:élections?|désignations?|remplacements?)\b.*"
    r"(?:\bau (?:sein du )?syndicat|\bà la communauté|\bà la métropole"
    r"|\bcommission d[’' ]appels? d[’' ]offres?|\bC\.?A\.?O\b"
    r"|\bcommission de (?:délégation|concession))",
    re.IGNORECASE,
)


def is_electoral(title: str, *, is_election: bool) -> bool:
    """Whether it is contested as an election, by what it names rather than by the way of voting:
    the commission of tenders, that of the concessions of a service, the delegates to a public body
    of communes are elected (CE, 30 mars 2023, n° 465716); who is sent to an association or a
    company is not, and is contested as any act is (answer to the Senate, 24 March 2005, n° 15857).
    Of others, the vote says it."""
    title = title.replace(french.NBSP, " ")
    if _ELECTED_TO.match(title):
        return True
    return is_election and not _OUTSIDE.search(title)


def is_wish(title: str, matter: str = "") -> bool:
    """Whether what is adopted is a wish or a motion, as its title begins or as it is filed: it
    decides nothing."""
    return bool(_WISH.match(title.strip())) or matter == _WISHES


# --- From when it binds ------------------------------------------------------------------------


class Rule(StrEnum):
    """By which rule an act binds, or does not."""

    PUBLISHED = "publie"  # it need not be sent
    SENT = "publie_et_recu"
    NOTIFIED = "notifie"
    NOTIFIED_AND_SENT = "notifie_et_recu"
    URGENT = "affiche_en_urgence"
    GONE = "disparu"  # withdrawn, or never decided
    WISH = "voeu"  # it decides nothing, and binds nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """Whether an act binds: since when (`None`: no more, or nothing here tells), by which rule and
    article, and what is not known here of what makes it bind; `gone` says what became of it, and
    `unsigned` whose signatures it lacks, with the article that wants them."""

    since: date | None
    rule: Rule
    article: str
    lacks: tuple[str, ...] = ()
    gone: str = ""
    unsigned: str = ""

    def __str__(self) -> str:
        article = f" ({self.article})" if self.article else ""
        if self.gone:
            return f"{french.capitalise(self.gone)}{article}."
        head = f"{french.capitalise(self.unsigned)}. " if self.unsigned else ""
        if self.since is not None:
            reserve = ", sous cette réserve" if self.unsigned else ""
            since = french.long_date(self.since)
            return f"{head}Exécutoire depuis le {since}{article}{reserve}."
        if self.rule is Rule.WISH:
            return f"{head}{french.capitalise(WISHED)}{article}."
        plural = "s" if len(self.lacks) > 1 else ""
        lacks = french.capitalise(french.join(self.lacks))
        return f"{head}{lacks} non connue{plural} ici{article}."


WISHED = "un vœu ne décide rien\u00a0: il n’a pas d’effet juridique"
# What makes an act known, by the rule of its body; each is feminine.
_PUBLICITY = {
    "electronique": "publication",
    "affichage": "date d’affichage",
    "papier": "publication sur papier",
}


def known_on(
    regime: Regime,
    *,
    decided_on: date,
    is_individual: bool = False,
    published_on: date | None = None,
    posted_on: date | None = None,
    notified_on: date | None = None,
) -> date | None:
    """The day an act was made known as the law wants it (art. L2131-1, II to IV): notified when it
    is individual, online, or posted where the assembly chose so; either of them before July 2022.
    `None` while nothing here tells it."""
    if is_individual:
        return notified_on
    if decided_on < deadlines.PUBLICITY_SINCE:
        return min((each for each in (published_on, posted_on) if each), default=None)
    return {"electronique": published_on, "affichage": posted_on}.get(regime.acts_publicity)


def force(
    regime: Regime,
    *,
    is_individual: bool = False,
    known_on: date | None = None,
    received_on: date | None = None,
    urgent_on: date | None = None,
    is_transmissible: bool = True,
    unsigned_by: tuple[str, ...] = (),
    is_decided_by_signing: bool = False,
    is_gone: bool = False,
    is_wish: bool = False,
    withdrawn_by: str = "",
    is_feminine: bool = True,
) -> Force:
    """Since when an act binds (art. L2131-1): once it was made known (`known_on`), and transmitted.

    In urgency it binds from its posting at the seat (`urgent_on`, V of the article), with its
    transmission; publication follows. `is_gone`: it is no act, for its vote was corrected or its
    item put off, or because a later act withdrew it (`withdrawn_by`): it never was. What lacks
    signatures (`unsigned_by`) says so first: what one person decides, which his signature alone
    makes (`is_decided_by_signing`), does not bind; what an assembly voted does, its signatures
    being due all the same (art. L2121-23). A wish (`is_wish`) binds nobody, whatever is made of it.
    """
    if is_decided_by_signing and unsigned_by:
        said = without_signatures(unsigned_by, is_feminine=is_feminine)
        return Force(since=None, rule=Rule.GONE, article="art. L212-1 du CRPA", gone=said)
    if is_gone:
        return _gone(withdrawn_by, is_feminine=is_feminine)
    unsigned = ""
    if unsigned_by:
        lacking = without_signatures(unsigned_by, is_feminine=is_feminine)
        unsigned = f"{lacking} ({cited(regime, _SIGNED)})"
    if is_wish:
        return Force(since=None, rule=Rule.WISH, article=WISH, unsigned=unsigned)
    article = _KNOWN
    if is_individual:
        rule = Rule.NOTIFIED_AND_SENT if is_transmissible else Rule.NOTIFIED
    else:
        rule = Rule.SENT if is_transmissible else Rule.PUBLISHED
        had_on = received_on if is_transmissible else None
        if urgent_on is not None and (
            known_on is None or (urgent_on < known_on and (had_on is None or had_on < known_on))
        ):
            known_on, rule, article = urgent_on, Rule.URGENT, _urgent(regime)
    publicity = "notification" if is_individual else _PUBLICITY[regime.acts_publicity]
    lacks = [
        *([publicity] if known_on is None else []),
        *(["réception par la préfecture"] if is_transmissible and received_on is None else []),
    ]
    since = deadlines.enforceable_on(known_on, received_on, transmissible=is_transmissible)
    return Force(
        since=since,
        rule=rule,
        article=quoted(regime, article),
        lacks=tuple(lacks),
        unsigned=unsigned,
    )


def without_signatures(names: tuple[str, ...], *, is_feminine: bool = True) -> str:
    """ "non signée\u00a0: sans la signature d’Alice ARNAUD et de Bruno BERT"."""
    each = french.join([french.contract("de", name) for name in names])
    return f"non {french.agree('signé', feminine=is_feminine)}\u00a0: sans la signature {each}"


def _gone(withdrawn_by: str, *, is_feminine: bool) -> Force:
    if withdrawn_by:
        said = french.agree("retiré", feminine=is_feminine)
        said, article = f"{said} par {withdrawn_by}", _WITHDRAWN
    else:
        said, article = "n’est pas un acte\u00a0: son vote a été corrigé, ou son point reporté", ""
    return Force(since=None, rule=Rule.GONE, article=article, gone=said)


def posting_rule(
    regime: Regime,
    *,
    decided_on: date,
    is_individual: bool = False,
    is_urgent: bool = False,
    is_handed: bool = False,
) -> str:
    """What the certificate of an act that was posted, or handed over, rests upon: the article that
    makes it known so; where none does, that it was posted besides, and what makes it known (art.
    L2131-1, II to V)."""
    known = quoted(regime, _KNOWN)
    if is_urgent and not is_individual:
        return quoted(regime, _urgent(regime))
    publicity = regime.acts_publicity if decided_on >= deadlines.PUBLICITY_SINCE else "affichage"
    if is_handed or (publicity == "affichage" and not is_individual):
        return known
    does = "sa notification" if is_individual else _MADE_KNOWN[publicity]
    return f"affiché pour information\u00a0; ce qui le porte à la connaissance est {does} ({known})"


_MADE_KNOWN = {"electronique": "sa mise en ligne", "papier": "sa publication sur papier"}


def _urgent(regime: Regime) -> str:
    """The code numbers the paragraphs of a département otherwise."""
    return _KNOWN if regime.by_statutes else _URGENT


def quoted(regime: Regime, article: str) -> str:
    """An article on acts as this body quotes it, and what makes it its own."""
    by = _BY_REFERENCE.get(regime.form)
    return f"{cited(regime, article)}, par renvoi {by}" if by else cited(regime, article)


# --- Until when it may be contested ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The last day to do something, and the article that says so; `is_pending`: at the latest, if
    what the prefect asked is given no answer."""

    on: date
    article: str
    is_pending: bool = False

    @property
    def words(self) -> str:
        """What is printed of it: nobody but the judge knows what else prolongs it."""
        on = french.long_date(self.on)
        if self.is_pending:
            return f"en suspens d’une réponse, au plus tard jusqu’au {on}"
        return f"en principe jusqu’au {on}"

    def __str__(self) -> str:
        return f"{self.words} ({self.article})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the prefect asked of an act: what is missing from it, or (`is_gracious`) that it be
    looked at again; and the day he had the answer, if he had it."""

    on: date
    answered_on: date | None = None
    is_gracious: bool = False


def appeal(regime: Regime, known_on: date) -> Deadline:
    """The last day on which a third party, or whom it was notified to, contests an act before the
    administrative court: two clear months from the day it was known. An election is contested
    otherwise (art. R119 of the electoral code): ask nothing of one."""
    return Deadline(on=_last_day(regime, known_on), article=APPEAL)


def electoral(regime: Regime) -> str:
    """The article by which an election is contested (art. R119 of the electoral code), with what
    makes it that of this assembly. None makes it that of an open syndicate, which it is told for
    being the shortest: who is late by it may be late."""
    if regime.by_statutes:
        return f"{_ELECTORAL}, faute de texte pour un syndicat mixte ouvert"
    by = _ELECTED_AS.get(regime.form, "de l’art. L2122-13 du CGCT")
    return f"{_ELECTORAL}, par renvoi {by}"


def electoral_appeal(regime: Regime) -> str:
    """Until when an election is contested, after the name of the court."""
    if regime.by_statutes:
        return (
            "\u00a0; aucun texte n’en fixe le délai, et le plus sûr "
            f"est celui des communes, {_ELECTORAL_DELAY}"
        )
    return f", en principe {_ELECTORAL_DELAY}"


def electoral_control(regime: Regime, received_on: date) -> Deadline:
    """The last day on which the prefect refers an election to the court: fifteen days from the day
    he had its minutes (art. R119 of the electoral code); of an open syndicate, which no text puts
    under that one, as of any act: nobody is told that it may be contested no more too soon."""
    if regime.by_statutes:
        return control(regime, received_on)
    last = received_on + timedelta(days=_ELECTORAL_DAYS)
    return Deadline(on=last, article=electoral(regime))


def control(regime: Regime, received_on: date, requests: Iterable[Request] = ()) -> Deadline:
    """The last day on which the prefect refers an act to the court (`déféré`): two clear months
    from the day he had it, or from the answer to what he asked within them: what was missing from
    it (CE, 13 janvier 1988, n° 68166), or that it be looked at again (CE, 18 avril 1986, n° 62470),
    which prolongs once. Two months of silence are a refusal."""
    found = Deadline(on=_last_day(regime, received_on), article=quoted(regime, _CONTROL))
    was_gracious = False
    for each in sorted(requests, key=lambda request: request.on):
        if each.on > found.on or (each.is_gracious and was_gracious):
            continue
        was_gracious = was_gracious or each.is_gracious
        refused_on = deadlines.add_months(each.on, MONTHS)
        last = _last_day(regime, min(each.answered_on or refused_on, refused_on))
        if last > found.on:
            found = replace(found, on=last, is_pending=each.answered_on is None)
    return found


def _last_day(regime: Regime, since: date) -> date:
    """Neither the first day nor the last counts, and a court is open on the one that is given."""
    last = deadlines.add_months(since, MONTHS) + timedelta(days=1)
    while last.weekday() >= 5 or holidays.name_of(last, alsace_moselle=regime.alsace_moselle):
        last += timedelta(days=1)
    return last


def transmission(
    regime: Regime, nature: Nature, signed_on: date, *, is_individual: bool = False
) -> Deadline | None:
    """The last day to send an act; `None` of those of which the law says no day."""
    if not is_individual and nature not in (Nature.CONTRACT, Nature.INDIVIDUAL):
        return None
    return Deadline(on=deadlines.transmission_due(signed_on), article=quoted(regime, _SENT))


def accounts_transmission(regime: Regime, voted_on: date) -> Deadline:
    """The last day to send the accounts of the year before: fifteen days after the last one to vote
    them (art. L1612-13), of any local public body as of a commune (art. L1612-20)."""
    return Deadline(on=date(voted_on.year, 7, 15), article=budgetary(regime, "L1612-13"))


def doubt_of_stamp(on: date) -> Finding | None:
    """That the prefecture stamps no paper on such a day: what is read on one may be misread."""
    if on.weekday() < 5 and not holidays.name_of(on):
        return None
    kind = french.WEEKDAYS[on.weekday()] if on.weekday() >= 5 else "jour férié"
    return Finding(
        code="cachet_d_un_jour_ferme",
        message=f"Le {french.long_date(on)} est un {kind}\u00a0: la préfecture n’y tamponne rien à "
        "son guichet.",
        remedy="Relisez le cachet\u00a0; si le jour est faux, reprenez ce reçu, puis notez le bon.",
        field="on",
        severity=Severity.WARNING,
    )


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
