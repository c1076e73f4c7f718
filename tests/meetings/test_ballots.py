"""Votes: entered by their exceptions, counted by the law, told in one sentence."""

import pytest

from law import ballots, sitting
from law.ballots import Choice, Mode
from law.findings import Refused
from meetings import reading
from meetings.actions import attendance, decisions, items, ledger
from meetings.models import Ballot, Vote


@pytest.fixture
def item(held):
    return held.agenda["p1"].item


def hold(meeting, cast, **values):
    return decisions.hold_ballot(
        meeting, ballot=ballots.Ballot(item="p1", **values), by=cast.secretariat
    )


def test_one_click_adopts_unanimously(held, item, secretary):
    answer = secretary.post(f"/seances/{held.pk}/points/p1/unanimite/")
    assert answer.status_code == 302
    held.forget()
    (decision,) = reading.decisions(held, item)
    assert "à l’unanimité" in decision.sentence
    row = Ballot.objects.get()
    assert (row.votes_for, row.votes_against, row.verdict) == (6, 0, "adopte")


def test_a_double_click_votes_once(held, secretary):
    url = f"/seances/{held.pk}/points/p1/unanimite/"
    assert secretary.post(url).status_code == 302
    again = secretary.post(url)
    assert again.status_code == 409
    assert Ballot.objects.count() == 1


def test_exceptions_are_taken_from_the_room(held, item, cast):
    hold(
        held,
        cast,
        choices={"bruno-besson": Choice.AGAINST, "elsa-evrard": Choice.ABSTAIN},
    )
    row = Ballot.objects.get()
    assert (row.votes_for, row.votes_against, row.abstentions) == (4, 1, 1)


def test_only_a_public_ballot_leaves_rows_with_names(held, cast):
    hold(held, cast, choices={"bruno-besson": Choice.AGAINST})
    assert not Vote.objects.exists()
    seats = [voice.seat for voice in held.sitting.at_item["p1"].voices]
    hold(
        held,
        cast,
        question="amendement",
        mode=Mode.PUBLIC,
        choices=dict.fromkeys(seats, Choice.FOR) | {"denis-duval": Choice.AGAINST},
    )
    assert Vote.objects.count() == 6
    assert Vote.objects.get(choice="contre").mandate.person == cast.denis


def test_a_secret_ballot_keeps_counts_and_nobody(held, cast):
    hold(held, cast, mode=Mode.SECRET, counts={Choice.FOR: 3, Choice.AGAINST: 2, Choice.BLANK: 1})
    assert not Vote.objects.exists()
    (event,) = held.events.filter(kind="ballot_held")
    assert not event.payload["ballot"].get("choices")
    assert Ballot.objects.get().blank == 1


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"choices": {"gaelle-garnier": Choice.FOR}}, id="suppléante qui ne siège pas"),
        pytest.param({"choices": {"inconnu": Choice.AGAINST}}, id="personne inconnue"),
        pytest.param({"counts": {Choice.AGAINST: 7}}, id="plus de voix que de votants"),
        pytest.param(
            {"mode": Mode.SECRET, "choices": {"bruno-besson": Choice.FOR}},
            id="un nom dans un scrutin secret",
        ),
    ],
)
def test_an_impossible_ballot_is_refused(held, cast, values):
    with pytest.raises(Refused):
        hold(held, cast, **values)
    assert not Ballot.objects.exists()


def test_voiding_a_ballot_takes_its_reading_away(held, cast, by):
    hold(held, cast)
    seq = held.events.get(kind="ballot_held").seq
    ledger.void(held, seq=seq, reason="erreur de saisie", by=by)
    assert not Ballot.objects.exists()
    assert held.events.count() == seq + 1
    hold(held, cast)  # and the item may be voted again


def test_a_late_correction_of_presence_recounts_the_vote(held, cast, by):
    hold(held, cast)
    attendance.set_roll(held, standings={"farid-faure": "absent"}, by=by)
    assert Ballot.objects.get().votes_for == 5


