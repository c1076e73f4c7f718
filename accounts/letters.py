"""Mails to accounts, and to readers without one: queued, then written when they leave, with all the
others (`convening.sending`).

The request writes one row, whether or not anybody has that address: it takes the same time and
tells nothing. The link is drawn when the mail leaves; neither the table nor the journal of the
server holds it.
"""

import threading
from datetime import datetime, timedelta
from email.utils import make_msgid, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.html import format_html
from django.utils.http import urlsafe_base64_encode

from accounts import deciding, providers
from accounts.models import IdentityChange, Letter, LinkRequest
from law.addresses import lowered
from members import addresses, links, telling
from members.models import Organisation, Person, Role, User
from trail import context

BELL = threading.Event()  # rung when there is something to send; who sends waits for it
# What tokens are drawn for: that of a new address, that of who has the account.
ADDRESS, HOLDER = "accounts.address", "accounts.holder"
_SUBJECTS = {
    Letter.Kind.RESET: "Choisir un mot de passe",
    Letter.Kind.INVITATION: "Votre compte est ouvert",
    Letter.Kind.ADDRESS: "Confirmez votre nouvelle adresse",
    Letter.Kind.ADDRESS_ASKED: "Une autre adresse est demandée pour votre compte",
    Letter.Kind.ADDRESS_CHANGED: "L’adresse de votre compte a changé",
    Letter.Kind.FACTORS_ASKED: "Le retrait de vos seconds facteurs est demandé",
    Letter.Kind.FACTORS_REMOVED: "Vos seconds facteurs sont retirés",
    Letter.Kind.CHANGE_ASKED: "Un compte à changer attend votre accord",
    Letter.Kind.LINK_ASKED: "Un rattachement attend votre accord",
    Letter.Kind.UNLINKED: "Votre compte n’est plus rattaché à une personne",
    Letter.Kind.CLOSING_ASKED: "La fermeture d’un compte est demandée",
    Letter.Kind.WITHDRAWN: "Un droit est retiré à un compte",
    Letter.Kind.LINKED: "Un compte répond désormais en votre nom",
    Letter.Kind.READDRESSED: "L’adresse de vos convocations a changé",
    Letter.Kind.GUESSED: "Quelqu’un connaît peut-être votre mot de passe",
    Letter.Kind.PROVED: "Ce qui prouve votre compte a changé",
    Letter.Kind.KEY: "Une clé de signature a changé",
    Letter.Kind.ALERT_ASKED: "Confirmez votre abonnement aux actes publiés",
    Letter.Kind.ALERT: "De nouveaux actes sont publiés",
}

# Of a change that is asked: they leave as long as it is.
_OF_A_CHANGE = (
    Letter.Kind.ADDRESS,
    Letter.Kind.ADDRESS_ASKED,
    Letter.Kind.FACTORS_ASKED,
    Letter.Kind.CHANGE_ASKED,
    Letter.Kind.CLOSING_ASKED,
)


def queue(
    kind: Letter.Kind,
    to: str,
    *,
    request: HttpRequest | None,
    after: timedelta = timedelta(0),
    site: str = "",
    **data: object,
) -> Letter:
    """Have this mail leave with the transaction of whoever calls, or as long `after`. Without a
    request it says no address of the site but `site`. The `page` and the `seed` of its data are
    those of the link that its reader is given."""
    site = site_of(request) or site
    due = timezone.now() + after
    letter = Letter.objects.create(
        kind=kind, to=to, data=data, site=site, not_before=due, message_id=new_message_id()
    )
    BELL.set()
    return letter


