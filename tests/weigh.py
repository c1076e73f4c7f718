"""What is too long for `make test` is a proof: tests/long.txt names it.

`make proof ARGS=--weigh` measures the processor's time of each test, and of the processes that it
awaited, and writes that list again.
What is marked `proof` by hand is one whatever it takes.

A run that asks for one mark reads the files that hold it, and no other: a third of a minute of each
worker goes into reading them all. One that reads them all sees that none was forgotten.
"""

import os
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

LONG = Path(__file__).with_name("long.txt")
ROOT = Path(__file__).resolve().parent.parent
ONE, ALL = 0.3, 4.0  # seconds: of one case of a test, of all its cases

MARKS = ("proof", "database")
# Ten seconds and more each: begun last, they would leave the other testers without work.
FIRST = (
    *("test_kill", "test_unsent", "test_demo", "test_screens", "test_seen_otherwise"),
    *("test_proof_page", "test_live_real_sittings", "test_story", "test_seed_sitting"),
    *("test_from_releases", "test_parapheur", "test_proofs", "test_rehearsal", "test_filed"),
)

_began = pytest.StashKey[float]()
_weights: dict[str, list[float]] = defaultdict(list)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--weigh", action="store_true", help=f"write {LONG.name} again")


def spent() -> float:
    """Seconds of the processor, of this process and of those that it awaited."""
    return sum(os.times()[:4])


def named(item_or_report: pytest.Item | pytest.TestReport) -> str:
    """A test without its case."""
    return item_or_report.nodeid.partition("[")[0]


@cache
def _long_files() -> set[Path]:
    return {
        ROOT / each for each in {line.partition("::")[0] for line in LONG.read_text().splitlines()}
    }


@cache
def _marks_of(file: Path) -> set[str]:
    """The marks that the tests of a file may bear."""
    said = file.read_text()
    is_long = file in _long_files()
    is_long |= file.parent.name == "browser"
    return {mark for mark in MARKS if f"mark.{mark}" in said or (mark == "proof" and is_long)}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    asked, is_file = config.option.markexpr, collection_path.name.startswith("test_")
    return (is_file and asked in MARKS and asked not in _marks_of(collection_path)) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    long = set(LONG.read_text().splitlines())
    for item in items:
        item.user_properties.append(("is_proof", item.get_closest_marker("proof") is not None))
        if named(item) in long:
            item.add_marker("proof")
        lost = {mark for mark in MARKS if item.get_closest_marker(mark)} - _marks_of(item.path)
        if lost:
            raise pytest.UsageError(f"{item.nodeid} bears {lost}, which its file does not say")
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    """The law first, whose tests need no base: one tester judges it while another migrates."""
    return 0 if item.path.parent.name == "law" else 2 - item.path.name.startswith(FIRST)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_began] = spent()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    item.user_properties.append(("weight", spent() - item.stash[_began]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    told = dict(report.user_properties)
    # What ends badly is told by its failure, and has no weight.
    if "weight" in told and report.when == "teardown" and not told["is_proof"]:
        _weights[named(report)].append(told["weight"])


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not session.config.getoption("--weigh") or hasattr(session.config, "workerinput"):
        return
    long = (test for test, each in _weights.items() if max(each) > ONE or sum(each) > ALL)
    LONG.write_text("".join(f"{test}\n" for test in sorted(long)))
