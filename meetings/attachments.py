"""Files that come in: known by their content, bounded, scanned; and how they go out again.

A name proves nothing. `check` looks inside: a PDF is opened (in a process of its own, `opening`),
the directory of an office file is walked, a picture is read; nothing is unpacked to memory and
nothing is executed. What it does not recognise it refuses, and it says how to mend what can be
mended.

Settings: `ATTACHMENT_MAX_BYTES`, and `ATTACHMENT_SCANNER`, the dotted path of a function (path →
name of what was found, "" when clean) or a command line (`clamdscan --fdpass --no-summary`; code
0: clean, 1: found). A scanner that fails refuses the file.
"""

import hashlib
import re
import shlex
import subprocess
import tempfile
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import FileResponse
from django.utils.module_loading import import_string

from law import findings
from law.findings import Finding, Refused, Severity
from meetings import opening
from meetings.models import Attachment, weight
from members import archives, cells, files

PDF, JPEG, PNG = "pdf", "jpg", "png"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
# Extension → media type, and what people call it.
KINDS = {
    PDF: ("application/pdf", "un PDF"),
    "docx": (f"{_OFFICE}wordprocessingml.document", "un document Word"),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", "un classeur Excel"),
    "pptx": (f"{_OFFICE}presentationml.presentation", "une présentation PowerPoint"),
    "odt": (f"{_OPEN}text", "un texte OpenDocument"),
    "ods": (f"{_OPEN}spreadsheet", "un classeur OpenDocument"),
    "odp": (f"{_OPEN}presentation", "une présentation OpenDocument"),
    JPEG: ("image/jpeg", "une image JPEG"),
    PNG: ("image/png", "une image PNG"),
}
ACCEPTED = ", ".join(f".{extension}" for extension in (*KINDS, "jpeg"))
NAMES = "PDF, Word, Excel, PowerPoint, OpenDocument, JPEG ou PNG"

OFFICE = archives.Budget(files=10_000, unpacked=400 * 1024 * 1024)
MAX_PIXELS = 60_000_000
SCAN_SECONDS = 120
FILES_AT_ONCE = 4  # a request holds no more than so many files of the greatest size

_CHUNK = 64 * 1024


def max_bytes() -> int:
    """How much a file may weigh, in bytes."""
    limit: int = settings.ATTACHMENT_MAX_BYTES
    return limit


