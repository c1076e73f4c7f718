"""News of a sitting that arrive by themselves: the question of a screen, answered as long as it
listens.

A page asks for its state, as it always did (`live.refresh`). Where it says that it listens
(`Accept: application/x-ndjson`), the answer goes on: a line of JSON each time that the state is
another, a line with the hour of the server in between. No view knows of it: when the stamp of the
sitting grows, the very same question is asked again, with the mark of what the screen shows, so
that whoever lost his right learns what he would learn by asking. Screens that ask the same thing
share one answer, and hundreds of them cost one.

It stands in front of Django (`somme_gov.asgi`); behind any other server a page is answered at
once, and asks again each second.
"""

import asyncio
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from members.threads import Application, Message, Receive, Send

TYPE = b"application/x-ndjson"
TICK = 0.1  # seconds between two looks at the stamps: what a screen waits, at most, for its news
MURMUR = 0.2  # seconds between two tellings of votes received: a hundred fall within ten seconds
COST = 0.007  # seconds of a thread for what is drawn for one person more
AT_ONCE = 2  # of those who ask each his own: on every thread, they would make whoever acts wait
CALM = 3  # times longer for what the tablets of a crowd can wait for: the votes of the others
PULSE = 3.0  # seconds after which a silence is filled: a page gives up after twice as long
FRESH = 1.0  # seconds in which an answer serves whoever asks the same at the same stamp
AGAIN = 30.0  # seconds after which the question is asked though nothing was written: rights end
LATER = 1.0  # seconds before looking again at a database that did not answer

STAMP = "live.stamp"  # what the pages are told: to have read the sitting since then will do

