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
from tests import held
from tests.cast import change
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


def test_only_the_version_in_force_is_found(june, cast):
    item, text = june.items.get(title="Budget"), "<p>On parle de la piscine.</p>"
    texts.save_text(item, text=text, version=item.text_version, by=cast.secretariat)
    june.forget()
    documents.issue_minutes(june, by=cast.secretariat, at=AT, reason="Un oubli")
    assert titles("piscine") == ["Budget"]
    assert Entry.objects.count() == 3


def test_an_older_base_catches_up_once_it_is_migrated(june):
    Entry.objects.all().delete()
    search.catch_up(plan=[(None, True)])
    assert titles("") == []
    for _ in range(2):
        search.catch_up(plan=[(None, False)])
        assert titles("tarif") == [ARCHIVING]
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


def test_of_what_is_everywhere_the_latest_are_shown_and_the_page_says_so(
    june, client_of, cast, monkeypatch
):
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    page = client_of(cast.delegate).get(reverse("archive:search"), {"q": "comité"})
    assert page.context["page_obj"].paginator.count == len(page.context["found"]) == 2
    assert "Voici les 2 points les plus récents" in page.text
    page = client_of(cast.delegate).get(reverse("archive:search"), {"q": "archivage"})
    assert "1 point trouvé" in page.text and "davantage" not in page.text


@pytest.mark.proof
def test_the_page_costs_the_same_as_the_archive_grows(cast, hold, client):
    client.force_login(cast.delegate)
    url = reverse("archive:search")
    for month in range(4):
        meeting = hold(date(2026, 6 + month, 9), adopted=("Budget", "Tarifs"), approves=False)
        documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
        if month in (0, 3):
            assert queries(lambda: client.get(url, {"q": "budget"})) <= 16


def test_a_person_is_found_by_her_name(june, client_of, cast):
    """« Carpentier » found sentences of minutes, and not her."""
    page = client_of(cast.secretariat).get(reverse("archive:search"), {"q": "bésson"}).text
    assert unsaid(page, "Personnes", "/composition/", ">Bruno BESSON</a>") == []
    assert "Rien ne répond" not in page
    page = client_of(cast.other_delegate).get(reverse("archive:search"), {"q": "besson"}).text
    assert "Bruno" not in page  # he sits where she does not
    page = client_of(cast.secretariat).get(reverse("archive:search"), {"q": "bessol"}).text
    assert "Personnes" not in page  # a slip is for what is being typed


def test_who_looks_for_a_convocation_is_led_to_the_last_ones(june, client_of, cast):
    change(june, convened_on=date(2026, 6, 1))
    url, q = reverse("archive:search"), {"q": "convocations"}
    page = client_of(cast.secretariat).get(url, q).text
    where = reverse("convening:prepare", args=[june.pk])
    assert unsaid(page, "Dernières convocations", f'href="{where}"') == []
    assert "Rien ne répond" not in page
    page = client_of(cast.delegate).get(url, q).text
    assert f'href="{june.get_absolute_url()}"' in page and where not in page
    assert "Dernières" not in client_of(cast.other_delegate).get(url, q).text


# --- While one types ------------------------------------------------------------------------------

MEANT = {
    "le début d’un mot": ("arch", [ARCHIVING]),
    "sans accent ni capitale": ("NUMERIQUE tar", [ARCHIVING]),
    "une lettre de trop": ("archivvage", [ARCHIVING]),
    "une lettre de moins": ("archvage", [ARCHIVING]),
    "une lettre pour une autre": ("archimage", [ARCHIVING]),
    "deux lettres échangées": ("acrhivage numérqiue", [ARCHIVING]),
    "une faute dans un mot qui n’est pas fini": ("archic", [ARCHIVING]),
    "deux fautes dans un mot": ("acrhimage", []),
    "un mot de trop": ("archivage piscine", []),
    "un mot trop court pour une faute": ("unn", []),
    "un numéro": ("2026-06-09/03", ["Budget"]),
    "une personne": ("Besson", ["Bruno BESSON"]),
    "une personne, une faute": ("brumo beson", ["Bruno BESSON"]),
    "une lettre": ("b", []),
    "rien": ("   ", []),
    "d’autres écritures": ("漢字 🗳️", []),
    "une injection": ("'; DROP TABLE --", []),
    "un roman": ("archivage " * 10_000, [ARCHIVING]),
}


def meant(client, query) -> list[str]:
    page = client.get(reverse("archive:suggest"), {"q": query})
    assert page.status_code == 200
    return [guess.text for guess in page.context["guesses"]]


def test_what_is_meant_one_slip_aside(june, client_of, cast):
    delegate = client_of(cast.delegate)
    assert {name: meant(delegate, query) for name, (query, _) in MEANT.items()} == {
        name: found for name, (_, found) in MEANT.items()
    }
    part = delegate.get(reverse("archive:suggest"), {"q": "budget"}).text
    assert unsaid(part, "1 proposition,", "2026-06-09/03", "Comité syndical", "<a href") == []


def test_nothing_is_suggested_of_what_one_may_not_read(june, client_of, cast):
    for who in (cast.other_delegate, cast.other_secretariat, cast.auditor):
        assert meant(client_of(who), "archivage") == meant(client_of(who), "Besson") == []
    assert meant(client_of(cast.secretariat), "archivage") == [ARCHIVING]


def test_what_is_still_on_an_agenda_is_found_by_who_prepares_it(june, client_of, cast):
    """« Budget » found 2017 and not the debate of next month, and nothing said why."""
    coming = held.prepare(cast, "Débat d’orientation budgétaire", held_on=date(2026, 12, 8))
    url, q = reverse("archive:search"), {"q": "orientations budget"}
    page = client_of(cast.secretariat).get(url, q).text
    title = "<mark>orientation</mark> <mark>budgétaire</mark>"
    assert unsaid(page, "À l’ordre du jour, sans papier", title) == []
    assert "Rien ne répond" not in page
    page = client_of(cast.delegate).get(url, q).text
    assert "budgétaire" not in page and "on cherche dans les documents établis" in page
    assert search.on_agendas("budget", bodies=Body.objects.all(), year=2025) == []
    (item,) = search.on_agendas("budget", bodies=Body.objects.all(), body=coming.body)
    assert item.meeting == coming  # what is established is found by its papers


def test_words_that_are_nowhere_are_looked_for_as_what_they_are_near(june, client_of, cast):
    delegate, url = client_of(cast.delegate), reverse("archive:search")
    page = delegate.get(url, {"q": "Archivaje numérique"}).text
    assert unsaid(page, "voici «\u00a0archivage numerique\u00a0»", "<mark>archivage</mark>") == []
    for query in ("piscine", "archivage", "Archivaje piscine"):
        assert "voici" not in delegate.get(url, {"q": query}).text


def test_the_same_title_is_suggested_once_and_costs_the_same(cast, hold, client):
    client.force_login(cast.delegate)
    meant(client, "budgte")
    counts = []
    for month in range(3):
        meeting = hold(date(2026, 6 + month, 9), adopted=("Budget",), approves=False)
        documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
        counts.append(queries(lambda: meant(client, "budgte")))
    assert meant(client, "budgte") == ["Budget"]
    page = client.get(reverse("archive:suggest"), {"q": "budget"}).text
    assert "et 2\u00a0autres fois" in page or "et 2 autres fois" in page
    assert len(set(counts)) == 1
