"""What minutes state: set formulas word for word, agreement, and the truth of "unanimité"."""

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest

from law import elections, french, sentences, voting, wording
from law.assembly import Capacity, Composition, Member
from law.ballots import (
    Ballot,
    Base,
    Choice,
    Majority,
    Mode,
    Outcome,
    Tally,
    Verdict,
    Voice,
    count,
    statutes_majority,
)
from law.elections import Candidate, Election, Method
from law.quorum import Quorum
from law.regime import PRESETS
from law.sentences import DELIBERATION, BodyWords, Subject
from law.sitting import (
    Arrived,
    ChairTaken,
    ClerksNamed,
    Closed,
    DoorsClosed,
    DoorsOpened,
    Excused,
    Fate,
    FateNoted,
    Ground,
    ItemOpened,
    Left,
    Opened,
    OrderSet,
    ProxyGiven,
    ProxyRevoked,
    Recused,
    Resumed,
    SeatReturned,
    SeatTaken,
    State,
    Suspended,
    Vacated,
    apply,
    entered,
    replay,
)
from law.wording import Telling

BUREAU = BodyWords(
    designation="le Bureau",
    gender="m",
    member_noun="délégués",
    organisation="le syndicat mixte Somme Numérique",
)
ASSEMBLY = BodyWords(designation="l’assemblée", gender="f", member_noun="membres")


def member(key, civility, first_name, last_name, **extra):
    return Member(key=key, civility=civility, first_name=first_name, last_name=last_name, **extra)


VARLET = member("varlet", "M.", "Philippe", "Varlet", office="president")
COCQ = member("cocq", "M.", "Philippe", "Cocq")
RODINGER = member("rodinger", "Mme", "Florence", "Rodinger")
DANAN = member("danan", "Mme", "Emmanuelle", "Danan", office="vice-president", office_rank=1)
GARNIER = member(
    "garnier", "Mme", "Gaëlle", "Garnier", capacity=Capacity.SUBSTITUTE, replaces="rodinger"
)
COMPOSITION = Composition(members=(VARLET, COCQ, RODINGER, DANAN, GARNIER))


def plain(text):
    """The text as a keyboard types it: no-break spaces made ordinary."""
    return text.replace(french.NBSP, " ")


def typed(text):
    """The text as the seed was typed: straight apostrophes too."""
    return plain(text).replace("’", "'")


# --- The formulas of the Bureau of 16 November 2016, word for word ---------------------------


def quorum(present, required=5, in_office=9, **extra):
    return Quorum(in_office=in_office, present=present, required=required, **extra)


def test_opening_of_the_short_minutes():
    text = sentences.opening(
        datetime(2016, 11, 16, 17, 30),
        BUREAU,
        chair=VARLET,
        convened_on=date(2016, 10, 27),
        place="dans ses locaux",
        style="compact",
        in_capitals=True,
        civility=False,
        end=" ;",
    )
    assert typed(text) == (
        "L'an deux mille seize, le seize novembre à 17h30, le BUREAU du syndicat mixte Somme "
        "Numérique, légalement convoqué le vingt-sept octobre, s'est réuni dans ses locaux, sous "
        "la présidence de Philippe VARLET ;"
    )


def test_quorum_reached():
    assert typed(sentences.quorum(quorum(5), BUREAU)) == (
        "Le quorum est atteint avec 5 délégués présents, le Bureau peut donc valablement délibérer."
    )


def test_clerk():
    assert plain(sentences.clerks([COCQ])) == (
        "Monsieur Philippe COCQ est désigné secrétaire de séance."
    )


def test_minutes_approved():
    text = sentences.ballot(
        outcome(5),
        Ballot(item="pv"),
        COMPOSITION,
        subject=sentences.minutes_of(date(2016, 7, 4), noun="réunion"),
    )
    assert (
        typed(text) == "Le procès-verbal de la réunion du 4 juillet 2016 est adopté à l'unanimité."
    )


def test_closing():
    closed = Closed(at=datetime(2016, 11, 16, 18, 30))
    assert plain(wording.closing(closed, style="compact")) == "La séance est levée à 18h30."
    assert plain(wording.closing(closed)) == "La séance est levée à 18 h 30."


# --- Opening, quorum, clerks -----------------------------------------------------------------


def test_opening_of_the_full_minutes():
    text = sentences.opening(
        datetime(2026, 1, 1, 9, 0),
        BodyWords(designation="la commission", gender="f", organisation="l’agence"),
        chair=DANAN,
        convened_on=date(2025, 12, 20),
    )
    assert plain(text) == (
        "L’an deux mille vingt-six, le premier janvier à 9 h, la commission de l’agence, "
        "légalement convoquée le vingt décembre deux mille vingt-cinq, s’est réunie, sous "
        "la présidence de Madame Emmanuelle DANAN, 1re vice-présidente."
    )


@pytest.mark.parametrize(
    ("designation", "capitals"),
    [("le Comité syndical", "le COMITÉ SYNDICAL"), ("l’assemblée", "l’ASSEMBLÉE")],
)
def test_opening_keeps_the_article_small(designation, capitals):
    words = BodyWords(designation=designation)
    assert f", {capitals} s’est" in sentences.opening(
        datetime(2026, 1, 1, 9), words, in_capitals=True
    )


