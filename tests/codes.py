"""The codes printed on papers, drawn in the same order in every test (`settings.CODE_SOURCE`)."""

import random
from collections.abc import Sequence
from typing import Any

_drawn = random.Random(0)  # noqa: S311 nobody's secret


def choice(letters: Sequence[str]) -> str:
    """The next letter."""
    return _drawn.choice(letters)


def state() -> Any:
    """How far the drawing has come."""
    return _drawn.getstate()


def begin(at: Any = random.Random(0).getstate()) -> None:  # noqa: B008, S311
    """Draw from there on; from the first letter unless told otherwise."""
    _drawn.setstate(at)
