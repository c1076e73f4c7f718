"""Who signs what, in which order, with which proof; nothing that was signed is ever changed."""

import hashlib
import re
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.files.base import ContentFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader

from convening.models import Notice
from documents import actions as issuing
from documents.models import IssuedDocument
from law import deadlines
from law.findings import Refused
from meetings.actions import conduct, ledger
from members import actions as membership
from members.files import Damaged
from registry.apps import check_authorities
from registry.keyring import actions as keyring
from registry.models import Final, SignatureStep
from registry.signatures import actions as signatures
from registry.signatures import authority, keys, pades, reading
from tests import held
from tests.cast import change, make_account, make_person, make_role
from tests.held import AT, JUNE, at_home, content_of, seen, sign
from tests.registry.conftest import page, refused
from tests.registry.test_signing import replaced, updated
from trail.models import Act, Entry

pytestmark = pytest.mark.django_db


def places(minutes):
    return {place.name: place.is_signed for place in reading.places(minutes)}


def test_the_document_is_sealed_first_and_each_file_begins_with_the_one_before(
    minutes, accounts, cast
):
    chair, clerk = (
        "présidence de la séance\u00a0: Alice ARNAUD",
        "secrétaire de séance\u00a0: Bruno BESSON",
    )
    labels = {place.name: place.label for place in reading.places(minutes)}
    assert labels == {"president": chair, "secretaire-1": clerk}
    step = sign(minutes, "president", accounts[0])
    assert (step.is_development, step.level) == (True, pades.Level.ARCHIVED)
    content, _ = reading.current_file(minutes)
    assert "aucune valeur juridique" in pades.read(content, keys.trust())[1].said
    # Prepared twice, signed twice: once.
    signatures.prepare_signing(minutes, by=cast.secretariat, at=AT)
    assert sign(minutes, "president", accounts[0]) == step
    sign(minutes, "secretaire-1", accounts[1])
    steps = list(minutes.signatures.all())
    assert [step.role for step in steps] == ["preparation", "cachet", "president", "secretaire"]
    assert {step.recorded_by for step in steps} == {cast.secretariat, *accounts}
    files = [content_of(each) for each in (minutes.pdf, *(step.file for step in steps))]
    assert all(later.startswith(earlier) for earlier, later in pairwise(files))
    assert [step.sha256 for step in steps] == [hashlib.sha256(f).hexdigest() for f in files[1:]]
    assert places(minutes) == {"president": True, "secretaire-1": True}
    # What a reader of PDF shows of a signature, and of its place, is said in French.
    with pikepdf.open(BytesIO(files[-1])) as opened:
        fields = opened.Root.AcroForm.Fields
        shown = {str(each.TU): str(each.V.get("/Reason", "")) for each in fields}
    assert shown == {
        "Cachet de la collectivité": "Cachet de la collectivité",
        chair: "Présidence de la séance",
        clerk: "Secrétariat de la séance",
        "Horodatage du document": "",
    }


@pytest.mark.proof
def test_two_secretaries_sign_both(cast, hold, accounts):
    """« Le ou les secrétaires » (art. L2121-23): everybody printed on the paper, and no fewer."""
    meeting = hold(JUNE, adopted=("Budget",), clerks=("bruno-besson", "claire-caron"))
    extract, _ = held.issue_acts(meeting, by=cast.secretariat, at=AT)
    documents = IssuedDocument.objects.filter(pk=extract.pk)
    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    assert extract.signatories == 3
    change(cast.claire, user=make_account("claire@brume.example"))
    keyring.demonstrate(cast.organisation, cast.claire, by=None, at=held.KEYS_SINCE)
    everybody = (*accounts, cast.claire.user)
    for place, user in zip(("president", "secretaire-1", "secretaire-2"), everybody, strict=True):
        assert not reading.is_signed(extract)
        assert reading.unsigned(documents).exists()
        sign(extract, place, user)
    assert reading.is_signed(extract)
    assert not reading.unsigned(documents).exists()


