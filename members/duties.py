"""What the server does by itself, beside what it answers: a thread for each duty.

A duty is looked at again and again; what fails is told in the journal of the server and taken up at
the next look. Each leaves what it does on the disk as it goes: nothing is lost with its thread. Of
all the processes that serve the base one attends to it (`members.leading`), but for a duty that is
`shared`, whose rows are locked one by one.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from members import leading, serving

log = logging.getLogger(__name__)

Stop = Callable[[], bool]  # whether whoever works is asked to leave
Look = Callable[[Stop], float]  # does what is due; in how many seconds to look again


class Duty:
    """One duty, called `name`, which the server attends to where `setting` says so.

    `hand` makes what looks, and puts it away. `idle` is how many seconds to wait after a failure,
    and before asking again whether another still leads. Whoever has something for it rings the
    `bell`.
    """

    def __init__(
        self,
        name: str,
        hand: Callable[[], AbstractContextManager[Look]],
        *,
        setting: str,
        idle: float,
        bell: threading.Event | None = None,
        shared: bool = False,
    ) -> None:
        self.name, self.setting, self.idle, self.shared = name, setting, idle, shared
        self.bell = bell or threading.Event()
        self._hand = hand
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def work(self, *, until: Stop, sleep: Callable[[float], object]) -> None:
        """Look, wait, look again."""
        with self._hand() as look:
            while not until():
                pause = self.idle
                try:
                    close_old_connections()
                    serving.claim()
                    if self._is_mine():
                        pause = look(until)
                except Exception:
                    # The database is away, a disk is full, another server was quicker.
                    log.exception("%s\u00a0: ce sera repris", self.name)
                finally:
                    connection.close()
                if not until():
                    sleep(pause)

    def _is_mine(self) -> bool:
        idle = timedelta(seconds=self.idle)
        return self.shared or leading.leads(self.name, at=timezone.now(), idle=idle)

    def wake(self) -> None:
        """There is something to do: start the thread of this process, or make it look."""
        if not getattr(settings, self.setting):
            return
        with self._starting:
            # After a fork the thread of the parent is not here: a dead one is replaced.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
                self._thread.start()
        self.bell.set()

    def _run(self) -> None:
        self.work(until=lambda: False, sleep=self._wait)

    def _wait(self, seconds: float) -> None:
        self.bell.wait(timeout=seconds)
        self.bell.clear()


def attend_alone(duty: Duty) -> None:
    """Attend to a duty in a process of its own, until it is asked to leave: it finishes what it
    has in hand. Nobody rings a bell there: it looks often, and wakes at once to leave."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: asked.append(number))

    def sleep(seconds: float) -> None:
        end = time.monotonic() + min(seconds, 2)
        while time.monotonic() < end and not asked:
            time.sleep(0.1)

    duty.work(until=lambda: bool(asked), sleep=sleep)
