"""Asks every rule of the files that are named; without any, of our papers, and writes the report.

python -m bench.conformity                # writes docs/conformite-pdf.md
python -m bench.conformity FICHIER.pdf…   # says what each file breaks
"""

import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.conformity import RULES, Answer, File, Rule, ask

REPORT = Path(__file__).parents[2] / "docs" / "conformite-pdf.md"
PROFILES = {"A": "PDF/A-3a", "UA": "PDF/UA-1"}


def main(paths: Sequence[str]) -> int:
    if not paths:
        REPORT.write_text(report(ours()))
        print(f"{REPORT} est écrit.")
        return 0
    is_broken = False
    for path in paths:
        faults = [each for each in ask(File(Path(path).read_bytes())) if each.faults]
        is_broken |= bool(faults)
        print(f"{path} : {len(faults)} règles enfreintes")
        for each in faults:
            print(f"  {each.rule.name} {each.rule.says} : {'; '.join(each.faults[:3])}")
    return int(is_broken)


def ours() -> Iterable[list[Answer]]:
    """What a paper of each kind answers, as it is issued, with each logo, and signed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from documents import render
    from tests import conformity as scenes
    from tests.documents.paper import FULL, LOOKS

    for look in LOOKS.values():
        yield ask(File(render.render_pdf(scenes.dressed(look))))
    for logo in scenes.LOGOS:
        yield ask(File(render.render_pdf(scenes.dressed(scenes.written(FULL), logo))))
    with tempfile.TemporaryDirectory() as folder:
        yield ask(File(scenes.signed(scenes.dressed(FULL), Path(folder))))


def report(answers: Iterable[list[Answer]]) -> str:
    """The page of the docs: family by family, what was asked and of how much."""
    seen: dict[str, int] = defaultdict(int)
    faults: dict[str, int] = defaultdict(int)
    files = 0
    for told in answers:
        files += 1
        for each in told:
            seen[each.rule.name] += each.seen
            faults[each.rule.name] += bool(each.faults)
    families: dict[str, list[Rule]] = defaultdict(list)
    for rule in RULES.values():
        families[rule.family].append(rule)
    lines = [
        _HEAD.format(
            files=files,
            **{name: sum(rule.profile == name for rule in RULES.values()) for name in PROFILES},
        ),
        "| Famille | Règles | Vérifiées sur un objet | Sans objet ici | Refusées d’office | "
        "Non vérifiées | Enfreintes |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    totals = [0] * 6
    for family, rules in families.items():
        strict = [rule for rule in rules if rule.is_strict]
        met = [rule for rule in rules if not rule.is_strict and seen[rule.name]]
        row = [len(rules), len(met), len(rules) - len(met) - len(strict), len(strict), 0]
        row.append(sum(bool(faults[rule.name]) for rule in rules))
        totals = [total + each for total, each in zip(totals, row, strict=True)]
        lines.append(f"| {family} | {' | '.join(map(str, row))} |")
    lines.append(f"| **En tout** | {' | '.join(f'**{each}**' for each in totals)} |")
    lines += ["", "## Sans objet, et pourquoi", "", _WITHOUT, ""]
    for title, kept in (
        ("Nos papiers n’ont pas de quoi les enfreindre", lambda rule: not rule.is_strict),
        ("Refusées d’office", lambda rule: rule.is_strict),
    ):
        lines += [f"**{title}**", ""]
        for family, rules in families.items():
            told = [
                rule for rule in rules if kept(rule) and (rule.is_strict or not seen[rule.name])
            ]
            if told:
                names = ", ".join(f"{rule.name}" for rule in told)
                lines.append(f"- {family} ({len(told)}) : {names}.")
        lines.append("")
    return "\n".join([*lines, _FOOT])


_HEAD = """# Conformité des PDF

Chaque papier est à la fois un PDF/A-3a (ISO 19005-3, pour les archives) et un PDF/UA-1 (ISO 14289-1, pour qui lit avec les oreilles).
veraPDF en publie les règles ({A} et {UA}) ; `bench/conformity/` les pose une à une, avec nos mots, par pikepdf, fontTools et asn1crypto.
`tests/documents/test_conformity.py` les pose à chaque papier, et casse un fichier pour chaque règle : chacune sait donc reprendre.

Cette page est écrite par `python -m bench.conformity`, sur {files} fichiers : un papier de chaque nature avec logo et code à
scanner, chaque sorte de logo, ce que l’éditeur des débats sait écrire, deux signatures horodatées. Le registre relié, le procès-verbal
de soixante membres, la version publique et les dossiers le sont par leurs tests. `python -m bench.conformity FICHIER.pdf` interroge un fichier.
"""  # noqa: E501 paragraphs of a page, as they are read

_WITHOUT = """« Sans objet ici » : la règle parle d’un objet qu’aucun de ces papiers ne contient ; elle est posée quand même, et un test montre qu’elle
reprend. « Refusée d’office » : notre chaîne ne fait jamais un tel objet (trame, encre, JPEG 2000, film, chiffrement…) ; le voir
suffit à reprendre, quoi qu’il contienne, ce qui est plus sévère que la norme."""  # noqa: E501 paragraphs of a page, as they are read

_WHY = {
    "Polices": ", toutes composites et codées Identity-H",
    "Couleurs et dessin": ", tout étant en RVB, sans masque à un bit ni dessin réemployé",
    "Métadonnées": ", sans amendement ni correctif",
    "Métadonnées ajoutées": ", le schéma PDF/UA ne décrivant aucun type à lui",
    "Pièces jointes et calques": ", sans calque",
    "Structure": ", sans type à nous, ni note, ni formule, ni texte de remplacement",
    "Tableaux et listes": ", sans pied de tableau ni table des matières",
    "Liens, champs et signatures": ", les champs étant invisibles et les liens les seules actions",
    "Écriture du fichier": ", sans image au fil du texte",
    "Limites": ", sans table de codes à nous",
}

_FOOT = """## Hors de ces pages

Un dossier qui réunit des PDF d’autrui ne se dit ni PDF/A ni PDF/UA : personne ne répond du fichier d’un autre. Les règles disent la
forme, non le sens : l’ordre de lecture, les têtes de cellules, les liens en mots sont tenus par `tests/documents/test_aloud.py`.
"""  # noqa: E501 paragraphs of a page, as they are read


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
