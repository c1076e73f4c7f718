"""What is too long for `make test` is a proof: tests/long.txt names it.

`make proof ARGS=--weigh` measures the processor's time of each test and writes that list again.
What is marked `proof` by hand is one whatever it takes.
"""

import time
from collections import defaultdict
from pathlib import Path

import pytest

LONG = Path(__file__).with_name("long.txt")
ONE, ALL = 0.3, 4.0  # seconds: of one case of a test, of all its cases

_began = pytest.StashKey[float]()
_weights: dict[str, list[float]] = defaultdict(list)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--weigh", action="store_true", help=f"write {LONG.name} again")


def named(item_or_report: pytest.Item | pytest.TestReport) -> str:
    """A test without its case."""
    return item_or_report.nodeid.partition("[")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    long = set(LONG.read_text().splitlines())
    for item in items:
        item.user_properties.append(("is_proof", item.get_closest_marker("proof") is not None))
        if named(item) in long:
            item.add_marker("proof")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_began] = time.process_time()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    item.user_properties.append(("weight", time.process_time() - item.stash[_began]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    told = dict(report.user_properties)
    if report.when == "teardown" and not told["is_proof"]:
        _weights[named(report)].append(told["weight"])


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not session.config.getoption("--weigh") or hasattr(session.config, "workerinput"):
        return
    long = (test for test, each in _weights.items() if max(each) > ONE or sum(each) > ALL)
    LONG.write_text("".join(f"{test}\n" for test in sorted(long)))
