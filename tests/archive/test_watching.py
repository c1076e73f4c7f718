"""How the service is, as whoever runs it and a supervisor are told."""

import io
import os
import re
import signal
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import Letter
from archive.keeping import safeguarding
from archive.models import Safeguard
from archive.watching import facts
from members import deploying
from members.models import Lead, User
from members.witness import Witness
from trail.models import Entry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def fact(name, at=None):
    found = {each.name: each for each in facts.all_of_them(at=at or timezone.now())}
    return found[name]


@pytest.fixture
def superuser(client):
    user = User.objects.create_superuser("exploitante@example.org", "un mot de passe long")
    client.force_login(user)
    return client


# --- Who is told ------------------------------------------------------------------------------


def test_whoever_runs_it_reads_what_is_wrong_first_with_what_to_do(superuser):
    page = superuser.get(reverse("archive:watch"))
    assert page.status_code == 200
    states = [each.state for each in page.context["facts"]]
    assert states == sorted(states, reverse=True)
    assert "(BACKUP_DIR)" in page.text


def test_a_supervisor_says_its_token(client, settings):
    for name in ("archive:state", "archive:measures"):
        nobody = client.get(reverse(name))
        assert nobody.status_code == 401 and "WATCH_TOKEN" in nobody.text
        said = {"Authorization": "Bearer un secret que personne ne devine"}
        assert client.get(reverse(name), headers=said).status_code == 401
        settings.WATCH_TOKEN = "un secret que personne ne devine"
        assert client.get(reverse(name), headers=said).status_code == 200
        assert client.get(reverse(name), headers={"Authorization": "Bearer "}).status_code == 401
        settings.WATCH_TOKEN = ""


def test_prometheus_reads_each_line(client, settings):
    settings.WATCH_TOKEN = "un secret que personne ne devine"
    said = {"Authorization": f"Bearer {settings.WATCH_TOKEN}"}
    answer = client.get(reverse("archive:measures"), headers=said)
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    line = re.compile(r'(#.*|[a-z_]+(\{[a-z]+="[^"]*"\})? -?[0-9.e+-]+)\Z')
    assert [each for each in answer.text.splitlines() if not line.match(each)] == []
    assert re.search(r"^somme_gov_courriels_en_attente 0$", answer.text, re.M)
    assert "@" not in answer.text
    state = client.get(reverse("archive:state"), headers=said).json()
    assert state["etat"] == "en défaut" and state["version"] == settings.VERSION


# --- What is told -----------------------------------------------------------------------------


def test_a_mail_that_is_due_and_that_nobody_sends_is_told():
    assert fact("courriels_age_secondes").state == facts.State.GOOD
    due = timezone.now() - timedelta(minutes=30)
    Letter.objects.create(kind=Letter.Kind.RESET, to="x@example.org", data={}, not_before=due)
    told = fact("courriels_en_attente")
    assert told.state == facts.State.BAD and "relancez le serveur" in told.remedy
    assert 1700 < fact("courriels_age_secondes").value < 1900


def test_a_duty_to_which_nobody_attends_is_told():
    Lead.objects.create(duty="ancrages", until=timezone.now())
    Lead.objects.create(duty="nuit fichiers", until=timezone.now() - timedelta(days=9))
    assert fact("taches_sans_personne").state == facts.State.GOOD
    Lead.objects.update(until=timezone.now() - timedelta(hours=1))
    told = fact("taches_sans_personne")
    assert told.state == facts.State.NOTED and told.told.endswith(": ancrages")


def told_of_the_key() -> list[facts.Fact]:
    return [each for each in facts.all_of_them(at=timezone.now()) if each.name == "cle_inconnue"]