@pytest.mark.parametrize(("value", "words", "expected"), [
    pytest.param(quorum(1, 1, 1), BUREAU,
        "Le quorum est atteint avec 1 délégué présent, le Bureau peut donc valablement "
        "délibérer.", id="un seul présent : singulier"),
    pytest.param(quorum(4), BUREAU,
        "Le quorum n’est pas atteint : 4 délégués présents pour 5 requis ; le Bureau ne peut "
        "valablement délibérer.", id="quorum manqué"),
    pytest.param(quorum(3, second_call=True), ASSEMBLY,
        "L’assemblée, à nouveau convoquée faute de quorum, délibère valablement sans condition "
        "de quorum, avec 3 membres présents sur 9.", id="seconde convocation, corps féminin"),
    pytest.param(quorum(6, second_call=True), ASSEMBLY,
        "Le quorum est atteint avec 6 membres présents, l’assemblée peut donc valablement "
        "délibérer.", id="seconde convocation où le quorum est pourtant atteint"),
    # Art. L5721-2 : les statuts d'un syndicat ouvert peuvent compter les pouvoirs et les voix.
    pytest.param(quorum(6, proxies=2), BUREAU,
        "Le quorum est atteint avec 6 délégués présents ou représentés, le Bureau peut donc "
        "valablement délibérer.", id="pouvoirs comptés"),
    pytest.param(quorum(30, 19, 36, basis="voix", proxies=2), BUREAU,
        "Le quorum est atteint avec 30 voix présentes ou représentées, le Bureau peut donc "
        "valablement délibérer.", id="quorum en voix"),
    pytest.param(quorum(12, 19, 36, basis="voix"), BUREAU,
        "Le quorum n’est pas atteint : 12 voix présentes pour 19 requises ; le Bureau ne peut "
        "valablement délibérer.", id="quorum en voix manqué"),
    pytest.param(
        quorum(
            22,
            9,
            27,
            basis="tetes_et_voix",
            votes_present=30,
            votes_required=19,
            votes_in_office=36,
        ), BUREAU,
        "Le quorum est atteint avec 22 délégués présents et 30 voix sur 36, le Bureau peut "
        "donc valablement délibérer.", id="quorum par tête et en voix"),
])  # fmt: skip
def test_quorum(value, words, expected):
    assert plain(sentences.quorum(value, words)) == expected


def test_quorum_lost_names_the_points_left():
    assert plain(sentences.quorum_lost(BUREAU, ["11", "12", "13"])) == (
        "Le quorum n’étant plus réuni, le Bureau ne peut plus valablement délibérer ; "
        "les points 11, 12 et 13 sont reportés à une séance ultérieure."
    )
    assert plain(sentences.quorum_lost(BUREAU, ["7"])).endswith(
        "; le point 7 est reporté à une séance ultérieure."
    )


def test_second_call():
    text = sentences.second_call(date(2019, 5, 16), BUREAU, convened_on=date(2019, 5, 17))
    assert plain(text) == (
        "Le quorum n’ayant pas été atteint lors de la séance du 16 mai 2019, le Bureau, à nouveau "
        "convoqué le 17 mai 2019, délibère valablement sans condition de quorum (art. L2121-17 du "
        "CGCT)."
    )


@pytest.mark.parametrize(("members", "expected"), [
    pytest.param([], "Aucun secrétaire de séance n’est désigné.", id="personne"),
    pytest.param([DANAN], "Madame Emmanuelle DANAN est désignée secrétaire de séance.",
        id="une femme"),
    pytest.param([DANAN, RODINGER],
        "Madame Emmanuelle DANAN et Madame Florence RODINGER sont désignées secrétaires de "
        "séance.", id="deux femmes"),
    pytest.param([DANAN, COCQ],
        "Madame Emmanuelle DANAN et Monsieur Philippe COCQ sont désignés secrétaires de " "séance.",
        id="un homme et une femme : masculin"),
])  # fmt: skip
def test_clerks(members, expected):
    assert plain(sentences.clerks(members)) == expected


@pytest.mark.parametrize(("who", "expected"), [
    (VARLET, "président"),
    (DANAN, "1re vice-présidente"),
    (COCQ, ""),
    (member("x", "Mme", "", "X", office="trésorière"), "trésorière"),
])  # fmt: skip
def test_office(who, expected):
    assert sentences.office(who) == expected


# --- Movements -------------------------------------------------------------------------------

AT = datetime(2016, 11, 16, 18, 36)


