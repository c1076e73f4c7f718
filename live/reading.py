"""A sitting at this very moment: the item under discussion, who can vote, what a vote would meet.

The console, the room screen and the verbs ask the same questions here, so that a screen never
offers what a verb would refuse.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import FilteredRelation, Q
from django.utils import timezone

from convening import answers as convening
from convening.answers import Answers
from law import ballots, quorum, sitting, voting
from law.ballots import Mode
from law.elections import NOMINATION
from law.findings import Finding, Severity
from law.regime import cited
from live import refresh
from live.models import Poll
from meetings import agenda, majorities, reading
from meetings.actions import ledger
from meetings.models import AgendaItem, Brief, Meeting
from members.statements import Statement


def wall_clock(moment: datetime | None = None) -> datetime:
    """The clock of the room, naive and to the second, as ledgers tell it."""
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0)


# --- Where the sitting is ---------------------------------------------------------------------

GONE = (sitting.Fate.WITHDRAWN, sitting.Fate.ADJOURNED, sitting.Fate.POSTPONED)


def read_agenda(meeting: Meeting) -> None:
    """Read the items, in the same query the brief of the one under discussion."""
    key = current_item(meeting)
    items = _ITEMS.all(meeting=meeting.pk, key=key)
    for item in items:
        item.meeting = meeting
        if item.key == key:
            Brief.item.field.remote_field.set_cached_value(item, getattr(item, "at_hand", None))
    meeting.agenda = agenda.Agenda.of(items, meeting.body.numbering)
    meeting.keep_outline()


AT_HAND = ["at_hand"]
_ITEMS = Statement(
    lambda meeting, key: (
        AgendaItem.objects.filter(meeting=meeting)
        .annotate(at_hand=FilteredRelation("brief", condition=Q(key=key)))
        .select_related(*AT_HAND)
    ),
    meeting=int,
    key=str,
)


def current_item(meeting: Meeting) -> str:
    """Key of the item under discussion, "" before the first one."""
    opened = _openings(meeting)
    return opened[-1].item if opened else ""


def _openings(meeting: Meeting) -> list[sitting.ItemOpened]:
    told = meeting.told
    if told is None:
        return []

    def made() -> list[sitting.ItemOpened]:
        standing = sitting.standing_events(told.ledger)
        return [event for event in standing if isinstance(event, sitting.ItemOpened)]

    return told.made("openings", told.sha256, made)


def opening_of(meeting: Meeting, item: str) -> sitting.ItemOpened | None:
    """The line that last put this item before the assembly, `None` if it has not been."""
    return next((e for e in reversed(_openings(meeting)) if e.item == item), None)


def state(meeting: Meeting) -> sitting.State:
    """The sitting now, withdrawals and requests of the item under discussion included.

    Not `Sitting.at_end`, which has already walked through the items still to come.
    """
    return _state_of(meeting.sitting, "" if is_closed(meeting) else current_item(meeting))


def _state_of(story: sitting.Sitting, item: str) -> sitting.State:
    if item in story.after_item:
        return story.after_item[item]
    return sitting.enter_item(story.at_end, "")


def is_closed(meeting: Meeting) -> bool:
    """Whether the chair closed the sitting."""
    return any(meeting.sitting.of_kind(sitting.Closed))


def order(meeting: Meeting) -> tuple[str, ...]:
    """The keys of the items as the assembly means to discuss them: as printed, unless it said
    otherwise."""
    chosen = [event.items for event in meeting.sitting.of_kind(sitting.OrderSet)]
    printed = meeting.agenda.keys
    known = [key for key in (chosen[-1] if chosen else ()) if key in printed]
    return tuple(dict.fromkeys([*known, *printed]))


def is_decided(meeting: Meeting, item: str) -> bool:
    """Whether a vote on the item itself, an election or a fate settled it."""
    held = any(not ballot.question for ballot in meeting.sitting.ballots(item))
    if held or meeting.sitting.fate(item) is not None:
        return True
    return bool(meeting.sitting.elections(item)) and reading.unfinished(meeting, item) is None


def unestablished(meeting: Meeting, item: str) -> tuple[Finding, ...]:
    """The earlier minutes that a vote on this item would adopt before anybody established them."""
    return tuple(reading.unestablished(meeting.agenda[item].item)) if item in meeting.agenda else ()


def next_item(meeting: Meeting) -> str:
    """Key of the item to open next: after the current one, then those that were passed over."""
    keys = order(meeting)
    current = current_item(meeting)
    rank = keys.index(current) + 1 if current in keys else 0
    opened = {event.item for event in _openings(meeting)}
    waiting = (
        key
        for key in (*keys[rank:], *keys[:rank])
        if key not in opened and not is_decided(meeting, key)
    )
    return next(waiting, "")


# --- The roll ---------------------------------------------------------------------------------


def answers(meeting: Meeting) -> Answers | None:
    """What the members said of their coming, while the roll is called and somebody is missing;
    read once for all consoles, since an answer changes the stamp of the sitting."""
    now = state(meeting)
    is_complete = all(member.key in now.room for member in now.in_office)
    if is_complete or current_item(meeting) or is_closed(meeting):
        return None
    if "answers" not in meeting.known:
        before = meeting.stamp - meeting.has_told  # as it was when one took hold of it
        rows = refresh.cached(
            "answers", meeting.pk, before, lambda: convening.standing(meeting).rows
        )
        meeting.known["answers"] = Answers(meeting=meeting, rows=rows)
    return meeting.known["answers"]


# --- What was done last ------------------------------------------------------------------------

UNDONE = "annulé en séance"


def act_of(meeting: Meeting, seq: int) -> tuple[sitting.Event, ...]:
    """What still stands of the act that told this line, in the order of telling."""
    gone = sitting.voided_seqs(meeting.ledger)
    told = meeting.told.act_of(seq) if meeting.told else ()
    return tuple(
        event for event in told if event.seq not in gone and not isinstance(event, sitting.Composed)
    )


def last_act(meeting: Meeting) -> tuple[sitting.Event, ...]:
    """What still stands of the last act, the undoings left out; () when nothing is to be undone."""
    gone = sitting.voided_seqs(meeting.ledger)
    for event in reversed(meeting.ledger):
        is_undoing = isinstance(event, sitting.Voided) and event.reason == UNDONE
        if not (event.seq in gone or is_undoing or isinstance(event, sitting.Composed)):
            return act_of(meeting, event.seq)
    return ()


# --- The vote being taken ---------------------------------------------------------------------


_OPEN_POLL = Statement(
    lambda meeting: Poll.objects.filter(meeting=meeting, ended_at=None).order_by(), meeting=int
)


def current_poll(meeting: Meeting) -> Poll | None:
    """The vote being taken, if one is; read once, until the sitting is forgotten."""
    if "poll" not in meeting.known:
        know_poll(meeting, _OPEN_POLL.first(meeting=meeting.pk))
    return meeting.known["poll"]


def know_poll(meeting: Meeting, poll: Poll | None) -> None:
    """Take this poll for the one that is open now, `None` when none is."""
    meeting.known["poll"] = poll
    if poll is not None:
        poll.meeting = meeting


def answered(poll: Poll) -> frozenset[str]:
    """The seats that answered, whatever they answered; of a secret poll, those that voted."""
    if poll.is_secret:
        return poll.used if poll.on_tablets else frozenset()
    return frozenset(poll.votes)


def silence(poll: Poll) -> ballots.Choice:
    """What a seat that says nothing does: it is for where only exceptions are raised; where each
    answers, it takes no part unless the rules of the body take silence on the tablets for a yes.
    """
    if not poll.awaits_each:
        return ballots.Choice.FOR
    if poll.mode == Mode.ORDINARY:
        return ballots.Choice(poll.meeting.regime.silence_on_tablets)
    return ballots.Choice.NOT_VOTING


def choices(poll: Poll, *, but: Collection[str] = ()) -> dict[str, ballots.Choice]:
    """Seat → vote, as the ledger would tell it now: exceptions of a show of hands, everybody by
    name in a public ballot; nothing of a secret one. The exceptions of `but` are counted apart."""
    if poll.is_secret:
        return {}
    unsaid = silence(poll)
    told = {seat: ballots.Choice(poll.votes.get(seat, unsaid)) for seat in poll.voters}
    if poll.mode == Mode.PUBLIC:
        return told
    return {
        seat: choice
        for seat, choice in told.items()
        if choice is not ballots.Choice.FOR and seat not in but
    }


def silent(poll: Poll) -> tuple[str, ...]:
    """The seats that have not answered, where each is to answer."""
    given = answered(poll)
    return tuple(seat for seat in poll.voters if seat not in given) if poll.awaits_each else ()


def subject(meeting: Meeting, items: Sequence[str], question: str = "") -> str:
    """What is put to the vote: "« 2 Budget primitif »", "3 points en bloc"."""
    if question:
        return f"« {question} »"
    if len(items) > 1:
        return f"{len(items)} points en bloc"
    return f"« {meeting.agenda.titles.get(items[0], items[0])} »" if items else "un point"


def usual_mode(meeting: Meeting) -> Mode:
    """How the current item is voted unless somebody chooses otherwise: what was asked for, in
    secret for an election, and by public ballot when members sit at a distance."""
    now = state(meeting)
    if now.item in meeting.outline.docket.nominations:
        return Mode.SECRET
    imposed = voting.imposed_mode(now, meeting.regime)
    if imposed is not None:
        return imposed
    return Mode.PUBLIC if now.is_remote else Mode.ORDINARY


def usual_vote(meeting: Meeting) -> dict[str, str]:
    """How the current item is put to the vote unless somebody chooses otherwise: its mode, the
    key of its majority, and why it is secret when nobody asked for it."""
    item, docket = current_item(meeting), meeting.outline.docket
    return {
        "mode": usual_mode(meeting).value,
        "majority": "comptes" if item in docket.accounts else "ordinaire",
        "reason": "nomination" if item in docket.nominations else "",
    }


# --- What a vote would meet -------------------------------------------------------------------


def put(meeting: Meeting, items: Sequence[str], *, at: datetime) -> tuple[sitting.Event, ...]:
    """What must be told so that these items are before the assembly now, in this order.

    An item passed over earlier is called again, and so is the one under discussion once the
    quorum that was missing is there: its quorum and its voters are those of now. One that was
    voted is called again by whoever means it, and not by the way.
    """
    current = current_item(meeting)
    events = []
    for item in items:
        is_called = (
            may_be_called_again(meeting) if item == current else not _is_voted(meeting, item)
        )
        if is_called:
            events.append(sitting.ItemOpened(item=item, at=at))
        current = item
    return tuple(events)


def may_be_called_again(meeting: Meeting) -> bool:
    """Whether the quorum that the current item lacked when it was called is there now."""
    called = meeting.sitting.at_item.get(current_item(meeting))
    lacked = called is not None and not meeting.quorum_of(called).reached
    return lacked and quorum_now(meeting).reached


def _is_voted(meeting: Meeting, item: str) -> bool:
    ballots_held = meeting.sitting.ballots(item)
    return any(not each.question for each in ballots_held) or bool(meeting.sitting.elections(item))


def objections(
    meeting: Meeting,
    *,
    items: Sequence[str],
    at: datetime,
    mode: str = Mode.ORDINARY,
    majority_key: str = majorities.ORDINARY,
    question: str = "",
    reason: str = "",
) -> tuple[Finding, ...]:
    """Everything that forbids to vote on these items now, or deserves a look; () when nothing.

    Each says why and what is lawful now. Several items: each objection names its own.
    """
    found = [*_of_request(meeting, items, question)]
    if found:
        return tuple(found)
    found += of_moment(meeting, items)
    for item in items:
        found += _of_item(meeting, item, question)
    ballot = ballots.Ballot(
        item="",
        question=question,
        reason=reason,
        mode=Mode(mode),
        majority=majorities.of(meeting.regime, majority_key),
        counts={ballots.Choice.FOR: 1} if mode == Mode.SECRET else {},
    )
    return tuple(dict.fromkeys([*found, *_of_law(meeting, items, at, ballot)]))


def _of_law(
    meeting: Meeting, items: Sequence[str], at: datetime, ballot: ballots.Ballot
) -> Iterator[Finding]:
    """What the law would say of this vote on each of the items, were it proclaimed now by
    everybody's word."""
    question = ballot.question
    openings = put(meeting, items, at=at)
    held = [sitting.BallotHeld(ballot=replace(ballot, item=item), at=at) for item in items]
    answers = _foreseen(meeting, openings, held)
    if len(items) < 2 or not answers:
        yield from (_for_the_room(finding, question) for finding in answers)
        return
    # Something is wrong in the lot: from which item on.
    known: tuple[Finding, ...] = ()
    for rank, item in enumerate(items, start=1):
        answers = _foreseen(meeting, openings, held[:rank])
        title = meeting.agenda.titles[item]
        for finding in answers:
            if finding not in known:
                told = _for_the_room(finding, question)
                yield replace(told, message=f"« {title} » : {told.message}")
        known = answers


