"""What the page of the administration says of what awaits it, and of the anchors."""

from django import template
from django.utils import timezone

from archive.desk import chores as desk
from archive.keeping import anchors
from archive.models import Anchor
from members import access

register = template.Library()


@register.inclusion_tag("archive/_anchoring.html")
def anchoring() -> dict[str, object]:
    """The last anchor, and what is missing of it."""
    return {"last": Anchor.objects.last(), "missing": list(anchors.missing(at=timezone.now()))}


@register.inclusion_tag("archive/_chores_brief.html", takes_context=True)
def chores(context: template.Context) -> dict[str, object]:
    """What whoever reads it is to do of the organisation at hand."""
    request, today = context["request"], timezone.localdate()
    organisation = access.organisation_of(request)
    found = desk.of(organisation, by=request.user, on=today) if organisation else []
    return {"chores": found, "today": today}