def sender() -> str:
    """The address that the mails of the site come from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def new_message_id() -> str:
    """What identifies a mail for ever, the same each time it leaves, under the name of whoever
    sends it or, as long as it has none, of the site."""
    domain = sender().rpartition("@")[2]
    if domain in ("", "localhost"):
        domain = urlsplit(settings.SITE_URL).hostname or "localhost"
    return make_msgid(domain=domain)


def site_of(request: HttpRequest | None) -> str:
    """What addresses begin with in a mail: as the settings say or, if they do not, as asked."""
    return (settings.SITE_URL or (request.build_absolute_uri("/") if request else "")).rstrip("/")


def is_kept() -> bool:
    """Whether mails stay here for want of a server (`convening.outbox`)."""
    return addresses.mails_stay()


def level(otherwise: int) -> int:
    """How grave is what is said of a mail: no success of one that stays here."""
    return messages.WARNING if is_kept() else otherwise


def announced(what: str, to: str, *, by_hand: bool = False) -> str:
    """« Le lien… part à l’adresse. »; where no mail leaves, that it stays here, and where."""
    if not is_kept():
        return f"{what} part à {to}."
    return kept(f"{what} ne part pas à {to}.", "le courriel est", "gardé ici", by_hand=by_hand)


def kept(told: str, *stays: str, by_hand: bool = False) -> str:
    """What was done, then that its mail does not leave, why, where it is read, and what will have
    its link reach its reader: the mail that is kept bears none. `by_hand`: whoever opened the
    account gives it (`actions.hand_over`)."""
    return format_html(
        "{} Aucun serveur de courriel n’est réglé\u00a0: {} "
        '<a href="{}">{}</a>, sans lien\u00a0; {}.',
        told,
        stays[0],
        reverse("convening:outbox"),
        stays[1],
        "qui a ouvert le compte remet le lien en main propre, à la fiche du compte "
        "(Administration, Comptes)"
        if by_hand
        else "à renvoyer une fois le serveur réglé",
    )


def forget(to: str, seed: str) -> None:
    """Send nothing of what waits with the link of this seed."""
    Letter.objects.filter(to=to, data__seed=seed).delete()


def invite(user: User, *, request: HttpRequest) -> None:
    """The first link of a new account, or another when the first was lost; in the name of the
    organisation of its first role."""
    roles = user.roles.filter(organisation__is_fleeting=False)
    role = roles.select_related("organisation").first()
    designation = role.organisation.designation if role else "votre organisation"
    queue(Letter.Kind.INVITATION, user.email, request=request, designation=designation)


def tell_readdressed(
    sender: type, person: Person, before: str, road: str, **kwargs: object
) -> None:
    """To the address to which the links of a person went: they go elsewhere (`telling.watch`)."""
    if before:
        who = context.actor().who
        queue(
            Letter.Kind.READDRESSED,
            before,
            request=None,
            person=str(person),
            designation=person.organisation.designation,
            elsewhere=telling.masked(person.email),
            by="" if person.user and person.user.email == who else who,
            is_hers=bool(person.user and person.user.email == who),
            road=road,
        )


def tell_linked(sender: type, person: Person, **kwargs: object) -> None:
    """To the address of a person: an account that is not hers by its address speaks for her."""
    if person.email and person.user and lowered(person.email) != person.user.email:
        queue(
            Letter.Kind.LINKED,
            person.email,
            request=None,
            person=str(person),
            designation=person.organisation.designation,
            account=person.user.email,
        )


def tell_withdrawn(
    sender: type,
    account: User,
    organisation: Organisation | None,
    kind: str | None,
    **kwargs: object,
) -> None:
    """To who loses a role, or whose account is closed. Of who runs or audits an organisation, to
    the others who do so too: nobody makes himself the only one unseen."""
    if organisation is not None and organisation.is_played:
        return
    who = context.actor().who
    to = [account.email]
    if kind in deciding.GUARDS or (kind is None and deciding.is_guard(account)):
        where = [organisation] if organisation else deciding.organisations_of(account)
        to += [user.email for user in deciding.guards(where) if user != account]
    role = f"le rôle «\u00a0{Role.Kind(kind).label}\u00a0»" if kind else ""
    designation = organisation.designation if organisation else ""
    for email in dict.fromkeys(to):
        if email != who:
            queue(
                Letter.Kind.WITHDRAWN,
                email,
                request=None,
                account=account.email,
                role=role,
                designation=designation,
                by=who,
                is_own=email == account.email,
            )


def is_held_up() -> bool:
    """Whether mails of this kind wait for a server that does not take them."""
    return Letter.objects.stuck().filter(state=Letter.State.QUEUED).exists()


def written(letter: Letter, *, at: datetime) -> EmailMessage | None:
    """What it says now, with its link drawn; `None` once nothing is to be said any more: nobody has
    that address, the change is over."""
    told, to = dict(letter.data), letter.to
    if letter.kind in (Letter.Kind.RESET, Letter.Kind.INVITATION):
        user = User.objects.by_address(letter.to)
        if user is None or not user.is_active:
            return None
        to = user.email  # what opens an account goes nowhere else
        told |= {
            "user": user,
            "link": letter.site + password_path(user),
            "provider": providers.of_address(settings.OIDC_PROVIDERS, user.email),
            "door": letter.site + reverse("accounts:login"),
        }
    elif letter.kind in _OF_A_CHANGE:
        rows = IdentityChange.objects.select_related("account", "asked_by")
        change = rows.filter(pk=letter.data.get("change")).first()
        if change is None or not deciding.is_alive(change, at=at):
            return None
        told |= {"change": change, "free": deciding.free_from(change)}
        told |= {"link": letter.site + _path_to_answer(letter.kind, change)}
    elif letter.kind == Letter.Kind.LINK_ASKED:
        asked = LinkRequest.objects.filter(pk=letter.data["asked"]).first()
        if asked is None or deciding.link_obstacle(asked, at=at):
            return None
        told |= {"link": letter.site + reverse("accounts:link", args=[letter.data["asked"]])}
    elif page := letter.data.get("page"):
        token = links.again(page, letter.data["seed"])
        told |= {"site": letter.site, "link": letter.site + reverse(page, args=[token])}
    body = render_to_string(f"accounts/mail/{letter.kind}.txt", told)
    subject = _SUBJECTS[Letter.Kind(letter.kind)]
    head = {"Message-ID": letter.message_id, **_AUTOMATIC}
    head |= _to_stop(told["link"]) if letter.kind == Letter.Kind.ALERT else {}
    return EmailMessage(subject, body, None, [to], headers=head)


_AUTOMATIC = {"Auto-Submitted": "auto-generated", "Content-Language": "fr"}


def _to_stop(link: str) -> dict[str, str]:
    """What lets a mail program ask by itself for no more (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _path_to_answer(kind: str, change: IdentityChange) -> str:
    """Where who receives this mail answers: who has an address, without signing in."""
    if kind in (Letter.Kind.CHANGE_ASKED, Letter.Kind.CLOSING_ASKED):
        return reverse("accounts:change", args=[change.pk])
    if kind == Letter.Kind.ADDRESS:
        return reverse(
            "accounts:address_confirm",
            args=[links.drawn(ADDRESS, change.nonce, kept=change.token_hash)],
        )
    return reverse(
        "accounts:change_answer", args=[links.drawn(HOLDER, change.nonce, kept=change.holder_hash)]
    )


def password_path(user: User) -> str:
    """The path by which this account chooses a password, once, for three days."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("accounts:password_reset_confirm", args=[uid, token])
