"""Mails that came back, read from the mailbox where servers return them (`BOUNCES_URL`), or told by
whoever carries them (`BOUNCES_TOKEN`, convening/bounce_views.py).

`read` tells what one message says, and believes nothing else: a report of delivery (RFC 3464) that
gives up, of a mail whose identifier it bears, for an address. `read_events` reads the same of what
a carrier tells in JSON. `note` marks the mail of that identifier, if it went to that address.
Whatever else lies in the mailbox marks nothing.

Each message is flagged once what it says is in the base: whoever is killed between the two reads it
again, and finds it noted.
"""

import imaplib
import json
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import Letter
from convening import sending
from convening.actions import following
from convening.mails import address_of
from convening.models import Posted, Recipient
from law.addresses import lowered
from law.findings import Refused
from members import duties, serving

log = logging.getLogger(__name__)

# --- What one message says --------------------------------------------------------------------

MOST = (
    262_144  # octets that are read of a message: what comes first tells, the dossier is at the end
)
_IDENTIFIER = re.compile(r"<[!-;=?-~]{3,198}>")
_STATUS = re.compile(r"\b([45])\.(\d{1,3})\.(\d{1,3})\b")
_FEW = 20  # what a report tells of, and which mails it answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A mail that a server gave up: which it may be, to which addresses, and why, in words."""

    identifiers: tuple[str, ...]
    addresses: frozenset[str]
    why: str


def read(source: bytes) -> tuple[Returned, ...]:
    """What this message says came back, nothing of any other. It may have been cut, or made to
    harm: never raises."""
    try:
        return tuple(_read(message_from_bytes(source[:MOST])))
    except Exception as error:  # the library trips on more than it promises, nesting among others
        log.info(
            "un courriel de la boîte des retours ne se lit pas\u00a0: %s", type(error).__name__
        )
        return ()


def _read(report: Message) -> Iterator[Returned]:
    kind = str(report.get_param("report-type", "")).lower()
    if report.get_content_type() != "multipart/report" or kind != "delivery-status":
        return
    parts = report.get_payload()
    if not isinstance(parts, list):
        return
    identifiers = _identifiers(report, parts)
    for part in parts if identifiers else ():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for told in part.get_payload()[: _FEW + 1]:
                addresses = _addresses(told)
                if addresses and _text(told["Action"]).lower().startswith("failed"):
                    why = _why(_text(told["Status"]), _text(told["Diagnostic-Code"]))
                    yield Returned(identifiers=identifiers, addresses=addresses, why=why)


