"""Le récit d'une séance : qui est là, à quel moment, quel que soit l'ordre de la saisie.

Les phrases sont celles des procès-verbaux ; les événements sont donnés dans l'ordre où on les
tape. Sources: art. L2121-20, L2131-11, L1111-6 of the CGCT.
"""

import json
from dataclasses import replace
from datetime import date, datetime

import pytest

from law import codec, sitting
from law.assembly import Capacity, Composition, Member
from law.ballots import Ballot, Mode, Voice
from law.elections import Election, Round, Secrecy
from law.sitting import (
    Arrived,
    BallotHeld,
    BallotRequested,
    ChairTaken,
    Closed,
    CollegeSet,
    Composed,
    DoorsClosed,
    DoorsKeptOpen,
    DoorsOpened,
    ElectionHeld,
    Ending,
    Excused,
    Fate,
    FateNoted,
    Ground,
    Installed,
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
    Standing,
    State,
    Suspended,
    Vacated,
    Voided,
)
from tests.law.steps import calls
from tests.law.story import (
    AGENDA,
    COMITE,
    RULES,
    SMF,
    SMO,
    TITULARS,
    at,
    member,
    opening,
    replay,
    there,
    told,
)


def voters(*events, item="p2", agenda=AGENDA):
    """Who votes on an item: the seats, in order."""
    return sorted(voice.seat for voice in replay(*events, agenda=agenda).at_item[item].voices)


def vote(item):
    return BallotHeld(ballot=Ballot(item=item))


@pytest.mark.parametrize(("kind", "words"), [
    pytest.param(Ground, "interet_personnel organisme_exterieur comptes autre", id="déports"),
    pytest.param(Standing, "present represente supplee excuse absent", id="situations"),
    pytest.param(Ending, "demission deces remplacement", id="fins de mandat"),
    pytest.param(Fate,
        "prend_acte retire ajourne reporte avis_defavorable avis_favorable sans_vote",
        id="suites"),
])  # fmt: skip
def test_the_words_of_the_ledger_do_not_change(kind, words):
    assert [str(each) for each in kind] == words.split()


def test_what_is_not_told_is_empty():
    assert (Suspended().reason, Voided(target=1).reason, DoorsKeptOpen().requesters) == ("", "", 0)
    assert (PROXY.nth, FateNoted(item="p1", fate=Fate.TOOK_NOTE).note) == (1, "")
    state = State(composition=COMITE)
    assert (state.chair, state.elected_chair, state.item, state.usual_chair) == ("", "", "", "")
    assert (state.presiding, state.holder_of("elsa")) == ("", "")


THREE = opening("alice", "bruno", "claire")
ALL_THREE = ["alice", "bruno", "claire"]


# --- Where movements fall ---------------------------------------------------------------------


