"""The sittings to come and who sits, for everybody: nothing that nobody convened or opened."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from live.models import Equipment
from meetings.actions import masking
from meetings.models import Meeting
from tests.cast import change, change_rules
from tests.held import AT, prepare
from tests.words import text, unsaid

pytestmark = pytest.mark.django_db
TITLE = "Protection fonctionnelle de Mme Martinet"


@pytest.fixture
def read(cast):
    url = reverse("archive:public_sittings", args=[cast.organisation.slug])
    return lambda: text(Client().get(url))


@pytest.fixture
def coming(cast) -> Meeting:
    meeting = prepare(cast, TITLE, "Tarifs", place="au siège")
    today = timezone.localdate()
    change(meeting, held_on=today + timedelta(days=7), convened_on=today)
    return meeting


def test_a_sitting_that_is_convened_is_told_and_its_agenda_once_it_is_opened(cast, coming, read):
    page = read()
    assert unsaid(page, "Comité syndical", "Au siège", "n’est pas publié ici") == []
    assert [told for told in ("Tarifs", "Martinet", "affiché") if told in page] == []  # who knows?
    Equipment.objects.create(meeting=coming, public_page=True)
    assert unsaid(read(), TITLE, "Tarifs", "Ordre du jour") == []
    masking.decide(coming, "Mme Martinet", is_masked=True, by=cast.secretariat, at=AT)
    page = read()
    assert "Martinet" not in page and "Protection fonctionnelle de […]" in page


def test_what_is_not_convened_or_not_public_is_not_told(cast, coming, read):
    nothing = "Aucune séance publique n’est convoquée"
    change(coming, stage=Meeting.Stage.CANCELLED)
    assert nothing in read()
    change(coming, stage=Meeting.Stage.PREPARED, convened_on=None)
    assert nothing in read()
    change(coming, convened_on=timezone.localdate())
    assert nothing not in read()
    change_rules(coming.body, sittings_public=False)
    assert nothing in read()


def test_who_sits_is_told_by_name_and_office_alone(cast, read):
    alice = cast.comite.mandates.get(office="president").person
    change(alice, email="alice@prive.example", phone="06 12 34 56 78")
    page = read()
    assert unsaid(page, "Alice ARNAUD, présidente") == []
    assert "prive.example" not in page and "06 12" not in page
