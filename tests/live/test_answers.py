"""The roll called with the answers to the convocation in hand."""

import pytest

from live import board
from live.board.foot import Command
from tests.convening.sent import NOW, make_sent
from tests.live.conftest import Room
from tests.live.test_board import person, shown


@pytest.fixture
def answered(cast, time_machine) -> Room:
    """Three titulars come, Gaëlle sits for Claire, Elsa gives Denis her proxy, Farid says no."""
    time_machine.move_to(NOW, tick=False)
    sent = make_sent(cast)
    sent.hears("alice,bruno,denis,gaelle present", "claire excuse +gaelle", "elsa excuse >denis")
    sent.hears("farid excuse")
    return Room(sent.fresh)


def command(seen: board.Board, verb: str) -> Command:
    return next(each for each in seen.bar.commands if each.verb == verb)


def test_the_answers_are_shown_beside_the_names_until_these_are_pointed(answered):
    seen = shown(answered)
    notes = {
        "alice-arnaud": "vient",
        "claire-caron": "suppléée par G. GARNIER",
        "elsa-evrard": "pouvoir à D. DUVAL",
        "farid-faure": "ne vient pas",
        "gaelle-garnier": "siège pour C. CARON",
    }
    for key, words in notes.items():
        note = person(seen, key).note.replace("\u00a0", " ")
        assert note == f"répondu : {words}"
    answered.arrive(member="farid-faure")
    assert person(shown(answered), "farid-faure").note == ""
    # The proxy given online is the one that is proposed.
    assert person(seen, "elsa-evrard").prefers == "denis-duval"


def test_one_key_takes_the_answers_over_and_one_undo_takes_them_back(answered):
    seen = shown(answered)
    words = command(seen, "take_answers").words.replace("\u00a0", " ")
    assert words == "Reprendre les réponses : 4 présents, 3 excusés, 1 suppléant, 1 pouvoir"
    assert seen.bar.primary.verb == "take_answers"
    answered.take_answers()
    state = answered.state
    assert state.room == {"alice-arnaud", "bruno-besson", "denis-duval", "gaelle-garnier"}
    assert state.occupants["claire-caron"] == "gaelle-garnier"
    assert state.living_proxies == {"elsa-evrard": "denis-duval"}
    seen = shown(answered)
    assert "take_answers" not in [each.verb for each in seen.bar.commands]
    assert seen.bar.primary.dialog == "open"
    answered.undo(seq=answered.meeting.ledger[-1].seq, whole=True)
    assert answered.state.room == frozenset()


def test_a_bulk_command_leaves_out_who_said_no(answered):
    everybody = command(shown(answered), "call_roll")
    assert everybody.words == "Tous présents, sauf 3 qui ne viennent pas"
    present = dict(everybody.fields)["present"].split()
    assert present == ["alice-arnaud", "bruno-besson", "denis-duval"]


def test_once_the_sitting_is_open_the_answers_are_closed(answered):
    answered.take_answers()
    answered.open_meeting(chair="alice-arnaud")
    answered.refuses("seance_ouverte", "take_answers")
