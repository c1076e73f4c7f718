"""How a typed name finds its person."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from operator import itemgetter


# Names stay the same while votes come in: three hundred of them, told again at each vote.
@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """A name as one types it: small letters, no accent, no space nor hyphen."""
    text = text.casefold().replace("œ", "oe").replace("æ", "ae")
    split = unicodedata.normalize("NFD", text)
    return "".join(char for char in split if char.isalnum())


def marks(names: Mapping[str, str]) -> dict[str, int]:
    """Key → how many letters of her folded name tell her from all the others."""
    return _marks(tuple(sorted(names.items(), key=itemgetter(1))))


@lru_cache(maxsize=64)
def _marks(ordered: tuple[tuple[str, str], ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for rank, (key, name) in enumerate(ordered):
        beside = [ordered[each][1] for each in (rank - 1, rank + 1) if 0 <= each < len(ordered)]
        common = max((_common(name, other) for other in beside), default=0)
        found[key] = min(len(name), common + 1)
    return found


def _common(one: str, other: str) -> int:
    return next(
        (rank for rank, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


@lru_cache(maxsize=4096)
def cut(name: str, letters: int) -> tuple[str, str]:
    """The written name cut after so many of its folded letters."""
    count = 0
    for rank, char in enumerate(name):
        if count >= letters:
            return name[:rank], name[rank:]
        count += len(fold(char))
    return name, ""


@lru_cache(maxsize=4096)
def other_names(last_name: str, first_name: str) -> tuple[str, ...]:
    """Other beginnings by which she is found: after a particle, each part, the first name."""
    parts = [fold(part) for part in re.split(r"[\s'’-]+", last_name) if part]
    after = ("".join(parts[rank:]) for rank in range(1, len(parts)))
    return (*after, fold(first_name))