@pytest.mark.parametrize(("events", "before", "after"), [
    pytest.param((*THREE, Arrived(member="elsa", before="p2")), ALL_THREE, [*ALL_THREE, "elsa"],
        id="« Mme E. arrive avant l’examen du point 2 »"),
    pytest.param((*THREE, Left(member="bruno", before="p2")), ALL_THREE, ["alice", "claire"],
        id="« M. B. quitte la séance avant le point 2 »"),
    pytest.param((*THREE, vote("p1"), vote("p2"), Left(member="bruno", before="p2")), ALL_THREE,
        ["alice", "claire"], id="le départ est tapé après les votes"),
    pytest.param((Left(member="bruno", before="p2"), vote("p2"), *THREE), ALL_THREE,
        ["alice", "claire"], id="les présents sont tapés en dernier"),
    pytest.param((*THREE, Closed(at=at("20:00")), Left(member="bruno", before="p2")), ALL_THREE,
        ["alice", "claire"], id="le départ est tapé après la levée"),
    pytest.param((*THREE, Left(member="bruno", at=at("18:30")), vote("p1"), vote("p2")),
        ["alice", "claire"], ["alice", "claire"], id="parti à 18 h 30, noté avant le vote du 1"),
    pytest.param((*THREE, vote("p1"), Left(member="bruno", at=at("18:30")), vote("p2")),
        ALL_THREE, ["alice", "claire"], id="parti à 18 h 30, noté entre les votes du 1 et du 2"),
    pytest.param((*THREE, vote("p1"), Left(member="bruno"), vote("p2")),
        ALL_THREE, ["alice", "claire"], id="parti sans heure, noté entre deux votes"),
    pytest.param((*THREE, vote("p1"), vote("p2"), vote("p3"), Left(member="bruno")),
        ALL_THREE, ALL_THREE, id="parti sans heure, noté après le dernier vote"),
    pytest.param((*THREE, vote("p1"), Arrived(member="elsa", at=at("18:36")), vote("p2")),
        ALL_THREE, [*ALL_THREE, "elsa"], id="arrivée à 18 h 36, notée entre deux votes"),
    pytest.param((*THREE, *there("elsa"), vote("p1"), vote("p2"), Arrived(member="hugo")),
        [*ALL_THREE, "elsa"], [*ALL_THREE, "elsa"], id="pointée sans heure : dès l’appel"),
    pytest.param((*THREE, vote("p1"), Left(member="bruno", at=at("18:30")), vote("p2"),
        Voided(target=6), vote("p1")), ALL_THREE, ["alice", "claire"],
        id="le vote du 1, corrigé après coup, ne déplace pas le départ"),
    pytest.param((*THREE, vote("p1"), Left(member="claire", at=at("18:40"), before="p2"),
        vote("p2"), vote("p3"), Left(member="bruno", at=at("18:30"))),
        ALL_THREE, ["alice"], id="noté tard, son heure le range avant qui partit plus tard"),
    pytest.param((*THREE, Left(member="bruno", at=at("18:30"), before="p1"),
        Arrived(member="bruno", at=at("18:50")), vote("p2")), ["alice", "claire"], ALL_THREE,
        id="parti avant le point 1, revenu par l’heure seule"),
    pytest.param((*THREE, FateNoted(item="p3", fate=Fate.WITHDRAWN),
        Left(member="bruno", at=at("18:30")), vote("p1"), vote("p2")), ["alice", "claire"],
        ["alice", "claire"], id="un point retiré d’avance ne fait pas avancer la séance"),
    pytest.param((*THREE, Arrived(member="elsa", at=at("18:36"))), [*ALL_THREE, "elsa"],
        [*ALL_THREE, "elsa"], id="« Mme E. arrive à 18 h 36 », sans point : avant le premier"),
    pytest.param(
        (
            *THREE,
            ItemOpened(item="p1", at=at("17:40")),
            ItemOpened(item="p2", at=at("18:40")),
            Arrived(member="elsa", at=at("18:10")),
        ), ALL_THREE, [*ALL_THREE, "elsa"],
        id="les points ont leur heure : 18 h 10 est sous le point 1"),
    pytest.param((*THREE, ItemOpened(item="p1"), Left(member="bruno"), ItemOpened(item="p2")),
        ALL_THREE, ["alice", "claire"], id="en direct : il part pendant le point 1"),
    pytest.param((*THREE, ItemOpened(item="p1", at=at("18:00")), vote("p1"),
        Left(member="bruno", at=at("18:10")), Suspended(at=at("18:15")),
        Resumed(at=at("18:20")), ItemOpened(item="p2", at=at("18:30"))),
        ALL_THREE, ["alice", "claire"],
        id="en direct : sorti après le vote du point 1, repris sans autre vote"),
    pytest.param((*THREE, Left(member="bruno"), ItemOpened(item="p1"), ItemOpened(item="p2")),
        ["alice", "claire"], ["alice", "claire"], id="en direct : il part avant le premier point"),
    pytest.param((*THREE, Left(member="bruno", at=at("17:20"))), ["alice", "claire"],
        ["alice", "claire"], id="il part avant l’ouverture de 17 h 30"),
    pytest.param((*THREE, Left(member="bruno", at=at("17:30"))), ["alice", "claire"],
        ["alice", "claire"], id="il part à l’heure de l’ouverture"),
    pytest.param((*THREE, *there("elsa"), Installed(member="elsa", before="p2")), ALL_THREE,
        [*ALL_THREE, "elsa"], id="une déléguée est installée avant le point 2"),
    pytest.param((*THREE, Vacated(member="bruno", before="p2")), ALL_THREE, ["alice", "claire"],
        id="un délégué démissionne avant le point 2, et reste dans la salle"),
    pytest.param((*THREE, Left(member="bruno", before="p1"), Arrived(member="bruno", before="p2")),
        ["alice", "claire"], ALL_THREE, id="il revient au point 2"),
    pytest.param((Left(member="bruno"), *THREE, ItemOpened(item="p1"), ItemOpened(item="p2")),
        ALL_THREE, ALL_THREE, id="en direct : sorti, puis revenu avant l’ouverture"),
    pytest.param((*THREE, Arrived(member="elsa", at=at("18:50"), before="p2"),
        Left(member="elsa", at=at("18:20"), before="p2")), ALL_THREE, [*ALL_THREE, "elsa"],
        id="deux mouvements d’un point, notés à rebours"),
    pytest.param((*THREE, vote("p1"), Left(member="bruno"), Voided(target=6)),
        ["alice", "claire"], ["alice", "claire"],
        id="un vote annulé, et non repris, ne fait pas avancer la séance"),
    pytest.param((*THREE, vote("p1"), Left(member="claire", at=at("18:40"), before="p2"),
        vote("p2"), Left(member="bruno", at=at("18:50")), vote("p3")),
        ALL_THREE, ["alice", "bruno"], id="parti plus tard qu’une autre, noté après le vote du 2"),
    pytest.param((*THREE, vote("p1"), Left(member="claire", at=at("18:40"), before="p2"),
        vote("p2"), Left(member="bruno", at=at("18:40")), vote("p3")),
        ALL_THREE, ["alice", "bruno"], id="partis la même minute, notés au vote près"),
    pytest.param((*THREE, Left(member="claire", at=at("18:40"), before="p2"),
        Left(member="bruno", at=at("18:40")), vote("p1"), vote("p2")),
        ALL_THREE, ["alice"], id="partis ensemble : l’une avant le point 2, l’autre par l’heure"),
    pytest.param((*THREE, Left(member="claire", at=at("18:40"), before="p3"),
        Left(member="bruno", at=at("18:30")), vote("p1"), vote("p2")),
        ["alice", "claire"], ["alice", "claire"], id="qui part plus tard ne retient personne"),
    pytest.param((*THREE, vote("p1"), Left(member="claire", at=at("18:40")), vote("p2"),
        vote("p3"), Left(member="bruno", at=at("18:30"))), ALL_THREE, ["alice"],
        id="noté tard, il partit avant qui partit entre les votes du 1 et du 2"),
    pytest.param((*THREE, Left(member="bruno", before="p1"), vote("p1"),
        Arrived(member="bruno", at=at("18:50")), vote("p2")), ["alice", "claire"], ALL_THREE,
        id="parti avant le point 1, revenu après son vote"),
    pytest.param((*THREE, Left(member="bruno", before="p1"), vote("p1"),
        Arrived(member="bruno"), vote("p2")), ["alice", "claire"], ALL_THREE,
        id="parti avant le point 1, revenu sans heure après son vote"),
    pytest.param((*THREE, Left(member="bruno", at=at("18:30"), before="p1"),
        Arrived(member="bruno"), vote("p1"), vote("p2")), ["alice", "claire"], ALL_THREE,
        id="parti à 18 h 30 avant le point 1, revenu sans heure"),
    pytest.param((*THREE, Arrived(member="bruno", at=at("18:50"), before="p2"),
        Left(member="bruno", at=at("18:30")), vote("p1"), vote("p2")), ["alice", "claire"],
        ALL_THREE, id="son départ, noté après son retour, le précède"),
    pytest.param((*THREE, ItemOpened(item="p1", at=at("18:00")),
        ItemOpened(item="p2", at=at("18:40")), Left(member="bruno", at=at("18:30"), before="p2"),
        Arrived(member="bruno", at=at("18:30"))), ALL_THREE, ALL_THREE,
        id="en direct : revenu dans la minute"),
    pytest.param((*THREE, Left(member="bruno", before="p3"), Vacated(member="bruno"), vote("p1"),
        vote("p2")), ["alice", "claire"], ["alice", "claire"],
        id="son mandat finit quand on le dit, où qu’il parte ensuite"),
])  # fmt: skip
def test_movements(events, before, after):
    assert voters(*events, item="p1") == sorted(before)
    assert voters(*events, item="p2") == sorted(after)


