"""Called at short notice, an assembly decides first on the urgency (art. L2121-12)."""

import pytest

from law import ballots, sitting
from law.findings import Refused
from meetings.actions import decisions, items, ledger
from meetings.models import AgendaItem
from tests.meetings.conftest import at


@pytest.fixture
def urgent(held, cast):
    """The budget is on the agenda; the decision on the urgency is added after it."""
    items.add_item(
        held, title="Décision sur l’urgence", kind=AgendaItem.Kind.URGENCY, by=cast.secretariat
    )
    return held


def vote(meeting, item, clock, *, by, against=False):
    choices = dict.fromkeys(
        [voice.seat for voice in meeting.sitting.at_end.voices] if against else [],
        ballots.Choice.AGAINST,
    )
    held = sitting.BallotHeld(ballot=ballots.Ballot(item=item, choices=choices), at=at(clock))
    called = sitting.ItemOpened(item=item, at=at(clock))
    return ledger.record(meeting, called, held, by=by, live=True)


def test_it_comes_first(urgent):
    assert urgent.agenda.keys == ("p2", "p1")
    assert urgent.agenda.urgent == {"p2"}


def test_nothing_is_voted_before_it(urgent, cast):
    with pytest.raises(Refused) as refusal:
        vote(urgent, "p1", "19:10", by=cast.secretariat)
    (finding,) = refusal.value.findings
    assert finding.code == "urgence_non_decidee"
    assert "Décision sur l’urgence" in finding.remedy
    vote(urgent, "p2", "19:11", by=cast.secretariat)
    assert vote(urgent, "p1", "19:12", by=cast.secretariat) == ()


def test_once_it_is_rejected_everything_else_is_put_off(urgent, cast):
    vote(urgent, "p2", "19:10", by=cast.secretariat, against=True)
    with pytest.raises(Refused) as refusal:
        vote(urgent, "p1", "19:12", by=cast.secretariat)
    assert [finding.code for finding in refusal.value.findings] == ["urgence_refusee"]
    assert decisions.note_fate(urgent, item="p1", fate="reporte", by=cast.secretariat) == ()


def test_an_old_paper_may_have_done_otherwise(urgent, cast):
    held = sitting.BallotHeld(ballot=ballots.Ballot(item="p1"))
    warned = ledger.record(urgent, held, by=cast.secretariat)
    assert [finding.code for finding in warned] == ["urgence_non_decidee"]
