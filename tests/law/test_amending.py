"""What a vote changed in a text is in its articles: the table is the rule."""

import pytest

from law.amending import amends, is_carried

ARTICLES = ("Le règlement est approuvé.", "La subvention est de 102 000 €.")


@pytest.mark.parametrize(
    ("amendment", "articles", "expected"),
    [
        pytest.param(
            "l’article 2 est ajouté", ARTICLES[:1], False, id="un article qui n’y est pas"
        ),
        pytest.param("l’article 2 est ajouté", ARTICLES, True, id="l’article ajouté y est"),
        pytest.param(
            "« 120 000 € » remplacé par « 102 000 € »", ARTICLES, True, id="le chiffre y est"
        ),
        pytest.param(
            "« 120 000 € » remplacé par « 90 000 € »", ARTICLES, False, id="il n’y est pas"
        ),
        pytest.param("La subvention est de 102 000 €", ARTICLES, True, id="ses propres mots"),
        pytest.param("l’article 2 est supprimé", ARTICLES, False, id="les mots ne le disent pas"),
        pytest.param("l’article 2", ARTICLES, False, id="aucun mot"),
    ],
)
def test_the_articles_say_what_was_adopted(amendment, articles, expected):
    assert is_carried(amendment, articles) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [("Amendement n° 1 de M. Besson", True), ("le sous-amendement", True), ("Ligne 3", False)],
)
def test_an_amendment_is_known_by_its_name(question, expected):
    assert amends(question) is expected
