"""The two piles of « À faire »: what the secretariat does itself, sitting by sitting, and what
others are awaited for, one by one. Its page and the first page sort them here: both say the same.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

from django.urls import reverse

from archive.desk import sheets
from archive.desk.waiting import HAVE_SIGNED, SECRETARIAT, Stage, Task, to_have_signed, unsigned
from law import deadlines, french
from meetings import reading
from meetings.models import Meeting

RESUME = "Reprendre la séance"
MOVE = "Changer la date de la séance"
_SOON = timedelta(days=7)  # what is due by then is still done in time if it is done first
MOST = 4  # of what one person is awaited for, on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What one sitting waits for from the secretariat, the most urgent first."""

    meeting: Meeting
    tasks: tuple[Task, ...]
    is_late: bool
    told: str = ""  # « Séance en cours, point 4 sur 5 »


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What somebody is awaited for of one sitting: all of it under its nearest date."""

    what: str
    meeting: Meeting
    url: str
    since: date | None
    how: str
    due_on: date | None
    is_told: bool = False  # and counted, with its day, in what the secretariat does
    is_reading: bool = False  # asked by a link, that its own page makes again

    def is_late(self, on: date) -> bool:
        """Whether its date was before this day; never without a date."""
        return self.due_on is not None and self.due_on < on


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Somebody who is awaited (the number of the person, where it is one), and for what."""

    whose: str
    person: int | None
    lines: tuple[Line, ...]

    @property
    def first(self) -> tuple[Line, ...]:
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
        """The first sittings, one at least, of which there is no more than that to do; and every
        one of which something is late."""
        shown, count = [], 0
        for sitting in self.ours:
            count += len(sitting.tasks)
            if not shown or count <= most or sitting.is_late:
                shown.append(sitting)
        return tuple(shown)

    @property
    def count(self) -> int:
        """How many things the secretariat has to do."""
        return sum(len(sitting.tasks) for sitting in self.ours)

    @property
    def told(self) -> str:
        """« 12 choses à faire, dont 4 en retard ; 6 chez d’autres, dont 1 en retard. »;
        "" when there is none. As many are late as there are lines in red below."""
        return self._told(self.ours, "chose", "choses")

    @property
    def told_ours(self) -> str:
        """The same of its own alone: what others do is counted beside their names."""
        return self._told(self.ours, "chose", "choses", with_others=False)

    def told_after(self, most: int) -> str:
        """The same of what of its own follows the first: « 7 autres choses à faire. »."""
        first = self.first(most)
        rest = [sitting for sitting in self.ours if sitting not in first]
        return self._told(rest, "autre chose", "autres choses", with_others=False)

    def _told(
        self, ours: Sequence[Sitting], one: str, many: str, *, with_others: bool = True
    ) -> str:
        tasks = [task for sitting in ours for task in sitting.tasks]
        lines = [line for other in self.others for line in other.lines if not line.is_told]
        said = []
        if tasks:
            told = french.count(len(tasks), one, many)
            said.append(f"{told} à faire{_of_which(tasks, self.on)}")
        if lines and with_others:
            away = len(lines) if tasks else french.count(len(lines), "chose")
            said.append(f"{away} chez d’autres{_of_which(lines, self.on)}")
        return french.nbsp(f"{' ; '.join(said)}.") if said else ""


def _of_which(dated: Iterable[Task | Line], on: date) -> str:
    late = sum(each.is_late(on) for each in dated)
    return f", dont {late} en retard" if late else ""


def sort(tasks: Sequence[Task], *, on: date) -> Piles:
    """Put these tasks in their piles, as their dates stand on this day; a sitting under way is
    resumed before anything else."""
    told = {
        task.meeting.pk: reading.under_way(task.meeting) for task in tasks if _is_held(task, on)
    }
    tasks = [now(task, tasks, on=on, is_held=bool(told.get(task.meeting.pk))) for task in tasks]
    ordered = sorted(tasks, key=lambda task: (task.what != RESUME, *_urgency(task, on)))
    ours = [task for task in ordered if task.whose == SECRETARIAT]
    had_signed = {_papers(task) for task in ours if task.what.startswith(HAVE_SIGNED)}
    by_sitting: dict[int, list[Task]] = {}
    for task in ours:
        by_sitting.setdefault(task.meeting.pk, []).append(task)
    return Piles(
        ours=tuple(
            Sitting(
                meeting=found[0].meeting,
                tasks=tuple(found),
                is_late=any(task.is_late(on) for task in found),
                told=told.get(found[0].meeting.pk, ""),
            )
            for found in by_sitting.values()
        ),
        others=tuple(_others((task for task in ordered if task.whose != SECRETARIAT), had_signed)),
        on=on,
        left=_left(ordered, on),
    )


def _left(ordered: Sequence[Task], on: date) -> dict[int, Left]:
    """By sitting, what the secretariat does of it first; what others are awaited for, failing
    that."""
    found: dict[int, list[Task]] = {}
    for task in ordered:
        found.setdefault(task.meeting.pk, []).append(task)
    left = {}
    for pk, tasks in found.items():
        ours = [task for task in tasks if task.whose == SECRETARIAT]
        had = {_papers(task) for task in ours if task.what.startswith(HAVE_SIGNED)}
        first, *others = sorted(ours or tasks, key=partial(_comes_after, on=on))
        left[pk] = Left(
            what=first.what,
            more=len(others),
            due_on=first.due_on,
            in_wait=first.in_wait if first.in_wait_long else "",
            # What the secretariat has somebody sign is late once, as it is told once.
            late=sum(task.is_late(on) for task in tasks if task in ours or _key(task) not in had),
            whose="" if ours else first.whose,
        )
    return left


