"""What closed sittings changed of the mandates, which the mandates do not say yet."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from law import french, mandates
from law.findings import Finding, Severity
from law.mandates import Change
from law.regime import cited
from meetings import journal
from meetings.models import Deed, Meeting, SittingEvent
from members.models import Body, Mandate, User

WITHIN = timedelta(days=400)  # older ones are history: later sittings took it into account
LEFT = "mandates-left"  # the deed of who answers that there is nothing to change
_KINDS = ("vacated", "election_held")
_OVER = (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)
_EXECUTIVE = (Mandate.Office.CHAIR, Mandate.Office.VICE_CHAIR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A mandate that runs and does not say what this sitting changed of it; or, not yet written,
    that of the Bureau which the sitting gave."""

    meeting: Meeting
    mandate: Mandate
    change: Change

    @property
    def office(self) -> str:
        """The office that it is to say, in words agreed with its person; "" of a plain member."""
        return _titled(self.mandate, self.change.office, self.change.rank)

    @property
    def is_ended(self) -> bool:
        """Whether the mandate itself ended, and not an office."""
        return self.change.ending is not None

    @property
    def said(self) -> str:
        """What the sitting changed: « Claire CARON est élue présidente »."""
        person, feminine = self.mandate.person, self.change.member.is_feminine
        if self.change.ending is not None:
            reason = Mandate.EndReason(self.change.ending.value).label
            return f"{person} ne siège plus ({reason})"
        elected = f"{person} est {french.agree('élu', feminine=feminine)}"
        if self.office:
            return f"{elected} {self.office}"
        if self.mandate.pk is None:
            return f"{elected} membre {french.contract('de', self.mandate.body.designation)}"
        return f"{person} n’est plus {self.mandate.office_title}"


def _titled(mandate: Mandate, office: str, rank: int) -> str:
    held = Mandate(person=mandate.person, body=mandate.body, office=office)
    held.office_rank = rank or None
    return held.office_title


def of_bodies(bodies: Collection[Body], *, on: date) -> list[Behind]:
    """By the sittings of these bodies, the latest first: a flat number of queries, one where none
    changed a mandate."""
    told = SittingEvent.objects.filter(meeting=OuterRef("pk"), kind__in=_KINDS)
    left = Deed.objects.filter(meeting=OuterRef("pk"), verb=LEFT)
    rows = Meeting.objects.filter(
        Exists(told), ~Exists(left), body__in=bodies, stage__in=_OVER, held_on__gte=on - WITHIN
    )
    rows = rows.select_related("body__organisation").prefetch_related("events", "items")
    changes = [
        (meeting, change)
        for meeting in rows.order_by("-held_on", "-starts_at", "-pk")
        for change in mandates.changed_by(meeting.sitting)
        if change.member.mandate is not None
    ]
    return list(_behind(changes, on=on)) if changes else []


def of(meeting: Meeting, *, on: date) -> list[Behind]:
    """Those of this sitting, unless a later one says otherwise."""
    return [each for each in of_bodies([meeting.body], on=on) if each.meeting.pk == meeting.pk]


def before(meeting: Meeting, *, on: date) -> list[Behind]:
    """What a sitting to come would miss: its own mandates, which earlier sittings changed."""
    body = meeting.body.composer
    sources = Body.objects.filter(organisation=body.organisation_id, is_active=True)
    found = of_bodies(sources, on=on)
    return [
        each
        for each in found
        if each.mandate.body_id == body.pk and each.meeting.held_on <= meeting.held_on
    ]


def offices(found: Sequence[Behind]) -> list[tuple[str, str]]:
    """What is changed of the offices, said once, and in which bodies."""
    told: dict[str, list[str]] = defaultdict(list)
    for each in found:
        if not each.is_ended:
            told[each.said].append(str(each.mandate.body))
    return [(said, french.join(bodies)) for said, bodies in told.items()]


