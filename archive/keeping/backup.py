"""The whole application in one file, and back: rows and files, checked before and after.

The archive is a ZIP that any machine opens: `manifest.json` (what it is), `rows.jsonl` (every
table, a row a line, in the format of Django, whatever the database), `files/` and `files.sha256`,
as `sha256sum` reads it. Sessions and caches stay behind; so do the keys of the server, which belong
to the machine. Given the public key of somebody (age), it is encrypted to it as it is written.

Each night's (`safeguarding`) has its files beside it, in a store that all of them share (`stores`):
what is added to the store is what was written since. However many there are, they take no memory.
"""

import gc
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.core.serializers import jsonl
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, FileField, Model, QuerySet

from accounts.models import IdentityChange
from archive.keeping import sealing, stores
from archive.keeping.sealing import Unusable as Unusable
from archive.keeping.sealing import unusable
from archive.keeping.stores import Listing, Store
from members import files, private, serving
from members.archives import DAMAGED
from members.models import Organisation
from trail import chain
from trail.models import Entry

FORMAT = 3
_ROWS, _FILES, _MANIFEST = "rows.jsonl", "files/", "manifest.json"
_SUMS = "files.sha256"
_SUM = re.compile(r"([0-9a-f]{64})  (.+)\n")
PARTIAL = ".partiel"  # a file that is being written
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
    store: Store | None = None,
    listed: Path | None = None,
) -> Written:
    """Write everything to `path`, which appears only when it is whole; its files to the `store`, if
    there is one, `listed` by their hashes for who lets go of the others.

    The rows are one instant of the database: somebody may be writing meanwhile. Only who holds
    one of the keys `to` which it is written (public keys of age) reads it; without any, whoever
    has the file. Raises `Unusable` when a key is none, or when the disk takes no more.
    """
    partial = partial_of(path)
    keys = [sealing.recipient(each) for each in to]
    try:
        with (
            TemporaryDirectory() as folder,
            stores.listing(Path(folder)) as listing,
            private.created(partial) as target,
            sealing.sealed(target, keys) as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive,
        ):
            _write(archive, listing, Path(folder), at=at, store=store)
            if listed:
                _write_lines(listed, listing.digests())
            lost = tuple(_lost(listing))
            count = len(listing)
        partial.replace(path)
    except OSError as error:
        raise unusable(
            f"La sauvegarde ne s’écrit pas : {files.in_words(error)}.",
            "Écrivez où le compte du service écrit (BACKUP_DIR), sur un disque qui a de la place.",
        ) from error
    except files.Away as away:
        raise away_told(away) from away
    finally:
        with suppress(OSError):  # of a folder that one may not enter: why is told
            partial.unlink(missing_ok=True)
    size = path.stat().st_size
    return Written(size=size, added=size + (store.added if store else 0), files=count, lost=lost)


def _write(
    archive: zipfile.ZipFile,
    listing: Listing,
    scratch: Path,
    *,
    at: datetime,
    store: Store | None,
) -> None:
    if store:
        store.take_stock(listing)
    rows, sums = scratch / _ROWS, scratch / _SUMS
    with transaction.atomic():
        read_one_instant()
        _dump(rows)
        for model in _ours():
            listing.tell(files_told_by(model._base_manager.all()))
        listing.walk(each.name for each in files.place().walk())
        tours = Organisation.objects.filter(is_fleeting=True).count()
    for name in listing.walked():
        with default_storage.open(name) as file:
            digest = (
                store.keep(file, listing, scratch) if store else add(archive, file, _FILES + name)
            )
        listing.hold(name, digest)
    _write_lines(sums, (f"{digest}  {_FILES}{name}" for name, digest in listing.held()))
    hashes = {}
    for path in (rows, sums):
        with path.open("rb") as written:
            hashes[path.name] = add(archive, written, path.name)
    manifest = {
        "format": FORMAT,
        "made_at": at.isoformat(),
        "version": settings.VERSION,
        "commit": _commit(),
        "migrations": migrations_applied(),
        "tours": tours,  # played to learn: they go with the accounts that play them
        "store": store.folder if store else "",
        "sha256": hashes,
    }
    archive.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


