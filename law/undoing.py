"""May an act be undone still, and by which case of the law?

An act that creates rights is withdrawn or repealed only if it is illegal, within four months of the
day it was taken (art. L242-1 of the CRPA); one that creates none is withdrawn under the same two
conditions (art. L243-3), and repealed at any time (art. L243-1). Past these months, a case without
delay is left. Nothing here tells whether an act creates rights: who undoes it says so.
"""

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from law import deadlines, french
from law.acts import Nature
from law.delegations import Kind
from law.findings import Finding

MONTHS = 4


class Way(StrEnum):
    """What one does to an earlier act, as its register says it."""

    MODIFIES = "modifie"
    REPEALS = "abroge"
    REPLACES = "remplace"
    WITHDRAWS = "retire"
    RECTIFIES = "rectifie"


class Ground(StrEnum):
    """By what an act is undone once four months are over."""

    FRAUD = "fraude"
    REQUEST = "demande"
    CONDITION = "condition"
    SUBSIDY = "subvention"
    SANCTION = "sanction"
    NO_RIGHTS = "sans_droits"
    SPECIAL = "special"

    @property
    def words(self) -> str:
        """What it is, with its article, as a sentence begins."""
        said, article, _ = _GROUNDS[self]
        return f"{said} ({article})"

    def lets(self, way: Way) -> bool:
        """Whether it lets one do so."""
        return way in _GROUNDS[self][2]


_LEAVES = (Way.MODIFIES, Way.RECTIFIES)  # it goes on, as modified, or as it was always meant
_ENDS = (Way.REPEALS, Way.REPLACES)
UNDOING = (*_ENDS, Way.WITHDRAWS)
_GROUNDS = {
    Ground.FRAUD: ("Il a été obtenu par fraude", "art. L241-2 du CRPA", UNDOING),
    Ground.REQUEST: (
        "Son bénéficiaire le demande, pour une décision plus favorable, sans atteinte aux droits "
        "des tiers",
        "art. L242-4 du CRPA",
        UNDOING,
    ),
    Ground.CONDITION: (
        "Son maintien dépendait d’une condition qui n’est plus remplie",
        "art. L242-2, 1° du CRPA",
        _ENDS,
    ),
    Ground.SUBSIDY: (
        "Il accorde une subvention dont les conditions n’ont pas été respectées",
        "art. L242-2, 2° du CRPA",
        (Way.WITHDRAWS,),
    ),
    Ground.SANCTION: ("C’est une sanction", "art. L243-4 du CRPA", (Way.WITHDRAWS,)),
    Ground.NO_RIGHTS: ("Il ne crée de droits pour personne", "art. L243-1 du CRPA", _ENDS),
    Ground.SPECIAL: (
        "Une loi ou un règlement propre à cet acte, ou le droit de l’Union, le permet",
        "art. L241-1 du CRPA",
        UNDOING,
    ),
}


def other_power(by: Kind, of: Kind) -> Finding | None:
    """That an act is undone by one of another power: what was decided in the name of the assembly
    is undone in its name, or by itself; an order, by an order. `None` of two of one power."""
    if by is of:
        return None
    said = "au nom de l’assemblée, par délégation"
    own = "par un pouvoir propre, ou que la présidence délègue"
    takes, was = (own, said) if by is Kind.ORDER else (said, own)
    target = "une décision" if of is Kind.DECISION else "un arrêté"
    return Finding(
        code="autre_pouvoir",
        message=f"{by.this} est {french.agree('pris', feminine=by.is_feminine)} {takes}\u00a0; "
        f"l’acte visé, {target}, l’a été {was}. Qui défait un acte doit pouvoir le prendre.",
        remedy="Prenez-le par le même pouvoir, ou cochez la case si son texte le fait quand même.",
        field="verified",
    )


