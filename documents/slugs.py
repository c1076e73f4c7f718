"""Lines of type, cast once and set again: a slug is what a line caster makes of a line.

To cut a text into lines WeasyPrint asks Pango four to six times for each line, and once more for
its glyphs when it draws: more than half the time of long minutes. What Pango answers depends on a
text, a face and a width, and on nothing else; and papers say the same again: the names of those
who voted for, the formulas, the whole paper when it is issued again with a word mended. So the
answers are kept, for all papers of the process.

They are the answers themselves, so that a paper is the same byte for byte with and without them
(`tests/documents/test_slugs.py`). Only a drawing with fonts of a `Case` takes part: WeasyPrint left
alone works as ever.
"""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from weasyprint.draw import text as drawing
from weasyprint.layout import inline, preferred
from weasyprint.text.fonts import FontConfiguration, get_pango_font_key
from weasyprint.text.line_break import Layout

# What Pango is told of a style, and what decides where a line may end.
FACE = (
    "direction",
    "font_family",
    "font_feature_settings",
    "font_kerning",
    "font_language_override",
    "font_size",
    "font_stretch",
    "font_style",
    "font_variant_alternates",
    "font_variant_caps",
    "font_variant_east_asian",
    "font_variant_ligatures",
    "font_variant_numeric",
    "font_variant_position",
    "font_variation_settings",
    "font_weight",
    "hyphenate_character",
    "hyphenate_limit_chars",
    "hyphenate_limit_zone",
    "hyphens",
    "lang",
    "letter_spacing",
    "overflow_wrap",
    "tab_size",
    "text_decoration_line",
    "white_space",
    "word_break",
    "word_spacing",
)
ROOM = 10_000  # lines: 20 MiB, minutes of two or three hundred pages


class Kept(dict[Any, Any]):
    """What was found of late: the last `ROOM` things at least, twice as many at most."""

    def __init__(self) -> None:
        super().__init__()
        self.older: dict[Any, Any] = {}

    def __missing__(self, key: Any) -> Any:
        found = self.older.get(key)
        if found is not None:
            self[key] = found
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        if len(self) >= ROOM:
            self.older = dict(self)
            self.clear()
        super().__setitem__(key, value)


# By the rules that declare the fonts. Several threads may share them: what one of them finds, or
# lets go, another finds the same.
_broken: dict[str, Kept] = {}
_cast: dict[str, Kept] = {}
_one: dict[Any, Any] = {}  # one copy of what many lines say alike: a few hundred letters


class Case(FontConfiguration):  # type: ignore[misc]
    """The fonts that some rules declare, beside the lines that were set in them. WeasyPrint is to
    read the rules into it; one drawing at a time may use it."""

    def __init__(self, rules: str) -> None:
        super().__init__()
        self.broken = _broken.setdefault(rules, Kept())
        self.cast = _cast.setdefault(rules, Kept())
        # By name and size: Pango's font, and a text set in it, without which it would be freed.
        self.founts: dict[tuple[int, float], tuple[Any, Any]] = {}


def forget() -> None:
    """Let go of every line that is kept."""
    _one.clear()
    for lines in (*_broken.values(), *_cast.values()):
        lines.older = {}
        lines.clear()


def _face(style: Any) -> str:
    """The face of a style, told once: no style is written again once text is set in it."""
    told: str | None = style.__dict__.get("face")
    if told is None:
        told = style.__dict__["face"] = repr([style[name] for name in FACE])
    return told


