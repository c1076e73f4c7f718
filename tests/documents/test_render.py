"""From the paper to ink: HTML to the letter, PDF by its text, its pages and its structure."""

import gc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest

from documents import papers, render
from documents.compile import said
from documents.papers.parts import types_of
from law.findings import Refused
from tests.documents.ink import bare, check_archive, text_and_tags, text_of
from tests.documents.paper import FULL, GOLDEN, LOOKS, SHORT


@pytest.fixture(scope="module")
def short_pdf() -> bytes:
    return render.render_pdf(SHORT)


# --- HTML -------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_html_is_the_golden_one(look, check_golden):
    body = render.render_html(LOOKS[look]).split("</head>")[1]
    check_golden(GOLDEN / f"{look}.html", body)


# What a sheet does not show of what its paper says.
UNSEEN = {
    "chevalets": {"running_head"},
    "etiquettes": {"running_head"},
    "lettres": {"title"},
    "synthetique": {"subtitle"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_every_sentence_of_a_paper_is_printed(look):
    paper = LOOKS[look]
    types = types_of(type(paper))
    told = {
        each.name: f"dit_par_{each.name}"
        for each in fields(paper)
        if types[each.name] in (str, str | None) and not each.metadata.get("silent")
    }
    page = render.render_html(replace(paper, **told))
    assert {name for name, text in told.items() if text not in page} == UNSEEN.get(look, set())


def test_preview_is_the_same_page_as_the_pdf_and_passes_the_policy_of_the_site():
    for_pdf = render.render_html(SHORT).split("</head>")[1]
    for_screen = render.render_html(SHORT, for_screen=True, nonce="n0nce").split("</head>")[1]
    assert for_screen == for_pdf
    page = render.render_html(SHORT, for_screen=True, nonce="n0nce")
    assert '<style nonce="n0nce">' in page
    assert "style=" not in page.split("</head>")[1]
    assert "<script" not in page
    assert "paper:" not in page


def test_names_are_escaped():
    line = papers.RollLine(name='<b>Zoé</b> & Cie "d’Or"', standing="present")
    page = render.render_html(replace(SHORT, roll=(papers.College(lines=(line,)),)))
    assert "&lt;b&gt;Zoé&lt;/b&gt; &amp; Cie &quot;d’Or&quot;" in page


# --- PDF --------------------------------------------------------------------------------------


def test_a_draft_says_so_across_its_pages(short_pdf):
    draft = replace(SHORT, watermark="projet")
    assert '<div class="watermark" aria-hidden="true">projet</div>' in render.render_html(draft)
    assert fonts_of(render.render_pdf(draft)) - fonts_of(short_pdf) == {"Paper-Sans-Semi-Bold"}


def fonts_of(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return {
            str(value.BaseFont).split("+")[1]
            for value in opened.objects
            if isinstance(value, pikepdf.Dictionary) and value.get("/Type") == "/Font"
        }


def test_same_paper_same_bytes(short_pdf, drawn_anew):
    drawn_anew()
    assert render.render_pdf(SHORT) == short_pdf
    assert [render.page_count(each) for each in (short_pdf, render.render_pdf(FULL))] == [2, 3]


def test_same_bytes_whatever_was_drawn_before_and_beside(drawn_anew):
    """Style sheets and fonts are kept from paper to paper."""
    looks = list(LOOKS.values())
    pages = [render.render_html(paper) for paper in looks]
    first = [render.draw(page) for page in pages]
    drawn_anew()
    with ThreadPoolExecutor(4) as pool:
        beside = list(pool.map(render.draw, reversed(pages)))
    assert [sha256(pdf).digest() for pdf in reversed(beside)] == [sha256(p).digest() for p in first]
    alone = [bare(page) for page in pages]
    assert [text_and_tags(pdf) for pdf in first] == [text_and_tags(pdf) for pdf in alone]
    assert gc.isenabled()


def test_compounds_and_cut_words_are_copied_whole(tmp_path):
    words = "intercommunalités procès-verbal Jean-Christophe vingt-sept anticonstitutionnellement "
    item = papers.Item(key="x", title="T", kind="debat", html=f"<p>{words * 60}fin.</p>")
    text = text_of(render.render_pdf(replace(SHORT, items=(item,))), tmp_path)
    assert text.count(words.strip()) == 60


# --- Conformance: what veraPDF once said of this chain, kept by hand -------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_each_paper_is_one_for_archives_and_for_everybody(look):
    check_archive(LOOKS[look])


# --- What people type -------------------------------------------------------------------------


def item(html: str = "", title: str = "Un point") -> papers.MinutesDocument:
    point = papers.Item(key="x", number="1", title=title, kind="debat", html=said(html))
    return replace(FULL, items=(point,))


@pytest.mark.proof
@pytest.mark.parametrize("layout", ["synthetique", "complet"])
@pytest.mark.parametrize(
    "document",
    [
        pytest.param(replace(FULL, items=(), approvals=()), id="ordre du jour vide"),
        pytest.param(replace(FULL, roll=(), roll_heading=()), id="appel vide"),
        pytest.param(item(title="<script>alert(1)</script>"), id="HTML dans un intitulé"),
        pytest.param(item(title="A" * 200), id="un mot de 200 lettres"),
        pytest.param(item("<p>" + "mot " * 25_000 + "</p>"), id="100 ko de texte"),
        pytest.param(item("<p>" + "A" * 5_000 + "</p>"), id="un mot de 5 000 lettres"),
        pytest.param(item("<ul><li>" * 40 + "x" + "</li></ul>" * 40), id="40 listes imbriquées"),
        pytest.param(item("<table><tr>" + "<td>x</td>" * 60 + "</tr></table>"), id="60 colonnes"),
        pytest.param(
            replace(
                FULL,
                roll=(
                    papers.College(
                        lines=(
                            papers.RollLine(
                                name="N" * 200, standing="present", remark="présent " * 30
                            ),
                        )
                    ),
                ),
            ),
            id="un nom de 200 lettres",
        ),
    ],
)
def test_whatever_is_typed_prints(document, layout, tmp_path):
    pdf = render.render_pdf(replace(document, layout=layout))
    assert render.page_count(pdf) >= 1
    assert "La séance est levée à 18h30." in text_of(pdf, tmp_path)


@pytest.mark.proof
def test_five_hundred_items_print(tmp_path):
    (point,) = item("<p>Dit.</p>").items
    items = tuple(replace(point, key=f"p{n}", number=str(n)) for n in range(1, 501))
    text = text_of(render.render_pdf(replace(FULL, items=items)), tmp_path)
    assert text.count("Un point") == 1000  # in the agenda, then in the debates


def test_nothing_is_fetched_for_a_paper(monkeypatch):
    from weasyprint.urls import FatalURLFetchingError

    for url in ("https://ailleurs.example/x.png", "file:///etc/passwd", "http://127.0.0.1:8000/"):
        with pytest.raises(FatalURLFetchingError):
            render.fetch(url)
    from weasyprint.urls import FatalURLFetchingError

    leak = papers.Item(
        key="x", title="T", kind="debat", html='<p><img src="file:///etc/passwd"></p>'
    )
    with pytest.raises(FatalURLFetchingError):
        render.render_pdf(replace(SHORT, items=(leak,)))


# --- Characters that no font has --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("é œ Œ Ÿ Ł ő « » ’ – € ☐ ☑ → ✓ Ω Ж ½ ² …", ()),
        ("漢字", ("漢", "字")),
        ("bravo 👍", ("👍",)),
        ("un\u2003deux", ("\u2003",)),
    ],
)
def test_missing_glyphs(text, missing):
    assert render.missing_glyphs(replace(SHORT, closing=text)) == missing


def test_a_missing_glyph_is_told_with_its_place_and_shown_as_a_box(tmp_path):
    line = papers.RollLine(name="Li 漢", standing="present")
    document = replace(item("<p>漢</p>"), roll=(papers.College(lines=(line,)),))
    (finding,) = render.unprintable(document)
    assert finding.message == (
        "Le caractère « 漢 » (U+6F22), dans la ligne de Li 漢 et 1 autre endroit, n’existe pas "
        "dans les polices du procès-verbal."
    )
    document = replace(SHORT, closing="Levée 漢 à 18h30, la nuit tombée.", watermark="projet")
    assert "Levée ☐ à 18h30," in render.render_html(document, for_screen=True)
    assert "Levée ☐ à 18h30," in text_of(render.render_pdf(document), tmp_path)


# --- A machine without Pango ------------------------------------------------------------------


def test_without_pango_says_what_to_install(monkeypatch, drawn_anew):
    import builtins

    drawn_anew()

    real = builtins.__import__

    def without_pango(name, *args, **kwargs):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pango)
    with pytest.raises(Refused) as refused:
        render.render_pdf(SHORT)
    (finding,) = refused.value.findings
    assert finding.code == "pango_absent"
    assert "apt-get install libpango-1.0-0" in finding.remedy
