"""Patience with people, none with machines: a few failures, then a wait.

A try is counted *before* it is judged, under a lock of the database, and given back when it was
right: a hundred tries sent at once are judged five at most, whatever process takes them, and no
other request can make the count forgotten. Whether the account exists changes nothing.

Four counts, each over `WAIT`: this account from this network (`FAILURES`: somebody who tries names
from elsewhere does not lock its owner out) and from those of the same customer (`WIDE`: a /48 of
IPv6 holds 65,536 networks); this account from anywhere (`ANYWHERE`: many machines together); this
network for any account (`NETWORK`: one machine trying many names; a town hall enters by one
address, so right passwords are given back).

Five tries each five minutes, for months, find a code of six figures: those that follow a right
password are counted too whatever the time (`take_in_a_row`), until one is right or the password
changes; the holder is told that somebody has it.

A machine where this account has entered (`accounts.devices`) is counted apart, and no failure of
others makes it wait.
"""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from accounts import devices
from accounts.models import Tries
from law.addresses import lowered
from trail import network

FAILURES, WIDE, ANYWHERE, NETWORK = 5, 10, 50, 100
WAIT = timedelta(minutes=5)
IN_A_ROW, REMEMBERED = 30, timedelta(days=30)


def _keys(purpose: str, request: HttpRequest, who: str) -> dict[str, int]:
    """The counts of this try, in the order in which they are locked, with the limit of each; ""
    for `who` does not say who he is: his network alone is counted."""
    address, who = network.address_of(request), lowered(who)
    where, customer = network.neighbourhood(address), network.neighbourhood(address, bits=48)
    counted = {
        f"{purpose} {who} {customer}": WIDE,  # of IPv4, the same as the next
        f"{purpose} {who} {where}": FAILURES,
        f"{purpose} {who}": ANYWHERE,
        f"{purpose} @{where}": NETWORK,
    }
    if not who:
        counted = {f"{purpose} @{where}": NETWORK}
    elif machine := devices.known(request, who):
        counted = {f"{purpose} {who} #{machine}": FAILURES}
    return dict(sorted((_hash(key), limit) for key, limit in counted.items()))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def take(purpose: str, request: HttpRequest, who: str = "", *, at: datetime | None = None) -> bool:
    """Count one more try by `who` (an address, an account); `False` when it must wait, and then
    nothing is counted. The wait is reckoned from the last try that was judged."""
    keys = _keys(purpose, request, who)
    return _counted(keys, at=at or timezone.now(), life=WAIT) is not None


def take_in_a_row(purpose: str, who: str, *, at: datetime) -> int | None:
    """Count one more failure of `who` from wherever, and answer how many that makes; `None` when
    there were too many. `forget` ends it."""
    counts = _counted({_hash(f"{purpose} {who}"): IN_A_ROW}, at=at, life=REMEMBERED)
    return counts and counts[0]


def paced(
    purpose: str, who: str, *, most: int, at: datetime, span: timedelta = timedelta(minutes=1)
) -> bool:
    """Count one more question of `who` in the minute, or `span`, that his first one opened; `False`
    beyond so many."""
    keys = {_hash(f"cadence {purpose} {who}"): most}
    return _counted(keys, at=at, life=span, is_kept_alive=False) is not None


def forget(purpose: str, who: str) -> None:
    """It was right: what is counted in a row starts from zero."""
    Tries.objects.filter(key=_hash(f"{purpose} {who}")).delete()


def _counted(
    keys: dict[str, int], *, at: datetime, life: timedelta, is_kept_alive: bool = True
) -> list[int] | None:
    with transaction.atomic():
        Tries.objects.filter(until__lte=at).delete()
        made = [Tries(key=key, until=at + life) for key in keys]
        Tries.objects.bulk_create(made, ignore_conflicts=True)
        rows = list(Tries.objects.select_for_update().filter(key__in=keys).order_by("key"))
        if any(row.count >= keys[row.key] for row in rows):
            return None
        lasts = {"until": at + life} if is_kept_alive else {}
        Tries.objects.filter(key__in=keys).update(count=F("count") + 1, **lasts)
    return [row.count + 1 for row in rows]


def give_back(purpose: str, request: HttpRequest, who: str = "") -> None:
    """The try was right: this account starts from zero here, and weighs on nobody else."""
    with transaction.atomic():
        for key, limit in _keys(purpose, request, who).items():
            if limit == FAILURES:
                Tries.objects.filter(key=key).delete()
            else:
                Tries.objects.filter(key=key, count__gt=0).update(count=F("count") - 1)
