"""The pages of alerts: leaving an address, and what its link opens. No account, no cookie."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import letters, throttle
from archive.desk.views import unsubscribes
from archive.forms import AlertForm, ChoicesForm
from archive.models import Alert
from archive.online import alerts
from archive.online.pages import organisation_named
from members import links
from members.access import posted
from trail import network


def _page(request: HttpRequest, template: str, *, status: int = 200, **told) -> HttpResponse:
    page = HttpResponse(render_to_string(template, {"request": request, **told}), status=status)
    return links.discreet(page)


# Whoever has another site send this form has a question mailed, as by sending it himself.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave an address: the answer is the same whatever becomes of it."""
    organisation = organisation_named(slug)
    given = posted(request)
    form = AlertForm(given, organisation=organisation)
    if given is None or not form.is_valid():
        status = 422 if form.is_bound else 200
        template = "archive/alert_ask.html"
        return _page(request, template, status=status, organisation=organisation, form=form)
    email = form.cleaned_data["email"]
    at = timezone.now()
    # Nobody says who he is: what one customer asks of addresses he may not read is bounded.
    where = network.neighbourhood(network.address_of(request), bits=48)
    if throttle.paced("alerte", where, most=alerts.AN_HOUR, at=at, span=timedelta(hours=1)):
        alerts.ask(
            organisation,
            email,
            bodies=form.cleaned_data["instances"],
            matters=form.cleaned_data["matieres"],
            site=letters.site_of(request),
            at=at,
        )
    told = {"email": email, "is_kept": letters.is_kept()}
    return _page(request, "archive/alert_asked.html", organisation=organisation, **told)


@links.kept_in(Alert)
@unsubscribes
@require_http_methods(["GET", "HEAD", "POST"])
def alert(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm, change or erase: nothing is done by opening the page, which machines do too."""
    found = alerts.find(token)
    if found is None:
        return _page(request, "archive/alert_gone.html", status=404)
    organisation = found.organisation
    form = ChoicesForm(
        request.POST if "choisir" in request.POST or "confirmer" in request.POST else None,
        organisation=organisation,
        initial={"instances": found.bodies.all(), "matieres": found.matters},
    )
    is_changed = form.is_bound and form.is_valid()
    if is_changed:
        chosen = form.cleaned_data
        alerts.choose(found, bodies=chosen["instances"], matters=chosen["matieres"])
        alerts.confirm(found, at=timezone.now())
        found.refresh_from_db()
    elif request.method == "POST" and not form.is_bound:
        alerts.end(found)
        return _page(request, "archive/alert_gone.html", organisation=organisation, is_done=True)
    return _page(
        request,
        "archive/alert.html",
        status=422 if form.errors else 200,
        organisation=organisation,
        alert=found,
        form=form,
        is_changed=is_changed,
    )
