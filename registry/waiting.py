"""What awaits whom: each step between a sitting and its place in the register, with its date.

What is published is known above: `archive.tasks` adds it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone

from documents.models import IssuedDocument
from law import deadlines
from meetings.models import Meeting
from members.models import Body
from registry import reading
from registry.models import Review, SignatureStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do: what, about which sitting, by whom, before when (art. given), and where."""

    what: str
    meeting: Meeting
    whose: str
    url: str
    due_on: date | None = None
    article: str = ""

    def is_late(self, on: date) -> bool:
        return self.due_on is not None and self.due_on < on


SECRETARIAT = "le secrétariat"


def tasks(bodies: QuerySet[Body], *, on: date) -> list[Task]:
    """What awaits somebody in these bodies, the most urgent first; flat number of queries."""
    reviews = Review.objects.filter(answered_at=None, revoked_at=None, expires_at__date__gte=on)
    documents = (
        IssuedDocument.objects.minutes()
        .current()
        .select_related("adoption__item__meeting")
        .prefetch_related("signatures")
        .defer("content")
    )
    meetings = (
        Meeting.objects.filter(body__in=bodies, held_on__lte=on)
        .exclude(stage=Meeting.Stage.CANCELLED)
        .select_related("body__organisation")
        .prefetch_related(
            Prefetch("documents", queryset=documents, to_attr="minutes_in_force"),
            Prefetch("reviews", queryset=reviews.select_related("person"), to_attr="open_reviews"),
            "deliberations",
        )
        .order_by("held_on")
    )
    found = [task for meeting in meetings for task in _of(meeting)]
    found.sort(key=lambda task: (task.due_on or date.max, task.meeting.held_on))
    return found


def _of(meeting: Meeting) -> Iterator[Task]:
    if meeting.stage in (Meeting.Stage.PREPARED, Meeting.Stage.OPEN):
        yield Task(
            what="Terminer la saisie de la séance",
            meeting=meeting,
            whose=SECRETARIAT,
            url=meeting.get_absolute_url(),
        )
        return
    if not meeting.deliberations.all() and reading.awaiting_number(meeting):
        yield Task(
            what="Numéroter les délibérations et en afficher la liste",
            meeting=meeting,
            whose=SECRETARIAT,
            url=reverse("registry:acts", args=[meeting.pk]),
            due_on=deadlines.list_due(meeting.held_on, meeting.regime),
            article="art. L2121-25 du CGCT",
        )
    minutes = next(iter(meeting.minutes_in_force), None)
    if minutes is None:
        for review in meeting.open_reviews:
            yield Task(
                what="Relire le projet de procès-verbal",
                meeting=meeting,
                whose=str(review.person),
                url=reverse("documents:preview", args=[meeting.pk]),
                due_on=timezone.localdate(review.expires_at),
            )
        yield Task(
            what="Établir le procès-verbal",
            meeting=meeting,
            whose=SECRETARIAT,
            url=reverse("documents:preview", args=[meeting.pk]),
        )
        return
    adoption = getattr(minutes, "adoption", None)
    if adoption is None:
        yield Task(
            what="Faire arrêter le procès-verbal par la séance suivante",
            meeting=meeting,
            whose="l’assemblée",
            url=minutes.get_absolute_url(),
            article="art. L2121-15 du CGCT",
        )
        return
    for place in missing(minutes):
        yield Task(
            what="Signer le procès-verbal",
            meeting=meeting,
            whose=str(place.person or place.label),
            url=reverse("registry:signatures", args=[minutes.pk]),
            due_on=deadlines.minutes_due(adoption.adopted_on, meeting.regime),
            article="art. L2121-15 du CGCT",
        )


def missing(minutes: IssuedDocument) -> Iterable[reading.Place]:
    """The signatures that minutes still wait for."""
    return [place for place in reading.places(minutes) if not place.is_signed]


def is_signed(minutes: IssuedDocument) -> bool:
    """Whether everybody who signs these minutes has."""
    return bool(SignatureStep.objects.filter(document=minutes).exclude(place="")) and not missing(
        minutes
    )
