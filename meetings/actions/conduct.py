"""Who chaired, who kept the minutes, when it began and ended."""

from collections.abc import Iterable
from datetime import datetime

from law import sitting
from law.findings import Finding
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import User


@ledger.holds
def set_conduct(
    meeting: Meeting,
    *,
    chair: str,
    clerks: Iterable[str],
    opened_at: datetime | None,
    closed_at: datetime | None,
    by: User | None,
    for_want_of_quorum: bool = False,
) -> tuple[Finding, ...]:
    """Who chaired, who kept the minutes, when it began and ended; only changes are told.

    Hours are given to the minute: one that was told live keeps its seconds.
    """
    state = meeting.sitting.at_end
    story: list[sitting.Event] = []
    is_told = opened_at is None or (state.chair, _minute(state.opened_at)) == (chair, opened_at)
    if not is_told:
        story += ledger.replacing(meeting, lambda event: isinstance(event, sitting.Opened))
        story.append(sitting.Opened(chair=chair, at=opened_at))
    clerks = tuple(clerks)
    if state.clerks != clerks:
        story += ledger.replacing(meeting, lambda event: isinstance(event, sitting.ClerksNamed))
        if clerks:
            story.append(sitting.ClerksNamed(clerks=clerks))
    told = [(_minute(e.at), e.for_want_of_quorum) for e in meeting.sitting.of_kind(sitting.Closed)]
    wanted = [(closed_at, for_want_of_quorum)] if closed_at is not None else []
    # An old paper may tell that the sitting was closed and not when: no hour leaves it so.
    is_left_so = closed_at is None and any(at is None for at, _ in told)
    if told != wanted and not is_left_so:
        story += ledger.replacing(meeting, lambda event: isinstance(event, sitting.Closed))
        if wanted:
            story.append(sitting.Closed(at=closed_at, for_want_of_quorum=for_want_of_quorum))
    return ledger.record(meeting, *story, by=by)


def _minute(at: datetime | None) -> datetime | None:
    return at and sitting.to_the_minute(at)
