"""Two texts side by side: which words differ, in two texts of any length, whatever their tags."""

import re

import pytest

from meetings import versions

# Both texts with the words marked that the other lacks; as they were, without the marks.
MARKED = {
    "pareils": ("<p>Le vote</p>", "<p>Le vote</p>"),
    "un mot ajouté": ("<p>Le vote est clos.</p>", "<p>Le vote <ins>public</ins> est clos.</p>"),
    "une marque ne sort pas de sa balise": (
        "<p>Il <del>est</del> <strong><del>tard</del> ce</strong> soir.</p>",
        "<p>Il <ins>fait nuit</ins> ce soir.</p>",
    ),
    "rien d’un côté": ("", "<p><ins>Tout</ins></p>"),
    "entités": ("1 <del>&lt;</del> 2", "1 <ins>&gt;</ins> 2"),
}


@pytest.mark.parametrize("marked", MARKED.values(), ids=MARKED)
def test_words_that_the_other_lacks_are_marked(marked):
    plain = [re.sub("</?(ins|del)>", "", text) for text in marked]
    assert versions.side_by_side(*plain) == marked


def test_long_texts_are_compared_between_what_they_share():
    head, tail = ([f"{end}{n}" for n in range(3000)] for end in "ab")
    old, new = [*head, "un", *tail], [*head, "deux", "trois", *tail]
    told = [step for step in versions.steps(old, new) if step[0] != "equal"]
    assert told == [("replace", 3000, 3001, 3000, 3002)]
    told = [step for step in versions.steps(head, tail) if step[1:] != (0, 0, 0, 0)]
    assert told[0] == ("replace", 0, 3000, 0, 3000)
