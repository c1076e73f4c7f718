"""Who may decide alone, that day, by which delegation: the table is the rule."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from law import delegations, regime
from law.acts import Nature
from law.delegations import (
    Delegation,
    Granting,
    Kind,
    Source,
    Taking,
    ceiling,
    contradicted,
    doubts,
    doubts_of,
    is_published,
    objections,
    objections_to,
    outlived,
    unanswered,
    unsignable,
)
from law.findings import Severity

EPCI, SMF, SMO, COMMUNE = (regime.PRESETS[key] for key in ("epci", "smf", "smo", "commune"))
SUBJECTS = ("Marchés publics sous 90 000 €", "Contrats d’assurance")
# Given on 12 May, it binds since 18 May: published on the 15th, received on the 18th.
GIVEN = Delegation(
    source="la délibération n° 2026-05-12/03 du 12 mai 2026 portant délégation",
    granted_on=date(2026, 5, 12),
    enforceable_on=date(2026, 5, 18),
    subjects=SUBJECTS,
)
TODAY = date(2026, 11, 28)


def decision(**values) -> Taking:
    """One of the president, in order unless `values` say otherwise."""
    usual = Taking(
        kind=Kind.DECISION,
        nature=Nature.OTHER,
        office="president",
        on=TODAY,
        today=TODAY,
        has_articles=True,
        delegation=GIVEN,
        subject=SUBJECTS[0],
        amount=Decimal(18400),
    )
    return replace(usual, **values)


def order(**values) -> Taking:
    """An order of the president, who needs no delegation."""
    told = {"kind": Kind.ORDER, "nature": Nature.RULE, "delegation": None, "subject": ""}
    return decision(**told | values)


def given(**values) -> Delegation:
    return replace(GIVEN, **values)


def known(**values) -> Delegation:
    return given(known=Source(**values))


REPEALED = "abrogée par 2026-10-27/01 du 27 octobre 2026"

CASES = [
    pytest.param(decision(), set(), id="une décision, par délégation, dans sa matière"),
    pytest.param(
        decision(on=date(2026, 11, 20), delegation=known(since=TODAY)),
        {"delegation_pas_executoire"},
        id="notée exécutoire, sa délibération ne l’est que depuis",
    ),
    pytest.param(
        decision(delegation=known(lacks=("réception par la préfecture",))),
        {"delegation_pas_executoire"},
        id="notée exécutoire, sa délibération n’est pas reçue",
    ),
    pytest.param(
        decision(delegation=replace(known(since=date(2026, 5, 18)), enforceable_on=None)),
        set(),
        id="jamais notée exécutoire, sa délibération l’est",
    ),
    pytest.param(
        decision(delegation=known(undone=REPEALED, undone_on=TODAY)),
        {"delegation_retiree"},
        id="le jour où ce qui l’abroge est exécutoire",
    ),
    pytest.param(
        decision(on=date(2026, 11, 27), delegation=known(undone=REPEALED, undone_on=TODAY)),
        set(),
        id="la veille de son abrogation",
    ),
    pytest.param(
        decision(on=date(2026, 5, 18)), set(), id="le jour même où la délégation est exécutoire"
    ),
    pytest.param(decision(delegation=None, subject=""), {"sans_delegation"}, id="sans délégation"),
    pytest.param(
        order(office="vice-president", stands_in=True), set(), id="arrêté, la présidence empêchée"
    ),
    pytest.param(order(stands_in=True), {"empechee_et_presente"}, id="à sa propre place"),
    pytest.param(
        decision(on=date(2026, 5, 11)), {"avant_la_delegation"}, id="la veille de la délibération"
    ),
    pytest.param(
        decision(on=date(2026, 5, 17)),
        {"delegation_pas_executoire"},
        id="délibérée, pas encore exécutoire",
    ),
    pytest.param(
        decision(delegation=given(enforceable_on=None)),
        {"delegation_pas_executoire"},
        id="rien ne dit qu’elle soit exécutoire",
    ),
    pytest.param(
        decision(delegation=given(mandate_ended_on=date(2026, 11, 27))),
        {"delegation_eteinte"},
        id="le mandat de qui l’avait reçue a pris fin la veille",
    ),
    pytest.param(
        decision(delegation=given(mandate_ended_on=TODAY)), set(), id="le dernier jour de ce mandat"
    ),
    pytest.param(
        decision(delegation=given(ended_on=date(2026, 10, 1))),
        {"delegation_retiree"},
        id="une délibération l’a retirée",
    ),
    pytest.param(
        order(on=date(2026, 11, 1), left_on=date(2026, 10, 31)),
        {"plus_en_fonction"},
        id="un arrêté du lendemain de la fin de la présidence",
    ),
    pytest.param(order(left_on=TODAY), set(), id="un arrêté du dernier jour de la présidence"),
    pytest.param(
        decision(subject="Emprunts"), {"hors_delegation"}, id="une matière qui n’est pas déléguée"
    ),
    pytest.param(decision(subject=""), {"hors_delegation"}, id="aucune matière n’est choisie"),
    pytest.param(
        decision(office="vice-president"), set(), id="par une vice-présidence qui l’a reçue"
    ),
    pytest.param(
        decision(office="vice-president", delegation=None, subject=""),
        {"sans_delegation"},
        id="par une vice-présidence qui ne l’a pas reçue",
    ),
    pytest.param(
        decision(office="vice-president", is_its_holder=False),
        {"delegation_d_un_autre"},
        id="par une vice-présidence, de la délégation de la présidence",
    ),
    pytest.param(decision(office=""), {"sans_qualite"}, id="par qui n’a pas de fonction"),
    pytest.param(decision(has_articles=False), {"sans_dispositif"}, id="sans article"),
    pytest.param(decision(on=date(2026, 11, 29)), {"date_a_venir"}, id="datée de demain"),
    pytest.param(decision(nature=Nature.DELIBERATION), {"nature_impropre"}, id="une délibération"),
    pytest.param(order(), set(), id="un arrêté de la présidence, sans délégation"),
    pytest.param(
        order(office="vice-president"),
        {"sans_delegation"},
        id="un arrêté d’une vice-présidence, sans délégation",
    ),
    pytest.param(
        order(office="vice-president", delegation=GIVEN, subject=SUBJECTS[1]),
        set(),
        id="un arrêté d’une vice-présidence, par délégation",
    ),
    pytest.param(
        order(nature=Nature.INDIVIDUAL, concerns="Mme Anne Roux"), set(), id="individuel, notifié"
    ),
    pytest.param(
        order(nature=Nature.INDIVIDUAL, concerns="  "),
        {"sans_destinataire"},
        id="individuel, à personne",
    ),
    pytest.param(order(nature=Nature.CONTRACT), {"nature_impropre"}, id="un arrêté qui contracte"),
    pytest.param(order(nature=Nature.OTHER), set(), id="un arrêté d’espèce"),
    pytest.param(
        decision(has_articles=False, delegation=None, subject="", office=""),
        {"sans_dispositif", "sans_delegation", "sans_qualite"},
        id="tout ce qui manque se dit ensemble",
    ),
]


@pytest.mark.parametrize(("taking", "codes"), CASES)
def test_what_keeps_an_act_from_being_taken(taking, codes):
    found = objections(taking, EPCI)
    assert {each.code for each in found} == codes
    assert all(each.severity is Severity.REFUSAL and each.remedy for each in found)


@pytest.mark.parametrize(
    ("rules", "kind", "article"),
    [
        pytest.param(COMMUNE, Kind.DECISION, "art. L2122-22 du CGCT", id="décision du maire"),
        pytest.param(COMMUNE, Kind.ORDER, "art. L2122-18 du CGCT", id="arrêté d’un adjoint"),
        pytest.param(EPCI, Kind.DECISION, "art. L5211-10 du CGCT", id="décision, EPCI"),
        pytest.param(EPCI, Kind.ORDER, "art. L5211-9 du CGCT", id="arrêté, EPCI"),
        pytest.param(
            SMF,
            Kind.DECISION,
            "art. L5211-10 du CGCT, par renvoi de l’art. L5711-1 du CGCT",
            id="syndicat fermé",
        ),
        pytest.param(SMO, Kind.DECISION, "statuts", id="syndicat ouvert : ses statuts"),
    ],
)
def test_the_source_is_that_of_the_legal_form(rules, kind, article):
    taking = decision(kind=kind, nature=Nature.RULE, office="vice-president", delegation=None)
    (found,) = objections(taking, rules)
    assert found.article == article


INDIVIDUAL = {"nature": Nature.INDIVIDUAL, "concerns": "Mme Anne Roux"}
DOUBTS = [
    pytest.param(decision(), [], id="du jour"),
    pytest.param(decision(on=date(2026, 11, 20)), ["date_passee"], id="d’un jour passé"),
    pytest.param(
        decision(on=date(2026, 10, 1), delegation=given(ended_on=date(2026, 10, 31))),
        ["pouvoir_fini_depuis"],
        id="datée d’avant la fin de la délégation, établie après",
    ),
    pytest.param(
        decision(on=date(2026, 10, 1), delegation=given(mandate_ended_on=date(2026, 10, 31))),
        ["pouvoir_fini_depuis"],
        id="datée d’avant la fin du mandat, établie après",
    ),
    pytest.param(
        order(on=date(2026, 10, 1), left_on=date(2026, 10, 31)),
        ["pouvoir_fini_depuis"],
        id="un arrêté daté d’avant la fin de la présidence, établi après",
    ),
    pytest.param(order(**INDIVIDUAL), [], id="individuel, motivé"),
    pytest.param(order(**INDIVIDUAL, has_recitals=False), ["sans_motif"], id="sans motif"),
    pytest.param(order(has_recitals=False), [], id="réglementaire : il ne se motive pas"),
    pytest.param(decision(latest_on=TODAY), [], id="après un acte du même jour"),
    pytest.param(
        order(on=date(2026, 11, 20), today=date(2026, 11, 20), latest_on=TODAY),
        ["numero_apres"],
        id="numéroté après un acte plus récent",
    ),
    pytest.param(decision(amount=Decimal(90000)), ["plafond_depasse"], id="un marché trop cher"),
    pytest.param(decision(amount=None), ["montant_non_dit"], id="un marché sans montant"),
    pytest.param(decision(amount=None, subject=SUBJECTS[1]), [], id="sans plafond ni montant"),
    pytest.param(
        order(office="vice-president", stands_in=True), ["empechement"], id="arrêté, à la place"
    ),
    pytest.param(
        order(office="vice-president", stands_in=True, ahead=("Mme Duval",)),
        ["empechement", "rang_empeche"],
        id="arrêté, à la place, hors de son rang",
    ),
    pytest.param(
        decision(office="vice-president", stands_in=True),
        ["empechement", "decision_empechee"],
        id="décision, à la place",
    ),
]


@pytest.mark.parametrize(("taking", "codes"), DOUBTS)
def test_what_deserves_a_look(taking, codes):
    found = doubts(taking, EPCI)
    assert [each.code for each in found] == codes
    assert all(each.severity is Severity.WARNING for each in found)


CEILINGS = [
    ("Marchés de moins de 40 000 € hors taxes", "moins de 40 000 €", 39_999, 40_000),
    ("Marchés d’un montant inférieur à 90 000 euros", "moins de 90 000 €", 89_999, 90_000),
    ("Emprunts, dans la limite de 1,5 M€ par an", "1 500 000 €", 1_500_000, 1_500_001),
    ("Dons de 100 € à 4 600,50 €", "4 600,50 €", 4_600, 4_601),
    ("Marchés inférieurs ou égaux à 221.000 €", "221 000 €", 221_000, 221_001),
]


@pytest.mark.parametrize(("subject", "told", "within", "beyond"), CEILINGS)
def test_the_words_of_a_subject_give_its_ceiling(subject, told, within, beyond):
    limit = ceiling(subject)
    assert str(limit).replace("\xa0", " ") == told
    assert limit.allows(Decimal(within)) and not limit.allows(Decimal(beyond))


IN_WORDS = [
    pytest.param("Marchés inférieurs à un million d’euros", True, id="un million, en lettres"),
    ("Contrats jusqu’à cinq mille euros", True),
    ("Marchés en dessous des seuils de procédure formalisée", True),
    ("Avenants dans la limite de 5 % du marché initial", True),
    ("Marchés de moins de 90 000 €, avenants de moins de 5 %", True),
    ("Emprunts, dans un plafond de 1,5 million d’euros", False),
    ("Marchés de moins de 40 000 €", False),
    ("Contrats d’assurance", False),
]


@pytest.mark.parametrize(("subject", "is_asked"), IN_WORDS)
def test_a_ceiling_in_words_that_are_not_read_is_asked(subject, is_asked):
    taking = decision(subject=subject, amount=Decimal(2_000_000))
    given_it = replace(taking, delegation=given(subjects=(subject,)))
    assert ("plafond_a_lire" in {each.code for each in doubts(given_it, EPCI)}) is is_asked


def test_a_subject_that_says_no_amount_has_no_ceiling():
    assert [ceiling(each) for each in ("Assurances", "Lots 1 et 2", "0 €")] == [None] * 3


# --- Giving a delegation ------------------------------------------------------------------------


def granting(*subjects, **values) -> Granting:
    """Decisions given to the president by a deliberation, unless `values` say otherwise."""
    usual = Granting(
        kind=Kind.DECISION, office="president", source=GIVEN.source, subjects=subjects or SUBJECTS
    )
    return replace(usual, **values)


BY_ORDER = "l’arrêté n° A2026-001 du 4 mai 2026 portant délégation de fonction"
ORDERS = {"kind": Kind.ORDER, "office": "vice-president", "source": BY_ORDER}
GRANTED = [
    pytest.param(granting(), set(), id="des décisions, par délibération"),
    pytest.param(granting(**ORDERS), set(), id="des arrêtés à un autre, par arrêté"),
    pytest.param(
        granting(kind=Kind.ORDER, source=BY_ORDER), {"a_soi_meme"}, id="des arrêtés, à soi-même"
    ),
    pytest.param(granting(is_known=True), {"deja_notee"}, id="deux fois la même"),
    pytest.param(
        granting(**ORDERS | {"source": GIVEN.source}),
        {"arretes_par_deliberation"},
        id="des arrêtés, par délibération",
    ),
    pytest.param(
        granting(office="vice-president", source=BY_ORDER),
        {"decisions_sans_deliberation"},
        id="des décisions subdéléguées par arrêté",
    ),
    pytest.param(
        granting(shared=((SUBJECTS[0], "Mme Duval"),)),
        {"matiere_partagee"},
        id="une matière déjà donnée à une autre",
    ),
    pytest.param(
        granting("Vote du budget", **ORDERS), set(), id="ce que garde l’assemblée, en arrêtés"
    ),
]


@pytest.mark.parametrize(("row", "codes"), GRANTED)
def test_what_is_said_of_a_delegation_before_it_is_noted(row, codes):
    found = (*objections_to(row, EPCI), *doubts_of(row, EPCI))
    assert {each.code for each in found} == codes
    assert all(each.article or each.code == "deja_notee" for each in found)


# Subject, then the rank of art. L5211-10 that keeps it, "" where it may be delegated; whether an
# open syndicate and a commune are asked too.
KEPT = [
    ("Vote du budget et fixation des tarifs", "1°", True),
    ("Budget primitif", "1°", True),
    ("Approbation des budgets annexes", "1°", True),
    ("Décisions modificatives", "1°", True),
    ("Fixation des tarifs du port", "1°", False),
    ("Tarifs de la médiathèque", "1°", False),
    ("Institution de la redevance d’enlèvement des ordures ménagères", "1°", False),
    ("Approbation du compte administratif", "2°", True),
    ("Compte financier unique", "2°", True),
    ("Suites d’une mise en demeure de la chambre régionale des comptes", "3°", False),
    ("Modification des statuts", "4°", True),
    ("Adhésion à un établissement public", "5°", False),
    ("Délégation de la gestion d’un service public", "6°", False),
    ("Orientations en matière d’aménagement de l’espace", "7°", False),
    ("Marchés de moins de 40 000 €, lorsque les crédits sont inscrits au budget", "", False),
    ("Emprunts destinés au financement des investissements prévus par le budget", "", False),
    ("Avenants qui ne changent pas le tarif", "", False),
    ("Renouvellement de l’adhésion aux associations", "", False),
    ("Marchés de services", "", False),
    ("Actions en justice", "", False),
]


@pytest.mark.parametrize(("subject", "rank", "is_kept_anywhere"), KEPT)
def test_what_an_assembly_keeps_is_asked(subject, rank, is_kept_anywhere):
    for rules in (EPCI, SMF):
        found = doubts_of(granting(subject), rules)
        assert [f"L5211-10, {rank}, du CGCT" in each.article for each in found] == [True] * bool(
            rank
        )
    for rules, article in ((SMO, "statuts"), (COMMUNE, "art. L2122-22 du CGCT")):
        told = [each.article for each in doubts_of(granting(subject), rules)]
        assert told == [article] * is_kept_anywhere
    taking = decision(delegation=given(subjects=(subject,)), subject=subject)
    assert [each.code for each in doubts(taking, EPCI)] == ["matiere_reservee"] * bool(rank)


OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 20)


@pytest.mark.parametrize(
    ("found", "signed_on", "is_told"),
    [
        pytest.param(GIVEN, TODAY, False, id="elle court encore"),
        pytest.param(given(ended_on=NOVEMBER), NOVEMBER, False, id="signé son dernier jour"),
        pytest.param(given(ended_on=NOVEMBER), TODAY, True, id="signé après sa fin"),
        pytest.param(given(mandate_ended_on=NOVEMBER), TODAY, True, id="après la fin du mandat"),
        pytest.param(given(ended_on=OCTOBER), None, True, id="pris après sa fin"),
        pytest.param(given(ended_on=NOVEMBER), None, False, id="pris avant, pas signé ici"),
    ],
)
def test_an_act_taken_once_its_delegation_was_over_is_told(found, signed_on, is_told):
    told = outlived(Kind.DECISION, found, EPCI, on=NOVEMBER, signed_on=signed_on)
    assert (told is not None) is is_told
    if told:
        assert (told.code, told.article) == ("pris_sans_delegation", "art. L5211-10 du CGCT")


@pytest.mark.parametrize(
    ("found", "left_on", "is_refused"),
    [
        pytest.param(GIVEN, None, False, id="rien n’a pris fin"),
        pytest.param(given(ended_on=NOVEMBER), None, True, id="la délégation a pris fin"),
        pytest.param(None, NOVEMBER, True, id="la fonction a pris fin"),
        pytest.param(given(ended_on=TODAY), TODAY, False, id="leur dernier jour"),
    ],
)
def test_an_act_is_signed_while_its_author_may_take_it(found, left_on, is_refused):
    told = unsignable(Kind.DECISION, found, EPCI, left_on=left_on, on=TODAY)
    assert (told is not None) is is_refused


@pytest.mark.parametrize(
    ("established_on", "is_refused"),
    [
        pytest.param(NOVEMBER, False, id="établi le jour qu’il porte"),
        pytest.param(TODAY, True, id="établi après : il est dit signé à la main"),
    ],
)
def test_what_was_entered_as_signed_by_hand_is_signed_in_no_other_way(established_on, is_refused):
    told = unsignable(
        Kind.ORDER,
        None,
        SMO,
        left_on=None,
        on=TODAY,
        dated_on=NOVEMBER,
        established_on=established_on,
    )
    assert (told is not None) is is_refused
    if told:
        assert (told.code, told.article) == ("signe_a_la_main", "art. L212-1 du CRPA")


def test_an_answer_that_a_judge_would_ask_more_of_says_what_it_rests_upon():
    found = doubts(decision(amount=Decimal(90000)), EPCI)
    codes = [
        [each.code for each in unanswered(found, answered)]
        for answered in ({}, {"plafond_depasse": " "}, {"plafond_depasse": "article 4"})
    ]
    assert codes == [["plafond_depasse"], ["reponse_sans_raison"], []]


MAY = date(2026, 5, 18)


@pytest.mark.parametrize(
    ("since", "is_told"),
    [
        pytest.param(MAY, False, id="le jour même"),
        pytest.param(date(2026, 5, 17), False, id="la délibération l’était la veille"),
        pytest.param(TODAY, True, id="elle n’a été publiée que depuis"),
        pytest.param(None, True, id="rien ici ne dit qu’elle le soit"),
    ],
)
def test_a_delegation_does_not_bind_before_the_deliberation_that_gives_it(since, is_told):
    known = Source(since=since, lacks=() if since else ("publication", "réception"))
    told = contradicted(replace(GIVEN, known=known), SMO)
    assert (told is not None) is is_told
    if told:
        assert (told.code, told.article) == ("delegation_contredite", "art. L3131-1 du CGCT")


def test_what_undid_its_deliberation_is_said_by_its_number():
    told = known(undone=REPEALED, undone_on=TODAY)
    (refused,) = objections(decision(delegation=told), EPCI)
    late = outlived(Kind.DECISION, told, EPCI, on=TODAY, signed_on=None)
    assert late is not None
    assert all(REPEALED in said for said in (refused.message, late.message))


@pytest.mark.parametrize(
    ("words", "is_asked"),
    [
        pytest.param("Subventions aux associations", True, id="une subvention"),
        pytest.param("Délégation de service public de l’eau", True, id="un service délégué"),
        pytest.param("Délégations du Comité au Bureau et au président", False, id="l’intitulé"),
        pytest.param(
            "Emprunts\nLe comité délègue au président les emprunts.", False, id="l’article"
        ),
    ],
)
def test_a_delegation_is_drawn_from_an_act_that_delegates(words, is_asked):
    asked = doubts_of(granting(act="2026-10-20/04", words=words), SMO)
    assert [each.code for each in asked] == ["acte_qui_ne_delegue_pas"] * is_asked
    (refused,) = objections_to(granting(act="2026-10-20/04", words=words, undone="retirée"), SMO)
    assert refused.code == "delegation_sans_acte"


@pytest.mark.parametrize("nature", list(Nature))
def test_only_an_individual_act_is_notified(nature):
    assert is_published(nature) is (nature is not Nature.INDIVIDUAL)


@pytest.mark.parametrize(("nature", "title", "matter", "is_told"), [
    (Nature.INDIVIDUAL, "Délégation de signature à Mme Roux", "", True),
    (Nature.INDIVIDUAL, "Arrêté", "5.5", True),
    (Nature.INDIVIDUAL, "Délégation de service public", "", False),
    (Nature.RULE, "Délégation de signature", "5.5", False),
])  # fmt: skip
def test_what_lets_another_sign_is_a_rule_and_is_published(nature, title, matter, is_told):
    assert (delegations.gives_a_signature(nature, title, matter) is not None) is is_told


BOTH = ("publication", "réception par la préfecture")


@pytest.mark.parametrize(("title", "matter", "lacks", "told"), [
    ("Délégation de signature à Mme Roux", "", BOTH, "Publication et réception par la préfecture"),
    ("Délégation de fonctions à M. Nord", "", BOTH[1:], "Réception par la préfecture non connue"),
    ("Arrêté nº 12", "5.4", BOTH[:1], "Publication non connue ici."),
    ("Délégation de signature à Mme Roux", "", (), None),
    ("Délégation de service public de l’eau", "1.2", BOTH, None),
    ("Tarifs", "7.1", BOTH, None),
])  # fmt: skip
def test_who_is_entrusted_signs_nothing_before_the_act_binds(title, matter, lacks, told):
    found = delegations.gives_nothing_yet(title, matter, SMO, lacks=lacks)
    assert (found is None) is (told is None)
    if found:
        assert told in found.message and "sans pouvoir" in found.message
        assert found.article == "art. L3131-1 du CGCT, par renvoi de l’art. L5721-4"
