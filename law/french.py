"""French grammar and typography, as far as minutes need them: agreement, dates, hours, lists.

Pure text in, pure text out. Nothing here knows the law; `law.sentences` does. Words are spelled
traditionally ("vingt et un", "quatre-vingts"). The no-break space is U+00A0 everywhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

NBSP = "\u00a0"

ClockStyle = Literal["full", "compact"]

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_SHORT_MONTHS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


# --- Lists, articles, elision ---------------------------------------------------------------


def join(names: Iterable[str], conjunction: str = "et") -> str:
    """An enumeration: "A, B et C"; "" when there is nothing to join."""
    names = list(names)
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


# An initial h is aspirated unless its word begins like one of these, accents left out.
_MUTE_H = re.compile(
    "habi|habl|hagond|haleine|halluin|halter|harmon|harnes|haubourdin|hautmont|hazebrouck|heb|hect"
    "|hel(en|ice|ico|lemmes)|hemi|hendaye|henin|hennebont|henri|herault|her(b|edi|icourt|it|metiq)"
    "|herouville|hesdin|hesit|heter|heur|hexag|hilaire|hippo|hirson|hist|hiver|hom|hon|hop|hor"
    "|hosp|hot|houilles|hubert|hugues|hui|hum|hy"
)
_ASPIRATED = (
    *("herisson", "heros", "heurt", "homard", "honfleur", "hong", "hont", "hors", "hotte", "huis "),
    *("huit", "onz", "oui"),
)


def folded(text: str) -> str:
    """The text as a French dictionary files it: no accent, no capital, punctuation as a space."""
    text = text.casefold().replace("œ", "oe").replace("æ", "ae")
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


_DAY = re.compile(r"(?:le\s+)?(?:([a-z]+)\s+)?(\d{1,2})(?:er)?\s+([a-z]+)\.?\s+(\d{4})")


def day_told(text: str) -> date | None:
    """The day that words tell, `None` when they tell none, or a weekday that it is not: accents,
    capitals and shortened months are as people write them.

    >>> day_told("Lundi 14 décembre 2026"), day_told("1er fevr. 2027"), day_told("31 juin 2026")
    (datetime.date(2026, 12, 14), datetime.date(2027, 2, 1), None)
    """
    found = _DAY.fullmatch(_without_accents(text.strip().casefold()))
    if not found:
        return None
    weekday, number, name, year = found.groups()
    months = [
        rank
        for rank, each in enumerate(map(_without_accents, MONTHS), 1)
        if each == name or (len(name) > 2 and each.startswith(name))
    ]
    try:
        told = date(int(year), months[0], int(number)) if len(months) == 1 else None
    except ValueError:
        return None
    return told if told and weekday in (None, WEEKDAYS[told.weekday()]) else None


def elides(word: str) -> bool:
    """Whether "de", "le" or "que" loses its vowel before this word.

    >>> elides("Amiens"), elides("Yvetot"), elides("Hallencourt"), elides("onze")
    (True, True, False, False)
    """
    bare = _without_accents(word.lstrip(f'« {NBSP}"“').casefold())
    if not bare or bare.startswith(_ASPIRATED):
        return False
    letter = bare[0]
    if letter == "h":
        return bool(_MUTE_H.match(bare))
    if letter == "y":
        return len(bare) > 1 and bare[1] not in "aeiou"
    return letter in "aeiou"


def elide(word: str, following: str) -> str:
    """A short word before another: "d’Amiens", "qu’il", "de Corbie"."""
    return f"{word[:-1]}’{following}" if elides(following) else f"{word} {following}"


# What is not a name for beginning with a capital: « La Communauté de communes ».
_COMMON = re.compile(
    r"agence|assemblée|association|bureau|comité|commission|commune|communauté|conseil|conférence"
    r"|établissement|fédération|mairie|métropole|pôle|préfecture|présiden|régie|région|société"
    r"|syndicat|union|ville",
    re.IGNORECASE,
)


def _is_of_a_name(article: str, rest: str) -> bool:
    """Whether this article belongs to a name, and keeps its capital: « La Rochelle »."""
    return article[:1].isupper() and rest[:1].isupper() and not _COMMON.match(rest)


def contract(preposition: Literal["de", "à"], group: str) -> str:
    """A preposition and a noun group, its article contracted.

    >>> contract("de", "le syndicat mixte X"), contract("à", "Les élus"), contract("de", "Albert")
    ('du syndicat mixte X', 'aux élus', 'd’Albert')
    >>> contract("de", "La Rochelle"), contract("de", "Le Havre"), contract("à", "L’Étoile")
    ('de La Rochelle', 'du Havre', 'à L’Étoile')
    """
    article, _, rest = group.partition(" ")
    contracted = {
        ("de", "le"): "du",
        ("de", "les"): "des",
        ("à", "le"): "au",
        ("à", "les"): "aux",
    }.get((preposition, article.casefold()))
    if contracted and rest:
        return f"{contracted} {rest}"
    if article.casefold() == "la" and rest:
        kept = "La" if _is_of_a_name(article, rest) else "la"
        return f"{preposition} {kept} {rest}"
    if match := re.match(r"(l)[’'](?=\w)", group, re.IGNORECASE):
        rest = group[match.end() :]
        return f"{preposition} {'L' if _is_of_a_name(match[1], rest) else 'l'}’{rest}"
    if preposition == "de":
        return elide("de", group)
    return f"{preposition} {group}"


def definite(noun: str) -> str:
    """A masculine noun with its article: "le président", "l’adjoint"."""
    return f"l’{noun}" if elides(noun) else f"le {noun}"


def capitalise(text: str) -> str:
    """The first letter in capitals, the others untouched: "le Bureau" → "Le Bureau"."""
    for index, character in enumerate(text):
        if character.isalnum():
            return text[:index] + character.upper() + text[index + 1 :]
    return text


def in_capitals(designation: str) -> str:
    """A name in capitals, its article left small: "le Bureau" → "le BUREAU"."""
    article = re.match(r"l(?:[ea]s? |[’'])", designation, re.IGNORECASE)
    start = article.end() if article else 0
    return designation[:start] + designation[start:].upper()


def sentence(text: str) -> str:
    """A sentence fit for print: capital, full stop, no-break spaces; "" stays ""."""
    text = text.strip()
    if not text:
        return ""
    if text[-1] not in ".!?…;:" and not text.endswith((". »", f".{NBSP}»")):
        text += "."
    return nbsp(capitalise(text))


# --- Agreement ------------------------------------------------------------------------------

# Where the noun of a phrase stops: what follows is its complement and does not agree.
_COMPLEMENT = re.compile(
    r"(de|du|des|à|au|aux|en|par|pour|contre|sur|sans|avec|ou)$|[dl][’']", re.IGNORECASE
)

_ADVERBS = frozenset({"non", "pas", "encore", "déjà", "bien", "mal", "plus", "très"})

_FEMININE = {
    "blanc": "blanche",
    "chef": "cheffe",
    "nul": "nulle",
    "rapporteur": "rapporteure",
    "nouveau": "nouvelle",
    "maire": "maire",
    "tous": "toutes",
    "tout": "toute",
    "public": "publique",
    "complet": "complète",
    "il": "elle",
    "ils": "elles",
    "le": "la",
    "un": "une",
    "1er": "1re",
}
_PLURAL = {
    "il": "ils",
    "elle": "elles",
    "le": "les",
    "la": "les",
    "tout": "tous",
    "toute": "toutes",
    "celui": "ceux",
    "celle": "celles",
    "cette": "ces",
    "ce": "ces",
}
_FEMININE_ENDINGS = (
    ("teur", "trice"),
    ("if", "ive"),
    ("eux", "euse"),
    ("er", "ère"),
    ("en", "enne"),
    ("el", "elle"),
    ("eau", "elle"),
)


def agree(phrase: str, *, feminine: bool = False, plural: bool = False) -> str:
    """A masculine singular word or phrase, agreed: participle, adjective or noun.

    Only the words before the first preposition agree.

    >>> agree("désigné", feminine=True), agree("vice-président", feminine=True, plural=True)
    ('désignée', 'vice-présidentes')
    >>> agree("secrétaire de séance", plural=True), agree("admis", feminine=True, plural=True)
    ('secrétaires de séance', 'admises')
    >>> agree("non appelé", feminine=True), agree("pas encore entré", feminine=True, plural=True)
    ('non appelée', 'pas encore entrées')
    """
    words = phrase.split(" ")
    for index, word in enumerate(words):
        if _COMPLEMENT.match(word):
            break
        if word in _ADVERBS:
            continue
        if feminine:
            word = _feminine(word)
        words[index] = _plural(word) if plural else word
    return " ".join(words)


def _is_initials(word: str) -> bool:
    """Whether it is spelled in capitals, and never agrees: "CAO"."""
    return len(word) > 1 and word.isupper()


def _feminine(word: str) -> str:
    if _is_initials(word):
        return word
    if word in _FEMININE:
        return _FEMININE[word]
    if word.endswith(("e", "es")):
        return word
    for ending, replacement in _FEMININE_ENDINGS:
        if word.endswith(ending):
            return word[: -len(ending)] + replacement
    return word + "e"


def _plural(word: str) -> str:
    if word in _PLURAL:
        return _PLURAL[word]
    if not word or word[-1] in "sxz" or not word[-1].isalpha() or _is_initials(word):
        return word
    if word.endswith("al"):
        return word[:-2] + "aux"
    if word.endswith(("eau", "eu")):
        return word + "x"
    return word + "s"


def singular(phrase: str) -> str:
    """What the members of a body are called, one of them: "délégués" → "délégué"."""
    words = phrase.split(" ")
    for index, word in enumerate(words):
        if _COMPLEMENT.match(word):
            break
        if word.endswith("aux") and not word.endswith("eaux"):
            words[index] = word[:-3] + "al"
        elif word.endswith(("s", "eaux")):
            words[index] = word[:-1]
    return " ".join(words)


_FEMININE_NOUNS = ("ée", "ente", "ante", "ointe", "ale", *(she for _, she in _FEMININE_ENDINGS))


def is_feminine_noun(phrase: str) -> bool:
    """Whether what the members of a body are called is feminine: "déléguée", "conseillère"."""
    return phrase.partition(" ")[0].endswith(_FEMININE_NOUNS)


def count_in_words(number: int, noun: str, *, feminine: bool = False) -> str:
    """A number in words and its noun, in set formulas: "trois membres", "une abstention"."""
    written = "une" if feminine and number == 1 else in_words(number)
    return f"{written} {agree(noun, plural=number > 1)}"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number and its noun: "0 abstention", "1 voix contre", "5 délégués présents".

    `noun` is singular; `plural` is only needed when the rule does not find it.
    """
    return f"{figure(number)} {noun if abs(number) < 2 else plural or agree(noun, plural=True)}"


