"""Secretaries who press anything, in any order: the sitting always makes sense."""

from contextlib import suppress
from random import Random
from uuid import uuid4

import pytest
from django.db import connection

from law import sitting
from law.checks import judgement
from law.findings import Refused, Severity
from live import door, reading
from live.models import Poll, Press
from meetings.models import Meeting, SittingEvent
from tests.live.conftest import EVERYBODY, VERBS

pytestmark = [pytest.mark.proof, pytest.mark.database]

PEOPLE = (*EVERYBODY, "gaelle-garnier")
ITEMS = ("p1", "p2", "p3", "p4")
FATES = ("retire", "reporte", "prend_acte", "")
MODES = ("ordinaire", "ordinaire", "public", "secret")
CHOICES = ("pour", "contre", "abstention", "ne_prend_pas_part", "")


def press(dice: Random, room) -> tuple[str, dict[str, str]]:
    """A verb and its fields, plausible or not."""
    poll = Poll.objects.filter(meeting=room.meeting).last()
    of_poll = {"poll": str(poll.pk)} if poll else {}
    who, other = dice.sample(PEOPLE, 2)
    item, length = dice.choice(ITEMS), len(room.meeting.ledger)
    asked = {
        "leave": {"member": who},
        "arrive": {"member": who},
        "give_proxy": {"giver": who, "holder": other},
        "revoke_proxy": {"giver": who},
        "take_seat": {"substitute": "gaelle-garnier", "titular": who},
        "return_seat": {"substitute": "gaelle-garnier"},
        "recuse": {"member": who},
        "come_back": {"member": who},
        "take_chair": {"member": who, "item": dice.choice(["", item])},
        "open_next": {"after": dice.choice([reading.current_item(room.meeting), item])},
        "open_item": {"item": item},
        "note_fate": {"item": item, "fate": dice.choice(FATES)},
        "request_ballot": {"item": item, "mode": dice.choice(MODES), "members": f"{who},{other}"},
        "open_poll": {
            "items": dice.choice([item, ",".join(dice.sample(ITEMS, 2))]),
            "mode": dice.choice(MODES),
            "on_tablets": dice.choice(["", "on"]),
            "question": dice.choice(["", "", "Amendement"]),
        },
        "choose": of_poll | {"seat": who, "choice": dice.choice(CHOICES)},
        "everyone_for": of_poll,
        "proclaim": of_poll
        | {"complete": dice.choice(["", "on"]), "count_pour": dice.choice(["", "", "3"])},
        "give_up": of_poll,
        "suspend": {},
        "resume": {},
        "close_doors": {"votes_for": dice.choice(["", "6"])},
        "open_doors": {},
        "undo": {"seq": str(dice.randint(1, length))},
        "close_meeting": {"for_want_of_quorum": dice.choice(["", "on"])},
    }
    often = ("open_next", "open_poll", "choose", "proclaim", "arrive", "leave")
    verb = dice.choice([*asked, *often, *often])
    if dice.random() < 0.4:  # a way out, or nothing else would ever be done
        if reading.is_closed(room.meeting):
            verb, asked["undo"] = "undo", {"seq": str(length)}
        elif room.state.suspended:
            verb = "resume"
        elif poll is not None and poll.is_open:
            verb = dice.choice(["proclaim", "give_up"])
    return verb, asked[verb]


def vote_from_a_tablet(dice: Random, room) -> None:
    poll = Poll.objects.filter(meeting=room.meeting).last()
    if poll is None:
        return
    verb, other = ("put_in_urn", "blanc") if poll.is_secret else ("cast", "contre")
    with suppress(Refused):
        VERBS[verb](poll, voter=dice.choice(PEOPLE), choice=dice.choice(["pour", other]))


@pytest.mark.parametrize("seed", (0, 1) if connection.vendor == "sqlite" else (2,))
def test_whatever_is_pressed_the_sitting_makes_sense(tablets, seed):
    dice, done = Random(seed), 0  # noqa: S311 a game, not a secret
    voters: dict[int, tuple] = {}
    for _ in range(250):
        vote_from_a_tablet(dice, tablets)
        verb, data = press(dice, tablets)
        before = SittingEvent.objects.count(), Press.objects.count(), stamp_of(tablets)
        reply = door.perform(tablets.meeting, key=uuid4(), verb=verb, data=data, **tablets.told())
        assert reply.message, (verb, data)
        assert reply.stamp == stamp_of(tablets)
        if not reply.ok:
            assert (SittingEvent.objects.count(), Press.objects.count(), reply.stamp) == before
            continue
        done += 1
        assert Press.objects.count() == before[1] + 1
        now = Meeting.objects.get(pk=tablets.meeting.pk)
        assert_sensible(now)
        # Who voted what was proclaimed changes by no later act, unless a line is undone.
        then, voters = voters, voices_of_votes(now.sitting)
        if verb != "undo":
            assert {seq: voters.get(seq) for seq in then} == then
    assert done > 30


def voices_of_votes(story: sitting.Sitting) -> dict[int, tuple]:
    """By line, who voted; what was noted of an item without a vote gives way to a later word."""
    votes = sitting.BallotHeld | sitting.ElectionHeld
    return {each.seq: story.at_ballot[each.seq].voices for each in story.of_kind(votes)}


def stamp_of(room) -> int:
    return Meeting.objects.values_list("stamp", flat=True).get(pk=room.meeting.pk)


def assert_sensible(meeting: Meeting) -> None:
    found = judgement.by_event(meeting.ledger, agenda=meeting.agenda.keys, retrospective=True)
    assert [f for _, f in found if f.severity is Severity.REFUSAL] == []
    assert [event.seq for event in meeting.ledger] == list(range(1, len(meeting.ledger) + 1))
    poll = reading.current_poll(meeting)
    state = reading.state(meeting)
    ended = Poll.objects.exclude(ended_at=None)
    assert not ended.exclude(votes={}, following=[], urn="").exists()
    if poll is not None:
        assert set(poll.items) <= set(meeting.sitting.at_item)
        assert not state.suspended
        assert poll.votes.keys() <= poll.voters.keys()
    if reading.is_closed(meeting):
        assert poll is None
        assert meeting.stage == Meeting.Stage.CLOSED
    elif state.is_open:
        assert meeting.stage == Meeting.Stage.OPEN
    for event in meeting.sitting.events:
        if event.seq in meeting.sitting.at_ballot:
            assert meeting.sitting.at_ballot[event.seq].voices
