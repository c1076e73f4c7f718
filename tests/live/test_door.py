"""The one door of the console: done once whatever is sent, and nothing done when refused."""

from uuid import UUID, uuid4

import pytest
from django.db.transaction import TransactionManagementError

from law import sitting
from live import door, reading
from live.actions import held
from live.models import Poll, Press
from meetings.models import Meeting, SittingEvent
from tests.held import at, prepare
from tests.live.conftest import EVERYBODY, VERBS
from tests.live.threads import at_once

pytestmark = pytest.mark.database


@pytest.fixture
def ask(room):
    """`ask("arrive", member=…)` is a press of a button, under a key of its own or the given one."""

    def press(verb: str, key: UUID | None = None, **data: str) -> door.Reply:
        return door.perform(room.meeting, key=key or uuid4(), verb=verb, data=data, **room.told())

    return press


def codes(reply: door.Reply) -> list[str]:
    return [finding.code for finding in reply.findings]


def test_a_key_serves_once_and_for_one_thing(room, ask, cast):
    key = uuid4()
    first = ask("leave", key, member="elsa-evrard", csrfmiddlewaretoken="a")
    before = len(room.meeting.ledger)
    stamp = Meeting.objects.get(pk=room.meeting.pk).stamp
    for token in "abcd":  # the token of the form is no part of what is asked
        assert ask("leave", key, member="elsa-evrard", csrfmiddlewaretoken=token) == first
    for verb, member in (("arrive", "elsa-evrard"), ("leave", "denis-duval")):
        reply = ask(verb, key, member=member)
        assert (reply.ok, codes(reply)) == (False, ["cle_reutilisee"])
    room.meeting.forget()
    assert len(room.meeting.ledger) == before
    assert Meeting.objects.get(pk=room.meeting.pk).stamp == room.meeting.stamp == stamp
    assert Press.objects.count() == 1
    assert codes(ask("leave", member="elsa-evrard")) == ["depart_d_un_absent"]  # another key
    asked = {"verb": "arrive", "data": {"member": "alice-arnaud"}, **room.told()}
    other = prepare(cast, body=cast.bureau)
    assert door.perform(other, key=key, **asked).ok  # a key is of one sitting


def test_a_refusal_leaves_nothing_and_the_key_may_serve(room, ask):
    key = uuid4()
    stamp = Meeting.objects.get(pk=room.meeting.pk).stamp
    before = SittingEvent.objects.count()
    reply = ask("arrive", key, member="elsa-evrard")
    assert not reply.ok
    assert codes(reply) == ["deja_present"]
    assert reply.message == reply.findings[0].message
    assert (SittingEvent.objects.count(), Press.objects.count()) == (before, 0)
    assert (reply.stamp, Meeting.objects.get(pk=room.meeting.pk).stamp) == (stamp, stamp)
    ask("leave", member="elsa-evrard")
    assert ask("arrive", key, member="elsa-evrard").ok


def test_a_verb_refused_halfway_leaves_nothing(room, ask):
    """Opening a poll tells the item first: both go, or none."""
    asked = ask("request_ballot", item="p2", mode="secret", members="alice-arnaud,bruno-besson")
    before = SittingEvent.objects.count()
    refused = ask("open_poll", items="p2")
    assert codes(refused) == ["secret_demande"]
    assert (SittingEvent.objects.count(), refused.stamp) == (before, asked.stamp)
    assert not Poll.objects.exists()
    assert room.item == "p1"


def test_no_verb_writes_without_holding_the_sitting(room):
    helpers = {"note", "not_secret"}
    alone = {"make_screen", "open_tablet"}  # a row beside the sitting; a link found once held
    verbs = {name: verb for name, verb in VERBS.items() if not name.startswith("_")}
    unheld = {name for name, verb in verbs.items() if not hasattr(verb, "__wrapped__")}
    assert unheld == helpers | alone
    before = SittingEvent.objects.count()

    def go_on_after_a_refusal() -> None:
        with held.hold(room.meeting):
            room.leave(member="elsa-evrard")
            room.refuses("deja_present", "arrive", member="alice-arnaud")
            room.leave(member="farid-faure")

    with pytest.raises(TransactionManagementError):
        go_on_after_a_refusal()
    assert (SittingEvent.objects.count(), len(room.state.room)) == (before, 6)


