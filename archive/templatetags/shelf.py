"""Papers on a page of any room: what they are and their marks are known up here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django import template

from archive.desk import shelf as desk
from archive.desk import states
from documents.models import IssuedDocument
from law import french
from law.findings import Finding
from meetings.access import can_write
from meetings.models import AgendaItem, Meeting, weight
from meetings.reading import Line
from registry.models import Decline
from registry.signatures import reading as signatures

register = template.Library()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """The places of signature of a paper, whether they are made, whether whoever reads signs."""

    places: tuple[signatures.Place, ...]
    is_prepared: bool
    is_hers: bool
    is_refused: bool  # by one of them: the others wait for what follows

    @property
    def is_begun(self) -> bool:
        """Whether somebody signed."""
        return any(each.is_signed for each in self.places)


@register.inclusion_tag("archive/_shelf.html")
def shelf(documents: Iterable[IssuedDocument], *, there: bool = False) -> dict[str, object]:
    """A list of papers, each by its name with its marks and its file; `there`: on the page of their
    sitting, which they need not name."""
    return {"shelved": desk.shelved(documents), "there": there}


@register.simple_tag
def declined_of(meeting: Meeting, subject: str = "") -> list[str]:
    """« Hélène CARPENTIER ne signe pas : « Le montant est faux » », of its minutes in force, or of
    the extract of this item."""
    kinds = IssuedDocument.Kind
    papers = IssuedDocument.objects.current().filter(
        meeting=meeting, kind=kinds.EXTRACT if subject else kinds.MINUTES, subject=subject
    )
    found = Decline.objects.filter(document__in=papers, ended_at=None).select_related("person")
    return [french.nbsp(signatures.declining(each)) for each in found]


@register.simple_tag
def on_shelf(documents: Iterable[IssuedDocument]) -> list[desk.Shelved]:
    """These papers with their marks, for a page that lays them out itself."""
    return list(desk.shelved(documents))


@register.simple_tag
def shelf_of_sitting(documents: Iterable[IssuedDocument], lines: Iterable[Line]) -> desk.OfSitting:
    """The papers of a sitting, whose agenda is these lines."""
    return desk.of_sitting(documents, {line.node.item.key for line in lines})


@register.filter
def of_item(found: desk.OfSitting | str, item: AgendaItem) -> desk.Shelved | None:
    """The paper that is about this item, "" standing for a page that has none."""
    return found.of_items.get(item.key) if found else None


@register.filter
def numbered(document: IssuedDocument) -> str:
    """« Délibération n° 2026-10-06/01 », under its item, whose title need not be said again."""
    return document.own_heading.partition(f"{french.NBSP}:")[0]


@register.simple_tag
def minutes_put_to(item: AgendaItem) -> list[tuple[Meeting, IssuedDocument | None]]:
    """The sittings whose minutes this item puts to the vote, each with its minutes in force; `None`
    where nobody established them yet."""
    earlier = item.approved if item.kind == AgendaItem.Kind.APPROVAL else ()
    if not earlier:
        return []
    found = IssuedDocument.objects.current().filter(meeting__in=earlier).minutes()
    of = {each.meeting_id: each for each in found}
    return [(each, of.get(each.pk)) for each in earlier]


@register.simple_tag
def shelved_alone(document: IssuedDocument) -> desk.Shelved:
    """One paper with its marks."""
    return next(desk.shelved([document]))


@register.simple_tag(takes_context=True)
def undecided(context: template.Context, document: IssuedDocument) -> tuple[Finding, ...]:
    """That what is being signed decides nothing that one may read, for who can have it written."""
    if not can_write(context["request"].user, document.meeting):
        return ()
    return signatures.undecided(document, tells_who=True)


@register.simple_tag
def file_of(document: IssuedDocument) -> str:
    """« PDF, 46 ko »: what one would take, with the signatures that it bears so far."""
    try:
        size = signatures.latest_file(document).size
    except OSError:  # damaged: the page that gives it tells
        return "PDF"
    return french.nbsp(f"PDF, {weight(size)}")


@register.filter
def bytes_in_words(size: int) -> str:
    """« 42 ko », where `filesizeformat` says « 41,6 Kio »."""
    return french.nbsp(weight(size))


@register.simple_tag(takes_context=True)
def signing(context: template.Context, document: IssuedDocument) -> Signing:
    """Who signs this paper and who has, beside its text."""
    if hasattr(document, "signing"):  # asked by the button, then by the list of who signs
        return document.signing
    places = signatures.places(document)
    reader = context["request"].user.pk
    is_prepared = bool(document.signatures.all())
    is_refused = any(each.decline for each in places)
    waits = is_prepared and not is_refused and not document.folders.under_way().exists()
    document.signing = Signing(
        places=places,
        is_prepared=is_prepared,
        is_refused=is_refused,
        is_hers=waits
        and any(
            not each.is_signed and each.person is not None and each.person.user_id == reader
            for each in places
        ),
    )
    return document.signing


@register.simple_tag
def states_of(
    meeting: Meeting, extracts: Iterable[IssuedDocument]
) -> Mapping[int, states.ActState]:
    """How far each act of this sitting is, by the extract that bears it."""
    return states.of_acts(meeting, extracts)


@register.filter
def of_extract(
    found: Mapping[int, states.ActState], extract: IssuedDocument | None
) -> states.ActState | None:
    """That of this one; `None` of what is not established."""
    return found.get(extract.pk) if extract else None
