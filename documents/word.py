"""From a paper to a word-processor file (DOCX), to be finished by hand.

The file is made from the very page that is printed (`render.render_html`), element by element, so
that it says the same words in the same order. What the style sheets draw is drawn again with
named styles ("Délibération", "Visa"…), which whoever finishes the file may change at one place.
"""

import base64
import re
import zipfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import lru_cache
from io import BytesIO
from typing import Any

from lxml import html as markup

from documents import papers, render

SERIF, SANS = "Cambria", "Calibri"
_INK, _SOFT, _MARK, _RULE = "16181B", "4A4F55", "1F3F5B", "B9BEC4"


# --- Styles -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A named style of paragraph; lengths in points."""

    name: str
    size: float = 10.5
    bold: bool = False
    italic: bool = False
    small_caps: bool = False
    color: str = _INK
    align: str = "left"
    before: float = 0
    after: float = 4
    indent: float = 0
    hanging: float = 0
    keep_next: bool = False
    bar: bool = False  # a rule along its left side
    sans: bool = False


_BODY = Style(name="Normal")
_HEADINGS = {
    "h1": Style(name="Heading 1", size=21, color=_MARK, after=6, keep_next=True),
    "h2": Style(name="Heading 2", size=13, color=_MARK, before=16, after=5, keep_next=True),
    "h3": Style(name="Heading 3", size=11.5, bold=True, before=12, after=2, keep_next=True),
}
# The styles that classes of the page take; a class that is not here is set as its neighbours.
_STYLES = {
    "subtitle": Style(name="Sous-titre du papier", size=12, after=14),
    "issuer": Style(name="Émetteur", size=12, small_caps=True, after=0),
    "service": Style(name="Service de l’émetteur", size=9, color=_SOFT, after=0),
    "kicker": Style(name="Surtitre", size=10, small_caps=True, color=_SOFT, keep_next=True),
    "place-date": Style(name="Lieu et date", align="right", before=10, after=14),
    "opening": Style(name="Ouverture", after=6),
    "rapporteur": Style(name="Rapporteur", size=9, color=_SOFT, keep_next=True),
    "under": Style(name="Précision", size=8.5, color=_SOFT, after=1),
    "small": Style(name="Petits caractères", size=8.5, color=_SOFT, after=2),
    "happened": Style(name="Événement", italic=True, before=3),
    "votes": Style(name="Votes nominatifs", size=9, indent=10, bar=True),
    "decision": Style(name="Décision", indent=10, bar=True, after=3),
    "visa": Style(name="Visa", indent=17, hanging=17, after=5),
    "decides": Style(name="Décide", bold=True, before=10, after=8, keep_next=True),
    "article": Style(name="Article", indent=17, hanging=17, after=6),
    "author": Style(name="Auteur de l’acte", after=8, keep_next=True),
    "object": Style(name="Objet", size=12, bold=True, after=10, keep_next=True),
    "closing": Style(name="Levée", before=16),
    "edition": Style(name="Version", size=8.5, color=_SOFT, before=16),
    "courtesy": Style(name="Formule de politesse", before=10, keep_next=True),
    "office": Style(name="Qualité du signataire", color=_SOFT, after=0, keep_next=True),
    "value": Style(name="Chiffre", size=14, color=_MARK, after=0, keep_next=True),
    "label": Style(name="Légende", size=8.5, color=_SOFT, after=0),
    "first": Style(name="Prénom", size=34, align="center", after=0),
    "last": Style(name="Nom", size=60, bold=True, color=_MARK, align="center", after=0),
    "quality": Style(name="Qualité", size=17, color=_SOFT, align="center"),
    "link": Style(name="Adresse", size=9.5, sans=True),
    "address": Style(name="Adresse de l’émetteur", size=8.5, color=_SOFT, align="right", after=0),
    "window": Style(name="Destinataire", size=11, after=0),
    "sticker": Style(name="Étiquette", size=10, after=0, indent=26),
    "subject": Style(name="Objet de la lettre", size=11.5, bold=True, after=12, keep_next=True),
    "cell": Style(name="Cellule", size=9, after=1),
    "head": Style(name="Tête de colonne", size=8.5, color=_SOFT, after=1, keep_next=True),
    "college": Style(name="Collège", size=10, small_caps=True, before=4, after=1, keep_next=True),
    "agenda": Style(name="Ordre du jour", size=10, after=2),
    "choice": Style(name="Case à cocher", indent=20, hanging=20, after=7),
}
# Sections that set the paragraphs within them.
_WITHIN = ("decision", "address", "window", "agenda", "sticker")
_ROOM = 42  # points left to sign
# Boxes side by side: tables without rules.
_ROWS = {"letterhead", "figures", "appointment", "signatures", "online"}
_BLOCKS = {
    *("p", "div", "section", "ul", "ol", "li", "table", "blockquote", "h1", "h2", "h3", "body"),
}
# Columns that are not wide, by the class of their cells, in millimetres.
_COLUMNS = {
    "rank": 9,
    "hour": 18,
    "page": 18,
    "day": 33,
    "year": 28,
    "what": 52,
    "box": 7,
    "hand": 52,
}
# Rows with room to write, by the class of their table, in millimetres; their cells are boxes.
_HEIGHTS = {"sign": 11.5, "by-hand": 27, "rounds": 8, "counts": 10}
_NEW_PAGE = {"draft", "letter", "plate"}
# What no page may part.
_WHOLE = {"last-lines", "ballot"}
# The window of an envelope, from the corner of the sheet, in millimetres: left, top, width, height.
_WINDOW = (105, 44, 90, 36)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How some words of a paragraph are set."""

    bold: bool = False
    italic: bool = False
    raised: bool = False
    lowered: bool = False
    soft: bool = False
    symbol: bool = False


_INLINE = {
    "strong": {"bold": True},
    "b": {"bold": True},
    "em": {"italic": True},
    "i": {"italic": True},
    "sup": {"raised": True},
    "sub": {"lowered": True},
}
_SPANS = {
    "present": {"bold": True},
    "excused": {"italic": True},
    "title": {"bold": True},
    "label": {"bold": True},
    "mark": {"italic": True},
    "number": {"soft": True},
    "note": {"soft": True},
    "remark": {"soft": True},
    "office": {"soft": True},
    "box": {"symbol": True},
}


# --- The file ---------------------------------------------------------------------------------


def render_docx(paper: papers.Paper) -> bytes:
    """The paper as a DOCX: the words of the printed page, in styles that can be changed."""
    page = markup.document_fromstring(render.render_html(paper))
    writer = _Writer(paper)
    writer.blocks(page.find("body"), _Place(_Container(writer.document)))
    return writer.saved()


@lru_cache(maxsize=16)
def _with_styles(mark: str) -> bytes:
    """An empty file with every style, in the colour of a body: to define them takes longer than to
    write most papers."""
    import docx

    document = docx.Document()
    for style in (_BODY, *_HEADINGS.values(), *_STYLES.values()):
        _define(document, style, mark)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _define(document: Any, style: Style, mark: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    known = document.styles
    if style.name in known:
        defined = known[style.name]
    else:
        defined = known.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
        defined.base_style = known["Normal"]
    font, place = defined.font, defined.paragraph_format
    font.size, font.bold, font.italic = Pt(style.size), style.bold, style.italic
    color = mark if style.color == _MARK else style.color
    font.small_caps, font.color.rgb = style.small_caps, RGBColor.from_string(color)
    _name_font(defined.element.get_or_add_rPr(), SANS if style.sans else SERIF)
    if style is _BODY:
        _add(defined.element.get_or_add_rPr(), "w:lang", val="fr-FR")
    place.space_before, place.space_after = Pt(style.before), Pt(style.after)
    place.line_spacing = 1.15
    place.left_indent, place.first_line_indent = Pt(style.indent), Pt(-style.hanging)
    place.keep_with_next, place.widow_control = style.keep_next, True
    place.alignment = WD_ALIGN_PARAGRAPH[style.align.upper()]
    if style is _STYLES["window"]:
        left, top, width, height = (str(round(each * 1440 / 25.4)) for each in _WINDOW)
        frame = _make("w:framePr", w=width, h=height, hRule="exact", wrap="notBeside")
        _say(frame, vAnchor="page", hAnchor="page", x=left, y=top)
        defined.element.get_or_add_pPr().insert_element_before(frame, *_AFTER_FRAME)
    if style.bar:
        borders = _make("w:pBdr")
        _add(borders, "w:left", val="single", sz="12", space="6", color=mark)
        properties = defined.element.get_or_add_pPr()
        properties.insert_element_before(borders, *_AFTER_BORDERS)


class _Container:
    """The body, or a cell: it hands out paragraphs and tables."""

    def __init__(self, target: Any, *, is_cell: bool = False) -> None:
        self.target, self.is_cell = target, is_cell
        # A cell is born with a paragraph, and must end with one.
        self.spare = target.paragraphs[0] if is_cell else None

    @property
    def is_empty(self) -> bool:
        return not self.is_cell and len(self.target.element.body) == 1  # its section

    def paragraph(self) -> Any:
        spare, self.spare = self.spare, None
        return self.target.add_paragraph() if spare is None else spare

    def table(self, rows: int, columns: int) -> Any:
        if self.spare is not None:
            self.spare._p.getparent().remove(self.spare._p)
        table = self.target.add_table(rows, columns)
        table.autofit = False
        self.spare = self.target.paragraphs[-1] if self.is_cell else None
        return table

    def copy(self, table: Any) -> None:
        """A copy of a table, which the body alone takes."""
        self.target.element.body._insert_tbl(deepcopy(table))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next block goes, and what surrounds it.

    `item` holds the paragraphs of the list item it is in, `depth` how deep, `bullet` its mark.
    """

    container: _Container
    style: Style = _BODY
    classes: frozenset[str] = frozenset()
    depth: int = 0
    bullet: str = ""
    item: Sequence[Any] = ()

    def within(self, classes: frozenset[str]) -> "_Place":
        """The same place inside an element of these classes."""
        style = next((_STYLES[name] for name in _WITHIN if name in classes), self.style)
        return replace(self, classes=self.classes | classes, style=style)


