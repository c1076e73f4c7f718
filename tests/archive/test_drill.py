"""The exercise of each week: a backup is restored beside, verified there, and fails aloud."""

import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.keeping import safeguarding, stores
from archive.models import Safeguard
from archive.watching import facts
from documents.models import IssuedDocument
from members.models import Person
from tests.archive.test_moving import by_hand

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("exercise_is_migrated"),
    pytest.mark.proof,
]


@pytest.fixture
def night(signed, settings, tmp_path):
    """Tonight's backup of signed minutes."""
    settings.BACKUP_DIR = tmp_path / "nuits"
    row = safeguarding.make(at=timezone.now() - timedelta(minutes=1))
    assert row.is_good
    return settings.BACKUP_DIR / row.name


def drilled(path) -> Safeguard:
    row = safeguarding.drill(path.name, at=timezone.now())
    assert row.ended_at and not list(path.parent.glob(".exercice-*"))
    return row


def test_the_command_restores_the_last_good_one_and_the_watch_shows_it(night, settings):
    call_command("safeguard", drill=True)
    row = safeguarding.last_good(Safeguard.Kind.DRILL)
    assert row and row.name == night.name and row.is_good
    told = {each.title: each for each in facts.all_of_them(at=timezone.now())}
    said = told["Dernière restauration éprouvée"]
    assert night.name in said.told and said.state == facts.State.GOOD


@pytest.mark.parametrize("loss", ["altéré", "absent"])
def test_a_file_of_the_store_that_is_altered_or_gone_is_told_aloud(night, caplog, loss):
    document = IssuedDocument.objects.get()
    store = stores.Store(safeguarding.place(), "fichiers")
    kept = night.parent / store.name_of(document.pdf_sha256)
    if loss == "altéré":
        kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    else:
        kept.unlink()
    caplog.set_level(logging.ERROR)
    with pytest.raises(
        CommandError, match="est abîmé" if loss == "altéré" else "Il manque des fichiers"
    ):
        call_command("safeguard", drill=True)
    assert "La restauration dit" in caplog.text  # and so a mail to ERROR_MAILS
    assert safeguarding.last_good(Safeguard.Kind.DRILL) is None


@pytest.mark.database
def test_what_only_a_restored_base_tells_is_told(night):
    """It is restored for good: a row that somebody changed is in a backup that is whole."""
    by_hand(Person, first_name="Zoé")
    row = safeguarding.make(at=timezone.now())
    assert row.is_good
    assert "prénom" in drilled(night.parent / row.name).trouble
