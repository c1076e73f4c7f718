"""What every foot of page says of the site."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def accessibility_level() -> str:
    """The mention that decree 2019-768 wants on the first page: « non conforme », etc."""
    return settings.ABOUT["level"]


@register.simple_tag
def secretariat_phone() -> str:
    """The number at which somebody answers, as a setting gives it; empty when none does."""
    return settings.ABOUT["phone"]