class _Writer:
    """Builds one file, element by element."""

    def __init__(self, paper: papers.Paper) -> None:
        import docx

        self.paper, self.page = paper, paper.page
        if self.page.is_landscape:  # a plate that folds along its middle is written down its length
            self.page = replace(self.page, is_landscape=False, margins=(10, 0, 4, 0))
        _, right, _, left = self.page.margins
        self.measure = self.page.size[0] - right - left  # how wide the text is
        style = paper.issuer.style
        self.mark = style.accent.removeprefix("#").upper() if style and style.accent else _MARK
        self.foot = style.footer if style else ""
        self.document = docx.Document(BytesIO(_with_styles(self.mark)))
        self.bullets: dict[str, int] = {}
        self.tables: dict[tuple[bytes, frozenset[str]], Any] = {}  # by what they say
        self.ids: dict[str, str | None] = {}  # of the styles, by their names
        self._set_up()

    # Setting up

    def _set_up(self) -> None:
        from docx.shared import Mm

        core = self.document.core_properties
        core.title, core.author, core.comments = self.paper.name, self.paper.issuer.name, ""
        core.last_modified_by, core.language = self.paper.issuer.name, "fr-FR"
        core.created = core.modified = datetime.combine(self.paper.dated, time())
        (section,) = self.document.sections
        section.page_width, section.page_height = map(Mm, self.page.size)
        top, right, bottom, left = self.page.margins
        section.top_margin, section.right_margin = Mm(top), Mm(right)
        section.bottom_margin, section.left_margin = Mm(bottom), Mm(left)
        section.header_distance, section.footer_distance = Mm(min(12, top)), Mm(min(12, bottom))
        if self.page.is_headed:
            self._write_heads(section)

    def _write_heads(self, section: Any) -> None:
        """The running head from the second page on; the line of the body and the number at the
        foot of every page."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
        from docx.shared import Mm

        section.different_first_page_header_footer = True
        head = section.header.paragraphs[0]
        self._dress(head, _STYLES["small"])
        head.paragraph_format.tab_stops.add_tab_stop(Mm(self.measure), WD_TAB_ALIGNMENT.RIGHT)
        head.add_run(f"{self.paper.running_head}\t{self.paper.issuer.name}").font.small_caps = True
        for footer in (section.footer, section.first_page_footer):
            line = footer.paragraphs[0]
            self._dress(line, _STYLES["small"])
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            if self.foot:
                line.add_run(self.foot).add_break()
            _add_number(line, "PAGE")
            line.add_run(" / ")
            _add_number(line, "NUMPAGES")

    # Blocks

    def blocks(self, element: Any, place: _Place) -> None:
        """The content of an element: blocks one after the other, loose words as a paragraph."""
        loose = [(element.text or "", Format())]
        for child in element:
            if not isinstance(child.tag, str):
                continue  # a comment
            if child.tag in _BLOCKS:
                self._paragraph(loose, place)
                loose = []
                self._block(child, place)
            else:
                loose += _words(child, Format())
            loose.append((child.tail or "", Format()))
        self._paragraph(loose, place)

    def _block(self, element: Any, place: _Place) -> None:
        classes = _classes(element)
        place = place.within(classes)
        if "watermark" in classes:
            return
        if element.tag in ("p", *_HEADINGS):
            style = next((_STYLES[name] for name in sorted(classes) if name in _STYLES), None)
            if style is None and element.tag in _HEADINGS:
                style = _HEADINGS[element.tag]
            self._paragraph(list(_inner_words(element, Format())), place, style)
        elif element.tag in ("ul", "ol"):
            self._list(element, place)
        elif element.tag == "table":
            self._table(element, place)
        elif "evidence" in classes:
            self._boxes([list(row) for row in element], place)
        elif "sheet" in classes:
            self._boxes([list(row) for row in element], place, height=37)
        elif classes & _ROWS:
            self._boxes([list(element)], place)
        elif "plate" in classes:
            self._plate(element, place)
        elif "hand" in classes:
            self._leave_room(place)
        else:
            if classes & _NEW_PAGE and element.getprevious() is not None:
                self._break_page(place)
            self.blocks(element, place)

    def _paragraph(self, words: Sequence[Any], place: _Place, style: Style | None = None) -> None:
        from docx.shared import Mm

        told = list(_collapsed(words))
        if not told:
            return
        paragraph = place.container.paragraph()
        self._dress(paragraph, style or place.style)
        if "signature" in place.classes:
            paragraph.paragraph_format.left_indent = Mm(self.measure * 0.52)
        if place.depth:
            self._hang(paragraph, place)
        if place.classes & _WHOLE:
            paragraph.paragraph_format.keep_together = True
            paragraph.paragraph_format.keep_with_next = True
        for content, format in told:
            if isinstance(content, str):
                _run(paragraph, content, format)
            else:
                _picture(paragraph, content)

    def _dress(self, paragraph: Any, style: Style) -> None:
        """Give it this style. The library looks through all of them for each paragraph."""
        from docx.enum.style import WD_STYLE_TYPE

        if style.name not in self.ids:
            part = self.document.part
            self.ids[style.name] = part.get_style_id(style.name, WD_STYLE_TYPE.PARAGRAPH)
        paragraph._p.style = self.ids[style.name]

    def _leave_room(self, place: _Place) -> None:
        from docx.shared import Pt

        paragraph = place.container.paragraph()
        paragraph.paragraph_format.space_after = Pt(_ROOM)
        paragraph.paragraph_format.keep_with_next = True

    def _break_page(self, place: _Place) -> None:
        from docx.enum.text import WD_BREAK
        from docx.shared import Pt

        paragraph = place.container.paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run().add_break(WD_BREAK.PAGE)

    # Lists

    def _list(self, element: Any, place: _Place) -> None:
        drawn = _bullet(place.classes, place.depth)
        for item in element:
            if item.tag == "li":
                bullet = "" if _classes(item) & {"between", "numbered"} else drawn
                inner = replace(place, depth=place.depth + 1, bullet=bullet, item=[])
                self.blocks(item, inner.within(_classes(item)))

    def _hang(self, paragraph: Any, place: _Place) -> None:
        """Indent a paragraph of a list, and draw the mark of the first one of its item."""
        from docx.shared import Pt

        is_agenda = "agenda" in place.classes
        step, is_first = (23 if is_agenda else 13), not place.item
        place.item.append(paragraph)
        paragraph.paragraph_format.left_indent = Pt(step * place.depth)
        hangs = is_first and (place.bullet or is_agenda)
        paragraph.paragraph_format.first_line_indent = Pt(-step if hangs else 0)
        if is_first and place.bullet:
            numbered = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            numbered.get_or_add_ilvl().val = 0
            numbered.get_or_add_numId().val = self._bullet_number(place.bullet)

    def _bullet_number(self, bullet: str) -> int:
        """The list of the file whose marks are this character, made when it is first asked for."""
        if bullet not in self.bullets:
            numbering = self.document.part.numbering_part.element
            number = 900 + len(self.bullets)
            abstract = _make("w:abstractNum", abstractNumId=str(number))
            level = _add(abstract, "w:lvl", ilvl="0")
            for name, value in (("start", "1"), ("numFmt", "bullet"), ("lvlText", bullet)):
                _add(level, f"w:{name}", val=value)
            numbering.insert(0, abstract)
            pointer = _add(numbering, "w:num", numId=str(number))
            _add(pointer, "w:abstractNumId", val=str(number))
            self.bullets[bullet] = number
        return self.bullets[bullet]

    # Tables

    def _table(self, element: Any, place: _Place) -> None:
        """A table; one that says the same as one before it is a copy of it."""
        said = markup.tostring(element, with_tail=False), place.classes & _WHOLE
        known = self.tables.get(said)
        if known is not None and not place.container.is_cell and b"<img" not in said[0]:
            place.container.copy(known)
        elif (made := self._new_table(element, place)) is not None:
            self.tables[said] = made._tbl
        else:
            return
        self._set_apart(place, is_last=element.getnext() is None)

    def _new_table(self, element: Any, place: _Place) -> Any:
        """`None` when it holds nothing."""
        rows = list(element.iter("tr"))
        columns = max((sum(map(_across, row)) for row in rows), default=0)
        if not columns:
            return None
        from docx.shared import Mm

        table = place.container.table(len(rows), columns)
        grid = _Grid(table)
        _pad(table)
        height = next((_HEIGHTS[name] for name in _classes(element) & _HEIGHTS.keys()), 0)
        widths: dict[int, float] = {}
        taken: set[tuple[int, int]] = set()
        for rank, row in enumerate(rows):
            is_head = row.getparent().tag == "thead" or (not rank and {*_tags(row)} == {"th"})
            if height and not is_head and "college" not in _classes(row):
                grid.rows[rank].height = Mm(height)
            settings = grid.rows[rank]._tr.get_or_add_trPr()
            _add(settings, "w:cantSplit")
            if is_head:
                _add(settings, "w:tblHeader")
            column = 0
            for cell in row:
                while (rank, column) in taken:
                    column += 1
                across = min(_across(cell), columns - column)
                down = min(int(cell.get("rowspan", 1)), len(rows) - rank)
                if across < 1:
                    break
                taken |= {(rank + y, column + x) for y in range(down) for x in range(across)}
                for name in _classes(cell) & _COLUMNS.keys():
                    widths[column] = _COLUMNS[name]
                target = grid.cells[rank][column]
                if across > 1 or down > 1:
                    target = target.merge(grid.cells[rank + down - 1][column + across - 1])
                style = _STYLES["head" if is_head else "cell"]
                if "college" in _classes(row):
                    style = _STYLES["college"]
                _underline(target, strong=is_head, is_box=bool(height) and not is_head)
                classes = _classes(cell) | (place.classes & _WHOLE)
                self.blocks(cell, _Place(_Container(target, is_cell=True), style, classes))
                column += across
        _size(table, columns, widths, self.measure)
        return table

    def _plate(self, element: Any, place: _Place) -> None:
        """A name on both sides of a sheet that is folded along its middle: one side is written
        downwards, the other upwards, and the fold is at the head of both."""
        from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
        from docx.shared import Mm

        if element.getprevious() is not None:
            self._break_page(place)
        front, back, _ = element
        table = place.container.table(1, 2)
        _pad(table)
        grid = _Grid(table)
        grid.rows[0].height, grid.rows[0].height_rule = Mm(265), WD_ROW_HEIGHT_RULE.EXACTLY
        for cell, side, direction in zip(
            grid.cells[0], (back, front), ("tbRl", "btLr"), strict=True
        ):
            _add(cell._tc.get_or_add_tcPr(), "w:textDirection", val=direction)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            self.blocks(side, replace(place, container=_Container(cell, is_cell=True)))
        _size(table, 2, {}, self.measure)

    def _boxes(self, rows: Sequence[Sequence[Any]], place: _Place, height: float = 0) -> None:
        """Boxes side by side, without rules; of a `height` in millimetres when it matters."""
        from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
        from docx.shared import Mm

        columns = max(map(len, rows), default=0)
        if not columns:
            return
        table = place.container.table(len(rows), columns)
        grid = _Grid(table)
        for line, cells, row in zip(grid.rows, grid.cells, rows, strict=True):
            _add(line._tr.get_or_add_trPr(), "w:cantSplit")
            if height:
                line.height = Mm(height)
                line.height_rule = WD_ROW_HEIGHT_RULE.EXACTLY
            for cell, element in zip(cells, row, strict=False):
                if height:
                    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
                inner = replace(place, container=_Container(cell, is_cell=True))
                self._block(element, inner)
        _size(table, columns, {}, self.measure)
        if not height:
            self._set_apart(place)

    def _set_apart(self, place: _Place, *, is_last: bool = False) -> None:
        """Two tables that touch become one: something must stand between them."""
        from docx.shared import Pt

        if not place.container.is_cell:
            paragraph = place.container.paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.paragraph_format.line_spacing = Pt(6)
            if place.classes & _WHOLE and not is_last:
                paragraph.paragraph_format.keep_with_next = True

    # Saving

    def saved(self) -> bytes:
        """The same bytes for the same paper: the archive is dated as the paper is."""
        out, again = BytesIO(), BytesIO()
        self.document.save(out)
        dated = self.paper.dated
        when = (max(dated.year, 1980), dated.month, dated.day, 0, 0, 0)
        with zipfile.ZipFile(out) as source, zipfile.ZipFile(again, "w") as target:
            for entry in source.infolist():
                target.writestr(
                    zipfile.ZipInfo(entry.filename, when),
                    source.read(entry),
                    zipfile.ZIP_DEFLATED,
                )
        return again.getvalue()


# --- Words ------------------------------------------------------------------------------------


def _classes(element: Any) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _words(element: Any, format: Format) -> Iterator[tuple[Any, Format]]:
    """The words of an inline element, as they are set; a picture stands for itself."""
    if element.tag == "img":
        yield element, format
        return
    if element.tag == "br":
        yield "\n", format
        return
    changes = dict(_INLINE.get(element.tag, {}))
    for name in _classes(element):
        changes |= _SPANS.get(name, {})
    yield from _inner_words(element, replace(format, **changes))
    if "number" in _classes(element) and _is_in_agenda(element):
        yield "\t", format  # titles are set under one another


def _is_in_agenda(element: Any) -> bool:
    return any("agenda" in _classes(each) for each in element.iterancestors("ul"))


def _inner_words(element: Any, format: Format) -> Iterator[tuple[Any, Format]]:
    yield element.text or "", format
    for child in element:
        if isinstance(child.tag, str):
            yield from _words(child, format)
        yield child.tail or "", format


def _collapsed(words: Sequence[tuple[Any, Format]]) -> Iterator[tuple[Any, Format]]:
    """The same words, spaces made one and none at either end, as a browser shows them."""
    told: list[tuple[Any, Format]] = []
    ends_open = True  # a space here would begin the line
    for content, format in words:
        if isinstance(content, str) and content not in ("\n", "\t"):
            content = re.sub(r"[ \t\r\n]+", " ", content)
            if ends_open:
                content = content.lstrip(" ")
            if not content:
                continue
            ends_open = content.endswith(" ")
        else:
            ends_open = content in ("\n", "\t")
        told.append((content, format))
    while told and isinstance(told[-1][0], str) and not told[-1][0].strip(" \n\t"):
        told.pop()
    if told and isinstance(told[-1][0], str):
        told[-1] = (told[-1][0].rstrip(" "), told[-1][1])
    yield from told


def _run(paragraph: Any, text: str, format: Format) -> None:
    from docx.shared import RGBColor

    run = paragraph.add_run(text)
    if format.bold:
        run.bold = True
    if format.italic:
        run.italic = True
    if format.raised:
        run.font.superscript = True
    if format.lowered:
        run.font.subscript = True
    if format.soft:
        run.font.color.rgb = RGBColor.from_string(_SOFT)
    if format.symbol:
        _name_font(run._element.get_or_add_rPr(), "Segoe UI Symbol")


def _picture(paragraph: Any, image: Any) -> None:
    from docx.image.exceptions import UnrecognizedImageError
    from docx.shared import Mm

    height = Mm(21 if "code" in _classes(image.getparent()) else 14)
    content = base64.b64decode(image.get("src", "").partition("base64,")[2])
    try:
        shape = paragraph.add_run().add_picture(BytesIO(content), height=height)
    except UnrecognizedImageError:
        return  # a word processor would not show it either
    paragraph.paragraph_format.keep_with_next = True  # what it shows is told below
    shape._inline.docPr.set("descr", image.get("alt", ""))


def _bullet(classes: frozenset[str], depth: int) -> str:
    """What a list draws before its items, as the style sheets have it."""
    if "agenda" in classes:
        return ""
    if "items" in classes and "said" not in classes:
        return "–" if depth else "•"
    return "·" if depth and "said" in classes else "–"


def _across(cell: Any) -> int:
    return int(cell.get("colspan", 1))


def _tags(row: Any) -> Iterator[str]:
    return (cell.tag for cell in row)


# --- What python-docx does not say ------------------------------------------------------------

# What the format wants after the borders of a paragraph, and after its frame: Word refuses another
# order.
_AFTER_BORDERS = (
    *("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct"),
    *("w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd"),
    *("w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents"),
    *("w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap"),
    *("w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange"),
)
_AFTER_FRAME = ("w:widowControl", "w:numPr", "w:suppressLineNumbers", "w:pBdr", *_AFTER_BORDERS)


def _make(tag: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement

    return _say(OxmlElement(tag), **attributes)


def _say(element: Any, **attributes: str) -> Any:
    from docx.oxml.ns import qn

    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    element = _make(tag, **attributes)
    parent.append(element)
    return element


def _name_font(properties: Any, name: str) -> None:
    """For Latin letters and for the others: Word asks twice."""
    fonts = properties.get_or_add_rFonts()
    for each in list(fonts.attrib):
        del fonts.attrib[each]  # the fonts of the theme would prevail
    _say(fonts, ascii=name, hAnsi=name, cs=name, eastAsia=name)


def _add_number(paragraph: Any, name: str) -> None:
    """A field that the word processor computes: PAGE, NUMPAGES."""
    for kind in ("begin", "", "end"):
        run = paragraph.add_run()._r
        if kind:
            _add(run, "w:fldChar", fldCharType=kind)
        else:
            _add(run, "w:instrText").text = name


def _pad(table: Any) -> None:
    """Room above and below the words of a cell, none on its left: they begin where the text does.
    Without it the rule between two rows cuts the accents of capitals."""
    margins = _make("w:tblCellMar")
    for side, width in (("top", 45), ("left", 0), ("bottom", 45), ("right", 115)):
        _add(margins, f"w:{side}", w=str(width), type="dxa")
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption")


def _underline(cell: Any, *, strong: bool, is_box: bool) -> None:
    """The rule under a cell, darker under the heads of columns; around it when it is to be written
    in."""
    borders = _add(cell._tc.get_or_add_tcPr(), "w:tcBorders")
    color = _INK if strong else _RULE
    for side in ("top", "left", "bottom", "right") if is_box else ("bottom",):
        _add(borders, f"w:{side}", val="single", sz="4", space="0", color=color)


class _Grid:
    """The rows of a new table and their cells, each found once: python-docx counts the cells of the
    whole table again for each that is asked for."""

    def __init__(self, table: Any) -> None:
        from docx.table import _Cell

        self.rows = list(table.rows)
        self.cells = [[_Cell(each, table) for each in row._tr.tc_lst] for row in self.rows]


def _size(table: Any, columns: int, known: dict[int, float], measure: float) -> None:
    """Give each column its width, what is left being shared by those that say nothing."""
    from docx.shared import Mm

    free = [column for column in range(columns) if column not in known]
    left = max(measure - sum(known.values()), 12 * len(free))
    widths = [
        known.get(column, left / len(free) if free else measure / columns)
        for column in range(columns)
    ]
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Mm(width)
    for row in table._tbl.tr_lst:
        place = 0
        for cell in row.tc_lst:
            cell.width = Mm(sum(widths[place : place + cell.grid_span]))
            place += cell.grid_span
