"""Le quorum : qui est compté, qui ne l'est pas, pourquoi.

Sources: art. L2121-17, L2131-11, L1111-6 II, L2121-14, L5211-11-1 of the CGCT.
"""

from dataclasses import replace
from fractions import Fraction

import pytest

from law import quorum
from law.assembly import Capacity, Composition
from law.quorum import Quorum
from law.sitting import Arrived, Ground, Left, ProxyGiven, Recused, SeatTaken, State
from tests.law.story import COMITE, EPCI, RULES, SMO, member, opening, replay


@pytest.mark.parametrize(("in_office", "present", "second_call", "reached"), [
    pytest.param(31, 16, False, True, id="majorité des membres en exercice : 16 sur 31"),
    pytest.param(31, 15, False, False, id="une voix manque : 15 sur 31"),
    pytest.param(30, 15, False, False, id="la moitié n’est pas la majorité : 15 sur 30"),
    pytest.param(30, 16, False, True, id="plus de la moitié : 16 sur 30"),
    pytest.param(11, 6, False, True, id="plus de la moitié, non la moitié plus un : 6 sur 11"),
    pytest.param(8, 5, False, True, id="5 sur 8"),
    pytest.param(1, 1, False, True, id="un seul membre en exercice"),
    pytest.param(0, 0, False, False, id="personne en exercice"),
    pytest.param(31, 3, True, True, id="seconde convocation : sans condition de quorum"),
])  # fmt: skip
def test_quorum_reached(in_office, present, second_call, reached):
    answer = quorum.assess(
        in_office=in_office, present=present, regime=EPCI, second_call=second_call
    )
    assert answer.reached is reached


@pytest.mark.parametrize(("fraction", "strict", "in_office", "required"), [
    pytest.param(Fraction(1, 3), False, 31, 11, id="au moins le tiers de 31"),
    pytest.param(Fraction(1, 3), True, 30, 11, id="plus du tiers de 30"),
    pytest.param(Fraction(2, 3), False, 30, 20, id="au moins les deux tiers de 30"),
    pytest.param(Fraction(1), False, 30, 30, id="tous"),
    pytest.param(Fraction(1, 3), False, 0, 1, id="jamais zéro"),
])  # fmt: skip
def test_statutes_may_ask_another_fraction(fraction, strict, in_office, required):
    rules = replace(SMO, quorum_fraction=fraction, quorum_strict=strict)
    assert quorum.required(in_office, rules) == required


def test_figures_of_the_second_call_are_still_computed():
    answer = quorum.assess(in_office=31, present=3, regime=EPCI, second_call=True)
    assert not answer.holds
    assert answer.missing == 13
    assert "seconde convocation" in str(answer)
    state = replay(*opening("alice")).at_item["p1"]
    assert not quorum.of(state, RULES).reached
    assert quorum.of(state, RULES, second_call=True).reached


THREE = opening("alice", "bruno", "claire")


