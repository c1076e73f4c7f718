from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, post_save


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "archives"

    def ready(self) -> None:
        # Here, above every table of legal weight, and once all of them are there.
        from archive.desk import calls, filed, search, shelf
        from archive.models import Publication
        from archive.online import alerts, finding, hosts, standing
        from convening import sending
        from documents import forms
        from documents.models import IssuedDocument
        from members import witness
        from registry.alone import reading as lone

        checks.register(hosts.check_hosts, checks.Tags.urls)
        lone.SOURCES.append(standing.sources)
        sending.ROUNDS += [calls.look, filed.look, alerts.look]
        witness.HEARERS.append(filed.hear)
        witness.HEARERS_OF_ERASURES.append(filed.hear_gone)
        forms.STATES.update(shelf.STATES)
        post_migrate.connect(witness.take_up, sender=self, dispatch_uid="witness")
        post_migrate.connect(filed.take_up, sender=self, dispatch_uid="filed")
        post_migrate.connect(search.catch_up, sender=self, dispatch_uid="search")
        post_save.connect(search.hear, sender=IssuedDocument, dispatch_uid="search")
        post_migrate.connect(finding.catch_up, sender=self, dispatch_uid="finding")
        post_save.connect(finding.hear, sender=Publication, dispatch_uid="finding")
