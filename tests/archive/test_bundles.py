"""A sitting in one ZIP: everything is in it, and it is known again by its bytes."""

import io
import tracemalloc
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from archive.keeping import bundles, verification
from tests.held import sign

pytestmark = pytest.mark.django_db

PAPER, SIGNED = (f"documents/pv-comite-2026-06-09{end}.pdf" for end in ("", "-signe-en-partie"))


@pytest.fixture
def packed(minutes, accounts):
    """The whole file of a sitting whose minutes bear one signature."""
    sign(minutes, "president", accounts[0])
    return bundles.whole(minutes.meeting, at=timezone.now())


def names(content):
    return sorted(zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_papers_data_ledger_and_proofs_are_packed(packed, minutes):
    data = ["manifest.json", "registre.json", "reponses.json", "seance.json"]
    assert names(packed) == [SIGNED, PAPER, *data]
    # What a delegate keeps says nothing of the others.
    content = bundles.of_delegate(minutes.meeting, at=timezone.now())
    assert all(name.startswith(("documents/", "pieces/", "manifest")) for name in names(content))


def dropped(client, content: bytes):
    return client.post(reverse("archive:verify"), {"file": ContentFile(content, "s.zip")})


@pytest.mark.parametrize("name", ["keep", "keep_whole"])
def test_what_was_handed_is_known_again_by_its_bytes_alone(minutes, secretary, client, name):
    address = reverse(f"archive:{name}", args=[minutes.meeting_id])
    content = secretary.get(address).content
    assert "Ce ZIP a été remis ici" in dropped(client, content).text
    # The same files in another ZIP: coherent, and nobody's.
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for each in source.namelist():
            target.writestr(each, source.read(each))
    answer = dropped(client, out.getvalue()).text
    assert "Ce ZIP n’est pas reconnu" in answer
    assert str(minutes.meeting.organisation) not in answer.partition("<form")[0]


HOSTILE = {
    "entête seul": b"PK\x03\x04",
    "des zéros": b"PK\x03\x04" + bytes(5000),
    "vingt mégaoctets": b"PK\x03\x04" + bytes(20 << 20),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_zip_is_never_opened(client, content):
    tracemalloc.start()
    response = dropped(client, content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "Ce ZIP n’est pas reconnu" in response.text
    assert most < 90 << 20  # the test client holds the file twice


def test_who_comes_when_others_are_being_judged_is_asked_to_come_back(packed, client, monkeypatch):
    monkeypatch.setattr(verification, "WAIT", 0.0)
    with verification.turn(), verification.turn():
        response = dropped(client, packed)
        assert response.status_code == 422
        assert "dans une minute" in response.text
    assert dropped(client, packed).status_code == 200
