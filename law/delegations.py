"""May somebody decide this alone, that day?

A decision (`décision`) is a power of the assembly: whoever heads it takes it by the delegation that
a deliberation gave him, within the subjects that it says, from the day it binds, as long as his
mandate runs (art. L2122-22 of a commune, L5211-10 of an EPCI and of a closed syndicate; the
statutes of an open one). An order (`arrêté`) is a power of whoever heads the assembly: he needs
none, but whoever takes one in his place was entrusted with that by him (art. L2122-18, L5211-9).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from law import french
from law.acts import Nature, quoted
from law.findings import Finding, Severity
from law.masking import folded
from law.regime import Regime, cited, delegated_by, entrusted_by, replaced_by


class Kind(StrEnum):
    """What one may take alone."""

    DECISION = "decisions"
    ORDER = "arretes"

    @property
    def noun(self) -> str:
        """ "décision", "arrêté"."""
        return "décision" if self is Kind.DECISION else "arrêté"

    @property
    def is_feminine(self) -> bool:
        """For the agreement."""
        return self is Kind.DECISION

    @property
    def this(self) -> str:
        """ "Cette décision", "Cet arrêté"."""
        return "Cette décision" if self is Kind.DECISION else "Cet arrêté"

    @property
    def natures(self) -> tuple[Nature, ...]:
        """What it may be to the prefecture, the most usual first."""
        if self is Kind.DECISION:
            return Nature.OTHER, Nature.RULE, Nature.INDIVIDUAL, Nature.CONTRACT
        return Nature.RULE, Nature.INDIVIDUAL, Nature.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is known of the act that gives a delegation: since when it binds, what it `lacks` for
    that; what a later one did to it ("abrogée par 2026-14 du 7 juillet 2026"), and from which day
    it gives no power: of a withdrawal, from its own, for it never was."""

    since: date | None = None
    lacks: tuple[str, ...] = ()
    undone: str = ""
    undone_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """What somebody was given to decide alone: by which act (`source`), of which day, since when it
    binds (`None`: not known), in which subjects, until when (the end of his mandate, or an act that
    ended it); what is `known` of the act that gives it, which prevails over what was noted."""

    source: str
    granted_on: date
    enforceable_on: date | None
    subjects: tuple[str, ...]
    ended_on: date | None = None
    mandate_ended_on: date | None = None
    known: Source | None = None

    @property
    def is_known(self) -> bool:
        """Whether what is known tells since when it binds, or that it does not: nobody notes it."""
        return self.known is not None and bool(self.known.since or self.known.lacks)

    @property
    def binds_on(self) -> date | None:
        """Since when it gives a power: as it is known, else as it was noted."""
        return self.known.since if self.known and self.is_known else self.enforceable_on

    @property
    def undone_after(self) -> date | None:
        """Its last day before a later act undid the one that gives it."""
        if self.known is None or self.known.undone_on is None:
            return None
        return self.known.undone_on - timedelta(days=1)

    @property
    def is_undone(self) -> bool:
        """Whether that is what ended it."""
        return self.undone_after is not None and self.over_on == self.undone_after

    @property
    def over_on(self) -> date | None:
        """Its last day; `None` while nothing ends it."""
        ends = (self.ended_on, self.mandate_ended_on, self.undone_after)
        return min(filter(None, ends), default=None)

    def ends_before(self, on: date) -> bool:
        """Whether it was over on that day."""
        return self.over_on is not None and self.over_on < on


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Somebody about to decide: what, of which nature, in which office (`president`,
    `vice-president`, "" of neither), which day, by which delegation, in which of its subjects."""

    kind: Kind
    nature: Nature
    office: str
    on: date
    today: date
    has_articles: bool
    delegation: Delegation | None = None
    is_its_holder: bool = True  # whether the delegation is his, and not somebody else's
    subject: str = ""
    concerns: str = ""  # whom an individual act is about
    has_recitals: bool = True  # whether it gives its reasons
    left_on: date | None = None  # the last day of the office in which he takes it
    stands_in: bool = False  # whether he takes it because whoever heads the assembly is prevented
    ahead: tuple[str, ...] = ()  # who would stand in before him, in their order
    amount: Decimal | None = None  # in euros, before tax; `None` of what has none, or is not said
    latest_on: date | None = None  # the day of the latest act that its register has that year
    title: str = ""

    @property
    def wants_a_delegation(self) -> bool:
        """Whether he has none of these powers himself: who stands in has them all."""
        is_his = self.office == "president" or self.stands_in
        return self.kind is Kind.DECISION or not is_his


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A doubt that a person answers: what he then says, and what he writes of it (`why`), where a
    judge would ask for more than his word."""

    answer: str
    why: str = ""


