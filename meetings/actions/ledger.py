"""The ledger of a sitting: who writes it locks the sitting, asks the law, then appends.

Verbs raise `law.findings.Refused` with every objection at once. What was refused leaves no trace.
Stage, ballots and votes are readings of the ledger kept in tables, brought up to date here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.dispatch import Signal
from django.utils import timezone

from law import ballots, codec, findings, sentences, sitting, voting
from law.checks.judgement import Judgement
from law.findings import Finding, Severity
from meetings import memory
from meetings.actions import successive, turns
from meetings.models import Ballot, Meeting, SittingEvent, Vote
from members import proving
from members.models import User

P = ParamSpec("P")
R = TypeVar("R")

# A sitting replayed, and by line of its ledger what each vote decided.
Decided = tuple[sitting.Sitting, Mapping[int, ballots.Outcome]]

# Others than before sign what a sitting that is over leaves: `meeting`, `before` (as replayed until
# then), `by`.
signers_changed = Signal()


@contextmanager
def hold(
    meeting: Meeting, read: Callable[[], Meeting | None] | None = None, *, first: bool = False
) -> Iterator[Meeting | None]:
    """Keep a sitting for oneself until the end of the block: one lock, one reading, all or nothing.

    Who already holds this very object goes on with what he read: nothing is locked nor read
    again, and what fails takes everything back. `read` is for who writes whatever happens: the
    screens are told at once, which locks as well, and the row that it reads of `with_last` is
    given, with what it joins. `first` passes before who waits for the lock (`turns`).
    """
    if meeting.is_held:
        with transaction.atomic(savepoint=False):
            yield None
        return
    before = meeting.stage, meeting.stamp
    try:
        with turns.turn(first=first), transaction.atomic():
            row = _take(meeting, read)
            before = meeting.stage, meeting.stamp - meeting.has_told
            yield row
    except BaseException:
        meeting.stage, meeting.stamp = before
        meeting.forget()
        raise
    finally:
        meeting.held_since, meeting.has_told = None, False


def holds(verb: Callable[Concatenate[Meeting, P], R]) -> Callable[Concatenate[Meeting, P], R]:
    """Make a verb run in the hold of its sitting: its own, or that of who calls it."""

    @wraps(verb)
    def held(meeting: Meeting, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with hold(meeting):
            return verb(meeting, *args, **kwargs)

    return held


def with_last(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """These sittings, with the rank and the hash of their last line."""
    last = SittingEvent.objects.filter(meeting=OuterRef("pk")).order_by("-seq")
    return rows.annotate(
        last_seq=Subquery(last.values("seq")[:1]), last_sha256=Subquery(last.values("sha256")[:1])
    )


def _last_of(row: Any) -> tuple[int | None, str | None]:
    return row.last_seq, row.last_sha256


def _take(meeting: Meeting, read: Callable[[], Meeting | None] | None) -> Meeting | None:
    if read is None:
        lock(meeting)
        meeting.held_since = timezone.now()
        return None
    meeting.forget()
    meeting.held_since = timezone.now()
    touch(meeting)
    row = read()
    if row is None:
        raise Meeting.DoesNotExist
    meeting.stage, meeting.stamp = row.stage, row.stamp
    meeting.told = memory.recall(meeting.pk, meeting.events, _last_of(row))
    return row


def lock(meeting: Meeting) -> Meeting:
    """Make every other writer of this sitting wait until the end of the transaction, for a verb
    that tells no line; nothing when the sitting is held."""
    if not meeting.is_held:
        rows = Meeting.every.select_for_update(of=("self",)).only("stage", "stamp")
        row = rows.get(pk=meeting.pk)
        meeting.stage, meeting.stamp = row.stage, row.stamp
        meeting.forget()
    return meeting


# Asked by each vote that is received: building it anew would cost ten times its execution.
_GROW = f"UPDATE {Meeting._meta.db_table} SET stamp = stamp + 1 WHERE id = %s"  # noqa: S608 ours


def touch(meeting: Meeting) -> None:
    """Tell every screen that this sitting changed, once in a hold; one query."""
    if not meeting.has_told:
        with connection.cursor() as cursor:
            cursor.execute(_GROW, [meeting.pk])
        meeting.stamp += 1
        meeting.has_told = meeting.is_held


@holds
def record(
    meeting: Meeting, *events: sitting.Event, by: User | None, live: bool = False
) -> tuple[Finding, ...]:
    """Tell what happened. Returns the warnings; raises `Refused` when the law says no.

    Several events are one act: all of them are told or none, and only its end must make sense;
    no event is no act. In a sitting being held (`live`), what the law forbids is refused; of a
    past one, which may well have done it, it is only told. The warnings also say which votes
    already told are counted anew.
    """
    if not events:
        return ()
    if meeting.stage == Meeting.Stage.ISSUED:
        proving.demand("corriger une séance dont un papier est établi")
    findings.refuse(successive.unwritten(meeting, events))
    counted = successive.counted(meeting, events)
    told, points = meeting.told, meeting.outline
    judged = judgement(meeting, points, live=live)
    before = judged.story, told.outcomes(judged.story, judged.regime) if told else {}
    story = [*([] if told else [meeting.basis]), *counted]
    added = [
        codec.load(kind, seq, payload)
        for seq, (kind, payload) in enumerate(map(codec.dump, story), start=len(meeting.ledger) + 1)
    ]
    objections, judged_since = judged.after(added, titles=points.titles)
    warnings = findings.refuse(objections)
    rows = write(meeting, added, by=by)
    touch(meeting)
    last = rows[-1].sha256
    times = memory.written(rows)
    after = told.followed(added, last, times) if told else memory.Told(added, last, times)
    after.keep(_question(meeting, points, live=live), judged_since)
    same_rules = after.basis is not None and after.basis.regime == judged.regime
    tell_tables(meeting, after, rows, points, before=before if same_rules else None)
    if _is_over(meeting) and judged.story.signing != meeting.sitting.signing:
        signers_changed.send(Meeting, meeting=meeting, before=judged.story, by=by)
    warnings = (*warnings, *successive.doubts(meeting, events))
    since = meeting.sitting, meeting.outcomes
    return (*warnings, *_counted_anew(since, before[1], points.titles))


def _counted_anew(
    since: Decided, before: Mapping[int, ballots.Outcome], titles: Mapping[str, str]
) -> Iterator[Finding]:
    """What is noticed late, or undone, may change who could vote."""
    story, outcomes = since
    for event in story.of_kind(sitting.BallotHeld):
        was, outcome = before.get(event.seq), outcomes[event.seq]
        if was is None or (was.verdict, was.tally) == (outcome.verdict, outcome.tally):
            continue
        item = event.ballot.item
        yield Finding(
            code="vote_recompte",
            message=f"Le vote sur « {titles.get(item, item)} » est recompté : "
            f"{sentences.counts(outcome.tally)}, au lieu de {sentences.counts(was.tally)}"
            f"{'' if was.verdict is outcome.verdict else ' ; le résultat change'}.",
            remedy="Vérifiez ce qui vient d’être noté, ou annulez-le.",
            severity=Severity.WARNING,
        )


def _question(meeting: Meeting, points: memory.Outline, *, live: bool) -> memory.Question:
    return memory.Question(keys=points.keys, docket=points.docket, retrospective=not live)


def judgement(meeting: Meeting, points: memory.Outline, *, live: bool) -> Judgement:
    """What was told so far, judged as what comes next will be."""
    told = meeting.told or memory.Told((), "")
    return told.judgement(meeting.basis, _question(meeting, points, live=live))


def foresee(
    meeting: Meeting, *events: sitting.Event, live: bool = True
) -> tuple[tuple[Finding, ...], sitting.Sitting]:
    """What the law would say of these events, and the sitting that they would make; nothing is
    told."""
    points = meeting.outline
    answers, then = judgement(meeting, points, live=live).after(events, titles=points.titles)
    return answers, then.story


def foresee_whole(
    meeting: Meeting, *events: sitting.Event
) -> tuple[tuple[Finding, ...], sitting.Sitting]:
    """The same of a sitting that is corrected, with the votes that would be counted anew."""
    points = meeting.outline
    answers, then = judgement(meeting, points, live=False).after(events, titles=points.titles)
    outcomes = {
        event.seq: voting.of(event.ballot, then.story.at_ballot[event.seq], then.regime)
        for event in then.story.of_kind(sitting.BallotHeld)
    }
    anew = _counted_anew((then.story, outcomes), meeting.outcomes, points.titles)
    return (*answers, *anew), then.story


def held_fast(meeting: Meeting, seqs: Iterable[int]) -> frozenset[int]:
    """Which of these lines of a sitting that is over cannot be cancelled alone: something told
    since would have no ground (the vote of who was then absent, a closing without an opening).

    Asked once of each state of the ledger, which is judged again without each line in turn. Of a
    sitting that is being held or typed nothing is asked: its lines come and go.
    """
    told = meeting.told
    if told is None or not _is_over(meeting):
        return frozenset()
    keys = {f"meetings.held_fast.{told.sha256}.{meeting.stamp}.{seq}": seq for seq in seqs}
    known = cache.get_many(keys)
    fresh = {key: bool(why_held(meeting, keys[key])) for key in keys.keys() - known.keys()}
    cache.set_many(fresh, timeout=_KEPT)
    return frozenset(keys[key] for key, is_held in {**known, **fresh}.items() if is_held)


_KEPT = 24 * 3600  # seconds


def _is_over(meeting: Meeting) -> bool:
    return meeting.stage in (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)


def why_held(meeting: Meeting, seq: int) -> tuple[Finding, ...]:
    """Why this line cannot be cancelled alone; nothing when it can."""
    voided = sitting.Voided(target=seq, seq=len(meeting.ledger) + 1)
    found, _ = foresee(meeting, voided, live=False)
    return tuple(each for each in found if each.severity is Severity.REFUSAL)


def write(
    meeting: Meeting, events: Iterable[sitting.Event], *, by: User | None, are_apart: bool = False
) -> list[SittingEvent]:
    """Write these lines after the last one, each chained to the one before.

    What is told in one hold is one act, and its lines have the same instant (`Told.act_of`);
    `are_apart` are lines that were acts each, told again together.
    """
    previous = meeting.told.sha256 if meeting.told else ""
    begun = meeting.held_since or timezone.now()
    rows = []
    for rank, event in enumerate(events):
        at = begun + timedelta(microseconds=rank if are_apart else 0)
        kind, payload = codec.dump(event)
        sha256 = codec.chain(
            previous, event.seq, kind, payload, at.isoformat(), str(by.pk) if by else ""
        )
        rows.append(
            SittingEvent(
                meeting=meeting,
                seq=event.seq,
                kind=kind,
                payload=payload,
                recorded_by=by,
                recorded_at=at,
                previous_hash=previous,
                sha256=sha256,
            )
        )
        previous = sha256
    return SittingEvent.objects.bulk_create(rows)


def void(meeting: Meeting, *, seq: int, reason: str, by: User) -> tuple[Finding, ...]:
    """Cancel what was told by mistake; the ledger keeps both lines."""
    return record(meeting, sitting.Voided(target=seq, reason=reason), by=by)


def replacing(meeting: Meeting, wanted: Callable[[sitting.Event], bool]) -> list[sitting.Event]:
    """Voidings that make room for what replaces the standing events that are `wanted`."""
    return [
        sitting.Voided(target=event.seq, reason="remplacé")
        for event in sitting.standing_events(meeting.ledger)
        if wanted(event)
    ]


def tell_tables(
    meeting: Meeting,
    told: memory.Told,
    rows: Sequence[SittingEvent],
    points: memory.Outline,
    *,
    before: Decided | None = None,
) -> None:
    """Bring `Meeting.stage`, `Ballot` and `Vote` in line with what the ledger says now.

    `before` is the sitting that they told until then and what its votes decided; without it,
    the tables are read and everything is compared.
    """
    memory.remember(meeting.pk, told)
    meeting.take_up(told)
    meeting.sitting = told.story(meeting.basis.composition, points.keys)
    stage = Meeting.Stage.PREPARED
    # An old paper may say that the sitting was closed and not when.
    if meeting.sitting.is_over:
        stage = Meeting.Stage.CLOSED
    elif meeting.sitting.at_end.is_open:
        stage = Meeting.Stage.OPEN
    if meeting.stage not in (stage, Meeting.Stage.ISSUED, Meeting.Stage.CANCELLED):
        meeting.stage = stage
        meeting.save(update_fields=["stage"])
    _refresh_ballots(meeting, points, fresh={row.seq: row.pk for row in rows}, before=before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the tables should hold of a ballot: its columns, and each vote that may be named."""

    item: str
    values: Mapping[str, object]
    votes: Mapping[int, tuple[str, int, bool]]  # mandate → choice, weight, by proxy


