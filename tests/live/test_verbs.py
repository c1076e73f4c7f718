"""A sitting held by its verbs: what each tells, what it refuses, in which words."""

from datetime import timedelta

import pytest

from law import elections, sitting
from live import reading
from live.actions import people
from meetings.actions import items
from meetings.models import AgendaItem, Meeting
from tests.live.conftest import EVERYBODY, refused, warned

# --- The roll and the opening -----------------------------------------------------------------


def test_before_the_opening_what_is_told_is_the_roll_and_has_no_hour(empty_room):
    empty_room.arrive(member="alice-arnaud")
    empty_room.give_proxy(giver="elsa-evrard", holder="alice-arnaud")
    empty_room.excuse(member="elsa-evrard")
    hours = [event.at for event in empty_room.meeting.ledger]
    assert hours == [None] * 4
    assert empty_room.kinds() == ["Composed", "Arrived", "ProxyGiven", "Excused"]


def test_the_opening_has_its_second_and_so_has_what_follows(empty_room):
    empty_room.call_roll(present=EVERYBODY[:4])
    empty_room.open_meeting(chair="alice-arnaud", clerks=["bruno-besson"])
    opened = empty_room.clock
    empty_room.wait(minutes=7).arrive(member="denis-duval")
    story = empty_room.meeting.sitting
    assert next(story.of_kind(sitting.Opened)).at == opened
    assert story.events[-1].at == empty_room.clock
    assert story.at_opening.clerks == ("bruno-besson",)
    assert "denis-duval" not in story.at_opening.room


def test_opening_without_quorum_is_told_and_forbids_only_to_vote(empty_room):
    empty_room.call_roll(present=EVERYBODY[:2])
    warnings = empty_room.open_meeting(chair="alice-arnaud")
    assert warned(warnings) == ["quorum"]
    assert "il en faut 4" in warnings[0].message
    assert empty_room.meeting.stage == Meeting.Stage.OPEN
    assert warned(empty_room.open_next(after="")) == ["quorum"]


def test_opening_a_sitting_of_another_day_is_remarked(empty_room):
    empty_room.call_roll(present=EVERYBODY)
    warnings = empty_room.wait(days=30).open_meeting(chair="alice-arnaud")
    assert warned(warnings) == ["autre_jour"]
    assert "9 juin 2026, à 19 h" in warnings[0].message.replace("\u00a0", " ")


def test_opening_twice_is_refused(room):
    refused(lambda: room.open_meeting(chair="bruno-besson"), "deja_ouverte")


def test_the_roll_leaves_alone_who_is_there(empty_room):
    empty_room.arrive(member="alice-arnaud")
    empty_room.call_roll(present=EVERYBODY)
    assert empty_room.kinds().count("Arrived") == 6


def test_until_a_first_item_the_roll_call_goes_on(empty_room):
    empty_room.call_roll(present=EVERYBODY[:4])
    empty_room.open_meeting(chair="alice-arnaud")
    empty_room.wait(minutes=3).call_roll(present=EVERYBODY)
    assert len(empty_room.meeting.sitting.at_opening.room) == 6
    empty_room.open_next(after="")
    empty_room.wait(minutes=3).call_roll(present=["gaelle-garnier"])
    assert empty_room.meeting.ledger[-1].at == empty_room.clock


def test_who_leaves_before_the_opening_never_came(empty_room):
    empty_room.call_roll(present=EVERYBODY)
    empty_room.leave(member="elsa-evrard")
    empty_room.open_meeting(chair="alice-arnaud")
    assert "elsa-evrard" not in empty_room.meeting.sitting.at_opening.room
    assert not list(empty_room.meeting.sitting.of_kind(sitting.Left))
    refused(lambda: empty_room.leave(member="elsa-evrard"), "depart_d_un_absent")


def test_leaving_before_the_opening_without_having_come(empty_room):
    refused(lambda: empty_room.leave(member="elsa-evrard"), "depart_d_un_absent")


def test_clerks_named_anew_replace_the_others(room):
    room.name_clerks(clerks=["claire-caron", "denis-duval"])
    assert room.state.clerks == ("claire-caron", "denis-duval")
    refused(lambda: room.name_clerks(clerks=[]), "sans_secretaire")


# --- Movements --------------------------------------------------------------------------------


def test_arrivals_and_departures(room):
    room.leave(member="elsa-evrard")
    assert "elsa-evrard" not in room.state.room
    room.wait(minutes=5).arrive(member="elsa-evrard")
    assert "elsa-evrard" in room.state.room
    refused(lambda: room.arrive(member="elsa-evrard"), "deja_present")
    refused(lambda: room.leave(member="gaelle-garnier"), "depart_d_un_absent")
    refused(lambda: room.arrive(member="personne"), "personne_inconnue")


