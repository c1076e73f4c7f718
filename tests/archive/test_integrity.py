"""`manage.py verify`: silent when all is well, and each kind of damage told by name."""

import hashlib
import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from archive.keeping import integrity
from archive.online import public_copy
from documents.models import IssuedDocument
from members import files
from registry.models import SignatureStep
from registry.signatures import actions as signatures
from registry.signatures import pades, reading, strangers
from tests.convening import sent
from tests.convening.dispatched import dispatched
from tests.held import AT, at_home, sign, sign_by_hand
from tests.registry.test_signing import replaced
from tests.words import refused, unsaid
from trail import chain

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    return [str(fault) for fault in integrity.faults()]


def test_an_empty_application_is_well():
    assert told() == []


def test_all_is_well_and_verifying_changes_nothing(signed, media):
    def state():
        files = {path: path.read_bytes() for path in media.rglob("*") if path.is_file()}
        return files, *(list(model.objects.values()) for model in (IssuedDocument, SignatureStep))

    before, out = state(), io.StringIO()
    call_command("verify", stdout=out)
    assert unsaid(out.getvalue(), "Tout est comme au premier jour", "signatures\u00a0: 4") == []
    assert state() == before


def altered(path: str) -> None:
    with Path(path).open("r+b") as file:
        file.seek(2000)
        file.write(b"\x00")


