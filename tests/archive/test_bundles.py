"""A sitting in one ZIP: everything is in it, and whatever is touched is told by name."""

import hashlib
import io
import json
import struct
import tracemalloc
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from archive.keeping import bundles, verification
from law.findings import Refused
from tests.held import sign

pytestmark = pytest.mark.django_db

PAPER, SIGNED = (f"documents/pv-comite-2026-06-09{end}.pdf" for end in ("", "-signe-en-partie"))


@pytest.fixture
def packed(minutes, accounts):
    """The whole file of a sitting whose minutes bear one signature."""
    sign(minutes, "president", accounts[0])
    return bundles.whole(minutes.meeting, at=timezone.now())


def opened(content: bytes) -> None:
    with bundles.opened(content):
        pass


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
        (lambda n, c: None if n.endswith("-en-partie.pdf") else c, "signe-en-partie.pdf"),
        (lambda n, c: None if n == "manifest.json" else c, "pas été fait ici"),
    ):
        with pytest.raises(Refused, match=said):
            opened(rewritten(packed, change))

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
            opened(content)


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
        opened(out.getvalue())


# --- What is malformed, and what is made to hurt ----------------------------------------------

MANIFEST = {"format": bundles.FORMAT, "organisation": "O", "instance": "I", "seance": "2026-06-09"}


def zipped(entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, **manifest) -> bytes:
    """A ZIP that says of itself what it should, but for `manifest`."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in entries.items()}
    told = json.dumps(MANIFEST | {"sha256": hashes} | manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, content in {"manifest.json": told, **entries}.items():
            target.writestr(name, content)
    return out.getvalue()


def with_ledger(content: bytes) -> bytes:
    return zipped({"registre.json": content})


def directory_of(count: int) -> bytes:
    """Nothing but a directory, of so many names of one file."""
    sound = zipped({"x": b"x"})
    at = sound.index(b"PK\x01\x02")
    (entry,) = [sound[at : sound.index(b"PK\x01\x02", at + 1)]]
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 9, 9, len(entry) * count, at, 0)
    return sound[:at] + entry * count + end


MALFORMED = {
    "entête seul": b"PK\x03\x04",
    "coupé": zipped({"x": b"x" * 999})[:-40],
    "chiffré": zipped({}).replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    ),
    "LZMA": zipped({"x": b"x"}, method=zipfile.ZIP_LZMA),
    "méthode inconnue": zipped({"x": b"x"}, method=zipfile.ZIP_STORED).replace(
        b"\x14\x00\x00\x00\x00\x00", b"\x14\x00\x00\x00\x63\x00"
    ),
    "un répertoire sans fin": directory_of(80_000),
    "manifeste sans instance": zipped({}, instance=None),
    "manifeste trompeur": zipped({}, instance="I\u202egnol"),
    "moitié de caractère": zipped({}, organisation="\ud800"),
    "jour impossible": zipped({}, seance="2026-02-31"),
    "empreintes en liste": zipped({}, sha256=[["x", "y"]]),
    "manifeste profond": zipped({}, instance=json.loads("[" * 900 + "]" * 900)),
    "registre profond": with_ledger(b"[" * 90_000 + b"]" * 90_000),
    "registre vide de sens": with_ledger(b'[{"seq": 1}]'),
    "registre d’un nombre": with_ledger(b"7"),
    "registre illisible": with_ledger(b"\xff\xfe{"),
    "nombre géant": with_ledger(b'[{"seq": ' + b"9" * 9999 + b"}]"),
    "bombe d’un mégaoctet": zipped({"zeros": bytes(1 << 29)}),
    "bombe lue comme un registre": with_ledger(b" " * (20 << 20) + b"[]"),
    "bombe en guise de papier": zipped({"documents/pv.pdf": bytes(20 << 20)}),
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_malformed_is_refused_in_one_sentence_and_takes_little(client, content):
    tracemalloc.start()
    response = client.post(reverse("archive:verify"), {"file": ContentFile(content, "s.zip")})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status_code == 422
    assert response.text.count('class="invalid-feedback"') == 1
    assert most < 50 << 20


def test_papers_that_nobody_has_the_time_to_read_are_counted(packed, client, monkeypatch):
    monkeypatch.setattr(verification, "SECONDS", -1)
    response = client.post(reverse("archive:verify"), {"file": ContentFile(packed, "s.zip")})
    assert "2 papiers de ce ZIP n’ont pas été lus" in response.text
    assert "Cette séance est entière" not in response.text


def test_who_comes_when_others_are_being_judged_is_asked_to_come_back(packed, client, monkeypatch):
    monkeypatch.setattr(verification, "WAIT", 0.0)
    with verification.turn(), verification.turn():
        response = client.post(reverse("archive:verify"), {"file": ContentFile(packed, "s.zip")})
        assert response.status_code == 422
        assert "dans une minute" in response.text
    response = client.post(reverse("archive:verify"), {"file": ContentFile(packed, "s.zip")})
    assert response.status_code == 200
