"""Tables that a paper repeats, laid out and drawn once: a stereotype is type cast whole, and
printed again wherever it stands.

Sheets to vote on set the names of everybody under each point: thirteen thousand cells for forty
points of sixty members, each with its style, its place, its ink and its tag. Here the first of
these tables is set as ever; in the place of each other stands an empty box as high. Once the
structure is mended the box is given what the first one drew, moved, and a copy of its tags.

That is the same page as long as none of these tables is cut by the end of one: each must stand in
a block that is whole on its page, or everything is laid out (`Cut`). What is kept follows how
WeasyPrint (`requirements.txt` pins it) draws a page: first the rules of its tables, then its words.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydyf
import weasyprint.draw as drawing
from weasyprint.formatting_structure import boxes
from weasyprint.layout import block

CAST, AGAIN = "data-cast", "data-again"
# Letters of HTML: a shorter table is laid out again as fast, and unless one is long the page is.
_SHORT, _LONG = 300, 4000
# What has a place of its own in the file: a link, a picture, a title.
_OWN = ("<a ", "<img", "<h", " id=", " style=", " data-")


class Cut(Exception):
    """A table that is repeated, or one that repeats it, is not whole on its page."""


# --- The page to lay out ------------------------------------------------------------------------


def once(page: str) -> str | None:
    """The page with each long table that was there before left empty; `None` when none is."""
    pieces = page.split("<table")
    counts = Counter(_table(piece) for piece in pieces[1:])
    names = {told: str(rank) for rank, told in enumerate(counts) if told and counts[told] > 1}
    if max(map(len, names), default=0) < _LONG:
        return None
    seen: set[str] = set()
    for rank, piece in enumerate(pieces):
        told = _table(piece) if rank else ""
        if told not in names:
            continue
        classes, _, inner = piece.partition(">")
        if told in seen:
            left = inner.partition("</table>")[2]
            pieces[rank] = f'{classes} {AGAIN}="{names[told]}" style="display:block"></table>{left}'
        else:
            pieces[rank] = f'{classes} {CAST}="{names[told]}">{inner}'
        seen.add(told)
    return "<table".join(pieces)


def _table(piece: str) -> str:
    """The table that begins here, when it may stand for another and holds none."""
    told, end, _ = piece.partition("</table>")
    return told if end and len(told) > _SHORT and not any(each in told for each in _OWN) else ""


# --- Layout -------------------------------------------------------------------------------------

_lay = block.block_level_layout_switch


def block_level_layout_switch(context: Any, box: Any, *told: Any, **named: Any) -> Any:
    """Lay out a block; one that stands for a table is as high as that table is."""
    if box.element_tag != "table" or box.element is None or isinstance(box, boxes.TableBox):
        return _lay(context, box, *told, **named)
    heights: dict[str, float] = vars(context).setdefault("cast_heights", {})
    if again := box.element.get(AGAIN):
        if again not in heights:
            raise Cut
        box.height = heights[again]
    laid = _lay(context, box, *told, **named)
    if (cast := box.element.get(CAST)) and laid[0] is not None and laid[1] is None:
        heights[cast] = laid[0].height
    return laid


block.block_level_layout_switch = block_level_layout_switch


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a table stands: the rank of its page, its box."""

    page: int
    box: Any


def places(page: str, document: Any) -> dict[Any, _Place]:
    """Where each of these tables stands, by its element. Raises `Cut` when one of them, or the
    block that is to hold it whole, is on two pages."""
    found: list[tuple[Any, _Place, Any]] = []
    pieces: Counter[Any] = Counter()

    def look(box: Any, rank: int, holder: Any) -> None:
        box = getattr(box, "_box", box)
        if isinstance(box, boxes.MarginBox | boxes.LineBox | boxes.TableBox):
            return
        if box.element_tag == "table" and (box.element.get(CAST) or box.element.get(AGAIN)):
            found.append((box.element, _Place(rank, box), holder))
        elif isinstance(box, boxes.ParentBox):
            if box.style["break_inside"] == "avoid":
                holder = box.element
                pieces[holder] += 1
            for child in box.children:
                look(child, rank, holder)

    for rank, each in enumerate(document.pages):
        look(each._page_box, rank, None)
    standing = {element: place for element, place, _ in found}
    wanted = page.count(f" {CAST}=") + page.count(f" {AGAIN}=")
    if not len(standing) == len(found) == wanted or any(pieces[each] != 1 for _, _, each in found):
        raise Cut
    sizes = {element.get(CAST): _size(place.box) for element, place in standing.items()}
    for element, place in standing.items():
        if (again := element.get(AGAIN)) and _size(place.box) != sizes[again]:
            raise Cut
    return standing


