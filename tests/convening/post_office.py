"""A real SMTP server on a socket, that refuses, sleeps or hangs up when a test says so."""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


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
    sleep_before_reply: float = 0  # once the mail is taken
    mute: Callable[[str, int], bool] = lambda address, count: False
    size: int = 33_554_432
    password: str = ""
    tls: ssl.SSLContext | None = None
    is_secret_at_once: bool = False  # TLS from the first byte, not after STARTTLS

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
        await asyncio.sleep(self.sleep_before_reply)
        if self.mute(address, self.asked):
            await asyncio.sleep(3600)
        return f"250 2.0.0 OK queued as {len(self.mails):06}"


class _Server(Controller):
    def factory(self) -> SMTP:
        office: PostOffice = self.handler
        secret: dict[str, Any] = {}
        if office.password:

            def authenticate(server, session, envelope, mechanism, data):
                return AuthResult(success=data.password.decode() == office.password, handled=False)

            secret = {"authenticator": authenticate, "auth_require_tls": False}
        if office.tls is not None and not office.is_secret_at_once:
            secret |= {"tls_context": office.tls, "require_starttls": True}
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

    def __init__(self, office: PostOffice, host: str = "127.0.0.1") -> None:
        self.office, self.host = office, host

    def __enter__(self) -> PostOffice:
        self.office.port = self.office.port or free_port()
        at_once = self.office.tls if self.office.is_secret_at_once else None
        self.server = _Server(
            self.office, hostname=self.host, port=self.office.port, ssl_context=at_once
        )
        self.server.start()
        return self.office

    def __exit__(self, *error) -> None:
        self.server.stop(no_assert=True)


def certificate_for(address: str, directory: Path) -> Path:
    """A certificate that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = directory / "poste.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path
