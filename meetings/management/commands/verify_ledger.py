"""`manage.py verify_ledger [PK]`: is every ledger as it was told, and every table as it says?

Every line is read and replayed again; nothing is taken from `meetings.memory`.
"""

from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError

from law import codec
from law.findings import Refused
from meetings import memory
from meetings.actions import ledger
from meetings.models import Ballot, Meeting


class Command(BaseCommand):
    """Compares ledgers, chains and tables."""

    help = (
        "Vérifie la chaîne des registres de séance, et que les scrutins des tables sont ceux des "
        "registres."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("seance", nargs="?", type=int, help="numéro de la séance ; sinon, tout")

    def handle(self, *, seance: int | None, **options) -> None:
        meetings = Meeting.every.select_related("body__organisation").order_by("pk")
        if seance is not None:
            meetings = meetings.filter(pk=seance)
            if not meetings:
                raise CommandError(f"Il n’y a pas de séance {seance}.")
        broken = lines = count = 0
        for meeting in meetings:
            count += 1
            lines += meeting.events.count()
            for fault in faults(meeting):
                broken += 1
                self.stderr.write(f"{meeting} (n° {meeting.pk}) : {fault}")
        if broken:
            raise CommandError("une anomalie." if broken == 1 else f"{broken} anomalies.")
        sittings = "1 séance" if count == 1 else f"{count} séances"
        told = "1 événement" if lines == 1 else f"{lines} événements"
        self.stdout.write(f"{sittings}, {told} : tout concorde.")


def faults(meeting: Meeting) -> Iterator[str]:
    """Where the chain of this sitting breaks, and where tables and ledger differ."""
    is_readable = True
    previous = ""
    lines = list(meeting.events.order_by("seq"))
    for rank, event in enumerate(lines, 1):
        if event.seq != rank:
            yield f"il manque la ligne {rank} du registre."
            return
        if event.previous_hash != previous:
            yield f"la ligne {rank} ne suit pas la ligne {rank - 1}."
            return
        expected = codec.chain(
            previous,
            event.seq,
            event.kind,
            event.payload,
            event.recorded_at.isoformat(),
            str(event.recorded_by_id or ""),
        )
        if event.sha256 != expected:
            yield f"la chaîne se rompt à la ligne {rank} ({event.kind}) : elle a été modifiée."
            return
        previous = event.sha256
        try:
            event.as_value()
        except Refused as refusal:
            is_readable = False
            yield f"la ligne {rank} ({event.kind}) ne se lit pas : {refusal}"
    if is_readable:
        meeting.told = memory.Told.of(lines)
        yield from _differences(meeting)


def _differences(meeting: Meeting) -> Iterator[str]:
    """Ballots and votes that are not what the replayed ledger says."""
    expected = ledger.expected_readings(meeting)
    rows = Ballot.objects.filter(event__meeting=meeting).select_related("event")
    kept = {row.event.seq: row for row in rows.prefetch_related("votes")}
    items = dict(meeting.items.values_list("key", "pk"))
    for seq in sorted(expected.keys() | kept.keys()):
        if seq not in kept:
            yield f"le scrutin de la ligne {seq} manque dans les tables."
        elif seq not in expected:
            yield f"un scrutin est dans les tables, que la ligne {seq} ne dit pas ou plus."
        else:
            row, reading = kept[seq], expected[seq]
            wrong = [
                f"{row._meta.get_field(name).verbose_name} {getattr(row, name)} au lieu de {value}"
                for name, value in reading.values.items()
                if getattr(row, name) != value
            ]
            if row.item_id != items.get(reading.item):
                wrong.append("il est rangé sous un autre point")
            if wrong:
                yield f"scrutin de la ligne {seq} : {', '.join(wrong)}."
            votes = {
                vote.mandate_id: (vote.choice, vote.weight, vote.by_proxy)
                for vote in row.votes.all()
            }
            if votes != reading.votes:
                yield f"votes nominatifs de la ligne {seq} : ils ne sont pas ceux du registre."
