"""Fonts embedded once in a file that was bound from others, each of which brought its own extract.

WeasyPrint keeps the numbers of the glyphs that are shown when it cuts a font, so that the extracts
of one face go together: what they show makes one font, unless two disagree on a glyph. The parts
that accented letters share have numbers of their own in each extract: letters are drawn whole.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from io import BytesIO
from struct import iter_unpack, unpack, unpack_from
from typing import Any


def share(pdf: Any) -> None:
    """Let the fonts of a face be one, wherever the pages name them."""
    import pikepdf

    groups: dict[str, list[Any]] = defaultdict(list)
    tag = pikepdf.Name.StructElem  # nine objects in ten
    holders = [
        value
        for value in pdf.objects
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream) and value.get("/Type") != tag
    ]
    for font in holders:
        if font.get("/Subtype") == "/Type0":
            inner = font.DescendantFonts[0]
            if "/FontFile2" in inner.FontDescriptor and inner.get("/CIDToGIDMap") == "/Identity":
                groups[re.sub(r"^/[A-Z]{6}\+", "", str(font.BaseFont))].append(font)
    merged: dict[tuple[int, int], Any] = {}
    for fonts in groups.values():
        if len(fonts) > 1 and (program := _union(fonts)):
            whole = _whole(pdf, fonts, program)
            merged |= {font.objgen: whole for font in fonts}
    for holder in holders:
        for fonts in _named(holder):
            for name, font in list(fonts.items()):
                if font.objgen in merged:
                    fonts[name] = merged[font.objgen]


def _named(holder: Any) -> Iterator[Any]:
    """The tables of fonts that an object holds, as resources or within its own."""
    import pikepdf

    for each in (holder, holder.get("/Resources")):
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            fonts = each.get("/Font")
            if isinstance(fonts, pikepdf.Dictionary):
                yield fonts
    if holder.get("/Type") is None and all(
        isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
        for each in holder.values()
    ):
        yield holder


def _union(fonts: Sequence[Any]) -> bytes | None:
    """One font with the glyphs that these show; `None` when two disagree on one."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    traces: dict[int, Any] = {}
    outlines: dict[int, Any] = {}
    advances: dict[int, tuple[int, int]] = {}
    for font in fonts:
        program = _Program(font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes())
        for code in _widths(font.DescendantFonts[0]).keys() - {0}:
            trace = program.trace(code)
            if traces.setdefault(code, trace) != trace and outlines[code] != program.drawn(code):
                return None
            if code not in outlines:
                outlines[code], advances[code] = program.drawn(code), program.advance(code)
    outlines[0], advances[0] = program.drawn(0), program.advance(0)
    head, across = program.opened["head"], program.opened["hhea"]
    names = [f"g{code}" for code in range(max(outlines) + 1)]
    builder = FontBuilder(head.unitsPerEm, isTTF=True)
    builder.font.recalcTimestamp = False
    builder.updateHead(created=head.created, modified=head.modified)
    builder.setupGlyphOrder([".notdef", *names[1:]])
    builder.setupCharacterMap({})
    every = dict(enumerate(builder.font.getGlyphOrder()))
    builder.setupGlyf({name: outlines.get(code, Glyph()) for code, name in every.items()})
    builder.setupHorizontalMetrics(
        {name: advances.get(code, (0, 0)) for code, name in every.items()}
    )
    builder.setupHorizontalHeader(ascent=across.ascent, descent=across.descent)
    builder.setupOS2()
    builder.setupPost(keepGlyphNames=False)
    out = BytesIO()
    builder.save(out)
    return out.getvalue()


