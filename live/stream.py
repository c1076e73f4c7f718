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
COST = 0.007  # seconds of a thread for what is drawn for one person more
AT_ONCE = 2  # of those who ask each his own: on every thread, they would make whoever acts wait
CALM = 3  # times longer for what the tablets of a crowd can wait for: the votes of the others
PULSE = 3.0  # seconds after which a silence is filled: a page gives up after twice as long
FRESH = 1.0  # seconds in which an answer serves whoever asks the same at the same stamp
AGAIN = 30.0  # seconds after which the question is asked though nothing was written: rights end
LATER = 1.0  # seconds before looking again at a database that did not answer

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
        self.listening: dict[str, Counter[tuple[object, ...]]] = {}
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
        answer = await self._ask(scope, question, mark, seen)
        if answer.status not in (200, 304):
            return await _relay(answer, send)
        headers = [pair for pair in answer.headers if pair[0] not in _OWN]
        headers += [(b"content-type", TYPE), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.create_task(_leaving(receive))
        kind = self.listening.setdefault(question.path, Counter())
        kind[question.key] += 1
        self.watch.follow(sitting)
        try:
            while answer.status in (200, 304) and not gone.done() and self.is_serving():
                if answer.status == 200:
                    mark = answer.mark
                    await _line(send, _news(answer))
                else:
                    await _line(send, _pulse())
                asked_at = time.monotonic()
                await self._change(sitting, seen, send, gone)
                await self._pace(sitting, turn, asked_at, crowd=len(kind) - 1, gone=gone)
                if gone.done() or not self.is_serving():
                    break
                seen, turn = self.watch.count(sitting), self.watch.turn(sitting)
                answer = await self._ask(scope, question, mark, seen)
            # What ends it is told by the question that the page asks next.
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self.watch.leave(sitting)
            kind[question.key] -= 1
            if not kind[question.key]:
                del kind[question.key]
            if not kind:
                self.listening.pop(question.path, None)

    async def _change(self, sitting: int, seen: int, send: Send, gone: asyncio.Task[None]) -> None:
        """Wait until the stamp changes, or the question is to be asked again; fill the silence
        meanwhile."""
        until = time.monotonic() + AGAIN
        while self.watch.count(sitting) == seen and time.monotonic() < until:
            moved = self.watch.moved(sitting)
            await asyncio.wait({moved, gone}, timeout=PULSE, return_when=asyncio.FIRST_COMPLETED)
            if gone.done() or not self.is_serving():
                break
            if not moved.done():
                await _line(send, _pulse())

    async def _pace(
        self, sitting: int, turn: object, since: float, *, crowd: int, gone: asyncio.Task[None]
    ) -> None:
        """Let a crowd that each asks for himself wait, the longer the more they are, and longer
        still for what is no turn of the sitting."""
        soon, late = (since + max(TICK, COST * crowd * times) for times in (1, CALM))
        await asyncio.sleep(max(0.0, soon - time.monotonic()))
        while self.watch.turn(sitting) == turn and not gone.done() and self.is_serving():
            left = late - time.monotonic()
            if left <= 0:
                return
            turned = self.watch.turned(sitting)
            await asyncio.wait({turned, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)

    async def _ask(self, scope: Message, question: Question, mark: bytes, seen: int) -> Answer:
        """What the pages answer; asked once for all who ask the same at the same stamp."""
        key = (*question.key, mark, seen)
        task = self.asked.get(key)
        if task is None:
            headers = [*question.told, (b"accept", b"application/json"), (b"if-none-match", mark)]
            asking = scope | {"headers": headers}
            is_crowd = len(self.listening.get(question.path, ())) > 1
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


class Watch:
    """How far the sittings that somebody follows are, read together, for everybody."""

    def __init__(self, read: Callable[[Collection[int]], Mapping[int, Beat]]) -> None:
        self.read = read
        self.reader = ThreadPoolExecutor(1, thread_name_prefix="beats")
        self.followed: Counter[int] = Counter()
        self.beats: Mapping[int, Beat] = {}
        self.moves: Counter[int] = Counter()
        self.waiting: dict[int, asyncio.Future[None]] = {}
        self.turning: dict[int, asyncio.Future[None]] = {}
        self.looking: asyncio.Task[None] | None = None

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
            self.moves.pop(sitting, None)

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
            before, self.beats = self.beats, found
            for sitting in self.followed:
                was, now = before.get(sitting), found.get(sitting)
                if was == now:
                    continue
                self.moves[sitting] += 1
                woken = [self.waiting]
                if was is None or now is None or was.turn != now.turn:
                    woken.append(self.turning)
                for futures in woken:
                    if sitting in futures:
                        futures.pop(sitting).set_result(None)
            await asyncio.sleep(LATER if is_failing else TICK)
        self.beats = {}


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
    return json.dumps(told)[:-1].encode() + b", " + answer.body.lstrip()[1:]


def _pulse() -> bytes:
    return json.dumps({"now": time.time()}).encode()


async def _line(send: Send, line: bytes) -> None:
    await send({"type": "http.response.body", "body": line + b"\n", "more_body": True})
