"""The printed numbers of deliberations: the habits of a body, as data.

A format is text with places between braces, such as « {annee}-{mois}-{jour}/{rang:02} » or
« B{annee}_{numero:03} ». `rang` is the order of a deliberation within its sitting, which the
register must show (art. R2121-9 du CGCT); `numero` runs through the year of the body. A number
after a colon is the least count of digits.
"""

import re
from collections.abc import Iterator
from datetime import date

from law import findings
from law.findings import Finding

NBSP = "\u00a0"
DEFAULT = "{annee}-{mois}-{jour}/{rang:02}"
PLACES = {
    "annee": "l’année, sur quatre chiffres",
    "mois": "le mois de la séance, sur deux chiffres",
    "jour": "le jour de la séance, sur deux chiffres",
    "rang": "le numéro d’ordre dans la séance",
    "numero": "le numéro dans l’année",
}
_PLACE = re.compile(r"\{([a-z]*)(?::0?(\d))?\}")
SAFE_LENGTH = 15  # attribute NumeroInterne of the schema of @CTES


def faults(pattern: str) -> tuple[Finding, ...]:
    """What is wrong with a format; empty when two deliberations can never share a label."""
    return tuple(
        Finding(code=code, message=message, remedy=remedy, field="deliberation_format")
        for code, message, remedy in _faults(pattern)
    )


def _faults(pattern: str) -> Iterator[tuple[str, str, str]]:
    names = [match[1] for match in _PLACE.finditer(pattern)]
    for name in names:
        if name not in PLACES:
            yield (
                "repere_inconnu",
                f"«{NBSP}{{{name}}}{NBSP}» n’est pas un repère.",
                "Les repères sont " + ", ".join(f"{{{place}}}" for place in PLACES) + ".",
            )
    if re.search(r"[{}]", _PLACE.sub("", pattern)):
        yield ("accolade", "Une accolade n’est pas fermée.", "Écrivez par exemple {rang:02}.")
    if "numero" in names:
        if "annee" not in names:
            yield (
                "sans_annee",
                "Sans l’année, deux délibérations porteraient le même numéro.",
                "Ajoutez {annee}.",
            )
    elif not {"annee", "mois", "jour", "rang"} <= set(names):
        yield (
            "numero_ambigu",
            "Deux délibérations pourraient porter le même numéro.",
            "Mettez {annee} et {numero}, ou {annee}, {mois}, {jour} et {rang}.",
        )


def label(pattern: str, *, held_on: date, rank: int, number: int) -> str:
    """The number as it prints, « 2026-03-12/04 ».

    Raises `Refused` when the format cannot tell two deliberations apart.
    """
    findings.refuse(faults(pattern))
    values = {
        "annee": f"{held_on.year:04}",
        "mois": f"{held_on.month:02}",
        "jour": f"{held_on.day:02}",
        "rang": str(rank),
        "numero": str(number),
    }
    return _PLACE.sub(lambda match: values[match[1]].zfill(int(match[2] or 0)), pattern)


def safe(printed: str) -> str:
    """The number as @CTES takes it: capitals, digits and underscores, fifteen at most.

    What does not fit loses its punctuation first, then its century; the end, which tells
    deliberations apart, is always kept.
    """
    text = re.sub(r"[^A-Z0-9]+", "_", printed.upper()).strip("_")
    if len(text) > SAFE_LENGTH:
        text = text.replace("_", "")
    return text[-SAFE_LENGTH:]
