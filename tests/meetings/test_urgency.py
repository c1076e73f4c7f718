"""Called at short notice, an assembly decides first on the urgency (art. L2121-12)."""

import pytest

from law import ballots, sitting
from law.findings import Refused
from meetings.actions import decisions, items, ledger
from meetings.models import AgendaItem
from tests.meetings.conftest import at


@pytest.fixture
def urgent(held, by):
    """The budget is on the agenda; the decision on the urgency is added after it."""
    items.add_item(held, title="Décision sur l’urgence", kind=AgendaItem.Kind.URGENCY, by=by)
    return held


def vote(meeting, item, clock, *, by, against=False):
    choices = dict.fromkeys(
        [voice.seat for voice in meeting.sitting.at_end.voices] if against else [],
        ballots.Choice.AGAINST,
    )
    held = sitting.BallotHeld(ballot=ballots.Ballot(item=item, choices=choices), at=at(clock))
    called = sitting.ItemOpened(item=item, at=at(clock))
    return ledger.record(meeting, called, held, by=by, live=True)


def test_it_comes_first_and_nothing_is_voted_before_it(urgent, by):
    assert urgent.agenda.keys == ("p2", "p1")
    assert urgent.agenda.urgent == {"p2"}
    with pytest.raises(Refused) as refusal:
        vote(urgent, "p1", "19:10", by=by)
    (finding,) = refusal.value.findings
    assert finding.code == "urgence_non_decidee"
    assert "Décision sur l’urgence" in finding.remedy
    vote(urgent, "p2", "19:11", by=by)
    assert vote(urgent, "p1", "19:12", by=by) == ()


def test_once_it_is_rejected_everything_else_is_put_off(urgent, by):
    vote(urgent, "p2", "19:10", by=by, against=True)
    with pytest.raises(Refused) as refusal:
        vote(urgent, "p1", "19:12", by=by)
    assert [finding.code for finding in refusal.value.findings] == ["urgence_refusee"]
    assert decisions.note_fate(urgent, item="p1", fate="reporte", by=by) == ()


def test_an_old_paper_may_have_done_otherwise(urgent, by):
    held = sitting.BallotHeld(ballot=ballots.Ballot(item="p1"))
    warned = ledger.record(urgent, held, by=by)
    assert [finding.code for finding in warned] == ["urgence_non_decidee"]
