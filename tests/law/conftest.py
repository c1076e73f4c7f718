"""The law knows no database, no cache and no password: nothing to prepare before its cases.

These take the place of the fixtures of the same names in `tests.conftest`, which cost more than
the cases themselves.
"""

import pytest


@pytest.fixture(autouse=True)
def quick_passwords():
    """Nobody signs in."""


@pytest.fixture(autouse=True)
def empty_cache():
    """Nothing is cached."""


def pytest_configure(config):
    """`make law` reads no pyproject.toml."""
    config.addinivalue_line("markers", "proof: long; `make proof` runs it, `make law` does not")
