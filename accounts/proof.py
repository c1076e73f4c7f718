"""The second proof: whoever signs, publishes or gives rights says again who she is.

A session left open on a desk must not sign, nor one opened without the factor that the account
has. A view guarded by `required` acts only when the password (or a factor) was given in the last
SECOND_PROOF_MINUTES; otherwise it answers with a page that asks for it and holds what was sent.
That page is sent back to the same address: once the proof is right the view does what was asked,
as if nothing had come between. Only files are not held: who sent one is led back to the page she
came from, and chooses it again.

    @posts
    @proof.required("signer ce document")
    def sign(request, pk): ...
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts import factors
from accounts.forms import ProofForm

SESSION_KEY = "proved_at"
# Names of the fields of the page that asks, which the guarded view never sees.
FIELD, BACK, NO_FILE = "preuve", "preuve-retour", "preuve-sans-fichier"
_OURS = {FIELD, BACK, NO_FILE, "preuve_cle", "csrfmiddlewaretoken"}
View = Callable[..., HttpResponse]


def give(session: SessionBase, *, at: datetime | None = None) -> None:
    """Note that the person of this session has just proved who she is."""
    session[SESSION_KEY] = (at or timezone.now()).timestamp()


def forget(session: SessionBase) -> None:
    """Ask again at the next act."""
    session.pop(SESSION_KEY, None)


def is_fresh(session: SessionBase, *, at: datetime | None = None) -> bool:
    """Whether the proof of this session is recent enough; never one of the future."""
    age = (at or timezone.now()).timestamp() - session.get(SESSION_KEY, 0)
    return 0 <= age <= settings.SECOND_PROOF_MINUTES * 60


def required(act: str, *, reading: bool = False, by_itself: bool = False) -> Callable[[View], View]:
    """Guard a view for signed-in accounts: what it does on POST needs a fresh proof.

    `act` ends the sentence « Pour … » of the page that asks. `reading`: to show the page is the
    act already (codes, keys). `by_itself`: the view demands the proof (`members.proving`) once it
    knows that what was sent holds together; nobody gives a password to read that a field is empty.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if factors.are_missing(request):
                return sign_in_again(request)
            if is_fresh(request.session) and FIELD not in request.POST:
                return view(request, *args, **kwargs)
            if request.method in ("GET", "HEAD"):
                if reading:
                    return redirect(page(request.get_full_path()))
                return view(request, *args, **kwargs)
            if by_itself and not is_fresh(request.session):
                return view(request, *args, **kwargs)
            return asked(request, act) or view(request, *args, **kwargs)

        guarded.needs_proof = True  # type: ignore[attr-defined]
        return guarded

    return decorate


def sign_in_again(request: HttpRequest, how: str = "avec votre second facteur") -> HttpResponse:
    """Out, and back to the door: what this session has shown does not suffice."""
    logout(request)
    messages.info(request, f"Connectez-vous de nouveau, {how}.")
    return redirect("accounts:login")


def page(following: str) -> str:
    """The address that asks for the proof, then leads to `following`."""
    return f"{reverse('accounts:proof')}?{urlencode({'next': following})}"


def asked(request: HttpRequest, act: str) -> HttpResponse | None:
    """The page that asks; `None` once it was answered rightly, what it added taken out. It may
    have been answered in another tab, by the provider of identity."""
    given = FIELD in request.POST
    form = ProofForm(request.POST if given else None, request=request)
    if not (given and (is_fresh(request.session) or form.is_valid())):
        held = [
            (name, value)
            for name, values in request.POST.lists()
            if name not in _OURS
            for value in values
        ]
        context = {
            "form": form,
            "act": act,
            "minutes": settings.SECOND_PROOF_MINUTES,
            "held": held,
            "back": request.POST.get(BACK) or came_from(request),
            "no_file": bool(request.FILES) or NO_FILE in request.POST,
        }
        answer = render(request, "accounts/proof.html", context, status=403)
        where = page(came_from(request))
        if request.headers.get("HX-Request"):  # a part of a page has no place for the question
            answer["HX-Redirect"] = where
        elif "json" in request.headers.get("Accept", ""):  # nor has a script: it leads there
            words = f"Pour {act}, confirmez d’abord que c’est vous, puis recommencez."
            told = {"ok": False, "message": words, "errors": [words], "proof": where}
            return JsonResponse(told, status=403)
        return answer
    give(request.session)
    if NO_FILE in request.POST:
        messages.info(request, "C’est bien vous. Choisissez à nouveau le fichier.")
        return redirect(inside(request, request.POST.get(BACK, "")))
    request.POST = request.POST.copy()
    for name in _OURS - {"csrfmiddlewaretoken"}:
        request.POST.pop(name, None)
    return None


def came_from(request: HttpRequest) -> str:
    """The page on which the form was, home when nobody says."""
    return inside(request, request.headers.get("referer", ""))


def inside(request: HttpRequest, url: str) -> str:
    """This address when it is one of ours, home otherwise: a word alone is the name of a page to
    Django, and of none here."""
    hosts, is_whole = {request.get_host()}, url.startswith(("/", "http://", "https://"))
    if is_whole and url_has_allowed_host_and_scheme(url, hosts, require_https=request.is_secure()):
        return url
    return resolve_url("home")
