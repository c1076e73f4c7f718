"""The pages of what is kept and found."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from archive import bundles, publications, search, verification
from archive.forms import SearchForm, VerifyForm, WithdrawForm
from archive.models import Entry
from documents.access import get_issued
from documents.models import IssuedDocument
from law.findings import Finding, Refused
from meetings.access import can_write, get_meeting
from meetings.models import Meeting
from members.access import bodies_read_by, organisation_of, role_required
from members.models import Role
from registry import waiting

PAGE_SIZE = 20


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Anyone drops a PDF or the ZIP of a sitting and learns what it is; the file is forgotten."""
    is_posted = request.method == "POST"
    form = VerifyForm(request.POST, request.FILES) if is_posted else VerifyForm()
    verdict = bundle = None
    if is_posted and form.is_valid():
        try:
            content = form.cleaned_data["file"].read()
            if bundles.is_bundle(content):
                bundle = verification.judge_bundle(content)
            else:
                verdict = verification.judge(content)
        except Refused as refusal:
            for finding in refusal.findings:
                form.add_error("file", str(finding))
    status = 422 if is_posted and form.errors else 200
    return render(
        request,
        "archive/verify.html",
        {"form": form, "verdict": verdict, "bundle": bundle, "name": _name_of(form)},
        status=status,
    )


def _name_of(form: VerifyForm) -> str:
    file = form.files.get("file")
    return file.name if file else ""


@role_required(*Role.Kind.values)
def find(request: HttpRequest) -> HttpResponse:
    """What was decided, by words or by number, in the bodies one may read."""
    search.refresh()
    bodies = bodies_read_by(request.user, organisation_of(request))
    readable = Entry.objects.filter(body__in=bodies)
    years = [day.year for day in readable.dates("held_on", "year", order="DESC")]
    form = SearchForm(request.GET or None, bodies=bodies, years=years)
    query, entries = "", Entry.objects.none()
    if form.is_bound and form.is_valid():
        query = form.cleaned_data["q"]
        entries = search.find(
            query,
            bodies=bodies,
            year=form.cleaned_data["annee"],
            body=form.cleaned_data["instance"],
        )
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "archive/search.html",
        {
            "form": form,
            "page_obj": page,
            "found": [
                (entry, search.extract(entry.title, query), search.extract(entry.text, query))
                for entry in page
            ],
            "is_empty": not years,
        },
    )


# --- A sitting in one file --------------------------------------------------------------------


@require_GET
@login_required
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers and files of a sitting, for whoever reads it."""
    meeting = get_meeting(request, pk)
    return _zip(bundles.of_delegate(meeting, at=timezone.now()), meeting, "documents")


@require_GET
@login_required
def keep_whole(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole file of a sitting, for the archives: only the secretariat."""
    meeting = get_meeting(request, pk, to="write")
    return _zip(bundles.whole(meeting, at=timezone.now()), meeting, "dossier-complet")


def _zip(content: bytes, meeting: Meeting, what: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/zip")
    name = f"{meeting.body.slug}-{meeting.held_on.isoformat()}-{what}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


# --- Put online -------------------------------------------------------------------------------


def _document(request: HttpRequest, pk: int) -> IssuedDocument:
    """An issued document that the account may put online."""
    document = get_issued(request, pk)
    if not can_write(request.user, document.meeting):
        raise PermissionDenied
    return document


def _publication_page(
    request: HttpRequest,
    document: IssuedDocument,
    *,
    findings: tuple[Finding, ...] = (),
    form: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    standing = publications.standing(document)
    is_minutes = document.kind == IssuedDocument.Kind.MINUTES
    return render(
        request,
        "archive/publish.html",
        {
            "document": document,
            "meeting": document.meeting,
            "standing": standing,
            "is_late": standing.due_on is not None and standing.due_on < timezone.localdate(),
            "missing": waiting.missing(document) if is_minutes else (),
            "findings": findings,
            "form": form or WithdrawForm(),
        },
        status=status,
    )


@require_http_methods(["GET", "POST"])
@login_required
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether this document is online, and the act that puts it there."""
    document = _document(request, pk)
    if request.method == "GET":
        return _publication_page(request, document)
    try:
        publications.publish(document, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _publication_page(request, document, findings=refusal.findings, status=422)
    messages.success(request, "Ce document est en ligne.")
    return redirect("archive:publication", pk)


@require_POST
@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a document off the public pages."""
    document = _document(request, pk)
    current = document.publications.online().first()
    if current is None:
        raise Http404
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            publications.withdraw(
                current, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
            )
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            messages.success(request, "Ce document n’est plus en ligne.")
            return redirect("archive:publication", pk)
    return _publication_page(request, document, form=form, status=422)
