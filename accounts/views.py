"""The pages of the doors: signing in and out, passwords, factors, sessions, addresses, links."""

import json
from datetime import datetime

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import (
    actions,
    deciding,
    doors,
    factors,
    forms,
    identities,
    letters,
    proof,
    providers,
    sessions,
)
from accounts.models import IdentityChange, Letter, LinkRequest
from accounts.provider_views import LEAVING
from law.findings import Refused
from law.french import count
from members import access, links
from members.access import edits, posted, posts, reads
from members.models import User
from trail.models import Act
from trail.recording import note

SEED = "new_application"  # where the seed of an application waits for its first code


# --- In and out -------------------------------------------------------------------------------


class SignIn(auth_views.LoginView):
    """By e-mail and password; whoever is signed in already goes to the first page."""

    template_name = "accounts/login.html"
    authentication_form = forms.SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs) -> dict:
        """With the providers of the organisation for which one comes, and the one, if any, that the
        address chose."""
        context = super().get_context_data(**kwargs)
        known, slug = settings.OIDC_PROVIDERS, self.request.GET.get("organisation", "")
        form = context["form"]
        left = self.request.session.get(LEAVING)
        return context | {
            "providers": [form.provider]
            if form.provider
            else providers.of_organisation(known, slug),
            "address": form.address,
            "left": left and known.get(left["provider"]),
        }

    def get_redirect_url(self) -> str:
        """Where one was going, when that is one of our addresses."""
        following = super().get_redirect_url()
        return proof.inside(self.request, following) if following else ""

    def form_valid(self, form: forms.SignInForm) -> HttpResponse:
        return doors.first_step_passed(self.request, form.get_user(), self.get_redirect_url())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """A code, a code on paper or a passkey, after the password."""
    waiting = doors.pending(request)
    if waiting is None:
        return redirect("accounts:login")
    account, following = waiting
    form = forms.SecondStepForm(posted(request), request=request, account=account)
    if form.is_valid():
        if form.on_paper:
            left = count(factors.codes_left(account), "code")
            messages.warning(request, f"Codes de secours : {left} de reste. Refaites-en à temps.")
        return doors.enter(request, account, following, by_two=True)
    status = 422 if form.errors else 200
    return render(request, "accounts/second_step.html", {"form": form}, status=status)


class SignOut(auth_views.LogoutView):
    """By POST only. Whoever came by a provider may also end the session that is open there."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        through = request.session.get(doors.THROUGH)
        response = super().post(request, *args, **kwargs)
        if through:
            request.session[LEAVING] = through
        return response


# --- The second proof -------------------------------------------------------------------------


@edits
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the second proof, then lead where one was going."""
    following = request.GET.get("next") or request.POST.get("next", "")
    form = forms.ProofForm(posted(request), request=request)
    if form.is_valid():
        proof.give(request.session)
        return redirect(proof.inside(request, following))
    context = {"form": form, "next": following, "back": proof.came_from(request)}
    context["minutes"] = settings.SECOND_PROOF_MINUTES
    return render(request, "accounts/proof.html", context, status=422 if form.errors else 200)


def _tell_of_password(account: User, words: str) -> None:
    """In the trail, and by mail to who has entered before."""
    note(Act.FACTOR, words, by=account)
    if account.last_login is not None:
        told = {"account": account.email, "what": words}
        letters.queue(Letter.Kind.PROVED, account.email, request=None, **told)


# --- Passwords --------------------------------------------------------------------------------


class ForgottenPassword(auth_views.PasswordResetView):
    """Ask for a link by mail."""

    form_class = forms.ForgottenPasswordForm
    template_name = "accounts/password_reset.html"
    success_url = reverse_lazy("accounts:password_reset_sent")


@require_GET
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    """The same page whether or not the account exists."""
    context = {
        "is_held_up": letters.is_held_up(),
        "is_kept": letters.is_kept(),
    }  # whoever has that address, or has none
    return render(request, "accounts/password_reset_sent.html", context)


class ChoosePassword(auth_views.PasswordResetConfirmView):
    """Choose a password by the link of a mail: the first one, or another."""

    form_class = forms.ChoosePasswordForm
    template_name = "accounts/password_choose.html"
    success_url = reverse_lazy("accounts:login")

    def form_valid(self, form: forms.ChoosePasswordForm) -> HttpResponse:
        with transaction.atomic():
            account = User.objects.select_for_update().get(pk=form.user.pk)
            token = self.request.session.get(auth_views.INTERNAL_RESET_SESSION_TOKEN)
            self.validlink = self.token_generator.check_token(account, token)
            if not self.validlink:  # it served while this one was judged
                return self.render_to_response(self.get_context_data())
            response = super().form_valid(form)
        _tell_of_password(form.user, "mot de passe choisi par un lien")
        sessions.end_all(form.user)
        messages.success(self.request, "Votre mot de passe est enregistré. Connectez-vous.")
        return response


