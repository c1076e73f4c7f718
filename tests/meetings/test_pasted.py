"""Lists as people paste them: what heads a line goes, what it says stays, nothing is made up."""

import re
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meetings import pasted


@dataclass(frozen=True)
class Somebody:
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def key(self) -> str:
        return self.name.lower().replace(" ", "-")


PEOPLE = [
    Somebody("Alice", "Arnaud"),
    Somebody("Bruno", "Besson"),
    Somebody("Claire", "Caron-Élie"),
    Somebody("Denis", "Duval"),
    Somebody("Elsa", "Duval"),
]


def read(text: str, known=()) -> list[str]:
    """One word a line: « - » for each step down, « § » for what heads, « @ » for who reports, « ? »
    for what is doubtful."""
    return [
        "- " * title.depth
        + ("§ " if title.heads else "")
        + title.text
        + (f" @{title.rapporteur.key}" if title.rapporteur else "")
        + (" ?" if title.doubts else "")
        for title in pasted.read(text, people=PEOPLE, known=known)
    ]


@pytest.mark.parametrize(("text", "titles"), [
    pytest.param("Budget", ["Budget"], id="un intitulé tapé"),
    pytest.param("3 postes à créer", ["3 postes à créer"], id="un nombre qui est un mot du titre"),
    pytest.param("2026-2030 : schéma", ["2026-2030 : schéma"], id="des années"),
    pytest.param("A. Martin : indemnité", ["A. Martin : indemnité"], id="une initiale"),
    pytest.param("7. Tarifs", ["Tarifs"], id="un intitulé recopié avec son numéro"),
    pytest.param("- Tarifs", ["Tarifs"], id="un intitulé recopié avec son tiret"),
    pytest.param("  \n\t\n", [], id="rien"),
    pytest.param("1.\n•\n-", [], id="des marques sans titre"),
    pytest.param("1. Budget\n2) Emprunt\n(3) Poste", ["Budget", "Emprunt", "Poste"], id="numéros"),
    pytest.param("1 Budget\r\n2 Emprunt\r\n", ["Budget", "Emprunt"], id="numéros sans point"),
    pytest.param("1\tBudget\n2\tEmprunt", ["Budget", "Emprunt"], id="deux colonnes d’un tableur"),
    pytest.param("n° 1 : Budget\nPoint n° 2 – Emprunt\nPoint 3 : Tarifs",
                 ["Budget", "Emprunt", "Tarifs"], id="« n° 1 », « Point n° 2 »"),
    pytest.param("1 - Budget\n2 - Emprunt", ["Budget", "Emprunt"], id="numéros et tirets"),
    pytest.param("1° Budget\n2° Emprunt", ["Budget", "Emprunt"], id="numéros d’ordre"),
    pytest.param("•\tBudget\n·Emprunt\n– Tarifs\n* Poste",
                 ["Budget", "Emprunt", "Tarifs", "Poste"], id="puces de Word"),
    pytest.param("• Convention\n12 points de collecte",
                 ["Convention", "12 points de collecte ?"], id="un nombre seul reste, et se dit"),
    pytest.param("E-administration\nA.B. Construction", ["E-administration", "A.B. Construction"],
                 id="des lettres qui sont des mots"),
    pytest.param("a) Un\nb) Deux\nc) Trois", ["Un", "Deux", "Trois"], id="lettres"),
    pytest.param("A. Un\nB. Deux\nC. Trois\nD. Quatre", ["Un", "Deux", "Trois", "Quatre"],
                 id="C et D sont des lettres après B"),
    pytest.param("I. Finances\n1. Budget\n2. Emprunt\nII. Personnel\n3. Poste",
                 ["§ Finances", "- Budget", "- Emprunt", "§ Personnel", "- Poste"],
                 id="chiffres romains et numéros continus"),
    pytest.param("I – Finances\n• Budget", ["§ Finances", "- Budget"], id="une seule section"),
    pytest.param("A - Un\n1. x\n2. y\nB - Deux\n1. z", ["§ Un", "- x", "- y", "§ Deux", "- z"],
                 id="capitales et numéros repris"),
    pytest.param("1. Finances\n1.1 Budget\n1.2 Emprunt\n2. Personnel\n2.1 Poste",
                 ["Finances", "- Budget", "- Emprunt", "Personnel", "- Poste"], id="décimales"),
    pytest.param("1.5 million d’euros\nTarifs", ["1.5 million d’euros ?", "Tarifs"],
                 id="une décimale seule n’est pas un numéro"),
    pytest.param("1. Budget\n   a) principal\n   b) annexe\n2. Tarifs",
                 ["Budget", "- principal", "- annexe", "Tarifs"], id="lettres en retrait"),
    pytest.param("1. Budget\na) principal\nb) annexe\n2. Tarifs",
                 ["Budget", "- principal", "- annexe", "Tarifs"], id="lettres sans retrait"),
    pytest.param("1. Budget\n\t1. principal\n\t\t- section de fonctionnement\n2. Tarifs",
                 ["Budget", "- principal", "- - section de fonctionnement", "Tarifs"],
                 id="trois niveaux"),
    pytest.param("Finances\n- Budget\n- Emprunt\nTarifs",
                 ["Finances", "- Budget", "- Emprunt", "Tarifs"], id="tirets sous un titre nu"),
    pytest.param("Budget\nEmprunt\nTarifs", ["Budget", "Emprunt", "Tarifs"], id="lignes nues"),
    pytest.param("Ordre du jour de la séance :\n1. Budget\n2. Tarifs",
                 ["Ordre du jour de la séance : ?", "Budget", "Tarifs"], id="la ligne qui annonce"),
    pytest.param("1. Adhésion de la commune\nde Brume\n2. Tarifs",
                 ["Adhésion de la commune", "de Brume ?", "Tarifs"], id="une ligne coupée"),
    pytest.param("Budget — rapporteur : M. Besson\nTarifs (rapporteure : Claire CARON-ELIE)",
                 ["Budget @bruno-besson", "Tarifs @claire-caron-élie"], id="deux rapporteurs"),
    pytest.param("Budget, rapporteur Arnaud Alice", ["Budget @alice-arnaud"], id="nom et prénom"),
    pytest.param("Tarifs - rapporteur : Duval", ["Tarifs - rapporteur : Duval ?"], id="deux Duval"),
    pytest.param("Tarifs - rapporteur : Elsa Duval", ["Tarifs @elsa-duval"], id="Elsa, elle"),
    pytest.param("Tarifs - rapporteur : Zola", ["Tarifs - rapporteur : Zola ?"], id="un inconnu"),
    pytest.param("Désignation d’un rapporteur : Denis", ["Désignation d’un rapporteur : Denis"],
                 id="un rapporteur qui est le sujet"),
    pytest.param("Budget\nBUDGET", ["Budget", "BUDGET ?"], id="deux fois le même"),
    pytest.param("Budget 2026 : annexe\nTarifs", ["Budget 2026 : annexe", "Tarifs"],
                 id="l’espace insécable reste"),
])  # fmt: skip
def test_lists_as_they_are_pasted(text, titles):
    assert read(text) == titles


