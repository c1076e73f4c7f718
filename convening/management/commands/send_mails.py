"""`manage.py send_mails`: sends what is due, beside the server or in its place."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from convening import sending
from members import duties, serving


class Command(BaseCommand):
    help = "Envoie les courriels en attente, et reste à l’affût\u00a0; --once\u00a0: une fois."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="envoyer ce qui est dû et finir")

    def handle(self, *, once: bool, **options) -> None:
        if once:
            serving.claim()
            if serving.is_held():
                raise CommandError(str(serving.HELD))
            with sending.Sender() as sender:
                sent = sender.run()
            waiting = sending.count_waiting()
            self.stdout.write(f"{sent} remis, {waiting} en attente.")
            return
        duties.attend_alone(sending.DUTY)
