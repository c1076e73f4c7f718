"""Lines that are kept from paper to paper: each is the one that WeasyPrint alone would set."""

import pytest
from weasyprint.text.line_break import Layout

from documents import render, slugs
from tests.documents.ink import bare, text_and_tags
from tests.documents.paper import FULL, LOOKS

# Ends that change where the line before them ends: a word too long for a line, a sign that no line
# begins with, spaces that part nothing, hyphens that are seen only when they cut, so many narrow
# letters that a line holds more of them than is looked at first.
ENDS = (
    "fin",
    "fin.",
    "anticonstitutionnellement",
    "« tel » qu’il est",
    "tel : oui ; non ?",
    "procès-verbal",
    "inter\u00adcom\u00admu\u00adna\u00adli\u00adtés",
    "a" * 90,
    "https://exemple.fr/" + "chemin/" * 20,
    "12 000 € à 3 %",
    "un  deux   trois",
    "(entre parenthèses)",
    "il " * 25 + "fin",
    "il " * 25 + "lia",
)
WAYS = (
    "",
    "text-align: justify; hyphens: auto",
    "overflow-wrap: anywhere",
    "white-space: pre-wrap",
    "text-decoration: underline; letter-spacing: 1px",
    "text-transform: uppercase; word-spacing: 3px",
    "word-spacing: -3px",
    "word-break: break-all; hyphens: none",
    "overflow: hidden; text-overflow: ellipsis; white-space: nowrap",
)
WORDS = "le comité syndical approuve la convention et autorise sa présidente à la signer ".split()


def tricky() -> str:
    """A page of texts that begin alike and end each in its own way, set in each way."""
    ways = "".join(f".w{rank} {{ {way} }}" for rank, way in enumerate(WAYS))
    texts = [
        f"<p class='w{rank}' lang='fr'>{' '.join((WORDS * 3)[:length])} {end}</p>"
        for rank in range(len(WAYS))
        for length in range(0, 24, 6)
        for end in ENDS
    ]
    look = f"@page {{ size: 80mm 200mm }} p {{ font-family: 'Paper Serif' }} {ways}"
    _, _, faces = render._apart(render.render_html(FULL))
    head = f"<title>Fins de lignes</title><style>{faces}{look}</style>"
    return f"<html lang='fr'><head>{head}</head><body>{''.join(texts)}</body></html>"


@pytest.fixture(autouse=True)
def afresh(drawn_anew):
    drawn_anew()
    slugs.forget()


def test_a_line_ends_where_it_ends_whatever_was_set_before():
    page = tricky()
    assert text_and_tags(render.draw(page)) == text_and_tags(bare(page))


def test_what_was_set_once_is_asked_of_nobody_again(drawn_anew, monkeypatch):
    first = render.render_pdf(FULL)
    drawn_anew()
    for name in ("_split", "_draw"):
        monkeypatch.setattr(slugs, name, must_not_be_called)
    assert render.render_pdf(FULL) == first


def must_not_be_called(*given, **more):
    raise AssertionError("une ligne a été composée deux fois")


def test_a_case_finds_what_was_set_in_another(drawn_anew, monkeypatch):
    first = render.render_pdf(FULL)
    drawn_anew()
    monkeypatch.setattr(render, "_case", type(render._case)(list))
    assert render.render_pdf(FULL) == first


def test_few_lines_are_kept_and_the_paper_is_the_same(drawn_anew, monkeypatch):
    first = render.render_pdf(FULL)
    drawn_anew()
    slugs.forget()
    monkeypatch.setattr(slugs, "ROOM", 7)
    assert render.render_pdf(FULL) == first
    kept = [*slugs._broken.values(), *slugs._cast.values()]
    assert 0 < max(len(lines) + len(lines.older) for lines in kept) <= 14


class Watched:
    """A style that notes what is asked of it."""

    asked: set[str] = set()

    def __init__(self, style):
        self._style = style

    def __getitem__(self, name):
        self.asked.add(name)
        return self._style[name]

    def __getattr__(self, name):
        return getattr(self._style, name)


def test_a_face_is_all_that_a_line_owes_to_its_style(drawn_anew, monkeypatch):
    """What WeasyPrint comes to read of a style must be in `FACE`, or two lines become one."""
    split, setup = slugs._split, Layout.setup
    monkeypatch.setattr(
        slugs, "_split", lambda text, style, *more: split(text, Watched(style), *more)
    )
    monkeypatch.setattr(Layout, "setup", lambda line, style: setup(line, Watched(style)))
    for paper in LOOKS.values():
        render.render_pdf(paper)
    render.draw(tricky())
    assert {"font_size", "hyphens", "letter_spacing"} <= Watched.asked <= set(slugs.FACE)
