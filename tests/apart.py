"""The signatures of strangers are read each in a process of its own (`members.cells`); in the tests
that process is the copy of one where their reader is imported already, which is half of its time.

The same question goes in by the same way, under the same bounds and with the same environment. What
is about these bounds asks for `begun_from_nothing`, as a server does.
"""

import atexit
import json
import os
import pickle
import socket
import subprocess
import sys
from contextlib import suppress
from threading import Lock
from typing import Any

import pytest

from members import cells

READER = "registry.signatures.strangers"
from_nothing = cells.ask

# One child at a time: it is given its three pipes, and how it ended is told.
HEART = f"""
import os, runpy, socket, sys, warnings
warnings.filterwarnings("ignore", ".*found in sys.modules")
import {READER}
import pyhanko.sign.signers, pyhanko.sign.diff_analysis, pyhanko.sign.validation.generic_cms
here = socket.socket(fileno=int(sys.argv[1]))
while True:
    asked, pipes, _, _ = socket.recv_fds(here, 200, 3)
    if not asked:
        sys.exit()
    pid = os.fork()
    if not pid:
        for rank, pipe in enumerate(pipes):
            os.dup2(pipe, rank)
            os.close(pipe)
        here.close()
        runpy.run_module(asked.decode(), run_name="__main__", alter_sys=True)
        sys.stdout.flush()
        os._exit(0)
    for pipe in pipes:
        os.close(pipe)
    here.sendall(b"%d\\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


class Nursery:
    """Where the readers are imported, once."""

    def __init__(self) -> None:
        self.ours, theirs = socket.socketpair()
        self.ours.settimeout(cells.PATIENCE)
        told = {name: os.environ[name] for name in cells._GIVEN if name in os.environ}
        self.heart = subprocess.Popen(  # noqa: S603 our own
            [sys.executable, "-c", HEART, str(theirs.fileno())],
            cwd=cells._ROOT,
            env=told | {"MALLOC_ARENA_MAX": "1"},
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def answer(self, question: bytes) -> tuple[int, bytes, bytes]:
        """How the process ended, what it said and what it complained of."""
        ways = [os.pipe() for _ in range(3)]
        (theirs_in, ours_in), (ours_out, theirs_out), (ours_err, theirs_err) = ways
        socket.send_fds(self.ours, [READER.encode()], [theirs_in, theirs_out, theirs_err])
        for pipe in (theirs_in, theirs_out, theirs_err):
            os.close(pipe)
        with open(ours_in, "wb") as told, suppress(BrokenPipeError):
            told.write(question)
        with open(ours_out, "rb") as said, open(ours_err, "rb") as complained:
            found = said.read(), complained.read()
        return int(self.ours.recv(20)), *found

    def close(self) -> None:
        self.ours.close()
        self.heart.wait()


_nurseries: list[Nursery] = []  # one, or none
_one_at_a_time = Lock()


@atexit.register
def _close() -> None:
    while _nurseries:
        _nurseries.pop().close()


def ask(module: str, *question: Any) -> Any:
    """As `cells.ask`."""
    if module != READER:
        return from_nothing(module, *question)
    with _one_at_a_time:
        if not _nurseries:
            _nurseries.append(Nursery())
        asked = pickle.dumps((cells.MEMORY, cells.SECONDS, question))
        code, said, complained = _nurseries[0].answer(asked)
    if code:
        cells.log.warning("%s\u00a0: code %d, %s", module, code, complained[-500:].decode())
        raise cells.Excessive
    return json.loads(said)


@pytest.fixture
def begun_from_nothing(monkeypatch) -> None:
    monkeypatch.setattr(cells, "ask", from_nothing)


def pytest_configure(config: pytest.Config) -> None:
    cells.ask = ask
