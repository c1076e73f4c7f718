"""Telling one more thing costs the same after two votes or after forty; and what is remembered to
that end is never somebody else's, nor what was taken back.

Queries and readings are counted; nothing is timed.
"""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from law import ballots, codec, sitting
from law.checks.reader import Reader
from meetings import memory, reading
from meetings.actions import attendance, decisions, items, ledger, preparing
from meetings.models import AgendaItem, Ballot, Meeting, SittingEvent, Vote
from tests.cast import make_cast, make_mandate, make_person
from tests.meetings.conftest import HELD_ON

pytestmark = pytest.mark.database

ELSA, FARID = "elsa-evrard", "farid-faure"
BOUNDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
EIGHT = datetime.combine(HELD_ON, datetime.min.time()).replace(hour=20)


@pytest.fixture(autouse=True)
def nothing_remembered():
    memory.clear()


def queries(act) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured if not query["sql"].startswith(BOUNDS)]


def clock(minutes: int) -> datetime:
    return EIGHT + timedelta(minutes=minutes)


def public(item: str, meeting: Meeting) -> sitting.BallotHeld:
    seats = [voice.seat for voice in meeting.sitting.at_end.voices]
    choices = dict.fromkeys(seats, ballots.Choice.FOR)
    ballot = ballots.Ballot(item=item, mode=ballots.Mode.PUBLIC, choices=choices)
    return sitting.BallotHeld(ballot=ballot)


def vote(meeting: Meeting, rank: int, *, by) -> None:
    """The item of that rank is called and voted, by name."""
    item, at = f"p{rank}", clock(rank)
    tell(meeting, sitting.ItemOpened(item=item, at=at), by=by, live=True)
    tell(meeting, replace(public(item, meeting), at=at), by=by, live=True)


def long(meeting: Meeting, votes: int, *, by) -> Meeting:
    """That many items called and voted, and three more that wait."""
    for rank in range(2, votes + 5):
        items.add_item(meeting, title=f"Convention n° {rank}", by=by)
    for rank in range(1, votes + 1):
        vote(meeting, rank, by=by)
    return meeting


def tell(meeting: Meeting, *events: sitting.Event, by, live: bool = False) -> None:
    ledger.record(meeting, *events, by=by, live=live)


def elsewhere(write) -> None:
    """What another process would do: this one learns nothing of it."""
    known = dict(memory._kept)
    write()
    memory.clear()
    memory._kept.update(known)


def counted(monkeypatch, owner, name: str) -> list:
    """What this function is called with from now on."""
    seen, real = [], getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *args: seen.append(args) or real(*args))
    return seen


def fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_related("body__organisation").get(pk=meeting.pk)


def replayed(meeting: Meeting) -> sitting.Sitting:
    """From the lines of the database alone."""
    told = [row.as_value() for row in SittingEvent.objects.filter(meeting=meeting).order_by("seq")]
    return sitting.replay(meeting.basis.composition, told, fresh(meeting).agenda.keys)


# --- What it costs ----------------------------------------------------------------------------


@pytest.mark.parametrize("votes", [2, 25])
def test_one_more_event_is_six_queries_and_a_ballot_writes_its_rows_too(held, votes, by):
    """The lock, the last line, the agenda, the line written and witnessed, the stamp."""
    meeting = fresh(long(held, votes, by=by))
    asked = queries(lambda: meeting.sitting.at_end.room)
    assert len(asked) == 2, asked  # the last line and the agenda
    assert "LIMIT 1" in asked[0]
    last, at = meeting.agenda.keys[-1], clock(90)
    for event in (
        sitting.Left(member=ELSA, at=at),
        sitting.Suspended(at=at),
        sitting.ItemOpened(item=last, at=at),
        sitting.FateNoted(item=last, fate=sitting.Fate.WITHDRAWN, at=at),
    ):
        with transaction.atomic():
            ours = fresh(held)
            count = queries(lambda: tell(ours, event, by=by, live=True))  # noqa: B023 at once
            assert len(count) == 6, (event, count)
            transaction.set_rollback(True)
    item = f"p{votes + 1}"
    tell(meeting, sitting.ItemOpened(item=item, at=clock(80)), by=by, live=True)
    new, ours = public(item, meeting), fresh(meeting)
    count = queries(lambda: tell(ours, new, by=by, live=True))
    assert len(count) == 8, count
    assert Vote.objects.filter(ballot__item__key=item).count() == 6


def test_only_the_new_line_is_read_and_undoing_a_vote_reads_little_again(held, by, monkeypatch):
    meeting = fresh(long(held, 20, by=by))
    loads, reads = counted(monkeypatch, codec, "load"), counted(monkeypatch, Reader, "read")
    tell(meeting, sitting.Left(member=ELSA, at=clock(90)), by=by, live=True)
    assert len(loads) == 1
    assert len(reads) == 3  # the current item, its vote, the departure
    assert ELSA not in fresh(held).sitting.at_end.room
    assert len(loads) == 1
    reads.clear()
    vote = next(e for e in reversed(meeting.ledger) if isinstance(e, sitting.BallotHeld))
    tell(meeting, sitting.Voided(target=vote.seq), by=by, live=True)
    assert len(reads) <= 2
    assert Ballot.objects.filter(event__meeting=meeting).count() == 19


