"""Les votes : décompte, majorités, partage des voix.

Sources: art. L2121-20 (suffrages exprimés, voix prépondérante), L2121-21 (modes de scrutin),
L1612-12 (comptes), L5721-2-1 (statuts) of the CGCT; LAW.md §6.
"""

from dataclasses import replace
from fractions import Fraction

import pytest

from law import ballots
from law.ballots import Ballot, Base, Choice, Majority, Mode, Verdict, Voice
from law.sitting import ChairTaken, Ground, ProxyGiven, Recused
from tests.law.story import COMITE, EPCI, SMO, TITULARS, opening, replay

FOR, AGAINST, ABSTAIN = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN
TEN = tuple(Voice(seat=f"m{i}", caster=f"m{i}") for i in range(10))
CHAIR = "m0"


def votes(choice, *numbers):
    return {f"m{number}": choice for number in numbers}


def decide(voices=TEN, *, rules=EPCI, chair=CHAIR, composing=12, represented=0, **ballot):
    present = sum(voice.weight for voice in voices) - represented
    return ballots.decide(
        Ballot(item="p1", **ballot),
        voices,
        regime=rules,
        chair=chair,
        present=present,
        represented=represented,
        composing=composing,
    )


# --- Counting -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ballot", "figures"),
    [
        pytest.param({}, (10, 0, 0, 0), id="à main levée, personne d’autre : tous pour"),
        pytest.param(
            {"choices": votes(AGAINST, 1, 2) | votes(ABSTAIN, 3)}, (7, 2, 1, 0), id="exceptions"
        ),
        pytest.param({"counts": {ABSTAIN: 2}}, (8, 0, 2, 0), id="deux abstentions sans nom"),
        pytest.param(
            {"choices": votes(AGAINST, 1), "counts": {ABSTAIN: 2}}, (7, 1, 2, 0), id="les deux"
        ),
        pytest.param(
            {"default": AGAINST, "choices": votes(FOR, 1, 2, 3)}, (3, 7, 0, 0), id="tous contre"
        ),
        pytest.param(
            {"choices": votes(FOR, 1) | votes(AGAINST, 2)},
            (9, 1, 0, 0),
            id="dire pour ne change rien",
        ),
        pytest.param({"counts": {FOR: 10}}, (10, 0, 0, 0), id="total des pour donné"),
        pytest.param({"choices": votes(AGAINST, 99)}, (10, 0, 0, 0), id="un siège sans voix"),
        pytest.param(
            {"mode": Mode.PUBLIC, "choices": votes(FOR, *range(6)) | votes(AGAINST, 6, 7, 8)},
            (6, 3, 0, 1),
            id="scrutin public : qui n’est pas nommé ne prend pas part",
        ),
        pytest.param(
            {"mode": Mode.SECRET, "counts": {FOR: 5, AGAINST: 3}},
            (5, 3, 0, 2),
            id="scrutin secret : les bulletins manquants",
        ),
    ],
)
def test_count(ballot, figures):
    tally = ballots.count(Ballot(item="p1", **ballot), TEN)
    assert (tally.for_, tally.against, tally.abstentions, tally.not_voting) == figures


def test_votes_weigh_what_their_seat_weighs():
    voices = (
        Voice(seat="a", caster="a", weight=10),
        Voice(seat="b", caster="b", weight=1),
        Voice(seat="c", caster="b", weight=3, by_proxy=True),
    )
    tally = ballots.count(Ballot(item="p1", choices={"a": AGAINST}), voices)
    assert (tally.for_, tally.against) == (4, 10)
    assert tally.named == {AGAINST: ("a",)}


def test_names_are_kept_for_exceptions_and_public_ballots_only():
    choices = votes(AGAINST, 2, 1) | votes(FOR, 3)
    ordinary = ballots.count(Ballot(item="p1", choices=choices), TEN)
    assert ordinary.named == {AGAINST: ("m1", "m2")}
    public = ballots.count(Ballot(item="p1", mode=Mode.PUBLIC, choices=choices), TEN)
    assert public.named[FOR] == ("m3",)
    secret = ballots.count(Ballot(item="p1", mode=Mode.SECRET, choices=choices), TEN)
    assert secret.named == {}


# --- Deciding -------------------------------------------------------------------------------

TWO_THIRDS = Majority(fraction=Fraction(2, 3), base=Base.COMPOSING, strict=False)
FIVE_AGAINST = votes(AGAINST, 1, 2, 3, 4, 5)
OUT = [Choice.ABSTAIN, Choice.NOT_VOTING]


