"""Machines that know somebody: a cookie, signed, left where an account has entered.

It opens nothing. From there tries are counted apart (`accounts.throttle`), so that strangers who
fail on purpose keep nobody out of where he works. It names no account: hashes, for this site alone.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from law.addresses import lowered
from members.models import User

COOKIE, LIFE = "appareil", timedelta(days=365)
_SALT = "accounts.devices"
ACCOUNTS = 10  # the last that entered on one machine


def _hash(who: str) -> str:
    return salted_hmac(_SALT, lowered(who), algorithm="sha256").hexdigest()[:32]


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """What this machine is called, and who entered there, the last first."""
    try:
        name, who = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError):
        return "", []
    return name, who


def known(request: HttpRequest, who: str) -> str:
    """What the machine is called if `who` (an address, an account) entered there; "" otherwise."""
    name, seen = _read(request)
    return name if _hash(who) in seen else ""


def by_two(user: User) -> str:
    """The account as it is entered by this password and a second proof: whoever entered by a
    password alone, stolen maybe, has shown nothing of the factor that was added since."""
    return f"{user.pk} {user.get_session_auth_hash()}"


def remember(request: HttpRequest, response: HttpResponse, user: User, *, is_by_two: bool) -> None:
    """Leave the cookie: this account has just entered here, by two proofs or by one."""
    name, seen = _read(request)
    mine = [_hash(user.email), _hash(str(user.pk))]
    if is_by_two:
        mine.append(_hash(by_two(user)))
    kept = [*mine, *(each for each in seen if each not in mine)][: 3 * ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps([name or secrets.token_hex(8), kept], salt=_SALT),
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