HOSTILE = ("<script>", "漢字", "🗳️", "a" * 100_000, "p1 " * 5_000, "\x00", "-1", "9" * 20)


@pytest.mark.parametrize("verb", door.VERBS)
def test_hostile_input_is_refused_in_french_and_none_is_never_a_fault(room, ask, verb):
    form = door.VERBS[verb](None, meeting=room.meeting)
    assert door.VERBS[verb].label[0].isupper()
    assert all(field.label for field in form.fields.values())
    before = SittingEvent.objects.count()
    for value in HOSTILE:
        reply = ask(verb, **{name: value for name in form.fields if name not in FREE_TEXT})
        if form.fields.keys() - FREE_TEXT - NO_CHOICE:
            assert not reply.ok
            assert SittingEvent.objects.count() == before
        assert all(len(finding.message) < 500 for finding in reply.findings)
        assert len(reply.message) < 500
    assert ask(verb).message


# What may hold anything, and fields of which any value means "yes".
FREE_TEXT = {"reason", "note", "question"}
NO_CHOICE = {"for_want_of_quorum"}


def test_what_does_not_exist_here_is_refused(room, ask, cast):
    assert codes(ask("rm -rf")) == ["action_inconnue"]
    other = Meeting.objects.create(body=cast.bureau, held_on="2026-06-10", starts_at="09:00")
    asked = {"items": ["p1"], "mode": "ordinaire", "opened_by": cast.secretariat}
    elsewhere = Poll.objects.create(meeting=other, **asked)
    for verb in ("proclaim", "give_up", "everyone_for"):
        assert ask(verb, poll=str(elsewhere.pk)).findings[0].field == "poll"
    assert Poll.objects.get(pk=elsewhere.pk).is_open
    ended = room.open_poll(items=["p1"])
    ask("proclaim", poll=str(ended.pk))
    reply = ask("choose", poll=str(ended.pk), seat="elsa-evrard", choice="contre")
    assert reply.message == "Ce scrutin vient d’être proclamé."


def test_every_reply_says_what_was_done(room, ask):
    said = [
        ask("leave", member="elsa-evrard").message,
        ask("give_proxy", giver="elsa-evrard", holder="denis-duval").message,
        ask("recuse", member="farid-faure").message,
        ask("take_chair", member="bruno-besson", item="p1").message,
        ask("open_poll", items="p1").message,
    ]
    poll = reading.current_poll(room.meeting)
    said += [
        ask("choose", poll=str(poll.pk), seat="denis-duval", choice="contre").message,
        ask("everyone_for", poll=str(poll.pk)).message,
        ask("proclaim", poll=str(poll.pk)).message,
        ask("undo", seq=str(room.meeting.ledger[-1].seq)).message,
        ask("note_fate", item="p1", fate="ajourne").message,
        ask("note_fate", item="p1", fate="reporte").message,
        ask("open_next", after="p1").message,
        ask("suspend", reason="concertation").message,
        ask("resume").message,
        ask("close_doors", votes_for="5").message,
        ask("open_doors").message,
        ask("name_clerks", clerks="alice-arnaud").message,
        ask("close_meeting").message,
    ]
    for message in said:
        assert message.endswith("."), message
    assert "quitte la séance à 19\u00a0h" in said[0]
    assert said[5] == "Denis DUVAL\u00a0: contre, et avec son pouvoir Elsa EVRARD."
    assert "adoptée" in said[7]
    assert said[8].startswith("Annulé\u00a0: ")
    assert said[10].startswith("L’examen de ce point est reporté")  # and not « Annulé : … »


def test_a_reply_carries_the_warnings_and_the_new_stamp_and_goes_through_json(room, ask):
    reply = ask("give_proxy", giver="elsa-evrard", holder="gaelle-garnier")
    assert reply.ok
    assert codes(reply) == ["porteur_absent"]
    assert door.Reply.from_json(reply.as_json()) == reply
    assert reply.stamp == Meeting.objects.get(pk=room.meeting.pk).stamp


def test_several_names_in_one_field_and_counts_typed_for_a_paper_ballot(room, ask):
    ask("request_ballot", item="p1", mode="secret", members="alice-arnaud, bruno-besson")
    assert reading.usual_mode(room.meeting) == "secret"
    ask("open_poll", items="p1", mode="secret")
    poll = reading.current_poll(room.meeting)
    reply = ask("proclaim", poll=str(poll.pk), count_pour="4", count_blanc="2")
    assert reply.ok
    assert "scrutin secret" in reply.message