def test_in_one_place_the_clock_comes_before_the_telling():
    story = replay(
        *THREE,
        Arrived(member="elsa", at=at("18:50"), before="p2"),
        Left(member="elsa", at=at("18:20"), before="p2"),
        Arrived(member="elsa", at=at("18:10"), before="p2"),
    )
    assert [event.at for event in story.events if event.before] == [
        at("18:10"),
        at("18:20"),
        at("18:50"),
    ]
    assert "elsa" in story.at_item["p2"].room


def test_whoever_arrives_before_the_opening_is_there_at_the_roll():
    story = replay(
        Opened(chair="alice", at=at("17:30")),
        Arrived(member="alice", at=at("17:20")),
        Arrived(member="bruno", at=at("17:30")),
        Arrived(member="claire", at=at("17:31")),
    )
    assert story.at_opening.room == {"alice", "bruno"}
    assert story.at_item["p1"].room == {"alice", "bruno", "claire"}


def test_whoever_leaves_during_an_item_does_not_vote_on_it():
    """The quorum is read when the item is opened (RQE 10690, 1994), voices at the vote."""
    story = replay(*THREE, ItemOpened(item="p1"), Left(member="bruno"), vote("p1"))
    (seq,) = story.at_ballot
    assert "bruno" in story.at_item["p1"].room
    assert "bruno" not in story.at_ballot[seq].room
    assert story.after_item["p1"].room == {"alice", "claire"}


def test_a_ballot_told_before_a_movement_of_its_item_is_not_touched_by_it():
    story = replay(*THREE, ItemOpened(item="p1"), vote("p1"), Left(member="bruno"))
    (seq,) = story.at_ballot
    assert "bruno" in story.at_ballot[seq].room


TEXT, AMENDMENT = vote("p1"), BallotHeld(ballot=Ballot(item="p1", question="amendement"))


@pytest.mark.parametrize(("events", "voters"), [
    pytest.param((AMENDMENT, Left(member="bruno"), TEXT), [3, 2],
        id="parti entre l’amendement et le texte"),
    pytest.param((AMENDMENT, Left(member="bruno"), FateNoted(item="p1", fate=Fate.TOOK_NOTE)),
        [3, 2], id="parti entre un vote et la mention qui clôt le point"),
    pytest.param((vote("p1"), Recused(member="claire", item="p2", at=at("18:40")), vote("p2"),
        vote("p3"), Left(member="bruno", at=at("18:30"))), [3, 2, 2],
        id="parti avant un retrait du point 2, noté tard : rien ne dit qu’il ne l’a pas voté"),
    pytest.param((replace(AMENDMENT, at=at("18:10")), replace(TEXT, at=at("18:15")),
        Recused(member="claire", item="p1", at=at("18:20"))), [2, 2],
        id="un retrait dit après le vote du texte est de tout le point"),
    pytest.param((replace(AMENDMENT, at=at("18:10")), Recused(member="claire", item="p1")), [2],
        id="un retrait sans heure est de tout le point"),
    pytest.param((AMENDMENT, Recused(member="claire", item="p1", at=at("18:20"))), [2],
        id="un amendement sans heure : le retrait est de tout le point"),
    pytest.param((ItemOpened(item="p1"), Left(member="bruno", at=at("18:05")), TEXT,
        Recused(member="claire", item="p1", at=at("18:10"))), [1],
        id="un départ n’est pas un vote : le retrait qui le suit vaut pour le point"),
    pytest.param((replace(AMENDMENT, at=at("18:10")),
        CollegeSet(item="p1", members=("alice", "bruno"), at=at("18:12")),
        replace(TEXT, at=at("18:15"))), [2, 2],
        id="ceux que le point concerne votent seuls tous ses votes (L5212-16)"),
])  # fmt: skip
def test_who_takes_part_in_each_vote(events, voters):
    states = replay(*THREE, *events).at_ballot
    assert [len(states[seq].voices) for seq in sorted(states)] == voters


def test_a_call_told_after_its_vote_is_when_the_quorum_of_that_vote_was_verified():
    story = replay(*THREE, vote("p1"), ItemOpened(item="p1"))
    (call,) = story.verified_by.values()
    assert isinstance(call, ItemOpened)


@pytest.mark.parametrize(("events", "order"), [
    pytest.param((), ("p1", "p2", "p3"), id="l’ordre du jour"),
    pytest.param((OrderSet(items=("p3", "p1", "p2")),), ("p3", "p1", "p2"),
        id="l’ordre est changé"),
    pytest.param((OrderSet(items=("p3",)),), ("p3", "p1", "p2"), id="le point 3 d’abord"),
    pytest.param((ItemOpened(item="p2"), ItemOpened(item="p1")), ("p2", "p1", "p3"),
        id="en direct : le 2 avant le 1"),
    pytest.param((ItemOpened(item="p3"),), ("p1", "p2", "p3"), id="un seul point a son heure"),
    pytest.param((ItemOpened(item="p3"), OrderSet(items=("p2", "p1", "p3"))), ("p2", "p1", "p3"),
        id="l’ordre décidé l’emporte"),
    pytest.param((ItemOpened(item="p9"),), ("p1", "p2", "p3", "p9"), id="un point ajouté"),
    pytest.param((ItemOpened(item="p9"), ItemOpened(item="p2"), ItemOpened(item="p1")),
        ("p2", "p1", "p3", "p9"), id="un point ajouté ne prend la place d’aucun autre"),
    pytest.param([ItemOpened(item=item) for item in ("p1", "p2", "p1", "p2", "p1")],
        ("p1", "p2", "p1", "p2", "p1", "p3"), id="un point rappelé deux fois après un autre"),
    pytest.param([ItemOpened(item=item) for item in ("p1", "p1", "p2")], ("p1", "p2", "p3"),
        id="un point rappelé alors qu’il est en discussion"),
])  # fmt: skip
def test_order_of_discussion(events, order):
    laid_out = sitting.lay_out(told(*THREE, *events), AGENDA)
    assert laid_out.order == order


