"""Whether this code can go on with this base: told before a migration touches anything."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import connections
from django.db.migrations.exceptions import InconsistentMigrationHistory, NodeNotFoundError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def unknown(alias: str = "default") -> list[str]:
    """What was applied to this base by a version of ours that this one does not know."""
    ours = our_labels()
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = {*disk, *(old for each in disk.values() for old in each.replaces)}
    return sorted(
        f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in known
    )


def our_labels() -> set[str]:
    """The rooms of the house, by the names that their migrations bear."""
    here = Path(settings.BASE_DIR)
    return {each.label for each in apps.get_app_configs() if Path(each.path).parent == here}


def disorder(alias: str = "default") -> str:
    """Why what was applied to this base cannot go on in our order; "" when it can."""
    try:
        loader = MigrationLoader(connections[alias], ignore_no_migrations=True)
        loader.check_consistent_history(connections[alias])
    except (InconsistentMigrationHistory, NodeNotFoundError) as error:
        return str(error)
    return ""


def missing(alias: str = "default") -> list[str]:
    """The columns that what was applied here should have made, and that are not there: a migration
    was written again under its name after this base had applied it.

    Looked for only while something is to be applied: what has all of today's migrations was
    looked at when it received them.
    """
    connection = connections[alias]
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    applied = [key for key in loader.applied_migrations if key in loader.graph.nodes]
    ours = our_labels()
    if len(applied) == len(loader.graph.nodes) or not any(app in ours for app, _ in applied):
        return []
    state = loader.project_state(applied)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        there = {
            (table, column.name)
            for table in tables
            for column in connection.introspection.get_table_description(cursor, table)
        }
    return sorted(
        f"{model._meta.db_table}.{field.column}"
        for model in state.apps.get_models()
        if model._meta.app_label in ours and model._meta.managed
        for field in model._meta.local_concrete_fields
        if (model._meta.db_table, field.column) not in there
    )


def check_history(
    app_configs: Any = None, databases: Iterable[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """An error for a base that comes from another time: `migrate` stops there."""
    return [
        checks.Error(
            f"Cette base ne va pas avec cette version\u00a0: {found} Rien n’a été changé.",
            hint="Plus récente que ce code, servez-la par la version qui l’a mise à jour, ou "
            "remettez celle d’avant (bin/back-to). D’avant la 0.1.0, ou d’entre deux versions, "
            "exportez chaque séance par son propre code (export_sitting), et reprenez-les "
            "dans une base neuve (import_sitting).",
            id="somme_gov.E001",
        )
        for alias in databases or ()
        if (found := _fault(alias))
    ]


def _fault(alias: str) -> str:
    if strange := unknown(alias):
        return f"{', '.join(strange[:3])} lui a été appliqué, et n’est pas d’ici."
    if found := disorder(alias):
        return found
    if absent := missing(alias):
        return f"il y manque {', '.join(absent[:3])}, que ses migrations disent y être."
    return ""
