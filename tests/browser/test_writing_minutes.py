"""Minutes written on the sheet itself, in a real browser."""

import pytest
from django.utils import timezone

from documents import actions as documents
from registry.models import Phrase
from registry.reviews import actions as reviews
from tests.browser.conftest import wait_until_saved
from tests.held import JUNE, hold, write


@pytest.fixture
def meeting(transactional_db, cast):
    """A sitting of the Comité, closed, with one text."""
    Phrase.objects.create(body=cast.comite, title="Vote", text="Il est passé au vote.")
    return hold(cast, JUNE, adopted=("Budget",), approves=False)


@pytest.fixture
def item(meeting):
    return meeting.items.get(title="Budget")


@pytest.fixture
def page(meeting, cast, page_of):
    page = page_of(cast.secretariat)
    page.goto(f"/seances/{meeting.pk}/rediger/")
    return page


def edit(page, *, at_end=True):
    """Open the only text by keyboard, the caret where one goes on writing."""
    page.get_by_role("button", name="Modifier le texte : Budget").press("Enter")
    page.locator("[contenteditable=true]:focus").wait_for()
    if at_end:
        page.keyboard.press("End")


def text_of(item) -> str:
    item.refresh_from_db()
    return item.text


def asked_of(person, meeting, cast):
    """The review asked of this reader."""
    by, at = cast.secretariat, timezone.now()
    (asked,) = reviews.ask(meeting, readers=[(person, "relecteur")], by=by, at=at)
    return asked


def remarked(asked, item):
    words = {"text": "Il manque un mot.", "seen": "a" * 64}
    reviews.remark(by=asked.review, item=item, at=timezone.now(), **words)


def test_a_text_is_written_where_it_stands(page, item):
    page.get_by_text("Le Comité en débat.").click()
    editor = page.locator("[contenteditable=true]:focus")
    editor.wait_for()
    page.keyboard.press("End")
    page.keyboard.type(" Longuement.")
    page.keyboard.press("Control+Enter")
    page.locator(".passage-words").get_by_text("Le Comité en débat. Longuement.").wait_for()
    assert page.locator("[contenteditable=true]").count() == 0
    assert text_of(item) == "<p>Le Comité en débat. Longuement.</p>"
    # The focus is back on the button, so that Enter opens it again.
    page.locator("[data-passage-open]:focus").wait_for()
    page.keyboard.press("Enter")
    editor.wait_for()


def test_a_phrase_goes_to_the_caret_by_click_and_by_key(page, item):
    edit(page)
    page.keyboard.type(" ")
    page.locator("aside").get_by_role("button", name="Vote").click()
    page.keyboard.type(" ")
    page.keyboard.press("Alt+1")
    # A French keyboard has its digits too: the key engraved 1 types « & ».
    page.evaluate(
        """document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
        {key: "&", code: "Digit1", altKey: true, bubbles: true, cancelable: true}))"""
    )
    wait_until_saved(page)
    said = "Il est passé au vote."
    assert text_of(item) == f"<p>Le Comité en débat. {said} {said}{said}</p>"


def test_a_passage_is_marked_sensitive(page, item):
    edit(page, at_end=False)
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Passage sensible").click()
    wait_until_saved(page)
    assert text_of(item) == '<p><mark class="sensible">Le Comité en débat.</mark></p>'


def test_two_people_never_overwrite_each_other_and_read_what_is_kept(page, item, cast, page_of):
    other = page_of(cast.secretariat)
    other.goto(page.url)
    for one in (page, other):
        edit(one)
    other.keyboard.type(" Et d’un.")
    wait_until_saved(other)
    page.keyboard.type(" Et de deux.")
    page.wait_for_url("**/conflit/")
    assert page.locator(".versions .prose >> nth=0").inner_text() == "Le Comité en débat. Et d’un."
    assert text_of(item) == "<p>Le Comité en débat. Et d’un.</p>"
    page.get_by_role("button", name="Enregistrer ce texte").click()
    page.wait_for_url(f"**/rediger/#texte-{item.key}")
    page.locator(".passage-words").get_by_text("Et de deux.").wait_for()


