"""A service on a socket, in the tests: it answers as its dialect says, and is cut where one wants.

Each question has its rank. `fault` is asked, of each, by its rank, its method and its path, how it
goes wrong: `None` for an answer.
"""

import json
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# Where a conversation is cut: before the service has heard, while it hears, once it has done what
# was asked and said nothing, in the middle of its answer.
BEFORE, DURING, AFTER, HALFWAY = CUTS = ("avant", "pendant", "après", "à moitié")


@dataclass
class Asked:
    """A question, as it came: `told` its fields in their order, `files` what was joined."""

    method: str
    path: str
    query: dict[str, str]
    headers: Any
    told: list[tuple[str, bytes]] = field(default_factory=list)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def raw(self) -> dict[str, bytes]:
        return dict(self.told)


@dataclass
class Said:
    """An answer."""

    body: bytes
    status: int = 200
    kind: str = "text/plain"
    headers: dict[str, str] = field(default_factory=dict)


def in_json(told: object, status: int = 200) -> Said:
    return Said(json.dumps(told).encode(), status, "application/json")


class Service:
    """`with SomeService() as service:` answers at `service.address`."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []  # every question that was heard
        self.count = 0  # every question, heard or not
        self.fault: Callable[[int, str], str | None] = lambda rank, path: None
        self.cut_after: Callable[[], None] = lambda: None  # done, and not answered
        self.lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.serve(self)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def log_message(self, *args) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args) -> None:
                """Whoever asked hung up: it happens."""

        self.server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if tls is not None:
            # The hand is shaken by the thread of whoever comes, not by the one that opens.
            self.server.socket = tls.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
            scheme = "https"
        self.address = f"{scheme}://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *args) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, asked: Asked) -> Said:
        """What the dialect says."""
        raise NotImplementedError

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        with self.lock:
            rank, self.count = self.count, self.count + 1
        parts = urlsplit(handler.path)
        fault = self.fault(rank, f"{handler.command} {parts.path}")
        if fault == BEFORE:
            return
        size = int(handler.headers.get("content-length") or 0)
        if fault == DURING:
            handler.rfile.read(size // 2)
            return
        asked = Asked(handler.command, parts.path, dict(parse_qsl(parts.query)), handler.headers)
        _read(asked, handler.rfile.read(size))
        with self.lock:
            self.asked.append(asked)
            said = self.answer(asked)
        if fault == AFTER:
            self.cut_after()
            return
        with suppress(OSError):  # whoever asked waits no more
            handler.send_response(said.status)
            for header in {"Content-Type": said.kind, **said.headers}.items():
                handler.send_header(*header)
            handler.send_header("Content-Length", str(len(said.body)))
            handler.end_headers()
            whole = len(said.body)
            handler.wfile.write(said.body[: whole // 2 if fault == HALFWAY else whole])

    def paths(self) -> list[str]:
        """Where it was asked, by the last word."""
        return [asked.path.rpartition("/")[2] for asked in self.asked]


def cut_once(service: Service, cut: str, kill: Callable[[], None] = lambda: None) -> set:
    """Cut each question the first time that it is asked, and once more wherever the service was
    told something new since: one conversation meets them all, those too that whoever comes after a
    cut asks besides. `kill` puts an end to whoever asks. Gives the questions that were cut."""
    met: set[tuple[str, int]] = set()

    def fault(rank: int, question: str) -> str | None:
        told = {(asked.method, asked.path) for asked in service.asked if asked.method != "GET"}
        if (question, len(told)) in met:
            return None
        met.add((question, len(told)))
        if cut == BEFORE:
            kill()
        return cut

    service.fault, service.cut_after = fault, kill
    return met


def _read(asked: Asked, body: bytes) -> None:
    kind = asked.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        asked.told = [(name, value.encode()) for name, value in parse_qsl(body.decode())]
    elif kind.startswith("multipart/"):
        whole = message_from_bytes(
            f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=policy.HTTP
        )
        for part in whole.iter_parts():
            named = part["content-disposition"].params
            content = part.get_payload(decode=True)
            if "filename" in named:
                asked.files.append((named["name"], named["filename"], content))
            else:
                asked.told.append((named["name"], content))
