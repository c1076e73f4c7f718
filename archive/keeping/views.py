"""What is kept: telling whether a file is ours, and a sitting in one ZIP."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from archive.forms import VerifyForm
from archive.keeping import bundles, verification
from law.findings import Refused
from meetings import attachments
from meetings.access import get_meeting
from meetings.models import Meeting
from members import downloads
from members.access import reads


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
    response["Cache-Control"] = "private, no-store"
    return response
