"""The pages of the guides: for everybody, since they tell of nobody."""

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from guides import reading

MOST_FOUND = 30


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every guide and its chapters; those where some words are."""
    query = request.GET.get("q", "").strip()[:100]
    context = {
        "guides": [reading.guide(name) for name in reading.GUIDES],
        "query": query,
        "found": reading.find(query)[:MOST_FOUND],
        "back": _back(request),
    }
    return render(request, "guides/index.html", context)


@require_safe
def guide(request: HttpRequest, name: str) -> HttpResponse:
    """One guide, whole: a browser finds a word in it, and prints it."""
    if name not in reading.FILES:
        raise Http404
    names = list(reading.GUIDES)
    rank = names.index(name) if name in names else None
    around = {} if rank is None else {"before": names[rank - 1 : rank], "after": names[rank + 1 :]}
    context = {
        "guide": reading.guide(name),
        "back": _back(request),
        **{side: reading.guide(found[0]) for side, found in around.items() if found},
    }
    return render(request, "guides/guide.html", context)


def _back(request: HttpRequest) -> str:
    """The page of ours where one asked for help, "" when it was one of these or another's."""
    came = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(came)
    if not is_ours or not parts.netloc or parts.path.startswith("/aide/"):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
