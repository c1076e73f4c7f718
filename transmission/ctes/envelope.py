"""The archive that carries messages and files: written in one way, opened with care."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator
from datetime import date
from typing import IO, cast

from law.findings import Refused, refusal
from law.french import NBSP
from transmission.ctes import messages, naming
from transmission.ctes.messages import Act, File, Sender

MOST = 150 * 1024 * 1024  # bytes of an archive that goes: @CTES takes no more
_MOST_FILES = 500
_MOST_UNPACKED = MOST


def of_act(act: Act, *, on: date, rank: int) -> tuple[str, bytes]:
    """Name and bytes of the archive that transmits an act, the `rank`-th of that day. Raises
    `Refused` for one that @CTES would not take."""
    message = naming.message(act.identifier, naming.ACT)
    files = messages.named(act.identifier, naming.ACT, act.files)
    return _packed(act.sender, [(message, messages.of_act(act)), *files], on=on, rank=rank)


def of_cancellation(sender: Sender, identifier: str, *, on: date, rank: int) -> tuple[str, bytes]:
    """Name and bytes of the archive that takes the transmission of an act back."""
    message = naming.message(identifier, naming.CANCELLATION)
    content = messages.of_cancellation(identifier)
    return _packed(sender, [(message, content)], on=on, rank=rank)


def of_reply(
    sender: Sender,
    identifier: str,
    transaction: str,
    *,
    letter_on: date,
    files: Iterable[File],
    on: date,
    rank: int,
) -> tuple[str, bytes]:
    """Name and bytes of the archive that answers a letter of the prefecture."""
    kept = messages.named(identifier, transaction, files)
    content = messages.of_reply(
        transaction, identifier, letter_on=letter_on, files=[name for name, _ in kept]
    )
    message = naming.message(identifier, transaction)
    return _packed(sender, [(message, content), *kept], on=on, rank=rank)


def _packed(
    sender: Sender, files: list[tuple[str, bytes]], *, on: date, rank: int
) -> tuple[str, bytes]:
    """The first of the files is the message."""
    name = naming.envelope(sender.siren, on, rank)
    envelope = messages.of_envelope(sender, [files[0][0]])
    packed = io.BytesIO()
    # No hour in it: the same act makes the same bytes.
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, compresslevel=6) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for each, content in [(f"{name}.xml", envelope), *files]:
            entry = tarfile.TarInfo(each)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    content = packed.getvalue()
    if len(content) > MOST:
        raise refusal(
            "envoi_trop_lourd",
            f"Cet envoi pèse {len(content) // (1024 * 1024)}{NBSP}Mo\u00a0: @CTES n’en prend pas "
            f"plus de {MOST // (1024 * 1024)}{NBSP}Mo.",
            remedy="Allégez les annexes, ou n’envoyez que celles qui servent à comprendre "
            "l’acte\u00a0; le reste part sur papier.",
        )
    return f"{name}.tar.gz", content


def is_archive(content: bytes) -> bool:
    """Whether these bytes begin as an archive does."""
    return content[:2] == b"\x1f\x8b"


def opened(content: bytes, *, name: str = "cette archive") -> list[tuple[str, bytes]]:
    """The files of an archive that comes from outside, by name. Raises `Refused` for what is no
    whole archive, is too big once unpacked, or holds what is no plain file."""
    if len(content) > MOST:
        raise refusal("archive_trop_lourde", f"{name}\u00a0: cette archive est trop lourde.")
    try:
        return list(_files(content, name))
    except Refused:
        raise
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise refusal(
            "archive_illisible",
            f"{name}\u00a0: ce n’est pas une archive entière (.tar.gz).",
            remedy="Téléchargez-la de nouveau chez l’opérateur.",
        ) from error


def _files(content: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    left, count = _MOST_UNPACKED, 0
    with (
        gzip.GzipFile(fileobj=io.BytesIO(content)) as unpacked,
        tarfile.open(fileobj=cast(IO[bytes], _Bounded(unpacked, left)), mode="r|") as archive,
    ):
        for entry in archive:
            count += 1
            left -= entry.size
            if not entry.isfile() or count > _MOST_FILES or left < 0:
                raise refusal(
                    "archive_etrange",
                    f"{name}\u00a0: cette archive contient ce qu’un envoi de la préfecture ne "
                    "contient pas.",
                    remedy="Déposez le message seul (.xml).",
                )
            found = archive.extractfile(entry)
            yield entry.name.rpartition("/")[2], found.read() if found else b""


class _Bounded:
    """A stream that gives no more than so many bytes."""

    def __init__(self, stream: gzip.GzipFile, most: int) -> None:
        self._stream, self._left = stream, most

    def read(self, size: int = -1) -> bytes:
        """Its next bytes; `OSError` past the bound."""
        found = self._stream.read(size)
        self._left -= len(found)
        if self._left < 0:
            raise OSError("trop de contenu")
        return found
