"""The seed: the real procès-verbal of 16 November 2016, read from ../shared, never copied here."""

from dataclasses import dataclass

import pytest

from tests.documents.test_seed import SEED


@dataclass(frozen=True)
class Point:
    """A bullet of the seed: its title, its first paragraph, then what hangs under it."""

    title: str
    lead: str
    rest: tuple[tuple[str, str], ...]  # ("p" or "li", text)


def text() -> str:
    """The whole text; skips the test where ../shared is not laid beside the repository."""
    if not SEED.exists():
        pytest.skip("le procès-verbal de référence n’est pas à côté du dépôt (../shared)")
    return SEED.read_text()


def points() -> tuple[Point, ...]:
    """The five items of section I."""
    section = text().split("COMITE SYNDICAL\n", 1)[1].split("La séance est levée", 1)[0]
    found: list[list[str]] = []
    for line in section.splitlines():
        if line.startswith("- ") and " – " in line and not line.startswith("- de "):
            found.append([line[2:]])
        elif line.strip():
            found[-1].append(line.strip())
    return tuple(_point(lines) for lines in found)


def _point(lines: list[str]) -> Point:
    title, lead = lines[0].split(" – ", 1)
    rest = tuple(("li", line[2:]) if line.startswith("- ") else ("p", line) for line in lines[1:])
    return Point(title.strip(), lead.strip(), rest)
