"""What the secretariat does to a sitting. Each verb locks, asks the law, appends to the ledger.

Verbs take who (`by=`) and when (`at=`) as keywords and raise `law.findings.Refused` with every
objection at once. What was refused leaves no trace.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from html import escape
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from law import ballots, checks, codec, elections, findings, sitting, voting
from law.findings import Finding
from law.regime import Regime
from meetings import agenda, attachments, briefs, composition, drafts, memory, richtext
from meetings.models import (
    AgendaItem,
    Attachment,
    Ballot,
    Brief,
    DebateRevision,
    Meeting,
    RecurringItem,
    SittingEvent,
    Vote,
)
from members.models import Body, User

# --- The ledger -------------------------------------------------------------------------------


def lock(meeting: Meeting) -> Meeting:
    """Make every other writer of this sitting wait until the end of the transaction."""
    rows = Meeting.objects.select_for_update(of=("self",)).only("stage", "stamp")
    row = rows.get(pk=meeting.pk)
    meeting.stage, meeting.stamp = row.stage, row.stamp
    meeting.forget()
    return meeting


def touch(meeting: Meeting) -> None:
    """Tell every screen that this sitting changed; one query, in the transaction that writes."""
    Meeting.objects.filter(pk=meeting.pk).update(stamp=F("stamp") + 1)
    meeting.stamp += 1


@transaction.atomic
def record(
    meeting: Meeting, *events: sitting.Event, by: User | None, live: bool = False
) -> tuple[Finding, ...]:
    """Tell what happened. Returns the warnings; raises `Refused` when the law says no.

    Several events are one act: all of them are told or none, and only its end must make sense.
    In a sitting being held (`live`), what the law forbids is refused; of a past one, which may
    well have done it, it is only told.
    """
    lock(meeting)
    return _append(meeting, events, by=by, live=live)


def _append(
    meeting: Meeting, events: Iterable[sitting.Event], *, by: User | None, live: bool = False
) -> tuple[Finding, ...]:
    told, points = meeting.told, memory.outline(meeting)
    judged = _judged(meeting, points, live=live)
    story = ([] if told else [meeting.basis]) + list(events)
    added = [
        codec.load(kind, seq, payload)
        for seq, (kind, payload) in enumerate(map(codec.dump, story), start=len(meeting.ledger) + 1)
    ]
    if not added:
        return ()
    objections, now = judged.after(added, titles=points.titles)
    warnings = findings.refuse(objections)
    rows = _write(meeting, added, by=by)
    touch(meeting)
    last = rows[-1].sha256
    after = told.followed(added, last) if told else memory.Told(added, last)
    after.keep(_question(meeting, points, live=live), now)
    same_rules = after.basis is not None and after.basis.regime == judged.regime
    _tell_tables(meeting, after, rows, points, before=judged.story if same_rules else None)
    return warnings


def _question(meeting: Meeting, points: memory.Outline, *, live: bool) -> memory.Question:
    return memory.Question(
        keys=points.keys,
        urgent=points.urgent,
        second_call=meeting.second_call_of_id is not None,
        retrospective=not live,
    )


def _judged(meeting: Meeting, points: memory.Outline, *, live: bool) -> checks.Judgement:
    """What was told so far, judged as what comes next will be."""
    told = meeting.told or memory.Told((), "")
    return told.judgement(meeting.basis, _question(meeting, points, live=live))


def foresee(
    meeting: Meeting, *events: sitting.Event, live: bool = True
) -> tuple[tuple[Finding, ...], sitting.Sitting]:
    """What the law would say of these events, and the sitting that they would make; nothing is
    told."""
    points = memory.outline(meeting)
    answers, now = _judged(meeting, points, live=live).after(events, titles=points.titles)
    return answers, now.story


def _write(
    meeting: Meeting, events: Iterable[sitting.Event], *, by: User | None
) -> list[SittingEvent]:
    previous = meeting.told.sha256 if meeting.told else ""
    now = timezone.now()
    rows = []
    for event in events:
        kind, payload = codec.dump(event)
        sha256 = codec.chain(
            previous, event.seq, kind, payload, now.isoformat(), str(by.pk) if by else ""
        )
        rows.append(
            SittingEvent(
                meeting=meeting,
                seq=event.seq,
                kind=kind,
                payload=payload,
                recorded_by=by,
                recorded_at=now,
                previous_hash=previous,
                sha256=sha256,
            )
        )
        previous = sha256
    return SittingEvent.objects.bulk_create(rows)


@transaction.atomic
def void(meeting: Meeting, *, seq: int, reason: str, by: User) -> tuple[Finding, ...]:
    """Cancel what was told by mistake; the ledger keeps both lines."""
    lock(meeting)
    return _append(meeting, [sitting.Voided(target=seq, reason=reason)], by=by)


def _standing(meeting: Meeting, wanted: Callable[[sitting.Event], bool]) -> list[sitting.Event]:
    """Voidings that make room for what replaces the standing events that are `wanted`."""
    return [
        sitting.Voided(target=event.seq, reason="remplacé")
        for event in sitting.standing_events(meeting.ledger)
        if wanted(event)
    ]


# --- Readings kept in tables ------------------------------------------------------------------


def _tell_tables(
    meeting: Meeting,
    told: memory.Told,
    rows: Sequence[SittingEvent],
    points: memory.Outline,
    *,
    before: sitting.Sitting | None = None,
) -> None:
    """Bring `Meeting.stage`, `Ballot` and `Vote` in line with what the ledger says now.

    `before` is the sitting that they told until then; without it, everything is compared.
    """
    memory.remember(meeting, told)
    meeting.take_up(told)
    after = told.story(meeting.basis.composition, points.keys)
    stage = Meeting.Stage.PREPARED
    # An old paper may say that the sitting was closed and not when.
    if any(after.of_kind(sitting.Closed)):
        stage = Meeting.Stage.CLOSED
    elif after.at_end.is_open:
        stage = Meeting.Stage.OPEN
    if meeting.stage not in (stage, Meeting.Stage.ISSUED, Meeting.Stage.CANCELLED):
        meeting.stage = stage
        meeting.save(update_fields=["stage"])
    fresh = {row.seq: row.pk for row in rows}
    changed = None if before is None else _changed(before, after) - fresh.keys()
    _refresh_ballots(meeting, after, points, fresh=fresh, changed=changed)


def _changed(before: sitting.Sitting, after: sitting.Sitting) -> set[int]:
    """The ballots of either story that are not in the other, or not with the same people."""
    seqs = before.at_ballot.keys() | after.at_ballot.keys()
    return {seq for seq in seqs if before.at_ballot.get(seq) != after.at_ballot.get(seq)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the tables should hold of a ballot: its columns, and each vote that may be named."""

    item: str
    values: Mapping[str, object]
    votes: Mapping[int, tuple[str, int, bool]]  # mandate → choice, weight, by proxy