def expected_readings(
    meeting: Meeting, *, of: Decided | None = None, only: Collection[int] | None = None
) -> dict[int, Reading]:
    """By `seq` of the event, what the ledger says `Ballot` and `Vote` should hold: now, or as of
    an earlier sitting; of every ballot, or of those."""
    story, outcomes = of or (meeting.sitting, meeting.outcomes)
    return {
        event.seq: Reading(
            item=event.ballot.item,
            values=_columns(event.ballot, outcomes[event.seq]),
            votes=_named_votes(event.ballot, outcomes[event.seq], story.at_ballot[event.seq]),
        )
        for event in story.of_kind(sitting.BallotHeld)
        if only is None or event.seq in only
    }


COLUMNS = (
    "question",
    "mode",
    "verdict",
    "votes_for",
    "votes_against",
    "abstentions",
    "not_voting",
    "blank",
    "null",
)


def _columns(ballot: ballots.Ballot, outcome: ballots.Outcome) -> dict[str, object]:
    tally = outcome.tally
    counts = (tally.for_, tally.against, tally.abstentions, tally.not_voting, tally.blank)
    kept = (ballot.question, ballot.mode.value, outcome.verdict.value, *counts, tally.null)
    return dict(zip(COLUMNS, kept, strict=True))


def _named_votes(
    ballot: ballots.Ballot, outcome: ballots.Outcome, state: sitting.State
) -> dict[int, tuple[str, int, bool]]:
    """Names are kept of public ballots only (art. L2121-21 du CGCT)."""
    if ballot.mode is not ballots.Mode.PUBLIC:
        return {}
    voices = {voice.seat: voice for voice in state.voices}
    return {
        mandate: (choice.value, voices[seat].weight, voices[seat].by_proxy)
        for choice, seats in outcome.tally.named.items()
        for seat in seats
        if seat in voices and (mandate := state.composition[seat].mandate) is not None
    }