def test_a_key_of_the_site_that_is_not_the_one_of_before_is_told(settings):
    for key in ("la première", "la deuxième"):
        settings.SECRET_KEY = key
        Witness.of({"a": 1}, table="t", row=1, at=timezone.now()).save()
    settings.SECRET_KEY = "la troisième"
    (told,) = told_of_the_key()
    assert told.state == facts.State.BAD and "SECRET_KEY_FALLBACKS" in told.remedy
    Witness.of({"a": 1}, table="t", row=1, at=timezone.now()).save()
    assert [each.state for each in told_of_the_key()] == [facts.State.NOTED]
    settings.SECRET_KEY_FALLBACKS = ["la deuxième", "la première"]
    assert told_of_the_key() == []


def test_a_clock_that_is_behind_what_was_written_is_told():
    Entry.objects.create(at=timezone.now() + timedelta(hours=3), act="connexion", what="x")
    told = fact("horloge_ecart_secondes")
    assert told.state == facts.State.BAD and "3 heures plus tard" in told.told.replace("\xa0", " ")


@pytest.mark.parametrize(("kept", "state"), [(True, 0), (False, 1), (None, 1)])
def test_a_clock_that_nobody_is_known_to_keep_is_told(monkeypatch, kept, state):
    monkeypatch.setattr(deploying, "is_clock_kept", lambda: kept)
    assert fact("horloge_ecart_secondes").state == state


@pytest.fixture
def shown(settings, monkeypatch):
    """What the site shows is what is given."""
    settings.SITE_URL = "https://seances.example.org"
    given = []
    monkeypatch.setattr(deploying, "certificate_of", lambda host, port: given[-1])
    facts.kept.delete("watch:shown")
    yield given
    facts.kept.delete("watch:shown")


def certificate(end, issuer="CN=autorité"):
    return SimpleNamespace(not_valid_after_utc=end, issuer=issuer, subject="CN=seances.example.org")


def test_a_certificate_near_its_end_is_told(shown):
    for days, state in ((60, 0), (15, 1), (3, 2)):
        shown.append(certificate(timezone.now() + timedelta(days=days, minutes=1)))
        assert fact("certificat_jours").state == state
        facts.kept.delete("watch:shown")


def test_a_certificate_that_nobody_believes_is_told_to_be_of_a_trial(shown):
    end = timezone.now() + timedelta(days=60)
    shown.append(certificate(end, issuer="CN=seances.example.org"))
    told = fact("certificat_jours")
    assert told.state == facts.State.NOTED and told.told.startswith("certificat d’essai")
    assert [each.number for each in deploying._shown()] == [88]
    shown.append(certificate(end))
    assert list(deploying._shown()) == []


def test_what_cannot_be_read_says_so_and_keeps_nothing_back(monkeypatch):
    def away(at):
        """Comptes."""
        raise OSError("secret@example.org")

    monkeypatch.setattr(facts, "_QUESTIONS", (away, facts._version))
    assert next(each.told for each in facts.all_of_them(at=NOW)).endswith("OSError")
    assert len(facts.all_of_them(at=NOW)) == 2


