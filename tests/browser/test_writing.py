"""What was said, typed, pasted and saved in a real browser."""

import pytest
from django.urls import reverse

from tests.browser.conftest import wait_until_saved
from tests.held import prepare

# What Word 365 puts on the clipboard, shortened.
FROM_WORD = """
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style>p.MsoNormal {margin:0cm}</style></head><body><!--StartFragment-->
<h1 style='mso-style-next:Normal'>Titre<o:p></o:p></h1>
<p class=MsoNormal style='margin:0cm'>Un <b style='mso-bidi-font-weight:normal'>fait</b>,
<span style='font-style:italic'>penché</span>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;</span></span></span><![endif]>Premier</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span
style='mso-list:Ignore'>o<span>&nbsp;</span></span>Dedans</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span
style='mso-list:Ignore'>·<span>&nbsp;</span></span>Second</p>
<p class=MsoNormal>&nbsp;</p>
<p class=MsoNormal style='mso-list:l1 level1 lfo2'><span
style='mso-list:Ignore'>1.<span>&nbsp;</span></span>Un</p>
<table border=1 width=300 style='border:1px'><tr><td width=100 style='width:10pt'>
<p class=MsoNormal>a</p></td><td><p class=MsoNormal>b</p></td></tr></table>
<img src="data:image/png;base64,AAAA"><script>alert(1)</script>
<!--EndFragment--></body></html>
"""
FROM_DOCS = (
    "<b style='font-weight:normal' id='docs-internal-guid-1'><p dir=ltr style='line-height:1.2'>"
    "<span style='font-weight:700'>Gras</span><span style='font-weight:400'> maigre</span></p></b>"
)
PASTE = """(page, html) => {
  const clipboard = new DataTransfer();
  clipboard.setData("text/html", html);
  page.dispatchEvent(new ClipboardEvent("paste",
    {clipboardData: clipboard, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def item(transactional_db, cast):
    return prepare(cast, "Avant", "Budget").items.get(title="Budget")


def address(item) -> str:
    return reverse("meetings:item", args=[item.meeting_id, item.key])


def opened(page, item):
    page.goto(address(item))
    page.locator("[contenteditable=true]:focus").wait_for()
    return page


@pytest.fixture
def page(item, cast, page_of):
    """The item open before the secretary, its empty text in focus."""
    return opened(page_of(cast.secretariat), item)


def stored(item) -> str:
    item.refresh_from_db()
    return item.text


def strike(page, *told: str) -> None:
    """Words are typed, what is named like a key is pressed."""
    for each in told:
        is_key = each in {"Enter", "Tab", "Escape"} or "+" in each
        (page.keyboard.press if is_key else page.keyboard.type)(each)


def test_typing_is_saved_as_one_types(page, item):
    strike(page, "Bonjour ", "Control+b", "à tous", "Control+b", "Enter")
    strike(page, "- un", "Enter", "Tab", "dedans")
    wait_until_saved(page)
    assert stored(item) == (
        "<p>Bonjour <strong>à tous</strong></p><ul><li>un<ul><li>dedans</li></ul></li></ul>"
    )


def test_a_line_says_where_the_vote_falls(page, item):
    strike(page, "Avant.")
    page.get_by_role("button", name="Place du vote").click()
    strike(page, "Après.")
    wait_until_saved(page)
    assert stored(item) == "<p>Avant.</p><p>[vote]</p><p>Après.</p>"


def test_a_table_is_made_with_the_tools(item, cast, page_of):
    page = page_of(cast.secretariat, is_kept=False)
    page.clock.install()
    opened(page, item)
    page.get_by_role("button", name="Insérer un tableau").click()
    strike(page, "a", "Tab", "b")
    page.clock.fast_forward(600)  # what follows at once is undone with it
    page.get_by_role("button", name="Retirer la ligne").click()
    page.get_by_role("button", name="Annuler", exact=True).click()
    page.get_by_role("button", name="Ajouter une colonne").click()
    wait_until_saved(page)
    empty = "<tr><td></td><td></td><td></td></tr>"
    assert stored(item) == (
        f"<table><tbody><tr><th>a</th><th>b</th><th></th></tr>{empty}{empty}</tbody></table>"
    )


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        pytest.param(
            FROM_WORD,
            "<p><strong>Titre</strong></p><p>Un <strong>fait</strong>, <em>penché</em>.</p>"
            "<ul><li>Premier<ul><li>Dedans</li></ul></li><li>Second</li></ul><ol><li>Un</li></ol>"
            "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
            id="de Word",
        ),
        pytest.param(FROM_DOCS, "<p><strong>Gras</strong> maigre</p>", id="de Google Docs"),
    ],
)
def test_what_is_pasted_comes_out_clean(page, item, html, wanted):
    page.locator("[contenteditable=true]").evaluate(PASTE, html)
    wait_until_saved(page)
    assert stored(item) == wanted


def test_leaving_by_a_link_saves_first(page, item):
    page.keyboard.type("Un mot")
    page.get_by_role("link", name="Précédent").click()
    page.get_by_role("heading", name="Avant").wait_for()
    assert stored(item) == "<p>Un mot</p>"
    page.go_back()
    page.get_by_role("textbox", name="Ce qui s’est dit").get_by_text("Un mot").wait_for()


def test_without_network_the_text_waits(page, item):
    page.context.set_offline(True)
    page.keyboard.type("Perdu ?")
    page.locator("[data-autosave-state=failed]").wait_for()
    assert page.locator("#offline").is_visible()
    page.context.set_offline(False)
    wait_until_saved(page)
    assert not page.locator("#offline").is_visible()
    assert stored(item) == "<p>Perdu ?</p>"


def test_two_people_see_both_texts(page, item, cast, page_of):
    other = opened(page_of(cast.secretariat), item)
    other.keyboard.type("Le budget est présenté.")
    wait_until_saved(other)
    page.keyboard.type("Le budget est longuement présenté.")
    page.wait_for_url("**/conflit/")
    assert page.locator(".versions .prose >> nth=0").inner_text() == "Le budget est présenté."
    assert page.locator(".versions ins").inner_text() == "longuement"
    page.get_by_role("button", name="Enregistrer ce texte").click()
    page.wait_for_url(f"**{address(item)}")
    assert stored(item) == "<p>Le budget est longuement présenté.</p>"


def test_the_keyboard_is_not_trapped_the_tools_are_one_stop(page):
    strike(page, "- un", "Enter", "deux", "Escape", "Tab")
    assert page.locator("[contenteditable=true]:focus").count() == 0
    page.locator("[contenteditable=true]").focus()
    strike(page, "Escape", "Shift+Tab")
    assert page.evaluate("document.activeElement.dataset.act") == "bold"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.act") == "italic"
    assert page.locator("[role=toolbar] button[tabindex='0']").count() == 1
