"""Readers without account who are told by mail of what goes online.

An address gets nothing but one question until whoever reads its mail confirms; then one mail a day
at most; and nothing is kept of it once he says so. Whoever asks is answered the same whether or not
the address is known.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts import letters
from accounts.models import Letter
from archive.models import Alert, Publication, PublicationQuerySet
from archive.online import finding, publications
from law.addresses import lowered
from members import links
from members.models import Body, Organisation

PAGE = "archive:alert"  # what the link of a mail opens
EVERY = timedelta(days=1)
TOGETHER = timedelta(minutes=15)  # what goes online in one go makes one mail
LIFE = timedelta(days=3)  # of an address that nobody confirms
AN_HOUR = 5  # addresses left from one network
AGAIN = timedelta(days=1)  # before the same address is written to because somebody asks
PAUSE = timedelta(minutes=10)  # between two looks, whoever looks
MOST = 40  # acts told in one mail
_LOOKED = "archive.alerts"


# --- Asked, confirmed, ended ------------------------------------------------------------------


@transaction.atomic
def ask(
    organisation: Organisation,
    email: str,
    *,
    bodies: Iterable[Body],
    matters: Iterable[str],
    site: str,
    at: datetime,
) -> None:
    """Ask whoever reads the mail of this address whether he wants to be told. Of an address that is
    told already nothing changes: it is written its link, by which he changes what he likes."""
    seed = links.new()
    alert, is_new = Alert.objects.select_for_update(of=("self",)).get_or_create(
        organisation=organisation,
        email=lowered(email),
        defaults={
            "seed": seed,
            "token_hash": links.hash_of(links.drawn(PAGE, seed)),
            "asked_at": at,
        },
    )
    if not is_new and at - alert.asked_at < AGAIN:
        return
    alert.asked_at, alert.site = at, site
    alert.save(update_fields=["asked_at", "site"])
    if alert.confirmed_at is None:
        choose(alert, bodies=bodies, matters=matters)
    letters.queue(
        Letter.Kind.ALERT_ASKED,
        alert.email,
        request=None,
        site=site,
        page=PAGE,
        seed=alert.seed,
        organisation=organisation.designation,
    )


def find(raw: str) -> Alert | None:
    """Whose alert this link is."""
    return links.find(Alert.objects.select_related("organisation"), raw)


@transaction.atomic
def choose(alert: Alert, *, bodies: Iterable[Body], matters: Iterable[str]) -> None:
    """Tell of these bodies and matters from now on; of all, where none is named."""
    alert.matters = sorted(matters)
    alert.save(update_fields=["matters"])
    alert.bodies.set(bodies)


@transaction.atomic
def confirm(alert: Alert, *, at: datetime) -> None:
    """Tell of what goes online from now on. Confirmed already, it goes on."""
    alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if alert.confirmed_at is None:
        alert.confirmed_at = alert.told_until = at
        alert.save(update_fields=["confirmed_at", "told_until"])


@transaction.atomic
def end(alert: Alert) -> None:
    """Keep nothing of it, nor of what was about to leave."""
    letters.forget(alert.email, alert.seed)
    alert.delete()


# --- Told -------------------------------------------------------------------------------------


def look(at: datetime) -> None:
    """Queue what is due, unless somebody looked a moment ago."""
    if cache.add(_LOOKED, 1, timeout=PAUSE.total_seconds()):
        run_due(at)


def run_due(at: datetime) -> int:
    """Queue a mail to each reader of whose choice something went online, and who had none for a
    day; how many that made. What nobody confirmed in time is erased."""
    Alert.objects.filter(confirmed_at=None, asked_at__lt=at - LIFE).delete()
    newer = Publication.objects.lasting().filter(
        document__meeting__body__organisation=OuterRef("organisation"),
        withdrawn_at=None,
        published_at__gt=OuterRef("told_until"),
        published_at__lte=at - TOGETHER,
    )
    due = Alert.objects.filter(Q(mailed_at=None) | Q(mailed_at__lte=at - EVERY), Exists(newer))
    return sum(_tell(pk, at=at) for pk in due.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _tell(pk: int, *, at: datetime) -> bool:
    rows = Alert.objects.select_for_update(of=("self",)).select_related("organisation")
    alert = rows.filter(pk=pk).filter(Q(mailed_at=None) | Q(mailed_at__lte=at - EVERY)).first()
    if alert is None or alert.told_until is None:
        return False  # erased, or told by another hand
    until = at - TOGETHER
    found = publications.online(alert.organisation).filter(
        published_at__gt=alert.told_until, published_at__lte=until
    )
    acts = list(_chosen(alert, found))
    alert.told_until = until
    if acts:
        alert.mailed_at = at
        letters.queue(
            Letter.Kind.ALERT,
            alert.email,
            request=None,
            site=alert.site,
            page=PAGE,
            seed=alert.seed,
            organisation=alert.organisation.name,
            acts=[{"title": each.title, "path": each.get_absolute_url()} for each in acts[:MOST]],
            more=max(0, len(acts) - MOST),
            all=reverse("archive:public_organisation", args=[alert.organisation.slug]),
        )
    alert.save(update_fields=["told_until", "mailed_at"])
    return bool(acts)


def _chosen(alert: Alert, found: PublicationQuerySet) -> PublicationQuerySet:
    if bodies := list(alert.bodies.values_list("pk", flat=True)):
        found = found.filter(document__meeting__body__in=bodies)
    if alert.matters:
        filed = [finding.of_matter(Publication.objects.all(), each) for each in alert.matters]
        found = found.filter(pk__in=reduce(or_, filed).order_by().values("pk"))
    return found
