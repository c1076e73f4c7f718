"""Elections typed as the tellers read them out."""

import pytest

from meetings import reading
from meetings.actions import items


@pytest.fixture
def item(held, by):
    return items.add_item(held, title="Élection du 3e vice-président", kind="election",
                            by=by)  # fmt: skip


def elect(client, item, **data):
    values = {
        "title": "vice-président",
        "method": "uninominal",
        "secrecy": "secret",
        "seats": "1",
    }
    url = f"/seances/{item.meeting_id}/points/{item.key}/election/"
    return client.post(url, values | data)


def sentence(item) -> str:
    item.meeting.forget()
    (decision,) = reading.decisions(item.meeting, item)
    return decision.sentence


def test_an_absolute_majority_at_the_first_round(item, secretary):
    answer = elect(
        secretary, item,
        round_1="Elsa EVRARD : 4\nFarid FAURE : 1", blank_1="1", tellers=["claire-caron"],
    )  # fmt: skip
    assert answer.status_code == 302
    told = sentence(item)
    assert "Elsa EVRARD" in told
    assert "vice-présidente" in told
    assert "Claire CARON" in told


def test_a_sole_candidature_takes_effect_without_a_vote(item, secretary):
    answer = elect(secretary, item, method="candidature_unique", lists="Farid FAURE")
    assert answer.status_code == 302
    assert "Farid FAURE" in sentence(item)


def test_lists_share_the_seats(item, secretary):
    answer = elect(
        secretary, item,
        title="membre de la commission", method="plus_fort_reste", seats="3",
        lists="Union : Elsa EVRARD, Farid FAURE, Claire CARON\nAvenir : Denis DUVAL, Jean DUPONT",
        round_1="Union : 4\nAvenir : 2",
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["election"].errors
    told = sentence(item)
    assert "Elsa EVRARD" in told
    assert "Denis DUVAL" in told
    assert "Claire CARON est" not in told


def test_several_names_on_each_paper(item, secretary):
    answer = elect(
        secretary, item,
        title="membre de la commission", seats="2", voters_1="6",
        round_1="Elsa EVRARD : 6\nFarid FAURE : 5\nDenis DUVAL : 1",
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["election"].errors
    told = sentence(item)
    assert "Elsa EVRARD" in told
    assert "Farid FAURE" in told


@pytest.mark.parametrize(
    ("data", "field"),
    [
        pytest.param({"round_1": "Elsa EVRARD beaucoup"}, "round_1", id="ligne illisible"),
        pytest.param({"round_1": "Elsa EVRARD : 40"}, "round_1", id="plus de voix que de votants"),
        pytest.param({"title": ""}, "title", id="sans fonction"),
        pytest.param({"seats": "0"}, "seats", id="aucun siège"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field(item, data, field, secretary):
    answer = elect(secretary, item, **data)
    assert answer.status_code == 422
    assert answer.context["election"].errors.get(field)
    assert not item.meeting.events.filter(kind="election_held").exists()


def test_a_secret_election_joins_nobody_to_a_choice(item, secretary):
    elect(secretary, item, round_1="Elsa EVRARD : 6")
    (event,) = item.meeting.events.filter(kind="election_held")
    assert "choices" not in str(event.payload)
