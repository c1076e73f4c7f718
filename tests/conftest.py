"""What every test may ask for: the cast, and a browser signed in as one of them.

tests/secrecy.py watches what is logged, tests/proved.py what is written without a
proof. tests/again.py inserts again what fixtures wrote; a database already migrated is copied.
"""

import fcntl
import gc
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import django
import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client, client

from live import refresh
from registry.signatures import authority
from tests import codes, doors
from tests.cast import Cast, make_cast

# Where an image forbids it, each process of the tests would compile the house again: two thirds of
# what is awaited before the first test.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The client of the tests keeps what a page was given, and no copy of what each of its fragments
# was: a tenth of the time of a walk over every page.
_store = client.store_rendered_templates
client.store_rendered_templates = lambda store, *given, **more: (
    None if store else _store(store, *given, **more)
)

# Nor does each of its browsers build anew what stands before every page, a fifteenth of the time of
# a walk that opens one for each visit: the last one's serves as long as the settings are the same.
_load = client.ClientHandler.load_middleware
_built: list = [None, None]  # the settings, and what was built by them


def _take(handler: client.ClientHandler, is_async: bool = False) -> None:
    if _built[0] is not settings._wrapped:
        _load(handler, is_async)
        _built[:] = settings._wrapped, handler._middleware_chain
    handler._middleware_chain = _built[1]


client.ClientHandler.load_middleware = _take

pytest_plugins = ["tests.again", "tests.apart", "tests.proved", "tests.secrecy", "tests.weigh"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden", action="store_true", help="keep papers as they are now as the golden ones"
    )


def pytest_collection(session: pytest.Session) -> None:
    """Thousands of tests are there to stay: nobody needs to look at them for garbage, neither while
    they are read (a seventh of that time) nor afterwards."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


def begin_afresh() -> None:
    """Failures counted in one test must not make the next one wait, nor its screens show; the
    codes printed on papers come in the same order in each."""
    cache.clear()
    refresh.forget()
    codes.begin()


@pytest.fixture(autouse=True)
def afresh():
    begin_afresh()


@pytest.fixture
def drawn_anew():
    """`drawn_anew()`: what was drawn so far is forgotten, by this test and those after it."""
    return caches["drawings"].clear


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def client_of(db):
    """`client_of(cast.secretariat)`: a browser in which she has just signed in; `None`: nobody."""

    def signed_in(user) -> Client:
        return Client() if user is None else doors.enter(Client(), user)

    return signed_in


@pytest.fixture(scope="session")
def made_authority(tmp_path_factory) -> Path:
    """The authority of the demonstration and its clock: to draw an RSA key takes as long as ten
    pages."""
    made = authority.Authority(tmp_path_factory.mktemp("autorite"))
    made.clock()
    return made.directory


# --- The database -----------------------------------------------------------------------------


def said_by_migrations() -> str:
    """A fingerprint of all that makes an empty database."""
    said = hashlib.sha256(django.__version__.encode())
    for pattern in ("*/migrations/*.py", "*/constraints.py", "archive/fulltext.py"):
        for file in sorted(settings.BASE_DIR.glob(pattern)):
            said.update(file.read_bytes())
    return said.hexdigest()[:16]


def migrated() -> Path:
    """Where a database that went through all of today's migrations is kept, SQLite's only."""
    return settings.BASE_DIR / "var" / "tests" / f"migrated-{said_by_migrations()}.sqlite3"


def pattern() -> str:
    """The same, of PostgreSQL: a database of the server that the others are copied from."""
    return f"migrated_{said_by_migrations()}"


def is_migrated() -> bool:
    if connection.vendor == "sqlite":
        return migrated().exists()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [pattern()])
        return cursor.fetchone() is not None


@pytest.fixture(scope="session")
def first_to_migrate(django_db_blocker) -> Iterator[IO | None]:
    """What the tester holds who makes the database that all are copied from; the others await it,
    and hold nothing."""
    migrated().parent.mkdir(parents=True, exist_ok=True)
    with migrated().with_name("migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with django_db_blocker.unblock():
            is_first = not is_migrated()
        if not is_first:
            fcntl.flock(lock, fcntl.LOCK_UN)
        yield lock if is_first else None


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, first_to_migrate: IO | None) -> bool:
    """The database is the copy of one that is migrated already."""
    return django_db_keepdb or (connection.vendor == "sqlite" and not first_to_migrate)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings, django_db_keepdb: bool, first_to_migrate: IO | None
) -> None:
    if django_db_keepdb and connection.vendor == "sqlite":
        shutil.copyfile(migrated(), connection.settings_dict["TEST"]["NAME"])
    elif not first_to_migrate:
        connection.settings_dict["TEST"]["TEMPLATE"] = pattern()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, first_to_migrate: IO | None) -> None:
    if first_to_migrate:
        with django_db_blocker.unblock():
            keep_migrated()
        fcntl.flock(first_to_migrate, fcntl.LOCK_UN)
    from tests import emptied  # once pytest has read the plugin that it leans on

    with django_db_blocker.unblock():
        emptied.begin()


def keep_migrated() -> None:
    kept, name = migrated(), connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        written = kept.with_name(f"{kept.name}.{os.getpid()}")  # never seen half-written
        shutil.copyfile(name, written)
        for older in kept.parent.glob("migrated-*.sqlite3"):
            older.unlink(missing_ok=True)
        written.replace(kept)
    else:
        connection.close()  # nobody may be there while it is copied
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{pattern()}" TEMPLATE "{name}"')
