"""An office given, or that ends: who holds it has another mandate from that day on. A seat given in
another body, of which the mandate is not yet written, begins that day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from law.findings import Refused, refusal
from members import succession
from members.actions import save
from members.days import eve
from members.models import Body, Mandate, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a mandate is to say from that day on: this office, "" for none."""

    mandate: Mandate
    office: str
    rank: int
    on: date


@transaction.atomic
def give(asked: Iterable[Given], *, by: User) -> int:
    """Write all of them or none; how many. Who had an office leaves it the day before: a mandate
    ends, the same seat goes on under another. Undone at the page of the mandate that ended."""
    told = list(asked)
    bodies = sorted({each.mandate.body_id for each in told})
    list(Body.objects.select_for_update().filter(pk__in=bodies).order_by("pk"))
    rows = Mandate.objects.select_related("body__organisation", "person").in_bulk(
        [each.mandate.pk for each in told]
    )
    begun = []
    for each in told:
        if each.mandate.pk is None:
            begun.append((_seated(each), "élection en séance"))
            continue
        row = rows.get(each.mandate.pk)
        was = (each.mandate.office, each.mandate.office_rank, each.mandate.end_on)
        if row is None or (row.office, row.office_rank, row.end_on) != was:
            raise _changed()
        office, rank = each.office or Mandate.Office.MEMBER, each.rank or None
        if row.start_on >= each.on:  # it began with this sitting: it says what it said
            row.office, row.office_rank = office, rank
            save(row, by=by, why="fonction donnée en séance")
            continue
        heir = succession.continued(row, office=office, office_rank=rank, start_on=each.on)
        row.end_on, row.end_reason = eve(each.on), Mandate.EndReason.OFFICE
        save(row, by=by, why=succession.why(row))
        begun.append((heir, succession.why(row)))
    for heir, why in begun:
        save(heir, by=by, why=why)
    return len(told)


def _seated(asked: Given) -> Mandate:
    """The mandate to begin. Raises `Refused` if its person has one there meanwhile."""
    seat = asked.mandate
    seat.start_on, seat.office = asked.on, asked.office or Mandate.Office.MEMBER
    seat.office_rank = asked.rank or None
    held = Mandate.objects.filter(body=seat.body_id, person=seat.person_id)
    if any(seat.shares_a_day_with(row) for row in held):
        raise _changed()
    return seat


def _changed() -> Refused:
    return refusal(
        "donnees_changees",
        "Les mandats ont changé entre-temps\u00a0; rien n’a été écrit.",
        remedy="Voici ce qu’il reste à changer.",
    )
