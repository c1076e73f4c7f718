"""What a supervisor and whoever runs the server read of it: the same facts, three ways."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from archive.watching import facts
from members.access import reads

View = Callable[[HttpRequest], HttpResponse]


def _runs_it(view: View) -> View:
    """For superusers alone, who hold no role by it."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return view(request)

    return reads(guarded)


def _watches_it(view: View) -> View:
    """For a supervisor too, who says WATCH_TOKEN."""
    for_people = _runs_it(view)

    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        said = request.headers.get("Authorization", "")
        if not said and request.user.is_authenticated:
            return for_people(request)
        if settings.WATCH_TOKEN and constant_time_compare(said, f"Bearer {settings.WATCH_TOKEN}"):
            return view(request)
        return HttpResponse(
            "Donnez « Authorization: Bearer WATCH_TOKEN » ; ou entrez d’abord, par /connexion/.\n",
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": "Bearer"},
        )

    return guarded


@_runs_it
def watch(request: HttpRequest) -> HttpResponse:
    """How the service is, and what to do."""
    found = facts.all_of_them(at=timezone.now())
    return render(request, "archive/watch.html", {"facts": found, "worst": found[0].state})


@_watches_it
def state(request: HttpRequest) -> HttpResponse:
    """The same, for a program."""
    found = facts.all_of_them(at=timezone.now())
    told = [
        {"nom": each.name, "etat": each.state.label, "dit": each.told}
        | ({} if each.value is None else {"valeur": each.value})
        | ({"remede": each.remedy} if each.state else {})
        for each in found
    ]
    return JsonResponse(
        {"version": settings.VERSION, "etat": found[0].state.label, "faits": told},
        json_dumps_params={"ensure_ascii": False},
    )


@_watches_it
def measures(request: HttpRequest) -> HttpResponse:
    """The same, as Prometheus reads it: each number, and how each fact is (0, 1, 2)."""
    found = facts.all_of_them(at=timezone.now())
    lines = [
        "# TYPE somme_gov_info gauge",
        f'somme_gov_info{{version="{settings.VERSION}"}} 1',
        "# HELP somme_gov_etat 0\u00a0: bon\u00a0; 1\u00a0: à voir\u00a0; 2\u00a0: en défaut",
        "# TYPE somme_gov_etat gauge",
        *(f'somme_gov_etat{{fait="{each.name}"}} {each.state:d}' for each in found),
    ]
    for each in found:
        if each.value is not None:
            lines += [
                f"# HELP somme_gov_{each.name} {each.title}",
                f"# TYPE somme_gov_{each.name} gauge",
                f"somme_gov_{each.name} {each.value:.10g}",
            ]
    return HttpResponse(
        "\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8"
    )
