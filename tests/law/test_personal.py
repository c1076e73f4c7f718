"""What looks personal is pointed at, in sentences as secretariats write them; and on real minutes,
beside marks made by hand before the reader was (`personal_marks.toml`)."""

import json
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from law import masking, personal
from law.assembly import Composition, Member
from law.personal import Kind, Known

HERE = Path(__file__).parent
# The real minutes stay where they are: nobody copies them into a repository.
TEXTS = next(
    (
        folder
        for above in HERE.parents
        if (folder := above / "shared" / "reference" / "cases").is_dir()
    ),
    None,
)


def member(first: str, last: str, civility: str = "") -> Member:
    return Member(
        key=f"{first}-{last}".lower(), civility=civility, first_name=first, last_name=last
    )


SITS = Composition(
    members=(
        member("Alice", "Arnaud", "Mme"),
        member("Bruno", "Besson", "M."),
        member("Anne", "de La Grange", "Mme"),
        member("Loïc", "Le Goff", "M."),
    )
)
KNOWN = Known(SITS, words=["7 rue du Port", "80000 Amiens", "03 22 00 00 00", "salle Roux"])


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind.value, each.text) for each in personal.read(text, KNOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Protection fonctionnelle de Mme Martin", [("nom", "Martin")], id="nom dans un titre"
        ),
        pytest.param(
            "Entendu madame Claire Le Bihan.",
            [("nom", "Claire Le Bihan")],
            id="prénom et nom à particule",
        ),
        pytest.param("M. et Mme Jean DUPONT", [("nom", "Jean DUPONT")], id="un couple"),
        pytest.param("Vente aux époux ALBERT", [("nom", "ALBERT")], id="des époux, sans civilité"),
        pytest.param(
            "le terrain des consorts Petit-Jean", [("nom", "Petit-Jean")], id="des consorts"
        ),
        pytest.param(
            "Recrutement de Sophie LEROY",
            [("nom", "Sophie LEROY")],
            id="prénom et nom, sans civilité",
        ),
        pytest.param(
            "Maître Édith Brillant, notaire", [("nom", "Édith Brillant")], id="un notaire"
        ),
        pytest.param("Mme Arnaud et M. Bruno BESSON", [], id="des élus"),
        pytest.param("Madame de La Grange, M. Le Goff", [], id="des élus à particule"),
        pytest.param("A. Arnaud donne pouvoir à B. BESSON", [], id="des élus par leur initiale"),
        pytest.param("Mme la Présidente et M. le Préfet", [], id="une fonction"),
        pytest.param(
            "Monsieur Alain Arnaud",
            [("nom", "Alain Arnaud")],
            id="le nom d’une élue, un autre prénom",
        ),
        pytest.param("la salle Jean Féron, rue Victor Hugo", [], id="une salle, une rue"),
        pytest.param("la fondation Brigitte Bardot", [], id="une fondation"),
        pytest.param(
            "appeler le 06 12 34 56 78", [("telephone", "06 12 34 56 78")], id="un portable"
        ),
        pytest.param(
            "Tél. +33 (0)6.12.34.56.78",
            [("telephone", "+33 (0)6.12.34.56.78")],
            id="à l’international",
        ),
        pytest.param("au 03 22 00 00 00", [], id="le téléphone de l’organisation"),
        pytest.param("12 345 678 901 € de crédits", [], id="un montant n’est pas un téléphone"),
        pytest.param(
            "jean.dupont@exemple.fr", [("courriel", "jean.dupont@exemple.fr")], id="un courriel"
        ),
        pytest.param(
            "née le 3 mai 1984 à Amiens",
            [("naissance", "3 mai 1984 à Amiens")],
            id="une naissance, son lieu",
        ),
        pytest.param(
            "M. X, né le 03/05/1984", [("naissance", "03/05/1984")], id="une naissance en chiffres"
        ),
        pytest.param("délibération du 3 mai 1984", [], id="une date qui n’est pas une naissance"),
        pytest.param(
            "IBAN FR76 3000 6000 0112 3456 7890 189",
            [("compte", "FR76 3000 6000 0112 3456 7890 189")],
            id="un IBAN",
        ),
        pytest.param(
            "RIB 30006 00001 12345678901 89",
            [("compte", "30006 00001 12345678901 89")],
            id="un RIB",
        ),
        pytest.param(
            "n° 2 84 05 80 021 123 45",
            [("nir", "2 84 05 80 021 123 45")],
            id="un numéro de sécurité sociale",
        ),
        pytest.param("n° 1850578006084 91", [("nir", "1850578006084 91")], id="le même d’un trait"),
        pytest.param("SIRET 200 012 345 00017", [], id="un SIRET"),
        pytest.param(
            "12 bis, rue du Bois d’Haucourt, 60350 Pierrefonds",
            [("adresse", "12 bis, rue du Bois d’Haucourt, 60350 Pierrefonds")],
            id="une adresse entière",
        ),
        pytest.param("domicilié à Falaise", [("adresse", "Falaise")], id="un domicile"),
        pytest.param("au 7 rue du Port, 80000 Amiens", [], id="le siège"),
        pytest.param(
            "l’article 12 de la loi, 3 place de stationnement",
            [],
            id="ce qui n’est pas une adresse",
        ),
    ],
)
def test_what_looks_personal_is_pointed_at(text, expected):
    assert found(text) == expected


