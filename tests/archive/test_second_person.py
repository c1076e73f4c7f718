"""Where the rules of the body want two persons, nobody puts anything online alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from archive import actions as publishing
from archive.models import Publication, PublicationRequest
from meetings.actions import masking
from members.models import Role
from tests import held
from tests.archive.test_publications import LATER
from tests.cast import change_rules
from tests.held import AT
from tests.words import refused, unsaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def acts(cast, hold):
    change_rules(cast.comite, publication_by_two=True)
    meeting = hold(date(2026, 6, 9), adopted=("Budget",), approves=False)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    return meeting


@pytest.fixture
def second(cast):
    """Somebody else of the secretariat."""
    Role.objects.create(
        user=cast.administration, organisation=cast.organisation, kind=Role.Kind.SECRETARIAT
    )
    return cast.administration


def ask(meeting, by, at=AT):
    waited = publishing.publications.acts_to_publish(meeting)
    return publishing.ask_for_publication(meeting, waited, by=by, at=at)


def publish(meeting, by):
    return publishing.publish_acts(meeting, by=by, at=LATER)


def test_one_asks_and_another_does_it(acts, cast, second):
    with refused("seconde_personne"):
        publish(acts, second)
    row = ask(acts, cast.secretariat)
    assert ask(acts, cast.secretariat) == row
    for alone in (cast.secretariat, None):
        with refused("meme_personne"):
            publish(acts, alone)
    assert not Publication.objects.exists()
    assert len(publish(acts, second)) == 2


def test_what_is_asked_after_midnight_is_told_of_that_day(acts, cast):
    ask(acts, cast.secretariat, at=datetime(2026, 6, 15, 22, 30, tzinfo=UTC))
    with refused("meme_personne") as told:
        publish(acts, cast.secretariat)
    assert "le 16 juin 2026" in told[0].message


def test_what_changed_since_is_asked_for_again(acts, cast, second):
    ask(acts, cast.secretariat)
    masking.decide(acts, "Budget", is_masked=True, by=cast.secretariat, at=AT)
    with refused("seconde_personne"):
        publish(acts, second)
    ask(acts, second)
    assert PublicationRequest.objects.filter(ended_at=None).count() == 1
    assert len(publish(acts, cast.secretariat)) == 2


def test_one_document_alone_is_asked_for_too(acts, cast, second):
    document = acts.documents.get(kind="extrait")
    with refused("seconde_personne"):
        publishing.publish(document, by=second, at=LATER)
    ask(acts, cast.secretariat)  # of the whole sitting: it covers each of its papers
    assert (
        publishing.publish(document, by=second, at=LATER + timedelta(days=1)).document == document
    )


def test_the_page_says_who_asked_and_offers_the_act_to_another(acts, cast, second, client_of):
    url = reverse("archive:publish_sitting", args=[acts.pk])
    first, other = client_of(cast.secretariat), client_of(second)
    page = first.get(url).text
    assert "Demander la mise en ligne" in page and 'id="publier"' not in page
    asked = first.post(reverse("archive:ask_for_publication", args=[acts.pk]), follow=True)
    assert unsaid(asked.text, "une autre personne la fait", "Vous avez demandé") == []
    assert 'id="publier"' not in asked.text
    assert unsaid(other.get(url).text, "a demandé cette mise en ligne", 'id="publier"') == []
    assert other.post(url, {"unsigned": "1"}).status_code == 302
    assert Publication.objects.count() == 2
