"""Readers told by mail: asked twice, told once a day at most, forgotten when they say so."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import throttle
from accounts.models import Letter
from archive import actions as publishing
from archive.models import Alert, Publication
from archive.online import alerts
from documents.models import IssuedDocument
from meetings.models import Meeting
from tests import held, post
from tests.archive.test_publications import withdraw
from tests.costs import queries
from tests.held import AT
from transmission.models import ActSheet

pytestmark = pytest.mark.django_db

READER = "lectrice@exemple.fr"
NOW = timezone.now()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def anybody() -> Client:
    """No cookie is needed, nor any token of a form."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture(autouse=True)
def at_home(settings):
    settings.SITE_URL = "https://brume.example"


@pytest.fixture
def meeting(cast, hold) -> Meeting:
    found = hold(date(2026, 9, 8), adopted=("Budget", "Travaux"), approves=False)
    held.issue_acts(found, by=cast.secretariat, at=AT)
    return Meeting.objects.get(pk=found.pk)


def publish(meeting, cast, *, at=NOW) -> tuple[Publication, ...]:
    return publishing.publish_acts(meeting, by=cast.secretariat, at=at)


def ask(anybody, cast, email=READER, **choices):
    url = reverse("archive:ask_alert", args=[cast.organisation.slug])
    answer = anybody.post(url, {"email": email, **choices})
    assert not answer.cookies
    return answer


def sent() -> list:
    """The mails that leave now."""
    before = len(mail.outbox)
    post.letters_leave(timezone.now() + HOUR)
    return mail.outbox[before:]


def link_in(message) -> str:
    return re.search(r"https://brume\.example(/alertes/\S+)", message.body)[1]


@pytest.fixture
def reader(anybody, cast) -> str:
    """The link of who confirmed."""
    ask(anybody, cast)
    (asked,) = sent()
    link = link_in(asked)
    assert anybody.post(link, {"confirmer": "1"}).status_code == 200
    Alert.objects.update(confirmed_at=NOW - DAY, told_until=NOW - DAY)
    return link


def told(at=NOW + HOUR) -> list:
    alerts.run_due(at)
    return sent()


def test_where_no_mail_leaves_nobody_is_told_to_wait_for_one(anybody, cast, meeting, settings):
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    page = ask(anybody, cast)
    assert "n’envoie pas encore de courriels" in page.text and "Regardez" not in page.text


def test_an_address_is_told_nothing_until_its_reader_confirms(anybody, cast, meeting):
    page = ask(anybody, cast)
    assert "Regardez votre courriel" in page.text
    (asked,) = sent()
    assert asked.to == [READER] and "Val de Brume" in asked.body
    publish(meeting, cast)
    assert told() == []
    link = link_in(asked)
    # A machine that opens every link confirms nothing.
    assert "Confirmer" in anybody.get(link).text
    assert Alert.objects.get().confirmed_at is None
    anybody.post(link, {"confirmer": "1"})
    assert Alert.objects.get().confirmed_at is not None
    assert told() == []  # what was online before is not news


def test_one_mail_tells_of_all_that_is_new_and_one_a_day(anybody, cast, meeting, hold, reader):
    publish(meeting, cast, at=NOW)
    (message,) = told()
    assert message.to == [READER] and "Budget" in message.body and "Travaux" in message.body
    paths = [each.get_absolute_url() for each in Publication.objects.all()]
    assert all(f"https://brume.example{path}" in message.body for path in paths)
    assert message.extra_headers["List-Unsubscribe"] == f"<https://brume.example{reader}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert told(NOW + 2 * HOUR) == []
    other = hold(date(2026, 9, 15), adopted=("Voirie",), approves=False)
    held.issue_acts(other, by=cast.secretariat, at=AT)
    publish(Meeting.objects.get(pk=other.pk), cast, at=NOW + 2 * HOUR)
    assert told(NOW + 5 * HOUR) == []  # within the day
    (next_day,) = told(NOW + 2 * DAY)
    assert "Voirie" in next_day.body and "Budget" not in next_day.body
    assert told(NOW + 4 * DAY) == []


def test_what_was_just_put_there_waits_and_what_is_withdrawn_is_not_told(
    cast, meeting, reader, anybody
):
    made = publish(meeting, cast, at=NOW)
    assert told(NOW + timedelta(minutes=5)) == []
    gone = next(each for each in made if "Budget" in each.title)
    withdraw(gone, cast)
    (message,) = told()
    assert "Travaux" in message.body and gone.get_absolute_url() not in message.body