@pytest.mark.parametrize(("event", "expected"), [
    pytest.param(Opened(at=AT, chair="danan"), "Madame Emmanuelle DANAN ouvre la séance à 18 h 36.",
        id="ouverture"),
    pytest.param(Arrived(at=AT, member="rodinger"), "Mme Florence RODINGER arrive à 18 h 36.",
        id="arrivée à l’heure dite"),
    pytest.param(Arrived(at=AT, before="p4", member="rodinger"),
        "Mme Florence RODINGER arrive à 18 h 36, avant l’examen du point 4.",
        id="arrivée à l’heure et au point dits"),
    pytest.param(Arrived(before="p4", member="rodinger"),
        "Mme Florence RODINGER arrive avant l’examen du point 4.", id="arrivée au point dit"),
    pytest.param(Arrived(member="rodinger"), "Mme Florence RODINGER arrive en cours de séance.",
        id="arrivée, moment inconnu"),
    pytest.param(Arrived(at=AT, member="cocq", remote=True),
        "M. Philippe COCQ rejoint la séance par visioconférence à 18 h 36.",
        id="arrivée à distance"),
    pytest.param(Left(at=AT, member="cocq"), "M. Philippe COCQ quitte la séance à 18 h 36.",
        id="départ"),
    pytest.param(Left(at=AT, member="cocq", definitive=True),
        "M. Philippe COCQ quitte définitivement la séance à 18 h 36.", id="départ définitif"),
    pytest.param(Excused(member="rodinger"), "Mme Florence RODINGER est excusée.", id="excusée"),
    pytest.param(SeatTaken(at=AT, substitute="garnier", titular="rodinger"),
        "Mme Gaëlle GARNIER, suppléante, siège à la place de Mme Florence RODINGER à compter "
        "de 18 h 36.", id="suppléante"),
    pytest.param(SeatReturned(at=AT, substitute="garnier"),
        "Mme Gaëlle GARNIER cesse de siéger à la place de Mme Florence RODINGER à 18 h 36.",
        id="la titulaire reprend son siège"),
    pytest.param(ProxyGiven(at=AT, giver="danan", holder="cocq", written_on=date(2016, 11, 1)),
        "Mme Emmanuelle DANAN donne pouvoir à M. Philippe COCQ à 18 h 36 (pouvoir du 1er "
        "novembre 2016).", id="pouvoir remis"),
    pytest.param(ProxyRevoked(at=AT, giver="danan"),
        "Mme Emmanuelle DANAN retire à 18 h 36 le pouvoir qu’elle avait donné.",
        id="pouvoir retiré"),
    pytest.param(Recused(member="danan", item="p4"),
        "Mme Emmanuelle DANAN, intéressée à l’affaire, ne prend part ni au débat ni au vote "
        "(art. L2131-11 du CGCT).", id="déport : intérêt personnel"),
    pytest.param(Recused(member="danan", item="p4", ground=Ground.OUTSIDE_BODY),
        "Mme Emmanuelle DANAN, qui siège dans l’organisme concerné, ne prend part ni au débat "
        "ni au vote (art. L1111-6 du CGCT).", id="déport : organisme extérieur"),
    pytest.param(Recused(member="varlet", item="p4", ground=Ground.ACCOUNTS),
        "M. Philippe VARLET se retire au moment du vote (art. L2121-14 du CGCT).",
        id="l’ordonnateur se retire au vote de ses comptes"),
    pytest.param(Recused(member="cocq", item="p4", ground=Ground.OTHER),
        "M. Philippe COCQ quitte la séance le temps de l’examen de ce point.",
        id="déport sans motif"),
    pytest.param(ChairTaken(member="danan", item="p4"),
        "Mme Emmanuelle DANAN prend la présidence pour ce point.", id="présidence d’un point"),
    pytest.param(ChairTaken(at=AT, member="danan"),
        "Mme Emmanuelle DANAN prend la présidence de la séance à 18 h 36.",
        id="présidence de la séance"),
    pytest.param(ClerksNamed(clerks=("danan",)),
        "Madame Emmanuelle DANAN est désignée secrétaire de séance.", id="secrétaire"),
    pytest.param(Suspended(at=AT, reason="audition de l’aménageur"),
        "La séance est suspendue à 18 h 36 (audition de l’aménageur).", id="suspension"),
    pytest.param(Resumed(at=AT), "La séance reprend à 18 h 36.", id="reprise"),
    pytest.param(DoorsClosed(at=AT), "La séance se poursuit à huis clos à compter de 18 h 36.",
        id="huis clos"),
    pytest.param(DoorsOpened(at=AT), "La séance redevient publique à 18 h 36.",
        id="fin du huis clos"),
    pytest.param(OrderSet(items=("p5", "p4")),
        "Les points sont examinés dans l’ordre suivant : 5, 4.", id="ordre changé"),
    pytest.param(Closed(at=AT, for_want_of_quorum=True),
        "Le quorum n’étant pas réuni, la séance est levée à 18 h 36.", id="levée faute de quorum"),
    pytest.param(ItemOpened(item="p4"), "", id="un point s’ouvre : rien à dire"),
    pytest.param(Arrived(at=AT, member="un inconnu"), "Un inconnu arrive à 18 h 36.",
        id="clé inconnue : elle est imprimée"),
])  # fmt: skip
def test_movement(event, expected):
    text = Telling(composition=COMPOSITION, numbers={"p4": "4", "p5": "5"}).movement(event)
    assert plain(text) == expected


def test_movements_that_happen_together_are_told_together():
    told = Telling(composition=COMPOSITION).movements(
        [
            Arrived(at=AT, member="danan"),
            Arrived(at=AT, member="rodinger"),
            Left(at=AT, member="varlet"),
            Recused(member="danan", item="p4"),
            Recused(member="rodinger", item="p4"),
            Recused(member="cocq", item="p4", ground=Ground.OTHER),
        ]
    )
    assert [plain(text) for text in told] == [
        "Mme Emmanuelle DANAN et Mme Florence RODINGER arrivent à 18 h 36.",
        "M. Philippe VARLET quitte la séance à 18 h 36.",
        "Mme Emmanuelle DANAN et Mme Florence RODINGER, intéressées à l’affaire, ne prennent part "
        "ni au débat ni au vote (art. L2131-11 du CGCT).",
        "M. Philippe COCQ quitte la séance le temps de l’examen de ce point.",
    ]


def test_a_movement_tells_what_becomes_of_proxies():
    # Art. L2121-20 : le pouvoir cesse quand son auteur arrive ou quand son porteur s'en va.
    events = [
        Arrived(seq=1, member="varlet"),
        ProxyGiven(seq=2, giver="danan", holder="varlet"),
    ]
    state = replay(COMPOSITION, events).at_end
    leaving = Telling(composition=COMPOSITION, before=state).movement(Left(at=AT, member="varlet"))
    assert plain(leaving) == (
        "M. Philippe VARLET quitte la séance à 18 h 36 ; le pouvoir donné par Mme Emmanuelle DANAN "
        "à M. Philippe VARLET est suspendu."
    )
    coming = Telling(composition=COMPOSITION, before=state).movement(Arrived(at=AT, member="danan"))
    assert plain(coming).endswith(
        "; le pouvoir donné par Mme Emmanuelle DANAN à M. Philippe VARLET est suspendu."
    )
    revoked = Telling(composition=COMPOSITION, before=state).movement(ProxyRevoked(giver="danan"))
    assert plain(revoked) == (
        "Mme Emmanuelle DANAN retire le pouvoir qu’elle avait donné à M. Philippe VARLET."
    )


# --- Ballots ---------------------------------------------------------------------------------

TWO_THIRDS = Majority(
    fraction=Fraction(2, 3),
    base=Base.COMPOSING,
    strict=False,
    label="majorité des deux tiers des membres composant le comité",
    article="art. L5721-2-1 du CGCT",
)
ORDINARY = Majority()
ACCOUNTS = Majority(unless_against=True, label="compte financier unique", article="art. L1612-12")


def outcome(
    for_=0,
    against=0,
    abstentions=0,
    *,
    adopted=None,
    mode=Mode.ORDINARY,
    majority=ORDINARY,
    required=0,
    casting="",
    **tally,
):
    if adopted is None:
        adopted = for_ > against
    return Outcome(
        verdict=Verdict.ADOPTED if adopted else Verdict.REJECTED,
        tally=Tally(for_=for_, against=against, abstentions=abstentions, **tally),
        mode=mode,
        majority=majority,
        required=required,
        casting_vote_of=casting,
    )


