"""Secret links: an address that opens one page to whoever holds it, without an account.

The secret of the address is a token. The tables keep its SHA-256 and nothing that opens a page:
whoever reads the database opens none. A token is either made at random and shown once (`new`),
or drawn from a seed and the secret key of the site (`drawn`, `feed`) when the same address must
be written again: in a mail that leaves a second time, on the page that shows it.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver, resolve, reverse
from django.utils.crypto import salted_hmac

Row = TypeVar("Row", bound=Model)
Response = TypeVar("Response", bound=HttpResponse)
View = TypeVar("View", bound=Callable)


def new() -> str:
    """A token, or the seed of one, out of 32 random bytes."""
    return secrets.token_urlsafe(32)


def drawn(purpose: str, seed: str, *, kept: str = "") -> str:
    """The token that this seed always gives; one of another purpose opens nothing of this one.

    `kept` is the hash of the one that was given before: it is drawn with the key that the site had
    then, as long as that one is believed (SECRET_KEY_FALLBACKS).
    """
    return _believed(_drawn, purpose, seed, kept={kept} - {""})


def again(page: str, seed: str) -> str:
    """The token of a link to this page of which the table keeps the hash already, whichever key of
    the site drew it; its view says which table (`kept_in`)."""
    if not settings.SECRET_KEY_FALLBACKS:
        return drawn(page, seed)
    table = resolve(reverse(page, args=["-"])).func.kept_in
    known = [hash_of(_drawn(page, seed, key)) for key in _keys()]
    kept = table.objects.filter(token_hash__in=known).values_list("token_hash", flat=True)
    return _believed(_drawn, page, seed, kept=set(kept))


def kept_in(table: type[Model]) -> Callable[[View], View]:
    """Say of a page that is opened by a token which table keeps its hash: see `again`."""

    def told(view: View) -> View:
        view.kept_in = table
        return view

    return told


def _keys() -> tuple[str, ...]:
    return settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS


def _believed(draw: Callable[[str, str, str], str], purpose: str, seed: str, kept: set[str]) -> str:
    """What the first key draws whose hash is kept; what the present one draws, of nothing kept."""
    tokens = [draw(purpose, seed, key) for key in (_keys() if kept else _keys()[:1])]
    return next((token for token in tokens if hash_of(token) in kept), tokens[0])


def _drawn(purpose: str, seed: str, key: str) -> str:
    digest = salted_hmac(purpose, seed, secret=key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def feed(purpose: str, owner: str, made_at: datetime, *, kept: str = "") -> str:
    """The token of the calendar that `owner` made at that moment, in hexadecimal; `kept` as of
    `drawn`."""
    seed = f"{owner}:{made_at.astimezone(UTC).isoformat()}"
    return _believed(_of_a_feed, purpose, seed, kept={kept} - {""})


def _of_a_feed(purpose: str, seed: str, key: str) -> str:
    return salted_hmac(purpose, seed, secret=key, algorithm="sha256").hexdigest()[:48]


def hash_of(raw: str) -> str:
    """What a table keeps of a token; any text has one, be it no token at all."""
    return hashlib.sha256(raw.encode(errors="replace")).hexdigest()


def find(rows: QuerySet[Row], raw: str, **living: object) -> Row | None:
    """The row whose `token_hash` is that of this token, by one query.

    `living` are the conditions under which it opens anything. `None` for a link unknown, revoked
    or over: nothing tells one from the others.
    """
    return rows.filter(token_hash=hash_of(raw), **living).order_by("pk").first()


SECRET = "token"  # noqa: S105 what the table of addresses calls the secret part of one
_VALUE = r"[^/\s\"'<>?.#&]+"


@cache
def _routes(but: str) -> re.Pattern[str]:
    """What stands before a token in each address that holds one, but for those of this room."""
    found = sorted(_before_tokens(get_resolver().url_patterns, but, ""))
    return re.compile(f"(/(?:{'|'.join(found)})){_VALUE}")


def _before_tokens(patterns: Iterable, but: str, above: str) -> Iterator[str]:
    for each in patterns:
        path = above + str(each.pattern)
        if isinstance(each, URLResolver):
            if not but or each.app_name != but:
                yield from _before_tokens(each.url_patterns, but, path)
        elif SECRET in each.pattern.converters and each.lookup_str.split(".")[0] != but:
            pieces = re.split(r"<(?:\w+:)?(\w+)>", path)
            before = pieces[: pieces.index(SECRET)]
            yield "".join(
                "[^/\\s]+" if rank % 2 else re.escape(piece) for rank, piece in enumerate(before)
            )


HIDDEN = "/…"  # how such an address ends in what is kept


def hidden(text: str, *, but: str = "") -> str:
    """This text, every token of an address of ours written "…": by its path, however short it is.

    `but`: those that this room answers are left.
    """
    return _routes(but).sub(r"\1…", text)


def discreet(response: Response) -> Response:
    """What an address that holds a secret answers: found by nobody, and the address told to no
    other site."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
