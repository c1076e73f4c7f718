"""Links without an account: shown once, kept as a fingerprint, gone with their sitting."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.utils import timezone

from live import access
from live.actions import equipping
from live.models import Screen, Tablet
from meetings.models import Meeting, SittingEvent
from members import links
from tests.live.conftest import EVERYBODY, refused
from tests.live.test_secret import dump, leaves
from tests.live.threads import raced

pytestmark = pytest.mark.database


def with_device(rf, meeting_pk: int, device: str):
    """A request from a browser that was told who it is."""
    response = access.remember(HttpResponse(), meeting_pk, device)
    request = rf.get("/")
    request.COOKIES.update({name: morsel.value for name, morsel in response.cookies.items()})
    request.user, request.session = AnonymousUser(), {}
    return request


@pytest.fixture
def link(room, cast):
    """The personal link of Claire, not opened yet."""
    return equipping.make_tablet(room.meeting, mandate=cast.seat(cast.claire), by=room.by)


def test_a_screen_opens_its_sitting_until_it_is_revoked_and_no_guess_does(room, link):
    (screen, raw), (tablet, other) = room.make_screen(), link
    assert min(len(raw), len(other)) >= 43
    kept = set(leaves(dump()))  # a raw link is shown once and never kept
    assert not {raw, other} & kept
    assert {screen.token_hash, tablet.token_hash} <= kept
    assert raw not in screen.token_hash
    assert len({room.make_screen()[1] for _ in range(20)}) == 20
    assert access.get_screen(raw, at=room.clock) == screen
    for guess in ("", raw[:-1], raw + "A", raw.upper(), screen.token_hash, "é", "\x00", "a" * 9999):
        with pytest.raises(Http404):
            access.get_screen(guess, at=room.clock)
    before = Meeting.objects.get(pk=room.meeting.pk).stamp
    equipping.revoke_screen(screen, by=room.by)
    with pytest.raises(Http404):
        access.get_screen(raw, at=room.clock)
    assert Meeting.objects.get(pk=room.meeting.pk).stamp > before
    revoked_at = Screen.objects.get(pk=screen.pk).revoked_at
    equipping.revoke_screen(screen, by=room.by)
    assert Screen.objects.get(pk=screen.pk).revoked_at == revoked_at
    assert [deed.verb for deed in room.meeting.deeds.all()].count("screen-revoked") == 1


def test_links_end_with_their_sitting(room, rf, cast):
    """Twelve hours after its closing, two days after its hour when nobody closed it."""
    _, raw = equipping.make_screen(room.meeting, by=room.by)

    def ends(at, *, after: timedelta) -> None:
        access.get_screen(raw, at=at + after - timedelta(minutes=1))
        with pytest.raises(Http404):
            access.get_screen(raw, at=at + after + timedelta(minutes=1))

    ends(room.meeting.scheduled_for, after=timedelta(days=2))
    room.close_meeting()
    closed = SittingEvent.objects.get(kind="closed").recorded_at
    ends(timezone.localtime(closed).replace(tzinfo=None), after=timedelta(hours=12))
    Meeting.objects.update(stage=Meeting.Stage.CANCELLED)
    with pytest.raises(Http404):
        access.get_screen(raw, at=room.clock)
    request = rf.get("/")
    request.user, request.session = cast.secretariat, {}
    with pytest.raises(Http404):
        access.get_console(request, room.meeting.pk)


def opened(raw: str, room, device: str = "d") -> Tablet:
    return equipping.open_tablet(raw, device=device, at=room.clock)


def test_a_link_opens_on_one_device_until_another_is_made(room, link, cast):
    tablet, raw = link
    device = links.new()
    assert opened(raw, room, device).opened_at is not None
    assert device not in Tablet.objects.get().device_hash
    assert opened(raw, room, device) == tablet
    finding, *_ = refused(lambda: opened(raw, room, links.new()), "lien_deja_ouvert")
    assert "secrétariat" in finding.remedy
    again, other = equipping.make_tablet(room.meeting, mandate=cast.seat(cast.claire), by=room.by)
    refused(lambda: opened(raw, room, device), "lien_ferme")
    opened(other, room, "d2")
    assert Tablet.objects.filter(revoked_at=None).get() == again
    refused(lambda: opened("x", room), "lien_ferme")
    late = room.meeting.scheduled_for + timedelta(days=3)
    refused(lambda: equipping.open_tablet(other, device="d2", at=late), "lien_ferme")
    equipping.revoke_tablet(again, by=room.by)
    refused(lambda: opened(other, room, "d2"), "lien_ferme")


def test_the_device_is_who_was_given_the_link_and_no_other_is(room, link, rf, cast):
    tablet, raw = link
    pk, device = room.meeting.pk, links.new()
    opened(raw, room, device)

    def holder(request, pk: int = pk, at=room.clock):
        return access.get_tablet(request, pk, at=at)

    ours = with_device(rf, pk, device)
    assert (holder(ours).member, holder(ours).meeting) == ("claire-caron", room.meeting)
    forged = with_device(rf, pk, device)
    forged.COOKIES[access.cookie_name(pk)] = device
    # The cookie of one sitting, renamed for another.
    moved = with_device(rf, pk + 1, device)
    moved.COOKIES[access.cookie_name(pk)] = moved.COOKIES.pop(access.cookie_name(pk + 1))
    other = Meeting.objects.create(body=cast.bureau, held_on="2026-06-09", starts_at="09:00")
    late = room.meeting.scheduled_for + timedelta(days=3)
    for request, of, at in (
        (with_device(rf, pk, links.new()), pk, room.clock),
        (forged, pk, room.clock),
        (moved, pk, room.clock),
        (with_device(rf, other.pk, device), other.pk, room.clock),
        (ours, pk, late),
    ):
        with pytest.raises(Http404):
            holder(request, of, at)
    equipping.revoke_tablet(tablet, by=room.by)
    with pytest.raises(Http404):
        holder(ours)


@pytest.mark.django_db(transaction=True)
def test_two_devices_open_one_link_at_once_and_one_does(room, link):
    _, raw = link

    (winner,), refusals = raced(lambda device: opened(raw, room, device).device_hash, EVERYBODY)
    assert refusals == {"lien_deja_ouvert"}
    assert Tablet.objects.get().device_hash == winner


@pytest.mark.django_db(transaction=True)
def test_links_opened_and_made_again_at_once_wait_for_each_other(room, link, cast):
    """Whoever writes takes the sitting first: no two wait for each other for ever."""
    tablet, raw = link
    mandate = cast.seat(cast.claire)

    def send(what):
        if what == "open":
            return opened(raw, room)
        if what == "revoke":
            return equipping.revoke_tablet(tablet, by=room.by)
        meeting = Meeting.objects.get(pk=room.meeting.pk)
        return equipping.make_tablet(meeting, mandate=mandate, by=room.by)

    done, _ = raced(send, ["open", "make", "revoke"] * 4)
    assert len({made[1] for made in done if isinstance(made, tuple)}) == 4
    assert Tablet.objects.filter(revoked_at=None).count() == 1