def test_the_preview_says_the_sentence_and_records_nothing(held, secretary):
    before = held.events.count()
    answer = secretary.post(
        f"/seances/{held.pk}/points/p1/scrutin/apercu/",
        {"mode": "ordinaire", "seat_bruno-besson": "contre"},
    )
    assert answer.status_code == 200
    assert "majorité" in answer.text
    assert held.events.count() == before


def test_the_form_records_a_public_ballot(held, secretary):
    answer = secretary.post(
        f"/seances/{held.pk}/points/p1/scrutin/",
        {"mode": "public", "seat_bruno-besson": "contre"},
    )
    assert answer.status_code == 302
    assert Vote.objects.count() == 6


def test_a_fate_is_noted_then_replaced(held, item, by):
    decisions.note_fate(held, item="p1", fate="ajourne", by=by)
    decisions.note_fate(held, item="p1", fate="prend_acte", by=by)
    assert reading.fate_sentence(held, item) == "Le Comité syndical prend acte."


@pytest.mark.parametrize("size", [3, 40])
def test_recording_a_named_vote_takes_the_same_queries(
    held, cast, size, django_assert_max_num_queries, by
):
    for number in range(size):
        items.add_item(held, title=f"Point {number}", by=by)
    seats = [voice.seat for voice in held.sitting.at_item["p1"].voices]
    with django_assert_max_num_queries(20):
        hold(held, cast, mode=Mode.PUBLIC, choices=dict.fromkeys(seats, Choice.FOR))


def test_why_shows_the_count_the_rule_and_the_lines_used(held, cast, secretary):
    hold(held, cast, choices={"bruno-besson": Choice.AGAINST})
    seq = held.events.get(kind="ballot_held").seq
    page = secretary.get(f"/seances/{held.pk}/registre/{seq}/pourquoi/")
    assert page.status_code == 200
    assert page.context["grounds"].outcome.tally.for_ == 5
    for told in ("majorité", "Suffrages exprimés", "Bruno BESSON", "Lignes du registre"):
        assert told in page.text


def test_there_is_no_why_for_another_line(held, secretary):
    assert secretary.get(f"/seances/{held.pk}/registre/1/pourquoi/").status_code == 404


def test_a_corrected_proxy_is_corrected_in_the_rows_too(held, cast, by):
    """The totals stay the same: it is who cast the vote that changed."""
    seats = [voice.seat for voice in held.sitting.at_item["p1"].voices]
    hold(held, cast, mode=Mode.PUBLIC, choices=dict.fromkeys(seats, Choice.FOR))
    arrival = next(
        e for e in held.ledger if isinstance(e, sitting.Arrived) and e.member == "elsa-evrard"
    )
    ledger.record(
        held,
        sitting.Voided(target=arrival.seq),
        sitting.Excused(member="elsa-evrard"),
        sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval"),
        by=by,
    )
    assert Vote.objects.get(mandate__person=cast.elsa).by_proxy


def test_accounts_are_approved_on_a_tie(held, secretary):
    """Art. L1612-12: approved unless a majority is against."""
    seats = ("alice-arnaud", "bruno-besson", "claire-caron")
    data = {f"seat_{seat}": "contre" for seat in seats}
    answer = secretary.post(
        f"/seances/{held.pk}/points/p1/scrutin/",
        data | {"mode": "ordinaire", "majority": "comptes"},
    )
    assert answer.status_code == 302
    row = Ballot.objects.get()
    assert (row.votes_for, row.votes_against, row.verdict) == (3, 3, "adopte")


def test_statutes_want_two_thirds_of_the_members(held, secretary):
    answer = secretary.post(
        f"/seances/{held.pk}/points/p1/scrutin/",
        {"mode": "ordinaire", "majority": "statuts", "seat_bruno-besson": "contre",
         "seat_elsa-evrard": "abstention", "seat_farid-faure": "abstention"},
    )  # fmt: skip
    assert answer.status_code == 302
    assert Ballot.objects.get().verdict == "rejete"  # 3 of the 4 votes that are needed
