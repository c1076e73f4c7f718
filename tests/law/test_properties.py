"""Ce qui est vrai de toute séance, quelle qu'elle soit : propriétés tirées au hasard.

Sources: art. L2121-17, L2121-20, L2121-21 of the CGCT.
"""

import json
import os
from dataclasses import replace
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from law import ballots, codec, quorum, regime, sitting
from law.ballots import Ballot, Base, Choice, Majority, Mode, Voice
from law.checks import judgement, review
from law.findings import Refused, Severity
from law.sitting import (
    Arrived,
    BallotHeld,
    BallotRequested,
    Closed,
    CollegeSet,
    Composed,
    DoorsClosed,
    Excused,
    Ground,
    ItemOpened,
    Left,
    Opened,
    OrderSet,
    ProxyGiven,
    ProxyRevoked,
    Recused,
    SeatReturned,
    SeatTaken,
    Standing,
    Voided,
)
from tests.law.story import AGENDA, COMITE, RULES, SMO, at, check, judged, told

USUAL = 10  # the whole tree runs at every change; LAW_EXAMPLES=1000 hunts for a bug
EXAMPLES = int(os.environ.get("LAW_EXAMPLES", USUAL))
quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == USUAL,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

LEGAL = [preset for preset in regime.PRESETS.values() if not preset.quorum_counts_proxies]

people = st.sampled_from([member.key for member in COMITE.members])
items = st.sampled_from(AGENDA)
befores = st.none() | items
hours = st.none() | st.sampled_from([at("17:00"), at("17:30"), at("18:00"), at("19:00")])
when = {"at": hours, "before": befores}
choices = st.sampled_from(Choice)

events = st.one_of(
    st.builds(Opened, chair=people, at=hours),
    st.builds(Arrived, member=people, remote=st.booleans(), **when),
    st.builds(Left, member=people, **when),
    st.builds(Excused, member=people),
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
    st.builds(DoorsClosed, requesters=st.integers(0, 9), votes_for=st.none() | st.integers(0, 9)),
    st.builds(ItemOpened, item=items, at=hours),
    st.builds(OrderSet, items=st.permutations(AGENDA).map(tuple)),
    st.builds(
        BallotHeld,
        ballot=st.builds(
            Ballot, item=items, mode=st.sampled_from(Mode), choices=st.dictionaries(people, choices)
        ),
    ),
    st.builds(Closed, at=hours),
    st.builds(Voided, target=st.integers(1, 12)),
)
stories = st.lists(events, max_size=12).map(lambda drawn: told(*drawn))


def states(story):
    return [story.at_opening, *story.at_item.values(), *story.at_ballot.values(), story.at_end]


def replayed(told_so_far):
    return sitting.replay(COMITE, told_so_far, AGENDA)


# --- Stories ----------------------------------------------------------------------------------


@quick
@given(stories)
def test_nobody_weighs_more_than_his_seat(drawn):
    for state in states(replayed(drawn)):
        seats = [voice.seat for voice in state.voices]
        assert len(seats) == len(set(seats))
        for voice in state.voices:
            assert voice.weight == COMITE[voice.seat].weight
            assert COMITE[voice.caster].deliberates
            assert voice.caster in state.room
            assert voice.caster not in state.recused


@quick
@given(stories)
def test_standings_partition_the_composition(drawn):
    for state in states(replayed(drawn)):
        where = {member.key: state.standing(member.key) for member in COMITE.members}
        assert {key for key, it in where.items() if it is Standing.PRESENT} == state.room
        represented = {key for key, it in where.items() if it is Standing.REPRESENTED}
        assert represented == state.living_proxies.keys() - state.room
        assert all(isinstance(each, Standing) for each in where.values())


@quick
@given(stories, st.integers(0, 11))
def test_voiding_an_event_equals_never_having_told_it(drawn, rank):
    drawn = tuple(event for event in drawn if not isinstance(event, Voided))
    if rank >= len(drawn):
        return
    target = drawn[rank]
    corrected = replayed((*drawn, Voided(seq=len(drawn) + 1, target=target.seq)))
    never = replayed(tuple(event for event in drawn if event is not target))
    assert corrected == never


