"""Chair, clerks, opening and closing."""

import pytest

from law.findings import Refused
from meetings.actions import conduct
from meetings.models import Meeting
from tests.meetings.conftest import at
from tests.words import unsaid

TOLD = {"chair": "alice-arnaud", "clerks": ["bruno-besson"], "opened_at": at("19:00")}
TYPED = {"chair": "alice-arnaud", "clerk": "bruno-besson", "opened_at": "19:00"}


def test_it_opens_and_closes_the_sitting_and_only_what_changed_is_told(held, by):
    def tell(clock):
        conduct.set_conduct(held, **TOLD, closed_at=clock, by=by)
        return held.events.count()

    begun = held.events.count()
    with pytest.raises(Refused):
        tell(at("18:00"))  # before it opened
    assert held.events.count() == begun
    before = tell(at("20:15"))
    state = held.sitting.at_end
    assert (state.chair, state.clerks) == ("alice-arnaud", ("bruno-besson",))
    assert (state.opened_at, state.closed_at) == (at("19:00"), at("20:15"))
    assert held.stage == Meeting.Stage.CLOSED
    assert tell(at("20:15")) == before
    assert tell(at("20:30")) == before + 2  # the old hour voided, the new one told
    tell(held.moment(at("00:30").time()))
    assert held.sitting.at_end.closed_at.day == at("00:30").day + 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"closed_at": "18:00"}, ("19:00", "is-invalid"), id="levée avant l’ouverture"),
        pytest.param(
            {"second_clerk": "bruno-besson"}, ("déjà le premier secrétaire",), id="un seul homme"
        ),
        pytest.param({"for_want_of_quorum": "on"}, ("à quelle heure",), id="levée sans heure"),
    ],
)
def test_what_cannot_be_is_told_and_a_want_of_quorum_is_kept(held, secretary, typed, said):
    url, lost = f"/seances/{held.pk}/conduite/", {"for_want_of_quorum": "on", "closed_at": "19:20"}
    answer = secretary.post(url, TYPED | typed)
    assert answer.status_code == 422 and unsaid(answer.text, *said) == []
    assert secretary.post(url, TYPED | lost).status_code == 302
    assert held.events.get(kind="closed").payload["for_want_of_quorum"] is True
