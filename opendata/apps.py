from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save


class OpendataConfig(AppConfig):
    name = "opendata"
    verbose_name = "données ouvertes"

    def ready(self) -> None:
        from archive.models import Publication, PublishedAnnex
        from opendata import readings
        from registry.models import SignatureStep

        for hear, model in (
            (readings.hear, Publication),
            (readings.hear_annex, PublishedAnnex),
            (readings.hear_signature, SignatureStep),
        ):
            post_save.connect(hear, sender=model, dispatch_uid="opendata")
        post_migrate.connect(readings.catch_up, sender=self, dispatch_uid="opendata")