def test_a_reader_chooses_bodies_and_matters(cast, meeting, hold, reader, anybody):
    wanted = meeting.deliberations.get(item__title="Travaux")
    ActSheet.objects.create(deliberation=wanted, matter="1.1", object="Travaux", typology="99_DE")
    assert anybody.post(reader, {"choisir": "1", "matieres": ["1", "4"]}).status_code == 200
    publish(meeting, cast, at=NOW)
    (message,) = told()
    assert "Travaux" in message.body and "Budget" not in message.body
    Alert.objects.update(mailed_at=None, told_until=NOW - DAY)
    bodies = [each.slug for each in cast.organisation.bodies.exclude(pk=meeting.body_id)]
    anybody.post(reader, {"choisir": "1", "instances": bodies})
    assert told(NOW + 2 * HOUR) == []
    refused = anybody.post(reader, {"choisir": "1", "matieres": ["x"], "instances": ["nulle"]})
    assert refused.status_code == 422


@pytest.mark.parametrize("asked", [{"effacer": "1"}, {"List-Unsubscribe": "One-Click"}])
def test_nothing_is_kept_of_who_wants_no_more(cast, meeting, reader, anybody, asked):
    publish(meeting, cast, at=NOW)
    alerts.run_due(NOW + HOUR)
    assert Letter.objects.filter(to=READER).exists()  # it was about to leave
    answer = anybody.post(reader, asked)
    assert "Votre adresse est effacée" in answer.text
    assert not Alert.objects.exists() and not Letter.objects.filter(to=READER).exists()
    assert sent() == [] and told(NOW + 2 * DAY) == []
    assert anybody.get(reader).status_code == anybody.post(reader, asked).status_code == 404


def test_nobody_learns_whether_an_address_is_known(cast, reader, anybody):
    """Nor changes what another chose."""
    known = ask(anybody, cast, matieres=["7"])
    unknown = ask(anybody, cast, email="personne@exemple.fr")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(READER, "…") == unknown.text.replace("personne@exemple.fr", "…")
    assert Alert.objects.get(email=READER).matters == []


def test_the_same_address_is_not_flooded(cast, anybody, monkeypatch):
    for _ in range(8):
        assert ask(anybody, cast, email=READER.upper()).status_code == 200
    assert len(sent()) == 1 and Alert.objects.count() == 1
    monkeypatch.setattr(throttle, "paced", lambda *args, **more: False)
    assert "Regardez votre courriel" in ask(anybody, cast, email="autre@exemple.fr").text
    assert not Alert.objects.filter(email="autre@exemple.fr").exists()


def test_one_network_leaves_few_addresses_an_hour(cast, anybody):
    for rank in range(20):
        assert ask(anybody, cast, email=f"autre{rank}@exemple.fr").status_code == 200
    assert Alert.objects.count() == alerts.AN_HOUR == len(sent())


def test_what_nobody_confirms_is_erased(cast, anybody):
    ask(anybody, cast)
    alerts.run_due(timezone.now() + 2 * DAY)
    assert Alert.objects.exists()
    alerts.run_due(timezone.now() + 4 * DAY)
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", f"{'a' * 300}@exemple.fr", "a@b.fr\nBcc: c@d.fr", "a@[127.0.0.1]"]
)
def test_an_address_that_is_none_is_told_so(cast, anybody, email):
    assert ask(anybody, cast, email=email).status_code == 422
    assert not Alert.objects.exists() and not Letter.objects.exists()


def test_looking_costs_nothing_when_nothing_is_new(cast, reader, anybody, meeting):
    idle = queries(lambda: alerts.run_due(NOW + HOUR))
    for rank in range(alerts.AN_HOUR - 1):
        ask(anybody, cast, email=f"autre{rank}@exemple.fr")
    Alert.objects.update(confirmed_at=NOW, told_until=NOW)
    assert queries(lambda: alerts.run_due(NOW + HOUR)) == idle


def test_every_kind_of_document_may_be_told(cast, meeting, reader):
    publish(meeting, cast, at=NOW)
    kinds = set(Publication.objects.values_list("document__kind", flat=True))
    assert kinds == {IssuedDocument.Kind.EXTRACT, IssuedDocument.Kind.LIST}
    (message,) = told()
    assert message.body.count("https://brume.example/actes/") == 3
