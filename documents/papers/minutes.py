"""The minutes (`procès-verbal`) of a sitting as a value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import ClassVar, Self

from documents.papers.parts import (
    APART,
    HEADING,
    HTML,
    LEADING,
    OMITTED,
    SILENT,
    Figure,
    Paper,
    Run,
    Signatory,
    Verification,
    at,
)
from law import style


@dataclass(frozen=True, slots=True, kw_only=True)
class RollLine:
    """A member on the roll. `standing` is a `law.sitting.Standing`; `remark` says it in words.

    `note` is the part of `remark` that bold and italic cannot show: a proxy, an hour.
    """

    place: ClassVar[str] = "la ligne de {0.name}"

    name: str
    standing: str = field(metadata=SILENT)
    office: str = ""
    community: str = ""
    remark: str = ""
    note: str = field(default="", metadata=APART)

    @property
    def style(self) -> str:
        """ "present" for who sits, "excused" for who does not, "absent" without a word."""
        return {"present": "present", "absent": "absent"}.get(self.standing, "excused")

    @property
    def unsaid(self) -> str:
        """The part of `remark` that only bold and italic show: "excusé"; told to who hears."""
        return self.remark.removesuffix(self.note).removesuffix(", ")


@dataclass(frozen=True, slots=True, kw_only=True)
class College:
    """The members of a constituency; `name` is "" in a body that has none."""

    name: str = field(default="", metadata=LEADING)
    remark: str = ""
    lines: tuple[RollLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuorumStatement:
    """The quorum at the opening: the sentence, and the count that it states."""

    sentence: str
    in_office: int = field(default=0, metadata=SILENT)
    present: int = field(default=0, metadata=SILENT)
    required: int = field(default=0, metadata=SILENT)
    reached: bool = field(default=False, metadata=SILENT)


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
    """What was counted in a ballot, in votes, for whoever reads the JSON. `entitled` are the seats
    that might vote, where they are not all those in office: told since November 2026, it makes no
    paper another one."""

    mode: str
    verdict: str
    for_: int = 0
    against: int = 0
    abstentions: int = 0
    not_voting: int = 0
    blank: int = 0
    null: int = 0
    entitled: int | None = field(default=None, compare=False, metadata=OMITTED | SILENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of a `dispositif`: "Article 1er", "Le budget est adopté.".

    `parts` are the entries of the list that its text introduces.
    """

    label: str = field(metadata=LEADING)
    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VotedLine:
    """A question of an item, voted with its others in one table: its figures and its result.

    `cells` are what the table of the item says of it, under `Step.columns`. Of lines that one vote
    decides together, `result` is "" and the figures are `None`: the sentence tells them.
    """

    question: str
    result: str
    for_: int | None = 0
    against: int | None = 0
    abstentions: int | None = 0
    cells: tuple[str, ...] | None = field(default=None, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened and is told in a sentence: a movement, a quorum, a decision.

    `kind`: "mouvement", "quorum", "presidence", "vote", "election", "sort" (what became of the
    item), "debat" (what was said between two votes or after them, in `html`). `more` holds the
    sentences that follow, each a paragraph; `lines` what was voted together, as a table, whose
    `columns` are headed as the item heads them: the first one, then those of `cells`.
    `articles` are what a vote adopts, after the words of `decides`.
    """

    kind: str = field(metadata=SILENT)
    text: str
    more: tuple[str, ...] = ()
    groups: tuple[VoteGroup, ...] = ()
    count: Count | None = field(default=None, metadata=SILENT)
    lines: tuple[VotedLine, ...] | None = field(default=None, metadata=OMITTED)
    decides: str | None = field(default=None, metadata=OMITTED)
    articles: tuple[Article, ...] | None = field(default=None, metadata=OMITTED)
    columns: tuple[str, ...] | None = field(default=None, metadata=OMITTED)
    html: str | None = field(default=None, metadata=OMITTED | HTML)

    @property
    def first_column(self) -> str:
        """What heads the questions of its table."""
        return self.columns[0] if self.columns else "Proposition"

    @property
    def more_columns(self) -> tuple[str, ...]:
        """What heads the cells of the item's own table."""
        return (self.columns or ())[1:]

    @property
    def tells_results(self) -> bool:
        """Whether each line of its table has a result of its own."""
        return any(line.result for line in self.lines or ())

    @property
    def tells_figures(self) -> bool:
        """Whether each line of its table has figures of its own."""
        return any(line.for_ is not None for line in self.lines or ())

    @property
    def is_decision(self) -> bool:
        """Whether something is decided there, rather than happens."""
        return self.kind in ("vote", "election", "sort")


BULLET = "•"


class Point:
    """What a point of minutes and one of a convocation have in common."""

    __slots__ = ()
    place: ClassVar[str] = "le point « {0.title} »"
    number: str
    kind: str
    children: tuple[Self, ...]

    @property
    def is_section(self) -> bool:
        """Whether it only groups those beneath it."""
        return self.kind == "section"

    @property
    def is_bulleted(self) -> bool:
        """Whether it has no number of its own."""
        return self.number == BULLET

    def walk(self) -> Iterator[Self]:
        """Itself, then all that is beneath it, in printed order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Point):
    """A point of the agenda, and what happened before, at the beginning of and during it.

    `html` is what was said before any vote, sanitised when the paper was compiled; `note` what is
    to be known of its place on the agenda: that it was added.
    """

    place: ClassVar[str] = "le point « {0.title} »"

    key: str = field(metadata=SILENT)
    before: tuple[Step, ...] = ()
    number: str = field(default="", metadata=LEADING)
    title: str = field(metadata=HEADING)
    kind: str = field(metadata=SILENT)
    rapporteur: str = ""
    note: str | None = field(default=None, metadata=OMITTED)
    opening: tuple[Step, ...] = ()
    html: str = field(default="", metadata=HTML)
    after: tuple[Step, ...] = ()
    children: tuple["Item", ...] = ()

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
    def without_articles(self) -> "Item":
        """The same, without what its votes adopted."""
        return replace(
            self,
            after=tuple(replace(step, decides=None, articles=None) for step in self.after),
            children=tuple(child.without_articles for child in self.children),
        )

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


# --- The minutes ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesDocument(Paper):
    """The `procès-verbal` of a sitting.

    `version` is 0 for a draft; `edition` says what a later version corrects. Those, and the
    watermark, change without the minutes themselves changing: see `without_edition`.
    """

    kind: ClassVar[str] = "pv"
    schema: ClassVar[int] = 2
    noun: ClassVar[str] = "le procès-verbal"
    template: ClassVar[str] = "papers/minutes_full.html"

    layout: str = field(metadata=SILENT)
    version: int = field(default=0, metadata=APART)
    edition: str = field(default="", metadata=APART | at("la fin du procès-verbal"))

    title: str = field(metadata=HEADING)
    subtitle: str = ""

    opening: str
    figures: tuple[Figure, ...] = ()
    preamble: tuple[str, ...] = ()
    quorum: QuorumStatement
    clerks: str
    roll_heading: tuple[Run, ...] = field(default=(), metadata=APART)
    roll: tuple[College, ...] = field(default=(), metadata=at("le nom du collège"))
    roll_by_standing: tuple[College, ...] | None = field(
        default=None, metadata=OMITTED | APART | at("les présences")
    )
    tells_articles: bool | None = field(default=None, metadata=OMITTED | SILENT)
    attending: str | None = field(default=None, metadata=OMITTED | at("les présences"))
    opening_steps: tuple[Step, ...] = field(default=(), metadata=at("les mouvements"))

    approvals: tuple[Item, ...] = ()
    items: tuple[Item, ...] = ()
    closing_steps: tuple[Step, ...] = field(default=(), metadata=at("la fin du procès-verbal"))
    closing: str = field(default="", metadata=at("la fin du procès-verbal"))
    signatories: tuple[Signatory, ...] = field(default=(), metadata=at("les signatures"))

    @property
    def look(self) -> str:
        """Short or full, as the body prefers."""
        return "papers/minutes_short.html" if self.layout == "synthetique" else self.template

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of full minutes in the order in which they are printed."""
        return self.order or style.order("minutes")

    @property
    def without_edition(self) -> "MinutesDocument":
        """The minutes alone, to tell whether two versions say the same thing."""
        bare = replace(self.plain, roll_by_standing=None, tells_articles=None)
        return replace(bare, version=0, edition="", watermark="", verification=None)

    def beside(self, other: Paper) -> Self:
        """Without the articles when only one of the two tells them, as its body wished."""
        if self.tells_articles == getattr(other, "tells_articles", None):
            return self
        return replace(
            self,
            approvals=tuple(item.without_articles for item in self.approvals),
            items=tuple(item.without_articles for item in self.items),
        )

    def as_issued(
        self, *, version: int, edition: str, verification: Verification
    ) -> "MinutesDocument":
        """The minutes as they are frozen."""
        return replace(
            self, version=version, edition=edition, watermark="", verification=verification
        )

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
    def printed_roll(self) -> tuple[College, ...]:
        """The roll in the order that the body wants."""
        return self.roll_by_standing or self.roll

    @property
    def has_communities(self) -> bool:
        """Whether a column of the roll says whom members represent."""
        return any(line.community for college in self.roll for line in college.lines)

    @property
    def roll_rows(self) -> tuple[tuple[College, ...], ...]:
        """The roll in rows of two or three columns: a column for each constituency; a list without
        a name, or the only one there is, is cut in three on a row of its own."""
        rows: list[tuple[College, ...]] = []
        is_alone = len(self.printed_roll) == 1
        for is_whole, found in groupby(self.printed_roll, lambda each: is_alone or not each.name):
            colleges = tuple(found)
            if is_whole:
                rows += [_in_columns(college) for college in colleges]
                continue
            width = 2 if len(colleges) in (2, 4) else 3
            rows += [colleges[n : n + width] for n in range(0, len(colleges), width)]
        return tuple(rows)


def _in_columns(college: College) -> tuple[College, ...]:
    """A list cut in three, what is remarked on it under the last of them."""
    lines = college.lines
    height = -(-len(lines) // 3) or 1
    columns = [College(lines=lines[n : n + height]) for n in range(0, max(len(lines), 1), height)]
    return (*columns[:-1], replace(columns[-1], remark=college.remark))
