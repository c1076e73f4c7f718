"""A backup is the whole application: restored on an empty machine, it verifies clean."""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.keeping import backup
from documents.models import IssuedDocument
from meetings.models import SittingEvent
from registry.models import SignatureStep
from tests.held import sign

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def saved(minutes, accounts, tmp_path):
    """A backup of signed minutes."""
    sign(minutes, "president", accounts[0])
    path = tmp_path / "sauvegarde.zip"
    backup.write(path, at=timezone.now())
    return path


def told():
    """What must come back as it was."""
    return (
        list(SittingEvent.objects.order_by("pk").values()),
        list(IssuedDocument.objects.order_by("pk").values()),
        list(SignatureStep.objects.order_by("pk").values()),
    )


def emptied(settings, tmp_path):
    """The same database, emptied, and another place for files: a new machine."""
    call_command("flush", interactive=False, verbosity=0)
    settings.MEDIA_ROOT = tmp_path / "ailleurs"
    settings.MEDIA_ROOT.mkdir()


def test_everything_comes_back_and_verifies(saved, settings, tmp_path):
    before = told()
    emptied(settings, tmp_path)
    out = io.StringIO()
    call_command("restore", saved, stdout=out)
    assert told() == before
    assert "Tout est comme au premier jour" in out.getvalue()


def test_the_application_goes_on_after_a_restore(saved, settings, tmp_path, cast):
    emptied(settings, tmp_path)
    backup.restore(saved)
    document = IssuedDocument.objects.get()
    place = "secretaire-1"
    user = document.meeting.body.organisation.persons.get(first_name="Bruno").user
    assert sign(document, place, user).order == 4


def test_another_machine_with_another_database_restores_it(saved, tmp_path):
    """A new process, a new directory, a new SQLite file, whatever database made the backup."""
    place = tmp_path / "machine"
    # The keys of the demonstration belong to the machine: without them nobody is believed.
    for command in (["migrate", "--verbosity", "0"], ["restore", str(saved)]):
        done = ran(machine(place), "manage.py", *command)
        assert done.returncode == 0, done.stderr
    assert "Tout est comme au premier jour" in done.stdout


def test_nothing_is_written_over(saved):
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
        if name == "manifest.json":
            return json.dumps(json.loads(content) | values).encode()
        return content

    return change


def with_climbing_name(name, content):
    if name == "manifest.json":
        manifest = json.loads(content)
        manifest["sha256"]["files/../../etc/passwd"] = "0" * 64
        return json.dumps(manifest).encode()
    return content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda n, c: c + b" " if n == "rows.json" else c, "est abîmé", id="une ligne changée"
        ),
        pytest.param(
            lambda n, c: b"autre" if n.endswith(".pdf") else c, "est abîmé", id="un PDF changé"
        ),
        pytest.param(
            lambda n, c: None if n.endswith(".pdf") else c, "manque des fichiers", id="PDF retirés"
        ),
        pytest.param(
            lambda n, c: None if n == "manifest.json" else c, "pas une sauvegarde", id="autre ZIP"
        ),
        pytest.param(of_manifest(migrations={}), "autre version", id="une autre version"),
        pytest.param(of_manifest(format=9), "autre version", id="un autre format"),
        pytest.param(of_manifest(sha256=None), "manque|pas une", id="manifeste abîmé"),
        pytest.param(with_climbing_name, "manque des fichiers", id="un nom qui sort du dossier"),
    ],
)
def test_a_damaged_backup_restores_nothing(saved, settings, tmp_path, change, said):
    damaged = rewritten(saved, change)
    emptied(settings, tmp_path)
    with pytest.raises(backup.Unusable, match=said):
        backup.restore(damaged)
    assert not IssuedDocument.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*"))


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "image.zip"
    path.write_bytes(b"\x89PNG")
    with pytest.raises(backup.Unusable, match="n’est pas une sauvegarde"):
        backup.restore(path)


def test_a_backup_is_whole_or_absent(saved, tmp_path, monkeypatch):
    def dies(*args, **kwargs):
        raise OSError("disque plein")

    monkeypatch.setattr(backup, "_migrations", dies)
    with pytest.raises(OSError, match="disque plein"):
        backup.write(tmp_path / "autre.zip", at=timezone.now())
    assert [path.name for path in tmp_path.glob("autre*")] == []


def test_a_backup_never_replaces_another(saved):
    with pytest.raises(CommandError, match="existe déjà"):
        call_command("backup", saved)


# --- Killed in the middle ---------------------------------------------------------------------

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


def machine(place: Path) -> dict[str, str]:
    """A machine of its own: its files, its SQLite."""
    place.mkdir(exist_ok=True)
    return os.environ | {
        "DATA_DIR": str(place),
        "DATABASE_URL": f"sqlite:///{place / 'neuve.sqlite3'}",
        "SECRET_KEY": "another machine",
        "DJANGO_SETTINGS_MODULE": "somme_gov.settings",
    }


def ran(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(  # noqa: S603 our own command
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def kept(place: Path) -> list[str]:
    return sorted(path.name for path in (place / "media").rglob("*") if path.is_file())


def test_a_restore_that_was_killed_is_done_again_and_verifies(saved, tmp_path):
    new = tmp_path / "machine"
    environment = machine(new)
    assert ran(environment, "manage.py", "migrate", "--verbosity", "0").returncode == 0
    died = ran(environment, "-c", DIES.format(name="_put", command="restore"), str(saved))
    assert died.returncode == -signal.SIGKILL
    assert len(kept(new)) == 2  # it was at work
    done = ran(environment, "manage.py", "restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert "Tout est comme au premier jour" in done.stdout
    assert not [name for name in kept(new) if name.endswith(".partiel")]


def test_a_backup_that_was_killed_leaves_no_archive_and_is_done_again(saved, tmp_path):
    environment = machine(tmp_path / "machine")
    ran(environment, "manage.py", "migrate", "--verbosity", "0")
    assert ran(environment, "manage.py", "restore", str(saved)).returncode == 0
    path = tmp_path / "autre.zip"
    died = ran(environment, "-c", DIES.format(name="_add", command="backup"), str(path))
    assert died.returncode == -signal.SIGKILL
    assert not path.exists()
    assert ran(environment, "manage.py", "backup", str(path)).returncode == 0
    assert [each.name for each in tmp_path.glob("autre*")] == ["autre.zip"]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_a_file_of_another_archive_is_not_taken_for_what_was_left(saved, settings, tmp_path):
    emptied(settings, tmp_path)
    with zipfile.ZipFile(saved) as archive:
        name = next(each for each in archive.namelist() if each.endswith(".pdf"))
    place = settings.MEDIA_ROOT / name.removeprefix("files/")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"autre chose")
    with pytest.raises(backup.Unusable, match="contient déjà des données"):
        backup.restore(saved)
    assert place.read_bytes() == b"autre chose"