def _size(box: Any) -> tuple[float, float]:
    return box.border_width(), box.border_height()


# --- Drawing ------------------------------------------------------------------------------------

_table_drawn = drawing.draw_table
_blocks_drawn = drawing.draw_block_level


@dataclass(frozen=True, slots=True)
class _Begins:
    """In the words of a page: here begins what a table draws."""

    table: Any


@dataclass(frozen=True, slots=True)
class _Ends:
    """Here it ends."""


@dataclass(frozen=True, slots=True)
class _Again:
    """Here a table is to be drawn again."""

    table: Any


def draw_table(stream: Any, table: Any) -> None:
    """Draw the rules of a table; note where those of one that is repeated are."""
    if table.element is None or not table.element.get(CAST):
        _table_drawn(stream, table)
        return
    with _noted(stream, table.element):
        _table_drawn(stream, table)


def draw_block_level(page: Any, stream: Any, blocks: Mapping[Any, Any]) -> None:
    """Draw the words of blocks; note where those of a table that is repeated are, and where they
    are wanted again."""
    for each, inner in blocks.items():
        element = each.element if each.element_tag == "table" else None
        if element is None or isinstance(each, boxes.TableBox):
            _blocks_drawn(page, stream, {each: inner})
        elif element.get(AGAIN):
            stream.stream.append(_Again(element))
        elif element.get(CAST):
            with _noted(stream, element):
                _blocks_drawn(page, stream, {each: inner})
        else:
            _blocks_drawn(page, stream, {each: inner})


class _noted:
    """What is drawn here is noted, and says by itself its colours and its fonts."""

    def __init__(self, stream: Any, table: Any) -> None:
        self.stream, self.table = stream, table

    def __enter__(self) -> None:
        self.stream.stream.append(_Begins(self.table))
        self.stream.push_state()
        for name in ("color", "color_stroke", "alpha", "alpha_stroke", "font"):
            setattr(self.stream, f"_current_{name}", None)

    def __exit__(self, *_: object) -> None:
        self.stream.pop_state()
        self.stream.stream.append(_Ends())


drawing.draw_table = draw_table
drawing.draw_block_level = draw_block_level


# --- The file -----------------------------------------------------------------------------------


class _Cast:
    """What a table draws, its marks left open; and its part of the structure."""

    def __init__(self, element: Any, place: _Place) -> None:
        self.element, self.place = element, place
        self.pieces: list[bytes] = []
        self.marks: list[int] = []
        self.open: list[bytes] = []
        self.ranks: dict[bytes, int] = {}  # of the tags within it, in the order of their copies
        self.tags: list[tuple[bytes, list[tuple[int, int]]]] = []

    def add(self, words: Sequence[Any]) -> None:
        """More of what it draws."""
        for word in words:
            if isinstance(word, pydyf.Dictionary) and "MCID" in word:
                self.marks.append(word["MCID"])
                self.pieces.append(b"\n".join([*self.open, b"<</MCID "]))
                self.open = [b">>"]
            else:
                self.open.append(pydyf._to_bytes(word))

    def drawn(self, first: int, right: float, down: float) -> bytes:
        """The same drawn farther, its marks counted from `first`."""
        moved = f"q\n1 0 0 1 {right:f} {down:f} cm\n".encode()
        told = [moved]
        for rank, piece in enumerate(self.pieces, start=first):
            told += [piece, b"%d" % rank]
        return b"".join([*told, b"\n".join(self.open), b"\nQ"])


