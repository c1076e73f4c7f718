"""Who may open what of a sitting being held: the console by account, screens by secret links.

Links end with their sitting: twelve hours after it was closed, or two days after it should have
begun when nobody closed it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from law.assembly import Composition
from law.findings import refusal
from live.models import Screen, Tablet
from meetings import access as meetings_access
from meetings.models import Meeting, SittingEvent
from members import links
from members.models import Mandate
from members.statements import Statement

AFTER_CLOSING = timedelta(hours=12)
NEVER_CLOSED = timedelta(days=2)
_SALT = "live.access.tablet"


def get_console(request: HttpRequest, pk: int) -> Meeting:
    """The sitting, for who keeps it: 404 to strangers, 403 to colleagues."""
    meeting = meetings_access.get_meeting(request, pk, to="write")
    if meeting.stage == Meeting.Stage.CANCELLED:
        raise Http404
    return meeting


def is_over(meeting: Meeting, *, at: datetime) -> bool:
    """Whether the links of this sitting open nothing any more; `at` is the clock of the room."""
    if meeting.stage == Meeting.Stage.CANCELLED:
        return True
    if meeting.stage in (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED):
        closed = SittingEvent.objects.filter(meeting=meeting, kind="closed").order_by("-seq")
        recorded = closed.values_list("recorded_at", flat=True).first()
        return recorded is None or timezone.make_aware(at) > recorded + AFTER_CLOSING
    return at > meeting.scheduled_for + NEVER_CLOSED


_MEETING = "meeting__body__organisation"
_OF_DEVICE = Statement(
    lambda meeting, device: (
        Tablet.objects.select_related("meeting", "mandate__person__user")
        .filter(meeting=meeting, revoked_at=None, device_hash=device)
        .order_by()
    ),
    meeting=int,
    device=str,
)


def get_screen(token: str, *, at: datetime) -> Screen:
    """The room screen of this secret link; 404 for one unknown, revoked or over."""
    screen = links.find(Screen.objects.select_related(_MEETING), token, revoked_at=None)
    if screen is None or is_over(screen.meeting, at=at):
        raise Http404
    return screen


def find_tablet(token: str, *, at: datetime) -> Tablet:
    """The personal link; raises `Refused` in words that tell the delegate what to do."""
    tablet = links.find(Tablet.objects.select_related(_MEETING, "mandate__person__user"), token)
    if (
        tablet is None
        or tablet.revoked_at is not None
        or is_over(tablet.meeting, at=at)
        or not tablet.mandate.opens(tablet.meeting.held_on)
    ):
        raise refusal(
            "lien_ferme",
            "Ce lien n’ouvre plus rien : il a été remplacé, ou la séance est terminée.",
            remedy="Demandez un nouveau lien au secrétariat.",
        )
    return tablet


def get_public(pk: int, *, at: datetime) -> Meeting:
    """The sitting that anybody may follow; 404 unless it is public and its page was opened."""
    meeting = (
        Meeting.objects.lasting()
        .select_related("body__organisation")
        .filter(pk=pk, equipment__public_page=True)
        .first()
    )
    if meeting is None or is_over(meeting, at=at) or not meeting.regime.sittings_public:
        raise Http404
    return meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The secret links that open a sitting at one of its stamps, read once for all screens.

    One that is not in it may have been made since: it is then looked up. To revoke one changes
    the stamp.
    """

    meeting: Meeting
    screens: frozenset[str]  # fingerprints of tokens
    devices: Mapping[str, int]  # fingerprint of a device → primary key of a mandate

    def open_screen(self, token: str, *, at: datetime) -> bool:
        """Whether this token opens the screen of the room now."""
        return links.hash_of(token) in self.screens and not is_over(self.meeting, at=at)

    def mandates(self, request: HttpRequest, *, at: datetime) -> frozenset[int]:
        """The mandate of whoever holds this device; empty when no link opened it."""
        device = device_of(request, self.meeting.pk)
        mandate = self.devices.get(links.hash_of(device)) if device else None
        if mandate is None or is_over(self.meeting, at=at):
            return frozenset()
        return frozenset([mandate])


