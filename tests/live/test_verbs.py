"""A sitting held by its verbs: what each tells, what it refuses, in which words."""

from datetime import timedelta
from uuid import uuid4

import pytest

from documents.compile import compile_minutes
from law import sitting
from live import door, reading
from meetings.actions import items
from meetings.models import AgendaItem, Meeting
from tests.live.conftest import EVERYBODY, VERBS, election, warned


def test_before_the_opening_what_is_told_is_the_roll_and_has_no_hour(empty_room):
    room = empty_room
    room.refuses("depart_d_un_absent", "leave", member="elsa-evrard")
    room.arrive(member="alice-arnaud")
    room.give_proxy(giver="elsa-evrard", holder="alice-arnaud")
    room.excuse(member="elsa-evrard")
    assert [event.at for event in room.meeting.ledger] == [None] * 4
    assert room.kinds() == ["Composed", "Arrived", "ProxyGiven", "Excused"]
    room.call_roll(present=EVERYBODY)
    assert room.kinds().count("Arrived") == 6  # who is there is left alone
    # Who leaves before the opening never came.
    room.leave(member="elsa-evrard")
    room.open_meeting(chair="alice-arnaud")
    assert "elsa-evrard" not in room.meeting.sitting.at_opening.room
    assert "Left" not in [type(event).__name__ for event in room.meeting.sitting.events]
    room.refuses("depart_d_un_absent", "leave", member="elsa-evrard")


def test_the_opening_has_its_second_and_the_roll_goes_on_until_a_first_item(empty_room):
    room = empty_room
    room.call_roll(present=EVERYBODY[:4])
    room.open_meeting(chair="alice-arnaud", clerks=["bruno-besson"])
    opened = room.clock
    room.refuses("aucun_point_ouvert", "recuse", member="claire-caron")
    room.wait(minutes=3).call_roll(present=EVERYBODY[:5])
    assert len(room.meeting.sitting.at_opening.room) == 5
    room.wait(minutes=4).arrive(member="elsa-evrard")
    story = room.meeting.sitting
    assert next(story.of_kind(sitting.Opened)).at == opened
    assert story.events[-1].at == room.clock
    assert story.at_opening.clerks == ("bruno-besson",)
    assert "elsa-evrard" not in story.at_opening.room
    room.open_next(after="")
    room.wait(minutes=3).call_roll(present=["gaelle-garnier"])
    assert room.meeting.ledger[-1].at == room.clock


def test_opening_without_quorum_or_on_another_day_is_told(empty_room):
    empty_room.call_roll(present=EVERYBODY[:2])
    warnings = empty_room.wait(days=30).open_meeting(chair="alice-arnaud")
    assert warned(warnings) == ["autre_jour", "quorum"]
    assert "9 juin 2026, à 19 h" in warnings[0].message.replace("\u00a0", " ")
    assert "il en faut 4" in warnings[1].message
    assert empty_room.meeting.stage == Meeting.Stage.OPEN
    assert warned(empty_room.open_next(after="")) == ["quorum"]
    empty_room.refuses("deja_ouverte", "open_meeting", chair="bruno-besson")


def test_arrivals_departures_proxies_and_seats_taken(room):
    room.leave(member="elsa-evrard")
    assert "elsa-evrard" not in room.state.room
    room.give_proxy(giver="elsa-evrard", holder="denis-duval")
    assert room.state.living_proxies == {"elsa-evrard": "denis-duval"}
    room.refuses("pouvoir_deja_donne", "give_proxy", giver="elsa-evrard", holder="farid-faure")
    room.revoke_proxy(giver="elsa-evrard")
    assert room.state.living_proxies == {}
    room.wait(minutes=5).arrive(member="elsa-evrard")
    assert "elsa-evrard" in room.state.room
    room.refuses("deja_present", "arrive", member="elsa-evrard")
    room.refuses("depart_d_un_absent", "leave", member="gaelle-garnier")
    room.refuses("personne_inconnue", "arrive", member="personne")
    # A substitute who takes a seat comes in by the same act.
    room.leave(member="claire-caron", definitive=True)
    room.take_seat(substitute="gaelle-garnier", titular="claire-caron")
    assert room.state.occupants["claire-caron"] == "gaelle-garnier"
    room.return_seat(substitute="gaelle-garnier")
    assert "claire-caron" not in room.state.occupants