def expected_readings(meeting: Meeting) -> dict[int, Reading]:
    """By `seq` of the event, what the ledger says `Ballot` and `Vote` should hold."""
    held = meeting.sitting.of_kind(sitting.BallotHeld)
    return {event.seq: _reading(event, meeting.sitting, meeting.regime) for event in held}


def _reading(event: sitting.BallotHeld, story: sitting.Sitting, rules: Regime) -> Reading:
    state = story.at_ballot[event.seq]
    outcome = voting.of(event.ballot, state, rules)
    return Reading(
        item=event.ballot.item,
        values=_columns(event.ballot, outcome),
        votes=_named_votes(event.ballot, outcome, state),
    )


def _columns(ballot: ballots.Ballot, outcome: ballots.Outcome) -> dict[str, object]:
    tally = outcome.tally
    return {
        "question": ballot.question,
        "mode": ballot.mode.value,
        "verdict": outcome.verdict.value,
        "votes_for": tally.for_,
        "votes_against": tally.against,
        "abstentions": tally.abstentions,
        "not_voting": tally.not_voting,
        "blank": tally.blank,
        "null": tally.null,
    }


def _named_votes(
    ballot: ballots.Ballot, outcome: ballots.Outcome, state: sitting.State
) -> dict[int, tuple[str, int, bool]]:
    """Names are kept of public ballots only (art. L2121-21 du CGCT)."""
    if ballot.mode is not ballots.Mode.PUBLIC:
        return {}
    voices = {voice.seat: voice for voice in state.voices}
    return {
        mandate: (choice.value, voices[seat].weight, voices[seat].by_proxy)
        for choice, seats in outcome.tally.named.items()
        for seat in seats
        if seat in voices and (mandate := state.composition[seat].mandate) is not None
    }


def _refresh_ballots(
    meeting: Meeting,
    story: sitting.Sitting,
    points: memory.Outline,
    *,
    fresh: Mapping[int, int],
    changed: set[int] | None,
) -> None:
    """A late correction may change who could vote, hence every count that follows.

    `fresh` are the lines just written, with their keys; `changed` the older ballots that may be
    told otherwise, `None` for all of them.
    """
    expected = {
        event.seq: _reading(event, story, meeting.regime)
        for event in story.of_kind(sitting.BallotHeld)
        if changed is None or event.seq in fresh or event.seq in changed
    }
    known = {} if changed == set() else _known_ballots(meeting, changed)
    if gone := [known[seq].pk for seq in known.keys() - expected.keys()]:
        Ballot.objects.filter(pk__in=gone).delete()
    missing = expected.keys() - known.keys()
    lines = dict(fresh)
    if old := missing - fresh.keys():
        lines |= dict(meeting.events.filter(seq__in=old).values_list("seq", "pk"))
    written = {
        seq: Ballot(
            event_id=lines[seq], item_id=points.rows[expected[seq].item], **expected[seq].values
        )
        for seq in sorted(missing)
    }
    if written:
        Ballot.objects.bulk_create(written.values())
    stale = [
        seq for seq in expected.keys() & known.keys() if not _agrees(known[seq], expected[seq])
    ]
    for seq in stale:
        written[seq] = row = known[seq]
        for name, value in expected[seq].values.items():
            setattr(row, name, value)
    if stale:
        rows = [known[seq] for seq in stale]
        Ballot.objects.bulk_update(rows, list(expected[stale[0]].values))
        Vote.objects.filter(ballot__in=rows).delete()
    votes = [
        Vote(ballot=row, mandate_id=mandate, choice=choice, weight=weight, by_proxy=by_proxy)
        for seq, row in written.items()
        for mandate, (choice, weight, by_proxy) in expected[seq].votes.items()
    ]
    if votes:
        Vote.objects.bulk_create(votes)


def _known_ballots(meeting: Meeting, seqs: set[int] | None) -> dict[int, Ballot]:
    """What the tables hold of these ballots, or of all."""
    rows = Ballot.objects.filter(event__meeting=meeting)
    if seqs is not None:
        rows = rows.filter(event__seq__in=seqs)
    rows = rows.select_related("event").prefetch_related("votes")
    return {row.event.seq: row for row in rows}