def test_one_signs_what_one_saw_for_oneself_with_a_certificate(minutes, accounts, cast, settings):
    for user in (accounts[1], cast.secretariat, cast.delegate):
        with pytest.raises(Refused, match="celle d’une autre personne"):
            sign(minutes, "president", user)
    shown = seen(minutes)
    sign(minutes, "secretaire-1", accounts[1])
    with pytest.raises(Refused, match="a reçu une signature depuis"):
        signatures.sign_on_server(minutes, place="president", seen=shown, by=accounts[0], at=AT)
    settings.SIGNING_DEVELOPMENT = False
    with pytest.raises(Refused, match="est de démonstration"):
        sign(minutes, "president", accounts[0])
    for mandate in cast.alice.mandates.all():
        membership.end_mandates([mandate], on=JUNE + timedelta(2), reason="demission", by=None)
    with pytest.raises(Refused, match="n’est plus en fonction"):
        sign(minutes, "president", accounts[0])


def test_minutes_are_adopted_then_prepared_then_signed(cast, june, accounts):
    issued = issuing.issue_minutes(june, by=cast.secretariat, at=AT)
    with pytest.raises(Refused, match="pas encore arrêté"):
        signatures.prepare_signing(issued, by=cast.secretariat, at=AT)
    with pytest.raises(Refused, match="pas encore préparées"):
        sign(issued, "president", accounts[0])


# --- When the ledger names somebody else since --------------------------------------------------


def unseat(june, cast, chair="claire-caron", clerk="bruno-besson"):
    """The secretariat notes, after the fact, that others than those printed held the sitting."""
    state = june.sitting.at_end
    hours = {"opened_at": state.opened_at, "closed_at": state.closed_at}
    conduct.set_conduct(june, chair=chair, clerks=[clerk], by=cast.secretariat, **hours)


@pytest.fixture
def claire(cast, accounts):
    """Claire has an account and a key as the president has."""
    change(cast.claire, user=make_account("claire@brume.example"))
    keyring.demonstrate(cast.organisation, cast.claire, by=None, at=held.KEYS_SINCE)
    return cast.claire.user


def by_road(road, minutes, cast, user):
    """One way to have this account’s signature at the place of the president."""
    match road:
        case "serveur":
            sign(minutes, "president", user)
        case "lot":
            mine = reading.ToSign(
                document=minutes, place="president", person=cast.claire, digest=seen(minutes)
            )
            ((_, refusal),) = signatures.sign_batch([mine], by=user, at=AT).refused
            raise refusal
        case "poste":
            card = keys.authority().identity(str(user.persons.get()))
            accept(minutes, at_home(minutes, identity=card), user)
        case "feuille":
            held.sign_by_hand(minutes, "president", cast)


@pytest.mark.parametrize("road", ["serveur", "lot", "poste", "feuille"])
@pytest.mark.parametrize("who", ["qui l’on nomme", "qui est imprimée"])
def test_nobody_signs_what_prints_another_than_the_ledger_names(
    minutes, june, accounts, claire, cast, road, who
):
    unseat(june, cast)
    user = claire if who == "qui l’on nomme" else accounts[0]
    with pytest.raises(Refused, match="imprime pour signataires\u00a0: Alice ARNAUD, Bruno BESSON"):
        by_road(road, IssuedDocument.objects.get(pk=minutes.pk), cast, user)
    assert minutes.signatures.count() == 2
    later = issuing.issue_minutes(june, by=cast.secretariat, at=AT, reason="Présidence corrigée")
    assert reading.places(later)[0].label.endswith("Claire CARON")
    assert reading.moved(later) is None


def test_a_place_stays_that_of_who_is_printed_there(
    minutes, june, accounts, claire, cast, client_of
):
    """Signed before: said under her name, whatever the ledger tells since; the rest waits."""
    extract, listed = held.issue_acts(june, by=cast.secretariat, at=AT)
    sign(minutes, "president", accounts[0])
    scan = ContentFile(b"%PDF-1.4 feuille", "feuille.pdf")
    handed = signatures.deposit_handwritten(
        minutes, place="secretaire-1", scan=scan, by=cast.secretariat, at=AT
    )
    unseat(june, cast, clerk="denis-duval")
    minutes = IssuedDocument.objects.get(pk=minutes.pk)
    chair, clerk = reading.places(minutes)
    assert (chair.label, chair.is_signed) == ("présidence de la séance\u00a0: Alice ARNAUD", True)
    assert (clerk.label, clerk.person) == ("secrétaire de séance\u00a0: Bruno BESSON", None)
    with pytest.raises(Refused, match="ne se signe plus tel quel"):
        signatures.confirm(handed, by=cast.administration, at=AT)
    with pytest.raises(Refused, match="établissez une version"):
        signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    signatures.prepare_signing(listed, by=cast.secretariat, at=AT)  # of who presides the assembly
    waiting = {user: reading.to_sign(june, user) for user in (claire, *accounts)}
    assert [each.document for each in waiting.pop(accounts[0])] == [listed]
    assert set(waiting.values()) == {()}
    shown = page(client_of(cast.secretariat), "signatures", minutes.pk)
    assert "ne se signe plus tel quel" in shown and "Déposer la feuille" not in shown


