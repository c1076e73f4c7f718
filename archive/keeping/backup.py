"""The whole application in one file, and back: rows and files, checked before and after.

The archive is a ZIP that any machine opens: `manifest.json` (what it is, and the SHA-256 of each
entry), `rows.jsonl` (every table, a row a line, in the format of Django, whatever the database) and
`files/`. Sessions and caches stay behind; so do the keys of the server, which belong to the
machine. Given the public key of somebody (age), it is encrypted to it as it is written.

Each night's (`safeguarding`) has its files beside it, in a store that all of them share, each file
under its SHA-256 and once: what is added to the store is what was written since.
"""

import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import pyrage
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import FileField, Model, QuerySet

from accounts.models import IdentityChange
from law import findings
from law.findings import Finding
from members import files, private, serving
from members.archives import DAMAGED
from members.models import Organisation

FORMAT = 2
_ROWS, _FILES, _MANIFEST = "rows.jsonl", "files/", "manifest.json"
_PARTIAL = ".partiel"  # a file that is being written
# Made again by `migrate`, or worth nothing on another machine.
_LEFT_OUT = (
    *("contenttypes", "auth.permission", "admin.logentry", "sessions"),
    *("accounts.session", "accounts.tries", "accounts.letter", "members.service"),
    *(
        "members.lead",
        "members.leftover",
        "members.cached",
        "archive.filedsheet",
        "archive.safeguard",
    ),
)


class Unusable(findings.Refused):
    """The archive cannot be restored here; its findings say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a backup is: its bytes, those that it added to its store, its files, and those of which
    a row speaks and that are gone or are no longer what was kept."""

    size: int
    added: int
    files: int
    lost: tuple[str, ...]


