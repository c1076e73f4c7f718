"""What a signature proves and what is said of a file that was touched; poppler agrees."""

import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
import time_machine
from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, copy_into_new_writer
from pyhanko.sign import fields, signers

from documents import render
from law.findings import Refused
from registry.signatures import authority, metadata, pades
from registry.signatures.pades import Field, Judgement, Trust
from tests.documents.paper import SHORT
from tests.held import as_p12

PLACES = (
    Field(name="cachet", label="Cachet de la collectivité"),
    Field(name="president", label="Signature de la présidente"),
    Field(name="secretaire", label="Signature du secrétaire de séance"),
)


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return authority.Authority(tmp_path_factory.mktemp("autorite"))


@pytest.fixture(scope="module")
def trust(ca):
    return Trust(development=(ca.root,), revocations=(ca.revocations(),))


@pytest.fixture(scope="module")
def prepared():
    return pades.prepare(render.render_pdf(SHORT), PLACES)


@pytest.fixture(scope="module")
def signed(ca, prepared):
    """Sealed, then signed by two people, each hour proved."""
    clock = pades.development_clock(ca)
    pdf = pades.sign(prepared, "cachet", ca.identity("Cachet"), certify=True, timestamper=clock)
    for place in ("president", "secretaire"):
        pdf = pades.sign(pdf, place, ca.identity(place.title()), timestamper=clock)
    return pdf


def judged(pdf, trust):
    return {report.field: report.judgement for report in pades.read(pdf, trust)}


ALL = ("cachet", "president", "secretaire")


def test_three_signatures_stand_together(ca, prepared, signed, trust):
    assert signed.startswith(prepared)
    reports = pades.read(signed, trust)
    assert [report.field for report in reports] == list(ALL)
    assert {report.judgement for report in reports} == {Judgement.DEVELOPMENT}
    assert all(report.is_hour_proved and not report.later_changes for report in reports)
    assert [report.covers_all for report in reports] == [False, False, True]
    assert (reports[1].signer, reports[1].issuer) == ("President", authority.ROOT_NAME)
    believed = Trust(roots=(ca.root,), revocations=(ca.revocations(),))
    assert set(judged(signed, believed).values()) == {Judgement.VALID}
    with pytest.raises(Refused, match="déjà prise"):
        pades.sign(signed, "president", ca.identity("Alice Arnaud"))


def test_signing_keeps_the_file_an_archive_with_its_revocations(ca, prepared, signed, trust):
    with pikepdf.open(BytesIO(signed)) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
        assert "pdfaid:part" in xmp and "pdfuaid:part" in xmp
        assert pdf.Root.AcroForm.SigFlags == 3
        for field in pdf.Root.AcroForm.Fields:
            assert [float(side) for side in field.Rect] == [0, 0, 0, 0]
            assert str(field.TU)
    clock, identity = pades.development_clock(ca), ca.identity("Alice Arnaud")
    kept = pades.sign(prepared, "president", identity, timestamper=clock, trust=trust)
    with pikepdf.open(BytesIO(kept)) as pdf:
        assert len(pdf.Root.DSS.CRLs) == 1
        labels = [str(field.TU) for field in pdf.Root.AcroForm.Fields]
        assert labels == [place.label for place in PLACES] + ["Horodatage du document"]
    assert judged(kept, trust) == {"president": Judgement.DEVELOPMENT}


