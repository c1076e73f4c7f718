"""Acts of the assembly: what a deliberation says, as a draft and as it was decided."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of a `dispositif`: "Article 1er", "Le budget est adopté.".

    `parts` are the entries of the list that its text introduces.
    """

    label: str
    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActText:
    """A deliberation, drafted or taken: who decides, on what grounds, what.

    `author` opens it ("Le Comité syndical,"), then come the `visas` ("Vu …"), the `recitals`
    (`considérants`) and whose report was `heard`; `decides` ends them ("Après en avoir
    délibéré, décide :"). Each text is finished, punctuation included.
    """

    author: str
    visas: tuple[str, ...] = ()
    recitals: tuple[str, ...] = ()
    heard: str = ""
    decides: str = ""
    articles: tuple[Article, ...] = ()
