"""Links without an account: shown once, kept as a fingerprint, gone with their sitting."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone

from law.findings import Refused
from live import access
from live.actions import equipping
from live.models import Screen, Tablet
from meetings.models import Meeting, SittingEvent
from members import links
from tests.live.conftest import EVERYBODY, refused
from tests.live.test_secret import dump, leaves
from tests.live.threads import at_once


def with_device(rf, meeting_pk: int, device: str, user=None):
    """A request from a browser that was told who it is."""
    response = access.remember(HttpResponse(), meeting_pk, device)
    request = rf.get("/")
    request.COOKIES.update({name: morsel.value for name, morsel in response.cookies.items()})
    request.user = user or AnonymousUser()
    request.session = {}
    return request


@pytest.fixture
def link(room, cast):
    """The personal link of Claire, not opened yet."""
    return equipping.make_tablet(room.meeting, mandate=cast.seat(cast.claire), by=room.by)


# --- Made once --------------------------------------------------------------------------------


def test_a_raw_link_is_shown_once_and_never_kept(room, cast):
    screen, raw = equipping.make_screen(room.meeting, by=room.by)
    tablet, other = equipping.make_tablet(room.meeting, mandate=cast.seat(cast.claire), by=room.by)
    assert min(len(raw), len(other)) >= 43
    kept = set(leaves(dump()))
    assert not {raw, other} & kept
    assert {screen.token_hash, tablet.token_hash} <= kept
    assert raw not in screen.token_hash


def test_links_are_not_alike(room):
    assert len({equipping.make_screen(room.meeting, by=room.by)[1] for _ in range(20)}) == 20


# --- The screen of the room -------------------------------------------------------------------


def test_a_screen_opens_its_sitting_and_no_guess_does(room):
    screen, raw = equipping.make_screen(room.meeting, by=room.by)
    assert access.get_screen(raw, at=room.clock) == screen
    for guess in ("", raw[:-1], raw + "A", raw.upper(), screen.token_hash, "é", "\x00", "a" * 9999):
        with pytest.raises(Http404):
            access.get_screen(guess, at=room.clock)


def test_a_screen_that_is_revoked_opens_nothing_and_the_others_are_told(room):
    screen, raw = equipping.make_screen(room.meeting, by=room.by)
    before = Meeting.objects.get(pk=room.meeting.pk).stamp
    equipping.revoke_screen(screen, by=room.by)
    with pytest.raises(Http404):
        access.get_screen(raw, at=room.clock)
    assert Meeting.objects.get(pk=room.meeting.pk).stamp > before
    revoked_at = Screen.objects.get().revoked_at
    equipping.revoke_screen(screen, by=room.by)
    assert Screen.objects.get().revoked_at == revoked_at


def test_links_end_twelve_hours_after_the_closing(room):
    _, raw = equipping.make_screen(room.meeting, by=room.by)
    room.close_meeting()
    closed = SittingEvent.objects.filter(kind="closed").values_list("recorded_at", flat=True)[0]
    clock = timezone.localtime(closed).replace(tzinfo=None)
    access.get_screen(raw, at=clock + timedelta(hours=11, minutes=59))
    with pytest.raises(Http404):
        access.get_screen(raw, at=clock + timedelta(hours=12, minutes=1))


def test_links_of_a_sitting_nobody_closed_end_two_days_later(room):
    _, raw = equipping.make_screen(room.meeting, by=room.by)
    planned = room.meeting.scheduled_for
    access.get_screen(raw, at=planned + timedelta(hours=47))
    with pytest.raises(Http404):
        access.get_screen(raw, at=planned + timedelta(hours=49))


def test_links_of_a_cancelled_sitting_open_nothing(room):
    _, raw = equipping.make_screen(room.meeting, by=room.by)
    Meeting.objects.update(stage=Meeting.Stage.CANCELLED)
    with pytest.raises(Http404):
        access.get_screen(raw, at=room.clock)


# --- The tablet of a delegate -----------------------------------------------------------------


def test_a_link_opens_on_one_device(room, link):
    tablet, raw = link
    device = links.new()
    opened = equipping.open_tablet(raw, device=device, at=room.clock)
    assert opened.opened_at is not None
    assert device not in opened.device_hash
    assert equipping.open_tablet(raw, device=device, at=room.clock) == tablet
    finding, *_ = refused(
        lambda: equipping.open_tablet(raw, device=links.new(), at=room.clock),
        "lien_deja_ouvert",
    )
    assert "secrétariat" in finding.remedy


def test_a_link_made_again_closes_the_first(room, link, cast):
    _, raw = link
    equipping.open_tablet(raw, device="d", at=room.clock)
    again, other = equipping.make_tablet(room.meeting, mandate=cast.seat(cast.claire), by=room.by)
    refused(lambda: equipping.open_tablet(raw, device="d", at=room.clock), "lien_ferme")
    equipping.open_tablet(other, device="d2", at=room.clock)
    assert Tablet.objects.filter(revoked_at=None).get() == again


def test_a_link_revoked_or_unknown_or_over(room, link):
    tablet, raw = link
    refused(lambda: equipping.open_tablet("x", device="d", at=room.clock), "lien_ferme")
    late = room.meeting.scheduled_for + timedelta(days=3)
    refused(lambda: equipping.open_tablet(raw, device="d", at=late), "lien_ferme")
    equipping.revoke_tablet(tablet, by=room.by)
    refused(lambda: equipping.open_tablet(raw, device="d", at=room.clock), "lien_ferme")


def test_links_for_all_who_have_none(room, link, cast):
    made = equipping.make_tablets(room.meeting, by=room.by)
    assert len(made) == 6
    assert cast.claire not in {tablet.mandate.person for tablet, _ in made}
    assert equipping.make_tablets(room.meeting, by=room.by) == []
    assert [t.mandate.person.last_name for t, _ in made][:2] == ["Arnaud", "Besson"]


def test_the_device_is_who_was_given_the_link(room, link, rf):
    _, raw = link
    device = links.new()
    equipping.open_tablet(raw, device=device, at=room.clock)
    seat = access.get_tablet(
        with_device(rf, room.meeting.pk, device), room.meeting.pk, at=room.clock
    )
    assert (seat.member, seat.meeting) == ("claire-caron", room.meeting)


def test_another_device_a_forged_cookie_and_a_revoked_link(room, link, rf):
    tablet, raw = link
    pk = room.meeting.pk
    device = links.new()
    equipping.open_tablet(raw, device=device, at=room.clock)

    def is_refused(request) -> bool:
        with pytest.raises(Http404):
            access.get_tablet(request, pk, at=room.clock)
        return True

    assert is_refused(with_device(rf, pk, links.new()))
    forged = with_device(rf, pk, device)
    forged.COOKIES[access.cookie_name(pk)] = device
    assert is_refused(forged)
    # The cookie of one sitting, renamed for another.
    moved = with_device(rf, pk + 1, device)
    moved.COOKIES[access.cookie_name(pk)] = moved.COOKIES.pop(access.cookie_name(pk + 1))
    assert is_refused(moved)
    ours = with_device(rf, pk, device)
    equipping.revoke_tablet(tablet, by=room.by)
    assert is_refused(ours)


def test_a_device_of_another_sitting_is_nobody_here(room, link, rf, cast):
    _, raw = link
    equipping.open_tablet(raw, device="d", at=room.clock)
    other = Meeting.objects.create(body=cast.bureau, held_on="2026-06-09", starts_at="09:00")
    with pytest.raises(Http404):
        access.get_tablet(with_device(rf, other.pk, "d"), other.pk, at=room.clock)


def test_the_device_is_forgotten_with_the_sitting(room, link, rf):
    _, raw = link
    equipping.open_tablet(raw, device="d", at=room.clock)
    late = room.meeting.scheduled_for + timedelta(days=3)
    with pytest.raises(Http404):
        access.get_tablet(with_device(rf, room.meeting.pk, "d"), room.meeting.pk, at=late)


def test_the_cookie_of_a_device_is_kept_from_scripts_and_other_sites(room, settings):
    settings.SESSION_COOKIE_SECURE = True
    cookie = access.remember(HttpResponse(), 7, "d").cookies["tablette-7"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    assert cookie["path"] == "/seances/"
    assert cookie.value != "d"


def test_a_delegate_signed_in_needs_no_link(room, rf, cast):
    request = rf.get("/")
    request.user, request.session = cast.delegate, {}
    assert access.get_tablet(request, room.meeting.pk, at=room.clock).member == "claire-caron"


def test_an_account_that_does_not_sit_there(room, rf, cast):
    request = rf.get("/")
    request.session = {}
    for user, error in (
        (cast.secretariat, PermissionDenied),
        (cast.other_delegate, Http404),
        (cast.stranger, Http404),
        (AnonymousUser(), Http404),
    ):
        request.user = user
        with pytest.raises(error):
            access.get_tablet(request, room.meeting.pk, at=room.clock)


# --- The console ------------------------------------------------------------------------------


def test_the_console_is_of_who_keeps_the_sitting(room, rf, cast):
    request = rf.get("/")
    request.session = {}
    request.user = cast.secretariat
    assert access.get_console(request, room.meeting.pk) == room.meeting
    for user, error in (
        (cast.delegate, PermissionDenied),
        (cast.administration, PermissionDenied),
        (cast.other_secretariat, Http404),
        (cast.stranger, Http404),
    ):
        request.user = user
        with pytest.raises(error):
            access.get_console(request, room.meeting.pk)


def test_a_cancelled_sitting_has_no_console(room, rf, cast):
    Meeting.objects.update(stage=Meeting.Stage.CANCELLED)
    request = rf.get("/")
    request.user, request.session = cast.secretariat, {}
    with pytest.raises(Http404):
        access.get_console(request, room.meeting.pk)


# --- At once ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_devices_open_one_link_at_once_and_one_does(room, link):
    _, raw = link

    def send(device):
        try:
            return equipping.open_tablet(raw, device=device, at=room.clock).device_hash
        except Refused:
            return None

    opened = [answer for answer in at_once(send, EVERYBODY[:5]) if answer]
    assert len(opened) == 1
    assert Tablet.objects.get().device_hash == opened[0]


@pytest.mark.django_db(transaction=True)
def test_a_link_made_twice_at_once_leaves_one_living(room, cast):
    mandate = cast.seat(cast.claire)

    def send(_):
        meeting = Meeting.objects.get(pk=room.meeting.pk)
        return equipping.make_tablet(meeting, mandate=mandate, by=room.by)[1]

    raws = at_once(send, range(4))
    assert len(set(raws)) == 4
    assert Tablet.objects.filter(revoked_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_links_opened_and_made_again_at_once_wait_for_each_other(room, link, cast):
    """Whoever writes takes the sitting first: no two wait for each other for ever."""
    tablet, raw = link
    mandate = cast.seat(cast.claire)

    def send(what):
        try:
            if what == "open":
                return equipping.open_tablet(raw, device="d", at=room.clock)
            if what == "revoke":
                return equipping.revoke_tablet(tablet, by=room.by)
            meeting = Meeting.objects.get(pk=room.meeting.pk)
            return equipping.make_tablet(meeting, mandate=mandate, by=room.by)
        except Refused:
            return None

    at_once(send, ["open", "make", "revoke"] * 4)
    assert Tablet.objects.filter(revoked_at=None).count() == 1
