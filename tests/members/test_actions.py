"""Verbs on mandates: they do it, they say who did, they refuse with every objection."""

from datetime import date

import pytest

from law.findings import Refused
from members import actions
from members.models import Mandate
from tests.cast import SINCE, make_community, make_mandate, make_person


def codes(refusal) -> list[str]:
    return [finding.code for finding in refusal.value.findings]


# --- end_mandate


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
    with pytest.raises(Refused) as refusal:
        actions.end_mandates([seat], on=date(2020, 1, 1), reason="", by=None)
    assert codes(refusal) == ["mandat_deja_fini", "fin_avant_debut", "motif_inconnu"]
    seat.refresh_from_db()
    assert seat.end_on == SINCE


# --- end_mandates_of_community


@pytest.fixture
def merged(cast):
    return make_community(cast.organisation, "CC du Grand Étang", founded_on=date(2027, 1, 1))


def test_a_merger_records_the_successor_and_ends_the_mandates(cast, merged):
    leaving = make_person(cast.organisation, "Lise", "Leroy")
    dead = cast.seat(cast.farid)
    actions.end_mandates([dead], on=date(2026, 6, 1), reason="deces", by=None)
    bound = make_mandate(
        cast.comite,
        leaving,
        community=cast.etangs,
        end_on=date(2027, 3, 1),
        end_reason=Mandate.EndReason.RESIGNATION,
    )
    ended = actions.merge(
        [cast.etangs], successor=merged, on=date(2027, 1, 1), by=cast.administration
    )
    assert {(m.person.last_name, m.body.name) for m in ended} == {
        ("Besson", "Comité syndical"),
        ("Besson", "Bureau"),
        ("Leroy", "Comité syndical"),
    }
    dead.refresh_from_db()
    assert (dead.end_on, dead.end_reason) == (date(2026, 6, 1), "deces")  # it had ended
    for mandate in Mandate.objects.filter(community=cast.etangs).exclude(pk=dead.pk):
        assert (mandate.end_on, mandate.end_reason) == (date(2026, 12, 31), "fusion")
    cast.etangs.refresh_from_db()
    assert (cast.etangs.dissolved_on, cast.etangs.successor) == (date(2027, 1, 1), merged)
    assert bound.history.first().history_user == cast.administration
    assert bound.history.first().history_change_reason == "fusion de CC des Étangs"
    assert cast.seat(cast.alice).end_on is None


def test_a_merger_refuses_with_every_objection(cast):
    foreign = make_community(
        cast.other_organisation, "CC d’ailleurs", dissolved_on=date(2020, 1, 1)
    )
    with pytest.raises(Refused) as refusal:
        actions.merge([cast.etangs], successor=foreign, on=SINCE, by=None)
    assert codes(refusal) == [
        "successeur_etranger",
        "successeur_disparu",
        "mandat_posterieur",
        "mandat_posterieur",
        "mandat_posterieur",
    ]
    cast.etangs.refresh_from_db()
    assert cast.etangs.dissolved_on is None
    day = {"on": date(2027, 1, 1), "by": None}
    for successor, code in (
        (cast.etangs, "succede_a_elle_meme"),
        (cast.agglo, None),
        (cast.agglo, "collectivite_deja_disparue"),
    ):
        if code is None:
            actions.merge([cast.etangs], successor=successor, **day)
            continue
        with pytest.raises(Refused) as refusal:
            actions.merge([cast.etangs], successor=successor, **day)
        assert codes(refusal) == [code]
