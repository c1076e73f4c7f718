"""Fonts that several extracts bring: their glyphs are compared without being read."""

from io import BytesIO

import pikepdf

from documents import embedding, render
from tests.documents.paper import FULL


def program(words: str) -> tuple[embedding._Program, set[int]]:
    """The font that an extract with these words brings, and the glyphs that it shows."""
    _, _, faces = render._apart(render.render_html(FULL))
    head = f"<title>Mots</title><style>{faces} p {{ font-family: 'Paper Serif' }}</style>"
    pdf = render.draw(f"<html lang='fr'><head>{head}</head><body><p>{words}</p></body></html>")
    with pikepdf.open(BytesIO(pdf)) as opened:
        (font,) = (
            each
            for each in opened.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Subtype") == "/Type0"
        )
        inner = font.DescendantFonts[0]
        return (
            embedding._Program(inner.FontDescriptor.FontFile2.read_bytes()),
            set(embedding._widths(inner)),
        )


def test_two_extracts_agree_on_a_letter_whatever_number_its_accent_has():
    first, shown = program("Élève à Noël, où ça ? ÉÈÊË âêîôû œuvre")
    second, also = program("Ñandú, Ångström, Žižek ; élève à Noël : où, ça ! ÉÈÊË âêîôû")
    both = shown & also
    composite = [code for code in both if isinstance(first.trace(code), tuple)]
    assert len(both) > 20
    assert composite
    for code in both:
        assert first.trace(code) == second.trace(code)
        assert first.drawn(code) == second.drawn(code)
    traces = {code: first.trace(code) for code in shown}
    drawn = [(one, other) for one in shown for other in shown if one < other]
    assert drawn
    for one, other in drawn:
        assert (traces[one] == traces[other]) == (first.drawn(one) == first.drawn(other))
