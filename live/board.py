"""What the console shows of a sitting being held: one frozen value, built once.

A `Board` holds one part for each region of the screen. Parts compare by value, so a region is
drawn again only when what it shows has changed; templates put them in their place and compute
nothing. Words come from `law.sentences`, `meetings.reading` and the tables of this module.

Letters. Each person carries the letters of what she may do now (`Person.acts`, the keys of
`GESTURES`), and each moment its commands (`Bar.commands`): the keys shown at the foot of the
screen are always those that would be obeyed.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from django.urls import reverse

from convening import foreseen
from convening.answers import Position, Respondent
from law import assembly, ballots, elections, french, quorum, sentences, sitting, wording
from law.checks import guard
from law.findings import Finding, Severity
from law.regime import article_of, cited
from live import reading as now
from live.actions import people
from meetings import majorities, reading
from meetings.agenda import BULLET, Node
from meetings.models import AgendaItem, Meeting

PARIS = ZoneInfo("Europe/Paris")
LEDGER_LINES = 10

# --- What it is -------------------------------------------------------------------------------


class Stage(StrEnum):
    """Where the sitting stands; also a CSS class."""

    PREPARED = "a-ouvrir"
    OPEN = "ouverte"
    SUSPENDED = "suspendue"
    HUIS_CLOS = "huis-clos"
    CLOSED = "levee"

    @property
    def words(self) -> str:
        """As one says it."""
        return _STAGES[self]


_STAGES = {
    Stage.PREPARED: "à ouvrir",
    Stage.OPEN: "ouverte",
    Stage.SUSPENDED: "suspendue",
    Stage.HUIS_CLOS: "à huis clos",
    Stage.CLOSED: "levée",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """What a letter does to the person who is named.

    The verb (its own name unless said) gets her key under `field`, and `fields` go along.
    `asks` is the field of what is asked next, a second person or one of `tables()["choices"]`.
    """

    name: str
    letter: str
    words: str
    verb: str = ""
    field: str = "member"
    asks: str = ""
    question: str = ""
    choice: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def sent(self) -> dict[str, str]:
        """The fields that go along with the person's key."""
        return dict(self.fields) | ({"choice": self.choice} if self.choice else {})


_SEAT = {"verb": "choose", "field": "seat"}

