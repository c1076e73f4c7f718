"""The word-processor file: the same words as the page and the PDF, whatever the paper."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn

from documents import compile, papers, render, word
from documents.compile import said
from meetings import sitting_file
from members.models import Body
from tests.documents.ink import told_by_docx, told_by_html, told_by_pdf, told_by_poppler
from tests.documents.paper import FULL, LOOKS, SHORT
from tests.law.steps import calls
from tests.meetings import cases


def opened(paper: papers.Paper):
    return docx.Document(BytesIO(word.render_docx(paper)))


def check_same_words(paper: papers.Paper) -> None:
    paper = replace(paper, watermark="")  # drawn across the pages of a draft, and no part of it
    page = render.render_html(paper)
    by_html = told_by_html(page)
    assert by_html
    assert told_by_pdf(render.render_pdf(paper)) == by_html
    assert told_by_docx(word.render_docx(paper)) == told_by_html(page, is_drawn=True)


# --- The same words ---------------------------------------------------------------------------


@pytest.mark.proof
@pytest.mark.parametrize("look", LOOKS)
def test_every_paper_says_the_same_in_its_three_outputs(look):
    check_same_words(LOOKS[look])


@pytest.mark.proof
@pytest.mark.parametrize("look", LOOKS)
def test_an_independent_program_reads_the_same_structure(look, tmp_path):
    pdf = render.render_pdf(LOOKS[look])
    assert told_by_poppler(pdf, tmp_path) == told_by_pdf(pdf)


HOSTILE = (
    "<p>Un <em>mot</em>, deux <strong>mots</strong>… <sup>3</sup> &lt;b&gt; &amp; "
    + "anticonstitutionnellement " * 40
    + "</p><ul><li>un<ul><li>deux</li></ul></li><li><p>trois</p><p>quatre</p></li></ul>"
    "<ol><li>premier</li></ol><blockquote><p>cité</p></blockquote>"
    '<table><tr><th colspan="2">A</th></tr><tr><td rowspan="2">b</td><td>c</td></tr>'
    "<tr><td>d</td></tr></table><p>Łódź, œuf, Ÿ, ½, ☐ ☑ → ✓<br>à la ligne</p>"
)


@pytest.mark.parametrize("paper", [SHORT, FULL], ids=["synthétique", "complet"])
def test_whatever_the_editor_writes_is_the_same_in_the_three(paper):
    item = papers.Item(key="x", number="1", title="T", kind="debat", html=said(HOSTILE))
    check_same_words(replace(paper, items=(item,)))


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("number", cases.NUMBERS)
def test_every_real_sitting_says_the_same_in_the_three(number):
    case = cases.read(number)
    meeting = sitting_file.import_(sitting_file.read(sitting_file.dump(case.document))).meeting
    # Each in one layout, turn about: tests/meetings/test_real_cases.py reads both.
    layouts = Body.Layout.values
    meeting.body.layout = layouts[cases.NUMBERS.index(number) % len(layouts)]
    meeting.body.save()
    check_same_words(compile.compile_minutes(meeting))
    listed = compile.compile_deliberation_list(meeting)
    check_same_words(listed)
    for item in meeting.items.filter(kind="deliberation")[:1]:
        extract = compile.compile_extract(meeting, item.key)
        check_same_words(extract)


# --- The file ---------------------------------------------------------------------------------


def test_the_file_is_named_dated_headed_and_made_of_real_headings_lists_and_tables():
    assert word.render_docx(FULL) == word.render_docx(FULL)
    core = opened(FULL).core_properties
    assert (core.title, core.author, core.language) == (FULL.name, "Val de Brume", "fr-FR")
    assert core.created.date() == date(2026, 6, 9)
    document = opened(FULL)
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Heading 1", "Heading 2", "Heading 3", "Décision", "Votes nominatifs"} <= styles
    rows = document.tables[2].rows  # after the letterhead and the figures
    assert rows[0].cells[0].text == "Collège des intercommunalités"
    assert [cell.text for cell in rows[1].cells] == ["Nom", "Collectivité", "Présence"]
    assert all(row._tr.trPr.find(qn("w:tblHeader")) is not None for row in rows[:2])
    assert any(p._p.pPr.numPr is not None for p in document.paragraphs if p._p.pPr is not None)
    (section,) = opened(FULL).sections
    assert section.header.paragraphs[0].text == "Bureau · 9 juin 2026\tVal de Brume"
    fields = [e.text for e in section.footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert section.different_first_page_header_footer


def test_a_plate_is_folded_along_its_middle_and_read_from_both_sides():
    document = opened(LOOKS["chevalets"])
    (section,) = document.sections
    assert section.page_width < section.page_height
    for table in document.tables:
        front, back = table.rows[0].cells
        assert front.text == back.text != ""
        turned = [each._tc.tcPr.find(qn("w:textDirection")) for each in (front, back)]
        assert [each.get(qn("w:val")) for each in turned] == ["tbRl", "btLr"]


def test_the_address_stands_in_the_window_of_the_envelope():
    """Where the sheet that is printed has it, whatever the letterhead says."""
    (frame,) = opened(LOOKS["lettres"]).styles["Destinataire"].element.iter(qn("w:framePr"))
    left, top = (int(frame.get(qn(f"w:{side}"))) * 25.4 / 1440 for side in "xy")
    assert (round(left), round(top)) == (105, 44)
    assert {frame.get(qn(f"w:{side}Anchor")) for side in "vh"} == {"page"}


def test_what_is_signed_or_voted_on_is_whole_on_its_page():
    extract, votes = opened(LOOKS["extrait"]), opened(LOOKS["votes"])
    told = [each for each in extract.paragraphs if each.style.name == "Petits caractères"]
    assert told
    assert all(each.paragraph_format.keep_together for each in told)
    for table in votes.tables:
        for cell in table.rows[0].cells:
            assert all(
                each.paragraph_format.keep_with_next for each in cell.paragraphs if each.text
            )
    boxes = votes.tables[0].rows[-1].cells[0]._tc.tcPr.find(qn("w:tcBorders"))
    assert len(boxes) == 4


def test_the_heads_of_a_table_that_was_typed_are_said_again_on_each_page():
    rows = "<tr><th>Ligne</th><th>Montant</th></tr>" + "<tr><td>a</td><td>1</td></tr>" * 3
    item = papers.Item(key="x", title="T", kind="debat", html=said(f"<table>{rows}</table>"))
    (table,) = [
        each
        for each in opened(replace(FULL, items=(item,))).tables
        if each.rows[0].cells[0].text == "Ligne"
    ]
    heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert heads == [True, False, False, False]


@pytest.mark.proof
def test_sixty_members_cost_four_times_what_fifteen_do():
    votes = LOOKS["votes"]
    (college, *_) = votes.colleges

    def written(members: int) -> None:
        voters = tuple(
            replace(college.voters[0], name=f"Mme Prénom NOM{n}") for n in range(members)
        )
        word.render_docx(replace(votes, colleges=(replace(college, voters=voters),)))

    few, many = (calls(lambda n=members: written(n)) for members in (15, 60))
    assert many < 5 * few


def test_logo_and_code_are_in_the_file():
    document = opened(LOOKS["lettres"])
    assert len(document.inline_shapes) == 1
    (picture,) = document.element.body.iter(qn("wp:docPr"))
    assert picture.get("descr") == "Code à scanner pour répondre en ligne"


@pytest.mark.parametrize(
    "logo", ["data:image/svg+xml;base64,PHN2Zy8+", "data:image/png;base64,AAAA", "rien"]
)
def test_a_picture_that_no_word_processor_shows_is_left_out(logo):
    letter = replace(LOOKS["lettres"], issuer=replace(SHORT.issuer, logo=logo))
    assert len(opened(letter).inline_shapes) == 1


def test_a_draft_is_not_marked_across_its_pages():
    """The file is there to be finished: the mark of the printed draft would stay in it."""
    draft = replace(SHORT, watermark="projet")
    assert told_by_docx(word.render_docx(draft)) == told_by_docx(word.render_docx(SHORT))


def test_elements_stand_in_the_order_that_word_wants():
    """Word refuses a file whose paragraph properties are in another order."""
    order = ["keepNext", "widowControl", "numPr", "pBdr", "spacing", "ind", "jc", "rPr"]
    document = opened(FULL)
    for properties in (
        *document.element.body.iter(qn("w:pPr")),
        *document.styles.element.iter(qn("w:pPr")),
    ):
        names = [child.tag.rpartition("}")[2] for child in properties]
        ranks = [order.index(name) for name in names if name in order]
        assert ranks == sorted(ranks), names