def test_the_last_backup_and_the_last_exercise_are_told(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    assert fact("sauvegarde_age_secondes").told == "jamais"
    at = timezone.now()
    row = {"name": "a.zip", "ended_at": at}
    (tmp_path / "a.zip").touch()
    Safeguard.objects.create(kind="sauvegarde", begun_at=at - timedelta(hours=3), **row)
    Safeguard.objects.create(kind="exercice", begun_at=at - timedelta(days=3), **row)
    assert fact("sauvegarde_age_secondes").state == fact("exercice_age_secondes").state == 0
    bad = {"kind": "sauvegarde", "begun_at": at, "trouble": "plus de place"}
    Safeguard.objects.create(**row | bad)
    told = fact("sauvegarde_age_secondes")
    assert told.state == facts.State.NOTED and "plus de place" in told.told
    later = fact("sauvegarde_age_secondes", at=at + timedelta(days=2))
    assert later.state == facts.State.BAD
    (tmp_path / "a.zip").unlink()  # its disk is not mounted any more
    told = fact("sauvegarde_age_secondes")
    assert told.state == facts.State.BAD and "n’est plus là" in told.told
    settings.BACKUP_DIR = tmp_path / "parti"
    assert "n’est plus là" in fact("sauvegarde_age_secondes").told


def test_backups_in_clear_are_told_before_and_after_there_is_a_key(settings, tmp_path):
    settings.BACKUP_DIR, settings.BACKUP_RECIPIENT = tmp_path, []
    told = fact("sauvegardes_en_clair")
    assert (told.state, told.value) == (facts.State.NOTED, 0) and "en clair" in told.told
    (tmp_path / "somme_gov-2026-11-28-0200.zip").touch()
    settings.BACKUP_RECIPIENT = ["age1"]
    told = fact("sauvegardes_en_clair")
    assert (told.state, told.value) == (facts.State.NOTED, 1) and "1 reste en clair" in told.told
    (tmp_path / "somme_gov-2026-11-28-0200.zip").rename(
        tmp_path / "somme_gov-2026-11-28-0200.zip.age"
    )
    assert fact("sauvegardes_en_clair").state == facts.State.GOOD


# --- Each night -------------------------------------------------------------------------------


def test_a_backup_is_due_once_a_night_and_again_an_hour_after_it_failed(settings, tmp_path):
    night = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)  # half past two in Paris
    assert not safeguarding.is_due(at=night)
    settings.BACKUP_DIR = tmp_path
    assert safeguarding.is_due(at=night)
    row = Safeguard.objects.create(
        kind="sauvegarde", begun_at=night, ended_at=night, trouble="plus de place"
    )
    assert not safeguarding.is_due(at=night + timedelta(minutes=50))
    assert safeguarding.is_due(at=night + timedelta(minutes=70))
    row.trouble = ""
    row.save()
    assert not safeguarding.is_due(at=night + timedelta(hours=22))
    assert safeguarding.is_due(at=night + timedelta(hours=24))
    assert safeguarding.is_drill_due(at=night)
    Safeguard.objects.create(kind="exercice", begun_at=night, ended_at=night)
    assert not safeguarding.is_drill_due(at=night + timedelta(days=6))
    assert safeguarding.is_drill_due(at=night + timedelta(days=7))
    Safeguard.objects.filter(kind="exercice").update(ended_at=None)  # it was killed
    assert safeguarding.is_drill_due(at=night + timedelta(days=1))


def test_so_many_days_and_so_many_weeks_are_kept(settings):
    settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_WEEKS = 3, 3
    on = date(2026, 11, 28)  # a Saturday
    days = [on - timedelta(days=n) for n in range(40)]
    kept = sorted((on - day).days for day in safeguarding.kept(days, on=on))
    assert kept == [0, 1, 2, 6, 13, 20]  # three days; the Sundays of the weeks before
    assert safeguarding.kept([date(2020, 1, 1)], on=on) == {date(2020, 1, 1)}


def test_what_no_backup_needs_any_more_leaves_the_store(settings, tmp_path):
    settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_WEEKS = 2, 0
    first, kept, late, young = (64 * each for each in "abcd")
    for day, needs in (("2026-11-20", (first, kept)), ("2026-11-28", (kept, late))):
        backup = tmp_path / f"somme_gov-{day}-0200.zip"
        backup.write_bytes(b"")
        backup.with_name(backup.name + ".liste").write_text("\n".join(needs))
    store = tmp_path / "fichiers" / "00"
    store.mkdir(parents=True)
    for name in (first, kept, f"{late}.age", young, f"{kept}.partiel"):
        (store / name).write_bytes(b"")
    long_ago = time.time() - 3 * 86400
    for name in (first, kept, f"{kept}.partiel"):  # one that was killed
        os.utime(store / name, (long_ago, long_ago))
    settings.BACKUP_DIR = settings.DATA_DIR = tmp_path
    safeguarding.rotate(safeguarding.place(), on=date(2026, 11, 28))
    assert [*safeguarding.nights(safeguarding.place())] == ["somme_gov-2026-11-28-0200.zip"]
    # One is young: it is of a backup under way.
    assert sorted(path.name for path in store.iterdir()) == [kept, f"{late}.age", young]


