"""A process of its own for the files of strangers: what it may take, and what it never gets."""

import pytest

from members import cells
from registry.signatures.pades import Trust
from tests import apart
from tests.meetings import files

PROBE = "tests.members.probe"


def test_it_answers_and_knows_no_secret_of_the_server(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "un secret")
    known = cells.ask(PROBE, "environment")
    assert "SECRET_KEY" not in known and "MALLOC_ARENA_MAX" in known


def test_a_reader_begun_from_nothing_answers_as_its_copies_do_in_the_other_tests():
    asked = (apart.READER, files.pdf(2), Trust(), None)
    assert apart.from_nothing(*asked) == apart.ask(*asked) == {"reports": []}


@pytest.mark.proof
@pytest.mark.parametrize("wish", ["memory", "time", "long", "death", "file"])
def test_what_asks_too_much_is_stopped(monkeypatch, wish):
    monkeypatch.setattr(cells, "SECONDS", 1)
    with pytest.raises(cells.Excessive):
        cells.ask(PROBE, wish)


@pytest.mark.proof
def test_what_never_ends_without_working_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(cells, "PATIENCE", 0.01)
    with pytest.raises(cells.Excessive):
        cells.ask(PROBE, "time")
