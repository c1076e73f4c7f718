"""Are the lines of the witness those that were anchored, here and in the file held elsewhere?

The tree is built again from the lines, once, in the memory of its height; at each anchor its root
must be the one that was told then.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from archive.keeping import lines, merkle, trails
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
        at = parse_datetime(self.at)
        day = f" du {timezone.localtime(at):%d/%m/%Y à %H:%M}" if at else ""
        return f"ancrage n° {self.number}{day}"


def faults(file: Path | None = None) -> Iterator[Told]:
    """Where the base is not what its anchors say; and what the anchors of a `file` say of it.

    Raises `Refused` when that file cannot be read at all.
    """
    told = list(_held(file)) if file else []
    roots = dict(_roots())
    trust = keys.trust()
    yield from lines.faults()
    yield from trails.faults()
    kept = map(_of, Anchor.objects.order_by("number").iterator(chunk_size=500))
    yield from _compared(kept, roots, trust, whose="")
    if file:
        unread = [line for line in told if not isinstance(line, Head)]
        for rank in unread:
            yield f"{file.name}, ligne {rank}", "elle ne se lit pas."
        held = (line for line in told if isinstance(line, Head))
        yield from _compared(held, roots, trust, whose=f" ({file.name})")


# --- The anchors ------------------------------------------------------------------------------


def _compared(
    heads: Iterable[Head], roots: dict[int, tuple[int, str]], trust: Trust, *, whose: str
) -> Iterator[Told]:
    """Of anchors in their order: what each says otherwise than the lines of the base."""
    sound, before, is_broken = None, None, False
    for head in heads:
        where = f"{head}{whose}"
        same_again = before is not None and before.number == head.number
        if not is_broken and roots.get(head.number) != (head.size, head.root):
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
        if head.token:
            yield from _stamp(head, where, trust)
        before = head
        sound = sound if is_broken else head


def _stamp(head: Head, where: str, trust: Trust) -> Iterator[Told]:
    try:
        token, root = base64.b64decode(head.token), bytes.fromhex(head.root)
    except ValueError:
        yield where, "son horodatage ne se lit pas."
        return
    stamp = stamps.read(token, root, trust)
    if stamp.judgement is Judgement.BROKEN:
        yield where, "son horodatage n’est pas celui de cette racine."
    elif stamp.judgement is Judgement.REVOKED:
        yield where, f"le certificat de l’autorité d’horodatage « {stamp.authority} » est révoqué."


def _roots() -> Iterator[tuple[int, tuple[int, str]]]:
    """By anchor, how many lines it covers and their root, from the lines themselves."""
    tree = merkle.Tree()
    rows = Witness.objects.exclude(batch=None).order_by("batch", "pk")
    lines = rows.values_list("batch", "leaf").iterator(chunk_size=2000)
    line = next(lines, None)
    for number in Anchor.objects.order_by("number").values_list("number", flat=True):
        while line is not None and line[0] <= number:
            tree.add(line[1])
            line = next(lines, None)
        yield number, (tree.size, tree.root)


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
    parse_datetime(head.at)
    return head
