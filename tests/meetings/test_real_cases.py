"""Nineteen real sittings, unlike each other, held by the model and told by its minutes.

What is checked was counted by hand on the papers: who was there, who was represented, what each
vote gave. Where a paper contradicts itself or the law, the finding is asserted and the words of
the paper are kept (`Ballot.stated`).
"""

import copy
import html
import re
from dataclasses import dataclass

import pytest

from documents import compile, papers, render
from law import ballots, elections, quorum, sitting, voting
from law.ballots import Choice
from law.findings import Refused
from law.sitting import Standing
from meetings import sitting_file
from meetings.actions import decisions
from meetings.models import Ballot, Meeting, Vote
from members.models import Body
from tests.meetings import cases

pytestmark = pytest.mark.skipif(
    not cases.available(), reason="les procès-verbaux réels ne sont pas à côté du dépôt (../shared)"
)
ALL = [pytest.param(number, id=f"{number} {story.why}") for number, story in cases.CASES.items()]


@dataclass
class Held:
    """A case brought in: the translation, what the paper says, and the sitting."""

    case: cases.Case
    facts: cases.Facts  # as transcribed
    meeting: Meeting
    notes: tuple[str, ...]

    @property
    def story(self) -> sitting.Sitting:
        return self.meeting.sitting

    def key(self, written: str) -> str:
        return self.case.cast.find(written)

    def outcomes(self, number: str) -> list[ballots.Outcome]:
        """What was decided on the item that the paper numbers so."""
        return [outcome for item, outcome, _ in decided(self) if item == self.case.item(number)]

    def quorum_at(self, number: str) -> quorum.Quorum:
        return quorum.of(self.story.at_item[self.case.item(number)], self.meeting.regime)


def bring(number: str) -> Held:
    case = cases.translate(number)
    done = sitting_file.import_(sitting_file.read(sitting_file.dump(case.document)))
    return Held(case, cases.read_facts(number), done.meeting, done.notes)


def decided(held: Held) -> list[tuple[str, ballots.Outcome, ballots.Ballot]]:
    return [
        (
            event.ballot.item,
            voting.of(event.ballot, held.story.at_ballot[event.seq], held.meeting.regime),
            event.ballot,
        )
        for event in held.story.of_kind(sitting.BallotHeld)
    ]


# --- What every case must say -----------------------------------------------------------------

STANDINGS = {
    "present": {Standing.PRESENT},
    "represented": {Standing.REPRESENTED, Standing.REPLACED},
    "substituted": {Standing.REPLACED},
    "excused": {Standing.EXCUSED},
    "excused_absent": {Standing.EXCUSED, Standing.REPLACED},
    "absent": {Standing.ABSENT},
    "absent_or_excused": {Standing.ABSENT},
}


@pytest.mark.parametrize("number", ALL)
def test_the_sitting_says_what_the_paper_says(db, number):
    held = bring(number)
    check_attendance(held)
    check_members_in_office(held)
    check_votes(held)
    check_conduct(held)


def check_attendance(held: Held) -> None:
    """Everybody is where the paper puts him."""
    told = {"present": 0, "represented": 0, "excused": 0}
    for each in held.case.facts["members"]:
        key = held.key(each["name"])
        standing = held.story.at_opening.standing(key)
        if each["arrived"]:
            assert standing not in STANDINGS["present"]
            assert any(key in state.room for state in held.story.at_item.values())
        else:
            assert standing in STANDINGS[each["status"]], each["status"]
        told["present"] += each["status"] == "present"
        told["represented"] += each["status"] in ("represented", "substituted")
    counted = held.facts["counts_by_hand"]["by_status"]
    beyond = len(held.case.facts["members"]) - len(held.facts["members"])
    assert told["present"] - max(0, beyond) == counted.get("present", 0)
    assert told["represented"] == counted.get("represented", 0) + counted.get("substituted", 0)


def check_members_in_office(held: Held) -> None:
    by_hand = held.facts["counts_by_hand"]
    stated = held.facts["quorum"]["in_office"]
    in_office = stated or by_hand.get("in_office") or by_hand.get("seats")
    if in_office is not None:
        assert len(held.story.composition.titulars) == in_office


# Figures that the papers print and that nobody can have counted.
IMPOSSIBLE = {("18", "1"), ("18", "7")}
# Here the text does not say whether the proxy carried by who left was used: the law says no.
SILENT = {("17", "20240219 3")}


def check_votes(held: Held) -> None:
    """Each vote gives what the paper says."""
    number = held.case.number
    found = iter(decided(held))
    for rank, each in enumerate(held.facts["agenda"]):
        for vote in each["votes"]:
            item, outcome, ballot = next(found)
            assert item == held.case.key_of_item[rank]
            assert ballot.stated.startswith(vote["stated"])
            tally = outcome.tally
            if (number, each["number"]) in SILENT:
                continue
            if (number, each["number"]) in IMPOSSIBLE:
                assert tally.took_part == vote["votes_expected_from_movements"]
                assert str(vote["for"]) in ballot.stated
                continue
            if vote["votes_cast_by_hand"] is not None:
                assert tally.took_part == vote["votes_cast_by_hand"], each["number"]
            for key, count in (
                ("for", tally.for_),
                ("against", tally.against),
                ("abstain", tally.abstentions),
            ):
                if vote[key] is not None:
                    assert count == vote[key], (each["number"], key)
            if vote["unanimous"]:
                assert outcome.is_unanimous_of_cast


