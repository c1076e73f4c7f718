"""How far the publication of a sitting is, for whoever waits for it.

All of it goes online or nothing does, and until then the base shows nothing: how many papers are
ready is told beside it, where every process of the server reads it, for a minute at most.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.core.cache import cache

from law import french
from meetings.models import Meeting

T = TypeVar("T")

_LASTS = 60  # seconds: of a server that was stopped, nothing stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """So many papers are ready, of so many."""

    done: int
    of: int

    @property
    def sentence(self) -> str:
        """« 12 documents prêts sur 41 »."""
        return f"{french.count(self.done, 'document prêt', 'documents prêts')} sur {self.of}"


def followed(meeting: Meeting, papers: Iterable[T]) -> Iterator[T]:
    """These papers, one by one; how many are done is told meanwhile, and no more afterwards."""
    wanted, key = list(papers), _key(meeting)
    try:
        for done, each in enumerate(wanted):
            cache.set(key, (done, len(wanted)), _LASTS)
            yield each
    finally:
        cache.delete(key)


def of(meeting: Meeting) -> Progress | None:
    """How far it is; `None` while nothing of this sitting is on its way."""
    told = cache.get(_key(meeting))
    return Progress(done=told[0], of=told[1]) if told else None


def _key(meeting: Meeting) -> str:
    return f"publication.{meeting.pk}"
