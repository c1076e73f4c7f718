"""What the title of an item suggests: a hint for whoever writes the agenda, never a decision."""

import re

_TITLES = (
    (
        "comptes",
        "le vote des comptes",
        re.compile(
            r"\bcomptes? administratifs?\b|\bcomptes? de gestion\b|\bcompte financier unique\b"
            r"|\bCFU\b|\b(?:approbation|adoption|vote|arrêté) (?:des|du) comptes?\b(?! rendu)",
            re.IGNORECASE,
        ),
    ),
    (
        "budget",
        "le vote du budget",
        re.compile(
            r"\bbudgets? (?:primitif|annexe|principal|supplémentaire)s?\b"
            r"|\b(?:adoption|approbation|vote) (?:du|des) budgets?\b|^budget(?: \d{4})?$",
            re.IGNORECASE,
        ),
    ),
    (
        "executif",
        "l’élection du président ou du bureau",
        re.compile(
            r"\bélections?\b.*\b(?:présidente?s?|bureau|maires?|adjoint(?:e|s|es)?)\b",
            re.IGNORECASE,
        ),
    ),
)
# A debate, a correction or what only follows from such a vote has a law of its own.
_OTHERWISE = re.compile(
    r"\bdébat\b|\borientations? budgétaires?\b|\bdécision modificative\b|\bindemnités?\b"
    r"|\baffectation\b|\bcompte[- ]rendu\b|\b(?:avant|après|depuis) (?:le |l’)?(?:vote|adoption)\b",
    re.IGNORECASE,
)
# What is as plain as « délibération » or « élection » was perhaps not looked at.
_PLAIN = ("deliberation", "election")


def likely_kind(kind: str, title: str) -> tuple[str, str] | None:
    """The kind that an item of this title seems to be of, and in words; `None` when it is of that
    kind already, was given another that is not the usual one, or suggests nothing.

    >>> likely_kind("deliberation", "Approbation du compte administratif 2025")
    ('comptes', 'le vote des comptes')
    >>> likely_kind("deliberation", "Débat sur le budget primitif")
    >>> likely_kind("deliberation", "Investissements à engager avant le vote du budget")
    """
    if kind not in _PLAIN or _OTHERWISE.search(title):
        return None
    return next(((found, words) for found, words, like in _TITLES if like.search(title)), None)
