"""Les votes : décompte, majorités, partage des voix.

Sources: art. L2121-20 (suffrages exprimés, voix prépondérante), L2121-21 (modes de scrutin),
L1612-12 (comptes), L5721-2-1 (statuts) of the CGCT.
"""

from dataclasses import replace
from fractions import Fraction

import pytest

from law import ballots, voting
from law.ballots import (
    Ballot,
    Base,
    Choice,
    Majority,
    Mode,
    Outcome,
    Tally,
    Verdict,
    Voice,
)
from law.regime import RULES
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


@pytest.mark.parametrize(("ballot", "figures"), [
    pytest.param({}, (10, 0, 0, 0), id="à main levée, personne d’autre : tous pour"),
    pytest.param({"choices": votes(AGAINST, 1, 2) | votes(ABSTAIN, 3)}, (7, 2, 1, 0),
        id="exceptions"),
    pytest.param({"counts": {ABSTAIN: 2}}, (8, 0, 2, 0), id="deux abstentions sans nom"),
    pytest.param({"choices": votes(AGAINST, 1), "counts": {ABSTAIN: 2}}, (7, 1, 2, 0),
        id="les deux"),
    pytest.param({"default": AGAINST, "choices": votes(FOR, 1, 2, 3)}, (3, 7, 0, 0),
        id="tous contre"),
    pytest.param({"choices": votes(FOR, 1) | votes(AGAINST, 2)}, (9, 1, 0, 0),
        id="dire pour ne change rien"),
    pytest.param({"counts": {FOR: 10}}, (10, 0, 0, 0), id="total des pour donné"),
    pytest.param({"choices": votes(AGAINST, 99)}, (10, 0, 0, 0), id="un siège sans voix"),
    pytest.param({"mode": Mode.PUBLIC, "choices": votes(FOR, *range(6)) | votes(AGAINST, 6, 7, 8)},
        (6, 3, 0, 1), id="scrutin public : qui n’est pas nommé ne prend pas part"),
    pytest.param({"mode": Mode.SECRET, "counts": {FOR: 5, AGAINST: 3}}, (5, 3, 0, 2),
        id="scrutin secret : les bulletins manquants"),
])  # fmt: skip
def test_count(ballot, figures):
    tally = ballots.count(Ballot(item="p1", **ballot), TEN)
    assert (tally.for_, tally.against, tally.abstentions, tally.not_voting) == figures


def test_blank_and_null_papers_take_part_and_are_not_cast():
    """Art. L2121-21: neither they nor abstentions are `suffrages exprimés`."""
    counts = {FOR: 3, AGAINST: 1, ABSTAIN: 1, Choice.BLANK: 2, Choice.NULL: 1}
    tally = ballots.count(Ballot(item="p1", mode=Mode.SECRET, counts=counts), TEN)
    assert (tally.blank, tally.null, tally.not_voting) == (2, 1, 2)
    assert (tally.cast, tally.took_part) == (4, 8)


def test_what_is_not_told_is_empty():
    assert Tally() == Tally(
        for_=0, against=0, abstentions=0, not_voting=0, blank=0, null=0, named={}
    )
    ballot = Ballot(item="p1")
    assert (ballot.key, ballot.question, ballot.stated) == ("", "", "")
    outcome = Outcome(
        verdict=Verdict.ADOPTED, tally=Tally(), mode=Mode.PUBLIC, majority=Majority(), required=1
    )
    assert (outcome.casting_vote_of, outcome.because) == ("", "")


@pytest.mark.parametrize(("kind", "words"), [
    pytest.param(Mode, "ordinaire public secret", id="modes de scrutin"),
    pytest.param(Choice, "pour contre abstention ne_prend_pas_part blanc nul", id="sens du vote"),
    pytest.param(Base, "exprimes presents presents_ou_representes membres_composant",
        id="assiettes"),
    pytest.param(Verdict, "adopte rejete", id="issues"),
])  # fmt: skip
def test_the_words_of_the_ledger_do_not_change(kind, words):
    assert [str(each) for each in kind] == words.split()


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
UNKNOWN = "et le sens du vote de qui préside n’est pas connu : le nommer trancherait"


