"""Prepare a sitting: create it, change its columns, remove one made by mistake."""

from collections.abc import Collection
from datetime import date, time

from django.db import transaction
from django.db.models import ProtectedError

from law import deadlines, findings, french
from meetings import journal
from meetings.actions import items, joining, ledger, undoing
from meetings.models import AgendaItem, Attachment, Meeting
from members import faults
from members.models import Body, User
from trail import recording as trail
from trail.models import Act


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
    is_hour_unknown: bool = False,
    attending: str = "",
) -> Meeting:
    """A new sitting, its agenda opening with the minutes that still await approval, then with
    what every sitting of the body holds. A second call holds the items of the first and no other.

    Nobody is offered to sit at a distance until whoever presides decides it (art. L5211-11-1).
    """
    meeting = Meeting(
        body=body,
        held_on=held_on,
        starts_at=starts_at,
        place=place,
        convened_on=convened_on,
        second_call_of=second_call_of,
        is_hour_unknown=is_hour_unknown,
        in_one_place=True,
        attending=attending,
        created_by=by,
    )
    faults.check(meeting)
    meeting.save()
    trail.note(Act.CREATED, str(meeting), by=by, organisation=meeting.organisation)
    if waiting := awaiting_approval(meeting):
        items.add_item(
            meeting,
            kind=AgendaItem.Kind.APPROVAL,
            title=approval_title(*waiting),
            approves=waiting[0],
            also_approves=waiting[1:],
            by=by,
        )
    if second_call_of is None:
        for habit in body.recurring_items.filter(is_automatic=True):
            items.add_item(meeting, kind=habit.kind, title=habit.title, by=by)
    return meeting


@transaction.atomic
def delete_meeting(meeting: Meeting, *, by: User) -> None:
    """Remove a sitting prepared by mistake. Refused once its ledger has begun."""
    ledger.lock(meeting)
    if meeting.ledger:
        raise findings.refusal(
            "registre_commence",
            "Le registre de cette séance est commencé : elle ne s’efface plus.",
            remedy="Annulez les lignes fausses, ou levez la séance.",
        )
    meeting.refresh_from_db(fields=["sent_on"])
    if meeting.sent_on is not None:
        raise findings.refusal(
            "seance_convoquee",
            "Les membres sont convoqués à cette séance : elle ne s’efface plus.",
            remedy="Annulez-la : ils seront prévenus.",
        )
    if meeting.also_approved_in.exists():
        raise _linked()
    undoing.drop(meeting.undos.all())
    joining.discard(Attachment.objects.filter(item__meeting=meeting))
    what = "Projet d’acte" if meeting.is_alone else "Séance"
    removed = french.agree("supprimé", feminine=not meeting.is_alone)
    words = f"{what} du {french.long_date(meeting.held_on)} {removed}"
    journal.note(meeting.body, "sitting-removed", words, by=by)
    words = f"{what.lower()} {removed} : {meeting}"
    trail.note(Act.REMOVED, words, by=by, organisation=meeting.organisation)
    try:
        meeting.delete()
    except ProtectedError as error:
        raise _linked() from error


def _linked() -> findings.Refused:
    return findings.refusal(
        "seance_liee",
        "Une autre séance, une réponse ou une question renvoie à celle-ci.",
        remedy="Retirez d’abord ce lien.",
    )


def awaiting_approval(meeting: Meeting) -> list[Meeting]:
    """The sittings of the last year whose minutes no agenda approves, but that of a sitting called
    off, in their order: those that came after the latest that one does; the last one, where none
    does. Older ones await nobody any more."""
    waiting: list[Meeting] = []
    recent = Meeting.objects.before(meeting).exclude(stage=Meeting.Stage.CANCELLED)
    recent = recent.filter(held_on__gte=deadlines.add_months(meeting.held_on, -12))
    for each in recent.prefetch_related("approved_in__meeting", "also_approved_in__meeting"):
        if any(item.meeting.stage != Meeting.Stage.CANCELLED for item in each.approvals):
            return waiting[::-1]
        waiting.append(each)
    return waiting[:1]


def approval_title(*meetings: Meeting) -> str:
    """« Approbation du procès-verbal de la séance du 1er juin 2026 », or of several; « réunion »
    for a body of short minutes, whose only paper it is. Of two of one day, at which hour."""
    noun = "réunion" if meetings[0].body.layout == Body.Layout.SHORT else "séance"
    days = [each.held_on for each in meetings]
    if len(days) == 1:
        return f"Approbation du procès-verbal de la {noun} du {french.long_date(days[0])}"
    told = french.join(
        f"du {french.long_date(each.held_on)}"
        + (f" à {french.clock(each.starts_at)}" if days.count(each.held_on) > 1 else "")
        for each in meetings
    )
    return f"Approbation des procès-verbaux des {noun}s {told}"


@transaction.atomic
def change(
    row: Meeting | AgendaItem,
    *,
    fields: Collection[str],
    by: User | None,
    also_approves: Collection[Meeting] | None = None,
) -> None:
    """Write these columns of a sitting or of an item, as a form left them, and no other; and the
    other minutes that an item approves, when they are given.

    The title under which an item was announced is kept when it changes.
    """
    meeting = row if isinstance(row, Meeting) else row.meeting
    ledger.lock(meeting)
    before = type(row)._default_manager.get(pk=row.pk)
    if isinstance(row, AgendaItem) and meeting.sent_on is not None and not row.was_added:
        announced = getattr(before, "title", "")
        if row.title != announced:
            row.announced = row.announced or announced
    names = [
        str(field.verbose_name)
        for field in row._meta.fields
        if field.name in fields and getattr(row, field.name) != getattr(before, field.name)
    ]
    row.save(update_fields=fields)
    if isinstance(row, AgendaItem) and also_approves is not None:
        if {*row.also_approves.all()} != {*also_approves}:
            names.append(str(AgendaItem._meta.get_field("also_approves").verbose_name))
        row.also_approves.set(also_approves)
    if names:
        what = "Séance modifiée" if row is meeting else f"« {row} » modifié"
        verb = "sitting-changed" if row is meeting else "item-changed"
        journal.note(meeting, verb, f"{what} : {', '.join(names)}", by=by)
    ledger.touch(meeting)
    meeting.forget()
