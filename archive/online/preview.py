"""What the public will read of a sitting, before it does: each paper as it would go online, and the
words that look personal in it, until somebody masks or leaves each of them.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache

from archive.online import public_copy, publications
from documents import papers
from documents.models import IssuedDocument
from law import masking, personal
from law.personal import LABELS, Kind, Known
from meetings.models import Meeting, Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Words that look personal, of which nobody decided, and the papers that hold them; `elsewhere`
    is where they are masked already, "" of nowhere."""

    kind: Kind | None
    text: str
    around: str
    documents: tuple[IssuedDocument, ...]
    elsewhere: str = ""

    @property
    def label(self) -> str:
        """What they look like."""
        return LABELS[self.kind] if self.kind else "mots choisis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The papers of a sitting that are online or may be put there, each as the public would read
    it, what is to be decided, and what was."""

    papers: tuple[tuple[IssuedDocument, papers.Issuable], ...]
    undecided: tuple[Proposal, ...]
    masked: tuple[Passage, ...]
    left: tuple[Passage, ...]

    def of(self, document: IssuedDocument) -> papers.Issuable:
        """One of these papers, as the public would read it."""
        return next(paper for each, paper in self.papers if each == document)

    def changes(self, document: IssuedDocument) -> bool:
        """Whether the public would read less than the paper says."""
        return self.of(document).without_edition != document.paper.without_edition

    @property
    def fresh(self) -> tuple[Proposal, ...]:
        """Those that may be left all at once: nobody masked them anywhere."""
        return tuple(each for each in self.undecided if not each.elsewhere)

    def unread(self, documents: Iterable[IssuedDocument]) -> int:
        """How many words of these papers nobody decided of."""
        wanted = set(documents)
        return sum(not wanted.isdisjoint(each.documents) for each in self.undecided)


def of(meeting: Meeting, documents: Iterable[IssuedDocument] | None = None) -> Preview:
    """What the public would read of these papers; by default, of all those in force. Nothing
    is read, not even what was decided, when there are none."""
    found = list(publications.in_force(meeting) if documents is None else documents)
    if not found:
        return Preview(papers=(), undecided=(), masked=(), left=())
    shown = public_copy.shown(meeting, found)
    rows = list(meeting.passages.select_related("item", "decided_by"))
    return Preview(
        papers=tuple((document, shown[document.pk]) for document in found),
        undecided=tuple(_undecided(meeting, found, shown, rows)),
        masked=tuple(row for row in rows if row.is_masked),
        left=tuple(row for row in rows if not row.is_masked),
    )


def looks_personal(meeting: Meeting, text: str) -> bool:
    """Whether some words of this text look personal."""
    return bool(personal.read(text, _known(meeting)))


def _undecided(
    meeting: Meeting,
    documents: Iterable[IssuedDocument],
    shown: Mapping[int, papers.Issuable],
    rows: Iterable[Passage],
) -> Iterable[Proposal]:
    known, elsewhere = _known(meeting), _masked_elsewhere(meeting)
    # What was masked in one item is to be decided again where another one tells it.
    decided = {masking.folded(row.text) for row in rows if not (row.item_id and row.is_masked)}
    found: dict[tuple[Kind, str], tuple[personal.Passage, list[IssuedDocument]]] = {}
    again: dict[Passage, list[IssuedDocument]] = {}
    masked = {masking.folded(each.text): each for each in elsewhere}
    for document in documents:
        paper = shown[document.pk]
        for passage in _read(paper, known):
            told = masking.folded(passage.text)
            if told not in decided:
                _, holders = found.setdefault((passage.kind, told), (passage, []))
                holders.append(document)
        for told in _said_again(paper, [each.text for each in elsewhere]):
            if told not in decided:
                again.setdefault(masked[told], []).append(document)
    for passage, holders in found.values():
        # Proposed once, in the words that are masked there.
        if any(masking.Mask([row.text]).finds(passage.text) for row in again):
            continue
        yield Proposal(
            kind=passage.kind,
            text=passage.text,
            around=passage.around,
            documents=tuple(dict.fromkeys(holders)),
        )
    for row, holders in again.items():
        yield Proposal(
            kind=Kind(row.kind) if row.kind else None,
            text=row.text,
            around="",
            documents=tuple(holders),
            elsewhere=str(row.meeting),
        )


def _masked_elsewhere(meeting: Meeting) -> list[Passage]:
    """What somebody masked in another sitting or act of the organisation, each once; not the name
    of who sits here, whose presence is public, whatever was masked of him in one item."""
    rows = (
        Passage.objects.masked()
        .filter(meeting__body__organisation=meeting.organisation)
        .exclude(meeting=meeting)
        .select_related("meeting__body__organisation")
    )
    names = [each.titled for each in meeting.basis.composition.members] if rows else []
    return [
        row
        for row in {masking.folded(row.text): row for row in rows}.values()
        if not any(map(masking.Mask([row.text]).finds, names))
    ]


def _known(meeting: Meeting) -> Known:
    """Who sits there, and what the organisation says of itself."""
    organisation = meeting.organisation
    words = [organisation.name, meeting.place, *organisation.address.splitlines()]
    style = getattr(meeting.body, "paper_style", None)
    if style is not None:
        words += [style.letterhead, style.footer]
    return Known(meeting.basis.composition, words=filter(None, words))


_DAY = 86_400


def _read(paper: papers.Issuable, known: Known) -> tuple[personal.Passage, ...]:
    """What looks personal in a paper."""
    return _kept(paper, known.told, lambda text: personal.read(text, known))


def _said_again(paper: papers.Issuable, passages: Sequence[str]) -> tuple[str, ...]:
    """Which of these passages, folded, a paper says."""

    def sought(text: str) -> tuple[str, ...]:
        if not masking.Mask(passages).finds(text):
            return ()
        return tuple(masking.folded(each) for each in passages if masking.Mask([each]).finds(text))

    return _kept(paper, passages, sought) if passages else ()


def _kept(paper: papers.Issuable, by: object, read: Callable[[str], Any]) -> Any:
    """What is read so in the text of a paper: once a day for what does not change."""
    said = (settings.VERSION, papers.sha256(paper), read.__qualname__, by)
    key = f"personnel:{hashlib.sha256(repr(said).encode()).hexdigest()}"
    found: Any = cache.get(key)
    if found is None:
        found = read("\n\n".join(each.text for each in paper.statements()))
        cache.set(key, found, _DAY)
    return found
