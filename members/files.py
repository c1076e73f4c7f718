"""Files that are kept: whole or absent, and gone with the act that failed after it wrote them.

They lie in a folder (`WholeFiles`) or in an object store (`members.objects.Objects`); both are a
`Keeping`, and nobody else asks which. A disk that fills up half-way, or a store that is cut off,
leaves neither half a file nor a file of which no row speaks; whoever acted is told so in words
(`members.front.failed`).
"""

import contextlib
import errno
import getpass
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import IO, NamedTuple, Protocol, cast

from django.apps import apps
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage, storages
from django.db import DatabaseError, transaction
from django.db.models.fields.files import FieldFile

from law.findings import Finding, Refused

UNDER_WAY = ".en-cours-"  # what is being written is called so; no backup takes it
LONGEST_WRITE = timedelta(hours=1)  # older, whoever wrote it was killed

_written: ContextVar[list[str] | None] = ContextVar("written", default=None)


class Away(Exception):
    """Where files are kept does not answer. Nothing was written; it may well be asked again."""


_SAID = {
    errno.ENOENT: "n’existe pas",
    errno.EACCES: "est fermé au compte {account}",
    errno.EPERM: "est fermé au compte {account}",
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "le disque est plein pour le compte {account}",
    errno.EROFS: "ne s’écrit pas d’ici",
    errno.EISDIR: "est un dossier",
    errno.ENOTDIR: "n’est pas dans un dossier",
    errno.EIO: "le disque ne répond pas comme il faut",
}


def in_words(error: OSError) -> str:
    """What the system refused, of which file, and to whom: a message says it in French."""
    if error.strerror and error.strerror.startswith("No usable temporary directory"):
        return "aucun dossier temporaire ne s’écrit (TMPDIR)"
    said = _SAID.get(error.errno or 0, error.strerror or str(error))
    if "{account}" in said:
        said = said.format(account=_account())
    return f"{os.fsdecode(error.filename)} {said}" if error.filename else said


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, in a container
        return str(os.getuid())


class Stored(NamedTuple):
    """A file that is kept: its name, its bytes, when it was written (seconds since 1970)."""

    name: str
    size: int
    at: float


class Keeping(Protocol):
    """What the house asks of the place of its files, or of its backups, beyond what Django asks of
    any storage. Raises `Away` when it does not answer."""

    KIND: str  # as a supervisor reads it

    # --- What Django asks of it ---

    def open(self, name: str) -> File:
        """What has this name, for reading."""

    def delete(self, name: str) -> None:
        """It is there no more."""

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """The folders and the files of this one."""

    # --- What we do ---

    def is_ready(self) -> bool:
        """Whether files can be written there now."""

    def walk(self, folder: str = "") -> Iterator[Stored]:
        """Each file that is kept whole there."""

    def left_behind(self, *, before: float) -> Iterator[str]:
        """What was being written before that time by who was killed."""

    def admits(self, name: str) -> bool:
        """Whether what has this name would lie inside, wherever links lead."""

    def lay(self, name: str, source: IO[bytes]) -> None:
        """Put these bytes there under this very name, whole or not at all."""

    def link(self, name: str, path: Path) -> None:
        """The same of a file of this machine, which is not copied where that can be."""


def place() -> Keeping:
    """Where files are kept."""
    return cast(Keeping, default_storage)


def backups() -> Keeping | None:
    """Where the application backs itself up (BACKUP_DIR: a folder, or the options of a bucket)."""
    told = settings.BACKUP_DIR
    if told is None:
        return None
    if isinstance(told, Path):
        return WholeFiles(location=told)
    bucket = {"BACKEND": "members.objects.Objects", "OPTIONS": told}
    return cast(Keeping, storages.create_storage(bucket))


class WholeFiles(FileSystemStorage):
    """Files on the disk, written beside and then moved to their place; a file that was not
    written to its end, whatever the reason, is not there at all."""

    KIND = "disque"

    def _save(self, name: str, content: File) -> str:
        with self._under_way() as (beside, path):
            for chunk in content.chunks():
                beside.write(chunk.encode() if isinstance(chunk, str) else chunk)
            beside.close()
            kept = super()._save(name, _Beside(path))
        written(kept)
        return kept

    @contextmanager
    def _under_way(self) -> Iterator[tuple[IO[bytes], str]]:
        """A new file beside the others, to be moved; gone if it is not."""
        root = Path(self.location)
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=UNDER_WAY, dir=root, delete=False) as beside:
            try:
                yield beside, beside.name
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(beside.name)
                raise

    def is_ready(self) -> bool:
        Path(self.location).mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=UNDER_WAY, dir=self.location) as file:
            file.write(bytes(4096))
            file.flush()
            return True

    def walk(self, folder: str = "") -> Iterator[Stored]:
        """One folder in memory at a time: a hundred thousand paths weigh a hundred megabytes."""
        try:
            with os.scandir(Path(self.location) / folder) as found:
                there = sorted(found, key=lambda each: each.name)
        except FileNotFoundError:
            return
        for each in there:
            name = f"{folder}/{each.name}" if folder else each.name
            if each.is_dir(follow_symlinks=False):
                yield from self.walk(name)
            elif each.is_file() and not each.name.startswith(UNDER_WAY):
                told = each.stat()
                yield Stored(name, told.st_size, told.st_mtime)

    def left_behind(self, *, before: float) -> Iterator[str]:
        for path in sorted(Path(self.location).glob(f"{UNDER_WAY}*")):
            with contextlib.suppress(OSError):  # gone meanwhile
                if path.stat().st_mtime < before:
                    yield path.name

    def admits(self, name: str) -> bool:
        root = Path(self.location).resolve()
        path = root / name
        return path != root and path.parent.resolve() == path.parent and not path.is_symlink()

    def lay(self, name: str, source: IO[bytes]) -> None:
        with self._under_way() as (beside, path):
            shutil.copyfileobj(source, beside)
            beside.close()
            os.replace(path, self._made(name))

    def link(self, name: str, path: Path) -> None:
        made = self._made(name)
        made.unlink(missing_ok=True)
        try:
            os.link(path, made)
        except OSError:  # of another file system; of one that knows no links
            with path.open("rb") as source:
                self.lay(name, source)

    def _made(self, name: str) -> Path:
        path = Path(self.location) / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def written(name: str) -> None:
    """A file of this name is written, or may be: it goes if the act fails."""
    if (names := _written.get()) is not None:
        names.append(name)


def sweep() -> None:
    """Take away what was half-written by who was killed meanwhile, and what could not be deleted
    when its act failed: no row speaks of it."""
    for name in place().left_behind(before=time.time() - LONGEST_WRITE.total_seconds()):
        default_storage.delete(name)
    leftovers = apps.get_model("members", "Leftover").objects
    for row in leftovers.order_by("pk").iterator(chunk_size=500):
        default_storage.delete(row.name)
        row.delete()


def forget(names: Iterable[str]) -> None:
    """Delete these files. What cannot be deleted now is noted, for `sweep`."""
    left, is_there = [], True
    for name in names:
        try:
            if is_there:
                default_storage.delete(name)
                continue
        except Away:
            is_there = False  # the others would wait as long for nothing
        except OSError:  # the disk is what failed, maybe
            pass
        left.append(name)
    if left:
        with contextlib.suppress(DatabaseError), transaction.atomic():
            model = apps.get_model("members", "Leftover")
            model.objects.bulk_create(model(name=name) for name in left)


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
        forget(mine)
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
