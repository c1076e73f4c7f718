"""A story read with a critical eye, one event after another; each chapter judges some kinds."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from law import french, sitting
from law.assembly import Composition
from law.docket import Docket
from law.elections import Election
from law.findings import Finding, Severity
from law.regime import RULES, Regime, cited
from law.sitting import Event, State

# What people tell before they tell the opening: the attendance table comes first on paper.
_BEFORE_OPENING = (
    sitting.Composed,
    sitting.Opened,
    sitting.Arrived,
    sitting.Excused,
    sitting.SeatTaken,
    sitting.SeatReturned,
    sitting.ProxyGiven,
    sitting.ProxyRevoked,
    sitting.ClerksNamed,
    sitting.OrderSet,
    sitting.ActTaken,  # nobody opens what one decides alone
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a fault is: what makes it the same fault in two versions of the story."""

    seq: int
    code: str
    field: str
    subject: str


@dataclass(kw_only=True, eq=False)
class Reader:
    """Reads a story in its replayed order and notes what cannot be."""

    composition: Composition
    regime: Regime
    agenda: tuple[str, ...]
    retrospective: bool
    docket: Docket
    opened_at: datetime | None
    closed_at: datetime | None
    titles: Mapping[str, str] = field(default_factory=dict)
    # What was read so far
    is_closed: bool = False
    was_opened: bool = False
    latest: datetime | None = None  # the last hour told, on the days of the sitting
    clocked: datetime | None = None  # the last hour at which somebody moved or an item was called
    suspended_at: datetime | None = None
    moved_at: dict[str, datetime] = field(default_factory=dict)
    gone_for_good: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)  # the seats whose voice counted in a vote
    called_at: dict[str, datetime] = field(default_factory=dict)  # when each item first was
    asked: set[tuple[str, str]] = field(default_factory=set)
    put: set[str] = field(default_factory=set)
    rounds: dict[tuple[str, str, str], Election] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    adopted: dict[str, bool] = field(default_factory=dict)  # what a vote decided of each item
    opinions: dict[str, bool] = field(default_factory=dict)  # and what was decided without one
    faults: dict[Mark, Finding] = field(default_factory=dict)
    previous: Event | None = None
    seq: int = 0
    is_timed: bool = False
    stop_before: Event | None = None
    bookmark: "Reader | None" = None

    @cached_property
    def items(self) -> frozenset[str]:
        """The keys of the agenda."""
        return frozenset(self.agenda)

    @property
    def soft(self) -> Severity:
        """Of what the law forbids and a past paper may tell all the same."""
        return Severity.WARNING if self.retrospective else Severity.REFUSAL

    def copy(self) -> "Reader":
        """Another reader at the same place, which has noted nothing yet."""
        other = copy(self)
        other.titles, other.faults, other.bookmark = {}, {}, None
        other.moved_at, other.called_at = {**self.moved_at}, {**self.called_at}
        other.counted = {*self.counted}
        other.adopted, other.opinions = {**self.adopted}, {**self.opinions}
        other.gone_for_good, other.asked = {*self.gone_for_good}, {*self.asked}
        other.put, other.rounds = {*self.put}, {**self.rounds}
        other.settled, other.withdrawn = {*self.settled}, {*self.withdrawn}
        return other

    def name(self, key: str) -> str:
        """The name of a member, or his key in quotes when the composition does not know him,
        somebody unnamed when there is no key."""
        is_known = key in self.composition or not key
        return self.composition.someone(key).name if is_known else f"« {key} »"

    def agreed(self, key: str, phrase: str) -> str:
        """A masculine word or phrase, agreed with a member: "noté" or "notée"."""
        return self.composition.someone(key).agreed(phrase)

    def note(
        self,
        code: str,
        message: str,
        severity: Severity = Severity.REFUSAL,
        *,
        field: str = "",
        subject: str = "",
        article: str = "",
        **more: str,
    ) -> None:
        """A fault of the event being read; `subject` parts two of the same code and field."""
        self.faults[Mark(self.seq, code, field, subject)] = Finding(
            code=code,
            message=message,
            field=field,
            severity=severity,
            article=cited(self.regime, article),
            **more,
        )

    def of_code(self, code: str, message: str, *, remedy: str, **more: str) -> None:
        """What the code forbids and no rule of the body says: an open syndicate, unless its
        statutes send back to the code, is told to look in them (CE, 18 October 2018, n° 421197)."""
        rule, severity = RULES["code_by_default"].label, self.soft
        if self.regime.by_statutes and not self.regime.code_by_default:
            severity = Severity.WARNING
            remedy = f"Vérifiez les statuts : s’ils n’en disent rien, rien ne l’impose. {remedy}"
        elif self.regime.by_statutes:
            remedy = f"{remedy} Si les statuts n’en disent rien, voyez la règle « {rule} »."
        self.note(code, message, severity, remedy=remedy, **more)

    def warn(self, code: str, message: str, **more: str) -> None:
        """What deserves a look and stops nothing."""
        self.note(code, message, Severity.WARNING, **more)

    def is_member(self, key: str, field: str) -> bool:
        """Whether this is somebody of the composition; noted at this field when it is not."""
        if key in self.composition:
            return True
        if not key.strip():
            self.note(
                "personne_manquante",
                "Personne n’est nommé.",
                field=field,
                remedy="Nommez un membre de la composition.",
            )
            return False
        self.note(
            "personne_inconnue",
            f"{self.name(key)} ne fait pas partie de la composition de l’assemblée.",
            field=field,
            subject=key,
            remedy="Corrigez ce nom, ou ajoutez cette personne à la composition.",
        )
        return False

    def is_item(self, key: str, field: str) -> bool:
        """Whether this is an item of the agenda (art. L2121-10); noted when it is not."""
        if key in self.items:
            return True
        self.note(
            "point_inconnu",
            f"Le point {self.name(key)} n’est pas à l’ordre du jour.",
            field=field,
            subject=key,
            article="art. L2121-10 du CGCT",
        )
        return False

    def read(self, event: Event, state: State) -> None:
        """Judge one event in the state that it found."""
        if event is self.stop_before:
            self.bookmark = self.copy()
        self.seq, self.is_timed = event.seq, event.at is not None
        self.latest = max(filter(None, (self.latest, self.opened_at, event.at)), default=None)
        if event.before is not None:
            self.is_item(event.before, "before")
        self.read_hour(event)
        if (judge := JUDGES.get(type(event))) is not None:
            judge(self, event, state)
        self.previous = event

    def read_hour(self, event: Event) -> None:
        """Opening first, closing last, whatever the order of telling."""
        waits = not isinstance(event, (*_BEFORE_OPENING, sitting.Closed))
        opened, closed = self.opened_at, self.closed_at
        if waits and event.at and opened and sitting.is_before(event.at, opened):
            self.note(
                "avant_ouverture",
                f"À {french.clock(event.at)}, la séance n’était pas encore ouverte "
                f"(ouverture à {french.clock(opened)}).",
                field="at",
                remedy="Corrigez cette heure, ou celle de l’ouverture.",
            )
        elif waits and not self.was_opened:
            self.note(
                "seance_non_ouverte",
                "La séance n’est pas encore ouverte à ce moment.",
                remedy="Enregistrez d’abord l’ouverture, son heure et qui préside.",
            )
        self._read_clock(event)
        ends = isinstance(event, sitting.Opened | sitting.Closed)
        if not ends and event.at and closed and sitting.is_before(closed, event.at):
            self.note(
                "apres_levee",
                f"À {french.clock(event.at)}, la séance était levée depuis {french.clock(closed)}.",
                field="at",
                remedy="Corrigez cette heure, ou celle de la levée.",
            )

    def _read_clock(self, event: Event) -> None:
        """Hours go forward, as the items and the order of telling do."""
        is_call = isinstance(event, sitting.ItemOpened)
        if event.at is None or (sitting.own_item(event) and not is_call):
            return  # what belongs to an item is told there, whenever it was said
        if isinstance(event, sitting.Arrived) and self.opened_at:
            if sitting.is_before(event.at, self.opened_at):
                self.warn(
                    "arrivee_avant_ouverture",
                    f"L’arrivée à {french.clock(event.at)} précède l’ouverture à "
                    f"{french.clock(self.opened_at)}.",
                    field="at",
                    remedy="Qui est là dès l’ouverture se pointe à l’appel, sans heure ; sinon, "
                    "corrigez cette heure.",
                )
        if not self.was_opened or isinstance(event, sitting.Closed | sitting.Resumed):
            return  # judged by their own chapter
        last = self.moved_at.get(getattr(event, "member", ""))
        is_told = last is not None and sitting.is_before(event.at, last)  # by its own judge
        if self.clocked and sitting.is_before(event.at, self.clocked) and not is_told:
            self.warn(
                "heures_a_rebours",
                f"Ce qui est noté à {french.clock(event.at)} vient après ce qui est noté à "
                f"{french.clock(self.clocked)} : les heures vont à rebours.",
                field="at",
                remedy="Corrigez l’une des deux heures, ou le point devant lequel il est noté.",
            )
        self.clocked = max(filter(None, (self.clocked, event.at)))

    def has_voted(self, item: str) -> bool:
        """Whether a vote or an election was held on this item since it was last called."""
        return any(each[0] == item for each in (*self.asked, *self.rounds))

    def was_put_to_vote(self, item: str) -> bool:
        """Whether the item itself, and not a question on it, was voted or gave an election."""
        return (item, "") in self.asked or any(each[0] == item for each in self.rounds)

    def must_go_on(self, state: State) -> None:
        """Nothing is discussed nor decided while the sitting is suspended (art. L2121-16)."""
        if state.suspended:
            self.note(
                "seance_suspendue",
                "La séance est suspendue à ce moment.",
                article="art. L2121-16 du CGCT",
                remedy="Enregistrez d’abord la reprise.",
            )


Judge = Callable[[Reader, Any, State], None]
J = TypeVar("J", bound=Judge)
JUDGES: dict[type[Event], Judge] = {}


def judges(kind: type[Event]) -> Callable[[J], J]:
    """Marks the one function that judges this kind of event."""

    def kept(judge: J) -> J:
        JUDGES[kind] = judge
        return judge

    return kept
