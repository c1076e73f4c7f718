"""Nineteen real sittings, unlike each other, held by the model and told by its minutes.

What is checked was counted by hand on the papers (see `cases`): who was there, who was
represented, what each vote gave. Where a paper contradicts itself or the law, the finding is
asserted and the words of the paper are kept (`Ballot.stated`).
"""

import copy
import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from documents import compile, papers, render
from law import assembly, ballots, elections, quorum, sitting, voting
from law.sitting import Standing
from meetings import sitting_file
from meetings.actions import decisions
from meetings.models import Ballot, Meeting, Vote
from members.models import Body
from tests.cast import change
from tests.meetings import cases
from tests.words import refused

ALL = [pytest.param(n, id=f"{n} {cases.facts_of(n)['why']}") for n in cases.NUMBERS]


@dataclass
class Held:
    """A case brought in: what the paper says, and the sitting."""

    case: cases.Case
    meeting: Meeting

    @property
    def story(self) -> sitting.Sitting:
        return self.meeting.sitting

    def outcomes(self, number: str) -> list[voting.Outcome]:
        """What was decided on the item that the paper numbers so."""
        return [outcome for item, outcome, _ in decided(self) if item == self.case.item(number)]

    def quorum_at(self, number: str) -> quorum.Quorum:
        return quorum.of(self.story.at_item[self.case.item(number)], self.meeting.regime)


def bring(number: str) -> Held:
    case = cases.read(number)
    done = sitting_file.import_(sitting_file.read(sitting_file.dump(case.document)))
    return Held(case, done.meeting)


def decided(held: Held) -> list[tuple[str, voting.Outcome, ballots.Ballot]]:
    def outcome(event) -> voting.Outcome:
        return voting.of(event.ballot, held.story.at_ballot[event.seq], held.meeting.regime)

    votes = held.story.of_kind(sitting.BallotHeld)
    return [(event.ballot.item, outcome(event), event.ballot) for event in votes]


# --- What every case must say -----------------------------------------------------------------

STANDINGS = {
    "present": Standing.PRESENT,
    "represented": Standing.REPRESENTED,
    "replaced": Standing.REPLACED,
    "excused": Standing.EXCUSED,
    "absent": Standing.ABSENT,
}


@pytest.mark.proof
@pytest.mark.parametrize("number", ALL)
def test_the_sitting_says_what_the_paper_says(db, number):
    held = bring(number)
    check_attendance(held)
    check_votes(held)
    check_conduct(held)
    for check in OWN.get(number, ()):
        check(held)
    check_file_comes_back(held)


def check_attendance(held: Held) -> None:
    """Everybody is where the paper puts him, and they are as many as were counted by hand."""
    replaced = {member.replaces for member in held.case.people if member.replaces}
    found = Counter()
    for key, told in held.case.standings.items():
        standing = held.story.at_opening.standing(key)
        if told == "late":
            assert standing is not Standing.PRESENT
            assert any(key in state.room for state in held.story.at_item.values())
            standing = Standing.PRESENT
        else:
            assert standing is STANDINGS["replaced" if key in replaced else told], key
        found[standing] += 1
    for told, count in held.case.facts["counts"].items():
        in_office = len(held.story.composition.titulars)
        assert count == (in_office if told == "in_office" else found[STANDINGS[told]]), told


def check_votes(held: Held) -> None:
    """Each vote gives what the paper says; a `wrong` one, what it should have given."""
    every = decided(held)
    for told in held.case.items:
        found = [each[1:] for each in every if each[0] == told["key"]]
        for vote, (outcome, ballot) in zip(held.case.votes(told), found, strict=True):
            tally, where = outcome.tally, (told["key"], vote)
            assert ballot.stated == cases.stated(vote)
            assert vote.get("cast") in (None, tally.took_part), where
            assert outcome.is_unanimous_of_cast or not vote.get("unanimous"), where
            if not outcome.is_counted:
                assert not cases.is_told(vote), where  # no result is made of who was there
                continue
            if not vote.get("wrong"):
                counted = (tally.for_, tally.against, tally.abstentions)
                for choice, count in zip(cases.CHOICES, counted, strict=True):
                    assert cases.count(vote.get(choice)) in (None, count), where


