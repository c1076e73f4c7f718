"""What goes to a parapheur to be signed, and what it says of it: plain values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """A paper to be signed: the `reference` that no other has, what people read, its file."""

    reference: str
    title: str
    name: str
    content: bytes = field(repr=False)


class Stage(Enum):
    """Where a paper is, whatever the parapheur calls it."""

    DRAFT = "brouillon"  # there, and before nobody yet
    AWAY = "dans le circuit"
    SIGNED = "circuit terminé"
    REFUSED = "refusé"
    GONE = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a parapheur says of a paper: the stage, its own word for it, why it was refused."""

    stage: Stage
    code: str = ""
    words: str = ""


class Parapheur(Protocol):
    """A service in which papers are signed. Every method raises `asking.Failed`."""

    def greet(self) -> str:
        """What it says of whoever asks: who we are there, and where we may send."""

    def find(self, reference: str) -> tuple[str, ...]:
        """What it has under this reference, as it names it."""

    def make(self, paper: ToSign, *, keep: Callable[[str], None]) -> None:
        """Leave a paper there, before nobody: `keep` is given its name as soon as it has one."""

    def start(self, remote: str) -> None:
        """Have it go round. Nothing is started twice: whoever asks looked where it stands."""

    def standing(self, remote: str) -> Standing:
        """Where it is."""

    def signed(self, remote: str, name: str) -> bytes:
        """The file as it is at the end of the circuit."""

    def erase(self, remote: str) -> bool:
        """Have it forgotten there; whether it may be: what goes round may not."""
