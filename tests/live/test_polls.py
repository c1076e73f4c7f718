"""A vote being taken: when it may open, what the secretary notes, what is proclaimed."""

from fractions import Fraction

import pytest

from law import sitting
from law.ballots import Choice
from law.findings import Refused
from live import board, reading
from live.actions.polls import Chosen
from live.forms import OpenPoll
from live.models import Equipment, Poll
from meetings import majorities
from meetings.actions import attendance, items, ledger
from meetings.models import AgendaItem, Ballot, Meeting
from tests.cast import change_rules
from tests.costs import queries
from tests.live.conftest import EVERYBODY, VERBS, warned
from tests.live.threads import raced
from tests.words import refused


def noted(poll: Poll) -> dict[str, str]:
    return Poll.objects.get(pk=poll.pk).votes


@pytest.mark.database
def test_a_poll_keeps_who_can_vote_and_puts_its_item_first(room):
    room.recuse(member="denis-duval")
    poll = room.open_poll(items=["p1"])
    assert list(poll.voters) == [key for key in EVERYBODY if key != "denis-duval"]
    assert poll.is_open
    assert reading.current_poll(room.meeting) == poll
    room.refuses("scrutin_ouvert", "open_poll", items=["p2"])
    room.polled("give_up", poll)
    room.open_poll(items=["p3"])
    assert room.item == "p3"


def test_no_poll_without_quorum_and_one_lost_since_is_a_warning(room):
    room.empty(but=2)
    poll = room.open_poll(items=["p1"])
    assert "quorum_perdu" in warned(poll.findings)
    room.polled("give_up", poll)
    room.open_next(after="p1")
    finding = room.refuses("quorum", "open_poll", items=["p2"])
    assert finding.article == "statuts"
    assert "seconde convocation" in finding.remedy
    first = Meeting.objects.create(body=room.meeting.body, held_on="2026-06-01", starts_at="19:00")
    room.meeting.second_call_of = first
    room.meeting.save()
    room.refuses("hors_premier_ordre_du_jour", "open_poll", items=["p2"])
    called = AgendaItem.objects.create(meeting=first, key="p2", title="Le même point")
    room.meeting.items.filter(key="p2").update(resumes=called)
    room.open_poll(items=["p2"])  # what the first sitting was called for needs none


def test_no_poll_on_an_item_taken_out(room):
    for fate in ("retire", "ajourne", "reporte"):
        room.note_fate(item="p1", fate=fate)
        finding = room.refuses("point_retire", "open_poll", items=["p1"])
        assert str(room.meeting.ledger[-1].seq) in finding.remedy


def test_no_poll_while_nobody_may_vote(empty_room):
    room = empty_room
    room.call_roll(present=EVERYBODY)
    room.refuses("seance_non_ouverte", "open_poll", items=["p1"])
    room.empty(but=0)
    room.open_meeting(chair="alice-arnaud")
    with pytest.raises(Refused) as refusal:
        room.open_poll(items=["p1"])
    assert "personne_ne_vote" in [f.code for f in refusal.value.findings]
    room.call_roll(present=EVERYBODY)
    room.suspend()
    room.refuses("seance_suspendue", "open_poll", items=["p1"])
    room.resume()
    room.close_meeting()
    room.refuses("seance_levee", "open_poll", items=["p1"])


def test_a_ballot_asked_for_imposes_itself(room):
    room.refuses("secret_sans_demande", "open_poll", items=["p1"], mode="secret")
    room.open_poll(items=["p1"], mode="secret", reason="désignation")
    room.polled("give_up", reading.current_poll(room.meeting))
    room.request_ballot(item="p1", mode="public", members=EVERYBODY[:2])
    for mode in ("ordinaire", "secret"):
        finding = room.refuses("public_demande", "open_poll", items=["p1"], mode=mode)
        assert finding.article == "statuts"
        assert "public" in finding.remedy
    assert reading.usual_mode(room.meeting) == "public"
    room.open_next(after="p1")
    room.request_ballot(item="p2", mode="secret", members=EVERYBODY[:2])
    room.refuses("secret_demande", "open_poll", items=["p2"])
    assert warned(room.open_poll(items=["p2"], mode="secret").findings) == []


