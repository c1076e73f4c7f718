"""Addresses that have an account in another organisation: whoever opens accounts stumbles on them.

An address is one account for the whole site, so that opening it again is refused, and the refusal
tells. It tells a few at a time, and each is kept in the trail: nobody reads a neighbour's list so.
"""

from collections.abc import Iterable

from django.http import HttpRequest

from accounts import throttle
from members import access
from members.models import Organisation, User
from trail.models import Act
from trail.recording import note

TAKEN = (
    "Cette adresse ne peut recevoir de compte d’ici. Qui tient l’ensemble (un superutilisateur) "
    "lui donne un rôle dans votre organisation."
)


def of(emails: Iterable[str], user: User) -> set[str]:
    """Those that have an account which this administrator does not see."""
    if user.is_superuser:
        return set()
    taken = User.objects.filter(email__in=emails)
    unseen = taken.exclude(roles__organisation__in=access.organisations_run_by(user))
    return set(unseen.values_list("email", flat=True))


def may_tell(request: HttpRequest, emails: Iterable[str], *, organisation: Organisation) -> bool:
    """Whether these may be told to who asks, each counted and kept; `False`: he must wait."""
    for email in sorted(emails):
        if not throttle.take("ailleurs", request, str(request.user.pk)):
            return False
        words = f"compte refusé\u00a0: {email} en a un dans une autre organisation"
        note(Act.ACCOUNT, words, organisation=organisation)
    return True