def test_what_is_no_act_any_more_is_signed_by_nobody(june, accounts, cast, client_of):
    """Its vote annulled, it stayed on « À signer », and the president signed it."""
    extract, _ = held.issue_acts(june, by=cast.secretariat, at=AT)
    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    assert [each.document for each in reading.to_sign(june, accounts[0])] == [extract]
    votes = june.events.filter(kind="ballot_held")
    (vote,) = (each for each in votes if each.payload["ballot"]["item"] == extract.subject)
    ledger.void(june, seq=vote.seq, reason="compté deux fois", by=cast.secretariat)
    extract = IssuedDocument.objects.get(pk=extract.pk)
    assert reading.to_sign(june, accounts[0]) == ()
    with pytest.raises(Refused, match="n’est plus un acte"):
        sign(extract, "president", accounts[0])
    shown = page(client_of(cast.secretariat), "signatures", extract.pk)
    assert "n’est plus un acte" in shown and "Signer</button>" not in shown
    again = IssuedDocument.objects.filter(kind=IssuedDocument.Kind.LIST).get()
    with pytest.raises(Refused, match="autre chose que le registre"):
        signatures.prepare_signing(again, by=cast.secretariat, at=AT)


def test_who_signs_reads_who_has_signed_already(june, accounts, cast, client_of):
    """« Signe aussi : Alice ARNAUD » stood above what she had signed."""
    extract, listed = held.issue_acts(june, by=cast.secretariat, at=AT)
    for paper in (extract, listed):
        signatures.prepare_signing(paper, by=cast.secretariat, at=AT)
    make_role(accounts[1], cast.organisation, "delegue")
    url = reverse("registry:to_sign")
    shown = client_of(accounts[1]).get(url).text
    assert shown.count("Alice ARNAUD signe aussi") == 1
    sign(extract, "president", accounts[0])
    shown = client_of(accounts[1]).get(url).text
    assert shown.count("Alice ARNAUD a signé") == 1 and "signe aussi" not in shown


def test_a_signature_that_is_late_says_since_when(minutes, cast, client_of, monkeypatch):
    """« En attente », in grey, was said of one awaited for months."""
    secretary = client_of(cast.secretariat)
    shown = page(secretary, "signatures", minutes.pk)
    assert "En attente" not in shown
    assert shown.count("était au plus tard le 14\u00a0juillet 2026") == 1  # told once
    monkeypatch.setattr(deadlines, "minutes_due", lambda *_: timezone.localdate())
    shown = page(secretary, "signatures", minutes.pk)
    assert "était au plus tard" not in shown and shown.count("Au plus tard le") == 1


def test_a_mandate_given_to_another_signs_nothing_issued_before(minutes, accounts, cast):
    """By the administration alone, who writes another name on the mandate of the president."""
    other = make_person(cast.organisation, "Zoé", "Zélie", "Mme")
    change(cast.seat(cast.alice), person=other)
    change(other, user=make_account("zoe@brume.example"))
    minutes = IssuedDocument.objects.get(pk=minutes.pk)
    with pytest.raises(Refused, match="Le mandat par lequel Alice ARNAUD signerait"):
        sign(minutes, "president", other.user)


def test_who_loses_a_place_is_told_and_the_trail_says_so(minutes, june, accounts, cast):
    unseat(june, cast)
    (mail,) = Notice.objects.filter(once__startswith="place-")
    body = mail.body.replace("\u00a0", " ")
    assert mail.email == accounts[0].email
    assert str(minutes).replace("\u00a0", " ") in body and cast.secretariat.email in body
    told = Entry.objects.filter(act=Act.SIGNATURE).latest("pk").what
    assert "place de signature perdue" in told and accounts[0].email in told
    unseat(june, cast, chair="denis-duval")  # she whom nothing printed has lost nothing
    assert Notice.objects.filter(once__startswith="place-").count() == 1


