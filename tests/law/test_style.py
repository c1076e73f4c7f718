"""What a body may say and move on its papers, and what the law keeps."""

import pytest

from law import style
from law.french import NBSP

N = NBSP
VALUES = {
    "instance": "le Bureau",
    "organisation": "la communauté d’agglomération",
    "date": "4 juillet 2016",
    "date_en_lettres": "l’an deux mille seize",
    "heure": f"17{N}h{N}30",
    "president": f"Mme{N}Alice ARNAUD",
}


@pytest.mark.parametrize(("formula", "printed"), [
    ("{instance} s’est réuni.", "Le Bureau s’est réuni."),
    ("les membres de {instance}", "Les membres du Bureau"),
    ("Les membres du {instance} de {organisation}", None),
    ("Au {instance}", "Au Bureau"),
    ("Le {instance} de la {organisation}", None),
    ("L'{date_en_lettres}, le {date}", f"L’an deux mille seize, le 4{N}juillet 2016"),
    ("à {heure}, sous la présidence d’{president}", None),
    ("La séance du {date}", f"La séance du 4{N}juillet 2016"),
    ("Réuni {lieu} ; Bien.", f"Réuni ............{N}; Bien."),
    ("  Chers collègues,  ", "Chers collègues,"),
])  # fmt: skip
def test_a_formula_is_filled_and_agreed(formula, printed):
    expected = {
        "Le {instance} de la {organisation}": "Le Bureau de la communauté d’agglomération",
        "Les membres du {instance} de {organisation}": "Les membres du Bureau de la communauté "
        "d’agglomération",
        "à {heure}, sous la présidence d’{president}": f"À 17{N}h{N}30, sous la présidence de "
        f"Mme{N}Alice ARNAUD",
    }
    assert style.fill(formula, VALUES) == (printed or expected[formula])


@pytest.mark.parametrize("name", style.FORMULAS)
def test_our_own_sentence_is_a_lawful_formula(name):
    assert style.faults(name, style.FORMULAS[name].ours) == ()


@pytest.mark.parametrize("name", style.FORMULAS)
def test_every_place_is_explained(name):
    assert style.PLACES.keys() >= set(style.FORMULAS[name].places)


@pytest.mark.parametrize(("name", "formula", "codes", "words"), [
    ("opening", "{lieux}", ["repere_inconnu"], "{lieu}"),
    ("opening", "{lieu", ["accolade"], "{lieu}"),
    ("opening", "lieu}", ["accolade"], "{lieu}"),
    ("opening", "{ lieu }", ["repere_inconnu"], "{lieu}"),
    ("salutation", "{president},", ["repere_inconnu"], "Cette formule n’en a pas."),
    ("closing", "{limite} {limite} {x}", ["repere_inconnu", "repere_inconnu"], "{heure}"),
    ("opening", "{instance} se réunit à {heure}.", [], ""),
])  # fmt: skip
def test_a_place_that_is_none_is_refused_with_those_that_are(name, formula, codes, words):
    found = style.faults(name, formula)
    assert [each.code for each in found] == codes
    assert all(words in each.remedy and each.field == name for each in found)


@pytest.mark.parametrize(("paper", "keys", "codes"), [
    ("minutes", style.order("minutes"), []),
    ("minutes", tuple(reversed(style.order("minutes"))), []),
    # the figures
    ("minutes", style.order("minutes")[1:], []),
    ("minutes", style.order("minutes")[:-1], ["partie_obligatoire"]),
    ("extract", ("acte", "presences", "quorum"), []),
    ("extract", ("acte", "presences", "quorum", "acte"), ["parties_inconnues"]),
    ("extract", ("acte", "presences", "quorum", "signatures"), ["parties_inconnues"]),
    ("extract", (), ["partie_obligatoire"] * 3),
])  # fmt: skip
def test_parts_are_moved_and_what_the_law_wants_stays(paper, keys, codes):
    assert [each.code for each in style.part_faults(paper, keys)] == codes
