"""Items that concern part of the members, requests for a ballot, closed doors, votes en bloc."""

import pytest

from law import sitting
from law.ballots import Ballot, Mode
from law.findings import Refused
from meetings import reading
from meetings.actions import decisions, items, ledger
from meetings.models import Ballot as BallotRow


def post(client, meeting, kind, **data):
    return client.post(f"/seances/{meeting.pk}/mouvements/{kind}/", data)


def seats_at(meeting, key="p1"):
    meeting.forget()
    return {voice.seat for voice in meeting.sitting.at_item[key].voices}


def community_of(meeting, key):
    return meeting.basis.composition[key].community


def test_an_item_of_one_community_is_voted_by_its_delegates_and_the_chair(held, secretary):
    community = community_of(held, "bruno-besson")
    concerned = {m.key for m in held.basis.composition.titulars if m.community == community}
    answer = post(secretary, held, "college_set", item="p1", members=[community])
    assert answer.status_code == 302
    assert seats_at(held) == concerned | {"alice-arnaud"}
    page = secretary.get(f"/seances/{held.pk}/presences/")
    assert "Point à la carte" in page.text


def test_a_constituency_may_be_chosen_whole(held, secretary):
    college = held.basis.composition["denis-duval"].constituency
    concerned = {m.key for m in held.basis.composition.titulars if m.constituency == college}
    answer = post(secretary, held, "college_set", item="p1", members=[college])
    assert answer.status_code == 302
    assert seats_at(held) == concerned | {"alice-arnaud"}


def test_the_law_objects_beside_the_choice(held, secretary):
    community = community_of(held, "bruno-besson")
    post(secretary, held, "college_set", item="p1", members=[community])
    again = post(secretary, held, "college_set", item="p1", members=[community])
    assert again.status_code == 422
    assert "déjà enregistré" in again.context["form"].errors["members"][0]


def test_enough_requesters_choose_the_ballot(held, secretary):
    answer = post(
        secretary, held, "ballot_requested",
        item="p1", mode="secret", members=["bruno-besson", "elsa-evrard"],
    )  # fmt: skip
    assert answer.status_code == 302
    page = secretary.get(f"/seances/{held.pk}/points/p1/")
    assert page.context["ballot"]["mode"].value() == "secret"
    by_hand = secretary.post(f"/seances/{held.pk}/points/p1/unanimite/")
    assert by_hand.status_code == 409
    assert "de droit" in by_hand.text
    assert not BallotRow.objects.exists()


def test_too_few_requesters_are_told_how_many_were_needed(held, secretary):
    answer = secretary.post(
        f"/seances/{held.pk}/mouvements/ballot_requested/",
        {"item": "p1", "mode": "public", "members": ["bruno-besson"]},
        follow=True,
    )
    assert "il en fallait 2" in answer.text
    assert secretary.post(f"/seances/{held.pk}/points/p1/unanimite/").status_code == 302


def test_closed_doors_are_voted(held, secretary):
    refused = post(secretary, held, "doors_closed", requesters="5", votes_for="3", item="p1")
    assert refused.status_code == 422
    assert "il en faut 4" in refused.context["form"].errors["votes_for"][0]
    assert post(secretary, held, "doors_closed", requesters="5", votes_for="4").status_code == 302
    held.forget()
    (event,) = held.sitting.of_kind(sitting.DoorsClosed)
    assert reading.telling(held).line(event) == "demandé par 5 membres, 4 voix pour"
    assert secretary.get(f"/seances/{held.pk}/registre/").status_code == 200


@pytest.mark.parametrize("kind", ["college_set", "ballot_requested"])
def test_forms_show_and_refuse_emptiness(held, kind, secretary):
    assert secretary.get(f"/seances/{held.pk}/mouvements/{kind}/").status_code == 200
    answer = post(secretary, held, kind)
    assert answer.status_code == 422
    assert {"item", "members"} <= answer.context["form"].errors.keys()
    assert post(secretary, held, kind, item="p1", members=["inconnu"]).status_code == 422


def test_the_ledger_tells_them(held, by, secretary):
    events = [
        sitting.CollegeSet(item="p1", members=("bruno-besson", "elsa-evrard")),
        sitting.BallotRequested(item="p1", mode=Mode.PUBLIC, members=("bruno-besson",)),
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


@pytest.mark.parametrize(
    ("events", "told"),
    [
        pytest.param(
            [sitting.FateNoted(item="p2", fate=sitting.Fate.WITHDRAWN)],
            None,
            id="un point retiré n’attend plus : les autres passent",
        ),
        pytest.param(
            [
                sitting.Left(member=key, before="p2")
                for key in ("bruno-besson", "claire-caron", "denis-duval")
            ],
            "2 Tarifs",
            id="le quorum manque à un point",
        ),
        pytest.param(
            [
                sitting.BallotRequested(
                    item="p3", mode=Mode.SECRET, members=("bruno-besson", "elsa-evrard")
                )
            ],
            "3 Marché de fibre",
            id="un scrutin secret est demandé sur un point",
        ),
    ],
)
def test_one_objection_refuses_all(three, events, told, by, secretary):
    ledger.record(three, *events, by=by)
    before = three.events.count()
    answer = adopt_all(secretary, three)
    if told is None:
        assert answer.status_code == 302
        assert BallotRow.objects.count() == 2
        return
    assert answer.status_code == 409
    assert told in answer.text
    assert three.events.count() == before
    assert not BallotRow.objects.exists()


def test_a_withdrawn_item_given_by_hand_objects(three, by):
    decisions.note_fate(three, item="p2", fate="retire", by=by)
    votes = [Ballot(item=key) for key in ("p1", "p2")]
    with pytest.raises(Refused, match="Tarifs"):
        decisions.hold_ballots(three, ballots=votes, by=by)
    assert not BallotRow.objects.exists()


def test_the_same_item_is_not_adopted_twice_in_one_act(three, by):
    with pytest.raises(Refused, match="déjà été enregistré"):
        decisions.hold_ballots(three, ballots=[Ballot(item="p1"), Ballot(item="p1")], by=by)
    assert not BallotRow.objects.exists()