# --- On the signer's own machine --------------------------------------------------------------


def accept(minutes, content, user, place="president"):
    return signatures.accept_signed(minutes, place=place, content=content, by=user, at=AT)


def test_nothing_is_sealed_nor_signed_that_was_put_on_the_disk(minutes, accounts, cast, june):
    """Who writes only in the folder of the files has nobody sign what was not issued."""
    seal = minutes.signatures.latest("order")
    Path(seal.file.path).write_bytes(Path(minutes.pdf.path).read_bytes() + b"\n% autre")
    with pytest.raises(Damaged, match="n’est plus celui qui a été gardé"):
        sign(minutes, "president", accounts[0])
    other, *_ = held.issue_acts(june, by=cast.secretariat)
    Path(other.pdf.path).write_bytes(b"%PDF-1.7 autre")
    with pytest.raises(Damaged, match="n’est plus celui qui a été gardé"):
        signatures.prepare_signing(other, by=cast.secretariat, at=AT)


def test_a_file_is_refused_unless_it_is_what_was_given_signed_at_ones_place(
    minutes, accounts, cast, tmp_path
):
    given, signed = reading.current_file(minutes)[0], at_home(minutes)
    elsewhere = authority.Authority(tmp_path / "ailleurs")
    for content, said in (
        (b"%PDF-1.7 autre", "ses premiers octets"),
        (signed[:900] + b"x" + signed[901:], "premiers octets"),
        (signed + b"\n% ajout\n", "ajouté au fichier"),
        (b"", "premiers octets"),
        (given, "une signature, et une seule"),
        (at_home(minutes, "secretaire-1"), "à votre place"),
        (at_home(minutes, ca=elsewhere), "n’est pas connue ici"),
        (at_home(minutes, change=replaced), "ne montre plus ce qui vous a été remis"),
    ):
        with pytest.raises(Refused, match=said):
            accept(minutes, content, accounts[0])
    assert minutes.signatures.count() == 2
    step = signatures.confirm(accept(minutes, signed, accounts[0]), by=cast.secretariat, at=AT)
    assert (step.manner, step.signer, step.level) == ("poste", "Alice Arnaud", "B-T")
    assert places(minutes) == {"president": True, "secretaire-1": False}


@pytest.mark.usefixtures("begun_from_nothing")
def test_a_signed_file_that_asks_for_more_memory_than_a_document_is_refused(minutes, accounts):
    """What follows the bytes that were given may be anything."""
    given, _ = reading.current_file(minutes)
    root = PdfFileReader(BytesIO(given)).trailer.raw_get("/Root").idnum
    at, crowd = len(given), b"<<>>" * (8 << 18)
    form = b"%d 0 obj\n<</Type/Catalog/AcroForm<</Fields[%s]>>>>\nendobj\n" % (root, crowd)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (root, at)
    before = given.rpartition(b"startxref")[2].split()[0]
    trailer = b"trailer\n<</Size 9999/Root %d 0 R/Prev %s>>\n" % (root, before)
    end = b"startxref\n%d\n%%%%EOF\n" % (at + len(form))
    with pytest.raises(Refused, match="plus de mémoire ou de temps"):
        accept(minutes, given + form + table + trailer + end, accounts[0])
    assert not reading.places(minutes)[0].is_signed and not minutes.deposits.exists()


def test_a_file_saved_many_times_is_refused_and_keeps_nobody_waiting(
    minutes, accounts, monkeypatch
):
    """Said before: 176 KB of revisions, read while the sitting was locked, stopped every writer."""
    held, read = [], signatures.strangers.read

    def watched(*args, **kwargs):
        # One transaction is that of the test; theirs is a second.
        held.append(len(connection.atomic_blocks))
        return read(*args, **kwargs)

    monkeypatch.setattr(signatures.strangers, "read", watched)
    outside = len(connection.atomic_blocks)
    with pytest.raises(Refused, match="enregistré 13 fois"):
        accept(minutes, at_home(minutes, change=saved_often), accounts[0])
    handed = accept(minutes, at_home(minutes), accounts[0])
    signatures.confirm(handed, by=accounts[1], at=AT)
    assert held == [outside] * 3


def saved_often(pdf: bytes) -> bytes:
    for _ in range(12):
        pdf = updated(pdf, lambda writer: writer.mark_update(writer.root_ref))
    return pdf


