"""Papers on a page of any room: what they are and their marks are known up here."""

from collections.abc import Iterable

from django import template

from archive.desk import shelf as desk
from documents.models import IssuedDocument

register = template.Library()


@register.inclusion_tag("archive/_shelf.html")
def shelf(documents: Iterable[IssuedDocument]) -> dict[str, object]:
    """A list of papers, each by its name with its marks and its file."""
    return {"shelved": desk.shelved(documents)}


@register.simple_tag
def on_shelf(documents: Iterable[IssuedDocument]) -> list[desk.Shelved]:
    """These papers with their marks, for a page that lays them out itself."""
    return list(desk.shelved(documents))


@register.inclusion_tag("archive/_marks.html")
def marks(document: IssuedDocument) -> dict[str, object]:
    """The marks of one paper."""
    return {"each": next(desk.shelved([document]))}