@pytest.mark.parametrize(("ballot", "verdict", "required"), [
    pytest.param({}, "adopte", 6, id="unanimité"),
    pytest.param({"choices": votes(AGAINST, *range(6))}, "rejete", 6, id="4 contre 6"),
    pytest.param({"choices": votes(ABSTAIN, *range(6))}, "adopte", 3,
        id="4 pour, 6 abstentions (L2121-20)"),
    pytest.param({"choices": votes(ABSTAIN, *range(10))}, "rejete", 1, id="tous s’abstiennent"),
    pytest.param(
        {"choices": votes(Choice.BLANK, 1, 2) | votes(Choice.NULL, 3) | votes(AGAINST, 4, 5, 6)},
        "adopte", 4, id="blancs et nuls ne sont pas exprimés : 4 pour, 3 contre"),
    pytest.param({"majority": TWO_THIRDS, "choices": votes(ABSTAIN, 1, 2)}, "adopte", 8,
        id="deux tiers des 12 composant : 8 pour"),
    pytest.param({"majority": TWO_THIRDS, "choices": votes(ABSTAIN, 1, 2, 3)}, "rejete", 8,
        id="deux tiers des 12 composant : 7 ne suffisent pas"),
    pytest.param(
        {"majority": Majority(base=Base.PRESENT), "choices": votes(ABSTAIN, 1, 2, 3, 4, 5)},
        "rejete", 6, id="majorité des présents : 5 sur 10"),
    pytest.param({"majority": TWO_THIRDS, "composing": 13, "choices": votes(ABSTAIN, 1)}, "adopte",
        9, id="deux tiers de 13, arrondis : 9 pour"),
    pytest.param({"majority": Majority(base=Base.PRESENT), "represented": 4}, "adopte", 4,
        id="majorité des présents : 6 présents, 4 représentés"),
    pytest.param(
        {
            "majority": Majority(base=Base.PRESENT_OR_REPRESENTED),
            "represented": 4,
            "choices": votes(AGAINST, 1, 2) | votes(ABSTAIN, 3, 4),
        }, "adopte", 6, id="huis clos : 6 des 10 présents ou représentés"),
    pytest.param({"majority": ballots.ACCOUNTS, "choices": FIVE_AGAINST}, "adopte", 5,
        id="comptes : le partage adopte (L1612-12)"),
    pytest.param({"majority": ballots.ACCOUNTS, "choices": votes(AGAINST, *range(6))}, "rejete", 5,
        id="comptes : une majorité contre"),
    pytest.param({"majority": ballots.ACCOUNTS, "choices": votes(ABSTAIN, *range(10))}, "adopte", 0,
        id="comptes : personne contre"),
    pytest.param(
        {
            "majority": ballots.ACCOUNTS,
            "choices": votes(AGAINST, 0) | votes(ABSTAIN, *range(1, 10)),
        }, "rejete", 1, id="comptes : une seule voix exprimée, contre"),
])  # fmt: skip
def test_majorities(ballot, verdict, required):
    outcome = decide(**ballot)
    assert (outcome.verdict, outcome.required) == (Verdict(verdict), required)


