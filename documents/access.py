"""Who may see a paper. The secretariat previews and issues; whoever reads the sittings of a body
reads what was issued of them, superseded versions included. Strangers get 404, colleagues 403.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest

from documents.models import IssuedDocument, IssuedDocumentQuerySet
from meetings import composition
from meetings.access import can_write, get_meeting, individual, reads
from meetings.models import Meeting
from members import access
from members.models import Organisation, Person, User


def get_issued(request: HttpRequest, pk: int) -> IssuedDocument:
    """An issued document with its sitting, body and organisation: one query."""
    document = (
        IssuedDocument.objects.select_related(
            "meeting__body__organisation", "issued_by", "superseded_by", "supersedes"
        )
        .filter(pk=pk)
        .first()
    )
    if document is None:
        raise Http404
    access.choose(request, document.meeting.organisation)
    if not reads(request.user, document.meeting):
        raise PermissionDenied
    return document


def get_attended(request: HttpRequest, pk: int, key: str) -> Meeting:
    """A sitting whose attendance the account may have certified: that of the member of this `key`
    by himself, that of anybody by the secretariat."""
    meeting = get_meeting(request, pk)
    members = meeting.basis.composition
    if key not in members:
        raise Http404
    if not can_write(request.user, meeting):
        own = Person.objects.filter(user=request.user, organisation=meeting.organisation).first()
        if own is None or composition.key_of(members, own) != key:
            raise PermissionDenied
    return meeting


def papers_within(
    user: User, organisation: Organisation, *, meeting: str, body: str, held_on: str
) -> Q:
    """A condition on rows that lead, by these names, to a sitting or to an act that one takes
    alone, to its body and to its day: that the account may read its papers. Rows come several
    times: ask for `distinct`."""
    names = {"body": body, "held_on": held_on}
    return access.sittings_within(user, organisation, **names) | access.acts_within(
        user, organisation, **names, private=lambda: individual(meeting, user=user)
    )


def documents_read_by(request: HttpRequest) -> IssuedDocumentQuerySet:
    """The versions in force that the account may read in the current organisation."""
    organisation = access.organisation_of(request)
    if organisation is None:
        return IssuedDocument.objects.none()
    names = {"meeting": "meeting", "body": "meeting__body", "held_on": "meeting__held_on"}
    return (
        IssuedDocument.objects.current()
        .filter(papers_within(request.user, organisation, **names))
        .select_related("meeting__body")
        .defer("content")
        .distinct()
    )
