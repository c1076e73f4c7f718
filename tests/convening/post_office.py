"""A real SMTP server on a socket, that refuses, sleeps or hangs up when a test says so."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


@dataclass
class PostOffice:
    """What came in, and how the server behaves.

    `at_rcpt` and `at_data` are given the address and how many mails were asked for so far; what
    they return is the reply ("550 no such user"), `None` to accept. `mute` takes the mail and
    never replies.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    asked: int = 0
    at_rcpt: Callable[[str, int], Any] = lambda address, count: None
    at_data: Callable[[str, int], Any] = lambda address, count: None
    sleep_at_rcpt: float = 0
    mute: Callable[[str, int], bool] = lambda address, count: False
    size: int = 33_554_432
    password: str = ""

    @property
    def counts(self) -> Counter:
        """How many mails each address got."""
        return Counter(self.recipients)

    @property
    def identifiers(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    def mail_to(self, address: str) -> EmailMessage:
        (found,) = (m for m, to in zip(self.mails, self.recipients, strict=True) if to == address)
        return found

    # What aiosmtpd calls

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked += 1
        if self.sleep_at_rcpt:
            await asyncio.sleep(self.sleep_at_rcpt)
        refusal = self.at_rcpt(address, self.asked)
        if refusal == "hang up":
            server.transport.abort()
            return "451 gone"
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        (address,) = envelope.rcpt_tos
        if refusal := self.at_data(address, self.asked):
            return refusal
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients.append(address)
        if self.mute(address, self.asked):
            await asyncio.sleep(3600)
        return f"250 2.0.0 OK queued as {len(self.mails):06}"


class _Server(Controller):
    def factory(self) -> SMTP:
        office: PostOffice = self.handler
        secret = {}
        if office.password:

            def authenticate(server, session, envelope, mechanism, data):
                return AuthResult(success=data.password.decode() == office.password, handled=False)

            secret = {
                "authenticator": authenticate,
                "auth_require_tls": False,
            }
        return SMTP(
            self.handler,
            data_size_limit=office.size,
            enable_SMTPUTF8=False,
            hostname="poste.test",
            **secret,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """`with Running(office):` the server answers; outside, its port is closed."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office

    def __enter__(self) -> PostOffice:
        self.office.port = self.office.port or free_port()
        self.server = _Server(self.office, hostname="127.0.0.1", port=self.office.port)
        self.server.start()
        return self.office

    def __exit__(self, *error) -> None:
        self.server.stop(no_assert=True)
