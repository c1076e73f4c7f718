"""Who may see what was sent: the fetchers of the ledger and of the mails kept.

Secretariat and administration read; only the secretariat sends. A stranger gets 404, a colleague
without the right 403.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.models import Letter
from convening.models import Convocation, Notice, OutboxMail, Recipient
from meetings.access import can_write, get_meeting
from meetings.models import Meeting
from members import access
from members.access import CLERKS
from members.models import Role, User


def _allowed(request: HttpRequest, organisation, to: str) -> None:
    access.choose(request, organisation)
    kinds = CLERKS if to == "read" else {Role.Kind.SECRETARIAT}
    if not access.has_role(request.user, organisation, *kinds):
        raise PermissionDenied


def reads_answers(user: User, meeting: Meeting) -> bool:
    """Whether the account may know who comes before the sitting begins: whoever prepares it, and
    who presides over it."""
    presides = access.presides(user, meeting.body, meeting.held_on)
    return can_write(user, meeting) or presides


def get_answered(request: HttpRequest, pk: int) -> Meeting:
    """A sitting of which one may know who comes."""
    meeting = get_meeting(request, pk, to="know")
    if not reads_answers(request.user, meeting):
        raise PermissionDenied
    return meeting


def get_convocation(request: HttpRequest, pk: int, *, to: str = "read") -> Convocation:
    """A convocation that was dispatched, with its sitting; for `to="read"` or `to="write"`."""
    found = (
        Convocation.objects.select_related(
            "meeting__body__organisation", "meeting__second_call_of", "dispatched_by"
        )
        .exclude(stage=Convocation.Stage.DRAFT)
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    _allowed(request, found.meeting.organisation, to)
    return found


def get_recipient(request: HttpRequest, pk: int, *, to: str = "read") -> Recipient:
    """A row of the ledger, with all that its page shows."""
    found = (
        Recipient.objects.select_related(
            "convocation__meeting__body__organisation",
            "convocation__meeting__second_call_of",
            "mandate__person",
            "mandate__replaces__person",
            "community",
            "queued_by",
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    _allowed(request, found.convocation.meeting.organisation, to)
    return found


def outbox_of(request: HttpRequest) -> QuerySet[OutboxMail]:
    """The mails kept that the account may read: those of the current organisation.

    The administration also reads those that the site sent to its accounts (a forgotten password);
    not those of a superuser, whose link would open everything.
    """
    organisation = access.organisation_of(request)
    if organisation is None:  # who has no role has no mail of anybody's
        return OutboxMail.objects.none()
    allowed = Q(organisation=organisation)
    if access.has_role(request.user, organisation, Role.Kind.ADMINISTRATION):
        accounts = User.objects.filter(roles__organisation=organisation, is_superuser=False)
        allowed |= Q(organisation=None, recipient__in=accounts.values("email"))
    return OutboxMail.objects.filter(allowed)


def count_to_keep(request: HttpRequest) -> int:
    """How many mails that the account may read are about to be kept: nobody wrote them yet."""
    organisation = access.organisation_of(request)
    if organisation is None:
        return 0
    now, meetings = timezone.now(), Meeting.objects.filter(body__organisation=organisation)
    count = Recipient.objects.waiting(now).filter(convocation__meeting__in=meetings).count()
    count += Notice.objects.waiting(now).filter(meeting__in=meetings).count()
    if access.has_role(request.user, organisation, Role.Kind.ADMINISTRATION):
        accounts = User.objects.filter(roles__organisation=organisation, is_superuser=False)
        count += Letter.objects.waiting(now).filter(to__in=accounts.values("email")).count()
    return count


def get_mail(request: HttpRequest, pk: int) -> OutboxMail:
    """One of the mails kept."""
    found = OutboxMail.objects.select_related("organisation").filter(pk=pk).first()
    if found is None:
        raise Http404
    if found.organisation is not None:
        _allowed(request, found.organisation, "read")
    elif not outbox_of(request).filter(pk=pk).exists():
        raise Http404
    return found


def get_stuck_notice(request: HttpRequest, pk: int) -> Notice:
    """A mail about a sitting that no server took, for who writes there."""
    rows = Notice.objects.stuck().select_related("meeting__body__organisation")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    _allowed(request, found.meeting.organisation, "write")
    return found


def get_stuck_letter(request: HttpRequest, pk: int) -> Letter:
    """A mail to an account that no server took, for who runs an organisation of that account."""
    found = Letter.objects.stuck().filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.user.is_superuser:
        return found
    account = User.objects.by_address(found.to)
    shared = set(access.organisations_of(request.user))
    shared &= set(access.organisations_of(account)) if account else set()
    if not shared:
        raise Http404
    if not shared & set(access.organisations_run_by(request.user)):
        raise PermissionDenied
    return found
