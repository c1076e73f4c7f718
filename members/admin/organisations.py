"""Organisations: only a superuser founds or removes one."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import escape

from members import access
from members.admin.past import ScopedAdmin
from members.forms import OrganisationForm
from members.models import Organisation


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """Organisations: only a superuser founds or removes one."""

    form = OrganisationForm
    article = "une"
    looked_for = "Nom, SIREN ou SIRET"
    organisation_path = "pk"
    fieldsets = [
        ("Identité", {"fields": ["name", "designation", "legal_form", "siren", "address"]}),
        (
            "Préfecture",
            {"fields": ["siret", "department", "arrondissement", "ctes_nature", "ctes_email"]},
        ),
        ("Papiers et pages publiques", {"fields": ["logo", "public_colour", "public_hosts"]}),
        ("Son adresse", {"fields": ["slug"], "classes": ["collapse"]}),
    ]
    list_display = ["name", "legal_form", "siren"]
    search_fields = ["name", "siren", "siret"]
    prepopulated_fields = {"slug": ["name"]}

    def get_fieldsets(self, request: HttpRequest, obj: Organisation | None = None) -> list:
        """What the préfecture and the papers know of it is rarely changed: folded, once it is."""
        first, state, papers, rest = self.fieldsets
        if obj is None:
            return [first, state, papers, rest]
        told = {
            state[0]: f"SIRET {obj.siret}" if obj.siret else "sans SIRET",
            papers[0]: "avec un logo" if obj.logo else "sans logo",
        }
        return [
            first,
            *(
                (name, fields | {"classes": ["collapse"], "description": escape(told[name])})
                for name, fields in (state, papers)
            ),
            rest,
        ]

    def in_scope(self, request: HttpRequest, obj: Organisation) -> bool:
        return request.user.is_superuser or obj in access.organisations_run_by(request.user)

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        """Who runs one organisation does not found another."""
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return request.user.is_superuser
