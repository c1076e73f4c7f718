"""A vote being taken: when it may open, what the secretary notes, what is proclaimed."""

import pytest

from law import sitting
from law.ballots import Choice
from law.findings import Refused
from live import reading
from live.actions import polls
from live.models import Equipment, Poll
from meetings.actions import attendance, items, ledger
from meetings.models import AgendaItem, Ballot, Meeting
from tests.live.conftest import EVERYBODY, VERBS, refused, warned
from tests.live.threads import at_once


def noted(poll: Poll) -> dict[str, str]:
    return Poll.objects.get(pk=poll.pk).votes


# --- Opening ----------------------------------------------------------------------------------


def test_a_poll_keeps_who_can_vote(room):
    room.recuse(member="denis-duval")
    poll = room.open_poll(items=["p1"])
    assert list(poll.voters) == [key for key in EVERYBODY if key != "denis-duval"]
    assert poll.is_open
    assert reading.open_poll(room.meeting) == poll


def test_opening_a_poll_puts_its_item_first(room):
    room.open_poll(items=["p3"])
    assert room.item == "p3"


def test_no_poll_without_quorum(room):
    for member in EVERYBODY[2:]:
        room.leave(member=member)
    room.open_next(after="p1")
    finding, *_ = refused(lambda: room.open_poll(items=["p2"]), "quorum")
    assert finding.article == "statuts"
    assert "seconde convocation" in finding.remedy


def test_a_quorum_lost_after_the_item_was_opened_is_a_warning(room):
    for member in EVERYBODY[2:]:
        room.leave(member=member)
    assert "quorum_perdu" in warned(room.open_poll(items=["p1"]).findings)


def test_a_second_call_needs_no_quorum(room):
    second = room.meeting
    first = Meeting.objects.create(body=second.body, held_on="2026-06-01", starts_at="19:00")
    second.second_call_of = first
    second.save()
    for member in EVERYBODY[2:]:
        room.leave(member=member)
    room.open_next(after="p1")
    room.open_poll(items=["p2"])


@pytest.mark.parametrize("fate", ["retire", "ajourne", "reporte"])
def test_no_poll_on_an_item_taken_out(room, fate):
    room.note_fate(item="p1", fate=fate)
    finding, *_ = refused(lambda: room.open_poll(items=["p1"]), "point_retire")
    assert str(room.meeting.ledger[-1].seq) in finding.remedy


def test_no_poll_while_suspended_before_opening_or_after_closing(room, empty_room):
    room.suspend()
    refused(lambda: room.open_poll(items=["p1"]), "seance_suspendue")
    room.resume()
    room.close_meeting()
    refused(lambda: room.open_poll(items=["p1"]), "seance_levee")


def test_no_poll_before_the_opening(empty_room):
    empty_room.call_roll(present=EVERYBODY)
    refused(lambda: empty_room.open_poll(items=["p1"]), "seance_non_ouverte")


def test_no_poll_in_a_room_without_voters(empty_room):
    empty_room.open_meeting(chair="alice-arnaud")
    with pytest.raises(Refused) as refusal:
        empty_room.open_poll(items=["p1"])
    assert "personne_ne_vote" in [f.code for f in refusal.value.findings]


@pytest.mark.parametrize("mode", ["ordinaire", "secret"])
def test_a_public_ballot_asked_for_imposes_itself(room, mode):
    room.request_ballot(item="p1", mode="public", members=EVERYBODY[:2])
    finding, *_ = refused(lambda: room.open_poll(items=["p1"], mode=mode), "public_demande")
    assert finding.article == "statuts"
    assert "public" in finding.remedy
    assert reading.usual_mode(room.meeting) == "public"


def test_a_secret_ballot_asked_for_imposes_itself(room):
    room.request_ballot(item="p1", mode="secret", members=EVERYBODY[:2])
    refused(lambda: room.open_poll(items=["p1"]), "secret_demande")
    assert warned(room.open_poll(items=["p1"], mode="secret").findings) == []


def test_a_secret_ballot_nobody_asked_for_is_remarked(room):
    assert warned(room.open_poll(items=["p1"], mode="secret").findings) == ["secret_non_demande"]


def test_at_a_distance_one_votes_by_name(room, cast):
    from tests.cast import make_rule_book

    cast.comite.rule_books.all().delete()
    make_rule_book(cast.comite, remote_allowed=True)
    attendance.recompose(room.meeting, by=room.by)
    room.leave(member="elsa-evrard")
    room.arrive(member="elsa-evrard", remote=True)
    refused(lambda: room.open_poll(items=["p1"]), "distance_scrutin_public")
    assert reading.usual_mode(room.meeting) == "public"
    room.open_poll(items=["p1"], mode="public")


