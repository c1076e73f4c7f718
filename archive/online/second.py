"""A second person before anything goes online, where the rules of the body ask for one.

One asks; another reads what the public will read, and does it. What was asked for is kept by its
hash: a passage masked since, another version, and it is asked for again.
"""

import hashlib
from collections.abc import Iterable, Iterator

from django.utils import timezone

from archive.models import AnnexChoice, PublicationRequest
from documents.models import IssuedDocument
from law import french
from law.findings import Finding
from meetings.models import Meeting
from members.models import User


def is_wanted(meeting: Meeting) -> bool:
    """Whether two persons are asked for."""
    return meeting.regime.publication_by_two


def says(meeting: Meeting, documents: Iterable[IssuedDocument]) -> str:
    """What the public would read of these papers now, as a hash: which they are, and what is
    masked in them."""
    masked = meeting.passages.masked().order_by("pk").values_list("item__key", "text")
    annexes = AnnexChoice.objects.filter(attachment__item__meeting=meeting, is_public=True)
    files = annexes.order_by("attachment").values_list("attachment", "sha256")
    told = sorted(document.pk for document in documents), list(masked), list(files)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def standing(meeting: Meeting, documents: Iterable[IssuedDocument]) -> PublicationRequest | None:
    """The request that waits, and that covers these papers as they are."""
    documents = list(documents)
    keys = {document.pk for document in documents}
    rows = meeting.publication_requests.filter(ended_at=None).select_related("asked_by")
    for row in rows:
        if keys <= set(row.documents):
            covered = IssuedDocument.objects.filter(pk__in=row.documents)
            if row.says == says(meeting, covered):
                return row
    return None


def objections(
    meeting: Meeting, documents: Iterable[IssuedDocument], *, by: User | None
) -> Iterator[Finding]:
    """Why this account may not put these papers online alone; nothing where one is enough."""
    if not is_wanted(meeting):
        return
    row = standing(meeting, documents)
    if row is None:
        yield Finding(
            code="seconde_personne",
            message="Les règles de l’instance veulent deux personnes pour mettre en ligne, et "
            "personne n’a demandé celle-ci telle qu’elle est.",
            remedy="Demandez-la\u00a0: une autre personne relit ce que le public lira, et la fait.",
        )
    elif by is None or row.asked_by == by:
        day = french.long_date(timezone.localdate(row.asked_at))
        yield Finding(
            code="meme_personne",
            message=f"{row.asked_by} a demandé cette mise en ligne le {day}\u00a0: "
            "une autre personne la fait.",
            remedy="Prévenez quelqu’un d’autre du secrétariat.",
        )