def limit_in_words() -> str:
    """The same as people say it: "20 Mo"."""
    return weight(max_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A file that may be kept: what it is, whatever its name said."""

    filename: str
    media_type: str
    size: int
    sha256: str
    pages: int | None = None
    notes: tuple[Finding, ...] = ()


def check(file: File, filename: str) -> Checked:
    """What this file is. Raises `Refused`, its finding naming the file, when it may not be kept."""
    name = safe_name(filename)
    try:
        size = file.size
        if not size:
            _refuse("vide", "il est vide")
        if size > max_bytes():
            raise too_big(name)
        with on_disk(file) as path:
            kind, pages = _look_inside(path)
            _scan(path)
            sha256 = _hash(path)
    except _Unfit as unfit:
        raise Refused([unfit.finding(name)]) from unfit
    proper = _with_extension(name, kind)
    notes = []
    if proper.casefold() != name.casefold() and "." in name:
        notes.append(
            Finding(
                code="piece_renommee",
                message=f"« {name} » est en réalité {KINDS[kind][1]} : il est gardé sous le nom "
                f"« {proper} ».",
                severity=Severity.WARNING,
            )
        )
    return Checked(
        filename=proper,
        media_type=KINDS[kind][0],
        size=size,
        sha256=sha256,
        pages=pages,
        notes=tuple(notes),
    )


def too_big(filename: str) -> Refused:
    """The refusal of a file that is over the limit."""
    return findings.refusal(
        "piece_trop_lourde",
        f"« {safe_name(filename)} » dépasse {limit_in_words()}.",
        remedy="Réduisez-le (PDF de moindre qualité, images moins grandes) ou coupez-le.",
        field="files",
    )


class _Unfit(Exception):
    """Why a file may not be kept, before its name is known."""

    def __init__(self, code: str, why: str, remedy: str = "") -> None:
        super().__init__(why)
        self.code, self.why, self.remedy = code, why, remedy

    def finding(self, name: str) -> Finding:
        return Finding(
            code=f"piece_{self.code}",
            message=f"« {name} » n’est pas pris : {self.why}.",
            remedy=self.remedy,
            field="files",
        )


def _refuse(code: str, why: str, remedy: str = "") -> NoReturn:
    raise _Unfit(code, why, remedy)


# --- Names ------------------------------------------------------------------------------------

_MAX_NAME = 150


def safe_name(filename: str) -> str:
    """The last part of a name, without what deceives the eye (controls, reversed writing)."""
    last = re.split(r"[/\\]", filename)[-1]
    kept = "".join(
        each if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else ""
        for each in unicodedata.normalize("NFC", last)
    )
    kept = re.sub(r'[\s<>:"|?*]+', " ", kept).strip(" .")
    stem, dot, extension = kept.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[:_MAX_NAME].strip() or 'document'}.{extension}"
    return kept[:_MAX_NAME].strip() or "document"


def _with_extension(name: str, kind: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if kind == JPEG and extension.casefold() == "jpeg":
        return name
    known = dot and (extension.casefold() in KINDS or len(extension) <= 4)
    return f"{stem if known else name}.{kind}"


def named_as(filename: str, like: str) -> str:
    """A name given by somebody, with the extension of a file whose content was checked."""
    return _with_extension(safe_name(filename), like.rpartition(".")[2])


def title_of(filename: str) -> str:
    """The title that a file has until somebody writes a better one."""
    name = safe_name(filename)
    return (name.rpartition(".")[0] or name).replace("_", " ").strip() or "Document"


# --- Content ----------------------------------------------------------------------------------


@contextmanager
def on_disk(file: File) -> Iterator[Path]:
    """Where the file lies: what is small came in memory and is written out for its readers."""
    if hasattr(file, "temporary_file_path"):
        file.seek(0)
        yield Path(file.temporary_file_path())
        file.seek(0)
        return
    with tempfile.NamedTemporaryFile(prefix="piece_") as copy:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            copy.write(chunk)
        copy.flush()
        file.seek(0)
        yield Path(copy.name)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _look_inside(path: Path) -> tuple[str, int | None]:
    """What the file is, and its pages where it has any."""
    with path.open("rb") as file:
        head = file.read(1024)
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
            return PDF, _pdf_pages(path)
        if head.startswith(b"PK\x03\x04"):
            return _office_kind(file), None
        if head.startswith(b"\xff\xd8\xff"):
            _check_picture(file)
            return JPEG, None
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            _check_picture(file)
            return PNG, None
        if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            _refuse_old_office(file)
    if head.startswith((b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")):
        _refuse("programme", "son contenu est celui d’un programme, quel que soit son nom")
    _refuse("inconnue", f"son contenu n’est ni {NAMES}", "Enregistrez-le en PDF, puis joignez-le.")


def _pdf_pages(path: Path) -> int:
    try:
        pages = opening.pages(path)
    except cells.Excessive:
        _refuse(
            "bombe",
            "ce PDF se déplie en bien plus que ce qu’un document contient",
            "Imprimez-le de nouveau en PDF, ou coupez-le.",
        )
    if pages == opening.LOCKED:
        _refuse(
            "protegee",
            "ce PDF est protégé par un mot de passe",
            "Ouvrez-le avec son mot de passe, imprimez-le en PDF sans protection, puis joignez "
            "cette copie.",
        )
    if pages == opening.DAMAGED:
        _refuse("abimee", "ce PDF ne se lit pas", "Imprimez-le de nouveau en PDF.")
    if not pages:
        _refuse("abimee", "ce PDF n’a aucune page")
    return pages


def _check_picture(file: IO[bytes]) -> None:
    from PIL import Image, ImageFile

    file.seek(0)
    # WeasyPrint, once imported, has every reader of the process make up what a file lacks.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=["JPEG", "PNG"]) as picture:
                width, height = picture.size
                if width * height <= MAX_PIXELS:
                    if picture.format == "JPEG":
                        picture.draft("RGB", (64, 64))  # read whole, an eighth of its size
                        picture.load()
                    else:
                        picture.verify()
    except Exception:  # whatever a broken or hostile file makes the reader raise
        _refuse("abimee", "cette image ne se lit pas", "Enregistrez-la de nouveau.")
    if width * height > MAX_PIXELS:
        _refuse("trop_grande", "cette image a trop de points", "Réduisez ses dimensions.")


_NO_MACROS = "Enregistrez-le sans macros (« .docx », « .xlsx »…) ou en PDF."
_MAIN_PARTS = {
    b"wordprocessingml.document.main+xml": "docx",
    b"spreadsheetml.sheet.main+xml": "xlsx",
    b"presentationml.presentation.main+xml": "pptx",
}


def _office_kind(file: IO[bytes]) -> str:
    """Which office file this archive is. Walked entry by entry, counted, never kept."""
    try:
        with archives.opened(file, OFFICE) as archive:
            return _kind_of_archive(archive)
    except archives.Excessive:
        _refuse("bombe", "il se déplie en bien plus que ce qu’un document contient")
    except archives.Damaged:
        _refuse("abimee", "cette archive ne se lit pas", "Enregistrez le document de nouveau.")


def _kind_of_archive(archive: zipfile.ZipFile) -> str:
    entries = archive.infolist()
    if any(entry.flag_bits & 0x1 for entry in entries):
        _refuse_protected()
    kind = _declared_kind(archive)
    # Sizes are what the directory says; reading holds it to its word, a chunk at a time.
    for entry in entries:
        with archive.open(entry) as part:
            while part.read(_CHUNK):
                pass
    return kind


def _declared_kind(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "mimetype" in names:
        declared = _start_of(archive, "mimetype", 200).strip().decode("ascii", "replace")
        kinds = {media_type: kind for kind, (media_type, _) in KINDS.items()}
        if declared.startswith(_OPEN) and declared in kinds:
            if b"encryption-data" in _start_of(archive, "META-INF/manifest.xml", 1_000_000):
                _refuse_protected()
            if any(name.startswith(("Basic/", "Scripts/")) for name in names):
                _refuse("macros", "ce document contient des macros", _NO_MACROS)
            return kinds[declared]
    if "[Content_Types].xml" in names:
        types = _start_of(archive, "[Content_Types].xml", 1_000_000)
        if b"macroEnabled" in types or b"vbaProject" in types:
            _refuse("macros", "ce document contient des macros", _NO_MACROS)
        for mark, kind in _MAIN_PARTS.items():
            if mark in types:
                return kind
    _refuse(
        "archive",
        "c’est une archive, et non un document",
        "Joignez un à un les documents qu’elle contient.",
    )


def _start_of(archive: zipfile.ZipFile, name: str, length: int) -> bytes:
    try:
        with archive.open(name) as part:
            return part.read(length)
    except KeyError:
        return b""


def _refuse_protected() -> NoReturn:
    _refuse(
        "protegee",
        "ce document est protégé par un mot de passe",
        "Enregistrez-en une copie sans mot de passe.",
    )


def _refuse_old_office(file: IO[bytes]) -> NoReturn:
    """Word, Excel or PowerPoint before 2007; or a present one under a password."""
    file.seek(0)
    content = file.read(4 * 1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in content:
        _refuse_protected()
    _refuse(
        "ancienne",
        "c’est un format Office d’avant 2007",
        "Enregistrez-le en « .docx », « .xlsx », « .pptx » ou en PDF.",
    )


# --- Scanner ----------------------------------------------------------------------------------


def _scan(path: Path) -> None:
    """Ask the scanner of the house, when there is one."""
    scanner = settings.ATTACHMENT_SCANNER
    if not scanner:
        return
    try:
        found = _found_by(scanner, path)
    except Exception:  # down, slow, misconfigured: what was not examined is not taken
        _refuse(
            "non_examinee",
            "l’antivirus n’a pas pu l’examiner",
            "Recommencez dans un moment ; si cela dure, prévenez l’exploitant.",
        )
    if found:
        _refuse("infectee", f"l’antivirus y a trouvé « {found[:100]} »")


def _found_by(scanner: str, path: Path) -> str:
    """The name of what was found, "" when the file is clean."""
    if re.fullmatch(r"\w+(\.\w+)+", scanner):
        return str(import_string(scanner)(str(path)) or "")
    ran = subprocess.run(  # noqa: S603 - the command is the operator's, the file name ours
        [*shlex.split(scanner), str(path)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SCAN_SECONDS,
        check=False,
    )
    if ran.returncode == 0:
        return ""
    if ran.returncode == 1:
        told = next((line for line in ran.stdout.splitlines() if line.strip()), "")
        return told.rpartition(": ")[2].removesuffix("FOUND").strip() or "un programme malveillant"
    raise RuntimeError(ran.stderr)


# --- Coming in --------------------------------------------------------------------------------


class BoundedUploadHandler(FileUploadHandler):
    """Stops reading a request at the limit, whoever sends it and wherever it goes.

    Fields that came before the file are kept; `request.stopped_upload` is the name of the file at
    which reading stopped. The first handler of `FILE_UPLOAD_HANDLERS`.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        self.is_too_long = content_length > FILES_AT_ONCE * max_bytes() + 1024 * 1024

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0
        if self.is_too_long:
            self._stop()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > max_bytes():
            self._stop()
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None

    def _stop(self) -> NoReturn:
        if self.request is not None:
            self.request.stopped_upload = self.file_name
        raise StopUpload(connection_reset=True)


# --- Going out --------------------------------------------------------------------------------


def download(attachment: Attachment) -> FileResponse:
    """The file, to be saved and never shown: for views that have authorised whoever asks."""
    response = FileResponse(
        files.opened(attachment.file, attachment.sha256),
        as_attachment=True,
        filename=attachment.filename,
        content_type=attachment.media_type,
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
