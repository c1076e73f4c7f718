"""What styles say, asked no more often than it changes.

WeasyPrint reads eighteen measures of a style for each box and each line it lays out, and asks of
each whether it is a percentage; and what a line is at least. In our papers few are percentages, and
hundreds of boxes share a style. And five rules of WeasyPrint's own style sheet, for notes, match
every element of a page: no paper of ours has a note.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import weasyprint
from weasyprint.formatting_structure.boxes import Box
from weasyprint.layout import absolute, block, column, float, grid, inline, page, table

from documents.slugs import Case

_SIDES = ("top", "right", "bottom", "left")
_SIZES = ("width", "height", "min_width", "min_height", "max_width", "max_height")
_LENGTHS = (
    *(f"{what}_{side}" for what in ("margin", "padding") for side in _SIDES),
    *_SIZES,
)
_MEASURES = (*_LENGTHS, *(f"border_{side}_width" for side in _SIDES))

_resolve = inline.resolve_percentages
_strut = inline.strut


class Page(weasyprint.HTML):  # type: ignore[misc]
    """A page without notes, to be laid out."""

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
        return [_without_notes()]


@cache
def _without_notes() -> Any:
    """The style sheet that WeasyPrint gives to every page, but for its notes."""
    rules = Path(weasyprint.__file__).with_name("css") / "html5_ua.css"
    return weasyprint.CSS(string=_NOTES.sub("", rules.read_text()))


_NOTES = re.compile(r"^::(?:foot)?note-.*$", re.MULTILINE)


def resolve_percentages(box: Any, containing_block: Any) -> None:
    """Give a box the measures of its style."""
    kept = vars(box.style)
    known = kept.get("measures")
    if known and isinstance(box, Box):
        vars(box).update(known)
        return
    _resolve(box, containing_block)
    if known is None:
        kept["measures"] = _is_fixed(box) and {name: getattr(box, name) for name in _MEASURES}


def _is_fixed(box: Any) -> bool:
    """Whether the measures of a box are those of its style, whatever it stands in."""
    style = box.style
    return (
        isinstance(style.font_config, Case)
        and style["border_collapse"] != "collapse"
        and all(
            style[name] == "auto" or getattr(style[name], "unit", None) == "px" for name in _LENGTHS
        )
    )


def strut(style: Any) -> tuple[Any, ...]:
    """How high a line of this style is at least, and where its letters stand."""
    kept = vars(style)
    if "strut" not in kept:
        kept["strut"] = _strut(style)
    known: tuple[Any, ...] = kept["strut"]
    return known


for each in (absolute, block, column, float, grid, inline, page, table):
    each.resolve_percentages = resolve_percentages
inline.strut = strut
