"""Where one paper of a sitting is, from the day it was established to what the public reads: the
line of its own stages, in the order of those of its sitting and of an act that is taken alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from archive.desk.alone import PaperStep, to_have_signed, transmitted
from documents.models import IssuedDocument
from law import french
from registry.models import Deliberation
from registry.signatures import reading as signatures
from transmission import reading as prefecture


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """The stages of one paper."""

    steps: tuple[PaperStep, ...]

    @property
    def next(self) -> PaperStep | None:
        """The first that is not done; `None` once all are."""
        return next((step for step in self.steps if not step.is_done), None)


def line_of(document: IssuedDocument) -> PaperLine | None:
    """Those of this one; `None` of what a later version replaced."""
    return PaperLine(steps=tuple(_steps(document))) if document.is_current else None


def _steps(document: IssuedDocument) -> Iterator[PaperStep]:
    def its(word: str) -> str:
        return french.agree(word, feminine=document.is_feminine)

    day = french.short_day(
        timezone.localdate(document.issued_at), year=document.meeting.held_on.year
    )
    yield PaperStep(
        label="Établir",
        icon="check",
        said=f"{its('établi')} le {day}",
        url="",
        is_done=True,
    )
    if document.is_minutes:
        adoption = getattr(document, "adoption", None)
        is_adopted = adoption is not None and adoption.stands
        yield PaperStep(
            label="Faire arrêter",
            icon="ballot",
            said="arrêté" if is_adopted else "par une séance suivante",
            url="",
            is_done=is_adopted,
        )
    is_signed = signatures.is_signed(document)
    is_to_ask = not document.is_minutes and not document.signatures.all()
    said = "à demander" if is_to_ask else "à signer"
    if not is_signed and signatures.declines(document):
        said = "refusé"
    yield PaperStep(
        label="Signer",
        icon="seal",
        said=its("signé") if is_signed else said,
        url=reverse("registry:signatures", args=[document.pk]),
        is_done=is_signed,
        verb=to_have_signed(document),
    )
    is_extract = document.kind == IssuedDocument.Kind.EXTRACT
    if is_extract and prefecture.transmits(document.meeting.organisation):
        acts = Deliberation.objects.select_related("act_sheet")
        act = acts.filter(meeting=document.meeting_id, item__key=document.subject).first()
        yield transmitted(document, act, feminine=True)
    is_online = any(each.withdrawn_at is None for each in document.publications.all())
    yield PaperStep(
        label="Publier",
        icon="upload",
        said="en ligne" if is_online else "à publier",
        url=reverse("archive:publication", args=[document.pk]),
        is_done=is_online,
    )
