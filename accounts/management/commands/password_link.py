"""`manage.py password_link ADDRESS`: the link by which an account chooses its password, for whoever
keeps the machine to hand over; where no mail leaves, nobody else can read it."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import letters
from members.models import User


class Command(BaseCommand):
    help = "Écrit le lien par lequel un compte choisit son mot de passe\u00a0: il sert une fois."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", metavar="ADRESSE", help="l’adresse du compte")

    def handle(self, *, address: str, **options) -> None:
        user = User.objects.by_address(address)
        if user is None or not user.is_active:
            raise CommandError(f"Aucun compte ouvert n’a l’adresse {address}.")
        site = (settings.SITE_URL or "http://127.0.0.1:8000").rstrip("/")
        self.stdout.write(site + letters.password_path(user))
