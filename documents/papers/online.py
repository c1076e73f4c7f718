"""What proves that a paper was online for its time, or posted at the seat."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from documents.papers.parts import APART, HEADING, Fact, Figure, Page, Paper, Signatory, at


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A time when the public address did not give what was put there: when, and what it gave."""

    place: ClassVar[str] = "l’incident du {0.when}"

    when: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityCertificate(Paper):
    """The `certificat de publication` of a paper that was online for its time, or the `certificat
    d’affichage` of one that was posted: what was read back (`figures`), and what went wrong."""

    kind: ClassVar[str] = "certificat-publicite"
    noun: ClassVar[str] = "le certificat de publicité"
    template: ClassVar[str] = "papers/publicity_certificate.html"
    dated_by: ClassVar[str] = "made_on"
    page: ClassVar[Page] = Page(margins=(24, 20, 26, 20))

    made_on: date = field(metadata=APART)
    title: str = field(metadata=HEADING)
    subtitle: str
    statement: str
    facts: tuple[Fact, ...] = ()
    figures: tuple[Figure, ...] = ()
    incidents: tuple[Incident, ...] = ()
    done_at: str
    signatory: Signatory | None = field(default=None, metadata=at("la signature"))
