"""En direct : chaque événement est dit à la seconde où il arrive, et la loi parle avant l'erreur.

Sources: art. L2121-12, L2121-14, L2121-16, L2121-17, L2121-20 of the CGCT.
"""

from dataclasses import replace
from datetime import datetime

import pytest

from law import codec, sitting
from law.ballots import Ballot, Choice, Mode
from law.elections import Candidate, Election, Method
from law.findings import Severity
from law.sitting import (
    Arrived,
    BallotHeld,
    ChairTaken,
    Closed,
    DoorsClosed,
    ElectionHeld,
    Fate,
    FateNoted,
    Ground,
    ItemOpened,
    Left,
    Opened,
    ProxyGiven,
    Recused,
    Resumed,
    SeatReturned,
    Suspended,
    Voided,
)
from tests.law.story import (
    AGENDA,
    RULES,
    TITULARS,
    check,
    objections,
    opening,
    refusals,
    replay,
    there,
    told,
    warnings,
)


def at(clock: str) -> datetime:
    """The hour on the evening of the sitting, with its seconds: at("18:36:07")."""
    hour, minute, *second = map(int, clock.split(":"))
    return datetime(2026, 6, 10, hour, minute, *second)


def called(item: str, clock: str) -> ItemOpened:
    return ItemOpened(item=item, at=at(clock))


def vote(item: str, clock: str, **ballot) -> BallotHeld:
    return BallotHeld(ballot=Ballot(item=item, **ballot), at=at(clock))


def elected(item: str, clock: str) -> ElectionHeld:
    """The only candidate, whom nobody opposes."""
    sole = Election(item=item, method=Method.UNOPPOSED, candidates=(Candidate(key="bruno"),))
    return ElectionHeld(election=sole, at=at(clock))


THREE = opening("alice", "bruno", "claire")
FOUR = opening("alice", "bruno", "claire", "denis")
ALL = opening(*TITULARS)
LAST = called("p1", "18:00:00")


# --- Order ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("events", "first", "second"), [
    pytest.param(
        (called("p1", "18:00:00"), Left(member="bruno", at=at("18:10:05")),
        called("p2", "18:10:05")), "présent", "absent",
        id="parti dans la seconde où le point 2 est appelé, juste avant"),
    pytest.param(
        (called("p1", "18:00:00"), called("p2", "18:10:05"),
        Left(member="bruno", at=at("18:10:05"))), "présent", "présent",
        id="parti dans la même seconde, juste après"),
    pytest.param(
        (called("p1", "18:00:10"), Left(member="bruno", at=at("18:00:50")),
        called("p2", "18:00:55")), "présent", "absent", id="parti dans la même minute, avant"),
    pytest.param(
        (called("p1", "18:00"), Left(member="bruno", at=at("18:00")), called("p2", "18:00")),
        "présent", "absent", id="à la minute : ce qui est dit entre deux points tombe entre eux"),
    pytest.param((Left(member="bruno", at=at("17:31:00")), called("p1", "17:31:00")), "absent",
        "absent", id="parti après l’ouverture, avant le premier point"),
    pytest.param(
        (Left(member="bruno", at=at("17:31:00")), Arrived(member="bruno", at=at("17:31:20"))),
        "présent", "présent", id="parti et revenu avant tout point"),
    pytest.param(
        (called("p2", "18:00:00"), Left(member="bruno", at=at("18:05:00")),
        called("p1", "18:10:00")), "absent", "présent",
        id="les points sont appelés dans un autre ordre"),
])  # fmt: skip
def test_what_happens_around_the_call_of_an_item(events, first, second):
    story = replay(*FOUR, *events)
    stands = ["présent" if "bruno" in story.at_item[item].room else "absent" for item in AGENDA]
    assert stands[:2] == [first, second]


def test_the_opening_comes_first_even_in_the_minute_of_the_first_item():
    story = replay(
        *there("alice", "bruno"),
        Opened(chair="alice", at=at("17:30")),
        called("p1", "17:30"),
        vote("p1", "17:30"),
    )
    assert story.at_opening.chair == "alice"
    assert story.at_ballot[5].is_open


SECONDS = (
    *ALL,
    called("p1", "18:00:10"),
    Recused(member="denis", item="p1", at=at("18:00:20")),
    vote("p1", "18:00:40", choices={"bruno": Choice.AGAINST}),
    Left(member="bruno", at=at("18:00:40")),
    Suspended(at=at("18:00:41")),
    Arrived(member="gaelle", at=at("18:00:50")),
    Resumed(at=at("18:00:58")),
    called("p3", "18:00:58"),
    Arrived(member="bruno", at=at("18:00:58")),
    vote("p3", "18:00:59"),
    Left(member="alice", at=at("18:00:59")),
    called("p2", "18:01:00"),
    Closed(at=at("18:01:00")),
)


