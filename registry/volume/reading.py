"""The register of a year: what it holds, what it still lacks, and the volume to be bound.

The sheets of the volume are those of the extracts that were issued, signed when they are: nothing
of them is laid out again. Each receives its number at the head (`cote`); sheets that close the
sittings, the opening and the tables are added (art. R2121-9 du CGCT).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from documents import compile, papers
from documents.models import IssuedDocument
from meetings.acts import decided
from meetings.models import Deed, Meeting, SittingEvent
from members.models import Body
from registry.acts.reading import awaiting_number, done_to
from registry.models import Deliberation, DeliberationLink
from registry.signatures import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A deliberation of the year and its extract in force, if it was issued; what became of it, if
    it stands as an act no more."""

    deliberation: Deliberation
    extract: IssuedDocument | None
    fallen: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether whoever is to sign it did (art. L2121-23)."""
        return self.extract is not None and reading.is_signed(self.extract)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The register of a body in one year, in the order of the sittings."""

    body: Body
    year: int
    lines: tuple[Entry, ...]

    @property
    def bound(self) -> tuple[Entry, ...]:
        """What the volume holds: the deliberations whose extract was issued."""
        return tuple(entry for entry in self.lines if entry.extract)

    @property
    def unissued(self) -> tuple[Entry, ...]:
        """What the volume lacks: the deliberations without an extract."""
        return tuple(entry for entry in self.lines if not (entry.extract or entry.fallen))

    @property
    def unsigned(self) -> tuple[Entry, ...]:
        """What is bound and still waits for a signature."""
        return tuple(entry for entry in self.bound if not entry.is_signed)

    @property
    def fallen(self) -> tuple[Entry, ...]:
        """What bears a number and is no act any more."""
        return tuple(entry for entry in self.lines if entry.fallen)

    @property
    def gaps(self) -> tuple[int, ...]:
        """The numbers of the year that no deliberation bears."""
        given = {entry.deliberation.number for entry in self.lines}
        return tuple(number for number in range(1, max(given, default=0)) if number not in given)

    @property
    def late(self) -> tuple[Entry, ...]:
        """What took its number after an act of a later day, where the number that runs through
        the year is printed."""
        if "{numero" not in self.body.deliberation_format:
            return ()
        found: list[Entry] = []
        least: int | None = None  # of the numbers of the days after
        for _, group in groupby(reversed(self.lines), key=_day):
            entries = list(group)
            numbers = [entry.deliberation.number for entry in entries]
            found += [
                entry
                for entry, number in zip(entries, numbers, strict=True)
                if least is not None and number > least
            ]
            least = min(numbers if least is None else [least, *numbers])
        return tuple(reversed(found))

    @property
    def last_day(self) -> date:
        """The day since which it holds all that it holds: of its last sitting, extract or
        signature; the last of the year while there is none."""
        days = [entry.deliberation.meeting.held_on for entry in self.lines]
        for extract in filter(None, (entry.extract for entry in self.lines)):
            days.append(timezone.localdate(extract.issued_at))
            days += [timezone.localdate(step.signed_at) for step in extract.signatures.all()]
        return max(days, default=date(self.year, 12, 31))


def _day(entry: Entry) -> date:
    return entry.deliberation.meeting.held_on


def of_year(body: Body, year: int) -> Year:
    """What the register of the body holds for a year: four queries."""
    extracts = {
        (document.meeting_id, document.subject): document
        for document in IssuedDocument.objects.current()
        .filter(kind=IssuedDocument.Kind.EXTRACT, meeting__body=body, meeting__held_on__year=year)
        .prefetch_related("signatures")
        .defer("content")
    }
    # The hour of what was decided alone is none: its number says which came first that day.
    within = ("number",) if body.assembly_id else ("meeting__starts_at", "meeting", "rank")
    deliberations = (
        body.deliberations.filter(year=year)
        .select_related("item__parent", "meeting")
        .order_by("meeting__held_on", *within)
    )
    entries = []
    for each in deliberations:
        each.meeting.body = body
        entries.append(
            Entry(deliberation=each, extract=extracts.get((each.meeting_id, each.item.key)))
        )
    return Year(body=body, year=year, lines=tuple(entries))


