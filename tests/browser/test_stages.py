"""The pages of a sitting begin at once: what they are about, not what surrounds it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from meetings.actions import items
from tests import held
from tests.cast import change_rules

PAGES = (
    *("meetings:detail", "meetings:agenda", "meetings:attendance", "meetings:edit"),
    *("meetings:ledger", "convening:prepare", "convening:board", "documents:preview"),
    *("registry:write", "registry:acts", "archive:publish_sitting"),
)
# The top of what follows the head and the line of stages, and the sides of what it lies in.
BEGINS = """() => {
  const after = document.querySelector(".stages").nextElementSibling.getBoundingClientRect();
  const [brand, main] = [".brand", ".stages"].map((each) => document.querySelector(each));
  return [after.top, brand.getBoundingClientRect().left - main.getBoundingClientRect().left];
}"""


@pytest.mark.parametrize(("width", "height", "share"), [(1440, 900, 4), (390, 844, 3)])
def test_content_begins_near_the_top(transactional_db, cast, page_of, width, height, share):
    """In the first quarter of a screen, the first third of a telephone; under the brand."""
    coming = held.prepare(cast, "Budget", held_on=timezone.localdate() + timedelta(20), place="ici")
    visits = {
        (name, meeting.stage): meeting.pk
        for meeting in (held.whole(cast), coming)
        for name in PAGES
    }
    addresses = {told: reverse(told[0], args=[pk]) for told, pk in visits.items()}
    item = coming.items.get(title="Budget")
    for name in ("meetings:item", "meetings:brief"):
        addresses[name, item.kind] = reverse(name, args=[coming.pk, item.key])
    page = page_of(cast.secretariat, width=width, height=height)
    found = {}
    for told, address in addresses.items():
        page.goto(address)
        found[told] = page.evaluate(BEGINS)
    limit = height / share
    if width == 390:  # the line says where it is, and the rest unfolds by the keyboard
        line = page.locator(".stages-now summary")
        assert line.inner_text().startswith("Séance : préparer, 1/7")
        expect(page.locator(".step").last).to_be_hidden()
        line.press("Enter")
        expect(page.locator(".step").last).to_be_visible()
    assert {name: top for name, (top, _) in found.items() if top > limit} == {}
    assert {name: aside for name, (_, aside) in found.items() if aside} == {}


@pytest.mark.parametrize("width", [1440, 800, 390])
def test_the_menu_of_the_other_pages_stays_in_the_page(transactional_db, cast, page_of, width):
    """Once the stages were unfolded on a telephone, it fell off the left edge."""
    coming = held.prepare(cast, "Budget", held_on=timezone.localdate() + timedelta(20), place="ici")
    page = page_of(cast.secretariat, width=width, height=844)
    page.goto(reverse("meetings:detail", args=[coming.pk]))
    if width == 390:
        page.locator(".stages-now summary").click()
    page.locator(".stages-more > summary").click()
    panel = page.locator(".stages-more .menu-panel").bounding_box()
    assert panel["x"] >= 0 and panel["x"] + panel["width"] <= width


BODY_PAGES = (
    *("members:composition", "members:rules", "accounts:births", "members:import"),
    *("convening:year", "registry:follow_ups", "registry:register", "registry:delegations"),
    *("registry:phrases", "recurring:list", "style:edit"),
)
UNDER_TABS = "document.querySelector('.tabs').nextElementSibling.getBoundingClientRect().top"


@pytest.mark.parametrize(("width", "height", "share"), [(1440, 900, 4), (390, 844, 3)])
def test_the_pages_of_a_body_begin_near_the_top_too(
    transactional_db, cast, page_of, width, height, share
):
    held.whole(cast)
    page = page_of(cast.secretariat, width=width, height=height)
    found = {}
    for name in BODY_PAGES:
        page.goto(reverse(name, args=[cast.comite.pk]))
        found[name] = page.evaluate(UNDER_TABS)
        assert page.locator(".btn-primary:visible").count() < 2, name  # one thing to do
    assert {name: top for name, top in found.items() if top > height / share} == {}


def test_the_next_thing_is_done_from_the_sitting_and_the_line_follows(
    transactional_db, cast, page_of
):
    change_rules(cast.comite, note_required=False)
    meeting = held.prepare(cast, held_on=timezone.localdate() + timedelta(20))
    page = page_of(cast.secretariat)
    page.goto(meeting.get_absolute_url())
    current = page.locator("[aria-current=step]")
    assert "Préparer" in current.inner_text()
    items.add_item(meeting, title="Budget", by=cast.secretariat)
    page.get_by_role("link", name="le lieu").click()
    assert page.evaluate("document.activeElement.id || location.hash") in ("id_place", "#id_place")
    page.get_by_label("Lieu").fill("en mairie")
    page.get_by_role("button", name="Enregistrer").click()
    current.get_by_text("d’ici au").wait_for()
    assert "Convoquer" in current.inner_text()
    page.locator(".next").get_by_role("link", name="Convoquer").click()
    page.get_by_role("heading", level=1, name="Convocation").wait_for()
    assert page.locator(".step a[aria-current=page]").inner_text().startswith("Convoquer")


def test_no_page_keeps_anybody_out_at_any_stage(transactional_db, cast, walked):
    coming = held.prepare(cast, held_on=timezone.localdate() + timedelta(20))
    late = held.prepare(cast, "Budget", held_on=timezone.localdate() + timedelta(1), place="ici")
    visits = [
        (cast.secretariat, reverse(name, args=[meeting.pk]))
        for meeting in (coming, late)
        for name in ("meetings:detail", "meetings:agenda", "convening:prepare")
    ]
    assert walked(visits) == []


def test_what_moves_an_item_waits_for_the_hand_or_the_keyboard(transactional_db, cast, page_of):
    meeting = held.prepare(cast, "Un", "Deux", held_on=timezone.localdate() + timedelta(20))
    page = page_of(cast.secretariat)
    page.goto(reverse("meetings:agenda", args=[meeting.pk]))
    rows = page.locator(".point")

    def shown() -> list[str]:
        told = "(all) => all.map((each) => getComputedStyle(each).opacity)"
        return page.locator(".point-steps").evaluate_all(told)

    page.get_by_role("heading", level=1).hover()
    assert shown() == ["0", "0"]
    rows.nth(1).hover()
    assert shown() == ["0", "1"]
    page.get_by_role("heading", level=1).hover()
    page.get_by_role("button", name="Descendre Un").focus()
    assert shown() == ["1", "0"]
    assert page.get_by_role("button", name="À l’unanimité").count() == 0  # nothing is voted yet
