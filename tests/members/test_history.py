"""A base that this code cannot go on with is recognised before anything is changed."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from members import history

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_our_own_base_is_known():
    assert history.unknown() == []


def test_a_base_of_a_later_version_or_of_another_time_is_not_migrated():
    MigrationRecorder(connection).record_applied("archive", "0999_of_another_time")
    MigrationRecorder(connection).record_applied("somebody", "0001_else")
    assert history.unknown() == ["archive.0999_of_another_time"]
    with pytest.raises(CommandError, match="ne va pas avec cette version"):
        call_command("migrate", check_unapplied=True, skip_checks=False, verbosity=0)
    with pytest.raises(CommandError, match="bin/back-to"):
        call_command("check", databases=["default"])


def test_a_base_between_two_versions_is_not_migrated_either():
    MigrationRecorder(connection).record_unapplied("documents", "0001_initial")
    with pytest.raises(CommandError, match="is applied before its dependency"):
        call_command("check", databases=["default"])


def test_a_base_that_lacks_a_column_of_a_migration_written_again_is_told_which():
    """That of the 26th of November between ten and one: it was not refused, and `migrate` ended in
    a trace."""
    call_command("check", databases=["default"])
    (last,) = MigrationLoader(connection).graph.leaf_nodes("archive")
    MigrationRecorder(connection).record_unapplied(*last)
    call_command("check", databases=["default"])  # what comes later is not missed
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE documents_issueddocument RENAME COLUMN signatories TO gone")
    with pytest.raises(
        CommandError, match=r"il y manque documents_issueddocument\.signatories"
    ) as told:
        call_command("check", databases=["default"])
    assert "export_sitting" in str(told.value)
