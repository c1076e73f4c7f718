"""The public page: is it ours, does it still stand, who signed it. Each answer in words."""

from io import BytesIO

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from archive.keeping import verification
from archive.keeping.verification import Origin
from documents import actions as documents
from meetings.actions import texts
from registry.signatures import actions as signatures
from registry.signatures import authority, pades, reading
from tests.held import AT, sign

pytestmark = pytest.mark.django_db


def issued(minutes) -> bytes:
    with minutes.pdf.open() as file:
        return file.read()


def said(content: bytes) -> str:
    return " ".join(verification.judge(content).sentences)


def test_what_was_issued_is_recognised(minutes):
    verdict = verification.judge(issued(minutes))
    assert (verdict.origin, verdict.document, verdict.is_in_force) == (
        Origin.ISSUED,
        minutes,
        True,
    )
    assert "établi par Val de Brume le 15\u00a0juin 2026" in verdict.sentences[0]
    assert "arrêté par la séance du 7\u00a0juillet 2026" in said(issued(minutes))
    assert "davantage de signatures" in said(issued(minutes))


def test_what_was_signed_is_recognised_with_each_signature(minutes, accounts):
    sign(minutes, "president", accounts[0])
    verdict = verification.judge(reading.current_file(minutes)[0])
    assert verdict.origin is Origin.SIGNED
    assert [report.signer for report in verdict.reports] == ["Val de Brume", "Alice ARNAUD"]
    assert all("aucune valeur juridique" in report.said for report in verdict.reports)


def test_a_replaced_version_says_by_which_and_why(minutes, cast):
    meeting = minutes.meeting
    item = meeting.items.get(title="Budget")
    texts.save_text(item, text="<p>Corrigé.</p>", version=item.text_version, by=cast.secretariat)
    meeting.forget()
    documents.issue_minutes(meeting, by=cast.secretariat, at=AT, reason="Un nom mal écrit")
    verdict = verification.judge(issued(minutes))
    assert not verdict.is_in_force
    assert "remplacé le 15\u00a0juin 2026 par la version 2\u00a0: Un nom mal écrit" in said(
        issued(minutes)
    )


def test_a_handwritten_signature_is_told(minutes, cast):
    signatures.record_handwritten(
        minutes,
        place="president",
        scan=ContentFile(b"%PDF-1.4", "feuille.pdf"),
        by=cast.secretariat,
        at=AT,
    )
    assert "Signé à la main par Alice ARNAUD" in said(issued(minutes))


def resaved(content: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as opened:
        opened.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "touch",
    [
        pytest.param(lambda pdf: pdf[:500] + b"x" + pdf[501:], id="un octet changé"),
        pytest.param(resaved, id="réenregistré"),
        pytest.param(lambda pdf: pdf + b"\n", id="un octet ajouté"),
    ],
)
def test_a_touched_file_is_not_ours_any_more(minutes, accounts, touch):
    sign(minutes, "president", accounts[0])
    verdict = verification.judge(touch(reading.current_file(minutes)[0]))
    assert verdict.origin is Origin.FOREIGN
    assert "pas, octet pour octet, un document établi ici" in verdict.sentences[0]


def test_somebody_else_s_signature_makes_it_no_more_ours(minutes, tmp_path):
    elsewhere = authority.Authority(tmp_path / "ailleurs", name="Autre autorité")
    content, _ = reading.current_file(minutes)
    forged = pades.sign(content, "president", elsewhere.identity("Alice ARNAUD"))
    verdict = verification.judge(forged)
    assert verdict.origin is Origin.FOREIGN
    assert "l’autorité qui a délivré le certificat n’est pas connue ici" in verdict.reports[-1].said


# --- The page ---------------------------------------------------------------------------------


def drop(client, content: bytes, name: str = "pv.pdf"):
    return client.post(reverse("archive:verify"), {"file": ContentFile(content, name)})


def test_anyone_drops_a_file_and_reads_the_answer(client, minutes):
    response = drop(client, issued(minutes))
    assert response.status_code == 200
    assert "Ce document est authentique" in response.content.decode()


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        pytest.param(b"", "Ce fichier est vide", id="vide"),
        pytest.param(b"MZ\x90\x00", "ne se lit pas comme un PDF", id="un programme"),
        pytest.param("漢字<script>".encode() * 9999, "ne se lit pas comme un PDF", id="du texte"),
        pytest.param(b"%PDF-1.7\n%%EOF", "ne se lit pas comme un PDF", id="un PDF sans rien"),
    ],
)
def test_what_is_no_pdf_gets_a_sentence_beside_the_field(client, content, answer):
    response = drop(client, content)
    assert response.status_code == 422
    assert answer in response.content.decode()


def test_a_hostile_name_is_shown_as_text(client, minutes):
    page = drop(client, issued(minutes), "<img src=x onerror=alert(1)>.pdf").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_nothing_is_kept_of_what_is_dropped(client, minutes, media):
    before = sorted(media.rglob("*"))
    drop(client, issued(minutes))
    assert sorted(media.rglob("*")) == before
