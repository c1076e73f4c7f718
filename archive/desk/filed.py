"""The sheets of the sittings, filed: read once, kept until something is written that they read.

Whatever of legal weight is written passes by the witness (`members.witness`), in its transaction;
there each sitting that it concerns is given another stamp (`hear`). A sheet tells under which
stamp it was read: it is true as long as the sitting bears that one, this code reads it and its day
lasts. It proves nothing, and is read anew at will. See docs/decisions/0027.
"""

import hashlib
import logging
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from archive.desk import sheets, tasks
from archive.desk.sheets import Sheet
from archive.desk.tasks import Deed, Task
from archive.models import FiledSheet
from meetings.models import Meeting
from members import witness
from members.models import Body
from members.witness import Told, Witness, Witnessed
from registry.models import Adoption, DeliberationLink

logger = logging.getLogger(__name__)

# What reads them: another version of it files other words.
CODE = hashlib.sha256(
    "".join(
        [settings.VERSION, *(Path(each.__file__).read_text() for each in (sheets, tasks))]
    ).encode()
).hexdigest()[:16]
_AT_ONCE = 50  # sittings read anew together


# --- Reading ----------------------------------------------------------------------------------


def read(bodies: Sequence[Body], *, on: date) -> list[tuple[Meeting, Sheet]]:
    """The sheets, as they are on this day, of the sittings of these bodies that have something to
    say, each with its sitting (its day and its body are read, the rest when it is asked for); one
    query, and what is read anew."""
    by_pk = {body.pk: body for body in bodies}
    found = _read(Meeting.objects.filter(body__in=by_pk), on=on)
    for meeting, _ in found:
        meeting.body = by_pk[meeting.body_id]
    return found


def of(meetings: Collection[int], *, on: date) -> list[Sheet]:
    """The sheets of these sittings that have something to say, as they are on this day."""
    return [sheet for _, sheet in _read(Meeting.objects.filter(pk__in=meetings), on=on)]


def _read(asked: QuerySet[Meeting], *, on: date) -> list[tuple[Meeting, Sheet]]:
    """Of an organisation that somebody plays nothing is filed: nobody hears of what is written."""
    outdated = ~Q(filed__of=F("filed__stamp"), filed__seen=F("number"), filed__by=CODE)
    outdated |= Q(filed__on__gt=on) | Q(filed__until__lt=on)
    played = "body__organisation__is_fleeting"
    rows = (
        asked.annotate(number=_number())
        .filter(Q(filed=None) | Q(filed__is_silent=False) | outdated | Q(**{played: True}))
        .order_by("held_on", "pk")
        .values_list(*_READ, played, "number", *(f"filed__{name}" for name in _FILED))
    )
    meetings, found, anew = {}, {}, {}
    for *read, is_played, number, stamp, of, seen, by, since, until, says in rows:
        meeting = Meeting.from_db(rows.db, _READ, read)
        pk, when = meeting.pk, (of, seen, by, since, until)
        meetings[pk] = meeting
        if stamp and not is_played and _is_true((stamp, number, CODE), *when, day=on):
            found[pk] = _sheet(says, meeting)
        else:
            anew[pk] = None if is_played else (stamp, number)
    found |= _read_anew(anew, on=on)
    return [(meetings[pk], found[pk]) for pk in meetings]


def _number(at: str = "") -> Combinable:
    """What grows with each line of the ledger of a sitting, or of one that its sheet reads: that
    which adopted its minutes, those whose deliberations were said to undo its own."""
    pk = OuterRef(f"{at}pk")
    adopting = Adoption.objects.filter(document__meeting=pk).values("document__meeting")
    undoing = DeliberationLink.objects.filter(target__meeting=pk).values("target__meeting")
    found = (
        adopting.annotate(total=Sum("item__meeting__stamp")),
        undoing.annotate(total=Sum("source__meeting__stamp")),
    )
    number: Combinable = F(f"{at}stamp")
    for rows in found:
        number = number + Coalesce(Subquery(rows.order_by().values("total")), Value(0))
    return number


_READ = ("id", "kind", "body_id", "held_on")  # in the order of the columns
_FILED = ("stamp", "of", "seen", "by", "on", "until", "says")
_Bearing = tuple[str | None, int]  # the stamp of a sitting, and the number its screens are shown


def _is_true(
    now: tuple[str, int, str],
    of: str,
    seen: int | None,
    by: str,
    on: date | None,
    until: date | None,
    *,
    day: date,
) -> bool:
    is_of_today = on is not None and on <= day and (until is None or day <= until)
    return (of, seen, by) == now and is_of_today


