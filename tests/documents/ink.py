"""What a PDF shows, read by other programs than the one that wrote it."""

import re
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pikepdf
from lxml import etree
from lxml import html as markup


def text_of(pdf: bytes, folder: Path) -> str:
    """The text as any reader copies it, spaces and line ends made one."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return " ".join(told.stdout.split())


def pages_of(pdf: bytes, folder: Path) -> list[str]:
    """The text of each page."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return [" ".join(page.split()) for page in told.stdout.split("\f")][:-1]


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


# --- The same words in the three outputs ------------------------------------------------------


def told_by_html(page: str) -> str:
    """The words of the page, in their order, as a browser would read them out."""
    body = markup.document_fromstring(page).find("body")
    return _bare("".join(body.itertext()))


def told_by_pdf(pdf: bytes, folder: Path) -> str:
    """The words of the structure that a screen reader follows, running heads left out.

    Marks of lists are drawn, not written.
    """
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(  # noqa: S603
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
