"""What the tests of dispatch share: a sitting ready to be convened, and people to convene."""

from datetime import UTC, date, datetime, time, timedelta

from convening.actions import dispatching, drafting
from convening.models import Convocation
from law import sitting
from meetings.actions import items, ledger, preparing
from meetings.models import AgendaItem, Brief, Meeting
from members.models import Person, User
from tests.cast import Cast, change, make_mandate, make_person

HELD_ON = date(2026, 6, 9)
# 1 June 2026, 10 h in Paris: seven clear days before.
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
SITE = "https://seances.brume.example"


def give_addresses(cast: Cast) -> None:
    """Everybody of the Comité has a mailbox; Farid wants paper, at home."""
    for person in Person.objects.filter(organisation=cast.organisation, email=""):
        change(person, email=f"{person.first_name.lower()}@brume.example".replace("ë", "e"))
    cast.farid.refresh_from_db()
    change(cast.farid, wants_paper=True, address="3 rue des Saules\n80000 Brume")


def prepared(cast: Cast, *, held_on: date = HELD_ON, length: int = 3) -> Meeting:
    """A sitting of the Comité with its agenda, a note for each item, and a place."""
    by = cast.secretariat
    meeting = preparing.create_meeting(
        body=cast.comite, held_on=held_on, starts_at=time(18), place="dans ses locaux", by=by
    )
    titles = ["Budget primitif", "Tarifs 2027", "Travaux du dépôt", "Vœux"]
    for title in titles[:length]:
        item = items.add_item(meeting, title=title, by=by)
        Brief.objects.create(item=item, note=f"<p>Note sur : {title}.</p>")
    items.add_item(meeting, title="Questions diverses", kind=AgendaItem.Kind.MISCELLANEOUS, by=by)
    return meeting


def convened(cast: Cast, *, at: datetime = NOW, **options) -> Convocation:
    """A sitting whose convocation is dispatched; nothing has left yet."""
    give_addresses(cast)
    meeting = prepared(cast, **options)
    draft = drafting.prepare(meeting, by=cast.secretariat)
    dispatching.dispatch(draft, by=cast.secretariat, at=at, site=SITE)
    return draft


def crowd(cast: Cast, count: int) -> None:
    """So many more titulars in the Comité, each with a mailbox of his own."""
    for rank in range(count):
        person = make_person(
            cast.organisation, "Membre", f"Numéro{rank:03}", email=f"m{rank:03}@brume.example"
        )
        make_mandate(cast.comite, person)


def fresh(meeting: Meeting) -> Meeting:
    """As the database has it now."""
    return Meeting.objects.select_related("body__organisation", "second_call_of").get(pk=meeting.pk)


def opened_and_closed(meeting: Meeting, *events: sitting.Event, by: User, **why) -> Meeting:
    """On time, by Alice; an hour later, or in five minutes if `why` tells of a want of quorum."""
    opening = meeting.scheduled_for
    ledger.record(
        meeting,
        sitting.Arrived(member="alice-arnaud"),
        *events,
        sitting.Opened(chair="alice-arnaud", at=opening),
        sitting.Closed(at=opening + timedelta(minutes=5 if why else 60), **why),
        by=by,
    )
    return meeting
