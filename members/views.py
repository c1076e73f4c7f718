"""Pages about who sits where, and the doors: signing in and out, passwords, files of mandates."""

from datetime import date

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import IntegrityError
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET

from law import regime
from law.findings import Finding, Refused
from members import access, actions, constraints, downloads, forms, rules, seats
from members.access import edits, posts, reads
from members.models import Body, Mandate, Role, RuleBook
from members.sheets import files
from members.sheets.columns import COLUMNS, REQUIRED_COLUMNS
from members.sheets.plan import plan as planned

# --- The door -------------------------------------------------------------------------------


class SignIn(auth_views.LoginView):
    """By e-mail and password; whoever is signed in already goes where he works."""

    template_name = "registration/login.html"
    authentication_form = forms.SignInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """Whoever is a delegate and nothing else works at his desk."""
        if access.kinds_of(self.request.user) == {Role.Kind.DELEGATE}:
            return reverse("convening:desk")
        return super().get_default_redirect_url()


class SignOut(auth_views.LogoutView):
    """By POST only."""


class ForgottenPassword(auth_views.PasswordResetView):
    """Ask for a link by mail."""

    form_class = forms.ForgottenPasswordForm
    template_name = "registration/password_reset.html"
    email_template_name = "registration/password_reset_email.txt"
    subject_template_name = "registration/password_reset_subject.txt"
    success_url = reverse_lazy("members:password_reset_sent")


@require_GET
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    """The same page whether or not the account exists."""
    return render(request, "registration/password_reset_sent.html")


class ChoosePassword(auth_views.PasswordResetConfirmView):
    """Choose a password by the link of a mail: the first one, or another."""

    form_class = forms.ChoosePasswordForm
    template_name = "registration/password_choose.html"
    success_url = reverse_lazy("members:login")

    def form_valid(self, form: forms.ChoosePasswordForm) -> HttpResponse:
        messages.success(self.request, "Votre mot de passe est enregistré. Connectez-vous.")
        return super().form_valid(form)


@method_decorator(login_required, name="dispatch")
class ChangePassword(auth_views.PasswordChangeView):
    """Change a password that one knows."""

    form_class = forms.ChangePasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: forms.ChangePasswordForm) -> HttpResponse:
        messages.success(self.request, "Votre mot de passe est changé.")
        return super().form_valid(form)


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
        Body.objects.filter(organisation=access.organisation_of(request))
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
    book = body.rule_book(on) or RuleBook(
        body=body,
        preset=body.organisation.legal_form,
        values=regime.to_values(regime.PRESETS[body.organisation.legal_form]),
    )
    try:
        return {"book": book, "regime": book.regime}
    except Refused as refusal:
        return {"book": book, "regime": None, "findings": refusal.findings}


@reads
def composition(request: HttpRequest, pk: int) -> HttpResponse:
    """Who composed this body on that day (`le`): eight queries, whatever its history."""
    body = access.get_body(request, pk)
    on, form = _day_asked(request)
    found = _rules_of(body, on)
    context = {
        "body": body,
        "form": form,
        "roll": seats.of(body, on),
        "today": timezone.localdate(),
        "figures": rules.main_figures(found["regime"]) if found["regime"] else (),
        "may_keep": access.has_role(request.user, body.organisation, *access.CLERKS),
    }
    return render(request, "members/composition.html", found | context)


def _other_books(body: Body, book: RuleBook) -> list[tuple[RuleBook, date]]:
    """The body's other rule books, each with a day on which it was in force."""
    books = list(body.rule_books.all())
    dated = [other.valid_from for other in books if other.valid_from]
    before_all = min(dated) - seats.ONE_DAY if dated else timezone.localdate()
    return [(other, other.valid_from or before_all) for other in books if other != book]


@reads
def rule_book(request: HttpRequest, pk: int) -> HttpResponse:
    """Every rule of the body on that day, beside the legal model."""
    body = access.get_body(request, pk)
    on, form = _day_asked(request)
    found = _rules_of(body, on)
    chapters = rules.chapters(found["regime"], found["book"].preset) if found["regime"] else ()
    context = {
        "body": body,
        "form": form,
        "on": on,
        "chapters": chapters,
        "departures": sum(line.departs for chapter in chapters for line in chapter.lines),
        "others": _other_books(body, found["book"]),
    }
    return render(request, "members/rules.html", found | context)


# --- Mandates in a file ---------------------------------------------------------------------

TOKEN_SALT = "members.sheets"  # noqa: S105 a name, not a secret
TOKEN_LIFE = 60 * 60  # seconds between the preview and its confirmation
MAX_TOKEN = 4 * 1024 * 1024  # it comes back in a form; see DATA_UPLOAD_MAX_MEMORY_SIZE


@reads
def export_mandates(request: HttpRequest, pk: int, extension: str) -> HttpResponse:
    """All the mandates of the body, in a file that the import reads back."""
    body = access.get_body(request, pk, to="keep")
    write = {"csv": files.to_csv, "xlsx": files.to_xlsx}.get(extension)
    if write is None:
        raise Http404
    name = f"mandats-{body.slug}-{timezone.localdate():%Y-%m-%d}.{extension}"
    return downloads.file(write(files.export(body)), name)


def _preview(
    request: HttpRequest, body: Body, sheet: files.Sheet, name: str, *, findings=()
) -> HttpResponse:
    """Line by line what the file would do, with what it takes to confirm it."""
    plan = planned(body, sheet)
    token = signing.dumps(
        {
            "body": body.pk,
            "user": request.user.pk,
            "name": name,
            "sheet": sheet.to_json(),
            "fingerprint": plan.fingerprint,
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


@posts
def confirm_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what the preview showed, if it would still do exactly that; all of it or nothing."""
    body = access.get_body(request, pk, to="keep")
    try:
        told = signing.loads(request.POST.get("token", ""), salt=TOKEN_SALT, max_age=TOKEN_LIFE)
        if (told["body"], told["user"]) != (body.pk, request.user.pk):
            raise signing.BadSignature
    except signing.BadSignature:
        messages.error(request, "Cet aperçu a expiré ou n’est pas le vôtre : redonnez le fichier.")
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
