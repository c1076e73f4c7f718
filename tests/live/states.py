"""The moments of a sitting being held, each reached by the verbs of the console.

`reach(meeting, "scrutin_public")` brings a fresh sitting of the cast to that moment.
"""

from collections.abc import Callable

from django.utils import timezone

from law.ballots import Mode
from live.models import Equipment
from meetings.models import Meeting
from members.models import Body
from tests.cast import Cast, make_body, make_constituency, make_mandate, make_person, make_rule_book
from tests.held import prepare
from tests.live.conftest import EVERYBODY, VERBS, Room

TITLE = "Décision modificative n° 1"
SECOND = "Convention avec le Département"
THIRD = "Questions diverses"
REASON = "le temps d’une consultation"


def a_sitting(cast: Cast, *, body: Body | None = None, clock="18:00", **equipment) -> Meeting:
    """A sitting of the Comité held today, for links end with their sitting; three points.

    Everything is switched on unless said.
    """
    where = {"body": body, "held_on": timezone.localdate(), "place": "dans ses locaux"}
    meeting = prepare(cast, TITLE, SECOND, THIRD, clock=clock, **where)
    switched = {"tablets": True, "check_in": True, "secret_on_tablets": True, "public_page": True}
    Equipment.objects.create(meeting=meeting, **switched | equipment)
    return meeting


def open_room(room: Room) -> None:
    """Everybody is there but Elsa Evrard, who gave her proxy to Claire Caron."""
    room.call_roll(present=EVERYBODY[:-1])
    room.give_proxy(giver="elsa-evrard", holder="claire-caron")
    room.open_meeting(chair="alice-arnaud", clerks=["bruno-besson"])


ONE_AGAINST = {"bruno_besson": "contre"}
EVERYBODY_ANSWERED = ONE_AGAINST | {
    "alice_arnaud": "pour",
    "claire_caron": "abstention",
    "denis_duval": "pour",
    "farid_faure": "pour",
}
DIVIDED = {"denis_duval": "contre", "farid_faure": "abstention"}
IN_THE_URN = {"pour": 3, "contre": 1, "blanc": 2}


def _voted(mode: str, choices: dict[str, str], **counts: dict) -> Callable[[Room], object]:
    def tell(room: Room) -> None:
        room.ask(mode, choices=choices)
        room.proclaim(**counts)

    return tell


def _secret(room: Room) -> None:
    poll = room.ask(Mode.SECRET, on_tablets=True)
    VERBS["put_in_urn"](poll, voter="bruno-besson", choice="contre")


def _by_name(room: Room) -> None:
    room.ask(Mode.PUBLIC, on_tablets=True, choices=ONE_AGAINST)


# A moment: the one that it follows, and what is told then.
STATES: dict[str, tuple[str, Callable[[Room], object]]] = {
    "avant": ("", lambda room: room.call_roll(present=["alice-arnaud", "claire-caron"])),
    "ouverte": ("", open_room),
    "point": ("ouverte", lambda room: room.open_item(item=room.items[0])),
    "scrutin_ordinaire": ("point", Room.ask),
    "scrutin_sur_tablettes": ("point", lambda room: room.ask(on_tablets=True)),
    "scrutin_public": ("point", _by_name),
    "scrutin_secret": ("point", _secret),
    "proclame": ("point", _voted(Mode.ORDINARY, DIVIDED)),
    "proclame_public": ("point", _voted(Mode.PUBLIC, EVERYBODY_ANSWERED)),
    "proclame_secret": ("point", _voted(Mode.SECRET, {}, counts=IN_THE_URN)),
    "suspendue": ("point", lambda room: room.suspend(reason=REASON)),
    "huis_clos": ("point", lambda room: room.close_doors()),
    "huis_clos_scrutin": ("huis_clos", _by_name),
    "huis_clos_proclame": ("huis_clos", _voted(Mode.PUBLIC, EVERYBODY_ANSWERED)),
    "levee": ("proclame", lambda room: room.close_meeting()),
}
HUIS_CLOS = tuple(name for name in STATES if name.startswith("huis_clos"))


def reach(meeting: Meeting, state: str) -> Room:
    """Bring the sitting there; it can go on."""
    before, tell = STATES[state]
    room = reach(meeting, before) if before else Room(meeting)
    tell(room)
    return room


def fresh(meeting: Meeting) -> Meeting:
    """The sitting as a request reads it."""
    return Meeting.objects.select_related("body__organisation").get(pk=meeting.pk)


def a_large_sitting(cast: Cast, members: int) -> Meeting:
    """An open poll on tablets, everybody there and half of them having answered."""
    body = make_body(cast.organisation, f"Comité de {members}", slug=f"comite-{members}")
    make_rule_book(body)
    colleges = [make_constituency(body, f"Collège {n}", position=n) for n in range(3)]
    for rank in range(members):
        person = make_person(cast.organisation, f"P{rank}", f"Nom {rank:03}")
        office = {"office": "president"} if rank == 0 else {}
        make_mandate(body, person, constituency=colleges[rank % 3], **office)
    room = Room(a_sitting(cast, body=body))
    keys = [member.key for member in room.meeting.basis.composition.titulars]
    room.call_roll(present=keys)
    room.open_meeting(chair=keys[0])
    room.open_item(item=room.items[0])
    poll = room.ask(Mode.PUBLIC, on_tablets=True)
    for key in keys[: members // 2]:
        VERBS["cast"](poll, voter=key, choice="pour")
    return room.meeting
