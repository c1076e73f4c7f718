"""The desk of a delegate (`Mes séances`): what is coming, what he said, what he attended.

Everything is read of one person in one organisation, in the same number of queries whatever the
number of sittings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone

from convening import calendar
from convening.dispatch import sent
from convening.models import Answer, CalendarFeed, Convocation
from law import french, sitting
from meetings import briefs, composition
from meetings.models import Meeting
from members import links
from members.models import Mandate, Organisation, Person, User


def person_of(user: User, organisation: Organisation | None) -> Person | None:
    """Who this account is in the organisation; `None` until the administration says so."""
    if organisation is None:
        return None
    found = Person.objects.filter(user=user, organisation=organisation)
    return found.select_related("user", "organisation").first()


def sittings_of(person: Person) -> QuerySet[Meeting]:
    """The sittings in which this person had or will have a running mandate."""
    running = Q(body__mandates__person=person) & Q(body__mandates__start_on__lte=F("held_on"))
    lasting = Q(body__mandates__end_on=None) | Q(body__mandates__end_on__gte=F("held_on"))
    return Meeting.objects.filter(running & lasting).distinct().select_related("body__organisation")


# --- What is coming ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A sitting to come and what was said of it, in words for the person himself.

    `asked_by` sends him to sit in his place; `carries` gave him their proxies.
    """

    meeting: Meeting
    answer: Answer | None
    told: str
    asked_by: tuple[Person, ...]
    carries: tuple[Person, ...]
    may_answer: bool
    is_released: bool
    moved_from: date | None  # the day that was announced before its own
    is_unhanded: bool  # nobody noted that its convocation was handed over: who has it may answer


def coming(person: Person, *, at: datetime) -> tuple[Coming, ...]:
    """Sittings from today on that are not over, the next first: three queries, one more where a
    convocation was established here. One of which nothing left releases nothing."""
    today = timezone.localdate(at)
    over = (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)
    ahead = sittings_of(person).filter(held_on__gte=today).exclude(stage__in=over)
    meetings = list(ahead.order_by("held_on", "starts_at"))
    last = _last_words(meetings)
    prepared = Meeting.Stage.PREPARED
    waiting = [each.pk for each in meetings if each.sent_on and each.stage == prepared]
    moved = sent.moved_from(each for each in meetings if each.sent_on)
    stayed = sent.never_handed(Meeting.objects.filter(pk__in=waiting)) if waiting else ()
    return tuple(
        _coming(
            meeting,
            person,
            last.get(meeting.pk, {}),
            is_released=briefs.is_released(meeting, on=today),
            moved_from=moved.get(meeting.pk),
            is_unhanded=meeting in stayed,
        )
        for meeting in meetings
    )


def _last_words(meetings: Sequence[Meeting]) -> Mapping[int, Mapping[int, Answer]]:
    """Sitting → person → the answer that counts."""
    found: dict[int, dict[int, Answer]] = {}
    rows = (
        Answer.objects.current()
        .filter(meeting__in=meetings)
        .select_related("mandate__person", "substitute__person", "holder__person")
    )
    for answer in rows:
        found.setdefault(answer.meeting_id, {})[answer.mandate.person_id] = answer
    return found


def _coming(
    meeting: Meeting,
    person: Person,
    last: Mapping[int, Answer],
    *,
    is_released: bool,
    moved_from: date | None,
    is_unhanded: bool,
) -> Coming:
    mine = last.get(person.pk)
    away = {pk for pk, answer in last.items() if answer.word == Answer.Word.EXCUSED}
    asked_by = tuple(
        answer.mandate.person
        for answer in last.values()
        if answer.substitute is not None and answer.substitute.person_id == person.pk
    )
    carries = tuple(
        answer.mandate.person
        for answer in last.values()
        if answer.holder is not None and answer.holder.person_id == person.pk
    )
    is_prepared = meeting.stage == Meeting.Stage.PREPARED
    return Coming(
        meeting=meeting,
        answer=mine,
        told=_told(mine, last, away),
        asked_by=asked_by if person.pk not in away else (),
        carries=carries if person.pk not in away else (),
        may_answer=is_prepared and is_released and not is_unhanded,
        is_released=is_released and not is_unhanded,
        moved_from=moved_from,
        is_unhanded=is_released and is_unhanded,
    )