@pytest.mark.parametrize(("decided", "expected"), [
    pytest.param(outcome(17), "La délibération est adoptée à l’unanimité.",
        id="tous pour : unanimité"),
    # Art. L2121-20 : 4 pour, 6 abstentions sur 10 présents : adopté.
    pytest.param(outcome(4, 0, 6),
        "La délibération est adoptée à l’unanimité des suffrages exprimés : 4 voix pour et 6 "
        "abstentions.",
        id="des abstentions : unanimité des suffrages exprimés"),
    pytest.param(outcome(12, 3, 2),
        "La délibération est adoptée à la majorité des suffrages exprimés : 12 voix pour, 3 "
        "contre et 2 abstentions.", id="majorité"),
    pytest.param(outcome(2, 1),
        "La délibération est adoptée à la majorité des suffrages exprimés : 2 voix pour et 1 "
        "contre.", id="majorité sans abstention"),
    pytest.param(outcome(7, 8, 4),
        "La délibération est rejetée à la majorité des suffrages exprimés : 7 voix pour, 8 "
        "contre et 4 abstentions.", id="rejet"),
    pytest.param(outcome(0, 15), "La délibération est rejetée à l’unanimité.",
        id="unanimité contre"),
    pytest.param(outcome(0, 14, 1),
        "La délibération est rejetée à l’unanimité des suffrages exprimés : 14 voix contre et 1 "
        "abstention.",
        id="unanimité contre, une abstention"),
    # R6, cas limites : 0 pour, 0 contre, tous s'abstiennent : non adopté.
    pytest.param(outcome(0, 0, 14),
        "La délibération n’est pas adoptée, aucun suffrage n’ayant été exprimé (14 "
        "abstentions).", id="abstention générale"),
    pytest.param(outcome(5, 5, adopted=False),
        "La délibération n’est pas adoptée, les voix étant également partagées : 5 voix pour et "
        "5 contre.", id="partage, sans voix prépondérante"),
    # Art. L2121-20
    pytest.param(outcome(5, 5, 1, adopted=True, casting="varlet"),
        "La délibération est adoptée par 5 voix pour, 5 contre et 1 abstention. Les voix étant "
        "également partagées, celle de M. Philippe VARLET, président de séance, est "
        "prépondérante.", id="voix prépondérante pour"),
    pytest.param(outcome(5, 5, adopted=False, casting="danan"),
        "La délibération est rejetée par 5 voix pour et 5 contre. Les voix étant également "
        "partagées, celle de Mme Emmanuelle DANAN, présidente de séance, est prépondérante.",
        id="voix prépondérante contre"),
    # Art. L5721-2-1
    pytest.param(outcome(20, 3, majority=TWO_THIRDS, required=18),
        "La délibération est adoptée à la majorité des deux tiers des membres composant le "
        "comité : 20 voix pour et 3 contre (18 voix requises).", id="majorité spéciale réunie"),
    pytest.param(outcome(20, 0, 2, majority=TWO_THIRDS, required=18),
        "La délibération est adoptée à la majorité des deux tiers des membres composant le "
        "comité : 20 voix pour et 2 abstentions (18 voix requises).",
        id="majorité spéciale réunie, personne contre, des abstentions"),
    pytest.param(outcome(22, majority=TWO_THIRDS, required=18),
        "La délibération est adoptée à l’unanimité.", id="majorité spéciale, unanimité"),
    pytest.param(outcome(15, 3, adopted=False, majority=TWO_THIRDS, required=18),
        "La délibération n’est pas adoptée, la majorité des deux tiers des membres composant "
        "le comité n’étant pas réunie : 15 voix pour et 3 contre (18 voix requises).",
        id="majorité spéciale manquée"),
    pytest.param(outcome(15, 0, adopted=False, majority=TWO_THIRDS, required=18),
        "La délibération n’est pas adoptée, la majorité des deux tiers des membres composant "
        "le comité n’étant pas réunie : 15 voix pour (18 voix requises).",
        id="majorité spéciale manquée, personne contre"),
    # Art. L1612-12
    pytest.param(outcome(8, 8, adopted=True, majority=ACCOUNTS),
        "La délibération est adoptée, aucune majorité ne s’étant dégagée contre son adoption "
        ": 8 voix pour et 8 contre.", id="compte financier unique : le partage adopte"),
    pytest.param(outcome(9, 8, majority=ACCOUNTS),
        "La délibération est adoptée à la majorité des suffrages exprimés : 9 voix pour et 8 "
        "contre.", id="compte financier unique : majorité"),
    pytest.param(outcome(7, 8, majority=ACCOUNTS),
        "La délibération est rejetée : 7 voix pour et 8 contre.",
        id="compte financier unique : rejet"),
    # L2121-21
    pytest.param(outcome(10, 6, mode=Mode.SECRET, blank=2, null=1),
        "Au scrutin secret (19 votants, 2 bulletins blancs, 1 bulletin nul, 16 suffrages "
        "exprimés), la délibération est adoptée à la majorité des suffrages exprimés : 10 voix "
        "pour et 6 contre.", id="scrutin secret, blancs et nuls"),
    pytest.param(outcome(16, mode=Mode.SECRET, blank=1),
        "Au scrutin secret (17 votants, 1 bulletin blanc, 16 suffrages exprimés), la "
        "délibération est adoptée à l’unanimité des suffrages exprimés.",
        id="scrutin secret, un blanc : pas l’unanimité"),
    pytest.param(outcome(8, 8, adopted=False, mode=Mode.SECRET),
        "Au scrutin secret (16 votants, 16 suffrages exprimés), la délibération n’est pas "
        "adoptée, les voix étant également partagées : 8 voix pour et 8 contre.",
        id="scrutin secret : le partage n’adopte pas"),
])  # fmt: skip
def test_ballot(decided, expected):
    text = sentences.ballot(decided, Ballot(item="p1", mode=decided.mode), COMPOSITION)
    assert plain(text) == expected