def _refresh_ballots(
    meeting: Meeting, points: memory.Outline, *, fresh: Mapping[int, int], before: Decided | None
) -> None:
    """A late correction may change who could vote, hence every count that follows.

    `fresh` are the lines just written, with their keys.
    """
    if before is None:
        changed, was = None, _kept_readings(meeting)
    else:
        then, since = before[1], meeting.outcomes
        changed = {seq for seq in then.keys() | since.keys() if then.get(seq) is not since.get(seq)}
        was = expected_readings(meeting, of=before, only=changed)
    now = expected_readings(meeting, only=changed)
    ballots_of = Ballot.objects.filter(event__meeting=meeting)
    if gone := was.keys() - now.keys():
        ballots_of.filter(event__seq__in=gone).delete()
    lines = dict(fresh)
    if again := now.keys() - was.keys() - fresh.keys():
        lines |= dict(meeting.events.filter(seq__in=again).values_list("seq", "pk"))
    rows = {
        seq: Ballot(event_id=lines[seq], item_id=points.rows[now[seq].item], **now[seq].values)
        for seq in sorted(now.keys() - was.keys())
    }
    if rows:
        Ballot.objects.bulk_create(rows.values())
    if stale := [seq for seq in now.keys() & was.keys() if now[seq] != was[seq]]:
        kept = ballots_of.filter(event__seq__in=stale).annotate(seq=F("event__seq"))
        for row in kept:
            rows[row.seq] = row
            for name, value in now[row.seq].values.items():
                setattr(row, name, value)
        Ballot.objects.bulk_update(kept, COLUMNS)
    _refresh_votes(rows, was, now)


