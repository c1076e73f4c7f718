"""The minutes of 16 November 2016, entered in our tables, come out word for word."""

import re

import pytest

from documents import actions, render
from documents.compile import compile_minutes
from meetings.actions import attendance
from tests import seed
from tests.documents.conftest import ISSUED_AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    bureau, by = seed.make_bureau()
    meeting = seed.convene(bureau, by)
    seed.enter(meeting, by)
    return meeting


def test_pdf_holds_every_sentence_of_the_seed_in_order(meeting, tmp_path):
    document = actions.issue_minutes(meeting, by=None, at=ISSUED_AT)
    with document.pdf.open("rb") as file:
        seed.check_printed(file.read(), document.paper, tmp_path)


def test_present_are_bold_and_excused_italic(meeting):
    page = render.render_html(compile_minutes(meeting))
    roll = page.split("<tbody>")[1].split("</tbody>")[0]
    shown = re.findall(r'<span class="(\w+)">((?:(?!</p>).)*)</p>', roll)
    marked = re.search(r"<i>.*", seed.TEXT)[0].replace("\t", " ")
    names = [f"{first} {last.upper()}" for seats in seed.SEATS.values() for _, first, last in seats]
    assert [(style, re.sub(r"<[^>]*>", "", name)) for style, name in shown] == [
        ("excused" if f"<i>{name}</i>" in marked else "present", name) for name in names
    ]


def test_nothing_was_typed_that_is_counted(meeting):
    """One more present: the sentence follows."""
    attendance.set_roll(meeting, standings={"olivier-jarde": "present"}, by=None)
    assert "6 délégués présents" in compile_minutes(meeting).quorum.sentence
