"""The public pages of one organisation under a name of its own (`PUBLIC_HOSTS`).

Whoever asks there reads what that organisation publishes, and nothing else: neither a door to sign
in, nor the acts of another. Every other address is that of the site (`SITE_URL`), where one is sent
on; the lasting address of each page is there too (`canonical`).
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from archive.online import publications

# What belongs to an organisation whom its address names, or the code of what it published.
_BY_NAME = (
    *("public_organisation", "public_feed", "public_embed", "public_colours", "public_logo"),
    *("public_sittings", "ask_alert"),
)
_DATA = ("page", "scdl", "catalogue", "sitemap")
_BY_CODE = ("public_document", "public_file", "public_annex", "public_copy", "public_proof")
NAMED = frozenset(
    {*(f"archive:{each}" for each in _BY_NAME), *(f"opendata:{each}" for each in _DATA)}
)
CODED = frozenset({*(f"archive:{each}" for each in _BY_CODE), "opendata:akomantoso"})
OF_EACH = frozenset({"archive:robots"})


class OwnHosts:
    """Answers under the names that are those of one organisation, before anybody is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.PUBLIC_HOSTS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        slug = settings.PUBLIC_HOSTS.get(request.get_host().partition(":")[0].lower())
        if slug is None:
            return self.get_response(request)
        if request.path in ("/", reverse("archive:public")):
            return HttpResponseRedirect(reverse("archive:public_organisation", args=[slug]))
        if not is_of(request.path, slug):
            if request.method not in ("GET", "HEAD") or not settings.SITE_URL:
                told = "Cette adresse n’existe pas."
                return HttpResponseNotFound(told, content_type="text/plain; charset=utf-8")
            return HttpResponseRedirect(f"{settings.SITE_URL.rstrip('/')}{request.path}")
        response = self.get_response(request)
        response.cookies.clear()  # a page that says that nothing is there sets one for its door
        response["Link"] = f'<{settings.SITE_URL.rstrip("/")}{request.path}>; rel="canonical"'
        return response


def is_of(path: str, slug: str) -> bool:
    """Whether what this address shows is what this organisation publishes."""
    try:
        match = resolve(path)
    except Resolver404:
        return False
    if match.view_name in NAMED:
        return bool(match.kwargs["slug"] == slug)
    if match.view_name in CODED:
        found = publications.find(match.kwargs["code"])
        return found is not None and found.document.meeting.organisation.slug == slug
    return match.view_name in OF_EACH


def check_hosts(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """A name of its own sends on to the site: there has to be one, under another name."""
    site = settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    if not settings.PUBLIC_HOSTS or (site and site not in settings.PUBLIC_HOSTS):
        return []
    return [
        checks.Error(
            "PUBLIC_HOSTS donne à une organisation un nom à elle, et SITE_URL "
            f"{'est ce nom' if site else 'n’est pas fixé'}.",
            hint="Fixez SITE_URL sur un autre nom\u00a0: on y travaille, et l’adresse durable des "
            "actes y reste.",
            id="archive.E001",
        )
    ]
