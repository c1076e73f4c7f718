"""Arrivals, departures, proxies, withdrawals: each placed by its hour, its item, or both."""

from datetime import date, time, timedelta

import pytest
from django.db import transaction

from law import ballots, sitting
from law.findings import Refused
from meetings import reading
from meetings.actions import attendance, decisions, items, ledger, preparing
from tests.cast import change
from tests.held import prepare, sit
from tests.meetings.conftest import at, post
from tests.words import text, unsaid

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
    keys = [row.member.key for column in reading.roll(held) for row in column.rows]
    assert keys[keys.index("claire-caron") + 1] == "gaelle-garnier"  # under whom she sits for
    assert reading.quorum_at_opening(held).present == 6
    withdrawn = {"member": "bruno-besson", "item": "p1", "ground": "interet_personnel"}
    assert post(secretary, held, "recused", **withdrawn).status_code == 302
    assert reading.quorum_at(held, held.agenda["p1"].item).present == 5


def test_a_proxy_votes_never_counts_for_the_quorum_and_has_one_giver(held, by, secretary):
    excuse(held, by, ELSA)
    answer = post(secretary, held, "proxy_given", giver=ELSA, holder=DENIS)
    assert answer.status_code == 302
    assert reading.quorum_at_opening(held).present == 5
    assert len(held.sitting.at_item["p1"].voices) == 6
    excuse(held, by, "farid-faure")
    with pytest.raises(Refused, match="au plus 1 pouvoir"):
        ledger.record(held, sitting.ProxyGiven(giver="farid-faure", holder=DENIS), by=by)


def test_a_proxy_of_which_the_paper_names_no_holder_is_told_and_shown(held, by, secretary):
    excuse(held, by, ELSA)
    given = sitting.ProxyGiven(giver=ELSA)
    with pytest.raises(Refused, match="Nommez qui le porte"), transaction.atomic():
        ledger.record(held, given, by=by, live=True)
    assert post(secretary, held, "proxy_given", giver=ELSA).status_code == 302
    assert len(held.sitting.at_item["p1"].voices) == 6
    point = f"/seances/{held.pk}/points/p1/"
    assert "EVRARD (par un membre non nommé)" in secretary.get(point).text
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    (line,) = held.sitting.of_kind(sitting.BallotHeld)
    why = secretary.get(f"/seances/{held.pk}/registre/{line.seq}/pourquoi/").text
    assert "un membre non nommé, par pouvoir" in why
    for page in ("", "presences/", "quorum/"):
        assert secretary.get(f"/seances/{held.pk}/{page}").status_code == 200
    assert "EVRARD à un membre non nommé" in secretary.get(f"/seances/{held.pk}/registre/").text


@pytest.mark.parametrize("live", [False, True])
def test_a_proxy_is_counted_through_the_sittings_that_it_served(held, by, live):
    """Art. L2121-20: three consecutive sittings for one document, illness apart."""

    def give(day: int, **values) -> tuple[int, set[str]]:
        """The rank that the proxy of that day has, and what is said of it."""
        sitting_then = preparing.create_meeting(
            body=held.body, held_on=date(2026, 9, day), starts_at=time(18), by=by
        )
        excuse(sitting_then, by, ELSA)
        attendance.set_roll(sitting_then, standings={DENIS: "present"}, by=by)
        given = sitting.ProxyGiven(giver=ELSA, holder=DENIS, **values)
        told = ledger.record(sitting_then, given, by=by, live=live)
        opened = sitting.Opened(chair=DENIS, at=sitting_then.scheduled_for)
        ledger.record(sitting_then, opened, by=by)
        proxy = sitting_then.sitting.at_end.proxies[ELSA]
        return proxy.nth, {each.code for each in told} & {"pouvoir_a_renouveler"}

    written = {"written_on": date(2026, 9, 1)}
    assert [give(day, **written) for day in (2, 3, 4)] == [(1, set()), (2, set()), (3, set())]
    assert give(5, **written, illness=True) == (4, set())
    with pytest.raises(Refused, match="5e séance consécutive"), transaction.atomic():
        give(6, **written)
    assert give(6, **written, illness=True) == (5, set())  # told by the sitting before
    # Another document begins again; one without a date may be the same.
    assert give(7, written_on=date(2026, 9, 7)) == (1, set())
    assert [give(day) for day in (8, 9, 10)] == [
        (1, set()), (1, set()), (1, {"pouvoir_a_renouveler"}),
    ]  # fmt: skip
    assert give(11, illness=True) == (1, set())