@method_decorator(login_required, name="dispatch")
class ChangePassword(auth_views.PasswordChangeView):
    """Change a password that one knows; every other session of the account ends."""

    form_class = forms.ChangePasswordForm
    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("accounts:mine")

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if factors.are_missing(request):
            return proof.sign_in_again(request)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: forms.ChangePasswordForm) -> HttpResponse:
        user = form.save()
        _tell_of_password(user, "mot de passe changé")
        sessions.end_all(user)
        update_session_auth_hash(self.request, user)
        messages.success(
            self.request, "Votre mot de passe est changé ; vos autres sessions sont fermées."
        )
        return redirect(self.success_url)


# --- One's own account ------------------------------------------------------------------------


@reads
def mine(request: HttpRequest) -> HttpResponse:
    """What proves the account, and where it is signed in."""
    context = {
        "factors": factors.of(request.user),
        "codes_left": factors.codes_left(request.user),
        "is_required": factors.is_required(request.user),
        "passkeys_work": factors.passkeys_work_at(request),
        "providers": identities.providers_of(request.user),
        "changes": deciding.alive(request.user, at=timezone.now()),
        "sessions": sessions.of(request.user),
        "this": links.hash_of(request.session.session_key),
    }
    return render(request, "accounts/mine.html", context)


@posts
def end_session(request: HttpRequest, row: str) -> HttpResponse:
    """Sign out of one other browser."""
    get_object_or_404(sessions.of(request.user), pk=row).delete()
    note(Act.FACTOR, "session fermée", by=request.user)
    messages.success(request, "Cette session est fermée.")
    return redirect("accounts:mine")


@posts
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    sessions.end_all(request.user, but=request.session)
    messages.success(request, "Toutes vos autres sessions sont fermées.")
    return redirect("accounts:mine")


# --- Second factors ---------------------------------------------------------------------------


@reads
def enrol(request: HttpRequest) -> HttpResponse:
    """What somebody whose role asks for a second factor sees before anything else."""
    if factors.has_any(request.user):
        return redirect("accounts:mine")
    context = {"passkeys_work": factors.passkeys_work_at(request)}
    return render(request, "accounts/enrol.html", context)


def _only_here(request: HttpRequest) -> None:
    """What proves the account has changed: whoever was in before is out, be it by a copy of the
    cookie of this browser."""
    request.session.cycle_key()
    sessions.end_all(request.user, but=request.session)


def _enrolled(request: HttpRequest, words: str) -> HttpResponse:
    """A first factor opens the site, and comes with codes on paper."""
    request.session[factors.BY_TWO] = True
    _only_here(request)
    messages.success(request, words)
    if factors.codes_left(request.user):
        return redirect("accounts:mine")
    codes = factors.new_codes(request.user)
    return render(request, "accounts/codes.html", {"codes": codes})


