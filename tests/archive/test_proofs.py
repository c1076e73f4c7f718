"""The proof file of an act: verified without us, by a script and by a page; altered, told."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import ANY

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive import actions
from archive.keeping import anchors, integrity, proofs
from archive.keeping.offline import verifier
from archive.models import Given, Publication
from convening.models import Convocation, Posted, Recipient
from documents.models import IssuedDocument
from documents.papers.minutes import VoteGroup
from law.findings import Refused
from meetings import reading
from meetings.actions import ledger
from members import witness
from members.witness import Witness
from registry.acts import actions as acts
from registry.signatures import keys
from registry.signatures.authority import _keep
from tests import cast as scene
from tests.archive.forgeries import (
    ALTERED,
    CONTAINERS,
    FORGED,
    UNBELIEVED,
    again,
    certified,
    clock,
    facts,
    rewritten,
    rsa_key,
)
from tests.held import AT
from tests.words import unsaid

pytestmark = pytest.mark.django_db

BELIEVED = "Rien n’a été altéré, et vous croyez qui l’a scellé et qui donne l’heure."


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
    report = verifier.verify(content, **more)
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
            "Ils étaient alors scellés par ",
            "signé, de Val de Brume",
            "« acte.json » est, mot pour mot",
            "était dans l’ancrage n° 1, horodaté le ",
        )
        == []
    )
    words = ("dans la salle", "encore en vigueur", "transmission", "n’étaient pas révoqués")
    assert unsaid(" ".join(report.left), *words) == []


def test_an_extract_proves_its_quorum_and_its_vote(anchored, extract):
    report = found(proofs.of_act(extract).packed(at=timezone.now()))
    assert report.broken == []
    assert unsaid(" ".join(report.proved), "Quorum : ", "Vote « ", "pour", "art. ") == []
    assert "Présents, quorum et votes" not in " ".join(report.left)
    assert "présents, quorum, votes" in proofs._readme(proofs.of_act(extract).facts)


def test_it_names_each_signature_and_what_it_does_not_hold(anchored, proof):
    report = found(proof)
    proved, left = " ".join(report.proved), " ".join(report.left)
    for step in anchored.signatures.exclude(place=""):
        assert f"Signature ({step.signer}) : ce qui en est dit était dans l’ancrage" in proved
        assert f"La signature de « {step.signer} » ({step.get_role_display()}, " in left
    assert "de démonstration, sans valeur juridique" in left
    assert "Le cachet de ce fichier, de démonstration, sans valeur juridique : « Val de B" in left
    assert "Présents, quorum et votes : ce fichier ne les porte pas" in left  # of minutes
    with zipfile.ZipFile(io.BytesIO(proof)) as archive:
        readme = archive.read("LISEZMOI.txt").decode().replace("\xa0", " ")
        told = json.loads(archive.read(verifier.FACTS))
    held, _, unproved = readme.partition("Non prouvé par ce fichier :")
    assert "quorum" not in held
    for line in report.left:
        if line.startswith(("La signature", "Le cachet", "Présents")):
            assert f"  - {line}\n" in unproved
    # Whole names: those of a demonstration say that they are worth nothing.
    names = [each["certificat"]["au_nom_de"] for each in told["signatures"]]
    assert len(names) == 3
    assert all(
        "Démonstration, sans valeur juridique" in n for n in [*names, told["cachet"]["au_nom_de"]]
    )


def test_the_public_proof_names_the_signatures_of_its_file_and_no_others(anchored, accounts):
    public = proofs.of_publication(anchored.publications.get())
    signers = [each["signataire"] for each in public.facts["signatures"]]
    assert signers == [step.signer for step in anchored.signatures.exclude(place="")]
    redacted = anchored.publications.get()
    redacted.sha256 = "0" * 64
    assert proofs._borne(redacted) == []


def void_the_vote(extract: IssuedDocument, by) -> None:
    meeting = extract.meeting
    item = meeting.items.get(key=extract.subject)
    decided = reading.decisions(meeting, item)[-1]
    ledger.void(meeting, seq=decided.seq, reason="ressaisie", by=by)


CHANGED_SINCE = {
    "le vote annulé": void_the_vote,
    "l’intitulé": lambda extract, by: scene.change(
        extract.meeting.items.get(key=extract.subject), title="Autre chose"
    ),
    "le jour de la séance": lambda extract, by: scene.change(
        extract.meeting, held_on=extract.meeting.held_on + timedelta(days=10)
    ),
    "le jour de la convocation": lambda extract, by: scene.change(
        extract.meeting, convened_on=extract.meeting.held_on - timedelta(days=40)
    ),
}


@pytest.mark.parametrize("change", CHANGED_SINCE.values(), ids=CHANGED_SINCE)
def test_a_proof_says_nothing_of_a_sitting_that_says_something_else_since(extract, cast, change):
    """It is sealed around an act: what it says beside must be what the act says."""
    publication = Publication(document=extract, file=extract.pdf.name, sha256=extract.pdf_sha256)
    publication.first_version, publication.code, publication.title = extract, extract.code, "Acte"
    publication.save()
    day = extract.meeting.held_on.isoformat()
    change(extract, cast.secretariat)
    document = IssuedDocument.objects.get(pk=extract.pk)
    for proof in (proofs.of_act(document), proofs.of_publication(document.publications.get())):
        said = proof.facts
        assert not {"convocation", "membres", "quorum", "votes", "point"} & said.keys()
        assert said["seance"] == day
        packed = proof.packed(at=timezone.now())
        report = found(packed)
        assert report.broken == []
        assert "ce fichier ne les porte pas" in " ".join(report.left)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert proofs.LEFT_OUT in archive.read("LISEZMOI.txt").decode()


def test_the_public_is_told_by_name_what_the_act_tells_by_name(extract, monkeypatch):
    vote = {"question": "Budget", "par_nom": {"pour": [{"nom": "A", "voix": 1}]}}
    monkeypatch.setattr(proofs, "_votes", lambda meeting, item: [dict(vote)])
    monkeypatch.setattr(proofs, "_is_as_issued", lambda document: True)
    roll = VoteGroup(label="Ont voté pour (1)", names=("A",))
    for groups, kept in (((roll,), vote), ((), {"question": "Budget"})):
        printed = tuple(replace(step, groups=groups) for step in extract.paper.decisions)
        monkeypatch.setattr(IssuedDocument, "paper", replace(extract.paper, decisions=printed))
        assert proofs._sitting(extract)["votes"] == [vote]
        assert proofs._sitting(extract, is_public=True)["votes"] == [kept]


@pytest.fixture
def as_issued(monkeypatch) -> None:
    """As if what the tests note of a convocation had been noted before the act was issued."""
    monkeypatch.setattr(proofs, "_is_as_issued", lambda document: True)


def test_a_convocation_of_which_nothing_left_is_not_told_as_sent(anchored, as_issued):
    """Established here, kept for want of a server: no notice is proved by its day."""
    meeting, on = anchored.meeting, date(2026, 6, 1)
    scene.change(meeting, convened_on=on, sent_on=on)
    sent = Convocation.objects.create(
        meeting=meeting, number=1, kind="convocation", stage="envoyee", sent_on=on
    )
    kept = Recipient(convocation=sent, why="membre", name="Alice", channel="courriel")
    kept.state = Posted.State.KEPT
    Recipient.objects.bulk_create([kept])
    document = IssuedDocument.objects.get(pk=anchored.pk)
    proof = proofs.of_act(document)
    assert proof.facts["convocation"] is None
    report = found(proof.packed(at=timezone.now()))
    assert report.broken == []
    assert "Convocation du" not in " ".join(report.proved)
    kept_here = "elle a été établie le 01/06/2026, et rien n’en était parti d’ici."
    assert kept_here in " ".join(report.left)
    Recipient.objects.filter(pk=kept.pk).update(state=Posted.State.SENT, sent_at=AT)
    told = proofs.of_act(IssuedDocument.objects.get(pk=anchored.pk)).facts["convocation"]
    assert told["envoyee_le"] == timezone.localdate(AT)


def test_a_notice_is_that_of_the_last_member_and_a_day_that_was_told_says_so(
    anchored, cast, as_issued
):
    """Each member handed over on a day of his own, one of them on somebody's word, one never; a
    copy that left first counts for nobody."""
    meeting, on = anchored.meeting, date(2026, 6, 1)
    scene.change(meeting, convened_on=on, sent_on=on)
    sent = Convocation.objects.create(
        meeting=meeting, number=1, kind="convocation", stage="envoyee", sent_on=on
    )
    states = Posted.State
    for name, why, state, day in (
        ("Alice", "membre", states.SENT, 2),
        ("Bruno", "membre", states.ELSEWHERE, 4),
        ("Chloé", "membre", states.KEPT, None),
        ("Mairie", "copie", states.SENT, 1),
    ):
        Recipient.objects.create(
            convocation=sent, why=why, name=name, channel="courriel", message_id=name, state=state,
            sent_at=AT.replace(month=6, day=day) if day else None,
            declared_by=cast.secretariat if state == states.ELSEWHERE else None,
            declared_at=AT if state == states.ELSEWHERE else None,
        )  # fmt: skip
    proof = proofs.of_act(IssuedDocument.objects.get(pk=anchored.pk))
    told = proof.facts["convocation"]
    assert (told["envoyee_le"], told["premiere_remise_le"]) == (date(2026, 6, 4), date(2026, 6, 2))
    assert told["jours_francs"] == max(0, (meeting.held_on - date(2026, 6, 4)).days - 1)
    report = found(proof.packed(at=timezone.now()))
    assert report.broken == []
    proved = "Convocation du 04/06/2026, remise à partir du 02/06/2026, ce jour-là au dernier"
    assert proved in " ".join(report.proved)
    left = (
        "Que la convocation fut remise à chaque membre : pour 1, rien ne le dit.",
        f"Que la convocation fut remise le 04/06/2026 (1) : déclaré par {cast.secretariat} le ",
        "aucun serveur ne l’atteste",
    )
    assert unsaid(" ".join(report.left), *left) == []


def test_it_says_where_the_act_stood_that_day(anchored, cast):
    now, kept = timezone.now(), proofs.of_act(anchored).packed(at=timezone.now())
    assert unsaid(" ".join(found(kept).proved), "aucune version", "En ligne depuis le ") == []
    publication = anchored.publications.get()
    actions.withdraw(publication, reason="Erreur de fichier", by=cast.secretariat, at=now)
    later = IssuedDocument.objects.get(pk=anchored.pk)
    later.pk, later._state.adding = None, True
    later.version, later.supersedes, later.reason, later.code = 2, anchored, "x", "B" * 16
    later.save()
    proof = proofs.of_act(IssuedDocument.objects.get(pk=anchored.pk)).packed(at=now)
    report = found(proof)
    assert report.broken == []
    replaced = "l’acte était remplacé par la version 2 (code BBBBBBBBBBBBBBBB), établie le "
    withdrawn = ("Mis en ligne le ", ", retiré le ", " UTC : « Erreur de fichier ».")
    assert unsaid(" ".join(report.proved), replaced, *withdrawn) == []
    assert "encore en vigueur" not in " ".join(report.left)
    with zipfile.ZipFile(io.BytesIO(proof)) as archive:
        readme = archive.read("LISEZMOI.txt").decode()
    assert unsaid(readme, "remplacé par la version 2 (code BBBBBBBBBBBBBBBB)", "retiré") == []


def test_the_anchors_that_somebody_holds_must_be_the_same(proof, settings):
    held = verifier.anchors_of(settings.ANCHOR_FILE)
    assert found(proof, anchors=held).broken == []
    other = {(number, "0" * 64) for number, _ in held}
    assert "n’est pas celui que le tiers conserve" in " ".join(found(proof, anchors=other).broken)


def test_who_sealed_is_believed_only_when_one_says_so(proof, anchored, cast):
    """A forger can seal all of it again, under the same names, with an authority of his own."""
    seal = keys.of_seal(cast.organisation, at=timezone.now()).key.fingerprint
    assert "à vérifier" in " ".join(found(proof).proved)
    assert "scellés par « Val de Brume » (que vous croyez)" in (
        " ".join(found(proof, roots={seal}).proved)
    )
    assert "que vous croyez" not in " ".join(found(proof, roots={"0" * 64}).proved)


@pytest.mark.proof
def test_it_runs_alone_with_nothing_installed(proof, tmp_path):
    file = tmp_path / "preuve.zip"
    file.write_bytes(proof)
    with zipfile.ZipFile(file) as archive:
        script = archive.extract("verifier.py", tmp_path)
    root = hashlib.sha256(keys.authority().root).hexdigest()
    believed = ("--empreinte", root.upper(), "--empreinte-heure", root)

    def run(*more):
        command = [sys.executable, "-I", "-S", script, file, *more]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)  # noqa: S603 our own script
        return done.returncode, done.stdout, done.stderr

    assert run(*believed) == (0, ANY, "")
    assert run()[0] == 3
    assert (run("--empreinte", "x")[0], run("--ancrages", tmp_path)[0]) == (2, 2)
    file.write_bytes(proof.replace(b'"version": 1', b'"version": 2'))
    code, said, errors = run(*believed)
    assert (code, "ALTÉRÉ" in said, errors) == (1, True, "")


# --- What a forger can do: see tests/archive/forgeries.py --------------------------------------


def silent(proof: bytes, cases, make, **believed) -> list[str]:
    """The cases of which the script does not say what it must."""
    wrong = []
    for name, (change, words) in cases.items():
        report = found(make(proof, change), **believed)
        if unsaid(" ; ".join(report.broken), words) or "a été altéré" not in report.verdict:
            wrong.append(f"{name} : {report.broken or report.verdict}")
    return wrong


@pytest.mark.proof
def test_what_is_altered_is_told(proof):
    assert silent(proof, ALTERED, rewritten) == []


@pytest.mark.proof
def test_what_the_container_hides_is_told(proof):
    assert silent(proof, CONTAINERS, lambda content, change: change(content)) == []


@pytest.mark.proof
def test_what_is_forged_is_told_whoever_is_believed(proof):
    """The forger has certificates of the authority that everybody believes: not for this."""
    root = {hashlib.sha256(keys.authority().root).hexdigest()}
    report = found(rewritten(proof, again()), roots=root, clocks=root)
    assert (report.broken, report.verdict) == ([], BELIEVED)  # his tools are good
    assert silent(proof, FORGED, rewritten, roots=root, clocks=root) == []


@pytest.mark.proof
def test_what_anybody_can_make_is_told_to_be_so(proof):
    root = {hashlib.sha256(keys.authority().root).hexdigest()}
    for name, (change, words) in UNBELIEVED.items():
        report = found(rewritten(proof, change), roots=root, clocks=root)
        assert report.broken == [], name
        assert words in " ; ".join([*report.proved, *report.left]), name
        assert report.verdict != BELIEVED, name


@pytest.mark.proof
def test_who_is_believed_for_one_thing_is_not_for_the_other(proof):
    root = {hashlib.sha256(keys.authority().root).hexdigest()}
    assert found(proof, roots=root, clocks=root).verdict == BELIEVED
    assert "Reste à savoir par qui" in found(proof, clocks=root).verdict
    only_seal = found(proof, roots=root)
    assert "Reste à savoir qui donne l’heure" in only_seal.verdict
    told = " ".join(only_seal.proved)
    assert "scellés par « Val de Brume », garanti par" in told and "(que vous croyez)" in told
    assert "somme_gov » (à vérifier)" in told


@pytest.mark.proof
def test_a_name_neither_moves_the_cursor_nor_closes_its_quotes(proof):
    name = "Val » (que vous croyez) \x1b[2J\n  - Prouvé «"
    title = facts(lambda told: told["acte"].update(titre=name))
    report = found(rewritten(proof, again(title, seal=lambda: certified(name))))
    said = "".join([*report.proved, *report.left, *report.broken])
    assert "\x1b" not in said and "\n" not in said
    assert "scellés par « Val ” (que vous croyez)" in said


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


@pytest.mark.proof
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


@pytest.mark.proof
def test_without_an_authority_it_is_refused_and_said(settings, anchored, cast, client_of):
    settings.SIGNING_DEVELOPMENT, settings.SIGNING_TIMESTAMP_URL = False, ""
    client = client_of(cast.secretariat)
    answer = client.get(reverse("archive:proof", args=[anchored.pk]), follow=True)
    assert "Aucune autorité d’horodatage" in answer.text
    code = anchored.publications.get().code
    answer = client.get(reverse("archive:public_proof", args=[code]))
    assert answer.status_code == 503
    assert Given.objects.count() == 0


@pytest.mark.proof
def test_what_our_own_verifier_would_not_read_is_not_given(anchored, cast, settings):
    """An hour told by a certificate that was not made for it: seen now, not in ten years."""
    odd = clock(critical=False, key=rsa_key())
    key = serialization.load_der_private_key(odd.key, None)
    certificate = x509.load_der_x509_certificate(odd.certificate)
    file = settings.DATA_DIR / "autorite" / "horodatage.pem"
    file.unlink()
    _keep(file, key, certificate)
    with pytest.raises(Refused, match="Le fichier de preuve ne se vérifierait pas"):
        actions.prove(anchored, by=cast.secretariat, at=timezone.now())
    assert not Given.objects.exists()


def test_without_a_seal_it_says_so_and_nothing_was_altered(anchored, cast):
    key = keys.of_seal(cast.organisation, at=timezone.now()).key
    (keys.authority().directory / "cles" / f"{key.fingerprint}.pem").unlink()
    report = found(proofs.of_act(anchored).packed(at=timezone.now()))
    assert report.broken == []
    assert "Qui a fait ce fichier : il n’est pas scellé." in report.left


# --- Kept as it was handed over -------------------------------------------------------------------


def _lose(file) -> None:
    file.unlink()


def _forge(file) -> None:
    file.write_bytes(rewritten(file.read_bytes(), again()))


@pytest.mark.proof
@pytest.mark.parametrize("harm", [_lose, _forge], ids=["perdu", "contrefait"])
@pytest.mark.parametrize("public", [False, True], ids=["de l’acte", "de ce qui est en ligne"])
def test_a_kept_proof_that_is_lost_or_forged_is_told_and_made_again(
    anchored, cast, client_of, settings, harm, public
):
    publication = anchored.publications.get()
    address = (
        reverse("archive:public_proof", args=[publication.code])
        if public
        else reverse("archive:proof", args=[anchored.pk])
    )
    client = client_of(cast.secretariat)
    first = client.get(address).content
    assert [str(fault) for fault in integrity.faults()] == []  # and is no orphan
    kept = Given.objects.get()
    file = Path(kept.file.path)
    harm(file)
    (fault,) = integrity.faults()
    assert f"remise n°\u00a0{kept.pk}" in fault.where
    left = file.read_bytes() if file.exists() else None
    answer = client.get(address)
    assert answer.status_code == 200 and answer.content not in (first, left)
    assert found(answer.content).broken == []
    assert client.get(address).content == answer.content
    harm(Path(Given.objects.first().file.path))
    settings.SIGNING_DEVELOPMENT, settings.SIGNING_TIMESTAMP_URL = False, ""
    answer = client.get(address, follow=True)
    assert "Aucune autorité d’horodatage" in answer.text


@pytest.mark.proof
def test_a_public_proof_that_today_s_verifier_does_not_read_is_made_again(anchored, client):
    publication, now = anchored.publications.get(), timezone.now()
    old = rewritten(
        proofs.of_publication(publication).packed(at=now),
        lambda files: files.update(
            {"preuve.json": files["preuve.json"].replace(b"preuve/2", b"preuve/1")}
        ),
    )
    actions.give(
        old,
        kind=Given.Kind.PUBLIC_PROOF,
        meeting=anchored.meeting,
        by=None,
        at=now,
        document=anchored,
        file=ContentFile(old, "preuve.zip"),
    )
    answer = client.get(reverse("archive:public_proof", args=[publication.code]))
    assert found(answer.content).broken == []


@pytest.mark.proof
def test_what_stands_beside_on_the_way_cannot_be_guessed(anchored):
    """Anybody who takes a public proof reads the leaf of another line. Were it the hash of what
    that line says, a few million guesses of its hour would confirm an answer or a vote."""
    way = proofs.of_publication(anchored.publications.get()).facts["chemins"][0]
    hashes, met = {step["hash"] for step in way["path"]}, 0
    for model in witness.watched():
        for row, told, _ in witness.told(model, model._base_manager.order_by("pk")):
            for line in Witness.objects.filter(table=model._meta.label_lower, row=row):
                met += line.tells(told)
                line.salt = ""  # all is known but this
                assert not line.tells(told)
                assert witness.leaf(line.text(told)) not in hashes
    assert met > 20
    assert '"salt":' in way["leaf"]


@pytest.mark.parametrize("harm", [_lose, lambda file: file.write_bytes(b"%PDF-1.7")])
def test_no_proof_is_made_of_a_file_that_is_no_longer_the_act(anchored, cast, client_of, harm):
    publication = anchored.publications.get()
    harm(Path(publication.file.path))
    harm(Path(anchored.signatures.last().file.path))
    answer = Client().get(reverse("archive:public_proof", args=[publication.code]))
    assert (answer.status_code, "aucune preuve n’en est donnée" in answer.text) == (503, True)
    client = client_of(cast.secretariat)
    answer = client.get(reverse("archive:proof", args=[anchored.pk]), follow=True)
    assert "aucune preuve n’en est donnée" in answer.text
    assert not Given.objects.exists()
