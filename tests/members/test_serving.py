"""Which machine serves a base: a copy knows that it is one."""

import pytest

from members import serving
from members.models import Service
from tests.live.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def machine(settings, tmp_path):
    """Moves to a machine of this name, with its own `DATA_DIR`."""

    def move(name: str) -> None:
        settings.DATA_DIR = tmp_path / name
        settings.DATA_DIR.mkdir(exist_ok=True)

    move("une")
    return move


def test_a_base_is_held_wherever_it_was_not_served(machine):
    assert not serving.is_held()  # served nowhere yet
    serving.claim()
    assert not serving.is_held()
    machine("autre")  # where the tools of the database copied it
    assert serving.is_held()
    serving.claim()  # no server says it for somebody
    assert serving.is_held()
    serving.serve()
    assert not serving.is_held()
    machine("une")
    assert serving.is_held()


def test_a_base_that_was_restored_is_held_even_where_it_was_served():
    serving.claim()
    serving.hold()
    assert serving.is_held()


def test_all_who_come_at_once_have_one_mark(settings):
    marks = at_once(lambda _: serving._marked(), range(5))
    assert len(set(marks)) == 1 and len(marks[0]) > 20
    assert [path.name for path in settings.DATA_DIR.iterdir()] == ["machine"]
    assert not Service.objects.exists()


def test_hosts_that_share_no_folder_serve_together_by_the_mark_they_are_given(machine, settings):
    settings.SERVICE_MARK = "une marque tirée au sort"
    serving.claim()
    machine("autre")
    assert not serving.is_held()
    settings.SERVICE_MARK = "celle d’une copie d’essai"
    assert serving.is_held()
