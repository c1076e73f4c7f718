"""Sittings built by the real verbs, so that no test holds an impossible one."""

from datetime import date, datetime, time

import pytest

from meetings.actions import items, preparing
from meetings.models import Meeting
from tests.held import sit

HELD_ON = date(2026, 6, 9)


def at(clock: str) -> datetime:
    """The wall clock of the sitting: at("18:36")."""
    return datetime.combine(HELD_ON, time.fromisoformat(clock))


@pytest.fixture
def bureau(cast) -> Meeting:
    """The Bureau of 9 June 2026, prepared, nothing told: Alice (chair), Bruno, Denis."""
    return preparing.create_meeting(
        body=cast.bureau, held_on=HELD_ON, starts_at=time(17, 30), by=cast.secretariat
    )


@pytest.fixture
def comite(cast) -> Meeting:
    """The Comité of 9 June 2026 at 19 h: six titulars, Gaëlle substitute of Claire."""
    return preparing.create_meeting(
        body=cast.comite, held_on=HELD_ON, starts_at=time(19), by=cast.secretariat
    )


@pytest.fixture
def held(comite, cast) -> Meeting:
    """The Comité with everybody there, opened by Alice, one deliberation on its agenda."""
    sit(comite, by=cast.secretariat, hours=None)
    items.add_item(comite, title="Budget primitif", by=cast.secretariat)
    return comite


@pytest.fixture
def own_media(settings, tmp_path):
    """Files of this test alone."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def by(cast):
    """Who keeps the sittings."""
    return cast.secretariat


@pytest.fixture
def secretary(by, client_of):
    """A browser in which they are signed in."""
    return client_of(by)


@pytest.fixture
def item(held):
    """The deliberation on the budget."""
    return held.agenda["p1"].item


def post(client, meeting, kind, **data):
    """A movement, as its form tells it."""
    answer = client.post(f"/seances/{meeting.pk}/mouvements/{kind}/", data)
    meeting.forget()
    return answer
