"""Django's pages on a few threads, behind a server that speaks ASGI.

The server holds a connection for each screen that follows a sitting (`live.stream`); the pages stay
what Django is fastest at, synchronous code on threads that keep their connection to the database.
What somebody sends is awaited whole before a thread takes it, so that nobody who sends slowly
keeps one.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import unquote_to_bytes

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

THREADS = 8
IN_MEMORY = 64 * 1024  # bytes of what somebody sends; the rest waits on the disk
LARGE_AT_ONCE = 8  # sendings that wait on the disk
MOST = 256 * 1024 * 1024  # bytes of one of them, unless told
PATIENCE = 60  # seconds for who asked to take a piece of what he asked for


class Threads:
    """A WSGI application as an ASGI server calls it; each request has a thread while it runs, and
    may send so many bytes at most: beyond, it is answered 413, unread."""

    def __init__(
        self, wsgi: Callable[..., Iterable[bytes]], *, threads: int = THREADS, most: int = MOST
    ) -> None:
        self.wsgi = wsgi
        self.most = most
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request. Raises `ValueError` for anything else."""
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not spoken here")
        try:
            body = await self._sent(receive)
        except _Excessive:
            for message in _TOO_MUCH:
                await send(message)
            return
        if body is None:
            return
        loop = asyncio.get_running_loop()

        def leave(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(send(message), loop).result(PATIENCE)

        environ = _environ(scope) | {"wsgi.input": body}
        for message in await loop.run_in_executor(self.pool, self._answer, environ, leave):
            await send(message)

    async def _sent(self, receive: Receive) -> SpooledTemporaryFile | None:
        """What is sent, whole; `None` if whoever sent it left meanwhile. Raises `_Excessive`."""
        body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the thread closes it
        is_whole = await _fill(body, receive, IN_MEMORY)
        if is_whole is None:
            return None
        if not is_whole:
            async with self.large:
                is_whole = await _fill(body, receive, self.most)
            if is_whole is None:
                return None
            if not is_whole:
                body.close()
                raise _Excessive
        body.seek(0)
        return body

    def _answer(self, environ: Message, leave: Callable[[Message], None]) -> tuple[Message, ...]:
        """Run the application; what was not sent by `leave` on the way: the end of the answer."""
        start: Message = {"type": "http.response.start"}

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> None:
            pairs = [(name.lower().encode("latin-1"), v.encode("latin-1")) for name, v in headers]
            start["status"], start["headers"] = int(status.split(" ", 1)[0]), pairs

        waits: tuple[Message, ...] = (start,)
        with environ["wsgi.input"]:
            pieces = self.wsgi(environ, start_response)
            try:
                last = b""
                for piece in filter(None, pieces):
                    if last:
                        for message in (*waits, _piece(last, more=True)):
                            leave(message)
                        waits = ()
                    last = piece
            finally:
                getattr(pieces, "close", lambda: None)()
        return (*waits, _piece(last))


class _Excessive(Exception):
    """More is sent than is taken."""


async def _fill(body: SpooledTemporaryFile, receive: Receive, most: int) -> bool | None:
    """Write what arrives until its end, or past `most`: whether it ended; `None` if who sends
    left."""
    while body.tell() <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            body.close()
            return None
        body.write(message.get("body", b""))
        if not message.get("more_body"):
            return True
    return False


_TOO_MUCH: tuple[Message, ...] = (
    {
        "type": "http.response.start",
        "status": 413,
        "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")],
    },
    {
        "type": "http.response.body",
        "body": "Cet envoi dépasse ce que le serveur accepte\u00a0: rien n’est pris.".encode(),
    },
)


def _piece(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _environ(scope: Message) -> Message:
    """The request as WSGI tells it (PEP 3333): bytes as characters of one byte."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Message = {
        **scope.get("environ", {}),  # what an application before this one tells the pages
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope.get("client"):
        environ["REMOTE_ADDR"] = scope["client"][0]
    for raw, value in scope["headers"]:
        if b"_" in raw:  # it would pass for the header that a proxy wrote with a dash
            continue
        name = raw.decode("latin-1").upper().replace("-", "_")
        if name not in ("CONTENT_LENGTH", "CONTENT_TYPE"):
            name = f"HTTP_{name}"
        told = value.decode("latin-1")
        before = environ.get(name)
        # Several cookies are one list; of anything else said twice, the reader sees both.
        between = "; " if name == "HTTP_COOKIE" else ","
        environ[name] = told if before is None else f"{before}{between}{told}"
    return environ
