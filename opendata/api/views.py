"""The API of an organisation for its own software, and the page of its keys."""

import math
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import proof, throttle
from law.findings import Refused
from meetings.views.shared import say_refusals
from members import access, downloads
from members.access import edits, organisation_of, posts, role_required
from members.models import Role
from opendata.api import described, keys, telling
from opendata.models import ApiKey
from opendata.serving import json
from opendata.site import Site
from trail.models import Act
from trail.recording import note

PAGE = 50
_administers = role_required(Role.Kind.ADMINISTRATION)
View = Callable[..., HttpResponse]


class _Error(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def _keyed(view: View) -> View:
    """Answer whoever shows a living key, so often and no more; each fault in words."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = timezone.now()
        try:
            key = _key(request)
            if not keys.may_ask(key, at=at):
                raise _Error(429, "Trop de demandes\u00a0: revenez dans une minute.")
            response = view(request, key, *args, **kwargs)
        except _Error as error:
            response = json({"erreur": error.words}, status=error.status)
            if error.status == 429:
                response["Retry-After"] = "60"
            if error.status == 401:
                response["WWW-Authenticate"] = "Bearer"
        response["Cache-Control"] = "private, no-store"
        return response

    return require_safe(answered)


def _key(request: HttpRequest) -> ApiKey:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    key = keys.find(secret.strip(), at=timezone.now()) if kind.lower() == "bearer" else None
    if key is None:
        if secret and not throttle.take("api", request):
            raise _Error(429, "Trop de clés inconnues\u00a0: revenez plus tard.")
        raise _Error(401, "Il faut une clé de l’organisation (Authorization: Bearer …).")
    return key


def _teller(request: HttpRequest, key: ApiKey) -> telling.Teller:
    return telling.Teller(Site.of(request), key.organisation)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """What may be asked, and what is answered."""
    return json(described.openapi(Site.of(request).root))


@_keyed
def organisation(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Whose key it is."""
    return json(_teller(request, key).organisation_told())


@_keyed
def sittings(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """The sittings, by pages."""
    rows, teller = telling.sittings(key.organisation), _teller(request, key)
    if since := _since(request):
        rows = rows.filter(held_on__gte=since)
    return _listed(request, rows, lambda page: [teller.sitting(each) for each in page])


@_keyed
def sitting(request: HttpRequest, key: ApiKey, pk: int) -> HttpResponse:
    """One sitting."""
    found = telling.sittings(key.organisation).filter(pk=pk).first()
    if found is None:
        raise _Error(404, "Cette séance n’est pas de cette organisation.")
    return json(_teller(request, key).whole_sitting(found))


@_keyed
def acts(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """The acts, by pages."""
    rows = telling.acts(key.organisation)
    if since := _since(request):
        rows = rows.filter(meeting__held_on__gte=since)
    return _listed(request, rows, _teller(request, key).acts)


@_keyed
def act(request: HttpRequest, key: ApiKey, pk: int) -> HttpResponse:
    """One act."""
    found = telling.acts(key.organisation).filter(pk=pk).first()
    if found is None:
        raise _Error(404, "Cet acte n’est pas de cette organisation.")
    (told,) = _teller(request, key).acts([found])
    return json(told)


@_keyed
def file(request: HttpRequest, key: ApiKey, pk: int) -> HttpResponse:
    """The PDF of a paper."""
    document = telling.papers(key.organisation).filter(pk=pk).first()
    if document is None:
        raise _Error(404, "Ce document n’est pas de cette organisation, ou fut remplacé.")
    try:
        content = telling.file_of(document)
    except Refused as refused:
        raise _Error(403, str(refused)) from None
    if content is None:
        words = "Ce document n’est pas en ligne\u00a0: il se prend ici une fois publié."
        raise _Error(403, words)
    note(
        Act.DOWNLOAD,
        f"{document.file_name}, n° {document.pk}, par la clé d’API {key}",
        organisation=key.organisation,
    )
    return downloads.file(content, document.file_name)


def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """What is at no address of the API."""
    return json({"erreur": "Cette adresse n’existe pas\u00a0: voyez openapi.json."}, status=404)


def _listed(
    request: HttpRequest, rows: Any, told: Callable[[Any], list[dict[str, Any]]]
) -> HttpResponse:
    asked = request.GET.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 9 and int(asked) >= 1):
        raise _Error(400, "«\u00a0page\u00a0» est un nombre, à partir de 1.")
    page, total = int(asked), rows.count()
    pages = max(1, math.ceil(total / PAGE))
    if page > pages:
        raise _Error(404, "Cette page est après la dernière.")
    found = rows[(page - 1) * PAGE : page * PAGE]
    return json({"total": total, "page": page, "pages": pages, "donnees": told(found)})


def _since(request: HttpRequest) -> date | None:
    asked = request.GET.get("depuis", "")
    if not asked:
        return None
    try:
        found = date.fromisoformat(asked) if len(asked) == 10 else None
    except ValueError:
        found = None
    if found is None:
        raise _Error(400, "«\u00a0depuis\u00a0» est un jour\u00a0: 2026-06-09.")
    return found


# --- The keys ---------------------------------------------------------------------------------


@never_cache
@edits
@_administers
@proof.required("faire une clé d’API")
def api_keys(request: HttpRequest) -> HttpResponse:
    """The keys of the organisation; a new one is shown here, once."""
    own, made, secret = organisation_of(request), None, ""
    if request.method == "POST":
        try:
            name = request.POST.get("name", "")
            made, secret = keys.make(own, name=name, by=request.user, at=timezone.now())
        except Refused as refused:
            say_refusals(request, refused.findings)
    rows = ApiKey.objects.filter(organisation=own).select_related("made_by", "revoked_by")
    context = {
        "keys": rows,
        "made": made,
        "secret": secret,
        "openapi": Site.of(request).to("opendata:api"),
        "a_minute": keys.A_MINUTE,
    }
    status = 422 if request.method == "POST" and made is None else 200
    return render(request, "opendata/api_keys.html", context, status=status)


@posts
@proof.required("révoquer cette clé d’API")
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key."""
    key = ApiKey.objects.select_related("organisation").filter(pk=pk).first()
    if key is None:
        raise Http404
    access.choose(request, key.organisation)
    if not access.has_role(request.user, key.organisation, Role.Kind.ADMINISTRATION):
        raise PermissionDenied
    keys.revoke(key, by=request.user, at=timezone.now())
    messages.success(request, "Cette clé n’ouvre plus rien.")
    return redirect("opendata:api_keys")
