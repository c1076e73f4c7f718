"""The keys of an organisation as its administration sees them: whose, until when, last used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet
from django.utils import timezone

from members.models import Organisation, Person, User
from registry.models import SigningKey
from registry.signatures import keys
from registry.signatures.certificates import Certificate
from registry.signatures.keys import KeyFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A key and what is to be known of it today; `last_used` is an hour, `None` when it never
    signed."""

    key: SigningKey
    last_used: datetime | None
    faults: tuple[str, ...]
    is_over: bool


def of(organisation: Organisation) -> list[Shown]:
    """Every key that an act bound there, those that still sign first."""
    found = [_shown(key) for key in _bound(SigningKey.objects.filter(organisation=organisation))]
    return sorted(found, key=lambda each: each.is_over)


def of_person(person: Person) -> list[Shown]:
    """The keys of somebody, for himself."""
    return [_shown(key) for key in _bound(SigningKey.objects.filter(person=person))]


def offered(organisation: Organisation) -> QuerySet[SigningKey]:
    """The certificates that were handed in and await the administration."""
    rows = SigningKey.objects.offered().filter(organisation=organisation)
    return rows.select_related("person", "organisation", "offered_by")


def _bound(rows: QuerySet[SigningKey]) -> Iterator[SigningKey]:
    related = ("person", "organisation", "bound_by", "revoked_by", "account")
    yield from (
        rows.filter(bound_at__isnull=False)
        .select_related(*related)
        .annotate(last_used=Max("steps__signed_at"))
        .order_by("-bound_at", "-pk")
    )


def _shown(key: SigningKey) -> Shown:
    now = timezone.now()
    is_over = key.is_revoked(timezone.localdate(now)) or key.valid_until < now
    account = key.person.user if key.person else None
    told: tuple[str, ...] = ()
    if not is_over and key.held in SigningKey.ON_SERVER:
        told = tuple(each.message for each in keys.faults(key, at=now, by=account))
        if key.is_seal_of_one:
            told += (_OF_ONE,)
    return Shown(key=key, last_used=key.last_used, faults=told, is_over=is_over)


_OF_ONE = (
    "Une seule personne a rattaché ce cachet, avant que l’on en demande deux\u00a0: révoquez-le et "
    "rattachez-le de nouveau."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbound:
    """A file that is nobody’s, and the persons whose name it bears: proposed, never bound."""

    file: KeyFile
    proposed: tuple[Person, ...]
    is_seal: bool


def unbound(organisation: Organisation, *, by: User) -> list[Unbound]:
    """The files of the server that wait to be bound in this organisation."""
    files = keys.unbound(organisation, by=by)
    persons = tuple(organisation.persons.filter(user__isnull=False)) if files else ()
    return [
        Unbound(
            file=file,
            proposed=namesakes(file.certificate, persons),
            is_seal=bool(file.certificate and file.certificate.is_seal_of(organisation)),
        )
        for file in files
    ]


def namesakes(
    certificate: Certificate | None, persons: QuerySet[Person] | tuple[Person, ...]
) -> tuple[Person, ...]:
    """Those whose name the certificate bears."""
    if certificate is None:
        return ()
    return tuple(person for person in persons if certificate.is_of(person))