def test_a_withdrawal_is_of_the_current_item_until_its_vote(room):
    room.recuse(member="denis-duval")
    # `at_end` has walked through the items to come and forgot who withdrew.
    assert room.meeting.sitting.at_end.recused == {}
    assert "denis-duval" in room.state.recused
    room.come_back(member="denis-duval")
    assert room.state.recused == {}
    room.refuses("pas_en_deport", "come_back", member="denis-duval")
    room.recuse(member="denis-duval")
    room.vote("p1")
    room.refuses("apres_le_vote", "come_back", member="denis-duval")
    room.refuses("apres_le_vote", "recuse", member="elsa-evrard")
    room.open_next(after="p1")
    assert room.state.recused == {}


def test_who_presides_and_who_keeps_the_minutes_change(room):
    room.take_chair(member="bruno-besson", item="p1")
    assert room.state.presiding == "bruno-besson"
    room.open_next(after="p1")
    assert room.state.presiding == "alice-arnaud"
    room.take_chair(member="denis-duval")
    assert room.state.presiding == "denis-duval"
    room.name_clerks(clerks=["claire-caron", "denis-duval"])
    assert room.state.clerks == ("claire-caron", "denis-duval")
    room.refuses("sans_secretaire", "name_clerks", clerks=[])


def test_suspension_and_doors(room):
    room.suspend(reason="concertation")
    assert room.state.suspended
    room.refuses("deja_suspendue", "suspend")
    room.refuses("seance_suspendue", "open_next", after="p1")
    room.refuses("seance_suspendue", "close_meeting")
    room.wait(minutes=10).resume()
    room.close_doors(requesters=5, votes_for=4)
    assert room.state.doors_closed
    room.open_doors()
    room.refuses("pas_huis_clos", "open_doors")
    room.close_doors(requesters=5, votes_for=3)
    assert room.kinds()[-1] == "DoorsKeptOpen" and not room.state.doors_closed
    told = compile_minutes(room.meeting).items[0].after[-1].text
    assert told.startswith("Le huis clos, demandé par cinq membres, n’est pas décidé")
    assert "la séance reste publique" in told
    room.suspend()
    room.empty(but=2)
    assert warned(room.resume()) == ["quorum_reprise"]


def test_whoever_asks_for_a_ballot_joins_those_who_asked_before(room):
    warnings = room.request_ballot(item="p1", mode="secret", members=["elsa-evrard"])
    assert warned(warnings) == ["demandeurs_insuffisants"]
    room.request_ballot(item="p1", mode="secret", members=["denis-duval", "elsa-evrard"])
    assert reading.usual_mode(room.meeting) == "secret"
    asked = room.meeting.sitting.of_kind(sitting.BallotRequested)
    assert [event.members for event in asked] == [("elsa-evrard", "denis-duval")]


def test_a_college_is_set_changed_and_lifted(room):
    room.set_college(item="p1", members=["claire-caron", "farid-faure"])
    room.set_college(item="p1", members=["claire-caron"])
    assert {voice.seat for voice in room.state.voices} == {"claire-caron", "alice-arnaud"}
    room.set_college(item="p1", members=[])
    assert len(room.state.voices) == 6


def test_items_follow_each_other(room):
    assert room.item == "p1"
    room.open_next(after="p1")
    finding = room.refuses("etat_change", "open_next", after="p1")  # somebody else went on
    assert "Subventions" in finding.message
    assert room.item == "p2"
    room.open_item(item="p4")
    assert reading.next_item(room.meeting) == "p3"
    room.open_next(after="p4")
    assert room.item == "p3"
    room.refuses("ordre_du_jour_epuise", "open_next", after="p3")


def test_an_item_left_without_a_vote_is_put_again_and_one_voted_is_not(room):
    room.open_next(after="p1")
    room.leave(member="elsa-evrard")
    room.wait(minutes=5).open_item(item="p1")
    assert room.item == "p1"
    assert "elsa-evrard" not in room.meeting.sitting.at_item["p1"].room
    room.refuses("point_deja_ouvert", "open_item", item="p1")
    room.vote("p1")
    room.open_item(item="p3")
    assert warned(room.open_item(item="p1")) == ["point_deja_vote"]  # for a second vote
    room.refuses("point_inconnu", "open_item", item="p99")


def test_a_fate_replaces_another_and_can_be_taken_back(room):
    room.note_fate(item="p1", fate="prend_acte")
    room.note_fate(item="p1", fate="reporte", note="à la rentrée")
    assert room.meeting.sitting.fate("p1").note == "à la rentrée"
    room.note_fate(item="p1", fate="")
    assert room.meeting.sitting.fate("p1") is None
    room.note_fate(item="p2", fate="retire")
    room.open_next(after="p1")
    assert room.item == "p3"  # what is settled is passed over


