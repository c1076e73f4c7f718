"""Files that are kept: whole or absent, and gone with the act that failed after it wrote them.

A disk that fills up half-way leaves neither half a file nor a file of which no row speaks; whoever
acted is told so in words (`members.front.failed`).
"""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.db import transaction
from django.db.models.fields.files import FieldFile

from law.findings import Finding, Refused

UNDER_WAY = ".en-cours-"  # what is being written is called so; no backup takes it
LONGEST_WRITE = timedelta(hours=1)  # older, whoever wrote it was killed

_written: ContextVar[list[str] | None] = ContextVar("written", default=None)


class WholeFiles(FileSystemStorage):
    """Files on the disk, written beside and then moved to their place; a file that was not
    written to its end, whatever the reason, is not there at all."""

    def _save(self, name: str, content: File) -> str:
        root = Path(self.location)
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=UNDER_WAY, dir=root, delete=False) as beside:
            try:
                for chunk in content.chunks():
                    beside.write(chunk.encode() if isinstance(chunk, str) else chunk)
                beside.close()
                kept = super()._save(name, _Beside(beside.name))
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(beside.name)
                raise
        if (written := _written.get()) is not None:
            written.append(kept)
        return kept


def sweep() -> None:
    """Take away what was half-written by who was killed meanwhile: no row speaks of it."""
    for path in Path(default_storage.path("")).glob(f"{UNDER_WAY}*"):
        with contextlib.suppress(OSError):  # gone meanwhile
            if time.time() - path.stat().st_mtime > LONGEST_WRITE.total_seconds():
                path.unlink()


class _Beside(File):
    """A file written whole, which has only to be moved."""

    def __init__(self, path: str) -> None:
        super().__init__(None, path)

    def temporary_file_path(self) -> str:
        """Where it is."""
        return str(self.name)


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """A transaction that takes the files it wrote away with it when it fails.

    Within another one, they also go with the failure of the outer.
    """
    outer, mine = _written.get(), list[str]()
    token = _written.set(mine)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        for name in mine:
            with contextlib.suppress(OSError):  # the disk is what failed, maybe
                default_storage.delete(name)
        raise
    finally:
        _written.reset(token)
    if outer is not None:
        outer += mine


# --- What is handed over ----------------------------------------------------------------------


class Damaged(Refused):
    """A file that is kept is gone, or is no longer what was kept. No page hands it over: where
    none says so itself, `members.front.failed` does."""

    def __init__(self, name: str) -> None:
        super().__init__(
            [
                Finding(
                    code="fichier_altere",
                    message=f"Le fichier de « {name} » manque, ou n’est plus celui qui a été "
                    "gardé : il n’est pas donné.",
                    remedy="L’exploitant lance « manage.py verify », qui dit ce qui a changé, et "
                    "le remet d’une sauvegarde.",
                )
            ]
        )


def hash_of(file: File) -> str:
    """The SHA-256 of a file, which is left at its beginning."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def opened(file: FieldFile, sha256: str) -> File:
    """A kept file, open at its beginning, for whoever closes it. Raises `Damaged` unless its bytes
    are those of this hash; "" where none was taken of it."""
    return opened_at(str(file.name), sha256, told=str(file.instance), storage=file.storage)


def opened_at(path: str, sha256: str, *, told: str, storage: Storage = default_storage) -> File:
    """See `opened`: the file of which no row is, `told` by its name."""
    try:
        found = storage.open(path, "rb")
        if not sha256 or hashlib.file_digest(found, "sha256").hexdigest() == sha256:
            found.seek(0)
            return found
        found.close()
    except (OSError, ValueError) as error:
        raise Damaged(told) from error
    raise Damaged(told)


def content(file: FieldFile, sha256: str) -> bytes:
    """The bytes of a kept file, see `opened`."""
    with opened(file, sha256) as found:
        return bytes(found.read())
