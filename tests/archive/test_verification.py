"""The public page: is it ours, does it still stand, who signed it. Each answer in words."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from archive.keeping import verification
from archive.keeping.verification import Origin
from registry.signatures import reading
from tests.held import content_of, sign, sign_by_hand
from tests.registry.conftest import refused
from tests.words import unsaid

pytestmark = pytest.mark.django_db


def said(content: bytes) -> str:
    return said_of(verification.judge(content))


def said_of(verdict: verification.Verdict) -> str:
    return " ".join(verdict.sentences).replace("\u00a0", " ")


def test_what_was_issued_and_signed_is_recognised(minutes, accounts):
    issued = content_of(minutes.pdf)
    verdict = verification.judge(issued)
    assert (verdict.origin, verdict.document) == (Origin.ISSUED, minutes)
    assert verdict.is_in_force
    told = ("établi par Val de Brume le 15 juin 2026", "arrêté par la séance du 7 juillet 2026")
    assert unsaid(said(issued), *told, "un exemplaire signé") == []
    sign(minutes, "president", accounts[0])
    verdict = verification.judge(reading.current_file(minutes)[0])
    assert verdict.origin is Origin.SIGNED
    assert [report.signer for report in verdict.reports] == ["Val de Brume", "Alice ARNAUD"]
    assert all("aucune valeur juridique" in report.said for report in verdict.reports)


def test_a_copy_with_its_state_is_not_called_altered(minutes):
    verdict = verification.judge(content_of(minutes.pdf) + b"\n")
    assert verdict.document is None
    assert unsaid(said_of(verdict), "copie d’un acte avec son état", "mène à l’acte") == []


def test_a_handwritten_signature_is_told(minutes, cast):
    sign_by_hand(minutes, "president", cast)
    assert "Signé à la main par Alice ARNAUD" in said(content_of(minutes.pdf))


def drop(client, content: bytes, name: str = "pv.pdf"):
    return client.post(reverse("archive:verify"), {"file": ContentFile(content, name)})


def test_anyone_drops_a_file_whatever_its_name_and_nothing_is_kept(client, minutes, media):
    before = sorted(media.rglob("*"))
    response = drop(client, content_of(minutes.pdf), "<img src=x onerror=alert(1)>.pdf")
    page = response.content.decode()
    assert "Ce document est authentique" in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert sorted(media.rglob("*")) == before


def test_what_is_no_pdf_gets_a_sentence_beside_the_field(client):
    refused(drop(client, b""), "Ce fichier est vide")
    for content in (b"MZ\x90\x00", "漢字<script>".encode() * 9999, b"%PDF-1.7\n%%EOF"):
        refused(drop(client, content), "ne se lit pas comme un PDF")
