from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    default = True
    name = "accounts"
    verbose_name = "comptes"

    def ready(self) -> None:
        from accounts import letters  # models, which none may be imported before
        from members import telling

        telling.address_changed.connect(letters.tell_readdressed, dispatch_uid="accounts")
        telling.account_linked.connect(letters.tell_linked, dispatch_uid="accounts")
        telling.right_withdrawn.connect(letters.tell_withdrawn, dispatch_uid="accounts")


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's admin, opened to whom a role opens it; see `accounts.sites`."""

    default = False
    default_site = "accounts.sites.ProvedSite"