@pytest.mark.parametrize(("ballot", "verdict", "prevailing", "why"), [
    pytest.param({"choices": FIVE_AGAINST}, "adopte", CHAIR, "qui préside a voté pour",
        id="et pour"),
    pytest.param({"choices": votes(AGAINST, *range(5))}, "rejete", CHAIR,
        "qui préside a voté contre", id="et contre"),
    pytest.param({"choices": {CHAIR: FOR} | votes(AGAINST, 1) | votes(ABSTAIN, *range(2, 10))},
        "adopte", CHAIR, "qui préside a voté pour", id="une voix contre une : un partage aussi"),
    *(
        pytest.param(
            {"choices": votes(AGAINST, 1, 2, 3, 4) | {CHAIR: choice} | {"m9": ABSTAIN}},
            "rejete",
            "",
            "et qui préside ne s’est pas prononcé",
            id=f"préside : {choice}",
        )
        for choice in OUT
    ),
    pytest.param({"choices": FIVE_AGAINST, "chair": "ailleurs"}, "rejete", "",
        "et qui préside ne prend pas part au vote", id="qui préside s’est retiré"),
    pytest.param({"choices": FIVE_AGAINST, "rules": replace(SMO, casting_vote=False)}, "rejete", "",
        "sans voix prépondérante selon les statuts", id="statuts sans voix prépondérante"),
    pytest.param({"mode": Mode.SECRET, "counts": {FOR: 5, AGAINST: 5}}, "rejete", "",
        "sans voix prépondérante au scrutin secret", id="jamais au scrutin secret"),
    pytest.param({"counts": {AGAINST: 5}}, "rejete", "", UNKNOWN,
        id="cinq contre sans nom : on ne sait pas comment a voté qui préside"),
    pytest.param({"choices": {CHAIR: AGAINST}, "counts": {AGAINST: 4}}, "rejete", CHAIR,
        "qui préside a voté contre", id="son nom est donné : il tranche"),
    pytest.param({"default": ABSTAIN, "choices": votes(FOR, 1, 2), "counts": {AGAINST: 2}},
        "rejete", "", UNKNOWN, id="deux contre sans nom parmi des abstentions"),
    pytest.param({"default": ABSTAIN, "choices": votes(FOR, 1), "counts": {AGAINST: 1}}, "rejete",
        "", UNKNOWN, id="un seul contre sans nom : ce peut être qui préside"),
    pytest.param(
        {
            "default": ABSTAIN,
            "choices": votes(FOR, 1, 2, 3, 4) | votes(AGAINST, 5, 6, 7) | votes(ABSTAIN, 8),
            "counts": {AGAINST: 1},
        }, "rejete", "", UNKNOWN,
        id="deux voix sans nom, l’une contre, l’autre non : laquelle est la sienne ?"),
    pytest.param({"default": ABSTAIN, "choices": votes(AGAINST, *range(1, 6)), "counts": {FOR: 5}},
        "adopte", CHAIR, "qui préside a voté pour",
        id="tous les autres sont nommés contre : il est forcément pour"),
])  # fmt: skip
def test_the_chair_breaks_a_tie(ballot, verdict, prevailing, why):
    outcome = decide(**ballot)
    assert (outcome.verdict, outcome.casting_vote_of) == (Verdict(verdict), prevailing)
    assert outcome.because.replace("\u00a0", " ").endswith(f" ; partage des voix, {why}.")


@pytest.mark.parametrize(("ballot", "verdict"), [
    pytest.param(
        {"choices": votes(AGAINST, 1, 2, 3, 4, 5, 6) | votes(FOR, 7, 8, 9), "counts": {FOR: 1}},
        "rejete", id="4 pour, 6 contre"),
    pytest.param({"choices": votes(ABSTAIN, *range(10))}, "rejete", id="personne ne s’exprime"),
    pytest.param({"majority": Majority(fraction=Fraction(2, 3)), "choices": FIVE_AGAINST}, "rejete",
        id="deux tiers des exprimés : cinq et cinq n’est pas un partage"),
    pytest.param({"majority": Majority(base=Base.PRESENT), "choices": FIVE_AGAINST}, "rejete",
        id="majorité des présents : cinq et cinq n’est pas un partage"),
    pytest.param({"majority": Majority(strict=False), "choices": votes(AGAINST, *range(5))},
        "adopte", id="au moins la moitié : la moitié suffit, même sans qui préside"),
    pytest.param({"majority": ballots.ACCOUNTS, "choices": votes(AGAINST, *range(5))}, "adopte",
        id="comptes : pas de majorité contre (L1612-12)"),
])  # fmt: skip
def test_only_the_ordinary_majority_knows_ties(ballot, verdict):
    outcome = decide(**ballot)
    assert (outcome.verdict, outcome.casting_vote_of) == (Verdict(verdict), "")
    assert "partage" not in outcome.because


