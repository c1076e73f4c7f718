"""Elections: rounds, ties, lists, seats, and the figures that cannot be true."""

from dataclasses import replace
from datetime import date

import pytest

from law import elections, french, sentences
from law.assembly import Composition, Member
from law.elections import Candidate, Count, Election, List, Method, Result, Round, Secrecy
from law.findings import Severity
from law.regime import PRESETS, cited

SAYS = "(art. L2121-21 du CGCT)"
ONE_MORE = f"à pourvoir encore. {SAYS} Un autre tour est nécessaire."


def plain(text):
    return text.replace(french.NBSP, " ")


def codes(found):
    return [finding.code for finding in found]


A = Candidate(key="a", name="Alice ARNAUD", civility="Mme", born_on=date(1960, 5, 1))
B = Candidate(key="b", name="Bruno BESSON", civility="M.", born_on=date(1955, 5, 1))
C = Candidate(key="c", name="Claire CARON", civility="Mme", born_on=date(1970, 5, 1))


def by_name(*rounds, seats=1, candidates=(A, B, C), **extra):
    return Election(
        item="p1",
        title="président",
        seats=seats,
        candidates=candidates,
        rounds=tuple(r if isinstance(r, Round) else Round(votes=r) for r in rounds),
        **extra,
    )


@pytest.mark.parametrize(("kind", "words"), [
    pytest.param(Method,
        "uninominal liste_majoritaire plus_fort_reste plus_forte_moyenne candidature_unique",
        id="modes d’élection"),
    pytest.param(Secrecy, "secret leve impose", id="secret du vote"),
])  # fmt: skip
def test_the_words_of_the_ledger_do_not_change(kind, words):
    assert [str(each) for each in kind] == words.split()


def test_what_is_not_told_is_empty():
    candidate = Candidate(key="a")
    assert (candidate.name, candidate.civility) == ("", "")
    assert List(key="l").title == ""
    assert Round() == Round(votes={}, blank=0, null=0, voters=0)
    election = Election(item="p1")
    assert (election.key, election.title, election.stated) == ("", "", "")
    count = Count(
        number=1, voters=0, blank=0, null=0, cast=0, absolute_majority=0, votes={}, elected=()
    )
    assert (count.because, count.is_weighted) == ("", False)
    assert Result() == Result(vacant=0, article="art. L2121-21 du CGCT")


@pytest.mark.parametrize(("papers", "voters", "cast"), [
    pytest.param(Round(votes={"a": 9}, blank=2, null=1), 12, 9, id="votants additionnés"),
    pytest.param(Round(votes={"a": 9}, blank=2, null=1, voters=12), 12, 9, id="votants lus"),
    pytest.param(Round(blank=5, null=2, voters=6), 6, 0, id="plus de blancs que de votants"),
])  # fmt: skip
def test_papers_found_and_votes_cast(papers, voters, cast):
    assert (elections.voters_of(papers), elections.cast_of(papers)) == (voters, cast)


# --- From one round to the next -----------------------------------------------------------------


@pytest.mark.parametrize(("election", "due"), [
    pytest.param(by_name(), False, id="aucun tour tenu"),
    pytest.param(by_name({"a": 8, "b": 8}), True, id="un tour sans élu"),
    pytest.param(by_name(*[{"a": 8, "b": 8}] * 2), True, id="deux tours sans élu"),
    pytest.param(by_name(*[Round(blank=19, voters=19)] * 3), False, id="pas de quatrième tour"),
    pytest.param(by_name({"a": 9, "b": 7}), False, id="élu au 1er tour"),
    pytest.param(by_name({"a": 8, "x": 8, "y": 8}, seats=2, candidates=(A,)), True,
        id="deux sièges, trois à égalité sous la majorité absolue"),
    pytest.param(by_name(Round(votes={"a": 9, "x": 9}, voters=16)), False,
        id="deux noms par bulletin, un âge manque : il pourvoirait le siège"),
    pytest.param(
        by_name(Round(votes={"a": 9, "b": 3}), method=Method.LARGEST_REMAINDER,
            lists=(List(key="a", candidates=("a1",)), List(key="b", candidates=("b1",))), seats=3),
        False, id="proportionnelle : un seul tour, même s’il reste des sièges"),
])  # fmt: skip
def test_another_round_is_due_while_a_vote_may_fill_a_seat(election, due):
    assert elections.awaits_round(election) is due


@pytest.mark.parametrize(("changed", "is_same"), [
    pytest.param({}, True, id="un tour de plus"),
    pytest.param({"rounds": 1}, False, id="le même tour, redit"),
    pytest.param({"rounds": 0}, False, id="un tour de moins"),
    pytest.param({"item": "p2"}, False, id="un autre point"),
    pytest.param({"key": "vp1"}, False, id="une autre élection du point"),
    pytest.param({"title": "vice-président"}, False, id="un autre titre"),
    pytest.param({"method": Method.MAJORITY_LIST}, False, id="un autre mode"),
    pytest.param({"first": {"a": 7, "b": 9}}, False, id="un 1er tour corrigé"),
])  # fmt: skip
def test_more_rounds_of_one_election(changed, is_same):
    first = {"a": 8, "b": 8}
    told = [Round(votes=changed.pop("first", first)), Round(votes={"a": 9, "b": 7})]
    before = by_name(first)
    after = replace(before, **{**changed, "rounds": tuple(told[: changed.get("rounds", 2)])})
    assert after.continues(before) is is_same


@pytest.mark.parametrize(("title", "office"), [
    ("Présidente", "president"),
    ("le maire", "president"),
    ("maire déléguée", "president"),
    ("Vice-présidents", "vice-president"),
    ("premier adjoint", "vice-president"),
    ("adjointe au maire", "vice-president"),
    ("deux vérificateurs", ""),
    ("membres de la commission du service", ""),
    ("président de la commission d’appel d’offres", ""),
    ("Présidente de la Commission finances", ""),
    ("vice-président de la commission d'appel d'offres", ""),
    ("président du jury", ""),
    ("président suppléant du groupe de travail", ""),
    ("présidente déléguée de la régie", ""),
    ("président du conseil d’exploitation", ""),
    ("représentant du président à la commission", ""),
    ("président du syndicat mixte", "president"),
    ("président du comité syndical", "president"),
    ("président de Somme Numérique", "president"),
    ("1er vice-président du bureau", "vice-president"),
    ("vice-président chargé de la commission des finances", "vice-president"),
    ("vice-présidente, présidente de la commission des finances", "vice-president"),
    ("", ""),
])  # fmt: skip
def test_the_title_of_an_election_names_an_office_of_the_executive(title, office):
    assert elections.office_of(Election(item="p1", title=title)) == office


def test_what_the_next_round_says_anew_is_objected_to_while_it_is_due():
    found = elections.objections(by_name({"a": 8, "b": 8})) + elections.objections(
        by_name(*[{"a": 8, "x": 8}] * 3)
    )
    assert {*codes(found)} >= elections.UNFINISHED


