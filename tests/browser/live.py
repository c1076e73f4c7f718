"""Hands at the console of a sitting, for the browser tests of the live room."""

import json
import time
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import PATIENCE

PATH = "/seances/{}/direct/"


class Console:
    """The keyboard of the one person who keeps the sitting; every key is counted."""

    def __init__(self, page: Page, pk: int):
        self.page, self.pk, self.count = page, pk, 0

    def open(self) -> "Console":
        self.page.goto(PATH.format(self.pk))
        return self.ready()

    def ready(self) -> "Console":
        """Once its script listens: whatever led there, the hand is on the field."""
        self.page.wait_for_url(f"**{PATH.format(self.pk)}")
        self.page.wait_for_function("() => document.documentElement.dataset.link === undefined")
        self.page.locator("#command:focus").wait_for()
        return self

    def key(self, *keys: str) -> "Console":
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1
        return self

    def type(self, text: str) -> "Console":
        """Letters as fast hands type them."""
        for char in text:
            self.page.keyboard.press("Space" if char == " " else char)
            self.count += 1
        return self

    def write(self, text: str) -> "Console":
        """Free text: not counted."""
        self.page.keyboard.type(text)
        return self

    def begin(self, count: int = 6) -> "Console":
        """Everybody there, the sitting opened without a clerk, its first item called."""
        self.type(" p").until(lambda m: len(m["present"]) == count)
        self.key("Enter", "Enter")
        self.sure()
        return self.key("Enter").until(lambda m: m["item"] == "p1")

    def sure(self) -> "Console":
        """Open in spite of each doubt: one press answers one."""
        self.page.locator("#dialog-open [name=sure]").wait_for(state="attached")
        for rank in (1, 2, 3):
            asked = f"document.querySelectorAll('#dialog-open [name=sure]').length >= {rank}"
            closed = "!document.getElementById('dialog-open').open"
            self.page.wait_for_function(f"() => {closed} || {asked}")
            if self.page.evaluate(f"() => {closed}"):
                break
            self.key("Enter")
        return self.until(lambda m: m["stage"] == "ouverte")

    # What the screen says

    @property
    def moment(self) -> dict:
        return json.loads(self.page.locator("[data-moment]").get_attribute("data-moment"))

    def until(self, holds: Callable[[dict], bool]) -> "Console":
        """Wait until the moment of the sitting is so, and the page is at rest: its last act over,
        which another reading may have shown before the reply that closes a window."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not holds(self.moment):
            assert time.monotonic() < deadline, f"the sitting stays at {self.moment}"
            self.page.wait_for_timeout(20)
        return self.rest()

    def in_room(self, key: str) -> "Console":
        return self.until(lambda m: key in m["present"])

    def gone(self, key: str) -> "Console":
        return self.until(lambda m: key not in m["present"])

    def on_item(self, key: str) -> "Console":
        return self.until(lambda m: m["item"] == key)

    def voting(self, *, still: bool = True) -> "Console":
        return self.until(lambda m: (m["poll"] is not None) is still)

    def told(self, words: str) -> "Console":
        """Wait until the line above the field says it."""
        self.page.locator("#told", has_text=words).wait_for()
        return self.rest()

    def rest(self) -> "Console":
        """Wait until nothing is being done: the next key finds the page as it stays."""
        self.page.locator("[data-console]:not([data-acting])").wait_for()
        return self

    def hints(self) -> list[str]:
        shown = self.page.locator("#hints .hint").all_inner_texts()
        return [" ".join(hint.split()) for hint in shown]

    def choice(self, key: str) -> str:
        return self.page.locator(f"#p-{key}").get_attribute("data-choice")

    # Names

    def letters(self, key: str, action: str = "") -> str:
        """The fewest letters that designate this person, the action not continuing her name: of
        her last name, then, after a space, of her first."""
        people = self.page.evaluate(
            """(key) => [...document.querySelectorAll("#roll .person")]
                 .filter((each) => each.dataset.key === key
                   || (each.dataset.acts && !each.matches(".is-latent")))
                 .map(({dataset: {key, last, others}}) => [key, `${last} ${others}`])""",
            key,
        )
        name = dict(people)[key]
        others = [other for known, other in people if known != key]
        for count in range(1, len(name) + 1):
            is_alone = not any(other.startswith(name[:count]) for other in others)
            if is_alone and name[count : count + 1] != action:
                return name[:count]
        return name

    def does(self, key: str, action: str) -> "Console":
        """Name her and say what she does."""
        return self.type(self.letters(key, action) + action)
