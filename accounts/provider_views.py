"""The pages of the doors that lead elsewhere: to a provider of identity, and back."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import doors, identities, oidc, proof, throttle
from accounts.providers import Provider
from law.findings import Refused, refusal
from members.access import reads
from trail.models import Act
from trail.recording import note

STARTS = "fournisseur"  # what tries are counted as
LEAVING = "leaving"  # after signing out: what also ends the session at the provider


def _provider(name: str) -> Provider:
    if name not in settings.OIDC_PROVIDERS:
        raise Http404
    return settings.OIDC_PROVIDERS[name]


def _refused(
    request: HttpRequest, provider: Provider, refused: Refused, *, is_answer: bool = False
) -> HttpResponse:
    """Told in the trail of who is signed in, or when it answers what this browser asked: a stranger
    writes no line by opening an address."""
    codes = ", ".join(finding.code for finding in refused.findings)
    if request.user.is_authenticated or (is_answer and codes != oidc.UNEXPECTED):
        note(Act.SIGN_IN_REFUSED, f"{provider.label}\u00a0: {codes}")
    context = {"provider": provider, "findings": refused.findings}
    return render(request, "accounts/provider_refused.html", context, status=403)


def _take(request: HttpRequest, provider: Provider) -> None:
    """One more question to a provider: each is kept in a session, and may ask it where it answers.
    Raises `Refused` when too many came from one network and were answered nothing."""
    if not throttle.take(STARTS, request):
        raise refusal(
            "trop_d_essais",
            f"Trop de demandes à {provider.label} sont parties d’ici sans aboutir.",
            remedy="Attendez cinq minutes, ou entrez par votre mot de passe.",
        )


@never_cache
@require_safe
def leave_for(request: HttpRequest, name: str) -> HttpResponse:
    """On to the provider, which answers to `back`."""
    provider = _provider(name)
    following = request.GET.get("next", "")
    following = proof.inside(request, following) if following else ""
    hint = request.GET.get("adresse", "")[:254]
    try:
        _take(request, provider)
        return redirect(oidc.question(request, provider, following=following, hint=hint))
    except Refused as refused:
        return _refused(request, provider, refused)


@reads
def prove(request: HttpRequest, name: str) -> HttpResponse:
    """On to the provider, which asks again who one is."""
    provider, following = _provider(name), request.GET.get("next", "")
    if provider not in identities.providers_of(request.user):
        raise Http404
    following = proof.inside(request, following) if following else ""
    try:
        _take(request, provider)
        asked = {"following": following, "hint": request.user.email, "proves": request.user.pk}
        return redirect(oidc.question(request, provider, **asked))
    except Refused as refused:
        return _refused(request, provider, refused)


@never_cache
@require_safe
def back(request: HttpRequest, name: str) -> HttpResponse:
    """What the provider answered: in, or proved again, or a page that says why not."""
    provider = _provider(name)
    try:
        told = oidc.answer(request, provider)
        throttle.give_back(STARTS, request)
        if told.proves is not None:
            return _proved(request, told)
        account = identities.identify(told, at=timezone.now())
    except Refused as refused:
        return _refused(request, provider, refused, is_answer=True)
    if request.user.is_authenticated:
        logout(request)
    through = {"provider": provider.name, "label": provider.label, "id_token": told.id_token}
    return doors.first_step_passed(
        request, account, told.following, through=through, by_two=told.by_two
    )


def _proved(request: HttpRequest, told: oidc.Told) -> HttpResponse:
    user = request.user
    if not user.is_authenticated or told.proves != user.pk or not identities.is_of(told, user):
        raise refusal(
            "autre_personne",
            f"{told.provider.label} vous a reconnu, mais pas comme la personne connectée ici.",
            remedy="Identifiez-vous là-bas sous votre nom, ou donnez votre mot de passe.",
        )
    proof.give(request.session)
    if told.following:
        return redirect(told.following)
    return render(request, "accounts/proved.html", {"provider": told.provider})


@never_cache
@require_safe
def end(request: HttpRequest) -> HttpResponse:
    """End the session at the provider too, after one's own."""
    held = request.session.pop(LEAVING, None)
    if held and held["provider"] in settings.OIDC_PROVIDERS:
        provider = settings.OIDC_PROVIDERS[held["provider"]]
        try:
            address = oidc.farewell(request, provider, held["id_token"])
        except Refused as refused:
            return _refused(request, provider, refused)
        if address:
            return redirect(address)
        messages.info(request, f"Fermez votre session chez {provider.label} depuis ses pages.")
    return redirect("accounts:login")