@edits
@proof.required("ajouter une application", reading=True)
def add_application(request: HttpRequest) -> HttpResponse:
    """Show the secret to an application, and keep it once it gave a right code."""
    if factors.of(request.user).filter(kind="totp").exists():
        return redirect("accounts:mine")
    seed = request.session.setdefault(SEED, factors.new_seed())
    form = forms.ApplicationForm(posted(request))
    if form.is_valid():
        code, at = form.cleaned_data["code"], timezone.now()
        if factors.add_application(request.user, seed=seed, code=code, at=at):
            del request.session[SEED]
            return _enrolled(request, "L’application est ajoutée.")
        form.add_error("code", "Ce n’est pas le code de cet instant. Attendez le suivant.")
    qr = segno.make(factors.address_of(request.user, seed), error="m")
    secret = factors.secret_of(seed)
    context = {
        "form": form,
        "svg": qr.svg_inline(omitsize=True, border=2, svgclass="qr-code"),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    return render(request, "accounts/application.html", context, status=422 if form.errors else 200)


@edits
@proof.required("ajouter une clé d’accès", reading=True)
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Have the browser make a passkey, and keep it."""
    if not factors.passkeys_work_at(request):
        raise Http404
    form = forms.PasskeyForm(posted(request))
    if form.is_valid():
        told = form.cleaned_data
        if factors.add_passkey(request, request.user, told["cle"], name=told["name"]):
            return _enrolled(request, "La clé d’accès est ajoutée.")
        form.add_error("name", "Cette clé n’a pas répondu comme attendu. Recommencez.")
    options = json.dumps(factors.begin_adding(request, request.user))
    context = {"form": form, "options": options}
    return render(request, "accounts/passkey.html", context, status=422 if form.errors else 200)


@posts
@proof.required("refaire vos codes de secours")
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten codes in place of the others, shown this once."""
    if not factors.has_any(request.user):
        raise Http404
    _only_here(request)
    return render(request, "accounts/codes.html", {"codes": factors.new_codes(request.user)})


@posts
@proof.required("retirer ce second facteur")
def remove_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away one's own factor; the last one stays where a role asks for one."""
    factor = get_object_or_404(factors.of(request.user), pk=pk)
    try:
        factors.remove(factor, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        _only_here(request)
        messages.success(request, "Ce second facteur est retiré.")
    return redirect("accounts:mine")


# --- The address of the account ---------------------------------------------------------------


def _told(email: str) -> str:
    if letters.is_kept():
        return letters.announced("Le lien qui confirme cette adresse", email)
    return f"Un lien part à {email} : ouvrez-le pour confirmer."


@edits
@proof.required("changer l’adresse de votre compte")
def change_address(request: HttpRequest) -> HttpResponse:
    """Ask for another address; nothing changes until it has answered."""
    form = forms.AddressForm(posted(request), account=request.user)
    if form.is_valid():
        email = form.cleaned_data["email"]
        actions.ask_address(
            request.user, email=email, by=request.user, request=request, at=timezone.now()
        )
        messages.add_message(request, letters.level(messages.SUCCESS), _told(email))
        return redirect("accounts:mine")
    return render(
        request, "accounts/address.html", {"form": form}, status=422 if form.errors else 200
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail: the new address has answered, once a button was pressed."""
    change, at = actions.find_address(token, at=timezone.now()), timezone.now()
    findings = tuple(filter(None, [change and deciding.obstacle(change, at=at)]))
    if change is not None and request.method == "POST":
        try:
            actions.confirm_address(change, request=request, at=at)
        except Refused as refusal:
            findings = refusal.findings
        else:
            messages.success(request, f"Connectez-vous désormais par {change.email}.")
            return redirect("accounts:login")
    status = 404 if change is None else 422 if findings and request.method == "POST" else 200
    context = {"change": change, "findings": findings}
    return links.discreet(render(request, "accounts/address_confirm.html", context, status=status))


# --- What somebody else asks of an account ----------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_change(request: HttpRequest, token: str) -> HttpResponse:
    """The link mailed to who has the account: it is wanted, or it is not."""
    change, at = actions.find_for_holder(token, at=timezone.now()), timezone.now()
    findings, said = (), ""
    if change is not None and request.method == "POST":
        holder = change.account
        try:
            if request.POST.get("accord") == "oui":
                actions.agree(change, by=holder, request=request, at=at)
                said = "C’est accordé."
            else:
                actions.refuse(change, by=holder, at=at)
                said = "C’est refusé\u00a0: rien ne change. Par prudence, changez de mot de passe."
        except Refused as refusal:
            findings = refusal.findings
    context = {"change": change, "findings": findings, "said": said}
    status = 404 if change is None else 422 if findings else 200
    return links.discreet(render(request, "accounts/change_answer.html", context, status=status))


@edits
@proof.required("décider de ce changement")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked of an account: agreed to by another administrator, refused, given up, carried
    out after the wait."""
    rows = IdentityChange.objects.select_related("account", "asked_by", "agreed_by")
    asked, at = get_object_or_404(rows, pk=pk), timezone.now()
    is_holder = request.user == asked.account
    if not (is_holder or deciding.owns(request.user, asked.account)):
        here = deciding.organisations_of(asked.account)
        raise PermissionDenied if here & {*access.organisations_of(request.user)} else Http404
    findings = ()
    if request.method == "POST":
        try:
            words = _decide(request, asked, at=at)
        except Refused as refusal:
            findings = refusal.findings
        else:
            messages.success(request, words)
            return redirect("home")
    context = {
        "asked": asked,
        "is_alive": deciding.is_alive(asked, at=at),
        "free": deciding.free_from(asked),
        "is_free": at >= deciding.free_from(asked),
        "is_holder": is_holder,
        "decides": deciding.may_decide(asked, request.user),
        "findings": findings,
    }
    return render(request, "accounts/change.html", context, status=422 if findings else 200)


def _decide(request: HttpRequest, asked: IdentityChange, *, at: datetime) -> str:
    """What the button says; the verbs know who may, and when. Whoever sees it may refuse."""
    match request.POST.get("accord"):
        case "oui":
            actions.agree(asked, by=request.user, request=request, at=at)
            return "C’est accordé."
        case "faire" if asked.kind != IdentityChange.Kind.ADDRESS:
            actions.carry_out(asked, by=request.user, request=request, at=at)
            return "C’est fait."
        case "non":
            actions.refuse(asked, by=request.user, at=at)
            return "C’est refusé\u00a0: rien ne change."
    raise Http404


# --- A person and her account -----------------------------------------------------------------


@edits
@proof.required("rattacher cette personne")
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree that a person be linked to an account, or not."""
    rows = LinkRequest.objects.select_related("person__organisation", "account", "asked_by")
    asked = get_object_or_404(rows, pk=pk)
    if not actions.may_decide(asked, request.user):
        raise PermissionDenied if request.user in (asked.asked_by, asked.account) else Http404
    findings = tuple(filter(None, [deciding.link_obstacle(asked, at=timezone.now())]))
    is_over = bool(findings)
    if request.method == "POST":
        granted = request.POST.get("accord") == "oui"
        try:
            actions.decide_link(
                asked, granted=granted, by=request.user, request=request, at=timezone.now()
            )
        except Refused as refusal:
            findings = refusal.findings
        else:
            words = "Le rattachement est fait." if granted else "Le rattachement est refusé."
            messages.success(request, words)
            return redirect("home")
    is_mine = request.user == asked.account
    context = {"asked": asked, "findings": findings, "is_mine": is_mine, "is_over": is_over}
    return render(request, "accounts/link.html", context, status=422 if findings else 200)
