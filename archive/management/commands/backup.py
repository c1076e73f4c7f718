"""`manage.py backup FICHIER`: the whole application in one file."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping import backup
from archive.management import written
from law import french
from members.models import Organisation
from trail.context import acting
from trail.models import Act
from trail.recording import note


class Command(BaseCommand):
    help = "Écrit toute l’application, données et fichiers, dans un seul fichier .zip."

    def add_arguments(self, parser) -> None:
        parser.add_argument("fichier", type=Path, help="où l’écrire")
        written.add_readers(parser)

    def handle(self, *, fichier: Path, to: list[str] | None = None, **options) -> None:
        written.refuse_where_nothing_is_written(fichier)
        keys = written.readers(to)
        try:
            made = backup.write(fichier, at=timezone.now(), to=keys)
        except backup.Unusable as refusal:
            raise CommandError(str(refusal)) from refusal
        sealed = "chiffrée" if keys else "en clair : quiconque a ce fichier lit tout"
        with acting("commande backup"):
            note(Act.KEEPING, f"sauvegarde écrite : {fichier.name}")
        if made.lost:
            self.stderr.write("\n".join(made.lost))
        if tours := Organisation.objects.filter(is_fleeting=True).count():
            told = french.count(tours, "visite guidée", "visites guidées")
            self.stdout.write(f"Y compris {told}, sans valeur : le manifeste le dit.")
        self.stdout.write(
            f"{fichier} : {made.size / 1e6:.1f} Mo, {sealed}. "
            "Vérifiez-la en la restaurant ailleurs.\n"
            "N’y sont pas, gardez-les à part : SECRET_KEY, les clés de signature "
            f"({settings.SIGNING_DIR}), les autorités que l’on croit ({settings.SIGNING_ROOTS}) "
            f"et le fichier des ancrages ({settings.ANCHOR_FILE})."
        )
        if made.lost:
            raise CommandError(
                f"Fichiers dont la base parle, manquants ou changés : {len(made.lost)}. La "
                "sauvegarde est écrite, sans eux ; « manage.py verify » dit lesquels."
            )
