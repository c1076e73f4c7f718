"""Votes that come from a tablet. They are the delegate's own acts: who acts is `voter`, and no
account is told."""

from dataclasses import dataclass

from django.db.models import Case, F, Value, When
from django.views.decorators.debug import sensitive_variables

from law.ballots import Choice, Mode
from law.findings import Refused, refusal
from law.sitting import BallotHeld
from live import urns
from live.actions import held, polls, urn
from live.models import Poll

LATE = "Votre vote est arrivé après la clôture du scrutin : il n’est pas compté."
COUNTED = "Le scrutin est clos : le bulletin de ce siège, reçu avant, est le seul qui compte."


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A vote that was received: what a tablet may show as such. Votes follow their stamps."""

    seat: str
    choice: Choice
    stamp: int


@held.holds
def cast(poll: Poll, *, voter: str, choice: str, seat: str | None = None) -> Received:
    """A delegate votes for the seat he sits in, or for one whose proxy he holds.

    The last word before the close counts; one that arrives after it changes nothing, and is told
    what does: the answer to the first may have been lost on its way.
    """
    try:
        meeting = held.take(poll, late=LATE)
    except Refused:
        return _after_the_close(poll, voter, choice, seat)
    polls.not_secret(poll)
    _on_tablets(poll)
    seat = _seat_of(poll, voter, seat)
    vote = held.choice_of(choice, polls.VOTES)
    polls.note(poll, {seat: vote})
    return Received(seat=seat, choice=vote, stamp=meeting.stamp)


def _after_the_close(poll: Poll, voter: str, choice: str, seat: str | None) -> Received:
    """The same vote, when that is what the ledger holds. Raises `Refused`, and says what it holds
    otherwise."""
    if not poll.on_tablets or poll.ending != Poll.Ending.PROCLAIMED:
        raise refusal("scrutin_clos", LATE)
    seat, vote = _seat_of(poll, voter, seat), held.choice_of(choice, polls.VOTES)
    counted = _counted(poll, seat)
    if counted == vote:
        return Received(seat=seat, choice=vote, stamp=poll.meeting.stamp)
    if counted not in (None, Choice.NOT_VOTING):
        raise refusal(
            "scrutin_clos",
            f"Le scrutin est clos : ce siège y compte « {counted} », et ce vote, "
            "arrivé après, n’y change rien.",
        )
    raise refusal("scrutin_clos", LATE)


def _counted(poll: Poll, seat: str) -> Choice | None:
    """What the ledger holds of a seat in this poll; `None` of what is secret or was annulled."""
    for event in poll.meeting.sitting.events:
        if isinstance(event, BallotHeld) and event.seq in poll.seqs:
            silence = event.ballot.default if event.ballot.mode == Mode.ORDINARY else None
            if counted := event.ballot.choices.get(seat, silence):
                return counted
    return None


def _on_tablets(poll: Poll) -> None:
    if not poll.on_tablets:
        raise refusal("hors_tablettes", "Ce scrutin ne se tient pas sur les tablettes.")


def _seat_of(poll: Poll, voter: str, seat: str | None) -> str:
    """The seat meant, provided that this voter votes for it."""
    seats = poll.seats_of(voter)
    if not seats:
        raise refusal(
            "sans_voix",
            "Vous ne prenez pas part à ce scrutin.",
            remedy="Signalez-vous au secrétariat si c’est une erreur.",
        )
    if not seat:
        return seats[0]
    if seat not in seats:
        raise refusal("siege_d_un_autre", "Vous ne votez pas pour ce siège.", field="seat")
    return seat


@held.holds
@sensitive_variables("choice", "counts", "paper")
def put_in_urn(poll: Poll, *, voter: str, seat: str | None = None, choice: str) -> str:
    """One secret paper: the right of a seat is used and a counter grows, or neither.

    Answers the seat. Nothing joins the two: every right of the poll is written again with the
    one that is used, the urn is sealed anew, and no hour is kept. Sent twice, it counts once.
    """
    try:
        held.take(poll, late=LATE)
    except Refused:
        if poll.is_secret and _seat_of(poll, voter, seat) in poll.used:
            raise refusal("scrutin_clos", COUNTED) from None
        raise
    if not poll.is_secret:
        raise refusal("scrutin_non_secret", "Ce scrutin n’est pas secret.")
    _on_tablets(poll)
    seat = _seat_of(poll, voter, seat)
    paper = held.choice_of(choice, urns.PAPERS)
    if seat in poll.used:
        raise refusal(
            "droit_utilise",
            "Un bulletin est déjà dans l’urne pour ce siège : il compte une fois, et ne se "
            "reprend pas.",
        )
    counts = urn.unsealed(poll)
    poll.rights.update(is_used=Case(When(seat=seat, then=Value(True)), default=F("is_used")))
    counts[paper] += poll.voters[seat].weight
    urn.seal(poll, counts)
    poll.used |= {seat}
    return seat
