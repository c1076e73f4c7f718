"""A process beside the tests, on their database and their files: one that may be killed."""

import atexit
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.collected import collected

ROOT = Path(__file__).resolve().parent.parent


class Process:
    """One that the nursery started, as `subprocess` shows one's own."""

    def __init__(self, pid: int, told: IO[bytes]):
        self.pid, self._told = pid, told

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):  # it ended by itself
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float = 600) -> int:
        """What it ended with."""
        if not self.is_over:
            assert select.select([self._told], [], [], timeout)[0], "it goes on"
        return self._status

    @property
    def is_over(self) -> bool:
        return "_status" in vars(self)

    @cached_property
    def _status(self) -> int:
        return int(self._told.readline())


class Nursery:
    """Where Django is set up and every module read, once. Each process that is asked for is a fork
    of it, one at a time: it holds no connection and has no thread, and what takes two seconds is
    not done again for each that is killed."""

    HEART = """
import os, runpy, sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
for line in sys.stdin:
    pid = os.fork()
    if not pid:
        break
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
else:
    sys.exit()
with open(os.devnull) as nothing:
    os.dup2(nothing.fileno(), 0)
os.dup2(2, 1)
sys.argv = eval(line)
if sys.argv[0] == "-c":
    exec(sys.argv[1])
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
"""

    def __init__(self, own: dict[str, str]):
        self.own = own
        self.heart = subprocess.Popen(  # noqa: S603 our own
            [sys.executable, "-c", self.HEART],
            **{"cwd": ROOT, "env": own, "bufsize": 0},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.last: Process | None = None

    def start(self, *arguments: str) -> Process:
        self.heart.stdin.write(f"{[*arguments]!r}\n".encode())
        self.last = Process(int(self.heart.stdout.readline()), self.heart.stdout)
        return self.last

    @property
    def is_free(self) -> bool:
        """A test that failed may have left somebody at work."""
        return self.last is None or self.last.is_over

    def close(self) -> None:
        if not self.is_free:
            self.last.send_signal(signal.SIGKILL)
        self.heart.stdin.close()
        self.heart.wait()
        self.heart.stdout.close()


_nurseries: list[Nursery] = []  # one, or none


@atexit.register
def _close() -> None:
    while _nurseries:
        _nurseries.pop().close()


def start(*arguments: str, **more: str) -> Process:
    """Our own Python on these arguments."""
    own = environment(**more)
    if not _nurseries or _nurseries[0].own != own or not _nurseries[0].is_free:
        _close()
        _nurseries.append(Nursery(own))
    return _nurseries[0].start(*arguments)


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
