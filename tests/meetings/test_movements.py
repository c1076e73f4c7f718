"""Arrivals, departures, proxies, withdrawals: each placed by its hour, its item, or both."""

import pytest

from law import sitting
from law.findings import Refused
from meetings import reading
from meetings.actions import attendance, ledger
from tests.meetings.conftest import at


def post(client, meeting, kind, **data):
    return client.post(f"/seances/{meeting.pk}/mouvements/{kind}/", data)


def test_a_late_arrival_does_not_count_at_the_opening(held, by):
    attendance.arrive(held, sitting.Arrived(member="elsa-evrard", at=at("19:20")), by=by)
    assert reading.quorum_at_opening(held).present == 5
    assert "elsa-evrard" in held.sitting.at_end.room


def test_a_departure_before_an_item_takes_its_vote_away(held, by):
    ledger.record(held, sitting.Left(member="farid-faure", before="p1"), by=by)
    assert len(held.sitting.at_item["p1"].voices) == 5
    assert reading.quorum_at_opening(held).present == 6


def test_departure_before_arrival_is_refused_beside_the_hour(held, by, secretary):
    attendance.arrive(held, sitting.Arrived(member="elsa-evrard", at=at("19:20")), by=by)
    answer = post(secretary, held, "left", member="elsa-evrard", at="19:10")
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text or "alert" in answer.text


def test_the_substitute_votes_while_the_titular_is_away(held, by, secretary):
    attendance.set_roll(held, standings={"claire-caron": "excuse"}, by=by)
    attendance.set_roll(held, standings={"gaelle-garnier": "present"}, by=by)
    answer = post(
        secretary, held, "seat_taken", substitute="gaelle-garnier", titular="claire-caron"
    )
    assert answer.status_code == 302
    held.forget()
    assert reading.quorum_at_opening(held).present == 6


def test_a_proxy_votes_and_never_counts_for_the_quorum(held, by, secretary):
    attendance.set_roll(held, standings={"elsa-evrard": "excuse"}, by=by)
    answer = post(
        secretary, held, "proxy_given", giver="elsa-evrard", holder="denis-duval",
        nth="1",
    )  # fmt: skip
    assert answer.status_code == 302
    held.forget()
    assert reading.quorum_at_opening(held).present == 5
    assert len(held.sitting.at_item["p1"].voices) == 6


def test_a_second_proxy_to_the_same_holder_is_refused(held, by):
    attendance.set_roll(held, standings={"elsa-evrard": "excuse", "farid-faure": "excuse"}, by=by)
    ledger.record(held, sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval"), by=by)
    with pytest.raises(Refused, match="au plus 1 pouvoir"):
        ledger.record(held, sitting.ProxyGiven(giver="farid-faure", holder="denis-duval"), by=by)


def test_a_withdrawal_takes_the_member_out_of_the_item(held, secretary):
    answer = post(
        secretary, held, "recused",
        member="bruno-besson", item="p1", ground="interet_personnel",
    )  # fmt: skip
    assert answer.status_code == 302
    held.forget()
    assert reading.quorum_at(held, held.agenda["p1"].item).present == 5


@pytest.mark.parametrize("kind", ["arrived", "left", "seat_taken", "proxy_given", "recused",
                                  "chair_taken", "suspended", "doors_closed"])  # fmt: skip
def test_each_form_shows_and_refuses_emptiness_kindly(held, kind, secretary):
    page = secretary.get(f"/seances/{held.pk}/mouvements/{kind}/")
    assert page.status_code == 200
    if kind in {"suspended", "doors_closed"}:
        return
    answer = post(secretary, held, kind)
    assert answer.status_code == 422
    assert "Ce champ est obligatoire" in answer.text


def test_an_unknown_kind_of_movement_does_not_exist(held, secretary):
    assert secretary.get(f"/seances/{held.pk}/mouvements/danse/").status_code == 404
