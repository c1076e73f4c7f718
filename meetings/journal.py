"""What the secretariat did to prepare a sitting, where nothing else tells who did it.

A deed is told in the transaction that does it. It goes with no row: the sitting may be removed.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from meetings.models import DebateRevision, Deed, Meeting
from members.models import Body, User

# Texts are saved as one types: said again within five minutes by the same hand is said once.
SAME_SITTING_OF_TYPING = timedelta(minutes=5)


def note(about: Meeting | Body, verb: str, words: str, *, by: User | None) -> None:
    """Keep what was done to a sitting, or to a body beside its sittings: `verb` is a slug for
    programs, `words` a French sentence that names what it was done to.
    """
    meeting, body = (about, about.body) if isinstance(about, Meeting) else (None, about)
    deed = Deed(body=body, meeting=meeting, verb=verb, words=words[:500], by=by)
    told = Deed.objects.filter(body=body, meeting=meeting).first()
    if (
        told is None
        or (told.verb, told.words, told.by_id) != (deed.verb, deed.words, deed.by_id)
        or deed.at - told.at > SAME_SITTING_OF_TYPING
    ):
        deed.save()


def is_told_since(meeting: Meeting, moment: datetime) -> bool:
    """Whether anybody told or wrote anything of this sitting since: a line of its ledger, what was
    said, what prepares it. What is typed again within minutes keeps its first hour."""
    since = moment - SAME_SITTING_OF_TYPING
    return (
        meeting.events.filter(recorded_at__gt=since).exists()
        or meeting.deeds.filter(at__gt=since).exists()
        or DebateRevision.objects.filter(item__meeting=meeting, saved_at__gt=since).exists()
    )


def of_body(body: Body) -> QuerySet[Deed]:
    """What was done to a body beside the sittings that it has, the latest first."""
    return body.deeds.filter(meeting=None).select_related("by")