@pytest.mark.parametrize(("subject", "expected"), [
    (sentences.DELIBERATION, "La délibération est adoptée à l’unanimité."),
    (sentences.ACCOUNTS, "Le compte financier unique est approuvé à l’unanimité."),
    (Subject(text="les tarifs", plural=True), "Les tarifs sont adoptés à l’unanimité."),
    (Subject(text="les conventions", feminine=True, plural=True, adopted="approuvé"),
        "Les conventions sont approuvées à l’unanimité."),
])  # fmt: skip
def test_subject_agrees(subject, expected):
    text = sentences.ballot(outcome(5), Ballot(item="p1"), COMPOSITION, subject=subject)
    assert plain(text) == expected


def test_an_amendment_is_a_proposal():
    asked = Ballot(item="p1", question="amendement de Mme Danan")
    assert plain(sentences.ballot(outcome(3, 2), asked, COMPOSITION)) == (
        "La proposition « amendement de Mme Danan » est adoptée à la majorité des suffrages "
        "exprimés : 3 voix pour et 2 contre."
    )


NAMED = {
    Choice.FOR: ("varlet", "cocq"),
    Choice.AGAINST: ("rodinger",),
    Choice.ABSTAIN: ("danan",),
}


RULES = PRESETS["epci"]


def named_votes(decided, *, composition=COMPOSITION, voices=(), rules=RULES):
    return [
        (plain(label), *names)
        for label, names in sentences.named_votes(decided, composition, voices, rules)
    ]


def test_public_ballot_names_who_voted_what():
    # Art. L2121-21 : noms des votants et sens de leur vote.
    decided = outcome(2, 1, 1, mode=Mode.PUBLIC, named=NAMED)
    assert plain(sentences.ballot(decided, Ballot(item="p1"), COMPOSITION)) == (
        "Au scrutin public, la délibération est adoptée à la majorité des suffrages exprimés : 2 "
        "voix pour, 1 contre et 1 abstention."
    )
    assert named_votes(decided) == [
        ("Ont voté pour (2)", "M. Philippe VARLET", "M. Philippe COCQ"),
        ("A voté contre (1)", "Mme Florence RODINGER"),
        ("S’est abstenue (1)", "Mme Emmanuelle DANAN"),
    ]


def test_ordinary_ballot_keeps_names_to_itself_unless_the_rules_say_otherwise():
    # Art. L2121-21 : au scrutin ordinaire, publier les noms n'est pas prévu.
    named = {Choice.AGAINST: ("rodinger",), Choice.ABSTAIN: ("danan", "cocq")}
    decided = outcome(9, 1, 2, named=named)
    assert named_votes(decided) == []
    told = named_votes(decided, rules=replace(RULES, publish_names_in_ordinary_vote=True))
    assert told == [
        ("A voté contre (1)", "Mme Florence RODINGER"),
        ("Se sont abstenus (2)", "Mme Emmanuelle DANAN", "M. Philippe COCQ"),
    ]


def test_blank_and_null_papers_of_a_public_ballot_are_named():
    named = {Choice.BLANK: ("cocq",), Choice.NULL: ("danan", "rodinger")}
    assert named_votes(outcome(mode=Mode.PUBLIC, blank=1, null=2, named=named)) == [
        ("A voté blanc (1)", "M. Philippe COCQ"),
        ("Ont voté nul (2)", "Mme Emmanuelle DANAN", "Mme Florence RODINGER"),
    ]


def test_secret_ballot_never_names_anybody_even_if_it_were_given_a_name():
    decided = outcome(2, 1, mode=Mode.SECRET, named=NAMED)
    assert not named_votes(decided, rules=replace(RULES, publish_names_in_ordinary_vote=True))
    assert "VARLET" not in sentences.ballot(decided, Ballot(item="p1"), COMPOSITION)


def test_a_secret_ballot_whose_votes_are_weighed_counts_votes_and_no_voters():
    heavy = member("varlet", "M.", "Philippe", "Varlet", weight=5)
    voices = (Voice(seat="varlet", caster="varlet", weight=5), Voice(seat="cocq", caster="cocq"))
    cast = Ballot(item="p1", mode=Mode.SECRET, counts={Choice.FOR: 5, Choice.BLANK: 1})
    counted = replace(outcome(mode=Mode.SECRET, adopted=True), tally=count(cast, voices))
    told = sentences.ballot(counted, cast, Composition(members=(heavy, COCQ)))
    assert told.replace("\u00a0", " ").startswith(
        "Au scrutin secret (6 voix, 1 voix en blanc, 5 suffrages exprimés), la délibération"
    )


def test_weights_substitutes_and_proxies_are_told_with_the_names():
    heavy = member("varlet", "M.", "Philippe", "Varlet", weight=2)
    composition = Composition(members=(heavy, COCQ, RODINGER, GARNIER))
    voices = (
        Voice(seat="varlet", caster="varlet", weight=2),
        Voice(seat="rodinger", caster="garnier"),
        Voice(seat="cocq", caster="varlet", by_proxy=True),
    )
    decided = outcome(
        3,
        1,
        mode=Mode.PUBLIC,
        named={Choice.FOR: ("varlet", "rodinger"), Choice.AGAINST: ("cocq",)},
    )
    assert named_votes(decided, composition=composition, voices=voices) == [
        ("Ont voté pour (3 voix)", "M. Philippe VARLET (2 voix)", "Mme Gaëlle GARNIER (1 voix)"),
        ("A voté contre (1 voix)", "M. Philippe COCQ (1 voix, pouvoir à M. Philippe VARLET)"),
    ]


@pytest.mark.parametrize(("named", "number", "expected"), [
    pytest.param(("danan",), 1, "Mme Emmanuelle DANAN ne prend pas part au vote.", id="une"),
    pytest.param(("danan", "cocq"), 2,
        "Mme Emmanuelle DANAN et M. Philippe COCQ ne prennent pas part au vote.", id="deux"),
    pytest.param((), 1, "Un membre ne prend pas part au vote.", id="un inconnu"),
    pytest.param((), 2, "Deux membres ne prennent pas part au vote.", id="deux inconnus"),
    pytest.param(("danan",), 3,
        "Mme Emmanuelle DANAN et deux autres membres ne prennent pas part au vote.",
        id="une connue, deux inconnus"),
])  # fmt: skip
def test_who_did_not_take_part_is_said_in_every_open_ballot(named, number, expected):
    decided = outcome(9, not_voting=number, named={Choice.NOT_VOTING: named} if named else {})
    text = plain(sentences.ballot(decided, Ballot(item="p1"), COMPOSITION))
    assert text == f"La délibération est adoptée à l’unanimité. {expected}"


