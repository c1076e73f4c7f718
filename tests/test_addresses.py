"""Every address is asked, in the scene that it shows, by who may not and by who may, with poison,
and once the files of the scene were touched.

One walk: a scene is built once and serves the four, each visit being undone before the next. What
a base could change in it are the poisons alone: on PostgreSQL it gives no more than them.
"""

from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import Session
from members import links
from members.models import User
from tests import doors
from tests.cast import Cast
from tests.conftest import begin_afresh
from tests.test_access import AUDITOR, EVERY_ROLE, EVERYBODY, SCENES, Line, refused, served
from tests.test_poison import poisoned

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.proof,
]


@pytest.fixture
def browsers(cast) -> dict[str, SimpleCookie]:
    """The cookies of everybody who has just signed in."""
    entered = {
        who: doors.by_two_proofs(doors.enter(Client(), getattr(cast, who))).cookies
        for who in EVERYBODY
        if who != "anonymous"
    }
    return entered | {"anonymous": SimpleCookie()}


@pytest.fixture
def weaker(cast) -> dict[tuple[str, str], SimpleCookie]:
    """The cookies of each role in a session that is worth less: ended from another, without the
    second factor, or whose proof has grown old."""
    entered = {
        (state, who): doors.by_two_proofs(doors.enter(Client(), getattr(cast, who)))
        for state in ("ended", "missing", "old")
        for who in (*EVERY_ROLE, AUDITOR)
    }
    for (state, _), client in entered.items():
        if state == "ended":
            key = links.hash_of(client.cookies["sessionid"].value)
            Session.objects.filter(session_key=key).delete()
        elif state == "missing":
            doors.by_one_proof(client)
        else:
            doors.grow_old(client)
    return {which: client.cookies for which, client in entered.items()}


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> None:
    """No file but those of the scene."""
    settings.MEDIA_ROOT = tmp_path / "tests"


@pytest.mark.parametrize(
    "lines", SCENES.values(), ids=lambda lines: f"{lines[0].name} and {len(lines) - 1} more"
)
def test_each_refuses_who_may_not_serves_who_may_and_is_failed_by_no_poison_nor_touched_file(
    cast, browsers, weaker, lines
):
    kwargs = lines[0].kwargs(cast)
    wrong = []
    if connection.vendor == "sqlite":
        wrong += handed_over(lines, kwargs, browsers, cast)
        for line in lines:
            wrong += refused(line, kwargs, browsers, weaker, cast)
            wrong += served(line, kwargs, browsers, cast)
    for line in sorted(lines, key=lambda line: line.method):
        wrong += poisoned(line, kwargs, browsers, cast)
    assert wrong == []


# --- Files that were touched ------------------------------------------------------------------

# What hands over, as it is, a file that is kept: the scenes that show one would else prove nothing.
HANDED = {
    "archive:public_file",
    "meetings:attachment",
    "registry:current",
    "registry:deposit_file",
}


def kept() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}


def asked(line: Line, kwargs: dict, cookies: SimpleCookie, cast: Cast) -> HttpResponseBase:
    begin_afresh()
    with transaction.atomic():
        client = Client(raise_request_exception=False)
        client.cookies.update(cookies)
        response = client.get(reverse(line.name, kwargs=kwargs), line.data(cast))
        transaction.set_rollback(True)
    return response


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response) if response.streaming else response.content


def handed_over(lines: list[Line], kwargs: dict, browsers: dict, cast: Cast) -> list[str]:
    """Which addresses hand over a file that is gone, or is no longer what was kept, or fail: each
    is to say so in words. Every file is put back."""
    files = kept()
    wrong = []
    for line in lines:
        if line.method != "get" or not files:
            continue
        if line.allowed:
            cookies = browsers[next(iter(line.allowed))]
        else:  # where no role may, a superuser
            superuser = User.objects.create_superuser("exploitation@brume.example")
            cookies = doors.enter(Client(), superuser).cookies
        before = body(asked(line, kwargs, cookies, cast))
        for path, content in files.items():
            path.write_bytes(content + b"\n")
        altered = asked(line, kwargs, cookies, cast)
        is_whole = body(altered) == before  # bound again of what it is made of
        for path in files:
            path.unlink()
        gone = asked(line, kwargs, cookies, cast)
        body(gone)
        for path, content in files.items():
            path.write_bytes(content)
        is_kept = before in files.values()
        told = {altered.status_code, gone.status_code}
        is_handed = is_kept and not is_whole and told != {503}
        if is_handed or 500 in told or (line.name in HANDED and not is_kept):
            wrong.append(f"{line.name}, touched: {altered.status_code}, {gone.status_code}")
    return wrong
