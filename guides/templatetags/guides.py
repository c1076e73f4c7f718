"""The way to the guides from every page."""

from django import template

from guides import places

register = template.Library()


@register.inclusion_tag("guides/_link.html", takes_context=True)
def help_link(context: template.Context, css: str = "help-link") -> dict:
    """The link to where the guides speak of this very page."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    name = match.view_name if match else ""
    place = places.place_of(name, context.get("roles") or ())
    return {"href": places.address(place), "is_beside": name in places.BESIDE, "css": css}
