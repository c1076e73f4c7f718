"""Le registre en JSON : aller et retour exacts, lecture méfiante, chaîne des empreintes."""

import json
from datetime import date, datetime
from fractions import Fraction

import pytest

from law import codec
from law.acts import Nature
from law.ballots import Ballot, Base, Choice, Majority, Mode
from law.elections import Candidate, Election, Method, Round
from law.findings import Refused
from law.sitting import (
    ActTaken,
    Arrived,
    BallotHeld,
    BallotRequested,
    ChairTaken,
    ClerksNamed,
    Closed,
    CollegeSet,
    Composed,
    DoorsClosed,
    ElectionHeld,
    Event,
    Fate,
    FateNoted,
    Ground,
    Opened,
    ProxyGiven,
    Recused,
    Voided,
)
from tests.law.story import COMITE, SMO, at

EVENTS = [
    pytest.param(Composed(seq=1, composition=COMITE, regime=SMO), id="composition et règles"),
    pytest.param(Opened(seq=2, chair="alice", at=at("17:30")), id="ouverture"),
    pytest.param(Arrived(seq=3, member="bruno", remote=True, before="p2"), id="arrivée à distance"),
    pytest.param(
        ProxyGiven(seq=4, giver="elsa", holder="denis", written_on=date(2026, 6, 1), nth=2),
        id="pouvoir",
    ),
    pytest.param(Recused(seq=5, member="bruno", item="p1", ground=Ground.ACCOUNTS), id="retrait"),
    pytest.param(ChairTaken(seq=6, member="bruno", item="p1"), id="présidence d’un point"),
    pytest.param(ClerksNamed(seq=7, clerks=("bruno", "elsa")), id="secrétaires"),
    pytest.param(DoorsClosed(seq=8), id="huis clos"),
    pytest.param(DoorsClosed(seq=8, requesters=5, votes_for=8), id="huis clos demandé et voté"),
    pytest.param(CollegeSet(seq=8, item="p1", members=("bruno", "farid")), id="point à la carte"),
    pytest.param(
        BallotRequested(seq=8, item="p1", mode=Mode.SECRET, members=("bruno",)),
        id="scrutin demandé",
    ),
    pytest.param(
        BallotHeld(
            seq=9,
            ballot=Ballot(
                item="p1",
                question="amendement de M. Besson",
                mode=Mode.PUBLIC,
                choices={"alice": Choice.FOR, "bruno": Choice.NOT_VOTING},
                counts={Choice.ABSTAIN: 2},
                majority=Majority(fraction=Fraction(2, 3), base=Base.COMPOSING, strict=False),
                stated="adopté à l’unanimité",
            ),
        ),
        id="scrutin",
    ),
    pytest.param(
        ElectionHeld(
            seq=13,
            election=Election(
                item="p3",
                title="président",
                method=Method.BY_NAME,
                candidates=(Candidate(key="alice", born_on=date(1961, 2, 3)),),
                rounds=(Round(votes={"alice": 4}, blank=1, voters=5),),
                tellers=("elsa",),
            ),
        ),
        id="élection",
    ),
    pytest.param(FateNoted(seq=10, item="p2", fate=Fate.POSTPONED, note="au prochain"), id="suite"),
    pytest.param(Closed(seq=11, at=datetime(2026, 6, 11, 0, 5), for_want_of_quorum=True), id="fin"),
    pytest.param(
        ActTaken(
            seq=14,
            item="acte",
            author="alice",
            on=date(2026, 6, 12),
            nature=Nature.RULE,
            source="la délibération n° 3 du 12 mai 2026 portant délégation",
            delegated_on=date(2026, 5, 12),
            subject="Marchés publics",
        ),
        id="acte pris seul",
    ),
    pytest.param(Voided(seq=12, target=3, reason="erreur de frappe"), id="annulation"),
]


@pytest.mark.parametrize("event", EVENTS)
def test_what_is_written_is_read_again(event):
    kind, payload = codec.dump(event)
    assert codec.load(kind, event.seq, json.loads(json.dumps(payload))) == event


def test_defaults_are_left_out():
    arrival = Arrived(seq=3, member="philippe-varlet", at=datetime(2016, 11, 16, 17, 30))
    assert codec.dump(arrival) == (
        "arrived",
        {"member": "philippe-varlet", "at": "2016-11-16T17:30"},
    )


def test_a_ledger_written_before_the_vote_was_kept_is_still_read():
    assert codec.load("doors_closed", 4, {"at": "2016-11-16T18:00"}) == DoorsClosed(
        seq=4, at=datetime(2016, 11, 16, 18)
    )


def test_every_event_has_a_kind():
    told = {each.__name__ for each in Event.__subclasses__()}
    assert {each.__name__ for each in codec.KINDS.values()} == told
    assert {"opened", "seat_taken", "ballot_held", "voided"} <= codec.KINDS.keys()