def check_conduct(held: Held) -> None:
    """Chair, clerk and hours are those of the paper."""
    facts, end = held.case.facts, held.story.at_end
    assert end.chair == facts.get("chair", "")
    assert end.clerks == ((facts["clerk"],) if "clerk" in facts else ())
    assert end.opened_at == held.case.at(facts.get("at"))
    assert end.closed_at == held.case.at(facts.get("closed_at"))


def check_file_comes_back(held: Held) -> None:
    """The same sitting in another organisation, where nobody is known yet."""
    first = sitting_file.export(held.meeting)
    other = copy.deepcopy(first)
    other["organisation"]["slug"] = "ailleurs"
    done = sitting_file.import_(sitting_file.read(sitting_file.dump(other)))
    again = sitting_file.export(done.meeting)
    again["organisation"]["slug"] = first["organisation"]["slug"]
    assert sitting_file.dump(again) == sitting_file.dump(first)


@pytest.mark.proof
@pytest.mark.parametrize("number", ALL)
def test_both_minutes_state_it(db, number):
    held = bring(number)
    for layout in Body.Layout.values:
        change(held.meeting.body, layout=layout)
        check_minutes(held)


def _line_of(paper: papers.MinutesDocument, member: assembly.Member) -> papers.RollLine:
    (line,) = [
        line for college in paper.roll for line in college.lines if line.name.endswith(member.name)
    ]
    return line


def check_minutes(held: Held) -> None:
    number = held.case.number
    paper = compile.compile_minutes(held.meeting)
    page = words(render.render_html(paper))

    at_opening = quorum.of(held.story.at_opening, held.meeting.regime, second_call=number == "34")
    assert (paper.quorum.present, paper.quorum.reached) == (at_opening.present, at_opening.reached)
    assert words(paper.opening) in page
    assert words(paper.quorum.sentence) in page
    for member in held.story.composition.titulars:
        assert words(member.name) in page
        if held.story.composition.is_weighted:
            assert f"{member.weight} voix" in words(_line_of(paper, member).remark)
    end = held.story.at_end
    if end.clerks:
        assert words(held.story.composition[end.clerks[0]].name) in words(paper.clerks)
        assert words(paper.clerks) in page
    if end.closed_at:
        minutes = f"{end.closed_at:%M}" if end.closed_at.minute else ""
        assert f"{end.closed_at.hour}h{minutes}" in words(paper.closing).replace(" ", "")

    counts = [
        (count.for_, count.against, count.abstentions)
        for item in in_order_of_discussion(held, paper)
        for step in (*item.before, *item.opening, *item.after)
        if step.kind == "vote"
        for count in step.lines or filter(None, [step.count])
    ]
    expected = [
        (outcome.tally.for_, outcome.tally.against, outcome.tally.abstentions)
        for _, outcome, _ in decided(held)
        if outcome.is_counted
    ]
    assert counts == expected
    for event in held.story.of_kind(sitting.ElectionHeld):
        for key in elections.decide(event.election, held.story.composition).elected:
            assert words(held.story.composition[key].name) in told_of(paper, event.election)
    for item in paper.all_items:
        # The approval of earlier minutes is told in a sentence, which needs no title.
        assert item in paper.approvals or words(item.title) in page
        for step in (*item.before, *item.opening, *item.after):
            assert all(words(sentence) in page for sentence in (step.text, *step.more))


def told_of(paper: papers.MinutesDocument, election: elections.Election) -> str:
    """What the minutes say happened on the item of an election."""
    (item,) = (each for each in paper.all_items if each.key == election.item)
    return words(" ".join(" ".join((step.text, *step.more)) for step in item.after))


