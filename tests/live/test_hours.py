"""What was noticed too late is told at its own hour, and the story is judged again."""

from datetime import datetime, time
from uuid import uuid4

from law import sitting
from live import door
from tests.live.conftest import HELD_ON


def perform(room, verb: str, **data: str):
    return door.perform(room.meeting, key=uuid4(), verb=verb, data=data, **room.told())


def test_an_arrival_noticed_late_has_its_own_hour(room):
    room.leave(member="elsa-evrard")
    room.wait(minutes=10)
    room.open_next(after="p1")
    room.wait(minutes=5)
    reply = perform(room, "arrive", member="elsa-evrard", hour="19:08")
    assert reply.ok
    arrived = room.meeting.ledger[-1]
    assert arrived == sitting.Arrived(
        seq=arrived.seq, member="elsa-evrard", at=datetime.combine(HELD_ON, time(19, 8))
    )
    # It happened under the first item: she was there when the second was put.
    assert "elsa-evrard" in room.meeting.sitting.after_item["p1"].room
    assert "elsa-evrard" in room.meeting.sitting.at_item["p2"].room


def test_what_is_no_hour_or_is_to_come_is_refused_beside_the_field(room):
    reply = perform(room, "leave", member="elsa-evrard", hour="23:59")
    assert [finding.code for finding in reply.findings] == ["heure_a_venir"]
    assert "elsa-evrard" in room.state.room
    for hour in ("25:00", "midi", "1832", "<b>"):
        reply = perform(room, "arrive", member="elsa-evrard", hour=hour)
        assert [finding.field for finding in reply.findings] == ["hour"]


def test_an_hour_that_contradicts_a_vote_is_refused(room):
    """She voted at 19 h 05: she cannot have left at 19 h 02."""
    room.wait(minutes=5)
    poll = room.open_poll(items=["p1"], mode="public")
    room.polled("everyone_for", poll)
    room.polled("proclaim", poll)
    room.wait(minutes=5)
    reply = perform(room, "leave", member="elsa-evrard", hour="19:02")
    assert not reply.ok
    assert "contredit" in reply.message


def test_the_evening_before_after_midnight(room):
    room.wait(hours=5, minutes=20)
    reply = perform(room, "leave", member="elsa-evrard", hour="23:50")
    assert reply.ok
    assert room.meeting.ledger[-1].at == datetime.combine(HELD_ON, time(23, 50))