def _told(mine: Answer | None, last: Mapping[int, Answer], away: set[int]) -> str:
    if mine is None:
        return ""
    if mine.word == Answer.Word.COMING:
        return "Vous venez."
    if mine.word == Answer.Word.REMOTE:
        return "Vous participez à distance."
    if mine.substitute is not None:
        other = mine.substitute.person
        if other.pk in away:
            return french.nbsp(f"Vous ne venez pas, et {_named(other)} non plus.")
        sits = "siège" if other.pk in last else "est sollicité pour siéger"
        if other.civility == Person.Civility.MRS:
            sits = sits.replace("sollicité", "sollicitée")
        return french.nbsp(f"Vous ne venez pas : {_named(other)} {sits} à votre place.")
    if mine.holder is not None:
        other = mine.holder.person
        if other.pk in away:
            return french.nbsp(
                f"Vous ne venez pas, et {_named(other)} ne pourra pas porter votre pouvoir."
            )
        return french.nbsp(f"Vous ne venez pas : {_named(other)} porte votre pouvoir.")
    return "Vous ne venez pas."


def _named(person: Person) -> str:
    return f"{person.civility} {person}"


# --- What was attended ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A sitting that was held, and how this person took part in it.

    `gave` is who held his proxy, `carried` those whose proxies he held; `attests` is his key where
    it can be certified that he was there, "" elsewhere.
    """

    meeting: Meeting
    told: str
    was_there: bool
    gave: str
    carried: tuple[str, ...]
    attests: str = ""


def held_before(person: Person, *, at: datetime) -> QuerySet[Meeting]:
    """The sittings whose ledger was begun, the latest first, ready to be replayed."""
    return (
        sittings_of(person)
        .filter(held_on__lte=timezone.localdate(at))
        .exclude(stage__in=(Meeting.Stage.PREPARED, Meeting.Stage.CANCELLED))
        .order_by("-held_on", "-starts_at")
        .prefetch_related("events", "items")
    )


def attended(person: Person, meetings: Iterable[Meeting]) -> Iterator[Attendance]:
    """How the person took part in each of these sittings, as their ledgers tell it."""
    mandates = set(person.mandates.values_list("pk", flat=True))
    for meeting in meetings:
        key = composition.key_of(meeting.basis.composition, person, mandates)
        if key:
            yield _attendance(meeting, key)


def _attendance(meeting: Meeting, key: str) -> Attendance:
    story = meeting.sitting
    member = story.composition[key]

    def agreed(word: str) -> str:
        return french.agree(word, feminine=member.civility == "Mme")

    def name(other: str) -> str:
        return story.composition.someone(other).name

    came = [event for event in story.of_kind(sitting.Arrived) if event.member == key]
    left = [event for event in story.of_kind(sitting.Left) if event.member == key]
    sat_for = [e.titular for e in story.of_kind(sitting.SeatTaken) if e.substitute == key]
    sat_in = [e.substitute for e in story.of_kind(sitting.SeatTaken) if e.titular == key]
    gave = [event.holder for event in story.of_kind(sitting.ProxyGiven) if event.giver == key]
    held = [event.giver for event in story.of_kind(sitting.ProxyGiven) if event.holder == key]
    if came:
        told = agreed("présent")
        if any(event.remote for event in came):
            told += " à distance"
        if came[0].at is not None and not _is_at_roll(came[0], story):
            told += f" à partir de {french.clock(came[0].at)}"
        if left and left[-1].at is not None:
            told += f" jusqu’à {french.clock(left[-1].at)}"
        if sat_for:
            told += f", à la place {french.contract('de', name(sat_for[0]))}"
    elif sat_in:
        told = f"{agreed('remplacé')} par {name(sat_in[0])}"
    elif gave:
        told = f"{agreed('représenté')} par {name(gave[-1])}"
    elif any(event.member == key for event in story.of_kind(sitting.Excused)):
        told = agreed("excusé")
    else:
        told = agreed("absent")
    return Attendance(
        meeting=meeting,
        told=french.nbsp(told),
        was_there=bool(came),
        gave=name(gave[-1]) if gave else "",
        carried=tuple(name(giver) for giver in held),
        attests=key if came and story.at_end.closed_at else "",
    )


def _is_at_roll(event: sitting.Event, story: sitting.Sitting) -> bool:
    opened = story.at_end.opened_at
    return event.at is None or opened is None or event.at <= opened


# --- The calendar -----------------------------------------------------------------------------

_FEED = "convening.calendar"
_PAST = timedelta(days=365)


def feed_token(feed: CalendarFeed) -> str:
    """The secret of the address."""
    return links.feed(_FEED, str(feed.person_id), feed.made_at, kept=feed.token_hash)


def make_feed(person: Person, *, at: datetime) -> CalendarFeed:
    """A new secret address; the one before follows nothing any more."""
    feed = CalendarFeed(person=person, made_at=at)
    feed.token_hash = links.hash_of(feed_token(feed))
    CalendarFeed.objects.update_or_create(
        person=person, defaults={"made_at": at, "token_hash": feed.token_hash}
    )
    return feed


def drop_feed(person: Person) -> None:
    """Close the secret address."""
    CalendarFeed.objects.filter(person=person).delete()


def find_feed(raw: str, *, at: datetime) -> CalendarFeed | None:
    """The calendar at this secret address; `None` once the person's last mandate has ended or her
    account was closed."""
    rows = CalendarFeed.objects.select_related("person__organisation", "person__user")
    feed = links.find(rows, raw)
    if feed is None or (feed.person.user is not None and not feed.person.user.is_active):
        return None
    today = timezone.localdate(at)
    lasting = feed.person.mandates.filter(Q(end_on=None) | Q(end_on__gte=today))
    return feed if lasting.exists() else None


def calendar_of(person: Person, *, at: datetime, site: str) -> bytes:
    """The sittings of the last year and those to come, as a diary follows them."""
    since: date = timezone.localdate(at) - _PAST
    sent = Convocation.objects.exclude(stage=Convocation.Stage.DRAFT).order_by("number")
    meetings = (
        sittings_of(person)
        .filter(held_on__gte=since)
        .order_by("held_on", "starts_at")
        .prefetch_related(Prefetch("convocations", sent.only("meeting", "calendar_sequence")))
    )
    organisation = person.organisation
    entries = (
        calendar.event(
            uid=calendar.uid(meeting.pk, organisation.slug),
            held_on=meeting.held_on,
            starts_at=meeting.hour,
            summary=f"{meeting.body} – {organisation}",
            stamp=meeting.created_at,
            place=meeting.place,
            url=f"{site}/mes-seances/{meeting.pk}/",
            sequence=max((c.calendar_sequence for c in meeting.convocations.all()), default=0),
            is_cancelled=meeting.stage == Meeting.Stage.CANCELLED,
        )
        for meeting in meetings
    )
    return calendar.calendar(entries, name=f"Séances – {organisation}")


# --- The profile ------------------------------------------------------------------------------

CONTACT = ("email", "phone", "address", "wants_paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was changed in the ways to reach somebody, when and by whom."""

    at: datetime
    by: User | None
    what: tuple[str, ...]


def changes(person: Person, *, limit: int = 5) -> Iterator[Change]:
    """The latest changes of the contact details."""
    rows = list(person.history.select_related("history_user").order_by("-history_id")[:50])
    names = {name: Person._meta.get_field(name).verbose_name for name in CONTACT}
    found = 0
    for later, before in pairwise(rows):
        what = [
            str(label)
            for name, label in names.items()
            if getattr(later, name) != getattr(before, name)
        ]
        if what and found < limit:
            found += 1
            yield Change(at=later.history_date, by=later.history_user, what=tuple(what))


def mandates_of(person: Person, *, on: date) -> QuerySet[Mandate]:
    """What he sits in today."""
    return person.mandates.in_office(on).select_related("body", "constituency", "community")
