"""Who is at work: the request in hand, as the trail tells of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest

from trail import network


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody, or something, that acts: an account, who holds a personal link, a command."""

    account: int | None = None
    who: str = ""
    origin: str = ""


_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def serving(request: HttpRequest) -> Iterator[None]:
    """Whatever is noted within is noted as done by who asked for this."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def acting(who: str) -> Iterator[None]:
    """Whatever is noted within is noted as done by a command, a mail worker, a link's holder."""
    token = _actor.set(Actor(who=who[:254]))
    try:
        yield
    finally:
        _actor.reset(token)


def actor() -> Actor:
    """Who is at work now; nobody in particular outside of a request or a command."""
    request, told = _request.get(), _actor.get()
    if request is None:
        return told or Actor()
    user = getattr(request, "user", None)
    origin = network.address_of(request)
    if user is not None and user.is_authenticated:
        return Actor(account=user.pk, who=user.email, origin=origin)
    return Actor(who=told.who if told else "", origin=origin)


def page() -> str:
    """The name of the page at work (« admin:members_person_change »), "" outside of a request."""
    match = getattr(_request.get(), "resolver_match", None)
    return match.view_name if match else ""
