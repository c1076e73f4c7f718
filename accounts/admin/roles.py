"""Roles, all accounts together."""

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from accounts import deciding, sessions
from accounts.admin.linking import called
from law import french
from members.admin.cards import ScopedModelAdmin
from members.admin.filters import only_related
from members.models import Role, User, spelled


@admin.register(Role)
class RoleAdmin(ScopedModelAdmin):
    """Roles, all accounts together."""

    list_display = ["called", "kind", "account", "organisation"]
    list_filter = [only_related("organisation"), "kind"]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__email", "user__last_name"]
    ordering = [spelled("user__last_name"), spelled("user__first_name"), "pk"]
    autocomplete_fields = ["user"]

    def get_fieldsets(self, request: HttpRequest, obj: Role | None = None) -> list:
        """What each role opens, to whoever chooses one."""
        lines = (
            (french.capitalise(Role.Kind(kind).label), words) for kind, words in Role.OPENS.items()
        )
        told = format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
        fields = super().get_fieldsets(request, obj)[0][1]
        return [(None, fields | {"description": format_html('<dl class="opens">{}</dl>', told)})]

    @admin.display(description="nom", ordering=spelled("user__last_name"))
    def called(self, role: Role) -> str:
        """Whose it is, as in the list of accounts."""
        return called(role.user)

    @admin.display(description="compte", ordering="user__email")
    def account(self, role: Role) -> str:
        """To the account that has it."""
        card = reverse("admin:members_user_change", args=[role.user_id])
        return format_html('<a href="{}">{}</a>', card, role.user.email)

    def named(self, role: Role) -> str:
        whose = french.contract("de", str(role.user))
        return f"le rôle «\u00a0{role.get_kind_display()}\u00a0» {whose}"

    def loses(self, role: Role) -> str:
        """What it opened, and that it may be given again."""
        return (
            f"Avec ce rôle, on {Role.OPENS[Role.Kind(role.kind)]}. {role.user} ne le pourra plus, "
            "et ses sessions se ferment\u00a0; son compte demeure, et le rôle peut lui être "
            "redonné."
        )

    def has_change_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        """That of who watches one is taken by two: the account is closed first."""
        guarded = obj and deciding.role_obstacle(obj.user, obj.kind, by=request.user)
        return super().has_change_permission(request, obj) and not guarded

    has_delete_permission = has_change_permission

    def save_model(self, request: HttpRequest, obj: Role, form, change: bool) -> None:
        held = [User.objects.get(roles=obj.pk)] if change else []
        super().save_model(request, obj, form, change)
        for user in held:
            sessions.end_all(user)

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        super().delete_model(request, obj)
        sessions.end_all(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Role]) -> None:
        with transaction.atomic():
            held = list(User.objects.filter(roles__in=queryset).distinct())
            super().delete_queryset(request, queryset)
            for user in held:
                sessions.end_all(user)
