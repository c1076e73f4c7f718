"""A paper of each kind, small enough to be read, with one of everything: the golden files.

`python -m json.tool tests/documents/golden/note-schema-1.json` shows one in lines. What is not yet
kept is made of its types, each text the name of its field: `pytest tests/documents --golden` keeps
it, and the page that shows it.
"""

import json
from dataclasses import is_dataclass, replace
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from documents import papers
from documents.papers.parts import types_of
from law.french import NBSP

GOLDEN = Path(__file__).parent / "golden"


def golden(kind: str, schema: int) -> Path:
    """The JSON of this version of the format, kept for ever."""
    return GOLDEN / f"{kind}-schema-{schema}.json"


def example(
    expected: Any, name: str = "", inside: tuple[type, ...] = (), *, optional: bool = False
) -> Any:
    """A value of this type as JSON has it: one of everything, of what is `optional` too."""
    if is_dataclass(expected):
        within = (*inside, expected)
        return {
            each: example(kind, each, within, optional=optional)
            for each, kind in types_of(expected).items()
        }
    if get_origin(expected) is tuple:
        (member, _) = get_args(expected)
        return [] if member in inside else [example(member, name, inside, optional=optional)]
    if optional and get_origin(expected) in (Union, UnionType):
        (expected, *_) = get_args(expected)
        return example(expected, name, inside, optional=True)
    text = "#1a4d6b" if name == "accent" else name
    return {str: text, int: 1, bool: True, date: "2026-06-09"}.get(expected)


def whole(kind: str) -> papers.Paper:
    """A paper of this kind with one of everything, each text the name of its field."""
    cls = papers.KINDS[kind]
    told = example(cls, optional=True) | {"kind": kind, "schema": cls.schema}
    return papers.from_json(json.dumps(told))


def kept(kind: str, cls: type[papers.Paper]) -> papers.Paper:
    """The paper that is kept of this kind, or a first one."""
    path = golden(kind, cls.schema)
    if path.exists():
        return papers.from_json(path.read_text())
    before = golden(kind, cls.schema - 1)
    known = json.loads(before.read_text()) if before.exists() else {}
    told = example(cls) | known | {"kind": kind, "schema": cls.schema}
    return papers.from_json(json.dumps(told))


# One paper of each kind.
EVERY = {kind: kept(kind, cls) for kind, cls in sorted(papers.KINDS.items())}
SHORT, EXTRACT, SUMMONS = EVERY["pv"], EVERY["extrait"], EVERY["convocation"]
VOTED = papers.Item(
    key="subventions",
    number="DEL2026-75",
    title="Subventions",
    kind="deliberation",
    note="point ajouté à l’ordre du jour après la convocation",
    html="<p>Avant les votes.</p>",
    after=(
        papers.Step(
            kind="vote",
            text=f"Sont mises aux voix, l’une après l’autre{NBSP}:",
            more=(f"Sur «{NBSP}Le musée{NBSP}»{NBSP}: Mme Elsa EVRARD ne prend pas part au vote.",),
            lines=(
                papers.VotedLine(question="La chorale", result="adoptée", for_=5, against=1),
                papers.VotedLine(question="Le club", result="rejetée", against=4, abstentions=2),
                papers.VotedLine(question="Le musée", result="adoptée", for_=5),
            ),
        ),
        papers.Step(
            kind="vote",
            text="La délibération est adoptée à l’unanimité.",
            columns=("Association", "Demandé", "Voté"),
            lines=(
                papers.VotedLine(
                    question="Le cirque",
                    result="",
                    for_=None,
                    against=None,
                    abstentions=None,
                    cells=(f"1{NBSP}000{NBSP}€", f"800{NBSP}€"),
                ),
            ),
            decides=f"Après en avoir délibéré, le Bureau décide{NBSP}:",
            articles=(
                papers.Article(
                    label=f"Article{NBSP}1er",
                    text=f"Il est alloué{NBSP}:",
                    parts=(f"100{NBSP}€ à la chorale{NBSP};", f"50{NBSP}€ au musée."),
                ),
                papers.Article(label=f"Article{NBSP}2", text="Les crédits sont ouverts."),
            ),
        ),
        papers.Step(kind="debat", text="", html="<p>Après les votes.</p>"),
    ),
)
FULL = replace(
    SHORT,
    items=(*SHORT.items, VOTED),
    attending=f"Assiste également à la séance{NBSP}: Mme Zoé ZÉBU, directrice générale.",
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
