"""A draft deliberation, from the lines typed in a field to the words that print. Pure.

Visas, considérants and the dispositif are typed one entry a line, without the words that begin
each of them; who writes « Vu », « Considérant » or « Article 2 » all the same does no harm.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from law import french
from law.french import NBSP

_BULLET = re.compile(r"^[-–—•*]\s+")
_VISA = re.compile(r"^vu(?:\s*:\s*|\s+)", re.I)
_RECITAL = re.compile(r"^considérant(?:\s*:\s*|\s+)", re.I)
# « Article 12 du règlement » begins a sentence; « Article 12 : » is what we write ourselves.
_ARTICLE = re.compile(
    r"^article\s+(?:\d+(?:\s?er)?|premier|unique|[ivxlc]+)\s*[:.–—-]+(?:\s+|$)", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of the dispositif; `parts` are the entries of the list that it introduces."""

    label: str
    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as it prints: « Vu le code…, », « Considérant que…, », « Article 1er », « … »."""

    visas: tuple[str, ...] = ()
    recitals: tuple[str, ...] = ()
    articles: tuple[Article, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.visas or self.recitals or self.articles)

    @property
    def is_verbal(self) -> bool:
        """Whether the assembly is the subject of each article: « Approuve… », « DIT que… »."""
        return all(_is_verb(article.text.split()[0]) for article in self.articles)


# What assemblies do, in the words that begin their articles.
_VERBS = frozenset(
    "abroge accepte accorde adhère adopte alloue approuve arrête attribue autorise charge "
    "confie confirme constate crée décide demande dénomme désigne dit donne élit émet engage "
    "fixe habilite institue instaure inscrit mandate modifie nomme ouvre précise prend "
    "proclame proroge rappelle ratifie refuse rejette renonce renouvelle reporte retient "
    "retire s’engage sollicite souhaite transfère valide vote".split()
)


def _is_verb(word: str) -> bool:
    bare = word.strip(",;:").replace("'", "’")
    return bare.casefold() in _VERBS or (len(bare) > 1 and bare.isupper())


def draft(*, visas: str = "", recitals: str = "", articles: str = "") -> Draft:
    """The draft that these three fields hold."""
    return Draft(
        visas=tuple(_clause("Vu", entry) for entry in _entries(visas, _VISA)),
        recitals=tuple(_clause("Considérant", entry) for entry in _entries(recitals, _RECITAL)),
        articles=tuple(_articles(articles)),
    )


def proposed(title: str) -> str:
    """An article for a vote of which nobody wrote the operative text, to be read again and kept.

    >>> proposed("Convention avec le Département.")
    'D’approuver « Convention avec le Département », selon la proposition présentée en séance.'
    """
    return f"D’approuver « {title.strip().rstrip('.')} », selon la proposition présentée en séance."


def tidy(text: str) -> str:
    """A field as it is stored: no empty line, no space at either end of a line."""
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.splitlines())
    return "\n".join(filter(None, lines))


def _entries(text: str, opening: re.Pattern[str]) -> Iterator[str]:
    for line in tidy(text).splitlines():
        entry = opening.sub("", _BULLET.sub("", line)).strip()
        if entry:
            yield entry


def _clause(opening: str, entry: str) -> str:
    """A clause that goes before the verb: it ends with a comma unless it ends otherwise."""
    return french.nbsp(f"{opening} {_ended(entry, ',')}")


def _ended(text: str, mark: str) -> str:
    return text if text[-1] in ",;.:!?…" else f"{text}{mark}"


def _articles(text: str) -> Iterator[Article]:
    """A dashed line under an entry that ends with a colon belongs to that entry."""
    found: list[tuple[str, list[str]]] = []
    for line in tidy(text).splitlines():
        entry = _ARTICLE.sub("", _BULLET.sub("", line)).strip()
        if not entry:
            continue
        if found and _BULLET.match(line) and found[-1][0].endswith(":"):
            found[-1][1].append(entry)
        else:
            found.append((entry, []))
    for rank, (entry, parts) in enumerate(found, 1):
        number = french.ordinal(rank) if rank == 1 else str(rank)
        yield Article(
            label=f"Article{NBSP}{'unique' if len(found) == 1 else number}",
            text=french.sentence(entry),
            parts=tuple(
                french.nbsp(_ended(part, f"{NBSP};" if index < len(parts) else "."))
                for index, part in enumerate(parts, 1)
            ),
        )
