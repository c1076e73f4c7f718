"""Papers as values: what is printed, all of it, and nothing else.

A paper is compiled once (`documents.compile`), frozen, stored as JSON and set in ink by a template
that sees nothing but the paper. Whatever a reader of the paper can read is a field here: sentences
are finished, dates are written out, names are agreed. Rendering therefore queries nothing, and a
print made in ten years from the JSON is the print of today.

The JSON is canonical (keys sorted, no space, everything written, defaults included), so that its
SHA-256 identifies the paper. `from_json` reads every schema version that was ever issued: a change
of these classes raises `SCHEMA`, adds a step to `_UPGRADES` and a golden file to the tests.
"""

import hashlib
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

SCHEMA = 1


# --- What papers are made of ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues the paper. `logo` is a `data:` address, so that the paper needs no other file."""

    name: str
    address: tuple[str, ...] = ()
    siren: str = ""
    logo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Some words of a sentence; `mark` is the standing whose typography they show, or ""."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollLine:
    """A member on the roll. `standing` is a `law.sitting.Standing`; `remark` says it in words.

    `note` is the part of `remark` that bold and italic cannot show: a proxy, an hour.
    """

    name: str
    standing: str
    office: str = ""
    community: str = ""
    remark: str = ""
    note: str = ""

    @property
    def style(self) -> str:
        """ "present" for who sits, "excused" for who does not, "absent" without a word."""
        return {"present": "present", "absent": "absent"}.get(self.standing, "excused")


