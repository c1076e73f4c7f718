"""Which account somebody is whom a provider of identity vouches for. It never opens one.

The first time, by a verified address, equal to that of an account opened beforehand; then by what
the provider calls her (its `sub`), whatever becomes of the address. A provider of some
organisations opens no account that has a right elsewhere: it would open that too.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import ExternalIdentity
from accounts.oidc import Told
from accounts.providers import Provider
from law.findings import refusal
from members.models import User
from trail.models import Act
from trail.recording import note

ASK = "Demandez à l’administration de votre organisation."


def providers_of(account: User) -> list[Provider]:
    """The providers, in service today, at which this account is somebody and which may open it."""
    names = {each.provider for each in account.identities.all()} if account.pk else set()
    return [
        each
        for name, each in settings.OIDC_PROVIDERS.items()
        if name in names and _opens(each, account)
    ]


@transaction.atomic
def identify(told: Told, *, at: datetime) -> User:
    """The account that this is; kept, when it was not known, as told in the trail. Raises
    `Refused`."""
    rows = ExternalIdentity.objects.select_related("account")
    mine = {"provider": told.provider.name, "subject": told.subject}
    known = rows.filter(**mine).first()
    account = known.account if known else _by_address(told)
    known = known or rows.filter(account=account, **mine).first()  # by a click sent twice
    if not account.is_active:
        raise refusal("compte_desactive", "Votre compte est désactivé.", remedy=ASK)
    if not _opens(told.provider, account):
        raise refusal(
            "hors_organisation",
            f"{told.provider.label} n’ouvre pas ce compte, qui a des droits ailleurs que dans "
            "ses organisations.",
            remedy="Entrez par votre mot de passe.",
        )
    if known:
        ExternalIdentity.objects.filter(pk=known.pk).update(used_at=at)
        return account
    ExternalIdentity.objects.create(account=account, linked_at=at, used_at=at, **mine)
    note(Act.ACCOUNT, f"{account.email} : rattaché à {told.provider.label}", by=account)
    return account


def may_stay(name: str, account: User) -> bool:
    """Whether who entered by the provider of this name may go on: a right given since, elsewhere
    than where that provider is at home, is not one that it opens."""
    provider = settings.OIDC_PROVIDERS.get(name)
    return provider is None or _opens(provider, account)


def is_of(told: Told, account: User) -> bool:
    """Whether the one whom the provider vouches for is this account, known as such already, which
    it may open: a second proof opens what an entry does."""
    found = {"provider": told.provider.name, "subject": told.subject}
    return (
        account.is_active
        and _opens(told.provider, account)
        and account.identities.filter(**found).exists()
    )


def _by_address(told: Told) -> User:
    """The account that has this address and is nobody there yet."""
    provider = told.provider
    if not told.email or not told.is_verified:
        raise refusal(
            "adresse_non_verifiee",
            f"{provider.label} ne dit pas avoir vérifié votre adresse : elle ne suffit pas à "
            "retrouver votre compte.",
            remedy=f"Faites-la vérifier par {provider.label}, ou entrez par votre mot de passe.",
        )
    if not provider.vouches_for(told.email):
        raise refusal(
            "adresse_hors_domaine",
            f"{provider.label} ne répond pas ici de l’adresse {told.email}.",
            remedy="Entrez par votre mot de passe.",
        )
    account = User.objects.select_for_update().filter(email=told.email).first()
    if account is None:
        raise refusal(
            "aucun_compte",
            f"Aucun compte n’est ouvert ici à l’adresse {told.email}.",
            remedy=f"{ASK} Elle ouvre les comptes ; s’identifier ailleurs n’en crée pas.",
        )
    others = account.identities.filter(provider=provider.name).exclude(subject=told.subject)
    if others.exists():
        raise refusal(
            "autre_identite",
            f"Le compte {told.email} est rattaché à une autre identité de {provider.label}.",
            remedy=f"{ASK} Elle peut détacher l’ancienne, si c’était la vôtre.",
        )
    return account


def _opens(provider: Provider, account: User) -> bool:
    """Whether all that this account may do lies where the provider is at home."""
    if not provider.organisations:
        return True
    lasting = account.roles.filter(organisation__is_fleeting=False)
    held = lasting.values_list("organisation__slug", flat=True)
    return not account.is_superuser and set(held) <= {*provider.organisations}


@transaction.atomic
def detach(account: User, *, by: User) -> int:
    """Forget who this account is elsewhere: it enters from there by its address, as at first."""
    gone = account.identities.all().delete()[0]
    if gone:
        note(Act.ACCOUNT, f"{account.email} : détaché de son fournisseur d’identité", by=by)
    return gone
