"""A search by the keyboard: what is meant comes while one types, is said, is entered by arrows."""

import pytest
from playwright.sync_api import Page

from documents import actions as documents
from tests.browser.conftest import PATIENCE
from tests.held import AT, whole


@pytest.fixture
def page(transactional_db, cast, page_of) -> Page:
    meeting = whole(cast)
    documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    page = page_of(cast.delegate)
    page.goto("/recherche/")
    return page


def says(page: Page, words: str) -> None:
    page.locator("#announcer", has_text=words).wait_for(timeout=PATIENCE)


def test_what_is_meant_is_said_and_entered_by_the_arrows(page, kept_out):
    field = page.get_by_label("Mots ou numéro")
    field.focus()
    page.keyboard.type("covnention")
    says(page, "1 proposition, flèche bas pour les lire")
    assert kept_out(page, "propositions") == []
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Convention"
    page.keyboard.press("Escape")
    assert field.evaluate("it => it === document.activeElement")
    page.keyboard.type("zz")
    says(page, "Aucune proposition")
    for _ in range(2):
        page.keyboard.press("Backspace")
    page.locator("#propositions a").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*/")


def test_without_a_script_a_slip_is_forgiven_by_the_results(page, cast, page_of, barriers):
    page = page_of(cast.delegate, java_script_enabled=False)
    page.goto("/recherche/")
    page.get_by_label("Mots ou numéro").fill("convetnion")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_text("voici «\u00a0convention\u00a0»").first.wait_for()
    assert page.locator(".found mark").first.inner_text().lower() == "convention"
