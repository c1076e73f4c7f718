"""`manage.py restore FICHIER`: the whole application back, in an empty installation, verified."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from archive.keeping import backup


class Command(BaseCommand):
    help = "Restaure une sauvegarde dans une installation neuve, puis vérifie tout."

    def add_arguments(self, parser) -> None:
        parser.add_argument("fichier", type=Path, help="la sauvegarde")

    def handle(self, *, fichier: Path, **options) -> None:
        try:
            files = backup.restore(fichier)
        except backup.Unusable as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Données restaurées, fichiers : {files}. Vérification…")
        call_command("verify", stdout=self.stdout, stderr=self.stderr)
