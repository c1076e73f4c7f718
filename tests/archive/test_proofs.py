"""The proof file of an act: verified without us, by a script and by a page; altered, told."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive import actions
from archive.keeping import anchors, proofs
from archive.keeping.offline import verifier
from archive.models import Given
from documents.models import IssuedDocument
from registry.acts import actions as acts
from registry.signatures import keys
from tests.words import unsaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def anchored(settings, tmp_path, signed):
    """Signed minutes, online, and anchored."""
    settings.ANCHOR_FILE = tmp_path / "ancrages.jsonl"
    actions.publish(signed, by=None, at=timezone.now())
    anchors.anchor(at=timezone.now())
    return signed


@pytest.fixture
def extract(anchored) -> IssuedDocument:
    """The extract of an item of the same sitting, anchored."""
    now, meeting = timezone.now(), anchored.meeting
    keys = meeting.items.values_list("key", flat=True)
    issued = acts.issue_acts(meeting, by=None, at=now, bare=set(keys))
    anchors.anchor(at=now)
    return issued[0]


@pytest.fixture
def proof(anchored) -> bytes:
    return proofs.of_act(anchored).packed(at=timezone.now())


def found(content: bytes, **more) -> verifier.Report:
    """What the script says, with plain spaces."""
    report = verifier.verify(io.BytesIO(content), **more)
    for lines in (report.proved, report.broken, report.left):
        lines[:] = [line.replace("\xa0", " ") for line in lines]
    return report


def test_an_untouched_proof_says_what_is_proved_and_what_is_not(proof):
    report = found(proof)
    assert report.broken == []
    assert (
        unsaid(
            " ".join(report.proved),
            "existaient tels quels le ",
            "Ils sont scellés par ",
            "signé, de Val de Brume",
            "« acte.json » est, mot pour mot",
            "était dans l’ancrage n° 1, horodaté le ",
        )
        == []
    )
    assert unsaid(" ".join(report.left), "dans la salle", "encore en vigueur", "transmission") == []


def test_an_extract_proves_its_quorum_and_its_vote(anchored, extract):
    report = found(proofs.of_act(extract).packed(at=timezone.now()))
    assert report.broken == []
    assert unsaid(" ".join(report.proved), "Quorum : ", "Vote « ", "pour", "art. ") == []


def test_the_anchors_that_somebody_holds_must_be_the_same(proof, settings):
    lines = [json.loads(line) for line in settings.ANCHOR_FILE.read_text().splitlines()]
    assert found(proof, anchors=lines).broken == []
    other = [line | {"root": "0" * 64} for line in lines]
    assert "n’est pas celui que le tiers conserve" in " ".join(found(proof, anchors=other).broken)


def test_who_sealed_is_believed_only_when_one_says_so(proof, anchored, cast):
    """A forger can seal all of it again, under the same names, with an authority of his own."""
    seal = keys.of_seal(cast.organisation, at=timezone.now()).key.fingerprint
    assert "à vérifier" in " ".join(found(proof).proved)
    assert "scellés par « Val de Brume », garanti par « Autorité de démonstration somme_gov » " in (
        " ".join(found(proof, roots={seal}).proved)
    )
    assert "que vous croyez" in " ".join(found(proof, roots={seal}).proved)
    assert "que vous croyez" not in " ".join(found(proof, roots={"0" * 64}).proved)


def test_it_runs_alone_with_nothing_installed(proof, tmp_path):
    file = tmp_path / "preuve.zip"
    file.write_bytes(proof)
    with zipfile.ZipFile(file) as archive:
        script = archive.extract("verifier.py", tmp_path)
    run = subprocess.run(  # noqa: S603 our own script
        [sys.executable, "-I", "-S", script, file], capture_output=True, text=True, cwd=tmp_path
    )
    assert (run.returncode, "ALTÉRÉ" in run.stdout, run.stderr) == (0, False, "")
    file.write_bytes(proof.replace(b'"version": 1', b'"version": 2'))
    assert subprocess.run([sys.executable, "-I", "-S", script, file]).returncode == 1  # noqa: S603


# --- Altered in twenty ways ---------------------------------------------------------------------


def rewritten(content: bytes, change) -> bytes:
    """The proof with its files changed, the ZIP made again as a forger would."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, each in files.items():
            archive.writestr(name, each)
    return out.getvalue()


def facts(change):
    """What is told is changed, and nothing else."""

    def done(files) -> None:
        told = json.loads(files["preuve.json"])
        change(told)
        files["preuve.json"] = json.dumps(told).encode()

    return done


def sealed_again(change):
    """The forger makes the manifests again too; he cannot have them stamped or sealed."""

    def done(files) -> None:
        change(files)
        inside = {
            n: c for n, c in files.items() if not n.startswith("META-INF/") and n != "mimetype"
        }
        files["META-INF/ASiCManifest001.xml"] = proofs._manifest("timestamp001.tst", "t", inside)
        files["META-INF/ASiCManifest002.xml"] = proofs._manifest("signature001.p7s", "s", inside)

    return done


def other(token: bytes) -> bytes:
    """Another year in the hour that is told."""
    return token.replace(b"2026", b"2016", 1)


