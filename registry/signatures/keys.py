"""Which certificate signs for whom, whom we believe, and who tells the hour: read from settings."""

from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings

from members.models import Organisation, Person
from registry.signatures import pades
from registry.signatures.authority import Authority, Identity
from registry.signatures.pades import Trust


def authority() -> Authority | None:
    """The authority of the demonstration, `None` where real signatures are made."""
    if not settings.SIGNING_DEVELOPMENT:
        return None
    return Authority(settings.DATA_DIR / "autorite")


def of_person(person: Person) -> Identity | None:
    """The certificate the server holds for this person, or one of the demonstration."""
    return _identity(person.email, str(person))


def of_seal(organisation: Organisation) -> Identity | None:
    """The seal (`cachet`) of the organisation, if there is one."""
    return _identity("cachet", organisation.name)


def is_held(person: Person) -> bool:
    """Whether a certificate can sign for this person on the server."""
    return settings.SIGNING_DEVELOPMENT or _path(person.email) is not None


def clock() -> pades.TimeStamper | None:
    """Who tells the hour of a signature; `None` when nobody was chosen."""
    if settings.SIGNING_TIMESTAMP_URL:
        return pades.clock_at(settings.SIGNING_TIMESTAMP_URL)
    demonstration = authority()
    return pades.development_clock(demonstration) if demonstration else None


def trust() -> Trust:
    """Whom the application believes when it reads a signature."""
    roots, revocations = _believed(settings.SIGNING_ROOTS)
    demonstration = authority()
    if demonstration is None:
        return Trust(roots=roots, revocations=revocations)
    return Trust(
        roots=roots,
        development=(demonstration.root,),
        revocations=(*revocations, demonstration.revocations()),
    )


def _identity(name: str, shown: str) -> Identity | None:
    if path := _path(name):
        return pades.load_pkcs12(path.read_bytes(), settings.SIGNING_PASSPHRASE)
    demonstration = authority()
    return demonstration.identity(shown) if demonstration else None


def _path(name: str) -> Path | None:
    """The file of a certificate; a name is an address or a word, never a way through folders."""
    if not name or "/" in name or name.startswith("."):
        return None
    path = Path(settings.SIGNING_DIR) / f"{name.casefold()}.p12"
    return path if path.is_file() else None


def _believed(directory: Path) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Roots and revocations found in a directory, read again when one of its files changes."""
    if not directory.is_dir():
        return (), ()
    files = sorted(path for path in directory.iterdir() if path.suffix in (".pem", ".crt", ".crl"))
    return _read(tuple((path, path.stat().st_mtime_ns) for path in files))


@cache
def _read(files: tuple[tuple[Path, int], ...]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    roots: list[bytes] = []
    revocations: list[bytes] = []
    for path, _ in files:
        content = path.read_bytes()
        if path.suffix == ".crl":
            is_pem = content.startswith(b"-----")
            load = x509.load_pem_x509_crl if is_pem else x509.load_der_x509_crl
            revocations.append(load(content).public_bytes(serialization.Encoding.DER))
        else:
            roots += [
                each.public_bytes(serialization.Encoding.DER)
                for each in x509.load_pem_x509_certificates(content)
            ]
    return tuple(roots), tuple(revocations)
