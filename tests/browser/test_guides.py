"""Help in a browser: a word of the trade by the keyboard, the guide beside the console, the way
back."""

from django.urls import reverse

from live import reading, rehearsal


def test_a_word_is_explained_by_the_keyboard(transactional_db, cast, page_of, kept_out):
    page = page_of(cast.secretariat)
    page.goto(reverse("archive:verify"))
    word = page.get_by_role("button", name="établi", exact=True)
    meaning = page.locator("#mot-établir")
    assert not meaning.is_visible()
    word.press("Enter")
    assert meaning.is_visible()
    assert kept_out(page, "un mot ouvert") == []
    page.keyboard.press("Escape")
    meaning.wait_for(state="hidden")
    assert word.evaluate("each => each === document.activeElement")


def test_one_comes_back_from_the_guide(transactional_db, cast, page_of):
    page = page_of(cast.secretariat, java_script_enabled=False, is_kept=False)
    page.goto(reverse("members:composition", args=[cast.comite.pk]))
    page.locator(".masthead").get_by_role("link", name="Aide").click()
    assert page.url.endswith("#les-instances")
    page.get_by_role("link", name="Revenir à la page").click()
    assert page.url.endswith(reverse("members:composition", args=[cast.comite.pk]))


def test_the_console_is_not_left(transactional_db, own_directory, cast, page_of):
    by = cast.secretariat
    meeting = rehearsal.prepare(delegates=3, by=by, at=reading.wall_clock()).meeting
    page = page_of(by, is_kept=False)
    page.goto(reverse("live:console", args=[meeting.pk]))
    page.locator(".console-menu summary").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Aide").click()
    assert "tenir-la-s" in opened.value.url
    assert page.url.endswith(reverse("live:console", args=[meeting.pk]))
