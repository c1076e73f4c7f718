"""A backup is the whole application: restored on an empty machine, it verifies clean."""

import errno
import gc
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import IdentityChange, Letter, Session
from archive import actions
from archive.keeping import anchors, backup, safeguarding, sealing
from archive.models import Anchor, Safeguard
from bench import keeping
from convening.models import Notice, Reminder
from documents.models import IssuedDocument
from law.findings import Refused
from meetings.models import SittingEvent
from members import private
from registry.models import SignatureStep
from tests import held
from tests.cast import change
from tests.conftest import migrated
from tests.held import sign
from tests.processes import ROOT
from trail.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def made():
    """The one backup of this file, and what it holds, once somebody asked for it."""
    return []


@pytest.fixture
def saved(made, request, settings, tmp_path):
    """A backup of signed minutes, on a new machine: an empty database, another place for files."""
    path = tmp_path / "sauvegarde.zip"
    if not made:
        accounts, minutes = map(request.getfixturevalue, ("accounts", "minutes"))
        sign(minutes, "president", accounts[0])
        asked = {"account": accounts[0], "asked_by": accounts[1], "email": "x@ailleurs.example"}
        IdentityChange.objects.create(**asked)
        IdentityChange.objects.create(**asked, done_at=timezone.now())
        for state, once in (("attente", "a"), ("remise", "b"), ("remis", "c")):
            posted = {"meeting": minutes.meeting, "message_id": f"<{once}>", "once": once}
            Notice.objects.create(state=state, **posted)
        Reminder.objects.create(meeting=minutes.meeting, due_at=timezone.now())
        backup.write(path, at=timezone.now())
        made += [path.read_bytes(), told()]
        call_command("flush", interactive=False, verbosity=0)
    path.write_bytes(made[0])
    settings.MEDIA_ROOT = tmp_path / "ailleurs"
    settings.MEDIA_ROOT.mkdir()
    return path


def told():
    """What must come back as it was."""
    return tuple(
        list(model.objects.order_by("pk").values())
        for model in (SittingEvent, IssuedDocument, SignatureStep)
    )


@pytest.mark.database
def test_everything_comes_back_verifies_and_goes_on(saved, made):
    out = io.StringIO()
    call_command("restore", saved, stdout=out)
    assert told() == made[1]
    # Its mails do not come back: what is asked of an account would go on without warning anybody.
    assert IdentityChange.objects.get().done_at is not None
    assert "Tout est comme au premier jour" in out.getvalue()
    document = IssuedDocument.objects.get()
    user = document.meeting.body.organisation.persons.get(first_name="Bruno").user
    assert sign(document, "secretaire-1", user).order == 4
    with pytest.raises(CommandError, match="contient déjà des données"):
        call_command("restore", saved)


def test_what_was_restored_publishes_and_anchors_nothing_until_somebody_says_so(saved):
    """Whoever tries a backup speaks for nobody: the other machine serves."""
    out = io.StringIO()
    call_command("restore", saved, stdout=out)
    assert "manage.py take_over" in out.getvalue()
    document = IssuedDocument.objects.get()
    anchors.attend(at=timezone.now())
    with pytest.raises(CommandError, match="restaurée ou copiée ici"):
        call_command("anchor")
    with pytest.raises(Refused, match="restaurée ou copiée ici"):
        actions.publish(document, by=None, at=timezone.now())
    assert not Anchor.objects.exists()
    with pytest.raises(CommandError, match="--waiting drop"):
        call_command("take_over")
    call_command("take_over", waiting="drop", stdout=io.StringIO())
    rows = Notice.objects.filter(once__in="abc").order_by("once")
    assert [row.state for row in rows] == ["garde", "garde", "remis"]
    assert [row.is_uncertain for row in rows] == [True, True, False]
    assert Reminder.objects.get().done_at is not None
    assert "sert désormais la base" in Entry.objects.latest("pk").what
    call_command("anchor", stdout=io.StringIO(), stderr=io.StringIO())
    assert Anchor.objects.exists()
    assert actions.publish(document, by=None, at=timezone.now()).code
    with pytest.raises(CommandError, match="sert déjà"):
        call_command("take_over")