def test_a_substitute_who_takes_a_seat_comes_in_by_the_same_act(room):
    room.leave(member="claire-caron", definitive=True)
    room.take_seat(substitute="gaelle-garnier", titular="claire-caron")
    assert room.state.occupants["claire-caron"] == "gaelle-garnier"
    room.return_seat(substitute="gaelle-garnier")
    assert "claire-caron" not in room.state.occupants


def test_proxies(room):
    room.leave(member="elsa-evrard")
    room.give_proxy(giver="elsa-evrard", holder="denis-duval")
    assert room.state.living_proxies == {"elsa-evrard": "denis-duval"}
    refused(
        lambda: room.give_proxy(giver="elsa-evrard", holder="farid-faure"), "pouvoir_deja_donne"
    )
    room.revoke_proxy(giver="elsa-evrard")
    assert room.state.living_proxies == {}


def test_a_withdrawal_is_of_the_current_item_and_can_be_taken_back(room):
    room.recuse(member="denis-duval")
    assert "denis-duval" in room.state.recused
    room.come_back(member="denis-duval")
    assert room.state.recused == {}
    refused(lambda: room.come_back(member="denis-duval"), "pas_en_deport")


def test_a_withdrawal_ends_with_its_item(room):
    room.recuse(member="denis-duval")
    room.open_next(after="p1")
    assert room.state.recused == {}


def test_who_takes_part_does_not_change_once_the_vote_is_proclaimed(room):
    room.recuse(member="denis-duval")
    poll = room.open_poll(items=["p1"])
    room.polled("proclaim", poll)
    refused(lambda: room.come_back(member="denis-duval"), "point_deja_vote")
    refused(lambda: room.recuse(member="elsa-evrard"), "point_deja_vote")


def test_no_withdrawal_without_an_item(empty_room):
    empty_room.call_roll(present=EVERYBODY)
    empty_room.open_meeting(chair="alice-arnaud")
    refused(lambda: empty_room.recuse(member="elsa-evrard"), "aucun_point_ouvert")


def test_the_chair_changes_for_an_item_or_for_good(room):
    room.take_chair(member="bruno-besson", item="p1")
    assert room.state.presiding == "bruno-besson"
    room.open_next(after="p1")
    assert room.state.presiding == "alice-arnaud"
    room.take_chair(member="denis-duval")
    assert room.state.presiding == "denis-duval"


def test_suspension_and_doors(room):
    room.suspend(reason="concertation")
    assert room.state.suspended
    refused(lambda: room.suspend(), "deja_suspendue")
    refused(lambda: room.open_next(after="p1"), "seance_suspendue")
    refused(lambda: room.close_meeting(), "seance_suspendue")
    room.wait(minutes=10).resume()
    room.close_doors(requesters=5, votes_for=4)
    assert room.state.doors_closed
    room.open_doors()
    refused(lambda: room.open_doors(), "pas_huis_clos")
    refused(lambda: room.close_doors(requesters=5, votes_for=3), "huis_clos_refuse")


def test_resuming_without_quorum_is_told(room):
    room.suspend()
    for member in EVERYBODY[2:]:
        room.leave(member=member)
    assert warned(room.resume()) == ["quorum"]


def test_whoever_asks_for_a_ballot_joins_those_who_asked_before(room):
    warnings = room.request_ballot(item="p1", mode="secret", members=["elsa-evrard"])
    assert warned(warnings) == ["demandeurs_insuffisants"]
    room.request_ballot(item="p1", mode="secret", members=["denis-duval", "elsa-evrard"])
    assert reading.usual_mode(room.meeting) == "secret"
    standing = sitting.standing_events(room.meeting.ledger)
    asked = [event for event in standing if isinstance(event, sitting.BallotRequested)]
    assert [event.members for event in asked] == [("elsa-evrard", "denis-duval")]


def test_a_college_is_set_changed_and_lifted(room):
    room.set_college(item="p1", members=["claire-caron", "farid-faure"])
    room.set_college(item="p1", members=["claire-caron"])
    assert {voice.seat for voice in room.state.voices} == {"claire-caron", "alice-arnaud"}
    room.set_college(item="p1", members=[])
    assert len(room.state.voices) == 6


# --- Items ------------------------------------------------------------------------------------


def test_items_follow_each_other(room):
    assert room.item == "p1"
    room.open_next(after="p1")
    room.open_item(item="p4")
    assert reading.next_item(room.meeting) == "p3"
    room.open_next(after="p4")
    assert room.item == "p3"
    refused(lambda: room.open_next(after="p3"), "ordre_du_jour_epuise")


