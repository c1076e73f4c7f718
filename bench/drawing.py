"""A paper drawn by WeasyPrint alone, and by us as if for the first time."""

from dataclasses import replace

import weasyprint
from django.core.cache import caches

from documents import papers, render, slugs


def draw(html: str) -> bytes:
    """WeasyPrint alone: the same page, fonts and kind of PDF, nothing of ours around it."""
    page = weasyprint.HTML(string=html, url_fetcher=render.fetch)
    pdf: bytes = page.write_pdf(pdf_variant="pdf/a-3a")
    return pdf


def drawn_anew(paper: papers.Paper) -> bytes:
    """Our whole way, nothing given back from an earlier run."""
    caches["drawings"].clear()
    slugs.forget()
    return render.render_pdf(paper)


def drawn_again(paper: papers.MinutesDocument) -> bytes:
    """The same paper, a word added to its first point, once the paper has been drawn."""
    first, *others = paper.items
    touched = replace(first, html=f"{first.html}<p>Sans suite.</p>")
    return render.render_pdf(replace(paper, items=(touched, *others)))
