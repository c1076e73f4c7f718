"""What every verb of the transmission does: hold its sending, keep a message, tell the trail."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.core.files.base import ContentFile
from django.db import transaction

from meetings.actions import ledger
from meetings.attachments import safe_name
from members.models import User
from trail.models import Act
from trail.recording import note
from transmission.models import Exchange, Transmission


def keep(
    sending: Transmission,
    kind: str,
    name: str,
    content: bytes,
    *,
    is_outgoing: bool = False,
    dated_on: date | None = None,
    words: str = "",
    by: User | None,
    at: datetime,
) -> Exchange:
    """The exchange with these bytes; the one that is kept already, when it is."""
    digest = hashlib.sha256(content).hexdigest()
    if same := sending.exchanges.filter(sha256=digest).first():
        return same
    name = safe_name(name)[:200]
    row = Exchange(
        transmission=sending,
        kind=kind,
        is_outgoing=is_outgoing,
        name=name,
        sha256=digest,
        dated_on=dated_on,
        words=words,
        by=by,
        at=at,
    )
    row.file.save(name, ContentFile(content), save=False)
    row.save()
    return row


@contextmanager
def held(sending: Transmission) -> Iterator[None]:
    """The sending read again, under the lock of its sitting, while something is written of it."""
    with transaction.atomic():
        ledger.lock(sending.document.meeting)
        sending.refresh_from_db(fields=Transmission.LATER)
        yield


def told(done: str, sending: Transmission, *, by: User | None) -> None:
    """Have the trail tell what was done to a sending."""
    note(Act.TRANSMISSION, done, by=by, organisation=sending.document.meeting.organisation)
