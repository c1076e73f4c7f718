"""A backup is the whole application: restored on an empty machine, it verifies clean."""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.keeping import backup
from documents.models import IssuedDocument
from meetings.models import SittingEvent
from registry.models import SignatureStep
from tests.held import sign
from tests.processes import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


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


def test_everything_comes_back_verifies_and_goes_on(saved, made):
    out = io.StringIO()
    call_command("restore", saved, stdout=out)
    assert told() == made[1]
    assert "Tout est comme au premier jour" in out.getvalue()
    document = IssuedDocument.objects.get()
    user = document.meeting.body.organisation.persons.get(first_name="Bruno").user
    assert sign(document, "secretaire-1", user).order == 4
    with pytest.raises(CommandError, match="contient déjà des données"):
        call_command("restore", saved)


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


def with_climbing_name(name, content):
    climbing = {"files/../../etc/passwd": "0" * 64}
    hashes = json.loads(content)["sha256"] if name == "manifest.json" else {}
    return of_manifest(sha256=hashes | climbing)(name, content)


DAMAGES = {
    "une ligne changée": (lambda n, c: c + b" " if n == "rows.json" else c, "est abîmé"),
    "un PDF changé": (lambda n, c: b"autre" if n.endswith(".pdf") else c, "est abîmé"),
    "PDF retirés": (lambda n, c: None if n.endswith(".pdf") else c, "manque des fichiers"),
    "autre ZIP": (lambda n, c: None if n == "manifest.json" else c, "pas une sauvegarde"),
    "une autre version": (of_manifest(migrations={}), "autre version"),
    "un autre format": (of_manifest(format=9), "autre version"),
    "manifeste abîmé": (of_manifest(sha256=None), "manque|pas une"),
    "un nom qui sort du dossier": (with_climbing_name, "manque des fichiers"),
}


@pytest.mark.parametrize(("change", "said"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_backup_restores_nothing(saved, settings, change, said):
    with pytest.raises(backup.Unusable, match=said):
        backup.restore(rewritten(saved, change))
    assert not IssuedDocument.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*"))


def test_a_backup_is_whole_or_absent_and_replaces_nothing(saved, tmp_path, monkeypatch):
    saved.with_name("image.zip").write_bytes(b"\x89PNG")
    with pytest.raises(backup.Unusable, match="n’est pas une sauvegarde"):
        backup.restore(saved.with_name("image.zip"))
    with pytest.raises(CommandError, match="existe déjà"):
        call_command("backup", saved)

    def dies(*args, **kwargs):
        raise OSError("disque plein")

    monkeypatch.setattr(backup, "_migrations", dies)
    with pytest.raises(OSError, match="disque plein"):
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

    assert run("manage.py", "migrate", "--verbosity", "0").returncode == 0
    return run


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
def test_a_backup_that_was_killed_leaves_no_archive_and_is_done_again(saved, machine, tmp_path):
    restored = machine("manage.py", "restore", str(saved))
    assert restored.returncode == 0, restored.stderr
    assert "Tout est comme au premier jour" in restored.stdout
    path = tmp_path / "autre.zip"
    died = machine("-c", DIES.format(name="_add", command="backup"), str(path))
    assert died.returncode == -signal.SIGKILL
    assert not path.exists()
    assert machine("manage.py", "backup", str(path)).returncode == 0
    assert [each.name for each in tmp_path.glob("autre*")] == ["autre.zip"]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