def test_a_proxy_is_not_the_voice_of_a_chair_who_has_none():
    voices = (Voice(seat="c", caster="a", by_proxy=True), Voice(seat="d", caster="d"))
    outcome = decide(voices, chair="a", represented=1, choices={"d": AGAINST})
    assert (outcome.verdict, outcome.casting_vote_of) == (Verdict.REJECTED, "")


def test_figures_that_cannot_hold_the_chair_say_nothing_of_his_vote():
    """Three groups of two votes, and a chair who weighs three."""
    voices = (Voice(seat="lourd", caster="lourd", weight=3), *TEN[1:4])
    outcome = decide(voices, chair="lourd", counts={AGAINST: 2, ABSTAIN: 2})
    assert (outcome.verdict, outcome.casting_vote_of) == (Verdict.REJECTED, "")
    assert "n’est pas connu" in outcome.because


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


@pytest.mark.parametrize(("rules", "majority"), [
    pytest.param(EPCI, Majority(), id="droit commun : plus de la moitié des suffrages exprimés"),
    pytest.param(SMO, Majority(article="statuts"), id="syndicat ouvert : statuts"),
    pytest.param(replace(SMO, majority_fraction=Fraction(3, 5), majority_base="presents"),
        Majority(
            fraction=Fraction(3, 5),
            base=Base.PRESENT,
            strict=False,
            label="majorité des trois cinquièmes des membres présents",
            article="statuts",
        ), id="trois cinquièmes des présents"),
])  # fmt: skip
def test_ordinary_majority_of_a_body(rules, majority):
    assert ballots.ordinary_majority(rules) == majority


def test_statutes_are_changed_by_two_thirds_of_the_members():
    majority = ballots.statutes_majority(SMO)
    assert (majority.fraction, majority.base, majority.strict) == (
        Fraction(2, 3),
        Base.COMPOSING,
        False,
    )
    assert majority.article == "art. L5721-2-1 du CGCT"
    assert ballots.statutes_majority(EPCI).article == "art. L5211-20 du CGCT"
    own = replace(EPCI, statutes_majority_fraction=Fraction(3, 4))
    assert ballots.statutes_majority(own).article == "statuts"
    for key, _ in RULES["statutes_majority_base"].choices:
        base = ballots.statutes_majority(replace(SMO, statutes_majority_base=key)).base
        assert base == {"voix_composant": Base.COMPOSING}.get(key, key)


@pytest.mark.parametrize(("label", "named"), [
    ("majorité des 2/3 des membres présents", "majorité des deux tiers des membres présents"),
    ("majorité de 3/5", "majorité des trois cinquièmes"),
    ("majorité des suffrages exprimés", "majorité des suffrages exprimés"),
    ("majorité des 12/20 présents", "majorité des 12/20 présents"),
])  # fmt: skip
def test_a_majority_that_an_older_ledger_wrote_in_figures_is_said_in_words(label, named):
    assert Majority(label=label).named == named


@pytest.mark.parametrize(("mode", "present", "needed"), [
    pytest.param(Mode.PUBLIC, 16, 4, id="public : le quart de 16"),
    pytest.param(Mode.PUBLIC, 17, 5, id="public : le quart de 17, arrondi"),
    pytest.param(Mode.SECRET, 16, 6, id="secret : le tiers de 16, arrondi"),
    pytest.param(Mode.SECRET, 0, 1, id="personne"),
    pytest.param(Mode.ORDINARY, 16, 0, id="à main levée : personne n’a à le demander"),
])  # fmt: skip
def test_requests_for_a_mode(mode, present, needed):
    assert ballots.requesters(mode, present, EPCI) == needed


# --- With the people of a sitting -------------------------------------------------------------


def outcome_at(*events, **ballot):
    state = replay(*events).at_item["p1"]
    return voting.of(Ballot(item="p1", **ballot), state, EPCI)


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