def test_it_names_the_version_that_must_take_it_back(saved, settings, tmp_path):
    with zipfile.ZipFile(saved) as archive:
        version = json.loads(archive.read("manifest.json"))["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\+?", version)
    other = rewritten(saved, of_manifest(migrations={}, version="0.3.0+", commit="abc123" * 6))
    with pytest.raises(backup.Unusable, match=r"0\.3\.0\+, commit abc123abc123\)") as refusal:
        backup.restore(other)
    assert "git checkout abc123abc123" in str(refusal.value.findings[0].remedy)
    settings.BASE_DIR = tmp_path
    assert backup._commit() == ""
    (tmp_path / ".git/refs").mkdir(parents=True)
    (tmp_path / ".git/HEAD").write_text("ref: refs/main\n")
    (tmp_path / ".git/packed-refs").write_text("# pack\nabc refs/main\n")
    assert backup._commit() == "abc"
    (tmp_path / ".git/refs/main").write_text("def\n")
    assert backup._commit() == "def"
    (tmp_path / ".git/HEAD").write_text("012\n")
    assert backup._commit() == "012"


def test_what_the_service_wrote_of_itself_meanwhile_is_no_data(
    saved, made, settings, tmp_path, exercise_is_migrated
):
    """A new machine backs itself up within a minute, and says so in its trail."""
    settings.DATA_DIR, settings.BACKUP_DIR = tmp_path, tmp_path / "nuits"
    call_command("safeguard", now=True, stdout=io.StringIO())
    assert Entry.objects.exists() and Safeguard.objects.exists()
    out = io.StringIO()
    call_command("restore", saved, stdout=out)
    assert told() == made[1] and "Tout est comme au premier jour" in out.getvalue()
    assert not Entry.objects.filter(what__startswith="sauvegarde somme_gov-").exists()
    with pytest.raises(CommandError, match="contient déjà des données"):
        call_command("restore", saved)


def test_a_folder_where_one_may_not_write_is_told_in_words(db, tmp_path):
    (tmp_path / "pris").touch()
    with pytest.raises(backup.Unusable, match="n’est pas dans un dossier"):
        backup.write(tmp_path / "pris" / "a.zip", at=timezone.now())


def test_the_command_says_what_to_keep_apart(db, tmp_path, settings):
    out = io.StringIO()
    call_command("backup", tmp_path / "sauvegarde.zip", stdout=out)
    for kept in (settings.SIGNING_DIR, settings.SIGNING_ROOTS, settings.ANCHOR_FILE):
        assert str(kept) in out.getvalue()
    assert "visite" not in out.getvalue()


@pytest.mark.database
def test_a_tour_is_in_it_and_is_told_apart(cast, tmp_path):
    change(cast.other_organisation, is_fleeting=True)
    path, out = tmp_path / "sauvegarde.zip", io.StringIO()
    call_command("backup", path, stdout=out)
    assert "Y compris 1 visite guidée, sans valeur" in out.getvalue().replace("\xa0", " ")
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("manifest.json"))["tours"] == 1


def rewritten(saved, change):
    """The same archive with entries changed: `change(name, content)` gives content or None."""
    path = saved.with_name("touchee.zip")
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w") as target:
        for info in source.infolist():
            if (content := change(info.filename, source.read(info))) is not None:
                target.writestr(info.filename, content)
    return path


def of_manifest(**values):
    def change(name, content):
        is_it = name == "manifest.json"
        return json.dumps(json.loads(content) | values).encode() if is_it else content

    return change


DAMAGES = {
    "une ligne changée": (lambda n, c: c + b" " if n == "rows.jsonl" else c, "est abîmé"),
    "un PDF changé": (lambda n, c: b"autre" if n.endswith(".pdf") else c, "est abîmé"),
    "PDF retirés": (lambda n, c: None if n.endswith(".pdf") else c, "manque des fichiers"),
    "autre ZIP": (lambda n, c: None if n == "manifest.json" else c, "pas une sauvegarde"),
    "une autre version": (of_manifest(migrations={}), "autre version"),
    "un autre format": (of_manifest(format=9), "autre version"),
    "manifeste abîmé": (of_manifest(sha256=None), "manque|pas une"),
    "empreintes en liste": (of_manifest(sha256=[1]), "pas une"),
    "données illisibles": (lambda n, c: c[:-9] if n == "rows.jsonl" else c, "est abîmé"),
}


