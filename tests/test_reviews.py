"""Each finding of a stranger (docs/revues) keeps its proof: none, or one that is gone, fails."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
REVIEWS = sorted(p for p in (HOUSE / "docs/revues").glob("*.md") if p.stem != "README")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+)(?:\[([^`]+)\])?)?`")


def _rows(review: Path) -> list[list[str]]:
    """The cells of each row of the tables of a review, without their headings."""
    rows = [line for line in review.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in rows]
    rules = {n for n, row in enumerate(cells) if set("".join(row)) <= set("-: ")}
    return [row for n, row in enumerate(cells) if n not in rules and n + 1 not in rules]


@cache
def _functions(source: str) -> set[str]:
    return {n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)}


def _lost(file: str, name: str, row: str) -> str:
    """What a named proof lacks, or nothing."""
    path = HOUSE / file
    if not path.exists():
        return f"{file} n’existe pas"
    source = path.read_text()
    if name and name not in _functions(source):
        return f"{file} n’a pas {name}"
    if row and row not in source:
        return f"{file} n’a pas la ligne « {row} »"
    return ""


@pytest.mark.parametrize("review", REVIEWS, ids=lambda review: review.stem)
def test_every_finding_has_a_proof_that_exists(review):
    rows = _rows(review)
    assert rows
    silent = []
    for row in rows:
        proof = row[-1]
        named = NAMED.findall(proof)
        if not named and not re.match(r"(vu|ouvert)\b", proof):
            silent.append(f"{row[0][:60]} : sans preuve")
        silent += [lost for found in named if (lost := _lost(*found))]
    assert silent == []