@pytest.mark.parametrize(("decided", "feminine", "expected"), [
    (outcome(5), True, "adoptée à l’unanimité"),
    (outcome(4, 0, 1), False, "adopté à l’unanimité des suffrages exprimés : 4 voix pour et 1 "
        "abstention"),
    (outcome(1, 4), True, "rejetée"),
    (outcome(8, 8, adopted=True, majority=ACCOUNTS), False,
        "adopté, aucune majorité ne s’étant dégagée contre son adoption : 8 voix pour et 8 "
        "contre"),
])  # fmt: skip
def test_result_for_a_list(decided, feminine, expected):
    assert plain(sentences.result(decided, Subject(text="", feminine=feminine))) == expected


@pytest.mark.parametrize("for_", range(4))
@pytest.mark.parametrize("against", range(4))
@pytest.mark.parametrize("abstentions", range(3))
@pytest.mark.parametrize("blank", range(2))
def test_unanimity_is_only_said_when_it_is_true(for_, against, abstentions, blank):
    decided = outcome(for_, against, abstentions, blank=blank)
    text = plain(sentences.ballot(decided, Ballot(item="p1"), COMPOSITION))
    whole = text.endswith("à l’unanimité.")
    assert whole == (bool(for_) != bool(against) and not abstentions and not blank)
    of_cast = "à l’unanimité des suffrages exprimés" in text
    assert of_cast == (bool(for_) != bool(against) and bool(abstentions or blank))


# --- The roll ---------------------------------------------------------------------------------


def test_what_is_noted_beside_the_names_of_the_roll():
    events = [
        Arrived(member="varlet"),
        Arrived(at=AT, member="cocq", before="p4"),
        SeatTaken(substitute="garnier", titular="rodinger"),
        ProxyGiven(giver="danan", holder="varlet"),
        Left(member="cocq"),
        Excused(member="danan"),
    ]
    notes = Telling(composition=COMPOSITION, numbers={"p4": "4"}).notes(events)
    assert {member: [plain(note) for note in told] for member, told in notes.items()} == {
        "cocq": ["arrive à 18 h 36, avant l’examen du point 4", "part"],
        "rodinger": ["suppléance : Gaëlle GARNIER"],
        "garnier": ["siège pour Florence RODINGER"],
        "danan": ["pouvoir à Philippe VARLET"],
        "varlet": ["pouvoir d’Emmanuelle DANAN"],
    }


# --- Fates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("fate", "expected"), [
    (Fate.TOOK_NOTE, "L’assemblée prend acte."),
    (Fate.WITHDRAWN, "Ce point est retiré de l’ordre du jour."),
    (Fate.ADJOURNED, "L’examen de ce point est ajourné."),
    (Fate.POSTPONED, "L’examen de ce point est reporté à une séance ultérieure."),
    (Fate.UNFAVOURABLE, "L’assemblée émet un avis défavorable."),
    (Fate.FAVOURABLE, "L’assemblée émet un avis favorable."),
    (Fate.NO_VOTE, "Ce point ne donne pas lieu à un vote."),
])  # fmt: skip
def test_fate(fate, expected):
    assert plain(sentences.fate(fate, ASSEMBLY)) == expected
    noted = FateNoted(item="p1", fate=fate, note="dans l’attente d’un devis")
    assert plain(sentences.fate(noted, ASSEMBLY)) == f"{expected[:-1]}, dans l’attente d’un devis."


def test_every_fate_has_its_sentence():
    assert all(sentences.fate(fate, BUREAU) for fate in Fate)


# --- What a secretary would query -------------------------------------------------------------

COUNCIL = BodyWords(
    designation="le conseil municipal",
    gender="m",
    member_noun="conseillers",
    organisation="la commune de La Rochelle",
    chair="maire",
    deputy="adjoint",
)
DOYENNE = member("doyenne", "Mme", "Ida", "Doyen", office="vice-president", office_rank=2)
HEAVY = Composition(
    members=(
        member("lourde", "Mme", "Ève", "Lourd", weight=4),
        member("leger", "M.", "Luc", "Léger", office="president"),
        member("autre", "M.", "Guy", "Autre"),
    )
)


def decided(ballot, subject=DELIBERATION, composition=HEAVY):
    """What a ballot decides when everybody is there, in its sentence."""
    events = [Arrived(seq=n, member=m.key) for n, m in enumerate(composition.members, 1)]
    state = replay(composition, events).at_end
    told = voting.of(ballot, state, PRESETS["smo"])
    return sentences.ballot(told, ballot, composition, subject=subject, voices=state.voices)


def vote(**told):
    return Ballot(item="p1", **told)


def uncounted(stated="", **told):
    return vote(is_counted=False, stated=stated, **told)


def chosen(title, seats=1, *, elected="leger"):
    """An election and what it decides: one name, everybody for it."""
    election = Election(
        item="p1",
        title=title,
        seats=seats,
        method=Method.UNOPPOSED,
        candidates=(Candidate(key=elected),) if elected else (),
    )
    return election, elections.decide(election, HEAVY)


def held(title, **extra):
    election, result = chosen(title, **extra)
    return sentences.election(election, result, HEAVY, COUNCIL)[0]


