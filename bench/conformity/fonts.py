"""Fonts: what they embed, and every character that is shown."""

import re
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any

from fontTools import agl
from fontTools.cffLib import CFFFontSet
from fontTools.encodings import MacRoman, StandardEncoding
from fontTools.pens.basePen import NullPen
from fontTools.ttLib import TTFont

from bench.conformity.model import File, Shown, Stream, is_dict, listed, name_of
from bench.conformity.rules import absent, rule

FAMILY = "Polices"
_KINDS = {
    *("Type1", "MMType1", "TrueType", "Type3", "Type0", "CIDFontType0", "CIDFontType2"),
}
_STANDARD = {
    *("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"),
    *("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"),
    *("Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic", "Symbol", "ZapfDingbats"),
}
_INVISIBLE = 3


def _kind(font: Any) -> str:
    return name_of(font.get("/Subtype"))


def _called(font: Any) -> str:
    return name_of(font.get("/BaseFont")) or "sans nom"


def _descriptor(font: Any) -> Any:
    return font.get("/FontDescriptor") or {}


def _program(font: Any) -> Any:
    told = _descriptor(font)
    return next(
        (told[key] for key in ("/FontFile", "/FontFile2", "/FontFile3") if key in told), None
    )


def _simple(file: File) -> Iterator[Any]:
    for font in file.fonts:
        if _kind(font) in ("Type1", "MMType1", "TrueType", "Type3"):
            yield font


# --- Dictionaries -----------------------------------------------------------------------------


@rule("A 6.2.11.2-1", family=FAMILY, says="une police dit qu’elle en est une")
def typed(file: File) -> Iterator[str]:
    for font in file.fonts:
        yield "" if name_of(font.get("/Type")) == "Font" else _called(font)


@rule("A 6.2.11.2-2", family=FAMILY, says="une police est d’un genre connu")
def kinds(file: File) -> Iterator[str]:
    for font in file.fonts:
        yield "" if _kind(font) in _KINDS else f"{_called(font)} : {_kind(font)}"


@rule("A 6.2.11.2-3", family=FAMILY, says="une police a un nom")
def named(file: File) -> Iterator[str]:
    for font in file.fonts:
        yield "" if _kind(font) == "Type3" or name_of(font.get("/BaseFont")) else "police sans nom"


def _has(key: str) -> Any:
    def check(file: File) -> Iterator[str]:
        for font in _simple(file):
            is_standard = _called(font) in _STANDARD
            yield "" if is_standard or key in font else f"{_called(font)} sans {key}"

    return check


rule("A 6.2.11.2-4", family=FAMILY, says="une police simple dit son premier code")(
    _has("/FirstChar")
)
rule("A 6.2.11.2-5", family=FAMILY, says="une police simple dit son dernier code")(
    _has("/LastChar")
)


@rule("A 6.2.11.2-6", family=FAMILY, says="une police simple dit la largeur de chaque code")
def widths(file: File) -> Iterator[str]:
    for font in _simple(file):
        told = len(font.get("/Widths", []))
        count = int(font.get("/LastChar", 0)) - int(font.get("/FirstChar", 0)) + 1
        is_right = _called(font) in _STANDARD or ("/Widths" in font and told == count)
        yield "" if is_right else f"{_called(font)} : {told} largeurs pour {count} codes"


@rule("A 6.2.11.2-7", family=FAMILY, says="une police embarquée est dans un format permis")
def formats(file: File) -> Iterator[str]:
    for font in file.fonts:
        if (program := _program(font)) is not None:
            told = name_of(program.get("/Subtype"))
            is_right = told in ("", "Type1C", "CIDFontType0C", "OpenType")
            yield "" if is_right else f"{_called(font)} : {told}"


def _composite(file: File) -> Iterator[tuple[Any, Any]]:
    for font in file.fonts:
        if _kind(font) == "Type0":
            for inner in listed(font.get("/DescendantFonts")):
                yield font, inner