@pytest.mark.parametrize(("events", "present", "in_office"), [
    pytest.param(THREE, 3, 6, id="trois présents sur six"),
    pytest.param((*THREE, ProxyGiven(giver="elsa", holder="alice")), 3, 6,
        id="un pouvoir ne compte pas"),
    pytest.param(
        (*opening("alice", "bruno", "gaelle"), SeatTaken(substitute="gaelle", titular="claire")), 3,
        6, id="un suppléant qui siège compte"),
    pytest.param((*THREE, Arrived(member="gaelle")), 3, 6,
        id="un suppléant qui écoute ne compte pas"),
    pytest.param(
        (*opening("alice", "claire", "gaelle"), SeatTaken(substitute="gaelle", titular="claire")),
        2, 6, id="titulaire et suppléant dans la salle : un seul siège"),
    pytest.param((*THREE, Arrived(member="hugo")), 3, 6, id="une voix consultative ne compte pas"),
    pytest.param((*THREE, Recused(member="bruno", item="p1", ground=Ground.PERSONAL)), 2, 6,
        id="intérêt personnel : hors des présents (L2131-11)"),
    pytest.param((*THREE, Recused(member="bruno", item="p1", ground=Ground.OUTSIDE_BODY)), 2, 5,
        id="organisme extérieur : hors des présents et de l’effectif (L1111-6)"),
    pytest.param((*THREE, Recused(member="alice", item="p1", ground=Ground.ACCOUNTS)), 2, 6,
        id="la présidente au vote des comptes (L2121-14)"),
    pytest.param((*THREE, Recused(member="elsa", item="p1", ground=Ground.OUTSIDE_BODY)), 3, 5,
        id="une absente représentant un organisme extérieur : hors de l’effectif"),
    pytest.param(
        (
            *opening("alice", "gaelle"),
            SeatTaken(substitute="gaelle", titular="claire"),
            Recused(member="gaelle", item="p1", ground=Ground.OUTSIDE_BODY),
        ), 1, 5, id="le suppléant qui représente l’organisme : son siège sort de l’effectif"),
    pytest.param((*THREE, Left(member="bruno", before="p1")), 2, 6, id="parti avant le point"),
])  # fmt: skip
def test_who_counts_when_the_item_is_opened(events, present, in_office):
    answer = quorum.of(replay(*events).at_item["p1"], RULES)
    assert (answer.present, answer.in_office) == (present, in_office)


def away(member, ground):
    return Recused(member=member, item="p1", ground=ground)


@pytest.mark.parametrize(("events", "uncounted"), [
    pytest.param((), [], id="personne à signaler"),
    pytest.param([ProxyGiven(giver="elsa", holder="alice")], ["1 pouvoir non compté"],
        id="un pouvoir (L2121-17)"),
    pytest.param(
        [ProxyGiven(giver="elsa", holder="alice"), ProxyGiven(giver="farid", holder="bruno")],
        ["2 pouvoirs non comptés"], id="deux pouvoirs (L2121-17)"),
    pytest.param([away("bruno", Ground.PERSONAL)],
        ["1 membre intéressé, non compté présent (CE, 19 janvier 1983)"],
        id="un membre intéressé (L2131-11)"),
    pytest.param([away("bruno", Ground.PERSONAL), away("claire", Ground.PERSONAL)],
        ["2 membres intéressés, non comptés présents (CE, 19 janvier 1983)"],
        id="deux membres intéressés (L2131-11)"),
    pytest.param([away("elsa", Ground.PERSONAL)], [], id="une absente intéressée : rien à ôter"),
    pytest.param([away("alice", Ground.ACCOUNTS)],
        ["1 ordonnateur retiré au vote des comptes (art. L2121-14)"],
        id="l’ordonnateur (L2121-14)"),
    pytest.param([away("alice", Ground.ACCOUNTS), away("bruno", Ground.ACCOUNTS)],
        ["2 ordonnateurs retirés au vote des comptes (art. L2121-14)"],
        id="deux ordonnateurs dans l’année (L2121-14)"),
    pytest.param([away("bruno", Ground.OTHER)], ["1 membre sorti pour ce point"],
        id="un membre sort"),
    pytest.param([away("bruno", Ground.OTHER), away("claire", Ground.OTHER)],
        ["2 membres sortis pour ce point"], id="deux membres sortent"),
    pytest.param([away("bruno", Ground.OUTSIDE_BODY)],
        ["1 représentant dans un organisme extérieur, hors de l’effectif (art. L2131-11)"],
        id="un représentant ailleurs (L1111-6)"),
    pytest.param([away("bruno", Ground.OUTSIDE_BODY), away("claire", Ground.OUTSIDE_BODY)],
        ["2 représentants dans un organisme extérieur, hors de l’effectif (art. L2131-11)"],
        id="deux représentants ailleurs (L1111-6)"),
    pytest.param(
        [
            away("alice", Ground.ACCOUNTS),
            away("bruno", Ground.PERSONAL),
            away("claire", Ground.OTHER),
        ],
        [
            "1 membre intéressé, non compté présent (CE, 19 janvier 1983)",
            "1 ordonnateur retiré au vote des comptes (art. L2121-14)",
            "1 membre sorti pour ce point",
        ], id="chacun pour sa raison"),
    pytest.param([Arrived(member="gaelle")], ["1 suppléant présent qui ne siège pas"],
        id="un suppléant écoute"),
    pytest.param([Arrived(member="hugo")], ["1 membre à voix consultative"], id="consultatif"),
    pytest.param([Arrived(member="visiteur")], [], id="le public ne se compte pas"),
])  # fmt: skip
def test_it_says_who_was_not_counted(events, uncounted):
    answer = quorum.of(replay(*THREE, *events).at_item["p1"], RULES)
    assert list(answer.uncounted) == uncounted


