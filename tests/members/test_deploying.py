"""What whoever deploys is told by `check --deploy`: each requirement of docs/exploitation.md."""

import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as real
from django.core import checks
from django.urls import get_resolver

from members import deploying, links, serving
from somme_gov import server
from tests.processes import ROOT

SAMPLE = (ROOT / "deploy/somme_gov.env").read_text()
AS_SAMPLED = {
    "DEBUG": False,
    "HTTPS": True,
    "ALLOWED_HOSTS": ["seances.example.org"],
    "SITE_URL": "https://seances.example.org",
    "TRUSTED_PROXIES": 1,
    "SECRET_KEY": "".join(chr(33 + n) for n in range(64)),
    "SECOND_FACTOR_ROLES": ["secretariat"],
    "ABOUT": real.ABOUT | {"publisher": "a", "host": "b", "email": "c"},
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "courriel.example.org",
    "EMAIL_USE_TLS": True,
    "DEFAULT_FROM_EMAIL": "Séances <seances@example.org>",
    "BOUNCES_URL": "imaps://retours:secret%40@courriel.example.org/INBOX",
    "BOUNCES_TOKEN": "un autre secret que personne ne devine",
    "SIGNING_DEVELOPMENT": False,
    "SIGNING_TIMESTAMP_URL": "https://heure.example.org",
    "WEB_CONCURRENCY": 1,
    "ERROR_MAILS": ["exploitation@example.org"],
    "WATCH_TOKEN": "un secret que personne ne devine",
    "BACKUP_RECIPIENT": ["age1"],
    "BACKUP_WORKER": True,
}


@pytest.fixture
def deployed(settings, tmp_path, monkeypatch):
    """Everything said as it should be."""
    monkeypatch.setattr(serving, "is_held", lambda: False)
    for name, value in AS_SAMPLED.items():
        setattr(settings, name, value)
    settings.BACKUP_DIR = tmp_path
    return settings


def numbers(told):
    return [each.number for each in told]


def test_nothing_is_said_of_what_is_as_it_should_be(deployed):
    assert list(deploying.of_settings()) == []


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"DEBUG": True}, 1),
        ({"HTTPS": False, "TRUSTED_PROXIES": 0}, 2),
        ({"ALLOWED_HOSTS": ["*"]}, 3),
        ({"ALLOWED_HOSTS": ["localhost"], "SITE_URL": ""}, 4),
        ({"SITE_URL": "https://ailleurs.example.org"}, 5),
        ({"TRUSTED_PROXIES": 0}, 6),
        ({"SECRET_KEY": "courte"}, 7),
        ({"SECOND_FACTOR_ROLES": []}, 8),
        ({"ABOUT": real.ABOUT}, 9),
        ({"EMAIL_BACKEND": "convening.outbox.OutboxBackend"}, 20),
        ({"EMAIL_USE_TLS": False}, 21),
        ({"DEFAULT_FROM_EMAIL": "secretariat@localhost"}, 22),
        ({"BOUNCES_URL": "imaps://courriel.example.org/INBOX"}, 23),
        ({"BOUNCES_TOKEN": "secret"}, 25),
        ({"BOUNCES_URL": "pop://a:b@courriel.example.org"}, 23),
        ({"BOUNCES_URL": "imaps://a:b@courriel.example.org:port/INBOX"}, 23),
        ({"BOUNCES_URL": "imap://a:b@courriel.example.org/INBOX"}, 24),
        ({"SIGNING_DEVELOPMENT": True}, 30),
        ({"SIGNING_TIMESTAMP_URL": ""}, 31),
        ({"ERROR_MAILS": []}, 50),
        ({"WATCH_TOKEN": ""}, 51),
        ({"WATCH_TOKEN": "secret"}, 52),
        ({"BACKUP_DIR": None}, 60),
        ({"BACKUP_WORKER": False}, 61),
        ({"BACKUP_RECIPIENT": []}, 62),
    ],
)
def test_each_requirement_has_its_number(deployed, changed, number):
    for name, value in changed.items():
        setattr(deployed, name, value)
    assert numbers(deploying.of_settings()) == [number]


