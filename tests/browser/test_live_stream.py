"""The news come by themselves, from the server of `make run`: nothing is asked each second, and
whatever cuts the way, the page finds its news again.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

import pytest

from live.models import Equipment
from meetings.models import Meeting
from tests.browser.conftest import PATIENCE, Window
from tests.browser.live import Console
from tests.held import prepare

LISTENS = "application/x-ndjson"


class Hoarder(threading.Thread):
    """A proxy that gives an answer when it is whole: of one that goes on, never a byte."""

    def __init__(self, port: int):
        super().__init__(daemon=True)
        self.behind = port
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.door.accept()
                threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        """One request, one answer, closed: the server behind is asked to close as well."""
        with suppress(OSError), client:
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += client.recv(65536)
            head, body = asked.split(b"\r\n\r\n", 1)
            length = re.search(rb"(?i)content-length: (\d+)", head)
            while length and len(body) < int(length[1]):
                body += client.recv(65536)
            head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head) + b"\r\nConnection: close"
            with socket.create_connection(("127.0.0.1", self.behind)) as behind:
                behind.sendall(head + b"\r\n\r\n" + body)
                whole = b""
                while piece := behind.recv(65536):
                    whole += piece
            client.sendall(whole)


@pytest.fixture
def meeting(transactional_db, cast, own_directory) -> Meeting:
    # Of yesterday: its links still open, and the console asks whether it is really this one.
    yesterday = date.today() - timedelta(days=1)
    meeting = prepare(cast, "Budget", "Subventions", held_on=yesterday, clock="08:00")
    Equipment.objects.create(meeting=meeting, public_page=True)
    return meeting


class Follower:
    """A stranger who follows the sitting, and what his page asked of the server."""

    def __init__(self, browser, arguments: dict, url: str, meeting: Meeting):
        window = Window(browser, arguments | {"base_url": url})
        self.page, self.context = window.page, window.context
        self.asked: list[str] = []  # what each question said that it takes
        self.page.on("request", self._note)
        self.page.goto(f"/seances/{meeting.pk}/public/")

    def _note(self, request) -> None:
        if request.url.endswith("/public/etat/"):
            self.asked.append(request.headers["accept"])

    def sees(self, words: str) -> None:
        self.page.locator("[data-region=wall]", has_text=words).wait_for()


@pytest.fixture
def console(meeting, server, browser, browser_context_args, complaints) -> Iterator[Console]:
    window = Window(browser, browser_context_args | {"base_url": server.url})
    window.heard = complaints
    window.sign_in(meeting.created_by, server.url)
    yield Console(window.page, meeting.pk).open()
    window.context.close()
    complaints.clear()  # chromium tells every request that found no server


def test_one_question_brings_a_whole_sitting(
    console, meeting, server, browser, browser_context_args
):
    follower = Follower(browser, browser_context_args, server.url, meeting)
    asked: list[str] = []
    console.page.on(
        "request", lambda each: asked.append(each.url) if each.url.endswith("/etat/") else None
    )
    follower.sees("La séance ouvrira")
    console.begin()
    follower.sees("Budget")
    console.key("Enter").voting()
    follower.sees("Scrutin ouvert")
    console.key("Enter").voting(still=False)
    follower.sees("unanimité")
    assert len(follower.asked) == 1
    assert LISTENS in follower.asked[0]
    assert asked == []


def test_a_page_that_nobody_sees_holds_no_connection_and_comes_back(
    console, meeting, server, browser, browser_context_args
):
    follower = Follower(browser, browser_context_args, server.url, meeting)
    follower.sees("La séance ouvrira")
    hide = "is => { Object.defineProperty(document, 'hidden', {value: is, configurable: true});"
    hide += " document.dispatchEvent(new Event('visibilitychange')) }"
    with follower.page.expect_request(lambda each: LISTENS not in each.headers["accept"]):
        follower.page.evaluate(hide, True)
    with follower.page.expect_request(lambda each: LISTENS in each.headers["accept"]):
        follower.page.evaluate(hide, False)
    console.begin()
    follower.sees("Budget")


def test_a_server_that_dies_is_told_and_its_news_come_back(
    console, meeting, server, browser, browser_context_args
):
    follower = Follower(browser, browser_context_args, server.url, meeting)
    follower.sees("La séance ouvrira")
    server.kill()
    follower.page.locator(".live-link:visible", has_text="La connexion est perdue").wait_for()
    server.start()
    follower.page.locator(".live-link").wait_for(state="hidden")
    console.page.wait_for_function("() => document.documentElement.dataset.link === 'online'")
    console.begin()
    follower.sees("Budget")
    assert LISTENS in follower.asked[-1]


def test_a_proxy_that_keeps_the_answer_makes_the_page_ask_each_second(
    console, meeting, server, browser, browser_context_args
):
    proxy = Hoarder(server.port)
    proxy.start()
    follower = Follower(browser, browser_context_args, proxy.url, meeting)
    console.begin()
    follower.sees("Budget")
    assert LISTENS in follower.asked[0]
    assert LISTENS not in follower.asked[-1]
    proxy.door.close()


class Ear(threading.Thread):
    """A stranger without a browser, who hears each byte that is pushed to him."""

    def __init__(self, port: int, path: str):
        super().__init__(daemon=True)
        self.port, self.heard, self.is_over = port, bytearray(), threading.Event()
        told = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Accept: {LISTENS}", "", "")
        self.question = "\r\n".join(told).encode()

    def run(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as link:
            link.settimeout(0.2)
            link.sendall(self.question)
            while not self.is_over.is_set():
                with suppress(TimeoutError):
                    self.heard.extend(link.recv(65536))

    def until(self, words: str, *, after: int = 0) -> None:
        """Until this was heard."""
        deadline = time.monotonic() + PATIENCE / 1000
        while words not in self.heard[after:].decode(errors="ignore"):
            assert time.monotonic() < deadline, f"{words} was not heard"
            time.sleep(0.05)


def test_what_is_said_behind_closed_doors_is_pushed_to_nobody_outside(console, meeting, server):
    ear = Ear(server.port, f"/seances/{meeting.pk}/public/etat/")
    ear.start()
    console.begin()
    console.type(" h").key("Enter").until(lambda m: m["stage"] == "huis-clos")
    ear.until("Huis clos")
    closed = len(ear.heard)
    console.key("Enter").voting()
    console.type("besc").told("BESSON")
    console.key("Enter").voting(still=False)
    # Three seconds of silence end with a line that says only the hour: all was heard by then.
    ear.until('{"now"', after=len(ear.heard))
    ear.is_over.set()
    ear.join()
    after = ear.heard[closed:].decode()
    assert '"regions"' not in after
    assert "BESSON" not in after and "Scrutin" not in after
