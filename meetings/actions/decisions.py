"""Votes, elections, and what became of an item without a vote."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from law import ballots, elections, findings, sitting
from law.findings import Finding
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import User


@transaction.atomic
def hold_ballot(
    meeting: Meeting, *, ballot: ballots.Ballot, by: User | None, replacing: int | None = None
) -> tuple[Finding, ...]:
    """Record a vote; `replacing` is the seq of the ballot it corrects."""
    ledger.lock(meeting)
    story: list[sitting.Event] = [sitting.BallotHeld(ballot=ballot)]
    if replacing is not None:
        story.insert(0, sitting.Voided(target=replacing, reason="scrutin corrigé"))
    return ledger.append(meeting, story, by=by)


@transaction.atomic
def hold_ballots(
    meeting: Meeting, *, ballots: Sequence[ballots.Ballot], by: User | None
) -> tuple[Finding, ...]:
    """Record several votes en bloc, all or none: one objection, even a warning, refuses all."""
    ledger.lock(meeting)
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
    return ledger.append(meeting, story, by=by)


@transaction.atomic
def hold_election(
    meeting: Meeting, *, election: elections.Election, by: User | None
) -> tuple[Finding, ...]:
    """Record an election as the tellers read it out."""
    ledger.lock(meeting)
    return ledger.append(meeting, [sitting.ElectionHeld(election=election)], by=by)


@transaction.atomic
def note_fate(
    meeting: Meeting, *, item: str, fate: str, by: User | None, note: str = ""
) -> tuple[Finding, ...]:
    """What became of an item without a vote; an earlier fate is replaced."""
    ledger.lock(meeting)
    story: list[sitting.Event] = list(
        ledger.replacing(
            meeting, lambda event: isinstance(event, sitting.FateNoted) and event.item == item
        )
    )
    if fate:
        story.append(sitting.FateNoted(item=item, fate=sitting.Fate(fate), note=note))
    return ledger.append(meeting, story, by=by) if story else ()