# --- By name ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("election", "elected", "rounds"), [
    pytest.param(by_name({"a": 9, "b": 7}), ("a",), 1, id="majorité absolue au 1er tour"),
    # Art. L2122-7 : 19 votants, 2 blancs, 1 nul, 16 exprimés, majorité absolue 9.
    pytest.param(by_name(Round(votes={"a": 8, "b": 8}, blank=2, null=1, voters=19)), (), 1,
        id="8 et 8 sur 16 : second tour"),
    pytest.param(by_name(*[Round(votes={"a": 8, "b": 8}, blank=2, null=1, voters=19)] * 3), ("b",),
        3, id="8 et 8 trois fois : le plus âgé"),
    pytest.param(by_name({"a": 7, "b": 5, "c": 4}), (), 1,
        id="en tête sans majorité absolue : personne"),
    pytest.param(by_name({"a": 7, "b": 5, "c": 4}, {"a": 7, "b": 5, "c": 4}), (), 2,
        id="2e tour : la majorité absolue reste exigée"),
    pytest.param(
        by_name({"a": 7, "b": 5, "c": 4}, {"a": 7, "b": 5, "c": 4}, {"a": 7, "b": 5, "c": 4}),
        ("a",), 3, id="3e tour : la majorité relative suffit"),
    pytest.param(by_name(Round(votes={"a": 1}, blank=10, null=8, voters=19)), ("a",), 1,
        id="blancs et nuls ne sont pas des suffrages : une voix sur une"),
    pytest.param(by_name(Round(blank=19, voters=19)), (), 1, id="tous blancs : personne"),
    pytest.param(by_name(*[Round(blank=19, voters=19)] * 3), (), 3,
        id="tous blancs jusqu’au 3e tour"),
    pytest.param(by_name({"a": 5, "Jean Inconnu": 9}), ("Jean Inconnu",), 1,
        id="élu sans avoir été candidat"),
    pytest.param(by_name({"a": 8, "b": 8}, {"a": 9, "b": 7}), ("a",), 2, id="2e tour décisif"),
])  # fmt: skip
def test_by_name(election, elected, rounds):
    result = elections.decide(election)
    assert result.elected == elected
    assert len(result.counts) == rounds
    assert (not result.vacant) is bool(elected)


def test_absolute_majority_is_of_the_votes_cast():
    (count,) = elections.decide(
        by_name(Round(votes={"a": 8, "b": 8}, blank=2, null=1, voters=19))
    ).counts
    assert (count.voters, count.cast, count.absolute_majority) == (19, 16, 9)


@pytest.mark.parametrize(
    ("cast", "majority"), [(1, 1), (2, 2), (3, 2), (15, 8), (16, 9), (17, 9), (18, 10)]
)
def test_absolute_majority(cast, majority):
    assert elections.absolute_majority(cast) == majority


def test_rounds_explain_themselves():
    papers = Round(votes={"a": 8, "b": 8}, blank=2, null=1, voters=19)
    result = elections.decide(by_name(papers, papers, papers))
    assert [plain(line) for line in result.explanation] == [
        "1er tour : 19 votants, 2 bulletins blancs, 1 bulletin nul, 16 suffrages exprimés, "
        "majorité absolue 9 ; Mme Alice ARNAUD 8 voix, M. Bruno BESSON 8 voix ; personne "
        "n’obtient la majorité absolue.",
        "2e tour : 19 votants, 2 bulletins blancs, 1 bulletin nul, 16 suffrages exprimés, majorité "
        "absolue 9 ; Mme Alice ARNAUD 8 voix, M. Bruno BESSON 8 voix ; personne n’obtient la "
        "majorité absolue.",
        "3e tour : 19 votants, 2 bulletins blancs, 1 bulletin nul, 16 suffrages exprimés ; Mme "
        "Alice ARNAUD 8 voix, M. Bruno BESSON 8 voix ; à égalité de suffrages avec Mme Alice "
        "ARNAUD, M. Bruno BESSON l’emporte au bénéfice de l’âge.",
    ]


@pytest.mark.parametrize(("election", "because"), [
    pytest.param(by_name({"a": 9, "b": 7}), "Mme Alice ARNAUD obtient la majorité absolue",
        id="majorité absolue"),
    pytest.param(by_name(Round(votes={"a": 9, "b": 8}, voters=10), seats=2),
        "Mme Alice ARNAUD et M. Bruno BESSON obtiennent la majorité absolue", id="deux élus"),
    pytest.param(by_name(*[{"a": 7, "b": 5, "c": 4}] * 3),
        "Mme Alice ARNAUD obtient la majorité relative", id="majorité relative"),
    pytest.param(by_name(*[Round(blank=9)] * 3), "personne n’obtient la majorité relative",
        id="tous blancs"),
    pytest.param(by_name(*[{"a": 8, "b": 8}] * 3, candidates=(A, replace(B, born_on=None))),
        "égalité entre Mme Alice ARNAUD et M. Bruno BESSON : il manque une date de naissance "
        "pour désigner le plus âgé", id="égalité sans les âges"),
])  # fmt: skip
def test_the_last_round_says_why(election, because):
    assert plain(elections.decide(election).counts[-1].because) == because


def test_votes_are_read_from_the_most_to_the_least():
    (count,) = elections.decide(by_name({"a": 5, "b": 9, "c": 2})).counts
    assert list(count.votes) == ["b", "a", "c"]
    assert (count.number, count.elected) == (1, ("b",))


@pytest.mark.parametrize(("born_on", "elected"), [
    pytest.param(None, (), id="date de naissance inconnue"),
    pytest.param(date(1960, 5, 1), (), id="nés le même jour"),
    pytest.param(date(1960, 4, 30), ("b",), id="un jour de plus"),
])  # fmt: skip
def test_a_tie_needs_the_ages(born_on, elected):
    tie = {"a": 8, "b": 8}
    election = by_name(tie, tie, tie, candidates=(A, replace(B, born_on=born_on)))
    result = elections.decide(election)
    assert result.elected == elected
    assert set(result.ties) == (set() if elected else {"a", "b"})
    found = elections.objections(election)
    assert codes(found) == ([] if elected else ["age_inconnu"])
    assert all(finding.severity is Severity.WARNING for finding in found)


def test_ages_and_names_come_from_the_composition():
    composition = Composition(
        members=(
            Member(key="x", civility="M.", first_name="X", last_name="x", born_on=date(1950, 1, 1)),
            Member(key="y", civility="M.", first_name="Y", last_name="y", born_on=date(1949, 1, 1)),
        )
    )
    tie = Round(votes={"x": 3, "y": 3})
    election = Election(item="p1", rounds=(tie, tie, tie))
    result = elections.decide(election, composition)
    assert result.elected == ("y",)
    assert "M. Y Y l’emporte" in plain(result.explanation[-1])


MEMBERS = Composition(
    members=(
        Member(key="a", civility="Mme", first_name="A", last_name="a", born_on=date(1940, 1, 1)),
        Member(key="b", civility="M.", first_name="B", last_name="b", born_on=date(1941, 1, 1)),
    )
)


