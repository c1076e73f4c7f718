"""From the ledger to the acts: the extract of one deliberation, the list of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from documents import papers
from documents.compile import shared
from documents.compile.alone import lone_act
from documents.compile.minutes import BY_STANDING, IN_SEATS, Compiler
from documents.compile.shared import (
    act_text,
    cleaned,
    named,
    order_of,
    place_and_date,
    prepared,
    said,
    signatory,
)
from law import acts as law
from law import deadlines, elections, french, regime, sentences, sitting, voting
from law.checks import items
from law.french import NBSP
from law.quorum import Quorum
from law.sitting import Standing, State
from law.style import FORMULAS
from meetings import acts, agenda
from meetings.drafts import Draft
from meetings.models import AgendaItem, Meeting
from members.models import PaperStyle

_DOTS = "." * 40
# Art. L2131-1 and L3131-1; filled in by hand.
_MAKES_IT_BINDING = (
    "Reçue au contrôle de légalité le",
    "Mise en ligne le",
    "Certifiée exécutoire le",
)


# --- The extract ------------------------------------------------------------------------------


def compile_extract(
    meeting: Meeting,
    item: str,
    *,
    number: str = "",
    style: PaperStyle | None = None,
    is_public: bool = False,
) -> papers.DeliberationExtract:
    """The extract of the register for one item, as the ledger and its draft stand now.

    Who is present, who presides and which offices they hold are told as they were at the vote;
    whoever had the chair of the sitting then signs it (art. L2121-23). The quorum is told as it
    was verified, and when, if who is there has changed meanwhile. `style` stands in for that of
    the body. `is_public` leaves out what the law protects.
    """
    fresh = prepared(meeting, style=style, is_public=is_public)
    if fresh.is_alone:
        return cleaned(lone_act(fresh, fresh.sitting.taken, number))
    return cleaned(_extract(Compiler(fresh), fresh.agenda[item], number))


def compile_extracts(
    meeting: Meeting, *, numbers: Mapping[str, str] | None = None, is_public: bool = False
) -> tuple[papers.DeliberationExtract, ...]:
    """The extract of every act, and of what bears a number, in the order of the agenda.
    `is_public` leaves out what the law protects. Of what one decides alone, the act itself."""
    fresh, numbers = prepared(meeting, is_public=is_public), numbers or {}
    if fresh.is_alone:
        taken = fresh.sitting.taken
        return (cleaned(lone_act(fresh, taken, numbers.get(taken.item, ""))),) if taken else ()
    compiler = Compiler(fresh)
    standing = {each.item.key for each in acts.decided(compiler.meeting) if each.is_act}
    return tuple(
        cleaned(_extract(compiler, node, numbers.get(node.item.key, "")))
        for node in compiler.meeting.agenda.nodes
        if node.item.key in numbers or node.item.key in standing
    )


def _extract(compiler: Compiler, node: agenda.Node, number: str = "") -> papers.DeliberationExtract:
    meeting, body, item = compiler.meeting, compiler.body, node.item
    places = compiler.places[item.key]
    state, quorum = _when_decided(compiler, item.key)
    at_vote = " au vote" if quorum.when else ""
    heading = shared.heading(
        meeting,
        "Extrait du registre des délibérations",
        f"deliberation-{papers.in_file_name(number)}" if number else "deliberation",
        name=f"Délibération{f' n° {number}' if number else ''}",
        issuer=compiler.issuer,
    )
    heading["file_name"] += "" if number else f"-{item.key}"
    draft = getattr(item, "brief", None)
    text = act_text(
        meeting, item, draft.draft if draft else Draft(), compiler.story.offices_at(state)
    )
    if item.key in compiler.rejected:  # what was rejected is no article of what rejects it
        text = replace(text, recitals=(), decides="", articles=())
    debated, decisions = _deciding(compiler.steps(_of_the_act(places.under), item))
    if decisions and not text.articles:
        text = replace(text, decides=_leads_to(decisions[-1]))
    return papers.DeliberationExtract(
        **heading,
        key=item.key,
        number=french.nbsp(f"Délibération n° {number}") if number else "",
        object=french.nbsp(item.title.strip()),
        order=order_of(body, "extract"),
        **compiler.worded(
            {"opening": compiler.opening(state, end="."), "conform": FORMULAS["conform"].ours},
            state,
        ),
        figures=compiler.figures(state, at_vote) + compiler.voices(state),
        presence=tuple(_presence(compiler, state, at_vote)),
        quorum=sentences.stated_presence(compiler.stated)
        if compiler.stated
        else f"{sentences.quorum(quorum.found, compiler.words, when=quorum.when)} "
        f"{compiler.uncounted(quorum.put)}".strip(),
        clerks=compiler.clerks(),
        before=compiler.steps(_of_the_act(places.opening)),
        text=text,
        report="" if text.articles else said(item.text),
        debated=debated or None,
        decisions=decisions,
        signatories=compiler.signatories(compiler.story.extract_chairs.get(item.key, ""), state),
        enforceability=tuple(papers.Fact(label=label, text=_DOTS) for label in _MAKES_IT_BINDING),
        appeal=_appeal(meeting, item),
    )


def _of_the_act(told: Sequence[tuple[sitting.Event, State]]) -> list[tuple[sitting.Event, State]]:
    """Without who takes the chair of the sitting: the heading says who has it at the vote."""
    return [
        (event, state)
        for event, state in told
        if not (isinstance(event, sitting.ChairTaken) and not event.item)
    ]


def _appeal(meeting: Meeting, item: AgendaItem) -> str:
    """How it is contested; "" of a wish, which nobody contests but the prefect."""
    if law.is_wish(item.title):
        return ""
    if item.is_electoral:
        return shared.electoral_appeal(meeting)
    return shared.appeal(meeting, "La présente délibération", since="publication")


def _deciding(
    steps: tuple[papers.Step, ...],
) -> tuple[tuple[papers.Step, ...], tuple[papers.Step, ...]]:
    """What happened until the assembly decided, then the votes that decide, the last in a row;
    what happened after them is no part of the act."""
    decided = [rank for rank, step in enumerate(steps) if step.is_decision]
    if not decided:
        return steps, ()
    first = last = decided[-1]
    while first and steps[first - 1].is_decision:
        first -= 1
    return steps[:first], steps[first : last + 1]


def _leads_to(decision: papers.Step) -> str:
    """What leads from the assembly, named first, to results that are told in whole sentences;
    nobody deliberates an election."""
    if decision.kind == "election":
        return f"Se prononce comme suit{NBSP}:"
    return f"Après en avoir délibéré, se prononce comme suit{NBSP}:"


class _Verified(NamedTuple):
    """A quorum, and when it was verified if that is not the moment of the vote."""

    found: Quorum
    put: State
    when: str = ""


def _when_decided(compiler: Compiler, item: str) -> tuple[State, _Verified]:
    """The state in which an item was last decided, and its quorum at the moment the law has it
    verified: when it is called, or the sitting resumed on it (art. L2121-17)."""
    story = compiler.story
    held = [event for event, _ in compiler.places[item].under if event.seq in story.put_before]
    if not held:
        put = story.at_item.get(item, story.at_end)
        return put, _Verified(compiler.quorum_of(put), put)
    seq = held[-1].seq
    state, put = story.at_ballot[seq], story.put_before[seq]
    compiler.last_quorum = compiler.quorum_of(replace(put, recused={}))
    quorum = compiler.quorum_of(put)
    if items.who_is_there(state) == items.who_is_there(put):
        return state, _Verified(quorum, put)
    when = sentences.verified(story.verified_by[seq], compiler.clock)
    return state, _Verified(quorum, put, when)


def _presence(compiler: Compiler, state: State, moment: str = "") -> list[papers.Presence]:
    """Everybody by standing, with whoever sits or speaks for the absent, and the votes of each
    where they are weighed; substitutes apart where the body tells its roll by standing."""
    apart = compiler.is_by_standing
    groups: dict[str, list[str]] = {}
    for member in compiler.composition.titulars:
        if compiler.is_unsaid(member, state):
            continue
        standing = state.standing(member.key)
        notes = list(compiler.weight(member))
        if standing is Standing.REPLACED:
            occupant = compiler.named(state.occupants[member.key])
            replaced = french.agree("suppléé", feminine=member.civility == "Mme")
            notes.append(f"{replaced} par {occupant}")
            if apart:
                groups.setdefault(IN_SEATS, []).append(f"{occupant} (pour {named(member)})")
        elif standing is Standing.REPRESENTED:
            notes.append(f"pouvoir à {compiler.named(state.holder_of(member.key))}")
        told = f"{named(member)} ({', '.join(notes)})" if notes else named(member)
        groups.setdefault(standing, []).append(told)
    return [
        papers.Presence(label=f"{label}{moment}", names=tuple(groups[standing]))
        for standing, label in (BY_STANDING if apart else _PRESENCE)
        if groups.get(standing)
    ]


_PRESENCE = (
    (Standing.PRESENT, "Présents"),
    (Standing.REPLACED, "Suppléés"),
    (Standing.REPRESENTED, "Représentés"),
    (Standing.EXCUSED, "Excusés"),
    (Standing.ABSENT, "Absents"),
)


# --- The list ---------------------------------------------------------------------------------


def compile_deliberation_list(
    meeting: Meeting,
    *,
    numbers: Mapping[str, str] | None = None,
    at: date | None = None,
    style: PaperStyle | None = None,
    is_public: bool = False,
) -> papers.DeliberationList:
    """Every deliberation examined, adopted or not, to be published within the week.

    `numbers` are those given in the year, by item. `at` is the day it is drawn up, that of the
    sitting by default; `style` stands in for that of the body. `is_public` leaves out what the law
    protects.
    """
    fresh = prepared(meeting, style=style, is_public=is_public)
    compiler = Compiler(fresh)
    body, numbers = fresh.body, numbers or {}
    held_on = french.long_date(fresh.held_on)
    due = deadlines.list_due(fresh.held_on, compiler.regime)
    source = regime.article_of(compiler.regime, "list_days")
    lines = []
    examined = {each.item.key: each for each in acts.decided(fresh) if each.is_listed}
    for node in fresh.agenda.nodes:
        found = examined.get(node.item.key)
        if found is None:
            continue
        lines.append(
            papers.ListedDeliberation(
                rank=len(lines) + 1,
                number=numbers.get(node.item.key, ""),
                object=french.nbsp(node.item.title.strip()),
                decision=_decision(compiler, node.item),
                is_adopted=found.is_adopted,
            )
        )
    of_body = french.contract("de", body.designation)
    return cleaned(
        papers.DeliberationList(
            **shared.heading(
                fresh,
                "Liste des délibérations examinées",
                "liste-deliberations",
                name="Liste des délibérations",
                issuer=compiler.issuer,
            ),
            statement=french.sentence(
                f"{french.count(len(lines), 'délibération')} "
                f"{french.agree('examiné', feminine=True, plural=len(lines) > 1)} au cours de la "
                f"séance {of_body} {french.contract('de', body.organisation.designation)} du "
                f"{held_on}"
            )
            if lines
            else french.sentence(
                f"aucune délibération n’a été examinée au cours de la séance {of_body} du {held_on}"
            ),
            lines=tuple(lines),
            done_at=place_and_date(body.organisation, at or fresh.held_on),
            signatory=signatory(compiler.story.offices_at(compiler.story.at_end), compiler.words),
            **compiler.worded(
                {
                    "notice": french.sentence(
                        "liste à afficher au siège et à mettre en ligne au plus tard le "
                        f"{french.long_date(due)} ({source})"
                    )
                },
                limite=french.long_date(due),
            ),
        )
    )


def _decision(compiler: Compiler, item: AgendaItem) -> str:
    """What became of it, a sentence for each thing decided, the last without its full stop: its
    whole story, where it was put to the vote again."""
    told: list[str] = []
    is_voted = False
    for event, state in compiler.places[item.key].under:
        match event:
            case sitting.BallotHeld(ballot=ballot):
                outcome = voting.of(ballot, state, compiler.regime)
                text = sentences.listed(outcome)
                if ballot.amended:
                    text += ", le texte étant modifié"
                if ballot.question:
                    text = f"proposition « {ballot.question} » {text}"
                elif is_voted:
                    text = f"remise aux voix, {text}"
                is_voted |= not ballot.question
                told.append(french.nbsp(text))
            case sitting.ElectionHeld(election=election):
                result = elections.decide(election, compiler.composition)
                ranked = sitting.ranked(election, state)
                lines = sentences.proclaimed(ranked, result, compiler.composition)
                told += [line.removesuffix(".") for line in lines]
            case sitting.FateNoted() if event == compiler.story.fate(event.item):
                told.append(sentences.fate(event, compiler.words).removesuffix("."))
    return ". ".join(map(french.capitalise, told))
