"""What awaits the administration of an organisation: steps that it never took, seats that nobody
holds nor is to hold, mandates about to end, accounts that nothing justifies any more. Each leads
where it is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from accounts import ended
from archive.desk import first_steps
from convening import stuck
from law import french
from members import seats, succession
from members.access import organisations_run_by
from members.models import Body, Mandate, Organisation, Role, User

SOON = timedelta(days=60)  # within which the end of a mandate is announced


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something to do: what, in which body ("": in none), where, before when."""

    what: str
    url: str
    where: str = ""
    due_on: date | None = None


def of(organisation: Organisation, *, by: User, on: date) -> list[Chore]:
    """What this account is to do of it on this day, what has a date first; a few queries a body."""
    found = [*_steps(organisation, on), *_accounts(organisation, by, on), *_mails(by)]
    for body in organisation.bodies.filter(is_active=True).order_by("position", "name"):
        found += _of_body(body, on)
    return sorted(found, key=lambda chore: chore.due_on or date.max)


def _steps(organisation: Organisation, on: date) -> Iterator[Chore]:
    for step in first_steps.of(organisation, on=on):
        if not step.is_done and Role.Kind.ADMINISTRATION in step.whose:
            told = f"{step.title}\u00a0: {step.told[0].lower()}{step.told[1:]}"
            yield Chore(what=step.act or told, url=step.url)


def _accounts(organisation: Organisation, by: User, on: date) -> Iterator[Chore]:
    closing = ended.accounts(organisation, run=organisations_run_by(by), on=on)
    if count := closing.count():
        told = french.count(count, "compte que plus aucun mandat ne justifie", _ACCOUNTS)
        yield Chore(what=f"Désactiver {told}", url=reverse("accounts:ended"))


def _mails(by: User) -> Iterator[Chore]:
    if count := stuck.letters(by).count():
        told = french.count(count, "courriel de compte, qui n’est pas arrivé", _MAILS)
        yield Chore(what=f"Reprendre {told}", url=reverse("convening:stuck"))


_MAILS = "courriels de compte, qui ne sont pas arrivés"
_ENDING = "sièges dont le mandat finit"
_ACCOUNTS = "comptes que plus aucun mandat ne justifie"


def _of_body(body: Body, on: date) -> Iterator[Chore]:
    if body.rule_book(on) is None:
        url = reverse("members:rules", args=[body.pk])
        yield Chore(what="Écrire ses règles", url=url, where=body.name)
    roll = seats.of(body, on)
    if roll.in_office and roll.to_fill:  # of a body that nobody sits in, a step tells
        told = french.count(roll.to_fill, "siège vacant", "sièges vacants")
        url = f"{body.get_absolute_url()}#a-pourvoir"
        yield Chore(what=f"Pourvoir {told}", url=url, where=body.name)
    sitting = body.mandates.in_office(on).filter(capacity=Mandate.Capacity.TITULAR)
    ending = sitting.filter(end_on__lte=on + SOON)
    left = succession.unfilled(ending)
    if left:
        told = french.count(len(left), "siège dont le mandat finit", _ENDING)
        alone = reverse("members:mandate", args=[left[0].pk])
        where = alone if len(left) == 1 else body.get_absolute_url()
        yield Chore(
            what=f"Pourvoir {told}",
            url=f"{where}#{'suite' if len(left) == 1 else 'finissent'}",
            where=body.name,
            due_on=min(each.end_on for each in left),
        )