def test_a_question_already_voted_is_not_voted_again(room):
    room.polled("proclaim", room.open_poll(items=["p1"], question="Amendement"))
    room.polled("proclaim", room.open_poll(items=["p1"]))
    refused(lambda: room.open_poll(items=["p1"]), "deja_vote")
    refused(lambda: room.open_poll(items=["p1"], question="Amendement"), "deja_vote")


def test_one_poll_at_a_time(room):
    room.open_poll(items=["p1"])
    refused(lambda: room.open_poll(items=["p2"]), "scrutin_ouvert")


@pytest.mark.parametrize("items", [[], ["p99"], ["p1", "p1"]])
def test_what_is_put_to_the_vote_must_be_on_the_agenda(room, items):
    with pytest.raises(Refused):
        room.open_poll(items=items)
    assert not Poll.objects.exists()


def test_a_refused_opening_leaves_nothing(room):
    before, stamp = len(room.meeting.ledger), Meeting.objects.get(pk=room.meeting.pk).stamp
    room.request_ballot(item="p2", mode="secret", members=EVERYBODY[:2])
    with pytest.raises(Refused):
        room.open_poll(items=["p2"], mode="ordinaire")
    room.meeting.forget()
    assert len(room.meeting.ledger) == before + 1
    assert Meeting.objects.get(pk=room.meeting.pk).stamp == stamp + 1
    assert room.item == "p1"


def test_a_vote_on_an_item_passed_over_is_of_now(room):
    """Elsa left since: she does not vote on an item that was opened when she was there."""
    room.open_next(after="p1")
    room.leave(member="elsa-evrard")
    poll = room.open_poll(items=["p1"])
    assert "elsa-evrard" not in poll.voters
    room.polled("proclaim", poll)
    assert len(room.meeting.sitting.at_ballot[poll.seqs[0]].voices) == 5


def test_back_on_an_item_voted_in_part_when_nobody_moved(room):
    room.polled("proclaim", room.open_poll(items=["p1"], question="Amendement"))
    room.open_next(after="p1")
    room.polled("proclaim", room.open_poll(items=["p1"]))
    room.polled("proclaim", room.open_poll(items=["p2"], question="Amendement"))
    room.open_next(after="p2")
    room.leave(member="elsa-evrard")
    refused(lambda: room.open_poll(items=["p2"]), "votants_changes")


# --- While it is open -------------------------------------------------------------------------


MOVEMENTS = {
    "une arrivée": lambda room: room.arrive(member="gaelle-garnier"),
    "un départ": lambda room: room.leave(member="elsa-evrard"),
    "un pouvoir": lambda room: room.give_proxy(giver="elsa-evrard", holder="denis-duval"),
    "une suppléance": lambda room: room.take_seat(
        substitute="gaelle-garnier", titular="claire-caron"
    ),
    "un déport": lambda room: room.recuse(member="elsa-evrard"),
    "un point": lambda room: room.open_next(after="p1"),
    "un autre point": lambda room: room.open_item(item="p2"),
    "une suspension": lambda room: room.suspend(),
    "la levée": lambda room: room.close_meeting(),
    "le huis clos": lambda room: room.close_doors(),
    "une annulation": lambda room: room.undo(seq=3),
    "une suite": lambda room: room.note_fate(item="p1", fate="retire"),
}


@pytest.mark.parametrize("move", MOVEMENTS.values(), ids=MOVEMENTS.keys())
def test_nobody_moves_while_a_poll_is_open(room, move):
    poll = room.open_poll(items=["p1"])
    before = len(room.meeting.ledger)
    finding, *_ = refused(lambda: move(room), "scrutin_ouvert")
    assert "bandonnez-le" in finding.remedy
    assert len(room.meeting.ledger) == before
    room.polled("give_up", poll)


def test_an_excuse_or_a_clerk_changes_no_vote(room):
    room.open_poll(items=["p1"])
    room.name_clerks(clerks=["claire-caron"])
    room.excuse(member="gaelle-garnier")


