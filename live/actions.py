"""What is done to a sitting while it is held. Each verb locks, asks the law, tells the ledger.

Verbs take who (`by=`) and when (`at=`, the wall clock of the room, to the second) as keywords
and raise `law.findings.Refused` with every objection at once; what was refused leaves no trace.
They return the warnings of the law, or what their docstring says. `since` is the hour of what was
noticed late.

A vote is taken in two steps: `open_poll` fixes who can vote, `proclaim` writes the ledger.
Between the two nobody comes in or goes out: the verbs that would move somebody are refused until
the poll is proclaimed or given up.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from law import ballots, elections, french, sentences, sitting, voting
from law.ballots import Choice, Mode
from law.findings import Finding, Refused, Severity, refuse
from live import access, reading, urns
from live.models import Poll, PollVote, Screen, Tablet, Urn, VotingRight
from meetings.actions import ledger
from meetings.models import Meeting
from members import links
from members.models import Mandate, User


def wall_clock(moment: datetime | None = None) -> datetime:
    """The clock of the room, naive and to the second, as ledgers tell it."""
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0)


def _no(code: str, message: str, **more: Any) -> Refused:
    return Refused([Finding(code=code, message=message, **more)])


def _begin(
    meeting: Meeting, *, at: datetime, voting: bool = False, since: datetime | None = None
) -> datetime:
    """Take the sitting for oneself; answer the hour to tell.

    Two requests may read the clock in one order and write in the other: nothing is told earlier
    than what was told before it, unless it was noticed late and `since` says when it happened.
    """
    ledger.lock(meeting)
    if meeting.stage == Meeting.Stage.CANCELLED:
        raise _no("seance_annulee", "Cette séance est annulée.")
    if reading.is_closed(meeting):
        raise _no(
            "seance_levee",
            "La séance est levée.",
            remedy="Annulez la levée si la séance continue, ou corrigez le registre depuis ses "
            "autres pages.",
        )
    poll = None if voting else reading.open_poll(meeting)
    if poll is not None:
        raise _no(
            "scrutin_ouvert",
            f"Un scrutin est ouvert sur {reading.subject(meeting, poll.items, poll.question)} : "
            "qui peut voter ne change pas d’ici là.",
            remedy="Proclamez-le ou abandonnez-le d’abord.",
        )
    if since is None:
        return _not_before_the_last(meeting, at)
    if since > at:
        raise _no(
            "heure_a_venir",
            f"Il n’est pas encore {french.clock(since)}.",
            field="hour",
            remedy="Laissez l’heure vide pour maintenant.",
        )
    return since


def _not_before_the_last(meeting: Meeting, at: datetime) -> datetime:
    told = [e.at for e in sitting.standing_events(meeting.ledger) if e.at is not None]
    return max([at.replace(microsecond=0), *told])


def _hour(meeting: Meeting, at: datetime) -> datetime | None:
    """Until the sitting opens, what is told belongs to the roll call and has no hour."""
    return at if meeting.sitting.at_end.is_open else None


def _tell(meeting: Meeting, *events: sitting.Event, by: User) -> tuple[Finding, ...]:
    """Tell the ledger; the warnings say which votes already proclaimed are counted anew."""
    before = meeting.sitting
    warnings = ledger.record(meeting, *events, by=by, live=True)
    return (*warnings, *_counted_anew(meeting, before))


def _counted_anew(meeting: Meeting, before: sitting.Sitting) -> Iterator[Finding]:
    """What is noticed late, or undone, may change who could vote."""
    after, titles = meeting.sitting, meeting.agenda.titles
    for event in after.of_kind(sitting.BallotHeld):
        then, now = before.at_ballot.get(event.seq), after.at_ballot[event.seq]
        if then is None or then == now:
            continue
        was = voting.of(event.ballot, then, meeting.regime)
        outcome = voting.of(event.ballot, now, meeting.regime)
        if (was.verdict, was.tally) == (outcome.verdict, outcome.tally):
            continue
        item = event.ballot.item
        yield Finding(
            code="vote_recompte",
            message=f"Le vote sur « {titles.get(item, item)} » est recompté : "
            f"{sentences.counts(outcome.tally)}, au lieu de {sentences.counts(was.tally)}"
            f"{'' if was.verdict is outcome.verdict else ' ; le résultat change'}.",
            remedy="Vérifiez ce qui vient d’être noté, ou annulez-le.",
            severity=Severity.WARNING,
        )


# --- Opening and closing ----------------------------------------------------------------------


@transaction.atomic
def open_meeting(
    meeting: Meeting,
    *,
    chair: str,
    clerks: Sequence[str] = (),
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """The chair opens the sitting; a quorum that is missing is told, and forbids only to vote."""
    at = _begin(meeting, at=at, since=since)
    story: list[sitting.Event] = [sitting.Opened(chair=chair, at=at)]
    if clerks:
        story.append(sitting.ClerksNamed(clerks=tuple(clerks)))
    warnings = _tell(meeting, *story, by=by)
    return (*warnings, *_another_day(meeting, at), *_want_of_quorum(meeting))


def _another_day(meeting: Meeting, at: datetime) -> tuple[Finding, ...]:
    """Sittings of one body look alike: opening that of next month is soon done."""
    if abs(at - meeting.scheduled_for) < timedelta(hours=12):
        return ()
    return (
        Finding(
            code="autre_jour",
            message=f"Cette séance était prévue le {french.long_date(meeting.held_on)}, "
            f"à {french.clock(meeting.scheduled_for)}.",
            remedy="Annulez l’ouverture si ce n’est pas la bonne.",
            severity=Severity.WARNING,
        ),
    )


def _want_of_quorum(meeting: Meeting) -> tuple[Finding, ...]:
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


@transaction.atomic
def name_clerks(
    meeting: Meeting, *, clerks: Sequence[str], by: User, at: datetime
) -> tuple[Finding, ...]:
    """The assembly names its secretaries; those named before give way."""
    _begin(meeting, at=at, voting=True)
    story = [
        sitting.Voided(target=event.seq, reason="remplacé")
        for event in meeting.sitting.of_kind(sitting.ClerksNamed)
    ]
    return _tell(meeting, *story, sitting.ClerksNamed(clerks=tuple(clerks)), by=by)


@transaction.atomic
def take_chair(
    meeting: Meeting, *, member: str, item: str = "", by: User, at: datetime
) -> tuple[Finding, ...]:
    """Somebody else takes the chair, for one item or for good."""
    at = _begin(meeting, at=at)
    return _tell(meeting, sitting.ChairTaken(member=member, item=item, at=at), by=by)


@transaction.atomic
def close_meeting(
    meeting: Meeting,
    *,
    for_want_of_quorum: bool = False,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """The chair closes the sitting."""
    at = _begin(meeting, at=at, since=since)
    now = reading.quorum_now(meeting)
    if for_want_of_quorum and now.reached:
        raise _no(
            "quorum_atteint",
            f"Le quorum est atteint : la séance ne peut pas être levée faute de quorum. {now}.",
            field="for_want_of_quorum",
            remedy="Notez d’abord les départs, ou levez la séance simplement.",
        )
    closed = sitting.Closed(at=at, for_want_of_quorum=for_want_of_quorum)
    return _tell(meeting, closed, by=by)


@transaction.atomic
def suspend(
    meeting: Meeting, *, reason: str = "", by: User, at: datetime, since: datetime | None = None
) -> tuple[Finding, ...]:
    at = _begin(meeting, at=at, since=since)
    return _tell(meeting, sitting.Suspended(reason=reason, at=at), by=by)


@transaction.atomic
def resume(
    meeting: Meeting, *, by: User, at: datetime, since: datetime | None = None
) -> tuple[Finding, ...]:
    """The sitting goes on; the quorum is assessed again."""
    at = _begin(meeting, at=at, since=since)
    warnings = _tell(meeting, sitting.Resumed(at=at), by=by)
    return (*warnings, *_want_of_quorum(meeting))


@transaction.atomic
def close_doors(
    meeting: Meeting,
    *,
    requesters: int = 0,
    votes_for: int | None = None,
    by: User,
    at: datetime,
) -> tuple[Finding, ...]:
    """The assembly goes into `huis clos`, by a vote of its members without debate."""
    at = _begin(meeting, at=at)
    closed = sitting.DoorsClosed(requesters=requesters, votes_for=votes_for, at=at)
    return _tell(meeting, closed, by=by)


@transaction.atomic
def open_doors(meeting: Meeting, *, by: User, at: datetime) -> tuple[Finding, ...]:
    at = _begin(meeting, at=at)
    return _tell(meeting, sitting.DoorsOpened(at=at), by=by)


# --- People -----------------------------------------------------------------------------------


@transaction.atomic
def arrive(
    meeting: Meeting,
    *,
    member: str,
    remote: bool = False,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """Somebody is there; before the opening this is the roll call, afterwards an arrival."""
    at = _begin(meeting, at=at, since=since)
    arrived = sitting.Arrived(member=member, remote=remote, at=_hour(meeting, at))
    return _tell(meeting, arrived, by=by)


@transaction.atomic
def call_roll(
    meeting: Meeting, *, present: Iterable[str], by: User, at: datetime
) -> tuple[Finding, ...]:
    """Several members answer the roll call at once; those already there are left alone.

    Until a first item is put before the assembly, no hour is told.
    """
    at = _begin(meeting, at=at)
    hour = at if reading.current_item(meeting) else None
    room = reading.state(meeting).room
    story = [
        sitting.Arrived(member=member, at=hour)
        for member in dict.fromkeys(present)
        if member not in room
    ]
    return _tell(meeting, *story, by=by) if story else ()


@transaction.atomic
def leave(
    meeting: Meeting,
    *,
    member: str,
    definitive: bool = False,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """Somebody goes out. Before the opening, he is as if he had not come."""
    at = _begin(meeting, at=at, since=since)
    if meeting.sitting.at_end.is_open:
        left = sitting.Left(member=member, definitive=definitive, at=at)
        return _tell(meeting, left, by=by)
    came = [e for e in meeting.sitting.of_kind(sitting.Arrived) if e.member == member]
    if not came:
        raise _no("depart_d_un_absent", "Cette personne n’est pas dans la salle.", field="member")
    undone = [sitting.Voided(target=e.seq, reason="parti avant l’ouverture") for e in came]
    return _tell(meeting, *undone, by=by)


@transaction.atomic
def excuse(meeting: Meeting, *, member: str, by: User, at: datetime) -> tuple[Finding, ...]:
    at = _begin(meeting, at=at, voting=True)
    return _tell(meeting, sitting.Excused(member=member, at=_hour(meeting, at)), by=by)


@transaction.atomic
def take_seat(
    meeting: Meeting,
    *,
    substitute: str,
    titular: str,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """A substitute sits in the seat of a titular; he comes in if he was not there yet."""
    at = _begin(meeting, at=at, since=since)
    hour = _hour(meeting, at)
    story: list[sitting.Event] = [
        sitting.SeatTaken(substitute=substitute, titular=titular, at=hour)
    ]
    if substitute not in reading.state(meeting).room:
        story.insert(0, sitting.Arrived(member=substitute, at=hour))
    return _tell(meeting, *story, by=by)


@transaction.atomic
def return_seat(
    meeting: Meeting, *, substitute: str, by: User, at: datetime, since: datetime | None = None
) -> tuple[Finding, ...]:
    at = _begin(meeting, at=at, since=since)
    returned = sitting.SeatReturned(substitute=substitute, at=_hour(meeting, at))
    return _tell(meeting, returned, by=by)


@transaction.atomic
def give_proxy(
    meeting: Meeting,
    *,
    giver: str,
    holder: str,
    by: User,
    at: datetime,
    since: datetime | None = None,
) -> tuple[Finding, ...]:
    """A written proxy is handed over."""
    at = _begin(meeting, at=at, since=since)
    given = sitting.ProxyGiven(giver=giver, holder=holder, at=_hour(meeting, at))
    return _tell(meeting, given, by=by)


@transaction.atomic
def revoke_proxy(
    meeting: Meeting, *, giver: str, by: User, at: datetime, since: datetime | None = None
) -> tuple[Finding, ...]:
    at = _begin(meeting, at=at, since=since)
    return _tell(meeting, sitting.ProxyRevoked(giver=giver, at=_hour(meeting, at)), by=by)


@transaction.atomic
def recuse(
    meeting: Meeting,
    *,
    member: str,
    ground: str = sitting.Ground.PERSONAL,
    by: User,
    at: datetime,
) -> tuple[Finding, ...]:
    """Somebody withdraws from the item under discussion."""
    at = _begin(meeting, at=at)
    item = _current(meeting)
    _before_its_vote(meeting, item, "Un déport se note avant le vote.")
    withdrawn = sitting.Recused(member=member, item=item, ground=sitting.Ground(ground), at=at)
    return _tell(meeting, withdrawn, by=by)


@transaction.atomic
def come_back(meeting: Meeting, *, member: str, by: User, at: datetime) -> tuple[Finding, ...]:
    """Somebody who withdrew from the current item takes part in it after all."""
    _begin(meeting, at=at)
    item = _current(meeting)
    _before_its_vote(meeting, item, "Un déport cesse de lui-même avec son point.")
    told = [
        event
        for event in meeting.sitting.of_kind(sitting.Recused)
        if event.item == item and event.member == member
    ]
    if not told:
        raise _no(
            "pas_en_deport", "Cette personne ne s’est pas retirée de ce point.", field="member"
        )
    undone = [sitting.Voided(target=event.seq, reason="revient au débat") for event in told]
    return _tell(meeting, *undone, by=by)


def _current(meeting: Meeting) -> str:
    item = reading.current_item(meeting)
    if not item:
        raise _no(
            "aucun_point_ouvert",
            "Aucun point n’est en discussion.",
            remedy="Ouvrez d’abord le point.",
        )
    return item


def _before_its_vote(meeting: Meeting, item: str, remedy: str) -> None:
    """Changing who takes part in an item would change the votes already proclaimed on it."""
    if meeting.sitting.ballots(item) or meeting.sitting.elections(item):
        raise _no(
            "point_deja_vote",
            "Un vote est déjà proclamé sur ce point : qui y prend part ne change plus.",
            remedy=f"{remedy} S’il fallait corriger, annulez d’abord le vote.",
        )


# --- Items ------------------------------------------------------------------------------------


@transaction.atomic
def open_item(meeting: Meeting, *, item: str, by: User, at: datetime) -> tuple[Finding, ...]:
    """The chair puts an item before the assembly; one passed over earlier is put again."""
    at = _begin(meeting, at=at)
    if item == reading.current_item(meeting):
        raise _no("point_deja_ouvert", "Ce point est déjà en discussion.", field="item")
    story = reading.put(meeting, [item], at=at) or (sitting.ItemOpened(item=item, at=at),)
    warnings = _tell(meeting, *story, by=by)
    return (*warnings, *_want_of_quorum(meeting))


@transaction.atomic
def open_next(meeting: Meeting, *, after: str, by: User, at: datetime) -> tuple[Finding, ...]:
    """The next item, provided that the current one is still `after` ("" before the first)."""
    _begin(meeting, at=at)
    current = reading.current_item(meeting)
    if current != after:
        titles = meeting.agenda.titles
        raise _no(
            "etat_change",
            f"Le point en discussion est déjà « {titles.get(current, current)} »."
            if current
            else "Aucun point n’est plus en discussion.",
            remedy="Regardez l’écran, qui vient de changer, et recommencez s’il y a lieu.",
        )
    item = reading.next_item(meeting)
    if not item:
        raise _no(
            "ordre_du_jour_epuise",
            "L’ordre du jour est épuisé.",
            remedy="Levez la séance, ou revenez à un point par l’ordre du jour.",
        )
    return open_item(meeting, item=item, by=by, at=at)


@transaction.atomic
def request_ballot(
    meeting: Meeting,
    *,
    item: str,
    mode: str,
    members: Sequence[str],
    by: User,
    at: datetime,
) -> tuple[Finding, ...]:
    """Members ask for a public or a secret ballot; they join those who asked before."""
    at = _begin(meeting, at=at)
    before = [
        event
        for event in meeting.sitting.of_kind(sitting.BallotRequested)
        if event.item == item and event.mode == mode
    ]
    asking = [key for event in before for key in event.members] + list(members)
    story: list[sitting.Event] = [
        sitting.Voided(target=event.seq, reason="complété") for event in before
    ]
    story.append(
        sitting.BallotRequested(
            item=item, mode=Mode(mode), members=tuple(dict.fromkeys(asking)), at=at
        )
    )
    return _tell(meeting, *story, by=by)


@transaction.atomic
def set_college(
    meeting: Meeting, *, item: str, members: Sequence[str], by: User, at: datetime
) -> tuple[Finding, ...]:
    """Only these seats vote on an item that concerns part of the members; () lifts it."""
    at = _begin(meeting, at=at)
    _before_its_vote(meeting, item, "Qui est concerné se note avant le vote.")
    story: list[sitting.Event] = [
        sitting.Voided(target=event.seq, reason="remplacé")
        for event in meeting.sitting.of_kind(sitting.CollegeSet)
        if event.item == item
    ]
    if members:
        story.append(sitting.CollegeSet(item=item, members=tuple(members), at=at))
    return _tell(meeting, *story, by=by) if story else ()


@transaction.atomic
def note_fate(
    meeting: Meeting, *, item: str, fate: str, note: str = "", by: User, at: datetime
) -> tuple[Finding, ...]:
    """What becomes of an item without a vote; an earlier word gives way, "" takes it back."""
    at = _begin(meeting, at=at)
    story: list[sitting.Event] = [
        sitting.Voided(target=event.seq, reason="remplacé")
        for event in meeting.sitting.of_kind(sitting.FateNoted)
        if event.item == item
    ]
    if fate:
        story.append(sitting.FateNoted(item=item, fate=sitting.Fate(fate), note=note, at=at))
    return _tell(meeting, *story, by=by) if story else ()


@transaction.atomic
def undo(meeting: Meeting, *, seq: int, by: User, at: datetime) -> tuple[Finding, ...]:
    """Cancel a line of the ledger that still stands; an undone undoing brings the line back.

    The law refuses what would leave the rest of the story without sense.
    """
    ledger.lock(meeting)
    if meeting.stage == Meeting.Stage.ISSUED:
        raise _no(
            "proces_verbal_etabli", "Le procès-verbal est établi : le registre ne s’y reprend plus."
        )
    if reading.open_poll(meeting) is not None:
        raise _no(
            "scrutin_ouvert",
            "Un scrutin est ouvert : rien ne s’annule d’ici là.",
            remedy="Proclamez-le ou abandonnez-le d’abord.",
        )
    target = next((event for event in meeting.ledger if event.seq == seq), None)
    if isinstance(target, sitting.ItemOpened) and target.seq not in sitting.voided_seqs(
        meeting.ledger
    ):
        _before_its_vote(meeting, target.item, "Le point reste ouvert tant que son vote tient.")
    return _tell(meeting, sitting.Voided(target=seq, reason="annulé en séance"), by=by)


# --- A vote being taken -----------------------------------------------------------------------


@transaction.atomic
def open_poll(
    meeting: Meeting,
    *,
    items: Sequence[str],
    mode: str = Mode.ORDINARY,
    majority: str = "ordinaire",
    question: str = "",
    on_tablets: bool = False,
    by: User,
    at: datetime,
) -> Poll:
    """Put to the vote, each item being put before the assembly first if it was not.

    En bloc is all or none. `poll.findings` holds the warnings.
    """
    at = _begin(meeting, at=at)
    question = question.strip()
    refusals = [*_of_equipment(meeting, mode, on_tablets)]
    refusals += reading.objections(
        meeting, items=items, at=at, mode=mode, majority_key=majority, question=question
    )
    warnings = refuse(refusals)
    if openings := reading.put(meeting, items, at=at):
        _tell(meeting, *openings, by=by)
    voices = _voices(meeting, items)
    if on_tablets and mode == Mode.SECRET:
        _same_weight(voices)
    poll = Poll.objects.create(
        meeting=meeting,
        items=list(items),
        question=question,
        mode=mode,
        voices=[asdict(voice) for voice in voices],
        majority=majority,
        on_tablets=on_tablets,
        opened_by=by,
    )
    if on_tablets and mode == Mode.SECRET:
        VotingRight.objects.bulk_create(VotingRight(poll=poll, seat=v.seat) for v in voices)
        Urn.objects.create(poll=poll, sealed=urns.seal(poll.pk, {}))
    ledger.touch(meeting)
    poll.findings = warnings
    return poll


def _voices(meeting: Meeting, items: Sequence[str]) -> tuple[ballots.Voice, ...]:
    """Who can vote on any of these items, in the order of the roll."""
    found = {
        voice.seat: voice for item in items for voice in meeting.sitting.after_item[item].voices
    }
    ranks = {m.key: rank for rank, m in enumerate(meeting.basis.composition.members)}
    return tuple(sorted(found.values(), key=lambda voice: ranks.get(voice.seat, len(ranks))))


def _of_equipment(meeting: Meeting, mode: str, on_tablets: bool) -> Iterable[Finding]:
    if not on_tablets:
        return
    equipment = getattr(meeting, "equipment", None)
    if equipment is None or not equipment.tablets:
        yield Finding(
            code="sans_tablettes",
            message="Cette séance se tient sans tablettes.",
            field="on_tablets",
            remedy="Autorisez-les dans l’équipement de la séance, ou votez à main levée.",
        )
    elif mode == Mode.SECRET and not equipment.secret_on_tablets:
        yield Finding(
            code="secret_sans_tablettes",
            message="Cette séance n’admet pas le scrutin secret sur tablette.",
            field="on_tablets",
            remedy="Tenez-le sur papier et saisissez le résultat, ou autorisez-le dans "
            "l’équipement de la séance.",
        )


def _same_weight(voices: Sequence[ballots.Voice]) -> None:
    """Totals of unequal voices would tell who voted what."""
    if len({voice.weight for voice in voices}) > 1:
        raise _no(
            "voix_inegales",
            "Les membres n’ont pas tous le même nombre de voix : le total trahirait le vote.",
            field="on_tablets",
            remedy="Tenez ce scrutin secret sur papier et saisissez le résultat.",
        )


def _take(poll: Poll, *, late: str = "") -> Meeting:
    """Take the sitting of a poll for oneself and read the poll again; refused if it ended."""
    meeting = ledger.lock(poll.meeting)
    poll.refresh_from_db()
    poll.__dict__.pop("voters", None)
    if not poll.is_open:
        how = "proclamé" if poll.ending == Poll.Ending.PROCLAIMED else "abandonné"
        raise _no(
            "scrutin_clos",
            late or f"Ce scrutin vient d’être {how}.",
            remedy="" if late else "Regardez l’écran, qui vient de changer.",
        )
    return meeting


VOTES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, Choice.NOT_VOTING)


def _choice(choice: str, among: Sequence[Choice]) -> Choice:
    if choice not in among:
        raise _no("vote_inconnu", "Ce vote n’existe pas dans ce scrutin.", field="choice")
    return Choice(choice)


def _not_secret(poll: Poll) -> None:
    if poll.is_secret:
        raise _no(
            "scrutin_secret",
            "Le scrutin est secret : personne ne note le vote d’un membre.",
            article="art. L2121-21 du CGCT",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What `choose` did: the seats it set, and those it left because they were set apart."""

    seats: tuple[str, ...]
    left: tuple[str, ...] = ()


