"""How far somebody who sits is on her way into the site, in the same words on every page: no
account, invited, awaited to say that the account is hers, in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
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
    if account.last_login:
        return "ouvert"
    if _stayed(account) and not account.has_usable_password():
        opened = timezone.localdate(account.date_joined)
        return _told(Stage.INVITED, opened, "", is_kept=True)
    return "ouvert, pas encore entré·e"


OPEN, INVITED, NOT_IN, CLOSED = "ouvert", "invité·e", "pas encore entré·e", "fermé"


def accounts_that_are(said: str) -> Q:
    """Those of which `of_account` says this."""
    if said == CLOSED:
        return Q(is_active=False)
    waits = Exists(LinkRequest.objects.filter(account=OuterRef("pk"), decided_at=None))
    if said == INVITED:
        return Q(waits, is_active=True)
    return Q(~waits, is_active=True, last_login__isnull=said == NOT_IN)


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
    if at >= asked.asked_at + LINK_LIFE:
        stage = Stage.LAPSED
    else:
        stage = Stage.INVITED if asked.account.last_login is None else Stage.AWAITED
    e = "e" if person.civility == Person.Civility.MRS else ""
    told = _told(stage, since, e, is_kept=_stayed(asked.account))
    return Standing(stage=stage, account=asked.account, since=since, told=told)


def _stayed(account: User) -> bool:
    """Whether the invitation was never read anywhere but here."""
    return letters.is_kept() and account.last_login is None


def _told(stage: Stage, since: date, e: str, *, is_kept: bool, s: str = "") -> str:
    """What is said of her or, with an `s`, of several."""
    told = f"invitation{s} préparée{s}" if is_kept else f"invité{e}{s}"
    agreed = "leur accord" if s else "son accord"
    more = {
        Stage.INVITED: f"gardée{s} ici" if is_kept else f"pas encore entré{e}{s}",
        Stage.AWAITED: f"{agreed} est attendu",
        Stage.LAPSED: f"{agreed} n’est pas venu à temps",
    }[stage]
    return f"{told} le {french.long_date(since)}, {more}"


def by_state(told: Iterable[tuple[Person, Standing]]) -> list[tuple[str, list[tuple]]]:
    """Those who were invited, under what is said of all of them at once."""
    found: dict[tuple, list[tuple[Person, Standing]]] = {}
    for person, each in told:
        key = each.stage, each.since, bool(each.account and _stayed(each.account))
        found.setdefault(key, []).append((person, each))
    return [
        (
            _told(stage, since, "e", is_kept=is_kept, s="s" if len(rows) > 1 else "")
            if since
            else rows[0][1].told,
            rows,
        )
        for (stage, since, is_kept), rows in found.items()
    ]


def sitting(organisation: Organisation, *, on: date) -> QuerySet[Person]:
    """Who sits there that day, prepared, by name."""
    seats = Mandate.objects.in_office(on).filter(body__organisation=organisation)
    persons = organisation.persons.filter(pk__in=seats.values("person"))
    return prepared(persons.order_by("sort_name", "pk"))


def to_invite(persons: Iterable[Person], *, at: datetime) -> list[Person]:
    """Those of them who have an address and nothing else."""
    return [each for each in persons if each.email and of(each, at=at).is_none]