def keys(meeting: Meeting) -> Keys:
    """Two queries, unordered: to sort by what a row leans on joins five tables, at each vote.

    `meeting` is kept: give one that nobody else changes.
    """
    screens, living = (each.all(meeting=meeting.pk) for each in (_SCREENS, _OPENED))
    return Keys(
        meeting=meeting,
        screens=frozenset(screen.token_hash for screen in screens),
        devices={tablet.device_hash: tablet.mandate_id for tablet in living},
    )


_SCREENS = Statement(
    lambda meeting: (
        Screen.objects.filter(meeting=meeting, revoked_at=None).only("token_hash").order_by()
    ),
    meeting=int,
)
_OPENED = Statement(
    lambda meeting: (
        Tablet.objects.filter(meeting=meeting, revoked_at=None)
        .exclude(Q(device_hash="") | Q(mandate__person__user__is_active=False))
        .only("device_hash", "mandate")
        .order_by()
    ),
    meeting=int,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a tablet, by link or by account: his mandates, and once one asked the composition
    of the sitting, his key in it."""

    meeting: Meeting
    mandates: frozenset[int]
    tablet: Tablet | None = None
    member: str = ""


def member_of(mandates: Collection[int], composition: Composition) -> str:
    """Key of the member who sits by one of these mandates; 403 when there is none."""
    for member in composition.members:
        if member.mandate in mandates:
            return member.key
    raise PermissionDenied


def get_tablet(request: HttpRequest, pk: int, *, at: datetime) -> Holder:
    """The delegate who holds this device, see `get_holder`; 403 for one who is not in the
    composition of that day."""
    holder = get_holder(request, pk, at=at)
    member = member_of(holder.mandates, holder.meeting.basis.composition)
    return replace(holder, member=member)


def get_holder(request: HttpRequest, pk: int, *, at: datetime) -> Holder:
    """Who holds this device: its cookie first, otherwise the account signed in. The ledger is
    not read, for a hundred tablets ask at each vote.

    404 for anybody else, and once the sitting is over.
    """
    tablet = _tablet_of_device(request, pk)
    if tablet is not None:
        if is_over(tablet.meeting, at=at) or not tablet.mandate.opens(tablet.meeting.held_on):
            raise Http404
        mandates = frozenset([tablet.mandate_id])
        return Holder(meeting=tablet.meeting, mandates=mandates, tablet=tablet)
    if not request.user.is_authenticated:
        raise Http404
    meeting = meetings_access.get_meeting(request, pk, to="know")
    if is_over(meeting, at=at):
        raise Http404
    held = Mandate.objects.filter(body=meeting.body_id, person__user=request.user)
    return Holder(meeting=meeting, mandates=frozenset(held.values_list("pk", flat=True)))


# --- The device of a tablet -------------------------------------------------------------------


def cookie_name(meeting_pk: int) -> str:
    """The cookie by which a browser is known as a device of this sitting."""
    return f"tablette-{meeting_pk}"


def device_of(request: HttpRequest, meeting_pk: int) -> str:
    """The device that this browser is for the sitting, "" if it opened no link."""
    return request.get_signed_cookie(cookie_name(meeting_pk), default="", salt=_SALT)


def remember(response: HttpResponse, meeting_pk: int, device: str) -> HttpResponse:
    """Let this browser be known as `device`, for this sitting only."""
    response.set_signed_cookie(
        cookie_name(meeting_pk),
        device,
        salt=_SALT,
        max_age=int(NEVER_CLOSED.total_seconds()),
        path="/seances/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _tablet_of_device(request: HttpRequest, pk: int) -> Tablet | None:
    device = device_of(request, pk)
    if not device:
        return None
    return _OF_DEVICE.first(meeting=pk, device=links.hash_of(device))
