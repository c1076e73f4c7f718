"""`manage.py verify`: is everything kept as it was?"""

from django.core.management.base import BaseCommand, CommandError

from archive.keeping import integrity


class Command(BaseCommand):
    help = "Vérifie registres, documents, signatures, envois et fichiers, et dit ce qui ne va pas."

    def handle(self, **options) -> None:
        walk = integrity.Walk()
        count = 0
        for fault in integrity.faults(walk):
            count += 1
            self.stderr.write(str(fault))
        if count:
            raise CommandError("une anomalie." if count == 1 else f"{count} anomalies.")
        self.stdout.write(
            f"Registres : {walk.ledgers} ; documents : {walk.documents} ; signatures : "
            f"{walk.signatures} ; fichiers : {len(walk.files)}. Tout est comme au premier jour."
        )
