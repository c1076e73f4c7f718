"""`manage.py let_go`: show what is held on people and has no more reason to be; erase it, under a
visa."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.personal import letting_go
from law import french
from law.findings import Refused
from members.models import Organisation
from members.retention import Ends, kinds
from trail.context import acting


class Command(BaseCommand):
    help = "Montre ce qui peut être effacé\u00a0; avec un visa, l’efface pour toujours."

    def add_arguments(self, parser) -> None:
        erasable = [each.key for each in kinds() if each.ends is Ends.WORD]
        parser.add_argument("organisation", help="son identifiant")
        parser.add_argument("--visa", default="", help="qui l’a donné, quand, quelle référence")
        parser.add_argument("--genres", nargs="+", choices=erasable, default=erasable)

    def handle(self, *, organisation: str, visa: str, genres: list[str], **options) -> None:
        found = Organisation.objects.real().filter(slug=organisation).first()
        if found is None:
            known = ", ".join(Organisation.objects.real().values_list("slug", flat=True))
            raise CommandError(
                f"Aucune organisation «\u00a0{organisation}\u00a0». Il y a\u00a0: {known}."
            )
        at = timezone.now()
        shown = letting_go.piles(found, by=None, at=at)
        for pile in shown:
            self._tell(pile)
        if not visa:
            self.stdout.write("Rien n’est effacé\u00a0: il y faut --visa.")
            return
        seen = letting_go.stamp(shown)
        with acting("commande let_go"):
            try:
                count = letting_go.let_go(found, kinds=genres, visa=visa, seen=seen, by=None, at=at)
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Effacé\u00a0: {french.count(count, 'ligne')}.")

    def _tell(self, pile: letting_go.Pile) -> None:
        self.stdout.write(
            f"{pile.kind.key}\u00a0: {pile.kind.what}, {french.count(pile.rows, 'ligne')}"
        )
        for line in pile.going:
            self.stdout.write(f"  {line.what}, depuis le {line.since}, {line.rows}")
        for line in pile.held:
            self.stdout.write(f"  retenu\u00a0: {line.what}, {line.why}")
