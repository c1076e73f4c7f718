"""What the wall holds at each moment, and how its seats lie."""

from fractions import Fraction
from math import dist

import pytest

from law import ballots, sitting
from law.sitting import Fate
from live import hemicycle, reading, wall
from live.actions import polls
from live.hemicycle import Mark
from live.wall import HUIS_CLOS, Phase
from meetings.actions import items as points
from meetings.actions import ledger
from meetings.models import AgendaItem, Meeting
from tests.live import states
from tests.live.conftest import Room, election
from tests.live.states import REASON, TITLE, a_large_sitting, a_sitting, fresh, reach


@pytest.fixture
def meeting(cast) -> Meeting:
    return a_sitting(cast)


def wall_at(meeting: Meeting, state: str) -> wall.Wall:
    reach(meeting, state)
    return wall.of(fresh(meeting))


def test_before_the_opening(meeting, cast):
    shown = wall_at(meeting, "avant")
    assert (shown.hour, shown.place) == ("18\u00a0h", "dans ses locaux")
    assert (shown.quorum.present, shown.quorum.required, shown.quorum.reached) == (2, 4, False)


def test_an_item_is_announced_with_its_number_and_its_section(meeting, cast):
    by, who = cast.secretariat, "bruno-besson"
    section = points.add_item(meeting, title="Finances", kind=AgendaItem.Kind.SECTION, by=by)
    item = points.add_item(meeting, title="Tarifs", parent=section, rapporteur=who, by=by)
    room = reach(meeting, "ouverte")
    room.open_item(item=item.key)
    shown = wall.of(fresh(meeting))
    assert shown.item == wall.Item(
        number="4", title="Tarifs", section="Finances", rapporteur="M.\u00a0Bruno BESSON"
    )
    assert (shown.quorum.present, shown.represented) == (5, 1)


def test_suspended_says_why_and_closed_when(meeting, cast):
    assert wall_at(meeting, "suspendue").reason == REASON
    room = Room(meeting)
    room.resume()
    room.clock = room.clock.replace(hour=20, minute=4)
    room.close_meeting()
    shown = wall.of(fresh(meeting))
    assert (shown.phase, shown.hour) == (Phase.CLOSED, "20\u00a0h\u00a004")
    Meeting.objects.filter(pk=meeting.pk).update(stage=Meeting.Stage.CANCELLED)
    assert wall.of(fresh(meeting)).phase == Phase.CANCELLED


def test_a_fate_is_told(meeting, cast):
    room = reach(meeting, "point")
    room.note_fate(item=room.items[0], fate=Fate.TOOK_NOTE)
    shown = wall.of(fresh(meeting))
    assert shown.fates == ("Le Comité syndical prend acte.",)
    assert shown.results == ()


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
    voting = wall_at(meeting, state).voting
    assert (voting.mode, voting.answered, voting.expected) == (mode, answered, expected)


def test_several_items_are_listed(meeting, cast):
    room = reach(meeting, "ouverte")
    room.open_poll(items=room.items[:2])
    listed = wall.of(fresh(meeting)).voting.items
    assert [each.title for each in listed] == [TITLE, states.SECOND]
    room.proclaim()
    (result,) = wall.of(fresh(meeting)).results
    assert result.verdict == "Adoptés"
    assert [each.title for each in result.items] == [TITLE, states.SECOND]


def counts(result: wall.Result) -> dict[str, int]:
    return {each.mark.value: each.number for each in result.counts}


def test_an_ordinary_ballot_tells_no_seat_apart(meeting, cast):
    (result,) = wall_at(meeting, "proclame").results
    assert (result.verdict, result.is_adopted) == ("Adoptée", True)
    assert result.hemicycle.labels == ()
    marks = [seat.mark for seat in result.hemicycle.seats]
    assert marks == [Mark.FOR] * 4 + [Mark.ABSTAIN, Mark.AGAINST]
    assert "il en fallait 3 pour" in result.because
    assert meeting.regime.majority_fraction == Fraction(1, 2)


def test_who_raised_his_hand_changes_nothing(cast):
    """Two ordinary ballots with the same figures show the same result, whoever was against."""
    shown = []
    for rank, against in enumerate(("denis_duval", "bruno_besson")):
        meeting = a_sitting(cast, body=cast.comite, clock=f"{17 + rank}:00")
        room = reach(meeting, "scrutin_ordinaire")
        room.choose(**{against: "contre"})
        room.proclaim()
        shown.append(wall.of(fresh(meeting)).results)
    assert shown[0] == shown[1]


def test_a_public_ballot_shows_seats_and_names(meeting, cast):
    (result,) = wall_at(meeting, "proclame_public").results
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


@pytest.mark.parametrize(
    ("state", "figures"),
    [
        pytest.param("proclame", {"pour": 4, "contre": 1, "abstention": 1}, id="à main levée"),
        pytest.param("proclame_secret", {"pour": 3, "contre": 1, "blanc": 2}, id="secret"),
        pytest.param(
            "huis_clos_proclame", {"pour": 3, "contre": 1, "abstention": 2}, id="à huis clos"
        ),
    ],
)
def test_other_ballots_show_figures_of_the_whole(meeting, state, figures):
    room = reach(meeting, state)
    if room.state.doors_closed:
        room.open_doors()
    (result,) = wall.of(fresh(meeting)).results
    assert counts(result) == figures
    assert ([row.name for row in result.rows], result.named) == (["Assemblée"], ())


