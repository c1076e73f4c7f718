"""What the wall holds at each moment, and how its seats lie."""

from dataclasses import fields
from datetime import time
from fractions import Fraction
from math import dist

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from law import elections, sitting
from law.sitting import Fate
from live import hemicycle, wall
from live.actions import conduct, items, polls
from live.actions import elections as rounds
from live.hemicycle import Mark
from live.wall import HUIS_CLOS, Phase
from meetings.actions import items as points
from meetings.actions import ledger
from meetings.models import AgendaItem, Meeting
from tests.live import states
from tests.live.states import REASON, STATES, TITLE, Story, a_large_sitting, a_sitting, fresh, reach

# --- Phases -----------------------------------------------------------------------------------


@pytest.fixture
def meeting(cast) -> Meeting:
    return a_sitting(cast)


def wall_at(meeting: Meeting, state: str, cast, **options) -> wall.Wall:
    reach(meeting, state, by=cast.secretariat)
    return wall.of(fresh(meeting), **options)


PHASES = {
    "avant": Phase.BEFORE,
    "ouverte": Phase.OPEN,
    "point": Phase.ITEM,
    "scrutin_ordinaire": Phase.POLL,
    "scrutin_sur_tablettes": Phase.POLL,
    "scrutin_public": Phase.POLL,
    "scrutin_secret": Phase.POLL,
    "proclame": Phase.RESULT,
    "proclame_public": Phase.RESULT,
    "proclame_secret": Phase.RESULT,
    "suspendue": Phase.SUSPENDED,
    "huis_clos": Phase.HUIS_CLOS,
    "huis_clos_scrutin": Phase.HUIS_CLOS,
    "huis_clos_proclame": Phase.HUIS_CLOS,
    "levee": Phase.CLOSED,
}


@pytest.mark.parametrize("state", STATES)
def test_each_moment_has_its_phase_and_huis_clos_holds_nothing(meeting, cast, state):
    shown = wall_at(meeting, state, cast)
    assert shown.phase == PHASES[state]
    assert shown.announcement
    if state in states.HUIS_CLOS:
        assert shown == HUIS_CLOS
        told = {f.name: getattr(shown, f.name) for f in fields(shown) if f.name != "phase"}
        assert not any(told.values()), told
        assert wall.agenda(fresh(meeting)) == ()


def test_before_the_opening(meeting, cast):
    shown = wall_at(meeting, "avant", cast)
    assert (shown.hour, shown.place, shown.arrived) == ("18\u00a0h", "dans ses locaux", 2)
    assert (shown.quorum.present, shown.quorum.required, shown.quorum.reached) == (2, 4, False)


def test_an_item_is_announced_with_its_number_and_its_section(cast):
    meeting = a_sitting(cast)
    by = cast.secretariat
    section = points.add_item(meeting, title="Finances", kind=AgendaItem.Kind.SECTION, by=by)
    item = points.add_item(
        meeting, title="Tarifs", parent=section, rapporteur="bruno-besson", by=by
    )
    story = reach(meeting, "ouverte", by=by)
    story.tell(items.open_item, item=item.key)
    shown = wall.of(fresh(meeting))
    assert shown.item == wall.Item(
        number="4", title="Tarifs", section="Finances", rapporteur="M.\u00a0Bruno BESSON"
    )
    assert (shown.quorum.present, shown.represented) == (5, 1)


def test_suspended_says_why_and_closed_when(meeting, cast):
    assert wall_at(meeting, "suspendue", cast).reason == REASON
    story = Story(meeting, cast.secretariat)
    story.tell(conduct.resume)
    story.at = story.at.replace(hour=20, minute=4)
    story.tell(conduct.close_meeting)
    shown = wall.of(fresh(meeting))
    assert (shown.phase, shown.hour) == (Phase.CLOSED, "20\u00a0h\u00a005")
    Meeting.objects.filter(pk=meeting.pk).update(stage=Meeting.Stage.CANCELLED)
    assert wall.of(fresh(meeting)).phase == Phase.CANCELLED


def test_a_fate_is_told(meeting, cast):
    story = reach(meeting, "point", by=cast.secretariat)
    story.tell(items.note_fate, item=story.items[0], fate=Fate.TOOK_NOTE)
    shown = wall.of(fresh(meeting))
    assert shown.fates == ("Le Comité syndical prend acte.",)
    assert shown.results == ()


