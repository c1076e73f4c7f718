"""The deliberations of a year as the SCDL describes them (« délibérations », 2.1.5).

One line for each deliberation that is online and stands. What the table requires and nobody
filled in (SIRET, `matière`) is not made up: such a line is left out, and counted.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from law import sirens
from law.nomenclature import second_level

VERSION = "2.1.5"
SCHEMA = "https://schema.data.gouv.fr/schemas/scdl/deliberations/2.1.5/schema.json"
COLUMNS = (
    *("COLL_NOM", "COLL_SIRET", "DELIB_ID", "DELIB_DATE", "DELIB_MATIERE_CODE"),
    *("DELIB_MATIERE_NOM", "DELIB_OBJET", "BUDGET_ANNEE", "BUDGET_NOM", "PREF_ID", "PREF_DATE"),
    *("VOTE_EFFECTIF", "VOTE_REEL", "VOTE_POUR", "VOTE_CONTRE", "VOTE_ABSTENTION", "DELIB_URL"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A deliberation as a line of the table tells it; `votes` is what `readings.votes_of` says."""

    name: str
    siret: str
    number: str
    day: date
    matter: str
    object: str
    address: str
    prefecture: str = ""
    received_on: date | None = None
    votes: tuple[int, ...] | None = None


def lacks(row: Row) -> str:
    """What keeps this deliberation out of the table: "siret", "matiere", or ""."""
    if not row.siret or sirens.fault_of_siret(row.siret):
        return "siret"
    return "" if second_level(row.matter) else "matiere"


def cells(row: Row) -> tuple[str, ...]:
    """The line of a deliberation that lacks nothing, in the order of `COLUMNS`."""
    code, name = second_level(row.matter) or ("", "")
    is_dated = row.received_on is not None and row.received_on >= row.day
    received = row.received_on.isoformat() if row.received_on and is_dated else ""
    votes = tuple(map(str, row.votes)) if row.votes else ("",) * 5
    told = (row.name, row.siret, row.number, row.day.isoformat(), code, name, row.object)
    told = (*told, "", "", row.prefecture, received, *votes, row.address)
    return tuple(harmless(each) for each in told)


_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# What a spreadsheet runs, and the mark itself, so that the mark can be taken off again.
_RUN = ("=", "+", "-", "@", "\t", "\r", "'")


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before, which it hides."""
    text = _CONTROLS.sub(" ", text)
    return f"'{text}" if text.startswith(_RUN) else text


def as_told(cell: str) -> str:
    """What a cell said before it was made `harmless`."""
    return cell.removeprefix("'")


class _Echo:
    """A file of one line: what is written there is handed on."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The table, a line after another (RFC 4180: commas, CRLF); what lacks something is left
    out. Every cell is quoted: a program that parts them at a semicolon finds none within."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield writer.writerow(COLUMNS)
    for row in rows:
        if not lacks(row):
            yield writer.writerow(cells(row))
