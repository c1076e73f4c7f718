"""May this be told? Every bad input of a ledger, named in French with its way out.

Old papers are typed in any order, long after the sitting, so an event is never judged by the
order in which it was told. It is added to the story, the story is replayed, and what is wrong
now that was not wrong before is answered: either about the new event itself, or about an older
one that it would contradict. Cancelling an arrival on which a departure depends is refused by
that same rule.

`field` of a finding is the field of the event, for the form that told it. With `retrospective`,
what the law forbids but a past paper may well have done becomes a warning.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime

from law import ballots, elections, quorum, sitting, voting
from law.assembly import Capacity, Composition
from law.ballots import Ballot, Mode
from law.findings import Finding, Severity
from law.regime import STATUTES, Regime, article_of
from law.sitting import Event, Ground, Sitting, State

CONFLICT = "art. L2131-11 du CGCT"
CLERKS = "art. L2121-15 du CGCT"
PARTIAL = "art. L5212-16 du CGCT"

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
)


def check(
    event: Event,
    *,
    composition: Composition,
    events: Sequence[Event],
    agenda: Sequence[str],
    regime: Regime,
    retrospective: bool = False,
    second_call: bool = False,
    urgent: Collection[str] = (),
    titles: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """May this event be told now, after `events`? Refusals and warnings, all at once."""
    return check_all(
        [event],
        composition=composition,
        events=events,
        agenda=agenda,
        regime=regime,
        retrospective=retrospective,
        second_call=second_call,
        urgent=urgent,
        titles=titles,
    )


def check_all(
    new: Iterable[Event],
    *,
    composition: Composition,
    events: Sequence[Event],
    agenda: Sequence[str],
    regime: Regime,
    retrospective: bool = False,
    second_call: bool = False,
    urgent: Collection[str] = (),
    titles: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """May these events be told together? They are one act: only its end must make sense.

    A voiding and what replaces the voided event are judged as a whole. Who asks about one event
    after another keeps the `Judgement` instead.
    """
    judged = judge(
        events,
        composition=composition,
        agenda=agenda,
        regime=regime,
        retrospective=retrospective,
        second_call=second_call,
        urgent=urgent,
    )
    return judged.after(new, titles=titles)[0]


# --- A story judged -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A story and everything that is wrong in it: what comes next is judged from here.

    It is what `judge` makes of the same events, however it was come by. `urgent` are the keys of
    the items that decide on the urgency of the convocation.
    """

    story: Sitting
    regime: Regime
    retrospective: bool
    second_call: bool
    urgent: frozenset[str]
    faults: Mapping["_Mark", Finding]
    # The reader as it came to the items of these ranks, the last first and the beginning at the
    # end: what is new is read from the last one that it leaves as it was.
    bookmarks: tuple[tuple[int, "_Reader"], ...] = field(compare=False, repr=False)

    @property
    def findings(self) -> tuple[tuple[int, Finding], ...]:
        """Each objection with the `seq` of the event it is about, in the order of telling."""
        told = ((mark.seq, finding) for mark, finding in self.faults.items())
        return tuple(sorted(told, key=lambda pair: pair[0]))

    def after(
        self, new: Iterable[Event], *, titles: Mapping[str, str] | None = None
    ) -> tuple[tuple[Finding, ...], "Judgement"]:
        """What the law says of these events, told together; and the story judged with them."""
        told = self.story.told
        last = max((event.seq for event in told), default=0)
        act = []
        for event in new:
            last = event.seq if event.seq > last else last + 1
            act.append(event if event.seq == last else replace(event, seq=last))
        answers = [*_check_voidings(act, told)]
        composition, regime = self.story.composition, self.regime
        for event in act:
            if isinstance(event, sitting.Composed):
                composition, regime = event.composition, event.regime
                answers += _check_composition(event)
        judged = self._with(act, composition, regime, titles or {})
        fresh = {event.seq for event in act}
        answers += [
            finding if mark.seq in fresh else _as_consequence(finding)
            for mark, finding in judged.faults.items()
            if mark not in self.faults
        ]
        if not self.retrospective:
            answers += _check_moment(act, judged.story)
        return tuple(dict.fromkeys(answers)), judged

    def _with(
        self,
        act: Sequence[Event],
        composition: Composition,
        regime: Regime,
        titles: Mapping[str, str],
    ) -> "Judgement":
        """The story with this act, read again from where it changes; whole when what everything
        is judged by changes: who sat, under which rules, when the sitting began and ended.
        """
        told = (*self.story.told, *act)
        layout = sitting.lay_out(told, self.story.printed)
        _, beginning = self.bookmarks[-1]
        if (composition, regime) != (self.story.composition, self.regime) or _hours(layout) != (
            beginning.opened_at,
            beginning.closed_at,
        ):
            return judge(
                told,
                composition=composition,
                agenda=self.story.printed,
                regime=regime,
                retrospective=self.retrospective,
                second_call=self.second_call,
                urgent=self.urgent,
                titles=titles,
            )
        same = layout.same_until(self.story.layout)
        bookmarks = tuple(each for each in self.bookmarks if each[0] <= same)
        again = {event.seq for event in self.story.layout.from_rank(bookmarks[0][0])}
        return _read(
            bookmarks,
            told,
            layout,
            head=self.story,
            kept={mark: fault for mark, fault in self.faults.items() if mark.seq not in again},
            second_call=self.second_call,
            titles=titles,
        )


def judge(
    events: Iterable[Event],
    *,
    composition: Composition,
    agenda: Iterable[str],
    regime: Regime,
    retrospective: bool = False,
    second_call: bool = False,
    urgent: Collection[str] = (),
    titles: Mapping[str, str] | None = None,
) -> Judgement:
    """Read a whole story with a critical eye."""
    told, printed = tuple(events), tuple(agenda)
    layout = sitting.lay_out(told, printed)
    opened_at, closed_at = _hours(layout)
    reader = _Reader(
        composition=composition,
        regime=regime,
        agenda=printed,
        retrospective=retrospective,
        urgent=frozenset(urgent),
        opened_at=opened_at,
        closed_at=closed_at,
    )
    return _read(((-1, reader),), told, layout, second_call=second_call, titles=titles or {})


# How many items back a correction costs little: the one under discussion, and those before it.
_BOOKMARKS = 4


def _read(
    bookmarks: tuple[tuple[int, "_Reader"], ...],
    told: tuple[Event, ...],
    layout: sitting.Layout,
    *,
    second_call: bool,
    titles: Mapping[str, str],
    head: Sitting | None = None,
    kept: Mapping["_Mark", Finding] | None = None,
) -> Judgement:
    """Read what happens from the last bookmark on, and leave another one."""
    rank, begun = bookmarks[0]
    reader = begun.copy()
    reader.titles = titles
    pending = layout.from_rank(rank)
    next_rank = _next_rank(layout)
    reader.stop_before = next(iter(layout.from_rank(next_rank)), None)
    story = sitting.tell(
        reader.composition,
        told,
        reader.agenda,
        layout,
        observe=reader.read,
        head=head,
        rank=rank,
    )
    reader.read_quorums(story, pending, second_call)
    if next_rank > rank:
        left = (next_rank, reader.bookmark or reader.copy())
        bookmarks = (left, *bookmarks[:-1][: _BOOKMARKS - 1], bookmarks[-1])
    return Judgement(
        story=story,
        regime=reader.regime,
        retrospective=reader.retrospective,
        second_call=second_call,
        urgent=reader.urgent,
        faults={**(kept or {}), **reader.faults},
        bookmarks=bookmarks,
    )


