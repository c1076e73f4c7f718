"""Who may touch the identity of another account, and who must agree to it.

What one asks of another's identity, another decides: its holder, by the link mailed to the address
that the account has; or an administrator of another hand than who asked. Where there is neither
(an only administrator, a mailbox that is lost), it waits `WAIT`, of which the holder is told each
day: she may refuse until then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import IdentityChange, LinkRequest
from law import french
from law.addresses import lowered
from law.findings import Finding
from members import access
from members.models import Organisation, Role, User

WAIT = timedelta(days=3)
GUARDS = (Role.Kind.ADMINISTRATION, Role.Kind.AUDIT)  # who see what an administrator does
LIFE = timedelta(days=3)  # of what may be carried out at once, or from the end of the wait
AGAIN = timedelta(days=30)  # before what was refused to somebody is asked again by the same hand
LINK_LIFE = timedelta(days=30)  # of a link, which may wait for who has never come in


def organisations_of(account: User) -> set[Organisation]:
    """Where this account has a right: by a role, or as a person. Not what it plays to learn: that
    is no way into anything, and would put it out of the reach of whoever runs the rest."""
    held = Organisation.objects.filter(Q(roles__user=account) | Q(persons__user=account))
    return set(held.filter(is_fleeting=False).distinct())


def owns(user: User, account: User) -> bool:
    """Whether every right of this account lies in organisations that the user runs: to touch it
    would otherwise be a way into the others."""
    if user.is_superuser:
        return True
    run = access.organisations_run_by(user)
    return not account.is_superuser and organisations_of(account) <= set(run)


def stand_apart(user: User, other: User) -> bool:
    """Whether these are two people as far as is known: neither account opened the other
    (`User.stands_apart_from`), nor was given its identity by the other's hand."""
    given = Q(account=user, asked_by__in=other.line()) | Q(account=other, asked_by__in=user.line())
    return (
        user.stands_apart_from(other)
        and not IdentityChange.objects.imposed().filter(given).exists()
    )


def may_decide(asked: IdentityChange, user: User) -> bool:
    """An administrator of everything that the account may do, of another hand than who asked."""
    return (
        user.pk != asked.account_id
        and user.is_active
        and owns(user, asked.account)
        and stand_apart(user, asked.asked_by)
    )


def deciders(asked: IdentityChange) -> list[User]:
    """Who may agree beside the holder."""
    return [user for user in _administrators(asked.account) if may_decide(asked, user)]


def _administrators(account: User) -> Iterable[User]:
    runs = Q(
        roles__kind=Role.Kind.ADMINISTRATION, roles__organisation__in=organisations_of(account)
    )
    return User.objects.filter(runs | Q(is_superuser=True), is_active=True).distinct()


def is_guard(account: User) -> bool:
    """Whether it runs or audits an organisation."""
    return account.roles.filter(kind__in=GUARDS).exists()


def guards(where: Iterable[Organisation]) -> QuerySet[User]:
    """Who runs or audits one of these."""
    held = Role.objects.filter(kind__in=GUARDS, organisation__in=where)
    return User.objects.filter(pk__in=held.values("user"), is_active=True)


def is_guarded_from(account: User, user: User) -> bool:
    """Whether this user may not put that account out alone, nor take its roles: it watches him. One
    that nobody ever entered watches nobody yet; what is closed already may be undone by any."""
    return (
        account != user
        and not user.is_superuser
        and account.is_active
        and account.last_login is not None
        and is_guard(account)
    )


def role_obstacle(account: User, kind: str, *, by: User) -> Finding | None:
    """Why this user does not take that role from the account, whichever page he does it from."""
    if kind not in GUARDS or not is_guarded_from(account, by):
        return None
    return Finding(
        code="qui_vous_surveille",
        message="On ne retire pas seul un rôle d’administration ou de contrôle à qui s’en sert.",
        remedy="Demandez la fermeture de son compte (Administration, Comptes)\u00a0: il y faut une "
        "autre personne de l’administration, ou trois jours. Ses rôles se retirent ensuite.",
    )


def free_from(asked: IdentityChange) -> datetime:
    """From when on it may be carried out. An account that nobody ever entered is nobody's yet: its
    address may have been typed wrong."""
    if asked.agreed_at is not None:
        return asked.agreed_at
    if asked.is_own or asked.account.last_login is None:
        return asked.asked_at
    return asked.asked_at + WAIT