def in_order_of_discussion(held: Held, paper: papers.MinutesDocument) -> list[papers.Item]:
    rank = {key: index for index, key in enumerate(held.story.agenda)}
    items = [item for item in paper.all_items if item.key in rank]
    return sorted(items, key=lambda item: rank[item.key])


def words(page: str) -> str:
    """What a reader sees: no tag, one kind of space, one kind of apostrophe and hyphen."""
    text = html.unescape(re.sub(r"<(style|script).*?</\1>|<[^>]*>", "", page, flags=re.DOTALL))
    text = text.replace("’", "'").replace("\u2060", "").replace("\u00ad", "").replace("\u2011", "-")
    return " ".join(text.split())


# --- What only one of them says ---------------------------------------------------------------

OWN: dict[str, list[Callable[[Held], None]]] = {}


def only(*numbers: str) -> Callable:
    """What is asked of these cases alone, when they are held."""

    def remember(check: Callable[[Held], None]) -> Callable[[Held], None]:
        for number in numbers:
            OWN.setdefault(number, []).append(check)
        return check

    return remember


@only("02")
def the_quorum_is_lost_when_one_of_ten_leaves(held):
    assert (held.quorum_at("10").present, held.quorum_at("10").reached) == (10, True)
    assert (held.quorum_at("11").present, held.quorum_at("11").reached) == (9, False)
    (closing,) = held.story.of_kind(sitting.Closed)
    assert closing.for_want_of_quorum
    for number in ("11", "12", "13"):
        assert held.story.fate(held.case.item(number)).fate is sitting.Fate.POSTPONED


@only("05")
def a_dated_rule_lowers_the_quorum_to_a_third(held):
    at_opening = quorum.of(held.story.at_opening, held.meeting.regime)
    assert (at_opening.required, at_opening.present) == (7, 8)
    # Two proxies given to somebody absent: told in the ledger, and used by nobody.
    assert len(held.story.at_opening.proxies) == 8
    assert len(held.story.at_opening.living_proxies) == 6
    holders = list(held.story.at_opening.living_proxies.values())
    assert max(holders.count(holder) for holder in holders) == 2


@only("06")
def a_list_takes_five_seats_and_three_substitutes(held):
    (event,) = held.story.of_kind(sitting.ElectionHeld)
    result = elections.decide(event.election, held.story.composition)
    (winners,) = held.case.facts["agenda"][0]["election"]["lists"]
    assert [*result.elected, *result.substitutes] == winners["candidates"]
    assert (len(result.elected), len(result.substitutes)) == (5, 3)
    assert result.elected[-1] not in held.story.at_end.room  # elected though absent
    assert not result.vacant


@only("10")
def arrivals_change_the_room_and_not_the_item_before(held):
    assert quorum.of(held.story.at_opening, held.meeting.regime).present == 10
    assert held.quorum_at("1").present == 12


@only("13")
def the_only_candidate_has_every_vote_cast(held):
    (event,) = held.story.of_kind(sitting.ElectionHeld)
    (count,) = elections.decide(event.election, held.story.composition).counts
    assert (count.voters, count.cast, count.absolute_majority) == (38, 38, 20)
    assert [o.tally.for_ for o in held.outcomes("4-1") + held.outcomes("5.a")] == [38, 40]


@only("14")
def who_is_concerned_leaves_for_one_item_only(held):
    voted = [held.outcomes(number)[0].tally.for_ for number in ("1", "2", "3", "4.a")]
    assert voted == [36, 35, 34, 36]


@only("17")
def the_mayor_stands_aside_and_the_proxy_he_carries_sleeps(held):
    item = held.case.item("20240219 3")
    state = held.story.at_item[item]
    (mayor,) = state.recused
    assert state.presiding not in ("", mayor)
    assert held.outcomes("20240219 3")[0].tally.took_part == 26
    assert held.outcomes("20240219 4")[0].tally.took_part == 28
    assert len(state.proxies) - len(state.living_proxies) == 1


