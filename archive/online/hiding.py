"""Masking the words that somebody copied, and telling where they were found: a name typed amiss is
not masked, and nobody is told that it is.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from archive import annexes
from archive.online import preview
from law import findings
from law.french import NBSP, count
from law.masking import LEFT_OUT
from meetings import public as protection
from meetings.actions import masking
from meetings.models import AgendaItem, Meeting
from members.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many passages were just masked, and in how many documents."""

    passages: int
    documents: int

    @property
    def told(self) -> str:
        """« 1 passage dans 2 documents »."""
        return f"{count(self.passages, 'passage')} dans {count(self.documents, 'document')}"


@transaction.atomic
def mask(
    meeting: Meeting, text: str, *, item: AgendaItem | None, by: User | None, at: datetime
) -> Found:
    """Mask these words in what the public will read of a sitting, or of one `item`.

    Raises `Refused`, and masks nothing, for words that no paper of the sitting would have shown
    (a slip of the hand, another item, or masked already), and as `masking.decide` does.
    """
    before = _read(meeting)
    masking.decide(meeting, text, is_masked=True, item=item, by=by, at=at)
    after = _read(Meeting.every.get(pk=meeting.pk))
    changed = [_changed(lines, after[pk]) for pk, lines in before.items()]
    found = Found(passages=sum(changed), documents=sum(map(bool, changed)))
    if not found.passages:
        where = "ce point" if item else "la séance"
        again = ", ou masquez-les dans toute la séance" if item else ""
        raise findings.refusal(
            "passage_introuvable",
            f"0 passage trouvé{NBSP}: rien de ce que le public lirait de {where} ne porte ces "
            "mots, ou ils y sont déjà masqués.",
            remedy=f"Recopiez-les du papier{again}.",
            field="text",
        )
    return found


def _read(meeting: Meeting) -> dict[int, list[str]]:
    """By document, each line that the public would read, and the titles of its annexes."""
    return {
        document.pk: [
            *(each.text for each in paper.without_edition.statements()),
            *(protection.words(meeting, annex.attachment.title) for annex in annexes.of(document)),
        ]
        for document, paper in preview.of(meeting).papers
    }


def _changed(before: list[str], after: list[str]) -> int:
    """How many passages went out of these lines."""
    return sum(
        max(1, new.count(LEFT_OUT) - old.count(LEFT_OUT))
        for old, new in zip(before, after, strict=False)
        if old != new
    )