@pytest.mark.parametrize(
    ("ballot", "verdict", "required"),
    [
        pytest.param({}, "adopte", 6, id="unanimité"),
        pytest.param({"choices": votes(AGAINST, *range(6))}, "rejete", 6, id="4 contre 6"),
        pytest.param(
            {"choices": votes(ABSTAIN, *range(6))}, "adopte", 3, id="4 pour, 6 abstentions (R6.1)"
        ),
        pytest.param({"choices": votes(ABSTAIN, *range(10))}, "rejete", 1, id="tous s’abstiennent"),
        pytest.param(
            {
                "choices": votes(Choice.BLANK, 1, 2)
                | votes(Choice.NULL, 3)
                | votes(AGAINST, 4, 5, 6)
            },
            "adopte",
            4,
            id="blancs et nuls ne sont pas exprimés : 4 pour, 3 contre",
        ),
        pytest.param(
            {"majority": TWO_THIRDS, "choices": votes(ABSTAIN, 1, 2)},
            "adopte",
            8,
            id="deux tiers des 12 composant : 8 pour",
        ),
        pytest.param(
            {"majority": TWO_THIRDS, "choices": votes(ABSTAIN, 1, 2, 3)},
            "rejete",
            8,
            id="deux tiers des 12 composant : 7 ne suffisent pas",
        ),
        pytest.param(
            {"majority": Majority(base=Base.PRESENT), "choices": votes(ABSTAIN, 1, 2, 3, 4, 5)},
            "rejete",
            6,
            id="majorité des présents : 5 sur 10",
        ),
        pytest.param(
            {
                "majority": Majority(base=Base.PRESENT_OR_REPRESENTED),
                "choices": votes(AGAINST, 1, 2) | votes(ABSTAIN, 3, 4),
            },
            "adopte",
            6,
            id="huis clos : 6 des 10 présents ou représentés",
        ),
        pytest.param(
            {"majority": ballots.ACCOUNTS, "choices": FIVE_AGAINST},
            "adopte",
            5,
            id="comptes : le partage adopte (L1612-12)",
        ),
        pytest.param(
            {"majority": ballots.ACCOUNTS, "choices": votes(AGAINST, *range(6))},
            "rejete",
            5,
            id="comptes : une majorité contre",
        ),
        pytest.param(
            {"majority": ballots.ACCOUNTS, "choices": votes(ABSTAIN, *range(10))},
            "adopte",
            0,
            id="comptes : personne contre",
        ),
    ],
)
def test_majorities(ballot, verdict, required):
    outcome = decide(**ballot)
    assert (outcome.verdict, outcome.required) == (Verdict(verdict), required)


@pytest.mark.parametrize(
    ("ballot", "verdict", "prevailing", "words"),
    [
        pytest.param({"choices": FIVE_AGAINST}, "adopte", CHAIR, "voté pour", id="préside et pour"),
        pytest.param(
            {"choices": votes(AGAINST, *range(5))}, "rejete", CHAIR, "voté contre", id="et contre"
        ),
        *(
            pytest.param(
                {"choices": votes(AGAINST, 1, 2, 3, 4) | {CHAIR: choice} | {"m9": ABSTAIN}},
                "rejete",
                "",
                "pas prononcé",
                id=f"préside : {choice}",
            )
            for choice in OUT
        ),
        pytest.param(
            {"choices": FIVE_AGAINST, "chair": "ailleurs"},
            "rejete",
            "",
            "ne prend pas part",
            id="qui préside s’est retiré",
        ),
        pytest.param(
            {"choices": FIVE_AGAINST, "rules": replace(SMO, casting_vote=False)},
            "rejete",
            "",
            "sans voix prépondérante",
            id="statuts sans voix prépondérante",
        ),
        pytest.param(
            {"mode": Mode.SECRET, "counts": {FOR: 5, AGAINST: 5}},
            "rejete",
            "",
            "scrutin secret",
            id="jamais au scrutin secret",
        ),
        pytest.param(
            {"counts": {AGAINST: 5}},
            "rejete",
            "",
            "n’est pas connu",
            id="cinq contre sans nom : on ne sait pas comment a voté qui préside",
        ),
        pytest.param(
            {"choices": {CHAIR: AGAINST}, "counts": {AGAINST: 4}},
            "rejete",
            CHAIR,
            "voté contre",
            id="son nom est donné : il tranche",
        ),
        pytest.param(
            {"choices": votes(AGAINST, 1, 2, 3, 4, 5, 6) | votes(FOR, 7, 8, 9), "counts": {FOR: 1}},
            "rejete",
            "",
            "",
            id="pas de partage : 4 pour, 6 contre",
        ),
        pytest.param(
            {"default": ABSTAIN, "choices": votes(FOR, 1, 2), "counts": {AGAINST: 2}},
            "rejete",
            "",
            "n’est pas connu",
            id="deux contre sans nom parmi des abstentions",
        ),
        pytest.param(
            {
                "default": ABSTAIN,
                "choices": votes(AGAINST, *range(1, 6)),
                "counts": {FOR: 5},
            },
            "adopte",
            CHAIR,
            "voté pour",
            id="tous les autres sont nommés contre : il est forcément pour",
        ),
    ],
)
def test_the_chair_breaks_a_tie(ballot, verdict, prevailing, words):
    outcome = decide(**ballot)
    assert (outcome.verdict, outcome.casting_vote_of) == (Verdict(verdict), prevailing)
    assert words in outcome.because