# --- Seats and proxies ------------------------------------------------------------------------

SEAT = SeatTaken(substitute="gaelle", titular="claire")
PROXY = ProxyGiven(giver="elsa", holder="bruno")


@pytest.mark.parametrize(("events", "voices"), [
    pytest.param((*opening("alice", "gaelle"), SEAT), {"alice": "alice", "claire": "gaelle"},
        id="la suppléante siège pour sa titulaire"),
    pytest.param((*opening("alice", "gaelle"),), {"alice": "alice"},
        id="la suppléante est là et n’a pas pris le siège"),
    pytest.param((*opening("alice"), SEAT), {"alice": "alice"}, id="la suppléante n’est pas venue"),
    pytest.param((*opening("alice", "gaelle"), SEAT, Arrived(member="claire", before="p2")),
        {"alice": "alice", "claire": "claire"},
        id="la titulaire arrive : la suppléante n’écoute plus qu’elle"),
    pytest.param((*opening("alice", "gaelle", "claire"), SEAT, Left(member="claire", before="p2")),
        {"alice": "alice", "claire": "gaelle"},
        id="la titulaire part : la suppléante reprend le siège"),
    pytest.param(
        (*opening("alice", "gaelle"), SEAT, SeatReturned(substitute="gaelle", before="p2")),
        {"alice": "alice"}, id="la suppléante rend le siège"),
    pytest.param((*opening("alice", "bruno"), PROXY),
        {"alice": "alice", "bruno": "bruno", "elsa": "bruno"},
        id="le pouvoir vit tant que son porteur est là"),
    pytest.param((*opening("alice", "bruno"), PROXY, Left(member="bruno", before="p2")),
        {"alice": "alice"}, id="le porteur s’en va : le pouvoir dort"),
    pytest.param(
        (
            *opening("alice", "bruno"),
            PROXY,
            Left(member="bruno", before="p1"),
            Arrived(member="bruno", before="p2"),
        ), {"alice": "alice", "bruno": "bruno", "elsa": "bruno"},
        id="le porteur revient : le pouvoir revit"),
    pytest.param((*opening("alice", "bruno"), PROXY, Arrived(member="elsa", before="p2")),
        {"alice": "alice", "bruno": "bruno", "elsa": "elsa"},
        id="la mandante arrive : elle vote elle-même"),
    pytest.param((*opening("alice", "bruno"), PROXY, ProxyRevoked(giver="elsa", before="p2")),
        {"alice": "alice", "bruno": "bruno"}, id="le pouvoir est révoqué"),
    pytest.param((*opening("alice", "bruno"), PROXY, Recused(member="bruno", item="p2")),
        {"alice": "alice"}, id="le porteur se retire : il ne vote pas par pouvoir (L2131-11)"),
    pytest.param((*opening("alice", "bruno"), PROXY, Recused(member="elsa", item="p2")),
        {"alice": "alice", "bruno": "bruno"},
        id="la mandante est intéressée : son pouvoir ne sert pas à ce point"),
    pytest.param((*opening("alice", "bruno"), PROXY, Recused(member="bruno", item="p1")),
        {"alice": "alice", "bruno": "bruno", "elsa": "bruno"},
        id="le retrait ne vaut que pour son point"),
    pytest.param((*opening("alice", "bruno"), Recused(member="bruno", item="p2", before="p2")),
        {"alice": "alice"}, id="un retrait tapé devant son propre point est de ce point"),
    pytest.param((*opening("alice", "gaelle"), SEAT, ProxyGiven(giver="elsa", holder="gaelle")),
        {"alice": "alice", "claire": "gaelle", "elsa": "gaelle"},
        id="une suppléante qui siège porte un pouvoir (rép. min. 49337)"),
    pytest.param((*opening("alice", "gaelle"), ProxyGiven(giver="elsa", holder="gaelle")),
        {"alice": "alice"}, id="une suppléante qui ne siège pas ne porte rien"),
    pytest.param(
        (*opening("alice", "bruno", "gaelle"), SEAT, ProxyGiven(giver="claire", holder="bruno")),
        {"alice": "alice", "bruno": "bruno", "claire": "gaelle"},
        id="jamais deux votes pour un siège"),
    pytest.param((*opening("alice", "hugo"), ProxyGiven(giver="elsa", holder="hugo")),
        {"alice": "alice"}, id="une voix consultative ne vote ni ne porte"),
    pytest.param(
        (ProxyGiven(giver="elsa", holder="denis"), ProxyGiven(giver="denis", holder="elsa")), {},
        id="deux absents qui se sont donné pouvoir"),
    pytest.param((*opening("alice", "gaelle"), SEAT, Recused(member="claire", item="p2")),
        {"alice": "alice"}, id="la titulaire est intéressée : sa suppléante ne vote pas pour elle"),
    pytest.param((*opening("alice", "gaelle"), SEAT, Recused(member="gaelle", item="p2")),
        {"alice": "alice"}, id="la suppléante qui siège est intéressée"),
    pytest.param((*opening("alice", "bruno"), PROXY, Vacated(member="elsa", before="p2")),
        {"alice": "alice", "bruno": "bruno"}, id="le mandat de la mandante a pris fin"),
    pytest.param((*opening("alice", "bruno"), ProxyGiven(giver="hugo", holder="bruno")),
        {"alice": "alice", "bruno": "bruno"}, id="une voix consultative ne donne pas pouvoir"),
    pytest.param((*opening("alice"), ProxyGiven(giver="elsa")), {"alice": "alice", "elsa": ""},
        id="un vieux papier ne nomme pas le porteur : le pouvoir vote"),
])  # fmt: skip
def test_who_votes(events, voices):
    state = replay(*events).at_item["p2"]
    assert {voice.seat: voice.caster for voice in state.voices} == voices
    assert state.sitting == set(voices.values()) - {""}