def _agrees(row: Ballot, reading: Reading) -> bool:
    """Whether the tables already say what the ledger says of this ballot."""
    votes = {v.mandate_id: (v.choice, v.weight, v.by_proxy) for v in row.votes.all()}
    return votes == reading.votes and all(
        getattr(row, name) == value for name, value in reading.values.items()
    )


# --- Preparing a sitting ----------------------------------------------------------------------


@transaction.atomic
def create_meeting(
    *,
    body: Body,
    held_on: date,
    starts_at: time,
    by: User | None,
    place: str = "",
    convened_on: date | None = None,
    second_call_of: Meeting | None = None,
) -> Meeting:
    """A new sitting, its agenda opening with the minutes that still await approval, then with
    what every sitting of the body holds. A second call holds the items of the first and no other.
    """
    meeting = Meeting(
        body=body,
        held_on=held_on,
        starts_at=starts_at,
        place=place,
        convened_on=convened_on,
        second_call_of=second_call_of,
        created_by=by,
    )
    try:
        meeting.full_clean()
    except ValidationError as error:
        raise findings.Refused(_of_validation(error)) from error
    meeting.save()
    previous = (
        Meeting.objects.before(meeting)
        .filter(approved_in=None)
        .exclude(stage=Meeting.Stage.CANCELLED)
        .first()
    )
    if previous is not None:
        add_item(
            meeting,
            kind=AgendaItem.Kind.APPROVAL,
            title=approval_title(previous),
            approves=previous,
            by=by,
        )
    if second_call_of is None:
        for habit in body.recurring_items.filter(is_automatic=True):
            add_item(meeting, kind=habit.kind, title=habit.title, by=by)
    return meeting


@transaction.atomic
def delete_meeting(meeting: Meeting, *, by: User) -> None:
    """Remove a sitting prepared by mistake. Refused once its ledger has begun."""
    lock(meeting)
    if meeting.ledger:
        raise findings.Refused(
            [
                Finding(
                    code="registre_commence",
                    message="Le registre de cette séance est commencé : elle ne s’efface plus.",
                    remedy="Annulez les lignes fausses, ou levez la séance.",
                )
            ]
        )
    if meeting.convocations.exclude(sent_on=None).exists():
        raise findings.Refused(
            [
                Finding(
                    code="seance_convoquee",
                    message="Les membres sont convoqués à cette séance : elle ne s’efface plus.",
                    remedy="Annulez-la : ils seront prévenus.",
                )
            ]
        )
    meeting.convocations.all().delete()
    linked = Meeting.objects.filter(second_call_of=meeting).exists()
    if linked or meeting.approved_in.exists() or meeting.items.exclude(examined_in=None).exists():
        raise findings.Refused(
            [
                Finding(
                    code="seance_liee",
                    message="Une autre séance renvoie à celle-ci.",
                    remedy="Retirez d’abord ce lien.",
                )
            ]
        )
    _discard(Attachment.objects.filter(item__meeting=meeting))
    meeting.delete()


def approval_title(meeting: Meeting) -> str:
    return f"Approbation du procès-verbal de la réunion du {date_format(meeting.held_on)}"


def _of_validation(error: ValidationError) -> list[Finding]:
    return [
        Finding(code="saisie", message=message, field=name if name != "__all__" else "")
        for name, messages in error.message_dict.items()
        for message in messages
    ]


# --- The agenda -------------------------------------------------------------------------------


@transaction.atomic
def add_item(
    meeting: Meeting,
    *,
    title: str,
    by: User | None,
    kind: str = AgendaItem.Kind.DELIBERATION,
    parent: AgendaItem | None = None,
    approves: Meeting | None = None,
    examines: AgendaItem | None = None,
    text: str = "",
    label: str = "",
    rapporteur: str = "",
    key: str = "",
    after: AgendaItem | None = None,
) -> AgendaItem:
    """Put an item at the end of the agenda, at the end of its section, or right `after` another.

    Once the numbers are frozen, it takes one that leaves the others theirs: « 12 bis ». The
    decision on the urgency comes first, wherever it is put.
    """
    lock(meeting)
    if after is not None:
        parent = after.parent
    siblings = meeting.items.filter(parent=parent)
    last = siblings.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    if after is not None:
        rows = list(siblings.order_by("position", "pk"))
        position = next(rank for rank, row in enumerate(rows, 1) if row.pk == after.pk)
        for rank, row in enumerate(rows):
            row.position = rank + (rank >= position)
        AgendaItem.objects.bulk_update(rows, ["position"])
    label = label or _later_label(meeting, kind=kind, after=after, parent=parent)
    item = AgendaItem(
        meeting=meeting,
        key=key or _next_key(meeting),
        parent=parent,
        position=position,
        kind=kind,
        title=title.strip(),
        text=richtext.clean(text),
        label=label,
        rapporteur=rapporteur,
        approves=approves,
        examines=examines,
    )
    try:
        item.full_clean()
    except ValidationError as error:
        raise findings.Refused(_of_validation(error)) from error
    item.save()
    touch(meeting)
    meeting.forget()
    if kind == AgendaItem.Kind.URGENCY and not key:
        move_item(item, parent=None, position=0, by=by)
    return item


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
    meeting = lock(item.meeting)
    if parent is not None:
        node = meeting.agenda[item.key]
        if parent.meeting_id != item.meeting_id or any(n.item == parent for n in node.walk()):
            raise findings.Refused(
                [
                    Finding(
                        code="deplacement",
                        message="Un point ne peut pas être placé sous lui-même.",
                        field="parent",
                    )
                ]
            )
    siblings = [
        other
        for other in meeting.items.filter(parent=parent).order_by("position", "pk")
        if other.pk != item.pk
    ]
    position = max(0, min(position, len(siblings)))
    siblings.insert(position, item)
    item.parent = parent
    for rank, sibling in enumerate(siblings):
        sibling.position = rank
    AgendaItem.objects.bulk_update(siblings, ["position", "parent"])
    touch(meeting)
    meeting.forget()


