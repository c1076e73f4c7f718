"""The sitting at this moment, as every part of the console reads it."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from convening import foreseen
from law import ballots, elections, french, quorum, sentences, sitting, wording
from law.checks import guard
from law.findings import Finding, Severity
from live import reading as now
from meetings import reading
from meetings.agenda import BULLET, Node
from meetings.models import AgendaItem, Meeting


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


class Moment:
    """What several parts of the screen need of the sitting now, read once."""

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

    def _choices(self) -> Mapping[str, str]:
        """Seat → what was recorded in the open poll; nothing of a secret one."""
        if self.poll is None or self.poll.is_secret:
            return {}
        return self.poll.votes

    def _held(self) -> dict[str, list[ballots.Outcome]]:
        """Item → what the votes on the item itself decided, not those on a question about it."""
        held: dict[str, list[ballots.Outcome]] = {}
        for event in self.story.of_kind(sitting.BallotHeld):
            if not event.ballot.question:
                outcome = self.meeting.outcomes[event.seq]
                held.setdefault(event.ballot.item, []).append(outcome)
        return held

    @cached_property
    def words(self) -> sentences.BodyWords:
        """How the body speaks of itself."""
        return reading.words(self.meeting)

    @cached_property
    def telling(self) -> wording.Telling:
        """How the lines of the ledger are told here."""
        return reading.telling(self.meeting)

    @property
    def is_issued(self) -> bool:
        """Whether its minutes are established: here nothing of it is taken back any more."""
        return self.meeting.stage == Meeting.Stage.ISSUED

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
        """The quorum of the people who are there now."""
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

    @property
    def is_voted_by_parts(self) -> bool:
        """Whether several questions decided the item: the whole is voted only on purpose."""
        parts = [each for each in self.story.ballots(self.state.item) if each.question]
        return len(parts) > 1

    @property
    def objections(self) -> tuple[Finding, ...]:
        """Why the item under discussion cannot be put to the vote now; asked before the mistake."""
        # An election has its window: that it is no vote for or against stops nothing there.
        refusals = tuple(
            each
            for each in self._foreseen
            if each.severity is Severity.REFUSAL and each.code != "election_sans_candidats"
        )
        return refusals or tuple(each for each in self._foreseen if each.code == "quorum_perdu")

    @property
    def of_the_accounts(self) -> tuple[Finding, ...]:
        """What telling who kept the accounts would mend, before they are put to the vote."""
        return tuple(each for each in self._foreseen if each.code in guard.KEPT_BY_WHOM)

    @cached_property
    def _foreseen(self) -> tuple[Finding, ...]:
        """All that the law would say of the usual vote on this item now."""
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
        return found

    @property
    def is_lost(self) -> bool:
        """Whether the item may still be voted, the quorum being gone since it was called."""
        return any(each.code == "quorum_perdu" for each in self.objections)

    @cached_property
    def usual_mode(self) -> ballots.Mode:
        """How the item under discussion is voted unless somebody chooses otherwise."""
        return now.usual_mode(self.meeting)

    @cached_property
    def may_open_poll(self) -> bool:
        """Whether one letter may open the usual vote on the item under discussion."""
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

    @cached_property
    def may_be_called_again(self) -> bool:
        """Whether the item is called again before it is decided: who came may vote on it."""
        is_open = self.calls_for_a_vote and self.is_going_on and self.poll is None
        return is_open and now.may_be_called_again(self.meeting)

    @cached_property
    def unvotable(self) -> frozenset[str]:
        """The items that came after the convocation, where the rules let none be voted."""
        may_be_added = self.meeting.regime.items_added_in_sitting
        return frozenset() if may_be_added else self.meeting.outline.docket.added

    @cached_property
    def unestablished(self) -> tuple[Finding, ...]:
        """The earlier minutes put to the vote now that are not established yet."""
        return now.unestablished(self.meeting, self.state.item)

    @cached_property
    def put_off(self) -> tuple[str, ...]:
        """The items that the want of quorum leaves to another day, once the sitting is closed."""
        return reading.put_off(self.meeting)

    def status(self, node: Node) -> str:
        """What became of an item; "" while nothing did."""
        if decided := self.held.get(node.item.key):
            return "adopted" if decided[-1].adopted else "rejected"
        if self.story.fate(node.item.key):
            return "settled"
        if self.story.elections(node.item.key):
            return "waiting" if reading.unfinished(self.meeting, node.item.key) else "settled"
        return ""

    @cached_property
    def unfinished(self) -> elections.Election | None:
        """The election on the current item of which another round is due."""
        return reading.unfinished(self.meeting, self.state.item)

    @cached_property
    def next(self) -> Node | None:
        """The item that comes next, those passed over last."""
        return self.nodes.get(now.next_item(self.meeting))

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

    @cached_property
    def last_act(self) -> tuple[sitting.Event, ...]:
        """What Ctrl+Z undoes."""
        return () if self.is_issued else now.last_act(self.meeting)

    def named(self, key: str) -> str:
        """ "Mme Béatrice BESSON": a name as a sentence says it, "" for nobody."""
        return sentences.named(self.composition[key]) if key in self.composition else ""

    def short(self, key: str) -> str:
        """ "B. BESSON": a name in the margin of another."""
        if key not in self.composition:
            return self.composition.someone(key).name
        member = self.composition[key]
        initials = "".join(f"{part[0]}." for part in re.split(r"[\s-]+", member.first_name) if part)
        short = f"{initials} {member.last_name.upper()}".strip()
        return f"{short} ({member.apart})" if member.apart else short


def number_of(node: Node) -> str:
    """The number of an item as it is said, "" where it carries only a bullet."""
    return node.number.replace(BULLET, "")
