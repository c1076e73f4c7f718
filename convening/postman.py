"""The hand that gives mails to the SMTP server: a process of its own, started by the sender.

    python -I convening/postman.py

It knows nothing but the standard library: no Django, no database. It reads mails on its standard
input and says on its standard output what became of each. What makes it a process of its own is
the moment that no protocol protects: once the last line of a mail is sent and until the reply is
read, nobody can know whether the server took it. The sender may be killed at any time, this one
goes on: it finishes the mail in its hand, writes the reply in its journal and leaves. Asked to stop
with all the others of its service, it does the same.

The journal is a file that it alone writes, and holds locked for as long as it lives. Two lines
for a mail, each on the disk before the next step:

    {"id": "<…>", "step": "end"}              the last line is about to be sent
    {"id": "<…>", "step": "reply", …}         what the server answered

A journal that is not locked has lost its postman: an "end" without a "reply" is then the only case
in which a mail may have left without our knowing. See docs/decisions/0010-courriels.md.
"""

import contextlib
import errno
import fcntl
import json
import os
import re
import signal
import smtplib
import socket
import ssl
import sys
from datetime import datetime, timezone
from typing import Any, BinaryIO

# What became of a mail. DOWN concerns every mail, the others this one only.
ACCEPTED = "accepted"
REFUSED = "refused"  # for good
DEFERRED = "deferred"  # to be tried again later
BROKEN = "broken"  # the connection ended while this mail was being given; to be tried again
TOO_BIG = "too_big"
DOWN = "down"  # the server cannot be used now; this mail was not given
UNKNOWN = "unknown"  # given to the last line, and no reply: it may have been taken

ServerReply = dict[str, Any]