@transaction.atomic
def remove_item(item: AgendaItem, *, by: User | None) -> None:
    """Take an item and its sub-items out of the agenda, unless the ledger speaks of them."""
    meeting = lock(item.meeting)
    told = {sitting.anchor(event) for event in sitting.standing_events(meeting.ledger)}
    spoken = [node for node in meeting.agenda[item.key].walk() if node.item.key in told]
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
    taken_out = [node.item.pk for node in meeting.agenda[item.key].walk()]
    files = Attachment.objects.filter(item__in=taken_out)
    _refuse_if_sent(meeting, files)
    Ballot.objects.filter(item__in=taken_out).delete()
    _discard(files)
    item.delete()
    touch(meeting)
    meeting.forget()


@transaction.atomic
def change(row: Meeting | AgendaItem, *, fields: Iterable[str], by: User | None) -> None:
    """Write these columns of a sitting or of an item, as a form left them, and no other."""
    meeting = row if isinstance(row, Meeting) else row.meeting
    lock(meeting)
    row.save(update_fields=fields)
    touch(meeting)
    meeting.forget()


class Conflict(Exception):
    """Somebody saved this text since the editor began: `item` holds theirs, `text` is ours."""

    def __init__(self, item: AgendaItem, text: str) -> None:
        super().__init__("Le texte a changé depuis que vous avez commencé à l’écrire.")
        self.item, self.text = item, text


@transaction.atomic
def save_text(item: AgendaItem, *, text: str, version: int, by: User) -> AgendaItem:
    """Keep what was said. `version` is the one the editor started from.

    Saving the same text again changes nothing. Raises `Conflict` if the text moved on.
    """
    # The sitting first, as every other verb: two that lock in another order wait for each other.
    meeting = lock(item.meeting)
    item = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    text = richtext.clean(text)
    if text == item.text:
        return item
    if version != item.text_version:
        raise Conflict(item, text)
    item.text = text
    item.text_version += 1
    item.save(update_fields=["text", "text_version"])
    touch(meeting)
    latest = item.revisions.first()
    is_same_hand = (
        latest is not None
        and latest.saved_by_id == by.pk
        and (timezone.now() - latest.saved_at).total_seconds() < _SAME_SITTING_OF_TYPING
    )
    if latest is not None and is_same_hand:
        latest.version, latest.text = item.text_version, text
        latest.save(update_fields=["version", "text"])
    else:
        DebateRevision.objects.create(item=item, version=item.text_version, text=text, saved_by=by)
    return item


# Texts are saved as one types: saves by the same hand within five minutes of a revision's
# beginning are one revision, otherwise an hour of typing would leave thousands.
_SAME_SITTING_OF_TYPING = 300


@transaction.atomic
def examine_agenda(
    meeting: Meeting, *, other: Meeting, section_title: str, by: User | None
) -> list[AgendaItem]:
    """Have this sitting examine the items of another body's coming sitting.

    Each item is linked both ways and starts with the text of the item it examines.
    """
    lock(meeting)
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


# --- What is sent before the sitting ----------------------------------------------------------

BRIEF_FIELDS = ("note", "visas", "recitals", "articles")


class BriefConflict(Conflict):
    """Somebody saved the same part of this file since the editor began.

    `ours` holds every part as it was sent, and what others wrote in those we left alone;
    `clashing` names those that cannot be reconciled.
    """

    def __init__(self, item: AgendaItem, ours: Mapping[str, str], clashing: Sequence[str]) -> None:
        super().__init__(item, "")
        self.ours, self.clashing = dict(ours), tuple(clashing)


def brief_of(item: AgendaItem) -> Brief:
    """The file of an item; an empty one, not saved, where nobody wrote any."""
    return Brief.objects.filter(item=item).first() or Brief(item=item)


def brief_parts(brief: Brief) -> dict[str, str]:
    """What an editor of this file holds: its four texts and who reports."""
    return {name: getattr(brief, name) for name in BRIEF_FIELDS} | {
        "rapporteur": brief.item.rapporteur
    }


def brief_base(parts: Mapping[str, str]) -> str:
    """A short word for what an editor holds, part by part: it travels with the form, so that two
    people who write different parts of one file never meet.
    """
    return "-".join(_digest(parts[name]) for name in (*BRIEF_FIELDS, "rapporteur"))


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