def test_told_to_the_minute_it_is_the_same_story():
    story = replay(*SECONDS)
    minutes = [replace(e, at=e.at and sitting.to_the_minute(e.at)) for e in SECONDS]
    blunt = replay(*minutes)
    assert [event.seq for event in story.events] == [event.seq for event in blunt.events]
    for seq, state in story.at_ballot.items():
        assert state.voices == blunt.at_ballot[seq].voices


@pytest.mark.parametrize(("one", "other", "before"), [
    pytest.param("18:00:10", "18:00:20", True, id="dix secondes avant"),
    pytest.param("18:00:20", "18:00:10", False, id="dix secondes après"),
    pytest.param("18:00", "18:00:20", False, id="« 18 h » peut être après 18 h 00 min 20 s"),
    pytest.param("18:00:20", "18:00", False, id="ou avant"),
    pytest.param("17:59:59", "18:00", True, id="la minute d’avant"),
])  # fmt: skip
def test_an_hour_told_to_the_minute_is_any_moment_of_it(one, other, before):
    assert sitting.is_before(at(one), at(other)) is before


@pytest.mark.parametrize(("clock", "written"), [
    pytest.param("17:30", "2026-06-10T17:30", id="à la minute"),
    pytest.param("17:30:07", "2026-06-10T17:30:07", id="à la seconde"),
])  # fmt: skip
def test_the_ledger_keeps_seconds(clock, written):
    event = Left(member="bruno", at=at(clock))
    kind, payload = codec.dump(event)
    assert payload["at"] == written
    assert codec.load(kind, 0, payload) == event


@pytest.mark.parametrize(("new", "events"), [
    pytest.param(Closed(at=at("17:30")),
        (*there("alice", "bruno"), Opened(chair="alice", at=at("17:30:40"))),
        id="levée dans la minute de l’ouverture"),
    pytest.param(Left(member="bruno", at=at("20:00")), (*FOUR, LAST, Closed(at=at("20:00:40"))),
        id="départ dans la minute de la levée"),
    pytest.param(Left(member="bruno", at=at("20:00:40")), (*FOUR, LAST, Closed(at=at("20:00"))),
        id="levée corrigée à la minute"),
])  # fmt: skip
def test_typed_to_the_minute_nothing_contradicts_what_was_told_live(new, events):
    assert refusals(new, *events, retrospective=True) == []


# --- What the law refuses now -----------------------------------------------------------------


@pytest.mark.parametrize(("new", "events", "refused"), [
    pytest.param(vote("p1", "18:05:00"), (*FOUR, LAST), [], id="voter le point appelé"),
    pytest.param(vote("p1", "18:05:00"), FOUR, ["point_non_ouvert"],
        id="voter sans appeler le point"),
    pytest.param(vote("p1", "18:05:00"), (*THREE, LAST), ["quorum"],
        id="voter sans quorum (L2121-17)"),
    pytest.param(vote("p1", "18:05:00"), (*FOUR, LAST, Suspended(at=at("18:01:00"))),
        ["seance_suspendue"], id="voter pendant une suspension (L2121-16)"),
    pytest.param(FateNoted(item="p1", fate=Fate.TOOK_NOTE, at=at("18:05:00")),
        (*FOUR, LAST, Suspended(at=at("18:01:00"))), ["seance_suspendue"],
        id="prendre acte pendant une suspension"),
    pytest.param(called("p2", "18:05:00"), (*FOUR, LAST, Suspended(at=at("18:01:00"))),
        ["seance_suspendue"], id="appeler un point pendant une suspension"),
    pytest.param(Arrived(member="elsa", at=at("18:05:00")),
        (*FOUR, LAST, Suspended(at=at("18:01:00"))), [],
        id="on arrive aussi pendant une suspension"),
    pytest.param(vote("p1", "18:05:00", choices={"elsa": Choice.FOR}), (*FOUR, LAST), ["sans_voix"],
        id="le vote d’une absente"),
    pytest.param(vote("p1", "18:05:00", choices={"elsa": Choice.FOR}),
        (*ALL, LAST, Left(member="elsa", at=at("18:04:59"))), ["sans_voix"],
        id="le vote de qui vient de partir"),
    pytest.param(Left(member="elsa", at=at("18:05:00")), (*FOUR, LAST), ["depart_d_un_absent"],
        id="le départ d’une absente"),
    pytest.param(Arrived(member="bruno", at=at("18:05:00")), (*FOUR, LAST), ["deja_present"],
        id="l’arrivée de qui est là"),
    pytest.param(ChairTaken(member="elsa", at=at("18:05:00")), (*FOUR, LAST), ["preside_absent"],
        id="la présidence à une absente"),
    pytest.param(vote("p1", "18:05:00"),
        (*ALL, LAST, Recused(member="alice", item="p1", ground=Ground.ACCOUNTS)),
        ["president_retire"], id="présider le vote de ses comptes (L2121-14)"),
    pytest.param(vote("p1", "18:05:00"),
        (
            *ALL,
            LAST,
            Recused(member="alice", item="p1", ground=Ground.ACCOUNTS),
            ChairTaken(member="bruno", item="p1"),
        ), [], id="quelqu’un d’autre préside"),
    pytest.param(vote("p1", "18:05:00"), (*ALL, LAST, Left(member="alice", at=at("18:01:00"))),
        ["president_absent"], id="voter quand la présidente est sortie"),
    pytest.param(DoorsClosed(requesters=2, at=at("18:05:00")), (*FOUR, LAST),
        ["huis_clos_peu_demande"], id="huis clos demandé par deux membres (L2121-18)"),
    pytest.param(vote("p1", "18:20:00"),
        (*ALL, LAST, called("p2", "18:10:00"), Left(member="elsa", at=at("18:15:00"))),
        ["votants_changes"], id="voter un point passé après un départ"),
    pytest.param(vote("p1", "18:20:00"), (*ALL, LAST, called("p2", "18:10:00")), [],
        id="voter un point passé, personne n’a bougé : en bloc"),
    pytest.param(elected("p1", "18:20:00"), FOUR, ["point_non_ouvert"],
        id="élire sans appeler le point"),
    pytest.param(Arrived(member="elsa", at=at("20:00:10")), (*FOUR, Closed(at=at("20:00:05"))),
        ["apres_levee"], id="arriver cinq secondes après la levée"),
    pytest.param(Arrived(member="elsa", at=at("20:00:05")), (*FOUR, Closed(at=at("20:00:05"))),
        ["apres_levee"], id="arriver dans la seconde de la levée, dit après elle"),
])  # fmt: skip
def test_live(new, events, refused):
    assert [code for code, _ in refusals(new, *events)] == refused


