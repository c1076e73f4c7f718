"""What changes an identity: addresses, links between persons and accounts, rights withdrawn."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import deciding, factors, letters, sessions, standing, throttle
from accounts.inviting import Line
from accounts.models import IdentityChange, Letter, LinkRequest
from law import findings
from law.addresses import lowered
from law.findings import Finding, refusal
from members import access, links, telling
from members.actions import save
from members.models import Organisation, Person, Role, User
from trail.models import Act
from trail.recording import note


@transaction.atomic
def ask_address(
    account: User, *, email: str, by: User, request: HttpRequest, at: datetime
) -> IdentityChange:
    """Mail the new address a link, and tell the old one; the account keeps its own meanwhile.
    Raises `Refused` for what was refused of late."""
    change = _ask(account, IdentityChange.Kind.ADDRESS, email=lowered(email), by=by, at=at)
    letters.queue(Letter.Kind.ADDRESS, change.email, request=request, change=change.pk)
    _tell_who_may_answer(change, Letter.Kind.ADDRESS_ASKED, request=request)
    return change


@transaction.atomic
def ask_removal(account: User, *, by: User, request: HttpRequest, at: datetime) -> IdentityChange:
    """Ask that the second factors of somebody who lost them be removed. Raises `Refused` for one’s
    own, which would be a way around them; and for what was refused of late."""
    if account == by:
        raise refusal(
            "a_soi_meme",
            "On ne retire pas ainsi ses propres seconds facteurs.",
            remedy="Retirez-les depuis «\u00a0Mon compte\u00a0», ou demandez à quelqu’un d’autre.",
        )
    change = _ask(account, IdentityChange.Kind.FACTORS, by=by, at=at)
    _tell_who_may_answer(change, Letter.Kind.FACTORS_ASKED, request=request)
    return change


@transaction.atomic
def ask_closing(account: User, *, by: User, request: HttpRequest, at: datetime) -> IdentityChange:
    """Ask that an account that runs or audits an organisation be closed: another administrator
    agrees, or it waits; whoever runs and audits with it is told. Raises `Refused` for what was
    refused of late."""
    change = _ask(account, IdentityChange.Kind.CLOSING, by=by, at=at)
    _tell_who_may_answer(change, Letter.Kind.CLOSING_ASKED, request=request)
    others = deciding.guards(deciding.organisations_of(account))
    for user in others.exclude(pk__in=[account.pk, by.pk]):
        letters.queue(Letter.Kind.CLOSING_ASKED, user.email, request=request, change=change.pk)
    return change


def _ask(account: User, kind: str, *, by: User, at: datetime, email: str = "") -> IdentityChange:
    """In place of what was asked before; one at a time, whoever asks at the same moment. Raises
    `Refused` for what was refused of late."""
    User.objects.select_for_update().get(pk=account.pk)
    findings.refuse(filter(None, [deciding.refused_of_late(account, kind, by=by, at=at)]))
    account.identity_changes.open().filter(kind=kind).delete()
    nonce = links.new()
    change = IdentityChange.objects.create(
        account=account,
        kind=kind,
        email=email,
        nonce=nonce,
        token_hash=links.hash_of(links.drawn(letters.ADDRESS, nonce)),
        holder_hash=links.hash_of(links.drawn(letters.HOLDER, nonce)),
        stamp=account.get_session_auth_hash(),
        asked_at=at,
        asked_by=by,
    )
    _note(change, f"demandé\u00a0: {change.told}", by=by)
    return change


def _tell_who_may_answer(
    change: IdentityChange, kind: Letter.Kind, *, request: HttpRequest
) -> None:
    """The holder, again each day that it waits; and the administrators who may agree."""
    wait = deciding.free_from(change) - change.asked_at
    for day in range(max(wait.days, 1)):
        after = timedelta(days=day)
        letters.queue(kind, change.account.email, request=request, after=after, change=change.pk)
    if wait:
        for user in deciding.deciders(change):
            letters.queue(Letter.Kind.CHANGE_ASKED, user.email, request=request, change=change.pk)


def _note(change: IdentityChange, words: str, *, by: User | None) -> None:
    """Told to each organisation in which the account has a right."""
    for organisation in deciding.organisations_of(change.account) or [None]:
        note(Act.ACCOUNT, words, by=by, organisation=organisation)


def find_address(token: str, *, at: datetime) -> IdentityChange | None:
    """The change that this link, mailed to the new address, confirms."""
    return _living(IdentityChange.objects.filter(token_hash=links.hash_of(token)), at=at)


def find_for_holder(token: str, *, at: datetime) -> IdentityChange | None:
    """The change that this link, mailed to the holder of the account, answers."""
    return _living(IdentityChange.objects.filter(holder_hash=links.hash_of(token)), at=at)


def _living(rows: QuerySet[IdentityChange], *, at: datetime) -> IdentityChange | None:
    change = rows.select_related("account", "asked_by", "agreed_by").first()
    return change if change is not None and deciding.is_alive(change, at=at) else None


def _locked(change: IdentityChange, *, at: datetime) -> IdentityChange:
    """The change and its account, held until the end. Raises `Refused` when it is over."""
    account = User.objects.select_for_update().get(pk=change.account_id)
    rows = IdentityChange.objects.select_for_update(of=("self",)).filter(pk=change.pk)
    found = _living(rows, at=at)
    if found is None:
        raise refusal(
            "demande_close",
            "Cette demande est close\u00a0: faite, refusée, ou trop ancienne.",
            remedy="Elle se fait de nouveau, si elle est encore voulue.",
        )
    found.account = account
    return found


@transaction.atomic
def agree(change: IdentityChange, *, by: User, request: HttpRequest, at: datetime) -> None:
    """Agree to what another asks: `by` the holder of the account, to another address alone; or
    another administrator. Factors are removed, an account is closed at once. Raises `Refused`."""
    change = _locked(change, at=at)
    is_holder = by == change.account and change.kind == IdentityChange.Kind.ADDRESS
    if change.is_own or not (is_holder or deciding.may_decide(change, by)):
        raise refusal("accord_d_un_autre", "Ce n’est pas à vous d’accorder cette demande.")
    change.agreed_at, change.agreed_by = at, by
    change.save(update_fields=["agreed_at", "agreed_by"])
    _note(change, f"accordé à {change.asked_by.email}\u00a0: {change.told}", by=by)
    if change.kind != IdentityChange.Kind.ADDRESS:
        carry_out(change, by=by, request=request, at=at)


@transaction.atomic
def refuse(change: IdentityChange, *, by: User, at: datetime) -> None:
    """It will not be: said by the holder, by who asked, or by another administrator. Raises
    `Refused` when it is over, or when it puts out who says so."""
    change = _locked(change, at=at)
    if change.kind == IdentityChange.Kind.CLOSING and by == change.account:
        raise refusal(
            "refus_d_un_autre",
            "On ne refuse pas soi-même la fermeture de son compte.",
            remedy="Parlez-en à une autre personne de l’administration\u00a0: elle peut refuser.",
        )
    _note(change, f"refusé à {change.asked_by.email}\u00a0: {change.told}", by=by)
    if by == change.asked_by:  # who gives up may think again
        change.delete()
        return
    change.refused_at, change.refused_by = at, by
    change.save(update_fields=["refused_at", "refused_by"])


@transaction.atomic
def confirm_address(change: IdentityChange, *, request: HttpRequest, at: datetime) -> None:
    """The account signs in by its new address from now on, which has answered. Raises `Refused`
    when another account has it, or while nobody has agreed to what was asked by another.

    Whoever was signed in elsewhere is not any more: the old address may have been lost to somebody.
    """
    change = _locked(change, at=at)
    account, before = change.account, change.account.email
    findings.refuse(filter(None, [deciding.obstacle(change, at=at)]))
    if User.objects.filter(email=change.email).exclude(pk=account.pk).exists():
        raise refusal(
            "adresse_prise",
            "Un autre compte a déjà cette adresse.",
            remedy="Demandez à l’administration lequel des deux doit la garder.",
        )
    _carried_out(change, f"{change.email} remplace {before}", by=change.asked_by, at=at)
    account.email = change.email
    account.save(update_fields=["email"])
    if not change.is_own:
        told = {"email": change.email, "by": str(change.asked_by)}
        _tell_holder(account, before, Letter.Kind.ADDRESS_CHANGED, request=request, **told)
    sessions.end_all(account)


@transaction.atomic
def carry_out(change: IdentityChange, *, by: User, request: HttpRequest, at: datetime) -> None:
    """Remove the factors, close the account, once agreed to or waited for. Raises `Refused` before
    that."""
    change = _locked(change, at=at)
    findings.refuse(filter(None, [deciding.obstacle(change, at=at)]))
    account = change.account
    if change.kind == IdentityChange.Kind.CLOSING:
        _carried_out(change, f"{account.email}\u00a0: compte désactivé", by=by, at=at)
        account.is_active = False
        account.save(update_fields=["is_active"])
        sessions.end_all(account)
        return
    _carried_out(change, f"{account.email}\u00a0: seconds facteurs retirés", by=by, at=at)
    factors.remove_all(account, by=change.asked_by, at=at)
    told = {"by": str(change.asked_by)}
    _tell_holder(account, account.email, Letter.Kind.FACTORS_REMOVED, request=request, **told)


def _tell_holder(
    account: User, address: str, kind: Letter.Kind, *, request: HttpRequest, **told: Any
) -> None:
    """At the address of the account, and at those of the persons that are hers: it is her keys
    that no longer sign, and one address may have been lost with the account."""
    hers = (telling.addresses_of(person) for person in account.persons.select_related("user"))
    now = account.email
    for email in dict.fromkeys((address, *(each for found in hers for each in found))):
        if email == address or email != now:
            letters.queue(kind, email, request=request, **told)


def _carried_out(change: IdentityChange, words: str, *, by: User, at: datetime) -> None:
    """Told with who asked it and who agreed; what its holder did not agree to takes her keys from
    the account (`deciding.imposed_since`)."""
    change.done_at = at
    change.save(update_fields=["done_at"])
    if not change.is_own:
        words += f", demandé par {change.asked_by.email}"
        if change.agreed_by is None:
            words += ", sans accord, après l’attente"
        elif change.agreed_by == change.account:
            words += ", accordé par son titulaire"
        else:
            words += f", accordé par {change.agreed_by.email}"
        is_closing = change.kind == IdentityChange.Kind.CLOSING
        if change.agreed_by != change.account and not is_closing:
            words += "\u00a0; clés de signature suspendues"
    _note(change, words, by=by)


# --- A person and her account -----------------------------------------------------------------


@transaction.atomic
def ask_link(
    person: Person, account: User, *, by: User, request: HttpRequest, at: datetime
) -> LinkRequest:
    """Ask that this person be linked to this account: somebody else than who asks must agree."""
    Person.objects.select_for_update().get(pk=person.pk)
    person.link_requests.filter(decided_at=None).update(decided_at=at, decided_by=by)
    asked = LinkRequest.objects.create(person=person, account=account, asked_at=at, asked_by=by)
    told = f"rattachement demandé : {person} au compte {account.email}"
    note(Act.ACCOUNT, told, by=by, organisation=person.organisation)
    if may_decide(asked, account):
        letters.queue(
            Letter.Kind.LINK_ASKED,
            account.email,
            request=request,
            person=str(person),
            by=str(by),
            asked=asked.pk,
        )
    return asked


def may_decide(asked: LinkRequest, user: User) -> bool:
    """The account's own holder, or an administrator of the organisation, of another hand than who
    asked; never who asked. The holder of an account that he opened decides too where the person
    never had another: so somebody comes in for the first time."""
    if user == asked.asked_by:
        return False
    if user == asked.account and not _had_another_account(asked):
        return True
    return deciding.stand_apart(user, asked.asked_by) and (
        user == asked.account
        or user.is_superuser
        or access.has_role(user, asked.person.organisation, Role.Kind.ADMINISTRATION)
    )


def link_awaiting(
    account: User, organisation: Organisation | None, *, at: datetime
) -> LinkRequest | None:
    """What this account is still to say of who it is in the organisation, if anything."""
    asked = LinkRequest.objects.filter(
        account=account, person__organisation=organisation, decided_at=None
    ).select_related("person__organisation", "account", "asked_by")
    return next(
        (
            each
            for each in asked
            if may_decide(each, account) and not deciding.link_obstacle(each, at=at)
        ),
        None,
    )


def _had_another_account(asked: LinkRequest) -> bool:
    lines = asked.person.history.exclude(user=None)
    return lines.exclude(user=asked.account).exists()


def tell_unlinked(person: Person, account: User, *, by: User, request: HttpRequest) -> None:
    """Mail to who has this account that the person is not hers any more."""
    told = Letter.Kind.UNLINKED
    letters.queue(told, account.email, request=request, person=str(person), by=str(by))


@transaction.atomic
def decide_link(
    asked: LinkRequest, *, granted: bool, by: User, request: HttpRequest, at: datetime
) -> None:
    """Link, or refuse to. Raises `Refused` when another person of the organisation has the account,
    or when the request is over."""
    row = LinkRequest.objects.select_for_update().get(pk=asked.pk)
    findings.refuse(filter(None, [deciding.link_obstacle(row, at=at)]))
    if not may_decide(row, by):
        raise refusal("accord_d_un_autre", "Ce n’est pas à vous d’accorder cette demande.")
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
        if person.user is not None:
            tell_unlinked(person, person.user, by=row.asked_by, request=request)
        person.user = row.account
        person.save()


# --- Day by day -------------------------------------------------------------------------------


@transaction.atomic
def give_address(person: Person, email: str, *, by: User) -> Person:
    """The first address of somebody who had none, and her card. Raises `Refused` when she has one
    by now."""
    row = Person.objects.select_for_update().get(pk=person.pk)
    if row.email:
        raise refusal("adresse_donnee", "Cette personne a reçu une adresse entre-temps.")
    row.email = email
    save(row, by=by, why="page du mandat")
    return row


@transaction.atomic
def change_role(
    account: User, organisation: Organisation, kind: str, *, is_given: bool, by: User
) -> None:
    """Give this role there, or withdraw it and sign the account out. Raises `Refused` for one’s own
    administration: nobody locks himself out, nor makes himself more than he is; and for the role by
    which somebody watches who withdraws it."""
    if account == by:
        raise refusal(
            "a_soi_meme",
            "On ne change pas ainsi ses propres rôles.",
            remedy="Demandez-le à une autre personne de l’administration.",
        )
    if is_given:
        account.roles.get_or_create(organisation=organisation, kind=kind)
    else:
        findings.refuse(filter(None, [deciding.role_obstacle(account, kind, by=by)]))
        for role in account.roles.filter(organisation=organisation, kind=kind):
            role.delete()
        sessions.end_all(account)


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


def may_hand_over(account: User, by: User) -> bool:
    """Whether this account may be shown the link by which another is first entered: where no mail
    leaves, and to whoever opened it, whose hand it is held to be anyway
    (`User.stands_apart_from`)."""
    is_new = account.is_active and account.last_login is None
    return letters.is_kept() and is_new and account.created_by_id == by.pk != account.pk


def against_hand_over(account: User, by: User) -> Iterator[Finding]:
    """Why this link is not given by hand, by this account."""
    if not may_hand_over(account, by) or not deciding.owns(by, account):
        yield Finding(
            code="pas_de_main_en_main",
            message="Ce lien ne se remet en main propre que là où aucun courriel ne part, par qui "
            "a ouvert le compte, et tant que personne n’y est entré.",
            remedy="Renvoyez l’invitation, ou demandez le lien à l’exploitant du serveur.",
        )


def hand_over(account: User, *, by: User, organisation: Organisation, request: HttpRequest) -> str:
    """The link by which it is first entered, for who opened it to give by hand; the trail tells
    each time. Raises `Refused` to anybody else, and where mails leave."""
    findings.refuse(against_hand_over(account, by))
    words = f"lien d’entrée montré, à remettre en main propre\u00a0: {account.email}"
    note(Act.ACCOUNT, words, by=by, organisation=organisation)
    return letters.site_of(request) + letters.password_path(account)


@transaction.atomic
def invite_again(person: Person, *, by: User, request: HttpRequest, at: datetime) -> User:
    """Mail her again what she waits for: the link by which she enters, or what asks her to say that
    the account is hers; once a minute, however often it is asked. Raises `Refused` when she waits
    for nothing, of an account that lies elsewhere too, or is not at her address any more."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    found = standing.of(person, at=at)
    account = found.account
    if found.stage is standing.Stage.CLOSED:
        raise refusal(
            "compte_ferme",
            "Son compte est fermé\u00a0: rien ne lui part.",
            remedy="Rouvrez-le d’abord sur sa fiche (Administration, Comptes).",
        )
    if account is None or not found.again:
        raise refusal("rien_a_renvoyer", "Cette personne n’attend pas d’invitation.")
    if not deciding.owns(by, account):
        raise refusal(
            "compte_d_ailleurs",
            f"{account.email} a aussi un rôle ailleurs\u00a0: demandez à qui tient l’ensemble.",
        )
    asked = account.link_requests.filter(person=person, decided_at=None)
    findings.refuse(filter(None, map(deciding.readdressed, asked.select_related("person"))))
    if not throttle.paced("inviter", f"{account.pk} {found.stage.name}", most=1, at=at):
        return account  # it has just left
    if account.last_login is None:
        letters.invite(account, request=request)
    if found.stage is not standing.Stage.INVITED:
        ask_link(person, account, by=by, request=request, at=at)
    return account


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


def rename(account: User, person: Person, *, was: tuple[str, str], by: User) -> None:
    """A name is corrected once: an account that bore the one that the card had bears the new one.
    An account that calls itself otherwise goes on doing so."""
    if (account.first_name, account.last_name) != was:
        return
    names = person.first_name, person.last_name[:150]
    if names != was:
        account.first_name, account.last_name = names
        account.save(update_fields=["first_name", "last_name"])
        note(Act.ACCOUNT, f"{account.email}\u00a0: nom corrigé avec la fiche", by=by)
