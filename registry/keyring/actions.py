"""A key is somebody’s by an act: it is offered, bound, revoked; never taken by a name."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import deciding, letters
from accounts.models import Letter
from law import findings, french
from law.findings import Finding
from law.french import NBSP
from members import telling
from members.models import Organisation, Person, Role, User
from registry import seconds
from registry.models import SignatureStep, SigningKey
from registry.signatures import certificates, keys
from registry.signatures.certificates import Certificate
from trail.models import Act
from trail.recording import note


def offer(
    content: bytes, *, organisation: Organisation, person: Person | None, by: User, at: datetime
) -> SigningKey:
    """Hand in the certificate of a card, without its key: an act of the administration must bind
    it before it counts. Handed in twice, it is the same row.

    Raises `Refused` for what is no certificate, or is somebody’s already, and for a seal: the
    server alone seals.
    """
    certificate = certificates.from_file(content)
    key = SigningKey(
        organisation=organisation,
        person=person,
        held=SigningKey.Held.OWN,
        offered_by=by,
        offered_at=at,
        **_said_by(certificate),
    )
    findings.refuse((*_faults_of_seal(key), *_taken(certificate, person, organisation, at=at)))
    return _offered(key, "certificat déposé", by=by)


def bind(
    certificate: Certificate,
    *,
    organisation: Organisation,
    person: Person | None,
    reason: str,
    is_name_confirmed: bool = False,
    by: User,
    at: datetime,
) -> SigningKey:
    """Say that this certificate, whose key the server holds, is this person’s; or propose it as
    the seal, which is one once a second person has accepted it (`accept`).

    A certificate under another name is bound when `is_name_confirmed`: somebody compared both.
    Raises `Refused` and says why.
    """
    told: dict[str, Any] = {
        "organisation": organisation,
        "person": person,
        "held": SigningKey.Held.SERVER,
    }
    if person is not None:
        return _bind(
            certificate, **told, reason=reason, is_name_confirmed=is_name_confirmed, by=by, at=at
        )
    key = SigningKey(**told, offered_by=by, offered_at=at, **_said_by(certificate))
    findings.refuse(_faults(certificate, key, reason, is_name_confirmed, by=by, at=at))
    return _offered(key, f"cachet proposé ({reason.strip()})", by=by)


def accept(
    offered: SigningKey,
    *,
    reason: str,
    is_name_confirmed: bool = False,
    by: User,
    at: datetime,
) -> SigningKey:
    """Bind what was handed in for this person, or proposed as the seal. Raises `Refused`, for a
    seal to whoever proposed it too, and to an account of the same hand."""
    certificate = certificates.from_file(offered.certificate.encode())
    with _one_holder():
        offered = _locked(offered)
        if offered.bound_at is not None:
            return offered
        findings.refuse(
            (
                *_faults(certificate, offered, reason, is_name_confirmed, by=by, at=at),
                *_faults_of_second(offered, by),
                *_withdrawn(offered),
            )
        )
        offered.settle(
            account=_account(offered.person),
            reason=reason.strip(),
            is_name_confirmed=is_name_confirmed and not _is_named(certificate, offered),
            bound_by=by,
            bound_at=at,
        )
        done = "cachet confirmé" if offered.person is None else "clé rattachée"
        _tell(f"{done} ({offered.reason})", offered, by=by)
        return offered


def demonstrate(
    organisation: Organisation, person: Person | None, *, by: User | None, at: datetime
) -> SigningKey:
    """Make a key of the demonstration for this person, or for the seal, and bind it. One that
    signs already is given back. Raises `Refused` where real signatures are made."""
    authority = keys.authority()
    if authority is None:
        raise findings.refusal(
            "sans_demonstration",
            "Ce site fait de vraies signatures\u00a0: il ne connaît pas de clé de démonstration.",
            remedy="Rattachez une clé véritable.",
        )
    person = _as_it_is(person)
    own = SigningKey.objects.bound().filter(
        organisation=organisation, person=person, held=SigningKey.Held.DEMONSTRATION
    )
    account = _account(person)
    for key in own:
        if not list(keys.faults(key, at=at, by=account)):
            return key
    shown = str(person) if person else organisation.name
    made = certificates.from_der(authority.issue(shown).certificate)
    return _bind(
        made,
        organisation=organisation,
        person=person,
        held=SigningKey.Held.DEMONSTRATION,
        reason="Démonstration, sans valeur juridique",
        is_name_confirmed=True,  # a name longer than a certificate holds is cut
        by=by,
        at=at,
    )


def revoke(key: SigningKey, *, from_day: date, reason: str, by: User, at: datetime) -> SigningKey:
    """End a key from this day on, or set aside a certificate that was handed in.

    What was signed before stays. Raises `Refused` without a reason, and for a key revoked before:
    it is not revived, nor given more days.
    """
    with transaction.atomic():
        key = _locked(key)
        faults = list(_without_reason(reason))
        if key.revoked_at is not None:
            faults.append(
                Finding(
                    code="deja_revoquee",
                    message=f"La clé {french.contract('de', key.holder)} l’est déjà.",
                )
            )
        if key.bound_at is not None and from_day < timezone.localdate(key.bound_at):
            faults.append(
                Finding(
                    code="avant_le_rattachement",
                    message="Cette clé n’était pas encore rattachée ce jour-là.",
                    field="from_day",
                )
            )
        findings.refuse(faults)
        key.settle(
            revoked_from=from_day, revoked_reason=reason.strip(), revoked_by=by, revoked_at=at
        )
        done = "clé révoquée" if key.bound_at else "certificat écarté"
        _tell(f"{done} à partir du {french.long_date(from_day)} ({reason.strip()})", key, by=by)
        return key


# --- What forbids it ----------------------------------------------------------------------------


@contextmanager
def _one_holder() -> Iterator[None]:
    """A transaction in which the database has the last word on who holds a key."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise findings.Refused([_HELD]) from error


