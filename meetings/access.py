"""Who may see and do what with a sitting: the fetchers its views get their objects from.

Secrétariat writes. Administration reads everything. A delegate reads the sittings of the bodies
in which he sits or sat. A stranger to the organisation gets 404, a colleague without the right
403.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest

from meetings.models import AgendaItem, Meeting
from members import access
from members.models import Role, User


def can_write(user: User, meeting: Meeting) -> bool:
    """Only the secretariat of the organisation keeps its sittings."""
    return access.has_role(user, meeting.organisation, Role.Kind.SECRETARIAT)


def get_meeting(request: HttpRequest, pk: int, *, to: str = "read") -> Meeting:
    """The sitting with its body and organisation, for `to="read"` or `to="write"`."""
    meeting = (
        Meeting.objects.select_related("body__organisation", "second_call_of").filter(pk=pk).first()
    )
    if meeting is None:
        raise Http404
    access.choose(request, meeting.organisation)
    if to == "write":
        allowed = can_write(request.user, meeting)
    else:
        allowed = access.reads_sittings_of(request.user, meeting.body)
    if not allowed:
        raise PermissionDenied
    return meeting


def get_item(request: HttpRequest, pk: int, key: str, *, to: str = "read") -> AgendaItem:
    """An item of a sitting one may reach; `item.meeting` is the fetched sitting."""
    meeting = get_meeting(request, pk, to=to)
    if key not in meeting.agenda:
        raise Http404
    item = meeting.agenda[key].item
    item.meeting = meeting
    # Links to the items it examines, and to those that examine it, name their sittings.
    prefetch_related_objects([item], "examines__meeting", "examined_in__meeting__body", "approves")
    return item


def meetings_read_by(request: HttpRequest) -> QuerySet[Meeting]:
    """The sittings of the current organisation that the account may read."""
    organisation = access.organisation_of(request)
    if organisation is None:
        return Meeting.objects.none()
    bodies = access.bodies_read_by(request.user, organisation)
    return Meeting.objects.filter(body__in=bodies).select_related("body")
