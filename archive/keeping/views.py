"""What is kept: telling whether a file is ours, a sitting in one ZIP, the trail."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from archive.forms import VerifyForm
from archive.keeping import bundles, verification
from archive.keeping import journal as trail
from law.findings import Refused
from meetings import attachments
from meetings.access import get_meeting
from meetings.models import Meeting
from members import downloads
from members.access import organisation_of, reads, role_required
from members.models import Role
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
                if bundles.is_bundle(file):
                    bundle = verification.judge_bundle(file)
                else:
                    verdict = verification.judge(file.read())
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


# --- A sitting in one file --------------------------------------------------------------------


@reads
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers and files of a sitting, for whoever reads it."""
    meeting = get_meeting(request, pk)
    return _zip(bundles.of_delegate(meeting, at=timezone.now()), meeting, "documents")


@reads
def keep_whole(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole file of a sitting, for the archives: only the secretariat."""
    meeting = get_meeting(request, pk, to="write")
    return _zip(bundles.whole(meeting, at=timezone.now()), meeting, "dossier-complet")


def _zip(content: bytes, meeting: Meeting, what: str) -> HttpResponse:
    name = f"{meeting.body.slug}-{meeting.held_on.isoformat()}-{what}.zip"
    response = downloads.file(content, name)
    return response


# --- The trail ----------------------------------------------------------------------------------

JOURNAL_SIZE = 50
_auditor = role_required(Role.Kind.AUDIT)


@require_safe
@never_cache
@_auditor
def journal(request: HttpRequest) -> HttpResponse:
    """Who did what, when, from where: the latest first."""
    lines, form = _lines(request)
    page = Paginator(lines, JOURNAL_SIZE).get_page(request.GET.get("page"))
    return render(request, "archive/journal.html", {"page_obj": page, "form": form})


@require_safe
@never_cache
@_auditor
def journal_file(request: HttpRequest) -> HttpResponse:
    """The lines that the page shows, all of them, as a file; that it was taken is told too."""
    lines, _ = _lines(request)
    request.served = organisation_of(request)
    return downloads.file(trail.as_csv(lines), f"journal-{timezone.localdate().isoformat()}.csv")


def _lines(request: HttpRequest) -> tuple[QuerySet[Entry], trail.JournalFilter]:
    form = trail.JournalFilter(request.GET or None)
    return form.apply(trail.read_by(request.user, organisation_of(request))), form
