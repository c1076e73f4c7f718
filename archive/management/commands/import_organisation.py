"""`manage.py import_organisation FICHIER`: what export_organisation wrote elsewhere, received."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping.moving import arriving
from law import french
from law.findings import Refused
from members import files
from registry.models import SigningKey
from trail.context import acting


class Command(BaseCommand):
    help = "Reçoit une organisation écrite par une autre installation, tout ou rien, et vérifie."

    def add_arguments(self, parser) -> None:
        parser.add_argument("fichier", type=Path, help="ce qu’export_organisation a écrit")
        parser.add_argument(
            "--identity", type=Path, metavar="FICHIER", help="la clé d’age qui l’ouvre"
        )

    def handle(self, *, fichier: Path, identity: Path | None = None, **options) -> None:
        try:
            with acting("commande import_organisation"):
                arrived = arriving.arrive(fichier, at=timezone.now(), identity=identity)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"Il ne se lit pas : {files.in_words(error)}.") from error
        arrival = arrived.arrival
        stamped = arrival.stamped_at
        until = f", le dernier horodaté le {stamped:%d/%m/%Y}" if stamped else ""
        self.stdout.write(
            f"{arrival.organisation} : {arrival.rows} lignes, {arrived.files} fichiers. "
            f"{arrival.lines} constats suivis jusqu’aux ancrages d’alors{until}."
        )
        if arrival.shift:
            self.stdout.write(
                f"D’autres vivent ici : ses numéros sont élevés de {arrival.shift} (la séance "
                f"n° 12 est la n° {arrival.shift + 12})."
            )
        for line in _to_do(arrived):
            self.stdout.write(f"À faire : {line}")
        self.stdout.write("Vérification…")
        call_command("verify", stdout=self.stdout, stderr=self.stderr)


def _to_do(arrived: arriving.Arrived) -> list[str]:
    """What did not come, because it opens doors."""
    organisation = arrived.arrival.organisation
    held = organisation.signing_keys.filter(
        held=SigningKey.Held.SERVER, bound_at__isnull=False, revoked_at=None
    )
    found = []
    if arrived.opened:
        found.append(
            f"{french.count(len(arrived.opened), 'compte attend', 'comptes attendent')} un mot de "
            "passe : chacun le demande à « Mot de passe oublié », ou manage.py password_link."
        )
    if arrived.found:
        found.append(
            f"comptes qui étaient déjà ici, à la même adresse : {french.join(list(arrived.found))}."
        )
    if count := held.count():
        keys = french.count(count, "clé de signature", "clés de signature")
        found.append(f"{keys}, que tenait l’autre serveur : remettez les fichiers (SIGNING_DIR).")
    if operators := organisation.operators.count():
        told = french.count(operators, "opérateur est", "opérateurs sont")
        found.append(f"{told} hors service : rendez son secret, puis remettez-le en service.")
    for authority in arrived.doubts:
        found.append(
            f"« {authority} » a horodaté là-bas et n’est pas crue ici : si vous la croyez, mettez "
            "sa racine dans SIGNING_ROOTS."
        )
    found.append("clés d’API, calendriers et seconds facteurs se refont.")
    return found
