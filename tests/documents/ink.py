"""What a PDF shows, read by other programs than the one that wrote it."""

import re
import subprocess
from pathlib import Path

import pikepdf


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
