"""Where whoever carries the mails tells what came back (`BOUNCES_TOKEN`)."""

import base64
import binascii

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from convening import bounces
from members import serving

_READ = {"message/rfc822": bounces.read, "application/json": bounces.read_events}
_LATER = {"Retry-After": "60"}


@csrf_exempt
@require_POST
def told(request: HttpRequest) -> HttpResponse:
    """Note what came back, told as a report of delivery or as events. Nothing of a base that
    another machine serves, nor of a mail still in hand: it is to be told again."""
    if not settings.BOUNCES_TOKEN:
        raise Http404
    if not constant_time_compare(_secret(request), settings.BOUNCES_TOKEN):
        return _answer("Donnez «\u00a0Authorization: Bearer BOUNCES_TOKEN\u00a0».", 401)
    read = _READ.get(request.content_type)
    if read is None:
        return _answer(f"Se lit ici\u00a0: {' ou '.join(_READ)}.", 415)
    if serving.is_held():
        return _answer("Cette base est servie ailleurs.", 503)
    try:
        found = read(request.read(bounces.MOST))
    except ValueError:
        return _answer("Ce n’est pas du JSON, ou il est trop long.", 400)
    noted = [
        bounces.is_noted(each, at=timezone.now()) for each in found
    ]  # each, whatever the first
    if not all(noted):
        return _answer("Un de ces courriels est encore en main\u00a0: redites-le.", 503)
    return _answer(str(len(noted)), 200)


def _answer(words: str, status: int) -> HttpResponse:
    headers = {503: _LATER, 401: {"WWW-Authenticate": "Bearer"}}.get(status, {})
    kind = "text/plain; charset=utf-8"
    return HttpResponse(f"{words}\n", status=status, content_type=kind, headers=headers)


def _secret(request: HttpRequest) -> str:
    """What was said of the secret: by itself or, of who can only write it in the address, as a
    password."""
    kind, _, said = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            return base64.b64decode(said, validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return said if kind.lower() == "bearer" else ""