def _refresh_votes(
    rows: Mapping[int, Ballot], was: Mapping[int, Reading], now: Mapping[int, Reading]
) -> None:
    """Take out the votes that no longer count, write those that are new or say something else."""
    lost, votes = Q(), []
    for seq, row in rows.items():
        then = was[seq].votes if seq in was else {}
        if gone := then.keys() - now[seq].votes.keys():
            lost |= Q(ballot=row, mandate__in=gone)
        votes += [
            Vote(ballot=row, mandate_id=mandate, choice=vote[0], weight=vote[1], by_proxy=vote[2])
            for mandate, vote in now[seq].votes.items()
            if then.get(mandate) != vote
        ]
    if lost:
        Vote.objects.filter(lost).delete()
    if votes:
        Vote.objects.bulk_create(
            votes,
            update_conflicts=True,
            unique_fields=["ballot", "mandate"],
            update_fields=["choice", "weight", "by_proxy"],
        )


def _kept_readings(meeting: Meeting) -> dict[int, Reading]:
    """What the tables hold of the ballots of this sitting."""
    rows = Ballot.objects.filter(event__meeting=meeting).select_related("event", "item")
    return {
        row.event.seq: Reading(
            item=row.item.key,
            values={name: getattr(row, name) for name in COLUMNS},
            votes={v.mandate_id: (v.choice, v.weight, v.by_proxy) for v in row.votes.all()},
        )
        for row in rows.prefetch_related("votes")
    }
