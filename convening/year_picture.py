"""The year of a body in one picture: rows of people, columns of sittings, the quorum beneath.

Pure geometry in whole numbers, since a template prints a float with a French comma, which SVG does
not read. Shape, letter and colour of a cell say the same thing: none is needed to read the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from textwrap import shorten

from law import french
from law.assembly import Capacity
from law.attendance import Line, Mark
from meetings import year

CELL, ROW, TAIL = 30, 26, 62
HEAD, GROUP, FEET = 48, 34, 68
_SIDE = 20  # of the square in its cell
_LONGEST = 27  # letters of a name in its column
_LETTER = 7  # the width of one, rounded up
_UNASKED = "seconde convocation, sans condition de quorum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """A cell: where it begins, what it shows, in words for who points at it. `is_partial` when he
    was there for some of the items only."""

    x: int
    y: int
    mark: Mark
    is_partial: bool
    words: str

    @property
    def letter(self) -> str:
        """What is written in it."""
        return self.mark.letter

    @property
    def middle(self) -> int:
        """Where its letter stands."""
        return self.x + _SIDE // 2

    @property
    def baseline(self) -> int:
        """Where its letter is written."""
        return self.y + 15

    @property
    def notch(self) -> str:
        """The corner that is missing to whoever was there for a part only."""
        right, foot = self.x + _SIDE, self.y + _SIDE
        return f"{right - 9},{foot} {right},{foot - 9} {right},{foot}"

    @property
    def half(self) -> str:
        """Half of the square: a vote without anybody in the seat."""
        right, foot = self.x + _SIDE, self.y + _SIDE
        return f"{self.x},{foot} {right},{foot} {right},{self.y}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A line of the picture: a group (it has no squares) or a person; `total` ends it."""

    y: int
    name: str
    total: str
    squares: tuple[Square, ...] = ()
    is_substitute: bool = False

    @property
    def baseline(self) -> int:
        """Where its words are written."""
        return self.y + 18

    @property
    def rule(self) -> int:
        """The line under the name of a group."""
        return self.y + ROW - 1

    @property
    def indent(self) -> int:
        """Where its name begins."""
        return 16 if self.is_substitute else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """A sitting at the head and at the foot of the picture: its day, who was there of how many it
    took, and whether that was enough."""

    x: int
    on: date
    remark: str
    present: int
    asked: int
    is_reached: bool
    words: str

    @property
    def required(self) -> str:
        """« 16 »; « – » of a second call, which asks for none."""
        return str(self.asked) if self.asked else "–"

    @property
    def verdict(self) -> str:
        """« oui », « non », « s. o. » where no quorum is asked for; the key says it in full."""
        if not self.asked:
            return "s.\u00a0o."
        return "oui" if self.is_reached else "non"

    @property
    def day(self) -> str:
        """ "9", "1er"."""
        return french.ordinal(1) if self.on.day == 1 else str(self.on.day)

    @property
    def month(self) -> str:
        """ "juin"."""
        return french.short_month(self.on)

    @property
    def left(self) -> int:
        """Where the box of a missing quorum begins."""
        return self.x - 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All of it; `summary` says it to whoever does not see it."""

    width: int
    height: int
    feet: tuple[Foot, ...]
    strips: tuple[Strip, ...]
    summary: str

    @property
    def right(self) -> int:
        """Where the totals end."""
        return self.width - 4

    @property
    def floor(self) -> int:
        """Where the quorum begins."""
        return self.height - FEET

    @property
    def present_line(self) -> int:
        """Who was there."""
        return self.floor + 21

    @property
    def required_line(self) -> int:
        """How many it took."""
        return self.floor + 42

    @property
    def verdict_line(self) -> int:
        """What is said of a missing quorum."""
        return self.floor + 59

    @property
    def box(self) -> int:
        """What frames it."""
        return self.floor + 5


def of(found: year.Account) -> Picture:
    """The picture of that account."""
    names = _room_for_names(found)
    strips = tuple(_strips(found, names))
    floor = strips[-1].y + ROW + 8 if strips else HEAD
    held = sum(group.seat_held for group in found.year.groups)
    due = sum(group.due for group in found.year.groups)
    short = len(found.without_quorum)
    summary = (
        f"{french.count(len(found.columns), 'séance')} en colonnes, "
        f"{french.count(len(found.year.lines), 'personne')} en lignes. "
        f"Les sièges ont été tenus {held} fois sur {due}. "
        + (f"{french.count(short, 'séance')} sans quorum. " if short else "")
        + "Les mêmes données sont dans le tableau qui suit."
    )
    return Picture(
        width=names + CELL * len(found.columns) + TAIL,
        height=floor + FEET,
        feet=tuple(_feet(found, names)),
        strips=strips,
        summary=french.nbsp(summary),
    )


def _room_for_names(found: year.Account) -> int:
    """As wide as the longest name of a person, and as what is said at the foot."""
    lines = [*(line for group in found.year.groups for line in group.lines)]
    lines += found.year.consultative
    letters = (min(len(line.member.name), _LONGEST) for line in lines)
    return _LETTER * max((*letters, len("Présents à l’appel"))) + 12


def _feet(found: year.Account, names: int) -> Iterator[Foot]:
    years = {each.meeting.held_on.year for each in found.columns}
    told = 0 if len(years) > 1 else found.begins.year
    for rank, each in enumerate(found.columns):
        on, quorum = each.meeting.held_on, each.quorum
        remark = "2e" if each.is_second_call else ""
        if len(years) > 1 and on.year != told and not remark:
            remark, told = str(on.year), on.year
        yield Foot(
            x=names + CELL * rank + CELL // 2,
            on=on,
            remark=remark,
            present=quorum.present,
            asked=quorum.asked,
            is_reached=quorum.reached,
            words=french.nbsp(
                f"{french.long_date(on)} : {french.count(quorum.present, 'présent')}, "
                + (f"il en fallait {quorum.asked}" if quorum.asked else _UNASKED)
            ),
        )


def _strips(found: year.Account, names: int) -> Iterator[Strip]:
    y = HEAD
    groups = [(group.name or "Sans collectivité", group.lines) for group in found.year.groups]
    totals = [f"{group.seat_held} sur {group.due}" for group in found.year.groups]
    if found.year.consultative:
        groups.append(("Voix consultatives", found.year.consultative))
        totals.append("")
    for (name, lines), total in zip(groups, totals, strict=True):
        y += GROUP - ROW
        yield Strip(y=y, name=shorten(name, 60, placeholder="…"), total=total)
        y += ROW
        for line in lines:
            yield _strip(found, line, names, y)
            y += ROW


def _strip(found: year.Account, line: Line, names: int, y: int) -> Strip:
    is_substitute = line.member.capacity is Capacity.SUBSTITUTE
    return Strip(
        y=y,
        name=shorten(line.member.name, _LONGEST - 2 * is_substitute, placeholder="…"),
        total=f"{line.seat_held} sur {line.due}" if line.due else "",
        is_substitute=is_substitute,
        squares=tuple(
            Square(
                x=names + CELL * rank + (CELL - _SIDE) // 2,
                y=y + (ROW - _SIDE) // 2,
                mark=cell.mark,
                is_partial=cell.is_partial,
                words=french.nbsp(
                    f"{line.member.name}, {french.long_date(column.meeting.held_on)} : "
                    f"{year.in_words(cell, line.member, column.meeting.basis.composition)}"
                ),
            )
            for rank, (cell, column) in enumerate(zip(line.cells, found.columns, strict=True))
        ),
    )