def _commit() -> str:
    """Which one runs, of its clone: between two versions, nothing else tells; "" where none does.
    Git itself refuses to tell it to who does not own the clone."""
    git = settings.BASE_DIR / ".git"
    try:
        head = (git / "HEAD").read_text().strip()
        name = head.removeprefix("ref: ")
        if name == head:
            return head
        if (git / name).is_file():
            return (git / name).read_text().strip()
        packed = (git / "packed-refs").read_text().splitlines()
        return next((each.split()[0] for each in packed if each.endswith(f" {name}")), "")
    except OSError:
        return ""


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with private.created(path) as target:
        target.writelines(f"{line}\n".encode() for line in lines)


# --- What rows speak of -----------------------------------------------------------------------


def files_told_by(rows: QuerySet) -> Iterator[tuple[str, str]]:
    """Each file of which these rows speak, with the SHA-256 that the row keeps of it, or ""; as
    often as they do."""
    fields = rows.model._meta.concrete_fields
    columns = {field.name for field in fields}
    held = [field for field in fields if isinstance(field, FileField)]
    for field in held:
        named = (f"{field.name}_sha256", f"{field.name.partition('_')[0]}_sha256", "sha256")
        found = [each for each in named[: 3 if len(held) == 1 else 2] if each in columns]
        spoken = rows.exclude(**{field.name: ""}).values_list("pk", field.name, *found[:1])
        for _, name, *kept in _by_pages(spoken, lambda row: row[0]):
            if name:
                yield name, (kept[0] if kept else "") or ""


_PAGE = 100  # rows in memory: some are long


def _by_pages(rows: QuerySet, key: Callable[[Any], Any]) -> Iterator[Any]:
    """All of them, a page in memory at a time. `iterator` holds them all where no cursor may stay
    open: behind pgbouncer."""
    page = list(rows.order_by("pk")[:_PAGE])
    while page:
        yield from page
        if len(page) < _PAGE:
            return
        page = list(rows.filter(pk__gt=key(page[-1])).order_by("pk")[:_PAGE])


def _lost(listing: Listing) -> Iterator[str]:
    for name, is_there in listing.lost():
        yield f"{name} {'a changé' if is_there else 'manque'}"


# --- Back again -------------------------------------------------------------------------------


def restore(
    path: Path,
    *,
    identity: Path | None = None,
    link: bool = False,
    place: files.Keeping | None = None,
) -> int:
    """Fill an empty application from an archive, a file or what the `place` of backups keeps under
    this name. Returns how many files came back.

    Everything is checked before anything is written; a failure leaves the machine empty. Killed in
    the middle it leaves no row, and files that the same archive takes again. `identity` is the
    file of the key that opens an archive under seal. To `link` the files of a store, where they
    can be, is for an exercise. Raises `Unusable` when the archive is damaged, was made by another
    version, or the place is taken or full.
    """
    beside = place or files.WholeFiles(location=path.absolute().parent)
    try:
        with (
            TemporaryDirectory() as folder,
            stores.listing(Path(folder)) as listing,
            _opened(beside, path.name, identity, Path(folder)) as opened,
            zipfile.ZipFile(opened) as archive,
        ):
            source = _Source(archive, listing, beside, identity, Path(folder), link)
            return _restored(source, Path(folder) / _ROWS)
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


@contextmanager
def _opened(
    place: files.Keeping, name: str, identity: Path | None, scratch: Path
) -> Iterator[IO[bytes]]:
    clear = scratch / "sauvegarde.zip"
    with place.open(name) as found:
        if not sealing.is_sealed(found):
            yield found
            return
        sealing.unseal(found, identity, clear)
    with clear.open("rb") as opened:
        yield opened


