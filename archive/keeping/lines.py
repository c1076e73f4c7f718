"""Was each line of the witness written by the application, in its time, and left whole?

The leaf of a line is in the tree of the anchors; the rest of it (which row, which fields, whether
it is gone) is hashed at each anchor in one more line, which is a leaf as well.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from archive.keeping import facts, legible
from archive.models import Anchor
from members import seals, witness
from members.seals import Judged
from members.witness import FOUND, TABLES, WHOLE, Witness

Told = tuple[str, str]  # where, what

# A transaction may end this much later than it wrote, and two servers disagree about the hour.
PATIENCE = timedelta(hours=1)


def note(number: int, *, at: datetime) -> None:
    """Add to this batch what hashes its lines whole, and those that no such line covers yet; it
    says too which tables are of legal weight."""
    last = Witness.objects.filter(table=WHOLE).order_by("row").last()
    covered = Witness.objects.filter(batch__lte=number, batch__gt=last.row if last else 0)
    digest = hashlib.sha256()
    for line in covered.order_by("batch", "pk").iterator(chunk_size=2000):
        digest.update(f"{line.whole()}{line.seal}\n".encode())
    where = {TABLES: [model._meta.label_lower for model in witness.watched()]}
    said = {"digest": digest.hexdigest(), **where}
    witness.add(WHOLE, number, said, at=at, where=where, batch=number)


def faults() -> Iterator[Told]:
    """The lines that somebody wrote, or wrote again, behind the application's back."""
    walk = _Walk(dict(Anchor.objects.order_by("number").values_list("number", "at")))
    for line in legible.each(Witness.objects.all(), lambda rows: rows.iterator(chunk_size=2000)):
        unread = (f"constat n° {line.pk}", legible.UNREAD)
        if isinstance(line, legible.Unread):
            yield unread
        else:
            yield from legible.survived(walk.faults(line), unread)


@dataclass(slots=True)
class _Walk:
    """What the lines before the next one told, in the order of the tree."""

    anchored: dict[int, datetime]
    is_ours: bool = False  # whether a seal of ours was met: all are, from there on
    whole: Witness | None = None  # that of the anchor before
    digest: Any = field(default_factory=hashlib.sha256)

    def faults(self, line: Witness) -> Iterator[Told]:
        """What is wrong with the next one."""
        judged = seals.judge(line.whole(), line.seal)
        if judged is Judged.TRUE:
            self.is_ours = True
        elif judged is Judged.FALSE or self.is_ours:
            yield _where(line), "l’application n’a pas écrit ce constat : son sceau est faux."
        if line.table == WHOLE:
            yield from self._covered(line)
        else:
            self.digest.update(f"{line.whole()}{line.seal}\n".encode())
            is_found = line.place.get(FOUND) == "ligne"
            if is_found and self.whole and witness.knew(self.whole, line.table):
                yield (
                    _where(line),
                    "une mise à jour l’a trouvée là, dans une table qui avait déjà ses constats : "
                    "l’application ne l’a jamais écrite.",
                )
        yield from self._out_of_time(line)

    def _covered(self, line: Witness) -> Iterator[Told]:
        """What is wrong with the lines that this one hashes whole."""
        digest, self.digest, self.whole = self.digest.hexdigest(), hashlib.sha256(), line
        if not line.tells({"digest": digest, **line.place}):
            yield (
                f"constats de l’ancrage n° {line.row}",
                "un ou plusieurs ne disent plus ce qu’ils disaient de leur ligne.",
            )

    def _out_of_time(self, line: Witness) -> Iterator[Told]:
        """A line between two anchors bears an hour between theirs."""
        if line.batch is not None and line.batch not in self.anchored:
            yield (
                _where(line),
                f"son constat se dit d’un ancrage n° {line.batch}, qui n’existe pas.",
            )
            return
        number = line.batch or max(self.anchored, default=0) + 1
        before = self.anchored.get(number - 1)
        after = self.anchored.get(number, timezone.now())
        if before and line.at < before - PATIENCE:
            yield (
                _where(line),
                f"son constat se dit du {_said(line.at)}, et l’ancrage n° {number - 1}, "
                f"du {_said(before)}, ne le tenait pas.",
            )
        elif line.at > after + PATIENCE:
            until = f"tenu par l’ancrage du {_said(after)}" if line.batch else "à venir"
            yield _where(line), f"son constat se dit du {_said(line.at)}, {until}."


def _said(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y à %H:%M:%S}"


def _where(line: Witness) -> str:
    model = {each._meta.label_lower: each for each in witness.watched()}.get(line.table)
    of = facts.place(model, line) if model else f"{line.table}, ligne n° {line.row}"
    return f"constat n° {line.pk} ({of})"


def unjudged() -> int:
    """How many lines bear the seal of a key that this server holds no more: nobody can tell."""
    ours = Q()
    for name in seals.names():
        ours |= Q(seal__startswith=name)
    return Witness.objects.exclude(ours).count()
