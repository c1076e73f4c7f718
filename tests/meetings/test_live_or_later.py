"""Told as it happens or typed the day after, a sitting is the same and prints the same minutes."""

import json
from dataclasses import replace

import pytest
from django.db import transaction

from documents.compile import compile_minutes
from law import sitting
from law.ballots import Ballot, Choice
from meetings import sitting_file
from meetings.actions import conduct, items, ledger
from tests.meetings.conftest import at as clock

ITEMS = ("Budget primitif", "Garantie d’emprunt", "Convention", "Questions diverses")


def vote(item: str, at: str = "", **choices: Choice) -> sitting.BallotHeld:
    seats = {key.replace("_", "-"): choice for key, choice in choices.items()}
    moment = clock(at) if at else None
    return sitting.BallotHeld(ballot=Ballot(item=item, choices=seats), at=moment)


# The roll call, an opening, four items; people come and go between two of them, sometimes in the
# very second when an item is called.
LIVE = (
    sitting.Arrived(member="alice-arnaud"),
    sitting.Arrived(member="bruno-besson"),
    sitting.Arrived(member="denis-duval"),
    sitting.Arrived(member="gaelle-garnier"),
    sitting.SeatTaken(substitute="gaelle-garnier", titular="claire-caron"),
    sitting.Excused(member="elsa-evrard"),
    sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval"),
    sitting.Opened(chair="alice-arnaud", at=clock("19:02:11")),
    sitting.ClerksNamed(clerks=("bruno-besson",)),
    sitting.ItemOpened(item="p1", at=clock("19:05:10")),
    vote("p1", "19:20:40", bruno_besson=Choice.AGAINST),
    sitting.Arrived(member="farid-faure", at=clock("19:31:08")),
    sitting.Arrived(member="elsa-evrard", at=clock("19:31:20")),
    sitting.ItemOpened(item="p2", at=clock("19:31:20")),
    sitting.Recused(member="bruno-besson", item="p2", at=clock("19:31:30")),
    vote("p2", "19:40:02"),
    sitting.Left(member="denis-duval", at=clock("19:47:01")),
    sitting.Left(member="gaelle-garnier", at=clock("19:47:33")),
    sitting.ItemOpened(item="p3", at=clock("19:47:33")),
    vote("p3", "19:50:00", elsa_evrard=Choice.ABSTAIN),
    sitting.Suspended(at=clock("19:50:01")),
    sitting.Resumed(at=clock("20:01:12")),
    sitting.Arrived(member="claire-caron", at=clock("20:01:12")),
    sitting.ItemOpened(item="p4", at=clock("20:02:00")),
    sitting.FateNoted(item="p4", fate=sitting.Fate.NO_VOTE, at=clock("20:04:59")),
    sitting.Closed(at=clock("20:05:13")),
)
# What the paper of that evening says, in an order in which one may type it.
LATER = (
    *LIVE[:7],
    sitting.Opened(chair="alice-arnaud", at=clock("19:02")),
    sitting.ClerksNamed(clerks=("bruno-besson",)),
    sitting.Left(member="denis-duval", before="p3", at=clock("19:47")),
    sitting.Left(member="gaelle-garnier", before="p3", at=clock("19:47")),
    sitting.Arrived(member="farid-faure", before="p2", at=clock("19:31")),
    sitting.Arrived(member="elsa-evrard", before="p2", at=clock("19:31")),
    sitting.Suspended(before="p4", at=clock("19:50")),
    sitting.Resumed(before="p4", at=clock("20:01")),
    sitting.Closed(at=clock("20:05")),
    sitting.Recused(member="bruno-besson", item="p2"),
    sitting.Arrived(member="claire-caron", before="p4", at=clock("20:01")),
    vote("p1", bruno_besson=Choice.AGAINST),
    vote("p2"),
    vote("p3", elsa_evrard=Choice.ABSTAIN),
    sitting.FateNoted(item="p4", fate=sitting.Fate.NO_VOTE),
)


@pytest.fixture
def evening(comite, by):
    """The sitting, its four items on the agenda, nothing told."""
    for title in ITEMS:
        items.add_item(comite, title=title, by=by)
    return comite


def tell(meeting, events, *, by, live=True):
    for event in events:
        ledger.record(meeting, event, by=by, live=live)


def printed(meeting, events, *, by, live):
    """The minutes of a sitting told so; afterwards it is as before."""
    with transaction.atomic():
        tell(meeting, events, by=by, live=live)
        paper = compile_minutes(meeting)
        transaction.set_rollback(True)
    meeting.forget()
    return paper


def test_a_sitting_told_live_prints_as_one_typed_later(evening, by):
    live = printed(evening, LIVE, by=by, live=True)
    assert live == printed(evening, LATER, by=by, live=False)
    assert "avant l’examen du point 2" in str(live)


def test_seconds_travel_in_the_file_and_a_form_that_shows_minutes_does_not_cut_them(evening, by):
    tell(evening, LIVE, by=by)
    lines = len(evening.ledger)
    told = {"chair": "alice-arnaud", "clerks": ["bruno-besson"], "opened_at": clock("19:02")}
    assert conduct.set_conduct(evening, **told, closed_at=clock("20:05"), by=by) == ()
    assert len(evening.ledger) == lines
    conduct.set_conduct(evening, **told, closed_at=clock("20:06"), by=by)
    assert len(evening.ledger) == lines + 2
    assert evening.sitting.at_end.opened_at == clock("19:02:11")

    document = json.loads(sitting_file.dump(sitting_file.export(evening)))
    suspended = [line["at"] for line in document["ledger"] if line["kind"] == "suspended"]
    assert suspended == ["2026-06-09T19:50:01"]
    # Elsewhere: the same sitting in an organisation that does not know it yet.
    document["organisation"] |= {"slug": "ailleurs", "siren": "200000032"}
    copied = sitting_file.import_(document, by=by).meeting
    assert [event.at for event in copied.ledger] == [event.at for event in evening.ledger]
    assert copied.sitting.agenda == evening.sitting.agenda


def test_minutes_know_no_seconds(evening, by):
    """Somebody goes out in the middle of an item, in the minute when the next is called."""
    told = (
        *LIVE[:-3],
        sitting.Left(member="elsa-evrard", at=clock("20:01:59")),
        sitting.ItemOpened(item="p4", at=clock("20:02:00")),
        sitting.Arrived(member="denis-duval", at=clock("20:02:00")),
        vote("p4", "20:02:30", denis_duval=Choice.ABSTAIN),
        sitting.Left(member="denis-duval", at=clock("20:02:45")),
        LIVE[-1],
    )
    to_the_minute = [
        replace(event, at=event.at and sitting.to_the_minute(event.at)) for event in told
    ]
    paper = printed(evening, told, by=by, live=True)
    assert paper == printed(evening, to_the_minute, by=by, live=False)
