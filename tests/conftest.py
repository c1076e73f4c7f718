"""What every test may ask for: the cast, and a browser signed in as one of them."""

import hashlib
import random
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client

from documents import models as documents
from documents import papers, render
from live import refresh
from tests.cast import Cast, make_cast


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing is slow on purpose; tests do not need it to be."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def empty_cache():
    """Failures counted in one test must not make the next one wait, nor its screens show."""
    cache.clear()
    refresh.forget()


@pytest.fixture(scope="session", autouse=True)
def drawings() -> Iterator[dict[str, bytes]]:
    """Each page is drawn once: the same page is the same file, which is tested where it is said,
    after `drawings.clear()`. A third of the time of the register's tests went into pages that
    another test had drawn."""
    kept: dict[str, bytes] = {}
    drawn = render.draw

    def draw(html, *, attached=(), pictures=None, watch=None):
        attached = list(attached)
        if watch is not None or pictures:
            return drawn(html, attached=attached, pictures=pictures, watch=watch)
        said = "\0".join((html, *map(papers.to_json, attached)))
        key = hashlib.sha256(said.encode()).hexdigest()
        if key not in kept:
            kept[key] = drawn(html, attached=attached)
        return kept[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(render, "draw", draw)
        yield kept


@pytest.fixture(autouse=True)
def same_codes(monkeypatch):
    """The codes printed on papers come in the same order in every test."""
    drawn_alike = SimpleNamespace(choice=random.Random(0).choice)  # noqa: S311 not a secret here
    monkeypatch.setattr(documents, "secrets", drawn_alike)


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def client_of(db):
    """`client_of(cast.secretariat)` is a browser in which she is signed in; `None`: nobody is."""

    def signed_in(user) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return signed_in
