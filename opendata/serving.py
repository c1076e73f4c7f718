"""Answers to machines: kept by caches, bounded, and each fault in words.

Nobody is asked who he is, so that nobody may make the server work without end: what is long is
written once into a file that every other request reads, and few are written at the same time.
"""

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db.models import Count, Max, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from archive.models import Publication
from archive.online import publications
from members.models import Body, Community, Mandate, Organisation, Person
from transmission.models import ActSheet

WAIT = 10  # seconds that somebody waits for his turn
_turns = threading.BoundedSemaphore(2)
ERROR = "https://schema.oparl.org/1.1/Error"


class Refusal(Exception):
    """What is asked for makes no sense, or must wait; said in words."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.words, self.status = words, status

    def response(self) -> HttpResponse:
        """The same as an answer."""
        answer = _json({"type": ERROR, "message": self.words}, status=self.status)
        if self.status == 503:
            answer["Retry-After"] = "60"
        return answer


def _json(told: Any, *, status: int = 200, media_type: str = "application/json") -> HttpResponse:
    return JsonResponse(
        told,
        status=status,
        content_type=media_type,
        safe=False,
        json_dumps_params={"ensure_ascii": False},
    )


json = _json


def kept(view: Callable) -> Callable:
    """An answer that a cache may keep as long as it asks whether it still holds, that any page of
    any site may read, and that says in words what it refuses.

    The tag stands for the version of the application, the address, what was published, who sits
    and what the prefecture was told: three queries.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # What is kept here is of a state of things, whatever a stranger adds to the address.
        request.state_of_things = mark = _mark(settings.VERSION, state())  # type: ignore[attr-defined]
        tag = quote_etag(_mark(request.get_host(), request.get_full_path(), mark))
        try:
            response = get_conditional_response(request, etag=tag) or view(request, *args, **kwargs)
        except Refusal as refusal:
            response = refusal.response()
        response["Access-Control-Allow-Origin"] = "*"
        if response.status_code in (200, 304):
            response["ETag"] = tag
            patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        return response

    return require_safe(answered)


def _mark(*said: object) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def state() -> tuple[object, ...]:
    """What changes whenever something here may have changed."""
    sheets = ActSheet.objects.aggregate(
        filed=Count("pk"),
        confirmed=Max("confirmed_at"),
        answered=Max("transmissions__settled_at"),
        # A backup put back counts again from where it was: its hours are others.
        online=Max(Subquery(Publication.objects.order_by("-pk").values("published_at")[:1])),
    )
    return (*publications.state(), *_members(), *sheets.values())


def _members() -> tuple[object, ...]:
    """The last lines of the histories of who sits where: one query."""
    last = {
        f"last_{model._meta.model_name}": Subquery(
            model.history.order_by("-history_id").values("history_id")[:1]  # type: ignore[attr-defined]
        )
        for model in (Organisation, Body, Community, Person, Mandate)
    }
    return tuple(Organisation.objects.order_by("pk").annotate(**last).values_list(*last)[:1])


# --- What is long ---------------------------------------------------------------------------------


def written(name: str, said: object, lines: Callable[[], Iterable[str]]) -> BinaryIO:
    """The file of this name that holds these lines, open, written unless it was already for the
    same state of things (`said`); what it held before goes.

    It is given open: who asks of another state may take it away meanwhile. Raises `Refusal` when
    too many others are being written.
    """
    folder = settings.DATA_DIR / "donnees-ouvertes"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{name}-{_mark(said)}"
    with suppress(FileNotFoundError):
        return path.open("rb")
    with turn():
        if not path.exists():
            _write(path, lines())
        found = path.open("rb")
        for old in folder.glob(f"{name}-*"):
            if old != path:
                old.unlink(missing_ok=True)
        return found


def _write(path: Path, lines: Iterable[str]) -> None:
    """Whole or not at all."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=".", encoding="utf-8", newline="", delete=False
    ) as partial:
        try:
            partial.writelines(lines)
        except BaseException:
            with suppress(OSError):
                os.unlink(partial.name)
            raise
    os.replace(partial.name, path)


@contextmanager
def turn() -> Iterator[None]:
    """One's turn to have something long done. Raises `Refusal` when too many are before."""
    if not _turns.acquire(timeout=WAIT):
        raise Refusal("D’autres demandes sont en cours\u00a0: revenez dans une minute.", 503)
    try:
        yield
    finally:
        _turns.release()
