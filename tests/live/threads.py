"""Requests that arrive together: threads let go at the same moment, each with its connection."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connections

from law.findings import Refused

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


def raced(send: Callable[[A], Any], each: Iterable[A]) -> tuple[list[Any], set[str]]:
    """The same: what was answered to those that were not refused, and why the others were."""

    def tried(one: A) -> Any:
        try:
            return send(one)
        except Refused as refusal:
            return refusal

    answers = at_once(tried, each)
    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    codes = {finding.code for refusal in refusals for finding in refusal.findings}
    return [answer for answer in answers if answer and answer not in refusals], codes