def _read_anew(bearing: Mapping[int, _Bearing | None], *, on: date) -> dict[int, Sheet]:
    """Read these sittings, and file what they say under what they bore before."""
    found: dict[int, Sheet] = {}
    for some in _batched([*bearing]):
        read = sheets.of(some, on=on)
        found |= read
        for pk, sheet in read.items():
            if (bore := bearing[pk]) is not None and not sheet.leans:
                _file(pk, *bore, sheet, on=on)
    return found


def _file(pk: int, stamp: str | None, number: int, sheet: Sheet, *, on: date) -> None:
    """Unless something was written since its stamp was read."""
    said = _said(sheet)
    FiledSheet.objects.filter(pk=pk, stamp=stamp).update(
        of=stamp, seen=number, by=CODE, on=on, until=sheet.until, says=said, is_silent=not said
    )


def _batched(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]


# --- As JSON ----------------------------------------------------------------------------------

_DATES = ("due_on", "since", "too_late_on")
_WRITTEN = tuple(field for field in fields(Task) if field.name not in ("deed", "meeting"))


def _said(sheet: Sheet) -> dict[str, Any]:
    """What it says, empty when it says nothing; what is usual of a task is left out."""
    said = {
        "tasks": [
            {"deed": task.deed.name}
            | {
                field.name: witness.plain(value)
                for field in _WRITTEN
                if (value := getattr(task, field.name)) != field.default or field.default is MISSING
            }
            for task in sheet.tasks
        ],
        "adopts": list(sheet.adopts),
        "to_sign": [list(each) for each in sheet.to_sign],
        "doubtful": list(sheet.doubtful),
        "contradicted": list(sheet.contradicted),
    }
    return {name: value for name, value in said.items() if value}


def _sheet(said: Mapping[str, Any], meeting: Meeting) -> Sheet:
    return Sheet(
        tasks=tuple(_task(each, meeting) for each in said.get("tasks", ())),
        adopts=tuple(said.get("adopts", ())),
        to_sign=tuple((document, person) for document, person in said.get("to_sign", ())),
        doubtful=tuple(said.get("doubtful", ())),
        contradicted=tuple(said.get("contradicted", ())),
    )


def _task(said: Mapping[str, Any], meeting: Meeting) -> Task:
    values = {**said, "deed": Deed[said["deed"]]}
    for name in _DATES:
        if name in values:
            values[name] = date.fromisoformat(values[name])
    return Task(meeting=meeting, **values)


# --- What is written since ---------------------------------------------------------------------

# Who writes in the ledger tells the screens of the sitting, which bears another number by that.
TOLD_TO_SCREENS = frozenset({"meetings.sittingevent"})
# By table, the sittings that a row of it concerns, as lookups from it.
ROADS: Mapping[str, tuple[str, ...]] = {
    "meetings.meeting": ("pk",),
    "meetings.agendaitem": ("meeting",),
    "meetings.alsoapproved": ("agendaitem__meeting",),
    "meetings.attachment": ("item__meeting",),
    "meetings.brief": ("item__meeting",),
    "meetings.debaterevision": ("item__meeting",),
    "meetings.deed": ("meeting",),
    "meetings.passage": ("meeting",),
    "documents.issueddocument": ("meeting",),
    "convening.convocation": ("meeting",),
    "convening.recipient": ("convocation__meeting",),
    "registry.deliberation": ("meeting",),
    "registry.deliberationlink": ("source__meeting", "target__meeting"),
    "registry.adoption": ("document__meeting", "item__meeting"),
    "registry.signaturestep": ("document__meeting",),
    "registry.deposit": ("document__meeting",),
    "registry.decline": ("document__meeting",),
    "registry.folder": ("document__meeting",),
    "registry.review": ("meeting",),
    "registry.remark": ("meeting",),
    "transmission.actsheet": ("deliberation__meeting",),
    "transmission.transmission": ("document__meeting",),
    "archive.publication": ("document__meeting",),
}
# By table, those of a whole body or organisation: the column of the row, the lookup of the sitting.
WIDE: Mapping[str, tuple[str, str]] = {
    "members.organisation": ("pk", "meeting__body__organisation"),
    "members.community": ("organisation_id", "meeting__body__organisation"),
    "members.person": ("organisation_id", "meeting__body__organisation"),
    "members.body": ("pk", "meeting__body"),
    "members.rulebook": ("body_id", "meeting__body"),
    "members.constituency": ("body_id", "meeting__body"),
    "members.paperstyle": ("body_id", "meeting__body"),
    "members.mandate": ("body_id", "meeting__body"),
}
# An address or a telephone is in no sheet.
_NAMES = ("civility", "first_name", "last_name", "user_id")