def test_a_seat_weighs_the_same_whoever_votes_for_it():
    heavy = Composition(
        members=(member("lourd", weight=10), member("un"), replace(COMITE["gaelle"], replaces=""))
    )
    events = told(
        *there("un", "gaelle"),
        SeatTaken(substitute="gaelle", titular="lourd"),
    )
    state = sitting.replay(heavy, events).at_end
    assert set(state.voices) == {
        Voice(seat="lourd", caster="gaelle", weight=10),
        Voice(seat="un", caster="un"),
    }


@pytest.mark.parametrize(("events", "standing"), [
    pytest.param(THREE, Standing.ABSENT, id="absente"),
    pytest.param((*THREE, Excused(member="elsa")), Standing.EXCUSED, id="excusée"),
    pytest.param((*THREE, Excused(member="elsa"), PROXY), Standing.REPRESENTED, id="représentée"),
    pytest.param((*opening("alice"), Excused(member="elsa"), PROXY), Standing.EXCUSED,
        id="son porteur n’est pas venu"),
    pytest.param((*THREE, Arrived(member="elsa")), Standing.PRESENT, id="présente"),
])  # fmt: skip
def test_standing(events, standing):
    assert replay(*events).at_opening.standing("elsa") is standing


def test_whoever_left_is_neither_excused_any_more_nor_at_a_distance():
    came = (Excused(member="elsa"), Arrived(member="elsa", remote=True))
    assert replay(*THREE, *came).at_end.remote == {"elsa"}
    state = replay(*THREE, *came, Left(member="elsa", before="p2")).at_end
    assert (state.standing("elsa"), state.remote) == (Standing.ABSENT, frozenset())


def test_a_titular_whose_seat_is_taken_is_replaced():
    state = replay(*opening("alice", "gaelle"), SEAT).at_end
    assert state.standing("claire") is Standing.REPLACED
    assert state.standing("gaelle") is Standing.PRESENT


# --- Conduct ----------------------------------------------------------------------------------


def test_the_chair_of_one_item_gives_it_back():
    story = replay(*THREE, ChairTaken(member="bruno", item="p2"))
    chairs = [story.at_item[item].presiding for item in AGENDA]
    assert chairs == ["alice", "bruno", "alice"]


def test_the_chair_taken_before_the_opening_is_kept_by_an_opening_that_names_nobody():
    taken = ChairTaken(member="bruno", at=at("17:25"))
    story = replay(*there("bruno"), taken, Opened(at=at("17:30")))
    assert story.at_opening.chair == "bruno"


@pytest.mark.parametrize(("events", "rank"), [
    pytest.param((), -1, id="au début"),
    pytest.param((vote("p1"),), 1, id="après le vote du point 1"),
    pytest.param((vote("p1"), vote("p2"), vote("p3")), 3, id="après le dernier vote"),
])  # fmt: skip
def test_what_has_no_item_follows_the_last_vote_told(events, rank):
    story = (
        *THREE,
        *events,
        Suspended(at=at("19:00")),
        Suspended(),
        Arrived(member="elsa", at=at("19:00")),
    )
    groups = sitting.lay_out(told(*story), AGENDA).groups
    *_, timed, untimed, arrival = [
        next(place[0] for place, events in groups.items() if any(e.seq == seq for e in events))
        for seq in range(1, len(story) + 1)
    ]
    assert (timed, untimed, arrival) == (rank, rank, rank)


@pytest.mark.parametrize(("one", "other", "is_before"), [
    ("18:29:59", "18:30:00", True),
    ("18:30:00", "18:30:20", False),  # told to the minute, it may be its last second
    ("18:30:10", "18:30:20", True),
    ("18:30:20", "18:30:20", False),
    ("18:30:20", "18:30:00", False),
    ("18:30:00", "18:31:00", True),
    ("18:30:00.5", "18:30:00.9", True),
])  # fmt: skip
def test_which_hour_certainly_comes_before_another(one, other, is_before):
    assert sitting.is_before(*map(moment, (one, other))) is is_before


def moment(clock):
    return datetime.fromisoformat(f"2026-06-10T{clock}{'00000' if '.' in clock else ''}")


def test_hours_are_told_to_the_minute():
    assert sitting.to_the_minute(moment("18:30:59.9")) == at("18:30")


@pytest.mark.parametrize(("event", "item"), [
    pytest.param(Left(member="bruno"), None, id="rien ne le dit"),
    pytest.param(Left(member="bruno", before="p2"), "p2", id="avant un point"),
    pytest.param(Recused(member="bruno", item="p1", before="p2"), "p1", id="le sien"),
])  # fmt: skip
def test_the_item_of_an_event(event, item):
    assert sitting.anchor(event) == item


# --- The executive elected in the sitting -----------------------------------------------------


def elected(key, title, item):
    """This member is elected to this office of the executive."""
    return ElectionHeld(
        election=Election(
            item=item, title=title, secrecy=Secrecy.IMPOSED, rounds=(Round(votes={key: 4}),)
        )
    )


USUAL = {"alice": ("president", 0), "bruno": ("vice-president", 1), "denis": ("vice-president", 2)}
OTHERS = {key: USUAL[key] for key in ("alice", "denis")}
FARID = elected("farid", "Président", "p1")
CLAIRE = elected("claire", "vice-présidente", "p2")


def offices(composition):
    """The office and the rank of each member who has one or the other."""
    held = {m.key: (m.office, m.office_rank) for m in composition.members}
    return {key: office for key, office in held.items() if office != ("", 0)}