def test_an_act_may_reopen_the_sitting_and_go_on():
    closed = told(*FOUR, LAST, Closed(at=at("18:04:00")))
    act = [Voided(target=8), vote("p1", "18:05:00")]
    found = check(act, events=closed)
    assert found == ()


@pytest.mark.parametrize(("new", "events"), [
    pytest.param(vote("p1", "18:05:00"), (*THREE, LAST), id="sans quorum"),
    pytest.param(vote("p1", "18:05:00"), FOUR, id="sans appeler le point"),
    pytest.param(vote("p1", "18:05:00"), (*FOUR, LAST, Suspended(at=at("18:01:00"))),
        id="suspendue"),
    pytest.param(vote("p1", "18:05:00"), (*ALL, Left(member="alice", before="p1"), LAST),
        id="présidence"),
    pytest.param(Left(member="elsa", at=at("18:05:00")), (*FOUR, LAST), id="absente"),
    pytest.param(Arrived(member="bruno", at=at("18:05:00")), (*FOUR, LAST), id="présent"),
    pytest.param(ChairTaken(member="elsa", at=at("18:05:00")), (*FOUR, LAST), id="préside"),
    pytest.param(Arrived(member="elsa", at=at("20:10")), (*FOUR, Closed(at=at("20:00"))),
        id="levée"),
    pytest.param(SeatReturned(substitute="gaelle", at=at("18:05:00")), (*FOUR, LAST), id="siège"),
])  # fmt: skip
def test_a_refusal_says_what_is_lawful_now(new, events):
    found = [f for f in objections(new, *events) if f.severity is Severity.REFUSAL]
    assert found
    assert all(finding.remedy.endswith(".") for finding in found)


def test_without_a_quorum_the_way_out_is_told():
    (finding,) = objections(vote("p1", "18:05:00"), *THREE, LAST)
    assert finding.article == "art. L2121-17 du CGCT"
    assert "Quorum 3 sur 6" in finding.message
    for way in ("arrivées", "suspendre", "reporter", "faute de quorum", "3 jours francs"):
        assert way in finding.remedy.replace("\u00a0", " ")


@pytest.mark.parametrize(("new", "events", "warned"), [
    pytest.param(vote("p1", "18:05"), (*THREE, LAST), "quorum", id="sans quorum"),
    pytest.param(ChairTaken(member="elsa", before="p1"), FOUR, "preside_absent", id="présidence"),
    pytest.param(DoorsClosed(requesters=2, before="p1"), FOUR, "huis_clos_peu_demande",
        id="huis clos"),
])  # fmt: skip
def test_a_past_sitting_may_have_done_it(new, events, warned):
    assert refusals(new, *events, retrospective=True) == []
    assert warned in warnings(new, *events, retrospective=True)


