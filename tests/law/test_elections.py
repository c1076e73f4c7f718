"""Elections: rounds, ties, lists, seats, and the figures that cannot be true."""

from dataclasses import replace
from datetime import date

import pytest

from law import elections, french, sentences
from law.elections import Candidate, Election, List, Method, Round, Secrecy
from law.findings import Severity
from law.sitting import Composition, Member


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


# --- By name ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("election", "elected", "rounds"),
    [
        pytest.param(by_name({"a": 9, "b": 7}), ("a",), 1, id="majorité absolue au 1er tour"),
        # LAW §6, exemple : 19 votants, 2 blancs, 1 nul, 16 exprimés, majorité absolue 9.
        pytest.param(
            by_name(Round(votes={"a": 8, "b": 8}, blank=2, null=1, voters=19)),
            (),
            1,
            id="8 et 8 sur 16 : second tour",
        ),
        pytest.param(
            by_name(*[Round(votes={"a": 8, "b": 8}, blank=2, null=1, voters=19)] * 3),
            ("b",),
            3,
            id="8 et 8 trois fois : le plus âgé",
        ),
        pytest.param(
            by_name({"a": 7, "b": 5, "c": 4}), (), 1, id="en tête sans majorité absolue : personne"
        ),
        pytest.param(
            by_name({"a": 7, "b": 5, "c": 4}, {"a": 7, "b": 5, "c": 4}),
            (),
            2,
            id="2e tour : la majorité absolue reste exigée",
        ),
        pytest.param(
            by_name({"a": 7, "b": 5, "c": 4}, {"a": 7, "b": 5, "c": 4}, {"a": 7, "b": 5, "c": 4}),
            ("a",),
            3,
            id="3e tour : la majorité relative suffit",
        ),
        pytest.param(
            by_name(Round(votes={"a": 1}, blank=10, null=8, voters=19)),
            ("a",),
            1,
            id="blancs et nuls ne sont pas des suffrages : une voix sur une",
        ),
        pytest.param(by_name(Round(blank=19, voters=19)), (), 1, id="tous blancs : personne"),
        pytest.param(
            by_name(*[Round(blank=19, voters=19)] * 3), (), 3, id="tous blancs jusqu’au 3e tour"
        ),
        pytest.param(
            by_name({"a": 5, "Jean Inconnu": 9}),
            ("Jean Inconnu",),
            1,
            id="élu sans avoir été candidat",
        ),
        pytest.param(by_name({"a": 8, "b": 8}, {"a": 9, "b": 7}), ("a",), 2, id="2e tour décisif"),
    ],
)
def test_by_name(election, elected, rounds):
    result = elections.decide(election)
    assert result.elected == elected
    assert len(result.counts) == rounds
    assert result.complete is bool(elected)


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


@pytest.mark.parametrize(
    ("born_on", "elected"),
    [
        pytest.param(None, (), id="date de naissance inconnue"),
        pytest.param(date(1960, 5, 1), (), id="nés le même jour"),
        pytest.param(date(1960, 4, 30), ("b",), id="un jour de plus"),
    ],
)
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


@pytest.mark.parametrize(
    ("rounds", "elected"),
    [
        pytest.param(
            [Round(votes={"a": 8, "b": 9, "c": 3}, voters=10)],
            ("b", "a"),
            id="deux sièges, deux majorités absolues : les mieux placés",
        ),
        pytest.param(
            [
                Round(votes={"a": 8, "b": 5, "c": 5}, voters=10),
                Round(votes={"b": 6, "c": 4}, voters=10),
            ],
            ("a", "b"),
            id="un siège au 1er tour, l’autre au 2e",
        ),
        pytest.param(
            [Round(votes={"a": 9, "b": 8, "c": 8}, voters=10)],
            ("a", "b"),
            id="égalité pour le dernier siège : le plus âgé",
        ),
    ],
)
def test_several_seats_by_name(rounds, elected):
    assert elections.decide(by_name(*rounds, seats=2)).elected == elected


# --- Unopposed -------------------------------------------------------------------------------


def test_a_sole_candidature_takes_effect_without_a_vote():
    # Art. L2121-21, dernier alinéa.
    election = by_name(method=Method.UNOPPOSED, candidates=(A,))
    result = elections.decide(election)
    assert result.elected == ("a",)
    assert result.complete
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


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        pytest.param({"candidates": (A, B)}, ["candidatures_multiples"], id="deux candidats"),
        pytest.param({"candidates": ()}, ["candidatures_multiples"], id="aucun candidat"),
        pytest.param(
            {"candidates": (A,), "secrecy": Secrecy.IMPOSED},
            ["vote_obligatoire"],
            id="président : le vote secret est imposé, même seul candidat",
        ),
    ],
)
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


