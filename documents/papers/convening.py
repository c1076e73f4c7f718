"""What convenes a sitting: the convocation, and what is sent with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

from documents.papers.acts import ActText
from documents.papers.minutes import BULLET, Point
from documents.papers.parts import (
    APART,
    HEADING,
    HTML,
    LEADING,
    SILENT,
    Fact,
    Page,
    Paper,
    Signatory,
    at,
)

# --- The convocation --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaLine(Point):
    """A point as the convocation announces it.

    `enclosed` says what goes with it ("note de synthèse", "2 pièces jointes"), `digest` whether
    that is still the same; `mark` is "ajouté" or "modifié" on a later convocation.
    """

    place: ClassVar[str] = "le point « {0.title} »"

    key: str = field(metadata=SILENT)
    number: str = field(default="", metadata=LEADING)
    title: str
    kind: str = field(metadata=SILENT)
    rapporteur: str = ""
    enclosed: tuple[str, ...] = ()
    mark: str = ""
    digest: str = field(default="", metadata=SILENT)
    children: tuple["AgendaLine", ...] = ()

    @property
    def named(self) -> str:
        """How a sentence names it: "point 12 bis (« Tarifs »)"."""
        if self.is_bulleted or not self.number:
            return f"point « {self.title} »"
        return f"point {self.number} (« {self.title} »)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SummonsDocument(Paper):
    """A `convocation`, or what later changes it.

    `nature` is "convocation", "rectificative", "report" or "annulation". It is written to nobody
    in particular: the same paper goes to every recipient, and its hash is what was sent.
    """

    kind: ClassVar[str] = "convocation"
    noun: ClassVar[str] = "la convocation"
    template: ClassVar[str] = "papers/summons.html"
    page: ClassVar[Page] = Page(margins=(22, 28, 19, 28), first=16, foot=5)
    dated_by: ClassVar[str] = "sent_on"

    nature: str = field(metadata=SILENT)
    number: int = field(default=1, metadata=SILENT)
    sent_on: date = field(metadata=APART)

    title: str = field(metadata=HEADING)
    subtitle: str
    place_and_date: str
    salutation: str
    invitation: str
    day: str
    hour: str
    place_of_sitting: str = ""
    grounds: tuple[str, ...] = field(default=(), metadata=at("les motifs de la convocation"))
    message: tuple[str, ...] = field(default=(), metadata=at("le message d’accompagnement"))
    changes: tuple[str, ...] = field(default=(), metadata=at("les changements"))
    agenda: tuple[AgendaLine, ...] = ()
    answering: tuple[str, ...] = ()
    courtesy: str = ""
    signatory: Signatory | None = field(default=None, metadata=at("la signature"))
    rules: tuple[Fact, ...] = field(default=(), metadata=at("les règles de la séance"))

    @property
    def is_held(self) -> bool:
        """Whether a sitting follows: not when it is cancelled."""
        return self.nature != "annulation"

    def since(self, before: "SummonsDocument") -> "SummonsDocument":
        """The same convocation, saying what it changes to the one that was sent `before`."""
        if self.nature not in ("rectificative", "report"):
            return self
        return replace(
            self,
            changes=changes_between(before, self),
            agenda=marked(before, self.agenda),
        )

    @property
    def lines(self) -> Iterator[AgendaLine]:
        """Every line of the agenda in printed order."""
        for line in self.agenda:
            yield from line.walk()


def changes_between(before: SummonsDocument, after: SummonsDocument) -> tuple[str, ...]:
    """What a later convocation changes to the one that was sent, a sentence for each change."""
    told = []
    if before.day != after.day:
        told.append(f"La séance se tient le {after.day} au lieu du {before.day}.")
    if before.hour != after.hour:
        told.append(f"Elle commence à {after.hour} au lieu de {before.hour}.")
    if before.place_of_sitting != after.place_of_sitting:
        was_at = f" (auparavant : {before.place_of_sitting})" if before.place_of_sitting else ""
        told.append(f"Nouveau lieu : {after.place_of_sitting or 'à préciser'}{was_at}.")
    known = {line.key: line for line in before.lines}
    kept = {line.key for line in after.lines}
    for line in after.lines:
        was = known.get(line.key)
        if was is None:
            told.append(f"Le {line.named} est ajouté.")
            continue
        if was.title != line.title:
            told.append(f"Le {was.named} devient « {line.title} ».")
        elif was.number != line.number and line.number:
            told.append(f"Le {was.named} porte désormais le numéro {line.number}.")
        if was.rapporteur != line.rapporteur and line.rapporteur:
            rapporteur = line.rapporteur[0].lower() + line.rapporteur[1:]
            told.append(f"Pour le {line.named}, {rapporteur}.")
        if was.digest != line.digest:
            told.append(f"Le dossier du {line.named} est modifié.")
    told += [f"Le {line.named} est retiré." for line in before.lines if line.key not in kept]
    return tuple(told)


def marked(before: SummonsDocument, agenda: tuple[AgendaLine, ...]) -> tuple[AgendaLine, ...]:
    """The agenda, each line that is new or changed since `before` saying so."""
    known = {line.key: line for line in before.lines}

    def mark(line: AgendaLine) -> AgendaLine:
        was = known.get(line.key)
        changed = was is not None and (was.title, was.digest) != (line.title, line.digest)
        return replace(
            line,
            mark="ajouté" if was is None else "modifié" if changed else "",
            children=tuple(map(mark, line.children)),
        )

    return tuple(map(mark, agenda))


# --- What goes with each point ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file joined to a point. `how`: "pdf" or "image" within the dossier, "apart" beside it.

    `remark` says in words what it is: "PDF, 3 pages, 240 ko".
    """

    title: str
    remark: str
    how: str = field(metadata=SILENT)
    sha256: str = field(default="", metadata=SILENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDocument(Paper):
    """What is sent about one point: `note de synthèse`, draft deliberation, list of the files."""

    place: ClassVar[str] = "la note du point « {0.title} »"

    kind: ClassVar[str] = "note"
    noun: ClassVar[str] = "la note de synthèse"
    template: ClassVar[str] = "papers/note.html"

    key: str = field(metadata=SILENT)
    number: str = field(default="", metadata=LEADING)
    title: str = field(metadata=HEADING)
    rapporteur: str = ""
    sitting: str
    note: str = field(default="", metadata=HTML)
    draft: ActText | None = field(default=None, metadata=at("le projet de délibération"))
    enclosures: tuple[Enclosure, ...] = field(default=(), metadata=at("les pièces jointes"))

    @property
    def heading(self) -> str:
        """The title with its number: "3. Budget primitif"."""
        if not self.number or self.number == BULLET:
            return self.title
        dot = "." if self.number[-1].isalnum() else ""
        return f"{self.number}{dot} {self.title}"
