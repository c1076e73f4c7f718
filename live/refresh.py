"""Is my screen up to date? One query when it is: the answer every screen gets every second.

Each writing verb makes `Meeting.stamp` grow. A screen sends back the mark (`ETag`) of what it
shows; as long as the mark is that of the stamp, it is answered 304 without a session, a user or
the sitting being read. The mark is an HMAC bound to the sitting and to the viewer: it can be
neither guessed nor lent, so a 304 tells nothing to whoever was not shown the content first.

The public and the screen of the room are dated by what they show instead (`state_of`): the stamp
grows with each paper put in the urn behind closed doors, which they may not count.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.crypto import constant_time_compare, salted_hmac

from live.models import Poll
from live.stream import STAMP, Beat
from meetings.models import Meeting, SittingEvent


def stamp_of(meeting_pk: int) -> int | None:
    """The stamp of a sitting, `None` if there is no such sitting: one query."""
    if meeting_pk > BIGGEST_ID:  # a database has no such number, and says so loudly
        return None
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, [meeting_pk])
        row = cursor.fetchone()
    return row[0] if row else None


def asked_stamp(request: HttpRequest, meeting_pk: int) -> int | None:
    """The stamp to answer for: that which `live.stream` saw when it asks, or that of now."""
    seen = request.META.get(STAMP)
    return stamp_of(meeting_pk) if seen is None else seen


def beats_of(meetings: Collection[int]) -> dict[int, Beat]:
    """How far these sittings are, those that there are: one query. For `live.stream`, on a thread
    of its own: the connection is closed when the database does not answer, to be opened anew."""
    known = [pk for pk in meetings if pk <= BIGGEST_ID]
    if not known:
        return {}
    try:
        with connection.cursor() as cursor:
            cursor.execute(_BEATS % ", ".join(["%s"] * len(known)), known)
            return {pk: Beat(stamp, turn) for pk, stamp, *turn in cursor.fetchall()}
    except DatabaseError:
        connection.close()
        raise


BIGGEST_ID = 2**63 - 1
# The turn of a sitting: its last line, and the vote that is open.
_BEATS = f"""
    SELECT id, stamp,
        (SELECT MAX(seq) FROM {SittingEvent._meta.db_table} WHERE meeting_id = sitting.id),
        (SELECT MAX(id) FROM {Poll._meta.db_table}
            WHERE meeting_id = sitting.id AND ended_at IS NULL)
    FROM {Meeting._meta.db_table} AS sitting WHERE id IN (%s)
"""  # noqa: S608 our own tables
# Asked by each screen each second: building it anew would cost five times its execution.
_STAMP = f"SELECT stamp FROM {Meeting._meta.db_table} WHERE id = %s"  # noqa: S608 our own table


def viewer_of(request: HttpRequest, kind: str) -> str:
    """Who looks, as the browser says it, without loading anything: `kind` and its session.

    For a page opened by a secret link, `kind` holds the token.
    """
    return f"{kind}:{request.COOKIES.get(settings.SESSION_COOKIE_NAME, '')}"


def mark_of(meeting_pk: int, viewer: str, state: int | str) -> str:
    """The ETag of what this viewer sees of the sitting at this stamp, or in this state."""
    content = f"{meeting_pk}|{state}|{viewer}"
    return f'"{salted_hmac("live.refresh", content, algorithm="sha256").hexdigest()}"'


def unchanged(
    request: HttpRequest, meeting_pk: int, *, viewer: str
) -> HttpResponseNotModified | None:
    """304 when the browser already shows this; `None` when the view must answer.

    Called before anything else. The stamp is read before the content, which can thus only be
    newer than its mark: the next refresh then fetches it once more, never misses it.
    """
    stamp = asked_stamp(request, meeting_pk)
    if stamp is None:
        return None
    mark = mark_of(meeting_pk, viewer, stamp)
    request.live_mark = mark
    request.live_stamp = stamp
    return same(request, mark)


def same(request: HttpRequest, mark: str) -> HttpResponseNotModified | None:
    """304 when this mark is of what the browser shows."""
    shown = request.headers.get("If-None-Match", "")
    if not any(_same(given, mark) for given in shown.split(",")[:4]):
        return None
    return _marked(HttpResponseNotModified(), mark)


def _same(given: str, mark: str) -> bool:
    # A proxy that compresses makes a mark weak.
    return constant_time_compare(given.strip().removeprefix("W/"), mark)


def state_of(regions: Mapping[str, str]) -> str:
    """The name of what is shown: it moves with it, and with nothing else; not a number, for a
    later one is not greater."""
    content = json.dumps(regions, sort_keys=True)
    return f"s{salted_hmac('live.state', content, algorithm='sha256').hexdigest()[:32]}"


def told(request: HttpRequest, response: HttpResponse, mark: str) -> HttpResponse:
    """This answer under its mark, or 304 to who already shows it."""
    return same(request, mark) or _marked(response, mark)


def marked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Put on a fetched content the mark that `unchanged` computed before it was read."""
    return _marked(response, request.live_mark)


R = TypeVar("R", bound=HttpResponse)


def _marked(response: R, mark: str) -> R:
    response["ETag"] = mark
    return response


# --- Rendered once for everybody --------------------------------------------------------------

_KEPT = 64
_values: OrderedDict[tuple[str, int], tuple[int, Any]] = OrderedDict()
_building: dict[tuple[str, int], Lock] = {}
_guard = Lock()

T = TypeVar("T")


def cached(kind: str, meeting_pk: int, stamp: int, build: Callable[[], T]) -> T:
    """What `build` makes of the sitting at this stamp, made once by each process.

    `kind` tells apart what is shown to different viewers: what is private to one of them must
    not be kept here under a kind that another shares. `build` must read the sitting afresh.
    """
    key = (kind, meeting_pk)
    with _guard:
        kept = _values.get(key)
        if kept is not None and kept[0] >= stamp:
            _values.move_to_end(key)
            return kept[1]
        lock = _building.setdefault(key, Lock())
    with lock:  # two hundred screens ask at once: one builds, the others wait for it
        with _guard:
            kept = _values.get(key)
        if kept is not None and kept[0] >= stamp:
            return kept[1]
        value = build()
        with _guard:
            _values[key] = (stamp, value)
            _values.move_to_end(key)
            while len(_values) > _KEPT:
                oldest, _ = _values.popitem(last=False)
                _building.pop(oldest, None)
    return value


def kept(kind: str, meeting_pk: int, stamp: int) -> Any | None:
    """What `cached` keeps of the sitting at this stamp, if it was made."""
    with _guard:
        made = _values.get((kind, meeting_pk))
    return made[1] if made is not None and made[0] >= stamp else None


def forget() -> None:
    """Drop everything kept: for tests, where two databases may give the same stamp."""
    with _guard:
        _values.clear()
        _building.clear()
