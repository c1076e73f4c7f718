"""The words of the trade, explained where they show: from docs/glossaire.md, and nowhere else."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from django.conf import settings

from guides.reading import GUIDES
from law import french

_TABLE = re.compile(r"^\| mot \|.*\n\|[-|]+\|\n((?:\|.*\|\n)+)", re.M)


@cache
def terms() -> Mapping[str, str]:
    """What each word means, by the word."""
    text = (settings.BASE_DIR / "docs" / GUIDES["glossaire"]).read_text(encoding="utf-8")
    table = _TABLE.search(text)
    lines = table[1].splitlines() if table else []
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return MappingProxyType({word: french.nbsp(meaning) for word, meaning in rows})