@transaction.atomic
def choose(
    poll: Poll,
    *,
    seat: str,
    choice: str | None,
    with_proxies: bool = True,
    by: User,
    at: datetime,
) -> Chosen:
    """The secretary notes the vote of a seat; `None` takes it back.

    The seats whose proxies its occupant carries follow, unless they were set on their own.
    """
    meeting = _take(poll)
    _not_secret(poll)
    wanted = None if choice is None else _choice(choice, VOTES)
    voice = _voice(poll, seat)
    carried = []
    if with_proxies and not voice.by_proxy:
        carried = [v.seat for v in poll.voters.values() if v.by_proxy and v.caster == voice.caster]
    apart = frozenset(
        poll.votes.filter(seat__in=carried, with_holder=False).values_list("seat", flat=True)
    )
    following = [each for each in carried if each not in apart]
    if wanted is None:
        poll.votes.filter(seat__in=[seat, *following]).delete()
    else:
        votes = dict.fromkeys((seat, *following), wanted)
        _note(poll, votes, at, PollVote.Source.SECRETARIAT, holder=seat)
    ledger.touch(meeting)
    return Chosen(seats=(seat, *following), left=tuple(each for each in carried if each in apart))


def _voice(poll: Poll, seat: str) -> ballots.Voice:
    voice = poll.voters.get(seat)
    if voice is None:
        raise _no(
            "sans_voix",
            "Ce siège ne prend pas part à ce scrutin.",
            field="seat",
            remedy="Son titulaire est absent, ou s’est retiré de ce point.",
        )
    return voice


