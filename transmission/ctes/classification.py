"""The matters by which a prefecture files acts, and the kinds of files it takes with each nature:
the file that it gives each authority, dated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from law import acts
from law.acts import Nature
from law.findings import refusal
from law.french import NBSP
from transmission.ctes import markup
from transmission.ctes.markup import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A matter of any level: its code, what it is called, under which other."""

    code: str
    label: str
    above: str = ""

    def __str__(self) -> str:
        return f"{self.code}{NBSP}{self.label}"


@dataclass(frozen=True, kw_only=True)
class Classification:
    """One such file: its day, its matters in the order of their numbers, and by nature the kinds
    of files (code → label)."""

    on: date
    matters: tuple[Matter, ...]
    typologies: Mapping[str, Mapping[str, str]]

    @cached_property
    def by_code(self) -> Mapping[str, Matter]:
        """Each matter by its code, those that may be given to an act."""
        return {each.code: each for each in self.matters if "." in each.code}

    def label(self, code: str) -> str:
        """« 7.10 Divers », its code alone when it is not in this classification."""
        found = self.by_code.get(code)
        return str(found) if found else code

    def path(self, code: str) -> str:
        """« Finances locales / Divers »."""
        parts = acts.levels(code)
        heads = (".".join(map(str, parts[:rank])) for rank in range(1, len(parts) + 1))
        known = {each.code: each.label for each in self.matters}
        return " / ".join(known[head] for head in heads if head in known)

    def kinds(self, nature: str) -> Mapping[str, str]:
        """The kinds of files that go with an act of this nature."""
        return self.typologies.get(nature, {})


def read(content: bytes, *, name: str = "ce fichier") -> Classification:
    """The classification that this file is. Raises `Refused` for what is none."""
    root = markup.read(content, name=name)
    if markup.kind(root) != "RetourClassification":
        raise refusal(
            "pas_une_classification",
            f"{name}\u00a0: ce message ({markup.kind(root)[:60]}) n’est pas une classification.",
            remedy="Demandez à l’opérateur de télétransmission le fichier RetourClassification "
            "de votre préfecture.",
        )
    on = markup.day(markup.text(root, "DateClassification"))
    matters = tuple(sorted(_matters(root), key=lambda each: _order(each.code)))
    if on is None or not any("." in each.code for each in matters):
        raise refusal(
            "classification_incomplete",
            f"{name}\u00a0: cette classification ne dit pas "
            f"{'sa date' if on is None else 'ses matières'}.",
            remedy="Demandez à l’opérateur le fichier d’origine.",
        )
    return Classification(on=on, matters=matters, typologies=_typologies(root))


def _order(code: str) -> tuple[int, ...]:
    return tuple(map(int, code.split(".")))


def _matters(root: Element) -> Iterator[Matter]:
    yield from _below(markup.child(root, "Matieres"), 1, "")


def _below(parent: Element | None, level: int, above: str) -> Iterator[Matter]:
    for each in markup.children(parent, f"Matiere{level}"):
        number = markup.attribute(each, "CodeMatiere")
        if not (number.isascii() and number.isdigit() and 0 < int(number) < 100):
            continue
        code = f"{above}.{int(number)}" if above else str(int(number))
        label = " ".join(markup.attribute(each, "Libelle").split())
        yield Matter(code=code, label=label, above=above)
        if level < 5:
            yield from _below(each, level + 1, code)


def _typologies(root: Element) -> dict[str, dict[str, str]]:
    found = {}
    for each in markup.children(markup.child(root, "NaturesActes"), "NatureActe"):
        nature = markup.attribute(each, "CodeNatureActe")
        if nature in list(Nature):
            found[nature] = {
                code: " ".join(markup.attribute(kind, "Libelle").split())
                for kind in markup.children(each, "TypePJNatureActe")
                if (code := markup.attribute(kind, "CodeTypePJ", most=5))
            }
    return found