@transaction.atomic
def save_brief(
    item: AgendaItem, *, parts: Mapping[str, str], base: str, by: User | None
) -> tuple[Brief, str]:
    """Keep the file of an item; `base` is the `brief_base` the editor started from.

    Returns the file and the base of what the editor now holds. A part that the editor did not
    touch leaves to others what they wrote in it; one that both wrote raises `BriefConflict`.
    Saving the same again changes nothing.
    """
    meeting = lock(item.meeting)
    item = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    item.meeting = meeting
    brief = brief_of(item)
    brief.item = item
    ours = _tidied(parts)
    theirs = brief_parts(brief)
    bases = dict(zip((*BRIEF_FIELDS, "rapporteur"), base.split("-"), strict=False))
    changed, clashing, merged = {}, [], dict(ours)
    for name, text in ours.items():
        if text == theirs[name]:
            continue
        if _digest(text) == bases.get(name):
            merged[name] = theirs[name]
        elif _digest(theirs[name]) == bases.get(name):
            changed[name] = text
        else:
            clashing.append(name)
    if clashing:
        raise BriefConflict(item, merged, clashing)
    if "rapporteur" in changed:
        _check_rapporteur(meeting, changed["rapporteur"])
        item.rapporteur = changed["rapporteur"]
        item.save(update_fields=["rapporteur"])
    if changed:
        for name in changed.keys() & set(BRIEF_FIELDS):
            setattr(brief, name, changed[name])
        brief.version += 1
        brief.save()
        touch(meeting)
        meeting.forget()
    return brief, brief_base(ours)


def _tidied(parts: Mapping[str, str]) -> dict[str, str]:
    """The parts of a file as they are stored."""
    plain = {name: drafts.tidy(richtext.printable(parts[name])) for name in BRIEF_FIELDS[1:]}
    return {"note": richtext.clean(parts["note"]), **plain, "rapporteur": parts["rapporteur"]}


def _check_rapporteur(meeting: Meeting, key: str) -> None:
    members = meeting.basis.composition
    if key and not (key in members and members[key].deliberates):
        raise findings.Refused(
            [
                Finding(
                    code="rapporteur",
                    message="Le rapporteur se choisit parmi les membres de l’assemblée.",
                    field="rapporteur",
                )
            ]
        )


MAX_ATTACHMENTS = 50  # joined to one item


def add_attachment(
    item: AgendaItem, *, file: File, filename: str, by: User | None, title: str = ""
) -> tuple[Attachment, tuple[Finding, ...]]:
    """Join a file to an item, once its content was checked. Returns what deserves a look.

    Not to be called inside a transaction: should anything fail, no file is left behind.
    """
    checked = attachments.check(file, filename)
    attachment = Attachment(
        item=item,
        title=(title.strip() or attachments.title_of(checked.filename))[:200],
        filename=checked.filename,
        media_type=checked.media_type,
        size=checked.size,
        pages=checked.pages,
        sha256=checked.sha256,
        added_by=by,
    )
    attachment.file.save("", file, save=False)
    kept = str(attachment.file)
    try:
        with transaction.atomic():
            return attachment, (*checked.notes, *_join(attachment))
    except BaseException:
        attachment.file.storage.delete(kept)
        raise


def _join(attachment: Attachment) -> tuple[Finding, ...]:
    meeting = lock(attachment.item.meeting)
    name = attachment.filename
    if not AgendaItem.objects.filter(pk=attachment.item_id).exists():
        raise findings.Refused(
            [Finding(code="point_retire", message=f"Le point de « {name} » vient d’être retiré.")]
        )
    known = list(
        Attachment.objects.filter(item__meeting=meeting).select_related("item").order_by("position")
    )
    here = [each for each in known if each.item_id == attachment.item_id]
    twins = [each for each in known if each.sha256 == attachment.sha256]
    for twin in twins:
        if twin.item_id == attachment.item_id:
            raise findings.Refused(
                [
                    Finding(
                        code="piece_deja_jointe",
                        message=f"« {name} » est déjà jointe à ce point : « {twin.title} ».",
                        field="files",
                    )
                ]
            )
    if len(here) >= MAX_ATTACHMENTS:
        raise findings.Refused(
            [
                Finding(
                    code="trop_de_pieces",
                    message=f"Un point a au plus {MAX_ATTACHMENTS} pièces jointes.",
                    remedy="Réunissez-en plusieurs dans un PDF.",
                    field="files",
                )
            ]
        )
    attachment.position = here[-1].position + 1 if here else 0
    attachment.save()
    touch(meeting)
    return tuple(
        Finding(
            code="piece_en_double",
            message=f"« {name} » est aussi jointe au point « {twin.item.title} ».",
            severity=findings.Severity.WARNING,
        )
        for twin in twins
    )


@transaction.atomic
def rename_attachment(attachment: Attachment, *, title: str, by: User | None) -> None:
    """Give a file the title under which it is read."""
    meeting = lock(attachment.item.meeting)
    attachment.title = richtext.printable(title).strip()
    try:
        attachment.clean_fields(exclude=["file"])
    except ValidationError as error:
        raise findings.Refused(_of_validation(error)) from error
    attachment.save(update_fields=["title"])
    touch(meeting)


@transaction.atomic
def move_attachment(attachment: Attachment, *, by_rank: int, by: User | None) -> bool:
    """Put a file so many ranks lower (higher when negative); whether it moved."""
    meeting = lock(attachment.item.meeting)
    rows = list(attachment.item.attachments.all())
    here = next(rank for rank, row in enumerate(rows) if row.pk == attachment.pk)
    there = max(0, min(here + by_rank, len(rows) - 1))
    if here == there:
        return False
    rows.insert(there, rows.pop(here))
    for rank, row in enumerate(rows):
        row.position = rank
    Attachment.objects.bulk_update(rows, ["position"])
    touch(meeting)
    return True


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User | None) -> None:
    """Take a file away for good; refused once it went out with a convocation."""
    meeting = lock(attachment.item.meeting)
    files = Attachment.objects.filter(pk=attachment.pk)
    _refuse_if_sent(meeting, files)
    _discard(files)
    touch(meeting)


