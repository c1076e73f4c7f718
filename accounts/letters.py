"""Mails to accounts: queued by a request, written and sent by the hand that sends mails.

The request writes one row, whether or not anybody has that address: it takes the same time and
tells nothing. The link is drawn when the mail leaves; neither the table nor the journal of the
server holds it.
"""

import logging
import threading
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db.models import F
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts import providers
from accounts.models import AddressChange, Letter
from members import links
from members.models import User

log = logging.getLogger(__name__)
BELL = threading.Event()  # rung when there is something to send; who sends waits for it
ADDRESS = "accounts.address"  # what the tokens of a new address are drawn for
LEASE = timedelta(minutes=10)  # longer than a mail takes; then another sender may try
PATIENCE = 12  # attempts, each later than the one before: two days
_SUBJECTS = {
    Letter.Kind.RESET: "Choisir un mot de passe",
    Letter.Kind.INVITATION: "Votre compte est ouvert",
    Letter.Kind.ADDRESS: "Confirmez votre nouvelle adresse",
    Letter.Kind.ADDRESS_ASKED: "L’adresse de votre compte va changer",
    Letter.Kind.FACTORS_REMOVED: "Vos seconds facteurs sont retirés",
    Letter.Kind.LINK_ASKED: "Un rattachement attend votre accord",
}


def queue(kind: Letter.Kind, to: str, *, request: HttpRequest, **data: object) -> Letter:
    """Have this mail leave with the transaction of whoever calls."""
    site = settings.SITE_URL or request.build_absolute_uri("/")
    letter = Letter.objects.create(kind=kind, to=to, data=data, site=site.rstrip("/"))
    BELL.set()
    return letter


def invite(user: User, *, request: HttpRequest) -> None:
    """The first link of a new account, or another when the first was lost; in the name of the
    organisation of its first role."""
    role = user.roles.select_related("organisation").first()
    designation = role.organisation.designation if role else "votre organisation"
    queue(Letter.Kind.INVITATION, user.email, request=request, designation=designation)


def send_due(at: datetime) -> int:
    """Write and send what waits; how many mails left. A mail that does not leave tries again."""
    sent = 0
    for letter in Letter.objects.filter(not_before__lte=at).order_by("pk"):
        mine = Letter.objects.filter(pk=letter.pk, not_before=letter.not_before)
        if not mine.update(not_before=at + LEASE, attempts=F("attempts") + 1):
            continue  # another sender has it
        try:
            sent += _send(letter)
        except Exception:  # a server may fail in any way; the others must not wait
            log.exception("un courriel de compte (%s) ne part pas", letter.kind)
            wait = timedelta(minutes=min(2**letter.attempts, 720))
            if letter.attempts < PATIENCE:
                Letter.objects.filter(pk=letter.pk).update(not_before=at + wait)
                continue
        Letter.objects.filter(pk=letter.pk).delete()
    return sent


def waiting() -> datetime | None:
    """When the next mail is due, if any waits."""
    return Letter.objects.order_by("not_before").values_list("not_before", flat=True).first()


def _send(letter: Letter) -> int:
    told = dict(letter.data)
    if letter.kind in (Letter.Kind.RESET, Letter.Kind.INVITATION):
        user = User.objects.filter(email__iexact=letter.to, is_active=True).first()
        if user is None:
            return 0
        told |= {
            "user": user,
            "link": letter.site + password_path(user),
            "provider": providers.of_address(settings.OIDC_PROVIDERS, user.email),
            "door": letter.site + reverse("accounts:login"),
        }
    elif letter.kind == Letter.Kind.ADDRESS:
        change = AddressChange.objects.filter(pk=letter.data["change"], confirmed_at=None).first()
        if change is None:
            return 0
        token = links.drawn(ADDRESS, change.nonce)
        told |= {"link": letter.site + reverse("accounts:address_confirm", args=[token])}
    elif letter.kind == Letter.Kind.LINK_ASKED:
        told |= {"link": letter.site + reverse("accounts:link", args=[letter.data["asked"]])}
    body = render_to_string(f"accounts/mail/{letter.kind}.txt", told)
    send_mail(_SUBJECTS[Letter.Kind(letter.kind)], body, None, [letter.to])
    return 1


def password_path(user: User) -> str:
    """The path by which this account chooses a password, once, for three days."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("accounts:password_reset_confirm", args=[uid, token])
