"""A file as the rules look at it: bytes, objects, what its pages draw, its structure."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

import pikepdf
from pyhanko.pdf_utils.reader import PdfFileReader

Array, Dictionary, Name, Stream = (
    pikepdf.Array,
    pikepdf.Dictionary,
    pikepdf.Name,
    pikepdf.Stream,
)
_DEPTH = 40  # of forms within forms


def is_dict(value: Any) -> bool:
    return isinstance(value, Dictionary | Stream)


def listed(value: Any) -> list[Any]:
    """An array as a list; anything else as a list of one; nothing as none."""
    if value is None:
        return []
    return list(value) if isinstance(value, Array) else [value]


def name_of(value: Any) -> str:
    """A name without its slash; "" when there is none."""
    return str(value).removeprefix("/") if isinstance(value, Name) else ""


@dataclass(slots=True)
class Mark:
    """A piece of a page between BDC and EMC."""

    tag: str
    properties: Any
    is_tagged: bool
    parents: tuple[str, ...]
    is_within_tagged: bool


@dataclass(slots=True)
class Shown:
    """A character shown: the font, its code, how it is drawn, whether its text is given apart."""

    font: Any
    code: bytes
    mode: int
    is_told: bool


@dataclass(slots=True)
class Drawing:
    """What all the pages draw."""

    marks: list[Mark] = field(default_factory=list)
    items: list[tuple[str, bool]] = field(default_factory=list)  # what, whether it is accounted for
    shown: dict[tuple[Any, ...], Shown] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    spaces: list[Any] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    inline_filters: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # resources named and not found in their place
    operands: list[Any] = field(default_factory=list)
    forms: dict[tuple[int, int], int] = field(default_factory=dict)


_OPERATORS = frozenset(
    "b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k "
    "l m M MP n q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W "
    "W* y ' \" INLINE IMAGE".split()
)
_PAINTS = {
    **dict.fromkeys(("b", "B", "b*", "B*", "f", "F", "f*", "s", "S"), "tracé"),
    **dict.fromkeys(("Tj", "TJ", "'", '"'), "texte"),
    "sh": "dégradé",
}


class File:
    """A PDF, read once."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.pdf = pikepdf.open(BytesIO(raw))
        self.root = self.pdf.Root

    # Objects

    @cached_property
    def objects(self) -> list[Any]:
        return [each for each in self.pdf.objects if each is not None]

    @cached_property
    def values(self) -> list[Any]:
        """Every value of the file, those within others too."""
        return [each for top in self.objects for each in _within(top)]

    @cached_property
    def dicts(self) -> list[Any]:
        return [each for each in self.values if is_dict(each)]

    @cached_property
    def streams(self) -> list[Any]:
        return [each for each in self.objects if isinstance(each, Stream)]

    def typed(self, kind: str) -> list[Any]:
        return [each for each in self.dicts if name_of(each.get("/Type")) == kind]

    # Bytes

    @cached_property
    def places(self) -> dict[tuple[int, int], int]:
        """Where each object that stands by itself begins in the file, of every revision."""
        xrefs = PdfFileReader(BytesIO(self.raw), strict=False).xrefs
        found = {}
        for revision in range(xrefs.total_revisions):
            for reference in xrefs.explicit_refs_in_revision(revision):
                place = xrefs.get_historical_ref(reference, revision)
                if isinstance(place, int):
                    found[reference.idnum, place] = place
        return found

    @cached_property
    def bodies(self) -> list[tuple[str, bytes]]:
        """The text of each object, its stream left out."""
        found = []
        for number, place in self.places:
            end = self.raw.find(b"endobj", place)
            text = self.raw[place : end if end >= 0 else len(self.raw)]
            cut = re.search(rb">>\s*stream\r?\n", text)
            found.append((f"objet {number}", text[: cut.start() + 2] if cut else text))
        packed = [each for each in self.pdf.objects if _is_packed(each)]
        found += [("objets groupés", each.read_bytes()) for each in packed]
        if not packed and b"/ObjStm" in self.raw:
            found += [("objets groupés", text) for text in _unpacked(self.raw)]
        return found

    @cached_property
    def tokens(self) -> list[tuple[str, str, bytes]]:
        """Every word of those texts: where, of what kind, and its bytes."""
        return [(where, kind, word) for where, text in self.bodies for kind, word in lexed(text)]

    # Structure

    @cached_property
    def tree(self) -> Any:
        return self.root.get("/StructTreeRoot")

    @cached_property
    def elements(self) -> list[Any]:
        """Every element of the structure, in reading order."""
        found: list[Any] = []
        if self.tree is not None:
            waiting = listed(self.tree.get("/K"))[::-1]
            while waiting:
                each = waiting.pop()
                if isinstance(each, Array):
                    waiting += list(each)[::-1]
                elif is_dict(each) and "/S" in each:
                    found.append(each)
                    waiting += listed(each.get("/K"))[::-1]
        return found

    @cached_property
    def linked(self) -> set[tuple[tuple[int, int], int]]:
        """The pieces of pages and forms that elements hold: whose stream, and their numbers."""
        found = set()
        for element in self.elements:
            page = element.get("/Pg")
            for kid in listed(element.get("/K")):
                if isinstance(kid, int):
                    if page is not None:
                        found.add((page.objgen, int(kid)))
                elif is_dict(kid) and "/MCID" in kid:
                    holder = kid.get("/Stm") or kid.get("/Pg") or page
                    if holder is not None:
                        found.add((holder.objgen, int(kid.MCID)))
        return found

    @cached_property
    def numbered(self) -> dict[int, Any]:
        """What the tree of parents leads to."""
        if self.tree is None or "/ParentTree" not in self.tree:
            return {}
        return dict(pikepdf.NumberTree(self.tree.ParentTree).items())

    # Pages

    @cached_property
    def annotations(self) -> list[tuple[Any, Any]]:
        return [(page, each) for page in self.pdf.pages for each in page.get("/Annots", [])]

    @cached_property
    def drawing(self) -> Drawing:
        drawing = Drawing()
        for page in self.pdf.pages:
            own = page.obj.get("/Resources")
            _Reader(self, drawing, page.obj, own).read(page)
            for each in page.get("/Annots", []):
                for form in _appearances(each):
                    _Reader(self, drawing, form, form.get("/Resources"), is_apart=True).read(form)
        return drawing

    @cached_property
    def fonts(self) -> list[Any]:
        """The fonts that resources name, each once, and those within them."""
        found: dict[Any, Any] = {}
        for each in self.dicts:
            resources = each.get("/Font")
            if is_dict(resources) and name_of(each.get("/Type")) != "FontDescriptor":
                for font in resources.values():
                    if is_dict(font):
                        found.setdefault(font.objgen, font)
                        for inner in listed(font.get("/DescendantFonts")):
                            found.setdefault(inner.objgen, inner)
        return list(found.values())


