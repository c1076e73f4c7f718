"""Sittings of the Comité held and closed by the real verbs, ready for the register."""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from django.utils import timezone

from law import ballots
from law.ballots import Choice
from meetings import actions as sittings
from meetings.models import Meeting

AT = timezone.make_aware(datetime(2026, 6, 15, 9, 30))
EVERYBODY = (
    "alice-arnaud",
    "bruno-besson",
    "claire-caron",
    "denis-duval",
    "elsa-evrard",
    "farid-faure",
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Each test has its own place for files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def hold(cast) -> Callable[..., Meeting]:
    """`hold(on, adopted=[titles], rejected=[titles])`: a sitting of the Comité, closed."""

    def hold(
        on: date,
        *,
        adopted: tuple[str, ...] = (),
        rejected: tuple[str, ...] = (),
        approves: bool = True,
        is_closed: bool = True,
    ) -> Meeting:
        by = cast.secretariat
        meeting = sittings.create_meeting(
            body=cast.comite, held_on=on, starts_at=time(18), place="dans ses locaux", by=by
        )
        for title in (*adopted, *rejected):
            sittings.add_item(meeting, title=title, text="<p>Le Comité en débat.</p>", by=by)
        sittings.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=by)
        sittings.set_conduct(
            meeting,
            chair="alice-arnaud",
            clerks=["bruno-besson"],
            opened_at=datetime.combine(on, time(18)),
            closed_at=datetime.combine(on, time(20)) if is_closed else None,
            by=by,
        )
        for node in list(meeting.agenda.nodes):
            if node.item.approves_id and not approves:
                continue
            against = dict.fromkeys(EVERYBODY[1:], Choice.AGAINST)
            sittings.hold_ballot(
                meeting,
                ballot=ballots.Ballot(
                    item=node.item.key, choices=against if node.item.title in rejected else {}
                ),
                by=by,
            )
        return meeting

    return hold
