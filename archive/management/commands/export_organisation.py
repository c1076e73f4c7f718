"""`manage.py export_organisation ORGANISATION FICHIER`: one organisation, for another place."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping.moving import leaving
from law.findings import Refused
from trail.context import acting
from trail.models import Act
from trail.recording import note


class Command(BaseCommand):
    help = "Écrit une organisation entière, avec ses preuves, pour une autre installation."

    def add_arguments(self, parser) -> None:
        parser.add_argument("organisation", help="son SIREN, son identifiant ou son nom")
        parser.add_argument("fichier", type=Path, help="où l’écrire (.zip)")
        parser.add_argument(
            "--to",
            action="append",
            metavar="CLÉ",
            help="clé publique d’age (« age1… ») de qui pourra le lire ; BACKUP_RECIPIENT sinon",
        )

    def handle(
        self, *, organisation: str, fichier: Path, to: list[str] | None = None, **options
    ) -> None:
        if os.path.exists(fichier):  # `Path.exists` fails where one may not look
            raise CommandError(f"{fichier} existe déjà : choisissez un autre nom.")
        if not os.path.isdir(fichier.absolute().parent):
            raise CommandError(
                f"Le dossier {fichier.absolute().parent} n’existe pas, ou le compte du service n’y "
                "entre pas\u00a0: écrivez dans BACKUP_DIR."
            )
        keys = settings.BACKUP_RECIPIENT if to is None else to
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
