"""Sessions that their owner sees and ends: Django's own, each row with who, where, since when.

`SessionStore` is Django's, in a table of ours (`SESSION_ENGINE`), which keeps of the cookie its
SHA-256 alone: who reads the table, or a copy of it, enters nowhere. What is listed is written with
the session, by no query of its own.
"""

from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.contrib.auth import SESSION_KEY as ACCOUNT
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from members import links
from members.statements import Statement
from trail import network, recording
from trail.models import Act

SEEN = timedelta(minutes=5)  # "last seen" is written that often, not with every request
_DEVICE, _NETWORK, _ENTERED, _SEEN = "device", "network", "entered_at", "seen_at"


_SESSION = Statement(
    lambda key: SessionStore.get_model_class().objects.filter(session_key=key), key=str
)


class SessionStore(DatabaseStore):
    """Django's sessions kept in `accounts.models.Session`, found by the hash of the cookie. Nobody
    here calls the asynchronous half of it, which does not know of the hash."""

    @classmethod
    def get_model_class(cls):
        return apps.get_model("accounts", "Session")

    def _get_session_from_db(self):
        found = _SESSION.first(key=links.hash_of(self.session_key))
        if found is None or found.expire_date <= timezone.now():
            self._session_key = None
            return None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(links.hash_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        session_key = session_key or self.session_key
        if session_key:
            super().delete(links.hash_of(session_key))

    def create_model_instance(self, data: dict):
        row = super().create_model_instance(data)
        row.session_key = links.hash_of(row.session_key)
        row.account_id = data.get(ACCOUNT)
        row.device = data.get(_DEVICE, "")
        row.network = data.get(_NETWORK)
        for name in (_ENTERED, _SEEN):
            if name in data:
                setattr(row, name, datetime.fromtimestamp(data[name], tz=UTC))
        return row


def note(request: HttpRequest, *, at: datetime | None = None) -> None:
    """Write in the session from where it is used, when it was long ago that one did."""
    session, now = request.session, (at or timezone.now()).timestamp()
    if ACCOUNT not in session or now - session.get(_SEEN, 0) < SEEN.total_seconds():
        return
    session[_DEVICE] = device(request.headers.get("user-agent", ""))
    session[_NETWORK] = network.address_of(request) or None
    session.setdefault(_ENTERED, now)
    session[_SEEN] = now


def of(account) -> QuerySet:
    """The living sessions of this account, the last seen first."""
    return account.sessions.filter(expire_date__gt=timezone.now())


def end_all(account, *, but: SessionBase | None = None) -> int:
    """Sign this account out everywhere, at once; except, if given, in this session."""
    rows = account.sessions.all()
    if but is not None and but.session_key:
        rows = rows.exclude(pk=links.hash_of(but.session_key))
    ended = rows.delete()[0]
    if ended:
        told = "session terminée" if ended == 1 else "sessions terminées"
        recording.note(Act.FACTOR, f"{account.email} : {ended} {told}")
    return ended


_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def device(agent: str) -> str:
    """« Firefox, Windows »: what a person knows her own machine by."""
    found = [
        next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or "appareil inconnu"