_WORDS_OF_IT = "Par quel article, ou dans quels mots"
# The doubts that a person answers before it is taken: what follows from them is on the paper, or
# makes it void.
QUESTIONS = {
    "date_passee": Question(
        answer="L’acte a été signé à la main ce jour-là, que le papier dira\u00a0: il ne se "
        "signera pas autrement ici",
    ),
    "pouvoir_fini_depuis": Question(
        answer="L’acte a été signé à la main avant, et sa feuille signée est gardée"
    ),
    "sans_motif": Question(answer="Cet acte n’est pas de ceux qui se motivent"),
    "matiere_reservee": Question(answer="L’assemblée peut bien déléguer cette matière"),
    "empechement": Question(
        answer="La présidence est bien empêchée", why="Par quoi, et jusqu’à quand"
    ),
    "rang_empeche": Question(
        answer="Qui le précède est empêché aussi", why="Par quoi, et jusqu’à quand"
    ),
    "decision_empechee": Question(
        answer="La délibération qui délègue le prévoit", why=_WORDS_OF_IT
    ),
    "montant_non_dit": Question(answer="Cet acte n’a pas de montant, ou n’atteint pas ce plafond"),
    "plafond_depasse": Question(answer="La délibération permet bien ce montant", why=_WORDS_OF_IT),
    "plafond_a_lire": Question(
        answer="Relue, la délibération permet bien ce montant", why=_WORDS_OF_IT
    ),
}


def unanswered(found: Iterable[Finding], answered: Mapping[str, str]) -> Iterator[Finding]:
    """What of these doubts keeps an act from being taken: nobody `answered` it (by its code, what
    was written of it), or nobody wrote what the answer rests upon."""
    for each in found:
        question = QUESTIONS.get(each.code)
        if question is None:
            continue
        if each.code not in answered:
            yield replace(each, severity=Severity.REFUSAL)
        elif question.why and not answered[each.code].strip():
            yield Finding(
                code="reponse_sans_raison",
                message=f"«\u00a0{question.answer}\u00a0»\u00a0: dites "
                f"{question.why[0].lower()}{question.why[1:]}.",
                article=each.article,
                remedy="Un mot suffit\u00a0: il est gardé avec l’acte.",
                field=each.field,
            )


def objections(taking: Taking, regime: Regime) -> tuple[Finding, ...]:
    """Why this is not decided so; empty when it may be."""
    return tuple(_objections(taking, regime))


def _objections(taking: Taking, regime: Regime) -> Iterator[Finding]:
    kind, on = taking.kind, taking.on
    if not taking.office:
        yield Finding(
            code="sans_qualite",
            message=f"Le {french.long_date(on)}, qui prendrait {_the(kind)} ne tient ni la "
            "présidence, ni une vice-présidence.",
            article=_source(taking.kind, regime),
            remedy="Choisissez qui était en fonction ce jour-là, ou un autre jour.",
            field="author",
        )
    elif taking.left_on is not None and taking.left_on < on:
        yield Finding(
            code="plus_en_fonction",
            message="Qui le prendrait n’est plus dans cette fonction depuis le "
            f"{french.long_date(taking.left_on)}.",
            article=_source(taking.kind, regime),
            remedy="Choisissez qui est en fonction, et datez l’acte du jour où il le signe.",
            field="author",
        )
    if taking.stands_in and taking.office == "president":
        yield Finding(
            code="empechee_et_presente",
            message="Qui préside ne se remplace pas soi-même.",
            article=replaced_by(regime),
            remedy="Choisissez qui prend l’acte à sa place, ou décochez l’empêchement.",
            field="stands_in",
        )
    if on > taking.today:
        yield Finding(
            code="date_a_venir",
            message=f"Le {french.long_date(on)} n’est pas venu\u00a0: un acte porte le jour où on "
            "le prend.",
            remedy="Mettez la date du jour.",
            field="held_on",
        )
    if not taking.has_articles:
        yield Finding(
            code="sans_dispositif",
            message=f"{kind.this} n’a pas d’article\u00a0: rien ne dit ce qui est décidé.",
            remedy="Écrivez au moins un article.",
            field="articles",
        )
    if taking.nature not in kind.natures:
        yield Finding(
            code="nature_impropre",
            message=f"«\u00a0{french.capitalise(taking.nature.label)}\u00a0» n’est pas la nature "
            f"d’{_a(kind)}.",
            remedy="Choisissez parmi celles qui sont proposées.",
            field="nature",
        )
    if taking.nature is Nature.INDIVIDUAL and not taking.concerns.strip():
        yield Finding(
            code="sans_destinataire",
            message="Un acte individuel se notifie à une personne, et aucune n’est nommée.",
            article=cited(regime, "art. L2131-1 du CGCT"),
            remedy="Dites à qui il se notifie.",
            field="concerns",
        )
    if taking.wants_a_delegation:
        yield from _of_the_delegation(taking, regime)


