"""The two levels of the nomenclature of acts (@CTES), as the SCDL writes them.

The classification that counts is that of the prefecture, dated, which the transmission keeps. The
SCDL wants the second level alone, in its own spelling: small letters, neither comma nor bracket,
typewriter apostrophes, the two names parted by the only slash.
"""

import re

from law import french

_NAMES = {
    "1": (
        "commande publique",
        "marchés publics",
        "délégation de service public",
        "conventions de mandat",
        "autres types de contrats",
        "transactions et protocoles d’accord transactionnel",
        "actes relatifs à la maîtrise d’œuvre",
        "actes spéciaux et divers",
    ),
    "2": (
        "urbanisme",
        "documents d’urbanisme",
        "actes relatifs au droit d’occupation ou d’utilisation des sols",
        "droit de préemption urbain",
    ),
    "3": (
        "domaine et patrimoine",
        "acquisitions",
        "aliénations",
        "locations",
        "limites territoriales",
        "autres actes de gestion du domaine public",
        "autres actes de gestion du domaine privé",
    ),
    "4": (
        "fonction publique",
        "personnel titulaire et stagiaire de la fonction publique territoriale",
        "personnel contractuel",
        "fonction publique hospitalière",
        "autres catégories de personnels",
        "régime indemnitaire",
    ),
    "5": (
        "institutions et vie politique",
        "élection exécutif",
        "fonctionnement des assemblées",
        "désignation de représentants",
        "délégation de fonctions",
        "délégation de signature",
        "exercice des mandats locaux",
        "intercommunalité",
        "décision d’ester en justice",
    ),
    "6": (
        "libertés publiques et pouvoirs de police",
        "police municipale",
        "pouvoirs du président du conseil départemental",
        "pouvoirs du président du conseil régional",
        "autres actes réglementaires",
        "actes pris au nom de l’état et soumis au contrôle hiérarchique",
    ),
    "7": (
        "finances locales",
        "décisions budgétaires",
        "fiscalité",
        "emprunts",
        "interventions économiques",
        "subventions",
        "contributions budgétaires",
        "avances",
        "fonds de concours",
        "prises de participation",
        "divers",
    ),
    "8": (
        "domaines de compétences par thèmes",
        "enseignement",
        "aide sociale",
        "voirie",
        "aménagement du territoire",
        "politique de la ville habitat logement",
        "emploi formation professionnelle",
        "transports",
        "environnement",
        "culture",
    ),
    "9": (
        "autres domaines de compétences",
        "autres domaines de compétences des communes",
        "autres domaines de compétences des départements",
        "autres domaines de compétences des régions",
        "vœux et motions",
    ),
}
# By its first figure, as people read it.
FIRST_LEVEL = {first: french.capitalise(names[0]) for first, names in _NAMES.items()}
SECOND_LEVEL = {
    f"{first}.{rank}": f"{names[0]}/{name}".replace("’", "\x27")
    for first, names in _NAMES.items()
    for rank, name in enumerate(names[1:], 1)
}


def second_level(code: str) -> tuple[str, str] | None:
    """The code and the name that the SCDL wants of this matter, "7.10.2" being told as "7.10";
    `None` of what has no second level, or none that the nomenclature knows."""
    found = re.match(r"\d\.\d{1,2}(?=\.|$)", code.strip())
    name = SECOND_LEVEL.get(found[0]) if found else None
    return (found[0], name) if found and name else None