@pytest.mark.parametrize(("change", "said"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_backup_restores_nothing(saved, settings, change, said):
    with pytest.raises(backup.Unusable, match=said):
        backup.restore(rewritten(saved, change))
    assert not IssuedDocument.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*"))


def listing(sums):
    """The archive lists its files so, and knows that it does."""

    def change(name, content):
        hashes = json.loads(content)["sha256"] if name == "manifest.json" else {}
        content = sums if name == "files.sha256" else content
        told = hashes | {"files.sha256": hashlib.sha256(sums).hexdigest()}
        return of_manifest(sha256=told)(name, content)

    return change


def with_file(saved, name: str, content: bytes = b"x", *, mode: int = 0o100644):
    """The same archive with one more file, which it lists."""
    with zipfile.ZipFile(saved) as archive:
        sums = archive.read("files.sha256")
    sums += f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()
    path = rewritten(saved, listing(sums))
    with zipfile.ZipFile(path, "a") as target:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        target.writestr(info, content)
    return path


OUTSIDE = [
    "files/../../etc/passwd",
    "files//{place}/passwd",
    "files/./../passwd",
    "files/a/../../passwd",
    "{place}/passwd",
    "files/\\..\\passwd",
    "files/a\nb",
    "files/lien/passwd",
    "files/",
    "autre/passwd",
    "files/" + "é" * 200,
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_is_written_outside(saved, settings, tmp_path, name):
    place = tmp_path / "dehors"
    place.mkdir()
    (settings.MEDIA_ROOT / "lien").symlink_to(place)
    (settings.MEDIA_ROOT / "passwd").symlink_to(place / "passwd")
    path = with_file(saved, name.format(place=place))
    with pytest.raises(backup.Unusable, match="inacceptable"):
        backup.restore(path)
    assert not IssuedDocument.objects.exists()
    assert [*place.iterdir()] == []
    assert not (tmp_path / "passwd").exists()


def test_a_file_that_leads_elsewhere_comes_back_as_plain_bytes(saved, settings):
    backup.restore(with_file(saved, "files/lien", b"/etc/passwd", mode=0o120777))
    assert not (settings.MEDIA_ROOT / "lien").is_symlink()
    assert (settings.MEDIA_ROOT / "lien").read_bytes() == b"/etc/passwd"


A_SESSION = {"session_data": "x", "expire_date": "2030-01-01T00:00:00Z"}
A_MAIL = {"kind": "reset", "to": "alice@brume.example", "site": "https://ailleurs.example"}


@pytest.mark.database
@pytest.mark.parametrize(
    "rows",
    [
        b'{"model": "members.user", "pk": 1, "fields": {"no_such_field": 1}}',
        b"NaN",
        json.dumps({"model": "accounts.session", "pk": "a", "fields": A_SESSION}).encode(),
        json.dumps({"model": "accounts.letter", "pk": 1, "fields": A_MAIL}).encode(),
        json.dumps({"model": "members.service", "pk": 1, "fields": {"mark": ""}}).encode(),
    ],
    ids=["un champ inconnu", "aucune ligne", "une session", "un courriel", "une machine qui sert"],
)
def test_rows_that_no_backup_holds_are_told_and_leave_nothing(saved, settings, rows):

    def change(name, content):
        hashes = json.loads(content)["sha256"] if name == "manifest.json" else {}
        content = rows if name == "rows.jsonl" else content
        told = hashes | {"rows.jsonl": hashlib.sha256(rows).hexdigest()}
        return of_manifest(sha256=told)(name, content)

    with pytest.raises(CommandError, match="ne se relisent pas"):
        call_command("restore", rewritten(saved, change))
    assert not list(settings.MEDIA_ROOT.rglob("*.pdf"))
    assert not Session.objects.exists() and not Letter.objects.exists()


def test_a_full_disk_is_told_and_leaves_nothing(saved, settings, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "Plus de place")

    with monkeypatch.context() as patch:
        patch.setattr(backup.shutil, "copyfileobj", full)
        with pytest.raises(CommandError, match="le disque est plein"):
            call_command("restore", saved)
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert not IssuedDocument.objects.exists()
    with monkeypatch.context() as patch:
        patch.setattr(backup, "add", full)
        with pytest.raises(CommandError, match="le disque est plein"):
            call_command("backup", tmp_path / "autre.zip")
    assert not list(tmp_path.glob("autre*"))


# --- Each night -------------------------------------------------------------------------------


def nightly(settings, folder, *, at):
    settings.BACKUP_DIR = folder
    return safeguarding.make(at=at)


def emptied(settings):
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(settings.MEDIA_ROOT)


@pytest.mark.parametrize(
    "is_sealed",
    [
        pytest.param(False, id="en clair", marks=pytest.mark.database),
        pytest.param(True, id="chiffrée"),
    ],
)
def test_each_night_adds_what_was_written_since_and_comes_back(
    saved, made, settings, tmp_path, is_sealed
):
    settings.DATA_DIR = tmp_path  # where this machine keeps the key of its exercises
    mine = pyrage.x25519.Identity.generate()
    settings.BACKUP_RECIPIENT = [str(mine.to_public())] if is_sealed else []
    call_command("restore", saved, stdout=io.StringIO())
    first = nightly(settings, tmp_path / "nuits", at=timezone.now() - timedelta(days=1))
    second = nightly(settings, tmp_path / "nuits", at=timezone.now())
    assert first.is_good and second.is_good and first.files == second.files > 0
    assert first.added > first.size and second.added == second.size
    kept = [path for path in (tmp_path / "nuits").rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
    assert any(b"%PDF" in path.read_bytes() for path in kept) is not is_sealed
    emptied(settings)
    key = {"identity": safeguarding.own_key_path()} if is_sealed else {}
    call_command("restore", tmp_path / "nuits" / second.name, **key, stdout=io.StringIO())
    assert told() == made[1] and not Safeguard.objects.exists()


@pytest.mark.database
def test_a_night_without_its_store_or_with_a_damaged_one_restores_nothing(
    saved, settings, tmp_path
):
    call_command("restore", saved, stdout=io.StringIO())
    path = tmp_path / "nuits" / nightly(settings, tmp_path / "nuits", at=timezone.now()).name
    emptied(settings)
    store = tmp_path / "nuits" / "fichiers"
    one = next(each for each in store.rglob("*") if each.is_file())
    one.write_bytes(b"autre")
    with pytest.raises(backup.Unusable, match="est abîmé"):
        backup.restore(path)
    one.unlink()
    with pytest.raises(backup.Unusable, match="à côté d’elle"):
        backup.restore(path)
    assert not IssuedDocument.objects.exists()


def test_a_file_that_is_gone_or_changed_is_told_aloud(saved, settings, tmp_path, caplog):
    call_command("restore", saved, stdout=io.StringIO())
    document = IssuedDocument.objects.get()
    (settings.MEDIA_ROOT / document.pdf.name).write_bytes(b"autre")
    row = nightly(settings, tmp_path / "nuits", at=timezone.now())
    assert f"{document.pdf.name} a changé" in row.trouble and row.trouble in caplog.text
    (settings.MEDIA_ROOT / document.pdf.name).unlink()
    with pytest.raises(CommandError, match="manquants ou changés"):
        call_command("backup", tmp_path / "x.zip", stdout=io.StringIO(), stderr=io.StringIO())
    assert (tmp_path / "x.zip").exists()


@pytest.fixture
def elsewhere():
    """A folder of another file system than `tmp_path`, for good."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_an_exercise_restores_whatever_file_system_its_temporary_folder_is_of(
    saved, made, settings, tmp_path, elsewhere, monkeypatch
):
    """Under seal, each file is opened in the temporary folder first."""
    assert elsewhere.stat().st_dev != tmp_path.stat().st_dev
    settings.DATA_DIR = tmp_path
    settings.BACKUP_RECIPIENT = [str(pyrage.x25519.Identity.generate().to_public())]
    call_command("restore", saved, stdout=io.StringIO())
    night = nightly(settings, tmp_path / "nuits", at=timezone.now())
    emptied(settings)
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    asked = {"identity": safeguarding.own_key_path(), "link": True}
    call_command("restore", tmp_path / "nuits" / night.name, **asked, stdout=io.StringIO())
    assert told() == made[1]
    assert not list(elsewhere.iterdir())


def test_who_may_not_read_the_key_or_has_no_temporary_folder_is_told_which(
    saved, settings, tmp_path, monkeypatch
):
    settings.DATA_DIR = tmp_path
    call_command("restore", saved, stdout=io.StringIO())
    sealed, key = tmp_path / "chiffree.zip.age", tmp_path / "cle.txt"
    call_command(
        "backup",
        sealed,
        to=[str(pyrage.x25519.Identity.generate().to_public())],
        stdout=io.StringIO(),
    )
    with pytest.raises(CommandError, match=f"{key} n’existe pas"):
        call_command("restore", sealed, identity=key)

    def shut(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied", str(key))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", shut)  # root reads all: in truth it is nobody's
        with pytest.raises(CommandError, match=f"{key} est fermé au compte "):
            call_command("restore", sealed, identity=key)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "parti")])
    with pytest.raises(CommandError, match="aucun dossier temporaire ne s’écrit"):
        call_command("restore", saved)


# --- However many -----------------------------------------------------------------------------


@pytest.mark.proof
def test_four_times_as_many_files_take_no_more_memory_to_keep(
    cast, settings, tmp_path, monkeypatch
):
    """Peaks, of what Python holds: each file that one remembers costs some 500 bytes, and here it
    may not be 50. The first run of all is not measured: it fills what is read but once."""
    settings.DATA_DIR, settings.BACKUP_DIR = tmp_path, tmp_path / "nuits"
    settings.BACKUP_RECIPIENT = [str(pyrage.x25519.Identity.generate().to_public())]
    monkeypatch.setattr(keeping, "EACH", 64)
    held.prepare(cast, "Budget")
    at, few, more = timezone.now(), 400, 1200
    peaks: list[int] = []
    for step, added in enumerate((few, 0, more)):
        keeping.add(added)
        with peak(peaks):
            row = safeguarding.make(at=at + timedelta(minutes=step))
        assert row.is_good and row.files == IssuedDocument.objects.count()
    _, before, after = peaks
    assert after - before < 50 * more


@contextmanager
def peak(peaks: list[int]):
    """Add to these the most memory that was held at once. What other tests left is set aside: among
    so much, the collector would wait longer before it takes what is dropped here."""
    gc.collect()
    gc.freeze()
    tracemalloc.start()
    try:
        yield
        peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
        gc.unfreeze()


# --- For its owner only -----------------------------------------------------------------------


def test_what_is_written_is_its_owners_alone(saved, settings):
    call_command("restore", saved, stdout=io.StringIO())
    for path in [settings.MEDIA_ROOT / "x", *settings.MEDIA_ROOT.rglob("*")][1:]:
        assert path.stat().st_mode & 0o077 == 0, path
    again = saved.with_name("encore.zip")
    call_command("backup", again, stdout=io.StringIO())
    assert again.stat().st_mode & 0o777 == 0o600


def test_a_backup_under_seal_is_read_with_its_key_alone(saved, settings, tmp_path, monkeypatch):
    mine, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    call_command("restore", saved, stdout=io.StringIO())
    sealed, out = tmp_path / "chiffree.zip.age", io.StringIO()
    settings.BACKUP_RECIPIENT = [str(mine.to_public())]
    call_command("backup", sealed, stdout=out)
    assert "chiffrée" in out.getvalue()
    assert b"rows.jsonl" not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o777 == 0o600
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(settings.MEDIA_ROOT)
    key = tmp_path / "cle.txt"
    key.write_text(f"# created: 2026\n{other}\n")
    for wrong, said in (({}, "est chiffrée"), ({"identity": key}, "ne s’ouvre pas avec cette clé")):
        with pytest.raises(CommandError, match=said):
            call_command("restore", sealed, **wrong)
    key.write_text("n’est pas une clé")
    with pytest.raises(CommandError, match="ne contient pas une clé"):
        call_command("restore", sealed, identity=key)
    damaged = tmp_path / "abimee.age"
    key.write_text(f"{mine}\n")
    damaged.write_bytes(sealed.read_bytes()[:-500])
    with pytest.raises(CommandError, match="abîmée"):
        call_command("restore", damaged, identity=key)
    call_command("restore", sealed, identity=key, stdout=io.StringIO())
    assert IssuedDocument.objects.exists()
    with pytest.raises(CommandError, match="pas une clé publique"):
        call_command("backup", tmp_path / "x.age", to=["age1pas-une-cle"])

    def full(source, target, keys):
        source.read(10)
        raise OSError(errno.ENOSPC, "Plus de place")

    monkeypatch.setattr(sealing.pyrage, "encrypt_io", full)
    with pytest.raises(CommandError, match="le disque est plein"):
        call_command("backup", tmp_path / "x.age")
    assert not list(tmp_path.glob("x.age*"))


def test_check_tells_of_what_others_may_read(settings, tmp_path):
    settings.DATA_DIR = settings.SIGNING_DIR = settings.MEDIA_ROOT = tmp_path
    tmp_path.chmod(0o700)
    (tmp_path / "cachet.p12").write_bytes(b"")
    (tmp_path / "somme_gov.sqlite3").write_bytes(b"")
    settings.TRANSMISSION_SECRETS = tmp_path / "transmission"
    secret = settings.TRANSMISSION_SECRETS / "val-de-brume" / "agent.pem"
    secret.parent.mkdir(parents=True, mode=0o700)
    secret.write_bytes(b"")
    for path in (*tmp_path.glob("*.*"), secret):
        path.chmod(0o600)
    assert private.check_places(None) == []
    for path in (tmp_path / "cachet.p12", tmp_path / "somme_gov.sqlite3", secret, tmp_path):
        path.chmod(0o755)
        assert str(path) in " ".join(each.msg for each in private.check_places(None))


def test_a_backup_is_whole_or_absent_and_replaces_nothing(saved, tmp_path, monkeypatch):
    saved.with_name("image.zip").write_bytes(b"\x89PNG")
    with pytest.raises(backup.Unusable, match="n’est pas une sauvegarde"):
        backup.restore(saved.with_name("image.zip"))
    with pytest.raises(CommandError, match="existe déjà"):
        call_command("backup", saved)

    def dies(*args, **kwargs):
        raise OSError("disque plein")

    monkeypatch.setattr(backup, "migrations_applied", dies)
    with pytest.raises(backup.Unusable, match="disque plein"):
        backup.write(tmp_path / "autre.zip", at=timezone.now())
    assert [path.name for path in tmp_path.glob("autre*")] == []


def test_a_file_of_another_archive_is_not_taken_for_what_was_left(saved, settings):
    with zipfile.ZipFile(saved) as archive:
        name = next(each for each in archive.namelist() if each.endswith(".pdf"))
    place = settings.MEDIA_ROOT / name.removeprefix("files/")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"autre chose")
    with pytest.raises(backup.Unusable, match="contient déjà des données"):
        backup.restore(saved)
    assert place.read_bytes() == b"autre chose"


# --- On another machine, killed in the middle -------------------------------------------------

# `{name}` is a step of the archive; the process dies, as by a power cut, when it begins for the
# third time.
DIES = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from archive.keeping import backup
step, count = backup.{name}, 0
def dying(*args):
    global count
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(*args)
backup.{name} = dying
call_command({command!r}, sys.argv[1])
"""


@pytest.fixture
def machine(tmp_path):
    """Runs a command on another machine: a new process, its own files and SQLite, migrated."""
    place = tmp_path / "machine"
    place.mkdir()
    # The keys of the demonstration belong to the machine: without them nobody is believed.
    environment = os.environ | {
        "DATA_DIR": str(place),
        "DATABASE_URL": f"sqlite:///{place / 'neuve.sqlite3'}",
        "SECRET_KEY": "another machine",
        "DJANGO_SETTINGS_MODULE": "somme_gov.settings",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(  # noqa: S603 our own command
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    if migrated().exists():  # through the very same migrations
        shutil.copyfile(migrated(), place / "neuve.sqlite3")
    else:
        assert run("manage.py", "migrate", "--verbosity", "0").returncode == 0
    return run


@pytest.mark.database
@pytest.mark.proof
def test_a_restore_that_was_killed_is_done_again_and_verifies(saved, machine, tmp_path):
    def kept() -> list[str]:
        media = tmp_path / "machine" / "media"
        return [path.name for path in media.rglob("*") if path.is_file()]

    died = machine("-c", DIES.format(name="_put", command="restore"), str(saved))
    assert died.returncode == -signal.SIGKILL
    assert len(kept()) == 2  # it was at work
    done = machine("manage.py", "restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert "Tout est comme au premier jour" in done.stdout
    assert not [name for name in kept() if name.endswith(".partiel")]


@pytest.mark.proof
@pytest.mark.skipif(connection.vendor != "sqlite", reason="l’autre machine a SQLite")
def test_a_backup_that_was_killed_leaves_no_archive_and_is_done_again(saved, machine, tmp_path):
    restored = machine("manage.py", "restore", str(saved))
    assert restored.returncode == 0, restored.stderr
    assert "Tout est comme au premier jour" in restored.stdout
    path = tmp_path / "autre.zip"
    died = machine("-c", DIES.format(name="add", command="backup"), str(path))
    assert died.returncode == -signal.SIGKILL
    assert not path.exists()
    assert machine("manage.py", "backup", str(path)).returncode == 0
    assert [each.name for each in tmp_path.glob("autre*")] == ["autre.zip"]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
