"""What a typographer looks at: what stands together, what ends a page, what stands under what."""

import re
import subprocess
from dataclasses import replace

import pytest

from documents import papers, render
from documents.compile import said
from law.french import NBSP
from meetings import richtext
from tests.documents.ink import ends_of_pages, pages_of, plain, words_of
from tests.documents.paper import EXTRACT, FULL, LOOKS, SHORT, SUMMONS
from tests.documents.test_aloud import COLLEGES, crowd

ATTENDANCE = LOOKS["emargement"]
ANSWERING = (
    "Je vous remercie de faire savoir si vous participerez à la séance, par le lien personnel reçu "
    "avec cette convocation ou auprès du secrétariat.",
    "En cas d’empêchement, vous pouvez donner pouvoir à un autre membre.",
)


def body(paper: papers.Paper) -> str:
    page = re.sub(r"</?(?:span|sup)[^>]*>", "", render.render_html(paper).split("<body>")[1])
    return page


def long(values):
    """What only the long proof tries besides."""
    return [pytest.param(value, marks=pytest.mark.proof) for value in sorted(values)]


@pytest.mark.parametrize(
    "told",
    [
        "par 23~voix pour, 1~contre et 3~abstentions",
        "le mardi~1er~décembre 2026 à 18~h, salle 12",
        "M.~Yann LE~GOFF, Mme~Anne DE~LA~TOUR et MM.~Un et Deux",
        "la délibération 2016-11-16/01 du comité, en 2026 le bureau",
        "les 300~habitants, 3,5~% et 12~€ de plus",
        "selon l’article L5721-2 du~CGCT",
    ],
)
def test_no_end_of_line_parts_a_number_and_its_noun_nor_a_name(told):
    told = told.replace("~", NBSP)
    assert told in body(replace(FULL, closing=plain(f"{told}, en somme.")))


def test_the_last_line_of_a_paragraph_is_no_short_word():
    item = papers.Item(key="x", title="T", kind="debat", html=said("<p>Un mot de la fin.</p>"))
    assert f"de la{NBSP}fin." in body(replace(FULL, items=(item,)))
    ours = body(replace(FULL, closing="La séance du Comité est levée le 6\xa0octobre 2017."))
    assert f"le 6{NBSP}octobre{NBSP}2017.</p>" in ours


def test_amounts_stand_under_one_another_on_the_decimal(tmp_path):
    rows = "".join(
        f"<tr><td>{line}</td><td>{amount}</td></tr>"
        for line, amount in (("a", "1 250,50 €"), ("b", "300 €"), ("2026", "-12,00 €"))
    )
    item = papers.Item(key="x", title="T", kind="debat", html=said(f"<table>{rows}</table>"))
    page = body(replace(FULL, items=(item,)))
    cells = re.findall(r'<td(?: class="([^"]*)")?>(?:<p>)?([^<]*)', page)
    classes = {plain(text): name for name, text in cells}
    assert classes["1 250,50 €"] == classes["-12,00 €"] == "amount"
    assert classes["300 €"] == "amount round"
    assert classes["a"] == ""
    pdf = render.render_pdf(replace(FULL, items=(item,)))
    ends = {
        word: right
        for page in range(1, render.page_count(pdf) + 1)
        for word, right, _ in words_of(pdf, tmp_path, page)
    }
    assert abs(ends["250,50"] - ends["-12,00"]) < 0.01
    assert 10 < ends["250,50"] - ends["300"] < 13  # the cents that it does not say


def test_a_column_of_amounts_stands_under_its_title():
    table = said(
        "<table><thead><tr><th>Commune</th><th>Sièges</th></tr></thead>"
        "<tbody><tr><td>Brume</td><td>5</td></tr></tbody></table>"
    )
    page = body(replace(FULL, items=(papers.Item(key="x", title="T", kind="debat", html=table),)))
    assert '<th>Commune</th><th class="amount">Sièges</th>' in page


def test_a_word_alone_in_its_cell_is_never_cut(tmp_path):
    """« Présidente » was, between long objects and a column of amounts."""
    row = ("D2026-001", "12 novembre 2026", "Présidente", "Entretien des écrans " * 9, "18 400 €")
    heads = ("Numéro", "Date", "Par", "Objet", "Montant hors taxes")
    table = said(richtext.table(heads, [row]))
    pdf = render.render_pdf(
        replace(FULL, items=(papers.Item(key="x", title="T", kind="debat", html=table),))
    )
    words = [
        word
        for page in range(1, render.page_count(pdf) + 1)
        for word, *_ in words_of(pdf, tmp_path, page)
    ]
    assert "Présidente" in words


def test_a_running_head_raises_its_ordinals():
    """It is set in small capitals, which would make « 1ER » of « 1er »."""
    page = render.render_html(replace(FULL, running_head="Bureau · 1er décembre 2026"))
    assert 'data-head="Bureau · 1ᵉʳ décembre 2026"' in page


VOTE = papers.Step(
    kind="vote",
    text="La délibération est adoptée par 23 voix pour, 1 contre.",
    more=("S’abstiennent : M. Un, M. Deux.",),
)


def agenda() -> tuple[papers.Item, ...]:
    """Points with nothing, little and much said of them, in sections and outside."""
    told = ("", "<p>" + "mot " * 60 + "</p><p>fin</p>", "<ul><li>un</li><li>deux</li></ul>", "")
    points = tuple(
        papers.Item(
            key=f"p{n}",
            number=str(n),
            title=f"Point {n}",
            kind="deliberation",
            rapporteur="Rapporteur : M. X",
            html=said(html),
            after=(VOTE,),
        )
        for n, html in enumerate(told, start=1)
    )
    inner = papers.Item(key="s2", number="A", title="Partie", kind="section", children=points)
    section = papers.Item(key="s1", number="I", title="Titre", kind="section", children=(inner,))
    return (section, *points, section)


