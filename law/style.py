"""What a body may say in its own words on its papers, in which order, and what the law keeps.

A formula is text with places between braces: « {instance} s’est réuni {lieu} ». The parts of a
paper may be moved; those that the law wants in it may not be left out (art. L2121-15 of the CGCT
for minutes).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from law import french
from law.findings import Finding

# --- Formulas ---------------------------------------------------------------------------------

PLACES = {
    "instance": "l’instance avec son article (« le Bureau »)",
    "organisation": "l’organisation avec son article",
    "date": "la date de la séance (« 4 juillet 2016 »)",
    "date_en_lettres": "la même en lettres (« l’an deux mille seize, le quatre juillet »)",
    "heure": "l’heure d’ouverture, ou de levée dans la formule de levée",
    "lieu": "le lieu, comme il est écrit dans la séance",
    "president": "qui préside (« M. Philippe VARLET »)",
    "convocation": "la date de la convocation",
    "limite": "le dernier jour pour publier la liste",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A sentence that a body may put in its own words; `places` are those it may hold, `ours` is
    what is said when it does not."""

    ours: str
    places: tuple[str, ...] = ()


FORMULAS = {
    "opening": Formula(
        ours="{date_en_lettres} à {heure}, {instance} de {organisation}, légalement convoqué, "
        "s’est réuni {lieu}, sous la présidence de {president}.",
        places=(
            *("instance", "organisation", "date", "date_en_lettres", "heure", "lieu"),
            *("president", "convocation"),
        ),
    ),
    "closing": Formula(
        ours="La séance est levée à {heure}.", places=("instance", "date", "heure", "president")
    ),
    "conform": Formula(
        ours="Pour extrait conforme au registre.", places=("instance", "organisation", "date")
    ),
    "notice": Formula(
        ours="Liste à afficher au siège et à mettre en ligne au plus tard le {limite}.",
        places=("instance", "date", "limite"),
    ),
    "salutation": Formula(ours="Madame, Monsieur,"),
    "courtesy": Formula(
        ours="Je vous prie d’agréer, Madame, Monsieur, l’expression de ma considération "
        "distinguée.",
        places=("instance", "date", "heure", "lieu"),
    ),
}

BLANK = "." * 12  # to be completed by hand
_PLACE = re.compile(r"\{([^{}]*)\}")
# « le {instance} » is « le Bureau »: the article is in the name.
_ARTICLE = re.compile(
    r"\b(?:le |la |l[’'])(?=\{(?:instance|organisation|date_en_lettres)\})", re.IGNORECASE
)
# « de {instance} » is written « du Bureau ».
_NAMES = frozenset({"instance", "organisation", "president"})
_LINKED = re.compile(r"(?:\b(?:(du|de|au|à) |(d)[’']))?\{(\w+)\}", re.IGNORECASE)


def faults(name: str, text: str) -> tuple[Finding, ...]:
    """What is wrong with a formula of this name; empty when it can be printed."""
    return tuple(
        Finding(code=code, message=french.nbsp(message), remedy=french.nbsp(remedy), field=name)
        for code, message, remedy in _faults(FORMULAS[name].places, text)
    )


def _faults(places: Sequence[str], text: str) -> Iterator[tuple[str, str, str]]:
    known = ", ".join(f"{{{place}}}" for place in places)
    remedy = f"Repères possibles : {known}." if known else "Cette formule n’en a pas."
    for place in dict.fromkeys(_PLACE.findall(text)):
        if place not in places:
            yield "repere_inconnu", f"« {{{place}}} » n’est pas un repère de cette formule.", remedy
    if re.search(r"[{}]", _PLACE.sub("", text)):
        yield "accolade", "Une accolade est seule : un repère en a deux.", remedy


def fill(text: str, values: Mapping[str, str]) -> str:
    """The formula with its places filled in, set as French is; a value that is not known leaves
    a blank to be completed."""

    def replaced(match: re.Match[str]) -> str:
        link, name = match[1] or match[2] or "", match[3]
        value = values.get(name) or BLANK
        if not link:
            return value
        if name not in _NAMES or value == BLANK:
            return match[0].replace(f"{{{name}}}", value)
        bound = french.contract("à" if link.casefold() in ("à", "au") else "de", value)
        return french.capitalise(bound) if link[0].isupper() else bound

    bare = _ARTICLE.sub("", text.strip())
    return french.nbsp(french.capitalise(_LINKED.sub(replaced, bare)))


# --- Parts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a paper that may be moved, and left out when it `is_optional`."""

    key: str
    label: str
    is_optional: bool = False


_FIGURES = Part(
    key="chiffres",
    label="Chiffres clés : en exercice, présents, représentés, votants",
    is_optional=True,
)
MINUTES = (
    _FIGURES,
    Part(key="quorum", label="Quorum et secrétaire de séance"),
    Part(key="presences", label="Membres de l’assemblée et leur présence"),
    Part(key="mouvements", label="Ce qui s’est passé à l’ouverture"),
    Part(key="ordre-du-jour", label="Ordre du jour"),
    Part(key="debats", label="Débats et décisions"),
)
EXTRACT = (
    _FIGURES,
    Part(key="presences", label="Présents, représentés, absents"),
    Part(key="quorum", label="Quorum, secrétaire de séance, déports"),
    Part(key="acte", label="Délibération et vote"),
)
PARTS = {"minutes": MINUTES, "extract": EXTRACT}


def order(paper: str) -> tuple[str, ...]:
    """The keys of the parts of a paper as they stand when nobody moved them."""
    return tuple(part.key for part in PARTS[paper])


def part_faults(paper: str, keys: Sequence[str]) -> tuple[Finding, ...]:
    """What is wrong with an order of parts; empty when the law finds in it all that it wants."""
    found = []
    known = order(paper)
    if set(keys) - set(known) or len(set(keys)) != len(keys):
        found.append(
            Finding(
                code="parties_inconnues",
                message="Cet ordre nomme une partie inconnue, ou deux fois la même.",
                remedy="Rechargez la page et recommencez.",
            )
        )
    for part in PARTS[paper]:
        if not part.is_optional and part.key not in keys:
            found.append(
                Finding(
                    code="partie_obligatoire",
                    message=french.nbsp(f"« {part.label} » se déplace mais ne se retire pas."),
                    article="art. L2121-15 du CGCT" if paper == "minutes" else "",
                )
            )
    return tuple(found)
