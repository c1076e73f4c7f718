"""The agenda as a tree and the numbers it prints.

A number is a label, computed from the place of an item and the manner of its body, unless the
secretary imposes one ("12 bis"). Approvals of earlier minutes come before the numbered agenda
and print no number, as real minutes do.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from law import elections, french
from law.docket import Docket

BULLET = "•"


class Item(Protocol):
    """As much of an item as its place and number need: a row of the table, or some columns."""

    pk: int
    key: str
    parent_id: int | None
    position: int
    kind: str
    title: str
    label: str
    was_added: bool
    accounts_of: str
    resumes_id: int | None

    @property
    def may_make_an_act(self) -> bool:
        """Whether what is decided on it stands as an act."""

    @property
    def is_section(self) -> bool:
        """Whether it only holds others."""


T = TypeVar("T", bound=Item)

# What is only heard; what is voted and decides nothing to be made binding (art. L2121-12 and
# L2121-15); what a bureau decides by delegation, and what is kept from it
# (art. L5211-10 du CGCT).
_HEARD = frozenset({"section", "information", "question", "divers"})
_OF_PROCEDURE = frozenset({"approbation", "urgence"})
_DELEGATED = frozenset({"deliberation", "election", "executif"})
RESERVED = frozenset({"comptes", "budget"})
# Of the budgets, only this one is kept from a sitting at a distance (art. L5211-11-1).
_PRIMITIVE = re.compile(r"\bbudgets? primitifs?\b", re.IGNORECASE)


def usual_effect(kind: str, body: str) -> str:
    """What a decision on an item of this kind is when nobody says, in a body of that kind: an act
    by itself, also of who decides alone by powers of his own, unless it is of powers lent."""
    if body == "decisions":
        return "delegation"
    if kind in _HEARD:
        return "information"
    if kind in _OF_PROCEDURE:
        return "procedure"
    if kind == "examen" or body == "commission":
        return "preparatoire"
    if body == "bureau" and kind in RESERVED:
        return "preparatoire"
    return "delegation" if body == "bureau" and kind in _DELEGATED else "deliberation"


def makes_an_act(effect: str) -> bool:
    """Whether a decision of this effect is numbered, extracted, listed and published."""
    return effect in ("deliberation", "delegation")


@dataclass(slots=True)
class Node(Generic[T]):
    """An item in its place: `number` is what prints before it ("I", "1.2", "•" or "")."""

    item: T
    depth: int = 0
    is_first: bool = True  # among its siblings
    is_last: bool = True
    number: str = ""
    children: list["Node[T]"] = field(default_factory=list)

    def walk(self) -> Iterator["Node[T]"]:
        """This node, then all that it holds, in printed order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class Agenda(Generic[T]):
    """All the items of a sitting, `roots` first, each with its children in order."""

    roots: list[Node[T]]

    @classmethod
    def of(cls, items: Iterable[T], numbering: str) -> "Agenda[T]":
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
    def nodes(self) -> Iterator[Node[T]]:
        """Every node in printed order."""
        for root in self.roots:
            yield from root.walk()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of what can be discussed, in printed order; sections only hold items."""
        return tuple(node.item.key for node in self.nodes if not node.item.is_section)

    def docket(self, *, second_call: bool) -> Docket:
        """The items for which the law has a rule of their own."""
        items = [node.item for node in self.nodes]

        def of(*kinds: str) -> frozenset[str]:
            return frozenset(item.key for item in items if item.kind in kinds)

        resumed = frozenset(item.key for item in items if item.resumes_id is not None)
        primitive = frozenset(item.key for item in items if _PRIMITIVE.search(item.title))
        in_person = of("executif") | (of("budget") & primitive)
        return Docket(
            urgent=of("urgence"),
            accounts=of("comptes"),
            kept_by=tuple(
                (item.key, key.removeprefix("-"))
                for item in items
                for key in item.accounts_of.split()
            ),
            common=of("comptes", "budget", "executif"),
            executive=of("executif"),
            nominations=of("executif", "election"),
            tenders=frozenset(
                i.key
                for i in items
                if i.kind == "election" and elections.member_of_tenders(i.title)
            ),
            in_person=in_person,
            perhaps_in_person=of("election", "budget") - in_person,
            miscellaneous=of("divers", "question"),
            added=frozenset(item.key for item in items if item.was_added),
            acts=frozenset(item.key for item in items if item.may_make_an_act),
            reconvened=resumed if second_call else None,
        )

    @property
    def titles(self) -> dict[str, str]:
        """Key → number and title, as a message names an item: "2 Budget primitif"."""
        return {
            node.item.key: f"{node.number} {node.item.title}".removeprefix(BULLET).strip()
            for node in self.nodes
        }

    def __getitem__(self, key: str) -> Node[T]:
        for node in self.nodes:
            if node.item.key == key:
                return node
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(node.item.key == key for node in self.nodes)

    def __len__(self) -> int:
        return sum(1 for _ in self.nodes)

    @property
    def is_frozen(self) -> bool:
        """Whether the numbers were imposed one by one, as a dispatched convocation does."""
        labels = [node.item.label for node in self.nodes if node.number not in ("", BULLET)]
        return bool(labels) and all(labels)

    @property
    def numbers(self) -> list[str]:
        """What prints before each item, in printed order."""
        return [node.number for node in self.nodes]

    def later_label(self, after: Node) -> str:
        """The number of an item added after `after` and all that it holds, once the others are
        frozen: « 12 bis » between 12 and 13, the next number when nothing follows.
        """
        nodes = list(self.nodes)
        *_, last = after.walk()
        end = nodes.index(last) + 1
        before, behind = (
            [node.number for node in part if node.number and not node.item.is_section]
            for part in (nodes[:end], nodes[end:])
        )
        if not before:
            return ""
        if not behind and "." not in before[-1]:
            return closing_label(self.numbers)
        return next_label(self.numbers, before[-1])

    def destination(self, key: str, move: str) -> tuple[Node | None, int] | None:
        """Where an item goes when it is moved "up", "down", "in" or "out" by one step: its new
        parent and its rank there; `None` when it cannot go further.
        """
        path = self._path(key)
        node, parent = path[-1], path[-2] if len(path) > 1 else None
        siblings = parent.children if parent else self.roots
        rank = siblings.index(node)
        match move:
            case "up" if rank:
                return parent, rank - 1
            case "down" if rank + 1 < len(siblings):
                return parent, rank + 1
            case "in" if rank:
                return siblings[rank - 1], len(siblings[rank - 1].children)
            case "out" if parent:
                above = path[-3] if len(path) > 2 else None
                return above, (above.children if above else self.roots).index(parent) + 1
        return None

    def _path(self, key: str) -> list[Node]:
        """The node of this key, after those above it."""
        path: list[Node] = []
        for node in self.nodes:
            del path[node.depth :]
            path.append(node)
            if node.item.key == key:
                return path
        raise KeyError(key)

    def _settle(self, nodes: list[Node], depth: int) -> None:
        for node in nodes:
            node.depth, node.is_first, node.is_last = depth, node is nodes[0], node is nodes[-1]
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


# --- Numbers that are not computed any more ---------------------------------------------------

_REPEATS = (
    "bis ter quater quinquies sexies septies octies nonies decies undecies duodecies terdecies"
    " quaterdecies quindecies sexdecies septdecies octodecies novodecies vicies"
).split()
_REPEAT = re.compile(rf"^(.+) ({'|'.join(_REPEATS)})$")


def next_label(numbers: Sequence[str], after: str) -> str:
    """The number of an item added after the item `after`, once the others are frozen.

    "12" is followed by "12 bis", then by "12 ter", whether it is added after "12" or after
    "12 bis". After an item without a number there is none.

    >>> next_label(["1", "2"], "1"), next_label(["1", "1 bis", "2"], "1")
    ('1 bis', '1 ter')
    """
    if after in ("", BULLET):
        return ""
    repeated = _REPEAT.match(after)
    stem = repeated[1] if repeated else after
    free = (word for word in _REPEATS if f"{stem} {word}" not in numbers)
    return f"{stem} {next(free, len(_REPEATS) + 2)}"


def closing_label(numbers: Sequence[str]) -> str:
    """The number of an item added at the end of a frozen agenda: one more than the last.

    >>> closing_label(["1", "2", "2 bis", "3"]), closing_label(["I", "1", "II"])
    ('4', '2')
    """
    plain = [int(number) for number in numbers if number.isascii() and number.isdecimal()]
    return str(max(plain) + 1) if plain else ""
