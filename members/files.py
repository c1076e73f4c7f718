"""Files that are kept: whole or absent, and gone with the act that failed after it wrote them.

A disk that fills up half-way leaves neither half a file nor a file of which no row speaks; whoever
acted is told so in words (`members.front.failed`).
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction

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
