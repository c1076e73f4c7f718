"""A file that is gone, or is no longer what was kept, is handed over by no address: each says so in
words, and never fails."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from members.models import User
from tests.cast import Cast
from tests.conftest import begin_afresh
from tests.test_access import Line, each_scene

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.proof,
]

# What hands over, as it is, a file that is kept: the scenes that show one would else prove nothing.
HANDED = {
    "archive:public_file",
    "meetings:attachment",
    "registry:current",
    "registry:deposit_file",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> None:
    """No file but those of the scene."""
    settings.MEDIA_ROOT = tmp_path / "tests"


def kept() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}


def asked(line: Line, kwargs: dict, cookies, cast: Cast) -> HttpResponseBase:
    begin_afresh()
    with transaction.atomic():
        client = Client(raise_request_exception=False)
        client.cookies.update(cookies)
        response = client.get(reverse(line.name, kwargs=kwargs), line.data(cast))
        transaction.set_rollback(True)
    return response


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response) if response.streaming else response.content


@each_scene
def test_no_address_hands_over_a_file_that_was_touched(cast, client_of, lines):
    kwargs = lines[0].kwargs(cast)
    files = kept()
    superuser = User.objects.create_superuser("exploitation@brume.example")
    wrong = []
    for line in lines:
        if line.method != "get" or not files:
            continue
        # Where no role may, a superuser.
        whoever = getattr(cast, next(iter(line.allowed))) if line.allowed else superuser
        cookies = client_of(whoever).cookies
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
            wrong.append(f"{line.name}: {altered.status_code}, {gone.status_code}")
    assert wrong == []
