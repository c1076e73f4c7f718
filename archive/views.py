"""The pages of what is kept and found."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from archive import search, verification
from archive.forms import SearchForm, VerifyForm
from archive.models import Entry
from law.findings import Refused
from members.access import bodies_read_by, organisation_of, role_required
from members.models import Role

PAGE_SIZE = 20


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Anyone drops a PDF and learns what it is; the file is read and forgotten."""
    is_posted = request.method == "POST"
    form = VerifyForm(request.POST, request.FILES) if is_posted else VerifyForm()
    verdict = None
    if is_posted and form.is_valid():
        try:
            verdict = verification.judge(form.cleaned_data["file"].read())
        except Refused as refusal:
            for finding in refusal.findings:
                form.add_error("file", str(finding))
    status = 422 if is_posted and form.errors else 200
    return render(
        request,
        "archive/verify.html",
        {"form": form, "verdict": verdict, "name": _name_of(form)},
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