_STATE = re.compile(r"/seances/(\d{1,18})/(?:[^/]+/){1,2}etat/\Z")
# What the pages read of a question; the rest tells two browsers apart, not two viewers.
_TOLD = (b"cookie", b"host", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-for")
_OWN = (b"content-length", b"content-type", b"etag", b"date", b"server", b"connection")

logger = logging.getLogger(__name__)


class Beat(NamedTuple):
    """How far a sitting is. `stamp` changes with whatever is written; `turn` with what everybody
    is to know at once: a line of the ledger, a vote that opens or ends; not with a vote received.
    """

    stamp: int
    turn: object = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the pages said to one question."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def mark(self) -> bytes:
        return dict(self.headers).get(b"etag", b"")


@dataclass(frozen=True, slots=True)
class Question:
    """What a screen asks, by what the pages read of it."""

    path: str
    query: bytes
    told: tuple[tuple[bytes, bytes], ...]

    @property
    def key(self) -> tuple[object, ...]:
        """The same for all to whom the same is answered."""
        return self.path, self.query, tuple(p for p in self.told if p[0] != b"x-forwarded-for")

    @classmethod
    def of(cls, scope: Message) -> "Question":
        told = tuple((name, value) for name, value in scope["headers"] if name in _TOLD)
        return cls(scope["path"], scope["query_string"], told)


class News:
    """The site, whose pages at `pages` are told the news as long as they listen.

    `beats` reads how far these sittings are (`live.refresh.beats_of`); `is_serving` says whether
    the server goes on, which the server tells (somme_gov/server.py).
    """

    def __init__(
        self, pages: Application, *, beats: Callable[[Collection[int]], Mapping[int, Beat]]
    ) -> None:
        self.pages = pages
        self.watch = Watch(beats)
        self.is_serving: Callable[[], bool] = lambda: True
        self.asked: dict[tuple[object, ...], asyncio.Task[Answer]] = {}
        self.feeds: dict[tuple[object, ...], Feed] = {}
        self.listening: Counter[str] = Counter()  # path → how many questions are asked there
        self.crowd = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        sitting = _STATE.search(scope.get("path", "")) if scope["type"] == "http" else None
        accept = dict(scope["headers"]).get(b"accept", b"") if sitting else b""
        if not sitting or scope["method"] != "GET" or TYPE not in accept:
            return await self.pages(scope, receive, send)
        return await self._tell(int(sitting[1]), scope, receive, send)

    async def _tell(self, sitting: int, scope: Message, receive: Receive, send: Send) -> None:
        question, mark = Question.of(scope), dict(scope["headers"]).get(b"if-none-match", b"")
        seen, turn = self.watch.count(sitting), self.watch.turn(sitting)
        answer = await self.ask(scope, question, mark, seen)
        if answer.status not in (200, 304):
            return await _relay(answer, send)
        headers = [pair for pair in answer.headers if pair[0] not in _OWN]
        headers += [(b"content-type", TYPE), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        is_new = answer.status == 200
        listener = Listener(answer.mark if is_new else mark)
        gone = asyncio.create_task(_leaving(receive))
        gone.add_done_callback(lambda _: listener.end())
        feed = self.feeds.get(question.key) or Feed(self, sitting, question, scope, seen, turn)
        feed.join(listener, seen)
        line = _news(answer) if is_new else _pulse()
        try:
            while line and self.is_serving():
                await send({"type": "http.response.body", "body": line, "more_body": True})
                line = await listener.next()
            # What ends it is told by the question that the page asks next.
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            feed.leave(listener)

    async def ask(
        self, scope: Message, question: Question, mark: bytes, seen: int, stamp: int | None = None
    ) -> Answer:
        """What the pages answer; asked once for all who ask the same at the same stamp. With a
        `stamp`, what was read of the sitting since then will do."""
        key = (*question.key, mark, seen)
        task = self.asked.get(key)
        if task is None:
            headers = [*question.told, (b"accept", b"application/json"), (b"if-none-match", mark)]
            known = {} if stamp is None else {STAMP: stamp}
            asking = scope | {"headers": headers, "environ": known}
            is_crowd = self.listening[question.path] > 1
            task = self.asked[key] = asyncio.create_task(self._asked(asking, is_crowd=is_crowd))
            task.add_done_callback(lambda _: self._forget(key))
        return await asyncio.shield(task)

    async def _asked(self, asking: Message, *, is_crowd: bool) -> Answer:
        """What the pages answer; those who are many, a few at a time."""
        if not is_crowd:
            return await _asked(self.pages, asking)
        async with self.crowd:
            return await _asked(self.pages, asking)

    def _forget(self, key: tuple[object, ...]) -> None:
        asyncio.get_running_loop().call_later(FRESH, self.asked.pop, key, None)


class Listener:
    """A screen that listens: the mark of what it shows, and the line that it was not sent yet."""

    __slots__ = ("_has_ended", "_is_pulse", "_line", "_waiting", "mark")

    def __init__(self, mark: bytes) -> None:
        self.mark = mark
        self._line = b""
        self._is_pulse = self._has_ended = False
        self._waiting: asyncio.Future[None] | None = None

    def tell(self, line: bytes, mark: bytes) -> None:
        """Its next line. Who is slow to take them is sent the last one."""
        self.mark, self._line, self._is_pulse = mark, line, False
        self._wake()

    def pulse(self, line: bytes) -> None:
        """Somebody is there; of no use to who has something to read."""
        if not self._line or self._is_pulse:
            self._line, self._is_pulse = line, True
            self._wake()

    def end(self) -> None:
        """Nothing more is told."""
        self._has_ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def next(self) -> bytes:
        """What it is to be sent, b"" at the end."""
        if not self._line and not self._has_ended:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        line, self._line = self._line, b""
        return b"" if self._has_ended else line


class Feed:
    """One question, asked again when the sitting changes, and its answer told to all who listen."""

    def __init__(
        self, news: News, sitting: int, question: Question, scope: Message, seen: int, turn: object
    ) -> None:
        self.news, self.watch, self.sitting = news, news.watch, sitting
        self.question, self.scope = question, scope
        self.seen, self.turn = seen, turn
        self.line, self.mark = b"", b""  # of the last answer that was news
        self.listeners: set[Listener] = set()
        news.feeds[question.key] = self
        news.listening[question.path] += 1
        self.watch.follow(sitting)
        self.task: asyncio.Task[None] | None = asyncio.create_task(self._run())

    def join(self, listener: Listener, seen: int) -> None:
        """Tell this one too, who was answered when the stamp had changed so often."""
        self.listeners.add(listener)
        if self.seen > seen and self.line and listener.mark != self.mark:
            listener.tell(self.line, self.mark)

    def leave(self, listener: Listener) -> None:
        """This one listens no more; nothing is asked for nobody."""
        self.listeners.discard(listener)
        if not self.listeners:
            self._end()

    def _end(self) -> None:
        if self.task is None:
            return
        self.task.cancel()
        self.task = None
        if self.news.feeds.get(self.question.key) is self:
            del self.news.feeds[self.question.key]
        self.news.listening[self.question.path] -= 1
        self.news.listening += Counter()  # those of which nothing is left go
        self.watch.leave(self.sitting)

    @property
    def _goes_on(self) -> bool:
        return bool(self.listeners) and self.news.is_serving()

    async def _run(self) -> None:
        try:
            while self._goes_on:
                asked_at = time.monotonic()
                await self._change()
                await self._pace(asked_at)
                if not self._goes_on:
                    break
                answer = await self._ask()
                if answer.status not in (200, 304):
                    break
                self._tell(answer)
        except Exception:
            logger.exception("the news of a sitting end")
        for listener in self.listeners:
            listener.end()
        self._end()

    async def _ask(self) -> Answer:
        """Ask with the mark of what they show; with none when they show different things."""
        seen, self.turn = self.watch.count(self.sitting), self.watch.turn(self.sitting)
        marks = {listener.mark for listener in self.listeners}
        mark = marks.pop() if len(marks) == 1 else b""
        stamp = self.watch.stamp(self.sitting)
        answer = await self.news.ask(self.scope, self.question, mark, seen, stamp)
        self.seen = seen
        return answer

    def _tell(self, answer: Answer) -> None:
        if answer.status == 200:
            self.line, self.mark = _news(answer), answer.mark
            for listener in self.listeners:
                if listener.mark != self.mark:
                    listener.tell(self.line, self.mark)
        pulse = _pulse()
        for listener in self.listeners:
            listener.pulse(pulse)

    async def _change(self) -> None:
        """Wait until the stamp changes, or the question is to be asked again; fill the silence
        meanwhile."""
        until = time.monotonic() + AGAIN
        while self.watch.count(self.sitting) == self.seen and time.monotonic() < until:
            moved = self.watch.moved(self.sitting)
            await asyncio.wait({moved}, timeout=PULSE)
            if not self._goes_on:
                break
            if not moved.done():
                pulse = _pulse()
                for listener in self.listeners:
                    listener.pulse(pulse)

    async def _pace(self, since: float) -> None:
        """Let a crowd that each asks for himself wait, the longer the more they are, and longer
        still for what is no turn of the sitting."""
        crowd = self.news.listening[self.question.path] - 1
        soon, late = (since + max(TICK, COST * crowd * times) for times in (1, CALM))
        await asyncio.sleep(max(0.0, soon - time.monotonic()))
        while self.watch.turn(self.sitting) == self.turn and self._goes_on:
            left = late - time.monotonic()
            if left <= 0:
                return
            await asyncio.wait({self.watch.turned(self.sitting)}, timeout=left)


class Watch:
    """How far the sittings that somebody follows are, read together, for everybody."""

    def __init__(self, read: Callable[[Collection[int]], Mapping[int, Beat]]) -> None:
        self.read = read
        self.reader = ThreadPoolExecutor(1, thread_name_prefix="beats")
        self.followed: Counter[int] = Counter()
        self.beats: dict[int, Beat] = {}
        self.told_at: dict[int, float] = {}
        self.moves: Counter[int] = Counter()
        self.waiting: dict[int, asyncio.Future[None]] = {}
        self.turning: dict[int, asyncio.Future[None]] = {}
        self.looking: asyncio.Task[None] | None = None

    def stamp(self, sitting: int) -> int | None:
        """The stamp that was seen last, `None` when the database did not answer."""
        beat = self.beats.get(sitting)
        return beat and beat.stamp

    def count(self, sitting: int) -> int:
        """How often the stamp was seen to change: the first look counts."""
        return self.moves[sitting]

    def turn(self, sitting: int) -> object:
        """The turn that was seen last."""
        beat = self.beats.get(sitting)
        return beat and beat.turn

    def moved(self, sitting: int) -> asyncio.Future[None]:
        """Done when the stamp is another."""
        return _awaited(self.waiting, sitting)

    def turned(self, sitting: int) -> asyncio.Future[None]:
        """Done when the turn is another."""
        return _awaited(self.turning, sitting)

    def follow(self, sitting: int) -> None:
        self.followed[sitting] += 1
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())

    def leave(self, sitting: int) -> None:
        self.followed[sitting] -= 1
        if not self.followed[sitting]:
            del self.followed[sitting]
            for known in (self.moves, self.beats, self.told_at):
                known.pop(sitting, None)

    async def _look(self) -> None:
        loop, is_failing = asyncio.get_running_loop(), False
        while self.followed:
            try:
                found = await loop.run_in_executor(self.reader, self.read, tuple(self.followed))
                is_failing = False
            except Exception:
                # The pages will say it, to each who asks; here one line tells of the whole outage.
                if not is_failing:
                    logger.exception("the stamps of the sittings cannot be read")
                is_failing, found = True, {}
            for sitting in tuple(self.followed):
                self._hear(sitting, found.get(sitting))
            await asyncio.sleep(LATER if is_failing else TICK)

    def _hear(self, sitting: int, now: Beat | None) -> None:
        """Wake who waits for this sitting, if it changed; a murmur of votes, now and then."""
        was, at = self.beats.get(sitting), time.monotonic()
        is_turn = was is None or now is None or was.turn != now.turn
        if was == now or not (is_turn or at - self.told_at[sitting] >= MURMUR):
            return
        self.told_at[sitting] = at
        if now is None:
            del self.beats[sitting]
        else:
            self.beats[sitting] = now
        self.moves[sitting] += 1
        for futures in (self.waiting, self.turning) if is_turn else (self.waiting,):
            if sitting in futures:
                futures.pop(sitting).set_result(None)


def _awaited(futures: dict[int, asyncio.Future[None]], sitting: int) -> asyncio.Future[None]:
    if sitting not in futures:
        futures[sitting] = asyncio.get_running_loop().create_future()
    return futures[sitting]


async def _leaving(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _asked(pages: Application, scope: Message) -> Answer:
    said: list[Message] = []

    async def hear(message: Message) -> None:
        said.append(message)

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await pages(scope, nothing, hear)
    start, *pieces = said
    return Answer(start["status"], tuple(start["headers"]), b"".join(p["body"] for p in pieces))


async def _relay(answer: Answer, send: Send) -> None:
    headers = list(answer.headers)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _news(answer: Answer) -> bytes:
    """The answer with its mark and its hour, which a line has no headers for."""
    told: dict[str, Any] = {"mark": answer.mark.decode("latin-1"), "now": time.time()}
    return json.dumps(told)[:-1].encode() + b", " + answer.body.lstrip()[1:] + b"\n"


def _pulse() -> bytes:
    return json.dumps({"now": time.time()}).encode() + b"\n"
