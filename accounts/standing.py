"""How far somebody who sits is on her way into the site, in the same words on every page: no
account, invited, awaited to say that the account is hers, in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import letters
from accounts.deciding import LINK_LIFE
from accounts.models import LinkRequest
from law import french
from law.addresses import lowered
from members.models import Mandate, Organisation, Person, User


class Stage(Enum):
    """From nothing to an account by which she enters."""

    NONE = auto()
    INVITED = auto()  # nobody has entered by it yet
    AWAITED = auto()  # somebody has; it is to be said whose it is
    LAPSED = auto()  # asked too long ago
    APART = auto()  # an account has her address, nobody asked that it be hers
    OPEN = auto()
    CLOSED = auto()


_AGAIN = {
    Stage.INVITED: "Renvoyer l’invitation",
    Stage.AWAITED: "Redemander son accord",
    Stage.LAPSED: "Redemander son accord",
    Stage.APART: "Demander son accord",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where she is, by which account, since when it is asked, and what to say of it."""

    stage: Stage
    account: User | None = None
    since: date | None = None
    told: str = "aucun"

    @property
    def again(self) -> str:
        """What may be done for her to come in, when she was invited already."""
        return _AGAIN.get(self.stage, "") if self.account else ""

    @property
    def is_none(self) -> bool:
        """Whether she is still to be invited."""
        return self.stage is Stage.NONE


def prepared(persons: QuerySet[Person]) -> QuerySet[Person]:
    """These persons, with what `of` looks at: two queries, however many they are."""
    asked = LinkRequest.objects.filter(decided_at=None).select_related("account")
    there = User.objects.filter(
        email=Lower(OuterRef("email")), roles__organisation=OuterRef("organisation")
    )
    return (
        persons.select_related("user")
        .prefetch_related(Prefetch("link_requests", asked, to_attr="links_asked"))
        .annotate(has_account_there=Exists(there))
    )


def of(person: Person, *, at: datetime) -> Standing:
    """What is true of her now. A neighbour's account that has her address is not told."""
    if (account := person.user) is not None:
        stage = Stage.OPEN if account.is_active else Stage.CLOSED
        told = "ouvert" if account.is_active else "fermé"
        return Standing(stage=stage, account=account, told=told)
    asked = _asked(person)
    if asked and asked.account.is_active:
        return _invited(person, asked, at)
    if asked:  # nothing waits at a closed door
        return Standing(stage=Stage.CLOSED, account=asked.account, told="fermé")
    if getattr(person, "has_account_there", True) and (account := _at_her_address(person)):
        if not account.is_active:
            return Standing(stage=Stage.CLOSED, account=account, told="fermé, pas rattaché")
        return Standing(
            stage=Stage.APART, account=account, told="ouvert à son adresse, pas rattaché"
        )
    return Standing(stage=Stage.NONE)


def asked_of() -> Prefetch:
    """What `of_account` looks at, of many accounts at once."""
    asked = LinkRequest.objects.filter(decided_at=None).select_related("person")
    return Prefetch("link_requests", asked, to_attr="links_asked")


def of_account(account: User, *, at: datetime) -> str:
    """What is said of an account read with `asked_of`: of one that waits to be somebody's, what is
    said of that person."""
    if not account.is_active:
        return "fermé"
    if asked := next(iter(account.links_asked), None):
        return _invited(asked.person, asked, at).told
    return "ouvert" if account.last_login else "ouvert, pas encore entré·e"


def _asked(person: Person) -> LinkRequest | None:
    known = getattr(person, "links_asked", None)
    if known is None:
        known = person.link_requests.filter(decided_at=None).select_related("account")
    return next(iter(known), None)


def _at_her_address(person: Person) -> User | None:
    if not person.email:
        return None
    return User.objects.filter(
        email=lowered(person.email), roles__organisation=person.organisation_id
    ).first()


def _invited(person: Person, asked: LinkRequest, at: datetime) -> Standing:
    since = timezone.localdate(asked.asked_at)
    e = "e" if person.civility == Person.Civility.MRS else ""
    told = f"invité{e} le {french.long_date(since)}"
    if letters.is_kept() and asked.account.last_login is None:
        told = f"invitation préparée le {french.long_date(since)}"
    if at >= asked.asked_at + LINK_LIFE:
        stage, more = Stage.LAPSED, "son accord n’est pas venu à temps"
    elif asked.account.last_login is None:
        stage = Stage.INVITED
        more = "gardée ici" if letters.is_kept() else f"pas encore entré{e}"
    else:
        stage, more = Stage.AWAITED, "son accord est attendu"
    return Standing(stage=stage, account=asked.account, since=since, told=f"{told}, {more}")


def sitting(organisation: Organisation, *, on: date) -> QuerySet[Person]:
    """Who sits there that day, prepared, by name."""
    seats = Mandate.objects.in_office(on).filter(body__organisation=organisation)
    persons = organisation.persons.filter(pk__in=seats.values("person"))
    return prepared(persons.order_by("sort_name", "pk"))


def to_invite(persons: Iterable[Person], *, at: datetime) -> list[Person]:
    """Those of them who have an address and nothing else."""
    return [each for each in persons if each.email and of(each, at=at).is_none]
