"""Two versions of the same minutes, as words on paper: what was kept, taken out, put in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from documents import papers
from documents.papers import Paragraph
from law import french
from meetings import versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words that both versions have (`op` "same"), or only one ("del", "ins")."""

    op: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A paragraph as it was and as it is: "same", "changed", "added" or "removed"."""

    kind: str
    is_heading: bool
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Paragraphs in a row that changed, or that did not; `heading` says under which title the
    next ones stand when these are folded away."""

    is_same: bool
    changes: tuple[Change, ...]
    heading: str = ""


def compare(was: papers.Paper, now: papers.Paper) -> tuple[Change, ...]:
    """What became of each paragraph between two versions, word by word."""
    return compare_paragraphs(was.statements(), now.statements())


def compare_paragraphs(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> tuple[Change, ...]:
    """What became of each paragraph of one row in the other."""
    found: list[Change] = []
    matcher = SequenceMatcher(None, [p.text for p in old], [p.text for p in new], autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            found += [_whole("same", paragraph) for paragraph in new[c:d]]
        else:
            found += _replaced(old[a:b], new[c:d])
    return tuple(found)


_KINDS = {"same": "same", "removed": "del", "added": "ins"}


def _whole(kind: str, paragraph: Paragraph) -> Change:
    words = (Words(op=_KINDS[kind], text=paragraph.text),)
    return Change(kind=kind, is_heading=paragraph.is_heading, words=words)


_ALIKE = 0.5  # below, two paragraphs have too few words in common to be one that changed
_MANY = 200  # paragraphs in a row that all changed: what resembles what is not looked for


def _replaced(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Change]:
    """Pair each new paragraph with the old one it resembles most; the rest was added or removed."""
    were = [_words_alone(paragraph.text) for paragraph in old]
    reach = len(old) if len(old) + len(new) <= _MANY else 1
    start = 0
    for paragraph in new:
        words = _words_alone(paragraph.text)
        alike = [_likeness(was, words) for was in were[start : start + reach]]
        best = max(alike, default=0)
        if best < _ALIKE:
            yield _whole("added", paragraph)
            continue
        rank = start + alike.index(best)
        yield from (_whole("removed", was) for was in old[start:rank])
        yield Change(
            kind="changed",
            is_heading=paragraph.is_heading,
            words=compare_words(old[rank].text, paragraph.text),
        )
        start = rank + 1
    yield from (_whole("removed", was) for was in old[start:])


def _words_alone(text: str) -> list[str]:
    return [word for word in _words(text) if not word.isspace()]


def _likeness(a: Sequence[str], b: Sequence[str]) -> float:
    """How much two rows of words have in common, from 0 to 1."""
    shorter, longer = sorted((len(a), len(b)))
    if 2 * shorter < _ALIKE * (shorter + longer) or shorter * longer > _TOO_LONG:
        return 0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


_WORD = re.compile(r"\s+|[\w’'-]+|[^\w\s]")
_TOO_LONG = 4_000_000  # products of words: a paragraph of 2,000 words against another


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def compare_words(old: str, new: str) -> tuple[Words, ...]:
    """The words of both texts in one line: kept, taken out, put in."""
    a, b = _words(old), _words(new)
    told: list[tuple[str, str, str]] = []  # op, what it was, what it is
    for op, i, j, k, m in versions.steps(a, b):
        was, is_now = "".join(a[i:j]), "".join(b[k:m])
        is_thin = op == "equal" and not is_now.strip()
        if told and told[-1][0] == "changed" and (op != "equal" or is_thin):
            # A space alone between two changes belongs to both: one reads words, not crumbs.
            told[-1] = ("changed", told[-1][1] + was, told[-1][2] + is_now)
        else:
            told.append(("same" if op == "equal" else "changed", was, is_now))
    return tuple(_run for op, was, is_now in told for _run in _as_words(op, was, is_now))


def _as_words(op: str, was: str, is_now: str) -> Iterator[Words]:
    if op == "same":
        yield Words(op="same", text=is_now)
        return
    # The space that both end with stays outside of the marks.
    shared = " " if was.endswith(" ") and is_now.endswith(" ") else ""
    for name, text in (("del", was), ("ins", is_now)):
        text = text[: len(text) - len(shared)] if shared else text
        if text:
            yield Words(op=name, text=text)
    if shared:
        yield Words(op="same", text=shared)


def stretches(changes: Sequence[Change]) -> tuple[Stretch, ...]:
    """The changes in rows, so that a page folds away what did not change."""
    found = []
    for is_same, together in groupby(changes, key=lambda change: change.kind == "same"):
        run = tuple(together)
        titles = [change.words[0].text for change in run if change.is_heading] if is_same else []
        found.append(Stretch(is_same=is_same, changes=run, heading=titles[-1] if titles else ""))
    return tuple(found)


def summary(changes: Sequence[Change]) -> str:
    """How much changed, in a sentence."""
    told = []
    for kind, word in (("changed", "modifié"), ("added", "ajouté"), ("removed", "retiré")):
        if count := sum(change.kind == kind for change in changes):
            told.append(f"{french.count(count, f'paragraphe {word}', f'paragraphes {word}s')}")
    return french.sentence(french.join(told)) if told else "Les deux versions disent la même chose."