def test_a_base_that_several_processes_or_a_network_share_has_its_own(deployed, monkeypatch):
    deployed.WEB_CONCURRENCY = 3
    base = {"ENGINE": "django.db.backends.sqlite3"}
    monkeypatch.setitem(real.DATABASES, "default", base)
    assert numbers(deploying.of_settings()) == [40]
    base |= {"ENGINE": "django.db.backends.postgresql", "HOST": "base.example.org"}
    assert numbers(deploying.of_settings()) == [41]
    base["OPTIONS"] = {"sslmode": "verify-full"}
    assert numbers(deploying.of_settings()) == []
    deployed.SERVICE_MARK, deployed.IS_URN_DIR_SHARED = "plusieurs hôtes", False
    assert numbers(deploying.of_settings()) == [47, 48]
    deployed.FILES_URL = "s3+http://magasin.example.org/seances"
    assert numbers(deploying.of_settings()) == [48, 45]
    deployed.FILES_URL, deployed.IS_URN_DIR_SHARED = "s3://magasin.example.org/seances", True
    assert numbers(deploying.of_settings()) == []
    base["ENGINE"] = "django.db.backends.sqlite3"
    deployed.WEB_CONCURRENCY = 1
    assert numbers(deploying.of_settings()) == [46]


def test_what_lies_in_etc_is_read(deployed, tmp_path):
    ours = (ROOT / "deploy/somme_gov.service").read_text()
    assert numbers(deploying.of_unit([ours])) == []
    former = "ExecStart=/srv/somme_gov/.venv/bin/gunicorn somme_gov.wsgi --bind 127.0.0.1:8000"
    assert numbers(deploying.of_unit([former, "ExecStart=/usr/bin/python3 x"])) == [80, 81]
    site = (ROOT / "deploy/nginx.conf").read_text()
    assert numbers(deploying.of_proxy([site])) == []
    site = re.sub("access_log.*|.*X-Forwarded.*", "", site).replace("210m", "12m")
    assert numbers(deploying.of_proxy([site])) == [85, 86, 87]
    assert numbers(deploying.of_proxy([site.replace("seances.example.org", "autre.fr")])) == []


def test_a_check_that_is_not_started_each_week_is_told(tmp_path):
    assert numbers(deploying._timers(tmp_path)) == []  # not this machine's way
    (tmp_path / "somme_gov.service").touch()
    assert numbers(deploying._timers(tmp_path)) == [82]
    (tmp_path / "timers.target.wants").mkdir()
    (tmp_path / "timers.target.wants/somme_gov-verify.timer").symlink_to("/nulle/part")
    assert numbers(deploying._timers(tmp_path)) == []


@pytest.mark.parametrize(("days", "told"), [(60, []), (20, [84]), (2, [84])])
def test_a_certificate_near_its_end_is_told_before_it_is_over(deployed, monkeypatch, days, told):
    end = datetime.now(UTC) + timedelta(days=days, minutes=1)
    shown = SimpleNamespace(not_valid_after_utc=end, issuer="CN=autorité", subject="CN=nous")
    monkeypatch.setattr(deploying, "certificate_of", lambda host, port: shown)
    assert numbers(deploying._shown()) == told


def test_the_service_may_ask_the_kernel_whether_its_clock_is_kept():
    """`ProtectClock` refused the question, and the state of the service said that it was."""
    unit = (ROOT / "deploy/somme_gov.service").read_text()
    assert not re.search(r"^ProtectClock", unit, re.M)
    assert re.search(r"^SystemCallFilter=.* adjtimex$", unit, re.M)
    assert re.search(r"^CapabilityBoundingSet=$", unit, re.M)


def test_a_place_of_backups_that_others_read_or_that_is_not_there_is_told(deployed, tmp_path):
    deployed.BACKUP_DIR = tmp_path / "a"
    assert numbers(deploying._places())[:1] == [73]
    deployed.BACKUP_DIR.mkdir(mode=0o755)
    deployed.BACKUP_DIR.chmod(0o755)
    assert numbers(deploying._places())[:1] == [72]


