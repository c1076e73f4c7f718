"""Tables drawn once where a paper repeats them: the page, its words and its tags are the same."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from documents import papers, render, stereotypes, word
from tests.conformity import check
from tests.documents.ink import bare, dark, marked, text_and_tags, told_by_docx, told_by_html
from tests.documents.paper import LOOKS


def sheets(voters: int, items: int) -> papers.VotingSheetDocument:
    """Sheets to vote on: titles of one to three lines, an election among them, two colleges."""
    names = [papers.Voter(name=f"M. Prénom NOM{rank}") for rank in range(voters)]
    half = voters // 2
    return replace(
        LOOKS["votes"],
        items=tuple(
            papers.VotingItem(
                number=str(rank + 1),
                title="Tarifs de l’archivage intermédiaire " * (1 + 2 * rank % 5),
                rapporteur="Rapporteur : M. Prénom NOM1" if rank % 3 else "",
                is_election=rank == 2,
            )
            for rank in range(items)
        ),
        colleges=(
            papers.VotingCollege(name="Communes", voters=tuple(names[:half])),
            papers.VotingCollege(name="Département", voters=tuple(names[half:])),
        ),
    )


@pytest.fixture(autouse=True)
def afresh(drawn_anew):
    drawn_anew()


@pytest.fixture
def printed(monkeypatch) -> list[Any]:
    """The tables that were printed again."""
    found: list[Any] = []
    again = stereotypes.Printer._again
    monkeypatch.setattr(
        stereotypes.Printer, "_again", lambda *told: found.append(told) or again(*told)
    )
    return found


@pytest.mark.parametrize(("voters", "items"), [(24, 6), (60, 3)])
def test_a_table_that_is_repeated_is_drawn_once_and_nothing_shows(printed, tmp_path, voters, items):
    paper = sheets(voters, items)
    page = render.render_html(paper)
    whole, ours = bare(page), render.render_pdf(paper)
    assert len(printed) == items - 2
    for word_of_ours, same in zip(words(ours, tmp_path), words(whole, tmp_path), strict=True):
        assert word_of_ours == pytest.approx(same, abs=0.01)
    assert [*structure(ours)] == [*structure(whole)]
    for number in range(1, render.page_count(whole) + 1):
        ink, told = ({*dark(each, tmp_path, number)} for each in (ours, whole))
        assert len(ink ^ told) <= len(told) / 200  # a hair of grey at the edge of a rule
    check(ours)
    drawn = ours
    render.caches["drawings"].clear()
    assert render.render_pdf(paper) == drawn


@pytest.mark.parametrize("voters", [130, 300])
def test_a_table_that_the_end_of_a_page_cuts_is_laid_out_each_time(printed, voters):
    page = render.render_html(sheets(voters, 3))
    assert stereotypes.once(page.split("</style>")[1])
    assert text_and_tags(render.draw(page)) == text_and_tags(bare(page))
    assert not printed


def test_a_table_is_left_as_it_is_when_it_is_short_or_has_a_place_of_its_own():
    cell = f"<td>{'mot ' * 2000}</td>"
    for left in (
        f"<table>{cell}</table>",
        "<table><td>bref</td></table>" * 2,
        f"<table>{cell}<td><a href='#x'>lien</a></td></table>" * 2,
        f"<table>{cell}<td><img></td></table>" * 2,
        f"<table id='x'>{cell}</table>" * 2,
    ):
        assert stereotypes.once(left) is None
    once = stereotypes.once(f"<table class='a'>{cell}</table><p>x</p>" * 2)
    assert once is not None
    assert once.count("mot ") == 2000
    assert once.count("<p>x</p>") == once.count("</table>") == 2


def test_a_word_processor_is_given_each_table():
    paper = sheets(24, 4)
    assert told_by_docx(word.render_docx(paper)) == told_by_html(render.render_html(paper))


# --- What a reader finds ------------------------------------------------------------------------


def words(pdf: bytes, folder) -> list[tuple[str, float, float]]:
    """Each word of each page and its place; each page and its size."""
    path = folder / "words.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True)  # noqa: S603, S607 poppler, of our file
    sizes = re.findall(r'<(page) width="([\d.]+)" height="([\d.]+)"', told.stdout)
    found = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>([^<]*)', told.stdout)
    every = [*sizes, *((text, x, y) for x, y, text in found)]
    return [(text, float(x), float(y)) for text, x, y in every]


def structure(pdf: bytes) -> Iterator[tuple[Any, ...]]:
    """Each element in reading order: how deep, what it is, its heads by their ranks, its words."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        written = {page.obj.objgen: marked(page) for page in opened.pages}
        ranks = {page.obj.objgen: rank for rank, page in enumerate(opened.pages)}
        names: dict[str, int] = {}
        owners: dict[tuple[int, int], Any] = {}
        found: list[tuple[Any, ...]] = []
        heads: list[list[str]] = []

        def follow(element: Any, page: Any, depth: int) -> None:
            page = element.get("/Pg", page)
            if "/ID" in element:
                assert names.setdefault(str(element.ID), len(names)) == len(names) - 1
            told = element.get("/A", {})
            heads.append([str(each) for each in told.get("/Headers", ())])
            about = {key: str(told[key]) for key in told if key != "/Headers"}
            own = [*element.get("/K", ())]
            marks = [each for each in own if not isinstance(each, pikepdf.Dictionary)]
            said = [written[page.objgen].get(int(mark), "") for mark in marks]
            for mark in marks:
                owners[ranks[page.objgen], int(mark)] = element.objgen
            assert page is None or element.P.get("/Type") in ("/StructElem", "/StructTreeRoot")
            rank = ranks[page.objgen] if page is not None else None
            found.append((depth, rank, str(element.S), about, str(element.get("/E", "")), said))
            for each in own:
                if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem":
                    assert each.P.objgen == element.objgen
                    follow(each, page, depth + 1)

        root = opened.Root.StructTreeRoot
        for each in root.K:
            follow(each, None, 0)
        numbers = root.ParentTree.Nums
        for page, marks in zip(numbers[::2], numbers[1::2], strict=True):
            for mark, owner in enumerate(marks):
                if isinstance(owner, pikepdf.Dictionary):
                    assert owners[int(page), mark] == owner.objgen
        for each, told in zip(found, heads, strict=True):
            yield (*each, [names[head] for head in told])