@pytest.mark.parametrize(("written", "expected"), [
    # Articles, elision, capitals
    pytest.param(french.contract("de", "La Rochelle"), "de La Rochelle",
        id="l’article d’un nom propre garde sa capitale"),
    pytest.param(french.contract("de", "La Fibre 80"), "de La Fibre 80", id="celui d’une société"),
    pytest.param(french.contract("à", "L’Étoile"), "à L’Étoile", id="l’article élidé aussi"),
    pytest.param(french.contract("de", "Le Havre"), "du Havre",
        id="l’article masculin se contracte"),
    pytest.param(french.contract("de", "La Communauté de communes"), "de la Communauté de communes",
        id="un nom commun n’est pas un nom propre"),
    pytest.param(french.contract("de", "Honfleur"), "de Honfleur", id="h aspiré d’un nom propre"),
    pytest.param(french.contract("de", "Hornoy-le-Bourg"), "d’Hornoy-le-Bourg", id="h muet"),
    pytest.param(french.elide("de", "heurts"), "de heurts", id="heurt n’est pas heure"),
    pytest.param(french.elide("de", "habilitation"), "d’habilitation", id="habilitation"),
    # Titles
    pytest.param(french.agree("doyen", feminine=True), "doyenne", id="doyenne"),
    pytest.param(french.agree("chef de service", feminine=True), "cheffe de service", id="cheffe"),
    pytest.param(french.agree("membre de la CAO", plural=True), "membres de la CAO",
        id="sigle complément"),
    pytest.param(french.count(2, "CAO"), "2 CAO", id="un sigle ne prend pas de s"),
    pytest.param(sentences.office(VARLET, COUNCIL), "maire",
        id="le président d’une commune est le maire"),
    pytest.param(sentences.office(DOYENNE, COUNCIL), "2e adjointe",
        id="et sa vice-présidente, une adjointe"),
    pytest.param(sentences.office(DOYENNE, BUREAU), "2e vice-présidente",
        id="pas celle d’un syndicat"),
    pytest.param(
        sentences.quorum(quorum(1, 1, 1), replace(BUREAU, member_noun="déléguées")),
        "Le quorum est atteint avec 1 déléguée présente, le Bureau peut donc valablement "
        "délibérer.",
        id="le participe s’accorde avec le nom des membres"),
    pytest.param(sentences.quorum(quorum(6), BUREAU, still=True),
        "Le quorum reste atteint avec 6 délégués présents.",
        id="le quorum ne se redit pas en entier à chaque mouvement"),
    # Opening
    pytest.param(
        sentences.opening(datetime(2026, 3, 2, 19), COUNCIL, convened_on=date(2026, 2, 20)),
        "L’an deux mille vingt-six, le deux mars à 19 h, le conseil municipal de la commune de La "
        "Rochelle, légalement convoqué le vingt février, s’est réuni.",
        id="légalement convoqué, entre virgules"),
    # Counts
    pytest.param(sentences.counts(Tally(for_=2, against=2)), "2 voix pour et 2 contre",
        id="et, avant la dernière voix"),
    pytest.param(decided(vote(choices={"leger": Choice.AGAINST}), sentences.URGENCY),
        "L’urgence est admise à la majorité des suffrages exprimés : 5 voix pour et 1 contre.",
        id="l’urgence est admise, non adoptée"),
    pytest.param(decided(vote(choices={"lourde": Choice.ABSTAIN})),
        "La délibération est adoptée à l’unanimité des suffrages exprimés : 2 voix pour et une "
        "abstention (4 voix).",
        id="une abstention qui pèse quatre voix"),
    pytest.param(decided(vote(counts={Choice.ABSTAIN: 4})),
        "La délibération est adoptée à l’unanimité des suffrages exprimés : 2 voix pour et 4 voix "
        "d’abstention.",
        id="quatre voix d’abstention, de qui on ne sait"),
    pytest.param(statutes_majority(PRESETS["smo"]).label,
        "majorité des deux tiers des membres composant l’assemblée",
        id="les deux tiers, en lettres"),
    # Closed doors
    pytest.param(
        Telling(composition=HEAVY, words=COUNCIL).movement(DoorsClosed(requesters=3, votes_for=8)),
        "À la demande de trois membres, le conseil municipal décide, par 8 voix pour, de siéger à "
        "huis clos.", id="qui décide le huis clos"),
    # Fates
    pytest.param(sentences.fate(Fate.TOOK_NOTE, COUNCIL, note="du rapport"),
        "Le conseil municipal prend acte du rapport.", id="prendre acte du rapport"),
    pytest.param(sentences.fate(Fate.TOOK_NOTE, COUNCIL, note="que la dette baisse"),
        "Le conseil municipal prend acte que la dette baisse.", id="prendre acte que"),
    pytest.param(sentences.fate(Fate.TOOK_NOTE, COUNCIL, note="rapport annuel"),
        "Le conseil municipal prend acte : rapport annuel.", id="une note qui ne s’enchaîne pas"),
    pytest.param(sentences.fate(Fate.FAVOURABLE, COUNCIL, note="sous réserve du plan"),
        "Le conseil municipal émet un avis favorable, sous réserve du plan.",
        id="avis sous réserve"),
    # Elections
    pytest.param(held("membre du Bureau"), "Il est procédé à la désignation d’un membre du Bureau.",
        id="un membre, non le membre"),
    pytest.param(held("membres du Bureau"),
        "Il est procédé à la désignation d’un membre du Bureau.", id="au singulier pour un siège"),
    pytest.param(held("vice-président"), "Il est procédé à la désignation d’un vice-président.",
        id="un vice-président, quand on ne dit pas lequel"),
    pytest.param(held("1er adjoint"), "Il est procédé à la désignation du 1er adjoint.",
        id="le 1er adjoint"),
    pytest.param(" / ".join(sentences.proclaimed(*chosen("délégués au SDIS", 1), HEAVY)),
        "M. Luc LÉGER est proclamé élu délégué au SDIS.", id="élu d’un titre mis au pluriel"),
    pytest.param(held("président"), "Il est procédé à la désignation du président.",
        id="le président, non un président"),
    pytest.param(" / ".join(sentences.proclaimed(*chosen("délégué", 2), HEAVY)),
        "M. Luc LÉGER est proclamé élu délégué. / Un siège reste à pourvoir.",
        id="une élection se dit par qui est élu, et ce qui reste"),
    # Results told without figures
    pytest.param(decided(uncounted()), "La délibération est adoptée.",
        id="sans décompte : adoptée, et rien de plus"),
    pytest.param(decided(uncounted("À la majorité.")), "La délibération est adoptée à la majorité.",
        id="sans décompte : à la majorité, comme il fut dit"),
    pytest.param(decided(uncounted("le conseil acquiesce")),
        "La délibération est adoptée : « le conseil acquiesce ».", id="sans décompte : cité"),
    pytest.param(decided(uncounted("à l’unanimité, à l’exception des intéressés")),
        "La délibération est adoptée à l’unanimité, à l’exception des intéressés.",
        id="à l’exception des intéressés"),
    pytest.param(decided(uncounted(default=Choice.AGAINST)), "La délibération est rejetée.",
        id="sans décompte : rejetée"),
    # Earlier minutes
    pytest.param(decided(vote(), sentences.minutes_of(date(2016, 9, 5), date(2016, 7, 4))),
        "Les procès-verbaux des séances du 4 juillet et du 5 septembre 2016 sont adoptés à "
        "l’unanimité.", id="deux procès-verbaux d’un seul vote"),
    pytest.param(decided(vote(), sentences.minutes_of(date(2015, 12, 7), date(2016, 1, 4))),
        "Les procès-verbaux des séances du 7 décembre 2015 et du 4 janvier 2016 sont adoptés à "
        "l’unanimité.", id="de deux années"),
    pytest.param(
        decided(vote(amended="page 3, lire « douze »"), sentences.minutes_of(date(2016, 7, 4))),
        "Le procès-verbal de la séance du 4 juillet 2016 est adopté à l’unanimité. Il est corrigé "
        "comme suit : page 3, lire « douze ».", id="un procès-verbal corrigé"),
    pytest.param(decided(vote(amended="l’article 2 est supprimé.")),
        "La délibération est adoptée à l’unanimité. Elle est modifiée comme suit : l’article 2 est "
        "supprimé.", id="une délibération modifiée en séance"),
])  # fmt: skip
def test_what_a_secretary_would_query(written, expected):
    assert plain(written) == expected