def check_conduct(held: Held) -> None:
    """Chair, clerk and hours are those of the paper."""
    facts, end = held.facts, held.story.at_end
    assert end.chair == (held.key(facts["president"]) if facts["president"] else "")
    assert end.clerks == ((held.key(facts["secretary"]),) if facts["secretary"] else ())
    assert end.opened_at == held.case.at(facts["meeting"]["time"])
    assert end.closed_at == held.case.at(facts["closing_time"])


@pytest.mark.parametrize("number", ALL)
def test_the_file_comes_back_the_same(db, number):
    held = bring(number)
    first = sitting_file.export(held.meeting)
    # The same sitting in another organisation, where nobody is known yet.
    other = copy.deepcopy(first)
    other["organisation"]["slug"] = "ailleurs"
    done = sitting_file.import_(sitting_file.read(sitting_file.dump(other)))
    again = sitting_file.export(done.meeting)
    again["organisation"]["slug"] = first["organisation"]["slug"]
    assert sitting_file.dump(again) == sitting_file.dump(first)


@pytest.mark.parametrize("number", ALL)
def test_both_minutes_state_it(db, number):
    held = bring(number)
    for layout in Body.Layout.values:
        held.meeting.body.layout = layout
        held.meeting.body.save()
        check_minutes(held)