def _foreseen(
    meeting: Meeting,
    openings: Sequence[sitting.Event],
    held: Sequence[sitting.BallotHeld],
) -> tuple[Finding, ...]:
    """What the law would say, but for what only the votes will tell: nobody has answered yet."""
    answers, _ = ledger.foresee(meeting, *openings, *held)
    return tuple(each for each in answers if each.code != "public_incomplet")


def _for_the_room(finding: Finding, question: str) -> Finding:
    """Of a past vote, a secret ballot where a public one was asked for may have been an election;
    a poll is none, and follows what was asked for.
    """
    if finding.code in ("public_demande", "secret_demande") and not question:
        return replace(finding, severity=Severity.REFUSAL)
    return finding


def _of_request(meeting: Meeting, items: Sequence[str], question: str) -> Iterator[Finding]:
    if not items:
        yield Finding(code="aucun_point", message="Choisissez un point à voter.", field="items")
    if len(set(items)) < len(items):
        yield Finding(code="point_en_double", message="Un point figure deux fois.", field="items")
    if len(items) > 1 and question:
        yield Finding(
            code="bloc_et_question",
            message="Une question particulière ne se vote pas en bloc.",
            field="question",
            remedy="Votez-la sur son point, ou votez les points eux-mêmes en bloc.",
        )
    known = meeting.agenda.keys
    for item in items:
        if item not in known:
            yield Finding(
                code="point_inconnu",
                message="Ce point n’est pas à l’ordre du jour, ou n’est qu’un titre.",
                field="items",
                article=cited(meeting.regime, "art. L2121-10 du CGCT"),
            )