_HELD = Finding(
    code="cle_prise",
    message="Cette clé vient d’être rattachée par quelqu’un d’autre.",
    remedy="Rechargez la page.",
)


def _offered(key: SigningKey, done: str, *, by: User) -> SigningKey:
    """Keep it until it is bound or set aside; the same row when it waits already."""
    with transaction.atomic():
        waiting = SigningKey.objects.offered().filter(
            fingerprint=key.fingerprint,
            organisation=key.organisation,
            person=key.person,
            held=key.held,
        )
        if known := waiting.first():
            return known
        key.save()
        _tell(done, key, by=by)
        return key


def _bind(
    certificate: Certificate,
    *,
    organisation: Organisation,
    person: Person | None,
    held: SigningKey.Held,
    reason: str,
    is_name_confirmed: bool,
    by: User | None,
    at: datetime,
) -> SigningKey:
    person = _as_it_is(person)
    key = SigningKey(
        organisation=organisation,
        person=person,
        account=_account(person),
        held=held,
        reason=reason.strip(),
        is_name_confirmed=is_name_confirmed,
        bound_by=by,
        bound_at=at,
        **_said_by(certificate),
    )
    findings.refuse(_faults(certificate, key, reason, is_name_confirmed, by=by, at=at))
    key.is_name_confirmed = is_name_confirmed and not _is_named(certificate, key)
    with _one_holder():
        key.save()
        _tell(f"clé rattachée ({key.reason})", key, by=by)
    return key


def _faults(
    certificate: Certificate,
    key: SigningKey,
    reason: str,
    is_name_confirmed: bool,
    *,
    by: User | None,
    at: datetime,
) -> Iterator[Finding]:
    yield from _without_reason(reason)
    yield from _faults_of_person(key, by)
    yield from _faults_of_seal(key)
    if certificate.valid_until <= timezone.now():
        yield Finding(
            code="certificat_expire",
            message="Ce certificat a expiré\u00a0: il ne signera plus rien.",
            remedy="Demandez un nouveau certificat.",
        )
    if not is_name_confirmed and not _is_named(certificate, key):
        yield Finding(
            code="autre_nom",
            message=f"Ce certificat est au nom de «\u00a0{certificate.name}\u00a0», et non de "
            f"«\u00a0{key.person or key.organisation}\u00a0».",
            remedy="Comparez les deux, puis confirmez que c’est bien la même personne.",
            field="is_name_confirmed",
        )
    yield from _taken(certificate, key.person, key.organisation, at=at)


def _faults_of_person(key: SigningKey, by: User | None) -> Iterator[Finding]:
    person = key.person
    if person is None:
        return
    if person.organisation_id != key.organisation_id:
        yield Finding(
            code="autre_organisation",
            message=f"{person} est d’une autre organisation.",
            field="person",
        )
    account = person.user
    if account is None:
        yield Finding(
            code="sans_compte",
            message=f"{person} n’a pas de compte\u00a0: nul ne pourrait signer avec cette clé.",
            remedy="Donnez-lui d’abord un compte.",
            field="person",
        )
    elif by is not None and account in by.line() and not key.is_of_demonstration:
        yield Finding(
            code="a_soi_meme",
            message="On ne se rattache pas une clé à soi-même, ni par un compte que l’on a ouvert.",
            remedy="Un autre compte d’administration le fait.",
            field="person",
        )
    elif by is not None and _is_his_doing(account, by):
        yield Finding(
            code="compte_de_son_fait",
            message=f"Vous avez fait changer par quoi s’ouvre le compte "
            f"{french.contract('de', str(person))}, sans son accord\u00a0: dire que c’est bien "
            "son compte revient à quelqu’un d’autre.",
            remedy="Une autre personne de l’administration rattache cette clé.",
            field="person",
        )


