"""Who composed a body on a day: its seats, by constituency, with the empty ones."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Max, Min, Q
from django.utils import timezone

from law import french
from members.days import LAST, ONE_DAY
from members.models import Body, Constituency, Mandate


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A titular in office and who may sit in his place."""

    mandate: Mandate
    substitutes: list[Mandate] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A constituency (`None`: those who sit for none), its titulars, its pool of substitutes; those
    who are to come to a seat that nobody holds yet."""

    constituency: Constituency | None
    statutory: int = 0
    seats: list[Seat] = field(default_factory=list)
    pool: list[Mandate] = field(default_factory=list)
    coming: list[Mandate] = field(default_factory=list)

    @property
    def vacancies(self) -> int:
        """Seats that nobody holds; 0 where the number of seats is not known."""
        return max(0, self.statutory - len(self.seats))

    @property
    def filled_later(self) -> list[Mandate]:
        """Who takes one of the vacant seats, from a coming day."""
        return self.coming[: self.vacancies]

    @property
    def to_fill(self) -> int:
        """Vacant seats to which nobody comes."""
        return self.vacancies - len(self.filled_later)

    @property
    def excess(self) -> int:
        """Titulars beyond the seats of the statutes; 0 where their number is not known."""
        return max(0, len(self.seats) - self.statutory) if self.statutory else 0

    @property
    def title(self) -> str:
        """Its name and, when all of it sits for one community that this does not say, the latter:
        « Collège des élus, Département de la Somme », « Collège du Département de la Somme »."""
        name = self.constituency.name if self.constituency else ""
        told = {seat.mandate.community.name for seat in self.seats if seat.mandate.community}
        shared = told.pop() if len(told) == 1 and len(self.seats) > 1 else ""
        if not name or not shared or shared in name:
            return name
        kind, _, of_which = shared.partition(" ")
        if of_which and name.endswith(f" {kind}"):  # its kind is not said twice
            return f"{name} {of_which}"
        return f"{name}, {shared}"


@dataclass(frozen=True, kw_only=True)
class Roll:
    """The whole body on a day. `since` and `until` bound the days on which it was so.

    `since` is `None` before the first mandate began; `until` when nothing later is known.
    `earlier` tells whether there was another composition before.
    """

    on: date
    groups: list[Group]
    consultative: list[Mandate]
    since: date | None
    until: date | None
    earlier: bool

    @property
    def in_office(self) -> int:
        """Members in office: titulars, vacancies left out, consultative members never counted."""
        return sum(len(group.seats) for group in self.groups)

    @property
    def vacancies(self) -> int:
        """Seats that nobody holds, all constituencies together."""
        return sum(group.vacancies for group in self.groups)

    @property
    def to_fill(self) -> int:
        """Those of them to which nobody comes."""
        return sum(group.to_fill for group in self.groups)

    @property
    def substitutes(self) -> int:
        """Who may sit in somebody's place, pools included."""
        pooled = sum(len(group.pool) for group in self.groups)
        return pooled + sum(len(seat.substitutes) for g in self.groups for seat in g.seats)

    @property
    def voices(self) -> int:
        """Voices of the titulars in office; each has one where votes are not weighted."""
        return sum(seat.mandate.weight for group in self.groups for seat in group.seats)

    @property
    def before(self) -> date | None:
        """A day of the composition before this one, `None` when there was none."""
        return self.since - ONE_DAY if self.since and self.earlier else None

    @property
    def after(self) -> date | None:
        """The first day of the composition after this one, `None` when there is none yet."""
        return self.until + ONE_DAY if self.until and self.until < LAST else None


def of(body: Body, on: date) -> Roll:
    """The roll of the body on this day: three queries, whatever its history."""
    known = (
        body.mandates.filter(Q(end_on=None) | Q(end_on__gte=on))
        .in_roll_order()
        .select_related("person", "community", "constituency", "replaces__person")
    )
    mandates = [each for each in known if each.start_on <= on]
    groups = _groups(body.constituencies.order_by("position", "name"), mandates, on)
    for group in groups:
        group.coming.extend(_coming(known, group.constituency, on))
    return Roll(
        on=on,
        groups=groups,
        consultative=[m for m in mandates if m.capacity == Mandate.Capacity.CONSULTATIVE],
        **_bounds(body, on),
    )


def _groups(
    constituencies: Iterable[Constituency], mandates: Iterable[Mandate], on: date
) -> list[Group]:
    groups: dict[int | None, Group] = {
        each.pk: Group(constituency=each, statutory=each.seats_on(on)) for each in constituencies
    }
    groups[None] = Group(constituency=None)
    seat_of_person = {}
    for mandate in mandates:
        if mandate.capacity == Mandate.Capacity.TITULAR:
            seat = seat_of_person[mandate.person_id] = Seat(mandate=mandate)
            groups[mandate.constituency_id].seats.append(seat)
    for mandate in mandates:
        if mandate.capacity == Mandate.Capacity.SUBSTITUTE:
            # By person, not by mandate: a titular who became vice-president keeps his substitute.
            replaced = mandate.replaces.person_id if mandate.replaces else None
            if seat := seat_of_person.get(replaced):
                seat.substitutes.append(mandate)
            else:
                groups[mandate.constituency_id].pool.append(mandate)
    nameless = groups.pop(None)
    return [*groups.values(), *([nameless] if nameless.seats or nameless.pool else [])]


def _titulars(mandates: Iterable[Mandate], college: Constituency | None) -> list[Mandate]:
    """Those of these who hold a seat of this college."""
    number = college.pk if college else None
    return [
        each
        for each in mandates
        if each.capacity == Mandate.Capacity.TITULAR and each.constituency_id == number
    ]


