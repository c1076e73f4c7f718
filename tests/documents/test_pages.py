"""The pages: who may open which, what they show, how many queries they cost."""

from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from documents import actions
from documents.models import IssuedDocument
from meetings.models import AgendaItem
from tests.documents.conftest import ISSUED_AT
from tests.documents.ink import text_of
from tests.held import prepare, sit


@pytest.fixture
def issued(comite, cast) -> IssuedDocument:
    return actions.issue_minutes(comite, by=cast.secretariat, at=ISSUED_AT)


@pytest.fixture
def secretary(client_of, cast):
    return client_of(cast.secretariat)


def url(name: str, pk: int | None = None) -> str:
    return reverse(f"documents:{name}", args=[] if pk is None else [pk])


# --- Access -----------------------------------------------------------------------------------

# secretariat, administration, delegate of the body, delegate of another body, other
# organisation's secretariat, account without a role
WRITES = (200, 403, 403, 403, 404, 404)
READS = (200, 200, 200, 403, 404, 404)


def test_delegate_does_not_read_the_minutes_of_a_body_he_never_sat_in(bureau, cast, client_of):
    document = actions.issue_minutes(bureau, by=cast.secretariat, at=ISSUED_AT)
    client = client_of(cast.delegate)
    assert client.get(url("leaf", document.pk)).status_code == 403
    assert list(client.get(url("mine")).context["page_obj"]) == []


@pytest.mark.parametrize("name", ["preview", "sheet", "preview_pdf", "detail", "leaf"])
def test_reading_pages_refuse_to_be_posted_to(name, issued, comite, secretary):
    pk = issued.pk if name in ("detail", "leaf") else comite.pk
    assert secretary.post(url(name, pk)).status_code == 405


# --- Preview ----------------------------------------------------------------------------------


def test_sheet_is_the_paper_with_the_nonce_of_the_answer_and_no_draft_once_issued(
    comite, secretary, cast
):
    answer = secretary.get(url("sheet", comite.pk))
    page = answer.content.decode()
    assert "Au scrutin public" in page
    nonce = page.split('<style nonce="')[1].split('"')[0]
    assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]
    assert "projet" in secretary.get(url("sheet", comite.pk)).text
    actions.issue_minutes(comite, by=cast.secretariat, at=ISSUED_AT)
    assert "projet" not in secretary.get(url("sheet", comite.pk)).text


def test_what_is_missing_keeps_the_button_shut_and_refuses(cast, secretary):
    meeting = prepare(cast, body=cast.bureau)
    page = secretary.get(url("preview", meeting.pk)).content.decode()
    assert "La séance n’est pas levée." in page
    assert 'type="submit" disabled' in page
    answer = secretary.post(url("issue", meeting.pk), {"confirmed": "1"})
    assert answer.status_code == 422
    assert "Personne n’est noté présent." in answer.content.decode()


def test_draft_is_shown_or_saved_as_pdf_or_word_file(comite, secretary, tmp_path):
    answer = secretary.get(url("preview_pdf", comite.pk))
    assert answer.content.startswith(b"%PDF-1.7")
    assert answer["Content-Disposition"] == ('inline; filename="pv-comite-2026-06-09-projet.pdf"')
    assert not IssuedDocument.objects.exists()
    shown = secretary.get(url("preview_pdf", comite.pk))
    assert shown["Content-Disposition"] == 'inline; filename="pv-comite-2026-06-09-projet.pdf"'
    saved = secretary.get(url("preview_pdf", comite.pk), {"docx": ""})
    assert saved["Content-Disposition"] == 'attachment; filename="pv-comite-2026-06-09-projet.docx"'
    assert saved.content.startswith(b"PK")
    listed = secretary.get(url("deliberation_list", comite.pk))
    assert "Convention" in text_of(listed.content, tmp_path)
    extract = secretary.get(reverse("documents:extract", args=[comite.pk, "p2"]))
    assert "Extrait du registre des délibérations" in text_of(extract.content, tmp_path)
    missing = secretary.get(reverse("documents:extract", args=[comite.pk, "p99"]))
    assert missing.status_code == 404


def test_preview_survives_a_character_that_no_font_has(comite, secretary):
    AgendaItem.objects.filter(title="Budget").update(title="Budget 漢字 👍")
    assert "☐" in secretary.get(url("sheet", comite.pk)).content.decode()
    assert secretary.get(url("preview_pdf", comite.pk)).status_code == 200
    assert "U+6F22" in secretary.get(url("preview", comite.pk)).content.decode()


