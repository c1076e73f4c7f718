"""Points à la carte : qui vote, sur qui se compte le quorum.

Sources: art. L5212-16 of the CGCT (syndicats à la carte).
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import quorum
from law.ballots import ACCOUNTS, Ballot, Choice
from law.elections import Candidate, Election, Method, Round, Secrecy
from law.sitting import (
    Arrived,
    BallotHeld,
    ChairTaken,
    CollegeSet,
    ElectionHeld,
    Ground,
    Left,
    ProxyGiven,
    Recused,
    SeatTaken,
)
from law.wording import Telling
from tests.law.story import (
    COMITE,
    EPCI,
    RULES,
    SMO,
    TITULARS,
    objections,
    opening,
    refusals,
    replay,
    warnings,
)
from tests.law.test_properties import quick, replayed, stories

ALL = opening(*TITULARS)
LAKES = CollegeSet(item="p1", members=("bruno", "farid"))  # CC des Étangs
CONCERNED = replace(EPCI, substitutes="nommes", quorum_of_restricted_items="interesses")


def vote(item="p1", **ballot):
    return BallotHeld(ballot=Ballot(item=item, **ballot))


@pytest.mark.parametrize(("events", "seats"), [
    pytest.param((*ALL, LAKES), "alice bruno farid", id="les concernés et la présidente"),
    pytest.param((*opening("bruno", "denis", chair="bruno"), LAKES), "bruno",
        id="la présidente est absente"),
    pytest.param((*ALL, LAKES, ChairTaken(member="denis", item="p1")), "alice bruno farid",
        id="la présidente, non qui préside ce point (L5212-16)"),
    pytest.param((*ALL, LAKES, Recused(member="alice", item="p1")), "bruno farid",
        id="la présidente intéressée ne vote pas (L2131-11)"),
    pytest.param((*ALL, LAKES, Recused(member="alice", item="p1", ground=Ground.ACCOUNTS)),
        "bruno farid", id="la présidente au vote de ses comptes (L2121-14)"),
    pytest.param(
        (*opening("alice", "bruno", "denis"), LAKES, ProxyGiven(giver="farid", holder="denis")),
        "alice bruno farid", id="un pouvoir sert au siège concerné, non à qui le porte"),
    pytest.param(
        (*opening("alice", "bruno", "denis"), LAKES, ProxyGiven(giver="elsa", holder="bruno")),
        "alice bruno", id="le pouvoir d’un siège non concerné ne sert pas"),
    pytest.param(
        (
            *opening("alice", "gaelle", "denis"),
            SeatTaken(substitute="gaelle", titular="claire"),
            CollegeSet(item="p1", members=("alice", "claire")),
        ), "alice claire", id="la suppléante vote pour le siège concerné"),
])  # fmt: skip
def test_who_votes(events, seats):
    story = replay(*events)
    assert sorted(voice.seat for voice in story.at_item["p1"].voices) == seats.split()


def test_the_next_item_concerns_everybody():
    story = replay(*ALL, LAKES)
    assert story.at_item["p2"].college is None
    assert len(story.at_item["p2"].voices) == len(TITULARS)


@pytest.mark.parametrize(("events", "rules", "present", "in_office"), [
    pytest.param((*ALL, LAKES), EPCI, 6, 6, id="la règle compte tous les délégués"),
    pytest.param((*ALL, LAKES), CONCERNED, 2, 2, id="la règle compte les concernés"),
    pytest.param((*ALL, LAKES, Left(member="farid", before="p1")), CONCERNED, 1, 2,
        id="un concerné part"),
    pytest.param((*ALL, LAKES, Left(member="elsa", before="p1")), CONCERNED, 2, 2,
        id="un autre part : rien ne change"),
    pytest.param((*ALL, LAKES, Recused(member="farid", item="p1")), CONCERNED, 1, 2,
        id="un concerné intéressé (L2131-11)"),
    pytest.param((*ALL, LAKES, Recused(member="farid", item="p1", ground=Ground.OUTSIDE_BODY)),
        CONCERNED, 1, 1, id="un concerné hors de l’effectif (L1111-6)"),
    pytest.param((*ALL, LAKES, Recused(member="elsa", item="p1", ground=Ground.OUTSIDE_BODY)),
        CONCERNED, 2, 2, id="le déport d’un autre ne compte pas"),
])  # fmt: skip
def test_the_quorum_is_counted_on_whom_the_rules_say(events, rules, present, in_office):
    answer = quorum.of(replay(*events).at_item["p1"], rules)
    assert (answer.present, answer.in_office) == (present, in_office)


def test_the_quorum_says_who_is_left_out():
    answer = quorum.of(replay(*ALL, LAKES).at_item["p1"], CONCERNED)
    assert "4 délégués non concernés, hors de l’effectif (art. L5212-16)" in str(answer)
    assert "non concernés" not in str(quorum.of(replay(*ALL, LAKES).at_item["p1"], EPCI))
    but_one = CollegeSet(item="p1", members=TITULARS[:-1])
    answer = quorum.of(replay(*ALL, but_one).at_item["p1"], CONCERNED)
    assert "1 délégué non concerné, hors de l’effectif (art. L5212-16)" in str(answer)


@pytest.mark.parametrize(("new", "events", "refused"), [
    pytest.param(LAKES, ALL, [], id="les délégués d’une collectivité"),
    pytest.param(CollegeSet(item="p1", members=()), ALL, [("college_vide", "members")],
        id="personne"),
    pytest.param(CollegeSet(item="p9", members=("bruno",)), ALL, [("point_inconnu", "item")],
        id="un point qui n’est pas à l’ordre du jour"),
    pytest.param(CollegeSet(item="p1", members=("bruno", "zoe", "gaelle", "hugo", "bruno")), ALL,
        [
            ("college_en_double", "members"),
            ("personne_inconnue", "members"),
            ("pas_titulaire", "members"),
            ("pas_titulaire", "members"),
        ], id="quatre fautes à la fois"),
    pytest.param(CollegeSet(item="p1", members=("denis",)), (*ALL, LAKES),
        [("college_deja_fixe", "members")], id="déjà fixé"),
    pytest.param(CollegeSet(item="p2", members=("denis",)), (*ALL, LAKES), [], id="un autre point"),
    pytest.param(vote(choices={"elsa": Choice.AGAINST}), (*ALL, LAKES), [("sans_voix", "choices")],
        id="le vote d’une déléguée non concernée"),
    pytest.param(LAKES, (*ALL, vote(choices={"elsa": Choice.AGAINST})),
        [("consequence_sans_voix", "")], id="elle avait voté"),
])  # fmt: skip
def test_what_cannot_be_told(new, events, refused):
    assert refusals(new, *events) == refused


PRESIDENT = Election(
    item="p1",
    title="président",
    method=Method.BY_NAME,
    secrecy=Secrecy.IMPOSED,
    candidates=(Candidate(key="alice"),),
    rounds=(Round(votes={"alice": 3}),),
)


@pytest.mark.parametrize("new", [
    pytest.param(vote(majority=ACCOUNTS), id="les comptes"),
    pytest.param(ElectionHeld(election=PRESIDENT), id="l’élection du président"),
])  # fmt: skip
def test_common_interest_is_everybody_s(new):
    assert "interet_commun" in warnings(new, *ALL, LAKES)
    assert "interet_commun" not in warnings(new, *ALL)


@pytest.mark.parametrize(("rules", "source"), [
    pytest.param(RULES, "art. L5212-16 du CGCT", id="le code"),
    pytest.param(SMO, "statuts", id="syndicat ouvert : les statuts"),
])  # fmt: skip
def test_the_source_of_the_refusal(rules, source):
    (finding,) = objections(CollegeSet(item="p1", members=()), *ALL, regime=rules)
    assert finding.article == source


@pytest.mark.parametrize(("members", "expected"), [
    pytest.param(("bruno", "farid"),
        "Seuls les délégués de la collectivité « CC des Étangs » prennent part au vote de ce "
        "point, avec le président de l’assemblée.", id="une collectivité"),
    pytest.param(("bruno", "farid", "denis", "elsa"),
        "Seuls les délégués des collectivités « CC des Étangs » et « Département » prennent "
        "part au vote de ce point, avec le président de l’assemblée.", id="deux collectivités"),
    pytest.param(("denis",),
        "Seul Denis D. prend part au vote de ce point, avec le président de l’assemblée.",
        id="un délégué"),
    pytest.param(("bruno", "denis"),
        "Seuls Bruno B. et Denis D. prennent part au vote de ce point, avec le président de "
        "l’assemblée.", id="des délégués de deux collectivités, non tous"),
])  # fmt: skip
def test_the_minutes_say_who_alone_votes(members, expected):
    told = Telling(composition=COMITE).movement(CollegeSet(item="p1", members=members))
    assert told.replace("\u00a0", " ") == expected


def test_a_constituency_is_named_when_communities_are_not():
    college = {"denis": "Département", "elsa": "Département"}
    members = tuple(
        replace(each, community="", constituency=college.get(each.key, "Communes"))
        for each in COMITE.members
    )
    told = Telling(composition=replace(COMITE, members=members)).movement(
        CollegeSet(item="p1", members=("denis", "elsa"))
    )
    assert told.replace("\u00a0", " ").startswith("Seuls les délégués du collège « Département »")


@quick
@given(stories, st.sets(st.sampled_from(TITULARS), min_size=1))
def test_a_college_never_gives_a_vote_to_anybody(drawn, members):
    """It only takes votes away, and never that of whoever presides."""
    told = CollegeSet(seq=len(drawn) + 1, item="p2", members=tuple(sorted(members)))
    before, after = replayed(drawn).at_item["p2"], replayed((*drawn, told)).at_item["p2"]
    kept = set(after.voices)
    assert kept <= set(before.voices)
    left_out = {voice.seat for voice in before.voices} - {voice.seat for voice in kept}
    assert not left_out & (members | {after.presiding})


def test_a_late_arrival_votes_only_if_concerned():
    story = replay(*opening("alice", "bruno"), LAKES, Arrived(member="elsa", before="p1"))
    assert {voice.seat for voice in story.at_item["p1"].voices} == {"alice", "bruno"}
