"""Who can speak for whom, and what it does to the quorum."""

import random
from dataclasses import replace

import pytest

from law import french, proxies, quorum
from law.assembly import Capacity, Composition, Member
from law.findings import Severity
from law.proxies import Means, Outlook
from law.regime import PRESETS
from law.sitting import Arrived, ProxyGiven, SeatTaken, replay
from tests.law.steps import calls

EPCI = PRESETS["epci"]  # one proxy per holder, substitutes of the same community
NAMED = PRESETS["smo"]  # each substitute tied to his titular
NONE = replace(EPCI, substitutes="aucun")


def titular(key, community="", **extra):
    return Member(
        key=key, civility="M.", first_name=key, last_name=key, community=community, **extra
    )


def substitute(key, community="", replaces="", **extra):
    return titular(key, community, capacity=Capacity.SUBSTITUTE, replaces=replaces, **extra)


def body(*members):
    return Composition(members=members)


def codes(found):
    return [finding.code for finding in found]


def answers(plan):
    return [(each.absent, each.means, each.by) for each in plan.proposals]


def plain(text):
    return text.replace(french.NBSP, " ")


def given(giver, holder, **extra):
    return ProxyGiven(giver=giver, holder=holder, **extra)


# Deux collectivités : A (trois titulaires, un suppléant) et B (deux titulaires).
A1, A2, A3 = (titular(f"a{i}", "CC A") for i in (1, 2, 3))
B1, B2 = (titular(f"b{i}", "CC B") for i in (1, 2))
SA = substitute("sa", "CC A")
ROOM = body(A1, A2, A3, SA, B1, B2)


# --- The solver ------------------------------------------------------------------------------


@pytest.mark.parametrize(("regime", "prevented", "expected"), [
    pytest.param(EPCI, [], [], id="tout le monde vient"),
    pytest.param(EPCI, ["a1"], [("a1", Means.POOLED_SUBSTITUTE, "sa")], id="le suppléant d’abord"),
    pytest.param(EPCI, ["a1", "sa"], [("a1", Means.SAME_COMMUNITY, "a2")],
        id="suppléant absent : un collègue de la même collectivité"),
    pytest.param(NONE, ["a1", "a2"],
        [("a1", Means.SAME_COMMUNITY, "a3"), ("a2", Means.ANY_COLLEAGUE, "b1")],
        id="un pouvoir par porteur : le second va ailleurs"),
    # Art. L5212-7 : deux titulaires absents, un suppléant commun.
    pytest.param(EPCI, ["a1", "a2", "a3"],
        [
            ("a1", Means.POOLED_SUBSTITUTE, "sa"),
            ("a2", Means.SAME_COMMUNITY, "sa"),
            ("a3", Means.ANY_COLLEAGUE, "b1"),
        ], id="le suppléant qui siège porte le pouvoir d’un autre titulaire"),
    pytest.param(replace(EPCI, proxies_allowed=False), ["a1", "a2"],
        [("a1", Means.POOLED_SUBSTITUTE, "sa")], id="pouvoirs exclus"),
    pytest.param(replace(NONE, proxies_per_holder=3), ["a1", "a2", "a3", "b1"],
        [
            ("a1", Means.ANY_COLLEAGUE, "b2"),
            ("a2", Means.ANY_COLLEAGUE, "b2"),
            ("b1", Means.SAME_COMMUNITY, "b2"),
        ], id="trois pouvoirs par porteur, pas quatre"),
])  # fmt: skip
def test_propose(regime, prevented, expected):
    assert answers(proxies.propose(ROOM, regime, prevented=prevented)) == expected


def test_a_named_substitute_stands_for_his_titular_only():
    room = body(A1, A2, substitute("s1", "CC A", replaces="a1"), B1)
    mine = proxies.propose(room, NAMED, prevented=["a1"])
    assert answers(mine) == [("a1", Means.NAMED_SUBSTITUTE, "s1")]
    other = proxies.propose(room, NAMED, prevented=["a2"])
    assert answers(other) == [("a2", Means.SAME_COMMUNITY, "a1")]