def test_what_was_told_in_another_process_is_read_alone(held, by, monkeypatch):
    """The lines that follow what is known, and not those before."""
    meeting = long(held, 20, by=by)
    elsewhere(lambda: vote(fresh(meeting), 21, by=by))
    loads, reads = counted(monkeypatch, codec, "load"), counted(monkeypatch, Reader, "read")
    assert fresh(meeting).sitting == replayed(meeting)
    loads.clear()
    reads.clear()
    tell(fresh(meeting), sitting.Left(member=ELSA, at=clock(90)), by=by, live=True)
    assert len(loads) == 1
    assert len(reads) <= 10


# --- What is remembered is what the database holds --------------------------------------------


def test_what_was_rolled_back_is_not_remembered(held, by):
    with transaction.atomic():
        tell(held, sitting.Left(member=ELSA), by=by)
        assert ELSA not in fresh(held).sitting.at_end.room
        transaction.set_rollback(True)
    assert ELSA in fresh(held).sitting.at_end.room
    tell(fresh(held), sitting.Left(member=FARID), by=by)
    assert fresh(held).sitting.at_end.room == replayed(held).at_end.room
    assert ELSA in fresh(held).sitting.at_end.room


@pytest.mark.parametrize("others", [(FARID,), (FARID, "denis-duval")])
def test_other_lines_are_not_mistaken_for_the_one_rolled_back(held, by, others):
    """Same sitting, same number, same second: only the hash tells them apart. With two, what is
    known is ahead of the database, then behind it, on another branch."""
    with transaction.atomic():
        tell(held, sitting.Left(member=ELSA), by=by)
        transaction.set_rollback(True)
    elsewhere(lambda: [tell(fresh(held), sitting.Left(member=who), by=by) for who in others])
    assert fresh(held).sitting == replayed(held)
    assert ELSA in fresh(held).sitting.at_end.room
    tell(fresh(held), sitting.Left(member=ELSA), by=by)
    assert fresh(held).sitting == replayed(held)


def test_what_is_told_elsewhere_is_seen(held, by):
    arrival = next(e for e in held.ledger if getattr(e, "member", "") == ELSA)
    assert ELSA in fresh(held).sitting.at_end.room
    elsewhere(lambda: ledger.void(fresh(held), seq=arrival.seq, reason="erreur", by=by))
    assert ELSA not in fresh(held).sitting.at_end.room
    assert fresh(held).sitting == replayed(held)
    elsewhere(lambda: items.add_item(fresh(held), title="Emprunt", by=by))
    assert fresh(held).sitting.agenda == ("p1", "p2")
    tell(fresh(held), sitting.BallotHeld(ballot=ballots.Ballot(item="p2")), by=by)
    assert fresh(held).sitting == replayed(held)


def test_a_composition_told_again_is_taken_up(held, cast, by):
    olga = make_person(cast.organisation, "Olga", "Orain")
    make_mandate(cast.comite, olga, constituency=cast.college_departement)
    attendance.recompose(held, by=by)
    composed = held.ledger[-1].seq
    tell(held, sitting.Arrived(member="olga-orain"), by=by)
    assert "olga-orain" in fresh(held).sitting.at_end.room
    tell(held, *(sitting.Voided(target=seq) for seq in (composed + 1, composed)), by=by)
    assert "olga-orain" not in fresh(held).basis.composition
    assert fresh(held).sitting == replayed(held)
    tell(held, sitting.Left(member=ELSA), by=by)
    assert fresh(held).sitting == replayed(held)


def test_other_rules_change_results_that_the_same_people_voted(held, cast, by):
    """A split, then a rule book without a casting vote: the table says what the ledger says."""
    split = ["bruno-besson", "claire-caron", "denis-duval"]
    choices = dict.fromkeys(split, ballots.Choice.AGAINST)
    ballot = ballots.Ballot(item="p1", choices=choices)
    decisions.hold_ballot(held, ballot=ballot, by=by)
    before = Ballot.objects.get(event__meeting=held).verdict
    book = cast.comite.rule_books.get()
    book.values["casting_vote"] = not book.values["casting_vote"]
    book.save()
    attendance.recompose(held, by=by)
    assert Ballot.objects.get(event__meeting=held).verdict != before
    call_command("verify_ledger", str(held.pk), stdout=StringIO())


def test_the_urgency_of_an_item_counts_as_soon_as_it_is_said(held, by):
    """The nature of an item changes how the same ledger is judged."""
    items.add_item(held, title="Emprunt", by=by)
    ledger.record(held, sitting.ItemOpened(item="p2", at=clock(1)), by=by, live=True)
    new = sitting.BallotHeld(ballot=ballots.Ballot(item="p2"), at=clock(2))
    codes = [finding.code for finding in ledger.foresee(fresh(held), new)[0]]
    assert codes == []
    AgendaItem.objects.filter(meeting=held, key="p1").update(kind=AgendaItem.Kind.URGENCY)
    (undecided,) = ledger.foresee(fresh(held), new)[0]
    assert undecided.code == "urgence_non_decidee"
    assert "Budget primitif" in undecided.remedy


