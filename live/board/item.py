"""The item under discussion, and the poll that is open on it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.urls import reverse

from law import ballots, french, sitting, voting
from law.findings import Finding
from law.regime import article_of, cited
from live import reading as now
from live.board.foot import Command, everybody
from live.board.moment import Moment, Stage, number_of
from meetings import majorities, reading
from meetings.models import Meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One count of a poll being taken."""

    choice: str
    words: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Voting:
    """The poll that is open: its figures, the sentence it would print if it ended now."""

    mode: str
    title: str
    question: str
    items: tuple[str, ...]  # titles, when they are voted en bloc
    majority: str
    figures: tuple[Figure, ...]
    voices: int
    sentence: str
    answered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The item under discussion, or what is to be done while there is none."""

    key: str = ""
    number: str = ""
    title: str = ""
    kind: str = ""
    rapporteur: str = ""
    note: str = ""  # clean HTML of the note de synthèse
    articles: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()  # of the last vote counted, once proclaimed
    voting: Voting | None = None
    objections: tuple[Finding, ...] = ()
    lawful: tuple[str, ...] = ()  # what may be done instead
    told: tuple[str, ...] = ()  # withdrawals, requests, college
    advice: tuple[str, ...] = ()
    acts: tuple[Command, ...] = ()  # what is done first, while there is none
    url: str = ""
    keepers_url: str = ""  # where one says who kept the accounts, when it matters


_MODES = {
    ballots.Mode.ORDINARY: "Vote à main levée",
    ballots.Mode.PUBLIC: "Scrutin public",
    ballots.Mode.SECRET: "Scrutin secret",
}


def of(moment: Moment) -> Item:
    """What is discussed, and what the law has to say of it."""
    if moment.node is None:
        is_prepared = moment.stage is Stage.PREPARED
        acts = tuple(everybody(moment)) if is_prepared and not moment.state.room else ()
        return Item(advice=tuple(_advice(moment)), acts=acts)
    item = moment.node.item
    brief = getattr(item, "brief", None)
    fate = reading.fate_sentence(moment.meeting, item)
    decisions = [each.sentence for each in reading.decisions(moment.meeting, item)]
    blocked = moment.objections if moment.calls_for_a_vote else ()
    return Item(
        key=item.key,
        number=number_of(moment.node),
        title=item.title,
        kind=item.get_kind_display(),
        rapporteur=moment.named(item.rapporteur),
        note=brief.note if brief else "",
        articles=tuple(filter(None, brief.articles.splitlines())) if brief else (),
        decisions=tuple([*decisions, fate] if fate else decisions),
        figures=() if moment.poll else _proclaimed(moment.meeting, item.key),
        voting=_voting(moment) if moment.poll else None,
        objections=tuple(_without_remedy(each) for each in blocked),
        lawful=tuple(_lawful(moment)) if blocked else (),
        told=tuple(_told_of_item(moment)),
        url=item.get_absolute_url(),
        keepers_url=_keepers_url(moment),
    )


def _keepers_url(moment: Moment) -> str:
    if not (moment.calls_for_a_vote and moment.of_the_accounts):
        return ""
    page = reverse("meetings:edit_item", args=[moment.meeting.pk, moment.state.item])
    return f"{page}#id_accounts_of"


def _figures(tally: ballots.Tally) -> tuple[Figure, ...]:
    return (
        Figure(choice=ballots.Choice.FOR.value, words="pour", number=tally.for_),
        Figure(choice=ballots.Choice.AGAINST.value, words="contre", number=tally.against),
        Figure(choice=ballots.Choice.ABSTAIN.value, words="abstentions", number=tally.abstentions),
        Figure(
            choice=ballots.Choice.NOT_VOTING.value,
            words="ne prennent pas part",
            number=tally.not_voting,
        ),
    )


def _proclaimed(meeting: Meeting, item: str) -> tuple[Figure, ...]:
    """Of the last vote on an item, when it was counted and was not secret: a secret one has
    blanks, which its sentence tells."""
    held = [
        each for each in meeting.sitting.of_kind(sitting.BallotHeld) if each.ballot.item == item
    ]
    if not held or held[-1].ballot.mode is ballots.Mode.SECRET:
        return ()
    state = meeting.sitting.at_ballot[held[-1].seq]
    outcome = voting.of(held[-1].ballot, state, meeting.regime)
    return _figures(outcome.tally) if outcome.is_counted else ()


def _advice(moment: Moment) -> Iterable[str]:
    """What to do where there is no item yet."""
    if moment.stage is Stage.PREPARED:
        if not moment.state.room:
            if moment.untold:
                yield (
                    f"Réponses à la convocation\u00a0: {moment.untold}. "
                    "Entrée les reprend toutes\u00a0; corrigez ensuite."
                )
            yield (
                "Pointez les présents\u00a0: touchez un nom ou tapez-en trois lettres, puis "
                "«\u00a0présence\u00a0» (P)."
            )
            if not moment.untold:
                yield (
                    "Plus vite\u00a0: «\u00a0Tous présents\u00a0»\u00a0; "
                    "corrigez ensuite ceux qui manquent."
                )
        else:
            chair = moment.named(moment.state.usual_chair)
            if chair:
                source = cited(moment.meeting.regime, "art. L2122-17 du CGCT")
                yield f"À l’ouverture, la présidence revient à {chair} ({source})."
            yield "Tout le monde est pointé\u00a0? Entrée ouvre la séance."
    elif moment.is_issued:
        yield "Le procès-verbal est établi. La séance se corrige désormais depuis ses pages."
    elif moment.stage is Stage.CLOSED:
        yield "La séance est levée. Le procès-verbal peut se relire."
    else:
        yield "Aucun point n’est encore appelé. Le bouton principal appelle le premier (Entrée)."


def _told_of_item(moment: Moment) -> Iterable[str]:
    """Who withdrew, who asked for which ballot, whom the item concerns."""
    key = moment.state.item
    kinds = sitting.Recused | sitting.BallotRequested | sitting.CollegeSet | sitting.ChairTaken
    told = [
        event for event in moment.story.events if isinstance(event, kinds) and event.item == key
    ]
    yield from replace(moment.telling, before=moment.state).movements(told)
    if moment.calls_for_a_vote:
        kept = (each for each in moment.of_the_accounts if each not in moment.objections)
        yield from (f"{each.message} {each.remedy}" for each in (*moment.unestablished, *kept))
    if moment.may_be_called_again:
        yield french.nbsp(
            "Le quorum, qui manquait quand ce point a été appelé, est atteint : ouvrir le vote "
            "l’appelle de nouveau, Espace A aussi."
        )


def _lawful(moment: Moment) -> Iterable[str]:
    """What may be done while this item cannot be voted."""
    codes = {finding.code for finding in moment.objections}
    if not codes & {"quorum", "quorum_perdu"}:
        return
    missing = french.count(moment.quorum.missing, "personne")
    yield f"Attendre\u00a0: il manque {missing}. Espace S suspend la séance."
    if "quorum_perdu" in codes:
        yield "Voter malgré tout ce point déjà en discussion\u00a0: Espace V, qui demande."
    else:
        yield "À leur arrivée, Espace A appelle le point de nouveau."
    yield "Débattre ou informer, sans rien décider."
    source = article_of(moment.meeting.regime, "reconvene_clear_days")
    again = f"convoquer une seconde fois, sans condition de quorum ({source})."
    if moment.meeting.quorum_of(replace(moment.state, recused={}, college=None)).reached:
        # Only this item lacks it, by withdrawals: the sitting goes on (CE, 19 January 1983).
        yield f"Reporter le point (Espace T T), passer au suivant, et {again}"
        return
    yield "Reporter le point\u00a0: Espace T T."
    yield f"Lever la séance faute de quorum (Espace L) et {again}"


def _voting(moment: Moment) -> Voting:
    poll = moment.poll
    mode = ballots.Mode(poll.mode)
    titles = [moment.nodes[key].item.title for key in poll.items if key in moment.nodes]
    numbers = [number_of(moment.nodes[key]) for key in poll.items if key in moment.nodes]
    figures, sentence, answered = (), "", ""
    silent = now.silent(poll)
    if poll.awaits_each and not (poll.is_secret and not poll.on_tablets):
        answers = french.count(len(moment.voters) - len(silent), "réponse")
        answered = f"{answers} sur {len(moment.voters)}."
    if not poll.is_secret:
        ballot = ballots.Ballot(
            item=poll.items[0],
            question=poll.question,
            mode=mode,
            choices=now.choices(poll),
            majority=majorities.of(moment.meeting.regime, poll.majority),
        )
        tally = ballots.count(ballot, list(moment.voters.values()))
        unsaid = {now.silence(poll): sum(moment.voters[seat].weight for seat in silent)}
        figures = tuple(
            replace(each, number=each.number - unsaid.get(ballots.Choice(each.choice), 0))
            for each in _figures(tally)
        )
        if not silent and poll.items[0] in moment.nodes:
            about = reading.subject(moment.nodes[poll.items[0]].item)
            _, sentence = reading.decide(moment.meeting, about, ballot, moment.state)
    return Voting(
        mode=_MODES[mode],
        title=french.join(numbers) if len(titles) > 1 else "",
        question=poll.question,
        items=tuple(titles) if len(titles) > 1 else (),
        majority=majorities.of(moment.meeting.regime, poll.majority).label,
        figures=figures,
        voices=sum(voice.weight for voice in moment.voters.values()),
        sentence=sentence,
        answered=answered,
    )


def _without_remedy(finding: Finding) -> Finding:
    """What is lawful without a quorum is listed with the keys that do it."""
    return replace(finding, remedy="") if finding.code == "quorum" else finding