def test_a_ledger_changed_from_another_page_stops_the_poll(room, cast):
    """The other pages of a sitting know nothing of polls."""
    poll = room.open_poll(items=["p1"])
    ledger.record(
        room.meeting, sitting.Left(member="elsa-evrard", at=room.clock), by=cast.secretariat
    )
    refused(lambda: room.polled("proclaim", poll), "votants_changes")
    room.polled("give_up", poll)
    room.polled("proclaim", room.open_poll(items=["p1"]))


# --- A show of hands --------------------------------------------------------------------------


def test_everybody_is_for_but_the_exceptions(room):
    poll = room.open_poll(items=["p1"])
    room.polled("choose", poll, seat="elsa-evrard", choice="contre")
    room.polled("choose", poll, seat="farid-faure", choice="abstention")
    room.polled("choose", poll, seat="denis-duval", choice="contre")
    room.polled("choose", poll, seat="denis-duval", choice=None)
    (outcome,) = room.polled("proclaim", poll)
    assert (outcome.tally.for_, outcome.tally.against, outcome.tally.abstentions) == (4, 1, 1)
    ballot = room.meeting.sitting.ballots("p1")[0]
    assert ballot.choices == {"elsa-evrard": Choice.AGAINST, "farid-faure": Choice.ABSTAIN}
    assert noted(poll) == {}
    row = Ballot.objects.get()
    assert (row.votes_for, row.votes_against, row.event.seq) == (4, 1, poll.seqs[0])
    assert not row.votes.exists()


def test_everyone_for_forgets_the_exceptions(room):
    poll = room.open_poll(items=["p1"])
    room.polled("choose", poll, seat="elsa-evrard", choice="contre")
    assert room.polled("everyone_for", poll) == 1
    (outcome,) = room.polled("proclaim", poll)
    assert outcome.is_unanimous


def test_exceptions_may_be_counted_without_names(room):
    poll = room.open_poll(items=["p1"])
    (outcome,) = room.polled("proclaim", poll, counts={"contre": 2, "abstention": 0})
    assert (outcome.tally.for_, outcome.tally.against) == (4, 2)


def test_more_exceptions_than_voices_are_refused_and_the_poll_stays_open(room):
    poll = room.open_poll(items=["p1"])
    refused(lambda: room.polled("proclaim", poll, counts={"contre": 7}), "trop_de_voix")
    poll.refresh_from_db()
    assert poll.is_open
    assert not room.meeting.sitting.ballots("p1")


@pytest.mark.parametrize("choice", ["blanc", "nul", "oui", ""])
def test_a_hand_says_for_against_abstains_or_takes_no_part(room, choice):
    poll = room.open_poll(items=["p1"])
    refused(lambda: room.polled("choose", poll, seat="elsa-evrard", choice=choice), "vote_inconnu")


def test_who_has_no_vote_is_not_noted(room):
    room.recuse(member="elsa-evrard")
    poll = room.open_poll(items=["p1"])
    for seat in ("elsa-evrard", "gaelle-garnier", "personne"):
        refused(
            lambda seat=seat: room.polled("choose", poll, seat=seat, choice="pour"), "sans_voix"
        )


def test_special_majorities(room):
    for key, item in (("statuts", "p1"), ("comptes", "p2")):
        poll = room.open_poll(items=[item], majority=key)
        for seat in EVERYBODY[:3]:
            room.polled("choose", poll, seat=seat, choice="contre")
        (outcome,) = room.polled("proclaim", poll)
        assert outcome.adopted is (key == "comptes")
        assert outcome.majority == reading.majority(room.meeting, key)


# --- Proxies ----------------------------------------------------------------------------------


@pytest.fixture
def carried(room):
    """Elsa is represented by Denis."""
    room.leave(member="elsa-evrard")
    room.give_proxy(giver="elsa-evrard", holder="denis-duval")
    return room


def test_the_proxies_of_a_holder_follow_him(carried):
    poll = carried.open_poll(items=["p1"])
    chosen = carried.polled("choose", poll, seat="denis-duval", choice="contre")
    assert chosen.seats == ("denis-duval", "elsa-evrard")
    assert noted(poll) == {"denis-duval": "contre", "elsa-evrard": "contre"}
    carried.polled("choose", poll, seat="denis-duval", choice="abstention")
    assert noted(poll) == {"denis-duval": "abstention", "elsa-evrard": "abstention"}
    carried.polled("choose", poll, seat="denis-duval", choice=None)
    assert noted(poll) == {}


