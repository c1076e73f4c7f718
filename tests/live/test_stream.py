"""The news of a sitting arrive by themselves, the same as to who asks, and end with the right.

The pages are played here by an application of three lines; a real server tells real browsers in
tests/browser/test_live_stream.py.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from live import stream
from registry.signatures.pades import apart

PATH = "/seances/7/ecran/jeton/etat/"
run = apart(asyncio.run)  # a browser of the tests before may leave its own loop to this thread


class Room:
    """A sitting, its pages and its stamps, as News meets them."""

    def __init__(self) -> None:
        self.stamp, self.turn, self.status, self.words = 1, 1, 200, "avant"
        self.asked: list[tuple[bytes, bytes]] = []  # cookie and mark of each question
        self.is_away = False
        self.seen: list[int | None] = []  # up to which stamp each question was told of
        self.news = stream.News(self.pages, beats=self.beats)

    def write(self, words: str, *, is_turn: bool = True) -> None:
        self.stamp, self.turn, self.words = self.stamp + 1, self.turn + is_turn, words

    def beats(self, sittings: object) -> dict[int, stream.Beat]:
        if self.is_away:
            raise OSError("away")
        return {7: stream.Beat(self.stamp, self.turn)}

    async def pages(self, scope, receive, send) -> None:
        headers = dict(scope["headers"])
        mark = headers.get(b"if-none-match", b"")
        self.asked.append((headers.get(b"cookie", b""), mark))
        self.seen.append(scope.get("environ", {}).get(stream.STAMP))
        own = f'"{self.words}"'.encode()
        status = 304 if self.status == 200 and mark == own else self.status
        told = [(b"etag", own), (b"referrer-policy", b"no-referrer"), (b"content-length", b"9")]
        await send({"type": "http.response.start", "status": status, "headers": told})
        news = {"stamp": self.stamp, "regions": {"wall": self.words}}
        body = b"" if status == 304 else json.dumps(news).encode()
        await send({"type": "http.response.body", "body": body})


class Screen:
    """Whoever listens: what it was told, line by line."""

    def __init__(self, room: Room, *, path: str = PATH, method: str = "GET", **headers: str):
        accept = {"accept": "application/x-ndjson, application/json"} | headers
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in accept.items()],
        }
        self.gone, self.takes = asyncio.Event(), asyncio.Event()
        self.takes.set()
        self.start: dict = {}
        self.body = b""
        self.has_ended = False
        self.task = asyncio.create_task(room.news(self.scope, self.receive, self.send))

    async def receive(self) -> dict:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message["body"]
        self.has_ended = not message.get("more_body", False)

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def told(self) -> list[str]:
        return [line["regions"]["wall"] for line in self.lines if "regions" in line]


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_true():
            await asyncio.sleep(0.002)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    quick = {"TICK": 0.005, "MURMUR": 0.0, "LATER": 0.005, "AGAIN": 2.0, "FRESH": 0.5, "COST": 0.0}
    for name, seconds in quick.items():
        monkeypatch.setattr(stream, name, seconds)


def play(story: Callable[[Room], Awaitable[None]]) -> None:
    async def scene() -> None:
        await story(Room())

    run(scene())


@contextmanager
def at_most(**seconds: float) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in seconds.items():
            patch.setattr(stream, name, value)
        yield


def test_what_is_written_comes_by_itself_in_the_order_of_the_sitting():
    async def story(room):
        screen = Screen(room)
        story = ("avant", "ouverte", "vote", "levee")
        for words in story:
            if words != "avant":
                room.write(words)
            await until(lambda words=words: screen.told[-1:] == [words])
        headers = dict(screen.start["headers"])
        assert headers[b"content-type"] == b"application/x-ndjson"
        assert headers[b"x-accel-buffering"] == b"no"
        assert headers[b"referrer-policy"] == b"no-referrer"
        assert b"content-length" not in headers
        assert screen.told == list(story)
        marks = [line["mark"] for line in screen.lines if "regions" in line]
        assert marks == [f'"{words}"' for words in story]
        assert all(line["now"] > 0 for line in screen.lines)

    play(story)


def test_a_screen_that_shows_it_already_is_told_that_somebody_is_there():
    async def story(room):
        screen = Screen(room, **{"if-none-match": '"avant"'})
        await until(lambda: bool(screen.lines))
        assert "regions" not in screen.lines[0]
        assert not screen.has_ended

    play(story)


def test_two_hundred_screens_cost_one_and_two_persons_two():
    async def story(room):
        screens = [Screen(room) for _ in range(200)]
        screens += [Screen(room, cookie=f"sessionid={name}") for name in "ab"]
        await until(lambda: all(len(screen.lines) > 1 for screen in screens))
        room.asked.clear()
        room.write("ouverte")
        await until(lambda: all(screen.told[-1] == "ouverte" for screen in screens))
        news = Counter(cookie for cookie, mark in room.asked if mark == b'"avant"')
        assert set(news) == {b"", b"sessionid=a", b"sessionid=b"}
        assert news[b""] <= 2

    play(story)


def test_who_is_slow_is_sent_the_last_and_who_comes_late_what_is_shown():
    """None of them makes the others wait, and none is left with what is no longer true."""

    async def story(room):
        quick, slow = Screen(room), Screen(room)
        await until(lambda: len(quick.lines) > 1 and len(slow.lines) > 1)
        slow.takes.clear()
        for words in ("ouverte", "vote", "levee"):
            room.write(words)
            await until(lambda words=words: quick.told[-1] == words)
        late = Screen(room, **{"if-none-match": '"vote"'})
        slow.takes.set()
        await until(lambda: slow.told[-1:] == late.told[-1:] == ["levee"])
        assert len(slow.told) < len(quick.told)
        assert room.seen[-1] in (None, room.stamp)
        assert {stamp for stamp in room.seen if stamp} == {1, 2, 3, 4}

    play(story)


@pytest.mark.parametrize("status", [302, 403, 404, 503])
def test_whoever_lost_his_right_is_told_nothing_more(status):
    async def story(room):
        screen = Screen(room)
        await until(lambda: bool(screen.told))
        room.status = status
        room.write("huis clos")
        await until(lambda: screen.has_ended)
        assert screen.told == ["avant"]

    play(story)


def test_rights_end_though_nothing_is_written():
    async def story(room):
        screen = Screen(room)
        await until(lambda: bool(screen.told))
        room.status = 404
        await until(lambda: screen.has_ended)

    with at_most(AGAIN=0.01, PULSE=0.005):
        play(story)


@pytest.mark.parametrize("status", [302, 404, 503])
def test_whoever_has_no_right_is_answered_as_anybody_is(status):
    async def story(room):
        room.status = status
        screen = Screen(room)
        await screen.task
        assert screen.start["status"] == status
        assert screen.has_ended
        assert not room.news.watch.followed

    play(story)


@pytest.mark.parametrize(
    "asked",
    [
        {"accept": "application/json"},
        {"method": "POST"},
        {"path": "/seances/7/direct/"},
        {"path": "/seances/7/direct/actes/"},
        {"path": "/seances/documents/etat/"},
    ],
    ids=lambda asked: next(iter(asked.values())),
)
def test_any_other_question_goes_straight_to_the_pages(asked):
    async def story(room):
        screen = Screen(room, **asked)
        await screen.task
        assert dict(screen.start["headers"])[b"content-length"] == b"9"

    play(story)


def test_silence_is_filled():
    async def story(room):
        screen = Screen(room)
        await until(lambda: len(screen.lines) > 3)
        assert screen.told == ["avant"]

    with at_most(PULSE=0.005):
        play(story)


def test_a_screen_that_leaves_is_forgotten_and_nothing_is_read_for_nobody():
    async def story(room):
        screens = [Screen(room), Screen(room)]
        await until(lambda: all(screen.told for screen in screens))
        for screen in screens:
            screen.gone.set()
            await screen.task
        looking = room.news.watch.looking
        await looking
        assert not room.news.watch.followed
        assert not room.news.listening
        await until(lambda: not room.news.asked)
        again = Screen(room)
        await until(lambda: bool(again.told))
        room.write("ouverte")
        await until(lambda: again.told == ["avant", "ouverte"])

    play(story)


def test_a_server_that_stops_ends_its_answers():
    async def story(room):
        screen = Screen(room)
        await until(lambda: bool(screen.told))
        room.news.is_serving = lambda: False
        await until(lambda: screen.has_ended)

    with at_most(PULSE=0.01):
        play(story)


def test_a_database_that_is_away_is_told_once_and_the_screens_learn_it_from_the_pages(caplog):
    async def story(room):
        screen = Screen(room)
        await until(lambda: bool(screen.told) and bool(room.news.watch.beats))
        room.is_away = True
        await until(lambda: bool(caplog.records))
        room.status = 503
        await until(lambda: screen.has_ended)
        room.is_away, room.status = False, 200
        again = Screen(room)
        room.write("de retour")
        await until(lambda: again.told[-1:] == ["de retour"])

    with caplog.at_level(logging.ERROR):
        play(story)
    assert [record.getMessage() for record in caplog.records] == [
        "the stamps of the sittings cannot be read"
    ]


def test_a_crowd_that_each_asks_for_himself_waits_and_keeps_nobody_else_waiting():
    """A hundred and fifty tablets asking all at once would leave no thread for the console."""

    async def story(room):
        tablets = [
            Screen(room, path="/seances/7/tablette/etat/", cookie=f"sessionid={n}")
            for n in range(20)
        ]
        wall = Screen(room)
        await until(lambda: all(screen.told for screen in tablets) and len(wall.lines) > 1)
        room.asked.clear()
        room.write("vote")
        await until(lambda: wall.told[-1] == "vote")
        assert {cookie for cookie, _ in room.asked} == {b""}

    with at_most(COST=60.0):
        play(story)


def test_a_crowd_is_answered_a_few_at_a_time_and_whoever_else_at_once():
    """A turn calls every tablet: on all the threads they would make the console wait its turn."""

    async def story(room):
        path = "/seances/7/tablette/etat/"
        tablets = [Screen(room, path=path, cookie=f"sessionid={n}") for n in range(20)]
        wall = Screen(room)
        await until(lambda: all(screen.told for screen in tablets) and len(wall.lines) > 1)
        pages, door, inside = room.news.pages, asyncio.Event(), []

        async def held(scope, receive, send) -> None:
            if cookie := dict(scope["headers"]).get(b"cookie"):
                inside.append(cookie)
                await door.wait()
            await pages(scope, receive, send)

        room.news.pages = held
        room.write("vote")
        await until(lambda: wall.told[-1] == "vote" and inside)
        await asyncio.sleep(0.05)
        assert len(inside) == stream.AT_ONCE
        door.set()
        await until(lambda: all(screen.told[-1] == "vote" for screen in tablets))

    play(story)


def test_the_votes_of_the_others_wait_and_a_turn_of_the_sitting_does_not():
    """A hundred and fifty tablets shown each vote that comes in would take a whole core."""

    async def story(room):
        path = "/seances/7/tablette/etat/"
        tablets = [Screen(room, path=path, cookie=f"sessionid={n}") for n in range(3)]
        wall = Screen(room)
        await until(lambda: all(screen.told for screen in tablets) and len(wall.lines) > 1)
        room.asked.clear()
        room.write("vote", is_turn=False)
        await until(lambda: wall.told[-1] == "vote")
        assert {cookie for cookie, _ in room.asked} == {b""}
        room.write("proclamé")
        await until(lambda: all(screen.told[-1] == "proclamé" for screen in tablets))
        assert all("vote" not in screen.told for screen in tablets)

    with at_most(COST=0.05, CALM=1000):
        play(story)