class Printer:
    """Prints again in a file what it drew once."""

    def __init__(self, pdf: Any, standing: Mapping[Any, _Place], made: Mapping[Any, Any]) -> None:
        self.pdf, self.standing, self.made = pdf, standing, made
        root = self._at(pdf.catalog["StructTreeRoot"])
        self.numbers = self._at(root["ParentTree"])["Nums"]
        self.pages = pdf.page_references
        self.casts = {
            element.get(CAST): _Cast(made[element], place)
            for element, place in standing.items()
            if element.get(CAST)
        }

    def print(self) -> None:
        """Put in each place what stands there."""
        streams = [self._at(self._at(page)["Contents"]) for page in self.pages]
        for stream in streams:
            stream.stream = list(self._read(stream.stream))
        for rank, stream in enumerate(streams):
            for place, word in enumerate(stream.stream):
                if isinstance(word, _Again):
                    stream.stream[place] = self._again(word.table, rank)

    def _at(self, reference: Any) -> Any:
        return self.pdf.objects[int(reference.split()[0])]

    def _read(self, words: Sequence[Any]) -> Iterator[Any]:
        """The words of a page; those of a table that is repeated are noted too."""
        within: list[Any] = []
        table: Any = None
        for word in words:
            if isinstance(word, _Begins):
                table, within = word.table, []
            elif isinstance(word, _Ends):
                self.casts[table.get(CAST)].add(within)
            else:
                within.append(word)
                yield word

    def _again(self, table: Any, rank: int) -> bytes:
        cast, box = self.casts[table.get(AGAIN)], self.standing[table].box
        first = cast.place.box
        here = self.numbers[2 * rank + 1]
        begin = len(here)
        here.extend(self._copy(cast, self.made[table], self.pages[rank], begin))
        return cast.drawn(
            begin,
            box.border_box_x() - first.border_box_x(),
            box.border_box_y() - first.border_box_y(),
        )

    def _copy(self, cast: _Cast, target: Any, page: bytes, begin: int) -> list[bytes]:
        """Fill the tag of a table as that of the first one is; by mark, the tag that holds it."""
        told = cast.tags or self._tags(cast)
        bases = (len(self.pdf.objects), begin, int(page.split()[0]), target.number)
        for pattern, slots in told:
            self.pdf.add_object(_Written(pattern % (*(bases[base] + n for base, n in slots),)))
        kept = {key: value for key, value in cast.element.items() if key not in ("K", "P", "Pg")}
        kids = (b"%d 0 R" % (bases[0] + cast.ranks[kid]) for kid in cast.element["K"])
        target.update(kept, K=pydyf.Array(kids), Pg=page)
        there = self.numbers[2 * cast.place.page + 1]
        return [b"%d 0 R" % (bases[0] + cast.ranks[there[mark]]) for mark in cast.marks]

    def _tags(self, cast: _Cast) -> list[tuple[bytes, list[tuple[int, int]]]]:
        """How the tags within a table are written: each with what differs from one copy to the
        next, which counts from the first tag of the copy, its first mark, its page or its table."""
        waiting = list(cast.element["K"])
        for kid in waiting:  # it grows meanwhile
            cast.ranks[kid] = len(cast.ranks)
            waiting += (each for each in self._at(kid)["K"] if isinstance(each, bytes))
        marks = {mark: rank for rank, mark in enumerate(cast.marks)}
        names = {
            tag["ID"].string: rank
            for tag, rank in ((self._at(kid), rank) for kid, rank in cast.ranks.items())
            if "ID" in tag
        }

        def written(tag: Any, rank: int) -> tuple[bytes, list[tuple[int, int]]]:
            parts, slots = [], []

            def say(pattern: bytes, base: int, number: int) -> bytes:
                slots.append((base, number))
                return pattern

            for key, value in tag.items():
                match key:
                    case "P" if value == cast.element.reference:
                        word = say(b"%d 0 R", 3, 0)
                    case "P":
                        word = say(b"%d 0 R", 0, cast.ranks[value])
                    case "Pg":
                        word = say(b"%d 0 R", 2, 0)
                    case "ID":
                        word = say(b"(%d)", 0, rank)
                    case "K":
                        word = b"[%s]" % b" ".join(
                            say(b"%d 0 R", 0, cast.ranks[each])
                            if isinstance(each, bytes)
                            else say(b"%d", 1, marks[_mark(each)])
                            for each in value
                        )
                    case "A" if "Headers" in value:
                        told = {name: each for name, each in value.items() if name != "Headers"}
                        heads = b" ".join(
                            say(b"(%d)", 0, names[head.string]) for head in value["Headers"]
                        )
                        word = _plain(pydyf.Dictionary(told))[:-2] + b"/Headers [%s]>>" % heads
                    case _:
                        word = _plain(value)
                parts.append(b"/%s %s" % (key.encode(), word))
            return b"<<%s>>" % b"".join(parts), slots

        cast.tags = [written(self._at(kid), rank) for kid, rank in cast.ranks.items()]
        return cast.tags


class _Written(pydyf.Object):  # type: ignore[misc]  # pydyf has no types
    """An object whose words are known."""

    def __init__(self, words: bytes) -> None:
        super().__init__()
        self.words = words

    @property
    def data(self) -> bytes:
        return self.words


def _mark(kid: Any) -> int:
    """The number of a mark that a tag holds, alone or with its page."""
    number: int = kid["MCID"] if isinstance(kid, dict) else kid
    return number


def _plain(value: Any) -> bytes:
    written: bytes = pydyf._to_bytes(value)
    return written.replace(b"%", b"%%")
