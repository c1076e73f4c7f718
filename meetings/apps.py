from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Sittings: prepared, told, decided."""

    name = "meetings"
    verbose_name = "séances"
