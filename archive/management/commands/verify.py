"""`manage.py verify`: is everything kept as it was?"""

from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive.keeping import anchors as anchoring
from archive.keeping import facts, integrity, legible, lines
from law.findings import Refused
from members import files
from registry.acts import reading as acts

OLD = timedelta(days=1)  # no act takes as long


class Command(BaseCommand):
    help = (
        "Vérifie faits, ancrages, registres, documents, signatures, envois et fichiers, et dit ce "
        "qui ne va pas."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--anchors",
            metavar="FICHIER",
            type=Path,
            help="le fichier des ancrages que tient un autre lieu ; avec -v 2, aussi ce que "
            "l’application a récrit entre deux ancrages",
        )

        parser.add_argument(
            "--sweep",
            action="store_true",
            help="efface les fichiers dont rien ne parle depuis plus d’un jour, si tout le reste "
            "est comme au premier jour",
        )

    def handle(
        self, *, anchors: Path | None = None, sweep: bool = False, verbosity: int, **options
    ) -> None:
        walk = integrity.Walk(anchors=anchors)
        count = 0
        try:
            for fault in integrity.faults(walk):
                count += 1
                self.stderr.write(str(fault))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except files.Away as away:
            raise CommandError(
                f"Le magasin où sont les fichiers ne répond pas ({away})\u00a0: rien n’est jugé."
            ) from away
        missing = anchoring.missing(at=timezone.now())
        for words in legible.survived(missing, f"ancrages : {legible.UNREAD}"):
            self.stdout.write(f"À savoir : {words}")
        annulled = legible.survived(acts.annulled(), f"adoptions : {legible.UNREAD}")
        for words in annulled:
            self.stdout.write(f"À savoir : {words}")
        if others := lines.unjudged():
            self.stdout.write(
                f"À savoir : {others} constats portent le sceau d’une SECRET_KEY que ce serveur "
                f"n’a pas ; SECRET_KEY_FALLBACKS la lui donnerait."
            )
        if verbosity > 1:
            self._tell_rewritings()
        if sweep and count == walk.orphans:
            gone = list(integrity.orphans(walk, older=OLD))
            files.forget(gone)
            count -= len(gone)
            self.stdout.write(f"Fichiers dont rien ne parlait, effacés : {len(gone)}.")
        if count:
            raise CommandError("une anomalie." if count == 1 else f"{count} anomalies.")
        self.stdout.write(
            f"Faits : {walk.facts} ; registres : {walk.ledgers} ; "
            f"documents : {walk.documents} ; signatures : "
            f"{walk.signatures} ; fichiers : {len(walk.files)}. Tout est comme au premier jour."
        )

    def _tell_rewritings(self) -> None:
        """What changed lawfully, for whoever would not believe that it did."""
        found = legible.survived(facts.rewritings(), (0, "constats", legible.UNREAD))
        for number, told in groupby(sorted(found), key=itemgetter(0)):
            rows = list(told)
            which = f"jusqu’à l’ancrage n° {number}" if number else "depuis le dernier ancrage"
            self.stdout.write(f"Récrit par l’application {which} : {len(rows)}.")
            for _, where, what in rows:
                self.stdout.write(f"  {where} : {what}")
