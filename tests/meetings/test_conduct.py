"""Chair, clerks, opening and closing."""

import pytest

from law.findings import Refused
from meetings.actions import conduct
from meetings.models import Meeting
from tests.meetings.conftest import at


def conducted(meeting, cast, **changes):
    values = {
        "chair": "alice-arnaud",
        "clerks": ["bruno-besson"],
        "opened_at": at("19:00"),
        "closed_at": at("20:15"),
    }
    return conduct.set_conduct(meeting, **values | changes, by=cast.secretariat)


def test_it_opens_and_closes_the_sitting(held, cast):
    conducted(held, cast)
    state = held.sitting.at_end
    assert (state.chair, state.clerks) == ("alice-arnaud", ("bruno-besson",))
    assert (state.opened_at, state.closed_at) == (at("19:00"), at("20:15"))
    assert held.stage == Meeting.Stage.CLOSED


def test_only_what_changed_is_told(held, cast):
    conducted(held, cast)
    before = held.events.count()
    conducted(held, cast)
    assert held.events.count() == before
    conducted(held, cast, closed_at=at("20:30"))
    assert held.events.count() == before + 2  # the old hour voided, the new one told


def test_closing_before_opening_is_refused_and_nothing_is_written(held, cast):
    before = held.events.count()
    with pytest.raises(Refused):
        conducted(held, cast, closed_at=at("18:00"))
    assert held.events.count() == before


def test_the_form_puts_the_refusal_beside_the_hour(held, secretary):
    answer = secretary.post(
        f"/seances/{held.pk}/conduite/",
        {"chair": "alice-arnaud", "clerk": "bruno-besson", "opened_at": "19:00",
         "closed_at": "18:00"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "19:00" in answer.text  # nothing typed is lost
    assert "is-invalid" in answer.text


def test_two_clerks_are_two_people(held, secretary):
    answer = secretary.post(
        f"/seances/{held.pk}/conduite/",
        {"chair": "alice-arnaud", "clerk": "bruno-besson", "second_clerk": "bruno-besson",
         "opened_at": "19:00"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "déjà le premier secrétaire" in answer.text


def test_a_sitting_may_end_after_midnight(held, cast):
    conducted(held, cast, closed_at=held.moment(at("00:30").time()))
    assert held.sitting.at_end.closed_at.day == at("00:30").day + 1


def test_a_sitting_closed_for_want_of_quorum_says_so(held, secretary):
    data = {"chair": "alice-arnaud", "clerk": "bruno-besson", "opened_at": "19:00",
            "for_want_of_quorum": "on"}  # fmt: skip
    url = f"/seances/{held.pk}/conduite/"
    answer = secretary.post(url, data)
    assert answer.status_code == 422
    assert "à quelle heure" in answer.text
    assert secretary.post(url, data | {"closed_at": "19:20"}).status_code == 302
    (closed,) = held.events.filter(kind="closed")
    assert closed.payload["for_want_of_quorum"] is True
