"""What the page of the administration says of the anchors."""

from django import template
from django.utils import timezone

from archive.keeping import anchors
from archive.models import Anchor

register = template.Library()


@register.inclusion_tag("archive/_anchoring.html")
def anchoring() -> dict[str, object]:
    """The last anchor, and what is missing of it."""
    return {"last": Anchor.objects.last(), "missing": list(anchors.missing(at=timezone.now()))}