def test_in_a_pool_the_named_substitute_is_kept_for_his_titular():
    room = body(A1, A2, substitute("s1", "CC A", replaces="a2"), substitute("s2", "CC A"))
    plan = proxies.propose(room, EPCI, prevented=["a1", "a2"])
    assert answers(plan) == [
        ("a1", Means.POOLED_SUBSTITUTE, "s2"),
        ("a2", Means.NAMED_SUBSTITUTE, "s1"),
    ]


def test_without_communities_the_constituency_is_the_kin():
    room = body(
        titular("x1", constituency="Département"),
        titular("y1", constituency="Intercommunalités"),
        titular("x2", constituency="Département"),
    )
    assert answers(proxies.propose(room, EPCI, prevented=["x1"])) == [
        ("x1", Means.SAME_COMMUNITY, "x2")
    ]


@pytest.mark.parametrize(("absent", "holder"), [
    pytest.param(titular("x", "CC A", constituency="I"), titular("y", constituency="I"),
        id="l’absent"),
    pytest.param(titular("x", constituency="I"), titular("y", "CC A", constituency="I"),
        id="le porteur"),
    pytest.param(titular("x"), titular("y"), id="ni collectivité ni collège"),
])  # fmt: skip
def test_a_constituency_makes_no_kin_of_who_has_a_community(absent, holder):
    plan = proxies.propose(body(absent, holder), EPCI, prevented=["x"])
    assert answers(plan) == [("x", Means.ANY_COLLEAGUE, "y")]


def test_consultative_members_hold_nothing():
    room = body(A1, titular("c", "CC A", capacity=Capacity.CONSULTATIVE))
    plan = proxies.propose(room, EPCI, prevented=["a1"])
    assert answers(plan) == []


def test_those_who_said_they_come_are_asked_first():
    plan = proxies.propose(ROOM, NONE, prevented=["a1"], coming=["a3"])
    assert answers(plan) == [("a1", Means.SAME_COMMUNITY, "a3")]


def test_the_substitute_who_said_he_comes_is_asked_first():
    room = body(A1, SA, substitute("sz", "CC A"))
    plan = proxies.propose(room, EPCI, prevented=["a1"], coming=["sz"])
    assert answers(plan) == [("a1", Means.POOLED_SUBSTITUTE, "sz")]


def test_proxies_are_shared_out_before_anyone_holds_two():
    plan = proxies.propose(
        ROOM, replace(NONE, proxies_per_holder=2), prevented=["a1", "b1"], given=[given("b1", "a2")]
    )
    assert answers(plan) == [("a1", Means.SAME_COMMUNITY, "a3")]


def test_heavier_seats_get_the_substitute():
    room = body(A1, replace(A2, weight=3), SA, B1)
    plan = proxies.propose(room, EPCI, prevented=["a1", "a2"])
    assert ("a2", Means.POOLED_SUBSTITUTE, "sa") in answers(plan)


def test_what_was_given_or_agreed_is_kept():
    plan = proxies.propose(
        ROOM,
        EPCI,
        prevented=["a1", "a2"],
        seats={"sa": "a2"},
        given=[given("a1", "b1")],
    )
    assert answers(plan) == []
    assert plan.findings == ()


