"""What goes with a dispatch, and what proves it: proxies, letters, labels, certificate."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from documents.papers.parts import APART, HEADING, SILENT, Fact, Figure, Page, Paper, Signatory, at

# --- The proxy --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyFormDocument(Paper):
    """A `pouvoir` to print and sign. What is not known yet is a dotted line.

    `choices` are boxes to tick when nobody said for which points it holds.
    """

    kind: ClassVar[str] = "pouvoir"
    noun: ClassVar[str] = "le pouvoir"
    template: ClassVar[str] = "papers/proxy_form.html"

    title: str = field(metadata=HEADING)
    subtitle: str
    paragraphs: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    done_at: str
    mention: str
    signer: str = field(default="", metadata=at("la signature"))
    rules: tuple[Fact, ...] = field(default=(), metadata=at("les règles du pouvoir"))


# --- Letters and labels -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who gets a letter: a name and the lines of an address.

    `link` is his personal address for answering, `code` the same as a picture to be scanned.
    """

    place: ClassVar[str] = "l’adresse de {0.name}"

    name: str
    address: tuple[str, ...] = ()
    link: str = ""
    code: str = field(default="", metadata=SILENT)

    @property
    def lines(self) -> tuple[str, ...]:
        """His name and his address, a line each."""
        return (self.name, *self.address)

    @property
    def greeting(self) -> str:
        """ "Madame" or "Monsieur", by the civility that begins his name; "" where none does."""
        return {"Mme": "Madame", "M.": "Monsieur"}.get(next(iter(self.name.split()), ""), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersDocument(Paper):
    """A letter for each recipient on paper, his address where the window of an envelope is."""

    kind: ClassVar[str] = "lettres"
    noun: ClassVar[str] = "la série de lettres"
    template: ClassVar[str] = "papers/letters.html"
    dated_by: ClassVar[str] = "sent_on"
    page: ClassVar[Page] = Page(margins=(16, 30, 24, 30), first=16, is_headed=False)

    sent_on: date = field(metadata=APART)
    title: str = field(metadata=HEADING)
    place_and_date: str
    subject: str
    salutation: str
    paragraphs: tuple[str, ...] = ()
    answering: str = ""
    courtesy: str
    signatory: Signatory | None = field(default=None, metadata=at("la signature"))
    enclosed: str = ""
    addressees: tuple[Addressee, ...] = ()

    @property
    def letters(self) -> Iterator[tuple[Addressee, str, str]]:
        """Each with his salutation and courtesy: one person is no « Madame, Monsieur »."""
        for each in self.addressees:
            greeting = each.greeting or "Madame, Monsieur"
            told = (self.salutation, self.courtesy)
            salutation, courtesy = (text.replace("Madame, Monsieur", greeting) for text in told)
            yield each, salutation, courtesy


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsDocument(Paper):
    """Labels of 70 × 37 mm, three by eight on a sheet, for the same recipients."""

    kind: ClassVar[str] = "etiquettes"
    noun: ClassVar[str] = "la planche d’étiquettes"
    template: ClassVar[str] = "papers/labels.html"
    page: ClassVar[Page] = Page(margins=(0.5, 0, 0, 0), first=0.5, is_headed=False)

    title: str = field(metadata=HEADING)
    addressees: tuple[Addressee, ...] = ()

    @property
    def sheets(self) -> Iterator[tuple[tuple[Addressee | None, ...], ...]]:
        """Sheets of eight rows of three; `None` fills the last row."""
        for first in range(0, len(self.addressees), 24):
            sheet = self.addressees[first : first + 24]
            yield tuple(
                (*sheet[rank : rank + 3], None, None)[:3] for rank in range(0, len(sheet), 3)
            )


# --- The certificate --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchLine:
    """The journey of one convocation: to whom, by which road, and what proves it."""

    place: ClassVar[str] = "la ligne de {0.name}"

    rank: int
    name: str
    capacity: str = ""
    channel: str
    address: str = ""
    state: str
    proof: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchCertificateDocument(Paper):
    """The `certificat d’envoi`: what was sent, to whom, when, and what the servers answered."""

    kind: ClassVar[str] = "certificat-envoi"
    noun: ClassVar[str] = "le certificat d’envoi"
    template: ClassVar[str] = "papers/dispatch_certificate.html"
    dated_by: ClassVar[str] = "made_on"
    page: ClassVar[Page] = Page(margins=(24, 20, 26, 20))

    made_on: date = field(metadata=APART)
    title: str = field(metadata=HEADING)
    subtitle: str
    statement: str
    facts: tuple[Fact, ...] = ()
    figures: tuple[Figure, ...] = ()
    lines: tuple[DispatchLine, ...] = ()
    done_at: str
    signatory: Signatory | None = field(default=None, metadata=at("la signature"))
