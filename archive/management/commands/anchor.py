"""`manage.py anchor`: the root of every fact, stamped outside and written for whoever holds it."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping import anchors
from law.findings import Refused
from members import serving


class Command(BaseCommand):
    help = (
        "Ancre tout ce qui a été écrit : une racine, horodatée, ajoutée au fichier ANCHOR_FILE. "
        "Une fois par jour au moins, par cron."
    )

    def handle(self, **options) -> None:
        serving.claim()
        try:
            made = anchors.anchor(at=timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{made} : {made.size} constats, racine {made.root}.")
        for words in anchors.missing(at=timezone.now()):
            self.stderr.write(words)
