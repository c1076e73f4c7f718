"""`verify` sees what somebody left in the base, or took away from it: triggers, rules, constraints,
indexes, columns."""

import os
import subprocess
import sys

import pytest
from django.db import connection, transaction

from archive.keeping import integrity, structure
from tests.archive.test_integrity import in_the_back
from tests.processes import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def told() -> list[str]:
    return [f"{where} : {what}" for where, what in structure.faults()]


def test_the_base_is_as_the_migrations_built_it_and_asking_changes_nothing():
    assert told() == []
    assert told() == []
    assert "structure de la base" in integrity._LOOKS


SQLITE = {
    "un déclencheur": (
        "CREATE TRIGGER harmless AFTER INSERT ON convening_answer BEGIN "
        "UPDATE convening_answer SET holder_id = 85 WHERE id = new.id; END",
        "convening_answer : les migrations n’y ont pas mis «\u00a0CREATE TRIGGER harmless",
    ),
    "un déclencheur ôté": (
        'DROP TRIGGER "one_chair_at_a_time_on_UPDATE"',
        "members_mandate : il y manque «\u00a0CREATE TRIGGER one_chair_at_a_time_on_UPDATE",
    ),
    "une contrainte ôtée": (
        "DROP INDEX one_publication_per_code",
        "archive_publication : il y manque «\u00a0CREATE UNIQUE INDEX",
    ),
    "un index de plus": (
        "CREATE UNIQUE INDEX one ON members_person (last_name)",
        "members_person : les migrations n’y ont pas mis «\u00a0CREATE UNIQUE INDEX one",
    ),
    "une colonne de plus": (
        "ALTER TABLE members_person ADD COLUMN secret text",
        "members_person : les migrations n’y ont pas mis «\u00a0secret text",
    ),
    "une vue": ("CREATE VIEW persons AS SELECT 1", "CREATE VIEW persons"),
}
POSTGRESQL = {
    "un déclencheur": (
        "CREATE FUNCTION harmless() RETURNS trigger AS $$ BEGIN NEW.holder_id = 85; RETURN NEW; "
        "END $$ LANGUAGE plpgsql; CREATE TRIGGER harmless BEFORE INSERT ON convening_answer "
        "FOR EACH ROW EXECUTE FUNCTION harmless()",
        "convening_answer : les migrations n’y ont pas mis «\u00a0déclencheur CREATE TRIGGER harm",
    ),
    "un déclencheur ôté": (
        "DROP TRIGGER ledger_is_append_only ON meetings_sittingevent",
        "meetings_sittingevent : il y manque «\u00a0déclencheur CREATE TRIGGER ledger_is_append",
    ),
    "un déclencheur qui ne garde plus": (
        "CREATE OR REPLACE FUNCTION meetings_ledger_is_append_only() RETURNS trigger AS "
        "$$ BEGIN RETURN OLD; END $$ LANGUAGE plpgsql",
        "BEGIN RETURN OLD; END",
    ),
    "un déclencheur arrêté": (
        "ALTER TABLE meetings_sittingevent DISABLE TRIGGER USER",
        "déclencheur arrêté ledger_is_append_only",
    ),
    "une règle": (
        "CREATE RULE quiet AS ON DELETE TO convening_answer DO INSTEAD NOTHING",
        "convening_answer : les migrations n’y ont pas mis «\u00a0règle CREATE RULE quiet",
    ),
    "des lignes cachées": (
        "ALTER TABLE convening_answer ENABLE ROW LEVEL SECURITY",
        "à lignes cachées",
    ),
    "une contrainte ôtée": (
        "ALTER TABLE members_mandate DROP CONSTRAINT one_chair_at_a_time",
        "members_mandate : il y manque «\u00a0contrainte EXCLUDE USING gist",
    ),
    "un index ôté": (
        "DROP INDEX one_publication_per_code",
        "archive_publication : il y manque «\u00a0index CREATE UNIQUE INDEX",
    ),
    "une valeur par défaut": (
        "ALTER TABLE convening_answer ALTER COLUMN holder_id SET DEFAULT 85",
        "holder_id bigint 85",
    ),
    "une colonne calculée": (
        "ALTER TABLE members_person ADD COLUMN secret text GENERATED ALWAYS AS ('a') STORED",
        "members_person : les migrations n’y ont pas mis «\u00a0colonne secret text",
    ),
}
CHANGES = SQLITE if connection.vendor == "sqlite" else POSTGRESQL


