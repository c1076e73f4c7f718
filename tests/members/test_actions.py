"""Verbs on mandates: they do it, they say who did, they refuse with every objection."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from members import actions
from members.models import Mandate
from tests.cast import SINCE, make_community, make_mandate, make_person
from tests.words import refused


def test_end_mandate_ends_it_and_says_who_and_why(cast):
    seat = cast.seat(cast.farid)
    actions.end_mandates(
        [seat], on=date(2026, 9, 30), reason=Mandate.EndReason.RESIGNATION, by=cast.secretariat
    )
    seat.refresh_from_db()
    assert (seat.end_on, seat.end_reason) == (date(2026, 9, 30), "demission")
    trace = seat.history.first()
    assert trace.history_user == cast.secretariat
    assert trace.history_change_reason == "fin du mandat : démission"


def test_end_mandate_refuses_with_every_objection(cast):
    seat = cast.seat(cast.farid)
    actions.end_mandates([seat], on=SINCE, reason="demission", by=None)
    with refused("mandat_deja_fini", "fin_avant_debut", "motif_inconnu"):
        actions.end_mandates([seat], on=date(2020, 1, 1), reason="", by=None)
    seat.refresh_from_db()
    assert seat.end_on == SINCE


@pytest.fixture
def merged(cast):
    return make_community(cast.organisation, "CC du Grand Étang", founded_on=date(2027, 1, 1))


def test_a_merger_records_the_successor_and_ends_the_mandates(cast, merged):
    leaving = make_person(cast.organisation, "Lise", "Leroy")
    dead = cast.seat(cast.farid)
    actions.end_mandates([dead], on=date(2026, 6, 1), reason="deces", by=None)
    ended = {"end_on": date(2027, 3, 1), "end_reason": Mandate.EndReason.RESIGNATION}
    bound = make_mandate(cast.comite, leaving, community=cast.etangs, **ended)
    ended = actions.merge(
        [cast.etangs], successor=merged, on=date(2027, 1, 1), by=cast.administration
    )
    seats = {("Besson", cast.comite), ("Besson", cast.bureau), ("Leroy", cast.comite)}
    assert {(m.person.last_name, m.body) for m in ended} == seats
    dead.refresh_from_db()
    assert (dead.end_on, dead.end_reason) == (date(2026, 6, 1), "deces")  # it had ended
    for mandate in Mandate.objects.filter(community=cast.etangs).exclude(pk=dead.pk):
        assert (mandate.end_on, mandate.end_reason) == (date(2026, 12, 31), "fusion")
    cast.etangs.refresh_from_db()
    assert (cast.etangs.dissolved_on, cast.etangs.successor) == (date(2027, 1, 1), merged)
    assert bound.history.first().history_user == cast.administration
    assert bound.history.first().history_change_reason == "fusion de CC des Étangs"
    assert cast.seat(cast.alice).end_on is None


def test_a_member_whose_merger_is_to_come_is_one_until_then(cast, merged, client_of):
    day = timezone.localdate() + timedelta(days=30)
    actions.merge([cast.etangs], successor=merged, on=day, by=cast.administration)
    here = cast.organisation.communities
    assert cast.etangs in here.lasting(day - timedelta(days=1))
    assert cast.etangs not in here.lasting(day)
    office = client_of(cast.administration)
    assert cast.etangs in office.get(reverse("members:communities")).context["members"]
    listed = office.get(reverse("admin:members_community_changelist")).text
    assert 'class="is-over"' not in listed and str(cast.etangs) in listed


def test_a_merger_refuses_with_every_objection(cast):
    gone = {"dissolved_on": date(2020, 1, 1)}
    foreign = make_community(cast.other_organisation, "CC d’ailleurs", **gone)
    with refused("successeur_etranger", "successeur_disparu", *["mandat_posterieur"] * 3):
        actions.merge([cast.etangs], successor=foreign, on=SINCE, by=None)
    cast.etangs.refresh_from_db()
    assert cast.etangs.dissolved_on is None
    day = {"on": date(2027, 1, 1), "by": None}
    with refused("succede_a_elle_meme"):
        actions.merge([cast.etangs], successor=cast.etangs, **day)
    actions.merge([cast.etangs], successor=cast.agglo, **day)
    with refused("collectivite_deja_disparue"):
        actions.merge([cast.etangs], successor=cast.agglo, **day)