THREE = "alice_arnaud bruno_besson denis_duval"
CHAIR = "Partage des voix\u00a0: celle de qui préside l’emporte."


@pytest.mark.parametrize(
    ("against", "verdict", "detail"),
    [
        pytest.param("", "Adoptée", "à l’unanimité", id="unanimité"),
        pytest.param(f"{THREE} farid_faure", "Rejetée", "Il fallait 4\u00a0voix pour.", id="rejet"),
        pytest.param(THREE, "Rejetée", CHAIR, id="partage"),
    ],
)
def test_a_result_says_how_or_what_was_wanting(meeting, cast, against, verdict, detail):
    room = reach(meeting, "scrutin_ordinaire")
    room.choose(**dict.fromkeys(against.split(), "contre"))
    room.proclaim()
    (result,) = wall.of(fresh(meeting)).results
    assert (result.verdict, result.detail) == (verdict, detail)
    assert result.is_adopted is not bool(against)
    if not against:  # seats are grouped, for nobody is told apart
        assert len(result.hemicycle.labels) == 2
        assert {seat.mark for seat in result.hemicycle.seats} == {Mark.FOR}


def test_what_nobody_voted_down_is_not_said_rejected(meeting, cast):
    room = reach(meeting, "scrutin_ordinaire")
    seats = [voice.seat for voice in reading.state(fresh(meeting)).voices]
    room.choose(**dict.fromkeys(seats, "abstention"))
    room.proclaim()
    (result,) = wall.of(fresh(meeting)).results
    assert (result.verdict, result.detail) == ("Non adoptée", "Aucun suffrage n’a été exprimé.")


def test_an_amendment_and_the_item_are_two_results(meeting, cast):
    room = reach(meeting, "point")
    for question in ("Amendement de M. Faure", ""):
        room.ask(question=question)
        room.proclaim()
    questions = [result.question for result in wall.of(fresh(meeting)).results]
    assert questions == ["Amendement de M. Faure", ""]


def test_an_election_tells_who_is_elected_and_by_how_many(meeting, cast):
    room = reach(meeting, "point")
    room.hold_round(item=room.items[0], election=election((3, 3)))
    (contest,) = wall.of(fresh(meeting)).contests
    assert contest.proclaimed == ("Un siège reste à pourvoir.",)
    room.hold_round(item=room.items[0], election=election((3, 3), (2, 4)))
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
    (result,) = wall_at(a_sitting(cast), "proclame").results
    assert result.hemicycle is None
    assert counts(result)["pour"] == 6


def test_no_abstention_is_a_figure_too_unless_the_ballot_is_secret():
    told = wall._counts(wall._whole(ballots.Tally(for_=4)), ballots.Mode.ORDINARY)
    assert {each.mark: each.number for each in told} == {
        Mark.FOR: 4,
        Mark.AGAINST: 0,
        Mark.ABSTAIN: 0,
    }
    secret = wall._counts(wall._whole(ballots.Tally(for_=4)), ballots.Mode.SECRET)
    assert Mark.ABSTAIN not in {each.mark for each in secret}


def test_the_agenda_tells_what_was_decided_without_names(meeting, cast):
    reach(meeting, "proclame_public")
    points = wall.agenda(fresh(meeting))
    assert points[0].item.title == TITLE
    assert points[0].is_current
    assert points[0].told == (
        "Adoptée à la majorité des suffrages exprimés (3\u00a0voix pour, 1 contre et 2 "
        "abstentions).",
    )
    assert not any("BESSON" in told for point in points for told in point.told)


def test_huis_clos_holds_over_the_next_item_and_a_suspension_until_the_doors_open(meeting, cast):
    room = reach(meeting, "huis_clos")
    room.open_item(item=room.items[1])
    assert wall.of(fresh(meeting)) == HUIS_CLOS
    room.suspend()
    assert wall.of(fresh(meeting)) == HUIS_CLOS
    room.resume()
    room.open_doors()
    shown = wall.of(fresh(meeting))
    assert (shown.phase, shown.item.title) == (Phase.ITEM, states.SECOND)


def test_a_door_told_in_the_wrong_place_still_shuts_the_screen(meeting, cast):
    """Told before an item that is not the current one, the room alone would not see it yet."""
    room = reach(meeting, "point")
    closed = sitting.DoorsClosed(before=room.items[2])
    ledger.record(meeting, closed, by=cast.secretariat)
    assert wall.of(fresh(meeting)) == HUIS_CLOS


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


def test_beyond_ninety_seats_there_are_only_bars(cast):
    meeting = a_large_sitting(cast, 96)
    polls.everyone_for(Room(meeting).asked)
    Room(meeting).proclaim()
    (result,) = wall.of(fresh(meeting)).results
    assert result.hemicycle is None
    assert [bar.total for bar in result.bars] == [32, 32, 32]