@dataclass(frozen=True, slots=True, kw_only=True)
class College:
    """The members of a constituency; `name` is "" in a body that has none."""

    name: str = ""
    lines: tuple[RollLine, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of the heading: "Membres en exercice", 44."""

    label: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuorumStatement:
    """The quorum at the opening: the sentence, and the count that it states."""

    sentence: str
    in_office: int = 0
    present: int = 0
    required: int = 0
    reached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteGroup:
    """Those who cast the same vote in a public ballot, in the order of the roll."""

    label: str
    names: tuple[str, ...]

    @property
    def line(self) -> str:
        """Names set in line: a table row for each would take five times as long to lay out."""
        return ", ".join(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What was counted in a ballot, in votes, for whoever reads the JSON."""

    mode: str
    verdict: str
    for_: int = 0
    against: int = 0
    abstentions: int = 0
    not_voting: int = 0
    blank: int = 0
    null: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened and is told in a sentence: a movement, a quorum, a decision.

    `kind`: "mouvement", "quorum", "presidence", "vote", "election", "sort" (what became of the
    item). `more` holds the sentences that follow, each a paragraph.
    """

    kind: str
    text: str
    more: tuple[str, ...] = ()
    groups: tuple[VoteGroup, ...] = ()
    count: Count | None = None

    @property
    def is_decision(self) -> bool:
        return self.kind in ("vote", "election", "sort")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A point of the agenda, and what happened before, at the beginning of and during it.

    `html` is what was said, sanitised when the paper was compiled.
    """

    key: str
    number: str = ""
    title: str
    kind: str
    rapporteur: str = ""
    before: tuple[Step, ...] = ()
    opening: tuple[Step, ...] = ()
    html: str = ""
    after: tuple[Step, ...] = ()
    children: tuple["Item", ...] = ()

    @property
    def is_section(self) -> bool:
        return self.kind == "section"

    @property
    def is_bulleted(self) -> bool:
        return self.number == BULLET

    @property
    def heading(self) -> str:
        """The title as it stands alone: "I – Examen de l’ordre du jour", "1.2. Titre"."""
        if not self.number or self.is_bulleted:
            return self.title
        if self.is_section:
            return f"{self.number} – {self.title}"
        dot = "." if self.number[-1].isalnum() else ""
        return f"{self.number}{dot} {self.title}"

    @property
    def run_in(self) -> str:
        """The HTML of a first plain paragraph, which follows the title on its line."""
        return _split_first_paragraph(self.html)[0]

    @property
    def rest(self) -> str:
        """The HTML after `run_in`."""
        return _split_first_paragraph(self.html)[1]

    @property
    def groups(self) -> tuple[tuple["Item", ...], ...]:
        """The children as a list prints them: see `grouped`."""
        return grouped(self.children)

    def walk(self) -> Iterator["Item"]:
        yield self
        for child in self.children:
            yield from child.walk()


BULLET = "•"


def grouped(items: tuple[Item, ...]) -> tuple[tuple[Item, ...], ...]:
    """Each section alone, and the items between two sections together: one list on paper."""
    return tuple(
        run
        for is_section, found in groupby(items, key=lambda item: item.is_section)
        for run in ([(item,) for item in found] if is_section else [tuple(found)])
    )


def _split_first_paragraph(text: str) -> tuple[str, str]:
    match = re.match(r"<p>(.*?)</p>", text, re.DOTALL)
    return (match[1], text[match.end() :]) if match else ("", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """A place to sign: "Le président", "Philippe VARLET"."""

    office: str
    name: str


# --- The minutes ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesDocument:
    """The `procès-verbal` of a sitting.

    `version` is 0 for a draft; `edition` says what a later version corrects, `watermark` what is
    printed across a draft. Those three change without the minutes themselves changing: see
    `without_edition`.
    """

    schema: int = SCHEMA
    layout: str
    version: int = 0
    edition: str = ""
    watermark: str = ""

    title: str
    subtitle: str = ""
    name: str
    running_head: str
    file_name: str
    held_on: date
    issuer: Issuer

    opening: str
    roll_heading: tuple[Run, ...] = ()
    roll: tuple[College, ...] = ()
    figures: tuple[Figure, ...] = ()
    preamble: tuple[str, ...] = ()
    quorum: QuorumStatement
    clerks: str
    opening_steps: tuple[Step, ...] = ()

    approvals: tuple[Item, ...] = ()
    items: tuple[Item, ...] = ()
    closing_steps: tuple[Step, ...] = ()
    closing: str = ""
    signatories: tuple[Signatory, ...] = ()

    @property
    def without_edition(self) -> "MinutesDocument":
        """The minutes alone, to tell whether two versions say the same thing."""
        return replace(self, version=0, edition="", watermark="")

    @property
    def groups(self) -> tuple[tuple[Item, ...], ...]:
        """The items as a list prints them: see `grouped`."""
        return grouped(self.items)

    @property
    def all_items(self) -> Iterator[Item]:
        """Every item in printed order, approvals first."""
        for item in (*self.approvals, *self.items):
            yield from item.walk()

    @property
    def has_communities(self) -> bool:
        return any(line.community for college in self.roll for line in college.lines)

    @property
    def roll_rows(self) -> tuple[tuple[College, ...], ...]:
        """The roll in rows of two or three columns: a column for each constituency, or the only
        list there is cut in three."""
        if len(self.roll) == 1:
            (only,) = self.roll
            height = -(-len(only.lines) // 3) or 1
            starts = range(0, max(len(only.lines), 1), height)
            return (tuple(College(lines=only.lines[n : n + height]) for n in starts),)
        width = 2 if len(self.roll) in (2, 4) else 3
        return tuple(self.roll[n : n + width] for n in range(0, len(self.roll), width))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything printed, each text after where it stands, in French."""
        yield "l’en-tête", "\n".join((self.title, self.subtitle, self.name, self.running_head))
        yield "l’en-tête", "\n".join((self.issuer.name, *self.issuer.address))
        yield "l’en-tête", "\n".join((self.opening, *(run.text for run in self.roll_heading)))
        yield "l’en-tête", "\n".join((self.quorum.sentence, self.clerks, *self.preamble))
        for college in self.roll:
            yield "le nom du collège", f"{college.name} {college.remark}"
            for line in college.lines:
                told = f"{line.name} {line.office} {line.community} {line.remark}"
                yield f"la ligne de {line.name}", told
        yield "les mouvements", "\n".join(step.text for step in self.opening_steps)
        for item in self.all_items:
            where = f"le point « {item.title} »"
            yield where, f"{item.number} {item.title} {item.rapporteur}"
            yield where, html.unescape(item.html)
            for step in (*item.before, *item.opening, *item.after):
                yield where, "\n".join((step.text, *step.more))
                for group in step.groups:
                    yield where, f"{group.label} {group.line}"
        yield "la fin du procès-verbal", "\n".join(step.text for step in self.closing_steps)
        yield "la fin du procès-verbal", f"{self.closing}\n{self.edition}"
        for signatory in self.signatories:
            yield "les signatures", f"{signatory.office} {signatory.name}"


# --- JSON -------------------------------------------------------------------------------------


def to_json(document: MinutesDocument) -> str:
    """The canonical JSON: one paper, one text, on every machine."""
    return json.dumps(_plain(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(document: MinutesDocument) -> str:
    """What identifies the paper: the hash of its canonical JSON."""
    return hashlib.sha256(to_json(document).encode()).hexdigest()


def from_json(text: str) -> MinutesDocument:
    """Read a paper of any schema version. Raises `ValueError` for what is not a paper."""
    data = json.loads(text)
    if not isinstance(data, dict) or not isinstance(data.get("schema"), int):
        raise ValueError("Ce JSON n’est pas un procès-verbal : « schema » manque.")
    if not 1 <= data["schema"] <= SCHEMA:
        raise ValueError(f"La version {data['schema']} de ce format n’est pas connue ici.")
    while data["schema"] < SCHEMA:
        data = _UPGRADES[data["schema"]](data)
    document: MinutesDocument = _built(MinutesDocument, data, "")
    return document


# What turns the JSON of a schema version into that of the next.
_UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in _types(type(value))}
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


@cache
def _types(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _built(expected: Any, value: Any, path: str) -> Any:
    """The value of the expected type; errors name the path of what is wrong."""
    if isinstance(expected, type) and is_dataclass(expected):
        types = _types(expected)
        if not isinstance(value, dict):
            raise ValueError(f"{path or 'document'} : un objet est attendu.")
        if strangers := value.keys() ^ types.keys():
            raise ValueError(f"{path or 'document'} : clés {', '.join(sorted(strangers))}.")
        return expected(
            **{name: _built(types[name], value[name], f"{path}/{name}") for name in types}
        )
    if get_origin(expected) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{path} : une liste est attendue.")
        inner = get_args(expected)[0]
        return tuple(_built(inner, member, f"{path}/{i}") for i, member in enumerate(value))
    if get_origin(expected) in (Union, UnionType):
        if value is None:
            return None
        (inner,) = (kind for kind in get_args(expected) if kind is not NoneType)
        return _built(inner, value, path)
    if expected is date and isinstance(value, str):
        return date.fromisoformat(value)
    if type(value) is not expected:
        raise ValueError(f"{path} : {expected.__name__} attendu.")
    return value
