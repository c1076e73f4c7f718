"""From a sitting to its minutes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from itertools import groupby, pairwise, takewhile
from typing import Any

from documents import papers
from documents.compile.shared import (
    cleaned,
    figure,
    heading,
    issuer_of,
    label_of,
    named,
    office_of,
    order_of,
    places_of,
    prepared,
    rapporteur,
    said,
    style_of,
    the,
    worded,
)
from law import ballots, elections, french, quorum, regime, sentences, sitting, voting, wording
from law.assembly import Capacity, Composition, Member
from law.french import NBSP
from law.sitting import Standing, State
from meetings import acts, agenda, drafts, leaving, reading, richtext
from meetings.models import AgendaItem, Meeting
from members.models import Body, PaperStyle, folded


def compile_minutes(
    meeting: Meeting, *, style: PaperStyle | None = None, is_public: bool = False
) -> papers.MinutesDocument:
    """The minutes of the sitting as the ledger and the texts stand now, as a draft.

    Reads the sitting afresh, in the same number of queries whatever its size. `style` stands in
    for that of its body. `is_public` leaves out what the law protects.
    """
    fresh = prepared(meeting, style=style, enclosures=False, is_public=is_public)
    return cleaned(Compiler(fresh).document())


# --- The paper --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Places:
    """What happened around one item, in order, each event with the state that it found."""

    before: list[tuple[sitting.Event, State]] = field(default_factory=list)
    opening: list[tuple[sitting.Event, State]] = field(default_factory=list)
    under: list[tuple[sitting.Event, State]] = field(default_factory=list)


# What the roll itself shows: told in a sentence only when it happens later.
_OF_THE_ROLL = (
    sitting.Arrived,
    sitting.Excused,
    sitting.SeatTaken,
    sitting.SeatReturned,
    sitting.ProxyGiven,
    sitting.ProxyRevoked,
)
# What has its own place on the paper.
_TOLD_ELSEWHERE = (
    sitting.Composed,
    sitting.Opened,
    sitting.ClerksNamed,
    sitting.ItemOpened,
    sitting.Closed,
)


_DECISIONS = (sitting.BallotHeld, sitting.ElectionHeld, sitting.FateNoted)
_MANY = 3  # questions of one item, from which on a table tells their votes


class Compiler:
    """Everything that the parts of the paper share; lives as long as one compilation."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self.body: Body = meeting.body
        self.is_short = self.body.layout == Body.Layout.SHORT
        self.clock: french.ClockStyle = "compact" if self.is_short else "full"
        self.words = reading.words(meeting)
        self.issuer = issuer_of(self.body)
        self.regime: regime.Regime = meeting.regime
        self.composition = meeting.basis.composition
        self.numbers = {
            node.item.key: node.number
            for node in meeting.agenda.nodes
            if node.number and node.number != agenda.BULLET
        }
        self.telling = wording.Telling(
            day=self.meeting.held_on,
            composition=self.composition,
            numbers=self.numbers,
            words=self.words,
            style=self.clock,
        )
        self.returns: set[int] = set()  # arrivals of who had left
        self.places: dict[str, _Places] = defaultdict(_Places)
        self.at_opening_told: list[tuple[sitting.Event, State]] = []
        self.movements: dict[str, list[sitting.Event]] = defaultdict(list)
        self.called: dict[str, datetime | None] = {}  # when each item was first
        self.served: dict[int, frozenset[str]] = {}  # givers of the proxies in effect until then
        self._was_served: frozenset[str] = frozenset()
        self.story = sitting.replay(
            self.composition, meeting.ledger, meeting.agenda.keys, observe=self._place
        )
        if self.story.at_end.is_open:
            self._was_served |= self.story.at_end.living_proxies.keys()
        self._tell_rounds_once()
        self.telling = replace(self.telling, returns=frozenset(self.returns))
        self._tell_between_items()
        self._tell_closed_doors_first()
        self.last_quorum: quorum.Quorum | None = None

    def _place(self, event: sitting.Event, state: State) -> None:
        """Put an event where the paper tells it."""
        if state.is_open:
            self._was_served |= state.living_proxies.keys()
        self.served[event.seq] = self._was_served
        if isinstance(event, sitting.Arrived | sitting.Left):
            before = self.movements[event.member]
            if isinstance(event, sitting.Arrived) and any(
                isinstance(e, sitting.Left) for e in before
            ):
                self.returns.add(event.seq)
            before.append(event)
        elif isinstance(event, sitting.ProxyGiven | sitting.ProxyRevoked):
            self.movements[event.giver].append(event)
        if isinstance(event, sitting.ItemOpened):
            self._call(event, state)
        if isinstance(event, _TOLD_ELSEWHERE) and not _succeeds(event, state):
            return
        told = (event, state)
        match event:
            case sitting.CollegeSet(item=item):
                self.places[item].opening.append(told)
            case sitting.Recused() | sitting.ChairTaken() if item := _concerned(event, state):
                places = self.places[item]
                is_after = sitting.comes_late(event, self.called.get(item)) or any(
                    isinstance(each, _DECISIONS) for each, _ in places.under
                )
                (places.under if is_after else places.opening).append(told)
            case sitting.BallotHeld(ballot=ballot):
                self.places[ballot.item].under.append(told)
            case sitting.ElectionHeld(election=election):
                self.places[election.item].under.append(told)
            case sitting.FateNoted(item=item):
                self.places[item].under.append(told)
            case sitting.Event(before=str(item)):
                self.places[item].before.append(told)
            case _ if state.item:
                self.places[state.item].under.append(told)
            case _ if not (isinstance(event, _OF_THE_ROLL) and _is_at_roll(event, state)):
                self.at_opening_told.append(told)

    def _call(self, event: sitting.ItemOpened, state: State) -> None:
        """An item that is called again has its quorum verified again, where that happens."""
        if event.item in self.called:
            self.places[event.item].under.append((event, state))
        self.called.setdefault(event.item, event.at)

    def _tell_rounds_once(self) -> None:
        """An election is told once, with all its rounds, where the last one was held."""
        again = self.story.told_again
        for places in self.places.values() if again else ():
            places.under = [pair for pair in places.under if pair[0].seq not in again]

    def _tell_between_items(self) -> None:
        """Who comes or goes once an item is decided is told before the next one that is called,
        as it is when the sitting is entered afterwards."""
        opened = {event.item for event in self.story.of_kind(sitting.ItemOpened)}
        called = [key for key in self.story.agenda if key in opened]
        for item, following in pairwise(called):
            told = self.places[item].under
            decided = [rank for rank, (e, _) in enumerate(told, 1) if isinstance(e, _DECISIONS)]
            since = decided[-1] if decided else len(told)
            self.places[following].before[:0] = [
                (replace(event, before=following), state) for event, state in told[since:]
            ]
            del told[since:]

    def _tell_closed_doors_first(self) -> None:
        """That the doors are closed on an item is told before what was said behind them, with what
        happened there until then."""
        for places in self.places.values():
            undecided = takewhile(lambda told: not isinstance(told[0], _DECISIONS), places.under)
            closed = [
                rank
                for rank, (event, _) in enumerate(undecided, 1)
                if isinstance(event, sitting.DoorsClosed)
            ]
            if closed:
                places.opening += places.under[: closed[-1]]
                del places.under[: closed[-1]]

    def document(self) -> papers.MinutesDocument:
        """The minutes as they stand, "projet" across their pages."""
        body, meeting = self.body, self.meeting
        held_on = french.long_date(meeting.held_on)
        of_body = french.contract("de", body.designation)
        roots = meeting.agenda.roots
        first = next((n for n, node in enumerate(roots) if not self.is_approved(node)), len(roots))
        statement = self.quorum_at_opening()
        return papers.MinutesDocument(
            **heading(
                meeting,
                "Procès-verbal synthétique" if self.is_short else "Procès-verbal",
                "pv",
                issuer=self.issuer,
            )
            | {"name": f"Procès-verbal {of_body} du {held_on}"},
            layout=body.layout,
            watermark="projet",
            order=None if self.is_short else order_of(body, "minutes"),
            **self.worded(self.sentences()),
            roll_heading=self.roll_heading(),
            roll=self.roll(),
            roll_by_standing=self.roll_by_standing(),
            tells_articles=self.tells_articles,
            attending=self.attending() or None,
            figures=self.figures_at_opening() + self.voices(self.story.at_opening),
            preamble=self.preamble(),
            quorum=statement,
            clerks=self.clerks(),
            opening_steps=self.steps(self.at_opening_told),
            approvals=tuple(self.item(node) for node in roots[:first]),
            items=tuple(self.item(node) for node in roots[first:]),
            closing_steps=self.closing_steps(),
            signatories=self.signatories(),
        )

    def is_approved(self, node: agenda.Node) -> bool:
        """Whether earlier minutes were put to the vote there: its sentence says which, so that it
        needs no title."""
        is_linked = node.item.kind == AgendaItem.Kind.APPROVAL and node.item.approves is not None
        return is_linked and any(
            isinstance(event, sitting.BallotHeld) and not event.ballot.question
            for event, _ in self.places[node.item.key].under
        )

    # Sentences that the body may word in its own way

    def sentences(self) -> dict[str, str]:
        """Those that a body may word in its own way, in our words."""
        return {"opening": self.opening(), "closing": self.closing()}

    def worded(
        self, plain: Mapping[str, str], at: State | None = None, **places: str
    ) -> dict[str, Any]:
        """These sentences in the words of the body, their places filled in as the sitting went;
        `at` is the moment whose presidency is told, the opening by default.

        How a sitting broke up for want of quorum is told in ours.
        """
        opening, closed = self.story.at_opening, self.closed
        chair = self.member((at or opening).chair)
        on = self.convened_on
        places |= {
            "president": named(chair) if chair else "",
            "convocation": french.long_date(on) if on else "",
        }
        if opening.opened_at:
            places["heure"] = french.clock(opening.opened_at, self.clock)
        at_close = french.clock(closed.at, self.clock) if closed and closed.at else ""
        kept = {"closing"} if closed and closed.for_want_of_quorum else set()
        told = worded(
            self.body,
            {name: sentence for name, sentence in plain.items() if name not in kept},
            places_of(self.meeting) | places,
            closing={"heure": at_close},
        )
        return {**plain, **told}

    # Heading

    @cached_property
    def convened_on(self) -> date | None:
        """The day on which it was convened: what is not known to have left is not told."""
        return leaving.convened_on(self.meeting)

    def opening(self, at: State | None = None, *, end: str = " ;") -> str:
        """Who met, when, where, convened on which day and under whose chair, at the opening or at
        another moment; a list follows it in short minutes, after what `end` says."""
        state = self.story.at_opening
        at = at or state
        return sentences.opening(
            state.opened_at or self.meeting.scheduled_for,
            self.words,
            chair=self.story.offices_at(at).by_key.get(at.chair),
            convened_on=self.convened_on,
            place=self.meeting.place.strip(),
            style=self.clock,
            in_capitals=self.is_short,
            civility=not self.is_short,
            is_timed=bool(state.opened_at or self.meeting.hour),
            end=end if self.is_short else ".",
        )

    def preamble(self) -> tuple[str, ...]:
        """Why this sitting needs no quorum, when a second call sent in time dispenses with it."""
        first = self.meeting.second_call_of
        if first is None or not self.meeting.lifts_quorum:
            return ()
        return (sentences.second_call(first.held_on, self.words, convened_on=self.convened_on),)

    def quorum_at_opening(self) -> papers.QuorumStatement:
        """The quorum counted at the roll; what each item's is compared with."""
        self.last_quorum = found = self.quorum_of(self.story.at_opening)
        if self.stated:
            return papers.QuorumStatement(sentence=sentences.stated_presence(self.stated))
        # Its preamble has said why a second call needs no quorum.
        told = sentences.present_on_second_call if self.preamble() else sentences.quorum
        return papers.QuorumStatement(
            sentence=told(found, self.words),
            in_office=found.in_office,
            present=found.present,
            required=found.required,
            reached=found.reached,
        )

    @property
    def stated(self) -> str:
        """Who was there as a paper says it without naming everybody: then nobody is counted, and
        nobody is said to be absent."""
        return self.meeting.stated_presence.strip()

    def quorum_of(self, state: State) -> quorum.Quorum:
        """The quorum at one moment, as the rules of the body have it (art. L2121-17)."""
        return self.meeting.quorum_of(state)

    def clerks(self) -> str:
        """Who was named secretary (art. L2121-15), "" as long as nobody was."""
        keys = next(iter(self.story.clerks_in_turn), ())
        members = [self.composition[key] for key in keys if key in self.composition]
        return sentences.clerks(members) if members else ""

    def figures_at_opening(self) -> tuple[papers.Figure, ...]:
        """Those of the opening, which say so where another vote finds others."""
        opening = self.story.at_opening
        counted = _counted(opening)
        if all(_counted(state) == counted for state in self.story.at_ballot.values()):
            return self.figures(opening)
        moment = " à l’ouverture"
        return self.figures(opening, moment, voting=moment)

    def figures(
        self, state: State, moment: str = "", *, voting: str = ""
    ) -> tuple[papers.Figure, ...]:
        """In office, present, represented, voting at one `moment`: " au vote"."""
        if self.stated:
            return ()
        there, carried, voices = _counted(state)
        return (
            papers.Figure(label="membres en exercice", value=len(self.composition.titulars)),
            figure("présent", there, moment),
            figure("représenté", carried, moment),
            figure("votant", voices, voting),
        )

    def voices(self, state: State) -> tuple[papers.Figure, ...]:
        """The votes at one moment, where they are weighed."""
        voices = () if self.stated else state.voices
        weight = sum(voice.weight for voice in voices)
        return (papers.Figure(label="voix", value=weight),) if weight != len(voices) else ()

    # Roll

    def roll_heading(self) -> tuple[papers.Run, ...]:
        """ "Membres du BUREAU présents et excusés :", the standings that the roll shows."""
        shown = {line.standing for college in self.roll() for line in college.lines}
        words = [
            papers.Run(text=word, mark=mark)
            for standing, word, mark in (
                (Standing.PRESENT, "présents", "present"),
                (Standing.REPLACED, "suppléés", "excused"),
                (Standing.REPRESENTED, "représentés", "excused"),
                (Standing.EXCUSED, "excusés", "excused"),
                (Standing.ABSENT, "absents", ""),
            )
            if standing in shown
        ]
        if not words:
            return ()
        of_body = french.contract("de", french.in_capitals(self.body.designation))
        runs = [papers.Run(text=f"Membres {of_body} ")]
        for index, word in enumerate(words):
            if index:
                last = index == len(words) - 1
                runs.append(papers.Run(text=" et " if last else ", "))
            runs.append(word)
        return (*runs, papers.Run(text=f"{NBSP}:"))

    def roll(self) -> tuple[papers.College, ...]:
        """Titulars by constituency, then who sits without a vote, then substitutes who came."""
        groups: dict[str, list[Member]] = {c.name: [] for c in self.composition.constituencies}
        for member in self.composition.titulars:
            if not self.is_unsaid(member, self.story.at_opening):
                groups.setdefault(member.constituency, []).append(member)
        # Nobody says how many seats are vacant where not everybody is named.
        known = () if self.stated else self.composition.constituencies
        seats = {c.name: c.seats for c in known}
        titulars = [
            papers.College(
                name=name or ("Autres membres" if len(groups) > 1 else ""),
                lines=tuple(map(self.roll_line, members)),
                remark=_vacancies(seats.get(name, 0) - len(members)),
            )
            for name, members in groups.items()
            if members or seats.get(name, 0)
        ]
        return (*titulars, *self.beside())

    def is_unsaid(self, member: Member, state: State) -> bool:
        """Whether nothing is known of a member, where a paper does not name everybody."""
        is_told = bool(self.movements[member.key])
        return bool(self.stated) and not is_told and state.standing(member.key) == Standing.ABSENT

    def beside(self) -> list[papers.College]:
        """Who sits without a vote, then substitutes who came and took no seat."""
        attending = self.story.at_opening.attending
        later = frozenset().union(
            *(s.attending for s in (*self.story.at_item.values(), self.story.at_end))
        )
        found: dict[str, list[Member]] = {}
        for member in self.composition.members:
            if member.capacity is Capacity.CONSULTATIVE:
                found.setdefault("Voix consultative", []).append(member)
            elif (
                member.capacity is Capacity.SUBSTITUTE
                and self.movements[member.key]
                and member.key not in attending
            ):
                sits = member.key in later
                name = "ayant siégé en cours de séance" if sits else "présents sans siéger"
                found.setdefault(f"Suppléants {name}", []).append(member)
        return [
            papers.College(name=name, lines=tuple(map(self.roll_line, members)))
            for name, members in found.items()
        ]

    def roll_by_standing(self) -> tuple[papers.College, ...] | None:
        """The same by standing where the body wants it so: titulars present, substitutes in their
        seats, then who is not there."""
        if not self.is_by_standing:
            return None
        lines: dict[str, list[papers.RollLine]] = defaultdict(list)
        occupants = self.story.at_opening.occupants
        for member in self.composition.titulars:
            if self.is_unsaid(member, self.story.at_opening):
                continue
            line = self.roll_line(member)
            lines[line.standing].append(line)
            if line.standing == Standing.REPLACED:
                seat = f"dans le siège de {self.named(member.key)}"
                substitute = self.roll_line(self.composition[occupants[member.key]])
                lines[IN_SEATS].append(replace(substitute, remark=seat, note=seat))
        vacant = [each.remark for each in self.roll() if each.remark]
        standings = [
            papers.College(name=name, lines=tuple(lines[standing]))
            for standing, name in BY_STANDING
            if lines[standing]
        ]
        if vacant and standings:
            standings[-1] = replace(standings[-1], remark=", ".join(vacant))
        return (*standings, *self.beside())

    @property
    def is_by_standing(self) -> bool:
        """Whether the body tells its roll by standing, and not by constituency."""
        style = style_of(self.body)
        return style is not None and style.roll_by == PaperStyle.RollBy.STANDING

    def weight(self, member: Member) -> tuple[str, ...]:
        """ "12 voix", of a titular where votes are weighed."""
        if self.composition.is_weighted and member.capacity is Capacity.TITULAR:
            return (french.count(member.weight, "voix"),)
        return ()

    def attending(self) -> str:
        """Who was there without being a member, "" when nobody is known to have been."""
        people = self.meeting.attending.splitlines()
        if not people:
            return ""
        verb = "assistent" if len(people) > 1 else "assiste"
        who = " ; ".join(line.rstrip(" ;.") for line in people)
        return french.sentence(f"{verb} également à la séance : {who}")

    @cached_property
    def at_roll(self) -> Composition:
        """The members with the offices that they hold at the opening."""
        return self.story.offices_at(self.story.at_opening)

    def roll_line(self, member: Member) -> papers.RollLine:
        """A member on the roll: how he stands at the opening, when he came and went."""
        state = self.story.at_opening
        standing = state.standing(member.key)
        word = sentences.standing(member, standing)
        if standing is Standing.REPLACED:
            word += f" par {self.named(state.occupants[member.key])}"
        came = any(isinstance(event, sitting.Arrived) for event in self.movements[member.key])
        is_late = came and standing is not Standing.PRESENT
        parts = self.roll_parts(member)
        # Bold and italic say who sits and who does not, but not who sits instead.
        is_shown = standing in (Standing.REPLACED, Standing.ABSENT) and not is_late
        return papers.RollLine(
            name=member.name if self.is_short else self.named(member.key),
            standing=Standing.PRESENT if came else standing,
            office=office_of(self.at_roll[member.key], self.words),
            community=member.community if member.community != member.constituency else "",
            remark=", ".join(parts if is_late else [word, *parts]),
            note=", ".join([word, *parts] if is_shown else parts),
        )

    def roll_parts(self, member: Member) -> list[str]:
        """What else is to be known: a proxy, video, when the member came and went."""
        state = self.story.at_opening
        parts = list(self.weight(member))
        if member.key in state.remote:
            parts.append("par visioconférence")
        is_there = member.key in state.room
        proxy = state.proxies.get(member.key)
        if proxy is not None and not is_there:
            effect = ""
            if state.standing(member.key) is not Standing.REPRESENTED:
                wakes = member.key in self._was_served
                effect = " sans effet à l’ouverture" if wakes else " sans effet"
            parts.append(f"pouvoir à {self.named(proxy.holder)}{effect}")
        was_there = is_there
        for index, event in enumerate(self.movements[member.key]):
            match event:
                case sitting.Arrived() if is_there and index == 0:
                    continue
                case sitting.Arrived():
                    parts.append(self.moved("revenu" if was_there else "arrivé", member, event))
                    was_there = True
                case sitting.Left():
                    parts.append(self.moved("parti", member, event))
                case sitting.ProxyGiven(holder=holder) if event != proxy:
                    parts.append(f"pouvoir à {self.named(holder)}")
                case sitting.ProxyRevoked() if event.before or not _is_at_roll(event, state):
                    parts.append(f"pouvoir retiré {self.moment(event)}")
        return parts

    def moved(self, participle: str, member: Member, event: sitting.Event) -> str:
        """ "arrivée à 18 h 36", "parti avant le point 4"."""
        told = french.agree(participle, feminine=member.civility == "Mme")
        return f"{told} {self.moment(event)}"

    def moment(self, event: sitting.Event) -> str:
        """ "à 18 h 36", with its day after midnight; "avant le point 4" or "en cours de séance"
        when no hour was noted."""
        if event.at:
            return self.telling.at(event).strip()
        if event.before in self.numbers:
            return f"avant le point {self.numbers[event.before]}"
        return "en cours de séance"

    # Items

    def item(self, node: agenda.Node) -> papers.Item:
        """A point with all that happened around it, and those beneath it."""
        item, places = node.item, self.places[node.item.key]
        state = self.story.at_item.get(item.key, self.story.at_end)
        text, *later = richtext.passages(item.text)
        before = self.steps(places.before)
        if not item.is_section:
            before += self.quorum_note(item.key)
        return papers.Item(
            key=item.key,
            number=node.number,
            title=french.nbsp(item.title.strip()),
            kind=item.kind,
            rapporteur=rapporteur(item, self.story.offices_at(state), self.words),
            note=self.note(item) or None,
            before=before,
            opening=self.steps(places.opening),
            html=said(text),
            after=self.enacted(self.told_under(item, later), item),
            children=tuple(self.item(child) for child in node.children),
        )

    def note(self, item: AgendaItem) -> str:
        """That the convocation did not announce the item, or under another title."""
        if item.was_added:
            return "point ajouté à l’ordre du jour après la convocation"
        if item.announced and item.announced.strip() != item.title.strip():
            return french.nbsp(f"intitulé modifié ; la convocation portait « {item.announced} »")
        return ""

    def told_under(self, item: AgendaItem, texts: Sequence[str]) -> tuple[papers.Step, ...]:
        """What happened under an item, with what was said after each vote: the last text stands
        after all that remains."""
        under = self.places[item.key].under
        decided = [rank for rank, (e, _) in enumerate(under, 1) if isinstance(e, _DECISIONS)]
        ends = decided[: len(texts) - 1] if texts else []
        ends += [len(under)] * (max(len(texts), 1) - len(ends))
        steps: list[papers.Step] = []
        for rank, end in enumerate(ends):
            steps += self.steps(under[ends[rank - 1] if rank else 0 : end], item)
            if html := said("".join(texts[rank : rank + 1])):
                steps.append(papers.Step(kind="debat", text="", html=html))
        return tuple(steps)

    def enacted(self, steps: tuple[papers.Step, ...], item: AgendaItem) -> tuple[papers.Step, ...]:
        """The same, what was drafted (`dispositif`) under the decision that takes it."""
        brief = getattr(item, "brief", None)
        draft = brief.draft if brief is not None else drafts.Draft()
        if not draft.articles or not self.tells_articles or item.key not in self.taken:
            return steps
        last = max(rank for rank, step in enumerate(steps) if step.is_decision)
        decision = replace(
            steps[last],
            decides=french.nbsp(
                f"Après en avoir délibéré, {self.words.designation}"
                f"{'' if draft.is_verbal else ' décide'} :"
            ),
            articles=tuple(
                papers.Article(label=label_of(draft, each.label), text=each.text, parts=each.parts)
                for each in draft.articles
            ),
        )
        return (*steps[:last], decision, *steps[last + 1 :])

    @cached_property
    def tells_articles(self) -> bool:
        """Whether the minutes of the body say what was drafted."""
        style = style_of(self.body)
        return style is None or style.tells_articles

    @cached_property
    def taken(self) -> frozenset[str]:
        """The items of which what was drafted was adopted in the end."""
        return frozenset(each.item.key for each in acts.decided(self.meeting) if each.is_adopted)

    @cached_property
    def rejected(self) -> frozenset[str]:
        """The items of which what was drafted was rejected in the end."""
        return frozenset(each.item.key for each in acts.decided(self.meeting) if each.is_rejected)

    def quorum_note(self, key: str) -> tuple[papers.Step, ...]:
        """The quorum of an item as it is called, when comings and goings changed it or when it is
        missing.

        Withdrawals are told with their item; that they change the count goes without saying, as
        long as the quorum holds.
        """
        state = self.story.at_call.get(key)
        return () if state is None or key in self.unreached else self.verified(state)

    def verified(self, state: State, when: str = "") -> tuple[papers.Step, ...]:
        """The quorum verified in this state, unless it was told so and still holds."""
        if self.stated:
            return ()
        in_the_room = self.quorum_of(replace(state, recused={}))
        before, self.last_quorum = self.last_quorum, in_the_room
        moved = in_the_room != before
        found = self.quorum_of(state)
        if found.reached and not moved:
            return ()
        # What is missing is counted again as soon as anybody came or went.
        still = before is not None and before.reached == found.reached
        still = still and (found.reached or not moved) and before.second_call == found.second_call
        text = sentences.quorum(found, self.words, still=still, when=when)
        if not found.reached:
            text = f"{text} {self.uncounted(state)}".strip()
        return (papers.Step(kind="quorum", text=text),)

    def verified_again(self, event: sitting.Event, state: State) -> tuple[papers.Step, ...]:
        """The quorum of an item called again, or of the sitting that goes on (art. L2121-17)."""
        when = "à la reprise"
        if isinstance(event, sitting.ItemOpened):
            when = "ce point étant appelé de nouveau"
            when += f" à {french.clock(event.at, self.clock)}" if event.at else ""
        return self.verified(sitting.apply(state, event), when)

    def quorum_gone(self, event: sitting.Event, state: State) -> tuple[papers.Step, ...]:
        """That the quorum, reached when it was verified, is no longer there at the vote."""
        legal = self.quorum_of(self.story.put_before[event.seq])
        found = self.quorum_of(state)
        if self.stated or found.reached or not legal.reached:
            return ()
        by = self.story.verified_by[event.seq]
        text = sentences.quorum_gone(found, legal, self.words, by, self.clock)
        return (papers.Step(kind="quorum", text=text),)

    def uncounted(self, state: State) -> str:
        """Who is there and is not counted in the quorum of the item: why it is fewer than those
        present; "" when everybody is."""
        withdrawn = state.attending - state.sitting
        afar = frozenset() if self.regime.quorum_counts_remote else state.remote & state.sitting
        concerned = {seat for seat in state.occupants if state.concerns(seat)}
        others = len(state.occupants) - len(concerned)
        return sentences.uncounted(
            [each for each in self.composition.members if each.key in withdrawn],
            [each for each in self.composition.members if each.key in afar],
            0 if self.regime.quorum_of_restricted_items == "tous" else others,
            self.words,
        )

    @cached_property
    def unreached(self) -> tuple[str, ...]:
        """The items that a sitting closed for want of quorum did not come to."""
        reached = (key for key, places in self.places.items() if places.opening or places.under)
        return tuple(key for key in self.put_off if key not in {*self.called, *reached})

    @cached_property
    def put_off(self) -> tuple[str, ...]:
        """Those, and the one that it was on, if it could not be decided."""
        return reading.put_off(self.meeting)

    # Steps

    def steps(
        self, told: Sequence[tuple[sitting.Event, State]], item: AgendaItem | None = None
    ) -> tuple[papers.Step, ...]:
        """What happened, in order; movements of one moment are told in one sentence."""
        steps: list[papers.Step] = []
        for _, together in groupby(told, key=lambda pair: _moment(pair[0])):
            group = list(together)
            event, state = group[0]
            if isinstance(event, sitting.BallotHeld | sitting.ElectionHeld):
                steps += self.quorum_gone(event, state)
            match event:
                case sitting.ItemOpened():
                    steps += self.verified_again(event, state)
                case sitting.BallotHeld() if item is not None:
                    steps += self.votes(group, item)
                case sitting.ElectionHeld(election=election):
                    result = elections.decide(election, self.composition)
                    ranked = sitting.ranked(election, state)
                    text, *more = sentences.election(ranked, result, self.composition, self.words)
                    steps.append(papers.Step(kind="election", text=text, more=tuple(more)))
                case sitting.BallotRequested():
                    # Whether it is followed depends on every request made on that item.
                    at_item = self.story.at_item[event.item]
                    text = sentences.request(event, at_item, self.regime)
                    steps.append(papers.Step(kind="mouvement", text=text))
                case sitting.FateNoted():
                    if event == self.story.fate(event.item):
                        text = sentences.fate(event, self.words)
                        steps.append(papers.Step(kind="sort", text=text))
                case _:
                    kind = "presidence" if isinstance(event, sitting.ChairTaken) else "mouvement"
                    steps += [
                        papers.Step(kind=kind, text=text)
                        for text in replace(
                            self.telling, before=state, served=self.served[group[0][0].seq]
                        ).movements([event for event, _ in group])
                    ]
                    if isinstance(event, sitting.Resumed):
                        steps += self.verified_again(event, state)
        return tuple(steps)

    def votes(
        self, held: Sequence[tuple[sitting.Event, State]], item: AgendaItem
    ) -> list[papers.Step]:
        """Ballots in sentences; in a table many questions in a row, of which no names are told, and
        those that the table of the item is about."""
        cast = [(e.ballot, state) for e, state in held if isinstance(e, sitting.BallotHeld)]
        told = [self.vote(ballot, state, item) for ballot, state in cast]
        table = _Rows(item, self.places[item.key].under)
        if not cast[0][0].question:
            if table.is_voted_at_once and held[-1][0] == table.last_vote:
                told[-1] = replace(told[-1], columns=table.headings, lines=table.together())
            return told
        # What a table does not hold is told in sentences.
        is_plain = all(
            ballot.is_counted and not ballot.amended and ballot.majority == ballots.Majority()
            for ballot, _ in cast
        ) and not any(step.groups for step in told)
        rows = [table.of(ballot.question) for ballot, _ in cast]
        if not any(rows) and (len(told) < _MANY or not is_plain):
            return told
        lines, more = [], []
        for (ballot, state), row in zip(cast, rows, strict=True):
            outcome = voting.of(ballot, state, self.regime)
            tally = outcome.tally
            lines.append(
                papers.VotedLine(
                    question=french.nbsp(ballot.question),
                    result=sentences.result(outcome)
                    if outcome.is_unanimous
                    else sentences.verdict(outcome),
                    for_=tally.for_ if is_plain else None,
                    against=tally.against if is_plain else None,
                    abstentions=tally.abstentions + tally.blank + tally.null if is_plain else None,
                    cells=table.cells(row),
                )
            )
            if beside := sentences.beside(outcome, self.composition, state.voices):
                more.append(french.nbsp(f"Sur « {ballot.question} » : {beside}"))
        if held[-1][0] == table.last_vote:
            lines += table.unasked()
        if not is_plain:
            told[-1] = replace(told[-1], columns=table.headings or None, lines=tuple(lines))
            return told
        secretly = "" if cast[0][0].mode is ballots.Mode.ORDINARY else " au scrutin secret"
        text = f"Sont mises aux voix{secretly}, l’une après l’autre\u00a0:"
        return [
            papers.Step(
                kind="vote",
                text=text,
                more=tuple(more),
                columns=table.headings or None,
                lines=tuple(lines),
            )
        ]

    def vote(self, ballot: ballots.Ballot, state: State, item: AgendaItem) -> papers.Step:
        """A ballot in a sentence, with its names when the law publishes them (art. L2121-21)."""
        outcome = voting.of(ballot, state, self.regime)
        voices = state.voices
        subject = reading.subject(item)
        named = sentences.named_votes(outcome, self.composition, voices, self.regime)
        return papers.Step(
            kind="vote",
            text=sentences.ballot(
                outcome, ballot, self.composition, subject=subject, voices=voices
            ),
            more=_reason(ballot),
            groups=tuple(papers.VoteGroup(label=label, names=names) for label, names in named),
            count=self._count(outcome, state) if outcome.is_counted else None,
        )

    def _count(self, outcome: ballots.Outcome, state: State) -> papers.Count:
        tally, entitled = outcome.tally, len(state.entitled)
        return papers.Count(
            mode=outcome.mode,
            verdict=outcome.verdict,
            for_=tally.for_,
            against=tally.against,
            abstentions=tally.abstentions,
            not_voting=tally.not_voting,
            blank=tally.blank,
            null=tally.null,
            entitled=entitled if entitled != len(self.composition.titulars) else None,
        )

    # The end

    def closing_steps(self) -> tuple[papers.Step, ...]:
        """What a quorum lost in mid-sitting leaves for another day, and the day that was announced
        for it."""
        told = []
        if self.put_off and self.quorum_of(self.story.at_opening).reached:
            titles = {node.item.key: node.item.title for node in self.meeting.agenda.nodes}
            left = [
                self.numbers.get(key) or f"«\u00a0{titles.get(key, key)}\u00a0»"
                for key in self.put_off
            ]
            told.append(sentences.quorum_lost(self.words, left))
        again = self.meeting.announced_second_call()
        if again and self.closed and self.closed.for_want_of_quorum:
            told.append(sentences.announced_second_call(again, self.words))
        return tuple(papers.Step(kind="quorum", text=text) for text in told)

    @cached_property
    def closed(self) -> sitting.Closed | None:
        """The end of the sitting, `None` as long as it lasts."""
        return next(reversed(list(self.story.of_kind(sitting.Closed))), None)

    def closing(self) -> str:
        """When it was closed, and why when the quorum was lost; "" as long as it lasts."""
        return (
            wording.closing(self.closed, style=self.clock, day=self.meeting.held_on)
            if self.closed
            else ""
        )

    def signatories(
        self, chair_key: str = "", at: State | None = None
    ) -> tuple[papers.Signatory, ...]:
        """Who signs: whoever chaired, and the secretaries of the sitting (art. L2121-15). The
        minutes unless another chair is given, with the moment that tells its office."""
        offices = self.story.offices_at(at or self.story.at_end)
        chair = offices.by_key.get(chair_key or self.story.signing_chair)
        found = []
        if chair is not None:
            title = self.words.chair if chair.is_president else "président de séance"
            found.append(papers.Signatory(office=the(title, chair), name=chair.name))
        for key in self.story.clerks:
            clerk = self.member(key)
            if clerk is not None:
                title = the(papers.Signatory.CLERK, clerk)
                found.append(papers.Signatory(office=title, name=clerk.name))
        return tuple(found)

    # Names

    def member(self, key: str) -> Member | None:
        """Who bears this key, `None` for somebody from outside."""
        return self.composition.by_key.get(key)

    def named(self, key: str) -> str:
        """The member as a sentence names him, or his bare key when nobody knows him."""
        return named(self.composition.someone(key))