def test_at_a_distance_one_votes_by_name(room, cast):
    change_rules(cast.comite, remote_allowed=True)
    attendance.recompose(room.meeting, by=room.by)
    room.leave(member="elsa-evrard")
    room.arrive(member="elsa-evrard", remote=True)
    room.refuses("distance_scrutin_public", "open_poll", items=["p1"])
    assert reading.usual_mode(room.meeting) == "public"
    room.open_poll(items=["p1"], mode="public")


def test_what_was_voted_or_is_not_on_the_agenda_is_not_put_to_the_vote(room):
    room.polled("proclaim", room.open_poll(items=["p1"], question="Amendement"))
    room.vote("p1")
    room.refuses("deja_vote", "open_poll", items=["p1"])
    room.refuses("deja_vote", "open_poll", items=["p1"], question="Amendement")
    before = Poll.objects.count()
    for points in ([], ["p99"], ["p2", "p2"]):
        with pytest.raises(Refused):
            room.open_poll(items=points)
    assert Poll.objects.count() == before


def test_a_vote_on_an_item_passed_over_is_of_now(room):
    """Elsa left since: she does not vote on an item that was opened when she was there."""
    room.polled("proclaim", room.open_poll(items=["p2"], question="Amendement"))
    room.open_item(item="p3")
    room.vote("p2")  # nobody moved meanwhile
    room.polled("proclaim", room.open_poll(items=["p4"], question="Amendement"))
    room.open_item(item="p1")
    room.leave(member="elsa-evrard")
    for item in ("p4", "p3"):
        poll = room.open_poll(items=[item])
        assert "elsa-evrard" not in poll.voters
        room.polled("proclaim", poll)
        assert len(room.meeting.sitting.at_ballot[poll.seqs[0]].voices) == 5


MOVEMENTS = [
    ("arrive", {"member": "gaelle-garnier"}),
    ("leave", {"member": "elsa-evrard"}),
    ("give_proxy", {"giver": "elsa-evrard", "holder": "denis-duval"}),
    ("take_seat", {"substitute": "gaelle-garnier", "titular": "claire-caron"}),
    ("recuse", {"member": "elsa-evrard"}),
    ("open_next", {"after": "p1"}),
    ("open_item", {"item": "p2"}),
    ("suspend", {}),
    ("close_meeting", {}),
    ("close_doors", {}),
    ("undo", {"seq": 3}),
    ("note_fate", {"item": "p1", "fate": "retire"}),
]


def test_nobody_moves_while_a_poll_is_open(room):
    poll = room.open_poll(items=["p1"])
    before = len(room.meeting.ledger)
    for verb, asked in MOVEMENTS:
        remedy = room.refuses("scrutin_ouvert", verb, **asked).remedy
        assert "bandonnez-le" in remedy
        assert verb == "undo" or "compte à partir de la fin du vote" in remedy
    assert len(room.meeting.ledger) == before
    # An excuse or a clerk changes no vote.
    room.name_clerks(clerks=["claire-caron"])
    room.excuse(member="gaelle-garnier")
    # The other pages of a sitting know nothing of polls.
    ledger.record(room.meeting, sitting.Left(member="elsa-evrard", at=room.clock), by=room.by)
    room.refuses("votants_changes", "proclaim", poll)
    room.polled("give_up", poll)
    room.vote("p1")


def test_everybody_is_for_but_the_exceptions(room):
    poll = room.open_poll(items=["p1"])
    room.choose(elsa_evrard="contre", farid_faure="abstention", denis_duval="contre")
    room.choose(denis_duval=None)
    (outcome,) = room.proclaim()
    assert (outcome.tally.for_, outcome.tally.against, outcome.tally.abstentions) == (4, 1, 1)
    ballot = room.meeting.sitting.ballots("p1")[0]
    assert ballot.choices == {"elsa-evrard": Choice.AGAINST, "farid-faure": Choice.ABSTAIN}
    assert noted(poll) == {}
    row = Ballot.objects.get()
    assert (row.votes_for, row.votes_against, row.event.seq) == (4, 1, poll.seqs[0])
    assert not row.votes.exists()