_IDENTITY = ("Identity-H", "Identity-V")


@rule("A 6.2.11.3.1-1", "UA 7.21.3.1-1", family=FAMILY, says="codes et caractères s’accordent")
def ordering(file: File) -> Iterator[str]:
    for font, inner in _composite(file):
        told = font.get("/Encoding")
        if name_of(told) in _IDENTITY:
            yield ""
            continue
        ours, theirs = inner.get("/CIDSystemInfo", {}), is_dict(told) and told.get("/CIDSystemInfo")
        is_right = theirs and all(
            str(ours.get(key)) == str(theirs.get(key)) for key in ("/Registry", "/Ordering")
        )
        is_right = is_right and int(ours.get("/Supplement", 99)) <= int(
            theirs.get("/Supplement", 0)
        )
        yield "" if is_right else f"{_called(font)} : {told}"


@rule("A 6.2.11.3.2-1", "UA 7.21.3.2-1", family=FAMILY, says="un caractère mène à son dessin")
def to_glyphs(file: File) -> Iterator[str]:
    for font in file.fonts:
        if _kind(font) == "CIDFontType2" and _program(font) is not None:
            yield "" if "/CIDToGIDMap" in font else f"{_called(font)} sans /CIDToGIDMap"


@rule(
    *("A 6.2.11.3.3-1", "UA 7.21.3.3-1"),
    family=FAMILY,
    says="une table de codes est embarquée ou connue (seule Identity l’est ici)",
)
def tables(file: File) -> Iterator[str]:
    for font, _ in _composite(file):
        told = font.get("/Encoding")
        yield "" if name_of(told) in _IDENTITY or isinstance(told, Stream) else f"{told}"


def _maps(file: File) -> Iterator[Any]:
    for each in file.streams:
        if name_of(each.get("/Type")) == "CMap":
            yield each


@rule("A 6.2.11.3.3-2", "UA 7.21.3.3-2", family=FAMILY, says="une table de codes dit son sens")
def direction(file: File) -> Iterator[str]:
    for each in _maps(file):
        found = re.search(rb"/WMode\s+(\d)", each.read_bytes())
        is_right = int(each.get("/WMode", 0)) == (int(found[1]) if found else 0)
        yield "" if is_right else f"table {each.objgen[0]}"


@rule(
    *("A 6.2.11.3.3-3", "UA 7.21.3.3-3"),
    family=FAMILY,
    says="une table de codes n’en appelle pas d’autre qu’Identity",
)
def called(file: File) -> Iterator[str]:
    for each in _maps(file):
        if "/UseCMap" in each:
            yield "" if name_of(each.UseCMap) in _IDENTITY else f"{each.UseCMap}"


@rule("A 6.2.11.4.1-1", "UA 7.21.4.1-1", family=FAMILY, says="une police employée est embarquée")
def embedded(file: File) -> Iterator[str]:
    for font in file.fonts:
        if _kind(font) in ("Type3", "Type0"):
            yield ""
            continue
        modes = {
            each.mode
            for each in file.drawing.shown.values()
            if font.objgen in (each.font.objgen, _inner(each.font).objgen)
        }
        is_right = _program(font) is not None or modes == {_INVISIBLE}
        yield "" if is_right else f"{_called(font)} n’est pas embarquée"


def _subset(font: Any) -> bool:
    return _program(font) is not None and bool(re.match(r"[A-Z]{6}\+", _called(font)))


absent(
    *("A 6.2.11.4.2-1", "UA 7.21.4.2-1"),
    family=FAMILY,
    says="l’extrait d’une police Type 1 liste ses caractères",
    find=lambda file: iter(
        _called(font) for font in file.fonts if _subset(font) and "/CharSet" in _descriptor(font)
    ),
)