def test_a_giver_set_apart_stays_so(carried):
    poll = carried.open_poll(items=["p1"])
    carried.polled("choose", poll, seat="elsa-evrard", choice="pour")
    chosen = carried.polled("choose", poll, seat="denis-duval", choice="contre")
    assert chosen.left == ("elsa-evrard",)
    assert noted(poll) == {"denis-duval": "contre", "elsa-evrard": "pour"}
    carried.polled("choose", poll, seat="elsa-evrard", choice=None)
    chosen = carried.polled("choose", poll, seat="denis-duval", choice="contre")
    assert noted(poll) == {"denis-duval": "contre", "elsa-evrard": "contre"}


def test_a_holder_may_be_noted_alone(carried):
    poll = carried.open_poll(items=["p1"])
    carried.polled("choose", poll, seat="denis-duval", choice="contre", with_proxies=False)
    assert noted(poll) == {"denis-duval": "contre"}


# --- A roll call ------------------------------------------------------------------------------


def test_in_a_roll_call_nobody_is_recorded_until_called(room):
    poll = room.open_poll(items=["p1"], mode="public")
    assert poll.findings == ()  # nobody was called yet: there is nothing to be missed
    room.polled("choose", poll, seat="alice-arnaud", choice="pour")
    finding, *_ = refused(lambda: room.polled("proclaim", poll), "sieges_sans_vote")
    assert finding.message.startswith("5 sièges")
    assert "Bruno BESSON" in finding.message
    assert room.polled("everyone_for", poll) == 5
    (outcome,) = room.polled("proclaim", poll)
    assert outcome.tally.for_ == 6
    assert Ballot.objects.get().votes.count() == 6


def test_in_a_roll_call_everyone_for_leaves_who_answered(room):
    poll = room.open_poll(items=["p1"], mode="public")
    room.polled("choose", poll, seat="elsa-evrard", choice="contre")
    room.polled("everyone_for", poll)
    assert noted(poll)["elsa-evrard"] == "contre"


def test_the_rest_may_be_declared_not_voting(room):
    poll = room.open_poll(items=["p1"], mode="public")
    room.polled("choose", poll, seat="alice-arnaud", choice="pour")
    (outcome,) = room.polled("proclaim", poll, complete=True)
    assert (outcome.tally.for_, outcome.tally.not_voting) == (1, 5)
    assert len(room.meeting.sitting.ballots("p1")[0].choices) == 6


# --- En bloc ----------------------------------------------------------------------------------


def test_en_bloc_is_one_line_an_item(room):
    poll = room.open_poll(items=["p1", "p2", "p3"])
    assert room.item == "p3"
    room.polled("choose", poll, seat="elsa-evrard", choice="contre")
    outcomes = room.polled("proclaim", poll)
    assert [outcome.tally.against for outcome in outcomes] == [1, 1, 1]
    assert len(poll.seqs) == 3
    assert [room.meeting.ledger[seq - 1].ballot.item for seq in poll.seqs] == ["p1", "p2", "p3"]


def test_en_bloc_is_all_or_none(room):
    room.polled("proclaim", room.open_poll(items=["p2"]))
    finding, *_ = refused(lambda: room.open_poll(items=["p3", "p2"]), "deja_vote")
    assert "Subventions" in finding.message
    assert not Poll.objects.filter(ended_at=None).exists()
    assert room.item == "p2"


def test_en_bloc_the_urgency_may_come_with_the_rest(room, cast):
    """Each item is judged after those before it, not alone."""
    urgency = items.add_item(
        room.meeting, title="Urgence", kind=AgendaItem.Kind.URGENCY, by=cast.secretariat
    ).key
    room.note_fate(item="p2", fate="prend_acte")
    room.open_poll(items=[urgency, "p1"])
    room.polled("give_up", reading.open_poll(room.meeting))
    finding, *_ = refused(lambda: room.open_poll(items=["p1", urgency]), "urgence_non_decidee")
    assert "Budget primitif" in finding.message


def test_en_bloc_who_withdrew_from_one_item_votes_on_the_others(room):
    room.recuse(member="denis-duval")
    poll = room.open_poll(items=["p1", "p2"])
    room.polled("choose", poll, seat="denis-duval", choice="contre")
    first, second = room.polled("proclaim", poll)
    assert (first.tally.against, second.tally.against) == (0, 1)


def test_no_question_en_bloc(room):
    refused(lambda: room.open_poll(items=["p1", "p2"], question="Amendement"), "bloc_et_question")


# --- Ending -----------------------------------------------------------------------------------


