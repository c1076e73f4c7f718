"""The keys of an organisation: made, shown once, revoked, known again by their hash."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts import throttle
from law import findings
from members import links
from members.models import Organisation, User
from opendata.models import ApiKey
from trail.models import Act
from trail.recording import note

PREFIX = "sg_"
MOST = 20  # living keys of one organisation
A_MINUTE = 120  # questions of one key
_SEEN_EVERY = timedelta(hours=1)


@transaction.atomic
def make(organisation: Organisation, *, name: str, by: User, at: datetime) -> tuple[ApiKey, str]:
    """A new key and what opens with it, which is told now and never again. Raises `Refused` for one
    without a name, one too many, or an organisation that somebody plays."""
    name = " ".join(name.replace("\0", "").split())[:100]
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if not name:
        raise findings.refusal("sans_nom", "Dites à quel logiciel va cette clé.", field="name")
    if organisation.is_played:
        raise findings.refusal("repetition", "Cette assemblée est fictive\u00a0: rien n’y est lu.")
    if ApiKey.objects.living().filter(organisation=organisation).count() >= MOST:
        raise findings.refusal(
            "trop_de_cles",
            f"Cette organisation a déjà {MOST} clés.",
            remedy="Révoquez celles qui ne servent plus.",
            field="name",
        )
    secret = f"{PREFIX}{links.new()}"
    key = ApiKey.objects.create(
        organisation=organisation,
        name=name,
        start=secret[:8],
        token_hash=links.hash_of(secret),
        made_by=by,
        made_at=at,
    )
    _tell(f"clé d’API faite\u00a0: {key}", key, by=by)
    return key, secret


@transaction.atomic
def revoke(key: ApiKey, *, by: User, at: datetime) -> None:
    """Nothing opens with it any more."""
    if ApiKey.objects.living().filter(pk=key.pk).update(revoked_at=at, revoked_by=by):
        _tell(f"clé d’API révoquée\u00a0: {key}", key, by=by)


def find(secret: str, *, at: datetime) -> ApiKey | None:
    """The living key that this is; `None` for one unknown, revoked, or of a base that is played."""
    if not secret.startswith(PREFIX) or len(secret) > 200:
        return None
    rows = ApiKey.objects.living().select_related("organisation")
    key = links.find(rows, secret, organisation__is_fleeting=False)
    if key is not None and (key.used_at is None or at - key.used_at >= _SEEN_EVERY):
        ApiKey.objects.filter(pk=key.pk).update(used_at=at)
    return key


def may_ask(key: ApiKey, *, at: datetime) -> bool:
    """Whether it has not asked too much in this minute; counted in the base, whatever process
    answers."""
    return throttle.paced("api", str(key.pk), most=A_MINUTE, at=at)


def _tell(done: str, key: ApiKey, *, by: User) -> None:
    note(Act.RULES, done, by=by, organisation=key.organisation)
