"""Who may do what in the register: the secretariat keeps it, each signer signs for himself."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from documents.access import get_issued
from documents.models import IssuedDocument
from meetings.access import can_write
from members.access import get_body, reads_sittings_of
from members.models import Body
from registry import reading
from registry.models import Deliberation


def get_document(request: HttpRequest, pk: int) -> IssuedDocument:
    """An issued document one may read, with its sitting."""
    return get_issued(request, pk)


def get_register(request: HttpRequest, pk: int) -> Body:
    """A body whose register one may read: whoever reads its sittings."""
    body = get_body(request, pk)
    if not reads_sittings_of(request.user, body):
        raise PermissionDenied
    return body


def may_keep(request: HttpRequest, document: IssuedDocument) -> bool:
    """Whether the account prepares signatures and keeps the sheets signed by hand."""
    return can_write(request.user, document.meeting)


def place_of(request: HttpRequest, document: IssuedDocument, name: str) -> reading.Place:
    """A place of signature of this document, or 404."""
    for place in reading.places(document):
        if place.name == name:
            return place
    raise Http404


def get_deliberation(request: HttpRequest, pk: int, *, meeting: int) -> Deliberation:
    """A deliberation of this sitting, or 404."""
    found = Deliberation.objects.filter(pk=pk, meeting=meeting).select_related("body", "meeting")
    deliberation = found.first()
    if deliberation is None:
        raise Http404
    return deliberation
