"""A real browser before a real server: Debian's chromium, driven by playwright.

Whatever a test does, it also fails when a page raised a script error or the
Content-Security-Policy refused something: no test has to ask.
"""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

# Playwright's synchronous face runs an event loop in this thread; Django would refuse the
# database there, though nothing here is asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

PATIENCE = 10_000  # ms; two cores, shared


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    chromium = shutil.which("chromium")
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
            *(f"--disable-{feature}" for feature in quiet),
        ],
    }


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


def listen(page: Page, heard: list[str]) -> None:
    def console(message: ConsoleMessage) -> None:
        # A refusal (409, 422) is an answer; chromium reports every one of them as an error.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            heard.append(message.text)

    page.on("console", console)
    page.on("pageerror", lambda error: heard.append(str(error)))


@pytest.fixture
def page_of(
    live_server, browser: Browser, browser_context_args: dict, complaints: list[str]
) -> Iterator[Callable[..., Page]]:
    """`page_of(cast.secretariat)` is a page of a browser where she is signed in; `None`: nobody.

    Paths are relative: `page.goto("/seances/")`. Each call is another person's browser, with
    its own cookies; `width=390` makes it a telephone, `color_scheme="dark"` the night.
    """
    opened: list[BrowserContext] = []

    def page_of(user, *, width: int = 1440, height: int = 900, **options) -> Page:
        context = browser.new_context(
            **browser_context_args
            | {"base_url": live_server.url, "viewport": {"width": width, "height": height}}
            | options
        )
        opened.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                        "url": live_server.url,
                    }
                ]
            )
        context.set_default_timeout(PATIENCE)
        context.on("page", lambda page: listen(page, complaints))
        return context.new_page()

    yield page_of
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def barriers() -> Callable[..., list[str]]:
    """`barriers(page) == []` when axe finds nothing that keeps somebody out (WCAG 2 A and AA).

    `also_by_night`: the same page is then turned to its dark colours, and read again.
    """
    axe = Axe()
    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
        # Copies of the style of shadow roots, which our policy refuses; no rule of these asks it.
        "preload": False,
    }

    def read(page: Page) -> list[str]:
        found = axe.run(page, options=options)
        return [
            f"{fault['id']} ({fault['impact']}) : {', '.join(map(str, node['target']))}"
            for fault in found.response["violations"]
            for node in fault["nodes"]
        ]

    def barriers(page: Page, *, also_by_night: bool = False) -> list[str]:
        found = read(page)
        if also_by_night:
            page.emulate_media(color_scheme="dark")
            page.locator("html[data-bs-theme=dark]").wait_for()
            page.wait_for_timeout(200)  # colours that pass from one to the other
            found += [f"la nuit, {barrier}" for barrier in read(page)]
            page.emulate_media(color_scheme="light")
        return found

    return barriers