def test_it_says_how_many_were_not_counted():
    guests = [member(f"s{n}", capacity=Capacity.SUBSTITUTE) for n in (1, 2)]
    guests += [member(f"c{n}", capacity=Capacity.CONSULTATIVE) for n in (1, 2)]
    composition = replace(COMITE, members=(*COMITE.members[:4], *guests))
    room = frozenset({"alice", "bruno", "claire", *(guest.key for guest in guests)})
    state = State(composition=composition, room=room, remote=frozenset({"bruno", "claire"}))
    assert quorum.of(state, SMO).uncounted == (
        "2 présents à distance non comptés",
        "2 suppléants présents qui ne siègent pas",
        "2 membres à voix consultative",
        "2 sièges vacants, hors de l’effectif",
    )


@pytest.mark.parametrize(("events", "present", "titulars", "substitutes"), [
    pytest.param((), 3, 2, 1, id="deux titulaires, un suppléant qui siège"),
    pytest.param([away("gaelle", Ground.PERSONAL)], 2, 2, 0,
        id="le suppléant intéressé (L2131-11)"),
    pytest.param([away("claire", Ground.PERSONAL)], 2, 2, 0,
        id="le titulaire qu’il remplace l’est"),
    pytest.param([away("bruno", Ground.PERSONAL)], 2, 1, 1, id="un titulaire intéressé"),
])  # fmt: skip
def test_titulars_and_substitutes_are_told_apart(events, present, titulars, substitutes):
    seated = SeatTaken(substitute="gaelle", titular="claire")
    state = replay(*opening("alice", "bruno", "gaelle"), seated, *events).at_item["p1"]
    answer = quorum.of(state, RULES)
    assert (answer.present, answer.titulars, answer.substitutes) == (present, titulars, substitutes)
    interested = "1 membre intéressé, non compté présent (CE, 19 janvier 1983)"
    assert answer.uncounted == ((interested,) if events else ())


def test_vacant_seats_are_out_of_the_office():
    """32 seats of which one is vacant: 31 in office, 16 required (art. L2121-17)."""
    few = Composition(constituencies=COMITE.constituencies, members=COMITE.members[:5])
    answer = quorum.of(State(composition=few, room=frozenset({"alice"})), EPCI)
    assert (answer.in_office, answer.required) == (5, 3)
    assert "1 siège vacant, hors de l’effectif" in answer.uncounted


def test_remote_presence_counts_where_the_law_says_so():
    state = replay(*opening("alice"), Arrived(member="bruno", remote=True)).at_end
    assert quorum.of(state, EPCI).present == 2
    at_home = quorum.of(state, SMO)
    assert at_home.present == 1
    assert "1 présent à distance non compté" in at_home.uncounted


def test_statutes_may_count_proxies():
    state = replay(*THREE, ProxyGiven(giver="elsa", holder="alice")).at_end
    answer = quorum.of(state, replace(SMO, quorum_counts_proxies=True))
    assert (answer.present, answer.proxies) == (4, 1)
    assert answer.uncounted == ()
    assert "3 titulaires présents et 1 pouvoir compté" in str(answer)
    assert answer.article == "statuts"


HEAVY = Composition(members=(member("lourd", weight=10), member("un"), member("deux")))


