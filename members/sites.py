"""The door of the administration (`/administration/`): a role opens it, not `is_staff`."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy

from members import access

# What an act of the administration that has no word of its own does, after « Pour … » on the page
# that asks for the proof.
ACT = "enregistrer ce changement"


ORDER = [
    *("Mandate", "Person", "Community", "Body", "Constituency", "RuleBook"),
    *("User", "Role", "Organisation"),
]


class AdministrationSite(admin.AdminSite):
    """Django's admin for who is `administration` somewhere, and superusers."""

    site_title = "Administration"
    site_header = "Administration"
    index_title = "Administration"
    enable_nav_sidebar = False
    empty_value_display = ""

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and (
            request.user.is_superuser or bool(access.organisations_run_by(request.user))
        )

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict]:
        """In the order in which one comes for them, not that of the alphabet."""
        found = super().get_app_list(request, app_label)
        for app in found:
            app["models"].sort(key=lambda model: ORDER.index(model["object_name"]))
        return found

    def app_index(self, request: HttpRequest, app_label: str, extra_context=None) -> HttpResponse:
        """There is one list of what can be corrected."""
        return redirect("admin:index")

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """One door for the whole site, with its patience; a delegate is told that it is not his."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or str(reverse_lazy("admin:index")))

    def logout(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return LogoutView.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return redirect("accounts:password_change")
