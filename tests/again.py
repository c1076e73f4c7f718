"""What a fixture wrote is inserted again instead of being built again.

Nearly every test begins with the same people and the same sittings, built by the real verbs:
two fifths of the time of the suite went there. So the first test that asks for a fixture builds
it, and what it left is kept: the rows of the tables that it touched, its files, its value. The
next test that asks for it *after the very same fixtures* is given all of that back.

Only plain fixtures of the tests are taken: no generator, no parameter, no argument that does
something besides being a value. A value that cannot be copied is built each time. On PostgreSQL
only a superuser puts rows back, whom no trigger holds. `--rebuild` builds everything each time, and
tests/test_again.py compares both, table by table.
"""

import inspect
import io
import pickle
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, transaction

from tests import codes

# What a fixture may be given and remain a mere writer of rows and files; `stopped_clock`
# stands already.
HARMLESS = {"db", "transactional_db", "tmp_path", "own_directory", "stopped_clock"}
# What is older is built anew: the hours in its rows are to be those of a test that just began.
LASTS = 5 * 60  # seconds
_WRITES = re.compile(
    r'^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?', re.I
)


# All of a table: its rows and the last number that it gave (SQLite), or as PostgreSQL copies it,
# where no number is given twice.
Rows = tuple[list[tuple], int | None] | bytes


@dataclass(frozen=True, slots=True)
class Left:
    """What a fixture left behind: rows by table, files, its value."""

    tables: dict[str, Rows]
    files: dict[tuple[str, str], bytes]
    codes: Any
    value: bytes
    at: float  # on the monotonic clock


@dataclass(slots=True)
class History:
    """The fixtures of one test so far, and the tables that they wrote in."""

    told: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)  # the fixtures that may be inserted again
    has_begun: bool = False
    has_others: bool = False  # rows of one that is built each time: no copy of older ones fits


_history = pytest.StashKey[History]()
_kept: dict[str, Left | None] = {}  # None: cannot be copied


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rebuild", action="store_true", help="build every fixture anew, as for the first time"
    )


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Iterator[None]:
    built = fixturedef.func
    if not built.__module__.startswith("tests.") or fixturedef.scope != "function":
        return (yield)
    history = request.node.stash.setdefault(_history, History())
    name = f"{fixturedef.baseid}:{fixturedef.argname}:{getattr(request, 'param', '')!r}"
    if inspect.isgeneratorfunction(built):
        history.told.append(name)
        return (yield)

    def asked(**given: Any) -> Any:
        """Asked when its arguments, fixtures too, are there."""
        is_taken = _may_be_kept(fixturedef, request, history)
        if is_taken:
            history.taken.add(fixturedef.argname)
        history.told.append(name)
        if is_taken:
            return _again(lambda: built(**given), request, history)
        return _each_time(lambda: built(**given), history)

    fixturedef.func = asked
    try:
        return (yield)
    finally:
        fixturedef.func = built


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    item.stash.setdefault(_history, History()).has_begun = True


def _may_be_kept(fixturedef: Any, request: Any, history: History) -> bool:
    """Whether the fixture does nothing but write what can be inserted again."""
    return (
        not request.config.getoption("--rebuild")
        and not history.has_begun
        and not history.has_others
        and fixturedef.params is None
        and bool(fixturedef.argnames)
        and set(fixturedef.argnames) <= HARMLESS | history.taken
        and "db" in request.fixturenames
        and may_put_back()
    )


