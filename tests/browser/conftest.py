"""A real browser before a real server: Debian's chromium, driven by playwright.

Whatever a test does, it also fails when a page raised a script error or the
Content-Security-Policy refused something: no test has to ask.
"""

import functools
import os
import shutil
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from time import monotonic, sleep

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connections
from django.dispatch import receiver
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Playwright

from tests import doors
from tests.processes import Server

# Playwright's synchronous face runs an event loop in this thread; Django would refuse the
# database there, though nothing here is asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

PATIENCE = 30_000  # ms, when others keep both cores busy; nobody waits so long otherwise


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them are of the proof."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.proof)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    # Without the windows that nobody sees, a page takes from a quarter to a half of the time of the
    # processor; its letters would be a little wider.
    shell = shutil.which("chromium-headless-shell")
    chromium = shell or shutil.which("chromium")
    if chromium is None:
        pytest.fail("chromium manque : lancez « make test », qui l’installe ou dit comment.")
    quiet = "background-networking component-update default-apps sync".split()
    return browser_type_launch_args | {
        "executable_path": chromium,
        "args": [
            "--no-sandbox",  # CI runs as root
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            # What would make a script quick is forgotten with its page, a second later: to compile
            # it well costs a fifth of the page.
            "--js-flags=--no-opt --no-maglev",
            *(["--font-render-hinting=none"] if shell else []),
            *(f"--disable-{feature}" for feature in quiet),
        ],
    }


@pytest.fixture(scope="session")
def _before_the_loop() -> None:
    connections.close_all()


