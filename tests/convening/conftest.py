"""Files, people and browsers that the tests of convening share."""

import pytest
from django.test import Client

from convening.actions import drafting
from convening.models import Convocation
from members.models import User
from tests.convening import desk
from tests.convening.sent import NOW, Sent, make_sent


@pytest.fixture
def own_directory(settings, tmp_path):
    """Journals, dossiers and mails kept lie in a directory of the test."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def stopped_clock(time_machine) -> None:
    """The clock of the site stands at `NOW`."""
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def sent(cast, stopped_clock) -> Sent:
    """A sitting that was convened, a moment ago by the clock."""
    return make_sent(cast)


@pytest.fixture
def by(cast) -> User:
    return cast.secretariat


@pytest.fixture
def draft(cast, by) -> Convocation:
    """A convocation about to be sent, to people who all have an address."""
    desk.give_addresses(cast)
    return drafting.prepare(desk.prepared(cast), by=by)


@pytest.fixture
def convened(cast) -> Convocation:
    """Six people by mail, one on paper; nothing has left yet."""
    return desk.convened(cast)


@pytest.fixture
def answered(sent) -> Sent:
    """Three titulars come, Gaëlle sits for Claire, Elsa gives Denis her proxy, Farid is silent."""
    sent.hears("alice,bruno,denis,gaelle present", "claire excuse +gaelle", "elsa excuse >denis")
    return sent


@pytest.fixture
def secretary(cast, client_of) -> Client:
    return client_of(cast.secretariat)


@pytest.fixture
def phone() -> Client:
    """A browser that nobody signed in to."""
    return Client(enforce_csrf_checks=True)