class _Source:
    """Where the files of an archive are: in it, or in the store beside it."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        listing: Listing,
        beside: files.Keeping,
        identity: Path | None,
        scratch: Path,
        link: bool,
    ) -> None:
        self.archive, self.listing, self.beside = archive, listing, beside
        self.identity, self.link = identity, link
        self.store: Store | None = None
        self._clear = scratch / "fichier"

    @contextmanager
    def open(self, name: str, digest: str) -> Iterator[IO[bytes]]:
        """The file that had this name, for reading."""
        opened = (
            self.store.opened(digest, self.identity, self._clear)
            if self.store
            else self.archive.open(_FILES + name)
        )
        with opened as file:
            yield file

    def path_of(self, digest: str) -> Path | None:
        """Where the file of the store that is open lies in clear on this machine, if it does."""
        return self.store.path_of(digest, self._clear) if self.store else None


def _restored(source: _Source, rows: Path) -> int:
    _check(source)
    _refuse_taken(source.listing)
    archive, listing = source.archive, source.listing
    with archive.open(_ROWS) as entry, private.created(rows) as target:
        shutil.copyfileobj(entry, target)
    begun = 0
    try:
        with transaction.atomic():
            chain.begin_again()
            _load(rows)
            # The mails that warn of them are left out: nobody would be told again.
            IdentityChange.objects.open().delete()
            serving.hold()
            for name, digest in listing.held():
                begun += 1
                _put(source, name, digest)
    except BaseException:
        files.forget(name for name, _ in islice(listing.held(), begun))
        raise
    return begun


def _load(rows: Path) -> None:
    """Raises `Unusable` also for rows that no backup of ours holds: one that was forged would let
    somebody in, or have our mails lead elsewhere."""
    before = _left_out()
    try:
        with _tidied():
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


@contextmanager
def _tidied() -> Iterator[None]:
    """Rubbish that holds itself in circles, as each row does that Django saves with its file, goes
    as it comes: what was there before is no more looked at, and looking is cheap."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.collect()  # nothing is old any more
    gc.set_threshold(200, 1, 1)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _left_out() -> list[int]:
    """How many rows there are of each table that a backup leaves out."""
    ours = _ours()
    return [model._base_manager.count() for model in apps.get_models() if model not in ours]


def _check(source: _Source) -> None:
    """Raises `Unusable` unless the archive is whole, safe and of this version; what it holds is
    then listed."""
    archive, listing = source.archive, source.listing
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
        commit = str(manifest.get("commit", ""))[:12]
        told = f"{manifest.get('version')}{', commit ' if commit else ''}{commit}"
        with_it = f" (git checkout {commit})" if commit else ""
        raise unusable(
            f"Cette sauvegarde a été faite par une autre version ({told}).",
            f"Restaurez-la avec cette version{with_it}, puis mettez l’application à jour.",
        )
    names = archive.namelist()
    inside = set(names) - {_MANIFEST, _ROWS, _SUMS}
    if set(hashes) != {_ROWS, _SUMS} or len(inside) + 3 != len(names):
        raise unusable("Il manque des fichiers à cette sauvegarde.", "Prenez-en une autre.")
    for name, expected in hashes.items():
        with archive.open(name) as entry:
            _refuse_damaged(entry, name, expected)
    with archive.open(_SUMS) as sums:
        _list(sums, listing)
    if store:
        if inside or not stores.NAMED.fullmatch(store):
            raise unusable(
                "Ce fichier n’est pas une sauvegarde de somme_gov.", "Prenez-en une autre."
            )
        source.store = Store(source.beside, store)
        source.store.look(listing)
        is_whole = listing.is_complete()
    else:
        held = (listing.digest_of(each.removeprefix(_FILES)) for each in inside)
        is_whole = len(inside) == len(listing) and all(held)
    if not is_whole:
        beside = f" Ses fichiers sont dans « {store} », à côté d’elle." if store else ""
        raise unusable(
            f"Il manque des fichiers à cette sauvegarde.{beside}", "Prenez-en une autre."
        )
    for name, expected in listing.held():
        try:
            with source.open(name, expected) as entry:
                _refuse_damaged(entry, name, expected)
        except DAMAGED as error:
            raise _damaged(name) from error