@pytest.mark.parametrize(("prevented", "known", "expected"), [
    pytest.param(["a1", "sa"], {"seats": {"sa": "a1"}}, [("a1", Means.SAME_COMMUNITY, "a2")],
        id="le suppléant convenu ne vient plus"),
    pytest.param(["a1"], {"seats": {"sa": "a2"}}, [("a1", Means.POOLED_SUBSTITUTE, "sa")],
        id="le titulaire revient : son suppléant est libre"),
    pytest.param(["a1", "b2"], {"seats": {"sa": "a1"}, "given": [given("a1", "b1")]},
        [("b2", Means.SAME_COMMUNITY, "b1")],
        id="remplacé par son suppléant, son pouvoir ne charge personne"),
    pytest.param(["a2", "sa"], {"given": [given("a3", "a1")]}, [("a2", Means.SAME_COMMUNITY, "a1")],
        id="le pouvoir de qui vient ne charge personne"),
    pytest.param(["a1", "a2", "a3"], {"seats": {"inconnu": "a1", "sa": "a2"}},
        [("a3", Means.SAME_COMMUNITY, "sa")], id="un suppléant inconnu ne gêne pas"),
])  # fmt: skip
def test_what_no_longer_holds_is_forgotten(prevented, known, expected):
    plan = proxies.propose(ROOM, EPCI, prevented=prevented, **known)
    assert answers(plan) == expected


def test_proposals_agree_with_women_and_name_the_constituency():
    room = body(
        titular("x", constituency="Département"),
        titular("y", constituency="Département"),
        replace(substitute("s", replaces="x"), civility="Mme"),
        titular("z", "CC A"),
        replace(substitute("sz", "CC A"), civility="Mme"),
    )
    plan = proxies.propose(room, EPCI, prevented=["x", "z"])
    assert [plain(each.text) for each in plan.proposals] == [
        "Mme s S, suppléante désignée, siège à la place de M. x X.",
        "Mme sz SZ, suppléante (CC A), siège à la place de M. z Z.",
    ]
    plan = proxies.propose(room, NONE, prevented=["x"])
    assert [plain(each.text) for each in plan.proposals] == [
        "M. x X donne pouvoir à M. y Y (Département)."
    ]
    named = body(A1, substitute("s1", replaces="a1"))
    (proposal,) = proxies.propose(named, NAMED, prevented=["a1"]).proposals
    assert plain(proposal.text) == "M. s1 S1, suppléant désigné, siège à la place de M. a1 A1."


def test_proposals_say_what_to_do():
    plan = proxies.propose(ROOM, EPCI, prevented=["a1", "a2", "a3"])
    assert [plain(str(each)) for each in plan.proposals] == [
        "M. sa SA, suppléant (CC A), siège à la place de M. a1 A1.",
        "M. a2 A2 donne pouvoir à M. sa SA (CC A).",
        "M. a3 A3 donne pouvoir à M. b1 B1.",
    ]


def test_the_plan_holds_when_the_sitting_is_replayed():
    # Art. L2121-17 : la CC A a deux voix et compte pour un au quorum.
    room = body(A1, A2, SA, B1)
    plan = proxies.propose(room, EPCI, prevented=["a1", "a2"])
    events = [Arrived(seq=1, member="sa"), Arrived(seq=2, member="b1")]
    for seq, each in enumerate(plan.proposals, start=3):
        events.append(
            SeatTaken(seq=seq, substitute=each.by, titular=each.absent)
            if each.is_substitution
            else ProxyGiven(seq=seq, giver=each.absent, holder=each.by)
        )
    state = replay(room, events).at_opening
    assert {voice.seat for voice in state.voices} == {"a1", "a2", "b1"}
    assert quorum.of(state, EPCI).present == 2


# --- Options for one absence -----------------------------------------------------------------


@pytest.mark.parametrize(("regime", "expected"), [
    pytest.param(EPCI, ["sa", "a2", "a3", "b1", "b2"], id="avertir : tout, du mieux au moins"),
    pytest.param(replace(EPCI, substitute_first="bloquer"), ["sa"], id="bloquer"),
    pytest.param(replace(EPCI, substitute_first="ignorer"), ["sa", "a2", "a3", "b1", "b2"],
        id="ignorer"),
    pytest.param(NONE, ["a2", "a3", "b1", "b2"], id="aucun suppléant"),
    pytest.param(replace(EPCI, proxies_allowed=False), ["sa"], id="pouvoirs exclus"),
])  # fmt: skip
def test_options(regime, expected):
    found = proxies.options("a1", ROOM, regime, prevented=["a1"])
    assert [option.by for option in found] == expected


