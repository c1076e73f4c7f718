"""The database refuses two mandates at a time, and two présidents; the model says it kindly."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from members import constraints
from members.models import Mandate
from tests.cast import SINCE, make_community, make_constituency, make_mandate, make_person

pytestmark = pytest.mark.database


def refused(mandate: Mandate) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        mandate.full_clean()
    return caught.value.message_dict


def names_in_database() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'x'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall()}


def test_the_migrations_left_the_constraints_in_place(db):
    expected = {"mandate_never_overlaps", "one_chair_at_a_time"}
    if connection.vendor == "sqlite":
        expected = {f"{name}_on_{event}" for name in expected for event in constraints.EVENTS}
    assert expected <= names_in_database()


@pytest.mark.parametrize(
    ("start_on", "end_on"),
    [
        pytest.param(SINCE, None, id="le même mandat deux fois"),
        pytest.param(SINCE + timedelta(30), SINCE + timedelta(60), id="à l’intérieur de l’autre"),
        pytest.param(SINCE - timedelta(30), None, id="avant, sans fin"),
        pytest.param(SINCE - timedelta(30), SINCE, id="un seul jour en commun"),
    ],
)
def test_the_database_refuses_an_overlap(cast, start_on, end_on):
    reason = Mandate.EndReason.TERM if end_on else ""
    with pytest.raises(IntegrityError, match="mandate_never_overlaps"), transaction.atomic():
        make_mandate(cast.comite, cast.farid, start_on=start_on, end_on=end_on, end_reason=reason)
    assert cast.farid.mandates.count() == 1


def test_mandates_follow_one_another_without_a_day_in_common_nor_two_presidents(cast):
    ended = {"end_on": SINCE - timedelta(1), "end_reason": Mandate.EndReason.TERM}
    earlier = make_mandate(cast.comite, cast.farid, start_on=date(2020, 7, 1), **ended)
    make_mandate(cast.bureau, cast.farid)
    assert cast.farid.mandates.count() == 3
    seat = cast.seat(cast.farid)
    seat.weight = 2
    seat.full_clean()
    seat.save()  # again is no overlap with itself
    earlier.end_on = SINCE
    with pytest.raises(IntegrityError, match="mandate_never_overlaps"), transaction.atomic():
        earlier.save()
    with pytest.raises(IntegrityError, match="one_chair_at_a_time"), transaction.atomic():
        Mandate.objects.filter(person=cast.elsa).update(office=Mandate.Office.CHAIR)


def test_the_model_keeps_to_the_body_and_to_the_organisation(cast):
    seat = cast.seat(cast.elsa)
    seat.constituency = make_constituency(cast.bureau, "Collège du Bureau")
    assert refused(seat) == {
        "constituency": ["Ce collège n’est pas un collège de l’instance « Comité syndical »."]
    }
    foreign = make_community(cast.other_organisation, "CC d’ailleurs")
    guest = make_person(cast.other_organisation, "Otto", "Orban", "M.")
    mandate = Mandate(body=cast.comite, person=guest, community=foreign, start_on=SINCE)
    assert refused(mandate) == {
        "person": ["Cette personne relève d’une autre organisation."],
        "community": ["Cette collectivité n’est pas membre de l’organisation."],
    }


def test_a_mandate_begins_while_its_community_exists(cast):
    gone = make_community(cast.organisation, "CC dissoute", dissolved_on=date(2017, 1, 1))
    guest = make_person(cast.organisation, "Rémi", "Roux", "M.")
    mandate = Mandate(body=cast.comite, person=guest, community=gone, start_on=date(2017, 1, 1))
    assert refused(mandate) == {
        "start_on": ["CC dissoute n’est plus membre depuis le 1er janvier 2017."]
    }


def test_a_substitute_that_makes_no_sense(cast):
    before = {"end_on": date(2020, 1, 1), "end_reason": "demission"}
    titular = "Seul un titulaire est président ou vice-président."
    same = "Le suppléant supplée un titulaire de la même instance."
    for changes, field, message in (
        ({"office": "vice-president"}, "office", titular),
        ({"office_rank": 1}, "office_rank", "Seule une vice-présidence a un rang."),
        ({"end_on": date(2026, 9, 1)}, "end_reason", "Dites pourquoi le mandat prend fin."),
        ({"end_reason": "demission"}, "end_on", "Donnez le dernier jour du mandat."),
        (before, "end_on", "La fin du mandat ne peut précéder son début."),
        ({"replaces": cast.seat(cast.alice, cast.bureau)}, "replaces", same),
    ):
        seat = cast.seat(cast.gaelle)
        for name, value in changes.items():
            setattr(seat, name, value)
        assert message in refused(seat)[field]
