"""Sittings of the Comité held and closed by the real verbs, ready for the register."""

import shutil
from collections.abc import Callable
from functools import partial

import pytest
from django.urls import reverse

from documents import actions as documents
from meetings.models import Meeting
from registry.acts import actions
from registry.signatures import actions as signatures
from tests import held
from tests.held import AT, JULY, JUNE


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Each test has its own place for files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def hold(cast) -> Callable[..., Meeting]:
    """`hold(on, adopted=[titles], rejected=[titles])`: a sitting of the Comité, closed."""
    return partial(held.hold, cast)


@pytest.fixture
def june(hold) -> Meeting:
    """The Comité of June: its budget adopted."""
    return hold(JUNE, adopted=("Budget",))


@pytest.fixture
def secretary(client_of, cast):
    """The browser of the secretariat."""
    return client_of(cast.secretariat)


def page(client, name: str, *args) -> str:
    """What the page of this name says, of the sitting or document `args`."""
    return client.get(reverse(f"registry:{name}", args=args)).content.decode()


def refused(response, words: str) -> None:
    """The page comes back with these words."""
    assert response.status_code == 422 and words in response.content.decode()


# --- Signing ----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def demonstration(settings, tmp_path, made_authority):
    shutil.copytree(made_authority, tmp_path / "autorite")
    settings.DATA_DIR = tmp_path
    settings.SIGNING_DEVELOPMENT = True
    settings.SIGNING_DIR = tmp_path / "certificats"
    settings.SIGNING_ROOTS = tmp_path / "autorites"


@pytest.fixture
def accounts(cast):
    """Alice presided and Bruno kept the minutes: both have an account and a key."""
    found = held.give_accounts(cast)
    held.give_keys(cast)
    return found


@pytest.fixture
def minutes(cast, hold, june, accounts):
    """Minutes of June, adopted in July, ready for their signatures."""
    issued = documents.issue_minutes(june, by=cast.secretariat, at=AT)
    actions.record_adoptions(hold(JULY), by=cast.secretariat, at=AT)
    signatures.prepare_signing(issued, by=cast.secretariat, at=AT)
    return issued
