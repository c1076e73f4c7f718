"""The sealed urn of a secret poll: counters that only the application can read, while it lasts.

Whoever reads the table of urns while papers fall would see one counter grow as one right to
vote is used, and would know. So the counters are written under a seal that is drawn anew each
time: a nonce of 32 random bytes, the counters masked by HMAC-SHA256 of that nonce, and an
authentication code over both. All seals have the same length.

Each seal has a key of its own, 32 random bytes that open no other. It is in no database, hence in
no journal of one, no dead row and no backup: it is a file of `URN_DIR`, in memory where the machine
has such a place, and it is destroyed as soon as the next seal is committed, the last with the
urn. What a database, its journal or its copies keep of former seals is noise from then on, for
whoever holds SECRET_KEY too.

What this does not hide, and from whom, is written in docs/decisions/0007.
"""

import hashlib
import hmac
import os
import secrets
import shutil
import stat
import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac

from law.ballots import Choice

# What a paper may say; who puts none in the urn takes no part, and only a hand spoils one.
PAPERS = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, Choice.BLANK)

_LAYOUT = struct.Struct(f">{len(PAPERS)}Q")  # 32 bytes: exactly one block of SHA-256
_NONCE = 32


class BrokenSeal(Exception):
    """The urn was altered, moved to another poll or machine, or its key is no more."""


class NoPlace(Exception):
    """The keys of urns have nowhere to be kept for us alone."""


# --- The keys ---------------------------------------------------------------------------------


def place() -> Path:
    """Where the keys are kept. Raises `NoPlace` unless it is ours, closed to others, and that of
    every host where there are several."""
    if not settings.IS_URN_DIR_SHARED:
        raise NoPlace("plusieurs hôtes servent, et URN_DIR ne leur est pas commun")
    root = Path(settings.URN_DIR)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = root.lstat()
    except OSError as error:
        raise NoPlace from error
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not is_ours or found.st_mode & 0o077:
        raise NoPlace
    return root


def _kept_in(poll: int, nonce: bytes) -> Path:
    return place() / str(poll) / nonce.hex()


def _draw(poll: int, nonce: bytes) -> bytes:
    """A new key, on the disk before what it seals is in the database."""
    path, drawn = _kept_in(poll, nonce), secrets.token_bytes(32)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(drawn)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise NoPlace from error
    return drawn


def _destroy(path: Path) -> None:
    """Written over, then removed: where the disk writes in place, nothing of it is left."""
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return


def forget(poll: int, sealed: str) -> None:
    """Nobody opens this seal any more: the next one is committed."""
    if sealed:
        _destroy(_kept_in(poll, b64decode(sealed)[:_NONCE]))


def destroy(poll: int) -> None:
    """Nobody opens any seal of this urn any more."""
    folder = place() / str(poll)
    for path in folder.glob("*"):
        _destroy(path)
    shutil.rmtree(folder, ignore_errors=True)


def polls() -> frozenset[int]:
    """Those of which a key is kept."""
    return frozenset(int(each.name) for each in place().iterdir() if each.name.isdecimal())


# --- The seal ---------------------------------------------------------------------------------


def _key(purpose: str, poll: int, drawn: bytes) -> bytes:
    ours = salted_hmac(f"live.urns.{purpose}", str(poll), algorithm="sha256").digest()
    return hmac.digest(drawn, ours, hashlib.sha256)


def _mask(poll: int, nonce: bytes, drawn: bytes) -> bytes:
    return hmac.digest(_key("mask", poll, drawn), nonce, hashlib.sha256)


def _code(poll: int, content: bytes, drawn: bytes) -> bytes:
    return hmac.digest(_key("seal", poll, drawn), content, hashlib.sha256)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def seal(poll: int, counts: Mapping[Choice, int]) -> str:
    """These counters, as the table keeps them; never the same text twice.

    Raises `NoPlace` when its key cannot be kept.
    """
    nonce = secrets.token_bytes(_NONCE)
    drawn = _draw(poll, nonce)
    plain = _LAYOUT.pack(*(counts.get(choice, 0) for choice in PAPERS))
    content = nonce + _xor(plain, _mask(poll, nonce, drawn))
    return b64encode(content + _code(poll, content, drawn)).decode()


def unseal(poll: int, sealed: str) -> dict[Choice, int]:
    """The counters under the seal. Raises `BrokenSeal` rather than answer wrong ones."""
    try:
        raw = b64decode(sealed, validate=True)
        content, code = raw[:-32], raw[-32:]
        if len(content) != _NONCE + _LAYOUT.size:
            raise BrokenSeal
        nonce = content[:_NONCE]
        drawn = _kept_in(poll, nonce).read_bytes()
    except (ValueError, OSError, NoPlace) as error:
        raise BrokenSeal from error
    if not hmac.compare_digest(code, _code(poll, content, drawn)):
        raise BrokenSeal
    plain = _xor(content[_NONCE:], _mask(poll, nonce, drawn))
    return dict(zip(PAPERS, _LAYOUT.unpack(plain), strict=True))
