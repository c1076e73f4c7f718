"""`manage.py demo`: Somme Numérique in 2016 and in a made-up 2026, ready to be shown."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from demo import loading, year
from documents.models import IssuedDocument
from law.findings import Refused
from members.models import Organisation, Role

SEED = "2016-11-16"


class Command(BaseCommand):
    help = "Charge la démonstration\u00a0; une seconde fois ne change rien."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--force",
            action="store_true",
            help="même si la base contient d’autres organisations",
        )

    def handle(self, *, force: bool, **options) -> None:
        try:
            organisation = self.load(force=force)
            year.tell(organisation)
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"La base n’est pas prête\u00a0: lancez d’abord migrate ({error})."
            ) from error
        except Refused as refusal:
            lines = [f"  {each.field} : {each}" for each in refusal.findings]
            raise CommandError(
                "\n".join(["La démonstration ne se charge pas\u00a0:", *lines])
            ) from refusal
        pdf = self.copy(organisation)
        self.stdout.write(self.presentation(pdf))

    def load(self, *, force: bool) -> Organisation:
        """The demonstration, loaded unless it is there; refused beside somebody else’s data."""
        organisation = Organisation.objects.filter(slug=loading.slug()).first()
        # A rehearsal and a tour are fictitious too: they may have been held in the demonstration.
        others = Organisation.objects.real().exclude(slug=loading.slug())
        if not force and (names := ", ".join(map(str, others[:3]))):
            raise CommandError(
                f"Cette base sert déjà ({names})\u00a0: la démonstration y créerait des comptes "
                "dont le mot de passe est connu de tous. Pour la charger quand même\u00a0: --force."
            )
        if organisation is None:
            self.stdout.write("Chargement de la démonstration…")
            return loading.load()
        loading.make_accounts(organisation)
        loading.link_delegates(organisation)
        return organisation

    def copy(self, organisation: Organisation) -> Path:
        """A copy of the seed's minutes lies beside the database."""
        path = Path(settings.DATA_DIR) / "demo" / f"pv-bureau-{SEED}.pdf"
        if not path.exists():
            issued = IssuedDocument.objects.filter(
                meeting__body__organisation=organisation,
                meeting__body__slug="bureau",
                meeting__held_on=SEED,
            ).latest("version")
            path.parent.mkdir(parents=True, exist_ok=True)
            with issued.pdf.open() as pdf:
                path.write_bytes(pdf.read())
        return path

    def presentation(self, pdf: Path) -> str:
        """What to do with it: the accounts, the paper."""
        labels = dict(Role.Kind.choices)
        accounts = [f"  {labels[kind]:<15} {email}" for email, _, _, kind in loading.ACCOUNTS]
        try:
            shown = pdf.resolve().relative_to(Path.cwd())
        except ValueError:
            shown = pdf
        return "\n".join(
            [
                "Démonstration prête\u00a0: Somme Numérique.",
                "",
                f"Comptes (mot de passe\u00a0: {loading.PASSWORD})\u00a0:",
                *accounts,
                "",
                f"Procès-verbal du Bureau du 16 novembre 2016\u00a0: {shown}",
                "Les autres PDF sont dans l’application, sous «\u00a0Mes documents\u00a0».",
            ]
        )
