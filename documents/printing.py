"""A paper as an answer: a PDF, or a file that can be finished by hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from documents import papers, render, word
from law.findings import Refused
from meetings.views.shared import say_refusals
from members import downloads


def answer(
    request: HttpRequest, paper: papers.Paper, *, back: str, name: str = "", shown: bool = True
) -> HttpResponse:
    """The paper shown in the browser; `?telecharger` saves it, as when it is not to be `shown`,
    `?docx` gives it to a word processor. What cannot be printed is told on the page `back`."""
    name = name or paper.file_name
    if "docx" in request.GET:
        return downloads.file(word.render_docx(paper), f"{name}.docx")
    try:
        pdf = render.render_pdf(paper)
    except Refused as refusal:
        return refused(request, refusal, back=back)
    return downloads.file(pdf, f"{name}.pdf", shown=shown and "telecharger" not in request.GET)


def refused(request: HttpRequest, refusal: Refused, *, back: str) -> HttpResponse:
    """Why there is no paper, told on the page one came from."""
    say_refusals(request, refusal.findings)
    return redirect(back)