def test_a_phrase_without_an_open_text_says_what_to_do(page, item):
    page.locator("aside").get_by_role("button", name="Vote").press("Enter")
    page.locator("#announcer").get_by_text("Ouvrez d’abord un texte").wait_for()
    assert page.evaluate("document.activeElement.hasAttribute('data-passage-open')")
    assert text_of(item) == "<p>Le Comité en débat.</p>"


def test_the_reason_half_typed_outlives_what_is_missing(page, meeting, item, cast):
    """After each text what is missing is told anew, around the reason of the next version."""
    documents.issue_minutes(meeting, by=cast.secretariat, at=timezone.now())
    write(cast, meeting, "<p>Corrigé.</p>")
    page.reload()
    page.get_by_label("Ce que cette version corrige").fill("Une intervention")
    edit(page)
    page.keyboard.type(" Mieux.")
    page.keyboard.press("Control+Enter")
    page.locator(".passage-words").get_by_text("Corrigé. Mieux.").wait_for()
    assert page.get_by_label("Ce que cette version corrige").input_value() == "Une intervention"


def test_a_reader_answers_on_a_telephone_without_account_or_script(meeting, item, cast, page_of):
    asked = asked_of(cast.bruno, meeting, cast)
    page = page_of(None, width=390, java_script_enabled=False)
    page.goto(asked.path)
    # The sheet shows its texts where they stand, though no script ran.
    page.get_by_text("Le Comité en débat.").first.wait_for()
    page.get_by_role("link", name="Remarquer sur : Budget").click()
    page.get_by_label("Votre remarque").fill("Il manque un mot.")
    page.get_by_role("button", name="Ajouter la remarque").click()
    page.locator(f"#texte-{item.key}").get_by_text("Il manque un mot.").wait_for()
    assert asked.review.remarks.get().item == item
    page.get_by_role("button", name="Bon à établir").click()
    page.get_by_text("Votre avis est gardé.").first.wait_for()
    asked.review.refresh_from_db()
    assert asked.review.verdict == "bon"


def test_a_remark_is_settled_beside_its_text_by_keyboard(page, meeting, item, cast):
    asked = asked_of(cast.bruno, meeting, cast)
    remarked(asked, item)
    page.reload()
    edit(page)
    page.keyboard.type(" Voilà.")
    remark = page.locator(".passage .remark")
    remark.get_by_text("Répondre et régler").press("Enter")
    remark.get_by_label("Suite donnée").fill("C’est ajouté.")
    remark.get_by_role("button", name="Régler").press("Enter")
    page.get_by_text("Remarque réglée").first.wait_for()
    assert page.url.endswith(f"#texte-{item.key}")
    # To leave the open text for the answer was to save it.
    page.locator(".passage-words").get_by_text("Le Comité en débat. Voilà.").wait_for()
    assert asked.review.remarks.get().answer == "C’est ajouté."


def test_nothing_keeps_anybody_out(page, meeting, item, cast, kept_out):
    cast.bruno.email = "bruno@brume.example"
    cast.bruno.save()
    asked = asked_of(cast.bruno, meeting, cast)
    remarked(asked, item)
    issued = []
    for text, reason in (("", ""), ("<p>Le Comité en décide.</p>", "Un mot.")):
        if text:
            write(cast, meeting, text)
        by, at = cast.secretariat, timezone.now()
        issued.append(documents.issue_minutes(meeting, by=by, at=at, reason=reason).pk)
    write(cast, meeting, "<p>Encore.</p>")  # so that a draft is open
    for path in (
        f"/seances/{meeting.pk}/rediger/",
        f"/seances/{meeting.pk}/relectures/",
        f"/instances/{cast.comite.pk}/phrases/",
        f"/documents/{issued[0]}/comparer/{issued[1]}/",
        asked.path,
    ):
        page.goto(path)
        if "rediger" in path:
            edit(page)
        assert kept_out(page, path) == []