def of_moment(meeting: Meeting, items: Sequence[str]) -> tuple[Finding, ...]:
    """What forbids any decision on these items now, a vote or an election: they were taken out."""
    found = []
    for item in items:
        noted = meeting.sitting.fate(item)
        if noted is not None and noted.fate in GONE:
            found.append(
                Finding(
                    code="point_retire",
                    message=f"« {meeting.agenda.titles.get(item, item)} » a été retiré, ajourné "
                    "ou reporté : il ne se vote plus.",
                    field="items",
                    remedy=f"Annulez d’abord la ligne {noted.seq} du registre, si c’était une "
                    "erreur.",
                )
            )
    return tuple(found)


def _of_item(meeting: Meeting, item: str, question: str) -> Iterator[Finding]:
    node = meeting.agenda[item]
    title = f"« {meeting.agenda.titles[item]} »"
    if node.item.kind in AgendaItem.ELECTIONS and not question:
        yield Finding(
            code="point_d_election",
            message=f"{title} est une élection : elle se tient par tours, avec ses candidats.",
            field="items",
            article=cited(meeting.regime, NOMINATION),
            severity=Severity.WARNING,
        )


# --- The quorum now ---------------------------------------------------------------------------


def quorum_now(meeting: Meeting) -> quorum.Quorum:
    """The quorum of those who are there at this moment, the current item's withdrawals counted."""
    return meeting.quorum_of(state(meeting))