def reply(outcome: str, code: int = 0, text: str | bytes = "") -> ServerReply:
    """What the sender is told."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    at = datetime.now(timezone.utc).isoformat()  # noqa: UP017 - runs outside of Django
    return {"outcome": outcome, "code": code, "text": f"{code or ''} {words}".strip(), "at": at}


_SAID = {
    errno.ENOSPC: "le disque de cette machine est plein",
    errno.EDQUOT: "le disque de cette machine est plein",
    errno.ECONNREFUSED: "personne n’écoute à l’adresse du serveur de courriel",
    errno.ENETUNREACH: "le réseau ne mène pas au serveur de courriel",
    errno.EHOSTUNREACH: "le réseau ne mène pas au serveur de courriel",
    errno.ETIMEDOUT: "le serveur de courriel n’a pas répondu à temps",
    errno.ECONNRESET: "le serveur de courriel a coupé la conversation",
    errno.EPIPE: "le serveur de courriel a coupé la conversation",
}
_SAID_OF = (
    (smtplib.SMTPServerDisconnected, "le serveur de courriel a coupé la conversation"),
    (socket.gaierror, "le nom du serveur de courriel ne se trouve pas"),
    (ssl.SSLCertVerificationError, "le certificat du serveur de courriel n’est pas reconnu"),
    (TimeoutError, "le serveur de courriel n’a pas répondu à temps"),
)


def failure(error: BaseException) -> str:
    """What went wrong before any server answered, in words where they are known, then as the
    system says it: a full disk of ours is no answer of theirs."""
    said = next((words for kind, words in _SAID_OF if isinstance(error, kind)), "")
    said = said or _SAID.get(getattr(error, "errno", None) or 0, "")
    told = f"{type(error).__name__} : {error}"
    return f"{said} ({told})" if said else told


def judged(code: int, text: bytes) -> ServerReply:
    """A reply about one mail: taken, refused, or to be tried again."""
    if 200 <= code < 300:
        return reply(ACCEPTED, code, text)
    if code == 552:
        return reply(TOO_BIG, code, text)
    return reply(REFUSED if 500 <= code < 600 else DEFERRED, code, text)


class Journal:
    """The lines that survive whatever happens to this process."""

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._file = os.open(f"{path}.new", flags, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        # Seen only once it is locked: unlocked, it would be taken for that of a dead postman.
        os.rename(f"{path}.new", path)

    def write(self, **line: Any) -> None:
        """One line, on the disk before this returns."""
        os.write(self._file, (json.dumps(line) + "\n").encode())
        os.fdatasync(self._file)


class Postman:
    """One connection to the server, kept from one mail to the next."""

    def __init__(self, config: dict[str, Any], journal: Journal) -> None:
        self.config, self.journal = config, journal
        self.server: smtplib.SMTP | None = None

    # The connection

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.config["certfile"] or self.config["keyfile"]:
            context.load_cert_chain(self.config["certfile"], self.config["keyfile"])
        return context

    def _connect(self) -> smtplib.SMTP:
        place = {
            "host": self.config["host"],
            "port": self.config["port"],
            "local_hostname": self.config["name"],
            "timeout": self.config["timeout"],
        }
        if self.config["ssl"]:
            server: smtplib.SMTP = smtplib.SMTP_SSL(**place, context=self._context())
        else:
            server = smtplib.SMTP(**place)
        try:
            if self.config["tls"]:
                server.starttls(context=self._context())
            if self.config["user"]:
                server.login(self.config["user"], self.config["password"])
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def leave(self, *, politely: bool = False) -> None:
        """Close the connection; the next mail opens another."""
        server, self.server = self.server, None
        if server is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if politely:
                server.quit()
        server.close()

    # One mail

    def post(self, sender: str, recipient: str, key: str, mail: bytes) -> ServerReply:
        """Give one mail. A connection kept since the last one may have been closed meanwhile: one
        that fails before anything was given is opened again, once."""
        was_open = self.server is not None
        answer = self._try(sender, recipient, key, mail)
        if answer["outcome"] == DOWN and was_open:
            answer = self._try(sender, recipient, key, mail)
        return answer

    def _try(self, sender: str, recipient: str, key: str, mail: bytes) -> ServerReply:
        try:
            if self.server is None:
                self.server = self._connect()
            return self._give(self.server, sender, recipient, key, mail)
        except smtplib.SMTPResponseException as error:
            # Greeting, EHLO, STARTTLS or password refused: no mail would pass.
            self.leave()
            return reply(DOWN, error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.leave()
            return reply(DOWN, 0, failure(error))

    def _give(
        self, server: smtplib.SMTP, sender: str, recipient: str, key: str, mail: bytes
    ) -> ServerReply:
        limit = server.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(mail):
            return reply(TOO_BIG, 0, f"message de {len(mail)} octets, {limit} admis")
        options = [f"size={len(mail)}"] if server.has_extn("size") else []
        if not re.fullmatch(r"[!-;=?-~]+@[!-;=?-~]+", recipient):
            return reply(REFUSED, 0, "adresse impossible")
        code, text = server.mail(sender, options)
        if code == 552:
            server.rset()
            return reply(TOO_BIG, code, text)
        if code != 250:
            # Said before any recipient was named: it is about us.
            self.leave()
            return reply(DOWN, code, text)
        # From here on a failure may be the fault of this address: the others must not wait for it.
        try:
            for command, argument, expected in (
                ("rcpt", f"TO:<{recipient}>", (250, 251)),
                ("data", "", (354,)),
            ):
                code, text = server.docmd(command, argument)
                if code == 421:
                    self.leave()
                    return reply(BROKEN, code, text)
                if code not in expected:
                    server.rset()
                    return judged(code, text)
            server.send(re.sub(rb"(?m)^\.", b"..", mail))
        except (OSError, smtplib.SMTPException) as error:
            self.leave()
            return reply(BROKEN, 0, failure(error))
        self.journal.write(id=key, step="end")
        return self._end(server, key)

    def _end(self, server: smtplib.SMTP, key: str) -> ServerReply:
        """Send the line that ends the mail, and read the reply: the server owns it from there."""
        try:
            if server.sock is not None:
                server.sock.settimeout(self.config["patience"])
            server.send(b".\r\n")
            code, text = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.leave()
            answer = reply(UNKNOWN, 0, failure(error))
        else:
            answer = judged(code, text)
            if code == 421:
                self.leave()
            elif server.sock is not None:
                server.sock.settimeout(self.config["timeout"])
        with contextlib.suppress(OSError):
            # A full disk here loses the journal of this mail, not the answer to the sender.
            self.journal.write(id=key, step="reply", **answer)
        return answer


def serve(given: BinaryIO, said: BinaryIO) -> None:
    """Give mails until there are no more, or until whoever asks is gone."""

    def say(answer: ServerReply) -> None:
        said.write((json.dumps(answer) + "\n").encode())
        said.flush()

    config = json.loads(given.readline())
    postman = Postman(config, Journal(config["journal"]))
    say({"ready": True})
    try:
        while (line := given.readline()).endswith(b"\n"):
            header = json.loads(line)
            mail = given.read(header["size"])
            if len(mail) < header["size"]:
                break  # the sender died while it was speaking
            say(postman.post(header["from"], header["to"], header["id"], mail))
    except BrokenPipeError:
        pass  # the sender is gone; the journal knows
    finally:
        postman.leave(politely=True)


if __name__ == "__main__":
    # Who stops a whole service signals each of its processes. The mail in hand is finished all the
    # same, and this one leaves when nobody is there to give it another.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # The last flush must not complain of a pipe that nobody reads any more.
    serve(sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb"))
