"""Is my screen up to date? One query, nothing loaded, and nothing told to a stranger."""

from threading import Thread, current_thread

import pytest
from django.http import HttpResponse

from live import refresh
from live.models import Poll
from meetings.actions import texts
from meetings.models import Meeting
from tests.live.threads import at_once


def asking(rf, shown: str = "", session: str = "s1"):
    headers = {"If-None-Match": shown} if shown else {}
    request = rf.get("/", headers=headers)
    request.COOKIES["sessionid"] = session
    return request


def shown_to(rf, meeting, viewer: str) -> str:
    """The mark of what this viewer was shown."""
    request = asking(rf)
    assert refresh.unchanged(request, meeting.pk, viewer=viewer) is None
    return refresh.marked(request, HttpResponse())["ETag"]


def test_up_to_date_says_nothing_and_a_change_is_seen_once(room, rf, django_assert_num_queries):
    """Be it the words of a debate."""
    item = room.meeting.agenda["p1"].item
    for change in (
        lambda: room.leave(member="elsa-evrard"),
        lambda: texts.save_text(item, text="<p>Dit.</p>", version=0, by=room.by),
    ):
        mark = shown_to(rf, room.meeting, "console:s1")
        change()
        request = asking(rf, mark)
        assert refresh.unchanged(request, room.meeting.pk, viewer="console:s1") is None
        fresh = refresh.marked(request, HttpResponse("nouveau"))["ETag"]
        assert fresh != mark
        again = asking(rf, fresh)
        with django_assert_num_queries(1):
            answer = refresh.unchanged(again, room.meeting.pk, viewer="console:s1")
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", fresh)
        assert not hasattr(again, "session")
        assert not hasattr(again, "user")
    # What is told while the content is read is fetched once more.
    request = asking(rf)
    refresh.unchanged(request, room.meeting.pk, viewer="console:s1")
    room.leave(member="denis-duval")
    again = asking(rf, refresh.marked(request, HttpResponse())["ETag"])
    assert refresh.unchanged(again, room.meeting.pk, viewer="console:s1") is None


def test_a_mark_is_neither_guessed_nor_lent_nor_carried_to_another_sitting(room, rf, cast):
    def opens(given: str, viewer: str = "console:s1", pk: int = room.meeting.pk) -> bool:
        return refresh.unchanged(asking(rf, given), pk, viewer=viewer) is not None

    for given in ("*", '"', "", '""', "W/", 'x, "y"', '"0"', '"7"', "é" * 10_000):
        assert not opens(given)
    mark = shown_to(rf, room.meeting, "console:s1")
    for given in (mark, f"W/{mark}", f'"old", {mark}'):
        assert opens(given)
    assert not opens(mark, viewer="console:s2")
    assert not opens(mark, viewer="ecran:s1")
    other = Meeting.objects.create(body=cast.bureau, held_on="2026-06-10", starts_at="09:00")
    Meeting.objects.filter(pk=other.pk).update(stamp=room.meeting.stamp)
    assert not opens(mark, pk=other.pk)


def test_a_mark_says_nothing_of_the_stamp_and_needs_the_key(room, rf, settings):
    mark = refresh.mark_of(room.meeting.pk, "v", 1)
    assert len(mark) == len(refresh.mark_of(room.meeting.pk, "v", 10**9)) == 66
    settings.SECRET_KEY = "another"
    assert refresh.mark_of(room.meeting.pk, "v", 1) != mark


@pytest.mark.parametrize("pk", [0, 999_999, 2**63 - 1, 2**63, 10**40])
def test_a_sitting_that_does_not_exist_is_for_the_view_to_refuse(db, rf, pk):
    assert refresh.unchanged(asking(rf, '"x"'), pk, viewer="v") is None
    assert refresh.stamp_of(pk) is None


@pytest.mark.database
def test_a_vote_received_is_no_turn_of_the_sitting(tablets, django_assert_num_queries):
    """What opens, ends or moves is one, and is not waited for."""
    pk = tablets.meeting.pk
    with django_assert_num_queries(1):
        (seen,) = refresh.beats_of([pk, 999_999, 2**63]).values()
    turns = []
    for act in (
        lambda: tablets.open_poll(items=["p1"], mode="public", on_tablets=True),
        lambda: tablets.polled("cast", Poll.objects.get(), voter="elsa-evrard", choice="pour"),
        lambda: tablets.polled("proclaim", Poll.objects.get(), complete=True),
        lambda: tablets.leave(member="farid-faure"),
    ):
        act()
        was, seen = seen, refresh.beats_of([pk])[pk]
        assert seen.stamp > was.stamp
        turns.append(seen.turn != was.turn)
    assert turns == [True, False, True, True]
    assert refresh.beats_of([]) == refresh.beats_of([2**70]) == {}


def test_who_looks_is_told_by_the_cookie_alone(rf):
    """Without a database: this test has none."""
    assert refresh.viewer_of(asking(rf, session="abc"), "console") == "console:abc"


def test_what_is_built_is_kept_until_the_stamp_grows():
    built = []

    def build() -> str:
        built.append(len(built))
        return f"page {len(built)}"

    assert refresh.cached("ecran", 1, 7, build) == "page 1"
    assert refresh.cached("ecran", 1, 7, build) == "page 1"
    assert refresh.cached("ecran", 1, 8, build) == "page 2"
    assert refresh.cached("ecran", 1, 7, build) == "page 2"  # late, it is shown the newer one
    assert refresh.cached("mur", 1, 8, build) == "page 3"
    assert refresh.cached("ecran", 2, 8, build) == "page 4"


def test_asked_by_many_at_once_it_is_built_once(db):
    built = []

    def build() -> str:
        built.append(current_thread().name)
        return "page"

    assert at_once(lambda _: refresh.cached("ecran", 1, 1, build), range(20)) == ["page"] * 20
    assert len(built) == 1


def test_a_fault_while_building_is_not_kept():
    def fail() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        refresh.cached("ecran", 1, 1, fail)
    done = []
    thread = Thread(target=lambda: done.append(refresh.cached("ecran", 1, 1, lambda: "page")))
    thread.start()
    thread.join(5)
    assert done == ["page"]


def test_little_is_kept():
    for pk in range(500):
        refresh.cached("ecran", pk, 1, lambda: "page")
    assert len(refresh._values) <= 64
    assert len(refresh._building) <= 64