@only("18")
def figures_that_the_movements_contradict_are_refused_and_kept_in_words(held):
    every = [(item["key"], vote) for item in held.case.items for vote in held.case.votes(item)]
    wrong = [(item, vote) for item, vote in every if vote.get("wrong")]
    for (item, vote), by_hand in zip(wrong, (55, 47), strict=True):
        event = next(e for e in held.story.of_kind(sitting.BallotHeld) if e.ballot.item == item)
        counts = {choice: vote[word] for word, choice in cases.CHOICES.items() if vote.get(word)}
        typed = ballots.Ballot(item=item, counts=counts)
        with refused("compte_faux") as told:
            decisions.hold_ballot(held.meeting, ballot=typed, by=None, replacing=event.seq)
        assert f"{by_hand} voix sont saisies" in told[0].message
        assert f"{vote['for']} pour" in event.ballot.stated


@only("18")
def items_are_discussed_in_another_order_and_unanimity_may_hide_abstentions(held):
    printed, agenda = [node.item.key for node in held.meeting.agenda.nodes], held.story.agenda
    three, nine, ten = map(held.case.item, ("3", "9", "10"))
    assert printed.index(ten) == printed.index(nine) + 1
    assert agenda.index(ten) == agenda.index(three) + 1
    (outcome,) = held.outcomes("41")
    assert outcome.is_unanimous_of_cast and not outcome.is_unanimous
    assert (outcome.tally.for_, outcome.tally.abstentions) == (38, 6)


@only("34")
def a_second_call_needs_no_quorum(held):
    at_opening = held.story.at_opening
    assert len(at_opening.room) == 7
    assert quorum.of(at_opening, held.meeting.regime, second_call=True).reached
    assert held.meeting.second_call_of.held_on.isoformat() == "2019-05-16"


@only("36", "43", "53")
def substitutes_take_the_seat_and_the_vote(held):
    state = held.story.at_opening
    replaced = [who for seat, who in state.occupants.items() if seat != who]
    counts = {"36": (4, 2), "43": (32, 2), "53": (18, 4)}
    assert (len(state.occupants), len(replaced)) == counts[held.case.number]


@only("51")
def heads_and_votes_must_both_be_there(held):
    told = held.case.facts["quorum"]
    legal = quorum.of(held.story.at_opening, held.meeting.regime)
    assert (legal.in_office, legal.present) == (told["in_office"], told["present"])
    assert legal.votes_in_office == told["votes_in_office"]
    assert legal.votes_present == told["votes_present"]
    assert legal.votes_required == told["votes_threshold"]
    carried = sum(v.weight for v in held.story.at_opening.voices if v.by_proxy)
    assert carried == told["votes_by_proxy"]
    assert legal.reached


@only("53")
def presence_is_said_again_at_each_deliberation(held):
    for group in held.case.facts["per_deliberation"]:
        for number in group["ids"]:
            assert held.quorum_at(number).present == group["present"]
            state = held.story.at_item[held.case.item(number)]
            assert len(state.voices) == group["voters"]


@only("55")
def proxies_cross_the_colleges(held):
    people = held.story.composition
    proxies = held.story.at_opening.living_proxies
    colleges = [tuple(people[who].constituency for who in pair) for pair in proxies.items()]
    assert (len(proxies), sum(giver != holder for giver, holder in colleges)) == (9, 7)


@only("59")
def a_vote_by_name_rejects_and_unanimity_may_be_against(held):
    (outcome,) = held.outcomes("4")
    assert (outcome.tally.for_, outcome.tally.against, outcome.tally.abstentions) == (7, 8, 4)
    assert outcome.verdict is ballots.Verdict.REJECTED
    assert (Vote.objects.count(), Vote.objects.filter(by_proxy=True).count()) == (19, 3)
    (outcome,) = held.outcomes("11")
    assert outcome.verdict is ballots.Verdict.REJECTED and outcome.is_unanimous
    assert Ballot.objects.filter(votes_for=0, votes_against=19).count() == 1
