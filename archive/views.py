"""The pages of what is kept and found."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from archive import verification
from archive.forms import VerifyForm
from law.findings import Refused


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Anyone drops a PDF and learns what it is; the file is read and forgotten."""
    form = VerifyForm(request.POST or None, request.FILES or None)
    verdict = None
    if request.method == "POST" and form.is_valid():
        try:
            verdict = verification.judge(form.cleaned_data["file"].read())
        except Refused as refusal:
            for finding in refusal.findings:
                form.add_error("file", str(finding))
    status = 422 if form.is_bound and form.errors else 200
    return render(
        request,
        "archive/verify.html",
        {"form": form, "verdict": verdict, "name": _name_of(form)},
        status=status,
    )


def _name_of(form: VerifyForm) -> str:
    file = form.files.get("file")
    return file.name if file else ""