def _of_the_delegation(taking: Taking, regime: Regime) -> Iterator[Finding]:
    found, on, article = taking.delegation, taking.on, _source(taking.kind, regime)
    if found is None:
        yield Finding(
            code="sans_delegation",
            message=f"{taking.kind.this} se prend par délégation, et aucune n’est choisie\u00a0: "
            "sans elle, seule l’assemblée décide."
            if taking.kind is Kind.DECISION
            else f"{taking.kind.this} est de qui préside\u00a0: un autre ne le prend que par "
            "délégation, et aucune n’est choisie.",
            article=article,
            remedy="Choisissez-la dans le projet\u00a0; si elle n’y est pas, notez-la d’abord à la "
            "page «\u00a0Délégations\u00a0».",
            field="delegation",
        )
        return
    if on < found.granted_on:
        yield Finding(
            code="avant_la_delegation",
            message=f"La délégation n’a été donnée que le {french.long_date(found.granted_on)}, "
            f"après le {french.long_date(on)}.",
            article=article,
            remedy="Datez l’acte d’après, ou faites délibérer l’assemblée.",
            field="held_on",
        )
    elif found.binds_on is None or on < found.binds_on:
        yield _not_binding(found, on, regime)
    if found.ends_before(on):
        yield _ended(found, article)
    elif not taking.is_its_holder:
        yield Finding(
            code="delegation_d_un_autre",
            message="Cette délégation est donnée à quelqu’un d’autre que qui prend l’acte.",
            article=article,
            remedy="Choisissez qui l’a reçue, ou une délégation qui lui est donnée.",
            field="delegation",
        )
    if taking.subject not in found.subjects:
        yield Finding(
            code="hors_delegation",
            message="L’objet ne se rattache à aucune des matières déléguées\u00a0: hors d’elles, "
            "seule l’assemblée décide."
            if taking.kind is Kind.DECISION
            else "L’objet ne se rattache à aucune des matières déléguées.",
            article=article,
            remedy="Choisissez la matière de la délégation dont cet acte relève.",
            field="subject",
        )


def _not_binding(found: Delegation, on: date, regime: Regime) -> Finding:
    since, lacks = found.binds_on, found.known.lacks if found.known is not None else ()
    if since is not None:
        message = (
            f"La délégation n’est exécutoire que depuis le {french.long_date(since)}\u00a0: le "
            f"{french.long_date(on)}, elle ne donnait encore aucun pouvoir."
        )
        remedy = "Datez l’acte d’après."
    elif lacks:
        message = f"La délégation ne donne encore aucun pouvoir\u00a0: {_lacking(lacks)}."
        remedy = "Faites-le, ou notez-le s’il est fait ailleurs\u00a0; datez l’acte d’après."
    else:
        message = (
            "Rien ne dit que la délégation soit exécutoire\u00a0: jusque-là, elle ne donne "
            "aucun pouvoir."
        )
        remedy = "Notez le jour où elle l’est devenue, publiée et reçue par la préfecture."
    return Finding(
        code="delegation_pas_executoire",
        message=message,
        article=cited(regime, "art. L2131-1 du CGCT"),
        remedy=remedy,
        field="held_on" if since else "delegation",
    )


def _lacking(lacks: tuple[str, ...]) -> str:
    what = french.join([f"la {each}" for each in lacks])
    return f"il manque {what} de la délibération qui la donne"


def _ended(found: Delegation, article: str) -> Finding:
    over = french.long_date(found.over_on) if found.over_on else ""
    if found.known is not None and found.is_undone:
        return Finding(
            code="delegation_retiree",
            message=f"La délibération qui délègue est {found.known.undone}\u00a0: elle ne donne "
            "plus aucun pouvoir.",
            article=article,
            remedy="Choisissez la délégation qui la remplace, ou faites délibérer l’assemblée.",
            field="delegation",
        )
    if found.over_on == found.mandate_ended_on:
        return Finding(
            code="delegation_eteinte",
            message="Cette délégation s’est éteinte avec le mandat de qui l’avait reçue, le "
            f"{over}.",
            article=article,
            remedy="Une délibération nouvelle en donne une autre\u00a0: notez-la, puis "
            "choisissez-la.",
            field="delegation",
        )
    return Finding(
        code="delegation_retiree",
        message=f"Cette délégation a pris fin le {over}.",
        article=article,
        remedy="Choisissez celle qui la remplace, ou faites délibérer l’assemblée.",
        field="delegation",
    )


