"""The seed: the real procès-verbal of 16 November 2016, read from ../shared, never copied here."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[2] / "shared/reference/seed/pv-bureau-2016-11-16.txt"


@dataclass(frozen=True)
class Point:
    """A bullet of the seed: its title, its first paragraph, then what hangs under it."""

    title: str
    lead: str
    rest: tuple[tuple[str, str], ...]  # ("p" or "li", text)


def text() -> str:
    """The whole text; skips the test where ../shared is not laid beside the repository."""
    if not PATH.exists():
        pytest.skip("le procès-verbal de référence n’est pas à côté du dépôt (../shared)")
    return PATH.read_text()


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
    rest = tuple(
        ("li", line[2:]) if line.startswith("- ") else ("p", line) for line in lines[1:]
    )
    return Point(title.strip(), lead.strip(), rest)


def sentences(source: str) -> list[str]:
    """What must be found on the paper, in order: one entry a line, markers of lists left out."""
    return [
        normal(re.sub(r"^\s*(?:[-•–]\s+)", "", line))
        for line in source.splitlines()
        if line.strip()
    ]


def normal(words: str) -> str:
    """Text compared without what typography may change: spaces, apostrophes, emphasis, hours."""
    words = words.replace("’", "'").replace("\xad", "").replace("*", "")
    words = re.sub(r"</?i>", "", words)
    words = re.sub(r"\s+", " ", words.replace("\xa0", " ").replace("\u202f", " ")).strip()
    words = re.sub(r"(\d{1,2}) ?h ?(\d{2})", r"\1h\2", words)
    words = re.sub(r"\s+([:;!?»€°])", r"\1", words)
    words = re.sub(r"«\s+", "«", words)
    return words.replace("COMITÉ", "COMITE").replace("n°", "nº").casefold()
