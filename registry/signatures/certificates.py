"""What a certificate says of itself: its fingerprint, whose name it bears, from when to when.

A name proves nothing: it is compared, and shown, so that somebody looks. What tells one
certificate from another is its fingerprint, the SHA-256 of its bytes (DER).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from law import findings
from members.models import Organisation, Person, folded

MAX_BYTES = 64 * 1024  # a certificate weighs two thousand

# What people read of a name, in this order.
_SHOWN = (
    (NameOID.COMMON_NAME, ""),
    (NameOID.GIVEN_NAME, "prénom "),
    (NameOID.SURNAME, "nom "),
    (NameOID.ORGANIZATION_NAME, ""),
    (NameOID.ORGANIZATION_IDENTIFIER, ""),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, ""),
    (NameOID.SERIAL_NUMBER, "n° "),
    (NameOID.COUNTRY_NAME, ""),
)
_OF_A_LEGAL_PERSON = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
_NUMBERS = (
    NameOID.ORGANIZATION_IDENTIFIER,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.SERIAL_NUMBER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as it is shown and compared; `pem` is the whole of it."""

    fingerprint: str
    name: str
    subject: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_until: datetime
    pem: str
    persons: tuple[str, ...]  # the names it may give to a person
    bodies: tuple[str, ...]  # the names it may give to a legal person
    numbers: tuple[str, ...]

    def is_of(self, person: Person) -> bool:
        """Whether it bears the name of this person: the same words, in any order."""
        wanted = _words(f"{person.first_name} {person.last_name}")
        return bool(wanted) and any(_words(name) == wanted for name in self.persons)

    def is_seal_of(self, organisation: Organisation) -> bool:
        """Whether it bears the name of this organisation, or its SIREN."""
        wanted = folded(organisation.name)
        if wanted and any(folded(name) == wanted for name in self.bodies):
            return True
        siren = organisation.known_siren
        return bool(siren) and any(siren in number.replace(" ", "") for number in self.numbers)

    def bears_the_name_of(self, organisation: Organisation, person: Person | None) -> bool:
        """The one or the other: a key is a person's or, with no person, a seal."""
        return self.is_of(person) if person else self.is_seal_of(organisation)


def from_der(der: bytes) -> Certificate:
    """What these bytes say. Raises `Refused` when they are no certificate."""
    try:
        return _read(x509.load_der_x509_certificate(der))
    except (ValueError, TypeError) as error:
        raise _illegible() from error


def from_file(content: bytes) -> Certificate:
    """The certificate of a file, PEM or DER, without its key. Raises `Refused`."""
    if b"PRIVATE KEY" in content:
        raise findings.refusal(
            "cle_privee",
            "Ce fichier contient une clé privée\u00a0: elle ne doit jamais quitter votre carte.",
            remedy="Exportez le certificat seul, sans sa clé (.cer, .crt ou .pem).",
            field="file",
        )
    try:
        if content.lstrip().startswith(b"-----BEGIN"):
            return _read(x509.load_pem_x509_certificate(content))
        return _read(x509.load_der_x509_certificate(content))
    except (ValueError, TypeError) as error:
        raise _illegible() from error


def _illegible() -> findings.Refused:
    return findings.refusal(
        "certificat_illisible",
        "Ce fichier ne se lit pas comme un certificat.",
        remedy="Exportez le certificat seul, sans sa clé (.cer, .crt ou .pem).",
        field="file",
    )


def _read(found: x509.Certificate) -> Certificate:
    der = found.public_bytes(serialization.Encoding.DER)
    subject = found.subject
    given = " ".join(_values(subject, NameOID.GIVEN_NAME) + _values(subject, NameOID.SURNAME))
    return Certificate(
        fingerprint=hashlib.sha256(der).hexdigest(),
        name=" ".join(_values(subject, NameOID.COMMON_NAME))[:250] or _shown(subject)[:250],
        subject=_shown(subject)[:500],
        issuer=_shown(found.issuer)[:500],
        serial=format(found.serial_number, "x")[:64],
        valid_from=found.not_valid_before_utc,
        valid_until=found.not_valid_after_utc,
        pem=found.public_bytes(serialization.Encoding.PEM).decode(),
        persons=tuple(filter(None, (*_values(subject, NameOID.COMMON_NAME), given))),
        bodies=tuple(value for oid in _OF_A_LEGAL_PERSON for value in _values(subject, oid)),
        numbers=tuple(value for oid in _NUMBERS for value in _values(subject, oid)),
    )


def _values(name: x509.Name, oid: x509.ObjectIdentifier) -> list[str]:
    """What is said there, without what cannot be printed."""
    said = (str(each.value) for each in name.get_attributes_for_oid(oid))
    return ["".join(letter for letter in text if letter.isprintable()).strip() for text in said]


def _shown(name: x509.Name) -> str:
    said = [f"{word}{value}" for oid, word in _SHOWN for value in _values(name, oid) if value]
    return ", ".join(said) or "sans nom"


def _words(text: str) -> frozenset[str]:
    """The words of a name; a number that tells two namesakes apart is none."""
    return frozenset(word for word in folded(text).split() if not word.isdigit())
