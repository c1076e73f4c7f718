"""The sittings to come of an organisation and who sits there, for everybody (art. L2121-10 and
L2121-18): of a sitting, its agenda too once its secretariat opened it to the public, without what
is masked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from convening.dispatch import sent
from live.models import Equipment
from meetings import public as protection
from meetings.models import Meeting
from members.models import Body, Mandate, Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A sitting to come, as anybody reads it: where, the day that was announced before its own,
    and what is on its agenda, by its number."""

    meeting: Meeting
    place: str
    moved_from: date | None
    agenda: tuple[tuple[str, str], ...]


def coming(organisation: Organisation, *, on: date) -> Iterator[Coming]:
    """Those that were convened, are held in public and are not over, the nearest first."""
    found = Meeting.objects.upcoming(on).filter(body__organisation=organisation)
    convened = found.exclude(convened_on=None, sent_on=None)
    convened = convened.exclude(stage=Meeting.Stage.CANCELLED).order_by("held_on", "starts_at")
    shown = set(Equipment.objects.filter(public_page=True).values_list("meeting", flat=True))
    meetings = list(convened.select_related("body__organisation"))
    moved = sent.moved_from(meetings)
    for meeting in meetings:
        if not meeting.regime.sittings_public:
            continue
        # What was written since it was convened, nobody was sent.
        nodes = [each for each in meeting.agenda.nodes if not each.item.was_added]
        yield Coming(
            meeting=meeting,
            place=protection.words(meeting, _placed(meeting)),
            moved_from=moved.get(meeting.pk),
            agenda=tuple(
                (node.number, protection.words(meeting, node.item.title, node.item.key))
                for node in (nodes if meeting.pk in shown else ())
            ),
        )


def _placed(meeting: Meeting) -> str:
    """Where it is held: « dans ses locaux » says nothing to whoever never came there."""
    seat = ", ".join(meeting.organisation.address.split("\n"))
    is_at_home = meeting.place.strip().lower().endswith("ses locaux")
    return f"{meeting.place}, {seat}" if is_at_home and seat else meeting.place


def seats(organisation: Organisation, *, on: date) -> list[tuple[Body, list[Mandate]]]:
    """Who sits with a vote, body by body: those of which something is told to the public anyway."""
    bodies = organisation.bodies.sitting().filter(is_active=True).order_by("position", "pk")
    found = []
    for body in bodies.select_related("organisation"):
        titulars = body.mandates.in_office(on).filter(capacity=Mandate.Capacity.TITULAR)
        rows = list(titulars.in_roll_order().select_related("person", "community"))
        for each in rows:
            each.body = body
        if rows:
            found.append((body, rows))
    return found