def _list(sums: IO[bytes], listing: Listing) -> None:
    while line := sums.readline(4096):
        told = _SUM.fullmatch(line.decode(errors="replace"))
        name = told[2] if told else ascii(line.decode(errors="replace"))
        inner = inner_name(name)
        if not told or not listing.hold(inner, told[1]):
            raise _damaged(name)


def _refuse_damaged(entry: IO[bytes], name: str, expected: str) -> None:
    try:
        digest = hashlib.file_digest(entry, "sha256").hexdigest()
    except DAMAGED as error:
        raise _damaged(name) from error
    if digest != expected:
        raise _damaged(name)


def _damaged(name: str) -> Unusable:
    told = f"« {name[:100]} » est abîmé dans cette sauvegarde."
    return unusable(told, "Prenez-en une autre.")


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
    return path.with_name(path.name + PARTIAL)


def _refuse_taken(listing: Listing) -> None:
    """Nothing is ever written over: there must be no row of ours, but for what the service tells of
    itself as soon as it runs, and no file but those that a restore of this archive left when it was
    killed."""
    theirs = (model for model in _ours() if model is not Entry)
    if any(model._base_manager.exists() for model in theirs) or any(
        not _is_left_over(each.name, listing) for each in files.place().walk()
    ):
        raise unusable(
            "Cette application contient déjà des données : rien n’a été restauré.",
            "Restaurez dans une installation neuve (manage.py migrate, puis manage.py restore).",
        )


def _is_left_over(name: str, listing: Listing) -> bool:
    with default_storage.open(name) as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == listing.digest_of(name)


def away_told(away: files.Away) -> Unusable:
    """That the place of the files does not answer."""
    return unusable(
        f"Le magasin des fichiers, ou celui des sauvegardes, ne répond pas\u00a0: {away}.",
        "Attendez qu’il réponde, ou essayez FILES_URL et BACKUP_DIR\u00a0: l’hôte, le godet, "
        "la clé.",
    )


class Exact(DjangoJSONEncoder):
    """Django cuts microseconds off, and the chain of a ledger covers them."""

    def default(self, value):
        return value.isoformat() if isinstance(value, datetime) else super().default(value)


class _Lines(jsonl.Serializer):
    """As Django writes them, without what holds itself in circles: Python takes such rubbish away
    only once it weighs a quarter of all that it holds. `json.dump` leaves some at each row, and so
    does a row that is asked for its file, which knows its row."""

    def handle_field(self, obj: Model, field: Field) -> None:
        if isinstance(field, FileField):
            self._current[field.name] = str(obj.__dict__[field.attname] or "")
        else:
            super().handle_field(obj, field)

    def end_object(self, obj: Model) -> None:
        line = json.dumps(self.get_dump_object(obj), **self.json_kwargs)
        self.stream.write(f"{line}\n")
        self._current = None


def _dump(path: Path) -> None:
    """Every row of every table of ours, those they lean on first."""
    kept = serializers.sort_dependencies(
        [
            (config, [m for m in config.get_models() if m in _ours()])
            for config in apps.get_app_configs()
        ]
    )
    rows = (row for model in kept for row in _by_pages(model._base_manager.all(), _key))
    with path.open("w", encoding="utf-8") as stream:
        _Lines().serialize(rows, stream=stream, cls=Exact)


def _key(row: Model) -> Any:
    return row.pk


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
        while block := source.read(1 << 18):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _put(source: _Source, name: str, digest: str) -> None:
    place = files.place()
    with source.open(name, digest) as entry:
        if source.link and (path := source.path_of(digest)):
            place.link(name, path)
        else:
            place.lay(name, entry)


def migrations_applied() -> dict[str, list[str]]:
    """What was applied to the database, by application."""
    applied: dict[str, list[str]] = {}
    for label, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(label, []).append(name)
    return applied
