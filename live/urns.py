"""The sealed urn of a secret poll: counters that only the application can read.

Whoever reads the table of urns while papers fall would see one counter grow as one right to
vote is used, and would know. So the counters are written under a seal that is drawn anew each
time: a nonce of 32 random bytes, the counters masked by HMAC-SHA256 of that nonce (one block of
the keystream, never used twice), and an authentication code over both. All seals have the same
length. The key comes from SECRET_KEY and the poll; it is not in the database.

What this does not hide, and from whom, is written in docs/decisions/0007.
"""

import hashlib
import hmac
import secrets
import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping

from django.utils.crypto import salted_hmac

from law.ballots import Choice

# What a paper may say; who puts none in the urn takes no part, and only a hand spoils one.
PAPERS = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, Choice.BLANK)

_LAYOUT = struct.Struct(f">{len(PAPERS)}Q")  # 32 bytes: exactly one block of SHA-256
_NONCE = 32


class BrokenSeal(Exception):
    """The urn was altered, moved to another poll, or sealed under another SECRET_KEY."""


def _key(purpose: str, poll: int) -> bytes:
    return salted_hmac(f"live.urns.{purpose}", str(poll), algorithm="sha256").digest()


def _mask(poll: int, nonce: bytes) -> bytes:
    return hmac.digest(_key("mask", poll), nonce, hashlib.sha256)


def _code(poll: int, content: bytes) -> bytes:
    return hmac.digest(_key("seal", poll), content, hashlib.sha256)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def seal(poll: int, counts: Mapping[Choice, int]) -> str:
    """These counters, as the table keeps them; never the same text twice."""
    nonce = secrets.token_bytes(_NONCE)
    plain = _LAYOUT.pack(*(counts.get(choice, 0) for choice in PAPERS))
    content = nonce + _xor(plain, _mask(poll, nonce))
    return b64encode(content + _code(poll, content)).decode()


def unseal(poll: int, sealed: str) -> dict[Choice, int]:
    """The counters under the seal. Raises `BrokenSeal` rather than answer wrong ones."""
    try:
        raw = b64decode(sealed, validate=True)
    except ValueError as error:
        raise BrokenSeal from error
    content, code = raw[:-32], raw[-32:]
    expected_length = len(content) == _NONCE + _LAYOUT.size
    if not expected_length or not hmac.compare_digest(code, _code(poll, content)):
        raise BrokenSeal
    plain = _xor(content[_NONCE:], _mask(poll, content[:_NONCE]))
    return dict(zip(PAPERS, _LAYOUT.unpack(plain), strict=True))
