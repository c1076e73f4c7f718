"""Secret links: what was sent before must open the same page tomorrow."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.http import HttpResponse
from django.utils import timezone

from convening.models import CalendarFeed
from members import links

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