@pytest.mark.parametrize(
    ("url", "is_plain"),
    [
        ("", True),
        ("smtp+tls://compte:mot%40de%2Fpasse@courriel.example.org:587", True),
        ("smtp+ssl://courriel.example.org:465/?timeout=3", True),
        ("smtp+tls://compte:p@sse@courriel.example.org:587", False),
        ("smtp+tls://compte:p/sse@courriel.example.org:587", False),
        ("smtp+tls://compte:p#sse@courriel.example.org:587", False),
        ("smtp+tls://compte:p:sse@courriel.example.org:587", False),
    ],
)
def test_a_password_that_cuts_the_address_of_the_mail_server_is_told(
    deployed, monkeypatch, url, is_plain
):
    monkeypatch.setenv("EMAIL_URL", url)
    assert numbers(deploying.of_settings()) == ([] if is_plain else [23])


@pytest.mark.proof
def test_a_password_that_makes_no_address_at_all_is_told_in_french(tmp_path):
    own = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "SECRET_KEY": "a"}
    own |= {"EMAIL_URL": "smtp+tls://compte:p#sse@courriel.example.org:587"}
    command = [sys.executable, "-c", "import somme_gov.settings"]
    told = subprocess.run(command, cwd=ROOT, env=own, text=True, capture_output=True, check=False)  # noqa: S603
    assert "%40" in told.stderr.splitlines()[-1] and "p#sse" not in told.stderr


def test_backups_in_clear_of_before_the_key_are_told(deployed, tmp_path):
    assert numbers(deploying.of_backups()) == []
    (tmp_path / "somme_gov-2026-11-28-0200.zip.age").touch()
    assert numbers(deploying.of_backups()) == []
    (tmp_path / "somme_gov-2026-11-28-0200.zip").touch()
    assert numbers(deploying.of_backups()) == [63]
    deployed.BACKUP_RECIPIENT = []
    assert numbers(deploying.of_backups()) == []


def test_a_copy_that_speaks_for_nobody_is_told(deployed, monkeypatch):
    assert numbers(deploying._copied()) == []
    monkeypatch.setattr(serving, "is_held", lambda: True)
    assert numbers(deploying._copied()) == [79]


