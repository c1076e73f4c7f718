"""Pages about who sits where, and files of mandates."""

from datetime import date

from django.contrib import messages
from django.core import signing
from django.db import IntegrityError
from django.db.models import Count, Prefetch, Q
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from law import regime
from law.findings import Finding, Refused, refusal
from members import access, actions, constraints, days, downloads, forms, rules, seats, succession
from members.access import edits, posted, posts, reads
from members.models import Body, Mandate, RuleBook
from members.sheets import files
from members.sheets.columns import COLUMNS, REQUIRED_COLUMNS
from members.sheets.plan import Line, Plan
from members.sheets.plan import plan as planned

# --- Whose rooms one looks at ---------------------------------------------------------------


@posts
def switch_organisation(request: HttpRequest) -> HttpResponse:
    """Look at another organisation in which one has a role; 404 for any other."""
    form = forms.SwitchForm(request.POST)
    if not form.is_valid():
        raise Http404
    access.choose(request, form.cleaned_data["organisation"])
    return redirect("home")


# --- Who composes the bodies ----------------------------------------------------------------


@require_GET
@access.role_required(*access.EVERY_ROLE)
def bodies(request: HttpRequest) -> HttpResponse:
    """The bodies of the organisation, how many sit in them today, who presides."""
    today = timezone.localdate()
    sitting = Q(mandates__start_on__lte=today) & (
        Q(mandates__end_on=None) | Q(mandates__end_on__gte=today)
    )
    chairs = Mandate.objects.in_office(today).filter(office=Mandate.Office.CHAIR)
    found = (
        Body.objects.sitting()
        .filter(organisation=access.organisation_of(request))
        .annotate(
            in_office=Count(
                "mandates", filter=sitting & Q(mandates__capacity=Mandate.Capacity.TITULAR)
            )
        )
        .prefetch_related(
            Prefetch("mandates", chairs.select_related("person"), to_attr="chairs"),
        )
        .order_by("-is_active", "position", "name")
    )
    return render(request, "members/bodies.html", {"bodies": found, "today": today})


def _day_asked(request: HttpRequest) -> tuple[date, forms.OnDayForm]:
    """The day in « ?le= », today when none or none that exists; the form says which."""
    today = timezone.localdate()
    form = forms.OnDayForm(request.GET if "le" in request.GET else None, initial={"le": today})
    return (form.is_valid() and form.cleaned_data["le"]) or today, form


def _rules_of(body: Body, on: date) -> dict:
    """The rule book in force, its regime (that of the legal form when there is none), or why
    what is stored makes no sense."""
    book = body.rule_book(on)
    if book is None:
        book = RuleBook(body=body, preset=body.organisation.legal_form)
        book.values = regime.to_values(book.usual)
    try:
        return {"book": book, "regime": book.regime}
    except Refused as refusal:
        return {"book": book, "regime": None, "findings": refusal.findings}


@reads
def composition(request: HttpRequest, pk: int) -> HttpResponse:
    """Who composed this body on that day (`le`): eight queries, whatever its history."""
    body = access.get_body(request, pk)
    on, form = _day_asked(request)
    found, today, roll = _rules_of(body, on), timezone.localdate(), seats.of(body, on)
    titulars = [seat.mandate for group in roll.groups for seat in group.seats]
    context = {
        "body": body,
        "form": form,
        "roll": roll,
        "today": today,
        "ending": succession.unfilled(titulars) if on == today else [],
        "figures": rules.main_figures(found["regime"]) if found["regime"] else (),
        "may_keep": access.has_role(request.user, body.organisation, *access.CLERKS),
    }
    return render(request, "members/composition.html", found | context)


def _other_books(body: Body, book: RuleBook) -> list[tuple[RuleBook, date]]:
    """The body's other rule books, each with a day on which it was in force."""
    books = list(body.rule_books.all())
    dated = [other.valid_from for other in books if other.valid_from]
    before_all = days.eve(min(dated)) if dated else timezone.localdate()
    return [(other, other.valid_from or before_all) for other in books if other != book]


