"""Reading rows that somebody may have written: what cannot be read is told, and the next one read;
what is read as if nothing were, but was not written as the application does, is told too.

SQLite takes any type in any column, and compares text where the application compares dates. What
PostgreSQL takes it keeps in one way, but for dates that Python has not.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.db import connection, models

from law.findings import Refused
from members.files import Away

Row = TypeVar("Row")

UNREAD = "cette ligne ne se lit pas : l’application ne l’a pas écrite ainsi."
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that cannot be read, of this number."""

    pk: int


def each(
    rows: models.QuerySet, read: Callable[[models.QuerySet], Iterator[Row]]
) -> Iterator[Row | Unread]:
    """What is read of these rows, as a stream; from one that cannot be on, each by itself."""
    count = 0
    try:
        for row in read(rows):
            count += 1
            yield row
    except Exception:
        numbers = list(rows.values_list("pk", flat=True))[count:]
    else:
        return
    for pk in numbers:
        try:
            found = list(read(rows.filter(pk=pk)))
        except Exception:
            yield Unread(pk)
        else:
            yield from found


def survived(found: Iterator[Row], otherwise: Row) -> Iterator[Row]:
    """These, and one more where what somebody wrote keeps us from going on."""
    try:
        yield from found
    except (Refused, Away):
        raise
    except Exception:
        yield otherwise


def ill_written(model: type[models.Model]) -> Iterator[tuple[int, list[str]]]:
    """The rows of which a cell is not as Django writes what is read there, and the columns."""
    if connection.vendor != "sqlite":
        return
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    cells = ", ".join(
        f"typeof({quote(field.column)}), CAST({quote(field.column)} AS BLOB)" for field in fields
    )
    key, table = quote(model._meta.pk.column), quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {cells} FROM {table} ORDER BY {key}")  # noqa: S608 our names
        while rows := cursor.fetchmany(_AT_ONCE):
            for pk, *told in rows:
                pairs = zip(fields, told[::2], told[1::2], strict=True)
                if wrong := [each.attname for each, *cell in pairs if not _is_ours(each, *cell)]:
                    yield pk, wrong


def _is_ours(field: models.Field, kind: str, cell: bytes | None) -> bool:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if kind == "null":
        return field.null or field.primary_key  # of a relation, which its own column judges
    if isinstance(field, models.BooleanField):
        return kind == "integer" and cell in (b"0", b"1")
    if isinstance(field, models.IntegerField):
        return kind == "integer"
    try:
        text = (cell or b"").decode()
        if isinstance(field, models.DecimalField):  # SQLite makes a number of it
            return kind in ("integer", "real") and _places(text) <= field.decimal_places
        return kind == "text" and text == _written(field, text)
    except ValueError:
        return False


def _places(text: str) -> int:
    """How many digits it has after the point. Raises `ValueError` for what is no number."""
    try:
        exponent = Decimal(text).as_tuple().exponent
    except InvalidOperation as unread:
        raise ValueError(text) from unread
    return max(0, -exponent) if isinstance(exponent, int) else sys.maxsize  # nor infinite


def _written(field: models.Field, text: str) -> str:
    """This text as Django writes what it says. Raises `ValueError` for what says nothing."""
    match field:
        case models.DateTimeField():
            said: Any = datetime.fromisoformat(text).replace(tzinfo=None)
        case models.DateField():
            said = date.fromisoformat(text)
        case models.TimeField():
            said = time.fromisoformat(text)
        case models.JSONField():
            said = json.dumps(json.loads(text))
        case _:
            said = text
    return str(said)