def was_sent(attachment: Attachment, *, sent_on: date | None) -> bool:
    """Whether a file was there when the sitting was last convened: the proof leans on it."""
    return sent_on is not None and timezone.localtime(attachment.added_at).date() <= sent_on


def last_sent_on(meeting: Meeting) -> date | None:
    """The day of the last convocation of this sitting, whatever it changed."""
    sent = meeting.convocations.aggregate(last=Max("sent_on"))["last"]
    return max(filter(None, (meeting.convened_on, sent)), default=None)


def _refuse_if_sent(meeting: Meeting, files: Iterable[Attachment]) -> None:
    sent_on = last_sent_on(meeting)
    sent = [each for each in files if was_sent(each, sent_on=sent_on)]
    if sent:
        raise findings.Refused(
            Finding(
                code="piece_envoyee",
                message=f"« {each.title} » est partie avec la convocation.",
                remedy="Elle ne se retire plus : joignez la version corrigée à côté.",
            )
            for each in sent
        )


def _discard(files: QuerySet[Attachment]) -> None:
    """Delete these rows, and their files once that is certain."""
    storage = Attachment._meta.get_field("file").storage
    names = list(files.values_list("file", flat=True))
    files.delete()

    def forget() -> None:
        # A file that was carried over to another sitting is shared with it.
        shared = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        for name in set(names) - shared:
            storage.delete(name)

    transaction.on_commit(forget)


# --- What an agenda is made of ----------------------------------------------------------------


@transaction.atomic
def carry_over(meeting: Meeting, *, item: AgendaItem, words: str, by: User | None) -> AgendaItem:
    """Bring back an item of an earlier sitting with all that was prepared of it.

    Its note begins with `words`, which say where it comes from. Files are shared, not copied.
    """
    for each in sorted((meeting, item.meeting), key=lambda each: each.pk):
        lock(each)
    members = meeting.basis.composition
    rapporteur = item.rapporteur if item.rapporteur in members else ""
    carried = _add_before_closing(
        meeting,
        kind=item.kind,
        title=item.title,
        rapporteur=rapporteur,
        approves=item.approves,
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
            **{
                name: getattr(each, name)
                for name in "title filename file media_type size pages sha256 position".split()
            },
            added_by=by,
        )
        for each in item.attachments.all()
    )
    touch(to.meeting)


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
    return add_item(meeting, after=last_before_closing(meeting.agenda), by=by, **values)


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
    lock(meeting)
    if habit.kind == AgendaItem.Kind.MISCELLANEOUS:
        return add_item(meeting, kind=habit.kind, title=habit.title, by=by)
    return _add_before_closing(meeting, kind=habit.kind, title=habit.title, by=by)


@transaction.atomic
def copy_agenda(
    meeting: Meeting, *, source: Meeting, with_briefs: bool, by: User | None
) -> list[AgendaItem]:
    """Take up the agenda of an earlier sitting: what is not there yet, in the same order.

    Approvals and examinations are of their own sitting and stay there. Doing it again adds
    nothing.
    """
    lock(meeting)
    known = {_known_as(node): node.item for node in meeting.agenda.nodes}
    members = meeting.basis.composition
    briefs = {brief.item_id: brief for brief in Brief.objects.filter(item__meeting=source)}
    places: dict[int | None, AgendaItem | None] = {None: None}
    added = []
    for node in source.agenda.nodes:
        item = node.item
        if not any(_may_be_copied(each) for each in node.walk()):
            continue
        if _known_as(node) in known:
            places[item.pk] = known[_known_as(node)]
            continue
        copied = places[item.pk] = add_item(
            meeting,
            kind=item.kind,
            title=item.title,
            parent=places.get(item.parent_id),
            rapporteur=item.rapporteur if with_briefs and item.rapporteur in members else "",
            by=by,
        )
        if with_briefs and item.pk in briefs:
            _copy_brief(briefs[item.pk], copied, note=briefs[item.pk].note)
        added.append(copied)
    return added


def _may_be_copied(node: agenda.Node) -> bool:
    """Whether an item means something in another sitting; a section does for what it holds."""
    own = {AgendaItem.Kind.APPROVAL, AgendaItem.Kind.EXAMINATION, AgendaItem.Kind.URGENCY}
    return node.item.kind not in own and not (node.item.is_section and node.children)


def _known_as(node: agenda.Node) -> tuple[str, str]:
    return node.item.kind, " ".join(node.item.title.split()).casefold()


# --- Habits of a body -------------------------------------------------------------------------


@transaction.atomic
def keep_habit(habit: RecurringItem, *, by: User | None) -> RecurringItem:
    """Keep a recurring item, new or changed."""
    Body.objects.select_for_update(of=("self",)).get(pk=habit.body_id)
    if habit._state.adding:
        last = habit.body.recurring_items.aggregate(last=Max("position"))["last"]
        habit.position = 0 if last is None else last + 1
    habit.title = habit.title.strip()
    try:
        habit.full_clean()
    except ValidationError as error:
        raise findings.Refused(_of_validation(error)) from error
    habit.save()
    return habit


