"""A vote being taken: opened, noted by the secretary, then proclaimed or given up."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.utils import timezone

from law import ballots, french, sitting
from law.ballots import Choice, Mode
from law.elections import NOMINATION
from law.findings import Finding, refusal, refuse
from law.regime import cited
from live import reading
from live.actions import held, urn
from live.models import Poll, VotingRight
from meetings import majorities
from meetings.models import Meeting
from members.models import User


@held.holds
def open_poll(
    meeting: Meeting,
    *,
    items: Sequence[str],
    mode: str = Mode.ORDINARY,
    majority: str = majorities.ORDINARY,
    question: str = "",
    reason: str = "",
    on_tablets: bool = False,
    by: User,
    at: datetime,
) -> Poll:
    """Put to the vote, each item being put before the assembly first if it was not.

    `reason` is why the ballot is secret when nobody asked for it. En bloc is all or none.
    `poll.findings` holds the warnings.
    """
    at = held.begin(meeting, at=at)
    question, reason = question.strip(), reason.strip()
    refusals = [*_of_equipment(meeting, mode, on_tablets)]
    refusals += reading.objections(
        meeting,
        items=items,
        at=at,
        mode=mode,
        majority_key=majority,
        question=question,
        reason=reason,
    )
    for key in items:
        refusals += reading.unestablished(meeting, key)
    warnings = refuse(refusals)
    held.tell(meeting, *reading.put(meeting, items, at=at), by=by)
    voices = _voices(meeting, items)
    if on_tablets and mode == Mode.SECRET:
        _same_weight(voices)
        urn.make_ready()
    poll = Poll.objects.create(
        meeting=meeting,
        items=list(items),
        question=question,
        reason=reason,
        mode=mode,
        voices=[asdict(voice) for voice in voices],
        majority=majority,
        on_tablets=on_tablets,
        opened_by=by,
    )
    poll.used = frozenset()
    if on_tablets and mode == Mode.SECRET:
        VotingRight.objects.bulk_create(VotingRight(poll=poll, seat=v.seat) for v in voices)
    reading.know_poll(meeting, poll)
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
        raise refusal(
            "voix_inegales",
            "Les membres n’ont pas tous le même nombre de voix : le total trahirait le vote.",
            field="on_tablets",
            remedy="Tenez ce scrutin secret sur papier et saisissez le résultat.",
        )


VOTES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, Choice.NOT_VOTING)


def not_secret(poll: Poll) -> None:
    """Refuse what says how a member votes in a secret poll."""
    if poll.is_secret:
        raise refusal(
            "scrutin_secret",
            "Le scrutin est secret : personne ne note le vote d’un membre.",
            article=cited(poll.meeting.regime, NOMINATION),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What `choose` did: the seats it set, and those it left because they were set apart."""

    seats: tuple[str, ...]
    left: tuple[str, ...] = ()


@held.holds
def choose(poll: Poll, *, seat: str, choice: str | None, with_proxies: bool = True) -> Chosen:
    """The secretary notes the vote of a seat; `None` takes it back.

    The seats whose proxies its occupant carries follow, unless they were set on their own.
    """
    held.take(poll)
    not_secret(poll)
    wanted = None if choice is None else held.choice_of(choice, VOTES)
    voice = _voice(poll, seat)
    carried = []
    if with_proxies and not voice.by_proxy:
        carried = [v.seat for v in poll.voters.values() if v.by_proxy and v.caster == voice.caster]
    apart = tuple(each for each in carried if each in poll.votes and each not in poll.following)
    following = [each for each in carried if each not in apart]
    note(poll, dict.fromkeys((seat, *following), wanted), following=following)
    return Chosen(seats=(seat, *following), left=apart)


def _voice(poll: Poll, seat: str) -> ballots.Voice:
    voice = poll.voters.get(seat)
    if voice is None:
        raise refusal(
            "sans_voix",
            "Ce siège ne prend pas part à ce scrutin.",
            field="seat",
            remedy="Son titulaire est absent, ou s’est retiré de ce point.",
        )
    return voice


def note(
    poll: Poll, votes: Mapping[str, Choice | None], *, following: Collection[str] = ()
) -> None:
    """Write these votes over those that were there, or take them back; `following` are settled
    with their holder."""
    noted = poll.votes | {seat: choice and choice.value for seat, choice in votes.items()}
    poll.votes = {seat: choice for seat, choice in noted.items() if choice is not None}
    poll.following = [
        seat
        for seat in poll.votes
        if seat in following or (seat in poll.following and seat not in votes)
    ]
    poll.save(update_fields=["votes", "following"])


@held.holds
def everyone_for(poll: Poll) -> int:
    """By show of hands, forget the exceptions; where each answers, whoever has not is for.

    Answers how many seats that changed.
    """
    held.take(poll)
    not_secret(poll)
    changed: dict[str, Choice | None] = dict.fromkeys(poll.votes)
    if poll.awaits_each:
        changed = dict.fromkeys(reading.silent(poll), Choice.FOR)
    note(poll, changed)
    return len(changed)


