"""The pages at 200 % and 400 %, in colours that the system forces, without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from live import reading, rehearsal
from tests.browser.live import Console
from tests.held import whole

# Each stop that is under what stays in place once it has the focus.
HIDDEN = """async () => {
  const stuck = [...document.querySelectorAll("main *, .console-bar")].filter((it) =>
    ["fixed", "sticky"].includes(getComputedStyle(it).position) && it.checkVisibility());
  const stops = [...document.querySelectorAll("main :is(a[href], button, input, select, summary)")];
  const hidden = [];
  for (const it of stops) {
    if (!it.checkVisibility() || it.tabIndex < 0 || it.closest("dialog")) continue;
    if (stuck.some((each) => each.contains(it))) continue;
    it.focus();
    // Scrolling is over when two frames show it at the same place; nothing slides, as asked.
    for (let top; top !== it.getBoundingClientRect().top; ) {
      top = it.getBoundingClientRect().top;
      await new Promise(requestAnimationFrame);
    }
    const box = it.getBoundingClientRect();
    const isUnder = (each) => {
      const over = each.getBoundingClientRect();
      const isOver = over.top < box.bottom - 1 && box.top < over.bottom - 1;
      return isOver && over.left < box.right && box.left < over.right;
    };
    if (stuck.some(isUnder)) hidden.push(it.innerText || it.name);
  }
  return hidden;
}"""
WIDE = "document.documentElement.scrollWidth - innerWidth"


def test_the_console_at_200_and_400_percent_hides_nothing_in_focus(
    transactional_db, cast, page_of, barriers
):
    stage = rehearsal.prepare(delegates=30, by=cast.secretariat, at=reading.wall_clock())
    page = page_of(cast.secretariat)
    page.emulate_media(reduced_motion="reduce")
    console = Console(page, stage.meeting.pk).open()
    console.begin(30)
    for width, height in [(720, 450), (320, 256)]:
        page.set_viewport_size({"width": width, "height": height})
        bar = page.locator(".console-bar").bounding_box()
        assert bar["height"] <= 0.45 * height
        assert page.evaluate(HIDDEN) == []
        assert page.evaluate(WIDE) <= 0
        page.locator("#command").focus()
        expect(page.locator("#command")).to_be_in_viewport()
        assert barriers(page, f"{width} × {height}") == []


def paths(meeting) -> list[str]:
    item = meeting.items.get(title="Convention")
    names = "detail edit attendance agenda ledger why dossier".split()
    return [
        *(reverse(f"meetings:{name}", args=[meeting.pk]) for name in names),
        reverse("meetings:item", args=[meeting.pk, item.key]),
        reverse("registry:write", args=[meeting.pk]),
        reverse("convening:roll", args=[meeting.pk]),
        *map(reverse, ("home", "meetings:list", "documents:mine", "archive:to_do")),
        *map(reverse, ("members:accessibility", "members:legal", "members:site_map")),
    ]


def test_pages_at_320_pixels_and_at_200_percent(transactional_db, cast, page_of):
    meeting = whole(cast)
    page = page_of(cast.secretariat)
    page.emulate_media(reduced_motion="reduce")
    wrong = []
    for path in paths(meeting):
        for width, height in [(320, 256), (720, 450)]:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(path)
            if (wide := page.evaluate(WIDE)) > 0:
                wrong.append(f"{path} : {wide} px de trop à {width}")
            wrong += [f"{path} : « {each} » est caché" for each in page.evaluate(HIDDEN)]
    assert wrong == []


def colour(page: Page, selector: str, what: str) -> str:
    return page.locator(selector).first.evaluate(f"it => getComputedStyle(it).{what}")


def test_red_is_for_what_is_late(transactional_db, cast, page_of):
    """Neither where one is, nor an open sitting, nor the number of an item."""
    meeting = whole(cast)
    page = page_of(cast.secretariat)
    red = "rgb(162, 58, 37)"
    seen = [
        (reverse("meetings:agenda", args=[meeting.pk]), ".mainnav a[aria-current]", "borderColor"),
        (reverse("meetings:agenda", args=[meeting.pk]), ".point-number", "color"),
    ]
    for path, selector, what in seen:
        page.goto(path)
        assert red not in colour(page, selector, what), selector
    stage = rehearsal.prepare(delegates=9, by=cast.secretariat, at=reading.wall_clock())
    Console(page, stage.meeting.pk).open().begin(9)
    assert red not in colour(page, ".stage-ouverte", "color")
    assert red not in colour(page, ".pt-number", "color")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_still_tell_one_state_from_another(scheme, transactional_db, cast, page_of):
    meeting = whole(cast)
    page = page_of(cast.secretariat, color_scheme=scheme, is_kept=False)
    page.emulate_media(forced_colors="active")
    page.goto(f"{reverse('meetings:attendance', args=[meeting.pk])}?corriger=1")
    pointed = colour(page, ".states input:checked + label", "backgroundColor")
    assert pointed != colour(page, ".states input:not(:checked) + label", "backgroundColor")
    here, there = ".mainnav a[aria-current]", ".mainnav a:not([aria-current])"
    assert colour(page, here, "borderBottomColor") != colour(page, there, "borderBottomColor")
    page.goto(reverse("members:composition", args=[meeting.body_id]))
    here, there = ".tabs a[aria-current]", ".tabs a:not([aria-current])"
    assert colour(page, here, "borderBottomColor") != colour(page, there, "borderBottomColor")
    page.goto(reverse("convening:year", args=[meeting.body_id]))
    came = colour(page, ".cell-present rect", "fill")
    assert came != colour(page, ".cell-represente rect", "fill")
    assert came != colour(page, ".cell-present text", "fill")
    stage = rehearsal.prepare(delegates=9, by=cast.secretariat, at=reading.wall_clock())
    console = Console(page, stage.meeting.pk).open()
    assert colour(page, ".console-field", "outlineStyle") == "solid"
    console.key("ArrowDown")
    chosen = colour(page, ".person.is-chosen", "backgroundColor")
    assert chosen != colour(page, ".person:not(.is-chosen)", "backgroundColor")


def test_writing_the_minutes_without_script_leads_to_a_form(transactional_db, cast, page_of):
    meeting = whole(cast)
    page = page_of(cast.secretariat, java_script_enabled=False)
    page.goto(reverse("registry:write", args=[meeting.pk]))
    expect(page.get_by_text("Tout s’enregistre à mesure")).to_be_hidden()
    assert page.locator(".passage-open:visible, .phrase:visible").count() == 0
    page.get_by_role("link", name="Écrire sur la page du point").first.click()
    page.locator("textarea[name=text]").first.fill("Sans script.")
    page.locator("form:has(textarea[name=text]) [type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("Sans script.")


def test_an_item_moved_is_taken_back_by_one_key(transactional_db, cast, page_of):
    meeting = whole(cast)
    page = page_of(cast.secretariat)
    page.goto(reverse("meetings:agenda", args=[meeting.pk]))
    titles = page.locator(".point-title")
    before = titles.all_inner_texts()
    titles.nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("button", name="Annuler (Ctrl Z)")).to_be_visible()
    expect(titles.first).to_have_text(before[1])
    page.keyboard.press("Control+z")
    expect(titles.first).to_have_text(before[0])
    assert titles.all_inner_texts() == before


def test_saving_is_told_when_it_fails_and_not_at_each_pause(
    transactional_db, cast, page_of, complaints
):
    meeting = whole(cast)
    page = page_of(cast.secretariat)
    page.goto(meeting.items.get(title="Convention").get_absolute_url())
    text, said = page.locator(".debate-page").first, page.locator("#announcer")
    text.click()
    page.keyboard.type("Un mot.")
    page.locator("[data-autosave-state=saved]").wait_for()
    expect(page.locator("[data-autosave-state]").first).to_have_attribute("aria-live", "off")
    assert said.inner_text() == ""
    page.route("**/texte/**", lambda route: route.abort())
    page.keyboard.type(" Un autre.")
    expect(said).to_contain_text("Hors connexion")
    page.unroute_all()
    page.keyboard.type(" Encore.")
    expect(said).to_contain_text("Enregistré")
    complaints.clear()
