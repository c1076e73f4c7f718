"""What an agenda is made of besides what is typed: habits, earlier items and agendas."""

from collections.abc import Collection, Iterable
from html import escape
from typing import Any

from django.db import transaction

from meetings import agenda, briefs, richtext
from meetings.actions import items, ledger
from meetings.models import AgendaItem, Attachment, Brief, Meeting, RecurringItem
from members.models import User

# What a file is, whatever the item that it is joined to.
OF_A_FILE = ("title", "filename", "file", "media_type", "size", "pages", "sha256")


@transaction.atomic
def carry_over(meeting: Meeting, *, item: AgendaItem, words: str, by: User | None) -> AgendaItem:
    """Bring back an item of an earlier sitting with all that was prepared of it.

    Its note begins with `words`, which say where it comes from. Files are shared, not copied.
    """
    for each in sorted((meeting, item.meeting), key=lambda each: each.pk):
        ledger.lock(each)
    members = meeting.basis.composition
    rapporteur = item.rapporteur if item.rapporteur in members else ""
    carried = _add_before_closing(
        meeting,
        kind=item.kind,
        effect=item.effect,
        title=item.title,
        rapporteur=rapporteur,
        approves=item.approves,
        also_approves=item.also_approves.all(),
        by=by,
    )
    share_file(item, to=carried, words=words, by=by)
    return carried


@transaction.atomic
def share_file(item: AgendaItem, *, to: AgendaItem, by: User | None, words: str = "") -> None:
    """Give an item all that was prepared of another, its note after `words`.

    Attachments are shared, not copied: a file goes with the last item that needs it.
    """
    brief = Brief.objects.filter(item=item).first()
    if brief or words:
        told = f"<p>{escape(words)}</p>" if words else ""
        _copy_brief(brief or Brief(), to, note=told + (brief.note if brief else ""))
    Attachment.objects.bulk_create(
        Attachment(
            item=to,
            **{name: getattr(each, name) for name in (*OF_A_FILE, "position")},
            added_by=by,
        )
        for each in item.attachments.all()
    )
    ledger.touch(to.meeting)


def _copy_brief(brief: Brief, item: AgendaItem, *, note: str) -> None:
    Brief.objects.create(
        item=item,
        note=richtext.clean(note),
        visas=brief.visas,
        recitals=brief.recitals,
        articles=brief.articles,
        version=1,
    )


def _add_before_closing(meeting: Meeting, *, by: User | None, **values: Any) -> AgendaItem:
    """Put an item at the end of the agenda, yet before the `questions diverses` that close it."""
    return items.add_item(meeting, after=last_before_closing(meeting.agenda), by=by, **values)


def last_before_closing(order: agenda.Agenda) -> AgendaItem | None:
    """The item after which the next one goes; `None`: at the end."""
    roots = [node.item for node in order.roots]
    if not roots or roots[-1].kind != AgendaItem.Kind.MISCELLANEOUS:
        return None
    return next(
        (item for item in reversed(roots) if item.kind != AgendaItem.Kind.MISCELLANEOUS), None
    )


@transaction.atomic
def take_proposals(
    meeting: Meeting, *, proposals: Iterable[briefs.Proposal], by: User | None
) -> list[AgendaItem]:
    """Add what was offered: habits of the body, items that the last sitting left behind."""
    return [
        take_habit(meeting, habit=each.source, by=by)
        if isinstance(each.source, RecurringItem)
        else carry_over(meeting, item=each.source, words=each.words, by=by)
        for each in proposals
    ]


@transaction.atomic
def take_habit(meeting: Meeting, *, habit: RecurringItem, by: User | None) -> AgendaItem:
    """Add what the body discusses now and then."""
    ledger.lock(meeting)
    if habit.kind == AgendaItem.Kind.MISCELLANEOUS:
        return items.add_item(meeting, kind=habit.kind, title=habit.title, by=by)
    return _add_before_closing(meeting, kind=habit.kind, title=habit.title, by=by)


@transaction.atomic
def copy_agenda(
    meeting: Meeting,
    *,
    source: Meeting,
    with_briefs: bool,
    by: User | None,
    keys: Collection[str] | None = None,
) -> list[AgendaItem]:
    """Take up the agenda of an earlier sitting, or these items of it: what is not there yet, in
    the same order. What closes an agenda stays at its end.

    Approvals and examinations are of their own sitting and stay there. Doing it again adds
    nothing.
    """
    ledger.lock(meeting)
    known = {_known_as(node): node.item for node in meeting.agenda.nodes}
    members = meeting.basis.composition
    briefs = {brief.item_id: brief for brief in Brief.objects.filter(item__meeting=source)}
    places: dict[int | None, AgendaItem | None] = {None: None}
    added = []
    for node in may_be_copied(source):
        item = node.item
        if keys is not None and not any(each.item.key in keys for each in node.walk()):
            continue
        if _known_as(node) in known:
            places[item.pk] = known[_known_as(node)]
            continue
        if keys is not None and item.key not in keys:
            continue
        parent = places.get(item.parent_id)
        closes = parent or item.kind == AgendaItem.Kind.MISCELLANEOUS
        copied = places[item.pk] = items.add_item(
            meeting,
            kind=item.kind,
            effect=item.effect,
            title=item.title,
            parent=parent,
            after=None if closes else last_before_closing(meeting.agenda),
            rapporteur=item.rapporteur if with_briefs and item.rapporteur in members else "",
            by=by,
        )
        if with_briefs and item.pk in briefs:
            _copy_brief(briefs[item.pk], copied, note=briefs[item.pk].note)
        added.append(copied)
    return added


def may_be_copied(source: Meeting) -> list[agenda.Node]:
    """What another sitting may take up of the agenda of this one, in printed order."""
    return [
        node for node in source.agenda.nodes if any(_may_be_copied(each) for each in node.walk())
    ]


def _may_be_copied(node: agenda.Node) -> bool:
    """Whether an item means something in another sitting; a section does for what it holds."""
    own = {AgendaItem.Kind.APPROVAL, AgendaItem.Kind.EXAMINATION, AgendaItem.Kind.URGENCY}
    return node.item.kind not in own and not (node.item.is_section and node.children)


def _known_as(node: agenda.Node) -> tuple[str, str]:
    return node.item.kind, " ".join(node.item.title.split()).casefold()