def test_options_leave_out_whoever_is_full():
    found = proxies.options("a1", ROOM, NONE, prevented=["a1", "b1"], given=[given("b1", "a2")])
    assert [option.by for option in found] == ["a3", "b2"]


def test_options_forget_the_present_answer():
    found = proxies.options("a1", ROOM, NONE, prevented=["a1"], given=[given("a1", "a2")])
    assert found[0].by == "a2"


def test_options_are_open_again_to_the_substitute_agreed_for_him():
    found = proxies.options("a1", ROOM, EPCI, prevented=["a1"], seats={"sa": "a1"})
    assert (found[0].by, found[0].means) == ("sa", Means.POOLED_SUBSTITUTE)


def test_options_leave_others_their_substitute():
    found = proxies.options("a1", ROOM, EPCI, prevented=["a1", "a2"], seats={"sa": "a2"})
    assert [(option.by, option.is_substitution) for option in found] == [
        ("sa", False),
        ("a3", False),
        ("b1", False),
        ("b2", False),
    ]


def test_where_substitutes_come_first_a_proxy_is_open_to_whoever_has_none():
    found = proxies.options("b1", ROOM, replace(EPCI, substitute_first="bloquer"), prevented=["b1"])
    assert [option.by for option in found] == ["b2", "a1", "a2", "a3"]


# --- Proxies as written ----------------------------------------------------------------------


@pytest.mark.parametrize(("nth", "illness", "usable"), [
    # Art. L2121-20 : pouvoir pour février, mars, avril, juin.
    pytest.param(1, False, True, id="février"),
    pytest.param(2, False, True, id="mars"),
    pytest.param(3, False, True, id="avril"),
    pytest.param(4, False, False, id="juin : refusé"),
    pytest.param(4, True, True, id="maladie dûment constatée"),
])  # fmt: skip
def test_three_sittings(nth, illness, usable):
    proxy = given("a1", "a2", nth=nth, illness=illness)
    assert proxies.expired(proxy, EPCI) is not usable
    found = proxies.objections([proxy], ROOM, EPCI)
    assert codes(found) == ([] if usable else ["pouvoir_epuise"])


@pytest.mark.parametrize(("written", "expected"), [
    pytest.param([given("a1", "b1")], [], id="à un membre d’une autre collectivité"),
    pytest.param([given("a1", "b1"), given("a2", "b1")], ["porteur_complet"],
        id="deux pouvoirs au même porteur : le premier reste"),
    pytest.param([given("a1", "a1")], ["pouvoir_a_soi_meme"], id="à soi-même"),
    pytest.param([given("a1", "a2"), given("a2", "a1")], ["porteur_absent", "porteur_absent"],
        id="A à B et B à A"),
    pytest.param([given("a1", "c")], ["porteur_sans_voix"], id="à une voix consultative"),
    pytest.param([given("a1", "sa")], ["porteur_sans_siege"], id="au suppléant qui ne siège pas"),
    pytest.param([given("sa", "a1")], ["mandant_sans_voix"], id="d’un suppléant"),
    pytest.param([given("zz", "a1")], ["mandant_sans_voix"], id="d’un inconnu"),
    pytest.param([given("a1", "zz")], ["porteur_sans_voix"], id="à un inconnu"),
    pytest.param([given("a1", "b1"), given("a1", "b2")], ["deux_pouvoirs"],
        id="deux pouvoirs du même"),
])  # fmt: skip
def test_objections(written, expected):
    room = body(*ROOM.members, titular("c", "CC A", capacity=Capacity.CONSULTATIVE))
    found = proxies.objections(written, room, EPCI)
    assert codes(found) == expected
    assert all(finding.article == "art. L2121-20 du CGCT" for finding in found)


