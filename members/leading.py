"""Who attends to a duty when several processes, on one host or many, serve the same base: one, the
first that says so, for a time that it prolongs. It dies: another takes over once that time is past,
at once on the machine that sees it dead.

A row and no lock of the base, which a pool of connections would lose. Should a look outlast its
time, two attend to the duty at once: each is taken up again at any step, and harms nothing twice.
"""

import os
import socket
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.db import IntegrityError, transaction

from members.models import Lead

SPAN = timedelta(minutes=3)  # beyond the next look
LEAST = timedelta(minutes=1)  # that must be left of it, or it is prolonged


@cache
def _place() -> str:
    """This machine since it was started, and where its processes have their numbers."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()[:60]} {boot} {os.readlink('/proc/self/ns/pid')}"
    return socket.gethostname()[:60]


def myself() -> str:
    """This process, told from every other."""
    return f"{_place()} {os.getpid()}"


def _is_dead(holder: str) -> bool:
    """Whether it was a process of this machine, and is no more."""
    place, _, number = holder.rpartition(" ")
    if place != _place() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def leads(duty: str, *, at: datetime, idle: timedelta) -> bool:
    """Whether this process attends to this duty now, and to the next look, `idle` later."""
    until = at + idle + SPAN
    found = Lead.objects.filter(duty=duty).first()
    if found is None:
        with suppress(IntegrityError), transaction.atomic():
            Lead.objects.create(duty=duty, holder=myself(), until=until)
            return True
        return False
    if found.holder == myself():
        if found.until >= at + idle + LEAST:
            return True
    elif found.until > at and not _is_dead(found.holder):
        return False
    mine = Lead.objects.filter(duty=duty, holder=found.holder, until=found.until)
    return mine.update(holder=myself(), until=until) == 1  # none: another was quicker
