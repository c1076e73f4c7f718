"""The two piles of « À faire »: what the secretariat does itself, by how soon then by sitting, and
what others are awaited for, one by one. Its page and the first page sort them here: both say the
same.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from django.urls import reverse

from archive.desk.tasks import Deed, Stage, Task
from archive.desk.waiting import unsigned
from convening.dispatch import sent
from law import deadlines, french
from meetings import reading
from meetings.models import Meeting

_SOON = timedelta(days=7)  # what is due by then is still done in time if it is done first
MOST = 4  # of what one person is awaited for, on the page


class When(StrEnum):
    """How soon something is to be done: the order in which one does it."""

    SOON = "Le plus pressé"  # in time or not, it is what one begins with
    LATE = "En retard"
    THEN = "Ensuite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What one sitting waits for from the secretariat that soon, in the order of its page."""

    meeting: Meeting
    when: When
    tasks: tuple[Task, ...]
    is_late: bool
    told: str = ""  # « Séance en cours, point 4 sur 5 »


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What somebody is awaited for of one sitting: all of it under its nearest date."""

    what: str
    meeting: Meeting
    url: str
    since: date | None
    how: str
    due_on: date | None
    in_wait: str = ""  # « non exécutoires depuis 54 jours »
    is_reading: bool = False  # asked by a link, that its own page makes again

    def is_late(self, on: date) -> bool:
        """Whether its date was before this day; never without a date."""
        return self.due_on is not None and self.due_on < on


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Somebody who is awaited (the number of the person, where it is one), and for what."""

    whose: str
    person: int | None
    lines: tuple[Owed, ...]

    @property
    def first(self) -> tuple[Owed, ...]:
        """The most urgent of them."""
        return self.lines[:MOST]

    @property
    def left(self) -> int:
        """How many more there are."""
        return max(len(self.lines) - MOST, 0)

    @property
    def since(self) -> date | None:
        """Since when she is awaited: whoever was asked today is not reminded of it today."""
        days = [line.since for line in self.lines]
        return None if None in days else min(filter(None, days), default=None)

    @property
    def only_reads(self) -> bool:
        """Whether no mail of « Relancer » would say anything to her."""
        return all(line.is_reading for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a sitting waits for first, the last day of it or since when it is late, and how many
    things follow it; how many of all are late."""

    what: str
    more: int
    due_on: date | None = None
    in_wait: str = ""  # « non exécutoires depuis 54 jours »: late, whatever the date
    late: int = 0
    whose: str = ""  # of others alone, when the secretariat has nothing to do of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Piles:
    """Both, each the most urgent first, and how much there is of each."""

    ours: tuple[Sitting, ...] = ()
    others: tuple[Other, ...] = ()
    on: date = date.max
    left: Mapping[int, Left] = field(default_factory=dict)  # by the number of the sitting

    def first(self, most: int) -> tuple[Sitting, ...]:
        """No more than that of what is to be done, the most urgent."""
        shown, room = [], most
        for sitting in self.ours:
            if room > 0:
                shown.append(replace(sitting, tasks=sitting.tasks[:room]))
            room -= len(sitting.tasks)
        return tuple(shown)

    @property
    def count(self) -> int:
        """How many things the secretariat has to do."""
        return sum(len(sitting.tasks) for sitting in self.ours)

    @property
    def late(self) -> int:
        """How many of them are late."""
        return sum(task.is_late(self.on) for each in self.ours for task in each.tasks)

    @property
    def told(self) -> str:
        """« 12 choses à faire, dont 4 en retard ; 6 chez d’autres, dont 1 en retard. »;
        "" when there is none. As many are late as there are lines in red below."""
        return self._told(with_others=True)

    @property
    def told_ours(self) -> str:
        """The same of its own alone: what others do is counted beside their names."""
        return self._told(with_others=False)

    def _told(self, *, with_others: bool) -> str:
        tasks = [task for sitting in self.ours for task in sitting.tasks]
        lines = [line for other in self.others for line in other.lines]
        said = []
        if tasks:
            told = french.count(len(tasks), "chose", "choses")
            said.append(f"{told} à faire{_of_which(tasks, self.on)}")
        if lines and with_others:
            away = len(lines) if tasks else french.count(len(lines), "chose")
            said.append(f"{away} chez d’autres{_of_which(lines, self.on)}")
        return french.nbsp(f"{' ; '.join(said)}.") if said else ""


def _of_which(dated: Iterable[Task | Owed], on: date) -> str:
    late = sum(each.is_late(on) for each in dated)
    return f", dont {late} en retard" if late else ""


def sort(tasks: Sequence[Task], *, on: date) -> Piles:
    """Put these tasks in their piles, as their dates stand on this day; a sitting under way is
    resumed before anything else."""
    told = {
        task.meeting.pk: reading.under_way(task.meeting) for task in tasks if _is_held(task, on)
    }
    tasks = [now(task, on=on, is_held=bool(told.get(task.meeting.pk))) for task in _by_whom(tasks)]
    ours = [task for task in tasks if task.is_ours]
    theirs = sorted((task for task in tasks if not task.is_ours), key=partial(_urgency, on=on))
    sittings = tuple(_sittings(ours, told, on))
    return Piles(
        ours=sittings,
        others=tuple(_others(theirs)),
        on=on,
        left=_left([*(task for each in sittings for task in each.tasks), *theirs], on),
    )


def _by_whom(tasks: Sequence[Task]) -> Iterator[Task]:
    """The same, but that what is put online once it is signed waits for whoever signs it, by that
    day: the secretariat has nothing to do of it; nor of minutes that somebody does not sign, but
    to answer her."""
    declined = {_papers(task) for task in tasks if task.deed is Deed.ANSWER_SIGNER}
    last: dict[tuple[int, bool], Task] = {}
    for task in tasks:
        if task.stage is Stage.PUBLISH and unsigned(task, tasks):
            last[_papers(task)] = task
    for task in tasks:
        held = last.get(_papers(task))
        is_declined = task.of_minutes and _papers(task) in declined
        if task is held or (is_declined and task.deed is Deed.PUBLISH):
            continue
        if held and held.due_on and task.stage is Stage.SIGN and not task.is_ours:
            due_on = min(filter(None, (task.due_on, held.due_on)))
            yield replace(task, due_on=due_on, article=held.article)
        else:
            yield task


def _sittings(ours: Iterable[Task], told: Mapping[int, str], on: date) -> Iterator[Sitting]:
    """What leads from one thing to the next, of the minutes of a sitting or of the rest of it, is
    done in that order and keeps together: it is as urgent as the most urgent of it."""
    together: dict[tuple[int, bool], list[Task]] = {}
    for task in ours:
        together.setdefault(_papers(task), []).append(task)
    groups = [sorted(found, key=_step) for found in together.values()]
    groups.sort(key=lambda found: min(_urgency(task, on) for task in found))
    by_sitting: dict[tuple[When, int], list[list[Task]]] = {}
    for found in groups:
        when = _WHEN[min(_urgency(task, on) for task in found)[0]]
        by_sitting.setdefault((when, found[0].meeting.pk), []).append(found)
    for (when, pk), parts in by_sitting.items():
        # What is late first; then as the page of the sitting says it, the minutes last.
        parts.sort(key=lambda found: (not any(t.is_late(on) for t in found), found[0].of_minutes))
        tasks = tuple(task for found in parts for task in found)
        yield Sitting(
            meeting=tasks[0].meeting,
            when=when,
            tasks=tasks,
            is_late=any(task.is_late(on) for task in tasks),
            told=told.get(pk, ""),
        )


def _step(task: Task) -> tuple:
    # What was remarked of the minutes is settled before they are established.
    is_end = task.deed is Deed.ESTABLISH
    day = task.due_on or date.max
    return task.deed is not Deed.RESUME, task.stage.rank, is_end, day, task.what


def _left(ordered: Sequence[Task], on: date) -> dict[int, Left]:
    """By sitting, what the secretariat does of it first, what is late or asked for before any
    other; what others are awaited for, failing that."""
    found: dict[int, list[Task]] = {}
    for task in ordered:
        found.setdefault(task.meeting.pk, []).append(task)
    left = {}
    for pk, tasks in found.items():
        ours = [task for task in tasks if task.is_ours]
        first, *others = sorted(ours or tasks, key=lambda task: not _presses(task, on))
        left[pk] = Left(
            what=first.what,
            more=len(others),
            due_on=first.due_on,
            in_wait=first.in_wait if first.in_wait_long else "",
            late=sum(task.is_late(on) for task in tasks),
            whose=first.awaits,
        )
    return left


def _presses(task: Task, on: date) -> bool:
    return task.is_late(on) or bool(task.asked)


def _papers(task: Task) -> tuple[int, bool]:
    return task.meeting.pk, task.of_minutes


def _is_held(task: Task, on: date) -> bool:
    return task.stage is Stage.HOLD and task.meeting.held_on == on


def waited(task: Task, *, on: date) -> Task:
    """The same, which says for how long its acts are not executory, once that is too long."""
    return replace(task, days_in_wait=days_in_wait(task.meeting, on=on)) if task.why else task


def days_in_wait(meeting: Meeting, *, on: date) -> int:
    """For how many days acts that the prefecture should have had by then have no effect; none
    before that."""
    is_late = deadlines.transmission_due(meeting.held_on) < on
    return (on - meeting.held_on).days if is_late else 0


def now(task: Task, *, on: date, is_held: bool = False) -> Task:
    """What is done of it now: a sitting under way is resumed, one that can be convened in time no
    more is moved; acts that nobody transmits say for how long they are not executory."""
    task = waited(task, on=on)
    if is_held and task.stage is Stage.HOLD:
        return replace(
            task, deed=Deed.RESUME, of="", url=reverse("live:console", args=[task.meeting.pk])
        )
    if task.moved_at and task.too_late_on and task.too_late_on < on:
        is_kept = task.deed is Deed.HAND_OVER
        why = sent.not_handed(task.of) if is_kept else "séance non convoquée"
        return replace(task, deed=Deed.MOVE, of="", url=task.moved_at, why=why)
    if task.deed is Deed.ADOPT:
        return replace(task, url=task.meeting.get_absolute_url())  # it says what that still lacks
    return task


def _urgency(task: Task, on: date) -> tuple:
    """First a sitting under way, then what can still be done in time, within the week: the
    convocation of a sitting to come, by its last day, or by that of the sitting when it is late and
    must be moved; then what else is due by then. What is late comes after, what waits for the
    longest first, what has no effect yet though its sitting is long over with the rest; then what
    is due later, by legal date."""
    is_first = task.stage is Stage.CONVENE and not task.meeting.was_opened
    # Of what no day binds, what a sitting left behind comes before what is due in days to come.
    day = task.due_on or task.meeting.held_on
    if task.in_wait_long and not task.due_on:
        day = deadlines.transmission_due(task.meeting.held_on)
    is_soon = task.due_on is not None and task.due_on <= on + _SOON
    is_soon |= task.stage is Stage.HOLD and day == on
    if task.deed is Deed.RESUME:
        rank = 0
    elif task.asked:
        rank, day = 2, on  # somebody waits for it
    elif task.is_late(on) and is_first and task.meeting.held_on >= on:
        rank, day = 1, task.meeting.held_on  # by which everybody must know that it is moved
    elif task.is_late(on):
        rank = 3 if is_first else 4
    elif is_soon:
        rank = 1 if is_first else 2
    else:
        rank = 5
    # The same day, in the order in which one thing leads to the next: signed, sent, published.
    return rank, day, task.meeting.held_on, task.stage.rank, task.what


_WHEN = (When.SOON, When.SOON, When.SOON, When.LATE, When.LATE, When.THEN)  # by rank


def _others(tasks: Iterable[Task]) -> Iterator[Other]:
    found: dict[tuple[int | None, str], dict[Hashable, list[Task]]] = {}
    for task in tasks:
        who = (task.person, "") if task.person else (None, task.awaits)
        # What is signed of one sitting is signed in one go.
        goes_with = task.meeting.pk if task.stage is Stage.SIGN else task.url
        found.setdefault(who, {}).setdefault(goes_with, []).append(task)
    for (person, _), together in found.items():
        lines = tuple(_line(each) for each in together.values())
        whose = next(iter(together.values()))[0].awaits
        yield Other(whose=whose, person=person, lines=lines)


def _line(tasks: Sequence[Task]) -> Owed:
    """The first of them, which is the most urgent, says what all are."""
    first = tasks[0]
    rest = [task.of if task.deed is Deed.SIGN else task.what for task in tasks[1:]]
    return Owed(
        what=french.join([first.what, *rest]),
        meeting=first.meeting,
        url=first.url,
        since=min((task.since for task in tasks if task.since), default=None),
        how=first.how,
        due_on=min((task.due_on for task in tasks if task.due_on), default=None),
        in_wait=first.in_wait if first.in_wait_long else "",
        is_reading=first.is_review,
    )