def may_put_back() -> bool:
    """Whether rows are put back as they were, whatever triggers say."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        return cursor.fetchone() == ("on",)


def _again(build: Callable[[], Any], request: Any, history: History) -> Any:
    # What is committed may do more than what never is.
    is_of_a_test = f"in a transaction: {connection.in_atomic_block}"
    told = "\n".join((date.today().isoformat(), is_of_a_test, *history.told))
    left = _kept.get(told)
    if told in _kept and left is None:
        return _each_time(build, history)
    if left is None or time.monotonic() - left.at > LASTS:
        value = _built(told, build, request, history)
    else:
        insert(left, _places(request), history.touched)
        history.touched |= left.tables.keys()
        value = pickle.loads(left.value)  # noqa: S301 what this process wrote itself
    if kept := _kept[told]:
        # What follows holds rows of this very building: never put back after another one.
        history.told.append(f"built at {kept.at}")
    return value


def _each_time(build: Callable[[], Any], history: History) -> Any:
    with watched() as written:
        value = build()
    history.has_others |= bool(written)
    return value


def _built(told: str, build: Callable[[], Any], request: Any, history: History) -> Any:
    before, mails = _files(_places(request)), len(getattr(mail, "outbox", ()))
    with watched() as written:
        value = build()
    after = _files(_places(request))
    try:
        content = pickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError):
        content = None
    if content is None or callable(value) or len(getattr(mail, "outbox", ())) != mails:
        _kept[told] = None
        history.has_others |= bool(written)
    else:
        _kept[told] = Left(
            tables={table: rows_of(table) for table in sorted(written)},
            files={place: after[place] for place in after if before.get(place) != after[place]},
            codes=codes.state(),
            value=content,
            at=time.monotonic(),
        )
    history.touched |= written
    return value


# --- Rows -------------------------------------------------------------------------------------


@contextmanager
def watched() -> Iterator[set[str]]:
    """The names of the tables that are written in meanwhile."""
    written: set[str] = set()

    def watch(execute, sql, params, many, context):
        if found := _WRITES.match(sql):
            written.add(found.group(1))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield written


def rows_of(table: str) -> Rows:
    """Every row of a table, as the database holds it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            copied = io.BytesIO()
            all_of_it = f"SELECT {_columns(table)} FROM {table} ORDER BY 1"
            cursor.copy_expert(f"COPY ({all_of_it}) TO STDOUT", copied)
            return copied.getvalue()
        raw = cursor.connection
        names = [row[1] for row in raw.execute(f'PRAGMA table_info("{table}")')]
        columns = ", ".join(f'+"{name}"' for name in names)  # a bare name would be converted
        rows = raw.execute(f'SELECT {columns} FROM "{table}" ORDER BY rowid').fetchall()
        last = raw.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return rows, last and last[0]


def insert(left: Left, places: dict[str, Path], touched: set[str]) -> None:
    """Put back the rows and the files; tables of `touched` are emptied first."""
    with transaction.atomic():
        put_back(left.tables, touched)
    for (place, name), content in left.files.items():
        path = places[place] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    codes.begin(left.codes)


def put_back(tables: dict[str, Rows], touched: set[str]) -> None:
    """Put back the rows of these tables, in a transaction; those of `touched` are emptied first."""
    (_copy_back if connection.vendor == "postgresql" else _insert_back)(tables, touched)


def _insert_back(tables: dict[str, Rows], touched: set[str]) -> None:
    with connection.cursor() as cursor:
        raw = cursor.connection
        for table, (rows, last) in tables.items():
            if table in touched:
                raw.execute(f'DELETE FROM "{table}"')
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                raw.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
            if last is not None:
                raw.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (last, table))


def _copy_back(tables: dict[str, Rows], touched: set[str]) -> None:
    with connection.cursor() as cursor:
        # The rows were judged when they were built.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, rows in tables.items():
            if table in touched:
                cursor.execute(f"DELETE FROM {table}")
            cursor.copy_expert(f"COPY {table} ({_columns(table)}) FROM STDIN", io.BytesIO(rows))
            for column, counter in _counters(table) if rows else ():  # emptied, it counts from one
                cursor.execute(
                    f"SELECT setval('{counter}', GREATEST(nextval('{counter}'), max({column}))) "
                    f"FROM {table}"
                )
        cursor.execute("SET LOCAL session_replication_role = origin")


@cache
def _counters(table: str) -> list[tuple[str, str]]:
    """The columns of a table that count by themselves, whatever their name, each with its counter:
    a history has `history_id`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(attname), pg_get_serial_sequence(%s, attname) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND pg_get_serial_sequence(%s, attname) IS NOT NULL",
            [table, table, table],
        )
        return cursor.fetchall()


@cache
def _columns(table: str) -> str:
    """Those that a row is given; the others are computed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = '' "
            "AND NOT attisdropped",
            [table],
        )
        return cursor.fetchone()[0]


# --- Files ------------------------------------------------------------------------------------


def _places(request: Any) -> dict[str, Path]:
    """Where the test keeps its files: its own directory, and that of the application."""
    places = {}
    if "tmp_path" in request.fixturenames:
        places["own"] = request.getfixturevalue("tmp_path")
    media = Path(settings.MEDIA_ROOT)
    return places if media.parent in places.values() else places | {"media": media}


def _files(places: dict[str, Path]) -> dict[tuple[str, str], bytes]:
    return {
        (place, str(path.relative_to(top))): path.read_bytes()
        for place, top in places.items()
        for path in (top.rglob("*") if top.exists() else ())
        if path.is_file()
    }
