"""What a PDF shows, read by other programs than the one that wrote it."""

import json
import re
import subprocess
import zipfile
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf
import weasyprint
from lxml import etree
from lxml import html as markup

from documents import papers, render, structure
from law.french import NBSP


def plain(text: str) -> str:
    """The text with ordinary spaces only."""
    return text.replace(NBSP, " ")


def text_of(pdf: bytes, folder: Path) -> str:
    """The text as any reader copies it, spaces and line ends made one."""
    return " ".join(" ".join(pages_of(pdf, folder)).split())


def pages_of(pdf: bytes, folder: Path) -> list[str]:
    """The text of each page."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)  # noqa: S603, S607 poppler, of our file
    return [" ".join(page.split()) for page in told.stdout.split("\f")][:-1]


def bare(page: str) -> bytes:
    """A page drawn by WeasyPrint as it stands, its style in it, nothing kept."""

    def finish(document, pdf) -> None:
        structure.mend(document, pdf)

    read = weasyprint.HTML(string=page, url_fetcher=render.fetch)
    pdf: bytes = read.write_pdf(pdf_variant="pdf/a-3a", finisher=finish)
    return pdf


def text_and_tags(pdf: bytes) -> tuple[list[bytes], list[str]]:
    """What is drawn on each page, glyph by glyph and mark by mark; the tags, in their order."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        drawn = [page.Contents.read_bytes() for page in opened.pages]
        tags = [
            str(each.S)
            for each in opened.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem"
        ]
    return drawn, tags


def words_of(pdf: bytes, folder: Path, page: int) -> list[tuple[str, float, float]]:
    """Each word of a page, where it ends on the right and how low, in points from the top left."""
    path = folder / "measured.pdf"
    path.write_bytes(pdf)
    command = ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), path, "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 poppler, of our file
    found = re.findall(r'xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)', told)
    return [(word, float(right), float(low)) for right, low, word in found]


