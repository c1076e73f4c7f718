"""The ledger of a sitting: who writes it locks the sitting, asks the law, then appends.

Verbs raise `law.findings.Refused` with every objection at once. What was refused leaves no trace.
Stage, ballots and votes are readings of the ledger kept in tables, brought up to date here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from law import ballots, codec, findings, sitting, voting
from law.checks.judgement import Judgement
from law.findings import Finding
from law.regime import Regime
from meetings import memory
from meetings.models import Ballot, Meeting, SittingEvent, Vote
from members.models import User


def lock(meeting: Meeting) -> Meeting:
    """Make every other writer of this sitting wait until the end of the transaction."""
    rows = Meeting.objects.select_for_update(of=("self",)).only("stage", "stamp")
    row = rows.get(pk=meeting.pk)
    meeting.stage, meeting.stamp = row.stage, row.stamp
    meeting.forget()
    return meeting


def touch(meeting: Meeting) -> None:
    """Tell every screen that this sitting changed; one query, in the transaction that writes."""
    Meeting.objects.filter(pk=meeting.pk).update(stamp=F("stamp") + 1)
    meeting.stamp += 1


@transaction.atomic
def record(
    meeting: Meeting, *events: sitting.Event, by: User | None, live: bool = False
) -> tuple[Finding, ...]:
    """Tell what happened. Returns the warnings; raises `Refused` when the law says no.

    Several events are one act: all of them are told or none, and only its end must make sense.
    In a sitting being held (`live`), what the law forbids is refused; of a past one, which may
    well have done it, it is only told.
    """
    lock(meeting)
    return append(meeting, events, by=by, live=live)


def append(
    meeting: Meeting, events: Iterable[sitting.Event], *, by: User | None, live: bool = False
) -> tuple[Finding, ...]:
    told, points = meeting.told, meeting.outline
    judged = judgement(meeting, points, live=live)
    story = ([] if told else [meeting.basis]) + list(events)
    added = [
        codec.load(kind, seq, payload)
        for seq, (kind, payload) in enumerate(map(codec.dump, story), start=len(meeting.ledger) + 1)
    ]
    if not added:
        return ()
    objections, now = judged.after(added, titles=points.titles)
    warnings = findings.refuse(objections)
    rows = write(meeting, added, by=by)
    touch(meeting)
    last = rows[-1].sha256
    after = told.followed(added, last) if told else memory.Told(added, last)
    after.keep(_question(meeting, points, live=live), now)
    same_rules = after.basis is not None and after.basis.regime == judged.regime
    tell_tables(meeting, after, rows, points, before=judged.story if same_rules else None)
    return warnings


def _question(meeting: Meeting, points: memory.Outline, *, live: bool) -> memory.Question:
    return memory.Question(
        keys=points.keys,
        urgent=points.urgent,
        second_call=meeting.second_call_of_id is not None,
        retrospective=not live,
    )


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
    answers, now = judgement(meeting, points, live=live).after(events, titles=points.titles)
    return answers, now.story


def write(
    meeting: Meeting, events: Iterable[sitting.Event], *, by: User | None
) -> list[SittingEvent]:
    previous = meeting.told.sha256 if meeting.told else ""
    now = timezone.now()
    rows = []
    for event in events:
        kind, payload = codec.dump(event)
        sha256 = codec.chain(
            previous, event.seq, kind, payload, now.isoformat(), str(by.pk) if by else ""
        )
        rows.append(
            SittingEvent(
                meeting=meeting,
                seq=event.seq,
                kind=kind,
                payload=payload,
                recorded_by=by,
                recorded_at=now,
                previous_hash=previous,
                sha256=sha256,
            )
        )
        previous = sha256
    return SittingEvent.objects.bulk_create(rows)


@transaction.atomic
def void(meeting: Meeting, *, seq: int, reason: str, by: User) -> tuple[Finding, ...]:
    """Cancel what was told by mistake; the ledger keeps both lines."""
    lock(meeting)
    return append(meeting, [sitting.Voided(target=seq, reason=reason)], by=by)


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
    before: sitting.Sitting | None = None,
) -> None:
    """Bring `Meeting.stage`, `Ballot` and `Vote` in line with what the ledger says now.

    `before` is the sitting that they told until then; without it, everything is compared.
    """
    memory.remember(meeting.pk, told)
    meeting.take_up(told)
    after = told.story(meeting.basis.composition, points.keys)
    stage = Meeting.Stage.PREPARED
    # An old paper may say that the sitting was closed and not when.
    if any(after.of_kind(sitting.Closed)):
        stage = Meeting.Stage.CLOSED
    elif after.at_end.is_open:
        stage = Meeting.Stage.OPEN
    if meeting.stage not in (stage, Meeting.Stage.ISSUED, Meeting.Stage.CANCELLED):
        meeting.stage = stage
        meeting.save(update_fields=["stage"])
    fresh = {row.seq: row.pk for row in rows}
    changed = None if before is None else _changed(before, after) - fresh.keys()
    _refresh_ballots(meeting, after, points, fresh=fresh, changed=changed)


def _changed(before: sitting.Sitting, after: sitting.Sitting) -> set[int]:
    """The ballots of either story that are not in the other, or not with the same people."""
    seqs = before.at_ballot.keys() | after.at_ballot.keys()
    return {seq for seq in seqs if before.at_ballot.get(seq) != after.at_ballot.get(seq)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the tables should hold of a ballot: its columns, and each vote that may be named."""

    item: str
    values: Mapping[str, object]
    votes: Mapping[int, tuple[str, int, bool]]  # mandate → choice, weight, by proxy


