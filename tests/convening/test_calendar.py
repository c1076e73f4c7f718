"""The .ics of a convocation, read by another library (vobject) than the one that wrote it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import vobject

from convening import calendar
from convening.actions import changing, dispatching, drafting
from convening.models import Convocation, Recipient
from meetings.actions import items
from meetings.models import Meeting
from tests.cast import change
from tests.convening import desk
from tests.convening.desk import NOW, SITE
from tests.words import unsaid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directory")]

PARIS = ZoneInfo("Europe/Paris")


def read(convocation: Convocation, **who):
    return vobject.readOne(written(convocation, **who)[1].decode())


def send(draft: Convocation, by) -> Convocation:
    dispatching.dispatch(draft, by=by, at=NOW, site=SITE)
    return draft


def written(convocation: Convocation, url=f"{SITE}/invitation/x/", **who) -> tuple[str, bytes]:
    row = convocation.recipients.get(**who or {"email": "alice@brume.example"})
    return calendar.invitation(row, sender="seances@brume.example", url=url)


def unfolded(ics: bytes) -> list[str]:
    """The lines of the file, as RFC 5545 puts them back together."""
    return ics.decode().replace("\r\n ", "").split("\r\n")


def test_a_diary_reads_when_where_and_what_and_a_copy_has_its_own_file(cast):
    change(cast.agglo, copies_to="elus@agglo.example")
    convocation = desk.convened(cast)
    event = read(convocation, url="", why=Recipient.Why.COPY).vevent
    assert event.attendee.value == "mailto:elus@agglo.example"
    assert "Répondre" not in event.description.value
    method, ics = written(convocation)
    found = read(convocation)
    event = found.vevent
    assert method == found.method.value == "REQUEST"
    assert event.dtstart.value == datetime(2026, 6, 9, 18, tzinfo=PARIS)
    assert event.dtstart.value.utcoffset().total_seconds() == 7200
    assert event.dtend.value == datetime(2026, 6, 9, 20, tzinfo=PARIS)
    assert event.summary.value == "Comité syndical – Val de Brume"
    assert event.location.value == "Dans ses locaux, 1 place des Tilleuls, 80000 Brume"
    assert event.status.value == "CONFIRMED"
    assert event.organizer.value == "mailto:seances@brume.example"
    assert event.attendee.value == "mailto:alice@brume.example"
    assert event.attendee.params["RSVP"] == ["FALSE"]
    assert unsaid(event.description.value, "Budget primitif", f"{SITE}/invitation/x/") == []
    lines = unfolded(ics)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert "DTSTART;TZID=Europe/Paris:20260609T180000" in lines
    assert "UID:seance-" in ics.decode() and "DTSTAMP:20260601T080000Z" in lines
    assert all(len(line.encode()) <= 75 for line in ics.decode().split("\r\n"))
    zone = lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE")]
    assert "TZID:Europe/Paris" in zone
    assert sum(line.startswith("RRULE:FREQ=YEARLY") for line in zone) == 2


@pytest.mark.parametrize(
    ("held_on", "sent", "utc"),
    [
        pytest.param(date(2026, 10, 27), datetime(2026, 10, 12, 8, tzinfo=UTC), 17, id="hiver"),
        pytest.param(date(2027, 3, 30), datetime(2027, 3, 15, 8, tzinfo=UTC), 16, id="été"),
        pytest.param(date(2026, 10, 25), datetime(2026, 10, 12, 8, tzinfo=UTC), 17, id="le jour"),
        pytest.param(date(2026, 10, 24), datetime(2026, 10, 12, 8, tzinfo=UTC), 16, id="la veille"),
        pytest.param(date(2040, 7, 3), datetime(2040, 6, 15, 8, tzinfo=UTC), 16, id="en 2040"),
    ],
)
def test_the_clock_changes_between_sending_and_sitting(cast, held_on, sent, utc):
    """18 h in the room, whatever Greenwich says; counted with the rules of the file alone."""
    found = read(desk.convened(cast, held_on=held_on, at=sent))
    start = found.vevent.dtstart.value
    assert (start.date(), start.time()) == (held_on, time(18))
    # The zone that vobject built from the VTIMEZONE of the file, not that of this machine.
    assert start.tzinfo is not PARIS
    assert start.astimezone(UTC).hour == utc


def test_a_sitting_keeps_its_name_under_a_higher_rank_until_it_leaves_the_diary(cast):
    by = cast.secretariat
    first = desk.convened(cast)
    where = {"held_on": date(2026, 6, 16), "starts_at": time(9, 30), "place": "en mairie"}
    moved = changing.move_meeting(Meeting.objects.get(), **where, reason="Salle prise.", by=by)
    before, after = read(first).vevent, read(send(moved, by)).vevent
    assert after.uid.value == before.uid.value
    assert (before.sequence.value, after.sequence.value) == ("0", "1")
    assert after.dtstart.value == datetime(2026, 6, 16, 9, 30, tzinfo=PARIS)
    # The first mail, should it leave only now, still says what it said.
    assert before.dtstart.value == datetime(2026, 6, 9, 18, tzinfo=PARIS)
    told = changing.cancel_meeting(
        Meeting.objects.get(), reason="Tempête.", by=by, at=NOW, site=SITE
    )
    found = read(told)
    assert (written(told)[0], found.method.value) == ("CANCEL", "CANCEL")
    assert found.vevent.status.value == "CANCELLED"
    assert (found.vevent.uid.value, found.vevent.sequence.value) == (before.uid.value, "2")
    other = drafting.prepare(desk.prepared(cast, held_on=date(2026, 9, 8)), by=by)
    assert read(send(other, by)).vevent.uid.value != before.uid.value


def test_odd_words_do_not_break_the_file(cast):
    desk.give_addresses(cast)
    meeting = desk.prepared(cast)
    by, title = cast.secretariat, "A; B, C\\D\nEND:VEVENT 漢字 🎉"
    items.add_item(meeting, title=title, kind="debat", by=by)
    cast.alice.refresh_from_db()
    change(cast.alice, last_name='Arnaud;"X",Y')
    found = read(send(drafting.prepare(meeting, by=by), by))
    assert len(list(found.contents["vevent"])) == 1
    assert unsaid(found.vevent.description.value, "A; B, C\\D", "漢字 🎉") == []


def test_a_feed_of_several_sittings(cast):
    """What a subscription serves: no method of invitation, a name, one zone."""
    told = {"starts_at": time(18), "summary": "Comité", "stamp": NOW}
    events = [
        calendar.event(uid=f"seance-{rank}@x", held_on=date(2026, 6, rank), **told)
        for rank in (1, 2)
    ]
    # Where no paper gives an hour, the day is all that is known.
    whole_day = calendar.event(
        uid="seance-3@x", held_on=date(2026, 6, 3), **told | {"starts_at": None}
    )
    assert (whole_day["dtstart"].dt, "dtend" in whole_day) == (date(2026, 6, 3), False)
    ics = calendar.calendar(events, name="Mes séances")
    found = vobject.readOne(ics.decode())
    assert len(found.contents["vevent"]) == 2
    assert found.method.value == "PUBLISH"
    assert ics.decode().count("BEGIN:VTIMEZONE") == 1
