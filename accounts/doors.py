"""Coming in and staying in: a password, then a second factor where there is one.

Whatever proves the first step (a password, a provider of identity) ends in `first_step_passed`;
nothing else signs anybody in.
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import devices, factors, identities, proof, sessions
from members import proving
from members.models import User

PENDING = "first_step"  # who passed the first step in this session, when, going where
THROUGH = "through"  # by which provider it was, if any, and what closes the session there
PENDING_LIFE = timedelta(minutes=10)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def first_step_passed(
    request: HttpRequest,
    user: User,
    following: str,
    *,
    through: dict | None = None,
    by_two: bool = False,
) -> HttpResponse:
    """In, or on to the second factor. `following`: an address of ours, "" for the first page.
    `through`: the provider that said who this is; `by_two`: by two proofs already."""
    request.session.pop(THROUGH, None)
    if through is not None:
        request.session[THROUGH] = through
    if by_two or not factors.has_any(user):
        return enter(request, user, following, by_two=by_two)
    request.session[PENDING] = {
        "account": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": timezone.now().timestamp(),
        "next": following,
    }
    return redirect("accounts:second_step")


def pending(request: HttpRequest) -> tuple[User, str] | None:
    """Who waits at the second step in this session, and where he was going."""
    told = request.session.get(PENDING)
    if not told:
        return None
    user = User.objects.filter(pk=told["account"], is_active=True).first()
    late = timezone.now().timestamp() - told["at"] > PENDING_LIFE.total_seconds()
    if user is None or late or told["hash"] != user.get_session_auth_hash():
        return None
    return user, told["next"]


def enter(
    request: HttpRequest, user: User, following: str, *, by_two: bool = False
) -> HttpResponse:
    """Sign in: a new session, in which the proof has just been given."""
    request.session.pop(PENDING, None)
    request.through = request.session.get(THROUGH, {}).get("label", "")  # as the trail tells it
    login(request, user, backend=BACKEND)
    proof.give(request.session)
    sessions.note(request)
    if by_two:
        request.session[factors.BY_TWO] = True
    response = redirect(following or settings.LOGIN_REDIRECT_URL)
    devices.remember(request, response, user, is_by_two=by_two)
    return response


def without_factor(view: Callable) -> Callable:
    """Open to who must first enrol a second factor: what enrols one, what signs out."""
    view.open_without_factor = True  # type: ignore[attr-defined]
    return view


class Guard:
    """Notes where a session is used; ends one that its provider would open no more; leads to enrol,
    before anything else, who must and has not; asks for the proof that a verb wants."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with proving.answering(lambda: _has_proved(request)):
            response = self.get_response(request)
        if request.session.accessed:  # a screen that asks each second reads no session
            sessions.note(request)
        return response

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        through = settings.OIDC_PROVIDERS and request.session.get(THROUGH)
        if through and request.user.is_authenticated:
            if not identities.may_stay(through["provider"], request.user):
                return proof.sign_in_again(request, "par votre mot de passe")
        if not settings.SECOND_FACTOR_ROLES or getattr(view, "open_without_factor", False):
            return None
        user = request.user
        if not user.is_authenticated or request.session.get(factors.BY_TWO):
            return None
        if not factors.is_required(user):
            return None
        if factors.has_any(user):  # enrolled elsewhere since: this session has shown one proof
            return proof.sign_in_again(request)
        return redirect("accounts:enrol")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What was sent is held by the page that asks, and sent again with the proof."""
        if not isinstance(exception, proving.Wanted):
            return None
        match = request.resolver_match
        return proof.asked(request, exception.act) or match.func(
            request, *match.args, **match.kwargs
        )


def _has_proved(request: HttpRequest) -> bool:
    """Of who has no account, nobody left a session open."""
    return not request.user.is_authenticated or proof.is_fresh(request.session)
