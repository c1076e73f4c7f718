"""Are the lines of the witness those that were anchored, here and in the file held elsewhere?

The tree is built again from the lines, once, in the memory of its height; at each anchor its root
must be the one that was told then.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from archive.keeping import legible, lines, merkle, trails
from archive.models import Anchor
from law.findings import refusal
from members.witness import Witness
from registry.signatures import keys, stamps
from registry.signatures.pades import Judgement, Trust

Told = tuple[str, str]  # where, what


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """An anchor as it is told somewhere: how many lines, and their root."""

    number: int
    at: str
    size: int
    root: str
    previous: str
    token: str

    def __str__(self) -> str:
        return f"ancrage n° {self.number} du {_said(self.when)}"

    @property
    def when(self) -> datetime:
        """The hour that it gives itself."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Root:
    """What the base holds for an anchor: its hour, its time stamp, how many lines it covers, and
    their root."""

    at: datetime
    token: str
    size: int
    root: str


def faults(file: Path | None = None) -> Iterator[Told]:
    """Where the base is not what its anchors say; and what the anchors of a `file` say of it.

    Raises `Refused` when that file cannot be read at all.
    """
    told = list(_held(file)) if file else []
    roots = dict(_roots())
    trust = keys.trust()
    yield from lines.faults()
    yield from trails.faults()
    kept = map(_of, Anchor.objects.order_by("number").defer("heads").iterator(chunk_size=500))
    yield from _compared(kept, roots, trust, whose="")
    if file:
        unread = [line for line in told if not isinstance(line, Head)]
        for rank in unread:
            yield f"{file.name}, ligne {rank}", "elle ne se lit pas."
        held = (line for line in told if isinstance(line, Head))
        yield from _compared(held, roots, trust, whose=f" ({file.name})")


# --- The anchors ------------------------------------------------------------------------------


def _compared(
    heads: Iterable[Head], roots: dict[int, Root], trust: Trust, *, whose: str
) -> Iterator[Told]:
    """Of anchors in their order: what each says otherwise than the lines of the base."""
    sound, before, is_broken, hours = None, None, False, _Hours(trust=trust)
    for head in heads:
        where = f"{head}{whose}"
        same_again = before is not None and before.number == head.number
        kept = roots.get(head.number)
        if kept is not None and kept.at != head.when:
            yield where, f"dans la base, il se donne une autre heure, le {_said(kept.at)}."
        is_same = kept is not None and kept.root == head.root
        if is_same and head.token and kept.token != head.token:
            lost = "n’est plus dans la base" if not kept.token else "n’est pas celui de la base"
            yield where, f"son horodatage {lost}."
        if not is_broken and (kept is None or (kept.size, kept.root) != (head.size, head.root)):
            is_broken = True  # those after it hold the same lines: they would say it again
            since = f"depuis l’{sound}" if sound else "depuis le premier jour"
            missing = "" if head.number in roots else " ; la base ne connaît pas cet ancrage"
            yield (
                where,
                f"les constats de la base ne sont plus ceux qui ont été ancrés{missing}. Un ou "
                f"plusieurs faits, écrits {since}, ont été récrits, ajoutés ou effacés.",
            )
        if before is not None and not same_again:
            if head.number != before.number + 1:
                yield where, f"l’ancrage qui le précède manque, après l’{before}."
            elif head.previous != before.root:
                yield where, f"il ne suit pas l’{before}."
        if same_again and (head.size, head.root) != (before.size, before.root):
            yield where, "il est donné deux fois, et autrement."
        for what in hours.faults(head):
            yield where, what
        before = head
        sound = sound if is_broken else head


