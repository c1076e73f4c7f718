from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "trail"
    verbose_name = "journal"

    def ready(self) -> None:
        from trail import doors

        doors.watch()
