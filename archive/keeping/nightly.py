"""What is done each night, or each month, without the cron of any host: what is old enough goes.

Each is a command, which whoever prefers a timer of his own may run as well. One that fails is told
in the journal of the server, keeps the others from nothing, and has its turn the next night.
"""

import logging
from contextlib import nullcontext
from datetime import datetime, time, timedelta
from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from members import duties, files, serving
from members.models import Lead

HOUR = time(3)  # nobody sits
_MONTHLY = frozenset({"trim_trail"})  # what it takes away leaves a line each time
COMMANDS = ("clearsessions", "end_accounts", "trim_trail")
SWEEP = "fichiers"  # what a killed server left half-written

log = logging.getLogger(__name__)


def attend(*, at: datetime) -> list[str]:
    """Do what its night has come for, and say what was done; nothing of a base that another machine
    serves."""
    if serving.is_held():
        return []
    return [name for name in (*COMMANDS, SWEEP) if _is_due(name, at=at) and _does(name)]


def _is_due(name: str, *, at: datetime) -> bool:
    """Whether a night has come since it was done; the first time, since the server has this base.
    It is not due again before the next, whatever becomes of it."""
    row, _ = Lead.objects.get_or_create(duty=f"nuit {name}", defaults={"until": at, "done_at": at})
    last = _last(at, is_monthly=name in _MONTHLY)
    before = Lead.objects.filter(pk=row.pk, done_at__lt=last)
    return before.update(done_at=at) == 1


def _last(at: datetime, *, is_monthly: bool) -> datetime:
    """The hour of the night that came last, or of the first of the month."""
    here = timezone.localtime(at)
    night = here.date() if here.time() >= HOUR else here.date() - timedelta(days=1)
    return timezone.make_aware(
        datetime.combine(night.replace(day=1) if is_monthly else night, HOUR)
    )


def _does(name: str) -> bool:
    try:
        if name == SWEEP:
            files.sweep()
        else:
            call_command(name, stdout=StringIO())
    except Exception:  # the others have their turn
        log.exception("%s\u00a0: ce sera repris la nuit prochaine", name)
        return False
    return True


# --- Without anybody asking -------------------------------------------------------------------

_TICK = 900  # seconds


def _look(until: duties.Stop) -> float:
    attend(at=timezone.now())
    return _TICK


DUTY = duties.Duty("nuit", lambda: nullcontext(_look), setting="NIGHT_WORKER", idle=_TICK)