@reads
def rule_book(request: HttpRequest, pk: int) -> HttpResponse:
    """Every rule of the body on that day, beside the legal model."""
    body = access.get_body(request, pk)
    on, form = _day_asked(request)
    found = _rules_of(body, on)
    own, book = found["regime"], found["book"]
    chapters = rules.chapters(own, book.usual) if own else ()
    apart = rules.departures(own, book.usual) if own else []
    context = {
        "body": body,
        "form": form,
        "on": on,
        "chapters": chapters,
        "summary": rules.summary(found["regime"]) if found["regime"] else (),
        "departures": [line for each in chapters for line in each.lines if line.rule.key in apart],
        "others": _other_books(body, found["book"]),
    }
    return render(request, "members/rules.html", found | context)


def births(request: HttpRequest, pk: int) -> HttpResponse:
    """When those who sit today were born: the eldest presides, and is elected at equal votes.
    `accounts` has its address, and a second proof."""
    body = access.get_body(request, pk, to="keep")
    mandates = body.mandates.in_office(timezone.localdate()).in_roll_order()
    persons = [mandate.person for mandate in mandates.select_related("person")]
    form = forms.BirthsForm(posted(request), persons=persons)
    if form.is_valid():
        actions.note_births(form.changed, by=request.user)
        messages.success(request, "Les dates de naissance sont enregistrées.")
        return redirect(body)
    context = {"body": body, "form": form}
    return render(request, "members/births.html", context, status=422 if form.is_bound else 200)


# --- Mandates in a file ---------------------------------------------------------------------

TOKEN_SALT = "members.sheets"  # noqa: S105 a name, not a secret
TOKEN_LIFE = 60 * 60  # seconds between the preview and its confirmation
MAX_TOKEN = 4 * 1024 * 1024  # it comes back in a form; see DATA_UPLOAD_MAX_MEMORY_SIZE


@reads
def template(request: HttpRequest, pk: int, extension: str) -> HttpResponse:
    """A file to fill in: the columns of the import, and what may be chosen in each."""
    body = access.get_body(request, pk, to="keep")
    write = {"csv": files.template_csv, "xlsx": files.template_xlsx}.get(extension)
    if write is None:
        raise Http404
    return downloads.file(write(body), f"modele-{body.slug}.{extension}")


@reads
def export_mandates(request: HttpRequest, pk: int, extension: str) -> HttpResponse:
    """All the mandates of the body, in a file that the import reads back."""
    body = access.get_body(request, pk, to="keep")
    write = {"csv": files.to_csv, "xlsx": files.to_xlsx}.get(extension)
    if write is None:
        raise Http404
    name = f"mandats-{body.slug}-{timezone.localdate():%Y-%m-%d}.{extension}"
    return downloads.file(write(files.export(body)), name)


CORRECTED = ", corrigé"  # of a name of file, whose cells somebody wrote anew
MOST_TO_MEND = 12  # lines at fault that are put right on the screen; more are, in their file


def _mending(plan: Plan | None, sheet: files.Sheet) -> list[tuple[Line, list, BoundField]]:
    """Each line at fault, with the fields of its cells and the one that leaves it out; none where
    there are too many of them."""
    if plan is None or not 0 < len(plan.refused) <= MOST_TO_MEND:
        return []
    rows = {row.number: row.cells for row in sheet.rows}
    asked = {
        (line.number, key): rows[line.number].get(key, "")
        for line in plan.refused
        for key in COLUMNS
        if key in line.wrong
    }
    form = forms.MendingForm(asked=asked)
    return [
        (
            line,
            [form[f"cellule-{line.number}-{key}"] for n, key in asked if n == line.number],
            form[f"sans-{line.number}"],
        )
        for line in plan.refused
        if line.wrong & COLUMNS.keys()
    ]


def _preview(
    request: HttpRequest, body: Body, sheet: files.Sheet, name: str, *, findings=()
) -> HttpResponse:
    """Line by line what the file would do, with what it takes to confirm it."""
    plan = None if sheet.missing else planned(body, sheet)
    token = signing.dumps(
        {
            "body": body.pk,
            "user": request.user.pk,
            "name": name,
            "sheet": sheet.to_json(),
            "fingerprint": plan.fingerprint if plan else "",
        },
        salt=TOKEN_SALT,
        compress=True,
    )
    if len(token) > MAX_TOKEN:
        finding = Finding(
            code="fichier_trop_lourd",
            message="Ce fichier contient trop de texte pour être importé en une fois.",
            remedy="Coupez-le en plusieurs fichiers.",
        )
        return _upload(request, body, forms.UploadForm(), findings=(finding,), status=422)
    context = {
        "body": body,
        "name": name,
        "sheet": sheet,
        "plan": plan,
        "token": token,
        "mending": _mending(plan, sheet),
        "findings": findings,
    }
    return render(request, "members/import_preview.html", context, status=409 if findings else 200)


