"""The pages of the console: one screen, its news, one door; done once whatever is sent."""

import html
import json
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from live import refresh, views
from live.models import Poll
from meetings.models import Meeting, SittingEvent

REGIONS = {"header", "roll", "item", "agenda", "ledger", "notes", "bar"}


@pytest.fixture
def secretary(room, client_of):
    return client_of(room.by)


@pytest.fixture
def act(room, secretary):
    """`act("arrive", member=…)` posts it and answers status and JSON."""

    def post(verb: str, key: str = "", **fields: str):
        fields |= {"key": key or str(uuid4()), "verb": verb}
        answer = secretary.post(reverse("live:act", args=[room.meeting.pk]), fields)
        return answer.status_code, answer.json()

    return post


def moment(news: dict) -> dict:
    written = re.search('data-moment="([^"]*)"', news["regions"]["bar"])[1]
    return json.loads(html.unescape(written))


def test_the_page_holds_every_region_and_the_meaning_of_letters(room, secretary):
    page = secretary.get(reverse("live:console", args=[room.meeting.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert set(re.findall(r'data-region="(\w+)"', text)) == REGIONS
    assert f'data-stamp="{Meeting.objects.get().stamp}"' in text
    tables = json.loads(re.search(r'id="tables"[^>]*>(.*?)</script>', text, re.S)[1])
    assert tables["gestures"]["against"]["letter"] == "c"
    assert page["Cache-Control"] == "private, no-store"


def test_the_page_of_a_sitting_leads_to_its_console(room, secretary):
    page = secretary.get(room.meeting.get_absolute_url()).content.decode()
    assert reverse("live:console", args=[room.meeting.pk]) in page
    room.close_meeting()
    page = secretary.get(room.meeting.get_absolute_url()).content.decode()
    assert reverse("live:console", args=[room.meeting.pk]) not in page


def test_an_act_answers_with_the_screen_that_follows(room, act):
    status, news = act("leave", member="elsa-evrard")
    assert (status, news["ok"]) == (200, True)
    assert "EVRARD" in news["message"]
    assert set(news["regions"]) == REGIONS
    assert "elsa-evrard" not in moment(news)["present"]
    assert news["stamp"] == Meeting.objects.get().stamp
    # Her console is told which lines are its own; any other says them.
    assert news["lines"] == [SittingEvent.objects.latest("seq").seq]
    before = SittingEvent.objects.count()
    status, news = act("leave", member="gaelle-garnier")
    assert (status, news["ok"]) == (409, False)
    assert news["findings"][0]["code"] == "depart_d_un_absent"
    assert SittingEvent.objects.count() == before


def test_a_key_tells_whether_its_act_was_done(room, act, secretary):
    key = uuid4()
    done = reverse("live:act_done", args=[room.meeting.pk, key])
    assert secretary.get(done).json() == {"done": False, "reply": None}
    act("leave", str(key), member="elsa-evrard")
    answer = secretary.get(done).json()
    assert answer["done"]
    assert "EVRARD" in answer["reply"]["message"]
    # A refusal leaves no trace: it may be tried again under the same key.
    refused = uuid4()
    act("leave", str(refused), member="elsa-evrard")
    asked = reverse("live:act_done", args=[room.meeting.pk, refused])
    assert not secretary.get(asked).json()["done"]


def test_an_act_without_a_good_key_is_refused_in_french(room, secretary):
    for key in ("", "1", "<script>", "x" * 100_000):
        data = {"key": key, "verb": "resume"}
        answer = secretary.post(reverse("live:act", args=[room.meeting.pk]), data)
        assert answer.status_code == 422
        assert "rien n’a été fait" in answer.json()["message"]


def test_news_is_one_query_when_nothing_changed(room, secretary, client_of, cast):
    address = reverse("live:state", args=[room.meeting.pk])
    first = secretary.get(address)
    assert set(first.json()["regions"]) == REGIONS
    with CaptureQueriesContext(connection) as asked:
        again = secretary.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, len(asked)) == (304, 1)
    for nosy in (cast.delegate, cast.stranger, None):  # a mark opens nothing to another browser
        answer = client_of(nosy).get(address, headers={"If-None-Match": first["ETag"]})
        assert answer.status_code in (302, 403, 404)
    room.leave(member="elsa-evrard")
    changed = secretary.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed.json()["stamp"] > first.json()["stamp"]


def test_what_was_drawn_before_is_drawn_no_more(room, act, secretary):
    """Two consoles of one process read one drawing; a vote draws two regions and one person."""
    act("open_poll", items="p1")
    poll = Poll.objects.get()
    refresh.forget()
    views._drawn.cache_clear()
    views._cell.cache_clear()
    secretary.get(reverse("live:state", args=[room.meeting.pk]))
    drawn = views._cell.cache_info().misses
    act("choose", poll=str(poll.pk), seat="bruno-besson", choice="contre")
    assert views._cell.cache_info().misses == drawn + 1


def test_a_secret_vote_leaves_nothing_on_the_console(tablets, client_of):
    poll = tablets.open_poll(items=["p1"], mode="secret", reason="désignation", on_tablets=True)
    tablets.polled("put_in_urn", poll, voter="bruno-besson", choice="contre")
    page = client_of(tablets.by).get(reverse("live:console", args=[tablets.meeting.pk]))
    roll = page.content.decode().split('data-region="roll"')[1].split("</section>")[0]
    assert "contre" not in roll
    assert "proclaim" in page.content.decode()
    assert "1 réponse sur 6." in page.content.decode()