def test_the_next_item_is_refused_when_somebody_else_already_went_on(room):
    room.open_next(after="p1")
    finding, *_ = refused(lambda: room.open_next(after="p1"), "etat_change")
    assert "Subventions" in finding.message
    assert room.item == "p2"


def test_next_passes_over_what_is_settled(room):
    room.note_fate(item="p2", fate="retire")
    room.open_next(after="p1")
    assert room.item == "p3"


def test_an_item_left_without_a_vote_is_put_again(room):
    room.open_next(after="p1")
    room.leave(member="elsa-evrard")
    room.wait(minutes=5).open_item(item="p1")
    assert room.item == "p1"
    assert "elsa-evrard" not in room.meeting.sitting.at_item["p1"].room
    refused(lambda: room.open_item(item="p1"), "point_deja_ouvert")


def test_an_item_already_voted_is_not_put_again(room):
    poll = room.open_poll(items=["p1"])
    room.polled("proclaim", poll)
    room.open_next(after="p1")
    refused(lambda: room.open_item(item="p1"), "point_deja_ouvert")
    refused(lambda: room.open_item(item="p99"), "point_inconnu")


def test_a_fate_replaces_another_and_can_be_taken_back(room):
    room.note_fate(item="p1", fate="prend_acte")
    room.note_fate(item="p1", fate="reporte", note="à la rentrée")
    assert room.meeting.sitting.fate("p1").note == "à la rentrée"
    room.note_fate(item="p1", fate="")
    assert room.meeting.sitting.fate("p1") is None


# --- Undoing ----------------------------------------------------------------------------------


def test_undoing_writes_a_line_and_can_be_undone(room):
    room.leave(member="elsa-evrard")
    seq = room.meeting.ledger[-1].seq
    room.undo(seq=seq)
    assert "elsa-evrard" in room.state.room
    refused(lambda: room.undo(seq=seq), "deja_annule")
    room.undo(seq=seq + 1)
    assert "elsa-evrard" not in room.state.room
    assert len(room.meeting.ledger) == seq + 2


def test_what_would_leave_the_story_without_sense_is_refused(room):
    room.arrive(member="gaelle-garnier")
    seq = room.meeting.ledger[-1].seq
    room.leave(member="gaelle-garnier")
    refused(lambda: room.undo(seq=seq), "consequence_depart_d_un_absent")
    refused(lambda: room.undo(seq=1), "composition_annulee")
    refused(lambda: room.undo(seq=999), "annulation_sans_objet")


def test_an_item_stays_open_while_its_vote_stands(room):
    opening = room.meeting.ledger[-1].seq
    poll = room.open_poll(items=["p1"])
    room.polled("proclaim", poll)
    refused(lambda: room.undo(seq=opening), "point_deja_vote")
    room.undo(seq=poll.seqs[0])
    room.undo(seq=opening)
    assert room.item == ""


def test_undoing_the_closing_opens_the_sitting_again(room):
    room.close_meeting()
    refused(lambda: room.arrive(member="gaelle-garnier"), "seance_levee")
    room.undo(seq=room.meeting.ledger[-1].seq)
    assert room.meeting.stage == Meeting.Stage.OPEN
    room.arrive(member="gaelle-garnier")


def test_what_counts_a_proclaimed_vote_anew_is_told(room):
    room.leave(member="elsa-evrard")
    left = room.meeting.ledger[-1].seq
    room.polled("proclaim", room.open_poll(items=["p1"]))
    warnings = room.undo(seq=left)
    assert warned(warnings) == ["vote_recompte"]
    assert "6 voix pour, au lieu de 5 voix pour" in warnings[0].message.replace("\u00a0", " ")
    assert "le résultat change" not in warnings[0].message


def test_a_result_that_turns_is_told_so(room):
    room.leave(member="elsa-evrard")
    left = room.meeting.ledger[-1].seq
    poll = room.open_poll(items=["p1"])
    for seat in EVERYBODY[1:4]:
        room.polled("choose", poll, seat=seat, choice="contre")
    room.polled("choose", poll, seat="denis-duval", choice="pour")
    (outcome,) = room.polled("proclaim", poll)
    assert not outcome.adopted
    (warning,) = room.undo(seq=left)
    assert "le résultat change" in warning.message


# --- Closing ----------------------------------------------------------------------------------


def test_closing_tells_what_was_left(room):
    warnings = room.close_meeting()
    assert warned(warnings) == ["points_sans_suite"]
    assert room.meeting.stage == Meeting.Stage.CLOSED
    assert reading.is_closed(room.meeting)


def test_closing_for_want_of_quorum_needs_that_it_is_missing(room):
    refused(lambda: room.close_meeting(for_want_of_quorum=True), "quorum_atteint")
    for member in EVERYBODY[3:]:
        room.leave(member=member)
    assert warned(room.close_meeting(for_want_of_quorum=True)) == []


