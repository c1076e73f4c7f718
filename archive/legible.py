"""The words that a file holds for whoever opens it, or looks behind its pages: those it prints,
and what it says of itself (author, title, who last changed it).

Read in a process of its own (`members.cells`), for the file is of somebody else. A picture of words
has none: what is scanned is for a person to look at.
"""

import re
from collections.abc import Collection, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

from law.masking import Mask
from members import cells

_MOST_PART = 32 * 1024 * 1024
_CODES = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_MAPPED = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_RANGE = re.compile(rb"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]+)>\s*(?:<([0-9A-Fa-f\s]*)>|\[(.*?)\])")
_A_SPACE = -200  # thousandths of the body: so far apart, two letters are of two words
_SAID_THERE = ("/T", "/TU", "/V", "/Contents", "/Title", "/Author", "/Alt", "/F", "/UF")
_MOVES = frozenset({"Td", "TD", "Tm", "T*", "'", '"', "BT", "ET"})
_INLINE = re.compile(r"</?(?:w:(?:r|t|rPr)|text:span|t|r)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


def says(path: Path, passages: Collection[str]) -> bool:
    """Whether a file says one of these passages. Raises `cells.Excessive` for one that does not
    read, or not in the time and memory it is given."""
    found: bool = cells.ask(__name__, str(path), tuple(passages))
    return found


def _says(path: str, passages: Collection[str]) -> bool:
    return any(map(Mask(passages).finds, _words(path)))


def _words(path: str) -> Iterator[str]:
    with Path(path).open("rb") as file:
        is_pdf = b"%PDF-" in file.read(1024)
    if is_pdf:
        return _of_pdf(path)
    return _of_office(path) if is_zipfile(path) else _of_picture(path)


# --- A PDF ------------------------------------------------------------------------------------


def _of_pdf(path: str) -> Iterator[str]:
    import pikepdf

    with pikepdf.open(path) as pdf:
        yield from (str(value) for value in pdf.docinfo.values())
        if "/Metadata" in pdf.Root:
            packet = pdf.Root.Metadata.read_bytes().decode("utf-8", errors="replace")
            yield unescape(packet)
        for each in pdf.objects:  # bookmarks, notes, fields, other descriptions
            if isinstance(each, pikepdf.Dictionary):
                told = (each.get(key) for key in _SAID_THERE)
                yield from (str(found) for found in told if isinstance(found, pikepdf.String))
        for name, joined in pdf.attachments.items():
            yield name
            yield joined.get_file().read_bytes().decode("utf-8", errors="replace")
        for page in pdf.pages:
            yield from _printed(page)


def _printed(page: Any) -> Iterator[str]:
    """Its words twice: parted where the pen moves, then as if it never did."""
    parted: list[str] = []
    _draw(page, page.get("/Resources"), parted, depth=0)
    yield "".join(parted)
    yield "".join(each for each in parted if each != "\n")


def _draw(drawn: Any, resources: Any, parted: list[str], *, depth: int) -> None:
    import pikepdf

    resources = resources if resources is not None else pikepdf.Dictionary()
    letters: dict[bytes, str] = {}
    known: dict[str, dict[bytes, str]] = {}
    for instruction in pikepdf.parse_content_stream(drawn):
        operator, operands = str(instruction.operator), instruction.operands
        if operator in _MOVES:
            parted.append("\n")
        if operator == "Tf":
            name = str(operands[0])
            if name not in known:
                known[name] = _letters(resources.get("/Font", {}).get(name))
            letters = known[name]
        elif operator in ("Tj", "'", '"'):
            parted.append(_said(bytes(operands[-1]), letters))
        elif operator == "TJ":
            for each in operands[0]:
                if isinstance(each, pikepdf.String):
                    parted.append(_said(bytes(each), letters))
                elif float(each) < _A_SPACE:
                    parted.append("\n")
        elif operator == "Do" and depth < 8:
            form = resources.get("/XObject", {}).get(str(operands[0]))
            if form is not None and form.get("/Subtype") == "/Form":
                inner = form.get("/Resources", resources)
                _draw(form, inner, parted, depth=depth + 1)


def _letters(font: Any) -> dict[bytes, str]:
    """Code → letters, as the font says how it is copied; nothing when it does not."""
    if font is None or "/ToUnicode" not in font:
        return {}
    told: dict[bytes, str] = {}
    for kind, body in _MAPPED.findall(font.ToUnicode.read_bytes()):
        if kind == b"bfchar":
            codes = [bytes.fromhex(each.decode()) for each in _CODES.findall(body)]
            told |= {
                code: _utf16(letter) for code, letter in zip(codes[::2], codes[1::2], strict=False)
            }
            continue
        for first, last, start, each in _RANGE.findall(body):
            low, high = int(first, 16), int(last, 16)
            size = len(bytes.fromhex(first.decode()))
            listed = [bytes.fromhex(one.decode()) for one in _CODES.findall(each)]
            for rank in range(min(high - low, 0xFFFF) + 1):
                if listed and rank >= len(listed):
                    break
                letter = _utf16(listed[rank]) if listed else _after(start, rank)
                told[(low + rank).to_bytes(size, "big")] = letter
    return told


def _after(start: bytes, rank: int) -> str:
    code = bytes.fromhex(start.decode())
    return _utf16((int.from_bytes(code, "big") + rank).to_bytes(len(code), "big"))


def _utf16(code: bytes) -> str:
    return code.decode("utf-16-be", errors="replace")


def _said(codes: bytes, letters: dict[bytes, str]) -> str:
    if not letters:
        return codes.decode("cp1252", errors="replace")
    size = max(map(len, letters))
    return "".join(letters.get(codes[at : at + size], " ") for at in range(0, len(codes), size))


# --- What else is joined ----------------------------------------------------------------------


def _of_office(path: str) -> Iterator[str]:
    """All the words of a text, a sheet or slides, its description with them."""
    with ZipFile(path) as archive:
        for part in archive.infolist():
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as file:
                    content = file.read(_MOST_PART + 1)
                if len(content) > _MOST_PART:
                    raise MemoryError
                marked = _INLINE.sub("", content.decode("utf-8", errors="replace"))
                yield unescape(_TAG.sub("\n", marked))


def _of_picture(path: str) -> Iterator[str]:
    from PIL import Image

    with Image.open(path, formats=["JPEG", "PNG"]) as picture:
        told = [*picture.info.values(), *picture.getexif().values()]
        yield from (
            each if isinstance(each, str) else each.decode("utf-8", errors="replace")
            for each in told
            if isinstance(each, str | bytes)
        )


if __name__ == "__main__":
    cells.answer(_says)