def test_an_authority_the_operator_believes_is_taken(minutes, accounts, cast, tmp_path, settings):
    elsewhere = authority.Authority(tmp_path / "ailleurs", name="Autorité du commerce")
    settings.SIGNING_ROOTS.mkdir()
    root = x509.load_der_x509_certificate(elsewhere.root)
    pem = root.public_bytes(serialization.Encoding.PEM)
    (settings.SIGNING_ROOTS / "racine.pem").write_bytes(pem)
    handed = accept(minutes, at_home(minutes, ca=elsewhere), accounts[0])
    assert not signatures.confirm(handed, by=cast.secretariat, at=AT).is_development


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("racine.pem", b"-----BEGIN CERTIFICATE-----\nAAAA"),
        ("vide.crt", b""),
        ("liste.crl", b"\x00" * 40),
    ],
)
def test_an_authority_that_does_not_read_is_told_and_nothing_is_believed_meanwhile(
    minutes, accounts, settings, name, content
):
    settings.SIGNING_ROOTS.mkdir()
    (settings.SIGNING_ROOTS / name).write_bytes(content)
    assert [each.id for each in check_authorities()] == ["registry.W001"]
    assert keys.trust().development  # the others are read
    with pytest.raises(Refused, match=f"{name}.* ne se lit pas"):
        accept(minutes, at_home(minutes), accounts[0])
    (settings.SIGNING_ROOTS / name).unlink()
    assert check_authorities() == []


# --- By hand, and for ever --------------------------------------------------------------------


def test_a_handwritten_signature_keeps_the_file_and_the_scan_and_no_path_changes_it(
    minutes, accounts, cast
):
    before = seen(minutes)
    step = held.sign_by_hand(minutes, "president", cast)
    assert (step.manner, step.sha256) == ("main", before)
    assert content_of(step.scan) == b"%%PDF-1.4 feuille %d" % step.document_id
    sign(minutes, "secretaire-1", accounts[1])
    assert places(minutes) == {"president": True, "secretaire-1": True}
    for attempt in (
        lambda: step.save(),
        lambda: step.delete(),
        lambda: SignatureStep.objects.update(sha256=""),
        lambda: SignatureStep.objects.all().delete(),
        lambda: minutes.signatures.update(signer="autre"),
    ):
        with pytest.raises(Final):
            attempt()


def test_what_fails_leaves_no_file(minutes, accounts, media, monkeypatch):
    def files():
        return {path for path in media.rglob("*") if path.is_file()}

    def dies_after_writing(step, *args, **kwargs):
        step.file.save(step.file.name, step.file.file, save=False)
        raise RuntimeError("coupure")

    before = files()
    monkeypatch.setattr(SignatureStep, "save", dies_after_writing)
    with pytest.raises(RuntimeError):
        sign(minutes, "president", accounts[0])
    assert files() == before


# --- The pages --------------------------------------------------------------------------------


@pytest.fixture
def president(client_of, accounts, cast):
    make_role(accounts[0], cast.organisation, "delegue")
    return client_of(accounts[0])


def test_a_signer_alone_signs_and_only_the_bytes_whose_hash_he_saw(president, secretary, minutes):
    text = page(president, "signatures", minutes.pk)
    assert seen(minutes) in text
    response = president.get(reverse("registry:current", args=[minutes.pk]))
    assert response["Content-Disposition"].startswith('attachment; filename="pv-comite-2026-06-09')
    assert response.content == reading.current_file(minutes)[0]
    url = reverse("registry:sign", args=[minutes.pk, "president"])
    refused(president.post(url, {"seen": "0" * 64}), "a reçu une signature depuis")
    assert secretary.post(url, {"seen": seen(minutes)}).status_code == 422
    assert not reading.places(minutes)[0].is_signed
    president.post(url, {"seen": seen(minutes)})
    assert reading.places(minutes)[0].is_signed
    assert "Vous signez exactement ce fichier" not in page(president, "signatures", minutes.pk)


def test_the_file_signed_at_home_comes_back(president, minutes):
    url = reverse("registry:upload_signed", args=[minutes.pk, "president"])
    other = {"file": ContentFile(b"%PDF-1.4 autre", "pv.pdf")}
    refused(president.post(url, other), "ses premiers octets diffèrent")
    president.post(url, {"file": ContentFile(at_home(minutes), "pv.pdf")})
    assert not reading.places(minutes)[0].is_signed
    text = page(president, "signatures", minutes.pk)
    assert (
        "à confirmer par une seconde personne" in text
        and "Votre signature est attendue" not in text
    )


