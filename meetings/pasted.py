"""A list of titles pasted at once, read as an agenda. Pure.

One title a line. What heads a line (a number, a letter, a dash, a bullet) goes when it is surely no
word of the title: « 3 postes à créer » keeps its number, « 3. Emprunt » loses it, and « 3 Emprunt »
loses it between « 2 Budget » and « 4 Voirie ». Nothing else is taken out of a line but who reports,
and no title is made up. What may be read otherwise is a doubt, told beside its line.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from law import french
from members.models import folded

MAX_LINES = 200
MAX_TITLE = 500


class Person(Protocol):
    """Whoever may report."""

    @property
    def key(self) -> str:
        """What an item keeps of a person."""

    @property
    def name(self) -> str:
        """The whole name, as papers print it."""

    @property
    def first_name(self) -> str:
        """As it is."""

    @property
    def last_name(self) -> str:
        """As it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """One line as it was read: `heads` says that it only holds those below it, `doubts` what
    somebody should look at."""

    text: str
    depth: int = 0
    heads: bool = False
    rapporteur: Person | None = None
    doubts: tuple[str, ...] = ()


def read(
    text: str, *, people: Sequence[Person] = (), known: Collection[str] = ()
) -> tuple[Title, ...]:
    """The titles that these lines hold, in order; `known` are those of the agenda already.

    >>> [(title.text, title.depth) for title in read("I. Finances\\n- Budget\\n- Emprunt")]
    [('Finances', 0), ('Budget', 1), ('Emprunt', 1)]
    """
    lines = [_Line(raw) for raw in re.split(r"\r\n?|\n", text) if raw.strip()]
    _settle_marks(lines)
    lines = [line for line in lines if line.words]
    _settle_depths(lines)
    titles = [_title(line, people) for line in lines]
    if len(titles) == 1:  # typed by hand: what it looks like is what it is
        return (replace(titles[0], heads=False),)
    return tuple(_doubted(titles, lines, known))


# --- What heads a line ----------------------------------------------------------------------------

_BULLETS = "•*·▪▫◦●○■□►▶➢➤✓✔‣⁃"
_ROMANS = {french.roman(number): number for number in range(1, 40)}
_NUMBERED = re.compile(
    r"(?P<mark>(?:point n[°º]|point|n[°º])\s?(?P<value>\d{1,3})\s?[.):–—-]\s+)", re.IGNORECASE
)
_LETTERED = re.compile(
    r"(?P<mark>\(?(?P<value>[A-Za-z]|[IVX]{2,}|[ivx]{2,})\s?(?:\)\s*|[.°/:–—-](?:\s+|$)))"
)
_SURE = (
    ("bullet", re.compile(rf"(?P<mark>(?:[-–—]+(?:\s+|$)|[{_BULLETS}]+\s*)+|o\t\s*)")),
    ("number", re.compile(r"(?P<mark>\(?(?P<value>\d{1,3})\s?[.)]\s*)(?=\D|$)")),
    ("number", _NUMBERED),
    ("number", re.compile(r"(?P<mark>(?P<value>\d{1,3})\t\s*)")),
)
# No mark unless it runs: another one of its kind comes just before or just after.
_LIKELY = (
    ("decimal", re.compile(r"(?P<mark>(?P<value>\d{1,2}(?:\.\d{1,2})+)\s?[.):–—-]?\s+)")),
    ("number", re.compile(r"(?P<mark>(?P<value>\d{1,3})\s?[°/:–—-]?\s+)")),
    ("letter", _LETTERED),
)


@dataclass(slots=True)
class _Line:
    """A line, with what may head it: `style` and `value` of the mark, whether it is one."""

    raw: str
    words: str = ""
    style: str = ""
    value: tuple[int, ...] = ()
    is_marked: bool = False
    looks_marked: bool = False
    depth: int = 0
    rest: str = ""
    indent: int = field(init=False)

    def __post_init__(self) -> None:
        bare = self.raw.strip()
        self.indent = len(self.raw.rstrip().expandtabs(4)) - len(bare.expandtabs(4))
        self.words = _spaced(bare)
        for style, pattern in _SURE:
            if found := pattern.match(bare):
                self._take(style, found, bare)
                self.mark()
                return
        for style, pattern in _LIKELY:
            if found := pattern.match(bare):
                self._take(style, found, bare)
                self.looks_marked = True
                return

    def _take(self, style: str, found: re.Match[str], bare: str) -> None:
        told = found.groupdict().get("value") or "0"
        self.style, self.rest = style, _spaced(bare[found.end("mark") :])
        if style == "letter":
            case = "capital" if told.isupper() else "small"
            self.style = case if len(told) == 1 else f"{case}-roman"
            self.value = (_rank(told),)
        else:
            self.value = tuple(int(part) for part in told.split("."))
            self.style += str(len(self.value)) if style == "decimal" else ""

    def mark(self) -> None:
        """Take what heads it for a mark."""
        self.is_marked, self.looks_marked, self.words = True, False, self.rest


def _spaced(text: str) -> str:
    return re.sub(r"[ \t\v\f]+", " ", text).strip()


def _rank(letters: str) -> int:
    if len(letters) > 1:
        return _ROMANS.get(letters.upper(), 0)
    return ord(letters.lower()) - ord("a") + 1


