"""A process of its own for what reads the files of strangers: memory and time are counted there.

A PDF of a kilobyte may unpack to gigabytes, in our libraries or in theirs; no limit of theirs holds
for all of it. `ask` runs a module of ours as a process that gets the question, nothing of the
environment, no more than `MEMORY` and `SECONDS`, and may write no file; `answer` is its side. What
goes to it is ours and pickled; what comes back is not believed, and is JSON.
"""

import json
import logging
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEMORY = 320 * 1024 * 1024  # all of it, the program as well
SECONDS = 20  # of work
PATIENCE = 60  # seconds by the clock, on a server that does much else
_NEAR = 0.85
LONGEST_ANSWER = 1024 * 1024
_ROOT = Path(__file__).resolve().parent.parent
_GIVEN = ("PATH", "LD_LIBRARY_PATH", "LANG")
log = logging.getLogger(__name__)


class Excessive(Exception):
    """It took more than a file may take, or died of it."""


def ask(module: str, *question: Any) -> Any:
    """What this module of ours answers, run alone (`answer`). Raises `Excessive`."""
    told = {name: os.environ[name] for name in _GIVEN if name in os.environ}
    try:
        ran = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", module],
            input=pickle.dumps((MEMORY, SECONDS, question)),
            capture_output=True,
            cwd=_ROOT,
            env=told | {"MALLOC_ARENA_MAX": "1"},  # threads reserve no memory that counts
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Excessive from error
    if ran.returncode:
        log.warning(
            "%s\u00a0: code %d, %s",
            module,
            ran.returncode,
            ran.stderr[-500:].decode(errors="replace"),
        )
        raise Excessive
    return json.loads(ran.stdout)


def answer(reply: Callable[..., Any]) -> None:
    """Answer the question that `ask` put, within the bounds."""
    memory, seconds, question = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own process
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        said = json.dumps(reply(*question))
    except MemoryError:
        sys.exit("plus de mémoire")
    # What finds no memory breaks anywhere, in any manner: nothing is believed of who came so near.
    if _taken() > _NEAR * memory:
        sys.exit("presque plus de mémoire")
    if len(said) > LONGEST_ANSWER:
        sys.exit("une réponse démesurée")
    sys.stdout.write(said)


def _taken() -> int:
    """The most memory that this process has had, in bytes; that of its parent, which `getrusage`
    would add, left out."""
    lines = Path("/proc/self/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    return int(told["VmHWM"].split()[0]) * 1024
