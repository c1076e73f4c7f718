"""The whole application in one file, and back: rows and files, checked before and after.

The archive is a ZIP that any machine opens: `manifest.json` (what it is, and the SHA-256 of each
entry), `rows.json` (every table, in the format of Django, whatever the database) and `files/`.
Sessions and caches stay behind; so do the keys of the server, which belong to the machine.
"""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from law import findings
from law.findings import Finding
from members.archives import DAMAGED

FORMAT = 1
_ROWS, _FILES, _MANIFEST = "rows.json", "files/", "manifest.json"
_PARTIAL = ".partiel"  # a file that is being written
# Made again by `migrate`, or worth nothing on another machine.
_LEFT_OUT = ("sessions", "contenttypes", "auth.permission", "admin.logentry")


class Unusable(findings.Refused):
    """The archive cannot be restored here; its findings say why."""


def write(path: Path, *, at: datetime) -> int:
    """Write everything to `path`, which appears only when it is whole. Returns its size.

    The rows are one instant of the database: somebody may be writing meanwhile.
    """
    partial = path.with_name(path.name + _PARTIAL)
    hashes: dict[str, str] = {}
    try:
        with (
            TemporaryDirectory() as scratch,
            zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive,
        ):
            rows = Path(scratch) / _ROWS
            with transaction.atomic():
                _read_one_instant()
                _dump(rows)
                files = sorted(_files())
            hashes[_ROWS] = _add(archive, rows, _ROWS)
            for file, name in files:
                hashes[name] = _add(archive, file, name)
            manifest = {
                "format": FORMAT,
                "made_at": at.isoformat(),
                "version": settings.VERSION,
                "migrations": _migrations(),
                "sha256": hashes,
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path.stat().st_size


def restore(path: Path) -> int:
    """Fill an empty application from an archive. Returns how many files came back.

    Everything is checked before anything is written; a failure leaves the machine empty. Killed in
    the middle it leaves no row, and files that the same archive takes again. Raises `Unusable`
    when the archive is damaged, was made by another version, or the place is taken.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise _unusable(
            "Ce fichier n’est pas une sauvegarde.", "Choisissez le fichier .zip."
        ) from (error)
    with archive, TemporaryDirectory() as scratch:
        hashes = _checked(archive)
        _refuse_taken(hashes)
        rows = Path(scratch) / _ROWS
        rows.write_bytes(archive.read(_ROWS))
        written: list[Path] = []
        try:
            with transaction.atomic():
                call_command("loaddata", str(rows), verbosity=0)
                for name in hashes:
                    written.append(_put(archive, name))
        except BaseException:
            for file in written:
                file.unlink(missing_ok=True)
            raise
    return len(written)


def _checked(archive: zipfile.ZipFile) -> dict[str, str]:
    """Name → SHA-256 of the files of an archive that is whole, safe and of this version."""
    try:
        manifest = json.loads(archive.read(_MANIFEST))
        hashes = dict(manifest["sha256"])
        migrations = manifest["migrations"]
        is_known = manifest["format"] == FORMAT
    except (KeyError, TypeError, ValueError, *DAMAGED) as error:
        raise _unusable(
            "Ce fichier n’est pas une sauvegarde de somme_gov.", "Choisissez le fichier .zip."
        ) from error
    if not is_known or migrations != _migrations():
        raise _unusable(
            f"Cette sauvegarde a été faite par une autre version ({manifest.get('version')}).",
            "Restaurez-la avec cette version, puis mettez l’application à jour.",
        )
    present = {info.filename for info in archive.infolist()} - {_MANIFEST}
    if present != set(hashes) or _ROWS not in present:
        raise _unusable("Il manque des fichiers à cette sauvegarde.", "Prenez-en une autre.")
    for name, expected in hashes.items():
        if name != _ROWS and not _is_safe(name):
            raise _unusable(
                f"Un nom de fichier est inacceptable : {name[:100]}", "Prenez-en une autre."
            )
        try:
            with archive.open(name) as entry:
                digest = hashlib.file_digest(entry, "sha256").hexdigest()
        except DAMAGED:
            digest = ""
        if digest != expected:
            raise _unusable(f"« {name} » est abîmé dans cette sauvegarde.", "Prenez-en une autre.")
    return {name: digest for name, digest in hashes.items() if name != _ROWS}


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    return name.startswith(_FILES) and ".." not in path.parts and not path.is_absolute()


def _refuse_taken(hashes: Mapping[str, str]) -> None:
    """Nothing is ever written over: there must be no row of ours, and no file but those that a
    restore of this archive left when it was killed."""
    if any(model._base_manager.exists() for model in _ours()) or any(
        not _is_left_over(file, name, hashes) for file, name in _files()
    ):
        raise _unusable(
            "Cette application contient déjà des données : rien n’a été restauré.",
            "Restaurez dans une installation neuve (manage.py migrate, puis manage.py restore).",
        )


def _is_left_over(file: Path, name: str, hashes: Mapping[str, str]) -> bool:
    if name.endswith(_PARTIAL):
        return name.removesuffix(_PARTIAL) in hashes
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == hashes.get(name)


def _unusable(message: str, remedy: str) -> Unusable:
    return Unusable([Finding(code="sauvegarde", message=message, remedy=remedy)])


class _Exact(DjangoJSONEncoder):
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
    rows = (row for model in kept for row in model._base_manager.order_by("pk").iterator())
    with path.open("w", encoding="utf-8") as stream:
        serializers.serialize("json", rows, stream=stream, cls=_Exact)


def _ours() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.label_lower not in _LEFT_OUT and model._meta.app_label not in _LEFT_OUT
    ]


def _read_one_instant() -> None:
    """On PostgreSQL, read one snapshot; SQLite already lets nobody write meanwhile."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _files() -> Iterator[tuple[Path, str]]:
    """Each stored file with its name in the archive."""
    root = Path(settings.MEDIA_ROOT)
    for path in root.rglob("*"):
        if path.is_file():
            yield path, _FILES + path.relative_to(root).as_posix()


def _add(archive: zipfile.ZipFile, file: Path, name: str) -> str:
    """Copy a file in and return its SHA-256, reading it once."""
    digest = hashlib.sha256()
    with file.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while block := source.read(1 << 20):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _put(archive: zipfile.ZipFile, name: str) -> Path:
    path = Path(settings.MEDIA_ROOT) / name.removeprefix(_FILES)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + _PARTIAL)
    with archive.open(name) as source, partial.open("wb") as target:
        shutil.copyfileobj(source, target)
    partial.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    partial.replace(path)  # a file is whole or absent
    return path


def _migrations() -> dict[str, list[str]]:
    """What was applied to the database, by application."""
    applied: dict[str, list[str]] = {}
    for label, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(label, []).append(name)
    return applied
