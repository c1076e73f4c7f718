"""Fonts embedded once in a file that was bound from others, each of which brought its own extract.

WeasyPrint keeps the numbers of the glyphs that are shown when it cuts a font, so that the extracts
of one face go together: what they show makes one font, unless two disagree on a glyph. The parts
that accented letters share have numbers of their own in each extract: letters are drawn whole.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any


def share(pdf: Any) -> None:
    """Let the fonts of a face be one, wherever the pages name them."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for font in _composite(pdf):
        inner = font.DescendantFonts[0]
        if "/FontFile2" in inner.FontDescriptor and str(inner.get("/CIDToGIDMap")) == "/Identity":
            groups[re.sub(r"^/[A-Z]{6}\+", "", str(font.BaseFont))].append(font)
    merged: dict[tuple[int, int], Any] = {}
    for fonts in groups.values():
        if len(fonts) > 1 and (program := _union(fonts)):
            whole = _whole(pdf, fonts, program)
            merged |= {font.objgen: whole for font in fonts}
    for value in pdf.objects:
        for fonts in _named(value):
            for name, font in list(fonts.items()):
                if font.objgen in merged:
                    fonts[name] = merged[font.objgen]


def _named(value: Any) -> Iterator[Any]:
    """The tables of fonts that an object holds, as resources or within its own."""
    import pikepdf

    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        for holder in (value, value.get("/Resources")):
            if isinstance(holder, pikepdf.Dictionary | pikepdf.Stream):
                fonts = holder.get("/Font")
                if isinstance(fonts, pikepdf.Dictionary):
                    yield fonts
        if value.get("/Type") is None and all(
            isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
            for each in value.values()
        ):
            yield value


def _composite(pdf: Any) -> Iterator[Any]:
    import pikepdf

    for value in pdf.objects:
        if isinstance(value, pikepdf.Dictionary) and value.get("/Subtype") == "/Type0":
            yield value


def _union(fonts: Sequence[Any]) -> bytes | None:
    """One font with the glyphs that these show; `None` when two disagree on one."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    outlines: dict[int, Any] = {0: Glyph()}
    advances: dict[int, tuple[int, int]] = {0: (0, 0)}
    for font in fonts:
        program = font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()
        with TTFont(BytesIO(program)) as opened:
            order, head, across = opened.getGlyphOrder(), opened["head"], opened["hhea"]
            for code in {0, *_widths(font.DescendantFonts[0])}:
                name = order[code]
                drawn = _drawn(opened["glyf"], name)
                known = outlines.setdefault(code, drawn) if code else drawn
                if known != drawn:
                    return None
                outlines[code], advances[code] = known, opened["hmtx"][name]
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
