"""What is coming and what was held."""

from datetime import time

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from meetings import access
from meetings.forms import MeetingFilter
from meetings.models import Meeting
from members.access import bodies_read_by, has_role, organisation_of, role_required, roles_of
from members.models import Role

PAGE_SIZE = 25


@role_required(*Role.Kind.values)
def home(request: HttpRequest) -> HttpResponse:
    """What is coming, what was held, and what awaits whoever looks; whoever is a delegate and
    nothing else has it all at his desk."""
    organisation = organisation_of(request)
    if roles_of(request.user, organisation) == {Role.Kind.DELEGATE}:
        return redirect("convening:desk")
    today = timezone.localdate()
    meetings = access.meetings_read_by(request)
    return render(
        request,
        "meetings/home.html",
        {
            "upcoming": meetings.upcoming(today).order_by("held_on", "starts_at")[:6],
            "recent": meetings.exclude(pk__in=meetings.upcoming(today))[:3],
            "today": today,
            "may_write": has_role(request.user, organisation, Role.Kind.SECRETARIAT),
        },
    )


@role_required(*Role.Kind.values)
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Every sitting one may read, filtered by body, year and stage."""
    organisation = organisation_of(request)
    meetings = access.meetings_read_by(request)
    years = [day.year for day in meetings.dates("held_on", "year", order="DESC")]
    bodies = bodies_read_by(request.user, organisation).sitting()
    form = MeetingFilter(request.GET or None, bodies=bodies, years=years)
    page = Paginator(form.apply(meetings) if form.is_bound else meetings, PAGE_SIZE)
    shown = page.get_page(request.GET.get("page"))
    today = timezone.localdate()
    over = (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)
    coming = [each for each in shown if each.held_on >= today and each.stage not in over]
    return render(
        request,
        "meetings/list.html",
        {
            "form": form,
            "page_obj": shown,
            "coming": sorted(coming, key=lambda each: (each.held_on, each.starts_at or time.min)),
            "held": [each for each in shown if each not in coming],
            "today": today,
            "may_write": has_role(request.user, organisation, Role.Kind.SECRETARIAT),
        },
    )
