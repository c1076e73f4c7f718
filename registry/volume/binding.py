"""The register of a year: what it holds, what it still lacks, and the volume to be bound.

The sheets of the volume are those of the extracts that were issued, signed when they are: nothing
of them is laid out again. Each receives its number at the head (`cote`); sheets that close the
sittings, the opening and the tables are added (art. R2121-9 du CGCT).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby, pairwise
from typing import Any

from django.core.cache import cache, caches

from documents import compile, embedding, papers, render, tags
from documents.models import IssuedDocument
from documents.stamping import Face
from law import findings, french
from law.french import NBSP
from meetings.models import Meeting
from members import files
from members.models import Body
from registry.volume import reading
from registry.volume.reading import Entry, Year


def volume(body: Body, year: int) -> bytes:
    """The register of the year as one PDF to be printed and bound.

    Raises `Refused` when no extract was issued, or when the file of one is no longer what was
    issued.
    """
    found = reading.standing(reading.of_year(body, year))
    if not found.bound:
        raise findings.refusal(
            "registre_vide",
            f"Aucun extrait de {year} n’est établi{NBSP}: il n’y a rien à relier.",
            remedy="Établissez les extraits sur la page des délibérations de chaque séance.",
        )
    return _Binder(found).bound()


@dataclass(slots=True)
class _Sitting:
    """A sitting of the volume: its deliberations, the sheet that closes it and where its pages
    are among those of all closing sheets. Nothing closes what somebody decides alone."""

    meeting: Meeting
    lines: list[Entry]
    closing: papers.SittingClosing | None
    first: int = 0
    pages: int = 0

    @property
    def title(self) -> str:
        return f"Séance du {french.long_date(self.meeting.held_on)}"


class _Binder:
    """Binds one volume: an opening, the sheets in their order, each with its number, tables."""

    def __init__(self, found: Year) -> None:
        self.found = found
        self.remarks = reading.remarks(found.lines)
        self.sittings = [
            _sitting(meeting, list(entries))
            for meeting, entries in groupby(
                found.lines, key=lambda entry: entry.deliberation.meeting
            )
        ]
        self.sheets: dict[int, int] = {}  # deliberation → its first sheet
        self.count = 0  # of sheets

    def bound(self) -> bytes:
        """The volume; the same one is put together once a day."""
        closings = self._draw_closings()
        self._number_sheets()
        frame, first_table, second_table = self._draw_frame()
        drawings, key = caches["drawings"], self._key(closings, frame)
        known: bytes | None = drawings.get(key)
        if known is None:
            known = self._put_together(closings, frame, first_table, second_table)
            drawings.set(key, known)
        return known

    def _key(self, closings: bytes, frame: bytes) -> str:
        """What the volume is made of, its extracts read again: each must be what was issued."""
        said: list[object] = [
            render.hand(*_HAND),
            self.found.year,
            _sha256(closings),
            _sha256(frame),
        ]
        for each in self.sittings:
            said += [each.title, each.first, each.pages]
            for entry in each.lines:
                if (extract := entry.extract) is not None:
                    said += [extract.title, _sha256(_content(extract))]
        return f"registre:{_sha256(repr(said).encode())}"

    def _put_together(
        self, closings: bytes, frame: bytes, first_table: int, second_table: int
    ) -> bytes:
        import pikepdf

        with pikepdf.open(BytesIO(frame)) as target:
            book = _Book(target, closings, first_table, second_table, self.found)
            for each in self.sittings:
                book.add(each)
            book.finish()
            embedding.share(target)
            return render.saved(target, packed=True)

    def _draw_closings(self) -> bytes:
        """The sheets that close the sittings, all in one file, empty when there is none; notes
        where each of them is."""
        closings = [
            (f"cloture-{rank}", each.closing)
            for rank, each in enumerate(self.sittings, start=1)
            if each.closing is not None
        ]
        if not closings:
            return b""
        pdf, places, pages = _drawn(
            "papers/register_closings.html", [paper for _, paper in closings], closings=closings
        )
        starts = [*(places[anchor] for anchor, _ in closings), pages]
        for each, (start, following) in zip(self.sittings, pairwise(starts), strict=True):
            each.first, each.pages = start, following - start
        return pdf

    def _number_sheets(self) -> None:
        for each in self.sittings:
            for entry in each.lines:
                if entry.extract is not None:
                    self.sheets[entry.deliberation.pk] = self.count + 1
                    self.count += entry.extract.pages
            self.count += each.pages

    def _table(self, by: str) -> papers.RegisterTable:
        return reading.table(self.found, by=by, sheets=self.sheets, remarks=self.remarks)

    def _draw_frame(self) -> tuple[bytes, int, int]:
        """The opening and the tables, and the page of each table among them."""
        found = self.found
        opening = compile.compile_register_opening(
            found.body,
            found.year,
            composition=self.sittings[-1].meeting.basis.composition,
            sheets=self.count,
            sittings=len(self.sittings),
            deliberations=len(found.bound),
            awaited=reading.awaited(found),
            unissued=len(found.unissued),
            is_over=reading.is_over(found),
            late=[each.deliberation.label for each in found.late],
            on=found.last_day,
        )
        tables = [(f"table-{by}", self._table(by)) for by in (compile.BY_DATE, compile.BY_OBJECT)]
        pdf, places, _ = _drawn(
            "papers/register_volume.html",
            [opening, *(paper for _, paper in tables)],
            tables=tables,
        )
        first, second = (places[anchor] for anchor, _ in tables)
        return render.accessible(pdf, opening), first, second


_HAND = (
    "registry/volume/binding",
    *(f"documents/{name}" for name in ("embedding", "render", "stamping", "tags")),
)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def closing_sheet(meeting: Meeting, entries: Sequence[Entry]) -> papers.SittingClosing:
    """The sheet that closes a sitting in the register, to be signed after it. What is no act any
    more keeps its number there, says so, and is not counted."""
    remarks = reading.remarks(entries)
    lines = [
        papers.ClosingLine(
            rank=each.rank,
            number=each.label,
            object=french.nbsp(each.item.title.strip()),
            remark=french.nbsp(remarks.get(each.pk, "")) or None,
        )
        for each in (entry.deliberation for entry in entries)
    ]
    taken = sum(not entry.fallen for entry in entries)
    return compile.compile_sitting_closing(meeting, lines, taken=taken)


def _sitting(meeting: Meeting, entries: list[Entry]) -> _Sitting:
    closing = None if meeting.is_alone else closing_sheet(meeting, entries)
    return _Sitting(meeting=meeting, lines=entries, closing=closing)


def _drawn(
    template: str, told: Sequence[papers.Paper], **context: Any
) -> tuple[bytes, dict[str, int], int]:
    """Papers laid out together, the first at the head of all: the file, the page of each anchor,
    how many pages. The same ones are laid out once: a year that is over is only bound again."""
    missing = {character for paper in told for character in render.missing_glyphs(paper)}
    html = render.page(template, {"paper": told[0], **context}, missing)
    key = f"registre:{_sha256(html.encode())}"
    known: tuple[bytes, dict[str, int], int] | None = cache.get(key)
    if known is None:
        known = _laid_out(html)
        cache.set(key, known, _KEPT)
    return known


_KEPT = 90 * 24 * 3600  # seconds


def _laid_out(html: str) -> tuple[bytes, dict[str, int], int]:
    places: dict[str, int] = {}
    pages = 0

    def find(document: Any) -> None:
        nonlocal pages
        pages = len(document.pages)
        for number, page in enumerate(document.pages):
            for anchor in page.anchors:
                places.setdefault(anchor, number)

    pdf = render.draw(html, watch=find)
    return pdf, places, pages


class _Book:
    """The volume while it is bound, in the file of its opening and tables."""

    def __init__(
        self, target: Any, closings: bytes, first_table: int, second_table: int, found: Year
    ) -> None:
        import pikepdf

        self.target, self.found = target, found
        self.own = [page.obj for page in target.pages]
        self.first_table, self.second_table = first_table, second_table
        root = target.Root.StructTreeRoot
        self.numbers, self.document = tags.pairs(root.ParentTree.Nums), root.K[0]
        self.opening_part, *self.table_parts = list(self.document.K)
        self.parts: list[Any] = []  # of the structure, in the order in which they are read
        self.sheets: list[Any] = []
        self.bookmarks: list[Any] = []
        self.face = Face(target, f"{self._head(0)}123456789")
        if closings:
            with pikepdf.open(BytesIO(closings)) as closing:
                self.closing_sheets = self._copy(closing)
                # One section for each sitting, in their order.
                tags.graft(target, closing, self.closing_sheets, self.document, self.numbers)
            self.closing_parts = list(self.document.K[-1].K)

    def add(self, sitting: _Sitting) -> None:
        """The extracts of a sitting, then the sheet that closes it; what was decided alone."""
        inner = []
        for entry in sitting.lines:
            if entry.extract is not None:
                pages = self._extract(entry.extract)
                inner.append(_bookmark(entry.extract.title, pages[0]))
                self._place(pages)
        if sitting.closing is None:
            self.bookmarks += inner
            return
        closing = self.closing_sheets[sitting.first : sitting.first + sitting.pages]
        inner.append(_bookmark("Feuillet de clôture", closing[0]))
        self._place(closing)
        self.parts.append(self.closing_parts.pop(0))
        chapter = _bookmark(sitting.title, inner[0].destination[0])
        chapter.children, chapter.is_closed = inner, True
        self.bookmarks.append(chapter)

    def finish(self) -> None:
        """Put everything in its order: pages, structure, numbers, bookmarks."""
        from pikepdf import Array, Dictionary, Name

        opening, tables = self.own[: self.first_table], self.own[self.first_table :]
        pages = self.target.Root.Pages
        pages.Kids = Array([*opening, *self.sheets, *tables])
        pages.Count = len(pages.Kids)
        for part in self.parts:
            part.P = self.document
        self.document.K = Array([self.opening_part, *self.parts, *self.table_parts])
        tags.number(self.target.Root.StructTreeRoot, self.numbers)
        after = len(opening) + len(self.sheets)
        self.target.Root.PageLabels = Dictionary(
            Nums=Array(
                [
                    *(0, Dictionary(P="Ouverture")),
                    *(len(opening), Dictionary(S=Name.D)),
                    *(after, Dictionary(P="T", S=Name.D)),
                ]
            )
        )
        with self.target.open_outline() as outline:
            outline.root[:] = [
                _bookmark("Ouverture", opening[0]),
                *self.bookmarks,
                _bookmark("Table chronologique", self.own[self.first_table]),
                _bookmark("Table par objets", self.own[self.second_table]),
            ]

    def _extract(self, document: IssuedDocument) -> list[Any]:
        """The pages of an extract, as it was signed when it is."""
        import pikepdf

        with pikepdf.open(BytesIO(_content(document))) as opened:
            pages = self._copy(opened)
            tags.graft(self.target, opened, pages, self.document, self.numbers)
        part = self.document.K[-1]
        part.S = pikepdf.Name.Part
        self.parts.append(part)
        return pages

    def _copy(self, opened: Any) -> list[Any]:
        from pikepdf import Array

        for page in opened.pages:
            if "/Annots" in page:  # places of signatures mean nothing here
                page.Annots = Array([each for each in page.Annots if each.Subtype == "/Link"])
        first = len(self.target.pages)
        self.target.pages.extend(opened.pages)
        return [self.target.pages[first + rank].obj for rank in range(len(opened.pages))]

    def _place(self, pages: Sequence[Any]) -> None:
        for page in pages:
            self.sheets.append(page)
            self._stamp(page, len(self.sheets))

    def _stamp(self, obj: Any, number: int) -> None:
        """Write the number of the sheet in the margin at its head, and room for the initials."""
        import pikepdf

        page, name = pikepdf.Page(obj), pikepdf.Name("/CoteDuRegistre")
        page.add_resource(self.face.font, pikepdf.Name.Font, name)
        text = self._head(number)
        x = float(obj.MediaBox[2]) - _MARGIN - self.face.width(text, _SIZE)
        y = float(obj.MediaBox[3]) - _HEAD
        page.contents_add(b"q\n", prepend=True)
        page.contents_add(
            f"\nQ\n/Artifact <</Type /Pagination>> BDC q 0.29 0.31 0.33 rg BT {name} {_SIZE} Tf "
            f"{x:.2f} {y:.2f} Td {self.face.shown(text)} ET Q EMC\n".encode()
        )

    def _head(self, number: int) -> str:
        return f"Registre {self.found.year} · feuillet {number} · paraphe {'.' * 24}"


_SIZE = 8  # points, as are the two that follow
_MARGIN = 77  # that of the extracts: the stamp ends where their lines do
_HEAD = 30


def _bookmark(title: str, page: Any) -> Any:
    import pikepdf

    return pikepdf.OutlineItem(title, pikepdf.Array([page, pikepdf.Name.Fit]))


def _content(document: IssuedDocument) -> bytes:
    """The bytes of the last signed file, or of the PDF that was issued. Raises `Damaged` when they
    are no longer those that were kept."""
    last = max(document.signatures.all(), key=lambda step: step.order, default=None)
    file, sha256 = (last.file, last.sha256) if last else (document.pdf, document.pdf_sha256)
    return files.content(file, sha256)