def flipped(pdf: bytes) -> bytes:
    """One byte of the text of the first revision changed."""
    at = pdf.index(b"stream") + 60
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def resaved(pdf: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(out)
    return out.getvalue()


def updated(pdf: bytes, change) -> bytes:
    """What an incremental update adds, which leaves the signed bytes as they were."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def page_added(pdf: bytes) -> bytes:
    def add(writer):
        box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 595, 842)])
        stream = writer.add_object(generic.StreamObject(stream_data=b"q Q"))
        writer.insert_page(PageObject(contents=stream, media_box=box))

    return updated(pdf, add)


def rotated(pdf: bytes) -> bytes:
    def turn(writer):
        pages = writer.root["/Pages"]["/Kids"]
        pages[0]["/Rotate"] = generic.NumberObject(90)
        writer.mark_update(pages.raw_get(0))

    return updated(pdf, turn)


def rewritten(pdf: bytes) -> bytes:
    """Another document after these bytes, with an index of its own, which leads to nothing of
    theirs."""
    out = BytesIO(pdf)
    out.seek(0, 2)
    copy_into_new_writer(PdfFileReader(BytesIO(rotated(pdf)))).write(out)
    return out.getvalue()


def replaced(pdf: bytes) -> bytes:
    """The words of the first page, changed for others."""

    def write(writer):
        pages = writer.root["/Pages"]["/Kids"]
        words = generic.StreamObject(stream_data=b"0 0 595 842 re f")
        pages[0]["/Contents"] = writer.add_object(words)
        writer.mark_update(pages.raw_get(0))

    return updated(pdf, write)


def shown(pdf: bytes) -> bytes:
    """The place of a signature, which is invisible, spread over the page."""

    def spread(writer):
        place = writer.root["/AcroForm"]["/Fields"][1]
        box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 595, 842)])
        place["/Rect"] = box
        writer.mark_update(writer.root["/AcroForm"]["/Fields"].raw_get(1))

    return updated(pdf, spread)


def acting(pdf: bytes) -> bytes:
    """Something that happens when the file is opened."""

    def act(writer):
        told = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.beep()")}
        writer.root["/OpenAction"] = writer.add_object(generic.DictionaryObject(told))
        writer.update_root()

    return updated(pdf, act)


def covered(pdf: bytes) -> bytes:
    """One more place to sign, which nobody signs, drawn over the whole page."""
    where = fields.SigFieldSpec(
        "de-plus", on_page=0, box=(0, 0, 595, 842), empty_field_appearance=True
    )
    return updated(pdf, lambda writer: fields.append_signature_field(writer, where))


def titled(pdf: bytes) -> bytes:
    """Another title, in what readers show above the pages."""

    def call(writer):
        told = {pdf_name("/Title"): pdf_string("Délibération retirée")}
        writer.set_info(writer.add_object(generic.DictionaryObject(told)))

    return updated(pdf, call)


def described(pdf: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    """Other words in the metadata."""

    def describe(writer):
        xmp = writer.root["/Metadata"].data
        for before, after in changes:
            assert before in xmp
            xmp = xmp.replace(before, after)
        kind = {
            pdf_name("/Type"): pdf_name("/Metadata"),
            pdf_name("/Subtype"): pdf_name("/XML"),
        }
        stream = generic.StreamObject(kind, stream_data=xmp)
        writer.root["/Metadata"] = writer.add_object(stream)
        writer.update_root()

    return updated(pdf, describe)


def retitled(pdf: bytes) -> bytes:
    return described(
        pdf, (b"</rdf:li></rdf:Alt></dc:title>", b" RETIR</rdf:li></rdf:Alt></dc:title>")
    )


def of_another_format(pdf: bytes) -> bytes:
    return described(pdf, (b'pdfaid:part="3"', b'pdfaid:part="9"'))


def unmarked(pdf: bytes) -> bytes:
    """No more said to be marked for who is read the page aloud."""

    def unmark(writer):
        writer.root["/MarkInfo"] = generic.DictionaryObject(
            {pdf_name("/Marked"): generic.BooleanObject(False)}
        )
        writer.update_root()

    return updated(pdf, unmark)


@pytest.mark.parametrize("is_sealed", [True, False], ids=["scellé", "sans cachet"])
@pytest.mark.parametrize(
    "change",
    [
        *(page_added, rotated, replaced, shown, covered, acting, rewritten),
        *(titled, retitled, of_another_format, unmarked),
    ],
    ids=lambda change: change.__name__,
)
def test_what_a_signer_adds_beside_his_signature_is_seen(ca, prepared, trust, change, is_sealed):
    """His signature covers it, and holds: nothing else tells that the pages are not those that he
    was given."""
    given = prepared
    if is_sealed:
        given = pades.sign(prepared, "cachet", ca.identity("Cachet"), certify=True)
    content = pades.sign(change(given), "president", ca.identity("Alice Arnaud"))
    assert content.startswith(given)
    assert judged(content, trust)["president"] == Judgement.DEVELOPMENT
    with pytest.raises(Refused, match="autre chose qu’une signature"):
        pades.refuse_changes(given, content)


def test_a_tool_that_signs_may_lay_the_metadata_out_anew():
    """As other software does: elements for attributes, other blanks, its name and its hour."""
    words = '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Budget</rdf:li></rdf:Alt></dc:title>'
    named = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
    )

    def xmp(attributes: str, elements: str) -> bytes:
        inside = f"<rdf:Description {attributes}>{elements}</rdf:Description>"
        return f"<x {named}><rdf:RDF {named}>{inside}</rdf:RDF></x>".encode()

    ours = metadata.told(xmp('pdfaid:part="3" pdf:Producer="A" xmp:ModifyDate="2026-06-15"', words))
    anew = "<pdfaid:part>3</pdfaid:part>\n <xmp:MetadataDate>2026-06-16</xmp:MetadataDate>\n"
    assert metadata.told(xmp('rdf:about="" pdf:Producer="B"', anew + words)) == ours
    for other in (anew, anew + words.replace("Budget", "Retiré"), anew.replace("3", "9") + words):
        assert metadata.told(xmp("", other)) != ours


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("<rdf:RDF", "<y><rdf:RDF/></y><rdf:RDF"), id="une autre description avant"),
        pytest.param(
            ("</rdf:RDF>", '<pdf:T rdf:about=""/></rdf:RDF>'), id="une chose d’un autre genre"
        ),
        pytest.param(("</rdf:RDF>", "Retiré</rdf:RDF>"), id="des mots entre deux éléments"),
        pytest.param(
            ("<dc:title>", '<dc:title pdf:T="Retiré">'), id="un titre qui dit autre chose"
        ),
        pytest.param(("<rdf:Alt>", '<rdf:Alt pdf:T="Retiré">'), id="une liste qui dit autre chose"),
        pytest.param(
            ("</rdf:li>", "</rdf:li><pdf:li>Retiré</pdf:li>"), id="un membre d’un autre genre"
        ),
        pytest.param(("</rdf:li>", "<b>Retiré</b></rdf:li>"), id="un membre dans un membre"),
        pytest.param(("rdf:Alt>", "pdf:Alt>"), id="pas une liste"),
    ],
)
def test_metadata_that_two_readers_would_read_otherwise_are_none(change):
    named = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
    )
    words = '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Budget</rdf:li></rdf:Alt></dc:title>'
    plain = (
        f'<x {named}><rdf:RDF><rdf:Description rdf:about="">{words}</rdf:Description></rdf:RDF></x>'
    )
    assert metadata.told(plain.encode())
    assert change[0] in plain
    with pytest.raises(ValueError):
        metadata.told(plain.replace(*change).encode())


@pades.apart
def locked(pdf: bytes, identity: authority.Identity, place: str = "president") -> bytes:
    """Signed so that nobody may sign after."""
    metadata = signers.PdfSignatureMetadata(
        field_name=place,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    out, signer = BytesIO(), pades._signer(identity)
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    signers.sign_pdf(writer, metadata, signer, existing_fields_only=True, output=out)
    return out.getvalue()


def test_a_signature_that_lets_nobody_sign_after_it_says_so(ca, prepared, trust):
    """By the whole document, or place by place; the last one may."""
    spec = fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, fields=["president"])
    place = fields.SigFieldSpec("clos", field_mdp_spec=spec)
    closing = updated(prepared, lambda writer: fields.append_signature_field(writer, place))
    alice = ca.identity("Alice Arnaud")
    with pytest.raises(Refused, match="interdit d’en ajouter"):
        pades.sign(locked(prepared, alice), "secretaire", alice)
    for content, expected in (
        (locked(prepared, alice), True),
        (pades.sign(closing, "clos", alice), True),
        (pades.sign(prepared, "president", alice, certify=True), False),
        (locked(pades.prepare(render.render_pdf(SHORT), PLACES[1:2]), alice), False),
    ):
        assert [report.locks_out for report in pades.read(content, trust)] == [expected]


def test_a_signature_by_itself_changes_nothing_that_is_shown(ca, prepared, signed, trust):
    clock = pades.development_clock(ca)
    pades.refuse_changes(prepared, signed)
    archived = pades.sign(
        prepared, "president", ca.identity("Alice Arnaud"), timestamper=clock, trust=trust
    )
    pades.refuse_changes(prepared, archived)


def test_a_stripped_signature_leaves_the_earlier_ones(ca, prepared, trust):
    """The last signature cut off: what is left is the file as it was before, and says so."""
    first = pades.sign(prepared, "president", ca.identity("Alice Arnaud"))
    both = pades.sign(first, "secretaire", ca.identity("Bruno Besson"))
    assert judged(both[: len(first)], trust) == {"president": Judgement.DEVELOPMENT}


def test_another_authority_is_unknown_and_a_certificate_out_of_its_dates_cannot_sign(
    ca, prepared, trust, tmp_path
):
    elsewhere = authority.Authority(tmp_path)
    pdf = pades.sign(prepared, "president", elsewhere.identity("Alice Arnaud"))
    (report,) = pades.read(pdf, trust)
    assert (report.judgement, report.is_sound) == (Judgement.UNKNOWN, True)
    since, until = (
        datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
        datetime(2026, 3, 31, 22, 30, tzinfo=UTC),
    )
    old = ca.identity("Alice Arnaud", since=since, until=until)
    days = "ne vaut que du 1er février 2026 au 1er avril 2026"  # those of Paris
    with pytest.raises(Refused, match=days):
        pades.sign(prepared, "president", old)


@pytest.mark.parametrize(
    ("is_stamped", "withdrawn", "judgement"),
    [
        pytest.param(False, None, Judgement.EXPIRED, id="expiré, sans horodatage"),
        pytest.param(True, None, Judgement.VALID, id="expiré, heure prouvée"),
        pytest.param(False, -1, Judgement.REVOKED, id="révoqué, sans horodatage"),
        pytest.param(True, -1, Judgement.REVOKED, id="révoqué avant la signature"),
        pytest.param(True, 1, Judgement.VALID, id="révoqué après une signature horodatée"),
    ],
)
def test_a_certificate_that_expired_or_was_revoked(ca, prepared, is_stamped, withdrawn, judgement):
    now = datetime.now(UTC).replace(microsecond=0)
    until, read_at = now + timedelta(minutes=10), now
    if withdrawn is None:
        identity, revocations = ca.identity("Alice Arnaud", until=until), ca.revocations()
        read_at = until + timedelta(hours=1)
    else:
        identity = ca.identity("Alice Arnaud")
        at = now + timedelta(hours=withdrawn)
        revocations = ca.revocations(identity.certificate, at=at)
    clock = pades.development_clock(ca) if is_stamped else None
    pdf = pades.sign(prepared, "president", identity, timestamper=clock)
    with time_machine.travel(read_at):
        found = judged(pdf, Trust(roots=(ca.root,), revocations=(revocations,)))
    assert found == {"president": judgement}


def test_what_is_no_pdf_is_refused_in_words_and_an_unsigned_one_has_no_signature(trust):
    for content in (b"", b"%PDF-1.7\n", b"\x89PNG\r\n", "漢字 🗳️".encode() * 1000):
        with pytest.raises(Refused, match="ne se lit pas comme un PDF"):
            pades.read(content, trust)
    assert pades.read(render.render_pdf(SHORT), trust) == ()


def test_a_server_certificate_needs_its_passphrase(ca):
    made = ca.identity("Cachet")
    p12 = as_p12(made, "secret")
    assert pades.load_pkcs12(p12, "secret").certificate == made.certificate
    with pytest.raises(Refused, match="ne s’ouvre pas"):
        pades.load_pkcs12(p12, "faux")


def pdfsig(pdf: bytes, path) -> str:
    path.write_bytes(pdf)
    # Trust is ours to judge: poppler is asked whether the bytes are those that were signed.
    return subprocess.run(  # noqa: S603 our own file
        ["/usr/bin/pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
    ).stdout


def test_poppler_finds_the_three_signatures_valid_and_sees_a_byte_changed(signed, tmp_path):
    said = pdfsig(signed, tmp_path / "pv.pdf")
    assert said.count("Signature is Valid") == 3
    assert said.count("- Total document signed") == 1
    assert said.count("Not total document signed") == 2
    said = pdfsig(flipped(signed), tmp_path / "pv.pdf")
    assert "Signature is Valid" not in said
    assert said.count("Digest Mismatch") == 3


def test_the_authority_is_the_same_the_next_day_and_its_certificates_say_what_they_are(tmp_path):
    made = authority.Authority(tmp_path)
    assert authority.Authority(tmp_path).root == made.root
    assert (tmp_path / "racine.pem").stat().st_mode & 0o077 == 0
    certificate = x509.load_der_x509_certificate(made.identity("Alice Arnaud").certificate)
    assert "sans valeur juridique" in certificate.subject.rfc4514_string()
