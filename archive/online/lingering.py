"""What is online and says words that somebody masked since: masking changes no file that the public
reads already. Every version counts, for a later one does not take the earlier off its address.
"""

import hashlib
from collections.abc import Iterable
from itertools import groupby

from django.core.cache import cache
from django.db.models import Exists, OuterRef

from archive import legible
from archive.models import Publication, PublishedAnnex
from archive.online import told
from documents import papers
from law.masking import Mask
from meetings import attachments
from meetings import public as protection
from meetings.models import Meeting, Passage
from members import cells

_DAY = 86_400


def of(meeting: Meeting) -> list[Publication]:
    """What is online of a sitting with words masked since, the first put there first."""
    return among([meeting.pk])


def among(meetings: Iterable[int]) -> list[Publication]:
    """The same of some sittings, one after the other. One query as long as nothing was masked after
    it was put online."""
    since = Passage.objects.masked().filter(
        meeting=OuterRef("document__meeting"), decided_at__gt=OuterRef("published_at")
    )
    suspected = (
        Publication.objects.online()
        .filter(Exists(since), document__meeting__in=meetings)
        .select_related("document__meeting__body__organisation")
        .prefetch_related("annexes")
        .order_by("document__meeting__held_on", "document__meeting", "pk")
    )
    by_sitting = groupby(suspected, key=lambda each: each.document.meeting)
    return [
        each
        for meeting, rows in by_sitting
        for masks in [protection.Masks(meeting)]
        for each in rows
        if _says(each, masks)
    ]


def _says(publication: Publication, masks: protection.Masks) -> bool:
    """As for what is about to go online (`public_copy`, `annexes`), of what is there."""
    subject = publication.document.subject
    paper = told.paper_of(publication) if publication.is_redacted else publication.document.paper
    nets = masks.kept_from(subject), masks.of(subject)
    if nets[0].finds(publication.title) or _paper_says(paper, masks):
        return True
    return any(
        masks.everything.finds(each.title) or _file_says(each, nets)
        for each in publication.annexes.all()
    )


def _paper_says(paper: papers.Paper | None, masks: protection.Masks) -> bool:
    if not isinstance(paper, papers.Issuable):
        return True  # nobody may say that it does not
    return any(
        (masks.kept_from(item) if item else masks.everything).html(text) != text
        for _, item, text in paper.texts_of_items()
    )


def _file_says(annex: PublishedAnnex, nets: Iterable[Mask]) -> bool:
    """Read once a day for the same passages; what does not read counts as saying them."""
    passages = sorted({passage for net in nets for passage in net.passages})
    said = hashlib.sha256(repr((annex.sha256, passages)).encode()).hexdigest()
    key = f"annexe:{said}"
    found: bool | None = cache.get(key)
    if found is None:
        try:
            with annex.file.open() as file, attachments.on_disk(file) as path:
                found = legible.says(path, passages)
        except (cells.Excessive, OSError):
            found = True
        cache.set(key, found, _DAY)
    return found
