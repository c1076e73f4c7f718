"""The moments of a sitting being held, each reached by the verbs of the console.

`reach(meeting, "scrutin_public", by=...)` brings a fresh sitting of the cast to that moment.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.utils import timezone

from law import ballots
from live import reading
from live.actions import conduct, items, people, polls, tablets
from live.models import Equipment, Poll
from meetings.actions import items as points
from meetings.actions import preparing
from meetings.models import AgendaItem, Meeting
from members.models import Body, User
from tests.cast import Cast, make_body, make_constituency, make_mandate, make_person, make_rule_book

TITLE = "Décision modificative n° 1"
SECOND = "Convention avec le Département"
THIRD = "Questions diverses"
REASON = "le temps d’une consultation"


def a_sitting(
    cast: Cast, *, body: Body | None = None, starts_at: time = time(18), **equipment: bool
) -> Meeting:
    """A sitting of the Comité held today, for links end with their sitting; three points.

    Everything is switched on unless said.
    """
    by = cast.secretariat
    meeting = preparing.create_meeting(
        body=body or cast.comite,
        held_on=timezone.localdate(),
        starts_at=starts_at,
        place="dans ses locaux",
        by=by,
    )
    for title in (TITLE, SECOND, THIRD):
        points.add_item(meeting, title=title, by=by)
    switched = {"tablets": True, "check_in": True, "secret_on_tablets": True, "public_page": True}
    Equipment.objects.create(meeting=meeting, **switched | equipment)
    return meeting


class Story:
    """Tells a sitting one verb after the other, a minute apart."""

    def __init__(self, meeting: Meeting, by: User):
        self.meeting, self.by = meeting, by
        self.at = meeting.scheduled_for - timedelta(minutes=10)
        # An earlier sitting brings the approval of its minutes, which is not told here.
        self.items = [
            node.item.key
            for node in meeting.agenda.nodes
            if node.item.kind == AgendaItem.Kind.DELIBERATION
        ]

    def clock(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def tell(self, verb: Callable, **data):
        return verb(self.meeting, by=self.by, at=self.clock(), **data)

    @property
    def poll(self) -> Poll:
        return reading.current_poll(self.meeting)

    def arrive(self, *keys: str) -> None:
        for key in keys:
            self.tell(people.arrive, member=key)

    def open(self) -> None:
        """Everybody is there but Elsa Evrard, who gave her proxy to Claire Caron."""
        self.arrive("alice-arnaud", "bruno-besson", "claire-caron", "denis-duval", "farid-faure")
        self.tell(people.give_proxy, giver="elsa-evrard", holder="claire-caron")
        self.tell(conduct.open_meeting, chair="alice-arnaud", clerks=["bruno-besson"])

    def vote(
        self,
        mode: str = ballots.Mode.ORDINARY,
        *,
        on_tablets: bool = False,
        choices: dict[str, str] | None = None,
        **extra,
    ) -> Poll:
        asked = {"items": [self.items[0]], "mode": mode, "on_tablets": on_tablets}
        poll = self.tell(polls.open_poll, **asked | extra)
        self.choose(**choices or {})
        return poll

    def choose(self, **choices: str) -> None:
        for name, choice in choices.items():
            seat = name.replace("_", "-")
            polls.choose(self.poll, seat=seat, choice=choice)

    def proclaim(self, **extra):
        return polls.proclaim(self.poll, by=self.by, at=self.clock(), **extra)


PUBLIC, SECRET = ballots.Mode.PUBLIC, ballots.Mode.SECRET
ONE_AGAINST = {"bruno_besson": "contre"}
EVERYBODY_ANSWERED = ONE_AGAINST | {
    "alice_arnaud": "pour",
    "claire_caron": "abstention",
    "denis_duval": "pour",
    "farid_faure": "pour",
}
DIVIDED = {"denis_duval": "contre", "farid_faure": "abstention"}
IN_THE_URN = {"pour": 3, "contre": 1, "blanc": 2}


def _voted(mode: str, choices: dict[str, str], **counts: dict) -> Callable[[Story], object]:
    def tell(story: Story) -> None:
        story.vote(mode, choices=choices)
        story.proclaim(**counts)

    return tell


def _secret(story: Story) -> None:
    story.vote(SECRET, on_tablets=True)
    tablets.put_in_urn(story.poll, voter="bruno-besson", choice="contre")


# A moment: the one that it follows, and what is told then.
STATES: dict[str, tuple[str, Callable[[Story], object]]] = {
    "avant": ("", lambda story: story.arrive("alice-arnaud", "claire-caron")),
    "ouverte": ("", Story.open),
    "point": ("ouverte", lambda story: story.tell(items.open_item, item=story.items[0])),
    "scrutin_ordinaire": ("point", Story.vote),
    "scrutin_sur_tablettes": ("point", lambda story: story.vote(on_tablets=True)),
    "scrutin_public": (
        "point",
        lambda story: story.vote(PUBLIC, on_tablets=True, choices=ONE_AGAINST),
    ),
    "scrutin_secret": ("point", _secret),
    "proclame": ("point", _voted(ballots.Mode.ORDINARY, DIVIDED)),
    "proclame_public": ("point", _voted(PUBLIC, EVERYBODY_ANSWERED)),
    "proclame_secret": ("point", _voted(SECRET, {}, counts=IN_THE_URN)),
    "suspendue": ("point", lambda story: story.tell(conduct.suspend, reason=REASON)),
    "huis_clos": ("point", lambda story: story.tell(conduct.close_doors)),
    "huis_clos_scrutin": (
        "huis_clos",
        lambda story: story.vote(PUBLIC, on_tablets=True, choices=ONE_AGAINST),
    ),
    "huis_clos_proclame": ("huis_clos", _voted(PUBLIC, EVERYBODY_ANSWERED)),
    "levee": ("proclame", lambda story: story.tell(conduct.close_meeting)),
}
HUIS_CLOS = tuple(name for name in STATES if name.startswith("huis_clos"))


def reach(meeting: Meeting, state: str, *, by: User) -> Story:
    """Bring the sitting there; the story can go on."""
    story, moments = Story(meeting, by), []
    while state:
        state, tell = STATES[state]
        moments.insert(0, tell)
    for tell in moments:
        tell(story)
    return story


def fresh(meeting: Meeting) -> Meeting:
    """The sitting as a request reads it."""
    return Meeting.objects.select_related("body__organisation").get(pk=meeting.pk)


def a_large_sitting(cast, members: int) -> Meeting:
    """An open poll on tablets, everybody there and half of them having answered."""
    by = cast.secretariat
    body = make_body(cast.organisation, f"Comité de {members}", slug=f"comite-{members}")
    make_rule_book(body)
    colleges = [make_constituency(body, f"Collège {n}", position=n) for n in range(3)]
    for rank in range(members):
        person = make_person(cast.organisation, f"P{rank}", f"Nom {rank:03}")
        office = {"office": "president"} if rank == 0 else {}
        make_mandate(body, person, constituency=colleges[rank % 3], **office)
    meeting = a_sitting(cast, body=body)
    keys = [member.key for member in meeting.basis.composition.titulars]
    story = Story(meeting, by)
    story.tell(people.call_roll, present=keys)
    story.tell(conduct.open_meeting, chair=keys[0])
    story.tell(items.open_item, item=story.items[0])
    story.vote(ballots.Mode.PUBLIC, on_tablets=True)
    for key in keys[: members // 2]:
        tablets.cast(story.poll, voter=key, choice="pour")
    return meeting
