"""The legal clock: each public address read back as anybody reads it, and what it gave, kept.

An act stays online two months at least, whole and unchanged (art. R2131-1 and L2131-1): what was
put there is read back each day through the public address of the site, and the bytes compared.
Minutes stay for good (art. L2121-15), and no article says for how long a list does: all are read
back alike, each day for these months, then each month.
"""

import hashlib
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from functools import partial
from http.client import HTTPException

from django.conf import settings
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from archive.models import Posting, Publication, PublicationQuerySet, Reading
from documents.compile import Online, moment
from documents.models import IssuedDocument
from law import acts, deadlines, french
from law.regime import article_of
from members import duties, serving
from members.models import RuleBook
from transmission import reading as prefecture

EVERY = timedelta(hours=23)  # while it has to stay
AGAIN = timedelta(hours=1)  # after it was not there
AFTER = timedelta(days=30)  # once it stayed its time
DUTY_TIME = timedelta(days=70)  # two months at least, for the base to choose
PATIENCE = 15  # seconds for one address
AT_ONCE = 200  # addresses of one look: the others are for the next

Found = Reading.Found
Fetch = Callable[[str, int], bytes]

log = logging.getLogger(__name__)


# --- Reading back -----------------------------------------------------------------------------


def address(publication: Publication) -> str:
    """Where anybody downloads it; "" as long as nobody said what the site is called."""
    site = settings.SITE_URL.rstrip("/")
    return f"{site}{reverse('archive:public_file', args=[publication.code])}" if site else ""


def with_last_reading(publications: PublicationQuerySet) -> PublicationQuerySet:
    """Each with when it was read back last (`read_at`, `None` before), and as what (`read_as`)."""
    last = Reading.objects.filter(publication=OuterRef("pk")).order_by("-at", "-pk")
    return publications.annotate(
        read_at=Subquery(last.values("at")[:1]), read_as=Subquery(last.values("found")[:1])
    )


def due(*, at: datetime) -> PublicationQuerySet:
    """Those to read back now, the longest unread first."""
    found = with_last_reading(Publication.objects.lasting().online())
    is_young = Q(published_at__gt=at - DUTY_TIME)
    wanted = (
        Q(read_at=None)
        | Q(is_young, read_at__lte=at - EVERY)
        | Q(~Q(read_as=Found.SAME), read_at__lte=at - AGAIN)
        | Q(read_at__lte=at - AFTER)
    )
    return (
        found.filter(wanted)
        .select_related("document__meeting__body__organisation")
        .defer("document__content")
        .order_by(F("read_at").asc(nulls_first=True), "pk")
    )


def attend(*, at: datetime, fetch: Fetch | None = None) -> tuple[Reading, ...]:
    """Read back what is due; nothing of a base that another machine serves, nor of a site that
    nobody named."""
    if serving.is_held() or not settings.SITE_URL:
        return ()
    fetch = fetch or download
    return tuple(read_back(each, at=at, fetch=fetch) for each in due(at=at)[:AT_ONCE])


def read_back(publication: Publication, *, at: datetime, fetch: Fetch) -> Reading:
    """Read one public address, and keep what it gave."""
    where = address(publication)
    found, detail = _judged(publication, partial(fetch, where))
    if found is not Found.SAME:
        log.warning("%s ne se lit plus à %s\u00a0: %s", publication, where, detail)
    return Reading.objects.create(
        publication=publication, at=at, found=found, detail=detail[:200], address=where[:300]
    )


def _judged(publication: Publication, fetch: Callable[[int], bytes]) -> tuple[Reading.Found, str]:
    try:
        content = fetch(publication.size + 1)
    except urllib.error.HTTPError as error:
        return Found.ABSENT, f"réponse {error.code}"
    except (OSError, ValueError, HTTPException) as error:  # or what is no answer of the Web
        return Found.SILENT, str(error) or type(error).__name__
    if hashlib.sha256(content).hexdigest() == publication.sha256:
        return Found.SAME, ""
    return Found.OTHER, f"{len(content)} octets, qui ne sont pas ceux du fichier publié"


