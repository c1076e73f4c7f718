"""`manage.py import_sitting FILE [--dry-run]`: bring a sitting in, all or nothing."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from law.findings import Refused
from meetings import sitting_file, sitting_schema
from members.models import User


class Command(BaseCommand):
    """Brings a sitting in from a file."""

    help = "Reprend une séance entière d’un fichier JSON (docs/fichier-de-seance.md)."

    def add_arguments(self, parser) -> None:
        parser.add_argument("fichier", help="fichier JSON ; « - » pour l’entrée standard")
        parser.add_argument("--dry-run", action="store_true", help="vérifie tout et n’écrit rien")
        parser.add_argument(
            "--par", metavar="ADRESSE", help="compte au nom duquel le registre est repris"
        )

    def handle(self, *, fichier: str, dry_run: bool, par: str | None, **options) -> None:
        by = None
        if par and (by := User.objects.by_address(par)) is None:
            raise CommandError(f"Aucun compte n’a l’adresse {par}.")
        try:
            done = sitting_file.import_(
                sitting_file.read(self.content(fichier)), by=by, dry_run=dry_run
            )
        except Refused as refusal:
            lines = [
                f"  {each.field} : {each}" if each.field else f"  {each}"
                for each in refusal.findings
            ]
            count = "une objection" if len(lines) == 1 else f"{len(lines)} objections"
            raise CommandError(
                "\n".join([f"Rien n’a été repris de {fichier} : {count}.", *lines])
            ) from refusal
        for note in done.notes:
            self.stderr.write(f"À noter : {note}")
        verb = "Serait repris" if dry_run else "Repris"
        self.stdout.write(f"{verb} : {', '.join(done.created)}.")
        if done.meeting is not None:
            self.stdout.write(f"Séance n° {done.meeting.pk} : {done.meeting.get_absolute_url()}")

    def content(self, name: str) -> bytes:
        """The bytes of the file, and no more of them than a sitting may have."""
        most = sitting_schema.MAX_BYTES + 1
        if name == "-":
            return sys.stdin.buffer.read(most)
        try:
            with Path(name).open("rb") as file:
                return file.read(most)
        except OSError as error:
            raise CommandError(f"{name} ne se lit pas : {error.strerror}.") from error