def _note(poll: Poll, votes: Mapping[str, Choice], at: datetime, source: str, holder: str) -> None:
    """Write these votes over those that were there; all but that of `holder` follow him."""
    PollVote.objects.bulk_create(
        [
            PollVote(
                poll=poll,
                seat=seat,
                choice=choice.value,
                source=source,
                with_holder=seat != holder,
                cast_at=timezone.make_aware(at),
            )
            for seat, choice in votes.items()
        ],
        update_conflicts=True,
        unique_fields=["poll", "seat"],
        update_fields=["choice", "source", "with_holder", "cast_at"],
    )


@transaction.atomic
def everyone_for(poll: Poll, *, by: User, at: datetime | None = None) -> int:
    """By show of hands, forget the exceptions; in a roll call, whoever has not answered is for.

    Answers how many seats that changed.
    """
    meeting = _take(poll)
    _not_secret(poll)
    if poll.mode == Mode.ORDINARY:
        changed, _ = poll.votes.all().delete()
    else:
        answered = reading.answered(poll)
        missing = [seat for seat in poll.voters if seat not in answered]
        PollVote.objects.bulk_create(
            PollVote(
                poll=poll,
                seat=seat,
                choice=Choice.FOR.value,
                source=PollVote.Source.SECRETARIAT,
                cast_at=timezone.make_aware(at) if at else timezone.now(),
            )
            for seat in missing
        )
        changed = len(missing)
    ledger.touch(meeting)
    return changed


