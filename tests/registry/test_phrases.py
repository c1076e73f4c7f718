"""The phrases of a body: written once, put in order, at hand beside each text."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import journal
from registry.models import Phrase
from tests.held import JUNE
from tests.registry.conftest import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(cast):
    return [
        Phrase.objects.create(body=cast.comite, title=title, text=f"{title}.", position=rank)
        for rank, title in enumerate(("Un", "Deux", "Trois"))
    ]


def titles(cast):
    return list(cast.comite.phrases.values_list("title", flat=True))


def address(cast, name="phrases", *phrase):
    return reverse(f"registry:{name}", args=[cast.comite.pk, *(each.pk for each in phrase)])


def test_a_phrase_is_added_at_the_end_changed_and_dropped_and_the_journal_says_by_whom(
    secretary, cast, three
):
    typed = {"title": "  Passage\tau vote ", "text": "Il est passé au vote.\r\n"}
    assert secretary.post(address(cast), typed).url == address(cast)
    added = Phrase.objects.get(title="Passage au vote")
    assert (added.text, added.position) == ("Il est passé au vote.", 3)
    url = address(cast, "edit_phrase", three[1])
    assert "Deux." in secretary.get(url).content.decode()
    secretary.post(url, {"title": "Deuxième", "text": "Après."})
    three[1].refresh_from_db()
    assert (three[1].title, three[1].text, three[1].position) == ("Deuxième", "Après.", 1)
    assert secretary.post(url, {"title": "", "text": ""}).status_code == 422
    url = address(cast, "drop_phrase", three[0])
    assert [secretary.post(url).status_code for _ in range(2)] == [302, 404]
    assert titles(cast) == ["Deuxième", "Trois", "Passage au vote"]
    assert [(deed.words, deed.by) for deed in journal.of_body(cast.comite)] == [
        ("Phrase «\u00a0Un\u00a0» retirée", cast.secretariat),
        ("Phrase «\u00a0Deuxième\u00a0» changée", cast.secretariat),
        ("Phrase «\u00a0Passage au vote\u00a0» ajoutée", cast.secretariat),
    ]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        pytest.param({"title": "", "text": "Vu."}, "obligatoire", id="sans titre"),
        pytest.param({"title": "Vu", "text": ""}, "obligatoire", id="sans texte"),
        pytest.param({"title": "Vu", "text": "\u200b"}, "peut pas être vide", id="invisible"),
        pytest.param({"title": "a" * 121, "text": "Vu."}, "120", id="titre trop long"),
        pytest.param({"title": "Vu", "text": "a" * 100_000}, "4000", id="100 ko"),
    ],
)
def test_a_phrase_that_says_nothing_or_too_much_is_refused(secretary, cast, typed, told):
    refused(secretary.post(address(cast), typed), told)
    assert titles(cast) == []


def test_a_hostile_phrase_is_words_where_it_is_read_and_where_it_is_inserted(secretary, cast, hold):
    hostile = '"><script>alert(1)</script> 漢字 🏛️'
    secretary.post(address(cast), {"title": hostile, "text": hostile})
    meeting = hold(JUNE, adopted=("Budget",))
    write = reverse("registry:write", args=[meeting.pk])
    for url in (address(cast), address(cast, "edit_phrase", Phrase.objects.get()), write):
        content = secretary.get(url).content.decode()
        assert "<script>alert(1)" not in content
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 漢字 🏛️" in content
    assert 'data-phrase="&quot;&gt;&lt;script&gt;' in content


def test_phrases_are_put_in_order(secretary, cast, three):
    un, _, trois = three
    for phrase, move, order in (
        (un, "up", "Un Deux Trois"),  # the first goes no higher
        (trois, "down", "Un Deux Trois"),  # nor the last lower
        (trois, "up", "Un Trois Deux"),
        (un, "down", "Trois Un Deux"),
    ):
        assert secretary.post(address(cast, "move_phrase", phrase), {"move": move}).url
        assert titles(cast) == order.split()
    nowhere = secretary.post(address(cast, "move_phrase", un), {"move": "ailleurs"})
    assert nowhere.status_code == 404


def test_each_body_has_its_own(secretary, cast, three):
    Phrase.objects.create(body=cast.bureau, title="Du Bureau", text="Vu.")
    content = secretary.get(address(cast)).content.decode()
    assert "Trois." in content
    assert "Du Bureau" not in content
    for name in ("edit_phrase", "move_phrase", "drop_phrase"):
        url = reverse(f"registry:{name}", args=[cast.bureau.pk, three[0].pk])
        assert secretary.post(url, {"move": "up"}).status_code == 404
    assert len(titles(cast)) == 3


def test_the_list_costs_the_same_as_it_grows(secretary, cast, three, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        secretary.get(address(cast))
    for rank in range(9):
        Phrase.objects.create(body=cast.comite, title=f"Phrase {rank}", text="Vu.")
    with django_assert_num_queries(len(few)):
        secretary.get(address(cast))
