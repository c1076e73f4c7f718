"""What leaves under the seal of somebody's public key (age), and what is opened with the other
half. Nothing lies in clear on its way."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyrage

from law import findings
from law.findings import Finding
from members import private

UNDER_SEAL = ".age"
_AGE = b"age-encryption.org/"

Readers = Sequence[pyrage.x25519.Recipient]


class Unusable(findings.Refused):
    """The archive cannot be written or restored here; its findings say why."""


def unusable(message: str, remedy: str) -> Unusable:
    """What is wrong with an archive, and what to do."""
    return Unusable([Finding(code="sauvegarde", message=message, remedy=remedy)])


def recipient(key: str) -> pyrage.x25519.Recipient:
    """Who reads by this public key. Raises `Unusable` when it is none."""
    try:
        return pyrage.x25519.Recipient.from_str(key.strip())
    except pyrage.RecipientError as error:
        raise unusable(
            f"«\u00a0{key[:80]}\u00a0» n’est pas une clé publique d’age.",
            "Elle commence par «\u00a0age1\u00a0»\u00a0: «\u00a0age-keygen -o cle.txt\u00a0» "
            "l’affiche.",
        ) from error


def seal(source: IO[bytes], path: Path, keys: Readers) -> None:
    """Write to `path` what these keys open."""
    with private.created(path) as target:
        pyrage.encrypt_io(source, target, keys)


@contextmanager
def sealed(target: IO[bytes], keys: Readers) -> Iterator[IO[bytes]]:
    """Where to write what is encrypted on its way to the disk, and never lies there in clear."""
    if not keys:
        yield target
        return
    reading, writing = os.pipe()

    def encrypt() -> None:
        with os.fdopen(reading, "rb") as source:  # closed if this fails: the writer is told
            pyrage.encrypt_io(source, target, keys)

    with ThreadPoolExecutor(max_workers=1) as apart:
        sealing = apart.submit(encrypt)
        try:
            with os.fdopen(writing, "wb") as out:
                yield out
        finally:
            sealing.result()


def is_sealed(source: IO[bytes]) -> bool:
    """Whether what is open at its beginning, and stays there, is under a seal."""
    begins = source.read(len(_AGE))
    source.seek(0)
    return begins == _AGE


def unsealed(path: Path, identity: Path | None, opened: Path) -> Path:
    """What is at `path` in clear: itself, or what was under the seal, at `opened`."""
    with path.open("rb") as source:
        if not is_sealed(source):
            return path
        unseal(source, identity, opened)
    return opened


def unseal(source: IO[bytes], identity: Path | None, opened: Path) -> None:
    """Write at `opened` what is under this seal. Raises `Unusable` without a key that opens it."""
    if identity is None:
        raise unusable(
            "Cette sauvegarde est chiffrée.",
            "Donnez le fichier de la clé\u00a0: --identity cle.txt.",
        )
    try:
        lines = map(str.strip, identity.read_text(encoding="ascii").splitlines())
        keys = [pyrage.x25519.Identity.from_str(each) for each in lines if each[:1] not in "#"]
        with private.created(opened) as target:
            pyrage.decrypt_io(source, target, keys)
    except (pyrage.IdentityError, ValueError) as error:
        raise unusable(
            f"{identity} ne contient pas une clé d’age.",
            "Donnez le fichier que «\u00a0age-keygen\u00a0» a écrit.",
        ) from error
    except (pyrage.DecryptError, OSError) as error:
        if getattr(error, "errno", None) is not None:  # of the disk, not of the seal
            raise
        raise unusable(
            "Cette sauvegarde ne s’ouvre pas avec cette clé, ou elle est abîmée.",
            "Donnez la clé à laquelle elle fut chiffrée, ou prenez une autre sauvegarde.",
        ) from error
