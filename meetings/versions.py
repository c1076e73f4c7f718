"""Two versions of a text, compared word by word."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import takewhile

from django.utils.safestring import SafeString, mark_safe

_TOO_LONG = 4_000_000  # products of words: a text of 2,000 words against another
Step = tuple[str, int, int, int, int]


def steps(old: Sequence[str], new: Sequence[str]) -> list[Step]:
    """How to make the words of one text from those of another, as `difflib` tells it: what to do
    ("equal", "replace", "delete", "insert"), from where to where in each. Of two texts too long to
    compare, what lies between what they begin and end with is replaced whole.
    """
    if len(old) * len(new) <= _TOO_LONG:
        return list(SequenceMatcher(None, old, new, autojunk=False).get_opcodes())
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    a, b = len(old) - tail, len(new) - tail
    found: list[Step] = [("equal", 0, head, 0, head)]
    if (a - head) * (b - head) > _TOO_LONG:
        found.append(("replace", head, a, head, b))
    else:
        inside = SequenceMatcher(None, old[head:a], new[head:b], autojunk=False).get_opcodes()
        found += [(op, i + head, j + head, k + head, m + head) for op, i, j, k, m in inside]
    return [*found, ("equal", a, len(old), b, len(new))]


def _alike(a: Sequence[str], b: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


_TOKEN = re.compile(r"<[^>]*>|\s+|[^\s<]+")


def side_by_side(theirs: str, ours: str) -> tuple[SafeString, SafeString]:
    """Two cleaned HTML texts, each with the words marked that the other lacks: in <del> what they
    wrote, in <ins> what we wrote. Nothing else is touched.
    """
    a, b = _TOKEN.findall(theirs), _TOKEN.findall(ours)
    old, new = ([rank for rank, token in enumerate(side) if _is_word(token)] for side in (a, b))
    for op, i, j, k, m in steps([a[rank] for rank in old], [b[rank] for rank in new]):
        if op != "equal":
            _mark(a, old[i:j], "del")
            _mark(b, new[k:m], "ins")
    return _joined(a, "del"), _joined(b, "ins")


def _is_word(token: str) -> bool:
    return not token.isspace() and not token.startswith("<")


def _mark(tokens: list[str], ranks: Iterable[int], tag: str) -> None:
    for rank in ranks:
        tokens[rank] = f"<{tag}>{tokens[rank]}</{tag}>"


def _joined(tokens: Iterable[str], tag: str) -> SafeString:
    """Words that are marked in a row make one mark."""
    html = re.sub(rf"</{tag}>(\s+)<{tag}>", r"\1", "".join(tokens))
    return mark_safe(html)  # noqa: S308 cleaned by whoever gave it