@dataclass(slots=True, kw_only=True)
class _Hours:
    """The hours of the anchors, one after the other, beside those that their tokens prove."""

    trust: Trust
    told: datetime | None = None
    proved: datetime | None = None
    doubted: set[str] = field(default_factory=set)  # authorities, each told once

    def faults(self, head: Head) -> Iterator[str]:
        """What is wrong with the hour of the next one, and with who vouches for it."""
        if self.told is not None and head.when < self.told - _SKEW:
            yield "il se dit d’avant l’ancrage qui le précède."
        self.told = head.when
        if not head.token:
            return
        try:
            token, root = base64.b64decode(head.token), bytes.fromhex(head.root)
        except ValueError:
            yield "son horodatage ne se lit pas."
            return
        stamp = stamps.read(token, root, self.trust)
        yield from self._vouched(stamp)
        if stamp.at is None:
            return
        if not -_SKEW <= stamp.at - head.when <= lines.PATIENCE:
            yield f"il a été horodaté le {_said(stamp.at)}, qui n’est pas l’heure qu’il se donne."
        if self.proved is not None and stamp.at < self.proved - _SKEW:
            yield "il a été horodaté avant l’ancrage qui le précède."
        self.proved = stamp.at

    def _vouched(self, stamp: stamps.Stamp) -> Iterator[str]:
        named = f"l’autorité d’horodatage « {stamp.authority} »"
        is_chosen = settings.ANCHOR_TIMESTAMP_URL or settings.SIGNING_TIMESTAMP_URL
        if stamp.judgement is Judgement.BROKEN:
            yield "son horodatage n’est pas celui de cette racine."
        elif stamp.judgement is Judgement.REVOKED:
            yield f"le certificat de {named} est révoqué."
        elif stamp.authority in self.doubted:
            return
        elif stamp.judgement is Judgement.UNKNOWN:
            self.doubted.add(stamp.authority)
            yield (
                f"{named} n’est pas de celles que l’on croit ici. Si vous l’avez choisie, "
                f"mettez sa racine dans SIGNING_ROOTS."
            )
        elif stamp.judgement is Judgement.DEVELOPMENT and is_chosen:
            self.doubted.add(stamp.authority)
            yield f"{named} est celle de la démonstration, que ce serveur tient lui-même."


# The clock of this server and that of the authority, or of two servers, may differ by as much.
_SKEW = timedelta(minutes=5)
_LEAF = re.compile(r"[0-9a-f]{64}")


def _said(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y à %H:%M}"


def _roots() -> Iterator[tuple[int, Root]]:
    """The root of each anchor, made again from the lines themselves."""
    tree = merkle.Tree()
    rows = Witness.objects.exclude(batch=None).order_by("batch", "pk")
    leaves = _leaves(rows)
    line = next(leaves, None)
    kept = Anchor.objects.order_by("number").values_list("number", "at", "token")
    for number, at, token in kept:
        while line is not None and line[0] <= number:
            tree.add(line[1])
            line = next(leaves, None)
        yield number, Root(at, token, tree.size, tree.root)


def _leaves(rows: QuerySet[Witness]) -> Iterator[tuple[int, str]]:
    """The anchor and the leaf of each line; of one that cannot be read, no leaf of any."""
    number = 0
    read = legible.each(rows, lambda rows: rows.values_list("batch", "leaf").iterator(2000))
    for line in read:
        number, leaf = (number, "") if isinstance(line, legible.Unread) else line
        is_one = isinstance(leaf, str) and _LEAF.fullmatch(leaf)
        yield number, leaf if is_one else merkle.EMPTY


def _of(found: Anchor) -> Head:
    return Head(
        number=found.number,
        at=found.at.isoformat(),
        size=found.size,
        root=found.root,
        previous=found.previous_root,
        token=found.token,
    )


def _held(file: Path) -> Iterator[Head | int]:
    """Each line of the file, in the order of the anchors; the rank of one that cannot be read. A
    line that was cut says nothing: it is the last, or the whole of it follows."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise refusal(
            "ancrages_illisibles",
            f"Le fichier des ancrages {file} ne se lit pas ({error}).",
            remedy="Donnez le fichier ANCHOR_FILE, ou la copie qu’en tient un autre lieu.",
        ) from error
    found: list[Head] = []
    lines = text.split("\n")
    for rank, (line, after) in enumerate(pairwise((*lines, "")), 1):
        try:
            found.append(_read(json.loads(line)))
        except (KeyError, TypeError, ValueError):
            is_cut = rank == len(lines) or (line and after.startswith(line))
            if line and not is_cut:
                yield rank
    yield from sorted(found, key=lambda head: head.number)


def _read(line: dict[str, Any]) -> Head:
    head = Head(**{name: line[name] for name in Head.__slots__})
    numbers, texts = (head.number, head.size), (head.at, head.root, head.previous, head.token)
    if not (all(type(n) is int for n in numbers) and all(type(t) is str for t in texts)):
        raise ValueError(line)
    bytes.fromhex(head.root)
    if head.when.tzinfo is None:
        raise ValueError(line)
    return head