# The roll by standing; substitutes who sit come after the titulars who do.
IN_SEATS = "en siège"
BY_STANDING = (
    (Standing.PRESENT, "Titulaires présents"),
    (IN_SEATS, "Suppléants présents"),
    (Standing.REPRESENTED, "Représentés"),
    (Standing.REPLACED, "Suppléés"),
    (Standing.EXCUSED, "Excusés"),
    (Standing.ABSENT, "Absents"),
)


class _Rows:
    """The table of an item (asked, proposed, voted), beside the votes held on it."""

    def __init__(self, item: AgendaItem, under: Sequence[tuple[sitting.Event, State]]) -> None:
        table = item.voted_table
        self.headings = tuple(map(french.nbsp, table.headings))
        self.rows = {folded(row[0]): tuple(map(french.nbsp, row)) for row in table.rows}
        held = [event for event, _ in under if isinstance(event, sitting.BallotHeld)]
        self.asked = {folded(event.ballot.question) for event in held}
        self.last_vote = held[-1] if held else None

    def of(self, question: str) -> tuple[str, ...]:
        """The row that a question is about, () when the table has none."""
        return self.rows.get(folded(question), ())

    def cells(self, row: tuple[str, ...]) -> tuple[str, ...] | None:
        """What a row says after its first cell, blank when there is no row."""
        if not self.headings:
            return None
        return row[1:] or ("",) * (len(self.headings) - 1)

    @property
    def is_voted_at_once(self) -> bool:
        """Whether one vote decides every line: no question is about one of them."""
        return bool(self.rows) and not self.asked & self.rows.keys()

    def together(self) -> tuple[papers.VotedLine, ...]:
        """The lines that one vote decides."""
        return tuple(self._line(row, "") for row in self.rows.values())

    def unasked(self) -> tuple[papers.VotedLine, ...]:
        """The lines about which no question was put."""
        return tuple(
            self._line(row, "non mise aux voix")
            for name, row in self.rows.items()
            if name not in self.asked
        )

    def _line(self, row: tuple[str, ...], result: str) -> papers.VotedLine:
        return papers.VotedLine(
            question=row[0],
            result=result,
            for_=None,
            against=None,
            abstentions=None,
            cells=self.cells(row),
        )


