"""What awaits whom, up to what everybody reads: the tasks of the register, and to publish."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

import icalendar
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from archive.models import Publication, TaskFeed
from archive.online import publications
from convening import calendar
from documents.models import IssuedDocument
from law import deadlines, french
from meetings.models import Meeting
from members import access, links
from members.models import Body, Organisation, Role, User
from registry import waiting
from registry.signatures import reading
from registry.waiting import Task


def tasks(bodies: QuerySet[Body], *, on: date) -> list[Task]:
    """What awaits somebody in these bodies, the most urgent first; flat number of queries, but
    for the ledgers of the sittings that still wait for something."""
    found = [
        *waiting.tasks(bodies, on=on, done=_done(bodies)),
        *_to_publish(bodies),
    ]
    found.sort(key=lambda task: (task.due_on or date.max, task.meeting.held_on, task.what))
    return found


def _done(bodies: QuerySet[Body]) -> set[int]:
    """The sittings whose list and minutes are online, minutes and extracts signed by everybody:
    their ledgers are not read again."""
    here = IssuedDocument.objects.current().filter(meeting__body__in=bodies)
    online = here.filter(publications__in=Publication.objects.online())
    unsigned = reading.unsigned(here.exclude(kind=IssuedDocument.Kind.LIST))
    return set(
        online.filter(
            kind=IssuedDocument.Kind.MINUTES,
            meeting__in=online.filter(kind=IssuedDocument.Kind.LIST).values("meeting"),
        )
        .exclude(meeting__in=unsigned.values("meeting"))
        .values_list("meeting", flat=True)
    )


def _to_publish(bodies: QuerySet[Body]) -> Iterator[Task]:
    """Of each sitting, its list and extracts in one act, and its minutes once adopted; what
    somebody took off on purpose is not asked for again."""
    documents = (
        IssuedDocument.objects.current()
        .filter(
            meeting__body__in=bodies,
            meeting__held_on__gte=deadlines.PUBLICITY_SINCE,
            publications=None,
        )
        .exclude(kind=IssuedDocument.Kind.MINUTES, adoption=None)
        .select_related("meeting__body__organisation", "adoption")
        .defer("content")
        .order_by("meeting__held_on", "meeting")
    )
    for meeting, waited in groupby(documents, key=lambda document: document.meeting):
        acts = []
        for document in waited:
            if document.is_minutes:
                yield _publishing(meeting, "le procès-verbal", document, "publication", document.pk)
            else:
                acts.append(document)
        if acts:
            # The list has a legal date, extracts have none: what has one comes first.
            first = min(acts, key=lambda each: each.kind != IssuedDocument.Kind.LIST)
            yield _publishing(meeting, _told(acts), first, "publish_sitting", meeting.pk)


def _publishing(meeting: Meeting, told: str, document: IssuedDocument, page: str, pk: int) -> Task:
    due_on, article = publications.due(document)
    return Task(
        what=f"Publier {told}",
        meeting=meeting,
        whose=waiting.SECRETARIAT,
        url=reverse(f"archive:{page}", args=[pk]),
        due_on=due_on,
        article=article,
    )


def _told(acts: Sequence[IssuedDocument]) -> str:
    """What of a list and extracts is to be put online: "la liste et 6 délibérations"."""
    extracts = [each for each in acts if each.kind == IssuedDocument.Kind.EXTRACT]
    listed = ["la liste des délibérations"] if len(extracts) < len(acts) else []
    counted = [french.count(len(extracts), "délibération")] if extracts else []
    return " et ".join([*listed, *counted])


# --- As a calendar ----------------------------------------------------------------------------

_FEED = "archive.tasks.feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Whose diary follows, and where: somebody who still works there."""

    user: User
    organisation: Organisation


def feed_token(feed: TaskFeed) -> str:
    """The secret of the address."""
    return links.feed(_FEED, f"{feed.user_id}:{feed.organisation_id}", feed.made_at)


def find_feed(raw: str) -> Follower | None:
    """Who follows at this address; nobody once he lost his account or his role."""
    rows = TaskFeed.objects.select_related("user", "organisation")
    feed = links.find(rows, raw, user__is_active=True)
    kinds = (Role.Kind.SECRETARIAT, Role.Kind.ADMINISTRATION)
    if feed is None or not access.has_role(feed.user, feed.organisation, *kinds):
        return None
    return Follower(user=feed.user, organisation=feed.organisation)


def calendar_of(follower: Follower, *, at: datetime, site: str) -> bytes:
    """The tasks that have a legal date, each on its day, as a diary follows them."""
    found = tasks(
        access.bodies_read_by(follower.user, follower.organisation), on=timezone.localdate(at)
    )
    entries = (
        _entry(task, follower.organisation, at=at, site=site) for task in found if task.due_on
    )
    return calendar.calendar(entries, name=f"Échéances – {follower.organisation}")


def _entry(task: Task, organisation: Organisation, *, at: datetime, site: str) -> icalendar.Event:
    """A whole day, which takes none of the time of whoever follows."""
    entry = icalendar.Event()
    digest = salted_hmac("archive.tasks.uid", f"{task.what}|{task.whose}|{task.url}").hexdigest()
    entry.add("uid", f"echeance-{digest}@{organisation.slug}.somme-gov")
    entry.add("dtstamp", at.astimezone(UTC))
    entry.add("summary", f"{task.what} – {task.meeting.body}")
    entry.add("dtstart", task.due_on)
    entry.add("transp", "TRANSPARENT")
    held_on = french.long_date(task.meeting.held_on)
    entry.add("description", f"Séance du {held_on}. {task.whose}. {task.article}".strip())
    entry.add("url", f"{site}{task.url}")
    return entry
