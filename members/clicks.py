"""One click is one act: what was sent twice from one and the same page is done once.

A form that makes something says so (`once`), and carries a token that is drawn each time its page
is (that of CSRF, masked anew): the same token with the same fields is the same page, sent by an
impatient hand or from the history of the browser. The first is done; the others, at once or later,
get its answer. What is live has its own keys (`live.Press`, the rights of an urn) and leaves no
trace here.
"""

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 the name of a field
ONCE = "once"  # the field of a form that makes something: an arrow may well be pressed twice
KEPT = 60 * 60 * 12  # seconds: as long as a session
LONGEST = 60  # seconds of a request that is not over
WAIT = 10  # seconds for the click before, whose answer this one gets
MOST = 500_000  # bytes of a fragment that is answered again
ALREADY = "Ce formulaire était déjà envoyé\u00a0: il n’a été pris qu’une fois."


def one_click(answer: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Do once what is posted from one page; only what succeeded is remembered."""

    def answered(request: HttpRequest) -> HttpResponse:
        key = _key(request)
        if not key:
            return answer(request)
        with _alone(key) as is_alone:
            if not is_alone:
                page = render_to_string("503.html", {"is_going_on": True})
                return HttpResponse(page, status=503, headers={"Retry-After": str(WAIT)})
            sent, known = _sent(request), cache.get(key)
            if known and known[0] == sent:  # what was changed since then is another act
                return _again(request, *known[1:])
            response = answer(request)
            if response.status_code in (200, 302) and not response.streaming:
                content = response.content if response.status_code == 200 else b""
                if request.headers.get("HX-Request") or response.status_code == 302:
                    told = {k: v for k, v in response.items() if k in ("Location", "Content-Type")}
                    if len(content) <= MOST:
                        cache.set(key, (sent, response.status_code, told, content), KEPT)
        return response

    return answered


def _key(request: HttpRequest) -> str:
    """What stands for a page shown to somebody who is signed in, "" for what this module does not
    look at: a stranger has nobody wait for him."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if request.method != "POST" or not session or not request.user.is_authenticated:
        return ""
    if not {TOKEN, ONCE} <= request.POST.keys():
        return ""
    if "choice" in request.POST or any("password" in name for name in request.POST):
        return ""
    told = "\n".join((session, request.path, request.POST[TOKEN]))
    return f"click:{hashlib.sha256(told.encode(errors='replace')).hexdigest()}"


def _sent(request: HttpRequest) -> str:
    """A fingerprint of all that the page sent, files included."""
    told = hashlib.sha256(repr(sorted(request.POST.lists())).encode(errors="replace"))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            told.update(f"{name} {file.name} {file.size}".encode(errors="replace"))
            for chunk in file.chunks():
                told.update(chunk)
            file.seek(0)
    return told.hexdigest()


def _again(request: HttpRequest, status: int, told: dict, content: bytes) -> HttpResponse:
    if status == 302:
        messages.info(request, ALREADY)
    return HttpResponse(content, status=status, headers=told)


@contextmanager
def _alone(key: str) -> Iterator[bool]:
    """One at a time among those of the same click, in all the processes of the server; `False` when
    the one before lasts too long: who waits holds a thread that others need."""
    if settings.SERVICE_MARK:
        yield from _alone_in_the_base(key)
        return
    folder = Path(settings.DATA_DIR) / "clics"
    folder.mkdir(mode=0o700, exist_ok=True)
    deadline = time.monotonic() + WAIT
    with (folder / key[-3:]).open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    break
                time.sleep(0.05)
            else:
                yield True
                return
        yield False


def _alone_in_the_base(key: str) -> Iterator[bool]:
    """The same among several hosts: a line of the cache that they share. Who is killed leaves it
    for as long as a request may last."""
    deadline = time.monotonic() + WAIT
    while not cache.add(f"{key}:alone", 1, LONGEST):
        if time.monotonic() >= deadline:
            yield False
            return
        time.sleep(0.05)
    try:
        yield True
    finally:
        with suppress(DatabaseError):  # the base is what failed, maybe
            cache.delete(f"{key}:alone")
