"""Passages that the public does not read, taken out of any text.

A passage is found however it is set: small letters or capitals, accents or none, letters joined or
apart (« œ », « oe »), whatever parts its words (a space in a text; a hyphen, an underscore, a full
stop in the name of a file) or two figures, across marks that nobody sees and the marks of HTML; and
only as whole words. What is left out is « […] ». Nothing is painted over: the words are no more in
the text that is given back.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from functools import cache, cached_property
from html import escape, unescape
from typing import Any, TypeVar

T = TypeVar("T")

LEFT_OUT = "[…]"
SHORTEST = 2  # letters or figures: less would be hidden everywhere

_SPACE = re.compile(r"\s+")
_APOSTROPHES = dict.fromkeys("’‘‛ʼʹʻʽˈ´`′＇", "'")
_HYPHENS = dict.fromkeys("−⁃", "-")  # beside those that Unicode calls dashes
# Letters that Unicode does not take apart, once small.
_JOINED = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i"}
_ALIKE = _APOSTROPHES | _HYPHENS | _JOINED
# Accents once apart from their letter, soft hyphens, marks without width, controls.
_UNSEEN = frozenset({"Mn", "Me", "Cf", "Cc"})
# « 06 12 », « 06.12 », « 0612 »; of fewer figures, too much would be taken for them.
_BETWEEN_FIGURES = re.compile(r"(?<=\d)[\s./-]*(?=\d)")
_A_NUMBER = 4
# What parts two words of a passage, and what stands for it wherever it is looked for.
_PARTS = re.compile(r"(?<=[^\W_])[\s._+,'-]+(?=[^\W_])|\s+")
_PARTED = r"(?:[\s._+,'-]|%20)+"
_CIVILITY = re.compile(r"^(?:M|Mme|Mlle|Monsieur|Madame|Mademoiselle|Dr|Me|Maître)\b\.?\s*")
_CAPITAL = re.compile(r"(?<![^\W_])[A-ZÀ-ÖØ-ÞŒŁŠŽ]")
_TAG = re.compile(r"(<[^>]*>)")
_INLINE = re.compile(r"</?(?:strong|b|em|i|sup|sub|mark|span)\b", re.IGNORECASE)


def told(passage: str) -> str:
    """A passage as it is kept: composed letters, one plain space between words."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", passage)).strip()


def folded(text: str) -> str:
    """The same, so that two ways of writing one word are equal."""
    return "".join(map(_fold, text))


@cache
def _fold(letter: str) -> str:
    """What a letter is read as: none, one or some."""
    if letter in _ALIKE:
        return _ALIKE[letter]
    apart = unicodedata.normalize("NFKD", letter).casefold()
    return "".join(_ALIKE.get(each) or _plain(each) for each in apart)


def _plain(letter: str) -> str:
    if letter.isspace():
        return letter
    category = unicodedata.category(letter)
    return "-" if category == "Pd" else "" if category in _UNSEEN else letter


def is_too_short(passage: str) -> bool:
    """Whether so little would be hidden wherever it comes."""
    return sum(letter.isalnum() for letter in passage) < SHORTEST


def full_name(passage: str) -> str:
    """Whom it names in two words or more that begin with a capital, without the civility of who
    has a first name; "" when it names nobody so."""
    bare = _CIVILITY.sub("", passage)
    return next((each for each in (bare, passage) if len(_CAPITAL.findall(each)) > 1), "")


class Mask:
    """Some passages, and any text without them."""

    def __init__(self, passages: Iterable[str]) -> None:
        # The longest first: « Mme Anne Roux » is one passage, and not « Roux » in it.
        found = (told(each) for each in passages if folded(each).strip())
        self.passages = tuple(sorted(found, key=len, reverse=True))

    def __bool__(self) -> bool:
        return bool(self.passages)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(_pattern, self.passages)))

    def finds(self, text: str) -> bool:
        """Whether any of them is in this text."""
        return bool(self) and bool(self._places(text))

    def text(self, text: str) -> str:
        """The text, « […] » standing for each of them; the very same when none is there."""
        places = self._places(text) if self else []
        return _cut(text, 0, places) if places else text

    def html(self, html: str) -> str:
        """The same of HTML, whose marks may fall inside a passage."""
        if not self:
            return html
        parts = _TAG.split(html)
        # Words at the even ranks, a tag at each odd one; what is no mark of letters parts words.
        words = [unescape(part) for part in parts[::2]]
        tags = parts[1::2]
        gaps = ["" if _INLINE.match(tag) else "\n" for tag in tags]
        whole = "".join(map("".join, zip(words, [*gaps, ""], strict=True)))
        places = self._places(whole)
        if not places:
            return html
        start, kept = 0, []
        for word, gap in zip(words, [*gaps, ""], strict=True):
            end = start + len(word)
            kept.append(escape(_cut(word, start, places), quote=False))
            start = end + len(gap)
        return "".join(map("".join, zip(kept, [*tags, ""], strict=True)))

    def value(self, told: T) -> T:
        """The same value, every text it holds, however deep, without them."""
        return self._value(told) if self else told

    def _value(self, told: Any) -> Any:
        if type(told) is str:  # a word of an enumeration is the house's own
            return self.text(told)
        if isinstance(told, tuple):
            return tuple(map(self._value, told))
        if is_dataclass(told) and not isinstance(told, type):
            kept = {each.name: getattr(told, each.name) for each in fields(told) if each.init}
            return replace(told, **{name: self._value(value) for name, value in kept.items()})
        return told

    def _places(self, text: str) -> list[tuple[int, int]]:
        """Where each begins and ends in the text as it is written."""
        letters = [_fold(letter) for letter in text]
        read = "".join(letters)
        found = [each.span() for each in self._pattern.finditer(read)]
        if not found or (len(read) == len(text) and all(letters)):
            return found
        written = [rank for rank, told in enumerate(letters) for _ in told]
        # What nobody sees after a passage goes with it; a letter is never cut in two.
        following = [*written, len(text)]
        return [
            (written[begins], max(following[ends], written[ends - 1] + 1)) for begins, ends in found
        ]


def _pattern(passage: str) -> str:
    """What finds a passage in a folded text, as whole words."""
    read = folded(passage).strip()
    is_number = sum(letter.isdigit() for letter in read) >= _A_NUMBER
    runs = _BETWEEN_FIGURES.split(read) if is_number else [read]
    words = (_PARTED.join(map(re.escape, _PARTS.split(run))) for run in runs)
    inner = r"[\s./-]{0,3}".join(words)
    before = r"(?<![^\W_])" if read[:1].isalnum() else ""
    after = r"(?![^\W_])" if read[-1:].isalnum() else ""
    return f"{before}{inner}{after}"


def _cut(word: str, start: int, places: Iterable[tuple[int, int]]) -> str:
    """Some words of a larger text, which begin at `start` in it, without what falls in them; each
    passage is told once, where it begins."""
    kept, at, end = [], start, start + len(word)
    for begins, ends in places:
        if at < ends and begins < end:
            kept.append(word[at - start : max(begins, at) - start])
            kept.append(LEFT_OUT if begins >= start else "")
            at = min(ends, end)
    return "".join([*kept, word[at - start :]])
