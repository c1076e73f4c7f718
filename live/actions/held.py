"""A sitting in one's hands: what every verb of the room begins with.

`hold` locks the sitting and reads it once, with its open poll and its equipment, in one query
after the lock. Every verb is under `holds`: called by a screen it goes on with what the door
holds, called alone it takes the sitting itself. So no verb writes without the lock, none locks
or reads twice, and a refusal takes back whatever was done.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.db.models import FilteredRelation, Q, QuerySet
from django.views.decorators.debug import sensitive_variables

from law import french, sitting
from law.ballots import Choice
from law.findings import Finding, Severity, refusal
from live import reading
from live.models import Poll, Press, Screen, Tablet
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import User
from members.statements import Statement

P = ParamSpec("P")
R = TypeVar("R")
Held = TypeVar("Held", Meeting, Poll, Screen, Tablet)


def _rows(**more: FilteredRelation) -> QuerySet[Meeting]:
    """The sitting, its open poll, its equipment, and its last line."""
    more["polling"] = FilteredRelation("polls", condition=Q(polls__ended_at=None))
    joined = [*more, "equipment"]
    return ledger.with_last(Meeting.objects.annotate(**more).select_related(*joined))


_ROW = Statement(lambda pk: _rows().filter(pk=pk), pk=int)
_ROW_AND_PRESS = Statement(
    lambda pk, key: _rows(
        pressed=FilteredRelation("presses", condition=Q(presses__key=key))
    ).filter(pk=pk),
    pk=int,
    key=UUID,
)


@contextmanager
def hold(meeting: Meeting, *, key: UUID | None = None) -> Iterator[Press | None]:
    """Keep the sitting for oneself until the end of the block, see `ledger.hold`; gives what was
    already done under this key, which is of the console: it passes before who votes."""
    read = partial(_ROW.first, pk=meeting.pk)
    if key is not None:
        read = partial(_ROW_AND_PRESS.first, pk=meeting.pk, key=key)
    with ledger.hold(meeting, read, first=key is not None) as row:
        if row is not None:
            reading.know_poll(meeting, getattr(row, "polling", None))
            equipment = Meeting._meta.get_field("equipment")
            equipment.set_cached_value(meeting, equipment.get_cached_value(row))
        yield getattr(row, "pressed", None)


def holds(verb: Callable[Concatenate[Held, P], R]) -> Callable[Concatenate[Held, P], R]:
    """Make a verb run in the hold of its sitting, or of the sitting of what it is given."""

    @sensitive_variables()  # of a secret paper, this frame would tell what it says
    @wraps(verb)
    def held(of: Held, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with hold(of if isinstance(of, Meeting) else of.meeting):
            return verb(of, *args, **kwargs)

    return held


def begin(
    meeting: Meeting, *, at: datetime, voting: bool = False, since: datetime | None = None
) -> datetime:
    """The hour to tell, of a sitting that is neither cancelled nor closed, and where no vote is
    being taken unless `voting`.

    Two requests may read the clock in one order and write in the other: nothing is told earlier
    than what was told before it, unless it was noticed late and `since` says when it happened.
    """
    if meeting.stage == Meeting.Stage.CANCELLED:
        raise refusal("seance_annulee", "Cette séance est annulée.")
    if reading.is_closed(meeting):
        raise refusal(
            "seance_levee",
            "La séance est levée.",
            remedy="Annulez la levée si la séance continue, ou corrigez le registre depuis ses "
            "autres pages.",
        )
    poll = None if voting else reading.current_poll(meeting)
    if poll is not None:
        raise refusal(
            "scrutin_ouvert",
            f"Un scrutin est ouvert sur {reading.subject(meeting, poll.items, poll.question)} : "
            "qui peut voter ne change pas d’ici là.",
            remedy="Proclamez-le ou abandonnez-le d’abord. Qui entre ou sort entre-temps se note "
            "ensuite, sans heure\u00a0: il compte à partir de la fin du vote.",
        )
    if since is None:
        return not_before_the_last(meeting, at)
    if since > at:
        raise refusal(
            "heure_a_venir",
            f"Il n’est pas encore {french.clock(since)}.",
            field="hour",
            remedy="Laissez l’heure vide pour maintenant.",
        )
    return since


def tell(meeting: Meeting, *events: sitting.Event, by: User) -> tuple[Finding, ...]:
    """Tell the ledger what happens now, see `ledger.record`."""
    return ledger.record(meeting, *events, by=by, live=True)


def not_before_the_last(meeting: Meeting, at: datetime) -> datetime:
    """This moment to the second, or that of the latest line told when it is later."""
    told = [e.at for e in sitting.standing_events(meeting.ledger) if e.at is not None]
    return max([at.replace(microsecond=0), *told])


def hour(meeting: Meeting, at: datetime) -> datetime | None:
    """Until the sitting opens, what is told belongs to the roll call and has no hour."""
    return at if meeting.sitting.at_end.is_open else None


def want_of_quorum(meeting: Meeting) -> tuple[Finding, ...]:
    """The warning that no vote can be opened now; () when one can."""
    now = reading.quorum_now(meeting)
    if now.reached:
        return ()
    return (
        Finding(
            code="quorum",
            message=f"Le quorum n’est pas atteint : aucun vote ne peut s’ouvrir. {now}.",
            severity=Severity.WARNING,
        ),
    )


def take(poll: Poll, *, late: str = "") -> Meeting:
    """The sitting of this poll, whose columns are made those of now; refused if it ended."""
    meeting = poll.meeting
    now = reading.current_poll(meeting)
    if now is None or now.pk != poll.pk:
        poll.refresh_from_db(fields=["ended_at", "ending"])
        how = "proclamé" if poll.ending == Poll.Ending.PROCLAIMED else "abandonné"
        raise refusal(
            "scrutin_clos",
            late or f"Ce scrutin vient d’être {how}.",
            remedy="" if late else "Regardez l’écran, qui vient de changer.",
        )
    if now is not poll:
        poll.votes, poll.following, poll.urn = now.votes, now.following, now.urn
        poll.__dict__.pop("used", None)
        reading.know_poll(meeting, poll)
    return meeting


def choice_of(choice: str, among: Sequence[Choice]) -> Choice:
    """This choice, provided that it is one of those."""
    if choice not in among:
        raise refusal("vote_inconnu", "Ce vote n’existe pas dans ce scrutin.", field="choice")
    return Choice(choice)


def item_of(meeting: Meeting) -> str:
    """The item under discussion."""
    item = reading.current_item(meeting)
    if not item:
        raise refusal(
            "aucun_point_ouvert",
            "Aucun point n’est en discussion.",
            remedy="Ouvrez d’abord le point.",
        )
    return item
