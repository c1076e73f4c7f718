"""Whose turn it is to write, where the base has one writer.

SQLite has whoever comes second sleep and look again, each time longer, and whoever comes at the
right moment pass: under a hundred votes the secretary waited for the longest of these sleeps. In a
process, those who write wait in a line instead, and who keeps the sitting passes before those who
vote in it. The lock of the database stays the one that counts: a line that does not move is left,
and other processes know nothing of it.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.db import connection

PATIENCE = 20.0  # seconds, as the database has


class Line:
    """Those who wait: one at a time, in the order of coming, some before others."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_free = True
        self._first: deque[Lock] = deque()
        self._others: deque[Lock] = deque()

    @contextmanager
    def turn(self, *, first: bool = False) -> Iterator[None]:
        """Until the end of the block, nobody else of this line."""
        if not self._wait(self._first if first else self._others):
            yield
            return
        try:
            yield
        finally:
            self._pass_on()

    def _wait(self, queue: deque[Lock]) -> bool:
        mine = Lock()
        with self._guard:
            if self._is_free:
                self._is_free = False
                return True
            mine.acquire()
            queue.append(mine)
        if mine.acquire(timeout=PATIENCE):
            return True
        with self._guard:
            if mine not in queue:  # called meanwhile
                return True
            queue.remove(mine)
        return False

    def _pass_on(self) -> None:
        with self._guard:
            queue = self._first or self._others
            if queue:
                queue.popleft().release()
            else:
                self._is_free = True


_LINE = Line()


@contextmanager
def turn(*, first: bool) -> Iterator[None]:
    """One's turn to write; at once where the database has many writers, or one writes already."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with _LINE.turn(first=first):
        yield
