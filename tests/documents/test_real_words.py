"""docs/cas-reels.md says what real papers and ours say, and no more than that is claimed of it."""

from pathlib import Path

import pytest

from tests.documents import real_words
from tests.documents.real_words import EQUAL, LESS, MORE, OTHERWISE

PAGE = Path(__file__).parents[2] / "docs" / "cas-reels.md"


@pytest.mark.proof
def test_the_page_of_real_cases_is_true(db, check_golden):
    check_golden(PAGE, real_words.page())


@pytest.mark.parametrize(("theirs", "ours", "verdict"), [
    ("Vote : pour à l'unanimité", "La délibération est adoptée à l’unanimité.", EQUAL),
    ("à l’unanimité et deux abstentions",
        "La délibération est adoptée à l’unanimité des suffrages exprimés : 8 voix pour et 2 "
        "abstentions.", MORE),
    ("à la majorité", "La délibération est adoptée à la majorité : 8 voix pour et 7 contre.", MORE),
    ("12 pour", "La délibération est adoptée à l’unanimité.", OTHERWISE),
    ("12 pour, à l’unanimité", "La délibération est adoptée à l’unanimité.", LESS),
])  # fmt: skip
def test_both_sides_are_read_alike(theirs, ours, verdict):
    assert real_words.compared(theirs, ours, names=False) == verdict