@transaction.atomic
def move_habit(habit: RecurringItem, *, by_rank: int, by: User | None) -> bool:
    """Put a recurring item so many ranks lower (higher when negative); whether it moved."""
    Body.objects.select_for_update(of=("self",)).get(pk=habit.body_id)
    rows = list(habit.body.recurring_items.all())
    here = next(rank for rank, row in enumerate(rows) if row.pk == habit.pk)
    there = max(0, min(here + by_rank, len(rows) - 1))
    if here == there:
        return False
    rows.insert(there, rows.pop(here))
    for rank, row in enumerate(rows):
        row.position = rank
    RecurringItem.objects.bulk_update(rows, ["position"])
    return True


@transaction.atomic
def drop_habit(habit: RecurringItem, *, by: User | None) -> None:
    """Forget a recurring item; the sittings that took it keep theirs."""
    habit.delete()


# --- Attendance -------------------------------------------------------------------------------


def _is_movement_of(event: sitting.Event, member: str) -> bool:
    return (
        isinstance(event, sitting.Arrived | sitting.Left | sitting.Excused)
        and event.member == member
    )


@transaction.atomic
def set_roll(
    meeting: Meeting, *, standings: Mapping[str, str], by: User | None
) -> tuple[Finding, ...]:
    """Point the roll: member key → "present", "excuse" or "absent".

    Whoever is already so is left alone, arrival hours included.
    """
    lock(meeting)
    standing = sitting.standing_events(meeting.ledger)
    story: list[sitting.Event] = []
    for member, wanted in standings.items():
        told = [event for event in standing if _is_movement_of(event, member)]
        if _as_pointed(told) == wanted:
            continue
        story += [sitting.Voided(target=event.seq, reason="remplacé") for event in told]
        if wanted == sitting.Standing.PRESENT:
            story.append(sitting.Arrived(member=member))
        elif wanted == sitting.Standing.EXCUSED:
            story.append(sitting.Excused(member=member))
    return _append(meeting, story, by=by) if story else ()


def _as_pointed(told: list[sitting.Event]) -> str:
    if any(isinstance(event, sitting.Arrived) for event in told):
        return sitting.Standing.PRESENT
    if any(isinstance(event, sitting.Excused) for event in told):
        return sitting.Standing.EXCUSED
    return sitting.Standing.ABSENT


@transaction.atomic
def arrive(meeting: Meeting, arrival: sitting.Arrived, *, by: User | None) -> tuple[Finding, ...]:
    """Somebody comes in at an hour or a point; a presence pointed for the whole sitting yields.

    After a departure, the arrival is a return and replaces nothing.
    """
    lock(meeting)

    def is_plain_presence(event: sitting.Event) -> bool:
        return (
            isinstance(event, sitting.Arrived | sitting.Excused)
            and event.member == arrival.member
            and event.at is None
            and event.before is None
        )

    has_left = any(
        isinstance(event, sitting.Left) and event.member == arrival.member
        for event in sitting.standing_events(meeting.ledger)
    )
    story: list[sitting.Event] = [] if has_left else _standing(meeting, is_plain_presence)
    return _append(meeting, [*story, arrival], by=by)


@transaction.atomic
def recompose(meeting: Meeting, *, by: User | None) -> tuple[Finding, ...]:
    """Tell the composition again, as the mandates and the rule book stand now.

    Refused when the ledger speaks of somebody who is no longer in it.
    """
    lock(meeting)
    today = composition.of(meeting)
    if not meeting.ledger:
        return ()
    gone = [
        member
        for member in meeting.basis.composition.members
        if member.key not in today.composition
        and any(member.key in _members_of(e) for e in sitting.standing_events(meeting.ledger))
    ]
    if gone:
        raise findings.Refused(
            Finding(
                code="composition",
                message=f"Le registre parle de {member.name}, qui n’est plus dans la composition.",
                remedy="Annulez d’abord ce qui a été noté à son sujet.",
            )
            for member in gone
        )
    return _append(meeting, [today], by=by)


def _members_of(event: sitting.Event) -> set[str]:
    """The keys of the people an event names."""
    names = ("member", "chair", "substitute", "titular", "giver", "holder")
    keys = {getattr(event, name, "") for name in names}
    keys |= {*getattr(event, "clerks", ()), *getattr(event, "members", ())}
    if isinstance(event, sitting.BallotHeld):
        keys |= set(event.ballot.choices)
    if isinstance(event, sitting.ElectionHeld):
        keys |= set(event.election.tellers)
    return keys - {""}


# --- Conduct of the sitting -------------------------------------------------------------------


@transaction.atomic
def set_conduct(
    meeting: Meeting,
    *,
    chair: str,
    clerks: Iterable[str],
    opened_at: datetime | None,
    closed_at: datetime | None,
    by: User | None,
    for_want_of_quorum: bool = False,
) -> tuple[Finding, ...]:
    """Who chaired, who kept the minutes, when it began and ended; only changes are told.

    Hours are given to the minute: one that was told live keeps its seconds.
    """
    lock(meeting)
    state = meeting.sitting.at_end
    story: list[sitting.Event] = []
    is_told = opened_at is None or (state.chair, _minute(state.opened_at)) == (chair, opened_at)
    if not is_told:
        story += _standing(meeting, lambda event: isinstance(event, sitting.Opened))
        story.append(sitting.Opened(chair=chair, at=opened_at))
    clerks = tuple(clerks)
    if state.clerks != clerks:
        story += _standing(meeting, lambda event: isinstance(event, sitting.ClerksNamed))
        if clerks:
            story.append(sitting.ClerksNamed(clerks=clerks))
    told = [(_minute(e.at), e.for_want_of_quorum) for e in meeting.sitting.of_kind(sitting.Closed)]
    wanted = [(closed_at, for_want_of_quorum)] if closed_at is not None else []
    # An old paper may tell that the sitting was closed and not when: no hour leaves it so.
    is_left_so = closed_at is None and any(at is None for at, _ in told)
    if told != wanted and not is_left_so:
        story += _standing(meeting, lambda event: isinstance(event, sitting.Closed))
        if wanted:
            story.append(sitting.Closed(at=closed_at, for_want_of_quorum=for_want_of_quorum))
    return _append(meeting, story, by=by) if story else ()