@pytest.mark.parametrize(("majority", "required"), [
    pytest.param(Majority(base=Base.PRESENT), 2, id="trois présents"),
    pytest.param(Majority(base=Base.PRESENT_OR_REPRESENTED), 3, id="et un représenté"),
])  # fmt: skip
def test_whoever_votes_by_proxy_is_represented_not_present(majority, required):
    outcome = outcome_at(
        *opening("alice", "bruno", "claire"),
        ProxyGiven(giver="elsa", holder="bruno"),
        majority=majority,
    )
    assert outcome.required == required


@pytest.mark.parametrize(("ballot", "unanimous", "of_cast"), [
    pytest.param({}, True, True, id="tous pour"),
    pytest.param({"default": AGAINST}, True, True, id="tous contre"),
    pytest.param({"mode": Mode.PUBLIC, "choices": votes(FOR, 1)}, True, True,
        id="une seule voix, les autres ne prennent pas part"),
    pytest.param({"choices": votes(ABSTAIN, 1)}, False, True, id="une abstention"),
    pytest.param({"choices": votes(Choice.BLANK, 1)}, False, True, id="un bulletin blanc"),
    pytest.param({"choices": votes(Choice.NULL, 1)}, False, True, id="un bulletin nul"),
    pytest.param({"choices": votes(AGAINST, 1)}, False, False, id="une voix contre"),
    pytest.param({"default": AGAINST, "choices": votes(FOR, 1)}, False, False, id="une voix pour"),
    pytest.param({"mode": Mode.PUBLIC}, False, False,
        id="personne ne prend part : pas d’unanimité"),
])  # fmt: skip
def test_unanimity(ballot, unanimous, of_cast):
    outcome = decide(**ballot)
    assert (outcome.is_unanimous, outcome.is_unanimous_of_cast) == (unanimous, of_cast)


@pytest.mark.parametrize(("ballot", "because"), [
    pytest.param({"choices": votes(AGAINST, 1, 2) | votes(ABSTAIN, 3)},
        "7 voix pour et 2 contre : sur 9 suffrages exprimés, il en fallait 5 pour (majorité "
        "des suffrages exprimés, art. L2121-20 du CGCT) ; hors suffrages exprimés : "
        "1 abstention.", id="droit commun (L2121-20)"),
    pytest.param(
        {
            "choices": {"m0": FOR}
            | votes(ABSTAIN, 1, 2, 3, 4, 5, 6)
            | votes(Choice.BLANK, 7, 8)
            | votes(Choice.NULL, 9)
        },
        "1 voix pour et 0 contre : sur 1 suffrage exprimé, il en fallait 1 pour (majorité des "
        "suffrages exprimés, art. L2121-20 du CGCT) ; hors suffrages exprimés : "
        "6 abstentions, 2 bulletins blancs, 1 bulletin nul.",
        id="tout ce qui n’est pas exprimé est dit"),
    pytest.param({"majority": ballots.ACCOUNTS, "choices": votes(AGAINST, 1, 2)},
        "8 voix pour et 2 contre : il fallait 6 voix contre, une majorité, pour le rejeter "
        "(pas de majorité contre, art. L1612-12 du CGCT).", id="comptes (L1612-12)"),
    pytest.param({"majority": ballots.statutes_majority(SMO)},
        "10 voix pour et 0 contre : il fallait 8 voix pour, de 12 (membres composant "
        "l’assemblée) (majorité des deux tiers des membres composant l’assemblée, "
        "art. L5721-2-1 du CGCT).",
        id="deux tiers des membres (L5721-2-1)"),
    pytest.param(
        {"majority": Majority(base=Base.PRESENT_OR_REPRESENTED, label="huis clos", article="")},
        "10 voix pour et 0 contre : il fallait 6 voix pour, de 10 (membres présents ou "
        "représentés) (huis clos).", id="une majorité sans article"),
    pytest.param({"majority": Majority(label="", article="")},
        "10 voix pour et 0 contre : sur 10 suffrages exprimés, il en fallait 6 pour.",
        id="une majorité sans nom"),
])  # fmt: skip
def test_the_reason_is_a_sentence(ballot, because):
    assert decide(**ballot).because.replace("\u00a0", " ") == because
