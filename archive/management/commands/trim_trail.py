"""`manage.py trim_trail`: let go of what of the journal has its age, and of old requests."""

from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping import trails
from archive.personal import passing
from trail.context import acting


class Command(BaseCommand):
    help = "Retire du journal les lignes plus vieilles que TRAIL_DAYS jours."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--jours", type=int, default=settings.TRAIL_DAYS)

    def handle(self, *, jours: int, **options) -> None:
        if jours < settings.TRAIL_DAYS:
            raise CommandError(
                f"Le journal se garde {settings.TRAIL_DAYS} jours (TRAIL_DAYS) : en retirer plus "
                f"tôt se décide dans les réglages du serveur."
            )
        with acting("commande trim_trail"):
            before = timezone.now() - timedelta(days=jours)
            count = trails.trim(before=before)
            passing.pass_by(before=before)
        self.stdout.write(f"Lignes retirées : {count}.")