def hear(model: type[Witnessed], rows: Sequence[Told]) -> None:
    """Give another stamp to the sittings that these rows, which are being written, concern; in the
    transaction that writes them."""
    table = model._meta.label_lower
    if table in ROADS:
        stamp(_concerned(model, rows))
    elif table in WIDE:
        if table == "members.person":
            rows = [row for row in rows if _is_named_anew(table, row)]
        column, road = WIDE[table]
        found = {row if column == "pk" else said[column] for row, said, _ in rows}
        if found:
            FiledSheet.objects.filter(**{f"{road}__in": found}).update(stamp=_new())


def hear_gone(row: Witnessed) -> None:
    """The same of a row that was erased."""
    table = row._meta.label_lower
    if table in ROADS and table != "meetings.meeting":
        found = (_at_the_end(row, road) for road in ROADS[table])
        # No new one: the sitting itself may be going.
        here = FiledSheet.objects.filter(meeting__in=[each for each in found if each])
        here.update(stamp=_new())
    elif table in WIDE:
        column, road = WIDE[table]
        FiledSheet.objects.filter(**{road: getattr(row, column)}).update(stamp=_new())


def _at_the_end(row: Any, road: str) -> Meeting | None:
    for name in road.split("__"):
        row = getattr(row, name, None)
    return row


def _concerned(model: type[Witnessed], rows: Sequence[Told]) -> set[int]:
    roads = ROADS[model._meta.label_lower]
    numbers = [row for row, _, _ in rows]
    if roads == ("pk",):
        return set(numbers)
    if "__" not in roads[0]:  # its own column says it
        return {said[f"{roads[0]}_id"] for _, said, _ in rows} - {None}
    found = model._base_manager.filter(pk__in=numbers).values_list(*roads)
    return {meeting for row in found for meeting in row} - {None}


def _is_named_anew(table: str, told: Told) -> bool:
    row, said, _ = told
    known = Witness.objects.filter(table=table, row=row).last()
    return known is None or not all(
        witness.same_mark(known.marks.get(name, ""), witness.mark(name, said[name]))
        for name in _NAMES
    )


def stamp(meetings: Iterable[int]) -> None:
    """Another stamp for each of these sittings: what was filed of them is not true any more."""
    # In the order of their numbers: two who write at once wait for one another, and go on.
    rows = [FiledSheet(meeting_id=pk, stamp=_new()) for pk in sorted(set(meetings))]
    if rows:
        FiledSheet.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["meeting"], update_fields=["stamp"]
        )


def _new() -> str:
    return secrets.token_hex(16)


def take_up(plan: Sequence[tuple[Any, bool]] = (), **kwargs: Any) -> None:
    """Have a stamp for each sitting that has none yet (`post_migrate`)."""
    if plan and not any(is_backwards for _, is_backwards in plan):
        stamp(Meeting.objects.lasting().filter(filed=None).values_list("pk", flat=True))


# --- Kept right ---------------------------------------------------------------------------------

DAILY = timedelta(hours=20)
_LOOKED = "archive.filed"


def look(at: datetime) -> None:
    """Once in a day, read everything anew beside what is filed, and say where they differ."""
    if cache.add(_LOOKED, 1, timeout=DAILY.total_seconds()):
        for pk in mend(on=timezone.localdate(at)):
            logger.error("La fiche d’attente de la séance %s ne disait plus vrai.", pk)


def mend(*, on: date) -> list[int]:
    """The sittings whose sheet is held true and says something else than they do, read anew; they
    are given another stamp. There are none unless somebody wrote round the application."""
    wrong = []
    filed = FiledSheet.objects.annotate(number=_number("meeting__"))
    rows = filed.filter(of=F("stamp"), seen=F("number"), by=CODE, on__lte=on)
    held = dict(rows.exclude(until__lt=on).values_list("pk", "stamp"))
    for some in _batched([*held]):
        for pk, sheet in sheets.of(some, on=on).items():
            if not FiledSheet.objects.filter(pk=pk, stamp=held[pk]).exists():
                continue  # written meanwhile
            told = FiledSheet.objects.get(pk=pk)
            if (told.says, told.until) != (_said(sheet), sheet.until):
                wrong.append(pk)
    stamp(wrong)
    return wrong