@pytest.mark.parametrize(("sql", "words"), CHANGES.values(), ids=CHANGES)
def test_what_somebody_left_there_or_took_away_is_told(sql, words):
    with transaction.atomic():
        in_the_back(sql)
        assert any(words in each for each in told()), told()
        transaction.set_rollback(True)
    assert told() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL n’écrit pas ses index ainsi")
def test_an_index_that_lies_is_told(cast):
    """Rebuilt without a row, and its text put back."""
    name, table = "members_mandate_body_id_0fe3f2c6", "members_mandate"
    with transaction.atomic(), connection.cursor() as cursor:
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE %s"
        cursor.execute(sql, [f'CREATE INDEX "{table}_body_id%'])
        ((name, text),) = cursor.fetchall()
        cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(f'{text} WHERE "id" <> (SELECT 1)'.replace("(SELECT 1)", "1"))
        cursor.execute("PRAGMA writable_schema = ON")
        cursor.execute("UPDATE sqlite_master SET sql = %s WHERE name = %s", [text, name])
        cursor.execute("PRAGMA writable_schema = RESET")
        found = told()
        transaction.set_rollback(True)
    assert any("SQLite le dit abîmé" in each and name in each for each in found), found


# --- A base that came back --------------------------------------------------------------------

ASKS = """
import django
django.setup()
from archive.keeping import structure
for where, what in structure.faults():
    print(where, what)
"""


@pytest.fixture
def came_back(tmp_path):
    """The base of the tests, copied as an upgrade copies it and put back as one goes back."""
    settings = connection.settings_dict
    name = f"{settings['NAME']}_revenue"
    at = f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}"

    def run(*command: str, base: str) -> str:
        own = os.environ | {"DATABASE_URL": f"{at}/{base}", "DATA_DIR": str(tmp_path)}
        own |= {"DJANGO_SETTINGS_MODULE": "somme_gov.settings", "SECRET_KEY": "a"}
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)  # noqa: S603
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("bin/keep-base", str(tmp_path / "avant"), base=settings["NAME"])
    (copy,) = (tmp_path / "avant").iterdir()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
        run("bin/back-to", str(copy), base=name)
        yield lambda *command: run(*command, base=name), f"{at}/{name}"
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.proof
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite garde les mots mêmes")
def test_a_base_that_came_back_from_its_copy_is_as_it_was_built_and_what_is_changed_is_told(
    came_back,
):
    """PostgreSQL reads what it wrote a little otherwise (« ARRAY »): eight constraints of that
    kind were told as faults, of every base that had ever been put back."""
    run, at = came_back
    asks = (sys.executable, "-c", ASKS)
    assert run(*asks) == ""
    told = "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    told += "WHERE contype = 'c' AND pg_get_constraintdef(oid) LIKE '%ARRAY[%' ORDER BY 2 LIMIT 1"
    table, name, words = run("psql", "-qtAF", "|", "-c", told, at).strip().split("|", 2)
    wider = words.replace("ARRAY[", "ARRAY[('glissé'::character varying)::text, ", 1)
    change = f'ALTER TABLE {table} DROP CONSTRAINT "{name}", ADD CONSTRAINT "{name}" {wider}'
    run("psql", "-qc", change, at)
    found = run(*asks).splitlines()
    assert len(found) == 2 and all(table in each for each in found), found
    assert "glissé" in found[0] and "n’y ont pas mis" in found[0] and "il y manque" in found[1]
