"""What goes by itself when its time has come: sessions that are over, requests that came to
nothing. No archive, no visa; the hand that sends mails looks, once an hour."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db.models import Q

from accounts.models import IdentityChange, LinkRequest, Session

PAUSE = timedelta(hours=1)
_LOOKED = "archive.passing"


def look(at: datetime) -> None:
    """Let go of what is over, unless somebody looked a moment ago."""
    if cache.add(_LOOKED, 1, timeout=PAUSE.total_seconds()):
        pass_by(at)


def pass_by(at: datetime) -> None:
    """Let go of what is over. A change of identity that was carried out stays as long as its
    account: it tells by whose hand that is."""
    before = at - timedelta(days=settings.TRAIL_DAYS)
    Session.objects.filter(expire_date__lt=at).delete()
    LinkRequest.objects.filter(decided_at__lt=before).delete()
    stale = Q(refused_at__lt=before) | Q(refused_at=None, asked_at__lt=before)
    IdentityChange.objects.filter(stale, done_at=None).delete()
    LogEntry.objects.filter(action_time__lt=before).delete()