@pytest.mark.parametrize(("written", "regime", "told"), [
    pytest.param([given("a1", "b1")], replace(EPCI, proxies_allowed=False),
        "Le pouvoir de M. a1 A1 à M. b1 B1 n’est pas admis : les règles n’admettent aucun "
        "pouvoir. (statuts)", id="pouvoirs exclus"),
    pytest.param([given("sa", "a1")], EPCI,
        "Le pouvoir de M. sa SA à M. a1 A1 est sans effet : son auteur n’a pas de voix à "
        "donner. (art. L2121-20 du CGCT)", id="d’un suppléant"),
    pytest.param([given("a1", "a1")], EPCI,
        "Le pouvoir de M. a1 A1 à M. a1 A1 est sans effet : nul ne se donne pouvoir. (art. "
        "L2121-20 du CGCT)", id="à soi-même"),
    pytest.param([given("a1", "zz")], EPCI,
        "Le pouvoir de M. a1 A1 à zz est sans effet : le porteur n’a pas voix délibérative. "
        "(art. L2121-20 du CGCT)", id="à un inconnu"),
    pytest.param([given("b2", "b1"), given("a1", "b2")], EPCI,
        "Le pouvoir de M. a1 A1 à M. b2 B2 est sans effet : le porteur est absent. (art. "
        "L2121-20 du CGCT) Demandez un nouveau pouvoir à son auteur.", id="à un absent"),
    pytest.param([given("a1", "sa")], EPCI,
        "Le pouvoir de M. a1 A1 à M. sa SA est sans effet : ce suppléant ne siège pas. (art. "
        "L2121-20 du CGCT)", id="au suppléant qui ne siège pas"),
    pytest.param([given("a1", "b1"), given("a1", "b2")], EPCI,
        "Le pouvoir de M. a1 A1 à M. b2 B2 vient après un autre du même auteur. (art. L2121-20 "
        "du CGCT)", id="deux pouvoirs du même"),
    pytest.param([given("a1", "b1", nth=4)], EPCI,
        "Le pouvoir de M. a1 A1 à M. b1 B1 a déjà servi à 3 séances consécutives. (art. "
        "L2121-20 du CGCT) Un nouveau pouvoir écrit est nécessaire, sauf maladie dûment "
        "constatée.", id="quatrième séance"),
    pytest.param([given("a2", "b1"), given("a1", "b1")], EPCI,
        "Le pouvoir de M. a1 A1 à M. b1 B1 est de trop : un même membre porte 1 pouvoir au "
        "plus. (art. L2121-20 du CGCT) Son auteur peut choisir un autre collègue.",
        id="un pouvoir de trop"),
])  # fmt: skip
def test_each_objection_says_why_and_the_way_out(written, regime, told):
    (finding,) = proxies.objections(written, ROOM, regime)
    assert plain(str(finding)) == told
    assert finding.field == written[-1].giver
    assert finding.severity is Severity.REFUSAL


def test_proxies_may_be_excluded_by_the_statutes():
    found = proxies.objections([given("a1", "b1")], ROOM, replace(NAMED, proxies_allowed=False))
    assert [(f.code, f.article) for f in found] == [("pouvoirs_exclus", "statuts")]


def test_a_proxy_to_someone_absent_is_replaced():
    # Cas du 28 juin 2022 : les pouvoirs donnés à un absent ne peuvent pas être pris en compte.
    plan = proxies.propose(ROOM, NONE, prevented=["a1", "b2"], given=[given("a1", "b2")])
    assert codes(plan.findings) == ["porteur_absent"]
    assert answers(plan) == [
        ("a1", Means.SAME_COMMUNITY, "a2"),
        ("b2", Means.SAME_COMMUNITY, "b1"),
    ]


def test_a_proxy_sleeps_when_its_giver_comes():
    plan = proxies.propose(ROOM, NONE, prevented=["a2"], given=[given("a1", "a3")])
    assert answers(plan) == [("a2", Means.SAME_COMMUNITY, "a1")]
    assert plan.findings == ()


