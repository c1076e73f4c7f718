"""The law knows no database and no cache: nothing to prepare before its cases."""

import pytest


@pytest.fixture(autouse=True)
def afresh():
    """In place of that of `tests.conftest`, which costs more than the cases themselves."""


def pytest_configure(config):
    """`make law` reads no pyproject.toml."""
    config.addinivalue_line("markers", "proof: long; `make proof` runs it, `make law` does not")
