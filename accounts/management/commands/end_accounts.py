"""`manage.py end_accounts`: deactivate accounts whose mandates ended long ago, where a setting says
after how long; run by the night, it does nothing without it."""

from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import actions, ended
from members.models import Organisation
from trail.context import acting


class Command(BaseCommand):
    help = "Désactive les comptes dont les mandats ont tous pris fin depuis ACCOUNT_DAYS jours."

    def handle(self, **options) -> None:
        if settings.ACCOUNT_DAYS < 1:
            self.stdout.write("ACCOUNT_DAYS n’est pas réglé : aucun compte n’est désactivé.")
            return
        today = timezone.localdate()
        before = today - timedelta(days=settings.ACCOUNT_DAYS)
        organisations, closed = list(Organisation.objects.real()), 0
        with acting("commande end_accounts"):
            for organisation in organisations:
                rows = ended.accounts(organisation, run=organisations, on=today)
                late = list(rows.filter(ended_on__lt=before))
                closed += actions.close(late, by=None, organisation=organisation)
        self.stdout.write(f"Comptes désactivés : {closed}.")
