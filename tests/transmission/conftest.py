"""Files of its own for each test, and sittings whose acts are ready to be sent."""

from collections.abc import Callable
from functools import partial

import pytest

from meetings.models import Meeting
from tests.transmission import made
from tests.transmission.carried import Clock, kind_of
from tests.transmission.pastell import Pastell as PastellServer
from tests.transmission.s2low import S2low as S2lowServer
from transmission.actions import sending as sendings
from transmission.models import Operator, Transmission


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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["s2low", "pastell"])
def service(request):
    with (S2lowServer if request.param == "s2low" else PastellServer)() as server:
        yield server


@pytest.fixture
def s2low():
    with S2lowServer() as server:
        yield server


@pytest.fixture
def ready(cast, sitting, settings):
    """`ready(service, "Budget")`: sendings by this service, as they leave the hands of a person."""

    def make(service, *titles: str) -> list[Transmission]:
        meeting = sitting(*titles or ("Budget primitif",))
        settings.TRANSMISSION_HOSTS = [service.address.partition("//")[2]]
        kind = kind_of(service)
        Operator.objects.create(
            organisation=cast.organisation,
            kind=kind,
            address=service.address,
            entity="7" if kind == "pastell" else "",
        )
        for each in meeting.deliberations.all():
            made.confirm(each, cast)
        batch = sendings.prepare_sitting(meeting, by=cast.secretariat, at=made.AT, connector=kind)
        assert batch.refused == ()
        service.department, service.siren = batch.done[0].identifier.split("-")[:2]
        return list(batch.done)

    return make