def standing(found: Year) -> Year:
    """The same where what is no act any more keeps its number, given once, but neither its sheet
    nor a place among what is to be issued and signed. Reads the ledger of each sitting of which
    something was told or changed since its numbers were given."""
    given = Q(recorded_at__gt=OuterRef("numbered_at"))
    events = SittingEvent.objects.filter(given, meeting=OuterRef("meeting"))
    deeds = Deed.objects.filter(meeting=OuterRef("meeting"), at__gt=OuterRef("numbered_at"))
    moved = set(
        found.body.deliberations.filter(year=found.year)
        .filter(Exists(events) | Exists(deeds) | Q(numbered_at=None))
        .values_list("meeting", flat=True)
    )
    lines: list[Entry] = []
    for meeting, group in groupby(found.lines, key=lambda each: each.deliberation.meeting):
        entries = list(group)
        lines += _standing(meeting, entries) if meeting.pk in moved else entries
    return replace(found, lines=tuple(lines))


def of_sitting(meeting: Meeting) -> tuple[Entry, ...]:
    """The numbered deliberations of one sitting, and what is no act of them any more."""
    numbered = meeting.deliberations.select_related("item").order_by("rank")
    return tuple(_standing(meeting, (Entry(deliberation=each, extract=None) for each in numbered)))


def _standing(meeting: Meeting, entries: Iterable[Entry]) -> Iterator[Entry]:
    words = {each.item.pk: each for each in decided(meeting)}
    for entry in entries:
        last = words.get(entry.deliberation.item_id)
        if last is not None and last.is_act:
            yield entry
        else:
            # Its vote was corrected or cancelled, or its item put off.
            fallen = last.word if last else "plus rien n’y est décidé"
            yield replace(entry, extract=None, fallen=fallen)


def awaited(found: Year) -> tuple[date, ...]:
    """The days of the sittings that are still to be entered: to come, open, or whose acts have no
    number yet. Reads the ledger of each sitting that is closed; what somebody decides alone is
    awaited by nobody."""
    if found.body.assembly_id:
        return ()
    sittings = (
        found.body.meetings.filter(held_on__year=found.year)
        .exclude(stage=Meeting.Stage.CANCELLED)
        .order_by("held_on", "starts_at")
    )
    return tuple(
        each.held_on
        for each in sittings
        if each.stage in (Meeting.Stage.PREPARED, Meeting.Stage.OPEN) or awaiting_number(each)
    )


def is_over(found: Year) -> bool:
    """Whether its year is past: no sitting can be added to it any more."""
    return timezone.localdate().year > found.year


def is_provisional(found: Year) -> bool:
    """Whether something of the year may still come into the volume. Reads the ledger of each
    sitting that is closed."""
    return bool(not is_over(found) or found.unissued or awaited(found))


def remarks(entries: Sequence[Entry]) -> dict[int, str]:
    """By deliberation, what a reader of the register must know of it today: that it is no longer an
    act, where they are `standing`, or what a later one did to it."""
    links = DeliberationLink.objects.select_related("source__meeting")
    prefetch_related_objects(
        [each.deliberation for each in entries], Prefetch("linked_from", links)
    )
    told: dict[int, str] = {}
    for entry in entries:
        said = [*done_to(entry.deliberation)]
        if entry.fallen:
            said.insert(0, f"n’est plus un acte : {entry.fallen}")
        if said:
            told[entry.deliberation.pk] = ", ".join(said)
    return told


def years(body: Body) -> dict[int, int]:
    """The years of the register, the latest first, and how many deliberations each has."""
    counted = body.deliberations.order_by("-year").values_list("year").annotate(Count("pk"))
    return dict(counted)


def table(
    found: Year,
    *,
    by: str,
    sheets: Mapping[int, int] | None = None,
    remarks: Mapping[int, str] | None = None,
) -> papers.RegisterTable:
    """A table of the register; `sheets` are the first of each deliberation in the volume, `remarks`
    what became of some of them."""
    sheets, remarks = sheets or {}, remarks or {}
    return compile.compile_register_table(
        found.body,
        found.year,
        [
            compile.Entered(
                number=entry.deliberation.label,
                held_on=entry.deliberation.meeting.held_on,
                object=entry.deliberation.item.title.strip(),
                theme=_theme(entry.deliberation),
                sheet=sheets.get(entry.deliberation.pk),
                remark=remarks.get(entry.deliberation.pk, ""),
            )
            for entry in found.lines
        ],
        by=by,
        on=found.last_day,
    )


def _theme(deliberation: Deliberation) -> str:
    """The matter: the section of the agenda under which it was examined."""
    parent = deliberation.item.parent
    return parent.title.strip() if parent and parent.kind == parent.Kind.SECTION else ""
