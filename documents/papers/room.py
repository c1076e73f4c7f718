"""What lies on the tables on the day: sheet to sign, sheets to vote on, name plates; and what says
afterwards who was there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from documents.papers.parts import (
    APART,
    HEADING,
    LEADING,
    SILENT,
    Fact,
    Figure,
    Page,
    Paper,
    Signatory,
    at,
)

# --- Attendance -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """A line to sign: who, in what quality, and what is foreseen ("excusé, pouvoir à M. X")."""

    place: ClassVar[str] = "la ligne de {0.name}"

    rank: int = field(metadata=SILENT)
    name: str
    quality: str = ""
    foreseen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCollege:
    """Those who sign together; `name` is "" in a body that has no constituency."""

    name: str = ""
    remark: str = ""
    lines: tuple[SheetLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceSheetDocument(Paper):
    """The `feuille d’émargement`: everybody signs beside his name; `blanks` lines are left."""

    kind: ClassVar[str] = "emargement"
    noun: ClassVar[str] = "la feuille d’émargement"
    template: ClassVar[str] = "papers/attendance_sheet.html"
    page: ClassVar[Page] = Page(margins=(24, 17, 22, 17), first=18, foot=7)

    title: str = field(metadata=HEADING)
    subtitle: str
    facts: tuple[Fact, ...] = ()
    figures: tuple[Figure, ...] = ()
    colleges: tuple[SheetCollege, ...] = field(default=(), metadata=at("le nom du collège"))
    blanks: int = 0
    certified: str = ""
    signatories: tuple[Signatory, ...] = field(default=(), metadata=at("les signatures"))

    @property
    def blank_lines(self) -> range:
        """For the template, which cannot count."""
        return range(self.blanks)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationDocument(Paper):
    """The `attestation de présence` of one member, whom his employer asks for it: from when to when
    he took part (`hours`), and what else is known of it (`facts`)."""

    kind: ClassVar[str] = "attestation"
    noun: ClassVar[str] = "l’attestation de présence"
    template: ClassVar[str] = "papers/attestation.html"
    dated_by: ClassVar[str] = "made_on"

    made_on: date = field(metadata=APART)
    title: str = field(metadata=HEADING)
    subtitle: str
    statement: str
    hours: tuple[Fact, ...] = ()
    facts: tuple[Fact, ...] = ()
    done_at: str = field(metadata=APART)
    signatory: Signatory = field(metadata=at("la signature"))
    notice: str = ""


# --- Votes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """A seat that votes; `note` gives its votes when the statutes weigh them."""

    place: ClassVar[str] = "la ligne de {0.name}"

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VotingCollege:
    """Those of a constituency who vote; `name` is "" in a body that has none."""

    name: str = ""
    voters: tuple[Voter, ...] = ()

    @property
    def rows(self) -> Iterator[tuple[Voter | None, ...]]:
        """Two voters a row, one column after the other; `None` fills the last row."""
        height = -(-len(self.voters) // 2)
        for rank in range(height):
            other = self.voters[rank + height] if rank + height < len(self.voters) else None
            yield self.voters[rank], other


@dataclass(frozen=True, slots=True, kw_only=True)
class VotingItem:
    """A point that is put to the vote, or an election."""

    place: ClassVar[str] = "le point « {0.title} »"

    number: str = field(default="", metadata=LEADING)
    title: str
    rapporteur: str = ""
    is_election: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VotingSheetDocument(Paper):
    """Votes on paper (`feuilles de vote`): a block for each point, everybody’s name to tick.

    `choices` head the columns; `rounds` those of an election, `counted` its last lines.
    """

    kind: ClassVar[str] = "votes"
    noun: ClassVar[str] = "la feuille de vote"
    template: ClassVar[str] = "papers/voting_sheets.html"
    page: ClassVar[Page] = Page(margins=(22, 17, 20, 17), first=16, foot=6)

    title: str = field(metadata=HEADING)
    subtitle: str
    modes: tuple[str, ...] = ("scrutin ordinaire", "scrutin public", "scrutin secret")
    choices: tuple[str, ...] = ("Pour", "Contre", "Abstention", "Ne prend pas part")
    rounds: tuple[str, ...] = ("1er tour", "2e tour", "3e tour")
    counted: tuple[str, ...] = ("Votants", "Blancs", "Nuls", "Exprimés", "Majorité absolue")
    items: tuple[VotingItem, ...] = ()
    colleges: tuple[VotingCollege, ...] = field(default=(), metadata=at("le nom du collège"))

    @property
    def blank_candidates(self) -> range:
        """Lines left for the names of candidates."""
        return range(5)


# --- Name plates ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """A name to stand before a seat, and what it is: "présidente", "Brume Agglo"."""

    place: ClassVar[str] = "le chevalet de {0.first_name} {0.last_name}"

    first_name: str
    last_name: str
    quality: str = ""

    @property
    def size(self) -> str:
        """How large the name may be set to stay on its line."""
        length = max(len(self.last_name), len(self.first_name) * 3 // 4)
        return "xl" if length <= 9 else "l" if length <= 13 else "m" if length <= 19 else "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePlatesDocument(Paper):
    """Name plates (`chevalets`): a sheet each, folded in two, the name on both sides."""

    kind: ClassVar[str] = "chevalets"
    noun: ClassVar[str] = "la série de chevalets"
    template: ClassVar[str] = "papers/name_plates.html"
    page: ClassVar[Page] = Page(margins=(10, 14, 10, 14), is_headed=False, is_landscape=True)

    title: str = field(metadata=HEADING)
    plates: tuple[Plate, ...] = ()
