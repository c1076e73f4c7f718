"""Secret links: an address that opens one page to whoever holds it, without an account.

The secret of the address is a token. The tables keep its SHA-256 and nothing that opens a page:
whoever reads the database opens none. A token is either made at random and shown once (`new`),
or drawn from a seed and the secret key of the site (`drawn`, `feed`) when the same address must
be written again: in a mail that leaves a second time, on the page that shows it.
"""

import base64
import hashlib
import secrets
from datetime import UTC, datetime
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils.crypto import salted_hmac

Row = TypeVar("Row", bound=Model)
Response = TypeVar("Response", bound=HttpResponse)


def new() -> str:
    """A token, or the seed of one, out of 32 random bytes."""
    return secrets.token_urlsafe(32)


def drawn(purpose: str, seed: str) -> str:
    """The token that this seed always gives; one of another purpose opens nothing of this one."""
    digest = salted_hmac(purpose, seed, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def feed(purpose: str, owner: str, made_at: datetime) -> str:
    """The token of the calendar that `owner` made at that moment, in hexadecimal."""
    seed = f"{owner}:{made_at.astimezone(UTC).isoformat()}"
    return salted_hmac(purpose, seed, algorithm="sha256").hexdigest()[:48]


def hash_of(raw: str) -> str:
    """What a table keeps of a token; any text has one, be it no token at all."""
    return hashlib.sha256(raw.encode(errors="replace")).hexdigest()


def find(rows: QuerySet[Row], raw: str, **living: object) -> Row | None:
    """The row whose `token_hash` is that of this token, by one query.

    `living` are the conditions under which it opens anything. `None` for a link unknown, revoked
    or over: nothing tells one from the others.
    """
    return rows.filter(token_hash=hash_of(raw), **living).order_by("pk").first()


def discreet(response: Response) -> Response:
    """What an address that holds a secret answers: kept nowhere, found by nobody, and the address
    told to no other site."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
