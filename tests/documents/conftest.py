"""Papers written by hand, and sittings built by the real verbs."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from django.utils import timezone

from meetings.actions import items
from meetings.models import Meeting
from tests.held import prepare, sit, whole

ISSUED_AT = timezone.make_aware(datetime(2026, 6, 15, 9, 30))


def printed(document) -> bytes:
    """The PDF of an issued document, as it is kept."""
    with document.pdf.open("rb") as file:
        return file.read()


@pytest.fixture
def check_golden(pytestconfig) -> Callable[[Path, str], None]:
    """`check_golden(path, text)`: the text is the one that is kept there; `--golden` keeps it."""

    def check(path: Path, text: str) -> None:
        if pytestconfig.getoption("--golden"):
            path.write_text(text)
        assert text == path.read_text(), "si c’est voulu : pytest tests/documents --golden"

    return check


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Each test has its own place for files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def bureau(cast) -> Meeting:
    """The Bureau of 9 June 2026, held and closed: Alice chairs, Bruno keeps the minutes,
    Denis is excused; one section with one item on its agenda."""
    meeting = prepare(
        cast,
        body=cast.bureau,
        clock="17:30",
        place="dans ses locaux",
        convened_on=date(2026, 5, 28),
    )
    section = items.add_item(
        meeting, kind="section", title="Examen de l'ordre du jour", by=cast.secretariat
    )
    items.add_item(
        meeting,
        kind="information",
        title="Tarifs de l’archivage",
        parent=section,
        text="<p>le Bureau examine les tarifs :</p><ul><li>un ;</li><li>deux.</li></ul>",
        by=cast.secretariat,
    )
    sit(meeting, by=cast.secretariat, excused=["denis-duval"], hours=1)
    return meeting


@pytest.fixture
def comite(cast) -> Meeting:
    return whole(cast)