class _Program:
    """A font that an extract brought. A year brings hundreds of each face: their glyphs are
    compared as they are written, and read only when they are new."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        (count,) = unpack_from(">H", content, 4)
        tables = {
            tag: content[start : start + size]
            for tag, _, start, size in iter_unpack(">4sIII", content[12 : 12 + 16 * count])
        }
        self.glyphs, places = tables[b"glyf"], tables[b"loca"]
        (is_long,) = unpack_from(">h", tables[b"head"], 50)
        size, unit = (4, 1) if is_long else (2, 2)
        signs = f">{len(places) // size}{'I' if is_long else 'H'}"
        self.places = [place * unit for place in unpack(signs, places)]

    def trace(self, code: int) -> Any:
        """What draws a glyph, to be compared: the same in two extracts that number its parts
        differently."""
        written = self.glyphs[self.places[code] : self.places[code + 1]]
        if not written or unpack_from(">h", written)[0] >= 0:
            return written
        parts, place, flags = [written[:10]], 10, _MORE
        while flags & _MORE:
            flags, part = unpack_from(">HH", written, place)
            end = place + 4 + sum(size for flag, size in _PLACED if flags & flag)
            end += 0 if flags & _WORDS else 2
            parts += [written[place : place + 2], written[place + 4 : end], self.trace(part)]
            place = end
        return tuple(parts)

    @cached_property
    def opened(self) -> Any:
        """The font as it is read by fontTools."""
        from fontTools.ttLib import TTFont

        return TTFont(BytesIO(self.content))

    @cached_property
    def _names(self) -> list[str]:
        return list(self.opened.getGlyphOrder())

    def drawn(self, code: int) -> Any:
        """A glyph with its parts drawn in it."""
        return _drawn(self.opened["glyf"], self._names[code])

    def advance(self, code: int) -> tuple[int, int]:
        """How far the next letter is, and how far the outline is from its own place."""
        return self.opened["hmtx"][self._names[code]]  # type: ignore[no-any-return]


# Of a part of a glyph (OpenType, table `glyf`): another follows; how its place is written.
_MORE, _WORDS = 0x20, 0x01
_PLACED = ((_WORDS, 4), (0x08, 2), (0x40, 4), (0x80, 8))


def _drawn(outlines: Any, name: str) -> Any:
    """A glyph with its parts drawn in it."""
    from fontTools.ttLib.tables._g_l_y_f import Glyph
    from fontTools.ttLib.tables.ttProgram import Program

    glyph = outlines[name]
    if not glyph.isComposite():
        return glyph
    whole = Glyph()
    whole.coordinates, whole.endPtsOfContours, whole.flags = glyph.getCoordinates(outlines)
    whole.numberOfContours = len(whole.endPtsOfContours)
    whole.program = Program()
    whole.recalcBounds(outlines)
    return whole


def _whole(pdf: Any, fonts: Sequence[Any], program: bytes) -> Any:
    """One font of the file in the place of several."""
    from pikepdf import Array

    whole = fonts[0]
    inner = whole.DescendantFonts[0]
    inner.FontDescriptor.FontFile2 = pdf.make_stream(program, Length1=len(program))
    widths: dict[int, Any] = {}
    texts: dict[bytes, bytes] = {}
    for font in fonts:
        widths |= _widths(font.DescendantFonts[0])
        texts |= dict(_PAIR.findall(font.ToUnicode.read_bytes()))
    inner.W = Array([part for code in sorted(widths) for part in (code, Array([widths[code]]))])
    told = fonts[0].ToUnicode.read_bytes()
    lines = b"\n".join(b"<%s> <%s>" % pair for pair in sorted(texts.items()))
    blocks = b"%d beginbfchar\n%s\nendbfchar" % (len(texts), lines)
    whole.ToUnicode = pdf.make_stream(
        re.sub(rb"\d+ beginbfchar[\s\S]*endbfchar", lambda _: blocks, told)
    )
    return whole


_PAIR = re.compile(rb"^<(\w{4})> <(\w+)>$", re.MULTILINE)


def _widths(font: Any) -> dict[int, Any]:
    found: dict[int, Any] = {}
    parts = list(font.W)
    for start, each in zip(parts[::2], parts[1::2], strict=True):
        found |= {int(start) + rank: width for rank, width in enumerate(each)}
    return found
