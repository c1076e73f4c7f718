"""An election held round by round is one election: on the console, in its papers, in the review."""

import json
from uuid import uuid4

import pytest

from documents.compile import compile_deliberation_list, compile_minutes
from law.checks import review
from live import board, door
from meetings import reading
from meetings.actions import items, ledger
from meetings.forms import ElectionForm
from meetings.models import Meeting
from tests.live.conftest import EVERYBODY

VICE = {"title": "vice-président", "method": "uninominal", "secrecy": "secret", "seats": "1"}
ROUNDS = ("Bruno BESSON : 3\nDenis DUVAL : 3", "Bruno BESSON : 2\nDenis DUVAL : 4")


@pytest.fixture
def secretary(client_of, cast):
    return client_of(cast.secretariat)


@pytest.fixture
def hall(cast, empty_room):
    """A sitting under way, at the item that elects."""
    elects = items.add_item(empty_room.meeting, title="Élection", kind="election", by=empty_room.by)
    empty_room.call_roll(present=EVERYBODY)
    empty_room.open_meeting(chair="alice-arnaud", clerks=["farid-faure"])
    empty_room.open_item(item=elects.key)
    return empty_room


def fresh(room) -> Meeting:
    return Meeting.objects.get(pk=room.meeting.pk)


def window(room) -> dict:
    """What the window of elections is filled with when it is opened."""
    return json.loads(board.of(fresh(room)).bar.moment)["election"]


def hold(room, **typed):
    typed = {"item": room.item, **VICE, **window(room), **typed}
    reply = door.perform(fresh(room), key=uuid4(), verb="hold_round", data=typed, **room.told())
    assert reply.ok, reply.findings
    room.meeting.forget()


def by_the_window(room, secretary):
    hold(room, round_1=ROUNDS[0])
    hold(room, round_2=ROUNDS[1])


def by_the_page(room, secretary):
    hold(room, round_1=ROUNDS[0])
    page = secretary.get(f"/seances/{room.meeting.pk}/points/{room.item}/")
    form: ElectionForm = page.context["election"]
    typed = {name: form[name].value() for name in form.fields} | {"round_2": ROUNDS[1]}
    typed = {name: value for name, value in typed.items() if value is not None}
    answer = secretary.post(f"/seances/{room.meeting.pk}/points/{room.item}/election/", typed)
    assert answer.status_code == 302


def undone_and_told_again(room, secretary):
    by_the_window(room, secretary)
    room.undo(seq=room.meeting.ledger[-1].seq)
    hold(room, round_2=ROUNDS[1])


@pytest.mark.parametrize("road", [by_the_window, by_the_page, undone_and_told_again])
def test_its_rounds_are_told_once(hall, secretary, road):
    road(hall, secretary)
    meeting = fresh(hall)
    (held,) = meeting.sitting.elections(hall.item)
    assert len(held.rounds) == 2
    paper = compile_minutes(meeting)
    (step,) = (each for each in paper.items[-1].after if each.kind == "election")
    told = " ".join((step.text, *step.more))
    assert told.count("1er tour") == told.count("2e tour") == 1 and "reste à pourvoir" not in told
    (line,) = compile_deliberation_list(meeting).lines
    assert line.decision.count("vice-président") == 1
    judged = ledger.judgement(meeting, meeting.outline, live=False)
    codes = {finding.code for finding in review.of(judged)}
    assert not codes & {"siege_non_pourvu", "deja_vote"}
    assert board.of(meeting).bar.primary.words.startswith("Point suivant")


def test_until_it_is_over_the_item_waits_for_its_next_round(hall):
    hold(hall, round_1=ROUNDS[0])
    seen = board.of(fresh(hall))
    assert (seen.bar.primary.words, seen.bar.primary.dialog) == ("Tenir le 2e tour…", "election")
    (line,) = (each for each in reading.lines(fresh(hall)) if each.node.item.kind == "election")
    assert line.awaits and not line.awaits_a_vote
    hold(hall, round_2=ROUNDS[0])
    assert board.of(fresh(hall)).bar.primary.words == "Tenir le 3e tour…"
    hold(hall, round_3=ROUNDS[1])
    assert board.of(fresh(hall)).bar.primary.words.startswith("Point suivant")
    assert window(hall) == {}  # another election begins from nothing