def download(url: str, most: int) -> bytes:
    """What this address gives to anybody, as far as `most` bytes. Raises `OSError`, or
    `HTTPException` for what is no answer."""
    about = {"User-Agent": "somme_gov (relecture)"}
    # Our own site, as whoever runs the server named it.
    wanted = urllib.request.Request(url, headers=about)  # noqa: S310
    with urllib.request.urlopen(wanted, timeout=PATIENCE) as answer:  # noqa: S310
        content: bytes = answer.read(most)
    return content


# --- What it says -----------------------------------------------------------------------------


def certifiable_on(publication: Publication) -> date:
    """The day that ends the time of which a certificate tells: of an act, that of art. R2131-1."""
    published_on = timezone.localdate(publication.published_at)
    return deadlines.online_until(published_on, publication.document.meeting.regime)


def online_until(publication: Publication) -> date | None:
    """The first day on which it may leave the public pages; `None` of minutes, which stay; of what
    need not be there (`is_voluntary`), the day that ends the time of its certificate."""
    return None if publication.document.is_minutes else certifiable_on(publication)


def is_voluntary(publication: Publication) -> bool:
    """Whether nothing has it online: what one decides alone of somebody is notified to him (art.
    L2131-1, II)."""
    return prefecture.is_notified(publication.document.meeting)


VOLUNTARY = "sans durée imposée\u00a0: il se notifie à qui il concerne"


def was_taken_off_early(publication: Publication) -> bool:
    """Whether it left the public pages before it might."""
    if publication.withdrawn_at is None:
        return False
    until = online_until(publication)
    return until is None or timezone.localdate(publication.withdrawn_at) < until


def article(publication: Publication) -> str:
    """The article that has it online."""
    rules = {IssuedDocument.Kind.MINUTES: "minutes_days", IssuedDocument.Kind.LIST: "list_days"}
    rule = rules.get(IssuedDocument.Kind(publication.document.kind), "acts_online_months")
    return article_of(publication.document.meeting.regime, rule)


def stay(publication: Publication) -> str:
    """For how long it has to stay, and by which article: "au moins jusqu’au 9 août 2026 (…)"."""
    until, by = online_until(publication), article(publication)
    if is_voluntary(publication):
        return VOLUNTARY
    if until is None:
        return f"de manière permanente ({by})"
    if publication.document.kind == IssuedDocument.Kind.LIST:
        by = f"durée retenue ici, {by} n’en fixant pas"
    elif by.startswith("art. "):
        by = acts.quoted(publication.document.meeting.regime, by)
    return f"au moins jusqu’au {french.long_date(until)} ({by})"


def lost(publications: PublicationQuerySet) -> PublicationQuerySet:
    """Those of these that were not there when they were last read back."""
    found = with_last_reading(publications.online())
    return found.exclude(read_at=None).exclude(read_as=Found.SAME)


def over(publications: PublicationQuerySet, *, on: date) -> PublicationQuerySet:
    """Those of these that may have stayed for their time on this day, were read there as they had
    been put, and that nobody certified: `certifiable` says of which it is true."""
    begun = on - timedelta(days=55)  # no less than two months: the rules say how long
    same = Q(readings__found=Found.SAME)
    rows = publications.filter(certificate=None, published_at__date__lte=begun)
    return rows.annotate(seen_at=Min("readings__at", filter=same)).exclude(seen_at=None)


def to_certify(publications: PublicationQuerySet, *, on: date) -> list[Publication]:
    """Those that stayed online for their time on this day, were read there as they had been put,
    and that nobody certified."""
    return certifiable(over(publications, on=on), on=on)


def certifiable(rows: PublicationQuerySet, *, on: date) -> list[Publication]:
    """Those of what `over` found."""
    return [
        row
        for row in rows.select_related("document__meeting__body__organisation")
        if stayed(row) and timezone.localdate(row.seen_at) <= certifiable_on(row) <= on
    ]


def unposted(bodies: Iterable[int]) -> QuerySet[IssuedDocument]:
    """The lists in force that nobody noted to be posted, of those of these bodies, by their
    numbers, whose rules ever had it kept here (art. L2121-25): those of their sitting say."""
    kept = RuleBook.objects.filter(body__in=bodies, values__list_posted_here=True)
    rows = IssuedDocument.objects.current().filter(
        kind=IssuedDocument.Kind.LIST,
        meeting__body__in=kept.order_by().values("body"),
        meeting__held_on__gte=deadlines.PUBLICITY_SINCE,
    )
    return rows.exclude(postings__in=Posting.objects.standing())


