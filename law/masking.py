"""Passages that the public does not read, taken out of any text.

A passage is found however it is set: small letters or capitals, accents or none, whatever the
space, the apostrophe or the hyphen, even across the marks of HTML; and only as whole words. What
is left out is « […] ». Nothing is painted over: the words are no more in the text that is given
back.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from html import escape, unescape

LEFT_OUT = "[…]"
SHORTEST = 2  # letters or figures: less would be hidden everywhere

_SPACE = re.compile(r"\s+")
_ALIKE = {"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "–": "-", "\u2010": "-"}
_TAG = re.compile(r"(<[^>]*>)")
_INLINE = re.compile(r"</?(?:strong|b|em|i|sup|sub|mark|span)\b", re.IGNORECASE)


def told(passage: str) -> str:
    """A passage as it is kept: composed letters, one plain space between words."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", passage)).strip()


def folded(text: str) -> str:
    """The same, letter for letter, so that two ways of writing one word are equal."""
    return "".join(_fold(letter) for letter in text)


def _fold(letter: str) -> str:
    bare = unicodedata.normalize("NFD", letter)[0]
    return _ALIKE.get(bare, bare.casefold()[:1] or bare)


def is_too_short(passage: str) -> bool:
    """Whether so little would be hidden wherever it comes."""
    return sum(letter.isalnum() for letter in passage) < SHORTEST


class Mask:
    """Some passages, and any text without them."""

    def __init__(self, passages: Iterable[str]) -> None:
        # The longest first: « Mme Anne Roux » is one passage, and not « Roux » in it.
        self.passages = tuple(sorted(map(told, passages), key=len, reverse=True))

    def __bool__(self) -> bool:
        return bool(self.passages)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(_pattern, self.passages)))

    def finds(self, text: str) -> bool:
        """Whether any of them is in this text."""
        return bool(self) and bool(self._places(unicodedata.normalize("NFC", text)))

    def text(self, text: str) -> str:
        """The text, « […] » standing for each of them; the very same when none is there."""
        composed = unicodedata.normalize("NFC", text)
        places = self._places(composed) if self else []
        return _cut(composed, 0, places) if places else text

    def html(self, html: str) -> str:
        """The same of HTML, whose marks may fall inside a passage."""
        if not self:
            return html
        parts = _TAG.split(unicodedata.normalize("NFC", html))
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

    def _places(self, text: str) -> list[tuple[int, int]]:
        return [found.span() for found in self._pattern.finditer(folded(text))]


def _pattern(passage: str) -> str:
    """What finds a passage in a folded text, as whole words."""
    inner = r"\s+".join(re.escape(word) for word in folded(passage).split())
    before = r"(?<!\w)" if passage[:1].isalnum() else ""
    after = r"(?!\w)" if passage[-1:].isalnum() else ""
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
