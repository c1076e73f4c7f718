"""A copy of an act that says its legal state at the head of its first page.

The file that was signed is not touched: its pages are copied into another file, which says that it
is a copy, of what, and on which day. The signatures stay with the original: those of a copy would
prove nothing. Nothing keeps a copy, which is drawn again for whoever asks: it bears a mark of this
server, made of all its bytes, by which it is known again (`origin`).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import chain
from typing import Any

from archive.online.standing import Standing
from documents import render
from documents.stamping import Face
from law import french
from members import seals

_SIZE, _LEADING = 6.5, 8  # points
_MARGIN, _HEAD = 77, 12  # the lines begin where those of extracts do
_WIDTH = 441  # of the page between its margins


def copy(
    content: bytes, standing: Standing, *, code: str, on: date, is_redacted: bool = False
) -> bytes:
    """The pages of this file with the state of its act, as it is known `on` that day; a file where
    passages are masked is none of the original (`is_redacted`)."""
    import pikepdf

    lines = _lines(standing, code=code, on=on, is_redacted=is_redacted)
    with pikepdf.open(BytesIO(content)) as pdf:
        face = Face(pdf, f"{''.join(lines)} ·")
        _unsign(pdf)
        _stamp(pdf.pages[0], face, _fitted(face, lines))
        pdf.docinfo[_OF], pdf.docinfo[_ON] = hashlib.sha256(content).hexdigest(), on.isoformat()
        return _marked(render.saved(pdf, packed=True))


# --- Known again ------------------------------------------------------------------------------

_OF, _ON = "/CopieDe", "/CopieDu"
# The second part of the identifier of a file is of these bytes, and may be anything else: nothing
# is added to a file that has to be of a norm.
_IDENTIFIER = re.compile(rb"/ID \[<[0-9a-f]*><([0-9a-f]{32})>\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a copy that was drawn here is of: the hash of that file; and its day."""

    source: str
    on: date


def origin(content: bytes) -> Copied | None:
    """What this is a copy of, if it is one, byte for byte, that this server drew."""
    import pikepdf

    place = _place(content)
    if place is None or not seals.is_tag(_told(content, place), content[place].decode()):
        return None
    with pikepdf.open(BytesIO(content)) as pdf:  # ours: nobody else marked it
        source, on = str(pdf.docinfo[_OF]), str(pdf.docinfo[_ON])
    return Copied(source=source, on=date.fromisoformat(on))


def _marked(content: bytes) -> bytes:
    place = _place(content)
    if place is None:
        raise ValueError("qpdf writes an identifier in every file")
    tag = seals.tag(_told(content, place)).encode()
    return content[: place.start] + tag + content[place.stop :]


def _place(content: bytes) -> slice | None:
    """Where the mark is, or goes."""
    found = _IDENTIFIER.search(content, max(content.rfind(b"/ID [<"), 0))
    return slice(*found.span(1)) if found else None


def _told(content: bytes, place: slice) -> str:
    """Everything but the mark."""
    rest = hashlib.sha256(content[: place.start] + b"\0" + content[place.stop :]).hexdigest()
    return f"archive.online.stamped {rest}"


def _lines(standing: Standing, *, code: str, on: date, is_redacted: bool = False) -> list[str]:
    origin, day = f" n° {code}" if code else "", french.long_date(on)
    head = (
        f"Copie du {day} de la version mise en ligne{origin}, où des passages sont masqués\u00a0; "
        "seul l’original signé, conservé, fait foi."
        if is_redacted
        else f"Copie du {day} de l’original{origin}, qui seul fait foi."
    )
    return [head, *standing.stamp]


def _fitted(face: Face, lines: list[str]) -> list[str]:
    """As few lines as hold them, several to a line where there is room, and what is longer than
    one line on as many as it takes."""
    found: list[str] = []
    for line in chain.from_iterable(_broken(face, each) for each in lines):
        together = f"{found[-1]}  ·  {line}" if found[1:] else ""
        if together and face.width(together, _SIZE) <= _WIDTH:
            found[-1] = together
        else:
            found.append(line)
    return found


def _broken(face: Face, line: str) -> Iterator[str]:
    """A line in pieces that fit, cut where a space may be."""
    told = ""
    for word in line.split(" "):
        longer = f"{told} {word}" if told else word
        if told and face.width(longer, _SIZE) > _WIDTH:
            yield told
            longer = word
        told = longer
    yield told


def _set(lines: list[str]) -> tuple[float, float]:
    """Where the first line is, and how far apart they are: six are closer, above the letterhead."""
    return (_HEAD, _LEADING) if len(lines) <= 5 else (10, 6.9)


def _unsign(pdf: Any) -> None:
    """Without the places of signatures: they mean nothing in a copy."""
    from pikepdf import Array

    for name in ("/AcroForm", "/Perms", "/DSS"):
        if name in pdf.Root:
            del pdf.Root[name]
    for page in pdf.pages:
        if "/Annots" in page:
            kept = [each for each in page.Annots if each.Subtype == "/Link"]
            page.Annots = Array(kept)


def _stamp(page: Any, face: Face, lines: list[str]) -> None:
    from pikepdf import Name

    name = Name("/EtatDeLActe")
    page.add_resource(face.font, Name.Font, name)
    head, leading = _set(lines)
    top = float(page.obj.MediaBox[3]) - head
    told = " ".join(
        f"1 0 0 1 {_MARGIN} {top - rank * leading:.2f} Tm {face.shown(line)}"
        for rank, line in enumerate(lines)
    )
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(
        f"\nQ\n/Artifact <</Type /Pagination>> BDC q 0.29 0.31 0.33 rg BT {name} {_SIZE} Tf "
        f"{told} ET Q EMC\n".encode()
    )
