"""Finding what is online by its words: those of the public files, and nothing else.

What a file says is read once, when it goes online, and forgotten when it is withdrawn.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from archive import fulltext
from archive.desk import search
from archive.models import Publication, PublicationQuerySet, PublicText
from archive.online import told
from documents.models import IssuedDocument
from members.models import Organisation
from transmission.models import ActSheet

_AT_ONCE = 50
_ACCENTED = {
    "a": "[aàâä]",
    "c": "[cç]",
    "e": "[eéèêë]",
    "i": "[iîï]",
    "o": "[oôö]",
    "u": "[uùûü]",
    "y": "[yÿ]",
    "œ": "(oe|œ)",
}


def among(found: PublicationQuerySet, words: str) -> PublicationQuerySet:
    """Those that say every word of one item, in whatever form, accents or not; the last one may be
    the beginning of a word. Words that say nothing find nothing."""
    return found.filter(pk__in=_saying(words).order_by().values("publication"))


def exact_first(found: PublicationQuerySet, words: str) -> PublicationQuerySet:
    """Those that say these words, or longer ones, before those (`is_near`) that only say others of
    the same root: "débat" has that of "débit"."""
    said = PublicText.objects.filter(publication=OuterRef("pk"))
    for begin in map(_begins, fulltext.words(words)):
        said = said.filter(Q(text__iregex=begin) | Q(publication__title__iregex=begin))
    ranked = found.annotate(is_near=~Exists(said))
    return ranked.order_by("is_near", *found.query.order_by)


def _begins(word: str) -> str:
    """A pattern of what begins with this folded word, whatever its accents and its number."""
    bare = word[:-1] if len(word) > 3 and word[-1] in "sx" else word
    letters = bare.replace("oe", "œ")
    return r"(^|\W)" + "".join(_ACCENTED.get(each, each) for each in letters)


def passages(found: Iterable[Publication], words: str) -> dict[int, tuple[search.Extract, ...]]:
    """By publication, where the words stand first: one query."""
    rows = _saying(words).filter(publication__in=[each.pk for each in found])
    texts: dict[int, str] = {}
    for publication, text in rows.values_list("publication", "text"):
        texts.setdefault(publication, text)
    return {publication: search.extract(text, words) for publication, text in texts.items()}


def _saying(words: str) -> QuerySet[PublicText]:
    return fulltext.matching(PublicText.objects.all(), fulltext.wanted(words))


def of_matter(found: PublicationQuerySet, matter: str) -> PublicationQuerySet:
    """The acts that the prefecture files under this matter, "7" holding "7.10"."""
    return found.filter(Exists(_sheets().filter(matter__startswith=f"{matter}.")))


def matters(organisation: Organisation, found: PublicationQuerySet) -> frozenset[str]:
    """The first figures of the matters that something among these is filed under: one query."""
    acts = found.order_by().filter(document__kind=IssuedDocument.Kind.EXTRACT)
    filed = ActSheet.objects.filter(
        Exists(
            acts.filter(
                document__meeting=OuterRef("deliberation__meeting"),
                document__subject=OuterRef("deliberation__item__key"),
            )
        ),
        deliberation__body__organisation=organisation,
    ).exclude(matter="")
    told_of = filed.order_by().values_list("matter", flat=True).distinct()
    return frozenset(matter.partition(".")[0] for matter in told_of)


def _sheets() -> QuerySet[ActSheet]:
    return ActSheet.objects.filter(
        deliberation__meeting=OuterRef("document__meeting"),
        deliberation__item__key=OuterRef("document__subject"),
    )


# --- Keeping it up to date --------------------------------------------------------------------


def hear(instance: Publication, *, created: bool, raw: bool, **kwargs: Any) -> None:
    """What goes online is found at once, and no more once it is withdrawn (`post_save`); what a
    backup brings back came with its texts."""
    if raw:
        return
    if created:
        _read(instance)
    elif instance.withdrawn_at is not None:
        PublicText.objects.filter(publication=instance).delete()


@transaction.atomic
def catch_up(plan: Sequence[tuple[Any, bool]] = (), **kwargs: Any) -> None:
    """Read what an older version put online (`post_migrate`)."""
    if not plan or any(is_backwards for _, is_backwards in plan):
        return
    unread = Publication.objects.lasting().online().filter(public_texts=None)
    for publication in unread.defer("document__content").iterator(chunk_size=_AT_ONCE):
        _read(publication)


def _read(publication: Publication) -> None:
    found = list(search.parts(told.paper_of(publication))) or [("", publication.title, "")]
    PublicText.objects.bulk_create(
        PublicText(
            publication=publication,
            text=text or title,
            stems=fulltext.stems(f"{publication.title} {title} {text}"),
        )
        for _, title, text in found
    )
