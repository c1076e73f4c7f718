"""A verb that engages says so: who asks for it proves anew who she is, whichever page led there.

A page that always engages is guarded by `accounts.proof.required`. Here asks what engages at times
only: to correct a sitting whose papers are out, to put a new version in the place of one that is
signed. Outside of a request nobody left a session open, and nothing is asked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Wanted(Exception):
    """A fresh proof is wanted; `act` ends the sentence « Pour … » of the page that asks."""

    def __init__(self, act: str) -> None:
        super().__init__(act)
        self.act = act


_is_fresh: ContextVar[Callable[[], bool]] = ContextVar("is_fresh", default=lambda: True)


def demand(act: str) -> None:
    """Raise `Wanted` unless the session in hand has just shown whose it is. Called before anything
    is written."""
    if not _is_fresh.get()():
        raise Wanted(act)


@contextmanager
def answering(is_fresh: Callable[[], bool]) -> Iterator[None]:
    """Meanwhile `is_fresh` says whether the proof is recent; asked only if a verb wants to know."""
    token = _is_fresh.set(is_fresh)
    try:
        yield
    finally:
        _is_fresh.reset(token)
