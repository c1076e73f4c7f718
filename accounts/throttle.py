"""Patience with people, none with machines: a few failures, then a wait.

A try is counted *before* it is judged, under a lock of the database, and given back when it was
right: a hundred tries sent at once are judged five at most, whatever process takes them, and no
other request can make the count forgotten. Whether the account exists changes nothing.

Four counts, each over `WAIT`: this account from this network (`FAILURES`: somebody who tries names
from elsewhere does not lock its owner out) and from those of the same customer (`WIDE`: a /48 of
IPv6 holds 65,536 networks); this account from anywhere (`ANYWHERE`: many machines together); this
network for any account (`NETWORK`: one machine trying many names; a town hall enters by one
address, so right passwords are given back).

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


def _keys(purpose: str, request: HttpRequest, who: str) -> dict[str, int]:
    """The counts of this try, in the order in which they are locked, with the limit of each."""
    address, who = network.address_of(request), lowered(who)
    where, customer = network.neighbourhood(address), network.neighbourhood(address, bits=48)
    counted = {
        f"{purpose} {who} {customer}": WIDE,  # of IPv4, the same as the next
        f"{purpose} {who} {where}": FAILURES,
        f"{purpose} {who}": ANYWHERE,
        f"{purpose} @{where}": NETWORK,
    }
    if machine := devices.known(request, who):
        counted = {f"{purpose} {who} #{machine}": FAILURES}
    hashed = {hashlib.sha256(key.encode()).hexdigest(): limit for key, limit in counted.items()}
    return dict(sorted(hashed.items()))


def take(purpose: str, request: HttpRequest, who: str, *, at: datetime | None = None) -> bool:
    """Count one more try by `who` (an address, an account); `False` when it must wait, and then
    nothing is counted. The wait is reckoned from the last try that was judged."""
    at = at or timezone.now()
    keys = _keys(purpose, request, who)
    with transaction.atomic():
        Tries.objects.filter(until__lte=at).delete()
        made = [Tries(key=key, until=at + WAIT) for key in keys]
        Tries.objects.bulk_create(made, ignore_conflicts=True)
        rows = Tries.objects.select_for_update().filter(key__in=keys).order_by("key")
        if any(row.count >= keys[row.key] for row in rows):
            return False
        Tries.objects.filter(key__in=keys).update(count=F("count") + 1, until=at + WAIT)
    return True


def give_back(purpose: str, request: HttpRequest, who: str) -> None:
    """The try was right: this account starts from zero here, and weighs on nobody else."""
    with transaction.atomic():
        for key, limit in _keys(purpose, request, who).items():
            if limit == FAILURES:
                Tries.objects.filter(key=key).delete()
            else:
                Tries.objects.filter(key=key, count__gt=0).update(count=F("count") - 1)
