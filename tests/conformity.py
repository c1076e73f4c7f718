"""That a file keeps every rule of PDF/A-3a and PDF/UA-1, as `bench.conformity` asks them.

And papers dressed as they are issued, with one of everything that might break one.
"""

import base64
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

from PIL import Image

from bench import conformity
from documents import papers, render
from documents.compile import said
from documents.compile.shared import picture_of
from registry.signatures import authority, pades


def check(pdf: bytes) -> None:
    """The file breaks no rule."""
    answers = conformity.ask(conformity.File(pdf))
    assert {each.rule.name: each.faults[:5] for each in answers if each.faults} == {}


VERIFIED = papers.Verification(
    code="K7QF3M2X",
    address="https://seances.example.org/v/K7QF3M2X",
    picture=picture_of("https://seances.example.org/v/K7QF3M2X"),
    version=2,
    issued_on=date(2026, 6, 15),
)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><title>Logo</title>'
    b'<rect width="40" height="20" fill="#6b1a2c"/><circle cx="20" cy="10" r="8" fill="#fff" '
    b'fill-opacity=".5"/></svg>'
)


def picture(mode: str, kind: str, color: object) -> bytes:
    out = BytesIO()
    Image.new(mode, (60, 30), color).save(out, kind)
    return out.getvalue()


LOGOS = {
    "PNG": ("png", picture("RGB", "PNG", "#6b1a2c")),
    "PNG transparent": ("png", picture("RGBA", "PNG", (107, 26, 44, 90))),
    "PNG à palette": ("png", picture("P", "PNG", 3)),
    "PNG gris et transparent": ("png", picture("LA", "PNG", (90, 40))),
    "JPEG": ("jpeg", picture("RGB", "JPEG", "#6b1a2c")),
    "JPEG gris": ("jpeg", picture("L", "JPEG", 90)),
    "SVG": ("svg+xml", SVG),
}


def dressed(paper: papers.Paper, logo: str = "PNG transparent") -> papers.Paper:
    """As it is issued: with a logo, the lines of a body, and the code that verifies it."""
    kind, content = LOGOS[logo]
    told = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    style = papers.Style(lines=("Service des assemblées",), footer="Au pied", accent="#6b1a2c")
    issuer = replace(paper.issuer, logo=told, style=style)
    return replace(paper, issuer=issuer, verification=VERIFIED)


WRITTEN = (
    "<p>Un <em>mot</em>, deux <strong>mots</strong>… <sup>3</sup></p>"
    "<ul><li>un<ul><li>deux</li></ul></li><li><p>trois</p><p>quatre</p></li></ul>"
    "<ol><li>premier</li></ol><blockquote><p>cité</p></blockquote>"
    '<table><tr><th colspan="2">A</th></tr><tr><td rowspan="2">b</td><td>c</td></tr>'
    "<tr><td>d</td></tr></table><table><tr><td>e</td><td>f</td></tr></table>"
    "<table><tr><th>Nom</th><th>Voix</th></tr><tr><th>A</th><td>3</td></tr></table>"
    '<table><tr><th colspan="2">g</th><td>h</td></tr><tr><td rowspan="9">i</td></tr></table>'
    "<ul><li><ul><li>avant</li></ul>après<ol><li>encore</li></ol></li></ul>"
    "<ul><li>" + "long " * 900 + "</li></ul>"
)


def written(paper: papers.MinutesDocument) -> papers.MinutesDocument:
    """With one of everything that the editor of debates writes, over several pages."""
    item = papers.Item(key="x", number="1", title="T", kind="debat", html=said(WRITTEN))
    return replace(paper, items=(item,))


def signed(paper: papers.Paper, directory: Path) -> bytes:
    """The paper signed twice, each hour proved, revocations kept (PAdES B-LTA)."""
    of = authority.Authority(directory)
    places = [pades.Field(name=name, label=name) for name in ("presidence", "secretariat")]
    pdf = pades.prepare(render.render_pdf(paper), places)
    for rank, place in enumerate(places):
        identity, clock = of.identity(place.label), pades.development_clock(of)
        trust = pades.Trust(roots=(of.root,), revocations=(of.revocations(),))
        pdf = pades.sign(
            pdf, place.name, identity, certify=not rank, timestamper=clock, trust=trust
        )
    return pdf