def on_sheets(paper: papers.Paper, height: int) -> bytes:
    """The paper on sheets of this height, so that another line ends each."""
    page = render.render_html(paper)
    assert "size: A4;" in page
    return render.draw(page.replace("size: A4;", f"size: 210mm {height}mm;"))


@pytest.mark.parametrize("height", [150, *long(range(162, 297, 12))])
@pytest.mark.parametrize("paper", [SHORT, FULL], ids=["synthétique", "complet"])
def test_no_heading_ends_a_page_and_no_vote_is_cut_from_its_abstentions(paper, height, tmp_path):
    order = ("presences", "quorum", "debats")  # without the list of what follows
    pdf = on_sheets(replace(paper, items=agenda(), order=order), height)
    assert not [ends for ends in ends_of_pages(pdf) if re.fullmatch(r"H\d?", ends[0])]
    for page in pages_of(pdf, tmp_path)[:-1]:
        text = re.sub(r"\s*\d+\s?/\s?\d+$", "", page)
        assert not re.search(r"(Point \d|Titre|Partie|TITRE|PARTIE|1 contre\.)$", text), text[-80:]


@pytest.mark.parametrize("length", [0, *long(range(75, 900, 75))])
def test_the_sheet_that_is_signed_says_what_was_decided(length, tmp_path):
    """Whatever the length of the act, the last sheet of the extract holds its decision."""
    text = replace(EXTRACT.text, recitals=("Considérant " + "mot " * length,))
    pages = pages_of(render.render_pdf(replace(EXTRACT, text=text)), tmp_path)
    decided = " ".join(EXTRACT.decisions[-1].text.split())
    assert decided in pages[-1]
    assert EXTRACT.signatories[0].office in pages[-1]


@pytest.mark.parametrize("count", [1, 12, 13, *long({*range(1, 30, 3)} - {1, 13})])
def test_a_convocation_fills_its_first_page_before_it_begins_another(count, tmp_path):
    """What follows the agenda begins below it; the rules that it recalls are never alone."""
    (line, *_) = [each for each in SUMMONS.agenda if not each.is_section]
    lines = tuple(replace(line, key=f"l{n}", number=str(n), children=()) for n in range(count))
    pdf = render.render_pdf(replace(SUMMONS, agenda=lines, answering=ANSWERING))
    pages = pages_of(pdf, tmp_path)
    assert len(pages) == 1 if count < 13 else len(pages) <= 2
    courtesy = " ".join(SUMMONS.courtesy.split())
    assert courtesy in pages[-1]
    if len(pages) == 2:  # all that is carried over is what stands with the signature
        lines = [low for word, _, low in words_of(pdf, tmp_path, 1) if low < 800]
        assert max(lines) > 842 * 0.75


def registered(count: int) -> papers.AttendanceSheetDocument:
    """The attendance sheet of so many members, in one college."""
    (college, *_) = ATTENDANCE.colleges
    (line, *_) = college.lines
    lines = tuple(replace(line, rank=n, name=f"Membre{n}") for n in range(1, count + 1))
    return replace(ATTENDANCE, colleges=(replace(college, lines=lines),))


@pytest.mark.parametrize("count", [14, *long({*range(8, 24)} - {14})])
def test_nobody_signs_alone_on_the_last_sheet_of_an_attendance(count, tmp_path):
    """The lines left for others go with the signatures, however many members there are."""
    *_, last = pages_of(render.render_pdf(registered(count)), tmp_path)
    assert "Autres personnes" in last and ATTENDANCE.signatories[0].office in last


@pytest.mark.parametrize(
    "paper", [crowd(FULL, 140), registered(60)], ids=["procès-verbal", "appel"]
)
def test_a_college_that_goes_on_says_its_name_on_each_page(paper, tmp_path):
    first, *others = pages_of(render.render_pdf(paper), tmp_path)
    named = COLLEGES[0] if isinstance(paper, papers.MinutesDocument) else paper.colleges[0].name
    member = re.compile(r"NOM0-|Membre\d")
    following = [page for page in others if member.search(page)]
    assert named in first and following
    assert all(named in page for page in following)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_no_paper_has_an_empty_heading(look):
    paper = LOOKS[look]
    bare = {"items": (), "approvals": (), "roll": (), "roll_by_standing": None}
    emptied = replace(paper, **bare) if isinstance(paper, papers.MinutesDocument) else paper
    for each in (paper, emptied):
        assert not re.search(r"<(h\d)\b[^>]*>\s*</\1>", render.render_html(each))


def test_nothing_is_printed_at_the_edge_of_a_sheet_of_labels(tmp_path):
    """Its title is heard, and stuck on no envelope."""
    path = tmp_path / "etiquettes.pdf"
    path.write_bytes(render.render_pdf(LOOKS["etiquettes"]))
    command = ["pdftoppm", "-r", "50", "-gray", "-l", "1", path]
    drawn = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 poppler, of our file
    _, size, _, pixels = drawn.split(b"\n", 3)
    width, height = map(int, size.split())
    edge = round(5 * 50 / 25.4)  # no printer reaches it
    rows = [pixels[n * width : (n + 1) * width] for n in range(height)]
    assert set(b"".join(rows[:edge] + rows[-edge:])) == {255}
    assert any(min(row) < 128 for row in rows)  # and the addresses are printed