def expected_readings(meeting: Meeting) -> dict[int, Reading]:
    """By `seq` of the event, what the ledger says `Ballot` and `Vote` should hold."""
    held = meeting.sitting.of_kind(sitting.BallotHeld)
    return {event.seq: _reading(event, meeting.sitting, meeting.regime) for event in held}


def _reading(event: sitting.BallotHeld, story: sitting.Sitting, rules: Regime) -> Reading:
    state = story.at_ballot[event.seq]
    outcome = voting.of(event.ballot, state, rules)
    return Reading(
        item=event.ballot.item,
        values=_columns(event.ballot, outcome),
        votes=_named_votes(event.ballot, outcome, state),
    )


def _columns(ballot: ballots.Ballot, outcome: ballots.Outcome) -> dict[str, object]:
    tally = outcome.tally
    return {
        "question": ballot.question,
        "mode": ballot.mode.value,
        "verdict": outcome.verdict.value,
        "votes_for": tally.for_,
        "votes_against": tally.against,
        "abstentions": tally.abstentions,
        "not_voting": tally.not_voting,
        "blank": tally.blank,
        "null": tally.null,
    }


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
    meeting: Meeting,
    story: sitting.Sitting,
    points: memory.Outline,
    *,
    fresh: Mapping[int, int],
    changed: set[int] | None,
) -> None:
    """A late correction may change who could vote, hence every count that follows.

    `fresh` are the lines just written, with their keys; `changed` the older ballots that may be
    told otherwise, `None` for all of them.
    """
    expected = {
        event.seq: _reading(event, story, meeting.regime)
        for event in story.of_kind(sitting.BallotHeld)
        if changed is None or event.seq in fresh or event.seq in changed
    }
    known = {} if changed == set() else _known_ballots(meeting, changed)
    if gone := [known[seq].pk for seq in known.keys() - expected.keys()]:
        Ballot.objects.filter(pk__in=gone).delete()
    missing = expected.keys() - known.keys()
    lines = dict(fresh)
    if old := missing - fresh.keys():
        lines |= dict(meeting.events.filter(seq__in=old).values_list("seq", "pk"))
    written = {
        seq: Ballot(
            event_id=lines[seq], item_id=points.rows[expected[seq].item], **expected[seq].values
        )
        for seq in sorted(missing)
    }
    if written:
        Ballot.objects.bulk_create(written.values())
    stale = [
        seq for seq in expected.keys() & known.keys() if not _agrees(known[seq], expected[seq])
    ]
    for seq in stale:
        written[seq] = row = known[seq]
        for name, value in expected[seq].values.items():
            setattr(row, name, value)
    if stale:
        rows = [known[seq] for seq in stale]
        Ballot.objects.bulk_update(rows, list(expected[stale[0]].values))
        Vote.objects.filter(ballot__in=rows).delete()
    votes = [
        Vote(ballot=row, mandate_id=mandate, choice=choice, weight=weight, by_proxy=by_proxy)
        for seq, row in written.items()
        for mandate, (choice, weight, by_proxy) in expected[seq].votes.items()
    ]
    if votes:
        Vote.objects.bulk_create(votes)


def _known_ballots(meeting: Meeting, seqs: set[int] | None) -> dict[int, Ballot]:
    """What the tables hold of these ballots, or of all."""
    rows = Ballot.objects.filter(event__meeting=meeting)
    if seqs is not None:
        rows = rows.filter(event__seq__in=seqs)
    rows = rows.select_related("event").prefetch_related("votes")
    return {row.event.seq: row for row in rows}


def _agrees(row: Ballot, reading: Reading) -> bool:
    """Whether the tables already say what the ledger says of this ballot."""
    votes = {v.mandate_id: (v.choice, v.weight, v.by_proxy) for v in row.votes.all()}
    return votes == reading.votes and all(
        getattr(row, name) == value for name, value in reading.values.items()
    )
