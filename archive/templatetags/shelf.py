"""Papers on a page of any room: what they are and their marks are known up here."""

from collections.abc import Iterable, Mapping

from django import template

from archive.desk import shelf as desk
from archive.desk import states
from documents.models import IssuedDocument
from law import french
from meetings.models import Meeting, weight
from registry.signatures import reading as signatures

register = template.Library()


@register.inclusion_tag("archive/_shelf.html")
def shelf(documents: Iterable[IssuedDocument]) -> dict[str, object]:
    """A list of papers, each by its name with its marks and its file."""
    return {"shelved": desk.shelved(documents)}


@register.simple_tag
def on_shelf(documents: Iterable[IssuedDocument]) -> list[desk.Shelved]:
    """These papers with their marks, for a page that lays them out itself."""
    return list(desk.shelved(documents))


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


@register.inclusion_tag("archive/_marks.html")
def marks(document: IssuedDocument) -> dict[str, object]:
    """The marks of one paper."""
    return {"each": next(desk.shelved([document]))}


@register.simple_tag
def states_of(meeting: Meeting, extracts: Iterable[IssuedDocument]) -> Mapping[int, states.State]:
    """How far each act of this sitting is, by the extract that bears it."""
    return states.of_acts(meeting, extracts)


@register.filter
def of_extract(
    found: Mapping[int, states.State], extract: IssuedDocument | None
) -> states.State | None:
    """That of this one; `None` of what is not established."""
    return found.get(extract.pk) if extract else None
