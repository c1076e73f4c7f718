"""May this be told? Every bad input of a ledger, named in French with its way out.

Old papers are typed in any order, long after the sitting, so an event is never judged by the
order in which it was told. It is added to the story, the story is replayed, and what is wrong
now that was not wrong before is answered: either about the new event itself, or about an older
one that it would contradict. Cancelling an arrival on which a departure depends is refused by
that same rule.

`field` of a finding is the field of the event, for the form that told it. With `retrospective`,
what the law forbids but a past paper may well have done becomes a warning.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import dropwhile

from law import elections, sitting
from law.assembly import Composition
from law.checks import alone, guard, hours, items, people, votes
from law.checks.reader import Mark, Reader
from law.docket import Docket
from law.findings import Finding, Severity
from law.regime import Regime, cited
from law.sitting import Event, Sitting

CHAPTERS = (hours, people, items, votes, alone)  # each brings its judges
NOTHING_SPECIAL = Docket()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A story and everything that is wrong in it: what comes next is judged from here.

    It is what `judge` makes of the same events, however it was come by.

    `bookmarks` are the reader as it came to the items of these ranks, the last first and the
    beginning at the end: what is new is read from the last one that it leaves as it was. With
    150 members and 200 nominal votes, one more act is then judged in 1 ms instead of 50
    (bench/ledger.py), and an act asks several times.
    """

    story: Sitting
    regime: Regime
    retrospective: bool
    docket: Docket
    faults: Mapping[Mark, Finding]
    bookmarks: tuple[tuple[int, Reader], ...] = field(compare=False, repr=False)

    @property
    def findings(self) -> tuple[tuple[int, Finding], ...]:
        """Each objection with the `seq` of the event it is about, in the order of telling."""
        told = ((mark.seq, finding) for mark, finding in self._standing())
        return tuple(sorted(told, key=lambda pair: pair[0]))

    def _standing(self) -> Iterator[tuple[Mark, Finding]]:
        """Every fault but what a round left open that another one told since, and what somebody
        was asked to do, and did."""
        again = self.story.told_again
        return (
            (mark, finding)
            for mark, finding in self.faults.items()
            if not (mark.seq in again and mark.code in elections.UNFINISHED)
            and not (mark.code in _ANSWERED_BY and self._is_answered(mark))
        )

    def _is_answered(self, mark: Mark) -> bool:
        """Whether somebody took the place that this line left, or whoever left it came back."""
        since = dropwhile(lambda event: event.seq != mark.seq, self.story.events)
        return any(
            (isinstance(event, _ANSWERED_BY[mark.code]) and not getattr(event, "item", ""))
            or (isinstance(event, sitting.Arrived) and event.member == mark.subject)
            for event in since
        )

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
        answers = [*voidings(act, told)]
        composition, regime = self.story.composition, self.regime
        for event in act:
            if isinstance(event, sitting.Composed):
                composition, regime = event.composition, event.regime
        judged = self._with(act, composition, regime, titles or {})
        fresh = {event.seq for event in act}
        answers += [
            finding if mark.seq in fresh else _as_consequence(finding)
            for mark, finding in judged._standing()
            if mark not in self.faults
        ]
        if not self.retrospective:
            answers += _moment(act, judged.story, regime)
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
                docket=self.docket,
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
            titles=titles,
        )


# What a line asks for, as long as none of this kind was told after it.
_ANSWERED_BY: Mapping[str, type[Event]] = {
    "presidence_a_prendre": sitting.ChairTaken,
    "secretaire_a_remplacer": sitting.ClerksNamed,
}


def judge(
    events: Iterable[Event],
    *,
    composition: Composition,
    agenda: Iterable[str],
    regime: Regime,
    retrospective: bool = False,
    docket: Docket = NOTHING_SPECIAL,
    titles: Mapping[str, str] | None = None,
) -> Judgement:
    """Read a whole story with a critical eye."""
    told, printed = tuple(events), tuple(agenda)
    layout = sitting.lay_out(told, printed)
    opened_at, closed_at = _hours(layout)
    reader = Reader(
        composition=composition,
        regime=regime,
        agenda=printed,
        retrospective=retrospective,
        docket=docket,
        opened_at=opened_at,
        closed_at=closed_at,
    )
    return _read(((-1, reader),), told, layout, titles=titles or {})