@pytest.mark.parametrize(("candidates", "names", "elected"), [
    pytest.param((), "Mme A A 3 voix, M. B B 3 voix", "a", id="les membres"),
    pytest.param((Candidate(key="a"), Candidate(key="b")), "Mme A A 3 voix, M. B B 3 voix", "a",
        id="rien de plus"),
    pytest.param((A, B), "Mme Alice ARNAUD 3 voix, M. Bruno BESSON 3 voix", "b",
        id="ce que dit la feuille"),
    pytest.param((Candidate(key="a", name="Anne"), Candidate(key="b", born_on=date(1930, 1, 1))),
        "Anne 3 voix, M. B B 3 voix", "b", id="le nom de l’un, l’âge de l’autre"),
])  # fmt: skip
def test_what_the_sheet_does_not_say_comes_from_the_composition(candidates, names, elected):
    tie = Round(votes={"a": 3, "b": 3})
    election = Election(item="p1", candidates=candidates, rounds=(tie, tie, tie))
    result = elections.decide(election, MEMBERS)
    assert f"; {names} ; " in plain(result.explanation[0])
    assert result.elected == (elected,)


def test_an_outsider_is_called_by_his_key_and_has_no_age():
    tie = Round(votes={"a": 3, "Jean Inconnu": 3})
    result = elections.decide(Election(item="p1", rounds=(tie, tie, tie)), MEMBERS)
    assert "Mme A A 3 voix, Jean Inconnu 3 voix" in plain(result.explanation[0])
    assert result.ties == ("a", "Jean Inconnu")


@pytest.mark.parametrize(("rounds", "elected"), [
    pytest.param(
        [
            Round(votes={"a": 8, "b": 5, "c": 5}, voters=10),
            Round(votes={"a": 9, "b": 6, "c": 4}, voters=10),
        ], ("a", "b"), id="déjà élu, ses voix du 2e tour ne lui donnent pas l’autre siège"),
    pytest.param([Round(votes={"a": 8, "b": 8, "c": 8}, voters=12)], ("b", "a"),
        id="trois à égalité pour deux sièges : les deux plus âgés"),
    pytest.param([Round(votes={"a": 8, "b": 9, "c": 3}, voters=10)], ("b", "a"),
        id="deux sièges, deux majorités absolues : les mieux placés"),
    pytest.param(
        [
            Round(votes={"a": 8, "b": 5, "c": 5}, voters=10),
            Round(votes={"b": 6, "c": 4}, voters=10),
        ], ("a", "b"), id="un siège au 1er tour, l’autre au 2e"),
    pytest.param([Round(votes={"a": 9, "b": 8, "c": 8}, voters=10)], ("a", "b"),
        id="égalité pour le dernier siège : le plus âgé"),
])  # fmt: skip
def test_several_seats_by_name(rounds, elected):
    assert elections.decide(by_name(*rounds, seats=2)).elected == elected


# --- Unopposed -------------------------------------------------------------------------------


def test_a_sole_candidature_takes_effect_without_a_vote():
    # Art. L2121-21, dernier alinéa.
    election = by_name(method=Method.UNOPPOSED, candidates=(A,))
    result = elections.decide(election)
    assert result.elected == ("a",)
    assert not result.vacant
    assert elections.objections(election) == ()
    assert [plain(line) for line in result.explanation] == [
        "Une seule candidature a été déposée : Mme Alice ARNAUD.",
        "La nomination prend effet immédiatement ; il en est donné lecture.",
    ]


def test_a_sole_list_takes_effect_without_a_vote():
    election = Election(
        item="p1",
        method=Method.UNOPPOSED,
        seats=2,
        substitutes=1,
        lists=(List(key="l", candidates=("a", "b", "c")),),
    )
    result = elections.decide(election)
    assert (result.elected, result.substitutes) == (("a", "b"), ("c",))
    assert plain(result.explanation[0]) == "Une seule liste a été présentée : a et b."
    longer = replace(election, lists=(List(key="l", candidates=("a", "b", "c", "d")),))
    assert elections.decide(longer).substitutes == ("c",)
    shorter = replace(election, lists=(List(key="l", candidates=("a",)),))
    assert (elections.decide(shorter).vacant, elections.decide(shorter).substitutes) == (1, ())


@pytest.mark.parametrize(("extra", "expected"), [
    pytest.param({"candidates": (A, B)}, ["candidatures_multiples"], id="deux candidats"),
    pytest.param({"candidates": ()}, ["candidatures_multiples"], id="aucun candidat"),
    pytest.param({"candidates": (A,), "secrecy": Secrecy.IMPOSED}, ["vote_obligatoire"],
        id="président : le vote secret est imposé, même seul candidat"),
])  # fmt: skip
def test_unopposed_has_conditions(extra, expected):
    assert codes(elections.objections(by_name(method=Method.UNOPPOSED, **extra))) == expected


def test_unopposed_has_no_rounds():
    election = by_name({"a": 5}, method=Method.UNOPPOSED, candidates=(A,))
    assert "vote_inutile" in codes(elections.objections(election))


# --- Lists -----------------------------------------------------------------------------------


def names(prefix, number):
    return tuple(f"{prefix}{i}" for i in range(1, number + 1))


def by_list(method, votes, *, seats, sizes=None, people=(), **extra):
    return Election(
        item="p1",
        title="membre de la commission",
        method=method,
        seats=seats,
        candidates=people,
        lists=tuple(
            List(key=key, title=key.upper(), candidates=names(key, (sizes or {}).get(key, seats)))
            for key in votes
        ),
        rounds=(Round(votes=votes),),
        **extra,
    )


@pytest.mark.parametrize(("votes", "seats", "remainder", "average"), [
    # Quotient 20 ; restes 7 et 13 ; moyennes 47/3 et 53/3 : le second dans les deux cas.
    pytest.param({"x": 47, "y": 53}, 5, {"x": 2, "y": 3}, {"x": 2, "y": 3}, id="proche"),
    pytest.param({"x": 68, "y": 20, "z": 12}, 5, {"x": 3, "y": 1, "z": 1}, {"x": 4, "y": 1, "z": 0},
        id="le plus fort reste aide les petites listes"),
    pytest.param({"x": 50, "y": 33, "z": 15, "w": 11, "v": 1}, 4,
        {"x": 2, "y": 1, "z": 1, "w": 0, "v": 0}, {"x": 3, "y": 1, "z": 0, "w": 0, "v": 0},
        id="deux fois la plus forte moyenne"),
    pytest.param({"x": 51, "y": 42, "z": 25, "w": 14, "v": 7}, 9,
        {"x": 3, "y": 3, "z": 2, "w": 1, "v": 0}, {"x": 4, "y": 3, "z": 1, "w": 1, "v": 0},
        id="la moyenne se prend avec un siège de plus, non deux"),
    pytest.param({"x": 15}, 5, {"x": 5}, {"x": 5}, id="une seule liste : tous les sièges"),
    pytest.param({"x": 12, "y": 8}, 5, {"x": 3, "y": 2}, {"x": 3, "y": 2},
        id="quotient sans reste"),
    pytest.param({"x": 19, "y": 1}, 3, {"x": 3, "y": 0}, {"x": 3, "y": 0},
        id="quotient non entier"),
    pytest.param({"x": 10, "y": 0}, 3, {"x": 3}, {"x": 3}, id="liste sans voix"),
    pytest.param({"x": 4, "y": 4, "z": 11}, 4, {"x": 1, "y": 1, "z": 2}, {"x": 1, "y": 1, "z": 2},
        id="deux listes à égalité, un siège pour chacune"),
])  # fmt: skip
def test_proportional(votes, seats, remainder, average):
    for method, expected in (
        (Method.LARGEST_REMAINDER, remainder),
        (Method.HIGHEST_AVERAGE, average),
    ):
        election = by_list(method, votes, seats=seats)
        result = elections.decide(election)
        assert result.seats_won == expected
        assert len(result.elected) == seats
        assert elections.objections(election) == ()


