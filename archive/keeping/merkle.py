"""The tree of hashes of RFC 6962 (2.1), built leaf by leaf in the memory of its height; pure.

Leaves are hashed apart from nodes (`0x00`, `0x01`), so that no node passes for a leaf. Hashes are
hexadecimal SHA-256.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256(b"").hexdigest()


def node(left: str, right: str) -> str:
    """The hash of what holds these two."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


@dataclass(slots=True)
class Tree:
    """A tree that grows on its right: how many leaves, and the heads of its full sub-trees."""

    size: int = 0
    heads: list[str] = field(default_factory=list)

    def add(self, leaf: str) -> None:
        """One leaf more."""
        self.graft(0, leaf)

    def graft(self, height: int, head: str) -> None:
        """A full sub-tree more, of so many levels. Raises `ValueError` where none begins."""
        if height < 0 or self.size & ((1 << height) - 1):
            raise ValueError(height)
        count = self.size >> height
        while count & 1:
            head = node(self.heads.pop(), head)
            count >>= 1
        self.heads.append(head)
        self.size += 1 << height

    @property
    def root(self) -> str:
        """The hash that stands for every leaf, in their order."""
        if not self.heads:
            return EMPTY
        *others, root = self.heads
        for head in reversed(others):
            root = node(head, root)
        return root


@dataclass(slots=True)
class Gap:
    """Leaves that somebody else shall not see: the fewest heads that stand for those in a row.

    `at` is the rank of the next leaf. What is told of a gap ends where a root is to be made again.
    """

    at: int = 0
    waiting: list[tuple[int, str]] = field(default_factory=list)  # height, head

    def add(self, leaf: str) -> None:
        """One more leaf that is not shown."""
        height, head = 0, leaf
        while self.waiting and self.waiting[-1][0] == height and (self.at >> height) & 1:
            head = node(self.waiting.pop()[1], head)
            height += 1
        self.waiting.append((height, head))
        self.at += 1

    def told(self) -> list[tuple[int, str]]:
        """The heads of those not told yet, in their order."""
        told, self.waiting = self.waiting, []
        return told


@dataclass(frozen=True, slots=True)
class Step:
    """A neighbour on the way up: its hash, and whether it stands on the left."""

    sibling: str
    is_left: bool


def path(leaves: Iterable[str], index: int) -> tuple[Step, ...]:
    """The way from the leaf of this rank (from 0) to the root. Raises `IndexError` outside."""
    steps: list[Step] = []
    parts: list[tuple[int, str, bool]] = []  # height, hash, whether the leaf is below

    def joined(left: tuple[int, str, bool], right: tuple[int, str, bool]) -> tuple[int, str, bool]:
        if left[2]:
            steps.append(Step(sibling=right[1], is_left=False))
        elif right[2]:
            steps.append(Step(sibling=left[1], is_left=True))
        return left[0] + 1, node(left[1], right[1]), left[2] or right[2]

    for rank, leaf in enumerate(leaves):
        part = (0, leaf, rank == index)
        while parts and parts[-1][0] == part[0]:
            part = joined(parts.pop(), part)
        parts.append(part)
    if not any(part[2] for part in parts):
        raise IndexError(index)
    while len(parts) > 1:
        right = parts.pop()
        parts.append(joined(parts.pop(), right))
    return tuple(steps)


def climb(leaf: str, steps: Sequence[Step]) -> str:
    """The root to which this way leads from this leaf."""
    for step in steps:
        leaf = node(step.sibling, leaf) if step.is_left else node(leaf, step.sibling)
    return leaf
