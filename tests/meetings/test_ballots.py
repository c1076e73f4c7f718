"""Votes: entered by their exceptions, counted by the law, told in one sentence."""

import pytest

from law import ballots, sitting
from law.ballots import Choice, Mode
from law.findings import Refused
from meetings import reading
from meetings.actions import attendance, decisions, items, ledger
from meetings.models import Ballot, Vote
from tests.costs import queries
from tests.words import unsaid

BRUNO, ELSA, FARID = "bruno-besson", "elsa-evrard", "farid-faure"


@pytest.fixture
def hold(held, by):
    """`hold(mode=…)`: a vote on the budget, as the verb records it."""

    def hold(**values):
        ballot = ballots.Ballot(item="p1", **values)
        decisions.hold_ballot(held, ballot=ballot, by=by)
        return held.events.filter(kind="ballot_held").last()

    return hold


def by_name(meeting) -> dict:
    seats = [voice.seat for voice in meeting.sitting.at_item["p1"].voices]
    return {"mode": Mode.PUBLIC, "choices": dict.fromkeys(seats, Choice.FOR)}


def test_one_click_adopts_unanimously_and_a_double_click_votes_once(held, item, secretary):
    url = f"/seances/{held.pk}/points/p1/unanimite/"
    assert secretary.post(url).status_code == 302
    assert secretary.post(url).status_code == 409
    held.forget()
    (decision,) = reading.decisions(held, item)
    assert "à l’unanimité" in decision.sentence
    row = Ballot.objects.get()
    assert (row.votes_for, row.votes_against, row.verdict) == (6, 0, "adopte")


def test_exceptions_are_taken_from_the_room_and_why_is_shown(held, hold, by, secretary):
    event = hold(choices={BRUNO: Choice.AGAINST, ELSA: Choice.ABSTAIN})
    row = Ballot.objects.get()
    assert (row.votes_for, row.votes_against, row.abstentions) == (4, 1, 1)
    page = secretary.get(f"/seances/{held.pk}/registre/{event.seq}/pourquoi/")
    assert (page.status_code, page.context["grounds"].outcome.tally.for_) == (200, 4)
    told = ("majorité", "Suffrages exprimés", "Bruno BESSON", "Lignes du registre")
    assert unsaid(page.text, *told) == []
    assert secretary.get(f"/seances/{held.pk}/registre/1/pourquoi/").status_code == 404
    attendance.set_roll(held, standings={FARID: "absent"}, by=by)  # corrected late: recounted
    assert Ballot.objects.get().votes_for == 3


def test_only_a_public_ballot_leaves_rows_with_names(held, hold, by, cast, item):
    hold(choices={BRUNO: Choice.AGAINST})
    assert not Vote.objects.exists()
    named = by_name(held)
    named["choices"]["denis-duval"] = Choice.AGAINST
    hold(question="amendement", **named)
    assert Vote.objects.count() == 6
    assert Vote.objects.get(choice="contre").mandate.person == cast.denis
    # The page of the sitting says the whole count, and the names apart.
    told = reading.decisions(held, item)[-1]
    assert "1 contre" in told.count and "DUVAL" in told.names and "DUVAL" not in told.count
    assert told.sentence == f"{told.count} {told.names}"
    # A corrected proxy: the totals stay the same, it is who cast the vote that changed.
    arrival = next(e for e in held.ledger if isinstance(e, sitting.Arrived) and e.member == ELSA)
    ledger.record(
        held,
        sitting.Voided(target=arrival.seq),
        sitting.Excused(member=ELSA),
        sitting.ProxyGiven(giver=ELSA, holder="denis-duval"),
        by=by,
    )
    assert Vote.objects.get(mandate__person=cast.elsa).by_proxy


def test_a_secret_ballot_keeps_counts_and_nobody(hold):
    event = hold(mode=Mode.SECRET, counts={Choice.FOR: 3, Choice.AGAINST: 2, Choice.BLANK: 1})
    assert not Vote.objects.exists()
    assert not event.payload["ballot"].get("choices")
    assert Ballot.objects.get().blank == 1


def test_an_impossible_ballot_is_refused(hold):
    for values in (
        {"choices": {"gaelle-garnier": Choice.FOR}},  # a substitute who does not sit
        {"choices": {"inconnu": Choice.AGAINST}},
        {"counts": {Choice.AGAINST: 7}},  # more voices than voters
        {"mode": Mode.SECRET, "choices": {BRUNO: Choice.FOR}},  # secret, and a name
    ):
        with pytest.raises(Refused):
            hold(**values)
    assert not Ballot.objects.exists()


