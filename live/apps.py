from django.apps import AppConfig


class LiveConfig(AppConfig):
    """The room where a sitting is held."""

    name = "live"
    verbose_name = "séance en direct"
