"""The pages of what is decided by delegation: the list, and the account that a sitting is given."""

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import proof
from law import french
from law.findings import Refused, Severity, refusal
from law.regime import accounted_by, delegated_by
from meetings import composition
from meetings.access import get_meeting
from meetings.models import Meeting
from meetings.views.shared import say_refusals
from members import access
from members.access import edits, posted, posts
from members.models import Body, Role
from registry.alone import actions as acts
from registry.alone import reading as lone
from registry.alone.forms import DelegationForm, SettleDelegationForm
from registry.delegations import actions, reading
from registry.delegations.forms import KnownForm, RulingForm
from registry.models import Delegation

_LATEST = 100  # of what was told


def _assembly(request: HttpRequest, pk: int) -> Body:
    """An assembly that delegates, for whoever keeps it."""
    body = access.get_body(request, pk, to="keep")
    if body.kind not in reading.ASSEMBLIES:
        raise Http404
    return body


@edits
def delegations(request: HttpRequest, pk: int) -> HttpResponse:
    """What is still to be told, what was, and the decisions of the president, one by one."""
    body, today = _assembly(request, pk), timezone.localdate()
    initial = {"number": reading.next_number(body, on=today), "decided_on": today}
    form = RulingForm(posted(request), body=body, initial=initial)
    if form.is_bound and form.does(lambda: actions.note_ruling(form.instance, by=request.user)):
        messages.success(request, f"Décision {form.instance.number} notée.")
        return redirect("registry:delegations", pk)
    standing = lone.standing_delegations(body, on=today)
    untold = reading.untold(body, on=today)
    context = {
        "body": body,
        "form": form,
        "collegial": reading.collegial(untold),
        "article": accounted_by(composition.of(body, today).regime),
        "delegations": [each for each in standing if _binds(each, today)],
        "coming": [each for each in standing if not _binds(each, today)],
        "over": lone.ended_delegations(body, on=today),
        "untold": untold,
        "missed": reading.held_sittings(body).filter(held_on__gt=untold[0].on).order_by("held_on")
        if untold
        else (),
        "announced": reading.announced(body),
        "told": reading.told(body)[:_LATEST],
        "next": reading.next_sitting(body, on=today),
    }
    status = 422 if form.is_bound else 200
    return render(request, "registry/delegations.html", context, status=status)


def _binds(row: Delegation, on: date) -> bool:
    since = row.as_known.binds_on
    return since is not None and since <= on


@edits
@proof.required("noter cette délégation")
def new_delegation(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a delegation by which somebody decides alone."""
    body, today = _written(request, pk), timezone.localdate()
    regime = composition.of(body, today).regime
    form = DelegationForm(posted(request), body=body, on=today)
    if form.is_bound and form.does(
        lambda: acts.note_delegation(
            form.instance, by=request.user, verified=form.cleaned_data["verified"]
        )
    ):
        messages.success(request, "La délégation est notée.")
        return redirect("registry:delegations", pk)
    context = {
        "body": body,
        "form": form,
        "article": delegated_by(regime),
        "reserved": regime.form in ("epci", "smf"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "registry/delegation_new.html", context, status=status)


@posts
def settle_delegation(request: HttpRequest, pk: int, delegation: int) -> HttpResponse:
    """Since when a delegation binds, or that it is over."""
    body = _written(request, pk)
    row = get_object_or_404(body.delegations.select_related("mandate__person"), pk=delegation)
    form = SettleDelegationForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(errors))
        return redirect("registry:delegations", pk)
    said = form.cleaned_data
    is_knowing = bool(request.POST.get("confirmed"))
    try:
        acts.settle_delegation(row, by=request.user, knowing=is_knowing, **said)
    except Refused as told:
        if any(each.code == "actes_atteints" for each in told.findings):
            met = lone.reached(row, ended_on=said["ended_on"])
            asked = [replace(each, severity=Severity.WARNING) for each in told.findings]
            context = {"body": body, "row": row, "reached": met, "findings": asked}
            return render(request, "registry/delegation_end.html", context | said, status=409)
        say_refusals(request, told.findings)
    else:
        messages.success(request, "C’est noté.")
    return redirect("registry:delegations", pk)


def _written(request: HttpRequest, pk: int) -> Body:
    """The same, for its secretariat alone."""
    body = _assembly(request, pk)
    if not access.has_role(request.user, body.organisation, Role.Kind.SECRETARIAT):
        raise PermissionDenied
    return body


@posts
def drop_ruling(request: HttpRequest, pk: int, ruling: int) -> HttpResponse:
    """A decision entered by mistake is taken out."""
    body = _assembly(request, pk)
    row = get_object_or_404(body.rulings, pk=ruling)
    return _done(
        request,
        pk,
        lambda: actions.drop_ruling(row, by=request.user),
        f"Décision {row.number} retirée.",
    )


@posts
def untell(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """What was said to be known elsewhere is offered again."""
    body = _assembly(request, pk)
    row = get_object_or_404(body.accounted, pk=line)
    return _done(
        request,
        pk,
        lambda: actions.untell(row, by=request.user),
        "La décision est de nouveau à dire.",
    )


def _done(request: HttpRequest, pk: int, act, words: str) -> HttpResponse:
    try:
        act()
    except Refused as told:
        say_refusals(request, told.findings)
    else:
        messages.success(request, words)
    return redirect("registry:delegations", pk)


@edits
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """The account that this sitting would be given; it is put on its agenda in one act."""
    meeting = get_meeting(request, pk, to="write")
    if meeting.body.kind not in reading.ASSEMBLIES:
        raise Http404
    findings = ()
    if request.method == "POST":
        keys = set(request.POST.getlist("decision"))
        if "tout" in request.POST:
            keys = {each.key for each in reading.untold(meeting.body, on=meeting.held_on)}
        try:
            return _given(request, meeting, keys)
        except Refused as told:
            findings = told.findings
    decisions = reading.untold(meeting.body, on=meeting.held_on)
    context = {
        "meeting": meeting,
        "decisions": decisions,
        "article": accounted_by(meeting.regime),
        "findings": findings,
        "telling": reading.telling([meeting]).get(meeting.pk),
        "is_over": meeting.stage not in (Meeting.Stage.PREPARED, Meeting.Stage.OPEN),
    }
    status = 422 if findings else 200
    return render(request, "registry/account.html", context, status=status)


def _given(request: HttpRequest, meeting: Meeting, keys: set[str]) -> HttpResponse:
    now = timezone.now()
    if "ailleurs" in request.POST:
        form = KnownForm(request.POST)
        if not form.is_valid():
            raise refusal(
                "seance_non_dite",
                "Dites à quelle séance l’assemblée l’a su.",
                article=accounted_by(meeting.regime),
                remedy="Donnez le jour de cette séance.",
            )
        told_on = form.cleaned_data["told_on"]
        told = actions.told_elsewhere(meeting, keys=keys, told_on=told_on, by=request.user, at=now)
        count = french.count(len(told), "décision notée", "décisions notées")
        messages.success(
            request, f"{count} comme déjà dites\u00a0: elles ne seront plus proposées."
        )
        return redirect("registry:account", meeting.pk)
    actions.give(meeting, keys=keys, by=request.user, at=now)
    if "convoquer" in request.POST:
        messages.success(request, "Le compte rendu des délégations est à l’ordre du jour.")
        return redirect("convening:prepare", meeting.pk)
    return redirect("meetings:agenda", meeting.pk)
