"""The papers of a body, set in a browser: the sheet follows, the parts move, everybody gets in."""

import pytest
from playwright.sync_api import expect

from members.models import PaperStyle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(page_of, cast):
    page = page_of(cast.secretariat)
    page.goto(f"/instances/{cast.comite.pk}/papiers/")
    return page


def test_the_sheet_follows_what_is_typed_and_nothing_is_written(page):
    sheet = page.locator("#apercu .sheet")
    expect(sheet).to_contain_text("Procès-verbal")
    page.get_by_label("Lignes d’en-tête").fill("Direction générale")
    expect(sheet).to_contain_text("Direction générale")
    page.get_by_label("bordeaux").check()
    title = sheet.locator("h1")
    expect(title).to_have_css("color", "rgb(107, 26, 44)")
    page.get_by_label("Ouverture du procès-verbal").fill("{lieux}")
    expect(page.locator("#apercu .notice")).to_contain_text("n’est pas un repère")
    page.locator("label", has_text="Convocation").last.click()
    expect(title).to_have_text("Convocation")
    assert not PaperStyle.objects.exists()


def test_parts_move_by_keyboard_and_are_kept(page):
    up = page.get_by_role("button", name="Monter : Membres de l’assemblée")
    up.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    expect(up).to_have_attribute("aria-disabled", "true")
    parts = page.locator("#apercu .sheet").locator("h2.part, .figures, .statements")
    expect(parts.first).to_have_text("Membres de l’assemblée")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("les prochains papiers en tiennent compte")).to_be_visible()
    assert PaperStyle.objects.get().minutes_parts[:2] == ["presences", "chiffres"]


def test_enter_in_a_line_saves_and_moves_nothing_a_logo_too_heavy_never_leaves(page, kept_out):
    field = page.get_by_label("Logo propre à l’instance")
    heavy = {"name": "logo.png", "mimeType": "image/png", "buffer": b"0" * (3 * 1024 * 1024)}
    field.set_input_files(heavy)
    expect(page.get_by_text("« logo.png » dépasse 2 Mo")).to_be_visible()
    assert field.input_value() == ""
    page.get_by_label("Ouverture du procès-verbal").fill("{lieux}")
    expect(page.locator("#apercu .notice")).to_be_visible()
    assert kept_out(page) == []
    page.get_by_label("Ouverture du procès-verbal").fill("")
    page.get_by_label("Pied de page").fill("Au pied")
    expect(page.locator("#apercu .foot")).to_have_attribute("data-foot", "Au pied")
    page.keyboard.press("Enter")
    expect(page.get_by_text("les prochains papiers en tiennent compte")).to_be_visible()
    kept = PaperStyle.objects.get()
    assert (kept.footer, kept.minutes_parts) == ("Au pied", [])


def test_without_a_script_the_page_does_the_same(page_of, cast):
    page = page_of(cast.secretariat, java_script_enabled=False)
    page.goto(f"/instances/{cast.comite.pk}/papiers/")
    page.get_by_label("Pied de page").fill("Au pied")
    page.get_by_role("button", name="Descendre : Quorum").first.click()
    assert page.get_by_label("Pied de page").input_value() == "Au pied"
    page.get_by_role("button", name="Revoir l’aperçu").click()
    assert page.locator("#apercu .foot").get_attribute("data-foot") == "Au pied"
    page.get_by_role("button", name="Enregistrer").click()
    assert PaperStyle.objects.get().minutes_parts[:3] == ["chiffres", "presences", "quorum"]