def _is_his_doing(account: User, by: User) -> bool:
    """Whether who binds a key made the account what it is since the last key was bound to it."""
    bound = SigningKey.objects.bound().filter(account=account).order_by("-bound_at").first()
    return deciding.must_leave_to_another(by, account, since=bound and bound.bound_at)


def _faults_of_seal(key: SigningKey) -> Iterator[Finding]:
    if key.person is None and key.held == SigningKey.Held.OWN:
        yield Finding(
            code="cachet_hors_du_serveur",
            message="C’est le serveur qui pose le cachet\u00a0: un certificat dont il ne tient pas "
            "la clé ne scelle rien.",
            remedy="L’exploitant dépose le fichier PKCS#12 du cachet dans SIGNING_DIR.",
            field="person",
        )


def _faults_of_second(offered: SigningKey, by: User) -> Iterator[Finding]:
    """The seal binds everybody: two people look at it."""
    if offered.person is None and offered.offered_by is not None:
        yield from seconds.faults(
            by,
            offered.offered_by,
            did="proposé ce cachet",
            remedy="Un autre compte d’administration, ouvert par un superutilisateur, confirme.",
            is_told=False,
        )


def _taken(
    certificate: Certificate, person: Person | None, organisation: Organisation, *, at: datetime
) -> Iterator[Finding]:
    """One key serves one holder: neither two at once, nor one after the other once it signed."""
    on = timezone.localdate(at)
    others = SigningKey.objects.bound().filter(fingerprint=certificate.fingerprint)
    for other in others.select_related("person", "organisation"):
        is_same = (other.person_id, other.organisation_id) == (
            person and person.pk,
            organisation.pk,
        )
        if other.revoked_from is None or other.revoked_from > on:
            yield _already(other, organisation, "est déjà celle de")
        elif not is_same and SignatureStep.objects.filter(key=other).exists():
            yield _already(other, organisation, "a déjà signé pour")


def _already(other: SigningKey, organisation: Organisation, words: str) -> Finding:
    """Whose it is, to his own organisation only."""
    is_here = other.organisation_id == organisation.pk
    holder = other.holder if is_here else "quelqu’un d’une autre organisation"
    return Finding(
        code="cle_d_un_autre",
        message=f"Cette clé {words} {holder}{NBSP}: elle ne peut servir à deux titulaires.",
        remedy="Chaque titulaire a son propre certificat.",
    )


def _withdrawn(offered: SigningKey) -> Iterator[Finding]:
    if offered.revoked_at is not None:
        on = french.long_date(timezone.localdate(offered.revoked_at))
        yield Finding(
            code="proposition_ecartee",
            message=f"Ce certificat a été écarté le {on}{NBSP}: {offered.revoked_reason}",
            remedy="Déposez-le de nouveau.",
        )


def _without_reason(reason: str) -> Iterator[Finding]:
    if not reason.strip():
        yield Finding(code="sans_motif", message="Dites pourquoi, en une phrase.", field="reason")


def _tell(done: str, key: SigningKey, *, by: User | None) -> None:
    """In the transaction of the act: whose key, and which. A seal is nobody’s: the others who could
    have done it are told."""
    what = f"{done}, {key.holder}, certificat {key.fingerprint}"
    note(Act.KEY, what, by=by, organisation=key.organisation)
    if by is None:
        return
    # To her own address too: her account may be somebody else’s by now, or she has none.
    for email in telling.addresses_of(key.person) if key.person else _watching(key):
        if email != by.email:
            letters.queue(
                Letter.Kind.KEY,
                email,
                request=None,
                what=f"{key.holder}\u00a0: {done}",
                by=str(by),
                designation=key.organisation.designation,
                fingerprint=key.fingerprint,
            )


def _watching(key: SigningKey) -> Iterator[str]:
    """The addresses of those who keep the keys of an organisation, and of who watches them."""
    kinds = (Role.Kind.ADMINISTRATION, Role.Kind.AUDIT)
    accounts = User.objects.filter(is_active=True, roles__kind__in=kinds)
    yield from (
        accounts.filter(roles__organisation=key.organisation)
        .distinct()
        .values_list("email", flat=True)
    )


def _as_it_is(person: Person | None) -> Person | None:
    """The person with the account that is his now, whatever the caller read before."""
    return Person.objects.select_related("user").get(pk=person.pk) if person else None


def _account(person: Person | None) -> User | None:
    return person.user if person else None


def _is_named(certificate: Certificate, key: SigningKey) -> bool:
    return certificate.bears_the_name_of(key.organisation, key.person)


def _said_by(certificate: Certificate) -> dict[str, Any]:
    return {
        "fingerprint": certificate.fingerprint,
        "name": certificate.name,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "serial": certificate.serial,
        "valid_from": certificate.valid_from,
        "valid_until": certificate.valid_until,
        "certificate": certificate.pem,
    }


def _locked(key: SigningKey) -> SigningKey:
    rows = SigningKey.objects.select_for_update(of=("self",))
    return rows.select_related("person__user", "organisation", "offered_by").get(pk=key.pk)
