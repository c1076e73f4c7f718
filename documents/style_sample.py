"""A real paper to try a style on: of the last sitting of the body, or of one that is imagined."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.utils import timezone

from documents import compile, papers
from law import assembly, ballots, sitting
from meetings import composition
from meetings.agenda import Agenda
from meetings.memory import Told
from meetings.models import AgendaItem, Attachment, Meeting
from members.models import Body, PaperStyle

MINUTES, EXTRACT = papers.MinutesDocument.kind, papers.DeliberationExtract.kind
SUMMONS, LIST = papers.SummonsDocument.kind, papers.DeliberationList.kind
LABELS = {
    MINUTES: "Procès-verbal",
    EXTRACT: "Extrait",
    SUMMONS: "Convocation",
    LIST: "Liste",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A paper, and the sitting that it is of: `None` for one that never was."""

    paper: papers.Paper
    meeting: Meeting | None


def sample(body: Body, kind: str, style: PaperStyle) -> Sample:
    """A paper of this kind (`LABELS`) as `style` would have it.

    That of the last sitting of the body that was held and of which there is such a paper.
    """
    held = body.meetings.select_related("body__organisation")
    if kind == SUMMONS:
        found = held.exclude(stage=Meeting.Stage.CANCELLED).first()
    else:
        found = held.filter(stage__in=(Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)).first()
    if kind in (EXTRACT, LIST) and found is not None and not _voted(found):
        found = None
    meeting = found or _imagined(body)
    return Sample(paper=_COMPILERS[kind](meeting, style=style), meeting=found)


def _voted(meeting: Meeting) -> str:
    """The key of the first deliberation that was voted, "" when none was."""
    kinds = {node.item.key: node.item.kind for node in meeting.agenda.nodes}
    for event in meeting.sitting.of_kind(sitting.BallotHeld):
        if kinds.get(event.ballot.item) == AgendaItem.Kind.DELIBERATION:
            return event.ballot.item
    return ""


def _extract(meeting: Meeting, *, style: PaperStyle) -> papers.Paper:
    return compile.compile_extract(meeting, _voted(meeting), style=style)


def _summons(meeting: Meeting, *, style: PaperStyle) -> papers.Paper:
    sent_on = meeting.convened_on or min(timezone.localdate(), meeting.held_on - timedelta(days=7))
    return compile.compile_summons(meeting, sent_on=sent_on, style=style)


_COMPILERS: dict[str, Callable[..., papers.Paper]] = {
    MINUTES: compile.compile_minutes,
    EXTRACT: _extract,
    SUMMONS: _summons,
    LIST: compile.compile_deliberation_list,
}


# --- A sitting that never was -----------------------------------------------------------------

_PEOPLE = (
    ("Mme", "Camille", "Exemple", "president"),
    ("M.", "Dominique", "Modèle", ""),
    ("Mme", "Claude", "Fictive", ""),
    ("M.", "Alix", "Imaginaire", ""),
    ("M.", "Sacha", "Absent", ""),
)
_ITEMS = (
    (
        AgendaItem.Kind.DELIBERATION,
        "Adoption du budget (exemple)",
        "<p>La parole est donnée au rapporteur, qui présente le budget. Aucune observation n’est "
        "faite.</p>",
    ),
    (AgendaItem.Kind.INFORMATION, "Point d’information (exemple)", "<p>Il est pris note.</p>"),
)


def _imagined(body: Body) -> Meeting:
    """A sitting held yesterday by whoever sits in the body, by invented people when nobody does.
    It lives in no table."""
    held_on = timezone.localdate() - timedelta(days=1)
    meeting = Meeting(
        body=body,
        held_on=held_on,
        starts_at=body.usual_time or time(18),
        place=body.usual_place or "au siège",
        convened_on=held_on - timedelta(days=10),
        stage=Meeting.Stage.CLOSED,
    )
    meeting.told = None
    basis = composition.of(meeting.body, meeting.held_on)
    if not basis.composition.titulars:
        basis = sitting.Composed(composition=_people(), regime=basis.regime)
    meeting.agenda = Agenda.of(_items(meeting), body.numbering)
    meeting.take_up(Told(_story(basis, meeting.scheduled_for), ""))
    return meeting


def _items(meeting: Meeting) -> list[AgendaItem]:
    items = []
    for rank, (kind, title, text) in enumerate(_ITEMS, start=1):
        item = AgendaItem(
            pk=-rank, meeting=meeting, key=f"p{rank}", kind=kind, title=title, position=rank
        )
        item.text = text
        item._prefetched_objects_cache = {"attachments": Attachment.objects.none()}
        items.append(item)
    return items


def _people() -> assembly.Composition:
    members = tuple(
        assembly.Member(
            key=last.lower(), civility=civility, first_name=first, last_name=last, office=office
        )
        for civility, first, last, office in _PEOPLE
    )
    return assembly.Composition(members=members)


def _story(basis: sitting.Composed, opened_at: datetime) -> list[sitting.Event]:
    """Everybody comes but the last; one deliberation is adopted."""
    titulars = basis.composition.titulars
    came = titulars[:-1] or titulars
    chair = next((member for member in came if member.office == "president"), came[0])
    told: list[sitting.Event] = [
        basis,
        *(sitting.Arrived(member=member.key) for member in came),
        *(sitting.Excused(member=member.key) for member in titulars[len(came) :]),
        sitting.Opened(at=opened_at, chair=chair.key),
        sitting.ClerksNamed(clerks=(came[-1].key,)),
        sitting.ItemOpened(item="p1"),
        sitting.BallotHeld(ballot=ballots.Ballot(item="p1")),
        sitting.ItemOpened(item="p2"),
        sitting.Closed(at=opened_at + timedelta(hours=1)),
    ]
    return [replace(event, seq=seq) for seq, event in enumerate(told, start=1)]