def _comes_after(task: Task, *, on: date) -> bool:
    """`False`, which sorts first, of what a sitting to come cannot be held without, and of what is
    late of one that is over."""
    if task.meeting.held_on < on:
        return not task.is_late(on)
    return task.stage is not Stage.CONVENE


def _key(task: Task) -> tuple[int, bool] | None:
    """Of which papers of which sitting it is the signature; `None` of anything else."""
    return _papers(task) if task.stage is Stage.SIGN else None


def _papers(task: Task) -> tuple[int, bool]:
    return task.meeting.pk, task.of_minutes


def _is_held(task: Task, on: date) -> bool:
    return task.stage is Stage.HOLD and task.meeting.held_on == on


def waited(task: Task, *, on: date) -> Task:
    """The same, which says for how long its acts are not executory, once that is too long."""
    if task.in_wait_long:  # it says so already
        return task
    told = not_executory(task.in_wait, task.meeting, on=on) if task.in_wait else ""
    return replace(task, in_wait=told, in_wait_long=True) if told else task


def not_executory(told: str, meeting: Meeting, *, on: date) -> str:
    """« non exécutoires depuis 54 jours » of acts (`told`) that the prefecture should have had by
    then; "" before."""
    if deadlines.transmission_due(meeting.held_on) >= on:
        return ""
    return french.nbsp(f"{told} depuis {french.count((on - meeting.held_on).days, 'jour')}")


def now(task: Task, among: Sequence[Task], *, on: date, is_held: bool = False) -> Task:
    """What is done of it now: a sitting under way is resumed, one that can be convened in time no
    more is moved, what is not signed is signed before it is put online, as the page of its sitting
    leads; acts that nobody transmits say for how long they are not executory."""
    task = waited(task, on=on)
    if is_held and task.stage is Stage.HOLD:
        return replace(task, what=RESUME, url=reverse("live:console", args=[task.meeting.pk]))
    if task.moved_at and task.too_late_on and task.too_late_on < on:
        is_kept = task.what == sheets.HAND_OVER
        why = "convocation non remise" if is_kept else "séance non convoquée"
        return replace(task, what=MOVE, url=task.moved_at, in_wait=why)
    if task.stage is Stage.ADOPT and task.whose != SECRETARIAT:
        return replace(task, url=task.meeting.get_absolute_url())  # it says what that still lacks
    if task.stage is Stage.PUBLISH and (owed := unsigned(task, among)):
        return replace(task, what=to_have_signed(owed), url=task.meeting.get_absolute_url())
    return task


def _urgency(task: Task, on: date) -> tuple:
    """First what can still be done in time, within the week: the convocation of a sitting to come,
    by its last day, or by that of the sitting when it is late and must be moved; then what else is
    due by then. What is late comes after, what waits for the longest first, what has no effect yet
    though its sitting is long over with the rest; then what is due later, by legal date."""
    is_first = task.stage is Stage.CONVENE and not task.meeting.was_opened
    # Of what no day binds, what a sitting left behind comes before what is due in days to come.
    day = task.due_on or task.meeting.held_on
    if task.in_wait_long and not task.due_on:
        day = deadlines.transmission_due(task.meeting.held_on)
    is_soon = task.due_on is not None and task.due_on <= on + _SOON
    is_soon |= task.stage is Stage.HOLD and day == on
    if task.is_late(on) and is_first and task.meeting.held_on >= on:
        rank, day = 0, task.meeting.held_on  # by which everybody must know that it is moved
    elif task.is_late(on):
        rank = 1 if is_first else 3
    elif is_soon:
        rank = 0 if is_first else 2
    else:
        rank = 4
    # The same day, in the order in which one thing leads to the next: signed, sent, published.
    return rank, day, task.meeting.held_on, list(Stage).index(task.stage), task.what


_Had = Collection[tuple[int, bool]]


def _others(tasks: Iterable[Task], had_signed: _Had) -> Iterator[Other]:
    found: dict[tuple[int | None, str], dict[Hashable, list[Task]]] = {}
    for task in tasks:
        who = (task.person, "") if task.person else (None, task.whose)
        # What is signed of one sitting is signed in one go.
        goes_with = task.meeting.pk if task.stage is Stage.SIGN else task.url
        found.setdefault(who, {}).setdefault(goes_with, []).append(task)
    for (person, _), together in found.items():
        lines = tuple(_line(each, had_signed) for each in together.values())
        whose = next(iter(together.values()))[0].whose
        yield Other(whose=whose, person=person, lines=lines)


def _line(tasks: Sequence[Task], had_signed: _Had) -> Line:
    """The first of them, which is the most urgent, says what all are. What the secretariat has to
    have signed is told and counted, with its day, in what it does."""
    first = tasks[0]
    told = [task for task in tasks if _key(task) in had_signed]
    own = [task.due_on for task in tasks if task.due_on and task not in told]
    rest = [task.what.removeprefix(_SIGN) for task in tasks[1:]]
    return Line(
        what=french.join([first.what, *rest]),
        meeting=first.meeting,
        url=first.url,
        since=min((task.since for task in tasks if task.since), default=None),
        how=first.how,
        due_on=min(own, default=None),
        is_told=len(told) == len(tasks),
        is_reading=first.person is not None and first.stage is Stage.WRITE,
    )


_SIGN = "Signer "
