"""The files that all the backups of a place share, each under its SHA-256 and once; and the lists
of them, which are on the disk: of a hundred thousand files, none is held in memory.

The place is a folder or a bucket: a `members.files.Keeping`, as that of the files themselves.
"""

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import pyrage
from django.core.files.storage import FileSystemStorage

from archive.keeping import sealing
from members.files import Keeping

_CLEAR = "fichiers"
_DIGEST = re.compile(r"[0-9a-f]{64}")
NAMED = re.compile(r"fichiers(-[0-9a-f]{8})?")  # the folder of a store
LIST = ".liste"  # beside a backup: the SHA-256 of its files, and nothing that names them
_TABLES = """
CREATE TABLE held (name TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE told (name TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE walked (name TEXT NOT NULL);
CREATE TABLE there (digest TEXT PRIMARY KEY, is_safe INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE needed (digest TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Listing:
    """What a backup holds and what is known of it, in a base of the moment."""

    def __init__(self, folder: Path) -> None:
        self._base = sqlite3.connect(folder / "liste.sqlite3", isolation_level=None)
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("PRAGMA synchronous = OFF")
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")  # or each line would be one

    def close(self) -> None:
        """It is worth nothing afterwards."""
        self._base.close()

    def _count(self, asked: str) -> int:
        return int(self._base.execute(f"SELECT count(*) FROM {asked}").fetchone()[0])  # noqa: S608

    # --- The files that are kept ---

    def walk(self, names: Iterable[str]) -> None:
        """These are to be held."""
        self._base.executemany("INSERT INTO walked VALUES (?)", ((each,) for each in names))

    def walked(self) -> Iterator[str]:
        """They, in the order that they were told."""
        for (name,) in self._base.execute("SELECT name FROM walked ORDER BY rowid"):
            yield name

    def hold(self, name: str, digest: str) -> bool:
        """This one is held; `False` when one of this name was."""
        added = self._base.execute("INSERT OR IGNORE INTO held VALUES (?, ?)", (name, digest))
        return added.rowcount == 1

    def held(self) -> Iterator[tuple[str, str]]:
        """Each that is held, by its name, with its SHA-256."""
        yield from self._base.execute("SELECT name, digest FROM held ORDER BY name")

    def digest_of(self, name: str) -> str | None:
        """The SHA-256 of the one that is held by this name."""
        asked = "SELECT digest FROM held WHERE name = ?"
        found = self._base.execute(asked, (name,)).fetchone()
        return str(found[0]) if found else None

    def digests(self) -> Iterator[str]:
        """Those of all that is held, each once."""
        for (digest,) in self._base.execute("SELECT DISTINCT digest FROM held ORDER BY digest"):
            yield digest

    def __len__(self) -> int:
        return self._count("held")

    # --- What rows tell of them ---

    def tell(self, files: Iterable[tuple[str, str]]) -> None:
        """Rows speak of these, with the SHA-256 that they keep of them, or ""."""
        asked = (
            "INSERT INTO told VALUES (?, ?) ON CONFLICT (name) "
            "DO UPDATE SET digest = excluded.digest WHERE excluded.digest <> ''"
        )
        self._base.executemany(asked, files)

    def lost(self) -> Iterator[tuple[str, bool]]:
        """Of those, what is not held; `True` where something else is."""
        asked = (
            "SELECT told.name, held.name IS NOT NULL FROM told LEFT JOIN held USING (name) "
            "WHERE held.name IS NULL OR (told.digest <> '' AND told.digest <> held.digest) "
            "ORDER BY told.name"
        )
        for name, is_there in self._base.execute(asked):
            yield name, bool(is_there)

    # --- What a store has ---

    def find(self, digest: str, *, is_safe: bool = False) -> None:
        """The store has it; surely, when `is_safe`."""
        self._base.execute("INSERT OR REPLACE INTO there VALUES (?, ?)", (digest, is_safe))

    def trust(self, digest: str) -> None:
        """If the store has it, it is whole."""
        self._base.execute("UPDATE there SET is_safe = 1 WHERE digest = ?", (digest,))

    def is_found(self, digest: str) -> bool:
        """Whether the store surely has it."""
        asked = "SELECT 1 FROM there WHERE digest = ? AND is_safe"
        return self._base.execute(asked, (digest,)).fetchone() is not None

    def is_complete(self) -> bool:
        """Whether the store has all that is held."""
        return not self._count("held WHERE digest NOT IN (SELECT digest FROM there)")

    # --- What some backup needs ---

    def need(self, digests: Iterable[str]) -> None:
        """These are not to go."""
        self._base.executemany(
            "INSERT OR IGNORE INTO needed VALUES (?)", ((each,) for each in digests)
        )

    def is_needed(self, digest: str) -> bool:
        """Whether one of the backups needs it."""
        asked = "SELECT 1 FROM needed WHERE digest = ?"
        return self._base.execute(asked, (digest,)).fetchone() is not None


@contextmanager
def listing(folder: Path) -> Iterator[Listing]:
    """A new one, in that folder."""
    made = Listing(folder)
    try:
        yield made
    finally:
        made.close()


class Kept(NamedTuple):
    """A file of a store: its name in the place, the SHA-256 that it tells ("" for none), when it
    was written."""

    name: str
    digest: str
    at: float


class Store:
    """That of a place, for who reads it: other keys, another store."""

    def __init__(self, place: Keeping, folder: str, keys: Sequence[pyrage.x25519.Recipient] = ()):
        self.place, self.folder, self.keys, self.added = place, folder, keys, 0

    @property
    def is_sealed(self) -> bool:
        """Whether what it keeps is encrypted: its name tells."""
        return self.folder != _CLEAR

    @classmethod
    def to(cls, place: Keeping, readers: Sequence[str]) -> "Store":
        """The one that these public keys open."""
        told = hashlib.sha256(" ".join(sorted(readers)).encode()).hexdigest()[:8]
        keys = [sealing.recipient(each) for each in readers]
        return cls(place, f"{_CLEAR}-{told}" if readers else _CLEAR, keys)

    def name_of(self, digest: str) -> str:
        """Where it keeps what has this SHA-256."""
        return f"{self.folder}/{digest[:2]}/{digest}{sealing.UNDER_SEAL if self.is_sealed else ''}"

    def walk(self) -> Iterator[Kept]:
        """All that lies there."""
        for each in self.place.walk(self.folder):
            digest = each.name.rpartition("/")[2].removesuffix(sealing.UNDER_SEAL)
            yield Kept(each.name, digest if _DIGEST.fullmatch(digest) else "", each.at)

    def take_stock(self, listing: Listing) -> None:
        """Note what is surely there already: in a bucket, what has its name; in a folder, of that
        what the last backup needs, for of one that a power cut ended a disk may have kept names
        alone."""
        is_whole = not is_folder(self.place)
        self.look(listing, is_safe=is_whole)
        there = sorted(self.place.listdir("")[1])
        lists = [each + LIST for each in there if each + LIST in there]
        for name in [] if is_whole else lists[-1:]:
            for digest in read_list(self.place, name):
                listing.trust(digest)

    def look(self, listing: Listing, *, is_safe: bool = False) -> None:
        """Note what is there under the name that it should have."""
        for kept in self.walk():
            if kept.digest and kept.name == self.name_of(kept.digest):
                listing.find(kept.digest, is_safe=is_safe)

    def keep(self, source: IO[bytes], listing: Listing, scratch: Path) -> str:
        """Keep a file, open at its beginning; its SHA-256. It is read each time, be it there
        already: so is told what changed where it lies."""
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        if listing.is_found(digest):
            return digest
        name = self.name_of(digest)
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        if self.is_sealed:
            sealed = scratch / "scelle"
            sealing.seal(source, sealed, self.keys)
            size = sealed.stat().st_size
            self.place.link(name, sealed)
            sealed.unlink()
        else:
            self.place.lay(name, source)
        self.added += size
        listing.find(digest, is_safe=True)
        return digest

    @contextmanager
    def opened(self, digest: str, identity: Path | None, scratch: Path) -> Iterator[IO[bytes]]:
        """What has this SHA-256, in clear."""
        with self.place.open(self.name_of(digest)) as found:
            if not self.is_sealed:  # by its name: what is kept may begin as a seal does
                yield found
                return
            sealing.unseal(found, identity, scratch)
        try:
            with scratch.open("rb") as clear:
                yield clear
        finally:
            scratch.unlink()

    def path_of(self, digest: str, scratch: Path) -> Path | None:
        """Where what is `opened` lies on this machine, if it does."""
        if self.is_sealed:
            return scratch
        is_here = isinstance(self.place, FileSystemStorage)
        return Path(self.place.path(self.name_of(digest))) if is_here else None

    def settle(self) -> None:
        """What was kept is on the disk, for the backup that is now to be believed."""
        if is_folder(self.place):
            os.sync()  # once: a file at a time, a hundred thousand of them take an hour


def read_list(place: Keeping, name: str) -> Iterator[str]:
    """The SHA-256 of the files that a backup needs, of its list."""
    with place.open(name) as listed:
        for line in listed:
            yield line.decode("ascii").strip()


def is_folder(place: Keeping) -> bool:
    """Whether it is of this machine: its files may be linked."""
    return isinstance(place, FileSystemStorage)
