"""What every paper is made of, and what all of them have in common."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any, ClassVar, Self

# What is carried and never printed; what is printed as HTML and not as it is written.
SILENT = {"silent": True}
HTML = {"html": True}
# Left out of the JSON when there is none: papers written before it existed read as they are.
OMITTED = {"omitted": True}


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

    office: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Where anybody learns what this paper is: an address, its code, the address as a picture."""

    code: str
    address: str
    picture: str = field(metadata=SILENT)

    @property
    def printed_code(self) -> str:
        """ "K7QF-3M2X": two groups are typed with fewer faults than one."""
        half = len(self.code) // 2
        return f"{self.code[:half]}-{self.code[half:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An official paper: everything that is read on it, and nothing else.

    `kind` names the class in JSON, `schema` the version of its fields; `noun` is what French calls
    it, with its article. `held_on` is the day of the sitting that the paper is about. `watermark`
    is printed across a draft; only what was issued has a `verification`.

    `order` names the parts that may be moved, as they are printed (`law.style`; `None`: our order);
    `reworded` says which sentences the body words in its own way.
    """

    kind: ClassVar[str]
    schema: ClassVar[int]
    noun: ClassVar[str]

    name: str
    running_head: str
    file_name: str = field(metadata=SILENT)
    held_on: date
    issuer: Issuer = field(metadata=at("l’en-tête"))
    watermark: str = field(default="", metadata=SILENT)
    verification: Verification | None = field(
        default=None, metadata=OMITTED | at("le bas de la dernière page")
    )
    order: tuple[str, ...] | None = field(default=None, metadata=OMITTED | SILENT)
    reworded: tuple[Reworded, ...] | None = field(default=None, metadata=OMITTED | SILENT)

    @property
    def look(self) -> str:
        """Which template sets it: most papers have one."""
        return self.kind

    @property
    def dated(self) -> date:
        """The day the file says it was made: never the clock, so that a print repeats."""
        return self.held_on

    @property
    def plain(self) -> Self:
        """What the paper says, in our words and our order, whatever it looks like: two papers that
        differ only by the style of their body are the same there."""
        told: dict[str, Any] = {each.field: each.plain for each in self.reworded or ()}
        bare = replace(self.issuer, logo="", style=None)
        return replace(self, issuer=bare, order=None, reworded=None, **told)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything printed, each text after where it stands, in French."""
        return _texts(self, "l’en-tête")


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value:
            yield place, value
    elif isinstance(value, tuple):
        for member in value:
            yield from _texts(member, place)
    elif is_dataclass(value):
        place = getattr(value, "place", place)
        for each in fields(value):
            told = getattr(value, each.name)
            if each.metadata.get("html"):
                yield place, html.unescape(told)
            elif not each.metadata.get("silent"):
                yield from _texts(told, each.metadata.get("place", place))