# --- A vote being taken -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "mode", "answered", "expected"),
    [
        pytest.param("scrutin_ordinaire", "Vote à main levée", 0, 0, id="à main levée"),
        pytest.param("scrutin_sur_tablettes", "Vote à main levée", 0, 6, id="sur les tablettes"),
        pytest.param("scrutin_public", "Scrutin public", 1, 6, id="public"),
        pytest.param("scrutin_secret", "Scrutin secret", 1, 6, id="secret"),
    ],
)
def test_a_vote_tells_how_many_answered(meeting, cast, state, mode, answered, expected):
    voting = wall_at(meeting, state, cast).voting
    assert (voting.mode, voting.answered, voting.expected) == (mode, answered, expected)


def test_a_vote_never_tells_what_was_answered(meeting, cast):
    """The same wall whatever the votes say, until they are proclaimed."""
    story = reach(meeting, "scrutin_public", by=cast.secretariat)
    before = wall.of(fresh(meeting))
    story.choose(bruno_besson="pour")
    assert wall.of(fresh(meeting)) == before


def test_several_items_are_listed(meeting, cast):
    story = reach(meeting, "ouverte", by=cast.secretariat)
    story.tell(polls.open_poll, items=story.items[:2])
    listed = wall.of(fresh(meeting)).voting.items
    assert [each.title for each in listed] == [TITLE, states.SECOND]
    story.proclaim()
    (result,) = wall.of(fresh(meeting)).results
    assert result.verdict == "Adoptés"
    assert [each.title for each in result.items] == [TITLE, states.SECOND]


# --- Results ----------------------------------------------------------------------------------


def counts(result: wall.Result) -> dict[str, int]:
    return {each.mark.value: each.number for each in result.counts}


def test_an_ordinary_ballot_shows_figures_of_the_whole(meeting, cast):
    (result,) = wall_at(meeting, "proclame", cast).results
    assert (result.verdict, result.is_adopted) == ("Adoptée", True)
    assert counts(result) == {"pour": 4, "contre": 1, "abstention": 1}
    assert [row.name for row in result.rows] == ["Assemblée"]
    assert result.named == ()
    assert result.hemicycle.labels == ()
    marks = [seat.mark for seat in result.hemicycle.seats]
    assert marks == [Mark.FOR] * 4 + [Mark.ABSTAIN, Mark.AGAINST]
    assert "il en fallait 3 pour" in result.because
    assert meeting.regime.majority_fraction == Fraction(1, 2)


def test_who_raised_his_hand_changes_nothing(cast):
    """Two ordinary ballots with the same figures show the same result, whoever was against."""
    shown = []
    for rank, against in enumerate(("denis-duval", "bruno-besson")):
        meeting = a_sitting(cast, body=cast.comite, starts_at=time(17 + rank))
        story = reach(meeting, "scrutin_ordinaire", by=cast.secretariat)
        polls.choose(story.poll, seat=against, choice="contre")
        story.proclaim()
        shown.append(wall.of(fresh(meeting)).results)
    assert shown[0] == shown[1]


def test_a_public_ballot_shows_seats_and_names(meeting, cast):
    (result,) = wall_at(meeting, "proclame_public", cast).results
    assert [row.name for row in result.rows] == [
        "Collège des intercommunalités",
        "Collège du Département",
    ]
    assert result.rows[0].numbers == (2, 1, 1)
    named = {each.mark: each.names for each in result.named}
    assert named[Mark.AGAINST] == "M.\u00a0Bruno BESSON"
    # In the order of the roll, college by college.
    marks = [seat.mark for seat in result.hemicycle.seats]
    assert sorted(marks[:4]) == sorted([Mark.FOR, Mark.FOR, Mark.AGAINST, Mark.ABSTAIN])
    assert len(marks) == 6


def test_a_public_ballot_held_in_huis_clos_shows_figures_only(meeting, cast):
    story = reach(meeting, "huis_clos_proclame", by=cast.secretariat)
    story.tell(conduct.open_doors)
    (result,) = wall.of(fresh(meeting)).results
    assert counts(result) == {"pour": 3, "contre": 1, "abstention": 2}
    assert result.named == ()
    assert [row.name for row in result.rows] == ["Assemblée"]