@pytest.mark.parametrize(("kind", "payload", "paths"), [
    pytest.param("fiesta", {}, ["kind"], id="nature inconnue"),
    pytest.param("arrived", {}, ["member"], id="champ manquant"),
    pytest.param("arrived", {"member": "a", "colour": 1}, ["colour"], id="champ inconnu"),
    pytest.param("arrived", {"member": "a", "seq": 4}, ["seq"], id="le rang n’y est pas"),
    pytest.param("arrived", {"member": 4}, ["member"], id="nombre au lieu d’un texte"),
    pytest.param("arrived", {"member": "a\x00"}, ["member"], id="caractère nul"),
    pytest.param("arrived", {"member": "a", "remote": 1}, ["remote"], id="1 n’est pas oui"),
    pytest.param("arrived", [], [""], id="liste au lieu d’un objet"),
    pytest.param("arrived", None, [""], id="rien"),
    pytest.param("arrived", {"member": "a", "at": "17:30"}, ["at"], id="heure sans date"),
    pytest.param("arrived", {"member": "a", "at": "2026-02-30T10:00"}, ["at"], id="30 février"),
    pytest.param("arrived", {"member": "a", "at": "2026-06-10T10:00+02:00"}, ["at"],
        id="fuseau horaire"),
    pytest.param("proxy_given", {"giver": "a", "holder": "b", "written_on": "20260610"},
        ["written_on"], id="date sans tirets"),
    pytest.param("proxy_given", {"giver": "a", "holder": "b", "nth": True}, ["nth"],
        id="oui n’est pas 1"),
    pytest.param("proxy_given", {"nth": 1.5, "written_on": "hier"}, ["giver", "written_on", "nth"],
        id="trois fautes à la fois"),
    pytest.param("ballot_requested", {"item": "p1", "mode": "ordinateur", "members": "bruno"},
        ["mode", "members"], id="scrutin inconnu demandé par un texte"),
    pytest.param("doors_closed", {"requesters": None, "votes_for": "8"},
        ["requesters", "votes_for"], id="huis clos : voix en texte"),
    pytest.param("clerks_named", {"clerks": "bruno"}, ["clerks"], id="texte au lieu de liste"),
    pytest.param("clerks_named", {"clerks": ["a", 2]}, ["clerks[1]"], id="second secrétaire"),
    pytest.param("recused", {"member": "a", "item": "p", "ground": "x"}, ["ground"],
        id="motif inconnu"),
    pytest.param("ballot_held", {"ballot": {}}, ["ballot.item"], id="scrutin sans point"),
    pytest.param("ballot_held",
        {"ballot": {"item": "p", "choices": {"alice": "peut-être"}, "counts": {"pour": "2"}}},
        ["ballot.choices.alice", "ballot.counts.pour"], id="vote inconnu et voix en texte"),
    pytest.param("ballot_held", {"ballot": {"item": "p", "counts": {"peut-être": 2}}},
        ["ballot.counts.peut-être"], id="clé inconnue"),
    pytest.param("ballot_held", {"ballot": {"item": "p", "majority": {"fraction": "1/0"}}},
        ["ballot.majority.fraction"], id="division par zéro"),
])  # fmt: skip
def test_nothing_is_trusted(kind, payload, paths):
    with pytest.raises(Refused) as refusal:
        codec.load(kind, 1, payload)
    assert [finding.field for finding in refusal.value.findings] == paths


def test_faults_deep_inside_a_composition_have_their_path():
    kind, payload = codec.dump(Composed(composition=COMITE, regime=SMO))
    payload = json.loads(json.dumps(payload))
    del payload["composition"]["members"][3]["last_name"]
    payload["composition"]["members"][4]["weight"] = "deux"
    payload["composition"]["constituencies"][0]["seats"] = None
    payload["regime"]["quorum_fraction"] = "2"
    with pytest.raises(Refused) as refusal:
        codec.load(kind, 1, payload)
    assert {finding.field for finding in refusal.value.findings} == {
        "composition.members[3].last_name",
        "composition.members[4].weight",
        "composition.constituencies[0].seats",
        "regime.quorum_fraction",
    }


LINE = ("", 1, "arrived", {"member": "alice", "before": "p1"}, "2026-06-10T17:30:00+00:00", "3")


def test_the_chain_does_not_depend_on_the_order_of_keys():
    swapped = dict(reversed(LINE[3].items()))
    assert codec.chain(*LINE) == codec.chain(*LINE[:3], swapped, *LINE[4:])


@pytest.mark.parametrize(("place", "value"), [
    pytest.param(0, "f" * 64, id="une autre ligne avant"),
    pytest.param(1, 2, id="un autre rang"),
    pytest.param(2, "left", id="une autre nature"),
    pytest.param(3, {"member": "bruno", "before": "p1"}, id="une autre personne"),
    pytest.param(4, "2026-06-10T17:31:00+00:00", id="une autre heure"),
    pytest.param(5, "4", id="une autre main"),
])  # fmt: skip
def test_altering_anything_breaks_the_chain(place, value):
    line = list(LINE)
    line[place] = value
    assert codec.chain(*line) != codec.chain(*LINE)