@pytest.mark.parametrize(("basis", "room", "reached"), [
    pytest.param("tetes", {"lourd"}, False, id="par tête, un sur trois ne suffit pas"),
    pytest.param("voix", {"lourd"}, True, id="en voix, dix sur douze suffisent"),
    pytest.param("voix", {"un", "deux"}, False, id="en voix, deux sur douze ne suffisent pas"),
    pytest.param("tetes_et_voix", {"lourd"}, False, id="les deux : les têtes manquent"),
    pytest.param("tetes_et_voix", {"un", "deux"}, False, id="les deux : les voix manquent"),
    pytest.param("tetes_et_voix", {"lourd", "un"}, True, id="les deux conditions sont là"),
])  # fmt: skip
def test_heads_and_votes(basis, room, reached):
    state = State(composition=HEAVY, room=frozenset(room))
    answer = quorum.of(state, replace(SMO, quorum_basis=basis))
    assert answer.reached is reached
    assert ("voix" in str(answer)) is (basis != "tetes")


@pytest.mark.parametrize(("basis", "heads", "votes"), [
    pytest.param("tetes", (2, 3, 2), (0, 0, 0), id="par tête : les voix ne sont pas dites"),
    pytest.param("voix", (11, 12, 7), (0, 0, 0), id="en voix : une seule condition"),
    pytest.param("tetes_et_voix", (2, 3, 2), (11, 12, 7), id="les deux conditions"),
])  # fmt: skip
def test_the_figures_are_those_of_the_basis(basis, heads, votes):
    state = State(composition=HEAVY, room=frozenset({"lourd", "un"}))
    answer = quorum.of(state, replace(SMO, quorum_basis=basis))
    assert (answer.present, answer.in_office, answer.required) == heads
    assert (answer.votes_present, answer.votes_in_office, answer.votes_required) == votes


def test_without_votes_one_head_is_one_vote():
    rules = replace(SMO, quorum_basis="tetes_et_voix")
    answer = quorum.assess(in_office=5, present=3, regime=rules)
    assert (answer.votes_present, answer.votes_in_office, answer.votes_required) == (3, 5, 3)


def test_nothing_is_missing_from_a_quorum_that_is_there():
    assert quorum.assess(in_office=31, present=20, regime=EPCI).missing == 0


def test_three_figures_are_enough():
    answer = Quorum(in_office=3, present=2, required=2)
    assert (answer.reached, str(answer)) == (True, "Quorum 2 sur 3 (il en faut 2)")
    assert (answer.basis, answer.rule) == ("tetes", "")
    assert (answer.votes_present, answer.votes_in_office, answer.votes_required) == (0, 0, 0)
    assert not Quorum(in_office=3, present=1, required=2).reached


@pytest.mark.parametrize(("answer", "sentence"), [
    pytest.param(
        quorum.assess(
            in_office=44,
            present=23,
            titulars=21,
            substitutes=2,
            uncounted=["4 pouvoirs non comptés"],
            regime=EPCI,
        ),
        "Quorum 23 sur 44 (il en faut 23) : 21 titulaires et 2 suppléants présents ; "
        "4 pouvoirs non comptés (art. L2121-17 du CGCT)", id="tout est dit en une phrase"),
    pytest.param(quorum.assess(in_office=3, present=1, titulars=1, regime=SMO),
        "Quorum 1 sur 3 (il en faut 2) : 1 titulaire présent (statuts)",
        id="syndicat ouvert : les statuts"),
    pytest.param(quorum.assess(in_office=3, present=0, regime=EPCI),
        "Quorum 0 sur 3 (il en faut 2) (art. L2121-17 du CGCT)", id="personne"),
    pytest.param(
        quorum.assess(in_office=3, present=0, uncounted=["2 pouvoirs non comptés"], regime=EPCI),
        "Quorum 0 sur 3 (il en faut 2) : 2 pouvoirs non comptés (art. L2121-17 du CGCT)",
        id="personne que des pouvoirs"),
    pytest.param(
        quorum.assess(in_office=3, present=1, substitutes=1, regime=EPCI, second_call=True),
        "Quorum 1 sur 3 : 1 suppléant présent ; seconde convocation, sans "
        "condition de quorum (art. L2121-17 du CGCT)", id="seconde convocation (L2121-17)"),
    pytest.param(
        quorum.assess(
            in_office=3,
            present=3,
            titulars=1,
            proxies=2,
            regime=replace(SMO, quorum_counts_proxies=True),
        ), "Quorum 3 sur 3 (il en faut 2) : 1 titulaire présent et 2 pouvoirs comptés (statuts)",
        id="syndicat ouvert dont les statuts comptent les pouvoirs"),
    pytest.param(
        quorum.assess(
            in_office=12,
            present=11,
            titulars=1,
            substitutes=1,
            regime=replace(SMO, quorum_basis="voix"),
        ), "Quorum 11 voix sur 12 (il en faut 7) : 1 titulaire et 1 suppléant présents (statuts)",
        id="en voix"),
    pytest.param(
        quorum.assess(
            in_office=3,
            present=2,
            votes_in_office=12,
            votes_present=11,
            regime=replace(SMO, quorum_basis="tetes_et_voix"),
        ), "Quorum 2 sur 3 (il en faut 2), 11 voix sur 12 (il en faut 7) (statuts)",
        id="en têtes et en voix"),
])  # fmt: skip
def test_it_explains_itself(answer, sentence):
    assert str(answer).replace("\u00a0", " ") == sentence