def test_each_form_shows_and_refuses_emptiness_kindly(held, secretary):
    needy = "arrived left seat_taken proxy_given recused chair_taken college_set ballot_requested"
    for kind in (*needy.split(), "clerks_named", "suspended", "doors_closed"):
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


def test_a_mandate_ends_and_another_begins_in_a_sitting_told_afterwards(held, by, secretary):
    seats = {voice.seat for voice in held.sitting.at_item["p1"].voices}
    ended = {"member": ELSA, "ending": "demission", "item": "p1"}
    assert post(secretary, held, "vacated", **ended).status_code == 302
    assert {voice.seat for voice in held.sitting.at_item["p1"].voices} == seats - {ELSA}
    assert reading.quorum_at_opening(held).in_office == 6
    assert reading.quorum_at(held, held.agenda["p1"].item).in_office == 5
    installed = {"member": DENIS, "item": "p1"}
    answer = post(secretary, held, "installed", **installed)
    assert answer.status_code == 422
    assert "siège déjà" in answer.text
    own = held.body.mandates.get(pk=held.basis.composition[DENIS].mandate)
    change(own, start_on=held.held_on)
    assert post(secretary, held, "installed", **installed).status_code == 302
    assert reading.quorum_at_opening(held).in_office == 5  # Denis was not a member yet


def test_an_item_is_called_again_where_and_when_the_ledger_says_it_was_called(held, by, secretary):
    """An arrival counts from the second call on, wherever in the telling that one comes."""
    for title in ("Subventions", "Convention"):
        items.add_item(held, title=title, by=by)
    excuse(held, by, ELSA, DENIS, "farid-faure")
    again = {"item": "p1", "at": "19:40"}
    answer = post(secretary, held, "item_opened", **again)
    assert answer.status_code == 422
    assert "notez plutôt qui est arrivé avant lui" in answer.text
    for item, clock in (("p1", "19:05"), ("p2", "19:30"), ("p3", "20:00")):
        ledger.record(held, sitting.ItemOpened(item=item, at=at(clock)), by=by)
    attendance.arrive(held, sitting.Arrived(member=ELSA, at=at("19:35")), by=by)
    assert post(secretary, held, "item_opened", item="p1").status_code == 422  # without its hour
    assert post(secretary, held, "item_opened", **again).status_code == 302
    order = [item for item in held.sitting.layout.order if item in ("p1", "p2", "p3")]
    assert order == ["p1", "p2", "p1", "p3"]
    assert ELSA in held.sitting.at_item["p1"].room
    assert ELSA not in held.sitting.at_item["p2"].room


def test_the_order_of_telling_places_who_comes_and_goes_by_the_hour_alone(held, by, secretary):
    """On the page of movements: « sans le point, après le dernier vote saisi »."""
    for title in ("Subventions", "Convention", "Motion"):
        items.add_item(held, title=title, by=by)
    attendance.set_roll(held, standings={ELSA: "absent"}, by=by)

    def vote(item: str) -> int:
        """How many the page announces, which are those who vote."""
        announced = len(held.sitting.at_item[item].voices)
        decisions.hold_ballot(held, ballot=ballots.Ballot(item=item), by=by)
        assert announced == held.outcomes[held.ledger[-1].seq].tally.for_
        return announced

    voices = []
    for item, (kind, told) in {
        "p1": ("left", {"member": "claire-caron", "at": "19:10"}),
        "p2": ("left", {"member": DENIS, "at": "19:20"}),
        "p3": ("arrived", {"member": ELSA, "at": "19:30"}),
        "p4": ("left", {"member": "farid-faure"}),
    }.items():
        assert post(secretary, held, kind, **told).status_code == 302
        voices.append(vote(item))
    assert voices == [4, 3, 4, 3]
    story = held.sitting
    assert [len(story.at_item[key].voices) for key in held.agenda.keys] == voices


