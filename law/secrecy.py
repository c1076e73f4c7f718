"""For how long a public archive is kept from whoever asks, and by which protected secret (art.
L213-2, I, of the Code du patrimoine); the delay runs from the day of the document.

Whoever deposits says which secret it is: from its words nobody can tell. Where death would end one
of them sooner (medical secrets, 4° and 5°), the archivist knows, and we do not.
"""

from enum import IntEnum


class Ground(IntEnum):
    """A secret, by the years that it lasts."""

    BUSINESS = 25
    PRIVATE = 50
    JUSTICE = 75
    MINORS = 100

    @property
    def label(self) -> str:
        """What it protects, with its article."""
        what, rank = _TOLD[self]
        return f"{self.value}\u00a0ans\u00a0: {what} ({rank})"

    @property
    def rank(self) -> str:
        """Where the article says it: "3°"."""
        return _TOLD[self][1]


_TOLD = {
    Ground.BUSINESS: ("secret des affaires", "1°"),
    Ground.PRIVATE: ("vie privée", "3°"),
    Ground.JUSTICE: ("affaire portée devant un juge, enquête judiciaire", "4°"),
    Ground.MINORS: ("la même, d’une personne mineure ou de la vie sexuelle", "5°"),
}
