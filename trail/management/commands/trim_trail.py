"""`manage.py trim_trail`: let go of the lines of the journal that have reached their age."""

from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from trail import chain
from trail.context import acting


class Command(BaseCommand):
    help = "Retire du journal les lignes plus vieilles que TRAIL_DAYS jours."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--jours", type=int, default=settings.TRAIL_DAYS)

    def handle(self, *, jours: int, **options) -> None:
        if jours < 1:
            raise CommandError("Le journal se garde au moins un jour.")
        with acting("commande trim_trail"):
            count = chain.trim(before=timezone.now() - timedelta(days=jours))
        self.stdout.write(f"Lignes retirées : {count}.")
