"""What is done to several items of an agenda at once. `undoing.kept` makes of it one act."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.files.base import File
from django.db import transaction

from law import findings
from law.findings import Finding
from meetings import attachments, pasted
from meetings.actions import carrying, items, joining, ledger, preparing, texts
from meetings.models import AgendaItem, Attachment, Meeting
from members import faults
from members.models import User, folded

# Titles that are of their own nature, whatever was chosen for a list.
_CLOSING = frozenset(
    {
        "divers",
        "question diverse",
        "questions diverses",
        "affaires diverses",
        "points divers",
        "informations et questions diverses",
        "questions et informations diverses",
    }
)


@transaction.atomic
def add_titles(
    meeting: Meeting,
    *,
    titles: Sequence[pasted.Title],
    kind: str,
    place: Callable[[str], dict[str, Any]],
    by: User,
) -> list[AgendaItem]:
    """Add the items of a list, each under the one it stands under; `place` says, for a kind, where
    the first of them goes, as keywords of `items.add_item`. They follow one another there."""
    above: list[AgendaItem] = []
    added: list[AgendaItem] = []
    last: AgendaItem | None = None  # of those at the margin that others follow
    for title in titles:
        own = _kind(title, kind, is_alone=len(titles) == 1)
        where: dict[str, Any] = {"parent": above[title.depth - 1]} if title.depth else place(own)
        if last is not None and where.get("after"):
            where = {"after": last}
        item = items.add_item(
            meeting,
            title=title.text,
            kind=own,
            rapporteur=title.rapporteur.key if title.rapporteur else "",
            by=by,
            **where,
        )
        if "after" in where:
            last = item
        above[title.depth :] = [item]
        added.append(item)
    return added


def _kind(title: pasted.Title, kind: str, *, is_alone: bool) -> str:
    if title.heads:
        return AgendaItem.Kind.SECTION
    if kind == AgendaItem.Kind.SECTION and title.depth and not is_alone:
        return AgendaItem.Kind.DELIBERATION
    if kind == AgendaItem.Kind.DELIBERATION and folded(title.text) in _CLOSING:
        return AgendaItem.Kind.MISCELLANEOUS
    return kind


def chosen(meeting: Meeting, keys: Iterable[str]) -> list[AgendaItem]:
    """The items of these keys, in printed order; raises `Refused` when there is none of them."""
    wanted = set(keys)
    found = [node.item for node in meeting.agenda.nodes if node.item.key in wanted]
    if not found:
        raise findings.refusal("rien_de_coche", "Cochez d’abord au moins un point.")
    for item in found:
        item.meeting = meeting
    return found


def heads(meeting: Meeting, chosen: Iterable[AgendaItem]) -> list[AgendaItem]:
    """Those of them that stand under no other of them: what is done to them is done to the rest."""
    order, keys = meeting.agenda, {item.key for item in chosen}
    below = {node.item.key for key in keys for node in order[key].walk() if node.item.key != key}
    return [item for item in chosen if item.key not in below]


@transaction.atomic
def remove(meeting: Meeting, chosen: Sequence[AgendaItem], *, by: User) -> None:
    """Take them out, with what stands under them. Refused whole as soon as one must stay."""
    ledger.lock(meeting)
    objections: list[Finding] = []
    for item in heads(meeting, chosen):
        item.meeting = meeting
        try:
            with transaction.atomic():
                items.remove_item(item, by=by)
        except findings.Refused as refusal:
            objections += refusal.findings
            meeting.forget()
    if objections:
        raise findings.Refused(objections)


@transaction.atomic
def duplicate(meeting: Meeting, chosen: Sequence[AgendaItem], *, by: User) -> list[AgendaItem]:
    """Put after each of them another that is the same: its sub-items, its file, its lines to vote.

    What was said and decided on it stays its own, as do its links to other sittings.
    """
    copies = []
    for head in heads(meeting, chosen):
        made: dict[int | None, AgendaItem] = {}
        for node in list(meeting.agenda[head.key].walk()):
            item = node.item
            where: dict[str, Any] = {"parent": made[item.parent_id]} if made else {"after": item}
            copy = items.add_item(
                meeting,
                title=item.title,
                kind=item.kind,
                effect=item.effect,
                rapporteur=item.rapporteur,
                by=by,
                **where,
            )
            copy.voted_lines, copy.accounts_of = item.voted_lines, item.accounts_of
            copy.save(update_fields=["voted_lines", "accounts_of"])
            carrying.share_file(item, to=copy, by=by)
            made[item.pk] = copy
        copies.append(made[head.pk])
    return copies


@transaction.atomic
def give(
    meeting: Meeting, chosen: Iterable[AgendaItem], *, given: Mapping[str, str], by: User
) -> None:
    """Give them all this `kind`, this `effect`, this `rapporteur`: those that are given, "" to take
    theirs away."""
    for item in chosen:
        item.meeting = meeting
        for name, value in given.items():
            setattr(item, name, value)
        faults.check(item)
        preparing.change(item, fields=list(given), by=by)


@transaction.atomic
def move(
    meeting: Meeting,
    chosen: Sequence[AgendaItem],
    *,
    by: User,
    under: AgendaItem | None = None,
    after: AgendaItem | None = None,
) -> None:
    """Put them one after the other `under` an item, at its end, or `after` one; first of all when
    neither is said. Refused: under or after one of themselves."""
    moved = heads(meeting, chosen)
    inside = {node.item.key for item in moved for node in meeting.agenda[item.key].walk()}
    target = under or after
    if target is not None and target.key in inside:
        raise findings.refusal("deplacement", "Un point ne se place pas par rapport à lui-même.")
    for item in moved:
        item.meeting = meeting
        parent = under or (after.parent if after else None)
        siblings = [
            each
            for each in meeting.items.filter(parent=parent).order_by("position", "pk")
            if each.pk != item.pk
        ]
        rank = len(siblings) if under else siblings.index(after) + 1 if after else 0
        items.move_item(item, parent=parent, position=rank, by=by)
        if not under:
            after = item


@transaction.atomic
def add_note(meeting: Meeting, chosen: Iterable[AgendaItem], *, note: str, by: User) -> None:
    """Put this text at the end of the note of each of them."""
    for item in chosen:
        item.meeting = meeting
        parts = texts.brief_parts(texts.brief_of(item))
        written = parts | {"note": parts["note"] + note}
        texts.save_brief(item, parts=written, base=texts.brief_base(parts), by=by)


def join(
    chosen: Sequence[AgendaItem], *, file: File, checked: attachments.Checked, by: User
) -> tuple[Finding, ...]:
    """Join one file, checked, to each of them: kept once, it goes with the last that needs it.
    Returns what deserves a look; refused whole when one of them has it already."""
    first, *others = chosen
    attachment, notes = joining.add_checked(first, file=file, checked=checked, by=by)
    for item in others:
        twin = Attachment(
            item=item,
            added_by=by,
            **{name: getattr(attachment, name) for name in carrying.OF_A_FILE},
        )
        joining.join(twin)
    return notes