def test_an_election_by_rounds(room, ask):
    held = {"item": "p2", "title": "vice-président", "method": "uninominal", "seats": "1"}
    votes = "Bruno BESSON : 4\nDenis DUVAL : 2"
    reply = ask("hold_round", **held, secrecy="secret", round_1=votes)
    assert reply.ok, reply
    assert "Bruno BESSON" in reply.message
    reply = ask("hold_round", **held, round_1="?")
    assert {finding.field for finding in reply.findings} == {"secrecy", "round_1"}


def test_an_arrival_noticed_late_has_its_own_hour(room, ask):
    room.leave(member="elsa-evrard")
    room.wait(minutes=10)
    room.open_next(after="p1")
    room.wait(minutes=5)
    reply = ask("arrive", member="elsa-evrard", hour="19:08")
    assert reply.ok
    arrived = room.meeting.ledger[-1]
    assert arrived == sitting.Arrived(seq=arrived.seq, member="elsa-evrard", at=at("19:08"))
    # It happened under the first item: she was there when the second was put.
    assert "elsa-evrard" in room.meeting.sitting.after_item["p1"].room
    assert "elsa-evrard" in room.meeting.sitting.at_item["p2"].room


def test_what_is_no_hour_or_is_to_come_is_refused_beside_the_field(room, ask):
    reply = ask("leave", member="elsa-evrard", hour="23:59")
    assert codes(reply) == ["heure_a_venir"]
    assert "elsa-evrard" in room.state.room
    for hour in ("25:00", "midi", "1832", "<b>"):
        reply = ask("arrive", member="elsa-evrard", hour=hour)
        assert [finding.field for finding in reply.findings] == ["hour"]


def test_an_hour_that_contradicts_a_vote_is_refused(room, ask):
    """She voted at 19 h 05: she cannot have left at 19 h 02."""
    room.wait(minutes=5)
    room.polled("everyone_for", room.ask("public"))
    room.proclaim()
    room.wait(minutes=5)
    reply = ask("leave", member="elsa-evrard", hour="19:02")
    assert not reply.ok
    assert "contredit" in reply.message


def test_the_evening_before_after_midnight(room, ask):
    room.wait(hours=5, minutes=20)
    reply = ask("leave", member="elsa-evrard", hour="23:50")
    assert reply.ok
    assert room.meeting.ledger[-1].at == at("23:50")


@pytest.fixture
def send(room):
    """Press as a process that read the sitting for itself."""
    told = room.told()

    def press(verb: str, key: UUID | None = None, **data: str) -> door.Reply:
        meeting = Meeting.objects.get(pk=room.meeting.pk)
        return door.perform(meeting, key=key or uuid4(), verb=verb, data=data, **told)

    return press


@pytest.mark.django_db(transaction=True)
def test_the_same_request_from_five_threads_is_done_once(room, send):
    key, before = uuid4(), len(room.meeting.ledger)
    replies = at_once(lambda _: send("leave", key, member="elsa-evrard"), range(5))
    assert all(reply.ok for reply in replies)
    assert len(set(replies)) == 1
    assert SittingEvent.objects.filter(meeting=room.meeting).count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_two_secretaries_who_go_on_at_once_go_on_by_one(room, send):
    replies = at_once(lambda _: send("open_next", after="p1"), range(4))
    assert sorted(reply.ok for reply in replies) == [False, False, False, True]
    assert {code for reply in replies for code in codes(reply)} == {"etat_change"}
    room.meeting.forget()
    assert room.item == "p2"


@pytest.mark.django_db(transaction=True)
def test_different_actions_at_once_all_stand_in_one_chain(room, send):
    assert all(reply.ok for reply in at_once(lambda who: send("leave", member=who), EVERYBODY[1:]))
    room.meeting.forget()
    assert room.state.room == {"alice-arnaud"}
    seqs = list(room.meeting.events.values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
    hashes = list(room.meeting.events.values_list("previous_hash", "sha256"))
    assert [before for before, _ in hashes[1:]] == [after for _, after in hashes[:-1]]
