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
        return reading.open_poll(self.meeting)

    def arrive(self, *keys: str) -> None:
        for key in keys:
            self.tell(people.arrive, member=key)

    def open(self) -> None:
        """Everybody is there but Elsa Evrard, who gave her proxy to Claire Caron."""
        self.arrive("alice-arnaud", "bruno-besson", "claire-caron", "denis-duval", "farid-faure")
        self.tell(people.give_proxy, giver="elsa-evrard", holder="claire-caron")
        self.tell(conduct.open_meeting, chair="alice-arnaud", clerks=["bruno-besson"])

    def vote(self, mode: str = ballots.Mode.ORDINARY, *, on_tablets: bool = False, **extra) -> Poll:
        return self.tell(
            polls.open_poll, items=[self.items[0]], mode=mode, on_tablets=on_tablets, **extra
        )

    def choose(self, **choices: str) -> None:
        for name, choice in choices.items():
            seat = name.replace("_", "-")
            polls.choose(self.poll, seat=seat, choice=choice)

    def proclaim(self, **extra):
        return polls.proclaim(self.poll, by=self.by, at=self.clock(), **extra)


def _before(story: Story) -> None:
    story.arrive("alice-arnaud", "claire-caron")


def _open(story: Story) -> None:
    story.open()


def _item(story: Story) -> None:
    story.open()
    story.tell(items.open_item, item=story.items[0])


def _ordinary(story: Story) -> None:
    _item(story)
    story.vote()


def _on_tablets(story: Story) -> None:
    _item(story)
    story.vote(on_tablets=True)


def _public(story: Story) -> None:
    _item(story)
    story.vote(ballots.Mode.PUBLIC, on_tablets=True)
    story.choose(bruno_besson="contre")


def _secret(story: Story) -> None:
    _item(story)
    story.vote(ballots.Mode.SECRET, on_tablets=True)
    tablets.put_in_urn(story.poll, voter="bruno-besson", choice="contre")


def _proclaimed(story: Story) -> None:
    _ordinary(story)
    story.choose(denis_duval="contre", farid_faure="abstention")
    story.proclaim()


def _proclaimed_public(story: Story) -> None:
    _item(story)
    story.vote(ballots.Mode.PUBLIC)
    story.choose(
        alice_arnaud="pour",
        bruno_besson="contre",
        claire_caron="abstention",
        denis_duval="pour",
        farid_faure="pour",
    )
    story.proclaim()


def _proclaimed_secret(story: Story) -> None:
    _item(story)
    story.vote(ballots.Mode.SECRET)
    story.proclaim(counts={"pour": 3, "contre": 1, "blanc": 2})


def _suspended(story: Story) -> None:
    _item(story)
    story.tell(conduct.suspend, reason=REASON)


def _huis_clos(story: Story) -> None:
    _item(story)
    story.tell(conduct.close_doors)


def _huis_clos_vote(story: Story) -> None:
    _huis_clos(story)
    story.vote(ballots.Mode.PUBLIC, on_tablets=True)
    story.choose(bruno_besson="contre")


def _huis_clos_proclaimed(story: Story) -> None:
    _huis_clos(story)
    story.vote(ballots.Mode.PUBLIC)
    story.choose(
        alice_arnaud="pour",
        bruno_besson="contre",
        claire_caron="abstention",
        denis_duval="pour",
        farid_faure="pour",
    )
    story.proclaim()


def _closed(story: Story) -> None:
    _proclaimed(story)
    story.tell(conduct.close_meeting)


STATES: dict[str, Callable[[Story], None]] = {
    "avant": _before,
    "ouverte": _open,
    "point": _item,
    "scrutin_ordinaire": _ordinary,
    "scrutin_sur_tablettes": _on_tablets,
    "scrutin_public": _public,
    "scrutin_secret": _secret,
    "proclame": _proclaimed,
    "proclame_public": _proclaimed_public,
    "proclame_secret": _proclaimed_secret,
    "suspendue": _suspended,
    "huis_clos": _huis_clos,
    "huis_clos_scrutin": _huis_clos_vote,
    "huis_clos_proclame": _huis_clos_proclaimed,
    "levee": _closed,
}
HUIS_CLOS = tuple(name for name in STATES if name.startswith("huis_clos"))


def reach(meeting: Meeting, state: str, *, by: User) -> Story:
    """Bring the sitting there; the story can go on."""
    story = Story(meeting, by)
    STATES[state](story)
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