def outlived(
    kind: Kind, found: Delegation, regime: Regime, *, on: date, signed_on: date | None
) -> Finding | None:
    """That an act was taken, or signed, once its delegation was over: its author had no power."""
    over = found.over_on
    last = max(on, signed_on or on)
    if over is None or over >= last:
        return None
    ended = f"celle que cet acte cite a pris fin le {french.long_date(over)}"
    if found.known is not None and found.is_undone:
        ended = f"la délibération qui délègue est {found.known.undone}"
    return Finding(
        code="pris_sans_delegation",
        message=f"Pris sans délégation\u00a0: {ended}, avant "
        f"{'sa date' if over < on else 'sa signature'}, le {french.long_date(last)}.",
        article=_source(kind, regime),
        remedy="Son auteur n’en avait pas le pouvoir\u00a0: faites retirer l’acte, et décider "
        "par qui le peut.",
        severity=Severity.WARNING,
    )


def unsignable(
    kind: Kind,
    found: Delegation | None,
    regime: Regime,
    *,
    left_on: date | None,
    on: date,
    dated_on: date | None = None,
    established_on: date | None = None,
) -> Finding | None:
    """Why an act that is established is not signed electronically that day. One that was
    established after the day that it bears (`dated_on`) is there because somebody said that it was
    signed by hand on that day."""
    if dated_on is not None and established_on is not None and dated_on < established_on:
        return Finding(
            code="signe_a_la_main",
            message=f"Établi le {french.long_date(established_on)}, cet acte est dit signé à la "
            f"main le {french.long_date(dated_on)}\u00a0: une signature électronique, qui porte "
            "le jour où elle est donnée, ferait de lui un acte antidaté.",
            article="art. L212-1 du CRPA",
            remedy="Déposez sa feuille signée\u00a0; s’il n’y en a pas, prenez-en un autre, daté "
            "du jour.",
        )
    over = found.over_on if found is not None else None
    ends = [end for end in (over, left_on) if end is not None and end < on]
    if not ends:
        return None
    why = "la délégation qui le fonde" if over in ends else "la fonction de son auteur"
    return Finding(
        code="pouvoir_fini",
        message=f"Cet acte ne se signe plus\u00a0: {why} a pris fin le "
        f"{french.long_date(min(ends))}, et sa signature porterait le jour où elle est donnée.",
        article=_source(kind, regime),
        remedy="Faites-en prendre un autre, par qui en a le pouvoir ce jour.",
    )


_GIVES = re.compile(r"\bdelegations? (?:de|du|des) (?:signature|fonction|pouvoir)s?\b")
GIVING = ("5.4", "5.5")  # delegations of functions, of signature: the matters of the prefecture


def gives(title: str, matter: str = "") -> bool:
    """Whether an act lets another sign or decide, as its title or its matter says."""
    return matter in GIVING or bool(_GIVES.search(folded(title)))


def gives_nothing_yet(
    title: str, matter: str, regime: Regime, *, lacks: tuple[str, ...]
) -> Finding | None:
    """That whoever is entrusted by this act signs nothing until it binds: what it `lacks` for that;
    that he was told of it is none. `None` of an act that entrusts nobody, or that binds."""
    if not lacks or not gives(title, matter):
        return None
    return Finding(
        code="delegation_sans_effet",
        message="Cet acte donne délégation\u00a0: tant qu’il n’est pas exécutoire, qui la reçoit "
        "signe sans pouvoir, et le savoir n’y change rien. "
        f"{french.capitalise(french.join(lacks))} non connue{'s' if len(lacks) > 1 else ''} ici.",
        article=quoted(regime, "art. L2131-1 du CGCT"),
        severity=Severity.WARNING,
    )


def gives_a_signature(nature: Nature, title: str, matter: str = "") -> Finding | None:
    """That an act which lets another sign or decide is said individual: it is a rule, and what is
    signed by it before it is published is signed without power. `None` of any other."""
    if nature is not Nature.INDIVIDUAL or not gives(title, matter):
        return None
    return Finding(
        code="delegation_reglementaire",
        message="Une délégation de signature ou de fonctions est un acte réglementaire, et non "
        "individuel\u00a0: elle se publie. Notifiée seulement, ce que signe qui la reçoit est "
        "signé sans pouvoir.",
        remedy="Dites-la réglementaire, et publiez-la.",
        field="nature",
        severity=Severity.WARNING,
    )