def test_everyone_for_forgets_the_exceptions_which_may_be_counted_without_names(room):
    poll = room.ask(choices={"elsa_evrard": "contre"})
    assert room.polled("everyone_for", poll) == 1
    (outcome,) = room.proclaim()
    assert outcome.is_unanimous
    poll = room.open_poll(items=["p2"])
    room.refuses("trop_de_voix", "proclaim", poll, counts={"contre": 7})
    assert Poll.objects.get(pk=poll.pk).is_open
    assert not room.meeting.sitting.ballots("p2")
    (outcome,) = room.polled("proclaim", poll, counts={"contre": 2, "abstention": 0})
    assert (outcome.tally.for_, outcome.tally.against) == (4, 2)


def test_only_a_known_choice_of_a_known_voter_is_noted(room):
    room.recuse(member="elsa-evrard")
    poll = room.open_poll(items=["p1"])
    for choice in ("blanc", "nul", "oui", ""):
        room.refuses("vote_inconnu", "choose", poll, seat="denis-duval", choice=choice)
    for seat in ("elsa-evrard", "gaelle-garnier", "personne"):
        room.refuses("sans_voix", "choose", poll, seat=seat, choice="pour")


def test_special_majorities(room):
    for key, item in (("statuts", "p1"), ("comptes", "p2")):
        if key == "comptes":
            with refused("comptes_presides", "comptes_votes"):
                room.open_poll(items=[item], majority=key)
            room.open_item(item=item)
            room.recuse(member="alice-arnaud", ground="comptes")
            room.take_chair(member="bruno-besson", item=item)
        three = dict.fromkeys(("bruno_besson", "claire_caron", "elsa_evrard"), "contre")
        if key == "comptes":
            del three["bruno_besson"]
        room.ask(items=[item], majority=key, choices=three)
        (outcome,) = room.proclaim()
        assert outcome.adopted is (key == "comptes")
        assert outcome.majority == majorities.of(room.meeting.regime, key)


def test_a_majority_that_a_text_asks_for(room):
    """The clause of the statutes is kept with the vote; without one there is none."""
    asked = {"items": "p1", "majority": "autre", "fraction": "3/4", "base": "membres_composant"}
    form = OpenPoll(asked, meeting=room.meeting)
    assert not form.is_valid() and [*form.errors] == ["article"]
    form = OpenPoll({**asked, "article": "art. 9 des statuts"}, meeting=room.meeting)
    assert form.is_valid()
    room.open_poll(**form.asked())
    (outcome,) = room.proclaim()
    kept = outcome.majority
    assert (kept.fraction, kept.article) == (Fraction(3, 4), "art. 9 des statuts")
    assert outcome.required == 5 and outcome.adopted


def test_the_proxies_of_a_holder_follow_him_unless_set_apart(room):
    """Elsa is represented by Denis."""
    room.leave(member="elsa-evrard")
    room.give_proxy(giver="elsa-evrard", holder="denis-duval")
    poll = room.open_poll(items=["p1"])

    def choose(seat: str, choice: str | None, **how: bool) -> Chosen:
        return room.polled("choose", poll, seat=seat, choice=choice, **how)

    assert choose("denis-duval", "contre").seats == ("denis-duval", "elsa-evrard")
    assert noted(poll) == {"denis-duval": "contre", "elsa-evrard": "contre"}
    choose("denis-duval", "abstention")
    assert noted(poll) == {"denis-duval": "abstention", "elsa-evrard": "abstention"}
    choose("denis-duval", None)
    assert noted(poll) == {}
    choose("elsa-evrard", "pour")
    assert choose("denis-duval", "contre").left == ("elsa-evrard",)
    assert noted(poll) == {"denis-duval": "contre", "elsa-evrard": "pour"}
    choose("elsa-evrard", None)
    choose("denis-duval", "contre", with_proxies=False)
    assert noted(poll) == {"denis-duval": "contre"}
    choose("denis-duval", "contre")
    assert noted(poll) == {"denis-duval": "contre", "elsa-evrard": "contre"}