def blank_and_null(blank: int, null: int, *, weighted: bool = False) -> list[str]:
    """Papers that name nobody, when there are any: "2 bulletins blancs", "1 bulletin nul"; votes
    where they are weighed, of which one paper may bear several: "2 voix en blanc"."""
    told = ("voix en blanc", "voix nulle") if weighted else ("bulletin blanc", "bulletin nul")
    return [
        count(number, noun, "voix en blanc" if noun == "voix en blanc" else "")
        for number, noun in zip((blank, null), told, strict=True)
        if number
    ]


# --- Civilities and names -------------------------------------------------------------------


def is_feminine(civilities: Sequence[str]) -> bool:
    """Gender of a group: feminine only when everybody in it is; an unknown is masculine."""
    return bool(civilities) and all(civility == "Mme" for civility in civilities)


def civility_long(civility: str) -> str:
    """The civility spelled out: "M." → "Monsieur"; an unknown is kept."""
    return {"M.": "Monsieur", "Mme": "Madame"}.get(civility, civility)


_PARTICLES = frozenset(("de", "du", "des"))
_LINKS = frozenset(("de", "du", "des", "en", "le", "la", "les", "lès", "sur", "sous"))


def title_name(name: str) -> str:
    """A name typed in capitals, in the case of running text.

    Particles are lower case, articles keep their capital: "DE LA TOUR" → "de La Tour".

    >>> title_name("JEAN-CHRISTOPHE"), title_name("LE GALL"), title_name("D’ESTAING")
    ('Jean-Christophe', 'Le Gall', 'd’Estaing')
    """

    def cased(word: str) -> str:
        lowered = word.casefold()
        if lowered in _PARTICLES:
            return lowered
        if match := re.match(r"([dl])([’'])(.+)", lowered):
            letter, apostrophe, rest = match.groups()
            letter = letter if letter == "d" else letter.upper()
            return f"{letter}{apostrophe}{capitalise(rest)}"
        return "-".join(
            part if index and part in _LINKS else capitalise(part)
            for index, part in enumerate(lowered.split("-"))
        )

    return " ".join(cased(word) for word in name.split())


