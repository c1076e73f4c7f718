"""What goes with the trail, at its age: requests on an account that came to nothing, what was
decided of a link, what the administration of Django noted of its forms. No archive, no visa."""

from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.db.models import Q

from accounts.models import IdentityChange, LinkRequest


def pass_by(*, before: datetime) -> None:
    """Let go of what is older than this moment. A change of identity that was carried out stays as
    long as its account: it tells by whose hand that is."""
    stale = Q(refused_at__lt=before) | Q(refused_at=None, asked_at__lt=before)
    IdentityChange.objects.filter(stale, done_at=None).delete()
    LinkRequest.objects.filter(decided_at__lt=before).delete()
    LogEntry.objects.filter(action_time__lt=before).delete()