def test_a_vote_carried_by_proxy_is_not_the_chair_s_own():
    voices = (
        Voice(seat="a", caster="a"),
        Voice(seat="b", caster="b"),
        Voice(seat="c", caster="a", by_proxy=True),
        Voice(seat="d", caster="d"),
    )
    choices = {"a": AGAINST, "b": AGAINST}
    outcome = decide(voices, chair="a", represented=1, choices=choices)
    assert outcome.verdict is Verdict.REJECTED
    assert outcome.casting_vote_of == "a"


def test_a_heavy_chair_cannot_be_among_fewer_unnamed_votes_than_he_weighs():
    voices = (Voice(seat="lourd", caster="lourd", weight=3), *TEN[1:4])
    outcome = decide(voices, chair="lourd", choices=votes(AGAINST, 1), counts={AGAINST: 2})
    assert outcome.verdict is Verdict.ADOPTED
    assert outcome.casting_vote_of == "lourd"


@pytest.mark.parametrize(
    ("rules", "majority"),
    [
        pytest.param(
            EPCI,
            Majority(),
            id="droit commun : plus de la moitié des suffrages exprimés",
        ),
        pytest.param(SMO, Majority(article="statuts"), id="syndicat ouvert : statuts"),
        pytest.param(
            replace(SMO, majority_fraction=Fraction(3, 5), majority_base="presents"),
            Majority(
                fraction=Fraction(3, 5),
                base=Base.PRESENT,
                strict=False,
                label="majorité des 3/5 des membres présents",
                article="statuts",
            ),
            id="trois cinquièmes des présents",
        ),
    ],
)
def test_ordinary_majority_of_a_body(rules, majority):
    assert ballots.ordinary_majority(rules) == majority


def test_statutes_are_changed_by_two_thirds_of_the_members():
    majority = ballots.statutes_majority(SMO)
    assert (majority.fraction, majority.base, majority.strict) == (
        Fraction(2, 3),
        Base.COMPOSING,
        False,
    )


@pytest.mark.parametrize(
    ("mode", "present", "needed"),
    [
        pytest.param(Mode.PUBLIC, 16, 4, id="public : le quart de 16"),
        pytest.param(Mode.PUBLIC, 17, 5, id="public : le quart de 17, arrondi"),
        pytest.param(Mode.SECRET, 16, 6, id="secret : le tiers de 16, arrondi"),
        pytest.param(Mode.SECRET, 0, 1, id="personne"),
        pytest.param(Mode.ORDINARY, 16, 0, id="à main levée : personne n’a à le demander"),
    ],
)
def test_requests_for_a_mode(mode, present, needed):
    assert ballots.requesters(mode, present, EPCI) == needed


# --- With the people of a sitting -------------------------------------------------------------


def outcome_at(*events, **ballot):
    state = replay(*events).at_item["p1"]
    return ballots.of(Ballot(item="p1", **ballot), state, EPCI)


def test_proxies_vote_and_withdrawals_do_not():
    outcome = outcome_at(
        *opening("alice", "bruno", "claire"),
        ProxyGiven(giver="elsa", holder="bruno"),
        ProxyGiven(giver="farid", holder="claire"),
        Recused(member="bruno", item="p1"),
    )
    assert outcome.tally.for_ == 3  # alice, claire and farid by claire; elsa's holder withdrew
    assert outcome.is_unanimous


def test_whoever_chairs_the_item_breaks_its_tie():
    outcome = outcome_at(
        *opening(*TITULARS),
        Recused(member="alice", item="p1", ground=Ground.ACCOUNTS),
        Recused(member="farid", item="p1"),
        ChairTaken(member="bruno", item="p1"),
        choices={"bruno": AGAINST, "elsa": AGAINST},
    )
    assert outcome.verdict is Verdict.REJECTED
    assert outcome.casting_vote_of == "bruno"


def test_members_composing_are_those_in_office():
    outcome = outcome_at(*opening("alice", "bruno", "claire"), majority=TWO_THIRDS)
    assert len(COMITE.titulars) == 6
    assert (outcome.adopted, outcome.required) == (False, 4)


def test_the_reason_is_a_sentence():
    outcome = decide(choices=votes(AGAINST, 1, 2) | votes(ABSTAIN, 3))
    assert outcome.because.replace("\u00a0", " ") == (
        "7 voix pour et 2 contre : sur 9 suffrages exprimés, il en fallait 5 pour (majorité des "
        "suffrages exprimés, art. L2121-20 du CGCT) ; hors suffrages exprimés : 1 abstention."
    )