def test_a_proxy_that_had_no_effect_before_takes_it_and_does_not_take_it_again():
    given = ProxyGiven(giver="danan", holder="cocq")
    before = State(composition=COMPOSITION, proxies={"danan": given})
    arrived = Arrived(seq=3, member="cocq", at=AT)
    for served, effect in ((frozenset(), "prend effet"), (frozenset({"danan"}), "reprend effet")):
        told = Telling(composition=COMPOSITION, before=before, served=served).movement(arrived)
        assert plain(told).endswith(f"COCQ {effect}.")


@pytest.mark.parametrize(("gone", "effect"), [
    pytest.param("cocq", "ne peut plus être utilisé", id="le porteur démissionne"),
    pytest.param("danan", "ne peut plus être utilisé", id="l’auteur démissionne"),
])  # fmt: skip
def test_a_mandate_that_ends_says_what_becomes_of_a_proxy(gone, effect):
    given = ProxyGiven(giver="danan", holder="cocq")
    before = State(
        composition=COMPOSITION, room=frozenset({"cocq"}), proxies={"danan": given}, is_open=True
    )
    told = Telling(composition=COMPOSITION, before=before).movement(Vacated(seq=3, member=gone))
    assert plain(told).endswith(
        "son siège est vacant ; le pouvoir donné par Mme Emmanuelle DANAN à M. Philippe COCQ "
        f"{effect}."
    )


@pytest.mark.parametrize(("decided", "told"), [
    pytest.param(outcome(5), "adoptée", id="adoptée"),
    pytest.param(outcome(1, 4), "rejetée", id="rejetée"),
    pytest.param(outcome(0, 0, 5), "non adoptée", id="tous s’abstiennent"),
    pytest.param(outcome(3, 3), "non adoptée", id="voix partagées"),
])  # fmt: skip
def test_beside_its_figures_what_nobody_voted_down_is_not_said_rejected(decided, told):
    """A line of a table said « rejetée » where the sentence says « n’est pas adoptée »."""
    assert plain(sentences.verdict(decided)) == told


@pytest.mark.parametrize(("ballot", "told"), [
    pytest.param(vote(default=Choice.AGAINST), "rejetée (4 voix contre)", id="rejetée"),
    pytest.param(vote(default=Choice.ABSTAIN),
        "non adoptée, aucun suffrage n’ayant été exprimé (4 abstentions)", id="tous s’abstiennent"),
    pytest.param(vote(), "adoptée à l’unanimité", id="adoptée"),
    pytest.param(uncounted(default=Choice.AGAINST), "rejetée", id="sans décompte"),
])  # fmt: skip
def test_the_list_says_of_a_result_what_the_minutes_say(ballot, told):
    events = [Arrived(seq=n, member=m.key) for n, m in enumerate(COMPOSITION.members, 1)]
    state = replay(COMPOSITION, events).at_end
    assert plain(sentences.listed(voting.of(ballot, state, PRESETS["smo"]))) == told


def test_sentences_and_counts_agree_on_proxies():
    """Whoever gave a proxy, or carries it, may come and go: the minutes follow the votes."""
    events = [
        Arrived(seq=1, member="cocq"),
        ProxyGiven(seq=2, giver="danan", holder="cocq"),
        Arrived(seq=3, member="danan", at=AT),
        Left(seq=4, member="danan", at=AT),
        Recused(seq=5, member="cocq", item="p4"),
        ItemOpened(seq=6, item="p5"),
        Left(seq=7, member="cocq", at=AT),
        Arrived(seq=8, member="cocq", at=AT),
        Left(seq=9, member="cocq", at=AT, definitive=True),
    ]
    told, served = [], set()

    def observe(event, state):
        served.update(state.living_proxies)
        known = Telling(composition=COMPOSITION, before=state, served=frozenset(served))
        after = apply(state, event)
        was, now = (len(entered(state, event).living_proxies), len(after.living_proxies))
        text = plain(known.movement(event))
        _, found, effect = text.partition("le pouvoir donné par Mme Emmanuelle DANAN à M. Philippe")
        told.append((now - was, effect.removeprefix(" COCQ ").rstrip(".") if found else ""))

    replay(COMPOSITION, events, ("p4", "p5"), observe=observe)
    assert [each for each in told if any(each)] == [
        (1, ""),  # it is given: its own sentence says so
        (-1, "est suspendu"),
        (1, "reprend effet"),
        (-1, "n’est pas utilisé"),
        (-1, "est suspendu"),
        (1, "reprend effet"),
        (-1, "ne peut plus être utilisé"),
    ]
