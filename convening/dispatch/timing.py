"""The notice that a dispatch gives, and its days one by one.

Every judgement on time is that of `law.deadlines`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils import timezone

from convening.dispatch import sent
from convening.models import Convocation, Recipient
from law import deadlines, french, holidays, sitting
from law.deadlines import Notice
from law.findings import Severity
from meetings import reading
from meetings.models import AgendaItem, Meeting

# --- The notice -------------------------------------------------------------------------------


def notice(convocation: Convocation, *, at: date | datetime) -> Notice:
    """The notice that this dispatch would give, were it sent now."""
    found = convocation.meeting.notice_of(
        at, on=convocation.held_on, urgent=bool(convocation.urgent_reason.strip())
    )
    if restarts_the_notice(convocation):
        return found
    # What changes neither the day nor what will be discussed leaves the first notice standing.
    return replace(
        found,
        urgent=False,
        findings=tuple(replace(each, severity=Severity.WARNING) for each in found.findings),
    )


def restarts_the_notice(convocation: Convocation) -> bool:
    """Whether this dispatch must itself leave in time: a first convocation, another day, a point
    that the members do not know yet or whose file changed."""
    match convocation.kind:
        case Convocation.Kind.SUMMONS:
            return True
        case Convocation.Kind.MOVED:
            return convocation.held_on != convocation.meeting.held_on
        case Convocation.Kind.RECTIFYING:
            return bool(sent.changed_lines(convocation.meeting))
    return False


def notices_of_items(meeting: Meeting) -> dict[str, Notice]:
    """Item → the notice that the members had of it, for what was announced after the rest."""
    announced: dict[str, Convocation] = {}
    for told in meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).order_by("number"):
        announced |= dict.fromkeys(told.letter.get("changed", ()), told)
    return {
        key: meeting.notice_of(
            sent.reached_on(told),
            urgent=bool(told.urgent_reason),
            is_new=meeting.agenda[key].item.resumes_id is None,
        )
        for key, told in announced.items()
        if key in meeting.agenda
    }


def notice_of_new_items(convocation: Convocation, *, at: date | datetime) -> Notice | None:
    """The notice of what a second call puts beside the items of the first sitting: it is new, and
    has the delay of a first convocation (art. L2121-12). `None` when there is nothing new."""
    if not new_items(convocation):
        return None
    urgent = bool(convocation.urgent_reason.strip())
    return convocation.meeting.notice_of(at, on=convocation.held_on, urgent=urgent, is_new=True)


def new_items(convocation: Convocation) -> list[AgendaItem]:
    """What this dispatch announces in a second call, to be decided, and the first sitting had not
    on its agenda."""
    meeting = convocation.meeting
    if meeting.second_call_of is None or not restarts_the_notice(convocation):
        return []
    announced = set(meeting.agenda.keys)
    if convocation.kind == Convocation.Kind.RECTIFYING:
        announced = {line.key for line in sent.changed_lines(meeting)}
    decided = AgendaItem.VOTED - {AgendaItem.Kind.URGENCY}
    items = (node.item for node in meeting.agenda.nodes)
    return [
        item
        for item in items
        if item.kind in decided and item.key in announced and item.resumes_id is None
    ]


def notices_of_members(convocation: Convocation, recipients: Iterable[Recipient]) -> list[Notice]:
    """The notice that each member had, by the day his own convocation left (art. L2121-10)."""
    urgent = bool(convocation.urgent_reason)
    return [
        convocation.meeting.notice_of(
            timezone.localtime(each.sent_at) if each.sent_at else None,
            on=convocation.held_on,
            urgent=urgent,
        )
        for each in recipients
    ]


def lacked_quorum(meeting: Meeting) -> bool:
    """Whether this sitting ended because its quorum was missing, or one of its items could not be
    voted for want of it (art. L2121-17)."""
    return _failed(meeting) or bool(_items_without_quorum(meeting))


def to_call_again(meeting: Meeting) -> frozenset[str]:
    """The items that a second call takes up: all that a sitting which lacked its quorum did not
    decide, else what could not be voted for want of it, be it by withdrawals alone (CE, 19 January
    1983, Chauré)."""
    found = _items_without_quorum(meeting)
    if _failed(meeting):
        found |= {
            line.node.item.key
            for line in reading.lines(meeting)
            if not line.is_decided and not line.node.item.is_section
        }
    return found


def _failed(meeting: Meeting) -> bool:
    closed = list(meeting.sitting.of_kind(sitting.Closed))
    if any(event.for_want_of_quorum for event in closed):
        return True
    return bool(closed) and not reading.quorum_at_opening(meeting).reached


def _items_without_quorum(meeting: Meeting) -> frozenset[str]:
    """What was called in a sitting that is over, lacked its quorum, and was not voted."""
    story = meeting.sitting
    if not any(story.of_kind(sitting.Closed)):
        return frozenset()
    votable = {node.item.key for node in meeting.agenda.nodes if node.item.may_be_voted}
    called = {sitting.own_item(event) for event in story.events}
    decided = {
        sitting.own_item(event)
        for event in story.events
        if isinstance(event, sitting.BallotHeld | sitting.ElectionHeld)
        or (isinstance(event, sitting.FateNoted) and event.fate is not sitting.Fate.POSTPONED)
    }
    return frozenset(
        key
        for key in votable & called - decided
        if not meeting.quorum_of(story.at_item[key]).reached
    )


def semesters_without_a_place(meeting: Meeting) -> Iterator[str]:
    """The semesters that lack the sitting in one place that the law wants (art. L5211-11-1), this
    sitting being held at a distance: the one before, when the body met, and its own once its last
    quarter has come."""
    wanted = meeting.regime.remote_in_person_per_semester
    ours = date(meeting.held_on.year, 7 if meeting.held_on.month > 6 else 1, 1)
    semesters = [deadlines.add_months(ours, -6)]
    if meeting.held_on >= deadlines.add_months(ours, 3):
        semesters.append(ours)
    for begins in semesters:
        held = (
            meeting.body.meetings.filter(
                held_on__gte=begins, held_on__lt=deadlines.add_months(begins, 6)
            )
            .exclude(stage=Meeting.Stage.CANCELLED)
            .select_related("body__organisation")
        )
        in_one_place = sum(each != meeting and _is_in_one_place(each) for each in held)
        if held and in_one_place < wanted:
            yield f"{'premier' if begins.month == 1 else 'second'} semestre {begins.year}"


def _is_in_one_place(meeting: Meeting) -> bool:
    """Whether it is announced so; once held, whether nobody sat at a distance."""
    if not meeting.was_opened:
        return not meeting.may_be_remote
    return not any(event.remote for event in meeting.sitting.of_kind(sitting.Arrived))


# --- The days ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A day of the calendar: what it is for this sitting.

    `role`: "" (nothing), "libre" (one may still send), "dernier" (the last day to), "urgence" (the
    last day to in urgency), "franc" (a clear day, its `rank`), "seance".
    """

    on: date
    role: str = ""
    rank: int = 0
    holiday: str = ""
    is_today: bool = False
    is_past: bool = False

    @property
    def label(self) -> str:
        """What the day is, in words; "" for nothing."""
        match self.role:
            case "franc":
                return f"{french.ordinal(self.rank)} jour franc"
            case "dernier":
                return "dernier jour pour envoyer"
            case "urgence":
                return "dernier jour, en urgence"
            case "libre":
                return "envoi possible"
            case "seance":
                return "séance"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The weeks from today to the sitting, and the days that matter among them."""

    weeks: tuple[tuple[Cell, ...], ...]
    last_day: date
    last_urgent_day: date | None
    today: date
    held_on: date
    notice: Notice

    @property
    def weekdays(self) -> tuple[str, ...]:
        """The heads of the columns."""
        return french.WEEKDAYS

    @property
    def is_late(self) -> bool:
        """Whether the ordinary notice cannot be given any more."""
        return self.today > self.last_day

    @property
    def is_too_late(self) -> bool:
        """Whether urgency would not save it either."""
        return self.is_late and (self.last_urgent_day is None or self.today > self.last_urgent_day)

    @property
    def days_left(self) -> int:
        """Days until the last on which to send; negative once it has passed."""
        return (self.last_day - self.today).days


_LONGEST = 8  # weeks shown
YEARS = range(1900, 2200)  # beyond, a date is a slip of the keyboard


def days(convocation: Convocation, *, at: date | datetime) -> Days | None:
    """The legal calendar of a dispatch, day by day; `None` for a date that nobody means."""
    meeting = convocation.meeting
    if is_absurd(convocation):
        return None
    today = deadlines.day_of(at)
    found = notice(convocation, at=at)
    held_on = found.sitting
    last = deadlines.latest_dispatch(held_on, found.ordinary)
    # A second call that urgency shortens is no second call any more: it is not offered here.
    urgent = None
    if not found.second_call and meeting.regime.urgent_clear_days < found.ordinary:
        urgent = deadlines.latest_dispatch(held_on, meeting.regime.urgent_clear_days)
    begins = max(min(today, last), held_on - timedelta(weeks=_LONGEST))
    begins -= timedelta(days=begins.weekday())
    ends = held_on + timedelta(days=6 - held_on.weekday())
    sent = max(last, today)  # the day from which clear days are counted
    cells = [
        _cell(begins + timedelta(days=n), today, sent, last, urgent, held_on)
        for n in range((ends - begins).days + 1)
    ]
    return Days(
        weeks=tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7)),
        last_day=last,
        last_urgent_day=urgent,
        today=today,
        held_on=held_on,
        notice=found,
    )


def is_absurd(convocation: Convocation) -> bool:
    """Whether the day of the sitting is one that nobody means."""
    return (convocation.held_on or convocation.meeting.held_on).year not in YEARS


def _cell(
    on: date, today: date, sent: date, last: date, urgent: date | None, held_on: date
) -> Cell:
    role, rank = "", 0
    if on == held_on:
        role = "seance"
    elif sent < on < held_on:
        role, rank = "franc", (on - sent).days
    elif on == last and today <= last:
        role = "dernier"
    elif today <= on < last:
        role = "libre"
    if on == urgent and today > last and today <= urgent:
        role = "urgence"
    return Cell(
        on=on,
        role=role,
        rank=rank,
        holiday=holidays.name_of(on),
        is_today=on == today,
        is_past=on < today,
    )