@pytest.mark.parametrize("method", [Method.LARGEST_REMAINDER, Method.HIGHEST_AVERAGE])
def test_proportional_does_not_depend_on_the_order_of_reading(method):
    votes = {"x": 68, "y": 20, "z": 12, "w": 31}
    backwards = dict(reversed(votes.items()))
    for seats in range(1, 12):
        one = elections.decide(by_list(method, votes, seats=seats))
        other = elections.decide(by_list(method, backwards, seats=seats))
        assert one.seats_won == other.seats_won
        assert sum(one.seats_won.values()) == seats


def test_proportional_elects_in_the_order_of_the_lists_and_explains():
    result = elections.decide(
        by_list(Method.LARGEST_REMAINDER, {"x": 70, "y": 20, "z": 10}, seats=5)
    )
    assert result.elected == ("x1", "x2", "x3", "x4", "y1")
    assert [plain(line) for line in result.explanation] == [
        "1er tour : 100 votants, 100 suffrages exprimés ; liste « X » 70 voix, liste « Y » 20 "
        "voix, liste « Z » 10 voix.",
        "Quotient électoral : 20 (100 suffrages exprimés pour 5 sièges).",
        "Au quotient : liste « X » 3, liste « Y » 1.",
        "Au plus fort reste (10, à égalité, la liste qui a le plus de suffrages) : liste « X » 1.",
        "Résultat : liste « X » 4 sièges, liste « Y » 1 siège, liste « Z » 0 siège.",
    ]


@pytest.mark.parametrize(("method", "votes", "seats", "told"), [
    pytest.param(Method.LARGEST_REMAINDER, {"x": 47, "y": 54}, 5,
        [
            "Quotient électoral : 20,2 (101 suffrages exprimés pour 5 sièges).",
            "Au quotient : liste « X » 2, liste « Y » 2.",
            "Au plus fort reste (13,6) : liste « Y » 1.",
            "Résultat : liste « X » 2 sièges, liste « Y » 3 sièges.",
        ], id="plus fort reste"),
    pytest.param(Method.HIGHEST_AVERAGE, {"x": 47, "y": 54}, 6,
        [
            "Quotient électoral : 16,83 (101 suffrages exprimés pour 6 sièges).",
            "Au quotient : liste « X » 2, liste « Y » 3.",
            "À la plus forte moyenne (15,67) : liste « X » 1.",
            "Résultat : liste « X » 3 sièges, liste « Y » 3 sièges.",
        ], id="plus forte moyenne"),
    pytest.param(Method.LARGEST_REMAINDER, {"x": 1501}, 500,
        [
            "Quotient électoral : 3 (1 501 suffrages exprimés pour 500 sièges).",
            "Au quotient : liste « X » 500.",
            "Résultat : liste « X » 500 sièges.",
        ], id="au centième près, 3,002 s’écrit 3"),
    pytest.param(Method.HIGHEST_AVERAGE, {"x": 6, "y": 6}, 1,
        [
            "Quotient électoral : 12 (12 suffrages exprimés pour 1 siège).",
            "À la plus forte moyenne : égalité entre liste « X » et liste « Y » ; il manque "
            "une date de naissance pour désigner le plus âgé.",
            "Résultat : liste « X » 0 siège, liste « Y » 0 siège.",
        ], id="égalité sans les âges"),
])  # fmt: skip
def test_proportional_explains_itself(method, votes, seats, told):
    result = elections.decide(by_list(method, votes, seats=seats))
    assert [plain(line) for line in result.explanation[1:]] == told
    assert result.article == "art. L2121-22 du CGCT"


def test_a_list_without_a_title_is_called_by_its_key():
    election = Election(
        item="p1",
        method=Method.HIGHEST_AVERAGE,
        lists=(List(key="l", candidates=("a",)),),
        rounds=(Round(votes={"l": 3}),),
    )
    assert "liste « l » 3 voix" in plain(elections.decide(election).explanation[0])


def test_only_the_lists_that_win_a_seat_are_elected():
    (count,) = elections.decide(
        by_list(Method.LARGEST_REMAINDER, {"x": 18, "y": 1}, seats=2)
    ).counts
    assert (count.number, count.absolute_majority, count.elected) == (1, 0, ("x",))


def test_proportional_without_a_round_leaves_every_seat():
    election = replace(by_list(Method.HIGHEST_AVERAGE, {"x": 9}, seats=3), rounds=())
    result = elections.decide(election)
    assert (result.vacant, result.counts, result.article) == (3, (), "art. L2121-22 du CGCT")


def test_proportional_where_all_papers_are_blank_leaves_every_seat():
    election = by_list(Method.HIGHEST_AVERAGE, {"x": 0}, seats=3, sizes={"x": 4}, substitutes=1)
    result = elections.decide(replace(election, rounds=(Round(blank=9),)))
    assert (result.elected, result.substitutes, result.vacant) == ((), (), 3)
    assert [plain(line) for line in result.explanation] == [
        "1er tour : 9 votants, 9 bulletins blancs, 0 suffrage exprimé."
    ]


def test_each_list_has_its_own_substitutes():
    # Art. L1411-5 : autant de suppléants que de titulaires, à la représentation proportionnelle.
    election = by_list(
        Method.LARGEST_REMAINDER,
        {"x": 12, "y": 8, "z": 0},
        seats=5,
        sizes={"x": 10, "y": 10, "z": 10},
        substitutes=3,
    )
    result = elections.decide(election)
    assert result.elected == ("x1", "x2", "x3", "y1", "y2")
    assert result.substitutes == ("x4", "x5", "y3")
    assert [plain(line) for line in result.explanation[-2:]] == [
        "Résultat : liste « X » 3 sièges, liste « Y » 2 sièges.",
        "Suppléants. Résultat : liste « X » 2 sièges, liste « Y » 1 siège.",
    ]


def test_lists_level_for_a_substitute_are_parted_by_those_who_would_be_substitutes():
    people = tuple(
        Candidate(key=key, born_on=date(born, 1, 1))
        for key, born in (("x1", 1930), ("y1", 1950), ("x2", 1980), ("y2", 1970))
    )
    election = by_list(
        Method.LARGEST_REMAINDER,
        {"x": 5, "y": 5},
        seats=2,
        sizes={"x": 3, "y": 3},
        people=people,
        substitutes=1,
    )
    assert elections.decide(election).substitutes == ("y2",)
    unknown = elections.decide(replace(election, candidates=people[:3]))
    assert (unknown.elected, unknown.substitutes) == (("x1", "y1"), ())
    assert unknown.ties == ("x", "y")


def test_a_list_that_has_no_name_left_gives_way_to_the_one_that_is_level():
    election = by_list(
        Method.HIGHEST_AVERAGE,
        {"x": 5, "y": 5},
        seats=3,
        sizes={"x": 1, "y": 3},
        people=(Candidate(key="y2", born_on=date(1970, 1, 1)),),
    )
    result = elections.decide(election)
    assert result.elected == ("x1", "y1", "y2")
    assert "(2,5, à égalité, le plus âgé des candidats) : liste « Y » 1" in plain(
        " ".join(result.explanation)
    )


