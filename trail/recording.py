"""Adding to the trail: one function, called by the verb that acts."""

from typing import Protocol

from django.db import transaction

from trail import chain
from trail.context import actor
from trail.models import Act, Entry


class Account(Protocol):
    """What the trail knows of an account."""

    pk: int
    email: str


class Owner(Protocol):
    """What the trail knows of an organisation."""

    pk: int


def note(
    act: Act, what: str, *, by: Account | None = None, organisation: Owner | None = None
) -> None:
    """Tell that this was done, in the transaction that does it.

    `what` is a French sentence or noun that names what it was done to, without any secret: no
    token, code, password, nor address of a personal link. `by` is who acts when it is not whoever
    sent the request in hand. A line that is committed takes its place in the chain at once. What
    is played to learn is no act: it is not told.
    """
    if getattr(organisation, "is_fleeting", False):
        return
    at_work = actor()
    Entry.objects.create(
        act=act,
        account=by.pk if by else at_work.account,
        who=_printable(by.email if by else at_work.who)[:254],
        organisation=organisation.pk if organisation else None,
        origin=at_work.origin,
        what=_printable(what)[:500],
    )
    transaction.on_commit(chain.extend, robust=True)


def _printable(text: str) -> str:
    """On one line, without what a database or a screen would stumble on."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