def test_a_poll_ends_once_and_says_how(room):
    poll = room.open_poll(items=["p1"])
    stale = Poll.objects.get(pk=poll.pk)
    room.polled("proclaim", poll)
    for verb, asked in (
        ("proclaim", {}),
        ("give_up", {}),
        ("everyone_for", {}),
        ("choose", {"seat": "elsa-evrard", "choice": "contre"}),
    ):
        finding, *_ = refused(
            lambda verb=verb, asked=asked: room.polled(verb, stale, **asked), "scrutin_clos"
        )
        assert "vient d’être proclamé" in finding.message
    other = room.open_poll(items=["p2"])
    room.polled("give_up", other)
    finding, *_ = refused(lambda: room.polled("proclaim", other), "scrutin_clos")
    assert "abandonné" in finding.message


def test_giving_up_leaves_no_vote(room):
    poll = room.open_poll(items=["p1"])
    room.polled("choose", poll, seat="elsa-evrard", choice="contre")
    room.polled("give_up", poll)
    assert noted(poll) == {}
    assert not room.meeting.sitting.ballots("p1")
    assert poll.ending == Poll.Ending.GIVEN_UP
    room.leave(member="elsa-evrard")


def test_a_public_ballot_has_no_unnamed_votes(room):
    poll = room.open_poll(items=["p1"], mode="public")
    room.polled("everyone_for", poll)
    with pytest.raises(Refused) as refusal:
        room.polled("proclaim", poll, counts={"contre": 1})
    assert "public_anonyme" in [f.code for f in refusal.value.findings]


def test_a_secret_ballot_on_paper_is_typed(room):
    room.request_ballot(item="p1", mode="secret", members=EVERYBODY[:2])
    poll = room.open_poll(items=["p1"], mode="secret")
    refused(
        lambda: room.polled("choose", poll, seat="elsa-evrard", choice="pour"), "scrutin_secret"
    )
    refused(lambda: room.polled("everyone_for", poll), "scrutin_secret")
    refused(lambda: room.polled("proclaim", poll), "secret_sans_resultat")
    refused(lambda: room.polled("proclaim", poll, counts={"pour": 7}), "trop_de_voix")
    (outcome,) = room.polled("proclaim", poll, counts={"pour": 3, "contre": 2, "nul": 1})
    assert (outcome.tally.for_, outcome.tally.null, outcome.adopted) == (3, 1, True)


# --- Votes from tablets -----------------------------------------------------------------------


def test_tablets_must_be_allowed(room):
    refused(lambda: room.open_poll(items=["p1"], on_tablets=True), "sans_tablettes")
    Equipment.objects.create(meeting=room.meeting, tablets=True)
    room.meeting = Meeting.objects.get(pk=room.meeting.pk)
    room.request_ballot(item="p1", mode="secret", members=EVERYBODY[:2])
    refused(
        lambda: room.open_poll(items=["p1"], mode="secret", on_tablets=True),
        "secret_sans_tablettes",
    )


def cast_vote(room, poll, voter, choice, seat=None):
    room.wait(seconds=1)
    return VERBS["cast"](poll, voter=voter, choice=choice, seat=seat)


def test_a_delegate_votes_and_changes_his_mind_until_the_close(tablets):
    poll = tablets.open_poll(items=["p1"], mode="public", on_tablets=True)
    cast_vote(tablets, poll, "elsa-evrard", "pour")
    cast_vote(tablets, poll, "elsa-evrard", "contre")
    assert noted(poll) == {"elsa-evrard": "contre"}
    tablets.polled("everyone_for", poll)
    tablets.polled("proclaim", poll)
    finding, *_ = refused(lambda: cast_vote(tablets, poll, "elsa-evrard", "pour"), "scrutin_clos")
    assert "après la clôture" in finding.message


def test_a_delegate_votes_for_the_proxy_he_holds_and_for_nobody_else(tablets):
    tablets.leave(member="elsa-evrard")
    tablets.give_proxy(giver="elsa-evrard", holder="denis-duval")
    poll = tablets.open_poll(items=["p1"], mode="public", on_tablets=True)
    cast_vote(tablets, poll, "denis-duval", "pour")
    cast_vote(tablets, poll, "denis-duval", "contre", seat="elsa-evrard")
    assert noted(poll) == {"denis-duval": "pour", "elsa-evrard": "contre"}
    refused(
        lambda: cast_vote(tablets, poll, "denis-duval", "pour", seat="farid-faure"),
        "siege_d_un_autre",
    )
    refused(lambda: cast_vote(tablets, poll, "elsa-evrard", "pour"), "sans_voix")
    refused(lambda: cast_vote(tablets, poll, "denis-duval", "blanc"), "vote_inconnu")


