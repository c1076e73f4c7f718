"""The phrases of a body: written once, put in order, at hand beside each text."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.models import Phrase

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(client, cast):
    client.force_login(cast.secretariat)
    return client


@pytest.fixture
def three(cast):
    return [
        Phrase.objects.create(body=cast.comite, title=title, text=f"{title}.", position=rank)
        for rank, title in enumerate(("Un", "Deux", "Trois"))
    ]


def titles(cast):
    return list(cast.comite.phrases.values_list("title", flat=True))


def add(client, cast, **typed):
    return client.post(reverse("registry:phrases", args=[cast.comite.pk]), typed)


def test_a_phrase_is_added_at_the_end(secretary, cast, three):
    answer = add(secretary, cast, title="  Passage\tau vote ", text="Il est passé au vote.\r\n")
    assert answer.url == reverse("registry:phrases", args=[cast.comite.pk])
    assert titles(cast) == ["Un", "Deux", "Trois", "Passage au vote"]
    assert Phrase.objects.get(title="Passage au vote").text == "Il est passé au vote."


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        pytest.param({"title": "", "text": "Vu."}, "obligatoire", id="sans titre"),
        pytest.param({"title": "Vu", "text": ""}, "obligatoire", id="sans texte"),
        pytest.param({"title": "Vu", "text": "\u200b"}, "peut pas être vide", id="invisible"),
        pytest.param({"title": "a" * 121, "text": "Vu."}, "120", id="titre trop long"),
        pytest.param({"title": "Vu", "text": "a" * 4001}, "4000", id="texte trop long"),
        pytest.param({"title": "Vu", "text": "a" * 100_000}, "4000", id="100 ko"),
    ],
)
def test_a_phrase_that_says_nothing_or_too_much_is_refused(secretary, cast, typed, told):
    response = add(secretary, cast, **typed)
    assert response.status_code == 422
    assert told in response.content.decode()
    assert titles(cast) == []


def test_a_hostile_phrase_is_words_where_it_is_read_and_where_it_is_inserted(secretary, cast, hold):
    hostile = '"><script>alert(1)</script> 漢字 🏛️'
    add(secretary, cast, title=hostile, text=hostile)
    meeting = hold(date(2026, 6, 9), adopted=("Budget",))
    pages = (
        reverse("registry:phrases", args=[cast.comite.pk]),
        reverse("registry:edit_phrase", args=[cast.comite.pk, Phrase.objects.get().pk]),
        reverse("registry:write", args=[meeting.pk]),
    )
    for url in pages:
        content = secretary.get(url).content.decode()
        assert "<script>alert(1)" not in content
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 漢字 🏛️" in content
    assert 'data-phrase="&quot;&gt;&lt;script&gt;' in content


def test_a_phrase_is_changed(secretary, cast, three):
    url = reverse("registry:edit_phrase", args=[cast.comite.pk, three[1].pk])
    assert "Deux." in secretary.get(url).content.decode()
    secretary.post(url, {"title": "Deuxième", "text": "Après."})
    three[1].refresh_from_db()
    assert (three[1].title, three[1].text, three[1].position) == ("Deuxième", "Après.", 1)
    assert secretary.post(url, {"title": "", "text": ""}).status_code == 422


@pytest.mark.parametrize(
    ("rank", "move", "order"),
    [
        pytest.param(2, "up", ["Un", "Trois", "Deux"], id="monter"),
        pytest.param(0, "down", ["Deux", "Un", "Trois"], id="descendre"),
        pytest.param(0, "up", ["Un", "Deux", "Trois"], id="la première ne monte pas"),
        pytest.param(2, "down", ["Un", "Deux", "Trois"], id="la dernière ne descend pas"),
    ],
)
def test_phrases_are_put_in_order(secretary, cast, three, rank, move, order):
    url = reverse("registry:move_phrase", args=[cast.comite.pk, three[rank].pk])
    assert secretary.post(url, {"move": move}).status_code == 302
    assert titles(cast) == order


def test_nowhere_is_no_way_to_move(secretary, cast, three):
    url = reverse("registry:move_phrase", args=[cast.comite.pk, three[0].pk])
    assert secretary.post(url, {"move": "ailleurs"}).status_code == 404


def test_a_phrase_is_dropped_and_what_it_wrote_stays(secretary, cast, three):
    url = reverse("registry:drop_phrase", args=[cast.comite.pk, three[0].pk])
    secretary.post(url)
    assert titles(cast) == ["Deux", "Trois"]
    assert secretary.post(url).status_code == 404


@pytest.mark.parametrize("name", ["edit_phrase", "move_phrase", "drop_phrase"])
def test_a_phrase_of_another_body_is_not_reached_through_this_one(secretary, cast, three, name):
    url = reverse(f"registry:{name}", args=[cast.bureau.pk, three[0].pk])
    assert secretary.post(url, {"move": "up"}).status_code == 404
    assert len(titles(cast)) == 3


def test_each_body_has_its_own(secretary, cast, hold, three):
    Phrase.objects.create(body=cast.bureau, title="Du Bureau", text="Vu.")
    content = secretary.get(reverse("registry:phrases", args=[cast.comite.pk])).content.decode()
    assert "Trois." in content
    assert "Du Bureau" not in content


def test_a_reader_of_the_body_does_not_keep_its_phrases(client_of, cast, three):
    url = reverse("registry:phrases", args=[cast.comite.pk])
    assert client_of(cast.delegate).get(url).status_code == 403
    assert client_of(cast.other_secretariat).get(url).status_code == 404


def test_the_list_costs_the_same_as_it_grows(secretary, cast, django_assert_num_queries):
    url = reverse("registry:phrases", args=[cast.comite.pk])
    Phrase.objects.create(body=cast.comite, title="Une", text="Vu.")
    with CaptureQueriesContext(connection) as few:
        secretary.get(url)
    for rank in range(9):
        Phrase.objects.create(body=cast.comite, title=f"Phrase {rank}", text="Vu.")
    with django_assert_num_queries(len(few)):
        secretary.get(url)