def stayed(publication: Publication) -> bool:
    """Whether nobody took it off before its time."""
    gone, until = publication.withdrawn_at, online_until(publication)
    return gone is None or (until is not None and timezone.localdate(gone) >= until)


def told(publication: Publication, *, at: datetime) -> Online | None:
    """What a certificate says of it at this moment; `None` while nothing was read back."""
    until = certifiable_on(publication)
    readings = [row for row in publication.readings.all() if timezone.localdate(row.at) <= until]
    if not readings:
        return None
    same = [row.at for row in readings if row.found == Found.SAME]
    so_far = min(until, timezone.localdate(at))
    unread = _unread(publication, readings, so_far)
    days = (so_far - timezone.localdate(publication.published_at)).days
    ended = timezone.make_aware(datetime.combine(until, time.min))
    return Online(
        title=publication.title,
        code=publication.code,
        address=_where(publication, readings),
        sha256=publication.sha256,
        since=publication.published_at,
        stay=stay(publication),
        first=readings[0].at,
        last=readings[-1].at,
        readings=len(readings),
        seen=same[0] if same else None,
        same=len(same),
        incidents=tuple(_incidents(readings)),
        unread=unread,
        is_scarce=deadlines.is_scarcely_read(unread=unread, days=days),
        down=tuple(_down(readings, until=min(ended, at))),
        is_redacted=publication.is_redacted,
        annexes=publication.annexes.count(),
    )


def _where(publication: Publication, readings: Sequence[Reading]) -> str:
    """The address that was read, or each in turn of a site that changed its name."""
    read = dict.fromkeys(row.address for row in readings if row.address)
    return ", puis ".join(read) or address(publication)


def _incidents(readings: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """Each time it was not there, from the first reading that says so to the one that found it
    again."""
    began: Reading | None = None
    for row in readings:
        if row.found != Found.SAME:
            began = began or row
        elif began is not None:
            yield _incident(began, row)
            began = None
    if began is not None:
        yield _incident(began, None)


def _incident(began: Reading, ended: Reading | None) -> tuple[str, str]:
    until = f"retrouvé le {moment(ended.at)}" if ended else "pas retrouvé depuis"
    detail = f" ({began.detail})" if began.detail else ""
    what = french.capitalise(f"{began.get_found_display()}{detail}\u00a0; {until}")
    return f"le {moment(began.at)}", what


def _unread(publication: Publication, readings: Sequence[Reading], until: date) -> int:
    """The days of its time so far, the first and the last left out, of which nothing was read."""
    read = {timezone.localdate(row.at) for row in readings}
    day, count = timezone.localdate(publication.published_at) + timedelta(days=1), 0
    while day < until:
        count += day not in read
        day += timedelta(days=1)
    return count


def _span(down: timedelta) -> str:
    """ "3 jours", "2 heures", "10 minutes"; "" of no time."""
    for size, noun in ((timedelta(days=1), "jour"), (timedelta(hours=1), "heure")):
        if down >= size:
            return french.count(round(down / size), noun)
    return french.count(max(1, round(down / timedelta(minutes=1))), "minute") if down else ""


def _down(readings: Sequence[Reading], *, until: datetime) -> Iterator[tuple[str, str]]:
    """For how long it was not read as it should, by what was read, from one reading to the next or
    to the end of its time: what the site gave, and what nobody could ask it from here."""
    ends = [*(row.at for row in readings[1:]), max(until, readings[-1].at)]
    for label, kinds in (
        ("Non conforme", (Found.OTHER, Found.ABSENT)),
        ("Injoignable d’ici", (Found.SILENT,)),
    ):
        pairs = zip(readings, ends, strict=True)
        spent = sum((end - row.at for row, end in pairs if row.found in kinds), timedelta())
        if span := _span(spent):
            yield label, span


# --- Without anybody asking -------------------------------------------------------------------

_TICK = 600  # seconds


def _look(until: duties.Stop) -> float:
    attend(at=timezone.now())
    return _TICK


DUTY = duties.Duty("relectures", lambda: nullcontext(_look), setting="CLOCK_WORKER", idle=_TICK)
