"""Minutes written on the sheet itself, in a real browser."""

from datetime import date, datetime, time

import pytest
from django.utils import timezone

from law import ballots
from meetings import actions
from registry import review_actions
from registry.models import Phrase


@pytest.fixture
def meeting(transactional_db, cast):
    """A sitting of the Comité, closed, with one text."""
    Phrase.objects.create(body=cast.comite, title="Vote", text="Il est passé au vote.")
    by = cast.secretariat
    meeting = actions.create_meeting(
        body=cast.comite, held_on=date(2026, 6, 9), starts_at=time(18), by=by
    )
    item = actions.add_item(meeting, title="Budget", text="<p>Le Comité en débat.</p>", by=by)
    everybody = [member.key for member in meeting.basis.composition.titulars]
    actions.set_roll(meeting, standings=dict.fromkeys(everybody, "present"), by=by)
    actions.set_conduct(
        meeting,
        chair="alice-arnaud",
        clerks=["bruno-besson"],
        opened_at=datetime(2026, 6, 9, 18),
        closed_at=datetime(2026, 6, 9, 20),
        by=by,
    )
    actions.hold_ballot(meeting, ballot=ballots.Ballot(item=item.key), by=by)
    return meeting


@pytest.fixture
def item(meeting):
    return meeting.items.get(title="Budget")


@pytest.fixture
def page(meeting, cast, page_of):
    page = page_of(cast.secretariat)
    page.goto(f"/seances/{meeting.pk}/rediger/")
    return page


def wait_until_saved(page):
    page.locator("[data-autosave-state=saved]").wait_for()


def test_a_text_is_written_where_it_stands(page, item):
    page.get_by_text("Le Comité en débat.").click()
    editor = page.locator("[contenteditable=true]:focus")
    editor.wait_for()
    page.keyboard.press("End")
    page.keyboard.type(" Longuement.")
    page.keyboard.press("Control+Enter")
    page.locator(".passage-words").get_by_text("Le Comité en débat. Longuement.").wait_for()
    assert page.locator("[contenteditable=true]").count() == 0
    item.refresh_from_db()
    assert item.text == "<p>Le Comité en débat. Longuement.</p>"
    # The focus is back on the button, so that Enter opens it again.
    page.keyboard.press("Enter")
    editor.wait_for()


def test_a_phrase_goes_to_the_caret_by_click_and_by_key(page, item):
    page.get_by_role("button", name="Modifier le texte : Budget").press("Enter")
    page.locator("[contenteditable=true]:focus").wait_for()
    page.keyboard.press("End")
    page.keyboard.type(" ")
    page.locator("aside").get_by_role("button", name="Vote").click()
    page.keyboard.type(" ")
    page.keyboard.press("Alt+1")
    wait_until_saved(page)
    item.refresh_from_db()
    assert item.text == "<p>Le Comité en débat. Il est passé au vote. Il est passé au vote.</p>"


def test_a_passage_is_marked_sensitive(page, item):
    page.get_by_role("button", name="Modifier le texte : Budget").click()
    page.locator("[contenteditable=true]:focus").wait_for()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Passage sensible").click()
    wait_until_saved(page)
    item.refresh_from_db()
    assert item.text == '<p><mark class="sensible">Le Comité en débat.</mark></p>'


def test_two_people_never_overwrite_each_other(page, item, cast, page_of):
    other = page_of(cast.secretariat)
    other.goto(page.url)
    for one in (page, other):
        one.get_by_role("button", name="Modifier le texte : Budget").click()
        one.locator("[contenteditable=true]:focus").wait_for()
        one.keyboard.press("End")
    other.keyboard.type(" Et d’un.")
    wait_until_saved(other)
    page.keyboard.type(" Et de deux.")
    page.wait_for_url("**/conflit/")
    assert page.locator("[data-theirs]").inner_text() == "Le Comité en débat. Et d’un."
    item.refresh_from_db()
    assert item.text == "<p>Le Comité en débat. Et d’un.</p>"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_nothing_keeps_anybody_out(meeting, cast, page_of, barriers, width, color_scheme):
    cast.bruno.email = "bruno@brume.example"
    cast.bruno.save()
    (asked,) = review_actions.ask(
        meeting, readers=[(cast.bruno, "relecteur")], by=cast.secretariat, at=timezone.now()
    )
    review_actions.remark(asked.review, item=None, text="Bien.", at=timezone.now())
    page = page_of(cast.secretariat, width=width, color_scheme=color_scheme)
    for path in (
        f"/seances/{meeting.pk}/rediger/",
        f"/seances/{meeting.pk}/relectures/",
        f"/instances/{cast.comite.pk}/phrases/",
        asked.path,
    ):
        page.goto(path)
        if "rediger" in path:
            page.get_by_role("button", name="Modifier le texte : Budget").click()
            page.locator("[contenteditable=true]:focus").wait_for()
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
