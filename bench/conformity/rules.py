"""What a rule is, and the table of all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its name in a profile ("A 6.1.2-1", "UA 7.1-3"), and how it is asked.

    `is_strict`: an object that our chain never makes; meeting one is a fault, whatever it holds.
    """

    name: str
    family: str
    says: str
    check: Check
    is_strict: bool

    @property
    def profile(self) -> str:
        return self.name.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a file answers to a rule: how many objects were looked at, and what is wrong."""

    rule: Rule
    seen: int = 0
    faults: tuple[str, ...] = field(default=())


RULES: dict[str, Rule] = {}


def rule(*names: str, family: str, says: str, strict: bool = False) -> Callable[[Check], Check]:
    """Declare a predicate: for each object that the rule is about it yields what is wrong with it,
    or "" when nothing is."""

    def declare(check: Check) -> Check:
        for name in names:
            assert name not in RULES, name
            RULES[name] = Rule(name, family, says, check, strict)
        return check

    return declare


def absent(*names: str, family: str, says: str, find: Check) -> None:
    """Declare a rule about what our chain never makes: to find one is a fault."""
    rule(*names, family=family, says=says, strict=True)(find)


def ask(file: Any) -> list[Answer]:
    """Every rule, asked of a file."""
    known: dict[Check, tuple[int, tuple[str, ...]]] = {}
    answers = []
    for each in RULES.values():
        if each.check not in known:
            told = list(each.check(file))
            known[each.check] = len(told), tuple(fault for fault in told if fault)
        answers.append(Answer(each, *known[each.check]))
    return answers
