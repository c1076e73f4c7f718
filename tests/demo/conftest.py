"""The demonstration as `make run` loads it, once for each file that walks through it."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings


def run(**options) -> str:
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demonstration")


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker, place) -> Iterator[str]:
    """The demonstration loaded once for the whole file: forty papers, as many signatures. Each
    test goes back to it."""
    own = {
        "DATA_DIR": place,
        "MEDIA_ROOT": place / "media",
        "SIGNING_DEVELOPMENT": True,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }
    with django_db_blocker.unblock(), override_settings(**own), transaction.atomic():
        yield run()
        transaction.set_rollback(True)


@pytest.fixture
def loaded(told, db, settings, place) -> str:
    settings.DATA_DIR = place
    settings.MEDIA_ROOT = place / "media"
    settings.SIGNING_DEVELOPMENT = True
    return told
