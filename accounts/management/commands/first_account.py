"""`manage.py first_account ADDRESS FIRST LAST`: opens the account that holds every role, and writes
the link by which its owner chooses a password, on the page that says what one must be."""

from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from members.models import User


class Command(BaseCommand):
    help = "Ouvre le premier compte, et écrit le lien par lequel il choisit son mot de passe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", metavar="ADRESSE", help="son adresse électronique")
        parser.add_argument("first_name", metavar="PRÉNOM")
        parser.add_argument("last_name", metavar="NOM")

    @transaction.atomic
    def handle(self, *, address: str, first_name: str, last_name: str, **options) -> None:
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            raise CommandError(
                "Le premier compte est ouvert déjà\u00a0: les autres s’ouvrent à l’administration, "
                "«\u00a0Comptes\u00a0». S’il a perdu son mot de passe\u00a0: password_link ADRESSE."
            )
        try:
            held = {"is_staff": True, "is_superuser": True}
            user = User(email=address, first_name=first_name, last_name=last_name, **held)
            user.set_unusable_password()
            user.full_clean()
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        user.save()
        call_command("password_link", user.email, stdout=self.stdout)
