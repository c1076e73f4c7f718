"""Who came over a period, as committees ask after a year."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from documents.papers.parts import APART, HEADING, Fact, Page, Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """A line of a table: who, and what was counted of him, one text for each heading."""

    place: ClassVar[str] = "la ligne de {0.name}"

    name: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedGroup:
    """The lines of one community; `name` is "" where the table is of communities."""

    name: str = ""
    lines: tuple[CountedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedTable:
    """A table; `of` heads its names, `heads` its other columns, `note` says what is counted."""

    title: str = field(metadata=HEADING)
    note: str = ""
    of: str
    heads: tuple[str, ...] = ()
    groups: tuple[CountedGroup, ...] = ()
    is_of_letters: bool = False

    @property
    def width(self) -> int:
        """How many columns it has."""
        return 1 + len(self.heads)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceYearDocument(Paper):
    """The `état des présences` of a body over a period; `held_on` is its last day."""

    kind: ClassVar[str] = "presences"
    noun: ClassVar[str] = "l’état des présences"
    template: ClassVar[str] = "papers/attendance_year.html"
    page: ClassVar[Page] = Page(margins=(22, 17, 20, 17), first=16, foot=7, is_landscape=True)
    dated_by: ClassVar[str] = "made_on"

    made_on: date = field(metadata=APART)
    title: str = field(metadata=HEADING)
    subtitle: str
    facts: tuple[Fact, ...] = ()
    tables: tuple[CountedTable, ...] = ()
    notice: str = ""
