"""Accounts whose reason has ended: delegates all of whose mandates are over."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from members.models import Mandate, Organisation, Role, User


def accounts(
    organisation: Organisation, *, run: Iterable[Organisation], on: date
) -> QuerySet[User]:
    """Open accounts of delegates who sit nowhere any more nor will, each with `ended_on`, the last
    day of the last mandate.

    Who also has another role, or a right outside the organisations `run` by whoever asks, still has
    a reason to enter that is not theirs to judge.
    """
    mandates = Mandate.objects.filter(person__user=OuterRef("pk"))
    alive = mandates.filter(Q(end_on=None) | Q(end_on__gte=on))
    beyond = Role.objects.filter(user=OuterRef("pk")).exclude(
        kind=Role.Kind.DELEGATE, organisation__in=list(run)
    )
    delegate = Role.objects.filter(
        user=OuterRef("pk"), kind=Role.Kind.DELEGATE, organisation=organisation
    )
    return (
        User.objects.filter(Exists(delegate), Exists(mandates), ~Exists(alive), ~Exists(beyond))
        .filter(is_active=True, is_superuser=False)
        .annotate(ended_on=Max("persons__mandates__end_on"))
        .order_by("ended_on", "email")
    )
