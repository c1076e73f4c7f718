"""The deliberations that are online and stand, as lines of the SCDL."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import ExtractYear, Length

from documents.models import IssuedDocument
from law.nomenclature import SECOND_LEVEL
from meetings.models import Meeting
from members.models import Organisation
from opendata import readings, scdl
from opendata.models import Reading
from opendata.site import Site
from registry.models import Deliberation
from transmission.models import ActSheet, Transmission

_AT_ONCE = 1000


def _acts(organisation: Organisation) -> QuerySet[Reading]:
    """The readings of what stands, each with what the prefecture knows of it."""
    of_act = {
        "deliberation__meeting": OuterRef("publication__document__meeting"),
        "deliberation__item__key": OuterRef("publication__document__subject"),
    }
    sheets = ActSheet.objects.filter(**of_act)
    received = Transmission.objects.received().filter(
        **{f"sheet__{name}": value for name, value in of_act.items()}
    )
    return (
        Reading.objects.open()
        .standing()
        .filter(
            publication__document__kind=IssuedDocument.Kind.EXTRACT,
            publication__document__meeting__kind=Meeting.Kind.SITTING,  # the SCDL has no other act
            publication__document__meeting__body__organisation=organisation,
        )
        .annotate(
            matter=Subquery(sheets.values("matter")[:1]),
            received_on=Subquery(received.order_by("-pk").values("received_on")[:1]),
        )
    )


def rows(organisation: Organisation, year: int, site: Site) -> Iterator[scdl.Row]:
    """Each deliberation of that year, whatever it lacks, in the order of the sittings."""
    gone = readings.withdrawn(organisation)
    shared = _shared(organisation)
    found = (
        _acts(organisation)
        .filter(publication__document__meeting__held_on__year=year)
        .order_by(
            "publication__document__meeting__held_on",
            "publication__document__meeting",
            Length("number"),  # 9 before 10
            "number",
            "publication",
        )
        .values_list(
            "publication__document__meeting",
            "publication__document__subject",
            "publication__document__meeting__held_on",
            "publication__document__meeting__body__slug",
            "publication__code",
            "number",
            "object",
            "votes",
            "matter",
            "received_on",
        )
    )
    common = scdl.Row(
        name=organisation.name,
        siret=organisation.siret,
        number="",
        day=date.min,
        matter="",
        object="",
        address="",
        prefecture=f"PREF{organisation.department}" if organisation.department else "",
    )
    for meeting, key, day, body, code, number, title, votes, matter, received_on in found.iterator(
        chunk_size=_AT_ONCE
    ):
        if (meeting, key) in gone:
            continue
        told = f"{body}-{number}" if number in shared else number
        yield replace(
            common,
            number=told or code,
            day=day,
            matter=matter or "",
            object=title,
            address=site.to("archive:public_document", code),
            received_on=received_on,
            votes=tuple(votes) if votes else None,
        )


def _shared(organisation: Organisation) -> frozenset[str]:
    """The numbers that several bodies of the organisation gave: alone, they name no act."""
    found = Deliberation.objects.filter(body__organisation=organisation).order_by()
    twice = found.values("label").annotate(times=Count("pk")).filter(times__gt=1)
    return frozenset(twice.values_list("label", flat=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year of deliberations: how many are online, and how many of them in the table, those that
    have a `matière`."""

    year: int
    online: int
    listed: int


def years(organisation: Organisation) -> tuple[Year, ...]:
    """Each year of which something is online, the latest first: one query whatever there is."""
    is_filed = Q(matter__regex=rf"^({'|'.join(map(re.escape, SECOND_LEVEL))})(\.|$)")
    counted = (
        _acts(organisation)
        .annotate(year=ExtractYear("publication__document__meeting__held_on"))
        .order_by()
        .values("year")
        .annotate(online=Count("pk"), filed=Count("pk", filter=is_filed))
    )
    found = counted.order_by("-year").values_list("year", "online", "filed")
    return tuple(Year(year=year, online=online, listed=listed) for year, online, listed in found)
