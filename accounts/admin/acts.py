"""What is done to several accounts at once."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import actions, deciding, identities, letters, sessions
from law.findings import Refused
from members.admin.selection import act_on_selection
from members.models import User


class ActsOnAccounts:
    """What is done to several accounts at once; one that also has a role elsewhere is left."""

    actions = ["invite", "remove_factors", "detach_identities", "delete_selected"]
    told_first = frozenset(actions)

    def owns(self, request: HttpRequest, obj: User) -> bool:
        """Whether the account lies wholly in what the administrator runs."""
        return deciding.owns(request.user, obj)

    def send_invitation(self, request: HttpRequest, user: User) -> None:
        """Mail the link by which the account gets its password, and say so."""
        letters.invite(user, request=request)
        self.message_user(
            request,
            letters.announced("Un lien pour choisir son mot de passe", user.email, by_hand=True),
            letters.level(messages.INFO),
        )

    @admin.action(description="Retirer les seconds facteurs (perdus)", permissions=["change"])
    def remove_factors(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """What lets in again somebody who lost them all, codes on paper included: asked here."""
        return act_on_selection(
            self,
            request,
            rows,
            action="remove_factors",
            title="Retirer les seconds facteurs",
            button="Demander le retrait",
            told="Pour qui a tout perdu, codes sur papier compris. Le retrait attend l’accord "
            "d’une autre personne de l’administration, ou trois jours\u00a0; ensuite le mot de "
            "passe seul ouvre le compte, jusqu’à ce qu’un autre facteur y soit mis.",
            act=lambda users, by: self.ask_removals(request, users),
        )

    def ask_removals(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Ask for each, and say what it waits for."""
        for user in users:
            if not self.owns(request, user) or user == request.user:
                words = f"{user.email} : ses seconds facteurs ne sont pas de votre ressort."
                self.message_user(request, words, messages.WARNING)
                continue
            now = timezone.now()
            try:
                asked = actions.ask_removal(user, by=request.user, request=request, at=now)
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
                continue
            page = request.build_absolute_uri(reverse("accounts:change", args=[asked.pk]))
            words = (
                '<a href="{}">Le retrait</a> attend l’accord d’une autre personne de '
                "l’administration, ou trois jours."
            )
            self.message_user(request, format_html(words, page), messages.WARNING)

    @admin.action(
        description="Détacher du fournisseur d’identité (ProConnect…)", permissions=["change"]
    )
    def detach_identities(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Somebody else got the identity, or the provider calls her otherwise: she is signed out,
        and her address, verified, links her anew."""
        return act_on_selection(
            self,
            request,
            rows,
            action="detach_identities",
            title="Détacher du fournisseur d’identité",
            button="Détacher",
            told="Leurs sessions se ferment. À la prochaine entrée par le fournisseur, l’adresse "
            "qu’il a vérifiée rattache de nouveau le compte\u00a0; le mot de passe ne change pas.",
            act=lambda users, by: self.detach(request, users),
        )

    def detach(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Detach each, and say how many."""
        for user in users:
            if not self.owns(request, user):
                words = f"{user.email} : son identité n’est pas de votre ressort."
                self.message_user(request, words, messages.WARNING)
                continue
            count = identities.detach(user, by=request.user)
            if count:
                sessions.end_all(user)
            self.message_user(request, f"{user.email} : {count} détachée(s).", messages.INFO)

    @admin.action(
        description="Envoyer un lien pour choisir le mot de passe", permissions=["change"]
    )
    def invite(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """Mail again the link by which an account gets its password."""
        return act_on_selection(
            self,
            request,
            rows,
            action="invite",
            title="Envoyer un lien de mot de passe",
            button="Envoyer",
            told="Chacun reçoit un courriel dont le lien lui fait choisir un mot de passe. Celui "
            "d’aujourd’hui sert encore tant qu’il ne l’a pas fait.",
            act=lambda users, by: self.send_invitations(request, users),
        )

    def send_invitations(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Mail each whose account is wholly here, open, and at the address of its person."""
        for user in users:
            asked = user.link_requests.filter(decided_at=None).select_related("person", "account")
            words = next(map(str, filter(None, map(deciding.readdressed, asked))), "")
            if not self.owns(request, user):
                words = "a aussi un rôle ailleurs\u00a0: demandez à qui tient l’ensemble."
            elif not user.is_active:
                words = "compte fermé, rien ne lui part\u00a0: rouvrez-le d’abord sur sa fiche."
            if words:
                self.message_user(request, f"{user.email}\u00a0: {words}", messages.WARNING)
            else:
                self.send_invitation(request, user)
