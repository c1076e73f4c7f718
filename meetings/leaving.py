"""When a convocation left. Only the room that hands it over knows, and it is above this one: it
declares who answers when it is loaded, and papers ask here."""

from collections.abc import Callable
from datetime import date
from typing import Any

Answer = Callable[[Any], date | None]  # of a `Meeting`, whose own notice asks here


def _told(meeting: Any) -> date | None:
    return meeting.convened_on


_answer: Answer = _told


def declare(answer: Answer) -> None:
    """Have this answer, instead of the day that was told."""
    global _answer
    _answer = answer


def left_on(meeting: Any) -> date | None:
    """The day on which the convocation left, as far as is known; `None` while nothing of it did."""
    return _answer(meeting)


def convened_on(meeting: Any) -> date | None:
    """The day on which papers say that the assembly was convened: what left after the sitting
    convened nobody."""
    on = left_on(meeting)
    return on if on is not None and on <= meeting.held_on else None