def test_votes_for_a_list_nobody_presented_win_no_name():
    """An objection stands in the way (`liste_inconnue`); deciding must not break."""
    election = by_list(
        Method.HIGHEST_AVERAGE,
        {"x": 5},
        seats=1,
        people=(Candidate(key="x1", born_on=date(1970, 1, 1)),),
    )
    votes = Round(votes={"z": 5, "x": 5})
    result = elections.decide(replace(election, rounds=(votes,)))
    assert result.elected == ("x1",)
    assert "liste « z » 5 voix, liste « X » 5 voix" in plain(result.explanation[0])


def test_delegates_and_substitutes_come_from_one_list():
    # Cas « sénatoriales » : 15 suffrages, une liste de huit noms, 5 délégués et 3 suppléants.
    election = by_list(Method.HIGHEST_AVERAGE, {"x": 15}, seats=5, sizes={"x": 8}, substitutes=3)
    result = elections.decide(election)
    assert result.elected == ("x1", "x2", "x3", "x4", "x5")
    assert result.substitutes == ("x6", "x7", "x8")
    assert elections.objections(election) == ()


def test_lists_level_in_votes_are_parted_by_the_eldest_candidate():
    old, young = (Candidate(key=k, born_on=date(y, 1, 1)) for k, y in (("y1", 1940), ("x1", 1980)))
    election = by_list(Method.LARGEST_REMAINDER, {"x": 5, "y": 5}, seats=1, people=(old, young))
    assert elections.decide(election).elected == ("y1",)
    unknown = replace(election, candidates=())
    assert elections.decide(unknown).elected == ()
    assert codes(elections.objections(unknown)) == ["age_inconnu"]


def test_a_list_shorter_than_its_seats_leaves_some_vacant():
    election = by_list(Method.HIGHEST_AVERAGE, {"x": 15}, seats=5, sizes={"x": 4})
    assert elections.decide(election).vacant == 1
    assert codes(elections.objections(election)) == ["siege_non_pourvu"]


BORN = {"x1": 1950, "x2": 1980, "y1": 1960, "y2": 1965}


def by_majority_list(*rounds, born=BORN, lists="xyz", **extra):
    return Election(
        item="p1",
        method=Method.MAJORITY_LIST,
        seats=2,
        candidates=tuple(Candidate(key=key, born_on=date(y, 1, 1)) for key, y in born.items()),
        lists=tuple(List(key=key, candidates=names(key, 3)) for key in lists),
        rounds=tuple(r if isinstance(r, Round) else Round(votes=r) for r in rounds),
        **extra,
    )


AGES = {"x3": 1970, "y3": 1971}  # sums of years: 5900 and 5896
MISSING_AGE = (
    "égalité de suffrages : il manque une date de naissance pour comparer les moyennes d’âge"
)


@pytest.mark.parametrize(("election", "elected", "rounds", "because"), [
    pytest.param(by_majority_list({"x": 9, "y": 7}), ("x1", "x2"), 1,
        "liste « x » obtient la majorité absolue", id="majorité absolue"),
    pytest.param(by_majority_list({"x": 9, "y": 7}, {"x": 7, "y": 9}), ("x1", "x2"), 1,
        "liste « x » obtient la majorité absolue", id="acquise au 1er tour"),
    pytest.param(by_majority_list({"x": 7, "y": 5, "z": 4}), (), 1,
        "aucune liste n’obtient la majorité absolue", id="aucune majorité au 1er tour"),
    pytest.param(by_majority_list(*[{"x": 7, "y": 5, "z": 4}] * 2), (), 2,
        "aucune liste n’obtient la majorité absolue", id="2e tour : absolue encore"),
    pytest.param(by_majority_list(*[{"x": 7, "y": 5, "z": 4}] * 3), ("x1", "x2"), 3,
        "liste « x » obtient la majorité relative", id="3e tour : relative"),
    pytest.param(by_majority_list(Round(votes={"x": 1}, blank=9)), ("x1", "x2"), 1,
        "liste « x » obtient la majorité absolue", id="un seul suffrage exprimé"),
    pytest.param(by_majority_list(*[Round(blank=9)] * 2, Round(votes={"y": 1}, blank=8)),
        ("y1", "y2"), 3, "liste « y » obtient la majorité relative", id="une voix au 3e tour"),
    pytest.param(by_majority_list(Round(blank=9)), (), 1,
        "aucune liste n’obtient la majorité absolue", id="tous blancs"),
    pytest.param(by_majority_list(*[{"x": 8, "y": 8}] * 3, born=BORN | AGES), ("y1", "y2"), 3,
        "à égalité de suffrages, liste « y » l’emporte : la moyenne d’âge de ses candidats est "
        "la plus élevée", id="égalité : la liste la plus âgée en moyenne"),
    pytest.param(by_majority_list(*[{"x": 8, "y": 8}] * 3, born=BORN | AGES | {"y3": 1975}), (), 3,
        MISSING_AGE, id="même moyenne d’âge"),
    pytest.param(by_majority_list(*[{"x": 8, "y": 8}] * 3), (), 3, MISSING_AGE,
        id="égalité : un âge manque"),
    pytest.param(by_majority_list(*[{"x": 8, "y": 8}] * 3, born={}), (), 3, MISSING_AGE,
        id="égalité : aucun âge"),
])  # fmt: skip
def test_majority_list_takes_all(election, elected, rounds, because):
    # Art. L2122-7-2.
    result = elections.decide(election)
    assert result.elected == elected
    assert result.article == "art. L2122-7-2 du CGCT"
    count = result.counts[-1]
    assert (len(result.counts), count.number) == (rounds, rounds)
    assert plain(count.because) == because
    assert plain(result.explanation[-1]).endswith(f"{because}.")
    winner = elected[0][0] if elected else ""
    assert count.elected == ((winner,) if winner else ())
    assert result.seats_won == ({winner: 2} if winner else {})
    assert result.vacant == (0 if winner else 2)
    assert result.ties == (("x", "y") if because == MISSING_AGE else ())


def test_the_substitutes_of_the_winning_list_follow_its_elected():
    election = by_majority_list({"x": 9, "y": 7}, substitutes=1)
    assert elections.decide(election).substitutes == ("x3",)
    none = by_majority_list({"x": 9, "y": 7})
    assert elections.decide(none).substitutes == ()


def test_lists_that_do_not_exist_or_are_empty_win_no_tie():
    """An objection stands in the way; deciding must not break."""
    full = dict.fromkeys(names("x", 3), 1950)
    one = elections.decide(by_majority_list(*[{"x": 8, "?": 8}] * 3, lists="x", born=full))
    assert one.elected == ("x1", "x2")
    none = elections.decide(by_majority_list(*[{"?": 8, "!": 8}] * 3))
    assert (none.elected, none.ties) == ((), ("?", "!"))
    empty = by_majority_list(*[{"x": 8, "y": 8}] * 3, born=full)
    empty = replace(empty, lists=(empty.lists[0], List(key="y")))
    assert elections.decide(empty).ties == ("x", "y")


