"""What a tour says on each of its pages."""

from django import template

from demo import tour

register = template.Library()


@register.inclusion_tag("demo/_step.html", takes_context=True)
def tour_step(context: template.Context) -> dict:
    """The step to take, above the page."""
    request = context.get("request")
    return {"tour": tour.of(request.user) if request else None, "request": request}
