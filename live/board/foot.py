"""The foot of the screen: the action of the moment, the menu, the moment as console.js reads it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from convening.words import everybody_but
from law import ballots, elections, french, sitting
from law.checks import guard
from law.docket import Docket
from law.sitting import State
from live import reading as now
from live.board.moment import Moment, Stage, number_of
from live.forms import ROLL_FIRST
from meetings import reading
from meetings.models import AgendaItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A key of the menu of the sitting: a verb at once, a dialog, or a question first."""

    letter: str
    words: str
    verb: str = ""
    dialog: str = ""
    prompt: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def sent(self) -> str:
        """The fields that go along, as the client reads them."""
        return json.dumps(dict(self.fields), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the foot of the screen offers: the action of the moment, the menu, the moment itself."""

    primary: Command | None
    commands: tuple[Command, ...]
    moment: str  # JSON that console.js reads
    blocked: str = ""  # in the place of the action, when the law forbids it
    link: str = ""
    link_words: str = ""


# What proclaiming without them makes of those who have not answered.
_SILENCE = {
    ballots.Choice.FOR: "Les autres sont comptés pour",
    ballots.Choice.NOT_VOTING: "Les autres ne prennent pas part",
}


def of(moment: Moment) -> Bar:
    """What may be done now."""
    objection = moment.objections[0] if moment.calls_for_a_vote and moment.objections else None
    is_closed = moment.stage is Stage.CLOSED
    primary = _primary(moment)
    blocked = ""
    if objection:  # the item tells the figures; here there is room for what they mean
        blocked = objection.short or objection.message.removesuffix(".")
    elif moment.stage is Stage.PREPARED and primary is None:
        blocked = ROLL_FIRST
    return Bar(
        primary=primary,
        commands=tuple(_commands(moment)),
        moment=json.dumps(_as_read(moment), ensure_ascii=False),
        blocked=blocked,
        link=reverse("documents:preview", args=[moment.meeting.pk]) if is_closed else "",
        link_words="Procès-verbal" if is_closed else "",
    )


def _as_read(moment: Moment) -> dict[str, object]:
    """What console.js reads of the moment, beside what it sees on the screen."""
    last = moment.last_act
    return {
        "stage": moment.stage.value,
        "item": moment.node.item.key if moment.node else "",
        "number": number_of(moment.node) if moment.node else "",
        "mayOpen": moment.may_open_poll,
        "usual": now.usual_vote(moment.meeting),
        "poll": moment.poll
        and {
            "pk": moment.poll.pk,
            "mode": moment.poll.mode,
            "items": moment.poll.items,
            "call": _call(moment),
            "onTablets": moment.poll.on_tablets,
            "silence": _SILENCE[now.silence(moment.poll)],
            "voices": sum(voice.weight for voice in moment.voters.values()),
        },
        "next": moment.next.item.key if moment.next else "",
        "election": _election(moment),
        "elections": len(_elections(moment)),
        "office": _office(moment),
        "asked": _asked(moment),
        "secrecies": [each.value for each in _secrecies(moment)],
        "elects": _elects(moment) and moment.meeting.regime.code_by_default,
        "undo": last and {"seq": last[-1].seq, "words": _in_few_words(moment, last)},
        "awaiting": [
            node.item.key
            for node in moment.nodes.values()
            if node.item.kind in AgendaItem.VOTED
            and node.item.kind not in AgendaItem.ELECTIONS
            and not moment.status(node)
            and node.item.key not in moment.unvotable
        ],
        "unsettled": [
            key
            for key, node in moment.nodes.items()
            if not (node.item.is_section or moment.status(node))
        ],
        "decided": [key for key, node in moment.nodes.items() if moment.status(node)],
        "present": sorted(moment.state.room),
        "chair": _newly_elected(moment) or moment.state.chair or moment.state.usual_chair,
        "clerks": list(moment.state.clerks),
        "successor": _successor(moment),
    }


def _primary(moment: Moment) -> Command | None:
    """What Enter does: one thing at each moment."""
    match moment.stage:
        case Stage.PREPARED:
            if moment.untold and not moment.state.room:
                words = "Reprendre les réponses"
                return Command(letter="⏎", words=words, verb="take_answers")
            if not moment.state.room:
                return None
            return Command(letter="⏎", words="Ouvrir la séance…", dialog="open")
        case Stage.SUSPENDED:
            return Command(letter="⏎", words="Reprendre la séance", verb="resume")
        case Stage.CLOSED:
            return None
    if moment.poll is None and (elected := _newly_elected(moment)) and _is_her_item(moment):
        words = f"{moment.named(elected)} prend la présidence"
        return Command(letter="⏎", words=words, verb="take_chair", fields=(("member", elected),))
    if moment.poll is not None:
        if moment.poll.is_secret and not moment.poll.on_tablets:
            return Command(letter="⏎", words="Saisir le dépouillement…", dialog="counts")
        return Command(letter="⏎", words="Proclamer", verb="proclaim", fields=_of_poll(moment))
    if moment.calls_for_a_vote and not moment.is_voted_by_parts:
        if moment.objections:
            return _lead_out(moment)  # where there is none, the reason stands in its place
        if moment.node.item.kind == AgendaItem.Kind.ACCOUNTS and guard.unelected(
            *_accounts(moment)
        ):
            return _lead(moment)
        if moment.node.item.kind in AgendaItem.ELECTIONS:
            return Command(letter="⏎", words=_next_round(moment), dialog="election")
        mode = moment.usual_mode
        words = "Ouvrir le vote"
        if mode is not ballots.Mode.ORDINARY:
            words = f"Ouvrir le scrutin {mode.value}"
        return Command(letter="⏎", words=words, verb="open_poll", fields=_usual_vote(moment))
    return _onward(moment)


def _next_round(moment: Moment) -> str:
    """What the window of elections is opened for now."""
    if moment.unfinished is None:
        return "Tenir l’élection…"
    return f"Tenir le {french.ordinal(len(moment.unfinished.rounds) + 1)} tour…"


def _usual_vote(moment: Moment) -> tuple[tuple[str, str], ...]:
    """How the current item is put to the vote unless somebody chooses otherwise."""
    item = moment.node.item
    return (("items", item.key), *now.usual_vote(moment.meeting).items())


def _lead_out(moment: Moment) -> Command | None:
    """Whoever kept the accounts withdraws, and the assembly elects who presides
    (art. L2121-14): the window proposes whoever has the chair, else the first vice-president
    there."""
    codes = {finding.code for finding in moment.objections}
    if not codes or codes - {"comptes_presides", "comptes_votes", "president_retire"}:
        return None
    return _lead(moment)


def _lead(moment: Moment) -> Command:
    leaving = [moment.short(key) for key in guard.withdrawing(*_accounts(moment))]
    words = "L’assemblée élit qui préside…"
    if leaving:
        verb = "se retirent" if len(leaving) > 1 else "se retire"
        words = f"{french.join(leaving)} {verb}, l’assemblée élit qui préside…"
    return Command(letter="⏎", words=words, dialog="lead")


def _newly_elected(moment: Moment) -> str:
    """Key of whom the sitting elected president, while another still has the chair
    (art. L2122-8); "" for nobody."""
    elected = moment.state.elected_president
    return elected if elected in moment.state.room and elected != moment.state.chair else ""


def _is_her_item(moment: Moment) -> bool:
    """Whether the president was elected on the current item: proposed there, and no further."""
    return any(elections.office_of(told) == "president" for told in _elections(moment))


def _onward(moment: Moment) -> Command | None:
    """To the next item, or to the end."""
    if moment.next is not None:
        number = number_of(moment.next)
        words = f"Point suivant\u00a0: {number}" if number else "Point suivant"
        return Command(
            letter="⏎", words=words, verb="open_next", fields=(("after", moment.state.item),)
        )
    return Command(letter="⏎", words="Lever la séance…", dialog="close")


def _commands(moment: Moment) -> Iterable[Command]:
    """The menu that Space opens."""
    match moment.stage:
        case Stage.PREPARED:
            if moment.untold:
                words = f"Reprendre les réponses\u00a0: {moment.untold}"
                yield Command(letter="r", words=words, verb="take_answers")
            yield from everybody(moment)
            yield Command(letter="o", words="Ouvrir la séance…", dialog="open")
            yield Command(letter="c", words="Secrétaire de séance…", dialog="clerks")
            yield from _undo(moment)
            return
        case Stage.CLOSED:
            yield from _undo(moment)
            return
    if moment.poll is not None:
        if not moment.poll.is_secret:
            yield Command(
                letter="t", words="Tous pour", verb="everyone_for", fields=_of_poll(moment)
            )
        if moment.poll.mode == ballots.Mode.PUBLIC:
            yield Command(letter="r", words="Reprendre l’appel", prompt="call")
        if moment.poll.is_secret:
            yield Command(letter="d", words="Dépouillement…", dialog="counts")
        yield Command(
            letter="x", words="Abandonner le vote", verb="give_up", fields=_of_poll(moment)
        )
        yield Command(letter="n", words="Notes", prompt="notes")
        return
    if moment.stage is Stage.SUSPENDED:
        yield Command(letter="s", words="Reprendre", verb="resume")
        yield Command(letter="l", words="Lever la séance…", dialog="close")
        yield Command(letter="n", words="Notes", prompt="notes")
        yield from _undo(moment)
        return
    if moment.may_be_called_again:
        fields = (("item", moment.state.item),)
        words = "Appeler ce point de nouveau"
        yield Command(letter="a", words=words, verb="open_item", fields=fields)
    yield Command(letter="o", words="Ordre du jour\u00a0: aller à…", prompt="item")
    if moment.is_lost and moment.node.item.kind in AgendaItem.ELECTIONS:
        yield Command(letter="v", words="Élire sans le quorum…", dialog="election")
    elif moment.may_open_poll or moment.is_lost:
        fields = _usual_vote(moment)
        words = "Voter sans le quorum…" if moment.is_lost else "Voter"
        yield Command(letter="v", words=words, verb="open_poll", fields=fields)
    if moment.node is not None:
        yield Command(letter="m", words="Voter autrement…", dialog="poll")
        yield Command(letter="b", words="Voter en bloc…", dialog="bloc")
        yield Command(letter="t", words="Sans vote…", prompt="fate")
        words = "Élire encore…" if _elections(moment) else "Élection…"
        yield Command(letter="e", words=words, dialog="election")
        yield Command(letter="d", words="Demande de scrutin…", dialog="request")
    yield Command(letter="s", words="Suspendre…", prompt="reason")
    if moment.state.doors_closed:
        yield Command(letter="h", words="Rouvrir au public", verb="open_doors")
    else:
        yield Command(letter="h", words="Huis clos…", dialog="doors")
    yield Command(letter="p", words="Présidence…", dialog="chair")
    yield Command(letter="c", words="Secrétaire de séance…", dialog="clerks")
    if moment.node is not None:
        yield Command(letter="n", words="Notes", prompt="notes")
    yield from _undo(moment)
    yield Command(letter="l", words="Lever la séance…", dialog="close")


def everybody(moment: Moment) -> Iterable[Command]:
    """Everybody there but those who are excused, or answered that they do not come."""
    away = moment.answers.prevented if moment.answers else frozenset()
    titulars = [member.key for member in moment.composition.titulars]
    waited = [key for key in titulars if key not in moment.state.room | moment.state.excused]
    expected = [key for key in waited if key not in away]
    words = everybody_but(len(waited) - len(expected))
    if expected:
        fields = (("present", " ".join(expected)),)
        yield Command(letter="p", words=words, verb="call_roll", fields=fields)


def _undo(moment: Moment) -> Iterable[Command]:
    if moment.last_act:
        yield Command(letter="u", words="Annuler la dernière action", prompt="undo")


def _of_poll(moment: Moment) -> tuple[tuple[str, str], ...]:
    """The poll that the screen shows, and no other one opened since."""
    return (("poll", str(moment.poll.pk)),)


def _elects(moment: Moment) -> bool:
    """Whether the current item elects the executive: only a question may be put to another
    vote on it (art. L2122-7)."""
    return moment.state.item in moment.meeting.outline.docket.executive


def _secrecies(moment: Moment) -> Iterable[elections.Secrecy]:
    """What an election on the current item may say of its secrecy, the usual first: that of
    the executive is never waived (art. L2122-7), unless statutes are silent."""
    if _elects(moment):
        is_imposed = moment.meeting.regime.code_by_default
        return (elections.Secrecy.IMPOSED, *(() if is_imposed else (elections.Secrecy.WAIVED,)))
    return (elections.Secrecy.SECRET, elections.Secrecy.WAIVED)


def _election(moment: Moment) -> dict[str, object]:
    """The rounds already told on the current item, as its form wants them back; before the first,
    what the code asks of it."""
    if moment.unfinished:
        return reading.as_typed(moment.unfinished, moment.composition)
    return reading.usual_election(moment.node.item) if moment.node else {}


def _asked(moment: Moment) -> dict[str, str] | None:
    """What the window of elections says before the vote."""
    asked = moment.node.item.asked_election if moment.node else None
    return asked and {"words": asked.words, "article": asked.article}


def _elections(moment: Moment) -> Sequence[elections.Election]:
    """Those told on the current item."""
    return moment.meeting.sitting.elections(moment.state.item) if moment.state.item else ()


def _office(moment: Moment) -> str:
    """What the current item elects to, as its title says it: the window proposes it, of the
    executive alone. The rank of a vice-president follows by itself."""
    if moment.node is None or not _elects(moment):
        return ""
    title = moment.node.item.title.casefold()
    chair, deputy = moment.meeting.organisation.titles
    if chair in title.replace(deputy, "") and not moment.state.elected_president:
        return chair
    if deputy in title:
        return deputy
    return "membre du Bureau" if "bureau" in title else ""


def _in_few_words(moment: Moment, act: Sequence[sitting.Event]) -> str:
    """The last line of an act that stands for the others: what it told instead of another."""
    told = [event for event in act if not isinstance(event, sitting.Voided)] or act
    others = len(told) - 1
    more = f" et {french.count(others, 'autre ligne')}" if others else ""
    return moment.telling.brief(told[-1]) + more


def _call(moment: Moment) -> list[str]:
    """The seats of a public ballot, in the order they are called."""
    return list(moment.voters) if moment.poll.mode == ballots.Mode.PUBLIC else []


def _accounts(moment: Moment) -> tuple[Docket, str, State]:
    """What tells who kept the accounts of the current item."""
    return moment.meeting.outline.docket, moment.state.item, moment.state


def _successor(moment: Moment) -> str:
    """Key of who is proposed to preside over the accounts, "" for nobody."""
    state = moment.state
    keys = [key for key in (state.presiding, *state.officers) if key in state.sitting]
    kept_by = guard.keepers(*_accounts(moment))
    return next((key for key in keys if key not in kept_by), "")
