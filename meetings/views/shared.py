"""What the pages of a sitting have in common."""

from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone

from law.findings import Finding
from meetings import reading
from meetings.models import AgendaItem


def warn(request: HttpRequest, findings: Iterable[Finding]) -> None:
    """Show what the law warns of."""
    for finding in findings:
        messages.warning(request, str(finding))


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, rather than a person."""
    return "application/json" in request.headers.get("Accept", "")


def say_refusals(request: HttpRequest, findings: Sequence[Finding]) -> None:
    """Show why it was refused."""
    for finding in findings:
        messages.error(request, str(finding))


def rank_asked(request: HttpRequest) -> int:
    """One rank up or down, as the buttons beside a row ask."""
    by_rank = {"up": -1, "down": 1}.get(request.POST.get("move", ""))
    if by_rank is None:
        raise Http404
    return by_rank


def saved(version: object) -> JsonResponse:
    """What an editor that saves as one types is told: the version it now starts from, the hour."""
    return JsonResponse({"version": version, "saved_at": f"{timezone.localtime():%H:%M}"})


def around(item: AgendaItem) -> dict:
    """An item in its place: what comes before it, what comes next, its rank of how many."""
    nodes = list(item.meeting.agenda.nodes)
    index = next(rank for rank, node in enumerate(nodes) if node.item.key == item.key)
    return {
        "meeting": item.meeting,
        "item": item,
        "node": nodes[index],
        "previous": nodes[index - 1] if index else None,
        "next": nodes[index + 1] if index + 1 < len(nodes) else None,
        "rank": index + 1,
        "total": len(nodes),
        "late": reading.late_budgets(item.meeting).get(item.key),
        "may_write": True,
    }
