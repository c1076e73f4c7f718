"""OParl as it is asked for: the system, its bodies, their lists by pages, and each object."""

import math
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from members.models import Organisation
from opendata import oparl, readings
from opendata.serving import Refusal, json, kept
from opendata.site import Site

PAGE = 50
PAGES = {"meetings": 10}  # a sitting holds its items, and each its file
_BETWEEN = {
    "created_since": "created__gte",
    "created_until": "created__lte",
    "modified_since": "modified__gte",
    "modified_until": "modified__lte",
}


@kept
def system(request: HttpRequest) -> HttpResponse:
    """Where a reader of OParl begins."""
    return json(oparl.system(Site.of(request)))


@kept
def bodies(request: HttpRequest) -> HttpResponse:
    """The organisations of this installation."""
    site = Site.of(request)
    found = Organisation.objects.real().order_by("pk")
    told = [oparl.Writer(site, each).body() for each in found]
    return json(_listed(request, site.to("opendata:oparl_bodies"), told, len(told)))


@kept
def body(request: HttpRequest, slug: str) -> HttpResponse:
    """One organisation."""
    return json(_writer(request, slug).body())


@kept
def listed(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One page of a list, as it was narrowed."""
    writer = _writer(request, slug)
    told = oparl.LISTS.get(name)
    if told is None:
        raise Refusal("Cette liste n’existe pas.", 404)
    page, length = _page(request), min(PAGES.get(name, PAGE), PAGE)
    readings.bring_up_to_date()
    readings.follow(writer.organisation)
    total, objects = told(
        writer,
        oparl.Wanted(
            between=Q(**{_BETWEEN[name]: moment for name, moment in _moments(request).items()}),
            tells_deleted="modified_since" in request.GET,
            part=slice((page - 1) * length, page * length),
        ),
    )
    if page > 1 and not objects:
        raise Refusal("Cette page est après la dernière.", 404)
    return json(_listed(request, writer.list_at(name), objects, total, page, length))


@kept
def one(request: HttpRequest, slug: str, kind: str, key: str) -> HttpResponse:
    """One object; of what was withdrawn, that it was."""
    writer = _writer(request, slug)
    readings.bring_up_to_date()
    readings.follow(writer.organisation)
    found = oparl.find(writer, kind, key)
    if found is None:
        raise Refusal("Cet objet n’existe pas.", 404)
    return json(found)


def _writer(request: HttpRequest, slug: str) -> oparl.Writer:
    organisation = Organisation.objects.real().filter(slug=slug).first()
    if organisation is None:
        raise Refusal("Cette organisation ne publie rien ici.", 404)
    return oparl.Writer(Site.of(request), organisation)


def _page(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 9 and int(asked) >= 1):
        raise Refusal("«\u00a0page\u00a0» est un nombre, à partir de 1.")
    return int(asked)


def _moments(request: HttpRequest) -> dict[str, datetime]:
    """Between which moments, as `modified_since` and the others ask."""
    found = {}
    for name in _BETWEEN:
        if name in request.GET:
            # « + » is a space in an address, unless it was written %2B.
            asked = request.GET[name].strip().replace(" ", "+")
            found[name] = _moment(asked)
            if found[name] is None:
                raise Refusal(
                    f"«\u00a0{name}\u00a0» est une date et une heure, avec son décalage\u00a0: "
                    "2026-06-09T18:00:00+02:00."
                )
    return found  # type: ignore[return-value] # none is `None` any more


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text) if len(text) <= 40 else None
    except ValueError:
        return None
    if moment is None or not 1900 <= moment.year <= 2200:  # further, no time zone is known
        return None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _listed(
    request: HttpRequest,
    at: str,
    objects: list[oparl.Object],
    total: int,
    page: int = 1,
    length: int = PAGE,
) -> dict[str, Any]:
    """A page of a list, with the way to the others, narrowed alike."""
    pages = max(1, math.ceil(total / length))
    narrowed = {name: request.GET[name] for name in _BETWEEN if name in request.GET}

    def to(number: int) -> str:
        query = urlencode(narrowed | ({"page": number} if number > 1 else {}))
        return f"{at}?{query}" if query else at

    links = {"first": to(1), "self": to(page), "last": to(pages)}
    if page > 1:
        links["prev"] = to(page - 1)
    if page < pages:
        links["next"] = to(page + 1)
    return {
        "data": objects,
        "pagination": {
            "totalElements": total,
            "elementsPerPage": length,
            "currentPage": page,
            "totalPages": pages,
        },
        "links": links,
    }
