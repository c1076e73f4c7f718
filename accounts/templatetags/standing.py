"""How far somebody is on her way into the site, for the pages of `members`."""

from django import template
from django.utils import timezone

from accounts import standing
from members.models import Person

register = template.Library()


@register.simple_tag
def standing_of(person: Person) -> standing.Standing:
    """What to say of her account, and what may be done for her to come in."""
    return standing.of(person, at=timezone.now())