@pytest.mark.parametrize(("events", "at_start", "at_end"), [
    pytest.param((), USUAL, USUAL, id="personne n’est élu"),
    pytest.param((FARID,), USUAL, {"farid": ("president", 0)},
        id="un président : les vice-présidents n’ont plus de fonction (L2122-10)"),
    pytest.param((elected("bruno", "Président", "p1"),), OTHERS,
        {"bruno": ("president", 0)}, id="qui est élu ce soir n’avait rien au début"),
    pytest.param(
        (FARID, CLAIRE, elected("bruno", "vice-président", "p3")),
        OTHERS,
        {
            "farid": ("president", 0),
            "claire": ("vice-president", 1),
            "bruno": ("vice-president", 2),
        },
        id="puis deux vice-présidents, dans l’ordre de leur nomination (L2122-17)"),
    pytest.param((elected("elsa", "vice-présidente", "p2"),), USUAL,
        {**USUAL, "elsa": ("vice-president", 0)}, id="une vice-présidente de plus"),
    pytest.param((elected("elsa", "membre de la commission", "p2"),), USUAL, USUAL,
        id="une commission n’est pas l’exécutif"),
    pytest.param((FARID, CLAIRE, elected("elsa", "Présidente", "p3")),
        USUAL, {"elsa": ("president", 0)},
        id="une seconde élection du président défait les autres"),
])  # fmt: skip
def test_offices_are_those_held_at_that_moment(events, at_start, at_end):
    story = replay(*opening(*TITULARS), *events)
    for state, held in ((story.at_opening, at_start), (story.at_end, at_end)):
        assert offices(story.offices_at(state)) == held


def after(*rounds):
    """The president's election as it stands after these rounds."""
    return replace(FARID, election=replace(FARID.election, rounds=rounds))


FIRST, SECOND, THIRD = (Round(votes={"farid": votes, "elsa": 2}) for votes in (2, 3, 4))


@pytest.mark.parametrize(("lines", "rounds"), [
    pytest.param((after(FIRST),), [1], id="un tour"),
    pytest.param((after(FIRST), after(FIRST, SECOND)), [2], id="un tour, puis le suivant"),
    pytest.param((after(FIRST), after(FIRST, SECOND), after(FIRST, SECOND, THIRD)), [3],
        id="trois tours, notés l’un après l’autre"),
    pytest.param((after(FIRST, SECOND), after(FIRST)), [2, 1],
        id="une élection reprise depuis le début n’est pas un tour de la première"),
    pytest.param((after(FIRST), after(SECOND, THIRD)), [1, 2], id="d’autres tours, une autre"),
])  # fmt: skip
def test_an_election_told_round_after_round_is_one(lines, rounds):
    story = replay(*THREE, *lines)
    assert [len(election.rounds) for election in story.elections("p1")] == rounds
    assert len(story.told_again) == len(lines) - len(rounds)


def test_what_is_voted_on_an_item_is_its_own():
    story = replay(*THREE, TEXT, AMENDMENT, vote("p2"), FARID, CLAIRE)
    assert story.ballots("p1") == (TEXT.ballot, AMENDMENT.ballot)
    assert story.ballots("p2") == (Ballot(item="p2"),)
    assert (story.elections("p1"), story.elections("p2")) == ((FARID.election,), (CLAIRE.election,))
    assert (story.ballots("p3"), story.elections("p3")) == ((), ())


OPEN = Composed(composition=COMITE, regime=SMO)
BOTH = {key: USUAL[key] for key in ("bruno", "denis")}


@pytest.mark.parametrize(("events", "at_start", "at_end"), [
    pytest.param((FARID,), USUAL, {"farid": ("president", 0), **BOTH}, id="les autres restent"),
    pytest.param((elected("bruno", "Président", "p1"),), OTHERS,
        {"bruno": ("president", 0), "denis": USUAL["denis"]},
        id="un vice-président devient président"),
    pytest.param((FARID, CLAIRE), USUAL,
        {"farid": ("president", 0), **BOTH, "claire": ("vice-president", 0)},
        id="une vice-présidente de plus"),
])  # fmt: skip
def test_a_new_president_of_an_open_syndicate_ends_the_office_of_nobody_else(
    events, at_start, at_end
):
    """Art. L2122-10 binds EPCI and closed syndicates (art. L5211-2); here the statutes say it."""
    story = replay(OPEN, *opening(*TITULARS), *events)
    for state, held in ((story.at_opening, at_start), (story.at_end, at_end)):
        assert offices(story.offices_at(state)) == held
    assert {*story.at_end.officers} == {*at_end}
    assert story.at_end.officers[0] == story.at_end.president


def test_a_new_president_ends_no_office_but_those_of_the_executive():
    """Art. L2122-10 names the mayor and his deputies; a treasurer stays what he was."""
    members = (*COMITE.members[:2], member("farid", office="trésorier"), member("elsa"))
    elsa = elected("elsa", "Présidente", "p1")
    story = sitting.replay(Composition(members=members), told(*opening("farid", "elsa"), elsa))
    assert offices(story.offices_at(story.at_end)) == {
        "farid": ("trésorier", 0),
        "elsa": ("president", 0),
    }


CLOSED = Composed(composition=COMITE, regime=SMF)
TWO = (FARID, elected("bruno", "vice-président", "p2"))


@pytest.mark.parametrize(("before", "title", "special", "told"), [
    pytest.param((CLOSED, FARID), "vice-président", {}, "1er vice-président",
        id="le premier élu après le président"),
    pytest.param((CLOSED, FARID), "Vice-présidente", {}, "1re Vice-présidente", id="la première"),
    pytest.param((CLOSED, FARID), "adjointe", {}, "1re adjointe", id="la première adjointe"),
    pytest.param((CLOSED, *TWO), "vice-président", {}, "2e vice-président", id="le deuxième"),
    pytest.param((CLOSED, FARID), "2e vice-président", {}, "2e vice-président",
        id="le rang que dit déjà son titre"),
    pytest.param((CLOSED, FARID), "vice-président chargé des routes", {},
        "vice-président chargé des routes", id="un titre qui dit autre chose"),
    pytest.param((CLOSED, FARID), "Président", {}, "Président", id="un président"),
    pytest.param((CLOSED, FARID), "vice-président", {"seats": 2}, "vice-président",
        id="deux en une fois : aucun rang n’est celui des deux"),
    pytest.param((CLOSED, FARID), "vice-président", {"secrecy": Secrecy.WAIVED}, "vice-président",
        id="celui d’une commission, à main levée"),
    pytest.param((CLOSED,), "vice-président", {}, "vice-président",
        id="sans président élu ce soir, les autres restent"),
    pytest.param((OPEN, FARID), "vice-président", {}, "vice-président",
        id="où les autres restent, elle n’est la première de personne"),
])  # fmt: skip
def test_the_rank_of_a_vice_president_is_that_of_his_election(before, title, special, told):
    """Art. L2122-17: the order of nomination; his title tells it where nobody else keeps his."""
    (composed, *events) = before
    state = replay(composed, *opening(*TITULARS), *events).at_end
    election = replace(elected("claire", title, "p3").election, **special)
    assert sitting.ranked(election, state).title == told


