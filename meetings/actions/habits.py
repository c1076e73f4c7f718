"""What every sitting of a body discusses."""

from django.db import transaction

from meetings import journal
from meetings.models import RecurringItem
from members import faults, ranks
from members.models import Body, User


@transaction.atomic
def keep_habit(habit: RecurringItem, *, by: User | None) -> RecurringItem:
    """Keep a recurring item, new or changed."""
    Body.objects.select_for_update(of=("self",)).get(pk=habit.body_id)
    is_new = habit._state.adding
    if is_new:
        habit.position = ranks.after_all(habit.body.recurring_items.all())
    habit.title = habit.title.strip()
    faults.check(habit)
    habit.save()
    verb, done = ("habit-added", "ajouté") if is_new else ("habit-changed", "modifié")
    journal.note(habit.body, verb, f"Point récurrent « {habit.title} » {done}", by=by)
    return habit


@transaction.atomic
def move_habit(habit: RecurringItem, *, by_rank: int, by: User | None) -> bool:
    """Put a recurring item so many ranks lower (higher when negative); whether it moved."""
    Body.objects.select_for_update(of=("self",)).get(pk=habit.body_id)
    if not ranks.move(habit, among=habit.body.recurring_items.all(), by_rank=by_rank):
        return False
    journal.note(habit.body, "habit-moved", f"Point récurrent « {habit.title} » déplacé", by=by)
    return True


@transaction.atomic
def drop_habit(habit: RecurringItem, *, by: User | None) -> None:
    """Forget a recurring item; the sittings that took it keep theirs."""
    habit.delete()
    journal.note(habit.body, "habit-removed", f"Point récurrent « {habit.title} » retiré", by=by)