def test_undoing_writes_a_line_and_can_be_undone(room):
    room.leave(member="elsa-evrard")
    seq = room.meeting.ledger[-1].seq
    room.undo(seq=seq)
    assert "elsa-evrard" in room.state.room
    room.refuses("deja_annule", "undo", seq=seq)
    room.undo(seq=seq + 1)
    assert "elsa-evrard" not in room.state.room
    assert len(room.meeting.ledger) == seq + 2


def test_what_would_leave_the_story_without_sense_is_refused(room):
    opening = room.meeting.ledger[-1].seq
    room.arrive(member="gaelle-garnier")
    room.leave(member="gaelle-garnier")
    room.refuses("consequence_depart_d_un_absent", "undo", seq=opening + 1)
    room.refuses("composition_annulee", "undo", seq=1)
    room.refuses("annulation_sans_objet", "undo", seq=999)
    room.vote("p1")
    room.refuses("consequence_point_non_ouvert", "undo", seq=opening)
    room.undo(seq=room.meeting.ledger[-1].seq)
    room.undo(seq=opening)
    assert room.item == ""


def pressed(room, verb: str, **asked: str) -> None:
    """One key of the console, whatever it tells."""
    room.wait(seconds=1)
    reply = door.perform(
        room.meeting, key=uuid4(), verb=verb, data=asked, by=room.by, at=room.clock
    )
    assert reply.ok, reply.message


ELECTED = {"title": "membre", "method": "uninominal", "secrecy": "secret", "seats": "1",
           "round_1": "Bruno BESSON : 5"}  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "asked", "lines"),
    [
        ("call_roll", {"present": "gaelle-garnier"}, 1),
        ("take_seat", {"substitute": "gaelle-garnier", "titular": "claire-caron"}, 2),
        ("request_ballot", {"item": "p1", "mode": "public", "members": "denis-duval"}, 2),
        ("come_back", {"member": "farid-faure"}, 1),
        ("name_clerks", {"clerks": "denis-duval"}, 2),
        ("hold_round", {"item": "p2"} | ELECTED, 2),
        ("open_next", {"after": "p1"}, 1),
    ],
)
def test_one_act_is_undone_by_one_undo_and_comes_back_by_another(room, verb, asked, lines):
    room.request_ballot(item="p1", mode="public", members=EVERYBODY[:3])
    room.recuse(member="farid-faure")
    room.leave(member="claire-caron")
    before = sitting.standing_events(room.meeting.ledger)
    length = len(room.meeting.ledger)
    pressed(room, verb, **asked)
    told = sitting.standing_events(room.meeting.ledger)
    assert len(room.meeting.ledger) - length == lines
    last = reading.last_act(Meeting.objects.get(pk=room.meeting.pk))  # as the table keeps it
    assert len(last) == lines
    pressed(room, "undo", seq=str(last[-1].seq), whole="on")
    assert sitting.standing_events(room.meeting.ledger) == before
    room.undo(seq=room.meeting.ledger[-1].seq, whole=True)
    assert sitting.standing_events(room.meeting.ledger) == told


def test_secrecy_is_waived_by_a_vote_that_the_console_asks_for(room):
    asked = {"item": "p2"} | ELECTED | {"secrecy": "leve", "round_1": "Bruno BESSON : 6"}

    def hold(**more: str) -> door.Reply:
        told = {"by": room.by, "at": room.wait(seconds=1).clock}
        return door.perform(room.meeting, key=uuid4(), verb="hold_round", data=asked | more, **told)

    assert [each.field for each in hold().findings] == ["opposed"]
    assert [each.code for each in hold(opposed="1").findings] == ["secret_non_leve"]
    assert hold(opposed="0").ok
    (held,) = room.meeting.sitting.elections("p2")
    assert held.opposed == 0


def test_a_bulk_command_is_undone_whole_and_one_of_its_lines_alone(empty_room):
    room = empty_room
    room.arrive(member="gaelle-garnier")
    room.call_roll(present=EVERYBODY)
    room.undo(seq=room.meeting.ledger[-1].seq)
    assert "elsa-evrard" not in room.state.room
    last = reading.last_act(room.meeting)
    assert len(last) == 5
    pressed(room, "undo", seq=str(last[-1].seq), whole="on")
    assert room.state.room == {"gaelle-garnier"}
    (first,) = reading.last_act(room.meeting)
    room.undo(seq=first.seq, whole=True)
    assert room.state.room == frozenset()
    assert reading.last_act(room.meeting) == ()


def test_what_counts_a_proclaimed_vote_anew_is_told(room):
    room.leave(member="elsa-evrard")
    left = room.meeting.ledger[-1].seq
    room.vote("p1")
    split = dict.fromkeys(("bruno_besson", "claire_caron", "farid_faure"), "contre")
    assert not room.vote("p2", **split).adopted
    warnings = room.undo(seq=left)
    assert warned(warnings) == ["vote_recompte", "vote_recompte"]
    assert "6 voix pour, au lieu de 5 voix pour" in warnings[0].message.replace("\u00a0", " ")
    assert ["le résultat change" in each.message for each in warnings] == [False, True]


