"""The demonstration as `make run` loads it, once for all who test: the others are given its rows
and its files."""

import fcntl
import pickle
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from tests import again, codes, emptied


def run(**options) -> str:
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demonstration")


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker, place, tmp_path_factory, worker_id) -> Iterator[str]:
    """What loading it said: forty papers, as many signatures. Each test goes back to it."""
    own = {
        "DATA_DIR": place,
        "MEDIA_ROOT": place / "media",
        "SIGNING_DEVELOPMENT": True,
    }
    base = tmp_path_factory.getbasetemp()
    common = (base if worker_id == "master" else base.parent) / "demonstration"
    with django_db_blocker.unblock(), override_settings(**own), transaction.atomic():
        yield loaded_once(place, common)
        transaction.set_rollback(True)


def loaded_once(place: Path, common: Path) -> str:
    """Load it, or put back what the first of this run loaded, which is kept in `common`."""
    common.mkdir(exist_ok=True)
    rows = common / "rows"
    with (common / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not rows.exists():
            said = run()
            shutil.copytree(place, common / "place")
            kept = (said, str(place), emptied.changed(), codes.state())
            rows.write_bytes(pickle.dumps(kept))
            return said
    said, where, tables, drawn = pickle.loads(rows.read_bytes())  # noqa: S301 our own
    shutil.copytree(common / "place", place, dirs_exist_ok=True)
    again.put_back(tables, touched={*emptied.changed()})
    codes.begin(drawn)
    assert emptied.changed() == tables
    return said.replace(where, str(place))


@pytest.fixture
def loaded(told, db, settings, place) -> str:
    settings.DATA_DIR = place
    settings.MEDIA_ROOT = place / "media"
    settings.SIGNING_DEVELOPMENT = True
    return told