@transaction.atomic
def proclaim(
    poll: Poll,
    *,
    counts: Mapping[str, int] | None = None,
    complete: bool = False,
    by: User,
    at: datetime,
) -> tuple[ballots.Outcome, ...]:
    """Close the poll and write what it decided in the ledger, one line an item.

    `counts` is a total typed by hand: the result of a secret ballot on paper, or exceptions
    that a show of hands does not name. `complete` says that whoever has not answered a roll
    call, or put a paper in the urn, takes no part; without it, that is refused.
    """
    meeting = _take(poll)
    at = _not_before_the_last(meeting, at)
    unnamed = {Choice(choice): number for choice, number in (counts or {}).items() if number}
    voices = _same_voters(meeting, poll)
    if not complete:
        _everybody_answered(poll, has_counts=bool(unnamed))
    if poll.is_secret and poll.on_tablets:
        unnamed = _papers(poll, unnamed)
    choices = {} if poll.is_secret else _choices(poll)
    rule = reading.majority(meeting, poll.majority)
    held = [
        sitting.BallotHeld(
            ballot=ballots.Ballot(
                item=item,
                question=poll.question,
                mode=Mode(poll.mode),
                choices={s: c for s, c in choices.items() if s in voices[item]},
                counts=unnamed,
                majority=rule,
            ),
            at=at,
        )
        for item in poll.items
    ]
    poll.findings = _tell(meeting, *held, by=by)
    told = [event for event in meeting.ledger if isinstance(event, sitting.BallotHeld)]
    told = told[-len(held) :]
    _end(poll, Poll.Ending.PROCLAIMED, seqs=[event.seq for event in told])
    return tuple(
        voting.of(event.ballot, meeting.sitting.at_ballot[event.seq], meeting.regime)
        for event in told
    )


