"""`manage.py send_mails`: sends what is due, beside the server or in its place."""

import signal
import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from convening import sending
from members import serving


class Command(BaseCommand):
    help = "Envoie les courriels en attente, et reste à l’affût\u00a0; --once\u00a0: une fois."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="envoyer ce qui est dû et finir")

    def handle(self, *, once: bool, **options) -> None:
        self.is_stopping = False
        if once:
            serving.claim()
            if serving.is_held():
                raise CommandError(str(serving.HELD))
            with sending.Sender() as sender:
                sent = sender.run()
            waiting = sending.count_waiting()
            self.stdout.write(f"{sent} remis, {waiting} en attente.")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        sending.work(until=lambda: self.is_stopping, sleep=self.sleep)

    def stop(self, *args: object) -> None:
        """Finish the mail in hand, then leave."""
        self.is_stopping = True

    def sleep(self, seconds: float) -> None:
        """Nobody rings a bell in this process: look often, wake at once when asked to stop."""
        end = time.monotonic() + min(seconds, 2)
        while time.monotonic() < end and not self.is_stopping:
            time.sleep(0.1)
