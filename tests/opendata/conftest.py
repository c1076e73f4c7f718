"""A sitting of every kind of decision, online; and what the standards say, when they are here."""

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from archive import actions as publishing
from archive import annexes
from archive.models import Publication
from documents import actions as documents
from meetings.models import Attachment, Meeting
from members.models import Organisation
from registry.acts import actions as acts
from registry.models import Deliberation
from tests import beside, held
from tests.cast import Cast, change
from tests.held import AT
from tests.registry.conftest import hold, media  # noqa: F401 the same sittings and folders
from transmission.models import ActSheet

LATER = AT + timedelta(days=40)
SIRET = "20000001600010"
STANDARDS = beside.folder("standards")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path) -> Path:
    """What one test wrote is not what the next one reads: numbers begin again in each."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "donnees-ouvertes"


@pytest.fixture
def known(cast: Cast) -> Organisation:
    """The organisation, as the prefecture knows it."""
    change(cast.organisation, siret=SIRET, department="080")
    return cast.organisation


@pytest.fixture
def sat(cast: Cast) -> Meeting:
    """The sitting of June: votes shown, public, secret, and an item put off."""
    return held.whole(cast)


@pytest.fixture
def online(cast: Cast, known, sat, hold) -> list[Publication]:  # noqa: F811
    """All of it online: adopted minutes, list, extracts, filed."""
    minutes = documents.issue_minutes(sat, by=cast.secretariat, at=AT)
    later = hold(date(2026, 7, 7))
    acts.record_adoptions(later, by=cast.secretariat, at=AT)
    held.issue_acts(sat, by=cast.secretariat)
    join(cast, sat.items.get(title="Budget"), "Maquette", "maquette.pdf")
    file_all(cast)
    made = [publishing.publish(minutes, by=cast.secretariat, at=LATER)]
    return [*made, *publishing.publish_acts(sat, by=cast.secretariat, at=LATER)]


def join(cast: Cast, item, title: str, filename: str, content: bytes = b"%PDF-1.4") -> None:
    """A file joined to an item, chosen to go online with its act."""
    row = Attachment.objects.create(
        item=item,
        title=title,
        filename=filename,
        file=ContentFile(content, "piece.pdf"),
        sha256=sha256(content).hexdigest(),
        size=len(content),
    )
    annexes.choose(row, is_public=True, by=cast.secretariat, at=AT)


def file_all(cast: Cast, matter: str = "7.10") -> None:
    """A sheet for each act that has none."""
    filed = ActSheet.objects.values("deliberation")
    for each in Deliberation.objects.exclude(pk__in=filed):
        ActSheet.objects.create(
            deliberation=each, matter=matter, object=each.item.title[:500], typology="99_DE"
        )
