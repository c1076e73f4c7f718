"""`manage.py take_over`: from now on this machine serves the base that was restored or copied."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from convening import sending
from law import french
from members import serving
from trail.context import acting
from trail.models import Act
from trail.recording import note

BECOMES = {"send": "ils partent, au risque de partir deux fois", "drop": "ils ne partent pas"}


class Command(BaseCommand):
    help = (
        "Dit que cette machine sert désormais la base qui y fut restaurée ou copiée\u00a0: les "
        "courriels partent, on publie, on ancre. L’autre machine, elle, ne doit plus servir."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        told = "\u00a0; ".join(f"{word}\u00a0: {became}" for word, became in BECOMES.items())
        parser.add_argument(
            "--waiting", choices=BECOMES, help=f"les envois en attente\u00a0; {told}"
        )

    def handle(self, *, waiting: str | None, **options) -> None:
        if not serving.is_held():
            raise CommandError("Cette machine sert déjà cette base\u00a0: rien n’est à reprendre.")
        at, told = timezone.now(), "cette machine sert désormais la base"
        if count := sending.count_held(at):
            if waiting is None:
                ways = " ".join(f"--waiting {word}\u00a0: {BECOMES[word]}." for word in BECOMES)
                raise CommandError(
                    f"Des envois attendaient dans cette base ({count}), que l’autre machine a "
                    f"peut-être faits depuis. Dites ce qu’ils deviennent. {ways}"
                )
            told = f"{told}\u00a0; envois qui attendaient ({count})\u00a0: {BECOMES[waiting]}"
        with transaction.atomic(), acting("commande take_over"):
            if waiting == "send":
                sending.may_have_left()
            elif waiting == "drop":
                sending.set_aside(at=at)
            serving.serve()
            note(Act.KEEPING, told)
        self.stdout.write(f"{french.capitalise(told)}.")
