"""Anchoring: the root of all that the witness wrote, stamped outside and given to somebody else.

Three steps, each whole or not at all, and each taken up again where a killed server left it: the
root is taken, in one transaction; an authority stamps it; a line of it is added to `ANCHOR_FILE`.
What goes wrong with the last two is kept in words (`Anchor.trouble`) and tried again: it never
concerns who issues, signs or publishes. See docs/decisions/0016.
"""

import base64
import fcntl
import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from archive.keeping import lines, merkle, trails
from archive.models import Anchor, Publication
from documents.models import IssuedDocument
from law import findings
from members import duties, serving, witness
from members.witness import Witness, Witnessed
from registry.models import SignatureStep
from registry.signatures import keys, pades, stamps

# What is anchored at once, where the rest waits for the day: what was issued, signed, published.
ACTS = (IssuedDocument, SignatureStep, Publication)
EVERY = timedelta(days=1)
# What is older than this and in no anchor is told.
LATE = timedelta(hours=25)
AGAIN = timedelta(minutes=10)  # before an authority that did not answer is asked again


def anchor(*, at: datetime) -> Anchor:
    """Take the root as it is now, have it stamped and write it down; also what an earlier anchor
    still lacks. What cannot be had is told by `Anchor.trouble`, and nothing is raised for it."""
    taken = take(at=at)
    settle(at=at, patience=timedelta())
    taken.refresh_from_db()
    return taken


@transaction.atomic
def take(*, at: datetime) -> Anchor:
    """The next anchor, over the lines that none covers yet and all those before. Raises `Refused`
    where another machine serves the base: its anchors follow the last one."""
    serving.refuse_held()
    last = Anchor.objects.select_for_update().last()
    number = last.number + 1 if last else 1
    tree = merkle.Tree(size=last.size, heads=list(last.heads)) if last else merkle.Tree()
    try:
        with transaction.atomic():
            trails.note_head(at=at)
    except Exception:  # what somebody slipped into the trail keeps no act from its anchor
        _log.warning("Le journal n’est pas dans cet ancrage.", exc_info=True)
    Witness.objects.filter(batch=None).update(batch=number)
    lines.note(number, at=at)
    leaves = Witness.objects.filter(batch=number).values_list("leaf", flat=True)
    for leaf in leaves.iterator(chunk_size=2000):
        tree.add(leaf)
    return Anchor.objects.create(
        number=number,
        at=at,
        size=tree.size,
        root=tree.root,
        previous_root=last.root if last else "",
        heads=tree.heads,
    )


def settle(*, at: datetime, patience: timedelta = AGAIN) -> None:
    """Ask for the time stamp of the last anchor, which covers the others, and write the lines that
    are not written. A token proves the hour of its anchor, or it is not asked for."""
    asked = Anchor.objects.filter(Q(written_at=None) | Q(token="")).order_by("-number")
    if not asked:
        return
    clock, last = _clock(), Anchor.objects.last()
    for each in asked:
        is_asked = clock is not None and each == last and at - each.at < lines.PATIENCE
        is_waiting = each.written_at is None or (is_asked and not each.token)
        if is_waiting and (each.tried_at is None or at - each.tried_at >= patience):
            _settle(each, clock, at=at, is_asked=is_asked)


def _settle(
    found: Anchor, clock: "pades.timestamps.TimeStamper | None", *, at: datetime, is_asked: bool
) -> None:
    found.tried_at, found.trouble = at, ""
    if not found.token:
        try:
            if clock is None:
                raise stamps.NotStamped("aucune autorité d’horodatage n’est réglée")
            if not is_asked:
                raise stamps.NotStamped("son heure est passée, un ancrage suivant le couvre")
            token = stamps.ask(clock, bytes.fromhex(found.root))
            found.token = base64.b64encode(token).decode()
            found.written_at = None  # the line without it is followed by one that has it
        except stamps.NotStamped as error:
            found.trouble = f"pas d’horodatage : {error}"[:300]
    found.save(update_fields=["token", "trouble", "tried_at", "written_at"])
    if found.written_at is None:
        try:
            if settings.SERVICE_MARK:
                _write_missing(before=found)
            _write(line_of(found))
            found.written_at = at
        except OSError as error:
            found.trouble = f"{found.trouble} ; fichier non écrit : {error}".lstrip(" ;\u00a0")[
                :300
            ]
        found.save(update_fields=["trouble", "written_at"])


def _clock() -> "pades.timestamps.TimeStamper | None":
    if settings.ANCHOR_TIMESTAMP_URL:
        return pades.clock_at(settings.ANCHOR_TIMESTAMP_URL)
    return keys.clock()


# --- The file that somebody else holds --------------------------------------------------------


def line_of(found: Anchor) -> dict[str, Any]:
    """What the file tells of an anchor."""
    return {
        "number": found.number,
        "at": found.at.isoformat(),
        "size": found.size,
        "root": found.root,
        "previous": found.previous_root,
        "token": found.token,
    }


def _write(line: dict[str, Any]) -> None:
    """Add a line, on the disk before this returns; a line that a killed server cut stays alone."""
    path = Path(settings.ANCHOR_FILE)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file).st_size
        begins = b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
        os.write(file, begins + json.dumps(line).encode() + b"\n")
        os.fsync(file)
    finally:
        os.close(file)


def _write_missing(*, before: Anchor) -> None:
    """The lines that another host wrote into its own file: each of them has all of it."""
    path = Path(settings.ANCHOR_FILE)
    told = path.read_bytes().splitlines() if path.exists() else []
    there = {int(found[1]) for line in told if (found := _NUMBER.search(line))}
    written = Anchor.objects.filter(number__lt=before.number).exclude(written_at=None)
    for each in written.order_by("number").iterator(chunk_size=200):
        if each.number not in there:
            _write(line_of(each))