def test_a_substitute_votes_for_the_seat_he_sits_in(tablets):
    tablets.leave(member="claire-caron")
    tablets.take_seat(substitute="gaelle-garnier", titular="claire-caron")
    poll = tablets.open_poll(items=["p1"], mode="public", on_tablets=True)
    cast_vote(tablets, poll, "gaelle-garnier", "contre")
    assert noted(poll) == {"claire-caron": "contre"}
    refused(lambda: cast_vote(tablets, poll, "claire-caron", "pour"), "sans_voix")


def test_hands_are_not_raised_on_a_tablet_unless_the_poll_is_there(tablets):
    poll = tablets.open_poll(items=["p1"])
    refused(lambda: cast_vote(tablets, poll, "elsa-evrard", "contre"), "hors_tablettes")
    tablets.polled("give_up", poll)
    poll = tablets.open_poll(items=["p1"], on_tablets=True)
    cast_vote(tablets, poll, "elsa-evrard", "contre")
    (outcome,) = tablets.polled("proclaim", poll)
    assert (outcome.tally.for_, outcome.tally.against) == (5, 1)


def test_the_last_word_counts_whoever_says_it(tablets):
    poll = tablets.open_poll(items=["p1"], mode="public", on_tablets=True)
    cast_vote(tablets, poll, "elsa-evrard", "contre")
    tablets.polled("choose", poll, seat="elsa-evrard", choice="pour")
    assert noted(poll) == {"elsa-evrard": "pour"}
    cast_vote(tablets, poll, "elsa-evrard", "contre")
    assert noted(poll) == {"elsa-evrard": "contre"}


@pytest.mark.parametrize("count", [6, 40])
def test_a_vote_costs_the_same_whatever_the_ledger_holds(
    tablets, django_assert_max_num_queries, count
):
    for _ in range(count // 2):
        tablets.leave(member="farid-faure")
        tablets.arrive(member="farid-faure")
    poll = tablets.open_poll(items=["p1"], mode="public", on_tablets=True)
    poll = Poll.objects.select_related("meeting").get(pk=poll.pk)
    with django_assert_max_num_queries(10):
        cast_vote(tablets, poll, "elsa-evrard", "contre")


# --- At once ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_ballot_closes_while_fifty_votes_are_on_their_way(tablets):
    """The ledger holds exactly what the clients were told was received."""
    poll = tablets.open_poll(items=["p1"], mode="public", on_tablets=True)
    words = ["pour", "contre", "abstention"]
    orders = [(EVERYBODY[n % 6], words[n // 6 % 3]) for n in range(50)]
    orders.insert(25, ("secretariat", ""))
    told = tablets.told()

    def send(order):
        voter, choice = order
        mine = Poll.objects.get(pk=poll.pk)
        try:
            if voter == "secretariat":
                polls.proclaim(mine, complete=True, **told)
                return None
            vote = VERBS["cast"](mine, voter=voter, choice=choice)
        except Refused as refusal:
            return refusal
        return (vote.stamp, vote.seat, vote.choice)

    answers = [answer for answer in at_once(send, orders) if answer]
    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    assert {f.code for refusal in refusals for f in refusal.findings} <= {"scrutin_clos"}
    received = sorted(answer for answer in answers if not isinstance(answer, Refused))
    last_word = {seat: choice for _, seat, choice in received}
    tablets.meeting.forget()
    ballot = tablets.meeting.sitting.ballots("p1")[0]
    held = {seat: choice.value for seat, choice in ballot.choices.items()}
    assert {s: c for s, c in held.items() if c != "ne_prend_pas_part"} == last_word
    assert len(held) == 6


@pytest.mark.django_db(transaction=True)
def test_two_secretaries_proclaim_at_once_and_one_does(room):
    poll = room.open_poll(items=["p1"])
    told = room.told()

    def send(_):
        try:
            return polls.proclaim(Poll.objects.get(pk=poll.pk), **told)
        except Refused as refusal:
            return [f.code for f in refusal.findings]

    answers = at_once(send, range(4))
    assert sorted(answer == ["scrutin_clos"] for answer in answers) == [False, True, True, True]
    room.meeting.forget()
    assert len(room.meeting.sitting.ballots("p1")) == 1
