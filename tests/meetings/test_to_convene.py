"""A sitting that comes is prepared and convened: what remains says it, until when, and where."""

import logging
from datetime import date, time, timedelta

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


def told(meeting, on: date) -> list[tuple[str, str]]:
    return [*reading.remaining(meeting, list(reading.lines(meeting)), on=on)]


def test_the_convocation_is_the_next_thing_to_do(coming):
    last = deadlines.latest_dispatch(coming.held_on, coming.regime.notice_clear_days)
    (write, convene) = told(coming, TODAY)
    assert write[1] == "meetings:agenda" and convene[1] == "convening:prepare"
    assert convene[0] == f"Convoquer au plus tard le {deadlines.french.long_date(last)}"
    (task,) = waiting.tasks(Body.objects.all(), on=TODAY)
    assert (task.what, task.due_on) == ("Convoquer la séance", last)
    late = coming.held_on - timedelta(days=2)
    assert "le délai est passé" in told(coming, late)[1][0]
    assert waiting.tasks(Body.objects.all(), on=late)[0].is_late(late)
    preparing.change(coming, fields=["convened_on"], by=coming.created_by)
    Meeting.objects.filter(pk=coming.pk).update(convened_on=TODAY)
    again = Meeting.objects.get(pk=coming.pk)
    assert [page for _, page in told(again, TODAY)] == ["meetings:agenda"]
    assert waiting.tasks(Body.objects.all(), on=TODAY) == []
    assert told(again, again.held_on)[1][0] == "Pointer les présents"  # its day has come


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