def write(
    path: Path,
    *,
    at: datetime,
    to: Sequence[str] = (),
    store: Path | None = None,
    listed: Path | None = None,
) -> Written:
    """Write everything to `path`, which appears only when it is whole; its files to `store`, where
    there is one beside it, `listed` by their hashes for who lets go of the others.

    The rows are one instant of the database: somebody may be writing meanwhile. Only who holds
    one of the keys `to` which it is written (public keys of age) reads it; without any, whoever
    has the file. Raises `Unusable` when a key is none, or when the disk takes no more.
    """
    partial = partial_of(path)
    hashes: dict[str, str] = {}
    keys = [recipient(each) for each in to]
    beside = _Store(store, keys) if store else None
    try:
        with (
            TemporaryDirectory() as scratch,
            private.created(partial) as target,
            sealed(target, keys) as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive,
        ):
            rows = Path(scratch) / _ROWS
            with transaction.atomic():
                read_one_instant()
                _dump(rows)
                known = _told_by_rows()
                kept = [each.name for each in files.place().walk()]
                tours = Organisation.objects.filter(is_fleeting=True).count()
            with rows.open("rb") as written:
                hashes[_ROWS] = add(archive, written, _ROWS)
            for inner in kept:
                with default_storage.open(inner) as file:
                    name = _FILES + inner
                    hashes[name] = beside.keep(file) if beside else add(archive, file, name)
            if beside:
                beside.settle()
            manifest = {
                "format": FORMAT,
                "made_at": at.isoformat(),
                "version": settings.VERSION,
                "migrations": migrations_applied(),
                "tours": tours,  # played to learn: they go with the accounts that play them
                "store": store.name if store else "",
                "sha256": hashes,
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        if listed:
            with private.created(listed) as names:
                names.write("\n".join(sorted(set(hashes.values()))).encode())
        partial.replace(path)
    except OSError as error:
        raise unusable(
            f"La sauvegarde ne s’écrit pas : {files.in_words(error)}.",
            "Écrivez où le compte du service écrit (BACKUP_DIR), sur un disque qui a de la place.",
        ) from error
    except files.Away as away:
        raise away_told(away) from away
    finally:
        partial.unlink(missing_ok=True)
        if beside:
            beside.drop()
    size = path.stat().st_size
    lost = tuple(_lost(known, hashes))
    added = size + (beside.added if beside else 0)
    return Written(size=size, added=added, files=len(kept), lost=lost)


# --- What rows speak of -----------------------------------------------------------------------


def _told_by_rows() -> dict[str, str]:
    """Each file of which a row speaks, with the SHA-256 that the row keeps of it, if it does."""
    told: dict[str, str] = {}
    for model in _ours():
        for name, kept in files_told_by(model._base_manager.all()).items():
            told[name] = kept or told.get(name, "")
    return told


def files_told_by(rows: QuerySet) -> dict[str, str]:
    """Those of which these rows speak, the same way."""
    fields = rows.model._meta.concrete_fields
    columns = {field.name for field in fields}
    held = [field for field in fields if isinstance(field, FileField)]
    told: dict[str, str] = {}
    for field in held:
        named = (f"{field.name}_sha256", f"{field.name.partition('_')[0]}_sha256", "sha256")
        found = [each for each in named[: 3 if len(held) == 1 else 2] if each in columns]
        spoken = rows.exclude(**{field.name: ""}).values_list(field.name, *found[:1])
        for name, *kept in spoken.iterator():
            if name:
                told[name] = (kept[0] if kept else "") or told.get(name, "")
    return told


def _lost(known: Mapping[str, str], hashes: Mapping[str, str]) -> Iterator[str]:
    for name, kept in sorted(known.items()):
        found = hashes.get(_FILES + name)
        if found is None:
            yield f"{name} manque"
        elif kept and found != kept:
            yield f"{name} a changé"


# --- The store --------------------------------------------------------------------------------

_UNDER_SEAL = ".age"


def store_of(folder: Path, to: Sequence[str]) -> Path:
    """The store of that folder, for who reads it: other keys, another store."""
    readers = hashlib.sha256(" ".join(sorted(to)).encode()).hexdigest()[:8]
    return folder / (f"fichiers-{readers}" if to else "fichiers")


def in_store(store: Path, digest: str) -> Path:
    """Where the store keeps what has this SHA-256, in clear or under seal."""
    plain = store / digest[:2] / digest
    sealed = plain.with_name(digest + _UNDER_SEAL)
    return sealed if sealed.exists() else plain


class _Store:
    """The store, while a backup is written: what is new in it has its name once all of it is on the
    disk, for the next ones believe that it is there."""

    def __init__(self, root: Path, keys: Sequence[pyrage.x25519.Recipient]) -> None:
        self.root, self.keys, self.added = root, keys, 0
        self._new: set[Path] = set()

    def keep(self, source: IO[bytes]) -> str:
        """Keep a file, open at its beginning; its SHA-256. It is read each time, be it there
        already: so is told what changed where it lies."""
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        place = self.root / digest[:2] / (digest + (_UNDER_SEAL if self.keys else ""))
        if place in self._new or place.exists():
            return digest
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._new.add(place)
        source.seek(0)
        with private.created(partial_of(place)) as target:
            if self.keys:
                pyrage.encrypt_io(source, target, self.keys)
            else:
                shutil.copyfileobj(source, target)
        self.added += partial_of(place).stat().st_size
        return digest

    def settle(self) -> None:
        """All that was kept is on the disk, under its name."""
        os.sync()  # once: a file at a time, a hundred thousand of them take an hour
        for place in self._new:
            partial_of(place).replace(place)
        self._new.clear()

    def drop(self) -> None:
        """What was not settled is not kept."""
        for place in self._new:
            partial_of(place).unlink(missing_ok=True)


# --- Under seal -------------------------------------------------------------------------------

_AGE = b"age-encryption.org/"


def recipient(key: str) -> pyrage.x25519.Recipient:
    """Who reads by this public key. Raises `Unusable` when it is none."""
    try:
        return pyrage.x25519.Recipient.from_str(key.strip())
    except pyrage.RecipientError as error:
        raise unusable(
            f"« {key[:80]} » n’est pas une clé publique d’age.",
            "Elle commence par « age1 » : « age-keygen -o cle.txt » l’affiche.",
        ) from error


@contextmanager
def sealed(target: IO[bytes], keys: Sequence[pyrage.x25519.Recipient]) -> Iterator[IO[bytes]]:
    """Where to write what is encrypted on its way to the disk, and never lies there in clear."""
    if not keys:
        yield target
        return
    reading, writing = os.pipe()

    def seal() -> None:
        with os.fdopen(reading, "rb") as source:  # closed if this fails: the writer is told
            pyrage.encrypt_io(source, target, keys)

    with ThreadPoolExecutor(max_workers=1) as apart:
        sealing = apart.submit(seal)
        try:
            with os.fdopen(writing, "wb") as out:
                yield out
        finally:
            sealing.result()


def unsealed(path: Path, identity: Path | None, opened: Path) -> Path:
    """What is at `path` in clear: itself, or what was under the seal, at `opened`."""
    with path.open("rb") as file:
        if not file.read(len(_AGE)).startswith(_AGE):
            return path
    if identity is None:
        raise unusable(
            "Cette sauvegarde est chiffrée.", "Donnez le fichier de la clé : --identity cle.txt."
        )
    try:
        lines = map(str.strip, identity.read_text(encoding="ascii").splitlines())
        keys = [pyrage.x25519.Identity.from_str(each) for each in lines if each[:1] not in "#"]
        with path.open("rb") as source, private.created(opened) as target:
            pyrage.decrypt_io(source, target, keys)
    except (pyrage.IdentityError, ValueError) as error:
        raise unusable(
            f"{identity} ne contient pas une clé d’age.",
            "Donnez le fichier que « age-keygen » a écrit.",
        ) from error
    except (pyrage.DecryptError, OSError) as error:
        if getattr(error, "errno", None) is not None:  # of the disk, not of the seal
            raise
        raise unusable(
            "Cette sauvegarde ne s’ouvre pas avec cette clé, ou elle est abîmée.",
            "Donnez la clé à laquelle elle fut chiffrée, ou prenez une autre sauvegarde.",
        ) from error
    return opened


# --- Back again -------------------------------------------------------------------------------


def restore(path: Path, *, identity: Path | None = None, link: bool = False) -> int:
    """Fill an empty application from an archive. Returns how many files came back.

    Everything is checked before anything is written; a failure leaves the machine empty. Killed in
    the middle it leaves no row, and files that the same archive takes again. `identity` is the
    file of the key that opens an archive under seal. To `link` the files of a store, where they
    can be, is for an exercise. Raises `Unusable` when the archive is damaged, was made by another
    version, or the place is taken or full.
    """
    try:
        with TemporaryDirectory() as scratch:
            opened = unsealed(path, identity, Path(scratch) / "sauvegarde.zip")
            with zipfile.ZipFile(opened) as archive:
                source = _Source(archive, path.parent, identity, Path(scratch), link)
                return _restored(source, Path(scratch) / _ROWS)
    except OSError as error:
        raise unusable(
            f"La sauvegarde ne se lit pas, ou ne s’écrit pas ici : {files.in_words(error)}.",
            "Vérifiez le chemin, les droits et la place sur le disque.",
        ) from error
    except files.Away as away:
        raise away_told(away) from away
    except DAMAGED as error:
        raise unusable(
            "Ce fichier n’est pas une sauvegarde, ou il est abîmé.",
            "Choisissez le fichier .zip, ou une autre sauvegarde.",
        ) from error


class _Source:
    """Where the files of an archive are: in it, or in the store beside it."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        beside: Path,
        identity: Path | None,
        scratch: Path,
        link: bool,
    ) -> None:
        self.archive, self.beside, self.identity = archive, beside, identity
        self.link = link
        self.store: Path | None = None
        self._clear = scratch / "fichier"

    @contextmanager
    def open(self, name: str, digest: str) -> Iterator[IO[bytes]]:
        """What has this name, for reading."""
        kept = self.plain(name, digest)
        if kept is None:
            with self.archive.open(name) as entry:
                yield entry
            return
        try:
            with kept.open("rb") as file:
                yield file
        finally:
            self._clear.unlink(missing_ok=True)

    def plain(self, name: str, digest: str) -> Path | None:
        """Its file in the store, in clear; `None` of what the archive itself holds."""
        if self.store is None or name == _ROWS:
            return None
        kept = in_store(self.store, digest)
        is_sealed = kept.suffix == _UNDER_SEAL  # by its name: what is kept may begin as a seal does
        return unsealed(kept, self.identity, self._clear) if is_sealed else kept


def _restored(source: _Source, rows: Path) -> int:
    hashes = _checked(source)
    _refuse_taken(hashes)
    archive = source.archive
    with archive.open(_ROWS) as entry, private.created(rows) as target:
        shutil.copyfileobj(entry, target)
    written: list[str] = []
    try:
        with transaction.atomic():
            _load(rows)
            # The mails that warn of them are left out: nobody would be told again.
            IdentityChange.objects.open().delete()
            serving.hold()
            for name, digest in hashes.items():
                written.append(inner_name(name))
                _put(source, name, digest)
    except BaseException:
        files.forget(written)
        raise
    return len(written)


def _load(rows: Path) -> None:
    """Raises `Unusable` also for rows that no backup of ours holds: one that was forged would let
    somebody in, or have our mails lead elsewhere."""
    before = _left_out()
    try:
        call_command("loaddata", str(rows), verbosity=0)
        is_forged = _left_out() != before
    except (DeserializationError, DatabaseError, CommandError, LookupError, TypeError) as error:
        is_forged, why = True, error
    else:
        why = None
    if is_forged:
        raise unusable(
            "Les données de cette sauvegarde ne se relisent pas.", "Prenez-en une autre."
        ) from why


def _left_out() -> list[int]:
    """How many rows there are of each table that a backup leaves out."""
    ours = _ours()
    return [model._base_manager.count() for model in apps.get_models() if model not in ours]


def _checked(source: _Source) -> dict[str, str]:
    """Name → SHA-256 of the files of an archive that is whole, safe and of this version."""
    archive = source.archive
    try:
        manifest = json.loads(archive.read(_MANIFEST))
        hashes = {str(name): str(digest) for name, digest in manifest["sha256"].items()}
        migrations = manifest["migrations"]
        is_known = manifest["format"] == FORMAT
        store = str(manifest.get("store", ""))
    except (AttributeError, TypeError, *DAMAGED) as error:
        raise unusable(
            "Ce fichier n’est pas une sauvegarde de somme_gov.", "Choisissez le fichier .zip."
        ) from error
    if not is_known or migrations != migrations_applied():
        raise unusable(
            f"Cette sauvegarde a été faite par une autre version ({manifest.get('version')}).",
            "Restaurez-la avec cette version, puis mettez l’application à jour.",
        )
    present = {info.filename for info in archive.infolist()} - {_MANIFEST}
    if store:
        if not re.fullmatch(r"fichiers(-[0-9a-f]{8})?", store):
            raise unusable(
                "Ce fichier n’est pas une sauvegarde de somme_gov.", "Prenez-en une autre."
            )
        source.store = source.beside / store
        present |= {
            name
            for name, digest in hashes.items()
            if re.fullmatch("[0-9a-f]{64}", digest) and in_store(source.store, digest).is_file()
        }
    if present != set(hashes) or _ROWS not in present:
        beside = f" Ses fichiers sont dans « {store} », à côté d’elle." if store else ""
        raise unusable(
            f"Il manque des fichiers à cette sauvegarde.{beside}", "Prenez-en une autre."
        )
    for name, expected in hashes.items():
        if name != _ROWS:
            inner_name(name)
        try:
            with source.open(name, expected) as entry:
                digest = hashlib.file_digest(entry, "sha256").hexdigest()
        except DAMAGED:
            digest = ""
        if digest != expected:
            raise unusable(f"« {name} » est abîmé dans cette sauvegarde.", "Prenez-en une autre.")
    return {name: digest for name, digest in hashes.items() if name != _ROWS}


def inner_name(name: str) -> str:
    """Where a file of the archive goes: inside, whatever its name says and wherever links lead."""
    inner = name.removeprefix(_FILES)
    steps = inner.split("/")
    is_plain = (
        name.startswith(_FILES)
        and inner.isprintable()
        and "\\" not in inner
        and not {"", ".", ".."} & set(steps)
        and max(len(step.encode()) for step in steps) <= 247
    )
    if not is_plain or not files.place().admits(inner):
        raise unusable(
            f"Un nom de fichier est inacceptable\u00a0: {name[:100]!a}", "Prenez-en une autre."
        )
    return inner


def partial_of(path: Path) -> Path:
    """Where a file lies until it is whole."""
    return path.with_name(path.name + _PARTIAL)


def _refuse_taken(hashes: Mapping[str, str]) -> None:
    """Nothing is ever written over: there must be no row of ours, and no file but those that a
    restore of this archive left when it was killed."""
    if any(model._base_manager.exists() for model in _ours()) or any(
        not _is_left_over(each.name, hashes) for each in files.place().walk()
    ):
        raise unusable(
            "Cette application contient déjà des données : rien n’a été restauré.",
            "Restaurez dans une installation neuve (manage.py migrate, puis manage.py restore).",
        )


def _is_left_over(name: str, hashes: Mapping[str, str]) -> bool:
    with default_storage.open(name) as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == hashes.get(_FILES + name)


def away_told(away: files.Away) -> Unusable:
    """That the place of the files does not answer."""
    return unusable(
        f"Le magasin où sont les fichiers ne répond pas\u00a0: {away}.",
        "Attendez qu’il réponde, puis recommencez.",
    )


def unusable(message: str, remedy: str) -> Unusable:
    """What is wrong with an archive, and what to do."""
    return Unusable([Finding(code="sauvegarde", message=message, remedy=remedy)])


class Exact(DjangoJSONEncoder):
    """Django cuts microseconds off, and the chain of a ledger covers them."""

    def default(self, value):
        return value.isoformat() if isinstance(value, datetime) else super().default(value)


def _dump(path: Path) -> None:
    """Every row of every table of ours, those they lean on first."""
    kept = serializers.sort_dependencies(
        [
            (config, [m for m in config.get_models() if m in _ours()])
            for config in apps.get_app_configs()
        ]
    )
    rows = (
        row
        for model in kept
        for row in model._base_manager.order_by("pk").iterator(chunk_size=100)  # some are long
    )
    with path.open("w", encoding="utf-8") as stream:
        serializers.serialize("jsonl", rows, stream=stream, cls=Exact)


def _ours() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.label_lower not in _LEFT_OUT and model._meta.app_label not in _LEFT_OUT
    ]


def read_one_instant() -> None:
    """On PostgreSQL, read one snapshot; SQLite already lets nobody write meanwhile."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def add(archive: zipfile.ZipFile, source: IO[bytes], name: str) -> str:
    """Copy a file in and return its SHA-256, reading it once."""
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as target:
        while block := source.read(1 << 20):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _put(source: _Source, name: str, digest: str) -> None:
    place, inner = files.place(), inner_name(name)
    if source.link and (kept := source.plain(name, digest)):
        place.link(inner, kept)
        return
    with source.open(name, digest) as entry:
        place.lay(inner, entry)


def migrations_applied() -> dict[str, list[str]]:
    """What was applied to the database, by application."""
    applied: dict[str, list[str]] = {}
    for label, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(label, []).append(name)
    return applied
