"""Papers by what they are: how each is called, who signed it, whether everybody may read it."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from archive.desk import filed
from archive.models import Publication
from documents.models import IssuedDocument
from law import french
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSitting:
    """The papers of one sitting as its page has them: what is about an item (its key) stands beside
    it, the others on the shelf; what is alike of several (`alike`: "all", or "acts" without the
    minutes) is told once."""

    whole: tuple[Shelved, ...]
    of_items: Mapping[str, Shelved]
    alike: str = ""
    of_all: Shelved | None = None  # one of those that are alike

    @property
    def count(self) -> int:
        """How many papers there are."""
        return len(self.whole) + len(self.of_items)

    @property
    def told(self) -> str:
        """« Les 4 documents sont en ligne, aucun n’est signé. »; "" where they differ."""
        if self.of_all is None:
            return ""
        count = self.count - (
            self.alike == "acts" and any(p.document.is_minutes for p in self.whole)
        )
        words = {
            (True, True): "les {} documents sont signés et en ligne.",
            (True, False): "les {} documents sont signés, aucun n’est en ligne.",
            (False, True): "les {} documents sont en ligne, aucun n’est signé.",
            (False, False): "aucun des {} documents n’est signé ni en ligne.",
        }[self.of_all.is_signed, self.of_all.publication is not None].format(count)
        told = f"hors procès-verbal, {words}" if self.alike == "acts" else words
        return french.nbsp(french.capitalise(told))

    @property
    def is_marked(self) -> bool:
        """Whether each act bears its own marks."""
        return not self.alike


def of_sitting(documents: Iterable[IssuedDocument], items: Container[str]) -> OfSitting:
    """These papers of a sitting that has these items (their keys)."""
    found = list(shelved(documents))
    of_items = {each.document.subject: each for each in found if each.document.subject in items}
    whole = tuple(each for each in found if each.document.subject not in of_items)
    acts = [each for each in found if not each.document.is_minutes]
    for name, several in (("all", found), ("acts", acts)):
        if len(several) > 1 and len({_mark(each) for each in several}) == 1:
            if _mark(several[0]) is not None:
                return OfSitting(whole=whole, of_items=of_items, alike=name, of_all=several[0])
    return OfSitting(whole=whole, of_items=of_items)


def _mark(each: Shelved) -> tuple[bool, bool] | None:
    """Whether it is signed and online, where that is all there is to tell of it."""
    is_between = bool(each.given) and not each.is_signed
    if each.is_replaced or each.is_contradicted or is_between or not each.document.signatories:
        return None
    return each.is_signed, each.publication is not None


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