def test_two_servers_back_up_one_at_a_time(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    with safeguarding.alone() as first, safeguarding.alone() as second:
        assert first and not second


@pytest.fixture
def kept_last(settings, tmp_path):
    """A night that went well, as far as anybody knows."""
    settings.BACKUP_DIR, settings.DATA_DIR = tmp_path / "nuits", tmp_path
    settings.BACKUP_DIR.mkdir()
    at = timezone.now()
    Safeguard.objects.create(kind="sauvegarde", begun_at=at, ended_at=at, name="a.zip")


def children(monkeypatch, returncode, stderr="", done=lambda: None):
    """What the exercise asks of others, answered so; the environments that it gave them."""
    given = []

    def run(command, *, env, **options):
        given.append(env)
        done()
        return subprocess.CompletedProcess(command, returncode, "", stderr)

    monkeypatch.setattr(safeguarding.subprocess, "run", run)
    return given


def drilled():
    out = io.StringIO()
    try:
        call_command("safeguard", drill=True, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


@pytest.fixture
def not_due(monkeypatch):
    monkeypatch.setattr(safeguarding, "is_due", lambda at: False)


def test_an_exercise_is_said_to_have_gone_well_only_if_it_did(
    kept_last, not_due, settings, monkeypatch
):
    given = children(monkeypatch, 0)
    said, refused = drilled()
    assert "a.zip, restaurée et vérifiée en" in said and not refused
    # It outlives the service, whose `/tmp` does not.
    folder = settings.BACKUP_DIR / ".exercice-"
    assert all(env["TMPDIR"].startswith(str(folder)) for env in given) and given
    children(monkeypatch, 1, "CommandError: il manque un fichier")
    said, refused = drilled()
    assert "vérifiée" not in said and "a.zip : en défaut, après" in said.replace("\u00a0", " ")
    assert "il manque un fichier" in refused


def test_what_nobody_foresaw_is_told_in_french_and_whole_in_the_journal(
    kept_last, not_due, monkeypatch, caplog
):
    stderr = "Traceback (most recent call last):\n  File\nFileNotFoundError: [Errno 2] No usable"
    children(monkeypatch, 1, stderr)
    _, refused = drilled()
    assert "pas prévue" in refused and "journalctl -u somme_gov" in refused
    assert "Traceback" not in refused and stderr in caplog.text


def test_who_is_stopped_in_the_middle_leaves_no_trace_and_begins_again(
    kept_last, not_due, settings, monkeypatch
):
    before = signal.getsignal(signal.SIGTERM)
    for answer in (
        {"returncode": 0, "done": lambda: os.kill(os.getpid(), signal.SIGTERM)},
        {"returncode": -signal.SIGTERM},
    ):
        children(monkeypatch, **answer)
        with pytest.raises(SystemExit):
            drilled()
        assert not Safeguard.objects.filter(kind="exercice").exists()
        assert safeguarding.is_drill_due(at=timezone.now())
        assert not list(settings.BACKUP_DIR.glob(".exercice-*"))
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_works_apart_has_its_temporary_folder_where_it_outlives_the_service(
    settings, tmp_path, monkeypatch
):
    settings.BACKUP_DIR = settings.DATA_DIR = tmp_path
    given = children(monkeypatch, 0)
    safeguarding._look(lambda: False)
    folder = Path(given[0]["TMPDIR"])
    assert folder.parent == tmp_path and folder.stat().st_mode & 0o077 == 0
    (folder / "tmp1234").mkdir()  # of one that was killed
    safeguarding._sweep(safeguarding.place())
    assert list(folder.iterdir()) == []


def test_who_asks_for_a_backup_while_another_is_made_is_refused(kept_last, not_due, settings):
    with safeguarding.alone():
        assert "en cours" in drilled()[1]
        call_command("safeguard", stdout=io.StringIO())  # the clock comes back by itself


def test_an_exercise_without_a_backup_says_so(not_due, settings, tmp_path):
    settings.BACKUP_DIR = settings.DATA_DIR = tmp_path
    assert "rien à restaurer" in drilled()[1]
