"""What the console shows of a sitting being held: one frozen value, built once.

A `Board` holds one part for each region of the screen. Parts compare by value, so a region is
drawn again only when what it shows has changed; templates put them in their place and compute
nothing. Words come from `law.sentences`, `meetings.reading` and the tables of these modules.

`moment` reads once what several parts need; each other module makes its part of it.

Letters. Each person carries the letters of what she may do now (`Person.acts`, the keys of
`GESTURES`), and each moment its commands (`Bar.commands`): the keys shown at the foot of the
screen are always those that would be obeyed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from live.board import foot, header, item, lines, roll
from live.board.foot import Bar
from live.board.header import Header
from live.board.item import Item
from live.board.lines import Line, Notes, Point
from live.board.moment import Moment
from live.board.roll import Roll
from meetings.models import Meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The whole screen. `parts` are its regions, by name."""

    stamp: int
    header: Header
    roll: Roll
    item: Item
    agenda: tuple[Point, ...]
    ledger: tuple[Line, ...]
    notes: Notes
    bar: Bar

    @property
    def parts(self) -> Mapping[str, object]:
        """What each region of the screen shows."""
        return {
            "header": self.header,
            "roll": self.roll,
            "item": self.item,
            "agenda": self.agenda,
            "ledger": self.ledger,
            "notes": self.notes,
            "bar": self.bar,
        }


def of(meeting: Meeting) -> Board:
    """The board of this sitting, now. The same few queries whatever the number of members."""
    moment = Moment(meeting)
    return Board(
        stamp=meeting.stamp,
        header=header.of(moment),
        roll=roll.of(moment),
        item=item.of(moment),
        agenda=tuple(lines.agenda(moment)),
        ledger=tuple(lines.ledger(moment)),
        notes=lines.notes(moment),
        bar=foot.of(moment),
    )
