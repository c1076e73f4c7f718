"""What a window that asks before an act says of the password that this act wants."""

from django import template
from django.http import HttpRequest
from django.template import Context

from accounts import proof

register = template.Library()


@register.simple_tag(takes_context=True)
def proof_asked(context: Context) -> str:
    """What ends the text of such a window; "" of who proved a moment ago who she is."""
    request: HttpRequest | None = context.get("request")
    if request is None or proof.is_fresh(request.session):
        return ""
    return " Votre mot de passe vous sera redemandé."
