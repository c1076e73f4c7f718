"""Papers by what they are: how each is called, who signed it, whether everybody may read it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from archive.desk import filed
from archive.models import Publication
from documents.models import IssuedDocument
from registry.signatures import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A paper, how many signed it, where everybody reads it, and whether another replaced it."""

    document: IssuedDocument
    given: int
    publication: Publication | None
    is_replaced: bool
    is_contradicted: bool  # online, and its sitting says something else since

    @property
    def is_signed(self) -> bool:
        """Whether everybody who is to sign it did."""
        return reading.is_signed(self.document)


def _online(documents: QuerySet) -> QuerySet:
    return documents.filter(pk__in=Publication.objects.online().values("document"))


# What a list of papers is narrowed to (`documents.forms.STATES`).
STATES = {
    "signe": ("Signé", reading.signed),
    "non-signe": ("Non signé", reading.unsigned),
    "en-ligne": ("En ligne", _online),
}


def shelved(documents: Iterable[IssuedDocument]) -> Iterator[Shelved]:
    """These papers with their marks: four queries, however many they are."""
    found = list(documents)
    successors = IssuedDocument.objects.defer("content")
    prefetch_related_objects(
        found,
        "signatures",
        Prefetch("publications", Publication.objects.online(), to_attr="online"),
        Prefetch("superseded_by", successors),
    )
    online = {each.meeting_id for each in found if each.online and each.is_current}
    told = filed.of(online, on=timezone.localdate()) if online else ()
    contradicted = {pk for sheet in told for pk in sheet.contradicted}
    for document in found:
        yield Shelved(
            document=document,
            given=reading.given(document),
            publication=next(iter(document.online), None),
            is_replaced=not document.is_current,
            is_contradicted=document.pk in contradicted,
        )
