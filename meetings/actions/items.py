"""The items of an agenda: put, moved, taken out, examined by another body."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import ProtectedError

from law import findings, sitting
from law.findings import Finding
from meetings import journal, richtext
from meetings.actions import joining, ledger
from meetings.models import AgendaItem, Attachment, Ballot, Meeting
from members import faults, ranks
from members.models import User


@transaction.atomic
def add_item(
    meeting: Meeting,
    *,
    title: str,
    by: User | None,
    kind: str = AgendaItem.Kind.DELIBERATION,
    effect: str = "",
    parent: AgendaItem | None = None,
    approves: Meeting | None = None,
    also_approves: Iterable[Meeting] = (),
    examines: AgendaItem | None = None,
    text: str = "",
    label: str = "",
    rapporteur: str = "",
    key: str = "",
    after: AgendaItem | None = None,
    resumes: AgendaItem | None = None,
) -> AgendaItem:
    """Put an item at the end of the agenda, at the end of its section, or right `after` another.

    Once the numbers are frozen, it takes one that leaves the others theirs: « 12 bis ». The
    decision on the urgency comes first, wherever it is put. What no convocation announced is
    kept as added; in a second call, what has the title of an item of the first resumes it.
    """
    ledger.lock(meeting)
    if after is not None:
        parent = after.parent
    siblings = meeting.items.filter(parent=parent)
    label = label or _later_label(meeting, kind=kind, after=after, parent=parent)
    item = AgendaItem(
        meeting=meeting,
        key=key or _next_key(meeting),
        parent=parent,
        position=ranks.after_all(siblings),
        kind=kind,
        effect=effect,
        title=title.strip(),
        text=richtext.clean(text),
        label=label,
        rapporteur=rapporteur,
        approves=approves,
        examines=examines,
        resumes=resumes or of_first_call(meeting, title),
        was_added=meeting.sent_on is not None and kind not in NEVER_ANNOUNCED,
    )
    faults.check(item)
    item.save()
    item.also_approves.set(also_approves)
    if kind == AgendaItem.Kind.URGENCY and not key:
        _place(item, parent=None, position=0)
    elif after is not None:
        _place(
            item, parent=parent, position=[*siblings.order_by("position", "pk")].index(after) + 1
        )
    journal.note(meeting, "item-added", f"« {item.title} » ajouté à l’ordre du jour", by=by)
    ledger.touch(meeting)
    meeting.forget()
    return item


# The convocation says the urgency itself, and sections hold nothing that is decided.
NEVER_ANNOUNCED = (AgendaItem.Kind.SECTION, AgendaItem.Kind.URGENCY)


def of_first_call(meeting: Meeting, title: str) -> AgendaItem | None:
    """The item of the first sitting with this title, capitals and spaces aside; `None` when there
    is none, or when this is no second call."""
    first = meeting.second_call_of
    if first is None:
        return None
    wanted = " ".join(title.casefold().split())
    return next(
        (item for item in first.items.all() if " ".join(item.title.casefold().split()) == wanted),
        None,
    )


def _later_label(
    meeting: Meeting, *, kind: str, after: AgendaItem | None, parent: AgendaItem | None
) -> str:
    """The number of an item that comes after the others were sent; "" while they are computed."""
    order = meeting.agenda
    if not order.is_frozen or kind in (AgendaItem.Kind.SECTION, AgendaItem.Kind.APPROVAL):
        return ""
    neighbour = after or parent
    return order.later_label(order[neighbour.key] if neighbour else order.roots[-1])


def _next_key(meeting: Meeting) -> str:
    """Keys are never reused in a sitting: the ledger may still speak of an item taken out."""
    taken = set(meeting.items.values_list("key", flat=True))
    for event in meeting.ledger:
        item = sitting.anchor(event)
        if item is not None:
            taken.add(item)
    number = len(taken) + 1
    while f"p{number}" in taken:
        number += 1
    return f"p{number}"


@transaction.atomic
def move_item(
    item: AgendaItem, *, parent: AgendaItem | None, position: int, by: User | None
) -> None:
    """Put an item under `parent` at `position` among its siblings.

    Refused: under itself or one of its own sub-items, or into another sitting.
    """
    meeting = ledger.lock(item.meeting)
    if parent is not None:
        node = meeting.agenda[item.key]
        if parent.meeting_id != item.meeting_id or any(n.item == parent for n in node.walk()):
            raise findings.refusal(
                "deplacement", "Un point ne peut pas être placé sous lui-même.", field="parent"
            )
    _place(item, parent=parent, position=position)
    under = f", sous « {parent.title} »" if parent else ""
    words = f"« {item.title} » déplacé au rang {item.position + 1}{under}"
    journal.note(meeting, "item-moved", words, by=by)
    ledger.touch(meeting)
    meeting.forget()


def _place(item: AgendaItem, *, parent: AgendaItem | None, position: int) -> None:
    siblings = item.meeting.items.filter(parent=parent).exclude(pk=item.pk)
    rows = list(siblings.order_by("position", "pk"))
    item.parent = parent
    rows.insert(max(0, min(position, len(rows))), item)
    ranks.settle(rows, "parent")


@transaction.atomic
def remove_item(item: AgendaItem, *, by: User | None) -> None:
    """Take an item and its sub-items out of the agenda, unless the ledger speaks of them, a
    convocation left with their files, or something else names them."""
    meeting = ledger.lock(item.meeting)
    item.refresh_from_db(fields=["key"])  # who was before us may have taken it out
    take_out(item)
    journal.note(meeting, "item-removed", f"« {item.title} » retiré de l’ordre du jour", by=by)
    ledger.touch(meeting)
    meeting.forget()


def take_out(item: AgendaItem) -> None:
    """Delete an item and its sub-items, under the lock of their sitting. Raises `Refused`."""
    meeting = item.meeting
    told = {sitting.anchor(event) for event in sitting.standing_events(meeting.ledger)}
    nodes = list(meeting.agenda[item.key].walk())
    spoken = [node for node in nodes if node.item.key in told]
    if spoken:
        raise findings.Refused(
            [
                Finding(
                    code="point_au_registre",
                    message=f"Le registre de la séance parle du point « {node.item.title} ».",
                    remedy="Annulez d’abord ce qui y a été enregistré, ou notez le point retiré.",
                )
                for node in spoken
            ]
        )
    taken_out = [node.item.pk for node in nodes]
    files = Attachment.objects.filter(item__in=taken_out)
    joining.refuse_if_sent(meeting, files)
    Ballot.objects.filter(item__in=taken_out).delete()
    joining.discard(files)
    try:
        item.delete()
    except ProtectedError as error:
        raise findings.refusal(
            "point_lie",
            f"Une autre séance, un acte ou une remarque renvoie à « {item.title} ».",
            remedy="Retirez d’abord ce lien.",
        ) from error
    meeting.forget()


@transaction.atomic
def examine_agenda(
    meeting: Meeting, *, other: Meeting, section_title: str, by: User | None
) -> list[AgendaItem]:
    """Have this sitting examine the items of another body's coming sitting.

    Each item is linked both ways and starts with the text of the item it examines.
    """
    ledger.lock(meeting)
    section = add_item(meeting, kind=AgendaItem.Kind.SECTION, title=section_title, by=by)
    linked = set(meeting.items.exclude(examines=None).values_list("examines_id", flat=True))
    return [
        add_item(
            meeting,
            kind=AgendaItem.Kind.EXAMINATION,
            parent=section,
            title=node.item.title,
            text=node.item.text,
            examines=node.item,
            by=by,
        )
        for node in other.agenda.nodes
        if node.item.may_be_voted
        and node.item.kind != AgendaItem.Kind.APPROVAL
        and node.item.pk not in linked
    ]
