"""Secret links: what was sent before must open the same page tomorrow."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from archive.desk import calls
from archive.models import Alert, SigningCall
from archive.online import alerts
from convening.models import CalendarFeed
from members import links
from registry.models import Review
from registry.reviews import reading
from tests import held

MADE_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def key(settings):
    settings.SECRET_KEY = "la clé d’un site"


def test_the_links_of_the_first_versions_still_open():
    assert links.drawn("convening.invitation", "n") == "Jo8x8HVjL7oOOXYJlHtDreiHjFeGrHQHiV_pUGudB28"
    for made_at in (MADE_AT, timezone.localtime(MADE_AT)):
        feed = links.feed("convening.calendar", "12", made_at)
        assert feed == "6910d37d185a9187563578b5e8a8918d43f7f349ba16dd8b"
    assert links.hash_of("jeton") == hashlib.sha256(b"jeton").hexdigest()


def test_a_token_tells_nothing_of_another():
    drawn = {links.drawn(purpose, seed) for purpose in "ab" for seed in "cd"}
    assert len(drawn) == 4
    assert all(len(token) == 43 for token in (*drawn, links.new()))
    assert links.new() != links.new()


def test_a_link_unknown_or_over_opens_nothing(cast, django_assert_num_queries):
    row = CalendarFeed.objects.create(person=cast.alice, token_hash=links.hash_of("jeton"))
    rows = CalendarFeed.objects.all()
    assert links.find(rows, "jeton") == row
    for raw, living in (("jetons", {}), ("\ud800", {}), ("jeton", {"made_at": MADE_AT})):
        with django_assert_num_queries(1):
            assert links.find(rows, raw, **living) is None


def test_what_a_link_opens_is_discreet():
    response = links.discreet(HttpResponse())
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"


def test_a_link_that_was_mailed_is_written_again_after_the_key_of_the_site_changed(
    cast, client, settings
):
    """Of pages that keep the hash of their link alone: to stop reminders, alerts, to review."""
    tables = {
        calls.STOP: (SigningCall, {"person": cast.alice}),
        alerts.PAGE: (Alert, {"organisation": cast.organisation, "email": "x@exemple.fr"}),
    }
    mailed = {page: links.drawn(page, "graine") for page in (*tables, reading.PAGE)}
    for page, (table, told) in tables.items():
        table.objects.create(seed="graine", token_hash=links.hash_of(mailed[page]), **told)
    meeting, in_a_month = held.hold(cast, date(2026, 6, 9)), timezone.now() + timedelta(days=30)
    Review.objects.create(
        meeting=meeting,
        person=cast.alice,
        token_hash=links.hash_of(mailed[reading.PAGE]),
        asked_by=cast.secretariat,
        asked_at=timezone.now(),
        expires_at=in_a_month,
    )
    for page, raw in mailed.items():
        assert links.again(page, "graine") == raw
    settings.SECRET_KEY_FALLBACKS = ["une autre encore", settings.SECRET_KEY]
    settings.SECRET_KEY = "la nouvelle"
    for page, raw in mailed.items():
        assert links.again(page, "graine") == raw
        assert client.get(reverse(page, args=[raw])).status_code == 200
        assert links.again(page, "une graine neuve") == links.drawn(page, "une graine neuve")
    feed = CalendarFeed(person=cast.alice, made_at=MADE_AT)
    feed.token_hash = links.hash_of("6910d37d185a9187563578b5e8a8918d43f7f349ba16dd8b")
    shown = links.feed("convening.calendar", "12", MADE_AT, kept=feed.token_hash)
    assert links.hash_of(shown) == feed.token_hash
    settings.SECRET_KEY_FALLBACKS = []
    for page, raw in mailed.items():
        assert links.again(page, "graine") != raw
