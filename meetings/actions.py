"""What the secretariat does to a sitting. Each verb locks, asks the law, appends to the ledger.

Verbs take who (`by=`) and when (`at=`) as keywords and raise `law.findings.Refused` with every
objection at once. What was refused leaves no trace.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.formats import date_format

from law import ballots, checks, codec, elections, findings, sitting
from law.findings import Finding
from meetings import composition, richtext
from meetings.models import AgendaItem, Ballot, DebateRevision, Meeting, SittingEvent, Vote
from members.models import Body, User

# --- The ledger -------------------------------------------------------------------------------


def lock(meeting: Meeting) -> Meeting:
    """Make every other writer of this sitting wait until the end of the transaction."""
    locked = Meeting.objects.select_for_update(of=("self",)).only("stamp").get(pk=meeting.pk)
    meeting.stamp = locked.stamp
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
    told = meeting.ledger
    basis = meeting.basis
    story = ([] if told else [basis]) + list(events)
    added = [replace(event, seq=len(told) + rank) for rank, event in enumerate(story, start=1)]
    objections = checks.check_all(
        added,
        composition=basis.composition,
        events=told,
        agenda=meeting.agenda.keys,
        regime=basis.regime,
        retrospective=not live,
        second_call=meeting.second_call_of_id is not None,
        titles=meeting.agenda.titles,
    )
    warnings = findings.refuse(dict.fromkeys(objections))
    _write(meeting, added, by=by)
    touch(meeting)
    meeting.forget()
    _refresh_readings(meeting)
    return warnings


def _write(meeting: Meeting, events: Iterable[sitting.Event], *, by: User | None) -> None:
    last = meeting.events.order_by("-seq").values("seq", "sha256").first()
    previous = last["sha256"] if last else ""
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
    SittingEvent.objects.bulk_create(rows)


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


def _refresh_readings(meeting: Meeting) -> None:
    """Bring `Meeting.stage`, `Ballot` and `Vote` in line with what the ledger says now."""
    state = meeting.sitting.at_end
    if meeting.stage != Meeting.Stage.ISSUED:
        stage = Meeting.Stage.PREPARED
        # An old paper may say that the sitting was closed and not when.
        if any(meeting.sitting.of_kind(sitting.Closed)):
            stage = Meeting.Stage.CLOSED
        elif state.is_open:
            stage = Meeting.Stage.OPEN
        if stage != meeting.stage:
            meeting.stage = stage
            meeting.save(update_fields=["stage"])
    _refresh_ballots(meeting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the tables should hold of a ballot: its columns, and each vote that may be named."""

    item: str
    values: Mapping[str, object]
    votes: Mapping[int, tuple[str, int, bool]]  # mandate → choice, weight, by proxy


def expected_readings(meeting: Meeting) -> dict[int, Reading]:
    """By `seq` of the event, what the ledger says `Ballot` and `Vote` should hold."""
    found = {}
    for event in meeting.sitting.of_kind(sitting.BallotHeld):
        state = meeting.sitting.at_ballot[event.seq]
        outcome = ballots.of(event.ballot, state, meeting.regime)
        found[event.seq] = Reading(
            item=event.ballot.item,
            values=_columns(event.ballot, outcome),
            votes=_named_votes(event.ballot, outcome, state),
        )
    return found


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