# --- Objections ------------------------------------------------------------------------------


@pytest.mark.parametrize(("election", "expected"), [
    pytest.param(by_name({"a": 9, "b": 7}), [], id="rien à redire"),
    pytest.param(by_name(), ["aucun_tour"], id="rien de noté"),
    pytest.param(by_name({"a": 9}, seats=0), ["aucun_siege"], id="aucun siège"),
    pytest.param(by_name({"a": 9}, substitutes=-1), ["nombre_negatif"], id="suppléants négatifs"),
    pytest.param(
        Election(
            item="p1",
            method=Method.HIGHEST_AVERAGE,
            seats=2,
            lists=(List(key="x", candidates=("n", "n")), List(key="x", candidates=("m",))),
            rounds=(Round(votes={"x": 3}),),
        ), ["liste_en_double", "candidat_en_double"],
        id="une liste deux fois, un candidat deux fois sur la sienne"),
    pytest.param(by_name(Round(votes={"a": 9, "b": 7}, voters=15)), ["decompte_incoherent"],
        id="plus de voix que de votants"),
    pytest.param(by_name(Round(votes={"a": 9, "b": 7}, blank=1, voters=19)),
        ["decompte_incoherent"], id="il manque des voix"),
    pytest.param(by_name(Round(blank=5, null=2, voters=6)), ["decompte_incoherent"],
        id="plus de blancs que de votants"),
    pytest.param(by_name(Round(votes={"a": -1, "b": 7})), ["nombre_negatif"], id="nombre négatif"),
    pytest.param(by_name({"a": 22}), ["trop_de_votants"],
        id="plus de bulletins que de voix dans la salle"),
    pytest.param(by_name({"a": 8, "b": 8}), ["siege_non_pourvu"], id="il faut un autre tour"),
    pytest.param(by_name({"a": 9, "b": 7}, {"a": 9, "b": 7}), ["tour_inutile"], id="tour de trop"),
    pytest.param(by_name(*[{"a": 8, "b": 8}] * 4), ["trop_de_tours"], id="quatre tours"),
    pytest.param(by_name({"a": 9}, candidates=(A, A)), ["candidat_en_double"],
        id="candidat deux fois"),
    pytest.param(by_name({"a": 9}, tellers=("x", "x")), ["scrutateur_en_double"],
        id="scrutateur deux fois"),
    pytest.param(by_name({"a": 9, "b": 8}, seats=2), ["votants_manquants"],
        id="plusieurs noms : combien ?"),
    pytest.param(by_name(Round(votes={"a": 11, "b": 8}, voters=10), seats=2),
        ["decompte_incoherent"], id="un candidat a plus de voix qu’il n’y a de bulletins"),
    pytest.param(by_list(Method.LARGEST_REMAINDER, {"x": 9}, seats=3, sizes={"x": 4}),
        ["liste_trop_longue"], id="liste de plus de noms que de sièges"),
    pytest.param(by_list(Method.LARGEST_REMAINDER, {"x": 9}, seats=3, sizes={"x": 0}),
        ["liste_vide"], id="liste vide"),
    pytest.param(Election(item="p1", method=Method.MAJORITY_LIST, rounds=(Round(votes={"x": 3}),)),
        ["aucune_liste", "liste_inconnue"], id="scrutin de liste sans liste"),
    pytest.param(
        Election(
            item="p1",
            method=Method.HIGHEST_AVERAGE,
            lists=(List(key="x", candidates=("n",)), List(key="y", candidates=("n",))),
            rounds=(Round(votes={"x": 3, "y": 2}),),
        ), ["candidat_sur_deux_listes"], id="sur deux listes"),
])  # fmt: skip
def test_objections(election, expected):
    assert codes(elections.objections(election, voices=21)) == expected


WEIGHED = Composition(
    members=(
        Member(key="a", civility="Mme", first_name="Alice", last_name="Arnaud", weight=12),
        Member(key="b", civility="M.", first_name="Bruno", last_name="Besson", weight=14),
    )
)


def test_votes_that_are_weighed_are_called_votes_and_counted_as_such():
    told = by_name(Round(votes={"a": 14, "b": 8}, blank=2, null=2))
    assert codes(elections.objections(told, voices=26, composition=WEIGHED)) == []
    (count,) = elections.decide(told, WEIGHED).counts
    assert plain(elections.figures(count)) == (
        "26 voix, 2 voix en blanc, 2 voix nulles, 22 suffrages exprimés, majorité absolue 12"
    )
    # Two people voted: that is no number of votes, and the remedy says what is.
    heads = by_name(Round(votes={"a": 14, "b": 12}, voters=2))
    (fault,) = elections.objections(heads, voices=26, composition=WEIGHED)
    assert fault.code == "decompte_incoherent"
    assert plain(fault.remedy) == (
        "Les voix sont pondérées : « votants », blancs et nuls se comptent aussi en voix, et non "
        "en personnes. Laissez « votants » vide : il se calcule."
    )
    (fault,) = elections.objections(by_name({"a": 27}), voices=26, composition=WEIGHED)
    assert "27 voix pour 26 voix présentes" in plain(fault.message)
    equal = Composition(members=tuple(replace(each, weight=1) for each in WEIGHED.members))
    (fault,) = elections.objections(by_name({"a": 3}), voices=2, composition=equal)
    assert "3 bulletins pour 2 voix présentes" in plain(fault.message)


def test_a_round_already_told_is_not_counted_again_against_who_is_there_now():
    told = by_name(Round(votes={"a": 8, "b": 8}, voters=16), {"a": 7, "b": 5})
    assert codes(elections.objections(told, voices=12, begun=1)) == []
    assert codes(elections.objections(told, voices=11, begun=1)) == ["trop_de_votants"]
    assert codes(elections.objections(told, voices=12)) == ["trop_de_votants"]


