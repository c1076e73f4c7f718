"""What changes an identity: addresses, links between persons and accounts, rights withdrawn."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest

from accounts import letters, sessions
from accounts.inviting import Line
from accounts.models import AddressChange, Letter, LinkRequest
from law.findings import refusal
from members import access, links
from members.models import Organisation, Person, Role, User
from trail.models import Act
from trail.recording import note

ADDRESS_LIFE = timedelta(days=3)


@transaction.atomic
def ask_address(account: User, *, email: str, by: User, request: HttpRequest, at: datetime) -> None:
    """Mail the new address a link, and tell the old one; the account keeps its own meanwhile."""
    account.address_changes.filter(confirmed_at=None).delete()
    nonce = links.new()
    change = AddressChange.objects.create(
        account=account,
        email=email.lower(),
        nonce=nonce,
        token_hash=links.hash_of(links.drawn(letters.ADDRESS, nonce)),
        asked_at=at,
        asked_by=by,
    )
    letters.queue(Letter.Kind.ADDRESS, change.email, request=request, change=change.pk)
    letters.queue(
        Letter.Kind.ADDRESS_ASKED,
        account.email,
        request=request,
        email=change.email,
        by=str(by) if by != account else "",
    )
    note(Act.ACCOUNT, f"adresse {change.email} demandée pour {account.email}", by=by)


def find_address(token: str, *, at: datetime) -> AddressChange | None:
    """The change that this link confirms now."""
    rows = AddressChange.objects.select_related("account")
    living = {"confirmed_at": None, "asked_at__gt": at - ADDRESS_LIFE, "account__is_active": True}
    return links.find(rows, token, **living)


@transaction.atomic
def confirm_address(change: AddressChange, *, at: datetime) -> None:
    """The account signs in by its new address from now on. Raises `Refused` when another has it.

    Whoever was signed in elsewhere is not any more: the old address may have been lost to somebody.
    """
    account = User.objects.select_for_update().get(pk=change.account_id)
    if User.objects.filter(email__iexact=change.email).exclude(pk=account.pk).exists():
        raise refusal(
            "adresse_prise",
            "Un autre compte a déjà cette adresse.",
            remedy="Demandez à l’administration lequel des deux doit la garder.",
        )
    note(Act.ACCOUNT, f"{change.email} remplace {account.email}", by=account)
    account.email = change.email
    account.save(update_fields=["email"])
    AddressChange.objects.filter(pk=change.pk).update(confirmed_at=at)
    sessions.end_all(account)


# --- A person and her account -----------------------------------------------------------------


@transaction.atomic
def ask_link(
    person: Person, account: User, *, by: User, request: HttpRequest, at: datetime
) -> LinkRequest:
    """Ask that this person be linked to this account: somebody else than who asks must agree."""
    person.link_requests.filter(decided_at=None).update(decided_at=at, decided_by=by)
    asked = LinkRequest.objects.create(person=person, account=account, asked_at=at, asked_by=by)
    told = f"rattachement demandé : {person} au compte {account.email}"
    note(Act.ACCOUNT, told, by=by, organisation=person.organisation)
    if account != by:
        data = {"person": str(person), "by": str(by), "asked": asked.pk}
        letters.queue(Letter.Kind.LINK_ASKED, account.email, request=request, **data)
    return asked


def may_decide(asked: LinkRequest, user: User) -> bool:
    """The account's own holder, or an administrator of the organisation; never who asked, and
    where the account is that of who asked, only another administrator."""
    if user == asked.asked_by:
        return False
    if user == asked.account:
        return True
    return user.is_superuser or access.has_role(
        user, asked.person.organisation, Role.Kind.ADMINISTRATION
    )


@transaction.atomic
def decide_link(asked: LinkRequest, *, granted: bool, by: User, at: datetime) -> None:
    """Link, or refuse to. Raises `Refused` when another person of the organisation has the account,
    or when somebody has decided meanwhile."""
    row = LinkRequest.objects.select_for_update().get(pk=asked.pk)
    if row.decided_at is not None or not may_decide(asked, by):
        raise refusal("rattachement_decide", "Ce rattachement est déjà décidé.")
    person = Person.objects.select_for_update().get(pk=row.person_id)
    taken = Person.objects.filter(organisation=person.organisation, user=row.account)
    if granted and taken.exclude(pk=person.pk).exists():
        raise refusal(
            "compte_pris",
            "Ce compte est déjà celui d’une autre personne.",
            remedy="Retirez-le d’abord à l’autre, dans l’administration des personnes.",
        )
    row.decided_at, row.decided_by, row.is_granted = at, by, granted
    row.save(update_fields=["decided_at", "decided_by", "is_granted"])
    told = "accordé" if granted else "refusé"
    told = f"rattachement {told} : {person} au compte {row.account.email}"
    note(Act.ACCOUNT, told, by=by, organisation=person.organisation)
    if granted:
        person.user = row.account
        person.save()


# --- Many at once -----------------------------------------------------------------------------


@transaction.atomic
def invite(
    organisation: Organisation,
    lines: Iterable[Line],
    *,
    by: User,
    request: HttpRequest,
    at: datetime,
) -> int:
    """Open these accounts, each with its role and a mail that lets it in; ask that each delegate be
    linked to her person. All of them or none: raises `Refused` when a line has a fault."""
    invited = 0
    for invited, line in enumerate(lines, 1):  # noqa: B007 told at the end
        if line.faults or line.kind is None:  # what was written before it goes with it
            raise refusal(
                "liste_fautive", "Une ligne de cette liste a un défaut : rien n’est écrit."
            )
        first_name, last_name = line.names
        account = User.objects.create_user(
            line.email,
            first_name=first_name[:150],
            last_name=last_name[:150],
            created_by=by,
        )
        account.roles.create(organisation=organisation, kind=line.kind)
        letters.invite(account, request=request)
        if line.person is not None:
            ask_link(line.person, account, by=by, request=request, at=at)
    note(Act.ACCOUNT, f"comptes invités : {invited}", by=by, organisation=organisation)
    return invited


@transaction.atomic
def close(accounts: Iterable[User], *, by: User | None, organisation: Organisation) -> int:
    """Deactivate these accounts, and sign them out everywhere, at once. What they did stays, and an
    administrator opens them again. `by`: nobody when the setting of the site does it."""
    count = 0
    for account in accounts:
        account.is_active = False
        account.save(update_fields=["is_active"])
        sessions.end_all(account)
        words = f"{account.email} : compte désactivé, ses mandats ont pris fin"
        note(Act.ACCOUNT, words, by=by, organisation=organisation)
        count += 1
    return count
