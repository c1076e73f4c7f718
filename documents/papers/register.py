"""The yearly register: what opens it, what closes each sitting in it, its tables; and the sheet on
which a document is signed by hand."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from documents.papers.parts import (
    APART,
    HEADING,
    OMITTED,
    SILENT,
    Fact,
    Figure,
    Page,
    Paper,
    Signatory,
    at,
)

# --- The register -----------------------------------------------------------------------------


# The margin at the foot leaves room for the number of the sheet.
REGISTER = Page(margins=(25, 26, 24, 26), first=20, foot=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOpening(Paper):
    """The first page of a register: what it holds, and who numbered and initialled its sheets
    (`coté et paraphé`, art. R2121-9)."""

    kind: ClassVar[str] = "registre-ouverture"
    noun: ClassVar[str] = "l’ouverture du registre"
    template: ClassVar[str] = "papers/register_opening.html"
    page: ClassVar[Page] = REGISTER

    title: str = field(metadata=HEADING)
    subtitle: str
    statement: str
    figures: tuple[Figure, ...] = ()
    done_at: str
    signatory: Signatory | None = field(default=None, metadata=at("la signature"))
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingLine:
    """A deliberation of the sitting, recalled by its order number; `remark` says that it is no
    longer an act, or what a later one did to it."""

    place: ClassVar[str] = "la délibération « {0.object} »"

    rank: int
    number: str
    object: str
    remark: str | None = field(default=None, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingClosing(Paper):
    """The sheet that closes a sitting in the register: its order numbers, who was present, room to
    sign (art. R2121-9)."""

    kind: ClassVar[str] = "registre-cloture"
    noun: ClassVar[str] = "le feuillet de clôture"
    template: ClassVar[str] = "papers/register_closing.html"
    page: ClassVar[Page] = REGISTER

    title: str = field(metadata=HEADING)
    subtitle: str
    statement: str
    lines: tuple[ClosingLine, ...] = ()
    present: tuple[str, ...] = field(default=(), metadata=at("les présences"))
    signatories: tuple[Signatory, ...] = field(default=(), metadata=at("les signatures"))

    @property
    def present_line(self) -> str:
        """Those present in line, as they are printed."""
        return ", ".join(self.present)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLine:
    """A deliberation in a table: its number, its day, its object, the sheet that holds it, and what
    became of it since (`remark`)."""

    place: ClassVar[str] = "la délibération « {0.object} »"

    number: str
    held_on: str
    object: str
    sheet: str = ""
    remark: str | None = field(default=None, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGroup:
    """The deliberations of one sitting, or on one matter."""

    label: str = ""
    lines: tuple[TableLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTable(Paper):
    """A table of the register, by date or by object (art. R2121-9)."""

    kind: ClassVar[str] = "registre-table"
    noun: ClassVar[str] = "la table du registre"
    template: ClassVar[str] = "papers/register_table.html"
    page: ClassVar[Page] = REGISTER

    title: str = field(metadata=HEADING)
    subtitle: str
    statement: str
    groups: tuple[TableGroup, ...] = ()
    # What an act is called that no sitting made.
    alone: str | None = field(default=None, metadata=OMITTED | SILENT)

    @property
    def has_sheets(self) -> bool:
        """Whether it says on which sheets: only once they are numbered."""
        return any(line.sheet for group in self.groups for line in group.lines)

    @property
    def has_days(self) -> bool:
        """Whether lines say their day: not under the title of a sitting."""
        return any(line.held_on for group in self.groups for line in group.lines)


# --- By hand ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSheetDocument(Paper):
    """The sheet on which an issued document is signed by hand: which one, its hash, who signs."""

    kind: ClassVar[str] = "feuille-signature"
    noun: ClassVar[str] = "la feuille de signature"
    template: ClassVar[str] = "papers/signature_sheet.html"
    dated_by: ClassVar[str] = "issued_on"
    page: ClassVar[Page] = Page(margins=(24, 24, 24, 24), first=20, foot=7)

    issued_on: date = field(metadata=APART)
    title: str = field(metadata=HEADING)
    subtitle: str
    statement: str
    facts: tuple[Fact, ...] = ()
    signatories: tuple[Signatory, ...] = field(default=(), metadata=at("les signatures"))
    notice: str = ""
