"""Do the articles say what was adopted, once the vote amended them?

An amendment that is adopted is part of the text: an extract that prints the articles as they came,
then the vote, enacts nothing that one may read.
"""

import re
from collections.abc import Sequence

from law.masking import folded

_ARTICLE = re.compile(r"\bart(?:icle|\.)\s*(\d+|premier|unique)(?:er)?", re.IGNORECASE)
_QUOTED = re.compile(r"«\s*(.+?)\s*»", re.DOTALL)
_ADDS = re.compile(r"\b(?:ajoute|insere|cree)")
_AMENDS = re.compile(r"\b(?:sous[- ]?)?amendements?\b")


def amends(question: str) -> bool:
    """Whether what was put to the vote is an amendment, as its words say."""
    return bool(_AMENDS.search(folded(question)))


def is_carried(amendment: str, articles: Sequence[str]) -> bool:
    """Whether the articles say what was adopted, as far as words tell: the article that it adds is
    there, and the last words that it quotes, else its own. What they cannot tell, a person
    answers."""
    numbers = [int(found[1]) for found in _ARTICLE.finditer(amendment) if found[1].isdigit()]
    if any(each > len(articles) for each in numbers):
        return False
    quoted = _QUOTED.findall(amendment)
    if numbers and not quoted and _ADDS.search(folded(amendment)):
        return True
    wanted = _words(quoted[-1] if quoted else _ARTICLE.sub(" ", amendment))
    return len(wanted) > 2 and wanted in _words(" ".join(articles))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", folded(text)))
