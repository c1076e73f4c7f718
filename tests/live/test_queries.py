"""What each act of the console costs, from the button to the screen: at most a dozen queries, and
not one more after a long sitting. The door, the session and the reply's regions are counted; what
begins and ends a transaction asks nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from convening.actions import answering
from convening.models import Answer
from live import door, reading
from live.models import Equipment
from meetings.actions import items as points
from members.models import Mandate
from tests.cast import change
from tests.live.conftest import EVERYBODY, VERBS, Room

# What is asked is the same on both databases.
pytestmark = pytest.mark.proof

MOST = 13
# What changes the stage of a sitting also stamps what awaits it (docs/decisions/0027).
STAGED = ("open_meeting", "close_meeting")
BOUNDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def nothing(room: Room, votes: int) -> None:
    """Nothing was done yet."""


@dataclass(frozen=True)
class Scene:
    """What was done before, once the first item is open or before the opening."""

    then: Callable[[Room, int], None] = nothing
    is_open: bool = True


def called(room: Room, votes: int) -> None:
    """So many came and went again."""
    for _ in range(votes):
        room.arrive(member="gaelle-garnier")
        room.leave(member="gaelle-garnier")
    room.call_roll(present=EVERYBODY)


def answered(room: Room, votes: int) -> None:
    """Everybody answered the convocation."""
    told = {"word": Answer.Word.COMING, "via": Answer.Via.LINK}
    for mandate in Mandate.objects.filter(body=room.meeting.body).order_by("pk"):
        at = timezone.make_aware(room.clock)
        answering.answer(room.meeting, mandate=mandate, at=at, **told)


def opened(room: Room, votes: int) -> Room:
    """The first item is open; so many others were voted by name."""
    called(room, 0)
    room.open_meeting(chair="alice-arnaud", clerks=["bruno-besson"])
    for rank in range(votes):
        proclaimed(room, points.add_item(room.meeting, title=f"Tarif n° {rank}", by=room.by).key)
    room.open_item(item="p1")
    return room


@pytest.fixture
def opened_after_1(empty_room) -> Room:
    return opened(empty_room, 1)


@pytest.fixture
def opened_after_10(empty_room) -> Room:
    return opened(empty_room, 10)


def proclaimed(room: Room, item: str, mode: str = "public") -> None:
    poll = room.open_poll(items=[item], mode=mode)
    room.polled("everyone_for", poll)
    room.polled("proclaim", poll)


def after(*verbs: tuple[str, dict]) -> Scene:
    """This was done."""

    def done(room: Room, votes: int) -> None:
        for verb, asked in verbs:
            getattr(room, verb)(**asked)

    return Scene(done)


def polling(**how: object) -> Scene:
    return after(("open_poll", {"items": ["p1"]} | how))


def papers(room: Room, votes: int) -> None:
    polling(mode="secret", reason="désignation", on_tablets=True).then(room, votes)
    poll = reading.current_poll(room.meeting)
    for voter, choice in zip(EVERYBODY, ("pour", "contre") * 3, strict=True):
        VERBS["put_in_urn"](poll, voter=voter, choice=choice)


def voted(room: Room, votes: int) -> None:
    proclaimed(room, "p1")


def late(room: Room, votes: int) -> None:
    """Somebody is found to have left at 19 h 05, before a vote held at 19 h 10."""
    room.clock = room.clock.replace(hour=19, minute=10)
    proclaimed(room, "p2", mode="ordinaire")


OPEN, URN_OF_SIX = Scene(), Scene(papers)
CLOSED, CALLED, ANSWERED = (Scene(then, is_open=False) for then in (nothing, called, answered))
ALL = ",".join(EVERYBODY)
ELSA = {"member": "elsa-evrard"}
LEFT = ("leave", ELSA)
SEAT = {"substitute": "gaelle-garnier", "titular": "claire-caron"}
PROXY = {"giver": "elsa-evrard", "holder": "denis-duval"}
ROUND = {"item": "p2", "title": "vice-président", "method": "uninominal", "secrecy": "secret",
         "seats": "1", "round_1": "Bruno BESSON : 4\nDenis DUVAL : 2"}  # fmt: skip
URN = {"mode": "secret", "reason": "désignation", "on_tablets": "on"}

ACTS = [
    ("call_roll", "", CLOSED, {"present": ALL}),
    ("take_answers", "", ANSWERED, {}),
    ("open_meeting", "", CALLED, {"chair": "alice-arnaud", "clerks": "bruno-besson"}),
    ("arrive", "", OPEN, {"member": "gaelle-garnier"}),
    ("arrive", "à l’appel", CALLED, {"member": "gaelle-garnier"}),
    ("leave", "", OPEN, ELSA),
    ("leave", "noté tard, un vote recompté", Scene(late), ELSA | {"hour": "19:05"}),
    ("excuse", "", after(LEFT), ELSA),
    ("take_seat", "", OPEN, SEAT),
    ("return_seat", "", after(("take_seat", SEAT)), {"substitute": "gaelle-garnier"}),
    ("give_proxy", "", after(LEFT), PROXY),
    ("revoke_proxy", "", after(LEFT, ("give_proxy", PROXY)), {"giver": "elsa-evrard"}),
    ("recuse", "", OPEN, ELSA),
    ("come_back", "", after(("recuse", ELSA)), ELSA),
    ("change_mandate", "", OPEN, ELSA | {"change": "demission"}),
    ("lead_out", "", OPEN, {"member": "bruno-besson"}),
    ("name_clerks", "", OPEN, {"clerks": "claire-caron"}),
    ("take_chair", "", OPEN, {"member": "bruno-besson"}),
    ("open_next", "", OPEN, {"after": "p1"}),
    ("open_item", "", OPEN, {"item": "p3"}),
    ("note_fate", "", OPEN, {"item": "p1", "fate": "reporte"}),
    ("request_ballot", "", OPEN, {"item": "p1", "mode": "public", "members": ALL}),
    ("set_college", "", OPEN, {"item": "p1", "members": ALL[:-12]}),
    ("open_poll", "", OPEN, {"items": "p1"}),
    ("open_poll", "sur un autre point, secret, sur tablettes", OPEN, {"items": "p3"} | URN),
    ("open_poll", "en bloc", OPEN, {"items": "p1,p2,p3"}),
    ("choose", "", polling(), {"seat": "denis-duval", "choice": "contre"}),
    ("choose", "par appel", polling(mode="public"), {"seat": "denis-duval", "choice": "contre"}),
    ("everyone_for", "", polling(mode="public"), {}),
    ("proclaim", "à main levée", polling(), {}),
    ("proclaim", "par appel", polling(mode="public"), {"complete": "on"}),
    ("proclaim", "urne", URN_OF_SIX, {}),
    ("give_up", "", polling(), {}),
    ("give_up", "urne", URN_OF_SIX, {}),
    ("hold_round", "", OPEN, ROUND),
    ("suspend", "", OPEN, {}),
    ("resume", "", after(("suspend", {})), {}),
    ("close_doors", "", OPEN, {}),
    ("open_doors", "", after(("close_doors", {})), {}),
    ("undo", "", after(LEFT), {}),
    ("undo", "un vote par appel", Scene(voted), {}),
    ("undo", "tout l’appel", CALLED, {"whole": "on"}),
    ("close_meeting", "", OPEN, {}),
]  # fmt: skip


@pytest.fixture
def room(request, empty_room) -> Room:
    """Where the `scene` of the test begins, after so many `votes`."""
    told = request.node.callspec.params
    is_open = told["scene"].is_open
    change(empty_room.meeting, convened_on=empty_room.meeting.held_on)  # or one is asked first
    return request.getfixturevalue(f"opened_after_{told['votes']}") if is_open else empty_room


@pytest.fixture
def press(room, client_of, cast, monkeypatch):
    """Press a button on a console that is open; the queries that it costs, and the answer."""
    Equipment.objects.create(
        meeting=room.meeting, tablets=True, check_in=True, secret_on_tablets=True
    )
    monkeypatch.setattr(reading, "wall_clock", lambda *_: room.wait(seconds=1).clock)
    client = client_of(cast.secretariat)
    pk = room.meeting.pk

    def pressed(verb: str, **asked: object):
        client.get(reverse("live:state", args=[pk]))
        data = {"key": str(uuid4()), "verb": verb} | asked
        with CaptureQueriesContext(connection) as found:
            answer = client.post(reverse("live:act", args=[pk]), data)
        return [q["sql"] for q in found if not q["sql"].startswith(BOUNDS)], answer

    return pressed


@pytest.mark.parametrize("votes", [1, 10])
@pytest.mark.parametrize(
    ("verb", "scene", "asked"),
    [pytest.param(verb, *rest, id=f"{verb} {how}".strip()) for verb, how, *rest in ACTS],
)
def test_an_act_costs_at_most_a_dozen_queries(room, press, verb, scene, asked, votes):
    scene.then(room, votes)
    poll = reading.current_poll(room.meeting)
    asked = asked | ({"poll": poll.pk} if poll else {})
    if verb == "undo":
        asked = asked | {"seq": room.meeting.ledger[-1].seq}
    queries, answer = press(verb, **asked)
    assert answer.status_code == 200, answer.json()["message"]
    assert len(queries) <= MOST + (verb in STAGED), queries


def test_every_act_of_the_console_is_counted():
    assert {verb for verb, *_ in ACTS} == door.VERBS.keys()
