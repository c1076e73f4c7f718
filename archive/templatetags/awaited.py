"""What awaits whoever reads a page of a room below."""

from dataclasses import replace

from django import template
from django.utils import timezone

from archive.desk import mine
from members.access import organisation_of

register = template.Library()


@register.inclusion_tag("archive/_mine.html", takes_context=True)
def awaits_me(context: template.Context) -> dict[str, object]:
    """What she has to sign and to do, above her sittings, which ask by themselves whether she
    comes."""
    request, now = context["request"], timezone.now()
    found = mine.of(request.user, organisation_of(request), at=now)
    calls = tuple(each for each in found.calls if not each.is_answer)
    return {"mine": replace(found, calls=calls), "today": timezone.localdate(now)}
