"""Django's pages behind a server that speaks ASGI: nothing of a request or an answer is lost, and
whoever sends slowly keeps no thread."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from members import threads
from registry.signatures.pades import apart

Wsgi = Callable[..., Iterable[bytes]]
run = apart(asyncio.run)  # a browser of the tests before may leave its own loop to this thread


class Visit:
    """One request, as the server hands it, and what came back."""

    def __init__(self, *pieces: bytes, path: bytes = b"/", **scope: Any):
        self.scope = {
            "type": "http",
            "method": "GET",
            "scheme": "https",
            "http_version": "1.1",
            "raw_path": path,
            "query_string": b"",
            "headers": [],
            "server": ("127.0.0.1", 8000),
            "client": ("192.0.2.7", 4321),
        } | scope
        self.pieces = [*pieces] or [b""]
        self.sent: list[dict] = []
        self.has_more = False  # and does not send it
        self.gone = asyncio.Event()

    async def receive(self) -> dict:
        if not self.pieces:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        body = self.pieces.pop(0)
        has_more = self.has_more or bool(self.pieces)
        return {"type": "http.request", "body": body, "more_body": has_more}

    async def send(self, message: dict) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


def ask(wsgi: Wsgi, *pieces: bytes, **scope: Any) -> Visit:
    async def scene() -> Visit:
        visit = Visit(*pieces, **scope)
        await threads.Threads(wsgi)(visit.scope, visit.receive, visit.send)
        return visit

    return run(scene())


def told(environ: dict, start_response: Callable) -> list[bytes]:
    """What the application was given, in a line each."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    plain = {k: v for k, v in environ.items() if isinstance(v, str)}
    body = environ["wsgi.input"].read()
    return [repr(plain | {"body": body}).encode("latin-1", "backslashreplace")]


@pytest.mark.parametrize(
    ("scope", "key", "value"),
    [
        ({"path": b"/s%C3%A9ances/"}, "PATH_INFO", "/s\u00c3\u00a9ances/"),
        ({"query_string": b"q=\xe9&r=%20"}, "QUERY_STRING", "q=\u00e9&r=%20"),
        ({}, "REMOTE_ADDR", "192.0.2.7"),
        ({}, "wsgi.url_scheme", "https"),
        ({"headers": [(b"content-type", b"text/csv")]}, "CONTENT_TYPE", "text/csv"),
        ({"headers": [(b"x-forwarded-for", b"192.0.2.9")]}, "HTTP_X_FORWARDED_FOR", "192.0.2.9"),
        ({"headers": [(b"cookie", b"a=1"), (b"cookie", b"b=2")]}, "HTTP_COOKIE", "a=1; b=2"),
        ({"headers": [(b"host", b"a.fr"), (b"host", b"b.fr")]}, "HTTP_HOST", "a.fr,b.fr"),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_the_request_is_told_as_it_came(scope, key, value):
    assert f"{key!r}: {value!r}" in ask(told, **scope).body.decode("latin-1")


def test_a_header_with_a_low_line_passes_for_no_other():
    """`X_Forwarded_For` would be read where a proxy wrote `X-Forwarded-For`."""
    visit = ask(told, headers=[(b"x_forwarded_for", b"192.0.2.9")])
    assert b"192.0.2.9" not in visit.body


def test_a_body_arrives_whole_whatever_its_size():
    pieces = [bytes([65 + rank]) * 40_000 for rank in range(8)]
    visit = ask(told, *pieces, method="POST")
    assert repr(b"".join(pieces)).encode() in visit.body


def test_whoever_sends_without_end_is_told_and_fills_no_disk():
    async def scene() -> None:
        pages = threads.Threads(told, most=threads.IN_MEMORY * 2)
        visit = Visit(*[b"x" * threads.IN_MEMORY] * 9, method="POST")
        await pages(visit.scope, visit.receive, visit.send)
        assert visit.sent[0]["status"] == 413
        assert "dépasse ce que le serveur accepte" in visit.body.decode()
        assert len(visit.pieces) > 4  # left where they were

    run(scene())


def test_an_answer_in_pieces_is_not_gathered_and_is_closed():
    class Pieces:
        is_closed = False

        def __iter__(self) -> Iterator[bytes]:
            yield from (b"one", b"", b"two", b"three")

        def close(self) -> None:
            self.is_closed = True

    pieces = Pieces()

    def wsgi(environ: dict, start_response: Callable) -> Iterable[bytes]:
        start_response("206 Partial", [("X-A", "1"), ("X-A", "2")])
        return pieces

    visit = ask(wsgi)
    start, *bodies = visit.sent
    assert start["status"] == 206
    assert start["headers"] == [(b"x-a", b"1"), (b"x-a", b"2")]
    assert [body["body"] for body in bodies] == [b"one", b"two", b"three"]
    assert [body["more_body"] for body in bodies] == [True, True, False]
    assert pieces.is_closed


def test_an_answer_without_a_word_is_an_answer():
    def wsgi(environ: dict, start_response: Callable) -> Iterable[bytes]:
        start_response("204 No Content", [])
        return []

    visit = ask(wsgi)
    assert [message["type"] for message in visit.sent] == [
        "http.response.start",
        "http.response.body",
    ]


def test_a_fault_of_the_application_is_the_server_s_to_tell():
    def wsgi(environ: dict, start_response: Callable) -> Iterable[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(wsgi)


def test_nothing_but_http_is_spoken():
    with pytest.raises(ValueError, match="websocket"):
        ask(told, type="websocket")


@pytest.mark.parametrize("size", [10, threads.IN_MEMORY + 1], ids=["a few bytes", "a file"])
def test_who_sends_slowly_or_leaves_keeps_no_thread(size):
    async def scene() -> None:
        pages = threads.Threads(told, threads=2)
        slow = [Visit(b"x" * size, method="POST") for _ in range(20)]
        for visit in slow:
            visit.has_more = True
        tasks = [
            asyncio.create_task(pages(visit.scope, visit.receive, visit.send)) for visit in slow
        ]
        await asyncio.sleep(0)
        quick = Visit(b"me", method="POST")
        await pages(quick.scope, quick.receive, quick.send)
        assert b"me" in quick.body
        for visit in slow:
            visit.gone.set()
        await asyncio.gather(*tasks)
        assert not any(visit.sent for visit in slow)

    run(scene())