def is_alive(asked: IdentityChange, *, at: datetime) -> bool:
    """Whether it may still be agreed to, refused or carried out: it dies with the password of the
    account, and with the right of whoever wants it of another. Who is to be put out does not
    escape by another password."""
    is_closing = asked.kind == IdentityChange.Kind.CLOSING
    hands = {asked.asked_by, asked.agreed_by} - {None, asked.account}
    return (
        asked.done_at is None
        and asked.refused_at is None
        and asked.account.is_active
        and at < free_from(asked) + LIFE
        and (is_closing or asked.stamp == asked.account.get_session_auth_hash())
        and all(hand.is_active and owns(hand, asked.account) for hand in hands)
    )


def readdressed(asked: LinkRequest) -> Finding | None:
    """Why an invitation no longer holds: the address of the card was corrected since, and is not
    that of the account; whoever reads the mailbox that it had may be anybody. An account chosen at
    another address than that of the card stays so. Says no address: its holder reads it."""
    now = lowered(asked.person.email)
    if now == asked.account.email:
        return None
    lines = asked.person.history.order_by("history_date", "history_id")
    then = lines.filter(history_date__lte=asked.asked_at).last() or lines.first()
    if then is None or lowered(then.email) == now:
        return None
    return Finding(
        code="adresse_corrigee",
        message="L’adresse de cette personne a changé depuis\u00a0: ce compte n’est pas à celle "
        "que porte sa fiche.",
        remedy="L’administration change l’adresse du compte (Administration, Comptes), ou en ouvre "
        "un à la nouvelle, depuis la fiche de la personne.",
    )


def link_obstacle(asked: LinkRequest, *, at: datetime) -> Finding | None:
    """Why nobody may agree to it any more."""
    by, where = asked.asked_by, asked.person.organisation
    if (
        asked.decided_at is None
        and asked.account.is_active
        and at < asked.asked_at + LINK_LIFE
        and by.is_active
        and access.has_role(by, where, Role.Kind.ADMINISTRATION)
    ):
        return readdressed(asked)
    return Finding(
        code="rattachement_clos",
        message="Ce rattachement est clos\u00a0: décidé, trop ancien, ou demandé par quelqu’un qui "
        "n’administre plus ici.",
        remedy="Il se demande de nouveau, s’il est encore voulu.",
    )


def alive(account: User, *, at: datetime) -> list[IdentityChange]:
    """What is asked of this account now."""
    rows = account.identity_changes.open().select_related("account", "asked_by")
    return [asked for asked in rows if is_alive(asked, at=at)]


def refused_of_late(account: User, kind: str, *, by: User, at: datetime) -> Finding | None:
    """Why this user may not ask it of another’s account again: who asks each time that it is
    refused waits for the one day on which nobody looks. A superuser may, and another hand."""
    if by == account or by.is_superuser:
        return None
    rows = account.identity_changes.filter(kind=kind, refused_at__gt=at - AGAIN)
    for row in rows.select_related("asked_by", "refused_by").order_by("-refused_at"):
        if row.asked_by == by or not stand_apart(by, row.asked_by):
            day = french.long_date(timezone.localdate(row.refused_at + AGAIN))
            return Finding(
                code="refuse_naguere",
                message=f"{row.refused_by} a refusé cette demande\u00a0: ni vous ni un compte de "
                f"la même main ne la refait avant le {day}.",
                remedy="Parlez-en à qui l’a refusée, ou à une autre personne de l’administration, "
                "qui peut la faire.",
            )
    return None


def obstacle(asked: IdentityChange, *, at: datetime) -> Finding | None:
    """Why it cannot be carried out yet."""
    if at >= free_from(asked):
        return None
    free = timezone.localtime(free_from(asked))
    return Finding(
        code="accord_attendu",
        message=f"{asked.asked_by} demande {asked.told}\u00a0: il y faut l’accord de qui tient ce "
        "compte, ou d’une autre personne de l’administration.",
        remedy="Un courriel le leur demande. Sans refus, cela se fera à partir du "
        f"{french.long_date(free.date())} à {french.clock(free)}.",
    )


def imposed_since(account: User, moment: datetime) -> bool:
    """Whether the identity of this account was changed since then without its holder: who enters
    by it may be somebody else."""
    return account.identity_changes.imposed().filter(done_at__gte=moment).exists()


def must_leave_to_another(user: User, account: User, *, since: datetime | None) -> bool:
    """Whether this user imposed on the account, since then, what it now is, and somebody else
    could say whose it is, or could have, had he not been put out meanwhile by the same hand."""
    rows = account.identity_changes.imposed().select_related("account", "asked_by")
    if since is not None:
        rows = rows.filter(done_at__gte=since)
    closings = IdentityChange.objects.filter(kind=IdentityChange.Kind.CLOSING)
    return any(
        not stand_apart(user, row.asked_by)
        and (
            deciders(row)
            or closings.filter(asked_by=row.asked_by, done_at__gte=row.asked_at).exists()
        )
        for row in rows
    )
