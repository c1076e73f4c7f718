"""Rien ne se découvre après : de toute séance dite en direct, ce que la loi a laissé passer.

Random live stories, told line by line; what is refused is not kept. Of what stands then, nobody
ever casts more voices than the law allows him (art. L2121-20), and the review before the papers
finds nothing against a vote that was not told when it was taken.
"""

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from law import sitting
from law.ballots import ACCOUNTS, Choice, Mode
from law.checks import judgement, review
from law.findings import Severity
from law.sitting import (
    BallotHeld,
    BallotRequested,
    ChairTaken,
    CollegeSet,
    DoorsClosed,
    ElectionHeld,
    Ground,
    ItemOpened,
    ProxyRevoked,
    Resumed,
    SeatReturned,
    SeatTaken,
    Suspended,
    Voided,
)
from tests.law.story import AGENDA, COMITE, RULES, at, there
from tests.law.test_annulment import (
    FAR,
    FOUR,
    SIX,
    WOKEN,
    WOKEN_BY_A_SEAT,
    come,
    elect,
    out,
    proxy,
    put,
    recused,
    vote,
)

USUAL = 50
EXAMPLES = int(os.environ.get("LAW_EXAMPLES", USUAL))
thorough = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES == USUAL, database=None
)

# What the review says of a whole sitting or of its papers, and not against a vote.
OF_THE_PAPERS = {
    "sans_ouverture", "sans_secretaire", "president_secretaire", "sans_levee", "sans_reprise",
    "huis_clos_ouvert", "quorum_ouverture", "pouvoir_sans_effet", "suppleant_absent", "partage",
}  # fmt: skip

SUBSTITUTED = (
    *there("alice", "bruno", "denis", "farid", "gaelle"),
    proxy("elsa", "bruno"),
    SeatTaken(substitute="gaelle", titular="claire"),
    *SIX[-2:],
)
BEGINNINGS = ((*SIX, put()), (*FOUR, put()), (*FAR, put()), SUBSTITUTED)
MODES = (Mode.PUBLIC, Mode.SECRET)


def possible(state) -> list[list[sitting.Event]]:
    """What may well happen next in this room, kind by kind."""
    room = sorted(state.room)
    absent = sorted(set(COMITE.by_key) - state.room)
    item = state.item or AGENDA[0]
    givers = [key for key in absent if key in COMITE.own_voices and key not in state.proxies]
    named = {key: Choice.AGAINST for key in room[:2] if key in COMITE.own_voices}
    everybody = dict.fromkeys((voice.seat for voice in state.voices), Choice.FOR)
    kinds: list[list[sitting.Event]] = [
        [out(key) for key in room],
        [come(key, remote=far) for key in absent for far in (False, False, True)],
        [proxy(giver, holder) for giver in givers for holder in ("bruno", "denis")],
        [ProxyRevoked(giver=key) for key in sorted(state.proxies)],
        [SeatTaken(substitute="gaelle", titular="claire"), SeatReturned(substitute="gaelle")],
        [ChairTaken(member=key, item=where) for key in room for where in ("", item)],
        [ItemOpened(item=key) for key in AGENDA],
        [recused(key, ground, item) for key in room for ground in Ground],
        [CollegeSet(item=item, members=tuple(sorted(everybody)[:3]))],
        [BallotRequested(item=item, mode=mode, members=tuple(room[:3])) for mode in MODES],
        [Suspended(), Resumed(), DoorsClosed(votes_for=4)],
        [Voided(target=target) for target in range(4, 16)],
    ]
    ballots = [
        {}, {"choices": named}, {"majority": ACCOUNTS}, {"question": "amendement"},
        {"mode": Mode.SECRET, "counts": {Choice.FOR: 3}},
        {"mode": Mode.PUBLIC, "choices": everybody},
    ]  # fmt: skip
    votes = [[vote(key, **each) for each in ballots] + [elect(key, 3)] for key in (item, AGENDA[0])]
    return [kind for kind in (*kinds, *kinds[:3] * 3, *votes, *votes) if kind]


class Live:
    """A sitting told line by line, each at its minute; what is refused is not kept."""

    def __init__(self) -> None:
        self.judged = judgement.judge((), composition=COMITE, agenda=AGENDA, regime=RULES)
        self.codes: set[str] = set()
        self.now = at("17:30")

    def tell(self, line: sitting.Event) -> None:
        if self.judged.story.at_end.is_open:
            self.now += timedelta(minutes=1)
            line = replace(line, at=self.now)
        found, after = self.judged.after([line])
        if all(finding.severity is Severity.WARNING for finding in found):
            self.judged = after
            self.codes |= {finding.code.removeprefix("consequence_") for finding in found}

    @classmethod
    def of(cls, *lines: sitting.Event) -> "Live":
        """The sitting that these lines tell."""
        live = cls()
        for line in lines:
            live.tell(line)
        return live

    @property
    def story(self) -> sitting.Sitting:
        return self.judged.story

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.story.told))


@st.composite
def lives(draw) -> Live:
    """What happens next is drawn from what may well happen."""
    live = Live.of(*draw(st.sampled_from(BEGINNINGS)))
    for _ in range(draw(st.integers(0, 20))):
        kind = draw(st.sampled_from(possible(live.story.at_end)))
        live.tell(draw(st.sampled_from(kind)))
    return live


def votes(story):
    return [e for e in story.events if isinstance(e, BallotHeld | ElectionHeld)]


@thorough
@given(lives())
@example(Live.of(*WOKEN, vote()))
@example(Live.of(*WOKEN_BY_A_SEAT, elect(votes=2)))
def test_nobody_casts_more_voices_than_the_law_allows(live):
    """Art. L2121-20: his own, and that of one colleague."""
    for event in votes(live.story):
        cast = Counter(voice.caster for voice in live.story.at_ballot[event.seq].voices)
        assert max(cast.values(), default=0) <= 1 + RULES.proxies_per_holder


@thorough
@given(lives())
def test_nothing_is_found_afterwards_against_a_vote_that_was_not_told_then(live):
    """By the review, or by whoever types the same sitting again."""
    late = judgement.judge(
        live.story.told, composition=COMITE, agenda=AGENDA, regime=RULES, retrospective=True
    )
    assert {finding.code for _, finding in late.findings} <= live.codes
    found = {finding.code for finding in review.of(late)}
    assert not votes(live.story) or found - OF_THE_PAPERS <= live.codes


def test_these_stories_reach_a_vote():
    """A property that is proved of nothing is no property."""
    live = Live.of(*SIX, put(), out("elsa"), proxy("elsa", "bruno"), vote())
    (event,) = votes(live.story)
    assert len(live.story.at_ballot[event.seq].voices) == 6
    assert live.codes == set()
