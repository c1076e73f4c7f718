"""A paper of each kind, small enough to be read, with one of everything: the golden files.

`python -m json.tool tests/documents/golden/note-schema-1.json` shows one in lines.
"""

from dataclasses import replace
from pathlib import Path

from documents import papers
from law.french import NBSP

GOLDEN = Path(__file__).parent / "golden"


def golden(kind: str, schema: int) -> str:
    """The JSON of this version of the format, kept for ever."""
    return (GOLDEN / f"{kind}-schema-{schema}.json").read_text().rstrip("\n")


# One paper of each kind.
EVERY = {
    kind: papers.from_json(golden(kind, each.schema)) for kind, each in sorted(papers.KINDS.items())
}
SHORT, EXTRACT, SUMMONS = EVERY["pv"], EVERY["extrait"], EVERY["convocation"]
FULL = replace(
    SHORT,
    layout="complet",
    title="Procès-verbal",
    version=2,
    edition=(
        f"Version 2, qui annule et remplace la version 1 établie le 15 juin 2026{NBSP}: un nom."
    ),
    preamble=("Le quorum n’ayant pas été atteint lors de la séance du 4 mai 2026.",),
)
# And each way to set one.
LOOKS = EVERY | {SHORT.layout: SHORT, FULL.layout: FULL}
del LOOKS[SHORT.kind]