def _same_voters(meeting: Meeting, poll: Poll) -> Mapping[str, frozenset[str]]:
    """Item → the seats that vote on it; refused when the ledger moved under an open poll."""
    if tuple(poll.voters.values()) != _voices(meeting, poll.items):
        raise _no(
            "votants_changes",
            "Qui peut voter a changé depuis l’ouverture de ce scrutin : le registre a été modifié "
            "depuis une autre page.",
            remedy="Abandonnez ce scrutin et ouvrez-le de nouveau.",
        )
    return {
        item: frozenset(v.seat for v in meeting.sitting.after_item[item].voices)
        for item in poll.items
    }


def _everybody_answered(poll: Poll, *, has_counts: bool) -> None:
    by_name = poll.mode == Mode.PUBLIC
    in_urn = poll.is_secret and poll.on_tablets and not has_counts
    if not by_name and not in_urn:
        return
    answered = reading.answered(poll)
    missing = [seat for seat in poll.voters if seat not in answered]
    if not missing:
        return
    composition = poll.meeting.basis.composition
    names = [composition[seat].name for seat in missing[:5]]
    if len(missing) > 5:
        names.append(f"et {len(missing) - 5} autres")
    number = "1 siège n’a" if len(missing) == 1 else f"{len(missing)} sièges n’ont"
    raise _no(
        "sieges_sans_vote",
        f"{number} pas encore voté : {', '.join(names)}.",
        field="complete",
        remedy="Attendez leur vote, ou déclarez qu’ils ne prennent pas part.",
    )