# How many items back a correction costs little: the one under discussion, and those before it.
_BOOKMARKS = 4


def _read(
    bookmarks: tuple[tuple[int, Reader], ...],
    told: tuple[Event, ...],
    layout: sitting.Layout,
    *,
    titles: Mapping[str, str],
    head: Sitting | None = None,
    kept: Mapping[Mark, Finding] | None = None,
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
    guard.quorums(reader, story, pending)
    if next_rank > rank:
        left = (next_rank, reader.bookmark or reader.copy())
        bookmarks = (left, *bookmarks[:-1][: _BOOKMARKS - 1], bookmarks[-1])
    return Judgement(
        story=story,
        regime=reader.regime,
        retrospective=reader.retrospective,
        docket=reader.docket,
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


def voidings(act: Sequence[Event], events: Sequence[Event]) -> Iterator[Finding]:
    """The judge of what cancels: a line told before, once, and never the last composition."""
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


def _moment(act: Sequence[Event], story: Sitting, regime: Regime) -> Iterator[Finding]:
    """In a sitting being held, things happen now: after nothing that ended it, and a vote where
    the sitting is, with those who are there.
    """
    fresh = {event.seq for event in act}
    closings = [closed for closed in story.of_kind(sitting.Closed) if closed.seq not in fresh]
    opened = {event.item for event in story.of_kind(sitting.ItemOpened)}
    if any(event.at is not None or isinstance(event, sitting.Voided) for event in act):
        yield from _after_its_vote(act, story)
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
        if item in opened and items.who_is_there(then) != items.who_is_there(now):
            yield Finding(
                code="votants_changes",
                message="Des membres sont arrivés ou partis depuis l’examen de ce point.",
                field="item",
                article=cited(regime, "art. L2121-17 du CGCT"),
                remedy="Remettez-le en discussion, ou notez-le reporté.",
            )


_WHO_TAKES_PART = (sitting.Recused, sitting.CollegeSet, sitting.ChairTaken)


def _after_its_vote(act: Sequence[Event], story: Sitting) -> Iterator[Finding]:
    """Who takes part in a vote changes no more once it was held: neither by a new line that would
    come before it, nor by one that is cancelled."""
    places = {event.seq: place for place, event in enumerate(story.layout.events)}
    fresh = {event.seq for event in act}
    gone = {event.target for event in act if isinstance(event, sitting.Voided)}
    votes = [
        event
        for event in story.layout.events
        if isinstance(event, sitting.BallotHeld | sitting.ElectionHeld) and event.seq not in fresh
    ]
    for event in story.told:
        if not isinstance(event, _WHO_TAKES_PART) or (item := sitting.own_item(event)) is None:
            continue
        held = [vote for vote in votes if sitting.own_item(vote) == item]
        # What is cancelled was carried to each later call of its item.
        if (
            event.seq in fresh & places.keys()
            and any(places[event.seq] < places[vote.seq] for vote in held)
        ) or (event.seq in gone and any(event.seq < vote.seq for vote in held)):
            yield Finding(
                code="apres_le_vote",
                message="Ce point est déjà voté : cela changerait qui y a pris part.",
                field="item",
                remedy="Annulez d’abord le vote, s’il faut le corriger.",
            )
            return


def by_event(
    events: Sequence[Event],
    *,
    agenda: Sequence[str],
    retrospective: bool = False,
    docket: Docket = NOTHING_SPECIAL,
    titles: Mapping[str, str] | None = None,
) -> tuple[tuple[int, Finding], ...]:
    """What is wrong in a whole ledger, each finding with the `seq` of the event it is about.

    Only the end must make sense: what was voided and replaced is not judged. The composition
    and the rules are those of the last composition that stands.
    """
    found = [
        (event.seq, each)
        for rank, event in enumerate(events)
        for each in voidings([event], events[:rank])
    ]
    composed = [e for e in sitting.standing_events(events) if isinstance(e, sitting.Composed)]
    if composed:
        found += judge(
            events,
            composition=composed[-1].composition,
            agenda=agenda,
            regime=composed[-1].regime,
            retrospective=retrospective,
            docket=docket,
            titles=titles,
        ).findings
    return tuple(sorted(found, key=lambda each: each[0]))
