"""Called at short notice, an assembly decides first on the urgency (art. L2121-12)."""

import pytest

from law import ballots, sitting
from meetings.actions import decisions, items, ledger
from meetings.models import AgendaItem
from tests.meetings.conftest import at
from tests.words import refused


@pytest.fixture
def urgent(held, by):
    """The budget is on the agenda; the decision on the urgency is added after it."""
    items.add_item(held, title="Décision sur l’urgence", kind=AgendaItem.Kind.URGENCY, by=by)
    return held


def vote(meeting, item, clock, *, by, against=False):
    seats = [voice.seat for voice in meeting.sitting.at_end.voices] if against else []
    choices = dict.fromkeys(seats, ballots.Choice.AGAINST)
    held = sitting.BallotHeld(ballot=ballots.Ballot(item=item, choices=choices), at=at(clock))
    called = sitting.ItemOpened(item=item, at=at(clock))
    return ledger.record(meeting, called, held, by=by, live=True)


def test_it_comes_first_and_nothing_is_voted_before_it(urgent, by):
    assert urgent.agenda.keys == ("p2", "p1")
    assert urgent.outline.docket.urgent == {"p2"}
    with refused("urgence_non_decidee") as told:
        vote(urgent, "p1", "19:10", by=by)
    assert "Décision sur l’urgence" in told[0].remedy
    vote(urgent, "p2", "19:11", by=by)
    assert vote(urgent, "p1", "19:12", by=by) == ()


def test_once_it_is_rejected_everything_else_is_put_off(urgent, by):
    vote(urgent, "p2", "19:10", by=by, against=True)
    with refused("urgence_refusee"):
        vote(urgent, "p1", "19:12", by=by)
    assert decisions.note_fate(urgent, item="p1", fate="reporte", by=by) == ()


def test_an_old_paper_may_have_done_otherwise(urgent, by):
    held = sitting.BallotHeld(ballot=ballots.Ballot(item="p1"))
    warned = ledger.record(urgent, held, by=by)
    assert [finding.code for finding in warned] == ["urgence_non_decidee"]


def test_an_act_is_not_taken_note_of_before_the_urgency_is_admitted(urgent, by):
    """What is only heard may be; the law knows which is which, read in a query or in objects."""
    heard = items.add_item(urgent, title="Point d’étape", kind=AgendaItem.Kind.INFORMATION, by=by)
    acts = urgent.outline.docket.acts
    assert acts == urgent.agenda.docket(second_call=False).acts == {"p1"}
    urgent.forget()
    assert urgent.outline.docket.acts == acts
    told = decisions.note_fate(urgent, item="p1", fate="prend_acte", by=by)
    assert [finding.code for finding in told] == ["urgence_non_decidee"]
    assert decisions.note_fate(urgent, item=heard.key, fate="prend_acte", by=by) == ()
