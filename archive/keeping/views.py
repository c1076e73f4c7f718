"""What is kept: telling whether a file is ours, a sitting in one ZIP, the trail."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from archive import actions
from archive.forms import VerifyForm
from archive.keeping import bundles, proofs, verification
from archive.keeping import journal as trail
from archive.models import Given
from documents import printing
from documents.access import get_issued
from law.findings import Refused
from meetings import attachments
from meetings.access import get_meeting, get_occasion
from meetings.models import Meeting
from meetings.views.shared import say_refusals
from members import downloads
from members.access import organisation_of, reads, role_required
from members.models import Role
from registry.access import get_register
from registry.models import SigningKey
from registry.volume import binding
from trail.models import Entry


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Anyone drops a PDF or the ZIP of a sitting and learns what it is; the file is forgotten."""
    is_posted = request.method == "POST"
    form = VerifyForm(request.POST, request.FILES) if is_posted else VerifyForm()
    verdict = bundle = None
    if stopped := getattr(request, "stopped_upload", ""):
        form.errors["file"] = form.error_class([str(attachments.too_big(stopped).findings[0])])
    if is_posted and form.is_valid():
        try:
            with verification.turn():
                file = form.cleaned_data["file"]
                if verification.is_zip(file):
                    bundle = verification.judge_zip(file)
                else:
                    verdict = verification.judge(file.read())
        except Refused as refusal:
            for finding in refusal.findings:
                form.add_error("file", str(finding))
    status = 422 if is_posted and form.errors else 200
    return render(
        request,
        "archive/verify.html",
        {
            "form": form,
            "verdict": verdict,
            "bundle": bundle,
            "name": _name_of(form),
            "seals": SigningKey.objects.seals_in_use(),
        },
        status=status,
    )


def _name_of(form: VerifyForm) -> str:
    file = form.files.get("file")
    return file.name if file else ""


# --- A sitting in one file --------------------------------------------------------------------


@reads
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers and files of a sitting, for whoever reads it."""
    meeting = get_occasion(request, pk)
    content = bundles.of_delegate(meeting, at=timezone.now())
    return _zip(request, content, meeting, Given.Kind.PAPERS, "documents")


@reads
def keep_whole(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole file of a sitting, for the archives: only the secretariat."""
    meeting = get_meeting(request, pk, to="write")
    content = bundles.whole(meeting, at=timezone.now())
    return _zip(request, content, meeting, Given.Kind.WHOLE, "dossier-complet")


def _zip(
    request: HttpRequest, content: bytes, meeting: Meeting, kind: str, what: str
) -> HttpResponse:
    what = f"{what}-visite-guidee" if meeting.organisation.is_fleeting else what
    name = f"{meeting.body.slug}-{meeting.held_on.isoformat()}-{what}.zip"
    actions.give(content, kind=kind, meeting=meeting, by=request.user, at=timezone.now())
    return downloads.file(content, name)


# --- The register of a year -----------------------------------------------------------------------


@reads
def volume(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """The volume of the year, to be printed and bound; the verification page knows it again."""
    body = get_register(request, pk, year)
    try:
        pdf = binding.volume(body, year)
    except Refused as refusal:
        return printing.refused(request, refusal, back=reverse("registry:register", args=[pk]))
    last = body.meetings.filter(deliberations__year=year).order_by("held_on", "pk").last()
    actions.give(pdf, kind=Given.Kind.VOLUME, meeting=last, by=request.user, at=timezone.now())
    return downloads.file(pdf, f"registre-{body.slug}-{year}.pdf")


# --- The proof of an act --------------------------------------------------------------------------


@reads
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof file of a document, for whoever reads it."""
    document = get_issued(request, pk)
    try:
        content = actions.prove(document, by=request.user, at=timezone.now())
    except Refused as refusal:
        say_refusals(request, refusal.findings)
        return redirect(document)
    return downloads.file(content, proofs.name_of(document))


@require_safe
def tool(request: HttpRequest, name: str) -> HttpResponse:
    """What checks a proof file without us: a page for a browser, a script for Python."""
    if name not in proofs.TOOLS:
        raise Http404
    return downloads.file((proofs.OFFLINE / name).read_bytes(), name)


# --- The trail ----------------------------------------------------------------------------------

JOURNAL_SIZE = 50
_auditor = role_required(Role.Kind.AUDIT)


@require_safe
@never_cache
@_auditor
def journal(request: HttpRequest) -> HttpResponse:
    """Who did what, when, from where: the latest first; the files taken where one asks."""
    lines, form = _lines(request)
    is_asked = any(name in request.GET for name in form.fields)
    if not is_asked:
        lines = trail.but_readings(lines)
    page = Paginator(lines, JOURNAL_SIZE).get_page(request.GET.get("page"))
    shown = {"page_obj": page, "form": form, "is_asked": is_asked}
    return render(request, "archive/journal.html", shown)


@require_safe
@never_cache
@_auditor
def journal_file(request: HttpRequest) -> HttpResponse:
    """The lines that are asked for, all of them, as a file; that it was taken is told too."""
    lines, _ = _lines(request)
    request.served = organisation_of(request)
    return downloads.file(trail.as_csv(lines), f"journal-{timezone.localdate().isoformat()}.csv")


def _lines(request: HttpRequest) -> tuple[QuerySet[Entry], trail.JournalFilter]:
    form = trail.JournalFilter(request.GET or None)
    return form.apply(trail.read_by(request.user, organisation_of(request))), form