_NUMBER = re.compile(rb'"number": (\d+)')


# --- The way from an act to an anchor ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What proves to anybody that a row was what it is when an anchor was stamped.

    `text` is the leaf itself, readable (canonical JSON); its hash climbs by `steps` to the root of
    `anchor`, of which the token gives the hour.
    """

    text: str
    leaf: str
    index: int
    steps: tuple[merkle.Step, ...]
    anchor: Anchor

    def as_json(self) -> dict[str, Any]:
        """As a proof file keeps it."""
        return {
            "leaf": self.text,
            "index": self.index,
            "path": [
                {"hash": step.sibling, "side": "left" if step.is_left else "right"}
                for step in self.steps
            ],
            "anchor": line_of(self.anchor),
        }


def path_of(row: Witnessed) -> Way | None:
    """The way from what an act says (a document, a signature, a publication…) to the first anchor
    that covers it, one with a time stamp if there is any; `None` before it is anchored.

    Reads every line once. Raises `Refused` for a row that no longer says what was witnessed.
    """
    model = type(row)
    kept = Witness.objects.filter(table=model._meta.label_lower, row=row.pk).last()
    ((_, said, _),) = witness.told(model, model._base_manager.filter(pk=row.pk))
    if kept is None or not kept.tells(said):
        raise findings.refusal(
            "fait_modifie",
            f"« {row} » n’est plus ce qui a été constaté quand il a été écrit.",
            remedy="Lancez « manage.py verify » : il dit ce qui a changé.",
        )
    covering = (
        Anchor.objects.filter(number__gte=kept.batch) if kept.batch else Anchor.objects.none()
    )
    found = covering.exclude(token="").first() or covering.first()
    if found is None:
        return None
    index = Witness.objects.filter(
        Q(batch__lt=kept.batch) | Q(batch=kept.batch, pk__lt=kept.pk)
    ).count()
    covered = Witness.objects.filter(batch__lte=found.number).order_by("batch", "pk")
    steps = merkle.path(covered.values_list("leaf", flat=True).iterator(chunk_size=2000), index)
    return Way(text=kept.text(said), leaf=kept.leaf, index=index, steps=steps, anchor=found)


def is_proved(row: Witnessed, *, by: datetime) -> bool:
    """Whether what this row says was in a time-stamped anchor by then: a cheap question."""
    kept = Witness.objects.filter(table=type(row)._meta.label_lower, row=row.pk).last()
    if kept is None or kept.batch is None:
        return False
    stamped = Anchor.objects.exclude(token="")
    return stamped.filter(number__gte=kept.batch, at__lte=by).exists()


# --- What is missing --------------------------------------------------------------------------


def missing(*, at: datetime) -> Iterator[str]:
    """What is not anchored as it should be, in French. Nothing of it is a sign of fraud. Of a base
    that another machine serves, that alone."""
    if serving.is_held():
        yield str(serving.HELD)
        return
    waiting = Witness.objects.filter(batch=None, at__lt=at - LATE)
    if oldest := waiting.order_by("at").first():
        since = timezone.localtime(oldest.at)
        yield (
            f"{waiting.count()} constats ne sont dans aucun ancrage, le plus ancien depuis le "
            f"{since:%d/%m/%Y à %H:%M} : lancez « manage.py anchor »."
        )
    late = waiting_acts().filter(at__lt=at - AGAIN)
    if settings.ANCHOR_WORKER and (count := late.count()):
        yield (
            f"{count} actes attendent leur ancrage depuis plus de dix minutes : le serveur "
            f"n’ancre pas, son journal dit pourquoi."
        )
    stamped = Anchor.objects.exclude(token="").last()
    covered = Q(number__lt=stamped.number, written_at__isnull=False) if stamped else Q(pk=None)
    for each in Anchor.objects.exclude(trouble="").exclude(covered):
        yield f"{each} : {each.trouble}."
    yield from _late_proof()


def _late_proof() -> Iterator[str]:
    """The anchors of which the hour was proved by another alone, and late."""
    waiting: list[Anchor] = []
    for each in Anchor.objects.order_by("number").only("number", "at", "token").iterator():
        if not each.token:
            waiting.append(each)
            continue
        if waiting and each.at - waiting[0].at > LATE:
            yield f"{waiting[0]} à {waiting[-1]} : sans horodatage, prouvés par l’{each} seulement."
        waiting = []


# --- Without anybody asking -------------------------------------------------------------------

_TICK = 20  # seconds
_log = logging.getLogger(__name__)


def is_due(*, at: datetime) -> bool:
    """Whether an act waits for its anchor, anything since yesterday, or all for a time stamp."""
    last = Anchor.objects.last()
    if last and not last.token and at - last.at >= lines.PATIENCE and _clock() is not None:
        return True  # its hour can be proved no more
    if waiting_acts().exists():
        return True
    return Witness.objects.filter(batch=None, at__lte=at - EVERY).exists()


def waiting_acts() -> QuerySet[Witness]:
    """What was issued, signed or published, and is in no anchor yet."""
    acts = [model._meta.label_lower for model in ACTS]
    return Witness.objects.filter(batch=None, table__in=acts)


def attend(*, at: datetime) -> None:
    """Anchor if something waits for it, and try again what an anchor lacks; nothing of a base that
    another machine serves."""
    if serving.is_held():
        return
    if is_due(at=at):
        take(at=at)
    settle(at=at)


def _look(until: duties.Stop) -> float:
    attend(at=timezone.now())
    return _TICK


DUTY = duties.Duty("ancrages", lambda: nullcontext(_look), setting="ANCHOR_WORKER", idle=_TICK)
