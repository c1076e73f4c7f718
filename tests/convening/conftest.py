"""Files, people and browsers that the tests of convening share."""

import pytest
from django.test import Client

from tests.convening.sent import NOW, Sent, make_sent


@pytest.fixture
def own_directory(settings, tmp_path):
    """Journals, dossiers and mails kept lie in a directory of the test."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def sent(cast, time_machine) -> Sent:
    """A sitting that was convened; the clock of the site stands at `NOW`."""
    time_machine.move_to(NOW, tick=False)
    return make_sent(cast)


@pytest.fixture
def secretary(cast, client_of) -> Client:
    return client_of(cast.secretariat)


@pytest.fixture
def phone() -> Client:
    """A browser that nobody signed in to."""
    return Client(enforce_csrf_checks=True)
