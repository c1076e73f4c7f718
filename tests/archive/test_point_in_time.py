"""Back to an instant, on PostgreSQL: by the very lines of docs/exploitation.md, on a server of the
moment."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.processes import ROOT

pytestmark = pytest.mark.proof

AS_OWNER = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []


@pytest.fixture
def place():
    """Where its owner may write: not where pytest keeps what is ours."""
    folder = Path(tempfile.mkdtemp(prefix="somme_gov_instant_"))
    if AS_OWNER:
        shutil.chown(folder, "postgres")
    yield folder
    for data in folder.glob("*/postmaster.pid"):
        run(folder, server() / "pg_ctl", "-D", data.parent, "-m", "immediate", "stop")
    shutil.rmtree(folder)


def server() -> Path:
    """The programs of PostgreSQL 15, or later."""
    which = [ROOT / "bin/with-postgres", "--which"]
    found = subprocess.run(which, cwd=ROOT, text=True, capture_output=True, check=False)  # noqa: S603
    if found.returncode:
        pytest.skip("PostgreSQL n’est pas sur cette machine")
    return Path(found.stdout.strip())


def run(folder: Path, *command) -> str:
    done = subprocess.run(  # noqa: S603
        [*AS_OWNER, *map(str, command)],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"PGHOST": str(folder), "PGUSER": "somme_gov", "PGDATABASE": "postgres"},
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def of_the_page(folder: Path) -> dict[str, str]:
    """Each setting of « À l’instant près », its places made those of the test."""
    text = (ROOT / "docs/exploitation.md").read_text()
    said = text.partition("**À l’instant près**")[2].partition("```sh")[2].partition("```")[0]
    told = dict(re.findall(r"(\w+) = ('[^']*'|\w+)", said))
    places = ("/mnt/journaux", folder / "journaux"), ("/mnt/base-2026-11-28", folder / "base")
    for mine, theirs in places:
        told = {name: value.replace(mine, str(theirs)) for name, value in told.items()}
    assert "pg_basebackup -D /mnt/base-2026-11-28 --checkpoint=fast" in said
    assert "recovery.signal" in said
    return told


def write(folder: Path, data: str, told: dict[str, str], names: str) -> None:
    lines = [f"{name} = {told[name]}" for name in names.split()]
    with (folder / data / "postgresql.conf").open("a") as conf:
        conf.write("\n" + "\n".join(lines) + "\n")


def test_a_row_that_was_deleted_is_there_again_at_the_instant_before(place, monkeypatch):
    told, programs = of_the_page(place), server()
    run(place, "mkdir", "journaux")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("PGPORT", str(port))

    def sql(asked: str) -> str:
        return run(place, programs / "psql", "-qtAc", asked).strip()

    def start(data: str) -> None:
        options = f"-c listen_addresses= -p {port} -k {place}"
        run(
            place,
            programs / "pg_ctl",
            "-D",
            place / data,
            "-w",
            "-l",
            "log",
            "-o",
            options,
            "start",
        )

    run(place, programs / "initdb", "-D", place / "data", "-U", "somme_gov", "--auth=trust", "-N")
    write(place, "data", told, "archive_mode archive_timeout archive_command")
    start("data")
    sql("CREATE TABLE votes (choice text); INSERT INTO votes VALUES ('pour')")
    run(place, programs / "pg_basebackup", "-D", place / "base", "--checkpoint=fast")
    sql("INSERT INTO votes VALUES ('contre')")
    instant = sql("SELECT clock_timestamp()")
    time.sleep(1)
    sql("DELETE FROM votes")
    last = sql("SELECT pg_walfile_name(pg_switch_wal())")
    until = time.monotonic() + 60
    while not (place / "journaux" / last).exists():
        assert time.monotonic() < until, run(place, "cat", "log")
        time.sleep(0.1)
    run(place, programs / "pg_ctl", "-D", place / "data", "-m", "fast", "stop")
    told["recovery_target_time"] = f"'{instant}'"
    write(place, "base", told, "restore_command recovery_target_time recovery_target_action")
    run(place, "touch", place / "base/recovery.signal")
    start("base")
    while sql("SELECT pg_is_in_recovery()") == "t":
        assert time.monotonic() < until, run(place, "cat", "log")
        time.sleep(0.1)
    assert sql("SELECT choice FROM votes ORDER BY 1").split() == ["contre", "pour"]
    sql("INSERT INTO votes VALUES ('abstention')")  # it serves again
