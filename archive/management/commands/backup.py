"""`manage.py backup FICHIER`: the whole application in one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping import backup


class Command(BaseCommand):
    help = "Écrit toute l’application, données et fichiers, dans un seul fichier .zip."

    def add_arguments(self, parser) -> None:
        parser.add_argument("fichier", type=Path, help="où l’écrire")

    def handle(self, *, fichier: Path, **options) -> None:
        if fichier.exists():
            raise CommandError(f"{fichier} existe déjà : choisissez un autre nom.")
        if not fichier.absolute().parent.is_dir():
            raise CommandError(f"Le dossier {fichier.absolute().parent} n’existe pas.")
        size = backup.write(fichier, at=timezone.now())
        self.stdout.write(
            f"{fichier} : {size / 1e6:.1f} Mo. Vérifiez-la en la restaurant ailleurs."
        )
