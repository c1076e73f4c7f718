"""What every test may ask for: the cast, and a browser signed in as one of them.

tests/secrecy.py watches what is logged, tests/proved.py what is written without a
proof. tests/again.py inserts again what fixtures wrote; a database already migrated is copied.
"""

import gc
import hashlib
import os
import shutil
import sys
from pathlib import Path

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

pytest_plugins = ["tests.again", "tests.apart", "tests.proved", "tests.secrecy", "tests.weigh"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden", action="store_true", help="keep papers as they are now as the golden ones"
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests are there to stay: nobody needs to look at them again for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing is slow on purpose; tests do not need it to be."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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


def migrated() -> Path:
    """Where a database that went through all of today's migrations is kept, SQLite's only."""
    said = hashlib.sha256(django.__version__.encode())
    for pattern in ("*/migrations/*.py", "*/constraints.py", "archive/fulltext.py"):
        for file in sorted(settings.BASE_DIR.glob(pattern)):
            said.update(file.read_bytes())
    return settings.BASE_DIR / "var" / "tests" / f"migrated-{said.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """The database is the copy of one that is migrated already."""
    return django_db_keepdb or (connection.vendor == "sqlite" and migrated().exists())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_keepdb: bool) -> None:
    if django_db_keepdb:
        shutil.copyfile(migrated(), connection.settings_dict["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, django_db_keepdb: bool) -> None:
    if connection.vendor == "sqlite" and not django_db_keepdb:
        kept, name = migrated(), connection.settings_dict["NAME"]
        kept.parent.mkdir(parents=True, exist_ok=True)
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        written = kept.with_name(f"{kept.name}.{os.getpid()}")  # each tester its own
        shutil.copyfile(name, written)
        for older in kept.parent.glob("migrated-*.sqlite3"):
            older.unlink(missing_ok=True)
        written.replace(kept)
    from tests import emptied  # once pytest has read the plugin that it leans on

    with django_db_blocker.unblock():
        emptied.begin()
