"""Full text on both databases, over the `stems` of a table: a GIN index on PostgreSQL, FTS5 on
SQLite.

Words are folded (no accent, no capital) and cut to their French root before they are stored, so
that both databases find the same things: the database only looks up words.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet

from members.models import folded

# Words that are everywhere tell nothing.
_EMPTY = frozenset(
    "a au aux avec ce ces d dans de des du en et est il ils l la le les leur lui n ne on ou par "
    "pas pour qu que qui s sa se ses son sont sur un une y".split()
)
MOST_WORDS = 12

# The tables whose `stems` are looked for.
TABLES = ("archive_entry", "archive_publictext")


CREATE = {
    # Kept in the row: reading the words of every row found again costs twenty times as much.
    "postgresql": (
        "ALTER TABLE {table} ADD COLUMN words tsvector "
        "GENERATED ALWAYS AS (to_tsvector('simple', stems)) STORED",
        "CREATE INDEX {table}_words ON {table} USING gin (words)",
    ),
    "sqlite": (
        "CREATE VIRTUAL TABLE {table}_words USING fts5("
        "stems, content='{table}', content_rowid='id', tokenize='unicode61')",
        "CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN "
        "INSERT INTO {table}_words(rowid, stems) VALUES (new.id, new.stems); END",
        "CREATE TRIGGER {table}_removed AFTER DELETE ON {table} BEGIN "
        "INSERT INTO {table}_words({table}_words, rowid, stems) "
        "VALUES ('delete', old.id, old.stems); END",
    ),
}
DROP = {
    "postgresql": (
        "DROP INDEX IF EXISTS {table}_words",
        "ALTER TABLE {table} DROP COLUMN IF EXISTS words",
    ),
    "sqlite": (
        "DROP TRIGGER IF EXISTS {table}_added",
        "DROP TRIGGER IF EXISTS {table}_removed",
        "DROP TABLE IF EXISTS {table}_words",
    ),
}
_FOUND = "SELECT rowid FROM {table}_words WHERE {table}_words MATCH %s"  # SQLite


class _Holds(models.Func):
    """Whether a row, by its `stems`, holds what is sought: PostgreSQL asks the words kept beside
    them. To look the rows up by their numbers among those found took five times as long."""

    output_field = models.BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, list[Any]]:
        stems, sought = self.source_expressions
        row = compiler.quote_name_unless_alias(stems.alias)
        return f"{row}.words @@ to_tsquery('simple', %s)", [sought.value]


def create(apps, schema_editor, tables: Iterable[str] = TABLES) -> None:
    """Make the indexes (`RunPython` of a migration, which names its table)."""
    _done(CREATE, schema_editor, tables)


def drop(apps, schema_editor, tables: Iterable[str] = TABLES) -> None:
    """Remove them (reverse of `create`)."""
    _done(DROP, schema_editor, tables)


def _done(statements: Mapping[str, tuple[str, ...]], schema_editor, tables: Iterable[str]) -> None:
    for table in tables:
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement.format(table=table))


def of(table: str) -> tuple[Callable, Callable]:
    """What makes the index of this table and what removes it, as a migration wants them."""
    return partial(create, tables=[table]), partial(drop, tables=[table])


def stems(text: str) -> str:
    """The roots of the words of a text, in order, separated by spaces."""
    return " ".join(map(_root, words(text)))


def words(text: str) -> list[str]:
    """The words of a text that tell something, without accents nor capitals."""
    return [word for word in folded(text).split() if word not in _EMPTY]


@cache
def _stemmer() -> Any:
    import snowballstemmer  # it reads every language it knows: not before a word is cut

    return snowballstemmer.stemmer("french")


@lru_cache(maxsize=50_000)
def _root(word: str) -> str:
    return str(_stemmer().stemWord(word))


def wanted(query: str) -> list[str]:
    """What a query looks for: at most `MOST_WORDS` roots; empty when it says nothing."""
    return list(dict.fromkeys(stems(query[:400]).split()))[:MOST_WORDS]


def matching(rows: QuerySet, roots: Iterable[str]) -> QuerySet:
    """The rows that hold every root; the last one may be the beginning of a word.

    What has no Latin letter nor figure is nowhere.
    """
    sayable = list(filter(None, (re.sub(r"[^a-z0-9]", "", root) for root in roots)))
    if not sayable:
        return rows.none()
    *whole, last = sayable
    if connection.vendor == "postgresql":
        sought = " & ".join([*(f"'{word}'" for word in whole), f"'{last}':*"])
        return rows.filter(_Holds("stems", models.Value(sought)))
    sought = " AND ".join([*(f'"{word}"' for word in whole), f'"{last}"*'])
    found = _FOUND.format(table=rows.model._meta.db_table)
    # The table is one of ours.
    return rows.filter(pk__in=models.expressions.RawSQL(found, [sought]))  # noqa: S611
