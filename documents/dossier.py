"""The dossier of a sitting: one PDF with the convocation, the notes, the drafts and the files.

Our own pages and one blank sheet for each page of a joined PDF are laid out together, so that
WeasyPrint itself numbers every page, finds the pages of the contents and writes the bookmarks; the
sheets are then exchanged for the pages they stand for. Those keep their tags when they have any,
but a file of somebody else may hold anything: the dossier claims PDF/A and PDF/UA only when all
of its pages are ours.

Files are read page by page from where they lie; nothing in them is run, and what could be (scripts,
embedded files, forms) is flattened or left out.
"""

import hashlib
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from documents import compile, papers, render, tags
from law import french
from law.findings import Finding, Refused
from meetings.models import Attachment, Meeting
from members import files

MAX_PAGES = 3000
_PRINTED = (1654, 2339)  # the most points of a picture: A4 at 200 dots an inch
_KEPT = {"/Link"}  # annotations that survive, when they lead to a web address
_MAX_BOOKMARKS = 200  # of one file


# --- Parts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A joined file as the template sees it: an anchor, a title, and a page for each of its own.

    `picture` is the address of an image; then there is nothing to exchange.
    """

    anchor: str
    title: str
    mention: str = ""
    pages: tuple[str, ...] = ()
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The note of a point, and the files that follow it."""

    anchor: str
    note: papers.NoteDocument
    sheets: tuple[Joined, ...] = ()
    apart: tuple[papers.Enclosure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What is sent with a convocation. `joined` are the files that go beside it, not within.

    `is_archival`: every page is ours, so that the file is PDF/A and PDF/UA as a paper is.
    """

    pdf: bytes = field(repr=False)
    pages: int
    sha256: str
    file_name: str
    joined: tuple[Attachment, ...] = ()
    is_archival: bool = True

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.pdf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that a dossier is made of, read; what is left to do asks nothing of the base."""

    summons: papers.SummonsDocument
    chapters: tuple[Chapter, ...]
    binder: "_Binder"

    def laid_out(self) -> Dossier:
        """The PDF; takes seconds."""
        summons, binder = self.summons, self.binder
        context = {
            "paper": summons,
            "chapters": self.chapters,
            "is_archival": not binder.files,
            "apart": [each for chapter in self.chapters for each in chapter.apart],
        }
        missing = {
            character
            for paper in (summons, *(chapter.note for chapter in self.chapters))
            for character in render.missing_glyphs(paper)
        }
        pdf = binder.bind(render.page("papers/dossier.html", context, missing), attached=[summons])
        return Dossier(
            pdf=pdf,
            pages=render.page_count(pdf),
            sha256=hashlib.sha256(pdf).hexdigest(),
            file_name=f"dossier-{summons.file_name}",
            joined=tuple(binder.apart),
            is_archival=not binder.files,
        )


def gather(
    meeting: Meeting,
    summons: papers.SummonsDocument,
    *,
    only: Collection[str] | None = None,
) -> Gathered:
    """Read what goes with this convocation.

    `only` are the keys of the items whose files are bound; by default all of them, those that a
    rectifying convocation adds or changes, none when the sitting is cancelled. Raises `Refused`,
    naming every file that cannot be bound.
    """
    kept = _kept(summons) if only is None else set(only)
    binder = _Binder()
    chapters = []
    notes = {note.key: note for note in compile.compile_notes(meeting)}
    fresh = compile.prepared(meeting)
    for node in fresh.agenda.nodes:
        note = notes.get(node.item.key)
        if note is None or node.item.key not in kept:
            continue
        enclosed = tuple(zip(node.item.attachments.all(), note.enclosures, strict=True))
        chapters.append(binder.chapter(note, enclosed))
    binder.refuse_faults()
    return Gathered(summons=summons, chapters=tuple(chapters), binder=binder)


def _kept(summons: papers.SummonsDocument) -> set[str]:
    if not summons.is_held:
        return set()
    return {line.key for line in summons.lines if summons.nature != "rectificative" or line.mark}


# --- Binding ----------------------------------------------------------------------------------


class _Binder:
    """Collects files, then exchanges the blank sheets that stand for them."""

    def __init__(self) -> None:
        self.files: dict[str, Any] = {}  # anchor of its first page → the opened PDF
        self.pictures: dict[str, bytes] = {}
        self.apart: list[Attachment] = []
        self.faults: list[Finding] = []
        self.pages = 0

    # Collecting

    def chapter(
        self, note: papers.NoteDocument, files: Sequence[tuple[Attachment, papers.Enclosure]]
    ) -> Chapter:
        sheets, apart = [], []
        for rank, (attachment, enclosure) in enumerate(files, start=1):
            anchor = f"piece-{note.key}-{rank}"
            if enclosure.how == "apart":
                apart.append(enclosure)
                self.apart.append(attachment)
                continue
            source = _source(attachment)
            if source is None:
                self.fault(
                    attachment.title, "le fichier a disparu du serveur", "Joignez-le de nouveau."
                )
                continue
            make = self.picture if enclosure.how == "image" else self.sheet
            if sheet := make(anchor, enclosure.title, source):
                point = f"Point {note.number}, pièce" if _is_number(note.number) else "Pièce"
                sheets.append(replace(sheet, mention=f"{point} {rank}"))
        return Chapter(
            anchor=f"point-{note.key}", note=note, sheets=tuple(sheets), apart=tuple(apart)
        )

    def sheet(self, anchor: str, title: str, source: bytes | Path) -> Joined | None:
        """A PDF to bind, as many blank sheets as it has pages; `None`, and a fault, if it cannot
        be bound."""
        import pikepdf

        try:
            opened = pikepdf.open(BytesIO(source) if isinstance(source, bytes) else source)
            count = len(opened.pages)
            if "/NeedsRendering" in opened.Root and opened.Root.NeedsRendering:
                return self.fault(
                    title,
                    "ce formulaire ne s’affiche que dans le logiciel qui l’a fait",
                    "Imprimez-le en PDF et joignez le résultat.",
                )
            _make_still(opened)
        except pikepdf.PasswordError:
            return self.fault(
                title,
                "le fichier est protégé par un mot de passe",
                "Enregistrez-le sans mot de passe et joignez-le de nouveau.",
            )
        except Exception:  # whatever a broken or hostile file makes the reader raise
            return self.fault(title, "le fichier ne se lit pas", "Imprimez-le de nouveau en PDF.")
        self.pages += count
        if not count or self.pages > MAX_PAGES:
            return self.fault(
                title,
                f"le dossier dépasserait {french.figure(MAX_PAGES)} pages"
                if count
                else "le fichier n’a aucune page",
                "Retirez cette pièce ou joignez-la sous une autre forme.",
            )
        self.files[anchor] = opened
        pages = (anchor, *(f"{anchor}-p{rank}" for rank in range(2, count + 1)))
        return Joined(anchor=anchor, title=title, pages=pages)

    def picture(self, anchor: str, title: str, source: bytes | Path) -> Joined | None:
        """A picture on a page of its own, no sharper than print shows."""
        address = f"{render.SCHEME}{anchor}.jpg"
        try:
            self.pictures[address] = _picture(source)
        except Exception:  # whatever a broken or hostile file makes the reader raise
            return self.fault(title, "cette image ne se lit pas", "Enregistrez-la de nouveau.")
        return Joined(anchor=anchor, title=title, picture=address)

    def fault(self, title: str, why: str, remedy: str) -> None:
        self.faults.append(
            Finding(
                code="piece_illisible",
                message=french.nbsp(f"« {title} » ne peut pas être réunie au dossier : {why}."),
                remedy=remedy,
            )
        )

    def refuse_faults(self) -> None:
        if self.faults:
            raise Refused(self.faults)

    # Exchanging

    def bind(self, html: str, *, attached: Sequence[papers.Paper] = ()) -> bytes:
        """The page laid out, each blank sheet exchanged for the page it stands for."""
        import pikepdf

        places: dict[str, int] = {}

        def find(document: Any) -> None:
            for number, page in enumerate(document.pages):
                for anchor in page.anchors:
                    places.setdefault(anchor, number)

        drawn = render.draw(html, attached=attached, pictures=self.pictures, watch=find)
        if not self.files:
            return render.accessible(drawn, *attached[:1])
        with pikepdf.open(BytesIO(drawn)) as target:
            exchanges = [
                _Exchange(target, opened, places[anchor]) for anchor, opened in self.files.items()
            ]
            for exchange in exchanges:
                exchange.pages()
            _point_elsewhere(target, exchanges)
            for exchange in exchanges:
                exchange.tags()
            _write_bookmarks(target, exchanges)
            with target.open_metadata(set_pikepdf_as_editor=False) as metadata:
                del metadata["pdfaid:part"]
                del metadata["pdfaid:conformance"]
            bound = render.saved(target)
        for opened in self.files.values():
            opened.close()
        return bound


class _Exchange:
    """One joined PDF and the blank sheets of the target that stand for its pages."""

    def __init__(self, target: Any, opened: Any, first: int) -> None:
        self.target = target
        self.opened = opened
        self.first = first
        self.sheets = [target.pages[first + rank].obj for rank in range(len(opened.pages))]
        self.copies: list[Any] = []

    def pages(self) -> None:
        """Copy the pages, each with the number that was laid out on its sheet."""
        for rank, page in enumerate(self.opened.pages):
            self.target.pages.append(page)
            copy = self.target.pages[-1]
            _stamp(self.target, copy, self.sheets[rank], self.first + rank + 1)
            self.copies.append(copy.obj)
        _copy_layers(self.target, self.opened)

    @property
    def moved(self) -> dict[tuple[int, int], Any]:
        """Sheet → the page that takes its place."""
        return {sheet.objgen: copy for sheet, copy in zip(self.sheets, self.copies, strict=True)}

    def tags(self) -> None:
        """Hang the structure of the file under the section of its first sheet, if it has one."""
        root = self.target.Root.StructTreeRoot
        numbers = tags.pairs(root.ParentTree.Nums)
        for sheet in self.sheets:
            numbers.pop(int(sheet.StructParents), None)
        section = next(
            element
            for element in root.K[0].K
            if element.get("/Pg") is not None and element.Pg.objgen == self.copies[0].objgen
        )
        tags.graft(self.target, self.opened, self.copies, section, numbers)
        tags.number(root, numbers)

    def bookmarks(self) -> Iterator[Any]:
        """The bookmarks of the file, leading to its pages in the target."""
        import pikepdf

        places = {page.obj.objgen: rank for rank, page in enumerate(self.opened.pages)}
        names = _destinations(self.opened)
        left = _MAX_BOOKMARKS

        def convert(items: Sequence[Any]) -> Iterator[Any]:
            nonlocal left
            for item in items:
                place = places.get(_page_of(item, names))
                if place is None or left <= 0 or not item.title.strip():
                    yield from convert(item.children)
                    continue
                left -= 1
                page = self.copies[place]
                entry = pikepdf.OutlineItem(
                    item.title[:200], pikepdf.Array([page, pikepdf.Name.Fit])
                )
                entry.children = list(convert(item.children))
                yield entry

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with self.opened.open_outline(strict=False) as outline:
                    yield from list(convert(outline.root))
        except Exception:  # whatever broken bookmarks make the reader raise
            return  # they are no reason to refuse a file


def _point_elsewhere(target: Any, exchanges: Sequence[_Exchange]) -> None:
    """Put the pages in the place of their sheets, and lead there what led to the sheets."""
    import pikepdf

    moved: dict[tuple[int, int], Any] = {}
    for exchange in exchanges:
        moved |= exchange.moved
    copies = {copy.objgen for copy in moved.values()}
    kids = target.Root.Pages.Kids
    target.Root.Pages.Kids = pikepdf.Array(
        [moved.get(kid.objgen, kid) for kid in kids if kid.objgen not in copies]
    )
    target.Root.Pages.Count = len(target.Root.Pages.Kids)
    for place in _destinations(target).values():
        if place[0].objgen in moved:
            place[0] = moved[place[0].objgen]
    for element in target.Root.StructTreeRoot.K[0].K:
        if element.get("/Pg") is not None and element.Pg.objgen in moved:
            element.Pg = moved[element.Pg.objgen]


def _write_bookmarks(target: Any, exchanges: Sequence[_Exchange]) -> None:
    """Lead the bookmarks of sheets to the pages, and put those of each file under its own."""
    import pikepdf

    moved: dict[tuple[int, int], Any] = {}
    firsts = {}
    for exchange in exchanges:
        moved |= exchange.moved
        firsts[exchange.sheets[0].objgen] = exchange

    def mend(items: Sequence[Any]) -> None:
        for item in items:
            mend(item.children)
            page = item.destination[0].objgen
            if page in moved:
                item.destination = pikepdf.Array([moved[page], pikepdf.Name.Fit])
            if page in firsts:
                item.children.extend(firsts[page].bookmarks())
                item.is_closed = True

    with target.open_outline() as outline:
        mend(outline.root)


def _destinations(pdf: Any) -> dict[str, Any]:
    """Name → explicit destination, of the named destinations that can be read."""
    import pikepdf

    found: dict[str, Any] = {}
    names = pdf.Root.get("/Names", {})
    try:
        if "/Dests" in names:
            found |= {str(key): value for key, value in pikepdf.NameTree(names.Dests).items()}
        found |= {str(key).lstrip("/"): value for key, value in pdf.Root.get("/Dests", {}).items()}
    except (pikepdf.PdfError, AttributeError, TypeError, ValueError):
        return {}
    explicit = {
        key: value.D if isinstance(value, pikepdf.Dictionary) and "/D" in value else value
        for key, value in found.items()
    }
    return {key: value for key, value in explicit.items() if isinstance(value, pikepdf.Array)}


def _page_of(item: Any, names: dict[str, Any]) -> tuple[int, int] | None:
    """The page that a bookmark leads to, in its own file."""
    import pikepdf

    place = item.destination
    if place is None and item.action is not None:
        place = item.action.get("/D")
    if isinstance(place, pikepdf.String | pikepdf.Name):
        place = names.get(str(place).lstrip("/"))
    if isinstance(place, pikepdf.Array) and len(place):
        page = place[0]
        return page.objgen if isinstance(page, pikepdf.Dictionary) else None
    return None


# --- Pages of others --------------------------------------------------------------------------


def _make_still(pdf: Any) -> None:
    """Burn what is filled in or stamped into the pages; keep links to the web, nothing else that
    acts."""
    import pikepdf

    if "/AcroForm" in pdf.Root:
        _draw_fields(pdf)
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        for key in ("/AA", "/Thumb", "/B", "/Trans", "/Dur", "/PieceInfo"):
            if key in page:
                del page[key]
        if "/Annots" not in page:
            continue
        kept = [each for each in page.Annots if _leads_to_the_web(each)]
        for each in kept:
            for key in ("/AA", "/PA", "/Popup"):
                if key in each:
                    del each[key]
        if kept:
            page.Annots = pikepdf.Array(kept)
        else:
            del page.Annots


def _draw_fields(pdf: Any) -> None:
    """Draw the fields that the file leaves to its reader to draw; those drawn stay as they are."""
    widgets = [
        each
        for page in pdf.pages
        for each in page.get("/Annots", [])
        if str(each.get("/Subtype")) == "/Widget"
    ]
    drawn = [(each, each.AP) for each in widgets if "/AP" in each]
    if len(drawn) < len(widgets):
        pdf.generate_appearance_streams()
        for each, appearance in drawn:
            each.AP = appearance
    if "/NeedAppearances" in pdf.Root.AcroForm:
        del pdf.Root.AcroForm.NeedAppearances


def _leads_to_the_web(annotation: Any) -> bool:
    action = annotation.get("/A", {})
    return (
        str(annotation.get("/Subtype")) in _KEPT
        and str(action.get("/S")) == "/URI"
        and "/Next" not in action
        and str(action.get("/URI", "")).startswith(("http://", "https://", "mailto:"))
    )


def _stamp(target: Any, page: Any, sheet: Any, number: int) -> None:
    """Draw what was laid out on the sheet in the bottom right corner of the page as it is seen,
    whatever its size and the way it is turned; it is no part of what the file says."""
    import pikepdf

    drawn = [
        instruction
        for instruction in pikepdf.parse_content_stream(sheet)
        if str(instruction.operator) not in ("BDC", "BMC", "EMC")
    ]
    stamp = target.make_stream(
        pikepdf.unparse_content_stream(drawn),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=sheet.MediaBox,
        Resources=sheet.Resources,
    )
    # Named after its page: pages may share their resources, and the same file gives the same bytes.
    name = pikepdf.Name(f"/NumeroDeDossier{number}")
    page.add_resource(stamp, pikepdf.Name.XObject, name)
    x0, y0, x1, y1 = _box(page)
    turned = int(page.obj.get("/Rotate", 0)) % 360
    # Where the right and the top of the screen are in the space of the page, and the corner.
    right, up, corner = {
        90: ((0, 1), (-1, 0), (x1, y1)),
        180: ((-1, 0), (0, -1), (x0, y1)),
        270: ((0, -1), (1, 0), (x0, y0)),
    }.get(turned, ((1, 0), (0, 1), (x1, y0)))
    width = float(sheet.MediaBox[2])
    scale = min(max(min(x1 - x0, y1 - y0) / width, 0.5), 4.0)
    matrix = (
        *(scale * part for part in (*right, *up)),
        *(at - scale * width * part for at, part in zip(corner, right, strict=True)),
    )
    placed = " ".join(f"{number:.4f}" for number in matrix)
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(
        f"\nQ\n/Artifact <</Type /Pagination>> BDC q {placed} cm {name} Do Q EMC\n".encode()
    )


def _box(page: Any) -> tuple[float, float, float, float]:
    """What is seen of the page: lower left and upper right."""
    xs = sorted(float(page.cropbox[rank]) for rank in (0, 2))
    ys = sorted(float(page.cropbox[rank]) for rank in (1, 3))
    return xs[0], ys[0], xs[1], ys[1]


def _copy_layers(target: Any, opened: Any) -> None:
    """Layers that the file hides stay hidden."""
    import pikepdf

    source = opened.Root.get("/OCProperties")
    if source is None or "/OCGs" not in source:
        return
    copied = tags.copy_in(target, opened, source)
    ours = target.Root.get("/OCProperties") or pikepdf.Dictionary(
        OCGs=pikepdf.Array(), D=pikepdf.Dictionary(ON=pikepdf.Array(), OFF=pikepdf.Array())
    )
    usual = copied.get("/D", {})
    shown = {layer.objgen for layer in usual.get("/ON", [])}
    hidden = {layer.objgen for layer in usual.get("/OFF", [])}
    all_hidden = str(usual.get("/BaseState")) == "/OFF"
    for layer in copied.OCGs:
        ours.OCGs.append(layer)
        if layer.objgen in hidden or (all_hidden and layer.objgen not in shown):
            ours.D.OFF.append(layer)
        else:
            ours.D.ON.append(layer)
    target.Root.OCProperties = ours


# --- Files ------------------------------------------------------------------------------------


def _source(attachment: Attachment) -> bytes | Path | None:
    """Where the file lies, or its bytes when it lies on no disk of ours; `None` if it is gone."""
    storage = attachment.file.storage
    if not attachment.file.name or not storage.exists(attachment.file.name):
        return None
    try:
        return Path(storage.path(attachment.file.name))
    except NotImplementedError:
        return files.content(attachment.file, attachment.sha256)


def _picture(source: bytes | Path) -> bytes:
    """The picture upright, opaque and as sharp as print shows it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source) as opened:
            opened.draft("RGB", _PRINTED)
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail(_PRINTED)
            layer = upright.convert("RGBA")
    flat = Image.new("RGB", layer.size, "white")
    flat.paste(layer, mask=layer.getchannel("A"))
    out = BytesIO()
    flat.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _is_number(number: str) -> bool:
    return bool(number) and number != papers.BULLET