def test_what_is_on_the_agenda_already_is_doubtful():
    assert read("Tarifs\nBudget Primitif", known=["Budget primitif"]) == [
        "Tarifs",
        "Budget Primitif ?",
    ]


# --- Nothing lost, nothing made up ----------------------------------------------------------------

_PIECES = [
    *("Budget", "3", "12", "2026", "n°", "-", "–", "•", "a)", "b)", "A.", "B.", "I.", "II", "V."),
    *("1.", "2)", "(4)", "1.1", "1°", "Point", "de la commune", ":", "Tarifs,", "l’été", "100 €"),
    *("rapporteur", "M. Besson", "(rapporteur Duval)", "—", "ordre du jour"),
    *("\n", "\n", "\n  ", "\n\t", "\n\u00a0", "\r\n", "\t"),
]
_MARK = re.compile(r"[\W_\d]*(?:point|n)?[\W_\d]*(?:[a-z]|[ivx]+)?[\W_]*\s*|o\s*", re.IGNORECASE)


def _flat(text: str) -> str:
    return " ".join(text.split())


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map(" ".join))
@example("1. Budget\n\t- Emprunt — rapporteur : Besson")
@example("I.\nII.\nA\n- -")
def test_each_title_is_the_end_of_its_line_and_each_line_is_there(text):
    titles = list(pasted.read(text, people=PEOPLE))
    lines = [_flat(line) for line in re.split(r"\r\n|\n", text) if line.strip()]
    depth = -1
    for line in lines:
        if _MARK.fullmatch(line) and not (titles and _is_of(titles[0], line)):
            continue  # nothing but what heads a line
        title = titles.pop(0)
        assert _is_of(title, line), f"« {title.text} » n’est pas de « {line} »"
        assert title.depth <= depth + 1
        depth = title.depth
    assert not titles


def _is_of(title, line: str) -> bool:
    """Whether a title is its line, but for what heads it and who reports."""
    said = _flat(title.text)
    for start in range(len(line)):
        rest = line[start + len(said) :]
        is_ended = "rapporteur" in rest.lower() if title.rapporteur else not rest
        if line.startswith(said, start) and is_ended and _MARK.fullmatch(line[:start]):
            return True
    return False


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read(text):
    for title in pasted.read(text, people=PEOPLE):
        assert title.text.strip() == title.text != ""
