"""Where the acts stand before the prefecture: their sheets, their sendings, what it answered.

`received_on` is what the rooms above ask to know whether an act binds; `matter_of` what they file
it by.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from documents.models import IssuedDocument
from members import files
from members.models import Organisation
from registry.models import Deliberation
from transmission.ctes import classification
from transmission.models import ActSheet, Classification, Transmission


def received_on(document: IssuedDocument) -> date | None:
    """The day the prefecture had the act that this extract bears, as its acknowledgment says;
    `None` of what it never had, or of which the sending was taken back."""
    return received([document]).get(document.pk)


def received(documents: Iterable[IssuedDocument]) -> Mapping[int, date]:
    """The same of many, by the number of each that it had: one query."""
    rows = Transmission.objects.received().filter(document__in=[each.pk for each in documents])
    return dict(rows.order_by("pk").values_list("document", "received_on"))


def transmission_of(document: IssuedDocument) -> Transmission | None:
    """The last sending of this very version; `None` when it was never sent."""
    return document.transmissions.order_by("-pk").first()


def sheet_of(document: IssuedDocument) -> ActSheet | None:
    """The sheet that was confirmed of the act that this extract bears; `None` before."""
    if document.kind != IssuedDocument.Kind.EXTRACT:
        return None
    sheets = ActSheet.objects.filter(
        deliberation__meeting=document.meeting_id, deliberation__item__key=document.subject
    )
    return sheets.select_related("deliberation").first()


def is_transmissible(document: IssuedDocument) -> bool:
    """Whether this act is to be sent before it binds: every one is, unless its sheet says why it
    is not."""
    sheet = sheet_of(document)
    return sheet is None or sheet.is_transmissible


def matter_of(deliberation: Deliberation) -> tuple[str, str] | None:
    """The matter of an act, as text, and what it is called from the top (« Finances locales /
    Divers »); `None` while nobody confirmed any."""
    sheet = ActSheet.objects.filter(deliberation=deliberation).exclude(matter="").first()
    if sheet is None:
        return None
    known = in_force(deliberation.body.organisation)
    return sheet.matter, known.path(sheet.matter) if known else ""


# --- The classification ------------------------------------------------------------------------


def in_force(organisation: Organisation) -> classification.Classification | None:
    """The classification that this organisation goes by; `None` while it was given none."""
    row = Classification.objects.in_force(organisation)
    return of_file(row) if row else None


def of_file(row: Classification) -> classification.Classification:
    """What a kept classification says. Raises `Damaged` when its file is not what was kept."""
    return classification.read(files.content(row.file, row.sha256))
