"""The application backs itself up: each night, where somebody said (a folder, or a bucket of an
object store), and fails aloud.

The rows of each night are a file of their own, the files of all the nights a store that they share
(`stores`). So many days and so many weeks are kept. Every so often one of them is restored
for good, in a base and a folder of the moment, and verified there: a backup that nobody restored is
a hope. Who holds the private key is not this machine; a key of its own, which it never gives away
and which opens nothing that the base does not hold already, lets it read what it wrote. See
docs/decisions/0050.
"""

import fcntl
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyrage
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from archive.keeping import backup, sealing, stores
from archive.models import Safeguard
from law import findings
from members import duties, files, private, serving

AGAIN = timedelta(hours=1)  # after one that failed
LATE = timedelta(hours=30)  # a night was missed
FRESH = timedelta(days=1)  # what is younger in the store is of a backup under way
_NAME = re.compile(r"somme_gov-(\d{4}-\d{2}-\d{2})-\d{4}\.zip(\.age)?\Z")
_EXERCISE = ".exercice-"

log = logging.getLogger(__name__)

# --- When -------------------------------------------------------------------------------------


def last_good(kind: str) -> Safeguard | None:
    """The last one of this kind with which nothing was wrong."""
    return Safeguard.objects.filter(kind=kind, trouble="").exclude(ended_at=None).last()


def is_due(*, at: datetime) -> bool:
    """Whether tonight's backup is still to be made: not of a base that another machine serves."""
    if not settings.BACKUP_DIR or serving.is_held():
        return False
    local = timezone.localtime(at)
    tonight = local.replace(hour=settings.BACKUP_HOUR % 24, minute=0, second=0, microsecond=0)
    if tonight > local:
        tonight -= timedelta(days=1)
    rows = Safeguard.objects.filter(kind=Safeguard.Kind.BACKUP)
    done = rows.filter(begun_at__gte=tonight, trouble="").exclude(ended_at=None)
    return not done.exists() and not rows.filter(begun_at__gt=at - AGAIN).exists()


def is_drill_due(*, at: datetime) -> bool:
    """Whether it is time to restore one again."""
    days = settings.BACKUP_DRILL_DAYS
    if not days or not last_good(Safeguard.Kind.BACKUP):
        return False
    since = at - timedelta(days=days) + timedelta(hours=12)  # the night of that day
    rows = Safeguard.objects.filter(kind=Safeguard.Kind.DRILL)
    tried = rows.filter(begun_at__gt=at - timedelta(hours=20)).exists()
    done = rows.filter(begun_at__gt=since, trouble="").exclude(ended_at=None)
    return not tried and not done.exists()


# --- Tonight's --------------------------------------------------------------------------------


@contextmanager
def alone() -> Iterator[bool]:
    """One at a time among the processes that write there; `False` for who comes second. Of a
    bucket, those of this machine: two hosts would but do the same work twice."""
    place()
    folder = settings.BACKUP_DIR if isinstance(settings.BACKUP_DIR, Path) else settings.DATA_DIR
    with (Path(folder) / ".en-cours").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def make(*, at: datetime) -> Safeguard:
    """Back up now, and let go of what is too old. What is wrong is kept in words, and told."""
    where = place()
    own = _own_key() if settings.BACKUP_RECIPIENT else None
    readers = [*settings.BACKUP_RECIPIENT, *([str(own.to_public())] if own else [])]
    local = timezone.localtime(at)
    name = f"somme_gov-{local:%Y-%m-%d-%H%M}.zip" + (sealing.UNDER_SEAL if readers else "")
    row = Safeguard.objects.create(kind=Safeguard.Kind.BACKUP, begun_at=at, name=name)
    with _gone_if_stopped(row):
        try:
            _sweep(where)
            _make(row, where, readers)
            if not row.trouble:
                rotate(where, on=local.date())
        except findings.Refused as refusal:
            row.trouble = str(refusal)
        except OSError as error:
            row.trouble = f"La sauvegarde ne s’écrit pas : {files.in_words(error)}."
        except files.Away as away:
            row.trouble = str(backup.away_told(away))
    _end(row)
    return row


def _make(row: Safeguard, where: files.Keeping, readers: Sequence[str]) -> None:
    store = stores.Store.to(where, readers)
    with TemporaryDirectory(dir=_workplace()) as folder:
        path, listed = Path(folder) / row.name, Path(folder) / "liste"
        made = backup.write(path, at=row.begun_at, to=readers, store=store, listed=listed)
        where.link(row.name, path)
        store.settle()
        where.link(row.name + stores.LIST, listed)  # from now on it is believed
    row.size, row.added, row.files = made.size, made.added, made.files
    if made.lost:
        shown = " ; ".join(made.lost[:5])
        row.trouble = (
            f"{len(made.lost)} fichiers dont la base parle manquent ou ont changé : {shown}. "
            "« manage.py verify » dit lesquels ; la sauvegarde est faite, sans eux."
        )


