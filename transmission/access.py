"""Who may see and do what of a transmission: the secretariat of the organisation, and nobody else.

A stranger to the organisation gets 404, a colleague without the role 403.
"""

from django.http import Http404, HttpRequest

from documents.models import IssuedDocument
from meetings.access import get_occasion
from registry.models import Deliberation, Folder
from transmission.models import Exchange, Transmission


def get_act(request: HttpRequest, pk: int) -> Deliberation:
    """An act of a sitting that the account keeps; `meeting` is the fetched sitting."""
    found = Deliberation.objects.select_related("item", "body__organisation").filter(pk=pk).first()
    if found is None:
        raise Http404
    found.meeting = get_occasion(request, found.meeting_id, to="write")
    return found


def get_sending(request: HttpRequest, pk: int) -> Transmission:
    """A sending of an act of a sitting that the account keeps."""
    related = "document", "sheet__deliberation__item", "replaces__document__meeting"
    found = Transmission.objects.select_related(*related).filter(pk=pk).first()
    if found is None:
        raise Http404
    found.document.meeting = get_occasion(request, found.document.meeting_id, to="write")
    found.sheet.deliberation.meeting = found.document.meeting
    return found


def to_write(request: HttpRequest, document: IssuedDocument) -> IssuedDocument:
    """A document of a sitting, or of an act taken alone, that the account keeps."""
    document.meeting = get_occasion(request, document.meeting_id, to="write")
    return document


def get_folder(request: HttpRequest, pk: int) -> Folder:
    """What was sent to a parapheur of a sitting that the account keeps."""
    found = Folder.objects.select_related("document", "sent_by", "settled_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    to_write(request, found.document)
    return found


def get_exchange(request: HttpRequest, pk: int) -> Exchange:
    """A message about such a sending."""
    found = Exchange.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    found.transmission = get_sending(request, found.transmission_id)
    return found