@pytest.mark.parametrize(("election", "expected"), [
    pytest.param(by_name({"a": 9}, seats=0), [("seats", "Il faut au moins un siège à pourvoir.")],
        id="aucun siège"),
    pytest.param(by_name({"a": 9}, substitutes=-1),
        [("substitutes", "Le nombre de suppléants est négatif.")], id="suppléants négatifs"),
    pytest.param(by_name({"a": 9}, candidates=(A, B, A)),
        [("candidates", "Mme Alice ARNAUD figure deux fois parmi les candidats.")],
        id="candidat deux fois"),
    pytest.param(by_name({"a": 9}, tellers=("x", "y", "x")),
        [("tellers", "x figure deux fois parmi les scrutateurs.")], id="scrutateur deux fois"),
    pytest.param(Election(item="p1", method=Method.MAJORITY_LIST, rounds=(Round(),)),
        [("lists", "Un scrutin de liste demande au moins une liste.")], id="aucune liste"),
    pytest.param(by_majority_list({"x": 9}, lists="xx", substitutes=1),
        [
            ("lists", "Deux listes portent le nom « x »."),
            ("lists", "x1 figure sur deux listes. (art. L2121-21 du CGCT)"),
            ("lists", "x2 figure sur deux listes. (art. L2121-21 du CGCT)"),
            ("lists", "x3 figure sur deux listes. (art. L2121-21 du CGCT)"),
        ], id="deux listes du même nom"),
    pytest.param(
        Election(
            item="p1",
            method=Method.HIGHEST_AVERAGE,
            seats=3,
            lists=(
                List(key="x", candidates=("x1",)),
                List(key="y", candidates=("y1", "y2", "y1")),
            ),
            rounds=(Round(votes={"x": 2}),),
        ), [("lists[1].candidates", "y1 figure deux fois sur la liste.")],
        id="deux fois sur sa liste"),
    pytest.param(by_majority_list({"x": 9}),
        [
            (f"lists[{rank}].candidates", f"La liste « {key} » compte 3 noms pour 2 sièges.")
            for rank, key in enumerate("xyz")
        ], id="listes trop longues"),
    pytest.param(by_list(Method.HIGHEST_AVERAGE, {"x": 9}, seats=1, sizes={"x": 2}),
        [("lists[0].candidates", "La liste « X » compte 2 noms pour 1 siège.")],
        id="une liste trop longue, par son titre"),
    pytest.param(by_list(Method.HIGHEST_AVERAGE, {"x": 9}, seats=1, sizes={"x": 0}),
        [("lists[0].candidates", "La liste « X » est vide.")], id="liste vide, par son titre"),
    pytest.param(
        Election(
            item="p1",
            method=Method.HIGHEST_AVERAGE,
            lists=(List(key="l"),),
            rounds=(Round(votes={"l": 3}),),
        ), [("lists[0].candidates", "La liste « l » est vide.")], id="liste vide, sans titre"),
    pytest.param(by_name(*[{"a": 8, "b": 8}] * 4),
        [("rounds[3]", "3 tours au plus pour ce mode de scrutin. (art. L2121-21 du CGCT)")],
        id="quatre tours"),
    pytest.param(
        replace(
            by_list(Method.HIGHEST_AVERAGE, {"x": 9}, seats=1),
            rounds=(Round(votes={"x": 9}),) * 2,
        ), [("rounds[1]", "1 tour au plus pour ce mode de scrutin. (art. L2121-22 du CGCT)")],
        id="proportionnelle : un seul tour"),
    pytest.param(by_name({"a": -1}, Round(votes={"a": 1}, blank=-1)),
        [
            ("rounds[0]", "Au 1er tour, un nombre est négatif."),
            ("rounds[1]", "Au 2e tour, un nombre est négatif."),
        ], id="nombres négatifs"),
    pytest.param(
        replace(
            by_list(Method.HIGHEST_AVERAGE, {"x": 9}, seats=1),
            rounds=(Round(votes={"x": 5, "z": 4}),),
        ), [("rounds[0].votes", "Au 1er tour, « z » n’est pas une liste.")], id="liste inconnue"),
    pytest.param(by_name({"a": 22}),
        [
            (
                "rounds[0].voters",
                f"Au 1er tour, 22 bulletins pour 21 voix présentes ou représentées. {SAYS} "
                "Recomptez les bulletins ou complétez les présents et les pouvoirs.",
            )
        ], id="plus de bulletins que de voix"),
    pytest.param(by_name({"a": 21}), [], id="autant de bulletins que de voix"),
    pytest.param(by_name({"a": 9, "b": 8}, seats=2),
        [
            (
                "rounds[0].voters",
                "Au 1er tour, chaque bulletin porte plusieurs noms : indiquez le nombre de "
                "votants.",
            )
        ], id="plusieurs noms par bulletin"),
    pytest.param(by_name(Round(blank=5, null=2, voters=6)),
        [("rounds[0].voters", "Au 1er tour, plus de bulletins blancs et nuls que de votants.")],
        id="plus de blancs que de votants"),
    pytest.param(by_name(Round(blank=5, null=2, voters=7)),
        [("rounds", f"1 siège {ONE_MORE}")],
        id="tous blancs ou nuls"),
    pytest.param(by_name(Round(votes={"a": 9, "b": 7}, voters=15)),
        [
            (
                "rounds[0].votes",
                "Au 1er tour, 16 voix pour 15 suffrages exprimés : plus de voix que de "
                "suffrages.",
            )
        ], id="plus de voix que de suffrages"),
    pytest.param(by_name({"a": 8, "b": 8}, Round(votes={"a": 1}, voters=2)),
        [
            (
                "rounds[1].votes",
                "Au 2e tour, 1 voix pour 2 suffrages exprimés : moins de voix que de "
                "suffrages.",
            )
        ], id="moins de voix que de suffrages"),
    pytest.param(by_name(Round(votes={"a": 9, "b": 7}, voters=16)), [], id="le compte est bon"),
    pytest.param(by_name(Round(votes={"a": 8, "b": 8, "c": 8}, voters=10), seats=2),
        [("rounds[0].votes", "Au 1er tour, plus de voix que n’en permettent 10 bulletins.")],
        id="plus de noms que de lignes sur les bulletins"),
    pytest.param(by_name(Round(votes={"a": 11, "b": 8}, voters=10), seats=2),
        [("rounds[0].votes", "Au 1er tour, plus de voix que n’en permettent 10 bulletins.")],
        id="deux fois le même nom sur un bulletin"),
    pytest.param(by_name(Round(votes={"a": 10, "b": 10}, voters=10), seats=2), [],
        id="tous d’accord"),
    pytest.param(by_name(Round(votes={"a": 9, "b": 8}, voters=10), seats=2), [],
        id="des bulletins incomplets sont bons"),
    pytest.param(by_name(Round(blank=10, voters=10), seats=2),
        [("rounds", f"2 sièges {ONE_MORE}")],
        id="dix bulletins blancs"),
    pytest.param(by_name(), [("rounds", "Aucun tour de scrutin n’est noté.")], id="rien de noté"),
    pytest.param(by_name(method=Method.UNOPPOSED, candidates=(A,), secrecy=Secrecy.IMPOSED),
        [
            (
                "method",
                "Un texte impose le scrutin secret : même seul, un candidat doit être élu. "
                "(art. L2122-7 du CGCT)",
            )
        ], id="secret imposé (L2122-7)"),
    pytest.param(by_name({"a": 5}, method=Method.UNOPPOSED, candidates=(A,)),
        [("rounds", "Une candidature unique ne donne lieu à aucun tour.")], id="un tour de trop"),
    *(
        pytest.param(
            replace(by_name(method=Method.UNOPPOSED, candidates=()), **several),
            [
                (
                    "candidates",
                    "Il y a plus de candidatures que de sièges : un vote est nécessaire. (art. "
                    "L2121-21 du CGCT)",
                )
            ],
            id=name,
        )
        for name, several in {
            "deux candidats pour un siège": {"candidates": (A, B)},
            "deux listes": {
                "lists": (List(key="x", candidates=("a",)), List(key="y", candidates=("b",)))
            },
        }.items()
    ),
    pytest.param(by_name(method=Method.UNOPPOSED, candidates=()),
        [("candidates", "Aucune candidature n’est notée. (art. L2121-21 du CGCT)")],
        id="aucun candidat"),
    pytest.param(by_name({"a": 9, "b": 7}, {"a": 9, "b": 7}),
        [("rounds[1]", f"L’élection était acquise au 1er tour. {SAYS}")], id="tour inutile"),
    pytest.param(by_name(*[{"a": 8, "b": 8}] * 3, candidates=()),
        [
            (
                "candidates",
                "Une égalité se règle à l’âge, et une date de naissance manque. Annulez ce "
                "tour et notez-le de nouveau avec les dates, « Nom (12/05/1958) : 12 », ou "
                "donnez-les à la composition de l’instance, « Dates de naissance », "
                "puis « Reprendre la composition actuelle » à la page des présences.",
            )
        ], id="un âge manque"),
    pytest.param(by_name(*[{"a": 8, "b": 8}] * 2),
        [("rounds", f"1 siège {ONE_MORE}")],
        id="un 3e tour est possible"),
    pytest.param(by_name(*[Round(blank=9)] * 3),
        [("rounds", f"1 siège à pourvoir encore. {SAYS}")],
        id="après le 3e tour, plus rien"),
    pytest.param(by_list(Method.HIGHEST_AVERAGE, {"x": 15}, seats=5, sizes={"x": 4}),
        [("rounds", "1 siège à pourvoir encore. (art. L2121-22 du CGCT)")],
        id="proportionnelle : une liste trop courte, pas d’autre tour"),
])  # fmt: skip
def test_each_objection_says_where_and_why(election, expected):
    found = elections.objections(election, voices=21)
    assert [(finding.field, plain(str(finding))) for finding in found] == expected