def check_minutes(held: Held) -> None:
    number = held.case.number
    paper = compile.compile_minutes(held.meeting)
    page = words(render.render_html(paper))

    at_opening = quorum.of(held.story.at_opening, held.meeting.regime, second_call=number == "34")
    assert paper.quorum.present == at_opening.present
    assert paper.quorum.reached == at_opening.reached
    assert words(paper.opening) in page
    assert words(paper.quorum.sentence) in page
    for member in held.story.composition.titulars:
        assert words(member.name) in page
    end = held.story.at_end
    if end.clerks:
        assert words(held.story.composition[end.clerks[0]].name) in words(paper.clerks)
        assert words(paper.clerks) in page
    if end.closed_at:
        minutes = f"{end.closed_at:%M}" if end.closed_at.minute else ""
        assert f"{end.closed_at.hour}h{minutes}" in words(paper.closing).replace(" ", "")

    counts = [
        (step.count.for_, step.count.against, step.count.abstentions)
        for item in in_order_of_discussion(held, paper)
        for step in (*item.before, *item.opening, *item.after)
        if step.count is not None and step.kind == "vote"
    ]
    expected = [
        (outcome.tally.for_, outcome.tally.against, outcome.tally.abstentions)
        for _, outcome, _ in decided(held)
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


def test_the_quorum_is_lost_when_one_of_ten_leaves(db):
    held = bring("02")
    assert (held.quorum_at("10").present, held.quorum_at("10").reached) == (10, True)
    assert (held.quorum_at("11").present, held.quorum_at("11").reached) == (9, False)
    (closing,) = held.story.of_kind(sitting.Closed)
    assert closing.for_want_of_quorum
    for number in ("11", "12", "13"):
        assert held.story.fate(held.case.item(number)).fate is sitting.Fate.POSTPONED


def test_a_dated_rule_lowers_the_quorum_to_a_third(db):
    held = bring("05")
    at_opening = quorum.of(held.story.at_opening, held.meeting.regime)
    assert (at_opening.required, at_opening.present) == (7, 8)
    # Two proxies given to somebody absent: told in the ledger, and used by nobody.
    assert len(held.story.at_opening.proxies) == 8
    assert len(held.story.at_opening.living_proxies) == 6
    holders = list(held.story.at_opening.living_proxies.values())
    assert max(holders.count(holder) for holder in holders) == 2


def test_a_list_takes_five_seats_and_three_substitutes(db):
    held = bring("06")
    (event,) = held.story.of_kind(sitting.ElectionHeld)
    result = elections.decide(event.election, held.story.composition)
    delegates, substitutes = held.facts["agenda"][0]["elections"]
    assert result.elected == tuple(held.key(name) for name in delegates["elected"])
    assert result.substitutes == tuple(held.key(name) for name in substitutes["elected"])
    absent = held.key(delegates["elected"][-1])
    assert absent not in held.story.at_end.room
    assert result.complete


def test_arrivals_change_the_room_and_not_the_item_before(db):
    held = bring("10")
    assert quorum.of(held.story.at_opening, held.meeting.regime).present == 10
    assert held.quorum_at("1").present == 12


def test_the_only_candidate_has_every_vote_cast(db):
    held = bring("13")
    (event,) = held.story.of_kind(sitting.ElectionHeld)
    (count,) = elections.decide(event.election, held.story.composition).counts
    assert (count.voters, count.cast, count.absolute_majority) == (38, 38, 20)
    assert [o.tally.for_ for o in held.outcomes("4-1") + held.outcomes("5.a")] == [38, 40]


def test_who_is_concerned_leaves_for_one_item_only(db):
    held = bring("14")
    assert [o.tally.for_ for n in ("1", "2", "3", "4.a") for o in held.outcomes(n)] == [
        36,
        35,
        34,
        36,
    ]


def test_the_mayor_stands_aside_and_the_proxy_he_carries_sleeps(db):
    held = bring("17")
    item = held.case.item("20240219 3")
    state = held.story.at_item[item]
    mayor = held.key(held.facts["movements"][0]["who"])
    assert mayor in state.recused
    assert state.presiding != mayor
    assert held.outcomes("20240219 3")[0].tally.took_part == 26
    assert held.outcomes("20240219 4")[0].tally.took_part == 28
    assert len(state.proxies) - len(state.living_proxies) == 1


def test_figures_that_the_movements_contradict_are_refused_and_kept_in_words(db):
    held = bring("18")
    for number, by_hand in (("1", 55), ("7", 47)):
        item = held.case.item(number)
        vote = next(a for a in held.facts["agenda"] if a["number"] == number)["votes"][0]
        event = next(e for e in held.story.of_kind(sitting.BallotHeld) if e.ballot.item == item)
        counts = {
            Choice.FOR: vote["for"],
            Choice.AGAINST: vote["against"],
            Choice.ABSTAIN: vote["abstain"] or 0,
        }
        typed = ballots.Ballot(item=item, counts={k: v for k, v in counts.items() if v})
        with pytest.raises(Refused) as refusal:
            decisions.hold_ballot(held.meeting, ballot=typed, by=None, replacing=event.seq)
        (finding,) = refusal.value.findings
        assert finding.code == "compte_faux"
        assert f"{by_hand} voix sont saisies" in finding.message
        assert f"{vote['for']} pour" in event.ballot.stated


def test_items_are_discussed_in_another_order_than_printed(db):
    held = bring("18")
    printed = [node.item.key for node in held.meeting.agenda.nodes]
    ten = held.case.item("10")
    assert printed.index(ten) == printed.index(held.case.item("9")) + 1
    assert held.story.agenda.index(ten) == held.story.agenda.index(held.case.item("3")) + 1


def test_unanimity_of_the_votes_cast_may_hide_abstentions(db):
    held = bring("18")
    (outcome,) = held.outcomes("41")
    assert outcome.is_unanimous_of_cast
    assert not outcome.is_unanimous
    assert (outcome.tally.for_, outcome.tally.abstentions) == (38, 6)


def test_a_second_call_needs_no_quorum(db):
    held = bring("34")
    at_opening = held.story.at_opening
    assert len(at_opening.room) == held.facts["quorum"]["present"] == 7
    assert quorum.of(at_opening, held.meeting.regime, second_call=True).reached
    assert held.meeting.second_call_of.held_on.isoformat() == "2019-05-16"


def test_substitutes_take_the_seat_and_the_vote(db):
    for number, seats, substitutes in (("36", 4, 2), ("43", 32, 2), ("53", 18, 4)):
        state = bring(number).story.at_opening
        assert len(state.occupants) == seats
        assert sum(1 for seat, who in state.occupants.items() if seat != who) == substitutes


def test_heads_and_votes_must_both_be_there(db):
    held = bring("51")
    told = held.facts["quorum"]
    legal = quorum.of(held.story.at_opening, held.meeting.regime)
    assert (legal.in_office, legal.present) == (told["in_office"], told["present"])
    assert legal.votes_in_office == told["votes_in_office"]
    assert legal.votes_present == told["votes_present"]
    assert legal.votes_required == told["votes_threshold"]
    carried = sum(v.weight for v in held.story.at_opening.voices if v.by_proxy)
    assert carried == told["votes_by_proxy"]
    assert legal.reached


def test_presence_is_said_again_at_each_deliberation(db):
    held = bring("53")
    for group in held.facts["per_deliberation"]:
        for number in group["ids"]:
            assert held.quorum_at(number).present == group["present"]
            assert held.outcomes(number)[0].tally.took_part == group["voters"]


def test_proxies_cross_the_colleges(db):
    held = bring("55")
    people = held.story.composition
    crossing = [
        giver
        for giver, holder in held.story.at_opening.living_proxies.items()
        if people[giver].constituency != people[holder].constituency
    ]
    assert len(held.story.at_opening.living_proxies) == 9
    assert len(crossing) == 7


def test_a_vote_by_name_rejects(db):
    held = bring("59")
    (outcome,) = held.outcomes("4")
    assert (outcome.tally.for_, outcome.tally.against, outcome.tally.abstentions) == (7, 8, 4)
    assert outcome.verdict is ballots.Verdict.REJECTED
    assert Vote.objects.count() == 19
    assert Vote.objects.filter(by_proxy=True).count() == 3


def test_unanimity_may_be_against(db):
    held = bring("59")
    (outcome,) = held.outcomes("11")
    assert outcome.verdict is ballots.Verdict.REJECTED
    assert outcome.is_unanimous
    assert Ballot.objects.filter(votes_for=0, votes_against=19).count() == 1