def _next_rank(layout: sitting.Layout) -> int:
    """The rank where the next events are likely to fall: that of the item under discussion, or
    of the last thing told; -1 for the opening, before which there is nothing to keep.
    """
    _, _, rank = max(
        (
            (isinstance(event, sitting.ItemOpened), event.seq, place[0])
            for place, told in layout.groups.items()
            for event in told
        ),
        default=(False, 0, -1),
    )
    return rank if rank > 0 else -1


def _hours(layout: sitting.Layout) -> tuple[datetime | None, datetime | None]:
    """The hour of the first opening told, and of the first closing."""
    hours: list[datetime | None] = []
    for kind in (sitting.Opened, sitting.Closed):
        told = (e for group in layout.groups.values() for e in group if isinstance(e, kind))
        first = min(told, key=lambda event: event.seq, default=None)
        hours.append(first.at if first else None)
    return hours[0], hours[1]


def _as_consequence(finding: Finding) -> Finding:
    """A fault that appears at an older event: the new one must give way, not the field."""
    message = finding.message
    if finding.severity is Severity.REFUSAL:
        message = f"Cela contredit ce qui est déjà enregistré. {message}"
    return replace(finding, code=f"consequence_{finding.code}", message=message, field="")


# --- Voidings and compositions --------------------------------------------------------------


def _check_voidings(act: Sequence[Event], events: Sequence[Event]) -> Iterator[Finding]:
    if not any(isinstance(event, sitting.Voided) for event in act):
        return
    known = {event.seq: event for event in (*events, *act)}
    gone = set(sitting.voided_seqs(events))
    for event in act:
        if not isinstance(event, sitting.Voided):
            continue
        target = known.get(event.target)
        if target is None or event.target >= event.seq:
            yield Finding(
                code="annulation_sans_objet",
                message=f"Il n’y a pas d’événement n° {event.target} à annuler.",
                field="target",
            )
        elif event.target in gone:
            yield Finding(
                code="deja_annule",
                message=f"L’événement n° {event.target} est déjà annulé.",
                field="target",
            )
        else:
            gone.add(event.target)
            if isinstance(target, sitting.Voided):
                gone.discard(target.target)
    composed = [seq for seq, event in known.items() if isinstance(event, sitting.Composed)]
    if composed and all(seq in gone for seq in composed):
        yield Finding(
            code="composition_annulee",
            message="La composition de l’assemblée ne peut pas être annulée sans en donner une "
            "autre.",
            field="target",
        )


def _check_composition(event: sitting.Composed) -> Iterator[Finding]:
    members = event.composition.members
    keys = [member.key for member in members]
    if len(set(keys)) < len(keys):
        yield Finding(
            code="composition_doublon",
            message="Deux membres de la composition portent la même clé.",
            field="composition",
        )
    if not event.composition.titulars:
        yield Finding(
            code="composition_vide",
            message="L’assemblée n’a aucun membre en exercice.",
            remedy="Saisissez les mandats en cours à la date de la séance.",
            field="composition",
        )
    for member in members:
        if member.weight < 1:
            yield Finding(
                code="voix_invalides",
                message=f"{member.name} doit porter au moins une voix.",
                field="composition",
            )
        elif member.weight > 1 and not event.regime.weighted_votes:
            yield Finding(
                code="voix_ponderees",
                message=f"{member.name} porte {member.weight} voix, or les règles de l’instance "
                "ne prévoient pas de voix pondérées.",
                article=article_of(event.regime, "weighted_votes"),
                field="composition",
                severity=Severity.WARNING,
            )
    for constituency in event.composition.constituencies:
        filled = sum(1 for m in event.composition.titulars if m.constituency == constituency.name)
        if filled > constituency.seats:
            yield Finding(
                code="college_trop_plein",
                message=f"« {constituency.name} » compte {filled} membres pour "
                f"{constituency.seats} sièges.",
                field="composition",
                severity=Severity.WARNING,
            )


# --- The moment -----------------------------------------------------------------------------


def _check_moment(act: Sequence[Event], story: Sitting) -> Iterator[Finding]:
    """In a sitting being held, things happen now: after nothing that ended it, and a vote where
    the sitting is, with those who are there.
    """
    fresh = {event.seq for event in act}
    closings = [closed for closed in story.of_kind(sitting.Closed) if closed.seq not in fresh]
    opened = {event.item for event in story.of_kind(sitting.ItemOpened)}
    for event in story.events:
        if event.seq not in fresh or event.at is None:
            continue
        if not isinstance(event, sitting.Closed) and any(
            closed.at is None or not sitting.is_before(closed.at, event.at) for closed in closings
        ):
            yield Finding(
                code="apres_levee",
                message="La séance est levée.",
                field="at",
                remedy="Annulez la levée si la séance continue.",
            )
        if not isinstance(event, sitting.BallotHeld | sitting.ElectionHeld):
            continue
        item, then, now = sitting.anchor(event), story.at_ballot[event.seq], story.at_end
        if item not in opened:
            yield Finding(
                code="point_non_ouvert",
                message="Ce point n’a pas été mis en discussion.",
                field="item",
                remedy="Appelez-le d’abord : c’est à ce moment que le quorum se vérifie.",
            )
        elif _who_is_there(then) != _who_is_there(now):
            yield Finding(
                code="votants_changes",
                message="Des membres sont arrivés ou partis depuis l’examen de ce point.",
                field="item",
                remedy="Remettez-le en discussion, ou notez-le reporté.",
            )


def _who_is_there(state: State) -> tuple[object, ...]:
    """What decides who may vote, whatever the item."""
    return state.room, state.remote, dict(state.seats), dict(state.proxies)


# --- The story, read with a critical eye ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a fault is: what makes it the same fault in two versions of the story."""

    seq: int
    code: str
    field: str
    subject: str


