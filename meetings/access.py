"""Who may see and do what with a sitting: the fetchers its views get their objects from.

Secrétariat writes. Administration reads everything. A delegate knows of the sittings of the bodies
in which he sits, and reads them from the convocation on; who sits there no more reads those of his
mandate, nothing that comes after. A stranger to the organisation
gets 404, a colleague without the right 403.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest
from django.utils import timezone

from law import codec
from law.acts import Nature
from law.sitting import ActTaken
from meetings import briefs, composition
from meetings.models import AgendaItem, Attachment, Meeting, RecurringItem, SittingEvent
from members import access
from members.models import Mandate, Person, Role, User
from members.statements import Statement

_TAKEN = next(kind for kind, event in codec.KINDS.items() if event is ActTaken)


def can_write(user: User, meeting: Meeting) -> bool:
    """Only the secretariat of the organisation keeps its sittings."""
    return access.has_role(user, meeting.organisation, Role.Kind.SECRETARIAT)


def get_meeting(request: HttpRequest, pk: int, *, to: str = "read") -> Meeting:
    """The sitting with its body and organisation: to `know` that it will be held, where and when;
    to `read` what it is about; or to `write`. Who neither prepares it nor presides is not given the
    points that no convocation announced yet."""
    return _fetched(request, _SITTING.first(pk=pk), to=to)


def get_occasion(request: HttpRequest, pk: int, *, to: str = "read") -> Meeting:
    """The same, of a sitting or of an act that one takes alone: for the pages of what either
    leaves, papers, transmissions, publications."""
    return _fetched(request, _OCCASION.first(pk=pk), to=to)


def get_act(request: HttpRequest, pk: int, *, to: str = "read") -> Meeting:
    """An act that one takes alone: a colleague who does not decide so does not read it before it
    is published."""
    return _fetched(request, _ACT.first(pk=pk), to=to)


def reads(user: User, meeting: Meeting) -> bool:
    """Whether the account may read this sitting, or this act that one takes alone: an individual
    one, which tells of a person, only where it is hers, who presides, or keeps it. Once online,
    its public page is everybody's."""
    if not access.reads_sittings_of(user, meeting.body, meeting.held_on):
        return False
    taken = meeting.sitting.taken if meeting.is_alone else None
    if (
        taken is None
        or taken.nature is not Nature.INDIVIDUAL
        or access.has_role(user, meeting.organisation, *access.CLERKS)
        or access.presides(user, meeting.body, meeting.held_on)
    ):
        return True
    author = meeting.basis.composition.someone(taken.author)
    return Mandate.objects.filter(pk=author.mandate, person__user=user).exists()


def individual(meeting: str, *, user: User) -> Exists:
    """The same as a condition on rows that lead to a sitting by this name: it is an individual act,
    that somebody else took. Of two who bear one name, neither is taken for the other."""
    told = SittingEvent.objects.filter(meeting=OuterRef(meeting), kind=_TAKEN)
    deputies = Mandate.objects.filter(person__user=user, office=Mandate.Office.VICE_CHAIR)
    same = {name: OuterRef(name) for name in ("organisation", "first_name", "last_name")}
    namesakes = Person.objects.filter(**same).exclude(pk=OuterRef("pk"))
    people = Person.objects.filter(~Exists(namesakes), pk__in=deputies.values("person"))
    keys = {composition.plain_key(person) for person in people}
    return Exists(
        told.filter(payload__nature=Nature.INDIVIDUAL.value).exclude(payload__author__in=keys)
    )


def _found(rows: QuerySet[Meeting]) -> Statement[Meeting]:
    joined = rows.select_related("body__organisation", "second_call_of").order_by()
    return Statement(lambda pk: joined.filter(pk=pk), pk=int)


_SITTING, _OCCASION = _found(Meeting.objects.all()), _found(Meeting.every.all())
_ACT = _found(Meeting.every.filter(kind=Meeting.Kind.ACT))


def _fetched(request: HttpRequest, meeting: Meeting | None, *, to: str) -> Meeting:
    if meeting is None:
        raise Http404
    access.choose(request, meeting.organisation)
    if to == "write":
        allowed = can_write(request.user, meeting)
    else:
        allowed = reads(request.user, meeting)
        allowed = allowed and (to == "know" or may_read_files(request.user, meeting))
    if not allowed:
        raise PermissionDenied
    if not meeting.was_opened and not reads_drafts(request.user, meeting):
        briefs.withhold(meeting, on=timezone.localdate())
    return meeting


def get_item(request: HttpRequest, pk: int, key: str, *, to: str = "read") -> AgendaItem:
    """An item of a sitting one may reach; `item.meeting` is the fetched sitting."""
    return _item(get_meeting(request, pk, to=to), key)


def get_joined(request: HttpRequest, pk: int, key: str) -> AgendaItem:
    """The same of a sitting or of an act that one takes alone, to whoever joins files to it."""
    return _item(get_occasion(request, pk, to="write"), key)


def _item(meeting: Meeting, key: str) -> AgendaItem:
    if key not in meeting.agenda:
        raise Http404
    item = meeting.agenda[key].item
    item.meeting = meeting
    # Links to the items it examines, and to those that examine it, name their sittings.
    prefetch_related_objects([item], "examines__meeting", "examined_in__meeting__body", "approves")
    return item


def reads_drafts(user: User, meeting: Meeting) -> bool:
    """Whether the account may read what no convocation announced yet: whoever prepares it, and who
    presides, in whose name it is convened and who settles its agenda (art. L2121-10)."""
    is_theirs = access.has_role(user, meeting.organisation, *access.CLERKS)
    return is_theirs or access.presides(user, meeting.body, meeting.held_on)


def may_read_files(user: User, meeting: Meeting) -> bool:
    """Whether who knows of this sitting may read its agenda, notes, drafts and attachments too:
    `reads_drafts` while they are written, the delegates from the convocation on.
    """
    if reads_drafts(user, meeting):
        return True
    return briefs.is_released(meeting, on=timezone.localdate())


def get_attachment(request: HttpRequest, pk: int, *, to: str = "read") -> Attachment:
    """A file joined to an item of a sitting one may reach, with that sitting."""
    found = Attachment.objects.select_related("item").filter(pk=pk).first()
    if found is None:
        raise Http404
    meeting = get_occasion(request, found.item.meeting_id, to=to)
    if found.item.key not in meeting.agenda:
        raise PermissionDenied
    found.item.meeting = meeting
    return found


def get_habit(request: HttpRequest, pk: int, habit: int) -> RecurringItem:
    """A recurring item of a body whose agendas one may prepare."""
    body = access.get_body(request, pk, to="keep")
    found = RecurringItem.objects.filter(body=body, pk=habit).first()
    if found is None:
        raise Http404
    found.body = body
    return found


def meetings_read_by(request: HttpRequest) -> QuerySet[Meeting]:
    """The sittings of the current organisation that the account may read."""
    organisation = access.organisation_of(request)
    if organisation is None:
        return Meeting.objects.none()
    within = access.sittings_within(request.user, organisation)
    return Meeting.objects.filter(within).select_related("body").distinct()