@pytest.mark.parametrize(("rule", "severity", "answered"), [
    pytest.param("avertir", Severity.WARNING, False, id="avertir"),
    pytest.param("bloquer", Severity.REFUSAL, True, id="bloquer : le suppléant siège"),
    pytest.param("ignorer", None, False, id="ignorer"),
])  # fmt: skip
def test_a_proxy_although_a_substitute_could_sit(rule, severity, answered):
    plan = proxies.propose(
        ROOM,
        replace(EPCI, substitute_first=rule),
        prevented=["a1"],
        given=[given("a1", "b1")],
    )
    assert [f.severity for f in plan.findings] == ([severity] if severity else [])
    assert bool(plan.proposals) is answered


def test_the_warning_says_what_a_substitute_is_worth():
    plan = proxies.propose(ROOM, EPCI, prevented=["a1"], given=[given("a1", "b1")])
    (finding,) = plan.findings
    assert (finding.code, finding.field) == ("suppleant_disponible", "a1")
    assert plain(str(finding)) == (
        "M. a1 A1 donne pouvoir à M. b1 B1 alors qu’un suppléant peut siéger. (rép. min. n° 49337) "
        "Le suppléant compte pour le quorum, le pouvoir non."
    )


def test_a_substitute_of_others_does_not_bring_a_proxy_down():
    room = body(*ROOM.members, substitute("sb", "CC B"))
    blocking = replace(EPCI, substitute_first="bloquer")
    known = {"prevented": ["a1"], "given": [given("a1", "b1")]}
    plan = proxies.propose(room, blocking, **known)
    assert codes(plan.findings) == ["suppleant_disponible"]
    assert answers(plan) == [("a1", Means.POOLED_SUBSTITUTE, "sa")]
    gone = proxies.propose(room, blocking, **{**known, "prevented": ["a1", "sa"]})
    assert (answers(gone), gone.findings) == ([], ())


def test_a_proxy_stands_where_no_substitute_can_come():
    blocking = replace(EPCI, substitute_first="bloquer")
    plan = proxies.propose(ROOM, blocking, prevented=["a1", "sa"], given=[given("a1", "b1")])
    assert (answers(plan), plan.findings) == ([], ())


@pytest.mark.parametrize(("kind", "words"), [
    pytest.param(Means, "suppleant_designe suppleant pouvoir_meme_collectivite pouvoir",
        id="réponses à une absence"),
    pytest.param(Outlook, "acquis probable possible inconnu manquant", id="prévisions du quorum"),
])  # fmt: skip
def test_the_words_that_screens_know_do_not_change(kind, words):
    assert [str(each) for each in kind] == words.split()


# --- Forecast --------------------------------------------------------------------------------

NINE = body(*(titular(f"t{i}") for i in range(1, 10)))


@pytest.mark.parametrize(("coming", "prevented", "outlook", "text"), [
    pytest.param(5, 0, Outlook.CERTAIN, "Quorum acquis : 5 membres, il en faut 5.",
        id="cinq sur neuf"),
    pytest.param(4, 4, Outlook.POSSIBLE,
        "Quorum possible : 4 membres à ce jour, 5 membres si tous ceux qui n’ont pas répondu "
        "viennent ; il en faut 5.", id="quatre, quatre empêchés, un sans réponse"),
    pytest.param(4, 3, Outlook.LIKELY,
        "Quorum probable : 4 membres à ce jour, 6 membres si tous ceux qui n’ont pas répondu "
        "viennent ; il en faut 5.", id="quatre sur sept réponses : cinq sur neuf à ce compte"),
    pytest.param(1, 0, Outlook.POSSIBLE,
        "Quorum possible : 1 membre à ce jour, 9 membres si tous ceux qui n’ont pas répondu "
        "viennent ; il en faut 5.", id="une réponse sur neuf n’annonce rien"),
    pytest.param(4, 0, Outlook.POSSIBLE,
        "Quorum possible : 4 membres à ce jour, 9 membres si tous ceux qui n’ont pas répondu "
        "viennent ; il en faut 5.", id="moins de la moitié a répondu"),
    pytest.param(4, 5, Outlook.MISSING, "Quorum manquant : 4 membres au mieux, il en faut 5.",
        id="quatre, cinq empêchés"),
    pytest.param(0, 0, Outlook.UNKNOWN,
        "Quorum inconnu : personne n’a dit qu’il vient, il en faut 5.", id="aucune réponse"),
    pytest.param(0, 1, Outlook.UNKNOWN,
        "Quorum inconnu : personne n’a dit qu’il vient, il en faut 5.", id="un empêché"),
])  # fmt: skip
def test_forecast(coming, prevented, outlook, text):
    keys = [member.key for member in NINE.members]
    seen = proxies.forecast(
        NINE, EPCI, coming=keys[:coming], prevented=keys[len(keys) - prevented :]
    )
    assert seen.outlook is outlook
    assert plain(str(seen)) == text