def test_in_a_roll_call_nobody_is_recorded_until_called(room):
    poll = room.open_poll(items=["p1"], mode="public")
    assert poll.findings == ()  # nobody was called yet: there is nothing to be missed
    room.polled("choose", poll, seat="alice-arnaud", choice="contre")
    finding = room.refuses("sieges_sans_vote", "proclaim", poll)
    assert finding.message.startswith("5 sièges")
    assert "Bruno BESSON" in finding.message
    assert room.polled("everyone_for", poll) == 5
    assert noted(poll)["alice-arnaud"] == "contre"
    with pytest.raises(Refused) as refusal:
        room.polled("proclaim", poll, counts={"contre": 1})
    assert "public_anonyme" in [f.code for f in refusal.value.findings]
    (outcome,) = room.polled("proclaim", poll)
    assert (outcome.tally.for_, outcome.tally.against) == (5, 1)
    assert Ballot.objects.get().votes.count() == 6
    room.ask("public", items=["p2"], choices={"alice_arnaud": "pour"})
    (outcome,) = room.proclaim(complete=True)  # the rest takes no part
    assert (outcome.tally.for_, outcome.tally.not_voting) == (1, 5)
    assert len(room.meeting.sitting.ballots("p2")[0].choices) == 6


@pytest.mark.parametrize(
    ("rule", "words", "expected"),
    [
        ("ne_prend_pas_part", "ils ne prennent pas part", (1, 1, 4)),
        ("pour", "le règlement les compte pour", (5, 1, 0)),
    ],
)
def test_silence_on_tablets_is_no_vote_unless_the_rules_say_so(
    cast, request, rule, words, expected
):
    """Two answered out of six; what the ledger keeps is what the rule of the body says."""
    change_rules(cast.comite, silence_on_tablets=rule)
    room = request.getfixturevalue("tablets")
    poll = room.open_poll(items=["p1"], on_tablets=True)
    for voter, choice in (("alice-arnaud", "pour"), ("elsa-evrard", "contre")):
        room.polled("cast", poll, voter=voter, choice=choice)
    seen = board.of(Meeting.objects.get(pk=room.meeting.pk))
    noted = {p.key: p.choice for column in seen.roll.columns for p in column.people if p.choice}
    assert noted == {"alice-arnaud": "pour", "elsa-evrard": "contre"}
    voting = seen.item.voting
    assert [figure.number for figure in voting.figures] == [1, 1, 0, 0]
    assert voting.answered.replace("\u00a0", " ") == "2 réponses sur 6."
    assert voting.sentence == ""
    finding = room.refuses("sieges_sans_vote", "proclaim", poll)
    assert finding.message.startswith("4 sièges n’ont pas encore voté")
    assert "Claire CARON, Farid FAURE et Denis DUVAL" in finding.message
    assert words in finding.remedy
    (outcome,) = room.proclaim(complete=True)
    tally = outcome.tally
    assert (tally.for_, tally.against, tally.not_voting) == expected
    (held,) = room.meeting.sitting.ballots("p1")
    silent = {seat for seat, choice in held.choices.items() if choice == "ne_prend_pas_part"}
    assert len(silent) == expected[2]


def test_who_misses_is_who_sits_or_carries(tablets):
    room = tablets
    room.leave(member="claire-caron")
    room.take_seat(substitute="gaelle-garnier", titular="claire-caron")
    room.leave(member="elsa-evrard")
    room.give_proxy(giver="elsa-evrard", holder="denis-duval")
    poll = room.open_poll(items=["p1"], on_tablets=True)
    for voter in ("alice-arnaud", "bruno-besson", "farid-faure", "denis-duval"):
        room.polled("cast", poll, voter=voter, choice="pour")
    finding = room.refuses("sieges_sans_vote", "proclaim", poll)
    assert "Gaëlle GARNIER et Elsa EVRARD (pouvoir à Denis DUVAL)" in finding.message