def test_it_tells_who_is_counted_beside_its_figures():
    """« Quorum 3 sur 12 (il en faut 7) » was said beside « 3 / 12 » and « 7 requis »."""
    told = quorum.assess(in_office=12, present=3, titulars=2, substitutes=1, regime=SMO)
    assert told.counted == "2 titulaires et 1 suppléant présents (statuts)"
    again = quorum.assess(in_office=12, present=3, titulars=3, regime=SMO, second_call=True)
    assert again.counted.replace("\u00a0", " ") == (
        "3 titulaires présents ; seconde convocation (statuts)"
    )
    both = replace(SMO, quorum_basis="tetes_et_voix")
    votes = quorum.assess(in_office=3, present=2, votes_in_office=12, votes_present=11, regime=both)
    assert votes.counted == "11 voix sur 12 (il en faut 7) (statuts)"


@pytest.mark.parametrize(("changes", "words"), [
    pytest.param({}, "plus de la moitié des membres en exercice", id="droit commun"),
    pytest.param({"quorum_fraction": Fraction(1, 3)}, "plus du tiers des membres en exercice",
        id="tiers"),
    pytest.param(
        {"quorum_fraction": Fraction(2, 3), "quorum_strict": False, "quorum_basis": "voix"},
        "au moins les deux tiers des voix", id="deux tiers des voix"),
    pytest.param({"quorum_fraction": Fraction(2, 3)}, "plus des deux tiers des membres en exercice",
        id="plus des deux tiers"),
    pytest.param({"quorum_fraction": Fraction(1, 4)}, "plus du quart des membres en exercice",
        id="quart"),
    pytest.param({"quorum_fraction": Fraction(3, 4)},
        "plus des trois quarts des membres en exercice", id="trois quarts"),
    pytest.param({"quorum_fraction": Fraction(1, 5)}, "plus du cinquième des membres en exercice",
        id="cinquième"),
    pytest.param({"quorum_fraction": Fraction(3, 5)},
        "plus des trois cinquièmes des membres en exercice", id="trois cinquièmes"),
    pytest.param({"quorum_fraction": Fraction(1), "quorum_strict": False},
        "au moins la totalité des membres en exercice", id="tous"),
    pytest.param({"quorum_basis": "tetes_et_voix"},
        "plus de la moitié des membres en exercice et des voix", id="têtes et voix"),
    pytest.param({"quorum_fraction": Fraction(4, 7), "quorum_strict": False},
        "au moins 4/7 des membres en exercice", id="une fraction sans nom"),
])  # fmt: skip
def test_the_rule_in_words(changes, words):
    rules = replace(SMO, **changes)
    assert quorum.rule(rules) == words
    assert quorum.assess(in_office=3, present=2, regime=rules).rule == words
