"""L'assiduité sur plusieurs séances : ce qui se compte d'un siège et d'une personne.

docs/decisions/0024 dit pourquoi chaque ligne est juste.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import attendance, sitting
from law.assembly import Capacity, Composition
from law.attendance import Held, Mark
from law.ballots import Ballot
from law.sitting import (
    Arrived,
    BallotHeld,
    Closed,
    Excused,
    Fate,
    FateNoted,
    Installed,
    ItemOpened,
    Left,
    Opened,
    ProxyGiven,
    ProxyRevoked,
    Recused,
    SeatReturned,
    SeatTaken,
    Vacated,
)
from tests.law.story import AGENDA, COMITE, TITULARS, member, opening, there, told
from tests.law.test_properties import quick


def held(*events, composition: Composition = COMITE, items=AGENDA) -> Held:
    story = sitting.replay(composition, told(*events), AGENDA)
    who = {each.key: each.key for each in composition.members}
    return Held(story=story, items=frozenset(items), who=who)


FOR_CLAIRE = SeatTaken(substitute="gaelle", titular="claire")
TO_ALICE = ProxyGiven(giver="claire", holder="alice")


# Who, what the ledger tells, the mark, and of how many items of three: there, held, with a vote.
@pytest.mark.parametrize(("who", "events", "mark", "figures"), [
    pytest.param("claire", [*opening("alice", "claire")], "present", (3, 3, 3), id="venue"),
    pytest.param("claire", [*opening("alice")], "absent", (0, 0, 0), id="ni venue ni excusée"),
    pytest.param("claire", [*opening("alice"), Excused(member="claire")], "excuse", (0, 0, 0),
                 id="excusée"),
    pytest.param("claire", [*opening("alice", "gaelle"), FOR_CLAIRE], "supplee", (0, 3, 3),
                 id="sa suppléante siège : elle n’est pas absente, son siège est tenu"),
    pytest.param("claire", [*opening("alice"), FOR_CLAIRE], "absent", (0, 0, 0),
                 id="la suppléante désignée n’est pas venue : le siège est vide"),
    pytest.param("claire", [*opening("alice"), TO_ALICE], "represente", (0, 0, 3),
                 id="un pouvoir vote pour elle, son siège n’est pas tenu"),
    pytest.param("claire", [*opening("bruno"), TO_ALICE], "excuse", (0, 0, 0),
                 id="un pouvoir dont le porteur n’est pas venu vaut excuse"),
    pytest.param("claire", [*opening("alice"), Arrived(member="claire", before="p2")],
                 "present", (2, 2, 2), id="arrivée avant le point 2 : à deux points sur trois"),
    pytest.param("claire", [*opening("alice", "claire"), Left(member="claire", before="p2")],
                 "present", (1, 1, 1), id="partie avant le point 2 : venue, à un point sur trois"),
    pytest.param("claire", [*opening("alice", "gaelle"), FOR_CLAIRE,
                            Arrived(member="claire", before="p3")],
                 "present", (1, 3, 3), id="sa suppléante l’attend : venue, et le siège tenu"),
    pytest.param("claire", [*opening("alice", "claire"), TO_ALICE,
                            Left(member="claire", before="p2")],
                 "present", (1, 1, 3), id="partie en laissant un pouvoir : trois voix"),
    pytest.param("claire", [*opening("alice", "claire"), Recused(member="claire", item="p2")],
                 "present", (3, 3, 3), id="un déport n’est pas une absence"),
    pytest.param("claire", [*opening("alice", "claire"),
                            FateNoted(item="p2", fate=Fate.WITHDRAWN)],
                 "present", (2, 2, 2), id="un point retiré ne compte pour personne"),
    pytest.param("claire", [*opening("alice"), Vacated(member="claire", before="p2")],
                 "absent", (0, 0, 0), id="un mandat qui prend fin en séance y était dû jusque-là"),
    pytest.param("claire", [*opening("alice", "claire"), Installed(member="claire", before="p3")],
                 "present", (1, 1, 1), id="installée en séance : comptée depuis son installation"),
    pytest.param("claire", [*opening("alice", "claire"), BallotHeld(ballot=Ballot(item="p1")),
                            Left(member="claire", before="p2")],
                 "present", (1, 1, 1), id="partie après le vote du premier point"),
    pytest.param("claire", [*opening("alice"), ItemOpened(item="p1"), Arrived(member="claire"),
                            BallotHeld(ballot=Ballot(item="p1"))],
                 "present", (1, 1, 1), id="arrivée pendant un point, avant son vote"),
    pytest.param("gaelle", [*opening("alice", "claire")], "non_appele", (0, 0, 0),
                 id="suppléante que personne n’appelle : rien ne lui est compté"),
    pytest.param("gaelle", [*opening("alice", "claire", "gaelle")], "assiste", (0, 0, 0),
                 id="suppléante venue écouter"),
    pytest.param("gaelle", [*opening("alice", "gaelle"), FOR_CLAIRE,
                            SeatReturned(substitute="gaelle", before="p3")],
                 "present", (2, 2, 2), id="suppléante qui siège deux points sur trois"),
    pytest.param("hugo", [*opening("alice", "hugo")], "present", (3, 0, 0),
                 id="voix consultative : là, sans siège ni voix"),
    pytest.param("claire", [*there("claire"), Opened(chair="claire"),
                            Closed(for_want_of_quorum=True)],
                 "present", (0, 0, 0), id="levée faute de quorum : elle est venue"),
    pytest.param("elsa", [*there("claire"), Opened(chair="claire"),
                          Closed(for_want_of_quorum=True)],
                 "absent", (0, 0, 0), id="levée faute de quorum : elle a manqué"),
])  # fmt: skip
def test_what_is_said_of_one_person_at_one_sitting(who, events, mark, figures):
    cell = attendance.cells(held(*events))[who]
    assert (cell.mark, (cell.there, cell.held, cell.heard)) == (Mark(mark), figures)


@pytest.mark.parametrize(("events", "found"), [
    pytest.param([], AGENDA, id="séance reprise d’un papier : tout l’ordre du jour"),
    pytest.param([ItemOpened(item="p1")], ("p1",), id="tenue en direct : ce qui a été appelé"),
    pytest.param([BallotHeld(ballot=Ballot(item="p2")), Closed(for_want_of_quorum=True)], ("p2",),
                 id="levée faute de quorum : ce qui a été voté avant"),
    pytest.param([FateNoted(item="p3", fate=Fate.POSTPONED)], ("p1", "p2"), id="un point reporté"),
    pytest.param([FateNoted(item="p3", fate=Fate.TOOK_NOTE)], AGENDA,
                 id="un point dont l’assemblée prend acte"),
    pytest.param([ItemOpened(item="p1"), FateNoted(item="p2", fate=Fate.TOOK_NOTE)], ("p1", "p2"),
                 id="tenue en direct : ce dont elle prend acte sans l’appeler"),
    pytest.param([BallotHeld(ballot=Ballot(item="p3")), FateNoted(item="p3", fate=Fate.POSTPONED)],
                 AGENDA, id="un point voté puis reporté a été entendu"),
])  # fmt: skip
def test_which_items_were_discussed(events, found):
    assert attendance.discussed(held(*opening("alice"), *events)) == found


def test_the_marks_and_their_letters_do_not_change():
    words = "present supplee represente excuse absent assiste non_appele sans_mandat"
    assert [str(mark) for mark in Mark] == words.split()
    assert "".join(mark.letter for mark in Mark) == "PSREAp·–"


@pytest.mark.parametrize(("who", "events", "by"), [
    pytest.param("claire", [*opening("alice", "claire")], "", id="elle-même"),
    pytest.param("claire", [*opening("alice", "gaelle"), FOR_CLAIRE], "gaelle", id="sa suppléante"),
    pytest.param("gaelle", [*opening("alice", "gaelle"), FOR_CLAIRE], "claire",
                 id="d’une suppléante, dont elle tient le siège"),
    pytest.param("claire", [*opening("alice"), TO_ALICE], "alice", id="qui porte son pouvoir"),
    pytest.param("claire", [*opening("alice", "gaelle"), FOR_CLAIRE, TO_ALICE,
                            SeatReturned(substitute="gaelle", before="p2")], "gaelle",
                 id="sa suppléante, puis un pouvoir"),
])  # fmt: skip
def test_who_sat_or_voted_for_one(who, events, by):
    cell = attendance.cells(held(*events))[who]
    assert (cell.by, cell.items) == (by, 3)


@pytest.mark.parametrize(("events", "is_partial"), [
    pytest.param([*opening("alice", "claire")], False, id="venue à tous les points"),
    pytest.param([*opening("alice", "claire"), Left(member="claire", before="p3")], True,
                 id="venue à deux points sur trois"),
    pytest.param([*opening("alice")], False, id="absente"),
    pytest.param([*opening("alice"), TO_ALICE], False, id="représentée à tous"),
    pytest.param([*opening("alice"), TO_ALICE, ProxyRevoked(giver="claire", before="p3")], True,
                 id="un pouvoir retiré en cours de séance"),
    pytest.param([*opening("alice", "gaelle"), FOR_CLAIRE, SeatReturned(substitute="gaelle",
                  before="p2")], True, id="suppléée à un point sur trois"),
])  # fmt: skip
def test_who_came_for_some_of_the_items(events, is_partial):
    assert attendance.cells(held(*events))["claire"].is_partial is is_partial


def test_nothing_is_counted_of_who_was_in_no_composition():
    none = {"items": 0, "there": 0, "held": 0, "heard": 0, "by": ""}
    assert attendance.Cell(mark=Mark.OUT, **none) == attendance.OUT
    assert not attendance.OUT.is_due


def test_for_whom_one_sits():
    """The name of now where it is told, else that of then, else his college."""
    told = replace(held(*opening("alice")), place={"alice": "Brume Métropole"})
    names = [told.place_of(each) for each in (
        member("alice", "Brume Agglo"), member("bruno", "CC des Étangs"),
        member("zoe", constituency="Collège des usagers"), member("yann"),
    )]  # fmt: skip
    assert names == ["Brume Métropole", "CC des Étangs", "Collège des usagers", ""]


def test_a_section_is_no_item():
    assert attendance.discussed(held(*opening("alice"), items=("p2",))) == ("p2",)


# --- The year ---------------------------------------------------------------------------------


def without(*keys: str) -> Composition:
    return replace(COMITE, members=tuple(m for m in COMITE.members if m.key not in keys))


def line(year, who):
    return next(each for each in year.lines if each.who == who)


def test_only_the_sittings_of_his_mandate_are_expected_of_him():
    before = held(*opening("alice"), composition=without("elsa"))
    during, after = held(*opening("alice", "elsa")), held(*opening("alice"))
    elsa = line(attendance.over([before, during, after]), "elsa")
    assert [each.mark for each in elsa.cells] == [Mark.OUT, Mark.PRESENT, Mark.ABSENT]
    assert (elsa.came, elsa.due) == (1, 2)


def test_a_substitute_is_expected_only_where_he_sat():
    sat, listened = held(*opening("gaelle"), FOR_CLAIRE), held(*opening("claire", "gaelle"))
    gaelle = line(attendance.over([sat, listened, held(*opening("claire"))]), "gaelle")
    assert (gaelle.came, gaelle.due, gaelle.counts[Mark.LISTENED]) == (1, 1, 1)
    claire = line(attendance.over([sat, listened, held(*opening("alice"))]), "claire")
    assert (claire.came, claire.seat_held, claire.due) == (1, 2, 3)


def test_the_seats_of_a_community_add_up_without_its_substitutes():
    year = attendance.over(
        [held(*opening("alice", "gaelle"), FOR_CLAIRE), held(*opening("claire"))]
    )
    agglo, *_ = year.groups
    assert (agglo.name, agglo.seat_held, agglo.due) == ("Brume Agglo", 3, 4)
    assert agglo.counts == {Mark.PRESENT: 2, Mark.REPLACED: 1, Mark.ABSENT: 1}


def test_communities_stand_as_in_the_roll_and_titulars_before_their_substitutes():
    roll = (
        member("yann"),
        member("zoe", "Vallée", capacity=Capacity.SUBSTITUTE, replaces="alice"),
        member("alice", "Vallée"),
        member("bruno", "Baie"),
    )
    year = attendance.over([held(composition=replace(COMITE, members=roll))])
    assert [(group.name, [each.who for each in group.lines]) for group in year.groups] == [
        ("Vallée", ["alice", "zoe"]),
        ("Baie", ["bruno"]),
        ("", ["yann"]),
    ]


def test_a_consultative_voice_stands_apart():
    year = attendance.over([held(*opening("alice", "hugo"))])
    assert [each.who for each in year.consultative] == ["hugo"]
    assert "hugo" not in {each.who for group in year.groups for each in group.lines}


def test_lateness_is_told_of_the_sittings_where_one_came():
    late = held(*opening("alice"), Arrived(member="claire", before="p3"))
    year = attendance.over([late, held(*opening("alice", "claire")), held(*opening("alice"))])
    claire = line(year, "claire")
    assert (claire.came, claire.due, claire.attended) == (2, 3, (4, 6))


def test_who_changes_capacity_has_a_line_for_each():
    moved = replace(
        COMITE,
        members=(
            *without("gaelle").members,
            member("gaelle", "Brume Agglo", capacity=Capacity.TITULAR),
        ),
    )
    year = attendance.over([held(*opening("alice")), held(*opening("gaelle"), composition=moved)])
    found = [each for each in year.lines if each.who == "gaelle"]
    assert {each.member.capacity: (each.came, each.due) for each in found} == {
        Capacity.SUBSTITUTE: (0, 0),
        Capacity.TITULAR: (1, 1),
    }


def test_the_second_call_is_a_sitting_of_its_own():
    first = held(*there("claire"), Opened(chair="claire"), Closed(for_want_of_quorum=True))
    year = attendance.over([first, held(*opening("alice"))])
    assert (line(year, "claire").came, line(year, "claire").due) == (1, 2)
    assert (line(year, "alice").came, line(year, "alice").due) == (1, 2)


# --- Counted twice ----------------------------------------------------------------------------

people = st.sampled_from([each.key for each in COMITE.members])
titulars = st.sampled_from(TITULARS)
steps = st.one_of(
    st.tuples(st.just("in"), people),
    st.tuples(st.just("out"), people),
    st.tuples(st.just("sit"), st.just("gaelle"), titulars),
    st.tuples(st.just("proxy"), titulars, titulars),
    st.tuples(st.just("excuse"), people),
)
stories = st.lists(st.lists(steps, max_size=6), min_size=4, max_size=4)


def as_events(story):
    """The first steps before the opening, then those under each item that is called."""
    kinds = {
        "in": lambda who: Arrived(member=who),
        "out": lambda who: Left(member=who),
        "sit": lambda who, seat: SeatTaken(substitute=who, titular=seat),
        "proxy": lambda giver, holder: ProxyGiven(giver=giver, holder=holder),
        "excuse": lambda who: Excused(member=who),
    }
    roll, *items = story
    yield from (kinds[verb](*rest) for verb, *rest in roll)
    yield Opened(chair="alice")
    for key, steps in zip(AGENDA, items, strict=True):
        yield ItemOpened(item=key)
        yield from (kinds[verb](*rest) for verb, *rest in steps)


def counted_naively(story):
    """By titular: was he ever in the room, and at how many items was his seat held, and heard."""
    room, sitter, holder = set(), {}, {}
    ever, held_at, heard_at = set(), dict.fromkeys(TITULARS, 0), dict.fromkeys(TITULARS, 0)

    def is_held(seat):
        return seat in room or (sitter.get("gaelle") == seat and "gaelle" in room)

    def follow(steps):
        for verb, who, *rest in steps:
            if verb == "in":
                room.add(who)
                ever.add(who)
            elif verb == "out":
                room.discard(who)
            elif verb == "sit":
                sitter[who] = rest[0]
            elif verb == "proxy":
                holder[who] = rest[0]

    roll, *items = story
    follow(roll)
    for steps in items:
        for seat in TITULARS:
            held_at[seat] += is_held(seat)
            carried = seat in holder and holder[seat] in TITULARS and is_held(holder[seat])
            # A proxy speaks by whoever holds it in person.
            carried = carried and holder[seat] in room
            heard_at[seat] += is_held(seat) or carried
        follow(steps)
    return {seat: (seat in ever, held_at[seat], heard_at[seat]) for seat in TITULARS}


@quick
@given(stories)
def test_a_second_count_over_plain_lists_finds_the_same(story):
    found = attendance.cells(held(*as_events(story)))
    assert {
        seat: (found[seat].mark is Mark.PRESENT, found[seat].held, found[seat].heard)
        for seat in TITULARS
    } == counted_naively(story)


@quick
@given(st.lists(stories, min_size=1, max_size=4))
def test_every_sitting_expected_of_a_titular_has_one_mark_and_no_other(year):
    found = attendance.over([held(*as_events(story)) for story in year])
    for each in found.lines:
        if each.member.capacity is Capacity.TITULAR:
            assert each.due == len(year) == sum(each.counts.values())
            assert each.came <= each.seat_held <= each.due
        for cell in each.cells:
            assert cell.there <= cell.items
            assert cell.held <= cell.heard <= cell.items
    assert sum(group.due for group in found.groups) == len(year) * len(TITULARS)
