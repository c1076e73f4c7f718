"""The roll and the agenda worked by keyboard, by many quick clicks and by drag."""

from time import sleep

import pytest

from tests.held import prepare

ORDER = """() => [...document.querySelectorAll("[data-agenda] .point")].map(
  (row) => "-".repeat(row.dataset.depth) + row.querySelector(".point-title").innerText)"""


@pytest.fixture
def meeting(transactional_db, cast):
    return prepare(cast, "Un", "Deux", "Trois")


def pointed(page) -> str:
    checked = page.locator("[data-roll] .states input:checked")
    return checked.evaluate_all('(radios) => radios.map((radio) => radio.value[0]).join("")')


def test_the_roll_is_called_without_a_mouse(meeting, cast, page_of):
    page = page_of(cast.secretariat)
    page.goto(f"/seances/{meeting.pk}/presences/")
    # Arrows go from person to person and change nothing.
    before = pointed(page)
    page.locator("[data-roll] .states input").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert page.locator("[data-roll] .seat").nth(2).locator("input:focus").count() == 1
    assert pointed(page) == before == ""  # nobody was pointed yet
    page.locator("[data-roll] .states input").first.focus()
    page.keyboard.press("a")
    page.locator("[data-roll] .seat").nth(1).locator("input:focus").wait_for()
    assert pointed(page)[:1] == "a"
    page.locator("[data-roll] .states input").first.focus()
    for key in "peaeppp":
        page.keyboard.press(key)
    page.locator(".quorum-figure", has_text="4 / 6").wait_for()
    assert pointed(page) == "peaeppp"
    page.reload()
    assert pointed(page) == "peaeppp"


def test_a_line_stands_still_under_the_button_that_is_pressed(meeting, cast, page_of):
    """What opens beside a name closes before the next line is pressed, or that press is lost."""
    page = page_of(cast.secretariat)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/seances/{meeting.pk}/presences/")
    labels = page.locator("[data-roll] .states label[for$='-p']")
    for rank in range(3):
        over(page, labels.nth(rank))
        box = over(page, labels.nth(rank))
        page.mouse.down()
        assert labels.nth(rank).bounding_box() == box
        page.mouse.up()
        counted(page, rank + 1)
    assert pointed(page)[:3] == "ppp"


def test_an_answer_that_comes_between_press_and_release_loses_no_press(meeting, cast, page_of):
    page = page_of(cast.secretariat)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/seances/{meeting.pk}/presences/")
    labels = page.locator("[data-roll] .states label[for$='-p']")
    press_while_answered(page, labels.nth(0), labels.nth(1))
    page.mouse.up()
    counted(page, 2)
    assert pointed(page)[:2] == "pp"
    # Released elsewhere, the press changes nobody, and the answer is shown all the same.
    press_while_answered(page, labels.nth(2), labels.nth(3))
    page.mouse.move(5, 5)
    page.mouse.up()
    counted(page, 3)
    assert pointed(page)[:4] == "pppa"


def press_while_answered(page, first, second) -> None:
    """The answer to a click on the first arrives while the second is held down."""
    held = []
    page.route("**/appel/**", lambda route: held.append(route))
    first.click()
    while not held:
        page.wait_for_timeout(10)
    over(page, second)
    page.mouse.down()
    page.evaluate(
        """() => { window.answered = new Promise((done) =>
             document.body.addEventListener("htmx:afterRequest", done, { once: true })); }"""
    )
    held[0].continue_()
    page.evaluate("() => window.answered.then(() => true)")
    page.unroute("**/appel/**")


def over(page, label) -> dict:
    """The mouse comes over the button; where the button is then."""
    label.scroll_into_view_if_needed()
    box = label.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return label.bounding_box()


def counted(page, number: int) -> None:
    """The roll shows that so many are there."""
    page.locator(".quorum-figure", has_text=f"{number} / 6").wait_for()


@pytest.fixture
def agenda(meeting, cast, page_of):
    page = page_of(cast.secretariat)
    page.goto(f"/seances/{meeting.pk}/ordre-du-jour/")
    return page


def settled(page, wanted: list[str]) -> None:
    """The points are in this order, and htmx has done with them: the focus comes last."""
    page.wait_for_function(
        f"(wanted) => String(({ORDER})()) === String(wanted) && "
        "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')",
        arg=wanted,
    )


def test_points_move_with_alt_and_an_arrow_or_by_buttons(agenda):
    assert agenda.evaluate(ORDER) == ["Un", "Deux", "Trois"]
    agenda.get_by_role("link", name="Trois", exact=True).focus()
    agenda.keyboard.press("Alt+ArrowUp")
    settled(agenda, ["Un", "Trois", "Deux"])
    assert agenda.evaluate("document.activeElement.innerText") == "Trois"
    agenda.keyboard.press("Alt+ArrowRight")
    settled(agenda, ["Un", "-Trois", "Deux"])
    agenda.keyboard.press("Alt+ArrowLeft")
    settled(agenda, ["Un", "Trois", "Deux"])
    agenda.get_by_role("button", name="Annuler").click()
    settled(agenda, ["Un", "-Trois", "Deux"])
    # A button keeps the focus where it leads nowhere more.
    agenda.get_by_role("button", name="Monter Deux").click()
    settled(agenda, ["Deux", "Un", "-Trois"])
    assert agenda.locator("[aria-label='Monter Deux'][aria-disabled=true]:focus").count() == 1


def test_a_point_is_dragged_under_another_or_given_up(agenda):
    grip = agenda.locator(".point", has_text="Trois").locator(".grip").bounding_box()
    row = agenda.locator(".point").first.bounding_box()
    x, y = grip["x"] + 6, grip["y"] + 6
    agenda.mouse.move(x, y)
    agenda.mouse.down()
    agenda.mouse.move(x, y - 96, steps=3)
    agenda.keyboard.press("Escape")
    agenda.mouse.up()
    assert agenda.locator(".landing").count() == 0
    assert agenda.evaluate(ORDER) == ["Un", "Deux", "Trois"]
    agenda.mouse.move(x, y)
    agenda.mouse.down()
    agenda.mouse.move(x + 20, (y + row["y"]) / 2)
    agenda.mouse.move(x + 40, row["y"] + row["height"] - 4, steps=3)
    agenda.mouse.up()
    settled(agenda, ["Un", "-Trois", "Deux"])


# A page that leaves answers no question: what it showed last is read from the next one.
WATCH = """() => new MutationObserver(([change]) => {
  sessionStorage.busy = change.target.innerText.trim();
}).observe(document.body, {subtree: true, attributeFilter: ["data-busy"]})"""


def test_a_slow_act_says_that_it_is_under_way(agenda, meeting):
    agenda.goto(f"/seances/{meeting.pk}/points/p1/modifier/")

    def slow(route):
        if route.request.method == "POST":
            sleep(1)
        route.continue_()

    agenda.route("**", slow)
    agenda.evaluate(WATCH)
    plain = "main form[method=post]:not([hx-post]):not([data-confirm]) button[type=submit]"
    button = agenda.locator(plain).first
    words = button.inner_text().strip()
    with agenda.expect_navigation():
        button.click()
    assert agenda.evaluate("sessionStorage.busy") == words
