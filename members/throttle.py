"""Patience with people, none with machines: a few failures, then a wait.

Failures are counted by e-mail address *and* network address, so that somebody who tries names
at random does not lock everybody out, and whether or not the account exists, so that the wait
tells nothing about that. The count lives in the cache: with several server processes, a cache
they share makes it exact.
"""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

FAILURES = 5
WAIT = 5 * 60  # seconds


def _key(purpose: str, request: HttpRequest, email: str) -> str:
    who = f"{email.casefold()} {request.META.get('REMOTE_ADDR', '')}"
    return f"{purpose}:{hashlib.sha256(who.encode()).hexdigest()}"


def exceeded(purpose: str, request: HttpRequest, email: str) -> bool:
    """Whether this address must wait."""
    return cache.get(_key(purpose, request, email), 0) >= FAILURES


def count(purpose: str, request: HttpRequest, email: str) -> None:
    """One more failure; the wait begins anew with each."""
    key = _key(purpose, request, email)
    cache.add(key, 0, WAIT)
    cache.incr(key)
    cache.touch(key, WAIT)


def forget(purpose: str, request: HttpRequest, email: str) -> None:
    """The right password was given: start from zero."""
    cache.delete(_key(purpose, request, email))
