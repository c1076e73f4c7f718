"""What goes to a service that carries acts, and what comes back: plain values."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Protocol
from unicodedata import combining, normalize

SUBJECT = 499  # letters of a subject that services take


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A file of an act: what it is called, what it holds, its typology (« 99_DE »)."""

    name: str
    content: bytes = field(repr=False)
    typology: str
    media: str = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An act to carry: what a service needs to know of it, and its files.

    `matter` is text ("7.10" is not "7.1"); `is_followed_by_paper` says that other documents follow
    by another road.
    """

    number: str
    nature: int
    matter: str
    decided_on: date
    subject: str
    act: Leaf
    annexes: tuple[Leaf, ...] = ()
    is_followed_by_paper: bool = False


class Stage(Enum):
    """Where a parcel is, whatever the service calls it."""

    UNSENT = "préparé"  # there, and nobody has it leave
    HELD = "en attente d’un agent"  # somebody must confirm it there
    POSTED = "posté"
    QUEUED = "en attente de transmission"
    SENT = "transmis"
    RECEIVED = "reçu"
    REFUSED = "refusé"
    CANCELLED = "annulé"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self in (Stage.RECEIVED, Stage.REFUSED, Stage.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a service says of a parcel: the stage, its own word for it, why it refused."""

    stage: Stage
    code: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A parcel that a service already has under a number."""

    remote: str
    number: str
    decided_on: str
    subject: str

    def is_of(self, parcel: Parcel) -> bool:
        """Whether it is this one, as far as what was kept of it tells."""
        return (
            self.number == parcel.number
            and self.decided_on[:10] == parcel.decided_on.isoformat()
            and told_alike(self.subject) == told_alike(parcel.subject[:SUBJECT])
        )


class Paper(Enum):
    """What comes back with a parcel that was received."""

    RECEIPT = "aracte"  # the XML of the prefecture
    STAMPED = "tampon"  # the act, with the stamp of the service
    SLIP = "bordereau"


class Kind(Enum):
    """What a prefecture writes about an act, by the number of its message."""

    LETTER = "2"
    PIECES_WANTED = "3"
    OBSERVATIONS = "4"
    REFERRAL = "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message of the prefecture that a service holds: about which parcel, of which kind."""

    remote: str
    kind: Kind
    about: str  # the parcel, as the service names it; "" when it does not say
    number: str = ""


class Connector(Protocol):
    """A service that carries acts. Every method raises `asking.Failed`."""

    def greet(self) -> str:
        """What it says of whoever asks: who we are there, and what we may do."""

    def find(self, number: str) -> tuple[Trace, ...]:
        """What it has under this number, sent by whomever."""

    def send(self, parcel: Parcel, *, begun: str, keep: Callable[[str], None]) -> None:
        """Have a parcel leave. `keep` is given its name there as soon as it has one, before the
        next step; `begun` is that name, of a parcel whose sending was cut: it is taken up."""

    def standing(self, remote: str) -> Standing:
        """Where a parcel is."""

    def paper(self, remote: str, paper: Paper, parcel_sha256: str = "") -> bytes | None:
        """A paper that came back; `None` while there is none, or of a stamped act that is the one
        that was sent (`parcel_sha256`), unstamped."""

    def cancel(self, remote: str) -> None:
        """Ask for a parcel that was received to be cancelled: its stage tells when it is."""

    def letters(self, followed: Iterator[str]) -> Iterator[Letter]:
        """What the prefecture wrote and nobody has read, of the parcels that are followed here and,
        where the service tells it, of others."""

    def content(self, letter: Letter) -> bytes:
        """The files of a letter, in one archive or one PDF."""

    def mark_read(self, letter: Letter) -> None:
        """It is kept here: the service need not say it again."""


# --- Text -------------------------------------------------------------------------------------

# What a subject may have and Latin-1 has not, as people write it without.
_PLAIN = str.maketrans(
    {
        **{"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "…": "..."},
        **{"œ": "oe", "Œ": "OE", "€": "euros", "\u202f": "\u00a0", "•": "-", "ﬁ": "fi", "ﬂ": "fl"},
    }
)


def latin(text: str) -> str:
    """These words as an older server takes them: what Latin-1 lacks is written otherwise."""
    told = text.translate(_PLAIN)
    return "".join(
        c if ord(c) < 256 else _bare(c).encode("latin-1", "replace").decode() for c in told
    )


def told_alike(text: str) -> str:
    """What two writings of the same words share: whoever kept them may have lost accents, quotes,
    spaces."""
    return "".join(c for c in _bare(latin(text)).lower() if c.isalnum())


def _bare(text: str) -> str:
    return "".join(c for c in normalize("NFKD", text) if not combining(c))