def in_office(mandates: Iterable[Mandate], on: date) -> list[Mandate]:
    """Those of these that run on this day."""
    return [m for m in mandates if m.start_on <= on and (m.end_on is None or m.end_on >= on)]


def _coming(
    mandates: Iterable[Mandate], college: Constituency | None, on: date
) -> Iterator[Mandate]:
    """Those who, after this day, come to a seat that is vacant on it: with each of them the college
    has more titulars than it ever had since. Who comes to the seat of another leaves it as it was.
    """
    held = _titulars(mandates, college)
    most = len(in_office(held, on))
    for each in sorted(held, key=lambda row: row.start_on):
        if each.start_on > on and len(in_office(held, each.start_on)) > most:
            most += 1
            yield each


def to_fill(colleges: Collection[Constituency], on: date) -> dict[int, int]:
    """How many seats of each of these, by its number, are vacant on this day with nobody to come:
    one query."""
    rows = list(
        Mandate.objects.filter(Q(end_on=None) | Q(end_on__gte=on), constituency__in=colleges)
    )
    found = {}
    for college in colleges:
        held = _titulars(rows, college)
        filled = len(in_office(held, on)) + sum(1 for _ in _coming(held, college, on))
        found[college.pk] = max(0, college.seats_on(on) - filled)
    return found


def communities(college: Constituency, on: date) -> set[int | None]:
    """For whom those of this college sit on this day; `None` among them: for the college alone."""
    rows = Mandate.objects.in_office(on).filter(constituency=college)
    return set(rows.order_by().values_list("community", flat=True).distinct())


def against(mandate: Mandate, others: Iterable[Mandate]) -> str:
    """Why this titular has no seat in its college on some day of the mandate, beside the others of
    the body; "" when there is one on each."""
    college = mandate.constituency
    if college is None or mandate.capacity != Mandate.Capacity.TITULAR:
        return ""
    held = [
        each
        for each in _titulars(others, college)
        if (each.pk is None or each.pk != mandate.pk) and mandate.shares_a_day_with(each)
    ]
    for day in sorted({max(mandate.start_on, each.start_on) for each in held}):
        seats, there = college.seats_on(day), in_office(held, day)
        if seats and len(there) >= seats:
            return _no_seat(there, seats, day)
    return ""


def _no_seat(there: list[Mandate], seats: int, day: date) -> str:
    """Names who came last to a college that is full, unless all came together."""
    since = max(each.start_on for each in there)
    last = [str(each.person) for each in there if each.start_on == since]
    day_told = french.long_date(day)
    told = f"Les {seats} sièges de ce collège sont pourvus le {day_told}"
    verb = "le dernier l’est" if len(last) < 2 else "les derniers le sont"
    if seats == 1:
        told, verb = f"Le siège de ce collège est pourvu le {day_told}", "il l’est"
    if len(last) > _FEW:
        return f"{told}."
    when = "à partir du" if since > timezone.localdate() else "depuis le"
    return f"{told}\u00a0; {verb} par {french.join(last)}, {when} {french.long_date(since)}."


_FEW = 6  # names


@dataclass(frozen=True, kw_only=True)
class Excess:
    """More titulars than seats on a day, in a college or, where these do not say it, in all of
    them together."""

    college: Constituency | None
    day: date
    titulars: int
    seats: int


def excesses(
    written: Collection[Mandate], every: Collection[Mandate], colleges: Collection[Constituency]
) -> list[Excess]:
    """Where and when the titulars among these mandates take more seats of the body than there are,
    beside all of its mandates: of each college, the first of the days on which they are the most.
    """
    new = [each for each in written if each.capacity == Mandate.Capacity.TITULAR]
    found = []
    for college in sorted(colleges, key=lambda row: (row.position, row.name)):
        beside = _titulars(every, college)
        taking = _titulars(new, college)
        found.append(_worst(taking, beside, college, lambda day, c=college: c.seats_on(day)))
    told = list(filter(None, found))
    if told or not colleges:
        return told
    titulars = [each for each in every if each.capacity == Mandate.Capacity.TITULAR]

    def of_all(day: date) -> int:
        each = [college.seats_on(day) for college in colleges]
        return sum(each) if all(each) else 0

    whole = _worst(new, titulars, None, of_all)
    return [whole] if whole else []


def _worst(
    new: list[Mandate],
    every: list[Mandate],
    college: Constituency | None,
    seats_on: Callable[[date], int],
) -> Excess | None:
    days = {max(each.start_on, other.start_on) for each in new for other in every}
    worst = None
    for day in sorted(days):
        seats, there = seats_on(day), len(in_office(every, day))
        if not seats or there <= max(seats, worst.titulars if worst else 0):
            continue
        if in_office(new, day):
            worst = Excess(college=college, day=day, titulars=there, seats=seats)
    return worst


def _bounds(body: Body, on: date) -> dict:
    """Since when and until when nobody came or went around this day."""
    found = body.mandates.aggregate(
        first=Min("start_on"),
        began=Max("start_on", filter=Q(start_on__lte=on)),
        ended=Max("end_on", filter=Q(end_on__lt=on)),
        begins=Min("start_on", filter=Q(start_on__gt=on)),
        ends=Min("end_on", filter=Q(end_on__gte=on)),
    )
    # A mandate changes the composition on its first day and on the day after its last.
    came = [found["began"], found["ended"] + ONE_DAY if found["ended"] else None]
    since = max(filter(None, came), default=None)
    going = [found["begins"] - ONE_DAY if found["begins"] else None, found["ends"]]
    until = min(filter(None, going), default=None)
    return {
        "since": since,
        "until": until,
        "earlier": since is not None and found["first"] < since,
    }
