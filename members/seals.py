"""What this server wrote, told apart from what somebody wrote into its database.

A seal is a MAC under `SECRET_KEY`, which no table holds: who has the database alone makes none.
"""

import hashlib
import hmac
from enum import Enum
from functools import cache

from django.conf import settings

_KEY_NAME = 8  # hexadecimal digits by which a seal says which key made it
_TAG = 32  # of a tag


class Judged(Enum):
    """What a seal is worth."""

    TRUE = "true"
    FALSE = "false"
    OTHER_KEY = "other key"  # one that this server does not hold: nobody can tell


def seal(text: str) -> str:
    """The seal of this text, under the key of this server."""
    return _under(settings.SECRET_KEY, text)


def judge(text: str, kept: str) -> Judged:
    """Whether this seal is that of this text, under the key of this server or a former one
    (`SECRET_KEY_FALLBACKS`)."""
    for secret in _secrets():
        if kept.startswith(_named(secret)):
            is_true = hmac.compare_digest(kept.encode(), _under(secret, text).encode())
            return Judged.TRUE if is_true else Judged.FALSE
    return Judged.OTHER_KEY


def tag(text: str) -> str:
    """A shorter seal, of 32 hexadecimal digits, for where there is no room to name its key."""
    return _tagged(settings.SECRET_KEY, text)


def is_tag(text: str, kept: str) -> bool:
    """Whether this is the tag of that text, under a key that this server holds."""
    return any(
        hmac.compare_digest(kept.encode(), _tagged(secret, text).encode()) for secret in _secrets()
    )


def names() -> list[str]:
    """How the seals of the keys that this server holds begin."""
    return [_named(secret) for secret in _secrets()]


def _secrets() -> tuple[str, ...]:
    return settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS


def _under(secret: str, text: str) -> str:
    return _named(secret) + hmac.digest(_key(secret), text.encode(), "sha256").hex()


def _tagged(secret: str, text: str) -> str:
    return hmac.digest(_key(secret), f"tag\0{text}".encode(), "sha256").hex()[:_TAG]


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"members.seals", "sha256")


@cache
def _named(secret: str) -> str:
    return hashlib.sha256(_key(secret)).hexdigest()[:_KEY_NAME]
