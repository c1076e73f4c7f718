"""What is sent before a sitting, as its pages and papers read it: notes, drafts, files.

And what a coming sitting might take up: the habits of its body, and the items that the last
sitting left behind.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, Subquery

from law import french, sitting
from meetings import drafts
from meetings.agenda import Agenda, Node
from meetings.models import AgendaItem, Attachment, Brief, Meeting, RecurringItem

# --- The file of an item ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFile:
    """An item with all that is sent about it (`dossier du point`).

    `rapporteur` is a name; `note` is cleaned HTML; `draft` is what will print, false when empty.
    """

    node: Node
    rapporteur: str
    note: str
    draft: drafts.Draft
    attachments: tuple[Attachment, ...]

    @property
    def item(self) -> AgendaItem:
        """The item itself."""
        return self.node.item

    @property
    def is_blank(self) -> bool:
        """Whether nothing was prepared of it."""
        return not (self.note or self.draft or self.attachments)

    @property
    def holds(self) -> str:
        """In a few words: "note, projet, 2 pièces"."""
        return _in_words(self.note, self.draft, len(self.attachments))


def _in_words(note: str, draft: drafts.Draft, attachments: int) -> str:
    told = ["note"] if note else []
    told += ["projet de délibération"] if draft else []
    told += [french.count(attachments, "pièce")] if attachments else []
    return ", ".join(told)


def of(meeting: Meeting) -> tuple[ItemFile, ...]:
    """The file of every item, in printed order: two queries, whatever their number."""
    briefs = {brief.item_id: brief for brief in Brief.objects.filter(item__meeting=meeting)}
    joined = defaultdict(list)
    for each in Attachment.objects.filter(item__meeting=meeting).order_by("position", "pk"):
        joined[each.item_id].append(each)
    return tuple(
        ItemFile(
            node=node,
            rapporteur=name_of(meeting, node.item.rapporteur),
            note=brief.note,
            draft=brief.draft,
            attachments=tuple(joined[node.item.pk]),
        )
        for node in meeting.agenda.nodes
        for brief in [briefs.get(node.item.pk) or Brief()]
    )


def in_words(meeting: Meeting) -> dict[int, str]:
    """What the file of each item holds, by the number of its row, "" when nothing was prepared of
    it: "note, 2 pièces"; one query, whatever their number."""
    joined = Attachment.objects.filter(item=OuterRef("pk")).order_by().values("item")
    rows = AgendaItem.objects.filter(meeting=meeting).order_by()
    rows = rows.annotate(joined=Subquery(joined.annotate(count=Count("pk")).values("count")))
    columns = ("brief__note", "brief__visas", "brief__recitals", "brief__articles", "joined")
    return {
        pk: _in_words(
            note or "",
            drafts.draft(visas=visas or "", recitals=recitals or "", articles=articles or ""),
            joined or 0,
        )
        for pk, note, visas, recitals, articles, joined in rows.values_list("pk", *columns)
    }


def name_of(meeting: Meeting, key: str) -> str:
    """The name of a member of the composition, "" for anybody else."""
    members = meeting.basis.composition
    return members[key].name if key in members else ""


def is_released(meeting: Meeting, *, on: date) -> bool:
    """Whether the delegates may read what it is about: from the convocation on, not while its
    agenda and files are being written.
    """
    if meeting.convened_on is not None and meeting.convened_on <= on:
        return True
    return meeting.was_opened


def announced(meeting: Meeting, *, on: date) -> Agenda[AgendaItem]:
    """The agenda as those who do not prepare it may read it: nothing before the convocation, and
    after it not what was added, until that is announced in its turn or the sitting opens.
    """
    if meeting.was_opened:
        return meeting.agenda
    nodes = meeting.agenda.nodes if is_released(meeting, on=on) else ()
    items = [node.item for node in nodes if not node.item.was_added]
    return Agenda.of(items, meeting.body.numbering)


def withhold(meeting: Meeting, *, on: date) -> None:
    """Leave out of a sitting just read, in memory alone, the points that are not announced: what
    no page is given, no page can show.
    """
    meeting.agenda = announced(meeting, on=on)


# --- What might be taken up -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An item offered with one touch: a habit of the body, or one that was left behind.

    `words` open the note of an item that is carried over, and say where it comes from.
    """

    source: RecurringItem | AgendaItem
    words: str = ""

    @property
    def key(self) -> str:
        """What a form sends back to choose it: "recurrent-12", "reporte-7"."""
        kind = "recurrent" if isinstance(self.source, RecurringItem) else "reporte"
        return f"{kind}-{self.source.pk}"

    @property
    def title(self) -> str:
        """What it would be called."""
        return self.source.title


def proposals(meeting: Meeting) -> tuple[Proposal, ...]:
    """What this sitting, while it is prepared, does not hold yet."""
    if meeting.stage != Meeting.Stage.PREPARED or meeting.second_call_of_id is not None:
        return ()
    known = {_folded(node.item.title) for node in meeting.agenda.nodes}
    found = [*_left_behind(meeting)]
    found += [
        Proposal(source=habit)
        for habit in RecurringItem.objects.filter(body=meeting.body_id).order_by("position", "pk")
    ]
    return tuple(each for each in found if _folded(each.title) not in known)


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()


_FATES = {
    sitting.Fate.POSTPONED: "reporté",
    sitting.Fate.ADJOURNED: "ajourné",
    sitting.Fate.WITHDRAWN: "retiré de l’ordre du jour",
}


def _left_behind(meeting: Meeting) -> list[Proposal]:
    """Items of the last sitting that were put off, withdrawn, or never reached."""
    last = (
        Meeting.objects.before(meeting)
        .filter(stage__in=(Meeting.Stage.CLOSED, Meeting.Stage.ISSUED))
        .select_related("body__organisation")
        .first()
    )
    if last is None:
        return []
    on = french.long_date(last.held_on)
    story = last.sitting
    lacked_quorum = any(event.for_want_of_quorum for event in story.of_kind(sitting.Closed))
    reached = {event.item for event in story.of_kind(sitting.ItemOpened)}
    found = []
    for node in last.agenda.nodes:
        item, fate = node.item, story.fate(node.item.key)
        if not item.may_be_voted:
            continue
        if fate is not None and fate.fate in _FATES:
            found.append(Proposal(source=item, words=f"Point {_FATES[fate.fate]} le {on}."))
        elif (
            lacked_quorum
            and fate is None
            and item.key not in reached
            and not (item.text or story.ballots(item.key) or story.elections(item.key))
        ):
            words = f"Point que la séance du {on}, levée faute de quorum, n’a pas examiné."
            found.append(Proposal(source=item, words=words))
    return found


def other_sittings(meeting: Meeting) -> tuple[list[Meeting], list[Meeting]]:
    """The last sittings of the body, whose agenda may be taken up, the latest first; and the coming
    ones of the other bodies, whose agenda may be examined. One query."""
    before = Meeting.objects.before(meeting)[:12]
    coming = Meeting.objects.filter(
        body__organisation=meeting.organisation, held_on__gte=meeting.held_on
    )
    coming = coming.exclude(body=meeting.body).order_by("held_on")[:5]
    found = Meeting.objects.filter(Q(pk__in=before.values("pk")) | Q(pk__in=coming.values("pk")))
    rows = list(found.select_related("body").order_by("held_on", "starts_at"))
    earlier = [each for each in reversed(rows) if each.body_id == meeting.body_id]
    return earlier, [each for each in rows if each.body_id != meeting.body_id]
