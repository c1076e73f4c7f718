"""Sign-ins, refusals and sign-outs, as Django tells them, whichever way somebody came in."""

from django.contrib.auth import get_user_model, signals

from trail.models import Act
from trail.recording import note


def watch() -> None:
    """Listen at the doors."""
    signals.user_logged_in.connect(_came, dispatch_uid="trail")
    signals.user_login_failed.connect(_refused, dispatch_uid="trail")
    signals.user_logged_out.connect(_went, dispatch_uid="trail")


def _came(sender, request, user, **kwargs) -> None:
    through = getattr(request, "through", "")  # who said, elsewhere, that it was she
    note(Act.SIGNED_IN, ", ".join(filter(None, [through, _device(request)])), by=user)


def _refused(sender, credentials, request=None, **kwargs) -> None:
    """At the account whose address was typed, for who controls it. Of an address that has none,
    its domain alone: every auditor reads it, and somebody may have typed a password there."""
    typed = str(credentials.get("username") or credentials.get("email") or "")
    account = get_user_model().objects.by_address(typed)
    name, _, domain = typed.rpartition("@")
    if account is not None:
        note(Act.SIGN_IN_REFUSED, "mot de passe refusé", by=account)
    elif name and domain and "@" not in name and len(typed.split()) == 1:
        note(Act.SIGN_IN_REFUSED, f"adresse sans compte ici, @{domain}")
    else:
        note(Act.SIGN_IN_REFUSED, "ce n’est pas une adresse")


def _went(sender, request, user, **kwargs) -> None:
    if user is not None:
        note(Act.SIGNED_OUT, _device(request), by=user)


def _device(request) -> str:
    agent = request.META.get("HTTP_USER_AGENT", "") if request is not None else ""
    return agent[:200] or "navigateur inconnu"