def _upload(request, body, form, *, findings=(), status=200) -> HttpResponse:
    context = {
        "body": body,
        "form": form,
        "findings": findings,
        "required": [COLUMNS[key].header for key in COLUMNS if key in REQUIRED_COLUMNS],
        "optional": [COLUMNS[key].header for key in COLUMNS if key not in REQUIRED_COLUMNS],
    }
    return render(request, "members/import.html", context, status=status)


@edits
def import_mandates(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a file, see line by line what it would do; nothing is written."""
    body = access.get_body(request, pk, to="keep")
    if request.method == "GET":
        return _upload(request, body, forms.UploadForm())
    if "token" in request.POST:
        return _mapped(request, body)
    form = forms.UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload(request, body, form, status=422)
    upload = form.cleaned_data["file"]
    try:
        sheet = files.read(upload)
    except Refused as refusal:
        for finding in refusal.findings:
            form.add_error("file", str(finding))
        return _upload(request, body, form, status=422)
    return _preview(request, body, sheet, upload.name)


def _mapped(request: HttpRequest, body: Body) -> HttpResponse:
    """The preview again, columns that we did not know read as somebody says, cells written anew."""
    if (told := _told(request, body)) is None:
        return redirect("members:import", pk=body.pk)
    sheet, name = files.Sheet.from_json(told["sheet"]), told["name"]
    numbers = {row.number for row in sheet.rows}
    cells = {
        cell
        for cell in forms.MendingForm.cells(request.POST)
        if cell[0] in numbers and cell[1] in COLUMNS
    }
    mended = forms.MendingForm(request.POST, asked=dict.fromkeys(cells, ""))
    known = {letter: request.POST.get(f"colonne-{letter}", "") for letter in sheet.others}
    try:
        sheet, findings = sheet.mapped(known), ()
        if "start_on" not in sheet.letters and (day := request.POST.get("depuis", "").strip()):
            sheet = sheet.since(day)
        if cells and not mended.is_valid():
            raise refusal("cellule_illisible", "Une de ces corrections ne s’écrit pas.")
        if cells:
            sheet = sheet.corrected(mended.told, without=mended.left_out)
            name = name if name.endswith(CORRECTED) else f"{name}{CORRECTED}"
    except Refused as refused:
        findings = refused.findings
    return _preview(request, body, sheet, name, findings=findings)


def _told(request: HttpRequest, body: Body) -> dict | None:
    """What the preview signed, for this body and this account; `None`, told, when it did not."""
    try:
        told = signing.loads(request.POST.get("token", ""), salt=TOKEN_SALT, max_age=TOKEN_LIFE)
        if (told["body"], told["user"]) != (body.pk, request.user.pk):
            raise signing.BadSignature
    except signing.BadSignature:
        messages.error(
            request, "Cet aperçu a expiré ou n’est pas le vôtre\u00a0: redonnez le fichier."
        )
        return None
    return told


def confirm_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what the preview showed, if it would still do exactly that; all of it or nothing.

    It changes who votes and where links go: `accounts` has its address, and a second proof.
    """
    body = access.get_body(request, pk, to="keep")
    if (told := _told(request, body)) is None:
        return redirect("members:import", pk=body.pk)
    sheet = files.Sheet.from_json(told["sheet"])
    try:
        written = actions.import_mandates(
            body, sheet, by=request.user, file_name=told["name"], seen=told["fingerprint"]
        )
    except Refused as refusal:
        return _preview(request, body, sheet, told["name"], findings=refusal.findings)
    except IntegrityError as error:
        message = constraints.message_for(error) or "La base de données refuse ces mandats."
        finding = Finding(code="refus_de_la_base", message=f"{message} Rien n’a été écrit.")
        return _preview(request, body, sheet, told["name"], findings=(finding,))
    lines = "1 ligne écrite" if written == 1 else f"{written} lignes écrites"
    messages.success(request, f"Import de « {told['name']} » : {lines}.")
    return redirect(body)