def _choices(poll: Poll) -> dict[str, Choice]:
    """Seat → vote, as the ledger tells it: exceptions of a show of hands, everybody by name."""
    noted = {vote.seat: Choice(vote.choice) for vote in poll.votes.all()}
    if poll.mode == Mode.PUBLIC:
        return {seat: noted.get(seat, Choice.NOT_VOTING) for seat in poll.voters}
    return {seat: choice for seat, choice in noted.items() if choice is not Choice.FOR}


def _papers(poll: Poll, typed: Mapping[Choice, int]) -> dict[Choice, int]:
    """The papers of the urn, or the total typed by hand when the urn is empty."""
    is_empty = not poll.rights.filter(is_used=True).exists()
    if typed and not is_empty:
        raise _no(
            "urne_entamee",
            "Des bulletins sont déjà dans l’urne : le résultat ne se saisit pas à la main.",
            field="counts",
            remedy="Abandonnez ce scrutin : l’urne est détruite sans être lue ; puis tenez-le sur "
            "papier.",
        )
    if typed:
        return dict(typed)
    if is_empty:
        raise _no(
            "urne_vide",
            "Aucun bulletin n’est dans l’urne.",
            remedy="Attendez les votes, saisissez le résultat d’un vote sur papier, ou abandonnez "
            "ce scrutin.",
        )
    found = _unseal(poll)
    return {choice: number for choice, number in found.items() if number}


