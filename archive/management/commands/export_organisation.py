"""`manage.py export_organisation ORGANISATION FICHIER`: one organisation, for another place."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping.moving import leaving
from archive.management import written
from law.findings import Refused
from trail.context import acting
from trail.models import Act
from trail.recording import note


class Command(BaseCommand):
    help = "Écrit une organisation entière, avec ses preuves, pour une autre installation."

    def add_arguments(self, parser) -> None:
        parser.add_argument("organisation", help="son SIREN, son identifiant ou son nom")
        parser.add_argument("fichier", type=Path, help="où l’écrire (.zip)")
        written.add_readers(parser)

    def handle(
        self, *, organisation: str, fichier: Path, to: list[str] | None = None, **options
    ) -> None:
        written.refuse_where_nothing_is_written(fichier)
        keys = written.readers(to)
        try:
            found = leaving.find(organisation)
            made = leaving.leave(fichier, found, at=timezone.now(), to=keys)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        with acting("commande export_organisation"):
            note(
                Act.KEEPING,
                f"organisation écrite pour une autre installation : {fichier.name}",
                organisation=found,
            )
        sealed = "chiffré" if keys else "en clair : quiconque a ce fichier lit tout"
        self.stdout.write(
            f"{fichier} : {found}, {made.rows} lignes, {made.files} fichiers, {made.accounts} "
            f"comptes, {made.size / 1e6:.1f} Mo, {sealed}.\n"
            "Là-bas : manage.py import_organisation. Ici, elle demeure : plus personne ne doit y "
            "écrire, ce qui s’y ferait encore n’irait nulle part.\n"
            "N’y sont pas : mots de passe, seconds facteurs, clés de signature, secrets des "
            "opérateurs, clés d’API, adresses de calendriers."
        )
