"""A server killed with -9 in mid-vote and started again: what was confirmed is there, once.

The server is the one of `make run` (gunicorn and its settings), on a file of its own.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Window
from tests.browser.live import Console
from tests.cast import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
from tests.cast import PASSWORD, make_cast
from tests.held import prepare
cast = make_cast()
cast.secretariat.set_password(PASSWORD)
cast.secretariat.save()
print(prepare(cast, "Budget", "Subventions", "Convention").pk)
"""


class Server:
    """gunicorn on its own port, its own SQLite file."""

    def __init__(self, directory: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = directory / "somme_gov.sqlite3"
        self.environment = {
            key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"
        } | {
            "DATA_DIR": str(directory),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": "a key for this test",
            "DEBUG": "0",
            "HTTPS": "0",
            "EMAIL_URL": "memorymail://",
            "PYTHONPATH": str(ROOT),
        }
        self.process: subprocess.Popen | None = None

    def manage(self, *arguments: str, script: str = "") -> str:
        done = subprocess.run(  # noqa: S603 our own manage.py
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 our own server
            [
                *(sys.executable, "-m", "gunicorn", "--config", "somme_gov/server.py"),
                *("--bind", f"127.0.0.1:{self.port}", "somme_gov.wsgi"),
            ],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/connexion/", timeout=5)  # noqa: S310 our own
                return
            except OSError:
                time.sleep(0.2)
        pytest.fail("the server did not start")

    def kill(self) -> None:
        """The whole group, without a word: as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ledger(self) -> list[tuple[str, dict]]:
        with sqlite3.connect(self.database) as connection:
            told = "SELECT kind, payload FROM meetings_sittingevent ORDER BY seq"
            return [(kind, json.loads(payload)) for kind, payload in connection.execute(told)]

    def votes(self) -> dict[str, str]:
        with sqlite3.connect(self.database) as connection:
            told = "SELECT votes FROM live_poll"
            return {
                s: c for (votes,) in connection.execute(told) for s, c in json.loads(votes).items()
            }


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.manage("migrate", "-v0")
    server.manage("collectstatic", "--noinput", "-v0")
    server.start()
    yield server
    if server.process.poll() is None:
        server.kill()


def test_nothing_confirmed_is_lost_when_the_server_is_killed(
    server, browser, browser_context_args, complaints
):
    pk = int(server.manage("shell", "-v0", script=SCRIPT).splitlines()[-1])
    window = Window(browser, browser_context_args | {"base_url": server.url})
    window.heard, page = complaints, window.page
    page.goto("/connexion/")
    page.fill("input[name=username]", "secretariat@brume.example")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "connexion" not in url)
    console = Console(page, pk).open()
    console.begin()
    console.type("besc").told("BESSON")

    server.kill()
    page.locator(".live-link:visible", has_text="Hors ligne").wait_for()
    console.type("duvn").told("rien n’est envoyé")
    assert server.votes() == {"bruno-besson": "contre"}

    server.start()
    page.locator(".live-link").wait_for(state="hidden")
    assert console.choice("bruno-besson") == "contre"
    assert page.locator("#command").input_value() == "duv"
    console.type("n").told("ne prend pas part")

    # Killed while an act is on its way: it was done or not, and the console says which.
    page.route("**/direct/actes/", lambda route: (server.kill(), route.continue_()))
    console.key("Enter")
    page.locator("#told", has_text="Non confirmé").wait_for()
    page.unroute("**/direct/actes/")
    server.start()
    page.locator("#told", has_text="Pas reçu").wait_for()
    assert [kind for kind, _ in server.ledger()].count("ballot_held") == 0
    console.key("Enter").voting(still=False)
    held = [payload for kind, payload in server.ledger() if kind == "ballot_held"]
    assert [ballot["ballot"]["choices"] for ballot in held] == [
        {"bruno-besson": "contre", "denis-duval": "ne_prend_pas_part"}
    ]
    window.context.close()
    complaints.clear()  # chromium tells every request that found no server