@pytest.mark.parametrize("is_htmx", [False, True])
def test_the_page_of_presences_says_which_votes_it_counts_anew(held, by, secretary, is_htmx):
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    headers = {"HX-Request": "true"} if is_htmx else {}
    pointed = {"member": ELSA, "standing": "absent"}
    roll = f"/seances/{held.pk}/appel/"
    answer = secretary.post(roll, pointed, headers=headers, follow=True)
    assert answer.status_code == 200
    assert "est recompté" in answer.text
    assert "au lieu de 6" in answer.text.replace("\u00a0", " ")


def test_a_movement_says_which_votes_it_counts_anew(held, by, secretary):
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    path = f"/seances/{held.pk}/mouvements/left/"
    left = {"member": ELSA, "item": "p1"}
    text = secretary.post(path, left, follow=True).text
    assert text.count("est recompté") == 1
    seq = held.events.order_by("-seq")[0].seq
    void = f"/seances/{held.pk}/registre/{seq}/annuler/"
    text = secretary.post(void, {"next": "attendance"}, follow=True).text
    assert text.count("est recompté") == 1


def test_nobody_is_told_at_a_distance_where_nobody_may_sit_so(held, secretary):
    """Out of the quorum, he would vote all the same; live, his arrival is refused too."""
    assert not held.regime.remote_allowed
    answer = post(secretary, held, "arrived", member=ELSA, remote="on", at="19:20")
    assert answer.status_code == 422
    assert "ne se note pas présent" in answer.text
    assert not held.sitting.at_end.remote


def test_a_secretary_named_after_another_is_told_with_an_hour_or_a_point(held, secretary):
    """Art. L2121-15: without it, the roll would be said to have named her at once."""
    answer = post(secretary, held, "clerks_named", member=DENIS)
    assert answer.status_code == 422
    assert "tenait le secrétariat" in answer.text
    (before,) = held.sitting.at_end.clerks
    assert post(secretary, held, "clerks_named", member=DENIS, at="19:20").status_code == 302
    assert held.sitting.clerks == (before, DENIS)
    assert reading.movements(held)[-1]["title"] == "Secrétaire de séance"


def test_a_proxy_dated_after_the_sitting_is_refused_where_it_is_noted(cast, secretary, by):
    """Art. L2121-20; the opening, later, would be refused for it."""
    meeting = prepare(cast, "Tarifs")
    given = {"giver": ELSA, "holder": DENIS}
    late = meeting.held_on + timedelta(days=5)
    answer = post(secretary, meeting, "proxy_given", written_on=late.isoformat(), **given)
    assert answer.status_code == 422
    assert "EVRARD serait écrit le 14 juin 2026" in text(answer)
    day = meeting.held_on.isoformat()
    assert post(secretary, meeting, "proxy_given", written_on=day, **given).status_code == 302
    # Once it is opened, it is its own hour that tells.
    meeting.forget()
    sit(meeting, by=by, excused=[ELSA], hours=None)
    ledger.record(meeting, sitting.ProxyRevoked(giver=ELSA), by=by)
    late_proxy = sitting.ProxyGiven(written_on=late, **given)
    with pytest.raises(Refused, match="daté du 14 juin 2026"), transaction.atomic():
        ledger.record(meeting, late_proxy, by=by)


def test_a_departure_says_how_many_are_left_and_when_the_quorum_is_lost(held, secretary, by):
    """A number of the ledger stood there, which a reader took for a count."""
    gone = list(held.sitting.at_end.room)[:3]
    for minute, member in enumerate(gone):
        at = held.scheduled_for.replace(hour=19, minute=10 + minute)
        ledger.record(held, sitting.Left(member=member, at=at), by=by)
    told = [each["left"] for each in reading.movements(held)[-3:]]
    assert told == ["5 présents", "4 présents", "3 présents, quorum perdu"]
    page = text(secretary.get(f"/seances/{held.pk}/presences/"))
    assert unsaid(page, "19 h 12", 'wrong">3 présents, quorum perdu') == []


def test_the_names_of_the_roll_call_are_one_line_of_the_ledger_until_it_is_opened(held, secretary):
    page = text(secretary.get(f"/seances/{held.pk}/registre/"))
    assert page.count("Présence : 6 personnes") == 1 and page.count("ledger-group") == 1
    assert "Présence : Denis DUVAL" in page  # inside it, with its mark
