"""The rules a body lives by: every figure of the law is a dated setting of the body.

A syndicat mixte that has a département among its members is "ouvert" (art. L5721-1): the code
says nothing of its convocation, quorum or proxies, its *statutes* decide. So nothing is
hard-wired: a `Regime` holds every rule, `PRESETS` the legal ones, and a sitting keeps the regime
in force on its date. Each field describes itself in French (`RULES`), so that the settings
screen, the findings and the papers all use the same words.
"""

# ruff: noqa: RUF009 - what `_rule` answers is a field

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Any, Literal

from law import french
from law.findings import Finding, Refused

Kind = Literal["entier", "fraction", "oui_non", "choix", "texte"]
Choices = tuple[tuple[str, str], ...]

STATUTES = "statuts"
_TEXT_MAX = 250


PRESET_LABELS: list[tuple[str, str]] = [
    ("commune_moins_3500", "commune de moins de 3 500 habitants"),
    ("commune", "commune de 3 500 habitants et plus"),
    ("epci", "EPCI"),
    ("smf", "syndicat mixte fermé"),
    ("smo", "syndicat mixte ouvert"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One key of a regime, described for a reader: `Regime` is made of these.

    `minimum` and `maximum` bound an integer; `choices` are (value, label) pairs; `article` is
    the source where the code, and not the statutes, decides. `absent` is the value that rule
    books older than the rule are deemed to have had; `None` when every rule book must say it.
    An `is_indicative` rule is kept and shown, and the application does nothing with it: see
    docs/droit.md for the reason of each.
    """

    key: str
    label: str
    help: str
    article: str
    kind: Kind
    minimum: int | None
    maximum: int | None
    choices: Choices
    absent: Any
    is_indicative: bool


def _rule(
    kind: Kind,
    label: str,
    article: str,
    help: str,
    *,
    minimum: int = 0,
    maximum: int = 60,
    choices: Choices = (),
    absent: Any = None,
    is_indicative: bool = False,
) -> Any:
    """The field of a regime that this rule is; the bounds only mean something for an integer.

    A rule added once sittings are kept must give `absent`: their rule books do not have it.
    """
    is_integer = kind == "entier"
    return field(
        metadata={
            "label": label,
            "help": help,
            "article": article,
            "kind": kind,
            "minimum": minimum if is_integer else None,
            "maximum": maximum if is_integer else None,
            "choices": choices,
            "absent": absent,
            "is_indicative": is_indicative,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """All the rules of a body at a date. Start from a preset and `replace` what differs."""

    by_statutes: bool = _rule(
        "oui_non",
        "règles fixées par les statuts",
        "art. L5721-2 du CGCT",
        "Oui pour un syndicat mixte ouvert : le code ne dit rien de ses séances, les papiers "
        "citent alors les statuts.",
    )
    form: str = _rule(
        "choix",
        "forme juridique",
        "art. L5211-1 du CGCT",
        "Celle du modèle : les papiers citent l’article qui vaut pour elle.",
        choices=(("", "non dite"), *PRESET_LABELS),
        absent="",
    )
    code_by_default: bool = _rule(
        "oui_non",
        "le code vaut où les statuts se taisent",
        "",
        "Oui : les statuts renvoient aux règles des communes et des EPCI. Non : ce qu’ils ne "
        "disent ni du secret des nominations et de l’exécutif, ni de la présidence et du retrait "
        "au vote des comptes, est seulement signalé. Toujours oui hors d’un syndicat mixte ouvert.",
        absent=True,
    )
    derogation: str = _rule(
        "texte",
        "loi d’exception",
        "",
        "Le texte qui, pour un temps, déroge au code (« loi nº 2021-1465 du 10 novembre 2021 ») : "
        "tant qu’il est cité, toute valeur est admise ci-dessous, et les papiers le citent. Vide "
        "d’ordinaire.",
        absent="",
    )

    # Convocation

    notice_clear_days: int = _rule(
        "entier",
        "délai de convocation",
        "art. L2121-12 du CGCT",
        "En jours francs : ni le jour de l’envoi ni celui de la séance ne comptent.",
    )
    urgent_clear_days: int = _rule(
        "entier",
        "délai de convocation en urgence",
        "art. L2121-12 du CGCT",
        "En jours francs ; jamais moins d’un.",
        minimum=1,
    )
    urgency_vote: bool = _rule(
        "oui_non",
        "l’assemblée vote sur l’urgence",
        "art. L2121-12 du CGCT",
        "À l’ouverture d’une séance convoquée en urgence, avant tout autre point.",
    )
    reconvene_clear_days: int = _rule(
        "entier",
        "délai de seconde convocation",
        "art. L2121-17 du CGCT",
        "En jours francs, après une séance où le quorum a manqué ; mêmes points, sans "
        "condition de quorum.",
        minimum=1,
    )
    note_required: bool = _rule(
        "oui_non",
        "note explicative de synthèse",
        "art. L2121-12 du CGCT",
        "Une note par point, jointe à la convocation.",
    )
    alsace_moselle: bool = _rule(
        "oui_non",
        "jours fériés d’Alsace-Moselle",
        "art. L3134-13 du code du travail",
        "Le vendredi saint et le 26 décembre : le délai qui ne tient que par l’un d’eux est "
        "signalé.",
        absent=False,
    )
    convocation_channel: str = _rule(
        "choix",
        "voie de convocation",
        "art. L2121-10 du CGCT",
        "Le papier est une option du membre, non du secrétariat.",
        choices=(
            ("electronique", "électronique, papier à la demande du membre"),
            ("papier", "papier"),
        ),
    )
    convened_by: str = _rule(
        "texte",
        "qui convoque",
        "art. L2121-10 du CGCT",
        "Une convocation signée de quelqu’un d’autre annule les élections de la séance.",
    )
    convened_by_fallback: str = _rule(
        "texte",
        "qui convoque à défaut",
        "art. L5211-9 du CGCT",
        "Avant l’élection de l’exécutif ; vide si les statuts n’en disent rien.",
    )
    request_fraction: Fraction = _rule(
        "fraction",
        "membres pouvant demander une séance",
        "art. L2121-9 du CGCT",
        "Part des membres en exercice, sur demande motivée ; la majorité dans une commune de moins "
        "de 1 000 habitants.",
    )
    request_days: int = _rule(
        "entier",
        "délai pour convoquer sur demande",
        "art. L2121-9 du CGCT",
        "En jours.",
        minimum=1,
        maximum=365,
    )
    minimum_frequency: str = _rule(
        "choix",
        "fréquence minimale des séances",
        "art. L5211-11 du CGCT",
        "Au moins une séance par période.",
        choices=(
            ("trimestre", "une par trimestre"),
            ("semestre", "une par semestre"),
            ("annee", "une par an"),
            ("libre", "libre"),
        ),
        is_indicative=True,
    )
    items_added_in_sitting: bool = _rule(
        "oui_non",
        "points ajoutés en séance",
        "art. L2121-10 du CGCT",
        "Délibérer d’un point absent de l’ordre du jour, même avec l’accord de tous.",
    )

    oral_questions_clear_days: int = _rule(
        "entier",
        "dépôt des questions orales avant la séance",
        "art. L2121-19 du CGCT",
        "En jours francs ; 0 : rien n’est dit. Relève du règlement intérieur.",
        absent=0,
    )
    oral_questions_minutes: int = _rule(
        "entier",
        "temps des questions orales",
        "art. L2121-19 du CGCT",
        "En minutes ; 0 : rien n’est dit. Relève du règlement intérieur.",
        maximum=240,
        absent=0,
    )

    # Quorum

    quorum_fraction: Fraction = _rule(
        "fraction",
        "quorum",
        "art. L2121-17 du CGCT",
        "Part des membres en exercice qui doit être présente.",
    )
    quorum_strict: bool = _rule(
        "oui_non",
        "le quorum doit être dépassé",
        "art. L2121-17 du CGCT",
        "Oui : plus de la moitié (6 sur 11, 6 sur 10) ; non : au moins la moitié (5 sur 10).",
    )
    quorum_basis: str = _rule(
        "choix",
        "le quorum se compte",
        "art. L2121-17 du CGCT",
        "Les statuts d’un syndicat mixte ouvert peuvent compter les voix.",
        choices=(
            ("tetes", "par tête"),
            ("voix", "en voix"),
            ("tetes_et_voix", "par tête et en voix, les deux conditions étant exigées"),
        ),
    )
    quorum_counts_proxies: bool = _rule(
        "oui_non",
        "les pouvoirs comptent dans le quorum",
        "art. L2121-17 du CGCT",
        "Jamais pour une commune ou un EPCI : il faut être présent.",
    )
    quorum_counts_remote: bool = _rule(
        "oui_non",
        "les présents à distance comptent dans le quorum",
        "art. L5211-11-1 du CGCT",
        "Quand la séance se tient par visioconférence.",
    )
    quorum_moments: str = _rule(
        "choix",
        "moments où le quorum se vérifie",
        "art. L2121-17 du CGCT",
        "Le moment légal est celui où le président met le point en discussion.",
        choices=(
            ("ouverture_et_points", "à l’ouverture et à chaque point"),
            ("ouverture", "à l’ouverture seulement"),
        ),
        is_indicative=True,
    )
    quorum_of_restricted_items: str = _rule(
        "choix",
        "quorum des points à la carte",
        "art. L5212-16 du CGCT",
        "Sur qui se compte le quorum d’un point qui n’intéresse que certaines collectivités ; "
        "la loi ne tranche pas.",
        choices=(
            ("tous", "tous les délégués"),
            ("interesses", "les délégués des collectivités intéressées"),
        ),
    )

    # Proxies and substitutes

    proxies_allowed: bool = _rule(
        "oui_non",
        "pouvoirs admis",
        "art. L2121-20 du CGCT",
        "Un membre empêché donne pouvoir écrit à un collègue de son choix.",
    )
    proxies_per_holder: int = _rule(
        "entier",
        "pouvoirs par porteur",
        "art. L2121-20 du CGCT",
        "Nombre de pouvoirs qu’un même membre peut porter.",
        minimum=1,
        maximum=20,
    )
    proxy_sittings: int = _rule(
        "entier",
        "séances consécutives d’un même pouvoir",
        "art. L2121-20 du CGCT",
        "Au-delà, il faut un nouvel écrit, sauf maladie dûment constatée.",
        minimum=1,
        maximum=99,
    )
    proxy_deadline_hours: int = _rule(
        "entier",
        "dépôt des pouvoirs avant la séance",
        "",
        "En heures ; 0 : un pouvoir peut être remis en séance. Relève du règlement intérieur.",
        maximum=240,
    )
    substitutes: str = _rule(
        "choix",
        "suppléants",
        "art. L5212-7 du CGCT",
        "Les statuts disent s’il y en a et qui ils remplacent.",
        choices=(
            ("aucun", "aucun"),
            ("nommes", "chacun attaché à un titulaire"),
            ("collectivite", "pour tout titulaire de la même collectivité"),
        ),
    )
    substitute_first: str = _rule(
        "choix",
        "un pouvoir alors que le suppléant est là",
        "rép. min. n° 49337",
        "Un titulaire peut-il donner pouvoir quand son suppléant est disponible ?",
        choices=(
            ("bloquer", "refuser"),
            ("avertir", "avertir"),
            ("ignorer", "accepter"),
        ),
    )
    substitutes_in_bureau: bool = _rule(
        "oui_non",
        "suppléants au bureau",
        "art. L5211-10 du CGCT",
        "Le bureau est élu nommément : pas de suppléant, sauf statuts contraires.",
    )
    substitute_of_vacant_seat: bool = _rule(
        "oui_non",
        "le suppléant siège quand le siège de titulaire est vacant",
        "",
        "La loi est muette ; sans clause des statuts, il ne vote pas.",
        is_indicative=True,
    )
    consultative_members: bool = _rule(
        "oui_non",
        "membres à voix consultative",
        "",
        "Ils parlent mais ne comptent ni au quorum ni au vote. Seuls les statuts d’un syndicat "
        "mixte ouvert en font.",
    )

    # Votes

    weighted_votes: bool = _rule(
        "oui_non",
        "voix pondérées",
        "art. L5721-2 du CGCT",
        "Certains délégués portent plusieurs voix ; réservé aux statuts d’un syndicat ouvert.",
    )
    majority_fraction: Fraction = _rule(
        "fraction",
        "majorité ordinaire",
        "art. L2121-20 du CGCT",
        "Une moitié se lit « plus de la moitié », toute autre part « au moins ».",
    )
    majority_base: str = _rule(
        "choix",
        "la majorité ordinaire se compte sur",
        "art. L2121-20 du CGCT",
        "Abstentions, blancs et nuls ne sont pas des suffrages exprimés.",
        choices=(
            ("exprimes", "les suffrages exprimés"),
            ("presents", "les membres présents"),
            ("presents_ou_representes", "les membres présents ou représentés"),
            ("membres_composant", "les membres composant l’assemblée"),
        ),
    )
    statutes_majority_fraction: Fraction = _rule(
        "fraction",
        "majorité pour changer les statuts",
        "art. L5211-20 du CGCT",
        "Deux tiers d’un syndicat mixte ouvert, faute de procédure propre dans les statuts.",
    )
    statutes_majority_base: str = _rule(
        "choix",
        "la majorité pour changer les statuts se compte sur",
        "art. L5211-20 du CGCT",
        "Dans un syndicat mixte ouvert, les membres qui composent le comité, présents ou non. "
        "S’ils n’ont pas le même nombre de voix, les voix ne se comptent que si les statuts le "
        "disent.",
        choices=(
            ("exprimes", "les suffrages exprimés"),
            ("presents", "les membres présents"),
            ("presents_ou_representes", "les membres présents ou représentés"),
            ("membres_composant", "les membres composant l’assemblée"),
            ("voix_composant", "les voix des membres composant l’assemblée"),
        ),
    )
    casting_vote: bool = _rule(
        "oui_non",
        "voix prépondérante du président",
        "art. L2121-20 du CGCT",
        "En cas de partage, sauf au scrutin secret ; le sens de sa propre voix l’emporte.",
    )
    public_ballot_fraction: Fraction = _rule(
        "fraction",
        "scrutin public sur demande de",
        "art. L2121-21 du CGCT",
        "Part des membres présents ; un sixième dans les départements.",
    )
    secret_ballot_fraction: Fraction = _rule(
        "fraction",
        "scrutin secret sur demande de",
        "art. L2121-21 du CGCT",
        "Part des membres présents.",
    )
    publish_names_in_ordinary_vote: bool = _rule(
        "oui_non",
        "noms publiés au scrutin ordinaire",
        "art. L2121-21 du CGCT",
        "Rien ne le prévoit : les noms sont réservés au scrutin public.",
    )
    silence_on_tablets: str = _rule(
        "choix",
        "silence sur les tablettes",
        "",
        "Ce que vaut, à main levée sur les tablettes, le siège qui n’a pas répondu quand le vote "
        "est proclamé. Au scrutin public ou secret, il ne prend jamais part.",
        choices=(
            ("ne_prend_pas_part", "ne prend pas part au vote"),
            ("pour", "vote pour"),
        ),
        absent="pour",
    )

    # The sitting

    closed_doors_requesters: int = _rule(
        "entier",
        "membres pouvant demander le huis clos",
        "art. L5211-11 du CGCT",
        "Le président peut toujours le demander ; l’assemblée décide sans débat.",
        minimum=1,
        maximum=100,
    )
    remote_allowed: bool = _rule(
        "oui_non",
        "visioconférence",
        "art. L5211-11-1 du CGCT",
        "Le président peut réunir l’assemblée en plusieurs lieux.",
    )
    remote_forbidden_matters: str = _rule(
        "texte",
        "matières exclues de la visioconférence",
        "art. L5211-11-1 du CGCT",
        "Ces points exigent une séance en un seul lieu.",
    )
    remote_in_person_per_semester: int = _rule(
        "entier",
        "séances en un seul lieu par semestre",
        "art. L5211-11-1 du CGCT",
        "Nombre minimal.",
        maximum=6,
    )
    sittings_public: bool = _rule(
        "oui_non",
        "séances publiques",
        "art. L2121-18 du CGCT",
        "Sauf huis clos décidé par l’assemblée. La loi ne le dit ni d’un bureau ni d’une "
        "commission.",
    )
    executive_by_list: bool = _rule(
        "oui_non",
        "exécutif élu au scrutin de liste",
        "art. L2122-7 du CGCT",
        "Les adjoints d’une commune ; ailleurs, un siège après l’autre.",
        absent=True,
    )
    vice_chair_fraction: Fraction = _rule(
        "fraction",
        "part maximale de vice-présidents",
        "art. L5211-10 du CGCT",
        "De l’effectif de l’assemblée, arrondie à l’entier supérieur ; à l’inférieur, pour les "
        "adjoints d’une commune.",
        is_indicative=True,
    )
    vice_chair_cap: int = _rule(
        "entier",
        "nombre maximal de vice-présidents",
        "art. L5211-10 du CGCT",
        "0 : aucun plafond en nombre.",
        maximum=100,
        is_indicative=True,
    )
    bureau_delegation: str = _rule(
        "choix",
        "délégations au bureau",
        "art. L5211-10 du CGCT",
        "Ce que l’assemblée peut déléguer.",
        choices=(
            ("sauf_exclusions", "tout, sauf les sept matières exclues"),
            ("statuts", "ce que disent les statuts"),
            ("aucune", "rien"),
        ),
        is_indicative=True,
    )

    # Papers

    minutes_mentions_required: bool = _rule(
        "oui_non",
        "les douze mentions du procès-verbal sont exigées",
        "art. L2121-15 du CGCT",
        "Date, président, présents, représentés, secrétaire, quorum, ordre du jour…",
        is_indicative=True,
    )
    minutes_days: int = _rule(
        "entier",
        "publication du procès-verbal",
        "art. L2121-15 du CGCT",
        "En jours, après la séance où il a été arrêté.",
        minimum=1,
        maximum=365,
    )
    list_days: int = _rule(
        "entier",
        "publication de la liste des délibérations",
        "art. L2121-25 du CGCT",
        "En jours, après la séance.",
        minimum=1,
        maximum=365,
    )
    acts_publicity: str = _rule(
        "choix",
        "publicité des actes",
        "art. L2131-1 du CGCT",
        "Électronique. Une commune de moins de 3 500 habitants, un syndicat de communes ou un "
        "syndicat mixte fermé peuvent en choisir une autre par délibération.",
        choices=(
            ("electronique", "publication électronique"),
            ("affichage", "affichage"),
            ("papier", "publication sur papier"),
        ),
    )
    publication_by_two: bool = _rule(
        "oui_non",
        "mise en ligne à deux",
        "",
        "Oui : une personne demande la mise en ligne, une autre relit ce que le public lira et la "
        "fait.",
        absent=False,
    )
    list_posted_here: bool = _rule(
        "oui_non",
        "affichage de la liste suivi ici",
        "art. L2121-25 du CGCT",
        "Oui : l’application rappelle d’afficher au siège la liste des délibérations, et de le "
        "noter. L’afficher reste dû quand c’est non.",
        absent=False,
    )
    acts_online_months: int = _rule(
        "entier",
        "durée de mise en ligne des actes",
        "art. R2131-1 du CGCT",
        "En mois, au moins.",
        minimum=2,
        maximum=1200,
    )
    teletransmission: str = _rule(
        "choix",
        "télétransmission au contrôle de légalité",
        "art. L5211-3 du CGCT",
        "Obligatoire pour un EPCI à fiscalité propre.",
        choices=(
            ("obligatoire", "obligatoire"),
            ("par_defaut", "par défaut"),
            ("facultative", "facultative"),
        ),
        is_indicative=True,
    )
    register_on_paper: bool = _rule(
        "oui_non",
        "registre sur papier",
        "art. R2121-9 du CGCT",
        "Coté, paraphé et signé à la main, même quand les actes sont signés électroniquement.",
        is_indicative=True,
    )
    open_data_required: bool = _rule(
        "oui_non",
        "données ouvertes obligatoires",
        "art. L312-1-1 du CRPA",
        "À partir de 3 500 habitants et de cinquante agents.",
        is_indicative=True,
    )
    share_with_councillors: bool = _rule(
        "oui_non",
        "copie aux conseillers des collectivités membres",
        "art. L5211-40-2 du CGCT",
        "Convocation et note, puis liste des délibérations et procès-verbal sous un mois. De "
        "l’assemblée seule.",
    )


RULES: Mapping[str, Rule] = {
    each.name: Rule(key=each.name, **each.metadata) for each in fields(Regime)
}

# What older rule books and ledgers say besides: the format of the body numbers its deliberations.
RETIRED = frozenset({"act_numbering", "act_number_format"})


# --- Presets --------------------------------------------------------------------------------

_EPCI = Regime(
    by_statutes=False,
    form="epci",
    code_by_default=True,
    derogation="",
    notice_clear_days=5,
    urgent_clear_days=1,
    urgency_vote=True,
    reconvene_clear_days=3,
    note_required=True,
    alsace_moselle=False,
    convocation_channel="electronique",
    convened_by="le président",
    convened_by_fallback="le doyen d’âge",
    request_fraction=Fraction(1, 3),
    request_days=30,
    minimum_frequency="trimestre",
    items_added_in_sitting=False,
    oral_questions_clear_days=0,
    oral_questions_minutes=0,
    quorum_fraction=Fraction(1, 2),
    quorum_strict=True,
    quorum_basis="tetes",
    quorum_counts_proxies=False,
    quorum_counts_remote=True,
    quorum_moments="ouverture_et_points",
    quorum_of_restricted_items="tous",
    proxies_allowed=True,
    proxies_per_holder=1,
    proxy_sittings=3,
    proxy_deadline_hours=0,
    substitutes="collectivite",
    substitute_first="avertir",
    substitutes_in_bureau=False,
    substitute_of_vacant_seat=False,
    consultative_members=False,
    weighted_votes=False,
    majority_fraction=Fraction(1, 2),
    majority_base="exprimes",
    statutes_majority_fraction=Fraction(1, 2),
    statutes_majority_base="exprimes",
    casting_vote=True,
    public_ballot_fraction=Fraction(1, 4),
    secret_ballot_fraction=Fraction(1, 3),
    publish_names_in_ordinary_vote=False,
    silence_on_tablets="ne_prend_pas_part",
    closed_doors_requesters=5,
    remote_allowed=True,
    remote_forbidden_matters="élection du président et du bureau, budget primitif, élection des "
    "délégués aux EPCI, désignations dans les organismes extérieurs",
    remote_in_person_per_semester=1,
    sittings_public=True,
    executive_by_list=False,
    vice_chair_fraction=Fraction(1, 5),
    vice_chair_cap=15,
    bureau_delegation="sauf_exclusions",
    minutes_mentions_required=True,
    minutes_days=7,
    list_days=7,
    acts_publicity="electronique",
    publication_by_two=False,
    list_posted_here=False,
    acts_online_months=2,
    teletransmission="obligatoire",
    register_on_paper=True,
    open_data_required=True,
    share_with_councillors=True,
)

_SMF = replace(_EPCI, form="smf", teletransmission="facultative", open_data_required=False)

# Where the statutes are silent or send back to the rules of EPCI.
# Remote sittings and consultative members need a clause; the cap on vice-chairs does not apply.
_SMO = replace(
    _EPCI,
    by_statutes=True,
    form="smo",
    convened_by_fallback="",
    quorum_counts_remote=False,
    substitutes="nommes",
    consultative_members=True,
    statutes_majority_fraction=Fraction(2, 3),
    statutes_majority_base="membres_composant",
    remote_allowed=False,
    vice_chair_fraction=Fraction(1),
    vice_chair_cap=0,
    bureau_delegation="statuts",
    teletransmission="par_defaut",
    open_data_required=False,
)

_COMMUNE = replace(
    _EPCI,
    form="commune",
    executive_by_list=True,
    convened_by="le maire",
    convened_by_fallback="le premier adjoint",
    quorum_counts_remote=False,
    substitutes="aucun",
    substitute_first="ignorer",
    closed_doors_requesters=3,
    remote_allowed=False,
    remote_forbidden_matters="",
    remote_in_person_per_semester=0,
    vice_chair_fraction=Fraction(3, 10),
    vice_chair_cap=0,
    bureau_delegation="aucune",
    teletransmission="facultative",
    share_with_councillors=False,
)

_SMALL_COMMUNE = replace(
    _COMMUNE,
    form="commune_moins_3500",
    notice_clear_days=3,
    note_required=False,
    open_data_required=False,
)

PRESETS: dict[str, Regime] = {
    "commune_moins_3500": _SMALL_COMMUNE,
    "commune": _COMMUNE,
    "epci": _EPCI,
    "smf": _SMF,
    "smo": _SMO,
}


def usual(form: str, *, of_assembly: bool) -> Regime:
    """What a body of this legal form lives by when nobody says otherwise.

    Only the assembly sits in public, and has its papers copied to the councillors of its members
    (art. L2121-18 and L5211-40-2): the law says neither of its bureau, nor of a commission.
    """
    preset = PRESETS[form]
    if of_assembly:
        return preset
    return replace(preset, sittings_public=False, share_with_councillors=False)


# What may join a closed syndicate (art. L5711-1); anybody else makes it an open one.
_CLOSED_KINDS = frozenset({"commune", "cc", "ca", "cu", "metropole", "syndicat"})


def propose(kinds: Iterable[str]) -> str:
    """The preset for a grouping whose members are of these kinds (`Community.Kind` values).

    Communes alone make a syndicat de communes, which is an EPCI; communes and EPCI make a closed
    syndicate; a département or any other legal person makes it an open one (art. L5711-1 and
    L5721-1). Nothing known: open, where nothing but the statutes is presumed.
    """
    found = set(kinds)
    if not found or found - _CLOSED_KINDS:
        return "smo"
    return "epci" if found == {"commune"} else "smf"


# What article makes a grouping of each form that `propose` gives.
MADE_BY = {
    "smo": "art. L5721-1 du CGCT",
    "smf": "art. L5711-1 du CGCT",
    "epci": "art. L5212-1 du CGCT",
}


def accounted_by(regime: Regime) -> str:
    """What makes the president give account to the assembly of what was decided by delegation: of
    a closed syndicate, by reference from the article that makes it; of an open one, its statutes.
    """
    if regime.form.startswith("commune"):
        return "art. L2122-23 du CGCT"
    if regime.by_statutes:
        return STATUTES
    told = "art. L5211-10 du CGCT"
    return f"{told}, par renvoi de l’{MADE_BY['smf']}" if regime.form == "smf" else told


def budgetary(regime: Regime, number: str) -> str:
    """An article on budgets and accounts, with the one that makes it that of any local body."""
    by = "" if regime.form.startswith("commune") else " et L1612-20"
    return f"art. {number}{by} du CGCT"


def delegated_by(regime: Regime) -> str:
    """What lets the assembly delegate to whoever heads it what he then decides alone."""
    if regime.form.startswith("commune"):
        return "art. L2122-22 du CGCT"
    return accounted_by(regime)


def entrusted_by(regime: Regime) -> str:
    """What lets whoever heads the assembly entrust somebody else with what he decides by powers of
    his own (`délégation de fonction`)."""
    if regime.form.startswith("commune"):
        return "art. L2122-18 du CGCT"
    if regime.by_statutes:
        return STATUTES
    told = "art. L5211-9 du CGCT"
    return f"{told}, par renvoi de l’{MADE_BY['smf']}" if regime.form == "smf" else told


def replaced_by(regime: Regime) -> str:
    """What has whoever heads the assembly replaced, when he is prevented, by those who come after
    him in their order."""
    if regime.by_statutes:
        return STATUTES
    told = "art. L2122-17 du CGCT"
    if regime.form.startswith("commune"):
        return told
    also = f" et de l’{MADE_BY['smf']}" if regime.form == "smf" else ""
    return f"{told}, par renvoi de l’art. L5211-2{also}"


def registered_by(form: str, *, by_delegation: bool) -> str:
    """What makes a register be kept of what whoever heads the assembly decides alone, with the
    sheets and the tables of that of deliberations; "" of an open syndicate, of which the code says
    nothing of the kind."""
    if form == "smo":
        return ""
    article = f"art. {'R2122-7-1' if by_delegation else 'R2122-7'} du CGCT"
    if form.startswith("commune"):
        return article
    also = f" et de l’{MADE_BY['smf']}" if form == "smf" else ""
    return f"{article}, par renvoi de l’art. L5211-2{also}"


def departures(regime: Regime, legal: Regime) -> tuple[tuple[str, Any, Any], ...]:
    """Where a regime differs from another: (key, its value, the value of the other)."""
    pairs = ((key, getattr(regime, key), getattr(legal, key)) for key in RULES)
    return tuple((key, own, usual) for key, own, usual in pairs if own != usual)


# What the law of a legal form fixes: the value of its preset ("égal"), one that is at least or at
# most that, which is to be stricter with oneself, or any words, where it wants some ("dit").
_FIXED = {
    "by_statutes": "égal",
    "code_by_default": "égal",
    "notice_clear_days": "au moins",
    "urgent_clear_days": "au moins",
    "urgency_vote": "au moins",
    "reconvene_clear_days": "au moins",
    "note_required": "au moins",
    "items_added_in_sitting": "égal",
    "quorum_fraction": "égal",
    "quorum_strict": "égal",
    "quorum_basis": "égal",
    "quorum_counts_proxies": "égal",
    "proxies_allowed": "égal",
    "proxies_per_holder": "égal",
    "proxy_sittings": "égal",
    "weighted_votes": "égal",
    "majority_fraction": "égal",
    "majority_base": "égal",
    "casting_vote": "égal",
    "public_ballot_fraction": "égal",
    "secret_ballot_fraction": "égal",
    "closed_doors_requesters": "égal",
    "convocation_channel": "égal",
    "executive_by_list": "au plus",
    "minutes_days": "au plus",
    "list_days": "au plus",
    "acts_online_months": "au moins",
}
_BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "égal": operator.eq,
    "au moins": operator.ge,
    "au plus": operator.le,
    "dit": lambda own, _usual: bool(own.strip()),
    "libre": lambda _own, _usual: True,
}
# What it fixes for the assembly besides, and neither for its bureau nor for a commission.
_FIXED_FOR_ASSEMBLIES = _FIXED | {
    "request_fraction": "au plus",
    "request_days": "au plus",
    "remote_forbidden_matters": "dit",
    "remote_in_person_per_semester": "au moins",
    "sittings_public": "égal",
    "share_with_councillors": "au moins",
}
# Where the law of one form departs from that: under 1,000 inhabitants a sitting is asked for by the
# majority (art. L2121-9); from 3,500 on, nobody chooses how acts are published (art. L2131-1). No
# council sits at a distance (art. L2121-7).
_FIXED_BY_FORM = {
    "commune_moins_3500": {"request_fraction": "libre", "remote_allowed": "égal"},
    "commune": {"acts_publicity": "égal", "remote_allowed": "égal"},
}
# What binds an open syndicate besides its statutes (art. L5721-4).
_FIXED_FOR_ALL = {"acts_publicity": "égal", "acts_online_months": "au moins"}


def unlawful(regime: Regime, preset: str, *, of_assembly: bool = True) -> tuple[Finding, ...]:
    """Where a regime departs from what the law of its form fixes for an assembly, or for another
    body; `field` is the key.

    The statutes of an open syndicate decide almost everything (art. L5721-2), and for a time a
    law of exception may (`derogation`).
    """
    legal = PRESETS[preset]
    if regime.derogation:
        return ()
    fixed = _FIXED_FOR_ALL
    if not legal.by_statutes:
        fixed = _FIXED_FOR_ASSEMBLIES if of_assembly else _FIXED
        fixed = fixed | _FIXED_BY_FORM.get(preset, {})
    found = []
    for key, bound in fixed.items():
        own, usual = getattr(regime, key), getattr(legal, key)
        if key.startswith("remote_") and not regime.remote_allowed:
            continue
        if not _BOUNDS[bound](own, usual):
            rule = RULES[key]
            limit = f"{bound} " if bound.startswith("au ") else ""
            fixes = f"{limit}{in_words(rule, usual)}"
            found.append(
                Finding(
                    code="regle_contraire_a_la_loi",
                    message=f"{french.capitalise(rule.label)} : {in_words(rule, own)}, quand la "
                    f"loi fixe {fixes}.",
                    article=source(key, preset),
                    remedy="Seuls les statuts d’un syndicat mixte ouvert peuvent en décider "
                    "autrement ; ou, pour un temps, une loi : citez-la sous "
                    f"« {RULES['derogation'].label} »."
                    if not legal.by_statutes
                    else "Les statuts ne peuvent pas en décider autrement.",
                    field=key,
                )
            )
    return tuple(found)


def in_words(rule: Rule, value: Any) -> str:
    """The value as one says it: « oui », « 5 », « 1/2 », the label of a choice."""
    match rule.kind:
        case "oui_non":
            return "oui" if value else "non"
        case "choix":
            return dict(rule.choices).get(value, str(value))
        case "fraction":
            return french.fraction(value)
    return str(value) if value != "" else "–"


# --- Sources --------------------------------------------------------------------------------

# The article of a rule where it is not that of EPCI and closed syndicates, by legal form.
_OF_COMMUNES = {
    "convened_by_fallback": "art. L2122-17 du CGCT",
    "minimum_frequency": "art. L2121-7 du CGCT",
    "quorum_counts_remote": "art. L2121-17 du CGCT",
    "quorum_of_restricted_items": "",
    "substitutes": "art. L2121-20 du CGCT",
    "substitutes_in_bureau": "",
    "statutes_majority_fraction": "",
    "statutes_majority_base": "",
    "closed_doors_requesters": "art. L2121-18 du CGCT",
    "remote_allowed": "art. L2121-7 du CGCT",
    "remote_forbidden_matters": "",
    "remote_in_person_per_semester": "",
    "executive_by_list": "art. L2122-7-2 du CGCT",
    "vice_chair_fraction": "art. L2122-2 du CGCT",
    "vice_chair_cap": "art. L2122-2 du CGCT",
    "bureau_delegation": "",
    "teletransmission": "art. L2131-1 du CGCT",
    "share_with_councillors": "",
}
_OF_SMALL_COMMUNES = _OF_COMMUNES | dict.fromkeys(
    ("notice_clear_days", "urgent_clear_days", "urgency_vote"), "art. L2121-11 du CGCT"
)
# What the code says of an open syndicate, whose statutes say the rest.
_OF_OPEN_SYNDICATES = {
    "by_statutes": "art. L5721-2 du CGCT",
    "form": "art. L5721-1 du CGCT",
    "alsace_moselle": "art. L3134-13 du code du travail",
    "statutes_majority_fraction": "art. L5721-2-1 du CGCT",
    "statutes_majority_base": "art. L5721-2-1 du CGCT",
    "acts_publicity": "art. L5721-4 du CGCT",
    "acts_online_months": "art. R3131-2 du CGCT",
}
_SOURCES = {
    "commune_moins_3500": _OF_SMALL_COMMUNES,
    "commune": _OF_COMMUNES,
    "smo": _OF_OPEN_SYNDICATES,
}
# An article of EPCI and what it is in a commune, where a page or a judge quotes it by itself.
_IN_A_COMMUNE = {
    "art. L5211-11 du CGCT": "art. L2121-18 du CGCT",
    "art. L5211-11-1 du CGCT": "art. L2121-7 du CGCT",
}

# What the code says to every syndicate, also to one that lives by its statutes.
_BINDS_ALL = ("L1111-6", "L1411-5", "L1612-12", "L5721-")
# An article of communes and EPCI and what it is in an open syndicate, whose acts are controlled
# as those of a département are (art. L5721-4); who is interested, since loi n° 2025-1249.
_IN_AN_OPEN_SYNDICATE = {
    "L2131-1": "L3131-1",
    "L2131-2": "L3131-2",
    "L2131-4": "L3131-4",
    "L2131-6": "L3132-1",
    "L2131-11": "L3132-5",
    "R2131-1": "R3131-2",
}


def source(key: str, form: str) -> str:
    """The article of a rule for bodies of this legal form; "" where the code says nothing."""
    return _SOURCES.get(form, {}).get(key, RULES[key].article)


def cited(regime: Regime, article: str) -> str:
    """The source to quote to this body: an open syndicate owes to its statutes what the code
    only says of the others (CE, 18 October 2018, n° 421197), and a commune has its own articles."""
    if regime.form.startswith("commune"):
        return _IN_A_COMMUNE.get(article, article)
    return cited_by(article, by_statutes=regime.by_statutes)


def cited_by(article: str, *, by_statutes: bool) -> str:
    """The same of a body of which one only knows that its statutes decide, or not."""
    is_of_another_code = re.search(r" du (?!CGCT)\w", article)
    if not by_statutes or is_of_another_code or any(each in article for each in _BINDS_ALL):
        return article
    number = article.removeprefix("art. ").removesuffix(" du CGCT")
    if number in _IN_AN_OPEN_SYNDICATE:
        return article.replace(number, _IN_AN_OPEN_SYNDICATE[number])
    return STATUTES if article.startswith("art. L") else article


def article_of(regime: Regime, *keys: str) -> str:
    """The source of these rules: the article of its legal form while the code decides, otherwise
    "statuts"; "règlement intérieur" in a commune, which has no statutes.

    The statutes decide in an open syndicate, but for what the code says of it while they are
    silent; and wherever a value is that of no legal preset.
    """
    if regime.by_statutes:
        usual = all(getattr(regime, key) == getattr(_SMO, key) for key in keys)
        return _OF_OPEN_SYNDICATES.get(keys[0], STATUTES) if usual else STATUTES
    own = "règlement intérieur" if regime.form.startswith("commune") else STATUTES
    for key in keys:
        legal = {getattr(preset, key) for preset in PRESETS.values() if not preset.by_statutes}
        if getattr(regime, key) not in legal:
            return regime.derogation or own
    return source(keys[0], regime.form) or own


# --- JSON -----------------------------------------------------------------------------------


def to_values(regime: Regime) -> dict[str, Any]:
    """The whole regime in JSON types; fractions as "1/2". `from_values` reads it back."""
    values = {key: getattr(regime, key) for key in RULES}
    return {
        key: f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else value
        for key, value in values.items()
    }


def from_values(values: Mapping[str, Any]) -> Regime:
    """The regime these values say. Raises `Refused` with every fault, `field` being the key."""
    findings = []
    read: dict[str, Any] = {}
    for key, rule in RULES.items():
        if key not in values:
            if rule.absent is None:
                findings.append(_fault(rule, "regle_manquante", "cette règle manque"))
            else:
                read[key] = rule.absent
            continue
        value, objection = _read(rule, values[key])
        if objection:
            findings.append(_fault(rule, "regle_invalide", objection))
        else:
            read[key] = value
    findings.extend(
        Finding(code="regle_inconnue", message=f"Règle inconnue : « {key} ».", field=str(key))
        for key in values
        if key not in RULES and key not in RETIRED
    )
    findings.extend(_contradictions(read))
    if findings:
        raise Refused(findings)
    return Regime(**read)


def _fault(rule: Rule, code: str, objection: str) -> Finding:
    label = rule.label[0].upper() + rule.label[1:]
    return Finding(
        code=code, message=f"{label} : {objection}.", article=rule.article, field=rule.key
    )


def _read(rule: Rule, value: Any) -> tuple[Any, str]:
    """The value as the regime holds it, and what is wrong with it ("" when nothing is)."""
    match rule.kind:
        case "oui_non":
            return (value, "") if isinstance(value, bool) else (None, "répondez par oui ou non")
        case "entier":
            if isinstance(value, bool) or not isinstance(value, int):
                return None, "un nombre entier est attendu"
            low, high = rule.minimum or 0, rule.maximum
            if value < low or (high is not None and value > high):
                return None, f"le nombre doit être compris entre {low} et {high}"
            return value, ""
        case "fraction":
            return _read_fraction(value)
        case "choix":
            if isinstance(value, str) and value in dict(rule.choices):
                return value, ""
            return None, f"choisissez parmi {', '.join(key for key, _ in rule.choices)}"
        case "texte":
            if not isinstance(value, str):
                return None, "un texte est attendu"
            if len(value) > _TEXT_MAX:
                return None, f"le texte dépasse {_TEXT_MAX} caractères"
            return value, ""


# How one says them, with an article or without: « la moitié », « deux tiers ».
_SHARES = {
    said: str(share)
    for share in {Fraction(over, under) for under in (2, 3, 4, 5) for over in range(1, under + 1)}
    for article, _, share_name in [french.fraction(share).partition(" ")]
    for said in (f"{article} {share_name}", share_name, f"un {share_name}")
}


def _read_fraction(value: Any) -> tuple[Fraction | None, str]:
    expected = "une fraction est attendue, comme « 2/3 », « 60 % » ou « deux tiers »"
    if isinstance(value, bool) or not isinstance(value, str | int | Fraction):
        return None, expected  # a float never says exactly what the statutes say
    if isinstance(value, str) and len(value) > 20:
        return None, expected
    if isinstance(value, str):
        value = _SHARES.get(" ".join(value.lower().split()), value)
    try:
        written = re.sub(r"\s", "", value).replace(",", ".") if isinstance(value, str) else value
        # No exponent: « 1e999999999 » would be computed.
        if isinstance(written, str) and not re.fullmatch(r"-?\d+(/\d+|(\.\d{1,4})?%?)", written):
            return None, expected
        if isinstance(written, str) and written.endswith("%"):
            fraction = Fraction(written[:-1]) / 100
        else:
            fraction = Fraction(written)
    except (ValueError, ZeroDivisionError):
        return None, expected
    if not 0 < fraction <= 1:
        return None, "la fraction doit être plus grande que 0 et ne pas dépasser 1"
    if fraction.denominator > french.MOST_IN_WORDS:  # papers and pages say it in words
        return (
            None,
            "cette fraction ne se dit pas en lettres : écrivez-la comme « 1/3 » ou « 33,33 % »",
        )
    return fraction, ""


def _contradictions(read: Mapping[str, Any]) -> list[Finding]:
    """Rules that are each possible and cannot hold together."""
    findings = []
    urgent, notice = read.get("urgent_clear_days"), read.get("notice_clear_days")
    if urgent is not None and notice is not None and urgent > max(notice, 1):
        findings.append(
            _fault(
                RULES["urgent_clear_days"],
                "urgence_plus_longue",
                "l’urgence ne peut pas allonger le délai ordinaire",
            )
        )
    if read.get("quorum_fraction") == 1 and read.get("quorum_strict"):
        findings.append(
            _fault(
                RULES["quorum_strict"],
                "quorum_hors_d_atteinte",
                "on ne peut pas dépasser la totalité des membres",
            )
        )
    return findings
