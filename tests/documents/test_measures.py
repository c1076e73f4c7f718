"""Measures read once of a style: each box has those that WeasyPrint alone would give it."""

from pathlib import Path

import weasyprint
from django.conf import settings

from documents import measures, render
from tests.documents.ink import bare, text_and_tags
from tests.documents.paper import FULL

# Measures that follow what a box stands in, and others that do not.
WAYS = (
    "margin: 1em 10% 2px auto; width: 60%",
    "padding: 5px 3px; border: 3mm solid",
    "min-width: 40mm; max-width: 50%; margin-left: auto",
    "height: 20%; min-height: 3em",
    "box-sizing: border-box; width: 40mm; padding: 4mm; border: 1mm solid",
    "max-height: 1em; overflow: hidden",
    "float: right; width: 30%; margin: 2mm",
    "position: absolute; top: 10%; left: 20%; width: 25%",
    "position: relative; left: 3mm; top: 5%",
    "display: inline-block; width: 30mm; padding: 1mm 10%",
    "display: flex; gap: 5%; padding: 0 2%",
    "columns: 2; margin: 0 5%",
    "line-height: 2; font-size: 80%",
)
WITHIN = ("60mm", "45mm", "90%")


def measured() -> str:
    """Each way within boxes of several widths, twice: as words, and as a table."""
    look = "".join(f".w{rank} {{ {way} }}" for rank, way in enumerate(WAYS))
    look += "".join(f".i{rank} {{ width: {width} }}" for rank, width in enumerate(WITHIN))
    look += (
        "@page { size: 120mm 200mm; margin: 10% 12mm } .c { border-collapse: collapse }"
        " td { padding: 1mm; border: .5mm solid; height: 8mm } * { font-family: 'Paper Serif' }"
    )
    words = "Le comité <b>approuve</b> la convention, et autorise sa présidente à la signer."
    boxes = "".join(
        f"<div class='i{inner}'><div class='w{rank}'>{words}<p class='w{rank}'>{words}</p></div>"
        f"<table class='{kind}'><tr><td>{words}<td class='w{rank}'>{words}<td>{words}</table></div>"
        for inner in range(len(WITHIN))
        for rank in range(len(WAYS))
        for kind in ("c", "s")
    )
    _, _, faces = render._apart(render.render_html(FULL))
    head = f"<title>Mesures</title><style>{faces}{look}</style>"
    return f"<html lang='fr'><head>{head}</head><body>{boxes}</body></html>"


def test_a_box_has_its_measures_wherever_it_stands(drawn_anew):
    drawn_anew()
    page = measured()
    drawn, tags = text_and_tags(render.draw(page))
    assert len(drawn) > 10
    assert (drawn, tags) == text_and_tags(bare(page))


def test_papers_have_no_notes_and_do_without_their_five_rules():
    sheets = [*(settings.BASE_DIR / "templates" / "papers").glob("*.css")]
    assert sheets
    assert [path.name for path in sheets if "note-" in path.read_text()] == []
    whole = Path(weasyprint.__file__).with_name("css") / "html5_ua.css"
    assert len(measures._NOTES.findall(whole.read_text())) == 5
