"""Where the seats of a hemicycle lie, and how long the bars are: pure geometry, whole numbers.

Nothing here knows the law, the database or the colours: marks and numbers come in, frozen values
go out, and a template draws them. Coordinates are integers because a template prints a float
with a French comma, which SVG does not read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import cos, pi, sin
from textwrap import wrap

MOST_SEATS = 90  # beyond, dots are too small to be told apart from the last row of the room


class Mark(StrEnum):
    """What a seat shows; also the CSS class of its shape."""

    FOR = "pour"
    AGAINST = "contre"
    ABSTAIN = "abstention"
    NOT_VOTING = "ne_prend_pas_part"
    BLANK = "blanc"
    NULL = "nul"
    PAPER = "voix"  # for a candidate, where nobody is for or against
    ABSENT = "absent"

    @property
    def letter(self) -> str:
        """Said besides the colour and the shape, so that neither is needed to read it."""
        return _LETTERS[self]

    @property
    def words(self) -> str:
        return _WORDS[self]


_LETTERS = {
    Mark.FOR: "P",
    Mark.AGAINST: "C",
    Mark.ABSTAIN: "A",
    Mark.NOT_VOTING: "–",
    Mark.BLANK: "B",
    Mark.NULL: "N",
    Mark.PAPER: "",
    Mark.ABSENT: "",
}
_WORDS = {
    Mark.FOR: "Pour",
    Mark.AGAINST: "Contre",
    Mark.ABSTAIN: "Abstention",
    Mark.NOT_VOTING: "Ne prend pas part",
    Mark.BLANK: "Blanc",
    Mark.NULL: "Nul",
    Mark.PAPER: "Voix",
    Mark.ABSENT: "Absent",
}


# --- The hemicycle --------------------------------------------------------------------------

_OUTER, _INNER = 860, 330  # radius of the last and the first row
_LARGEST_STEP = 320  # between two rows, so that few seats stay together
_GAP = 0.07  # radians between two groups
_LINE, _MARGIN = 70, 24  # between two lines of a name; around the seats
_LETTERS_OF_LINE, _LETTER = 18, 33  # where a name is broken; about how wide a letter is


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One seat: where its centre lies, how large it is, what it shows."""

    x: int
    y: int
    radius: int
    mark: Mark

    @property
    def side(self) -> int:
        """Of the square that looks as large as the disc."""
        return round(self.radius * 1.76)

    @property
    def left(self) -> int:
        """Where it is drawn from, across."""
        return self.x - self.side // 2

    @property
    def top(self) -> int:
        """Where it is drawn from, down."""
        return self.y - self.side // 2

    @property
    def baseline(self) -> int:
        """Where its letter stands."""
        return self.y + round(self.radius * 0.36)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of text, placed."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The name of a group, outside the arc; `anchor` is that of SVG."""

    anchor: str
    lines: tuple[Line, ...]

    @property
    def reach(self) -> int:
        """How far from the centre of the picture it extends, to its side."""
        widest = max(len(line.text) for line in self.lines) * _LETTER
        return abs(self.lines[0].x) + (widest // 2 if self.anchor == "middle" else widest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hemicycle:
    """Seats from left to right, the names of their groups, and the frame around both.

    The centre of the arcs is at (0, 0).
    """

    seats: tuple[Seat, ...]
    labels: tuple[Label, ...]
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Spot:
    angle: float  # from left (π) to right (0)
    row: float  # radius of the row


def hemicycle(groups: Sequence[tuple[str, Sequence[Mark]]]) -> Hemicycle:
    """Seats in concentric rows, each group in its own sector, in the order given.

    A group is a name ("" to say none) and what its seats show. Empty groups take no room.
    """
    groups = [(name, tuple(marks)) for name, marks in groups if marks]
    sizes = [len(marks) for _, marks in groups]
    sectors = _largest(sizes)
    size = int(_room(sectors) * 0.44)
    seats = tuple(
        Seat(
            x=round(spot.row * cos(spot.angle)),
            y=round(-spot.row * sin(spot.angle)),
            radius=size,
            mark=mark,
        )
        for spots, (_, marks) in zip(sectors, groups, strict=True)
        for spot, mark in zip(spots, marks, strict=True)
    )
    labels = tuple(
        _label(name, middle, _OUTER + size + 2 * _MARGIN)
        for (name, _), middle in zip(groups, _middles(sizes), strict=True)
        if name
    )
    return _framed(seats, labels, size)


def _framed(seats: tuple[Seat, ...], labels: tuple[Label, ...], size: int) -> Hemicycle:
    """Names beside the arc need room on both sides, a name above it needs room there."""
    aside = max([_OUTER + size + _MARGIN, *(label.reach for label in labels)])
    lines = [line.y for label in labels for line in label.lines]
    top = min([-_OUTER - size - _MARGIN, *(y - _LINE for y in lines)])
    bottom = max([size + _MARGIN, *(y + _MARGIN for y in lines)])
    return Hemicycle(
        seats=seats, labels=labels, left=-aside, top=top, width=2 * aside, height=bottom - top
    )


def _largest(sizes: Sequence[int]) -> list[list[_Spot]]:
    """The spots of each group, over the rows that make the seats largest, then the most rows."""
    number = sum(sizes)
    arrangements = (_sectors(sizes, _radii(count)) for count in range(1, number // 8 + 2))
    return max(enumerate(arrangements), key=lambda ranked: (int(_room(ranked[1])), ranked[0]))[1]


def _radii(count: int) -> list[float]:
    step = min((_OUTER - _INNER) / max(1, count - 1), _LARGEST_STEP)
    return [_OUTER - step * rank for rank in range(count)]


def _middles(sizes: Sequence[int]) -> list[float]:
    """The angle in the middle of each sector."""
    return [start - width / 2 for start, width in _widths(sizes)]


def _widths(sizes: Sequence[int]) -> list[tuple[float, float]]:
    """Where each sector begins, from the left, and how wide it is."""
    whole = pi - _GAP * (len(sizes) - 1)
    found, start = [], pi
    for size in sizes:
        width = whole * size / sum(sizes)
        found.append((start, width))
        start -= width + _GAP
    return found


def _sectors(sizes: Sequence[int], radii: Sequence[float]) -> list[list[_Spot]]:
    """For each group its spots from left to right: every row holds its share of the sector."""
    sectors = []
    for size, (start, width) in zip(sizes, _widths(sizes), strict=True):
        spots = [
            _Spot(angle=start - width * (rank + 0.5) / count, row=radius)
            for radius, count in zip(radii, _shares(size, radii), strict=True)
            for rank in range(count)
        ]
        sectors.append(sorted(spots, key=lambda spot: (-spot.angle, spot.row)))
    return sectors


def _shares(number: int, radii: Sequence[float]) -> list[int]:
    """`number` seats over rows as long as their radius, the largest remainders served first."""
    quotas = [number * radius / sum(radii) for radius in radii]
    shares = [int(quota) for quota in quotas]
    order = sorted(range(len(radii)), key=lambda row: shares[row] - quotas[row])
    for row in order[: number - sum(shares)]:
        shares[row] += 1
    return shares


def _room(sectors: Sequence[Sequence[_Spot]]) -> float:
    """The least distance between two neighbours, in a row or from row to row."""
    rows: dict[float, list[float]] = {}
    for spot in (spot for spots in sectors for spot in spots):
        rows.setdefault(spot.row, []).append(spot.angle)
    radii = sorted(rows)
    distances = [_LARGEST_STEP, *(outer - inner for inner, outer in pairwise(radii))]
    for radius, angles in rows.items():
        for left, right in pairwise(sorted(angles)):
            distances.append(2 * radius * sin((right - left) / 2))
    return min(distances)


def _label(name: str, angle: float, reach: float) -> Label:
    x, y = reach * cos(angle), -reach * sin(angle)
    anchor = "middle" if abs(cos(angle)) < 0.35 else "start" if cos(angle) > 0 else "end"
    if anchor == "middle":  # above the whole arc, for its neighbours may stand higher
        y = -reach
    width = _LETTERS_OF_LINE * (2 if anchor == "middle" else 1)
    texts = wrap(name, width=width, max_lines=3, placeholder="…")
    # Above the arc the last line stands on the point, beside it the lines are centred on it.
    top = y - _LINE * (len(texts) - 1) * (1 if anchor == "middle" else 0.5)
    return Label(
        anchor=anchor,
        lines=tuple(
            Line(x=round(x), y=round(top + _LINE * rank), text=text)
            for rank, text in enumerate(texts)
        ),
    )


# --- Bars -----------------------------------------------------------------------------------

BAR = 1000  # length of the longest bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a bar: where it begins, how long it is, what it counts."""

    x: int
    width: int
    mark: Mark
    number: int

    @property
    def middle(self) -> int:
        """Where its number stands."""
        return self.x + self.width // 2

    @property
    def has_room(self) -> bool:
        """Whether its letter and its number can be written inside."""
        return self.width >= 17 * len(f"{self.mark.letter} {self.number}") + 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One constituency, or the whole assembly: its segments end to end."""

    name: str
    total: int
    segments: tuple[Segment, ...]

    @property
    def words(self) -> str:
        told = ", ".join(f"{each.mark.words.lower()} {each.number}" for each in self.segments)
        return f"{self.name} : {told}" if self.name else told.capitalize()


def bars(rows: Sequence[tuple[str, Mapping[Mark, int]]]) -> tuple[Bar, ...]:
    """One bar a row, all at the same scale: the fullest row takes the whole length."""
    longest = max((sum(counts.values()) for _, counts in rows), default=0)
    return tuple(_bar(name, counts, longest) for name, counts in rows if any(counts.values()))


def _bar(name: str, counts: Mapping[Mark, int], longest: int) -> Bar:
    segments, told = [], 0
    for mark in Mark:
        if number := counts.get(mark, 0):
            start, end = told * BAR // longest, (told + number) * BAR // longest
            segments.append(Segment(x=start, width=end - start, mark=mark, number=number))
            told += number
    return Bar(name=name, total=told, segments=tuple(segments))