@quick
@given(stories)
def test_replaying_twice_gives_the_same_story(drawn):
    assert replayed(drawn) == replayed(tuple(reversed(drawn)))


@quick
@given(stories, st.sampled_from(LEGAL))
def test_a_proxy_never_changes_the_quorum(drawn, rules):
    """Art. L2121-17: the members in office must be *present*."""
    without = replayed(drawn)
    bare = tuple(event for event in drawn if not isinstance(event, ProxyGiven | ProxyRevoked))
    if any(isinstance(event, Voided) for event in drawn):
        return  # an event taken out would shift what is voided
    for item in AGENDA:
        told_with = quorum.of(without.at_item[item], rules)
        told_without = quorum.of(replayed(bare).at_item[item], rules)
        assert (told_with.present, told_with.required) == (
            told_without.present,
            told_without.required,
        )


@quick
@given(stories)
def test_a_quorum_counts_each_seat_once(drawn):
    for state in states(replayed(drawn)):
        answer = quorum.of(state, SMO)
        assert 0 <= answer.present <= answer.in_office <= len(COMITE.titulars)
        assert answer.present == answer.titulars + answer.substitutes
        assert str(answer)


@quick
@given(stories, events)
def test_any_story_can_be_judged(drawn, new):
    found = check([new], events=drawn)
    assert all(finding.message for finding in found)
    assert isinstance(review.of(judged(drawn)), tuple)


@quick
@given(stories)
def test_a_ledger_told_without_an_objection_has_none(drawn):
    """What was accepted line by line is accepted as a whole."""
    kept: list[sitting.Event] = []
    for event in drawn:
        event = replace(event, seq=len(kept) + 1)
        found = check([event], events=kept, retrospective=True)
        if all(finding.severity is Severity.WARNING for finding in found):
            kept.append(event)
    ledger = told(Composed(composition=COMITE, regime=RULES))
    moved = [
        replace(event, seq=event.seq + 1, target=event.target + 1)
        if isinstance(event, Voided)
        else replace(event, seq=event.seq + 1)
        for event in kept
    ]
    found = judgement.by_event([*ledger, *moved], agenda=AGENDA, retrospective=True)
    assert [f for _, f in found if f.severity is Severity.REFUSAL] == []


# --- Ballots ----------------------------------------------------------------------------------

weights = st.lists(st.integers(1, 3), min_size=1, max_size=7)
majorities = st.builds(
    Majority,
    fraction=st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction(1, 3), Fraction(1)]),
    base=st.sampled_from(Base),
    strict=st.booleans(),
    unless_against=st.booleans(),
)


@st.composite
def named_ballots(draw, modes=(Mode.ORDINARY, Mode.PUBLIC)):
    """Voices and a ballot in which everybody is named."""
    voices = tuple(
        Voice(seat=f"m{rank}", caster=f"m{rank}", weight=weight)
        for rank, weight in enumerate(draw(weights))
    )
    cast = {voice.seat: draw(choices) for voice in voices}
    mode = draw(st.sampled_from(modes))
    return voices, Ballot(item="p1", mode=mode, choices=cast, majority=draw(majorities))


def decided(ballot, voices):
    total = sum(voice.weight for voice in voices)
    return ballots.decide(
        ballot, voices, regime=RULES, chair="m0", present=total, represented=0, composing=total + 2
    )


@quick
@given(named_ballots())
def test_every_vote_is_counted_once(drawn):
    voices, ballot = drawn
    tally = ballots.count(ballot, voices)
    assert tally.took_part + tally.not_voting == sum(voice.weight for voice in voices)


