"""Who may read a register, keep the keys of an organisation, look at what was handed in.

A register is read by whoever reads the sittings of its body. Keys are the business of the
administration, and of each for his own. A signature handed in is looked at by a second person.
"""

from datetime import MAXYEAR, MINYEAR, date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone

from documents.access import get_issued
from meetings.access import can_write
from members import access
from members.access import get_body, reads_sittings_of
from members.models import Body, Role, User
from registry.models import Deposit, FollowUp, SigningKey


def get_register(request: HttpRequest, pk: int, year: int | None = None) -> Body:
    """A body whose register one may read: whoever reads its sittings, to the last of that year (of
    today, when no year is said): who left in the middle of it reads the papers one by one."""
    body = get_body(request, pk)
    last = timezone.localdate()
    if year is not None and not MINYEAR <= year <= MAXYEAR:
        raise Http404
    if year is not None and year < last.year:
        last = date(year, 12, 31)
    if not reads_sittings_of(request.user, body, last):
        raise PermissionDenied
    # It tells of persons: what one decides of somebody is not every deputy's.
    is_kept = access.has_role(request.user, body.organisation, *access.CLERKS)
    if body.kind == Body.Kind.ORDERS and not (is_kept or access.presides(request.user, body, last)):
        raise PermissionDenied
    return body


def get_follow_up(request: HttpRequest, pk: int) -> FollowUp:
    """Something to be carried out, for the secretariat of its body."""
    related = "item__meeting__body__organisation"
    row = FollowUp.objects.select_related(related).filter(pk=pk).first()
    if row is None:
        raise Http404
    access.choose(request, row.item.meeting.organisation)
    if not can_write(request.user, row.item.meeting):
        raise PermissionDenied
    return row


def get_key(request: HttpRequest, pk: int, *, to: str = "end") -> SigningKey:
    """A key of an organisation whose administration one is; `to="end"`: one’s own as well."""
    related = SigningKey.objects.select_related("organisation", "person", "bound_by")
    key = related.filter(pk=pk).first()
    if key is None:
        raise Http404
    access.choose(request, key.organisation)
    is_own = to == "end" and key.person is not None and key.person.user_id == request.user.pk
    if not is_own and not access.has_role(request.user, key.organisation, Role.Kind.ADMINISTRATION):
        raise PermissionDenied
    return key


def get_deposit(request: HttpRequest, pk: int, deposit: int, *, to: str = "read") -> Deposit:
    """A signature handed in for a document one may read.

    `to="read"`, and to set it aside: who keeps the papers, the signer, whoever handed it in.
    `to="confirm"`: the first two, the signer for a sheet signed by hand only.
    """
    document = get_issued(request, pk)
    found = document.deposits.select_related("person", "deposited_by", "settled_by")
    row = found.filter(pk=deposit).first()
    if row is None:
        raise Http404
    row.document = document
    allowed = may_confirm(request.user, row)
    if to == "read":
        allowed = allowed or _is_signer(request.user, row) or row.deposited_by == request.user
    if not allowed:
        raise PermissionDenied
    return row


def may_confirm(user: User, deposit: Deposit) -> bool:
    """Whether it is this account’s business to recognise a signature that was handed in. That it
    did not hand it in itself is for the verb to say."""
    meeting = deposit.document.meeting
    if can_write(user, meeting):
        return True
    if access.has_role(user, meeting.organisation, Role.Kind.ADMINISTRATION):
        return True
    return deposit.is_by_hand and _is_signer(user, deposit)


def _is_signer(user: User, deposit: Deposit) -> bool:
    return deposit.person is not None and deposit.person.user_id == user.pk
