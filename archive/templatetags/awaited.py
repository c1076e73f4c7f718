"""What awaits whoever reads a page of a room below."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

from django import template
from django.http import HttpRequest
from django.utils import timezone

from archive.desk import chores, mine, piles, waiting
from archive.desk.calls import Recall
from archive.keeping import journal
from archive.online import standing
from law.findings import Finding
from meetings.models import Meeting
from members.access import CLERKS, bodies_read_by, has_role, organisation_of
from members.models import Role
from registry.models import Delegation

register = template.Library()

TASKS = 6  # of the secretariat, on the first page: the most urgent


@register.inclusion_tag("archive/_mine.html", takes_context=True)
def awaits_me(context: template.Context) -> dict[str, object]:
    """What she has to sign and to do, above her sittings, which ask by themselves whether she
    comes."""
    request, now = context["request"], timezone.now()
    found = mine.of(request.user, organisation_of(request), at=now)
    calls = tuple(each for each in found.calls if not each.is_answer)
    return {"mine": replace(found, calls=calls), "today": timezone.localdate(now)}


@register.simple_tag(takes_context=True)
def signs_here(context: template.Context, meeting: Meeting) -> mine.Awaited | None:
    """What whoever reads has to sign of this sitting, once it was held."""
    request = context["request"]
    if not meeting.was_opened:
        return None
    organisation = organisation_of(request)
    return mine.signing_of(request.user, organisation, meeting, at=timezone.now())


@register.inclusion_tag("archive/_first_tasks.html", takes_context=True)
def first_things(context: template.Context) -> dict[str, object]:
    """What awaits the account; of the administration, what is hers; of an auditor, his week; of a
    clerk, what « À faire » begins with, in its very words."""
    request, now = context["request"], timezone.now()
    organisation, today = organisation_of(request), timezone.localdate(now)
    found = _piles(request)
    is_hers = has_role(request.user, organisation, Role.Kind.ADMINISTRATION)
    audits = has_role(request.user, organisation, Role.Kind.AUDIT)
    return {
        "mine": mine.of(request.user, organisation, at=now),
        "is_hers": is_hers,
        "chores": chores.of(organisation, by=request.user, on=today) if is_hers else (),
        "week": journal.week(request.user, organisation, on=today) if audits else None,
        "piles": found,
        "sittings": found.first(TASKS),
        "roles": context["roles"],
        "today": today,
    }


def _piles(request: HttpRequest) -> piles.Piles:
    """Both piles of a clerk, sorted once for a page; none for anybody else."""
    if not hasattr(request, "piles"):
        organisation, today = organisation_of(request), timezone.localdate()
        request.piles = piles.Piles()
        if has_role(request.user, organisation, *CLERKS):
            bodies = bodies_read_by(request.user, organisation)
            request.piles = piles.sort(waiting.tasks(bodies, on=today), on=today)
    return request.piles


@register.simple_tag(takes_context=True)
def left_of_each(context: template.Context) -> Mapping[int, piles.Left] | None:
    """By sitting, what it still waits for, in a few words; `None` for who does not keep them."""
    request = context["request"]
    if not has_role(request.user, organisation_of(request), *CLERKS):
        return None
    return _piles(request).left


@register.filter
def of_sitting(left: Mapping[int, piles.Left] | None, meeting: Meeting) -> piles.Left | None:
    """What this one waits for; `None` of one that waits for nothing."""
    return left.get(meeting.pk) if left else None


@register.simple_tag
def contradictions(*lists: Iterable[Delegation]) -> Mapping[int, Finding]:
    """By delegation, that it is said to bind sooner than the deliberation that gives it did."""
    return standing.contradictions(chain.from_iterable(lists))


@register.filter
def of_delegation(found: Mapping[int, Finding], row: Delegation) -> Finding | None:
    """What is said of this one."""
    return found.get(row.pk)


@register.filter
def of_person(recalls: Mapping[int, Recall], person: int | None) -> Recall | None:
    """Whether and since when a mail reminds this person; `None` of whom no mail reaches."""
    return recalls.get(person) if person else None
