"""What proved an organisation there, told to who receives it: its lines of the witness, in the tree
of the anchors of the installation that it leaves.

The others' lines are not told: the fewest hashes that stand for them are, between two anchors, so
that each root is made again and each token read. A row that says what its line said is then what it
was when an outside authority stamped a root above it, whoever holds the file. See
docs/decisions/0075.
"""

import base64
import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from archive.keeping import anchors, merkle
from archive.models import Anchor
from members import witness
from members.witness import Witness
from registry.signatures import keys, stamps
from registry.signatures.pades import Judgement

_COLUMNS = ("table", "row", "at", "salt", "leaf", "marks", "place", "is_gone", "seal")


# As a line of the witness names what an organisation left with: its parts, by their hashes. It
# holds what has no line of its own, first of all to whom each account belongs.
DEPARTURE = "archive.departure"


def told(known: Mapping[str, Container[int]], *, before: int) -> Iterator[dict[str, Any]]:
    """Every line on these rows, by table, and what stands for the others, anchor by anchor. Raises
    `Unproved` when one was written since line `before`, but for that of the departure."""
    gap = merkle.Gap()
    heads = Anchor.objects.order_by("number").iterator(chunk_size=200)
    head = next(heads, None)
    lines = Witness.objects.order_by("batch", "pk")
    for queryset in (lines.exclude(batch=None), lines.filter(batch=None).order_by("pk")):
        for line in queryset.iterator(chunk_size=2000):
            while head is not None and (line.batch is None or line.batch > head.number):
                yield from _gap(gap)
                yield {"anchor": anchors.line_of(head)}
                head = next(heads, None)
            if line.row in known.get(line.table, ()):
                if line.batch is None or (line.pk > before and line.table != DEPARTURE):
                    raise Unproved("on y écrit en ce moment\u00a0: recommencez.")
                yield from _gap(gap)
                gap.at += 1
                said = [getattr(line, name) for name in _COLUMNS]
                yield {"line": [witness.plain(each) for each in said]}
            elif line.batch is not None:  # what no anchor covers proves nothing to anybody
                gap.add(line.leaf)
    while head is not None:
        yield from _gap(gap)
        yield {"anchor": anchors.line_of(head)}
        head = next(heads, None)


def hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """What the line of a departure says of its parts."""
    said = {}
    for name in names:
        with (folder / name).open("rb") as part:
            said[name] = hashlib.file_digest(part, "sha256").hexdigest()
    return said


def _gap(gap: merkle.Gap) -> Iterator[dict[str, Any]]:
    for height, head in gap.told():
        yield {"beside": [height, head]}


class Unproved(ValueError):
    """It is not what an installation tells; the words say why, in French."""


@dataclass(slots=True)
class Reader:
    """What is told, read line by line: nothing is believed but what climbs to a root."""

    lines: int = 0
    anchors: int = 0
    anchored: int = 0  # how many of the lines are under an anchor
    stamped_at: datetime | None = None  # by an authority that is believed here, the last time
    doubts: set[str] = field(default_factory=set)  # of who stamped
    _tree: merkle.Tree = field(default_factory=merkle.Tree)
    _root: str = ""

    def read(self, source: Iterable[str]) -> Iterator[Witness]:
        """Each line on a row, in the order of the tree. Raises `Unproved`."""
        trust = keys.trust()
        try:
            for text in source:
                ((kind, said),) = json.loads(text).items()
                if kind == "line":
                    line = _line(said)
                    self.lines += 1
                    self._tree.add(line.leaf)
                    yield line
                elif kind == "beside":
                    height, head = said
                    bytes.fromhex(head)
                    self._tree.graft(height, head)
                elif kind == "anchor":
                    self._anchor(said, trust)
                else:
                    raise Unproved(f"une ligne «\u00a0{kind[:20]}\u00a0» n’en est pas une.")
            if self.anchored < self.lines:
                raise Unproved("des constats n’y sont sous aucun ancrage.")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, Unproved):
                raise
            raise Unproved("les constats ne se lisent pas.") from error

    def _anchor(self, said: dict[str, Any], trust: Any) -> None:
        number, at = said["number"], datetime.fromisoformat(said["at"])
        told = f"l’ancrage n°\u00a0{number} du {timezone.localtime(at):%d/%m/%Y à %H:%M}"
        if (said["size"], said["root"]) != (self._tree.size, self._tree.root):
            raise Unproved(f"les constats ne sont pas ceux de {told}.")
        if number != self.anchors + 1 or said["previous"] != self._root:
            raise Unproved(f"{told} ne suit pas celui d’avant.")
        self.anchors, self._root, self.anchored = number, said["root"], self.lines
        if not said["token"]:
            return
        token = base64.b64decode(said["token"], validate=True)
        stamp = stamps.read(token, bytes.fromhex(said["root"]), trust)
        if stamp.judgement in (Judgement.BROKEN, Judgement.REVOKED):
            raise Unproved(f"l’horodatage de {told} n’est pas le sien, ou n’est plus cru.")
        if stamp.judgement is Judgement.UNKNOWN:
            self.doubts.add(stamp.authority)
        elif stamp.at is not None:
            self.stamped_at = stamp.at


def _line(said: list[Any]) -> Witness:
    values = dict(zip(_COLUMNS, said, strict=True))
    at = parse_datetime(values["at"])
    if at is None or type(values["row"]) is not int:
        raise ValueError(said)
    bytes.fromhex(values["leaf"])
    return Witness(**values | {"at": at})
