"""What holds of every request: nothing kept, nothing that nobody types, and no failure when others
write; and what a supervisor is told."""

import json
import sqlite3
from html import unescape
from unittest.mock import Mock

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.forms import ModelMultipleChoiceField
from django.template.loader import render_to_string
from django.test import override_settings
from django.urls import reverse

from archive.models import Publication
from live.models import Screen
from meetings.actions import items
from meetings.models import Meeting
from members import front, health
from members.forms import DateInput, TimeInput
from members.models import Organisation
from tests.live.states import a_sitting
from tests.members.test_admin import form_data
from tests.words import text as page_text

LINE = {
    "deux lignes": "Comité\r\nBcc: x@y.example",
    "une ligne d’Unicode": "Comité\u2028autre",
    "à rebours": "tableau\u202egpj.exe",
    "isolé": "a\u2066b",
    "zéro": "a\x00b",
    "retour arrière": "a\x08b",
    "moitié de caractère": "a\ud800b",
    "invisible": "\u200b \u2060",
}


@pytest.mark.parametrize(
    ("widget", "typed", "read"),
    [
        (DateInput, "16/11/2016", "16/11/2016"),
        (DateInput, "16112016", "16/11/2016"),
        (DateInput, " Lundi 14 décembre 2026", "14/12/2026"),
        (DateInput, "le 1er août\u00a02026", "01/08/2026"),
        (DateInput, "14 dec. 2026", "14/12/2026"),
        (DateInput, "mardi 14 décembre 2026", "mardi 14 décembre 2026"),  # it is a Monday
        (DateInput, "14 ju 2026", "14 ju 2026"),
        (DateInput, "31 juin 2026", "31 juin 2026"),
        (DateInput, "2016-11-16", "2016-11-16"),
        (DateInput, "demain", "demain"),
        (TimeInput, "17:30", "17:30"),
        (TimeInput, "17 h 30", "17:30"),
        (TimeInput, "17\u00a0h", "17:00"),
        (TimeInput, "17h30", "17:30"),
        (TimeInput, "1730", "17:30"),
        (TimeInput, "930", "9:30"),
        (TimeInput, "le soir", "le soir"),
    ],
)
def test_a_day_and_an_hour_are_typed_as_papers_write_them(widget, typed, read):
    """Of a browser in another language, its own pickers ask « mm/dd/yyyy » and « PM »."""
    assert widget().value_from_datadict({"x": typed}, {}, "x") == read
    assert 'type="text"' in widget().render("x", None)


@pytest.mark.parametrize("text", LINE.values(), ids=LINE)
def test_what_nobody_types_is_refused_beside_its_field(text):
    assert front.fault_of(text, is_long=False)


def test_what_people_type_is_taken():
    for text in (
        "Comité syndical",
        "L’été à Ribécourt-Dreslincourt",
        "漢字 🗳️",
        "un\tdeux",
        "e\u0301",
    ):
        assert front.fault_of(text, is_long=False) == ""
    assert front.fault_of("un\r\ndeux", is_long=True) == ""
    assert front.fault_of("un\x00", is_long=True)


@pytest.mark.django_db
def test_each_form_asks_it(cast, client_of):
    client = client_of(cast.secretariat)
    meeting = a_sitting(cast)
    item = items.add_item(meeting, title="Budget", by=cast.secretariat)
    address = reverse("meetings:edit_item", args=[meeting.pk, item.key])
    page = client.post(address, {"title": "Budget\r\nBcc: x", "kind": "deliberation"})
    assert page.status_code == 422 and "tient sur une ligne" in page.text
    assert meeting.items.get(key=item.key).title == "Budget"


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["q=%00", "q=a%08", "%00=a", "annee=9999999999999999999"])
@pytest.mark.parametrize(
    "name", ["archive:search", "archive:public", "meetings:list", "archive:journal"]
)
def test_what_nobody_types_in_a_search_is_told_with_the_way_back(cast, client_of, query, name):
    who, address = cast.auditor if name == "archive:journal" else cast.secretariat, reverse(name)
    page = client_of(who).get(f"{address}?{query}")
    assert page.status_code == (200 if "annee" in query else 400)
    if page.status_code == 400:
        assert "retapez ces mots" in page.text
        assert f'class="btn btn-primary" href="{address}"' in page.text


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/%00", "/invitation/%00/", "/actes/%08/", "/seances/1%00/"])
def test_an_address_that_nobody_types_leads_nowhere(client, path):
    page = client.get(path)
    assert page.status_code == 404 and "Cette page n’existe pas" in page.text


@pytest.mark.django_db
def test_a_key_of_nineteen_digits_is_no_choice(cast):
    field = ModelMultipleChoiceField(queryset=Organisation.objects.all())
    with pytest.raises(ValidationError):
        field.clean(["9" * 19])


# --- Others write -----------------------------------------------------------------------------


