"""Finding what was decided: the words of what is in force, by body, year and number."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import cached_property

from archive import fulltext
from archive.models import Entry
from documents import papers
from documents.models import IssuedDocument
from meetings.models import AgendaItem, Meeting
from members.models import Body, folded
from registry.models import Deliberation

CONTEXT = 110  # characters on each side of the first word found
MOST_FOUND = 1000  # entries: the latest of them, which is more than anybody reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """A passage of an entry: text, and whether it is a word that was looked for."""

    text: str
    is_found: bool


def find(
    query: str,
    *,
    bodies: QuerySet[Body],
    within: Q | None = None,
    year: int | None = None,
    body: Body | None = None,
) -> QuerySet[Entry]:
    """The items that hold these words, or whose deliberation bears this number, latest first.

    Only in what is in force of `bodies`, of what `within` lets through (see
    `documents.access.papers_within`). An empty query finds everything.
    """
    entries = Entry.objects.filter(body__in=bodies)
    if within is not None:
        entries = entries.filter(pk__in=Entry.objects.filter(within).order_by().values("pk"))
    if body is not None:
        entries = entries.filter(body=body)
    if year is not None:
        entries = entries.filter(held_on__year=year)
    roots = fulltext.wanted(query)
    if not roots:
        return entries.none() if query.strip() else entries
    number = query.strip()
    # Every number has a digit, and most queries have none: they need not walk through all numbers.
    if re.search(r"\d", number):
        numbered = Deliberation.objects.filter(
            Q(label__iexact=number) | Q(safe_label__iexact=number), meeting__body__in=bodies
        )
        by_number = entries.filter(item__in=[*numbered.order_by().values_list("item", flat=True)])
        if by_number.exists():
            return by_number
    return fulltext.matching(entries, roots)


class Found(Paginator):
    """The pages of what was found, by numbers (see `whole`): of the `MOST_FOUND` latest, for to
    count a word that is in every text takes longer than all the rest. `is_cut` when there are
    more."""

    def __init__(self, entries: QuerySet[Entry], per_page: int) -> None:
        super().__init__(entries.values_list("pk", flat=True), per_page)

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by()[: MOST_FOUND + 1].count()

    @cached_property
    def count(self) -> int:
        """How many are shown."""
        return min(self._counted, MOST_FOUND)

    @property
    def is_cut(self) -> bool:
        """Whether more was found."""
        return self._counted > MOST_FOUND


def whole(entries: Iterable[int]) -> QuerySet[Entry]:
    """The entries of these numbers, with what is printed of them: a page of them, for to sort all
    that is found with its texts takes ten times as long."""
    rows = Entry.objects.filter(pk__in=entries).defer("stems", "document__content")
    return rows.select_related("body", "document__meeting", "item__deliberation")


MOST_ITEMS = 1000  # of the agendas whose titles are read, the latest


def on_agendas(
    query: str, *, bodies: QuerySet[Body], year: int | None = None, body: Body | None = None
) -> list[AgendaItem]:
    """The items whose titles hold these words, latest first, of the sittings of which no paper is
    established yet: for whoever prepares them, two queries. The sittings are few, and read first:
    asked for both at once, a database goes through the items of all that were ever held."""
    roots = fulltext.wanted(query)
    if not roots:
        return []
    stages = Meeting.Stage.PREPARED, Meeting.Stage.OPEN, Meeting.Stage.CLOSED
    here = Meeting.objects.filter(body__in=[body] if body else bodies, stage__in=stages)
    if year is not None:
        here = here.filter(held_on__year=year)
    items = (
        AgendaItem.objects.filter(meeting__in=[*here.values_list("pk", flat=True)], entries=None)
        .exclude(kind=AgendaItem.Kind.SECTION)
        .select_related("meeting__body")
        .order_by("-meeting__held_on", "position")
    )
    *whole, last = roots
    return [
        item
        for item in items[:MOST_ITEMS]
        for stems in [fulltext.stems(item.title).split()]
        if set(whole) <= set(stems) and any(stem.startswith(last) for stem in stems)
    ]


_CONVENING = fulltext.stems("convocation convoquer").split()
MOST_CALLS = 5


def called(
    query: str,
    *,
    bodies: QuerySet[Body],
    among: QuerySet[Meeting],
    year: int | None = None,
    body: Body | None = None,
) -> list[Meeting]:
    """The latest `among` these sittings that were convened, for whoever looks for convocations: no
    paper of the archive is one, and that of a sitting is on its page."""
    if not set(fulltext.wanted(query)) & set(_CONVENING):
        return []
    found = among.filter(body__in=[body] if body else bodies)
    found = found.exclude(convened_on=None, sent_on=None)
    if year is not None:
        found = found.filter(held_on__year=year)
    return list(found.order_by("-held_on", "-pk")[:MOST_CALLS])


def years(bodies: QuerySet[Body]) -> list[int]:
    """The years of the sittings of these bodies that have their minutes, the latest first."""
    held = Meeting.objects.filter(body__in=bodies, stage=Meeting.Stage.ISSUED)
    return [day.year for day in held.dates("held_on", "year", order="DESC")]


def extract(text: str, query: str) -> tuple[Extract, ...]:
    """Where the words stand in a text, with a little around them; its beginning otherwise."""
    roots = fulltext.wanted(query)
    words = list(re.finditer(r"\w+", text))
    found = [word for word in words if _is_sought(word[0], roots)]
    if not found:
        return (Extract(text=_shortened(text, 0, 2 * CONTEXT), is_found=False),)
    start = max(0, found[0].start() - CONTEXT)
    end = min(len(text), found[0].end() + CONTEXT)
    # Words are shown whole, but for one that fills all the room.
    if start:
        start = max(start, text.find(" ", start, found[0].start()) + 1)
    if end < len(text):
        end = max(found[0].end(), text.rfind(" ", found[0].end(), end))
    pieces: list[Extract] = []
    at = start
    for word in found:
        if word.end() > end:
            break
        pieces.append(Extract(text=text[at : word.start()], is_found=False))
        pieces.append(Extract(text=word[0], is_found=True))
        at = word.end()
    pieces.append(Extract(text=text[at:end], is_found=False))
    if start:
        pieces.insert(0, Extract(text="… ", is_found=False))
    if end < len(text):
        pieces.append(Extract(text=" …", is_found=False))
    return tuple(piece for piece in pieces if piece.text)


def _is_sought(word: str, roots: list[str]) -> bool:
    stem = fulltext.stems(word)
    return bool(stem) and (stem in roots or (bool(roots) and folded(word).startswith(roots[-1])))


def _shortened(text: str, start: int, length: int) -> str:
    cut = text[start : start + length]
    return f"{cut} …" if start + length < len(text) else cut


# --- Keeping it up to date --------------------------------------------------------------------


def hear(instance: IssuedDocument, *, created: bool, raw: bool, **kwargs: Any) -> None:
    """What is issued is found at once (`post_save`); what a backup brings back came with its
    entries."""
    if created and not raw:
        _read(instance)


@transaction.atomic
def catch_up(plan: Sequence[tuple[Any, bool]] = (), **kwargs: Any) -> None:
    """Read what an older version issued and nobody had looked for yet (`post_migrate`)."""
    if not plan or any(is_backwards for _, is_backwards in plan):
        return
    kinds = IssuedDocument.Kind
    minutes = IssuedDocument.objects.minutes().filter(meeting=OuterRef("meeting"))
    Entry.objects.exclude(document__superseded_by=None).delete()
    waiting = (
        IssuedDocument.objects.current()
        .filter(Q(kind=kinds.MINUTES) | Q(~Exists(minutes), kind=kinds.EXTRACT), entries=None)
        .select_related("meeting__body")
    )
    for document in waiting.iterator(chunk_size=20):
        _read(document)


def _read(document: IssuedDocument) -> None:
    """Find a document from now on, and no more what it replaces. The minutes of a sitting hold all
    that its extracts say: these are found while there are no minutes yet."""
    kinds, here = IssuedDocument.Kind, Q(document__meeting=document.meeting_id)
    if document.kind == kinds.MINUTES:
        Entry.objects.filter(here).delete()
    elif document.kind == kinds.EXTRACT:
        Entry.objects.filter(document=document.supersedes_id).delete()
        if IssuedDocument.objects.minutes().filter(meeting=document.meeting_id).exists():
            return
    else:
        return
    items = dict(document.meeting.items.values_list("key", "pk"))
    Entry.objects.bulk_create(_entries(document, items))


def _entries(document: IssuedDocument, items: dict[str, int]) -> Iterator[Entry]:
    """One entry an item; the whole paper is one when its agenda is empty."""
    found = [
        _entry(document, title, text, items.get(key))
        for key, title, text in parts(papers.from_json(document.content))
    ]
    yield from found or [_entry(document, str(document), "", None)]


def parts(paper: papers.Paper | None) -> Iterator[tuple[str, str, str]]:
    """What a paper says of each item: its key, its title, its text; of a list, of all together."""
    match paper:
        case papers.DeliberationExtract():
            yield paper.key, paper.object, _act(paper)
        case papers.MinutesDocument():
            for item in paper.all_items:
                if not item.is_section:
                    yield item.key, item.title, _text(item)
        case papers.DeliberationList():
            lines = (f"{each.number} {each.object} {each.decision}" for each in paper.lines)
            yield "", paper.title, _joined(paper.statement, *lines)


def _entry(document: IssuedDocument, title: str, text: str, item: int | None) -> Entry:
    return Entry(
        document=document,
        item_id=item,
        body=document.meeting.body,
        held_on=document.meeting.held_on,
        title=title[:600],
        text=text,
        stems=fulltext.stems(f"{title} {text}"),
    )


def _text(item: papers.Item) -> str:
    """What an item says, as plain text: the debate, then what was decided."""
    steps = (*item.before, *item.opening, *item.after)
    return _joined(_bare(item.html), *(told for step in steps for told in _step(step)))


def _step(step: papers.Step) -> Iterator[str]:
    yield step.text
    yield from (line.question for line in step.lines or ())
    yield from _articles(step.articles or ())
    yield _bare(step.html or "")


def _articles(articles: Iterable[papers.Article]) -> Iterator[str]:
    return (part for article in articles for part in (article.text, *article.parts))


def _act(extract: papers.DeliberationExtract) -> str:
    """What an extract says of its own: the act, then what was decided."""
    text = extract.text
    return _joined(
        _bare(extract.report),
        *(*text.visas, *text.recitals, *_articles(text.articles)),
        *(step.text for step in extract.decisions),
    )


def _bare(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html))


def _joined(*texts: str) -> str:
    return " ".join(" ".join(texts).split())
