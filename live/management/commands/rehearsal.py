"""`manage.py rehearsal`: a fictitious sitting, to train on the console with delegates who vote."""

import asyncio

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from live import reading, rehearsal
from members.models import Role, User


class Command(BaseCommand):
    help = "Prépare une séance fictive dont les délégués arrivent et votent tout seuls."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--delegues", type=int, default=24, help="combien (24)")
        parser.add_argument("--minutes", type=int, default=30, help="combien de temps (30)")
        parser.add_argument("--adresse", default="http://127.0.0.1:8000", help="du serveur")
        parser.add_argument("--compte", help="adresse électronique de qui tient la séance")
        parser.add_argument(
            "--sans-delegues", action="store_true", help="préparer la séance seulement"
        )

    def handle(
        self,
        *,
        delegues: int,
        minutes: int,
        adresse: str,
        compte: str | None,
        sans_delegues: bool,
        **options,
    ) -> None:
        if not 3 <= delegues <= 300:
            raise CommandError("Une répétition se tient à 3 délégués au moins, 300 au plus.")
        by = self.secretary(compte)
        prepared = rehearsal.prepare(delegates=delegues, by=by, at=reading.wall_clock())
        meeting = prepared.meeting.pk
        console, screen = (
            reverse("live:console", args=[meeting]),
            reverse("live:screen", args=[meeting, prepared.screen]),
        )
        self.stdout.write(
            f"Séance fictive de {delegues} délégués, tenue par {by.email}.\n"
            f"  Console : {adresse}{console}\n"
            f"  Écran de salle : {adresse}{screen}\n"
            "Ouvrez la séance, ouvrez un vote « sur les tablettes » : ils répondent."
        )
        if not sans_delegues:
            self.run_delegates(adresse, prepared, minutes)

    def secretary(self, email: str | None) -> User:
        """Whoever will hold the console: the account named, or the first of the secretariat."""
        accounts = User.objects.filter(roles__kind=Role.Kind.SECRETARIAT, is_active=True)
        by = (accounts.filter(email=email) if email else accounts).order_by("pk").first()
        if by is None:
            raise CommandError(
                f"Aucun compte du secrétariat à l’adresse {email}."
                if email
                else "Aucun compte du secrétariat : lancez « make demo » ou créez-en un."
            )
        return by

    def run_delegates(self, base: str, prepared: rehearsal.Rehearsal, minutes: int) -> None:
        async def run() -> list[rehearsal.Delegate]:
            until = asyncio.Event()
            asyncio.get_running_loop().call_later(minutes * 60, until.set)
            return await rehearsal.attend_all(base, prepared, until=until, patience=8)

        self.stdout.write("Les délégués arrivent (Ctrl-C pour finir)…")
        try:
            delegates = asyncio.run(run())
        except KeyboardInterrupt:
            self.stdout.write("Répétition terminée.")
            return
        except OSError as error:
            raise CommandError(f"Le serveur ne répond pas à {base} : {error}") from error
        votes = sum(told.ok for delegate in delegates for told in delegate.told)
        self.stdout.write(f"Répétition terminée : {votes} votes reçus sur les tablettes.")