def worded(meeting: Meeting) -> list[str]:
    return [each.sentence for line in reading.lines(meeting) for each in line.decisions]


def test_a_vote_is_worded_once_and_anew_when_what_it_rests_on_changes(held, by, monkeypatch):
    meeting = long(held, 3, by=by)
    first, *others = told = worded(fresh(held))
    made = counted(monkeypatch, reading, "decide")
    assert worded(fresh(held)) == told
    assert made == []
    third = [e for e in meeting.ledger if isinstance(e, sitting.BallotHeld)][-1]
    for act in (
        lambda: tell(meeting, sitting.Voided(target=third.seq), by=by),
        lambda: AgendaItem.objects.filter(meeting=held, key="p1").update(effect="preparatoire"),
    ):
        act()
        known = worded(fresh(held))
        memory.clear()
        assert known == worded(fresh(held)) != told
        told = known
    assert told[0] != first
    assert told[1] == others[0]


def test_to_foresee_tells_nothing(held, cast):
    before = fresh(held).stamp, len(held.ledger)
    answers, story = ledger.foresee(held, sitting.Left(member=ELSA))
    assert answers == ()
    assert ELSA not in story.at_end.room
    assert ELSA in held.sitting.at_end.room
    assert (fresh(held).stamp, len(fresh(held).ledger)) == before


def test_only_a_few_sittings_are_kept(cast, monkeypatch, by):
    monkeypatch.setattr(memory, "SITTINGS", 2)
    kept = []
    for day in range(3):
        when = {"held_on": HELD_ON + timedelta(days=day), "starts_at": EIGHT.time()}
        meeting = preparing.create_meeting(body=cast.comite, **when, by=by)
        tell(meeting, sitting.Arrived(member=ELSA), by=by)
        kept.append(meeting.pk)
    assert list(memory._kept) == kept[1:]
    for meeting in Meeting.objects.filter(pk__in=kept):
        assert meeting.sitting.at_end.room == {ELSA}


def test_readings_are_those_of_a_whole_refresh_whatever_was_told(held, by):
    """Votes, then corrections that change who could vote: tables agree with the ledger."""
    meeting = long(held, 4, by=by)
    arrival = next(e for e in meeting.ledger if getattr(e, "member", "") == "farid-faure")
    seqs = [e.seq for e in meeting.ledger if isinstance(e, sitting.BallotHeld)]
    for act in (
        [sitting.Recused(member=ELSA, item="p4", at=clock(60)),
         sitting.Voided(target=seqs[3])],
        [sitting.Voided(target=seqs[1])],
        [sitting.Voided(target=len(meeting.ledger) + 3)],  # the second vote stands again
        [sitting.Voided(target=seqs[0]), sitting.Voided(target=seqs[1]),
         sitting.Voided(target=seqs[2]), sitting.Voided(target=arrival.seq)],
    ):  # fmt: skip
        ledger.record(meeting, *act, by=by)
        call_command("verify_ledger", str(meeting.pk), stdout=StringIO())


# --- Two connections --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_nobody_sees_what_another_connection_has_not_committed():
    cast = make_cast()
    by, when = cast.secretariat, {"held_on": HELD_ON, "starts_at": EIGHT.time()}
    meeting = preparing.create_meeting(body=cast.comite, **when, by=by)
    ledger.record(meeting, sitting.Arrived(member=ELSA), by=by)
    written, seen = threading.Event(), threading.Event()

    def write():
        try:
            with transaction.atomic():
                theirs = Meeting.objects.get(pk=meeting.pk)
                ledger.record(theirs, sitting.Arrived(member=FARID), by=by)
                written.set()
                seen.wait(10)
                transaction.set_rollback(True)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(10)
        assert fresh(meeting).sitting.at_end.room == {ELSA}
    finally:
        seen.set()
        writer.join()
    assert fresh(meeting).sitting.at_end.room == {ELSA}
    ledger.record(fresh(meeting), sitting.Arrived(member="denis-duval"), by=by)
    assert fresh(meeting).sitting.at_end.room == {ELSA, "denis-duval"}
    assert fresh(meeting).sitting == replayed(meeting)


# --- What is not believed ---------------------------------------------------------------------


def test_verify_ledger_reads_every_line_and_remembers_nothing(held, monkeypatch):
    """A line altered behind the application's back is found, though its hash did not change."""
    lines, loads = len(fresh(held).ledger), counted(monkeypatch, codec, "load")
    call_command("verify_ledger", str(held.pk))
    assert len(loads) >= lines
    assert ELSA in held.sitting.at_end.room
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL refuse d’altérer une ligne du registre")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE meetings_sittingevent SET payload = %s WHERE meeting_id = %s AND seq = 3",
            ['{"member": "gaelle-garnier"}', held.pk],
        )
    with pytest.raises(CommandError):
        call_command("verify_ledger", str(held.pk))