def _identifiers(report: Message, parts: list[Message]) -> tuple[str, ...]:
    """That of the mail in the report; of one that gives none back, those that it answers."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            head = part.get_payload(0)
        elif kind == "text/rfc822-headers":
            head = message_from_string((part.get_payload(decode=True) or b"").decode("latin-1"))
        else:
            continue
        return tuple(_IDENTIFIER.findall(_text(head["Message-ID"]))[:1])
    answered = f"{_text(report['References'])} {_text(report['In-Reply-To'])}"
    return tuple(dict.fromkeys(_IDENTIFIER.findall(answered)[-_FEW:]))


def _addresses(told: Message) -> frozenset[str]:
    found = set()
    for name in ("Final-Recipient", "Original-Recipient"):
        kind, _, address = _text(told[name]).partition(";")
        if kind.strip().lower() in ("rfc822", "utf-8") and "@" in address:
            found.add(lowered(address.strip().strip("<>")))
    return frozenset(found)


def _text(value: object) -> str:
    """A header on one line, without what a screen or a database would stumble on."""
    kept = "".join(c if c.isprintable() else " " for c in str(value or ""))
    return " ".join(kept.split())[:4000]


# By what RFC 3463 calls subject and detail.
_WORDS = {
    "1.1": "adresse inconnue",
    "1.2": "domaine inconnu",
    "1.3": "adresse mal écrite",
    "1.6": "adresse inconnue",
    "1.10": "adresse inconnue",
    "2.1": "boîte fermée",
    "2.2": "boîte pleine",
    "2.3": "courriel trop gros",
    "3.4": "courriel trop gros",
    "4.1": "serveur du destinataire injoignable",
    "4.3": "domaine inconnu",
    "4.4": "domaine inconnu",
    "4.7": "serveur du destinataire injoignable",
}


def _why(code: str, said: str) -> str:
    """« adresse inconnue (5.1.1 : 550 User unknown) », bounded; of the words of the server neither
    markup nor address."""
    said = said.partition(";")[2].strip() if re.match(r"[\w-]+ *;", said) else said
    status = _STATUS.search(code)
    if status is None or status[0].endswith(".0.0"):  # many say no more there, and more beside it
        status = _STATUS.search(said) or status
    known = f"{status[2]}.{status[3]}" if status else ""
    refused = "refusé par le serveur du destinataire" if known.startswith("7.") else ""
    words = _WORDS.get(known) or refused or "non distribué"
    said = re.sub(r"<[^<>]*>", " ", said)
    said = re.sub(r"\S+@\S+", "…", said)
    said = " ".join(re.sub(r"[<>]", " ", said).split())
    said = said if len(said) <= 160 else f"{said[:159]}…"
    beside = "\u00a0: ".join(filter(None, (status[0] if status else "", said)))
    return f"{words} ({beside})" if beside else words


# --- What a carrier says in JSON --------------------------------------------------------------

# What says that it gave up, among the events of those who carry mails. One that comes back for now
# (`soft_bounce`, `deferred`) is tried again by them.
_GIVEN_UP = frozenset({"bounce", "bounced", "hard_bounce", "blocked", "dropped", "invalid_email"})
_NAMED = ("message-id", "message_id", "smtp-id")


def read_events(source: bytes) -> tuple[Returned, ...]:
    """What these events, one or a list, say came back; raises `ValueError` for what is no JSON."""
    try:
        told = json.loads(source)
    except RecursionError as error:
        raise ValueError("trop d’étages") from error
    events = told if isinstance(told, list) else [told]
    return tuple(found for each in events if isinstance(each, dict) for found in _event(each))


def _event(event: dict[str, object]) -> Iterator[Returned]:
    name = next((_text(event[each]) for each in _NAMED if event.get(each)), "")
    identifiers = _IDENTIFIER.findall(name if name.startswith("<") else f"<{name}>")
    address = lowered(_text(event.get("email")))
    if _text(event.get("event")).lower() in _GIVEN_UP and identifiers and "@" in address:
        why = _why(_text(event.get("status")), _text(event.get("reason")))
        yield Returned(identifiers=(identifiers[0],), addresses=frozenset({address}), why=why)


# --- What it changes --------------------------------------------------------------------------


def note(found: Returned, *, at: datetime) -> bool:
    """Mark what came back; whether that message has nothing more to say. A mail that the sender
    still has in hand is waited for: its reply is not written yet."""
    is_over = True
    for kind in sending.KINDS:
        for row in kind.objects.filter(message_id__in=found.identifiers):
            to = row.to if isinstance(row, Letter) else row.email
            if found.addresses.isdisjoint({lowered(to), lowered(address_of(to))}):
                continue
            if row.state in (Posted.State.QUEUED, Posted.State.HANDING):
                is_over = False
            elif row.state in (Posted.State.SENT, Posted.State.DOUBTFUL):
                _mark(row, why=found.why, at=at)
    return is_over


def _mark(row: sending.Row, *, why: str, at: datetime) -> None:
    if isinstance(row, Recipient):
        with suppress(Refused):  # another was quicker
            following.note_bounce(row, reason=why, by=None, at=at)
    else:  # what is no convocation is seen among what did not leave
        mine = type(row).objects.filter(pk=row.pk, state=row.state)
        mine.update(state=Posted.State.BOUNCED, reply=why)


def is_noted(found: Returned, *, at: datetime) -> bool:
    """As `note`; what cannot be noted has nothing more to say."""
    try:
        return note(found, at=at)
    except DatabaseError:
        raise
    except Exception:  # one message keeps no other back, nor comes back for ever
        log.exception("un courriel revenu ne se note pas")
        return True


# --- The mailbox ------------------------------------------------------------------------------

_PATIENCE = 30  # seconds, for each step of the conversation
_AT_ONCE = 200  # messages in a look: the others are there at the next
_PORTS = {"imaps": imaplib.IMAP4_SSL_PORT, "imap": imaplib.IMAP4_PORT}


class Mailbox:
    """The messages that nobody read yet in the mailbox of `BOUNCES_URL`."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def unread(self) -> Iterator[tuple[str, bytes]]:
        """Each with its number, the oldest first, as far as `MOST`; none is flagged by this."""
        (found,) = self._said(self._connection.uid("SEARCH", "UNSEEN"))
        for number in (found or b"").decode("ascii").split()[:_AT_ONCE]:
            _, told = self._connection.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST}>)")
            for each in told:  # nothing of one that is gone, or that the server cannot read itself
                if isinstance(each, tuple):
                    yield number, each[1]
                    break

    def flag(self, number: str) -> None:
        """It was read."""
        self._said(self._connection.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))

    @staticmethod
    def _said(answer: tuple[str, list]) -> list:
        outcome, told = answer
        if outcome != "OK":
            raise imaplib.IMAP4.error(outcome)
        return told


