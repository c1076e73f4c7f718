"""The watch over secrets (tests/secrecy.py) sees what it is there to see."""

import logging
import secrets

import pytest

from members import links
from tests import secrecy
from trail.models import Act
from trail.recording import note


@pytest.fixture
def seen():
    """What the watch found so far; forgotten afterwards, so that it does not fail this test."""
    yield secrecy.found
    secrecy.found.clear()


def test_a_secret_in_the_log_is_seen(seen):
    logging.getLogger("django.request").warning("jeton %s", links.new())
    assert len(seen) == 1


@pytest.mark.parametrize(
    "before", ["/invitation/", "/mot-de-passe/choisir/MQ/", "/mon-compte/adresse/"]
)
def test_a_secret_link_is_masked_before(seen, before):
    """However short: a reset token has 39 characters."""
    for secret in (links.new(), secrets.token_urlsafe(29), secrets.token_hex(8)):
        logging.getLogger("django.request").warning("Not Found: %s%s/", before, secret)
    assert len(secrecy.known) == 3 and seen == []


def test_a_secret_in_the_trail_is_seen(db, seen):
    note(Act.ROLE, f"lien {links.drawn('essai', 'graine')}")
    assert len(seen) == 1
