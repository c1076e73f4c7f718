"""Finding what was decided, accents or not, plurals or not, by number; only what one may read."""

from datetime import date

import pytest
from django.urls import reverse

from archive import fulltext
from archive.desk import search
from archive.models import Entry
from documents import actions as documents
from meetings.actions import texts
from members.models import Body
from registry.acts import actions
from tests.held import AT

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)


@pytest.fixture
def june(cast, hold):
    """Minutes of June, issued and numbered: three items."""
    meeting = hold(
        JUNE, adopted=("Tarifs de l’archivage numérique", "Élection d’un délégué", "Budget")
    )
    actions.number(meeting, by=cast.secretariat, at=AT)
    documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    search.refresh()
    return meeting


def titles(query, **values):
    values.setdefault("bodies", Body.objects.all())
    return [entry.title for entry in search.find(query, **values)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("archivage", ["Tarifs de l’archivage numérique"], id="un mot"),
        pytest.param("ARCHIVAGE numerique", ["Tarifs de l’archivage numérique"], id="sans accent"),
        pytest.param("tarif", ["Tarifs de l’archivage numérique"], id="au singulier"),
        pytest.param("elections", ["Élection d’un délégué"], id="au pluriel"),
        pytest.param("arch", ["Tarifs de l’archivage numérique"], id="le début d’un mot"),
        pytest.param("tarifs budget", [], id="tous les mots doivent y être"),
        pytest.param("2026-06-09/03", ["Budget"], id="le numéro imprimé"),
        pytest.param("2026_06_09_02", ["Élection d’un délégué"], id="le numéro de @CTES"),
        pytest.param("comité débat tarif", ["Tarifs de l’archivage numérique"], id="dans le texte"),
        pytest.param("piscine", [], id="rien"),
        pytest.param("le de la", [], id="des mots qui ne disent rien"),
        pytest.param("'; DROP TABLE --", [], id="une injection"),
        pytest.param('budget" OR "a', [], id="la syntaxe de FTS5 n’est que des mots"),
        pytest.param("bud:*get & !x", [], id="la syntaxe de PostgreSQL n’est que des mots"),
        pytest.param("漢字 🗳️", [], id="d’autres écritures"),
    ],
)
def test_what_is_found(june, query, found):
    assert titles(query) == found


def test_an_empty_query_shows_everything(june):
    assert len(titles("")) == 3
    assert len(titles("", year=2026, body=june.body)) == 3
    assert titles("", year=2025) == []


def test_a_passage_shows_the_words_found(june):
    entry = Entry.objects.get(title="Budget")
    pieces = search.extract(entry.text, "débats")
    assert [piece.text for piece in pieces if piece.is_found] == ["débat"]
    assert "".join(piece.text for piece in pieces).startswith("Le Comité en débat")


def test_only_the_version_in_force_is_found(june, cast):
    item = june.items.get(title="Budget")
    texts.save_text(
        item, text="<p>On parle de la piscine.</p>", version=item.text_version, by=cast.secretariat
    )
    june.forget()
    documents.issue_minutes(june, by=cast.secretariat, at=AT, reason="Un oubli")
    search.refresh()
    assert titles("piscine") == ["Budget"]
    assert Entry.objects.count() == 3


def test_a_refresh_without_news_costs_little(june, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        assert search.refresh() == 0


def test_stems_are_the_same_however_it_is_written():
    assert fulltext.stems("Délibérations") == fulltext.stems("DELIBERATION") == "deliber"


# --- The page ---------------------------------------------------------------------------------


def test_a_delegate_finds_what_his_bodies_decided(june, client, cast):
    client.force_login(cast.delegate)
    page = client.get(reverse("archive:search"), {"q": "archivage"}).content.decode()
    assert "Tarifs de l’<mark>archivage</mark> numérique" in page
    assert "2026-06-09/01" in page


def test_somebody_elsewhere_finds_nothing_of_it(june, client, cast):
    client.force_login(cast.other_delegate)
    page = client.get(reverse("archive:search"), {"q": "archivage"}).content.decode()
    assert "Tarifs" not in page


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"q": "<script>alert(1)</script>"}, id="du HTML"),
        pytest.param({"q": "é" * 100_000}, id="cent mille lettres"),
        pytest.param({"q": "a", "annee": "mille"}, id="une année impossible"),
        pytest.param({"q": "a", "instance": "-1"}, id="une instance impossible"),
        pytest.param({"q": "budget", "page": "zéro"}, id="une page impossible"),
        pytest.param({"q": "\x00"}, id="un caractère nul"),
    ],
)
def test_hostile_queries_get_a_page(june, client, cast, values):
    client.force_login(cast.delegate)
    response = client.get(reverse("archive:search"), values)
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("sittings_held", [1, 4])
def test_the_page_costs_the_same_as_the_archive_grows(
    cast, hold, client, django_assert_max_num_queries, sittings_held
):
    for month in range(sittings_held):
        meeting = hold(date(2026, 6 + month, 9), adopted=("Budget", "Tarifs"), approves=False)
        documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    search.refresh()
    client.force_login(cast.delegate)
    with django_assert_max_num_queries(16):
        client.get(reverse("archive:search"), {"q": "budget"})
