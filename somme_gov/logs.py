"""The journal of the server: one line for what went wrong, when, for which request, and nothing
that it should not hold.

Neither the secret part of a link nor the address of anybody is written. What fails the same way
again is counted, not told again: a database away for ten seconds is one line and its number. Who
runs the server may be written to, once for each cause and each day.
"""

import hashlib
import json
import logging
import re
import smtplib
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from members import links

# A part of a path as long as our tokens are, which nobody would read anyway: what no address of
# today has, an old link, another site's.
_LONG = re.compile(r"(?<=/)[\w-]{40,}(?=[/.?\s\"']|$)")
_ADDRESS = re.compile(r"[\w.+-]+@(?=[\w-]+\.[\w.-]+)")
_request: ContextVar[str] = ContextVar("request_id", default="")
_HEADER = "X-Request-ID"
_PLAIN = re.compile(r"[\w.-]{8,64}\Z", re.ASCII)

# --- Which request ----------------------------------------------------------------------------


def numbered(answer: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Each request has a number, which its lines of the journal bear and its answer gives: that of
    our own proxy when it made one, so that both journals tell of the same."""

    def answered(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(_HEADER, "") if settings.TRUSTED_PROXIES else ""
        number = given if _PLAIN.match(given) else uuid4().hex[:16]
        _request.set(number)  # and left: Django tells of an answer once it is out of here
        response = answer(request)
        response[_HEADER] = number
        return response

    return answered


# --- What is not said -------------------------------------------------------------------------


class Masked(logging.Filter):
    """Every link that opens something without an account is written "/invitation/…/", and an
    address by its domain."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always: what it hides is hidden in what it lets through."""
        record.msg, record.args = _masked(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _masked(record.exc_text)
        return True


def _masked(told: str) -> str:
    told = _ADDRESS.sub("…@", _LONG.sub("…", told))
    return links.hidden(told) if apps.ready else told  # before, no address has been answered


class OneLine(logging.Filter):
    """A fault that a stranger makes at will is told in one line, without where it was met."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always, and short."""
        told = " ".join(record.getMessage().split())
        record.msg, record.args = told[:300], ()
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"  # nobody is written to
        return True


class Once(logging.Filter):
    """Lets one of a cause through in so many seconds; the next one says how many were held back.

    A cause is where a fault was raised, or, of what raised nothing, what is said of it.
    """

    MOST = 1000  # causes remembered

    def __init__(self, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.seconds, self.clock = seconds, clock
        self._seen: dict[tuple[object, ...], list[float]] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is the first of its cause."""
        if record.levelno < logging.WARNING:
            return True
        cause, now = _cause(record), self.clock()
        with self._lock:
            since, held = self._seen.get(cause, (None, 0))
            if since is not None and now - since < self.seconds:
                self._seen[cause] = [since, held + 1]
                return False
            if len(self._seen) >= self.MOST:
                self._seen.clear()
            self._seen[cause] = [now, 0]
        record.held_back = int(held)
        return True


def _cause(record: logging.LogRecord) -> tuple[object, ...]:
    kind, _, trace = record.exc_info or (None, None, None)
    if kind is None or trace is None:
        return record.name, record.levelno, record.getMessage()
    while trace.tb_next is not None:
        trace = trace.tb_next
    return record.name, kind, trace.tb_frame.f_code.co_filename, trace.tb_lineno


# --- How it is written ------------------------------------------------------------------------


def _told(record: logging.LogRecord) -> dict[str, object]:
    told: dict[str, object] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "request": _request.get(),
        "message": record.getMessage(),
    }
    if held := getattr(record, "held_back", 0):
        told["held_back"] = held
    if record.exc_text:
        told["trace"] = record.exc_text
    return {name: value for name, value in told.items() if value}


class Json(logging.Formatter):
    """One object a line: a program reads it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(_told(record), ensure_ascii=False)


class Line(logging.Formatter):
    """Date, level, request, words; then where it was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the lines of the fault below it."""
        told = _told(record)
        number = f" [{told['request']}]" if "request" in told else ""
        line = f"{told['at']} {record.levelname} {record.name}{number} {told.get('message', '')}"
        if held := told.get("held_back"):
            line += f" (et {held} fois depuis la dernière ligne)"
        return f"{line}\n{record.exc_text}" if record.exc_text else line


# --- Who is written to ------------------------------------------------------------------------


class Mailed(logging.Handler):
    """Writes to whoever runs the server, apart: no page waits for a mail server, and the queue of
    mails is in the base, which may be what is away."""

    EVERY = 24 * 60 * 60  # seconds

    def emit(self, record: logging.LogRecord) -> None:
        """Send what the record says, and nothing of the request but its number; once for all the
        processes of the server."""
        cause = hashlib.sha256(repr(_cause(record)).encode()).hexdigest()
        try:
            is_first = cache.add(f"mailed:{cause}", 1, self.EVERY)
        except (OSError, DatabaseError):  # the disk, or the base, is what failed, maybe
            is_first = True
        if is_first:
            text = self.format(record)
            threading.Thread(target=self._send, args=[text]).start()  # a command waits for it

    def _send(self, text: str) -> None:
        first = text.splitlines()[0].partition(" ")[2][:120]
        mail = EmailMessage(f"[somme_gov] {first}", text, None, settings.ERROR_MAILS)
        try:
            mail.connection = get_connection()
            mail.send()
        except (OSError, smtplib.SMTPException):
            return  # the journal holds the same line; to tell it of this would call us again
