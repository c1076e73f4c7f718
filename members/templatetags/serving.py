"""What a page says of a base that was restored or copied here."""

from django import template

from law.findings import Finding
from members import serving

register = template.Library()


@register.inclusion_tag("_held.html")
def held() -> dict[str, Finding | None]:
    """That nothing leaves it, as long as nobody said that this machine serves; else nothing."""
    return {"finding": serving.HELD if serving.is_held() else None}