def test_the_installer_refuses_what_is_no_key_of_backups_before_it_does_anything():
    command = [ROOT / "bin/install", "seances.example.org", "AGE-SECRET-KEY-1QQ"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 2 and "n’est pas une clé publique d’age" in done.stderr


def test_a_look_that_is_gone_is_told_and_gathered_at_the_next_start(
    deployed, tmp_path, monkeypatch
):
    deployed.STATIC_ROOT = tmp_path / "static"
    assert 78 in numbers(deploying.of_machine())
    asked = []
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr(server.subprocess, "run", lambda command, **how: asked.append(command))
    server.on_starting(None)
    assert asked[0][1:3] == ["manage.py", "collectstatic"]
    (tmp_path / "static").mkdir()
    (tmp_path / "static/staticfiles.json").touch()
    server.on_starting(None)
    assert len(asked) == 1 and 78 not in numbers(deploying.of_machine())


@pytest.mark.proof
def test_a_server_whose_folder_was_emptied_has_its_look_again(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "somme_gov.settings")
    server.on_starting(None)
    assert list((tmp_path / "static").glob("css/*.css"))


def test_what_is_written_by_the_account_of_the_service_goes_where_it_may():
    """/var/backups and /root are root’s."""
    guide = (ROOT / "docs/exploitation.md").read_text()
    written = re.findall(r"bin/manage (?:backup|export_organisation [\w-]+) (\S+)", guide)
    assert len(written) >= 2
    assert all(path.startswith("/var/backups/somme_gov/") for path in written), written


def test_all_of_it_is_warned_of_in_french_under_its_number(deployed):
    deployed.ALLOWED_HOSTS = ["*"]
    told = {each.id: each for each in deploying.check_deployment()}
    assert isinstance(told["somme_gov.D003"], checks.Warning)
    assert "ALLOWED_HOSTS=seances.example.org" in told["somme_gov.D003"].hint


def test_the_journal_of_the_proxy_holds_no_secret_of_any_link():
    """Each address of ours that bears one is masked by the map of deploy/nginx.conf."""
    (told,) = re.findall(r'"~(\^.*?)" "\$\{before\}…"', (ROOT / "deploy/nginx.conf").read_text())
    masked = re.compile(told.replace("(?<", "(?P<"))
    secret = "s" * 43
    for before in links._before_tokens(get_resolver().url_patterns, "", ""):
        path = "/" + before.replace("[^/\\s]+", "7").replace("\\", "") + secret
        found = masked.match(path)
        assert found and secret not in found["before"], path


@pytest.mark.proof
@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx n’est pas sur cette machine")
def test_the_proxy_answers_503_and_says_when_to_come_back_while_the_application_is_away(tmp_path):
    """By deploy/nginx.conf: « 502 » would tell a supervisor, and a search engine, otherwise."""
    with ExitStack() as held:
        doors = [held.enter_context(socket.socket()) for _ in range(3)]
        for door in doors:
            door.bind(("127.0.0.1", 0))
        http, https, nobody = (door.getsockname()[1] for door in doors)
    made = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=seances.example.org".split()
    made += ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run(made, check=True, capture_output=True)  # noqa: S603
    site = (ROOT / "deploy/nginx.conf").read_text()
    site = re.sub(r"    listen \[::\].*\n", "", site)
    for before, after in (
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        ("127.0.0.1:8000", f"127.0.0.1:{nobody}"),
        ("/etc/ssl/somme_gov", str(tmp_path)),
        ("/var/log/nginx", str(tmp_path)),
    ):
        assert before in site
        site = site.replace(before, after)
    scratch = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; {'user root;' if os.geteuid() == 0 else ''} pid {tmp_path}/pid;\n"
        f"error_log {tmp_path}/erreurs;\nevents {{}}\nhttp {{ {scratch}\n{site} }}\n"
    )
    command = ["nginx", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "erreurs")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)  # noqa: S603
    assert tried.returncode == 0, tried.stderr
    nginx = subprocess.Popen(command)  # noqa: S603
    try:
        asked = f"curl -sk -D - -H Host:seances.example.org https://127.0.0.1:{https}/seances/"
        said = ""
        while not said and nginx.poll() is None:  # it opens its doors
            time.sleep(0.05)
            said = subprocess.run(asked.split(), capture_output=True, text=True, check=False).stdout  # noqa: S603
    finally:
        nginx.terminate()
        nginx.wait()
    head, _, body = said.replace("\r", "").rpartition("\n\n")
    assert " 503 " in head.splitlines()[0], head
    assert "Retry-After: 10" in head and "Cache-Control: no-store" in head
    assert "Le service revient dans un instant" in body


# --- The environment, as systemd reads it -------------------------------------------------------

as_service = SimpleNamespace(**runpy.run_path(str(ROOT / "bin/as-service")))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("A=", ""),
        ("A= b c  ", "b c"),
        ("A=l'assemblée", "l'assemblée"),
        ("A=\"l'assemblée de l'eau\"", "l'assemblée de l'eau"),
        ("A='Madame X, présidente'  ", "Madame X, présidente"),
        ("A='de l’assemblée'", "de l’assemblée"),
        ("A=pa$s`w#rd;x", "pa$s`w#rd;x"),
        (r'A="a\"b\$c\d"', r'a"b$c\d'),
        (r"A='a\b'", r"a\b"),
        ("A=a\\\nb", "ab"),
        ("A='deux\nlignes'", "deux\nlignes"),
        ("# A=z\n ; l'autre\n\n  A =b\r\n", "b"),
    ],
)
def test_a_line_of_the_environment_is_read_as_systemd_reads_it(line, value):
    assert as_service.read(f"Z=0\n{line}\nB=1\n") == {"Z": "0", "A": value, "B": "1"}
    assert as_service.read(line) == {"A": value}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A='de l'assemblée'", "ligne 3, A : la valeur se ferme avant sa fin, 'de l'assemblée'"),
        ('A="a', 'ligne 3, A : la valeur ouverte par " ne se ferme pas'),
        ("export A=b", "ligne 3 : « export A » n’est pas un réglage"),
        ("abc", "ligne 3 : « abc » n’est pas un réglage"),
        ("# c:\\", "ligne 3 : un commentaire ne finit pas par"),
    ],
)
def test_what_systemd_would_cut_or_leave_out_is_refused_with_its_line(line, said):
    with pytest.raises(as_service.Faulty) as refused:
        as_service.read(f"Z=0\n\n{line}\nB=1\n")
    assert str(refused.value).replace("\u00a0", " ").startswith(said)


