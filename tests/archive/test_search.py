"""Finding what was decided, accents or not, plurals or not, by number; only what one may read."""

from datetime import date

import pytest
from django.urls import reverse

from archive.desk import search
from archive.models import Entry
from documents import actions as documents
from meetings.actions import texts
from members.models import Body
from registry.acts import actions
from tests.costs import queries
from tests.held import AT
from tests.words import unsaid

pytestmark = [pytest.mark.django_db, pytest.mark.database]

JUNE = date(2026, 6, 9)


@pytest.fixture
def june(cast, hold):
    """Minutes of June, issued and numbered: three items."""
    meeting = hold(JUNE, adopted=(ARCHIVING, ELECTION, "Budget"))
    actions.number(meeting, by=cast.secretariat, at=AT)
    documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    search.refresh()
    return meeting


def titles(query, **values):
    values.setdefault("bodies", Body.objects.all())
    return [entry.title for entry in search.find(query, **values)]


ARCHIVING, ELECTION = "Tarifs de l’archivage numérique", "Élection d’un délégué"
FOUND = {
    "un mot": ("archivage", [ARCHIVING]),
    "sans accent": ("ARCHIVAGE numerique", [ARCHIVING]),
    "au singulier": ("tarif", [ARCHIVING]),
    "au pluriel": ("elections", [ELECTION]),
    "le début d’un mot": ("arch", [ARCHIVING]),
    "tous les mots doivent y être": ("tarifs budget", []),
    "le numéro imprimé": ("2026-06-09/03", ["Budget"]),
    "le numéro de @CTES": ("2026_06_09_02", [ELECTION]),
    "dans le texte": ("comité débat tarif", [ARCHIVING]),
    "rien": ("piscine", []),
    "des mots qui ne disent rien": ("le de la", []),
    "une injection": ("'; DROP TABLE --", []),
    "la syntaxe de FTS5 n’est que des mots": ('budget" OR "a', []),
    "la syntaxe de PostgreSQL n’est que des mots": ("bud:*get & !x", []),
    "d’autres écritures": ("漢字 🗳️", []),
}


def test_what_is_found_and_in_which_words(june):
    assert {name: titles(query) for name, (query, _) in FOUND.items()} == {
        name: found for name, (_, found) in FOUND.items()
    }
    assert len(titles("")) == 3
    assert len(titles("", year=2026, body=june.body)) == 3
    assert titles("", year=2025) == []
    entry = Entry.objects.get(title="Budget")
    pieces = search.extract(entry.text, "débats")
    assert [piece.text for piece in pieces if piece.is_found] == ["débat"]
    assert "".join(piece.text for piece in pieces).startswith("Le Comité en débat")


def test_only_the_version_in_force_is_found(june, cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        assert search.refresh() == 0  # without news, it costs little
    item, text = june.items.get(title="Budget"), "<p>On parle de la piscine.</p>"
    texts.save_text(item, text=text, version=item.text_version, by=cast.secretariat)
    june.forget()
    documents.issue_minutes(june, by=cast.secretariat, at=AT, reason="Un oubli")
    search.refresh()
    assert titles("piscine") == ["Budget"]
    assert Entry.objects.count() == 3


def test_each_finds_what_his_bodies_decided_and_hostile_queries_get_a_page(june, client_of, cast):
    delegate, url = client_of(cast.delegate), reverse("archive:search")
    page = delegate.get(url, {"q": "archivage"}).content.decode()
    assert unsaid(page, "Tarifs de l’<mark>archivage</mark> numérique", "2026-06-09/01") == []
    elsewhere = client_of(cast.other_delegate).get(url, {"q": "archivage"})
    assert "Tarifs" not in elsewhere.content.decode()
    for values in (
        {"q": "<script>alert(1)</script>"},
        {"q": "é" * 100_000},
        {"q": "a", "annee": "mille"},
        {"q": "a", "instance": "-1"},
        {"q": "budget", "page": "zéro"},
    ):
        response = delegate.get(url, values)
        assert response.status_code == 200, values
        assert "<script>alert" not in response.content.decode()


@pytest.mark.proof
def test_the_page_costs_the_same_as_the_archive_grows(cast, hold, client):
    client.force_login(cast.delegate)
    url = reverse("archive:search")
    for month in range(4):
        meeting = hold(date(2026, 6 + month, 9), adopted=("Budget", "Tarifs"), approves=False)
        documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
        search.refresh()
        if month in (0, 3):
            assert queries(lambda: client.get(url, {"q": "budget"})) <= 16
