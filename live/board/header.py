"""The top of the screen: the sitting, who presides, the quorum."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from law import french
from live.board.moment import Moment, Stage, number_of

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The top of the screen: the sitting, who presides, the quorum."""

    body: str
    title: str
    stage: Stage
    chair: str
    clerks: str
    present: int
    in_office: int
    required: int  # 0 when no quorum is asked for
    is_reached: bool
    is_begun: bool  # somebody was pointed: before, a quorum is neither reached nor missed
    verdict: str  # in words: what is shown, and said when it changes
    sentence: str
    why_url: str
    item: str  # the number of the item whose timer runs
    since: int  # seconds since 1970 when it was put to discussion, 0 when none is
    opened: str


def of(moment: Moment) -> Header:
    """Which sitting this is, and whether it may decide."""
    meeting, told = moment.meeting, moment.quorum
    is_begun = bool(told.present or meeting.ledger)
    verdict = "Quorum non atteint" if is_begun else "Personne n’est encore pointé"
    if told.second_call:
        verdict = "Sans condition de quorum"
    elif told.reached:
        verdict = "Quorum atteint"
    opened_at = moment.state.opened_at
    presiding = moment.named(moment.state.presiding)
    return Header(
        body=meeting.body.name,
        title=french.nbsp(f"Séance du {french.long_date(meeting.held_on)}"),
        stage=moment.stage,
        chair=presiding if moment.state.is_open else "",
        clerks=french.join(moment.named(key) for key in moment.state.clerks),
        present=told.present,
        in_office=told.in_office,
        required=told.asked,
        is_reached=told.reached,
        is_begun=is_begun,
        verdict=verdict,
        sentence=french.nbsp(str(told)),
        why_url=reverse("meetings:why", args=[meeting.pk]),
        item=number_of(moment.node) if moment.node else "",
        since=_epoch(moment.opened_at) if moment.node and not moment.is_closed else 0,
        opened=french.clock(opened_at) if opened_at else "",
    )


def _epoch(at: datetime | None) -> int:
    """Seconds since 1970 of a wall clock of the room."""
    return int(at.replace(tzinfo=PARIS).timestamp()) if at else 0