def test_each_passage_is_told_once_with_the_words_around_it():
    text = "Le Comité entend Mme Martin. La demande de MME MARTIN est admise."
    (only,) = personal.read(text, KNOWN)
    assert (only.kind, only.text) == (Kind.NAME, "Martin")
    assert only.around == text


# --- Measured on real minutes -----------------------------------------------------------------


class Measure(NamedTuple):
    """Of the marks, how many would be hidden by a proposal; of the proposals, how many hide one."""

    marks: int = 0
    hidden: int = 0
    proposals: int = 0
    right: int = 0

    def __add__(self, other: "Measure") -> "Measure":  # type: ignore[override]
        return Measure(*map(sum, zip(self, other, strict=True)))

    @property
    def recall(self) -> float:
        return self.hidden / self.marks if self.marks else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.proposals if self.proposals else 1.0


def measured(case: str, marks: dict[str, list[str]]) -> tuple[Measure, list[str], list[str]]:
    """The figures of one text, the marks that were missed and the proposals that hide none."""
    assert TEXTS is not None
    text = (TEXTS / f"{case}.txt").read_text().partition("\n")[2]
    facts = json.loads((TEXTS / f"{case}.json").read_text())
    names = [each["name"] for each in facts["members"] if each.get("name")]
    proposals = personal.read(text, Known(names=names))
    wanted = [(kind, mark) for kind, found in marks.items() for mark in found]
    missed = [
        mark
        for kind, mark in wanted
        if not any(
            each.kind == kind and masking.Mask([mark]).finds(each.text) for each in proposals
        )
    ]
    wrong = [
        each.text
        for each in proposals
        if not any(
            each.kind == kind and masking.Mask([mark]).finds(each.text) for kind, mark in wanted
        )
    ]
    figures = Measure(
        len(wanted), len(wanted) - len(missed), len(proposals), len(proposals) - len(wrong)
    )
    return figures, missed, wrong


def measures(*, held_out: bool) -> Measure:
    """Of all the texts that the rules were made with, or of those they never saw."""
    whole = Measure()
    for case, marks in tomllib.loads((HERE / "personal_marks.toml").read_text()).items():
        if bool(marks.pop("held_out", False)) is held_out:
            whole += measured(case, marks)[0]
    return whole


@pytest.mark.skipif(TEXTS is None, reason="les comptes rendus réels ne sont pas sur cette machine")
@pytest.mark.parametrize("held_out", [False, True], ids=["textes lus", "texte jamais lu"])
def test_the_measure_holds_on_real_minutes(held_out):
    found = measures(held_out=held_out)
    assert found.recall >= 0.8
    assert found.precision >= 0.5