def _without_accents(text: str) -> str:
    text = text.replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


# --- Numbers --------------------------------------------------------------------------------

_UNITS = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize"),
    *("dix-sept", "dix-huit", "dix-neuf"),
)
_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}


def figure(number: int) -> str:
    """Digits, thousands set apart by a no-break space."""
    return f"{number:,}".replace(",", NBSP)


def euros(amount: Decimal) -> str:
    """ "40 000 €", "18 400,50 €": cents only where there are some."""
    whole, cents = divmod(round(amount * 100), 100)
    return f"{figure(whole)}{f',{cents:02}' if cents else ''}{NBSP}€"


MOST_IN_WORDS = 999_999


def in_words(number: int) -> str:
    """A cardinal in words, masculine: "vingt et un", "deux mille seize", "quatre-vingts"."""
    if not 0 <= number <= MOST_IN_WORDS:
        raise ValueError(f"{number} ne s’écrit pas en lettres ici.")
    if number < 1000:
        return _hundreds(number, last=True)
    thousands, rest = divmod(number, 1000)
    head = "mille" if thousands == 1 else f"{_hundreds(thousands, last=False)} mille"
    return f"{head} {_hundreds(rest, last=True)}" if rest else head


def _hundreds(number: int, *, last: bool) -> str:
    """Below a thousand; `last`: nothing follows, so that "cents" and "vingts" take their s."""
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(number, last=last)
    head = "cent" if hundreds == 1 else f"{_UNITS[hundreds]} cent"
    if rest:
        return f"{head} {_below_hundred(rest, last=last)}"
    return head + "s" if hundreds > 1 and last else head