def _minute(at: datetime | None) -> datetime | None:
    return at and sitting.to_the_minute(at)


# --- Decisions --------------------------------------------------------------------------------


@transaction.atomic
def hold_ballot(
    meeting: Meeting, *, ballot: ballots.Ballot, by: User | None, replacing: int | None = None
) -> tuple[Finding, ...]:
    """Record a vote; `replacing` is the seq of the ballot it corrects."""
    lock(meeting)
    story: list[sitting.Event] = [sitting.BallotHeld(ballot=ballot)]
    if replacing is not None:
        story.insert(0, sitting.Voided(target=replacing, reason="scrutin corrigé"))
    return _append(meeting, story, by=by)


@transaction.atomic
def hold_ballots(
    meeting: Meeting, *, ballots: Sequence[ballots.Ballot], by: User | None
) -> tuple[Finding, ...]:
    """Record several votes en bloc, all or none: one objection, even a warning, refuses all."""
    lock(meeting)
    story = [sitting.BallotHeld(ballot=ballot) for ballot in ballots]
    points = memory.outline(meeting)
    begun = [] if meeting.told else [meeting.basis]
    _, now = _judged(meeting, points, live=False).after([*begun, *story])
    new = dict(enumerate(story, start=len(meeting.ledger) + len(begun) + 1))
    objections = [
        replace(finding, message=f"« {points.titles[new[seq].ballot.item]} » : {finding.message}")
        for seq, finding in now.findings
        if seq in new
    ]
    if objections:
        raise findings.Refused(objections)
    return _append(meeting, story, by=by)


@transaction.atomic
def hold_election(
    meeting: Meeting, *, election: elections.Election, by: User | None
) -> tuple[Finding, ...]:
    """Record an election as the tellers read it out."""
    lock(meeting)
    return _append(meeting, [sitting.ElectionHeld(election=election)], by=by)


@transaction.atomic
def note_fate(
    meeting: Meeting, *, item: str, fate: str, by: User | None, note: str = ""
) -> tuple[Finding, ...]:
    """What became of an item without a vote; an earlier fate is replaced."""
    lock(meeting)
    story: list[sitting.Event] = list(
        _standing(
            meeting, lambda event: isinstance(event, sitting.FateNoted) and event.item == item
        )
    )
    if fate:
        story.append(sitting.FateNoted(item=item, fate=sitting.Fate(fate), note=note))
    return _append(meeting, story, by=by) if story else ()


# --- A ledger brought in whole (sitting_file, verify_ledger) ----------------------------------


def judge_ledger(
    events: Sequence[sitting.Event],
    *,
    agenda: Sequence[str],
    second_call: bool = False,
    urgent: Collection[str] = (),
) -> tuple[Finding, ...]:
    """What the law says of a whole ledger; `field` is the path of the line, from `ledger[0]`.

    Judged as an old paper is: what the law forbids and may well have been done is a warning.
    """
    found = []
    for seq, finding in checks.by_event(
        events, agenda=agenda, retrospective=True, second_call=second_call, urgent=urgent
    ):
        field = finding.field
        if field not in ("", "at", "before"):
            # A form shows a ballot or an election alone; in the ledger it is inside its event.
            match events[seq - 1]:
                case sitting.BallotHeld():
                    field = f"ballot.{field}"
                case sitting.ElectionHeld():
                    field = f"election.{field}"
        path = f"ledger[{seq - 1}]"
        found.append(replace(finding, field=f"{path}.{field}" if field else path))
    return tuple(found)


@transaction.atomic
def restore_ledger(
    meeting: Meeting, events: Iterable[sitting.Event], *, by: User | None
) -> tuple[Finding, ...]:
    """Tell a whole ledger again, line for line, in a sitting that has none; the chain is new.

    Returns the warnings; raises `Refused` with every objection.
    """
    lock(meeting)
    events = [replace(event, seq=rank) for rank, event in enumerate(events, 1)]
    if meeting.ledger:
        raise findings.Refused(
            [Finding(code="registre_commence", message="Le registre de cette séance est commencé.")]
        )
    if not events or not isinstance(events[0], sitting.Composed):
        raise findings.Refused(
            [
                Finding(
                    code="sans_composition",
                    message="Un registre commence par la composition de l’assemblée.",
                    field="ledger[0]",
                )
            ]
        )
    warnings = findings.refuse(
        judge_ledger(
            events,
            agenda=meeting.agenda.keys,
            second_call=meeting.second_call_of_id is not None,
            urgent=meeting.agenda.urgent,
        )
    )
    rows = _write(meeting, events, by=by)
    touch(meeting)
    told = memory.Told(events, rows[-1].sha256)
    _tell_tables(meeting, told, rows, memory.outline(meeting))
    return warnings
