"""A prefecture of the demonstration: its classification, and what it answers to what it is sent.

No message goes anywhere: the acknowledgment is made here, of the very message that was packed, as
a prefecture makes it.
"""

from datetime import datetime

from django.utils import timezone
from lxml import etree

from demo.loading import DATA
from meetings.models import Meeting
from members import files
from members.models import Organisation, User
from transmission import reading
from transmission.actions import receiving, sending, sheets
from transmission.ctes import envelope, markup
from transmission.models import Classification, Exchange, Transmission

_USUAL = "9.1"  # of an act whose title says nothing of its matter


def classify(organisation: Organisation, *, by: User) -> None:
    """Import its classification, once."""
    if not Classification.objects.filter(organisation=organisation).exists():
        path = DATA / "classification.xml"
        content = path.read_bytes()
        sheets.import_classification(
            organisation, content, name=path.name, by=by, at=timezone.now()
        )


def confirm(meeting: Meeting, *, by: User, at: datetime) -> None:
    """Confirm the sheets of a sitting as they are proposed."""
    for row in reading.rows(meeting):
        sheet = row.sheet
        told = sheets.Told(
            nature=sheet.nature,
            matter=sheet.matter or _USUAL,
            object=sheet.object,
            typology=sheet.typology,
            annexes={each.attachment.pk: each.typology for each in row.joined},
            author=sheet.author,
            capacity=sheet.capacity,
        )
        sheets.confirm(row.deliberation, told, by=by, at=at)


def transmit(meeting: Meeting, *, by: User, at: datetime) -> None:
    """Send the acts of a sitting, its sheets as they are proposed; take what answers."""
    confirm(meeting, by=by, at=at)
    sent = sending.prepare_sitting(meeting, by=by, at=at).done
    for each in sent:
        sending.mark_sent(each, by=by, at=at)
    answers = [(f"{each.identifier}-1-2_0.xml", acknowledgment(each, at=at)) for each in sent]
    receiving.take(meeting.organisation, answers, by=by, at=at)


def acknowledgment(sent: Transmission, *, at: datetime) -> bytes:
    """That a prefecture has this act from that day on: what it read, as it was written to it."""
    pack = sent.exchanges.get(kind=Exchange.Kind.PACK)
    packed = dict(envelope.opened(files.content(pack.file, pack.sha256)))
    received = markup.read(packed[f"{sent.identifier}-1-1_0.xml"])
    on = markup.text(received, "ClassificationDateVersion")
    received.tag = f"{{{markup.ACTES}}}ActeRecu"
    root = etree.Element(f"{{{markup.ACTES}}}ARActe", nsmap={"actes": markup.ACTES})
    root.set(f"{{{markup.ACTES}}}IDActe", sent.identifier)
    root.set(f"{{{markup.ACTES}}}DateReception", f"{timezone.localdate(at)}")
    root.append(received)
    etree.SubElement(root, f"{{{markup.ACTES}}}ClassificationDateVersionEnCours").text = on
    return bytes(etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True))
