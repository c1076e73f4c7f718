"""Items that concern part of the members, requests for a ballot, closed doors, votes en bloc."""

import pytest

from law import sitting
from law.ballots import Ballot, Mode
from law.findings import Refused
from meetings import reading
from meetings.actions import decisions, items, ledger
from meetings.models import Ballot as BallotRow
from tests.meetings.conftest import post

BRUNO, ELSA = "bruno-besson", "elsa-evrard"


@pytest.mark.parametrize(
    ("group", "of"),
    [
        pytest.param("community", BRUNO, id="une collectivité"),
        pytest.param("constituency", "denis-duval", id="un collège entier"),
    ],
)
def test_an_item_is_voted_by_those_it_concerns_and_the_chair(held, secretary, group, of):
    composition = held.basis.composition
    chosen = getattr(composition[of], group)
    concerned = {m.key for m in composition.titulars if getattr(m, group) == chosen}
    assert post(secretary, held, "college_set", item="p1", members=[chosen]).status_code == 302
    seats = {voice.seat for voice in held.sitting.at_item["p1"].voices}
    assert seats == concerned | {"alice-arnaud"}
    assert "Point à la carte" in secretary.get(f"/seances/{held.pk}/presences/").text
    again = post(secretary, held, "college_set", item="p1", members=[chosen])
    assert again.status_code == 422
    assert "déjà enregistré" in again.context["form"].errors["members"][0]


def test_enough_requesters_choose_the_ballot_fewer_are_told_how_many_were_needed(held, secretary):
    asked = {"item": "p1", "mode": "public", "members": [BRUNO]}
    url = f"/seances/{held.pk}/mouvements/ballot_requested/"
    assert "il en fallait 2" in secretary.post(url, asked, follow=True).text
    page = secretary.get(f"/seances/{held.pk}/points/p1/")
    assert page.context["ballot"]["mode"].value() == "ordinaire"
    asked |= {"mode": "secret", "members": [BRUNO, ELSA]}
    assert secretary.post(url, asked).status_code == 302
    page = secretary.get(f"/seances/{held.pk}/points/p1/")
    assert page.context["ballot"]["mode"].value() == "secret"
    by_hand = secretary.post(f"/seances/{held.pk}/points/p1/unanimite/")
    assert by_hand.status_code == 302  # typed afterwards, it is told, and what is wrong with it
    assert "de droit" in secretary.get(by_hand.url).text


def test_closed_doors_are_voted_and_the_ledger_tells_it(held, by, secretary):
    refused = post(secretary, held, "doors_closed", requesters="5", votes_for="7", item="p1")
    assert refused.status_code == 422
    assert "6 au plus" in refused.context["form"].errors["votes_for"][0]
    # Too few wanted it: papers would say that it was decided, and the public read nothing.
    undecided = post(secretary, held, "doors_closed", requesters="5", votes_for="2")
    assert undecided.status_code == 422
    assert "Un huis clos refusé" in undecided.context["form"].errors["votes_for"][0]
    assert not held.events.filter(kind="doors_closed").exists()
    closed = post(secretary, held, "doors_closed", requesters="5", votes_for="4")
    assert closed.status_code == 302
    (event,) = held.sitting.of_kind(sitting.DoorsClosed)
    assert reading.telling(held).line(event) == "demandé par 5 membres, 4 voix pour"
    # The ledger tells them.
    events = [
        sitting.CollegeSet(item="p1", members=(BRUNO, ELSA)),
        sitting.BallotRequested(item="p1", mode=Mode.PUBLIC, members=(BRUNO,)),
    ]
    ledger.record(held, *events, by=by)
    assert [reading.telling(held).line(event).replace("\u00a0", " ") for event in events] == [
        "2 sièges concernés par « Budget primitif »",
        "public, pour « Budget primitif », par Bruno BESSON",
    ]
    assert secretary.get(f"/seances/{held.pk}/registre/").status_code == 200


# --- En bloc ----------------------------------------------------------------------------------


@pytest.fixture
def three(held, by):
    """Three deliberations that await a vote, a section and an election."""
    items.add_item(held, title="Tarifs", by=by)
    items.add_item(held, title="Marché de fibre", by=by)
    items.add_item(held, title="Élections", kind="section", by=by)
    items.add_item(held, title="Vice-président", kind="election", by=by)
    return held


def adopt_all(client, meeting):
    return client.post(f"/seances/{meeting.pk}/ordre-du-jour/adopter/")


def test_what_awaits_a_vote_is_adopted_at_once(three, secretary):
    assert "Adopter en bloc les 3 points qui attendent" in (
        secretary.get(f"/seances/{three.pk}/ordre-du-jour/").text
    )
    assert adopt_all(secretary, three).status_code == 302
    assert BallotRow.objects.filter(verdict="adopte").count() == 3
    assert "Adopter en bloc" not in secretary.get(f"/seances/{three.pk}/ordre-du-jour/").text
    before = three.events.count()
    assert adopt_all(secretary, three).status_code == 302  # twice: nothing is left
    assert three.events.count() == before


def test_no_vote_is_offered_before_the_sitting_is_open(bureau, three, secretary, by):
    for meeting, offered in ((bureau, False), (three, True)):
        point = meeting.items.first() or items.add_item(meeting, title="Budget", by=by)
        agenda = secretary.get(f"/seances/{meeting.pk}/ordre-du-jour/").text
        assert ("À l’unanimité" in agenda) is ("attend une décision" in agenda) is offered
        page = secretary.get(f"/seances/{meeting.pk}/points/{point.key}/").text
        assert ("Adopté à l’unanimité" in page) is ("Sans vote" in page) is offered
        assert ("une fois <a" in page) is not offered


QUORUM_LOST = [
    sitting.Left(member=key, before="p2") for key in (BRUNO, "claire-caron", "denis-duval")
]
SECRET = sitting.BallotRequested(item="p3", mode=Mode.SECRET, members=(BRUNO, ELSA))


@pytest.mark.parametrize(
    ("events", "told"),
    [
        pytest.param(QUORUM_LOST, "2 Tarifs", id="le quorum manque à un point"),
        pytest.param([SECRET], "3 Marché de fibre", id="un scrutin secret est demandé"),
    ],
)
def test_one_objection_refuses_all(three, by, secretary, events, told):
    ledger.record(three, *events, by=by)
    before = three.events.count()
    answer = adopt_all(secretary, three)
    assert answer.status_code == 409 and told in answer.text
    assert three.events.count() == before
    assert not BallotRow.objects.exists()


def test_a_withdrawn_item_awaits_no_more_and_objects_when_it_is_given_by_hand(three, by, secretary):
    decisions.note_fate(three, item="p2", fate="retire", by=by)
    for keys, said in ((("p1", "p2"), "Tarifs"), (("p1", "p1"), "déjà été enregistré")):
        with pytest.raises(Refused, match=said):
            decisions.hold_ballots(three, ballots=[Ballot(item=key) for key in keys], by=by)
    assert not BallotRow.objects.exists()
    assert adopt_all(secretary, three).status_code == 302
    assert BallotRow.objects.count() == 2
