"""The agenda as a tree and the numbers it prints.

A number is a label, computed from the place of an item and the manner of its body, unless the
secretary imposes one ("12 bis"). Approvals of earlier minutes come before the numbered agenda
and print no number, as real minutes do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from law import french

if TYPE_CHECKING:
    from meetings.models import AgendaItem

BULLET = "•"


@dataclass(slots=True)
class Node:
    """An item in its place: `number` is what prints before it ("I", "1.2", "•" or "")."""

    item: "AgendaItem"
    depth: int = 0
    number: str = ""
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class Agenda:
    """All the items of a sitting, `roots` first, each with its children in order."""

    roots: list[Node]

    @classmethod
    def of(cls, items: Iterable["AgendaItem"], numbering: str) -> "Agenda":
        """Build the tree from rows in any order; an item whose parent is missing becomes a root."""
        ordered = sorted(items, key=lambda item: (item.position, item.pk))
        nodes = {item.pk: Node(item) for item in ordered}
        roots = []
        for item in ordered:
            parent = nodes.get(item.parent_id)
            (parent.children if parent else roots).append(nodes[item.pk])
        agenda = cls(roots)
        agenda._settle(roots, 0)
        agenda._number(numbering)
        return agenda

    @property
    def nodes(self) -> Iterator[Node]:
        """Every node in printed order."""
        for root in self.roots:
            yield from root.walk()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of what can be discussed, in printed order; sections only hold items."""
        return tuple(node.item.key for node in self.nodes if not node.item.is_section)

    @property
    def titles(self) -> dict[str, str]:
        """Key → number and title, as a message names an item: "2 Budget primitif"."""
        return {
            node.item.key: f"{node.number} {node.item.title}".removeprefix(BULLET).strip()
            for node in self.nodes
        }

    def __getitem__(self, key: str) -> Node:
        for node in self.nodes:
            if node.item.key == key:
                return node
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(node.item.key == key for node in self.nodes)

    def __len__(self) -> int:
        return sum(1 for _ in self.nodes)

    def _settle(self, nodes: list[Node], depth: int) -> None:
        for node in nodes:
            node.depth = depth
            self._settle(node.children, depth + 1)

    def _number(self, numbering: str) -> None:
        match numbering:
            case "decimal":
                _number_decimal(self.roots, "")
            case "continu" | "romain-continu" | "romain-puces":
                _number_running(self.nodes, numbering)
        for node in self.nodes:
            node.number = node.item.label or node.number


def _is_numbered(node: Node) -> bool:
    return node.item.kind != "approbation"


def _number_decimal(nodes: list[Node], prefix: str) -> None:
    count = 0
    for node in nodes:
        if _is_numbered(node):
            count += 1
            node.number = f"{prefix}{count}"
            _number_decimal(node.children, f"{node.number}.")


def _number_running(nodes: Iterable[Node], numbering: str) -> None:
    sections = count = 0
    for node in nodes:
        if node.item.is_section:
            sections += 1
            node.number = "" if numbering == "continu" else french.roman(sections)
        elif _is_numbered(node):
            count += 1
            node.number = BULLET if numbering == "romain-puces" else str(count)
