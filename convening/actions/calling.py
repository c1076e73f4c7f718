"""The roll told in one act, from the answers."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from convening import answers, foreseen
from convening.answers import Answers
from convening.foreseen import RollCall
from law import sitting
from law.findings import Finding
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import User


@transaction.atomic
def roll_from_answers(
    meeting: Meeting,
    *,
    by: User,
    at: datetime,
    corrected: RollCall | None = None,
    said: Answers | None = None,
) -> tuple[Finding, ...]:
    """Tell the roll in one act: as the answers foresee it, or as the secretary corrected it.
    `said` are the answers, for who read them already.

    What the ledger already says so is left alone, what it says otherwise is voided. A seat or a
    proxy that the roll makes pointless (the titular is there, nobody to carry it) is left out.
    Returns the warnings of the law; raises `Refused` once the sitting is open.
    """
    ledger.lock(meeting)
    if meeting.stage != Meeting.Stage.PREPARED:
        answers.refuse_if_over(meeting, at)
    said = said or answers.standing(meeting)
    wanted = _sensible(meeting, corrected or foreseen.roll(said))
    story = list(_story(meeting, wanted, said))
    return ledger.record(meeting, *story, by=by) if story else ()


def _sensible(meeting: Meeting, wanted: RollCall) -> RollCall:
    standings = {**foreseen.pointed(meeting), **wanted.standings}
    there = {key for key, standing in standings.items() if standing in ("present", "distance")}
    seats: dict[str, str] = {}
    for substitute, titular in wanted.seats.items():
        if substitute in there and titular not in there and titular not in seats.values():
            seats[substitute] = titular
    carried = {
        giver: holder
        for giver, holder in wanted.proxies.items()
        if giver not in there and giver not in seats.values() and holder in there
    }
    return RollCall(standings=wanted.standings, seats=seats, proxies=carried)


def _story(meeting: Meeting, wanted: RollCall, said: Answers) -> Iterator[sitting.Event]:
    """What must be told for the ledger to say this roll."""
    told = sitting.standing_events(meeting.ledger)
    pointed = foreseen.pointed(meeting)
    state = meeting.sitting.at_end

    moves = sitting.Arrived | sitting.Left | sitting.Excused
    for key, standing in wanted.standings.items():
        if pointed.get(key, "absent") == standing:
            continue
        yield from map(_voided, [e for e in told if isinstance(e, moves) and e.member == key])
        if standing == "excuse":
            yield sitting.Excused(member=key)
        elif standing != "absent":
            yield sitting.Arrived(member=key, remote=standing == "distance")
    kept = {s: t for s, t in state.seats.items() if wanted.seats.get(s) == t}
    for event in told:
        if isinstance(event, sitting.SeatTaken) and event.substitute not in kept:
            yield _voided(event)
    for substitute, titular in wanted.seats.items():
        if substitute not in kept:
            yield sitting.SeatTaken(substitute=substitute, titular=titular)
    held = {g: p.holder for g, p in state.proxies.items() if wanted.proxies.get(g) == p.holder}
    for event in told:
        if isinstance(event, sitting.ProxyGiven) and event.giver not in held:
            yield _voided(event)
    written = {(g.giver, g.holder): g.written_on for g in said.given}
    for giver, holder in wanted.proxies.items():
        if giver not in held:
            on = written.get((giver, holder))
            yield sitting.ProxyGiven(giver=giver, holder=holder, written_on=on)


def _voided(event: sitting.Event) -> sitting.Voided:
    return sitting.Voided(target=event.seq, reason="remplacé")