def dark(pdf: bytes, folder: Path, page: int) -> list[tuple[int, int]]:
    """What is inked on a page, a point a pixel, counted as PDF counts, from the bottom left."""
    path = folder / "inked.pdf"
    path.write_bytes(pdf)
    command = ["pdftoppm", "-r", "72", "-gray", "-f", str(page), "-l", str(page), path]
    drawn = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 poppler, of our file
    _, size, _, pixels = drawn.split(b"\n", 3)
    width, height = map(int, size.split())
    return [
        (place % width, height - place // width) for place, shade in enumerate(pixels) if shade < 60
    ]


def check_fonts(pdf: pikepdf.Pdf) -> None:
    """Every font is ours and embedded, and no glyph is missing."""
    fonts = [
        value
        for value in pdf.objects
        if isinstance(value, pikepdf.Dictionary) and value.get("/Type") == "/Font"
    ]
    descriptors = [font.FontDescriptor for font in fonts if "/FontDescriptor" in font]
    assert descriptors
    assert all("/FontFile2" in each or "/FontFile3" in each for each in descriptors)
    names = {str(font.BaseFont).split("+")[1] for font in fonts}
    assert all(name.startswith(("Paper-Serif", "Paper-Sans")) for name in names), names
    shown = b"".join(
        page.Contents.read_bytes()
        if isinstance(page.Contents, pikepdf.Stream)
        else b"".join(part.read_bytes() for part in page.Contents)
        for page in pdf.pages
    )
    assert not re.search(rb"<(?:[0-9a-fA-F]{4})*?0000(?:[0-9a-fA-F]{4})*>", shown)


def check_archive(paper: papers.Paper) -> None:
    """Its PDF is PDF/A-3a and PDF/UA-1, in French, tagged, with fonts of ours and its own data."""
    with pikepdf.open(BytesIO(render.render_pdf(paper))) as opened:
        elements = [
            value
            for value in opened.objects
            if isinstance(value, pikepdf.Dictionary) and value.get("/Type") == "/StructElem"
        ]
        xmp = opened.Root.Metadata.read_bytes().decode()
        assert 'pdfaid:part="3"' in xmp
        assert 'pdfaid:conformance="A"' in xmp
        assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
        assert "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>" in xmp
        assert xmp.count("<rdf:RDF") == 1
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["dc:title"] == paper.file_title
            assert metadata["dc:date"] == [paper.dated.isoformat()]
        root = opened.Root
        assert str(root.Lang) == "fr"
        assert root.MarkInfo.Marked is True
        assert root.ViewerPreferences.DisplayDocTitle is True
        assert root.StructTreeRoot.K[0].S == "/Document"
        assert str(opened.docinfo["/Title"]) == paper.file_title
        assert all(page.Tabs == "/S" for page in opened.pages if "/Annots" in page)
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert opened.Root.Outlines.Count != 0
        kinds = {str(element.get("/S")) for element in elements}
        assert {"/H1", "/P"} <= kinds
        assert ("/TD" in kinds) == ("/Table" in kinds)
        assert "/Table" not in kinds or "/TH" in kinds
        check_fonts(opened)
        (name,) = opened.attachments
        assert name == paper.data_name
        content = opened.attachments[name].get_file().read_bytes()
        assert papers.from_json(content.decode()) == paper
        assert {str(file.AFRelationship) for file in opened.Root.AF} == {"/Data"}
        assert json.loads(content)["schema"] == paper.schema


# --- The same words in the three outputs ------------------------------------------------------


def told_by_html(page: str, *, is_drawn: bool = False) -> str:
    """The words of the page, in their order, as a browser would read them out; `is_drawn`: as it
    shows them."""
    body = markup.document_fromstring(page).find("body")
    for silent in [] if is_drawn else body.findall(".//*[@aria-hidden='true']"):
        silent.drop_tree()
    return _bare("".join(body.itertext()))


def told_by_pdf(pdf: bytes) -> str:
    """The words of the structure that a screen reader follows, running heads left out.

    Bullets are drawn, not written. Each page is read once: `pdfinfo -struct-text`, which reads the
    whole page again for each piece of it, takes a minute for long minutes.
    """
    with pikepdf.open(BytesIO(pdf)) as opened:
        written = {page.obj.objgen: marked(page) for page in opened.pages}
        words: list[str] = []

        def follow(element: pikepdf.Object, page: pikepdf.Object | None) -> None:
            if isinstance(element, pikepdf.Array):
                for each in element:
                    follow(each, page)
            elif not isinstance(element, pikepdf.Dictionary):
                words.append(written[page.objgen].get(int(element), ""))
            elif element.get("/Type") == "/MCR":
                follow(element.MCID, element.get("/Pg", page))
            elif "/K" in element and not _is_bullet(element):
                follow(element.K, element.get("/Pg", page))

        follow(opened.Root.StructTreeRoot.K, None)
    return _bare("".join(words))


def ends_of_pages(pdf: bytes) -> list[tuple[str, str]]:
    """What ends each page but the last, and what begins the next: the element that is read there,
    "H2" or "P", with the section of the page ("Div", "Table") it is in."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        ranks = {page.obj.objgen: rank for rank, page in enumerate(opened.pages)}
        read: list[tuple[int, str]] = []

        def follow(element: pikepdf.Object, page: pikepdf.Object, kind: str) -> None:
            if isinstance(element, pikepdf.Array):
                for each in element:
                    follow(each, page, kind)
            elif not isinstance(element, pikepdf.Dictionary):
                read.append((ranks[page.objgen], kind))
            elif element.get("/Type") == "/MCR":
                read.append((ranks[element.get("/Pg", page).objgen], kind))
            elif "/K" in element:
                told = str(element.S).lstrip("/")
                inner = kind if told in ("Span", "Link", "NonStruct") else told
                follow(element.K, element.get("/Pg", page), inner)

        follow(opened.Root.StructTreeRoot.K, opened.pages[0].obj, "")
    return [(last[1], first[1]) for last, first in pairwise(read) if last[0] != first[0]]


def _is_bullet(element: pikepdf.Object) -> bool:
    """Whether WeasyPrint drew it; the number of a point is the mark of its item and is written."""
    is_mark = element.get("/S") == "/Lbl" and len(element.K) > 0
    return is_mark and not isinstance(element.K[0].K[0], pikepdf.Dictionary)


def marked(page: pikepdf.Page) -> dict[int, str]:
    """What each marked piece of the page writes, as the table of its font translates it."""
    fonts = {name: _letters(font) for name, font in (page.Resources.get("/Font") or {}).items()}
    found: dict[int, list[str]] = {}
    letters: dict[str, str] = {}
    marks: list[int | None] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "Tf":
                letters = fonts[str(operands[0])]
            case "BMC":
                marks.append(None)
            case "BDC":
                told = operands[1]
                is_piece = isinstance(told, pikepdf.Dictionary) and "/MCID" in told
                marks.append(int(told.MCID) if is_piece else None)
            case "EMC":
                marks.pop()
            case "Tj" | "TJ":
                (shown,) = operands
                pieces = shown if isinstance(shown, pikepdf.Array) else [shown]
                codes = "".join(
                    bytes(each).hex() for each in pieces if isinstance(each, pikepdf.String)
                )
                number = next((mark for mark in reversed(marks) if mark is not None), None)
                if number is not None:
                    found.setdefault(number, []).extend(
                        letters[codes[start : start + 4]] for start in range(0, len(codes), 4)
                    )
    return {number: "".join(text) for number, text in found.items()}


def _letters(font: pikepdf.Object) -> dict[str, str]:
    """The letters of the codes of a font, as its `ToUnicode` gives them; one code a line."""
    lines = re.findall(r"^<(\w{4})> <(\w+)>$", font.ToUnicode.read_bytes().decode(), re.MULTILINE)
    return {code.lower(): bytes.fromhex(told).decode("utf-16-be") for code, told in lines}


def told_by_poppler(pdf: bytes, folder: Path) -> str:
    """The same, as an independent program reads it."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(  # noqa: S603 poppler, of our file
        ["pdfinfo", "-struct-text", path],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    words, mark = [], 1000
    for line in told.splitlines():
        depth = len(line) - len(line.lstrip())
        if depth <= mark:
            mark = 1000
        if line.strip().startswith("Lbl"):
            mark = depth
        elif line.strip().startswith("Span") and depth == mark + 4:
            mark = 1000  # a number, which is written: a bullet holds no span of spans
        elif mark == 1000 and (found := re.fullmatch(r'\s*"(.*)"', line)):
            words.append(found[1])
    return _bare("".join(words))


def told_by_docx(content: bytes) -> str:
    """The words of the body of a word-processor file."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
    return _bare("".join(each.text or "" for each in body.iter(name)))


def _bare(text: str) -> str:
    """Without what each output makes in its own way: spaces, the hyphens of words that are cut, the
    capitals of a style."""
    return re.sub(r"[-\u2010\s]+", "", text).casefold()
