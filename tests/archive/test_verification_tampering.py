"""The tamper table: each way to touch a signed file, and the words that tell it on the page.

Poppler's `pdfsig` is asked too. It judges the bytes, not who vouches for them nor what was added
beside: where it can say something, it must say the same.
"""

import html
import os
import resource
import socket
import zlib
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO

import pikepdf
import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.files.base import ContentFile
from django.urls import reverse
from pyhanko.pdf_utils import generic

from archive.keeping import verification
from archive.keeping.verification import Origin
from documents import actions as documents
from meetings.actions import texts
from registry.signatures import authority, keys, pades, reading, strangers
from registry.signatures.pades import Judgement
from tests.held import AT, content_of, sign
from tests.meetings import files
from tests.registry.test_signing import flipped, page_added, pdfsig, resaved, rotated, updated
from tests.words import unsaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(minutes, accounts) -> bytes:
    """Minutes sealed, then signed by the president; the secretary has not signed yet."""
    sign(minutes, "president", accounts[0])
    return reading.current_file(minutes)[0]


def answered(client, content: bytes, *, status: int = 200):
    """What is answered to somebody who drops this file."""
    response = client.post(reverse("archive:verify"), {"file": ContentFile(content, "pv.pdf")})
    assert response.status_code == status
    return response


def words_of(response) -> str:
    return " ".join(html.unescape(response.content.decode()).replace("\u00a0", " ").split())


def dropped(client, content: bytes, *, status: int = 200) -> str:
    """The words of the page where somebody drops this file."""
    return words_of(answered(client, content, status=status))


# --- What touches the file --------------------------------------------------------------------