def _within(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Array):
        inner = list(value)
    elif is_dict(value):
        inner = [value.get(key) for key in value]
    else:
        return
    for each in inner:
        if not getattr(each, "is_indirect", False):
            yield from _within(each)


def _is_packed(value: Any) -> bool:
    return isinstance(value, Stream) and name_of(value.get("/Type")) == "ObjStm"


def _unpacked(raw: bytes) -> Iterator[bytes]:
    for each in re.finditer(rb"/ObjStm.*?stream\r?\n", raw, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(raw[each.end() :])
        except zlib.error:
            yield raw[each.end() : raw.find(b"endstream", each.end())]


def _appearances(annotation: Any) -> Iterator[Any]:
    for each in (annotation.get("/AP") or {}).values():
        yield from [each] if isinstance(each, Stream) else each.values()


_SPACE = b"\0\t\n\f\r "
_ENDS = _SPACE + b"()<>[]{}/%"


def lexed(text: bytes) -> Iterator[tuple[str, bytes]]:
    """The words of PDF: "chaîne", "hexa", "nom", "nombre", "mot"; marks are left out."""
    place = 0
    while place < len(text):
        sign = text[place : place + 1]
        start = place
        if sign in (b"<", b">") and text[place + 1 : place + 2] == sign:
            place += 2
        elif sign == b"<":
            end = text.find(b">", place)
            place = len(text) if end < 0 else end + 1
            yield "hexa", text[start + 1 : place - 1]
        elif sign == b"(":
            place = _end_of_string(text, place)
            yield "chaîne", text[start + 1 : place - 1]
        elif sign == b"%":
            end = re.compile(rb"[\r\n]").search(text, place)
            place = end.start() if end else len(text)
        elif sign == b"/" or sign not in [bytes([each]) for each in _ENDS]:
            place += 1
            while place < len(text) and text[place] not in _ENDS:
                place += 1
            word = text[start:place]
            if sign == b"/":
                yield "nom", word[1:]
            else:
                yield ("nombre" if re.fullmatch(rb"[+-]?[\d.]+", word) else "mot"), word
        else:
            place += 1


def _end_of_string(text: bytes, place: int) -> int:
    depth = 0
    while place < len(text):
        sign = text[place]
        if sign == 0x5C:
            place += 1
        elif sign == 0x28:
            depth += 1
        elif sign == 0x29:
            depth -= 1
            if not depth:
                return place + 1
        place += 1
    return place


class _Reader:
    """Reads what one stream draws, and the forms it calls."""

    def __init__(
        self,
        file: File,
        drawing: Drawing,
        holder: Any,
        resources: Any,
        marks: tuple[Mark, ...] = (),
        *,
        is_apart: bool = False,
    ) -> None:
        self.file, self.drawing, self.holder = file, drawing, holder
        self.resources = resources if resources is not None else Dictionary()
        self.marks, self.is_apart = list(marks), is_apart

    def read(self, stream: Any, depth: int = 0) -> None:
        drawing = self.drawing
        font, mode, level, saved = None, 0, 0, []
        for instruction in pikepdf.parse_content_stream(stream):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                self._inline(instruction.iimage)
                continue
            operands, word = instruction.operands, str(instruction.operator)
            drawing.operands += operands
            if word not in _OPERATORS:
                drawing.unknown.append(word)
            if word == "q":
                level += 1
                drawing.depths.append(level)
                saved.append((font, mode))
            elif word == "Q":
                level -= 1
                font, mode = saved.pop() if saved else (font, mode)
            elif word == "Tf":
                font = self._find("/Font", operands[0])
            elif word == "Tr":
                mode = int(operands[0])
            elif word in ("BDC", "BMC"):
                self._open(operands)
            elif word == "EMC":
                if self.marks:
                    self.marks.pop()
            elif word in ("rg", "RG"):
                drawing.spaces.append(Name.DeviceRGB)
            elif word in ("k", "K"):
                drawing.spaces.append(Name.DeviceCMYK)
            elif word in ("g", "G"):
                drawing.spaces.append(Name.DeviceGray)
            elif word in ("cs", "CS"):
                own = name_of(operands[0])
                is_device = own.startswith("Device") or own == "Pattern"
                drawing.spaces.append(
                    operands[0] if is_device else self._find("/ColorSpace", operands[0])
                )
            elif word == "ri":
                drawing.intents.append(name_of(operands[0]))
            elif word == "gs":
                self._find("/ExtGState", operands[0])
            elif word == "Do":
                self._call(operands[0], depth)
            if word == "sh":
                self._find("/Shading", operands[0])
            if word in _PAINTS:
                self._paint(_PAINTS[word])
            if _PAINTS.get(word) == "texte" and font is not None:
                self._show(font, operands[-1], mode)

    def _find(self, kind: str, name: Any) -> Any:
        found = (self.resources.get(kind) or {}).get(str(name))
        if found is None:
            self.drawing.missing.append(f"{kind} {name}")
        return found

    def _open(self, operands: Any) -> None:
        tag = name_of(operands[0])
        properties = operands[1] if len(operands) > 1 else Dictionary()
        if isinstance(properties, Name):
            properties = self._find("/Properties", properties) or Dictionary()
        number = properties.get("/MCID")
        is_tagged = number is not None and (self.holder.objgen, int(number)) in self.file.linked
        mark = Mark(
            tag,
            properties,
            is_tagged,
            tuple(each.tag for each in self.marks),
            any(each.is_tagged for each in self.marks),
        )
        self.drawing.marks.append(mark)
        self.marks.append(mark)

    def _paint(self, what: str) -> None:
        is_told = any(each.is_tagged or each.tag == "Artifact" for each in self.marks)
        self.drawing.items.append((what, is_told or self.is_apart))

    def _show(self, font: Any, operand: Any, mode: int) -> None:
        is_told = any("/ActualText" in each.properties for each in self.marks)
        width = 2 if name_of(font.get("/Subtype")) == "Type0" else 1
        for each in operand if isinstance(operand, Array) else [operand]:
            if isinstance(each, pikepdf.String):
                codes = bytes(each)
                for place in range(0, len(codes), width):
                    code = codes[place : place + width]
                    key = font.objgen, code, mode, is_told
                    if key not in self.drawing.shown:
                        self.drawing.shown[key] = Shown(font, code, mode, is_told)

    def _inline(self, image: Any) -> None:
        self._paint("image")
        told = image.obj
        filters = told.get("/Filter") or told.get("/F")
        self.drawing.inline_filters += [name_of(each) for each in listed(filters)] or [""]

    def _call(self, name: Any, depth: int) -> None:
        called = self._find("/XObject", name)
        if called is None:
            return
        if name_of(called.get("/Subtype")) != "Form":
            self._paint("image")
            return
        self.drawing.forms[called.objgen] = self.drawing.forms.get(called.objgen, 0) + 1
        if depth < _DEPTH:
            inner = _Reader(
                self.file,
                self.drawing,
                called,
                called.get("/Resources"),
                tuple(self.marks),
                is_apart=self.is_apart,
            )
            inner.read(called, depth + 1)