# --- Issue ------------------------------------------------------------------------------------


def test_issuing_asks_first_then_freezes_once(comite, secretary):
    answer = secretary.post(url("issue", comite.pk))
    assert answer.status_code == 200
    assert "Établir la version 1 du procès-verbal ?".replace(" ?", " ?") in (
        answer.content.decode().replace("\u00a0", " ")
    )
    assert not IssuedDocument.objects.exists()
    answer = secretary.post(url("issue", comite.pk), {"confirmed": "1"})
    document = IssuedDocument.objects.get()
    assert answer.url == url("detail", document.pk)
    assert "établie" in secretary.get(answer.url).content.decode()
    pdf = secretary.get(reverse("registry:current", args=[document.pk]))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"] == 'attachment; filename="pv-comite-2026-06-09.pdf"'
    assert pdf["X-Content-Type-Options"] == "nosniff"
    assert pdf.content.startswith(b"%PDF-1.7")
    answer = secretary.post(url("issue", comite.pk), {"confirmed": "1"})
    assert answer.status_code == 302
    assert IssuedDocument.objects.count() == 1
    told = [str(message) for message in get_messages(answer.wsgi_request)]
    assert told[-1] == "Rien n’a changé depuis la version 1."


def test_a_new_version_asks_why_beside_the_field(issued, comite, cast, secretary):
    AgendaItem.objects.filter(title="Budget").update(title="Budget primitif")
    answer = secretary.post(url("issue", comite.pk), {"confirmed": "1", "reason": ""})
    assert answer.status_code == 422
    assert "Dites en une phrase" in answer.content.decode()
    secretary.post(url("issue", comite.pk), {"confirmed": "1", "reason": "le titre du point 1"})
    second = IssuedDocument.objects.get(version=2)
    assert second.supersedes == issued
    page = secretary.get(url("detail", issued.pk)).content.decode()
    assert "remplacée par la" in page
    AgendaItem.objects.filter(title="Budget primitif").update(title="Budget")
    answer = secretary.post(url("issue", comite.pk), {"confirmed": "1", "reason": "x" * 301})
    assert answer.status_code == 422
    assert answer.context["form"].errors["reason"]


# --- Mes documents ----------------------------------------------------------------------------


def test_mine_shows_the_versions_in_force_by_body_and_year(
    issued, comite, cast, client_of, bureau, secretary
):
    AgendaItem.objects.filter(title="Budget").update(title="Budget primitif")
    second = actions.issue_minutes(comite, by=cast.secretariat, at=ISSUED_AT, reason="titre")
    for user in (cast.delegate, cast.secretariat, cast.administration):
        assert list(client_of(user).get(url("mine")).context["page_obj"]) == [second]
    other = client_of(cast.other_delegate).get(url("mine"))
    assert list(other.context["page_obj"]) == []
    assert client_of(cast.stranger).get(url("mine")).status_code == 403
    document = actions.issue_minutes(bureau, by=cast.secretariat, at=timezone.now())
    page = secretary.get(url("mine"), {"instance": cast.bureau.pk, "annee": "2026"})
    assert list(page.context["page_obj"]) == [document]
    assert secretary.get(url("mine"), {"annee": "1999"}).status_code == 200
    assert secretary.get(url("mine"), {"instance": "x", "page": "z"}).status_code == 200
    strange = secretary.get(url("mine"), {"instance": cast.other_body.pk})
    assert strange.context["form"].errors


def test_mine_costs_the_same_with_one_and_three(
    issued, bureau, cast, secretary, django_assert_num_queries
):
    def queries() -> int:
        with django_assert_num_queries(10, exact=False) as counted:
            secretary.get(url("mine"))
        return len(counted)

    with_one = queries()
    actions.issue_minutes(bureau, by=cast.secretariat, at=ISSUED_AT)
    third = prepare(cast, "Point", body=cast.bureau, held_on=date(2026, 7, 9))
    sit(third, by=cast.secretariat, hours=1)
    actions.issue_minutes(third, by=cast.secretariat, at=ISSUED_AT)
    assert queries() == with_one


# --- Papers of the secretariat ----------------------------------------------------------------