@pytest.mark.parametrize("new", [
    pytest.param(vote("p1", "18:05:00"), id="un point non appelé"),
    pytest.param(Arrived(member="elsa", at=at("18:10")), id="après coup"),
])  # fmt: skip
def test_nothing_more_is_asked_of_a_past_sitting(new):
    assert objections(new, *FOUR, Closed(at=at("20:00")), retrospective=True) == ()


# --- Urgency ----------------------------------------------------------------------------------

CALLED = (*FOUR, called("p1", "17:40:00"))
ADMITTED = (*CALLED, vote("p1", "17:45:00"), called("p2", "17:50:00"))
REJECTED = (
    *CALLED,
    vote("p1", "17:45:00", counts={Choice.AGAINST: 4}),
    called("p2", "17:50:00"),
)
SPLIT = (
    *CALLED,
    vote("p1", "17:45:00", choices={"alice": Choice.AGAINST, "bruno": Choice.AGAINST}),
    called("p2", "17:50:00"),
)


@pytest.mark.parametrize(("new", "events", "code"), [
    pytest.param(vote("p1", "17:45:00"), CALLED, None, id="l’urgence elle-même se vote"),
    pytest.param(vote("p2", "17:55:00"), (*CALLED, called("p2", "17:50:00")), "urgence_non_decidee",
        id="un autre point avant l’urgence"),
    pytest.param(vote("p2", "17:55:00"), ADMITTED, None, id="l’urgence est admise"),
    pytest.param(vote("p2", "17:55:00"), REJECTED, "urgence_refusee", id="l’urgence est refusée"),
    pytest.param(vote("p2", "17:55:00"), SPLIT, "urgence_refusee",
        id="partage, la voix de la présidente est contre"),
    pytest.param(vote("p2", "17:55:00"),
        (*CALLED, vote("p1", "17:45:00", question="amendement"), called("p2", "17:50:00")),
        "urgence_non_decidee", id="une question incidente ne décide pas de l’urgence"),
    pytest.param(vote("p2", "17:55:00"),
        (*REJECTED[:-1], Voided(target=8), vote("p1", "17:46:00"), REJECTED[-1]), None,
        id="le vote de l’urgence est corrigé"),
    pytest.param(FateNoted(item="p2", fate=Fate.POSTPONED, at=at("17:55:00")), REJECTED, None,
        id="l’urgence est refusée : le point est reporté"),
    pytest.param(elected("p2", "17:55:00"), REJECTED, "urgence_refusee", id="ni élection"),
])  # fmt: skip
def test_urgency_is_decided_before_anything_else(new, events, code):
    """Art. L2121-12, that art. L5211-1 makes apply."""
    found = refusals(new, *events, urgent={"p1"})
    assert found == ([(code, "item")] if code else [])
    assert refusals(new, *events) == []
    late = warnings(new, *events, urgent={"p1"}, retrospective=True)
    assert late == ([code] if code else [])


def test_statutes_may_do_without_a_vote_on_urgency():
    free = replace(RULES, urgency_vote=False)
    assert refusals(vote("p2", "17:55:00"), *REJECTED, urgent={"p1"}, regime=free) == []


def test_urgency_says_what_to_do():
    titles = {"p1": "1 Urgence", "p2": "2 Budget"}
    options = {"urgent": {"p1"}, "titles": titles}
    (undecided,) = objections(vote("p2", "17:55:00"), *CALLED, called("p2", "17:50:00"), **options)
    assert "1 Urgence" in undecided.remedy
    (refused,) = objections(vote("p2", "17:55:00"), *REJECTED, **options)
    assert "n’a pas admis l’urgence" in refused.message
    assert "reporté" in refused.remedy
    assert {undecided.article, refused.article} == {"art. L2121-12 du CGCT"}


def test_a_correction_of_the_urgency_is_judged_with_what_followed():
    """Votes taken under an urgency that is then found rejected contradict it."""
    events = (*ADMITTED, vote("p2", "17:55:00"))
    act = [Voided(target=8), vote("p1", "18:00:00", counts={Choice.AGAINST: 4})]
    found = check(act, events=told(*events), urgent={"p1"})
    assert "consequence_urgence_refusee" in {finding.code for finding in found}


def test_by_secret_ballot_too():
    events = (*CALLED, vote("p1", "17:45:00", mode=Mode.SECRET, counts={Choice.AGAINST: 4}))
    new = [called("p2", "17:50:00"), vote("p2", "17:55:00")]
    found = check(new, events=told(*events), urgent={"p1"})
    assert [finding.code for finding in found] == ["urgence_refusee"]


def test_a_proxy_is_still_handed_over_in_the_course_of_the_sitting():
    new = ProxyGiven(giver="elsa", holder="bruno", at=at("18:05:00"))
    assert refusals(new, *ALL, LAST, Left(member="elsa", at=at("18:05:00"))) == []