class _Reader:
    """Reads a story in its replayed order and notes what cannot be."""

    def __init__(
        self,
        *,
        composition: Composition,
        regime: Regime,
        agenda: tuple[str, ...],
        retrospective: bool,
        urgent: frozenset[str],
        opened_at: datetime | None,
        closed_at: datetime | None,
    ) -> None:
        self.composition = composition
        self.regime = regime
        self.items = frozenset(agenda)
        self.agenda = agenda
        self.retrospective = retrospective
        self.urgent = urgent
        self.titles: Mapping[str, str] = {}
        # What the law forbids and a past paper may tell all the same.
        self.soft = Severity.WARNING if retrospective else Severity.REFUSAL
        self.opened_at = opened_at
        self.closed_at = closed_at
        # What was read so far
        self.is_closed = False
        self.was_opened = False
        self.suspended_at: datetime | None = None
        self.moved_at: dict[str, datetime] = {}
        self.gone_for_good: set[str] = set()
        self.asked: set[tuple[str, str]] = set()
        self.put: set[str] = set()
        self.settled: set[str] = set()
        self.withdrawn: set[str] = set()
        self.admitted: dict[str, bool] = {}  # what was decided of each urgency
        self.faults: dict[_Mark, Finding] = {}
        self.seq = 0
        self.stop_before: Event | None = None
        self.bookmark: _Reader | None = None

    def copy(self) -> "_Reader":
        """Another reader at the same place, which has noted nothing yet."""
        other = copy(self)
        other.titles, other.faults, other.bookmark = {}, {}, None
        for name in ("moved_at", "gone_for_good", "asked", "put", "settled", "withdrawn"):
            setattr(other, name, copy(getattr(self, name)))
        other.admitted = dict(self.admitted)
        return other

    # Words

    def name(self, key: str) -> str:
        return self.composition[key].name if key in self.composition else f"« {key} »"

    def note(
        self,
        code: str,
        message: str,
        *,
        field: str = "",
        subject: str = "",
        article: str = "",
        remedy: str = "",
        severity: Severity = Severity.REFUSAL,
    ) -> None:
        self.faults[_Mark(self.seq, code, field, subject)] = Finding(
            code=code,
            message=message,
            article=article,
            remedy=remedy,
            field=field,
            severity=severity,
        )

    def warn(
        self,
        code: str,
        message: str,
        *,
        field: str = "",
        subject: str = "",
        article: str = "",
        remedy: str = "",
    ) -> None:
        self.note(
            code,
            message,
            field=field,
            subject=subject,
            article=article,
            remedy=remedy,
            severity=Severity.WARNING,
        )

    def is_member(self, key: str, field: str) -> bool:
        if key in self.composition:
            return True
        self.note(
            "personne_inconnue",
            f"{self.name(key)} ne fait pas partie de la composition de l’assemblée.",
            field=field,
            subject=key,
        )
        return False

    def is_item(self, key: str, field: str) -> bool:
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

    # One event

    def read(self, event: Event, state: State) -> None:
        if event is self.stop_before:
            self.bookmark = self.copy()
        self.seq = event.seq
        if event.before is not None:
            self.is_item(event.before, "before")
        self.read_hour(event)
        match event:
            case sitting.Opened():
                self.read_opening(event)
            case sitting.Arrived():
                self.read_arrival(event, state)
            case sitting.Left():
                self.read_departure(event, state)
            case sitting.Excused():
                self.read_excuse(event, state)
            case sitting.SeatTaken():
                self.read_seat(event, state)
            case sitting.SeatReturned():
                self.read_seat_returned(event, state)
            case sitting.ProxyGiven():
                self.read_proxy(event, state)
            case sitting.ProxyRevoked():
                self.read_revocation(event, state)
            case sitting.Recused():
                self.read_recusal(event, state)
            case sitting.CollegeSet():
                self.read_college(event, state)
            case sitting.BallotRequested():
                self.read_request(event, state)
            case sitting.DoorsClosed():
                self.read_closed_doors(event, state)
            case sitting.ChairTaken():
                self.read_chair(event, state)
            case sitting.ClerksNamed():
                self.read_clerks(event, state)
            case sitting.OrderSet():
                self.read_order(event)
            case sitting.ItemOpened():
                self.read_item(event, state)
            case sitting.BallotHeld():
                self.read_ballot(event, state)
            case sitting.ElectionHeld():
                self.read_election(event, state)
            case sitting.FateNoted():
                self.read_fate(event, state)
            case sitting.Closed():
                self.read_closing(event, state)
            case _:
                self.read_toggle(event, state)

    def read_hour(self, event: Event) -> None:
        """Opening first, closing last, whatever the order of telling."""
        waits = not isinstance(event, (*_BEFORE_OPENING, sitting.Closed))
        opened, closed = self.opened_at, self.closed_at
        if waits and event.at and opened and sitting.is_before(event.at, opened):
            self.note(
                "avant_ouverture",
                f"À {_hour(event.at)}, la séance n’était pas encore ouverte "
                f"(ouverture à {_hour(opened)}).",
                field="at",
                remedy="Corrigez cette heure, ou celle de l’ouverture.",
            )
        elif waits and not self.was_opened:
            self.note(
                "seance_non_ouverte",
                "La séance n’est pas encore ouverte à ce moment.",
                remedy="Enregistrez d’abord l’ouverture, son heure et qui préside.",
            )
        ends = isinstance(event, sitting.Opened | sitting.Closed)
        if not ends and event.at and closed and sitting.is_before(closed, event.at):
            self.note(
                "apres_levee",
                f"À {_hour(event.at)}, la séance était levée depuis {_hour(closed)}.",
                field="at",
                remedy="Corrigez cette heure, ou celle de la levée.",
            )

    def read_opening(self, event: sitting.Opened) -> None:
        if self.was_opened:
            self.note(
                "deja_ouverte",
                "La séance est déjà ouverte.",
                remedy="Annulez la première ouverture avant d’en enregistrer une autre.",
            )
        self.was_opened = True
        if event.chair and self.is_member(event.chair, "chair"):
            self.may_chair(event.chair, "chair")

    def may_chair(self, key: str, field: str) -> None:
        capacity = self.composition[key].capacity
        if capacity is Capacity.CONSULTATIVE:
            self.note(
                "preside_sans_voix",
                f"{self.name(key)} n’a que voix consultative et ne peut pas présider.",
                field=field,
            )
        elif capacity is Capacity.SUBSTITUTE:
            self.warn(
                "preside_suppleant",
                f"{self.name(key)} est suppléant : un suppléant remplace un délégué, non un "
                "président.",
                field=field,
            )

    # Movements

    def read_arrival(self, event: sitting.Arrived, state: State) -> None:
        if not self.is_member(event.member, "member"):
            return
        who = self.name(event.member)
        if event.member in state.room:
            self.note(
                "deja_present",
                f"{who} est déjà dans la salle à ce moment.",
                field="member",
                subject=event.member,
                remedy="Enregistrez d’abord son départ, ou annulez sa première arrivée.",
            )
        elif event.member in self.gone_for_good:
            self.warn(
                "retour_apres_depart_definitif",
                f"{who} revient après un départ noté définitif.",
                field="member",
                subject=event.member,
            )
        if event.remote and not self.regime.remote_allowed:
            self.note(
                "distance_non_admise",
                f"{who} ne peut pas siéger à distance : la visioconférence n’est pas admise.",
                field="remote",
                article=article_of(self.regime, "remote_allowed"),
                severity=self.soft,
            )
        self.read_clock(event, event.member, "Son arrivée", "son départ")

    def read_departure(self, event: sitting.Left, state: State) -> None:
        if not self.is_member(event.member, "member"):
            return
        if event.member not in state.room:
            self.note(
                "depart_d_un_absent",
                f"{self.name(event.member)} n’est pas dans la salle à ce moment.",
                field="member",
                subject=event.member,
                remedy="Enregistrez d’abord son arrivée.",
            )
        if event.definitive:
            self.gone_for_good.add(event.member)
        self.read_clock(event, event.member, "Son départ", "son arrivée")

    def read_clock(self, event: Event, member: str, what: str, previous: str) -> None:
        """The clock must agree with the order that the items give."""
        if event.at is None:
            return
        last = self.moved_at.get(member)
        if last is not None and sitting.is_before(event.at, last):
            self.note(
                "heure_incoherente",
                f"{self.name(member)} : {what.lower()} à {_hour(event.at)} précéderait "
                f"{previous}, noté à {_hour(last)}.",
                field="at",
                subject=member,
                remedy="Corrigez l’une des deux heures, ou le point devant lequel il est noté.",
            )
        self.moved_at[member] = event.at

    def read_excuse(self, event: sitting.Excused, state: State) -> None:
        if self.is_member(event.member, "member") and event.member in state.room:
            self.warn(
                "excuse_et_present",
                f"{self.name(event.member)} est noté à la fois présent et excusé.",
                field="member",
                subject=event.member,
                remedy="Annulez l’un des deux.",
            )

    # Substitutes

    def read_seat(self, event: sitting.SeatTaken, state: State) -> None:
        known = self.is_member(event.substitute, "substitute")
        if not self.is_member(event.titular, "titular") or not known:
            return
        substitute = self.composition[event.substitute]
        titular = self.composition[event.titular]
        article = article_of(self.regime, "substitutes")
        if self.regime.substitutes == "aucun":
            self.note(
                "sans_suppleants",
                "Les règles de l’instance ne prévoient pas de suppléants.",
                field="substitute",
                article=article,
            )
        if substitute.capacity is not Capacity.SUBSTITUTE:
            self.note(
                "pas_suppleant",
                f"{substitute.name} n’est pas suppléant.",
                field="substitute",
                article=article,
            )
        elif titular.capacity is not Capacity.TITULAR:
            self.note(
                "pas_titulaire",
                f"{titular.name} n’est pas titulaire : il n’y a pas de siège à occuper.",
                field="titular",
                article=article,
            )
        elif not self.may_replace(event.substitute, event.titular):
            self.note(
                "siege_d_un_autre",
                f"{substitute.name} n’est pas suppléant de {titular.name}.",
                field="titular",
                article=article,
                remedy="Selon les statuts, un suppléant remplace son titulaire, ou un titulaire "
                "de la même collectivité.",
            )
        held = state.seats.get(event.substitute)
        if held is not None:
            self.note(
                "deux_sieges",
                f"{substitute.name} occupe déjà le siège de {self.name(held)}.",
                field="substitute",
                remedy="Un suppléant n’occupe qu’un siège : faites-lui d’abord rendre celui-ci.",
            )
        others = [s for s, t in state.seats.items() if t == titular.key and s != substitute.key]
        if others:
            self.note(
                "siege_deja_occupe",
                f"Le siège de {titular.name} est déjà occupé par {self.name(others[0])}.",
                field="titular",
            )
        if titular.key in state.room:
            self.warn(
                "titulaire_present",
                f"{titular.name} est dans la salle : son suppléant écoute et ne vote pas.",
                field="titular",
            )

    def may_replace(self, substitute: str, titular: str) -> bool:
        """Whether the statutes let this substitute sit for this titular."""
        stand_in, seat = self.composition[substitute], self.composition[titular]
        if seat.capacity is not Capacity.TITULAR:
            return False
        if self.regime.substitutes == "nommes":
            return stand_in.replaces == titular
        if self.regime.substitutes == "collectivite":
            # A community left unsaid cannot be held against anybody.
            return "" in (stand_in.community, seat.community) or (
                stand_in.community == seat.community
            )
        return False

    def read_seat_returned(self, event: sitting.SeatReturned, state: State) -> None:
        if self.is_member(event.substitute, "substitute"):
            if event.substitute not in state.seats:
                self.note(
                    "sans_siege",
                    f"{self.name(event.substitute)} n’occupe aucun siège à ce moment.",
                    field="substitute",
                    remedy="Il n’y a rien à rendre.",
                )

    # Proxies

    def read_proxy(self, event: sitting.ProxyGiven, state: State) -> None:
        known = self.is_member(event.giver, "giver")
        if not self.is_member(event.holder, "holder") or not known:
            return
        article = article_of(self.regime, "proxies_allowed", "proxies_per_holder")
        giver, holder = self.name(event.giver), self.name(event.holder)
        if not self.regime.proxies_allowed:
            self.note(
                "pouvoirs_non_admis",
                "Les règles de l’instance n’admettent pas les pouvoirs.",
                field="giver",
                article=article,
            )
        if event.giver == event.holder:
            self.note(
                "pouvoir_a_soi_meme",
                f"{giver} ne peut pas se donner pouvoir.",
                field="holder",
                article=article,
            )
            return
        self.read_giver(event, state, article)
        if not self.composition[event.holder].deliberates:
            self.note(
                "porteur_sans_voix",
                f"{holder} n’a que voix consultative et ne peut pas porter de pouvoir.",
                field="holder",
                article=article,
            )
        given = state.proxies.get(event.holder)
        if given is not None and given.holder == event.giver:
            self.note(
                "pouvoirs_croises",
                f"{holder} a lui-même donné pouvoir à {giver}.",
                field="holder",
                article=article,
                remedy="L’un des deux doit choisir un autre porteur.",
            )
        elif given is not None and event.holder not in state.occupants.values():
            self.warn(
                "porteur_represente",
                f"{holder} a donné pouvoir à {self.name(given.holder)} : le pouvoir qu’il porte "
                "ne sert à rien tant qu’il est absent.",
                field="holder",
                article=article,
            )
        carried = [
            other
            for other, proxy in state.proxies.items()
            if proxy.holder == event.holder
            and other != event.giver
            and other not in state.occupants
        ]
        if len(carried) >= self.regime.proxies_per_holder:
            self.note(
                "porteur_charge",
                f"{holder} porte déjà le pouvoir de {', '.join(map(self.name, carried))}.",
                field="holder",
                article=article,
                remedy=f"Un membre porte au plus {_pouvoirs(self.regime.proxies_per_holder)}.",
            )
        if state.is_open and event.holder not in state.room:
            self.warn(
                "porteur_absent",
                f"{holder} n’est pas dans la salle : le pouvoir est sans effet tant qu’il n’y est "
                "pas.",
                field="holder",
                article=article,
            )

    def read_giver(self, event: sitting.ProxyGiven, state: State, article: str) -> None:
        member = self.composition[event.giver]
        if member.capacity is Capacity.CONSULTATIVE:
            self.note(
                "mandant_sans_voix",
                f"{member.name} n’a que voix consultative : il n’a pas de vote à confier.",
                field="giver",
                article=article,
            )
        elif member.capacity is Capacity.SUBSTITUTE:
            self.note(
                "mandant_suppleant",
                f"{member.name} est suppléant : seul un titulaire donne pouvoir.",
                field="giver",
                article=article,
            )
        before = state.proxies.get(event.giver)
        if before is not None:
            self.note(
                "pouvoir_deja_donne",
                f"{member.name} a déjà donné pouvoir à {self.name(before.holder)}.",
                field="giver",
                article=article,
                remedy="Enregistrez d’abord la révocation de ce pouvoir, ou annulez-le.",
            )
        if event.nth < 1:
            self.note(
                "rang_invalide",
                "Le rang de la séance pour ce pouvoir commence à 1.",
                field="nth",
            )
        elif event.nth > self.regime.proxy_sittings and not event.illness:
            self.note(
                "pouvoir_perime",
                f"Ce pouvoir servirait à une {event.nth}e séance consécutive ; il vaut pour "
                f"{self.regime.proxy_sittings} au plus.",
                field="nth",
                article=article_of(self.regime, "proxy_sittings"),
                remedy="Un nouvel écrit est nécessaire, sauf maladie dûment constatée.",
            )
        available = [
            key
            for key in state.room - state.attending
            if key in self.composition
            and self.composition[key].capacity is Capacity.SUBSTITUTE
            and self.may_replace(key, event.giver)
        ]
        if available and self.regime.substitute_first != "ignorer":
            strict = self.regime.substitute_first == "bloquer"
            self.note(
                "suppleant_disponible",
                f"{self.name(min(available))} est là et pourrait siéger pour {member.name}.",
                field="giver",
                article=article_of(self.regime, "substitute_first"),
                remedy="Le suppléant passe avant le pouvoir.",
                severity=Severity.REFUSAL if strict else Severity.WARNING,
            )

    def read_revocation(self, event: sitting.ProxyRevoked, state: State) -> None:
        if self.is_member(event.giver, "giver") and event.giver not in state.proxies:
            self.note(
                "sans_pouvoir",
                f"{self.name(event.giver)} n’a pas donné de pouvoir à ce moment.",
                field="giver",
            )

    # Roles

    def read_recusal(self, event: sitting.Recused, state: State) -> None:
        self.is_item(event.item, "item")
        if not self.is_member(event.member, "member"):
            return
        if state.item == event.item and event.member in state.recused:
            self.note(
                "deja_retire",
                f"{self.name(event.member)} s’est déjà retiré de ce point.",
                field="member",
                subject=event.member,
            )
        if event.member not in state.room:
            self.warn(
                "retrait_d_un_absent",
                f"{self.name(event.member)} n’est pas dans la salle à ce point.",
                field="member",
                subject=event.member,
                article=CONFLICT,
            )

    def read_college(self, event: sitting.CollegeSet, state: State) -> None:
        self.is_item(event.item, "item")
        article = self.partial_article()
        if not event.members:
            self.note(
                "college_vide",
                "Aucun siège n’est concerné par ce point.",
                field="members",
                article=article,
                remedy="Choisissez les collectivités ou les collèges concernés.",
            )
        if len(set(event.members)) < len(event.members):
            self.note("college_en_double", "Un siège est nommé deux fois.", field="members")
        for key in event.members:
            if self.is_member(key, "members"):
                member = self.composition[key]
                if member.capacity is not Capacity.TITULAR:
                    self.note(
                        "pas_titulaire",
                        f"{member.name} n’est pas titulaire : il n’y a pas de siège à compter.",
                        field="members",
                        subject=key,
                        article=article,
                    )
        if state.item == event.item and state.college is not None:
            self.note(
                "college_deja_fixe",
                "Qui est concerné par ce point est déjà enregistré.",
                field="members",
                remedy="Annulez la première indication avant d’en enregistrer une autre.",
            )

    def partial_article(self) -> str:
        return STATUTES if self.regime.by_statutes else PARTIAL

    def read_request(self, event: sitting.BallotRequested, state: State) -> None:
        """Enough of the members present ask for it, or it changes nothing (art. L2121-21)."""
        self.is_item(event.item, "item")
        if event.mode is Mode.ORDINARY:
            self.note(
                "demande_sans_objet",
                "Le scrutin ordinaire ne se demande pas : c’est celui de droit commun.",
                field="mode",
            )
            return
        public = event.mode is Mode.PUBLIC
        article = article_of(
            self.regime, "public_ballot_fraction" if public else "secret_ballot_fraction"
        )
        if not event.members:
            self.note(
                "sans_demandeur",
                "Indiquez qui demande ce scrutin.",
                field="members",
                article=article,
            )
            return
        if len(set(event.members)) < len(event.members):
            self.note("demandeur_en_double", "Un membre est nommé deux fois.", field="members")
        if state.item == event.item and event.mode in state.requests:
            self.note(
                "deja_demande",
                f"Le scrutin {event.mode.value} est déjà demandé sur ce point.",
                field="mode",
                remedy="Annulez la première demande pour en corriger les auteurs.",
            )
        for key in event.members:
            if self.is_member(key, "members") and key not in state.sitting:
                self.warn(
                    "demandeur_absent",
                    f"{self.name(key)} n’est pas au nombre des membres présents à ce point : sa "
                    "demande ne compte pas.",
                    field="members",
                    subject=key,
                    article=article,
                )
        asking = len(state.sitting.intersection(event.members))
        present = len(state.sitting)
        needed = ballots.requesters(event.mode, present, self.regime)
        if asking < needed:
            self.warn(
                "demandeurs_insuffisants",
                f"{_demandeurs(asking)} le scrutin {event.mode.value}, sur {present} présents : "
                f"il en fallait {needed}.",
                field="members",
                article=article,
                remedy="La demande est sans effet.",
            )
        elif event.mode is Mode.SECRET and state.remote & state.sitting:
            self.warn(
                "secret_a_distance",
                "Quand des membres siègent à distance, un point dont le scrutin secret est demandé "
                "ne se vote pas.",
                field="mode",
                article=article_of(self.regime, "remote_allowed"),
                remedy="Reportez ce point à une séance en un seul lieu.",
            )

    def read_closed_doors(self, event: sitting.DoorsClosed, state: State) -> None:
        """Asked for by enough members or the chair, voted by a majority of the members."""
        if state.doors_closed:
            self.note("deja_huis_clos", "L’assemblée siège déjà à huis clos.")
        article = article_of(self.regime, "closed_doors_requesters")
        present = len(state.attending)
        if not 0 <= event.requesters <= present:
            self.note(
                "demandeurs_impossibles",
                f"{event.requesters} membres ne peuvent pas demander le huis clos : {present} sont "
                "présents.",
                field="requesters",
            )
        elif 0 < event.requesters < self.regime.closed_doors_requesters:
            self.note(
                "huis_clos_peu_demande",
                f"{_demandeurs(event.requesters)} le huis clos : il en fallait "
                f"{self.regime.closed_doors_requesters}, ou que le président le demande.",
                field="requesters",
                article=article,
                remedy="La séance reste publique.",
                severity=self.soft,
            )
        if event.votes_for is None:
            return
        voices = replace(state, college=None).voices
        own = sum(voice.weight for voice in voices if not voice.by_proxy)
        total = sum(voice.weight for voice in voices)
        needed = voting.closed_doors_majority(state)
        if not 0 <= event.votes_for <= total:
            self.note(
                "trop_de_voix",
                f"{event.votes_for} voix sont saisies ; {total} au plus peuvent être exprimées.",
                field="votes_for",
                remedy="Vérifiez les présents et les pouvoirs.",
            )
        elif event.votes_for < needed:
            self.note(
                "huis_clos_refuse",
                f"Le huis clos n’est pas décidé : {event.votes_for} voix pour, de {own} présents "
                f"et {total - own} représentés ; il en faut {needed}.",
                field="votes_for",
                article=article,
                remedy="Les abstentions comptent dans la base. La séance reste publique.",
            )

    def read_chair(self, event: sitting.ChairTaken, state: State) -> None:
        if event.item:
            self.is_item(event.item, "item")
        if not self.is_member(event.member, "member"):
            return
        self.may_chair(event.member, "member")
        if event.member not in state.room:
            self.note(
                "preside_absent",
                f"{self.name(event.member)} n’est pas dans la salle à ce moment.",
                field="member",
                remedy="Enregistrez d’abord son arrivée, ou choisissez qui préside parmi les "
                "membres présents.",
                severity=self.soft,
            )

    def read_clerks(self, event: sitting.ClerksNamed, state: State) -> None:
        if not event.clerks:
            self.note(
                "sans_secretaire",
                "Désignez au moins un secrétaire de séance.",
                field="clerks",
                article=CLERKS,
            )
        if len(set(event.clerks)) < len(event.clerks):
            self.note(
                "secretaire_en_double",
                "La même personne est désignée deux fois secrétaire.",
                field="clerks",
            )
        for key in event.clerks:
            if key not in self.composition:
                self.note(
                    "secretaire_etranger",
                    f"{self.name(key)} n’est pas membre de l’assemblée : le secrétaire est nommé "
                    "parmi ses membres.",
                    field="clerks",
                    subject=key,
                    article=CLERKS,
                    remedy="Un agent peut l’assister comme auxiliaire, sans prendre part aux "
                    "débats.",
                )
            elif state.is_open and key not in state.room:
                self.warn(
                    "secretaire_absent",
                    f"{self.name(key)}, secrétaire de séance, n’est pas dans la salle.",
                    field="clerks",
                    subject=key,
                    article=CLERKS,
                )

    # Items

    def read_order(self, event: sitting.OrderSet) -> None:
        for key in event.items:
            self.is_item(key, "items")
        if len(set(event.items)) < len(event.items):
            self.note("point_en_double", "Un point figure deux fois dans cet ordre.", field="items")

    def read_item(self, event: sitting.ItemOpened, state: State) -> None:
        self.is_item(event.item, "item")
        if event.item in self.put:
            self.note(
                "point_deja_ouvert",
                "Ce point a déjà été mis en discussion.",
                field="item",
                remedy="Annulez la première mise en discussion, ou votez dans celle-ci.",
            )
        self.put.add(event.item)
        self.read_suspension(state)

    def read_suspension(self, state: State) -> None:
        if state.suspended:
            self.note(
                "seance_suspendue",
                "La séance est suspendue à ce moment.",
                remedy="Enregistrez d’abord la reprise.",
            )

    def read_fate(self, event: sitting.FateNoted, state: State) -> None:
        self.is_item(event.item, "item")
        if not self.retrospective:
            self.read_suspension(state)
        self.settled.add(event.item)
        gone = (sitting.Fate.WITHDRAWN, sitting.Fate.ADJOURNED, sitting.Fate.POSTPONED)
        if event.fate in gone:
            self.withdrawn.add(event.item)
            if (event.item, "") in self.asked:
                self.warn(
                    "retire_apres_vote",
                    "Ce point a été voté, puis noté comme retiré ou reporté.",
                    field="fate",
                )
        else:
            self.withdrawn.discard(event.item)

    # Ballots

    def read_ballot(self, event: sitting.BallotHeld, state: State) -> None:
        ballot = event.ballot
        self.is_item(ballot.item, "item")
        self.read_suspension(state)
        if (ballot.item, ballot.question) in self.asked:
            what = f"« {ballot.question} »" if ballot.question else "ce point"
            self.note(
                "deja_vote",
                f"Un scrutin a déjà été enregistré sur {what}.",
                field="question",
                remedy="Annulez-le pour le corriger, ou précisez quelle autre question a été "
                "mise aux voix.",
            )
        self.asked.add((ballot.item, ballot.question))
        self.read_urgency(ballot.item)
        self.read_presidency(state)
        if not ballot.question:
            if ballot.item in self.urgent:
                self.admitted[ballot.item] = voting.of(ballot, state, self.regime).adopted
            self.settled.add(ballot.item)
            if ballot.item in self.withdrawn:
                self.warn(
                    "vote_apres_retrait",
                    "Ce point est noté comme retiré ou reporté, et pourtant voté.",
                    field="item",
                )
        if not 0 < ballot.majority.fraction <= 1:
            self.note(
                "majorite_invalide",
                "La majorité est une fraction plus grande que 0 et qui ne dépasse pas 1.",
                field="majority",
            )
        self.read_choices(ballot, state)
        self.read_counts(ballot, state)
        self.read_mode(ballot, state)
        if ballot.majority.unless_against:
            self.read_common_interest(state, "Les comptes intéressent")
        if ballot.mode is not Mode.PUBLIC and any(v.caster in state.remote for v in state.voices):
            self.note(
                "distance_scrutin_public",
                "Quand des membres siègent à distance, on ne vote qu’au scrutin public.",
                field="mode",
                article=article_of(self.regime, "remote_allowed"),
                severity=self.soft,
            )

    def read_urgency(self, item: str) -> None:
        """Called at short notice, the assembly first admits the urgency (art. L2121-12)."""
        if item in self.urgent or not self.regime.urgency_vote:
            return
        for urgency in (key for key in self.agenda if key in self.urgent):
            article = article_of(self.regime, "urgency_vote")
            if urgency not in self.admitted:
                self.note(
                    "urgence_non_decidee",
                    "L’assemblée n’a pas encore décidé de l’urgence : rien d’autre ne se vote "
                    "avant.",
                    field="item",
                    subject=urgency,
                    article=article,
                    remedy=f"Votez d’abord « {self.titles.get(urgency, urgency)} ».",
                    severity=self.soft,
                )
            elif not self.admitted[urgency]:
                self.note(
                    "urgence_refusee",
                    "L’assemblée n’a pas admis l’urgence : aucun autre point ne se vote à cette "
                    "séance.",
                    field="item",
                    subject=urgency,
                    article=article,
                    remedy="Notez ce point reporté : il reviendra à une séance convoquée dans le "
                    "délai ordinaire.",
                    severity=self.soft,
                )

    def read_presidency(self, state: State) -> None:
        """Whoever presides a vote is there, and did not withdraw from it; the review of a past
        sitting says it."""
        chair = state.presiding
        if self.retrospective or not chair:
            return
        who = self.name(chair)
        if chair in state.recused:
            ground = state.recused[chair]
            self.note(
                "president_retire",
                f"{who} s’est retiré de ce point et ne peut pas en présider le vote.",
                article="art. L2121-14 du CGCT" if ground is Ground.ACCOUNTS else CONFLICT,
                remedy="Notez d’abord qui prend la présidence pour ce point.",
            )
        elif chair not in state.room:
            self.note(
                "president_absent",
                f"{who}, qui préside, n’est pas dans la salle.",
                article="art. L2121-14 du CGCT",
                remedy="Notez d’abord qui prend la présidence.",
            )

    def read_mode(self, ballot: Ballot, state: State) -> None:
        """A request that enough members made decides how the item is voted (art. L2121-21)."""
        imposed = voting.imposed_mode(state, self.regime)
        if imposed is None or ballot.mode is imposed:
            return
        # An amendment may have been voted before the request, and an election by law is secret.
        certain = not ballot.question and ballot.mode is not Mode.SECRET
        asking, present = len(voting.asked_for(imposed, state)), len(state.sitting)
        self.note(
            f"{imposed.value}_demande",
            f"{_demandeurs(asking)} le scrutin {imposed.value} sur ce point, sur {present} "
            "présents : il est de droit.",
            field="mode",
            article=article_of(
                self.regime,
                "secret_ballot_fraction" if imposed is Mode.SECRET else "public_ballot_fraction",
            ),
            remedy=f"Votez au scrutin {imposed.value}, ou annulez la demande.",
            severity=Severity.REFUSAL if certain else Severity.WARNING,
        )

    def read_common_interest(self, state: State, what: str) -> None:
        """Chair, bureau, budget, accounts: everybody votes, whatever the item concerns."""
        if state.college is not None:
            self.warn(
                "interet_commun",
                f"{what} tous les membres : tous les délégués prennent part au vote.",
                field="item",
                article=self.partial_article(),
                remedy="Annulez l’indication des seuls délégués concernés.",
            )

    def read_election(self, event: sitting.ElectionHeld, state: State) -> None:
        election = event.election
        self.is_item(election.item, "item")
        self.read_suspension(state)
        self.settled.add(election.item)
        self.asked.add((election.item, ""))
        self.read_urgency(election.item)
        self.read_presidency(state)
        voices = sum(voice.weight for voice in state.voices)
        for finding in elections.objections(election, voices=voices, composition=self.composition):
            self.note(
                finding.code,
                finding.message,
                field=finding.field,
                subject=finding.message,  # the same objection may be made of two rounds
                article=finding.article,
                remedy=finding.remedy,
                severity=finding.severity,
            )
        if election.secrecy is elections.Secrecy.IMPOSED:
            self.read_common_interest(state, "L’élection de l’exécutif intéresse")
        for teller in election.tellers:
            self.is_member(teller, "tellers")

    def read_choices(self, ballot: Ballot, state: State) -> None:
        """Whoever is named must have a vote; a secret ballot names nobody."""
        if ballot.mode is Mode.SECRET and ballot.choices:
            self.note(
                "secret_nominatif",
                "Un scrutin secret ne nomme personne : n’en saisissez que les totaux.",
                field="choices",
                article="art. L2121-21 du CGCT",
            )
            return
        seats = {voice.seat for voice in state.voices}
        for key in ballot.choices:
            if key not in seats:
                self.note(
                    "sans_voix",
                    self.why_no_voice(key, state),
                    field="choices",
                    subject=key,
                )
        if ballot.mode is Mode.PUBLIC and (silent := seats - ballot.choices.keys()):
            names = ", ".join(sorted(self.name(key) for key in silent))
            self.warn(
                "public_incomplet",
                f"Vote non indiqué, compté comme ne prenant pas part : {names}.",
                field="choices",
                article="art. L2121-21 du CGCT",
            )

    def why_no_voice(self, key: str, state: State) -> str:
        who = self.name(key)
        if key not in self.composition:
            return f"{who} ne fait pas partie de la composition de l’assemblée."
        member = self.composition[key]
        if not member.deliberates:
            return f"{who} n’a que voix consultative et ne vote pas."
        if key in state.recused or state.occupants.get(key) in state.recused:
            return f"{who} s’est retiré de ce point et ne vote pas."
        if not state.concerns(key) and member.capacity is Capacity.TITULAR:
            return f"{who} n’est pas au nombre des délégués concernés par ce point."
        if member.capacity is Capacity.SUBSTITUTE:
            titular = state.seats.get(key)
            if titular is not None and state.occupants.get(titular) == key:
                return f"{who} vote pour le siège de {self.name(titular)} : nommez ce siège."
            return f"{who} est suppléant et n’occupe aucun siège à ce point."
        proxy = state.proxies.get(key)
        if proxy is not None:
            return (
                f"{who} est absent à ce point, et {self.name(proxy.holder)}, qui porte son "
                "pouvoir, ne vote pas."
            )
        return f"{who} n’est ni présent ni représenté à ce point."

    def read_counts(self, ballot: Ballot, state: State) -> None:
        if any(number < 0 for number in ballot.counts.values()):
            self.note("voix_negatives", "Un nombre de voix n’est jamais négatif.", field="counts")
            return
        available = {voice.seat: voice.weight for voice in state.voices}
        total = sum(available.values())
        if not total:
            self.note(
                "personne_ne_vote",
                "Personne ne peut voter à ce point.",
                remedy="Enregistrez d’abord les présents.",
            )
            return
        counted = sum(ballot.counts.values())
        if ballot.mode is Mode.PUBLIC and counted:
            self.note(
                "public_anonyme",
                "Un scrutin public nomme tous les votants : il n’a pas de voix sans nom.",
                field="counts",
                article="art. L2121-21 du CGCT",
            )
        elif ballot.mode is Mode.SECRET:
            if not counted:
                self.note(
                    "secret_sans_resultat", "Saisissez le résultat du scrutin.", field="counts"
                )
            self.fits(counted, total)
        elif ballot.mode is Mode.ORDINARY:
            apart = sum(
                weight
                for seat, weight in available.items()
                if ballot.choices.get(seat, ballot.default) is not ballot.default
            )
            usual = ballot.counts.get(ballot.default, 0)
            self.fits(apart + counted - usual, total)
            if usual and apart + counted != total:
                self.note(
                    "compte_faux",
                    f"{apart + counted} voix sont saisies ; {total} peuvent être exprimées à ce "
                    "point.",
                    field="counts",
                    remedy="Ne saisissez que les exceptions, ou vérifiez les présents.",
                )

    def fits(self, counted: int, total: int) -> None:
        if counted > total:
            self.note(
                "trop_de_voix",
                f"{counted} voix sont saisies ; {total} au plus peuvent être exprimées à ce point.",
                field="counts",
                remedy="Vérifiez les présents, les pouvoirs et les retraits à ce point.",
            )

    def read_quorums(self, story: Sitting, events: Iterable[Event], second_call: bool) -> None:
        """No deliberation without a quorum when its item was put before the assembly."""
        for event in events:
            if not isinstance(event, sitting.BallotHeld | sitting.ElectionHeld):
                continue
            item = sitting.anchor(event)
            if item is None or item not in story.at_item:
                continue
            self.seq = event.seq
            legal = quorum.of(story.at_item[item], self.regime, second_call=second_call)
            if not legal.reached:
                self.note(
                    "quorum",
                    f"Le quorum n’est pas atteint à ce point. {legal}.",
                    article=legal.article,
                    remedy=self.without_quorum(),
                    severity=self.soft,
                )
                continue
            at_vote = story.at_ballot[event.seq]
            if at_vote is story.at_item[item]:
                continue  # nobody moved meanwhile
            now = quorum.of(at_vote, self.regime, second_call=second_call)
            if not now.reached:
                self.warn(
                    "quorum_perdu",
                    f"Le quorum, atteint à l’ouverture du point, ne l’est plus au vote. {now}.",
                    article=now.article,
                )

    def without_quorum(self) -> str:
        """What is lawful when nothing can be voted."""
        if self.retrospective:
            return "Renvoyez ce point à une seconde convocation, sans condition de quorum."
        delay = self.regime.reconvene_clear_days
        days = "1 jour franc" if delay == 1 else f"{delay} jours francs"
        return (
            "Restent possibles : débattre sans voter, attendre des arrivées, suspendre la séance, "
            "reporter ou retirer ce point, lever la séance faute de quorum. Une seconde "
            f"convocation, à {days} au moins, le fera voter sans condition de quorum."
        )

    # Closing and the rest

    def read_closing(self, event: sitting.Closed, state: State) -> None:
        if self.is_closed:
            self.note(
                "deja_levee",
                "La séance est déjà levée.",
                remedy="Annulez la première levée avant d’en enregistrer une autre.",
            )
            return
        self.is_closed = True
        if not self.was_opened:
            self.note(
                "seance_non_ouverte",
                "La séance n’a pas été ouverte : elle ne peut pas être levée.",
                remedy="Enregistrez d’abord l’ouverture, son heure et qui préside.",
            )
        if state.suspended:
            self.note(
                "seance_suspendue",
                "La séance est suspendue : elle ne peut pas être levée.",
                remedy="Enregistrez d’abord la reprise.",
            )
        if event.at and self.opened_at and sitting.is_before(event.at, self.opened_at):
            self.note(
                "levee_avant_ouverture",
                f"La levée à {_hour(event.at)} précéderait l’ouverture à {_hour(self.opened_at)}.",
                field="at",
            )
        open_items = [
            f"« {self.titles[key]} »" if key in self.titles else key
            for key in self.agenda
            if key not in self.settled
        ]
        if open_items and not event.for_want_of_quorum:
            self.warn(
                "points_sans_suite",
                f"{_points(len(open_items))} sans vote ni suite notée : {', '.join(open_items)}.",
                remedy="Une information peut rester sans suite ; notez les points retirés ou "
                "reportés.",
            )

    def read_toggle(self, event: Event, state: State) -> None:
        """Each must find what it ends, or nothing that it would repeat."""
        match event:
            case sitting.Suspended():
                if state.suspended:
                    self.note("deja_suspendue", "La séance est déjà suspendue.")
                self.suspended_at = event.at
            case sitting.Resumed():
                if not state.suspended:
                    self.note("pas_suspendue", "La séance n’est pas suspendue à ce moment.")
                elif (
                    event.at
                    and self.suspended_at
                    and sitting.is_before(event.at, self.suspended_at)
                ):
                    self.note(
                        "heure_incoherente",
                        f"La reprise à {_hour(event.at)} précéderait la suspension à "
                        f"{_hour(self.suspended_at)}.",
                        field="at",
                    )
            case sitting.DoorsOpened() if not state.doors_closed:
                self.note("pas_huis_clos", "L’assemblée ne siège pas à huis clos à ce moment.")