@sensitive_variables("counts")
def _unseal(poll: Poll) -> dict[Choice, int]:
    """The counters of the urn, provided that they are as many as the rights that were used: an
    older seal of the same urn, put back, would be whole and lack papers."""
    used = poll.rights.filter(is_used=True).values_list("seat", flat=True)
    try:
        counts = urns.unseal(poll.pk, poll.urn.sealed)
    except (urns.BrokenSeal, Urn.DoesNotExist):
        counts = None
    if counts is None or sum(counts.values()) != sum(poll.voters[s].weight for s in used):
        raise _no(
            "urne_illisible",
            "L’urne a été altérée : elle ne reçoit plus de bulletin et ne peut pas être lue.",
            remedy="Abandonnez ce scrutin et tenez-le de nouveau.",
        )
    return counts


def _end(poll: Poll, ending: str, *, seqs: Sequence[int] = ()) -> None:
    """What was received is in the ledger from now on, or nowhere."""
    Urn.objects.filter(poll=poll).delete()
    poll.votes.all().delete()
    poll.ended_at, poll.ending, poll.seqs = timezone.now(), ending, list(seqs)
    poll.save(update_fields=["ended_at", "ending", "seqs"])


@transaction.atomic
def give_up(poll: Poll, *, by: User, at: datetime) -> None:
    """No vote was taken: what was received is destroyed, an urn without being read."""
    meeting = _take(poll)
    poll.rights.all().delete()
    _end(poll, Poll.Ending.GIVEN_UP)
    ledger.touch(meeting)


# --- Votes that come from a tablet ------------------------------------------------------------
# They are the delegate's own acts: who acts is `voter`, and no account is told.

