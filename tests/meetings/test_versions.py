"""Two texts side by side: which words differ, in two texts of any length, whatever their tags."""

import pytest

from meetings import versions


@pytest.mark.parametrize(
    ("theirs", "ours", "marked"),
    [
        pytest.param("<p>Le vote</p>", "<p>Le vote</p>", ("<p>Le vote</p>",) * 2, id="pareils"),
        pytest.param(
            "<p>Le budget est adopté.</p>",
            "<p>Le budget primitif est adopté.</p>",
            ("<p>Le budget est adopté.</p>", "<p>Le budget <ins>primitif</ins> est adopté.</p>"),
            id="un mot ajouté",
        ),
        pytest.param(
            "<p>Il est <strong>tard ce</strong> soir.</p>",
            "<p>Il fait nuit ce soir.</p>",
            (
                "<p>Il <del>est</del> <strong><del>tard</del> ce</strong> soir.</p>",
                "<p>Il <ins>fait nuit</ins> ce soir.</p>",
            ),
            id="une marque ne sort pas de sa balise",
        ),
        pytest.param("", "<p>Tout</p>", ("", "<p><ins>Tout</ins></p>"), id="rien d’un côté"),
        pytest.param(
            "1 &lt; 2", "1 &gt; 2", ("1 <del>&lt;</del> 2", "1 <ins>&gt;</ins> 2"), id="entités"
        ),
    ],
)
def test_words_that_the_other_lacks_are_marked(theirs, ours, marked):
    assert versions.side_by_side(theirs, ours) == marked


def test_long_texts_are_compared_between_what_they_share():
    head, tail = ([f"{end}{n}" for n in range(3000)] for end in "ab")
    old, new = [*head, "un", *tail], [*head, "deux", "trois", *tail]
    assert versions.steps(old, new) == [
        ("equal", 0, 3000, 0, 3000),
        ("replace", 3000, 3001, 3000, 3002),
        ("equal", 3001, 6001, 3002, 6002),
    ]
    assert versions.steps(head, tail) == [
        ("equal", 0, 0, 0, 0),
        ("replace", 0, 3000, 0, 3000),
        ("equal", 3000, 3000, 3000, 3000),
    ]
