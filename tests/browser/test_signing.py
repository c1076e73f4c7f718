"""A president is led from her first page to what awaits her, reads it, signs it in one act."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.models import Brief
from registry.signatures import actions as signatures
from registry.signatures import pades, reading
from tests import held
from tests.cast import make_role


@pytest.fixture
def meeting(transactional_db, cast, settings, own_directory):
    """A sitting whose extract and list await the president."""
    settings.SIGNING_DEVELOPMENT = True
    settings.SIGNING_DIR = own_directory / "certificats"
    settings.SIGNING_ROOTS = own_directory / "autorites"
    held.give_accounts(cast)
    held.give_keys(cast)
    meeting = held.hold(cast, held.JUNE, adopted=("Budget",))
    Brief.objects.create(item=meeting.items.get(title="Budget"), articles="De voter le budget")
    by, at = cast.secretariat, timezone.now()
    signatures.prepare_batch(held.issue_acts(meeting, by=by, at=at), by=by, at=at)
    return meeting


@pytest.fixture
def president(cast):
    make_role(cast.alice.user, cast.organisation, "delegue")
    return cast.alice.user


@pytest.mark.parametrize("width", [1440, 390])
def test_everything_is_signed_in_one_act(meeting, president, page_of, kept_out, width):
    page = page_of(president, width=width)
    kept = kept_out if width == 390 else lambda page: []
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Signer")).click()
    waiting = reading.to_sign(meeting, president)
    page.get_by_text("Empreintes de ce que vous signez").click()
    for each in waiting:
        page.get_by_text(each.digest).first.wait_for()
        page.locator("summary", has_text=each.document.heading).click()
        paper = page.frame_locator(f"iframe[src='/documents/{each.document.pk}/lire/']")
        paper.get_by_role("heading", level=1).first.wait_for()
    assert kept(page) == []
    # Nothing ticked, nothing is asked: « Signer les documents cochés ? » had nothing to name.
    boxes = page.get_by_role("checkbox", name=re.compile("^Signer : "))
    why = page.get_by_text("Cochez ce que vous signez.")
    for box in boxes.all():
        expect(why).not_to_be_visible()
        box.uncheck()
    expect(why).to_be_visible()
    expect(page.get_by_role("button", name="Signer les documents cochés")).to_be_disabled()
    for box in boxes.all():
        box.check()
    # Escape signs nothing, whatever the hand was doing.
    page.get_by_role("button", name="Signer les documents cochés").press("Enter")
    asked = page.get_by_role("dialog", name="Signer les documents cochés")
    for each in waiting:
        expect(asked).to_contain_text(each.document.own_heading)
    page.keyboard.press("Escape")
    assert reading.to_sign(meeting, president) == waiting
    page.get_by_role("button", name="Signer les documents cochés").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Signer", exact=True).click()
    page.get_by_text("2 documents signés.").first.wait_for()
    assert kept(page) == []
    assert not reading.to_sign(meeting, president)
    for each in waiting:
        content, _ = reading.current_file(each.document)
        assert pades.signed(content)[-1] == "president"
