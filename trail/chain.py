"""The chain of the trail: each line's digest covers the one before, so that a line altered, removed
or slipped in behind the application's back breaks it from there on.

Lines take their place after their transaction, all those found at once, under one lock: acts never
wait for one another, and a transaction that ends late takes a later place.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from trail.models import Act, Entry, Trimming

# Our place among the advisory locks of PostgreSQL, the only one taken by number.
_LOCK = 0x747261696C
# A line that waits longer than this for its place was not left there by a slow transaction.
PATIENCE = 60 * 10  # seconds
_CHUNK = 500
# What a line that the application did not write may raise when it is read, or hashed.
_UNREAD = (AttributeError, DatabaseError, TypeError, ValueError)


def _bare(rows: type[models.Model]) -> models.QuerySet:
    """The rows, without the guard that forbids to change them: here alone."""
    return models.QuerySet(rows)


def digest_of(before: str, told: Sequence[int | str | None]) -> str:
    """The digest of a line that tells this, after one that has this digest."""
    text = json.dumps([before, *told], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(before: str, entry: Entry) -> str:
    entry.at = entry.at.astimezone(UTC)
    return digest_of(before, entry.told())


def head() -> tuple[int, str]:
    """Rank and digest of the last line that has its place; `(0, "")` when none has."""
    last = Entry.objects.exclude(position=None).order_by("-position").first()
    if last is not None:
        return last.position, last.digest
    trimmed = Trimming.objects.last()
    return (trimmed.position, trimmed.digest) if trimmed else (0, "")


@transaction.atomic
def extend() -> int:
    """Give their place to the lines that wait for one; how many there were."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    waiting, _ = _waiting()
    if not waiting:
        return 0
    position, digest = head()
    for entry in waiting:
        position += 1
        entry.position = position
        digest = entry.digest = _digest(digest, entry)
    _bare(Entry).bulk_update(waiting, ["position", "digest"], batch_size=_CHUNK)
    return len(waiting)


def begin_again() -> None:
    """Let go of every line: of an installation where nobody did anything yet, and which receives
    another's, trail included."""
    _bare(Entry).all().delete()


def _waiting() -> tuple[list[Entry], int]:
    """The lines that wait for their place, and how many more say nothing that could be hashed: the
    application wrote none such, and the others go on without them."""
    rows = Entry.objects.filter(position=None).order_by("pk")
    try:
        return _hashable(rows), 0
    except _UNREAD:
        numbers = list(rows.values_list("pk", flat=True))
    found: list[Entry] = []
    for pk in numbers:
        with suppress(*_UNREAD):
            found += _hashable(Entry.objects.filter(pk=pk))
    return found, len(numbers) - len(found)


def _hashable(rows: models.QuerySet) -> list[Entry]:
    found = list(rows)
    for entry in found:
        _digest("", entry)
    return found


def faults() -> Iterator[str]:
    """What is wrong with the chain, in French; nothing is changed."""
    trimmed = Trimming.objects.last()
    position, digest = (trimmed.position, trimmed.digest) if trimmed else (0, "")
    placed = Entry.objects.exclude(position=None).order_by("position")
    for entry in placed.iterator(chunk_size=_CHUNK):
        position += 1
        if entry.position != position:
            missing = entry.position - position
            yield (
                f"{missing} ligne{'s' if missing > 1 else ''} manque{'nt' if missing > 1 else ''} "
                f"avant le rang {entry.position} ({entry.at:%d/%m/%Y})."
            )
            position, digest = entry.position, entry.digest
            continue
        if _digest(digest, entry) != entry.digest:
            yield f"la ligne de rang {entry.position} ({entry.at:%d/%m/%Y}) a été modifiée."
        digest = entry.digest
    if unread := _waiting()[1]:
        s = "s" if unread > 1 else ""
        yield f"{unread} ligne{s} sans rang, illisible{s} : l’application n’écrit rien de tel."
    late = timezone.now() - timedelta(seconds=PATIENCE)
    if count := Entry.objects.filter(position=None, at__lt=late).count():
        yield f"{count} ligne{'s' if count > 1 else ''} sans rang : glissée après coup ?"


@transaction.atomic
def trim(*, before: datetime) -> Trimming | None:
    """Let go of the lines older than this moment, and keep where the chain goes on from.

    Only what comes first in the chain goes, so that nothing is missing in between. The deed itself
    is told. `None` when nothing has the age; `archive.keeping.trails` has it witnessed.
    """
    extend()
    kept = (
        Entry.objects.filter(at__gte=before)
        .exclude(position=None)
        .order_by("position")
        .values_list("position", flat=True)
        .first()
    )
    going = Entry.objects.exclude(position=None)
    if kept is not None:
        going = going.filter(position__lt=kept)
    last = going.order_by("-position").first()
    if last is None:
        return None
    count = going.count()
    made = Trimming.objects.create(
        before=before, position=last.position, digest=last.digest, count=count
    )
    _bare(Entry).filter(position__lte=last.position).delete()
    Entry.objects.create(
        act=Act.KEEPING,
        what=f"journal : {count} lignes d’avant le {before:%d/%m/%Y} retirées, à leur âge",
    )
    return made