def test_voiding_a_ballot_takes_its_reading_away(held, hold, by):
    seq = hold().seq
    ledger.void(held, seq=seq, reason="erreur de saisie", by=by)
    assert not Ballot.objects.exists()
    assert held.events.count() == seq + 1
    hold()  # and the item may be voted again


def test_the_preview_says_the_sentence_and_records_nothing_the_form_does(held, secretary):
    before, url = held.events.count(), f"/seances/{held.pk}/points/p1/scrutin/"
    data = {"mode": "public", f"seat_{BRUNO}": "contre"}
    answer = secretary.post(f"{url}apercu/", data)
    assert answer.status_code == 200 and "majorité" in answer.text
    assert held.events.count() == before
    assert secretary.post(url, data).status_code == 302
    assert Vote.objects.count() == 6


def test_a_result_told_without_figures_asserts_no_unanimity(held, secretary):
    url = f"/seances/{held.pk}/points/p1/scrutin/"
    told = {"mode": "ordinaire", "counted": "adopte", "stated": "à la majorité"}
    assert (
        "La délibération est adoptée à la majorité." in secretary.post(f"{url}apercu/", told).text
    )
    named = secretary.post(url, told | {f"seat_{BRUNO}": "contre"})
    assert named.status_code == 422 and "n’a ni chiffres, ni noms" in named.text
    assert secretary.post(url, told).status_code == 302
    (found,) = Ballot.objects.all()
    assert (found.verdict, found.votes_for) == ("adopte", 0)
    why = secretary.get(f"/seances/{held.pk}/registre/{found.event.seq}/pourquoi/")
    assert "n’ont pas été comptées" in why.text and "Suffrages exprimés" not in why.text


def test_what_was_corrected_before_the_vote_is_told(held, secretary, item):
    url = f"/seances/{held.pk}/points/p1/scrutin/"
    secretary.post(url, {"mode": "ordinaire", "amended": "l’article 2 est supprimé"})
    held.forget()
    (decision,) = reading.decisions(held, item)
    assert decision.sentence == (
        "La délibération est adoptée à l’unanimité. Elle est modifiée comme suit\u00a0: l’article "
        "2 est supprimé."
    )


def test_a_fate_is_noted_then_replaced(held, item, by):
    for fate in ("ajourne", "prend_acte"):
        decisions.note_fate(held, item="p1", fate=fate, by=by)
    assert reading.fate_sentence(held, item) == "Le Comité syndical prend acte."


@pytest.mark.parametrize("size", [3, 40])
def test_recording_a_named_vote_takes_the_same_queries(held, hold, by, size):
    for number in range(size):
        items.add_item(held, title=f"Point {number}", by=by)
    named = by_name(held)
    assert queries(lambda: hold(**named)) <= 20


@pytest.mark.parametrize(
    ("majority", "choices", "votes", "verdict"),
    [
        pytest.param(
            "comptes", {"alice-arnaud": "contre", BRUNO: "contre", "claire-caron": "contre"},
            (3, 3), "adopte", id="comptes arrêtés si la majorité n’est pas contre (L1612-12)",
        ),
        pytest.param(
            "statuts", {BRUNO: "contre", ELSA: "abstention", FARID: "abstention"},
            (3, 1), "rejete", id="les statuts veulent quatre voix, deux tiers des membres",
        ),
        pytest.param(
            "autre", {BRUNO: "contre", ELSA: "abstention"}, (4, 1), "rejete",
            id="les quatre cinquièmes des présents, que veut un texte",
        ),
    ],
)  # fmt: skip
def test_another_majority(held, secretary, majority, choices, votes, verdict):
    data = {f"seat_{seat}": choice for seat, choice in choices.items()}
    data |= {"mode": "ordinaire", "majority": majority, "fraction": "4/5", "base": "presents"}
    if majority == "autre":
        # Nobody asks for more without a text that asks for it.
        answer = secretary.post(f"/seances/{held.pk}/points/p1/scrutin/", data)
        assert answer.status_code == 422
        assert [*answer.context["ballot"].errors] == ["article"]
    data["article"] = "art. 12 des statuts"
    assert secretary.post(f"/seances/{held.pk}/points/p1/scrutin/", data).status_code == 302
    row = Ballot.objects.get()
    assert ((row.votes_for, row.votes_against), row.verdict) == (votes, verdict)
    (kept,) = held.sitting.ballots("p1")
    assert (kept.majority.article == "art. 12 des statuts") is (majority == "autre")