def in_the_back(sql: str, *values) -> None:
    """Somebody with access to the database goes round the application."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def other_content(minutes) -> None:
    sql = "UPDATE documents_issueddocument SET content = content || ' ' WHERE id = %s"
    in_the_back(sql, minutes.pk)


def without_a_signature(minutes) -> None:
    sql = "UPDATE registry_signaturestep SET file = %s WHERE place = 'secretaire-1'"
    in_the_back(sql, minutes.signatures.get(place="cachet").file.name)


def a_line_of_the_trail(minutes) -> None:
    chain.extend()
    in_the_back("UPDATE trail_entry SET what = 'rien' WHERE position = 1")


def by_the_key_of_another(minutes) -> None:
    """The row names a key which is not that of the file."""
    other = minutes.signatures.get(place="secretaire-1").key_id
    sql = "UPDATE registry_signaturestep SET key_id = %s WHERE place = 'president'"
    in_the_back(sql, other)


def before_it_was_signed(minutes) -> None:
    """The file of the step before, and its hash: nobody signed there."""
    before = minutes.signatures.get(place="cachet")
    sql = "UPDATE registry_signaturestep SET file = %s, sha256 = %s WHERE place = 'president'"
    in_the_back(sql, before.file.name, before.sha256)


def sealed_on_another(minutes) -> None:
    """What was sealed and signed was not what was issued."""
    altered(minutes.pdf.path)
    digest = hashlib.sha256(Path(minutes.pdf.path).read_bytes()).hexdigest()
    sql = "UPDATE documents_issueddocument SET pdf_sha256 = %s WHERE id = %s"
    in_the_back(sql, digest, minutes.pk)


def left_behind(minutes) -> None:
    """What a server that was killed was writing, an hour and more ago."""
    for name, age in (("tue", timedelta(hours=2)), ("en-train", timedelta())):
        left = Path(settings.MEDIA_ROOT) / f"{files.UNDER_WAY}{name}"
        left.write_bytes(b"%PDF")
        since = (timezone.now() - age).timestamp()
        os.utime(left, (since, since))


def forgotten(beside: Path, *, age: timedelta = timedelta(hours=2)) -> Path:
    """A file of which no row speaks, written so long ago."""
    path = beside.with_name("oublie.pdf")
    path.write_bytes(b"%PDF")
    os.utime(path, 2 * (time.time() - age.total_seconds(),))
    return path


DAMAGES = {
    "un octet du PDF établi": (lambda m: altered(m.pdf.path), "le PDF n’est plus celui"),
    "un PDF établi effacé": (lambda m: Path(m.pdf.path).unlink(), "est introuvable"),
    "le contenu d’un document changé dans la base": (other_content, "son contenu n’est plus celui"),
    "un octet d’un fichier signé": (
        lambda m: altered(m.signatures.get(place="president").file.path),
        "le fichier signé n’est plus celui",
    ),
    "une signature retirée": (without_a_signature, "ne commence pas par celui de la signature"),
    "un autre fichier que le PDF établi, signé": (
        sealed_on_another,
        "le fichier ne commence pas par celui qui a été établi",
    ),
    "une ligne du journal changée": (a_line_of_the_trail, "la ligne de rang 1 "),
    "un fichier orphelin": (
        lambda m: forgotten(Path(m.pdf.path)),
        "aucun document ne parle de ce fichier",
    ),
    "la clé d’un autre": (by_the_key_of_another, "n’est pas celui qui est rattaché à Alice ARNAUD"),
    "une place sans signature": (before_it_was_signed, "ne porte aucune signature à cette place"),
    "le reste d’une écriture coupée": (left_behind, ".en-cours-tue : une écriture"),
}


@pytest.mark.proof
@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=DAMAGES)
def test_each_damage_is_told(signed, damage, said):
    damage(signed)
    heard = io.StringIO()
    with pytest.raises(CommandError, match="anomalie"):
        call_command("verify", stdout=io.StringIO(), stderr=heard)
    assert said in heard.getvalue().replace("\u00a0", " ")
    assert "en-train" not in heard.getvalue()


@pytest.mark.parametrize("content", [b"autre", None], ids=["altéré", "effacé"])
def test_a_file_sent_beside_the_dossier_is_looked_at(cast, media, content):
    (beside,) = dispatched(cast).letter["files"]
    default_storage.save(beside["path"], ContentFile(b"xlsx"))
    assert [line for line in told() if "Tableau" in line or "effacé" in line] == []
    if content is None:
        default_storage.delete(beside["path"])
    else:
        Path(default_storage.path(beside["path"])).write_bytes(content)
    assert "Tableau" in "\n".join(told())


@pytest.mark.parametrize("content", [b"autre", None], ids=["altéré", "effacé"])
def test_the_paper_of_a_proxy_is_looked_at_and_given_whole_or_not(cast, client_of, media, content):
    given = sent.make_sent(cast)
    form = ContentFile(b"%PDF-1.7", name="pouvoir.pdf")
    answer = given.says("alice", "excuse", holder="bruno", proxy_form=form)
    paper = reverse("convening:signed_proxy", args=[given.meeting.pk, answer.pk])
    secretary = client_of(cast.secretariat)
    assert told() == [] and b"".join(secretary.get(paper).streaming_content) == b"%PDF-1.7"
    path = Path(answer.proxy_form.path)
    path.write_bytes(content) if content else path.unlink()
    assert "pouvoir signé d" in "\n".join(told())
    if content:
        with pytest.raises(files.Damaged):
            secretary.get(paper)


# --- Signed by hand ---------------------------------------------------------------------------


@pytest.fixture
def deposit(minutes, accounts, cast):
    """The sheet that the president signed, handed in, and looked at by a second person."""
    return sign_by_hand(minutes, "president", cast).deposit


DAMAGES_BY_HAND = {
    "un octet de la feuille déposée": (
        lambda d: Path(d.file.path).write_bytes(b"%PDF-1.4 autre"),
        "le fichier déposé n’est plus celui qui a été remis",
    ),
    "la feuille déposée effacée": (lambda d: Path(d.file.path).unlink(), "est introuvable"),
    "la feuille gardée n’est pas celle qui a été vue": (
        lambda d: Path(d.step.scan.path).write_bytes(b"%PDF-1.4 autre"),
        "la feuille n’est pas celle qui a été confirmée",
    ),
    "un dépôt orphelin": (
        lambda d: forgotten(Path(d.file.path)),
        "oublie.pdf : aucun document ne parle de ce fichier",
    ),
}


@pytest.mark.parametrize(("damage", "said"), DAMAGES_BY_HAND.values(), ids=DAMAGES_BY_HAND)
def test_each_damage_to_what_was_handed_in_is_told(deposit, damage, said):
    assert told() == []
    damage(deposit)
    assert said in "\n".join(told()).replace("\u00a0", " ")


def test_what_a_signer_had_added_is_told_of_a_file_that_was_taken(
    minutes, accounts, cast, client, monkeypatch
):
    """Pages of his own, in a file taken before anybody looked for that."""
    with monkeypatch.context() as before:
        before.setattr(strangers, "read", lambda pdf, trust, since: pades.read(pdf, trust))
        handed = signatures.accept_signed(
            minutes,
            place="president",
            content=at_home(minutes, change=replaced),
            by=accounts[0],
            at=AT,
        )
        signatures.confirm(handed, by=cast.secretariat, at=AT)
    assert "ne montre plus ce qui a été donné à signer" in "\n".join(told())
    for go_on in (
        lambda: sign(minutes, "secretaire-1", accounts[1]),
        lambda: public_copy.of(minutes),
    ):
        with refused("change_par_un_signataire"):
            go_on()
    file = ContentFile(reading.current_file(minutes)[0], "pv.pdf")
    page = client.post(reverse("archive:verify"), {"file": file}).text
    assert "changé par un de ses signataires" in page and "authentique" not in page
    assert "octet pour octet" not in page