def no_power(*, takes_note: bool, is_executive: bool, article: str) -> Finding | None:
    """That what only takes note undoes nothing; that an election to the presidency or the bureau is
    undone by its judge alone (`article`). `None` where neither is so."""
    if is_executive:
        return Finding(
            code="election_visee",
            message="L’acte visé est une élection de l’exécutif\u00a0: une fois proclamée, le juge "
            "seul l’annule. Une délibération ne la retire, ne l’abroge ni ne la modifie.",
            article=article,
            remedy="Saisissez le tribunal dans son délai\u00a0; après lui, une démission ou la "
            "fin du mandat ouvre une nouvelle élection.",
            field="target",
        )
    if takes_note:
        return Finding(
            code="prend_acte",
            message="Cette délibération prend acte\u00a0: elle ne décide rien, et ne défait rien.",
            remedy="Faites voter une délibération qui le décide.",
        )
    return None


def other_forms(way: Way, *, is_designation: bool, article: str) -> Finding | None:
    """That a designation is withdrawn, or undone by what designates nobody: those whom it names are
    replaced, at any time, by a new designation, in the same forms (`article`). `None` of that."""
    if way is Way.WITHDRAWS:
        return Finding(
            code="designation_retiree",
            message="L’acte visé désigne quelqu’un\u00a0: une désignation ne se retire pas, et le "
            "juge seul l’annule.",
            article=article,
            remedy="Choisissez «\u00a0remplace\u00a0»\u00a0: une nouvelle désignation le peut à "
            "tout moment, pour la suite.",
            field="kind",
        )
    if is_designation or way is Way.RECTIFIES:
        return None
    return Finding(
        code="designation_autrement",
        message="L’acte visé désigne quelqu’un, qui se remplace par une nouvelle désignation, dans "
        "les mêmes formes\u00a0; celle-ci est votée comme une délibération.",
        article=article,
        remedy="Désignez de nouveau, ou cochez la case si le vote s’est tenu dans ces formes.",
        field="verified",
    )


def other_author(by: str, of: str, *, is_delegated: bool) -> Finding:
    """That a body undoes what another took: by delegation (`is_delegated`), it has no more than was
    given it; and who gave it a power does not use that one meanwhile."""
    rule = (
        f"{french.capitalise(by)}, qui ne décide que par délégation, ne défait pas un acte que "
        "cette délégation ne couvre pas."
        if is_delegated
        else "Qui a délégué un pouvoir ne l’exerce pas tant que la délégation dure."
    )
    return Finding(
        code="autre_auteur",
        message=f"L’acte visé est d’un autre auteur ({of}). {rule} Qui défait un acte doit "
        "pouvoir le prendre.",
        remedy=f"Faites-le prendre par son auteur, ou cochez la case si {by} en a le pouvoir.",
        field="verified",
    )


def no_words(by: str) -> Finding:
    """That an act has no article at all: nothing in it undoes another."""
    return Finding(
        code="lien_sans_dispositif",
        message=f"{by} n’a pas d’article\u00a0: rien n’y dit ce que devient l’autre acte.",
        remedy="Écrivez ses articles et établissez-en une version, ou cochez la case si son vote "
        "le décidait.",
        field="verified",
    )


def already(way: Way, done: Way, by: str) -> Finding | None:
    """That another act (`by`) withdrew this one, of which nothing is left, or ended it, which only
    lets one withdraw it, from its origin; `None` where something is left to undo."""
    if done in _LEAVES or (done in _ENDS and way is Way.WITHDRAWS):
        return None
    said = {Way.REPEALS: "l’abroge", Way.REPLACES: "le remplace", Way.WITHDRAWS: "le retire"}[done]
    return Finding(
        code="deja_defait",
        message=f"L’acte visé n’est plus à défaire\u00a0: {by} {said} déjà.",
        remedy="Si ce lien est dit par erreur, retirez-le d’abord\u00a0; si cet acte n’aura pas "
        "d’effet, cochez la case.",
        field="verified",
    )


_ARTICLE = re.compile(r"\bart(?:icle|\.)\s*(\d+|premier|unique)(?:er)?", re.IGNORECASE)


