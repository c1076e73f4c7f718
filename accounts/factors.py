"""Second factors: an application that counts codes (TOTP), passkeys (WebAuthn), codes on paper.

What verifies a code is `pyotp`, what verifies a passkey is `fido2`; here is what is kept of them.
The secret of an application is drawn from a seed and the key of the site: the table alone opens
nothing. A code serves once, under a lock of the database: two requests at once cannot share it.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from datetime import datetime

import pyotp
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts import letters, sessions
from accounts.models import Factor, Letter, RecoveryCode
from law.findings import refusal
from members import access, links
from members.lately import Lately
from members.models import Role, User
from trail.models import Act
from trail.recording import note

fido2_server = Lately("fido2.server")
fido2_utils = Lately("fido2.utils")
webauthn = Lately("fido2.webauthn")

ISSUER = "somme_gov"
CODES = 10  # on one sheet
TOLERANCE = 1  # steps of thirty seconds by which a telephone may be early or late
_TOTP, _PASSKEY = "accounts.totp", "accounts.passkey"
# The challenges of this session: to a passkey being made, to one that proves.
MAKING, ASKING = "passkey_made", "passkey_asked"
BY_TWO = "by_two"  # this session was opened by two proofs


def _tell(account: User, words: str, *, by: User | None = None, by_mail: bool = True) -> None:
    """In the trail, and by mail to who has the account: it may be somebody else who did it, in a
    session left open."""
    note(Act.FACTOR, f"{account.email}\u00a0: {words}", by=by)
    if by_mail:
        told = {"account": account.email, "what": words}
        letters.queue(Letter.Kind.PROVED, account.email, request=None, **told)


# --- Who has some, who must -------------------------------------------------------------------


def of(account: User) -> Iterable[Factor]:
    """The factors in force of this account, in the order in which they were added."""
    return account.factors.filter(removed_at=None)


def has_any(account: User) -> bool:
    """Whether the account enters by two proofs."""
    return of(account).exists()


def are_missing(request: HttpRequest) -> bool:
    """Whether this session was opened by one proof and its account asks for two: a factor was
    added while somebody was coming in."""
    user = request.user
    return user.is_authenticated and not request.session.get(BY_TWO) and has_any(user)


def is_required(account: User) -> bool:
    """Whether a role of this account makes a second factor compulsory (SECOND_FACTOR_ROLES); who
    holds every role holds it before there is anywhere to hold it."""
    roles = settings.SECOND_FACTOR_ROLES
    held = Role.Kind.values if account.is_superuser else access.kinds_of(account)
    return bool(roles) and not set(held).isdisjoint(roles)


# --- An application that counts ---------------------------------------------------------------


def new_seed() -> str:
    """The seed of a secret not yet confirmed; it waits in the session."""
    return links.new()


def secret_of(seed: str) -> str:
    """The secret that this seed gives here, as applications take it (base 32)."""
    return base64.b32encode(
        hashlib.sha256(links.drawn(_TOTP, seed).encode()).digest()[:20]
    ).decode()


def address_of(account: User, seed: str) -> str:
    """What the QR code says to the application."""
    return pyotp.TOTP(secret_of(seed)).provisioning_uri(name=account.email, issuer_name=ISSUER)


def _step(seed: str, code: str, at: datetime) -> int | None:
    """The step whose code this is, now or a step away; the earliest, `None` when it is none."""
    totp = pyotp.TOTP(secret_of(seed))
    now = totp.timecode(at)
    code = "".join(code.split())
    steps = range(now - TOLERANCE, now + TOLERANCE + 1)
    right = [step for step in steps if secrets.compare_digest(totp.generate_otp(step), code)]
    return right[0] if right else None


def add_application(account: User, *, seed: str, code: str, at: datetime) -> bool:
    """Keep an application once it gave a right code."""
    step = _step(seed, code, at) if code.isascii() else None
    if step is None:
        return False
    data = {"seed": seed, "step": step}
    name = Factor.Kind.TOTP.label
    Factor.objects.create(account=account, kind=Factor.Kind.TOTP, name=name, data=data, made_at=at)
    _tell(account, f"second facteur ajouté, {name}")
    return True


def code_is_right(account: User, code: str, *, at: datetime) -> bool:
    """Whether the application of this account says so; no code serves twice."""
    if not code.isascii():
        return False
    with transaction.atomic():
        factor = of(account).filter(kind=Factor.Kind.TOTP).select_for_update().first()
        step = _step(factor.data["seed"], code, at) if factor else None
        if factor is None or step is None or step <= factor.data["step"]:
            return False
        factor.data["step"], factor.used_at = step, at
        factor.save(update_fields=["data", "used_at"])
    return True


# --- Codes on paper ---------------------------------------------------------------------------


def _folded(code: str) -> str:
    return code.replace("-", "").replace(" ", "").lower()


def _hash(account: User, code: str) -> str:
    return links.hash_of(f"{account.pk}:{_folded(code)}")


@transaction.atomic
def new_codes(account: User) -> list[str]:
    """Ten codes in place of those there were; shown once, never again."""
    letters = "23456789abcdefghjkmnpqrstuvwxyz"
    raw = ["".join(secrets.choice(letters) for _ in range(12)) for _ in range(CODES)]
    known = account.recovery_codes.all().delete()[0]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, code_hash=_hash(account, code)) for code in raw
    )
    # The first come with a factor, of which she is told.
    _tell(account, "codes de secours renouvelés", by_mail=bool(known))
    return ["-".join((code[:4], code[4:8], code[8:])) for code in raw]


def spend_code(account: User, code: str, *, at: datetime) -> bool:
    """Use up a code on paper; `False` when it is none of this account or has served."""
    rows = account.recovery_codes.filter(code_hash=_hash(account, code), used_at=None)
    spent = rows.update(used_at=at) == 1
    if spent:
        note(Act.FACTOR, f"{account.email} : un code de secours a servi")
    return spent


def codes_left(account: User) -> int:
    """How many codes on paper have not served."""
    return account.recovery_codes.filter(used_at=None).count()


# --- Passkeys ---------------------------------------------------------------------------------


def passkeys_work_at(request: HttpRequest) -> bool:
    """Whether a browser may keep a passkey for this site: it needs a name, not a number."""
    try:
        ipaddress.ip_address(_host(request))
    except ValueError:
        return True
    return False


def _host(request: HttpRequest) -> str:
    return request.get_host().rpartition("]")[0].lstrip("[") or request.get_host().partition(":")[0]


def _server(request: HttpRequest) -> fido2_server.Fido2Server:
    return fido2_server.Fido2Server(
        webauthn.PublicKeyCredentialRpEntity(id=_host(request), name=ISSUER)
    )


def _credentials(account: User) -> list[webauthn.AttestedCredentialData]:
    rows = of(account).filter(kind=Factor.Kind.PASSKEY)
    return [
        webauthn.AttestedCredentialData(fido2_utils.websafe_decode(row.data["credential"]))
        for row in rows
    ]


def begin_adding(request: HttpRequest, account: User) -> dict:
    """What the browser needs to make a passkey; the challenge waits in the session."""
    handle = hashlib.sha256(links.drawn(_PASSKEY, str(account.pk)).encode()).digest()
    user = webauthn.PublicKeyCredentialUserEntity(
        id=handle, name=account.email, display_name=str(account)
    )
    options, state = _server(request).register_begin(
        user,
        _credentials(account),
        resident_key_requirement=webauthn.ResidentKeyRequirement.DISCOURAGED,
        user_verification=webauthn.UserVerificationRequirement.PREFERRED,
    )
    request.session[MAKING] = state
    return dict(options)["publicKey"]


def add_passkey(request: HttpRequest, account: User, answer: dict, *, name: str) -> bool:
    """Keep the passkey that the browser made; `False` when the answer is not to our challenge."""
    state = request.session.pop(MAKING, None)
    if state is None:
        return False
    try:
        made = _server(request).register_complete(state, answer).credential_data
    except Exception:  # whatever a browser may send: fido2 raises what its parsers raise
        return False
    if made is None:
        return False
    data = {"credential": fido2_utils.websafe_encode(bytes(made))}
    Factor.objects.create(account=account, kind=Factor.Kind.PASSKEY, name=name, data=data)
    _tell(account, f"second facteur ajouté, clé d’accès «\u00a0{name}\u00a0»")
    return True


def begin_asking(request: HttpRequest, account: User) -> dict | None:
    """What the browser needs to answer with a passkey of this account; `None` without any."""
    known = _credentials(account) if passkeys_work_at(request) else []
    if not known:
        return None
    options, state = _server(request).authenticate_begin(
        known, user_verification=webauthn.UserVerificationRequirement.PREFERRED
    )
    request.session[ASKING] = state
    return dict(options)["publicKey"]


def passkey_is_right(request: HttpRequest, account: User, answer: dict, *, at: datetime) -> bool:
    """Whether a passkey of this account signed the challenge of this session, which serves once."""
    state, known = request.session.pop(ASKING, None), _credentials(account)
    if state is None or not known:
        return False
    try:
        used = _server(request).authenticate_complete(state, known, answer)
        count = webauthn.AuthenticationResponse.from_dict(
            answer
        ).response.authenticator_data.counter
    except Exception:  # whatever a browser may send: fido2 raises what its parsers raise
        return False
    with transaction.atomic():
        for row in of(account).filter(kind=Factor.Kind.PASSKEY).select_for_update():
            held = webauthn.AttestedCredentialData(
                fido2_utils.websafe_decode(row.data["credential"])
            )
            if held.credential_id == used.credential_id:
                return _counts_on(row, count, at=at)
    return False


def _counts_on(row: Factor, count: int, *, at: datetime) -> bool:
    """Note that this passkey was used; `False` when what it counts did not grow: it was copied, and
    the copy and itself both answer. Those that are kept by several machines count nothing."""
    last = row.data.get("count", 0)
    if (count or last) and count <= last:
        _tell(row.account, f"clé d’accès «\u00a0{row.name}\u00a0» refusée\u00a0: une copie a servi")
        return False
    row.data["count"], row.used_at = count, at
    row.save(update_fields=["data", "used_at"])
    return True


# --- Taken away -------------------------------------------------------------------------------


@transaction.atomic
def remove(factor: Factor, *, by: User, at: datetime) -> None:
    """One's own factor, no longer wanted; without any left the codes on paper serve nothing. Raises
    `Refused` for the last one where a role asks for one; of two pressed at once, one stays."""
    account = User.objects.select_for_update().get(pk=factor.account_id)
    if is_required(account) and not of(account).exclude(pk=factor.pk).exists():
        raise refusal(
            "dernier_facteur",
            "Votre rôle demande un second facteur : ajoutez-en un autre avant celui-ci.",
        )
    Factor.objects.filter(pk=factor.pk, removed_at=None).update(removed_at=at, removed_by=by)
    _tell(factor.account, f"second facteur retiré, {factor.name}", by=by)
    if not has_any(factor.account):
        factor.account.recovery_codes.all().delete()


@transaction.atomic
def remove_all(account: User, *, by: User, at: datetime) -> int:
    """All of a person who lost them: the name of who asked it stays with each, and the person is
    signed out everywhere (`accounts.actions.carry_out` knows when)."""
    removed = of(account).update(removed_at=at, removed_by=by)
    account.recovery_codes.all().delete()
    sessions.end_all(account)
    note(Act.FACTOR, f"{account.email} : tous les seconds facteurs retirés", by=by)
    return removed
