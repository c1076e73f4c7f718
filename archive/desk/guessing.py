"""What somebody who types a search may mean: titles, numbers and people that he may read.

One slip a word is forgiven (a letter too many, too few, another, two swapped), and accents and
capitals never count. The words of the titles are compared, not the titles: some thousands of them,
each once. The same on every database.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Q, QuerySet
from django.urls import reverse

from archive.desk import search
from law import french
from members.models import Body, Mandate, folded

MOST_TITLES = 5000  # the latest
MOST_PEOPLE = 1000
MOST_WORDS = 8
SHOWN = 8
_LEFT_TO_PEOPLE = 3
_SURE = 4  # letters from which a slip is forgiven: « loi » is not « roi »


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A page that he may be after: `about` says in a few words what it is."""

    text: str
    about: str
    url: str


def is_near(typed: str, word: str) -> bool:
    """Whether a word is this one, one slip aside.

    >>> [is_near("budget", word) for word in ("budget", "bugdet", "budgets", "bugde", "objet")]
    [True, True, True, False, False]
    """
    if typed == word:
        return True
    if min(len(typed), len(word)) < _SURE or abs(len(typed) - len(word)) > 1:
        return False
    same = next((n for n, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), None)
    if same is None:  # one is the beginning of the other
        return True
    ours, theirs = typed[same:], word[same:]
    is_swapped = ours[:2] == theirs[1::-1] and ours[2:] == theirs[2:]
    return is_swapped or theirs[1:] in (ours, ours[1:]) or ours[1:] == theirs


def cost(typed: str, word: str, *, may_go_on: bool) -> int | None:
    """How far a word is from what was typed: 0 when it is that, or goes on from it; 1 after one
    slip; `None` further."""
    if typed == word or (may_go_on and word.startswith(typed)):
        return 0
    if is_near(typed, word):
        return 1
    if may_go_on and any(is_near(typed, word[: len(typed) + more]) for more in (-1, 0, 1)):
        return 1
    return None


@lru_cache(maxsize=2 * MOST_TITLES)
def _words(text: str) -> frozenset[str]:
    """The words of a title: asked again at each key, of thousands."""
    return frozenset(folded(text).split())


def _ranked(query: str, texts: Sequence[str]) -> list[int]:
    """Which of these texts hold every word of a query, the nearest first, then in their order."""
    words = folded(query).split()[:MOST_WORDS]
    if not words:
        return []
    held = [_words(text) for text in texts]
    known = frozenset().union(*held)
    costs = [
        {
            word: found
            for word in known
            if (found := cost(typed, word, may_go_on=rank == len(words))) is not None
        }
        for rank, typed in enumerate(words, 1)
    ]
    ranked = []
    for index, own in enumerate(held):
        nearest = [min((told[w] for w in own & told.keys()), default=None) for told in costs]
        if None not in nearest:
            ranked.append((sum(filter(None, nearest)), index))
    return [index for _, index in sorted(ranked)]


def guesses(query: str, *, bodies: QuerySet[Body], within: Q | None, on: date) -> tuple[Guess, ...]:
    """What these words may mean, the nearest first: at most `SHOWN`, whatever the archive holds."""
    if len(query.strip()) < 2:
        return ()
    titles, people = [*_titles(query, bodies, within)], [*_people(query, bodies, on)]
    return (*titles[: SHOWN - min(len(people), _LEFT_TO_PEOPLE)], *people)[:SHOWN]


def _titles(query: str, bodies: QuerySet[Body], within: Q | None) -> Iterator[Guess]:
    entries = search.find("", bodies=bodies, within=within)
    columns = ("title", "item__deliberation__label", "held_on", "body__name", "document_id")
    rows = list(entries.values_list(*columns)[:MOST_TITLES])
    ranks = _ranked(query, [f"{title} {label or ''}" for title, label, *_ in rows])
    times = Counter(folded(rows[rank][0]) for rank in ranks)
    told: set[str] = set()
    for rank in ranks:
        title, label, held_on, body, document = rows[rank]
        if folded(title) in told:
            continue  # the latest stands for all
        told.add(folded(title))
        others = times[folded(title)] - 1
        about = [label, f"{body}, {french.long_date(held_on)}"]
        about += [f"et {french.count(others, 'autre fois', 'autres fois')}"] if others else []
        yield Guess(
            text=title,
            about=" · ".join(filter(None, about)),
            url=reverse("documents:detail", args=[document]),
        )
        if len(told) == SHOWN:
            return


def people(query: str, *, bodies: QuerySet[Body], on: date) -> list[Guess]:
    """Who bears these words in his name, as they are written: of what is typed to its end."""
    words = folded(query).split()[:MOST_WORDS]
    if not words or len(words[-1]) < 3:
        return []
    return [
        each
        for each in _people(query, bodies, on)
        if all(any(own.startswith(word) for own in _words(each.text)) for word in words)
    ]


def _people(query: str, bodies: QuerySet[Body], on: date) -> Iterator[Guess]:
    mandates = (
        Mandate.objects.in_office(on)
        .filter(body__in=bodies)
        .select_related("person", "body")
        .order_by("person__sort_name", "person_id", "body__name")
    )
    seats: dict[int, list[Mandate]] = {}
    for mandate in mandates[:MOST_PEOPLE]:
        seats.setdefault(mandate.person_id, []).append(mandate)
    held = list(seats.values())
    for rank in _ranked(query, [str(mandates[0].person) for mandates in held])[:SHOWN]:
        first = held[rank][0]
        yield Guess(
            text=str(first.person),
            about=french.join(dict.fromkeys(str(each.body) for each in held[rank])),
            url=reverse("members:composition", args=[first.body_id]),
        )


def corrected(query: str, *, bodies: QuerySet[Body], within: Q | None) -> str:
    """The query, each word that no title has made the one it is near; itself when nothing is."""
    entries = search.find("", bodies=bodies, within=within)
    titles = entries.values_list("title", flat=True)[:MOST_TITLES]
    known = Counter(word for title in titles for word in _words(title))
    return " ".join(_right(word, known) for word in folded(query).split()[:MOST_WORDS])


def _right(typed: str, known: Counter[str]) -> str:
    if any(word.startswith(typed) for word in known):
        return typed
    near: Iterable[str] = (word for word in known if is_near(typed, word))
    return max(near, key=lambda word: known[word], default=typed)