@contextmanager
def _gone_if_stopped(row: Safeguard) -> Iterator[None]:
    """Who is asked to leave in the middle leaves no row: the next look begins again."""
    try:
        yield
    except BaseException as stopped:
        if not isinstance(stopped, Exception):
            with suppress(DatabaseError):
                row.delete()
        raise


@contextmanager
def asked_to_leave() -> Iterator[None]:
    """The machine is stopped: what is under way is dropped where it stands, and cleaned up."""

    def leave(*args: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(row: Safeguard) -> None:
    row.ended_at = timezone.now()
    row.save()
    if row.trouble:
        log.error("%s : %s", row.get_kind_display(), row.trouble)


def place() -> files.Keeping:
    """Where backups are kept: the folder, made if it is not there, or the bucket. Raises `Refused`
    when there is none."""
    where = files.backups()
    if where is None:
        raise findings.refusal(
            "sauvegarde",
            "BACKUP_DIR n’est pas réglé : rien ne se sauvegarde de soi-même.",
            remedy="Donnez-lui un dossier ou un godet, ou écrivez une sauvegarde : "
            "manage.py backup FICHIER",
        )
    folder = settings.BACKUP_DIR
    if not isinstance(folder, Path):
        return where
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise findings.refusal(
            "sauvegarde",
            f"Le dossier des sauvegardes ne peut pas être créé : {files.in_words(error)}.",
            remedy=f"install -d -m 700 -o somme_gov {folder}",
        ) from error
    return where


def _sweep(where: files.Keeping) -> None:
    """What one that was killed left half-written; whoever writes there is alone."""
    for name in where.left_behind(before=time.time()):
        where.delete(name)
    folders, names = where.listdir("")
    for name in names:
        if name.endswith(stores.LIST) and name.removesuffix(stores.LIST) not in names:
            where.delete(name)
    if stores.is_folder(where):
        for name in folders:
            if name.startswith(_EXERCISE):
                shutil.rmtree(settings.BACKUP_DIR / name, ignore_errors=True)
        old = time.time() - FRESH.total_seconds()
        for path in settings.BACKUP_DIR.glob(f"*{backup.PARTIAL}"):  # of a `backup` by hand
            if path.stat().st_mtime < old:
                path.unlink()
    for path in _workplace().iterdir():
        shutil.rmtree(path, ignore_errors=True)


def _workplace() -> Path:
    """Where it writes what it does not keep. Not in `/tmp`, which the service has to itself
    (`PrivateTmp`): it goes with the service, and a backup outlives it (`KillMode=process`)."""
    folder = Path(settings.DATA_DIR) / "travail"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def own_key_path() -> Path:
    """Where the key is by which this machine reads what it wrote."""
    return Path(settings.DATA_DIR) / "exercice.cle"


def _own_key() -> pyrage.x25519.Identity:
    path = own_key_path()
    if not path.exists():
        with private.created(path) as file:
            file.write(f"{pyrage.x25519.Identity.generate()}\n".encode())
    return pyrage.x25519.Identity.from_str(path.read_text(encoding="ascii").strip())


# --- What is kept -----------------------------------------------------------------------------


def kept(days: Sequence[date], *, on: date) -> set[date]:
    """Of the days that have a backup, those to keep: the last ones, the last of each of the last
    weeks, and the last whatever its age."""
    found = set(sorted(days)[-1:])
    found |= {day for day in days if (on - day).days < settings.BACKUP_KEEP_DAYS}
    weeks: dict[tuple[int, int], date] = {}
    for day in sorted(days):
        if (on - day).days < 7 * settings.BACKUP_KEEP_WEEKS:
            year, week, _ = day.isocalendar()
            weeks[year, week] = day
    return found | set(weeks.values())


def nights(where: files.Keeping) -> dict[str, date]:
    """The backups that lie there, and the day of each."""
    found = ((name, _NAME.match(name)) for name in sorted(where.listdir("")[1]))
    return {name: date.fromisoformat(match[1]) for name, match in found if match}


def rotate(where: files.Keeping, *, on: date) -> None:
    """Let go of the backups that are too old, then of what no other needs."""
    there = nights(where)
    wanted = kept(list(there.values()), on=on)
    gone = [name for name, day in there.items() if day not in wanted]
    folders, names = where.listdir("")
    for name in gone:
        for each in (name + stores.LIST, name):
            if each in names:
                where.delete(each)
    listed = [name + stores.LIST for name in there if name not in gone]
    if not gone or not set(listed) <= set(names):
        return  # of one that was put there by hand, nobody knows what it needs
    old = time.time() - FRESH.total_seconds()
    with TemporaryDirectory(dir=_workplace()) as folder, stores.listing(Path(folder)) as listing:
        for name in listed:
            listing.need(stores.read_list(where, name))
        for name in filter(stores.NAMED.fullmatch, folders):
            for each in stores.Store(where, name).walk():
                if each.at < old and not listing.is_needed(each.digest):
                    where.delete(each.name)


# --- An exercise ------------------------------------------------------------------------------


def drill(name: str, *, at: datetime) -> Safeguard:
    """Restore this backup in a base and a folder of the moment, and verify all of it there. What is
    wrong is kept in words, and told."""
    row = Safeguard.objects.create(kind=Safeguard.Kind.DRILL, begun_at=at, name=name)
    told = settings.BACKUP_DIR  # in the folder, its files are linked and take no place
    beside = told.resolve() if isinstance(told, Path) else _workplace()
    with _gone_if_stopped(row):
        try:
            with TemporaryDirectory(dir=beside, prefix=_EXERCISE) as scratch:
                row.trouble = _exercise(name, Path(scratch))
        except OSError as error:
            row.trouble = f"L’exercice ne s’écrit pas : {files.in_words(error)}."
    _end(row)
    return row


def _exercise(name: str, scratch: Path) -> str:
    """What went wrong; "" if nothing did."""
    told = settings.BACKUP_DIR  # of a bucket, it is in the environment
    authority = Path(settings.DATA_DIR) / "autorite"  # of a demonstration: what it signed is read
    if authority.exists():
        (scratch / "autorite").symlink_to(authority.resolve())
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{scratch / 'exercice.sqlite3'}",
        "DATA_DIR": str(scratch),
        "FILES_URL": "",
        "SERVICE_MARK": "",
        "URN_DIR": str(scratch / "urnes"),
        "SECRET_KEY": settings.SECRET_KEY,
        "SECRET_KEY_FALLBACKS": ",".join(settings.SECRET_KEY_FALLBACKS),
        "SIGNING_ROOTS": str(settings.SIGNING_ROOTS),
        "SIGNING_DIR": str(settings.SIGNING_DIR),
        "ANCHOR_FILE": str(scratch / "ancrages.jsonl"),
        "ERROR_MAILS": "",
        "MAIL_WORKER": "0",
        **({"BACKUP_DIR": str(told.resolve())} if isinstance(told, Path) else {}),
        "TMPDIR": str(scratch),
    }
    key = own_key_path()
    opened_by = (
        ["--identity", str(key)] if name.endswith(sealing.UNDER_SEAL) and key.exists() else []
    )
    for told in (
        ["migrate", "--verbosity", "0"],
        ["restore", "--link", *opened_by, name],
    ):
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *told]
        done = subprocess.run(  # noqa: S603 our own command
            command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True
        )
        if done.returncode == -signal.SIGTERM:  # the machine is stopped, and we are next
            raise SystemExit(128 + signal.SIGTERM)
        if done.returncode:
            return _said(done.stderr.strip())
    return ""


def _said(stderr: str) -> str:
    if "Traceback (most recent call last)" not in stderr:
        return f"La restauration dit : {stderr[-1500:]}"
    log.warning("exercice de restauration\u00a0: %s", stderr)
    return (
        "La restauration s’est arrêtée d’une façon qui n’était pas prévue. Le détail est au "
        f"journal du serveur (journalctl -u somme_gov), et finit par « {stderr.splitlines()[-1]} »."
    )


# --- Without anybody asking -------------------------------------------------------------------

_TICK = 300  # seconds


def _look(until: duties.Stop) -> float:
    """In a process of its own, behind all the others: pages are answered meanwhile."""
    now = timezone.now()
    if is_due(at=now) or (settings.BACKUP_DIR and not serving.is_held() and is_drill_due(at=now)):
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "safeguard"]
        own = os.environ | {"TMPDIR": str(_workplace())}
        subprocess.run(["nice", *command], check=False, start_new_session=True, env=own)  # noqa: S603, S607
    return _TICK


DUTY = duties.Duty("sauvegardes", lambda: nullcontext(_look), setting="BACKUP_WORKER", idle=_TICK)
