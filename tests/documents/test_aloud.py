"""What a blind reader hears: everything once, in its order, each cell with its heads."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

import pikepdf
import pytest

from bench import conformity
from bench.conformity.structure import Grid, children, standard
from documents import papers, render
from tests.conformity import VERIFIED
from tests.documents.ink import dark, marked, told_by_html, told_by_pdf
from tests.documents.paper import FULL, LOOKS, SHORT

COLLEGES = ("Collège des intercommunalités", "Collège du Département")


def crowd(paper: papers.MinutesDocument, count: int = 60) -> papers.MinutesDocument:
    """The minutes of a body of so many members, in two colleges, and what was said at length."""
    roll = tuple(
        papers.College(
            name=name,
            lines=tuple(
                papers.RollLine(
                    name=f"Prénom NOM{rank}-{n}",
                    standing="present" if n % 5 else "excused",
                    community=f"Communauté {n}",
                    remark="présente" if n % 5 else "excusé",
                )
                for n in range(count // 2)
            ),
        )
        for rank, name in enumerate(COLLEGES)
    )
    items = tuple(
        papers.Item(
            key=f"p{n}",
            number=str(n),
            title=f"Point {n}",
            kind="deliberation",
            html=f"<p>{f'Il est dit {n} fois ceci, et cela. ' * 90}</p>",
            after=(papers.Step(kind="vote", text=f"La délibération {n} est adoptée."),),
        )
        for n in range(1, 9)
    )
    return replace(paper, roll=roll, items=items)


@dataclass(frozen=True)
class Heard:
    """A cell as it is told: what it says, and what its heads say."""

    text: str
    heads: tuple[str, ...]


class Reader:
    """Reads a file as a screen reader does."""

    def __init__(self, pdf: bytes) -> None:
        self.file = conformity.File(pdf)
        self.written = {page.obj.objgen: marked(page) for page in self.file.pdf.pages}

    def of(self, *kinds: str) -> list[pikepdf.Object]:
        return [each for each in self.file.elements if standard(self.file, each) in kinds]

    def text(self, element: pikepdf.Object) -> str:
        return " ".join("".join(self._pieces(element)).split())

    def _pieces(self, element: pikepdf.Object) -> Iterator[str]:
        page = element.get("/Pg")
        for kid in element.K if isinstance(element.K, pikepdf.Array) else [element.K]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from self._pieces(kid)
            elif isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid:
                yield self.written[kid.get("/Pg", page).objgen].get(int(kid.MCID), "")
            elif not isinstance(kid, pikepdf.Dictionary):
                yield self.written[page.objgen].get(int(kid), "")

    def cells(self, table: pikepdf.Object) -> list[Heard]:
        """Every cell that is no head of a column, with what its heads say."""
        grid = Grid(self.file, table)
        named = {str(cell.ID): cell for _, _, cell in grid.origins if "/ID" in cell}
        return [
            Heard(
                self.text(cell), tuple(self.text(named[str(key)]) for key in cell.A.get("/Headers"))
            )
            for _, _, cell in grid.origins
            if "/Headers" in cell.A
        ]


@pytest.mark.proof
def test_the_minutes_of_sixty_members_are_heard_as_they_are_written():
    for paper in (crowd(FULL), crowd(SHORT)):
        pdf = render.render_pdf(paper)
        assert render.page_count(pdf) > 3
        assert told_by_pdf(pdf) == told_by_html(render.render_html(paper))
        reader = Reader(pdf)
        paragraphs = [reader.text(each) for each in reader.of("P")]
        # What the end of a page cuts is one paragraph, and one section.
        assert sum(text.startswith("Il est dit") for text in paragraphs) in (8, 0)
        assert len({text for text in paragraphs if "Il est dit" in text}) == 8


def test_each_name_of_the_roll_is_heard_with_its_college_and_its_presence():
    reader = Reader(render.render_pdf(crowd(FULL)))
    tables = reader.of("Table")
    assert len(tables) == 2  # however many pages they take
    for rank, (college, table) in enumerate(zip(COLLEGES, tables, strict=True)):
        heard = reader.cells(table)
        assert len(heard) == 30 * 3
        for n in range(30):
            name, community, presence = heard[3 * n : 3 * n + 3]
            who = f"Prénom NOM{rank}-{n}"
            assert name == Heard(who, (college, "Nom"))
            assert community == Heard(f"Communauté {n}", (who, college, "Collectivité"))
            assert presence.heads == (who, college, "Présence")


def test_who_is_excused_is_heard_where_only_the_type_shows_it():
    """Short minutes tell the present from the others by bold and italic."""
    paper = crowd(SHORT, count=10)
    reader = Reader(render.render_pdf(paper))
    heard = [str(each.E) for each in reader.of("Span") if "/E" in each]
    assert heard == [
        f"{line.name}, {line.remark}" for college in paper.roll for line in college.lines
    ]
    told = {reader.text(each) for each in reader.of("P")}
    assert {name.partition(", ")[0] for name in heard} <= told  # and printed as it was
    line = papers.RollLine(name="A", standing="excuse", remark="excusée, pouvoir à B")
    assert line.unsaid == "excusée, pouvoir à B"
    assert replace(line, note="pouvoir à B").unsaid == "excusée"
    assert replace(line, note=line.remark).unsaid == ""


@pytest.mark.parametrize("look", sorted(LOOKS.keys() - {"synthetique"}))  # headed by its colleges
def test_every_row_is_headed_by_what_it_is_about(look):
    reader = Reader(render.render_pdf(LOOKS[look]))
    for table in reader.of("Table"):
        rows = [row for row in Grid(reader.file, table).rows if row.P.S == "/TBody"]
        for row in rows:
            kinds = [str(cell.S) for cell in children(row)]
            is_blank = not any(reader.text(cell) for cell in children(row))
            assert "/TH" in kinds or is_blank, [reader.text(cell) for cell in children(row)]


def test_the_columns_of_a_vote_are_said_in_words():
    reader = Reader(render.render_pdf(LOOKS["votes"]))
    whole = [str(each.E) for each in reader.of("Span") if "/E" in each]
    assert whole[:4] == ["Pour", "Contre", "Abstention", "Ne prend pas part"]
    names = next(table for table in reader.of("Table") if len(Grid(reader.file, table).origins) > 9)
    for cell in reader.cells(names):
        if cell.text == "☐":
            assert len([head for head in cell.heads if head not in "PCAN"]) == 2, cell


def test_a_plate_is_read_once():
    reader = Reader(render.render_pdf(LOOKS["chevalets"]))
    told = [reader.text(each) for each in reader.of("P", "H1")]
    assert told.count(LOOKS["chevalets"].plates[0].last_name) == 1


def test_numbers_of_points_are_the_marks_of_their_items():
    reader = Reader(render.render_pdf(LOOKS["convocation"]))
    marks = [reader.text(each) for each in reader.of("Lbl")]
    numbers = [
        each.number for each in LOOKS["convocation"].lines if each.number not in ("", papers.BULLET)
    ]
    assert [mark for mark in marks if mark in numbers] == numbers


def test_a_link_says_where_it_leads_and_a_picture_stands_where_it_is(tmp_path):
    paper = replace(FULL, verification=VERIFIED)
    pdf = render.render_pdf(paper)
    with pikepdf.open(BytesIO(pdf)) as opened:
        links = [each for page in opened.pages for each in page.get("/Annots", [])]
        assert {str(each.A.URI) for each in links} == {VERIFIED.address}  # one for each line
        assert {str(each.Contents) for each in links} == {"Vérifier ce document en ligne"}
        assert len(opened.Root.AF) == 1
    reader = Reader(pdf)
    (figure,) = reader.of("Figure")
    left, low, right, high = (float(each) for each in figure.A.BBox)
    assert round((right - left) * 25.4 / 72) == round((high - low) * 25.4 / 72) == 16
    inked = [
        (x, y)
        for x, y in dark(pdf, tmp_path, render.page_count(pdf))
        if left - 6 < x < right + 6 and low - 6 < y < high + 6
    ]
    for side, (drawn, said) in {
        "left": (min(x for x, _ in inked), left),
        "right": (max(x for x, _ in inked), right),
        "low": (min(y for _, y in inked), low),
        "high": (max(y for _, y in inked), high),
    }.items():
        assert abs(drawn - said) < 2, side


@pytest.mark.parametrize("paper", [FULL, SHORT], ids=["complet", "synthétique"])
def test_what_runs_on_every_page_is_read_on_none(paper):
    told = told_by_pdf(render.render_pdf(replace(crowd(paper), running_head="Tête courante")))
    assert "têtecourante" not in told
