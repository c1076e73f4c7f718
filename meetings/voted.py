"""The lines of an item that are voted together (`tableau voté`), as they are typed or pasted.

A text: one row a line, cells parted by a tabulation (what a spreadsheet gives) or by « | »; the
first row holds the headings.
"""

import re
from dataclasses import dataclass

MOST_ROWS, MOST_COLUMNS = 200, 6


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, then rows of as many cells; the first cell says what the row is about."""

    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows)


def table(text: str) -> Table:
    """The table that a text holds; short rows are filled with empty cells. Raises `ValueError`, in
    French, for what is no table."""
    found = [_cells(line) for line in text.splitlines() if line.strip(" \t|")]
    if not found:
        return Table()
    headings, *rows = found
    if not rows:
        raise ValueError("La première ligne donne les titres des colonnes : il manque les lignes.")
    if not 2 <= len(headings) <= MOST_COLUMNS:
        raise ValueError(
            f"Deux à {MOST_COLUMNS} colonnes, séparées par une tabulation ou « | » : par exemple "
            "« Association | Demandé | Proposé | Voté »."
        )
    if len(rows) > MOST_ROWS:
        raise ValueError(f"{MOST_ROWS} lignes au plus.")
    for rank, row in enumerate(rows, start=1):
        if len(row) > len(headings) or not row[0]:
            raise ValueError(
                f"Ligne {rank} : « {' | '.join(row)} » ne suit pas les {len(headings)} titres."
            )
    filled = tuple((*row, *[""] * (len(headings) - len(row))) for row in rows)
    return Table(headings, filled)


def _cells(line: str) -> tuple[str, ...]:
    separator = "\t" if "\t" in line else "|"
    cells = [re.sub(r"\s+", " ", cell).strip() for cell in line.split(separator)]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
