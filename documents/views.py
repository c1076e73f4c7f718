"""The pages of documents: preview, issue, download, one's own."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from documents import access, actions, compile, papers, printing, word
from documents import render as ink
from documents.forms import DocumentFilter, IssueForm
from law.findings import Refused, Severity
from meetings.access import get_meeting
from meetings.models import Meeting
from members import downloads
from members.access import bodies_read_by, edits, organisation_of, posted, reads, role_required
from members.models import Role

PAGE_SIZE = 25


# --- Before it is issued ----------------------------------------------------------------------


def _preview_context(meeting: Meeting, form: IssueForm | None = None, findings=()) -> dict:
    draft = compile.compile_minutes(meeting)
    current = actions.current_minutes(meeting)
    findings = tuple(findings) or actions.review(meeting, draft)
    return {
        "meeting": meeting,
        "findings": findings,
        "may_issue": not any(f.severity is Severity.REFUSAL for f in findings if not f.field),
        "current": current,
        "has_changed": current is None or actions.has_changed(current, draft),
        "next_version": current.version + 1 if current else 1,
        "form": form or IssueForm(),
    }


@reads
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes as they stand, what they lack, and the button that freezes them."""
    meeting = get_meeting(request, pk, to="write")
    return render(request, "documents/preview.html", _preview_context(meeting))


@reads
@xframe_options_sameorigin
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of paper alone, for the frame of the preview: the same template as the PDF."""
    meeting = get_meeting(request, pk, to="write")
    shown = compile.compile_minutes(meeting)
    current = actions.current_minutes(meeting)
    if current is not None and not actions.has_changed(current, shown):
        # Nothing is a draft any more: what is shown is what was issued.
        shown = current.paper
    page = ink.render_html(shown, for_screen=True, nonce=str(request.csp_nonce))
    return HttpResponse(page)


@reads
def preview_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a PDF, shown in the browser, "projet" across its pages."""
    meeting = get_meeting(request, pk, to="write")
    draft = compile.compile_minutes(meeting)
    back = reverse("documents:preview", args=[meeting.pk])
    return printing.answer(request, draft, name=f"{draft.file_name}-projet", back=back)


# --- About one sitting ------------------------------------------------------------------------


@reads
def paper(request: HttpRequest, pk: int, make: Callable[[Meeting], papers.Paper]) -> HttpResponse:
    """What `make` compiles of a sitting, for its secretariat."""
    meeting = get_meeting(request, pk, to="write")
    return printing.answer(request, make(meeting), back=meeting.get_absolute_url())


@reads
def attestation(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """That a member was there, for his employer: asked for by himself or by the secretariat."""
    meeting = access.get_attended(request, pk, key)
    back = meeting.get_absolute_url()
    try:
        paper = compile.compile_attestation(meeting, key, on=timezone.localdate())
    except Refused as refusal:
        return printing.refused(request, refusal, back=back)
    return printing.answer(request, paper, back=back)


@reads
def extract(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The extract of the register for one item, as the ledger and its draft stand."""
    meeting = get_meeting(request, pk, to="write")
    if key not in meeting.agenda:
        raise Http404
    paper = compile.compile_extract(meeting, key)
    return printing.answer(request, paper, back=meeting.get_absolute_url())


# --- Issuing ----------------------------------------------------------------------------------


@edits
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the minutes. Asks first: what follows cannot be undone, only superseded."""
    meeting = get_meeting(request, pk, to="write")
    form = IssueForm(posted(request))
    if request.method == "GET" or not request.POST.get("confirmed"):
        return render(request, "documents/issue.html", _preview_context(meeting, form))
    if not form.is_valid():
        context = _preview_context(meeting, form)
        return render(request, "documents/issue.html", context, status=422)
    before = actions.current_minutes(meeting)
    try:
        document = actions.issue_minutes(
            meeting, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]
        )
    except Refused as refusal:
        form.take(refusal.findings)
        context = _preview_context(meeting, form, refusal.findings)
        return render(request, "documents/issue.html", context, status=422)
    if document == before:
        messages.info(request, f"Rien n’a changé depuis la version {document.version}.")
    else:
        messages.success(request, f"Version {document.version} du procès-verbal établie.")
    return redirect(document)


# --- Once it is issued ------------------------------------------------------------------------


@reads
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One issued document: its versions, its hashes, what supersedes it."""
    document = access.get_issued(request, pk)
    versions = (
        document.meeting.documents.filter(kind=document.kind, subject=document.subject)
        .select_related("issued_by")
        .defer("content")
    )
    return render(request, "documents/detail.html", {"document": document, "versions": versions})


@reads
@xframe_options_sameorigin
def leaf(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of paper alone, as it was frozen, for the frame in which it is read before it is
    signed or saved: a telephone shows no PDF within a page."""
    document = access.get_issued(request, pk)
    page = ink.render_html(document.paper, for_screen=True, nonce=str(request.csp_nonce))
    return HttpResponse(page)


@reads
def download_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The same paper as a file that can be finished by hand, from what was frozen."""
    document = access.get_issued(request, pk)
    name = document.file_name.removesuffix(".pdf")
    response = downloads.file(word.render_docx(document.paper), f"{name}.docx")
    return response


@reads
def signature_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet on which the document is signed by hand, with its hash."""
    document = access.get_issued(request, pk)
    sheet = compile.compile_signature_sheet(
        document.paper,
        heading=document.heading,
        version=document.version,
        issued_on=timezone.localdate(document.issued_at),
        pages=document.pages,
        pdf_sha256=document.pdf_sha256,
    )
    return printing.answer(request, sheet, back=document.get_absolute_url())


@require_GET
@role_required(*Role.Kind.values)
def mine(request: HttpRequest) -> HttpResponse:
    """`Mes documents`: the versions in force of the bodies that the account may read."""
    documents = access.documents_read_by(request)
    years = [on.year for on in documents.order_by().dates("meeting__held_on", "year", "DESC")]
    bodies = bodies_read_by(request.user, organisation_of(request))
    form = DocumentFilter(request.GET or None, bodies=bodies, years=years)
    page = Paginator(form.apply(documents), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "documents/mine.html", {"form": form, "page_obj": page})
