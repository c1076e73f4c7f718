"""The sentences that a body writes often: read, added, changed, put in order."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from meetings.views.shared import rank_asked
from members.access import edits, get_body, posted, posts
from registry.models import Phrase
from registry.writing import actions
from registry.writing.forms import PhraseForm


@edits
def phrases(request: HttpRequest, pk: int) -> HttpResponse:
    """The sentences that a body writes often; a form at the foot adds to them."""
    body = get_body(request, pk, to="keep")
    form = PhraseForm(posted(request), instance=Phrase(body=body))
    if form.does(lambda: actions.keep(form.instance, by=request.user)):
        return redirect("registry:phrases", pk)
    context = {"body": body, "tab": "phrases", "phrases": body.phrases.all(), "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "registry/phrases.html", context, status=status)


def _phrase(request: HttpRequest, pk: int, phrase: int) -> Phrase:
    body = get_body(request, pk, to="keep")
    found = get_object_or_404(Phrase, pk=phrase, body=body)
    found.body = body
    return found


@edits
def edit_phrase(request: HttpRequest, pk: int, phrase: int) -> HttpResponse:
    """Change a phrase; what was written with it stays as it was."""
    found = _phrase(request, pk, phrase)
    form = PhraseForm(posted(request), instance=found)
    if form.does(lambda: actions.keep(form.instance, by=request.user)):
        return redirect("registry:phrases", pk)
    context = {"body": found.body, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "registry/phrases_edit.html", context, status=status)


@posts
def move_phrase(request: HttpRequest, pk: int, phrase: int) -> HttpResponse:
    """One rank up or down."""
    found = _phrase(request, pk, phrase)
    if not actions.move(found, by_rank=rank_asked(request), by=request.user):
        messages.info(request, f"« {found.title} » ne peut pas aller plus loin dans ce sens.")
    return redirect("registry:phrases", pk)


@posts
def drop_phrase(request: HttpRequest, pk: int, phrase: int) -> HttpResponse:
    """Take a phrase off the list."""
    found = _phrase(request, pk, phrase)
    actions.drop(found, by=request.user)
    messages.success(
        request, f"« {found.title} » est retirée ; les textes qui la citent la gardent."
    )
    return redirect("registry:phrases", pk)