def warning(late: Sequence[Behind]) -> Finding:
    """What a sitting to come is told of it: it would be composed, convened and signed without."""
    by_sitting: dict[str, list[str]] = {}
    for each in late:
        by_sitting.setdefault(french.long_date(each.meeting.held_on), []).append(each.said)
    told = french.join(
        f"la séance du {day} ({french.join(said)})" for day, said in by_sitting.items()
    )
    return Finding(
        code="mandats_en_retard",
        message=f"Les mandats ne disent pas encore ce qu’a changé {told}.",
        article=cited(late[0].meeting.regime, "art. L2121-17 du CGCT"),
        remedy="Mettez les mandats à jour\u00a0: la convocation, le quorum et les signatures les "
        "suivent.",
        severity=Severity.WARNING,
    )


def _behind(changes: Sequence[tuple[Meeting, Change]], *, on: date) -> Iterator[Behind]:
    asked = {change.member.mandate for _, change in changes}
    persons = dict(Mandate.objects.filter(pk__in=asked).values_list("pk", "person"))
    bodies = {meeting.body_id for meeting, _ in changes}
    bureaus = _bureaus(changes)
    first = min(meeting.held_on for meeting, _ in changes)
    rows: dict[int, list[Mandate]] = defaultdict(list)
    found = Mandate.objects.filter(
        Q(end_on=None) | Q(end_on__gte=min(first, on)),
        Q(body__in=bodies) | Q(body__kind=Body.Kind.BUREAU, body__is_active=True),
        person__in=set(persons.values()),
    )
    for row in found.select_related("person", "body__organisation", "community", "constituency"):
        rows[row.person_id].append(row)
    said: set[tuple[int, int | str | None]] = set()  # by a later sitting
    for meeting, change in changes:
        person = persons.get(change.member.mandate or 0)
        told = {(meeting.body_id, person)}
        if change.office == "president":  # who was, in the eyes of an earlier one, is no more
            told.add((meeting.body_id, change.office))
        if said & told:
            continue
        said |= told
        hers = [row for row in rows.get(person or 0, ()) if _concerns(meeting, row)]
        day = max(on, meeting.held_on)  # a sitting may be kept before its day
        running = [row for row in hers if row.start_on <= day and row.runs_until(day)]
        for row in running:
            if not _says(row, change, meeting.held_on):
                yield Behind(meeting=meeting, mandate=row, change=change)
        bureau = bureaus.get(meeting.body.organisation_id) if change.in_bureau else None
        own = next((row for row in running if row.body_id == meeting.body_id), None)
        if bureau is None or own is None or not meeting.body.is_assembly:
            continue
        if not any(row.body_id == bureau.pk and row.runs_until(meeting.held_on) for row in hers):
            colleges = list(bureau.constituencies.all())
            seat = Mandate(body=bureau, person=own.person, community=own.community)
            seat.constituency = colleges[0] if len(colleges) == 1 else None
            yield Behind(meeting=meeting, mandate=seat, change=change)


def _bureaus(changes: Sequence[tuple[Meeting, Change]]) -> dict[int, Body]:
    """By organisation, its Bureau, when these elect to it and it is one."""
    asked = {meeting.body.organisation_id for meeting, change in changes if change.in_bureau}
    found: dict[int, list[Body]] = defaultdict(list)
    if asked:
        rows = Body.objects.filter(organisation__in=asked, kind=Body.Kind.BUREAU, is_active=True)
        for row in rows.select_related("organisation").prefetch_related("constituencies"):
            found[row.organisation_id].append(row)
    return {key: rows[0] for key, rows in found.items() if len(rows) == 1}


def _concerns(meeting: Meeting, row: Mandate) -> bool:
    """Its own mandates; those of the Bureau, whose offices are those that the assembly gives."""
    if row.body_id == meeting.body_id:
        return True
    is_ours = row.body.organisation_id == meeting.body.organisation_id
    return is_ours and row.body.kind == Body.Kind.BUREAU and meeting.body.is_assembly


def _says(row: Mandate, change: Change, held_on: date) -> bool:
    """Whether this running mandate says what was changed that day, or something later."""
    if change.ending is not None:
        return bool(row.end_on) or row.start_on > held_on
    if not change.office:
        return row.office not in _EXECUTIVE or row.start_on >= held_on
    rank = row.office_rank or 0
    return row.office == change.office and change.rank in (0, rank)


def leave(meeting: Meeting, *, why: str, by: User) -> None:
    """Answer that what this sitting changed leaves no mandate to write."""
    journal.note(meeting, LEFT, f"Mandats laissés tels quels\u00a0: {why}", by=by)
