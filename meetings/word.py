"""A document of Word of somebody else, read as HTML in a process of its own (`members.cells`).

Headings, paragraphs, bold, italic, lists and tables come through; pictures and whatever a note
does not hold are left and counted, kind by kind. Nothing outside the file is asked for, no macro is
read.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from members import cells

_MOST = 400_000  # characters of HTML: the note of no item is as long
_MOST_LISTS = 9  # within one another


def read(path: Path) -> dict[str, Any]:
    """Its `html`, not cleaned, and what is `left`, counted by kind; or the `fault` for which it is
    not read. Raises `cells.Excessive` for what unpacks to more than a document does."""
    told: dict[str, Any] = cells.ask(__name__, str(path))
    return told


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_OFF = ("0", "false", "off", "none")


class _Reader:
    """One document, element by element, as HTML."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.left: dict[str, int] = {}
        self.styles = {style.style_id: style for style in document.styles}
        self.formats = _formats(document)

    def leave(self, kind: str) -> str:
        self.left[kind] = self.left.get(kind, 0) + 1
        return ""

    def whole(self) -> str:
        for section in self.document.sections:
            for part in (section.header, section.footer):
                if not part.is_linked_to_previous and any(p.text.strip() for p in part.paragraphs):
                    self.leave("margin")
        return self.blocks(self.document.element.body)

    # Blocks

    def blocks(self, holder: Any) -> str:
        told: list[str] = []
        open_: list[str] = []  # tags of the lists that are open, from the outermost

        def close(to: int) -> None:
            while len(open_) > to:
                told.append(f"</li></{open_.pop()}>")

        for block in _unwrapped(holder):
            if block.tag == f"{_W}p":
                words = self.inline(block)
                level, tag = self.list_of(block)
                if tag:
                    close(level + 1)
                    if len(open_) == level + 1 and open_[-1] != tag:
                        close(level)
                    if len(open_) == level + 1:
                        told.append("</li><li>")
                    while len(open_) <= level:
                        open_.append(tag)
                        told.append(f"<{tag}><li>")
                    told.append(f"<p>{words}</p>")
                    continue
                close(0)
                heading = "h2" if self.is_heading(block) else "p"
                told.append(f"<{heading}>{words}</{heading}>")
            elif block.tag == f"{_W}tbl":
                close(0)
                told.append(self.table(block))
            elif block.tag in (f"{_W}altChunk", f"{_W}object"):
                self.leave("object")
        close(0)
        return "".join(told)

    def list_of(self, paragraph: Any) -> tuple[int, str]:
        """The level of an item and the tag of its list, "" for what is no item."""
        if self.is_heading(paragraph):
            return 0, ""
        styles = [*self.chain(_value(paragraph, "pPr", "pStyle"))]
        for holder in (paragraph, *styles):
            number = _value(holder, "pPr", "numPr", "numId")
            if number is not None:
                level = int(_value(holder, "pPr", "numPr", "ilvl") or 0)
                names = [*(_value(style, "name") or "" for style in styles), ""]
                if level == 0 and (told := re.search(r"^list .*([2-9])$", names[0], re.IGNORECASE)):
                    level = int(told[1]) - 1  # « List Bullet 2 » is a list of its own
                format_ = self.formats.get((number, str(level))) or self.formats.get((number, "0"))
                tag = {None: "", "none": "", "bullet": "ul"}.get(format_, "ol")
                return min(level, _MOST_LISTS - 1), tag
        return 0, ""

    def chain(self, style_id: str | None) -> Iterator[Any]:
        """A style, then those that it is based on."""
        seen: set[str] = set()
        while style_id in self.styles and style_id not in seen:
            seen.add(style_id)
            element = self.styles[style_id].element
            yield element
            style_id = _value(element, "basedOn")

    def is_heading(self, paragraph: Any) -> bool:
        level = _value(paragraph, "pPr", "outlineLvl")
        for style in self.chain(_value(paragraph, "pPr", "pStyle")):
            level = level if level is not None else _value(style, "pPr", "outlineLvl")
            name = (_value(style, "name") or "").casefold()
            if name in ("title", "titre", "subtitle", "sous-titre"):
                return True
        return level is not None and level.isdigit() and int(level) < 9

    def table(self, table: Any) -> str:
        rows: list[list[dict[str, Any]]] = []
        above: dict[int, dict[str, Any]] = {}  # the cell that goes on downwards, by column
        for row in table.iterchildren(f"{_W}tr"):
            column, here = 0, []
            is_head = row.find(f"{_W}trPr/{_W}tblHeader") is not None
            for cell in row.iterchildren(f"{_W}tc"):
                span = max(1, int(_value(cell, "tcPr", "gridSpan") or 1))
                merge = cell.find(f"{_W}tcPr/{_W}vMerge")
                if merge is not None and merge.get(f"{_W}val") != "restart" and column in above:
                    above[column]["rows"] += 1
                else:
                    told = {"span": span, "rows": 1, "html": self.blocks(cell), "head": is_head}
                    above[column] = told
                    here.append(told)
                column += span
            rows.append(here)
        return f"<table>{''.join(map(_row, rows))}</table>"

    # Words

    def inline(self, holder: Any) -> str:
        return "".join(self.word(each) for each in _unwrapped(holder))

    def word(self, element: Any) -> str:
        match str(element.tag).replace(_W, ""):
            case "r":
                return self.run(element)
            case "hyperlink" | "ins" | "smartTag" | "fldSimple" | "moveTo":
                return self.inline(element)
            case "del" | "moveFrom":
                return self.leave("deletion")
        return self.leave("formula") if str(element.tag).startswith(_MATHS) else ""

    def run(self, run: Any) -> str:
        if _is_on(run.find(f"{_W}rPr/{_W}vanish")):
            return self.leave("hidden")
        words = "".join(self.piece(each) for each in run)
        if not words.strip():
            return words
        for tag, name in (("strong", "b"), ("em", "i")):
            if self.has(run, name):
                words = f"<{tag}>{words}</{tag}>"
        raised = _value(run, "rPr", "vertAlign")
        tag = {"superscript": "sup", "subscript": "sub"}.get(raised or "", "")
        return f"<{tag}>{words}</{tag}>" if tag else words

    def has(self, run: Any, name: str) -> bool:
        """Whether a run is bold (`b`) or italic (`i`), by itself or by its style."""
        for holder in (run, *self.chain(_value(run, "rPr", "rStyle"))):
            told = holder.find(f"{_W}rPr/{_W}{name}")
            if told is not None:
                return _is_on(told)
        return False

    def piece(self, piece: Any) -> str:
        match str(piece.tag).replace(_W, ""):
            case "t":
                return escape(piece.text or "")
            case "tab":
                return " "
            case "br" | "cr":
                return "" if piece.get(f"{_W}type") in ("page", "column") else "<br>"
            case "noBreakHyphen":
                return "-"
            case "footnoteReference" | "endnoteReference":
                return self.leave("note")
            case "commentReference":
                return self.leave("comment")
            case "drawing" | "pict" | "object":
                is_box = next(piece.iter(f"{_W}txbxContent"), None) is not None
                return self.leave("box" if is_box else "image")
        if str(piece.tag) == f"{_COMPATIBILITY}AlternateContent":
            is_box = next(piece.iter(f"{_W}txbxContent"), None) is not None
            return self.leave("box" if is_box else "image")
        return ""


