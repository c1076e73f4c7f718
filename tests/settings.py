"""The settings of the tests: `pytest` in a fresh clone needs nothing set by hand.

A throwaway directory takes the database and the files. SQLite is a file even here, not a
memory shared by threads: in the browser tests two requests must meet as they do in production.
"""

import os
import tempfile
from pathlib import Path

_directory = tempfile.TemporaryDirectory(prefix="somme_gov_tests_", ignore_cleanup_errors=True)
os.environ.update(
    SECRET_KEY="a key for tests, worth nothing to anybody else",
    DATA_DIR=_directory.name,
    URN_DIR=str(Path(_directory.name) / "urnes"),
    DEBUG="0",
    HTTPS="0",
    EMAIL_URL="memorymail://",
    MAIL_WORKER="0",  # tests send when they say so
    ANCHOR_WORKER="0",  # and anchor
    CLOCK_WORKER="0",  # and read back
    NIGHT_WORKER="0",
    TRANSMISSION_WORKER="0",  # and carry
    BACKUP_WORKER="0",  # and back up
)

from somme_gov.settings import *  # noqa: E402, F403 the environment must be set before
from somme_gov.settings import BASE_DIR, CACHES, DATABASES, MIDDLEWARE, STORAGES  # noqa: E402

_default = DATABASES["default"]
_default["CONN_MAX_AGE"] = 0  # the server of the browser tests must not keep the database busy
if _default["ENGINE"].endswith("sqlite3"):
    _default["TEST"] = {"NAME": str(Path(_directory.name) / "test.sqlite3")}
    _default["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    )

# Static files straight from where they are written: nothing to collect before testing.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "tests.collected.Named"}}

# Hashing is slow on purpose; tests do not need it to be.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A client signed in by a fixture is inserted again in later tests: its proof must not grow old.
SECOND_PROOF_MINUTES = 60

# Every page that a test sends is watched: see tests/proved.py.
MIDDLEWARE = [*MIDDLEWARE, "tests.proved.watch"]

CODE_SOURCE = "tests.codes.choice"

# What one run drew, the next gives back: see documents/render.py for what a drawing depends on.
CACHES["drawings"] |= {
    "LOCATION": BASE_DIR / "var" / "tests" / "drawings",
    "OPTIONS": {"MAX_ENTRIES": 5_000},
}