@pytest.fixture
def others_write(transactional_db):
    """Somebody else holds the database, for longer than anybody waits."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows, and waits for them")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


@pytest.mark.parametrize("method", ["post", "get"])
def test_what_somebody_took_away_meanwhile_is_not_there_and_a_row_that_never_was_is_our_fault(
    cast, client_of, monkeypatch, method
):
    """As it would be a moment later; of what is read, nobody says that it was being changed."""
    meeting, client = a_sitting(cast), client_of(cast.secretariat)
    client.raise_request_exception = False
    address = reverse("meetings:delete", args=[meeting.pk])

    updated = DatabaseError("Save with update_fields did not affect any rows.")
    never = Publication.certificate.RelatedObjectDoesNotExist()
    for error, status in ((Meeting.DoesNotExist(), 404), (updated, 404), (never, 500)):
        lost = Mock(side_effect=error)
        monkeypatch.setattr("meetings.views.sitting.access.get_meeting", lost)
        page = getattr(client, method)(address)
        assert page.status_code == (status if method == "post" else 500)
        assert ("n’est plus là" in page.text) is (page.status_code == 404)


@pytest.mark.database
def test_a_lock_is_no_failure_and_the_button_does_the_same_again(
    transactional_db, cast, client_of, request
):
    meeting, client = a_sitting(cast), client_of(cast.secretariat)
    client.raise_request_exception = False
    address = reverse("live:make_screen", args=[meeting.pk])
    other = request.getfixturevalue("others_write")
    for path, data in (
        (address, {}),
        (
            reverse("meetings:agenda", args=[meeting.pk]),
            {"title": "Un « & » point", "kind": "deliberation"},
        ),
    ):
        page = client.post(path, data)
        assert page.status_code == 503 and page["Retry-After"]
        assert "Beaucoup de personnes écrivent" in page.text and "Réessayer" in page.text
        assert page["Cache-Control"] == "private, no-store"
        assert "Rien n’a été enregistré" in page.text
        for value in data.values():
            assert value in unescape(page.text)
    read = render_to_string("503.html", {"path": "/", "fields": None, "is_read": True})
    assert "n’a pas pu s’ouvrir" in read and "Rien n’a été enregistré" not in read
    assert not Screen.objects.exists()
    other.execute("ROLLBACK")
    assert client.post(address).status_code == 200
    assert Screen.objects.count() == 1


def test_no_page_holds_a_password_or_a_secret_paper(rf):
    form = {"content_type": "application/x-www-form-urlencoded"}
    for said in ("password=x", "new_password1=x", "choice=pour&seat=a", f"a={'x' * 200_000}"):
        assert front._sent_again(rf.post("/", said, **form)) is None
    file = {"title": "a", "file": SimpleUploadedFile("x.pdf", b"x")}
    assert front._sent_again(rf.post("/", file)) is None
    again = front._sent_again(rf.post("/", "title=a&title=b", **form))
    assert again == [("title", "a"), ("title", "b")]


# --- Health -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_supervisor_is_told_what_is_missing_and_nothing_else(client, settings):
    assert client.get("/sante/vie").json() == {"vie": True}
    fine = {"base": True, "migrations": True, "style": True, "disque": True}
    assert client.get("/sante/pret").json() == fine
    settings.MEDIA_ROOT = settings.DATA_DIR / "absent" / "media"
    (settings.DATA_DIR / "absent").touch()
    try:
        answer = client.get("/sante/pret")
    finally:
        (settings.DATA_DIR / "absent").unlink()
    assert (answer.status_code, answer.json()) == (503, fine | {"disque": False})


@pytest.mark.django_db
def test_a_supervisor_is_told_that_pages_come_bare(client, settings, tmp_path):
    """`collectstatic` was forgotten, or the service not started again after it; or its folder was
    emptied meanwhile."""
    settings.STATIC_ROOT = tmp_path
    served = {"staticfiles": {"BACKEND": "somme_gov.statics.Storage"}}
    with override_settings(STORAGES=settings.STORAGES | served):
        answer = client.get("/sante/pret")
        assert (answer.status_code, answer.json()["style"]) == (503, False)
        told = {"version": "1.1", "paths": {"a.css": "a.1.css"}, "hash": "1"}
        (tmp_path / "staticfiles.json").write_text(json.dumps(told))
        assert client.get("/sante/pret").json()["style"] is False
    with override_settings(STORAGES=settings.STORAGES | served):
        assert client.get("/sante/pret").status_code == 200
        (tmp_path / "staticfiles.json").unlink()
        assert client.get("/sante/pret").json()["style"] is False


@pytest.mark.parametrize("lacking", ["base", "migrations"])
def test_a_supervisor_is_told_of_a_base_that_does_not_answer(client, monkeypatch, lacking):
    def broken() -> bool:
        raise DatabaseError("no such host, password=secret")

    asked = {"base": lambda: True, "migrations": lambda: True, "disque": lambda: True}
    monkeypatch.setattr(health, "_QUESTIONS", asked | {lacking: broken})
    answer = client.get("/sante/pret")
    assert (answer.status_code, answer.json()[lacking]) == (503, False)
    assert "secret" not in answer.text


@pytest.mark.parametrize("field", ["convened_by_fallback", "address"])
def test_a_text_of_the_administration_that_turns_the_reading_round_is_refused(
    cast, client_of, field
):
    """A rule, and what else has several lines: an address, as papers print it."""
    row = cast.farid if field == "address" else cast.comite.rule_books.get()
    client = client_of(cast.administration)
    card = reverse(f"admin:members_{row._meta.model_name}_change", args=[row.pk])
    told = form_data(client.get(card)) | {field: "Une ligne\n\u202esiov al"}
    refused = client.post(card, told)
    assert "dans le sens de la lecture" in page_text(refused)
    assert client.post(card, told | {field: "Une ligne\nla voirie"}).status_code == 302
