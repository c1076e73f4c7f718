"""The register of a body: its years, what is missing, its tables and the volume to be bound."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from documents import compile, printing
from law.findings import Refused
from meetings.access import get_meeting
from members.access import reads
from registry import access
from registry.acts import reading as acts
from registry.volume import binding, reading


@reads
def register(request: HttpRequest, pk: int, year: int | None = None) -> HttpResponse:
    """The register of a year, by default the last: what it holds and what it lacks."""
    body = access.get_register(request, pk, year)
    years = reading.years(body)
    if year is not None and year not in years:
        raise Http404
    shown = year or next(iter(years), None)
    found = reading.standing(reading.of_year(body, shown)) if shown else None
    remarks = reading.remarks(found.lines) if found else {}
    tables, urls = [], {}
    if found:
        urls = {
            e.deliberation.label: e.extract.get_absolute_url() for e in found.lines if e.extract
        }
    for by, title in ((compile.BY_DATE, "Par dates"), (compile.BY_OBJECT, "Par objets")):
        table = reading.table(found, by=by, remarks=remarks) if found else None
        groups = [
            (group, [(line, urls.get(line.number, "")) for line in group.lines])
            for group in (table.groups if table else ())
        ]
        tables.append((by, title, table, groups))
    kept = compile.kept_in(body)
    context = {
        "body": body,
        "years": years,
        "found": found,
        "tables": tables,
        "tab": "register",
        "kept": kept,
        "empty": "Les délibérations y entrent quand elles reçoivent leur numéro, sur la page des "
        "délibérations de chaque séance."
        if kept.of_sittings
        else "Un acte y entre quand il est établi et reçoit son numéro.",
    }
    return render(request, "registry/register.html", context)


@reads
def register_table(request: HttpRequest, pk: int, year: int, by: str) -> HttpResponse:
    """A table of the register."""
    body = access.get_register(request, pk, year)
    if by not in (compile.BY_DATE, compile.BY_OBJECT) or year not in reading.years(body):
        raise Http404
    found = reading.standing(reading.of_year(body, year))
    paper = reading.table(found, by=by, remarks=reading.remarks(found.lines))
    return printing.answer(
        request, paper, back=reverse("registry:register", args=[pk]), shown=False
    )


@reads
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet that closes a sitting in the register, to be signed by hand once it is closed and
    each of its acts bears its number."""
    meeting = get_meeting(request, pk, to="write")
    back = reverse("registry:acts", args=[pk])
    if missing := tuple(acts.unclosed(meeting)):
        return printing.refused(request, Refused(missing), back=back)
    paper = binding.closing_sheet(meeting, reading.of_sitting(meeting))
    return printing.answer(request, paper, back=back, shown=False)