def byte(name: str, at: int = -40):
    def done(files) -> None:
        content = bytearray(files[name])
        content[at] ^= 1
        files[name] = bytes(content)

    return done


NOTHING = "0" * 64
TOKEN, SEAL = "META-INF/timestamp001.tst", "META-INF/signature001.p7s"
ALTERED = {
    "un octet de l’acte": byte("acte.pdf", 3000),
    "un octet de l’acte, manifestes refaits": sealed_again(byte("acte.pdf", 3000)),
    "un mot de l’acte": byte("acte.json", 300),
    "le quorum": facts(lambda told: told.update(quorum={"presents": 1})),
    "le délai": facts(
        lambda told: told.update(convocation={"envoyee_le": told["seance"], "jours_francs": 9})
    ),
    "le titre": facts(lambda told: told["acte"].update(titre="Autre")),
    "le titre, manifestes refaits": sealed_again(
        facts(lambda told: told["acte"].update(titre="Autre"))
    ),
    "l’organisation": facts(lambda told: told.update(organisation="Ailleurs")),
    "un ancrage retiré": facts(lambda told: told.update(chemins=[])),
    "la racine d’un ancrage": facts(lambda told: told["chemins"][0]["anchor"].update(root=NOTHING)),
    "un pas d’un chemin": facts(lambda told: told["chemins"][0]["path"].pop()),
    "la ligne constatée": facts(lambda told: told["chemins"][0].update(leaf="{}")),
    "un fichier ajouté": lambda files: files.update({"note.txt": b"x"}),
    "un fichier retiré": lambda files: files.pop("acte.json"),
    "l’horodatage retiré": lambda files: files.pop(TOKEN),
    "le cachet retiré": lambda files: (files.pop(SEAL), files.pop("META-INF/ASiCManifest002.xml")),
    "un octet de la signature de l’horodatage": byte(TOKEN, -3),
    "un octet de l’heure": lambda files: files.update(
        {TOKEN: files[TOKEN].replace(b"Z", b"0Z", 1)}
    ),
    "un octet du cachet": byte(SEAL, -3),
    "l’horodatage d’un autre fichier": lambda files: files.update({TOKEN: files[SEAL]}),
    "le manifeste vidé": lambda files: files.update(
        {"META-INF/ASiCManifest001.xml": b"<ASiCManifest/>"}
    ),
    "un manifeste qui déclare": lambda files: files.update(
        {"META-INF/ASiCManifest001.xml": b"<!DOCTYPE a><a/>"}
    ),
    "la preuve illisible": lambda files: files.update({"preuve.json": b"{"}),
    "une autre version": facts(lambda told: told.update(format="autre")),
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_what_is_altered_is_told(proof, change):
    assert found(rewritten(proof, change)).broken


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"\x00" * 100])
def test_what_is_no_proof_is_told_in_one_sentence(content):
    assert found(content).broken == ["ce n’est pas un fichier de preuve, ou il est abîmé"]


# --- Who gets it, and whether it is known again ---------------------------------------------------


def test_it_is_made_once_as_long_as_it_would_say_the_same(anchored, cast):
    now = timezone.now()
    first = actions.prove(anchored, by=cast.secretariat, at=now)
    assert actions.prove(anchored, by=cast.delegate, at=now + timedelta(days=1)) == first
    anchored.publications.get()
    actions.withdraw(anchored.publications.get(), reason="erreur", by=cast.secretariat, at=now)
    assert actions.prove(anchored, by=cast.secretariat, at=now) != first


def test_the_public_takes_the_proof_of_what_is_online(anchored, client):
    publication = anchored.publications.get()
    answer = client.get(reverse("archive:public_proof", args=[publication.code]))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    report = found(answer.content)
    assert report.broken == []
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "acte.json" not in archive.namelist()
    again = client.get(reverse("archive:public_proof", args=[publication.code]))
    assert again.content == answer.content
    assert Given.objects.count() == 1


def test_a_zip_is_known_by_its_bytes_and_by_nothing_that_it_says(anchored, cast, client_of):
    kept = client_of(cast.secretariat).get(reverse("archive:proof", args=[anchored.pk])).content
    page = reverse("archive:verify")

    def said(content: bytes) -> str:
        file = io.BytesIO(content)
        file.name = "x.zip"
        return Client().post(page, {"file": file}).text

    assert "Ce ZIP a été remis ici" in said(kept)
    forged = said(rewritten(kept, lambda files: files.update({"note.txt": b"x"})))
    assert "Ce ZIP n’est pas reconnu" in forged
    assert "Val de Brume" not in forged.partition("<form")[0]


def test_without_an_authority_it_is_refused_and_said(settings, anchored, cast, client_of):
    settings.SIGNING_DEVELOPMENT, settings.SIGNING_TIMESTAMP_URL = False, ""
    client = client_of(cast.secretariat)
    answer = client.get(reverse("archive:proof", args=[anchored.pk]), follow=True)
    assert "Aucune autorité d’horodatage" in answer.text
    code = anchored.publications.get().code
    answer = client.get(reverse("archive:public_proof", args=[code]))
    assert answer.status_code == 503
    assert Given.objects.count() == 0
