"""The page on which a body sets how its papers look and speak, the paper itself beside it."""

from collections.abc import Iterator
from dataclasses import replace

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst

from documents import render as ink
from documents import sheet
from documents.style_forms import StyleForm, moved
from documents.style_sample import LABELS, MINUTES, Sample, sample
from law import style as rules
from law.findings import Finding, Refused
from members import actions, downloads
from members.access import edits, get_body, posts
from members.models import Body, PaperStyle

WATERMARK = "aperçu"


def _style(body: Body) -> PaperStyle:
    return PaperStyle.objects.filter(body=body).first() or PaperStyle(body=body)


def _form(request: HttpRequest, body: Body) -> StyleForm:
    """The form as it was posted, read through: `instance` then holds whatever is right in it."""
    instance = _style(body)
    instance.body = body
    if request.method != "POST":
        return StyleForm(instance=instance)
    form = StyleForm(moved(request.POST), request.FILES, instance=instance)
    form.full_clean()
    if stopped := getattr(request, "stopped_upload", ""):
        form.refuse_upload(stopped)
    return form


def _kind(request: HttpRequest) -> str:
    asked = request.POST.get("papier") or request.GET.get("papier") or MINUTES
    return asked if asked in LABELS else MINUTES


def _sample(request: HttpRequest, form: StyleForm) -> Sample:
    body = form.instance.body
    found = sample(body, _kind(request), form.instance)
    return replace(found, paper=replace(found.paper, watermark=WATERMARK))


def _preview_context(request: HttpRequest, form: StyleForm) -> dict:
    shown = _sample(request, form)
    faults = [
        (form.fields[name].label if name in form.fields else "", message)
        for name, found in form.errors.items()
        for message in found
    ]
    return {
        "body": form.instance.body,
        "sample": shown,
        "faults": faults,
        **sheet.of(shown.paper).context(str(request.csp_nonce)),
    }


def _page(
    request: HttpRequest,
    form: StyleForm,
    *,
    status: int = 200,
    findings: tuple[Finding, ...] = (),
    theirs: tuple[tuple[str, str], ...] = (),
) -> HttpResponse:
    body = form.instance.body
    context = {
        "form": form,
        "kinds": LABELS.items(),
        "kind": _kind(request),
        "places": rules.PLACES.items(),
        "is_full": body.layout == Body.Layout.FULL,
        "findings": findings,
        "theirs": theirs,
        **_preview_context(request, form),
    }
    return render(request, "documents/style.html", context, status=status)


@edits
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Letterhead, formulas and order of the parts; what was issued is not touched.

    Without a script, moving a part or asking for the sheet again shows the page and writes nothing.
    """
    form = _form(request, get_body(request, pk, to="keep"))
    if not form.is_bound or not request.POST.keys().isdisjoint({"move", "apercu"}):
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        actions.keep_paper_style(
            form.instance, version=form.cleaned_data["version"], by=request.user
        )
    except Refused as refusal:
        return _conflict(request, form, refusal)
    messages.success(
        request, "Enregistré : les prochains papiers en tiennent compte, ceux qui sont établis non."
    )
    return redirect("style:edit", pk)


def _conflict(request: HttpRequest, form: StyleForm, refusal: Refused) -> HttpResponse:
    """What somebody else wrote, beside what was about to be; sent again, ours stands."""
    current = _style(form.instance.body)
    theirs = tuple(_differences(form.instance, current))
    form.data = form.data.copy()
    form.data["version"] = current.version
    return _page(request, form, status=409, findings=refusal.findings, theirs=theirs)


def _differences(ours: PaperStyle, theirs: PaperStyle) -> Iterator[tuple[str, str]]:
    """Each field on which they differ, and what the other holds."""
    for field in PaperStyle._meta.concrete_fields:
        if field.name in ("id", "body", "version"):
            continue
        if getattr(ours, field.name) != getattr(theirs, field.name):
            yield capfirst(field.verbose_name), _in_words(theirs, field)


def _in_words(style: PaperStyle, field: models.Field) -> str:
    value = getattr(style, field.name)
    if field.name.endswith("_parts"):
        paper = field.name.removesuffix("_parts")
        labels = {part.key: part.label for part in rules.PARTS[paper]}
        return " ; ".join(labels[key] for key in value or rules.order(paper))
    if field.name == "logo":
        return "son propre logo" if value else "celui de l’organisation"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if field.choices:
        return dict(field.flatchoices)[value]
    return str(value) or "comme pour tous"


@posts
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper as it would be; nothing is written."""
    form = _form(request, get_body(request, pk, to="keep"))
    return render(request, "documents/_style_preview.html", _preview_context(request, form))


@posts
def preview_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a PDF."""
    form = _form(request, get_body(request, pk, to="keep"))
    paper = _sample(request, form).paper
    try:
        pdf = ink.render_pdf(paper)
    except Refused as refusal:
        return _page(request, form, status=422, findings=refusal.findings)
    return downloads.file(pdf, f"{paper.file_name}-apercu.pdf", shown=True)
