"""What was said, as HTML that can be trusted: a dozen tags, one way to write each thing.

`clean` takes whatever an editor, a paste or an import brings and gives back paragraphs, nested
lists and small tables. nh3 decides what is safe; the rest of this module decides what is tidy.
Two texts that read alike are written alike, so that comparing versions compares words.

One mark says what the paper keeps and the public does not read: `<mark class="sensible">`, a
sensitive passage (personal data, what was said behind closed doors). `public` takes them out.
A line « [vote] » says where the next vote falls in what was said: `passages`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser

import nh3

SENSITIVE = "sensible"
MARKS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "sup": "sup", "sub": "sub"}
LISTS = frozenset({"ul", "ol"})
CELLS = frozenset({"td", "th"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Tags that begin a new paragraph and leave no other trace.
BLOCKS = HEADINGS | frozenset(
    "address article aside blockquote caption center dd div dl dt figcaption figure footer form"
    " header hr main nav p pre section".split()
)
KNOWN = (
    frozenset(MARKS)
    | LISTS
    | CELLS
    | BLOCKS
    | {"li", "br", "mark", "table", "thead", "tbody", "tr"}
)
# Tags that go with what they hold; of any other unknown tag the words stay.
DROPPED = frozenset(
    "script style head title template xml svg math object iframe noscript select textarea".split()
)
SPANS = {cell: {"colspan", "rowspan"} for cell in CELLS}
MAX_SPAN = 100
# No real text nests as deep; what does is flattened, so that no recursion runs out of stack.
MAX_DEPTH = 60
MAX_LISTS = 9

_SPACE = re.compile(r"[ \t\n\r\f]+")
# Controls and invisible marks that no font prints and that XML refuses.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
_ANY_TAG = re.compile(r"<[a-zA-Z/!?]")


def clean(html: str) -> str:
    """The same words, and nothing else than p, strong, em, sup, sub, br, lists, tables and the
    mark of a sensitive passage.

    A text without any tag is taken as typed in a plain field: a blank line ends a paragraph.
    What holds no word is dropped; `clean(clean(x)) == clean(x)`. Size is the caller's business.
    """
    html = printable(html)
    if not _ANY_TAG.search(html):
        paragraphs = re.split(r"\n\s*\n", html.replace("\r\n", "\n"))
        html = "".join(f"<p>{escape(p.strip()).replace(chr(10), '<br>')}</p>" for p in paragraphs)
    return "".join(_written(block) for block in _blocks(_parse(_safe(html))))


# --- The source: who carries the mark, how deep it goes -------------------------------------------

# Two characters that are nobody's in Unicode: what stands between them was in a sensitive mark.
_IN, _OUT = "\ufdd0", "\ufdd1"
_CARRIED = re.compile(f"{_IN}(.*?){_OUT}", re.DOTALL)
# What a reader of HTML passes over, a tag (a quote in it may hold a « > »), or words.
_TOKEN = re.compile(
    r"""
    <!--(?:-?>|.*?(?:--!?>|\Z)) | <(?:[!?]|/(?![a-z]))[^>]*(?:>|\Z)
    | <(?P<raw>script|style|textarea|title|iframe)(?=[\s/>]).*?(?:</(?P=raw)(?=[\s/>])[^>]*>|\Z)
    | <(?P<end>/?)(?P<tag>[a-z][^\s/>]*)
      (?P<attributes>(?:[\s/]+|[^\s/>][^\s/>=]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"'][^\s>]*))?)*+)
      (?:>|\Z)
    | (?P<words>[^<]+|<)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_IS_SENSITIVE = re.compile(rf"\bclass\s*=.*\b{SENSITIVE}\b", re.IGNORECASE | re.DOTALL)
# Tags in which a reader of HTML would take other tags for words.
VERBATIM = frozenset("xmp plaintext noembed noframes".split())
# Tags that never hold one of their kind: one ends the one before it, or holds nothing.
SHALLOW = frozenset("p li td th tr thead tbody dd dt br hr img col option".split())
MAX_OPEN = 200  # the cleaner takes a time that grows as the square of this


def _carried(html: str) -> str:
    """The same, where each word said inside a sensitive mark carries it between `_IN` and `_OUT`.

    What reads HTML moves tags: a mark set around rows leaves its table, one too deep goes. Words
    stay words wherever they are moved, so a mark may come out wider than it was, never narrower.
    The tags that open deeper than any text does are left out; what they say stays.
    """
    told: list[str] = []
    marks = [False]  # for the text, then each mark that is open: is it, or one around, sensitive?
    depth = dropped = 0
    for token in _TOKEN.finditer(html):
        if words := token["words"]:
            words = escape(unescape(words), quote=False)
            is_in = marks[-1] and not words.isspace()
            told.append(f"{_IN}{words}{_OUT}" if is_in else words)
        if not (tag := (token["tag"] or "").lower()):
            continue
        if tag in DROPPED:
            dropped = max(0, dropped + (-1 if token["end"] else 1))
        elif tag == "mark" and not token["end"]:
            marks.append(marks[-1] or bool(_IS_SENSITIVE.search(unescape(token["attributes"]))))
        elif tag == "mark" and len(marks) > 1 and not dropped:
            marks.pop()
        is_kept = tag not in VERBATIM
        if tag not in SHALLOW:
            depth = max(0, depth - 1) if token["end"] else depth + 1
            is_kept &= depth < MAX_OPEN + (not token["end"])
        told.append(token[0] if is_kept else "")
    return "".join(told)


def _safe(html: str) -> str:
    return nh3.clean(
        _carried(printable(html)),
        tags=set(KNOWN),
        clean_content_tags=set(DROPPED),
        attributes=SPANS,
        allowed_classes={"mark": {SENSITIVE}},
        strip_comments=True,
        link_rel=None,
    )


# --- What the public reads ----------------------------------------------------------------------

LEFT_OUT = "[…]"
NOTE = (
    "[…] : passage non communicable au public, retiré de cette version (art. L311-6 du code des"
    " relations entre le public et l’administration)."
)


def public(html: str) -> str:
    """The text as anybody may read it: each sensitive passage is « […] », and a note says why."""
    blocks = _blocks(_parse(_safe(html)))
    if _leave_out(blocks):
        blocks.append(_Paragraph([(NOTE, frozenset({"em"}))]))
    return "".join(_written(block) for block in blocks)


def _leave_out(blocks: list["_Block"]) -> bool:
    """Replace the sensitive runs of these blocks, and say whether there was any; blocks in a row
    of which nothing is left are one."""
    found = False
    for block in blocks:
        match block:
            case _Paragraph():
                found |= _leave_out_runs(block)
            case _List(items=items):
                for item in items:
                    found |= _leave_out(item)
            case _Table(head=head, body=body):
                for cell in (cell for row in head + body for cell in row):
                    found |= _leave_out(cell.blocks)
    kept: list[_Block] = []
    for block in blocks:
        if not (_is_left_out(block) and kept and _is_left_out(kept[-1])):
            kept.append(block)
    blocks[:] = kept
    return found


def _leave_out_runs(paragraph: "_Paragraph") -> bool:
    if not any(SENSITIVE in marks for _, marks in paragraph.runs):
        return False
    kept: list[tuple[str, frozenset[str]]] = []
    between: list[tuple[str, frozenset[str]]] = []  # spaces and breaks after a passage
    is_out = False
    for text, marks in paragraph.runs:
        if SENSITIVE in marks:
            if not is_out:
                kept.append((" " * text.startswith(" ") + LEFT_OUT, frozenset()))
            is_out = True
            between = [(" ", frozenset())] if text.endswith(" ") else []
        elif is_out and text == "\n":
            between.append((text, marks))
        else:
            kept += [*between, (text, marks)]
            is_out, between = False, []
    paragraph.runs = kept
    return True


def _is_left_out(block: "_Block") -> bool:
    return isinstance(block, _Paragraph) and block.runs == [(LEFT_OUT, frozenset())]


# --- Where votes fall ---------------------------------------------------------------------------

_VOTE = re.compile(
    r"<p>(?:<(?:strong|em|mark)\b[^>]*>)*\s*\[\s*votes?\s*\]\s*(?:</\w+>)*</p>", re.IGNORECASE
)


def passages(html: str) -> list[str]:
    """What was said before the first vote, then after each place where « [vote] » stands alone on
    its line."""
    return _VOTE.split(html)


# --- Reading: what nh3 left, as a tree ----------------------------------------------------------


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["_Node | str"] = field(default_factory=list)


class _Reader(HTMLParser):
    """nh3 closes every tag in order, so a stack is enough."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("")
        self.stack = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        if tag in ("br", "hr"):
            self.stack[-1].children.append(node)
        elif len(self.stack) > MAX_DEPTH:
            self.stack.append(self.stack[-1])
        else:
            self.stack[-1].children.append(node)
            self.stack.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "hr") and len(self.stack) > 1:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)


def _parse(html: str) -> _Node:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def printable(text: str) -> str:
    """Without what cannot print; a narrow no-break space (absent from the serif) is a plain one."""
    return _UNPRINTABLE.sub("", text.replace("\u202f", "\u00a0"))


# --- Tidying: the tree as paragraphs, lists and tables ------------------------------------------


@dataclass(slots=True)
class _Paragraph:
    """Runs of text with the marks they carry; "\n" alone is a line break."""

    runs: list[tuple[str, frozenset[str]]]


@dataclass(slots=True)
class _List:
    tag: str
    items: list[list["_Block"]]


@dataclass(slots=True)
class _Cell:
    tag: str
    spans: str
    blocks: list["_Block"]


@dataclass(slots=True)
class _Table:
    head: list[list[_Cell]]
    body: list[list[_Cell]]


_Block = _Paragraph | _List | _Table


def _blocks(
    node: _Node, marks: frozenset[str] = frozenset(), *, tables: bool = True, lists: int = MAX_LISTS
) -> list[_Block]:
    """The blocks in a node; loose words between them become paragraphs. The empty are left out."""
    found: list[_Block] = []
    loose = _Paragraph([])

    def end_paragraph() -> None:
        nonlocal loose
        if runs := _trimmed(loose.runs):
            found.append(_Paragraph(runs))
        loose = _Paragraph([])

    def walk(children: list["_Node | str"], marks: frozenset[str]) -> None:
        for child in children:
            if isinstance(child, str):
                for rank, words in enumerate(_CARRIED.split(_SPACE.sub(" ", child))):
                    loose.runs.append((words, marks | {SENSITIVE} if rank % 2 else marks))
            elif child.tag == "br":
                loose.runs.append(("\n", frozenset()))
            elif child.tag in MARKS:
                walk(child.children, marks | {MARKS[child.tag]})
            elif child.tag == "mark":
                is_sensitive = SENSITIVE in child.attributes.get("class", "").split()
                walk(child.children, marks | {SENSITIVE} if is_sensitive else marks)
            elif child.tag in LISTS and lists:
                end_paragraph()
                found.extend(_list(child, marks, tables=tables, lists=lists - 1))
            elif child.tag == "table" and tables:
                end_paragraph()
                found.extend(_table(child, marks, lists=lists))
            elif child.tag == "li" and lists:
                end_paragraph()
                stray = _Node("ul", children=[child])
                found.extend(_list(stray, marks, tables=tables, lists=lists - 1))
            else:
                end_paragraph()
                walk(child.children, marks | {"strong"} if child.tag in HEADINGS else marks)
                end_paragraph()

    walk(node.children, marks)
    end_paragraph()
    return found


def _list(node: _Node, marks: frozenset[str], *, tables: bool, lists: int) -> list[_Block]:
    """The list, or nothing; a list set between items (as Word does) goes under the one before."""
    items: list[list[_Block]] = []
    for child in node.children:
        if isinstance(child, str):
            child = _Node("p", children=[child])
        if child.tag == "li":
            blocks = _blocks(child, marks, tables=tables, lists=lists)
            items.extend([blocks] if blocks else [])
        elif blocks := _blocks(_Node("", children=[child]), marks, tables=tables, lists=lists):
            if items and child.tag in LISTS:
                _append(items[-1], blocks)
            else:
                items.append(blocks)
    return [_List(node.tag, items)] if items else []


def _append(blocks: list[_Block], more: list[_Block]) -> None:
    """Add blocks to an item; a list that continues the list before it is one list with it."""
    last, first = blocks[-1], more[0]
    if isinstance(last, _List) and isinstance(first, _List) and last.tag == first.tag:
        last.items.extend(first.items)
        more = more[1:]
    blocks.extend(more)


def _table(node: _Node, marks: frozenset[str], *, lists: int) -> list[_Block]:
    head: list[list[_Cell]] = []
    body: list[list[_Cell]] = []
    before: list[_Block] = []

    def rows(children: list["_Node | str"], place: list[list[_Cell]]) -> None:
        for child in children:
            if isinstance(child, str):
                child = _Node("p", children=[child])
            if child.tag == "tr":
                cells = [
                    _Cell(cell.tag, _spans(cell), _blocks(cell, marks, tables=False, lists=lists))
                    for cell in child.children
                    if isinstance(cell, _Node) and cell.tag in CELLS
                ]
                if cells:
                    place.append(cells)
            elif child.tag in ("thead", "tbody"):
                rows(child.children, head if child.tag == "thead" else body)
            else:
                before.extend(_blocks(child, marks, tables=False, lists=lists))

    rows(node.children, body)
    if not any(cell.blocks for row in head + body for cell in row):
        return before
    return [*before, _Table(head, body)]


def _spans(cell: _Node) -> str:
    told = ""
    for name in ("colspan", "rowspan"):
        value = cell.attributes.get(name, "").strip()
        if value.isascii() and value.isdigit() and 1 < int(value[:4]) <= MAX_SPAN:
            told += f' {name}="{int(value)}"'
    return told


def _trimmed(runs: list[tuple[str, frozenset[str]]]) -> list[tuple[str, frozenset[str]]]:
    """Runs without space at either end of a line, equal neighbours joined; [] if no word."""
    if not any(text.strip() for text, _ in runs):
        return []
    told: list[tuple[list[str], frozenset[str]]] = []
    for text, marks in runs:
        if text == "\n":
            _drop_end_space(told)
            told.append(([text], marks))
            continue
        last = told[-1][0][-1] if told else "\n"
        if last == "\n":
            text = text.lstrip()
        elif last.endswith(" "):
            text = text.lstrip(" ")
        if not text:
            continue
        # A space alone carries no mark that one could see.
        if text == " " and last != "\n":
            marks = told[-1][1]
        if told and told[-1][1] == marks and last != "\n":
            told[-1][0].append(text)
        else:
            told.append(([text], marks))
    _drop_end_space(told)
    while told[-1][0] == ["\n"]:
        told.pop()
    first = next(rank for rank, (parts, _) in enumerate(told) if parts != ["\n"])
    return [("".join(parts), marks) for parts, marks in told[first:]]


def _drop_end_space(told: list[tuple[list[str], frozenset[str]]]) -> None:
    while told and told[-1][0] != ["\n"]:
        parts = told[-1][0]
        parts[-1] = parts[-1].rstrip()
        if parts[-1]:
            return
        parts.pop()
        if not parts:
            told.pop()


# --- Writing ------------------------------------------------------------------------------------


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of plain texts, as the editor writes one."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _written(block: _Block) -> str:
    match block:
        case _Paragraph():
            return f"<p>{_inline(block)}</p>"
        case _List(tag=tag, items=items):
            inner = "".join(f"<li>{_tight(item)}</li>" for item in items)
            return f"<{tag}>{inner}</{tag}>"
        case _Table(head=head, body=body):
            parts = (("thead", head), ("tbody", body))
            inner = "".join(f"<{tag}>{_rows(rows)}</{tag}>" for tag, rows in parts if rows)
            return f"<table>{inner}</table>"


def _tight(blocks: list[_Block]) -> str:
    """What an item or a cell holds: its only paragraph needs no tag of its own."""
    paragraphs = sum(isinstance(block, _Paragraph) for block in blocks)
    if paragraphs == 1 and isinstance(blocks[0], _Paragraph):
        return _inline(blocks[0]) + "".join(_written(block) for block in blocks[1:])
    return "".join(_written(block) for block in blocks)


def _rows(rows: list[list[_Cell]]) -> str:
    return "".join(
        "<tr>" + "".join(f"<{c.tag}{c.spans}>{_tight(c.blocks)}</{c.tag}>" for c in row) + "</tr>"
        for row in rows
    )


_OPENING = {SENSITIVE: f'<mark class="{SENSITIVE}">'}


def _inline(paragraph: _Paragraph) -> str:
    told: list[str] = []
    opened: list[str] = []

    def close(down_to: int) -> None:
        while len(opened) > down_to:
            mark = opened.pop()
            told.append("</mark>" if mark == SENSITIVE else f"</{mark}>")

    for text, marks in paragraph.runs:
        shared = 0
        while shared < len(opened) and opened[shared] in marks:
            shared += 1
        close(shared)
        for mark in (SENSITIVE, "strong", "em", "sup", "sub"):
            if mark in marks and mark not in opened:
                opened.append(mark)
                told.append(_OPENING.get(mark, f"<{mark}>"))
        told.append("<br>" if text == "\n" else escape(text, quote=False))
    close(0)
    return "".join(told)