def _settle_marks(lines: Sequence[_Line]) -> None:
    """Which of the likely marks are marks: those that run."""
    _settle_romans(lines)
    for style in {line.style for line in lines if line.looks_marked}:
        alike = [line for line in lines if line.style == style]
        runs = [
            line
            for before, line, after in zip([None, *alike], alike, [*alike[1:], None], strict=False)
            if line.looks_marked and (_follows(before, line) or _follows(line, after))
        ]
        for line in runs:
            line.mark()
    values = {line.value for line in lines if line.is_marked and line.value}
    for line, below in zip(lines, [*lines[1:], None], strict=False):
        if not line.looks_marked:
            continue
        is_below = line.style.startswith("decimal") and line.value[:-1] in values
        is_above = below is not None and below.is_marked and _weight(below) > _weight(line)
        # « I. » alone above dashes, « 1.1 » alone under « 1 ».
        if line.value[-1] == 1 and (is_below or is_above):
            line.mark()


def _follows(before: _Line | None, after: _Line | None) -> bool:
    if before is None or after is None:
        return False
    *stem, last = before.value
    return after.value == (*stem, last + 1)


def _settle_romans(lines: Sequence[_Line]) -> None:
    """« C. » after « B. » is a letter, « I. » and « V. » elsewhere are Roman numbers."""
    for case in ("capital", "small"):
        last = 0
        for line in lines:
            if line.style != case:
                continue
            letter = chr(ord("a") + line.value[0] - 1)
            roman = _ROMANS.get(letter.upper())
            if roman and line.value[0] != last + 1:
                line.style, line.value = f"{case}-roman", (roman,)
            else:
                last = line.value[0]


# --- What stands under what -----------------------------------------------------------------------

# From what heads to what is headed, at the same distance from the margin.
_ORDER = ("capital-roman", "capital", "number", "decimal2", "decimal3", "small", "small-roman")


def _weight(line: _Line) -> int:
    return _ORDER.index(line.style) if line.style in _ORDER else len(_ORDER)


def _settle_depths(lines: Sequence[_Line]) -> None:
    open_: list[_Line] = []  # the lines above the next one, from the margin on
    for line in lines:
        while open_ and open_[-1].indent > line.indent:
            open_.pop()
        here = [each for each in open_ if each.indent == line.indent]
        below = [each for each in here if line.is_marked and _is_below(line, each)]
        while here and here[-1] not in below:
            open_.remove(here.pop())
        line.depth = len(open_)
        open_.append(line)


def _is_below(line: _Line, above: _Line) -> bool:
    """Whether a line goes under one that is as far from the margin."""
    if not above.is_marked:
        return line.style == "bullet" and not _announces(above.words)
    return line.style != above.style and _weight(line) > _weight(above)


# --- Who reports ----------------------------------------------------------------------------------

_REPORTS = re.compile(
    r"\s*(?:[-–—,;/|]\s*|(?P<open>[(\[])\s*)rapport(?:eure?|euse|rice)s?\s*:?\s+(?P<name>[^()\[\]]+?)"
    r"\s*(?(open)[)\]]|)\s*[.;]?$",
    re.I,
)
_CIVILITIES = frozenset("m mr mme mlle monsieur madame mademoiselle le la".split())


def _title(line: _Line, people: Sequence[Person]) -> Title:
    title = Title(
        text=line.words, depth=line.depth, heads=line.is_marked and line.style in _ORDER[:2]
    )
    if not (told := _REPORTS.search(line.words)) or not line.words[: told.start()].strip():
        return title
    found = _named(told["name"], people)
    if len(found) != 1:
        who = "plusieurs membres portent" if found else "aucun membre ne porte"
        return replace(
            title,
            doubts=(
                f"{who} le nom « {told['name']} »\u00a0: la mention du rapporteur reste dans "
                "l’intitulé",
            ),
        )
    return replace(title, text=line.words[: told.start()].rstrip(), rapporteur=found[0])


def _named(name: str, people: Sequence[Person]) -> list[Person]:
    """Whom these words may name: by the whole name, else by the surname alone."""
    words = frozenset(folded(name).split()) - _CIVILITIES
    if not words:
        return []
    whole = [each for each in people if words == _words(each.first_name, each.last_name)]
    return whole or [each for each in people if words == _words(each.last_name)]


def _words(*names: str) -> frozenset[str]:
    return frozenset(folded(" ".join(names)).split())


# --- What somebody should look at -----------------------------------------------------------------


def _announces(words: str) -> bool:
    return bool(re.fullmatch(r"(?:projet d )?ordre du jour.{0,80}", folded(words)))


def _doubted(
    titles: Sequence[Title], lines: Sequence[_Line], known: Collection[str]
) -> Iterator[Title]:
    seen = {folded(title) for title in known}
    has_marks = any(line.is_marked for line in lines)
    holds = [
        after is not None and after.depth > title.depth
        for title, after in zip(titles, [*titles[1:], None], strict=False)
    ]
    for title, line, has_some in zip(titles, lines, holds, strict=True):
        doubts = list(title.doubts)
        if line.looks_marked:
            doubts.append("ce qui ouvre cette ligne reste dans l’intitulé")
        elif has_marks and not line.is_marked and line.words[0].islower():
            doubts.append("cette ligne est peut-être la suite de la précédente")
        if _announces(title.text):
            doubts.append("cette ligne annonce peut-être la liste\u00a0: effacez-la")
        if folded(title.text) in seen:
            doubts.append("cet intitulé est déjà à l’ordre du jour")
        seen.add(folded(title.text))
        yield replace(title, heads=title.heads and has_some, doubts=tuple(doubts))
