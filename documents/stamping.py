"""Words drawn on pages that are laid out already: a font of ours, and where its letters stand."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from documents import render

SIZE = 1000  # of the square in which fonts measure


class Face:
    """The regular font of papers in one PDF, for these characters only."""

    def __init__(self, pdf: Any, characters: str) -> None:
        self.glyphs, self.widths, program = _subset("".join(sorted(set(characters))))
        self.font = _embedded(pdf, self.glyphs, self.widths, program)

    def width(self, text: str, size: float) -> float:
        """How wide a text is, in points."""
        return sum(self.widths[self.glyphs[letter]] for letter in text) * size / SIZE

    def shown(self, text: str) -> str:
        """The text as a content stream shows it."""
        return f"<{''.join(f'{self.glyphs[letter]:04x}' for letter in text)}> Tj"


@cache
def _subset(characters: str) -> tuple[dict[str, int], dict[int, int], bytes]:
    """Character → glyph, glyph → width, and the font that holds these glyphs alone."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    # Numbered as in the extracts that WeasyPrint makes: see `embedding`.
    options = subset.Options(
        layout_features=[], hinting=False, notdef_outline=True, retain_gids=True
    )
    with TTFont(_file(), recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(text=characters)
        cutter.subset(font)
        scale = SIZE / font["head"].unitsPerEm
        glyphs = {chr(code): font.getGlyphID(name) for code, name in font.getBestCmap().items()}
        widths = {
            glyph: round(font["hmtx"][font.getGlyphName(glyph)][0] * scale)
            for glyph in glyphs.values()
        }
        out = BytesIO()
        font.save(out)
    return glyphs, widths, out.getvalue()


def _file() -> Path:
    return next(
        face.file
        for face in render.faces(for_screen=False)
        if (face.family, face.weight, face.style) == ("Paper Serif", 400, "normal")
    )


def _embedded(pdf: Any, glyphs: dict[str, int], widths: dict[int, int], program: bytes) -> Any:
    from fontTools.ttLib import TTFont
    from pikepdf import Array, Dictionary, Name

    with TTFont(BytesIO(program)) as font:
        scale = SIZE / font["head"].unitsPerEm
        head, across, system = font["head"], font["hhea"], font["OS/2"]
        box = [round(edge * scale) for edge in (head.xMin, head.yMin, head.xMax, head.yMax)]
        ascent, descent = round(across.ascent * scale), round(across.descent * scale)
        capital = round(getattr(system, "sCapHeight", across.ascent) * scale)
    name = Name("/REGFEU+Paper-Serif")
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=4,
        FontBBox=Array(box),
        ItalicAngle=0,
        Ascent=ascent,
        Descent=descent,
        CapHeight=capital,
        StemV=80,
        FontFile2=pdf.make_stream(program, Length1=len(program)),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        CIDToGIDMap=Name.Identity,
        DW=0,
        W=Array([part for glyph in sorted(widths) for part in (glyph, Array([widths[glyph]]))]),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(_to_unicode(glyphs)),
        )
    )


def _to_unicode(glyphs: dict[str, int]) -> bytes:
    """What each glyph says, so that the text can be copied and read out."""
    lines = "\n".join(f"<{glyph:04x}> <{ord(letter):04x}>" for letter, glyph in glyphs.items())
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{len(glyphs)} beginbfchar\n{lines}\nendbfchar\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
