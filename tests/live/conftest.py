"""Sittings held live by the verbs themselves, in a room where the clock goes on by itself."""

from datetime import timedelta
from inspect import isfunction, signature

import pytest

from law import elections as contests
from law.findings import Finding, Severity
from live import reading
from live.actions import conduct, elections, equipping, items, people, polls, tablets
from live.models import Equipment, Poll
from meetings.models import Meeting
from tests import words
from tests.held import prepare

EVERYBODY = tuple(
    "alice-arnaud bruno-besson claire-caron farid-faure denis-duval elsa-evrard".split()
)
VERBS = {
    name: verb
    for chapter in (conduct, elections, equipping, items, people, polls, tablets)
    for name, verb in vars(chapter).items()
    if isfunction(verb) and verb.__module__ == chapter.__name__
}


def refused(call, *expected: str) -> list[Finding]:
    """Call it; it must be refused for these reasons and no other, in sentences."""
    with words.refused(*expected) as told:
        call()
    assert all(finding.message.endswith(".") for finding in told)
    return told


def election(*rounds: tuple[int, int], title: str = "vice-président") -> contests.Election:
    """Bruno and Denis, and what each obtained in each round."""
    pair = ("bruno-besson", "denis-duval")
    return contests.Election(
        item="p2",
        title=title,
        candidates=tuple(contests.Candidate(key=key) for key in pair),
        rounds=tuple(contests.Round(votes=dict(zip(pair, each, strict=True))) for each in rounds),
    )


def warned(findings) -> list[str]:
    """The codes of what was remarked, and only remarked."""
    assert all(finding.severity is Severity.WARNING for finding in findings)
    return [finding.code for finding in findings]


class Room:
    """A sitting, who keeps it, and the clock on the wall: each verb takes a second."""

    def __init__(self, meeting: Meeting):
        self.meeting, self.by, self.clock = meeting, meeting.created_by, meeting.scheduled_for

    def wait(self, **delta: int) -> "Room":
        self.clock += timedelta(**delta)
        return self

    def told(self) -> dict:
        """The keywords that say who and when."""
        self.wait(seconds=1)
        return {"by": self.by, "at": self.clock}

    def __getattr__(self, verb: str):
        """`room.arrive(member=…)` is `people.arrive(room.meeting, member=…, by=…, at=…)`."""
        if verb not in VERBS:
            raise AttributeError(verb)
        return lambda **asked: self.polled(verb, self.meeting, **asked)

    def polled(self, verb: str, of: Poll | Meeting, **asked):
        """The same for a verb of a poll. Who and when go to the verbs that ask."""
        function = VERBS[verb]
        wanted, told = signature(function).parameters, self.told()
        return function(of, **asked, **{name: told[name] for name in told if name in wanted})

    def refuses(self, code: str, verb: str, of: Poll | None = None, **asked) -> Finding:
        """The verb is refused for this one reason, which is given."""
        (reason,) = refused(lambda: self.polled(verb, of or self.meeting, **asked), code)
        return reason

    def ask(self, mode="ordinaire", *, items=(), choices=None, **how) -> Poll:
        """Open a vote on the first item, or on these, and note these choices."""
        reason = "désignation" if mode == "secret" else ""
        poll = self.open_poll(items=items or self.items[:1], mode=mode, reason=reason, **how)
        self.choose(**choices or {})
        return poll

    def choose(self, **choices: str) -> None:
        """What hands said in the open vote: `elsa_evrard="contre"`."""
        for name, choice in choices.items():
            self.polled("choose", self.asked, seat=name.replace("_", "-"), choice=choice)

    def proclaim(self, **how):
        return self.polled("proclaim", self.asked, **how)

    def vote(self, item: str, mode: str = "ordinaire", **choices: str):
        """Open a vote, note these choices, proclaim what it decided."""
        self.ask(mode, items=[item], choices=choices)
        return self.proclaim()[0]

    def empty(self, *, but: int) -> None:
        """Only so many of `EVERYBODY` stay."""
        for member in EVERYBODY[but:]:
            self.leave(member=member)

    @property
    def state(self):
        return reading.state(self.meeting)

    @property
    def asked(self) -> Poll | None:
        """The vote that is open."""
        return reading.current_poll(self.meeting)

    @property
    def items(self) -> list[str]:
        """What is put to the vote, the approval of earlier minutes aside."""
        rows = self.meeting.items.filter(kind="deliberation", approves=None)
        return [*rows.order_by("position").values_list("key", flat=True)]

    @property
    def item(self) -> str:
        return reading.current_item(self.meeting)

    def kinds(self) -> list[str]:
        """What the ledger holds, line by line."""
        return [type(event).__name__ for event in self.meeting.ledger]


@pytest.fixture
def empty_room(cast) -> Room:
    """The Comité of 9 June 2026 before anybody came: four items on its agenda."""
    return Room(prepare(cast, "Budget primitif", "Subventions", "Convention", "Vœu"))


@pytest.fixture
def room(empty_room) -> Room:
    """The same with everybody there, opened by Alice, Bruno clerk, the first item open."""
    empty_room.call_roll(present=EVERYBODY)
    empty_room.open_meeting(chair="alice-arnaud", clerks=["bruno-besson"])
    empty_room.open_next(after="")
    return empty_room


@pytest.fixture
def tablets(room) -> Room:
    """The same with a tablet in every hand."""
    Equipment.objects.create(
        meeting=room.meeting, tablets=True, check_in=True, secret_on_tablets=True
    )
    return room