@pytest.mark.parametrize(
    ("votes", "seats", "remainder", "average"),
    [
        # Quotient 20 ; restes 7 et 13 ; moyennes 47/3 et 53/3 : le second dans les deux cas.
        pytest.param({"x": 47, "y": 53}, 5, {"x": 2, "y": 3}, {"x": 2, "y": 3}, id="proche"),
        pytest.param(
            {"x": 68, "y": 20, "z": 12},
            5,
            {"x": 3, "y": 1, "z": 1},
            {"x": 4, "y": 1, "z": 0},
            id="le plus fort reste aide les petites listes",
        ),
        pytest.param({"x": 15}, 5, {"x": 5}, {"x": 5}, id="une seule liste : tous les sièges"),
        pytest.param(
            {"x": 12, "y": 8}, 5, {"x": 3, "y": 2}, {"x": 3, "y": 2}, id="quotient sans reste"
        ),
        pytest.param(
            {"x": 19, "y": 1}, 3, {"x": 3, "y": 0}, {"x": 3, "y": 0}, id="quotient non entier"
        ),
        pytest.param({"x": 10, "y": 0}, 3, {"x": 3}, {"x": 3}, id="liste sans voix"),
    ],
)
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


@pytest.mark.parametrize(
    ("rounds", "elected"),
    [
        pytest.param([{"x": 9, "y": 7}], ("x1", "x2"), id="majorité absolue"),
        pytest.param([{"x": 7, "y": 5, "z": 4}], (), id="aucune majorité au 1er tour"),
        pytest.param([{"x": 7, "y": 5, "z": 4}] * 3, ("x1", "x2"), id="3e tour : relative"),
        pytest.param([{"x": 8, "y": 8}] * 3, ("y1", "y2"), id="égalité : la liste la plus âgée"),
    ],
)
def test_majority_list_takes_all(rounds, elected):
    # Art. L2122-7-2.
    people = tuple(
        Candidate(key=key, born_on=date(born, 1, 1))
        for key, born in (("x1", 1950), ("x2", 1980), ("y1", 1960), ("y2", 1965))
    )
    election = Election(
        item="p1",
        method=Method.MAJORITY_LIST,
        seats=2,
        candidates=people,
        lists=tuple(List(key=key, candidates=names(key, 2)) for key in "xyz"),
        rounds=tuple(Round(votes=votes) for votes in rounds),
    )
    assert elections.decide(election).elected == elected


# --- Objections ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("election", "expected"),
    [
        pytest.param(by_name({"a": 9, "b": 7}), [], id="rien à redire"),
        pytest.param(by_name(), ["aucun_tour"], id="rien de noté"),
        pytest.param(by_name({"a": 9}, seats=0), ["aucun_siege"], id="aucun siège"),
        pytest.param(
            by_name(Round(votes={"a": 9, "b": 7}, voters=15)),
            ["decompte_incoherent"],
            id="plus de voix que de votants",
        ),
        pytest.param(
            by_name(Round(votes={"a": 9, "b": 7}, blank=1, voters=19)),
            ["decompte_incoherent"],
            id="il manque des voix",
        ),
        pytest.param(
            by_name(Round(blank=5, null=2, voters=6)),
            ["decompte_incoherent"],
            id="plus de blancs que de votants",
        ),
        pytest.param(
            by_name(Round(votes={"a": -1, "b": 7})), ["nombre_negatif"], id="nombre négatif"
        ),
        pytest.param(
            by_name({"a": 22}),
            ["trop_de_votants"],
            id="plus de bulletins que de voix dans la salle",
        ),
        pytest.param(by_name({"a": 8, "b": 8}), ["siege_non_pourvu"], id="il faut un autre tour"),
        pytest.param(
            by_name({"a": 9, "b": 7}, {"a": 9, "b": 7}), ["tour_inutile"], id="tour de trop"
        ),
        pytest.param(by_name(*[{"a": 8, "b": 8}] * 4), ["trop_de_tours"], id="quatre tours"),
        pytest.param(
            by_name({"a": 9}, candidates=(A, A)), ["candidat_en_double"], id="candidat deux fois"
        ),
        pytest.param(
            by_name({"a": 9}, tellers=("x", "x")),
            ["scrutateur_en_double"],
            id="scrutateur deux fois",
        ),
        pytest.param(
            by_name({"a": 9, "b": 8}, seats=2),
            ["votants_manquants"],
            id="plusieurs noms : combien ?",
        ),
        pytest.param(
            by_name(Round(votes={"a": 11, "b": 8}, voters=10), seats=2),
            ["decompte_incoherent"],
            id="un candidat a plus de voix qu’il n’y a de bulletins",
        ),
        pytest.param(
            by_list(Method.LARGEST_REMAINDER, {"x": 9}, seats=3, sizes={"x": 4}),
            ["liste_trop_longue"],
            id="liste de plus de noms que de sièges",
        ),
        pytest.param(
            by_list(Method.LARGEST_REMAINDER, {"x": 9}, seats=3, sizes={"x": 0}),
            ["liste_vide"],
            id="liste vide",
        ),
        pytest.param(
            Election(item="p1", method=Method.MAJORITY_LIST, rounds=(Round(votes={"x": 3}),)),
            ["aucune_liste", "liste_inconnue"],
            id="scrutin de liste sans liste",
        ),
        pytest.param(
            Election(
                item="p1",
                method=Method.HIGHEST_AVERAGE,
                lists=(List(key="x", candidates=("n",)), List(key="y", candidates=("n",))),
                rounds=(Round(votes={"x": 3, "y": 2}),),
            ),
            ["candidat_sur_deux_listes"],
            id="sur deux listes",
        ),
    ],
)
def test_objections(election, expected):
    assert codes(elections.objections(election, voices=21)) == expected


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
    assert lines[-1] == "1 siège reste à pourvoir."


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
        "Il est procédé à la désignation de 2 délégués à l’agence.",
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
