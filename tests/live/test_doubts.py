"""What a screen asks before it does it: a sitting begun before its hour, a vote without quorum."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from convening.models import Convocation, Recipient
from documents.compile import compile_extract, compile_minutes
from law.ballots import Mode
from law.french import NBSP
from live import board, door
from live.actions import tablets
from live.models import Equipment
from meetings import reading
from meetings.actions import items
from meetings.models import AgendaItem, Meeting
from tests.cast import change
from tests.live.conftest import EVERYBODY


def fresh(room) -> Meeting:
    return Meeting.objects.get(pk=room.meeting.pk)


@pytest.fixture
def ask(empty_room):
    """`ask("open_meeting", chair=…)` is a press of a button; `sure` presses it again."""

    def press(verb: str, *, sure: str = "", **data: str) -> door.Reply:
        told = empty_room.told()
        data |= {"sure": sure} if sure else {}
        reply = door.perform(fresh(empty_room), key=uuid4(), verb=verb, data=data, **told)
        empty_room.meeting.forget()
        return reply

    return press


def codes(reply: door.Reply) -> list[str]:
    return [finding.code for finding in reply.findings]


@pytest.mark.parametrize(
    ("early", "verb", "data", "expected"),
    [
        pytest.param({"days": 18}, "call_roll", {"present": "alice-arnaud"}, ["seance_a_venir"],
                     id="l’appel, dix-huit jours avant"),
        pytest.param({"days": 18}, "arrive", {"member": "alice-arnaud"}, ["seance_a_venir"],
                     id="le premier arrivé, dix-huit jours avant"),
        pytest.param({"minutes": 40}, "call_roll", {"present": "alice-arnaud"}, [],
                     id="l’appel, le jour même"),
        pytest.param({"minutes": 40}, "open_meeting",
                     {"chair": "alice-arnaud", "clerks": "farid-faure"}, ["seance_a_venir"],
                     id="l’ouverture, quarante minutes avant"),
        pytest.param({}, "open_meeting", {"chair": "alice-arnaud"}, ["ouverture_sans_secretaire"],
                     id="l’ouverture sans secrétaire"),
        pytest.param({}, "open_meeting", {"chair": "alice-arnaud", "clerks": "farid-faure"}, [],
                     id="l’ouverture à l’heure"),
    ],
)  # fmt: skip
def test_a_sitting_does_not_begin_by_mistake(empty_room, ask, early, verb, data, expected):
    change(empty_room.meeting, convened_on=empty_room.meeting.held_on - timedelta(days=9))
    if verb == "open_meeting":
        empty_room.call_roll(present=EVERYBODY)
    empty_room.wait(**{unit: -number for unit, number in early.items()})
    before = len(empty_room.meeting.ledger)
    reply = ask(verb, **data)
    assert (reply.ok, codes(reply)) == (not expected, expected)
    if expected:
        assert reply.asks and all(each.article for each in reply.findings)
        assert len(empty_room.meeting.ledger) == before
        assert ask(verb, sure=expected[0], **data).ok
    assert len(empty_room.meeting.ledger) > before


@pytest.mark.parametrize(("sent", "state", "message"), [
    (False, "", "Aucune convocation de cette séance n’est notée ici."),
    (True, "garde", "La convocation est établie, et rien n’en est parti"),
    (True, "ailleurs", ""),
])  # fmt: skip
def test_an_assembly_that_nobody_convened_does_not_sit_by_mistake(
    empty_room, ask, sent, state, message
):
    """The window spoke of the date alone, and said that the sitting was convened."""
    meeting, day = empty_room.meeting, empty_room.meeting.held_on - timedelta(days=9)
    change(meeting, convened_on=day if sent else None, sent_on=day if sent else None)
    if sent:
        letter = Convocation.objects.create(meeting=meeting, number=1, sent_on=day, stage="envoyee")
        for mandate in meeting.body.mandates.all():
            Recipient.objects.create(
                convocation=letter, why="membre", name=str(mandate.person), channel="courriel",
                state=state, message_id=str(mandate.pk), mandate=mandate,
                sent_at=datetime.combine(day, time(9), UTC) if state == "ailleurs" else None,
            )  # fmt: skip
    # « N’est pas dans la composition » was said of nobody, and « obligatoire » of an empty list.
    (told,) = ask("open_meeting").findings
    assert (
        told.message == f"Pointez d’abord les présents{NBSP}: la présidence se choisit parmi eux."
    )
    empty_room.call_roll(present=EVERYBODY)
    asked = {"chair": "alice-arnaud", "clerks": "farid-faure"}
    reply = ask("open_meeting", **asked)
    assert codes(reply) == (["ouverture_sans_convocation"] if message else [])
    if message:
        assert reply.asks == "ouvrir sans convocation"
        (told,) = reply.findings
        assert message in told.message.replace("\u00a0", " ") and told.article
        assert "peut être annulé" in told.remedy
        empty_room.wait(minutes=-40)
        # One press answers one question, in its own words.
        reply = ask("open_meeting", **asked)
        assert (codes(reply), reply.asks) == (["seance_a_venir"], "ouvrir avant l’heure")
        assert "Cette séance est prévue pour le" in reply.message
        reply = ask("open_meeting", sure="seance_a_venir", **asked)
        assert (codes(reply), reply.asks) == (
            ["ouverture_sans_convocation"], "ouvrir sans convocation",
        )  # fmt: skip
        both = "seance_a_venir ouverture_sans_convocation"
        assert ask("open_meeting", sure=both, **asked).ok


@pytest.fixture
def lost(empty_room):
    """Six of six at the call, four at the resumption of the item, three at its vote."""
    room = empty_room
    room.call_roll(present=EVERYBODY)
    room.open_meeting(chair="alice-arnaud", clerks=["bruno-besson"])
    room.open_item(item="p1")
    for member in EVERYBODY[4:]:
        room.leave(member=member)
    room.suspend()
    room.wait(minutes=5).resume()
    room.leave(member=EVERYBODY[3])
    return room


def test_a_vote_without_the_quorum_is_asked_for_twice(lost, ask):
    seen = board.of(fresh(lost))
    assert not seen.header.is_reached and seen.bar.primary is None
    assert seen.bar.blocked == "Le quorum n’est plus atteint"
    (command,) = (each for each in seen.bar.commands if each.letter == "v")
    assert command.words == "Voter sans le quorum…"
    reply = ask("open_poll", items="p1")
    assert (reply.ok, codes(reply), reply.asks) == (
        False, ["quorum_perdu"], "voter sans le quorum",
    )  # fmt: skip
    assert "à la reprise de la séance" in reply.message and not lost.asked
    assert ask("open_poll", items="p1", sure="quorum_perdu").ok
    lost.proclaim()
    (adopted,) = reading.decisions(fresh(lost), fresh(lost).agenda["p1"].item)
    assert "3 voix pour" in adopted.sentence or "l’unanimité" in adopted.sentence


def test_its_papers_say_who_was_there_and_when_the_quorum_was_verified(lost):
    lost.vote("p1")
    extract = compile_extract(fresh(lost), "p1")
    figures = {each.label: each.value for each in extract.figures}
    assert figures["présents au vote"] == figures["votants"] == 3
    present = next(each for each in extract.presence if each.label == "Présents au vote")
    assert len(present.names) == 3
    assert extract.quorum.startswith("À la reprise de la séance, à ")
    assert "4 délégués présents" in extract.quorum
    told = [step.text for step in (*extract.debated, *extract.decisions)]
    gone = next(rank for rank, text in enumerate(told) if text.startswith("Au moment du vote, 3 "))
    assert "quitte" in told[gone - 1] and "ne l’est plus" in told[gone]
    item = next(each for each in compile_minutes(fresh(lost)).items if each.key == "p1")
    assert not [step for step in item.before if step.kind == "quorum"]  # six, as at the opening
    after = [step.text for step in item.after]
    resumed = next(
        rank for rank, text in enumerate(after) if "reprise à" in text or "reprend" in text
    )
    assert after[resumed + 1].startswith("À la reprise, le quorum reste atteint avec 4 ")
    assert any(text.startswith("Au moment du vote, 3 ") for text in after)


def test_voting_under_any_other_business_is_asked_first(empty_room, ask):
    kind = AgendaItem.Kind.MISCELLANEOUS
    other = items.add_item(empty_room.meeting, title="Divers", kind=kind, by=empty_room.by)
    empty_room.call_roll(present=EVERYBODY)
    empty_room.open_meeting(chair="alice-arnaud")
    empty_room.open_item(item=other.key)
    reply = ask("open_poll", items=other.key)
    assert (reply.ok, codes(reply)) == (False, ["divers_vote"])
    assert ask("open_poll", items=other.key, sure="divers_vote").ok


def test_an_item_voted_by_its_parts_is_not_voted_whole_by_the_way(empty_room, ask):
    empty_room.call_roll(present=EVERYBODY)
    empty_room.open_meeting(chair="alice-arnaud")
    empty_room.open_item(item="p2")
    for line in ("La chorale", "Le judo"):
        empty_room.ask(items=["p2"], question=line)
        empty_room.proclaim()
    (point,) = (each for each in board.of(fresh(empty_room)).agenda if each.key == "p2")
    assert point.words in ("", "voté par parties")
    assert board.of(fresh(empty_room)).bar.primary.verb != "open_poll"
    reply = ask("open_poll", items="p2")
    assert (reply.ok, codes(reply)) == (False, ["vote_par_parties"])
    assert ask("open_next", after="p2").ok
    seen = {each.key: each.words for each in board.of(fresh(empty_room)).agenda}
    assert seen["p2"] == "voté par parties"


@pytest.fixture
def secret(empty_room):
    """A secret ballot open on the tablets, six who may vote."""
    equipment = {"tablets": True, "secret_on_tablets": True}
    Equipment.objects.create(meeting=empty_room.meeting, **equipment)
    empty_room.call_roll(present=EVERYBODY)
    empty_room.open_meeting(chair="alice-arnaud", clerks=["bruno-besson"])
    empty_room.open_item(item="p1")
    return empty_room.ask(Mode.SECRET, on_tablets=True)


def test_the_vote_of_who_voted_alone_in_secret_is_not_told_by_the_way(empty_room, ask, secret):
    """One paper proclaimed is a vote known; taken back and held again, two results compared."""
    tablets.put_in_urn(secret, voter="bruno-besson", choice="contre")
    this = {"poll": str(secret.pk)}
    assert codes(ask("proclaim", **this)) == ["sieges_sans_vote"]
    reply = ask("proclaim", **this, complete="on")
    assert (codes(reply), reply.asks) == (["un_seul_bulletin"], "proclamer ce vote")
    assert "son vote sera connu" in reply.message
    assert fresh(empty_room).polls.get().is_open
    tablets.put_in_urn(secret, voter="denis-duval", choice="pour")
    reply = ask("proclaim", **this, complete="on")
    assert reply.ok
    (line,) = reply.lines
    taken_back = {"seq": str(line), "whole": "on"}
    reply = ask("undo", **taken_back)
    assert (codes(reply), reply.asks) == (["secret_compare"], "annuler ce scrutin secret")
    reply = ask("undo", sure="secret_compare", **taken_back)
    assert reply.ok and "(scrutin secret)" in reply.message  # and the ledger keeps both
