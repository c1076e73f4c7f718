from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "archives"

    def ready(self) -> None:
        # Here, above every table of legal weight, and once all of them are there.
        from archive.desk import calls
        from convening import sending
        from members import witness

        sending.ROUNDS.append(calls.look)
        post_migrate.connect(witness.take_up, sender=self, dispatch_uid="witness")