def _hour(moment: datetime) -> str:
    return f"{moment.hour} h {moment.minute:02}" if moment.minute else f"{moment.hour} h"


def _demandeurs(number: int) -> str:
    """The subject and the verb: "1 membre demande", "5 membres demandent"."""
    return "1 membre demande" if number == 1 else f"{number} membres demandent"


def _pouvoirs(number: int) -> str:
    return "un pouvoir" if number == 1 else f"{number} pouvoirs"


def _points(number: int) -> str:
    return "1 point reste" if number == 1 else f"{number} points restent"


# --- The whole story ------------------------------------------------------------------------


def review(
    story: Sitting,
    regime: Regime,
    *,
    second_call: bool = False,
    titles: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """What deserves a look before the minutes are signed: warnings over the whole story.

    `titles` joins the key of an item to what it prints; without it, the key is told.
    """
    titles = titles or {}
    return (
        *_review_mentions(story),
        *_review_quorum(story, regime, second_call, titles),
        *_review_absentees(story, regime),
        *_review_ballots(story, regime, titles),
    )


def _look(code: str, message: str, article: str = "", remedy: str = "") -> Finding:
    return Finding(
        code=code, message=message, article=article, remedy=remedy, severity=Severity.WARNING
    )


def _name(story: Sitting, key: str) -> str:
    return story.composition[key].name if key in story.composition else f"« {key} »"


def _review_mentions(story: Sitting) -> Iterator[Finding]:
    """What minutes must say: hours, chair, clerks; and what was begun and not ended."""
    end = story.at_end
    if end.opened_at is None:
        yield _look("sans_ouverture", "L’heure d’ouverture n’est pas notée.", CLERKS)
    if not end.chair:
        yield _look("sans_president", "Qui préside la séance n’est pas noté.", CLERKS)
    if not end.clerks:
        yield _look(
            "sans_secretaire",
            "Aucun secrétaire de séance n’est désigné : il signe le procès-verbal.",
            CLERKS,
        )
    elif end.chair in end.clerks:
        yield _look(
            "president_secretaire",
            f"{_name(story, end.chair)} préside et tient le secrétariat.",
            CLERKS,
        )
    if end.closed_at is None:
        yield _look("sans_levee", "L’heure de levée n’est pas notée.", CLERKS)
    if end.suspended:
        yield _look("sans_reprise", "La séance est suspendue et n’a pas repris.")
    if end.doors_closed:
        yield _look("huis_clos_ouvert", "Le huis clos n’a pas été levé.")


def _review_quorum(
    story: Sitting, regime: Regime, second_call: bool, titles: Mapping[str, str]
) -> Iterator[Finding]:
    opening = quorum.of(story.at_opening, regime, second_call=second_call)
    if not opening.reached:
        yield _look(
            "quorum_ouverture",
            f"Le quorum n’est pas atteint à l’ouverture. {opening}.",
            opening.article,
        )
    voted = {event.ballot.item for event in story.of_kind(sitting.BallotHeld)}
    for item, state in story.at_item.items():
        now = quorum.of(state, regime, second_call=second_call)
        if item in voted and not now.reached:
            yield _look(
                "quorum",
                f"Point « {titles.get(item, item)} » voté sans quorum. {now}.",
                now.article,
            )


def beyond_first_call(
    story: Sitting, regime: Regime, *, titles: Mapping[str, str], first: Collection[str]
) -> tuple[Finding, ...]:
    """Points of a second call voted without a quorum, that the first sitting did not hold.

    The dispensation is only for the questions of the first agenda (art. L2121-17). Two agendas
    are compared by their `titles`, spaces and capitals aside, so this is a doubt, not a refusal.
    """
    known = {_bare(title) for title in first}
    decided = {
        sitting.anchor(event): event
        for event in story.events
        if isinstance(event, sitting.BallotHeld | sitting.ElectionHeld)
    }
    found = []
    for item, state in story.at_item.items():
        title = titles.get(item, item)
        if item not in decided or _bare(title) in known:
            continue
        ordinary = quorum.of(state, regime)
        if not ordinary.reached:
            found.append(
                _look(
                    "hors_premier_ordre_du_jour",
                    f"Le point « {title} » n’était pas à l’ordre du jour de la première séance : "
                    f"la dispense de quorum ne lui profite pas. {ordinary}.",
                    article_of(regime, "reconvene_clear_days"),
                    "Reportez-le, ou vérifiez que c’est le même point sous un autre intitulé.",
                )
            )
    return tuple(found)


def _bare(title: str) -> str:
    return " ".join(title.casefold().split())


def _review_absentees(story: Sitting, regime: Regime) -> Iterator[Finding]:
    """Proxies and substitutes that served nobody; proxies beyond what one holder may carry."""
    came = {event.member for event in story.of_kind(sitting.Arrived)}
    article = article_of(regime, "proxies_allowed", "proxies_per_holder")
    for proxy in story.of_kind(sitting.ProxyGiven):
        if proxy.holder not in came:
            yield _look(
                "pouvoir_sans_effet",
                f"Le pouvoir de {_name(story, proxy.giver)} est resté sans effet : "
                f"{_name(story, proxy.holder)} n’est pas venu.",
                article,
            )
    for seat in story.of_kind(sitting.SeatTaken):
        if seat.substitute not in came:
            yield _look(
                "suppleant_absent",
                f"{_name(story, seat.substitute)} devait siéger pour "
                f"{_name(story, seat.titular)} et n’est pas venu.",
            )
    overloaded: dict[str, int] = {}
    for state in story.at_item.values():
        for holder, carried in Counter(state.living_proxies.values()).items():
            if carried > regime.proxies_per_holder:
                overloaded[holder] = max(carried, overloaded.get(holder, 0))
    for holder, carried in overloaded.items():
        yield _look(
            "porteur_charge",
            f"{_name(story, holder)} porte {_pouvoirs(carried)} au même point ; un membre en "
            f"porte au plus {regime.proxies_per_holder}.",
            article,
        )


def _review_ballots(story: Sitting, regime: Regime, titles: Mapping[str, str]) -> Iterator[Finding]:
    for event in story.of_kind(sitting.BallotHeld):
        state, ballot = story.at_ballot[event.seq], event.ballot
        item = titles.get(ballot.item, ballot.item)
        chair = state.presiding
        if chair and chair in state.recused:
            yield _look(
                "president_retire",
                f"{_name(story, chair)} s’est retiré du point « {item} » et le préside.",
                "art. L2121-14 du CGCT" if state.recused[chair] is Ground.ACCOUNTS else CONFLICT,
                "Notez qui a pris la présidence pour ce point.",
            )
        elif chair and chair not in state.room:
            yield _look(
                "president_absent",
                f"{_name(story, chair)} n’est pas dans la salle au vote du point « {item} ».",
                remedy="Notez qui a pris la présidence.",
            )
        outcome = voting.of(ballot, state, regime)
        tally = outcome.tally
        if tally.for_ == tally.against > 0 and not outcome.casting_vote_of:
            yield _look("partage", f"Point « {item} » : {outcome.because}")


def by_event(
    events: Sequence[Event],
    *,
    agenda: Sequence[str],
    retrospective: bool = False,
    second_call: bool = False,
    urgent: Collection[str] = (),
) -> tuple[tuple[int, Finding], ...]:
    """What is wrong in a whole ledger, each finding with the `seq` of the event it is about.

    Only the end must make sense: what was voided and replaced is not judged. The composition
    and the rules are those of the last composition that stands.
    """
    found: list[tuple[int, Finding]] = []
    basis = None
    for rank, event in enumerate(events):
        if isinstance(event, sitting.Voided):
            found += [(event.seq, each) for each in _check_voidings([event], events[:rank])]
    for event in sitting.standing_events(events):
        if isinstance(event, sitting.Composed):
            basis = event
            found += [(event.seq, each) for each in _check_composition(event)]
    if basis is not None:
        judged = judge(
            events,
            composition=basis.composition,
            agenda=agenda,
            regime=basis.regime,
            retrospective=retrospective,
            second_call=second_call,
            urgent=urgent,
        )
        found += judged.findings
    return tuple(sorted(found, key=lambda each: each[0]))