def _below_hundred(number: int, *, last: bool) -> str:
    if number < 20:
        return _UNITS[number]
    ten, unit = divmod(number, 10)
    if ten in (7, 9):
        ten, unit = ten - 1, unit + 10
    head = _TENS[ten]
    if unit == 0:
        return head + "s" if ten == 8 and last else head
    if unit in (1, 11) and ten != 8:
        return f"{head} et {_UNITS[unit]}"
    return f"{head}-{_UNITS[unit]}"


def ordinal(number: int, *, feminine: bool = False) -> str:
    """A rank in figures: "1er", "1re", "2e"."""
    if number == 1:
        return "1re" if feminine else "1er"
    return f"{number}e"


def ordinal_in_words(number: int) -> str:
    """A rank in words: "premier", "deuxième", "vingt et unième"."""
    if number == 1:
        return "premier"
    word = in_words(number)
    if word.endswith("cinq"):
        return word + "uième"
    if word.endswith("neuf"):
        return word[:-1] + "vième"
    if word.endswith(("vingts", "cents")):
        word = word[:-1]
    return word.removesuffix("e") + "ième"


def roman(number: int) -> str:
    """Roman numerals: 4 → "IV"."""
    if not 0 < number < 4000:
        raise ValueError(f"{number} ne s’écrit pas en chiffres romains.")
    written = ""
    for value, letters in (
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        times, number = divmod(number, value)
        written += letters * times
    return written


def fraction(value: Fraction) -> str:
    """A share with its article: "la moitié", "le tiers", "les deux tiers", "les trois quarts"; in
    figures where it has no words: an old paper is read whatever it says."""
    names = {3: "tiers", 4: "quart"}
    numerator, denominator = value.numerator, value.denominator
    if value == Fraction(1, 2):
        return "la moitié"
    if value == 1:
        return "la totalité"
    if max(numerator, denominator) > MOST_IN_WORDS:
        return f"la fraction {value}"
    name = names.get(denominator) or ordinal_in_words(denominator)
    if numerator == 1:
        return f"le {name}"
    return f"les {in_words(numerator)} {_plural(name)}"


# --- Dates and hours ------------------------------------------------------------------------


def day(on: date) -> str:
    """Day and month: "1er juillet", "16 novembre"."""
    return f"{ordinal(1) if on.day == 1 else on.day} {MONTHS[on.month - 1]}"


def short_month(on: date) -> str:
    """The month as typographers cut it: "juil.", "mai", "déc."."""
    return _SHORT_MONTHS[on.month - 1]


def short_day(on: date, *, year: int | None = None) -> str:
    """Day and month where there is little room: "1er déc.", "14 juil."; with its year when it is
    not this one, "4 janv. 2027"."""
    written = f"{ordinal(1) if on.day == 1 else on.day}{NBSP}{short_month(on)}"
    return written if year in (None, on.year) else f"{written}{NBSP}{on.year}"


def long_date(on: date, *, weekday: bool = False) -> str:
    """A date in figures: "4 juillet 2016", "lundi 1er août 2016"."""
    written = f"{day(on)} {on.year}"
    return f"{WEEKDAYS[on.weekday()]} {written}" if weekday else written


def period(begins: date, ends: date) -> str:
    """ "année 2026", "du 1er juillet au 3 décembre 2026", "du 4 mai 2026 au 3 mai 2027"."""
    if begins.year == ends.year:
        if (begins.month, begins.day, ends.month, ends.day) == (1, 1, 12, 31):
            return f"année {begins.year}"
        return f"du {day(begins)} au {long_date(ends)}"
    return f"du {long_date(begins)} au {long_date(ends)}"


def day_in_words(on: date) -> str:
    """Day and month in words: "seize novembre", "premier juillet"."""
    number = ordinal_in_words(1) if on.day == 1 else in_words(on.day)
    return f"{number} {MONTHS[on.month - 1]}"


def date_in_words(on: date) -> str:
    """A whole date in words: "seize novembre deux mille seize"."""
    return f"{day_in_words(on)} {in_words(on.year)}"


def clock(at: time | datetime, style: ClockStyle = "full") -> str:
    """An hour: "17 h 30", "17 h", "0 h 05" with no-break spaces; compact: "17h30", "17h"."""
    minutes = f"{at.minute:02d}" if at.minute else ""
    if style == "compact":
        return f"{at.hour}h{minutes}"
    return NBSP.join(part for part in (str(at.hour), "h", minutes) if part)


# --- Typography -----------------------------------------------------------------------------

_SPACE = f"[ {NBSP}\u202f]"
_BINDINGS = (
    (re.compile(rf"(?<![;!?\s{NBSP}]){_SPACE}*([;!?»])"), rf"{NBSP}\1"),
    (re.compile(rf"{_SPACE}+:(?!\d)"), f"{NBSP}:"),
    (re.compile(rf"«{_SPACE}*"), f"«{NBSP}"),
    (re.compile(rf"(\d){_SPACE}(?=[%€]|h\b|voix\b|\d{{3}}\b)"), rf"\1{NBSP}"),
    (re.compile(rf"(\dh|\d{NBSP}h){_SPACE}(?=\d\d\b)"), rf"\1{NBSP}"),
    (re.compile(rf"\b(n°|art\.|M\.|MM\.|Mme|Mmes){_SPACE}(?=\S)"), rf"\1{NBSP}"),
    (re.compile(rf"\b(\d{{1,2}}|1er){_SPACE}(?={'|'.join(MONTHS)})"), rf"\1{NBSP}"),
)


_STRAIGHT = re.compile(r'(?<![\w"])"(?=[^\s"])([^"\n]*[^\s"])"(?![\w"])')


def nbsp(text: str) -> str:
    """French typography: typographic apostrophes and quotes, no-break spaces where a line must not
    break (before ; : ! ? », after «, in hours and dates, between a civility and a name).

    Idempotent. A colon in an address or in an hour like 17:30 is left alone.
    """
    return _short(text) if len(text) < SHORT else _bound(text)


SHORT = 200  # characters: the words of a screen, said again at each vote, not those of a debate


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    return _bound(text)


def _bound(text: str) -> str:
    parts = re.split(r"((?<!\S)\S+?://\S+)", text)
    parts[::2] = map(_bind, parts[::2])
    return "".join(parts)


def _bind(text: str) -> str:
    text = re.sub(r"(?<=\w)'(?=\w|«)", "’", text)
    text = _STRAIGHT.sub(rf"«{NBSP}\1{NBSP}»", text)
    for pattern, replacement in _BINDINGS:
        text = pattern.sub(replacement, text)
    return text