def test_a_secret_ballot_shows_figures(meeting, cast):
    (result,) = wall_at(meeting, "proclame_secret", cast).results
    assert counts(result) == {"pour": 3, "contre": 1, "blanc": 2}
    assert result.named == ()


CHAIR = "Partage des voix\u00a0: celle de qui préside l’emporte."


@pytest.mark.parametrize(
    ("against", "verdict", "detail"),
    [
        pytest.param("", "Adoptée", "à l’unanimité", id="unanimité"),
        pytest.param(
            "bruno denis farid alice", "Rejetée", "Il fallait 4\u00a0voix pour.", id="rejet"
        ),
        pytest.param("bruno denis alice", "Rejetée", CHAIR, id="partage"),
    ],
)
def test_a_result_says_how_or_what_was_wanting(meeting, cast, against, verdict, detail):
    story = reach(meeting, "scrutin_ordinaire", by=cast.secretariat)
    for seat in story.poll.voters:
        if seat.split("-")[0] in against.split():
            polls.choose(story.poll, seat=seat, choice="contre")
    story.proclaim()
    (result,) = wall.of(fresh(meeting)).results
    assert (result.verdict, result.detail) == (verdict, detail)
    assert result.is_adopted is not bool(against)
    if not against:  # seats are grouped, for nobody is told apart
        assert len(result.hemicycle.labels) == 2
        assert {seat.mark for seat in result.hemicycle.seats} == {Mark.FOR}


def test_an_amendment_and_the_item_are_two_results(meeting, cast):
    story = reach(meeting, "point", by=cast.secretariat)
    for question in ("Amendement de M. Faure", ""):
        story.vote(question=question)
        story.proclaim()
    questions = [result.question for result in wall.of(fresh(meeting)).results]
    assert questions == ["Amendement de M. Faure", ""]


def an_election(*rounds: tuple[int, int]) -> elections.Election:
    return elections.Election(
        item="",
        title="vice-président",
        candidates=tuple(elections.Candidate(key=k) for k in ("bruno-besson", "denis-duval")),
        rounds=tuple(
            elections.Round(votes={"bruno-besson": one, "denis-duval": other}, voters=6)
            for one, other in rounds
        ),
    )


def test_an_election_tells_who_is_elected_and_by_how_many(meeting, cast):
    story = reach(meeting, "point", by=cast.secretariat)
    story.tell(rounds.hold_round, item=story.items[0], election=an_election((3, 3)))
    (contest,) = wall.of(fresh(meeting)).contests
    assert contest.proclaimed == ("1 siège reste à pourvoir.",)
    story.tell(rounds.hold_round, item=story.items[0], election=an_election((3, 3), (2, 4)))
    shown = wall.of(fresh(meeting))
    (contest,) = shown.contests
    assert contest.proclaimed == ("M.\u00a0Denis DUVAL est proclamé élu vice-président.",)
    assert contest.round == "2e tour"
    bars = [(bar.name, bar.total) for bar in contest.bars]
    assert bars == [("Denis DUVAL", 4), ("Bruno BESSON", 2)]
    assert "DUVAL est proclamé élu" in shown.announcement
    assert wall.agenda(fresh(meeting))[0].told == contest.proclaimed


def test_weighted_votes_are_bars(cast):
    """A dot a seat would lie about votes that weigh."""
    seat = cast.seat(cast.alice)
    seat.weight = 3
    seat.save()
    (result,) = wall_at(a_sitting(cast), "proclame", cast).results
    assert result.hemicycle is None
    assert counts(result)["pour"] == 6


def test_the_agenda_tells_what_was_decided_without_names(meeting, cast):
    reach(meeting, "proclame_public", by=cast.secretariat)
    points = wall.agenda(fresh(meeting))
    assert points[0].item.title == TITLE
    assert points[0].is_current
    assert points[0].told == (
        "Adoptée à la majorité des suffrages exprimés (3\u00a0voix pour, 1 contre, 2 abstentions).",
    )
    assert not any("BESSON" in told for point in points for told in point.told)


# --- Huis clos --------------------------------------------------------------------------------


