"""`manage.py carry_acts`: carries what is due to operators, beside the server or in its place."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from members import duties, serving
from transmission.models import Errand
from transmission.operators import carrying


class Command(BaseCommand):
    help = (
        "Porte aux opérateurs les actes à transmettre, relève ce qu’ils répondent, et reste à "
        "l’affût\u00a0; --once\u00a0: une fois."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="faire ce qui est dû et finir")

    def handle(self, *, once: bool, **options) -> None:
        if not once:
            duties.attend_alone(carrying.DUTY)
            return
        serving.claim()
        if serving.is_held():
            raise CommandError(str(serving.HELD))
        gone = carrying.Carrier().run()
        left = Errand.objects.filter(is_done=False).count()
        self.stdout.write(f"{gone} passages, {left} suites en cours.")
