from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class MembersConfig(AppConfig):
    default = True
    name = "members"
    verbose_name = "membres"


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's admin, opened to whom a role opens it; see `members.sites`."""

    default = False
    default_site = "members.sites.AdministrationSite"