@held.holds
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
    that a show of hands does not name. `complete` says not to wait for whoever has not answered
    a roll call or on a tablet, or put a paper in the urn; without it, that is refused. What their
    silence means is `reading.silence`.
    """
    meeting = held.take(poll)
    at = held.not_before_the_last(meeting, at)
    unnamed = {Choice(choice): number for choice, number in (counts or {}).items() if number}
    voices = _same_voters(meeting, poll)
    silent = reading.silent(poll)
    if silent and not complete and not (poll.is_secret and unnamed):
        _everybody_answers(poll, silent)
    if poll.is_secret and poll.on_tablets:
        unnamed = urn.papers(poll, unnamed)
    elif unnamed and silent and poll.mode == Mode.ORDINARY:
        unnamed = _of_the_silent(poll, silent, unnamed)
    else:
        silent = ()
    choices = reading.choices(poll, but=silent)
    rule = majorities.of(meeting.regime, poll.majority)
    story = [
        sitting.BallotHeld(
            ballot=ballots.Ballot(
                item=item,
                question=poll.question,
                reason=poll.reason,
                mode=Mode(poll.mode),
                choices={s: c for s, c in choices.items() if s in voices[item]},
                counts=unnamed,
                majority=rule,
            ),
            at=at,
        )
        for item in poll.items
    ]
    poll.findings = held.tell(meeting, *story, by=by)
    told = meeting.ledger[-len(story) :]
    _end(poll, Poll.Ending.PROCLAIMED, seqs=[event.seq for event in told])
    return tuple(meeting.outcomes[event.seq] for event in told)


def _same_voters(meeting: Meeting, poll: Poll) -> Mapping[str, frozenset[str]]:
    """Item → the seats that vote on it; refused when the ledger moved under an open poll."""
    if tuple(poll.voters.values()) != _voices(meeting, poll.items):
        raise refusal(
            "votants_changes",
            "Qui peut voter a changé depuis l’ouverture de ce scrutin : le registre a été modifié "
            "depuis une autre page.",
            remedy="Abandonnez ce scrutin et ouvrez-le de nouveau.",
        )
    return {
        item: frozenset(v.seat for v in meeting.sitting.after_item[item].voices)
        for item in poll.items
    }


def _everybody_answers(poll: Poll, silent: Sequence[str]) -> None:
    names = [_voter_of(poll, seat) for seat in silent[:NAMED]]
    if len(silent) > NAMED:
        names.append(french.count(len(silent) - NAMED, "autre"))
    is_one = len(silent) == 1
    number = "1 siège n’a" if is_one else f"{len(silent)} sièges n’ont"
    wait = (
        "Attendez ce vote, ou proclamez sans lui"
        if is_one
        else "Attendez ces votes, ou proclamez sans eux"
    )
    raise refusal(
        "sieges_sans_vote",
        f"{number} pas encore voté : {french.join(names)}.",
        field="complete",
        remedy=f"{wait} : {SILENCE[reading.silence(poll)]}.",
    )


def _voter_of(poll: Poll, seat: str) -> str:
    """Who is waited for: whoever sits in that seat, or its holder's name beside hers."""
    composition, voice = poll.meeting.basis.composition, poll.voters[seat]
    caster = composition[voice.caster].name
    return f"{composition[seat].name} (pouvoir à {caster})" if voice.by_proxy else caster


NAMED = 12  # how many are told by their names: the roll shows the others
SILENCE = {
    Choice.FOR: "le règlement les compte pour",
    Choice.NOT_VOTING: "ils ne prennent pas part au vote",
}


def _of_the_silent(
    poll: Poll, silent: Sequence[str], counts: Mapping[Choice, int]
) -> dict[Choice, int]:
    """Hands that were counted among those who did not answer on their tablet; what is left of
    these is their silence."""
    rest = sum(poll.voters[seat].weight for seat in silent) - sum(counts.values())
    if rest < 0:
        raise refusal(
            "plus_que_les_silences",
            "Les autres ont répondu sur leur tablette : on ne compte à la main que les "
            f"{french.count(rest + sum(counts.values()), 'voix', 'voix')} sans réponse.",
            field="counts",
        )
    told = Counter(counts)
    told[reading.silence(poll)] += rest
    return {choice: number for choice, number in told.items() if number}


def _end(poll: Poll, ending: str, *, seqs: Sequence[int] = ()) -> None:
    """What was received is in the ledger from now on, or nowhere."""
    poll.ended_at, poll.ending, poll.seqs = timezone.now(), ending, list(seqs)
    poll.votes, poll.following, poll.urn = {}, [], ""
    poll.save(update_fields=["ended_at", "ending", "seqs", "votes", "following", "urn"])
    if poll.is_secret and poll.on_tablets:
        urn.sweep()
    reading.know_poll(poll.meeting, None)


@held.holds
def give_up(poll: Poll) -> None:
    """No vote was taken: what was received is destroyed, an urn without being read."""
    held.take(poll)
    if poll.is_secret:
        poll.rights.all().delete()
    _end(poll, Poll.Ending.GIVEN_UP)
