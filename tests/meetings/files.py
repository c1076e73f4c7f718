"""Files of every sort, made on the spot: good ones, broken ones, hostile ones."""

import io
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
from PIL import Image

OFFICE = "application/vnd.openxmlformats-officedocument."


def made(content: bytes | Callable[[], bytes]) -> bytes:
    """What is heavy is told in a table by what makes it: each process of the tests reads it."""
    return content() if callable(content) else content


def pdf(pages: int = 1, *, password: str = "", author: str = "") -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page()
        if author:
            made.docinfo["/Author"] = author
        locked = pikepdf.Encryption(owner="owner", user=password) if password else False
        made.save(out, encryption=locked, deterministic_id=not password)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, 128).save(out, kind)
    return out.getvalue()


def hollow_picture() -> bytes:
    """A PNG of sound pieces, in which the points themselves are missing."""
    head, rest = picture().split(b"IDAT", 1)
    length = int.from_bytes(head[-4:])
    points = zlib.compress(b"")
    piece = b"IDAT" + points
    return (
        head[:-4]
        + len(points).to_bytes(4)
        + piece
        + zlib.crc32(piece).to_bytes(4)
        + rest[length + 4 :]
    )


def archive(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


MAIN = {
    "docx": "wordprocessingml.document",
    "xlsx": "spreadsheetml.sheet",
    "pptx": "presentationml.presentation",
}


def office(kind: str, *entries: tuple[str, bytes], main: str = "") -> bytes:
    """A docx, xlsx or pptx, as far as what tells one from another."""
    types = f'<Types><Override ContentType="{main or f"{OFFICE}{MAIN[kind]}.main+xml"}"/></Types>'
    return archive(("[Content_Types].xml", types.encode()), ("doc.xml", b"<w/>" * 99), *entries)


def open_document(kind: str, *entries: tuple[str, bytes]) -> bytes:
    """An odt, ods or odp."""
    name = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}[kind]
    return archive(
        ("mimetype", f"application/vnd.oasis.opendocument.{name}".encode()),
        ("content.xml", b"<office:document/>"),
        *entries,
    )


def old_word(*, protected: bool = False) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    return head + ("EncryptedPackage".encode("utf-16-le") if protected else b"WordDocument")


def zip_bomb(megabytes: int = 60) -> bytes:
    """A docx whose only picture unpacks to nothing but zeros."""
    return office("docx", ("word/media/image1.bmp", bytes(megabytes * 1024 * 1024)))


def crowd(entries: int) -> bytes:
    return archive(*((f"x{n}", b"") for n in range(entries)), method=zipfile.ZIP_STORED)


def lying(content: bytes) -> bytes:
    """The same archive, whose directory says that every entry unpacks to one byte."""
    spoilt = bytearray(content)
    at = spoilt.find(b"PK\x01\x02")
    while at >= 0:
        spoilt[at + 24 : at + 28] = (1).to_bytes(4, "little")
        at = spoilt.find(b"PK\x01\x02", at + 4)
    return bytes(spoilt)


def packed(head: bytes, unit: bytes, times: int, tail: bytes) -> bytes:
    """The head, so many times the unit and the tail as zlib packs them, the unit once: a block
    that begins afresh is the same each time."""
    packer = zlib.compressobj(9)
    blocks = [
        packer.compress(each) + packer.flush(zlib.Z_FULL_FLUSH) for each in (head, unit, tail)
    ]
    end = packer.flush()[:-4]  # without its sum, which is of one unit
    sums = {each: zlib.adler32(each) for each in (head, unit, tail)}
    low, high = 1, 0  # Adler-32 of all that was said, one after the other
    for each in (head, *[unit] * times, tail):
        high += (sums[each] >> 16) + len(each) * (low - 1)
        low += (sums[each] & 0xFFFF) - 1
    total = (high % 65521 << 16 | low % 65521).to_bytes(4, "big")
    return blocks[0] + blocks[1] * times + blocks[2] + end + total


def pdf_bomb(megabytes: int, kind: bytes = b" ", *, is_hidden: bool = False) -> bytes:
    """A PDF whose catalogue lies in a stream that unpacks to an array of so much of this; or only
    what its page does not need to be counted."""
    catalogue = b"<< /Type /Catalog /Pages 3 0 R "
    number = b"%d 0 " % (6 if is_hidden else 1)
    stream = packed(
        number + catalogue + b"/X [", kind * ((1 << 20) // len(kind)), megabytes, b"] >>"
    )
    out = io.BytesIO(b"%PDF-1.5\n")
    out.seek(0, io.SEEK_END)
    rows = {0: bytes(6), (6 if is_hidden else 1): b"\x02" + (2).to_bytes(4, "big") + b"\x00"}

    def put(number: int, content: bytes) -> None:
        rows[number] = b"\x01" + out.tell().to_bytes(4, "big") + b"\x00"
        if number == 5:  # the table, which tells its own place
            content = with_stream(content, b"".join(rows[n] for n in sorted(rows)))
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))

    def with_stream(words: bytes, content: bytes) -> bytes:
        return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (words, len(content), content)

    if is_hidden:
        put(1, catalogue + b">>")
    put(2, with_stream(b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", stream))
    put(3, b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>")
    put(4, b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 10 10] /Resources 6 0 R >>")
    end = out.tell()
    put(5, b"/Type /XRef /Size %d /W [1 4 1] /Root 1 0 R" % len(rows | {5: b""}))
    out.write(b"startxref\n%d\n%%%%EOF\n" % end)
    return out.getvalue()


def crowded_pdf(megabytes: int) -> bytes:
    """A PDF of a plain text, whose form is an array of nothing but empty dictionaries."""
    form = b"<< /Fields [%s] >>" % (b"<<>>" * (megabytes << 18))
    out = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(
        (b"<< /Type /Catalog /Pages 2 0 R /AcroForm 3 0 R >>", b"<< /Type /Pages >>", form), 1
    ):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 4\n0000000000 65535 f \n%strailer\n<< /Size 4 /Root 1 0 R >>\n" % rows
    return out + table + b"startxref\n%d\n%%%%EOF\n" % len(out)
