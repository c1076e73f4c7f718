"""A process beside the tests, on their database and their files: one that may be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.collected import collected

ROOT = Path(__file__).resolve().parent.parent


def start(*arguments: str, **more: str) -> subprocess.Popen:
    """Our own Python on these arguments."""
    return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment(**more))  # noqa: S603 our own


def environment(**more: str) -> dict[str, str]:
    """The environment of the application itself, on what the test works with."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor != "sqlite":
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    own = {
        "DJANGO_SETTINGS_MODULE": "somme_gov.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "CRITICAL",
    }
    return os.environ | own | more


class Server:
    """The server of `make run`, gunicorn and its settings, on its own port."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.own = {"cwd": ROOT, "env": environment(PYTHONPATH=str(ROOT))}
        static = settings.DATA_DIR / "static"
        if not static.exists():
            static.symlink_to(collected())

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 our own server
            [
                *(sys.executable, "-m", "gunicorn", "--config", "somme_gov/server.py"),
                *("--bind", f"127.0.0.1:{self.port}", "somme_gov.asgi"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self.own,
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
