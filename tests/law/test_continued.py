"""Continuer une histoire ou la reprendre du début : jamais deux réponses.

What the console of a sitting asks after each event is answered from what is already known; it must
be what reading the whole ledger again would answer, whatever was told and in whatever order.
"""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from law import sitting
from law.ballots import Ballot, Choice, Mode
from law.checks import judgement
from law.checks.reader import Reader
from law.docket import Docket
from law.regime import PRESETS
from law.sitting import (
    Arrived,
    BallotHeld,
    BallotRequested,
    ChairTaken,
    ClerksNamed,
    Closed,
    CollegeSet,
    Composed,
    DoorsClosed,
    DoorsOpened,
    Ending,
    Fate,
    FateNoted,
    Ground,
    Installed,
    ItemOpened,
    Left,
    Opened,
    OrderSet,
    ProxyGiven,
    ProxyRevoked,
    Recused,
    Resumed,
    SeatReturned,
    SeatTaken,
    Suspended,
    Vacated,
    Voided,
)
from tests.law.story import AGENDA, COMITE, RULES, TITULARS, at, opening, told

USUAL = 150
EXAMPLES = int(os.environ.get("LAW_EXAMPLES", USUAL))
thorough = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES == USUAL, database=None
)

people = st.sampled_from([member.key for member in COMITE.members])
items = st.sampled_from(AGENDA)
moments = st.integers(0, 240).map(lambda n: at("17:30") + timedelta(seconds=n * 30))
when = {"at": st.none() | moments, "before": st.none() | st.none() | items}
live = {"at": moments}
votes = st.builds(
    Ballot,
    item=items,
    mode=st.sampled_from(Mode),
    choices=st.dictionaries(people, st.sampled_from(Choice), max_size=3),
)
events = st.one_of(
    st.builds(ItemOpened, item=items, **live),
    st.builds(ItemOpened, item=items, **live),
    st.builds(BallotHeld, ballot=votes, **live),
    st.builds(BallotHeld, ballot=votes),
    st.builds(Arrived, member=people, **when),
    st.builds(Left, member=people, **when),
    st.builds(Left, member=people, **live),
    st.builds(SeatTaken, substitute=people, titular=people, **when),
    st.builds(SeatReturned, substitute=people, **when),
    st.builds(ProxyGiven, giver=people, holder=people, **when),
    st.builds(ProxyRevoked, giver=people, **when),
    st.builds(Recused, member=people, item=items, ground=st.sampled_from(Ground)),
    st.builds(CollegeSet, item=items, members=st.lists(people, max_size=3).map(tuple)),
    st.builds(
        BallotRequested,
        item=items,
        mode=st.sampled_from(Mode),
        members=st.lists(people, max_size=3).map(tuple),
    ),
    st.builds(Installed, member=people, **live),
    st.builds(Vacated, member=people, ending=st.sampled_from(Ending), **live),
    st.builds(ChairTaken, member=people, item=st.sampled_from(("", *AGENDA))),
    st.builds(ClerksNamed, clerks=st.lists(people, max_size=2).map(tuple)),
    st.builds(Suspended, **live),
    st.builds(Resumed, **live),
    st.builds(DoorsClosed, **live),
    st.builds(DoorsOpened, **live),
    st.builds(OrderSet, items=st.permutations(AGENDA).map(tuple)),
    st.builds(FateNoted, item=items, fate=st.sampled_from(Fate)),
    st.builds(Opened, chair=people, at=st.none() | moments),
    st.builds(Closed, at=st.none() | moments),
    st.builds(
        Composed,
        composition=st.sampled_from(
            [COMITE, replace(COMITE, members=COMITE.members[1:])]
        ),
        regime=st.sampled_from([RULES, PRESETS["smo"]]),
    ),
    st.integers(1, 18).map(lambda target: Voided(target=target)),
)  # fmt: skip
acts = st.lists(st.lists(events, min_size=1, max_size=3), max_size=12)
beginnings = st.sampled_from([(), opening(*TITULARS), opening("alice", "bruno", "claire")])


def judged(story, **options):
    last = [event for event in story if isinstance(event, Composed)]
    basis = last[-1] if last else Composed(composition=COMITE, regime=RULES)
    return judgement.judge(
        story, composition=basis.composition, regime=basis.regime, agenda=AGENDA, **options
    )


@thorough
@given(beginnings, acts, st.booleans(), st.booleans(), st.sampled_from([(), ("p1",), ("p2",)]))
def test_a_judgement_continued_is_the_judgement_of_the_whole(
    beginning, drawn, retrospective, second_call, urgent
):
    reconvened = frozenset({"p1", "p3"}) if second_call else None
    docket = Docket(
        urgent=frozenset(urgent), accounts=frozenset({"p3"}), added=frozenset({"p2"}),
        reconvened=reconvened,
    )  # fmt: skip
    options = {"retrospective": retrospective, "docket": docket}
    story = told(*beginning)
    known = judged(story, **options)
    for act in drawn:
        new = tuple(replace(event, seq=len(story) + n) for n, event in enumerate(act, 1))
        before = {*known.findings}
        answers, known = known.after(new)
        story = (*story, *new)
        whole = judged(story, **options)
        assert known == whole
        assert known.story.layout == whole.story.layout
        assert known.story.told == story
        appeared = {finding for seq, finding in {*whole.findings} - before if seq in numbers(new)}
        assert appeared <= {*answers}


