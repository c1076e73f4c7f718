"""A sitting that was convened, and the people who answer: what the tests of this room share."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse

from convening import answers
from convening.actions import answering, inviting
from convening.models import Answer, Notice
from meetings.actions import items, preparing
from meetings.models import AgendaItem, Meeting
from members.models import Mandate, Person
from tests.cast import Cast, change

PARIS = ZoneInfo("Europe/Paris")
HELD_ON = date(2026, 12, 8)
NOW = datetime(2026, 12, 2, 10, 0, tzinfo=PARIS)
ROLES = {"+": "substitute", ">": "holder"}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The Comité of 8 December 2026 at 19 h, convened on the 1st; everybody has an address."""

    meeting: Meeting
    cast: Cast
    links: dict[str, str] = field(default_factory=dict)

    def mandate(self, name: str) -> Mandate:
        return self.cast.seat(getattr(self.cast, name))

    def says(self, name: str, word: str, *, at=NOW, via=Answer.Via.LINK, by=None, **to) -> Answer:
        """`says("claire", "excuse", substitute="gaelle")`."""
        chosen = {r: self.mandate(who) if isinstance(who, str) else who for r, who in to.items()}
        return answering.answer(
            self.fresh, mandate=self.mandate(name), word=word, via=via, at=at, by=by, **chosen
        )

    def hears(self, *told: str) -> None:
        """« claire excuse +gaelle »: Claire does not come, Gaëlle would sit; « >bruno »: a proxy;
        « alice,bruno present »: both say it."""
        for each in told:
            names, word, *chosen = each.split()
            for name in names.split(","):
                self.says(name, word, **{ROLES[who[0]]: who[1:] for who in chosen})

    @property
    def fresh(self) -> Meeting:
        """The sitting as it stands in the database."""
        return Meeting.objects.select_related("body__organisation").get(pk=self.meeting.pk)

    @property
    def standing(self) -> answers.Answers:
        return answers.standing(self.fresh)

    def position(self, name: str) -> str:
        said = self.standing
        return said.lines[said.key_of(self.mandate(name))].position

    def link(self, name: str, page: str = "", *args) -> str:
        """The address of a page of the personal link of somebody."""
        if name not in self.links:
            mandate = self.mandate(name)
            self.links[name] = inviting.make_invitation(self.meeting, mandate, at=NOW)[1]
        view = f"invitation_{page}" if page else "invitation"
        return reverse(f"convening:{view}", args=[self.links[name], *args])

    def mails(self) -> list[tuple[str, str]]:
        """First name and reason of each mail, the oldest first."""
        rows = Notice.objects.order_by("pk").select_related("mandate__person")
        return [(row.mandate.person.first_name, row.once.rstrip("-0123456789")) for row in rows]


def make_sent(cast: Cast, *, held_on: date = HELD_ON) -> Sent:
    """Convened a week before, to the day."""
    for person in Person.objects.filter(organisation=cast.organisation, email=""):
        email = f"{person.first_name}.{person.last_name}@brume.example".lower()
        change(person, email=email, phone="03 22 00 00 01")
    by, when = cast.secretariat, {"held_on": held_on, "convened_on": held_on - timedelta(days=7)}
    where = {"starts_at": time(19), "place": "dans ses locaux"}
    meeting = preparing.create_meeting(body=cast.comite, **when, **where, by=by)
    section = items.add_item(meeting, title="Finances", kind=AgendaItem.Kind.SECTION, by=by)
    items.add_item(meeting, title="Budget primitif 2027", parent=section, by=by)
    items.add_item(meeting, title="Convention avec l’agglomération", by=by)
    return Sent(meeting=meeting, cast=cast)
