"""The agenda, the last lines of the ledger, and what is being written."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from law import french, sentences, sitting
from live.board.gestures import FATES
from live.board.moment import Moment, number_of
from meetings.models import AgendaItem

LEDGER_LINES = 10
_POINT = sentences.Subject(text="le point")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A line of the agenda. `status`: "", current, adopted, rejected, settled, waiting."""

    key: str
    number: str
    title: str
    depth: int
    is_section: bool
    status: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the ledger, as the console tells it."""

    seq: int
    clock: str
    words: str
    is_void: bool
    may_undo: bool
    undo: str  # what the button says


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What is being written about the current item."""

    item: str = ""
    number: str = ""
    title: str = ""
    text: str = ""
    version: int = 0
    url: str = ""


def agenda(moment: Moment) -> Iterable[Point]:
    """Every item in its order, with what became of it."""
    polled = set(moment.poll.items) if moment.poll else set()
    opened = {event.item for event in moment.story.of_kind(sitting.ItemOpened)}
    fates = {value: words for _, value, words in FATES}
    for node in moment.nodes.values():
        status = moment.status(node)
        fate = moment.story.fate(node.item.key)
        held = moment.held.get(node.item.key)
        words = sentences.verdict(held[-1], _POINT) if held else ""
        if status == "settled":
            words = fates[fate.fate.value] if fate else "élection tenue"
        if status == "waiting":
            words = "un tour à tenir"
        elif not status and node.item.key in opened:
            waits = node.item.kind in AgendaItem.VOTED
            in_parts = bool(moment.story.ballots(node.item.key))
            status, words = ("waiting", "non décidé") if waits else ("seen", "vu")
            words = "voté par parties" if in_parts else words
        if node is moment.node and status in ("waiting", "seen"):
            words = ""
        if node.item.key in moment.put_off:
            status, words = "settled", "reporté"
        if node.item.key in moment.unvotable and not words:
            words = "ajouté, sans vote"
        if node.item.key in polled:
            words = "au vote"
        yield Point(
            key=node.item.key,
            number=number_of(node),
            title=node.item.title,
            depth=min(node.depth, 3),
            is_section=node.item.is_section,
            status="current" if node is moment.node else status,
            words=words,
        )


def ledger(moment: Moment) -> Iterable[Line]:
    """The last lines told, the latest first."""
    told = sorted(moment.meeting.ledger, key=lambda event: event.seq)
    gone = sitting.voided_seqs(told)
    for event in reversed(told[-LEDGER_LINES:]):
        is_void = event.seq in gone
        is_voiding = isinstance(event, sitting.Voided)
        yield Line(
            seq=event.seq,
            clock=french.clock(event.at) if event.at else "",
            words=moment.telling.brief(event),
            is_void=is_void,
            may_undo=not (is_void or moment.is_issued or isinstance(event, sitting.Composed)),
            undo="Rétablir" if is_voiding else "Annuler",
        )


def notes(moment: Moment) -> Notes:
    """What was written of the item under discussion."""
    if moment.node is None:
        return Notes()
    item = moment.node.item
    return Notes(
        item=item.key,
        number=number_of(moment.node),
        title=item.title,
        text=item.text,
        version=item.text_version,
        url=reverse("meetings:save_text", args=[moment.meeting.pk, item.key]),
    )