@rule("A 6.2.11.4.2-2", "UA 7.21.4.2-2", family=FAMILY, says="un /CIDSet liste tout l’extrait")
def listing(file: File) -> Iterator[str]:
    for font in file.fonts:
        if _subset(font) and "/CIDSet" in _descriptor(font):
            told = _descriptor(font).CIDSet.read_bytes()
            kept = {
                number
                for number in range(len(told) * 8)
                if told[number // 8] & (0x80 >> number % 8)
            }
            face = _face(font)
            is_right = face is not None and set(range(face.count)) <= kept
            yield "" if is_right else f"{_called(font)} : /CIDSet incomplet"


# --- TrueType ---------------------------------------------------------------------------------


def _is_symbolic(font: Any) -> bool:
    return bool(int(_descriptor(font).get("/Flags", 0)) & 4)


def _true(file: File) -> Iterator[Any]:
    for font in file.fonts:
        if _kind(font) == "TrueType":
            yield font


def _charts(font: Any) -> list[tuple[int, int]]:
    face = _face(font)
    if face is None or face.font is None or "cmap" not in face.font:
        return []
    return [(each.platformID, each.platEncID) for each in face.font["cmap"].tables]


@rule("A 6.2.11.6-1", "UA 7.21.6-1", family=FAMILY, says="une police à lettres sait les nommer")
def charts(file: File) -> Iterator[str]:
    for font in _true(file):
        told = _charts(font)
        is_right = _is_symbolic(font) or len(told) > ((3, 0) in told)
        yield "" if is_right else f"{_called(font)} : {told}"


@rule("A 6.2.11.6-2", "UA 7.21.6-2", family=FAMILY, says="une police à lettres a un codage connu")
def coding(file: File) -> Iterator[str]:
    for font in _true(file):
        told = font.get("/Encoding")
        base = name_of(told.get("/BaseEncoding")) if is_dict(told) else name_of(told)
        changes = told.get("/Differences", []) if is_dict(told) else []
        names = [name_of(each) for each in changes if name_of(each)]
        is_right = base in ("MacRomanEncoding", "WinAnsiEncoding") and (
            not names or (all(name in agl.AGL2UV for name in names) and (3, 1) in _charts(font))
        )
        yield "" if _is_symbolic(font) or is_right else f"{_called(font)} : {told}"


@rule("A 6.2.11.6-3", "UA 7.21.6-3", family=FAMILY, says="une police de symboles n’a pas de codage")
def uncoded(file: File) -> Iterator[str]:
    for font in _true(file):
        is_wrong = _is_symbolic(font) and "/Encoding" in font
        yield _called(font) if is_wrong else ""


@rule("A 6.2.11.6-4", "UA 7.21.6-4", family=FAMILY, says="une police de symboles a une seule table")
def one_chart(file: File) -> Iterator[str]:
    for font in _true(file):
        told = _charts(font)
        is_right = not _is_symbolic(font) or len(told) == 1 or (3, 0) in told
        yield "" if is_right else f"{_called(font)} : {told}"


# --- Characters -------------------------------------------------------------------------------


class Face:
    """What an embedded font says of its own glyphs."""

    def __init__(self, content: bytes) -> None:
        self.font: Any = None
        if content[:4] in (b"\0\1\0\0", b"true", b"OTTO"):
            self.font = TTFont(BytesIO(content), lazy=True)
            self.scale = 1000 / self.font["head"].unitsPerEm
            self.order = self.font.getGlyphOrder()
            self.metrics = self.font["hmtx"].metrics
        else:
            charts = CFFFontSet()
            charts.decompile(BytesIO(content), None)
            self.top = charts[0]
            self.order = self.top.charset
            self.scale = 1000 * float(getattr(self.top, "FontMatrix", [0.001])[0])
        self.count = len(self.order)

    def width(self, glyph: int) -> float:
        name = self.order[glyph]
        if self.font is not None:
            return float(self.metrics[name][0]) * self.scale
        drawn = self.top.CharStrings[name]
        drawn.draw(NullPen())
        return float(drawn.width) * self.scale


@lru_cache(maxsize=256)
def _opened(content: bytes) -> Face:
    return Face(content)


def _face(font: Any) -> Face | None:
    program = _program(font)
    if (
        program is None
        or name_of(program.get("/Subtype")) == "Type1C"
        or ("/FontFile" in _descriptor(font))
    ):
        return None
    return _opened(program.read_bytes())


def _inner(font: Any) -> Any:
    return font.DescendantFonts[0] if _kind(font) == "Type0" else font


def _glyph(shown: Shown) -> int | None:
    """The number of the glyph that a code shows; `None` when it has none."""
    inner, number = _inner(shown.font), int.from_bytes(shown.code, "big")
    face = _face(inner)
    if face is None:
        return None
    if _kind(shown.font) == "Type0":
        told = inner.get("/CIDToGIDMap")
        if isinstance(told, Stream):
            chart = told.read_bytes()[2 * number : 2 * number + 2]
            number = int.from_bytes(chart, "big") if len(chart) == 2 else face.count
        elif face.font is None and _kind(inner) == "CIDFontType0":
            name = f"cid{number:05d}"
            return face.order.index(name) if name in face.order else None
        return number if number < face.count else None
    best = face.font.getBestCmap() or {} if face.font is not None else {}
    letter = _letter(shown.font, number)
    name = best.get(ord(letter)) if letter else None
    return face.font.getGlyphID(name) if name else None


def _letter(font: Any, code: int) -> str:
    told = font.get("/Encoding")
    base = name_of(told.get("/BaseEncoding")) if is_dict(told) else name_of(told)
    if base == "WinAnsiEncoding":
        return bytes([code]).decode("cp1252", "ignore")
    names = MacRoman if base == "MacRomanEncoding" else StandardEncoding
    return agl.toUnicode(getattr(names, names.__name__.rpartition(".")[2])[code])


def _told_width(shown: Shown) -> float | None:
    """The width that the file gives to a code."""
    font, number = shown.font, int.from_bytes(shown.code, "big")
    if _kind(font) != "Type0":
        first, widths = int(font.get("/FirstChar", 0)), font.get("/Widths", [])
        is_known = 0 <= number - first < len(widths)
        return float(widths[number - first]) if is_known else None
    return _charted(_inner(font)).get(number, float(_inner(font).get("/DW", 1000)))


def _charted(font: Any) -> dict[int, float]:
    known: dict[int, float] = {}
    parts = list(font.get("/W", []))
    while parts:
        first, second = int(parts.pop(0)), parts.pop(0)
        if isinstance(second, int):
            known |= dict.fromkeys(range(first, second + 1), float(parts.pop(0)))
        else:
            known |= {first + rank: float(width) for rank, width in enumerate(second)}
    return known


_RANGE = re.compile(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>")
_LIST = re.compile(rb"<(\w+)>\s*<(\w+)>\s*\[([^\]]*)\]")
_PAIR = re.compile(rb"<(\w+)>\s*<(\w+)>")


def _readable(font: Any) -> dict[bytes, str]:
    """Code → what it says, as the file tells."""
    if not isinstance(font.get("/ToUnicode"), Stream):
        return {}
    known: dict[bytes, str] = {}
    text = font.ToUnicode.read_bytes()
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, told in _RANGE.findall(block):
            size, start = len(first) // 2, int(told, 16)
            for rank in range(int(last, 16) - int(first, 16) + 1):
                value = f"{start + rank:0{len(told)}x}"
                code = (int(first, 16) + rank).to_bytes(size, "big")
                known[code] = bytes.fromhex(value).decode("utf-16-be", "replace")
        for first, _, told in _LIST.findall(block):
            for rank, value in enumerate(re.findall(rb"<(\w+)>", told)):
                code = (int(first, 16) + rank).to_bytes(len(first) // 2, "big")
                known[code] = bytes.fromhex(value.decode()).decode("utf-16-be", "replace")
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for code, value in _PAIR.findall(block):
            known[bytes.fromhex(code.decode())] = bytes.fromhex(value.decode()).decode(
                "utf-16-be", "replace"
            )
    return known


class Characters:
    """What is known of every character that a file shows, each font read once."""

    def __init__(self, file: File) -> None:
        self.shown = [each for each in file.drawing.shown.values() if each.mode != _INVISIBLE]
        self.texts: dict[Any, dict[bytes, str]] = {}

    def text(self, shown: Shown) -> str | None:
        key = shown.font.objgen
        if key not in self.texts:
            self.texts[key] = _readable(shown.font)
        if shown.code in self.texts[key]:
            return self.texts[key][shown.code]
        is_simple = _kind(shown.font) in ("Type1", "TrueType") and "/Encoding" in shown.font
        return _letter(shown.font, shown.code[0]) or None if is_simple else None


def _told(shown: Shown) -> str:
    return f"{_called(shown.font)} {shown.code.hex()}"


@rule("A 6.2.11.4.1-2", "UA 7.21.4.1-2", family=FAMILY, says="chaque lettre a son dessin")
def drawn(file: File) -> Iterator[str]:
    for each in Characters(file).shown:
        if _kind(each.font) == "Type3":
            yield f"{_told(each)} : police Type 3, que notre chaîne ne fait pas"
        elif _program(_inner(each.font)) is not None:
            yield "" if _glyph(each) is not None else _told(each)


@rule("A 6.2.11.5-1", "UA 7.21.5-1", family=FAMILY, says="chaque lettre a la largeur annoncée")
def wide(file: File) -> Iterator[str]:
    charts: dict[Any, dict[int, float]] = {}
    for each in Characters(file).shown:
        inner, glyph = _inner(each.font), _glyph(each)
        if glyph is None:
            continue
        if _kind(each.font) == "Type0":
            chart = charts.setdefault(inner.objgen, _charted(inner))
            told = chart.get(int.from_bytes(each.code, "big"), float(inner.get("/DW", 1000)))
        else:
            told = _told_width(each)
        face = _face(inner)
        assert face is not None
        is_right = told is not None and abs(face.width(glyph) - told) <= 1
        yield "" if is_right else f"{_told(each)} : {told} au lieu de {face.width(glyph):.0f}"


@rule("A 6.2.11.7.2-1", "UA 7.21.7-1", family=FAMILY, says="chaque lettre se copie en texte")
def copied(file: File) -> Iterator[str]:
    characters = Characters(file)
    for each in characters.shown:
        yield "" if characters.text(each) is not None else _told(each)


@rule("A 6.2.11.7.2-2", "UA 7.21.7-2", family=FAMILY, says="et en texte lisible")
def legible(file: File) -> Iterator[str]:
    characters = Characters(file)
    for each in characters.shown:
        text = characters.text(each)
        is_wrong = text is not None and any(sign in text for sign in "\0\ufffe\ufeff")
        yield _told(each) if is_wrong else ""


@rule("A 6.2.11.7.3-1", family=FAMILY, says="une lettre d’usage privé dit ce qu’elle remplace")
def private(file: File) -> Iterator[str]:
    characters = Characters(file)
    for each in characters.shown:
        text = characters.text(each) or ""
        is_private = any(0xE000 <= ord(sign) <= 0xF8FF or ord(sign) >= 0xF0000 for sign in text)
        yield _told(each) if is_private and not each.is_told else ""


@rule("A 6.2.11.8-1", "UA 7.21.8-1", family=FAMILY, says="aucune lettre n’est la case vide")
def shown(file: File) -> Iterator[str]:
    for each in file.drawing.shown.values():
        yield _told(each) if _glyph(each) == 0 else ""
