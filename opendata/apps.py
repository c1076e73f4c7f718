from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save


class OpendataConfig(AppConfig):
    name = "opendata"
    verbose_name = "données ouvertes"

    def ready(self) -> None:
        from archive.models import Publication
        from opendata import readings

        post_save.connect(readings.hear, sender=Publication, dispatch_uid="opendata")
        post_migrate.connect(readings.catch_up, sender=self, dispatch_uid="opendata")
