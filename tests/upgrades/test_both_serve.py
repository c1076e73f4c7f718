"""During an upgrade of several hosts, the code of the last release and this one serve one base.

So a migration that came since the last release only adds (`expand`): what takes away waits for the
release after (`contract`) and names, in `retires`, the one whose code did without it already. What
a machine cannot judge says in `serves_both` why the code of before goes on. How to write each:
docs/decisions/0052-mettre-a-jour-et-revenir.md.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from members import history

ROOT = Path(__file__).resolve().parents[2]
ONLY_ADD = (
    *(migrations.CreateModel, migrations.AddIndex, migrations.RenameIndex),
    *(migrations.RemoveIndex, migrations.RemoveConstraint),
    *(migrations.AlterModelOptions, migrations.AlterModelManagers),
)
TAKE_AWAY = (migrations.RemoveField, migrations.DeleteModel, migrations.RunSQL)
NO_REASON = (*TAKE_AWAY[:2], migrations.RenameField, migrations.RenameModel)


def releases() -> list[str]:
    """Those that came out, the newest first: with « À venir » on top, the newest title is one."""
    titles = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    return titles[1:]


def faults(migration: Any, before: ProjectState, released: Iterable[str]) -> list[str]:
    """What the code of the last release would not survive; empty when both serve."""
    retires, reason = getattr(migration, "retires", ""), getattr(migration, "serves_both", "")
    found = []
    for operation, state in _on_the_base(migration, before):
        trouble = _trouble(operation, state, migration.app_label)
        is_excused = reason and not isinstance(operation, NO_REASON)
        is_contract = isinstance(operation, TAKE_AWAY) and retires in released
        if trouble and not is_excused and not is_contract:
            found.append(f"{migration}: {operation.describe()}: {trouble}")
    return found


def _on_the_base(migration: Any, before: ProjectState) -> Iterator[tuple[Operation, ProjectState]]:
    """What is done to the tables, each with what it finds."""
    state = before.clone()
    for operation in migration.operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from ((each, state) for each in operation.database_operations)
        else:
            yield operation, state
        operation.state_forwards(migration.app_label, state)


def _trouble(operation: Operation, state: ProjectState, app: str) -> str:
    match operation:
        case _ if isinstance(operation, ONLY_ADD):
            return ""
        case migrations.AddField(field=field):
            is_free = field.null or field.has_db_default() or field.many_to_many
            return "" if is_free else "the code of before leaves it empty: null, or db_default"
        case migrations.AlterField(field=field):
            old = state.models[app, operation.model_name_lower].get_field(operation.name)
            return _narrower(old, field)
    return "the code of before may still need what it changes"


def _narrower(old: models.Field, new: models.Field) -> str:
    """What the column took and takes no more."""
    if old.get_internal_type() != new.get_internal_type():
        return "another type"
    if old.null and not new.null:
        return "what is empty is refused"
    if (new.unique and not old.unique) or (old.has_db_default() and not new.has_db_default()):
        return "what was taken is refused"
    for name in ("max_length", "max_digits"):
        was, now = getattr(old, name, None), getattr(new, name, None)
        if now is not None and (was is None or now < was):
            return "shorter"
    return ""


def test_what_came_since_the_last_release_lets_its_code_serve():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set((ROOT / "tests/migrations.txt").read_text().split())
    since = [
        key
        for key in loader.disk_migrations
        if ".".join(key) not in known and key[0] in history.our_labels()
    ]
    found = [
        fault
        for key in since
        for fault in faults(
            loader.disk_migrations[key], loader.project_state(key, at_end=False), releases()
        )
    ]
    assert found == [], "docs/decisions/0052-mettre-a-jour-et-revenir.md says what to write instead"


def test_the_list_is_that_of_the_last_release():
    """Between two releases it does not grow: a release writes all of its migrations there."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {".".join(key) for key in loader.disk_migrations if key[0] in history.our_labels()}
    listed = set((ROOT / "tests/migrations.txt").read_text().split())
    is_release = not (ROOT / "CHANGELOG.md").read_text().split("\n## ")[1].startswith("À venir")
    assert not is_release or ours <= listed, (
        "a release lists its migrations in tests/migrations.txt"
    )


SEAT = ModelState(
    "members",
    "Seat",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=50)),
        ("since", models.DateField(null=True)),
    ],
)
Char, Sql, Python = models.CharField, migrations.RunSQL, migrations.RunPython
TABLE = [
    (migrations.AddField("seat", "rank", models.IntegerField(null=True)), {}, True),
    (migrations.AddField("seat", "rank", models.IntegerField(db_default=0)), {}, True),
    (migrations.AddField("seat", "rank", models.IntegerField(default=0)), {}, False),
    (migrations.AlterField("seat", "name", Char(max_length=80)), {}, True),
    (migrations.AlterField("seat", "name", Char("nom", max_length=50)), {}, True),
    (migrations.AlterField("seat", "name", Char(max_length=40)), {}, False),
    (migrations.AlterField("seat", "name", models.TextField()), {}, False),
    (migrations.AlterField("seat", "name", Char(max_length=50, unique=True)), {}, False),
    (migrations.AlterField("seat", "since", models.DateField()), {}, False),
    (migrations.AlterField("seat", "since", models.DateField()), {"serves_both": "why"}, True),
    (migrations.RenameField("seat", "name", "title"), {}, False),
    (migrations.RenameField("seat", "name", "title"), {"retires": "0.3.0"}, False),
    (migrations.RenameField("seat", "name", "title"), {"serves_both": "why"}, False),
    (migrations.RemoveField("seat", "name"), {}, False),
    (migrations.RemoveField("seat", "name"), {"serves_both": "why"}, False),
    (migrations.RemoveField("seat", "name"), {"retires": "0.4.0"}, False),
    (migrations.RemoveField("seat", "name"), {"retires": "0.3.0"}, True),
    (migrations.DeleteModel("Seat"), {}, False),
    (Sql("ALTER TABLE members_seat DROP COLUMN name"), {}, False),
    (Sql("ALTER TABLE members_seat DROP COLUMN name"), {"retires": "0.3.0"}, True),
    (Python(Python.noop), {}, False),
    (Python(Python.noop), {"serves_both": "adds what nobody reads yet"}, True),
    (
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("seat", "name")]
        ),
        {},
        True,
    ),
    (
        migrations.SeparateDatabaseAndState([migrations.RemoveField("seat", "name")]),
        {},
        False,
    ),
]


@pytest.mark.parametrize(("operation", "said", "serves"), TABLE)
def test_what_the_code_of_before_survives(operation, said, serves):
    state = ProjectState()
    state.add_model(SEAT.clone())
    migration = migrations.Migration("0999_of_the_test", "members")
    migration.operations = [operation]
    vars(migration).update(said)
    assert (faults(migration, state, ["0.3.0", "0.2.0"]) == []) is serves
