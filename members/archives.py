"""ZIP files that somebody brings: opened under a budget, before anything in them is believed.

What an archive says of itself is held against it: the directory is bounded before it is read, the
sum of the sizes that it declares before anything is unpacked, and reading never goes beyond them.
"""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

CHUNK = 64 * 1024
_MIB = 1024 * 1024
_TAIL = 65_557  # the end of the directory and the longest comment after it
_READ_BY_ALL = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What opening an archive whose bytes were touched raises, here and there in the library.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)


class Damaged(Exception):
    """It does not read as an archive that anybody could open."""


class Excessive(Exception):
    """It holds, or unpacks to, more than its kind ever does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much an archive may hold: files, bytes once unpacked, bytes of its directory.

    Beyond `ratio` times its own size, and beyond `free` bytes, it is no document.
    """

    files: int
    unpacked: int
    directory: int = 4 * _MIB
    ratio: int = 150
    free: int = 5 * _MIB


@contextmanager
def opened(file: IO[bytes] | bytes, budget: Budget) -> Iterator[zipfile.ZipFile]:
    """The archive, for the time of a block; what reading it raises there is `Damaged` too.

    Raises `Excessive` before anything is unpacked when it goes beyond the budget.
    """
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    try:
        _bound_directory(stream, budget)
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            _bound_content(archive, stream, budget)
            yield archive
    except DAMAGED as error:
        raise Damaged from error


def _bound_directory(stream: IO[bytes], budget: Budget) -> None:
    """Before anything reads it whole: an entry of 46 bytes takes half a kilobyte of memory."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise Damaged
    if tail[max(0, at - 20) :].startswith(b"PK\x06\x07"):  # for more than any document holds
        raise Excessive
    _, _, _, _, count, length, _, _ = struct.unpack("<4s4H2LH", tail[at : at + 22])
    if count > budget.files or length > budget.directory:
        raise Excessive


def _bound_content(archive: zipfile.ZipFile, stream: IO[bytes], budget: Budget) -> None:
    found = archive.infolist()
    unpacked = sum(entry.file_size for entry in found)
    most = max(budget.free, budget.ratio * stream.seek(0, 2))
    if len(found) > budget.files or unpacked > min(budget.unpacked, most):
        raise Excessive
    if len({entry.filename for entry in found}) != len(found):
        raise Damaged  # one name, two contents: each reader would see another
    if any(entry.compress_type not in _READ_BY_ALL for entry in found):
        raise Damaged