@pytest.mark.parametrize(("events", "president", "officers"), [
    pytest.param((), "alice", ("alice", "bruno", "denis"), id="les mandats"),
    pytest.param((Vacated(member="alice"),), "", ("bruno", "denis"),
        id="la présidente démissionne"),
    pytest.param((FARID,), "farid", ("farid",), id="un président est élu"),
    pytest.param((FARID, elected("bruno", "vice-président", "p2"),
        elected("claire", "vice-présidente", "p3"), Vacated(member="bruno")), "farid",
        ("farid", "claire"), id="un vice-président élu démissionne"),
    pytest.param((FARID, Vacated(member="farid")), "", (), id="l’élu du soir démissionne"),
])  # fmt: skip
def test_who_presides_the_body_and_who_acts_for_him(events, president, officers):
    state = replay(*opening(*TITULARS), *events, Closed(at=at("20:00"))).at_end
    assert (state.president, state.officers) == (president, officers)


def test_the_chair_taken_for_good_is_kept():
    story = replay(*THREE, ChairTaken(member="bruno", before="p2"))
    chairs = [story.at_item[item].presiding for item in AGENDA]
    assert chairs == ["alice", "bruno", "bruno"]


OF_ITEM_1 = (
    Recused(member="claire", item="p1"),
    CollegeSet(item="p1", members=("alice", "bruno")),
    BallotRequested(item="p1", mode=Mode.SECRET, members=("alice", "bruno")),
    ChairTaken(member="bruno", item="p1"),
)


def of_the_item(state):
    """What is told for one item: withdrawals, college, requests and who asked, chair."""
    return state.recused, state.college, state.requests, state.asked, state.acting_chair


@pytest.mark.parametrize(("item", "found"), [
    pytest.param("p1", ({"claire": Ground.PERSONAL}, frozenset({"alice", "bruno"}),
        {Mode.SECRET: frozenset({"alice", "bruno"})}, {Mode.SECRET: (2, 2)}, "bruno"),
        id="rappelé, le point retrouve ce qui fut dit pour lui"),
    pytest.param("p2", ({}, None, {}, {}, ""), id="l’autre n’en hérite pas"),
])  # fmt: skip
def test_what_is_told_for_an_item_stays_with_it(item, found):
    calls = [ItemOpened(item=key) for key in ("p1", "p2", "p1")]
    story = replay(*THREE, calls[0], *OF_ITEM_1, *calls[1:], agenda=("p1", "p2"))
    assert of_the_item(story.at_item[item]) == found


def test_doors_and_suspension():
    story = replay(
        *THREE,
        DoorsClosed(before="p2"),
        DoorsOpened(before="p3"),
        Suspended(before="p3", at=at("19:00")),
        Resumed(before="p3", at=at("19:10")),
        Closed(at=at("20:00")),
    )
    assert [story.at_item[item].doors_closed for item in AGENDA] == [False, True, False]
    assert not story.at_item["p3"].suspended
    assert (story.at_end.is_open, story.at_end.closed_at) == (False, at("20:00"))


def test_the_last_fate_noted_counts():
    fates = (Fate.TOOK_NOTE, Fate.WITHDRAWN, Fate.POSTPONED)
    story = replay(*THREE, *(FateNoted(item="p1", fate=fate) for fate in fates))
    assert story.fate("p1").fate is Fate.POSTPONED
    assert story.fate("p2") is None


TAKES_IT, GIVES_IT_BACK = ChairTaken(member="alice"), ChairTaken(member="bruno", before="p3")


@pytest.mark.parametrize(("events", "who"), [
    pytest.param((), "", id="personne n’a présidé"),
    pytest.param(THREE, "alice", id="la présidente a présidé"),
    pytest.param((*THREE, ChairTaken(member="bruno", before="p2")), "alice",
        id="la présidente a ouvert, un autre a levé"),
    pytest.param(opening("alice", "bruno", chair="bruno"), "bruno", id="elle n’a pas présidé"),
    pytest.param((*opening("alice", "bruno", chair="bruno"), replace(TAKES_IT, before="p2")),
        "alice", id="elle est arrivée et a présidé la suite"),
    pytest.param((*opening("alice", "bruno", chair="bruno"), replace(TAKES_IT, before="p2"),
        GIVES_IT_BACK), "alice", id="elle n’a présidé qu’au milieu"),
    pytest.param((*opening("alice", "bruno", chair="bruno"), replace(TAKES_IT, item="p2")),
        "bruno", id="elle n’a présidé qu’un point"),
    pytest.param((*opening("bruno", "claire", chair="bruno"),
        ChairTaken(member="claire", before="p2")), "claire",
        id="sans elle, qui présidait à la fin"),
])  # fmt: skip
def test_the_minutes_are_signed_by_the_president_who_had_the_chair(events, who):
    """Art. L2121-15: the president of the sitting."""
    assert replay(*events).signing_chair == who


@pytest.mark.parametrize(("events", "who"), [
    pytest.param((), "alice", id="la présidente préside tout"),
    pytest.param((Recused(member="alice", item="p1", ground=Ground.ACCOUNTS),
        ChairTaken(member="bruno", item="p1", elected=True)), "bruno",
        id="élu pour présider les comptes"),
    pytest.param((Recused(member="alice", item="p1"), ChairTaken(member="bruno", item="p1")),
        "bruno", id="la présidente est intéressée à ce point"),
    pytest.param((ChairTaken(member="bruno", item="p2"),), "alice",
        id="un autre ne préside que le point d’après"),
])  # fmt: skip
def test_an_extract_is_signed_by_who_presided_its_item(events, who):
    """Art. L2121-23: its act is certified by who saw it voted."""
    vote = BallotHeld(ballot=Ballot(item="p1"))
    story = replay(*opening("alice", "bruno"), ItemOpened(item="p1"), *events, vote)
    assert story.extract_chairs["p1"] == who
    assert ("p1", COMITE[who].name) in story.signing
    assert story.signing_chair == "alice"


