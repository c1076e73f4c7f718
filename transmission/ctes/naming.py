"""What @CTES calls an act and each of its files.

080-200000017-20260310-2026_14-DE                    the act
080-200000017-20260310-2026_14-DE-1-1_0.xml          its message
99_DE-080-200000017-20260310-2026_14-DE-1-1_1.pdf    the act itself, then its annexes
EACT--200000017--20260311-1.xml                      the envelope, first of that day
"""

import re
from dataclasses import dataclass
from datetime import date

from law.acts import Nature

NUMBER = re.compile(r"(?:[A-Z0-9][A-Z0-9_]{0,13})?[A-Z0-9]")
_ACT = re.compile(
    r"([09][0-9][0-9AB])-([0-9]{9})-([0-9]{4})([0-9]{2})([0-9]{2})-([A-Za-z0-9_]{1,15})-([A-Z]{2})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An act, as its identifier tells it."""

    department: str
    siren: str
    decided_on: date
    number: str
    letters: str

    def __str__(self) -> str:
        day = f"{self.decided_on:%Y%m%d}"
        return f"{self.department}-{self.siren}-{day}-{self.number}-{self.letters}"


def identity(
    department: str, siren: str, decided_on: date, number: str, nature: Nature
) -> Identity:
    """That of an act."""
    return Identity(
        department=department,
        siren=siren,
        decided_on=decided_on,
        number=number,
        letters=nature.letters,
    )


def read(identifier: str) -> Identity | None:
    """The act of this identifier; `None` for what is none."""
    found = _ACT.fullmatch(identifier)
    return _identity(found) if found else None


def within(name: str) -> Identity | None:
    """The act that the name of a file speaks of; `None` when it speaks of none."""
    found = _ACT.search(name)
    return _identity(found) if found else None


def _identity(found: re.Match[str]) -> Identity | None:
    department, siren, year, month, day, number, letters = found.groups()
    try:
        on = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return Identity(
        department=department, siren=siren, decided_on=on, number=number, letters=letters
    )


# Of a message its transaction, then its place in it.
ACT, CANCELLATION = "1-1", "6-1"
# What answers a letter of the prefecture: to a simple one, to a demand of pieces (refused, or
# given), to observations (refused, or answered).
LETTER_REPLY, PIECES_REFUSED, PIECES, OBSERVATIONS_REFUSED, OBSERVATIONS_REPLY = (
    "2-2",
    "3-3",
    "3-4",
    "4-3",
    "4-4",
)


def message(identifier: str, transaction: str) -> str:
    """The file of a message."""
    return f"{identifier}-{transaction}_0.xml"


def file(identifier: str, transaction: str, rank: int, extension: str, *, typology: str) -> str:
    """A file that goes with a message, by its rank."""
    return f"{typology}-{identifier}-{transaction}_{rank}.{extension}"


def envelope(siren: str, on: date, rank: int) -> str:
    """An envelope, by its rank among those of the day, without extension."""
    return f"EACT--{siren}--{on:%Y%m%d}-{rank}"


def numbered(number: str, rank: int) -> str:
    """The number of an act that is sent again when @CTES holds the former: `2026_14_2`. Fifteen
    letters at most: what gives way is the beginning, for the end tells acts apart."""
    if rank == 1:
        return number
    end = f"_{rank}"
    return f"{number[-(15 - len(end)) :].lstrip('_')}{end}"