@pytest.fixture(scope="session")
def playwright(_before_the_loop: None, playwright: Playwright) -> Iterator[Playwright]:
    """Django keeps the connections of a thread where a loop runs apart from the others: those of
    each side are closed while one can reach them, or PostgreSQL would not drop the database."""
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session", autouse=True)
def _a_gesture_ends_on_the_page_it_leads_to() -> Iterator[None]:
    """Playwright returns once that page has begun: what is read next may not be there yet, and a
    key pressed next finds no script. Nobody acts on a page that is not there; `goto` waits too."""

    def ends(gesture: Callable) -> Callable:
        @functools.wraps(gesture)
        def act(target: Locator, *args, **options) -> None:
            page = target.page
            gesture(target, *args, **options)
            if not page.is_closed():
                page.wait_for_load_state()

        return act

    with pytest.MonkeyPatch.context() as patch:
        for name in ("click", "press"):
            patch.setattr(Locator, name, ends(getattr(Locator, name)))
        yield


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return browser_context_args | {
        "locale": "fr-FR",
        "timezone_id": "Europe/Paris",
        "viewport": {"width": 1440, "height": 900},
        "accept_downloads": True,
    }


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the pages of the test complained about; anything left at the end fails it.

    A test that provokes a complaint on purpose reads it here and clears the list.
    """
    heard: list[str] = []
    yield heard
    assert heard == []


class Window:
    """A page kept from one test to the next, with what it has in cache and nothing else."""

    def __init__(self, browser: Browser, options: dict):
        self.heard: list[str] = []
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE)
        self.context.on("page", self.listen)
        self.page = self.context.new_page()

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        # A refusal (409, 422) is an answer; chromium reports every one of them as an error.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.heard.append(message.text)

    def sign_in(self, user, site: str) -> None:
        client, name = doors.enter(Client(), user), settings.SESSION_COOKIE_NAME
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])

    def forget(self, site: str) -> None:
        """Leave the page, whatever it asks, and forget who was there and what she kept."""
        self.heard = []
        for page in self.context.pages:
            if page is not self.page:
                page.close()
        self.page.unroute_all(behavior="ignoreErrors")
        self.context.set_offline(False)
        self.page.on("dialog", _accept)
        if self.page.url.startswith(site):
            self.page.evaluate("sessionStorage.clear()")
        self.page.goto("about:blank")
        self.page.remove_listener("dialog", _accept)
        whole = {"origin": site, "storageTypes": "all"}
        self.context.new_cdp_session(self.page).send("Storage.clearDataForOrigin", whole)
        self.context.clear_cookies()


def _accept(dialog: Dialog) -> None:
    dialog.accept()


@pytest.fixture(scope="session")
def windows() -> Iterator[dict[tuple, list[Window]]]:
    """Those that no test has, by the options that a page cannot change."""
    free: dict[tuple, list[Window]] = defaultdict(list)
    yield free
    for window in chain(*free.values()):
        window.context.close()


@pytest.fixture
def page_of(live_server, browser, browser_context_args, complaints, windows) -> Iterator[Callable]:
    """`page_of(cast.secretariat)` is a page of a browser where she is signed in; `None`: nobody.

    Paths are relative: `page.goto("/seances/")`. Each call is another person's browser, with
    its own cookies; `width=390` makes it a telephone, `color_scheme="dark"` the night. With
    `is_kept=False` the window serves this test alone, which does to it what cannot be undone.
    """
    taken: list[tuple[Window, tuple | None]] = []

    def page_of(user, *, width=1440, height=900, color_scheme="light", is_kept=True, **options):
        kind = tuple(sorted(options.items()))
        if is_kept and windows[kind]:
            window = windows[kind].pop()
        else:
            window = Window(browser, browser_context_args | {"base_url": live_server.url} | options)
        taken.append((window, kind if is_kept else None))
        window.heard = complaints
        window.page.set_viewport_size({"width": width, "height": height})
        window.page.emulate_media(color_scheme=color_scheme, reduced_motion="no-preference")
        if user is not None:
            window.sign_in(user, live_server.url)
        return window.page

    yield page_of
    for window, kind in taken:
        if kind is None or window.page.is_closed():
            window.context.close()
        else:
            window.forget(live_server.url)
            windows[kind].append(window)
    _until_nobody_is_answered()


@pytest.fixture
def own_directory(settings, tmp_path) -> Path:
    """Files of this test alone."""
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def server(meeting) -> Iterator[Server]:
    """The real server on the `meeting` of the test, which may kill it."""
    server = Server()
    server.start()
    yield server
    if server.process.poll() is None:
        server.kill()


def wait_until_saved(page: Page) -> None:
    """What was typed is on the server, and the page says so."""
    page.locator("[data-autosave-state=saved]").wait_for()


# --- Requests under way -----------------------------------------------------------------------

_answering: set[int] = set()  # the threads of the live server that answer somebody now


@receiver(request_started)
def _begin(**_) -> None:
    if threading.current_thread() is not threading.main_thread():
        _answering.add(threading.get_ident())


@receiver(request_finished)
def _end(**_) -> None:
    _answering.discard(threading.get_ident())


def _until_nobody_is_answered() -> None:
    """A page that left asks no more; the database is put back once its last answer was made."""
    deadline = monotonic() + PATIENCE / 1000
    while _answering:
        assert monotonic() < deadline, "a request of this test is still being answered"
        sleep(0.01)


# --- Nobody is kept out -----------------------------------------------------------------------

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
CONTRAST = "color-contrast"
COLOURS = [CONTRAST, "link-in-text-block"]  # all of them that look at colours
NEVER_FAILS = "hidden-content"  # tells whoever reads its report to look there too; nobody reads it
# A locator would bring its own script to each page, which takes as long as a third of axe.
THEMED = """async ([theme, patience]) => {
  const until = performance.now() + patience;
  while (document.documentElement.dataset.bsTheme !== theme) {
    if (performance.now() > until) throw new Error(`never ${theme}`);
    await new Promise((then) => setTimeout(then, 2));
  }
}"""

# Contrasts take half of the time of axe: of those who are written in the same colour, at the same
# size, over the same grounds, and are laid alike, one is asked about: whoever says something, is
# shown, and is of a kind that this tester saw judged well on no page yet. What moves is brought to
# its end: one that is never drawn, or has none, would be awaited for ever.
FAULTS = """async ([asked, known]) => {
  document.getAnimations().forEach((each) => {
    const { endTime } = each.effect.getComputedTiming();
    endTime === Infinity ? each.cancel() : each.finish();
  });
  const stacks = new Map(), well = new Set(known.split(" ").map(Number)), kinds = new Map();
  const mark = (said) => {
    let [one, two] = [0xdeadbeef, 0x41c6ce57];
    for (let each = 0; each < said.length; each++) {
      one = Math.imul(one ^ said.charCodeAt(each), 2654435761);
      two = Math.imul(two ^ said.charCodeAt(each), 1597334677);
    }
    return 4294967296 * (2097151 & (two >>> 0)) + (one >>> 0);
  };
  const stack = (each) => {
    if (!each) return "";
    if (!stacks.has(each)) {
      const its = getComputedStyle(each);
      const isPlain = its.position === "static" && its.float === "none";
      const own = [its.backgroundColor, its.backgroundImage, its.opacity, its.filter,
        its.mixBlendMode, its.clipPath].join() + (isPlain ? "" : each.className);
      const under = stack(each.parentElement);
      stacks.set(each, under.endsWith(`|${own}`) ? under : `${under}|${own}`);
    }
    return stacks.get(each);
  };
  const says = (each) => each.matches("input, select, textarea")
    || [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  for (const each of document.body.querySelectorAll("*")) {
    if (!says(each) || !each.checkVisibility()) continue;
    const its = getComputedStyle(each);
    const own = [its.color, its.fontSize, its.fontWeight, its.textShadow, its.visibility,
      each.matches(":disabled, [aria-disabled=true]")].join();
    const kind = mark(`${own}${stack(each)}`);
    if (!well.has(kind) && !kinds.has(kind)) kinds.set(kind, each);
  }
  const told = ({violations}) => violations.flatMap((fault) =>
    fault.nodes.map(({target}) => `${fault.id} (${fault.impact}) : ${target.join(", ")}`));
  const faults = told(await axe.run(asked)), judged = [];
  if (kinds.size) {
    for (const each of kinds.values()) each.setAttribute("data-asked", "");
    axe.configure({rules: [{id: "color-contrast", selector: "[data-asked]"}]});
    const found = await axe.run({...asked, runOnly: ["color-contrast"], rules: {},
      elementRef: true, resultTypes: ["violations", "passes"]});
    for (const each of kinds.values()) each.removeAttribute("data-asked");
    const passed = new Set(found.passes.flatMap(({nodes}) => nodes.map(({element}) => element)));
    for (const [kind, each] of kinds) if (passed.has(each)) judged.push(kind);
    faults.push(...told(found));
  }
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) faults.push(`${scrollWidth} px de large`);
  // A text squeezed into a column of letters, a picture that its style sheet forgot.
  for (const each of document.querySelectorAll("body *")) {
    const em = parseFloat(getComputedStyle(each).fontSize);
    const { width, height } = each.getBoundingClientRect();
    const isLong = (node) => node.nodeType === 3 && node.data.trim().length > 8;
    const isMisshapen = each.matches("svg.icon")
      ? height > 4 * em
      : [...each.childNodes].some(isLong) && each.checkVisibility()
        && width > 1 && width < 2.5 * em && height > 5 * em;
    if (!isMisshapen) continue;
    const said = each.className.baseVal ?? each.textContent.trim().slice(0, 30);
    faults.push(`${said} n’a pas sa forme`);
  }
  // Two that a label, a link or an error cannot tell apart: axe asks no more.
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  const twice = ids.filter((id, rank) => ids.indexOf(id) !== rank);
  faults.push(...twice.map((id) => `deux fois #${id}`));
  return [faults, judged];
}"""


@pytest.fixture(scope="session")
def barriers() -> Callable[..., list[str]]:
    """`barriers(page) == []` when axe finds nothing that keeps somebody out (WCAG 2 A and AA),
    nothing sticks out of the page and nothing lost its shape. `rules=COLOURS` is for a page that
    was seen at this width in another theme: the rest would be found there too."""
    known: set[int] = set()

    def barriers(page: Page, where: str = "", rules: list[str] = RULES) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(Axe().axe_script)
        # No copies of the style of shadow roots, which our policy refuses and no rule asks; of what
        # is well, no word.
        asked = {
            "runOnly": [each for each in rules if each != CONTRAST],
            "rules": {each: {"enabled": False} for each in (CONTRAST, NEVER_FAILS)},
            "preload": False,
            "resultTypes": ["violations"],
        }
        found, judged = page.evaluate(FAULTS, [asked, " ".join(map(str, known))])
        known.update(judged)
        return [f"{where} {fault}" for fault in found]

    return barriers


@pytest.fixture(scope="session")
def kept_out(barriers: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """`kept_out(page) == []`: as `barriers`, wide by day, then on a telephone by night: what a page
    shows at one width, and the colours of one hour, are each seen once. With `is_left=True` the
    page stays as it was seen last, and one that came so is seen by night first: to change takes as
    long as a third of axe."""

    def kept_out(page: Page, where: str = "", *, is_left: bool = False) -> list[str]:
        size, own = page.viewport_size, "light"
        if not is_left:  # a locator awaits the page that a key leads to
            own = page.locator("html").get_attribute("data-bs-theme")
        wide, night = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
        looks = [(wide, own, where), (night, "dark", f"{where}, au téléphone, la nuit")]
        if is_left and size == night:
            looks.reverse()
        found = []
        for measure, theme, told in looks:
            page.set_viewport_size(measure)
            page.emulate_media(color_scheme=theme)
            page.evaluate(THEMED, [theme, PATIENCE])
            found += barriers(page, told)
        if not is_left:
            page.emulate_media(color_scheme=own)
            page.evaluate(THEMED, [own, PATIENCE])
            page.set_viewport_size(size)
        return found

    return kept_out


@pytest.fixture
def walked(page_of, kept_out) -> Callable[..., list[str]]:
    """`walked([(user, path), …]) == []`: each opens each path, and is kept out of none.

    A third value is the status of the answer where it is not 200.
    """

    def walked(visits: Iterable[tuple]) -> list[str]:
        pages, found = {}, []
        for user, path, *expected in visits:
            if user not in pages:
                pages[user] = page_of(user)
            status = pages[user].goto(path).status
            found += [] if status == (expected or [200])[0] else [f"{path} : {status}"]
            found += kept_out(pages[user], path, is_left=True)
        return found

    return walked