class _Set(Layout):  # type: ignore[misc]
    """A line as WeasyPrint holds it, Pango left aside until it is needed."""

    def __init__(self, line: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        self.__dict__.update(line)

    def reactivate(self, style: Any) -> None:
        """Nothing yet: to draw it, its slug is enough."""

    def deactivate(self) -> None:
        for name in ("layout", "language", "style"):
            self.__dict__.pop(name, None)


# --- Breaking -----------------------------------------------------------------------------------

_BETWEEN_WORDS = re.compile(r"\w \w")
_split = inline.split_first_line
_lay = inline.create_layout


def split_first_line(
    text: str,
    style: Any,
    context: Any,
    max_width: float | None,
    justification_spacing: float,
    is_line_start: bool = True,
    minimum: bool = False,
) -> tuple[Any, ...]:
    """Where the first line of a text ends, and its measures; asked of Pango once."""
    told = text, style, context, max_width, justification_spacing, is_line_start, minimum
    case = style.font_config
    if not isinstance(case, Case):
        found: tuple[Any, ...] = _split(*told)
        return found
    asked = _face(style), max_width, justification_spacing, is_line_start, minimum
    head = text[: _reach(style, max_width)]
    kept = case.broken[head, len(head) < len(text), *asked]
    if kept is None and len(head) < len(text):
        kept = case.broken[text, False, *asked]
    if kept is None:
        line, *measures = _split(*told)
        names = tuple(line.__dict__)
        kept = _one.setdefault(names, names), (*line.__dict__.values(),), (*measures,)
        if len(head) < len(text) and not _is_enough(head, measures[1]):
            head = text
        case.broken[head, len(head) < len(text), *asked] = kept
    names, values, measures = kept
    return _Set(zip(names, values, strict=True)), *measures


def _reach(style: Any, max_width: float | None) -> int | None:
    """How much of a text WeasyPrint looks at first, which is enough for most lines."""
    if max_width is None or not 0 < max_width < 1e6 or not style["font_size"]:
        return None
    return max(int(max_width / style["font_size"] * 4), 1)


def _is_enough(head: str, resumed: int | None) -> bool:
    """Whether the line would have ended there whatever follows the head of the text: WeasyPrint
    looks no further than the next place where a line may end. (A second one, for words that are cut
    because no line holds them.)"""
    left = "" if resumed is None else head.encode()[resumed:].decode()
    return len(_BETWEEN_WORDS.findall(left, 1)) > 1


def create_layout(
    text: str, style: Any, context: Any, max_width: float | None, justification_spacing: float
) -> Any:
    """A line whose spaces are to be widened. Pango need not hear of it before it is drawn."""
    if (
        not isinstance(style.font_config, Case)
        or "\n" in text
        or text == " "
        or style["text_decoration_line"] != "none"
    ):
        return _lay(text, style, context, max_width, justification_spacing)
    return _Set(
        {
            "text": text,
            "justification_spacing": justification_spacing,
            "max_width": max_width,
            "first_line_direction": 0,
            "ascent": None,
            "underline_position": None,
            "strikethrough_position": None,
        }
    )


# --- Drawing ------------------------------------------------------------------------------------

_draw = drawing.draw_first_line


class _Caster:
    """Stands for the stream of a page while a line is drawn, and notes what it is told."""

    def __init__(self, stream: Any, case: Case, line: Any) -> None:
        self.stream, self.case, self.line = stream, case, line
        self.ink_rect, self.logical_rect = stream.ink_rect, stream.logical_rect
        self.fonts: dict[tuple[int, float], Any] = {}
        self.said: list[tuple[str, tuple[Any, ...]]] = []

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        """The font, as if nothing had been set in it before this line."""
        name, _, size = get_pango_font_key(pango_font)
        if (name, size) not in self.fonts:
            self.case.founts.setdefault((name, size), (pango_font, self.line.layout))
            font = self.fonts[name, size] = copy(self.stream.add_font(pango_font)[0])
            font.widths, font.to_unicode, font.missing = {}, {}, {}
        return self.fonts[name, size], size

    def set_text_matrix(self, *place: float) -> None:
        """The place of a line is its own."""

    def set_font_size(self, name: str, size: float) -> None:
        self.said.append(("set_font_size", (name, size)))

    def set_text_rise(self, height: float) -> None:
        self.said.append(("set_text_rise", (height,)))

    def show_text(self, glyphs: str) -> None:
        self.said.append(("show_text", (glyphs.encode(),)))

    def slug(self) -> tuple[Any, ...]:
        """What was said; and of each font, the glyphs with their widths and what they stand for."""
        fonts = [
            (key, (*(_one.setdefault(each, each) for each in _letters(font)),))
            for key, font in self.fonts.items()
        ]
        return (*self.said,), (*fonts,)


def _letters(font: Any) -> Iterable[tuple[int, int, str]]:
    return ((glyph, font.widths[glyph], text) for glyph, text in font.to_unicode.items())


def draw_first_line(
    stream: Any, textbox: Any, text_overflow: str, block_ellipsis: Any, matrix: Any
) -> list[Any]:
    """Draw a line of text, from its slug when it was drawn before."""
    line, style = textbox.pango_layout, textbox.style
    told = textbox, text_overflow, block_ellipsis, matrix
    if not isinstance(line, _Set):
        found: list[Any] = _draw(stream, *told)
        return found
    if not textbox.text.strip():
        return []
    case, key = style.font_config, (line.text, _face(style), line.justification_spacing)
    is_whole = text_overflow != "ellipsis" and block_ellipsis == "none"
    slug = case.cast[key] if is_whole else None
    if slug is None or any(each[0] not in case.founts for each in slug[1]):
        Layout.reactivate(line, style)
        if not is_whole:
            return _draw(stream, *told)  # type: ignore[no-any-return]
        caster = _Caster(stream, case, line)
        if _draw(caster, *told) or any(font.missing for font in caster.fonts.values()):
            # A picture, or a character that the font lacks: no line of ours.
            return _draw(stream, *told)  # type: ignore[no-any-return]
        slug = case.cast[key] = caster.slug()
    said, fonts = slug
    stream.set_text_matrix(*matrix.values)
    for (name, size), letters in fonts:
        font = stream._fonts.get(name)
        if font is None:
            font, _ = stream.add_font(case.founts[name, size][0])
        for glyph, width, text in letters:
            if glyph not in font.to_unicode:
                font.widths[glyph], font.to_unicode[glyph] = width, text
    for verb, words in said:
        getattr(stream, verb)(*words)
    return []


inline.split_first_line = preferred.split_first_line = split_first_line
inline.create_layout = create_layout
drawing.draw_first_line = draw_first_line
