"""A sitting in one ZIP: everything is in it, and whatever is touched is told by name."""

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


@pytest.fixture
def packed(minutes, accounts):
    """The whole file of a sitting whose minutes bear one signature."""
    sign(minutes, "president", accounts[0])
    return bundles.whole(minutes.meeting, at=timezone.now())


def names(content):
    return sorted(zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_the_whole_file_holds_papers_data_ledger_and_proofs(packed):
    assert names(packed) == [
        "documents/pv-comite-2026-06-09-signe.pdf",
        "documents/pv-comite-2026-06-09.pdf",
        "manifest.json",
        "registre.json",
        "reponses.json",
        "seance.json",
    ]


def test_a_delegate_keeps_papers_and_nothing_of_the_others(minutes):
    content = bundles.of_delegate(minutes.meeting, at=timezone.now())
    assert all(name.startswith(("documents/", "pieces/", "manifest")) for name in names(content))


def test_the_page_reads_it_again(packed):
    verdict = verification.judge_bundle(packed)
    assert verdict.is_ours
    assert "la chaîne du registre de la séance est entière" in verdict.sentences[1].lower()
    assert [name for name, _ in verdict.papers] == [
        "documents/pv-comite-2026-06-09.pdf",
        "documents/pv-comite-2026-06-09-signe.pdf",
    ]


def rewritten(packed, change, *, resealed=False):
    """The same ZIP with entries changed; `resealed` also puts their new hashes in the manifest."""
    import hashlib

    source = zipfile.ZipFile(io.BytesIO(packed))
    entries = {name: change(name, source.read(name)) for name in source.namelist()}
    entries = {name: content for name, content in entries.items() if content is not None}
    if resealed:
        manifest = json.loads(entries["manifest.json"])
        manifest["sha256"] = {
            name: hashlib.sha256(content).hexdigest()
            for name, content in entries.items()
            if name != "manifest.json"
        }
        entries["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda n, c: c + b" " if n == "seance.json" else c,
            "seance.json",
            id="une donnée changée",
        ),
        pytest.param(
            lambda n, c: None if n.endswith("signe.pdf") else c, "signe.pdf", id="un fichier retiré"
        ),
        pytest.param(
            lambda n, c: None if n == "manifest.json" else c, "pas été fait ici", id="autre"
        ),
    ],
)
def test_what_was_touched_is_named(packed, change, said):
    with pytest.raises(Refused, match=said):
        bundles.read(rewritten(packed, change))


def test_a_ledger_rewritten_with_its_manifest_breaks_its_chain(packed):
    def change(name, content):
        return (
            content.replace(b"alice-arnaud", b"bruno-besson")
            if name == "registre.json"
            else content
        )

    verdict = verification.judge_bundle(rewritten(packed, change, resealed=True))
    assert "a été modifié à la ligne 1" in verdict.sentences[1]


def test_a_paper_exchanged_with_its_manifest_is_not_ours(packed):
    def change(name, content):
        return content + b"\n" if name.endswith("09.pdf") else content

    verdict = verification.judge_bundle(rewritten(packed, change, resealed=True))
    assert not verdict.is_ours


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"PK\x03\x04", id="tronqué"),
        pytest.param(b"PK\x03\x04" + b"\x00" * 5000, id="abîmé"),
    ],
)
def test_what_is_no_zip_is_refused_in_words(content):
    with pytest.raises(Refused, match="pas été fait ici"):
        bundles.read(content)


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


def test_the_page_takes_a_zip(client, packed):
    response = client.post(reverse("archive:verify"), {"file": ContentFile(packed, "s.zip")})
    assert "Cette séance est entière" in response.content.decode()
