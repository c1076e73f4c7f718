"""The line of the stages of a sitting, on each of its pages, whichever room they are of."""

from django import template
from django.utils import timezone

from archive.desk import stages as desk
from meetings import access
from meetings.models import Meeting

register = template.Library()


@register.simple_tag(takes_context=True)
def stages(context: template.Context, meeting: Meeting) -> desk.Line | None:
    """Where this sitting is today, for whoever keeps it; `None` for others, who only read it."""
    if not access.can_write(context["request"].user, meeting):
        return None
    return desk.of(meeting, on=timezone.localdate())


@register.filter
def lacks(line: desk.Line) -> tuple[desk.Lack, ...]:
    """What the next thing to do still lacks."""
    return desk.lacks(line)