def test_commands_have_the_environment_of_the_service_and_one_line_says_what_is_wrong(tmp_path):
    """By `bin/as-service`, whose file is put elsewhere."""
    own = (ROOT / "bin/as-service").read_text().replace("/etc/somme_gov.env", f"{tmp_path}/env")
    own = own.replace("os.geteuid() == 0", "False")
    (tmp_path / "as-service").write_text(own)
    asked = [sys.executable, str(tmp_path / "as-service"), "printenv", "A", "HOME"]

    def told():
        return subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603

    assert "ne se lit pas" in told().stderr
    (tmp_path / "env").write_text("A=$(echo l'eau)\nDATA_DIR=/var/lib/somme_gov\n")
    assert told().stdout.splitlines() == ["$(echo l'eau)", "/var/lib/somme_gov"]
    (tmp_path / "env").write_text("A='l'eau'\n")
    refused = told()
    assert refused.returncode == 1 and "ligne 1, A" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_nothing_reads_the_environment_as_a_shell_would():
    for path in filter(Path.is_file, (ROOT / "bin").iterdir()):
        assert not re.search(r"(^|[\s;'])\. (/etc/|\"\$env)", path.read_text()), path


# --- The sample -------------------------------------------------------------------------------


def variables(text):
    return re.findall(r"^#? ?([A-Z_]+)=", text, re.M)


def test_the_sample_of_the_environment_names_every_variable_that_is_read():
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "somme_gov/settings.py").read_text())
    assert set(variables(SAMPLE)) == set(read)


def test_the_guide_speaks_of_no_file_nor_command_that_is_not_there():
    guide = (ROOT / "docs/exploitation.md").read_text()
    for path in re.findall(r"(?<![\w/.-])((?:deploy|bin)/[\w.@-]*\w)", guide):
        assert (ROOT / path).exists(), path
    known = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    known |= {"check", "collectstatic", "migrate", "sendtestemail"}
    assert set(re.findall(r"(?:manage\.py|bin/manage) ([a-z_]+)", guide)) <= known


@pytest.mark.proof
def test_the_sample_of_the_environment_is_deployed_without_a_warning_of_ours(tmp_path):
    told = as_service.read(SAMPLE)
    told |= dict.fromkeys(("SECRET_KEY", "WATCH_TOKEN"), "aZ3-bcdefgh" * 8)
    told |= {"DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "manage.py", "check", "--deploy"]
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr
    ours = set(re.findall(r"\((\w+\.[DW]\d+)\)", done.stderr))
    # What follows is of this machine, not of the sample; who tells the hour is for each to choose.
    assert {each for each in ours if each < "somme_gov.D07"} == {"somme_gov.D031"}


def test_who_has_no_key_is_told_what_makes_one_in_service_and_what_to_try(tmp_path):
    own = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", "import somme_gov.settings"]
    told = subprocess.run(command, cwd=ROOT, env=own, text=True, capture_output=True, check=False)  # noqa: S603
    said = told.stderr.splitlines()[-1]
    assert said.index("bin/install") < said.index("pour essayer, «\u00a0make run\u00a0»")
