"""A person and the account that is hers."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import actions, letters
from law import french
from members.admin.cards import ScopedModelAdmin
from members.models import Person, User

AGREEMENT = "Le rattachement attend son accord, ou celui d’une autre personne de l’administration."


def called(user: User) -> str:
    """Whose an account is; of one that the server opened without a name, its address."""
    return f"{user.first_name} {user.last_name.upper()}".strip() or user.email


def ask_link(admin: ScopedModelAdmin, request: HttpRequest, person: Person, account: User) -> None:
    """Ask that the account be hers, and say who answers: a page of which she who asked may open
    none is no link for her, but an address to hand over."""
    now = timezone.now()
    row = actions.ask_link(person, account, by=request.user, request=request, at=now)
    page = request.build_absolute_uri(reverse("accounts:link", args=[row.pk]))
    if actions.may_decide(row, account):
        card = reverse("admin:members_user_change", args=[account.pk])
        mail = "" if letters.is_kept() else " (un courriel le lui demande)"
        words = format_html(
            'Le rattachement {} attend l’accord de qui tient <a href="{}">ce compte</a>{}, ou '
            "d’une autre personne de l’administration.",
            french.contract("de", str(person)),
            card,
            mail,
        )
    else:
        words = format_html(
            "Rattacher une personne à son propre compte, ou à un compte que l’on a ouvert quand "
            "elle en a eu un autre, est décidé par une autre personne de l’administration. Adresse "
            "à lui donner\u00a0: <code>{}</code>",
            page,
        )
    admin.message_user(request, words, messages.WARNING)