_LATE = "Votre vote est arrivé après la clôture du scrutin : il n’est pas compté."


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A vote that was received: what a tablet may show as such. Votes follow their stamps."""

    seat: str
    choice: Choice
    stamp: int


def cast(poll: Poll, *, voter: str, choice: str, seat: str | None = None, at: datetime) -> Received:
    """A delegate votes for the seat he sits in, or for one whose proxy he holds.

    The last word before the close counts; one that arrives after it is refused whole.
    """
    with transaction.atomic():
        meeting = _take(poll, late=_LATE)
        _not_secret(poll)
        _on_tablets(poll)
        seat = _seat_of(poll, voter, seat)
        vote = _choice(choice, VOTES)
        _note(poll, {seat: vote}, at, PollVote.Source.TABLET, holder=seat)
        ledger.touch(meeting)
    return Received(seat=seat, choice=vote, stamp=meeting.stamp)


def _on_tablets(poll: Poll) -> None:
    if not poll.on_tablets:
        raise _no("hors_tablettes", "Ce scrutin ne se tient pas sur les tablettes.")


def _seat_of(poll: Poll, voter: str, seat: str | None) -> str:
    """The seat meant, provided that this voter votes for it."""
    seats = poll.seats_of(voter)
    if not seats:
        raise _no(
            "sans_voix",
            "Vous ne prenez pas part à ce scrutin.",
            remedy="Signalez-vous au secrétariat si c’est une erreur.",
        )
    if not seat:
        return seats[0]
    if seat not in seats:
        raise _no("siege_d_un_autre", "Vous ne votez pas pour ce siège.", field="seat")
    return seat


@sensitive_variables("choice", "counts")
def put_in_urn(poll: Poll, *, voter: str, seat: str | None = None, choice: str) -> str:
    """One secret paper: the right of a seat is used and a counter grows, or neither.

    Answers the seat. Nothing joins the two: every right of the poll is written again with the
    one that is used, the urn is sealed anew, and no hour is kept. Sent twice, it counts once.
    """
    with transaction.atomic():
        meeting = _take(poll, late=_LATE)
        if not poll.is_secret:
            raise _no("scrutin_non_secret", "Ce scrutin n’est pas secret.")
        _on_tablets(poll)
        seat = _seat_of(poll, voter, seat)
        paper = _choice(choice, urns.PAPERS)
        if poll.rights.filter(seat=seat, is_used=True).exists():
            raise _no(
                "droit_utilise",
                "Un bulletin est déjà dans l’urne pour ce siège : il compte une fois, et ne se "
                "reprend pas.",
            )
        counts = _unseal(poll)
        used = Case(When(seat=seat, then=Value(True)), default=F("is_used"))
        poll.rights.update(is_used=used)
        counts[paper] += poll.voters[seat].weight
        Urn.objects.filter(poll=poll).update(sealed=urns.seal(poll.pk, counts))
        ledger.touch(meeting)
    return seat


# --- Elections --------------------------------------------------------------------------------


@transaction.atomic
def hold_round(
    meeting: Meeting, *, item: str, election: elections.Election, by: User, at: datetime
) -> tuple[Finding, ...]:
    """A round as the tellers read it; `election` holds every round so far.

    The same election told with one round less gives way, so that a ledger keeps one standing
    line for each election.
    """
    at = _begin(meeting, at=at)
    election = replace(election, item=item)
    story: list[sitting.Event] = []
    for finding in reading.of_moment(meeting, [item]):
        if finding.severity is Severity.REFUSAL:
            raise Refused([finding])
    for event in meeting.sitting.of_kind(sitting.ElectionHeld):
        before = event.election
        is_continued = (
            (before.item, before.title, before.method) == (item, election.title, election.method)
            and len(before.rounds) < len(election.rounds)
            and before.rounds == election.rounds[: len(before.rounds)]
        )
        if is_continued:
            story.append(sitting.Voided(target=event.seq, reason="tour suivant"))
    story += reading.put(meeting, [item], at=at)
    return _tell(meeting, *story, sitting.ElectionHeld(election=election, at=at), by=by)


# --- Links without an account -----------------------------------------------------------------


@transaction.atomic
def make_screen(meeting: Meeting, *, by: User) -> tuple[Screen, str]:
    """A secret link for the screen of the room; its raw token is answered once and not kept."""
    raw = links.new()
    screen = Screen.objects.create(meeting=meeting, token_hash=links.hash_of(raw), made_by=by)
    return screen, raw


@transaction.atomic
def revoke_screen(screen: Screen, *, by: User) -> None:
    """The link opens nothing any more, from the next refresh of whoever has it open."""
    meeting = ledger.lock(screen.meeting)
    Screen.objects.filter(pk=screen.pk, revoked_at=None).update(revoked_at=timezone.now())
    ledger.touch(meeting)


@transaction.atomic
def make_tablet(meeting: Meeting, *, mandate: Mandate, by: User) -> tuple[Tablet, str]:
    """A personal link for one delegate; the one he had before opens nothing any more."""
    ledger.lock(meeting)
    Tablet.objects.filter(meeting=meeting, mandate=mandate, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    raw = links.new()
    tablet = Tablet.objects.create(meeting=meeting, mandate=mandate, token_hash=links.hash_of(raw))
    ledger.touch(meeting)
    return tablet, raw


@transaction.atomic
def make_tablets(meeting: Meeting, *, by: User) -> list[tuple[Tablet, str]]:
    """A link for each member who has none, in the order of the roll, to print on one sheet."""
    ledger.lock(meeting)
    served = set(
        Tablet.objects.filter(meeting=meeting, revoked_at=None).values_list("mandate", flat=True)
    )
    wanted = [
        member.mandate
        for member in meeting.basis.composition.members
        if member.mandate is not None and member.mandate not in served
    ]
    mandates = Mandate.objects.select_related("person").in_bulk(wanted)
    return [make_tablet(meeting, mandate=mandates[pk], by=by) for pk in wanted if pk in mandates]


@transaction.atomic
def revoke_tablet(tablet: Tablet, *, by: User) -> None:
    """The link, and the device that opened it, are let in no more."""
    meeting = ledger.lock(tablet.meeting)
    Tablet.objects.filter(pk=tablet.pk, revoked_at=None).update(revoked_at=timezone.now())
    ledger.touch(meeting)


def open_tablet(raw: str, *, device: str, at: datetime) -> Tablet:
    """Open a personal link on this device, for good: another device is refused.

    `device` is the raw value of its cookie; the same device may open the link again.
    """
    with transaction.atomic():
        meeting = ledger.lock(access.find_tablet(raw, at=at).meeting)
        tablet = access.find_tablet(raw, at=at)  # as it is now that nobody else writes
        mark = links.hash_of(device)
        if tablet.opened_at is None:
            tablet.opened_at, tablet.device_hash = timezone.now(), mark
            tablet.save(update_fields=["opened_at", "device_hash"])
            ledger.touch(meeting)
        elif not secrets.compare_digest(tablet.device_hash, mark):
            raise _no(
                "lien_deja_ouvert",
                "Ce lien a déjà été ouvert sur un autre appareil.",
                remedy="Demandez un nouveau lien au secrétariat : l’ancien cessera de servir.",
            )
    return tablet