def test_proxies_never_make_a_quorum_unless_the_statutes_count_them():
    # Art. L2121-17 : bureau de 9, 4 présents et 2 pouvoirs : 4 < 5.
    keys = [member.key for member in NINE.members]
    written = [given("t5", "t1"), given("t6", "t2")]
    known = {"coming": keys[:4], "prevented": keys[4:], "given": written}
    assert proxies.forecast(NINE, EPCI, **known).outlook is Outlook.MISSING
    counting = replace(NAMED, quorum_counts_proxies=True)
    certain = proxies.forecast(NINE, counting, **known)
    assert (certain.outlook, certain.now.proxies) == (Outlook.CERTAIN, 2)
    # Ceux qui restent à donner comptent au mieux : quatre porteurs, un pouvoir chacun.
    hoped = proxies.forecast(NINE, counting, **{**known, "given": []})
    assert (hoped.outlook, hoped.now.present, hoped.best.present) == (Outlook.POSSIBLE, 4, 8)
    # Un pouvoir entre les mains de qui n'a pas répondu n'assure rien.
    unsure = {**known, "coming": keys[2:4]}
    assert proxies.forecast(NINE, counting, **unsure).now.present == 2


def test_substitutes_make_a_quorum():
    room = body(A1, A2, SA)
    seen = proxies.forecast(room, EPCI, prevented=["a1"], coming=["a2"])
    assert seen.outlook is Outlook.POSSIBLE
    plan = proxies.propose(room, EPCI, prevented=["a1"], coming=["a2"])
    assert plan.forecast.outlook is Outlook.CERTAIN


def test_a_substitute_already_agreed_makes_a_quorum():
    known = {"prevented": ["a1"], "coming": ["a2"], "seats": {"sa": "a1"}}
    assert proxies.forecast(body(A1, A2, SA), EPCI, **known).outlook is Outlook.CERTAIN


@pytest.mark.parametrize(("basis", "coming", "text"), [
    pytest.param("voix", ["x"], "Quorum acquis : 5 voix, il en faut 4.",
        id="en voix : un seul suffit"),
    pytest.param("voix", ["y"],
        "Quorum possible : 1 voix à ce jour, 7 voix si tous ceux qui n’ont pas répondu "
        "viennent ; il en faut 4.", id="en voix : une voix"),
    pytest.param("tetes_et_voix", ["x", "y"],
        "Quorum acquis : 2 membres et 6 voix, il en faut 2 et 4 voix.", id="en têtes et en voix"),
])  # fmt: skip
def test_forecast_counts_what_the_statutes_count(basis, coming, text):
    room = body(titular("x", weight=5), titular("y"), titular("z"))
    regime = replace(NAMED, quorum_basis=basis, weighted_votes=True)
    assert plain(str(proxies.forecast(room, regime, coming=coming))) == text