def test_hands_counted_beside_the_tablets_are_those_of_the_silent(tablets):
    room = tablets
    poll = room.open_poll(items=["p1"], on_tablets=True)
    for voter in EVERYBODY[:3]:
        room.polled("cast", poll, voter=voter, choice="pour")
    room.refuses("plus_que_les_silences", "proclaim", poll, counts={"contre": 4}, complete=True)
    (outcome,) = room.proclaim(counts={"contre": 2}, complete=True)
    tally = outcome.tally
    assert (tally.for_, tally.against, tally.not_voting) == (3, 2, 1)
    # With one key the secretary says that the others are for; the answers stay.
    poll = room.open_poll(items=["p2"], on_tablets=True)
    room.polled("cast", poll, voter="elsa-evrard", choice="contre")
    assert room.polled("everyone_for", poll) == 5
    (outcome,) = room.proclaim()
    assert (outcome.tally.for_, outcome.tally.against) == (5, 1)


@pytest.mark.database
def test_en_bloc_is_one_line_an_item_all_or_none(room):
    poll = room.ask(items=["p1", "p2", "p3"], choices={"elsa_evrard": "contre"})
    assert room.item == "p3"
    outcomes = room.polled("proclaim", poll)
    assert [outcome.tally.against for outcome in outcomes] == [1, 1, 1]
    assert [room.meeting.ledger[seq - 1].ballot.item for seq in poll.seqs] == ["p1", "p2", "p3"]
    finding = room.refuses("deja_vote", "open_poll", items=["p4", "p2"])
    assert "Subventions" in finding.message
    assert not Poll.objects.filter(ended_at=None).exists()
    assert room.item == "p3"
    room.refuses("bloc_et_question", "open_poll", items=["p1", "p2"], question="Amendement")


def test_en_bloc_each_item_is_judged_after_those_before_it_and_voted_by_its_own_voters(room, cast):
    kind = AgendaItem.Kind.URGENCY
    room.open_item(item="p2")
    room.note_fate(item="p2", fate="prend_acte")
    urgency = items.add_item(room.meeting, title="Urgence", kind=kind, by=room.by).key
    room.polled("give_up", room.open_poll(items=[urgency, "p1"]))
    finding = room.refuses("urgence_non_decidee", "open_poll", items=["p1", urgency])
    assert "Budget primitif" in finding.message
    room.vote(urgency)
    room.open_item(item="p3")
    room.recuse(member="denis-duval")
    room.ask(items=["p3", "p4"], choices={"denis_duval": "contre"})
    first, second = room.proclaim()
    assert (first.tally.against, second.tally.against) == (0, 1)


@pytest.mark.database
def test_a_poll_ends_once_and_says_how(room):
    poll = room.open_poll(items=["p1"])
    stale = Poll.objects.get(pk=poll.pk)
    room.polled("proclaim", poll)
    hand = {"seat": "elsa-evrard", "choice": "contre"}
    for verb, asked in (("proclaim", {}), ("give_up", {}), ("everyone_for", {}), ("choose", hand)):
        assert "vient d’être proclamé" in room.refuses("scrutin_clos", verb, stale, **asked).message
    other = room.open_poll(items=["p2"])
    room.polled("choose", other, **hand)
    room.polled("give_up", other)
    assert noted(other) == {}
    assert not room.meeting.sitting.ballots("p2")
    assert other.ending == Poll.Ending.GIVEN_UP
    assert "abandonné" in room.refuses("scrutin_clos", "proclaim", other).message
    room.leave(member="elsa-evrard")