def _reason(ballot: ballots.Ballot) -> tuple[str, ...]:
    """Why a ballot was secret that nobody asked for, in the words of who noted it."""
    reason = ballot.reason.strip().rstrip(".")
    if ballot.mode is not ballots.Mode.SECRET or reason in ("", "nomination", "désignation"):
        return ()
    return (french.sentence(f"motif du scrutin secret\u00a0: {reason}"),)


def _succeeds(event: sitting.Event, state: State) -> bool:
    """Whether a secretary is named after another, in the course of the sitting."""
    is_named = isinstance(event, sitting.ClerksNamed) and bool(state.clerks)
    return is_named and sitting.is_in_its_course(event)


def _concerned(event: sitting.Recused | sitting.ChairTaken, state: State) -> str:
    """The item that it is about; that under which one takes the chair of the sitting."""
    is_of_the_sitting = event.before is None and not event.item
    return state.item if is_of_the_sitting else event.item


def _counted(state: State) -> tuple[int, int, int]:
    """Present, represented, voting."""
    return len(state.attending), len(state.living_proxies), len(state.voices)


def _is_at_roll(event: sitting.Event, state: State) -> bool:
    return event.at is None or state.opened_at is None or event.at <= state.opened_at


def _moment(event: sitting.Event) -> tuple[Any, ...]:
    """Movements of one kind at one moment may be told together, and questions voted in a row;
    nothing else is."""
    if isinstance(event, sitting.Arrived | sitting.Left | sitting.Recused):
        at = event.at and sitting.to_the_minute(event.at)
        return type(event).__name__, at, event.before
    if isinstance(event, sitting.BallotHeld) and event.ballot.question:
        return "questions", event.ballot.mode
    return "", event.seq


def _vacancies(number: int) -> str:
    if number <= 0:
        return ""
    return french.count(number, "siège vacant")
