"""What this process remembers of the sittings it read, so that the next event costs little.

To read, replay and judge a ledger of two hundred votes takes a few tenths of a second; to add one
event to what is already known, a few thousandths. Nothing here is believed on its own word: what
is remembered is used only if its last line is the last that the database holds, and that is asked
each time. The hash of a line covers every line before it, so that neither another process, nor a
transaction that was rolled back, nor another database can be mistaken for what was read. What was
altered behind the application's back is for `manage.py verify_ledger` to find: it reads
everything and remembers nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from threading import Lock
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db import connection
from django.db.models import Manager

from law import ballots, sitting, voting
from law.assembly import Composition
from law.checks.judgement import Judgement, judge
from law.docket import Docket
from law.regime import Regime
from law.sitting import Event
from meetings.agenda import Agenda, makes_an_act, usual_effect

T = TypeVar("T")


class Line(Protocol):
    """A line of the ledger, as its table holds it."""

    sha256: str
    recorded_at: datetime

    def as_value(self) -> Event:
        """The event that it tells."""


class Question(NamedTuple):
    """What a story is judged by, besides its events, its composition and their rules."""

    keys: tuple[str, ...]
    docket: Docket
    retrospective: bool


class Told:
    """A ledger up to one of its lines, and what was made of it; the ledger itself is a value.

    `times` says when each line was written: those of one act were in the same instant.
    """

    __slots__ = ("_judged", "_made", "_outcomes", "_story", "basis", "ledger", "sha256", "times")

    def __init__(
        self, ledger: Iterable[Event], sha256: str, times: Iterable[datetime] = ()
    ) -> None:
        self.ledger = tuple(ledger)
        self.sha256 = sha256
        self.times = tuple(times)
        self.basis = _basis(self.ledger)
        # What was made of it or of its beginning, and the events told since.
        self._story: tuple[sitting.Sitting, tuple[Event, ...]] | None = None
        self._judged: dict[Question, tuple[Judgement, tuple[Event, ...]]] = {}
        self._outcomes: tuple[Regime | None, dict[int, tuple[sitting.State, ballots.Outcome]]] = (
            None,
            {},
        )
        self._made: dict[object, tuple[object, Any]] = {}

    @classmethod
    def of(cls, rows: Iterable[Line]) -> "Told | None":
        """What these lines tell, first to last; `None` when there is none."""
        rows = list(rows)
        if not rows:
            return None
        return cls([row.as_value() for row in rows], rows[-1].sha256, written(rows))

    @property
    def seq(self) -> int:
        """The rank of its last line."""
        return self.ledger[-1].seq

    def act_of(self, seq: int) -> tuple[Event, ...]:
        """The lines that were told by the same act as this one, it included."""
        lines = zip(self.ledger, self.times, strict=False)
        acts = (tuple(event for event, _ in act) for _, act in groupby(lines, key=itemgetter(1)))
        return next((act for act in acts if any(event.seq == seq for event in act)), ())

    def story(self, composition: Composition, keys: tuple[str, ...]) -> sitting.Sitting:
        """The sitting replayed."""
        story, since = self._story or (None, ())
        if story is None or story.printed != keys or story.composition != composition:
            story = sitting.replay(composition, self.ledger, keys)
        elif since:
            story = sitting.extended(story, since)
        self._story = story, ()
        return story

    def outcomes(self, story: sitting.Sitting, rules: Regime) -> dict[int, ballots.Outcome]:
        """By line, what each vote of this story of the ledger decided. The very same value as
        before for a vote of which nothing changed."""
        known_by, known = self._outcomes
        known = known if known_by == rules else {}
        counted = {}
        for event in story.of_kind(sitting.BallotHeld):
            state = story.at_ballot[event.seq]
            found = known.get(event.seq)
            if found is None or found[0] != state:
                found = state, voting.of(event.ballot, state, rules)
            counted[event.seq] = found
        self._outcomes = rules, counted
        return {seq: outcome for seq, (_, outcome) in counted.items()}

    def made(self, what: object, of: object, make: Callable[[], T]) -> T:
        """What is made of a line, by its rank, or of the whole, by a name, from `of`: made once as
        long as that is the same."""
        found = self._made.get(what)
        if found is None or found[0] != of:
            found = self._made[what] = of, make()
        return found[1]

    def judgement(self, basis: sitting.Composed, question: Question) -> Judgement:
        """The sitting, and everything that is wrong in it."""
        judged, since = self._judged.get(question, (None, ()))
        if judged is None:
            judged = judge(
                self.ledger,
                composition=basis.composition,
                agenda=question.keys,
                regime=basis.regime,
                retrospective=question.retrospective,
                docket=question.docket,
            )
        elif since:
            _, judged = judged.after(since)
        self.keep(question, judged)
        return judged

    def keep(self, question: Question, judged: Judgement) -> None:
        """Remember a judgement of this ledger, if it was made by the rules that stand."""
        basis = self.basis
        if basis and (judged.story.composition, judged.regime) == (basis.composition, basis.regime):
            # Another agenda will not come back: only the two ways of judging this one are kept.
            others = {q: it for q, it in self._judged.items() if q.keys == question.keys}
            self._judged = others | {question: (judged, ())}
            self._story = judged.story, ()

    def followed(self, events: Sequence[Event], sha256: str, times: Iterable[datetime]) -> "Told":
        """The ledger with these lines after it."""
        told = Told((*self.ledger, *events), sha256, (*self.times, *times))
        told._outcomes, told._made = self._outcomes, self._made
        if told.basis is self.basis:
            told._judged = {
                question: (judged, (*since, *events))
                for question, (judged, since) in self._judged.items()
            }
            if self._story is not None:
                story, since = self._story
                told._story = story, (*since, *events)
        return told


def written(rows: Iterable[Line]) -> tuple[datetime, ...]:
    """When these lines were written."""
    return tuple(row.recorded_at for row in rows)


def _basis(ledger: Sequence[Event]) -> sitting.Composed | None:
    """The last composition that stands."""
    voided = sitting.voided_seqs(ledger)
    standing = (e for e in reversed(ledger) if isinstance(e, sitting.Composed))
    return next((event for event in standing if event.seq not in voided), None)


# --- The memory itself ------------------------------------------------------------------------

# Sittings read of late; and of each, as it stands now and as it stood a moment ago, for readers
# who do not see yet what is being written.
SITTINGS, MOMENTS = 16, 3

_kept: OrderedDict[int, tuple[Told, ...]] = OrderedDict()
_lock = Lock()


def recall(
    meeting: int, lines: Manager, last: tuple[int | None, str | None] | None = None
) -> Told | None:
    """The ledger of a sitting, by its primary key, as the table of its `lines` holds it now; in
    one query when nothing was told elsewhere, in none when one knows its `last` line, rank and
    hash."""
    if last is None:
        last = _last(meeting, lines)
    if last is None or last[0] is None:
        return None
    known = _kept.get(meeting, ())
    told = next((each for each in known if (each.seq, each.sha256) == last), None)
    if told is None:
        told = _caught_up(lines, known, last[0]) or Told.of(lines.order_by("seq"))
    if told is not None:
        remember(meeting, told)
    return told


def _last(meeting: int, lines: Manager) -> tuple[int, str] | None:
    table = lines.model._meta.db_table
    with connection.cursor() as cursor:  # asked by every page: as in `live.refresh`
        cursor.execute(
            f"SELECT seq, sha256 FROM {table} WHERE meeting_id = %s "  # noqa: S608 our own table
            "ORDER BY seq DESC LIMIT 1",
            [meeting],
        )
        return cursor.fetchone()


def _caught_up(lines: Manager, known: Sequence[Told], last: int) -> Told | None:
    """The longest ledger known, with the lines that follow it; `None` if it is not that one."""
    before = max(
        (told for told in known if told.seq < last), key=lambda told: told.seq, default=None
    )
    if before is None:
        return None
    mine, *since = lines.filter(seq__gte=before.seq).order_by("seq")
    if (mine.seq, mine.sha256) != (before.seq, before.sha256):
        return None
    return before.followed([row.as_value() for row in since], since[-1].sha256, written(since))


def remember(meeting: int, told: Told) -> None:
    """Keep the ledger of this sitting at hand; what was read least of late is forgotten."""
    with _lock:
        others = (each for each in _kept.pop(meeting, ()) if each.sha256 != told.sha256)
        _kept[meeting] = (told, *others)[:MOMENTS]
        while len(_kept) > SITTINGS:
            _kept.popitem(last=False)


def clear() -> None:
    """Forget everything, as a process that begins."""
    with _lock:
        _kept.clear()


# --- The agenda, without its texts ------------------------------------------------------------


class Outline(NamedTuple):
    """What recording needs of an agenda."""

    keys: tuple[str, ...]
    docket: Docket
    titles: Mapping[str, str]
    rows: Mapping[str, int]  # key → primary key

    @classmethod
    def of(cls, agenda: Agenda, second_call: bool) -> "Outline":
        """The outline of an agenda already read."""
        return cls(
            keys=agenda.keys,
            docket=agenda.docket(second_call=second_call),
            titles=agenda.titles,
            rows={node.item.key: node.item.pk for node in agenda.nodes},
        )


class _Row(NamedTuple):
    """As much of an item as its place and number need."""

    pk: int
    key: str
    parent_id: int | None
    position: int
    kind: str
    title: str
    label: str
    was_added: bool
    accounts_of: str
    resumes_id: int | None
    effect: str
    body: str

    @property
    def is_section(self) -> bool:
        return self.kind == "section"

    @property
    def may_make_an_act(self) -> bool:
        return makes_an_act(self.effect or usual_effect(self.kind, self.body))


_COLUMNS = (*_Row._fields[:-1], "meeting__body__kind")


def outline(items: Manager, numbering: str, second_call: bool) -> Outline:
    """The outline of the agenda made of these items, in one query without texts."""
    rows = tuple(items.order_by("pk").values_list(*_COLUMNS))
    return _outline(rows, numbering, second_call)


@lru_cache(maxsize=SITTINGS)
def _outline(rows: tuple[tuple, ...], numbering: str, second_call: bool) -> Outline:
    return Outline.of(Agenda.of([_Row(*row) for row in rows], numbering), second_call)
