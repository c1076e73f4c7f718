"""What awaits whom, up to what everybody reads: the tasks of the register, and to publish."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import icalendar
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from archive import publications
from archive.models import Publication, TaskFeed
from convening import calendar, tokens
from documents.models import IssuedDocument
from law import french
from members import access
from members.models import Body, Organisation, Role, User
from registry import waiting
from registry.waiting import Task


def tasks(bodies: QuerySet[Body], *, on: date) -> list[Task]:
    """What awaits somebody in these bodies, the most urgent first; flat number of queries."""
    found = [*waiting.tasks(bodies, on=on), *_to_publish(bodies)]
    found.sort(key=lambda task: (task.due_on or date.max, task.meeting.held_on, task.what))
    return found


def _to_publish(bodies: QuerySet[Body]) -> Iterator[Task]:
    """Minutes that were adopted and signed, and every other act, not online yet."""
    documents = (
        IssuedDocument.objects.current()
        .filter(meeting__body__in=bodies)
        .exclude(
            pk__in=Publication.objects.online().values("document")  # what is online
        )
        .exclude(kind=IssuedDocument.Kind.MINUTES, adoption=None)
        .select_related("meeting__body__organisation", "adoption")
        .prefetch_related(Prefetch("publications"), "signatures")
        .defer("content")
        .order_by("meeting__held_on", "pk")
    )
    for document in documents:
        due_on, article = publications.due(document)
        withdrawn = document.publications.all()
        if withdrawn:
            continue  # somebody took it off on purpose
        yield Task(
            what=f"Publier {_the(document)}",
            meeting=document.meeting,
            whose=waiting.SECRETARIAT,
            url=reverse("archive:publication", args=[document.pk]),
            due_on=due_on,
            article=article,
        )


def _the(document: IssuedDocument) -> str:
    return {
        IssuedDocument.Kind.MINUTES: "le procès-verbal",
        publications.LIST: "la liste des délibérations",
    }.get(document.kind, document.get_kind_display())


# --- As a calendar ----------------------------------------------------------------------------

_FEED = "archive.tasks.feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Whose diary follows, and where: somebody who still works there."""

    user: User
    organisation: Organisation


def feed_token(feed: TaskFeed) -> str:
    """The secret of the address, drawn again each time: only its hash is stored."""
    made_at = feed.made_at.astimezone(UTC).isoformat()
    told = f"{feed.user_id}:{feed.organisation_id}:{made_at}"
    return salted_hmac(_FEED, told, algorithm="sha256").hexdigest()[:48]


def make_feed(user: User, organisation: Organisation, *, at: datetime) -> TaskFeed:
    """A new secret address; the one before follows nothing any more."""
    feed = TaskFeed(user=user, organisation=organisation, made_at=at)
    feed.token_hash = tokens.hash_of(feed_token(feed))
    made, _ = TaskFeed.objects.update_or_create(
        user=user,
        organisation=organisation,
        defaults={"made_at": at, "token_hash": feed.token_hash},
    )
    return made


def drop_feed(user: User, organisation: Organisation) -> None:
    """Close the secret address."""
    TaskFeed.objects.filter(user=user, organisation=organisation).delete()


def find_feed(raw: str) -> Follower | None:
    """Who follows at this address; nobody once he lost his account or his role."""
    feed = (
        TaskFeed.objects.select_related("user", "organisation")
        .filter(token_hash=tokens.hash_of(raw), user__is_active=True)
        .first()
    )
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
