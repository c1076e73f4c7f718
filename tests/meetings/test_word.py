"""A note that comes from Word: what a note holds comes through, the rest is told, traps refused."""

import io
import struct
import zipfile

import docx
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from law.findings import Refused
from meetings import notes
from meetings.actions import texts
from meetings.models import Brief
from tests.meetings import files
from tests.words import text


def document(build) -> bytes:
    made = docx.Document()
    build(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(content: bytes) -> notes.Note:
    return notes.read(ContentFile(content), "note.docx")


def rewritten(content: bytes, **parts) -> bytes:
    """The same file, where what these functions make of a part takes its place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for entry in old.infolist():
            change = parts.get(entry.filename.rpartition("/")[2].partition(".")[0])
            told = old.read(entry)
            new.writestr(entry.filename, change(told) if change else told)
    return out.getvalue()


def titles(made):
    made.add_heading("Contexte", 1)
    made.add_paragraph("Le syndicat ")
    made.paragraphs[-1].add_run("décide").bold = True
    made.paragraphs[-1].add_run(" du ")
    made.paragraphs[-1].add_run("plan").italic = True
    made.paragraphs[-1].add_run(" & du 1")
    made.paragraphs[-1].add_run("er").font.superscript = True


def lists(made):
    for style, words in (
        ("List Number", "Un"), ("List Bullet 2", "a"), ("List Bullet 2", "b"),
        ("List Number", "Deux"), ("Normal", "Fin"), ("List Bullet", "c"),
    ):  # fmt: skip
        made.add_paragraph(words, style=style)


def numbered(made):
    """As Word does it: one style, the level in the paragraph."""
    for level, words in ((0, "Un"), (1, "a"), (2, "i"), (0, "Deux")):
        paragraph = made.add_paragraph(words, style="List Bullet")
        number = paragraph.style.element.find(f".//{qn('w:numId')}").get(qn("w:val"))
        xml = f'<w:numPr {{}}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(xml.format(nsdecls("w"))))


def table(made):
    made.add_paragraph("Avant")
    grid = made.add_table(rows=3, cols=3)
    for row in grid.rows:
        for rank, cell in enumerate(row.cells):
            cell.text = f"c{rank}"
    grid.cell(0, 0).merge(grid.cell(0, 1)).text = "large"
    grid.cell(1, 2).merge(grid.cell(2, 2)).text = "haute"


def inside(made):
    """A content control, an insertion that was tracked, a link."""
    body = made.element.body
    for xml in (
        "<w:sdt {}><w:sdtContent><w:p><w:r><w:t>Contrôle</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        '<w:p {}><w:ins w:id="1" w:author="x"><w:r><w:t>Ajouté</w:t></w:r></w:ins></w:p>',
        "<w:p {}><w:hyperlink><w:r><w:t>lien</w:t></w:r></w:hyperlink></w:p>",
    ):
        body.insert(len(body) - 1, parse_xml(xml.format(nsdecls("w"))))


@pytest.mark.parametrize(("build", "html"), [
    pytest.param(
        titles,
        "<p><strong>Contexte</strong></p><p>Le syndicat <strong>décide</strong> du <em>plan</em>"
        " &amp; du 1<sup>er</sup></p>",
        id="titres, gras, italique, exposant",
    ),
    pytest.param(
        lists,
        "<ol><li>Un<ul><li>a</li><li>b</li></ul></li><li>Deux</li></ol><p>Fin</p>"
        "<ul><li>c</li></ul>",
        id="listes par leurs styles",
    ),
    pytest.param(
        numbered,
        "<ul><li>Un<ul><li>a<ul><li>i</li></ul></li></ul></li><li>Deux</li></ul>",
        id="listes à niveaux",
    ),
    pytest.param(
        table,
        '<p>Avant</p><table><tbody><tr><td colspan="2">large</td><td>c2</td></tr>'
        '<tr><td>c0</td><td>c1</td><td rowspan="2">haute</td></tr>'
        "<tr><td>c0</td><td>c1</td></tr></tbody></table>",
        id="un tableau, ses cellules fondues",
    ),
    pytest.param(
        inside, "<p>Contrôle</p><p>Ajouté</p><p>lien</p>", id="ce que des balises enveloppent"
    ),
])  # fmt: skip
def test_what_a_note_holds_comes_through(build, html):
    assert read(document(build)).html == html and not read(document(build)).left


def crowded(made):
    """One of each thing that a note does not hold, two pictures."""
    made.add_paragraph("Reste.")
    for _ in range(2):
        made.add_picture(io.BytesIO(files.picture()))
    made.sections[0].header.paragraphs[0].text = "Syndicat"
    body = made.element.body
    for xml in (
        '<w:p {}><w:del w:id="1" w:author="x"><w:r><w:delText>ôté</w:delText></w:r></w:del></w:p>',
        "<w:p {}><w:r><w:rPr><w:vanish/></w:rPr><w:t>masqué</w:t></w:r></w:p>",
        '<w:p {}><w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
        "<w:p {}><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boîte</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></w:r></w:p>",
        "<w:p {}><m:oMath xmlns:m="
        '"http://schemas.openxmlformats.org/officeDocument/2006/math"/></w:p>',
    ):
        body.insert(len(body) - 1, parse_xml(xml.format(nsdecls("w"))))


def test_what_a_note_does_not_hold_is_left_and_told():
    note = read(document(crowded))
    assert note.html == "<p>Reste.</p>"
    assert note.left == (
        "2 images",
        "1 note de bas de page",
        "1 zone de texte",
        "1 formule",
        "1 passage supprimé en suivi des modifications",
        "1 passage masqué",
        "l’en-tête ou le pied de page",
    )


# --- Traps ----------------------------------------------------------------------------------------

PLAIN = document(lambda made: made.add_paragraph("Bonjour"))
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">'.encode()
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + b"]>"
)
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
OUTSIDE = b'<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'


def declaring(doctype: bytes) -> bytes:
    def change(xml: bytes) -> bytes:
        return doctype + xml.partition(b"?>")[2].replace(b"Bonjour", b"&j;")

    return rewritten(PLAIN, document=change)


def swollen() -> bytes:
    """A hundred megabytes of words in some kilobytes."""

    def change(xml: bytes) -> bytes:
        return xml.replace(b"Bonjour", b"Bonjour " * 13_000_000)

    return rewritten(PLAIN, document=change)


def lying() -> bytes:
    """An archive that says less than it unpacks to."""
    words = b"a" * 9_000_000
    content = bytearray(rewritten(PLAIN, document=lambda xml: xml.replace(b"Bonjour", words)))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.find(mark)
        while at >= 0:
            if struct.unpack_from("<I", content, at + place)[0] > 8_000_000:
                struct.pack_into("<I", content, at + place, 100)
            at = content.find(mark, at + 4)
    return bytes(content)


def deep() -> bytes:
    nested = b"<w:sdt><w:sdtContent>" * 5000 + b"</w:sdtContent></w:sdt>" * 5000

    def change(xml: bytes) -> bytes:
        return xml.replace(b"<w:sectPr", nested + b"<w:sectPr", 1)

    return rewritten(PLAIN, document=change)


@pytest.mark.parametrize(("content", "why"), [
    pytest.param(b"", "il est vide", id="vide"),
    pytest.param(files.pdf(), "ce n’est pas un document Word", id="un PDF"),
    pytest.param(files.office("xlsx"), "ce n’est pas un document Word", id="un classeur"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "avant 2007", id="un .doc"),
    pytest.param(files.office("docx", main=MACROS), "macros", id="des macros"),
    pytest.param(files.office("docx"), "il ne se lit pas", id="un docx de façade"),
    pytest.param(lambda: declaring(LAUGHS), "ne se lit pas", id="un milliard de rires"),
    pytest.param(lambda: declaring(OUTSIDE), "il déclare des entités", id="un fichier du serveur"),
    pytest.param(swollen, "il se déplie en bien plus", id="une bombe"),
    pytest.param(lying, "ne se lit pas", id="une archive qui ment"),
    pytest.param(deep, "ne se lit pas", id="des balises sans fond"),
    pytest.param(lambda: document(lambda made: made.add_picture(io.BytesIO(files.picture()))),
                 "il ne contient aucun texte", id="une image seule"),
    pytest.param(lambda: document(lambda made: made.add_paragraph("mot " * 150_000)),
                 "il se déplie en bien plus", id="plus qu’une note"),
])  # fmt: skip
def test_a_trap_is_refused_in_one_sentence(content, why):
    with pytest.raises(Refused) as refusal:
        read(files.made(content))
    (finding,) = refusal.value.findings
    assert "« note.docx » n’est pas" in plain(finding.message) and why in plain(finding.message)


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


# --- By the screen --------------------------------------------------------------------------------


def put(client, item, content: bytes, name: str = "note.docx"):
    path = f"/seances/{item.meeting_id}/points/{item.key}/dossier/word/"
    return client.post(path, {"document": SimpleUploadedFile(name, content)}, follow=True)


def test_it_goes_to_the_end_of_the_note_is_told_and_taken_back(item, by, secretary, own_media):
    parts = texts.brief_parts(texts.brief_of(item))
    texts.save_brief(item, parts=parts | {"note": "Avant"}, base=texts.brief_base(parts), by=by)
    page = put(secretary, item, document(crowded))
    assert Brief.objects.get(item=item).note == "<p>Avant</p><p>Reste.</p>"
    assert "reprise de « note.docx »" in text(page)
    # The document is not kept: the deeds of the sitting say which it was.
    deed = item.meeting.deeds.get(verb="note-taken").words.replace("\u00a0", " ")
    assert "reprise de « note.docx » (empreinte SHA-256 " in deed
    assert "Laissés de côté : 2 images, 1 note de bas de page" in text(page)
    assert "data-take-back" in page.text
    back = secretary.post(
        f"/seances/{item.meeting_id}/ordre-du-jour/annuler/", {"from": item.key}, follow=True
    )
    assert "Repris : Note de" in text(back) and "Note de synthèse" in back.text
    assert Brief.objects.get(item=item).note == "<p>Avant</p>"


def test_what_is_refused_leaves_the_note_and_says_why(item, secretary, own_media):
    for content, said in ((b"MZ" + bytes(50), "programme"), (PLAIN[:300], "ne se lit pas")):
        answer = put(secretary, item, content)
        assert answer.status_code == 422 and said in answer.text
    answer = secretary.post(f"/seances/{item.meeting_id}/points/{item.key}/dossier/word/")
    assert answer.status_code == 422 and "Choisissez un fichier" in answer.text
    assert not Brief.objects.exists()


def test_what_is_no_note_is_joined_to_the_item(item, secretary, own_media):
    page = put(secretary, item, files.pdf(), "Rapport annuel.pdf")
    assert "« Rapport annuel.pdf » est joint aux pièces" in text(page)
    assert [each.filename for each in item.attachments.all()] == ["Rapport annuel.pdf"]
    refused = put(secretary, item, b"MZ" + bytes(50), "outil.exe")
    assert refused.status_code == 422 and item.attachments.count() == 1
    assert not Brief.objects.exists()
