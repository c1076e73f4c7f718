"""`manage.py safeguard`: tonight's backup if it is due, then its exercise if it is time."""

from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping import backup, safeguarding
from archive.models import Safeguard
from law.findings import Refused
from members.files import Away
from trail.context import acting
from trail.models import Act
from trail.recording import note


class Command(BaseCommand):
    help = (
        "Sauvegarde dans BACKUP_DIR si celle de la nuit n’est pas faite, ôte les plus anciennes, "
        "et s’exerce à en restaurer une quand c’est l’heure."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--now", action="store_true", help="même si ce n’est pas l’heure")
        parser.add_argument("--drill", action="store_true", help="s’exercer aussi, sans attendre")
        parser.add_argument(
            "--list",
            action="store_true",
            dest="only_list",
            help="nommer celles qui y sont, rien de plus",
        )

    def handle(self, *, now: bool, drill: bool, only_list: bool, **options) -> None:
        try:
            if only_list:
                self.stdout.write("\n".join(safeguarding.nights(safeguarding.place())))
                return
            with (
                safeguarding.alone() as is_first,
                acting("commande safeguard"),
                safeguarding.asked_to_leave(),
            ):
                if not is_first and (now or drill):
                    raise CommandError(
                        "Une autre sauvegarde est en cours : celle-ci n’est pas faite. Attendez "
                        "quelques minutes, puis recommencez."
                    )
                troubles = list(self._work(now=now, drill=drill)) if is_first else []
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except Away as away:
            raise CommandError(str(backup.away_told(away))) from away
        if told := [trouble for trouble in troubles if trouble]:
            raise CommandError(" ".join(told))

    def _work(self, *, now: bool, drill: bool) -> Iterator[str]:
        """What was wrong with each; what was done is said as it ends."""
        at = timezone.now()
        if now or safeguarding.is_due(at=at):
            row = safeguarding.make(at=at)
            note(Act.KEEPING, f"{row}{'' if row.is_good else ' : ' + row.trouble}"[:500])
            self.stdout.write(_told(row))
            yield row.trouble
        if drill or safeguarding.is_drill_due(at=timezone.now()):
            last = safeguarding.last_good(Safeguard.Kind.BACKUP)
            if last is None:
                yield "Aucune sauvegarde entière n’est là : il n’y a rien à restaurer."
                return
            row = safeguarding.drill(last.name, at=timezone.now())
            self.stdout.write(_told(row))
            yield row.trouble


def _told(row: Safeguard) -> str:
    seconds = (row.ended_at - row.begun_at).total_seconds()
    if row.trouble:
        return f"{row} : en défaut, après {seconds:.0f} s."
    if row.kind == Safeguard.Kind.DRILL:
        return f"Exercice : {row.name}, restaurée et vérifiée en {seconds:.0f} s."
    return (
        f"Sauvegarde : {row.name}, {row.files} fichiers, {row.added / 1e6:.1f} Mo ajoutés, en "
        f"{seconds:.0f} s."
    )