def doubts(taking: Taking, regime: Regime) -> tuple[Finding, ...]:
    """What is lawful and deserves a look before it is taken."""
    found = []
    if (over := _power_over(taking)) is not None:
        found.append(
            Finding(
                code="pouvoir_fini_depuis",
                message=f"Daté du {french.long_date(taking.on)}, cet acte n’a pu être signé que "
                f"jusqu’au {french.long_date(over)}\u00a0: depuis, son auteur n’en a plus le "
                "pouvoir. Il ne se signe plus ici\u00a0; il y est noté s’il l’a été à la main.",
                article=_source(taking.kind, regime),
                remedy="Faites-le prendre par qui en a le pouvoir ce jour, sauf s’il était signé "
                "avant\u00a0; sa feuille en fait foi.",
                field="held_on",
                severity=Severity.WARNING,
            )
        )
    elif taking.on < taking.today:
        found.append(
            Finding(
                code="date_passee",
                message=f"Le papier dirait «\u00a0fait le {french.long_date(taking.on)}\u00a0», et "
                "sa signature électronique porterait un autre jour, celui où elle est donnée.",
                remedy="Mettez la date du jour\u00a0; gardez celle-ci seulement si l’acte a été "
                "signé à la main ce jour-là.",
                field="held_on",
                severity=Severity.WARNING,
            )
        )
    if (published := gives_a_signature(taking.nature, taking.title)) is not None:
        found.append(published)
    if taking.latest_on is not None and taking.on < taking.latest_on:
        found.append(
            Finding(
                code="numero_apres",
                message="Le registre a déjà un acte du "
                f"{french.long_date(taking.latest_on)}\u00a0: le numéro de celui-ci, du "
                f"{french.long_date(taking.on)}, viendra après lui.",
                remedy="Rien ne l’interdit\u00a0: les numéros ne suivront plus les dates.",
                field="held_on",
                severity=Severity.WARNING,
            )
        )
    if taking.kind is Kind.DECISION:
        found += _reserved([taking.subject], regime)
    if taking.stands_in:
        found += _standing_in(taking, regime)
    if taking.wants_a_delegation:
        if is_unread(taking.subject):
            found.append(_unread(taking, regime))
        if (limit := ceiling(taking.subject)) is not None:
            found += _of_the_amount(taking, limit, regime)
    if taking.nature is Nature.INDIVIDUAL and not taking.has_recitals:
        found.append(
            Finding(
                code="sans_motif",
                message="Cet acte individuel n’a pas de considérant\u00a0: s’il est défavorable "
                "à qui il concerne, les motifs, en droit et en fait, s’y écrivent.",
                article="art. L211-2 et L211-5 du CRPA",
                remedy="Écrivez-les, sauf si l’acte n’est pas de ceux qui se motivent.",
                field="recitals",
                severity=Severity.WARNING,
            )
        )
    return tuple(found)


def _power_over(taking: Taking) -> date | None:
    """The last day on which its author could sign it, when it came since."""
    found = taking.delegation if taking.wants_a_delegation else None
    ends = (found.over_on if found is not None else None, taking.left_on)
    over = min((each for each in ends if each is not None), default=None)
    return over if over is not None and taking.on <= over < taking.today else None


def _standing_in(taking: Taking, regime: Regime) -> Iterator[Finding]:
    """Who replaces whoever heads the assembly has all his powers; not, of themselves, those that
    the assembly gave him."""
    yield Finding(
        code="empechement",
        message="Qui remplace la présidence n’a ses pouvoirs que tant qu’elle est empêchée\u00a0: "
        "le juge demande par quoi, ce jour-là.",
        article=replaced_by(regime),
        remedy="Dites-le\u00a0; un considérant peut le dire aussi.",
        field="stands_in",
        severity=Severity.WARNING,
    )
    if taking.ahead:
        yield Finding(
            code="rang_empeche",
            message=f"La présidence empêchée se remplace dans l’ordre, et {_before(taking.ahead)} "
            "qui prendrait cet acte.",
            article=replaced_by(regime),
            remedy="Choisissez qui vient d’abord, sauf empêchement.",
            field="author",
            severity=Severity.WARNING,
        )
    if taking.kind is Kind.DECISION:
        yield Finding(
            code="decision_empechee",
            message="La présidence empêchée, ce que l’assemblée lui a délégué revient à "
            "l’assemblée, sauf si la délibération qui délègue dit qui le prend alors.",
            article="art. L2122-23 du CGCT"
            if regime.form.startswith("commune")
            else delegated_by(regime),
            remedy="Relisez-la, et citez-la aux visas\u00a0; si elle s’en tait, faites délibérer "
            "l’assemblée.",
            field="author",
            severity=Severity.WARNING,
        )


