"""Full text on both databases, over `Entry.stems`: a GIN index on PostgreSQL, FTS5 on SQLite.

Words are folded (no accent, no capital) and cut to their French root before they are stored, so
that both databases find the same things: the database only looks up words.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer
from django.db import connection, models
from django.db.models import QuerySet

from members.models import folded

_STEMMER = snowballstemmer.stemmer("french")
# Words that are everywhere tell nothing.
_EMPTY = frozenset(
    "a au aux avec ce ces d dans de des du en et est il ils l la le les leur lui n ne on ou par "
    "pas pour qu que qui s sa se ses son sont sur un une y".split()
)
MOST_WORDS = 12

CREATE = {
    # Kept in the row: reading the words of every row found again costs twenty times as much.
    "postgresql": (
        "ALTER TABLE archive_entry ADD COLUMN words tsvector "
        "GENERATED ALWAYS AS (to_tsvector('simple', stems)) STORED",
        "CREATE INDEX archive_entry_words ON archive_entry USING gin (words)",
    ),
    "sqlite": (
        "CREATE VIRTUAL TABLE archive_entry_words USING fts5("
        "stems, content='archive_entry', content_rowid='id', tokenize='unicode61')",
        "CREATE TRIGGER archive_entry_added AFTER INSERT ON archive_entry BEGIN "
        "INSERT INTO archive_entry_words(rowid, stems) VALUES (new.id, new.stems); END",
        "CREATE TRIGGER archive_entry_removed AFTER DELETE ON archive_entry BEGIN "
        "INSERT INTO archive_entry_words(archive_entry_words, rowid, stems) "
        "VALUES ('delete', old.id, old.stems); END",
    ),
}
DROP = {
    "postgresql": (
        "DROP INDEX IF EXISTS archive_entry_words",
        "ALTER TABLE archive_entry DROP COLUMN IF EXISTS words",
    ),
    "sqlite": (
        "DROP TRIGGER IF EXISTS archive_entry_added",
        "DROP TRIGGER IF EXISTS archive_entry_removed",
        "DROP TABLE IF EXISTS archive_entry_words",
    ),
}


def create(apps, schema_editor) -> None:
    """Make the index (`RunPython` of a migration)."""
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor) -> None:
    """Remove it (reverse of `create`)."""
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def stems(text: str) -> str:
    """The roots of the words of a text, in order, separated by spaces."""
    return " ".join(_root(word) for word in folded(text).split() if word not in _EMPTY)


@lru_cache(maxsize=50_000)
def _root(word: str) -> str:
    return str(_STEMMER.stemWord(word))


def wanted(query: str) -> list[str]:
    """What a query looks for: at most `MOST_WORDS` roots; empty when it says nothing."""
    return list(dict.fromkeys(stems(query[:400]).split()))[:MOST_WORDS]


def matching(entries: QuerySet, roots: Iterable[str]) -> QuerySet:
    """The entries that hold every root; the last one may be the beginning of a word.

    What has no Latin letter nor figure is nowhere.
    """
    words = list(filter(None, (re.sub(r"[^a-z0-9]", "", root) for root in roots)))
    if not words:
        return entries.none()
    *whole, last = words
    if connection.vendor == "postgresql":
        sought = " & ".join([*(f"'{word}'" for word in whole), f"'{last}':*"])
        return entries.filter(
            models.expressions.RawSQL(
                "archive_entry.words @@ to_tsquery('simple', %s)",
                [sought],
                output_field=models.BooleanField(),
            )
        )
    sought = " AND ".join([*(f'"{word}"' for word in whole), f'"{last}"*'])
    return entries.filter(
        pk__in=models.expressions.RawSQL(
            "SELECT rowid FROM archive_entry_words WHERE archive_entry_words MATCH %s", [sought]
        )
    )