def test_a_cancelled_sitting_is_not_held(empty_room):
    empty_room.meeting.stage = Meeting.Stage.CANCELLED
    empty_room.meeting.save()
    refused(lambda: empty_room.arrive(member="alice-arnaud"), "seance_annulee")


# --- The clock --------------------------------------------------------------------------------


def test_nothing_is_told_earlier_than_what_was_told_before(room):
    """Two requests read the clock in one order and took the lock in the other."""
    poll = room.open_poll(items=["p1"])
    room.polled("proclaim", poll)
    before = room.clock
    people.leave(room.meeting, member="elsa-evrard", by=room.by, at=before - timedelta(seconds=2))
    assert room.meeting.ledger[-1].at == before
    assert len(room.meeting.sitting.at_ballot[poll.seqs[0]].voices) == 6


def test_microseconds_are_dropped(room):
    at = room.clock.replace(second=30, microsecond=123456)
    people.leave(room.meeting, member="elsa-evrard", by=room.by, at=at)
    assert room.meeting.ledger[-1].at.microsecond == 0


def test_the_state_of_now_is_not_that_of_the_items_to_come(room):
    """`at_end` has walked through the items to come and forgot who withdrew."""
    room.recuse(member="denis-duval")
    assert room.meeting.sitting.at_end.recused == {}
    assert room.state.item == "p1"
    assert "denis-duval" in room.state.recused


def test_each_verb_makes_the_stamp_grow(room):
    before = Meeting.objects.get(pk=room.meeting.pk).stamp
    room.leave(member="elsa-evrard")
    assert Meeting.objects.get(pk=room.meeting.pk).stamp > before


# --- Elections --------------------------------------------------------------------------------


def election(**extra):
    candidates = tuple(elections.Candidate(key=key) for key in ("bruno-besson", "denis-duval"))
    defaults = {"item": "p2", "title": "vice-président", "candidates": candidates}
    return elections.Election(**defaults | extra)


def round_of(bruno: int, denis: int):
    return elections.Round(votes={"bruno-besson": bruno, "denis-duval": denis})


def test_rounds_make_one_standing_line(room):
    first = election(rounds=(round_of(3, 3),))
    warnings = room.hold_round(item="p2", election=first)
    assert warned(warnings) == ["siege_non_pourvu"]
    assert room.item == "p2"
    room.hold_round(item="p2", election=election(rounds=(round_of(3, 3), round_of(4, 2))))
    assert len(room.meeting.sitting.elections("p2")) == 1
    assert len(room.meeting.sitting.elections("p2")[0].rounds) == 2


def test_another_election_on_the_same_item_stands_beside(room):
    room.hold_round(item="p2", election=election(rounds=(round_of(4, 2),)))
    room.hold_round(
        item="p2", election=election(title="membre du bureau", rounds=(round_of(2, 4),))
    )
    assert len(room.meeting.sitting.elections("p2")) == 2


def test_no_round_without_quorum(room):
    for member in EVERYBODY[2:]:
        room.leave(member=member)
    refused(
        lambda: room.hold_round(item="p2", election=election(rounds=(round_of(1, 1),))),
        "quorum",
    )


def test_more_papers_than_voices_are_refused(room):
    held = election(rounds=(round_of(5, 4),))
    refused(lambda: room.hold_round(item="p2", election=held), "trop_de_votants")
    assert room.item == "p1"


# --- The urgency ------------------------------------------------------------------------------


@pytest.fixture
def urgent(room, cast):
    item = items.add_item(
        room.meeting, title="Urgence", kind=AgendaItem.Kind.URGENCY, by=cast.secretariat
    )
    return room, item.key


def test_nothing_is_decided_before_the_urgency(urgent):
    room, urgency = urgent
    finding, *_ = refused(lambda: room.open_poll(items=["p1"]), "urgence_non_decidee")
    assert "Urgence" in finding.remedy
    assert finding.article == "statuts"
    refused(
        lambda: room.hold_round(item="p2", election=election(rounds=(round_of(4, 2),))),
        "urgence_non_decidee",
    )
    room.polled("proclaim", room.open_poll(items=[urgency]))
    room.polled("proclaim", room.open_poll(items=["p1"]))


def test_an_urgency_refused_postpones_the_rest(urgent):
    room, urgency = urgent
    poll = room.open_poll(items=[urgency])
    for member in EVERYBODY[:4]:
        room.polled("choose", poll, seat=member, choice="contre")
    room.polled("proclaim", poll)
    refused(lambda: room.open_poll(items=["p1"]), "urgence_refusee")
