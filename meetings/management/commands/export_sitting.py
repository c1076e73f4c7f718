"""`manage.py export_sitting PK [-o FILE]`: a whole sitting as one JSON file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from meetings import sitting_file, sitting_schema
from meetings.models import Meeting


class Command(BaseCommand):
    """Writes a sitting to a file."""

    help = "Écrit une séance entière dans un fichier JSON (docs/fichier-de-seance.md)."

    def add_arguments(self, parser) -> None:
        parser.add_argument("seance", nargs="?", type=int, help="numéro de la séance")
        parser.add_argument(
            "-o", "--output", type=Path, help="fichier à écrire ; sinon, la sortie standard"
        )
        parser.add_argument(
            "--schema", action="store_true", help="écrit le schéma JSON au lieu d’une séance"
        )

    def handle(self, *, seance: int | None, output: Path | None, schema: bool, **options) -> None:
        if schema:
            text = sitting_file.dump(sitting_schema.schema())
        else:
            text = sitting_file.dump(sitting_file.export(self.get(seance)))
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} ne s’écrit pas : {error.strerror}.") from error
        self.stderr.write(f"Écrit : {output}")

    def get(self, seance: int | None) -> Meeting:
        """The sitting of this number; `CommandError` names those there are."""
        meetings = Meeting.objects.lasting().select_related(
            "body__organisation", "second_call_of__body"
        )
        found = meetings.filter(pk=seance).first()
        if found is not None:
            return found
        known = "\n".join(f"  {each.pk:>4}  {each}" for each in meetings.order_by("pk"))
        wrong = "Quelle séance ?" if seance is None else f"Il n’y a pas de séance {seance}."
        raise CommandError(f"{wrong} Séances connues :\n{known or '  aucune'}")
