"""What every test may ask for: the cast, and a browser signed in as one of them."""

import pytest
from django.core.cache import cache
from django.test import Client

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
