"""Queries that a whole room asks at once, written once: only their values change.

Django writes the SQL of a query anew each time that it is asked. Of those that a hundred and fifty
tablets ask in ten seconds, that is most of what they cost: several times what the database does. A
`Statement` is a query of Django's, written at its first use and kept with what it takes to read its
rows, related ones included; it gives the same objects. See docs/decisions/0039.
"""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models.query import ModelIterable, get_related_populators

M = TypeVar("M", bound=models.Model)

MOST = 2**63 - 1  # beyond, no column holds it
# What stands for a value while the query is written: nobody asks for these.
_HOLES: Mapping[type, Callable[[int], Any]] = {
    int: lambda rank: -(7**21) - rank,
    str: lambda rank: f"\0{rank}",
    UUID: lambda rank: UUID(int=7**21 + rank),
}


class _Written(NamedTuple):
    """A query as a database takes it, and how its rows are read."""

    sql: str
    values: tuple[tuple[str, Any], ...]  # the name of what is asked for, or "" and a constant
    converters: tuple[tuple[int, tuple[Callable, ...], Any], ...]
    model: type[models.Model]
    names: tuple[str, ...]  # of the columns of the model
    columns: slice
    related: tuple[Any, ...]
    more: tuple[tuple[str, int], ...]  # annotations


class Statement(Generic[M]):
    """The query that `write` makes of values of these types, by their names: it must be written
    alike whatever they are, hence never `None`."""

    def __init__(self, write: Callable[..., models.QuerySet[M]], **types: type) -> None:
        self.write = write
        self.types = types
        self._written: dict[str, _Written] = {}

    def all(self, **asked: Any) -> list[M]:
        """The rows; one that is asked for with a number that no column holds is none."""
        if any(isinstance(each, int) and abs(each) > MOST for each in asked.values()):
            return []
        written = self._written.get(connection.vendor) or self._write()
        values = [_as_kept(asked[name], of) if name else of for name, of in written.values]
        with connection.cursor() as cursor:
            cursor.execute(written.sql, values)
            return [_read(written, list(row)) for row in cursor.fetchall()]

    def first(self, **asked: Any) -> M | None:
        """The first row, if there is one."""
        return next(iter(self.all(**asked)), None)

    def _write(self) -> _Written:
        holes = {name: _HOLES[of](rank) for rank, (name, of) in enumerate(self.types.items())}
        queryset = self.write(**holes)
        if queryset._iterable_class is not ModelIterable:
            raise TypeError("rows of a model are what is read")
        compiler = queryset.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        names = {str(_plain(hole)): name for name, hole in holes.items()}
        found = compiler.get_converters([each[0] for each in compiler.select])
        info = compiler.klass_info
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        written = self._written[connection.vendor] = _Written(
            sql=sql,
            values=tuple((names.get(str(_plain(each)), ""), each) for each in values),
            converters=tuple((at, tuple(convs), column) for at, (convs, column) in found.items()),
            model=info["model"],
            names=tuple(each[0].target.attname for each in compiler.select[first:last]),
            columns=slice(first, last),
            related=tuple(get_related_populators(info, compiler.select, queryset.db)),
            more=tuple(sorted(compiler.annotation_col_map.items(), key=itemgetter(1))),
        )
        return written


def _plain(value: Any) -> Any:
    """A value as SQLite keeps it, which has no type for a UUID."""
    return value.hex if isinstance(value, UUID) else value


def _as_kept(value: Any, as_written: Any) -> Any:
    return _plain(value) if isinstance(as_written, str) else value


def _read(written: _Written, row: list[Any]) -> Any:
    for at, converters, column in written.converters:
        for converter in converters:
            row[at] = converter(row[at], column, connection)
    made = written.model.from_db(connection.alias, written.names, row[written.columns])
    for populator in written.related:
        populator.populate(row, made)
    for name, at in written.more:
        setattr(made, name, row[at])
    return made