GESTURES = {
    gesture.name: gesture
    for gesture in (
        Gesture(name="arrive", letter="a", words="arrive"),
        Gesture(
            name="remote",
            letter="l",
            words="arrive à distance",
            verb="arrive",
            fields=(("remote", "on"),),
        ),
        Gesture(name="leave", letter="d", words="part"),
        Gesture(
            name="quit",
            letter="q",
            words="part pour de bon",
            verb="leave",
            fields=(("definitive", "on"),),
        ),
        Gesture(name="excuse", letter="e", words="s’excuse"),
        Gesture(
            name="give_proxy",
            letter="p",
            words="donne pouvoir à…",
            field="giver",
            asks="holder",
            question="Pouvoir à",
        ),
        Gesture(name="revoke_proxy", letter="x", words="retire son pouvoir", field="giver"),
        Gesture(
            name="take_seat",
            letter="s",
            words="siège pour…",
            field="substitute",
            asks="titular",
            question="Siège pour",
        ),
        Gesture(name="return_seat", letter="v", words="rend le siège", field="substitute"),
        Gesture(
            name="recuse",
            letter="r",
            words="se retire (déport)…",
            asks="ground",
            question="Motif du déport",
        ),
        Gesture(name="come_back", letter="v", words="revient"),
        Gesture(
            name="change_mandate",
            letter="m",
            words="mandat…",
            asks="change",
            question="Mandat",
        ),
        Gesture(name="against", letter="c", words="contre", choice="contre", **_SEAT),
        Gesture(name="abstain", letter="a", words="s’abstient", choice="abstention", **_SEAT),
        Gesture(
            name="aside", letter="n", words="ne prend pas part", choice="ne_prend_pas_part", **_SEAT
        ),
        Gesture(name="for", letter="p", words="pour", choice="pour", **_SEAT),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One cell of the roll. `last` and `others` are what a typed name is compared with.

    `shown` and `rest` are the family name cut after the letters that suffice to find her.
    `seat` is the seat whose vote this name commands now, "" when she has none.
    """

    key: str
    shown: str
    rest: str
    first: str
    last: str
    others: str
    name: str
    standing: str
    note: str
    carries: str
    acts: str
    seat: str
    choice: str
    office: str
    label: str
    is_latent: bool  # not worth a line until somebody looks for her
    capacity: str
    prefers: str = ""  # whom a named substitute stands for, to whom a titular said he gives proxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A constituency of the roll."""

    name: str
    count: str
    vacancies: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Everybody, by constituency."""

    columns: tuple[Column, ...]
    size: str  # how many cells must fit: few, some, many, crowd
    is_voting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The top of the screen: the sitting, who presides, the quorum."""

    body: str
    title: str
    stage: Stage
    chair: str
    clerks: str
    present: int
    in_office: int
    required: int
    is_reached: bool
    verdict: str
    sentence: str
    why_url: str
    item: str  # the number of the item whose timer runs
    since: int  # seconds since 1970 when it was put to discussion, 0 when none is
    opened: str


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
    voting: Voting | None = None
    objections: tuple[Finding, ...] = ()
    lawful: tuple[str, ...] = ()  # what may be done instead
    told: tuple[str, ...] = ()  # withdrawals, requests, college
    advice: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A line of the agenda. `status`: "", current, adopted, rejected, settled, waiting."""

    key: str
    number: str
    title: str
    depth: int
    is_section: bool
    status: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the ledger, as the console tells it."""

    seq: int
    clock: str
    words: str
    is_void: bool
    may_undo: bool
    undo: str  # what the button says


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What is being written about the current item."""

    item: str = ""
    number: str = ""
    title: str = ""
    text: str = ""
    version: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The whole screen. `parts` are its regions, by name."""

    stamp: int
    header: Header
    roll: Roll
    item: Item
    agenda: tuple[Point, ...]
    ledger: tuple[Line, ...]
    notes: Notes
    bar: Bar

    @property
    def parts(self) -> Mapping[str, object]:
        """What each region of the screen shows."""
        return {
            "header": self.header,
            "roll": self.roll,
            "item": self.item,
            "agenda": self.agenda,
            "ledger": self.ledger,
            "notes": self.notes,
            "bar": self.bar,
        }


# --- Tables that console.js reads once ---------------------------------------------------------

GROUNDS = (
    ("i", sitting.Ground.PERSONAL.value, "intérêt personnel"),
    ("o", sitting.Ground.OUTSIDE_BODY.value, "organisme extérieur"),
    ("c", sitting.Ground.ACCOUNTS.value, "vote des comptes"),
    ("s", sitting.Ground.OTHER.value, "sort sans motif"),
)
CHANGES = (
    ("i", people.INSTALLATION, "installation"),
    ("d", sitting.Ending.RESIGNED.value, "démission"),
    ("x", sitting.Ending.DIED.value, "décès"),
    ("r", sitting.Ending.REPLACED.value, "remplacement"),
)
FATES = (
    ("p", sitting.Fate.TOOK_NOTE.value, "prend acte"),
    ("s", sitting.Fate.NO_VOTE.value, "examiné, sans vote"),
    ("t", sitting.Fate.POSTPONED.value, "reporté"),
    ("a", sitting.Fate.ADJOURNED.value, "ajourné"),
    ("r", sitting.Fate.WITHDRAWN.value, "retiré"),
    ("f", sitting.Fate.FAVOURABLE.value, "avis favorable"),
    ("d", sitting.Fate.UNFAVOURABLE.value, "avis défavorable"),
)


def tables() -> dict[str, object]:
    """What the letters mean, for the client: the same in every sitting."""
    return {
        "gestures": {
            name: {
                "letter": each.letter,
                "words": each.words,
                "verb": each.verb or name,
                "field": each.field,
                "asks": each.asks,
                "question": each.question,
                "choice": each.choice,
                "fields": each.sent,
            }
            for name, each in GESTURES.items()
        },
        "choices": {
            name: [{"letter": letter, "value": value, "words": words} for letter, value, words in t]
            for name, t in (("ground", GROUNDS), ("change", CHANGES), ("fate", FATES))
        },
    }


# --- How it is made ---------------------------------------------------------------------------


def of(meeting: Meeting) -> Board:
    """The board of this sitting, now. The same few queries whatever the number of members."""
    return _Maker(meeting).board()


class _Maker:
    """Reads once what several parts need."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self.story = meeting.sitting
        self.composition = meeting.basis.composition
        self.poll = now.current_poll(meeting)
        self.choices = self._choices()
        self.state = now.state(meeting)
        self.is_closed = now.is_closed(meeting)
        self.nodes = {node.item.key: node for node in meeting.agenda.nodes}
        self.held = self._held()
        self.answers = now.answers(meeting)

    # What is asked first

    def _choices(self) -> Mapping[str, str]:
        """Seat → what was recorded in the open poll; nothing of a secret one."""
        if self.poll is None or self.poll.is_secret:
            return {}
        return self.poll.votes

    def _held(self) -> dict[str, list[ballots.Verdict]]:
        """Item → what the votes on the item itself decided, not those on a question about it."""
        held: dict[str, list[ballots.Verdict]] = {}
        for event in self.story.of_kind(sitting.BallotHeld):
            if not event.ballot.question:
                verdict = self.meeting.outcomes[event.seq].verdict
                held.setdefault(event.ballot.item, []).append(verdict)
        return held

    @cached_property
    def telling(self) -> wording.Telling:
        """How the lines of the ledger are told here."""
        return reading.telling(self.meeting)

    @cached_property
    def stage(self) -> Stage:
        if self.is_closed:
            return Stage.CLOSED
        if not self.state.is_open:
            return Stage.PREPARED
        if self.state.suspended:
            return Stage.SUSPENDED
        return Stage.HUIS_CLOS if self.state.doors_closed else Stage.OPEN

    @property
    def is_going_on(self) -> bool:
        """Whether something may be decided: opened, not suspended, not closed."""
        return self.stage in (Stage.OPEN, Stage.HUIS_CLOS)

    @cached_property
    def node(self) -> Node | None:
        """The item under discussion."""
        return self.nodes.get(self.state.item)

    @cached_property
    def opened_at(self) -> datetime | None:
        """When the item under discussion was put before the assembly."""
        opening = now.opening_of(self.meeting, self.state.item)
        return opening.at if opening else None

    @cached_property
    def voters(self) -> Mapping[str, ballots.Voice]:
        """Seat → its vote: of the open poll, or of the poll that could be opened now."""
        if self.poll is not None:
            return self.poll.voters
        return {voice.seat: voice for voice in self.state.voices}

    @cached_property
    def quorum(self) -> quorum.Quorum:
        return self.meeting.quorum_of(self.state)

    @cached_property
    def is_decided(self) -> bool:
        """Whether nothing is left to decide on the item under discussion."""
        return self.node is None or now.is_decided(self.meeting, self.state.item)

    @cached_property
    def calls_for_a_vote(self) -> bool:
        """Whether the item under discussion leads to a decision that was not taken yet."""
        return (
            self.node is not None
            and self.node.item.kind in AgendaItem.VOTED
            and not self.is_decided
        )

    @cached_property
    def objections(self) -> tuple[Finding, ...]:
        """Why the item under discussion cannot be put to the vote now; asked before the mistake."""
        is_possible = self.is_going_on and self.poll is None
        if self.node is None or self.is_decided or not is_possible:
            return ()
        told = [event.at for event in self.story.events if event.at is not None]
        usual = now.usual_vote(self.meeting)
        found = now.objections(
            self.meeting,
            items=[self.state.item],
            at=max(told, default=self.meeting.scheduled_for),
            mode=usual["mode"],
            majority_key=usual["majority"],
            reason=usual["reason"],
        )
        if not self.voters:
            found += (Finding(code="sans_votant", message="Personne ne peut voter sur ce point."),)
        # An election has its window: that it is no vote for or against stops nothing there.
        refusals = tuple(
            each
            for each in found
            if each.severity is Severity.REFUSAL and each.code != "election_sans_candidats"
        )
        return refusals or tuple(each for each in found if each.code == "quorum_perdu")

    @property
    def is_lost(self) -> bool:
        """Whether the item may still be voted, the quorum being gone since it was called."""
        return any(each.code == "quorum_perdu" for each in self.objections)

    @cached_property
    def usual_mode(self) -> ballots.Mode:
        return now.usual_mode(self.meeting)

    # Parts

    def board(self) -> Board:
        return Board(
            stamp=self.meeting.stamp,
            header=self.header(),
            roll=self.roll(),
            item=self.item(),
            agenda=tuple(self.agenda()),
            ledger=tuple(self.ledger()),
            notes=self.notes(),
            bar=self.bar(),
        )

    def named(self, key: str) -> str:
        return sentences.named(self.composition[key]) if key in self.composition else ""

    def short(self, key: str) -> str:
        """ "B. BESSON": a name in the margin of another."""
        if key not in self.composition:
            return key
        member = self.composition[key]
        initials = "".join(f"{part[0]}." for part in re.split(r"[\s-]+", member.first_name) if part)
        return f"{initials} {member.last_name.upper()}".strip()

    def header(self) -> Header:
        meeting, told = self.meeting, self.quorum
        verdict = "Quorum atteint" if told.reached else "Quorum non atteint"
        if told.second_call:
            verdict = "Sans condition de quorum"
        opened_at = self.state.opened_at
        presiding = self.named(self.state.presiding)
        return Header(
            body=meeting.body.name,
            title=french.nbsp(f"Séance du {french.long_date(meeting.held_on)}"),
            stage=self.stage,
            chair=presiding if self.state.is_open else "",
            clerks=french.join(self.named(key) for key in self.state.clerks),
            present=told.present,
            in_office=told.in_office,
            required=told.required,
            is_reached=told.reached,
            verdict=verdict,
            sentence=french.nbsp(str(told)),
            why_url=reverse("meetings:why", args=[meeting.pk]),
            item=_number(self.node) if self.node else "",
            since=_epoch(self.opened_at) if self.node and not self.is_closed else 0,
            opened=french.clock(opened_at) if opened_at else "",
        )

    # The roll

    def roll(self) -> Roll:
        members = self.composition.members
        folded = {member.key: fold(member.last_name) for member in members}
        if self.poll is not None:
            named = {key for key in folded if self._seat(key)}
            sought = {key: name for key, name in folded.items() if key in named}
        else:
            sought = folded
        there = {key: name for key, name in sought.items() if not self._is_latent(key)}
        letters = marks(sought) | marks(there)
        left = self._left()
        columns: dict[str, list[Person]] = {c.name: [] for c in self.composition.constituencies}
        for member in members:
            name = member.constituency or "Sans collège"
            if not member.deliberates:
                name = "Voix consultative"
            person = self._person(member, letters.get(member.key, 0), left)
            columns.setdefault(name, []).append(person)
        cells = sum(not person.is_latent for people in columns.values() for person in people)
        return Roll(
            columns=tuple(self._column(name, people) for name, people in columns.items() if people),
            size=next((name for name, most in _SIZES if cells <= most), "crowd"),
            is_voting=self.poll is not None and not self.poll.is_secret,
        )

    def _column(self, name: str, people: Sequence[Person]) -> Column:
        titulars = [
            m for m in self.composition.titulars if (m.constituency or "Sans collège") == name
        ]
        seats = {c.name: c.seats for c in self.composition.constituencies}
        occupied = sum(member.key in self.state.occupants for member in titulars)
        vacant = max(0, seats.get(name, 0) - len(titulars))
        return Column(
            name=name if len(name) < 60 else f"{name[:58]}…",
            count=f"{occupied} sur {len(titulars)}" if titulars else "",
            vacancies=french.count(vacant, "siège vacant", "sièges vacants") if vacant else "",
            people=tuple(people),
        )

    def _left(self) -> dict[str, datetime | None]:
        """Member → when she last left, for those who were there."""
        left: dict[str, datetime | None] = {}
        for event in self.story.events:
            if isinstance(event, sitting.Left):
                left[event.member] = event.at
        return {key: at for key, at in left.items() if key not in self.state.room}

    def _seat(self, key: str) -> str:
        """The seat whose vote this person's name commands: the one she sits in, or her own that
        another carries; "" when nobody votes under her name."""
        taken = self.state.seats.get(key, "")
        if taken in self.voters and self.voters[taken].caster == key:
            return taken
        if key not in self.voters:
            return ""
        caster = self.voters[key].caster
        # A substitute sits in the seat: it is hers to name, not the titular's.
        return key if caster == key or self.voters[key].by_proxy else ""

    def _person(self, member: assembly.Member, letters: int, left: Mapping) -> Person:
        key, state = member.key, self.state
        standing = state.standing(key).value
        if key in state.recused:
            standing = "deport"
        elif key in left and standing == sitting.Standing.ABSENT:
            standing = "parti"
        seat = self._seat(key)
        choice = self.choices.get(seat, "") if seat else ""
        if seat and self.poll and not self.poll.awaits_each and not choice:
            choice = ballots.Choice.FOR.value
        note, carries = self._note(member, left), self._carries(key)
        shown, rest = _cut(member.last_name.upper(), letters)
        is_substitute = member.capacity is assembly.Capacity.SUBSTITUTE
        told = [reading.standing(member, state), note, carries]
        if self.poll is not None:
            told.append(_CHOICES.get(choice, "") if seat else "ne vote pas")
        office = sentences.office(member, reading.words(self.meeting))
        return Person(
            key=key,
            shown=shown,
            rest=rest,
            first=member.first_name,
            last=fold(member.last_name),
            others=" ".join(_other_names(member.last_name, member.first_name)),
            name=member.name,
            standing=standing,
            note=note,
            carries=carries,
            acts=" ".join(self._acts(member, seat)),
            seat=seat,
            choice=choice,
            office=office or ("suppléant" if is_substitute else ""),
            label=f"{sentences.named(member)}{f', {office}' if office else ''}, "
            + ", ".join(filter(None, told)),
            is_latent=self._is_latent(key),
            capacity=member.capacity.value,
            prefers=member.replaces or (self.answers.holder_of(key) if self.answers else ""),
        )

    def _is_latent(self, key: str) -> bool:
        """A substitute of whom nothing was said takes no line until somebody looks for her."""
        state = self.state
        return key in self.composition.substitutes and not (
            key in state.room or key in state.seats or key in state.excused
        )

    def _note(self, member: assembly.Member, left: Mapping) -> str:
        """What the margin says of one person: hours, substitute, proxy given."""
        key, state = member.key, self.state
        told = []
        if key in left:
            at = left[key]
            told.append(f"parti{_e(member)} à {french.clock(at)}" if at else f"parti{_e(member)}")
        elif key in state.remote:
            told.append("à distance")
        if key in state.vacant:
            told.append("hors fonction")
        occupant = state.occupants.get(key, "")
        if occupant and occupant != key:
            told.append(f"suppléé{_e(member)} par {self.short(occupant)}")
        if key in state.seats:
            told.append(f"siège pour {self.short(state.seats[key])}")
        if key in state.proxies:
            asleep = "" if key in state.living_proxies else ", sans effet"
            told.append(f"pouvoir à {self.short(state.proxies[key].holder)}{asleep}")
        is_pointed = key in state.room or key in state.excused
        if self.answers and not told and not is_pointed:
            told += self._answered(self.answers.lines[key])
        return french.nbsp(" ; ".join(told))

    def _answered(self, said: Respondent) -> Iterable[str]:
        """What somebody who is not pointed yet answered to the convocation."""
        by = self.short(said.by.key) if said.by else ""
        stands_for = self.short(said.stands_for.key) if said.stands_for else ""
        words = {
            Position.COMING: "vient",
            Position.REMOTE: "vient à distance",
            Position.SEATED: f"siège pour {stands_for}",
            Position.REPLACED: f"suppléé{_e(said.member)} par {by}",
            Position.REPRESENTED: f"pouvoir à {by}",
            Position.EXCUSED: "ne vient pas",
        }.get(said.position)
        if words:
            yield f"répondu : {words}"

    def _carries(self, key: str) -> str:
        givers = [g for g, holder in self.state.living_proxies.items() if holder == key]
        return f"porte {french.join(self.short(giver) for giver in givers)}" if givers else ""

    def _acts(self, member: assembly.Member, seat: str) -> Iterable[str]:
        """The gestures that may be made on this person now, the likeliest first."""
        key, state = member.key, self.state
        if self.is_closed:
            return
        if self.poll is not None:
            if seat and not self.poll.is_secret:
                yield from ("against", "abstain", "aside", "for")
            return
        may_vote = bool(seat) and self._may_open_poll()
        is_there = key in state.room
        if may_vote:
            yield "against"
            if is_there:
                yield "abstain"
            yield "aside"
        if not is_there:
            yield "arrive"
            if self.meeting.may_be_remote:
                yield "remote"
            if key not in state.excused:
                yield "excuse"
        if member.capacity is assembly.Capacity.TITULAR and self.meeting.regime.proxies_allowed:
            yield "revoke_proxy" if key in state.proxies else "give_proxy"
        if (
            member.capacity is assembly.Capacity.SUBSTITUTE
            and self.meeting.regime.substitutes != "aucun"
        ):
            yield "return_seat" if key in state.seats else "take_seat"
        if key in state.recused:
            yield "come_back"
        elif is_there and member.deliberates and self.node is not None:
            yield "recuse"
        if is_there:
            yield "leave"
            yield "quit"
            if self.stage is Stage.PREPARED and key not in state.excused:
                yield "excuse"
        if member.deliberates and self.is_going_on:
            yield "change_mandate"

    def _may_open_poll(self) -> bool:
        return (
            self.node is not None
            and self.node.item.may_be_voted
            and self.is_going_on
            and self.poll is None
            and not self.is_decided
            and self.node.item.kind not in AgendaItem.ELECTIONS
            and self.usual_mode is not ballots.Mode.SECRET
            and not self.objections
        )

    # The item under discussion

    def item(self) -> Item:
        if self.node is None:
            return Item(advice=tuple(self._advice()))
        item = self.node.item
        brief = getattr(item, "brief", None)
        fate = reading.fate_sentence(self.meeting, item)
        decisions = [each.sentence for each in reading.decisions(self.meeting, item)]
        blocked = self.objections if self.calls_for_a_vote else ()
        return Item(
            key=item.key,
            number=_number(self.node),
            title=item.title,
            kind=item.get_kind_display(),
            rapporteur=self.named(item.rapporteur),
            note=brief.note if brief else "",
            articles=tuple(filter(None, brief.articles.splitlines())) if brief else (),
            decisions=tuple([*decisions, fate] if fate else decisions),
            voting=self._voting() if self.poll else None,
            objections=tuple(_without_remedy(each) for each in blocked),
            lawful=tuple(self._lawful()) if blocked else (),
            told=tuple(self._told_of_item()),
            url=item.get_absolute_url(),
        )

    def _advice(self) -> Iterable[str]:
        """What to do where there is no item yet."""
        if self.stage is Stage.PREPARED:
            if not self.state.room:
                if self.untold:
                    yield (
                        f"Réponses à la convocation\u00a0: {self.untold}. "
                        "Entrée les reprend toutes\u00a0; corrigez ensuite."
                    )
                yield "Pointez les présents\u00a0: trois lettres du nom, puis A."
                if not self.untold:
                    yield (
                        "Plus vite\u00a0: Espace puis A les dit tous présents\u00a0; corrigez "
                        "ensuite ceux qui manquent."
                    )
            else:
                chair = self.named(self.state.usual_chair)
                if chair:
                    source = cited(self.meeting.regime, "art. L2122-17 du CGCT")
                    yield f"À l’ouverture, la présidence revient à {chair} ({source})."
                yield "Tout le monde est pointé\u00a0? Entrée ouvre la séance."
        elif self.stage is Stage.CLOSED:
            yield "La séance est levée. Le procès-verbal peut se relire."
        else:
            yield "Aucun point n’est encore appelé. Entrée appelle le premier."

    def _told_of_item(self) -> Iterable[str]:
        """Who withdrew, who asked for which ballot, whom the item concerns."""
        key = self.state.item
        kinds = sitting.Recused | sitting.BallotRequested | sitting.CollegeSet | sitting.ChairTaken
        told = [
            event for event in self.story.events if isinstance(event, kinds) and event.item == key
        ]
        yield from replace(self.telling, before=self.state).movements(told)
        if self.may_be_called_again:
            yield french.nbsp(
                "Le quorum, qui manquait quand ce point a été appelé, est atteint : ouvrir le vote "
                "l’appelle de nouveau, Espace A aussi."
            )

    @cached_property
    def may_be_called_again(self) -> bool:
        """Whether the item is called again before it is decided: who came may vote on it."""
        is_open = self.calls_for_a_vote and self.is_going_on and self.poll is None
        return is_open and now.may_be_called_again(self.meeting)

    def _lawful(self) -> Iterable[str]:
        """What may be done while this item cannot be voted."""
        codes = {finding.code for finding in self.objections}
        if not codes & {"quorum", "quorum_perdu"}:
            return
        missing = french.count(self.quorum.missing, "personne")
        yield f"Attendre\u00a0: il manque {missing}. Espace S suspend la séance."
        if "quorum_perdu" in codes:
            yield "Voter malgré tout ce point déjà en discussion\u00a0: Espace V, qui demande."
        else:
            yield "À leur arrivée, Espace A appelle le point de nouveau."
        yield "Débattre ou informer, sans rien décider."
        yield "Reporter le point\u00a0: Espace T T."
        source = article_of(self.meeting.regime, "reconvene_clear_days")
        yield (
            "Lever la séance faute de quorum (Espace L) et convoquer une seconde fois, sans "
            f"condition de quorum ({source})."
        )

    def _voting(self) -> Voting:
        poll = self.poll
        mode = ballots.Mode(poll.mode)
        titles = [self.nodes[key].item.title for key in poll.items if key in self.nodes]
        numbers = [_number(self.nodes[key]) for key in poll.items if key in self.nodes]
        figures, sentence, answered = (), "", ""
        silent = now.silent(poll)
        if poll.awaits_each and not (poll.is_secret and not poll.on_tablets):
            answers = french.count(len(self.voters) - len(silent), "réponse")
            answered = f"{answers} sur {len(self.voters)}."
        if not poll.is_secret:
            ballot = ballots.Ballot(
                item=poll.items[0],
                question=poll.question,
                mode=mode,
                choices=now.choices(poll),
                majority=majorities.of(self.meeting.regime, poll.majority),
            )
            tally = ballots.count(ballot, list(self.voters.values()))
            unsaid = {now.silence(poll): sum(self.voters[seat].weight for seat in silent)}
            figures = tuple(
                Figure(choice=choice.value, words=words, number=number - unsaid.get(choice, 0))
                for choice, words, number in (
                    (ballots.Choice.FOR, "pour", tally.for_),
                    (ballots.Choice.AGAINST, "contre", tally.against),
                    (ballots.Choice.ABSTAIN, "abstentions", tally.abstentions),
                    (ballots.Choice.NOT_VOTING, "ne prennent pas part", tally.not_voting),
                )
            )
            if not silent and poll.items[0] in self.nodes:
                _, sentence = reading.decide(
                    self.meeting, self.nodes[poll.items[0]].item, ballot, self.state
                )
        return Voting(
            mode=_MODES[mode],
            title=french.join(numbers) if len(titles) > 1 else "",
            question=poll.question,
            items=tuple(titles) if len(titles) > 1 else (),
            majority=majorities.of(self.meeting.regime, poll.majority).label,
            figures=figures,
            voices=sum(voice.weight for voice in self.voters.values()),
            sentence=sentence,
            answered=answered,
        )

    # The agenda

    @cached_property
    def unvotable(self) -> frozenset[str]:
        """The items that came after the convocation, where the rules let none be voted."""
        may_be_added = self.meeting.regime.items_added_in_sitting
        return frozenset() if may_be_added else self.meeting.outline.docket.added

    def _status(self, node: Node) -> str:
        """What became of an item; "" while nothing did."""
        if decided := self.held.get(node.item.key):
            return "adopted" if decided[-1] is ballots.Verdict.ADOPTED else "rejected"
        if self.story.fate(node.item.key):
            return "settled"
        if self.story.elections(node.item.key):
            return "waiting" if reading.unfinished(self.meeting, node.item.key) else "settled"
        return ""

    def agenda(self) -> Iterable[Point]:
        polled = set(self.poll.items) if self.poll else set()
        opened = {event.item for event in self.story.of_kind(sitting.ItemOpened)}
        fates = {value: words for _, value, words in FATES}
        for node in self.nodes.values():
            status = self._status(node)
            fate = self.story.fate(node.item.key)
            words = {"adopted": "adopté", "rejected": "rejeté"}.get(status, "")
            if status == "settled":
                words = fates[fate.fate.value] if fate else "élection tenue"
            if status == "waiting":
                words = "un tour à tenir"
            elif not status and node.item.key in opened:
                waits = node.item.kind in AgendaItem.VOTED
                in_parts = bool(self.story.ballots(node.item.key))
                status, words = ("waiting", "non décidé") if waits else ("seen", "vu")
                words = "voté par parties" if in_parts else words
            if node is self.node and status in ("waiting", "seen"):
                words = ""
            if node.item.key in self.unvotable and not words:
                words = "ajouté, sans vote"
            if node.item.key in polled:
                words = "au vote"
            yield Point(
                key=node.item.key,
                number=_number(node),
                title=node.item.title,
                depth=min(node.depth, 3),
                is_section=node.item.is_section,
                status="current" if node is self.node else status,
                words=words,
            )

    # The ledger

    def ledger(self) -> Iterable[Line]:
        """The last lines told, the latest first."""
        told = sorted(self.meeting.ledger, key=lambda event: event.seq)
        gone = sitting.voided_seqs(told)
        for event in reversed(told[-LEDGER_LINES:]):
            is_void = event.seq in gone
            is_voiding = isinstance(event, sitting.Voided)
            yield Line(
                seq=event.seq,
                clock=french.clock(event.at) if event.at else "",
                words=self.telling.brief(event),
                is_void=is_void,
                may_undo=not is_void and not isinstance(event, sitting.Composed),
                undo="Rétablir" if is_voiding else "Annuler",
            )

    # Notes

    def notes(self) -> Notes:
        if self.node is None:
            return Notes()
        item = self.node.item
        return Notes(
            item=item.key,
            number=_number(self.node),
            title=item.title,
            text=item.text,
            version=item.text_version,
            url=reverse("meetings:save_text", args=[self.meeting.pk, item.key]),
        )

    # The foot of the screen

    def bar(self) -> Bar:
        last = self.last_act
        moment = {
            "stage": self.stage.value,
            "item": self.node.item.key if self.node else "",
            "number": _number(self.node) if self.node else "",
            "mayOpen": self._may_open_poll(),
            "usual": now.usual_vote(self.meeting),
            "poll": self.poll
            and {
                "pk": self.poll.pk,
                "mode": self.poll.mode,
                "items": self.poll.items,
                "call": self._call(),
                "onTablets": self.poll.on_tablets,
                "silence": _SILENCE[now.silence(self.poll)],
                "voices": sum(voice.weight for voice in self.voters.values()),
            },
            "next": self.next.item.key if self.next else "",
            "election": self._election(),
            "secrecies": [each.value for each in self._secrecies()],
            "elects": self._elects,
            "undo": last and {"seq": last[-1].seq, "words": self._in_few_words(last)},
            "awaiting": [
                node.item.key
                for node in self.nodes.values()
                if node.item.kind in AgendaItem.VOTED
                and node.item.kind not in AgendaItem.ELECTIONS
                and not self._status(node)
                and node.item.key not in self.unvotable
            ],
            "decided": [key for key, node in self.nodes.items() if self._status(node)],
            "present": sorted(self.state.room),
            "chair": self.state.chair or self.state.usual_chair,
            "clerks": list(self.state.clerks),
            "successor": self._successor,
        }
        objection = self.objections[0] if self.calls_for_a_vote and self.objections else None
        is_closed = self.stage is Stage.CLOSED
        return Bar(
            primary=self._primary(),
            commands=tuple(self._commands()),
            moment=json.dumps(moment, ensure_ascii=False),
            # The item tells the figures; here there is room for what they mean.
            blocked=(objection.short or objection.message.removesuffix(".")) if objection else "",
            link=reverse("documents:preview", args=[self.meeting.pk]) if is_closed else "",
            link_words="Procès-verbal" if is_closed else "",
        )

    @property
    def _of_poll(self) -> tuple[tuple[str, str], ...]:
        """The poll that the screen shows, and no other one opened since."""
        return (("poll", str(self.poll.pk)),)

    @property
    def _elects(self) -> bool:
        """Whether the current item elects the executive: only a question may be put to another
        vote on it (art. L2122-7)."""
        return self.state.item in self.meeting.outline.docket.executive

    def _secrecies(self) -> Iterable[elections.Secrecy]:
        """What an election on the current item may say of its secrecy, the usual first: that of
        the executive is never waived (art. L2122-7)."""
        if self._elects:
            return (elections.Secrecy.IMPOSED,)
        return (elections.Secrecy.SECRET, elections.Secrecy.WAIVED)

    def _election(self) -> dict[str, object]:
        """The rounds already told on the current item, as its form wants them back."""
        return reading.as_typed(self.unfinished, self.composition) if self.unfinished else {}

    @cached_property
    def unfinished(self) -> elections.Election | None:
        """The election on the current item of which another round is due."""
        return reading.unfinished(self.meeting, self.state.item)

    @cached_property
    def last_act(self) -> tuple[sitting.Event, ...]:
        """What Ctrl+Z undoes."""
        return now.last_act(self.meeting)

    def _in_few_words(self, act: Sequence[sitting.Event]) -> str:
        """The last line of an act that stands for the others: what it told instead of another."""
        told = [event for event in act if not isinstance(event, sitting.Voided)] or act
        others = len(told) - 1
        more = f" et {french.count(others, 'autre ligne')}" if others else ""
        return self.telling.brief(told[-1]) + more

    def _call(self) -> list[str]:
        """The seats of a public ballot, in the order they are called."""
        return list(self.voters) if self.poll.mode == ballots.Mode.PUBLIC else []

    @cached_property
    def next(self) -> Node | None:
        """The item that comes next, those passed over last."""
        return self.nodes.get(now.next_item(self.meeting))

    def _primary(self) -> Command | None:
        """What Enter does: one thing at each moment."""
        match self.stage:
            case Stage.PREPARED:
                if self.untold and not self.state.room:
                    words = "Reprendre les réponses"
                    return Command(letter="⏎", words=words, verb="take_answers")
                return Command(letter="⏎", words="Ouvrir la séance…", dialog="open")
            case Stage.SUSPENDED:
                return Command(letter="⏎", words="Reprendre la séance", verb="resume")
            case Stage.CLOSED:
                return None
        if self.poll is not None:
            if self.poll.is_secret and not self.poll.on_tablets:
                return Command(letter="⏎", words="Saisir le dépouillement…", dialog="counts")
            return Command(letter="⏎", words="Proclamer", verb="proclaim", fields=self._of_poll)
        if self.calls_for_a_vote:
            if self.objections:
                return self._lead_out()  # where there is none, the reason stands in its place
            if self.node.item.kind in AgendaItem.ELECTIONS:
                return Command(letter="⏎", words=self._next_round(), dialog="election")
            mode = self.usual_mode
            words = "Ouvrir le vote"
            if mode is not ballots.Mode.ORDINARY:
                words = f"Ouvrir le scrutin {mode.value}"
            return Command(letter="⏎", words=words, verb="open_poll", fields=self._usual_vote())
        return self._onward()

    def _next_round(self) -> str:
        """What the window of elections is opened for now."""
        if self.unfinished is None:
            return "Tenir l’élection…"
        return f"Tenir le {french.ordinal(len(self.unfinished.rounds) + 1)} tour…"

    def _usual_vote(self) -> tuple[tuple[str, str], ...]:
        """How the current item is put to the vote unless somebody chooses otherwise."""
        item = self.node.item
        return (("items", item.key), *now.usual_vote(self.meeting).items())

    def _lead_out(self) -> Command | None:
        """The president who rendered the accounts withdraws, and the assembly elects who presides
        (art. L2121-14): the window proposes whoever has the chair, else the first vice-president
        there."""
        president = self._keeper
        codes = {finding.code for finding in self.objections}
        if not codes or codes - {"comptes_presides", "comptes_votes", "president_retire"}:
            return None
        words = "l’assemblée élit qui préside…"
        if president not in self.state.recused:
            words = f"{self.short(president)} se retire, {words}"
        return Command(letter="⏎", words=words, dialog="lead")

    @property
    def _keeper(self) -> str:
        """Key of who kept the accounts of the current item."""
        return guard.keeper(self.meeting.outline.docket, self.state.item, self.state)

    @property
    def _successor(self) -> str:
        """Key of who is proposed to preside over the accounts, "" for nobody."""
        state = self.state
        keys = [key for key in (state.presiding, *state.officers) if key in state.sitting]
        return next((key for key in keys if key != self._keeper), "")

    def _onward(self) -> Command | None:
        """To the next item, or to the end."""
        if self.next is not None:
            number = _number(self.next)
            words = f"Point suivant\u00a0: {number}" if number else "Point suivant"
            return Command(
                letter="⏎", words=words, verb="open_next", fields=(("after", self.state.item),)
            )
        return Command(letter="⏎", words="Lever la séance…", dialog="close")

    def _commands(self) -> Iterable[Command]:
        """The menu that Space opens."""
        match self.stage:
            case Stage.PREPARED:
                if self.untold:
                    words = f"Reprendre les réponses\u00a0: {self.untold}"
                    yield Command(letter="r", words=words, verb="take_answers")
                yield from self._everybody()
                yield Command(letter="o", words="Ouvrir la séance…", dialog="open")
                yield Command(letter="c", words="Secrétaire de séance…", dialog="clerks")
                yield from self._undo()
                return
            case Stage.CLOSED:
                yield from self._undo()
                return
        if self.poll is not None:
            if not self.poll.is_secret:
                yield Command(
                    letter="t", words="Tous pour", verb="everyone_for", fields=self._of_poll
                )
            if self.poll.mode == ballots.Mode.PUBLIC:
                yield Command(letter="r", words="Reprendre l’appel", prompt="call")
            if self.poll.is_secret:
                yield Command(letter="d", words="Dépouillement…", dialog="counts")
            yield Command(
                letter="x", words="Abandonner le vote", verb="give_up", fields=self._of_poll
            )
            yield Command(letter="n", words="Notes", prompt="notes")
            return
        if self.stage is Stage.SUSPENDED:
            yield Command(letter="s", words="Reprendre", verb="resume")
            yield Command(letter="l", words="Lever la séance…", dialog="close")
            yield Command(letter="n", words="Notes", prompt="notes")
            yield from self._undo()
            return
        if self.may_be_called_again:
            fields = (("item", self.state.item),)
            words = "Appeler ce point de nouveau"
            yield Command(letter="a", words=words, verb="open_item", fields=fields)
        yield Command(letter="o", words="Ordre du jour\u00a0: aller à…", prompt="item")
        if self.is_lost and self.node.item.kind in AgendaItem.ELECTIONS:
            yield Command(letter="v", words="Élire sans le quorum…", dialog="election")
        elif self._may_open_poll() or self.is_lost:
            fields = self._usual_vote()
            words = "Voter sans le quorum…" if self.is_lost else "Voter"
            yield Command(letter="v", words=words, verb="open_poll", fields=fields)
        if self.node is not None:
            yield Command(letter="m", words="Voter autrement…", dialog="poll")
            yield Command(letter="b", words="Voter en bloc…", dialog="bloc")
            yield Command(letter="t", words="Sans vote…", prompt="fate")
            yield Command(letter="e", words="Élection…", dialog="election")
            yield Command(letter="d", words="Demande de scrutin…", dialog="request")
        yield Command(letter="s", words="Suspendre…", prompt="reason")
        if self.state.doors_closed:
            yield Command(letter="h", words="Rouvrir au public", verb="open_doors")
        else:
            yield Command(letter="h", words="Huis clos…", dialog="doors")
        yield Command(letter="p", words="Présidence…", dialog="chair")
        yield Command(letter="c", words="Secrétaire de séance…", dialog="clerks")
        if self.node is not None:
            yield Command(letter="n", words="Notes", prompt="notes")
        yield from self._undo()
        yield Command(letter="l", words="Lever la séance…", dialog="close")

    def _everybody(self) -> Iterable[Command]:
        """Everybody there but those who are excused, or answered that they do not come."""
        away = self.answers.prevented if self.answers else frozenset()
        titulars = [member.key for member in self.composition.titulars]
        waited = [key for key in titulars if key not in self.state.room | self.state.excused]
        expected = [key for key in waited if key not in away]
        words = "Tous présents"
        if others := len(waited) - len(expected):
            not_coming = "qui ne vient pas" if others == 1 else "qui ne viennent pas"
            words += f", sauf {others} {not_coming}"
        if expected:
            fields = (("present", " ".join(expected)),)
            yield Command(letter="a", words=words, verb="call_roll", fields=fields)

    @cached_property
    def untold(self) -> str:
        """What the answers say that the ledger does not yet: « 4 présents, 2 pouvoirs »."""
        if self.answers is None or not self.answers.said or self.stage is not Stage.PREPARED:
            return ""
        roll, pointed = foreseen.roll(self.answers), foreseen.pointed(self.meeting)
        standings = [each for key, each in roll.standings.items() if key not in pointed]
        told = {
            "présent": sum(each in ("present", "distance") for each in standings),
            "excusé": standings.count("excuse"),
            "suppléant": len(roll.seats.keys() - self.state.seats.keys()),
            "pouvoir": len(roll.proxies.keys() - self.state.proxies.keys()),
        }
        words = [french.count(number, noun) for noun, number in told.items() if number]
        doubted = sum(
            bool(each.doubt) for key, each in self.answers.said.items() if key not in pointed
        )
        if words and doubted:
            words.append(f"sauf {doubted} à confirmer")
        return ", ".join(words)

    def _undo(self) -> Iterable[Command]:
        if self.last_act:
            yield Command(letter="u", words="Annuler la dernière action", prompt="undo")


# --- Names ------------------------------------------------------------------------------------

_MODES = {
    ballots.Mode.ORDINARY: "Vote à main levée",
    ballots.Mode.PUBLIC: "Scrutin public",
    ballots.Mode.SECRET: "Scrutin secret",
}
_CHOICES = {
    "pour": "pour",
    "contre": "contre",
    "abstention": "s’abstient",
    "ne_prend_pas_part": "ne prend pas part",
    "": "",
}
# What proclaiming without them makes of those who have not answered.
_SILENCE = {
    ballots.Choice.FOR: "Les autres sont comptés pour",
    ballots.Choice.NOT_VOTING: "Les autres ne prennent pas part",
}
_SIZES = (("few", 12), ("some", 36), ("many", 90))  # cells of the roll


# Names stay the same while votes come in: three hundred of them, told again at each vote.
@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """A name as one types it: small letters, no accent, no space nor hyphen."""
    text = text.casefold().replace("œ", "oe").replace("æ", "ae")
    split = unicodedata.normalize("NFD", text)
    return "".join(char for char in split if char.isalnum())


def marks(names: Mapping[str, str]) -> dict[str, int]:
    """Key → how many letters of her folded name tell her from all the others."""
    ordered = sorted(names.items(), key=lambda pair: pair[1])
    found: dict[str, int] = {}
    for rank, (key, name) in enumerate(ordered):
        beside = [ordered[each][1] for each in (rank - 1, rank + 1) if 0 <= each < len(ordered)]
        common = max((_common(name, other) for other in beside), default=0)
        found[key] = min(len(name), common + 1)
    return found


def _common(one: str, other: str) -> int:
    return next(
        (rank for rank, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


@lru_cache(maxsize=4096)
def _cut(name: str, letters: int) -> tuple[str, str]:
    """The written name cut after so many of its folded letters."""
    count = 0
    for rank, char in enumerate(name):
        if count >= letters:
            return name[:rank], name[rank:]
        count += len(fold(char))
    return name, ""


@lru_cache(maxsize=4096)
def _other_names(last_name: str, first_name: str) -> tuple[str, ...]:
    """Other beginnings by which she is found: after a particle, each part, the first name."""
    parts = [fold(part) for part in re.split(r"[\s'’-]+", last_name) if part]
    after = ("".join(parts[rank:]) for rank in range(1, len(parts)))
    return (*after, fold(first_name))


def _without_remedy(finding: Finding) -> Finding:
    """What is lawful without a quorum is listed with the keys that do it."""
    return replace(finding, remedy="") if finding.code == "quorum" else finding


def _number(node: Node) -> str:
    return node.number.replace(BULLET, "")


def _e(member: assembly.Member) -> str:
    return "e" if member.civility == "Mme" else ""


def _epoch(at: datetime | None) -> int:
    """Seconds since 1970 of a wall clock of the room."""
    return int(at.replace(tzinfo=PARIS).timestamp()) if at else 0
