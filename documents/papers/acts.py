"""Acts of the assembly: what a deliberation says, as a draft and as it was decided."""

import re
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from documents.papers.minutes import Article, MinutesDocument, Step
from documents.papers.parts import (
    APART,
    HEADING,
    HTML,
    OMITTED,
    SILENT,
    Fact,
    Figure,
    Page,
    Paper,
    Signatory,
    Verification,
    at,
)
from law import style


def in_file_name(number: str) -> str:
    """The number of a deliberation as the name of a file holds it: "2026-06-09-02"."""
    return "-".join(re.findall(r"[0-9A-Za-z]+", number))


# --- The words of an act ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ActText:
    """A deliberation, drafted or taken: who decides, on what grounds, what.

    `author` opens it ("Le Comité syndical,"), then come the `visas` ("Vu …"), the `recitals`
    (`considérants`) and whose report was `heard`; `decides` ends them ("Après en avoir
    délibéré, décide :"). Each text is finished, punctuation included.
    """

    author: str
    visas: tuple[str, ...] = ()
    recitals: tuple[str, ...] = ()
    heard: str = ""
    decides: str = ""
    articles: tuple[Article, ...] = ()


# --- Once it is issued ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedAct(Paper):
    """What extracts and lists have in common once they are issued.

    `edition` says which version a later one replaces, and why.
    """

    edition: str | None = field(default=None, metadata=OMITTED | APART | at("la fin du document"))

    @property
    def without_edition(self) -> Self:
        """The act alone, to tell whether two versions say the same thing."""
        return replace(self.plain, edition=None, watermark="", verification=None)

    def as_issued(self, *, version: int, edition: str, verification: Verification) -> Self:
        """The act as it is frozen; `version` is told by the `edition` of those after the first."""
        return replace(self, edition=edition or None, watermark="", verification=verification)


# That not every act is sent: told since November 2026.
_SENT = re.compile(", (s’il|si elle) y est transmise?, le")


# --- The extract ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Those in one standing when the item was discussed: "Présents", "Mme A, M. B"."""

    label: str
    names: tuple[str, ...]

    @property
    def line(self) -> str:
        """The names in line, as they are printed."""
        return ", ".join(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliberationExtract(IssuedAct):
    """One deliberation, as the register holds it (`extrait du registre des délibérations`).

    `report` is what was said, when no draft was written; `debated` is what happened on the item
    until it was decided; `enforceability` holds what makes the
    act binding, dotted lines standing for what is not known yet.
    """

    kind: ClassVar[str] = "extrait"
    noun: ClassVar[str] = "l’extrait du registre"
    template: ClassVar[str] = "papers/extract.html"
    page: ClassVar[Page] = Page(margins=(24, 27, 20, 27), first=16, foot=5, is_bound=True)

    key: str = field(metadata=SILENT)
    title: str = field(metadata=HEADING)
    subtitle: str
    number: str = ""
    object: str
    opening: str
    figures: tuple[Figure, ...] = ()
    presence: tuple[Presence, ...] = field(default=(), metadata=at("les présences"))
    quorum: str = ""
    clerks: str = ""
    before: tuple[Step, ...] = ()
    text: ActText
    report: str = field(default="", metadata=HTML)
    debated: tuple[Step, ...] | None = field(default=None, metadata=OMITTED)
    decisions: tuple[Step, ...] = ()
    conform: str = ""
    signatories: tuple[Signatory, ...] = field(default=(), metadata=at("les signatures"))
    enforceability: tuple[Fact, ...] = field(default=(), metadata=at("le caractère exécutoire"))
    appeal: str = ""

    @property
    def without_edition(self) -> Self:
        """The act alone: what was issued before it said that not every act is sent, or how it is
        contested as it says it now, is not to be issued again."""
        plain = self.plain
        return replace(
            plain,
            edition=None,
            watermark="",
            verification=None,
            appeal="",
            enforceability=tuple(
                replace(fact, label=_SENT.sub(" le", fact.label)) for fact in plain.enforceability
            ),
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """Its parts in the order in which they are printed."""
        return self.order or style.order("extract")


# --- The list ---------------------------------------------------------------------------------

# The deadline was told as a thing done: what was issued so keeps it, and is not to be issued again.
_REWORDED = ("affichée au siège et mise en ligne", "à afficher au siège et à mettre en ligne")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDeliberation:
    """A line of the list: its order in the sitting, its number in the year, what became of it."""

    place: ClassVar[str] = "la délibération « {0.object} »"

    rank: int
    number: str = ""
    object: str
    decision: str
    is_adopted: bool = field(default=False, metadata=SILENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliberationList(IssuedAct):
    """The list of the deliberations examined, rejected ones included (art. L2121-25)."""

    kind: ClassVar[str] = "liste-deliberations"
    noun: ClassVar[str] = "la liste des délibérations"
    template: ClassVar[str] = "papers/deliberation_list.html"

    title: str = field(metadata=HEADING)
    subtitle: str
    statement: str
    lines: tuple[ListedDeliberation, ...] = ()
    done_at: str = field(default="", metadata=APART)
    signatory: Signatory | None = field(default=None, metadata=at("la signature"))
    notice: str = ""

    @property
    def signatories(self) -> tuple[Signatory, ...]:
        """Whoever signs it, as an extract says it."""
        return (self.signatory,) if self.signatory else ()

    @property
    def without_edition(self) -> Self:
        """The list alone: drawn up on another day, or its deadline worded as before, it says the
        same thing."""
        plain = self.plain
        return replace(
            plain,
            edition=None,
            watermark="",
            verification=None,
            done_at="",
            notice=plain.notice.replace(*_REWORDED),
        )

    @property
    def has_numbers(self) -> bool:
        """Whether any of them was numbered: a column tells it."""
        return any(line.number for line in self.lines)


# --- What is frozen ---------------------------------------------------------------------------

Issuable = MinutesDocument | DeliberationExtract | DeliberationList