def test_forecast_in_votes():
    room = body(titular("x", weight=5), titular("y"), titular("z"))
    regime = replace(NAMED, quorum_basis="tetes_et_voix", weighted_votes=True)
    seen = proxies.forecast(room, regime, coming=["y", "z"], prevented=["x"])
    assert seen.outlook is Outlook.MISSING
    assert plain(str(seen)) == (
        "Quorum manquant : 2 membres et 2 voix au mieux, il en faut 2 et 4 voix."
    )


# --- Invariants ------------------------------------------------------------------------------


def random_room(seed):
    dice = random.Random(seed)  # noqa: S311 - a die, not a secret
    communities = [f"CC {letter}" for letter in "ABCD"[: dice.randint(1, 4)]]
    members = [titular(f"t{i}", dice.choice(communities)) for i in range(dice.randint(1, 12))]
    members += [
        substitute(
            f"s{i}",
            (tied := dice.choice(members)).community,
            replaces=dice.choice(["", tied.key]),
        )
        for i in range(dice.randint(0, 5))
    ]
    regime = replace(
        EPCI,
        substitutes=dice.choice(["aucun", "nommes", "collectivite"]),
        proxies_per_holder=dice.randint(1, 2),
    )
    prevented = [member.key for member in members if dice.random() < 0.5]
    return body(*members), regime, prevented


def most_pairs(left, right, lawful):
    """The size of the largest matching, by augmenting paths: the reference to compare with."""
    matched = {}

    def place(one, seen):
        for index, other in enumerate(right):
            if index not in seen and lawful(one, other):
                seen.add(index)
                if index not in matched or place(matched[index], seen):
                    matched[index] = one
                    return True
        return False

    return sum(place(one, set()) for one in left)


@pytest.mark.parametrize("seed", range(150))
def test_the_plan_keeps_the_law_and_leaves_nobody_it_could_serve(seed):
    room, regime, prevented = random_room(seed)
    plan = proxies.propose(room, regime, prevented=prevented)
    seated = {each.by: each.absent for each in plan.proposals if each.is_substitution}
    carried = {each.absent: each.by for each in plan.proposals if not each.is_substitution}
    absent = {member.key for member in room.titulars if member.key in prevented}

    answered = [*seated.values(), *carried]
    assert set(answered) <= absent
    assert len(set(answered)) == len(plan.proposals)
    assert not (set(seated) | set(carried.values())) & set(prevented)
    written = [given(giver, holder) for giver, holder in carried.items()]
    assert proxies.objections(written, room, regime, prevented=prevented, seats=seated) == ()

    def may_sit(key, sub):
        if regime.substitutes == "aucun":
            return False
        pooled = regime.substitutes == "collectivite"
        return sub.replaces == key or (pooled and sub.community == room[key].community)

    free = [
        member
        for member in room.members
        if member.capacity is Capacity.SUBSTITUTE and member.key not in prevented
    ]
    assert len(seated) == most_pairs(sorted(absent), free, may_sit)

    holders = [member for member in room.titulars if member.key not in prevented]
    holders += [room[key] for key in seated]

    def may_hold(key, holder):
        return holder.capacity is Capacity.TITULAR or holder.community == room[key].community

    waiting = sorted(absent - set(seated.values()))
    places = holders * regime.proxies_per_holder
    assert len(carried) == most_pairs(waiting, places, may_hold)


def test_a_large_room_is_solved_at_once():
    def solved(titulars: int) -> None:
        members = [titular(f"t{i}", f"CC {i % 12}", weight=1 + i % 3) for i in range(titulars)]
        members += [substitute(f"s{i}", f"CC {i % 12}") for i in range(titulars // 2)]
        prevented = [f"t{i}" for i in range(0, titulars, 2)]
        prevented += [f"s{i}" for i in range(0, titulars // 2, 3)]
        proxies.propose(body(*members), EPCI, prevented=prevented)

    few, many = (calls(lambda n=titulars: solved(n)) for titulars in (60, 120))
    assert many < 5 * few
