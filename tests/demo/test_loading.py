"""What the demonstration is loaded from, and where it does not belong."""

import pytest
from django.core.management import CommandError
from django.db import OperationalError

from demo import loading, year
from meetings import sitting_file
from meetings.models import Meeting
from members.models import User
from tests.cast import change, make_organisation
from tests.demo.conftest import run


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.proof
def test_its_texts_are_as_the_editor_writes_them(db):
    """Nothing of the data is changed on its way in."""
    organisation = loading.load()
    for path in sorted((loading.DATA / "seances").glob("*.json")):
        short = sitting_file.read(path.read_bytes())
        meeting = Meeting.objects.get(
            body__organisation=organisation,
            body__slug=short["body"],
            held_on=short["meeting"]["held_on"],
        )
        texts = {item["key"]: item.get("text", "") for item in _flat(short["agenda"])}
        assert {item.key: item.text for item in meeting.items.all()} == texts
        assert [event.kind for event in meeting.events.all()][1:] == [
            line["kind"] for line in short["ledger"]
        ]


def _flat(items):
    for item in items:
        yield item
        yield from _flat(item.get("children", ()))


def test_it_refuses_a_database_that_serves_somebody(cast):
    with pytest.raises(CommandError, match="Autre Rive, Val de Brume"):
        run()
    change(cast.other_organisation, is_fleeting=True)  # somebody plays there: that is no service
    with pytest.raises(CommandError, match=r"\(Val de Brume\)"):
        run()
    assert not User.objects.filter(email__endswith="@demo.example").exists()


@pytest.mark.proof
def test_it_can_be_forced(db, monkeypatch):
    monkeypatch.setattr(year, "STORIES", year.STORIES[:2])
    make_organisation()
    assert "Démonstration prête" in run(force=True)


def test_it_says_when_the_tables_are_missing(db, monkeypatch):
    def missing():
        raise OperationalError("no such table")

    monkeypatch.setattr(loading, "load", missing)
    with pytest.raises(CommandError, match="lancez d’abord migrate"):
        run()
