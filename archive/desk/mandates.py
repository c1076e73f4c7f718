"""The mandates after a sitting that changed them: what is to be written, and what writes it."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import proof
from archive.forms import NothingToChangeForm
from law import french
from law.findings import Finding, Refused
from meetings import mandates
from meetings.access import get_meeting
from meetings.mandates import Behind
from meetings.models import Meeting
from members import offices
from members.access import posts, reads


@reads
def behind(request: HttpRequest, pk: int) -> HttpResponse:
    """What the mandates do not say yet of this sitting, and where each is changed."""
    return _page(request, get_meeting(request, pk, to="write"))


def _page(
    request: HttpRequest,
    meeting: Meeting,
    findings: tuple[Finding, ...] = (),
    status: int = 200,
    why: str = "",
) -> HttpResponse:
    found = mandates.of(meeting, on=timezone.localdate())
    context = {
        "meeting": meeting,
        "ends": [(each, _to_end(each)) for each in found if each.is_ended],
        "offices": mandates.offices(found),
        "findings": findings,
        "most": NothingToChangeForm.MOST,
        "why": why,
    }
    return render(request, "archive/mandates.html", context, status=status)


def _to_end(each: Behind) -> str:
    """The page of the mandate, its last day and its reason filled in."""
    ending = each.change.ending
    asked = {"le": each.meeting.held_on.isoformat(), "motif": ending.value if ending else ""}
    return f"{reverse('members:mandate', args=[each.mandate.pk])}?{urlencode(asked)}#suite"


@posts
@proof.required("changer des mandats")
def write_offices(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the offices that this sitting gave, and end those that it ended."""
    meeting = get_meeting(request, pk, to="write")
    found = mandates.of(meeting, on=timezone.localdate())
    given = [
        offices.Given(
            mandate=each.mandate,
            office=each.change.office,
            rank=each.change.rank,
            on=meeting.held_on,
        )
        for each in found
        if not each.is_ended
    ]
    count = french.count(len(given), "mandat mis à jour", "mandats mis à jour")
    return _done(
        request,
        meeting,
        lambda: offices.give(given, by=request.user),
        f"{count}\u00a0: ils comptent depuis le {french.long_date(meeting.held_on)}.",
    )


@posts
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer that there is nothing to change, and why."""
    meeting = get_meeting(request, pk, to="write")
    form = NothingToChangeForm(request.POST)
    if not form.is_valid():
        told = tuple(Finding(code="sans_raison", message=each) for each in form.errors["why"])
        return _page(request, meeting, told, 422, why=request.POST.get("why", ""))
    return _done(
        request,
        meeting,
        lambda: mandates.leave(meeting, why=form.cleaned_data["why"], by=request.user),
        "C’est noté\u00a0: rien n’est plus demandé de ces mandats.",
    )


def _done(
    request: HttpRequest, meeting: Meeting, act: Callable[[], object], words: str
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        return _page(request, meeting, refused.findings, 422)
    messages.success(request, words)
    return redirect("archive:mandates", pk=meeting.pk)
