"""What every paper is made of, and what all of them have in common."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import cache
from typing import Any, ClassVar, Self, get_args, get_type_hints

# What is carried and never printed; what is printed as HTML and not as it is written.
SILENT = {"silent": True}
HTML = {"html": True}
# Left out of the JSON when there is none: papers written before it existed read as they are.
OMITTED = {"omitted": True}


# Printed, and no part of what the paper says: its letterhead, its version, what it says twice.
APART = {"apart": True}
# A title; and what is told on one line with the field after it.
HEADING = {"heading": True}
LEADING = {"leading": True}


def at(place: str) -> dict[str, str]:
    """Metadata of a field: where on the paper its texts stand, in French."""
    return {"place": place}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the sheets of a body have of their own: lines under the name of the issuer, a line at
    the foot of every page, the colour of titles ("#1f3f5b"; "" for ours)."""

    lines: tuple[str, ...] = field(default=(), metadata=at("l’en-tête"))
    footer: str = field(default="", metadata=at("le pied de page"))
    accent: str = field(default="", metadata=SILENT)

    def __post_init__(self) -> None:
        # It is written in a style sheet, whose rules no escape of HTML keeps.
        if self.accent and not re.fullmatch(r"#[0-9a-f]{6}", self.accent):
            raise ValueError(f"« {self.accent} » n’est pas une couleur.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues the paper. `logo` is a `data:` address, so that the paper needs no other file."""

    name: str
    address: tuple[str, ...] = ()
    siren: str = ""
    logo: str = field(default="", metadata=SILENT)
    style: Style | None = field(default=None, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """A sentence that the body says in words of its own: the `field` of the paper that holds it,
    and what it says in ours."""

    field: str
    plain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Some words of a sentence; `mark` is the standing whose typography they show, or ""."""

    text: str
    mark: str = field(default="", metadata=SILENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of the heading: "Membres en exercice", 44."""

    label: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A labelled word of the heading: "Lieu", "dans ses locaux"."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """A place to sign: "Le président", "Philippe VARLET"."""

    CLERK: ClassVar[str] = "secrétaire de séance"

    office: str
    name: str

    @property
    def is_clerk(self) -> bool:
        """Whether it is that of a secretary of the sitting: nothing else of a paper that was issued
        says it."""
        return self.office.endswith(self.CLERK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Where anybody learns what this paper is: an address, its code, the address as a picture.
    Which version it is, and since when, its file says too."""

    code: str
    address: str
    picture: str = field(metadata=SILENT)
    version: int | None = field(default=None, metadata=OMITTED | SILENT)
    issued_on: date | None = field(default=None, metadata=OMITTED | SILENT)

    @property
    def printed_code(self) -> str:
        """ "K7QF-3M2X": two groups are typed with fewer faults than one."""
        half = len(self.code) // 2
        return f"{self.code[:half]}-{self.code[half:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The sheet of A4 that a paper is set on, in millimetres; `margins` begin at the top and turn
    right.

    Where `is_headed`, the head runs from the second page on, so that the `first` has a margin of
    its own, and pages are numbered `foot` below the text. What `is_bound` in a register says
    « page 1 sur 2 »: its sheets receive another number there.
    """

    margins: tuple[float, float, float, float] = (27, 30, 30, 30)
    first: float = 22
    foot: float = 9
    is_headed: bool = True
    is_bound: bool = False
    is_landscape: bool = False

    @property
    def size(self) -> tuple[float, float]:
        """Its width and its height."""
        return (297, 210) if self.is_landscape else (210, 297)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """What a paper says in one piece, as words."""

    text: str
    is_heading: bool = False


KINDS: dict[str, type["Paper"]] = {}  # every kind there is, as its class declares it


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An official paper: everything that is read on it, and nothing else.

    The class declares itself: `kind` names it in JSON, `schema` the version of its fields, `noun`
    is what French calls it, with its article, `template` sets it on its `page`, the field
    `dated_by` dates the file. `held_on` is the day of the sitting that the paper is about.
    `watermark` is printed across a draft; only what was issued has a `verification`.

    `order` names the parts that may be moved, as they are printed (`law.style`; `None`: our order);
    `reworded` says which sentences the body words in its own way.
    """

    kind: ClassVar[str]
    schema: ClassVar[int] = 1
    noun: ClassVar[str]
    template: ClassVar[str]
    page: ClassVar[Page] = Page()
    dated_by: ClassVar[str] = "held_on"

    name: str = field(metadata=APART)
    running_head: str = field(metadata=APART)
    file_name: str = field(metadata=SILENT)
    held_on: date = field(metadata=APART)
    issuer: Issuer = field(metadata=APART | at("l’en-tête"))
    watermark: str = field(default="", metadata=SILENT)
    verification: Verification | None = field(
        default=None, metadata=OMITTED | APART | at("le bas de la dernière page")
    )
    order: tuple[str, ...] | None = field(default=None, metadata=OMITTED | SILENT)
    reworded: tuple[Reworded, ...] | None = field(default=None, metadata=OMITTED | SILENT)

    def __init_subclass__(cls) -> None:
        if "kind" in vars(cls):
            KINDS[cls.kind] = cls

    @classmethod
    def label(cls) -> str:
        """What lists call it: its `noun`, without the article."""
        return re.sub("^(?:le |la |l’)", "", cls.noun)

    @property
    def look(self) -> str:
        """Which template sets this one: most kinds have one."""
        return self.template

    @property
    def later_version(self) -> int | None:
        """Which version of an issued paper it is, `None` of the first and of drafts."""
        version = self.verification.version if self.verification else None
        return version if version and version > 1 else None

    @property
    def file_title(self) -> str:
        """What its file is called by whatever reads it: its name, and which version."""
        version = self.later_version
        return f"{self.name} (version {version})" if version else self.name

    @property
    def data_name(self) -> str:
        """What the JSON attached to its file is called."""
        version = self.later_version
        return f"{self.file_name}{f'-v{version}' if version else ''}.json"

    @property
    def dated(self) -> date:
        """The day the file says it was made: never the clock, so that a print repeats."""
        day: date = getattr(self, self.dated_by)
        return day

    @property
    def plain(self) -> Self:
        """What the paper says, in our words and our order, whatever it looks like: two papers that
        differ only by the style of their body, or by where its organisation may be written to and
        found since, are the same there."""
        told: dict[str, Any] = {each.field: each.plain for each in self.reworded or ()}
        bare = replace(self.issuer, logo="", style=None, address=(), siren="")
        return replace(self, issuer=bare, order=None, reworded=None, **told)

    def beside(self, other: "Paper") -> Self:
        """As it is compared with another of its kind that chose to say less or more."""
        return self

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything printed, each text after where it stands, in French."""
        return ((place, text) for place, _, text in self.texts_of_items())

    def texts_of_items(self) -> Iterator[tuple[str, str, str]]:
        """The same, with between them the key of the item that is told there, "" of none."""
        return _texts(self, "l’en-tête", "")

    def statements(self) -> tuple[Paragraph, ...]:
        """All that it says, field after field, whatever it looks like: what two versions are
        compared by. A new field is told here unless it says that it is `SILENT` or `APART`."""
        return tuple(each for each in _statements(self) if each.text)


def _texts(value: Any, place: str, item: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, str):
        if value:
            yield place, item, value
    elif isinstance(value, tuple):
        for member in value:
            yield from _texts(member, place, item)
    elif is_dataclass(value):
        place = value.place.format(value) if hasattr(value, "place") else place
        item = getattr(value, "key", item)
        for each in fields(value):
            told = getattr(value, each.name)
            if told is None:
                continue
            if each.metadata.get("html"):
                yield place, item, html.unescape(told)
            elif not each.metadata.get("silent"):
                yield from _texts(told, each.metadata.get("place", place), item)


def _statements(value: Any) -> Iterator[Paragraph]:
    """A value that holds no other in one line, any other field by field."""
    told = [
        (each.metadata, getattr(value, each.name), is_nested(types_of(value.__class__)[each.name]))
        for each in fields(value)
        if not each.metadata.get("silent") and not each.metadata.get("apart")
        if getattr(value, each.name) is not None
    ]
    if not any(nested or each.keys() & {"html", "leading"} for each, _, nested in told):
        yield Paragraph(text=", ".join(filter(None, (_line(content) for _, content, _ in told))))
        return
    lead = ""
    for metadata, content, nested in told:
        if nested:
            for member in content if isinstance(content, tuple) else (content,):
                yield from _statements(member)
        elif metadata.get("leading"):
            lead = f"{_line(content)} "
        elif metadata.get("html") or isinstance(content, tuple):
            yield from map(_paragraph, html_lines(content) if metadata.get("html") else content)
        else:
            text = f"{lead}{_line(content)}".strip()
            yield Paragraph(text=text, is_heading=bool(metadata.get("heading")))
            lead = ""


def _paragraph(text: str) -> Paragraph:
    return Paragraph(text=text)


def _line(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return "oui" if value else ""
    return str(value)


@cache
def types_of(kind: Any) -> dict[str, Any]:
    """The type of each field of a paper or of what it is made of."""
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def is_nested(kind: Any) -> bool:
    """Whether a field of this type holds values that have fields themselves, or may."""
    return is_dataclass(kind) or any(map(is_nested, get_args(kind)))


_END_OF_LINE = re.compile(r"</(?:p|li|tr|ul|ol|table)>|<(?:ul|ol|table|br)\b[^>]*>")
_CELL = re.compile(r"</t[hd]>")
_TAG = re.compile(r"<[^>]*>")


def html_lines(markup: str) -> Iterator[str]:
    """The paragraphs, items and rows of what was said, without their marks."""
    for line in _END_OF_LINE.sub("\n", _CELL.sub(" | ", markup)).split("\n"):
        text = html.unescape(_TAG.sub("", line)).strip().removesuffix("|").strip()
        if text:
            yield text
