"""Arrivals, departures, proxies, withdrawals: each placed by its hour, its item, or both."""

import pytest

from law import sitting
from law.findings import Refused
from meetings import reading
from meetings.actions import attendance, ledger
from tests.meetings.conftest import at, post

ELSA, DENIS = "elsa-evrard", "denis-duval"


def excuse(meeting, by, *members):
    attendance.set_roll(meeting, standings=dict.fromkeys(members, "excuse"), by=by)


def test_a_late_arrival_does_not_count_at_the_opening_and_no_departure_precedes_it(
    held, by, secretary
):
    attendance.arrive(held, sitting.Arrived(member=ELSA, at=at("19:20")), by=by)
    assert reading.quorum_at_opening(held).present == 5
    assert ELSA in held.sitting.at_end.room
    answer = post(secretary, held, "left", member=ELSA, at="19:10")
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text or "alert" in answer.text
    # Before an item, a departure takes its vote away, and counts at the opening.
    before = len(held.sitting.at_item["p1"].voices)
    ledger.record(held, sitting.Left(member="farid-faure", before="p1"), by=by)
    assert len(held.sitting.at_item["p1"].voices) == before - 1
    assert reading.quorum_at_opening(held).present == 5


def test_a_substitute_votes_for_an_absent_titular_who_withdraws_for_nobody(held, by, secretary):
    excuse(held, by, "claire-caron")
    attendance.set_roll(held, standings={"gaelle-garnier": "present"}, by=by)
    seat = {"substitute": "gaelle-garnier", "titular": "claire-caron"}
    assert post(secretary, held, "seat_taken", **seat).status_code == 302
    assert reading.quorum_at_opening(held).present == 6
    withdrawn = {"member": "bruno-besson", "item": "p1", "ground": "interet_personnel"}
    assert post(secretary, held, "recused", **withdrawn).status_code == 302
    assert reading.quorum_at(held, held.agenda["p1"].item).present == 5


def test_a_proxy_votes_never_counts_for_the_quorum_and_has_one_giver(held, by, secretary):
    excuse(held, by, ELSA)
    answer = post(secretary, held, "proxy_given", giver=ELSA, holder=DENIS, nth="1")
    assert answer.status_code == 302
    assert reading.quorum_at_opening(held).present == 5
    assert len(held.sitting.at_item["p1"].voices) == 6
    excuse(held, by, "farid-faure")
    with pytest.raises(Refused, match="au plus 1 pouvoir"):
        ledger.record(held, sitting.ProxyGiven(giver="farid-faure", holder=DENIS), by=by)


def test_each_form_shows_and_refuses_emptiness_kindly(held, secretary):
    needy = "arrived left seat_taken proxy_given recused chair_taken college_set ballot_requested"
    for kind in (*needy.split(), "suspended", "doors_closed"):
        assert secretary.get(f"/seances/{held.pk}/mouvements/{kind}/").status_code == 200
        if kind in needy:
            answer = post(secretary, held, kind)
            assert answer.status_code == 422, kind
            assert "Ce champ est obligatoire" in answer.text
        if kind in ("college_set", "ballot_requested"):
            assert {"item", "members"} <= answer.context["form"].errors.keys()
            unknown = post(secretary, held, kind, item="p1", members=["inconnu"])
            assert unknown.status_code == 422
    assert secretary.get(f"/seances/{held.pk}/mouvements/danse/").status_code == 404
