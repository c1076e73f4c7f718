"""Elections typed as the tellers read them out."""

import pytest

from documents import actions as documents
from documents.compile import compile_minutes
from law import elections
from meetings import reading
from meetings.actions import items, ledger
from tests.words import text, unsaid

VICE = {"title": "vice-président", "method": "uninominal", "secrecy": "secret", "seats": "1"}
BOARD = VICE | {"title": "membre de la commission"}
LISTS = "Union : Elsa EVRARD, Farid FAURE, Claire CARON\nAvenir : Denis DUVAL, Jean DUPONT"
THREE = "Elsa EVRARD : 6\nFarid FAURE : 5\nDenis DUVAL : 1"


@pytest.fixture
def item(held, by):
    return items.add_item(held, title="Élection du 3e vice-président", kind="election", by=by)


def elect(client, item, data):
    return client.post(f"/seances/{item.meeting_id}/points/{item.key}/election/", data)


@pytest.mark.parametrize(
    ("data", "said", "silent"),
    [
        pytest.param(
            VICE | {"round_1": "Elsa EVRARD : 4\nFarid FAURE : 1", "blank_1": "1",
                    "tellers": ["claire-caron"]},
            ("Elsa EVRARD", "vice-présidente", "Claire CARON"), (),
            id="majorité absolue au premier tour",
        ),
        pytest.param(
            VICE | {"method": "candidature_unique", "lists": "Farid FAURE"}, ("Farid FAURE",), (),
            id="candidature unique, sans vote",
        ),
        pytest.param(
            BOARD | {"method": "plus_fort_reste", "seats": "3", "lists": LISTS,
                     "round_1": "Union : 4\nAvenir : 2"},
            ("Elsa EVRARD", "Denis DUVAL"), ("Claire CARON est",),
            id="des listes se partagent les sièges",
        ),
        pytest.param(
            BOARD | {"seats": "2", "voters_1": "6", "round_1": THREE},
            ("Elsa EVRARD", "Farid FAURE"), (),
            id="plusieurs noms par bulletin",
        ),
    ],
)  # fmt: skip
def test_what_the_tellers_read_out_is_told(item, secretary, data, said, silent):
    answer = elect(secretary, item, data)
    assert answer.status_code == 302, answer.context["election"].errors
    item.meeting.forget()
    (decision,) = reading.decisions(item.meeting, item)
    assert unsaid(decision.sentence, *said, *silent) == list(silent)
    (event,) = item.meeting.events.filter(kind="election_held")
    assert "choices" not in str(event.payload)  # a secret election joins nobody to a choice


def test_what_cannot_be_is_told_beside_the_field(item, secretary):
    wrong = [("round_1", "Elsa EVRARD beaucoup"), ("round_1", "Elsa EVRARD : 40")]
    for field, value in (*wrong, ("title", ""), ("seats", "0")):
        answer = elect(secretary, item, VICE | {field: value})
        assert answer.status_code == 422 and answer.context["election"].errors.get(field)
    assert not item.meeting.events.filter(kind="election_held").exists()


def test_the_commission_of_tenders_is_proposed_as_the_code_elects_it(held, secretary, by):
    """Three seats by name were proclaimed without a word; substitutes could not be told."""
    item = items.add_item(
        held, title="Élection de la commission d’appel d’offres", kind="election", by=by
    )
    asked = ("scrutin de liste", "5 titulaires et 5 suppléants", "L1411-5, II et L1414-2")
    for url in (item.get_absolute_url(), f"/seances/{held.pk}/ordre-du-jour/"):
        assert unsaid(text(secretary.get(url)), *asked) == []  # before the vote
    form = secretary.get(item.get_absolute_url()).context["election"]
    proposed = {name: form[name].value() for name in ("title", "method", "seats", "substitutes")}
    assert proposed == {
        "title": "membre de la commission d’appel d’offres",
        "method": elections.Method.LARGEST_REMAINDER,
        "seats": 5,
        "substitutes": 5,
    }
    lists = {"lists": LISTS, "round_1": "Union : 4\nAvenir : 2", "substitutes": "2"}
    told = proposed | {"secrecy": "secret", "seats": "3"} | lists
    answer = secretary.post(f"/seances/{held.pk}/points/{item.key}/election/", told, follow=True)
    said = [str(each) for each in answer.context["messages"]]
    assert unsaid(" ".join(said), "5 membres élus", "autant de suppléants", "L1411-5, II") == []
    held.forget()
    (kept,) = held.sitting.elections(item.key)
    assert (kept.seats, kept.substitutes) == (3, 2)


def test_who_stands_alone_is_named_where_the_votes_are(item, secretary):
    alone = VICE | {"round_1": "Farid FAURE"}
    answer = elect(secretary, item, alone)
    assert "candidature unique" in answer.context["election"].errors["round_1"][0]
    assert elect(secretary, item, alone | {"method": "candidature_unique"}).status_code == 302
    item.meeting.forget()
    (held,) = item.meeting.sitting.elections(item.key)
    assert held.unopposed == ("farid-faure",)


def test_a_tie_is_settled_by_dates_typed_with_the_names(item, secretary):
    tied = VICE | {f"round_{n}": "Elsa EVRARD : 3\nFarid FAURE : 3" for n in (1, 2, 3)}
    elect(secretary, item, tied)
    item.meeting.forget()
    codes = {each.code for each in documents.review(item.meeting, compile_minutes(item.meeting))}
    assert "egalite_sans_age" in codes  # and so they are not issued
    (event,) = item.meeting.events.filter(kind="election_held")
    ledger.void(item.meeting, seq=event.seq, reason="dates", by=item.meeting.created_by)
    dated = "Elsa EVRARD (12/05/1958) : 3\nFarid FAURE (03/01/1970) : 3"
    assert elect(secretary, item, tied | {"round_3": dated}).status_code == 302
    item.meeting.forget()
    (held,) = item.meeting.sitting.elections(item.key)
    assert elections.decide(held, item.meeting.basis.composition).elected == ("elsa-evrard",)
    assert "(12/05/1958)" in reading.as_typed(held, item.meeting.basis.composition)["round_1"]
    codes = {each.code for each in documents.review(item.meeting, compile_minutes(item.meeting))}
    assert "egalite_sans_age" not in codes
    wrong = elect(secretary, item, tied | {"round_1": "Elsa EVRARD (31/02/1958) : 3"})
    assert wrong.status_code == 422
