"""Which key signs for whom, whom we believe, and who tells the hour.

A key is what an act of the administration bound (`SigningKey`); its file is found in
`SIGNING_DIR` by what it contains, never by its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts import deciding
from law import french
from law.findings import Finding, Refused
from law.french import NBSP
from members.models import Organisation, Person, User
from registry.models import SigningKey, SigningKeyQuerySet
from registry.signatures import certificates, pades
from registry.signatures.authority import Authority, Identity
from registry.signatures.certificates import Certificate
from registry.signatures.pades import Trust


def authority() -> Authority | None:
    """The authority of the demonstration, `None` where real signatures are made."""
    if not settings.SIGNING_DEVELOPMENT:
        return None
    return Authority(settings.DATA_DIR / "autorite")


# --- Which key ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The key that would sign on the server, and what forbids it; neither when there is none."""

    key: SigningKey | None = None
    faults: tuple[Finding, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it can sign now."""
        return self.key is not None and not self.faults


def of_person(person: Person, organisation: Organisation, *, by: User, at: datetime) -> Choice:
    """The key with which the server signs for this person the papers of this organisation, asked
    by this account."""
    return _choice(
        SigningKey.objects.filter(person=person, organisation=organisation), by=by, at=at
    )


def of_seal(organisation: Organisation, *, at: datetime) -> Choice:
    """The key of the seal (`cachet`) of the organisation."""
    return _choice(SigningKey.objects.filter(organisation=organisation, person=None), at=at)


def _choice(held: SigningKeyQuerySet, *, at: datetime, by: User | None = None) -> Choice:
    """The last one bound that can sign; otherwise the last one bound, and why it cannot."""
    first = None
    wanted = held.bound().filter(held__in=SigningKey.ON_SERVER)
    for key in wanted.select_related("person", "organisation").order_by("-bound_at", "-pk"):
        choice = Choice(key=key, faults=tuple(faults(key, at=at, by=by)))
        if choice.is_ready:
            return choice
        first = first or choice
    if first and first.key and first.key.person is None and first.key.is_revoked(_day(at)):
        return Choice()  # a seal that was withdrawn is no more: one signs without
    return first or Choice()


SUSPENDED = (
    "L’adresse ou les seconds facteurs de ce compte ont été changés sans son titulaire depuis que "
    "la clé lui a été rattachée\u00a0: elle ne signe plus."
)
REBIND = (
    "Une fois sûre que c’est bien son titulaire qui entre par ce compte, l’administration révoque "
    "cette clé et la rattache de nouveau."
)


def is_suspended(key: SigningKey) -> bool:
    """Whether somebody else than its holder changed, since the key was bound, by what one enters
    the account that signs with it."""
    if key.account is None or key.bound_at is None:
        return False
    return deciding.imposed_since(key.account, key.bound_at)


def faults(key: SigningKey, *, at: datetime, by: User | None = None) -> Iterator[Finding]:
    """Why this key cannot sign at that moment, on behalf of this account when it is a person’s."""
    if key.revoked_from is not None and key.is_revoked(_day(at)):
        yield _fault(
            "cle_revoquee",
            f"La clé {french.contract('de', key.holder)} est révoquée depuis le "
            f"{french.long_date(key.revoked_from)}{NBSP}: {key.revoked_reason}",
        )
        return
    if key.person is not None and (by is None or key.account_id != by.pk):
        yield _fault(
            "compte_change",
            f"Le compte {french.contract('de', key.holder)} n’est plus celui auquel la "
            f"clé a été rattachée.",
            remedy="L’administration révoque cette clé et la rattache de nouveau.",
        )
    elif is_suspended(key):
        yield _fault("compte_repris", SUSPENDED, remedy=REBIND)
    now = timezone.now()
    if not key.valid_from <= now <= key.valid_until:
        is_over = now > key.valid_until
        yield _fault(
            "certificat_expire" if is_over else "certificat_a_venir",
            f"Le certificat {french.contract('de', key.holder)} ne vaut que du "
            f"{_said(key.valid_from)} au "
            f"{_said(key.valid_until)}.",
        )
    yield from _faults_of_file(key)


def _faults_of_file(key: SigningKey) -> Iterator[Finding]:
    if key.held == SigningKey.Held.DEMONSTRATION:
        demonstration = authority()
        if demonstration is None:
            yield _fault(
                "cle_de_demonstration",
                f"La clé {french.contract('de', key.holder)} est de démonstration{NBSP}: "
                f"elle ne signe pas ici.",
                remedy="L’administration rattache une clé véritable.",
            )
        elif demonstration.held(key.fingerprint) is None:
            yield _lost(key)
    elif file_of(key) is None:
        yield _locked(key) if any(each.is_locked for each in files()) else _lost(key)


def identity(key: SigningKey) -> Identity:
    """The certificate with its private key. Raises `Refused` when the file is not there, or does
    not open."""
    found: Identity | None = None
    if key.held == SigningKey.Held.DEMONSTRATION:
        demonstration = authority()
        found = demonstration.held(key.fingerprint) if demonstration else None
    elif file := file_of(key):
        found = pades.load_pkcs12(file.path.read_bytes(), settings.SIGNING_PASSPHRASE)
    # Read again: the file may have been replaced since it was looked at.
    if found is None or certificates.from_der(found.certificate).fingerprint != key.fingerprint:
        raise Refused([_lost(key)])
    return found


def bound(fingerprint: str) -> SigningKey | None:
    """The act by which this certificate is, or last was, somebody’s."""
    acts = SigningKey.objects.bound().filter(fingerprint=fingerprint)
    return acts.select_related("person", "organisation").order_by("-bound_at", "-pk").first()


def in_use(person: Person | None) -> SigningKeyQuerySet:
    """The keys that are this person’s and that nobody revoked."""
    return SigningKey.objects.bound().filter(person=person, revoked_at=None)


def _fault(code: str, message: str, remedy: str = "") -> Finding:
    return Finding(
        code=code,
        message=message,
        remedy=remedy or "L’administration rattache une autre clé, ou l’on signe à la main.",
    )


def _lost(key: SigningKey) -> Finding:
    return _fault(
        "cle_absente",
        f"Le serveur ne trouve plus la clé {french.contract('de', key.holder)} (empreinte "
        f"{key.fingerprint[:16]}…).",
        remedy="L’exploitant remet le fichier PKCS#12 dans SIGNING_DIR, sous le nom qu’il veut.",
    )


def _locked(key: SigningKey) -> Finding:
    return _fault(
        "phrase_secrete",
        f"La clé {french.contract('de', key.holder)} n’est pas parmi celles qui "
        f"s’ouvrent{NBSP}: un fichier au moins "
        "refuse la phrase secrète.",
        remedy="L’exploitant vérifie SIGNING_PASSPHRASE et les fichiers de SIGNING_DIR.",
    )


def _day(at: datetime) -> date:
    return timezone.localdate(at)


def _said(moment: datetime) -> str:
    return french.long_date(_day(moment))


# --- Their files --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A PKCS#12 file of `SIGNING_DIR`; without a certificate when it does not open."""

    path: Path
    certificate: Certificate | None

    @property
    def is_locked(self) -> bool:
        """Whether it does not open with the passphrase."""
        return self.certificate is None

    @property
    def name(self) -> str:
        """Its name under `SIGNING_DIR`."""
        return self.path.relative_to(settings.SIGNING_DIR).as_posix()


def files() -> tuple[KeyFile, ...]:
    """The PKCS#12 files of `SIGNING_DIR`, and of the folder of each organisation in it."""
    top = Path(settings.SIGNING_DIR)
    found = [path for pattern in ("*", "*/*") for path in sorted(top.glob(pattern))]
    return tuple(
        KeyFile(path=path, certificate=_opened(path, settings.SIGNING_PASSPHRASE))
        for path in found
        if path.suffix.lower() in (".p12", ".pfx") and path.is_file()
    )


def file_of(key: SigningKey) -> KeyFile | None:
    """The file in which the server holds this key, found by what it contains."""
    return next(
        (
            each
            for each in files()
            if each.certificate and each.certificate.fingerprint == key.fingerprint
        ),
        None,
    )


def unbound(organisation: Organisation, *, by: User) -> tuple[KeyFile, ...]:
    """The files that may be bound in this organisation, are nobody’s yet and proposed for nothing.

    Those of its own folder (its number); those at the top too, where it is the only organisation
    or to whoever runs the whole installation: a key is no business of the neighbour’s.
    """
    on_server = Q(bound_at__isnull=False) | Q(held__in=SigningKey.ON_SERVER)
    taken = frozenset(
        SigningKey.objects.filter(on_server, revoked_at=None).values_list("fingerprint", flat=True)
    )
    has_all = by.is_superuser or organisation.is_alone
    top = Path(settings.SIGNING_DIR)
    folders = {top / str(organisation.pk)} | ({top} if has_all else set())
    return tuple(
        each
        for each in files()
        if each.path.parent in folders
        and (each.certificate is None or each.certificate.fingerprint not in taken)
    )


def _opened(path: Path, passphrase: str) -> Certificate | None:
    """The certificate of a PKCS#12 file, read again when the file changes."""
    told = path.stat()
    return _opened_once(path, (told.st_mtime_ns, told.st_size, told.st_ino), passphrase)


@lru_cache(maxsize=512)
def _opened_once(path: Path, told: tuple[int, ...], passphrase: str) -> Certificate | None:
    try:
        return certificates.from_der(pades.load_pkcs12(path.read_bytes(), passphrase).certificate)
    except (Refused, OSError):
        return None


# --- Whom we believe ----------------------------------------------------------------------------


def clock() -> "pades.timestamps.TimeStamper | None":
    """Who tells the hour of a signature; `None` when nobody was chosen."""
    if settings.SIGNING_TIMESTAMP_URL:
        return pades.clock_at(settings.SIGNING_TIMESTAMP_URL)
    demonstration = authority()
    return pades.development_clock(demonstration) if demonstration else None


def trust() -> Trust:
    """Whom the application believes when it reads a signature."""
    roots, revocations, _ = _believed(settings.SIGNING_ROOTS)
    demonstration = authority()
    if demonstration is None:
        return Trust(roots=roots, revocations=revocations)
    return Trust(
        roots=roots,
        development=(demonstration.root,),
        revocations=(*revocations, demonstration.revocations()),
    )


def unread() -> tuple[Path, ...]:
    """The files of `SIGNING_ROOTS` in which no authority and no revocation can be read."""
    return _believed(settings.SIGNING_ROOTS)[2]


def faults_of_roots() -> Iterator[Finding]:
    """What forbids to believe a signature made elsewhere: who is believed, or what was revoked,
    is not known whole."""
    for path in unread():
        yield _fault(
            "autorite_illisible",
            f"Le fichier d’autorité «{NBSP}{path.name}{NBSP}» ne se lit pas sur le serveur.",
            remedy="La personne qui s’occupe du serveur le remplace. Signez ensuite, ou à la main.",
        )


_Believed = tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[Path, ...]]


def _believed(directory: Path) -> _Believed:
    """Roots and revocations found in a directory, and the files that do not read; read again when
    one of its files changes."""
    if not directory.is_dir():
        return (), (), ()
    files = sorted(path for path in directory.iterdir() if path.suffix in (".pem", ".crt", ".crl"))
    return _read(tuple((path, path.stat().st_mtime_ns) for path in files))


@cache
def _read(files: tuple[tuple[Path, int], ...]) -> _Believed:
    roots: list[bytes] = []
    revocations: list[bytes] = []
    unread: list[Path] = []
    for path, _ in files:
        try:
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
        except (ValueError, OSError):
            unread.append(path)
    return tuple(roots), tuple(revocations), tuple(unread)