@contextmanager
def opened(url: str) -> Iterator[Mailbox]:
    """The mailbox of this address, for as long as it is read."""
    parts = urlsplit(url)
    where = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
    connection = (
        imaplib.IMAP4_SSL(*where, ssl_context=ssl.create_default_context(), timeout=_PATIENCE)
        if parts.scheme == "imaps"
        else imaplib.IMAP4(*where, timeout=_PATIENCE)
    )
    try:
        connection.login(_quoted(unquote(parts.username or "")), unquote(parts.password or ""))
        outcome, _ = connection.select(_quoted(unquote(parts.path.strip("/")) or "INBOX"))
        if outcome != "OK":
            raise imaplib.IMAP4.error("boîte introuvable")
        yield Mailbox(connection)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            connection.logout()


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def attend(
    *,
    at: datetime,
    open_box: Callable[[str], AbstractContextManager[Mailbox]] = opened,
    stop: duties.Stop = lambda: False,
) -> int:
    """Read what came back since; how many messages were read. Nothing of a base that another
    machine serves: it reads them. A mailbox that is away is said once, until it is back."""
    if serving.is_held():
        return 0
    count = 0
    try:
        with open_box(settings.BOUNCES_URL) as box:
            for number, source in box.unread():
                if stop():
                    break
                told = [is_noted(each, at=at) for each in read(source)]  # each, whatever the first
                if all(told):
                    box.flag(number)
                    count += 1
    except DatabaseError:
        raise
    # Its name, its password, its certificate, its port, its words: the mailbox is not had.
    except (OSError, imaplib.IMAP4.error, ValueError, LookupError) as error:
        if away() is None:
            called = _called(error)
            # Without its trace, where the password may be.
            log.error("la boîte des retours ne se lit pas\u00a0: %s", called)
            cache.set(_AWAY, (at, called), timeout=None)
    else:
        cache.delete(_AWAY)
    return count


def _called(error: Exception) -> str:
    """What is wrong, without the words of the server, nor ours, where a password may be."""
    if isinstance(error, imaplib.IMAP4.abort):
        return "conversation rompue"
    if isinstance(error, imaplib.IMAP4.error):
        return "compte ou boîte refusés"
    return type(error).__name__ if isinstance(error, OSError) else "adresse mal écrite"


_AWAY = "retours-absents"


def away() -> tuple[datetime, str] | None:
    """Since when the mailbox cannot be read, and what it is called; `None` while it can."""
    return cache.get(_AWAY)


# --- Without anybody asking -------------------------------------------------------------------

NAME = "retours"
_TICK = 600  # seconds


def _look(until: duties.Stop) -> float:
    attend(at=timezone.now(), stop=until)
    return _TICK


DUTY = duties.Duty(NAME, lambda: nullcontext(_look), setting="BOUNCES_URL", idle=_TICK)