def test_closing_tells_what_was_left_and_undone_opens_again(room):
    room.refuses("quorum_atteint", "close_meeting", for_want_of_quorum=True)
    assert warned(room.close_meeting()) == ["points_sans_suite"]
    assert room.meeting.stage == Meeting.Stage.CLOSED
    assert reading.is_closed(room.meeting)
    room.refuses("seance_levee", "arrive", member="gaelle-garnier")
    room.undo(seq=room.meeting.ledger[-1].seq)
    assert room.meeting.stage == Meeting.Stage.OPEN
    room.arrive(member="gaelle-garnier")
    room.empty(but=3)
    assert warned(room.close_meeting(for_want_of_quorum=True)) == []


def test_a_cancelled_sitting_is_not_held(empty_room):
    empty_room.meeting.stage = Meeting.Stage.CANCELLED
    empty_room.meeting.save()
    empty_room.refuses("seance_annulee", "arrive", member="alice-arnaud")


def test_nothing_is_told_earlier_than_what_was_told_before(room):
    """Two requests read the clock in one order and took the lock in the other."""
    room.vote("p1")
    before, vote = room.clock, room.meeting.ledger[-1].seq
    stamp = Meeting.objects.get(pk=room.meeting.pk).stamp
    leave = VERBS["leave"]
    leave(room.meeting, member="elsa-evrard", by=room.by, at=before - timedelta(seconds=2))
    assert room.meeting.ledger[-1].at == before
    assert len(room.meeting.sitting.at_ballot[vote].voices) == 6
    assert Meeting.objects.get(pk=room.meeting.pk).stamp == stamp + 1
    at = before.replace(second=30, microsecond=123456)
    leave(room.meeting, member="farid-faure", by=room.by, at=at)
    assert room.meeting.ledger[-1].at == at.replace(microsecond=0)


def test_rounds_make_one_standing_line_and_another_election_stands_beside(room):
    room.refuses("trop_de_votants", "hold_round", item="p2", election=election((5, 4)))
    assert room.item == "p1"
    warnings = room.hold_round(item="p2", election=election((3, 3)))
    assert warned(warnings) == ["siege_non_pourvu"]
    assert room.item == "p2"
    room.hold_round(item="p2", election=election((3, 3), (4, 2)))
    (held,) = room.meeting.sitting.elections("p2")
    assert len(held.rounds) == 2
    room.hold_round(item="p2", election=election((2, 4), title="membre du bureau"))
    assert len(room.meeting.sitting.elections("p2")) == 2
    room.empty(but=2)
    room.refuses("quorum", "hold_round", item="p3", election=election((1, 1)))


def test_nothing_is_decided_before_the_urgency_which_refused_postpones_the_rest(room):
    kind = AgendaItem.Kind.URGENCY
    urgency = items.add_item(room.meeting, title="Urgence", kind=kind, by=room.by).key
    finding = room.refuses("urgence_non_decidee", "open_poll", items=["p1"])
    assert "Urgence" in finding.remedy
    assert finding.article == "statuts"
    room.refuses("urgence_non_decidee", "hold_round", item="p2", election=election((4, 2)))
    against = [key.replace("-", "_") for key in EVERYBODY[:4]]
    room.vote(urgency, **dict.fromkeys(against, "contre"))
    room.refuses("urgence_refusee", "open_poll", items=["p1"])
    room.undo(seq=room.meeting.ledger[-1].seq)
    room.vote(urgency)
    room.vote("p1")


def test_who_keeps_the_minutes_after_another_is_asked_for_and_signs_with_him(room):
    """Art. L2121-15: whoever went out kept them until then; who is still there gives way."""
    room.name_clerks(clerks=["claire-caron"])
    room.name_clerks(clerks=["denis-duval"])
    assert room.meeting.sitting.clerks == ("denis-duval",)
    assert warned(room.leave(member="denis-duval", definitive=True)) == ["secretaire_a_remplacer"]
    room.name_clerks(clerks=["claire-caron"])
    assert room.state.clerks == ("claire-caron",)
    assert room.meeting.sitting.clerks == ("denis-duval", "claire-caron")
    assert warned(room.leave(member="alice-arnaud", definitive=True)) == ["presidence_a_prendre"]
    room.take_chair(member="bruno-besson")
    told = warned(room.close_meeting())
    assert not {"levee_sans_president", "levee_sans_secretaire"} & {*told}