# --- Corrections ------------------------------------------------------------------------------


def test_a_voided_event_never_happened():
    wrong = replay(*THREE, Left(member="bruno", before="p1"), Voided(target=6))
    assert wrong == replay(*THREE)


def test_a_voided_voiding_no_longer_voids():
    story = replay(*THREE, Left(member="bruno", before="p1"), Voided(target=6), Voided(target=7))
    assert "bruno" not in story.at_item["p1"].room


@pytest.mark.parametrize(("links", "voided"), [
    pytest.param(1, True, id="annulé"),
    pytest.param(2, False, id="l’annulation est annulée"),
    pytest.param(3, True, id="et celle-ci aussi"),
    pytest.param(4, False, id="et encore"),
])  # fmt: skip
def test_chains_of_voidings(links, voided):
    events = told(Arrived(member="alice"), *(Voided(target=rank) for rank in range(1, links + 1)))
    assert (1 in sitting.voided_seqs(events)) is voided


def test_unknown_people_and_items_change_nothing_and_break_nothing():
    story = replay(
        *there("personne"),
        *THREE,
        ProxyGiven(giver="personne", holder="bruno"),
        SeatTaken(substitute="personne", titular="rien"),
        Left(member="bruno", before="p99"),
        vote("p98"),
    )
    assert [voice.seat for voice in story.at_item["p3"].voices] == ALL_THREE


def test_state_after_each_line_of_the_ledger():
    events = told(*THREE, Left(member="bruno", before="p1"))
    rooms = [
        sorted(sitting.replay(COMITE, events[:seq], AGENDA).at_end.room) for seq in range(1, 7)
    ]
    assert rooms == [
        ["alice"],
        ["alice", "bruno"],
        ALL_THREE,
        ALL_THREE,
        ALL_THREE,
        ["alice", "claire"],
    ]


@pytest.mark.parametrize("movements", [200, 800])
def test_a_large_assembly_is_replayed_at_once(movements):
    """300 members, 100 items, up to 2,000 events: each costs the same, however many before it."""
    members = tuple(member(f"m{rank}") for rank in range(300))
    agenda = tuple(f"p{rank}" for rank in range(100))
    events = told(
        *there(*(each.key for each in members)),
        Opened(chair="m0", at=at("17:30")),
        *(
            movement(member=f"m{rank % 300}", before=agenda[rank % 100])
            for rank in range(movements)
            for movement in (Left, Arrived)
        ),
        *(vote(item) for item in agenda),
    )
    stories = []
    composition = Composition(members=members)
    cost = calls(lambda: stories.append(sitting.replay(composition, events, agenda)))
    (story,) = stories
    assert sum(len(state.voices) for state in story.at_item.values()) > 0
    assert len(story.events) == 401 + 2 * movements
    assert cost < 100 * len(events)


@pytest.mark.parametrize(("there", "chair"), [
    pytest.param(("vp2", "vp1", "p"), "p", id="le président quand il est là"),
    pytest.param(("vp2", "vp1", "simple"), "vp1", id="sinon le premier vice-président présent"),
    pytest.param(("vp2", "simple"), "vp2", id="dans l’ordre de nomination (L2122-17)"),
    pytest.param(("simple",), "", id="personne sans fonction"),
])  # fmt: skip
def test_who_chairs_when_nothing_is_said(there, chair):
    offices = {"p": ("president", 0), "vp1": ("vice-president", 1), "vp2": ("vice-president", 2)}
    members = tuple(
        Member(
            key=key,
            civility="Mme",
            first_name="",
            last_name=key,
            office=offices.get(key, ("", 0))[0],
            office_rank=offices.get(key, ("", 0))[1],
        )
        for key in ("simple", "vp2", "vp1", "p")
    )
    state = State(composition=Composition(members=members), room=frozenset(there))
    assert state.usual_chair == chair


def _martin(key: str, **extra) -> Member:
    return Member(key=key, civility="M.", first_name="Jean", last_name="Martin", **extra)


_FAR = {"capacity": Capacity.SUBSTITUTE}


@pytest.mark.parametrize(("one", "other", "names"), [
    pytest.param({"community": "Ault"}, {"community": "Mers"},
        ["Jean MARTIN (Ault)", "Jean MARTIN (Mers)"], id="deux collectivités"),
    pytest.param({"community": "Ault"}, {"community": "Ault", **_FAR},
        ["Jean MARTIN (titulaire)", "Jean MARTIN (suppléant)"], id="un titulaire, un suppléant"),
    pytest.param({"constituency": "Ouest"}, {"constituency": "Est"},
        ["Jean MARTIN (Ouest)", "Jean MARTIN (Est)"], id="deux collèges"),
    pytest.param({}, {"office": "vice-president", "office_rank": 2},
        ["Jean MARTIN", "Jean MARTIN (vice-président)"], id="une fonction"),
    pytest.param({"born_on": date(1950, 1, 1)}, {}, ["Jean MARTIN (n° 1)", "Jean MARTIN (n° 2)"],
        id="rien d’autre : leur rang, jamais leur âge"),
])  # fmt: skip
def test_members_of_one_name_are_told_apart_by_the_least_that_does_it(one, other, names):
    twins = (_martin("jean-martin", **one), _martin("jean-martin-2", **other))
    composition = replace(COMITE, members=(*COMITE.members, *twins))
    assert [composition[each.key].name.replace("\u00a0", " ") for each in twins] == names
    assert composition["alice"].name == COMITE["alice"].name
    # It is stored nowhere, stays when offices change, and compares nothing.
    kind, payload = codec.dump(Composed(composition=composition, regime=RULES))
    assert "(" not in json.dumps(payload["composition"]["members"][-1])
    assert codec.load(kind, 1, payload).composition == composition
    elected = tuple(replace(each, office="") for each in composition.members)
    assert (
        replace(composition, members=elected)["jean-martin-2"].name
        == composition["jean-martin-2"].name
    )
