"""What every sitting of a body discusses."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from law import findings
from meetings.models import RecurringItem
from members import faults
from members.models import Body, User


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
        raise findings.Refused(faults.of_validation(error)) from error
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
