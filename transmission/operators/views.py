"""The pages of the operators: their settings, a trial of them, and what a person decides of an act
on its way."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import proof
from law.findings import Refused
from meetings.views.shared import say_refusals
from members.access import edits, organisation_of, posted, posts, reads, role_required
from members.models import Organisation, Role
from trail.models import Act
from trail.recording import note
from transmission.access import get_sending
from transmission.connectors.asking import Failed
from transmission.models import Errand, Operator
from transmission.operators import carrying, choosing, clients
from transmission.operators.forms import OperatorForm

_administers = role_required(Role.Kind.ADMINISTRATION)
TRIAL = 20.0  # seconds: somebody waits


def _operator(organisation: Organisation, kind: str) -> Operator:
    """The account of this kind, or one that is not yet there; 404 for a kind that is none."""
    if kind not in Operator.Kind.values:
        raise Http404
    found = organisation.operators.filter(kind=kind).first()
    return found or Operator(organisation=organisation, kind=kind)


@reads
@_administers
def operators(request: HttpRequest) -> HttpResponse:
    """By whom the acts leave, and how each account does."""
    organisation = organisation_of(request)
    rows = [_operator(organisation, kind) for kind in Operator.Kind.values]
    waiting = Errand.objects.filter(operator__organisation=organisation, is_done=False)
    return render(
        request,
        "transmission/operators.html",
        {"operators": rows, "waiting": waiting.count(), "hosts": settings.TRANSMISSION_HOSTS},
    )


@edits
@_administers
@proof.required("changer par qui partent les actes")
def operator(request: HttpRequest, kind: str) -> HttpResponse:
    """The settings of one account."""
    organisation = organisation_of(request)
    row = _operator(organisation, kind)
    data = posted(request)
    form = OperatorForm(data, instance=row, organisation=organisation, kind=kind)
    if form.is_valid():
        row = form.save(commit=False)
        choosing.give(row, by=request.user)
        messages.success(request, f"{row.get_kind_display()} est enregistré. Essayez-le.")
        carrying.DUTY.wake()
        return redirect("transmission:operators")
    status = 422 if form.is_bound else 200
    context = {"form": form, "operator": row}
    return render(request, "transmission/operator.html", context, status=status)


@posts
@_administers
def try_operator(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask the service who we are there, and show what it answers."""
    row = _operator(organisation_of(request), kind)
    if row.pk is None:
        messages.error(request, f"Cette organisation n’a pas de compte {row.get_kind_display()}.")
        return redirect("transmission:operators")
    note(
        Act.TRANSMISSION,
        f"essai de l’opérateur {row.get_kind_display()}",
        by=request.user,
        organisation=row.organisation,
    )
    try:
        said = clients.greeting(row, patience=TRIAL)
    except Failed as failed:
        messages.error(request, f"{row.get_kind_display()}\u00a0: {failed}.")
    else:
        messages.success(request, f"{row.get_kind_display()} répond\u00a0: {said}.")
    return redirect("transmission:operators")


@posts
@proof.required("dire ce qu’il en est de cet envoi")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether what the operator has under our number is our act; or to try again now."""
    sending = get_sending(request, pk)
    errand = getattr(sending, "errand", None)
    if errand is None:
        raise Http404
    at = timezone.now()
    try:
        match request.POST.get("answer", ""):
            case "other":
                choosing.other(errand, by=request.user, at=at)
                messages.success(request, "Cet envoi est arrêté\u00a0: préparez-en un autre.")
            case "again":
                choosing.again(errand, by=request.user, at=at)
                messages.info(request, "L’opérateur est redemandé dans un instant.")
            case remote:
                choosing.same(errand, remote, by=request.user, at=at)
                messages.success(request, "C’est le même acte\u00a0: il est suivi.")
    except Refused as refused:
        say_refusals(request, refused.findings)
    carrying.DUTY.wake()
    return redirect("transmission:act", sending.sheet.deliberation_id)
