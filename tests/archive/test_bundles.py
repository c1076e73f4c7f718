"""A sitting in one ZIP: everything is in it, and whatever is touched is told by name."""

import hashlib
import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from archive.keeping import bundles, verification
from law.findings import Refused
from tests.held import sign

pytestmark = pytest.mark.django_db

PAPER, SIGNED = (f"documents/pv-comite-2026-06-09{end}.pdf" for end in ("", "-signe"))


@pytest.fixture
def packed(minutes, accounts):
    """The whole file of a sitting whose minutes bear one signature."""
    sign(minutes, "president", accounts[0])
    return bundles.whole(minutes.meeting, at=timezone.now())


def names(content):
    return sorted(zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_papers_data_ledger_and_proofs_are_packed_and_read_again(packed, minutes, client):
    data = ["manifest.json", "registre.json", "reponses.json", "seance.json"]
    assert names(packed) == [SIGNED, PAPER, *data]
    verdict = verification.judge_bundle(packed)
    assert verdict.is_ours
    assert "la chaîne du registre de la séance est entière" in verdict.sentences[1].lower()
    assert [name for name, _ in verdict.papers] == [PAPER, SIGNED]
    response = client.post(reverse("archive:verify"), {"file": ContentFile(packed, "s.zip")})
    assert "Cette séance est entière" in response.content.decode()
    # What a delegate keeps says nothing of the others.
    content = bundles.of_delegate(minutes.meeting, at=timezone.now())
    assert all(name.startswith(("documents/", "pieces/", "manifest")) for name in names(content))


def rewritten(packed, change, *, resealed=False):
    """The same ZIP with entries changed; `resealed` also puts their new hashes in the manifest."""
    source = zipfile.ZipFile(io.BytesIO(packed))
    entries = {name: change(name, source.read(name)) for name in source.namelist()}
    entries = {name: content for name, content in entries.items() if content is not None}
    if resealed:
        manifest = json.loads(entries.pop("manifest.json"))
        manifest["sha256"] = {
            name: hashlib.sha256(content).hexdigest() for name, content in entries.items()
        }
        entries["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return out.getvalue()


def test_what_was_touched_is_named_even_with_its_manifest(packed):
    for change, said in (
        (lambda n, c: c + b" " if n == "seance.json" else c, "seance.json"),
        (lambda n, c: None if n.endswith("signe.pdf") else c, "signe.pdf"),
        (lambda n, c: None if n == "manifest.json" else c, "pas été fait ici"),
    ):
        with pytest.raises(Refused, match=said):
            bundles.read(rewritten(packed, change))

    def of_ledger(name, content):
        is_it = name == "registre.json"
        return content.replace(b"alice-arnaud", b"bruno-besson") if is_it else content

    def of_paper(name, content):
        return content + b"\n" if name == PAPER else content

    # With its manifest too.
    verdict = verification.judge_bundle(rewritten(packed, of_ledger, resealed=True))
    assert "a été modifié à la ligne 1" in verdict.sentences[1]
    assert not verification.judge_bundle(rewritten(packed, of_paper, resealed=True)).is_ours


def test_what_is_no_zip_is_refused_in_words():
    for content in (b"PK\x03\x04", b"PK\x03\x04" + b"\x00" * 5000):
        with pytest.raises(Refused, match="pas été fait ici"):
            bundles.read(content)


@pytest.mark.proof
def test_a_bomb_is_not_unpacked():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros", "w", force_zip64=True) as entry,
    ):
        for _ in range(1100):
            entry.write(bytes(1 << 20))
    with pytest.raises(Refused, match="plus que ce qu’une séance"):
        bundles.read(out.getvalue())