@pytest.mark.database
def test_a_secret_ballot_on_paper_is_typed(room):
    room.request_ballot(item="p1", mode="secret", members=EVERYBODY[:2])
    poll = room.open_poll(items=["p1"], mode="secret")
    room.refuses("scrutin_secret", "choose", poll, seat="elsa-evrard", choice="pour")
    room.refuses("scrutin_secret", "everyone_for", poll)
    room.refuses("secret_sans_resultat", "proclaim", poll)
    room.refuses("trop_de_voix", "proclaim", poll, counts={"pour": 7})
    (outcome,) = room.polled("proclaim", poll, counts={"pour": 3, "contre": 2, "nul": 1})
    assert (outcome.tally.for_, outcome.tally.null, outcome.adopted) == (3, 1, True)


def test_tablets_must_be_allowed(room):
    room.refuses("sans_tablettes", "open_poll", items=["p1"], on_tablets=True)
    Equipment.objects.create(meeting=room.meeting, tablets=True)
    room.request_ballot(item="p1", mode="secret", members=EVERYBODY[:2])
    asked = {"items": ["p1"], "mode": "secret", "on_tablets": True}
    room.refuses("secret_sans_tablettes", "open_poll", **asked)


@pytest.mark.database
@pytest.mark.parametrize("count", [6, 40])
def test_a_vote_costs_the_same_whatever_the_ledger_holds(tablets, count):
    for _ in range(count // 2):
        tablets.leave(member="farid-faure")
        tablets.arrive(member="farid-faure")
    tablets.ask("public", on_tablets=True)
    poll = Poll.objects.select_related("meeting").get()
    assert queries(lambda: VERBS["cast"](poll, voter="elsa-evrard", choice="contre")) <= 10


@pytest.mark.parametrize(
    ("mode", "seat", "choice", "said"),
    [
        pytest.param("public", "elsa-evrard", "contre", "", id="le même, déjà reçu"),
        pytest.param("public", "elsa-evrard", "pour", "compte «\u00a0contre\u00a0»", id="un autre"),
        pytest.param("ordinaire", "elsa-evrard", "contre", "", id="une exception déjà reçue"),
        pytest.param("public", "alice-arnaud", "pour", "n’est pas compté", id="le premier"),
    ],
)
def test_a_vote_sent_again_after_the_close_is_told_what_counts(tablets, mode, seat, choice, said):
    """Its first answer was lost on the way: nobody is told uncounted what counts."""
    poll = tablets.open_poll(items=["p1"], mode=mode, on_tablets=True)
    tablets.polled("cast", poll, voter="elsa-evrard", choice="contre")
    tablets.polled("proclaim", poll, complete=True)
    before = tablets.meeting.events.count()
    again = Poll.objects.get(pk=poll.pk)
    asked = {"voter": seat, "choice": choice}
    if said:
        assert said in tablets.refuses("scrutin_clos", "cast", again, **asked).message
    else:
        received = VERBS["cast"](again, **asked)
        assert (received.seat, received.choice) == (seat, choice)
    tablets.meeting.forget()
    (ballot,) = tablets.meeting.sitting.ballots("p1")
    assert ballot.choices["elsa-evrard"] == "contre"
    assert tablets.meeting.events.count() == before


@pytest.mark.database
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
        if voter == "secretariat":
            return VERBS["proclaim"](mine, complete=True, **told) and None
        vote = VERBS["cast"](mine, voter=voter, choice=choice)
        return (vote.stamp, vote.seat, vote.choice)

    received, refusals = raced(send, orders)
    assert refusals <= {"scrutin_clos"}
    last_word = {seat: choice for _, seat, choice in sorted(received)}
    tablets.meeting.forget()
    (ballot,) = tablets.meeting.sitting.ballots("p1")
    held = {seat: choice.value for seat, choice in ballot.choices.items()}
    assert {s: c for s, c in held.items() if c != "ne_prend_pas_part"} == last_word
    assert len(held) == 6


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_secretaries_proclaim_at_once_and_one_does(room):
    poll, told = room.open_poll(items=["p1"]), room.told()
    done, refusals = raced(
        lambda _: VERBS["proclaim"](Poll.objects.get(pk=poll.pk), **told), range(4)
    )
    assert (len(done), refusals) == (1, {"scrutin_clos"})
    room.meeting.forget()
    assert len(room.meeting.sitting.ballots("p1")) == 1
