"""The schema and the real messages of @CTES: third-party files, beside the project and never in it.

They are looked for where `ACTES_REFERENCE` says, else where `tests.beside` finds them; without them
the tests that read them are skipped.
"""

import os
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from tests import beside


@cache
def folder() -> Path | None:
    """Where they are; `None` when they are not there."""
    if said := os.environ.get("ACTES_REFERENCE"):
        return Path(said)
    found = beside.folder("standards/actes")
    return found if found.is_dir() else None


def read(name: str) -> bytes:
    """One of them; the test is skipped when they are not there."""
    if folder() is None:
        pytest.skip("les exemples @CTES ne sont pas là (ACTES_REFERENCE)")
    return (folder() / name).read_bytes()


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(folder() / "actesv1_1.xsd"))


def faults(message: bytes) -> list[str]:
    """What the schema of the ministry says against a message."""
    read("actesv1_1.xsd")
    schema = _schema()
    schema.validate(etree.fromstring(message))
    return [f"{each.line}: {each.message}" for each in schema.error_log]
