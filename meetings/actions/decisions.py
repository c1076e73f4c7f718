"""Votes, elections, and what became of an item without a vote."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from law import ballots, elections, findings, sitting
from law.findings import Finding
from meetings import reading
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import User


@ledger.holds
def hold_ballot(
    meeting: Meeting, *, ballot: ballots.Ballot, by: User | None, replacing: int | None = None
) -> tuple[Finding, ...]:
    """Record a vote; `replacing` is the seq of the ballot it corrects."""
    story: list[sitting.Event] = [sitting.BallotHeld(ballot=ballot)]
    if replacing is not None:
        story.insert(0, sitting.Voided(target=replacing, reason="scrutin corrigé"))
    warnings = ledger.record(meeting, *story, by=by)
    return (*warnings, *reading.unestablished(meeting.agenda[ballot.item].item))


@ledger.holds
def hold_ballots(
    meeting: Meeting, *, ballots: Sequence[ballots.Ballot], by: User | None
) -> tuple[Finding, ...]:
    """Record several votes en bloc, all or none: one objection, even a warning, refuses all."""
    story = [sitting.BallotHeld(ballot=ballot) for ballot in ballots]
    points = meeting.outline
    begun = [] if meeting.told else [meeting.basis]
    _, now = ledger.judgement(meeting, points, live=False).after([*begun, *story])
    new = dict(enumerate(story, start=len(meeting.ledger) + len(begun) + 1))
    objections = [
        replace(finding, message=f"« {points.titles[new[seq].ballot.item]} » : {finding.message}")
        for seq, finding in now.findings
        if seq in new
    ]
    if objections:
        raise findings.Refused(objections)
    return ledger.record(meeting, *story, by=by)


@ledger.holds
def hold_election(
    meeting: Meeting, *, election: elections.Election, by: User | None, at: datetime | None = None
) -> tuple[Finding, ...]:
    """Record an election as the tellers read it out: `at` the moment, or afterwards.

    Each round is told by a line of its own, with the rounds before it: it has its own voters.
    """
    held = sitting.ElectionHeld(election=election, at=at)
    return ledger.record(meeting, held, by=by, live=at is not None)


@ledger.holds
def note_fate(
    meeting: Meeting,
    *,
    item: str,
    fate: str,
    by: User | None,
    note: str = "",
    at: datetime | None = None,
) -> tuple[Finding, ...]:
    """What becomes of an item without a vote, `at` the moment or afterwards; an earlier word gives
    way, "" takes it back."""
    story = ledger.replacing(
        meeting, lambda event: isinstance(event, sitting.FateNoted) and event.item == item
    )
    if fate:
        story.append(sitting.FateNoted(item=item, fate=sitting.Fate(fate), note=note, at=at))
    return ledger.record(meeting, *story, by=by, live=at is not None)
