"""The ranks of rows that people put in order: a column `position`, counted from 0."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Max, QuerySet


def after_all(rows: QuerySet) -> int:
    """The rank of a row put after these."""
    last = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def settle(rows: Sequence[Any], *columns: str) -> None:
    """Write the ranks of these rows in the order given, and such other `columns` of theirs."""
    for rank, row in enumerate(rows):
        row.position = rank
    type(rows[0])._default_manager.bulk_update(rows, ["position", *columns])


def move(row: Any, *, among: QuerySet, by_rank: int) -> bool:
    """Put a row so many ranks lower `among` others in their order (higher when negative), as far
    as they go; whether it moved. To be called under the lock of what they belong to.
    """
    rows = list(among)
    if row not in rows:
        return False
    here = rows.index(row)
    there = max(0, min(here + by_rank, len(rows) - 1))
    if here == there:
        return False
    rows.insert(there, rows.pop(here))
    settle(rows)
    return True