def misquoted(passage: str, articles: Sequence[str]) -> Finding | None:
    """That what is said to be its text is not in it: an article that it does not have, words that
    none of them says. `None` where it is, and of an act without articles."""
    if not articles or not passage.strip():
        return None
    for found in _ARTICLE.finditer(passage):
        number = int(found[1]) if found[1].isdigit() else 1
        if not 1 <= number <= len(articles):
            has = french.count(len(articles), "article")
            return _misquoted(f"Il n’y a pas d’article {number}\u00a0: son texte en a {has}.")
    words = _letters(_ARTICLE.sub(" ", passage))
    if words and words not in _letters(" ".join(articles)):
        return _misquoted("Ces mots ne sont pas dans ses articles.")
    return None


def _misquoted(message: str) -> Finding:
    return Finding(
        code="passage_introuvable",
        message=message,
        remedy="Recopiez le passage, ou dites seulement l’article\u00a0: «\u00a0article 2\u00a0».",
        field="passage",
    )


def _letters(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.casefold()))


def not_illegal(
    way: Way,
    nature: Nature | None,
    *,
    decided_on: date | None,
    on: date,
    illegality: str,
    ground: str = "",
) -> Finding | None:
    """That an act is withdrawn, or one that may create rights ended, by no case without delay
    (`ground`), and nobody says how it is illegal: within its four months too, that is what lets one
    do so."""
    if way in _LEAVES or (way in _ENDS and nature in (None, Nature.RULE)):
        return None
    if grounds(way, nature, decided_on=decided_on, on=on) or illegality.strip():
        return None
    last = deadlines.add_months(decided_on, MONTHS) if decided_on is not None else None
    until = f", jusqu’au {french.long_date(last)}" if last is not None else ""
    if way in _ENDS:
        if ground in list(Ground) and Ground(ground).lets(way):
            return None
        return Finding(
            code="droits_crees",
            message="Un acte qui crée des droits (une subvention, une nomination) ne se défait "
            f"que s’il est illégal, dans les quatre mois de sa prise{until}.",
            article="art. L242-1 et L243-1 du CRPA",
            remedy="Dites qu’il ne crée de droits pour personne, ou en quoi il est illégal.",
            field="ground",
        )
    return Finding(
        code="sans_illegalite",
        message="Seul un acte illégal se retire, dans les quatre mois de sa prise"
        f"{until}\u00a0: dites en quoi il l’est.",
        article="art. L242-1 et L243-3 du CRPA",
        remedy="S’il est légal, abrogez-le, ou remplacez-le, pour l’avenir.",
        field="illegality",
    )


def grounds(
    way: Way, nature: Nature | None, *, decided_on: date | None, on: date
) -> tuple[Ground, ...]:
    """Those among which one chooses to undo that day an act of this nature, taken on that one;
    empty when nothing is asked. What is not known here (`None`) is asked of a withdrawal alone."""
    if way in _LEAVES or (way in _ENDS and nature in (None, Nature.RULE)):
        return ()
    if decided_on is not None and on <= deadlines.add_months(decided_on, MONTHS):
        return ()
    return tuple(each for each in Ground if each.lets(way))


def objection(
    way: Way, nature: Nature | None, *, decided_on: date | None, on: date, ground: str
) -> Finding | None:
    """That an act is undone past four months and nobody says by which case; `None` otherwise."""
    offered = grounds(way, nature, decided_on=decided_on, on=on)
    if not offered or ground in offered:
        return None
    is_withdrawn = way is Way.WITHDRAWS
    since = (
        f"Cet acte est du {french.long_date(decided_on)}\u00a0: plus de quatre mois ont passé."
        if decided_on is not None
        else "Le jour de cet acte n’est pas connu ici\u00a0: quatre mois ont pu passer."
    )
    rule = (
        " Au-delà, il ne se retire que dans un cas sans délai."
        if is_withdrawn
        else " S’il crée des droits, il ne se défait, au-delà, que dans un cas sans délai."
    )
    return Finding(
        code="quatre_mois",
        message=since + rule,
        article="art. L242-1 et L243-3 du CRPA" if is_withdrawn else "art. L242-1 du CRPA",
        remedy="Choisissez lequel\u00a0; si aucun ne convient, abrogez-le s’il ne crée pas de "
        "droits, ou laissez-le."
        if is_withdrawn
        else "Choisissez lequel, ou dites qu’il ne crée de droits pour personne.",
        field="ground",
    )