def test_huis_clos_holds_over_the_next_item_and_a_suspension_until_the_doors_open(meeting, cast):
    story = reach(meeting, "huis_clos", by=cast.secretariat)
    story.tell(items.open_item, item=story.items[1])
    assert wall.of(fresh(meeting)) == HUIS_CLOS
    story.tell(conduct.suspend)
    assert wall.of(fresh(meeting)) == HUIS_CLOS
    story.tell(conduct.resume)
    story.tell(conduct.open_doors)
    shown = wall.of(fresh(meeting))
    assert (shown.phase, shown.item.title) == (Phase.ITEM, states.SECOND)


def test_a_door_told_in_the_wrong_place_still_shuts_the_screen(meeting, cast):
    """Told before an item that is not the current one, the story alone would not see it yet."""
    story = reach(meeting, "point", by=cast.secretariat)
    closed = sitting.DoorsClosed(before=story.items[2])
    ledger.record(meeting, closed, by=cast.secretariat)
    assert wall.of(fresh(meeting)) == HUIS_CLOS


# --- Geometry ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [*range(1, 13), 23, 44, 61, 90])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_seats_never_touch_and_stay_in_the_frame(number, groups):
    sizes = [number // groups + (1 if rank < number % groups else 0) for rank in range(groups)]
    drawn = hemicycle.hemicycle(
        [(f"Collège {rank}", [Mark.FOR] * size) for rank, size in enumerate(sizes)]
    )
    assert len(drawn.seats) == number
    for rank, seat in enumerate(drawn.seats):
        assert drawn.left <= seat.x - seat.radius
        assert seat.x + seat.radius <= drawn.left + drawn.width
        assert drawn.top <= seat.y - seat.radius
        assert seat.y + seat.radius <= drawn.top + drawn.height
        for other in drawn.seats[:rank]:
            assert dist((seat.x, seat.y), (other.x, other.y)) >= 2 * seat.radius


def test_groups_keep_to_their_sector():
    drawn = hemicycle.hemicycle([("A", [Mark.FOR] * 9), ("B", [Mark.AGAINST] * 9)])
    assert all(seat.x < 0 for seat in drawn.seats[:9])
    assert all(seat.x > 0 for seat in drawn.seats[9:])


def test_any_name_can_be_drawn_and_no_seat_makes_no_picture():
    assert hemicycle.hemicycle([("A", [])]).seats == ()
    for name in ("", "X" * 300, "漢字" * 40, "<b>&amp;", "\u00a0 \u200b"):
        drawn = hemicycle.hemicycle([(name, [Mark.FOR] * 5), ("B", [Mark.FOR] * 5)])
        assert len(drawn.seats) == 10


def test_bars_share_one_scale():
    full, half = hemicycle.bars(
        [("A", {Mark.FOR: 6, Mark.AGAINST: 4}), ("B", {Mark.FOR: 5}), ("C", {})]
    )
    assert sum(segment.width for segment in full.segments) == hemicycle.BAR
    assert sum(segment.width for segment in half.segments) == hemicycle.BAR // 2
    assert full.words == "A\u00a0: pour 6, contre 4"


def test_every_number_is_whole():
    """A template prints a float with a French comma, which SVG does not read."""
    drawn = hemicycle.hemicycle([("Collège", [Mark.FOR] * 31)])
    numbers = [drawn.left, drawn.top, drawn.width, drawn.height]
    for seat in drawn.seats:
        numbers += [seat.x, seat.y, seat.radius, seat.left, seat.top, seat.side, seat.baseline]
    numbers += [n for label in drawn.labels for line in label.lines for n in (line.x, line.y)]
    assert {type(number) for number in numbers} == {int}


# --- Queries ----------------------------------------------------------------------------------


@pytest.mark.parametrize("build", [wall.of, wall.room, wall.agenda], ids=lambda f: f.__name__)
def test_queries_stay_flat(cast, build):
    counted = []
    for members in (7, 150):
        meeting = a_large_sitting(cast, members)
        with CaptureQueriesContext(connection) as queries:
            build(fresh(meeting))
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 8


def test_beyond_ninety_seats_there_are_only_bars(cast):
    meeting = a_large_sitting(cast, 96)
    story = Story(meeting, cast.secretariat)
    polls.everyone_for(story.poll)
    story.proclaim()
    (result,) = wall.of(fresh(meeting)).results
    assert result.hemicycle is None
    assert [bar.total for bar in result.bars] == [32, 32, 32]