def saved(content: bytes, change=lambda opened: None, **options) -> bytes:
    """Written anew by qpdf, once changed."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as opened:
        change(opened)
        opened.save(out, **options)
    return out.getvalue()


# As a viewer saves: the structure written anew, compressed in another way.
ANEW = {"object_stream_mode": pikepdf.ObjectStreamMode.generate, "recompress_flate": True}
recompressed = partial(saved, linearize=True, **ANEW)
encrypted = partial(saved, encryption=pikepdf.Encryption(owner="a", user="b", R=6))


def without_fields(content: bytes) -> bytes:
    """The places of signature taken out, with what was signed in them."""

    def drop(opened) -> None:
        del opened.Root.AcroForm
        for page in opened.pages:
            if "/Annots" in page:
                del page.Annots

    return saved(content, drop)


def with_blank_signature(content: bytes) -> bytes:
    """The signature of the president replaced by zeros, at the same length."""
    stamp = content.rindex(b"/Contents <")  # the archive time stamp comes last
    start = content.rindex(b"/Contents <", 0, stamp) + len(b"/Contents <")
    end = content.index(b">", start)
    return content[:start] + b"0" * (end - start) + content[end:]


def with_other_data(content: bytes) -> bytes:
    """The data attached to the paper replaced, as an update that leaves the signed bytes."""

    def replace(writer) -> None:
        files = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]
        files["/F"] = writer.add_object(
            generic.StreamObject(
                dict_data={generic.NameObject("/Type"): generic.NameObject("/EmbeddedFile")},
                stream_data=b'{"kind": "pv", "title": "autre chose"}',
            )
        )
        writer.update_container(files)

    return updated(content, replace)


ANYTHING = "pas, octet pour octet, un document établi ici"
MODIFIED = "a été modifié après cette signature"
INTACT = "le document est celui qui a été signé"


BROKEN, SHOWN = Judgement.BROKEN, Judgement.DEVELOPMENT
BOTH = (BROKEN, BROKEN)
UNREAD = "Cette signature ne se lit pas"
# What was done; how many signatures the page tells, and in which words; how many of them poppler
# finds intact: what was added beside leaves the signed bytes as they were.
CASES = {
    "un octet changé": (flipped, BOTH, MODIFIED, 0),
    "une page ajoutée": (page_added, BOTH, MODIFIED, 2),
    "une page tournée": (rotated, BOTH, MODIFIED, 2),
    "réenregistré par un autre logiciel": (resaved, BOTH, MODIFIED, 0),
    "réenregistré et recompressé": (recompressed, BOTH, MODIFIED, 0),
    "les champs de signature retirés": (without_fields, (), ANYTHING, 0),
    "une signature remplacée par des zéros": (with_blank_signature, (SHOWN, BROKEN), UNREAD, 1),
    "les données jointes remplacées": (with_other_data, BOTH, MODIFIED, 2),
    "un octet ajouté à la fin": (lambda pdf: pdf + b"\n", (SHOWN, SHOWN), ANYTHING, 2),
}


@pytest.mark.parametrize(("touch", "judgements", "words", "intact"), CASES.values(), ids=CASES)
def test_each_way_to_touch_a_signed_file_is_told(
    client, signed, touch, judgements, words, intact, tmp_path
):
    touched = touch(signed)
    response = answered(client, touched)
    verdict, page = response.context["verdict"], words_of(response)
    assert verdict.origin is Origin.FOREIGN
    assert tuple(report.judgement for report in verdict.reports) == judgements
    assert "Ce document n’est pas reconnu" in page and words in page
    told = pdfsig(touched, tmp_path / "pv.pdf")
    assert told.count("Signature is Valid") == intact
    assert "- Total document signed" not in told


def test_the_file_that_nobody_touched_is_told_authentic_and_what_an_earlier_one_lacks(
    client, signed, minutes, tmp_path
):
    page = dropped(client, signed)
    assert "Ce document est authentique" in page
    assert page.count(INTACT) == 2
    assert "Alice ARNAUD" in page
    assert pdfsig(signed, tmp_path / "pv.pdf").count("Signature is Valid") == 2
    cut = content_of(minutes.signatures.get(place="cachet").file)
    assert signed.startswith(cut)
    more = "Il existe un exemplaire qui porte davantage de signatures"
    told = ("Ce document est authentique", more, "Alice ARNAUD")
    assert unsaid(dropped(client, cut), *told) == ["Alice ARNAUD"]
    assert pdfsig(cut, tmp_path / "pv.pdf").count("Signature is Valid") == 1
    # The roots are read from the machine: elsewhere, the same file is vouched for by nobody.
    told = {report.judgement for report in pades.read(signed, pades.Trust())}
    assert told == {Judgement.UNKNOWN}
    assert strangers.read(signed, keys.trust()) == pades.read(signed, keys.trust())
    assert keys.trust().development


def test_a_signed_file_whose_version_was_replaced(client, signed, minutes, cast):
    meeting = minutes.meeting
    item = meeting.items.get(title="Budget")
    texts.save_text(item, text="<p>Corrigé.</p>", version=item.text_version, by=cast.secretariat)
    meeting.forget()
    documents.issue_minutes(meeting, by=cast.secretariat, at=AT, reason="Un nom mal écrit")
    page, why = dropped(client, signed), "par la version 2 : Un nom mal écrit"
    assert unsaid(page, "Ce document est authentique, mais remplacé", why) == []
    assert page.count(INTACT) == 2  # the signatures themselves are what they were
    assert not verification.judge(signed).is_in_force


# --- Who vouches for it -----------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path):
    return authority.Authority(tmp_path / "ailleurs", name="Autre autorité")


def test_an_authority_that_nobody_knows(client, signed, elsewhere, tmp_path):
    """Nobody passes for the president by the name of a field: the page tells the certificate."""
    forged = pades.sign(signed, "secretaire-1", elsewhere.identity("<b>Alice ARNAUD</b>"))
    response = answered(client, forged)
    assert b"&lt;b&gt;Alice ARNAUD" in response.content
    unknown = "l’autorité qui a délivré le certificat n’est pas connue ici"
    told = ("Autre autorité", "Ce document n’est pas reconnu", unknown)
    assert unsaid(words_of(response), *told) == []
    # Poppler, that is not asked who vouches for it, finds the bytes as they were signed.
    assert pdfsig(forged, tmp_path / "pv.pdf").count("Signature is Valid") == 3


def believed(settings, made: authority.Authority, *revoked: bytes, at: datetime) -> None:
    """The operator believes this authority, and keeps beside it the list of what it revoked."""
    settings.SIGNING_ROOTS.mkdir(exist_ok=True)
    root = x509.load_der_x509_certificate(made.root)
    pem = root.public_bytes(serialization.Encoding.PEM)
    (settings.SIGNING_ROOTS / "autre.pem").write_bytes(pem)
    (settings.SIGNING_ROOTS / "autre.crl").write_bytes(made.revocations(*revoked, at=at))


def test_a_certificate_that_was_revoked_or_has_expired(client, signed, elsewhere, settings):
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
    identity = elsewhere.identity("Bruno BESSON", until=soon)
    both = pades.sign(signed, "secretaire-1", identity)
    now = datetime.now(UTC)
    believed(settings, elsewhere, at=now)
    assert "Signature valide" in dropped(client, both)
    with time_machine.travel(soon + timedelta(hours=1)):  # another process stays in its own time
        page = " ".join(each.said for each in pades.read(both, keys.trust()))
    assert "le certificat a expiré et aucun horodatage ne prouve" in page
    believed(settings, elsewhere, identity.certificate, at=now - timedelta(hours=1))
    page, revoked = dropped(client, both), "Le certificat a été révoqué : cette signature ne vaut"
    assert unsaid(page, revoked, "Signature valide") == ["Signature valide"]


def test_nothing_is_fetched_from_an_address_inside_the_file(client, signed, elsewhere, monkeypatch):
    """The certificates of this authority name a list of revocations to be fetched."""
    identity = elsewhere.identity("Bruno BESSON")
    forged = pades.sign(signed, "secretaire-1", identity)
    certificate = x509.load_der_x509_certificate(identity.certificate)
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    assert "http://" in points.value[0].full_name[0].value  # first shown that it could
    asked = []

    def refused(*args, **kwargs):
        asked.append(args)
        raise OSError("le réseau est coupé")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    with pytest.raises(OSError, match="coupé"):
        socket.create_connection(("127.0.0.1", 9))
    asked.clear()
    (_, _, report) = pades.read(forged, keys.trust())  # as another process does of a stranger's
    assert "n’est pas connue ici" in report.said
    assert asked == []
    assert "n’est pas connue ici" in dropped(client, forged)


# --- Hostile files ----------------------------------------------------------------------------


def with_bomb(size: int) -> bytes:
    """A PDF whose table of objects is in a stream that grows two thousand times when it is read."""
    packed = zlib.compress(bytes(size), 9)
    head = b"%PDF-1.7\n"
    stream = (
        b"1 0 obj\n<</Type/XRef/Size 9/W[1 4 2]/Root 2 0 R/Filter/FlateDecode/Length %d>>\n"
        b"stream\n" % len(packed)
    )
    return head + stream + packed + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


def in_a_loop() -> bytes:
    """A table of objects that says that the one before it is itself."""
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 2/Root 1 0 R/Prev %d>>\n" % len(head)
    return head + table + b"startxref\n%d\n%%%%EOF\n" % len(head)


UNREADABLE = "Ce fichier ne se lit pas comme un PDF"


@pytest.mark.proof
@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(encrypted, "Ce PDF est protégé par un mot de passe", id="un PDF chiffré"),
        pytest.param(lambda _: with_bomb(1 << 29), UNREADABLE, id="une bombe de 512 Mio"),
        pytest.param(lambda _: in_a_loop(), UNREADABLE, id="une table qui tourne en rond"),
        pytest.param(lambda pdf: pdf[: len(pdf) // 2], UNREADABLE, id="un PDF coupé en deux"),
        pytest.param(lambda _: os.urandom(200_000), UNREADABLE, id="du bruit"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(client, signed, make, words):
    assert words in dropped(client, make(signed), status=422)


HOSTILE = {
    "deux gigaoctets dans un flux": (partial(files.pdf_bomb, 2048), "ne se lit pas comme un PDF"),
    "des objets sans nombre": (partial(files.crowded_pdf, 8), "plus de mémoire ou de temps"),
}


@pytest.mark.parametrize(("made", "words"), HOSTILE.values(), ids=HOSTILE)
@pytest.mark.usefixtures("begun_from_nothing")
def test_a_hostile_file_is_refused_in_a_sentence_and_costs_the_server_nothing(client, made, words):
    content, usage = made(), resource.getrusage(resource.RUSAGE_SELF)
    page = dropped(client, content, status=422)
    assert unsaid(page, words, "Déposez le fichier tel qu’il a été téléchargé") == []
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - usage.ru_maxrss
    assert grown < 100 * 1024  # kilobytes


@pytest.mark.proof
def test_a_bomb_that_nobody_needs_to_open_stays_closed(client, signed):
    """A stream of objects of a sound file: it is left as it is, the page answers all the same."""

    def arm(opened) -> None:
        opened.Root.Bombe = opened.make_stream(bytes(1 << 28))

    armed = saved(signed, arm, compress_streams=True, recompress_flate=True)
    assert "Ce document n’est pas reconnu" in dropped(client, armed)


@pytest.mark.proof
def test_a_file_of_three_hundred_megabytes_is_stopped_at_the_limit(client, settings):
    settings.ATTACHMENT_MAX_BYTES = 1 << 20  # the same as with fifty, and sooner
    page = dropped(client, b"%PDF-1.7\n" + bytes(6 << 20), status=422)
    assert "« pv.pdf » dépasse 1" in page
    assert "Choisissez un fichier" not in page
