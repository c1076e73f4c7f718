from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "comptes"

    def ready(self) -> None:
        from accounts import letters  # models, which none may be imported before
        from members import telling

        telling.address_changed.connect(letters.tell_readdressed, dispatch_uid="accounts")
        telling.account_linked.connect(letters.tell_linked, dispatch_uid="accounts")
        telling.right_withdrawn.connect(letters.tell_withdrawn, dispatch_uid="accounts")