def _refresh_ballots(meeting: Meeting) -> None:
    """A late correction may change who could vote, hence every count that follows."""
    expected = expected_readings(meeting)
    known = {
        ballot.event.seq: ballot
        for ballot in Ballot.objects.filter(event__meeting=meeting)
        .select_related("event")
        .prefetch_related("votes")
    }
    if gone := [known[seq].pk for seq in known.keys() - expected.keys()]:
        Ballot.objects.filter(pk__in=gone).delete()
    fresh = expected.keys() - known.keys()
    stale = [
        seq for seq in expected.keys() & known.keys() if not _agrees(known[seq], expected[seq])
    ]
    if not fresh and not stale:
        return
    rows = dict(meeting.events.filter(seq__in=fresh).values_list("seq", "pk"))
    items = {node.item.key: node.item for node in meeting.agenda.nodes}
    written = {}
    for seq in sorted(fresh):
        reading = expected[seq]
        written[seq] = Ballot(event_id=rows[seq], item=items[reading.item], **reading.values)
    Ballot.objects.bulk_create(written.values())
    for seq in stale:
        written[seq] = row = known[seq]
        for name, value in expected[seq].values.items():
            setattr(row, name, value)
    if stale:
        changed = [known[seq] for seq in stale]
        Ballot.objects.bulk_update(changed, list(expected[stale[0]].values))
        Vote.objects.filter(ballot__in=changed).delete()
    Vote.objects.bulk_create(
        Vote(ballot=row, mandate_id=mandate, choice=choice, weight=weight, by_proxy=by_proxy)
        for seq, row in written.items()
        for mandate, (choice, weight, by_proxy) in expected[seq].votes.items()
    )


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
    """A new sitting, its agenda opening with the minutes that still await approval."""
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
    previous = Meeting.objects.before(meeting).filter(approved_in=None).first()
    if previous is not None:
        add_item(
            meeting,
            kind=AgendaItem.Kind.APPROVAL,
            title=approval_title(previous),
            approves=previous,
            by=by,
        )
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
) -> AgendaItem:
    """Put an item at the end of the agenda, or at the end of its section."""
    lock(meeting)
    siblings = meeting.items.filter(parent=parent)
    last = siblings.aggregate(last=Max("position"))["last"]
    item = AgendaItem(
        meeting=meeting,
        key=key or _next_key(meeting),
        parent=parent,
        position=0 if last is None else last + 1,
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
    return item


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
                    message=f"Le registre de la séance parle du point « {node.item.title} ».",
                    remedy="Annulez d’abord ce qui y a été enregistré, ou notez le point retiré.",
                )
                for node in spoken
            ]
        )
    Ballot.objects.filter(item__in=[n.item.pk for n in meeting.agenda[item.key].walk()]).delete()
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
    """Who chaired, who kept the minutes, when it began and ended; only changes are told."""
    lock(meeting)
    state = meeting.sitting.at_end
    story: list[sitting.Event] = []
    if opened_at is not None and (state.chair, state.opened_at) != (chair, opened_at):
        story += _standing(meeting, lambda event: isinstance(event, sitting.Opened))
        story.append(sitting.Opened(chair=chair, at=opened_at))
    clerks = tuple(clerks)
    if state.clerks != clerks:
        story += _standing(meeting, lambda event: isinstance(event, sitting.ClerksNamed))
        if clerks:
            story.append(sitting.ClerksNamed(clerks=clerks))
    told = [(e.at, e.for_want_of_quorum) for e in meeting.sitting.of_kind(sitting.Closed)]
    wanted = [(closed_at, for_want_of_quorum)] if closed_at is not None else []
    # An old paper may tell that the sitting was closed and not when: no hour leaves it so.
    is_left_so = closed_at is None and any(at is None for at, _ in told)
    if told != wanted and not is_left_so:
        story += _standing(meeting, lambda event: isinstance(event, sitting.Closed))
        if wanted:
            story.append(sitting.Closed(at=closed_at, for_want_of_quorum=for_want_of_quorum))
    return _append(meeting, story, by=by) if story else ()


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
    told = meeting.ledger or [meeting.basis]
    new = {seq: replace(event, seq=seq) for seq, event in enumerate(story, start=len(told) + 1)}
    titles = meeting.agenda.titles
    objections = [
        replace(finding, message=f"« {titles[new[seq].ballot.item]} » : {finding.message}")
        for seq, finding in checks.by_event(
            [*told, *new.values()],
            agenda=meeting.agenda.keys,
            retrospective=True,
            second_call=meeting.second_call_of_id is not None,
        )
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
    events: Sequence[sitting.Event], *, agenda: Sequence[str], second_call: bool = False
) -> tuple[Finding, ...]:
    """What the law says of a whole ledger; `field` is the path of the line, from `ledger[0]`.

    Judged as an old paper is: what the law forbids and may well have been done is a warning.
    """
    found = []
    for seq, finding in checks.by_event(
        events, agenda=agenda, retrospective=True, second_call=second_call
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
        )
    )
    _write(meeting, events, by=by)
    touch(meeting)
    meeting.forget()
    _refresh_readings(meeting)
    return warnings
