"""What a screen asks before it does a thing: lawful or an error of a key, and never silent.

A doubt refuses nothing: asked again with its code in `sure`, the verb is run. It looks at the
sitting as the law does, at the moment of the act.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import datetime
from typing import Any

from law import ballots, french, sitting
from law.ballots import Mode
from law.checks.people import CLERKS
from law.findings import Finding, Refused, Severity
from law.regime import article_of, cited
from live import reading as now
from live.models import Poll
from meetings import reading
from meetings.models import Meeting

Asked = Mapping[str, Any]


class Doubted(Refused):
    """Done when it is asked again; `anyway` says what that does."""

    def __init__(self, finding: Finding, *, anyway: str) -> None:
        super().__init__([finding])
        self.anyway = anyway


_ANYWAY = {
    "seance_a_venir": "pointer avant l’heure",
    "ouverture_sans_convocation": "ouvrir sans convocation",
    "ouverture_sans_secretaire": "ouvrir sans secrétaire",
    "quorum_perdu": "voter sans le quorum",
    "divers_vote": "voter tout de même",
    "vote_par_parties": "voter l’ensemble",
    "public_sans_demande": "voter au scrutin public",
    "un_seul_bulletin": "proclamer ce vote",
    "secret_compare": "annuler ce scrutin secret",
}


_TO_OPEN = {"seance_a_venir": "ouvrir avant l’heure"}


def ask(
    verb: str, meeting: Meeting, asked: Asked, *, at: datetime, sure: Container[str] = ()
) -> None:
    """Raise `Doubted` where this verb, asked for now, deserves a question first: one at a time,
    the first whose code is not among those answered, for one press answers one question."""
    for doubt in _DOUBTS.get(verb, ()):
        for each in doubt(meeting, asked, at):
            if each.code not in sure:
                answers = _ANYWAY | (_TO_OPEN if verb == "open_meeting" else {})
                raise Doubted(each, anyway=answers[each.code])


def _early_opening(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    yield from reading.too_early(meeting, at, opening=True)


def _unconvened(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    yield from reading.unconvened(meeting, at)


def _early_roll(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    if not meeting.sitting.at_end.room:
        yield from reading.too_early(meeting, at)


def _no_clerk(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    if not (asked.get("clerks") or meeting.sitting.at_end.clerks):
        yield Finding(
            code="ouverture_sans_secretaire",
            message="Personne n’est nommé secrétaire de séance : l’assemblée le nomme au début de "
            "chaque séance, et il signe le procès-verbal.",
            article=cited(meeting.regime, CLERKS),
            remedy="Choisissez-le ici, ou nommez-le avant la fin (Espace C).",
            field="clerks",
            severity=Severity.WARNING,
        )


def _vote(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    """What the law has to say of this vote, and lets pass."""
    items = asked.get("items") or [asked.get("item") or now.current_item(meeting)]
    for each in now.objections(meeting, items=items, at=at):
        if each.code in ("quorum_perdu", "divers_vote"):
            yield each


def _public(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    """A ballot by names is asked for by members, unless some of them sit at a distance."""
    here = now.state(meeting)
    if asked.get("mode") != Mode.PUBLIC or here.is_remote or Mode.PUBLIC in here.requests:
        return
    needed = ballots.requesters(Mode.PUBLIC, len(here.sitting), meeting.regime)
    yield Finding(
        code="public_sans_demande",
        message=french.nbsp(
            f"Le scrutin public se tient à la demande de {needed} des {len(here.sitting)} membres "
            "présents, et personne ne l’a demandé."
        ),
        article=article_of(meeting.regime, "public_ballot_fraction"),
        remedy="Notez qui le demande\u00a0: Espace D.",
        severity=Severity.WARNING,
    )


def _whole(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    """An item voted by its parts may need no vote on the whole."""
    for item in asked.get("items") or ():
        parts = [each for each in meeting.sitting.ballots(item) if each.question]
        if len(parts) > 1 and not asked.get("question"):
            yield Finding(
                code="vote_par_parties",
                message=f"Ce point a déjà été voté en {len(parts)} parties, qui le décident.",
                remedy="L’ensemble ne se vote que si l’assemblée le veut.",
                severity=Severity.WARNING,
            )


def _opinion(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    if asked.get("fate") in sitting.OPINIONS:
        yield from _vote(meeting, asked, at)


def _alone(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    """A secret poll in whose urn one person alone voted: its result is her vote."""
    poll = asked["poll"]
    if not (poll.is_secret and poll.on_tablets):
        return
    if now.silent(poll) and not asked.get("complete"):
        return  # the others are asked for first
    if len({poll.voters[seat].caster for seat in poll.used}) == 1:
        yield Finding(
            code="un_seul_bulletin",
            message="Une seule personne a voté, et la salle voit laquelle\u00a0: "
            "son vote sera connu.",
            article=article_of(meeting.regime, "secret_ballot_fraction"),
            remedy="Attendez d’autres bulletins, ou abandonnez ce scrutin\u00a0: l’urne est "
            "détruite sans être lue.",
            severity=Severity.WARNING,
        )


def _secret_again(meeting: Meeting, asked: Asked, at: datetime) -> Iterator[Finding]:
    """The papers of the tablets were counted and told: taken back and held again, one compares."""
    lines = {
        each.seq
        for each in now.act_of(meeting, asked["seq"])
        if isinstance(each, sitting.BallotHeld) and each.ballot.mode is Mode.SECRET
    }
    meant = lines if asked.get("whole") else lines & {asked["seq"]}
    if not meant:
        return
    told = meeting.polls.filter(mode=Mode.SECRET, on_tablets=True, ending=Poll.Ending.PROCLAIMED)
    if any(meant & set(poll.seqs) for poll in told):
        yield Finding(
            code="secret_compare",
            message="Ce scrutin secret est proclamé. Tenu de nouveau à un votant près, les deux "
            "résultats, qui restent au registre, disent le vote de cette personne.",
            article=article_of(meeting.regime, "secret_ballot_fraction"),
            severity=Severity.WARNING,
        )


_DOUBTS: Mapping[str, tuple[Callable[[Meeting, Asked, datetime], Iterator[Finding]], ...]] = {
    "open_meeting": (_early_opening, _unconvened, _no_clerk),
    "call_roll": (_early_roll,),
    "take_answers": (_early_roll,),
    "arrive": (_early_roll,),
    "open_poll": (_vote, _public, _whole),
    "hold_round": (_vote,),
    "note_fate": (_opinion,),
    "proclaim": (_alone,),
    "undo": (_secret_again,),
}
