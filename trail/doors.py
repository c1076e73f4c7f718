"""Sign-ins, refusals and sign-outs, as Django tells them, whichever way somebody came in."""

from django.contrib.auth import signals

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
    """The address that was typed is told; whoever typed a password there by mistake sees it cut at
    the first thing that no address holds."""
    typed = str(credentials.get("username") or credentials.get("email") or "")
    shown = typed if "@" in typed and len(typed.split()) == 1 else "(ce n’est pas une adresse)"
    note(Act.SIGN_IN_REFUSED, f"adresse donnée : {shown}")


def _went(sender, request, user, **kwargs) -> None:
    if user is not None:
        note(Act.SIGNED_OUT, _device(request), by=user)


def _device(request) -> str:
    agent = request.META.get("HTTP_USER_AGENT", "") if request is not None else ""
    return agent[:200] or "navigateur inconnu"
