"""`manage.py read_back`: what was put online, read back at its public address."""

from collections import Counter

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.models import Reading
from archive.online import clock
from law import french
from members import serving


class Command(BaseCommand):
    help = (
        "Relit à son adresse publique chaque document en ligne qui attend d’être relu, compare "
        "les octets, et garde le relevé. Une fois par jour au moins, par cron, où le serveur ne le "
        "fait pas (CLOCK_WORKER)."
    )

    def handle(self, **options) -> None:
        serving.claim()
        if not settings.SITE_URL:
            raise CommandError(
                "SITE_URL ne dit pas l’adresse publique du site\u00a0: il n’y a rien à relire."
            )
        if serving.is_held():
            raise CommandError(str(serving.HELD))
        found = clock.attend(at=timezone.now())
        counted = Counter(row.get_found_display() for row in found)
        told = french.join(f"{count} {what}" for what, count in counted.items())
        self.stdout.write(f"{french.count(len(found), 'adresse relue', 'adresses relues')}.")
        if any(row.found != Reading.Found.SAME for row in found):
            self.stderr.write(f"{french.capitalise(told)}.")
