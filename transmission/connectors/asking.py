"""One question to a service elsewhere, and its answer: in so long, of so many bytes, from there.

Of a question that failed, whoever sends needs to know one thing: whether the service may have heard
it. `Unreachable` says that it did not, `Unready` that it would hear nothing now, `Unanswered` that
nobody knows, `Declined` that it said no.
Sockets are held here, and not by a library of the Web, because none of them tells the first from
the second: a connection that is refused and one that is cut after the last byte are one error.
"""

import io
import ipaddress
import json
import math
import secrets
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

PATIENCE = 60.0  # seconds for a question and its answer
LONG = 600.0  # for one that carries files, or brings one
SHORT = 1024 * 1024  # bytes of an answer in words
LARGE = 200 * 1024 * 1024  # of one that is a file: an envelope has 150 MB at most
WORDS = 1000  # letters of what a service says, as they are told
_PIECE = 64 * 1024


class Failed(Exception):
    """A question that was not answered as it should be: why, in French."""


class Unreachable(Failed):
    """The service was not reached: it has heard nothing."""


class Unready(Failed):
    """The service did nothing of it, whatever it was: it knows us not, or is not at work."""


class Unanswered(Failed):
    """The service may have heard, and its answer did not come, or not whole."""


class Declined(Failed):
    """The service answered, and not by what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service answered, whole."""

    status: int
    kind: str  # of what it says that it is
    location: str  # where it would lead: nobody follows
    body: bytes

    @property
    def text(self) -> str:
        """In UTF-8, or else in Latin-1: servers of one product speak either."""
        return decoded(self.body)

    def json(self) -> Any:
        """Raises `Unanswered` for what is none: a page of somebody on the way says nothing."""
        try:
            return json.loads(self.text)
        except ValueError:
            raise Declined(
                f"la réponse n’est pas celle attendue\u00a0: {words(self.text)}"
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A file, in a form."""

    field: str
    name: str
    content: bytes = field(repr=False)
    media: str = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service answers, and what we show there to be known.

    `address` is what every path follows. `certificate` and `authorities` are files (PEM), the first
    with its key; without the second, the authorities of the machine are believed. Nothing is asked
    past the moment `until` (of `time.monotonic`).
    """

    address: str
    authorization: str = field(default="", repr=False)
    certificate: str = ""
    passphrase: str = field(default="", repr=False)
    authorities: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)  # never told, whoever repeats them
    until: float = math.inf

    # --- What is asked ------------------------------------------------------------------------

    def get(self, path: str, *, most: int = SHORT, patience: float = PATIENCE, **query) -> Answer:
        """Ask for what is there. Raises `Failed`."""
        return self._ask("GET", path, query, (), "", most=most, patience=patience)

    def post(
        self,
        path: str,
        told: Iterable[tuple[str, str]] = (),
        files: Iterable[Sent] = (),
        *,
        charset: str = "utf-8",
        patience: float = LONG,
        **query,
    ) -> Answer:
        """Send a form (`multipart/form-data`). Raises `Failed`."""
        edge = secrets.token_hex(16)
        pieces = [*_form(told, files, edge, charset)]
        kind = f"multipart/form-data; boundary={edge}"
        return self._ask("POST", path, query, pieces, kind, patience=patience)

    def patch(self, path: str, told: Iterable[tuple[str, str]], *, method: str = "PATCH") -> Answer:
        """Change what is there by a form (`application/x-www-form-urlencoded`). Raises `Failed`."""
        kind = "application/x-www-form-urlencoded"
        return self._ask(method, path, {}, [urlencode([*told]).encode()], kind)

    def put(self, path: str, told: object) -> Answer:
        """Say something of what is there, in JSON. Raises `Failed`."""
        return self._ask("PUT", path, {}, [json.dumps(told).encode()], "application/json")

    def delete(self, path: str) -> Answer:
        """Have what is there erased. Raises `Failed`."""
        return self._ask("DELETE", path, {}, (), "")

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        pieces: Iterable[bytes],
        kind: str,
        *,
        most: int = SHORT,
        patience: float = PATIENCE,
    ) -> Answer:
        until = min(time.monotonic() + patience, self.until)
        parts = urlsplit(self.address)
        target = f"{parts.path.rstrip('/')}/{quote(path)}"
        if query:
            target += f"?{urlencode(query)}"
        headers = {"Accept": "*/*", "Connection": "close"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        if kind:
            headers |= {"Content-Type": kind, "Content-Length": str(sum(map(len, pieces)))}
        line = self._reached(parts.hostname or "", parts.port, until)
        try:
            connection = HTTPConnection(parts.hostname or "", parts.port)
            connection.sock = line  # type: ignore[assignment] # all that it asks of one
            connection.request(method, target, pieces or None, headers)
            return _read(connection, most, is_safe=parts.scheme == "https")
        except ssl.SSLError as error:
            # Since TLS 1.3 a server refuses a certificate by its first answer.
            if "CERTIFICATE" in (error.reason or ""):
                raise Unreachable(self._told(error)) from None
            raise Unanswered(self._told(error)) from None
        except (OSError, HTTPException) as error:
            raise Unanswered(self._told(error)) from None
        except ValueError:  # it names the header, and what is in it
            raise Unreachable("le secret a un caractère que rien n’envoie") from None
        finally:
            line.hang_up()

    # --- The line -----------------------------------------------------------------------------

    def _reached(self, host: str, port: int | None, until: float) -> "_Line":
        """A line to the service, on which nothing was said. Raises `Unreachable`."""
        is_safe = urlsplit(self.address).scheme == "https"
        context = self._context() if is_safe else None
        plug = None
        try:
            if (left := until - time.monotonic()) <= 0:
                raise TimeoutError
            plug = socket.create_connection((host, port or (443 if is_safe else 80)), left)
            if context is not None:
                # An answer that ends without saying so was cut: it is not taken for whole.
                plug = context.wrap_socket(plug, server_hostname=host, suppress_ragged_eofs=False)
            return _Line(plug, until)
        except (OSError, ValueError) as error:
            if plug is not None:
                plug.close()
            raise Unreachable(self._told(error)) from None

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.authorities or None)
            if self.certificate:
                context.post_handshake_auth = True  # a server may ask for it by the page
                # Without a word to give, the library would ask for one at the keyboard.
                context.load_cert_chain(self.certificate, password=lambda: self.passphrase)
        except (OSError, ValueError) as error:
            kind = type(error).__name__
            raise Unreachable(f"le certificat de l’organisation ne se lit pas ({kind})") from None
        return context

    def _told(self, error: Exception) -> str:
        """Why there is no answer, without anything secret."""
        for kind, said in _FAULTS:
            if isinstance(error, kind):
                return said
        return self.hide(f"{type(error).__name__} : {error}")

    def hide(self, text: str) -> str:
        """What a service says, without what we showed to be known."""
        for secret in filter(None, (self.authorization, self.passphrase, *self.secrets)):
            text = text.replace(secret, "…")
        return words(text)


