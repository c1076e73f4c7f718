"""What a drawing says to whoever listens to it: its structure, mended before the file is written.

WeasyPrint builds a structure page by page: a table, a list or a paragraph that the end of a page
cuts becomes two, its repeated heads are read again, and a cell is given the heads of every college.
Here the pieces of one element of the page are made one again, and what only the eye needs (running
heads, repeated heads of tables, the far side of a name plate) is said to be no part of the text.

`mend` follows the boxes that were laid out and the structure that was made of them side by side:
it knows how WeasyPrint (`requirements.txt` pins it) makes the one from the other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pydyf
from weasyprint.formatting_structure import boxes

POINT = 0.75  # of a pixel of a style sheet


# Asked of every tag, and made each time of every page: a tenth of the time of four hundred pages.
_make_references = pydyf.PDF.page_references.fget


def _page_references(self: Any) -> tuple[bytes, ...]:
    pages = self.pages["Kids"]
    known: tuple[int, tuple[bytes, ...]] = self.__dict__.get("_known_pages", (-1, ()))
    if known[0] != len(pages):
        known = self.__dict__["_known_pages"] = len(pages), _make_references(self)
    return known[1]


pydyf.PDF.page_references = property(_page_references)
_MERGED = {"/Sect", "/Div", "/Part", "/P", "/L", "/LI", "/LBody", "/BlockQuote", "/Art"}


def mend(document: Any, pdf: Any) -> dict[Any, Any]:
    """Mend the structure of a drawing: `document` as it was laid out, `pdf` as it will be
    written. The tag of each table, by its element on the page."""
    made: dict[Any, Any] = {}
    if "StructTreeRoot" in pdf.catalog:
        structure = _Structure(document, pdf)
        structure.mend()
        for box, element in structure.found:
            if element["S"] == "/Table":
                made.setdefault(box.element, element)
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    return made


@dataclass(slots=True)
class _Cell:
    """A cell of a table: what it was made from, and the rows and columns that it takes."""

    box: Any
    element: Any

    @property
    def is_head(self) -> bool:
        return bool(self.box.element_tag == "th")

    @property
    def scope(self) -> str:
        told: str = self.box.element.get("scope", "")
        return told

    @property
    def across(self) -> int:
        return int(self.element["A"].get("ColSpan", 1))

    @property
    def down(self) -> int:
        return int(self.element["A"].get("RowSpan", 1))


@dataclass(slots=True)
class _Row:
    """A row of a table, and the group it stands in."""

    element: Any
    group: Any
    is_in_head: bool
    cells: list[_Cell] = field(default_factory=list)


class _Structure:
    """The structure of one drawing."""

    def __init__(self, document: Any, pdf: Any) -> None:
        self.document, self.pdf = document, pdf
        self.root = self._at(pdf.catalog["StructTreeRoot"])
        self.found: list[tuple[Any, Any]] = []  # a box, and the element that was made of it

    def mend(self) -> None:
        """Everything, in an order in which each step finds what it needs."""
        (top,) = (self._at(each) for each in self.root["K"])
        kids = iter([self._at(each) for each in top["K"]])
        for page in self.document.pages:
            self._follow(page._page_box, kids)
        self._set_pictures()
        self._say_links()
        for box, element in self.found:
            self._mark_number(box, element)
            self._unfold(box, element)
        self._hold_bodies()
        silent = [each for each in self.found if self._is_silent(each[0])]
        for _, element in silent:
            self._drop(element)
        self._join()
        for table in self._tables():
            self._square(table)
            self._associate(table)
        self._silence()

    # Objects

    def _at(self, reference: Any) -> Any:
        return self.pdf.objects[int(reference.split()[0])]

    def _kids(self, element: Any) -> list[Any]:
        """The elements within an element."""
        inner = [self._at(each) for each in element["K"] if isinstance(each, bytes)]
        return [each for each in inner if each.get("Type") == "/StructElem"]

    def _new(self, kind: str, parent: Any) -> Any:
        element = pydyf.Dictionary(
            {"Type": "/StructElem", "S": kind, "K": pydyf.Array(), "P": parent.reference}
        )
        if "Pg" in parent:
            element["Pg"] = parent["Pg"]
        self.pdf.add_object(element)
        return element

    def _drop(self, element: Any) -> None:
        """Take an element out of the structure, with all that it holds."""
        kids = self._at(element["P"])["K"]
        if element.reference in kids:
            kids.remove(element.reference)

    def _move(self, kid: Any, source: Any, target: Any) -> None:
        """Put what an element holds at the end of another."""
        if isinstance(kid, bytes):
            inner = self._at(kid)
            if inner.get("Type") == "/StructElem":
                inner["P"] = target.reference
        else:  # a piece of a page: it must say of which one
            kid = pydyf.Dictionary({"Type": "/MCR", "Pg": source["Pg"], "MCID": kid})
        target["K"].append(kid)

    def _fill(self, source: Any, target: Any) -> None:
        """Put all that an element holds at the end of another, and take it away."""
        for kid in source["K"]:
            self._move(kid, source, target)
        self._drop(source)
        self._replace(source, target)

    def _replace(self, source: Any, target: Any) -> None:
        """Lead to the one what led to the other, in the tree of parents."""
        places = self._led.pop(source.reference, [])
        for numbers, place in places:
            numbers[place] = target.reference
        self._led[target.reference] += places

    @cached_property
    def _led(self) -> dict[bytes, list[tuple[Any, int]]]:
        """By element, the places of the tree of parents that lead to it."""
        found: dict[bytes, list[tuple[Any, int]]] = defaultdict(list)
        numbers = self._at(self.root["ParentTree"])["Nums"]
        for rank in range(1, len(numbers), 2):
            if isinstance(numbers[rank], list):
                for place, told in enumerate(numbers[rank]):
                    found[told].append((numbers[rank], place))
            else:
                found[numbers[rank]].append((numbers, rank))
        return found

    # Boxes and elements side by side

    def _follow(self, box: Any, kids: Iterator[Any]) -> None:
        """Note the element that was made of a box, and of all within it."""
        box = getattr(box, "_box", box)  # what is placed apart
        if isinstance(box, boxes.MarginBox):
            return
        if isinstance(box, boxes.PageBox) or box.element_tag in ("html", "body"):
            if isinstance(box, boxes.ParentBox) and not isinstance(box, boxes.LineBox):
                for child in box.children:
                    self._follow(child, kids)
                return
        element = next(kids)
        has_mark = "list-item" in box.style["display"] and box.style["list_style_type"] != "none"
        if element["S"] == "/LI" and not (box.element_tag == "li" and has_mark):
            (element,) = self._kids(element)
        self.found.append((box, element))
        own = iter(self._kids(element))
        if element["S"] == "/LI":
            self._follow_item(box, element, own, kids)
            return
        for child in self._children(box):
            if not isinstance(child, boxes.TextBox):
                self._follow(child, own)
            elif element["S"] != "/Link":
                next(own)

    def _follow_item(self, box: Any, item: Any, own: Iterator[Any], beside: Iterator[Any]) -> None:
        """The same of an item: the lists within it were hung beside it, and come back where they
        stand."""
        held = []
        for child in self._children(box):
            is_list = child.element_tag in ("ul", "ol") and not isinstance(child, boxes.TextBox)
            kid = next(beside if is_list else own)
            if not isinstance(child, boxes.TextBox):
                self._follow(child, iter([kid]))
            if is_list:
                self._drop(kid)
                kid["P"] = item.reference
            held.append(kid.reference)
        item["K"] = pydyf.Array(held)

    def _children(self, box: Any) -> Iterator[Any]:
        children = box.children
        if box.element_tag == "table" and getattr(box, "is_table_wrapper", False):
            table = box.get_wrapped_table()
            children = [
                each
                for child in box.children
                for each in (child.children if child is table else [child])
            ]
        for child in children:
            yield from child.children if isinstance(child, boxes.LineBox) else [child]

    # What is said of each

    def _set_pictures(self) -> None:
        """Where each picture stands, in points from the foot of its page."""
        for box, element in self.found:
            if element["S"] == "/Figure":
                height = self._at(element["Pg"])["MediaBox"][3]
                left, top = box.content_box_x() * POINT, box.content_box_y() * POINT
                right, low = left + box.width * POINT, top + box.height * POINT
                element["A"]["BBox"] = pydyf.Array([left, height - low, right, height - top])

    def _say_links(self) -> None:
        """Where a link leads, in words: what it is titled, or its own words."""
        for box, _ in self.found:
            if box.link_annotation and box.element is not None:
                told = box.element.get("title") or " ".join("".join(box.element.itertext()).split())
                if told:
                    box.link_annotation["Contents"] = pydyf.String(told)

    def _unfold(self, box: Any, element: Any) -> None:
        """What is written short is said whole."""
        if box.element_tag == "abbr":
            element["S"] = "/Span"
            element["E"] = pydyf.String(box.element.get("title", ""))

    def _mark_number(self, box: Any, element: Any) -> None:
        """The number of a point is the mark of its item."""
        if box.element_tag != "span" or "number" not in box.element.get("class", "").split():
            return
        paragraph = self._at(element["P"])
        body = self._at(paragraph["P"])
        item = self._at(body["P"]) if body["S"] == "/LBody" else body
        if paragraph["S"] != "/P" or item["S"] != "/LI":
            return
        is_first = element["K"] and paragraph["K"][0] == element.reference
        if is_first and not any(kid["S"] == "/Lbl" for kid in self._kids(item)):
            mark = self._new("/Lbl", item)
            mark["Pg"] = element["Pg"]
            paragraph["K"].remove(element.reference)
            self._move(element.reference, paragraph, mark)
            item["K"].insert(0, mark.reference)

    def _hold_bodies(self) -> None:
        """An item holds its mark and one body, and nothing else."""
        for item in self._all():
            if item["S"] != "/LI":
                continue
            loose = [kid for kid in self._kids(item) if kid["S"] != "/Lbl"]
            if not loose or (len(loose) == 1 and loose[0]["S"] == "/LBody"):
                continue
            body = self._new("/LBody", item)
            body["Pg"] = loose[0]["Pg"]
            for kid in loose:
                item["K"].remove(kid.reference)
                self._move(kid.reference, item, body)
                if kid["S"] == "/LBody":
                    kid["S"] = "/Div"
            item["K"].append(body.reference)

    def _all(self) -> list[Any]:
        """Every element, in reading order."""
        found, waiting = [], [self._at(each) for each in self.root["K"]]
        while waiting:
            element = waiting.pop()
            found.append(element)
            waiting += reversed(self._kids(element))
        return found

    @staticmethod
    def _is_silent(box: Any) -> bool:
        return box.element is not None and box.element.get("aria-hidden") == "true"

    # What the end of a page cut

    def _join(self) -> None:
        """Make one again the pieces of an element that several pages share. The pieces of a table
        are its own affair: see `_tables`."""
        first: dict[tuple[Any, str, str], Any] = {}
        for box, element in self.found:
            if box.element is None or element["S"] not in _MERGED:
                continue
            key = box.element, box.element_tag, element["S"]
            known = first.setdefault(key, element)
            if known is element or known["Pg"] == element["Pg"]:
                continue
            item, holder = self._at(known["P"]), self._at(element["P"])
            if self._at(element["P"])["S"] == "/LI" and item["S"] == "/LI" and item is not holder:
                self._fill(element, known)
                self._fill(holder, item)
            elif element.reference in self._at(element["P"])["K"]:
                self._fill(element, known)

    # Tables

    def _tables(self) -> Iterator[list[_Row]]:
        """The rows of each table, its pieces made one."""
        first: dict[Any, Any] = {}
        rows: dict[Any, dict[Any, _Row]] = {}
        groups: dict[Any, Any] = {}
        cells: dict[Any, _Cell] = {}
        told = {element.reference: box for box, element in self.found}
        for box, element in self.found:
            if element["S"] == "/Table":
                known = first.setdefault(box.element, element)
                if known is not element:
                    self._drop(element)
            elif element["S"] == "/TR":
                group = self._at(element["P"])
                group_box, table = told[group.reference], self._table_of(element)
                own = rows.setdefault(told[table.reference].element, {})
                if group_box.element in groups:
                    kept = groups[group_box.element]
                    if kept is not group and box.element not in own:
                        self._drop(element)
                        self._move(element.reference, group, kept)
                else:
                    kept = groups[group_box.element] = group
                    whole = first[told[table.reference].element]
                    if whole is not table:
                        self._drop(group)
                        self._move(group.reference, table, whole)
                if box.element in own:
                    self._drop(element)
                else:
                    is_in_head = bool(kept["S"] == "/THead")
                    own[box.element] = _Row(element, kept, is_in_head)
            elif element["S"] in ("/TD", "/TH") and box.element_tag in ("td", "th"):
                row = self._at(element["P"])
                line = told[row.reference].element
                table = told[self._table_of(row).reference].element
                if box.element not in cells:
                    cells[box.element] = _Cell(box, element)
                    rows[table][line].cells.append(cells[box.element])
                elif not rows[table][line].is_in_head:
                    self._fill(element, cells[box.element].element)
        for own in rows.values():
            yield list(own.values())

    def _table_of(self, row: Any) -> Any:
        element = self._at(row["P"])
        while element["S"] != "/Table":
            element = self._at(element["P"])
        return element

    def _square(self, rows: list[_Row]) -> None:
        """Give all the rows of a table that was typed as many columns: no cell runs over another or
        past the last row, and what lacks is empty."""
        taken: set[tuple[int, int]] = set()
        left = Counter(id(row.group) for row in rows)
        for rank, row in enumerate(rows):
            below, column = left[id(row.group)], 0
            left[id(row.group)] -= 1
            for cell in row.cells:
                while (rank, column) in taken:
                    column += 1
                across, down = cell.across, min(cell.down, below)
                while any((rank, column + each) in taken for each in range(across)):
                    across -= 1
                for key, size in (("ColSpan", across), ("RowSpan", down)):
                    cell.element["A"].pop(key, None)
                    if size > 1:
                        cell.element["A"][key] = size
                taken |= {(rank + d, column + a) for d in range(down) for a in range(across)}
        width = max((column for _, column in taken), default=-1) + 1
        held = Counter(rank for rank, _ in taken)
        for rank, row in enumerate(rows):
            for _ in range(width - held[rank]):
                empty = self._new("/TD", row.element)
                empty["A"] = pydyf.Dictionary({"O": "/Table"})
                row.element["K"].append(empty.reference)

    def _associate(self, rows: list[_Row]) -> None:
        """Give each cell its heads: that of its row, that of its group, those of its columns."""
        columns: dict[int, list[Any]] = {}
        within: Any = None
        group: Any = None
        taken: dict[tuple[int, int], Any] = {}
        for rank, row in enumerate(rows):
            if row.group is not group:
                group, within = row.group, None
            is_all_heads = all(cell.is_head for cell in row.cells)
            beside: list[Any] = []
            follows_head, column = False, 0
            for cell in row.cells:
                while (rank, column) in taken:
                    column += 1
                places = range(column, column + cell.across)
                taken |= {(rank + d, c): cell for d in range(cell.down) for c in places}
                told = cell.element["A"]
                heads = [head for place in places for head in columns.get(place, ())]
                heads = list(dict.fromkeys(([within] if within else []) + heads))
                if cell.is_head:
                    own = pydyf.String(f"{cell.element.number}")
                    cell.element["ID"] = own
                    is_row = cell.scope == "row" or (not cell.scope and not is_all_heads)
                    told["Scope"] = "/Row" if is_row else "/Column"
                    if is_row:
                        beside = [*beside, own] if follows_head else [own]
                    elif cell.scope == "rowgroup":
                        within, heads = own, []
                    else:
                        for place in places:
                            columns.setdefault(place, []).append(own)
                        heads = []
                told.pop("Headers", None)
                if heads or (beside and not cell.is_head):
                    told["Headers"] = pydyf.Array([*([] if cell.is_head else beside), *heads])
                follows_head, column = cell.is_head, column + cell.across

    # What is no part of the text

    def _silence(self) -> None:
        """What no element holds any more is drawn beside the text, and never read."""
        kept = {id(element) for element in self._all()}
        numbers = self._at(self.root["ParentTree"])["Nums"]
        for rank, page in enumerate(self.pdf.page_references):
            place = 2 * rank + 1
            silent = {
                number
                for number, told in enumerate(numbers[place])
                if id(self._at(told)) not in kept
            }
            if silent:
                self._set_aside(self._at(self._at(page)["Contents"]), silent)
                for number in silent:
                    numbers[place][number] = "null"

    @staticmethod
    def _set_aside(stream: Any, silent: set[int]) -> None:
        words: list[Any] = []
        for word in stream.stream:
            if word == b"BDC" and words and words[-1].get("MCID") in silent:
                words[-2:] = ["/Artifact"]
                word = b"BMC"
            words.append(word)
        stream.stream = words
