"""The certification authority of the demonstration: made on the fly, and its papers say so.

Nobody outside trusts it, and every certificate it gives is named « Démonstration » so that no
signature made with it can pass for another. Its keys live in `DATA_DIR/autorite/`, readable by
the server alone, so that what was signed yesterday is still recognised today.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION = "Démonstration, sans valeur juridique"
ROOT_NAME = "Autorité de démonstration somme_gov"
# Nothing is ever fetched there: it only tells validators that a list of revocations exists.
_REVOCATIONS = "http://autorite.invalid/revocations.crl"
_ROOT_LIFE = timedelta(days=365 * 30)
_LIFE = timedelta(days=365 * 3)

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate with its private key and the chain that vouches for it (DER)."""

    certificate: bytes
    key: bytes
    chain: tuple[bytes, ...] = ()


class Authority:
    """A small authority kept in `directory`; made the first time it is asked for.

    `now` is the hour at which it acts: tests make certificates that have expired.
    """

    def __init__(
        self, directory: Path, *, name: str = ROOT_NAME, now: datetime | None = None
    ) -> None:
        self.directory = directory
        self.name = name
        self.now = now or datetime.now(UTC)
        self._key, self._certificate = self._root()

    # --- What it gives ------------------------------------------------------------------------

    @property
    def root(self) -> bytes:
        """Its own certificate (DER)."""
        return self._certificate.public_bytes(serialization.Encoding.DER)

    def identity(
        self, name: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> Identity:
        """A fresh certificate for whoever signs under this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._identity(name, key, since=since, until=until)

    def issue(self, name: str) -> Identity:
        """The same, kept beside the authority: `held` gives it back by its fingerprint."""
        made = self.identity(name)
        certificate = x509.load_der_x509_certificate(made.certificate)
        key = cast(PrivateKey, serialization.load_der_private_key(made.key, password=None))
        _keep(self._path(certificate.fingerprint(hashes.SHA256()).hex()), key, certificate)
        return made

    def held(self, fingerprint: str) -> Identity | None:
        """The identity whose certificate has this SHA-256, if it was issued here."""
        path = self._path(fingerprint)
        return self._as_identity(*_read(path)) if path.is_file() else None

    def _path(self, fingerprint: str) -> Path:
        return self.directory / "cles" / f"{fingerprint}.pem"

    def clock(self) -> Identity:
        """The certificate of its time stamps, the same from one run to the next."""
        path = self.directory / "horodatage.pem"
        if not path.exists():
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            made = self._identity("Horodatage", key, usage=ExtendedKeyUsageOID.TIME_STAMPING)
            certificate = x509.load_der_x509_certificate(made.certificate)
            _keep(path, key, certificate)
        return self._as_identity(*_read(path))

    def revocations(self, *certificates: bytes, at: datetime | None = None) -> bytes:
        """The list of revoked certificates (DER), with these in it since `at`."""
        now = self.now
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(now - timedelta(minutes=5))
            .next_update(now + timedelta(days=30))
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        for certificate in certificates:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(x509.load_der_x509_certificate(certificate).serial_number)
                .revocation_date(at or now - timedelta(hours=1))
                .build()
            )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    # --- How it makes them --------------------------------------------------------------------

    def _root(self) -> tuple[PrivateKey, x509.Certificate]:
        path = self.directory / "racine.pem"
        if not path.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = _certificate(
                self.name,
                key,
                issuer=_name(self.name),
                signed_by=key,
                since=self.now - _LIFE,
                until=self.now + _ROOT_LIFE,
                is_authority=True,
            )
            _keep(path, key, certificate)
        return _read(path)

    def _identity(
        self,
        name: str,
        key: PrivateKey,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        usage: x509.ObjectIdentifier | None = None,
    ) -> Identity:
        certificate = _certificate(
            name,
            key,
            issuer=self._certificate.subject,
            signed_by=self._key,
            since=since or self.now - timedelta(days=1),
            until=until or self.now + _LIFE,
            usage=usage,
        )
        return self._as_identity(key, certificate)

    def _as_identity(self, key: PrivateKey, certificate: x509.Certificate) -> Identity:
        return Identity(
            certificate=certificate.public_bytes(serialization.Encoding.DER),
            key=key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
            chain=(self.root,),
        )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _certificate(
    common: str,
    key: PrivateKey,
    *,
    issuer: x509.Name,
    signed_by: PrivateKey,
    since: datetime,
    until: datetime,
    is_authority: bool = False,
    usage: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority,
                content_commitment=not is_authority,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=is_authority,
                crl_sign=is_authority,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()),
            critical=False,
        )
    )
    if not is_authority:
        builder = builder.add_extension(
            x509.CRLDistributionPoints(
                [
                    x509.DistributionPoint(
                        full_name=[x509.UniformResourceIdentifier(_REVOCATIONS)],
                        relative_name=None,
                        reasons=None,
                        crl_issuer=None,
                    )
                ]
            ),
            critical=False,
        )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(signed_by, hashes.SHA256())


def _keep(path: Path, key: PrivateKey, certificate: x509.Certificate) -> None:
    """Write key and certificate for the server alone; of two writers at once, one is kept."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _read(path: Path) -> tuple[PrivateKey, x509.Certificate]:
    return _loaded(path.read_bytes())


@lru_cache(maxsize=32)
def _loaded(text: bytes) -> tuple[PrivateKey, x509.Certificate]:
    """The same bytes are loaded once: to see that an RSA key is one takes as long as a page."""
    key = cast(PrivateKey, serialization.load_pem_private_key(text, password=None))
    return key, x509.load_pem_x509_certificate(text)
