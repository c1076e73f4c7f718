"""Ce que des membres demandent : un scrutin public ou secret, le huis clos.

Sources: art. L2121-21 (scrutins), L5211-11 and L2121-18 (huis clos) of the CGCT; CE,
15 mai 1908.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import sentences, sitting, voting
from law.assembly import Composition
from law.ballots import Ballot, Choice, Mode
from law.sitting import (
    Arrived,
    BallotHeld,
    BallotRequested,
    CollegeSet,
    DoorsClosed,
    DoorsOpened,
    Opened,
    ProxyGiven,
    Recused,
)
from law.wording import Telling
from tests.law.story import (
    COMITE,
    EPCI,
    RULES,
    SMO,
    TITULARS,
    at,
    member,
    objections,
    opening,
    refusals,
    replay,
    told,
    warnings,
)
from tests.law.test_properties import quick, replayed, stories

ALL = opening(*TITULARS)  # six present: two ask for a public ballot, or for a secret one
REMOTE = replace(RULES, remote_allowed=True)


def ask(mode, *members, item="p1"):
    return BallotRequested(item=item, mode=mode, members=members)


def vote(mode=Mode.ORDINARY, item="p1", **ballot):
    if mode is Mode.SECRET:
        ballot = {"counts": {Choice.FOR: 6}} | ballot
    if mode is Mode.PUBLIC:
        ballot = {"choices": dict.fromkeys(TITULARS, Choice.FOR)} | ballot
    return BallotHeld(ballot=Ballot(item=item, mode=mode, **ballot))


PUBLIC = ask(Mode.PUBLIC, "bruno", "elsa")
SECRET = ask(Mode.SECRET, "denis", "farid")


@pytest.mark.parametrize(("events", "imposed"), [
    pytest.param(ALL, None, id="personne ne demande rien"),
    pytest.param((*ALL, PUBLIC), Mode.PUBLIC, id="deux sur six : plus du quart"),
    pytest.param((*ALL, ask(Mode.PUBLIC, "bruno")), None, id="un sur six : moins du quart"),
    pytest.param((*ALL, SECRET), Mode.SECRET, id="deux sur six : le tiers"),
    pytest.param((*ALL, ask(Mode.SECRET, "bruno")), None, id="un sur six : moins du tiers"),
    pytest.param((*ALL, ask(Mode.SECRET, "bruno"), SECRET), Mode.SECRET,
        id="une demande trop peu soutenue, puis une autre qui l’est assez"),
    pytest.param((*ALL, PUBLIC, SECRET), Mode.SECRET, id="demandés ensemble : le secret"),
    pytest.param((*ALL, SECRET, PUBLIC), Mode.SECRET, id="dans l’autre ordre : le secret"),
    pytest.param((*ALL, PUBLIC, ask(Mode.SECRET, "denis")), Mode.PUBLIC,
        id="le secret trop peu demandé laisse le public"),
    pytest.param((*opening("alice", "bruno", "claire", "denis", "farid"), PUBLIC), None,
        id="une absente ne demande rien : un sur cinq"),
    pytest.param(
        (
            *opening("alice", "bruno", "claire", "denis", "farid"),
            ProxyGiven(giver="elsa", holder="alice"),
            PUBLIC,
        ), None, id="une représentée non plus"),
    pytest.param((*ALL, Recused(member="elsa", item="p1"), PUBLIC), None,
        id="qui s’est retiré non plus : un sur cinq"),
    pytest.param((*ALL, Arrived(member="hugo"), ask(Mode.PUBLIC, "bruno", "hugo")), None,
        id="une voix consultative non plus"),
])  # fmt: skip
def test_imposed_mode(events, imposed):
    assert voting.imposed_mode(replay(*events).at_item["p1"], RULES) is imposed


def test_a_request_holds_for_its_item():
    story = replay(*ALL, SECRET)
    assert voting.imposed_mode(story.at_item["p2"], RULES) is None


@pytest.mark.parametrize(("new", "events", "refused"), [
    pytest.param(vote(), ALL, [], id="rien de demandé"),
    pytest.param(vote(), (*ALL, PUBLIC), [("public_demande", "mode")], id="main levée"),
    pytest.param(vote(Mode.PUBLIC), (*ALL, PUBLIC), [], id="le scrutin public demandé"),
    pytest.param(vote(), (*ALL, SECRET), [("secret_demande", "mode")], id="main levée, secret"),
    pytest.param(vote(Mode.PUBLIC), (*ALL, SECRET), [("secret_demande", "mode")],
        id="public, secret"),
    pytest.param(vote(Mode.PUBLIC), (*ALL, PUBLIC, SECRET), [("secret_demande", "mode")],
        id="les deux demandés : le secret l’emporte"),
    pytest.param(vote(Mode.SECRET), (*ALL, PUBLIC, SECRET), [], id="le secret, qui l’emporte"),
    pytest.param(vote(), (*ALL, ask(Mode.SECRET, "bruno")), [], id="une demande trop peu soutenue"),
    pytest.param(vote(item="p2"), (*ALL, SECRET), [], id="un autre point"),
    pytest.param(vote(question="amendement"), (*ALL, PUBLIC), [], id="un amendement"),
    pytest.param(PUBLIC, (*ALL, vote()), [("consequence_public_demande", "")],
        id="demandé après le vote"),
    pytest.param(ask(Mode.ORDINARY, "bruno"), ALL, [("demande_sans_objet", "mode")],
        id="main levée"),
    pytest.param(ask(Mode.PUBLIC), ALL, [("sans_demandeur", "members")], id="sans demandeur"),
    pytest.param(ask(Mode.PUBLIC, "bruno", "bruno", "zoe"), ALL,
        [("demandeur_en_double", "members"), ("personne_inconnue", "members")],
        id="deux fautes à la fois"),
    pytest.param(ask(Mode.PUBLIC, "denis", "elsa"), (*ALL, PUBLIC), [("deja_demande", "mode")],
        id="demandé deux fois"),
    pytest.param(SECRET, (*ALL, ask(Mode.SECRET, "bruno")), [],
        id="demandé de nouveau, la première demande étant trop peu soutenue"),
    pytest.param(ask(Mode.PUBLIC, "bruno", "elsa", item="p9"), ALL, [("point_inconnu", "item")],
        id="un point inconnu"),
])  # fmt: skip
def test_what_a_request_forbids(new, events, refused):
    assert refusals(new, *events) == refused


@pytest.mark.parametrize(("new", "events", "rules", "warned"), [
    pytest.param(ask(Mode.PUBLIC, "bruno"), ALL, RULES, ["demandeurs_insuffisants"], id="trop peu"),
    pytest.param(ask(Mode.SECRET, "bruno"), (*ALL, ask(Mode.SECRET, "denis")), RULES, [],
        id="qui s’y joint fait le tiers"),
    pytest.param(PUBLIC, opening("alice", "bruno", "claire", "denis", "farid"), RULES,
        ["demandeur_absent", "demandeurs_insuffisants"], id="une absente"),
    pytest.param(PUBLIC, ALL, RULES, [], id="assez"),
    pytest.param(PUBLIC, ALL, replace(RULES, public_ballot_fraction=Fraction(1, 2)),
        ["demandeurs_insuffisants"], id="les statuts demandent la moitié"),
    pytest.param(vote(Mode.SECRET), (*ALL, PUBLIC), RULES, ["public_demande"],
        id="secret non demandé"),
    pytest.param(vote(question="amendement"), (*ALL, PUBLIC), RULES, ["public_demande"],
        id="amendement"),
    pytest.param(SECRET,
        (*opening(*TITULARS[1:], chair="bruno"), Arrived(member="alice", remote=True)), REMOTE,
        ["secret_a_distance"], id="à distance, le point se reporte (L5211-11-1)"),
])  # fmt: skip
def test_what_deserves_a_look(new, events, rules, warned):
    assert warnings(new, *events, regime=rules) == warned


def test_a_warning_says_how_many_were_needed():
    fourteen = Composition(members=tuple(member(f"m{rank}") for rank in range(14)))
    events = [Arrived(member=f"m{rank}") for rank in range(14)]
    (finding,) = objections(
        ask(Mode.PUBLIC, "m1", "m2", "m3"),
        *events,
        Opened(chair="m0"),
        composition=fourteen,
    )
    assert finding.message.replace("\u00a0", " ") == (
        "3 membres demandent le scrutin public, sur 14 présents : il en fallait 4."
    )
    assert finding.article == "art. L2121-21 du CGCT"


# --- Sentences --------------------------------------------------------------------------------


def plain(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(("events", "event", "expected"), [
    pytest.param((*ALL, PUBLIC), PUBLIC,
        "À la demande de deux membres présents sur six, il est procédé au scrutin public.",
        id="public"),
    pytest.param((*ALL, PUBLIC, SECRET), SECRET,
        "À la demande de deux membres présents sur six, il est procédé au scrutin secret.",
        id="secret"),
    pytest.param((*ALL, PUBLIC, SECRET), PUBLIC,
        "Deux membres présents sur six demandent le scrutin public ; le scrutin secret, demandé "
        "aussi, l’emporte.", id="le secret l’emporte"),
    pytest.param((*ALL, ask(Mode.PUBLIC, "bruno")), ask(Mode.PUBLIC, "bruno"),
        "Un membre présent sur six demande le scrutin public ; il en fallait deux.",
        id="trop peu"),
])  # fmt: skip
def test_what_a_request_leads_to(events, event, expected):
    assert plain(sentences.request(event, replay(*events).at_item["p1"], RULES)) == expected


def test_a_request_alone_says_only_what_is_certain():
    assert plain(Telling(composition=COMITE).movement(PUBLIC)) == (
        "Deux membres présents demandent le scrutin public."
    )
    state = replay(*ALL).at_item["p1"]
    assert plain(Telling(composition=COMITE, before=state).movement(PUBLIC)) == (
        "Deux membres présents sur six demandent le scrutin public."
    )


# --- Closed doors -----------------------------------------------------------------------------

# Eleven present, three represented.
HALL = Composition(members=tuple(member(f"m{rank}") for rank in range(14)))
ROOM = (
    *(Arrived(member=f"m{rank}") for rank in range(11)),
    *(ProxyGiven(giver=f"m{rank}", holder=f"m{rank - 11}") for rank in range(11, 14)),
    Opened(chair="m0", at=at("17:30")),
)


def closing_doors(options, *events, rules=EPCI, composition=HALL):
    return objections(DoorsClosed(**options), *ROOM, *events, regime=rules, composition=composition)


@pytest.mark.parametrize(("options", "rules", "found"), [
    pytest.param({}, EPCI, [("huis_clos_sans_vote", "avertissement")],
        id="le papier n’en dit rien"),
    pytest.param({"votes_for": 8}, EPCI, [], id="11 présents et 3 représentés : 8 voix"),
    pytest.param({"votes_for": 7}, EPCI, [("huis_clos_refuse", "refus")],
        id="7 pour, 2 contre, 5 abstentions : refusé"),
    pytest.param({"votes_for": 14}, EPCI, [], id="tous"),
    pytest.param({"votes_for": 15}, EPCI, [("trop_de_voix", "refus")], id="15 voix sur 14"),
    pytest.param({"votes_for": 0}, EPCI, [("huis_clos_refuse", "refus")], id="aucune voix"),
    pytest.param({"votes_for": -1}, EPCI, [("trop_de_voix", "refus")], id="moins d’une voix"),
    pytest.param({"requesters": 5, "votes_for": 8}, EPCI, [], id="cinq membres (L5211-11)"),
    pytest.param({"requesters": 4, "votes_for": 8}, EPCI, [("huis_clos_peu_demande", "refus")],
        id="quatre"),
    pytest.param({"requesters": 3, "votes_for": 8}, replace(EPCI, closed_doors_requesters=3), [],
        id="trois dans une commune (L2121-18)"),
    pytest.param({"requesters": 12, "votes_for": 8}, EPCI, [("demandeurs_impossibles", "refus")],
        id="plus que présents"),
    pytest.param({"requesters": -1, "votes_for": 8}, EPCI,
        [("demandeurs_impossibles", "refus")], id="moins d’un"),
    pytest.param({"requesters": 2, "votes_for": 7}, EPCI,
        [("huis_clos_peu_demande", "refus"), ("huis_clos_refuse", "refus")],
        id="peu demandé et refusé"),
])  # fmt: skip
def test_closed_doors(options, rules, found):
    findings = closing_doors(options, rules=rules)
    assert [(each.code, each.severity.value) for each in findings] == found


def test_the_refusal_gives_the_count():
    (finding,) = closing_doors({"votes_for": 7})
    assert plain(finding.message) == (
        "Le huis clos n’est pas décidé : 7 voix pour, de 11 présents et 3 représentés ; il en "
        "faut 8."
    )
    assert finding.article == "art. L5211-11 du CGCT"


def test_what_is_counted_is_said_where_votes_are_weighed():
    heavy = replace(HALL, members=tuple(replace(each, weight=2) for each in HALL.members))
    weighed = replace(EPCI, weighted_votes=True)
    found = closing_doors({"votes_for": 7}, rules=weighed, composition=heavy)
    (told,) = (each.message for each in found if each.code == "huis_clos_refuse")
    assert "7 voix pour, de 22 voix présentes et 6 représentées" in plain(told)


def test_everybody_decides_of_closed_doors_even_on_a_restricted_item():
    college = CollegeSet(item="p1", members=("m1",))
    item = sitting.ItemOpened(item="p1")
    assert closing_doors({"votes_for": 8}, item, college) == ()
    (finding,) = closing_doors({"votes_for": 7}, item, college)
    assert finding.code == "huis_clos_refuse"


def test_doors_are_closed_once():
    assert refusals(DoorsClosed(), *ALL, DoorsClosed()) == [("deja_huis_clos", "")]
    assert refusals(DoorsOpened(), *ALL) == [("pas_huis_clos", "")]


@pytest.mark.parametrize(("options", "expected"), [
    pytest.param({}, "La séance se poursuit à huis clos.", id="rien n’est dit"),
    pytest.param({"requesters": 5, "votes_for": 9, "at": at("18:30")},
        "À la demande de cinq membres, l’assemblée décide, par 9 voix pour, de siéger à huis "
        "clos à compter de 18 h 30.", id="la demande, le vote, l’heure"),
])  # fmt: skip
def test_closed_doors_in_the_minutes(options, expected):
    assert plain(Telling(composition=COMITE).movement(DoorsClosed(**options))) == expected


# --- Whatever the sitting ---------------------------------------------------------------------


@quick
@given(stories, st.sets(st.sampled_from(TITULARS), min_size=1))
def test_one_more_requester_never_undoes_a_request(drawn, members):
    fewer = tuple(sorted(members))[1:]
    seq = len(drawn) + 1

    def imposed(asking):
        event = replace(ask(Mode.SECRET, *asking, item="p2"), seq=seq)
        return voting.imposed_mode(replayed((*drawn, event)).at_item["p2"], SMO)

    if fewer and imposed(fewer) is Mode.SECRET:
        assert imposed(tuple(members)) is Mode.SECRET


def test_a_voided_request_imposes_nothing():
    events = told(*ALL, SECRET)
    voided = (*events, sitting.Voided(seq=len(events) + 1, target=len(events)))
    assert voting.imposed_mode(replayed(voided).at_item["p1"], RULES) is None
