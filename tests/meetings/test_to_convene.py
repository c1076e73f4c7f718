"""A sitting that comes is prepared and convened: what remains says it, until when, and where."""

import logging
from datetime import UTC, date, datetime, time, timedelta

import pytest

from archive.desk import waiting
from law import deadlines
from meetings import reading
from meetings.actions import preparing
from meetings.models import Meeting
from members.models import Body

TODAY = date(2026, 11, 27)


@pytest.fixture
def coming(cast, by):
    return preparing.create_meeting(
        body=cast.comite, held_on=TODAY + timedelta(days=18), starts_at=time(19), by=by
    )


def test_the_convocation_is_the_next_thing_to_do(coming):
    last = deadlines.latest_dispatch(coming.held_on, coming.regime.notice_clear_days)
    (task,) = waiting.tasks(Body.objects.all(), on=TODAY)
    assert (task.what, task.due_on) == ("Convoquer la séance", last)
    late = coming.held_on - timedelta(days=2)
    assert waiting.tasks(Body.objects.all(), on=late)[0].is_late(late)
    Meeting.objects.filter(pk=coming.pk).update(convened_on=TODAY)
    assert waiting.tasks(Body.objects.all(), on=TODAY) == []


@pytest.mark.parametrize(
    ("held_on", "codes"),
    [
        pytest.param(date(2026, 12, 15), [], id="un mardi, à temps"),
        pytest.param(date(2026, 12, 13), ["jour_chome"], id="un dimanche"),
        pytest.param(date(2026, 12, 25), ["jour_chome"], id="Noël"),
        pytest.param(date(2026, 12, 1), ["delai_passe"], id="trop tôt pour convoquer"),
        pytest.param(date(2026, 11, 29), ["jour_chome", "delai_passe"], id="dimanche prochain"),
        pytest.param(TODAY, [], id="aujourd’hui : on la tient"),
    ],
)
def test_a_day_that_makes_one_wonder_is_asked_about(coming, held_on, codes):
    Meeting.objects.filter(pk=coming.pk).update(held_on=held_on)
    meeting = Meeting.objects.get(pk=coming.pk)
    assert [each.code for each in reading.doubts_of_its_day(meeting, on=TODAY)] == codes
    Meeting.objects.filter(pk=coming.pk).update(convened_on=TODAY)
    meeting = Meeting.objects.get(pk=coming.pk)
    assert [*reading.doubts_of_its_day(meeting, on=TODAY)] == []


def test_a_sitting_made_for_a_sunday_of_this_week_says_so(cast, secretary, time_machine):
    time_machine.move_to(datetime(2026, 11, 25, 9, tzinfo=UTC), tick=False)  # on a Sunday, none is
    sunday = date(2026, 11, 29)
    typed = {"body": cast.comite.pk, "held_on": sunday.isoformat(), "starts_at": "19:00"}
    page = secretary.post("/seances/nouvelle/", typed, follow=True).text
    assert "dimanche" in page and "Il est trop tard pour convoquer" in page
    later = (sunday + timedelta(days=30)).isoformat()
    meeting = Meeting.objects.get()
    assert "dimanche" in secretary.get(meeting.get_absolute_url()).text
    changed = secretary.post(f"/seances/{meeting.pk}/modifier/", typed | {"held_on": later})
    assert changed.status_code == 302


def test_convened_elsewhere_is_said_and_not_asked_again(coming, secretary):
    day = date.today() + timedelta(days=18)
    Meeting.objects.filter(pk=coming.pk).update(held_on=day, convened_on=day - timedelta(days=7))
    page = secretary.get(f"/seances/{coming.pk}/convocation/").text
    assert "Convoquée hors de l’application" in page and "6 jours francs" in page
    assert "trop tard" not in page and "Impossible" not in page
    assert "Calendrier légal" in secretary.get(f"/seances/{coming.pk}/convocation/?envoyer=1").text


@pytest.mark.parametrize(("days", "lands"), [(18, "ordre-du-jour"), (-18, "presences")])
def test_a_new_sitting_lands_where_its_work_begins(cast, secretary, caplog, days, lands):
    held_on = date.today() + timedelta(days=days)
    typed = {"body": cast.comite.pk, "held_on": held_on.isoformat(), "starts_at": "19:00"}
    with caplog.at_level(logging.WARNING):
        assert secretary.get(f"/seances/nouvelle/?instance={cast.comite.pk}").status_code == 200
        assert secretary.post("/seances/nouvelle/", {"body": cast.comite.pk}).status_code == 422
        answer = secretary.post("/seances/nouvelle/", typed)
    assert answer.status_code == 302 and lands in answer["Location"]
    assert not [record for record in caplog.records if "in_one_place" in record.getMessage()]


def test_what_is_over_is_not_to_come(coming):
    assert coming in Meeting.objects.upcoming(TODAY)
    for stage in (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED):
        Meeting.objects.filter(pk=coming.pk).update(stage=stage)
        assert coming not in Meeting.objects.upcoming(TODAY)
