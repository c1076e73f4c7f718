"""Elections of persons, round after round."""

from dataclasses import replace
from datetime import datetime

from law import elections
from law.findings import Finding, Refused, Severity
from live import reading
from live.actions import held
from meetings.actions import decisions
from meetings.models import Meeting
from members.models import User


@held.holds
def hold_round(
    meeting: Meeting, *, item: str, election: elections.Election, by: User, at: datetime
) -> tuple[Finding, ...]:
    """A round as the tellers read it, its item being put before the assembly first if it was not;
    `election` holds every round so far."""
    at = held.begin(meeting, at=at)
    for finding in reading.of_moment(meeting, [item]):
        if finding.severity is Severity.REFUSAL:
            raise Refused([finding])
    held.tell(meeting, *reading.put(meeting, [item], at=at), by=by)
    held_on = replace(election, item=item)
    return decisions.hold_election(meeting, election=held_on, at=at, by=by)
