"""Requests that arrive together: threads let go at the same moment, each with its connection."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connections

A = TypeVar("A")


def at_once(send: Callable[[A], Any], each: Iterable[A]) -> list[Any]:
    """What `send` answers for each, all of them called in one moment."""
    asked = list(each)
    gate = Barrier(len(asked))

    def run(one: A) -> Any:
        gate.wait()
        try:
            return send(one)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(run, asked))
