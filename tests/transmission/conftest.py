"""Files of its own for each test, and sittings whose acts are ready to be sent."""

from collections.abc import Callable
from functools import partial

import pytest

from meetings.models import Meeting
from tests.transmission import made


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def sitting(cast) -> Callable[..., Meeting]:
    """`sitting("Budget", "Emprunt")`: the Comité of June, its extracts established."""
    return partial(made.sitting, cast)


@pytest.fixture
def secretary(client_of, cast):
    """The browser of the secretariat."""
    return client_of(cast.secretariat)
