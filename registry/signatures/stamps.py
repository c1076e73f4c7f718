"""Time stamps of a hash (RFC 3161): asked of an authority, and read again without any network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms, tsp

from members.lately import Lately
from registry.signatures import pades
from registry.signatures.pades import Judgement, Trust

generic_cms = Lately("pyhanko.sign.validation.generic_cms")
statuses = Lately("pyhanko.sign.validation.status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a token proves: the hour, who tells it, and whether it can be believed."""

    at: datetime | None
    authority: str
    judgement: Judgement

    @property
    def is_sound(self) -> bool:
        """Whether its bytes hold; who vouches for the authority is another question."""
        return self.judgement in (Judgement.VALID, Judgement.DEVELOPMENT, Judgement.UNKNOWN)


class NotStamped(Exception):
    """The authority gave no time stamp: why, in its own words."""


@pades.apart
def ask(clock: pades.timestamps.TimeStamper, digest: bytes) -> bytes:
    """The token (DER) of a SHA-256 digest. Raises `NotStamped`, whatever went wrong."""
    try:
        token = asyncio.run(clock.async_timestamp(digest, "sha256"))
        told = token["content"]["encap_content_info"]["content"].parsed
        if told["message_imprint"]["hashed_message"].native != digest:
            raise ValueError("l’autorité a horodaté autre chose")
        return token.dump()
    except Exception as error:
        # The network, the authority or the library: the reason is told, and it is asked again.
        raise NotStamped(f"{type(error).__name__} : {error}"[:300]) from error


@pades.apart
def read(token: bytes, digest: bytes, trust: Trust) -> Stamp:
    """What this token says of this SHA-256 digest, judged at the hour that it proves."""
    broken = Stamp(at=None, authority="", judgement=Judgement.BROKEN)
    try:
        signed = cms.ContentInfo.load(token)["content"]
        told = signed["encap_content_info"]["content"].parsed
        at = told["gen_time"].native.astimezone(UTC)
        status = statuses.TimestampSignatureStatus(
            **asyncio.run(
                generic_cms.validate_tst_signed_data(
                    signed,
                    pades.context(trust, moment=at),
                    lambda algorithm: digest if algorithm == "sha256" else b"",
                )
            )
        )
    except Exception:
        # What is no token breaks the library anywhere.
        return broken
    if not (status.intact and status.valid) or not isinstance(told, tsp.TSTInfo):
        return broken
    judgement = Judgement.UNKNOWN
    if status.trusted:
        judgement = Judgement.VALID
        if pades.is_development(status, trust):
            judgement = Judgement.DEVELOPMENT
    elif status.revoked:
        judgement = Judgement.REVOKED
    name = str(status.signing_cert.subject.native.get("common_name", ""))
    return Stamp(at=at, authority=name, judgement=judgement)