def test_each_sheet_has_its_own_label(secretary, minutes):
    """Two places to sign, two forms: no name is said twice, and each field has its own."""
    url = reverse("registry:signatures", args=[minutes.pk])
    upload = reverse("registry:upload_sheet", args=[minutes.pk, "president"])
    for text in (secretary.get(url).text, secretary.post(upload, {}).text):
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert [each for each in ids if ids.count(each) > 1] == []
        fields = re.findall(r'type="file"[^>]*\sid="([^"]+)"', text)
        assert len(fields) >= 2
        assert [each for each in fields if f'for="{each}"' not in text] == []


def test_a_sheet_that_nobody_signed_or_of_another_document_is_refused(secretary, minutes, cast):
    """Two strangers deposited the blank sheet of one act at the places of four others."""
    extract, *_ = held.issue_acts(minutes.meeting, by=cast.secretariat, at=AT)
    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    url = reverse("registry:upload_sheet", args=[extract.pk, "president"])
    blank = secretary.get(reverse("documents:signature_sheet", args=[extract.pk])).content
    of_other = secretary.get(reverse("documents:signature_sheet", args=[minutes.pk])).content
    (drawn := pikepdf.new()).add_blank_page()
    drawn.save(photo := BytesIO())
    held.sign_by_hand(minutes, "president", cast, content=photo.getvalue())
    for content, said in (
        (blank, "où personne n’a signé"),
        (content_of(extract.pdf), "où personne n’a signé"),
        (of_other, "celle d’un autre document"),
        (of_other + b"\n%%EOF", "celle d’un autre document"),
        (photo.getvalue(), "celle d’un autre document"),
    ):
        refused(secretary.post(url, {"scan": ContentFile(content, "feuille.pdf")}), said)
    assert not extract.deposits.exists()
    assert (
        secretary.post(url, {"scan": ContentFile(blank + b"\n%%EOF", "f.pdf")}).status_code == 302
    )


def test_a_sheet_is_checked_looked_at_by_another_kept_and_served_as_an_attachment(
    secretary, client_of, cast, minutes
):
    url = reverse("registry:upload_sheet", args=[minutes.pk, "president"])
    for content, name, said in (
        (b"MZ\x90", "feuille.pdf", "feuille"),  # a program named .pdf
        (b"", "feuille.pdf", "vide"),
        ("漢字".encode(), "feuille.png", "feuille"),
    ):
        refused(secretary.post(url, {"scan": ContentFile(content, name)}), said)
        assert not reading.places(minutes)[0].is_signed
    scan = content_of(minutes.pdf) + b"\n%%EOF"  # what a pen on a screen adds
    secretary.post(url, {"scan": ContentFile(scan, "feuille.pdf")})
    assert not reading.places(minutes)[0].is_signed
    (handed,) = minutes.deposits.all()
    at = [minutes.pk, handed.pk]
    response = secretary.get(reverse("registry:deposit_file", args=at))
    assert (response.content, response["Content-Type"]) == (scan, "application/pdf")
    assert response["Content-Disposition"].startswith("inline")
    refused(secretary.post(reverse("registry:confirm_deposit", args=at)), "une autre personne")
    administration = client_of(cast.administration)
    shown = page(administration, "deposit", *at)
    assert "Confirmer la signature" in shown and minutes.paper.verification.printed_code in shown
    administration.post(reverse("registry:confirm_deposit", args=at))
    assert reading.places(minutes)[0].is_signed
    response = secretary.get(reverse("registry:sheet", args=[minutes.pk, "president"]))
    assert response.content == scan
    assert response["Content-Disposition"].startswith("attachment")


def test_who_is_alone_is_told_before_who_may_recognise_the_sheet(secretary, cast, minutes):
    """She deposited it, then read that another person must confirm: nobody could."""
    url = reverse("registry:signatures", args=[minutes.pk])
    assert "Une autre personne la regarde et la confirme" in secretary.get(url).text
    change(cast.administration, created_by=cast.secretariat)
    shown = secretary.get(url).text
    assert "aucun autre compte que le vôtre" in shown and "registre papier" in shown
