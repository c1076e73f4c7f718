"""The page of the tour, and its buttons."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from demo import tour
from law.findings import Refused
from live import reading
from members.access import role_required
from members.models import Role

_secretary = role_required(Role.Kind.SECRETARIAT)


@require_safe
@_secretary
def page(request: HttpRequest) -> HttpResponse:
    """Where the tour stands, or what it is."""
    return render(request, "demo/tour.html", {"tour": tour.of(request.user)})


@require_safe
@_secretary
def step(request: HttpRequest) -> HttpResponse:
    """The step to take, when it is no more the one that the page shows."""
    found = tour.of(request.user)
    if found is None or str(found.rank) == request.GET.get("rang"):
        return HttpResponse(status=204)
    return render(request, "demo/_step.html", {"tour": found})


@require_POST
@_secretary
def start(request: HttpRequest) -> HttpResponse:
    """Begin, or go on."""
    tour.start(by=request.user, at=reading.wall_clock())
    return redirect("demo:tour")


@require_POST
@_secretary
def day(request: HttpRequest) -> HttpResponse:
    """The day of the sitting comes."""
    found = tour.of(request.user)
    if found is None:
        return redirect("demo:tour")
    try:
        tour.bring_the_day(found, by=request.user, at=timezone.localtime())
    except Refused as refusal:
        context = {"tour": found, "findings": refusal.findings}
        return render(request, "demo/tour.html", context, status=409)
    return redirect("demo:tour")


@require_POST
@_secretary
def leave(request: HttpRequest) -> HttpResponse:
    """Remove it all."""
    tour.leave(by=request.user)
    return redirect("guides:index")
