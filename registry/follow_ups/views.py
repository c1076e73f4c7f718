"""The pages of what is to be carried out: of a body, of an item, of one follow-up."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from law.findings import Refused
from meetings.access import get_item, get_meeting
from meetings.views.shared import say_refusals
from members import access
from members.access import edits, posted, posts, reads
from members.models import Role
from registry.access import get_follow_up, get_register
from registry.follow_ups import actions, reading
from registry.follow_ups.forms import FollowUpForm, SettleForm
from registry.models import FollowUp

_LATEST = 100  # of those that are settled


def _rows(found: list[FollowUp], on: date) -> list[tuple[FollowUp, reading.Told]]:
    return [(each, reading.state_of(each, on=on)) for each in found]


@reads
def of_body(request: HttpRequest, pk: int) -> HttpResponse:
    """What awaits, the late first, and what was settled: for whoever reads the sittings, of those
    that he may read."""
    body, today = get_register(request, pk), timezone.localdate()
    found = reading.read_by(request.user, body.organisation).filter(item__meeting__body=body)
    context = {
        "body": body,
        "pending": _rows(list(found.pending()), today),
        "settled": _rows(list(found.exclude(outcome="").order_by("-settled_on")[:_LATEST]), today),
        "may_write": access.has_role(request.user, body.organisation, Role.Kind.SECRETARIAT),
    }
    return render(request, "registry/follow_ups.html", context)


@edits
def of_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """What is to be carried out of one item, and the form that notes one more."""
    item = get_item(request, pk, key, to="write")
    made = FollowUp(item=item)
    form = FollowUpForm(posted(request), instance=made)
    if form.is_bound and form.does(lambda: actions.note(form.instance, by=request.user)):
        messages.success(request, "La suite est notée.")
        return redirect("registry:item_follow_ups", pk, key)
    found = list(item.follow_ups.select_related("item__meeting").order_by("pk"))
    context = {
        "meeting": item.meeting,
        "item": item,
        "form": form,
        "rows": _rows(found, timezone.localdate()),
    }
    status = 422 if form.is_bound else 200
    return render(request, "registry/item_follow_ups.html", context, status=status)


@edits
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: corrected, and said to be done or given up."""
    row = get_follow_up(request, pk)
    form = FollowUpForm(posted(request), instance=row)
    if form.is_bound and form.does(lambda: actions.note(form.instance, by=request.user)):
        messages.success(request, "La suite est corrigée.")
        return redirect("registry:follow_up", pk)
    return _page(request, row, form=form, status=422 if form.is_bound else 200)


def _page(
    request: HttpRequest,
    row: FollowUp,
    *,
    form: FollowUpForm | None = None,
    settling: SettleForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "row": row,
        "body": row.item.meeting.body,
        "state": reading.state_of(FollowUp.objects.get(pk=row.pk), on=today),
        "form": form or FollowUpForm(instance=row),
        "settling": settling or SettleForm(initial={"settled_on": today, "outcome": "fait"}),
    }
    return render(request, "registry/follow_up.html", context, status=status)


@posts
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of it."""
    row, form = get_follow_up(request, pk), SettleForm(request.POST)

    def settled() -> None:
        told = form.cleaned_data
        actions.settle(
            row,
            outcome=told["outcome"],
            on=told["settled_on"],
            reason=told["reason"],
            by=request.user,
        )

    if form.does(settled):
        messages.success(request, "C’est dit.")
        return redirect("registry:follow_ups", row.item.meeting.body_id)
    return _page(request, row, settling=form, status=422)


@posts
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """It is to be done after all."""
    row = get_follow_up(request, pk)
    actions.reopen(row, by=request.user)
    messages.success(request, "La suite est de nouveau à faire.")
    return redirect("registry:follow_up", pk)


@posts
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """What was noted by mistake is taken out."""
    row = get_follow_up(request, pk)
    body = row.item.meeting.body_id
    actions.drop(row, by=request.user)
    messages.success(request, "La suite est retirée.")
    return redirect("registry:follow_ups", body)


@posts
def put_on_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Have this sitting told of what came of the decisions before it."""
    meeting = get_meeting(request, pk, to="write")
    try:
        actions.put_on_agenda(meeting, by=request.user, on=timezone.localdate())
    except Refused as refusal:
        say_refusals(request, refusal.findings)
    return redirect("meetings:agenda", pk)
