"""A base that the code of a release made, with its files, goes on here: its papers are those that
were handed out, its votes are counted as they were, its accounts enter, its mailed links open.

`bin/prove-upgrade 0.1.0 tests/upgrades` made what lies here, and `bin/with-postgres` before it for
the other, by the code of that release in a worktree of its own: a demonstration takes that code a
minute, and all that was migrated since half of one. CI has not the time, and perhaps not the
commit: it upgrades each release once, and on each base one. The command does the four.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.processes import ROOT

pytestmark = pytest.mark.database
HERE = Path(__file__).parent
KIND = "sqlite3" if connection.vendor == "sqlite" else "dump"
RELEASES = dict(
    re.findall(r"^([\d.]+) ([0-9a-f]{40})$", (ROOT / "deploy/releases").read_text(), re.M)
)


@pytest.fixture
def base_of_its_own(tmp_path):
    """The address of an empty base, on the server that the tests have."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/base.sqlite3"
        return
    name = f"upgraded_{os.getpid()}"
    for verb in ("CREATE", "DROP"):
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'{verb} DATABASE "{name}"')
        if verb == "CREATE":
            yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("version", [path.name.split("-")[0] for path in HERE.glob(f"*-{KIND}.*")])
def test_what_a_release_made_goes_on_as_it_was(version, base_of_its_own, tmp_path):
    with tarfile.open(HERE / f"{version}-{KIND}.tar.xz") as kept:
        kept.extractall(tmp_path, filter="data")
    made = tmp_path / version
    told = json.loads((made / "avant.json").read_text())
    own = os.environ | {
        "DJANGO_SETTINGS_MODULE": "somme_gov.settings",
        "DATABASE_URL": base_of_its_own,
        "DATA_DIR": str(made),
        "SECRET_KEY": told["key"],
        "MAIL_WORKER": "0",
    }
    for command in (
        (str(ROOT / "bin/back-to"), str(made / f"base.{KIND}")),
        (sys.executable, str(HERE / "told.py"), "upgrade", str(made / "avant.json")),
    ):
        done = subprocess.run(  # noqa: S603 our own
            command, cwd=ROOT, env=own, text=True, capture_output=True, check=False
        )
        assert not done.returncode, done.stderr
    # What is compared is there to compare.
    assert len(told["downloaded"]) >= 3
    assert sum(told["accounts"].values()) >= 3
    assert any(each["votes"] for each in told["figures"].values())
    assert bool(told["mailed"]) is (version != "0.1.0")


def test_each_release_is_listed_with_its_commit_its_data_and_its_line_of_the_guide():
    titles = re.findall(r"^## (\d\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert set(titles[1:]) <= set(RELEASES) <= set(titles)
    guide = (ROOT / "docs/exploitation.md").read_text()
    for version, commit in RELEASES.items():
        assert f"| {version} |" in guide
        assert f"`{commit[:8]}`" in guide
        assert list(HERE.glob(f"{version}-*"))
