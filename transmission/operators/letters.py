"""What the prefecture writes about acts that are there: fetched, kept, told; then marked as read.

Nothing is answered by itself. A letter that was kept twice is one; one that could not be marked as
read is asked again, and found here.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from law.findings import Refused
from members import files
from transmission.actions import receiving
from transmission.connectors.asking import Failed
from transmission.connectors.parcels import Connector, Kind, Letter
from transmission.models import Errand, Exchange, Operator, Transmission
from transmission.operators import clients, telling

log = logging.getLogger(__name__)

# An operator that lists what is unread is asked often; one of which each act is read, less so.
EVERY = {
    Operator.Kind.S2LOW: timedelta(minutes=30),
    Operator.Kind.PASTELL: timedelta(hours=4),
}
# The prefect has two months, begun again by his letters: past this nothing is to be expected.
FOLLOWED = timedelta(days=300)
_KINDS = {
    Kind.LETTER: Exchange.Kind.LETTER,
    Kind.PIECES_WANTED: Exchange.Kind.PIECES,
    Kind.OBSERVATIONS: Exchange.Kind.OBSERVATIONS,
    Kind.REFERRAL: Exchange.Kind.DEFERRAL,
}


def is_due(operator: Operator, *, at: datetime) -> bool:
    """Whether it is time to ask."""
    last = operator.asked_at
    return last is None or at - last >= EVERY[Operator.Kind(operator.kind)]


def fetch(operator: Operator, *, at: datetime, patience: timedelta) -> None:
    """Ask what was written, and keep it. What could not be had is told on its page, and asked
    again."""
    Operator.objects.filter(pk=operator.pk).update(asked_at=at)
    trouble, strays = "", []
    try:
        client = clients.of(operator, patience=patience.total_seconds())
        for letter in client.letters(_followed(operator, at=at)):
            if not _take(operator, client, letter, at=at):
                strays.append({"number": letter.number, "kind": _KINDS[letter.kind].label})
    except Failed as failed:
        trouble = str(failed)
    except Exception as error:  # a disk that is full must not keep the other operators waiting
        log.exception("le courrier de la préfecture sera redemandé")
        trouble = type(error).__name__
    Operator.objects.filter(pk=operator.pk).update(trouble=trouble[:1000], strays=strays)


def _followed(operator: Operator, *, at: datetime) -> Iterator[str]:
    """The acts of which something may still be written, as the operator names them."""
    since = timezone.localdate(at) - FOLLOWED
    rows = Transmission.objects.filter(errand__operator=operator, received_on__gte=since)
    yield from rows.exclude(remote_id="").values_list("remote_id", flat=True)


def _take(operator: Operator, client: Connector, letter: Letter, *, at: datetime) -> bool:
    """Keep one; whether it is about an act that left from here: another stays unread there."""
    errand = (
        Errand.objects.filter(operator=operator, transmission__remote_id=letter.about)
        .select_related("transmission__document__meeting__body__organisation", "operator")
        .first()
    )
    if errand is None:
        return False
    if letter.remote not in errand.letters:
        content = client.content(letter)
        with files.all_or_nothing():
            _keep(errand.transmission, letter, content, at=at)
            row = Errand.objects.select_for_update().get(pk=errand.pk)
            row.letters = [*row.letters, letter.remote]
            row.save(update_fields=["letters"])
            telling.of_letter(errand, letter, at=at)
    client.mark_read(letter)
    return True


def _keep(sending: Transmission, letter: Letter, content: bytes, *, at: datetime) -> None:
    """Read it if it can be read, and keep it as it came if not: what nobody understands is kept
    too."""
    kind = _KINDS[letter.kind]
    is_archive = content[:2] == b"\x1f\x8b"
    name = f"{kind}-{letter.remote.rpartition('/')[2]}.{'tar.gz' if is_archive else 'pdf'}"
    try:
        with transaction.atomic():
            organisation = sending.document.meeting.organisation
            taken = receiving.take(organisation, [(name, content)], by=None, at=at)
    except Refused:
        taken = ()
    if not any(each.sending.pk == sending.pk for each in taken):
        receiving.keep_paper(sending, kind, name, content, at=at)