def numbers(act):
    return {event.seq for event in act}


@thorough
@given(beginnings, acts)
def test_a_story_extended_is_the_whole_story(beginning, drawn):
    so_far = told(*beginning)
    story = sitting.replay(COMITE, so_far, AGENDA)
    for act in drawn:
        new = tuple(replace(event, seq=len(so_far) + n) for n, event in enumerate(act, 1))
        so_far = (*so_far, *new)
        story = sitting.extended(story, new)
        whole = sitting.replay(COMITE, so_far, AGENDA)
        assert story == whole
        assert story.layout == whole.layout
        assert list(story.at_item) == list(whole.at_item)


def test_a_vote_taken_back_leaves_nothing_in_the_story_extended():
    story = long_sitting(3).story
    last = story.told[-1]
    assert last.seq in story.at_ballot
    taken_back = Voided(target=last.seq, seq=last.seq + 1)
    extended = sitting.extended(story, [taken_back])
    assert extended == sitting.replay(COMITE, (*story.told, taken_back), story.printed)
    assert last.seq not in extended.at_ballot


# --- It is worth it ---------------------------------------------------------------------------


def long_sitting(votes):
    agenda = tuple(f"p{rank}" for rank in range(1, 41))
    live = [*opening(*TITULARS)]
    for rank in range(votes):
        live.append(ItemOpened(item=agenda[rank], at=at("18:00") + timedelta(minutes=rank)))
        live.append(BallotHeld(ballot=Ballot(item=agenda[rank])))
    story = told(*live)
    known = judgement.judge(story[:-10], composition=COMITE, regime=RULES, agenda=agenda)
    for event in story[-10:]:
        _, known = known.after([event])
    return known


NEXT = at("20:00")


@pytest.mark.parametrize(("new", "most"), [
    pytest.param(Left(member="bruno", at=NEXT), 3, id="un départ"),
    pytest.param(ItemOpened(item="p31", at=NEXT), 3, id="le point suivant"),
    pytest.param(BallotHeld(ballot=Ballot(item="p30", question="q"), at=NEXT), 3, id="un vote"),
    pytest.param(Suspended(at=NEXT), 3, id="une suspension"),
    pytest.param(Voided(target=68), 2, id="l’annulation du dernier vote"),
    pytest.param(Voided(target=66), 4, id="celle du vote d’avant"),
    pytest.param(FateNoted(item="p40", fate=Fate.WITHDRAWN, at=NEXT), 3, id="un retrait"),
    pytest.param(Closed(at=NEXT), 200, id="la levée : tout est relu"),
])  # fmt: skip
def test_the_usual_next_event_reads_little_again(monkeypatch, new, most):
    known = long_sitting(30)
    read, reads = Reader.read, []

    def counted(reader, event, state):
        reads.append(event)
        read(reader, event, state)

    monkeypatch.setattr(Reader, "read", counted)
    _, known = known.after([new])
    assert 0 < len(reads) <= most
    reads.clear()
    known.after([Arrived(member="gaelle", at=NEXT)])
    assert len(reads) <= most + 2


@pytest.mark.parametrize(("known", "new"), [
    pytest.param(1, BallotHeld(ballot=Ballot(item="p2"), at=NEXT), id="le deuxième point"),
    pytest.param(30, Left(member="bruno", at=NEXT), id="un départ pendant le trentième"),
])  # fmt: skip
def test_what_comes_before_the_current_item_is_not_told_again(monkeypatch, known, new):
    story, apply = long_sitting(known).story, sitting.apply
    calls = (ItemOpened(item=f"p{known + 1}", at=at("19:00")), new)
    now = [replace(event, seq=len(story.told) + n) for n, event in enumerate(calls, 1)]
    again = []

    def counted(state, event):
        again.append(event)
        return apply(state, event)

    monkeypatch.setattr(sitting, "apply", counted)
    sitting.extended(story, now)
    assert again == now


def test_a_point_withdrawn_in_advance_does_not_make_the_rest_slow(monkeypatch):
    """What is known of an item to come stays known; only the current one is read again."""
    _, known = long_sitting(30).after([FateNoted(item="p40", fate=Fate.WITHDRAWN, at=NEXT)])
    reads = []
    monkeypatch.setattr(Reader, "read", lambda reader, event, state: reads.append(event))
    known.after([Left(member="bruno", at=NEXT)])
    assert len(reads) <= 4


def test_a_vote_on_urgency_taken_back_is_forgotten():
    """The urgency is the second item: it is read again from the same place, twice."""
    story = told(*opening(*TITULARS), ItemOpened(item="p2", at=at("18:00")))
    known = judged(story, docket=Docket(urgent=frozenset({"p2"})))
    for new in (
        BallotHeld(ballot=Ballot(item="p2"), at=at("18:01")),
        Voided(target=len(story) + 1),
        ItemOpened(item="p3", at=at("18:02")),
    ):
        _, known = known.after([new])
    answers, _ = known.after([BallotHeld(ballot=Ballot(item="p3"), at=at("18:03"))])
    assert [finding.code for finding in answers] == ["urgence_non_decidee"]
