"""`manage.py restore FICHIER`: the whole application back, in an empty installation, verified."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from archive.keeping import backup, safeguarding
from law.findings import Refused
from trail.context import acting
from trail.models import Act
from trail.recording import note


class Command(BaseCommand):
    help = "Restaure une sauvegarde dans une installation neuve, puis vérifie tout."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "fichier",
            type=Path,
            help="la sauvegarde\u00a0: un fichier, ou le nom de l’une de celles de BACKUP_DIR",
        )
        parser.add_argument(
            "--identity", type=Path, metavar="FICHIER", help="la clé d’age qui ouvre la sauvegarde"
        )

        parser.add_argument(
            "--link",
            action="store_true",
            help="lier les fichiers au lieu de les copier : pour un exercice",
        )

    def handle(
        self, *, fichier: Path, identity: Path | None = None, link: bool = False, **options
    ) -> None:
        try:
            is_kept = fichier.name == str(fichier) and not fichier.is_file()
            place = safeguarding.place() if is_kept and settings.BACKUP_DIR else None
            files = backup.restore(fichier, identity=identity, link=link, place=place)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        with acting("commande restore"):
            note(Act.KEEPING, f"restauration de {fichier.name}")
        self.stdout.write(f"Données restaurées, fichiers : {files}. Vérification…")
        call_command("verify", stdout=self.stdout, stderr=self.stderr)
