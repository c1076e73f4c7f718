"""What is to be carried out, as its pages and the next agenda tell it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from law import french
from meetings import public, richtext
from meetings.models import AgendaItem, Meeting
from members import access
from members.models import Body, Organisation, Person, User
from registry.models import FollowUp

TITLE = "Suites données aux décisions"


def of_body(body: Body) -> QuerySet[FollowUp]:
    """All of this body, with what their pages say of their items."""
    rows = FollowUp.objects.filter(item__meeting__body=body)
    return rows.select_related("item__meeting__body__organisation", "made_by", "settled_by")


def read_by(user: User, organisation: Organisation | None) -> QuerySet[FollowUp]:
    """Those of the sittings that the account may read, what came of closed doors too: it knows
    what was said there."""
    if organisation is None:
        return FollowUp.objects.none()
    names = {"body": "item__meeting__body", "held_on": "item__meeting__held_on"}
    within = access.sittings_within(user, organisation, **names)
    found = FollowUp.objects.filter(pk__in=FollowUp.objects.filter(within).values("pk"))
    return found.select_related("item__meeting__body__organisation", "made_by", "settled_by")


def carried_by(person: Person) -> QuerySet[FollowUp]:
    """Those that await this person: named so when it was noted, in a sitting that her account may
    read. None where two people of the organisation bear that name: nobody can tell which."""
    alike = person.organisation.persons.filter(
        first_name=person.first_name, last_name=person.last_name
    )
    if person.user is None or alike.count() > 1:
        return FollowUp.objects.none()
    return read_by(person.user, person.organisation).pending().filter(who__in=named(person))


def named(person: Person) -> tuple[str, str]:
    """As a follow-up may say who carries it out: with the civility, as is offered, or without."""
    return str(person), f"{person.civility} {person}"


def bearers(rows: Sequence[FollowUp]) -> dict[int, int]:
    """By row, the number of the person of its organisation whom it names; of nobody whose name two
    bear. One query, none when there is no row."""
    organisations = {row.item.meeting.body.organisation_id for row in rows}
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for person in Person.objects.filter(organisation__in=organisations) if rows else ():
        for name in named(person):
            found[person.organisation_id, name].add(person.pk)
    told = {row.pk: found[row.item.meeting.body.organisation_id, row.who] for row in rows}
    return {pk: next(iter(persons)) for pk, persons in told.items() if len(persons) == 1}


def to_tell(meeting: Meeting) -> tuple[FollowUp, ...]:
    """What this sitting would be told: what is to be done, and what was settled since the sitting
    before. What was discussed behind closed doors is left out: its minutes are public."""
    before = Meeting.objects.before(meeting).exclude(stage=Meeting.Stage.CANCELLED).first()
    since = before.held_on if before else date.min
    rows = of_body(meeting.body).filter(
        Q(outcome="") | Q(settled_on__gte=since), item__meeting__held_on__lt=meeting.held_on
    )
    found = list(rows.order_by("item__meeting__held_on", "item__position", "pk"))
    kept = _kept_from_public({each.item.meeting_id for each in found})
    return tuple(each for each in found if each.item_id not in kept)


def _kept_from_public(meetings: set[int]) -> set[int]:
    """The items of these sittings of which the public reads no debate: their primary keys."""
    read = Meeting.objects.filter(pk__in=meetings).select_related("body__organisation")
    kept: set[int] = set()
    for meeting in read.prefetch_related("events", Prefetch("items", AgendaItem.objects.all())):
        kept |= {meeting.agenda[key].item.pk for key in public.kept_from_it(meeting)}
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A state in words: "à faire, au plus tard le 3 mai 2026", "fait le 4 mai 2026"."""

    words: str
    is_late: bool = False
    is_done: bool = False


def state_of(follow_up: FollowUp, *, on: date) -> Told:
    """Where it is, that day."""
    match follow_up.outcome:
        case FollowUp.Outcome.DONE:
            more = f" ({follow_up.reason})" if follow_up.reason else ""
            words = f"fait le {french.long_date(follow_up.settled_on)}{more}"
            return Told(words=words, is_done=True)
        case FollowUp.Outcome.DROPPED:
            day = french.long_date(follow_up.settled_on)
            return Told(words=french.nbsp(f"abandonné le {day} : {follow_up.reason}"))
    if follow_up.due_on is None:
        return Told(words="à faire")
    day, is_late = french.long_date(follow_up.due_on), follow_up.is_late(on)
    words = (
        f"en retard\u00a0: c’était au plus tard le {day}" if is_late else f"à faire d’ici au {day}"
    )
    return Told(words=words, is_late=is_late)


def composed(follow_ups: Sequence[FollowUp], *, on: date) -> str:
    """What the agenda and the minutes of a sitting say of them: a table, sitting by sitting."""
    heads = ("Séance", "Point", "À faire", "Par", "État")
    rows = (
        (
            french.long_date(each.item.meeting.held_on),
            each.item.title,
            each.what,
            each.who,
            state_of(each, on=on).words,
        )
        for each in follow_ups
    )
    told = "<p>Il est rendu compte des suites données aux décisions.</p>"
    return told + richtext.table(heads, rows)