def _before(names: tuple[str, ...]) -> str:
    return f"{french.join(names)} {'précède' if len(names) == 1 else 'précèdent'}"


def contradicted(found: Delegation, regime: Regime) -> Finding | None:
    """That a delegation was noted as binding before the deliberation that gives it did, as far as
    that is known."""
    said, known = found.enforceable_on, found.known
    if said is None or known is None or not found.is_known:
        return None
    if known.since is not None and known.since <= said:
        return None
    told = (
        f"Sa délibération ne l’est ici que depuis le {french.long_date(known.since)}"
        if known.since
        else french.capitalise(_lacking(known.lacks))
    )
    return Finding(
        code="delegation_contredite",
        message=f"Délégation notée exécutoire depuis le {french.long_date(said)}. {told}.",
        article=cited(regime, "art. L2131-1 du CGCT"),
        remedy="Un acte pris avant est pris sans pouvoir.",
        field="delegation",
        severity=Severity.WARNING,
    )


# --- What a delegation allows to spend ----------------------------------------------------------

_AMOUNT = re.compile(
    r"(\d{1,3}(?:[ .\u00a0\u202f]\d{3})+|\d+)(?:,(\d{1,2}))?\s*(k€|m€|millions? d.euros|€|euros?)",
    re.IGNORECASE,
)
_TIMES = {"k": 1_000, "m": 1_000_000}
_BELOW = re.compile(r"\b(?:moins de|sous)\b|\binferieure?s? a\b(?! ou)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The most that a subject lets one spend, in euros; below it only, where it `is_excluded`."""

    amount: Decimal
    is_excluded: bool

    def allows(self, amount: Decimal) -> bool:
        """Whether an act of this amount is within it."""
        return amount < self.amount or (amount == self.amount and not self.is_excluded)

    def __str__(self) -> str:
        return f"{'moins de ' if self.is_excluded else ''}{french.euros(self.amount)}"


def ceiling(subject: str) -> Ceiling | None:
    """The ceiling that the words of a subject give: the largest amount that they say, in euros;
    `None` of those that say none."""
    told = (
        (Decimal(re.sub(r"\D", "", whole)) + Decimal(f"0.{cents or 0}"))
        * _TIMES.get(unit[0].lower(), 1)
        for whole, cents, unit in _AMOUNT.findall(subject)
    )
    largest = max(told, default=None)
    if not largest:
        return None
    return Ceiling(amount=largest, is_excluded=bool(_BELOW.search(folded(subject))))


# What sets a ceiling in words that no figure of euros tells: a sum in letters, a threshold of
# another text, a share.
_IN_WORDS = re.compile(
    r"\b(?:cents?|mille|millions?|milliards?)\b(?: d.)? ?\beuros?\b"
    r"|\b(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|vingt|trente|quarante|cinquante|"
    r"soixante) euros?\b"
    r"|\bseuils?\b|\bplafonds?\b|\bprocedures? formalisees?\b|\d ?%|\bpour ?cents?\b"
)


def is_unread(subject: str) -> bool:
    """Whether the words of a subject set a ceiling that is not read here: a person looks at it."""
    words = folded(_AMOUNT.sub(" ", subject))
    if "plafond" in words or "seuil" in words:
        # « dans un plafond de 90 000 € » is read; « sous le seuil européen » is not.
        if ceiling(subject) is not None and "formalise" not in words:
            words = re.sub(r"\b(?:plafond|seuil)s?\b", " ", words)
    return bool(_IN_WORDS.search(words))


def _unread(taking: Taking, regime: Regime) -> Finding:
    return Finding(
        code="plafond_a_lire",
        message=f"«\u00a0{taking.subject}\u00a0»\u00a0: la matière déléguée a un plafond que "
        "l’application ne sait pas lire"
        + (
            f"\u00a0; l’acte est de {french.euros(taking.amount)}."
            if taking.amount is not None
            else ", et l’acte ne dit pas son montant."
        ),
        article=_source(taking.kind, regime),
        remedy="Relisez la délibération\u00a0; au-delà, faites délibérer l’assemblée.",
        field="amount",
        severity=Severity.WARNING,
    )


def _of_the_amount(taking: Taking, limit: Ceiling, regime: Regime) -> Iterator[Finding]:
    article = _source(taking.kind, regime)
    if taking.amount is None:
        yield Finding(
            code="montant_non_dit",
            message=f"La matière déléguée a un plafond ({limit}), et l’acte ne dit pas son "
            "montant.",
            article=article,
            remedy="Dites-le, hors taxes.",
            field="amount",
            severity=Severity.WARNING,
        )
    elif not limit.allows(taking.amount):
        yield Finding(
            code="plafond_depasse",
            message=f"La matière déléguée a un plafond ({limit}), et l’acte est de "
            f"{french.euros(taking.amount)}\u00a0: au-delà, l’assemblée seule décide.",
            article=article,
            remedy="Faites délibérer l’assemblée, ou choisissez la matière qui va jusque-là.",
            field="amount",
            severity=Severity.WARNING,
        )


# --- Giving a delegation ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Granting:
    """A delegation about to be noted: for what, to which office, by which act, in which subjects;
    whether it is noted already, and who else has some of these subjects (`shared`: the subject,
    then his name). Of an act that is held here: its number and title, its articles, and why it
    delegates nothing (`undone`: "retirée par 2026-14 du 7 juillet 2026")."""

    kind: Kind
    office: str
    source: str
    subjects: tuple[str, ...]
    is_known: bool = False
    shared: tuple[tuple[str, str], ...] = ()
    act: str = ""
    words: str = ""
    undone: str = ""


def objections_to(granting: Granting, regime: Regime) -> tuple[Finding, ...]:
    """Why this delegation is not noted; empty when it may be."""
    found = []
    if granting.kind is Kind.ORDER and granting.office == "president":
        found.append(
            Finding(
                code="a_soi_meme",
                message="Les arrêtés sont un pouvoir propre de la présidence\u00a0: elle ne se les "
                "délègue pas.",
                article=entrusted_by(regime),
                remedy="Choisissez la vice-présidence qui les reçoit\u00a0; la présidence prend "
                "les siens sans délégation.",
                field="mandate",
            )
        )
    if granting.undone:
        found.append(
            Finding(
                code="delegation_sans_acte",
                message=f"La délibération {granting.act} est {granting.undone}\u00a0: elle ne "
                "délègue rien.",
                article=_source(granting.kind, regime),
                remedy="Choisissez celle qui délègue, ou faites délibérer l’assemblée.",
                field="deliberation",
            )
        )
    if granting.is_known:
        found.append(
            Finding(
                code="deja_notee",
                message="Cette délégation est déjà notée, dans les mêmes mots.",
                remedy="Servez-vous de celle qui est notée.",
                field="source",
            )
        )
    return tuple(found)


def known_already(found: Delegation, regime: Regime) -> Iterator[Finding]:
    """That a delegation is noted as binding from a day, where it is known, and is another."""
    since, lacks = found.binds_on, found.known.lacks if found.known is not None else ()
    if found.enforceable_on is None or not found.is_known or since == found.enforceable_on:
        return
    yield Finding(
        code="executoire_connu",
        message=f"Cette délibération est exécutoire depuis le {french.long_date(since)}\u00a0: "
        "c’est ce jour qui compte."
        if since
        else f"Pas encore exécutoire\u00a0: {_lacking(lacks)}.",
        article=cited(regime, "art. L2131-1 du CGCT"),
        remedy="Laissez ce jour vide\u00a0: il est connu ici."
        if since
        else "Laissez ce jour vide\u00a0: il viendra de lui-même.",
        field="enforceable_on",
    )


# « Délégation de service public » entrusts a service, and no power to decide.
_DELEGATES = re.compile(
    r"\b(?:sub)?delegations?\b(?! d[eu] (?:la )?(?:services?|gestion)\b)"
    r"|\bdelegue(?:r|nt)? (?:a|au|aux)\b|\bcharge\b.*\bpendant la duree\b"
)


def doubts_of(granting: Granting, regime: Regime) -> tuple[Finding, ...]:
    """What deserves a look before this delegation is noted: an act that is not of those that give
    it, subjects that the assembly keeps. The words tell it, and a person knows better."""
    source = folded(granting.source)
    found = []
    if granting.act and not _DELEGATES.search(folded(granting.words)):
        found.append(
            Finding(
                code="acte_qui_ne_delegue_pas",
                message=f"La délibération {granting.act} ne dit nulle part qu’elle délègue.",
                article=_source(granting.kind, regime),
                remedy="Choisissez celle qui délègue\u00a0; cochez la case si c’est bien elle.",
                field="deliberation",
                severity=Severity.WARNING,
            )
        )
    if granting.kind is Kind.ORDER and "deliberation" in source:
        found.append(
            Finding(
                code="arretes_par_deliberation",
                message="Les arrêtés sont un pouvoir de la présidence\u00a0: elle seule les "
                "délègue, par un arrêté, et non l’assemblée par une délibération.",
                article=entrusted_by(regime),
                field="source",
                severity=Severity.WARNING,
            )
        )
    if granting.kind is Kind.DECISION and "deliberation" not in source:
        found.append(
            Finding(
                code="decisions_sans_deliberation",
                message="Les décisions sont un pouvoir de l’assemblée, qu’elle délègue par une "
                "délibération\u00a0; un arrêté ne les subdélègue que si elle ne l’exclut pas.",
                article=delegated_by(regime),
                field="source",
                severity=Severity.WARNING,
            )
        )
    if granting.shared:
        subject, holder = granting.shared[0]
        found.append(
            Finding(
                code="matiere_partagee",
                message=f"«\u00a0{subject}\u00a0» est déjà donnée à {holder}\u00a0: dans une "
                "même matière, l’acte qui délègue dit qui la prend d’abord.",
                article=_source(granting.kind, regime),
                remedy="Relisez-le\u00a0; mettez fin à l’autre si celle-ci la remplace.",
                field="subjects",
                severity=Severity.WARNING,
            )
        )
    if granting.kind is Kind.DECISION:
        found += _reserved(granting.subjects, regime)
    return tuple(found)


_OF_ASSEMBLY = r"(?:vote|adoption|approbation|etablissement|arrete|fixation|institution|revision)"
_BUDGET = rf"^budgets?\b|\b(?:{_OF_ASSEMBLY}|modification) (?:du |des |de )?budgets?\b"
_BUDGET += r"|\bdecisions? (?:budgetaires? )?modificatives?\b"
_RATES = rf"^(?:tarifs|taxes|redevances)\b|\b(?:{_OF_ASSEMBLY}|modification) "
_RATES += r"(?:du |des |de la |de |d.une )?(?:tarif|taux|taxe|redevance)s?\b"
_ACCOUNTS = r"\bcomptes? (?:administratifs?|financiers?)\b"
_STATUTES = r"^statuts\b|\b(?:modification|revision|changement) des (?:statuts|conditions ini)"
# What an assembly keeps, as its words betray it: of an EPCI and of a closed syndicate, the seven
# of art. L5211-10; elsewhere, what no text lets it give away.
_KEPT = (
    ("1°", "le budget", _BUDGET),
    ("1°", "les tarifs, taux et redevances", _RATES),
    ("2°", "les comptes", _ACCOUNTS),
    ("3°", "ce qui suit une mise en demeure budgétaire", r"\bmise en demeure\b|\b1612-15\b"),
    ("4°", "les statuts", _STATUTES),
    ("5°", "l’adhésion à un établissement", r"\badhesion .*\b(?:etablissement|syndicat)\b"),
    ("6°", "la délégation d’un service public", r"\bdelegations? .*\bservices? publics?\b"),
    (
        "7°",
        "les orientations de l’aménagement, de l’habitat et de la ville",
        r"\borientations? .*\b(?:amenagement|habitat|ville)\b",
    ),
)
_KEPT_ANYWHERE = frozenset({_BUDGET, _ACCOUNTS, _STATUTES})


def _reserved(subjects: Iterable[str], regime: Regime) -> list[Finding]:
    by_code = regime.form in ("epci", "smf")
    found = []
    for subject in subjects:
        words = folded(subject)
        for rank, what, pattern in _KEPT:
            if not (by_code or pattern in _KEPT_ANYWHERE) or not re.search(pattern, words):
                continue
            article = delegated_by(regime)
            if by_code:
                article = article.replace("L5211-10", f"L5211-10, {rank},", 1)
            found.append(
                Finding(
                    code="matiere_reservee",
                    message=f"«\u00a0{subject}\u00a0»\u00a0: l’assemblée ne délègue pas {what}."
                    if by_code
                    else f"«\u00a0{subject}\u00a0»\u00a0: l’assemblée garde d’ordinaire {what}.",
                    article=article,
                    field="subjects",
                    severity=Severity.WARNING,
                )
            )
            break
    return found


def is_published(nature: Nature) -> bool:
    """Whether the public is to read it for it to bind: what is individual is notified to whom it is
    about (art. L2131-1, II), and everything else is published (III)."""
    return nature is not Nature.INDIVIDUAL


def _source(kind: Kind, regime: Regime) -> str:
    return delegated_by(regime) if kind is Kind.DECISION else entrusted_by(regime)


def _the(kind: Kind) -> str:
    return "cette décision" if kind is Kind.DECISION else "cet arrêté"


def _a(kind: Kind) -> str:
    return "une décision" if kind is Kind.DECISION else "un arrêté"
