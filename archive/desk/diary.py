"""What awaits the secretariat, as a calendar that a diary follows at a secret address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.crypto import salted_hmac

from archive.desk import waiting
from archive.desk.tasks import Task
from archive.models import TaskFeed
from convening import calendar
from law import french
from members import access, links
from members.lately import Lately
from members.models import Organisation, Role, User

icalendar = Lately("icalendar")

_FEED = "archive.tasks.feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Whose diary follows, and where: somebody who still works there."""

    user: User
    organisation: Organisation


def feed_token(feed: TaskFeed) -> str:
    """The secret of the address."""
    owner = f"{feed.user_id}:{feed.organisation_id}"
    return links.feed(_FEED, owner, feed.made_at, kept=feed.token_hash)


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
    found = waiting.tasks(
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
    occasion = "Acte" if task.meeting.is_alone else "Séance"
    held_on = french.long_date(task.meeting.held_on)
    entry.add("description", f"{occasion} du {held_on}. {task.whose}. {task.article}".strip())
    entry.add("url", f"{site}{task.url}")
    return entry
