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


# The pages that an entry of the menu leads to, whose address does not begin as its own.
ROOMS = {
    "administration": frozenset(
        "archive:first_steps archive:archive_service archive:processing archive:letting_go "
        "archive:watch accounts:organisation accounts:ended accounts:invite members:communities "
        "accounts:to_invite accounts:confirm_invitation accounts:community transmission:prefecture "
        "transmission:operators transmission:operator "
        "transmission:identity registry:keys opendata:api_keys convening:stuck "
        "convening:stuck_letter convening:stuck_notice".split()
    ),
    "instances": frozenset(
        "members:mandate accounts:succeed accounts:undo_succession accounts:reach "
        "accounts:role".split()
    ),
}


@register.simple_tag(takes_context=True)
def room(context: template.Context) -> str:
    """The entry of the menu under which this page is: « administration », « instances », ""."""
    match = getattr(context.get("request"), "resolver_match", None)
    name = match.view_name if match else ""
    return next((each for each, names in ROOMS.items() if name in names), "")


@register.simple_tag
def secretariat_email() -> str:
    """The address at which somebody answers, as a setting gives it; empty when none does."""
    return settings.ABOUT["email"]


@register.simple_tag
def secretariat_phone() -> str:
    """The number at which somebody answers, as a setting gives it; empty when none does."""
    return settings.ABOUT["phone"]
