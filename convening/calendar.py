"""Calendar files (.ics): a sitting as the diary of a delegate takes it in.

A sitting keeps one UID for ever; each dispatch raises SEQUENCE, so that a diary moves or removes
the entry it has instead of adding another. Hours are those of Paris, with the rules of summer time
written in the file: an entry made in October for a day of November stands at the right hour.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from convening.models import Convocation, Recipient
from members.lately import Lately

icalendar = Lately("icalendar")

PARIS = ZoneInfo("Europe/Paris")
PRODUCT = "-//somme_gov//seances//FR"
# Nobody says when a sitting will end: what a diary shows as taken.
LASTS = timedelta(hours=2)


def uid(meeting_pk: int, organisation: str) -> str:
    """What a diary knows the sitting by; the slug of the organisation keeps two sites apart."""
    return f"seance-{meeting_pk}@{organisation}.somme-gov"


def event(
    *,
    uid: str,
    held_on: date,
    starts_at: time | None,
    summary: str,
    stamp: datetime,
    place: str = "",
    description: str = "",
    url: str = "",
    sequence: int = 0,
    is_cancelled: bool = False,
) -> icalendar.Event:
    """One sitting, the whole day where its hour is not known. `stamp` is when this version of it
    was written."""
    entry = icalendar.Event()
    entry.add("uid", uid)
    entry.add("dtstamp", stamp.astimezone(ZoneInfo("UTC")))
    entry.add("sequence", sequence)
    entry.add("summary", f"Annulée : {summary}" if is_cancelled else summary)
    if starts_at is None:
        entry.add("dtstart", held_on)
    else:
        begins = datetime.combine(held_on, starts_at)
        entry.add("dtstart", begins.replace(tzinfo=PARIS))
        # Wall clock, not elapsed time: two hours on the clock of the room.
        entry.add("dtend", (begins + LASTS).replace(tzinfo=PARIS))
    entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    entry.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    if place:
        entry.add("location", place)
    if description:
        entry.add("description", description)
    if url:
        entry.add("url", url)
    return entry


def calendar(
    events: Iterable[icalendar.Event], *, method: str = "PUBLISH", name: str = ""
) -> bytes:
    """A calendar file. A feed to subscribe to has a `name`."""
    found = icalendar.Calendar()
    found.add("version", "2.0")
    found.add("prodid", PRODUCT)
    found.add("calscale", "GREGORIAN")
    found.add("method", method)
    if name:
        found.add("name", name)
        found.add("x-wr-calname", name)
        found.add("x-wr-timezone", "Europe/Paris")
    found.add_component(_paris())
    for each in events:
        found.add_component(each)
    return found.to_ical()


def _paris() -> icalendar.Timezone:
    """The hour of Paris as every diary reads it: the rules, not a list of fifty years."""
    zone = icalendar.Timezone()
    zone.add("tzid", "Europe/Paris")
    for kind, since, month, before, after, name in (
        (icalendar.TimezoneDaylight, datetime(1981, 3, 29, 2), 3, 1, 2, "CEST"),
        (icalendar.TimezoneStandard, datetime(1996, 10, 27, 3), 10, 2, 1, "CET"),
    ):
        change = kind()
        change.add("dtstart", since)
        change.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        change.add("tzoffsetfrom", timedelta(hours=before))
        change.add("tzoffsetto", timedelta(hours=after))
        change.add("tzname", name)
        zone.add_component(change)
    return zone


def invitation(recipient: Recipient, *, sender: str, url: str) -> tuple[str, bytes]:
    """The method and the file that go with the mail of this recipient."""
    convocation = recipient.convocation
    letter = convocation.letter
    is_cancelled = convocation.kind == Convocation.Kind.CANCELLED
    entry = event(
        uid=letter["uid"],
        held_on=convocation.held_on,
        starts_at=convocation.starts_at,
        summary=f"{letter['body']} – {letter['organisation']}",
        stamp=convocation.dispatched_at or timezone.now(),
        place=letter["place"],
        description="" if is_cancelled else _description(letter, url),
        url="" if is_cancelled else url,
        sequence=convocation.calendar_sequence,
        is_cancelled=is_cancelled,
    )
    organizer = icalendar.vCalAddress(f"mailto:{sender}")
    organizer.params["cn"] = letter["organisation"]
    entry.add("organizer", organizer)
    attendee = icalendar.vCalAddress(f"mailto:{recipient.email}")
    attendee.params["cn"] = recipient.name
    attendee.params["role"] = "REQ-PARTICIPANT"
    # The answer that counts is given by the personal link: no reply from the diary is asked.
    attendee.params["partstat"] = "NEEDS-ACTION"
    attendee.params["rsvp"] = "FALSE"
    entry.add("attendee", attendee)
    method = "CANCEL" if is_cancelled else "REQUEST"
    return method, calendar([entry], method=method)


def _description(letter: dict, url: str) -> str:
    points = [
        f"{'  ' * line['depth']}{line['number']} {line['title']}".rstrip()
        for line in letter["agenda"]
    ]
    told = ["Ordre du jour :", *points]
    if url:
        told += ["", f"Répondre et lire le dossier : {url}"]
    return "\n".join(told)
