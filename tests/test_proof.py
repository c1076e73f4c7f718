"""No test is left out: what `make test` does not run, CI runs, and the house's plan is walked."""

import os
import re
import subprocess
from itertools import product
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

from tests import weigh

ROOT = Path(__file__).resolve().parent.parent


def selections(*command: str) -> list[str]:
    """The `-m` of the pytest that this command would run; the last one counts, as for pytest."""
    said = subprocess.run(
        ("make", "--dry-run", *command), cwd=ROOT, text=True, capture_output=True, check=True
    ).stdout
    (line,) = (line for line in said.splitlines() if ".venv/bin/pytest --numprocesses" in line)
    quoted = re.findall(r'-m (?:"([^"]+)"|(\w+))', line)
    return ["".join(pair) for pair in quoted][-1:]


def of_ci() -> list[str]:
    """What each part of .ci/run selects, PostgreSQL's last."""
    parts = re.findall(
        r'^part "[^"]+" make (\S+)(?: ARGS="([^"]+)")?$', (ROOT / ".ci/run").read_text(), re.M
    )
    return ["".join(selections(target, f"ARGS={arguments}")) for target, arguments in parts]


def test_every_test_is_run_by_ci_and_only_once_on_sqlite():
    short, long, on_postgresql = of_ci()
    assert [short] == selections("test")
    for has in product((True, False), repeat=len(weigh.MARKS)):
        carried = dict(zip(weigh.MARKS, has, strict=True))
        asked = [Expression.compile(each).evaluate(carried.__getitem__) for each in (short, long)]
        assert asked.count(True) == 1, carried
        assert (
            Expression.compile(on_postgresql).evaluate(carried.__getitem__) == carried["database"]
        )


def test_the_whole_proof_leaves_nothing_out():
    assert selections("proof") == []


def test_what_is_told_to_be_long_exists():
    told = weigh.LONG.read_text().split()
    assert told == sorted(set(told))
    lost = [
        each
        for each in told
        for path, name in [each.split("::")]
        if f"def {name}(" not in (ROOT / path).read_text()
    ]
    assert lost == [], "renamed? `make proof ARGS=--weigh` measures again"


def test_marks_are_declared(pytestconfig):
    declared = {line.split(":")[0] for line in pytestconfig.getini("markers")}
    assert set(weigh.MARKS) <= declared
    assert "--strict-markers" in pytestconfig.getini("addopts")


@pytest.mark.parametrize("mark", weigh.MARKS)
def test_every_mark_is_used(mark):
    used = [file for file in ROOT.glob("tests/**/*.py") if f"mark.{mark}" in file.read_text()]
    assert used


def test_make_run_keeps_its_data_where_it_is_told_and_prints_its_own_address(tmp_path):
    told = tmp_path / "donnees"
    said = subprocess.run(
        ("make", "--dry-run", "--print-data-base", "run", f"DATA_DIR={told}", "PORT=8123"),
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "SITE_URL"},
        text=True,
        capture_output=True,
        check=True,
    ).stdout
    assert f"> {told}/secret_key" in said and "> var/secret_key" not in said
    assert "SITE_URL := http://127.0.0.1:8123" in said