_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "il ne répond pas à temps"),
    (ConnectionRefusedError, "personne ne répond à cette adresse"),
    (socket.gaierror, "ce nom n’est celui d’aucune machine"),
    (ssl.SSLCertVerificationError, "son certificat n’est pas reconnu"),
)


class _Line(io.RawIOBase):
    """A socket that has so long for all that it is asked, and that nobody closes but we: a
    connection lets go of it before its answer is read."""

    def __init__(self, plug: socket.socket, until: float) -> None:
        self._plug, self._until = plug, until

    def _wait(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._plug.settimeout(left)

    def sendall(self, data: bytes) -> None:
        """As sockets do."""
        for start in range(0, len(data), _PIECE):
            self._wait()
            self._plug.sendall(memoryview(data)[start : start + _PIECE])

    def readable(self) -> bool:
        """As files do."""
        return True

    def readinto(self, into) -> int:
        """As files do."""
        self._wait()
        return self._plug.recv_into(into)

    def makefile(self, mode: str) -> io.BufferedReader:
        """As sockets do."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """As files do, without effect."""

    def hang_up(self) -> None:
        """Nothing more is said."""
        self._plug.close()


def _read(connection: HTTPConnection, most: int, *, is_safe: bool) -> Answer:
    response = connection.getresponse()
    if response.length is None and not response.chunked and not is_safe:
        # Without TLS, what ends and what is cut look the same.
        raise HTTPException("la réponse ne dit pas où elle finit")
    body = response.read(most + 1)
    if len(body) > most:
        raise HTTPException(f"une réponse de plus de {most} octets")
    if response.length:  # announced, and not come
        raise HTTPException("la réponse est coupée")
    return Answer(
        status=response.status,
        kind=response.headers.get_content_type(),
        location=response.headers.get("location", ""),
        body=body,
    )


def _form(
    told: Iterable[tuple[str, str]], files: Iterable[Sent], edge: str, charset: str
) -> Iterator[bytes]:
    for name, value in told:
        yield f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        yield value.encode(charset) + b"\r\n"
    for sent in files:
        yield (
            f'--{edge}\r\nContent-Disposition: form-data; name="{sent.field}"; '
            f'filename="{plain_name(sent.name)}"\r\nContent-Type: {sent.media}\r\n\r\n'
        ).encode()
        yield sent.content
        yield b"\r\n"
    yield f"--{edge}--\r\n".encode()


# --- Words ------------------------------------------------------------------------------------


def basic(account: str, password: str) -> str:
    """What says who asks, by an account and its password."""
    return f"Basic {b64encode(f'{account}:{password}'.encode()).decode()}"


def decoded(body: bytes) -> str:
    """These bytes in UTF-8, or else in Latin-1."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


def words(text: str) -> str:
    """On one line, so many letters at most, without what no screen shows."""
    told = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return told if len(told) <= WORDS else f"{told[: WORDS - 1]}…"


def plain_name(name: str) -> str:
    """The name of a file as every service takes it."""
    told = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return told.lstrip(".") or "fichier"


def is_here(host: str) -> bool:
    """Whether this is the machine itself, where alone one speaks without TLS."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