@quick
@given(named_ballots(), st.integers(1, 3))
def test_an_abstention_never_changes_the_votes_cast(drawn, weight):
    """Art. L2121-20: abstentions are not votes cast."""
    voices, ballot = drawn
    more = (*voices, Voice(seat="x", caster="x", weight=weight))
    with_abstention = replace(ballot, choices={**ballot.choices, "x": Choice.ABSTAIN})
    before, after = ballots.count(ballot, voices), ballots.count(with_abstention, more)
    assert (after.for_, after.against, after.cast) == (before.for_, before.against, before.cast)
    assert after.abstentions == before.abstentions + weight


@quick
@given(named_ballots(), st.randoms(use_true_random=False))
def test_the_order_of_reading_the_votes_changes_nothing(drawn, random):
    voices, ballot = drawn
    shuffled = list(ballot.choices.items())
    random.shuffle(shuffled)
    other_voices = list(voices)
    random.shuffle(other_voices)
    first = decided(ballot, voices)
    again = decided(replace(ballot, choices=dict(shuffled)), other_voices)
    assert (again.verdict, again.required, again.because) == (
        first.verdict,
        first.required,
        first.because,
    )
    assert replace(again.tally, named={}) == replace(first.tally, named={})


@quick
@given(named_ballots(), st.integers(0, 6))
def test_one_more_vote_for_never_turns_adopted_into_rejected(drawn, rank):
    """Whichever the majority, and whatever the voter had said before."""
    voices, ballot = drawn
    seat = voices[rank % len(voices)].seat
    kinder = replace(ballot, choices={**ballot.choices, seat: Choice.FOR})
    assert decided(kinder, voices).adopted or not decided(ballot, voices).adopted


@quick
@given(st.integers(1, 20), st.integers(0, 5))
def test_a_tie_under_secret_is_never_adopted(each, blank):
    """Art. L2121-20: no casting vote in a secret ballot."""
    voices = tuple(Voice(seat=f"m{rank}", caster=f"m{rank}") for rank in range(2 * each + blank))
    counts = {Choice.FOR: each, Choice.AGAINST: each, Choice.BLANK: blank}
    outcome = decided(Ballot(item="p1", mode=Mode.SECRET, counts=counts), voices)
    assert not outcome.adopted
    assert outcome.casting_vote_of == ""


@quick
@given(named_ballots())
def test_the_votes_needed_are_those_that_adopt(drawn):
    """`required` is exact unless a chair breaks the tie."""
    voices, ballot = drawn
    outcome = decided(ballot, voices)
    if not outcome.casting_vote_of:
        assert outcome.adopted is (outcome.tally.for_ >= outcome.required)


# --- JSON -------------------------------------------------------------------------------------


@quick
@given(stories, st.sampled_from(list(regime.PRESETS.values())))
def test_a_ledger_survives_json(drawn, rules):
    for event in (Composed(composition=COMITE, regime=rules), *drawn):
        kind, payload = codec.dump(event)
        assert codec.load(kind, event.seq, json.loads(json.dumps(payload))) == event


words = st.text(alphabet="ab\x00\ud800é", max_size=2)  # cheap to draw, nasty enough
plain = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(width=16) | words
junk = plain | st.lists(plain, max_size=2) | st.dictionaries(words, plain, max_size=2)


def loaded(kind, payload):
    """The event, or the objections."""
    try:
        return codec.load(kind, 1, payload)
    except Refused as refusal:
        return refusal.findings


@quick
@given(st.sampled_from(sorted(codec.KINDS)), junk, st.sampled_from(["member", "item", "ballot"]))
def test_junk_is_refused_and_never_breaks(kind, value, key):
    for payload in (value, {key: value}):
        answer = loaded(kind, payload)
        assert answer
        assert isinstance(answer, tuple | codec.KINDS[kind])


@quick
@given(st.integers(0, 2_000), st.fractions(Fraction(1, 100), 1), st.booleans())
def test_the_quorum_required_is_the_smallest_that_suffices(in_office, fraction, strict):
    rules = replace(SMO, quorum_fraction=fraction, quorum_strict=strict)
    needed = quorum.required(in_office, rules)
    share = in_office * fraction

    def suffices(number):
        return number > share if strict else number >= share

    assert suffices(needed)
    assert needed == 1 or not suffices(needed - 1)
