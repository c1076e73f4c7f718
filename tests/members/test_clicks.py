"""One click is one act, however often it arrives."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from members import clicks
from tests.live.states import a_sitting
from tests.live.threads import at_once

pytestmark = [pytest.mark.database]


def sent_by(token: str) -> dict[str, str]:
    return {clicks.TOKEN: token, clicks.ONCE: "1"}


def page_of(client, address: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(address).text)[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("htmx", "hosts"), [(False, 1), (True, 1), (False, 2)])
def test_five_clicks_at_once_are_one_item_and_a_new_page_another(
    cast, client_of, htmx, hosts, settings
):
    """On one host or, by the cache that they share in the base, on several."""
    if hosts > 1:
        settings.SERVICE_MARK = "plusieurs hôtes"
        told = {"BACKEND": "members.cached.Shared", "LOCATION": "members_cached"}
        settings.CACHES = settings.CACHES | {"default": told}
    meeting, client = a_sitting(cast), client_of(cast.secretariat)
    address = reverse("meetings:agenda", args=[meeting.pk])
    headers = {"HX-Request": "true"} if htmx else {}

    def click(token: str):
        own = Client()
        own.cookies.update(client.cookies)
        data = {"title": "Travaux", "kind": "deliberation", **sent_by(token)}
        return own.post(address, data, headers=headers)

    token = page_of(client, address)
    answers = at_once(click, [token] * 5)
    assert {each.status_code for each in answers} == {200 if htmx else 302}
    assert meeting.items.filter(title="Travaux").count() == 1
    assert len({each.content for each in answers}) == 1
    if not htmx:
        client.cookies.update(click(token).cookies)  # back, and sent again
        assert clicks.ALREADY in client.get(address).text
    assert click(page_of(client, address)).status_code == (200 if htmx else 302)
    assert meeting.items.filter(title="Travaux").count() == 2


@pytest.mark.django_db
def test_what_is_put_back_as_it_was_is_another_act(cast, client_of):
    meeting, client = a_sitting(cast), client_of(cast.secretariat)
    address = reverse("meetings:agenda", args=[meeting.pk])
    token = page_of(client, address)
    for title in ("Un", "Deux", "Un"):
        client.post(address, {"title": title, "kind": "deliberation", **sent_by(token)})
    assert meeting.items.filter(title="Un").count() == 2


@pytest.mark.django_db
def test_what_was_refused_may_be_sent_again(cast, client_of):
    meeting, client = a_sitting(cast), client_of(cast.secretariat)
    address = reverse("meetings:agenda", args=[meeting.pk])
    token = page_of(client, address)
    for _ in range(2):
        assert client.post(address, {"title": "", **sent_by(token)}).status_code == 422


@pytest.mark.django_db
def test_nobody_waits_for_a_stranger_nor_for_ever_for_oneself(cast, client_of, client, monkeypatch):
    """Said before: the field of a form and any cookie, and each request held a thread."""
    monkeypatch.setattr(clicks, "WAIT", 0)
    office = client_of(cast.secretariat)
    address = reverse("meetings:agenda", args=[a_sitting(cast).pk])
    asked = {"title": "Travaux", "kind": "deliberation", **sent_by(page_of(office, address))}
    client.cookies["sessionid"] = "x" * 32
    taken = set()
    monkeypatch.setattr(clicks.fcntl, "flock", lambda *_: taken.add(1) or held_by_another())
    assert client.post(address, asked).status_code == 302 and not taken
    response = office.post(address, asked)
    assert response.status_code == 503 and "<button" not in response.text
    monkeypatch.undo()
    assert office.post(address, asked).status_code == 302


def held_by_another() -> None:
    raise BlockingIOError


def test_a_secret_paper_and_a_password_leave_no_trace(rf, cast):
    for more in ({"choice": "pour"}, {"password": "x"}, {"new_password1": "x"}):
        request = rf.post("/", sent_by("t") | more)
        request.COOKIES["sessionid"], request.user = "s", cast.secretariat
        assert clicks._key(request) == ""