def test_what_is_only_incomplete_is_not_refused():
    for election in (by_name({"a": 8, "b": 8}), by_name(*[{"a": 8, "b": 8}] * 3, candidates=())):
        (finding,) = elections.objections(election)
        assert finding.severity is Severity.WARNING


# --- Sentences -------------------------------------------------------------------------------


def told(election, composition=Composition()):  # noqa: B008 - a frozen value
    result = elections.decide(election, composition)
    return [plain(line) for line in sentences.election(election, result, composition)]


def test_minutes_of_an_election_by_name():
    election = by_name(
        Round(votes={"a": 9, "b": 7}, blank=2, null=1, voters=19),
        secrecy=Secrecy.IMPOSED,
        candidates=(A, B),
        tellers=("c",),
    )
    composition = Composition(
        members=(Member(key="c", civility="Mme", first_name="Claire", last_name="Caron"),)
    )
    assert told(election, composition) == [
        "Il est procédé au scrutin secret à l’élection du président.",
        "Mme Claire CARON est désignée scrutatrice.",
        "Sont candidats : Mme Alice ARNAUD et M. Bruno BESSON.",
        "1er tour : 19 votants, 2 bulletins blancs, 1 bulletin nul, 16 suffrages exprimés, "
        "majorité absolue 9 ; Mme Alice ARNAUD 9 voix, M. Bruno BESSON 7 voix ; Mme Alice ARNAUD "
        "obtient la majorité absolue.",
        "Mme Alice ARNAUD est proclamée élue présidente.",
    ]


def test_minutes_of_an_election_without_a_winner():
    lines = told(by_name({"a": 8, "b": 8}, candidates=(A, B)))
    assert lines[-1] == "Un siège reste à pourvoir."


def test_minutes_of_a_waived_secrecy():
    election = replace(
        by_name({"a": 5}, candidates=(A,)), title="1er vice-président", secrecy=Secrecy.WAIVED
    )
    lines = told(election)
    assert lines[0] == (
        "À l’unanimité, l’assemblée décide de ne pas procéder au scrutin secret pour l’élection du "
        "1er vice-président (art. L2121-21 du CGCT)."
    )
    assert lines[-1] == "Mme Alice ARNAUD est proclamée élue 1re vice-présidente."


def test_minutes_of_a_sole_candidature():
    election = Election(
        item="p1",
        title="délégué à l’agence",
        method=Method.UNOPPOSED,
        seats=2,
        candidates=(A, C),
    )
    assert told(election) == [
        "Il est procédé à la désignation de deux délégués à l’agence.",
        "Il n’y a pas plus de candidatures que de sièges à pourvoir : Mme Alice ARNAUD et Mme "
        "Claire CARON.",
        "Les nominations prennent effet immédiatement ; il en est donné lecture.",
        "Mme Alice ARNAUD et Mme Claire CARON sont proclamées élues déléguées à l’agence.",
    ]


def test_minutes_of_lists():
    lines = told(by_list(Method.HIGHEST_AVERAGE, {"x": 15}, seats=2, sizes={"x": 3}, substitutes=1))
    assert lines[1] == "Liste « X » : x1, x2 et x3."
    assert lines[-2:] == [
        "X1 et x2 sont proclamés élus membres de la commission.",
        "X3 est proclamé élu suppléant.",
    ]


CAO = "Élection de la commission d’appel d’offres"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (CAO, "membre de la commission d’appel d’offres"),
        ("CAO : désignation des membres", "membre de la commission d’appel d’offres"),
        (
            "Élection de la commission de délégation de service public",
            "membre de la commission de délégation de service public",
        ),
        ("Élection de la commission des finances", ""),
        ("Chaos", ""),
    ],
)
def test_the_commission_of_tenders_is_known_by_its_title(title, expected):
    assert elections.member_of_tenders(title) == expected


@pytest.mark.parametrize(
    ("told", "form", "told_codes"),
    [
        pytest.param({"seats": 5, "substitutes": 5}, "smo", [], id="en règle"),
        pytest.param({"seats": 3, "substitutes": 3}, "commune_moins_3500", [], id="trois ici"),
        pytest.param({"seats": 5}, "epci", ["cao_suppleants"], id="sans suppléant"),
        pytest.param({"seats": 3, "substitutes": 3}, "smo", ["cao_sieges"], id="trois sièges"),
        pytest.param(
            {"seats": 5, "substitutes": 5, "method": Method.HIGHEST_AVERAGE},
            "smf",
            ["cao_sans_liste"],
            id="à la plus forte moyenne",
        ),
        pytest.param(
            {"seats": 5, "substitutes": 5, "method": Method.UNOPPOSED}, "smf", [], id="liste unique"
        ),
    ],
)
def test_the_commission_of_tenders_is_elected_by_lists_with_substitutes(told, form, told_codes):
    election = elections.Election(
        item="p1",
        lists=(elections.List(key="x", candidates=("a",)),),
        **{"method": Method.LARGEST_REMAINDER} | told,
    )
    found = list(elections.faults_of_tenders(election, form, title=CAO))
    assert [each.code for each in found] == told_codes
    assert {each.article for each in found} <= {"art. L1411-5, II et L1414-2 du CGCT"}
    by_name = elections.Election(item="p1", seats=3)
    told_of_it = elections.faults_of_tenders(by_name, "smo", title=CAO)
    assert [each.code for each in told_of_it] == ["cao_sans_liste", "cao_sieges", "cao_suppleants"]


def test_its_rule_is_of_the_code_even_where_the_statutes_decide():
    election = by_list(Method.LARGEST_REMAINDER, {"x": 70, "y": 20}, seats=5)
    its = replace(election, title="membre de la commission d’appel d’offres")
    article = elections.decide(its).article
    assert cited(PRESETS["smo"], article) == article == "art. L1411-5, II et L1414-2 du CGCT"
    assert elections.decide(election).article == "art. L2121-22 du CGCT"