def _unwrapped(holder: Any) -> Iterator[Any]:
    """What an element holds, content controls and custom tags opened."""
    for child in holder.iterchildren():
        if child.tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            if content is not None:
                yield from _unwrapped(content)
        elif child.tag in (f"{_W}customXml", f"{_W}ins") and child.find(f".//{_W}p") is not None:
            yield from _unwrapped(child)
        else:
            yield child


def _value(element: Any, *path: str) -> str | None:
    """The `val` of an element under this one."""
    found = element.find("/".join(f"{_W}{name}" for name in path))
    return None if found is None else found.get(f"{_W}val")


def _is_on(told: Any) -> bool:
    return told is not None and told.get(f"{_W}val", "1") not in _OFF


def _row(cells_: list[dict[str, Any]]) -> str:
    told = []
    for cell in cells_:
        tag = "th" if cell["head"] else "td"
        spans = f'colspan="{cell["span"]}" rowspan="{cell["rows"]}"'
        told.append(f"<{tag} {spans}>{cell['html']}</{tag}>")
    return f"<tr>{''.join(told)}</tr>"


def _formats(document: Any) -> Mapping[tuple[str, str], str]:
    """How each level of each list is numbered: « bullet », « decimal »…"""
    try:
        numbering = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    abstract = {
        each.get(f"{_W}abstractNumId"): {
            level.get(f"{_W}ilvl"): _value(level, "numFmt") or ""
            for level in each.iterchildren(f"{_W}lvl")
        }
        for each in numbering.iterchildren(f"{_W}abstractNum")
    }
    return {
        (number.get(f"{_W}numId"), level): format_
        for number in numbering.iterchildren(f"{_W}num")
        for level, format_ in abstract.get(_value(number, "abstractNumId"), {}).items()
    }


def _read(path: str) -> dict[str, Any]:
    import docx

    try:
        document = docx.Document(path)
        if document.element.getroottree().docinfo.doctype:
            return {"fault": "declares"}
        reader = _Reader(document)
        html = reader.whole()
    except MemoryError:
        raise
    except Exception:  # whatever a broken or hostile file makes the reader raise
        return {"fault": "damaged"}
    if len(html) > _MOST:
        return {"fault": "excessive"}
    return {"html": html, "left": reader.left}


if __name__ == "__main__":
    cells.answer(_read)
