"""Where the seats of a hemicycle lie, and how long the bars are: pure geometry, whole numbers.

Nothing here knows the law, the database or the colours: marks and numbers come in, frozen values
go out, and a template draws them. Coordinates are integers because a template prints a float
with a French comma, which SVG does not read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
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
    Mark.ABSENT: "",
}
_WORDS = {
    Mark.FOR: "Pour",
    Mark.AGAINST: "Contre",
    Mark.ABSTAIN: "Abstention",
    Mark.NOT_VOTING: "Ne prend pas part",
    Mark.BLANK: "Blanc",
    Mark.NULL: "Nul",
    Mark.ABSENT: "Absent",
}


# --- The hemicycle --------------------------------------------------------------------------

WIDTH, HEIGHT = 2400, 1180
_CENTRE_X, _CENTRE_Y = WIDTH // 2, 1100
_OUTER, _INNER = 860, 330  # radius of the last and the first row
_LARGEST_STEP = 215  # between two rows, so that few seats stay together
_GAP = 0.09  # radians between two groups
_LABEL_SPACE, _LINE = 90, 58  # from the last row to the name of a group; between its lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One seat: where its centre lies and what it shows."""

    x: int
    y: int
    mark: Mark


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hemicycle:
    """Seats from left to right, all of one radius, and the names of their groups."""

    radius: int
    seats: tuple[Seat, ...]
    labels: tuple[Label, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def diameter(self) -> int:
        return 2 * self.radius

    @property
    def letter_size(self) -> int:
        return self.radius

    @property
    def letter_drop(self) -> int:
        """From the centre of a seat to the base line of its letter."""
        return round(self.radius * 0.36)


def hemicycle(groups: Sequence[tuple[str, Sequence[Mark]]]) -> Hemicycle:
    """Seats in concentric rows, each group in its own sector, in the order given.

    A group is a name ("" to say none) and what its seats show. Empty groups take no room.
    """
    groups = [(name, tuple(marks)) for name, marks in groups if marks]
    number = sum(len(marks) for _, marks in groups)
    if not number:
        return Hemicycle(radius=0, seats=())
    gaps = _GAP * (len(groups) - 1)
    shrink = (pi - gaps) / pi
    rows = _rows(number, shrink)
    spots = sorted(
        (spot for radius, count in rows for spot in _row(radius, count)),
        key=lambda spot: (-spot[0], spot[1]),
    )
    seats, labels, first = [], [], 0
    for rank, (name, marks) in enumerate(groups):
        turn = _GAP * (len(groups) - 1 - rank)
        own = [
            (angle * shrink + turn, radius) for angle, radius in spots[first : first + len(marks)]
        ]
        first += len(marks)
        seats += [
            Seat(
                x=round(_CENTRE_X + radius * cos(angle)),
                y=round(_CENTRE_Y - radius * sin(angle)),
                mark=mark,
            )
            for (angle, radius), mark in zip(own, marks, strict=True)
        ]
        if name:
            labels.append(_label(name, (own[0][0] + own[-1][0]) / 2))
    return Hemicycle(radius=_radius(rows, shrink), seats=tuple(seats), labels=tuple(labels))


def _rows(number: int, shrink: float) -> list[tuple[float, int]]:
    """Radius and count of each row: the rows that make the seats largest, then the most rows."""
    return max(
        (_spread(number, count) for count in range(1, number // 5 + 2)),
        key=lambda rows: (_radius(rows, shrink), len(rows)),
    )


def _spread(number: int, count: int) -> list[tuple[float, int]]:
    """`number` seats over `count` rows, each holding its share of the length of the arcs."""
    step = min((_OUTER - _INNER) / max(1, count - 1), _LARGEST_STEP)
    radii = [_OUTER - step * rank for rank in range(count)]
    whole, rows, left = sum(radii), [], number
    for radius in radii[:-1]:
        seats = max(1, round(number * radius / whole))
        seats = min(seats, left - (count - 1 - len(rows)))
        rows.append((radius, seats))
        left -= seats
    return [*rows, (radii[-1], left)]


def _row(radius: float, count: int) -> list[tuple[float, float]]:
    """Angle and radius of each seat of a row, from left (π) to right (0)."""
    if count == 1:
        return [(pi / 2, radius)]
    return [(pi - pi * rank / (count - 1), radius) for rank in range(count)]


def _radius(rows: Sequence[tuple[float, int]], shrink: float) -> int:
    """The largest radius with which no two seats touch."""
    between_rows = (rows[0][0] - rows[1][0]) if len(rows) > 1 else _LARGEST_STEP
    along = min(
        (2 * radius * sin(pi * shrink / (count - 1) / 2) for radius, count in rows if count > 1),
        default=_OUTER,
    )
    return int(min(between_rows, along) * 0.44)


def _label(name: str, angle: float) -> Label:
    reach = _OUTER + _LABEL_SPACE
    x, y = _CENTRE_X + reach * cos(angle), _CENTRE_Y - reach * sin(angle)
    anchor = "middle" if abs(cos(angle)) < 0.25 else "start" if cos(angle) > 0 else "end"
    texts = wrap(name, width=18, max_lines=3, placeholder="…")
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
        return self.x + self.width // 2

    @property
    def has_room(self) -> bool:
        """Whether its number can be written inside."""
        return self.width >= 22 * len(str(self.number)) + 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One constituency, or the whole assembly: its segments end to end."""

    name: str
    total: int
    segments: tuple[Segment, ...]


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
