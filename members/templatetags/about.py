"""What every page says of the site: whose it is, at its foot how accessible."""

from django import template
from django.conf import settings

from members.models import Organisation

register = template.Library()


@register.simple_tag
def accessibility_level() -> str:
    """The mention that decree 2019-768 wants on the first page: « non conforme », etc."""
    return settings.ABOUT["level"]


@register.simple_tag(takes_context=True)
def house(context: template.Context) -> str:
    """Whose site this is: the organisation of who reads or, before anybody signed in, the one that
    this installation serves alone."""
    if organisation := context.get("organisation"):
        return str(organisation)
    found = Organisation.objects.real().values_list("name", flat=True)[:2]
    return found[0] if len(found) == 1 else "somme_gov"


@register.simple_tag
def secretariat_email() -> str:
    """The address at which somebody answers, as a setting gives it; empty when none does."""
    return settings.ABOUT["email"]


@register.simple_tag
def secretariat_phone() -> str:
    """The number at which somebody answers, as a setting gives it; empty when none does."""
    return settings.ABOUT["phone"]
